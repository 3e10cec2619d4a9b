/* desk/analysis.h - what a series of closes says: the five numbers and the word of `tapedeck run`.
 *
 * Source: the external behaviour contracts, 2.1. Prices come and go in fixed point; the statistics are
 * floating point. Pure.
 */
#ifndef TD_DESK_ANALYSIS_H
#define TD_DESK_ANALYSIS_H

#include "base/num.h"

struct td_analysis {
    size_t points;
    td_px latest;
    double mean;
    double change;     /* percent, last against first close */
    double volatility; /* percent: deviation (n - 1) of simple returns; NaN below two returns */
    const char *signal;
};

/* closes[0..count), oldest first, each > 0. TD_ENODATA: none. */
TD_MUST_CHECK enum td_err td_analyse(const td_px *closes, size_t count, struct td_analysis *out);

/* Above 1.02 means STRONG BUY, above the mean BUY, below 0.98 means STRONG SELL, else SELL. */
const char *td_signal_word(double latest, double mean);

#endif
