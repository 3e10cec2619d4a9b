/* signal/range.c - rows: true range and what is built on the height of bars. */
#include "signal/kernel_average.h"
#include "signal/kernel_moment.h"
#include "signal/rows.h"

struct atr {
    struct td_true_range range;
    struct td_rma_of mean;
};

TD_IND_INIT(atr)
{
    struct atr *s = state;
    td_rma_init(&s->mean, p[0]);
}

TD_IND_STEP(atr)
{
    struct atr *s = state;
    double tr;
    if (!td_true_range_push(&s->range, in[0], in[1], in[2], &tr) || !td_rma_push(&s->mean, tr, out))
        return TD_IND_WAIT;
    return TD_IND_VALUE;
}
TD_IND_BATCH(atr, 3, 1)

TD_IND_STEP(natr)
{
    struct atr *s = state;
    double tr, atr;
    if (!td_true_range_push(&s->range, in[0], in[1], in[2], &tr) ||
        !td_rma_push(&s->mean, tr, &atr))
        return TD_IND_WAIT;
    *out = in[2] != 0 ? atr * (100 / in[2]) : 0;
    return TD_IND_VALUE;
}
TD_IND_BATCH_AS(natr, atr, 3, 1)

TD_IND_STEP(trange)
{
    struct atr *s = state;
    return td_true_range_push(&s->range, in[0], in[1], in[2], out) ? TD_IND_VALUE : TD_IND_WAIT;
}
TD_IND_BATCH_AS(trange, atr, 3, 1)

/* All of one period. */
TD_IND_STEP(ranges)
{
    struct atr *s = state;
    double atr;
    if (!td_true_range_push(&s->range, in[0], in[1], in[2], &out[0]))
        return TD_IND_WAIT;
    out[1] = out[2] = (double)NAN;
    if (td_rma_push(&s->mean, out[0], &atr)) {
        out[1] = atr;
        out[2] = in[2] != 0 ? atr * (100 / in[2]) : 0; /* the quotient need not wait for the mean */
    }
    return TD_IND_VALUE;
}
TD_IND_BATCH_AS(ranges, atr, 3, 3)

/* With the height of bar 0 as its true range. */
TD_IND_STEP(tr)
{
    struct atr *s = state;
    if (!td_true_range_push(&s->range, in[0], in[1], in[2], out))
        *out = in[0] - in[1];
    return TD_IND_VALUE;
}
TD_IND_BATCH_AS(tr, atr, 3, 1)

struct adr {
    struct td_sum_of sum;
};

TD_IND_INIT(adr)
{
    struct adr *s = state;
    td_sum_init(&s->sum, space, p[0]);
}

TD_IND_STEP(adr)
{
    struct adr *s = state;
    return td_sma_push(&s->sum, mem, in[0] - in[1], out) ? TD_IND_VALUE : TD_IND_WAIT;
}
TD_IND_BATCH(adr, 2, 1)

/* ---- choppiness ---- */

struct chop {
    struct td_true_range range;
    struct td_sum_of sum;
    struct td_span_of span;
};

TD_IND_INIT(chop)
{
    struct chop *s = state;
    td_sum_init(&s->sum, space, p[0]);
    td_span_init(&s->span, space, p[0]);
}

TD_IND_STEP(chop)
{
    struct chop *s = state;
    double tr, high, low;
    (void)td_span_push(&s->span, mem, in[0], in[1], &high, &low);
    if (!td_true_range_push(&s->range, in[0], in[1], in[2], &tr) || !td_sum_push(&s->sum, mem, tr))
        return TD_IND_WAIT;
    *out = high > low ? 100 * log10(td_sum_value(&s->sum) / (high - low)) / log10(s->sum.n) : 0;
    return TD_IND_VALUE;
}
TD_IND_BATCH(chop, 3, 1)

/* ---- Chaikin's volatility ---- */

struct cvi {
    struct td_ema_of mean;
    struct td_ring_of past;
};

TD_IND_INIT(cvi)
{
    struct cvi *s = state;
    td_ema_init(&s->mean, p[0]);
    s->mean.from_first = p[2] != 0;
    td_win_init(&s->past, space, p[1]);
}

TD_IND_STEP(cvi)
{
    struct cvi *s = state;
    double mean, old;
    if (!td_ema_push(&s->mean, in[0] - in[1], &mean) || !td_win_lag(&s->past, mem, mean, &old))
        return TD_IND_WAIT;
    *out = old != 0 ? 100 * (mean / old - 1) : 0;
    return TD_IND_VALUE;
}
TD_IND_BATCH(cvi, 2, 1)

TD_IND_LOOKBACK(cvi)
{
    return (int32_t)(p[0] + p[1]) - 1;
}

/* ---- mass index ---- */

struct massi {
    struct td_chain_of mean; /* two links */
    struct td_sum_of sum;
};

TD_IND_INIT(massi)
{
    struct massi *s = state;
    td_chain_init(&s->mean, p[1], p[2] != 0);
    td_sum_init(&s->sum, space, p[0]);
}

TD_IND_STEP(massi)
{
    struct massi *s = state;
    if (!td_chain_push(&s->mean, in[0] - in[1], 2))
        return TD_IND_WAIT;
    const double one = s->mean.y[0], two = s->mean.y[1];
    if (!td_sum_push(&s->sum, mem, two > 0 ? one / two : 0))
        return TD_IND_WAIT;
    *out = td_sum_value(&s->sum);
    return TD_IND_VALUE;
}
TD_IND_BATCH(massi, 2, 1)

TD_IND_LOOKBACK(massi)
{
    return (int32_t)(2 * (p[1] - 1) + p[0] - 1);
}

/* ---- Corwin and Schultz: a spread from the heights of two bars ---- */

struct corwin {
    double high, low;
    bool has;
};

TD_IND_STEP(corwin)
{
    struct corwin *s = state;
    if (!(in[1] > 0) || in[0] < in[1])
        return TD_IND_REFUSE;
    const double high = s->high, low = s->low;
    const bool has = s->has;
    s->high = in[0];
    s->low = in[1];
    s->has = true;
    if (!has)
        return TD_IND_WAIT;
    const double h1 = log(high / low), h2 = log(in[0] / in[1]), c = 3 - 2 * sqrt(2.0);
    const double h = log(td_max(high, in[0]) / td_min(low, in[1]));
    const double b = h1 * h1 + h2 * h2, g = h * h;
    const double e = exp((sqrt(2 * b) - sqrt(b)) / c - sqrt(g / c));
    *out = td_max(2 * (e - 1) / (1 + e), 0);
    return TD_IND_VALUE;
}
TD_IND_BATCH(corwin, 2, 1)

/* ---- rows ---- */

#define VOLATILITY .group = "volatility"
#define HIGH_LOW   .inputs = {"high", "low"}
#define BAR        .inputs = {"high", "low", "close"}
#define ONE        .outputs = {"real"}

const struct td_indicator td_rows_range[] = {
    {.name = "TRANGE",
     .talib = "TRANGE",
     VOLATILITY,
     BAR,
     ONE,
     .lookback = td_ind_one,
     .fixed_bytes = sizeof(struct atr),
     .init = td_ind_stateless,
     .step = trange_step,
     .batch = trange_batch,
     .formula = "greatest of H-L, |H - C before|, |L - C before|",
     .source = "Wilder 1978; " TD_IND_TALIB},
    {.name = "TR",
     .tulip = "tr",
     VOLATILITY,
     BAR,
     ONE,
     .lookback = td_ind_none,
     .fixed_bytes = sizeof(struct atr),
     .init = td_ind_stateless,
     .step = tr_step,
     .batch = tr_batch,
     .formula = "TRANGE, and H-L on bar 0",
     .source = TD_IND_TULIP},
    {.name = "ATR",
     .talib = "ATR",
     .tulip = "atr",
     VOLATILITY,
     BAR,
     ONE,
     .params = {TD_IND_PERIOD(14, 1)},
     .lookback = td_ind_n,
     TD_IND_RUN(atr),
     .formula = "Wilder's mean of the true range from bar 1",
     .source = "Wilder 1978; " TD_IND_TALIB},
    {.name = "NATR",
     .talib = "NATR",
     .tulip = "natr",
     VOLATILITY,
     BAR,
     ONE,
     .params = {TD_IND_PERIOD(14, 1)},
     .lookback = td_ind_n,
     TD_IND_RUN_AS(natr, atr),
     .formula = "100*ATR/C",
     .source = TD_IND_TALIB},
    {.name = "ADR",
     .talib = "ADR",
     VOLATILITY,
     HIGH_LOW,
     ONE,
     .params = {TD_IND_PERIOD(14, 1)},
     .lookback = td_ind_n_less_1,
     TD_IND_RUN(adr),
     .formula = "SMA of H - L",
     .source = TD_IND_TALIB},
    {.name = "CHOP",
     VOLATILITY,
     BAR,
     ONE,
     .params = {TD_IND_PERIOD(14, 2)},
     .lookback = td_ind_n,
     TD_IND_RUN(chop),
     .formula = "100*log10(sum of n true ranges/(highest - lowest of n bars))/log10 n; 0 when "
                "there is no range",
     .source = "Dreiss"},
    {.name = "CVI",
     .talib = "CVI",
     .tulip = "cvi",
     VOLATILITY,
     HIGH_LOW,
     ONE,
     .params = {TD_IND_PERIOD(10, 1),
                TD_IND_WHOLE("rocperiod", NULL, 10, 1, TD_IND_PERIOD_MAX, "bars of the change"),
                TD_IND_SEED},
     .lookback = cvi_lookback,
     TD_IND_RUN(cvi),
     .formula = "100*(EMA(H-L)/EMA(H-L) some bars ago - 1); 0 when that was 0",
     .source = "Chaikin; " TD_IND_TULIP},
    {.name = "MASSI",
     .talib = "MASSI",
     .tulip = "mass",
     VOLATILITY,
     HIGH_LOW,
     ONE,
     .params = {TD_IND_WHOLE("slowperiod", "period", 25, 1, TD_IND_PERIOD_MAX, "bars of the sum"),
                TD_IND_WHOLE("fastperiod", NULL, 9, 1, TD_IND_PERIOD_MAX, "bars of the means"),
                TD_IND_SEED},
     .lookback = massi_lookback,
     TD_IND_RUN(massi),
     .formula = "sum of EMA(H-L)/EMA(EMA(H-L)); a bar without range counts 0",
     .source = "Dorsey 1992; " TD_IND_TULIP},
    {.name = "CORWIN_SCHULTZ",
     VOLATILITY,
     HIGH_LOW,
     ONE,
     .lookback = td_ind_one,
     .fixed_bytes = sizeof(struct corwin),
     .init = td_ind_stateless,
     .step = corwin_step,
     .batch = corwin_batch,
     .formula = "spread as a share of the price: 2(e^a-1)/(1+e^a), a = (sqrt(2b)-sqrt b)/c - "
                "sqrt(g/c), c = 3-2sqrt2, b the sum of ln(H/L)^2 of two bars, "
                "g of their common height; below 0 is 0; prices above 0",
     .source = "Corwin and Schultz 2012"},
    {0},
};

const struct td_ind_family td_family_range = {
    .row = {.name = "true range and its means",
            .inputs = {"high", "low", "close"},
            .outputs = {"tr", "atr", "natr"},
            .params = {TD_IND_PERIOD(14, 1)},
            TD_IND_RUN_AS(ranges, atr)},
    .members = {{"TRANGE", .output = {0}},
                {"ATR", .params = 1, .output = {1}},
                {"NATR", .params = 1, .output = {2}}},
};
