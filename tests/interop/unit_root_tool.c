/* tests/interop/unit_root_tool.c - unit-root and cointegration tests of series that the reader makes again. */
#include <stdio.h>

#include "strat/lcg_series.h"
#include "strat/unit_root.h"

#define LENGTHS 4
#define SEEDS   30

int main(void)
{
    static const size_t lengths[LENGTHS] = {40, 120, 300, 500};
    static const double keeps[] = {1, 0.95, 0.5};
    static double x[500], y[500], rest[500];
    for (uint32_t seed = 1; seed <= SEEDS; seed++)
        for (int k = 0; k < LENGTHS; k++) {
            struct td_adf adf;
            struct td_cointegration c;
            const size_t n = lengths[k];
            const double keep = keeps[seed % 3];
            const int32_t lags = seed % 2 ? TD_ADF_BY_AIC : (int32_t)seed % 7;
            lcg_series(seed, n, keep, x);
            if (td_adf_test(x, n, lags, &adf) == TD_OK)
                printf("adf %u %zu %g %d %.17g %.17g %d %d %.17g\n", seed, n, keep, lags, adf.stat,
                       adf.p, adf.lags, adf.used, adf.critical[1]);
            lcg_series(seed + 1000, n, 1, x);
            lcg_series(seed, n, keep, y);
            for (size_t i = 0; i < n; i++)
                y[i] += 2 * x[i] + 10;
            if (td_engle_granger(y, x, n, lags, rest, &c) == TD_OK)
                printf("coint %u %zu %g %d %.17g %.17g %.17g %.17g %.17g\n", seed, n, keep, lags,
                       c.test.stat, c.test.p, c.test.critical[1], c.beta, c.half_life);
        }
    return 0;
}
