/* strat/mean_reversion.c - mean reversion: against a stretched price, out at the mean (contracts 10.9).
 *
 * score = 0.4*(middle - close)/(half the Bollinger band) + 0.3*(50 - RSI)/25 - 0.3*z/2, so that each part is 1 at its own mark (lower
 * band, RSI 25, z -2) and more beyond it; positive means cheap. In: score beyond 1, long when cheap, short when dear. Out: at the
 * mean (middle of the band), when the score is within 0.5, or after 20 bars.
 * A model may have its say: a probability of 0.6 for our side lifts the strength by half, below 0.3 the entry is vetoed; without a
 * model neither happens. Strength without it: half the score, at most 1. */
#include <math.h>

#include "strat/bar_feed.h"
#include "strat/hold.h"
#include "strat/wish.h"

#define FEED_BYTES  16384
#define PERIOD_HIGH 200

enum {
    BAND_PERIOD,
    BAND_WIDTH,
    RSI_PERIOD,
    RSI_LOW,
    RSI_HIGH,
    Z_PERIOD,
    Z_MARK,
    BAND_WEIGHT,
    RSI_WEIGHT,
    Z_WEIGHT,
    ENTER,
    LEAVE,
    BARS_MAX,
    BOOST,
    VETO,
    PARAMS
};

static const struct td_strat_param table[PARAMS] = {
    [BAND_PERIOD] = {"band_period", 20, 2, PERIOD_HIGH, "bars of the Bollinger bands"},
    [BAND_WIDTH] = {"band_width", 2, 0.1, 10, "deviations to a band"},
    [RSI_PERIOD] = {"rsi_period", 14, 2, PERIOD_HIGH, "bars of the RSI"},
    [RSI_LOW] = {"rsi_low", 25, 0, 49, "RSI that scores 1"},
    [RSI_HIGH] = {"rsi_high", 75, 51, 100, "RSI that scores -1"},
    [Z_PERIOD] = {"z_period", 20, 2, PERIOD_HIGH, "bars of the z-score"},
    [Z_MARK] = {"z_mark", 2, 0.1, 10, "z-score that scores 1 or -1"},
    [BAND_WEIGHT] = {"band_weight", 0.4, 0, 1, "weight of the band"},
    [RSI_WEIGHT] = {"rsi_weight", 0.3, 0, 1, "weight of the RSI"},
    [Z_WEIGHT] = {"z_weight", 0.3, 0, 1, "weight of the z-score"},
    [ENTER] = {"enter", 1, 0, 10, "score to enter beyond"},
    [LEAVE] = {"leave", 0.5, -10, 10, "score to leave within"},
    [BARS_MAX] = {"bars_max", 20, 1, 10000, "bars to hold at most"},
    [BOOST] = {"boost", 0.6, 0, 1, "probability of a model that lifts the strength"},
    [VETO] = {"veto", 0.3, 0, 1, "probability of a model below which there is no entry"},
};

enum { BANDS, RSI, Z, ASKS };

struct state {
    double p[PARAMS];
    td_qty size;
    bool allow_short;
    struct td_hold hold;
    _Alignas(8) unsigned char feed[FEED_BYTES];
};
_Static_assert(sizeof(struct state) <= TD_STRAT_STATE_MAX, "state fits");

static enum td_err start(void *memory, const struct td_strat_setup *setup, struct td_fail *why)
{
    struct state *s = memory;
    const double *p = setup->params;
    const struct td_feed_ask asks[ASKS] = {
        [BANDS] = {"BBANDS", {p[BAND_PERIOD], p[BAND_WIDTH], p[BAND_WIDTH]}, TD_FEED_CLOSE},
        [RSI] = {"CMO", {p[RSI_PERIOD]}, TD_FEED_CLOSE},
        [Z] = {"ZSCORE", {p[Z_PERIOD]}, TD_FEED_CLOSE},
    };
    if (p[LEAVE] >= p[ENTER])
        return td_fail_set(why, TD_EINVAL,
                           "mean_reversion: leave %g and enter %g; expected leave < enter",
                           p[LEAVE], p[ENTER]);
    for (size_t i = 0; i < PARAMS; i++)
        s->p[i] = p[i];
    s->size = setup->size;
    s->allow_short = setup->allow_short;
    const enum td_err err = td_feed_begin(asks, ASKS, s->feed, sizeof s->feed, why);
    return err ? td_fail_add(why, err, "mean_reversion") : TD_OK;
}

/* Positive when cheap; NaN before all parts are there. */
static double score_of(const struct state *s, double close)
{
    const double *p = s->p;
    const double middle = td_feed_value(s->feed, BANDS, 1);
    const double half = td_feed_value(s->feed, BANDS, 0) - middle;
    const double band = half > 0 ? (middle - close) / half : half; /* flat: 0; not there: NaN */
    const double rsi_middle = (p[RSI_HIGH] + p[RSI_LOW]) / 2;
    const double rsi = (rsi_middle - td_feed_rsi(s->feed, RSI)) / ((p[RSI_HIGH] - p[RSI_LOW]) / 2);
    const double z = -td_feed_value(s->feed, Z, 0) / p[Z_MARK];
    return p[BAND_WEIGHT] * band + p[RSI_WEIGHT] * rsi + p[Z_WEIGHT] * z;
}

/* The strength that a model leaves of `strength`; negative: its veto. */
static double ask_model(const struct state *s, const struct td_leg *leg, int32_t side,
                        double strength)
{
    if (!leg->forecast || !(leg->forecast->up >= 0 && leg->forecast->up <= 1))
        return strength;
    const double ours = side > 0 ? leg->forecast->up : 1 - leg->forecast->up;
    if (ours < s->p[VETO])
        return -1;
    return ours >= s->p[BOOST] ? strength * 1.5 : strength;
}

static void enter(const struct state *s, struct td_wish *w, double close, double score)
{
    const int32_t side = score > 0 ? 1 : -1;
    const double plain = fabs(score) / 2 > 1 ? 1 : fabs(score) / 2;
    if (!(fabs(score) > s->p[ENTER]) || (side < 0 && !s->allow_short))
        return;
    const double strength = ask_model(s, w->view->leg, side, plain);
    const double half = td_feed_value(s->feed, BANDS, 0) - td_feed_value(s->feed, BANDS, 1);
    (void)td_wish_enter(w,
                        &(struct td_entry){.leg = td_wish_leg(w),
                                           .direction = side,
                                           .size = s->size,
                                           .price = close,
                                           .strength = strength,
                                           .risk = half},
                        "score %.2f: %s", score, side > 0 ? "cheap" : "dear");
}

static void leave(const struct state *s, struct td_wish *w, double close, double score)
{
    const double middle = td_feed_value(s->feed, BANDS, 1);
    const uint32_t leg = td_wish_leg(w);
    if ((close - middle) * s->hold.side >= 0)
        (void)td_wish_leave(w, leg, 1, "at the mean %.4f", middle);
    else if (score * s->hold.side < s->p[LEAVE])
        (void)td_wish_leave(w, leg, 1, "score %.2f", score);
    else if (s->hold.bars >= (uint32_t)s->p[BARS_MAX])
        (void)td_wish_leave(w, leg, 1, "held %u bars", s->hold.bars);
}

static size_t on_event(void *memory, const struct td_event *event, const struct td_view *view,
                       struct td_intent *out)
{
    struct state *s = memory;
    struct td_wish w = {&td_strat_mean_reversion, event, view, out, 0};
    double bar[TD_FEED_COLUMNS];
    if (!td_feed_bar(event, bar))
        return 0;
    const double close = bar[TD_FEED_CLOSE];
    td_feed_step(s->feed, bar);
    td_hold_follow(&s->hold, view->leg,
                   &(struct td_hold_plan){.price = close, .now = td_feed_time(event)});
    td_hold_bar(&s->hold);
    const double score = score_of(s, close);
    if (s->hold.side)
        leave(s, &w, close, score);
    else
        enter(s, &w, close, score);
    return w.count;
}

const struct td_strat td_strat_mean_reversion = {
    .name = "mean_reversion",
    .help = "against stretched prices by bands, RSI and z-score; out at the mean",
    .scope = TD_SCOPE_EACH,
    .state_size = sizeof(struct state),
    .params = table,
    .param_count = TD_COUNT(table),
    .init = start,
    .on_event = on_event,
};
