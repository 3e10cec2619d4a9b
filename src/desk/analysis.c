/* desk/analysis.c - mean, change, volatility, signal. */
#include "desk/analysis.h"

#include <math.h>

const char *td_signal_word(double latest, double mean)
{
    if (latest > 1.02 * mean)
        return "STRONG BUY";
    if (latest > mean)
        return "BUY";
    return latest < 0.98 * mean ? "STRONG SELL" : "SELL";
}

static double simple_return(const td_px *closes, size_t i)
{
    const double before = td_e9_to_double(closes[i - 1].e9);
    return (td_e9_to_double(closes[i].e9) - before) / before;
}

static double volatility(const td_px *closes, size_t count)
{
    const size_t n = count - 1; /* returns */
    double sum = 0, squares = 0;
    if (count < 3)
        return (double)NAN;
    for (size_t i = 1; i < count; i++)
        sum += simple_return(closes, i);
    const double mean = sum / (double)n;
    for (size_t i = 1; i < count; i++) {
        const double off = simple_return(closes, i) - mean;
        squares += off * off;
    }
    return sqrt(squares / (double)(n - 1)) * 100;
}

enum td_err td_analyse(const td_px *closes, size_t count, struct td_analysis *out)
{
    double sum = 0;
    if (count == 0)
        return TD_ENODATA;
    for (size_t i = 0; i < count; i++)
        sum += td_e9_to_double(closes[i].e9);
    const double first = td_e9_to_double(closes[0].e9);
    const double latest = td_e9_to_double(closes[count - 1].e9);
    *out = (struct td_analysis){
        .points = count,
        .latest = closes[count - 1],
        .mean = sum / (double)count,
        .change = (latest - first) / first * 100,
        .volatility = volatility(closes, count),
    };
    out->signal = td_signal_word(latest, out->mean);
    return TD_OK;
}
