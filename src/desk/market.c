/* desk/market.c - subscriptions as desired state, and messages as tape events. */
#include "desk/market.h"

#include <stdio.h>

enum purpose { FOR_DETAILS, FOR_DEPTH, FOR_QUOTES, FOR_BARS, PURPOSES };

/* Errors name orders and requests by one number: requests live far above any order id. */
#define FIRST_ID 500000000

void td_market_init(struct td_market *m, const struct td_market_config *config,
                    struct td_link *link, struct td_log *log, td_market_fn *sink, void *arg)
{
    memset(m, 0, sizeof *m);
    m->config = *config;
    m->link = link;
    m->log = log;
    m->sink = sink;
    m->arg = arg;
    m->next_id = FIRST_ID;
    td_map_init(&m->by_id, m->slots, TD_COUNT(m->slots));
}

enum td_err td_market_add(struct td_market *m, const char *symbol, int wants, uint32_t *index,
                          struct td_fail *why)
{
    if (!td_symbol_is_safe(td_str_of(symbol)))
        return td_fail_set(why, TD_EINVAL,
                           "\"%s\" is no symbol: letters A-Z, digits, . - _, at most %d", symbol,
                           TD_SYMBOL_CHARS - 1);
    if (m->count == TD_LINES_MAX)
        return td_fail_set(why, TD_EFULL, "more than %d symbols", TD_LINES_MAX);
    struct td_line *line = &m->lines[m->count];
    memset(line, 0, sizeof *line);
    (void)td_str_copy(td_str_of(symbol), line->symbol, sizeof line->symbol);
    (void)td_str_copy(td_str_of(strcmp(symbol, "ES") == 0 ? "FUT" : "STK"), line->sec_type,
                      sizeof line->sec_type);
    (void)td_str_copy(td_str_of(line->sec_type[0] == 'F' ? "CME" : "SMART"), line->exchange,
                      sizeof line->exchange);
    (void)td_str_copy(td_str_of("USD"), line->currency, sizeof line->currency);
    line->wants = wants;
    line->quote = (struct td_quote){TD_PX_NONE, TD_PX_NONE, TD_QTY(0), TD_QTY(0)};
    line->last = TD_PX_NONE;
    td_book_init(&line->book, m->config.depth_rows);
    *index = m->count++;
    if (td_link_ready(m->link))
        td_market_ready(m);
    return TD_OK;
}

/* A fresh request id for a purpose of a line; the old one, if any, is forgotten. */
static int32_t take_id(struct td_market *m, uint32_t index, enum purpose purpose)
{
    struct td_line *line = &m->lines[index];
    if (line->ids[purpose])
        (void)td_map_del(&m->by_id, (uint64_t)line->ids[purpose]);
    const int32_t id = m->next_id++;
    line->ids[purpose] = id;
    /* At most four live ids per line: the table is sized for all of them. */
    TD_REQUIRE(td_map_put(&m->by_id, (uint64_t)id, index * PURPOSES + purpose) == TD_OK);
    return id;
}

static void send(struct td_market *m, const struct td_tws_msg *msg, const struct td_line *line)
{
    const enum td_err err = td_link_send(m->link, msg);
    if (err)
        td_logf(m->log, TD_LOG_ERROR, TD_LOG_API, "send_failed", "%s %s: %s",
                td_tws_kind_name(msg->kind), line->symbol, td_err_text(err));
}

static void fill_contract(const struct td_line *line, struct td_tws_contract *c)
{
    c->con_id = line->inst.conid;
    c->symbol = td_str_of(line->symbol);
    c->sec_type = td_str_of(line->sec_type);
    c->exchange = td_str_of(line->exchange);
    c->currency = td_str_of(line->currency);
}

static void ask_details(struct td_market *m, uint32_t index)
{
    struct td_line *line = &m->lines[index];
    struct td_tws_msg msg;
    td_tws_msg_init(&msg, TD_TWS_REQ_CONTRACT_DETAILS);
    msg.req_contract.req_id = take_id(m, index, FOR_DETAILS);
    fill_contract(line, &msg.req_contract.contract);
    msg.req_contract.contract.con_id = 0;
    line->inst.conid = 0;
    line->state = TD_LINE_ASKED;
    send(m, &msg, line);
}

static void ask_depth(struct td_market *m, uint32_t index)
{
    struct td_line *line = &m->lines[index];
    struct td_tws_msg msg;
    line->smart_depth = strcmp(line->exchange, "SMART") == 0;
    td_book_reset(&line->book);
    td_tws_msg_init(&msg, TD_TWS_REQ_MKT_DEPTH);
    msg.req_mkt_depth.req_id = take_id(m, index, FOR_DEPTH);
    msg.req_mkt_depth.rows = m->config.depth_rows;
    msg.req_mkt_depth.smart = line->smart_depth;
    fill_contract(line, &msg.req_mkt_depth.contract);
    send(m, &msg, line);
}

static void ask_quotes(struct td_market *m, uint32_t index)
{
    struct td_line *line = &m->lines[index];
    struct td_tws_msg msg;
    td_tws_msg_init(&msg, TD_TWS_REQ_MKT_DATA);
    msg.req_mkt_data.req_id = take_id(m, index, FOR_QUOTES);
    line->quote_delayed = false; /* its messages and ticks say so again */
    fill_contract(line, &msg.req_mkt_data.contract);
    send(m, &msg, line);
}

static void ask_bars(struct td_market *m, uint32_t index)
{
    struct td_line *line = &m->lines[index];
    struct td_tws_msg msg;
    td_tws_msg_init(&msg, TD_TWS_REQ_HISTORICAL_DATA);
    msg.req_historical_data.req_id = take_id(m, index, FOR_BARS);
    msg.req_historical_data.format_date = 2;
    msg.req_historical_data.keep_up_to_date = true;
    msg.req_historical_data.bar_size = td_str_of(m->config.bar_size);
    msg.req_historical_data.duration = td_str_of(m->config.bar_history);
    msg.req_historical_data.what_to_show = td_str_of("TRADES");
    fill_contract(line, &msg.req_historical_data.contract);
    line->warm = false;
    line->forming_start = 0;
    send(m, &msg, line);
}

static void subscribe(struct td_market *m, uint32_t index)
{
    struct td_line *line = &m->lines[index];
    line->state = TD_LINE_LIVE;
    if (line->wants & TD_WANT_QUOTES)
        ask_quotes(m, index);
    if (line->wants & TD_WANT_DEPTH)
        ask_depth(m, index);
    if (line->wants & TD_WANT_BARS)
        ask_bars(m, index);
}

void td_market_ready(struct td_market *m)
{
    for (uint32_t i = 0; i < m->count; i++)
        if (m->lines[i].state == TD_LINE_IDLE)
            ask_details(m, i);
}

void td_market_lost(struct td_market *m)
{
    td_map_reset(&m->by_id);
    for (uint32_t i = 0; i < m->count; i++) {
        struct td_line *line = &m->lines[i];
        memset(line->ids, 0, sizeof line->ids);
        if (line->state != TD_LINE_REFUSED)
            line->state = TD_LINE_IDLE;
        line->quote = (struct td_quote){TD_PX_NONE, TD_PX_NONE, TD_QTY(0), TD_QTY(0)};
        line->book.broken = true;
    }
}

/* --- events --- */

static struct td_event event_of(const struct td_market *m, uint32_t index, enum td_event_kind kind)
{
    struct td_event ev;
    memset(&ev, 0, sizeof ev);
    ev.kind = (uint8_t)kind;
    ev.inst = index;
    ev.recv_ns = m->link->recv_ns;
    return ev;
}

static void hand_on(struct td_market *m, uint32_t index, const struct td_event *ev, bool warmup)
{
    struct td_line *line = &m->lines[index];
    line->recv_ns = ev->recv_ns;
    if (ev->venue_ns)
        line->venue_ns = ev->venue_ns;
    m->sink(m->arg, index, ev, warmup);
}

static void reset_depth(struct td_market *m, uint32_t index)
{
    const struct td_event ev = event_of(m, index, TD_EV_DEPTH_RESET);
    td_book_reset(&m->lines[index].book);
    hand_on(m, index, &ev, false);
}

static void resubscribe_depth(struct td_market *m, uint32_t index, const char *why)
{
    struct td_line *line = &m->lines[index];
    struct td_tws_msg msg;
    td_logf(m->log, TD_LOG_WARN, TD_LOG_API, "depth_resubscribe", "%s: %s", line->symbol, why);
    td_tws_msg_init(&msg, TD_TWS_CANCEL_MKT_DEPTH);
    msg.cancel_mkt_depth.req_id = line->ids[FOR_DEPTH];
    msg.cancel_mkt_depth.smart = line->smart_depth;
    send(m, &msg, line);
    ask_depth(m, index);
    line->resubscribed++;
    reset_depth(m, index);
}

static void take_depth(struct td_market *m, uint32_t index, const struct td_tws_depth *d)
{
    struct td_line *line = &m->lines[index];
    struct td_event ev = event_of(m, index, TD_EV_DEPTH);
    ev.depth.px = d->px;
    ev.depth.qty = d->qty;
    ev.depth.row = d->row;
    ev.depth.op = (uint8_t)(d->op < 0 || d->op > 2 ? 255 : d->op);
    ev.depth.side = (uint8_t)(d->side < 0 || d->side > 1 ? 255 : d->side);
    ev.depth.smart = d->smart;
    memcpy(ev.depth.maker, d->maker.p ? d->maker.p : "",
           d->maker.len < TD_MAKER_CHARS ? d->maker.len : TD_MAKER_CHARS - 1);
    line->depth_messages++;
    const enum td_err err = td_book_apply(&line->book, &ev);
    hand_on(m, index, &ev, false); /* recorded before it is judged */
    if (err) {
        const struct td_event gap = event_of(m, index, TD_EV_GAP);
        hand_on(m, index, &gap, false);
        resubscribe_depth(m, index, "an update did not fit the book");
    }
}

enum tick_field {
    TICK_BID,
    TICK_ASK,
    TICK_LAST,
    TICK_BID_SIZE,
    TICK_ASK_SIZE,
    TICK_HALTED,
    TICK_IGNORED
};

static enum tick_field tick_of(int32_t type, bool *delayed)
{
    static const struct {
        int32_t live, delayed;
        enum tick_field field;
    } rows[] = {
        {1, 66, TICK_BID},      {2, 67, TICK_ASK},      {4, 68, TICK_LAST},
        {0, 69, TICK_BID_SIZE}, {3, 70, TICK_ASK_SIZE}, {49, 90, TICK_HALTED},
    };
    for (size_t i = 0; i < TD_COUNT(rows); i++)
        if (rows[i].live == type || rows[i].delayed == type) {
            *delayed = rows[i].delayed == type;
            return rows[i].field;
        }
    return TICK_IGNORED;
}

static bool has_price(td_px px)
{
    return !td_px_is_none(px) && px.e9 > 0; /* -1 and 0 mean "no data" */
}

static void take_tick(struct td_market *m, uint32_t index, int32_t type, td_px px, td_qty size)
{
    struct td_line *line = &m->lines[index];
    bool delayed = false;
    const enum tick_field field = tick_of(type, &delayed);
    const td_qty known = td_qty_is_none(size) || size.e9 < 0 ? TD_QTY(0) : size;
    if (field == TICK_IGNORED || field == TICK_HALTED)
        return;
    line->quote_delayed |= delayed;
    if (field == TICK_LAST) {
        struct td_event ev = event_of(m, index, TD_EV_TRADE);
        if (!has_price(px))
            return;
        line->last = px;
        ev.trade = (struct td_trade){.px = px, .qty = known, .aggressor = 2};
        hand_on(m, index, &ev, false);
        return;
    }
    if (field == TICK_BID || field == TICK_BID_SIZE)
        line->quote.bid_qty = known;
    else
        line->quote.ask_qty = known;
    if (field == TICK_BID)
        line->quote.bid = has_price(px) ? px : TD_PX_NONE;
    if (field == TICK_ASK)
        line->quote.ask = has_price(px) ? px : TD_PX_NONE;
    line->quote_recv_ns = m->link->recv_ns;
    struct td_event ev = event_of(m, index, TD_EV_QUOTE);
    ev.quote = line->quote;
    hand_on(m, index, &ev, false);
}

/* --- bars --- */

enum td_err td_bar_time_parse(struct td_str text, const struct td_tz *zone, td_ns *out)
{
    struct td_civil c = {0};
    int64_t number;
    if (td_i64_parse(text.p, text.len, &number) == TD_OK && text.len > 8) {
        *out = number * TD_SEC;
        return TD_OK;
    }
    struct td_str rest = text, date;
    if (!td_str_split(&rest, ' ', &date) || date.len != 8)
        return TD_EPARSE;
    int64_t days;
    enum td_err err = td_date_parse(date.p, date.len, &days);
    if (err)
        return err;
    td_civil_from_days(days, &c);
    rest = td_str_trim(rest);
    if (rest.len) {
        static const int64_t most[3] = {23, 59, 59};
        int64_t part[3];
        if (rest.len < 8 || rest.p[2] != ':' || rest.p[5] != ':')
            return TD_EPARSE;
        for (int i = 0; i < 3; i++)
            if (td_i64_parse(rest.p + 3 * i, 2, &part[i]) != TD_OK || part[i] < 0 ||
                part[i] > most[i])
                return TD_EPARSE;
        c.hour = (int32_t)part[0];
        c.minute = (int32_t)part[1];
        c.second = (int32_t)part[2];
    }
    *out = zone ? td_tz_instant(zone, &c) : td_ns_from_civil(&c);
    return TD_OK;
}

static bool to_bar(const struct td_market *m, const struct td_tws_bar *from, struct td_bar *out,
                   td_ns *start)
{
    if (td_bar_time_parse(from->date, NULL, start) != TD_OK || !has_price(from->open) ||
        !has_price(from->high) || !has_price(from->low) || !has_price(from->close))
        return false;
    *out = (struct td_bar){
        .open = from->open,
        .high = from->high,
        .low = from->low,
        .close = from->close,
        .volume = td_qty_is_none(from->volume) || from->volume.e9 < 0 ? TD_QTY(0) : from->volume,
        .wap = has_price(from->wap) ? from->wap : TD_PX_NONE,
        .span = m->config.bar_span,
        .count = from->count};
    return true;
}

static void emit_bar(struct td_market *m, uint32_t index, const struct td_bar *bar, td_ns start,
                     bool warmup)
{
    struct td_event ev = event_of(m, index, TD_EV_BAR);
    ev.venue_ns = start;
    ev.bar = *bar;
    hand_on(m, index, &ev, warmup);
}

/* The last bar of the history is still forming; all before it are warm-up. */
static void take_history(struct td_market *m, uint32_t index,
                         const struct td_tws_historical_data *h)
{
    struct td_line *line = &m->lines[index];
    for (uint32_t i = 0; i < h->bars.n; i++) {
        struct td_bar bar;
        td_ns start;
        if (!to_bar(m, &h->bars.p[i], &bar, &start))
            continue;
        if (i + 1 == h->bars.n) {
            line->forming = bar;
            line->forming_start = start;
        } else {
            emit_bar(m, index, &bar, start, true);
        }
    }
    line->warm = true;
}

static void take_update(struct td_market *m, uint32_t index, const struct td_tws_bar *from)
{
    struct td_line *line = &m->lines[index];
    struct td_bar bar;
    td_ns start;
    if (!to_bar(m, from, &bar, &start) || start < line->forming_start)
        return;
    if (line->forming_start && start > line->forming_start)
        emit_bar(m, index, &line->forming, line->forming_start, !line->warm);
    line->forming = bar;
    line->forming_start = start;
}

/* --- contracts and errors --- */

static void take_details(struct td_market *m, uint32_t index, const struct td_tws_contract_data *d)
{
    struct td_line *line = &m->lines[index];
    struct td_instrument *inst = &line->inst;
    if (inst->conid)
        return; /* the first answer is the front contract or the only one */
    memset(inst, 0, sizeof *inst);
    inst->conid = d->contract.con_id;
    (void)td_str_copy(td_str_of(line->symbol), inst->symbol, sizeof inst->symbol);
    (void)td_str_copy(d->contract.sec_type, inst->sec_type, sizeof inst->sec_type);
    (void)td_str_copy(d->contract.expiry, inst->expiry, sizeof inst->expiry);
    (void)td_str_copy(d->contract.exchange, inst->exchange, sizeof inst->exchange);
    (void)td_str_copy(d->contract.primary_exch, inst->primary, sizeof inst->primary);
    (void)td_str_copy(d->contract.currency, inst->currency, sizeof inst->currency);
    (void)td_str_copy(d->contract.local_symbol, inst->local_symbol, sizeof inst->local_symbol);
    (void)td_str_copy(d->contract.trading_class, inst->trading_class, sizeof inst->trading_class);
    (void)td_str_copy(d->long_name, inst->long_name, sizeof inst->long_name);
    (void)td_str_copy(d->time_zone, inst->time_zone, sizeof inst->time_zone);
    (void)td_str_copy(d->liquid_hours, line->liquid_hours, sizeof line->liquid_hours);
    inst->min_tick = d->min_tick;
    inst->multiplier = TD_QTY(1);
    if (d->contract.multiplier.len &&
        td_e9_parse(d->contract.multiplier.p, d->contract.multiplier.len, &inst->multiplier.e9) !=
            TD_OK)
        inst->multiplier = TD_QTY_NONE; /* unknown: the value gate stays closed */
}

static void refuse(struct td_market *m, uint32_t index, int32_t code, struct td_str text)
{
    struct td_line *line = &m->lines[index];
    line->state = TD_LINE_REFUSED;
    line->refused_code = code;
    (void)td_str_copy(text, line->refused, sizeof line->refused);
    td_logf(m->log, TD_LOG_ERROR, TD_LOG_API, "line_refused", "%s: %d %s", line->symbol, (int)code,
            line->refused);
}

/* Codes that end a subscription or a look-up; the others inform (tws-protocol 5). */
static bool take_error(struct td_market *m, uint32_t index, enum purpose purpose,
                       const struct td_tws_error *e)
{
    struct td_line *line = &m->lines[index];
    switch (e->code) {
    case 317:
        reset_depth(m, index);
        break;
    case 316:
        resubscribe_depth(m, index, "the venue halted the depth feed (316)");
        break;
    case 10167:
    case 10089:
    case 10090:
    case 10091:
        line->quote_delayed = true;
        break;
    case 165:
    case 399:
    case 2174:
        break;
    case 162:
    case 366:
        td_logf(m->log, TD_LOG_WARN, TD_LOG_API, "history", "%s: %d %.*s", line->symbol,
                (int)e->code, TD_STR_ARG(e->text));
        line->warm |= purpose == FOR_BARS;
        break;
    default:
        refuse(m, index, e->code, e->text);
    }
    return true;
}

static bool find_line(struct td_market *m, int32_t id, uint32_t *index, enum purpose *purpose)
{
    uint32_t value;
    if (id < FIRST_ID || !td_map_get(&m->by_id, (uint64_t)id, &value)) {
        m->strays += id >= FIRST_ID && id < m->next_id;
        return false;
    }
    *index = value / PURPOSES;
    *purpose = (enum purpose)(value % PURPOSES);
    return true;
}

static bool take_notice(struct td_market *m, const struct td_tws_error *e)
{
    if (e->code != 1101)
        return false;
    td_logf(m->log, TD_LOG_WARN, TD_LOG_API, "data_lost", "1101: subscribing everything again");
    td_market_lost(m);
    td_market_ready(m);
    return true;
}

bool td_market_take(struct td_market *m, const struct td_tws_msg *msg)
{
    uint32_t index;
    enum purpose purpose;
    if (msg->kind == TD_TWS_ERROR && msg->error.id < 0)
        return take_notice(m, &msg->error);
    /* Every message handled here has its request id first (tws_msg.h). */
    if (!find_line(m, msg->req.req_id, &index, &purpose))
        return false;
    struct td_line *line = &m->lines[index];
    switch (msg->kind) {
    case TD_TWS_MARKET_DEPTH:
    case TD_TWS_MARKET_DEPTH_L2:
        take_depth(m, index, &msg->depth);
        return true;
    case TD_TWS_TICK_PRICE:
        take_tick(m, index, msg->tick_price.tick_type, msg->tick_price.price, msg->tick_price.size);
        return true;
    case TD_TWS_TICK_SIZE:
        take_tick(m, index, msg->tick_size.tick_type, TD_PX_NONE, msg->tick_size.size);
        return true;
    case TD_TWS_TICK_GENERIC:
        if (msg->tick_generic.tick_type == 49)
            line->halted = msg->tick_generic.value_e9 > 0;
        return true;
    case TD_TWS_MARKET_DATA_TYPE:
        line->quote_delayed = msg->market_data_type.type >= 2;
        return true;
    case TD_TWS_HISTORICAL_DATA:
        take_history(m, index, &msg->historical_data);
        return true;
    case TD_TWS_HISTORICAL_DATA_UPDATE:
        take_update(m, index, &msg->historical_update.bar);
        return true;
    case TD_TWS_CONTRACT_DATA:
        take_details(m, index, &msg->contract_data);
        return true;
    case TD_TWS_CONTRACT_DATA_END:
        if (line->inst.conid)
            subscribe(m, index);
        else
            refuse(m, index, 200, td_str_of("no such contract"));
        return true;
    case TD_TWS_ERROR:
        return take_error(m, index, purpose, &msg->error);
    default:
        return false;
    }
}

void td_market_cancel(struct td_market *m)
{
    static const uint16_t cancels[PURPOSES] = {[FOR_DEPTH] = TD_TWS_CANCEL_MKT_DEPTH,
                                               [FOR_QUOTES] = TD_TWS_CANCEL_MKT_DATA,
                                               [FOR_BARS] = TD_TWS_CANCEL_HISTORICAL_DATA};
    for (uint32_t i = 0; i < m->count; i++)
        for (int p = FOR_DEPTH; p < PURPOSES; p++) {
            struct td_line *line = &m->lines[i];
            struct td_tws_msg msg;
            if (!line->ids[p] || line->state != TD_LINE_LIVE)
                continue;
            td_tws_msg_init(&msg, cancels[p]);
            msg.req.req_id = line->ids[p];
            if (p == FOR_DEPTH)
                msg.cancel_mkt_depth.smart = line->smart_depth;
            send(m, &msg, line);
        }
}
