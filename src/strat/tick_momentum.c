/* strat/tick_momentum.c - tick momentum: with the prints while they run one way (contracts 10.9).
 *
 * Over the last 20 changes between prints. In: direction (rises - falls, of all changes) past 0.6 and a mean change of more than 1 bp
 * the same way. Out: direction past 0.3 against us, 10 / -20 bps of the entry, or after 60 s. Shorts mirror it. */
#include <math.h>

#include "strat/bar_feed.h"
#include "strat/hold.h"
#include "strat/tick_window.h"
#include "strat/wish.h"

enum { WINDOW, DIRECTION, MEAN_BPS, LEAVE, TARGET_BPS, STOP_BPS, SECONDS, PARAMS };

static const struct td_strat_param table[PARAMS] = {
    [WINDOW] = {"window", 20, 1, TD_TICK_CHANGES_MAX, "changes between prints"},
    [DIRECTION] = {"direction", 0.6, 0, 1, "direction to enter past"},
    [MEAN_BPS] = {"mean_bps", 1, 0, 1000, "mean change to enter past, in bps"},
    [LEAVE] = {"leave", 0.3, -1, 1, "opposite direction to leave past"},
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

static void leave(struct state *s, struct td_wish *w, double px, td_ns now)
{
    const double direction = td_tick_window_direction(&s->ticks);
    const uint32_t leg = td_wish_leg(w);
    const char *hit = px > 0 ? td_hold_hit(&s->hold, px, px) : NULL;
    if (hit)
        (void)td_wish_leave(w, leg, 1, "%s at %.4f", hit, px);
    else if (direction * s->hold.side < -s->p[LEAVE])
        (void)td_wish_leave(w, leg, 1, "direction %.2f turned", direction);
    else if ((double)(now - s->hold.since_ns) >= s->p[SECONDS] * (double)TD_SEC)
        (void)td_wish_leave(w, leg, 1, "held %g s", s->p[SECONDS]);
}

static void enter(const struct state *s, struct td_wish *w, double px)
{
    const double direction = td_tick_window_direction(&s->ticks);
    const double mean = td_tick_window_mean_bps(&s->ticks);
    const int32_t side = direction > 0 ? 1 : -1;
    if (!(direction * side > s->p[DIRECTION] && mean * side > s->p[MEAN_BPS]))
        return;
    if (side > 0 || s->allow_short)
        (void)td_wish_enter(w,
                            &(struct td_entry){.leg = td_wish_leg(w),
                                               .direction = side,
                                               .size = s->size,
                                               .price = px,
                                               .strength = fabs(direction),
                                               .risk = px * s->p[STOP_BPS] / 10000},
                            "direction %.2f, mean %.2f bps", direction, mean);
}

static size_t on_event(void *memory, const struct td_event *event, const struct td_view *view,
                       struct td_intent *out)
{
    struct state *s = memory;
    struct td_wish w = {&td_strat_tick_momentum, event, view, out, 0};
    const td_ns now = td_feed_time(event);
    const bool is_print = td_tick_window_push(&s->ticks, event);
    if (!is_print && event->kind != TD_EV_QUOTE)
        return 0;
    const double px = is_print ? td_feed_price(event->trade.px) : (double)NAN;
    td_hold_follow(&s->hold, view->leg, &(struct td_hold_plan){.price = px, .now = now});
    td_hold_fractions(&s->hold, s->p[STOP_BPS] / 10000, s->p[TARGET_BPS] / 10000);
    if (!td_wish_ready(&s->pause, now))
        return 0;
    if (s->hold.side)
        leave(s, &w, px, now);
    else if (is_print)
        enter(s, &w, px);
    if (w.count)
        td_wish_answered(&s->pause, now);
    return w.count;
}

const struct td_strat td_strat_tick_momentum = {
    .name = "tick_momentum",
    .help = "with the prints while they run one way",
    .scope = TD_SCOPE_EACH,
    .state_size = sizeof(struct state),
    .params = table,
    .param_count = TD_COUNT(table),
    .init = start,
    .on_event = on_event,
};
