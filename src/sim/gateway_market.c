/* sim/gateway_market.c - live market data: level 1, depth, tick-by-tick, five-second bars. */
#include "sim/gateway_inner.h"

#include <string.h>

#define L1_STOCK (250 * TD_MS) /* cadence of level 1 (tws-protocol 6) */
#define L1_CASH  (5 * TD_MS)
#define BAR5     (5 * TD_SEC)
#define VENUES   "ARCA,NASDAQ,BATS,NYSE,IEX,EDGX,MEMX"

enum {
    BID_SIZE,
    BID,
    ASK,
    ASK_SIZE,
    LAST,
    LAST_SIZE,
    HIGH,
    LOW,
    VOLUME,
    CLOSE,
    OPEN = 14,
    LAST_TIME = 45,
    RT_VOLUME = 48,
    HALTED
};

/* ---- level 1 ---- */

/* The delayed twin of a tick type (tws-protocol appendix C). */
static int32_t type_of(const struct td_gw_sub *sub, int32_t type)
{
    static const struct {
        int32_t live, delayed;
    } twins[] = {{BID, 66},       {ASK, 67},       {LAST, 68},  {BID_SIZE, 69}, {ASK_SIZE, 70},
                 {LAST_SIZE, 71}, {HIGH, 72},      {LOW, 73},   {VOLUME, 74},   {CLOSE, 75},
                 {OPEN, 76},      {LAST_TIME, 88}, {HALTED, 90}};
    for (size_t i = 0; i < TD_COUNT(twins) && sub->delayed; i++)
        if (twins[i].live == type)
            return twins[i].delayed;
    return type;
}

static void send_price(struct td_gateway *g, struct td_gw_client *c, const struct td_gw_sub *sub,
                       int32_t type, td_px px, td_qty size)
{
    struct td_tws_msg *m = &g->msg;
    td_tws_msg_init(m, TD_TWS_TICK_PRICE);
    m->tick_price.req_id = sub->req_id;
    m->tick_price.tick_type = type_of(sub, type);
    m->tick_price.price = td_px_is_none(px) ? TD_PX(-1) : px;
    m->tick_price.size = size;
    m->tick_price.attributes = type == BID || type == ASK ? TD_TWS_TICK_CAN_AUTO_EXECUTE : 0;
    (void)td_gw_send(g, c, m);
}

static void send_size(struct td_gateway *g, struct td_gw_client *c, const struct td_gw_sub *sub,
                      int32_t type, td_qty size)
{
    struct td_tws_msg *m = &g->msg;
    td_tws_msg_init(m, TD_TWS_TICK_SIZE);
    m->tick_size.req_id = sub->req_id;
    m->tick_size.tick_type = type_of(sub, type);
    m->tick_size.size = size;
    (void)td_gw_send(g, c, m);
}

static void send_string(struct td_gateway *g, struct td_gw_client *c, const struct td_gw_sub *sub,
                        int32_t type, const struct td_text *value)
{
    struct td_tws_msg *m = &g->msg;
    td_tws_msg_init(m, TD_TWS_TICK_STRING);
    m->tick_string.req_id = sub->req_id;
    m->tick_string.tick_type = type_of(sub, type);
    m->tick_string.value = (struct td_str){value->buf, value->len};
    (void)td_gw_send(g, c, m);
}

/* A price and its size: the size alone when only it changed. */
static void side(struct td_gateway *g, struct td_gw_client *c, struct td_gw_sub *sub, bool bid,
                 const struct td_quote *now)
{
    const td_px px = bid ? now->bid : now->ask;
    const td_qty qty = bid ? now->bid_qty : now->ask_qty;
    const td_px old_px = bid ? sub->quote.bid : sub->quote.ask;
    const td_qty old_qty = bid ? sub->quote.bid_qty : sub->quote.ask_qty;
    if (sub->fresh || px.e9 != old_px.e9)
        send_price(g, c, sub, bid ? BID : ASK, px, qty);
    else if (qty.e9 != old_qty.e9)
        send_size(g, c, sub, bid ? BID_SIZE : ASK_SIZE, qty);
}

static void send_last(struct td_gateway *g, struct td_gw_client *c, struct td_gw_sub *sub,
                      const struct td_gw_symbol *s)
{
    char buf[160];
    struct td_text t;
    td_text_init(&t, buf, sizeof buf);
    if (td_px_is_none(s->last) ||
        (!sub->fresh && s->last_ns == sub->last_ns && s->volume.e9 == sub->volume.e9))
        return;
    td_text_i64(&t, s->last_ns / TD_SEC);
    send_string(g, c, sub, LAST_TIME, &t);
    if (sub->fresh || s->last.e9 != sub->last.e9)
        send_price(g, c, sub, LAST, s->last, s->last_qty);
    else if (s->last_qty.e9 != sub->last_qty.e9)
        send_size(g, c, sub, LAST_SIZE, s->last_qty);
    send_size(g, c, sub, VOLUME, s->volume);
    if (!sub->rtvolume)
        return;
    const double volume = td_e9_to_double(s->volume.e9);
    td_text_reset(&t);
    td_text_e9(&t, s->last.e9);
    td_text_char(&t, ';');
    td_text_e9(&t, s->last_qty.e9);
    td_text_printf(&t, ";%lld;", (long long)(s->last_ns / TD_MS));
    td_text_e9(&t, s->volume.e9);
    td_text_printf(&t, ";%.8f;true", volume > 0 ? s->value / volume : 0.0);
    send_string(g, c, sub, RT_VOLUME, &t);
}

static void send_if_new(struct td_gateway *g, struct td_gw_client *c, struct td_gw_sub *sub,
                        int32_t type, td_px now, td_px old)
{
    if (!td_px_is_none(now) && (sub->fresh || now.e9 != old.e9))
        send_price(g, c, sub, type, now, TD_QTY(0));
}

static void send_status(struct td_gateway *g, struct td_gw_client *c, struct td_gw_sub *sub,
                        const struct td_gw_symbol *s)
{
    const bool halted = s->status == TD_STATUS_HALTED;
    if (halted == (sub->status == TD_STATUS_HALTED) && !sub->fresh)
        return;
    td_tws_msg_init(&g->msg, TD_TWS_TICK_GENERIC);
    g->msg.tick_generic.req_id = sub->req_id;
    g->msg.tick_generic.tick_type = type_of(sub, HALTED);
    g->msg.tick_generic.value_e9 = halted ? TD_E9 : 0;
    (void)td_gw_send(g, c, &g->msg);
}

static void send_quotes(struct td_gateway *g, struct td_gw_client *c, struct td_gw_sub *sub,
                        const struct td_gw_symbol *s)
{
    const bool cash = strcmp(g->universe.rows[s->row].inst.sec_type, "CASH") == 0;
    if (sub->quiet || (!sub->fresh && (sub->seen == s->change || g->now < sub->next_ns)) ||
        !td_gw_has_room(c))
        return;
    side(g, c, sub, true, &s->quote);
    side(g, c, sub, false, &s->quote);
    send_last(g, c, sub, s);
    send_if_new(g, c, sub, HIGH, s->high, sub->high);
    send_if_new(g, c, sub, LOW, s->low, sub->low);
    send_if_new(g, c, sub, OPEN, s->open, sub->open);
    send_if_new(g, c, sub, CLOSE, s->prev_close, sub->prev_close);
    send_status(g, c, sub, s);
    td_gw_generic_send(g, c, sub, s);
    sub->quote = s->quote;
    sub->last = s->last;
    sub->last_qty = s->last_qty;
    sub->last_ns = s->last_ns;
    sub->volume = s->volume;
    sub->high = s->high;
    sub->low = s->low;
    sub->open = s->open;
    sub->prev_close = s->prev_close;
    sub->status = s->status;
    if (g->universe.rows[s->row].right)
        td_gw_send_greeks(g, c, sub, s);
    sub->seen = s->change;
    sub->next_ns = g->now + (cash ? L1_CASH : L1_STOCK);
    sub->fresh = false;
}

static bool has_generic(struct td_str list, const char *wanted)
{
    struct td_str one;
    while (td_str_split(&list, ',', &one))
        if (td_str_is(td_str_trim(one), wanted))
            return true;
    return false;
}

static void say_type(struct td_gateway *g, struct td_gw_client *c, int32_t req_id,
                     const struct td_gw_symbol *s, bool delayed)
{
    td_tws_msg_init(&g->msg, TD_TWS_MARKET_DATA_TYPE);
    g->msg.market_data_type.req_id = req_id;
    g->msg.market_data_type.type =
        delayed ? 3 : 1; /* what is subscribed is live, whatever was asked */
    (void)td_gw_send(g, c, &g->msg);
    td_tws_msg_init(&g->msg, TD_TWS_TICK_REQ_PARAMS);
    g->msg.tick_req_params.req_id = req_id;
    g->msg.tick_req_params.min_tick = g->universe.rows[s->row].inst.min_tick;
    g->msg.tick_req_params.bbo_exchange = td_str_of("9c0001");
    g->msg.tick_req_params.snapshot_permissions = 3;
    (void)td_gw_send(g, c, &g->msg);
}

void td_gw_req_mkt_data(struct td_gateway *g, struct td_gw_client *c, const struct td_tws_msg *m)
{
    const struct td_tws_req_mkt_data *r = &m->req_mkt_data;
    const bool snapshot = r->snapshot || r->regulatory_snapshot;
    bool delayed = false;
    struct td_gw_symbol *s = td_gw_ask_symbol(g, c, r->req_id, &r->contract);
    if (!s || !td_gw_subscribed(g, c, r->req_id, &delayed) ||
        (!snapshot && !td_gw_line_free(g, c, r->req_id)))
        return;
    struct td_gw_sub *sub = td_gw_sub_add(g, c, TD_GW_QUOTES, r->req_id);
    if (!sub)
        return;
    sub->sym = s->row;
    sub->delayed = delayed;
    sub->rtvolume = !delayed && has_generic(r->generic_ticks, "233");
    if (!td_gw_generic_read(g, c, r->generic_ticks, sub, s) ||
        !td_gw_news_wanted(g, c, r->generic_ticks, sub)) {
        (void)td_gw_sub_remove(c, TD_GW_QUOTES, r->req_id);
        return;
    }
    say_type(g, c, r->req_id, s, delayed);
    send_quotes(g, c, sub, s);
    td_gw_news_send(g, c, sub);
    if (!snapshot)
        return;
    td_tws_msg_init(&g->msg, TD_TWS_TICK_SNAPSHOT_END);
    g->msg.req.req_id = sub->req_id;
    (void)td_gw_send(g, c, &g->msg);
    (void)td_gw_sub_remove(c, TD_GW_QUOTES, sub->req_id);
}

void td_gw_cancel_mkt_data(struct td_gateway *g, struct td_gw_client *c, const struct td_tws_msg *m)
{
    if (!td_gw_sub_remove(c, TD_GW_QUOTES, m->req.req_id))
        td_gw_error(g, c, m->req.req_id, 300, "Can't find EId with tickerId:%d",
                    (int)m->req.req_id);
    else
        td_gw_late_updates(g, c, m->req.req_id, false);
}

void td_gw_req_data_type(struct td_gateway *g, struct td_gw_client *c, const struct td_tws_msg *m)
{
    if (m->number.value < 1 || m->number.value > 4)
        td_gw_error(g, c, -1, 321,
                    "Error validating request.-'Market data type %d is not 1, 2, 3 or 4'",
                    (int)m->number.value);
    else
        c->data_type = m->number.value;
}

/* ---- depth ---- */

static struct td_str maker_text(const char maker[TD_MAKER_CHARS])
{
    size_t n = 0;
    while (n < TD_MAKER_CHARS && maker[n])
        n++;
    return (struct td_str){maker, n};
}

/* The first `rows` of each side as they are now. */
static void refresh_rows(struct td_gateway *g, struct td_gw_symbol *s, size_t rows)
{
    if (!s->rows_stale && s->rows_made >= rows)
        return;
    s->rows_stale = false;
    s->rows_made = rows;
    if (s->derived) { /* the quote is all there is */
        const bool ask = !td_px_is_none(s->quote.ask), bid = !td_px_is_none(s->quote.bid);
        s->rows[TD_ASK][0] = (struct td_depth_row){.px = s->quote.ask, .qty = s->quote.ask_qty};
        s->rows[TD_BID][0] = (struct td_depth_row){.px = s->quote.bid, .qty = s->quote.bid_qty};
        s->row_count[TD_ASK] = ask;
        s->row_count[TD_BID] = bid;
        return;
    }
    for (int i = TD_ASK; i <= TD_BID; i++) {
        s->row_count[i] = td_source_depth(&s->source, (enum td_side)i, s->rows[i], rows);
        if (strcmp(g->universe.rows[s->row].inst.sec_type, "STK") == 0)
            td_depth_name(s->rows[i], s->row_count[i], VENUES, g->config.seed);
    }
}

static void send_row(struct td_gateway *g, struct td_gw_client *c, const struct td_gw_sub *sub,
                     const struct td_depth *op)
{
    struct td_tws_msg *m = &g->msg;
    td_tws_msg_init(m, op->maker[0] ? TD_TWS_MARKET_DEPTH_L2 : TD_TWS_MARKET_DEPTH);
    m->depth.req_id = sub->req_id;
    m->depth.row = op->row;
    m->depth.op = op->op;
    m->depth.side = op->side;
    m->depth.px = op->px;
    m->depth.qty = op->qty;
    m->depth.maker = maker_text(op->maker);
    m->depth.smart = sub->smart;
    (void)td_gw_send(g, c, m);
}

/* Deleted rows carry no maker: of a stock they are told by the same message as the others (the row still lies
 * behind the end of `shown`). */
static void send_depth(struct td_gateway *g, struct td_gw_client *c, struct td_gw_sub *sub,
                       struct td_gw_symbol *s)
{
    struct td_depth ops[TD_DEPTH_ROWS_MAX * 2];
    if ((!sub->fresh && sub->seen == s->change) || !td_gw_has_room(c))
        return;
    const bool named = strcmp(g->universe.rows[s->row].inst.sec_type, "STK") == 0;
    refresh_rows(g, s, (size_t)sub->rows);
    for (int i = TD_ASK; i <= TD_BID; i++) {
        const size_t rows =
            s->row_count[i] < (size_t)sub->rows ? s->row_count[i] : (size_t)sub->rows;
        const size_t n = td_depth_diff(&sub->shown, (enum td_side)i, s->rows[i], rows, ops);
        for (size_t k = 0; k < n; k++) {
            if (named && ops[k].op == TD_DEPTH_DELETE)
                memcpy(ops[k].maker, sub->shown.rows[i][ops[k].row].maker, sizeof ops[k].maker);
            send_row(g, c, sub, &ops[k]);
        }
    }
    sub->seen = s->change;
    sub->fresh = false;
}

void td_gw_req_depth(struct td_gateway *g, struct td_gw_client *c, const struct td_tws_msg *m)
{
    const struct td_tws_req_mkt_depth *r = &m->req_mkt_depth;
    int32_t open = 0;
    struct td_gw_symbol *s = td_gw_ask_symbol(g, c, r->req_id, &r->contract);
    if (!s)
        return;
    if (r->rows < 1) {
        td_gw_error(g, c, r->req_id, 321, "Error validating request.-'Invalid number of rows: %d'",
                    (int)r->rows);
        return;
    }
    for (uint32_t i = 0; i < c->sub_count; i++)
        open += c->subs[i].kind == TD_GW_DEPTH;
    if (open >= g->config.depth_lines) {
        td_gw_error(g, c, r->req_id, 309,
                    "Max number (%d) of market depth requests has been reached",
                    (int)g->config.depth_lines);
        return;
    }
    struct td_gw_sub *sub = td_gw_sub_add(g, c, TD_GW_DEPTH, r->req_id);
    if (!sub)
        return;
    sub->sym = s->row;
    sub->smart = r->smart;
    sub->rows = r->rows < TD_DEPTH_ROWS_MAX ? r->rows : TD_DEPTH_ROWS_MAX;
    send_depth(g, c, sub, s);
}

void td_gw_cancel_depth(struct td_gateway *g, struct td_gw_client *c, const struct td_tws_msg *m)
{
    const int32_t id = m->cancel_mkt_depth.req_id;
    const struct td_gw_sub *sub = td_gw_sub_find(c, TD_GW_DEPTH, id);
    if (!sub || sub->smart != m->cancel_mkt_depth.smart) /* the flag must be repeated */
        td_gw_error(g, c, id, 310, "Can't find the subscribed market depth with tickerId:%d",
                    (int)id);
    else {
        (void)td_gw_sub_remove(c, TD_GW_DEPTH, id);
        td_gw_late_updates(g, c, id, true);
    }
}

void td_gw_req_depth_exchanges(struct td_gateway *g, struct td_gw_client *c,
                               const struct td_tws_msg *m)
{
    static const char *const rows[][4] = {
        {"ARCA", "STK", "", "Deep2"}, {"NASDAQ", "STK", "", "Deep2"},
        {"BATS", "STK", "", "Deep2"}, {"NYSE", "STK", "", "Deep2"},
        {"IEX", "STK", "", "Deep2"},  {"CME", "FUT", "", "Deep"},
        {"COMEX", "FUT", "", "Deep"}, {"IDEALPRO", "CASH", "", "Deep"},
    };
    struct td_tws_depth_exchange list[TD_COUNT(rows)];
    (void)m;
    for (size_t i = 0; i < TD_COUNT(rows); i++)
        list[i] = (struct td_tws_depth_exchange){td_str_of(rows[i][0]), td_str_of(rows[i][1]),
                                                 td_str_of(rows[i][2]), td_str_of(rows[i][3]),
                                                 TD_TWS_INT_NONE};
    td_tws_msg_init(&g->msg, TD_TWS_MKT_DEPTH_EXCHANGES);
    g->msg.depth_exchanges.exchanges.p = list;
    g->msg.depth_exchanges.exchanges.n = TD_COUNT(rows);
    (void)td_gw_send(g, c, &g->msg);
}

/* ---- tick-by-tick ---- */

static void send_tick(struct td_gateway *g, struct td_gw_client *c, const struct td_gw_sub *sub,
                      const struct td_event *ev)
{
    struct td_tws_msg *m = &g->msg;
    struct td_tws_tick_by_tick tick = {
        .req_id = sub->req_id, .type = sub->what, .time_s = ev->venue_ns / TD_SEC};
    td_tws_msg_init(m, TD_TWS_TICK_BY_TICK);
    if (ev->kind == TD_EV_TRADE) {
        tick.price = ev->trade.px;
        tick.size = ev->trade.qty;
        tick.unreported = ev->trade.unreported;
        tick.exchange = maker_text(ev->trade.exchange);
    } else if (sub->what == TD_TWS_TBT_MID) {
        tick.price.e9 = ev->quote.bid.e9 / 2 + ev->quote.ask.e9 / 2;
    } else {
        tick.bid = ev->quote.bid;
        tick.ask = ev->quote.ask;
        tick.bid_size = ev->quote.bid_qty;
        tick.ask_size = ev->quote.ask_qty;
    }
    m->tick_by_tick = tick;
    (void)td_gw_send(g, c, m);
}

static bool wants_tick(const struct td_gw_sub *sub, const struct td_event *ev)
{
    const bool trades = sub->what == TD_TWS_TBT_LAST || sub->what == TD_TWS_TBT_ALL_LAST;
    if (ev->kind == TD_EV_TRADE)
        return trades && !(ev->trade.unreported && sub->what == TD_TWS_TBT_LAST);
    return ev->kind == TD_EV_QUOTE && !trades && !td_px_is_none(ev->quote.bid) &&
           !td_px_is_none(ev->quote.ask);
}

static void send_bar5(struct td_gateway *g, struct td_gw_client *c, const struct td_gw_sub *sub)
{
    const double volume = td_e9_to_double(sub->bar.volume.e9);
    struct td_tws_real_time_bar bar = {.req_id = sub->req_id,
                                       .count = sub->bar.count,
                                       .time_s = sub->bar_start / TD_SEC,
                                       .open = sub->bar.open,
                                       .high = sub->bar.high,
                                       .low = sub->bar.low,
                                       .close = sub->bar.close,
                                       .wap = sub->bar.close,
                                       .volume = sub->bar.volume};
    if (volume > 0 && td_e9_from_double(sub->value / volume, &bar.wap.e9) != TD_OK)
        bar.wap = sub->bar.close;
    td_tws_msg_init(&g->msg, TD_TWS_REAL_TIME_BAR);
    g->msg.real_time_bar = bar;
    (void)td_gw_send(g, c, &g->msg);
}

/* Sends finished bars; a span without events repeats the last price with no volume. */
static void roll_bar5(struct td_gateway *g, struct td_gw_client *c, struct td_gw_sub *sub,
                      td_ns now)
{
    for (int n = 0; now >= sub->bar_start + BAR5; n++) {
        if (!td_px_is_none(sub->bar.close) && n < 64)
            send_bar5(g, c, sub);
        sub->bar_start = n < 64 ? sub->bar_start + BAR5 : now - now % BAR5;
        sub->bar.open = sub->bar.high = sub->bar.low = sub->bar.close;
        sub->bar.volume = TD_QTY(0);
        sub->bar.count = 0;
        sub->value = 0;
    }
}

void td_gw_on_event(struct td_gateway *g, struct td_gw_symbol *s, const struct td_event *ev)
{
    td_gw_news_event(g, s, ev);
    td_gw_hold_event(g, s);
    for (size_t i = 0; i < TD_GATEWAY_CLIENTS_MAX; i++) {
        struct td_gw_client *c = g->clients[i];
        for (uint32_t k = 0; c && k < c->sub_count; k++) {
            struct td_gw_sub *sub = &c->subs[k];
            if (sub->sym != s->row || sub->dead)
                continue;
            if (sub->kind == TD_GW_TICKS && wants_tick(sub, ev))
                send_tick(g, c, sub, ev);
            if (sub->kind == TD_GW_BARS5)
                roll_bar5(g, c, sub, ev->venue_ns);
            if (sub->kind == TD_GW_BARS5 || sub->kind == TD_GW_BARS_LIVE)
                td_gw_bar_feed(g, c, sub, ev);
        }
    }
}

void td_gw_req_ticks(struct td_gateway *g, struct td_gw_client *c, const struct td_tws_msg *m)
{
    static const struct {
        const char *name;
        uint8_t type;
    } names[] = {{"Last", TD_TWS_TBT_LAST},
                 {"AllLast", TD_TWS_TBT_ALL_LAST},
                 {"BidAsk", TD_TWS_TBT_BID_ASK},
                 {"MidPoint", TD_TWS_TBT_MID}};
    const struct td_tws_req_tick_by_tick *r = &m->req_tick_by_tick;
    size_t type = 0;
    while (type < TD_COUNT(names) && !td_str_is(r->tick_type, names[type].name))
        type++;
    if (type == TD_COUNT(names)) {
        td_gw_error(g, c, r->req_id, 321, "Error validating request.-'Invalid tick type: %.*s'",
                    TD_STR_ARG(r->tick_type));
        return;
    }
    struct td_gw_symbol *s = td_gw_ask_tape(g, c, r->req_id, &r->contract);
    const uint64_t series[] = {s ? s->row : 0, type};
    if (!s || !td_gw_ticks_free(g, c, r->req_id, td_hash_bytes(series, sizeof series)))
        return;
    struct td_gw_sub *sub = td_gw_sub_add(g, c, TD_GW_TICKS, r->req_id);
    if (!sub)
        return;
    sub->sym = s->row;
    sub->what = names[type].type;
    if (r->ticks_max > 0)
        td_gw_ticks_before(g, c, sub, r->ticks_max);
    if (sub->what == TD_TWS_TBT_BID_ASK ||
        sub->what == TD_TWS_TBT_MID) { /* the state comes first */
        const struct td_event now = {.venue_ns = g->now, .kind = TD_EV_QUOTE, .quote = s->quote};
        if (wants_tick(sub, &now))
            send_tick(g, c, sub, &now);
    }
}

void td_gw_cancel_ticks(struct td_gateway *g, struct td_gw_client *c, const struct td_tws_msg *m)
{
    if (!td_gw_sub_remove(c, TD_GW_TICKS, m->req.req_id))
        td_gw_error(g, c, m->req.req_id, 300, "Can't find EId with tickerId:%d",
                    (int)m->req.req_id);
}

/* ---- five-second bars ---- */

void td_gw_req_bars5(struct td_gateway *g, struct td_gw_client *c, const struct td_tws_msg *m)
{
    static const char *const names[] = {"TRADES", "MIDPOINT", "BID", "ASK"};
    const struct td_tws_req_real_time_bars *r = &m->req_real_time_bars;
    uint8_t what = 0;
    while (what < TD_COUNT(names) && !td_str_is(r->what_to_show, names[what]))
        what++;
    if (what == TD_COUNT(names)) {
        td_gw_error(g, c, r->req_id, 321, "Error validating request.-'Invalid what to show: %.*s'",
                    TD_STR_ARG(r->what_to_show));
        return;
    }
    struct td_gw_symbol *s = td_gw_ask_symbol(g, c, r->req_id, &r->contract);
    const uint64_t key[] = {s ? s->row : 0, what, 5};
    const uint64_t number = td_hash_bytes(key, sizeof key);
    const struct td_gw_asked asked = {.request = number, .series = number, .weight = 1};
    if (s && !td_gw_history_paced(g, &asked, BAR5)) {
        td_gw_error(g, c, r->req_id, 420,
                    "Invalid Real-time Query:Historical data request pacing violation");
        return;
    }
    struct td_gw_sub *sub = s ? td_gw_sub_add(g, c, TD_GW_BARS5, r->req_id) : NULL;
    if (!sub)
        return;
    sub->sym = s->row;
    sub->what = what;
    sub->rth = r->use_rth;
    sub->span = BAR5;
    sub->bar_start = g->now - g->now % BAR5;
    sub->bar.open = sub->bar.high = sub->bar.low = sub->bar.close =
        what == TD_HISTORY_TRADES ? s->last : TD_PX_NONE;
}

void td_gw_cancel_bars5(struct td_gateway *g, struct td_gw_client *c, const struct td_tws_msg *m)
{
    if (!td_gw_sub_remove(c, TD_GW_BARS5, m->req.req_id))
        td_gw_error(g, c, m->req.req_id, 300, "Can't find EId with tickerId:%d",
                    (int)m->req.req_id);
}

/* ---- once a turn ---- */

void td_gw_fan_out(struct td_gateway *g)
{
    for (size_t i = 0; i < TD_GATEWAY_CLIENTS_MAX; i++) {
        struct td_gw_client *c = g->clients[i];
        for (uint32_t k = 0; c && !c->closing && k < c->sub_count; k++) {
            struct td_gw_sub *sub = &c->subs[k];
            if (sub->dead)
                continue;
            if (sub->kind == TD_GW_QUOTES) {
                send_quotes(g, c, sub, g->symbols[sub->sym]);
                td_gw_news_send(g, c, sub);
            } else if (sub->kind == TD_GW_SCANNER && g->now >= sub->next_ns)
                td_gw_scan_send(g, c, sub);
            else if (sub->kind == TD_GW_DEPTH)
                send_depth(g, c, sub, g->symbols[sub->sym]);
            else if (sub->kind == TD_GW_BARS5)
                roll_bar5(g, c, sub, g->now);
            else if (sub->kind == TD_GW_BARS_LIVE)
                td_gw_bar_send(g, c, sub);
        }
    }
}
