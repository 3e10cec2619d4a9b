/* tests/sim/gateway_bench.h - clients of our own client core against the gateway simulator, in one process and without
 * sockets. What a client was told is kept in a list; `find` looks things up in it. Everything is static: one test program
 * includes it once.
 */
#ifndef TD_TESTS_GATEWAY_BENCH_H
#define TD_TESTS_GATEWAY_BENCH_H

#include <stdio.h>
#include <string.h>

#include "sim/gateway_inner.h"
#include "sim/pair_world.h"
#include "support/support.h"
#include "wire/tws.h"

#define SEEN_MAX 20000

/* What a client was told, in a form that outlives the message. */
struct seen {
    uint16_t kind;
    int32_t id, code;
    td_px px;
    td_qty qty;
    char text[128];
};

struct peer {
    struct td_conn conn;
    struct td_tws tws;
    uint8_t *memory;
    struct seen *seen;
    size_t count;
    bool ready, closed, deaf;
    enum td_err close_err;
    struct td_tws_depth list[2][TD_DEPTH_ROWS_MAX];
    int32_t rows[2], depth_id; /* of the one subscription whose rows are kept */
    uint64_t depth_messages;
    struct td_tws_bar bars[600];
    int64_t bar_times[600];
    size_t bar_count;
};

struct bench {
    struct td_world world;
    struct pair_world *pair;
    struct td_gateway *g;
    struct td_gateway_config config;
    struct peer *peers[8];
    size_t peer_count;
};

static const char *const aapl[] = {"AAPL"};

static inline struct bench *start_with(const struct td_gateway_config *config)
{
    struct bench *b = calloc(1, sizeof *b);
    struct td_fail why = {0};
    b->pair = pair_open(&b->world);
    b->config = *config;
    b->config.world = &b->world;
    if (td_gateway_open(&b->g, &b->config, &why) != TD_OK)
        fail_msg("%s", why.text);
    return b;
}

/* Generated AAPL on Friday 2026-11-20 from 10:00, at speed 1. */
static inline struct td_gateway_config usual(void)
{
    return (struct td_gateway_config){.symbols = aapl,
                                      .symbol_count = 1,
                                      .seed = 7,
                                      .speed_e9 = TD_E9,
                                      .start_minute = 600,
                                      .day = td_days_from_civil(2026, 11, 20),
                                      .master_id = -1,
                                      .latency = 5 * TD_MS};
}

static inline struct bench *start(void)
{
    const struct td_gateway_config config = usual();
    return start_with(&config);
}

static inline void finish(struct bench *b)
{
    td_gateway_close(b->g);
    for (size_t i = 0; i < b->peer_count; i++) {
        free(b->peers[i]->memory);
        free(b->peers[i]->seen);
        free(b->peers[i]);
    }
    pair_close(b->pair);
    free(b);
}

static inline struct peer *join_as(struct bench *b, int32_t client_id, uint16_t version)
{
    struct peer *p = calloc(1, sizeof *p);
    p->memory = malloc(8u << 20);
    p->seen = calloc(SEEN_MAX, sizeof *p->seen);
    const struct td_tws_config config = {.rx = p->memory,
                                         .rx_cap = 4u << 20,
                                         .tx = p->memory + (4u << 20),
                                         .tx_cap = 1u << 20,
                                         .arena = p->memory + (5u << 20),
                                         .arena_cap = 3u << 20,
                                         .now_ns = td_world_mono(&b->world),
                                         .client_id = client_id,
                                         .version_min = 157,
                                         .version_max = version};
    TD_OK_OR_FAIL(td_tws_init(&p->tws, &config));
    TD_OK_OR_FAIL(td_world_dial(&b->world, "127.0.0.1", 4002, &p->conn, NULL));
    b->peers[b->peer_count++] = p;
    return p;
}

static inline void take_depth(struct peer *p, const struct td_tws_depth *d)
{
    const int side = d->side;
    p->depth_messages++;
    if (d->req_id != p->depth_id)
        return;
    assert_in_range(d->row, 0, TD_DEPTH_ROWS_MAX - 1);
    if (d->op == TD_DEPTH_INSERT) {
        assert_int_equal(d->row, p->rows[side]); /* only at the end: the same for both readings */
        p->rows[side]++;
    }
    if (d->op == TD_DEPTH_DELETE) {
        assert_int_equal(d->row, p->rows[side] - 1);
        p->rows[side]--;
        return;
    }
    assert_true(d->row < p->rows[side]);
    p->list[side][d->row] = *d;
}

static inline void note(struct peer *p, int32_t id, int32_t code, struct td_str text)
{
    struct seen *s = &p->seen[p->count];
    s->id = id;
    s->code = code;
    (void)td_str_copy(text, s->text, sizeof s->text);
}

static inline void take_message(struct peer *p, const struct td_tws_msg *m)
{
    struct seen *s = &p->seen[p->count];
    TD_REQUIRE(p->count + 1 < SEEN_MAX);
    *s = (struct seen){.kind = m->kind};
    if (m->kind == TD_TWS_ERROR)
        note(p, m->error.id, m->error.code, m->error.text);
    else if (m->kind == TD_TWS_ORDER_STATUS)
        note(p, m->order_status.order_id, 0, m->order_status.status);
    else if (m->kind == TD_TWS_OPEN_ORDER)
        note(p, m->open_order.order_id, 0, m->open_order.order.order_ref);
    else if (m->kind == TD_TWS_EXECUTION_DATA)
        note(p, m->execution.order_id, 0, m->execution.exec_id);
    else if (m->kind == TD_TWS_NEXT_VALID_ID)
        note(p, m->number.value, 0, td_str_of(""));
    else if (m->kind == TD_TWS_CONTRACT_DATA)
        note(p, m->contract_data.req_id, m->contract_data.contract.con_id,
             m->contract_data.long_name);
    else if (m->kind == TD_TWS_TICK_PRICE)
        note(p, m->tick_price.req_id, m->tick_price.tick_type, td_str_of(""));
    else if (m->kind == TD_TWS_POSITION)
        s->qty = m->position.position;
    else if (m->kind == TD_TWS_MARKET_DEPTH_L2 || m->kind == TD_TWS_MARKET_DEPTH)
        take_depth(p, &m->depth);
    if (m->kind == TD_TWS_TICK_PRICE)
        s->px = m->tick_price.price;
    if (m->kind == TD_TWS_HISTORICAL_DATA)
        for (uint32_t i = 0; i < m->historical_data.bars.n && p->bar_count < TD_COUNT(p->bars);
             i++) {
            const struct td_tws_bar *bar = &m->historical_data.bars.p[i];
            p->bars[p->bar_count] = *bar;
            TD_OK_OR_FAIL(td_i64_parse(bar->date.p, bar->date.len, &p->bar_times[p->bar_count++]));
        }
    p->count++;
}

static inline void hear(struct bench *b, struct peer *p)
{
    uint8_t bytes[65536];
    struct td_tws_event ev;
    size_t got = 0;
    enum td_err err = TD_OK;
    while (!p->deaf && !p->closed &&
           (err = td_world_recv(&b->world, p->conn, bytes, sizeof bytes, &got)) == TD_OK)
        for (size_t at = 0; at < got;) {
            at += td_tws_feed(&p->tws, bytes + at, got - at);
            while (td_tws_next(&p->tws, &ev)) {
                if (ev.kind == TD_TWS_EV_BAD)
                    fail_msg("the client could not read a message: %s", ev.text);
                p->ready = p->ready || ev.kind == TD_TWS_EV_READY;
                if (ev.kind == TD_TWS_EV_MESSAGE)
                    take_message(p, &ev.msg);
                if (ev.kind == TD_TWS_EV_CLOSED) {
                    p->closed = true;
                    p->close_err = ev.err;
                }
            }
        }
    if (err == TD_ECLOSED && !p->closed) {
        p->closed = true;
        p->close_err = TD_ECLOSED;
    }
}

static inline void speak(struct bench *b, struct peer *p)
{
    uint8_t bytes[65536];
    struct td_tws_event ev;
    size_t n, sent = 0;
    td_tws_tick(&p->tws, td_world_mono(&b->world));
    while (!p->closed && (n = td_tws_pull(&p->tws, bytes, sizeof bytes)) > 0)
        if (td_world_send(&b->world, p->conn, bytes, n, &sent) != TD_OK)
            p->closed = true;
    while (!p->closed && td_tws_next(&p->tws, &ev))
        if (ev.kind == TD_TWS_EV_CLOSED) {
            p->closed = true;
            p->close_err = ev.err;
        } else if (ev.kind == TD_TWS_EV_READY) {
            p->ready = true;
        }
}

/* Runs everything for `span` of the monotonic clock. */
static inline void run(struct bench *b, td_ns span)
{
    const td_ns until = td_world_mono(&b->world) + span;
    while (td_world_mono(&b->world) < until) {
        struct td_wake wake;
        for (size_t i = 0; i < b->peer_count; i++)
            speak(b, b->peers[i]);
        const td_ns next = td_gateway_deadline(b->g);
        td_world_wait(&b->world, next < until ? next : until, &wake);
        (void)td_gateway_wake(b->g, &wake);
        if (td_world_mono(&b->world) >= next)
            td_gateway_tick(b->g);
        for (size_t i = 0; i < b->peer_count; i++)
            hear(b, b->peers[i]);
    }
}

static inline struct peer *join(struct bench *b, int32_t client_id)
{
    struct peer *p = join_as(b, client_id, 200);
    run(b, 50 * TD_MS);
    assert_true(p->ready);
    return p;
}

static inline void say(struct bench *b, struct peer *p, const struct td_tws_msg *m)
{
    TD_OK_OR_FAIL(td_tws_send(&p->tws, m));
    run(b, 100 * TD_MS);
}

/* The n-th message of a kind since `from`, or NULL. */
static inline const struct seen *find(const struct peer *p, size_t from, uint16_t kind, size_t n)
{
    for (size_t i = from; i < p->count; i++)
        if (p->seen[i].kind == kind && n-- == 0)
            return &p->seen[i];
    return NULL;
}

static inline const struct seen *find_error(const struct peer *p, size_t from, int32_t code)
{
    for (size_t i = from; i < p->count; i++)
        if (p->seen[i].kind == TD_TWS_ERROR && p->seen[i].code == code)
            return &p->seen[i];
    return NULL;
}

static inline void fill_contract(struct td_tws_contract *c, const char *symbol)
{
    c->symbol = td_str_of(symbol);
    c->sec_type = td_str_of("STK");
    c->exchange = td_str_of("SMART");
    c->currency = td_str_of("USD");
}

static inline struct td_tws_msg order(int32_t id, const char *action, const char *type, int64_t qty,
                                      td_px limit)
{
    struct td_tws_msg m;
    td_tws_msg_init(&m, TD_TWS_PLACE_ORDER);
    td_tws_order_init(&m.place_order.order);
    m.place_order.order_id = id;
    fill_contract(&m.place_order.contract, "AAPL");
    m.place_order.order.action = td_str_of(action);
    m.place_order.order.order_type = td_str_of(type);
    m.place_order.order.total_quantity = TD_QTY(qty);
    m.place_order.order.lmt_price = limit;
    m.place_order.order.tif = td_str_of("GTC");
    m.place_order.order.order_ref = td_str_of("ref");
    return m;
}

static inline struct td_tws_msg plain(uint16_t kind)
{
    struct td_tws_msg m;
    td_tws_msg_init(&m, kind);
    return m;
}

/* A gateway with one fault of --fault, and a client that joins it. */
static inline struct bench *with_fault(const char *text, struct peer **p)
{
    static struct td_script script;
    struct td_gateway_config config = usual();
    td_script_init(&script);
    TD_OK_OR_FAIL(td_script_fault(&script, text, NULL));
    config.script = &script;
    struct bench *b = start_with(&config);
    *p = join_as(b, 3, 200);
    run(b, 100 * TD_MS);
    return b;
}

#endif
