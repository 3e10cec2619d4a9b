/* signal/feature_steps.c - the small own steps of features: rows like an indicator's, but not of its table. */
#include "signal/kernel_window.h"
#include "signal/rows.h"

#define WIDEST 1e9 /* of a bound */

/* ---- of one bar ---- */

#define EACH_BAR(name, inputs, expression)                                                         \
    TD_IND_STEP(name)                                                                              \
    {                                                                                              \
        (void)state;                                                                               \
        *out = expression;                                                                         \
        return TD_IND_VALUE;                                                                       \
    }                                                                                              \
    TD_IND_BATCH_AS(name, td_ind_nothing, inputs, 1)

EACH_BAR(same_value, 1, in[0])
EACH_BAR(square, 1, in[0] * in[0])
EACH_BAR(difference, 2, in[0] - in[1])
EACH_BAR(ratio, 2, in[1] != 0 ? in[0] / in[1] : (double)NAN)
EACH_BAR(over, 2, in[1] != 0 ? in[0] / in[1] - 1 : (double)NAN)
EACH_BAR(bar_range, 3, in[2] != 0 ? (in[0] - in[1]) / in[2] : (double)NAN)
EACH_BAR(bar_body, 2, in[0] != 0 ? in[1] / in[0] - 1 : (double)NAN)
EACH_BAR(bar_place, 3, in[0] > in[1] ? (in[2] - in[1]) / (in[0] - in[1]) : 0.5)
EACH_BAR(upper_share, 4, in[1] > in[2] ? (in[1] - td_max(in[0], in[3])) / (in[1] - in[2]) : 0)
EACH_BAR(lower_share, 4, in[1] > in[2] ? (td_min(in[0], in[3]) - in[2]) / (in[1] - in[2]) : 0)

struct within {
    double above, upto;
};

TD_IND_INIT(within)
{
    struct within *s = state;
    s->above = p[0];
    s->upto = p[1];
}

TD_IND_STEP(within)
{
    const struct within *s = state;
    *out = in[0] > s->above && in[0] <= s->upto ? 1 : 0;
    return TD_IND_VALUE;
}
TD_IND_BATCH(within, 1, 1)

struct projection {
    double weight[5], less;
};

TD_IND_INIT(projection)
{
    struct projection *s = state;
    for (int k = 0; k < 5; k++)
        s->weight[k] = p[k];
    s->less = p[5];
}

TD_IND_STEP(projection)
{
    const struct projection *s = state;
    double sum = -s->less;
    for (int k = 0; k < 5; k++)
        sum += s->weight[k] * in[k];
    *out = sum;
    return TD_IND_VALUE;
}
TD_IND_BATCH(projection, 5, 1)

/* ---- with the bars before ---- */

struct log_return {
    struct td_ring_of past;
};

TD_IND_INIT(log_return)
{
    struct log_return *s = state;
    td_win_init(&s->past, space, p[0]);
}

TD_IND_STEP(log_return)
{
    struct log_return *s = state;
    if (in[0] <= 0)
        return TD_IND_REFUSE;
    const bool has = td_win_full(&s->past);
    const double before = has ? td_win_oldest(&s->past, mem) : 1;
    td_win_push(&s->past, mem, in[0]);
    if (!has)
        return TD_IND_WAIT;
    *out = log(in[0] / before);
    return TD_IND_VALUE;
}
TD_IND_BATCH(log_return, 1, 1)

struct gap {
    double close;
    bool has;
};

TD_IND_INIT(gap)
{
    (void)state;
}

TD_IND_STEP(gap)
{
    struct gap *s = state;
    const bool has = s->has;
    const double before = s->close;
    s->close = in[1];
    s->has = true;
    if (!has)
        return TD_IND_WAIT;
    *out = before != 0 ? in[0] / before - 1 : (double)NAN;
    return TD_IND_VALUE;
}
TD_IND_BATCH(gap, 2, 1)

#define OWN "own step"
#define PLAIN(row)                                                                                 \
    .fixed_bytes = sizeof(struct td_ind_nothing), .init = td_ind_stateless, .step = row##_step,    \
    .batch = row##_batch

#define WEIGHT(name)                                                                               \
    TD_IND_NUMBER(name, NULL, 0.447213595, -1, 1, "of one input; equal ones until learned")

const struct td_indicator td_rows_feature[] = {
    {.name = "VALUE",
     .group = OWN,
     .inputs = {"real"},
     .outputs = {"real"},
     .lookback = td_ind_none,
     PLAIN(same_value),
     .formula = "x itself",
     .source = OWN},
    {.name = "SQUARE",
     .group = OWN,
     .inputs = {"real"},
     .outputs = {"real"},
     .lookback = td_ind_none,
     PLAIN(square),
     .formula = "x*x",
     .source = OWN},
    {.name = "DIFFERENCE",
     .group = OWN,
     .inputs = {"real0", "real1"},
     .outputs = {"real"},
     .lookback = td_ind_none,
     PLAIN(difference),
     .formula = "a - b",
     .source = OWN},
    {.name = "RATIO",
     .group = OWN,
     .inputs = {"real0", "real1"},
     .outputs = {"real"},
     .lookback = td_ind_none,
     PLAIN(ratio),
     .formula = "a/b; NaN when b is 0",
     .source = OWN},
    {.name = "OVER",
     .group = OWN,
     .inputs = {"real0", "real1"},
     .outputs = {"real"},
     .lookback = td_ind_none,
     PLAIN(over),
     .formula = "a/b - 1; NaN when b is 0",
     .source = OWN},
    {.name = "BAR_RANGE",
     .group = OWN,
     .inputs = {"high", "low", "close"},
     .outputs = {"real"},
     .lookback = td_ind_none,
     PLAIN(bar_range),
     .formula = "(H - L)/C; NaN when C is 0",
     .source = OWN},
    {.name = "BAR_BODY",
     .group = OWN,
     .inputs = {"open", "close"},
     .outputs = {"real"},
     .lookback = td_ind_none,
     PLAIN(bar_body),
     .formula = "C/O - 1; NaN when O is 0",
     .source = OWN},
    {.name = "BAR_PLACE",
     .group = OWN,
     .inputs = {"high", "low", "close"},
     .outputs = {"real"},
     .lookback = td_ind_none,
     PLAIN(bar_place),
     .formula = "(C - L)/(H - L); 0.5 without range",
     .source = OWN},
    {.name = "UPPER_SHARE",
     .group = OWN,
     .inputs = {"open", "high", "low", "close"},
     .outputs = {"real"},
     .lookback = td_ind_none,
     PLAIN(upper_share),
     .formula = "(H - max(O, C))/(H - L); 0 without range",
     .source = OWN},
    {.name = "LOWER_SHARE",
     .group = OWN,
     .inputs = {"open", "high", "low", "close"},
     .outputs = {"real"},
     .lookback = td_ind_none,
     PLAIN(lower_share),
     .formula = "(min(O, C) - L)/(H - L); 0 without range",
     .source = OWN},
    {.name = "WITHIN",
     .group = OWN,
     .inputs = {"real"},
     .params = {TD_IND_NUMBER("above", NULL, 0, -WIDEST, WIDEST, "the value is greater"),
                TD_IND_NUMBER("upto", NULL, WIDEST, -WIDEST, WIDEST, "and not greater than this")},
     .outputs = {"real"},
     .lookback = td_ind_none,
     TD_IND_RUN(within),
     .formula = "1 when above < x <= upto, else 0",
     .source = OWN},
    {.name = "PROJECTION",
     .group = OWN,
     .inputs = {"mlofi_1", "mlofi_2", "mlofi_3", "mlofi_4", "mlofi_5"},
     .params = {WEIGHT("weight_1"), WEIGHT("weight_2"), WEIGHT("weight_3"), WEIGHT("weight_4"),
                WEIGHT("weight_5"),
                TD_IND_NUMBER("less", NULL, 0, -9e9, 9e9, "the same sum of the means")},
     .outputs = {"real"},
     .lookback = td_ind_none,
     TD_IND_RUN(projection),
     .formula = "sum of weight*x, less that of the means",
     .source = OWN},
    {.name = "LOG_RETURN",
     .group = OWN,
     .inputs = {"real"},
     .params = {TD_IND_PERIOD(1, 1)},
     .outputs = {"real"},
     .lookback = td_ind_n,
     TD_IND_RUN(log_return),
     .formula = "ln(x/x n ago); prices above 0",
     .source = OWN},
    {.name = "GAP",
     .group = OWN,
     .inputs = {"open", "close"},
     .outputs = {"real"},
     .lookback = td_ind_one,
     TD_IND_RUN(gap),
     .formula = "O/C before - 1; NaN when C before was 0",
     .source = OWN},
    {0},
};
