/* sim/gateway_client.c - one connection: bytes, pace, subscriptions, what happens to slow ones. */
#include "sim/gateway_inner.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SLOW_NS (10 * TD_SEC)

static void say(const struct td_gateway *g, const struct td_gw_client *c, const char *event,
                const char *text)
{
    td_logf(g->log, TD_LOG_INFO, TD_LOG_API, event, "client %d: %s", c->open ? (int)c->id : -1,
            text);
}

void td_gw_client_free(struct td_gateway *g, struct td_gw_client *c, bool abort)
{
    for (size_t i = 0; i < TD_GATEWAY_CLIENTS_MAX; i++)
        if (g->clients[i] == c)
            g->clients[i] = NULL;
    if (c->conn.id)
        td_world_hangup(g->world, c->conn, abort);
    g->stats.dropped += c->dropped;
    free(c);
}

/* Ends the connection once what is queued has left. */
void td_gw_drop(struct td_gateway *g, struct td_gw_client *c, const char *why)
{
    if (!c->closing)
        say(g, c, "client_end", why);
    c->closing = true;
    td_twsgw_close(&c->tws);
}

/* Client and all its buffers in one block, so that a client costs one allocation. */
static struct td_gw_client *make_client(struct td_gateway *g, struct td_conn conn)
{
    const size_t subs = sizeof(struct td_gw_client);
    const size_t rx = subs + TD_GW_SUBS * sizeof(struct td_gw_sub);
    const size_t arena = rx + TD_GW_RX;
    const size_t out = arena + TD_GW_ARENA;
    const size_t tx = out + TD_GW_OUT;
    uint8_t *block = calloc(1, tx + TD_GW_TX);
    struct td_gw_client *c = (struct td_gw_client *)block;
    char hello[48];
    if (!block)
        return NULL;
    (void)td_gw_hello_time(g->now, hello);
    const struct td_twsgw_config config = {
        .rx = block + rx,
        .rx_cap = TD_GW_RX,
        .tx = block + tx,
        .tx_cap = TD_GW_TX,
        .arena = block + arena,
        .arena_cap = TD_GW_ARENA,
        .now_ns = g->mono,
        .version_said = g->faults.now.version,
        .server_time = g->faults.now.hello_time[0] ? g->faults.now.hello_time : hello};
    c->subs = (struct td_gw_sub *)(block + subs);
    c->out = block + out;
    c->conn = conn;
    c->data_type = 1;
    c->accepted = g->mono;
    if (td_twsgw_init(&c->tws, &config) == TD_OK)
        return c;
    free(block);
    return NULL;
}

void td_gw_accept(struct td_gateway *g, struct td_conn conn)
{
    g->mono = td_world_mono(g->world);
    for (size_t i = 0; i < TD_GATEWAY_CLIENTS_MAX; i++) {
        if (g->clients[i])
            continue;
        g->clients[i] = make_client(g, conn);
        if (!g->clients[i])
            break;
        g->stats.accepted++;
        return;
    }
    td_logf(g->log, TD_LOG_WARN, TD_LOG_API, "client_refused", "no room for another connection");
    td_world_hangup(g->world, conn, false);
}

struct td_gw_client *td_gw_client_of(struct td_gateway *g, int32_t client_id)
{
    for (size_t i = 0; i < TD_GATEWAY_CLIENTS_MAX; i++)
        if (g->clients[i] && g->clients[i]->open && !g->clients[i]->closing &&
            g->clients[i]->id == client_id)
            return g->clients[i];
    return NULL;
}

/* ---- sending ---- */

static bool is_market_data(uint16_t kind)
{
    static const uint16_t kinds[] = {
        TD_TWS_TICK_PRICE,   TD_TWS_TICK_SIZE,     TD_TWS_TICK_STRING,
        TD_TWS_TICK_GENERIC, TD_TWS_MARKET_DEPTH,  TD_TWS_MARKET_DEPTH_L2,
        TD_TWS_TICK_BY_TICK, TD_TWS_REAL_TIME_BAR, TD_TWS_HISTORICAL_DATA_UPDATE,
        TD_TWS_PNL,          TD_TWS_PNL_SINGLE};
    for (size_t i = 0; i < TD_COUNT(kinds); i++)
        if (kinds[i] == kind)
            return true;
    return false;
}

bool td_gw_has_room(const struct td_gw_client *c)
{
    return td_twsgw_queued(&c->tws) < TD_GW_TX / 2;
}

bool td_gw_queue(struct td_gateway *g, struct td_gw_client *c, const struct td_tws_msg *msg)
{
    const enum td_err err = td_twsgw_send(&c->tws, msg);
    if (err == TD_EFULL && td_twsgw_queued(&c->tws))
        td_gw_drop(g, c, "too slow: no room for an answer");
    else if (err && err != TD_EUNSUP && err != TD_ECLOSED)
        td_logf(g->log, TD_LOG_ERROR, TD_LOG_API, "send_failed", "%s: %s",
                td_tws_kind_name(msg->kind), td_err_text(err));
    return err == TD_OK;
}

/* The right "?" of what is no option belongs to the text form alone: clients of protobuf know no such right. */
static bool has_text_right(const struct td_gw_client *c, const struct td_tws_msg *msg)
{
    return c->tws.version >= TD_TWS_VERSION_PB &&
           (msg->kind == TD_TWS_OPEN_ORDER || msg->kind == TD_TWS_COMPLETED_ORDER) &&
           td_str_is(msg->open_order.contract.right, "?");
}

bool td_gw_send(struct td_gateway *g, struct td_gw_client *c, const struct td_tws_msg *msg)
{
    struct td_tws_msg plain;
    const struct td_gw_ills *ills = &g->faults.now;
    if (c->closing || ills->mute)
        return false;
    if (is_market_data(msg->kind) && (!td_gw_has_room(c) || ills->frozen || ills->link_down)) {
        c->dropped++;
        return false;
    }
    if (has_text_right(c, msg)) {
        plain = *msg;
        plain.open_order.contract.right = (struct td_str){0};
        msg = &plain;
    }
    return td_gw_shape(g, c, msg) || td_gw_queue(g, c, msg);
}

void td_gw_error(struct td_gateway *g, struct td_gw_client *c, int32_t id, int32_t code,
                 const char *format, ...)
{
    char text[400];
    struct td_tws_msg msg;
    va_list args;
    va_start(args, format);
    const int n = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    for (char *p = text; *p; p++) /* what a client wrote may hold what the wire must not */
        *p = (unsigned char)*p < ' ' ? '?' : *p;
    td_tws_msg_init(&msg, TD_TWS_ERROR);
    msg.error.id = id;
    msg.error.code = code;
    msg.error.text = (struct td_str){text, n < 0                     ? 0
                                           : (size_t)n < sizeof text ? (size_t)n
                                                                     : sizeof text - 1};
    msg.error.time_ms = g->now / TD_MS;
    (void)td_gw_send(g, c, &msg);
}

/* The next bytes to send into c->out; false when there are none. */
static bool next_bytes(struct td_gw_client *c)
{
    if (c->out_at < c->out_len)
        return true;
    c->out_at = 0;
    c->out_len = td_twsgw_pull(&c->tws, c->out, TD_GW_OUT);
    if (c->out_len == 0 && c->junk_len) {
        memcpy(c->out, c->junk, c->junk_len);
        c->out_len = c->junk_len;
        c->junk_len = 0;
    }
    return c->out_len > 0;
}

void td_gw_flush(struct td_gateway *g, struct td_gw_client *c)
{
    const struct td_gw_ills *ills = &g->faults.now;
    if (c->aborting) {
        td_gw_client_free(g, c, true);
        return;
    }
    if (ills->mute_hello || (ills->join && g->mono < c->hold_until))
        return;
    c->hold_until = g->mono + ills->join;
    while (!c->blocked && next_bytes(c)) {
        size_t sent = 0, n = c->out_len - c->out_at;
        n = ills->split && ills->split < n ? ills->split : n;
        const enum td_err err = td_world_send(g->world, c->conn, c->out + c->out_at, n, &sent);
        if (err) {
            td_gw_client_free(g, c, true);
            return;
        }
        c->out_at += sent;
        c->blocked = sent < n;
    }
    if (c->closing && c->out_at == c->out_len && !c->junk_len && td_twsgw_queued(&c->tws) == 0)
        td_gw_client_free(g, c, false);
}

/* ---- receiving ---- */

static void notice(struct td_gateway *g, struct td_gw_client *c, int32_t code, const char *text)
{
    td_gw_error(g, c, -1, code, "%s", text);
}

/* Who may come in, and the first messages a client waits for (tws-protocol 1.1 step 5). */
static void start_api(struct td_gateway *g, struct td_gw_client *c, int32_t client_id)
{
    struct td_tws_msg msg;
    const bool taken = td_gw_client_of(g, client_id) != NULL || g->mono < g->faults.now.busy_until;
    c->open = true;
    c->id = client_id;
    td_gw_event(g, c, TD_SCRIPT_ON_START_API, 0, NULL);
    if (taken) {
        notice(
            g, c, 326,
            "Unable to connect as the client id is already in use. Retry with a unique client id.");
        td_gw_drop(g, c, "client id in use");
        return;
    }
    say(g, c, "client_ready", c->tws.options);
    td_gw_req_accounts(g, c, NULL);
    td_tws_msg_init(&msg, TD_TWS_NEXT_VALID_ID);
    msg.number.value = td_gw_next_id(g, client_id);
    (void)td_gw_send(g, c, &msg);
    notice(g, c, 2104, "Market data farm connection is OK:tapedeck.sim");
    notice(g, c, 2106, "HMDS data farm connection is OK:tapedeck.sim");
    notice(g, c, 2158, "Sec-def data farm connection is OK:tapedeck.sim");
}

/* False: the request must not be answered now. */
static bool keeps_pace(struct td_gateway *g, struct td_gw_client *c)
{
    td_ns *const oldest = &g->rate[g->rate_count % TD_GW_RATE];
    if (g->config.pace == TD_GATEWAY_PACE_REJECT && g->rate_count >= TD_GW_RATE &&
        g->mono - *oldest < TD_SEC) {
        notice(g, c, 100, "Max rate of messages per second has been exceeded:max=50 rec=51");
        td_gw_drop(g, c, "more than 50 messages a second");
        return false;
    }
    *oldest = g->mono;
    g->rate_count++;
    return true;
}

static bool must_hold(const struct td_gateway *g)
{
    return g->config.pace == TD_GATEWAY_PACE_HOLD && g->rate_count >= TD_GW_RATE &&
           g->mono - g->rate[g->rate_count % TD_GW_RATE] < TD_SEC;
}

/* The end of a connection after so many requests. */
static void end_by_count(struct td_gateway *g, struct td_gw_client *c)
{
    static const uint8_t garbage[] = {0xff, 0xff, 0xff, 0xff, 0x00, 0x13, 0x37};
    const struct td_gw_ills *ills = &g->faults.now;
    if (ills->garbage_after && c->requests >= (uint64_t)ills->garbage_after) {
        memcpy(c->junk, garbage, sizeof garbage);
        c->junk_len = sizeof garbage;
        td_gw_drop(g, c, "by the fault script");
    }
    if (ills->close_after && c->requests >= (uint64_t)ills->close_after)
        td_gw_drop(g, c, "by the fault script");
}

/* A request and what a script says about it, before and after. */
static void take_request(struct td_gateway *g, struct td_gw_client *c, const struct td_tws_msg *m)
{
    if (!keeps_pace(g, c))
        return;
    td_gw_event(g, c, TD_SCRIPT_ON_REQUEST, m->kind, NULL);
    if (m->kind == TD_TWS_CANCEL_ORDER)
        td_gw_event(g, c, TD_SCRIPT_ON_CANCEL_ORDER, 0,
                    td_gw_order_of(g, c->id, m->cancel_order.order_id));
    if (c->closing)
        return;
    td_gw_dispatch(g, c, m);
    if (m->kind == TD_TWS_PLACE_ORDER)
        td_gw_event(g, c, TD_SCRIPT_ON_PLACE_ORDER, 0,
                    td_gw_order_of(g, c->id, m->place_order.order_id));
    end_by_count(g, c);
}

static void take_event(struct td_gateway *g, struct td_gw_client *c, const struct td_tws_event *ev)
{
    switch (ev->kind) {
    case TD_TWS_EV_START_API:
        start_api(g, c, ev->msg.start_api.client_id);
        return;
    case TD_TWS_EV_MESSAGE:
        c->requests++;
        g->stats.requests++;
        take_request(g, c, &ev->msg);
        return;
    case TD_TWS_EV_BAD:
        g->stats.bad_requests++;
        say(g, c, "bad_request", ev->text);
        if (keeps_pace(g, c))
            td_gw_error(g, c, ev->req_id, 320, "Error reading request. %s", ev->text);
        return;
    case TD_TWS_EV_READY: /* of clients only */
    case TD_TWS_EV_CLOSED:
        say(g, c, "client_end", ev->text);
        c->closing = true;
        return;
    }
}

static void take_events(struct td_gateway *g, struct td_gw_client *c)
{
    struct td_tws_event ev;
    while (!c->closing && !must_hold(g) && td_twsgw_next(&c->tws, &ev))
        take_event(g, c, &ev);
    if (!c->greeted && !c->closing && c->tws.state >= TD_TWSGW_START) {
        c->greeted = true;
        td_gw_event(g, c, TD_SCRIPT_ON_HELLO, 0, NULL);
    }
}

/* True when a part of a placeOrder is there and the rest is not. */
static bool is_cut_order(const struct td_gw_client *c)
{
    const uint8_t *p = c->tws.rx.buf + c->tws.rx.head;
    const size_t n = c->tws.rx.tail - c->tws.rx.head;
    return c->open && n >= 6 && p[4] == '3' && p[5] == '\0';
}

void td_gw_read(struct td_gateway *g, struct td_gw_client *c)
{
    uint8_t bytes[16384];
    g->mono = td_world_mono(g->world);
    td_twsgw_tick(&c->tws, g->mono);
    while (!c->closing) {
        const size_t room = TD_GW_RX - (c->tws.rx.tail - c->tws.rx.head);
        const size_t most = g->faults.now.cut_orders ? 16 : sizeof bytes;
        size_t got = 0;
        if (room == 0)
            return; /* held back by the pace */
        const enum td_err err =
            td_world_recv(g->world, c->conn, bytes, room < most ? room : most, &got);
        if (err == TD_EAGAIN)
            return;
        if (err) {
            say(g, c, "client_end", "closed by the client");
            td_gw_client_free(g, c, false);
            return;
        }
        TD_REQUIRE(td_twsgw_feed(&c->tws, bytes, got) == got);
        take_events(g, c);
        if (g->faults.now.cut_orders && is_cut_order(c) &&
            td_gw_take_one(&g->faults.now.cut_orders))
            td_gw_abort(c);
    }
}

void td_gw_client_tick(struct td_gateway *g, struct td_gw_client *c)
{
    td_twsgw_tick(&c->tws, g->mono);
    take_events(g, c);
    if (td_gw_has_room(c) || c->closing) {
        c->full_since = c->closing && c->full_since == 0 ? g->mono : c->closing ? c->full_since : 0;
    } else if (c->full_since == 0) {
        c->full_since = g->mono;
    }
    if (c->full_since && g->mono - c->full_since > SLOW_NS) {
        say(g, c, "client_slow", "closed: it did not read for 10 seconds");
        g->stats.closed_slow++;
        td_gw_client_free(g, c, true);
        return;
    }
    td_gw_flush(g, c);
}

/* ---- subscriptions ---- */

struct td_gw_sub *td_gw_sub_find(struct td_gw_client *c, enum td_gw_sub_kind kind, int32_t req_id)
{
    for (uint32_t i = 0; i < c->sub_count; i++)
        if (c->subs[i].kind == kind && c->subs[i].req_id == req_id)
            return &c->subs[i];
    return NULL;
}

struct td_gw_sub *td_gw_sub_add(struct td_gateway *g, struct td_gw_client *c,
                                enum td_gw_sub_kind kind, int32_t req_id)
{
    if (td_gw_sub_find(c, kind, req_id)) {
        td_gw_error(g, c, req_id, 322, "Error processing request.-'Duplicate ticker ID'");
        return NULL;
    }
    if (c->sub_count == TD_GW_SUBS) {
        td_gw_error(g, c, req_id, 101, "Max number of tickers has been reached");
        return NULL;
    }
    struct td_gw_sub *sub = &c->subs[c->sub_count++];
    memset(sub, 0, sizeof *sub);
    sub->kind = (uint8_t)kind;
    sub->req_id = req_id;
    sub->fresh = true;
    return sub;
}

bool td_gw_sub_remove(struct td_gw_client *c, enum td_gw_sub_kind kind, int32_t req_id)
{
    struct td_gw_sub *sub = td_gw_sub_find(c, kind, req_id);
    if (!sub)
        return false;
    *sub = c->subs[--c->sub_count];
    return true;
}
