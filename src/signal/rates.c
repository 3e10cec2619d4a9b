/* signal/rates.c - rows: rates of change, plain and smoothed. */
#include "signal/kernel_average.h"
#include "signal/rows.h"

/* ---- against the value n bars ago ---- */

struct lag {
    struct td_ring_of past;
};

TD_IND_INIT(lag)
{
    struct lag *s = state;
    td_win_init(&s->past, space, p[0]);
}

TD_IND_STEP(lag)
{
    struct lag *s = state;
    return td_win_lag(&s->past, mem, in[0], out) ? TD_IND_VALUE : TD_IND_WAIT;
}
TD_IND_BATCH(lag, 1, 1)

TD_IND_STEP(mom)
{
    struct lag *s = state;
    double old;
    if (!td_win_lag(&s->past, mem, in[0], &old))
        return TD_IND_WAIT;
    *out = in[0] - old;
    return TD_IND_VALUE;
}
TD_IND_BATCH_AS(mom, lag, 1, 1)

TD_IND_STEP(rocp)
{
    struct lag *s = state;
    double old;
    if (!td_win_lag(&s->past, mem, in[0], &old))
        return TD_IND_WAIT;
    *out = old != 0 ? (in[0] - old) / old : 0;
    return TD_IND_VALUE;
}
TD_IND_BATCH_AS(rocp, lag, 1, 1)

TD_IND_STEP(roc)
{
    struct lag *s = state;
    double old;
    if (!td_win_lag(&s->past, mem, in[0], &old))
        return TD_IND_WAIT;
    *out = old != 0 ? (in[0] / old - 1) * 100 : 0;
    return TD_IND_VALUE;
}
TD_IND_BATCH_AS(roc, lag, 1, 1)

TD_IND_STEP(rocr)
{
    struct lag *s = state;
    double old;
    if (!td_win_lag(&s->past, mem, in[0], &old))
        return TD_IND_WAIT;
    *out = old != 0 ? in[0] / old : 0;
    return TD_IND_VALUE;
}
TD_IND_BATCH_AS(rocr, lag, 1, 1)

TD_IND_STEP(rocr100)
{
    struct lag *s = state;
    double old;
    if (!td_win_lag(&s->past, mem, in[0], &old))
        return TD_IND_WAIT;
    *out = old != 0 ? in[0] / old * 100 : 0;
    return TD_IND_VALUE;
}
TD_IND_BATCH_AS(rocr100, lag, 1, 1)

/* All of one length. */
TD_IND_STEP(lags)
{
    struct lag *s = state;
    double old;
    if (!td_win_lag(&s->past, mem, in[0], &old))
        return TD_IND_WAIT;
    const double ratio = old != 0 ? in[0] / old : 0;
    out[0] = old;
    out[1] = in[0] - old;
    out[2] = old != 0 ? (ratio - 1) * 100 : 0;
    out[3] = ratio;
    out[4] = ratio * 100;
    return TD_IND_VALUE;
}
TD_IND_BATCH_AS(lags, lag, 1, 5)

/* ---- TRIX: change of a triple EMA ---- */

struct trix {
    struct td_chain_of chain;
    struct td_step_of last;
};

TD_IND_INIT(trix)
{
    struct trix *s = state;
    td_chain_init(&s->chain, p[0], p[1] != 0);
}

TD_IND_STEP(trix)
{
    struct trix *s = state;
    double before;
    if (!td_chain_push(&s->chain, in[0], 3) || !td_step_push(&s->last, s->chain.y[2], &before))
        return TD_IND_WAIT;
    *out = before != 0 ? 100 * (s->chain.y[2] / before - 1) : 0;
    return TD_IND_VALUE;
}
TD_IND_BATCH(trix, 1, 1)

TD_IND_LOOKBACK(trix)
{
    return 3 * ((int32_t)p[0] - 1) + 1;
}

/* ---- TSI: a doubly smoothed change over its size ---- */

struct tsi {
    struct td_step_of last;
    struct td_ema_of change[2], size[2];
};

TD_IND_INIT(tsi)
{
    struct tsi *s = state;
    for (int i = 0; i < 2; i++) {
        td_ema_init(&s->change[i], p[i]);
        td_ema_init(&s->size[i], p[i]);
    }
}

TD_IND_STEP(tsi)
{
    struct tsi *s = state;
    double before, change, size;
    if (!td_step_push(&s->last, in[0], &before))
        return TD_IND_WAIT;
    const double d = in[0] - before;
    const bool one = td_ema_push(&s->change[0], d, &change);
    if (!td_ema_push(&s->size[0], fabs(d), &size) || !one)
        return TD_IND_WAIT;
    (void)td_ema_push(&s->change[1], change, &change);
    if (!td_ema_push(&s->size[1], size, &size))
        return TD_IND_WAIT;
    *out = size > 0 ? 100 * change / size : 0;
    return TD_IND_VALUE;
}
TD_IND_BATCH(tsi, 1, 1)

TD_IND_LOOKBACK(tsi)
{
    return (int32_t)(p[0] + p[1]) - 1;
}

/* ---- KST and Coppock: sums of smoothed rates of change ---- */

struct kst {
    struct td_ring_of past[4];
    struct td_sum_of mean[4], signal;
};

static const double kst_roc[4] = {10, 15, 20, 30}, kst_mean[4] = {10, 10, 10, 15};

TD_IND_INIT(kst)
{
    struct kst *s = state;
    for (int i = 0; i < 4; i++) {
        td_win_init(&s->past[i], space, kst_roc[i]);
        td_sum_init(&s->mean[i], space, kst_mean[i]);
    }
    td_sum_init(&s->signal, space, 9);
}

TD_IND_STEP(kst)
{
    struct kst *s = state;
    double sum = 0;
    bool full = true;
    for (int i = 0; i < 4; i++) {
        double old, mean = 0;
        full = td_win_lag(&s->past[i], mem, in[0], &old) &&
               td_sma_push(&s->mean[i], mem, old != 0 ? (in[0] / old - 1) * 100 : 0, &mean);
        sum += (i + 1) * mean;
    }
    if (!full)
        return TD_IND_WAIT;
    out[0] = sum;
    out[1] = (double)NAN;
    (void)td_sma_push(&s->signal, mem, sum, &out[1]);
    return TD_IND_VALUE;
}
TD_IND_BATCH(kst, 1, 2)

TD_IND_LOOKBACK(kst)
{
    (void)p;
    return 44;
}

struct coppock {
    struct td_ring_of one, two;
    struct td_wma_of mean;
};

TD_IND_INIT(coppock)
{
    struct coppock *s = state;
    td_wma_init(&s->mean, space, p[0]);
    td_win_init(&s->one, space, p[1]);
    td_win_init(&s->two, space, p[2]);
}

TD_IND_STEP(coppock)
{
    struct coppock *s = state;
    double one, two;
    const bool has = td_win_lag(&s->one, mem, in[0], &one);
    if (!td_win_lag(&s->two, mem, in[0], &two) || !has)
        return TD_IND_WAIT;
    const double sum =
        (one != 0 ? (in[0] / one - 1) * 100 : 0) + (two != 0 ? (in[0] / two - 1) * 100 : 0);
    return td_wma_push(&s->mean, mem, sum, out) ? TD_IND_VALUE : TD_IND_WAIT;
}
TD_IND_BATCH(coppock, 1, 1)

TD_IND_LOOKBACK(coppock)
{
    return (int32_t)(fmax(p[1], p[2]) + p[0]) - 1;
}
/* ---- rows ---- */

#define MOMENTUM .group = "momentum"
#define REAL     .inputs = {"real"}, .outputs = {"real"}
#define LAG(step)                                                                                  \
    REAL, .params = {TD_IND_PERIOD(10, 1)}, .lookback = td_ind_n, TD_IND_RUN_AS(step, lag)

const struct td_indicator td_rows_rates[] = {
    {.name = "MOM",
     .talib = "MOM",
     .tulip = "mom",
     MOMENTUM,
     LAG(mom),
     .formula = "x - x n ago",
     .source = TD_IND_TALIB},
    {.name = "ROC",
     .talib = "ROC",
     MOMENTUM,
     LAG(roc),
     .formula = "100*(x/x n ago - 1); 0 when that was 0",
     .source = TD_IND_TALIB},
    {.name = "ROCP",
     .talib = "ROCP",
     .tulip = "roc",
     MOMENTUM,
     LAG(rocp),
     .formula = "(x - x n ago)/x n ago; 0 when that was 0",
     .source = TD_IND_TALIB},
    {.name = "ROCR",
     .talib = "ROCR",
     .tulip = "rocr",
     MOMENTUM,
     LAG(rocr),
     .formula = "x/x n ago; 0 when that was 0",
     .source = TD_IND_TALIB},
    {.name = "ROCR100",
     .talib = "ROCR100",
     MOMENTUM,
     LAG(rocr100),
     .formula = "100*x/x n ago; 0 when that was 0",
     .source = TD_IND_TALIB},
    {.name = "LAG",
     .tulip = "lag",
     MOMENTUM,
     LAG(lag),
     .formula = "x n bars ago",
     .source = TD_IND_TULIP},
    {.name = "TRIX",
     .talib = "TRIX",
     .tulip = "trix",
     MOMENTUM,
     REAL,
     .params = {TD_IND_PERIOD(30, 1), TD_IND_SEED},
     .lookback = trix_lookback,
     TD_IND_RUN(trix),
     .formula = "100*(e3/e3 before - 1), e3 the EMA of the EMA of the EMA",
     .source = TD_IND_TALIB},
    {.name = "TSI",
     .talib = "TSI",
     MOMENTUM,
     REAL,
     .params = {TD_IND_WHOLE("firstperiod", "longperiod", 25, 1, TD_IND_PERIOD_MAX,
                             "bars of the first mean"),
                TD_IND_WHOLE("secondperiod", "shortperiod", 13, 1, TD_IND_PERIOD_MAX,
                             "bars of the second")},
     .lookback = tsi_lookback,
     TD_IND_RUN(tsi),
     .formula = "100 * EMA(EMA(change)) / EMA(EMA(|change|)); 0 when nothing moved",
     .source = "Blau 1991"},
    {.name = "KST",
     MOMENTUM,
     .inputs = {"real"},
     .outputs = {"kst", "signal"},
     .late = {0, 8},
     .lookback = kst_lookback,
     TD_IND_RUN(kst),
     .formula =
         "1*SMA10(ROC10) + 2*SMA10(ROC15) + 3*SMA10(ROC20) + 4*SMA15(ROC30); signal its SMA9",
     .source = "Pring 1992"},
    {.name = "COPPOCK",
     .talib = "COPPOCK",
     MOMENTUM,
     REAL,
     .params = {TD_IND_WHOLE("wmaperiod", NULL, 10, 1, TD_IND_PERIOD_MAX, "bars of the mean"),
                TD_IND_WHOLE("roc1period", NULL, 11, 1, TD_IND_PERIOD_MAX, "bars of one change"),
                TD_IND_WHOLE("roc2period", NULL, 14, 1, TD_IND_PERIOD_MAX, "bars of the other")},
     .lookback = coppock_lookback,
     TD_IND_RUN(coppock),
     .formula = "WMA of ROC + ROC",
     .source = "Coppock 1962"},
    {0},
};

const struct td_ind_family td_family_rates = {
    .row = {.name = "against the value n bars ago",
            .inputs = {"real"},
            .outputs = {"lag", "mom", "roc", "rocr", "rocr100"},
            .params = {TD_IND_PERIOD(10, 1)},
            TD_IND_RUN_AS(lags, lag)},
    .members = {{"LAG", .params = 1, .output = {0}},
                {"MOM", .params = 1, .output = {1}},
                {"ROC", .params = 1, .output = {2}},
                {"ROCR", .params = 1, .output = {3}},
                {"ROCR100", .params = 1, .output = {4}}},
};
