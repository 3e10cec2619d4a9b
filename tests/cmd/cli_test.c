/* tests/cmd/cli_test.c - the program as a user meets it: bad input, gateways that refuse, stay mute or babble.
 * Needs TAPEDECK_BIN. Each case is one start of the program with its exit status and its one clear line. */
#include "support/support.h"

#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sys/child.h"
#include "sys/uvworld.h"

extern char **environ;

static struct td_world world;
static const char *bin;
static char out[65536], err[65536];

static int set_up(void **state)
{
    (void)state;
    bin = td_test_program("TAPEDECK_BIN");
    (void)setenv("LOGS_PATH", "cli-logs", 1);
    (void)unsetenv("IB_PORT");
    return td_uvworld_open(&world, false, NULL) == TD_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    td_uvworld_close(&world);
    return 0;
}

static void slurp(const char *path, char *into, size_t cap)
{
    size_t n = 0;
    into[0] = '\0';
    TD_OK_OR_FAIL(td_file_slurp(&world, path, into, cap, &n, NULL));
}

typedef void serve_fn(const struct td_wake *wake);

/* Runs the program with words cut at blanks, serving `serve` meanwhile; returns its exit status. */
static int run(const char *words, serve_fn *serve)
{
    static char text[1024];
    const char *argv[32] = {bin};
    int n = 1, status = 0;
    pid_t pid = 0;
    (void)snprintf(text, sizeof text, "%s", words);
    for (char *p = text; *p && n < 31;) {
        argv[n++] = p;
        p += strcspn(p, " ");
        if (*p)
            *p++ = '\0';
    }
    posix_spawn_file_actions_t actions;
    TD_REQUIRE(posix_spawn_file_actions_init(&actions) == 0);
    TD_REQUIRE(posix_spawn_file_actions_addopen(&actions, 1, "cli.out",
                                                O_WRONLY | O_CREAT | O_TRUNC, 0644) == 0);
    TD_REQUIRE(posix_spawn_file_actions_addopen(&actions, 2, "cli.err",
                                                O_WRONLY | O_CREAT | O_TRUNC, 0644) == 0);
    const union {
        const char *const *in;
        char *const *out;
    } words_of = {argv};
    TD_REQUIRE(posix_spawn(&pid, bin, &actions, NULL, words_of.out, environ) == 0);
    (void)posix_spawn_file_actions_destroy(&actions);
    while (waitpid(pid, &status, WNOHANG) != pid) {
        struct td_wake wake;
        td_world_wait(&world, td_world_mono(&world) + 5 * TD_MS, &wake);
        if (serve && wake.kind != TD_WAKE_TIMEOUT)
            serve(&wake);
    }
    slurp("cli.out", out, sizeof out);
    slurp("cli.err", err, sizeof err);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int lines_of(const char *text)
{
    int n = 0;
    for (; *text; text++)
        n += *text == '\n';
    return n;
}

static void mistakes_are_one_clear_line_and_exit_2(void **state)
{
    (void)state;
    static const struct {
        const char *words, *says;
    } cases[] = {
        {"nonsense", "unknown command \"nonsense\""},
        {"record --symbl SPY", "unknown option --symbl; did you mean --symbol?"},
        {"record", "--symbol is required"},
        {"record --symbol SPY --levels 0",
         "--levels: \"0\" is not allowed; expected N from 1 to 60"},
        {"record --symbol SPY --levels ten", "--levels: \"ten\" is not allowed"},
        {"record --symbol SPY --interval", "--interval: \"\" is not allowed"},
        {"record --symbol SPY --port 70000",
         "--port: \"70000\" is not allowed; expected N from 1 to 65535"},
        {"record --symbol SPY --paper --live", "exclude each other"},
        {"record --symbol SPY --port 4001", "port 4001 is a live port and this is paper trading"},
        {"record --symbol ../../x --port 1", NULL},
        {"record --symbol SPY --port 1 --host 127.0.0.9 --output cli-none",
         "no gateway listens on 127.0.0.9"},
        {"trade --symbols SPY --port 7496", "port 7496 is a live port"},
        {"trade --symbols SPY --strategy magic", "\"magic\" is not built in"},
        {"trade --symbols SPY --sma-fast 0", "--sma-fast: \"0\" is not allowed"},
        {"trade --symbols SPY --live", "live trading needs its port named in IB_PORT"},
        {"trade", "--symbols is required"},
        {"backtest --symbols SPY --from 2013-10-07 --data cli-none", "there is no cli-none/lean/"},
        {"backtest --symbols SPY --from 2013-10-08 --to 2013-10-07", "after the last"},
        {"backtest --symbols SPY --from 2013-13-07", "expected YYYY-MM-DD"},
        {"status stray", "unexpected word \"stray\""},
    };
    for (size_t i = 0; i < TD_COUNT(cases); i++) {
        const int status = run(cases[i].words, NULL);
        if (status != 2 || lines_of(err) != 1 || (cases[i].says && !strstr(err, cases[i].says)))
            print_error("%s -> %d: %s", cases[i].words, status, err);
        assert_int_equal(status, 2);
        assert_int_equal(lines_of(err), 1);
        if (cases[i].says)
            assert_non_null(strstr(err, cases[i].says));
    }
}

static void invalid_ports_are_dropped_with_a_warning(void **state)
{
    (void)state;
    (void)setenv("IB_PORT", "0", 1);
    (void)setenv("IB_GATEWAY_PAPER_PORT", "99999", 1);
    (void)setenv("IB_PAPER_PORT", "1", 1); /* nobody listens there */
    assert_int_equal(run("probe --timeout 2", NULL), 2);
    assert_non_null(strstr(err, "IB_PORT: \"0\" is no port"));
    assert_non_null(strstr(err, "IB_GATEWAY_PAPER_PORT: \"99999\" is no port"));
    assert_non_null(strstr(out, "\"candidates\":[1]"));
    assert_non_null(strstr(out, "\"connected\":false"));
    (void)unsetenv("IB_PORT");
    (void)unsetenv("IB_GATEWAY_PAPER_PORT");
    (void)unsetenv("IB_PAPER_PORT");
}

/* --- gateways that misbehave --- */

static struct td_conn listener;
static const void *reply;
static size_t reply_len;
static bool drop;

static void answer(const struct td_wake *wake)
{
    char waste[4096];
    size_t n;
    if (wake->kind == TD_WAKE_READABLE) {
        while (td_world_recv(&world, wake->conn, waste, sizeof waste, &n) == TD_OK)
            continue;
        if (reply_len)
            (void)!td_world_send(&world, wake->conn, reply, reply_len, &n);
        if (drop)
            td_world_hangup(&world, wake->conn, false);
    }
}

static void misbehaving_gateways_have_a_named_reason(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t len;
        bool drop;
        int status;
        const char *verdict, *says;
    } cases[] = {
        {NULL, 0, false, 3, "mute", "the API did not answer"},
        {"\0\0\0\0", 4, false, 8, "stranger", "\"connected\":false"},
        {"\x7f\xff\xff\xff", 4, false, 8, "stranger", "\"connected\":false"},
        {"HTTP/1.1 400 Bad Request\r\n\r\n", 28, false, 8, "stranger", "\"connected\":false"},
        {"\0\0\0\x08"
         "abc\0def\0",
         12, false, 8, "stranger", "\"connected\":false"},
        {"\0\0\0\x1a"
         "200\0"
         "20261121 05:3",
         17, true, 9, "closed", "\"connected\":false"},
        {NULL, 0, true, 9, "closed", "closed the connection"},
        {"\0\0\0\x1a"
         "200\0"
         "20261121 05:30:00 UTC\0",
         30, false, 4, "half-armed", "the API did not answer"},
        {"\0\0\0\x19"
         "99\0"
         "20261121 05:30:00 UTC\0",
         29, false, 5, "version", "\"connected\":false"},
    };
    uint16_t port = 0;
    TD_OK_OR_FAIL(td_world_listen(&world, "127.0.0.1", &port, &listener, NULL));
    for (size_t i = 0; i < TD_COUNT(cases); i++) {
        char words[80];
        reply = cases[i].bytes;
        reply_len = cases[i].len;
        drop = cases[i].drop;
        (void)snprintf(words, sizeof words, "probe --timeout 2 --port %u", (unsigned)port);
        const td_ns start = td_world_mono(&world);
        const int status = run(words, answer);
        assert_true(td_world_mono(&world) - start < 10 * TD_SEC);
        (void)snprintf(words, sizeof words, "\"verdict\":\"%s\"", cases[i].verdict);
        if (!strstr(out, cases[i].says) || !strstr(out, words) || status != cases[i].status)
            print_error("case %zu: status %d: %s", i, status, out);
        assert_int_equal(status, cases[i].status);
        assert_non_null(strstr(out, words));
        assert_non_null(strstr(out, cases[i].says));
    }
    td_world_hangup(&world, listener, false);
}

static void nobody_there(void **state)
{
    (void)state;
    assert_int_equal(run("record --symbol SPY --port 1 --output cli-none", NULL), 2);
    assert_non_null(strstr(err, "no gateway listens on"));
    assert_int_equal(td_entry_at(&world, "cli-none"), TD_ENTRY_NONE);
    assert_int_equal(run("status --state cli-no-desk", NULL), 1);
    assert_non_null(strstr(err, "no desk runs with state folder cli-no-desk"));
}

static void help_and_version_need_nothing(void **state)
{
    (void)state;
    (void)setenv("IB_CLIENT_ID", "not a number", 1); /* neither setting nor network is looked at */
    assert_int_equal(run("--version", NULL), 0);
    assert_non_null(strstr(out, "tapedeck "));
    assert_int_equal(run("record --help", NULL), 0);
    assert_int_equal(run("trade --describe", NULL), 0);
    assert_int_equal(run("probe", NULL), 2);
    assert_non_null(strstr(err, "IB_CLIENT_ID: \"not a number\" is not allowed"));
    (void)unsetenv("IB_CLIENT_ID");
    (void)setenv("IB_PASSWORD", "hunter2hunter2", 1);
    assert_int_equal(run("config", NULL), 0);
    assert_null(strstr(out, "hunter2hunter2"));
    assert_non_null(strstr(out, "hunt********"));
    assert_int_equal(run("config --json", NULL), 0);
    assert_null(strstr(out, "hunter2hunter2"));
}

static bool has_line(const char *file, int64_t pid, const char *line)
{
    static char text[8192];
    char path[60];
    (void)snprintf(path, sizeof path, "/proc/%lld/%s", (long long)pid, file);
    FILE *f = fopen(path, "re");
    const size_t n = f ? fread(text, 1, sizeof text - 1, f) : 0;
    text[n] = '\0';
    if (f)
        (void)fclose(f);
    return strstr(text, line) != NULL;
}

/* As the kernel sees it, while it runs. The sanitizers' own checks at the end still work: the program ends well. */
static void a_running_command_leaves_no_core_and_no_open_files(void **state)
{
    (void)state;
    struct td_child c;
    char line[4096];
    size_t got = 0;
    const char *const argv[] = {bin,      "sim",       "--port", "0", "--no-data",
                                "--json", "--symbols", "SPY",    NULL};
    TD_OK_OR_FAIL(td_child_start(&c, argv, TD_CHILD_PIPE, NULL));
    TD_OK_OR_FAIL(td_child_read(&c, line, sizeof line - 1, 30 * TD_SEC, &got));
    const bool no_core =
        has_line("limits", c.pid, "Max core file size        0                    0 ");
    const bool private = has_line("status", c.pid, "Umask:\t0077\n");
    assert_true(td_child_stop(&c, 30 * TD_SEC));
    assert_true(no_core && private);
    assert_int_equal(c.status, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mistakes_are_one_clear_line_and_exit_2),
        cmocka_unit_test(invalid_ports_are_dropped_with_a_warning),
        cmocka_unit_test(misbehaving_gateways_have_a_named_reason),
        cmocka_unit_test(nobody_there),
        cmocka_unit_test(a_running_command_leaves_no_core_and_no_open_files),
        cmocka_unit_test(help_and_version_need_nothing),
    };
    return cmocka_run_group_tests_name("cmd/cli", tests, set_up, tear_down);
}
