/* signal/stops.c - rows: parabolic stops, SuperTrend, Aroon, vortex. */
#include "signal/kernel_smooth.h"
#include "signal/rows.h"

/* ---- parabolic stop ---- */

/* One side's acceleration. */
struct pace {
    double begin, step, most, now;
};

struct sar {
    struct pace up, down;
    double sar, extreme, high, low, start, offset;
    uint32_t bar; /* 2 at most */
    bool is_long, is_signed;
};

TD_IND_INIT(sar)
{
    struct sar *s = state;
    const double most = p[1], step = fmin(p[0], most);
    *s = (struct sar){.up = {step, step, most, step}, .down = {step, step, most, step}};
}

TD_IND_INIT(sarext)
{
    struct sar *s = state;
    *s = (struct sar){.up = {fmin(p[2], p[4]), fmin(p[3], p[4]), p[4], fmin(p[2], p[4])},
                      .down = {fmin(p[5], p[7]), fmin(p[6], p[7]), p[7], fmin(p[5], p[7])},
                      .start = p[0],
                      .offset = p[1],
                      .is_signed = true};
}

/* Bar 1 chooses the side, unless a start was given, and counts as its own bar before. */
static inline void sar_begin(struct sar *s, double high, double low)
{
    const double up = high - s->high, down = s->low - low;
    s->is_long = s->start > 0 || (s->start == 0 && !(down > 0 && up < down));
    s->extreme = s->is_long ? high : low;
    s->sar = s->start != 0 ? fabs(s->start) : s->is_long ? s->low : s->high;
    s->high = high;
    s->low = low;
}

/* The stop was hit: it turns to the extreme, beyond the last two bars. `side` 1: now long. */
static inline double sar_flip(struct sar *s, double high, double low)
{
    const bool now_long = !s->is_long;
    struct pace *pace = now_long ? &s->up : &s->down;
    s->is_long = now_long;
    s->sar = now_long ? td_min(s->extreme, td_min(s->low, low))
                      : td_max(s->extreme, td_max(s->high, high));
    if (s->offset != 0)
        s->sar += now_long ? -s->sar * s->offset : s->sar * s->offset;
    const double out = s->sar;
    pace->now = pace->begin;
    s->extreme = now_long ? high : low;
    return out;
}

TD_IND_STEP(sar)
{
    struct sar *s = state;
    const double high = in[0], low = in[1];
    if (s->bar == 0) {
        s->high = high;
        s->low = low;
        s->bar = 1;
        return TD_IND_WAIT;
    }
    if (s->bar == 1) {
        sar_begin(s, high, low);
        s->bar = 2;
    }
    double value;
    if (s->is_long ? low <= s->sar : high >= s->sar) {
        value = sar_flip(s, high, low);
    } else {
        struct pace *pace = s->is_long ? &s->up : &s->down;
        value = s->sar;
        const double reached = s->is_long ? high : low;
        const bool further = s->is_long ? high > s->extreme : low < s->extreme;
        s->extreme = td_pick(further, reached, s->extreme);
        pace->now = td_pick(further, td_min(pace->now + pace->step, pace->most), pace->now);
    }
    s->sar += (s->is_long ? s->up.now : s->down.now) * (s->extreme - s->sar);
    s->sar =
        s->is_long ? td_min(s->sar, td_min(s->low, low)) : td_max(s->sar, td_max(s->high, high));
    *out = s->is_signed && !s->is_long ? -value : value;
    s->high = high;
    s->low = low;
    return TD_IND_VALUE;
}
TD_IND_BATCH(sar, 2, 1)

/* ---- SuperTrend ---- */

struct supertrend {
    struct td_true_range range;
    struct td_rma_of atr;
    double times, upper, lower, close;
    bool begun, is_long;
};

TD_IND_INIT(supertrend)
{
    struct supertrend *s = state;
    td_rma_init(&s->atr, p[0]);
    s->times = p[1];
}

TD_IND_STEP(supertrend)
{
    struct supertrend *s = state;
    const double close = in[2], before = s->close, middle = (in[0] + in[1]) / 2;
    double tr, atr;
    s->close = close;
    if (!td_true_range_push(&s->range, in[0], in[1], close, &tr) || !td_rma_push(&s->atr, tr, &atr))
        return TD_IND_WAIT;
    const double upper = middle + s->times * atr, lower = middle - s->times * atr;
    if (!s->begun) {
        s->upper = upper;
        s->lower = lower;
        s->is_long = s->begun = true;
    } else {
        s->upper = upper < s->upper || before > s->upper ? upper : s->upper;
        s->lower = lower > s->lower || before < s->lower ? lower : s->lower;
        s->is_long = s->is_long ? !(close < s->lower) : close > s->upper;
    }
    out[0] = s->is_long ? s->lower : s->upper;
    out[1] = s->is_long ? 1 : -1;
    return TD_IND_VALUE;
}
TD_IND_BATCH(supertrend, 3, 2)

/* ---- Aroon: how long ago the highest and lowest of n+1 bars stood ---- */

struct aroon {
    struct td_wheres_of where;
    double n, share; /* share: 100/n */
};

TD_IND_INIT(aroon)
{
    struct aroon *s = state;
    td_wheres_init(&s->where, space, p[0] + 1);
    s->n = p[0];
    s->share = 100 / p[0];
}

static inline bool aroon_push(struct aroon *s, double *mem, const double *in, double *down,
                              double *up)
{
    if (!td_wheres_push(&s->where, mem, in[0], in[1]))
        return false;
    const td_two value = (s->n - td_wheres_age(&s->where)) * s->share;
    *up = value[0];
    *down = value[1];
    return true;
}

TD_IND_STEP(aroon)
{
    return aroon_push(state, mem, in, &out[0], &out[1]) ? TD_IND_VALUE : TD_IND_WAIT;
}
TD_IND_BATCH(aroon, 2, 2)

TD_IND_STEP(aroonosc)
{
    double down, up;
    if (!aroon_push(state, mem, in, &down, &up))
        return TD_IND_WAIT;
    *out = up - down;
    return TD_IND_VALUE;
}
TD_IND_BATCH_AS(aroonosc, aroon, 2, 1)

/* ---- vortex ---- */

struct vortex {
    struct td_sum_of plus, minus, range;
    double high, low;
    struct td_true_range tr;
};

TD_IND_INIT(vortex)
{
    struct vortex *s = state;
    td_sum_init(&s->plus, space, p[0]);
    td_sum_init(&s->minus, space, p[0]);
    td_sum_init(&s->range, space, p[0]);
}

TD_IND_STEP(vortex)
{
    struct vortex *s = state;
    const double plus = fabs(in[0] - s->low), minus = fabs(in[1] - s->high);
    double tr;
    s->high = in[0];
    s->low = in[1];
    if (!td_true_range_push(&s->tr, in[0], in[1], in[2], &tr))
        return TD_IND_WAIT;
    (void)td_sum_push(&s->plus, mem, plus);
    (void)td_sum_push(&s->minus, mem, minus);
    if (!td_sum_push(&s->range, mem, tr))
        return TD_IND_WAIT;
    const double range = td_sum_value(&s->range);
    out[0] = range > 0 ? td_sum_value(&s->plus) / range : 0;
    out[1] = range > 0 ? td_sum_value(&s->minus) / range : 0;
    return TD_IND_VALUE;
}
TD_IND_BATCH(vortex, 3, 2)
/* ---- rows ---- */

#define TREND      .group = "trend"
#define HIGH_LOW   .inputs = {"high", "low"}
#define HIGH_CLOSE .inputs = {"high", "low", "close"}
#define REAL_OUT   .outputs = {"real"}
#define WILDER     .source = "Wilder 1978; " TD_IND_TALIB

const struct td_indicator td_rows_stops[] = {
    {.name = "SAR",
     .talib = "SAR",
     .tulip = "psar",
     TREND,
     HIGH_LOW,
     REAL_OUT,
     .params = {TD_IND_NUMBER("acceleration", "step", 0.02, 0, 3,
                              "acceleration at the start, and its growth"),
                TD_IND_NUMBER("maximum", "max", 0.2, 0, 3, "greatest acceleration")},
     .lookback = td_ind_one,
     TD_IND_RUN(sar),
     .formula = "parabolic stop: goes towards the extreme price by the acceleration, never into "
                "the last two bars; turns when hit",
     WILDER},
    {.name = "SAREXT",
     .talib = "SAREXT",
     TREND,
     HIGH_LOW,
     REAL_OUT,
     .params = {TD_IND_NUMBER("startvalue", NULL, 0, -1e9, 1e9,
                              "first stop: above 0 long, below 0 short, 0 as SAR chooses"),
                TD_IND_NUMBER("offsetonreverse", NULL, 0, 0, 3,
                              "share added to the stop when it turns"),
                TD_IND_NUMBER("accelerationinitlong", NULL, 0.02, 0, 3, "long: at the start"),
                TD_IND_NUMBER("accelerationlong", NULL, 0.02, 0, 3, "long: growth"),
                TD_IND_NUMBER("accelerationmaxlong", NULL, 0.2, 0, 3, "long: greatest"),
                TD_IND_NUMBER("accelerationinitshort", NULL, 0.02, 0, 3, "short: at the start"),
                TD_IND_NUMBER("accelerationshort", NULL, 0.02, 0, 3, "short: growth"),
                TD_IND_NUMBER("accelerationmaxshort", NULL, 0.2, 0, 3, "short: greatest")},
     .lookback = td_ind_one,
     .fixed_bytes = sizeof(struct sar),
     .init = sarext_init,
     .step = sar_step,
     .batch = sar_batch,
     .formula = "SAR with an acceleration for each side; below 0 while short",
     WILDER},
    {.name = "SUPERTREND",
     .talib = "SUPERTREND",
     TREND,
     HIGH_CLOSE,
     .outputs = {"supertrend", "trend"},
     .params = {TD_IND_PERIOD(10, 1),
                TD_IND_NUMBER("multiplier", "nbdev", 3, 0, 100, "true ranges to a band")},
     .lookback = td_ind_n,
     TD_IND_RUN(supertrend),
     .formula = "(H+L)/2 plus and minus a multiple of ATR, each only moving towards the price "
                "while the close before was inside; "
                "the lower band while long, else the upper; trend 1 or -1",
     .source = "Seban; " TD_IND_TALIB},
    {.name = "AROON",
     .talib = "AROON",
     .tulip = "aroon",
     TREND,
     HIGH_LOW,
     .outputs = {"aroondown", "aroonup"},
     .params = {TD_IND_PERIOD(14, 2)},
     .lookback = td_ind_n,
     TD_IND_RUN(aroon),
     .formula =
         "100*(n - bars since the lowest low, highest high of n+1 bars)/n; of equals the newest",
     .source = "Chande 1995; " TD_IND_TALIB},
    {.name = "AROONOSC",
     .talib = "AROONOSC",
     .tulip = "aroonosc",
     TREND,
     HIGH_LOW,
     REAL_OUT,
     .params = {TD_IND_PERIOD(14, 2)},
     .lookback = td_ind_n,
     TD_IND_RUN_AS(aroonosc, aroon),
     .formula = "aroonup - aroondown",
     .source = "Chande 1995; " TD_IND_TALIB},
    {.name = "VORTEX",
     .talib = "VORTEX",
     TREND,
     HIGH_CLOSE,
     .outputs = {"plusvi", "minusvi"},
     .params = {TD_IND_PERIOD(14, 1)},
     .lookback = td_ind_n,
     TD_IND_RUN(vortex),
     .formula = "sum of |H - L before| and of |L - H before| over n bars / sum of true range; 0 "
                "without range",
     .source = "Botes and Siepman 2010"},
    {0},
};
