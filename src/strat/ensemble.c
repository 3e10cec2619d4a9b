/* strat/ensemble.c - three looks at the market's microstructure in one score (contracts 10.9).
 *
 * score = 0.4*OFI + 0.3*place + 0.3*direction. OFI: (B - A)/(B + A) of 5 levels. Place: (micro-price - mid)/(half the spread), -1 to 1.
 * Direction: of the last 20 changes between prints. In: score of 0.5 and more. Out: score past 0.1 against us, 10 / -20 bps of the
 * entry at the price one could leave at, or after 60 s. Shorts mirror it. */
#include <math.h>

#include "strat/bar_feed.h"
#include "strat/depth_view.h"
#include "strat/hold.h"
#include "strat/tick_window.h"
#include "strat/wish.h"

enum {
    OFI_WEIGHT,
    SPREAD_WEIGHT,
    TICK_WEIGHT,
    ACT,
    LEVELS,
    WINDOW,
    LEAVE,
    TARGET_BPS,
    STOP_BPS,
    SECONDS,
    PARAMS
};

static const struct td_strat_param table[PARAMS] = {
    [OFI_WEIGHT] = {"ofi_weight", 0.4, 0, 1, "weight of the order flow imbalance"},
    [SPREAD_WEIGHT] = {"spread_weight", 0.3, 0, 1, "weight of the micro-price's place"},
    [TICK_WEIGHT] = {"tick_weight", 0.3, 0, 1, "weight of the prints' direction"},
    [ACT] = {"act", 0.5, 0, 1, "score to enter at"},
    [LEVELS] = {"levels", 5, 1, TD_LADDER_LEVELS, "levels of the book"},
    [WINDOW] = {"window", 20, 1, TD_TICK_CHANGES_MAX, "changes between prints"},
    [LEAVE] = {"leave", 0.1, -1, 1, "opposite score to leave past"},
    [TARGET_BPS] = {"target_bps", 10, 0.01, 10000, "gain to leave with, in bps"},
    [STOP_BPS] = {"stop_bps", 20, 0.01, 10000, "loss to leave at, in bps"},
    [SECONDS] = {"seconds", 60, 0.1, 86400, "longest time to hold, in seconds"},
};

struct state {
    double p[PARAMS];
    td_qty size;
    bool allow_short;
    struct td_hold hold;
    struct td_wish_pause pause;
    struct td_tick_window ticks;
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
    td_tick_window_init(&s->ticks, (uint32_t)s->p[WINDOW]);
    return TD_OK;
}

static double score_of(const struct state *s, const struct td_ladder *book)
{
    const double *p = s->p;
    const double place =
        (td_ladder_price(book) - td_ladder_mid(book)) / (td_ladder_spread(book) / 2);
    return p[OFI_WEIGHT] * td_ladder_imbalance(book, (int32_t)p[LEVELS]) +
           p[SPREAD_WEIGHT] * place + p[TICK_WEIGHT] * td_tick_window_direction(&s->ticks);
}

static void leave(struct state *s, struct td_wish *w, const struct td_ladder *book, td_ns now)
{
    const double out_at = book->px[s->hold.side > 0 ? TD_BID : TD_ASK][0];
    const double score = score_of(s, book);
    const uint32_t leg = td_wish_leg(w);
    const char *hit = td_hold_hit(&s->hold, out_at, out_at);
    if (hit)
        (void)td_wish_leave(w, leg, 1, "%s at %.4f", hit, out_at);
    else if (score * s->hold.side < -s->p[LEAVE])
        (void)td_wish_leave(w, leg, 1, "score %.2f turned", score);
    else if ((double)(now - s->hold.since_ns) >= s->p[SECONDS] * (double)TD_SEC)
        (void)td_wish_leave(w, leg, 1, "held %g s", s->p[SECONDS]);
}

static void enter(const struct state *s, struct td_wish *w, const struct td_ladder *book)
{
    const double score = score_of(s, book), mid = td_ladder_mid(book);
    const int32_t side = score > 0 ? 1 : -1;
    if (!(score * side >= s->p[ACT]) || (side < 0 && !s->allow_short))
        return;
    (void)td_wish_enter(w,
                        &(struct td_entry){.leg = td_wish_leg(w),
                                           .direction = side,
                                           .size = s->size,
                                           .price = mid,
                                           .strength = fabs(score),
                                           .risk = mid * s->p[STOP_BPS] / 10000},
                        "score %.2f", score);
}

static size_t on_event(void *memory, const struct td_event *event, const struct td_view *view,
                       struct td_intent *out)
{
    struct state *s = memory;
    struct td_wish w = {&td_strat_ensemble, event, view, out, 0};
    struct td_ladder book;
    const td_ns now = td_feed_time(event);
    const bool is_print = td_tick_window_push(&s->ticks, event);
    if (!is_print && event->kind != TD_EV_QUOTE && event->kind != TD_EV_DEPTH)
        return 0;
    if (!td_wish_ready(&s->pause, now) || !td_depth_view(view->leg, &book))
        return 0;
    td_hold_follow(&s->hold, view->leg,
                   &(struct td_hold_plan){.price = td_ladder_mid(&book), .now = now});
    td_hold_fractions(&s->hold, s->p[STOP_BPS] / 10000, s->p[TARGET_BPS] / 10000);
    if (s->hold.side)
        leave(s, &w, &book, now);
    else if (td_tick_window_full(&s->ticks))
        enter(s, &w, &book);
    if (w.count)
        td_wish_answered(&s->pause, now);
    return w.count;
}

const struct td_strat td_strat_ensemble = {
    .name = "ensemble",
    .help = "order flow, micro-price and prints in one score",
    .scope = TD_SCOPE_EACH,
    .state_size = sizeof(struct state),
    .params = table,
    .param_count = TD_COUNT(table),
    .init = start,
    .on_event = on_event,
};
