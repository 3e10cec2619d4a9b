/* signal/regression.c - rows: the least-squares line through the last n values. */
#include "signal/kernel_moment.h"
#include "signal/kernel_smooth.h"
#include "signal/rows.h"

struct line {
    struct td_line_of line;
    struct td_step_of forecast; /* of the bar before */
    struct td_moment_of spread;
};

TD_IND_INIT(line)
{
    struct line *s = state;
    td_line_init(&s->line, space, p[0]);
}

TD_IND_STEP(linearreg)
{
    struct line *s = state;
    double a;
    if (!td_line_push(&s->line, mem, in[0]))
        return TD_IND_WAIT;
    const double b = td_line_slope(&s->line, &a);
    *out = a + b * (s->line.bars - 1);
    return TD_IND_VALUE;
}
TD_IND_BATCH_AS(linearreg, line, 1, 1)

TD_IND_STEP(slope)
{
    struct line *s = state;
    double a;
    if (!td_line_push(&s->line, mem, in[0]))
        return TD_IND_WAIT;
    *out = td_line_slope(&s->line, &a);
    return TD_IND_VALUE;
}
TD_IND_BATCH_AS(slope, line, 1, 1)

TD_IND_STEP(intercept)
{
    struct line *s = state;
    if (!td_line_push(&s->line, mem, in[0]))
        return TD_IND_WAIT;
    (void)td_line_slope(&s->line, out);
    return TD_IND_VALUE;
}
TD_IND_BATCH_AS(intercept, line, 1, 1)

TD_IND_STEP(angle)
{
    struct line *s = state;
    double a;
    if (!td_line_push(&s->line, mem, in[0]))
        return TD_IND_WAIT;
    *out = atan(td_line_slope(&s->line, &a)) * (180 / 3.14159265358979323846);
    return TD_IND_VALUE;
}
TD_IND_BATCH_AS(angle, line, 1, 1)

TD_IND_STEP(tsf)
{
    struct line *s = state;
    double a;
    if (!td_line_push(&s->line, mem, in[0]))
        return TD_IND_WAIT;
    const double b = td_line_slope(&s->line, &a);
    *out = a + b * s->line.bars;
    return TD_IND_VALUE;
}
TD_IND_BATCH_AS(tsf, line, 1, 1)

TD_IND_STEP(lines)
{
    struct line *s = state;
    double a;
    if (!td_line_push(&s->line, mem, in[0]))
        return TD_IND_WAIT;
    const double b = td_line_slope(&s->line, &a), n = s->line.bars;
    out[0] = a + b * (n - 1);
    out[1] = b;
    out[2] = a;
    out[3] = a + b * n;
    return TD_IND_VALUE;
}
TD_IND_BATCH_AS(lines, line, 1, 4)

TD_IND_STEP(fosc)
{
    struct line *s = state;
    double a, before;
    if (!td_line_push(&s->line, mem, in[0]))
        return TD_IND_WAIT;
    const double b = td_line_slope(&s->line, &a);
    if (!td_step_push(&s->forecast, a + b * s->line.bars, &before))
        return TD_IND_WAIT;
    *out = in[0] != 0 ? 100 * (in[0] - before) / in[0] : (double)NAN;
    return TD_IND_VALUE;
}
TD_IND_BATCH_AS(fosc, line, 1, 1)

/* ---- with the spread around the line ---- */

TD_IND_INIT(spread)
{
    struct line *s = state;
    td_line_init(&s->line, space, p[0]);
    td_moment_init(&s->spread, space, p[0]);
}

/* Share of the variance that the line explains, 0 when nothing varies. */
static inline bool explained(struct line *s, double *mem, double x, double *share)
{
    double a;
    const bool full = td_moment_push(&s->spread, mem, x);
    if (!td_line_push(&s->line, mem, x) || !full)
        return false;
    const double n = s->line.ring.n, b = td_line_slope(&s->line, &a), m2 = s->spread.m2;
    *share = m2 > 0 ? td_min(b * b * (n * (n * n - 1) / 12) / m2, 1) : 0;
    return true;
}

TD_IND_STEP(rsquared)
{
    struct line *s = state;
    return explained(s, mem, in[0], out) ? TD_IND_VALUE : TD_IND_WAIT;
}
TD_IND_BATCH_AS(rsquared, line, 1, 1)

TD_IND_STEP(sterror)
{
    struct line *s = state;
    if (!td_moment_push(&s->spread, mem, in[0]))
        return TD_IND_WAIT;
    const double n = s->spread.ring.n;
    *out = sqrt(td_moment_variance(&s->spread)) / sqrt(n);
    return TD_IND_VALUE;
}
TD_IND_BATCH_AS(sterror, line, 1, 1)

/* ---- rows ---- */

#define STATISTICS .group = "statistics"
#define REAL       .inputs = {"real"}, .outputs = {"real"}
#define RUN(name, begin)                                                                           \
    .fixed_bytes = sizeof(struct line), .init = begin##_init, .step = name##_step,                 \
    .batch = name##_batch

const struct td_indicator td_rows_regression[] = {
    {.name = "LINEARREG",
     .talib = "LINEARREG",
     .tulip = "linreg",
     STATISTICS,
     REAL,
     .params = {TD_IND_PERIOD(14, 1)},
     .lookback = td_ind_n_less_1,
     RUN(linearreg, line),
     .formula = "height of the least-squares line through n values at the newest",
     .source = TD_IND_TALIB},
    {.name = "LINEARREG_SLOPE",
     .talib = "LINEARREG_SLOPE",
     .tulip = "linregslope",
     STATISTICS,
     REAL,
     .params = {TD_IND_PERIOD(14, 1)},
     .lookback = td_ind_n_less_1,
     RUN(slope, line),
     .formula = "slope of that line a bar",
     .source = TD_IND_TALIB},
    {.name = "LINEARREG_INTERCEPT",
     .talib = "LINEARREG_INTERCEPT",
     .tulip = "linregintercept",
     STATISTICS,
     REAL,
     .params = {TD_IND_PERIOD(14, 1)},
     .lookback = td_ind_n_less_1,
     RUN(intercept, line),
     .formula = "height of that line at the oldest value",
     .source = TD_IND_TALIB},
    {.name = "LINEARREG_ANGLE",
     .talib = "LINEARREG_ANGLE",
     STATISTICS,
     REAL,
     .params = {TD_IND_PERIOD(14, 1)},
     .lookback = td_ind_n_less_1,
     RUN(angle, line),
     .formula = "angle of the slope in degrees",
     .source = TD_IND_TALIB},
    {.name = "TSF",
     .talib = "TSF",
     .tulip = "tsf",
     STATISTICS,
     REAL,
     .params = {TD_IND_PERIOD(14, 1)},
     .lookback = td_ind_n_less_1,
     RUN(tsf, line),
     .formula = "height of that line one bar ahead",
     .source = TD_IND_TALIB},
    {.name = "FOSC",
     .talib = "FOSC",
     .tulip = "fosc",
     .group = "momentum",
     REAL,
     .params = {TD_IND_PERIOD(5, 1)},
     .lookback = td_ind_n,
     RUN(fosc, line),
     .formula = "100*(x - TSF of the bar before)/x; NaN when x is 0",
     .source = TD_IND_TULIP},
    {.name = "R2",
     STATISTICS,
     REAL,
     .params = {TD_IND_PERIOD(14, 2)},
     .lookback = td_ind_n_less_1,
     RUN(rsquared, spread),
     .formula =
         "share of the variance of n values that the line explains, 0 to 1; 0 when nothing varies",
     .source = "squared correlation with time"},
    {.name = "STDERR",
     .tulip = "stderr",
     STATISTICS,
     REAL,
     .params = {TD_IND_PERIOD(14, 1)},
     .lookback = td_ind_n_less_1,
     RUN(sterror, spread),
     .formula = "population deviation of n values / sqrt n",
     .source = TD_IND_TULIP},
    {0},
};

const struct td_ind_family td_family_regression = {
    .row = {.name = "one regression line",
            .inputs = {"real"},
            .outputs = {"end", "slope", "begin", "next"},
            .params = {TD_IND_PERIOD(14, 2)},
            TD_IND_RUN_AS(lines, line)},
    .members = {{"LINEARREG", .params = 1, .output = {0}},
                {"LINEARREG_SLOPE", .params = 1, .output = {1}},
                {"LINEARREG_INTERCEPT", .params = 1, .output = {2}},
                {"TSF", .params = 1, .output = {3}}},
};
