/* signal/sma.h - simple moving average, streaming and batch.
 *
 * Mean of the last `period` values. Lookback = period - 1: earlier outputs are NaN. The streaming twin
 * keeps the window and a compensated (Neumaier) sum, so a million updates drift no further than one.
 */
#ifndef TD_SIGNAL_SMA_H
#define TD_SIGNAL_SMA_H

#include "base/defs.h"

#define TD_SMA_PERIOD_MAX 512

struct td_sma {
    double window[TD_SMA_PERIOD_MAX];
    double sum, carry;
    int32_t period, count, at;
};

/* 1 <= period <= TD_SMA_PERIOD_MAX. */
void td_sma_init(struct td_sma *s, int32_t period);
/* Takes the next value; returns the mean, or NaN until `period` values were seen. */
double td_sma_push(struct td_sma *s, double value);
/* in, out: [n], oldest first; out must not be in. */
void td_sma_batch(const double *in, double *out, size_t n, int32_t period);

#endif
