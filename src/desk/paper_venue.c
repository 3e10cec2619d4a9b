/* desk/paper_venue.c - what happens at the venue of local paper trading: fills, groups, hours, the end of a day. */
#include <stdio.h>

#include "desk/paper_inner.h"

#define BPS 10000

/* --- fills --- */

/* A market order that waited for a quote may meet a print inside of it: it pays the quote all the same. */
static td_px at_quote(const struct td_paper *p, const struct td_paper_order *o, td_px px)
{
    const struct td_quote *q = &p->lines[o->line].quote;
    if (o->action == TD_BUY)
        return !td_px_is_none(q->ask) && q->ask.e9 > px.e9 ? q->ask : px;
    return !td_px_is_none(q->bid) && q->bid.e9 > 0 && q->bid.e9 < px.e9 ? q->bid : px;
}

/* What takes liquidity at any price gets a worse one than the quote, on the next tick away from it. */
static td_px slipped(const struct td_paper *p, const struct td_paper_order *o,
                     const struct td_exch_report *r)
{
    const bool any_price =
        o->type == TD_EXCH_MARKET || o->type == TD_EXCH_STOP || o->type == TD_EXCH_TRAIL;
    const struct td_tick_rule *ticks = &p->config.market->lines[o->line].ticks;
    int64_t by = 0;
    td_px px = any_price ? at_quote(p, o, r->px) : r->px, on_tick;
    if (!any_price || !p->config.options.slip_bps ||
        td_i64_muldiv(px.e9, p->config.options.slip_bps, BPS, &by) != TD_OK)
        return px;
    px.e9 += o->action == TD_BUY ? by : -by;
    return td_tick_round(ticks, px, o->action == TD_BUY ? TD_SELL : TD_BUY, &on_tick) == TD_OK
               ? on_tick
               : px;
}

int64_t paper_day(const struct td_paper *p)
{
    return p->day == INT64_MIN ? td_world_now(p->world) / TD_DAY : p->day;
}

/* Of one execution: the difference of the order's running totals, so that minima hold per order. */
td_cash paper_fee(struct td_paper *p, struct td_paper_order *o, const struct td_paper_fill *f,
                  td_qty multiplier)
{
    const struct td_line *line = &p->config.market->lines[o->line];
    const char *class = line->inst.trading_class;
    struct td_fee_ask ask = {.plan = p->config.fees,
                             .sec_type = line->sec_type,
                             .product = class[0] ? class : line->symbol,
                             .day = paper_day(p),
                             .sells = o->action == TD_SELL,
                             .takes = f->liquidity == 2,
                             .qty = o->filled};
    struct td_fee_bill bill;
    td_cash value;
    int64_t units = 0;
    if (td_e9_mul(f->qty.e9, multiplier.e9, &units) != TD_OK ||
        td_notional(f->px, (td_qty){units}, &value) != TD_OK ||
        td_e9_add(o->value.e9, value.e9, &ask.value.e9) != TD_OK ||
        td_fee_expect(&ask, &bill) != TD_OK)
        return TD_CASH(0);
    const td_cash fee = {bill.total.e9 > o->fee.e9 ? bill.total.e9 - o->fee.e9 : 0};
    o->value = ask.value;
    o->fee.e9 += fee.e9;
    return fee;
}

struct td_paper_fill *paper_add_fill(struct td_paper *p, uint32_t *at)
{
    *at = p->fill_count++ % TD_PAPER_FILLS;
    return &p->fills[*at];
}

/* Into the position; what it earned when it closed something. */
static void book(struct td_paper *p, struct td_paper_order *o, struct td_paper_fill *f)
{
    struct td_paper_line *l = &p->lines[o->line];
    const struct td_holding before = l->held;
    const bool closes = f->action == TD_BUY ? before.qty.e9 < 0 : before.qty.e9 > 0;
    l->told = true;
    f->fee = paper_fee(p, o, f, p->config.market->lines[o->line].inst.multiplier);
    if (td_holding_fill(&l->held, (enum td_action)f->action, f->qty, f->px,
                        p->config.market->lines[o->line].inst.multiplier) != TD_OK ||
        td_holding_fee(&l->held, f->fee) != TD_OK)
        p->missed++; /* past what money can be: the gates refuse such sizes */
    f->realized = TD_CASH_NONE;
    if (closes)
        f->realized = (td_cash){l->held.realized.e9 - before.realized.e9 - f->fee.e9};
}

/* A part of a group filled, or all of it: type 1 ends the others, types 2 and 3 make them smaller alike. */
static void reduce_group(struct td_paper *p, const struct td_paper_order *o, td_qty filled)
{
    for (uint32_t i = 0; i < TD_PAPER_ORDERS && o->group[0]; i++) {
        struct td_paper_order *one = &p->orders[i];
        int64_t less = 0;
        if (one == o || !one->order_id || !paper_is_live(one) || strcmp(one->group, o->group) != 0)
            continue;
        const bool over = o->state == TD_PAPER_FILLED || o->oca_type == 1;
        struct td_exch_view view;
        if (over || one->state == TD_PAPER_ON_WAY ||
            !td_exchange_order(&p->lines[one->line].exchange, (uint64_t)one->order_id, &view) ||
            td_i64_muldiv(filled.e9 / TD_E9, one->qty.e9 / TD_E9, o->qty.e9 / TD_E9, &less) !=
                TD_OK) {
            paper_cancel_now(p, i);
            continue;
        }
        view.order.qty.e9 -= less * TD_E9;
        if (view.order.qty.e9 <= view.cum.e9 ||
            td_exchange_modify(&p->lines[one->line].exchange, paper_now(p), &view.order) != TD_OK)
            paper_cancel_now(p, i);
        p->dirty = true;
    }
}

static void take_fill(struct td_paper *p, uint32_t row, const struct td_exch_report *r)
{
    struct td_paper_order *o = &p->orders[row];
    uint32_t at;
    int64_t step = 0;
    struct td_paper_fill *f = paper_add_fill(p, &at);
    *f = (struct td_paper_fill){.line = o->line,
                                .order_id = o->order_id,
                                .action = o->action,
                                .liquidity = r->liquidity,
                                .qty = r->qty,
                                .px = slipped(p, o, r),
                                .at = td_world_now(p->world)};
    (void)snprintf(f->exec_id, sizeof f->exec_id, "%08x.%08llx.01.01",
                   (unsigned)p->config.exec_base, (unsigned long long)++p->exec_count);
    memcpy(f->ref, o->ref, sizeof f->ref);
    o->filled.e9 += r->qty.e9;
    o->last = f->px;
    if (td_i64_muldiv(f->px.e9 - o->average.e9, r->qty.e9, o->filled.e9, &step) == TD_OK)
        o->average.e9 += step;
    o->state = r->leaves.e9 == 0 ? TD_PAPER_FILLED : TD_PAPER_WORKS;
    book(p, o, f);
    paper_say(p, TD_TWS_EXECUTION_DATA, (int32_t)at, -1);
    paper_say_order(p, row);
    paper_say(p, TD_TWS_COMMISSION_REPORT, (int32_t)at, 0);
    reduce_group(p, o, r->qty);
    if (p->account_req)
        paper_say_account(p, p->account_req);
}

/* --- what the engines report --- */

static void take_terms(struct td_paper *p, struct td_paper_order *o)
{
    struct td_exch_view view;
    if (!td_exchange_order(&p->lines[o->line].exchange, (uint64_t)o->order_id, &view))
        return;
    o->qty.e9 = view.order.qty.e9 + o->before.e9;
    o->lmt = view.order.limit_px;
    o->aux = o->type == TD_EXCH_TRAIL ? view.order.trail : view.order.stop_px;
}

static void take_report(struct td_paper *p, const struct td_exch_report *r)
{
    uint32_t row;
    struct td_paper_order *o = paper_find(p, (int64_t)r->key, &row);
    if (!o)
        return;
    switch ((enum td_exch_kind)r->kind) {
    case TD_EXCH_ACCEPTED:
    case TD_EXCH_ACTIVATED:
        o->state = r->held && r->kind == TD_EXCH_ACCEPTED ? TD_PAPER_HELD : TD_PAPER_WORKS;
        paper_say_order(p, row);
        return;
    case TD_EXCH_REJECTED:
        paper_refuse(p, row, td_exch_reason_text((enum td_exch_reason)r->reason));
        return;
    case TD_EXCH_REPLACED:
        take_terms(p, o);
        paper_say_order(p, row);
        return;
    case TD_EXCH_REPLACE_REFUSED:
        paper_say_error(p, row, 104, "the order cannot be changed any more");
        return;
    case TD_EXCH_CANCEL_REFUSED:
        paper_say_error(p, row, 10148, "the order cannot be cancelled any more");
        return;
    case TD_EXCH_FILL:
        take_fill(p, row, r);
        return;
    case TD_EXCH_CANCELLED:
    case TD_EXCH_EXPIRED:
        paper_end(p, row);
        return;
    }
}

void paper_drain(struct td_paper *p, uint32_t line)
{
    struct td_exch_report r;
    while (paper_has_room(p, TD_PAPER_ORDERS + PAPER_ANSWERS)) { /* a group may end with it */
        if (!td_exchange_next(&p->lines[line].exchange, paper_now(p), &r))
            return;
        take_report(p, &r);
    }
    p->dirty = true; /* no room for answers: later */
}

/* --- the market --- */

static void feed(struct td_paper *p, uint32_t line, const struct td_event *ev)
{
    struct td_exchange *x = &p->lines[line].exchange;
    struct td_event now = *ev;
    now.venue_ns = paper_now(p);
    enum td_err err = td_exchange_market(x, &now);
    paper_drain(p, line);
    if (err == TD_EFULL) {
        err = td_exchange_market(x, &now);
        paper_drain(p, line);
    }
    p->missed += err != TD_OK;
}

static void blind(struct td_paper *p, uint32_t line)
{
    const struct td_event nothing = {.kind = TD_EV_DEPTH_RESET};
    if (p->lines[line].blind)
        return;
    p->lines[line].blind = true;
    feed(p, line, &nothing);
}

static void set_open(struct td_paper *p, uint32_t line, bool open)
{
    const struct td_event ev = {.kind = TD_EV_STATUS,
                                .status = open ? TD_STATUS_OPEN : TD_STATUS_CLOSED};
    if (p->lines[line].open == open)
        return;
    p->lines[line].open = open;
    feed(p, line, &ev);
}

static void look_at_hours(struct td_paper *p, uint32_t line)
{
    const struct td_line *m = &p->config.market->lines[line];
    const enum td_hours_answer answer = td_market_open(p->config.market, line);
    const bool hours =
        answer == TD_HOURS_OPEN || (answer == TD_HOURS_CLOSED && p->config.outside_rth);
    set_open(p, line, hours && m->pause.state == TD_PAUSE_TRADING);
}

/* Sides are told one after the other: where they cross, the one that did not move is of before, and nobody is there. */
static void uncross(const struct td_quote *before, struct td_quote *now)
{
    const bool bid_moved = now->bid.e9 != before->bid.e9;
    const bool ask_moved = now->ask.e9 != before->ask.e9;
    if (td_px_is_none(now->bid) || td_px_is_none(now->ask) || now->bid.e9 < now->ask.e9)
        return;
    if (!bid_moved || ask_moved)
        now->bid = TD_PX_NONE;
    if (!ask_moved || bid_moved)
        now->ask = TD_PX_NONE;
}

void td_paper_market(struct td_paper *p, uint32_t line, const struct td_event *ev)
{
    struct td_paper_line *l = &p->lines[line];
    struct td_event seen = *ev;
    if (ev->kind != TD_EV_QUOTE && ev->kind != TD_EV_TRADE)
        return;
    if (p->config.market->lines[line].quote_delayed) {
        blind(p, line);
        return;
    }
    if (ev->kind == TD_EV_QUOTE) {
        uncross(&l->quote, &seen.quote);
        l->quote = ev->quote;
    }
    look_at_hours(p, line);
    l->blind = false;
    feed(p, line, &seen);
}

void td_paper_doubt(struct td_paper *p, uint32_t line)
{
    blind(p, line);
}

/* Orders whose day, hour or session is over. */
static void expire(struct td_paper *p)
{
    const td_ns wall = td_world_now(p->world);
    for (uint32_t i = 0; i < TD_PAPER_ORDERS && paper_has_room(p, TD_PAPER_ORDERS); i++) {
        struct td_paper_order *o = &p->orders[i];
        if (!o->order_id || !paper_is_live(o))
            continue;
        if (o->born == INT64_MIN)
            o->born = p->day;
        const struct td_paper_line *l = &p->lines[o->line];
        const bool closed = td_market_open(p->config.market, o->line) == TD_HOURS_CLOSED;
        const bool bell = l->was_open && closed && !p->config.outside_rth;
        if ((o->until && wall >= o->until) || (o->day && (bell || o->born < p->day)))
            paper_cancel_now(p, i);
    }
    for (uint32_t i = 0; i < p->config.market->count; i++)
        p->lines[i].was_open = td_market_open(p->config.market, i) == TD_HOURS_OPEN;
}

void td_paper_tick(struct td_paper *p, int64_t day)
{
    p->day = day;
    for (uint32_t i = 0; i < p->config.market->count; i++) {
        const struct td_line *m = &p->config.market->lines[i];
        if (m->quote_delayed || m->state != TD_LINE_LIVE || td_market_stale(p->config.market, i))
            blind(p, i);
        look_at_hours(p, i);
    }
    expire(p);
    if (p->account_req && paper_now(p) >= p->account_at)
        paper_say_account(p, p->account_req);
}

void td_paper_blind(struct td_paper *p)
{
    for (uint32_t i = 0; i < p->config.market->count; i++)
        blind(p, i);
}
