/* tests/desk/control_test.c - the words of the control socket, the kill switch by file and by signal, and where the gates
 * stand; the desk against the gateway simulator in the simulated world. */
#include "support/support.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "desk/desk_ask.h"
#include "desk/desk_wants.h"

static const struct scene_options calm = {.world = {.seed = 1}, .speed = 10, .control = "gw.sock"};

static void put_file(const char *path)
{
    char folder[200];
    td_path_folder(path, folder, sizeof folder);
    TD_OK_OR_FAIL(td_folder_make(&scene.desk_world, folder));
    TD_OK_OR_FAIL(td_file_replace(&scene.desk_world, path, td_str_of("stop\n"), NULL));
}

/* --- halting --- */

static void a_file_halts_within_a_second(void **state)
{
    (void)state;
    static const char *const files[] = {"state/kill_switch.lock", "data/kill_switch.lock",
                                        "elsewhere/stop.now"};
    for (size_t i = 0; i < TD_COUNT(files); i++) {
        scene_open(&calm);
        scene.use.strat = &rest_strategy;
        scene.settings.kill_switch_file = i == 2 ? files[i] : NULL;
        desk_must_start();
        desk_wait_ready();
        desk_turns(5 * TD_SEC);
        assert_int_equal(working(), 4);
        put_file(files[i]);
        desk_turns(TD_SEC + 10 * TD_MS);
        assert_true(scene.desk->blotter.halted);
        assert_non_null(strstr(scene.desk->blotter.halt_reason, files[i]));
        desk_turns(TD_SEC);
        assert_int_equal(working(), 0);
        assert_non_null(strstr(ask("resume all is well"), "\"ok\":false"));
        assert_non_null(strstr(said, "remove it first"));
        assert_true(scene.desk->blotter.halted);
        TD_OK_OR_FAIL(td_file_remove(&scene.desk_world, files[i]));
        desk_turns(3 * TD_SEC);
        assert_true(scene.desk->blotter.halted); /* until a person resumes */
        assert_non_null(strstr(ask("resume"), "a reason is needed"));
        assert_true(scene.desk->blotter.halted);
        assert_non_null(strstr(ask("resume all is well"), "\"halted\":false"));
        (void)scene_close(NULL);
    }
}

/* Who asks for the gates sees it at once, and the next second halts. */
static void a_file_closes_the_gate(void **state)
{
    (void)state;
    struct td_gate_facts facts;
    start_alone(&calm, true);
    desk_facts(scene.desk, 0, &facts);
    assert_int_equal(facts.not_halted, TD_FACT_YES);
    put_file("state/kill_switch.lock");
    assert_non_null(strstr(ask("gates"), "{\"gate\":\"HALT\",\"open\":false"));
    desk_facts(scene.desk, 0, &facts);
    assert_int_equal(facts.not_halted, TD_FACT_NO);
}

/* Approved and waiting for the disk when the file appears: its bytes never leave. */
static void a_file_stops_what_waits_for_the_disk(void **state)
{
    (void)state;
    start_alone(&calm, true);
    desk_turns(3 * TD_SEC);
    must_ask(TD_BUY);
    put_file("state/kill_switch.lock");
    desk_turns(3 * TD_SEC);
    assert_int_equal(received(), 0);
    assert_int_equal(scene.desk->blotter.orders[0].state, TD_OS_REJECTED);
}

static void a_signal_halts_and_goes_on(void **state)
{
    (void)state;
    start_resting(&calm);
    td_simworld_signal(scene.sim, scene.desk_host, SIGUSR1);
    desk_turns(2 * TD_SEC);
    assert_false(td_desk_done(scene.desk));
    assert_true(scene.desk->blotter.halted);
    assert_string_equal(scene.desk->blotter.halt_reason, "by signal SIGUSR1");
    assert_int_equal(working(), 0);
    desk_crash();
    desk_must_start();
    desk_wait_ready();
    assert_true(scene.desk->blotter.halted);
    td_simworld_signal(scene.sim, scene.desk_host, SIGTERM);
    desk_turns(TD_SEC);
    assert_true(td_desk_done(scene.desk));
}

/* --- flatten --- */

static bool is_flat(void)
{
    for (uint32_t i = 0; i < scene.desk->blotter.holding_count; i++)
        if (scene.desk->blotter.holdings[i].now.qty.e9 != 0)
            return false;
    return true;
}

static void hold_something(void)
{
    start_alone(&calm, true);
    desk_turns(3 * TD_SEC);
    must_ask(TD_BUY);
    desk_turns(2 * TD_SEC);
    assert_false(is_flat());
    desk_halt(scene.desk, "exits pass a halt");
}

static void flatten_is_shown_then_done(void **state)
{
    (void)state;
    hold_something();
    const uint32_t before = received();
    assert_non_null(strstr(ask("flatten"), "\"would_close\":[{\"symbol\":\""));
    assert_non_null(strstr(said, "\"refused\":null"));
    desk_turns(2 * TD_SEC);
    assert_int_equal(received(), before);
    assert_false(is_flat());
    assert_non_null(strstr(ask("flatten go end of the week"), "\"ok\":true"));
    desk_turns(5 * TD_SEC);
    assert_true(is_flat());
    check_ledger(true);
    assert_string_equal(scene_journal.last[TD_REC_ORDER].strategy, "operator");
    assert_string_equal(scene_journal.last[TD_REC_ORDER].text, "flatten: end of the week");
}

static void a_preview_names_the_gate_that_would_refuse(void **state)
{
    (void)state;
    hold_something();
    scene.settings.dry_run = true;
    assert_non_null(strstr(ask("flatten"), "\"refused\":\"DRY_RUN"));
    const uint32_t before = received();
    assert_non_null(strstr(ask("flatten go"), "\"last_denial\":\"DRY_RUN"));
    desk_turns(2 * TD_SEC);
    assert_int_equal(received(), before);
}

/* --- cancel-all --- */

static void foreign_orders_end_only_when_asked(void **state)
{
    (void)state;
    start_resting(&calm);
    (void)ask_at("gw.sock", "foreign-order SPY 1 1.00");
    desk_turns(2 * TD_SEC);
    td_simworld_sever(scene.sim, scene.desk_host); /* the look-up lists it */
    desk_turns(TD_SEC);
    desk_wait_ready();
    assert_non_null(strstr(ask("status"), "\"foreign\":true"));
    scene.settings.allow_orders = false; /* nothing new */
    assert_non_null(strstr(ask("cancel-all"), "are needed"));
    assert_non_null(strstr(ask("cancel-all own"), "are needed"));
    desk_turns(TD_SEC);
    assert_int_equal(working(), 5);
    assert_non_null(strstr(ask("cancel-all own too many"), "\"ok\":true"));
    desk_turns(2 * TD_SEC);
    assert_int_equal(working(), 1);
    assert_non_null(strstr(ask("cancel-all all too many"), "\"ok\":true"));
    desk_turns(4 * TD_SEC);
    desk_wait_ready();
    assert_int_equal(working(), 0);
    td_writer_drain(scene.desk->writer);
    read_journal();
    assert_int_equal(scene_journal.types[TD_REC_CANCEL], 5);
    assert_string_equal(scene_journal.last[TD_REC_CANCEL].text, "too many");
}

/* --- accept --- */

static void freeze(const char *symbol, const char *reason)
{
    struct td_record r;
    td_record_init(&r, TD_REC_FREEZE, td_world_now(&scene.desk_world));
    (void)snprintf(r.symbol, sizeof r.symbol, "%s", symbol);
    (void)snprintf(r.status, sizeof r.status, "reduce-only");
    (void)snprintf(r.text, sizeof r.text, "%s", reason);
    TD_OK_OR_FAIL(desk_fact(scene.desk, &r));
}

static void what_waits_for_a_person_is_shown_and_accepted(void **state)
{
    (void)state;
    start_alone(&calm, true);
    freeze("SPY", "its position was another");
    assert_non_null(strstr(ask("status"),
                           "\"frozen\":[{\"symbol\":\"SPY\",\"state\":\"reduce-only\",\"reason\":"
                           "\"its position was another\"}]"));
    assert_non_null(strstr(ask("gates"), "{\"gate\":\"REDUCE_ONLY\",\"open\":false,\"closed_for\":["
                                         "\"SPY\"]"));
    assert_non_null(strstr(ask("accept SPY"), "are needed"));
    assert_non_null(strstr(ask("accept QQQ looked"), "nothing is known of that symbol"));
    assert_int_equal(scene.desk->blotter.frozen_holdings, 1);
    assert_non_null(strstr(ask("accept SPY counted by hand"), "\"frozen\":[]"));
    assert_int_equal(scene.desk->blotter.frozen_holdings, 0);
    td_writer_drain(scene.desk->writer);
    read_journal();
    assert_string_equal(scene_journal.last[TD_REC_ACCEPT].text, "counted by hand");
}

/* --- gates --- */

static const cJSON *gate_of(const cJSON *answer, const char *name)
{
    const cJSON *g;
    cJSON_ArrayForEach(g, cJSON_GetObjectItemCaseSensitive(answer, "gates"))
    {
        const cJSON *word = cJSON_GetObjectItemCaseSensitive(g, "gate");
        if (strcmp(word->valuestring, name) == 0)
            return g;
    }
    fail_msg("no gate %s", name);
    return NULL;
}

static bool is_open(const cJSON *answer, const char *name)
{
    return cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(gate_of(answer, name), "open"));
}

static const char *member(const cJSON *answer, const char *name, const char *key)
{
    return cJSON_GetObjectItemCaseSensitive(gate_of(answer, name), key)->valuestring;
}

static void gates_show_where_they_stand(void **state)
{
    (void)state;
    scene_open(&calm);
    scene.settings.max_loss_money_e9 = 1000 * TD_E9;
    scene.config.use_count = 0;
    desk_must_start();
    desk_wait_ready();
    desk_turns(3 * TD_SEC);
    cJSON *a = cJSON_Parse(ask("gates"));
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(a, "gates")),
                     TD_GATE_COUNT);
    for (int g = 0; g < TD_GATE_COUNT; g++)
        if (!is_open(a, td_gate_name((enum td_gate)g)))
            fail_msg("%s is closed", td_gate_name((enum td_gate)g));
    assert_string_equal(member(a, "DAY_LOSS", "limit"), "DAY_LOSS");
    assert_string_equal(member(a, "DAY_LOSS", "value"), "1000");
    assert_string_equal(member(a, "DAY_LOSS", "setting"), "MAX_DAILY_LOSS");
    assert_string_equal(member(a, "HALT", "reducing"), "pass");
    assert_string_equal(member(a, "QUOTE", "reducing"), "refused");
    cJSON_Delete(a);
    scene.settings.allow_orders = false;
    scene.settings.restricted = (struct td_opt_list){.items = {"IBM"}, .count = 1};
    a = cJSON_Parse(ask("gates"));
    assert_false(is_open(a, "ALLOW_ORDERS"));
    assert_false(is_open(a, "RESTRICTED"));
    assert_true(is_open(a, "DRY_RUN"));
    cJSON_Delete(a);
    a = cJSON_Parse(ask("gates SPY"));
    assert_true(is_open(a, "RESTRICTED"));
    cJSON_Delete(a);
    assert_non_null(strstr(ask("gates QQQ"), "has no such symbol"));
    assert_int_equal(scene.desk->result.intents, 0); /* looking asks for nothing */
    assert_int_equal(scene.desk->recent.count, 0);
}

/* What a setting says is taken when the program starts; nothing that changes the environment later counts. */
static void the_environment_is_read_once(void **state)
{
    (void)state;
    static struct td_environ environ;
    struct td_gate_facts facts;
    (void)setenv("ALLOW_ORDERS", "0", 1);
    (void)setenv("MAX_DAILY_LOSS", "777", 1);
    scene_open(&calm);
    TD_OK_OR_FAIL(td_environ_load(&environ, &scene.desk_world, ".env", NULL));
    TD_OK_OR_FAIL(td_settings_load(&scene.settings, &environ, NULL));
    scene.config.use_count = 0;
    desk_must_start();
    desk_wait_ready();
    (void)setenv("ALLOW_ORDERS", "1", 1);
    (void)setenv("MAX_DAILY_LOSS", "9000000", 1);
    TD_OK_OR_FAIL(td_file_replace(&scene.desk_world, ".env",
                                  td_str_of("ALLOW_ORDERS=1\nMAX_DAILY_LOSS=9000000\n"), NULL));
    td_simworld_signal(scene.sim, scene.desk_host, SIGHUP);
    desk_turns(5 * TD_SEC);
    desk_facts(scene.desk, 0, &facts);
    assert_int_equal(facts.allow_orders, TD_FACT_NO);
    assert_true(scene.desk->limits.value[TD_LIMIT_DAY_LOSS] == 777 * TD_E9);
    (void)unsetenv("ALLOW_ORDERS");
    (void)unsetenv("MAX_DAILY_LOSS");
}

/* --- words --- */

static void other_words_change_nothing(void **state)
{
    (void)state;
    static const char *const lines[] = {"bananas",   "",          "HALT now",
                                        "halted",    "resumes x", "flattengo",
                                        "flatten x", "accept",    "gatesSPY"};
    start_resting(&calm);
    const uint64_t records = scene.desk->blotter.last_seq;
    const uint32_t before = received();
    for (size_t i = 0; i < TD_COUNT(lines); i++)
        (void)ask(lines[i]);
    desk_turns(2 * TD_SEC);
    assert_int_equal(received(), before);
    assert_int_equal(working(), 4);
    assert_false(scene.desk->blotter.halted);
    assert_true(scene.desk->blotter.last_seq >= records);
    assert_non_null(strstr(ask("bananas"), "unknown word; known are status, gates [SYMBOL]"));
}

static void long_lists_are_counted(void **state)
{
    (void)state;
    char quotes[111] = "";
    memset(quotes, '"', sizeof quotes - 1); /* two characters each */
    start_alone(&calm, true);
    for (int i = 0; i < 250; i++) {
        char symbol[24];
        (void)snprintf(symbol, sizeof symbol, "LONGSYMBOL%d", i);
        freeze(symbol, quotes);
    }
    cJSON *a = cJSON_Parse(ask("status"));
    assert_true(cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(a, "ok")));
    assert_int_equal(cJSON_GetObjectItemCaseSensitive(a, "frozen_not_told")->valueint, 150);
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(a, "frozen")), 100);
    cJSON_Delete(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_file_halts_within_a_second, scene_close),
        cmocka_unit_test_teardown(a_file_closes_the_gate, scene_close),
        cmocka_unit_test_teardown(a_file_stops_what_waits_for_the_disk, scene_close),
        cmocka_unit_test_teardown(a_signal_halts_and_goes_on, scene_close),
        cmocka_unit_test_teardown(flatten_is_shown_then_done, scene_close),
        cmocka_unit_test_teardown(a_preview_names_the_gate_that_would_refuse, scene_close),
        cmocka_unit_test_teardown(foreign_orders_end_only_when_asked, scene_close),
        cmocka_unit_test_teardown(what_waits_for_a_person_is_shown_and_accepted, scene_close),
        cmocka_unit_test_teardown(gates_show_where_they_stand, scene_close),
        cmocka_unit_test_teardown(the_environment_is_read_once, scene_close),
        cmocka_unit_test_teardown(other_words_change_nothing, scene_close),
        cmocka_unit_test_teardown(long_lists_are_counted, scene_close),
    };
    return cmocka_run_group_tests_name("desk/control", tests, NULL, NULL);
}
