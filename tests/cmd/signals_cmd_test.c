/* tests/cmd/signals_cmd_test.c - external signals as a user meets them: lines appended to a file, what status and report say,
 * and a second start that knows the ids of the first. Needs TAPEDECK_BIN. */
#include "support/program.h"

#include "sys/uvworld.h"

static struct td_world world;
static struct td_child sim, desk;
static const char *folder; /* the desk's state */
static char port[16], file[300];
static char out[400000];

#define ASK(...)                                                                                   \
    program_run((const char *const[]){__VA_ARGS__, "--state", folder, NULL}, out, sizeof out)

static void start_desk(void)
{
    const char *const words[] = {"trade",      "--symbols", "SPY",       "--state", folder,
                                 "--strategy", "none",      "--signals", file,      "--clock",
                                 "gateway",    "--port",    port,        "--json",  NULL};
    program_start(&desk, words);
}

static int set_up(void **state)
{
    static const char *const vars[][2] = {{"ALLOW_ORDERS", "1"},        {"DRY_RUN", "0"},
                                          {"ENABLE_ORDER_EXEC", "1"},   {"IB_PAPER_TRADING", "1"},
                                          {"LOGS_PATH", "sig-logs"},    {"ML_MODEL_SCORE", "0.9"},
                                          {"DEDUP_WINDOW_SECONDS", "0"}};
    static const char *const sim_words[] = {"sim",    "--port",  "0",     "--no-data",
                                            "--json", "--speed", "20",    "--symbols",
                                            "SPY",    "--start", "11:00", NULL};
    (void)state;
    for (size_t i = 0; i < TD_COUNT(vars); i++)
        (void)setenv(vars[i][0], vars[i][1], 1);
    (void)unsetenv("IB_PORT");
    folder = td_test_folder("signals-state");
    (void)snprintf(file, sizeof file, "%s/signals.jsonl", folder);
    program_sim(&sim, sim_words, port);
    return td_uvworld_open(&world, false, NULL) == TD_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    const bool desk_ended = td_child_stop(&desk, 20 * TD_SEC);
    const bool sim_ended = td_child_stop(&sim, 20 * TD_SEC);
    td_uvworld_close(&world);
    return desk_ended && sim_ended ? 0 : -1;
}

static void wait_for(const char *text)
{
    const td_ns until = td_world_mono(&world) + 30 * TD_SEC;
    while (ASK("status", "--json") != 0 || !strstr(out, text)) {
        struct td_wake wake;
        if (td_world_mono(&world) > until)
            fail_msg("still no %s: %s", text, out);
        td_world_wait(&world, td_world_mono(&world) + 100 * TD_MS, &wake);
    }
}

static void append(const char *id, const char *more)
{
    struct td_file f;
    char line[600], at[48];
    (void)td_iso_print(td_world_now(&world), at);
    (void)snprintf(line, sizeof line,
                   "{\"signal_id\":\"%s\",\"symbol\":\"SPY\",\"signal_type\":\"BUY\","
                   "\"signal_timestamp\":\"%s\",\"model_version\":\"m\",\"strategy_name\":\"a\","
                   "\"urgency\":\"CRITICAL\",\"target_quantity\":1,%s}\n",
                   id, at, more);
    TD_OK_OR_FAIL(td_file_open(&world, file, TD_FILE_APPEND, &f, NULL));
    TD_OK_OR_FAIL(td_file_write(&world, f, line, strlen(line)));
    td_file_close(&world, f);
}

static void from_a_file_to_the_report(void **state)
{
    (void)state;
    start_desk();
    wait_for("\"session\":\"ready\"");
    wait_for("\"live\":1");
    append("one", "\"confidence\":0.8");
    append("two", "\"confidence\":0.1");
    append("three", "\"confidence\":7");
    wait_for("\"lines\":3");
    wait_for("\"EXECUTED\":1");
    assert_non_null(strstr(out, "\"REJECTED\":1"));
    assert_int_equal(ASK("status"), 0);
    assert_non_null(strstr(out, "signals: 0 VALIDATED, 0 EXECUTING, 1 EXECUTED, 1 REJECTED"));
    assert_int_equal(ASK("report", "signals"), 0);
    assert_non_null(strstr(out, "EXECUTED                   1"));
    assert_non_null(strstr(out, "mean slippage, bps"));
}

static void a_second_start_knows_the_ids(void **state)
{
    (void)state;
    assert_true(td_child_stop(&desk, 20 * TD_SEC));
    assert_int_equal(ASK("report", "signals", "--json"), 0);
    assert_non_null(
        strstr(out, "\"signal_id\":\"two\",\"state\":\"REJECTED\",\"reason\":\"CONFIDENCE"));
    assert_int_equal(ASK("report", "signals", "--json", "--day", "2001-01-01"), 0);
    assert_non_null(strstr(out, "{\"signals\":0,"));
    start_desk();
    wait_for("\"session\":\"ready\"");
    wait_for("\"live\":1");
    append("one", "\"confidence\":0.8");
    wait_for("\"passed_over\":1");
    assert_non_null(strstr(out, "\"EXECUTED\":1"));
    append("four", "\"confidence\":0.8");
    wait_for("\"EXECUTED\":2");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(from_a_file_to_the_report),
        cmocka_unit_test(a_second_start_knows_the_ids),
    };
    return cmocka_run_group_tests_name("cmd/signals_cmd", tests, set_up, tear_down);
}
