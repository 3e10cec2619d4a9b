/* signal/stochastic.c - rows: where the close stands in its range, averaged. */
#include "signal/kernel_average.h"
#include "signal/rows.h"

/* ---- stochastics ---- */

/* 100 * place of x between the lowest and the highest; 0 when they are equal. */
static inline double place(double x, double high, double low)
{
    return high > low ? 100 * ((x - low) / (high - low)) : 0;
}

struct stoch {
    struct td_span_of span;
    struct td_ma_of slow, signal;
};

TD_IND_INIT(stoch)
{
    struct stoch *s = state;
    td_span_init(&s->span, space, p[0]);
    td_ma_init(&s->slow, space, p[2], p[1], false);
    td_ma_init(&s->signal, space, p[4], p[3], false);
}

TD_IND_STEP(stoch)
{
    struct stoch *s = state;
    double high, low, k, d;
    if (!td_span_push(&s->span, mem, in[0], in[1], &high, &low) ||
        !td_ma_push(&s->slow, mem, place(in[2], high, low), &k) ||
        !td_ma_push(&s->signal, mem, k, &d))
        return TD_IND_WAIT;
    out[0] = k;
    out[1] = d;
    return TD_IND_VALUE;
}
TD_IND_BATCH(stoch, 3, 2)

TD_IND_LOOKBACK(stoch)
{
    return (int32_t)p[0] - 1 + td_ma_lookback(p[2], p[1]) + td_ma_lookback(p[4], p[3]);
}

TD_IND_INIT(stochf)
{
    struct stoch *s = state;
    td_span_init(&s->span, space, p[0]);
    td_ma_init(&s->signal, space, p[2], p[1], false);
}

TD_IND_STEP(stochf)
{
    struct stoch *s = state;
    double high, low, d;
    if (!td_span_push(&s->span, mem, in[0], in[1], &high, &low))
        return TD_IND_WAIT;
    const double k = place(in[2], high, low);
    if (!td_ma_push(&s->signal, mem, k, &d))
        return TD_IND_WAIT;
    out[0] = k;
    out[1] = d;
    return TD_IND_VALUE;
}
TD_IND_BATCH_AS(stochf, stoch, 3, 2)

TD_IND_LOOKBACK(stochf)
{
    return (int32_t)p[0] - 1 + td_ma_lookback(p[2], p[1]);
}

/* Both stochastics of one range: slow K is fast D when their averages are the same. */
TD_IND_STEP(stochs)
{
    struct stoch *s = state;
    double high, low, slow, signal;
    out[0] = out[1] = out[2] = out[3] = (double)NAN;
    if (!td_span_push(&s->span, mem, in[0], in[1], &high, &low))
        return TD_IND_WAIT;
    const double k = place(in[2], high, low);
    if (!td_ma_push(&s->slow, mem, k, &slow))
        return TD_IND_WAIT;
    out[0] = k;
    out[1] = slow;
    if (!td_ma_push(&s->signal, mem, slow, &signal))
        return TD_IND_VALUE;
    out[2] = slow;
    out[3] = signal;
    return TD_IND_VALUE;
}
TD_IND_BATCH_AS(stochs, stoch, 3, 4)

struct stochrsi {
    struct td_step_of last;
    struct td_rma_of gain, loss;
    struct stoch stoch;
};

TD_IND_INIT(stochrsi)
{
    struct stochrsi *s = state;
    td_rma_init(&s->gain, p[0]);
    td_rma_init(&s->loss, p[0]);
    stochf_init(&s->stoch, space, p + 1);
}

TD_IND_STEP(stochrsi)
{
    struct stochrsi *s = state;
    double before, gain, loss;
    if (!td_step_push(&s->last, in[0], &before))
        return TD_IND_WAIT;
    const double d = in[0] - before;
    const bool has = td_rma_push(&s->gain, d > 0 ? d : 0, &gain);
    if (!td_rma_push(&s->loss, d < 0 ? -d : 0, &loss) || !has)
        return TD_IND_WAIT;
    const double rsi = gain + loss > 0 ? 100 * (gain / (gain + loss)) : 0;
    const double bar[] = {rsi, rsi, rsi};
    return stochf_step(&s->stoch, mem, bar, out);
}
TD_IND_BATCH(stochrsi, 1, 2)

TD_IND_LOOKBACK(stochrsi)
{
    return (int32_t)p[0] + stochf_lookback(p + 1);
}

struct kdj {
    struct td_span_of span;
    double slow, signal, k, d;
};

TD_IND_INIT(kdj)
{
    struct kdj *s = state;
    td_span_init(&s->span, space, p[0]);
    s->slow = p[1];
    s->signal = p[2];
    s->k = s->d = 50;
}

TD_IND_STEP(kdj)
{
    struct kdj *s = state;
    double high, low;
    if (!td_span_push(&s->span, mem, in[0], in[1], &high, &low))
        return TD_IND_WAIT;
    s->k = (s->k * (s->slow - 1) + place(in[2], high, low)) / s->slow;
    s->d = (s->d * (s->signal - 1) + s->k) / s->signal;
    out[0] = s->k;
    out[1] = s->d;
    out[2] = 3 * s->k - 2 * s->d;
    return TD_IND_VALUE;
}
TD_IND_BATCH(kdj, 3, 3)

/* ---- rows ---- */

#define MOMENTUM            .group = "momentum"
#define BAR                 .inputs = {"high", "low", "close"}
#define BARS(word, n, text) TD_IND_WHOLE(word, NULL, n, 1, TD_IND_PERIOD_MAX, text)

const struct td_indicator td_rows_stochastic[] = {
    {.name = "STOCH",
     .talib = "STOCH",
     .tulip = "stoch",
     MOMENTUM,
     BAR,
     .outputs = {"slowk", "slowd"},
     .params = {TD_IND_WHOLE("fastk_period", "kperiod", 5, 1, TD_IND_PERIOD_MAX,
                             "bars of the range"),
                TD_IND_WHOLE("slowk_period", "kslowingperiod", 3, 1, TD_IND_PERIOD_MAX,
                             "bars of slow K"),
                TD_IND_MATYPE("slowk_matype", 0),
                TD_IND_WHOLE("slowd_period", "dperiod", 3, 1, TD_IND_PERIOD_MAX, "bars of slow D"),
                TD_IND_MATYPE("slowd_matype", 0)},
     .lookback = stoch_lookback,
     TD_IND_RUN(stoch),
     .formula = "average of 100*(C - lowest)/(highest - lowest), and the average of that; 0 when "
                "there is no range",
     .source = "Lane; " TD_IND_TALIB},
    {.name = "STOCHF",
     .talib = "STOCHF",
     MOMENTUM,
     BAR,
     .outputs = {"fastk", "fastd"},
     .params = {BARS("fastk_period", 5, "bars of the range"), BARS("fastd_period", 3, "bars of D"),
                TD_IND_MATYPE("fastd_matype", 0)},
     .lookback = stochf_lookback,
     .fixed_bytes = sizeof(struct stoch),
     .init = stochf_init,
     .step = stochf_step,
     .batch = stochf_batch,
     .formula = "100*(C - lowest)/(highest - lowest), and its average; 0 when there is no range",
     .source = "Lane; " TD_IND_TALIB},
    {.name = "STOCHRSI",
     .talib = "STOCHRSI",
     .tulip = "stochrsi",
     MOMENTUM,
     .inputs = {"real"},
     .outputs = {"fastk", "fastd"},
     .params = {TD_IND_PERIOD(14, 1), BARS("fastk_period", 5, "bars of the range of RSI"),
                BARS("fastd_period", 3, "bars of D"), TD_IND_MATYPE("fastd_matype", 0)},
     .lookback = stochrsi_lookback,
     TD_IND_RUN(stochrsi),
     .formula = "STOCHF of RSI, 0 to 100",
     .source = "Chande and Kroll 1994; " TD_IND_TALIB},
    {.name = "KDJ",
     MOMENTUM,
     BAR,
     .outputs = {"k", "d", "j"},
     .params = {BARS("fastk_period", 9, "bars of the range"),
                BARS("slowk_period", 3, "weight of K"), BARS("slowd_period", 3, "weight of D")},
     .lookback = td_ind_n_less_1,
     TD_IND_RUN(kdj),
     .formula =
         "K = (K*(n-1) + place in the range)/n, D the same of K, both begun at 50; J = 3K - 2D",
     .source = "definition of this project"},
    {0},
};

const struct td_ind_family td_family_stochastic = {
    .row = {.name = "STOCH and STOCHF",
            BAR,
            .outputs = {"fastk", "fastd", "slowk", "slowd"},
            .params = {BARS("fastk_period", 5, "bars of the range"),
                       BARS("slowk_period", 3, "bars of slow K"), TD_IND_MATYPE("slowk_matype", 0),
                       BARS("slowd_period", 3, "bars of slow D"), TD_IND_MATYPE("slowd_matype", 0)},
            TD_IND_RUN_AS(stochs, stoch)},
    .members = {{"STOCH", .params = 5, .output = {2, 3}},
                {"STOCHF", .params = 3, .output = {0, 1}}},
};
