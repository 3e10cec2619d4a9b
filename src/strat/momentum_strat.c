/* strat/momentum_strat.c - momentum: a score of four parts, held until it turns, fades or hits a level (contracts 10.9).
 *
 * Each part is -1 to 1. rsi: (RSI - middle)/half, 1 at the upper mark, -1 at the lower. macd: (line - signal)/(|line| +
 * |signal|). returns: 0.7*r5 + 0.3*r20 over `return_full`. volume: the sign of r5 when volume is 1.5 times its mean, else 0.
 * The score is their weighted mean. strength = score*(1 + place in the Bollinger band), 0 at the lower band and 1 at the upper;
 * for shorts the reverse. In: score > 0.4 with strength >= 0.6. Out: score < -0.3, stop 2 ATR, target 1.8 times the stop.
 * Half is sold once when half of the best score since the entry is gone. Shorts mirror all of it. */
#include <math.h>

#include "strat/bar_feed.h"
#include "strat/hold.h"
#include "strat/wish.h"

#define FEED_BYTES  16384
#define PERIOD_HIGH 200

enum {
    RSI_PERIOD,
    RSI_LOW,
    RSI_HIGH,
    MACD_FAST,
    MACD_SLOW,
    MACD_SIGNAL,
    RETURN_FAST,
    RETURN_SLOW,
    RETURN_FAST_WEIGHT,
    RETURN_SLOW_WEIGHT,
    RETURN_FULL,
    VOLUME_PERIOD,
    VOLUME_FACTOR,
    RSI_WEIGHT,
    MACD_WEIGHT,
    RETURN_WEIGHT,
    VOLUME_WEIGHT,
    ENTER,
    LEAVE,
    DECAY,
    ATR_PERIOD,
    STOP_ATR,
    TARGET_R,
    BAND_PERIOD,
    BAND_WIDTH,
    STRENGTH_MIN,
    PARAMS
};

static const struct td_strat_param table[PARAMS] = {
    [RSI_PERIOD] = {"rsi_period", 14, 2, PERIOD_HIGH, "bars of the RSI"},
    [RSI_LOW] = {"rsi_low", 30, 0, 49, "RSI that scores -1"},
    [RSI_HIGH] = {"rsi_high", 70, 51, 100, "RSI that scores 1"},
    [MACD_FAST] = {"macd_fast", 12, 2, PERIOD_HIGH, "fast average of the MACD, bars"},
    [MACD_SLOW] = {"macd_slow", 26, 3, PERIOD_HIGH, "slow average of the MACD, bars"},
    [MACD_SIGNAL] = {"macd_signal", 9, 1, PERIOD_HIGH, "signal line of the MACD, bars"},
    [RETURN_FAST] = {"return_fast", 5, 1, PERIOD_HIGH, "short return, bars"},
    [RETURN_SLOW] = {"return_slow", 20, 1, PERIOD_HIGH, "long return, bars"},
    [RETURN_FAST_WEIGHT] = {"return_fast_weight", 0.7, 0, 1, "weight of the short return"},
    [RETURN_SLOW_WEIGHT] = {"return_slow_weight", 0.3, 0, 1, "weight of the long return"},
    [RETURN_FULL] = {"return_full", 0.1, 0.0001, 10, "weighted return that scores 1"},
    [VOLUME_PERIOD] = {"volume_period", 20, 1, PERIOD_HIGH, "bars of the mean volume"},
    [VOLUME_FACTOR] = {"volume_factor", 1.5, 0, 100, "times the mean volume that confirms"},
    [RSI_WEIGHT] = {"rsi_weight", 0.3, 0, 1, "weight of the RSI"},
    [MACD_WEIGHT] = {"macd_weight", 0.3, 0, 1, "weight of the MACD"},
    [RETURN_WEIGHT] = {"return_weight", 0.2, 0, 1, "weight of the returns"},
    [VOLUME_WEIGHT] = {"volume_weight", 0.2, 0, 1, "weight of the volume"},
    [ENTER] = {"enter", 0.4, 0, 1, "score to enter past"},
    [LEAVE] = {"leave", 0.3, 0, 1, "opposite score to leave past"},
    [DECAY] = {"decay", 0.5, 0, 2, "share of the best score gone that halves the position"},
    [ATR_PERIOD] = {"atr_period", 14, 1, PERIOD_HIGH, "bars of the ATR"},
    [STOP_ATR] = {"stop_atr", 2, 0.1, 20, "stop, in ATR"},
    [TARGET_R] = {"target_r", 1.8, 0.1, 50, "target, in stop distances"},
    [BAND_PERIOD] = {"band_period", 20, 2, PERIOD_HIGH, "bars of the Bollinger bands"},
    [BAND_WIDTH] = {"band_width", 2, 0.1, 10, "deviations to a band"},
    [STRENGTH_MIN] = {"strength_min", 0.6, 0, 1, "least strength of an entry"},
};
_Static_assert(PARAMS <= TD_STRAT_PARAMS, "the use has room for them");

enum { RSI, MACD, FAST, SLOW, VOLUME, ATR, BAND, ASKS };

struct state {
    double p[PARAMS];
    td_qty size;
    bool allow_short;
    struct td_hold hold;
    struct td_wish_pause pause;
    double score, band, atr; /* of the last bar; NaN before they are there */
    _Alignas(8) unsigned char feed[FEED_BYTES];
};
_Static_assert(sizeof(struct state) <= TD_STRAT_STATE_MAX, "state fits");

static enum td_err start(void *memory, const struct td_strat_setup *setup, struct td_fail *why)
{
    struct state *s = memory;
    const double *p = setup->params;
    const struct td_feed_ask asks[ASKS] = {
        [RSI] = {"CMO", {p[RSI_PERIOD]}, TD_FEED_CLOSE},
        [MACD] = {"MACD", {p[MACD_FAST], p[MACD_SLOW], p[MACD_SIGNAL]}, TD_FEED_CLOSE},
        [FAST] = {"ROCP", {p[RETURN_FAST]}, TD_FEED_CLOSE},
        [SLOW] = {"ROCP", {p[RETURN_SLOW]}, TD_FEED_CLOSE},
        [VOLUME] = {"RVOL", {p[VOLUME_PERIOD]}, TD_FEED_VOLUME},
        [ATR] = {"ATR", {p[ATR_PERIOD]}, TD_FEED_CLOSE},
        [BAND] = {"PERCENTB", {p[BAND_PERIOD], p[BAND_WIDTH]}, TD_FEED_CLOSE},
    };
    if (p[MACD_FAST] >= p[MACD_SLOW])
        return td_fail_set(why, TD_EINVAL,
                           "momentum: macd_fast %g and macd_slow %g; expected fast < slow",
                           p[MACD_FAST], p[MACD_SLOW]);
    for (size_t i = 0; i < PARAMS; i++)
        s->p[i] = p[i];
    s->size = setup->size;
    s->allow_short = setup->allow_short;
    s->score = s->band = s->atr = (double)NAN;
    const enum td_err err = td_feed_begin(asks, ASKS, s->feed, sizeof s->feed, why);
    return err ? td_fail_add(why, err, "momentum") : TD_OK;
}

static double within(double x, double most)
{
    return x > most ? most : x < -most ? -most : x;
}

/* NaN until every part that every bar has is there. */
static double score_of(const struct state *s)
{
    const double *p = s->p;
    const double middle = (p[RSI_HIGH] + p[RSI_LOW]) / 2, half = (p[RSI_HIGH] - p[RSI_LOW]) / 2;
    const double rsi = (td_feed_rsi(s->feed, RSI) - middle) / half;
    const double line = td_feed_value(s->feed, MACD, 0), signal = td_feed_value(s->feed, MACD, 1);
    const double size = fabs(line) + fabs(signal);
    const double macd = size > 0 ? (line - signal) / size : size;
    const double fast = td_feed_value(s->feed, FAST, 0), slow = td_feed_value(s->feed, SLOW, 0);
    const double gain =
        (p[RETURN_FAST_WEIGHT] * fast + p[RETURN_SLOW_WEIGHT] * slow) / p[RETURN_FULL];
    const double busy = td_feed_value(s->feed, VOLUME, 0);
    const double volume = busy >= p[VOLUME_FACTOR] ? (fast > 0) - (fast < 0) : 0;
    const double weights = p[RSI_WEIGHT] + p[MACD_WEIGHT] + p[RETURN_WEIGHT] + p[VOLUME_WEIGHT];
    const double sum = p[RSI_WEIGHT] * within(rsi, 1) + p[MACD_WEIGHT] * within(macd, 1) +
                       p[RETURN_WEIGHT] * within(gain, 1) + p[VOLUME_WEIGHT] * volume;
    return weights > 0 ? sum / weights : 0;
}

static void leave_or_halve(struct state *s, struct td_wish *w)
{
    const uint32_t leg = td_wish_leg(w);
    const double decay = td_hold_decay(&s->hold, s->score);
    if (s->score * s->hold.side < -s->p[LEAVE])
        (void)td_wish_leave(w, leg, 1, "score %.2f turned", s->score);
    else if (!s->hold.halved && decay > s->p[DECAY])
        s->hold.halved =
            td_wish_leave(w, leg, 0.5, "%.0f %% of the best score is gone", 100 * decay);
}

static void enter(const struct state *s, struct td_wish *w, double close)
{
    const int32_t side = s->score > 0 ? 1 : -1;
    const double place = within(side > 0 ? s->band : 1 - s->band, 1);
    const double strength = fabs(s->score) * (1 + (place > 0 ? place : 0));
    if (!(fabs(s->score) > s->p[ENTER]) || !(strength >= s->p[STRENGTH_MIN]))
        return;
    if (side > 0 || s->allow_short)
        (void)td_wish_enter(w,
                            &(struct td_entry){.leg = td_wish_leg(w),
                                               .direction = side,
                                               .size = s->size,
                                               .price = close,
                                               .strength = strength,
                                               .risk = s->p[STOP_ATR] * s->atr},
                            "score %.2f, strength %.2f", s->score, strength);
}

static size_t on_event(void *memory, const struct td_event *event, const struct td_view *view,
                       struct td_intent *out)
{
    struct state *s = memory;
    struct td_wish w = {&td_strat_momentum, event, view, out, 0};
    double bar[TD_FEED_COLUMNS], low, high;
    const bool is_bar = td_feed_bar(event, bar);
    const td_ns now = td_feed_time(event);
    if (!td_feed_range(event, &low, &high) || (!is_bar && !td_wish_ready(&s->pause, now)))
        return 0;
    if (is_bar) {
        td_feed_step(s->feed, bar);
        s->score = score_of(s);
        s->band = td_feed_value(s->feed, BAND, 0);
        s->atr = td_feed_value(s->feed, ATR, 0);
    }
    const double stop = s->p[STOP_ATR] * s->atr;
    td_hold_follow(&s->hold, view->leg,
                   &(struct td_hold_plan){
                       .price = high, .stop = stop, .target = s->p[TARGET_R] * stop, .now = now});
    const char *hit = td_hold_hit(&s->hold, low, high);
    if (hit)
        (void)td_wish_leave(&w, td_wish_leg(&w), 1, "%s", hit);
    else if (is_bar && s->hold.side)
        leave_or_halve(s, &w);
    else if (is_bar)
        enter(s, &w, bar[TD_FEED_CLOSE]);
    if (w.count)
        td_wish_answered(&s->pause, now);
    return w.count;
}

const struct td_strat td_strat_momentum = {
    .name = "momentum",
    .help = "RSI, MACD, returns and volume in one score; stops and targets by the ATR",
    .scope = TD_SCOPE_EACH,
    .state_size = sizeof(struct state),
    .params = table,
    .param_count = TD_COUNT(table),
    .init = start,
    .on_event = on_event,
};
