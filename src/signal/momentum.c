/* signal/momentum.c - rows: gains against losses, bodies of bars. */
#include "signal/kernel_smooth.h"
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

/* Both of one pair of means. */
TD_IND_STEP(rsis)
{
    double gain = 0, loss = 0;
    if (!rsi_push(state, in[0], &gain, &loss))
        return TD_IND_WAIT;
    const double all = gain + loss;
    out[0] = all > 0 ? 100 * (gain / all) : 0;
    out[1] = all > 0 ? 100 * ((gain - loss) / all) : 0;
    return TD_IND_VALUE;
}
TD_IND_BATCH_AS(rsis, rsi, 1, 2)

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

const struct td_ind_family td_family_momentum = {
    .row = {.name = "RSI and CMO",
            .inputs = {"real"},
            .outputs = {"rsi", "cmo"},
            .params = {TD_IND_PERIOD(14, 1), TD_IND_SEED},
            TD_IND_RUN_AS(rsis, rsi)},
    .members = {{"RSI", .params = 2, .output = {0}}, {"CMO", .params = 2, .output = {1}}},
};
