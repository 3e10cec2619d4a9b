/* tests/strat/lcg_series.h - series that any language repeats to the bit: a linear congruential generator and sums of it. */
#ifndef TD_TESTS_LCG_SERIES_H
#define TD_TESTS_LCG_SERIES_H

#include <stddef.h>
#include <stdint.h>

/* n values of -1 to 1 in steps of 1/5000. */
static inline void lcg_noise(uint32_t seed, size_t n, double *out)
{
    uint64_t s = seed;
    for (size_t i = 0; i < n; i++) {
        s = (s * 1103515245u + 12345u) % 2147483648u;
        out[i] = (double)((s >> 8) % 10001) / 5000.0 - 1;
    }
}

/* out[i] = keep*out[i-1] + noise; keep 1 is a walk. It begins with the noise's first value for a walk, else with 0. */
static inline void lcg_series(uint32_t seed, size_t n, double keep, double *out)
{
    lcg_noise(seed, n, out);
    if (keep < 1)
        out[0] = 0;
    for (size_t i = 1; i < n; i++)
        out[i] += keep * out[i - 1];
}

#endif
