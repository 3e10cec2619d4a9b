/* signal/directional.c - rows: Wilder's directional movement. */
#include "signal/kernel_smooth.h"
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

/* Wilder's sums as td_wsum_of, of which all three have taken the same bars. */
struct di {
    struct move move;
    struct td_true_range range;
    td_two moves; /* plus, minus */
    double tr, keep;
    uint32_t n, count;
};

TD_IND_INIT(di)
{
    struct di *s = state;
    s->keep = 1 - 1 / p[0];
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
    s->count += s->count < s->n;
    const double keep = TD_LIKELY(s->count == s->n) ? s->keep : 1;
    s->moves = s->moves * keep + td_two_of(p, m);
    s->tr = s->tr * keep + tr;
    *plus = s->moves[0];
    *minus = s->moves[1];
    *range = s->tr;
    return s->count == s->n;
}

/* In percent of the true range, 0 without one; over one bar a fraction, as in TA-Lib. */
static inline double di_value(const struct di *s, double sum, double range)
{
    return range > 0 ? sum * ((s->n == 1 ? 1 : 100) / range) : 0;
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

/* False when the indices are both 0: s->dx is then the one before. */
static inline bool dx_take(struct adx *s, double plus, double minus, double range)
{
    const bool fresh = range > 0 && plus + minus > 0; /* the range cancels */
    if (fresh)
        s->dx = 100 * (fabs(minus - plus) / (minus + plus));
    return fresh;
}

TD_IND_STEP(dx)
{
    struct adx *s = state;
    double plus = 0, minus = 0, range = 0;
    if (!di_push(&s->di, in, &plus, &minus, &range))
        return TD_IND_WAIT;
    (void)dx_take(s, plus, minus, range);
    *out = s->dx;
    return TD_IND_VALUE;
}
TD_IND_BATCH_AS(dx, adx, 3, 1)

/* A bar without movement counts as 0 in the first mean and leaves a running one alone. */
static inline bool adx_take(struct adx *s, double plus, double minus, double range, double *adx)
{
    const bool fresh = dx_take(s, plus, minus, range);
    if (fresh || s->mean.count < s->mean.n)
        return td_rma_push(&s->mean, fresh ? s->dx : 0, adx);
    *adx = s->mean.y;
    return true;
}

static inline bool adx_push(struct adx *s, const double *in, double *adx)
{
    double plus = 0, minus = 0, range = 0;
    return di_push(&s->di, in, &plus, &minus, &range) && adx_take(s, plus, minus, range, adx);
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

/* Everything of one period; what is not there yet is a NaN. */
TD_IND_STEP(dmi)
{
    struct adx *s = state;
    double plus = 0, minus = 0, range = 0, adx = 0, old;
    if (!di_push(&s->di, in, &plus, &minus, &range))
        return TD_IND_WAIT;
    const bool ready = adx_take(s, plus, minus, range, &adx);
    out[0] = di_value(&s->di, plus, range);
    out[1] = di_value(&s->di, minus, range);
    out[2] = s->dx;
    out[3] = out[4] = (double)NAN;
    if (ready) {
        out[3] = adx;
        if (td_win_lag(&s->past, mem, adx, &old))
            out[4] = (adx + old) / 2;
    }
    return TD_IND_VALUE;
}
TD_IND_BATCH_AS(dmi, adx, 3, 5)

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
    {0},
};

const struct td_ind_family td_family_directional = {
    .row = {.name = "directional movement",
            HIGH_CLOSE,
            .outputs = {"plus", "minus", "dx", "adx", "adxr"},
            .params = {TD_IND_PERIOD(14, 1)},
            TD_IND_RUN_AS(dmi, adx)},
    .members = {{"PLUS_DI", .params = 1, .output = {0}},
                {"MINUS_DI", .params = 1, .output = {1}},
                {"DI", .params = 1, .output = {0, 1}},
                {"DX", .params = 1, .output = {2}},
                {"ADX", .params = 1, .output = {3}},
                {"ADXR", .params = 1, .output = {4}}},
};
