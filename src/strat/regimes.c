/* strat/regimes.c - measures of a market, and where they are cut. */
#include "strat/regimes.h"

#include <math.h>

#include "strat/bar_feed.h"

#define TREND_BARS 25
#define RANGE_BARS 20
#define RANK_BARS  252

enum { AROON, CRASH, CHANNEL, BANDS, KELTNER, SPREAD, ASKS };

static enum td_err begin_rank(struct td_regime_watch *w, struct td_fail *why)
{
    double params[TD_IND_PARAMS_MAX];
    const struct td_indicator *row = td_indicator_find(td_str_of("PERCENTRANK"));
    TD_REQUIRE(row != NULL);
    td_indicator_presets(row, params);
    params[0] = RANK_BARS;
    if (td_indicator_state_size(row, params) > sizeof w->rank)
        return td_fail_set(why, TD_ERANGE, "the volatility rank does not fit its state");
    td_indicator_init(row, params, w->rank);
    return TD_OK;
}

enum td_err td_regime_begin(struct td_regime_watch *w, const double *marks, struct td_fail *why)
{
    const struct td_feed_ask asks[ASKS] = {
        [AROON] = {"AROONOSC", {TREND_BARS}, TD_FEED_CLOSE},
        [CRASH] = {"ROCP", {marks[TD_REGIME_CRASH_BARS]}, TD_FEED_CLOSE},
        [CHANNEL] = {"DONCHIAN", {RANGE_BARS}, TD_FEED_CLOSE},
        [BANDS] = {"BBANDS", {RANGE_BARS, 2, 2}, TD_FEED_CLOSE},
        [KELTNER] = {"KC", {RANGE_BARS, RANGE_BARS, 1.5}, TD_FEED_CLOSE},
        [SPREAD] = {"HV", {RANGE_BARS}, TD_FEED_CLOSE},
    };
    if (!(marks[TD_REGIME_TREND] <= marks[TD_REGIME_STRONG] &&
          marks[TD_REGIME_VOL_NORMAL] <= marks[TD_REGIME_VOL_HIGH] &&
          marks[TD_REGIME_VOL_HIGH] <= marks[TD_REGIME_VOL_EXTREME]))
        return td_fail_set(why, TD_EINVAL,
                           "expected trend <= strong and vol_normal <= vol_high <= vol_extreme");
    for (size_t i = 0; i < TD_REGIME_MARKS; i++)
        w->marks[i] = marks[i];
    w->high = (double)NAN;
    const enum td_err err = td_feed_begin(asks, ASKS, w->feed, sizeof w->feed, why);
    return err ? err : begin_rank(w, why);
}

static enum td_regime_trend cut_trend(const double *marks, double score)
{
    const double size = fabs(score);
    const int step = size > marks[TD_REGIME_STRONG] ? 2 : size > marks[TD_REGIME_TREND] ? 1 : 0;
    return (enum td_regime_trend)(score < 0 ? -step : step);
}

static enum td_regime_vol cut_vol(const double *marks, double rank)
{
    if (rank > marks[TD_REGIME_VOL_EXTREME])
        return TD_VOL_EXTREME;
    if (rank > marks[TD_REGIME_VOL_HIGH])
        return TD_VOL_HIGH;
    return rank > marks[TD_REGIME_VOL_NORMAL] ? TD_VOL_NORMAL : TD_VOL_LOW;
}

static double step_rank(struct td_regime_watch *w)
{
    const struct td_indicator *row = td_indicator_find(td_str_of("PERCENTRANK"));
    const double spread = td_feed_value(w->feed, SPREAD, 0);
    double rank = (double)NAN;
    if (td_indicator_step(row, w->rank, &spread, &rank) != TD_OK)
        return (double)NAN;
    return rank;
}

void td_regime_step(struct td_regime_watch *w, const double *bar, struct td_regime *out)
{
    td_feed_step(w->feed, bar);
    const double score = td_feed_value(w->feed, AROON, 0) / 100, rank = step_rank(w);
    const double gain = td_feed_value(w->feed, CRASH, 0);
    const double high = td_feed_value(w->feed, CHANNEL, 0),
                 low = td_feed_value(w->feed, CHANNEL, 2);
    *out = (struct td_regime){.known = !isnan(score) && !isnan(rank) && !isnan(gain) &&
                                       !isnan(high) && !isnan(w->high),
                              .score = score,
                              .rank = rank};
    if (out->known) {
        out->trend = cut_trend(w->marks, score);
        out->vol = cut_vol(w->marks, rank);
        out->crash = gain <= -w->marks[TD_REGIME_CRASH];
        out->range = high / low - 1 < w->marks[TD_REGIME_RANGE];
        out->breakout = bar[TD_FEED_CLOSE] > w->high;
        out->squeeze = td_feed_value(w->feed, BANDS, 0) < td_feed_value(w->feed, KELTNER, 0) &&
                       td_feed_value(w->feed, BANDS, 2) > td_feed_value(w->feed, KELTNER, 2);
    }
    w->high = high;
}

double td_regime_size(const struct td_regime_watch *w, const struct td_regime *r)
{
    static const uint8_t by_trend[] = {TD_REGIME_SIZE_STRONG_BEAR, TD_REGIME_SIZE_BEAR,
                                       TD_REGIME_SIZE_FLAT, TD_REGIME_SIZE_BULL,
                                       TD_REGIME_SIZE_STRONG_BULL};
    if (!r->known)
        return 0;
    if (r->crash)
        return w->marks[TD_REGIME_SIZE_CRASH];
    double size = w->marks[by_trend[r->trend - TD_STRONG_BEAR]];
    if (r->vol == TD_VOL_HIGH)
        size *= w->marks[TD_REGIME_SIZE_HIGH];
    if (r->vol == TD_VOL_EXTREME)
        size *= w->marks[TD_REGIME_SIZE_EXTREME];
    return size;
}

const char *td_regime_trend_word(enum td_regime_trend trend)
{
    static const char *const words[] = {"strong_bear", "bear", "flat", "bull", "strong_bull"};
    return words[trend - TD_STRONG_BEAR];
}

const char *td_regime_vol_word(enum td_regime_vol vol)
{
    static const char *const words[] = {"low_vol", "normal_vol", "high_vol", "extreme_vol"};
    return words[vol];
}
