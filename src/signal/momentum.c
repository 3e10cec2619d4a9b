/* signal/momentum.c - rows: gains against losses, distances, rates of change. */
#include "signal/kernel_average.h"
#include "signal/rows.h"

/* ---- gains and losses, smoothed by Wilder ---- */

struct rsi {
    struct td_step_of last;
    struct td_rma_of gain, loss;
    uint32_t
        early; /* a value one bar before the mean is whole, as Metastock gives it: when this many changes are in */
};

TD_IND_INIT(rsi)
{
    struct rsi *s = state;
    td_rma_init(&s->gain, p[0]);
    td_rma_init(&s->loss, p[0]);
    s->early = p[1] != 0 ? (uint32_t)p[0] - 1 : 0;
}

static inline bool rsi_push(struct rsi *s, double x, double *gain, double *loss)
{
    double before;
    if (!td_step_push(&s->last, x, &before))
        return false;
    const double d = x - before;
    (void)td_rma_push(&s->gain, d > 0 ? d : 0, gain);
    if (td_rma_push(&s->loss, d < 0 ? -d : 0, loss))
        return true;
    *gain = s->gain.y;
    *loss = s->loss.y;
    return s->early > 0 && s->loss.count == s->early;
}

TD_IND_STEP(rsi)
{
    double gain = 0, loss = 0;
    if (!rsi_push(state, in[0], &gain, &loss))
        return TD_IND_WAIT;
    *out = gain + loss > 0 ? 100 * (gain / (gain + loss)) : 0;
    return TD_IND_VALUE;
}
TD_IND_BATCH(rsi, 1, 1)

TD_IND_STEP(cmo)
{
    double gain = 0, loss = 0;
    if (!rsi_push(state, in[0], &gain, &loss))
        return TD_IND_WAIT;
    *out = gain + loss > 0 ? 100 * ((gain - loss) / (gain + loss)) : 0;
    return TD_IND_VALUE;
}
TD_IND_BATCH_AS(cmo, rsi, 1, 1)

TD_IND_LOOKBACK(rsi)
{
    return (int32_t)(p[1] != 0 && p[0] > 1 ? p[0] - 1 : p[0]);
}

/* Plain sums instead of Wilder's means. */
struct cmou {
    struct td_step_of last;
    struct td_sum_of gain, loss;
};

TD_IND_INIT(cmou)
{
    struct cmou *s = state;
    td_sum_init(&s->gain, space, p[0]);
    td_sum_init(&s->loss, space, p[0]);
}

TD_IND_STEP(cmou)
{
    struct cmou *s = state;
    double before;
    if (!td_step_push(&s->last, in[0], &before))
        return TD_IND_WAIT;
    const double d = in[0] - before;
    (void)td_sum_push(&s->gain, mem, d > 0 ? d : 0);
    if (!td_sum_push(&s->loss, mem, d < 0 ? -d : 0))
        return TD_IND_WAIT;
    const double gain = td_sum_value(&s->gain), loss = td_sum_value(&s->loss);
    *out = gain + loss > 0 ? 100 * ((gain - loss) / (gain + loss)) : 0;
    return TD_IND_VALUE;
}
TD_IND_BATCH(cmou, 1, 1)

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

/* ---- Connors RSI ---- */

struct crsi {
    struct rsi price, streak;
    struct td_step_of last, change;
    struct td_ring_of changes;
    double run; /* bars up, below 0 down */
};

TD_IND_INIT(crsi)
{
    struct crsi *s = state;
    const double price[] = {p[0], 0}, streak[] = {p[1], 0};
    rsi_init(&s->price, space, price);
    rsi_init(&s->streak, space, streak);
    td_win_init(&s->changes, space, p[2]);
}

static inline double strength(double gain, double loss)
{
    return gain + loss > 0 ? 100 * (gain / (gain + loss)) : 0;
}

/* O(rank period) a bar. */
TD_IND_STEP(crsi)
{
    struct crsi *s = state;
    double before = 0, gain = 0, loss = 0, gain2 = 0, loss2 = 0, below = 0;
    const bool has = td_step_push(&s->last, in[0], &before);
    if (has && in[0] > before)
        s->run = s->run > 0 ? s->run + 1 : 1;
    else if (has && in[0] < before)
        s->run = s->run < 0 ? s->run - 1 : -1;
    else
        s->run = 0;
    bool ready = rsi_push(&s->price, in[0], &gain, &loss);
    ready &= rsi_push(&s->streak, s->run, &gain2, &loss2);
    if (!has)
        return TD_IND_WAIT;
    const double roc = before != 0 ? (in[0] / before - 1) * 100 : 0;
    ready &= td_win_full(&s->changes);
    for (uint32_t i = 0; i < s->changes.count; i++)
        below += mem[s->changes.base + i] < roc;
    td_win_push(&s->changes, mem, roc);
    if (!ready)
        return TD_IND_WAIT;
    *out = (strength(gain, loss) + strength(gain2, loss2) + 100 * below / s->changes.n) / 3;
    return TD_IND_VALUE;
}
TD_IND_BATCH(crsi, 1, 1)

TD_IND_LOOKBACK(crsi)
{
    return (int32_t)fmax(fmax(p[0], p[1]), p[2] + 1);
}

/* ---- bodies of bars: IMI, QSTICK, BOP ---- */

struct bodies {
    struct td_sum_of up, all;
};

TD_IND_INIT(bodies)
{
    struct bodies *s = state;
    td_sum_init(&s->up, space, p[0]);
    td_sum_init(&s->all, space, p[0]);
}

TD_IND_STEP(imi)
{
    struct bodies *s = state;
    const double body = in[1] - in[0];
    (void)td_sum_push(&s->up, mem, body > 0 ? body : 0);
    if (!td_sum_push(&s->all, mem, fabs(body)))
        return TD_IND_WAIT;
    const double all = td_sum_value(&s->all);
    *out = all > 0 ? 100 * (td_sum_value(&s->up) / all) : 50;
    return TD_IND_VALUE;
}
TD_IND_BATCH_AS(imi, bodies, 2, 1)

TD_IND_STEP(qstick)
{
    struct bodies *s = state;
    return td_sma_push(&s->all, mem, in[1] - in[0], out) ? TD_IND_VALUE : TD_IND_WAIT;
}
TD_IND_BATCH_AS(qstick, bodies, 2, 1)

TD_IND_STEP(bop)
{
    (void)state;
    *out = in[1] > in[2] ? (in[3] - in[0]) / (in[1] - in[2]) : 0;
    return TD_IND_VALUE;
}
TD_IND_BATCH_AS(bop, td_ind_nothing, 4, 1)

/* ---- rows ---- */

#define MOMENTUM .group = "momentum"
#define REAL     .inputs = {"real"}, .outputs = {"real"}
#define LAG(step)                                                                                  \
    REAL, .params = {TD_IND_PERIOD(10, 1)}, .lookback = td_ind_n, TD_IND_RUN_AS(step, lag)

const struct td_indicator td_rows_momentum[] = {
    {.name = "RSI",
     .talib = "RSI",
     .tulip = "rsi",
     MOMENTUM,
     REAL,
     .params = {TD_IND_PERIOD(14, 1), TD_IND_SEED},
     .lookback = rsi_lookback,
     TD_IND_RUN(rsi),
     .formula = "100*g/(g+l), g and l Wilder's means of gains and losses; 0 when nothing moved; "
                "seed 1 adds Metastock's value one bar early",
     .source = "Wilder 1978; " TD_IND_TALIB},
    {.name = "CMO",
     .talib = "CMO",
     MOMENTUM,
     REAL,
     .params = {TD_IND_PERIOD(14, 1), TD_IND_SEED},
     .lookback = rsi_lookback,
     TD_IND_RUN_AS(cmo, rsi),
     .formula = "100*(g-l)/(g+l) with Wilder's means as in RSI; CMOU has plain sums",
     .source = TD_IND_TALIB},
    {.name = "CMOU",
     .talib = "CMOU",
     .tulip = "cmo",
     MOMENTUM,
     REAL,
     .params = {TD_IND_PERIOD(14, 1)},
     .lookback = td_ind_n,
     TD_IND_RUN(cmou),
     .formula = "100*(g-l)/(g+l) with sums of gains and losses over n bars; 0 when nothing moved",
     .source = "Chande 1994; " TD_IND_TULIP},
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
    {.name = "CRSI",
     MOMENTUM,
     REAL,
     .params = {TD_IND_WHOLE("timeperiod", "period", 3, 1, TD_IND_PERIOD_MAX,
                             "bars of the price's RSI"),
                TD_IND_WHOLE("streakperiod", NULL, 2, 1, TD_IND_PERIOD_MAX,
                             "bars of the streak's RSI"),
                TD_IND_WHOLE("rankperiod", NULL, 100, 1, 512, "changes before that are ranked")},
     .lookback = crsi_lookback,
     TD_IND_RUN(crsi),
     .formula = "mean of RSI of the price, RSI of the length of the run up (down: below 0), and "
                "the share of the last changes "
                "below this one",
     .source = "Connors 2012"},
    {.name = "IMI",
     .talib = "IMI",
     MOMENTUM,
     .inputs = {"open", "close"},
     .outputs = {"real"},
     .params = {TD_IND_PERIOD(14, 1)},
     .lookback = td_ind_n_less_1,
     TD_IND_RUN_AS(imi, bodies),
     .formula = "100 * sum of rising bodies / sum of all; 50 without a body",
     .source = "Chande; " TD_IND_TALIB},
    {.name = "QSTICK",
     .talib = "QSTICK",
     .tulip = "qstick",
     MOMENTUM,
     .inputs = {"open", "close"},
     .outputs = {"real"},
     .params = {TD_IND_PERIOD(5, 1)},
     .lookback = td_ind_n_less_1,
     TD_IND_RUN_AS(qstick, bodies),
     .formula = "SMA of C - O",
     .source = TD_IND_TULIP},
    {.name = "BOP",
     .talib = "BOP",
     .tulip = "bop",
     MOMENTUM,
     .inputs = {"open", "high", "low", "close"},
     .outputs = {"real"},
     .lookback = td_ind_none,
     .fixed_bytes = sizeof(struct td_ind_nothing),
     .init = td_ind_stateless,
     .step = bop_step,
     .batch = bop_batch,
     .formula = "(C - O)/(H - L); 0 unless H > L",
     .source = TD_IND_TALIB},
    {0},
};
