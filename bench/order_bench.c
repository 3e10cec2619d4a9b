/* bench/order_bench.c - depth message in to order bytes out, in one process: order_bench EMPTY-FOLDER [page-cache]
 *
 * The real desk (link, market, book, strategy, risk gate, journal, log) against the real gateway simulator over
 * loopback. As it runs, an order takes two turns of the trading thread. First: recv hands over the bytes that hold its
 * depth message; decoding, book, decision, gates, the ORDER record to the writer thread; the thread waits again. Second:
 * the writer says "durable"; encoding, and send is called with the order's bytes. The figure is the time of both, and
 * what lies between, hand-over, write and sync, is reported apart. With `page-cache` the journal is written on the
 * trading thread and not synced: one turn, from recv to send, with nothing taken off.
 *
 * The gateway works on a core of its own. Messages are given one a wake; market time jumps while there is nothing to do
 * (tests/support/jump_world.h).
 */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench_row.h"
#include "desk/desk_inner.h"
#include "sys/logfile.h"
#include "tests/support/jump_world.h"
#include "tests/support/plain_strategy.h"

enum { ORDERS = 1000, LOOKS = 200000 };
#define APART (250 * TD_MS) /* market time between two orders: under 255 a minute */

static struct bench {
    bool page_cache;
    double recv_s;            /* the last bytes came */
    double wake_s;            /* the last wait ended */
    double start_s, queued_s; /* of the order being made: its bytes came; its turn ended */
    bool armed; /* the strategy wants an order; a denied one is forgotten at the next */
    int quiet;  /* waits for the disk in which nothing came */
    td_ns last_order;
    double order_us[ORDERS], disk_us[ORDERS];
    size_t orders;
    struct td_desk *desk;
    double facts_ns, gates_ns; /* 0: not measured yet */
} bench;                       /* the strategy has no pointer to hand it */

/* --- the stamps --- */

static void bytes_came(void)
{
    bench.recv_s = bench_seconds();
}

/* A placeOrder frame: length, then message id 3. */
static bool is_order(const void *bytes, size_t len)
{
    return len > 6 && memcmp((const char *)bytes + 4, "3", 2) == 0;
}

static void bytes_leave(const void *bytes, size_t len)
{
    struct bench *b = &bench;
    if (!b->armed || !is_order(bytes, len) || b->orders == ORDERS)
        return;
    const double end = bench_seconds();
    const bool one_turn = b->queued_s == 0;
    b->disk_us[b->orders] = one_turn ? 0 : (b->wake_s - b->queued_s) * 1e6;
    b->order_us[b->orders] = (end - b->start_s) * 1e6 - b->disk_us[b->orders];
    b->orders++;
    b->armed = false;
}

static void turn_ended(void)
{
    if (bench.armed && bench.queued_s == 0)
        bench.queued_s = bench_seconds();
    bench.quiet = 0;
}

/* One that was denied waits for nothing. */
static bool waits_for_disk(void)
{
    if (bench.armed && bench.quiet++ == 50)
        bench.armed = false;
    return bench.armed;
}

static void turn_begins(void)
{
    bench.wake_s = bench_seconds();
}

/* --- the gates alone, in the middle of the run, as the desk stands then --- */

/* Approvals are remembered, and the hundreds of a minute would close the RATE gate: a minute passes between two. */
static void measure_gates(const struct td_intent *intent)
{
    static struct td_recent recent;
    struct td_gate_facts facts;
    struct td_verdict verdict;
    const double begin = bench_seconds();
    for (int i = 0; i < LOOKS; i++)
        desk_facts(bench.desk, 0, &facts);
    const double between = bench_seconds();
    for (int i = 0; i < LOOKS; i++) {
        struct td_intent fresh = *intent;
        facts.now += TD_MIN;
        facts.mono += TD_MIN;
        facts.quote_recv_ns = fresh.decided_ns = facts.now;
        td_risk_check(&bench.desk->limits, &facts, &fresh, &recent, &verdict);
        if (!verdict.approved && i == 0)
            return; /* a book that is not to be traded on just now: asked again at the next message */
        if (!verdict.approved) {
            (void)fprintf(stderr, "order_bench: %s\n", verdict.text);
            exit(EXIT_FAILURE);
        }
    }
    bench.facts_ns = (between - begin) / LOOKS * 1e9;
    bench.gates_ns = (bench_seconds() - between) / LOOKS * 1e9;
}

/* --- the strategy: an order out of a depth message, four times a second --- */

static const struct td_strat strategy;

static size_t decide(void *state, const struct td_event *ev, const struct td_view *view,
                     struct td_intent *out)
{
    (void)state;
    if (!plain_turn(out, &strategy, ev, view, bench.last_order, APART))
        return 0;
    if (bench.page_cache && bench.orders == ORDERS / 2 && bench.gates_ns == 0) {
        measure_gates(out);
        return 0;
    }
    bench.last_order = view->now;
    bench.armed = true;
    bench.start_s = bench.recv_s;
    bench.queued_s = 0;
    return 1;
}

static const struct td_strat strategy = {
    .name = "bench", .help = "", .state_size = 64, .init = plain_start, .on_event = decide};

/* --- the run --- */

static void die(const char *what, const struct td_fail *why)
{
    (void)fprintf(stderr, "order_bench: %s: %s\n", what, why->text);
    exit(EXIT_FAILURE);
}

static void tell_row(const char *path, const char *q, double us, double limit, const char *note)
{
    char name[120], yardstick[32];
    (void)snprintf(name, sizeof name, "depth message in to order bytes out, %s, %s", path, q);
    (void)snprintf(yardstick, sizeof yardstick, "limit %.0f us", limit);
    const struct bench_row row = {name, us, "us", yardstick, limit / us, note};
    printf("%s: %.2f us (%s)\n", name, us, note);
    bench_row(&row);
}

static void tell_gates(void)
{
    char note[120];
    (void)snprintf(note, sizeof note,
                   "%d gates on an order that passes; gathering their facts takes %.0f ns",
                   TD_GATE_COUNT, bench.facts_ns);
    const struct bench_row row = {"full gate evaluation", bench.gates_ns,       "ns",
                                  "limit 400 ns",         400 / bench.gates_ns, note};
    printf("%s: %.0f ns (%s)\n", row.name, row.value, row.note);
    bench_row(&row);
}

static void tell(const struct td_desk_result *result)
{
    struct bench *b = &bench;
    const char *path = b->page_cache ? "journal in the page cache" : "journal synced";
    char note[200], disk_note[160];
    const double p50 = bench_quantile(b->order_us, b->orders, 0.5);
    const double p99 = bench_quantile(b->order_us, b->orders, 0.99);
    (void)snprintf(note, sizeof note, "%s; %zu orders over loopback; fastest %.1f us, %llu denied",
                   b->page_cache ? "one turn of one thread, nothing taken off"
                                 : "two turns of the trading thread, the disk taken off",
                   b->orders, b->order_us[0], (unsigned long long)result->denied);
    tell_row(path, "p50", p50, 5, note);
    tell_row(path, "p99", p99, 20, note);
    if (b->page_cache) {
        tell_gates();
        return;
    }
    const double disk50 = bench_quantile(b->disk_us, b->orders, 0.5);
    (void)snprintf(disk_note, sizeof disk_note,
                   "hand-over, write and sync by the writer thread; fastest %.0f us, p99 %.0f us",
                   b->disk_us[0], bench_quantile(b->disk_us, b->orders, 0.99));
    const struct bench_row row = {
        "intent queued to durable, p50", disk50, "us", "the disk", (double)NAN, disk_note};
    printf("%s: %.2f us (%s)\n", row.name, row.value, row.note);
    bench_row(&row);
}

int main(int argc, char **argv)
{
    static const char *const symbols[] = {"AAPL"};
    static struct td_settings settings;
    struct td_fail why = {0};
    struct td_plan plan;
    struct td_desk_result result = {0};
    struct td_log log = {.level = TD_LOG_INFO};
    struct td_logfile *files = NULL;
    if (argc < 2 || jump_open(false, &why))
        die("order_bench EMPTY-FOLDER [page-cache]", &why);
    bench.page_cache = argc > 2 && strcmp(argv[2], "page-cache") == 0;
    jump_world.one_a_wake = true;
    jump_world.no_sync = bench.page_cache;
    jump_world.got = bytes_came;
    jump_world.leaves = bytes_leave;
    jump_world.waits = turn_ended;
    jump_world.holds = waits_for_disk;
    jump_world.woke = turn_begins;
    const struct td_logfile_config log_config = {.folder = argv[1], .name = "bench"};
    if (td_logfile_open(&files, &log_config, &log, &why) ||
        jump_gateway(symbols, TD_COUNT(symbols), &why) || jump_apart() ||
        jump_settings(&settings, &why) || jump_connect(&plan, &settings, &log, &why))
        die("starting", &why);
    const struct td_strat_use use = {.strat = &strategy, .size = TD_QTY(1)};
    struct td_desk_config config = jump_desk(&settings, &plan, symbols, 1, &use);
    config.depth_rows = 10;
    config.duration = 1200 * TD_SEC;
    config.fills_max = ORDERS;
    config.state = argv[1];
    config.version = "bench";
    config.inline_writer = config.no_projections = bench.page_cache;
    config.log = &log;
    if (td_desk_open(&bench.desk, &config, &jump_world.link, &jump_world.world, &why) ||
        td_desk_run(bench.desk, true, &result, &why))
        die("the desk", &why);
    if (bench.orders < 100) {
        (void)fprintf(stderr, "order_bench: only %zu orders left (%llu denied: %s)\n", bench.orders,
                      (unsigned long long)result.denied, result.last_denial);
        return EXIT_FAILURE;
    }
    tell(&result);
    td_desk_close(bench.desk);
    td_logfile_close(files, &log);
    jump_close();
    return EXIT_SUCCESS;
}
