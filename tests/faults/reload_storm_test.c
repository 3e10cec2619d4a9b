/* tests/faults/reload_storm_test.c - the program itself, its settings files and its signals (F44, F45).
 *
 * A storm: SIGHUP by its pid as fast as it can be sent, while .env changes between files that allow orders, files that
 * forbid them and files that are wrong, and while clients of the control socket go away before their answer. Then SIGPIPE,
 * and SIGTERM twice: it ends in order and its journal verifies. The gateway runs inside this program, so its ledger says
 * what arrived; the journal says by which settings. TD_STORM_S sets the seconds; TAPEDECK_BIN names the program. */
#include "support/support.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/random.h"
#include "desk/settings.h"
#include "faults/played.h"
#include "faults/reload_judge.h"

#define WIDE                                                                                       \
    "ENABLE_ORDER_EXEC=1\nMAX_ORDERS_PER_MINUTE=255\nDEDUP_WINDOW_SECONDS=0\n"                     \
    "RISK_MAX_DAILY_NOTIONAL=9000000000\nMAX_DAILY_LOSS_PCT=1\nMAX_POSITION_EXPOSURE=100\n"        \
    "KILL_LOSING_STREAK=0\nDECISION_LATENCY_MS=2000\nDISK_FLOOR_MB=0\nMAX_OPEN_ORDERS=100\n"       \
    "DEFAULT_CASH=9000000\nKILL_DAILY_LOSS_PCT=0\nKILL_POSITION_LOSS_PCT=0\n"                      \
    "RISK_MAX_LEVERAGE=4\nMAX_SYMBOL_EXPOSURE_PCT=4\nKILL_DRAWDOWN_PCT=0\nLOGS_PATH=logs\n"

static const char open_lines[] =
    "ALLOW_ORDERS=1\nDRY_RUN=0\nMAX_TRADES_PER_DAY=100000\nMAX_ORDER_SIZE=2\n";

static struct played played;
static struct reload_judge judge;
static pid_t desk; /* runs; 0: it has ended */

static int set_up(void **state)
{
    static const char *const symbols[] = {"SPY", "IBM"};
    (void)state;
    for (const struct td_opt *row = td_settings_table; row->name; row++)
        if (strcmp(row->name, "TAPEDECK_DATA") != 0)
            (void)unsetenv(row->name);
    if (chdir(td_test_folder("reload-storm")) != 0)
        return -1;
    return played_open(&played, symbols, TD_COUNT(symbols), 5, 30) ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    played_close(&played);
    return 0;
}

/* A test that failed before its end leaves no process. */
static int end_desk(void **state)
{
    (void)state;
    if (desk)
        played_kill(&played, desk);
    desk = 0;
    return 0;
}

static void put_env(const char *head, const char *text)
{
    char all[4096];
    const int n = snprintf(all, sizeof all, "%s%s", head, text);
    TD_OK_OR_FAIL(td_file_replace(&played.world, ".env", (struct td_str){all, (size_t)n}, NULL));
}

static void put_some_file(struct td_rng *rng)
{
    static const char *const bad[] = {"MAX_ORDER_SIZE=many\n", "ALLOW_ORDERS=1\nALLOW_ORDERS=1\n",
                                      "ALOW_ORDERS=1\n", "nothing\n"};
    char lines[400];
    const uint64_t what = td_rng_below(rng, 10);
    const char *gate = reload_gates[td_rng_below(rng, TD_COUNT(reload_gates))].line;
    (void)snprintf(lines, sizeof lines, "%s%s%s",
                   what < 5   ? open_lines
                   : what < 8 ? gate
                              : bad[td_rng_below(rng, TD_COUNT(bad))],
                   what < 5 || strstr(gate, "MAX_TRADES") ? "" : "MAX_TRADES_PER_DAY=100000\n",
                   what < 5 || strstr(gate, "MAX_ORDER") || what > 7 ? "" : "MAX_ORDER_SIZE=2\n");
    put_env(WIDE, lines);
}

/* A client that asks for the whole status and is gone before the answer. */
static bool ask_and_leave(void)
{
    const struct sockaddr_un to = {.sun_family = AF_UNIX, .sun_path = "state/control.sock"};
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    const bool asked = connect(fd, (const struct sockaddr *)&to, sizeof to) == 0 &&
                       send(fd, "status\nreload\n", 14, MSG_NOSIGNAL) == 14;
    (void)close(fd);
    return asked;
}

static int64_t storm_seconds(void)
{
    const char *text = getenv("TD_STORM_S");
    int64_t n = 6;
    if (text)
        TD_OK_OR_FAIL(td_i64_parse(text, strlen(text), &n));
    return n;
}

static int run_once(const char *const *argv, const char *name)
{
    return played_finish(&played, played_start(argv, name), 60 * TD_SEC);
}

static void rain(pid_t pid, struct td_rng *rng, int *signals, int *left)
{
    const td_ns until = td_world_mono(&played.world) + storm_seconds() * TD_SEC;
    for (int i = 0; td_world_mono(&played.world) < until; i++) {
        if (i % 16 == 0)
            put_some_file(rng);
        assert_int_equal(kill(pid, SIGHUP), 0);
        (*signals)++;
        *left += i % 32 == 0 && ask_and_leave();
        played_pump(&played, 2 * TD_MS);
    }
}

static void must_say(const char *path, const char *part)
{
    size_t len = 0;
    char *said = td_test_slurp(path, &len);
    assert_non_null(said);
    if (!strstr(said, part))
        fail_msg("%s: %s", path, said);
    free(said);
    (void)unlink(path);
}

static void ask_by_command(const char *bin)
{
    const char *argv[] = {bin, "reload", "--state", "state", NULL};
    const char *status[] = {bin, "status", "--state", "state", "--json", NULL};
    const char *nobody[] = {bin, "reload", "--state", "nowhere", NULL};
    put_env(WIDE, "ALLOW_ORDERS=1\nDRY_RUN=0\nMAX_TRADES_PER_DAY=100000\nMAX_ORDER_SIZE=1\n"
                  "IB_HOST=elsewhere\n");
    assert_int_equal(run_once(argv, "ask"), 0);
    must_say("ask.out", "  MAX_ORDER_SIZE               2                -> 1");
    put_env(WIDE, "DRY_RUN=\n\nALLOW_ORDERS=sometimes\n");
    played_pump(&played, 300 * TD_MS); /* the last one has reached the disk */
    assert_int_equal(run_once(argv, "ask"), 1);
    must_say("ask.err", "going on without it");
    assert_int_equal(run_once(status, "ask"), 0);
    must_say("ask.out", ": ALLOW_ORDERS: \\\"sometimes\\\" is not allowed");
    put_env(WIDE, open_lines);
    assert_int_equal(run_once(argv, "ask"), 0);
    must_say("ask.out", "1                -> 2");
    assert_int_equal(run_once(nobody, "ask"), 1);
    must_say("ask.err", "no desk runs with state folder nowhere");
}

static void a_storm_of_signals(void **state)
{
    (void)state;
    const char *bin = td_test_program("TAPEDECK_BIN");
    const char *argv[] = {bin,          "trade",   "--symbols",  "SPY,IBM",    "--port",
                          played.port,  "--state", "state",      "--bar-size", "5 secs",
                          "--sma-fast", "1",       "--sma-slow", "2",          "--history",
                          "600 S",      "--clock", "gateway",    NULL};
    const char *verify[] = {bin, "journal", "verify", "--state", "state", NULL};
    const struct td_ledger *l = td_gateway_ledger(played.gateway);
    struct td_rng rng;
    int signals = 0, left = 0;
    td_rng_init(&rng, 3);
    put_env(WIDE, open_lines);
    const pid_t pid = desk = played_start(argv, "storm");
    for (int i = 0; i < 300 && l->order_count == 0; i++) /* it trades */
        played_pump(&played, 100 * TD_MS);
    assert_true(l->order_count > 0);
    ask_by_command(bin);
    rain(pid, &rng, &signals, &left);
    (void)kill(pid, SIGPIPE);
    played_pump(&played, 100 * TD_MS);
    (void)kill(pid, SIGTERM);
    played_pump(&played, 5 * TD_MS);
    (void)kill(pid, SIGTERM);
    assert_int_equal(played_finish(&played, pid, 60 * TD_SEC), 0);
    desk = 0;
    put_env(WIDE, open_lines); /* whatever the storm left behind */
    assert_int_equal(run_once(verify, "verify"), 0);
    TD_OK_OR_FAIL(
        td_journal_read(&played.world, "state/journal", reload_judge_record, &judge, NULL, NULL));
    print_message("storm: %d SIGHUPs, %d clients that left, %u readings taken, %u refused, %u "
                  "times closed; %u orders at the gateway, %u sent by the journal, leaks %u\n",
                  signals, left, judge.taken, judge.refusals, judge.closings, l->order_count,
                  judge.sent, judge.leaks);
    assert_int_equal(judge.leaks, 0);
    assert_int_equal(l->duplicate_refs, 0);
    assert_int_equal(judge.sent, l->order_count);
    assert_true(judge.taken > 10 && judge.refusals > 2 && left > 5);
}

/* --- at the start --- */

static int listen_here(char *port)
{
    struct sockaddr_storage at = {.ss_family = AF_INET};
    socklen_t len = sizeof at;
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    ((uint8_t *)&at)[4] = 127;
    ((uint8_t *)&at)[7] = 1;
    assert_int_equal(bind(fd, (struct sockaddr *)&at, 16), 0);
    assert_int_equal(listen(fd, 8), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);
    (void)snprintf(port, 8, "%u", (unsigned)((uint8_t *)&at)[2] << 8 | ((uint8_t *)&at)[3]);
    return fd;
}

static void a_wrong_file_opens_no_session(void **state)
{
    (void)state;
    static const struct {
        const char *env, *user;
        int status;
        const char *said;
    } rows[] = {
        {"ALLOW_ORDERS=1\nDRY_RUN=no way\n", NULL, 2, ".env:2: DRY_RUN: \"no way\""},
        {"MAX_ORDER_SIZE=-1\n", NULL, 2, ".env:1: MAX_ORDER_SIZE"},
        {"MAX_ORDER_SIZE=NaN\n", NULL, 2, ".env:1: MAX_ORDER_SIZE"},
        {"# x\nMAX_ORDER_SIZ=1\n", NULL, 2, ".env:2: unknown setting MAX_ORDER_SIZ"},
        {"DRY_RUN=0\nDRY_RUN=1\n", NULL, 2, ".env:2: DRY_RUN stands in line 1 already"},
        {"RISK_MAX_ORDER_NOTIONAL=5\nRISK_MAX_DAILY_NOTIONAL=4\n", NULL, 2, ".env:2: "},
        {"GATEWAY_WINDOW_DAILY=always\n", NULL, 2, ".env:1: GATEWAY_WINDOW_DAILY"},
        {"half a line", NULL, 1, ".env:1: expected KEY=VALUE"},
        {"IB_HOST=\"open\n", NULL, 1, ".env:1: a quote is not closed"},
        {"A=1\n", "{\"default\":\n{\"max_daily_loss\":-5}}", 1, "user_settings.json:2: "},
        {"A=1\n", "{\"default\":{\n\n", 1, "user_settings.json:"},
    };
    const char *bin = td_test_program("TAPEDECK_BIN");
    char port[8];
    const int listener = listen_here(port);
    const char *argv[] = {bin,  "trade",   "--symbols", "SPY", "--port",
                          port, "--state", "fresh",     NULL};
    for (size_t i = 0; i < TD_COUNT(rows); i++) {
        size_t len = 0;
        put_env("", rows[i].env);
        (void)unlink("user_settings.json");
        if (rows[i].user)
            TD_OK_OR_FAIL(td_file_replace(&played.world, "user_settings.json",
                                          td_str_of(rows[i].user), NULL));
        (void)unlink("start.err");
        assert_int_equal(run_once(argv, "start"), rows[i].status);
        char *said = td_test_slurp("start.err", &len);
        assert_non_null(said);
        if (!strstr(said, rows[i].said) || strchr(said, '\n') != said + len - 1)
            fail_msg("row %d: %s", (int)i, said);
        free(said);
        assert_int_equal(accept(listener, NULL, NULL), -1); /* nobody came */
        assert_int_equal(td_entry_at(&played.world, "fresh"), TD_ENTRY_NONE);
    }
    (void)unlink("user_settings.json");
    put_env("", "A=1\n");
    assert_int_equal(chmod(".env", 0666), 0);
    assert_int_equal(run_once(argv, "start"), 1);
    assert_int_equal(accept(listener, NULL, NULL), -1);
    print_message("%d wrong files at the start, none opened a session\n", (int)TD_COUNT(rows) + 1);
    (void)close(listener);
}

/* --- no descriptors --- */

/* With too few of them it ends with one line, or runs; it never hangs and never crashes. From ten on: the event loop's
 * library itself, and the sanitizers, give up below. */
static void too_few_descriptors(void **state)
{
    (void)state;
    const char *bin = td_test_program("TAPEDECK_BIN");
    const char *argv[] = {bin,          "trade",  "--symbols",  "SPY",     "--port",    played.port,
                          "--state",    "few",    "--clock",    "gateway", "--history", "600 S",
                          "--bar-size", "5 secs", "--duration", "0.01",    NULL};
    struct rlimit was;
    int ran = 0, ended = 0;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &was), 0);
    put_env(WIDE, open_lines);
    for (rlim_t n = 10; n <= 58; n += 4) {
        const struct rlimit few = {n, was.rlim_max};
        size_t len = 0;
        (void)unlink("few.err");
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
        const pid_t pid = played_start(argv, "few");
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &was), 0);
        const int status = played_finish(&played, pid, 60 * TD_SEC);
        char *said = td_test_slurp("few.err", &len);
        assert_non_null(said);
        if (status > 2 || strstr(said, "Sanitizer") || (status && !len))
            fail_msg("%d descriptors: status %d, %s", (int)n, status, said);
        free(said);
        ran += status == 0;
        ended += status != 0;
    }
    print_message("10 to 58 descriptors: %d runs ended with a reason, %d went well\n", ended, ran);
    assert_true(ran > 0 && ended > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_storm_of_signals, end_desk),
        cmocka_unit_test(a_wrong_file_opens_no_session),
        cmocka_unit_test(too_few_descriptors),
    };
    return cmocka_run_group_tests_name("faults/reload_storm", tests, set_up, tear_down);
}
