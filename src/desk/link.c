/* desk/link.c - moves bytes between a socket and the TWS core. */
#include "desk/link.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/map.h"

_Static_assert(TD_PACE_SECOND == TD_TWS_RATE_WINDOW, "the core and the pacer count alike");

#define RX_BYTES     (4u << 20)
#define TX_BYTES     (256u << 10)
#define ARENA_BYTES  (4u << 20)
#define CHUNK_BYTES  (64u << 10)
#define OUTPUT_BYTES (64u << 10)

enum td_err td_link_open(struct td_link *l, struct td_world *world, struct td_fail *why)
{
    memset(l, 0, sizeof *l);
    l->world = world;
    td_pacer_init(&l->pacer);
    l->memory = malloc(RX_BYTES + TX_BYTES + ARENA_BYTES + CHUNK_BYTES + OUTPUT_BYTES);
    if (!l->memory)
        return td_fail_set(why, TD_ENOMEM, "no memory for the gateway connection");
    l->input = l->memory + RX_BYTES + TX_BYTES + ARENA_BYTES;
    l->output = l->input + CHUNK_BYTES;
    return TD_OK;
}

static void end(struct td_link *l, enum td_err err, const char *text)
{
    if (l->state == TD_LINK_ENDED || l->state == TD_LINK_IDLE)
        return;
    const bool finished = l->tws_live && l->tws.state == TD_TWS_READY;
    td_world_hangup(l->world, l->conn, !finished);
    td_lease_drop(&l->lease);
    l->state = TD_LINK_ENDED;
    l->say_ended = true;
    td_pacer_lost(&l->pacer);
    l->end_err = err;
    (void)snprintf(l->end_text, sizeof l->end_text, "%s", text);
}

/* One that cannot be made is told and does not keep us from connecting. */
static enum td_err take_lease(struct td_link *l, struct td_fail *why)
{
    if (!l->config.leases || !*l->config.leases)
        return TD_OK;
    const enum td_err err = td_lease_take(&l->lease, l->world, l->config.leases, l->host,
                                          l->config.port, l->config.client_id, why);
    if (err == TD_ELOCKED)
        return TD_EINUSE;
    if (err)
        td_logf(l->config.log, TD_LOG_WARN, TD_LOG_API, "no_lease", "%s", why->text);
    return TD_OK;
}

void td_link_dial(struct td_link *l, const struct td_link_config *config)
{
    struct td_fail why = {0};
    TD_REQUIRE(l->state == TD_LINK_IDLE || l->state == TD_LINK_ENDED);
    l->config = *config;
    (void)td_str_copy(td_str_of(config->host), l->host, sizeof l->host);
    l->config.host = l->host;
    l->tws_live = l->say_ended = l->readable = l->blocked = false;
    l->in_at = l->in_len = l->out_at = l->out_len = 0;
    l->accounts[0] = '\0';
    l->state = TD_LINK_DIALLING;
    l->dial_until = td_world_mono(l->world) + config->dial_ns;
    l->conn = (struct td_conn){0};
    enum td_err err = take_lease(l, &why);
    if (!err)
        err = td_world_dial(l->world, l->host, config->port, &l->conn, &why);
    if (err) {
        l->conn = (struct td_conn){0};
        end(l, err, why.text);
    }
}

static void start_core(struct td_link *l)
{
    const struct td_tws_config config = {
        .rx = l->memory,
        .rx_cap = RX_BYTES,
        .tx = l->memory + RX_BYTES,
        .tx_cap = TX_BYTES,
        .arena = l->memory + RX_BYTES + TX_BYTES,
        .arena_cap = ARENA_BYTES,
        .now_ns = td_world_mono(l->world),
        .hello_ns = l->config.hello_ns,
        .ready_ns = l->config.ready_ns,
        .client_id = l->config.client_id,
        .messages_per_sec = l->config.messages_per_sec,
        .version_min = l->config.version_min,
        .version_max = l->config.version_max,
        .no_orders = l->config.no_orders,
    };
    TD_REQUIRE(td_tws_init(&l->tws, &config) == TD_OK);
    l->tws_live = true;
    l->state = TD_LINK_OPEN;
    l->heard_mono = config.now_ns;
    td_link_flush(l);
}

bool td_link_wake(struct td_link *l, const struct td_wake *wake)
{
    char text[120];
    if (l->state == TD_LINK_IDLE || l->state == TD_LINK_ENDED || wake->conn.id == 0 ||
        wake->conn.id != l->conn.id)
        return false;
    if (wake->kind == TD_WAKE_CONNECTED)
        start_core(l);
    if (wake->kind == TD_WAKE_FAILED) {
        (void)snprintf(text, sizeof text, "%s:%u: %s", l->host, (unsigned)l->config.port,
                       td_err_text(wake->err));
        end(l, wake->err, text);
    }
    if (wake->kind == TD_WAKE_READABLE)
        l->readable = true;
    if (wake->kind == TD_WAKE_WRITABLE)
        l->blocked = false;
    td_link_flush(l);
    return true;
}

void td_link_tick(struct td_link *l)
{
    const td_ns now = td_world_mono(l->world);
    char text[120];
    if (l->state == TD_LINK_DIALLING && now >= l->dial_until) {
        (void)snprintf(text, sizeof text, "%s:%u did not accept a connection in time", l->host,
                       (unsigned)l->config.port);
        end(l, TD_ETIMEOUT, text);
    }
    if (l->state == TD_LINK_OPEN) {
        td_tws_tick(&l->tws, now);
        td_link_flush(l);
    }
}

td_ns td_link_deadline(const struct td_link *l)
{
    if (l->state == TD_LINK_DIALLING)
        return l->dial_until;
    if (l->state != TD_LINK_OPEN)
        return TD_NS_NEVER;
    /* While the socket takes nothing, what is queued waits for a wake, not for a time. */
    const td_ns core = l->blocked ? td_tws_limit(&l->tws) : td_tws_wake(&l->tws);
    const td_ns here =
        l->order_desk.take && td_link_ready(l) ? l->order_desk.due(l->order_desk.arg) : TD_NS_NEVER;
    return here < core ? here : core;
}

static bool read_more(struct td_link *l)
{
    size_t got = 0;
    const enum td_err err = td_world_recv(l->world, l->conn, l->input, CHUNK_BYTES, &got);
    if (err == TD_EAGAIN) {
        l->readable = false;
        return false;
    }
    if (err) {
        end(l, TD_ECLOSED,
            err == TD_ECLOSED ? "the gateway closed the connection"
                              : "the gateway reset the connection");
        return false;
    }
    /* Less than asked for: the socket is empty, and the next bytes come with their own wake. */
    l->readable = got == CHUNK_BYTES;
    l->in_at = 0;
    l->in_len = got;
    l->bytes_in += got;
    l->recv_ns = td_world_now(l->world);
    l->heard_mono = td_world_mono(l->world);
    return true;
}

static void note_accounts(struct td_link *l, const struct td_tws_event *ev)
{
    if (ev->kind != TD_TWS_EV_MESSAGE || ev->msg.kind != TD_TWS_MANAGED_ACCOUNTS)
        return;
    const struct td_str told =
        l->order_desk.take ? td_str_of(l->order_desk.account) : ev->msg.text.text;
    (void)td_str_copy(told, l->accounts, sizeof l->accounts);
}

void td_link_serve_orders(struct td_link *l, const struct td_order_desk *desk)
{
    TD_REQUIRE(l->config.no_orders);
    TD_REQUIRE(!l->tws_live || l->tws.config.no_orders);
    l->order_desk = *desk;
    (void)td_str_copy(td_str_of(desk->account), l->accounts, sizeof l->accounts);
}

/* What the gateway says of orders and positions that are not those of our own order desk. */
static bool is_not_ours(const struct td_link *l, const struct td_tws_event *ev)
{
    static const uint16_t kinds[] = {
        TD_TWS_ORDER_STATUS,       TD_TWS_OPEN_ORDER,      TD_TWS_OPEN_ORDER_END,
        TD_TWS_EXECUTION_DATA,     TD_TWS_COMPLETED_ORDER, TD_TWS_COMPLETED_ORDERS_END,
        TD_TWS_EXECUTION_DATA_END, TD_TWS_POSITION,        TD_TWS_COMMISSION_REPORT,
        TD_TWS_POSITION_END,       TD_TWS_ACCOUNT_SUMMARY, TD_TWS_ACCOUNT_SUMMARY_END,
        TD_TWS_ORDER_BOUND,
    };
    for (size_t i = 0; l->order_desk.take && ev->kind == TD_TWS_EV_MESSAGE && i < TD_COUNT(kinds);
         i++)
        if (kinds[i] == ev->msg.kind)
            return true;
    return false;
}

bool td_link_next(struct td_link *l, struct td_tws_event *out)
{
    while (l->state == TD_LINK_OPEN) {
        if (l->order_desk.take && td_link_ready(l) && l->order_desk.next(l->order_desk.arg, out))
            return true;
        if (td_tws_next(&l->tws, out)) {
            note_accounts(l, out);
            if (is_not_ours(l, out)) {
                l->passed_over++;
                continue;
            }
            if (out->kind != TD_TWS_EV_CLOSED)
                return true;
            end(l, out->err, out->text);
            break;
        }
        td_link_flush(l);
        if (l->in_at < l->in_len)
            l->in_at += td_tws_feed(&l->tws, l->input + l->in_at, l->in_len - l->in_at);
        else if (!l->readable || !read_more(l))
            break;
    }
    if (!l->say_ended)
        return false;
    l->say_ended = false;
    *out = (struct td_tws_event){.kind = TD_TWS_EV_CLOSED,
                                 .err = l->end_err,
                                 .wire_id = -1,
                                 .req_id = -1,
                                 .text = l->end_text};
    return true;
}

/* --- what the broker counts --- */

static enum td_pace_kind pace_kind(uint16_t kind)
{
    static const struct {
        uint16_t kind;
        enum td_pace_kind pace;
    } rows[] = {
        {TD_TWS_PLACE_ORDER, TD_PACE_ORDER},
        {TD_TWS_CANCEL_ORDER, TD_PACE_ORDER},
        {TD_TWS_REQ_GLOBAL_CANCEL, TD_PACE_ORDER},
        {TD_TWS_CANCEL_MKT_DATA, TD_PACE_CANCEL},
        {TD_TWS_CANCEL_MKT_DEPTH, TD_PACE_CANCEL},
        {TD_TWS_CANCEL_HISTORICAL_DATA, TD_PACE_CANCEL},
        {TD_TWS_CANCEL_TICK_BY_TICK, TD_PACE_CANCEL},
        {TD_TWS_REQ_HISTORICAL_DATA, TD_PACE_HISTORY_SMALL},
        {TD_TWS_REQ_TICK_BY_TICK, TD_PACE_TICKS},
    };
    for (size_t i = 0; i < TD_COUNT(rows); i++)
        if (rows[i].kind == kind)
            return rows[i].pace;
    return TD_PACE_OTHER;
}

static uint64_t hash_contract(const struct td_tws_contract *c, struct td_str what)
{
    char text[200];
    struct td_text t;
    td_text_init(&t, text, sizeof text);
    td_text_printf(&t, "%d|%.*s|%.*s|%.*s|%.*s|%.*s", (int)c->con_id, TD_STR_ARG(c->symbol),
                   TD_STR_ARG(c->sec_type), TD_STR_ARG(c->expiry), TD_STR_ARG(c->exchange),
                   TD_STR_ARG(what));
    return td_hash_bytes(text, t.len);
}

/* "1 secs" to "30 secs" are the small bars of the broker's rule. */
static bool is_small_bar(struct td_str size)
{
    struct td_str rest = size, number;
    return td_str_split(&rest, ' ', &number) && td_str_starts(td_str_trim(rest), "sec");
}

/* One-off history is held like small bars whatever its size, as contracts 8.3 ask; only the live bars of many
 * lines go by what the broker really limits. */
static void pace_history(const struct td_tws_req_historical_data *h, struct td_pace *out)
{
    char text[200];
    struct td_text t;
    out->stream = hash_contract(&h->contract, h->what_to_show);
    td_text_init(&t, text, sizeof text);
    td_text_printf(&t, "%.*s|%.*s|%.*s|%d|%d", TD_STR_ARG(h->end_time), TD_STR_ARG(h->bar_size),
                   TD_STR_ARG(h->duration), h->use_rth, h->keep_up_to_date);
    const uint64_t pair[2] = {out->stream, td_hash_bytes(text, t.len)};
    out->request = td_hash_bytes(pair, sizeof pair);
    out->weight = td_str_is(h->what_to_show, "BID_ASK") ? 2 : 1;
    if (h->keep_up_to_date && !is_small_bar(h->bar_size))
        out->kind = TD_PACE_HISTORY;
}

static void pace_of(const struct td_tws_msg *msg, struct td_pace *out)
{
    *out = (struct td_pace){.kind = pace_kind(msg->kind), .weight = 1};
    if (msg->kind == TD_TWS_REQ_HISTORICAL_DATA)
        pace_history(&msg->req_historical_data, out);
    if (msg->kind == TD_TWS_REQ_TICK_BY_TICK)
        out->stream = hash_contract(&msg->req_tick_by_tick.contract, (struct td_str){0});
}

td_ns td_link_when(const struct td_link *l, const struct td_tws_msg *msg)
{
    struct td_pace pace;
    pace_of(msg, &pace);
    return td_pacer_when(&l->pacer, &pace, td_world_mono(l->world));
}

enum td_err td_link_send(struct td_link *l, const struct td_tws_msg *msg)
{
    struct td_pace pace;
    if (l->order_desk.take && td_tws_is_order_side(msg->kind)) {
        l->kept_back++;
        return td_link_ready(l) ? l->order_desk.take(l->order_desk.arg, msg) : TD_ECLOSED;
    }
    const enum td_err err = l->state == TD_LINK_OPEN ? td_tws_send(&l->tws, msg) : TD_ECLOSED;
    if (err)
        return err;
    pace_of(msg, &pace);
    td_pacer_sent(&l->pacer, &pace, td_world_mono(l->world));
    return TD_OK;
}

void td_link_flush(struct td_link *l)
{
    while (l->state == TD_LINK_OPEN && !l->blocked) {
        size_t sent = 0;
        if (l->out_at == l->out_len) {
            l->out_at = 0;
            l->out_len = td_tws_pull(&l->tws, l->output, OUTPUT_BYTES);
            if (!l->out_len)
                return;
        }
        const enum td_err err =
            td_world_send(l->world, l->conn, l->output + l->out_at, l->out_len - l->out_at, &sent);
        if (err) {
            end(l, TD_ECLOSED, "the gateway closed the connection");
            return;
        }
        l->out_at += sent;
        l->bytes_out += sent;
        l->blocked = l->out_at < l->out_len;
    }
}

void td_link_rush(struct td_link *l)
{
    if (!l->pacer.refused)
        td_tws_rush(&l->tws);
    td_link_flush(l);
}

bool td_link_ready(const struct td_link *l)
{
    return l->state == TD_LINK_OPEN && l->tws.state == TD_TWS_READY;
}

void td_link_hangup(struct td_link *l)
{
    td_link_flush(l);
    end(l, TD_OK, "we ended the connection");
}

void td_link_close(struct td_link *l)
{
    if (!l->memory)
        return;
    td_link_hangup(l);
    free(l->memory);
    memset(l, 0, sizeof *l);
}
