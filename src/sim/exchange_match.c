/* sim/exchange_match.c - how our orders fill: taking, resting in the queue, stops. */
#include "sim/exchange_inner.h"

/* True when `px` is at or inside the order's limit; market orders accept any price. */
static bool accepts(const struct td_exch_live *o, td_px px)
{
    if (!td_exch_has_limit(o))
        return true;
    return o->order.action == TD_BUY ? px.e9 <= o->order.limit_px.e9
                                     : px.e9 >= o->order.limit_px.e9;
}

/* The price at which our own resting order on the other side stands in the way; TD_PX_NONE: none.
 * A waiting market order of ours stands at any price: `*any` is set. */
static td_px own_opposite(const struct td_exchange *x, const struct td_exch_live *o, bool *any)
{
    td_px best = TD_PX_NONE;
    *any = false;
    for (uint32_t i = 0; i < x->order_count; i++) {
        const struct td_exch_live *p = &x->orders[i];
        if (p == o || p->gone || !p->joined || p->order.action == o->order.action)
            continue;
        if (!td_exch_has_limit(p)) {
            *any = true;
            continue;
        }
        const bool better = o->order.action == TD_BUY ? p->order.limit_px.e9 < best.e9
                                                      : p->order.limit_px.e9 > best.e9;
        if (td_px_is_none(best) || better)
            best = p->order.limit_px;
    }
    return best;
}

/* A level may be taken when it is inside the limit and not behind our own resting order. */
static bool may_take(const struct td_exch_live *o, const struct td_venue_level *level, td_px own)
{
    if (!accepts(o, level->px))
        return false;
    if (td_px_is_none(own))
        return true;
    return o->order.action == TD_BUY ? level->px.e9 <= own.e9 : level->px.e9 >= own.e9;
}

static int64_t offered(const struct td_exchange *x, const struct td_exch_live *o, td_px own)
{
    const struct td_levels *opposite = &x->side[td_exch_side(o) == TD_BID ? TD_ASK : TD_BID];
    int64_t sum = 0;
    for (uint32_t i = 0; i < opposite->count && may_take(o, &opposite->rows[i], own); i++) {
        sum += opposite->rows[i].qty.e9 - opposite->rows[i].taken.e9;
        if (sum >= td_exch_leaves(o).e9)
            break;
    }
    return sum;
}

/* Takes what the market shows, best first. A resting limit order is filled at its own limit. */
static void take(struct td_exchange *x, struct td_exch_live *o, td_px own, bool resting)
{
    struct td_levels *opposite = &x->side[td_exch_side(o) == TD_BID ? TD_ASK : TD_BID];
    for (uint32_t i = 0; i < opposite->count && !o->gone && td_exch_has_room(x); i++) {
        struct td_venue_level *level = &opposite->rows[i];
        if (!may_take(o, level, own))
            break;
        int64_t qty = level->qty.e9 - level->taken.e9;
        const int64_t leaves = td_exch_leaves(o).e9;
        qty = qty < leaves ? qty : leaves;
        if (qty <= 0)
            continue;
        level->taken.e9 += qty;
        const bool added = resting && td_exch_has_limit(o);
        const struct td_venue_level at = {.px = added ? o->order.limit_px : level->px,
                                          .qty = {qty}};
        td_exch_fill(x, o, &at, added);
    }
}

/* Joins the end of the queue at our price. Below the known levels of an aggregate tape the queue is unknown. */
static void join(struct td_exchange *x, struct td_exch_live *o)
{
    o->joined = true;
    o->place = x->orderbook.sequence;
    o->ahead.e9 = 0;
    if (!td_exch_has_limit(o))
        return;
    const struct td_levels *own = &x->side[td_exch_side(o)];
    const struct td_venue_level *level = td_levels_find(own, o->order.limit_px);
    if (level)
        o->ahead = level->qty;
    else if (!x->by_order && own->count &&
             td_levels_better(own, own->rows[own->count - 1].px, o->order.limit_px))
        o->ahead = TD_QTY_NONE;
}

void td_exch_work(struct td_exchange *x, struct td_exch_live *o)
{
    bool any = false;
    if (x->config.by_bars) {
        td_exch_bar_work(x, o);
        return;
    }
    const td_px own = own_opposite(x, o, &any);
    if (any) {
        td_exch_end(x, o, TD_EXCH_CANCELLED, TD_EXCH_R_SELF);
        return;
    }
    if (o->order.tif == TD_EXCH_FOK && offered(x, o, own) < td_exch_leaves(o).e9) {
        td_exch_end(x, o, TD_EXCH_CANCELLED, TD_EXCH_R_FOK);
        return;
    }
    take(x, o, own, false);
    if (o->gone)
        return;
    if (o->order.tif == TD_EXCH_IOC || o->order.tif == TD_EXCH_FOK)
        td_exch_end(x, o, TD_EXCH_CANCELLED,
                    o->order.tif == TD_EXCH_IOC ? TD_EXCH_R_IOC : TD_EXCH_R_FOK);
    else if (!td_px_is_none(own) && accepts(o, own))
        td_exch_end(x, o, TD_EXCH_CANCELLED, TD_EXCH_R_SELF);
    else
        join(x, o);
}

/* True when `a` goes before `b` of the same action: market orders, then better prices; equal keeps time. */
static bool goes_before(const struct td_exch_live *a, const struct td_exch_live *b)
{
    const bool la = td_exch_has_limit(a);
    const bool lb = td_exch_has_limit(b);
    if (!la || !lb)
        return !la && lb;
    return a->order.action == TD_BUY ? a->order.limit_px.e9 > b->order.limit_px.e9
                                     : a->order.limit_px.e9 < b->order.limit_px.e9;
}

/* Our working orders of one side in price-time priority: the one after `previous` (NULL: the first).
 * Orders are stored by time, so the next is the first stored one that is not before `previous`. */
static struct td_exch_live *next_in_line(const struct td_exchange *x, enum td_side side,
                                         const struct td_exch_live *previous)
{
    struct td_exch_live *best = NULL;
    for (uint32_t i = 0; i < x->order_count; i++) {
        struct td_exch_live *o = &x->orders[i];
        if (!o->joined || td_exch_side(o) != side)
            continue;
        const bool passed =
            previous && (goes_before(o, previous) || (!goes_before(previous, o) && o <= previous));
        if (!passed && (!best || goes_before(o, best)))
            best = o;
    }
    return best;
}

/* A crossed book is a moment between two updates: nothing is believed until it is over. */
static bool is_crossed(const struct td_exchange *x)
{
    const struct td_levels *bid = &x->side[TD_BID];
    const struct td_levels *ask = &x->side[TD_ASK];
    return bid->count && ask->count && bid->rows[0].px.e9 > ask->rows[0].px.e9;
}

void td_exch_match(struct td_exchange *x)
{
    if (x->status != TD_STATUS_OPEN || is_crossed(x))
        return;
    for (int side = TD_ASK; side <= TD_BID; side++) {
        struct td_exch_live *o = NULL;
        while ((o = next_in_line(x, (enum td_side)side, o)) != NULL) {
            bool any = false;
            if (o->gone || !td_exch_in_session(x, o))
                continue;
            const td_px own = own_opposite(x, o, &any);
            if (offered(x, o, own) == 0 && td_exch_has_limit(o))
                break;
            take(x, o, own, true);
        }
    }
}

/* True when a print at `px` went past the order's limit. */
static bool is_through(const struct td_exch_live *o, td_px px)
{
    return o->order.action == TD_BUY ? px.e9 < o->order.limit_px.e9 : px.e9 > o->order.limit_px.e9;
}

static void fill_resting(struct td_exchange *x, struct td_exch_live *o, int64_t qty)
{
    const int64_t leaves = td_exch_leaves(o).e9;
    const struct td_venue_level at = {.px = o->order.limit_px,
                                      .qty = {qty < leaves ? qty : leaves}};
    td_exch_fill(x, o, &at, true);
}

void td_exch_print(struct td_exchange *x, enum td_side side, td_px px, td_qty qty)
{
    int64_t left = qty.e9;
    struct td_exch_live *o = NULL;
    while ((o = next_in_line(x, side, o)) != NULL) {
        if (o->gone || !td_exch_has_limit(o) || !td_exch_in_session(x, o) || !td_exch_has_room(x))
            continue;
        if (is_through(o, px)) {
            fill_resting(x, o, INT64_MAX);
            continue;
        }
        if (px.e9 != o->order.limit_px.e9)
            break;
        if (td_qty_is_none(o->ahead))
            continue;
        const int64_t ahead = o->ahead.e9 < left ? o->ahead.e9 : left;
        const int64_t before = td_exch_leaves(o).e9;
        o->ahead.e9 -= ahead;
        if (left > ahead)
            fill_resting(x, o, left - ahead);
        left -= before - td_exch_leaves(o).e9;
    }
}

void td_exch_resting_filled(struct td_exchange *x, const struct td_resting *other, td_qty qty)
{
    int64_t left = qty.e9;
    struct td_exch_live *o = NULL;
    while ((o = next_in_line(x, (enum td_side)other->side, o)) != NULL) {
        if (o->gone || !td_exch_has_limit(o) || !td_exch_in_session(x, o) || !td_exch_has_room(x))
            continue;
        if (is_through(o, other->px)) {
            fill_resting(x, o, INT64_MAX);
        } else if (o->order.limit_px.e9 == other->px.e9 && o->place < other->sequence && left > 0) {
            const int64_t before = td_exch_leaves(o).e9;
            fill_resting(x, o, left);
            left -= before - td_exch_leaves(o).e9;
        }
    }
}

/* Moves a trailing stop behind the best price seen; the first price sets it when none was given. */
static void trail(struct td_exch_live *o, td_px seen)
{
    const bool buy = o->order.action == TD_BUY;
    const int64_t stop = buy ? seen.e9 + o->order.trail.e9 : seen.e9 - o->order.trail.e9;
    if (td_px_is_none(o->stop_px) || o->stop_px.e9 <= 0 ||
        (buy ? stop < o->stop_px.e9 : stop > o->stop_px.e9))
        o->stop_px.e9 = stop;
}

void td_exch_trigger(struct td_exchange *x, td_px buys_see, td_px sells_see)
{
    if (x->status != TD_STATUS_OPEN)
        return;
    for (uint32_t i = 0; i < x->order_count; i++) {
        struct td_exch_live *o = &x->orders[i];
        const bool buy = o->order.action == TD_BUY;
        const td_px seen = buy ? buys_see : sells_see;
        if (o->gone || !o->stopped || td_px_is_none(seen) || !td_exch_in_session(x, o) ||
            !td_exch_has_room(x))
            continue;
        if (o->order.type == TD_EXCH_TRAIL)
            trail(o, seen);
        if (buy ? seen.e9 < o->stop_px.e9 : seen.e9 > o->stop_px.e9)
            continue;
        o->stopped = false;
        td_exch_tell(x, o, TD_EXCH_ACTIVATED);
        td_exch_work(x, o);
    }
}
