/* signal/volatility.c - rows: how much prices spread, from closes and from whole bars. */
#include "signal/kernel_moment.h"
#include "signal/kernel_smooth.h"
#include "signal/rows.h"

struct spread {
    struct td_moment_of moment;
    struct td_step_of last;
    double times;
};

TD_IND_INIT(spread)
{
    struct spread *s = state;
    td_moment_init(&s->moment, space, p[0]);
    s->times = p[1];
}

TD_IND_STEP(stddev)
{
    struct spread *s = state;
    if (!td_moment_push(&s->moment, mem, in[0]))
        return TD_IND_WAIT;
    *out = s->times * sqrt(td_moment_variance(&s->moment));
    return TD_IND_VALUE;
}
TD_IND_BATCH_AS(stddev, spread, 1, 1)

TD_IND_STEP(var)
{
    struct spread *s = state;
    if (!td_moment_push(&s->moment, mem, in[0]))
        return TD_IND_WAIT;
    *out = td_moment_variance(&s->moment);
    return TD_IND_VALUE;
}
TD_IND_BATCH_AS(var, spread, 1, 1)

/* Both of one window. */
TD_IND_STEP(spreads)
{
    struct spread *s = state;
    if (!td_moment_push(&s->moment, mem, in[0]))
        return TD_IND_WAIT;
    out[1] = td_moment_variance(&s->moment);
    out[0] = s->times * sqrt(out[1]);
    return TD_IND_VALUE;
}
TD_IND_BATCH_AS(spreads, spread, 1, 2)

/* Deviation of log returns, a year. */
TD_IND_STEP(hv)
{
    struct spread *s = state;
    double before;
    if (!(in[0] > 0))
        return TD_IND_REFUSE;
    if (!td_step_push(&s->last, in[0], &before) ||
        !td_moment_push(&s->moment, mem, log(in[0] / before)))
        return TD_IND_WAIT;
    *out = sqrt(td_moment_sample(&s->moment)) * sqrt(s->times);
    return TD_IND_VALUE;
}
TD_IND_BATCH_AS(hv, spread, 1, 1)

/* Tulip's: population deviation of plain returns, a year. */
TD_IND_STEP(volatility)
{
    struct spread *s = state;
    double before;
    if (!(in[0] > 0))
        return TD_IND_REFUSE;
    if (!td_step_push(&s->last, in[0], &before) ||
        !td_moment_push(&s->moment, mem, in[0] / before - 1))
        return TD_IND_WAIT;
    *out = sqrt(td_moment_variance(&s->moment)) * sqrt(s->times);
    return TD_IND_VALUE;
}
TD_IND_BATCH_AS(volatility, spread, 1, 1)

/* ---- from whole bars ---- */

struct bars {
    struct td_sum_of sum;
    struct td_moment_of gap, body;
    double close, times;
    bool has;
};

static bool sound(double open, double high, double low, double close)
{
    return low > 0 && open > 0 && close > 0 && high > 0;
}

TD_IND_INIT(bars)
{
    struct bars *s = state;
    td_sum_init(&s->sum, space, p[0]);
    s->times = p[1];
}

TD_IND_STEP(parkinson)
{
    struct bars *s = state;
    if (!sound(1, in[0], in[1], 1))
        return TD_IND_REFUSE;
    const double h = log(in[0] / in[1]);
    if (!td_sum_push(&s->sum, mem, h * h))
        return TD_IND_WAIT;
    *out = sqrt(td_max(td_sum_mean(&s->sum), 0) / (4 * log(2.0))) * sqrt(s->times);
    return TD_IND_VALUE;
}
TD_IND_BATCH_AS(parkinson, bars, 2, 1)

TD_IND_STEP(garman)
{
    struct bars *s = state;
    if (!sound(in[0], in[1], in[2], in[3]))
        return TD_IND_REFUSE;
    const double h = log(in[1] / in[2]), c = log(in[3] / in[0]);
    if (!td_sum_push(&s->sum, mem, 0.5 * h * h - (2 * log(2.0) - 1) * c * c))
        return TD_IND_WAIT;
    *out = sqrt(td_max(td_sum_mean(&s->sum), 0)) * sqrt(s->times);
    return TD_IND_VALUE;
}
TD_IND_BATCH_AS(garman, bars, 4, 1)

static inline double rogers_of(const double *in)
{
    return log(in[1] / in[3]) * log(in[1] / in[0]) + log(in[2] / in[3]) * log(in[2] / in[0]);
}

TD_IND_STEP(rogers)
{
    struct bars *s = state;
    if (!sound(in[0], in[1], in[2], in[3]))
        return TD_IND_REFUSE;
    if (!td_sum_push(&s->sum, mem, rogers_of(in)))
        return TD_IND_WAIT;
    *out = sqrt(td_max(td_sum_mean(&s->sum), 0)) * sqrt(s->times);
    return TD_IND_VALUE;
}
TD_IND_BATCH_AS(rogers, bars, 4, 1)

TD_IND_INIT(yang)
{
    struct bars *s = state;
    td_sum_init(&s->sum, space, p[0]);
    td_moment_init(&s->gap, space, p[0]);
    td_moment_init(&s->body, space, p[0]);
    s->times = p[1];
}

TD_IND_STEP(yang)
{
    struct bars *s = state;
    if (!sound(in[0], in[1], in[2], in[3]))
        return TD_IND_REFUSE;
    const double before = s->close, n = s->sum.n, k = 0.34 / (1.34 + (n + 1) / (n - 1));
    const bool has = s->has;
    s->close = in[3];
    s->has = true;
    if (!has)
        return TD_IND_WAIT;
    (void)td_moment_push(&s->gap, mem, log(in[0] / before));
    (void)td_moment_push(&s->body, mem, log(in[3] / in[0]));
    if (!td_sum_push(&s->sum, mem, rogers_of(in)))
        return TD_IND_WAIT;
    const double v = td_moment_sample(&s->gap) + k * td_moment_sample(&s->body) +
                     (1 - k) * td_max(td_sum_mean(&s->sum), 0);
    *out = sqrt(v) * sqrt(s->times);
    return TD_IND_VALUE;
}
TD_IND_BATCH_AS(yang, bars, 4, 1)

/* ---- exponentially weighted ---- */

struct ewma_vol {
    struct td_step_of last;
    double lambda, v;
    uint32_t count;
};

#define EWMA_SEED 20u /* squared returns in the first mean */

TD_IND_INIT(ewma_vol)
{
    struct ewma_vol *s = state;
    s->lambda = p[0];
}

TD_IND_STEP(ewma_vol)
{
    struct ewma_vol *s = state;
    double before;
    if (!(in[0] > 0))
        return TD_IND_REFUSE;
    if (!td_step_push(&s->last, in[0], &before))
        return TD_IND_WAIT;
    const double r = log(in[0] / before);
    if (s->count < EWMA_SEED) {
        s->v += r * r;
        if (++s->count < EWMA_SEED)
            return TD_IND_WAIT;
        s->v /= EWMA_SEED;
    } else {
        s->v = s->lambda * s->v + (1 - s->lambda) * r * r;
    }
    *out = sqrt(s->v);
    return TD_IND_VALUE;
}
TD_IND_BATCH(ewma_vol, 1, 1)

TD_IND_LOOKBACK(ewma_vol)
{
    (void)p;
    return EWMA_SEED;
}

/* ---- RVI: deviations on rising bars over all ---- */

struct rvi {
    struct td_moment_of moment;
    struct td_step_of last;
    struct td_rma_of up, all;
};

TD_IND_INIT(rvi)
{
    struct rvi *s = state;
    td_moment_init(&s->moment, space, p[1]);
    td_rma_init(&s->up, p[0]);
    td_rma_init(&s->all, p[0]);
}

TD_IND_STEP(rvi)
{
    struct rvi *s = state;
    double before = in[0], up = 0, all;
    (void)td_step_push(&s->last, in[0], &before);
    if (!td_moment_push(&s->moment, mem, in[0]))
        return TD_IND_WAIT;
    const double sd = sqrt(td_moment_variance(&s->moment));
    (void)td_rma_push(&s->up, in[0] > before ? sd : 0, &up);
    if (!td_rma_push(&s->all, in[0] != before ? sd : 0, &all))
        return TD_IND_WAIT;
    *out = all > 0 ? 100 * up / all : 0;
    return TD_IND_VALUE;
}
TD_IND_BATCH(rvi, 1, 1)

TD_IND_LOOKBACK(rvi)
{
    return (int32_t)(p[0] + p[1]) - 2;
}

/* ---- ulcer index: root mean square of the fall from the highest ---- */

struct ulcer {
    struct td_extreme_of high;
    struct td_sum_of falls;
};

TD_IND_INIT(ulcer)
{
    struct ulcer *s = state;
    td_extreme_init(&s->high, space, p[0], 1);
    td_sum_init(&s->falls, space, p[0]);
}

TD_IND_STEP(ulcer)
{
    struct ulcer *s = state;
    if (!(in[0] > 0))
        return TD_IND_REFUSE;
    double high;
    if (!td_extreme_push(&s->high, mem, in[0], &high))
        return TD_IND_WAIT;
    const double fall = 100 * (in[0] / high - 1);
    if (!td_sum_push(&s->falls, mem, fall * fall))
        return TD_IND_WAIT;
    *out = sqrt(td_max(td_sum_mean(&s->falls), 0));
    return TD_IND_VALUE;
}
TD_IND_BATCH(ulcer, 1, 1)

TD_IND_LOOKBACK(ulcer)
{
    return 2 * ((int32_t)p[0] - 1);
}

/* ---- rows ---- */

#define VOLATILITY .group = "volatility"
#define REAL       .inputs = {"real"}, .outputs = {"real"}
#define WHOLE_BAR  .inputs = {"open", "high", "low", "close"}, .outputs = {"real"}
#define YEAR(n)    TD_IND_NUMBER("annual", NULL, n, 0, 1e9, "bars a year; 1 leaves the value a bar's")
#define RUN(name, begin, of)                                                                       \
    .fixed_bytes = sizeof(struct of), .init = begin##_init, .step = name##_step,                   \
    .batch = name##_batch

const struct td_indicator td_rows_volatility[] = {
    {.name = "STDDEV",
     .talib = "STDDEV",
     .tulip = "stddev",
     .group = "statistics",
     REAL,
     .params = {TD_IND_PERIOD(5, 1), TD_IND_NUMBER("nbdev", "nbdeviation", 1, -1e6, 1e6, "factor")},
     .lookback = td_ind_n_less_1,
     RUN(stddev, spread, spread),
     .formula = "population deviation of n values times a factor",
     .source = TD_IND_TALIB},
    {.name = "VAR",
     .talib = "VAR",
     .tulip = "var",
     .group = "statistics",
     REAL,
     .params = {TD_IND_PERIOD(5, 1),
                TD_IND_NUMBER("nbdev", "nbdeviation", 1, -1e6, 1e6, "not used, as in TA-Lib")},
     .lookback = td_ind_n_less_1,
     RUN(var, spread, spread),
     .formula = "population variance of n values",
     .source = TD_IND_TALIB},
    {.name = "HV",
     VOLATILITY,
     REAL,
     .params = {TD_IND_PERIOD(20, 2), YEAR(252)},
     .lookback = td_ind_n,
     RUN(hv, spread, spread),
     .formula = "sample deviation of n log returns * sqrt(annual); prices above 0",
     .source = "definition of this project"},
    {.name = "VOLATILITY",
     .tulip = "volatility",
     VOLATILITY,
     REAL,
     .params = {TD_IND_PERIOD(20, 1), YEAR(252)},
     .lookback = td_ind_n,
     RUN(volatility, spread, spread),
     .formula = "population deviation of n returns x/x before - 1, * sqrt(annual); prices above 0",
     .source = TD_IND_TULIP},
    {.name = "PARKINSON",
     VOLATILITY,
     .inputs = {"high", "low"},
     .outputs = {"real"},
     .params = {TD_IND_PERIOD(20, 1), YEAR(1)},
     .lookback = td_ind_n_less_1,
     RUN(parkinson, bars, bars),
     .formula = "sqrt(mean(ln(H/L)^2)/(4 ln 2)); prices above 0",
     .source = "Parkinson 1980"},
    {.name = "GARMAN_KLASS",
     VOLATILITY,
     WHOLE_BAR,
     .params = {TD_IND_PERIOD(20, 1), YEAR(1)},
     .lookback = td_ind_n_less_1,
     RUN(garman, bars, bars),
     .formula = "sqrt(mean(0.5*ln(H/L)^2 - (2 ln 2 - 1)*ln(C/O)^2)); prices above 0",
     .source = "Garman and Klass 1980"},
    {.name = "ROGERS_SATCHELL",
     VOLATILITY,
     WHOLE_BAR,
     .params = {TD_IND_PERIOD(20, 1), YEAR(1)},
     .lookback = td_ind_n_less_1,
     RUN(rogers, bars, bars),
     .formula = "sqrt(mean(ln(H/C)*ln(H/O) + ln(L/C)*ln(L/O))); prices above 0",
     .source = "Rogers and Satchell 1991"},
    {.name = "YANG_ZHANG",
     VOLATILITY,
     WHOLE_BAR,
     .params = {TD_IND_PERIOD(20, 2), YEAR(1)},
     .lookback = td_ind_n,
     RUN(yang, yang, bars),
     .formula = "sqrt(var ln(O/C before) + k*var ln(C/O) + (1-k)*RS^2), sample variances, k = "
                "0.34/(1.34 + (n+1)/(n-1)); prices above 0",
     .source = "Yang and Zhang 2000"},
    {.name = "EWMA_VOL",
     VOLATILITY,
     REAL,
     .params = {TD_IND_NUMBER("lambda", NULL, 0.94, 0, 1, "weight of the past")},
     .lookback = ewma_vol_lookback,
     TD_IND_RUN(ewma_vol),
     .formula = "sqrt of v = lambda*v + (1-lambda)*r^2, r the log return, begun with the mean of "
                "20 squares; prices above 0",
     .source = "RiskMetrics 1996"},
    {.name = "RVI",
     .talib = "RVI",
     VOLATILITY,
     REAL,
     .params = {TD_IND_PERIOD(14, 1), TD_IND_WHOLE("stddevperiod", NULL, 10, 1, TD_IND_PERIOD_MAX,
                                                   "bars of the deviation")},
     .lookback = rvi_lookback,
     TD_IND_RUN(rvi),
     .formula = "100 * Wilder's mean of the deviation on rising bars / on moving bars; 0 when "
                "nothing moved",
     .source = "Dorsey 1993"},
    {.name = "ULCER",
     VOLATILITY,
     REAL,
     .params = {TD_IND_PERIOD(14, 1)},
     .lookback = ulcer_lookback,
     TD_IND_RUN(ulcer),
     .formula = "sqrt(mean over n of (100*(x/highest of n - 1))^2); prices above 0",
     .source = "Martin 1987"},
    {0},
};

const struct td_ind_family td_family_volatility = {
    .row = {.name = "STDDEV and VAR",
            .inputs = {"real"},
            .outputs = {"deviation", "variance"},
            .params = {TD_IND_PERIOD(5, 1),
                       TD_IND_NUMBER("nbdev", "nbdeviation", 1, -1e6, 1e6, "factor")},
            RUN(spreads, spread, spread)},
    .members = {{"STDDEV", .params = 2, .output = {0}}, {"VAR", .params = 1, .output = {1}}},
};
