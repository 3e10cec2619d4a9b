/* signal/math.c - rows: functions of a value, of two values, sums and extremes of a window, crossings. */
#include "signal/kernel_two.h"
#include "signal/rows.h"

/* ---- functions of one or two values; outside their domain the result is NaN ---- */

#define EACH(name, expression)                                                                     \
    TD_IND_STEP(name)                                                                              \
    {                                                                                              \
        const double x = in[0];                                                                    \
        (void)state;                                                                               \
        *out = expression;                                                                         \
        return TD_IND_VALUE;                                                                       \
    }                                                                                              \
    TD_IND_BATCH_AS(name, td_ind_nothing, 1, 1)

#define BOTH(name, expression)                                                                     \
    TD_IND_STEP(name)                                                                              \
    {                                                                                              \
        const double x = in[0], y = in[1];                                                         \
        (void)state;                                                                               \
        *out = expression;                                                                         \
        return TD_IND_VALUE;                                                                       \
    }                                                                                              \
    TD_IND_BATCH_AS(name, td_ind_nothing, 2, 1)

#define HALF_TURN 3.14159265358979323846

EACH(acos_of, acos(x))
EACH(asin_of, asin(x))
EACH(atan_of, atan(x))
EACH(ceil_of, ceil(x))
EACH(cos_of, cos(x))
EACH(cosh_of, cosh(x))
EACH(exp_of, exp(x))
EACH(floor_of, floor(x))
EACH(ln_of, log(x))
EACH(log10_of, log10(x))
EACH(sin_of, sin(x))
EACH(sinh_of, sinh(x))
EACH(sqrt_of, sqrt(x))
EACH(tan_of, tan(x))
EACH(tanh_of, tanh(x))
EACH(abs_of, fabs(x))
EACH(round_of, floor(x + 0.5))
EACH(trunc_of, trunc(x))
EACH(todeg_of, x *(180 / HALF_TURN))
EACH(torad_of, x *(HALF_TURN / 180))
BOTH(add_of, x + y)
BOTH(sub_of, x - y)
BOTH(mult_of, x *y)
BOTH(div_of, x / y)

/* ---- sums ---- */

struct window {
    struct td_sum_of sum;
};

TD_IND_INIT(sum)
{
    struct window *s = state;
    td_sum_init(&s->sum, space, p[0]);
}

TD_IND_STEP(sum)
{
    struct window *s = state;
    if (!td_sum_push(&s->sum, mem, in[0]))
        return TD_IND_WAIT;
    *out = td_sum_value(&s->sum);
    return TD_IND_VALUE;
}
TD_IND_BATCH_AS(sum, window, 1, 1)

struct cumsum {
    double sum, carry;
};

TD_IND_STEP(cumsum)
{
    struct cumsum *s = state;
    td_sum_add(&s->sum, &s->carry, in[0]);
    *out = s->sum + s->carry;
    return TD_IND_VALUE;
}
TD_IND_BATCH(cumsum, 1, 1)

/* ---- extremes ---- */

struct most {
    struct td_extreme_of high, low;
};

TD_IND_INIT(most)
{
    struct most *s = state;
    td_extreme_init(&s->high, space, p[0], 1);
    td_extreme_init(&s->low, space, p[0], -1);
}

TD_IND_STEP(max_of)
{
    struct most *s = state;
    double value;
    s->high.lowest = false;
    if (!td_extreme_push(&s->high, mem, in[0], &value))
        return TD_IND_WAIT;
    *out = value;
    return TD_IND_VALUE;
}
TD_IND_BATCH_AS(max_of, most, 1, 1)

TD_IND_STEP(min_of)
{
    struct most *s = state;
    double value;
    s->low.lowest = true;
    if (!td_extreme_push(&s->low, mem, in[0], &value))
        return TD_IND_WAIT;
    *out = value;
    return TD_IND_VALUE;
}
TD_IND_BATCH_AS(min_of, most, 1, 1)

struct minmax {
    struct td_span_of span;
};

TD_IND_INIT(minmax)
{
    struct minmax *s = state;
    td_span_init(&s->span, space, p[0]);
}

TD_IND_STEP(minmax)
{
    struct minmax *s = state;
    double low, high;
    if (!td_span_push(&s->span, mem, in[0], in[0], &high, &low))
        return TD_IND_WAIT;
    out[0] = low;
    out[1] = high;
    return TD_IND_VALUE;
}
TD_IND_BATCH(minmax, 1, 2)

/* Where an extreme stands, as TA-Lib tells equal ones apart: a new bar wins, a search of the window keeps the oldest. */
struct place {
    struct td_ring_of past;
    double bar, high, low; /* bars, counted from 0; -1 none yet */
};

TD_IND_INIT(place)
{
    struct place *s = state;
    td_win_init(&s->past, space, p[0]);
    s->bar = s->high = s->low = -1;
}

static double place_of(const struct place *s, const double *mem, double at, double sign)
{
    const uint32_t n = s->past.n;
    const double x = sign * td_win_ago(&s->past, mem, 0);
    if (at > s->bar - n)
        return x >= sign * td_win_ago(&s->past, mem, (uint32_t)(s->bar - at)) ? s->bar : at;
    uint32_t best = n - 1;
    for (uint32_t age = n - 1; age-- > 0;)
        if (sign * td_win_ago(&s->past, mem, age) > sign * td_win_ago(&s->past, mem, best))
            best = age;
    return s->bar - best;
}

static inline bool place_push(struct place *s, double *mem, double x)
{
    td_win_push(&s->past, mem, x);
    s->bar += 1;
    if (!td_win_full(&s->past))
        return false;
    const bool first = s->high < 0;
    s->high = place_of(s, mem, first ? -(double)s->past.n : s->high, 1);
    s->low = place_of(s, mem, first ? -(double)s->past.n : s->low, -1);
    return true;
}

TD_IND_STEP(maxindex)
{
    struct place *s = state;
    if (!place_push(s, mem, in[0]))
        return TD_IND_WAIT;
    *out = s->high;
    return TD_IND_VALUE;
}
TD_IND_BATCH_AS(maxindex, place, 1, 1)

TD_IND_STEP(minindex)
{
    struct place *s = state;
    if (!place_push(s, mem, in[0]))
        return TD_IND_WAIT;
    *out = s->low;
    return TD_IND_VALUE;
}
TD_IND_BATCH_AS(minindex, place, 1, 1)

TD_IND_STEP(minmaxindex)
{
    struct place *s = state;
    if (!place_push(s, mem, in[0]))
        return TD_IND_WAIT;
    out[0] = s->low;
    out[1] = s->high;
    return TD_IND_VALUE;
}
TD_IND_BATCH_AS(minmaxindex, place, 1, 2)

/* ---- decay and crossings ---- */

struct decay {
    double step, value;
    bool begun;
};

TD_IND_INIT(decay)
{
    struct decay *s = state;
    s->step = 1 / p[0];
}

TD_IND_STEP(decay)
{
    struct decay *s = state;
    s->value = s->begun ? td_max(in[0], s->value - s->step) : in[0];
    s->begun = true;
    *out = s->value;
    return TD_IND_VALUE;
}
TD_IND_BATCH(decay, 1, 1)

TD_IND_STEP(edecay)
{
    struct decay *s = state;
    s->value = s->begun ? td_max(in[0], s->value * (1 - s->step)) : in[0];
    s->begun = true;
    *out = s->value;
    return TD_IND_VALUE;
}
TD_IND_BATCH_AS(edecay, decay, 1, 1)

struct cross {
    double x, y;
    bool begun;
};

/* 1 over, -1 under, 0 neither; 2 on the first bar. */
static inline int crossed(struct cross *s, const double *in)
{
    const double x = s->x, y = s->y;
    const bool begun = s->begun;
    *s = (struct cross){in[0], in[1], true};
    if (!begun)
        return 2;
    return in[0] > in[1] && x <= y ? 1 : in[0] < in[1] && x >= y ? -1 : 0;
}

TD_IND_STEP(crossany)
{
    const int way = crossed(state, in);
    if (way == 2)
        return TD_IND_WAIT;
    *out = way != 0;
    return TD_IND_VALUE;
}
TD_IND_BATCH_AS(crossany, cross, 2, 1)

TD_IND_STEP(crossover)
{
    const int way = crossed(state, in);
    if (way == 2)
        return TD_IND_WAIT;
    *out = way == 1;
    return TD_IND_VALUE;
}
TD_IND_BATCH_AS(crossover, cross, 2, 1)

/* ---- rows ---- */

#define MATH .group = "math"
#define REAL .inputs = {"real"}, .outputs = {"real"}
#define TWO  .inputs = {"real0", "real1"}, .outputs = {"real"}
#define PLAIN(step_of, of)                                                                         \
    .fixed_bytes = sizeof(struct of), .init = td_ind_stateless, .step = step_of##_step,            \
    .batch = step_of##_batch
#define ONE_ROW(upper, ta, ti, step_of, words)                                                     \
    {                                                                                              \
        .name = upper, .talib = ta, .tulip = ti, MATH, REAL, .lookback = td_ind_none,              \
        PLAIN(step_of, td_ind_nothing), .formula = words, .source = "arithmetic"                   \
    }
#define TWO_ROW(upper, ta, ti, step_of, words)                                                     \
    {                                                                                              \
        .name = upper, .talib = ta, .tulip = ti, MATH, TWO, .lookback = td_ind_none,               \
        PLAIN(step_of, td_ind_nothing), .formula = words, .source = "arithmetic"                   \
    }
#define MOST_ROW(upper, ti, step_of, of, result, words)                                            \
    {                                                                                              \
        .name = upper, .talib = upper, .tulip = ti, MATH, .inputs = {"real"}, .outputs = result,   \
        .params = {TD_IND_PERIOD(30, 1)}, .lookback = td_ind_n_less_1, TD_IND_RUN_AS(step_of, of), \
        .formula = words, .source = TD_IND_TALIB                                                   \
    }
#define LIST(...)                                                                                  \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }

const struct td_indicator td_rows_math[] = {
    ONE_ROW("ACOS", "ACOS", "acos", acos_of, "arc cosine; NaN outside -1..1"),
    ONE_ROW("ASIN", "ASIN", "asin", asin_of, "arc sine; NaN outside -1..1"),
    ONE_ROW("ATAN", "ATAN", "atan", atan_of, "arc tangent"),
    ONE_ROW("CEIL", "CEIL", "ceil", ceil_of, "the integer not below x"),
    ONE_ROW("COS", "COS", "cos", cos_of, "cosine"),
    ONE_ROW("COSH", "COSH", "cosh", cosh_of, "hyperbolic cosine"),
    ONE_ROW("EXP", "EXP", "exp", exp_of, "e to the x"),
    ONE_ROW("FLOOR", "FLOOR", "floor", floor_of, "the integer not above x"),
    ONE_ROW("LN", "LN", "ln", ln_of, "natural logarithm; NaN below 0"),
    ONE_ROW("LOG10", "LOG10", "log10", log10_of, "decimal logarithm; NaN below 0"),
    ONE_ROW("SIN", "SIN", "sin", sin_of, "sine"),
    ONE_ROW("SINH", "SINH", "sinh", sinh_of, "hyperbolic sine"),
    ONE_ROW("SQRT", "SQRT", "sqrt", sqrt_of, "square root; NaN below 0"),
    ONE_ROW("TAN", "TAN", "tan", tan_of, "tangent"),
    ONE_ROW("TANH", "TANH", "tanh", tanh_of, "hyperbolic tangent"),
    ONE_ROW("ABS", NULL, "abs", abs_of, "size without sign"),
    ONE_ROW("ROUND", NULL, "round", round_of, "nearest integer, halves up"),
    ONE_ROW("TRUNC", NULL, "trunc", trunc_of, "the integer towards 0"),
    ONE_ROW("TODEG", NULL, "todeg", todeg_of, "radians in degrees"),
    ONE_ROW("TORAD", NULL, "torad", torad_of, "degrees in radians"),
    TWO_ROW("ADD", "ADD", "add", add_of, "real0 + real1"),
    TWO_ROW("SUB", "SUB", "sub", sub_of, "real0 - real1"),
    TWO_ROW("MULT", "MULT", "mul", mult_of, "real0 * real1"),
    TWO_ROW("DIV", "DIV", "div", div_of, "real0 / real1; not finite when that is 0"),
    {.name = "SUM",
     .talib = "SUM",
     .tulip = "sum",
     MATH,
     REAL,
     .params = {TD_IND_PERIOD(30, 1)},
     .lookback = td_ind_n_less_1,
     .fixed_bytes = sizeof(struct window),
     .init = sum_init,
     .step = sum_step,
     .batch = sum_batch,
     .formula = "sum of n values",
     .source = TD_IND_TALIB},
    {.name = "CUMSUM",
     .talib = "CUMSUM",
     MATH,
     REAL,
     .lookback = td_ind_none,
     PLAIN(cumsum, cumsum),
     .formula = "sum of all values",
     .source = TD_IND_TALIB},
    MOST_ROW("MAX", "max", max_of, most, LIST("real"), "highest of n values"),
    MOST_ROW("MIN", "min", min_of, most, LIST("real"), "lowest of n values"),
    MOST_ROW("MAXINDEX", NULL, maxindex, place, LIST("integer"),
             "bar of the highest of n values, counted from 0; of equals as TA-Lib"),
    MOST_ROW("MININDEX", NULL, minindex, place, LIST("integer"),
             "bar of the lowest of n values, counted from 0; of equals as TA-Lib"),
    MOST_ROW("MINMAX", NULL, minmax, minmax, LIST("min", "max"), "lowest and highest of n values"),
    MOST_ROW("MINMAXINDEX", NULL, minmaxindex, place, LIST("minidx", "maxidx"),
             "bars of the lowest and the highest of n values; of equals as TA-Lib"),
    {.name = "DECAY",
     .tulip = "decay",
     MATH,
     REAL,
     .params = {TD_IND_PERIOD(5, 1)},
     .lookback = td_ind_none,
     TD_IND_RUN(decay),
     .formula = "max(x, value before - 1/n); begins as x",
     .source = TD_IND_TULIP},
    {.name = "EDECAY",
     .tulip = "edecay",
     MATH,
     REAL,
     .params = {TD_IND_PERIOD(5, 1)},
     .lookback = td_ind_none,
     TD_IND_RUN_AS(edecay, decay),
     .formula = "max(x, value before * (1 - 1/n)); begins as x",
     .source = TD_IND_TULIP},
    {.name = "CROSSANY",
     .tulip = "crossany",
     MATH,
     TWO,
     .lookback = td_ind_one,
     PLAIN(crossany, cross),
     .formula = "1 when real0 crosses real1, else 0",
     .source = TD_IND_TULIP},
    {.name = "CROSSOVER",
     .tulip = "crossover",
     MATH,
     TWO,
     .lookback = td_ind_one,
     PLAIN(crossover, cross),
     .formula = "1 when real0 crosses over real1, else 0",
     .source = TD_IND_TULIP},
    {0},
};

const struct td_ind_family td_family_math = {
    .row = {.name = "MIN and MAX",
            .inputs = {"real"},
            .outputs = {"min", "max"},
            .params = {TD_IND_PERIOD(30, 1)},
            TD_IND_RUN(minmax)},
    .members = {{"MIN", .params = 1, .output = {0}},
                {"MAX", .params = 1, .output = {1}},
                {"MINMAX", .params = 1, .output = {0, 1}}},
};
