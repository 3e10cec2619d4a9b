/* signal/weighted.c - rows: moving averages with weights of their own. */
#include "signal/kernel_moment.h"
#include "signal/kernel_smooth.h"
#include "signal/rows.h"

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
/* ---- rows ---- */

#define REAL    .inputs = {"real"}, .outputs = {"real"}
#define AVERAGE .group = "trend"

const struct td_indicator td_rows_weighted[] = {
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
