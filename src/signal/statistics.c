/* signal/statistics.c - rows: distributions of the last n values, and two series together. */
#include "signal/kernel_moment.h"
#include "signal/kernel_order.h"
#include "signal/kernel_smooth.h"
#include "signal/rows.h"

/* ---- mean distance, O(n) a bar ---- */

struct avgdev {
    struct td_sum_of sum;
    struct td_strip_of past;
};

TD_IND_INIT(avgdev)
{
    struct avgdev *s = state;
    td_sum_init(&s->sum, space, p[0]);
    td_strip_init(&s->past, space, p[0]);
}

TD_IND_STEP(avgdev)
{
    struct avgdev *s = state;
    td_strip_push(&s->past, mem, in[0]);
    if (!td_sum_push(&s->sum, mem, in[0]))
        return TD_IND_WAIT;
    const double mean = td_sum_mean(&s->sum), away = td_strip_distance(&s->past, mem, mean);
    *out = away > 1e-14 * fabs(mean) ? away : 0;
    return TD_IND_VALUE;
}
TD_IND_BATCH(avgdev, 1, 1)

/* ---- two series ---- */

struct pair {
    struct td_pair_of pair;
    struct td_step_of last_x, last_y;
};

TD_IND_INIT(pair)
{
    struct pair *s = state;
    td_pair_init(&s->pair, space, p[0]);
}

TD_IND_STEP(correl)
{
    struct pair *s = state;
    if (!td_pair_push(&s->pair, mem, in[0], in[1]))
        return TD_IND_WAIT;
    *out = td_pair_correlation(&s->pair);
    return TD_IND_VALUE;
}
TD_IND_BATCH_AS(correl, pair, 2, 1)

TD_IND_STEP(beta)
{
    struct pair *s = state;
    double x = 0, y = 0;
    const bool has = td_step_push(&s->last_x, in[0], &x);
    if (!td_step_push(&s->last_y, in[1], &y) || !has)
        return TD_IND_WAIT;
    if (!td_pair_push(&s->pair, mem, x != 0 ? (in[0] - x) / x : 0, y != 0 ? (in[1] - y) / y : 0))
        return TD_IND_WAIT;
    *out = td_pair_slope(&s->pair);
    return TD_IND_VALUE;
}
TD_IND_BATCH_AS(beta, pair, 2, 1)

/* ---- higher moments; made from the window, O(n) a bar ---- */

struct zscore {
    struct td_moment_of moment;
};

TD_IND_INIT(zscore)
{
    struct zscore *s = state;
    td_moment_init(&s->moment, space, p[0]);
}

TD_IND_STEP(zscore)
{
    struct zscore *s = state;
    if (!td_moment_push(&s->moment, mem, in[0]))
        return TD_IND_WAIT;
    const double sd = sqrt(td_moment_sample(&s->moment));
    *out = sd > 0 ? (in[0] - td_moment_mean(&s->moment)) / sd : 0;
    return TD_IND_VALUE;
}
TD_IND_BATCH(zscore, 1, 1)

/* Sums of the second to fourth powers of the distances. */
static inline bool powers(struct zscore *s, double *mem, double x, double *m)
{
    if (!td_moment_push(&s->moment, mem, x))
        return false;
    const uint32_t n = s->moment.ring.n;
    const double *window = mem + s->moment.ring.base, mean = td_moment_mean(&s->moment);
    m[0] = m[1] = m[2] = 0;
    for (uint32_t i = 0; i < n && s->moment.m2 > 0; i++) {
        const double d = window[i] - mean, square = d * d;
        m[0] += square;
        m[1] += square * d;
        m[2] += square * square;
    }
    return true;
}

TD_IND_STEP(skew)
{
    struct zscore *s = state;
    double m[3];
    if (!powers(s, mem, in[0], m))
        return TD_IND_WAIT;
    const double n = s->moment.ring.n, variance = m[0] / n;
    *out = variance > 0 ? m[1] / n / (variance * sqrt(variance)) : 0;
    return TD_IND_VALUE;
}
TD_IND_BATCH_AS(skew, zscore, 1, 1)

TD_IND_STEP(kurt)
{
    struct zscore *s = state;
    double m[3];
    if (!powers(s, mem, in[0], m))
        return TD_IND_WAIT;
    const double n = s->moment.ring.n, variance = m[0] / n;
    *out = variance > 0 ? m[2] / n / (variance * variance) - 3 : 0;
    return TD_IND_VALUE;
}
TD_IND_BATCH_AS(kurt, zscore, 1, 1)

/* ---- order ---- */

struct order {
    struct td_order_of order;
    uint32_t low, high; /* places whose mean is the value */
};

TD_IND_INIT(order)
{
    struct order *s = state;
    const double place = fmax(ceil(p[0] * p[1] / 100) - 1, 0);
    td_order_init(&s->order, space, p[0]);
    s->low = s->high = (uint32_t)place;
}

TD_IND_INIT(median)
{
    struct order *s = state;
    td_order_init(&s->order, space, p[0]);
    s->low = ((uint32_t)p[0] - 1) / 2;
    s->high = (uint32_t)p[0] / 2;
}

TD_IND_STEP(percentile)
{
    struct order *s = state;
    if (!td_order_push(&s->order, mem, in[0]))
        return TD_IND_WAIT;
    const double low = td_order_nth(&s->order, mem, s->low);
    *out = low + (td_order_nth(&s->order, mem, s->high) - low) / 2;
    return TD_IND_VALUE;
}
TD_IND_BATCH_AS(percentile, order, 1, 1)

TD_IND_STEP(percentrank)
{
    struct order *s = state;
    const bool full = td_win_full(&s->order.ring);
    const double below = td_order_below(&s->order, mem, in[0]);
    (void)td_order_push(&s->order, mem, in[0]);
    if (!full)
        return TD_IND_WAIT;
    *out = 100 * below / s->order.ring.n;
    return TD_IND_VALUE;
}
TD_IND_BATCH_AS(percentrank, order, 1, 1)

/* ---- rows ---- */

#define STATISTICS    .group = "statistics"
#define REAL          .inputs = {"real"}, .outputs = {"real"}
#define TWO           .inputs = {"real0", "real1"}, .outputs = {"real"}
#define ORDER_BARS(n) TD_IND_WHOLE("timeperiod", "period", n, 1, TD_ORDER_MAX, "bars of the window")
#define RUN(name, begin, of)                                                                       \
    .fixed_bytes = sizeof(struct of), .init = begin##_init, .step = name##_step,                   \
    .batch = name##_batch

const struct td_indicator td_rows_statistics[] = {
    {.name = "AVGDEV",
     .talib = "AVGDEV",
     .tulip = "md",
     STATISTICS,
     REAL,
     .params = {TD_IND_PERIOD(14, 1)},
     .lookback = td_ind_n_less_1,
     TD_IND_RUN(avgdev),
     .formula = "mean |x - mean| of n values",
     .source = TD_IND_TALIB},
    {.name = "CORREL",
     .talib = "CORREL",
     STATISTICS,
     TWO,
     .params = {TD_IND_PERIOD(30, 1)},
     .lookback = td_ind_n_less_1,
     RUN(correl, pair, pair),
     .formula = "Pearson's correlation of n values; 0 when either does not vary",
     .source = TD_IND_TALIB},
    {.name = "BETA",
     .talib = "BETA",
     STATISTICS,
     TWO,
     .params = {TD_IND_PERIOD(5, 1)},
     .lookback = td_ind_n,
     RUN(beta, pair, pair),
     .formula = "slope of the returns of real1 on those of real0 over n returns: BETA(index, "
                "asset); 0 when real0 does not move",
     .source = TD_IND_TALIB},
    {.name = "ZSCORE",
     STATISTICS,
     REAL,
     .params = {TD_IND_PERIOD(20, 2)},
     .lookback = td_ind_n_less_1,
     TD_IND_RUN(zscore),
     .formula = "(x - mean)/sample deviation of n values; 0 when they are equal",
     .source = "definition of this project"},
    {.name = "SKEW",
     STATISTICS,
     REAL,
     .params = {TD_IND_PERIOD(60, 2)},
     .lookback = td_ind_n_less_1,
     RUN(skew, zscore, zscore),
     .formula = "population skewness m3/m2^1.5 of n values; 0 when they are equal",
     .source = "definition of this project"},
    {.name = "KURT",
     STATISTICS,
     REAL,
     .params = {TD_IND_PERIOD(60, 2)},
     .lookback = td_ind_n_less_1,
     RUN(kurt, zscore, zscore),
     .formula = "population excess kurtosis m4/m2^2 - 3 of n values; 0 when they are equal",
     .source = "definition of this project"},
    {.name = "MEDIAN",
     STATISTICS,
     REAL,
     .params = {ORDER_BARS(100)},
     .lookback = td_ind_n_less_1,
     RUN(percentile, median, order),
     .formula = "middle of n values in order, the mean of two when n is even",
     .source = "definition of this project"},
    {.name = "PERCENTILE",
     .talib = "PERCENTILE",
     STATISTICS,
     REAL,
     .params = {ORDER_BARS(100),
                TD_IND_NUMBER("percentile", NULL, 50, 0, 100, "share below, in percent")},
     .lookback = td_ind_n_less_1,
     RUN(percentile, order, order),
     .formula =
         "nearest rank: the k-th smallest of n values, k = percentile*n/100 rounded up, at least 1",
     .source = TD_IND_TALIB},
    {.name = "PERCENTRANK",
     .talib = "PERCENTRANK",
     STATISTICS,
     REAL,
     .params = {ORDER_BARS(100)},
     .lookback = td_ind_n,
     RUN(percentrank, order, order),
     .formula = "percent of the n values before that are below x",
     .source = TD_IND_TALIB},
    {0},
};
