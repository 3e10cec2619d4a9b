/* desk/paper_tell.c - what the local broker answers: a ring of short notes, each made a message when it is pulled. */
#include "desk/paper_inner.h"

#define ACCOUNT_AGAIN (3 * TD_MIN)

bool paper_has_room(const struct td_paper *p, uint32_t answers)
{
    return TD_PAPER_TOLD - p->told_count >= answers;
}

static struct td_paper_order *order_about(struct td_paper *p, const struct paper_told *t)
{
    const bool order = t->kind == TD_TWS_OPEN_ORDER || t->kind == TD_TWS_ORDER_STATUS ||
                       t->kind == TD_TWS_COMPLETED_ORDER || t->kind == TD_TWS_ERROR;
    return order ? &p->orders[t->about] : NULL;
}

void paper_say(struct td_paper *p, uint16_t kind, int32_t about, int32_t number)
{
    TD_REQUIRE(paper_has_room(p, 1)); /* whoever says something looked before */
    struct paper_told *t = &p->told[(p->told_head + p->told_count++) % TD_PAPER_TOLD];
    *t = (struct paper_told){paper_now(p) + p->config.options.latency, kind, about, number};
    struct td_paper_order *o = order_about(p, t);
    if (o)
        o->waiting++;
}

void paper_say_order(struct td_paper *p, uint32_t row)
{
    paper_say(p, TD_TWS_OPEN_ORDER, (int32_t)row, 0);
    paper_say(p, TD_TWS_ORDER_STATUS, (int32_t)row, 0);
}

void paper_say_account(struct td_paper *p, int32_t req_id)
{
    if (!paper_has_room(p, PAPER_VALUES))
        return; /* it is told again later */
    for (int32_t v = 0; v < PAPER_VALUES; v++)
        paper_say(p, TD_TWS_ACCOUNT_SUMMARY, req_id, v);
    p->account_at = paper_now(p) + ACCOUNT_AGAIN;
}

/* --- lists --- */

static void list_open(struct td_paper *p)
{
    for (uint32_t i = 0; i < TD_PAPER_ORDERS; i++)
        if (p->orders[i].order_id && paper_is_live(&p->orders[i]))
            paper_say_order(p, i);
    paper_say(p, TD_TWS_OPEN_ORDER_END, 0, 0);
}

static void list_completed(struct td_paper *p)
{
    for (uint32_t i = 0; i < TD_PAPER_ORDERS; i++)
        if (p->orders[i].order_id && !paper_is_live(&p->orders[i]))
            paper_say(p, TD_TWS_COMPLETED_ORDER, (int32_t)i, 0);
    paper_say(p, TD_TWS_COMPLETED_ORDERS_END, 0, 0);
}

static uint32_t fills_kept(const struct td_paper *p)
{
    return p->fill_count < TD_PAPER_FILLS ? p->fill_count : TD_PAPER_FILLS;
}

static void list_fills(struct td_paper *p, int32_t req_id)
{
    for (uint32_t i = p->fill_count - fills_kept(p); i < p->fill_count; i++) {
        paper_say(p, TD_TWS_EXECUTION_DATA, (int32_t)(i % TD_PAPER_FILLS), req_id);
        paper_say(p, TD_TWS_COMMISSION_REPORT, (int32_t)(i % TD_PAPER_FILLS), 0);
    }
    paper_say(p, TD_TWS_EXECUTION_DATA_END, req_id, 0);
}

static void list_positions(struct td_paper *p)
{
    for (uint32_t i = 0; i < p->config.market->count; i++)
        if (p->lines[i].told)
            paper_say(p, TD_TWS_POSITION, (int32_t)i, 0);
    paper_say(p, TD_TWS_POSITION_END, 0, 0);
}

/* The most a list can be: all that is kept of its kind, and its end. */
static uint32_t size_of_list(const struct td_paper *p, uint16_t kind)
{
    switch (kind) {
    case TD_TWS_REQ_EXECUTIONS:
        return 2 * fills_kept(p) + 1;
    case TD_TWS_REQ_POSITIONS:
        return p->config.market->count + 1;
    default:
        return 2 * TD_PAPER_ORDERS + 1;
    }
}

enum td_err paper_list(struct td_paper *p, const struct td_tws_msg *msg)
{
    if (!paper_has_room(p, size_of_list(p, msg->kind)))
        return TD_EFULL;
    switch (msg->kind) {
    case TD_TWS_REQ_OPEN_ORDERS:
    case TD_TWS_REQ_ALL_OPEN_ORDERS:
    case TD_TWS_REQ_AUTO_OPEN_ORDERS:
        list_open(p);
        return TD_OK;
    case TD_TWS_REQ_EXECUTIONS:
        list_fills(p, msg->req_executions.req_id);
        return TD_OK;
    case TD_TWS_REQ_COMPLETED_ORDERS:
        list_completed(p);
        return TD_OK;
    case TD_TWS_REQ_POSITIONS:
        list_positions(p);
        return TD_OK;
    case TD_TWS_REQ_IDS:
        paper_say(p, TD_TWS_NEXT_VALID_ID, (int32_t)(p->last_id + 1), 0);
        return TD_OK;
    case TD_TWS_REQ_ACCOUNT_SUMMARY:
        p->account_req = msg->req_account_summary.req_id;
        paper_say_account(p, p->account_req);
        paper_say(p, TD_TWS_ACCOUNT_SUMMARY_END, p->account_req, 0);
        return TD_OK;
    case TD_TWS_CANCEL_ACCOUNT_SUMMARY:
        p->account_req = 0;
        return TD_OK;
    case TD_TWS_CANCEL_POSITIONS: /* positions are told when they are asked for, and not after */
        return TD_OK;
    default:
        return TD_EUNSUP;
    }
}

/* --- messages --- */

static const char *status_of(const struct td_paper_order *o)
{
    static const char *const words[] = {"PreSubmitted", "PreSubmitted", "Submitted",
                                        "Filled",       "Cancelled",    "Inactive"};
    return words[o->state];
}

static void fill_status(const struct td_paper *p, const struct td_paper_order *o,
                        struct td_tws_order_status *s)
{
    s->order_id = (int32_t)o->order_id;
    s->client_id = p->config.client_id;
    s->status = td_str_of(status_of(o));
    s->filled = o->filled;
    s->remaining = (td_qty){o->qty.e9 - o->filled.e9};
    s->avg_fill_price = o->average;
    s->last_fill_price = o->last;
    s->perm_id = TD_PAPER_PERM + o->order_id;
}

static void fill_open(const struct td_paper *p, const struct td_paper_order *o,
                      struct td_tws_open_order *out)
{
    out->order_id = (int32_t)o->order_id;
    td_market_contract(&p->config.market->lines[o->line], &out->contract);
    out->order.action = td_str_of(o->action == TD_BUY ? "BUY" : "SELL");
    out->order.total_quantity = o->qty;
    out->order.order_type = td_str_of(o->type_word);
    out->order.lmt_price = td_px_is_none(o->lmt) ? TD_PX(0) : o->lmt;
    out->order.aux_price = td_px_is_none(o->aux) ? TD_PX(0) : o->aux;
    out->order.tif = td_str_of(o->tif);
    out->order.oca_group = td_str_of(o->group);
    out->order.account = td_str_of(TD_PAPER_ACCOUNT);
    out->order.order_ref = td_str_of(o->ref);
    out->order.client_id = p->config.client_id;
    out->order.perm_id = TD_PAPER_PERM + o->order_id;
    out->state.status = td_str_of(status_of(o));
}

static void fill_execution(struct td_paper *p, const struct td_paper_fill *f, int32_t req_id,
                           struct td_tws_execution *e)
{
    struct td_text t;
    td_text_init(&t, p->time, sizeof p->time);
    td_text_iso(&t, f->at);
    e->req_id = req_id;
    e->order_id = (int32_t)f->order_id;
    e->client_id = p->config.client_id;
    td_market_contract(&p->config.market->lines[f->line], &e->contract);
    e->exec_id = td_str_of(f->exec_id);
    e->time = (struct td_str){p->time, t.len};
    e->account = td_str_of(TD_PAPER_ACCOUNT);
    e->exchange = td_str_of("LOCAL");
    e->side = td_str_of(f->action == TD_BUY ? "BOT" : "SLD");
    e->order_ref = td_str_of(f->ref);
    e->shares = f->qty;
    e->price = f->px;
    e->perm_id = TD_PAPER_PERM + f->order_id;
    e->last_liquidity = f->liquidity;
}

/* Per contract, as brokers tell it. */
static td_px cost_of(const struct td_paper *p, uint32_t line)
{
    const td_qty multiplier = p->config.market->lines[line].inst.multiplier;
    td_px cost;
    return !td_qty_is_none(multiplier) &&
                   td_e9_mul(p->lines[line].held.average.e9, multiplier.e9, &cost.e9) == TD_OK
               ? cost
               : TD_PX_NONE;
}

static td_px mark_of(const struct td_line *line)
{
    const struct td_quote *q = &line->quote;
    const bool two_sided = !td_px_is_none(q->bid) && !td_px_is_none(q->ask);
    return two_sided ? (td_px){q->bid.e9 / 2 + q->ask.e9 / 2} : line->last;
}

/* Cash and what was earned, with what is held at its price now; unset when one has none. */
td_cash paper_equity(const struct td_paper *p, td_cash *gross)
{
    int64_t worth = p->config.cash.e9, all = 0;
    enum td_err err = td_e9_add(worth, p->elsewhere.e9, &worth);
    for (uint32_t i = 0; i < p->config.market->count && !err; i++) {
        const struct td_holding *h = &p->lines[i].held;
        const struct td_line *line = &p->config.market->lines[i];
        const td_px mark = mark_of(line);
        td_cash net = {h->realized.e9 - h->fees.e9}, value = TD_CASH(0);
        td_qty units = TD_QTY(0);
        if (h->qty.e9 != 0) {
            if (td_px_is_none(mark))
                return TD_CASH_NONE;
            err = td_holding_net(h, mark, line->inst.multiplier, &net);
            if (!err)
                err = td_e9_mul(h->qty.e9 < 0 ? -h->qty.e9 : h->qty.e9, line->inst.multiplier.e9,
                                &units.e9);
            if (!err)
                err = td_notional(mark, units, &value);
        }
        if (!err)
            err = td_e9_add(worth, net.e9, &worth);
        if (!err)
            err = td_e9_add(all, value.e9, &all);
    }
    *gross = (td_cash){all};
    return err ? TD_CASH_NONE : (td_cash){worth};
}

static bool fill_value(struct td_paper *p, const struct paper_told *t,
                       struct td_tws_account_summary *a)
{
    static const char *const tags[] = {"NetLiquidation", "GrossPositionValue",
                                       "DayTradesRemaining"};
    td_cash gross = TD_CASH(0);
    td_cash value = paper_equity(p, &gross);
    if (td_cash_is_none(value) && t->number != PAPER_DAY_TRADES)
        return false; /* a price is missing: what was told last stays */
    if (t->number == PAPER_GROSS)
        value = gross;
    a->req_id = t->about;
    a->account = td_str_of(TD_PAPER_ACCOUNT);
    a->tag = td_str_of(tags[t->number]);
    a->currency = td_str_of("USD");
    a->value = (struct td_str){p->value, td_e9_print(value.e9, p->value)};
    if (t->number == PAPER_DAY_TRADES)
        a->value = td_str_of("-1");
    return true;
}

static bool make_message(struct td_paper *p, const struct paper_told *t, struct td_tws_msg *m)
{
    td_tws_msg_init(m, t->kind);
    switch (t->kind) {
    case TD_TWS_OPEN_ORDER:
    case TD_TWS_COMPLETED_ORDER:
        fill_open(p, &p->orders[t->about], &m->open_order);
        return true;
    case TD_TWS_ORDER_STATUS:
        fill_status(p, &p->orders[t->about], &m->order_status);
        return true;
    case TD_TWS_ERROR:
        m->error.id = (int32_t)p->orders[t->about].order_id;
        m->error.code = t->number;
        m->error.text = td_str_of(p->orders[t->about].text);
        return true;
    case TD_TWS_EXECUTION_DATA:
        fill_execution(p, &p->fills[t->about], t->number, &m->execution);
        return true;
    case TD_TWS_COMMISSION_REPORT:
        m->commission.exec_id = td_str_of(p->fills[t->about].exec_id);
        m->commission.currency =
            td_str_of(p->config.market->lines[p->fills[t->about].line].currency);
        m->commission.commission = p->fills[t->about].fee;
        m->commission.realized_pnl = p->fills[t->about].realized;
        return true;
    case TD_TWS_POSITION:
        td_market_contract(&p->config.market->lines[t->about], &m->position.contract);
        m->position.account = td_str_of(TD_PAPER_ACCOUNT);
        m->position.position = p->lines[t->about].held.qty;
        m->position.avg_cost = cost_of(p, (uint32_t)t->about);
        return true;
    case TD_TWS_NEXT_VALID_ID:
        m->number.value = t->about;
        return true;
    case TD_TWS_ACCOUNT_SUMMARY:
        return fill_value(p, t, &m->account_summary);
    case TD_TWS_EXECUTION_DATA_END:
    case TD_TWS_ACCOUNT_SUMMARY_END:
        m->req.req_id = t->about;
        return true;
    default:
        return true;
    }
}

bool paper_next(void *arg, struct td_tws_event *out)
{
    struct td_paper *p = arg;
    paper_run(p);
    while (p->told_count && p->told[p->told_head].at <= paper_now(p)) {
        const struct paper_told t = p->told[p->told_head];
        struct td_paper_order *o = order_about(p, &t);
        p->told_head = (p->told_head + 1) % TD_PAPER_TOLD;
        p->told_count--;
        if (o)
            o->waiting--;
        memset(out, 0, offsetof(struct td_tws_event, msg));
        out->kind = TD_TWS_EV_MESSAGE;
        out->wire_id = out->req_id = -1;
        if (make_message(p, &t, &out->msg))
            return true;
    }
    return false;
}
