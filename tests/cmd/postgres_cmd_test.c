/* tests/cmd/postgres_cmd_test.c - PostgreSQL beside a desk that trades, as a user sets it: DATABASE_URL, a server that is killed in
 * the middle, status and metrics, `journal rebuild --postgres`, and a password that is nowhere. Needs TAPEDECK_BIN. */
#include "support/program.h"

#include "support/pg_server.h"
#include "sys/uvworld.h"

static struct td_world world;
static struct pg_server server;
static struct td_child sim, desk;
static char out[1 << 20], folder[200], orders_db[260], gateway[16];

static int set_up(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof folder, "%s", td_test_folder("postgres-cmd"));
    (void)snprintf(orders_db, sizeof orders_db, "%s/orders.db", folder);
    (void)setenv("LOGS_PATH", folder, 1);
    (void)setenv("ALLOW_ORDERS", "1", 1);
    (void)setenv("ENABLE_ORDER_EXEC", "1", 1);
    (void)setenv("DRY_RUN", "0", 1);
    (void)setenv("DECISION_LATENCY_MS", "60000", 1);
    (void)setenv("MAX_TRADES_PER_DAY", "1000", 1);
    (void)unsetenv("IB_PORT");
    return td_uvworld_open(&world, false, NULL) == TD_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    const bool ended = (!desk.running || td_child_stop(&desk, 20 * TD_SEC)) &&
                       (!sim.running || td_child_stop(&sim, 20 * TD_SEC));
    pg_server_close(&server);
    td_uvworld_close(&world);
    return ended ? 0 : -1;
}

#define RUN(...)                                                                                   \
    program_run((const char *const[]){__VA_ARGS__, "--state", folder, NULL}, out, sizeof out)

/* Asks the desk until its answer has these words. */
static void wait_for(const char *words)
{
    const td_ns until = td_world_mono(&world) + 60 * TD_SEC;
    while (RUN("status", "--json") != 0 || !strstr(out, words))
        if (td_world_mono(&world) > until)
            fail_msg("no %s in %s", words,
                     strstr(out, "\"postgres\"") ? strstr(out, "\"postgres\"") : out);
}

/* Asks until it has filled so many; they may come several between two answers. */
static void wait_for_fills(long wanted)
{
    static const char key[] = "\"fills_today\":";
    const td_ns until = td_world_mono(&world) + 60 * TD_SEC;
    for (;;) {
        const char *at = RUN("status", "--json") == 0 ? strstr(out, key) : NULL;
        const long fills = at ? strtol(at + strlen(key), NULL, 10) : 0;
        if (fills >= wanted)
            return;
        if (td_world_mono(&world) > until)
            fail_msg("%ld fills in a minute", fills);
    }
}

static void no_word_of_the_password(const char *name)
{
    char path[300];
    size_t len;
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    char *text = td_test_slurp(path, &len);
    assert_non_null(text);
    if (strstr(text, PG_PASSWORD))
        fail_msg("%s has the password", path);
    free(text);
}

static void a_day_with_a_server_that_is_killed(void **state)
{
    (void)state;
    pg_server_open(&server);
    const char *const sim_words[] = {"sim",     "--port",  "0",     "--no-data",
                                     "--json",  "--speed", "60",    "--symbols",
                                     "SPY,IBM", "--start", "11:00", NULL};
    const char *const trade[] = {
        "trade",   "--state",     folder,    "--port",     gateway,  "--symbols",
        "SPY,IBM", "--clock",     "gateway", "--bar-size", "5 secs", "--history",
        "1800 S",  "--sma-fast",  "1",       "--sma-slow", "2",      "--duration",
        "5",       "--dashboard", "off",     NULL};
    program_sim(&sim, sim_words, gateway);
    (void)setenv("DATABASE_URL", server.url, 1);
    program_start(&desk, trade);
    wait_for("\"following\":true");
    wait_for_fills(2);
    pg_server_crash(&server);
    wait_for("\"state\":\"waiting\"");
    wait_for("\"word\":\"database\"");
    assert_null(strstr(out, PG_PASSWORD));
    pg_server_start(&server);
    wait_for("\"following\":true");
    wait_for("\"reconnects\":1");
    wait_for("\"behind\":0");
    assert_true(td_child_stop(&desk, 30 * TD_SEC));
    assert_int_equal(desk.status, 0);
    assert_true(td_child_stop(&sim, 20 * TD_SEC));
    assert_true(pg_compare(&server, "tapedeck", orders_db) > 50);
    assert_true(pg_number(&server, "SELECT count(*) FROM tapedeck.executions") >= 2);
}

/* In the order of the tests: the state folder and the server are those of the day above. */
static void rebuilt_by_command(void **state)
{
    (void)state;
    if (!server.pid)
        td_skip("there was no server");
    pg_run(&server, "DELETE FROM tapedeck.executions; UPDATE tapedeck.orders SET status = 'x'");
    assert_int_equal(RUN("journal", "rebuild", "--postgres"), 0);
    assert_non_null(strstr(out, "schema tapedeck holds what the journal makes"));
    (void)pg_compare(&server, "tapedeck", orders_db);
    assert_int_equal(program_run((const char *const[]){"config", NULL}, out, sizeof out), 0);
    assert_non_null(strstr(out, "DATABASE_URL"));
    assert_null(strstr(out, PG_PASSWORD));
    static const char *const logs[] = {"api.trade.log", "trading.log", "error.log",
                                       "performance.log", "trade_audit_log.jsonl"};
    for (size_t i = 0; i < TD_COUNT(logs); i++)
        no_word_of_the_password(logs[i]);
}

static void settings_that_cannot_be_are_refused(void **state)
{
    (void)state;
    (void)setenv("DATABASE_URL", "postgresql://u:" PG_PASSWORD "@[::1/x", 1);
    const int code = RUN("journal", "rebuild", "--postgres");
    if (code == td_err_exit(TD_EUNSUP))
        td_skip("this build is without PostgreSQL (package libpq-dev)");
    assert_int_equal(code, 2);
    (void)setenv("DATABASE_URL", "sqlite:///trading_data.db", 1);
    assert_int_equal(RUN("journal", "rebuild", "--postgres"), 2);
    (void)unsetenv("DATABASE_URL");
    assert_int_equal(RUN("journal", "rebuild", "--postgres"), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_day_with_a_server_that_is_killed),
        cmocka_unit_test(rebuilt_by_command),
        cmocka_unit_test(settings_that_cannot_be_are_refused),
    };
    return cmocka_run_group_tests_name("postgres_cmd", tests, set_up, tear_down);
}
