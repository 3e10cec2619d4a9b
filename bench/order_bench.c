/* bench/order_bench.c - depth message in to order bytes out, in one process: order_bench EMPTY-FOLDER
 *
 * The real desk (link, market, book, strategy, risk gate, journal, log) against the real gateway simulator over
 * loopback. An order takes two turns of the trading thread. First: recv hands over the bytes that hold its depth
 * message; decoding, book, decision, gates, the ORDER record to the writer thread; the thread waits again. Second:
 * the writer says "durable"; encoding, and send is called with the order's bytes. The figure is the time of both,
 * which is the latency without the disk. What lies between, hand-over, write and sync, is reported apart.
 *
 * Messages are given one a wake, as in real time; the simulator's jumps would make batches of them.
 *
 * Market time stands still while the bench works or waits for the disk, and jumps to the next event when there is
 * nothing to do, so that the limit of orders a minute does not stretch the run.
 */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench_row.h"
#include "desk/desk.h"
#include "sim/gateway_server.h"
#include "sys/logfile.h"
#include "sys/uvworld.h"

enum { ORDERS = 1000 };
#define APART (250 * TD_MS) /* market time between two orders: under 255 a minute */

struct bench {
    struct td_world inner;
    struct td_world outer;
    struct td_gateway *gateway;
    struct td_link link;
    td_ns offset;           /* market time ahead of the machine's */
    uint8_t stash[1 << 16]; /* bytes the desk has not been given yet */
    size_t stash_at, stash_len;
    bool given;               /* one message this wake */
    double recv_s;            /* the last bytes came */
    double wake_s;            /* the last wait ended */
    double start_s, queued_s; /* of the order being made: its bytes came; its turn ended */
    bool armed; /* the strategy wants an order; a denied one is forgotten at the next */
    td_ns last_order;
    double order_us[ORDERS], disk_us[ORDERS];
    size_t orders;
};

static struct bench bench; /* the strategy has no pointer to hand it */

/* --- the world: the real one, with stamps --- */

static td_ns now(void *self)
{
    struct bench *b = self;
    return td_world_now(&b->inner) + b->offset;
}

static td_ns mono(void *self)
{
    struct bench *b = self;
    return td_world_mono(&b->inner) + b->offset;
}

/* The length of the first whole frame in the stash, or all of it. */
static size_t first_frame(const struct bench *b)
{
    const uint8_t *p = b->stash + b->stash_at;
    const size_t left = b->stash_len - b->stash_at;
    const size_t body =
        left < 4 ? left : ((size_t)p[0] << 24 | (size_t)p[1] << 16 | (size_t)p[2] << 8 | p[3]);
    return left < 4 || body + 4 > left ? left : body + 4;
}

/* The desk gets one message a wake, as they come from a gateway in real time. */
static enum td_err receive(void *self, struct td_conn conn, void *buf, size_t cap, size_t *got)
{
    struct bench *b = self;
    if (conn.id != b->link.conn.id)
        return td_world_recv(&b->inner, conn, buf, cap, got);
    if (b->given)
        return TD_EAGAIN;
    if (b->stash_at == b->stash_len) {
        const enum td_err err =
            td_world_recv(&b->inner, conn, b->stash, sizeof b->stash, &b->stash_len);
        b->stash_at = 0;
        if (err) {
            b->stash_len = 0;
            return err;
        }
    }
    const size_t frame = first_frame(b);
    *got = frame < cap ? frame : cap;
    memcpy(buf, b->stash + b->stash_at, *got);
    b->stash_at += *got;
    b->given = true;
    b->recv_s = bench_seconds();
    return TD_OK;
}

/* A placeOrder frame: length, then message id 3. */
static bool is_order(const void *bytes, size_t len)
{
    return len > 6 && memcmp((const char *)bytes + 4, "3", 2) == 0;
}

static enum td_err transmit(void *self, struct td_conn conn, const void *bytes, size_t len,
                            size_t *sent)
{
    struct bench *b = self;
    if (b->armed && conn.id == b->link.conn.id && is_order(bytes, len) && b->orders < ORDERS) {
        const double end = bench_seconds();
        const bool one_turn = b->queued_s == 0;
        b->disk_us[b->orders] = one_turn ? 0 : (b->wake_s - b->queued_s) * 1e6;
        b->order_us[b->orders] = (end - b->start_s) * 1e6 - b->disk_us[b->orders];
        b->orders++;
        b->armed = false;
    }
    return td_world_send(&b->inner, conn, bytes, len, sent);
}

static enum td_err sync_file(void *self, struct td_file file)
{
    return td_file_sync(&((struct bench *)self)->inner, file);
}

/* Waits at most a millisecond for the disk, without moving the market. */
static bool disk_wake(struct bench *b, struct td_wake *out)
{
    td_world_wait(&b->inner, td_world_mono(&b->inner) + TD_MS, out);
    if (out->kind == TD_WAKE_TIMEOUT)
        return false;
    return !td_gateway_wake(b->gateway, out);
}

/* Serves the gateway, and jumps over the time in which nothing happens. */
static void wait_for(void *self, td_ns deadline, struct td_wake *out)
{
    struct bench *b = self;
    b->given = false;
    if (b->armed && b->queued_s == 0)
        b->queued_s = bench_seconds();
    for (int quiet = 0;;) {
        if (b->armed) {
            if (disk_wake(b, out))
                break;
            b->armed = ++quiet < 50; /* one that was denied waits for nothing */
            continue;
        }
        if (b->stash_at < b->stash_len) { /* the next message that has come already */
            *out = (struct td_wake){.kind = TD_WAKE_READABLE, .conn = b->link.conn};
            break;
        }
        td_gateway_tick(b->gateway);
        td_world_wait(&b->inner, 0, out);
        if (out->kind != TD_WAKE_TIMEOUT) {
            if (td_gateway_wake(b->gateway, out))
                continue;
            break;
        }
        const td_ns gateway = td_gateway_deadline(b->gateway), here = mono(b);
        const td_ns next = gateway < deadline ? gateway : deadline;
        if (next > here)
            b->offset += next - here;
        if (mono(b) >= deadline)
            break;
    }
    b->wake_s = bench_seconds();
}

/* The rest is the inner world's. */

static uint64_t random_bits(void *self)
{
    return td_world_random(&((struct bench *)self)->inner);
}
static void poke(void *self)
{
    td_world_poke(&((struct bench *)self)->inner);
}
static enum td_err dial(void *self, const char *host, uint16_t port, struct td_conn *out,
                        struct td_fail *why)
{
    return td_world_dial(&((struct bench *)self)->inner, host, port, out, why);
}
static enum td_err listen_tcp(void *self, const char *host, uint16_t *port, struct td_conn *out,
                              struct td_fail *why)
{
    return td_world_listen(&((struct bench *)self)->inner, host, port, out, why);
}
static enum td_err listen_local(void *self, const char *path, struct td_conn *out,
                                struct td_fail *why)
{
    return td_world_listen_local(&((struct bench *)self)->inner, path, out, why);
}
static enum td_err dial_local(void *self, const char *path, struct td_conn *out,
                              struct td_fail *why)
{
    return td_world_dial_local(&((struct bench *)self)->inner, path, out, why);
}
static void hang_up(void *self, struct td_conn conn, bool reset)
{
    td_world_hangup(&((struct bench *)self)->inner, conn, reset);
}
static enum td_err open_file(void *self, const char *path, enum td_file_mode mode,
                             struct td_file *out, struct td_fail *why)
{
    return td_file_open(&((struct bench *)self)->inner, path, mode, out, why);
}
static enum td_err read_file(void *self, struct td_file f, uint64_t offset, void *buf, size_t cap,
                             size_t *got)
{
    return td_file_read(&((struct bench *)self)->inner, f, offset, buf, cap, got);
}
static enum td_err write_file(void *self, struct td_file f, const void *bytes, size_t len)
{
    return td_file_write(&((struct bench *)self)->inner, f, bytes, len);
}
static enum td_err cut_file(void *self, struct td_file f, uint64_t size)
{
    return td_file_truncate(&((struct bench *)self)->inner, f, size);
}
static enum td_err size_file(void *self, struct td_file f, uint64_t *out)
{
    return td_file_size(&((struct bench *)self)->inner, f, out);
}
static void close_file(void *self, struct td_file f)
{
    td_file_close(&((struct bench *)self)->inner, f);
}
static enum td_err rename_file(void *self, const char *from, const char *to)
{
    return td_file_rename(&((struct bench *)self)->inner, from, to);
}
static enum td_err remove_file(void *self, const char *path)
{
    return td_file_remove(&((struct bench *)self)->inner, path);
}
static enum td_err make_folder(void *self, const char *path)
{
    return td_folder_make(&((struct bench *)self)->inner, path);
}
static enum td_err sync_folder(void *self, const char *path)
{
    return td_folder_sync(&((struct bench *)self)->inner, path);
}
static enum td_err list_folder(void *self, const char *path, td_list_fn *fn, void *arg)
{
    return td_folder_list(&((struct bench *)self)->inner, path, fn, arg);
}
static enum td_entry_kind entry_at(void *self, const char *path)
{
    return td_entry_at(&((struct bench *)self)->inner, path);
}
static enum td_err free_bytes(void *self, const char *path, uint64_t *out)
{
    return td_disk_free(&((struct bench *)self)->inner, path, out);
}

static const struct td_world_ops stamped_ops = {
    .now = now,
    .mono = mono,
    .random = random_bits,
    .wait = wait_for,
    .poke = poke,
    .dial = dial,
    .listen = listen_tcp,
    .listen_local = listen_local,
    .dial_local = dial_local,
    .recv = receive,
    .send = transmit,
    .hangup = hang_up,
    .open = open_file,
    .read = read_file,
    .write = write_file,
    .sync = sync_file,
    .truncate = cut_file,
    .size = size_file,
    .close = close_file,
    .rename = rename_file,
    .remove = remove_file,
    .make_folder = make_folder,
    .sync_folder = sync_folder,
    .list = list_folder,
    .entry = entry_at,
    .free_bytes = free_bytes,
};

/* --- the strategy: an order out of a depth message, four times a second --- */

static enum td_err start(void *state, const struct td_strat_setup *setup, struct td_fail *why)
{
    (void)state, (void)setup, (void)why;
    return TD_OK;
}

static const struct td_strat strategy;

static size_t decide(void *state, const struct td_event *ev, const struct td_view *view,
                     struct td_intent *out)
{
    const struct td_leg *leg = view->leg;
    (void)state;
    if (ev->kind != TD_EV_DEPTH || view->now - bench.last_order < APART || leg->pending.e9 ||
        td_px_is_none(leg->quote.bid) || td_px_is_none(leg->quote.ask))
        return 0;
    td_intent_market(out, &strategy, ev, view, leg->position.e9 > 0 ? TD_QTY(-1) : TD_QTY(1));
    bench.last_order = view->now;
    bench.armed = true;
    bench.start_s = bench.recv_s;
    bench.queued_s = 0;
    return 1;
}

static const struct td_strat strategy = {
    .name = "bench", .help = "", .state_size = 64, .init = start, .on_event = decide};

/* --- the run --- */

static void die(const char *what, const struct td_fail *why)
{
    (void)fprintf(stderr, "order_bench: %s: %s\n", what, why->text);
    exit(EXIT_FAILURE);
}

static void open_gateway(struct td_fail *why)
{
    static const char *const symbols[] = {"AAPL"};
    const struct td_gateway_config config = {.world = &bench.outer,
                                             .symbols = symbols,
                                             .symbol_count = 1,
                                             .seed = 7,
                                             .speed_e9 = TD_E9,
                                             .day = TD_GATEWAY_DAY_CHOOSE,
                                             .master_id = -1,
                                             .latency = 5 * TD_MS,
                                             .pace = TD_GATEWAY_PACE_OFF};
    if (td_gateway_open(&bench.gateway, &config, why))
        die("the simulator", why);
}

/* Wide limits: what is measured is the path, not a refusal. */
static void load_settings(struct td_settings *s, struct td_fail *why)
{
    static struct td_environ none;
    if (td_settings_load(s, &none, why))
        die("settings", why);
    s->allow_orders = s->order_exec = s->short_selling = s->paper = true;
    s->dry_run = false;
    s->max_daily_loss_e9 = TD_E9;
    s->default_cash_e9 = 1000000 * TD_E9;
    s->max_daily_notional_e9 = s->max_order_notional_e9 = 9000000000 * TD_E9;
    s->max_position_e9 = s->max_order_size_e9 = 100 * TD_E9;
    s->max_trades = 100000;
    s->max_open_orders = 100;
    s->max_orders_per_minute = 255;
    s->dedup_window_s = 0;
    s->max_spread_percent_e9 = 100 * TD_E9;
}

static void tell(const struct td_desk_result *result)
{
    struct bench *b = &bench;
    char note[200], disk_note[160];
    const double p50 = bench_quantile(b->order_us, b->orders, 0.5);
    const double p99 = bench_quantile(b->order_us, b->orders, 0.99);
    const double disk50 = bench_quantile(b->disk_us, b->orders, 0.5);
    const double disk99 = bench_quantile(b->disk_us, b->orders, 0.99);
    (void)snprintf(note, sizeof note,
                   "trading thread, without the disk; %zu orders against the simulator over "
                   "loopback; the fastest %.1f us, %llu denied",
                   b->orders, b->order_us[0], (unsigned long long)result->denied);
    (void)snprintf(disk_note, sizeof disk_note,
                   "hand-over, write and sync by the writer thread; fastest %.0f us, p99 %.0f us",
                   b->disk_us[0], disk99);
    const struct bench_row rows[] = {
        {"depth message in to order bytes out, p50", p50, "us", "limit 5 us", 5 / p50, note},
        {"depth message in to order bytes out, p99", p99, "us", "limit 20 us", 20 / p99, note},
        {"intent queued to durable, p50", disk50, "us", "the disk", (double)NAN, disk_note},
    };
    for (size_t i = 0; i < TD_COUNT(rows); i++) {
        printf("%s: %.2f us (%s)\n", rows[i].name, rows[i].value, rows[i].note);
        bench_row(&rows[i]);
    }
}

int main(int argc, char **argv)
{
    static const char *const symbols[] = {"AAPL"};
    static struct td_settings settings;
    struct td_fail why = {0};
    struct td_plan plan;
    struct td_desk *desk = NULL;
    struct td_desk_result result = {0};
    struct td_log log = {.level = TD_LOG_INFO};
    struct td_logfile *files = NULL;
    uint16_t port;
    int32_t client_id;
    if (argc != 2 || td_uvworld_open(&bench.inner, false, &why))
        die("order_bench EMPTY-FOLDER", &why);
    bench.outer = (struct td_world){&stamped_ops, &bench};
    const struct td_logfile_config log_config = {.folder = argv[1], .name = "bench"};
    if (td_logfile_open(&files, &log_config, &log, &why))
        die("log", &why);
    open_gateway(&why);
    load_settings(&settings, &why);
    if (td_plan_make(&settings, td_gateway_port(bench.gateway), false, &plan, &why) ||
        td_link_open(&bench.link, &bench.outer, &why) ||
        td_plan_connect(&plan, &bench.link, &log, &port, &client_id, &why))
        die("connecting", &why);
    const struct td_strat_use use = {.strat = &strategy, .size = TD_QTY(1)};
    const struct td_desk_config config = {.settings = &settings,
                                          .plan = &plan,
                                          .symbols = symbols,
                                          .symbol_count = 1,
                                          .uses = &use,
                                          .use_count = 1,
                                          .bar_size = "1 min",
                                          .bar_span = TD_MIN,
                                          .bar_history = "1800 S",
                                          .depth_rows = 10,
                                          .clock = TD_CLOCK_GATEWAY,
                                          .duration = 1200 * TD_SEC,
                                          .fills_max = ORDERS,
                                          .state = argv[1],
                                          .version = "bench",
                                          .log = &log};
    if (td_desk_open(&desk, &config, &bench.link, &bench.outer, &why) ||
        td_desk_run(desk, true, &result, &why))
        die("the desk", &why);
    if (bench.orders < 100) {
        (void)fprintf(stderr, "order_bench: only %zu orders left (%llu denied: %s)\n", bench.orders,
                      (unsigned long long)result.denied, result.last_denial);
        return EXIT_FAILURE;
    }
    tell(&result);
    td_desk_close(desk);
    td_link_close(&bench.link);
    td_gateway_close(bench.gateway);
    td_logfile_close(files, &log);
    td_uvworld_close(&bench.inner);
    return EXIT_SUCCESS;
}
