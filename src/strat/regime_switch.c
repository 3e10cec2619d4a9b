/* strat/regime_switch.c - another rule in every regime: with trends, against the ends of ranges, flat in a crash (contracts 10.9).
 *
 * Trend: long in bull and strong bull, short (when allowed) in bear and strong bear, out when there is no such trend any more. Range
 * without a trend: long below 0.1 of the Bollinger band, short above 0.9, out at its middle. Crash: out at once, nothing new. Sizes are
 * multiplied by the regime's number (1.5 strong bull to 0.5 strong bear, 0.6 and 0.3 of it in high and extreme volatility), rounded
 * down to whole units; where the desk sizes, the strength is the number over 1.5. */
#include <math.h>

#include "strat/bar_feed.h"
#include "strat/hold.h"
#include "strat/regimes.h"
#include "strat/wish.h"

enum { BAND_LOW = TD_REGIME_MARKS, BAND_HIGH, PARAMS };

static const struct td_strat_param table[PARAMS] = {
    TD_REGIME_ROWS,
    [BAND_LOW] = {"band_low", 0.1, -1, 0.5, "place in the band to buy below, in a range"},
    [BAND_HIGH] = {"band_high", 0.9, 0.5, 2, "place in the band to sell above, in a range"},
};

enum rule { NO_RULE, TREND_RULE, RANGE_RULE };

struct state {
    double p[PARAMS];
    td_qty size;
    bool allow_short;
    struct td_hold hold;
    enum rule rule; /* that the position came from */
    struct td_regime_watch watch;
    _Alignas(8) unsigned char feed[8192];
};
_Static_assert(sizeof(struct state) <= TD_STRAT_STATE_MAX, "state fits");

static enum td_err start(void *memory, const struct td_strat_setup *setup, struct td_fail *why)
{
    static const struct td_feed_ask asks[] = {{"PERCENTB", {20, 2}, TD_FEED_CLOSE}};
    struct state *s = memory;
    for (size_t i = 0; i < PARAMS; i++)
        s->p[i] = setup->params[i];
    s->size = setup->size;
    s->allow_short = setup->allow_short;
    enum td_err err = td_regime_begin(&s->watch, s->p, why);
    if (!err)
        err = td_feed_begin(asks, TD_COUNT(asks), s->feed, sizeof s->feed, why);
    return err ? td_fail_add(why, err, "regime_switch") : TD_OK;
}

static void enter(struct state *s, struct td_wish *w, double close, const struct td_regime *r)
{
    const double place = td_feed_value(s->feed, 0, 0), size = td_regime_size(&s->watch, r);
    const bool low = place<s->p[BAND_LOW], high = place> s->p[BAND_HIGH];
    int32_t side = (r->trend > TD_FLAT) - (r->trend < TD_FLAT);
    s->rule = side ? TREND_RULE : RANGE_RULE;
    if (!side && r->range)
        side = low ? 1 : high ? -1 : 0;
    const double units = floor(td_e9_to_double(s->size.e9) * size);
    if (!side || size <= 0 || (side < 0 && !s->allow_short) || (s->size.e9 && units < 1))
        return;
    (void)td_wish_enter(w,
                        &(struct td_entry){.leg = td_wish_leg(w),
                                           .direction = side,
                                           .size = {(int64_t)units * TD_E9},
                                           .price = close,
                                           .strength = size / 1.5,
                                           .risk = (double)NAN},
                        "%s, %s%s", td_regime_trend_word(r->trend), td_regime_vol_word(r->vol),
                        s->rule == RANGE_RULE ? ", end of a range" : "");
}

static void leave(const struct state *s, struct td_wish *w, const struct td_regime *r)
{
    const uint32_t leg = td_wish_leg(w);
    const double place = td_feed_value(s->feed, 0, 0);
    if (r->crash)
        (void)td_wish_leave(w, leg, 1, "crash");
    else if (s->rule == RANGE_RULE && (place - 0.5) * s->hold.side >= 0)
        (void)td_wish_leave(w, leg, 1, "middle of the range");
    else if (s->rule == RANGE_RULE ? (int)r->trend * s->hold.side < 0
                                   : (int)r->trend * s->hold.side <= 0)
        (void)td_wish_leave(w, leg, 1, "the market is %s", td_regime_trend_word(r->trend));
}

static size_t on_event(void *memory, const struct td_event *event, const struct td_view *view,
                       struct td_intent *out)
{
    struct state *s = memory;
    struct td_wish w = {&td_strat_regime_switch, event, view, out, 0};
    struct td_regime regime;
    double bar[TD_FEED_COLUMNS];
    if (!td_feed_bar(event, bar))
        return 0;
    td_feed_step(s->feed, bar);
    td_regime_step(&s->watch, bar, &regime);
    td_hold_follow(&s->hold, view->leg, &(struct td_hold_plan){.price = bar[TD_FEED_CLOSE]});
    if (!regime.known)
        return 0;
    if (s->hold.side)
        leave(s, &w, &regime);
    else
        enter(s, &w, bar[TD_FEED_CLOSE], &regime);
    return w.count;
}

const struct td_strat td_strat_regime_switch = {
    .name = "regime_switch",
    .help = "with trends, against the ends of ranges, flat in a crash; sized by the regime",
    .scope = TD_SCOPE_EACH,
    .state_size = sizeof(struct state),
    .params = table,
    .param_count = TD_COUNT(table),
    .init = start,
    .on_event = on_event,
};
