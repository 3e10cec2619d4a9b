/* tests/faults/kill_speed_test.c - the kill switch of the program itself, under load over loopback (P6).
 *
 * `tapedeck trade` with a strategy that keeps a dozen orders resting and trades with nearly every print; the gateway
 * simulator, thirty times as fast as the market, runs in this process, so what arrives there is timed by one clock: from
 * the moment the switch is thrown - SIGUSR1 by pid, a line to the control socket, the file laid down - to the last new
 * order and to the last cancel. After each throw nothing may work any more by the simulator's books; then a person
 * resumes. The bound is 100 ms; a program with sanitizers on two cores that others use has five times that.
 * TD_KILL_THROWS is the number of each way, TAPEDECK_BIN the program, TD_GUESTS the folder of the strategy. */
#include "support/support.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "faults/played.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define LIMIT (500 * TD_MS)
#else
#define LIMIT (100 * TD_MS)
#endif
#define THROWS_MAX 200
#define AFTER      TD_SEC /* served and looked at after a throw */
#define IDS        100000
#define NAME       "kill-speed"

static struct played played;
static pid_t desk; /* runs; 0: it has ended */

/* --- what arrives at the gateway --- */

static struct arriving {
    struct td_world_ops ops;
    const struct td_world_ops *real;
    uint32_t conn; /* of the desk; its first four bytes are no frame */
    size_t skip, at, frame;
    char head[64];
    bool gone[IDS]; /* a cancel of this order came */
    uint32_t orders, cancels;
    td_ns order_mono, cancel_mono; /* of the last one */
} arriving;

/* Field `n` of the frame's head, after the four bytes of length. */
static const char *field(const struct arriving *a, int n)
{
    const char *p = a->head + 4, *end = a->head + sizeof a->head - 1;
    for (; n > 0 && p < end; n--)
        p += strnlen(p, (size_t)(end - p)) + 1;
    return p < end ? p : end;
}

/* "4", the version in old forms, the id. */
static void take_cancel(struct arriving *a)
{
    int64_t id = 0;
    const char *text = strcmp(field(a, 1), "1") == 0 && *field(a, 2) ? field(a, 2) : field(a, 1);
    TD_OK_OR_FAIL(td_i64_parse(text, strlen(text), &id));
    assert_true(id > 0 && id < IDS);
    a->gone[id] = true;
    a->cancels++;
    a->cancel_mono = td_world_mono(&played.world);
}

static void take_frame(struct arriving *a)
{
    if (strcmp(field(a, 0), "3") == 0) {
        a->orders++;
        a->order_mono = td_world_mono(&played.world);
    }
    if (strcmp(field(a, 0), "4") == 0)
        take_cancel(a);
    memset(a->head, 0, sizeof a->head);
    a->at = 0;
}

static void take_bytes(struct arriving *a, const uint8_t *p, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (a->skip) {
            a->skip--;
            continue;
        }
        if (a->at < sizeof a->head - 1)
            a->head[a->at] = (char)p[i];
        a->frame = a->at < 4 ? a->frame << 8 | p[i] : a->frame;
        if (++a->at >= 4 && a->at == 4 + (a->frame & UINT32_MAX))
            take_frame(a);
    }
}

static enum td_err watched_recv(void *self, struct td_conn conn, void *buf, size_t cap, size_t *got)
{
    struct arriving *a = &arriving;
    const enum td_err err = a->real->recv(self, conn, buf, cap, got);
    if (err)
        return err;
    if (conn.id != a->conn) {
        a->conn = conn.id;
        a->skip = 4;
        a->at = 0;
    }
    take_bytes(a, buf, *got);
    return err;
}

/* --- opening and closing --- */

static int set_up(void **state)
{
    static const char *const symbols[] = {"SPY", "IBM"};
    static const struct {
        const char *key, *value;
    } armed[] = {{"ALLOW_ORDERS", "1"},
                 {"DRY_RUN", "0"},
                 {"ENABLE_ORDER_EXEC", "1"},
                 {"MAX_TRADES_PER_DAY", "100000"},
                 {"MAX_ORDERS_PER_MINUTE", "255"},
                 {"DEDUP_WINDOW_SECONDS", "0"},
                 {"RISK_MAX_DAILY_NOTIONAL", "9000000000"},
                 {"RISK_MAX_LEVERAGE", "4"},
                 {"MAX_SYMBOL_EXPOSURE_PCT", "4"},
                 {"DEFAULT_CASH", "9000000"},
                 {"MAX_DAILY_LOSS_PCT", "1"},
                 {"KILL_DAILY_LOSS_PCT", "0"},
                 {"KILL_POSITION_LOSS_PCT", "0"},
                 {"KILL_DRAWDOWN_PCT", "0"},
                 {"KILL_LOSING_STREAK", "0"},
                 {"MAX_POSITION_EXPOSURE", "100"},
                 {"RISK_BROKER_STOPS", "0"}, /* a halt leaves them, and they are no new orders */
                 {"LOGS_PATH", NAME "-logs"},
                 {"STRATEGY_DEADLINE_MS", "10000"},
                 {"DECISION_LATENCY_MS", "5000"},
                 {"DISK_FLOOR_MB", "0"},
                 {"MAX_OPEN_ORDERS", "100"}};
    (void)state;
    for (size_t i = 0; i < TD_COUNT(armed); i++)
        (void)setenv(armed[i].key, armed[i].value, 1);
    if (!played_open(&played, symbols, TD_COUNT(symbols), 5, 30))
        return -1;
    arriving.real = played.world.ops;
    arriving.ops = *played.world.ops;
    arriving.ops.recv = watched_recv;
    played.world.ops = &arriving.ops;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    if (desk)
        played_kill(&played, desk);
    played_close(&played);
    return 0;
}

/* --- throwing it --- */

static void say(const char *folder, const char *line)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    TD_REQUIRE((size_t)snprintf(to.sun_path, sizeof to.sun_path, "%s/control.sock", folder) <
               sizeof to.sun_path);
    assert_int_equal(connect(fd, (const struct sockaddr *)&to, sizeof to), 0);
    assert_int_equal(send(fd, line, strlen(line), MSG_NOSIGNAL), (ssize_t)strlen(line));
    (void)close(fd);
}

static void by_signal(const char *folder)
{
    (void)folder;
    assert_int_equal(kill(desk, SIGUSR1), 0);
}

static void by_socket(const char *folder)
{
    say(folder, "halt enough\n");
}

static void switch_path(const char *folder, char *path, size_t cap)
{
    TD_REQUIRE((size_t)snprintf(path, cap, "%s/kill_switch.lock", folder) < cap);
}

static void by_file(const char *folder)
{
    char path[700];
    switch_path(folder, path, sizeof path);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_int_equal(fclose(f), 0);
}

static const struct way {
    const char *name;
    void (*throws)(const char *folder);
} ways[] = {{"signal", by_signal}, {"socket", by_socket}, {"file", by_file}};

/* Limit orders that arrived, were neither filled nor taken back. One order is of one unit. */
static uint32_t resting(void)
{
    static bool filled[IDS];
    const struct td_ledger *l = td_gateway_ledger(played.gateway);
    uint32_t n = 0;
    memset(filled, 0, sizeof filled);
    for (uint32_t i = 0; i < l->fill_count; i++)
        filled[l->fills[i].order_id % IDS] = true;
    for (uint32_t i = 0; i < l->order_count; i++) {
        const int32_t id = l->orders[i].order_id % IDS;
        n += strcmp(l->orders[i].type, "LMT") == 0 && !filled[id] && !arriving.gone[id];
    }
    return n;
}

static void wait_resting(uint32_t least)
{
    const td_ns until = td_world_mono(&played.world) + 60 * TD_SEC;
    while (resting() < least) {
        assert_true(td_world_mono(&played.world) < until);
        played_pump(&played, 20 * TD_MS);
    }
}

struct times {
    td_ns order[THROWS_MAX], cancel[THROWS_MAX];
    uint32_t throws, cancels;
};

static void throw_once(const struct way *way, const char *folder, struct times *out)
{
    char path[700];
    wait_resting(10);
    played_pump(&played, (td_ns)(37 * out->throws % 100) * TD_MS); /* not in step with a timer */
    arriving.orders = arriving.cancels = 0;
    const td_ns thrown = td_world_mono(&played.world);
    way->throws(folder);
    played_pump(&played, AFTER);
    assert_true(arriving.cancels >= 8);
    assert_int_equal(resting(), 0);
    const td_ns order = arriving.orders ? arriving.order_mono - thrown : 0;
    const td_ns cancel = arriving.cancel_mono - thrown;
    if (order > LIMIT || cancel > LIMIT)
        fail_msg("%s, throw %u: %lld ms to the last order, %lld ms to the last cancel", way->name,
                 (unsigned)out->throws, (long long)(order / TD_MS), (long long)(cancel / TD_MS));
    out->order[out->throws] = order;
    out->cancel[out->throws++] = cancel;
    out->cancels += arriving.cancels;
    switch_path(folder, path, sizeof path);
    (void)unlink(path);
    say(folder, "resume looked at\n");
}

static int compare_ns(const void *a, const void *b)
{
    const td_ns *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static double part_ms(td_ns *values, uint32_t count, uint32_t percent)
{
    qsort(values, count, sizeof *values, compare_ns);
    return (double)values[(uint64_t)(count - 1) * percent / 100] / (double)TD_MS;
}

static uint32_t throws_wanted(void)
{
    const char *text = getenv("TD_KILL_THROWS");
    int64_t n = 3;
    if (text)
        TD_OK_OR_FAIL(td_i64_parse(text, strlen(text), &n));
    assert_true(n >= 1 && n <= THROWS_MAX);
    return (uint32_t)n;
}

static void it_is_quick_under_load(void **state)
{
    (void)state;
    static struct times t;
    const char *bin = td_test_program("TAPEDECK_BIN"), *folder = td_test_folder(NAME);
    char strategy[700];
    (void)snprintf(strategy, sizeof strategy, "%s/guest_busy.so", getenv("TD_GUESTS"));
    const char *argv[] = {bin,          "trade",       "--symbols", "SPY,IBM",    "--port",
                          played.port,  "--state",     folder,      "--bar-size", "5 secs",
                          "--strategy", strategy,      "--history", "600 S",      "--clock",
                          "gateway",    "--client-id", "7",         NULL};
    desk = played_start(argv, NAME);
    for (size_t w = 0; w < TD_COUNT(ways); w++) {
        memset(&t, 0, sizeof t);
        while (t.throws < throws_wanted())
            throw_once(&ways[w], folder, &t);
        print_message(
            "[ kill ] %-6s %u throws, %u cancels; ms to the last order %.1f %.1f %.1f, to "
            "the last cancel %.1f %.1f %.1f (p50 p99 max)\n",
            ways[w].name, (unsigned)t.throws, (unsigned)t.cancels, part_ms(t.order, t.throws, 50),
            part_ms(t.order, t.throws, 99), part_ms(t.order, t.throws, 100),
            part_ms(t.cancel, t.throws, 50), part_ms(t.cancel, t.throws, 99),
            part_ms(t.cancel, t.throws, 100));
    }
    assert_int_equal(kill(desk, SIGTERM), 0);
    assert_int_equal(played_finish(&played, desk, 60 * TD_SEC), 0);
    desk = 0;
    assert_int_equal(td_gateway_ledger(played.gateway)->duplicate_refs, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(it_is_quick_under_load, set_up, tear_down)};
    return cmocka_run_group_tests_name("faults/kill_speed", tests, NULL, NULL);
}
