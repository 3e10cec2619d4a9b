/* signal/average.c - rows: moving averages. */
#include "signal/kernel_average.h"
#include "signal/rows.h"

/* ---- any average by number, and the plain ones ---- */

struct ma {
    struct td_ma_of ma;
};

TD_IND_INIT(ma)
{
    struct ma *s = state;
    td_ma_init(&s->ma, space, p[1], p[0], p[2] != 0);
}

TD_IND_STEP(ma)
{
    struct ma *s = state;
    return td_ma_push(&s->ma, mem, in[0], out) ? TD_IND_VALUE : TD_IND_WAIT;
}
TD_IND_BATCH(ma, 1, 1)

TD_IND_LOOKBACK(ma)
{
    return td_ma_lookback(p[1], p[0]);
}

struct sma {
    struct td_sum_of sum;
};

TD_IND_INIT(sma)
{
    struct sma *s = state;
    td_sum_init(&s->sum, space, p[0]);
}

TD_IND_STEP(sma)
{
    struct sma *s = state;
    return td_sma_push(&s->sum, mem, in[0], out) ? TD_IND_VALUE : TD_IND_WAIT;
}
TD_IND_BATCH(sma, 1, 1)

struct ema {
    struct td_ema_of ema;
};

TD_IND_INIT(ema)
{
    struct ema *s = state;
    td_ema_init(&s->ema, p[0]);
    s->ema.from_first = p[1] != 0;
}

TD_IND_STEP(ema)
{
    struct ema *s = state;
    return td_ema_push(&s->ema, in[0], out) ? TD_IND_VALUE : TD_IND_WAIT;
}
TD_IND_BATCH(ema, 1, 1)

struct rma {
    struct td_rma_of rma;
};

TD_IND_INIT(rma)
{
    struct rma *s = state;
    td_rma_init(&s->rma, p[0]);
    s->rma.from_first = p[1] != 0;
}

TD_IND_STEP(rma)
{
    struct rma *s = state;
    return td_rma_push(&s->rma, in[0], out) ? TD_IND_VALUE : TD_IND_WAIT;
}
TD_IND_BATCH(rma, 1, 1)

struct wma {
    struct td_wma_of wma;
};

TD_IND_INIT(wma)
{
    struct wma *s = state;
    td_wma_init(&s->wma, space, p[0]);
}

TD_IND_STEP(wma)
{
    struct wma *s = state;
    return td_wma_push(&s->wma, mem, in[0], out) ? TD_IND_VALUE : TD_IND_WAIT;
}
TD_IND_BATCH(wma, 1, 1)

/* ---- chains: DEMA, TEMA, T3 ---- */

struct chain {
    struct td_chain_of chain;
    double weights[4];
};

TD_IND_INIT(chain)
{
    struct chain *s = state;
    td_chain_init(&s->chain, p[0], p[1] != 0);
}

struct chains {
    struct td_chain_of chain;
    struct td_step_of last;
};

TD_IND_INIT(chains)
{
    struct chains *s = state;
    td_chain_init(&s->chain, p[0], p[1] != 0);
}

TD_IND_INIT(t3)
{
    struct chain *s = state;
    td_chain_init(&s->chain, p[0], false);
    td_t3_weights(p[1], s->weights);
}

TD_IND_STEP(dema)
{
    struct chain *s = state;
    if (!td_chain_push(&s->chain, in[0], 2))
        return TD_IND_WAIT;
    *out = 2 * s->chain.y[0] - s->chain.y[1];
    return TD_IND_VALUE;
}

TD_IND_STEP(tema)
{
    struct chain *s = state;
    if (!td_chain_push(&s->chain, in[0], 3))
        return TD_IND_WAIT;
    *out = 3 * s->chain.y[0] - 3 * s->chain.y[1] + s->chain.y[2];
    return TD_IND_VALUE;
}

TD_IND_STEP(t3)
{
    struct chain *s = state;
    if (!td_chain_push(&s->chain, in[0], 6))
        return TD_IND_WAIT;
    *out = td_t3_value(s->chain.y, s->weights);
    return TD_IND_VALUE;
}
TD_IND_BATCH_AS(dema, chain, 1, 1)
TD_IND_BATCH_AS(tema, chain, 1, 1)
TD_IND_BATCH_AS(t3, chain, 1, 1)

/* All that is made of one chain of three. */
TD_IND_STEP(chains)
{
    struct chains *s = state;
    const double *y = s->chain.y;
    double before;
    out[1] = out[2] = out[3] = (double)NAN;
    if (TD_LIKELY(td_chain_push(&s->chain, in[0], 3))) {
        out[2] = 3 * y[0] - 3 * y[1] + y[2];
        if (td_step_push(&s->last, y[2], &before))
            out[3] = before != 0 ? 100 * (y[2] / before - 1) : 0;
    }
    if (TD_LIKELY(td_chain_has(&s->chain, 1)))
        out[1] = 2 * y[0] - y[1];
    out[0] = y[0];
    return td_chain_has(&s->chain, 0) ? TD_IND_VALUE : TD_IND_WAIT;
}
TD_IND_BATCH(chains, 1, 4)

TD_IND_LOOKBACK(dema)
{
    return 2 * ((int32_t)p[0] - 1);
}

TD_IND_LOOKBACK(tema)
{
    return 3 * ((int32_t)p[0] - 1);
}

TD_IND_LOOKBACK(t3)
{
    return 6 * ((int32_t)p[0] - 1);
}

/* ---- TRIMA, KAMA ---- */

struct trima {
    struct td_trima_of trima;
};

TD_IND_INIT(trima)
{
    struct trima *s = state;
    td_trima_init(&s->trima, space, p[0]);
}

TD_IND_STEP(trima)
{
    struct trima *s = state;
    return td_trima_push(&s->trima, mem, in[0], out) ? TD_IND_VALUE : TD_IND_WAIT;
}
TD_IND_BATCH(trima, 1, 1)

struct kama {
    struct td_kama_of kama;
};

TD_IND_INIT(kama)
{
    struct kama *s = state;
    td_kama_init(&s->kama, space, p[0]);
}

TD_IND_STEP(kama)
{
    struct kama *s = state;
    return td_kama_push(&s->kama, mem, in[0], out) ? TD_IND_VALUE : TD_IND_WAIT;
}
TD_IND_BATCH(kama, 1, 1)

#define REAL    .inputs = {"real"}, .outputs = {"real"}
#define AVERAGE .group = "trend"

const struct td_indicator td_rows_average[] = {
    {.name = "SMA",
     .talib = "SMA",
     .tulip = "sma",
     AVERAGE,
     REAL,
     .params = {TD_IND_PERIOD(30, 1)},
     .lookback = td_ind_n_less_1,
     TD_IND_RUN(sma),
     .formula = "mean of the last n values",
     .source = TD_IND_TALIB},
    {.name = "EMA",
     .talib = "EMA",
     .tulip = "ema",
     AVERAGE,
     REAL,
     .params = {TD_IND_PERIOD(30, 1), TD_IND_SEED},
     .lookback = td_ind_n_less_1,
     TD_IND_RUN(ema),
     .formula = "y += 2/(n+1) * (x - y); begins with the mean of the first n values",
     .source = TD_IND_TALIB},
    {.name = "RMA",
     .talib = "RMA",
     .tulip = "wilders",
     AVERAGE,
     REAL,
     .params = {TD_IND_PERIOD(14, 1), TD_IND_SEED},
     .lookback = td_ind_n_less_1,
     TD_IND_RUN(rma),
     .formula = "Wilder's mean: y = (y*(n-1) + x)/n; begins with the mean of the first n values",
     .source = "Wilder 1978; " TD_IND_TALIB},
    {.name = "WMA",
     .talib = "WMA",
     .tulip = "wma",
     AVERAGE,
     REAL,
     .params = {TD_IND_PERIOD(30, 1)},
     .lookback = td_ind_n_less_1,
     TD_IND_RUN(wma),
     .formula = "mean of the last n values with weights 1 to n, the newest n",
     .source = TD_IND_TALIB},
    {.name = "MA",
     .talib = "MA",
     AVERAGE,
     REAL,
     .params = {TD_IND_PERIOD(30, 1), TD_IND_MATYPE("matype", 0), TD_IND_SEED},
     .lookback = ma_lookback,
     TD_IND_RUN(ma),
     .formula = "the average of that number over n bars; over one bar the value itself",
     .source = TD_IND_TALIB},
    {.name = "DEMA",
     .talib = "DEMA",
     .tulip = "dema",
     AVERAGE,
     REAL,
     .params = {TD_IND_PERIOD(30, 1), TD_IND_SEED},
     .lookback = dema_lookback,
     TD_IND_RUN_AS(dema, chain),
     .formula = "2*e1 - e2, e1 the EMA of x, e2 the EMA of e1",
     .source = TD_IND_TALIB},
    {.name = "TEMA",
     .talib = "TEMA",
     .tulip = "tema",
     AVERAGE,
     REAL,
     .params = {TD_IND_PERIOD(30, 1), TD_IND_SEED},
     .lookback = tema_lookback,
     TD_IND_RUN_AS(tema, chain),
     .formula = "3*e1 - 3*e2 + e3, each the EMA of the one before",
     .source = TD_IND_TALIB},
    {.name = "T3",
     .talib = "T3",
     AVERAGE,
     REAL,
     .params = {TD_IND_PERIOD(5, 2),
                TD_IND_NUMBER("vfactor", NULL, 0.7, 0, 1, "weight of the correction")},
     .lookback = t3_lookback,
     .fixed_bytes = sizeof(struct chain),
     .init = t3_init,
     .step = t3_step,
     .batch = t3_batch,
     .formula =
         "six chained EMAs: -v^3*e6 + (3v^2+3v^3)*e5 - (6v^2+3v+3v^3)*e4 + (1+3v+v^3+3v^2)*e3",
     .source = "Tillson 1998; " TD_IND_TALIB},
    {.name = "TRIMA",
     .talib = "TRIMA",
     .tulip = "trima",
     AVERAGE,
     REAL,
     .params = {TD_IND_PERIOD(30, 1)},
     .lookback = td_ind_n_less_1,
     TD_IND_RUN(trima),
     .formula = "SMA of an SMA: both over (n+1)/2 when n is odd, else over n/2 and n/2+1",
     .source = TD_IND_TALIB},
    {.name = "KAMA",
     .talib = "KAMA",
     .tulip = "kama",
     AVERAGE,
     REAL,
     .params = {TD_IND_PERIOD(30, 1)},
     .lookback = td_ind_n,
     TD_IND_RUN(kama),
     .formula =
         "y += c*(x - y), c = (ER*(2/3 - 2/31) + 2/31)^2, ER = |x - x n ago| / sum of |steps|; "
         "begins as the value before bar n; on flat input the price",
     .source = "Kaufman 1995; " TD_IND_TALIB},
    {0},
};

const struct td_ind_family td_family_average = {
    .row = {.name = "EMA, DEMA, TEMA and TRIX",
            .inputs = {"real"},
            .outputs = {"ema", "dema", "tema", "trix"},
            .params = {TD_IND_PERIOD(30, 1), TD_IND_SEED},
            TD_IND_RUN(chains)},
    .members = {{"EMA", .params = 2, .output = {0}},
                {"DEMA", .params = 2, .output = {1}},
                {"TEMA", .params = 2, .output = {2}},
                {"TRIX", .params = 2, .output = {3}}},
};
