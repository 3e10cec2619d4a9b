/* strat/ofi.c - order flow imbalance of the book: in when bids outweigh asks near the price (contracts 10.9).
 *
 * OFI is (B - A)/(B + A) of the sizes of 5 levels, pressure the same with weights that fall with the distance. In: OFI > 0.3 and
 * pressure > 0.2. Out: OFI < -0.1, or 10 / -20 bps of the entry at the price one could leave at (bid of a long position). Shorts
 * mirror it. */
#include <math.h>

#include "strat/bar_feed.h"
#include "strat/depth_view.h"
#include "strat/hold.h"
#include "strat/wish.h"

enum { LEVELS, ENTER, PRESSURE, LEAVE, TARGET_BPS, STOP_BPS, PARAMS };

static const struct td_strat_param table[PARAMS] = {
    [LEVELS] = {"levels", 5, 1, TD_LADDER_LEVELS, "levels of the book"},
    [ENTER] = {"enter", 0.3, 0, 1, "OFI to enter past"},
    [PRESSURE] = {"pressure", 0.2, -1, 1, "pressure that must confirm it"},
    [LEAVE] = {"leave", 0.1, -1, 1, "opposite OFI to leave past"},
    [TARGET_BPS] = {"target_bps", 10, 0.01, 10000, "gain to leave with, in bps"},
    [STOP_BPS] = {"stop_bps", 20, 0.01, 10000, "loss to leave at, in bps"},
};

struct state {
    double p[PARAMS];
    td_qty size;
    bool allow_short;
    struct td_hold hold;
    struct td_wish_pause pause;
};
_Static_assert(sizeof(struct state) <= TD_STRAT_STATE_MAX, "state fits");

static enum td_err start(void *memory, const struct td_strat_setup *setup, struct td_fail *why)
{
    struct state *s = memory;
    (void)why;
    for (size_t i = 0; i < PARAMS; i++)
        s->p[i] = setup->params[i];
    s->size = setup->size;
    s->allow_short = setup->allow_short;
    return TD_OK;
}

static void leave(struct state *s, struct td_wish *w, const struct td_ladder *book, double ofi)
{
    const double out_at = book->px[s->hold.side > 0 ? TD_BID : TD_ASK][0];
    const char *hit = td_hold_hit(&s->hold, out_at, out_at);
    if (hit)
        (void)td_wish_leave(w, td_wish_leg(w), 1, "%s at %.4f", hit, out_at);
    else if (ofi * s->hold.side < -s->p[LEAVE])
        (void)td_wish_leave(w, td_wish_leg(w), 1, "OFI %.2f turned", ofi);
}

static void enter(const struct state *s, struct td_wish *w, const struct td_ladder *book,
                  double ofi)
{
    const double pressure = td_depth_pressure(book, (int32_t)s->p[LEVELS]);
    const int32_t side = ofi > 0 ? 1 : -1;
    const double mid = td_ladder_mid(book);
    if (!(ofi * side > s->p[ENTER] && pressure * side > s->p[PRESSURE]))
        return;
    if (side > 0 || s->allow_short)
        (void)td_wish_enter(w,
                            &(struct td_entry){.leg = td_wish_leg(w),
                                               .direction = side,
                                               .size = s->size,
                                               .price = mid,
                                               .strength = fabs(ofi),
                                               .risk = mid * s->p[STOP_BPS] / 10000},
                            "OFI %.2f, pressure %.2f", ofi, pressure);
}

static size_t on_event(void *memory, const struct td_event *event, const struct td_view *view,
                       struct td_intent *out)
{
    struct state *s = memory;
    struct td_wish w = {&td_strat_ofi, event, view, out, 0};
    struct td_ladder book;
    const td_ns now = td_feed_time(event);
    if (event->kind != TD_EV_DEPTH && event->kind != TD_EV_QUOTE)
        return 0;
    if (!td_wish_ready(&s->pause, now) || !td_depth_view(view->leg, &book))
        return 0;
    td_hold_follow(&s->hold, view->leg,
                   &(struct td_hold_plan){.price = td_ladder_mid(&book), .now = now});
    td_hold_fractions(&s->hold, s->p[STOP_BPS] / 10000, s->p[TARGET_BPS] / 10000);
    const double ofi = td_ladder_imbalance(&book, (int32_t)s->p[LEVELS]);
    if (s->hold.side)
        leave(s, &w, &book, ofi);
    else
        enter(s, &w, &book, ofi);
    if (w.count)
        td_wish_answered(&s->pause, now);
    return w.count;
}

const struct td_strat td_strat_ofi = {
    .name = "ofi",
    .help = "order flow imbalance and pressure of the book",
    .scope = TD_SCOPE_EACH,
    .state_size = sizeof(struct state),
    .params = table,
    .param_count = TD_COUNT(table),
    .init = start,
    .on_event = on_event,
};
