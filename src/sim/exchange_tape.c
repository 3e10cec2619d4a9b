/* sim/exchange_tape.c - market events change the book and the queue ahead of our orders. */
#include "sim/exchange_inner.h"

#include <string.h>

/* What is left ahead of us when the level went from `before` to `after` with `traded` printed meanwhile.
 * Prints have reduced `ahead` already; only the rest of the fall is cancellations. */
static int64_t ahead_after(const struct td_exchange *x, int64_t ahead,
                           const struct td_venue_level *before, int64_t after)
{
    const int64_t base =
        before->qty.e9 - (before->traded.e9 < before->qty.e9 ? before->traded.e9 : before->qty.e9);
    int64_t cancelled = base - after;
    if (cancelled > 0 && base > 0) {
        int64_t part = 0;
        if (x->config.queue == TD_EXCH_QUEUE_OPTIMISTIC)
            part = cancelled;
        else if (x->config.queue == TD_EXCH_QUEUE_PRORATA &&
                 td_i64_muldiv(ahead, cancelled, base, &part) != TD_OK)
            part = 0;
        ahead = ahead > part ? ahead - part : 0;
    }
    return ahead < after ? ahead : after;
}

/* Sets an aggregate level and moves the queue of our orders there. */
static void set_level(struct td_exchange *x, enum td_side side, td_px px, td_qty qty)
{
    struct td_levels *l = &x->side[side];
    const struct td_venue_level *found = td_levels_find(l, px);
    const struct td_venue_level before = found ? *found : (struct td_venue_level){.px = px};
    (void)td_levels_set(l, px, qty);
    for (uint32_t i = 0; i < x->order_count; i++) {
        struct td_exch_live *o = &x->orders[i];
        if (!o->joined || td_exch_side(o) != side || !td_exch_has_limit(o) ||
            o->order.limit_px.e9 != px.e9)
            continue;
        if (td_qty_is_none(o->ahead))
            o->ahead = qty;
        else if (qty.e9 < before.qty.e9)
            o->ahead.e9 = ahead_after(x, o->ahead.e9, &before, qty.e9);
    }
}

/* Our orders better than the best level have nobody ahead. */
static void lead(struct td_exchange *x, enum td_side side)
{
    const struct td_levels *l = &x->side[side];
    for (uint32_t i = 0; i < x->order_count; i++) {
        struct td_exch_live *o = &x->orders[i];
        if (o->joined && td_exch_side(o) == side && td_exch_has_limit(o) &&
            (l->count == 0 || td_levels_better(l, o->order.limit_px, l->rows[0].px)))
            o->ahead.e9 = 0;
    }
}

static void on_quote_side(struct td_exchange *x, enum td_side side, td_px px, td_qty qty)
{
    if (td_px_is_none(px) || qty.e9 <= 0) {
        td_levels_trim(&x->side[side], TD_PX_NONE);
    } else {
        td_levels_trim(&x->side[side], px);
        set_level(x, side, px, qty);
    }
    lead(x, side);
}

static void on_quote(struct td_exchange *x, const struct td_quote *q)
{
    on_quote_side(x, TD_BID, q->bid, q->bid_qty);
    on_quote_side(x, TD_ASK, q->ask, q->ask_qty);
    td_exch_match(x);
    if (x->config.trigger == TD_EXCH_TRIGGER_QUOTE)
        td_exch_trigger(x, q->ask, q->bid);
}

static void on_trade(struct td_exchange *x, const struct td_trade *t)
{
    if (t->unreported || td_px_is_none(t->px) || t->qty.e9 <= 0)
        return;
    x->last = t->px;
    if (x->status != TD_STATUS_OPEN)
        return;
    for (int side = TD_ASK; side <= TD_BID; side++) {
        if (t->aggressor <= TD_BID && t->aggressor != side)
            continue;
        struct td_venue_level *level = td_levels_find(&x->side[side], t->px);
        if (level)
            level->traded.e9 += t->qty.e9;
        if (!x->by_order)
            td_exch_print(x, (enum td_side)side, t->px, t->qty);
    }
    if (x->config.trigger == TD_EXCH_TRIGGER_LAST)
        td_exch_trigger(x, t->px, t->px);
}

/* Orders ahead of ours got smaller or left. `before` is the order as it was. */
static void leave_queue(struct td_exchange *x, const struct td_resting *before, int64_t left)
{
    for (uint32_t i = 0; i < x->order_count; i++) {
        struct td_exch_live *o = &x->orders[i];
        if (o->joined && td_exch_side(o) == before->side && td_exch_has_limit(o) &&
            o->order.limit_px.e9 == before->px.e9 && before->sequence <= o->place) {
            o->ahead.e9 -= before->qty.e9 - left;
            if (o->ahead.e9 < 0)
                o->ahead.e9 = 0;
        }
    }
}

static int64_t left_of(const struct td_resting *before, const struct td_mbo *mbo)
{
    if (mbo->action == TD_MBO_CANCEL)
        return before->qty.e9 > mbo->qty.e9 ? before->qty.e9 - mbo->qty.e9 : 0;
    const bool keeps =
        before->px.e9 == mbo->px.e9 && before->side == mbo->side && mbo->qty.e9 <= before->qty.e9;
    return keeps ? mbo->qty.e9 : 0;
}

static enum td_err on_mbo(struct td_exchange *x, const struct td_mbo *mbo)
{
    if (x->config.resting_max == 0)
        return TD_EINVAL;
    struct td_resting before;
    const enum td_err err = td_orderbook_apply(&x->orderbook, x->side, mbo, &before);
    if (err != TD_OK)
        return err;
    x->by_order = true;
    const bool open = x->status == TD_STATUS_OPEN;
    if (mbo->action == TD_MBO_CLEAR) {
        for (uint32_t i = 0; i < x->order_count; i++)
            x->orders[i].joined = false;
    } else if (mbo->action == TD_MBO_TRADE) {
        x->last = mbo->px;
        if (open && x->config.trigger == TD_EXCH_TRIGGER_LAST)
            td_exch_trigger(x, mbo->px, mbo->px);
    } else if (mbo->action == TD_MBO_FILL && before.qty.e9 > 0 && open) {
        td_exch_resting_filled(x, &before, mbo->qty);
    } else if (before.qty.e9 > 0 && mbo->action != TD_MBO_ADD) {
        leave_queue(x, &before, left_of(&before, mbo));
    }
    if (mbo->last)
        td_exch_match(x);
    return TD_OK;
}

/* The levels become what the rows say; prices no row has any more leave. */
static void levels_from_rows(struct td_exchange *x, enum td_side side)
{
    struct td_levels *l = &x->side[side];
    for (uint32_t i = l->count; i-- > 0;) {
        bool kept = false;
        for (uint32_t r = 0; r < x->row_count[side]; r++)
            kept = kept || x->rows[side][r].px.e9 == l->rows[i].px.e9;
        if (!kept)
            set_level(x, side, l->rows[i].px, (td_qty){0});
    }
    for (uint32_t r = 0; r < x->row_count[side]; r++)
        if (x->rows[side][r].qty.e9 > 0 && !td_px_is_none(x->rows[side][r].px))
            set_level(x, side, x->rows[side][r].px, x->rows[side][r].qty);
    lead(x, side);
}

static enum td_err on_depth(struct td_exchange *x, const struct td_depth *d)
{
    if (d->side > TD_BID || d->op > TD_DEPTH_DELETE || d->row < 0)
        return TD_EINVAL;
    struct td_depth *rows = x->rows[d->side];
    uint32_t *count = &x->row_count[d->side];
    const uint32_t row = (uint32_t)d->row;
    const uint32_t cap = (uint32_t)TD_COUNT(x->rows[0]);
    if (d->op == TD_DEPTH_INSERT && row <= *count && row < cap) {
        *count += *count < cap;
        memmove(&rows[row + 1], &rows[row], (*count - row - 1) * sizeof *rows);
        rows[row] = *d;
    } else if (d->op == TD_DEPTH_UPDATE && row < *count) {
        rows[row] = *d;
    } else if (d->op == TD_DEPTH_DELETE && row < *count) {
        memmove(&rows[row], &rows[row + 1], (*count - row - 1) * sizeof *rows);
        --*count;
    } else {
        return TD_EINVAL;
    }
    levels_from_rows(x, (enum td_side)d->side);
    td_exch_match(x);
    return TD_OK;
}

static void on_reset(struct td_exchange *x)
{
    for (int side = TD_ASK; side <= TD_BID; side++) {
        x->row_count[side] = 0;
        x->side[side].count = 0;
        lead(x, (enum td_side)side);
    }
}

static enum td_err dispatch(struct td_exchange *x, const struct td_event *ev)
{
    switch ((enum td_event_kind)ev->kind) {
    case TD_EV_QUOTE:
        if (x->config.by_bars) {
            x->quote = ev->quote;
            x->quoted = x->now;
        } else {
            on_quote(x, &ev->quote);
        }
        return TD_OK;
    case TD_EV_TRADE:
        on_trade(x, &ev->trade);
        return TD_OK;
    case TD_EV_MBO:
        return on_mbo(x, &ev->mbo);
    case TD_EV_DEPTH:
        return on_depth(x, &ev->depth);
    case TD_EV_DEPTH_RESET:
        on_reset(x);
        return TD_OK;
    case TD_EV_STATUS:
        if (ev->status > TD_STATUS_AUCTION)
            return TD_EINVAL;
        x->status = ev->status;
        td_exch_match(x);
        return TD_OK;
    case TD_EV_BAR:
        if (x->config.by_bars)
            td_exch_bar_begin(x, ev->venue_ns, &ev->bar);
        return TD_OK;
    case TD_EV_GAP:
        return TD_OK;
    case TD_EV_KINDS:
        break;
    }
    return TD_EINVAL;
}

enum td_err td_exchange_market(struct td_exchange *x, const struct td_event *ev)
{
    const td_ns at = ev->venue_ns ? ev->venue_ns : ev->recv_ns;
    td_exchange_advance(x, at);
    if (x->report_cap - x->report_count < 3 * x->order_count + 8)
        return TD_EFULL;
    x->generated = ev->generated;
    const enum td_err err = dispatch(x, ev);
    td_exch_sweep(x);
    if (err == TD_OK && (ev->kind != TD_EV_MBO || ev->mbo.last))
        td_exch_refresh(x);
    return err;
}
