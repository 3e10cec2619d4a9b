/* signal/kernel_hilbert.h - Ehlers' dominant cycle: a Hilbert transform over smoothed prices, as TA-Lib runs it.
 *
 * Prices pass a 4-bar weighted mean; 7-tap filters give in-phase and quadrature parts, whose turn from bar to bar is the cycle's period.
 * The filters have one memory for even and one for odd bars. O(1) a bar.
 * Source: Ehlers, Rocket Science for Traders, 2001; TA-Lib's functions HT_* and MAMA for start and limits. */
#ifndef TD_SIGNAL_KERNEL_HILBERT_H
#define TD_SIGNAL_KERNEL_HILBERT_H

#include "signal/kernel_window.h"

#define TD_PI 3.14159265358979323846

/* One filter: its memory for even and odd bars. */
struct td_tap_of {
    double past[2][3], before[2], input[2];
};

struct td_hilbert_of {
    struct td_tap_of detrender, q1, ji, jq;
    double price[4]; /* newest first */
    double detrended[2]
                    [2]; /* detrender of the last two bars of the other parity; [parity][0] older */
    double q2, i2, re, im, period, smooth_period;
    double smoothed, in_phase, quadrature; /* of this bar */
    uint32_t at, bar, begin;
};

/* The filters begin on bar `begin`. */
static inline void td_hilbert_init(struct td_hilbert_of *h, uint32_t begin)
{
    *h = (struct td_hilbert_of){.begin = begin};
}

static inline double td_tap_push(struct td_tap_of *t, int odd, uint32_t at, double x, double gain)
{
    const double y = 0.0962 * x;
    double out = y - t->past[odd][at] - t->before[odd];
    t->past[odd][at] = y;
    t->before[odd] = 0.5769 * t->input[odd];
    out += t->before[odd];
    t->input[odd] = x;
    return out * gain;
}

/* The period that the turn from the last bar to this one means, held to its neighbourhood and to 6..50. */
static inline void td_hilbert_period(struct td_hilbert_of *h, double q2, double i2)
{
    const double last = h->period;
    double period = last;
    h->re = 0.2 * (i2 * h->i2 + q2 * h->q2) + 0.8 * h->re;
    h->im = 0.2 * (i2 * h->q2 - q2 * h->i2) + 0.8 * h->im;
    h->q2 = q2;
    h->i2 = i2;
    if (h->im != 0 && h->re != 0)
        period = 360 / (atan(h->im / h->re) * (180 / TD_PI));
    period = td_min(period, 1.5 * last);
    period = td_max(period, 0.67 * last);
    period = td_min(td_max(period, 6), 50);
    h->period = 0.2 * period + 0.8 * last;
    h->smooth_period = 0.33 * h->period + 0.67 * h->smooth_period;
}

/* False before the filters have begun. */
static inline bool td_hilbert_push(struct td_hilbert_of *h, double price)
{
    const uint32_t bar = h->bar;
    const int odd = (int)(bar & 1u);
    for (int i = 3; i > 0; i--)
        h->price[i] = h->price[i - 1];
    h->price[0] = price;
    h->bar = bar + 1 < 1u << 30 ? bar + 1 : bar - 1; /* its parity is what counts by then */
    if (bar < 3)
        return false;
    h->smoothed = 0.1 * (4 * h->price[0] + 3 * h->price[1] + 2 * h->price[2] + h->price[3]);
    if (bar < h->begin)
        return false;
    const double gain = 0.075 * h->period + 0.54;
    const double before = h->detrended[odd][0];
    const double detrender = td_tap_push(&h->detrender, odd, h->at, h->smoothed, gain);
    const double q1 = td_tap_push(&h->q1, odd, h->at, detrender, gain);
    const double ji = td_tap_push(&h->ji, odd, h->at, before, gain);
    const double jq = td_tap_push(&h->jq, odd, h->at, q1, gain);
    if (!odd)
        h->at = h->at == 2 ? 0 : h->at + 1;
    h->detrended[!odd][0] = h->detrended[!odd][1];
    h->detrended[!odd][1] = detrender;
    h->in_phase = before;
    h->quadrature = q1;
    td_hilbert_period(h, 0.2 * (q1 + ji) + 0.8 * h->q2, 0.2 * (before - jq) + 0.8 * h->i2);
    return true;
}

/* ---- MAMA: a mean that follows as fast as the phase turns ---- */

struct td_mama_of {
    struct td_hilbert_of hilbert;
    double fast, slow, phase, mama, fama;
};

static inline void td_mama_init(struct td_mama_of *m, double fast, double slow)
{
    *m = (struct td_mama_of){.fast = fast, .slow = slow};
    td_hilbert_init(&m->hilbert, 12);
}

/* True from bar 32. */
static inline bool td_mama_push(struct td_mama_of *m, double price)
{
    const uint32_t bar = m->hilbert.bar;
    if (!td_hilbert_push(&m->hilbert, price))
        return false;
    const double in_phase = m->hilbert.in_phase;
    const double phase = in_phase != 0 ? atan(m->hilbert.quadrature / in_phase) * (180 / TD_PI) : 0;
    const double turn = td_max(m->phase - phase, 1);
    const double a = turn > 1 ? td_max(m->fast / turn, m->slow) : m->fast;
    m->phase = phase;
    m->mama = a * price + (1 - a) * m->mama;
    m->fama = 0.5 * a * m->mama + (1 - 0.5 * a) * m->fama;
    return bar >= 32;
}

#endif
