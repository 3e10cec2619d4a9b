/* tests/cmd/control_cmd_test.c - a desk that trades against the simulator, steered by commands as an operator would:
 * status, gates, flatten, halt by file and by signal, resume, accept, cancel-all. Needs TAPEDECK_BIN. */
#include "support/program.h"

#include <signal.h>

#include "sys/uvworld.h"

static struct td_world world;
static struct td_child sim, desk;
static const char *folder; /* the desk's state */
static char out[400000];

static int ask(const char *const *words)
{
    return program_run(words, out, sizeof out);
}

#define ASK(...) ask((const char *const[]){__VA_ARGS__, "--state", folder, NULL})

static void pause_ms(int ms)
{
    struct td_wake wake;
    td_world_wait(&world, td_world_mono(&world) + ms * TD_MS, &wake);
}

/* Asks for the status until it says so, or no longer says so; 30 s. */
static void wait_for(const char *text, bool there)
{
    const td_ns until = td_world_mono(&world) + 30 * TD_SEC;
    while (ASK("status", "--json") != 0 || (strstr(out, text) != NULL) != there) {
        if (td_world_mono(&world) > until)
            fail_msg("still %s%s: %s", there ? "no " : "", text, out);
        pause_ms(100);
    }
}

static int set_up(void **state)
{
    static const char *const vars[][2] = {{"ALLOW_ORDERS", "1"},         {"DRY_RUN", "0"},
                                          {"ENABLE_ORDER_EXEC", "1"},    {"IB_PAPER_TRADING", "1"},
                                          {"LOGS_PATH", "control-logs"}, {"MAX_DAILY_LOSS", "777"}};
    static char port[16];
    (void)state;
    for (size_t i = 0; i < TD_COUNT(vars); i++)
        (void)setenv(vars[i][0], vars[i][1], 1);
    (void)unsetenv("IB_PORT");
    if (td_uvworld_open(&world, false, NULL) != TD_OK)
        return -1;
    folder = td_test_folder("control-state");
    static const char *const sim_words[] = {"sim",     "--port",  "0",     "--no-data",
                                            "--json",  "--speed", "20",    "--symbols",
                                            "SPY,IBM", "--start", "11:00", NULL};
    program_sim(&sim, sim_words, port);
    const char *const desk_words[] = {"trade",      "--symbols", "SPY,IBM",   "--state", folder,
                                      "--bar-size", "5 secs",    "--history", "1800 S",  "--clock",
                                      "gateway",    "--port",    port,        "--json",  NULL};
    program_start(&desk, desk_words);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    const bool ended = td_child_stop(&desk, 20 * TD_SEC) & td_child_stop(&sim, 20 * TD_SEC);
    td_uvworld_close(&world);
    return ended ? 0 : -1;
}

static void gates_are_a_table(void **state)
{
    (void)state;
    wait_for("\"session\":\"ready\"", true);
    assert_int_equal(ASK("status", "--gates"), 0);
    assert_non_null(strstr(out, "ALLOW_ORDERS     open"));
    assert_non_null(strstr(out, "DAY_LOSS         777          MAX_DAILY_LOSS"));
    assert_int_equal(ASK("status", "--gates", "--symbol", "QQQ"), 1);
    assert_int_equal(ASK("status"), 0);
    assert_non_null(strstr(out, "paper account DU"));
}

static void flatten_waits_for_its_result(void **state)
{
    (void)state;
    wait_for("\"fills_today\":0", false);
    assert_int_equal(ASK("flatten"), 0);
    assert_non_null(strstr(out, "nothing was done"));
    assert_int_equal(ASK("halt", "--reason", "flatten test"), 0); /* no new entries meanwhile */
    assert_int_equal(ASK("flatten", "--yes", "--timeout", "20"), 0);
    assert_non_null(strstr(out, "flat: nothing is held"));
}

static void resuming_takes_a_reason(void **state)
{
    (void)state;
    assert_int_equal(ASK("resume"), 2);
    assert_int_equal(ASK("resume", "--reason", "looked at it"), 0);
    assert_non_null(strstr(out, "not halted"));
    assert_int_equal(ASK("accept", "--reason", "x"), 2);
    assert_int_equal(ASK("accept", "QQQ", "--reason", "x"), 1);
    assert_int_equal(ASK("cancel-all"), 2);
    assert_int_equal(ASK("cancel-all", "--reason", "test"), 0);
}

static void file_and_signal_halt(void **state)
{
    (void)state;
    char path[200], line[300];
    (void)snprintf(path, sizeof path, "%s/kill_switch.lock", folder);
    (void)snprintf(line, sizeof line, "HALTED: kill switch: %s is there", path);
    TD_OK_OR_FAIL(td_file_replace(&world, path, td_str_of(""), NULL));
    pause_ms(1500); /* a second, and the reading of the answer */
    assert_int_equal(ASK("status"), 0);
    assert_non_null(strstr(out, line));
    assert_int_equal(ASK("resume", "--reason", "x"), 1);
    TD_OK_OR_FAIL(td_file_remove(&world, path));
    assert_int_equal(ASK("resume", "--reason", "x"), 0);
    assert_int_equal(kill((pid_t)desk.pid, SIGUSR1), 0);
    wait_for("\"halt_reason\":\"by signal SIGUSR1\"", true);
    assert_true(td_child_alive(&desk));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gates_are_a_table),
        cmocka_unit_test(flatten_waits_for_its_result),
        cmocka_unit_test(resuming_takes_a_reason),
        cmocka_unit_test(file_and_signal_halt),
    };
    return cmocka_run_group_tests_name("cmd/control", tests, set_up, tear_down);
}
