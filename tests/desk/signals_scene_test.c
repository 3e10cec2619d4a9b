/* tests/desk/signals_scene_test.c - external signals in the desk against the gateway simulator: from a line to its fill, what is
 * refused and what passes a halt, time that runs out, restarts, and what happens to the watched file. */
#include "desk/desk_ask.h"
#include "desk/desk_wants.h"

#define FILE_PATH "in/signals.jsonl"

static const struct scene_options slow = {.world = {.seed = 21}, .speed = 10};

static void prepare(void)
{
    scene_open(&slow);
    scene.config.use_count = 0; /* signals alone */
    scene.config.signals = FILE_PATH;
    scene.settings.ml_score_e9 = TD_E9 * 9 / 10;
    scene.settings.max_order_size_e9 = 100 * TD_E9;
    TD_OK_OR_FAIL(td_folder_make(&scene.desk_world, "in"));
}

static void start(void)
{
    desk_must_start();
    desk_wait_ready();
    desk_turns(3 * TD_SEC);
}

static void begin(void)
{
    prepare();
    start();
}

/* A line of the present time; `more` are further fields. */
static const char *line_of(const char *id, const char *symbol, const char *type, const char *more)
{
    static char line[600];
    char at[48];
    (void)td_iso_print(td_world_now(&scene.desk_world), at);
    (void)snprintf(line, sizeof line,
                   "{\"signal_id\":\"%s\",\"symbol\":\"%s\",\"signal_type\":\"%s\","
                   "\"confidence\":0.8,\"signal_timestamp\":\"%s\",\"model_version\":\"m1\","
                   "\"strategy_name\":\"alpha\"%s%s}",
                   id, symbol, type, at, *more ? "," : "", more);
    return line;
}

static const struct td_mlsignal_row *tell(const char *id, const char *type, const char *more)
{
    desk_take_signal(scene.desk, td_str_of(line_of(id, "SPY", type, more)));
    if (scene.desk->signals.trouble[0])
        fail_msg("%s", scene.desk->signals.trouble);
    return &scene.desk->signals.answer;
}

static const struct td_mlsignal_row *row_of(const char *id)
{
    return td_blotter_signal_of(&scene.desk->blotter, id);
}

static void expect_state(const char *id, enum td_mlsignal_state state)
{
    const struct td_mlsignal_row *row = row_of(id);
    if (!row)
        fail_msg("%s is not kept", id);
    if (row->state != state)
        fail_msg("%s is %s (%s), expected %s", id,
                 td_mlsignal_state_word((enum td_mlsignal_state)row->state), row->reason,
                 td_mlsignal_state_word(state));
}

static void wait_over(const char *id)
{
    for (int i = 0; i < 300; i++) {
        const struct td_mlsignal_row *row = row_of(id);
        if (row && td_mlsignal_is_over((enum td_mlsignal_state)row->state))
            return;
        desk_turns(100 * TD_MS);
    }
    fail_msg("%s is not over: %s", id, row_of(id) ? "still open" : "not kept");
}

static void expect_refused(const char *id, const char *type, const char *more, const char *says)
{
    const struct td_mlsignal_row *row = tell(id, type, more);
    if (row->state != TD_MLS_REJECTED || !strstr(row->reason, says))
        fail_msg("%s: %s, \"%s\", expected a refusal with %s", id,
                 td_mlsignal_state_word((enum td_mlsignal_state)row->state), row->reason, says);
}

static int64_t held(void)
{
    uint32_t h;
    return td_blotter_holding(&scene.desk->blotter, "SPY", &h)
               ? scene.desk->blotter.holdings[h].now.qty.e9 / TD_E9
               : 0;
}

#define MARKET "\"urgency\":\"CRITICAL\",\"target_quantity\":"

static void buy_two(const char *id)
{
    assert_int_equal(tell(id, "BUY", MARKET "2")->state, TD_MLS_EXECUTING);
    wait_over(id);
    expect_state(id, TD_MLS_EXECUTED);
    assert_int_equal(held(), 2);
}

/* --- from a line to its fill --- */

static void a_signal_is_ordered_filled_and_over(void **state)
{
    (void)state;
    begin();
    buy_two("one");
    const struct td_mlsignal_row *row = row_of("one");
    const struct td_order *o = td_blotter_order(&scene.desk->blotter, row->key);
    assert_int_equal(row->filled.e9, 2 * TD_E9);
    assert_int_equal(row->average.e9, td_order_average(o).e9);
    assert_string_equal(o->strategy, "alpha");
    assert_true(row->changed >= row->received && row->received >= row->told.at);
    desk_turns(2 * TD_SEC); /* its stop, 2 % below */
    const struct td_order *stop = NULL;
    for (uint32_t i = 0; i < scene.desk->blotter.order_count; i++)
        if (scene.desk->blotter.orders[i].parent == row->key)
            stop = &scene.desk->blotter.orders[i];
    assert_non_null(stop);
    const double away = 1 - td_e9_to_double(stop->now.stop.e9) / td_e9_to_double(row->reference.e9);
    assert_true(away > 0.019 && away < 0.021);
    assert_int_equal(tell("two", "CLOSE_LONG", "\"urgency\":\"CRITICAL\"")->state,
                     TD_MLS_VALIDATED); /* the stop goes first */
    wait_over("two");
    expect_state("two", TD_MLS_EXECUTED);
    assert_int_equal(held(), 0);
    desk_close();
    check_ledger(true);
}

static void urgency_decides_how_it_is_sent(void **state)
{
    (void)state;
    static const struct {
        const char *urgency;
        uint8_t type;
    } rows[] = {
        {"NORMAL", TD_ORDER_LIMIT}, {"HIGH", TD_ORDER_LIMIT}, {"CRITICAL", TD_ORDER_MARKET}};
    td_px limits[3];
    begin();
    for (size_t i = 0; i < TD_COUNT(rows); i++) {
        char more[120];
        (void)snprintf(more, sizeof more,
                       "\"target_quantity\":1,\"price_tolerance\":0.002,\"urgency\":\"%s\"",
                       rows[i].urgency);
        const td_px mark = desk_good_mark(scene.desk, 0);
        const struct td_mlsignal_row *row = tell(rows[i].urgency, "BUY", more);
        assert_int_equal(row->state, TD_MLS_EXECUTING);
        const struct td_order *o = td_blotter_order(&scene.desk->blotter, row->key);
        assert_int_equal(o->type, rows[i].type);
        limits[i].e9 = td_px_is_none(o->now.limit) ? 0 : o->now.limit.e9 - mark.e9;
        desk_turns(TD_SEC);
    }
    assert_true(limits[0].e9 <= 0 && limits[0].e9 > -TD_E9 / 50);
    assert_true(limits[1].e9 > TD_E9 / 4); /* 0.2 % of some 168 */
}

static void the_desk_sizes_a_signal_without_a_quantity(void **state)
{
    (void)state;
    begin();
    const struct td_mlsignal_row *row = tell("s", "BUY", "\"urgency\":\"CRITICAL\"");
    assert_int_equal(row->state, TD_MLS_EXECUTING);
    /* equity x 1 % x 0.8 x 0.9 x 0.8, over the price, rounded down; the gates' order size is 100 */
    const double money = td_e9_to_double(desk_capital(scene.desk).e9) * 0.01 * 0.8 * 0.9 * 0.8;
    const int64_t units = (int64_t)(money / td_e9_to_double(row->reference.e9));
    assert_int_equal(row->wanted.e9 / TD_E9, units < 100 ? units : 100);
}

static void a_hold_is_over_at_once(void **state)
{
    (void)state;
    begin();
    assert_int_equal(tell("h", "HOLD", "")->state, TD_MLS_EXECUTED);
    desk_turns(TD_SEC);
    assert_int_equal(received(), 0);
}

/* --- refusals --- */

static void each_refusal_is_told_and_kept(void **state)
{
    (void)state;
    begin();
    expect_refused("a", "BUY", "\"model_score\":0.4", "MODEL_SCORE");
    expect_refused("b", "BUY", "\"target_quantity\":1,\"price\":100", "PRICE");
    expect_refused("c", "CLOSE_SHORT", "", "HELD");
    expect_refused("d", "SELL", "\"target_quantity\":-1", "SHORT_SALE"); /* a gate */
    scene.desk->signals.limits.value[TD_MLLIMIT_SINGLE] = TD_E9 / 100;
    expect_refused("e", "BUY", "\"target_quantity\":99,\"max_execution_time\":60", "SINGLE");
    expect_refused("f", "BUY", "\"target_quantity\":100000", "SIZE");
    desk_take_signal(scene.desk, td_str_of(line_of("g", "XYZ", "BUY", "")));
    assert_non_null(strstr(scene.desk->signals.answer.reason, "SYMBOL"));
    static const char *const ids[] = {"a", "b", "c", "d", "e", "f", "g"};
    for (size_t i = 0; i < TD_COUNT(ids); i++)
        expect_state(ids[i], TD_MLS_REJECTED);
    const char *line = line_of("old", "SPY", "BUY", "\"max_execution_time\":2");
    desk_turns(3 * TD_SEC);
    desk_take_signal(scene.desk, td_str_of(line));
    assert_non_null(strstr(scene.desk->signals.answer.reason, "AGE"));
    desk_turns(TD_SEC);
    assert_int_equal(received(), 0);
}

static void the_same_id_is_refused_also_after_a_crash(void **state)
{
    (void)state;
    begin();
    buy_two("one");
    expect_refused("no", "BUY", "\"model_score\":0.4", "MODEL_SCORE");
    expect_refused("one", "BUY", MARKET "2", "DUPLICATE");
    expect_refused("no", "BUY", MARKET "2", "DUPLICATE");
    desk_turns(TD_SEC);
    desk_crash();
    desk_must_start();
    desk_wait_ready();
    desk_turns(3 * TD_SEC);
    expect_refused("one", "BUY", MARKET "2", "DUPLICATE");
    expect_refused("no", "BUY", MARKET "2", "DUPLICATE");
    expect_state("one", TD_MLS_EXECUTED);
    assert_int_equal(held(), 2);
    desk_close();
    check_ledger(true);
}

static void a_halt_refuses_entries_and_lets_closes_pass(void **state)
{
    (void)state;
    begin();
    buy_two("one");
    desk_turns(2 * TD_SEC);
    desk_halt(scene.desk, "by the test");
    expect_refused("two", "BUY", MARKET "1", "HALT");
    (void)tell("three", "CLOSE_LONG", "\"urgency\":\"CRITICAL\"");
    wait_over("three");
    expect_state("three", TD_MLS_EXECUTED);
    assert_int_equal(held(), 0);
    desk_close();
    check_ledger(true);
}

/* What one SELL closes the next does not close again: it opens, and the limits look at it. */
static void two_sells_of_one_position_are_one_exit_and_one_entry(void **state)
{
    (void)state;
    begin();
    scene.settings.short_selling = true;
    td_settings_limits(&scene.settings, TD_CASH_NONE, &scene.desk->limits);
    buy_two("one");
    scene.desk->signals.limits.value[TD_MLLIMIT_CONFIDENCE] = 9 * TD_E9 / 10;
    assert_int_equal(tell("two", "SELL", MARKET "-2")->state, TD_MLS_EXECUTING);
    expect_refused("three", "SELL", MARKET "-2", "CONFIDENCE");
    wait_over("two");
    desk_turns(TD_SEC);
    assert_int_equal(held(), 0);
}

/* --- time --- */

#define RESTS "\"target_quantity\":1,\"max_execution_time\":5,\"price_tolerance\":0"

/* A limit at the mark, moved away from the market so that it rests. */
static const struct td_mlsignal_row *rest(const char *id)
{
    struct td_quote *q = &scene.desk->market.lines[0].quote;
    const struct td_quote seen = *q;
    q->bid.e9 -= 2 * TD_E9;
    q->ask.e9 -= 2 * TD_E9; /* the desk's own view for this one question */
    const struct td_mlsignal_row *row = tell(id, "BUY", RESTS);
    *q = seen;
    return row;
}

static void time_that_is_over_cancels_the_rest(void **state)
{
    (void)state;
    begin();
    assert_int_equal(rest("slow")->state, TD_MLS_EXECUTING);
    desk_turns(4 * TD_SEC);
    expect_state("slow", TD_MLS_EXECUTING);
    desk_turns(3 * TD_SEC);
    expect_state("slow", TD_MLS_TIMEOUT);
    const struct td_order *o = td_blotter_order(&scene.desk->blotter, row_of("slow")->key);
    assert_int_equal(o->state, TD_OS_CANCELLED);
    assert_int_equal(scene.desk->signals.open_count, 0);
    desk_close();
    check_ledger(true);
    assert_string_equal(scene_journal.last[TD_REC_CANCEL].text,
                        "max_execution_time of its signal is over");
}

static void a_signal_in_execution_survives_a_crash(void **state)
{
    (void)state;
    begin();
    assert_int_equal(rest("slow")->state, TD_MLS_EXECUTING);
    desk_turns(TD_SEC);
    assert_int_equal(received(), 1);
    desk_crash();
    desk_must_start();
    assert_int_equal(scene.desk->signals.open_count, 1);
    expect_state("slow", TD_MLS_EXECUTING);
    desk_wait_ready();
    wait_over("slow"); /* looked up, then its time is over */
    expect_state("slow", TD_MLS_TIMEOUT);
    desk_turns(2 * TD_SEC);
    assert_int_equal(received(), 1);
    desk_close();
    check_ledger(true);
}

/* A crash in every state of the disk between the line and its order: never two orders, never one that is forgotten. */
static void a_crash_at_any_moment_leaves_one_order_or_none(void **state)
{
    (void)state;
    for (int ms = 0; ms < 12; ms += 2) {
        prepare();
        scene.settings.ml_stop_e9 = 0; /* no order but that of the signal */
        scene.settings.stop_monitor = false;
        start();
        (void)tell("one", "BUY", MARKET "1");
        if (ms)
            desk_turns(ms * TD_MS);
        desk_crash();
        desk_must_start();
        desk_wait_ready();
        desk_turns(5 * TD_SEC);
        const struct td_mlsignal_row *row = row_of("one");
        if (row)
            assert_true(td_mlsignal_is_over((enum td_mlsignal_state)row->state));
        assert_true(received() <= 1 && (row || received() == 0));
        if (row && row->state == TD_MLS_EXECUTED)
            assert_int_equal(held(), 1);
        desk_close();
        check_ledger(true);
        (void)scene_close(NULL);
    }
}

/* --- the file --- */

static void append(const char *text)
{
    struct td_file f;
    TD_OK_OR_FAIL(td_file_open(&scene.desk_world, FILE_PATH, TD_FILE_APPEND, &f, NULL));
    TD_OK_OR_FAIL(td_file_write(&scene.desk_world, f, text, strlen(text)));
    td_file_close(&scene.desk_world, f);
}

static void replace(const char *text)
{
    TD_OK_OR_FAIL(td_file_replace(&scene.desk_world, FILE_PATH, td_str_of(text), NULL));
}

static void append_line(const char *id, const char *more)
{
    append(line_of(id, "SPY", "BUY", more));
    append("\n");
    desk_turns(TD_SEC);
}

static void lines_are_read_from_where_the_file_ended(void **state)
{
    (void)state;
    prepare();
    append(line_of("before", "SPY", "BUY", MARKET "1"));
    append("\n");
    desk_must_start();
    desk_wait_ready();
    desk_turns(3 * TD_SEC);
    assert_null(row_of("before"));
    append_line("after", MARKET "1");
    wait_over("after");
    expect_state("after", TD_MLS_EXECUTED);
}

static void half_a_line_waits_for_its_rest(void **state)
{
    (void)state;
    begin(); /* the file comes later */
    char first[640];
    (void)snprintf(first, sizeof first, "\r\n%s\r\n", line_of("late", "SPY", "BUY", MARKET "1"));
    char rest_of_it[600];
    const size_t half = strlen(first) / 2;
    (void)snprintf(rest_of_it, sizeof rest_of_it, "%s", first + half);
    first[half] = '\0';
    append(first);
    desk_turns(TD_SEC);
    assert_int_equal(scene.desk->signals.lines, 0);
    append(rest_of_it);
    desk_turns(TD_SEC);
    assert_int_equal(scene.desk->signals.lines, 1);
    wait_over("late");
    expect_state("late", TD_MLS_EXECUTED);
}

static void a_truncated_or_replaced_file_is_passed_over(void **state)
{
    (void)state;
    begin();
    append_line("one", MARKET "1");
    assert_non_null(row_of("one"));
    char other[700];
    (void)snprintf(other, sizeof other, "%s\n", line_of("short", "SPY", "BUY", MARKET "1"));
    replace("x\n"); /* shorter */
    desk_turns(TD_SEC);
    assert_int_equal(scene.desk->signals.skipped, 2);
    append_line("two", MARKET "1");
    assert_non_null(row_of("two"));
    char longer[2000];
    (void)snprintf(longer, sizeof longer, "%s%s", other, other);
    replace(longer); /* longer, and the same ends of lines at the same places */
    desk_turns(TD_SEC);
    assert_int_equal(scene.desk->signals.skipped, 2 + strlen(longer));
    assert_null(row_of("short"));
    append_line("three", MARKET "1");
    assert_non_null(row_of("three"));
    TD_OK_OR_FAIL(td_file_remove(&scene.desk_world, FILE_PATH));
    desk_turns(TD_SEC);
    append_line("four", MARKET "1"); /* a new one is read from its begin */
    assert_non_null(row_of("four"));
}

static void lines_that_are_none_are_told_and_passed_over(void **state)
{
    (void)state;
    static char long_line[3000];
    begin();
    memset(long_line, 'x', sizeof long_line - 2);
    long_line[sizeof long_line - 2] = '\n';
    append(long_line);
    append("\n\n{\"a\":1}\nnonsense\n");
    append_line("good", MARKET "1");
    assert_non_null(row_of("good"));
    assert_int_equal(scene.desk->signals.lines, 4);
    assert_int_equal(scene.desk->signals.unread, 3);
}

/* Ten thousand lines at once: a hundred are kept, orders are bounded, the rest is counted. */
static void many_lines_stay_bounded(void **state)
{
    (void)state;
    static char all[10000 * 260];
    struct td_text t;
    begin();
    td_text_init(&t, all, sizeof all);
    for (int i = 0; i < 10000; i++) {
        char id[20];
        (void)snprintf(id, sizeof id, "n%d", i);
        td_text_put(&t, line_of(id, "SPY", i % 2 ? "HOLD" : "CLOSE_LONG", ""));
        td_text_char(&t, '\n');
    }
    assert_false(td_text_full(&t));
    append(all);
    for (int i = 0; i < 400 && scene.desk->signals.lines < 10000; i++)
        desk_turns(250 * TD_MS);
    assert_int_equal(scene.desk->signals.lines, 10000);
    assert_int_equal(scene.desk->blotter.signal_total, 100);
    assert_int_equal(scene.desk->signals.passed_over, 9900);
    assert_int_equal(scene.desk->signals.open_count, 0);
    assert_int_equal(scene.desk->order_errors, 0);
    assert_int_equal(received(), 0);
    expect_refused("more", "BUY", MARKET "1", "SIGNALS");
    assert_null(row_of("more"));
}

/* --- words --- */

static void the_control_socket_takes_and_tells(void **state)
{
    (void)state;
    char word[700];
    begin();
    (void)snprintf(word, sizeof word, "signal %s", line_of("one", "SPY", "BUY", MARKET "1"));
    const char *answer = ask(word);
    assert_non_null(strstr(answer, "\"ok\":true"));
    assert_non_null(strstr(answer, "\"state\":\"EXECUTING\""));
    wait_over("one");
    answer = ask(word);
    assert_non_null(strstr(answer, "\"ok\":false"));
    assert_non_null(strstr(answer, "DUPLICATE"));
    answer = ask("signal {\"signal_id\":1}");
    assert_non_null(strstr(answer, "\"ok\":false"));
    assert_non_null(strstr(answer, "signal_id"));
    answer = ask("signals");
    assert_non_null(strstr(answer, "\"signals\":1,"));
    assert_non_null(strstr(answer, "\"EXECUTED\":1"));
    answer = ask("status");
    assert_non_null(strstr(answer, "\"signals\":{\"file\":\"in/signals.jsonl\""));
    assert_non_null(strstr(answer, "\"passed_over\":2"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_signal_is_ordered_filled_and_over, scene_close),
        cmocka_unit_test_teardown(urgency_decides_how_it_is_sent, scene_close),
        cmocka_unit_test_teardown(the_desk_sizes_a_signal_without_a_quantity, scene_close),
        cmocka_unit_test_teardown(a_hold_is_over_at_once, scene_close),
        cmocka_unit_test_teardown(each_refusal_is_told_and_kept, scene_close),
        cmocka_unit_test_teardown(the_same_id_is_refused_also_after_a_crash, scene_close),
        cmocka_unit_test_teardown(a_halt_refuses_entries_and_lets_closes_pass, scene_close),
        cmocka_unit_test_teardown(two_sells_of_one_position_are_one_exit_and_one_entry,
                                  scene_close),
        cmocka_unit_test_teardown(time_that_is_over_cancels_the_rest, scene_close),
        cmocka_unit_test_teardown(a_signal_in_execution_survives_a_crash, scene_close),
        cmocka_unit_test_teardown(a_crash_at_any_moment_leaves_one_order_or_none, scene_close),
        cmocka_unit_test_teardown(lines_are_read_from_where_the_file_ended, scene_close),
        cmocka_unit_test_teardown(half_a_line_waits_for_its_rest, scene_close),
        cmocka_unit_test_teardown(a_truncated_or_replaced_file_is_passed_over, scene_close),
        cmocka_unit_test_teardown(lines_that_are_none_are_told_and_passed_over, scene_close),
        cmocka_unit_test_teardown(many_lines_stay_bounded, scene_close),
        cmocka_unit_test_teardown(the_control_socket_takes_and_tells, scene_close),
    };
    return cmocka_run_group_tests_name("desk/signals_scene", tests, NULL, NULL);
}
