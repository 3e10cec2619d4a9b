/* sim/exchange_bar.c - fills by bars: what LEAN's fill model does, in its order of time. */
#include "sim/exchange_inner.h"

#define BASIS_POINTS 10000

static bool is_buy(const struct td_exch_live *o)
{
    return o->order.action == TD_BUY;
}

/* The order was there when the bar began. */
static bool takes_part(const struct td_exchange *x, const struct td_exch_live *o)
{
    return !o->gone && o->since <= x->bar_start;
}

static void fill_at(struct td_exchange *x, struct td_exch_live *o, td_px px, bool added)
{
    const struct td_venue_level at = {.px = px, .qty = td_exch_leaves(o)};
    td_exch_fill(x, o, &at, added);
}

static td_px slipped(const struct td_exchange *x, const struct td_exch_live *o, td_px px)
{
    int64_t worse = 0;
    if (td_i64_muldiv(px.e9, x->config.slip_bps, BASIS_POINTS, &worse) != TD_OK)
        return px;
    return (td_px){is_buy(o) ? px.e9 + worse : px.e9 - worse};
}

/* What a market order gets at the begin of the bar, before slippage. */
static td_px first_price(const struct td_exchange *x, const struct td_exch_live *o)
{
    const td_px side = is_buy(o) ? x->quote.ask : x->quote.bid;
    return x->quoted == x->bar_start && !td_px_is_none(side) && side.e9 > 0 ? side : x->bar.open;
}

static td_px higher(td_px a, td_px b)
{
    return a.e9 > b.e9 ? a : b;
}

static td_px lower(td_px a, td_px b)
{
    return a.e9 < b.e9 ? a : b;
}

/* --- begin --- */

void td_exch_bar_work(struct td_exchange *x, struct td_exch_live *o)
{
    const bool begins = x->bar_end && x->bar_start == x->now && o->since <= x->bar_start;
    const td_px first = first_price(x, o), limit = o->order.limit_px;
    const bool at_once = o->order.tif == TD_EXCH_IOC || o->order.tif == TD_EXCH_FOK;
    o->joined = true;
    if (begins && !td_exch_has_limit(o))
        fill_at(x, o, slipped(x, o, first), false);
    else if (begins && at_once && (is_buy(o) ? first.e9 <= limit.e9 : first.e9 >= limit.e9))
        fill_at(x, o, first, false);
    if (at_once && !o->gone)
        td_exch_end(x, o, TD_EXCH_CANCELLED,
                    o->order.tif == TD_EXCH_IOC ? TD_EXCH_R_IOC : TD_EXCH_R_FOK);
}

/* The last of a session is over before the orders of the day expire: they are asked first, the stops before the limits. */
static td_ns end_of(const struct td_exchange *x, td_ns at, td_ns span)
{
    const td_ns end = at + span, close = x->hours.close;
    if (!close || at >= close || end < close)
        return end;
    return close - TD_SEC > at ? close - TD_SEC : at + (close - at) / 2;
}

void td_exch_bar_begin(struct td_exchange *x, td_ns at, const struct td_bar *bar)
{
    if (x->bar_end) /* it was cut short */
        td_exch_bar_end(x);
    if (x->limits_due)
        td_exch_bar_limits(x);
    x->bar = *bar;
    x->bar_start = at;
    x->bar_end = end_of(x, at, bar->span);
    for (uint32_t i = 0; i < x->order_count; i++) {
        struct td_exch_live *o = &x->orders[i];
        if (takes_part(x, o) && o->joined && !td_exch_has_limit(o) && td_exch_has_room(x))
            fill_at(x, o, slipped(x, o, first_price(x, o)), false);
    }
    td_exch_sweep(x);
}

/* --- end --- */

static void move_trail(struct td_exchange *x, struct td_exch_live *o)
{
    const int64_t away = o->order.trail.e9;
    const td_px stop = {is_buy(o) ? x->bar.low.e9 + away : x->bar.high.e9 - away};
    const bool set = !td_px_is_none(o->stop_px) && o->stop_px.e9 > 0;
    if (!set)
        o->stop_px = stop;
    else
        o->stop_px = is_buy(o) ? lower(o->stop_px, stop) : higher(o->stop_px, stop);
}

static bool is_reached(const struct td_exchange *x, const struct td_exch_live *o)
{
    if (td_px_is_none(o->stop_px) || o->stop_px.e9 <= 0)
        return false;
    return is_buy(o) ? x->bar.high.e9 >= o->stop_px.e9 : x->bar.low.e9 <= o->stop_px.e9;
}

static void ask_stop(struct td_exchange *x, struct td_exch_live *o)
{
    if (!is_reached(x, o)) {
        if (o->order.type == TD_EXCH_TRAIL)
            move_trail(x, o);
        return;
    }
    o->stopped = false;
    o->joined = true;
    td_exch_tell(x, o, TD_EXCH_ACTIVATED);
    if (td_exch_has_limit(o))
        o->since = x->bar_end;
    else
        fill_at(
            x, o,
            slipped(x, o,
                    is_buy(o) ? higher(o->stop_px, x->bar.open) : lower(o->stop_px, x->bar.open)),
            false);
}

void td_exch_bar_end(struct td_exchange *x)
{
    for (uint32_t i = 0; i < x->order_count; i++) {
        struct td_exch_live *o = &x->orders[i];
        if (takes_part(x, o) && o->stopped && td_exch_has_room(x))
            ask_stop(x, o);
    }
    td_exch_sweep(x);
    x->bar_end = 0;
    x->limits_due = true;
}

void td_exch_bar_limits(struct td_exchange *x)
{
    x->limits_due = false;
    for (uint32_t i = 0; i < x->order_count; i++) {
        struct td_exch_live *o = &x->orders[i];
        const td_px limit = o->order.limit_px;
        if (!takes_part(x, o) || o->stopped || !td_exch_has_limit(o) || !td_exch_has_room(x))
            continue;
        if (is_buy(o) && x->bar.low.e9 < limit.e9)
            fill_at(x, o, lower(x->bar.open, limit), true);
        if (!is_buy(o) && x->bar.high.e9 > limit.e9)
            fill_at(x, o, higher(x->bar.open, limit), true);
    }
    td_exch_sweep(x);
}
