/* strat/spread.c - quotes both sides around the micro-price, leaning against what it holds (contracts 10.9).
 *
 * bid = micro*(1 - 2 bps) - lean, ask = micro*(1 + 2 bps) - lean with lean = 0.5 * position/100 * market spread; rounded away from the
 * middle, and never through the other side of the market. It quotes while the market's spread is 5 to 50 bps, as much as keeps the
 * position within 100 units either way; without shorts it offers only what it has. Its two orders have the tags BID_TAG and
 * ASK_TAG; one that has to move by half a bp or more is changed, one that is not wanted any more is cancelled. New orders and
 * changes come at most twice a second. Where it cannot see its own orders it sends none beside what works. */
#include <math.h>
#include <stdio.h>

#include "strat/bar_feed.h"
#include "strat/depth_view.h"
#include "strat/wish.h"

#define BID_TAG 1u
#define ASK_TAG 2u

enum { QUOTE_BPS, SKEW, SPREAD_MIN, SPREAD_MAX, INVENTORY, MOVE_BPS, PAUSE_MS, PARAMS };

static const struct td_strat_param table[PARAMS] = {
    [QUOTE_BPS] = {"quote_bps", 2, 0, 1000, "distance of a quote from the micro-price, in bps"},
    [SKEW] = {"skew", 0.5, 0, 10, "lean at full inventory, in market spreads"},
    [SPREAD_MIN] = {"spread_min", 5, 0, 10000, "least market spread to quote in, in bps"},
    [SPREAD_MAX] = {"spread_max", 50, 0, 10000, "widest market spread to quote in, in bps"},
    [INVENTORY] = {"inventory", 100, 0, 1000000, "largest position either way, in units"},
    [MOVE_BPS] = {"move_bps", 0.5, 0, 1000, "least move of a quote, in bps"},
    [PAUSE_MS] = {"pause_ms", 500, 100, 60000, "least time between moves, in ms"},
};

struct state {
    double p[PARAMS];
    td_qty size;
    bool allow_short;
    td_ns moved_ns;     /* last new order or change */
    td_ns cancelled_ns; /* last cancel */
};
_Static_assert(sizeof(struct state) <= TD_STRAT_STATE_MAX, "state fits");

static enum td_err start(void *memory, const struct td_strat_setup *setup, struct td_fail *why)
{
    struct state *s = memory;
    const double *p = setup->params;
    if (p[SPREAD_MIN] > p[SPREAD_MAX])
        return td_fail_set(why, TD_EINVAL,
                           "spread: spread_min %g and spread_max %g; expected min <= max",
                           p[SPREAD_MIN], p[SPREAD_MAX]);
    for (size_t i = 0; i < PARAMS; i++)
        s->p[i] = p[i];
    s->size = setup->size;
    s->allow_short = setup->allow_short;
    return TD_OK;
}

/* One side of what it wants. */
struct quote {
    td_px px;     /* unset: no quote on this side */
    td_px micro;  /* what it was made from */
    int64_t e9;   /* size; 0 with a px: the desk sizes */
    int64_t room; /* units that may still be added */
};

static bool passed(td_ns last, td_ns now, td_ns pause)
{
    return last == 0 || now - last >= pause || now < last;
}

static int64_t room_of(const struct state *s, const struct td_leg *leg, enum td_side side)
{
    const int64_t most = (int64_t)(s->p[INVENTORY] * (double)TD_E9), held = leg->position.e9;
    if (side == TD_BID)
        return most - held;
    return s->allow_short ? most + held : held;
}

/* The price of a quote in whole ticks, on its own side of the market; unset: there is none. */
static td_px price_of(const struct state *s, const struct td_leg *leg, const struct td_ladder *book,
                      enum td_side side)
{
    const double sign = side == TD_BID ? -1 : 1, micro = td_ladder_price(book);
    const double held = td_e9_to_double(leg->position.e9);
    const double share = s->p[INVENTORY] > 0 ? held / s->p[INVENTORY] : 0;
    const double lean = s->p[SKEW] * share * td_ladder_spread(book);
    const td_px tick =
        leg->inst && leg->inst->min_tick.e9 > 0 ? leg->inst->min_tick : (td_px){TD_E9 / 100};
    const double other = book->px[side == TD_BID ? TD_ASK : TD_BID][0];
    const double limit = other + sign * td_e9_to_double(tick.e9);
    double px = micro * (1 + sign * s->p[QUOTE_BPS] / 10000) - lean;
    px = side == TD_BID ? fmin(px, limit) : fmax(px, limit);
    td_px out = td_wish_px(px);
    const enum td_round how = side == TD_BID ? TD_ROUND_DOWN : TD_ROUND_UP;
    if (td_px_is_none(out) || td_px_round(out, tick, how, &out) != TD_OK || out.e9 <= 0)
        return TD_PX_NONE;
    return isnan(td_feed_price(out)) ? TD_PX_NONE : out;
}

static struct quote want(const struct state *s, const struct td_leg *leg,
                         const struct td_ladder *book, enum td_side side)
{
    struct quote q = {TD_PX_NONE, TD_PX_NONE, 0, room_of(s, leg, side)};
    if (!book || q.room <= 0)
        return q;
    q.micro = td_wish_px(td_ladder_price(book));
    q.px = price_of(s, leg, book, side);
    q.e9 = s->size.e9 < q.room ? s->size.e9 : q.room;
    return q;
}

static const struct td_working *find_working(const struct td_wish *w, uint32_t tag)
{
    for (uint32_t i = 0; i < w->view->working_count; i++)
        if (w->view->working[i].leg == td_wish_leg(w) && w->view->working[i].tag == tag)
            return &w->view->working[i];
    return NULL;
}

static void answer(struct td_wish *w, enum td_intent_kind kind, enum td_side side,
                   const struct quote *q, int64_t qty_e9)
{
    struct td_intent *i = &w->out[w->count++];
    td_intent_init(i, w->strat, w->event, w->view);
    i->kind = (uint8_t)kind;
    i->tag = side == TD_BID ? BID_TAG : ASK_TAG;
    i->action = side == TD_BID ? TD_BUY : TD_SELL;
    i->type = TD_ORDER_LIMIT;
    i->qty.e9 = qty_e9;
    i->limit = q->px;
    i->reference = q->micro;
    (void)snprintf(i->reason, sizeof i->reason, "%s the %s",
                   kind == TD_INTENT_CANCEL   ? "no quote on"
                   : kind == TD_INTENT_CHANGE ? "quote moves on"
                                              : "quote on",
                   side == TD_BID ? "bid" : "ask");
}

/* A working quote that is too far from where it should be, or larger than the room. */
static void move(const struct state *s, struct td_wish *w, const struct td_working *now,
                 const struct quote *q, enum td_side side)
{
    const int64_t rest = now->qty.e9 - now->filled.e9;
    const double apart = fabs((double)(q->px.e9 - now->limit.e9)) / (double)q->px.e9 * 10000;
    const int64_t qty = rest > q->room ? now->filled.e9 + q->room : now->qty.e9;
    if (apart < s->p[MOVE_BPS] && qty == now->qty.e9)
        return;
    if (q->px.e9 != now->limit.e9 || qty != now->qty.e9)
        answer(w, TD_INTENT_CHANGE, side, q, qty);
}

static void quote_side(struct state *s, struct td_wish *w, const struct quote *q, enum td_side side,
                       td_ns now)
{
    const struct td_working *works = find_working(w, side == TD_BID ? BID_TAG : ASK_TAG);
    const bool may_move = passed(s->moved_ns, now, (td_ns)(s->p[PAUSE_MS] * (double)TD_MS));
    if (works && td_px_is_none(q->px)) {
        if (passed(s->cancelled_ns, now, TD_WISH_PAUSE_NS))
            answer(w, TD_INTENT_CANCEL, side, q, 0);
    } else if (works && may_move) {
        move(s, w, works, q, side);
    } else if (!works && may_move && !td_px_is_none(q->px)) {
        const bool blind = w->view->working_count == 0 && w->view->leg->pending.e9 != 0;
        if (!blind)
            answer(w, TD_INTENT_ORDER, side, q, q->e9);
    }
}

static size_t on_event(void *memory, const struct td_event *event, const struct td_view *view,
                       struct td_intent *out)
{
    struct state *s = memory;
    struct td_wish w = {&td_strat_spread, event, view, out, 0};
    struct td_ladder ladder;
    const td_ns now = td_feed_time(event);
    if (event->kind == TD_EV_BAR || event->kind == TD_EV_TRADE || event->kind == TD_EV_MBO)
        return 0;
    const bool seen = view->leg->tradable && td_depth_view(view->leg, &ladder);
    const double bps = seen ? td_depth_spread_bps(&ladder) : 0;
    const bool fits = seen && bps >= s->p[SPREAD_MIN] && bps <= s->p[SPREAD_MAX];
    const struct td_ladder *book = fits ? &ladder : NULL;
    struct quote q[2] = {want(s, view->leg, book, TD_ASK), want(s, view->leg, book, TD_BID)};
    if (!td_px_is_none(q[TD_BID].px) && q[TD_BID].px.e9 >= q[TD_ASK].px.e9)
        q[TD_BID].px = q[TD_ASK].px = TD_PX_NONE; /* or it would trade with itself */
    for (int side = TD_ASK; side <= TD_BID; side++)
        quote_side(s, &w, &q[side], (enum td_side)side, now);
    for (size_t i = 0; i < w.count; i++) {
        if (out[i].kind == TD_INTENT_CANCEL)
            s->cancelled_ns = now;
        else
            s->moved_ns = now;
    }
    return w.count;
}

const struct td_strat td_strat_spread = {
    .name = "spread",
    .help = "quotes both sides around the micro-price, leaning against what it holds",
    .scope = TD_SCOPE_EACH,
    .state_size = sizeof(struct state),
    .params = table,
    .param_count = TD_COUNT(table),
    .init = start,
    .on_event = on_event,
};
