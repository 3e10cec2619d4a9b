/* tests/cmd/canary_test.c - secrets stay inside (P13): every secret setting holds a word that must come out nowhere, while a desk trades,
 * fails to reach its database, its webhook and its mail server, and is asked everything. Needs TAPEDECK_BIN. */
#include <ftw.h>

#include "support/program.h"

#include "dash/dash_client.h"
#include "dash/keeper.h"
#include "dash/route.h"
#include "desk/settings.h"

#define WORD   "xQ7-canary"
#define TOKENS "dash_tokens.json"

static struct td_child sim, desk;
static char page[1 << 21], folder[200], gateway[16], hash[TD_KEEPER_HASH], tokens[2][65];
static int looked_at;

/* --- what must not come out --- */

static void look(const char *where, const char *bytes, size_t len)
{
    const char *const words[] = {WORD, hash + strlen(hash) - 20, tokens[0], tokens[1]};
    for (size_t i = 0; i < TD_COUNT(words); i++) {
        const char *found = words[i][0] ? memmem(bytes, len, words[i], strlen(words[i])) : NULL;
        if (found)
            fail_msg("%s has secret %zu: %.60s", where, i, found);
    }
    looked_at++;
}

static int look_at_file(const char *path, const struct stat *st, int type, struct FTW *at)
{
    size_t len;
    (void)st;
    if (type != FTW_F || strcmp(path + at->base, TOKENS) == 0)
        return 0;
    char *bytes = td_test_slurp(path, &len);
    if (bytes)
        look(path, bytes, len);
    free(bytes);
    return 0;
}

/* --- settings --- */

/* Each secret setting in its own form; a row that is new gets a plain word. */
static int set_secrets(void)
{
    static const struct {
        const char *key, *value;
    } forms[] = {{"DATABASE_URL", "postgresql://desk:" WORD "@127.0.0.1:1/desk"},
                 {"ALERT_WEBHOOK", "https://127.0.0.1:1/hooks/" WORD "?key=" WORD}};
    int count = 0;
    for (const struct td_opt *row = td_settings_table; row->name; row++) {
        char value[200];
        if (!row->secret)
            continue;
        (void)snprintf(value, sizeof value, WORD "-of-%s", row->name);
        for (size_t i = 0; i < TD_COUNT(forms); i++)
            if (strcmp(forms[i].key, row->name) == 0)
                (void)snprintf(value, sizeof value, "%s", forms[i].value);
        (void)setenv(row->name, value, 1);
        count++;
    }
    TD_OK_OR_FAIL(td_keeper_hash(td_str_of(WORD "-password"), hash));
    (void)setenv("DASH_PASS_HASH", hash, 1);
    return count;
}

static void set_others(const char *port)
{
    static const char *const rows[][2] = {{"ALLOW_ORDERS", "1"},
                                          {"ENABLE_ORDER_EXEC", "1"},
                                          {"DRY_RUN", "0"},
                                          {"DECISION_LATENCY_MS", "60000"},
                                          {"LOG_LEVEL", "DEBUG"},
                                          {"MONITORING_ENABLE_ALERTS", "1"},
                                          {"ALERT_FILE", "1"},
                                          {"ALERT_EMAIL", "desk@example.org"},
                                          {"ALERT_EMAIL_FROM", "desk@example.org"},
                                          {"ALERT_SMTP_URL", "smtps://127.0.0.1:1"}};
    for (size_t i = 0; i < TD_COUNT(rows); i++)
        (void)setenv(rows[i][0], rows[i][1], 1);
    (void)setenv("LOGS_PATH", folder, 1);
    (void)setenv("DASH_PORT", port, 1);
    (void)unsetenv("IB_PORT");
}

/* --- the desk and what it is asked --- */

static void start_desk(void)
{
    static const char script[] = "exec \"$0\" \"$@\" > \"$TD_OUT\" 2>&1";
    char out[300];
    (void)snprintf(out, sizeof out, "%s/said.txt", folder);
    (void)setenv("TD_OUT", out, 1);
    const char *const argv[] = {"/bin/sh", "-c",         script,   td_test_program("TAPEDECK_BIN"),
                                "trade",   "--state",    folder,   "--port",
                                gateway,   "--symbols",  "SPY",    "--clock",
                                "gateway", "--bar-size", "5 secs", "--history",
                                "1800 S",  "--sma-fast", "1",      "--sma-slow",
                                "2",       "--duration", "3",      NULL};
    TD_OK_OR_FAIL(td_child_start(&desk, argv, TD_CHILD_PIPE, NULL));
}

static int ask(uint16_t port, const char *path)
{
    char text[300];
    const int fd = client_open(port);
    (void)snprintf(text, sizeof text, "GET %s HTTP/1.1\r\nHost: localhost:%u\r\n\r\n", path, port);
    assert_true(client_say(fd, text));
    const int status = client_answer(fd, page, sizeof page);
    (void)close(fd);
    look(path, page, strlen(page));
    return status;
}

static void ask_all(uint16_t port, const struct td_route *rows)
{
    for (; rows->path; rows++) {
        char path[200];
        const char *brace = strchr(rows->path, '{');
        if (rows->method != TD_METHOD_GET)
            continue;
        (void)snprintf(path, sizeof path, "%.*s%s", (int)strcspn(rows->path, "{"), rows->path,
                       !brace                               ? ""
                       : strncmp(brace, "{symbol}", 8) == 0 ? "SPY"
                                                            : "1");
        assert_true(ask(port, path) != 0);
    }
}

static void hear_sockets(uint16_t port)
{
    static const char *const words[] = {
        "{\"type\":\"subscribe\",\"topics\":[\"status\",\"symbols\",\"orders\",\"events\","
        "\"book:SPY\",\"trades:SPY\",\"bars:SPY\"]}",
        "{\"type\":\"subscribe\",\"symbols\":[\"SPY\"]}"};
    for (size_t i = 0; i < TD_COUNT(words); i++) {
        const int fd = client_open(port);
        assert_true(socket_handshake(fd, port, "/ws") && socket_say(fd, words[i]));
        for (int n = 0; n < 10 && socket_recv(fd, page, sizeof page, 3000); n++)
            look("a frame", page, strlen(page));
        (void)close(fd);
    }
}

static void run(const char *word, const char *more)
{
    const char *const words[] = {word, more, strcmp(word, "config") ? "--state" : NULL, folder,
                                 NULL};
    (void)program_run(words, page, sizeof page);
    look(word, page, strlen(page));
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

static void read_tokens(void)
{
    char path[300];
    size_t len;
    (void)snprintf(path, sizeof path, "%s/" TOKENS, folder);
    char *text = td_test_slurp(path, &len);
    assert_non_null(text);
    assert_int_equal(sscanf(strstr(text, "\"read\":\"") + 8, "%64[0-9a-f]", tokens[0]), 1);
    assert_int_equal(sscanf(strstr(text, "\"trade\":\"") + 9, "%64[0-9a-f]", tokens[1]), 1);
    free(text);
}

static void no_secret_comes_out(void **state)
{
    (void)state;
#ifndef TD_WITH_POSTGRES
    td_skip(
        "this build is without PostgreSQL (package libpq-dev), and a desk refuses DATABASE_URL");
#endif
    const uint16_t port = (uint16_t)(20000 + getpid() % 10000);
    char number[16];
    const char *const sim_words[] = {"sim", "--port",    "0",   "--no-data", "--json", "--speed",
                                     "60",  "--symbols", "SPY", "--start",   "11:00",  NULL};
    (void)snprintf(folder, sizeof folder, "%s", td_test_folder("canary"));
    (void)snprintf(number, sizeof number, "%u", port);
    program_sim(&sim, sim_words, gateway);
    set_others(number);
    assert_true(set_secrets() >= 12);
    start_desk();
    const int64_t until = clock_ms() + 60000;
    while (!serves(port) && clock_ms() < until)
        (void)poll(NULL, 0, 50);
    read_tokens();
    /* its database cannot be reached: the alert of that goes to a webhook and a mail server that cannot be reached */
    while (ask(port, "/api/v1/status") == 200 && clock_ms() < until &&
           !(strstr(page, "\"word\":\"database\"") &&
             strstr(page, "\"sink\":\"email\",\"sent\":0,\"failed\":1")))
        (void)poll(NULL, 0, 200);
    assert_non_null(strstr(page, "\"word\":\"database\""));
    assert_non_null(strstr(page, "\"sink\":\"email\",\"sent\":0,\"failed\":1"));
    assert_non_null(strstr(page, "\"sink\":\"webhook\",\"sent\":0,\"failed\":1"));
    ask_all(port, td_routes);
    ask_all(port, td_api_routes);
    hear_sockets(port);
    run("status", "--json");
    run("config", NULL);
    run("config", "--json");
    run("journal", "verify");
    assert_true(td_child_stop(&desk, 30 * TD_SEC));
    assert_true(td_child_stop(&sim, 20 * TD_SEC));
    assert_int_equal(nftw(folder, look_at_file, 16, FTW_PHYS), 0);
    print_message("%d outputs looked at\n", looked_at);
    assert_true(looked_at > 90);
}

static int tear_down(void **state)
{
    (void)state;
    return (!desk.running || td_child_stop(&desk, 20 * TD_SEC)) &&
                   (!sim.running || td_child_stop(&sim, 20 * TD_SEC))
               ? 0
               : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test_teardown(no_secret_comes_out, tear_down)};
    return cmocka_run_group_tests_name("canary", tests, NULL, NULL);
}
