/* tests/sim/wire_scene.h - a gateway simulator and clients that speak raw frames: what a test sends and hears are the
 * fields themselves, written with '|' between them and after the last ("67|1|5|" is message 67, version 1, id 5).
 *
 * Nothing of our own client core is between: a surplus or missing field shows. The world is pair_world.h's, so time
 * moves only while waiting.
 */
#ifndef TD_TESTS_SIM_WIRE_SCENE_H
#define TD_TESTS_SIM_WIRE_SCENE_H

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/gateway_inner.h"
#include "sim/pair_world.h"
#include "support/support.h"
#include "wire/tws_field.h"

#define WIRE_FRAMES 20000
#define WIRE_BYTES  (2u << 20)

struct wire_peer {
    struct td_conn conn;
    uint8_t *in; /* [WIRE_BYTES], bytes of unfinished frames */
    size_t len;
    char **frames; /* [WIRE_FRAMES], fields with '|' */
    size_t count, mark;
    bool greeted, closed;
};

struct wire_scene {
    struct td_world world;
    struct pair_world *pair;
    struct td_gateway *g;
    struct wire_peer *peers[TD_GATEWAY_CLIENTS_MAX];
    size_t peer_count;
};

static inline void wire_put(struct wire_scene *w, struct wire_peer *p, const void *bytes, size_t n)
{
    size_t sent = 0;
    TD_OK_OR_FAIL(td_world_send(&w->world, p->conn, bytes, n, &sent));
    assert_int_equal(sent, n);
}

static inline void wire_frame(struct wire_scene *w, struct wire_peer *p, const char *fields)
{
    uint8_t out[20000];
    const size_t n = strlen(fields);
    TD_REQUIRE(n + 4 <= sizeof out);
    out[0] = (uint8_t)(n >> 24);
    out[1] = (uint8_t)(n >> 16);
    out[2] = (uint8_t)(n >> 8);
    out[3] = (uint8_t)n;
    for (size_t i = 0; i < n; i++)
        out[4 + i] = fields[i] == '|' ? 0 : (uint8_t)fields[i];
    wire_put(w, p, out, n + 4);
}

static inline void wire_take(struct wire_peer *p)
{
    size_t at = 0;
    while (p->len - at >= 4) {
        const uint8_t *b = p->in + at;
        const size_t n = (size_t)b[0] << 24 | (size_t)b[1] << 16 | (size_t)b[2] << 8 | b[3];
        TD_REQUIRE(n < WIRE_BYTES - 4);
        if (p->len - at < n + 4)
            break;
        TD_REQUIRE(p->count < WIRE_FRAMES);
        char *text = calloc(1, n + 1);
        for (size_t i = 0; i < n; i++)
            text[i] = b[4 + i] ? (char)b[4 + i] : '|';
        p->frames[p->count++] = text;
        at += n + 4;
    }
    memmove(p->in, p->in + at, p->len - at);
    p->len -= at;
}

static inline void wire_hear(struct wire_scene *w, struct wire_peer *p)
{
    size_t got = 0;
    enum td_err err = TD_OK;
    while (!p->closed && (err = td_world_recv(&w->world, p->conn, p->in + p->len,
                                              WIRE_BYTES - p->len, &got)) == TD_OK) {
        p->len += got;
        wire_take(p);
    }
    p->closed = p->closed || err == TD_ECLOSED;
}

/* Runs everything for `span` of the monotonic clock. */
static inline void wire_run(struct wire_scene *w, td_ns span)
{
    const td_ns until = td_world_mono(&w->world) + span;
    while (td_world_mono(&w->world) < until) {
        struct td_wake wake;
        const td_ns next = td_gateway_deadline(w->g);
        td_world_wait(&w->world, next < until ? next : until, &wake);
        (void)td_gateway_wake(w->g, &wake);
        if (td_world_mono(&w->world) >= next)
            td_gateway_tick(w->g);
        for (size_t i = 0; i < w->peer_count; i++)
            wire_hear(w, w->peers[i]);
    }
}

/* A client at a protocol version, ready. */
static inline struct wire_peer *wire_join(struct wire_scene *w, int client_id, int version)
{
    struct wire_peer *p = calloc(1, sizeof *p);
    char text[64];
    p->in = malloc(WIRE_BYTES);
    p->frames = calloc(WIRE_FRAMES, sizeof *p->frames);
    TD_OK_OR_FAIL(td_world_dial(&w->world, "127.0.0.1", 4002, &p->conn, NULL));
    w->peers[w->peer_count++] = p;
    wire_put(w, p, "API\0", 4);
    (void)snprintf(text, sizeof text, "v157..%d", version);
    wire_frame(w, p, text);
    wire_run(w, 50 * TD_MS);
    (void)snprintf(text, sizeof text, "71|2|%d||", client_id);
    wire_frame(w, p, text);
    wire_run(w, 50 * TD_MS);
    assert_true(p->count > 2);
    return p;
}

/* Sends a request (printf) and runs for 100 ms; what comes from now on is what `wire_said` looks at. */
static inline void wire_ask(struct wire_scene *w, struct wire_peer *p, const char *format, ...)
    TD_PRINTF(3, 4);
static inline void wire_ask(struct wire_scene *w, struct wire_peer *p, const char *format, ...)
{
    char text[16000];
    va_list args;
    va_start(args, format);
    const int n = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    TD_REQUIRE(n > 0 && (size_t)n < sizeof text);
    p->mark = p->count;
    wire_frame(w, p, text);
    wire_run(w, 100 * TD_MS);
}

/* Sends a message struct; for orders, whose frames are too long to be written by hand. */
static inline void wire_send(struct wire_scene *w, struct wire_peer *p, const struct td_tws_msg *m)
{
    const struct td_tws_codec codec = {.version = 200, .request = true};
    char text[8000];
    size_t len = 0;
    TD_OK_OR_FAIL(td_tws_encode(&codec, m, (uint8_t *)text, sizeof text - 1, &len));
    for (size_t i = 0; i < len; i++)
        text[i] = text[i] ? text[i] : '|';
    text[len] = '\0';
    p->mark = p->count;
    wire_frame(w, p, text);
    wire_run(w, 100 * TD_MS);
}

/* An order of 10 AAPL for DU1234567 to be changed and sent. */
static inline struct td_tws_msg wire_order(int32_t id, const char *action, const char *type)
{
    struct td_tws_msg m;
    td_tws_msg_init(&m, TD_TWS_PLACE_ORDER);
    td_tws_order_init(&m.place_order.order);
    m.place_order.order_id = id;
    m.place_order.contract.symbol = td_str_of("AAPL");
    m.place_order.contract.sec_type = td_str_of("STK");
    m.place_order.contract.exchange = td_str_of("SMART");
    m.place_order.contract.currency = td_str_of("USD");
    m.place_order.order.action = td_str_of(action);
    m.place_order.order.order_type = td_str_of(type);
    m.place_order.order.total_quantity = TD_QTY(10);
    m.place_order.order.tif = td_str_of("DAY");
    m.place_order.order.account = td_str_of("DU1234567");
    return m;
}

/* The n-th frame since the last request that begins so; NULL when there is none. */
static inline const char *wire_nth(const struct wire_peer *p, const char *start, size_t n)
{
    for (size_t i = p->mark; i < p->count; i++)
        if (strncmp(p->frames[i], start, strlen(start)) == 0 && n-- == 0)
            return p->frames[i];
    return NULL;
}

static inline const char *wire_said(const struct wire_peer *p, const char *start)
{
    return wire_nth(p, start, 0);
}

static inline size_t wire_times(const struct wire_peer *p, const char *start)
{
    size_t n = 0;
    while (wire_nth(p, start, n))
        n++;
    return n;
}

/* The answer must begin so (at version 200 an error is "4|id|code|text|json|time|"). */
static inline void wire_expect(const struct wire_peer *p, const char *start)
{
    if (wire_said(p, start))
        return;
    for (size_t i = p->mark; i < p->count && i < p->mark + 12; i++)
        print_error("  said %.300s\n", p->frames[i]);
    fail_msg("nothing began with \"%s\"", start);
}

/* Field n (0 is the message id) of a frame, into a static buffer. */
static inline const char *wire_field(const char *frame, size_t n)
{
    static char out[8][400];
    static unsigned turn;
    char *buf = out[turn++ % 8];
    TD_REQUIRE(frame != NULL);
    while (n-- > 0 && frame) {
        frame = strchr(frame, '|');
        frame = frame ? frame + 1 : NULL;
    }
    TD_REQUIRE(frame != NULL);
    (void)snprintf(buf, 400, "%.*s", (int)strcspn(frame, "|"), frame);
    return buf;
}

/* The same as a whole number, and as a 1e-9 number. */
static inline int64_t wire_int(const char *frame, size_t n)
{
    const char *text = wire_field(frame, n);
    int64_t value = 0;
    TD_OK_OR_FAIL(td_i64_parse(text, strlen(text), &value));
    return value;
}

static inline int64_t wire_e9(const char *frame, size_t n)
{
    const char *text = wire_field(frame, n);
    int64_t value = 0;
    TD_OK_OR_FAIL(td_e9_parse(text, strlen(text), &value));
    return value;
}

static inline size_t wire_fields(const char *frame)
{
    size_t n = 0;
    for (; *frame; frame++)
        n += *frame == '|';
    return n;
}

/* Generated AAPL, SPY and ES on Friday 2026-11-20 from 10:00, at speed 1, no limit on the rate. */
static inline struct td_gateway_config wire_usual(void)
{
    static const char *const symbols[] = {"AAPL", "SPY", "ES"};
    return (struct td_gateway_config){.symbols = symbols,
                                      .symbol_count = TD_COUNT(symbols),
                                      .seed = 7,
                                      .speed_e9 = TD_E9,
                                      .start_minute = 600,
                                      .day = td_days_from_civil(2026, 11, 20),
                                      .master_id = -1,
                                      .pace = TD_GATEWAY_PACE_OFF,
                                      .latency = 5 * TD_MS};
}

static inline struct wire_scene *wire_start(const struct td_gateway_config *config)
{
    struct wire_scene *w = calloc(1, sizeof *w);
    struct td_gateway_config own = *config;
    struct td_fail why = {0};
    w->pair = pair_open(&w->world);
    own.world = &w->world;
    if (td_gateway_open(&w->g, &own, &why) != TD_OK)
        fail_msg("%s", why.text);
    return w;
}

static inline void wire_finish(struct wire_scene *w)
{
    td_gateway_close(w->g);
    for (size_t i = 0; i < w->peer_count; i++) {
        for (size_t k = 0; k < w->peers[i]->count; k++)
            free(w->peers[i]->frames[k]);
        free(w->peers[i]->frames);
        free(w->peers[i]->in);
        free(w->peers[i]);
    }
    pair_close(w->pair);
    free(w);
}

#endif
