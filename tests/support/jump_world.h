/* tests/support/jump_world.h - a desk and a gateway simulator over real loopback sockets, in one thread and one process.
 *
 * The machine's world with three differences. Market time stands still while anybody works, and jumps to the next event
 * when there is nothing to do, so that hours of market take as long as their work. The desk may be given one message a
 * wake, as they come from a gateway in real time; the jumps would make batches of them. And every send of the desk is
 * shown before its bytes go and after.
 *
 * The simulator is served inside the desk's waits; with jump_apart by a thread of its own, on another core, as a gateway is
 * another process: the two threads take turns, so nothing else differs. One at a time, because the world's functions have no room for a
 * second pointer: jump_world is static, in the one file that includes this.
 */
#ifndef TD_TESTS_JUMP_WORLD_H
#define TD_TESTS_JUMP_WORLD_H

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "desk/desk.h"
#include "sim/gateway_server.h"
#include "sys/thread.h"
#include "sys/uvworld.h"

static struct jump_world {
    struct td_world real, world; /* the machine's, and the one to hand to desk and gateway */
    struct td_world_ops ops;
    struct td_gateway *gateway;
    struct td_link link;
    td_ns offset;    /* market time ahead of the machine's */
    bool one_a_wake; /* the desk gets one message a wake */
    bool no_sync;    /* files end in the page cache */
    /* May be NULL. The desk sends these bytes; they were taken; its turn ended and it waits; time must stand still for the disk; its wait
     * ended; bytes came for it. */
    void (*leaves)(const void *bytes, size_t len);
    void (*sent)(const void *bytes, size_t len);
    void (*waits)(void);
    bool (*holds)(void);
    void (*woke)(void);
    void (*got)(void);
    void (*serves)(bool begins); /* the gateway's own work begins, or ends */
    /* private */
    uint8_t stash[1 << 16]; /* bytes the desk has not been given yet */
    size_t stash_at, stash_len;
    bool given;
    struct td_thread apart;
    _Atomic int turn;            /* enum jump_turn */
    const struct td_wake *piece; /* a wake to offer to the gateway; NULL: a tick */
    bool taken;
} jump_world;

enum jump_turn { JUMP_ALONE, JUMP_DESK, JUMP_GATEWAY, JUMP_END };

static td_ns jump_now(void *self)
{
    return jump_world.real.ops->now(self) + jump_world.offset;
}

static td_ns jump_mono(void *self)
{
    return jump_world.real.ops->mono(self) + jump_world.offset;
}

/* The length of the first whole frame in the stash, or all of it. */
static size_t jump_frame(void)
{
    const uint8_t *p = jump_world.stash + jump_world.stash_at;
    const size_t left = jump_world.stash_len - jump_world.stash_at;
    const size_t body =
        left < 4 ? left : ((size_t)p[0] << 24 | (size_t)p[1] << 16 | (size_t)p[2] << 8 | p[3]);
    return left < 4 || body + 4 > left ? left : body + 4;
}

static enum td_err jump_recv(void *self, struct td_conn conn, void *buf, size_t cap, size_t *got)
{
    struct jump_world *j = &jump_world;
    if (conn.id != j->link.conn.id || !j->one_a_wake)
        return j->real.ops->recv(self, conn, buf, cap, got);
    if (j->given)
        return TD_EAGAIN;
    if (j->stash_at == j->stash_len) {
        const enum td_err err =
            j->real.ops->recv(self, conn, j->stash, sizeof j->stash, &j->stash_len);
        j->stash_at = 0;
        if (err) {
            j->stash_len = 0;
            return err;
        }
    }
    const size_t frame = jump_frame();
    *got = frame < cap ? frame : cap;
    memcpy(buf, j->stash + j->stash_at, *got);
    j->stash_at += *got;
    j->given = true;
    if (j->got)
        j->got();
    return TD_OK;
}

static enum td_err jump_send(void *self, struct td_conn conn, const void *bytes, size_t len,
                             size_t *sent)
{
    const bool ours = conn.id == jump_world.link.conn.id;
    if (jump_world.leaves && ours)
        jump_world.leaves(bytes, len);
    const enum td_err err = jump_world.real.ops->send(self, conn, bytes, len, sent);
    if (jump_world.sent && ours && !err)
        jump_world.sent(bytes, *sent);
    return err;
}

static enum td_err jump_sync(void *self, struct td_file file)
{
    return jump_world.no_sync ? TD_OK : jump_world.real.ops->sync(self, file);
}

static void jump_serve_piece(void)
{
    struct jump_world *j = &jump_world;
    if (j->serves)
        j->serves(true);
    j->taken = j->piece && td_gateway_wake(j->gateway, j->piece);
    if (!j->piece)
        td_gateway_tick(j->gateway);
    if (j->serves)
        j->serves(false);
}

/* The gateway's thread: a piece of work whenever it is its turn. */
static void jump_apart_run(void *arg)
{
    struct jump_world *j = arg;
    for (int turn; (turn = atomic_load_explicit(&j->turn, memory_order_acquire)) != JUMP_END;)
        if (turn == JUMP_GATEWAY) {
            jump_serve_piece();
            atomic_store_explicit(&j->turn, JUMP_DESK, memory_order_release);
        }
}

/* A piece of the gateway's work: a wake, or a tick. True: the wake was the gateway's. */
static bool jump_gateway_takes(const struct td_wake *wake)
{
    struct jump_world *j = &jump_world;
    j->piece = wake;
    if (j->turn == JUMP_ALONE) {
        jump_serve_piece();
        return j->taken;
    }
    atomic_store_explicit(&j->turn, JUMP_GATEWAY, memory_order_release);
    while (atomic_load_explicit(&j->turn, memory_order_acquire) == JUMP_GATEWAY)
        ;
    return j->taken;
}

/* Something of the desk's, or nothing for a millisecond; the market does not move. */
static bool jump_disk(struct td_wake *out)
{
    struct jump_world *j = &jump_world;
    td_world_wait(&j->real, td_world_mono(&j->real) + TD_MS, out);
    return out->kind != TD_WAKE_TIMEOUT && !jump_gateway_takes(out);
}

/* Serves the gateway until something is the desk's, and jumps over the time in which nothing happens. */
static void jump_serve(td_ns deadline, struct td_wake *out)
{
    struct jump_world *j = &jump_world;
    for (;;) {
        if (j->stash_at < j->stash_len) { /* the next message that has come already */
            *out = (struct td_wake){.kind = TD_WAKE_READABLE, .conn = j->link.conn};
            return;
        }
        (void)jump_gateway_takes(NULL);
        td_world_wait(&j->real, 0, out);
        if (out->kind != TD_WAKE_TIMEOUT) {
            if (jump_gateway_takes(out))
                continue;
            return;
        }
        const td_ns gateway = td_gateway_deadline(j->gateway), here = td_world_mono(&j->world);
        const td_ns next = gateway < deadline ? gateway : deadline;
        if (next > here)
            j->offset += next - here;
        if (td_world_mono(&j->world) >= deadline)
            return;
    }
}

static void jump_wait(void *self, td_ns deadline, struct td_wake *out)
{
    struct jump_world *j = &jump_world;
    bool mine = false;
    (void)self;
    j->given = false;
    if (j->waits)
        j->waits();
    while (!mine && j->holds && j->holds())
        mine = jump_disk(out);
    if (!mine)
        jump_serve(deadline, out);
    if (j->woke)
        j->woke();
}

static enum td_err jump_open(bool signals, struct td_fail *why)
{
    struct jump_world *j = &jump_world;
    const enum td_err err = td_uvworld_open(&j->real, signals, why);
    if (err)
        return err;
    j->ops = *j->real.ops;
    j->ops.now = jump_now;
    j->ops.mono = jump_mono;
    j->ops.recv = jump_recv;
    j->ops.send = jump_send;
    j->ops.sync = jump_sync;
    j->ops.wait = jump_wait;
    j->world = (struct td_world){&j->ops, j->real.self};
    return TD_OK;
}

/* The gateway of a generated market, on a free port. */
static enum td_err jump_gateway(const char *const *symbols, uint32_t count, struct td_fail *why)
{
    const struct td_gateway_config config = {.world = &jump_world.world,
                                             .symbols = symbols,
                                             .symbol_count = count,
                                             .seed = 7,
                                             .speed_e9 = TD_E9,
                                             .day = TD_GATEWAY_DAY_CHOOSE,
                                             .master_id = -1,
                                             .latency = 5 * TD_MS,
                                             .pace = TD_GATEWAY_PACE_OFF};
    return td_gateway_open(&jump_world.gateway, &config, why);
}

/* Wide limits: what is looked at is the path, not a refusal. */
static enum td_err jump_settings(struct td_settings *s, struct td_fail *why)
{
    static struct td_environ none;
    const enum td_err err = td_settings_load(s, &none, why);
    s->allow_orders = s->order_exec = s->short_selling = s->paper = true;
    s->dry_run = s->kill_bad_data = false;
    s->max_daily_loss_e9 = TD_E9;
    s->default_cash_e9 = 1000000 * TD_E9;
    s->max_daily_notional_e9 = s->max_order_notional_e9 = 9000000000 * TD_E9;
    s->max_position_e9 = s->max_order_size_e9 = 1000 * TD_E9;
    s->max_trades = 100000;
    s->max_open_orders = 1000;
    s->max_orders_per_minute = 255;
    s->max_leverage_e9 = s->max_symbol_exposure_e9 = 1000 * TD_E9;
    s->dedup_window_s = 0;
    s->max_spread_percent_e9 = 100 * TD_E9;
    s->kill_day_loss_e9 = s->kill_position_loss_e9 = s->kill_drawdown_e9 = 0;
    s->kill_losses = 0;
    return err;
}

/* From here on the gateway works in a thread of its own. */
static inline enum td_err jump_apart(void)
{
    jump_world.turn = JUMP_DESK;
    return td_thread_start(&jump_world.apart, "gateway", jump_apart_run, &jump_world);
}

/* Connects the link to it. */
static enum td_err jump_connect(struct td_plan *plan, const struct td_settings *s,
                                struct td_log *log, struct td_fail *why)
{
    uint16_t port;
    int32_t client_id;
    enum td_err err = td_plan_make(s, td_gateway_port(jump_world.gateway), false, plan, why);
    if (!err)
        err = td_link_open(&jump_world.link, &jump_world.world, why);
    return err ? err : td_plan_connect(plan, &jump_world.link, log, &port, &client_id, why);
}

/* A desk on its link, as far as tests and benches want the same: one strategy on bars of a minute, until it is stopped.
 * Folder of state, log and version are the caller's. */
static inline struct td_desk_config jump_desk(const struct td_settings *s,
                                              const struct td_plan *plan,
                                              const char *const *symbols, int32_t count,
                                              const struct td_strat_use *use)
{
    return (struct td_desk_config){.settings = s,
                                   .plan = plan,
                                   .symbols = symbols,
                                   .symbol_count = count,
                                   .uses = use,
                                   .use_count = 1,
                                   .bar_size = "1 min",
                                   .bar_span = TD_MIN,
                                   .bar_history = "1800 S",
                                   .clock = TD_CLOCK_GATEWAY,
                                   .duration = TD_NS_NEVER};
}

static void jump_close(void)
{
    if (jump_world.turn != JUMP_ALONE)
        atomic_store_explicit(&jump_world.turn, JUMP_END, memory_order_release);
    td_thread_join(&jump_world.apart);
    td_link_close(&jump_world.link);
    td_gateway_close(jump_world.gateway);
    td_uvworld_close(&jump_world.real);
}

#endif
