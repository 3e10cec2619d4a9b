/* signal/directional.c - rows: directional movement, parabolic stops, SuperTrend, Aroon, vortex. */
#include "signal/kernel_average.h"
#include "signal/rows.h"

/* ---- Wilder's directional movement ---- */

/* Plus and minus movement of a bar; both 0 when they are equal. False on the first bar. */
struct move {
    double high, low;
    bool has;
};

static inline bool move_push(struct move *m, double high, double low, double *plus, double *minus)
{
    const double up = high - m->high, down = m->low - low;
    const bool has = m->has;
    m->high = high;
    m->low = low;
    m->has = true;
    *plus = td_if((up > 0) & (up > down), up);
    *minus = td_if((down > 0) & (down > up), down);
    return has;
}

struct dm {
    struct move move;
    struct td_wsum_of plus, minus;
    uint32_t n;
};

TD_IND_INIT(dm)
{
    struct dm *s = state;
    td_wsum_init(&s->plus, p[0]);
    td_wsum_init(&s->minus, p[0]);
    s->n = (uint32_t)p[0];
}

/* True when n-1 movements are summed; over one bar the movement itself. */
static inline bool dm_push(struct dm *s, const double *in, double *plus, double *minus)
{
    if (!move_push(&s->move, in[0], in[1], plus, minus)) {
        *plus = *minus = 0;
        return false;
    }
    if (s->n == 1)
        return true;
    (void)td_wsum_push(&s->plus, *plus);
    const uint32_t count = td_wsum_push(&s->minus, *minus);
    *plus = s->plus.s;
    *minus = s->minus.s;
    return count + 1 >= s->n;
}

TD_IND_STEP(plus_dm)
{
    struct dm *s = state;
    double plus, minus;
    if (!dm_push(s, in, &plus, &minus))
        return TD_IND_WAIT;
    *out = plus;
    return TD_IND_VALUE;
}
TD_IND_BATCH_AS(plus_dm, dm, 2, 1)

TD_IND_STEP(minus_dm)
{
    struct dm *s = state;
    double plus, minus;
    if (!dm_push(s, in, &plus, &minus))
        return TD_IND_WAIT;
    *out = minus;
    return TD_IND_VALUE;
}
TD_IND_BATCH_AS(minus_dm, dm, 2, 1)

TD_IND_STEP(dm)
{
    struct dm *s = state;
    double plus, minus;
    if (!dm_push(s, in, &plus, &minus))
        return TD_IND_WAIT;
    out[0] = plus;
    out[1] = minus;
    return TD_IND_VALUE;
}
TD_IND_BATCH(dm, 2, 2)

TD_IND_LOOKBACK(dm)
{
    return (int32_t)fmax(p[0] - 1, 1);
}

struct di {
    struct move move;
    struct td_true_range range;
    struct td_wsum_of plus, minus, tr;
    uint32_t n;
};

TD_IND_INIT(di)
{
    struct di *s = state;
    td_wsum_init(&s->plus, p[0]);
    td_wsum_init(&s->minus, p[0]);
    td_wsum_init(&s->tr, p[0]);
    s->n = (uint32_t)p[0];
}

/* True from bar n: the sums of both movements and of the true range; over one bar the bar's own. */
static inline bool di_push(struct di *s, const double *in, double *plus, double *minus,
                           double *range)
{
    double p, m, tr = 0;
    const bool has = move_push(&s->move, in[0], in[1], &p, &m);
    (void)td_true_range_push(&s->range, in[0], in[1], in[2], &tr);
    if (!has)
        return false;
    if (s->n == 1) {
        *plus = p;
        *minus = m;
        *range = tr;
        return true;
    }
    (void)td_wsum_push(&s->plus, p);
    (void)td_wsum_push(&s->minus, m);
    const bool ready = td_wsum_push(&s->tr, tr) >= s->n;
    *plus = s->plus.s;
    *minus = s->minus.s;
    *range = s->tr.s;
    return ready;
}

/* In percent of the true range, 0 without one; over one bar a fraction, as in TA-Lib. */
static inline double di_value(const struct di *s, double sum, double range)
{
    return range > 0 ? sum / range * (s->n == 1 ? 1 : 100) : 0;
}

TD_IND_STEP(plus_di)
{
    struct di *s = state;
    double plus, minus, range;
    if (!di_push(s, in, &plus, &minus, &range))
        return TD_IND_WAIT;
    *out = di_value(s, plus, range);
    return TD_IND_VALUE;
}
TD_IND_BATCH_AS(plus_di, di, 3, 1)

TD_IND_STEP(minus_di)
{
    struct di *s = state;
    double plus, minus, range;
    if (!di_push(s, in, &plus, &minus, &range))
        return TD_IND_WAIT;
    *out = di_value(s, minus, range);
    return TD_IND_VALUE;
}
TD_IND_BATCH_AS(minus_di, di, 3, 1)

TD_IND_STEP(di)
{
    struct di *s = state;
    double plus, minus, range;
    if (!di_push(s, in, &plus, &minus, &range))
        return TD_IND_WAIT;
    out[0] = di_value(s, plus, range);
    out[1] = di_value(s, minus, range);
    return TD_IND_VALUE;
}
TD_IND_BATCH(di, 3, 2)

/* ---- DX, ADX, ADXR ---- */

struct adx {
    struct di di;
    struct td_rma_of mean;
    struct td_ring_of past; /* of ADX */
    double dx;
};

TD_IND_INIT(adx)
{
    struct adx *s = state;
    di_init(&s->di, space, p);
    td_rma_init(&s->mean, p[0]);
    td_win_init(&s->past, space, fmax(p[0] - 1, 1));
    s->dx = 0;
}

/* True when there is a DX; *fresh = false when the indices are both 0, s->dx is then the one before. */
static inline bool dx_push(struct adx *s, const double *in, bool *fresh)
{
    double plus = 0, minus = 0, range = 0;
    if (!di_push(&s->di, in, &plus, &minus, &range))
        return false;
    *fresh = range > 0 && plus + minus > 0; /* the range cancels */
    if (*fresh)
        s->dx = 100 * (fabs(minus - plus) / (minus + plus));
    return true;
}

TD_IND_STEP(dx)
{
    struct adx *s = state;
    bool fresh;
    if (!dx_push(s, in, &fresh))
        return TD_IND_WAIT;
    *out = s->dx;
    return TD_IND_VALUE;
}
TD_IND_BATCH_AS(dx, adx, 3, 1)

/* A bar without movement counts as 0 in the first mean and leaves a running one alone. */
static inline bool adx_push(struct adx *s, const double *in, double *adx)
{
    bool fresh;
    if (!dx_push(s, in, &fresh))
        return false;
    if (fresh || s->mean.count < (uint32_t)s->mean.n)
        return td_rma_push(&s->mean, fresh ? s->dx : 0, adx);
    *adx = s->mean.y;
    return true;
}

TD_IND_STEP(adx)
{
    struct adx *s = state;
    return adx_push(s, in, out) ? TD_IND_VALUE : TD_IND_WAIT;
}
TD_IND_BATCH(adx, 3, 1)

TD_IND_LOOKBACK(adx)
{
    return 2 * (int32_t)p[0] - 1;
}

TD_IND_STEP(adxr)
{
    struct adx *s = state;
    double adx, old;
    if (!adx_push(s, in, &adx) || !td_win_lag(&s->past, mem, adx, &old))
        return TD_IND_WAIT;
    *out = (adx + old) / 2;
    return TD_IND_VALUE;
}
TD_IND_BATCH_AS(adxr, adx, 3, 1)

TD_IND_LOOKBACK(adxr)
{
    return 3 * (int32_t)p[0] - 2;
}

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
        if (s->is_long ? high > s->extreme : low < s->extreme) {
            s->extreme = s->is_long ? high : low;
            pace->now = td_min(pace->now + pace->step, pace->most);
        }
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
    struct td_where_of high, low;
    double n;
};

TD_IND_INIT(aroon)
{
    struct aroon *s = state;
    td_where_init(&s->high, space, p[0] + 1, 1);
    td_where_init(&s->low, space, p[0] + 1, -1);
    s->n = p[0];
}

static inline bool aroon_push(struct aroon *s, double *mem, const double *in, double *down,
                              double *up)
{
    (void)td_where_push(&s->high, mem, in[0]);
    if (!td_where_push(&s->low, mem, in[1]))
        return false;
    *down = 100 / s->n * (s->n - td_where_age(&s->low));
    *up = 100 / s->n * (s->n - td_where_age(&s->high));
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

const struct td_indicator td_rows_directional[] = {
    {.name = "PLUS_DM",
     .talib = "PLUS_DM",
     TREND,
     HIGH_LOW,
     REAL_OUT,
     .params = {TD_IND_PERIOD(14, 1)},
     .lookback = dm_lookback,
     TD_IND_RUN_AS(plus_dm, dm),
     .formula = "Wilder sum of H - H before, where it is above 0 and above L before - L",
     WILDER},
    {.name = "MINUS_DM",
     .talib = "MINUS_DM",
     TREND,
     HIGH_LOW,
     REAL_OUT,
     .params = {TD_IND_PERIOD(14, 1)},
     .lookback = dm_lookback,
     TD_IND_RUN_AS(minus_dm, dm),
     .formula = "Wilder sum of L before - L, where it is above 0 and above H - H before",
     WILDER},
    {.name = "DM",
     .tulip = "dm",
     TREND,
     HIGH_LOW,
     .outputs = {"plus_dm", "minus_dm"},
     .params = {TD_IND_PERIOD(14, 1)},
     .lookback = dm_lookback,
     TD_IND_RUN(dm),
     .formula = "PLUS_DM and MINUS_DM together",
     WILDER},
    {.name = "PLUS_DI",
     .talib = "PLUS_DI",
     TREND,
     HIGH_CLOSE,
     REAL_OUT,
     .params = {TD_IND_PERIOD(14, 1)},
     .lookback = td_ind_n,
     TD_IND_RUN_AS(plus_di, di),
     .formula = "100 * Wilder sum of plus movement / Wilder sum of true range; 0 without range; a "
                "fraction over one bar",
     WILDER},
    {.name = "MINUS_DI",
     .talib = "MINUS_DI",
     TREND,
     HIGH_CLOSE,
     REAL_OUT,
     .params = {TD_IND_PERIOD(14, 1)},
     .lookback = td_ind_n,
     TD_IND_RUN_AS(minus_di, di),
     .formula = "100 * Wilder sum of minus movement / Wilder sum of true range; 0 without range; a "
                "fraction over one bar",
     WILDER},
    {.name = "DI",
     .tulip = "di",
     TREND,
     HIGH_CLOSE,
     .outputs = {"plus_di", "minus_di"},
     .params = {TD_IND_PERIOD(14, 1)},
     .lookback = td_ind_n,
     TD_IND_RUN(di),
     .formula = "PLUS_DI and MINUS_DI together",
     WILDER},
    {.name = "DX",
     .talib = "DX",
     .tulip = "dx",
     TREND,
     HIGH_CLOSE,
     REAL_OUT,
     .params = {TD_IND_PERIOD(14, 2)},
     .lookback = td_ind_n,
     TD_IND_RUN_AS(dx, adx),
     .formula = "100*|+DI - -DI|/(+DI + -DI); when both are 0 the value before, 0 at the start",
     WILDER},
    {.name = "ADX",
     .talib = "ADX",
     .tulip = "adx",
     TREND,
     HIGH_CLOSE,
     REAL_OUT,
     .params = {TD_IND_PERIOD(14, 2)},
     .lookback = adx_lookback,
     TD_IND_RUN(adx),
     .formula = "Wilder's mean of DX, begun with the mean of the first n",
     WILDER},
    {.name = "ADXR",
     .talib = "ADXR",
     .tulip = "adxr",
     TREND,
     HIGH_CLOSE,
     REAL_OUT,
     .params = {TD_IND_PERIOD(14, 2)},
     .lookback = adxr_lookback,
     TD_IND_RUN_AS(adxr, adx),
     .formula = "(ADX + ADX n-1 bars ago)/2",
     WILDER},
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
