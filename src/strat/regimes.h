/* strat/regimes.h - what kind of market it is: trend, volatility, and four states that stand out (contracts 10.9).
 *
 * trend: the Aroon oscillator of 25 bars over 100, cut at 0.7 and 0.4 either way. Volatility: the percent of the last 252 values of the
 * deviation of 20 log returns that were below this one, cut at 20, 40 and 75. Crash: 5 bars lost 10 % or more. Range: high to low of 20
 * bars below 5 % of the low. Breakout: a close above the highest high of the 20 bars before. Squeeze: the Bollinger band (20, 2)
 * within the Keltner channel (20, 1.5). The same measures as the regime features (docs/features.md). Marks are rows of the
 * parameter tables of the strategies that use them: TD_REGIME_ROWS. State is plain memory; a copy goes on by itself. */
#ifndef TD_STRAT_REGIMES_H
#define TD_STRAT_REGIMES_H

#include "strat/strat.h"

enum td_regime_mark {
    TD_REGIME_STRONG,
    TD_REGIME_TREND,
    TD_REGIME_VOL_NORMAL,
    TD_REGIME_VOL_HIGH,
    TD_REGIME_VOL_EXTREME,
    TD_REGIME_CRASH_BARS,
    TD_REGIME_CRASH,
    TD_REGIME_RANGE,
    TD_REGIME_SIZE_STRONG_BULL,
    TD_REGIME_SIZE_BULL,
    TD_REGIME_SIZE_FLAT,
    TD_REGIME_SIZE_BEAR,
    TD_REGIME_SIZE_STRONG_BEAR,
    TD_REGIME_SIZE_HIGH,
    TD_REGIME_SIZE_EXTREME,
    TD_REGIME_SIZE_CRASH,
    TD_REGIME_MARKS
};

/* The first rows of a parameter table, in the order of enum td_regime_mark. */
#define TD_REGIME_ROWS                                                                             \
    [TD_REGIME_STRONG] = {"strong", 0.7, 0, 1, "trend score past which it is strong"},             \
    [TD_REGIME_TREND] = {"trend", 0.4, 0, 1, "trend score past which there is one"},               \
    [TD_REGIME_VOL_NORMAL] = {"vol_normal", 20, 0, 100,                                            \
                              "volatility rank past which it is normal"},                          \
    [TD_REGIME_VOL_HIGH] = {"vol_high", 40, 0, 100, "volatility rank past which it is high"},      \
    [TD_REGIME_VOL_EXTREME] = {"vol_extreme", 75, 0, 100,                                          \
                               "volatility rank past which it is extreme"},                        \
    [TD_REGIME_CRASH_BARS] = {"crash_bars", 5, 1, 200, "bars of a crash"},                         \
    [TD_REGIME_CRASH] = {"crash", 0.1, 0, 1, "fall that is a crash, as a fraction"},               \
    [TD_REGIME_RANGE] = {"range", 0.05, 0, 1, "high to low of a range, as a fraction"},            \
    [TD_REGIME_SIZE_STRONG_BULL] = {"size_strong_bull", 1.5, 0, 10, "size in a strong rise"},      \
    [TD_REGIME_SIZE_BULL] = {"size_bull", 1.2, 0, 10, "size in a rise"},                           \
    [TD_REGIME_SIZE_FLAT] = {"size_flat", 1, 0, 10, "size without a trend"},                       \
    [TD_REGIME_SIZE_BEAR] = {"size_bear", 0.7, 0, 10, "size in a fall"},                           \
    [TD_REGIME_SIZE_STRONG_BEAR] = {"size_strong_bear", 0.5, 0, 10, "size in a strong fall"},      \
    [TD_REGIME_SIZE_HIGH] = {"size_high", 0.6, 0, 10, "times that in high volatility"},            \
    [TD_REGIME_SIZE_EXTREME] = {"size_extreme", 0.3, 0, 10, "times that in extreme volatility"},   \
    [TD_REGIME_SIZE_CRASH] = {"size_crash", 0, 0, 10, "size in a crash, instead"}

enum td_regime_trend { TD_STRONG_BEAR = -2, TD_BEAR, TD_FLAT, TD_BULL, TD_STRONG_BULL };
enum td_regime_vol { TD_VOL_LOW, TD_VOL_NORMAL, TD_VOL_HIGH, TD_VOL_EXTREME };

struct td_regime {
    bool known; /* false: not enough bars; the rest is then nothing */
    enum td_regime_trend trend;
    enum td_regime_vol vol;
    bool crash, range, breakout, squeeze;
    double score; /* of the trend, -1 to 1 */
    double rank;  /* of the volatility, 0 to 100 */
};

struct td_regime_watch {
    double marks[TD_REGIME_MARKS];
    double high; /* highest high of the bars before the next; NaN before there is one */
    _Alignas(8) unsigned char feed[16384];
    _Alignas(8) unsigned char rank[8192];
};

/* marks: the first TD_REGIME_MARKS values of the strategy's parameters. TD_EINVAL: cuts out of order. */
TD_MUST_CHECK enum td_err td_regime_begin(struct td_regime_watch *w, const double *marks,
                                          struct td_fail *why);
/* One bar (strat/bar_feed.h); what it is after it. */
void td_regime_step(struct td_regime_watch *w, const double *bar, struct td_regime *out);
/* Multiplier of sizes. 0 while the regime is not known. */
double td_regime_size(const struct td_regime_watch *w, const struct td_regime *r);
/* "strong_bull", "high_vol" and so on, for reasons. */
const char *td_regime_trend_word(enum td_regime_trend trend);
const char *td_regime_vol_word(enum td_regime_vol vol);

#endif
