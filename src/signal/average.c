/* signal/average.c - rows: moving averages. */
#include "signal/kernel_average.h"
#include "signal/kernel_moment.h"
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
    double v;
};

TD_IND_INIT(chain)
{
    struct chain *s = state;
    td_chain_init(&s->chain, p[0], p[1] != 0);
    s->v = 0;
}

TD_IND_INIT(t3)
{
    struct chain *s = state;
    td_chain_init(&s->chain, p[0], false);
    s->v = p[1];
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
    *out = td_t3_value(s->chain.y, s->v);
    return TD_IND_VALUE;
}
TD_IND_BATCH_AS(dema, chain, 1, 1)
TD_IND_BATCH_AS(tema, chain, 1, 1)
TD_IND_BATCH_AS(t3, chain, 1, 1)

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

/* ---- HMA: WMA over sqrt(n) of 2 WMA(n/2) - WMA(n) ---- */

struct hma {
    struct td_wma_of half, whole, root;
};

TD_IND_INIT(hma)
{
    struct hma *s = state;
    td_wma_init(&s->half, space, floor(p[0] / 2));
    td_wma_init(&s->whole, space, p[0]);
    td_wma_init(&s->root, space, floor(sqrt(p[0])));
}

TD_IND_STEP(hma)
{
    struct hma *s = state;
    double half = 0, whole = 0;
    (void)td_wma_push(&s->half, mem, in[0], &half);
    if (!td_wma_push(&s->whole, mem, in[0], &whole))
        return TD_IND_WAIT;
    return td_wma_push(&s->root, mem, 2 * half - whole, out) ? TD_IND_VALUE : TD_IND_WAIT;
}
TD_IND_BATCH(hma, 1, 1)

TD_IND_LOOKBACK(hma)
{
    return (int32_t)(p[0] + floor(sqrt(p[0]))) - 2;
}

/* ---- ZLEMA: EMA of the price without its lag ---- */

struct zlema {
    struct td_ema_of ema;
    struct td_ring_of past;
};

static double zlema_lag(double n)
{
    return floor((n - 1) / 2);
}

TD_IND_INIT(zlema)
{
    struct zlema *s = state;
    td_ema_init(&s->ema, p[0]);
    td_win_init(&s->past, space, fmax(zlema_lag(p[0]), 1));
    s->past.n = (uint32_t)zlema_lag(p[0]);
}

TD_IND_STEP(zlema)
{
    struct zlema *s = state;
    double old = in[0];
    if (s->past.n > 0 && !td_win_lag(&s->past, mem, in[0], &old))
        return TD_IND_WAIT;
    return td_ema_push(&s->ema, 2 * in[0] - old, out) ? TD_IND_VALUE : TD_IND_WAIT;
}
TD_IND_BATCH(zlema, 1, 1)

TD_IND_LOOKBACK(zlema)
{
    return (int32_t)(zlema_lag(p[0]) + p[0]) - 1;
}

/* ---- VWMA: mean weighted by volume ---- */

struct vwma {
    struct td_sum_of weighted, volume;
    double y;
};

TD_IND_INIT(vwma)
{
    struct vwma *s = state;
    td_sum_init(&s->weighted, space, p[0]);
    td_sum_init(&s->volume, space, p[0]);
    s->y = (double)NAN;
}

TD_IND_STEP(vwma)
{
    struct vwma *s = state;
    (void)td_sum_push(&s->weighted, mem, in[0] * in[1]);
    if (!td_sum_push(&s->volume, mem, in[1]))
        return TD_IND_WAIT;
    const double volume = td_sum_value(&s->volume);
    if (volume != 0)
        s->y = td_sum_value(&s->weighted) / volume;
    *out = s->y;
    return TD_IND_VALUE;
}
TD_IND_BATCH(vwma, 2, 1)

/* ---- VIDYA: an exponential mean as fast as short spread over long ---- */

struct vidya {
    struct td_moment_of few, many;
    double alpha, y;
    uint32_t bar, begin;
};

TD_IND_INIT(vidya)
{
    struct vidya *s = state;
    td_moment_init(&s->few, space, p[0]);
    td_moment_init(&s->many, space, p[1]);
    s->alpha = p[2];
    s->y = 0;
    s->bar = 0;
    s->begin = (uint32_t)p[1] - 2;
}

TD_IND_STEP(vidya)
{
    struct vidya *s = state;
    (void)td_moment_push(&s->few, mem, in[0]);
    const bool full = td_moment_push(&s->many, mem, in[0]);
    if (s->bar < s->begin) {
        s->bar++;
        return TD_IND_WAIT;
    }
    if (!full) {
        s->y = in[0];
    } else {
        const double many = sqrt(td_moment_variance(&s->many));
        const double few = sqrt(td_moment_variance(&s->few));
        s->y = (in[0] - s->y) * (many > 0 ? few / many * s->alpha : 0) + s->y;
    }
    *out = s->y;
    return TD_IND_VALUE;
}
TD_IND_BATCH(vidya, 1, 1)

TD_IND_LOOKBACK(vidya)
{
    return (int32_t)p[1] - 2;
}

/* ---- ALMA: a bell of weights that leans to the newest; O(n) a bar ---- */

struct alma {
    struct td_ring_of past;
    uint32_t weights;
    double offset, sigma;
    bool ready;
};

TD_IND_INIT(alma)
{
    struct alma *s = state;
    td_win_init(&s->past, space, p[0]);
    s->weights = td_ind_room(space, (uint32_t)p[0]);
    s->offset = p[1];
    s->sigma = p[2];
    s->ready = false;
}

static void alma_weights(struct alma *s, double *mem)
{
    const double n = s->past.n, m = s->offset * (n - 1), spread = n / s->sigma;
    double sum = 0;
    for (uint32_t j = 0; j < s->past.n; j++) {
        const double d = (j - m) / spread;
        mem[s->weights + j] = exp(-d * d / 2);
        sum += mem[s->weights + j];
    }
    for (uint32_t j = 0; j < s->past.n; j++)
        mem[s->weights + j] /= sum;
    s->ready = true;
}

TD_IND_STEP(alma)
{
    struct alma *s = state;
    if (!s->ready)
        alma_weights(s, mem);
    td_win_push(&s->past, mem, in[0]);
    if (!td_win_full(&s->past))
        return TD_IND_WAIT;
    double y = 0;
    for (uint32_t j = 0; j < s->past.n; j++)
        y += mem[s->weights + j] * td_win_ago(&s->past, mem, s->past.n - 1 - j);
    *out = y;
    return TD_IND_VALUE;
}
TD_IND_BATCH(alma, 1, 1)

/* ---- McGinley's dynamic ---- */

struct mcgd {
    double y, n;
    uint32_t count;
};

TD_IND_INIT(mcgd)
{
    struct mcgd *s = state;
    *s = (struct mcgd){.n = p[0]};
}

TD_IND_STEP(mcgd)
{
    struct mcgd *s = state;
    const double x = in[0];
    if (!(x > 0))
        return TD_IND_REFUSE;
    if (s->count < (uint32_t)s->n) {
        s->y += x;
        if (++s->count < (uint32_t)s->n)
            return TD_IND_WAIT;
        s->y /= s->n;
    } else {
        const double ratio = x / s->y, square = ratio * ratio;
        s->y += (x - s->y) / (0.6 * s->n * square * square);
    }
    *out = s->y;
    return TD_IND_VALUE;
}
TD_IND_BATCH(mcgd, 1, 1)

/* ---- MAVP: an average whose period comes with each bar; O(longest period) a bar ---- */

struct mavp {
    struct td_ring_of past;
    double least, most;
};

TD_IND_INIT(mavp)
{
    struct mavp *s = state;
    s->least = p[0];
    s->most = fmax(p[0], p[1]);
    td_win_init(&s->past, space, s->most);
}

TD_IND_STEP(mavp)
{
    struct mavp *s = state;
    td_win_push(&s->past, mem, in[0]);
    if (!td_win_full(&s->past))
        return TD_IND_WAIT;
    const uint32_t n = (uint32_t)td_min(td_max(trunc(in[1]), s->least), s->most);
    double sum = 0;
    for (uint32_t i = 0; i < n; i++)
        sum += td_win_ago(&s->past, mem, i);
    *out = sum / n;
    return TD_IND_VALUE;
}
TD_IND_BATCH(mavp, 2, 1)

TD_IND_LOOKBACK(mavp)
{
    return (int32_t)fmax(p[0], p[1]) - 1;
}

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
    {.name = "HMA",
     .talib = "HMA",
     .tulip = "hma",
     AVERAGE,
     REAL,
     .params = {TD_IND_PERIOD(16, 2)},
     .lookback = hma_lookback,
     TD_IND_RUN(hma),
     .formula = "WMA over floor(sqrt n) of 2*WMA(n/2) - WMA(n)",
     .source = TD_IND_TULIP},
    {.name = "ZLEMA",
     .talib = "ZLEMA",
     .tulip = "zlema",
     AVERAGE,
     REAL,
     .params = {TD_IND_PERIOD(20, 1)},
     .lookback = zlema_lookback,
     TD_IND_RUN(zlema),
     .formula = "EMA of 2*x - x lag ago, lag = (n-1)/2 rounded down",
     .source = TD_IND_TALIB},
    {.name = "VWMA",
     .talib = "VWMA",
     .tulip = "vwma",
     AVERAGE,
     .inputs = {"real", "volume"},
     .outputs = {"real"},
     .params = {TD_IND_PERIOD(20, 1)},
     .lookback = td_ind_n_less_1,
     TD_IND_RUN(vwma),
     .formula = "sum of x*volume / sum of volume over n bars; without volume the value before, NaN "
                "before any",
     .source = TD_IND_TULIP},
    {.name = "VIDYA",
     .tulip = "vidya",
     AVERAGE,
     REAL,
     .params = {TD_IND_WHOLE("shortperiod", "fastperiod", 2, 1, TD_IND_PERIOD_MAX,
                             "bars of the short spread"),
                TD_IND_WHOLE("longperiod", "slowperiod", 5, 2, TD_IND_PERIOD_MAX,
                             "bars of the long spread"),
                TD_IND_NUMBER("alpha", NULL, 0.2, 0, 1, "weight when the spreads are equal")},
     .lookback = vidya_lookback,
     TD_IND_RUN(vidya),
     .formula = "y += alpha*sd(short)/sd(long)*(x - y), 0 when the long spread is 0; begins as the "
                "value on bar long-2",
     .source = TD_IND_TULIP},
    {.name = "ALMA",
     .tulip = "alma",
     AVERAGE,
     REAL,
     .params = {TD_IND_WHOLE("timeperiod", "period", 9, 1, 512, "bars of the window"),
                TD_IND_NUMBER("offset", NULL, 0.85, 0, 1, "where the bell stands, 1 on the newest"),
                TD_IND_NUMBER("sigma", NULL, 6, 0.01, 1000, "windows a deviation")},
     .lookback = td_ind_n_less_1,
     TD_IND_RUN(alma),
     .formula =
         "mean with weights exp(-(j-m)^2/(2s^2)), m = offset*(n-1), s = n/sigma, j = 0 the oldest",
     .source = "Kouzis-Loukas and Lambropoulos 2009"},
    {.name = "MCGD",
     AVERAGE,
     REAL,
     .params = {TD_IND_PERIOD(14, 1)},
     .lookback = td_ind_n_less_1,
     TD_IND_RUN(mcgd),
     .formula = "y += (x-y)/(0.6*n*(x/y)^4); begins with the mean of the first n; prices above 0",
     .source = "McGinley 1990"},
    {.name = "MAVP",
     .talib = "MAVP",
     AVERAGE,
     .inputs = {"real", "periods"},
     .outputs = {"real"},
     .params = {TD_IND_WHOLE("minperiod", NULL, 2, 1, 512, "least period"),
                TD_IND_WHOLE("maxperiod", NULL, 30, 1, 512, "greatest period")},
     .lookback = mavp_lookback,
     TD_IND_RUN(mavp),
     .formula =
         "SMA over as many bars as the bar's own column `periods` says, within least and greatest",
     .source = TD_IND_TALIB},
    {0},
};
