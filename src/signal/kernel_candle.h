/* signal/kernel_candle.h - the last bars as candles, and what is long, short or near among them.
 *
 * A measure is the mean of a range over some bars before a candle, times a factor; with no bars it is the candle's own range.
 * O(10) a measure. Source: TA-Lib's candle settings. */
#ifndef TD_SIGNAL_KERNEL_CANDLE_H
#define TD_SIGNAL_KERNEL_CANDLE_H

#include "signal/kernel_window.h"

#define TD_CANDLES 16 /* bars kept: five of a pattern and ten before the oldest */

struct td_candle {
    double open, high, low, close;
};

struct td_candles_of {
    struct td_candle bar[TD_CANDLES];
    double share; /* the pattern's own parameter */
    uint32_t at;  /* of the newest */
    uint32_t count, lookback;
};

enum td_candle_measure {
    TD_BODY_LONG,
    TD_BODY_SHORT,
    TD_BODY_DOJI,
    TD_SHADOW_LONG,
    TD_SHADOW_VERY_SHORT,
    TD_NEAR,
    TD_FAR,
};

enum td_range_of { TD_RANGE_BODY, TD_RANGE_ALL };

/* True from bar `lookback`. */
static inline bool td_candles_push(struct td_candles_of *c, const double *in)
{
    c->at = (c->at + 1) % TD_CANDLES;
    c->bar[c->at] = (struct td_candle){in[0], in[1], in[2], in[3]};
    if (c->count < c->lookback) {
        c->count++;
        return false;
    }
    return true;
}

/* The candle `age` bars ago, 0 the newest. */
static inline const struct td_candle *td_candle_ago(const struct td_candles_of *c, uint32_t age)
{
    return &c->bar[(c->at + TD_CANDLES - age) % TD_CANDLES];
}

static inline double td_body(const struct td_candle *k)
{
    return fabs(k->close - k->open);
}

static inline double td_body_top(const struct td_candle *k)
{
    return td_max(k->close, k->open);
}

static inline double td_body_low(const struct td_candle *k)
{
    return td_min(k->close, k->open);
}

static inline double td_upper_shadow(const struct td_candle *k)
{
    return k->high - td_body_top(k);
}

static inline double td_lower_shadow(const struct td_candle *k)
{
    return td_body_low(k) - k->low;
}

/* 1 white, -1 black; a doji is white. */
static inline int td_colour(const struct td_candle *k)
{
    return k->close >= k->open ? 1 : -1;
}

static inline double td_candle_measure(const struct td_candles_of *c, enum td_candle_measure what,
                                       uint32_t age)
{
    static const struct {
        enum td_range_of range;
        uint32_t bars;
        double factor;
    } settings[] = {
        [TD_BODY_LONG] = {TD_RANGE_BODY, 10, 1},
        [TD_BODY_SHORT] = {TD_RANGE_BODY, 10, 1},
        [TD_BODY_DOJI] = {TD_RANGE_ALL, 10, 0.1},
        [TD_SHADOW_LONG] = {TD_RANGE_BODY, 0, 1},
        [TD_SHADOW_VERY_SHORT] = {TD_RANGE_ALL, 10, 0.1},
        [TD_NEAR] = {TD_RANGE_ALL, 5, 0.2},
        [TD_FAR] = {TD_RANGE_ALL, 5, 0.6},
    };
    const bool body = settings[what].range == TD_RANGE_BODY;
    const uint32_t n = settings[what].bars;
    double sum = n == 0 ? td_body(td_candle_ago(c, age)) : 0;
    for (uint32_t i = 1; i <= n; i++) {
        const struct td_candle *k = td_candle_ago(c, age + i);
        sum += body ? td_body(k) : k->high - k->low;
    }
    return settings[what].factor * (n > 0 ? sum / n : sum);
}

/* Bodies without overlap, the newer one above (below). */
static inline bool td_gap_up(const struct td_candle *now, const struct td_candle *before)
{
    return td_body_low(now) > td_body_top(before);
}

static inline bool td_gap_down(const struct td_candle *now, const struct td_candle *before)
{
    return td_body_top(now) < td_body_low(before);
}

#endif
