/* tests/cmd/dash_cmd_test.c - the dashboard as a user starts it: alone, beside a desk, on a port that is taken. Needs TAPEDECK_BIN. */
#include "support/program.h"

#include "dash/dash_client.h"
#include "support/promtool.h"

static char out[65536], page[300000], folder[400], number[16];

static int ask(uint16_t port, const char *path)
{
    char text[300];
    const int fd = client_open(port);
    (void)snprintf(text, sizeof text, "GET %s HTTP/1.1\r\nHost: localhost:%u\r\n\r\n", path, port);
    assert_true(client_say(fd, text));
    const int status = client_answer(fd, page, sizeof page);
    (void)close(fd);
    return status;
}

/* Starts it; its first line tells the port. */
static uint16_t serve(struct td_child *c, const char *port)
{
    const char *const words[] = {"dash", "--state", folder, "--port", port, NULL};
    size_t got = 0;
    program_start(c, words);
    TD_OK_OR_FAIL(td_child_read(c, out, sizeof out - 1, PROGRAM_LIMIT, &got));
    out[got] = '\0';
    const char *at = strstr(out, "127.0.0.1:");
    assert_non_null(at);
    assert_int_equal(sscanf(at + 10, "%15[0-9]", number), 1);
    return (uint16_t)strtoul(number, NULL, 10);
}

static void alone_and_beside_a_desk(void **state)
{
    (void)state;
    const char *const sim_words[] = {"sim", "--port",    "0",   "--no-data", "--json", "--speed",
                                     "30",  "--symbols", "SPY", "--start",   "11:00",  NULL};
    struct td_child dash, sim;
    char gateway[16];
    (void)snprintf(folder, sizeof folder, "%s", td_test_folder("dash-cmd"));
    (void)setenv("LOGS_PATH", "dash-logs", 1);
    (void)unsetenv("IB_PORT");
    const uint16_t port = serve(&dash, "0");
    assert_int_equal(ask(port, "/"), 200);
    assert_int_equal(ask(port, "/api/v1/session"), 200);
    assert_non_null(strstr(page, "\"mode\":null"));
    assert_non_null(strstr(page, "no desk runs with state folder"));
    char path[500];
    FILE *report;
    (void)snprintf(path, sizeof path, "%s/report-2026-11-20.html", folder);
    report = fopen(path, "w");
    assert_non_null(report);
    (void)fputs("<!DOCTYPE html><style>b{}</style><b>made</b>", report);
    (void)fclose(report);
    assert_int_equal(ask(port, "/api/v1/reports"), 200);
    assert_non_null(strstr(page, "\"reports\":[{\"day\":\"2026-11-20\",\"bytes\":44}]"));
    assert_int_equal(ask(port, "/api/v1/reports/2026-11-20"), 200);
    assert_non_null(strstr(page, "<b>made</b>"));
    assert_non_null(strstr(page, "default-src 'none'; style-src 'unsafe-inline'"));
    assert_int_equal(ask(port, "/api/v1/reports/2026-11-21"), 404);
    assert_int_equal(ask(port, "/api/v1/reports/../dash_tokens.json"), 404);
    assert_int_equal(ask(port, "/api/v1/recordings"), 200);
    assert_non_null(strstr(page, "\"symbols\":null"));
    const char *const second[] = {"dash", "--state", folder, "--port", number, NULL};
    assert_int_equal(program_run(second, out, sizeof out), 2);

    /* a port that is taken keeps nobody from trading, and whoever has it sees the desk of its state folder */
    const char *const trade[] = {"trade", "--state", folder,    "--port",     gateway, "--symbols",
                                 "SPY",   "--clock", "gateway", "--duration", "1",     NULL};
    struct td_child desk;
    program_sim(&sim, sim_words, gateway);
    (void)setenv("DASH_PORT", number, 1);
    program_start(&desk, trade);
    bool seen = false;
    for (int64_t until = clock_ms() + 20000; !seen && clock_ms() < until;)
        seen = ask(port, "/api/v1/session") == 200 && strstr(page, "\"mode\":\"paper\"");
    assert_true(seen);
    assert_true(td_child_stop(&desk, 20 * TD_SEC));
    assert_int_equal(desk.status, 0);
    assert_true(td_child_stop(&dash, 20 * TD_SEC));
    assert_int_equal(dash.status, 0);
    assert_true(td_child_stop(&sim, 20 * TD_SEC));
}

/* A port nobody has at this moment, below those that the system gives to clients: one of them could meet itself. */
static uint16_t free_port(void)
{
    for (int i = 0; i < 100; i++) {
        const uint16_t port = (uint16_t)(20000 + (getpid() + i) % 10000);
        const struct sockaddr_in at = {.sin_family = AF_INET,
                                       .sin_port = htons(port),
                                       .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
        const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const bool free = bind(fd, (const struct sockaddr *)&at, sizeof at) == 0;
        (void)close(fd);
        if (free)
            return port;
    }
    fail_msg("a hundred ports are taken");
    return 0;
}

static bool serves(uint16_t port)
{
    const struct sockaddr_in at = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const bool there = connect(fd, (const struct sockaddr *)&at, sizeof at) == 0;
    (void)close(fd);
    return there;
}

static void arm(bool on)
{
    static const char *const keys[] = {"ALLOW_ORDERS", "ENABLE_ORDER_EXEC"};
    for (size_t i = 0; i < TD_COUNT(keys); i++)
        (void)(on ? setenv(keys[i], "1", 1) : unsetenv(keys[i]));
    (void)(on ? setenv("DRY_RUN", "0", 1) : unsetenv("DRY_RUN"));
    (void)(on ? setenv("KILL_LOSING_STREAK", "0", 1) : unsetenv("KILL_LOSING_STREAK"));
    (void)(on ? setenv("DECISION_LATENCY_MS", "60000", 1) : unsetenv("DECISION_LATENCY_MS"));
}

static struct td_child metered[2]; /* simulator and desk */

/* Of a desk that trades, with its market and its fills: every list of the page has rows. */
static void promtool_reads_the_metrics_of_a_desk(void **state)
{
    (void)state;
    static const char *const wanted[] = {
        "\ntapedeck_symbol_events_total{symbol=\"SPY\"}", "\ntapedeck_position_quantity{symbol=",
        "\ntapedeck_gate_open{gate=", "\ntapedeck_breaker_open{name=", "\ntapedeck_fills_today "};
    const char *const sim_words[] = {"sim", "--port",    "0",   "--no-data", "--json", "--speed",
                                     "60",  "--symbols", "SPY", "--start",   "11:00",  NULL};
    char gateway[16], path[500];
    const uint16_t port = free_port();
    (void)snprintf(folder, sizeof folder, "%s", td_test_folder("dash-metrics"));
    (void)snprintf(path, sizeof path, "%s/metrics.txt", folder);
    (void)snprintf(number, sizeof number, "%u", port);
    (void)setenv("DASH_PORT", number, 1);
    const char *const trade[] = {
        "trade",   "--state",    folder,       "--port",     gateway,     "--symbols", "SPY",
        "--clock", "gateway",    "--bar-size", "5 secs",     "--history", "1800 S",    "--sma-fast",
        "5",       "--sma-slow", "20",         "--duration", "2",         NULL};
    program_sim(&metered[0], sim_words, gateway);
    arm(true);
    program_start(&metered[1], trade);
    bool filled = false;
    /* A position is told while it is held, for some twenty bars; a row of losses would halt before one is seen. */
    for (int64_t until = clock_ms() + 60000; !filled && clock_ms() < until;) {
        (void)poll(NULL, 0, 100); /* each question is a connection: no flood of them */
        filled = serves(port) && ask(port, "/metrics") == 200 &&
                 strstr(page, "\ntapedeck_position_quantity{") &&
                 !strstr(page, "\ntapedeck_fills_today 0\n");
    }
    arm(false);
    assert_true(td_child_stop(&metered[1], 20 * TD_SEC));
    assert_true(td_child_stop(&metered[0], 20 * TD_SEC));
    for (size_t i = 0; i < TD_COUNT(wanted); i++)
        if (!strstr(page, wanted[i]))
            fail_msg("no %s in %s", wanted[i] + 1, page);
    const char *body = strstr(page, "\r\n\r\n");
    assert_non_null(body);
    promtool_check(body + 4, path);
}

/* What a failed test left behind would hold the output of this program open. */
static int end_children(void **state)
{
    (void)state;
    for (size_t i = 0; i < TD_COUNT(metered); i++)
        if (metered[i].running)
            (void)td_child_stop(&metered[i], 20 * TD_SEC);
    return 0;
}

static void a_password_becomes_a_hash(void **state)
{
    (void)state;
    const char *const words[] = {"dash", "--hash-password", NULL};
    assert_int_equal(program_run(words, out, sizeof out), 2); /* nothing on stdin */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(alone_and_beside_a_desk),
        cmocka_unit_test_teardown(promtool_reads_the_metrics_of_a_desk, end_children),
        cmocka_unit_test(a_password_becomes_a_hash),
    };
    return cmocka_run_group_tests_name("dash_cmd", tests, NULL, NULL);
}
