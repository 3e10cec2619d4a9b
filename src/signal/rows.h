/* signal/rows.h - what the files of rows share: their tables, and the words a row is written with.
 *
 * A row `foo` of C has `struct foo` (its state), foo_init, foo_step and, made by TD_IND_BATCH, foo_batch; TD_IND_RUN(foo)
 * puts them into the table. Rows of one table end with an empty one. */
#ifndef TD_SIGNAL_ROWS_H
#define TD_SIGNAL_ROWS_H

#include <math.h>
#include <string.h>

#include "signal/indicator.h"

extern const struct td_indicator td_rows_average[], td_rows_weighted[], td_rows_stops[],
    td_rows_rates[], td_rows_turnover[], td_rows_trend[], td_rows_directional[],
    td_rows_regression[], td_rows_momentum[], td_rows_stochastic[], td_rows_oscillator[],
    td_rows_macd[], td_rows_volatility[], td_rows_range[], td_rows_volume[], td_rows_statistics[],
    td_rows_regime[], td_rows_price[], td_rows_cycle[], td_rows_math[], td_rows_candle[];

/* Rows that are made of the same running values: one step for all of them, of which a set of indicators (signal/set.h) takes
 * what was asked for. A family is no row of the table: its `row` only has names, inputs, parameters and the functions. A
 * member's inputs are the first of the family's, its parameters stand there from `skip` on, and its values are the family's to
 * the bit, or NaN while it would wait. */
#define TD_IND_MEMBERS_MAX 6
struct td_ind_member {
    const char *name;                   /* of the row; NULL ends the list */
    uint8_t params, skip;               /* how many of the row's parameters count */
    uint8_t output[TD_IND_OUTPUTS_MAX]; /* the family's, for each of the row's */
};
struct td_ind_family {
    struct td_indicator row;
    struct td_ind_member members[TD_IND_MEMBERS_MAX];
};
extern const struct td_ind_family td_family_rates, td_family_average, td_family_directional,
    td_family_regression, td_family_momentum, td_family_stochastic, td_family_oscillator,
    td_family_range, td_family_volatility, td_family_volume, td_family_math;

/* The parts of a state that td_indicator_init has prepared, and the test of inputs that both drivers share. */
void *td_indicator_fixed(void *state);
double *td_indicator_windows(void *state);
bool td_indicator_finite(const double *x, size_t n);

/* The heads of a row's two functions; `state` is its struct. A step's four pointers never meet: the compiler keeps in registers what it
 * would have to read again behind every write. */
#define TD_IND_INIT(name)                                                                          \
    static void name##_init(void *state, __attribute__((unused)) struct td_ind_space *space,       \
                            __attribute__((unused)) const double *p)
#define TD_IND_STEP(name)                                                                          \
    static inline enum td_ind_said name##_step(void *restrict state,                               \
                                               __attribute__((unused)) double *restrict mem,       \
                                               const double *restrict in, double *restrict out)
#define TD_IND_LOOKBACK(name) static int32_t name##_lookback(const double *p)

/* The batch twin of `name`_step: the state is copied out, so that the compiler may keep it in registers. Inputs that are known to
 * be finite are not looked at again. */
#define TD_IND_BATCH(name, inputs, outputs) TD_IND_BATCH_AS(name, name, inputs, outputs)

/* The same for a step that works on another row's struct. */
#define TD_IND_BATCH_AS(name, state_of, inputs, outputs)                                           \
    _Static_assert(sizeof(struct state_of) <= TD_IND_FIXED_MAX, "state fits");                     \
    TD_IND_LOOP(name##_sure, name, state_of, inputs, outputs, true)                                \
    TD_IND_LOOP(name##_wary, name, state_of, inputs, outputs, isfinite(x[k]))                      \
    static void name##_batch(void *state, double *mem, const double *const *in,                    \
                             double *const *out, size_t n, bool finite)                            \
    {                                                                                              \
        if (finite)                                                                                \
            name##_sure(state, mem, in, out, n);                                                   \
        else                                                                                       \
            name##_wary(state, mem, in, out, n);                                                   \
    }

#define TD_IND_LOOP(loop, name, state_of, inputs, outputs, test)                                   \
    static void loop(void *state, double *mem, const double *const *in, double *const *out,        \
                     size_t n)                                                                     \
    {                                                                                              \
        struct state_of s = *(const struct state_of *)state;                                       \
        for (size_t i = 0; i < n; i++) {                                                           \
            double x[inputs], y[outputs];                                                          \
            bool fine = true;                                                                      \
            for (int k = 0; k < (inputs); k++) {                                                   \
                x[k] = in[k][i];                                                                   \
                fine = fine && (test);                                                             \
            }                                                                                      \
            const bool value = fine && name##_step(&s, mem, x, y) == TD_IND_VALUE;                 \
            for (int k = 0; k < (outputs); k++)                                                    \
                out[k][i] = value ? y[k] : (double)NAN;                                            \
        }                                                                                          \
        *(struct state_of *)state = s;                                                             \
    }

#define TD_IND_RUN(name) TD_IND_RUN_AS(name, name)
#define TD_IND_RUN_AS(name, state)                                                                 \
    .fixed_bytes = sizeof(struct state), .init = state##_init, .step = name##_step,                \
    .batch = name##_batch

/* Sources that many rows have. */
#define TD_IND_TALIB "TA-Lib"
#define TD_IND_TULIP "Tulip Indicators"

/* Parameters that many rows have. */
#define TD_IND_NUMBER(word, other, value, least, most, text)                                       \
    {                                                                                              \
        .name = word, .alias = other, .preset = value, .low = least, .high = most, .help = text    \
    }
#define TD_IND_WHOLE(word, other, value, least, most, text)                                        \
    {                                                                                              \
        .name = word, .alias = other, .preset = value, .low = least, .high = most, .whole = true,  \
        .help = text                                                                               \
    }
#define TD_IND_PERIOD(value, least)                                                                \
    TD_IND_WHOLE("timeperiod", "period", value, least, TD_IND_PERIOD_MAX, "bars of the window")
#define TD_IND_SEED                                                                                \
    TD_IND_WHOLE(                                                                                  \
        "seed", NULL, 0, 0, 1,                                                                     \
        "how exponential means begin: 0 with the mean of the first window (TA-Lib), 1 with the "   \
        "first value (Metastock, Tulip)")
#define TD_IND_MATYPE(word, value)                                                                 \
    TD_IND_WHOLE(word, NULL, value, 0, 8,                                                          \
                 "0 SMA, 1 EMA, 2 WMA, 3 DEMA, 4 TEMA, 5 TRIMA, 6 KAMA, 7 MAMA, 8 T3")

/* For rows that remember nothing. */
struct td_ind_nothing {
    char unused;
};

static inline void td_ind_stateless(void *state, struct td_ind_space *space, const double *p)
{
    (void)state;
    (void)space;
    (void)p;
}

/* Lookbacks that many rows have. */
static inline int32_t td_ind_none(const double *p)
{
    (void)p;
    return 0;
}
static inline int32_t td_ind_one(const double *p)
{
    (void)p;
    return 1;
}
static inline int32_t td_ind_n(const double *p)
{
    return (int32_t)p[0];
}
static inline int32_t td_ind_n_less_1(const double *p)
{
    return (int32_t)p[0] - 1;
}

#endif
