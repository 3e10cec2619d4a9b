/* signal/regime.c - rows: memory, trend and events of a series. Returns are of logarithms: prices above 0. */
#include "signal/kernel_moment.h"
#include "signal/kernel_smooth.h"
#include "signal/rows.h"

/* ---- a return and the one k bars before it ---- */

struct autocorr {
    struct td_step_of last;
    struct td_ring_of past;
    struct td_pair_of pair;
};

TD_IND_INIT(autocorr)
{
    struct autocorr *s = state;
    td_pair_init(&s->pair, space, p[0]);
    td_win_init(&s->past, space, p[1]);
}

TD_IND_STEP(autocorr)
{
    struct autocorr *s = state;
    double before, old;
    if (!(in[0] > 0))
        return TD_IND_REFUSE;
    if (!td_step_push(&s->last, in[0], &before))
        return TD_IND_WAIT;
    const double r = log(in[0] / before);
    if (!td_win_lag(&s->past, mem, r, &old) || !td_pair_push(&s->pair, mem, r, old))
        return TD_IND_WAIT;
    *out = td_pair_correlation(&s->pair);
    return TD_IND_VALUE;
}
TD_IND_BATCH(autocorr, 1, 1)

TD_IND_LOOKBACK(autocorr)
{
    return (int32_t)(p[0] + p[1]);
}

/* ---- variance ratio: q-bar returns against one-bar returns; O(n) a bar ---- */

struct logs {
    struct td_ring_of past; /* logarithms of prices, n+1 */
    double q;
};

TD_IND_INIT(varratio)
{
    struct logs *s = state;
    td_win_init(&s->past, space, p[0] + 1);
    s->q = p[1];
}

/* Sum over the window of (x_i - x_{i-lag} - lag*drift)^2. */
static double squares(const struct td_ring_of *past, const double *mem, uint32_t lag, double drift)
{
    double sum = 0;
    for (uint32_t age = 0; age + lag < past->n; age++) {
        const double d =
            td_win_ago(past, mem, age) - td_win_ago(past, mem, age + lag) - lag * drift;
        sum += d * d;
    }
    return sum;
}

TD_IND_STEP(varratio)
{
    struct logs *s = state;
    if (!(in[0] > 0))
        return TD_IND_REFUSE;
    td_win_push(&s->past, mem, log(in[0]));
    if (!td_win_full(&s->past))
        return TD_IND_WAIT;
    const double n = s->past.n - 1, q = s->q;
    const double drift = (td_win_ago(&s->past, mem, 0) - td_win_oldest(&s->past, mem)) / n;
    const double one = squares(&s->past, mem, 1, drift) / (n - 1);
    const double many =
        squares(&s->past, mem, (uint32_t)q, drift) / (q * (n - q + 1) * (1 - q / n));
    *out = one > 1e-28 ? many / one : 1;
    return TD_IND_VALUE;
}
TD_IND_BATCH_AS(varratio, logs, 1, 1)

/* ---- Hurst's exponent from variances of lags 1, 2, 4, 8, 16; O(n) a bar ---- */

TD_IND_INIT(hurst)
{
    struct logs *s = state;
    td_win_init(&s->past, space, p[0]);
}

/* ln of the variance of differences `lag` bars apart; false when they do not vary. */
static bool lag_variance(const struct td_ring_of *past, const double *mem, uint32_t lag,
                         double *out)
{
    const uint32_t count = past->n - lag;
    double sum = 0;
    for (uint32_t age = 0; age < count; age++)
        sum += td_win_ago(past, mem, age) - td_win_ago(past, mem, age + lag);
    const double square = squares(past, mem, lag, sum / count / lag);
    if (!(square / count > 1e-28))
        return false;
    *out = log(square / count);
    return true;
}

TD_IND_STEP(hurst)
{
    struct logs *s = state;
    double sx = 0, sy = 0, sxx = 0, sxy = 0;
    if (!(in[0] > 0))
        return TD_IND_REFUSE;
    td_win_push(&s->past, mem, log(in[0]));
    if (!td_win_full(&s->past))
        return TD_IND_WAIT;
    *out = 0.5;
    for (uint32_t i = 0; i < 5; i++) {
        const double x = i * log(2.0);
        double y;
        if (!lag_variance(&s->past, mem, 1u << i, &y))
            return TD_IND_VALUE;
        sx += x;
        sy += y;
        sxx += x * x;
        sxy += x * y;
    }
    *out = 0.5 * (5 * sxy - sx * sy) / (5 * sxx - sx * sx);
    return TD_IND_VALUE;
}
TD_IND_BATCH_AS(hurst, logs, 1, 1)

/* ---- half-life of the way back to the mean ---- */

struct halflife {
    struct td_step_of last;
    struct td_pair_of pair;
};

#define HALFLIFE_MOST 1e4

TD_IND_INIT(halflife)
{
    struct halflife *s = state;
    td_pair_init(&s->pair, space, p[0]);
}

TD_IND_STEP(halflife)
{
    struct halflife *s = state;
    double before;
    if (!td_step_push(&s->last, in[0], &before) ||
        !td_pair_push(&s->pair, mem, before, in[0] - before))
        return TD_IND_WAIT;
    const double b = td_pair_slope(&s->pair);
    *out = b < 0 ? td_min(-log(2.0) / b, HALFLIFE_MOST) : HALFLIFE_MOST;
    return TD_IND_VALUE;
}
TD_IND_BATCH(halflife, 1, 1)

/* ---- fractional difference of the log price; O(weights) a bar ---- */

#define FRACDIFF_MOST 4096.0

struct fracdiff {
    struct td_ring_of past;
    double d;
};

/* Weights that are not below the threshold. */
static double fracdiff_length(double d, double least)
{
    double w = 1, k = 0;
    while (fabs(w) >= least && k < FRACDIFF_MOST) {
        k += 1;
        w *= -(d - k + 1) / k;
    }
    return k;
}

TD_IND_INIT(fracdiff)
{
    struct fracdiff *s = state;
    td_win_init(&s->past, space, fracdiff_length(p[0], p[1]));
    s->d = p[0];
}

TD_IND_STEP(fracdiff)
{
    struct fracdiff *s = state;
    if (!(in[0] > 0))
        return TD_IND_REFUSE;
    td_win_push(&s->past, mem, log(in[0]));
    if (!td_win_full(&s->past))
        return TD_IND_WAIT;
    double w = 1, sum = 0;
    for (uint32_t k = 0; k < s->past.n; k++) {
        sum += w * td_win_ago(&s->past, mem, k);
        w *= -(s->d - k) / (k + 1);
    }
    *out = sum;
    return TD_IND_VALUE;
}
TD_IND_BATCH(fracdiff, 1, 1)

TD_IND_LOOKBACK(fracdiff)
{
    return (int32_t)fracdiff_length(p[0], p[1]) - 1;
}

/* ---- CUSUM filter ---- */

struct cusum {
    struct td_step_of last;
    double up, down, threshold;
};

TD_IND_INIT(cusum)
{
    struct cusum *s = state;
    s->threshold = p[0];
}

TD_IND_STEP(cusum)
{
    struct cusum *s = state;
    double before;
    if (!(in[0] > 0))
        return TD_IND_REFUSE;
    if (!td_step_push(&s->last, in[0], &before))
        return TD_IND_WAIT;
    const double r = log(in[0] / before);
    s->up = td_max(0, s->up + r);
    s->down = td_min(0, s->down + r);
    const int event = s->up > s->threshold ? 1 : s->down < -s->threshold ? -1 : 0;
    out[0] = event;
    out[1] = s->up;
    out[2] = s->down;
    s->up = event > 0 ? 0 : s->up;
    s->down = event < 0 ? 0 : s->down;
    return TD_IND_VALUE;
}
TD_IND_BATCH(cusum, 1, 3)

/* ---- the hour and the day as points on a circle ---- */

struct seasonal {
    double minutes;
};

TD_IND_INIT(seasonal)
{
    struct seasonal *s = state;
    s->minutes = p[0];
}

TD_IND_STEP(seasonal)
{
    const struct seasonal *s = state;
    const double turn = 6.28318530717958647693, hour = turn * in[0] / s->minutes;
    const double day = turn * in[1] / 7;
    out[0] = sin(hour);
    out[1] = cos(hour);
    out[2] = sin(day);
    out[3] = cos(day);
    out[4] = s->minutes - in[0];
    return TD_IND_VALUE;
}
TD_IND_BATCH(seasonal, 2, 5)

/* ---- rows ---- */

#define STATISTICS .group = "statistics"
#define REAL       .inputs = {"real"}, .outputs = {"real"}
#define RUN(name, begin, of)                                                                       \
    .fixed_bytes = sizeof(struct of), .init = begin##_init, .step = name##_step,                   \
    .batch = name##_batch

const struct td_indicator td_rows_regime[] = {
    {.name = "AUTOCORR",
     STATISTICS,
     REAL,
     .params = {TD_IND_PERIOD(30, 2), TD_IND_WHOLE("lag", "k", 1, 1, 1000, "bars between")},
     .lookback = autocorr_lookback,
     TD_IND_RUN(autocorr),
     .formula = "correlation of n log returns with those k bars before; 0 when they do not vary; "
                "prices above 0",
     .source = "definition of this project"},
    {.name = "VARRATIO",
     STATISTICS,
     REAL,
     .params = {TD_IND_WHOLE("timeperiod", "period", 60, 17, 4096, "returns"),
                TD_IND_WHOLE("q", "lag", 5, 2, 16, "bars of the longer return")},
     .lookback = td_ind_n,
     RUN(varratio, varratio, logs),
     .formula = "variance of overlapping q-bar log returns / (q * variance of one-bar returns), "
                "unbiased; 1 when flat; prices above 0",
     .source = "Lo and MacKinlay 1988"},
    {.name = "HURST",
     STATISTICS,
     REAL,
     .params = {TD_IND_WHOLE("timeperiod", "period", 256, 32, 4096, "prices")},
     .lookback = td_ind_n_less_1,
     RUN(hurst, hurst, logs),
     .formula = "half the slope of ln variance(x_{t+s} - x_t) on ln s, s = 1, 2, 4, 8, 16, x the "
                "log price; 0.5 when flat; prices above 0",
     .source = "definition of this project"},
    {.name = "HALFLIFE",
     STATISTICS,
     REAL,
     .params = {TD_IND_PERIOD(100, 3)},
     .lookback = td_ind_n,
     TD_IND_RUN(halflife),
     .formula = "-ln 2/b, b the slope of the change on the value before over n changes; 10000 when "
                "b is not below 0 or it would be more",
     .source = "definition of this project"},
    {.name = "FRACDIFF",
     STATISTICS,
     REAL,
     .params = {TD_IND_NUMBER("d", NULL, 0.4, 0.01, 1, "order of the difference"),
                TD_IND_NUMBER("threshold", NULL, 1e-4, 1e-6, 0.1, "least weight")},
     .lookback = fracdiff_lookback,
     TD_IND_RUN(fracdiff),
     .formula = "sum of w_k * ln x k ago, w_0 = 1, w_k = -w_{k-1}(d-k+1)/k, down to the least "
                "weight (4096 at most); prices above 0",
     .source = "Lopez de Prado 2018"},
    {.name = "CUSUM",
     STATISTICS,
     .inputs = {"real"},
     .outputs = {"event", "up", "down"},
     .params = {TD_IND_NUMBER("threshold", "h", 0.01, 1e-12, 1e6, "log return that is an event")},
     .lookback = td_ind_one,
     TD_IND_RUN(cusum),
     .formula = "up = max(0, up + r), down = min(0, down + r), r the log return; event 1 or -1 "
                "when beyond the threshold, that side then begins at 0; "
                "prices above 0",
     .source = "Lopez de Prado 2018"},
    {.name = "SEASONAL",
     STATISTICS,
     .inputs = {"minute", "weekday"},
     .outputs = {"minute_sin", "minute_cos", "day_sin", "day_cos", "to_close"},
     .params = {TD_IND_WHOLE("sessionminutes", NULL, 390, 1, 1440, "minutes of the session")},
     .lookback = td_ind_none,
     TD_IND_RUN(seasonal),
     .formula =
         "minute of the session and day of the week on a circle, and the minutes that are left",
     .source = "definition of this project"},
    {0},
};
