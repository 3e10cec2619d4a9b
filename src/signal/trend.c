/* signal/trend.c - rows: channels, bands and lines over prices. */
#include "signal/kernel_average.h"
#include "signal/kernel_moment.h"
#include "signal/rows.h"

/* ---- middle of the range ---- */

struct midpoint {
    struct td_span_of span;
};

TD_IND_INIT(midpoint)
{
    struct midpoint *s = state;
    td_span_init(&s->span, space, p[0]);
}

TD_IND_STEP(midpoint)
{
    struct midpoint *s = state;
    double high, low;
    if (!td_span_push(&s->span, mem, in[0], in[0], &high, &low))
        return TD_IND_WAIT;
    *out = (high + low) / 2;
    return TD_IND_VALUE;
}
TD_IND_BATCH(midpoint, 1, 1)

TD_IND_STEP(midprice)
{
    struct midpoint *s = state;
    double high, low;
    if (!td_span_push(&s->span, mem, in[0], in[1], &high, &low))
        return TD_IND_WAIT;
    *out = (high + low) / 2;
    return TD_IND_VALUE;
}
TD_IND_BATCH_AS(midprice, midpoint, 2, 1)

TD_IND_STEP(donchian)
{
    struct midpoint *s = state;
    double high, low;
    if (!td_span_push(&s->span, mem, in[0], in[1], &high, &low))
        return TD_IND_WAIT;
    out[0] = high;
    out[1] = (high + low) / 2;
    out[2] = low;
    return TD_IND_VALUE;
}
TD_IND_BATCH_AS(donchian, midpoint, 2, 3)

/* ---- Keltner: EMA of the typical price and the average true range ---- */

struct keltner {
    struct td_ema_of middle;
    struct td_true_range range;
    struct td_rma_of atr;
    double times;
    int32_t wait_middle,
        wait_range; /* bars each leaves out, so that both begin on the same bar (TA-Lib) */
};

TD_IND_LOOKBACK(keltner)
{
    return (int32_t)fmax(p[0] - 1, p[1]);
}

TD_IND_INIT(keltner)
{
    struct keltner *s = state;
    s->wait_middle = keltner_lookback(p) - (int32_t)p[0] + 1;
    s->wait_range = keltner_lookback(p) - (int32_t)p[1] + 1; /* the first bar has no range */
    td_ema_init(&s->middle, p[0]);
    td_rma_init(&s->atr, p[1]);
    s->times = p[2];
}

TD_IND_STEP(keltner)
{
    struct keltner *s = state;
    double middle = 0, tr = 0, atr = 0;
    bool ready = td_true_range_push(&s->range, in[0], in[1], in[2], &tr);
    ready = s->wait_range > 0 ? false : ready && td_rma_push(&s->atr, tr, &atr);
    s->wait_range -= s->wait_range > 0;
    if (s->wait_middle > 0)
        s->wait_middle--;
    else if (!td_ema_push(&s->middle, (in[0] + in[1] + in[2]) / 3, &middle) || !ready)
        return TD_IND_WAIT;
    if (!ready)
        return TD_IND_WAIT;
    out[0] = middle + s->times * atr;
    out[1] = middle;
    out[2] = middle - s->times * atr;
    return TD_IND_VALUE;
}
TD_IND_BATCH(keltner, 3, 3)

/* ---- acceleration bands ---- */

struct accbands {
    struct td_sum_of upper, middle, lower;
    double width;
};

TD_IND_INIT(accbands)
{
    struct accbands *s = state;
    td_sum_init(&s->upper, space, p[0]);
    td_sum_init(&s->middle, space, p[0]);
    td_sum_init(&s->lower, space, p[0]);
    s->width = p[1];
}

TD_IND_STEP(accbands)
{
    struct accbands *s = state;
    const double sum = in[0] + in[1], w = sum != 0 ? s->width * (in[0] - in[1]) / sum : 0;
    (void)td_sum_push(&s->upper, mem, in[0] * (1 + w));
    (void)td_sum_push(&s->middle, mem, in[2]);
    if (!td_sum_push(&s->lower, mem, in[1] * (1 - w)))
        return TD_IND_WAIT;
    out[0] = td_sum_mean(&s->upper);
    out[1] = td_sum_mean(&s->middle);
    out[2] = td_sum_mean(&s->lower);
    return TD_IND_VALUE;
}
TD_IND_BATCH(accbands, 3, 3)

/* ---- Bollinger: an average and population deviations of the same bars ---- */

struct bbands {
    struct td_ma_of ma;
    struct td_moment_of spread;
    double up, down;
    bool simple;
};

TD_IND_INIT(bbands)
{
    struct bbands *s = state;
    td_ma_init(&s->ma, space, p[3], p[0], p[4] != 0);
    td_moment_init(&s->spread, space, p[0]);
    s->up = p[1];
    s->down = p[2];
    s->simple = p[3] == TD_MA_SMA;
}

TD_IND_STEP(bbands)
{
    struct bbands *s = state;
    const bool full = td_moment_push(&s->spread, mem, in[0]);
    double middle = td_moment_mean(&s->spread);
    if (!s->simple && !td_ma_push(&s->ma, mem, in[0], &middle))
        return TD_IND_WAIT;
    if (!full)
        return TD_IND_WAIT;
    const double sd = sqrt(td_moment_variance(&s->spread));
    out[0] = middle + s->up * sd;
    out[1] = middle;
    out[2] = middle - s->down * sd;
    return TD_IND_VALUE;
}
TD_IND_BATCH(bbands, 1, 3)

TD_IND_LOOKBACK(bbands)
{
    return (int32_t)fmax(td_ma_lookback(p[3], p[0]), p[0] - 1);
}

/* Where the value stands in the bands, and how wide they are. */
struct percentb {
    struct td_moment_of spread;
    double times;
};

TD_IND_INIT(percentb)
{
    struct percentb *s = state;
    td_moment_init(&s->spread, space, p[0]);
    s->times = p[1];
}

TD_IND_STEP(percentb)
{
    struct percentb *s = state;
    if (!td_moment_push(&s->spread, mem, in[0]))
        return TD_IND_WAIT;
    const double half = s->times * sqrt(td_moment_variance(&s->spread));
    *out = half > 0 ? (in[0] - td_moment_mean(&s->spread) + half) / (2 * half) : 0.5;
    return TD_IND_VALUE;
}
TD_IND_BATCH(percentb, 1, 1)

TD_IND_STEP(bbw)
{
    struct percentb *s = state;
    if (!td_moment_push(&s->spread, mem, in[0]))
        return TD_IND_WAIT;
    const double half = s->times * sqrt(td_moment_variance(&s->spread));
    *out = td_moment_mean(&s->spread) != 0 ? 2 * half / td_moment_mean(&s->spread) : (double)NAN;
    return TD_IND_VALUE;
}
TD_IND_BATCH_AS(bbw, percentb, 1, 1)

/* ---- Ichimoku: three ranges and their middle; nothing displaced ---- */

struct ichimoku {
    struct td_span_of few, some, many;
};

TD_IND_INIT(ichimoku)
{
    struct ichimoku *s = state;
    td_span_init(&s->few, space, p[0]);
    td_span_init(&s->some, space, p[1]);
    td_span_init(&s->many, space, p[2]);
}

TD_IND_STEP(ichimoku)
{
    struct ichimoku *s = state;
    double high, low;
    bool full = td_span_push(&s->few, mem, in[0], in[1], &high, &low);
    const double tenkan = (high + low) / 2;
    full &= td_span_push(&s->some, mem, in[0], in[1], &high, &low);
    const double kijun = (high + low) / 2;
    full &= td_span_push(&s->many, mem, in[0], in[1], &high, &low);
    if (!full)
        return TD_IND_WAIT;
    out[0] = tenkan;
    out[1] = kijun;
    out[2] = (tenkan + kijun) / 2;
    out[3] = (high + low) / 2;
    return TD_IND_VALUE;
}
TD_IND_BATCH(ichimoku, 2, 4)

TD_IND_LOOKBACK(ichimoku)
{
    return (int32_t)fmax(p[0], fmax(p[1], p[2])) - 1;
}

/* ---- DPO: a value of half a window ago against the mean ---- */

struct dpo {
    struct td_sum_of sum;
    struct td_ring_of past;
};

TD_IND_INIT(dpo)
{
    struct dpo *s = state;
    td_sum_init(&s->sum, space, p[0]);
    td_win_init(&s->past, space, floor(p[0] / 2) + 1);
}

TD_IND_STEP(dpo)
{
    struct dpo *s = state;
    double old = 0;
    const bool has = td_win_lag(&s->past, mem, in[0], &old);
    if (!td_sum_push(&s->sum, mem, in[0]) || !has)
        return TD_IND_WAIT;
    *out = old - td_sum_mean(&s->sum);
    return TD_IND_VALUE;
}
TD_IND_BATCH(dpo, 1, 1)

TD_IND_LOOKBACK(dpo)
{
    return (int32_t)fmax(p[0] - 1, floor(p[0] / 2) + 1);
}

/* ---- VHF and ER: how straight the way was ---- */

struct way {
    struct td_sum_of moves;
    struct td_span_of span;
    struct td_ring_of past;
    struct td_step_of last;
};

TD_IND_INIT(vhf)
{
    struct way *s = state;
    td_sum_init(&s->moves, space, p[0]);
    td_span_init(&s->span, space, p[0]);
}

TD_IND_STEP(vhf)
{
    struct way *s = state;
    double before, high, low;
    const bool has = td_step_push(&s->last, in[0], &before);
    (void)td_span_push(&s->span, mem, in[0], in[0], &high, &low);
    if (!has || !td_sum_push(&s->moves, mem, fabs(in[0] - before)))
        return TD_IND_WAIT;
    const double moves = td_sum_value(&s->moves);
    *out = moves > 0 ? (high - low) / moves : 0;
    return TD_IND_VALUE;
}
TD_IND_BATCH_AS(vhf, way, 1, 1)

TD_IND_INIT(er)
{
    struct way *s = state;
    td_sum_init(&s->moves, space, p[0]);
    td_win_init(&s->past, space, p[0]);
}

TD_IND_STEP(er)
{
    struct way *s = state;
    double before, old = 0;
    if (td_step_push(&s->last, in[0], &before))
        (void)td_sum_push(&s->moves, mem, fabs(in[0] - before));
    if (!td_win_lag(&s->past, mem, in[0], &old))
        return TD_IND_WAIT;
    const double moves = td_sum_value(&s->moves), gone = fabs(in[0] - old);
    *out = moves > 0 ? td_min(gone / moves, 1) : 0;
    return TD_IND_VALUE;
}
TD_IND_BATCH_AS(er, way, 1, 1)

/* ---- rows ---- */

#define TREND      .group = "trend"
#define REAL       .inputs = {"real"}, .outputs = {"real"}
#define HIGH_LOW   .inputs = {"high", "low"}
#define HIGH_CLOSE .inputs = {"high", "low", "close"}
#define BANDS      .outputs = {"upperband", "middleband", "lowerband"}

const struct td_indicator td_rows_trend[] = {
    {.name = "MIDPOINT",
     .talib = "MIDPOINT",
     TREND,
     REAL,
     .params = {TD_IND_PERIOD(14, 1)},
     .lookback = td_ind_n_less_1,
     TD_IND_RUN(midpoint),
     .formula = "(highest + lowest)/2 of the last n values",
     .source = TD_IND_TALIB},
    {.name = "MIDPRICE",
     .talib = "MIDPRICE",
     TREND,
     HIGH_LOW,
     .outputs = {"real"},
     .params = {TD_IND_PERIOD(14, 1)},
     .lookback = td_ind_n_less_1,
     TD_IND_RUN_AS(midprice, midpoint),
     .formula = "(highest high + lowest low)/2 of n bars",
     .source = TD_IND_TALIB},
    {.name = "DONCHIAN",
     .talib = "DONCHIAN",
     TREND,
     HIGH_LOW,
     BANDS,
     .params = {TD_IND_PERIOD(20, 1)},
     .lookback = td_ind_n_less_1,
     TD_IND_RUN_AS(donchian, midpoint),
     .formula = "highest high, lowest low and their middle, this bar included; for a breakout use "
                "the bar before",
     .source = "Donchian; " TD_IND_TALIB},
    {.name = "KC",
     .talib = "KC",
     TREND,
     HIGH_CLOSE,
     BANDS,
     .params = {TD_IND_PERIOD(20, 1),
                TD_IND_WHOLE("atrperiod", NULL, 10, 1, TD_IND_PERIOD_MAX, "bars of the true range"),
                TD_IND_NUMBER("nbdev", "multiplier", 2, 0, 100, "true ranges to a band")},
     .lookback = keltner_lookback,
     TD_IND_RUN(keltner),
     .formula = "EMA of (H+L+C)/3, plus and minus a multiple of ATR",
     .source = "Keltner 1960; " TD_IND_TALIB},
    {.name = "ACCBANDS",
     .talib = "ACCBANDS",
     .tulip = "abands",
     TREND,
     HIGH_CLOSE,
     BANDS,
     .params = {TD_IND_PERIOD(20, 1),
                TD_IND_NUMBER("width", NULL, 4, 0, 100, "factor of the width")},
     .lookback = td_ind_n_less_1,
     TD_IND_RUN(accbands),
     .formula = "SMA of H*(1+w), C, L*(1-w) with w = width*(H-L)/(H+L), 0 when H+L is 0",
     .source = "Headley; " TD_IND_TALIB},
    {.name = "BBANDS",
     .talib = "BBANDS",
     .tulip = "bbands",
     TREND,
     .inputs = {"real"},
     BANDS,
     .params = {TD_IND_PERIOD(20, 1),
                TD_IND_NUMBER("nbdevup", "stddev", 2, -100, 100, "deviations up"),
                TD_IND_NUMBER("nbdevdn", "nbdevdown", 2, -100, 100, "deviations down"),
                TD_IND_MATYPE("matype", 0), TD_IND_SEED},
     .lookback = bbands_lookback,
     TD_IND_RUN(bbands),
     .formula = "average of n bars, plus and minus population deviations of the same n bars from "
                "their own mean",
     .source = "Bollinger; " TD_IND_TALIB},
    {.name = "PERCENTB",
     TREND,
     REAL,
     .params = {TD_IND_PERIOD(20, 1),
                TD_IND_NUMBER("nbdev", "stddev", 2, 0, 100, "deviations to a band")},
     .lookback = td_ind_n_less_1,
     TD_IND_RUN(percentb),
     .formula = "(x - lower)/(upper - lower) of the Bollinger bands; 0.5 when they have no width",
     .source = "Bollinger"},
    {.name = "BBW",
     TREND,
     REAL,
     .params = {TD_IND_PERIOD(20, 1),
                TD_IND_NUMBER("nbdev", "stddev", 2, 0, 100, "deviations to a band")},
     .lookback = td_ind_n_less_1,
     TD_IND_RUN_AS(bbw, percentb),
     .formula = "(upper - lower)/middle of the Bollinger bands; NaN when the middle is 0",
     .source = "Bollinger"},
    {.name = "ICHIMOKU",
     TREND,
     HIGH_LOW,
     .outputs = {"tenkan", "kijun", "span_a", "span_b"},
     .params = {TD_IND_WHOLE("tenkanperiod", NULL, 9, 1, TD_IND_PERIOD_MAX,
                             "bars of the turning line"),
                TD_IND_WHOLE("kijunperiod", NULL, 26, 1, TD_IND_PERIOD_MAX,
                             "bars of the base line"),
                TD_IND_WHOLE("senkouperiod", NULL, 52, 1, TD_IND_PERIOD_MAX, "bars of span B")},
     .lookback = ichimoku_lookback,
     TD_IND_RUN(ichimoku),
     .formula = "middles of three ranges; span A = (tenkan + kijun)/2; values stand on their own "
                "bar: a chart plots "
                "the spans 26 bars later",
     .source = "Hosoda 1969"},
    {.name = "DPO",
     .talib = "DPO",
     .tulip = "dpo",
     TREND,
     REAL,
     .params = {TD_IND_PERIOD(20, 1)},
     .lookback = dpo_lookback,
     TD_IND_RUN(dpo),
     .formula = "x n/2+1 bars ago - SMA of n bars; nothing of the future",
     .source = TD_IND_TULIP},
    {.name = "VHF",
     .talib = "VHF",
     .tulip = "vhf",
     TREND,
     REAL,
     .params = {TD_IND_PERIOD(28, 1)},
     .lookback = td_ind_n,
     .fixed_bytes = sizeof(struct way),
     .init = vhf_init,
     .step = vhf_step,
     .batch = vhf_batch,
     .formula = "(highest - lowest of n values)/sum of n |steps|; 0 when nothing moved",
     .source = "White; " TD_IND_TULIP},
    {.name = "ER",
     .talib = "ER",
     TREND,
     REAL,
     .params = {TD_IND_PERIOD(10, 1)},
     .lookback = td_ind_n,
     .fixed_bytes = sizeof(struct way),
     .init = er_init,
     .step = er_step,
     .batch = er_batch,
     .formula = "|x - x n ago|/sum of n |steps|; 0 when nothing moved",
     .source = "Kaufman 1995"},
    {0},
};
