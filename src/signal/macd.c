/* signal/macd.c - rows: differences of two averages. */
#include "signal/kernel_average.h"
#include "signal/rows.h"

/* ---- MACD: the fast mean leaves out bars, so that both begin on the same one (TA-Lib) ---- */

struct macd {
    struct td_ema_of fast, slow, signal;
    uint32_t wait;
};

TD_IND_INIT(macd)
{
    struct macd *s = state;
    const double fast = fmin(p[0], p[1]), slow = fmax(p[0], p[1]);
    const bool from_first = p[3] != 0;
    td_ema_init(&s->fast, fast);
    td_ema_init(&s->slow, slow);
    td_ema_init(&s->signal, p[2]);
    s->fast.from_first = s->slow.from_first = s->signal.from_first = from_first;
    s->wait = from_first ? 0 : (uint32_t)(slow - fast);
}

TD_IND_INIT(macdfix)
{
    struct macd *s = state;
    const double full[] = {12, 26, p[0], p[1]};
    macd_init(state, space, full);
    td_ema_factor(&s->fast, 0.15);
    td_ema_factor(&s->slow, 0.075);
}

TD_IND_STEP(macd)
{
    struct macd *s = state;
    double fast = 0, slow, signal;
    if (s->wait > 0)
        s->wait--;
    else
        (void)td_ema_push(&s->fast, in[0], &fast);
    if (!td_ema_push(&s->slow, in[0], &slow) || !td_ema_push(&s->signal, fast - slow, &signal))
        return TD_IND_WAIT;
    out[0] = fast - slow;
    out[1] = signal;
    out[2] = out[0] - signal;
    return TD_IND_VALUE;
}
TD_IND_BATCH(macd, 1, 3)

TD_IND_LOOKBACK(macd)
{
    return (int32_t)(fmax(p[0], p[1]) + p[2]) - 2;
}

TD_IND_LOOKBACK(macdfix)
{
    return 24 + (int32_t)p[0];
}

struct macdext {
    struct td_ma_of fast, slow, signal;
    uint32_t wait_fast, wait_slow;
};

/* Periods and types in order: the fast one is the shorter. */
static void macdext_order(const double *p, double *fast, double *slow)
{
    const bool swap = p[2] < p[0];
    fast[0] = p[swap ? 2 : 0];
    fast[1] = p[swap ? 3 : 1];
    slow[0] = p[swap ? 0 : 2];
    slow[1] = p[swap ? 1 : 3];
}

TD_IND_INIT(macdext)
{
    struct macdext *s = state;
    double fast[2], slow[2];
    const bool from_first = p[6] != 0;
    macdext_order(p, fast, slow);
    td_ma_init(&s->fast, space, fast[1], fast[0], from_first);
    td_ma_init(&s->slow, space, slow[1], slow[0], from_first);
    td_ma_init(&s->signal, space, p[5], p[4], from_first);
    const int32_t a = td_ma_lookback(fast[1], fast[0]), b = td_ma_lookback(slow[1], slow[0]);
    s->wait_fast = !from_first && b > a ? (uint32_t)(b - a) : 0;
    s->wait_slow = !from_first && a > b ? (uint32_t)(a - b) : 0;
}

TD_IND_STEP(macdext)
{
    struct macdext *s = state;
    double fast = 0, slow = 0, signal;
    bool ready = s->wait_fast == 0 && s->wait_slow == 0;
    if (s->wait_fast > 0)
        s->wait_fast--;
    else
        ready &= td_ma_push(&s->fast, mem, in[0], &fast);
    if (s->wait_slow > 0)
        s->wait_slow--;
    else
        ready &= td_ma_push(&s->slow, mem, in[0], &slow);
    if (!ready || !td_ma_push(&s->signal, mem, fast - slow, &signal))
        return TD_IND_WAIT;
    out[0] = fast - slow;
    out[1] = signal;
    out[2] = out[0] - signal;
    return TD_IND_VALUE;
}
TD_IND_BATCH(macdext, 1, 3)

TD_IND_LOOKBACK(macdext)
{
    double fast[2], slow[2];
    macdext_order(p, fast, slow);
    const int32_t a = td_ma_lookback(fast[1], fast[0]), b = td_ma_lookback(slow[1], slow[0]);
    return (a > b ? a : b) + td_ma_lookback(p[5], p[4]);
}

/* ---- APO, PPO, PVO, VOSC: averages over all bars ---- */

struct apo {
    struct td_ma_of fast, slow;
};

TD_IND_INIT(apo)
{
    struct apo *s = state;
    td_ma_init(&s->fast, space, p[2], fmin(p[0], p[1]), p[3] != 0);
    td_ma_init(&s->slow, space, p[2], fmax(p[0], p[1]), p[3] != 0);
}

static inline bool apo_push(struct apo *s, double *mem, double x, double *fast, double *slow)
{
    const bool has = td_ma_push(&s->fast, mem, x, fast);
    return td_ma_push(&s->slow, mem, x, slow) && has;
}

TD_IND_STEP(apo)
{
    double fast = 0, slow = 0;
    if (!apo_push(state, mem, in[0], &fast, &slow))
        return TD_IND_WAIT;
    *out = fast - slow;
    return TD_IND_VALUE;
}
TD_IND_BATCH(apo, 1, 1)

TD_IND_STEP(ppo)
{
    double fast = 0, slow = 0;
    if (!apo_push(state, mem, in[0], &fast, &slow))
        return TD_IND_WAIT;
    *out = slow != 0 ? (fast - slow) / slow * 100 : 0;
    return TD_IND_VALUE;
}
TD_IND_BATCH_AS(ppo, apo, 1, 1)

TD_IND_LOOKBACK(apo)
{
    return td_ma_lookback(p[2], fmax(p[0], p[1]));
}

TD_IND_INIT(vosc)
{
    struct apo *s = state;
    td_ma_init(&s->fast, space, TD_MA_SMA, fmin(p[0], p[1]), false);
    td_ma_init(&s->slow, space, TD_MA_SMA, fmax(p[0], p[1]), false);
}

TD_IND_LOOKBACK(longer)
{
    return (int32_t)fmax(p[0], p[1]) - 1;
}

/* ---- AO, AC: SMAs of the middle of the bar ---- */

struct ao {
    struct td_sum_of fast, slow, mean;
};

TD_IND_INIT(ao)
{
    struct ao *s = state;
    td_sum_init(&s->fast, space, p[0]);
    td_sum_init(&s->slow, space, p[1]);
    td_sum_init(&s->mean, space, fmax(p[2], 1));
}

TD_IND_STEP(ao)
{
    struct ao *s = state;
    const double x = (in[0] + in[1]) / 2;
    double fast = 0, slow;
    const bool has = td_sma_push(&s->fast, mem, x, &fast);
    if (!td_sma_push(&s->slow, mem, x, &slow) || !has)
        return TD_IND_WAIT;
    *out = fast - slow;
    return TD_IND_VALUE;
}
TD_IND_BATCH(ao, 2, 1)

TD_IND_STEP(ac)
{
    struct ao *s = state;
    double ao, mean;
    if (ao_step(state, mem, in, &ao) != TD_IND_VALUE || !td_sma_push(&s->mean, mem, ao, &mean))
        return TD_IND_WAIT;
    *out = ao - mean;
    return TD_IND_VALUE;
}
TD_IND_BATCH_AS(ac, ao, 2, 1)

TD_IND_LOOKBACK(ac)
{
    return (int32_t)(fmax(p[0], p[1]) + p[2]) - 2;
}

/* ---- KVO: volume force, the trend by the sign of the change of H+L+C ---- */

struct kvo {
    double sum, range, force_range;
    int trend;
    uint32_t bar; /* 2 at most */
    struct td_ema_of fast, slow;
};

TD_IND_INIT(kvo)
{
    struct kvo *s = state;
    s->trend = -1;
    td_ema_init(&s->fast, p[0]);
    td_ema_init(&s->slow, p[1]);
}

TD_IND_STEP(kvo)
{
    struct kvo *s = state;
    const double sum = in[0] + in[1] + in[2], range = in[0] - in[1];
    const double before = s->sum, range_before = s->range;
    s->sum = sum;
    s->range = range;
    if (s->bar == 0) {
        s->bar = 1;
        return TD_IND_WAIT;
    }
    const int trend = sum > before ? 1 : sum < before ? 0 : s->trend;
    if (trend != s->trend) {
        s->trend = trend;
        s->force_range = range_before;
    }
    s->force_range += range;
    const double share = s->force_range != 0 ? range / s->force_range : 0;
    const double force = in[3] * fabs(share * 2 - 1) * 100 * (s->trend == 0 ? -1 : 1);
    if (s->bar == 1) {
        s->bar = 2;
        s->fast.y = s->slow.y = force;
    } else {
        s->fast.y += (force - s->fast.y) * s->fast.k;
        s->slow.y += (force - s->slow.y) * s->slow.k;
    }
    *out = s->fast.y - s->slow.y;
    return TD_IND_VALUE;
}
TD_IND_BATCH(kvo, 4, 1)

/* ---- rows ---- */

#define MOMENTUM .group = "momentum"
#define REAL     .inputs = {"real"}, .outputs = {"real"}
#define FAST(n)                                                                                    \
    TD_IND_WHOLE("fastperiod", "shortperiod", n, 1, TD_IND_PERIOD_MAX, "bars of the fast mean")
#define SLOW(n)                                                                                    \
    TD_IND_WHOLE("slowperiod", "longperiod", n, 1, TD_IND_PERIOD_MAX, "bars of the slow mean")
#define SIGNAL(n)                                                                                  \
    TD_IND_WHOLE("signalperiod", NULL, n, 1, TD_IND_PERIOD_MAX, "bars of the signal's mean")
#define LINES .inputs = {"real"}, .outputs = {"macd", "macdsignal", "macdhist"}

const struct td_indicator td_rows_macd[] = {
    {.name = "MACD",
     .talib = "MACD",
     .tulip = "macd",
     MOMENTUM,
     LINES,
     .params = {FAST(12), SLOW(26), SIGNAL(9), TD_IND_SEED},
     .lookback = macd_lookback,
     TD_IND_RUN(macd),
     .formula = "EMA(fast) - EMA(slow), its EMA as signal, and their difference; the fast EMA "
                "begins as late as the slow one",
     .source = "Appel 1979; " TD_IND_TALIB},
    {.name = "MACDFIX",
     .talib = "MACDFIX",
     MOMENTUM,
     LINES,
     .params = {SIGNAL(9), TD_IND_SEED},
     .lookback = macdfix_lookback,
     .fixed_bytes = sizeof(struct macd),
     .init = macdfix_init,
     .step = macd_step,
     .batch = macd_batch,
     .formula = "MACD of 12 and 26 bars with the historic factors 0.15 and 0.075",
     .source = "Appel 1979; " TD_IND_TALIB},
    {.name = "MACDEXT",
     .talib = "MACDEXT",
     MOMENTUM,
     LINES,
     .params = {FAST(12), TD_IND_MATYPE("fastmatype", 0), SLOW(26), TD_IND_MATYPE("slowmatype", 0),
                SIGNAL(9), TD_IND_MATYPE("signalmatype", 0), TD_IND_SEED},
     .lookback = macdext_lookback,
     TD_IND_RUN(macdext),
     .formula = "MACD with any averages",
     .source = TD_IND_TALIB},
    {.name = "APO",
     .talib = "APO",
     .tulip = "apo",
     MOMENTUM,
     REAL,
     .params = {FAST(12), SLOW(26), TD_IND_MATYPE("matype", TD_MA_SMA), TD_IND_SEED},
     .lookback = apo_lookback,
     TD_IND_RUN(apo),
     .formula = "average(fast) - average(slow); SMA unless matype says otherwise",
     .source = TD_IND_TALIB},
    {.name = "PPO",
     .talib = "PPO",
     .tulip = "ppo",
     MOMENTUM,
     REAL,
     .params = {FAST(12), SLOW(26), TD_IND_MATYPE("matype", TD_MA_EMA), TD_IND_SEED},
     .lookback = apo_lookback,
     TD_IND_RUN_AS(ppo, apo),
     .formula = "100*(average(fast) - average(slow))/average(slow); EMA unless matype says "
                "otherwise (older TA-Lib: SMA)",
     .source = TD_IND_TALIB},
    {.name = "PVO",
     .talib = "PVO",
     .group = "volume",
     .inputs = {"volume"},
     .outputs = {"real"},
     .params = {FAST(12), SLOW(26), TD_IND_MATYPE("matype", TD_MA_EMA), TD_IND_SEED},
     .lookback = apo_lookback,
     TD_IND_RUN_AS(ppo, apo),
     .formula = "PPO of the volume",
     .source = TD_IND_TALIB},
    {.name = "VOSC",
     .tulip = "vosc",
     .group = "volume",
     .inputs = {"volume"},
     .outputs = {"real"},
     .params = {FAST(5), SLOW(10)},
     .lookback = longer_lookback,
     .fixed_bytes = sizeof(struct apo),
     .init = vosc_init,
     .step = ppo_step,
     .batch = ppo_batch,
     .formula = "100*(SMA(fast) - SMA(slow))/SMA(slow) of the volume; 0 without volume",
     .source = TD_IND_TULIP},
    {.name = "AO",
     .talib = "AO",
     .tulip = "ao",
     MOMENTUM,
     .inputs = {"high", "low"},
     .outputs = {"real"},
     .params = {FAST(5), SLOW(34)},
     .lookback = longer_lookback,
     TD_IND_RUN(ao),
     .formula = "SMA5 - SMA34 of (H+L)/2",
     .source = "Williams; " TD_IND_TULIP},
    {.name = "AC",
     .talib = "AC",
     MOMENTUM,
     .inputs = {"high", "low"},
     .outputs = {"real"},
     .params = {FAST(5), SLOW(34), SIGNAL(5)},
     .lookback = ac_lookback,
     TD_IND_RUN_AS(ac, ao),
     .formula = "AO - SMA5 of AO",
     .source = "Williams"},
    {.name = "KVO",
     .tulip = "kvo",
     .group = "volume",
     .inputs = {"high", "low", "close", "volume"},
     .outputs = {"real"},
     .params = {FAST(34), SLOW(55)},
     .lookback = td_ind_one,
     TD_IND_RUN(kvo),
     .formula = "EMA34 - EMA55, begun on bar 1, of volume*|2*range/cm - 1|*100 with the sign of "
                "the change of H+L+C; cm sums "
                "ranges and begins anew with the range before when the sign turns",
     .source = "Klinger; " TD_IND_TULIP},
    {0},
};
