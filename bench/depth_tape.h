/* bench/depth_tape.h - framed TWS depth messages of one symbol, as a gateway would send them.
 *
 * The mix is 12 % insert, 76 % update, 12 % delete on a book of about 20 rows a side, SMART depth with a market
 * maker (message 13), every message valid for the book that the ones before it made, prices in order. Made by our
 * own gateway core, so the bytes are the wire's; the same seed gives the same bytes.
 */
#ifndef TD_BENCH_DEPTH_TAPE_H
#define TD_BENCH_DEPTH_TAPE_H

#include <string.h>

#include "base/random.h"
#include "market/event.h"
#include "wire/tws.h"
#include "wire/tws_gateway.h"

enum { TAPE_ROWS = 20, TAPE_FLOOR = 12 };

struct tape_side {
    int64_t ticks[TAPE_ROWS]; /* price of each row */
    int rows;
};

struct tape_maker {
    struct td_rng rng;
    struct tape_side side[2]; /* [TD_ASK], [TD_BID] */
    uint64_t ops[3];
};

/* Where a new row fits: between two neighbours a tick or more apart, else behind the last. */
static inline int tape_gap(struct tape_maker *m, const struct tape_side *s, int sign)
{
    const int start = s->rows ? (int)td_rng_below(&m->rng, (uint64_t)s->rows) : 0;
    for (int i = 0; i < s->rows; i++) {
        const int row = 1 + (start + i) % s->rows;
        if (row < s->rows && (s->ticks[row] - s->ticks[row - 1]) * sign > 1)
            return row;
    }
    return s->rows;
}

static inline void tape_insert(struct tape_maker *m, int side, struct td_tws_depth *d)
{
    struct tape_side *s = &m->side[side];
    const int sign = side == TD_ASK ? 1 : -1;
    const int row = tape_gap(m, s, sign);
    const int64_t before = row ? s->ticks[row - 1] : 18995 + (side == TD_ASK);
    const int64_t step = row < s->rows ? 1 : (int64_t)td_rng_between(&m->rng, 1, 3);
    memmove(&s->ticks[row + 1], &s->ticks[row], (size_t)(s->rows - row) * sizeof s->ticks[0]);
    s->ticks[row] = before + sign * step;
    s->rows++;
    d->row = row;
    d->op = TD_DEPTH_INSERT;
}

static inline void tape_delete(struct tape_maker *m, int side, struct td_tws_depth *d)
{
    struct tape_side *s = &m->side[side];
    const int row = 1 + (int)td_rng_below(&m->rng, (uint64_t)s->rows - 1);
    d->px.e9 = s->ticks[row] * (TD_E9 / 100);
    memmove(&s->ticks[row], &s->ticks[row + 1], (size_t)(s->rows - row - 1) * sizeof s->ticks[0]);
    s->rows--;
    d->row = row;
    d->op = TD_DEPTH_DELETE;
    d->qty = TD_QTY(0);
}

static inline void tape_next(struct tape_maker *m, struct td_tws_depth *d)
{
    static const char *const makers[] = {"ARCA", "ISLAND", "NYSE", "BATS", "EDGEA", "IEX", "MEMX"};
    const int side = (int)td_rng_below(&m->rng, 2);
    const uint64_t draw = td_rng_below(&m->rng, 100);
    const struct tape_side *s = &m->side[side];
    d->side = side;
    d->maker = td_str_of(makers[td_rng_below(&m->rng, 7)]);
    d->smart = true;
    d->qty = TD_QTY(100 * (int64_t)td_rng_between(&m->rng, 1, 40));
    if (s->rows < TAPE_FLOOR || (draw < 13 && s->rows < TAPE_ROWS)) {
        tape_insert(m, side, d);
    } else if (draw < 26 && s->rows > TAPE_FLOOR && (draw >= 13 || s->rows == TAPE_ROWS)) {
        tape_delete(m, side, d);
        m->ops[TD_DEPTH_DELETE]++;
        return;
    } else {
        d->row = (int32_t)td_rng_below(&m->rng, (uint64_t)s->rows);
        d->op = TD_DEPTH_UPDATE;
    }
    d->px.e9 = m->side[side].ticks[d->row] * (TD_E9 / 100);
    m->ops[d->op]++;
}

/* Both ends of a connection, joined by memcpy. */
struct tape_pair {
    struct td_tws client;
    struct td_twsgw gateway;
    uint8_t client_rx[1 << 18], client_tx[1 << 16], gateway_rx[1 << 16], gateway_tx[1 << 20];
    _Alignas(16) uint8_t client_arena[1 << 18], gateway_arena[1 << 18];
};

static inline void tape_pump(struct tape_pair *p)
{
    uint8_t bytes[4096];
    struct td_tws_event ev;
    for (size_t n; (n = td_tws_pull(&p->client, bytes, sizeof bytes)) > 0;)
        for (size_t off = 0; off < n;) {
            off += td_twsgw_feed(&p->gateway, bytes + off, n - off);
            while (td_twsgw_next(&p->gateway, &ev)) {
            }
        }
    for (size_t n; (n = td_twsgw_pull(&p->gateway, bytes, sizeof bytes)) > 0;)
        for (size_t off = 0; off < n;) {
            off += td_tws_feed(&p->client, bytes + off, n - off);
            while (td_tws_next(&p->client, &ev)) {
            }
        }
}

/* Joined and ready: handshake, accounts, next id. */
static inline void tape_join(struct tape_pair *p)
{
    const struct td_tws_config client = {.rx = p->client_rx,
                                         .rx_cap = sizeof p->client_rx,
                                         .tx = p->client_tx,
                                         .tx_cap = sizeof p->client_tx,
                                         .arena = p->client_arena,
                                         .arena_cap = sizeof p->client_arena,
                                         .client_id = 1};
    const struct td_twsgw_config gateway = {.rx = p->gateway_rx,
                                            .rx_cap = sizeof p->gateway_rx,
                                            .tx = p->gateway_tx,
                                            .tx_cap = sizeof p->gateway_tx,
                                            .arena = p->gateway_arena,
                                            .arena_cap = sizeof p->gateway_arena,
                                            .server_time = "20261121 05:30:00 UTC"};
    struct td_tws_msg msg;
    TD_REQUIRE(td_tws_init(&p->client, &client) == TD_OK);
    TD_REQUIRE(td_twsgw_init(&p->gateway, &gateway) == TD_OK);
    for (int i = 0; i < 4; i++)
        tape_pump(p);
    td_tws_msg_init(&msg, TD_TWS_NEXT_VALID_ID);
    msg.number.value = 1;
    TD_REQUIRE(td_twsgw_send(&p->gateway, &msg) == TD_OK);
    td_tws_msg_init(&msg, TD_TWS_MANAGED_ACCOUNTS);
    msg.text.text = td_str_of("DU1");
    TD_REQUIRE(td_twsgw_send(&p->gateway, &msg) == TD_OK);
    tape_pump(p);
    TD_REQUIRE(p->client.state == TD_TWS_READY);
}

/* Fills out[cap] with `count` framed messages for a request id; returns the bytes. */
static inline size_t tape_make(struct tape_pair *p, struct tape_maker *m, int32_t req_id,
                               size_t count, uint8_t *out, size_t cap)
{
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        struct td_tws_msg msg;
        td_tws_msg_init(&msg, TD_TWS_MARKET_DEPTH_L2);
        tape_next(m, &msg.depth);
        msg.depth.req_id = req_id;
        TD_REQUIRE(td_twsgw_send(&p->gateway, &msg) == TD_OK);
        for (size_t n; (n = td_twsgw_pull(&p->gateway, out + used, cap - used)) > 0;)
            used += n;
        TD_REQUIRE(used + 512 < cap);
    }
    return used;
}

#endif
