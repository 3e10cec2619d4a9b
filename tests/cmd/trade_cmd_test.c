/* tests/cmd/trade_cmd_test.c - options of trade as a user meets them: symbols and loss from user_settings.json, one bar
 * and the end, history as the older runner named it, waiting that a signal ends. Needs TAPEDECK_BIN. */
#include "support/program.h"

#include "base/tz.h"
#include "sys/uvworld.h"

static struct td_world world;
static struct td_child sim;
static char port[16], user[200];
static const char *folder;
static char out[65536];

static int set_up(void **state)
{
    static const char *const words[] = {"sim",     "--port",  "0",     "--no-data",
                                        "--json",  "--speed", "30",    "--symbols",
                                        "SPY,IBM", "--start", "11:00", NULL};
    (void)state;
    (void)setenv("LOGS_PATH", "trade-logs", 1);
    (void)unsetenv("IB_PORT");
    folder = td_test_folder("trade-cmd");
    (void)snprintf(user, sizeof user, "%s/user_settings.json", folder);
    (void)setenv("USER_SETTINGS_FILE", user, 1);
    program_sim(&sim, words, port);
    return td_uvworld_open(&world, false, NULL) == TD_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    const bool ended = td_child_stop(&sim, 20 * TD_SEC);
    td_uvworld_close(&world);
    return ended ? 0 : -1;
}

static void put_user(const char *text)
{
    TD_OK_OR_FAIL(td_file_replace(&world, user, td_str_of(text), NULL));
}

#define TRADE(...)                                                                                 \
    program_run(                                                                                   \
        (const char *const[]){"trade", "--state", folder, "--port", port, __VA_ARGS__, NULL}, out, \
        sizeof out)

static void symbols_may_come_from_user_settings(void **state)
{
    (void)state;
    assert_int_equal(TRADE("--once"), 2); /* no file yet */
    put_user("{\"default\":{\"symbols\":[\"SPY\"],\"max_daily_loss\":123}}");
    assert_int_equal(TRADE("--once", "--clock", "gateway", "--bar-size", "5 secs", "--duration",
                           "1800 S", "--json"),
                     0);
    assert_non_null(strstr(out, "\"intents\":"));
    put_user("{\"default\":{\"symbols\":\"SPY\"}}");
    assert_int_equal(TRADE("--symbols", "SPY", "--once"), 1); /* it is there and cannot be used */
    (void)td_file_remove(&world, user);
}

static void durations_are_minutes_or_history(void **state)
{
    (void)state;
    static const char *const bad[] = {"ten", "-1", "10 X", "10 days", "10 D D", "", " "};
    for (size_t i = 0; i < TD_COUNT(bad); i++)
        assert_int_equal(TRADE("--symbols", "SPY", "--duration", bad[i]), 2);
    const td_ns start = td_world_mono(&world);
    assert_int_equal(TRADE("--symbols", "SPY", "--clock", "gateway", "--duration", "0.03"), 0);
    assert_in_range((td_world_mono(&world) - start) / TD_MS, 1500, 30000);
}

/* The whole program beside a gateway whose API is read-only: it trades, and the gateway's books have no order. */
static void paper_local_trades_beside_a_read_only_gateway(void **state)
{
    static struct td_child gateway;
    char own[16], state_folder[300], ledger[300];
    (void)state;
    (void)snprintf(state_folder, sizeof state_folder, "%s/local", folder);
    (void)snprintf(ledger, sizeof ledger, "%s/ledger.jsonl", folder);
    const char *const words[] = {"sim",     "--port",      "0",         "--no-data", "--json",
                                 "--speed", "60",          "--symbols", "SPY",       "--start",
                                 "11:00",   "--read-only", "--ledger",  ledger,      NULL};
    const char *const trade[] = {
        "trade",     "--state", state_folder, "--port",  own,          "--paper=local",
        "--symbols", "SPY",     "--clock",    "gateway", "--bar-size", "5 secs",
        "--history", "1800 S",  "--sma-fast", "1",       "--sma-slow", "2",
        "--fills",   "2",       "--duration", "0.5",     "--json",     NULL};
    program_sim(&gateway, words, own);
    (void)setenv("ALLOW_ORDERS", "1", 1);
    (void)setenv("ENABLE_ORDER_EXEC", "1", 1);
    (void)setenv("DRY_RUN", "0", 1);
    const int code = program_run(trade, out, sizeof out);
    assert_true(td_child_stop(&gateway, 20 * TD_SEC));
    (void)unsetenv("ALLOW_ORDERS");
    (void)unsetenv("ENABLE_ORDER_EXEC");
    (void)unsetenv("DRY_RUN");
    assert_int_equal(code, 0);
    assert_null(strstr(out, "\"fills\":0"));
    assert_non_null(strstr(out, "\"position_check\":\"equal\""));
    size_t len = 0;
    char *books = td_test_slurp(ledger, &len);
    assert_non_null(books);
    assert_null(strstr(books, "\"order\""));
    free(books);
    assert_int_equal(program_run((const char *const[]){"trade", "--state", state_folder,
                                                       "--symbols", "SPY", "--port", port, NULL},
                                 out, sizeof out),
                     1); /* the folder is of local paper trading */
    assert_int_equal(TRADE("--symbols", "SPY", "--paper=local", "--live"), 2);
}

static void waiting_ends_with_a_signal(void **state)
{
    (void)state;
    struct td_child c;
    struct td_wake wake;
    struct td_tz utc;
    struct td_civil now;
    char window[32];
    td_tz_utc(&utc);
    td_tz_civil(&utc, td_world_now(&world) + 12 * TD_HOUR, &now); /* ten hours away at least */
    (void)snprintf(window, sizeof window, "%02d:00-%02d:30", (int)now.hour % 24,
                   (int)now.hour % 24);
    const char *const words[] = {"trade",  "--symbols", "SPY",      "--state", folder,
                                 "--port", port,        "--window", window,    NULL};
    program_start(&c, words);
    td_world_wait(&world, td_world_mono(&world) + 2 * TD_SEC, &wake);
    assert_true(td_child_alive(&c));
    assert_true(td_child_stop(&c, 10 * TD_SEC));
    assert_int_equal(c.status, 0);
    assert_int_equal(TRADE("--symbols", "SPY", "--window", "25:00-26:00"), 2);
    assert_int_equal(TRADE("--symbols", "SPY", "--wait-open", "--clock", "gateway"), 2);
}

static void the_older_names_are_understood(void **state)
{
    (void)state;
    assert_int_equal(TRADE("--symbols", "SPY", "--confirm-live", "--clock", "gateway"), 2);
    assert_int_equal(TRADE("--symbols", "SPY", "--once", "--clock", "gateway", "--bar-size",
                           "10 secs", "--history", "1800 S", "--max-order-notional", "500",
                           "--max-daily-notional", "900", "--default-cash", "5000"),
                     0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(symbols_may_come_from_user_settings),
        cmocka_unit_test(durations_are_minutes_or_history),
        cmocka_unit_test(paper_local_trades_beside_a_read_only_gateway),
        cmocka_unit_test(waiting_ends_with_a_signal),
        cmocka_unit_test(the_older_names_are_understood),
    };
    return cmocka_run_group_tests_name("cmd/trade", tests, set_up, tear_down);
}
