/* signal/cycle.c - rows: Ehlers' dominant cycle. Values before bar 100 still lean on the start at 0. */
#include "signal/kernel_hilbert.h"
#include "signal/rows.h"

struct cycle {
    struct td_hilbert_of hilbert;
    struct td_ring_of smoothed, price; /* 50 each */
    double phase, phase_before, sine, lead, trend[3];
    double days;
    uint32_t bar; /* 63 at most */
};

#define CYCLE_MOST 50

TD_IND_INIT(period)
{
    struct cycle *s = state;
    td_hilbert_init(&s->hilbert, 12);
}

TD_IND_INIT(phase)
{
    struct cycle *s = state;
    td_hilbert_init(&s->hilbert, 37);
    td_win_init(&s->smoothed, space, CYCLE_MOST);
    td_win_init(&s->price, space, CYCLE_MOST);
}

/* True from bar `first`. */
static inline bool cycle_due(struct cycle *s, uint32_t first)
{
    if (s->bar >= first)
        return true;
    s->bar++;
    return false;
}

TD_IND_STEP(dcperiod)
{
    struct cycle *s = state;
    (void)td_hilbert_push(&s->hilbert, in[0]);
    if (!cycle_due(s, 32))
        return TD_IND_WAIT;
    *out = s->hilbert.smooth_period;
    return TD_IND_VALUE;
}
TD_IND_BATCH_AS(dcperiod, cycle, 1, 1)

TD_IND_STEP(phasor)
{
    struct cycle *s = state;
    (void)td_hilbert_push(&s->hilbert, in[0]);
    if (!cycle_due(s, 32))
        return TD_IND_WAIT;
    out[0] = s->hilbert.in_phase;
    out[1] = s->hilbert.quadrature;
    return TD_IND_VALUE;
}
TD_IND_BATCH_AS(phasor, cycle, 1, 2)

/* ---- phase of the dominant cycle ---- */

static void cycle_phase(struct cycle *s, const double *mem)
{
    const uint32_t n = (uint32_t)(s->hilbert.smooth_period + 0.5);
    double re = 0, im = 0, phase = s->phase;
    for (uint32_t i = 0; i < n; i++) {
        const double angle = i * 2 * TD_PI / n;
        const double x = i < s->smoothed.count ? td_win_ago(&s->smoothed, mem, i) : 0;
        re += sin(angle) * x;
        im += cos(angle) * x;
    }
    if (fabs(im) > 0)
        phase = atan(re / im) * (180 / TD_PI);
    else
        phase += re < 0 ? -90 : re > 0 ? 90 : 0;
    phase += 90 + 360 / s->hilbert.smooth_period + (im < 0 ? 180 : 0);
    s->phase = phase > 315 ? phase - 360 : phase;
}

/* The mean over one dominant cycle, smoothed over four bars. */
static double cycle_trend(struct cycle *s, const double *mem)
{
    const uint32_t n = (uint32_t)(s->hilbert.smooth_period + 0.5);
    double sum = 0;
    for (uint32_t i = 0; i < n && i < s->price.count; i++)
        sum += td_win_ago(&s->price, mem, i);
    const double mean = n > 0 ? sum / n : sum;
    const double y = (4 * mean + 3 * s->trend[0] + 2 * s->trend[1] + s->trend[2]) / 10;
    s->trend[2] = s->trend[1];
    s->trend[1] = s->trend[0];
    s->trend[0] = mean;
    return y;
}

/* Takes the bar; true when the filters run. */
static inline bool cycle_push(struct cycle *s, double *mem, double x)
{
    const bool runs = td_hilbert_push(&s->hilbert, x);
    td_win_push(&s->price, mem, x);
    if (runs)
        td_win_push(&s->smoothed, mem, s->hilbert.smoothed);
    return runs;
}

TD_IND_STEP(dcphase)
{
    struct cycle *s = state;
    if (cycle_push(s, mem, in[0]))
        cycle_phase(s, mem);
    if (!cycle_due(s, 63))
        return TD_IND_WAIT;
    *out = s->phase;
    return TD_IND_VALUE;
}
TD_IND_BATCH_AS(dcphase, cycle, 1, 1)

TD_IND_STEP(sine)
{
    struct cycle *s = state;
    if (cycle_push(s, mem, in[0]))
        cycle_phase(s, mem);
    if (!cycle_due(s, 63))
        return TD_IND_WAIT;
    out[0] = sin(s->phase * (TD_PI / 180));
    out[1] = sin((s->phase + 45) * (TD_PI / 180));
    return TD_IND_VALUE;
}
TD_IND_BATCH_AS(sine, cycle, 1, 2)

TD_IND_STEP(trendline)
{
    struct cycle *s = state;
    double y = 0;
    if (cycle_push(s, mem, in[0]))
        y = cycle_trend(s, mem);
    if (!cycle_due(s, 63))
        return TD_IND_WAIT;
    *out = y;
    return TD_IND_VALUE;
}
TD_IND_BATCH_AS(trendline, cycle, 1, 1)

/* 1 when the price leaves the trend line, or when no crossing of sine and lead and no full turn speaks for a cycle. */
static double cycle_mode(struct cycle *s, double trendline)
{
    const double before = s->phase_before, sine_before = s->sine, lead_before = s->lead;
    const double period = s->hilbert.smooth_period;
    double mode = 1;
    s->sine = sin(s->phase * (TD_PI / 180));
    s->lead = sin((s->phase + 45) * (TD_PI / 180));
    if ((s->sine > s->lead && sine_before <= lead_before) ||
        (s->sine < s->lead && sine_before >= lead_before)) {
        s->days = 0;
        mode = 0;
    }
    s->days += 1;
    if (s->days < 0.5 * period)
        mode = 0;
    const double turned = s->phase - before;
    if (period != 0 && turned > 0.67 * 360 / period && turned < 1.5 * 360 / period)
        mode = 0;
    if (trendline != 0 && fabs((s->hilbert.smoothed - trendline) / trendline) >= 0.015)
        mode = 1;
    return mode;
}

TD_IND_STEP(trendmode)
{
    struct cycle *s = state;
    double mode = 0;
    if (cycle_push(s, mem, in[0])) {
        s->phase_before = s->phase;
        cycle_phase(s, mem);
        mode = cycle_mode(s, cycle_trend(s, mem));
    }
    if (!cycle_due(s, 63))
        return TD_IND_WAIT;
    *out = mode;
    return TD_IND_VALUE;
}
TD_IND_BATCH_AS(trendmode, cycle, 1, 1)

/* ---- MAMA ---- */

struct mama {
    struct td_mama_of mama;
};

TD_IND_INIT(mama)
{
    struct mama *s = state;
    td_mama_init(&s->mama, p[0], p[1]);
}

TD_IND_STEP(mama)
{
    struct mama *s = state;
    if (!td_mama_push(&s->mama, in[0]))
        return TD_IND_WAIT;
    out[0] = s->mama.mama;
    out[1] = s->mama.fama;
    return TD_IND_VALUE;
}
TD_IND_BATCH(mama, 1, 2)

TD_IND_LOOKBACK(short)
{
    (void)p;
    return 32;
}

TD_IND_LOOKBACK(long)
{
    (void)p;
    return 63;
}

/* ---- rows ---- */

#define EHLERS .inputs = {"real"}, .source = "Ehlers 2001; " TD_IND_TALIB
#define RUN(name, begin)                                                                           \
    .fixed_bytes = sizeof(struct cycle), .init = begin##_init, .step = name##_step,                \
    .batch = name##_batch

const struct td_indicator td_rows_cycle[] = {
    {.name = "HT_DCPERIOD",
     .talib = "HT_DCPERIOD",
     .group = "cycle",
     EHLERS,
     .outputs = {"real"},
     .lookback = short_lookback,
     RUN(dcperiod, period),
     .formula = "period of the dominant cycle in bars, smoothed"},
    {.name = "HT_DCPHASE",
     .talib = "HT_DCPHASE",
     .group = "cycle",
     EHLERS,
     .outputs = {"real"},
     .lookback = long_lookback,
     RUN(dcphase, phase),
     .formula = "phase of the dominant cycle in degrees"},
    {.name = "HT_PHASOR",
     .talib = "HT_PHASOR",
     .group = "cycle",
     EHLERS,
     .outputs = {"inphase", "quadrature"},
     .lookback = short_lookback,
     RUN(phasor, period),
     .formula = "in-phase and quadrature parts of the detrended price"},
    {.name = "HT_SINE",
     .talib = "HT_SINE",
     .group = "cycle",
     EHLERS,
     .outputs = {"sine", "leadsine"},
     .lookback = long_lookback,
     RUN(sine, phase),
     .formula = "sine of the phase, and of 45 degrees later"},
    {.name = "HT_TRENDLINE",
     .talib = "HT_TRENDLINE",
     .group = "trend",
     EHLERS,
     .outputs = {"real"},
     .lookback = long_lookback,
     RUN(trendline, phase),
     .formula = "mean over one dominant cycle, then weighted 4, 3, 2, 1 over four bars"},
    {.name = "HT_TRENDMODE",
     .talib = "HT_TRENDMODE",
     .group = "cycle",
     EHLERS,
     .outputs = {"integer"},
     .lookback = long_lookback,
     RUN(trendmode, phase),
     .formula = "1 in a trend, 0 in a cycle"},
    {.name = "MAMA",
     .talib = "MAMA",
     .group = "trend",
     EHLERS,
     .outputs = {"mama", "fama"},
     .params = {TD_IND_NUMBER("fastlimit", NULL, 0.5, 0.01, 0.99, "greatest weight"),
                TD_IND_NUMBER("slowlimit", NULL, 0.05, 0.01, 0.99, "least weight")},
     .lookback = short_lookback,
     TD_IND_RUN(mama),
     .formula = "mean whose weight is the fast limit over the turn of the phase, not below the "
                "slow limit; fama follows it at half the weight"},
    {0},
};
