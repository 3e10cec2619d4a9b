/* strat/breakout.c - breakout: out of a quiet range with volume, confirmed by a second bar (contracts 10.9).
 *
 * The pivots are the highest high and the lowest low of the 20 bars before. A break is a close more than 2 % past a pivot with 1.5
 * times the mean volume, when those 20 bars were quiet: their range below 5 % of its middle, or the Bollinger band on the last of
 * them narrower than 4 %. The level is then kept; the entry comes when 2 bars, the break's own included, have closed beyond it, and
 * the break is void when one closes back more than 1 % behind it. Out: a close more than 1 % behind the level (false break), stop
 * 3 % from the entry, target 2.5 times that. Shorts mirror it. */
#include <math.h>

#include "strat/bar_feed.h"
#include "strat/hold.h"
#include "strat/wish.h"

#define FEED_BYTES  16384
#define PERIOD_HIGH 200

enum {
    PIVOT_PERIOD,
    RANGE_MAX,
    BAND_MAX,
    BAND_PERIOD,
    BAND_WIDTH,
    BREAK,
    VOLUME_PERIOD,
    VOLUME_FACTOR,
    CONFIRM,
    FALSE_BREAK,
    STOP,
    TARGET_R,
    PARAMS
};

static const struct td_strat_param table[PARAMS] = {
    [PIVOT_PERIOD] = {"pivot_period", 20, 2, PERIOD_HIGH, "bars of the pivots and of the range"},
    [RANGE_MAX] = {"range_max", 0.05, 0, 1, "range of a consolidation, as a fraction"},
    [BAND_MAX] = {"band_max", 0.04, 0, 1, "or width of its Bollinger band, as a fraction"},
    [BAND_PERIOD] = {"band_period", 20, 2, PERIOD_HIGH, "bars of the band"},
    [BAND_WIDTH] = {"band_width", 2, 0.1, 10, "deviations to a band"},
    [BREAK] = {"break", 0.02, 0, 1, "distance past the pivot, as a fraction"},
    [VOLUME_PERIOD] = {"volume_period", 20, 1, PERIOD_HIGH, "bars of the mean volume"},
    [VOLUME_FACTOR] = {"volume_factor", 1.5, 0, 100, "times the mean volume"},
    [CONFIRM] = {"confirm", 2, 1, 20, "bars that must close past the level"},
    [FALSE_BREAK] = {"false_break", 0.01, 0, 1, "distance back behind the level, as a fraction"},
    [STOP] = {"stop", 0.03, 0.0001, 1, "stop, as a fraction of the entry"},
    [TARGET_R] = {"target_r", 2.5, 0.1, 50, "target, in stop distances"},
};

enum { CHANNEL, BAND, VOLUME, ASKS };

struct state {
    double p[PARAMS];
    td_qty size;
    bool allow_short;
    struct td_hold hold;
    struct td_wish_pause pause;
    double high, low;   /* pivots of the bars before the next one; NaN before they are there */
    double width;       /* of the band on the last bar */
    int32_t side;       /* of the break that waits or is held; 0 none */
    double level;       /* pivot it went through */
    uint32_t confirmed; /* bars past the level so far */
    bool tried;         /* the entry was wanted: one a break */
    _Alignas(8) unsigned char feed[FEED_BYTES];
};
_Static_assert(sizeof(struct state) <= TD_STRAT_STATE_MAX, "state fits");

static enum td_err start(void *memory, const struct td_strat_setup *setup, struct td_fail *why)
{
    struct state *s = memory;
    const double *p = setup->params;
    const struct td_feed_ask asks[ASKS] = {
        [CHANNEL] = {"DONCHIAN", {p[PIVOT_PERIOD]}, TD_FEED_CLOSE},
        [BAND] = {"BBW", {p[BAND_PERIOD], p[BAND_WIDTH]}, TD_FEED_CLOSE},
        [VOLUME] = {"RVOL", {p[VOLUME_PERIOD]}, TD_FEED_VOLUME},
    };
    for (size_t i = 0; i < PARAMS; i++)
        s->p[i] = p[i];
    s->size = setup->size;
    s->allow_short = setup->allow_short;
    s->high = s->low = s->width = (double)NAN;
    const enum td_err err = td_feed_begin(asks, ASKS, s->feed, sizeof s->feed, why);
    return err ? td_fail_add(why, err, "breakout") : TD_OK;
}

static bool was_quiet(const struct state *s)
{
    const double range = (s->high - s->low) / ((s->high + s->low) / 2);
    return range < s->p[RANGE_MAX] || s->width < s->p[BAND_MAX];
}

/* 1 or -1 when this close breaks out, else 0. */
static int32_t breaks(const struct state *s, double close)
{
    const double busy = td_feed_value(s->feed, VOLUME, 0);
    if (!was_quiet(s) || !(busy >= s->p[VOLUME_FACTOR]))
        return 0;
    if (close > s->high * (1 + s->p[BREAK]))
        return 1;
    return close < s->low * (1 - s->p[BREAK]) ? -1 : 0;
}

/* True when the close is back behind the level. */
static bool is_false(const struct state *s, double close)
{
    return (close - s->level * (1 - s->side * s->p[FALSE_BREAK])) * s->side < 0;
}

static void watch(struct state *s, double close)
{
    const int32_t side = breaks(s, close);
    if (side && side != s->side) {
        s->side = side;
        s->level = side > 0 ? s->high : s->low;
        s->confirmed = 0;
    }
    if (!s->side)
        return;
    if (is_false(s, close))
        s->side = 0;
    else if ((close - s->level) * s->side > 0)
        s->confirmed++;
    else
        s->confirmed = 0;
}

static void enter(struct state *s, struct td_wish *w, double close)
{
    if (s->tried && w->view->leg->pending.e9 == 0) /* it was refused, or is over */
        s->side = 0;
    s->tried = s->tried && s->side;
    if (s->tried)
        return;
    watch(s, close);
    if (!s->side || s->confirmed < (uint32_t)s->p[CONFIRM])
        return;
    s->tried = true;
    if (s->side > 0 || s->allow_short)
        (void)td_wish_enter(w,
                            &(struct td_entry){.leg = td_wish_leg(w),
                                               .direction = s->side,
                                               .size = s->size,
                                               .price = close,
                                               .strength = 1,
                                               .risk = s->p[STOP] * close},
                            "through %.4f, %u bars", s->level, s->confirmed);
}

static size_t on_event(void *memory, const struct td_event *event, const struct td_view *view,
                       struct td_intent *out)
{
    struct state *s = memory;
    struct td_wish w = {&td_strat_breakout, event, view, out, 0};
    double bar[TD_FEED_COLUMNS], low, high;
    const bool is_bar = td_feed_bar(event, bar);
    const td_ns now = td_feed_time(event);
    if (!td_feed_range(event, &low, &high) || (!is_bar && !td_wish_ready(&s->pause, now)))
        return 0;
    if (is_bar)
        td_feed_step(s->feed, bar);
    td_hold_follow(
        &s->hold, view->leg,
        &(struct td_hold_plan){.price = high, .stop = (double)NAN, .now = td_feed_time(event)});
    td_hold_fractions(&s->hold, s->p[STOP], s->p[STOP] * s->p[TARGET_R]);
    const char *hit = td_hold_hit(&s->hold, low, high);
    if (hit && td_wish_leave(&w, td_wish_leg(&w), 1, "%s", hit))
        s->side = 0;
    else if (is_bar && s->hold.side && s->side == s->hold.side && is_false(s, bar[TD_FEED_CLOSE]))
        (void)td_wish_leave(&w, td_wish_leg(&w), 1, "false break of %.4f", s->level);
    else if (is_bar && !s->hold.side)
        enter(s, &w, bar[TD_FEED_CLOSE]);
    if (is_bar) {
        s->high = td_feed_value(s->feed, CHANNEL, 0);
        s->low = td_feed_value(s->feed, CHANNEL, 2);
        s->width = td_feed_value(s->feed, BAND, 0);
    }
    if (w.count)
        td_wish_answered(&s->pause, now);
    return w.count;
}

const struct td_strat td_strat_breakout = {
    .name = "breakout",
    .help = "out of a quiet range with volume, confirmed; out again on a false break",
    .scope = TD_SCOPE_EACH,
    .state_size = sizeof(struct state),
    .params = table,
    .param_count = TD_COUNT(table),
    .init = start,
    .on_event = on_event,
};
