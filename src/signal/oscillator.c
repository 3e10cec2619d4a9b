/* signal/oscillator.c - rows: where the close stands in the range, and other oscillators. */
#include "signal/kernel_average.h"
#include "signal/rows.h"

/* ---- Williams, SMI ---- */

struct willr {
    struct td_span_of span;
};

TD_IND_INIT(willr)
{
    struct willr *s = state;
    td_span_init(&s->span, space, p[0]);
}

TD_IND_STEP(willr)
{
    struct willr *s = state;
    double high, low;
    if (!td_span_push(&s->span, mem, in[0], in[1], &high, &low))
        return TD_IND_WAIT;
    *out = high > low ? -100 * ((high - in[2]) / (high - low)) : 0;
    return TD_IND_VALUE;
}
TD_IND_BATCH(willr, 3, 1)

/* Both of one range. */
TD_IND_STEP(willrs)
{
    struct willr *s = state;
    double high, low;
    if (!td_span_push(&s->span, mem, in[0], in[1], &high, &low))
        return TD_IND_WAIT;
    out[0] = high > low ? -100 * ((high - in[2]) / (high - low)) : 0;
    out[1] = (high + low) / 2;
    return TD_IND_VALUE;
}
TD_IND_BATCH_AS(willrs, willr, 3, 2)

/* The close against the middle of the range, both smoothed twice. */
struct smi {
    struct td_span_of span;
    struct td_ema_of away[2], width[2];
};

TD_IND_INIT(smi)
{
    struct smi *s = state;
    td_span_init(&s->span, space, p[0]);
    for (int i = 0; i < 2; i++) {
        td_ema_init(&s->away[i], p[1 + i]);
        td_ema_init(&s->width[i], p[1 + i]);
    }
}

TD_IND_STEP(smi)
{
    struct smi *s = state;
    double high, low, away = 0, width = 0;
    if (!td_span_push(&s->span, mem, in[0], in[1], &high, &low))
        return TD_IND_WAIT;
    (void)td_ema_push(&s->away[0], in[2] - (high + low) / 2, &away);
    if (!td_ema_push(&s->width[0], high - low, &width))
        return TD_IND_WAIT;
    (void)td_ema_push(&s->away[1], away, &away);
    if (!td_ema_push(&s->width[1], width, &width))
        return TD_IND_WAIT;
    *out = width > 0 ? 100 * away / (0.5 * width) : 0;
    return TD_IND_VALUE;
}
TD_IND_BATCH(smi, 3, 1)

TD_IND_LOOKBACK(smi)
{
    return (int32_t)(p[0] + p[1] + p[2]) - 3;
}

/* ---- CCI: distance from the mean in mean distances; O(n) a bar ---- */

struct cci {
    struct td_sum_of sum;
    struct td_strip_of past;
};

TD_IND_INIT(cci)
{
    struct cci *s = state;
    td_sum_init(&s->sum, space, p[0]);
    td_strip_init(&s->past, space, p[0]);
}

/* Distances below 1e-14 of the mean are rounding: the window is flat. */
TD_IND_STEP(cci)
{
    struct cci *s = state;
    const double x = (in[0] + in[1] + in[2]) * (1.0 / 3);
    td_strip_push(&s->past, mem, x);
    if (!td_sum_push(&s->sum, mem, x))
        return TD_IND_WAIT;
    const double mean = td_sum_mean(&s->sum), away = td_strip_distance(&s->past, mem, mean);
    *out = away > 1e-14 * fabs(mean) ? (x - mean) / (0.015 * away) : 0;
    return TD_IND_VALUE;
}
TD_IND_BATCH(cci, 3, 1)

/* ---- ultimate oscillator: buying pressure over true range, three windows ---- */

struct ultosc {
    struct td_step_of last;
    struct td_sums_of sums[3]; /* of pressure and range */
};

TD_IND_INIT(ultosc)
{
    struct ultosc *s = state;
    const double most = fmax(p[0], fmax(p[1], p[2])), least = fmin(p[0], fmin(p[1], p[2]));
    const double n[] = {least, p[0] + p[1] + p[2] - most - least, most};
    for (int i = 0; i < 3; i++)
        td_sums_init(&s->sums[i], space, n[i]);
}

/* What of the range is pressure, 0 without a range. */
static inline double share_of(struct td_sums_of *s, double *mem, td_two both)
{
    (void)td_sums_push(s, mem, both);
    return s->value[1] > 0 ? s->value[0] / s->value[1] : 0;
}

TD_IND_STEP(ultosc)
{
    struct ultosc *s = state;
    double before;
    if (!td_step_push(&s->last, in[2], &before))
        return TD_IND_WAIT;
    const double pressure = in[2] - td_min(in[1], before), tr = td_range_of(in[0], in[1], before);
    const td_two both = td_two_of(pressure, tr);
    const double few = share_of(&s->sums[0], mem, both), some = share_of(&s->sums[1], mem, both),
                 most = share_of(&s->sums[2], mem, both);
    if (!s->sums[2].full)
        return TD_IND_WAIT;
    *out = (4 * few + 2 * some + most) * (100.0 / 7);
    return TD_IND_VALUE;
}
TD_IND_BATCH(ultosc, 3, 1)

TD_IND_LOOKBACK(ultosc)
{
    return (int32_t)fmax(p[0], fmax(p[1], p[2]));
}

/* ---- Fisher's transform of the place in the range ---- */

struct fisher {
    struct td_span_of span;
    double u, f;
};

TD_IND_INIT(fisher)
{
    struct fisher *s = state;
    td_span_init(&s->span, space, p[0]);
}

TD_IND_STEP(fisher)
{
    struct fisher *s = state;
    const double x = (in[0] + in[1]) / 2;
    double high, low;
    if (!td_span_push(&s->span, mem, x, x, &high, &low))
        return TD_IND_WAIT;
    double u = 0.66 * ((high > low ? (x - low) / (high - low) : 0) - 0.5) + 0.67 * s->u;
    u = u > 0.99 ? 0.999 : u < -0.99 ? -0.999 : u;
    out[1] = s->f;
    s->f = 0.5 * log((1 + u) / (1 - u)) + 0.5 * s->f;
    s->u = u;
    out[0] = s->f;
    return TD_IND_VALUE;
}
TD_IND_BATCH(fisher, 2, 2)

/* ---- MESA sine wave: phase of one cycle of n bars; O(n) a bar ---- */

struct msw {
    struct td_ring_of past;
    uint32_t waves;
    bool ready;
};

TD_IND_INIT(msw)
{
    struct msw *s = state;
    td_win_init(&s->past, space, p[0]);
    s->waves = td_ind_room(space, 2 * (uint32_t)p[0]);
}

static const double turn = 6.28318530717958647693;

static inline double msw_phase(const struct msw *s, const double *mem)
{
    const uint32_t n = s->past.n;
    double re = 0, im = 0, size = 0;
    for (uint32_t j = 0; j < n; j++) {
        const double x = td_win_ago(&s->past, mem, j);
        re += mem[s->waves + j] * x;
        im += mem[s->waves + n + j] * x;
        size += fabs(x);
    }
    double phase = fabs(re) > 1e-14 * size ? atan(im / re) : turn / 2 * (im < 0 ? -1 : 1);
    phase += (re < 0 ? turn / 2 : 0) + turn / 4;
    phase = phase < 0 ? phase + turn : phase;
    return phase > turn ? phase - turn : phase;
}

TD_IND_STEP(msw)
{
    struct msw *s = state;
    const uint32_t n = s->past.n;
    for (uint32_t j = 0; j < n && !s->ready; j++) {
        mem[s->waves + j] = cos(turn * j / n);
        mem[s->waves + n + j] = sin(turn * j / n);
    }
    s->ready = true;
    const bool full = td_win_full(&s->past);
    td_win_push(&s->past, mem, in[0]);
    if (!full)
        return TD_IND_WAIT;
    const double phase = msw_phase(s, mem);
    out[0] = sin(phase);
    out[1] = sin(phase + turn / 8);
    return TD_IND_VALUE;
}
TD_IND_BATCH(msw, 1, 2)

/* ---- rows ---- */

#define MOMENTUM            .group = "momentum"
#define BAR                 .inputs = {"high", "low", "close"}
#define ONE                 .outputs = {"real"}
#define BARS(word, n, text) TD_IND_WHOLE(word, NULL, n, 1, TD_IND_PERIOD_MAX, text)

const struct td_indicator td_rows_oscillator[] = {
    {.name = "WILLR",
     .talib = "WILLR",
     .tulip = "willr",
     MOMENTUM,
     BAR,
     ONE,
     .params = {TD_IND_PERIOD(14, 1)},
     .lookback = td_ind_n_less_1,
     TD_IND_RUN(willr),
     .formula = "-100*(highest - C)/(highest - lowest); 0 when there is no range",
     .source = "Williams 1973; " TD_IND_TALIB},
    {.name = "SMI",
     .talib = "SMI",
     MOMENTUM,
     BAR,
     ONE,
     .params = {TD_IND_PERIOD(13, 1), BARS("fastperiod", 3, "bars of the first mean"),
                BARS("slowperiod", 3, "bars of the second")},
     .lookback = smi_lookback,
     TD_IND_RUN(smi),
     .formula =
         "100*EMA(EMA(C - middle of the range))/(0.5*EMA(EMA(range))); 0 when there is no range",
     .source = "Blau 1993"},
    {.name = "CCI",
     .talib = "CCI",
     .tulip = "cci",
     MOMENTUM,
     BAR,
     ONE,
     .params = {TD_IND_PERIOD(14, 1)},
     .lookback = td_ind_n_less_1,
     TD_IND_RUN(cci),
     .formula = "(TP - mean)/(0.015 * mean |TP - mean|), TP = (H+L+C)/3, over the same n bars; 0 "
                "when flat",
     .source = "Lambert 1980; " TD_IND_TALIB},
    {.name = "ULTOSC",
     .talib = "ULTOSC",
     .tulip = "ultosc",
     MOMENTUM,
     BAR,
     ONE,
     .params =
         {TD_IND_WHOLE("timeperiod1", "shortperiod", 7, 1, TD_IND_PERIOD_MAX, "bars, weight 4"),
          TD_IND_WHOLE("timeperiod2", "mediumperiod", 14, 1, TD_IND_PERIOD_MAX, "bars, weight 2"),
          TD_IND_WHOLE("timeperiod3", "longperiod", 28, 1, TD_IND_PERIOD_MAX, "bars, weight 1")},
     .lookback = ultosc_lookback,
     TD_IND_RUN(ultosc),
     .formula = "100/7 * (4*b/t short + 2*b/t medium + b/t long), b sum of C - min(L, C before), t "
                "of true range; 0 for a sum without range",
     .source = "Williams 1985; " TD_IND_TALIB},
    {.name = "FISHER",
     .tulip = "fisher",
     MOMENTUM,
     .inputs = {"high", "low"},
     .outputs = {"fisher", "signal"},
     .params = {TD_IND_PERIOD(9, 1)},
     .lookback = td_ind_n_less_1,
     TD_IND_RUN(fisher),
     .formula = "f = 0.5*ln((1+u)/(1-u)) + 0.5*f before, u = 0.66*(place of (H+L)/2 in its range - "
                "0.5) + 0.67*u before, held within 0.999; "
                "signal: f before",
     .source = "Ehlers 2002; " TD_IND_TULIP},
    {.name = "MSW",
     .tulip = "msw",
     .group = "cycle",
     .inputs = {"real"},
     .outputs = {"sine", "lead"},
     .params = {TD_IND_WHOLE("timeperiod", "period", 5, 1, 512, "bars of the cycle")},
     .lookback = td_ind_n,
     TD_IND_RUN(msw),
     .formula = "sine of the phase of one cycle of n bars, and of 45 degrees later",
     .source = "Ehlers; " TD_IND_TULIP},
    {0},
};

const struct td_ind_family td_family_oscillator = {
    .row = {.name = "WILLR and MIDPRICE",
            BAR,
            .outputs = {"willr", "midprice"},
            .params = {TD_IND_PERIOD(14, 1)},
            TD_IND_RUN_AS(willrs, willr)},
    .members = {{"WILLR", .params = 1, .output = {0}}, {"MIDPRICE", .params = 1, .output = {1}}},
};
