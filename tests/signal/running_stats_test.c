/* tests/signal/running_stats_test.c - sums against two passes, quantiles against a sorted list, the bound of their error. */
#include "signal/running_stats.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "support/support.h"

enum { N = 5000 };

static double x[N], y[N];
static struct td_histogram h;

static void draw(uint64_t seed, double base, double step)
{
    struct td_rng r;
    td_rng_init(&r, seed);
    for (int i = 0; i < N; i++) {
        x[i] = base + step * (double)td_rng_below(&r, 100);
        y[i] = 3 * x[i] + step * (double)td_rng_below(&r, 50);
    }
}

static double mean_of(const double *v)
{
    double s = 0;
    for (int i = 0; i < N; i++)
        s += v[i];
    return s / N;
}

static void means_and_lines(void **state)
{
    (void)state;
    static const double bases[] = {0, 100, 60000, 1e6};
    for (size_t k = 0; k < TD_COUNT(bases); k++) {
        struct td_moments m = {0};
        struct td_pairs p = {0};
        double sxx = 0, sxy = 0, syy = 0;
        draw(k + 1, bases[k], 0.01);
        const double mx = mean_of(x), my = mean_of(y);
        for (int i = 0; i < N; i++) {
            td_moments_add(&m, x[i]);
            td_pairs_add(&p, x[i], y[i]);
            sxx += (x[i] - mx) * (x[i] - mx);
            sxy += (x[i] - mx) * (y[i] - my);
            syy += (y[i] - my) * (y[i] - my);
        }
        assert_true(fabs(td_moments_mean(&m) - mx) < 1e-8);
        assert_true(fabs(td_moments_sd(&m) / sqrt(sxx / (N - 1)) - 1) < 1e-6);
        assert_true(fabs(td_pairs_slope(&p) / (sxy / sxx) - 1) < 1e-6);
        assert_true(fabs(td_pairs_correlation(&p) / (sxy / sqrt(sxx * syy)) - 1) < 1e-6);
    }
}

static void too_little(void **state)
{
    (void)state;
    struct td_moments m = {0};
    struct td_pairs p = {0};
    double out;
    assert_true(isnan(td_moments_mean(&m)) && isnan(td_moments_sd(&m)));
    assert_true(isnan(td_pairs_slope(&p)) && isnan(td_pairs_correlation(&p)));
    td_moments_add(&m, 4);
    assert_true(td_moments_mean(&m) == 4 && isnan(td_moments_sd(&m)));
    for (int i = 0; i < 9; i++)
        td_pairs_add(&p, 100.1, i);
    assert_true(isnan(td_pairs_slope(&p)) && isnan(td_pairs_correlation(&p)));
    assert_false(td_histogram_quantile(&h, 0.5, &out, NULL));
}

static void autocorrelation(void **state)
{
    (void)state;
    struct td_lagged l = {.lag = {1, 2, 3, 50, 127}};
    draw(9, 0, 1);
    for (int i = 0; i < N; i++) {
        td_lagged_push(&l, x[i]);
        if (i == 2000)
            td_lagged_reset(&l);
    }
    for (int k = 0; k < TD_LAGS; k++) {
        struct td_pairs p = {0};
        for (int i = 0; i < N; i++)
            if ((i <= 2000 && i >= l.lag[k]) || i - 2001 >= l.lag[k])
                td_pairs_add(&p, x[i], x[i - l.lag[k]]);
        assert_int_equal(p.n, l.pairs[k].n);
        assert_true(td_pairs_correlation(&p) == td_pairs_correlation(&l.pairs[k]));
    }
}

static int ascending(const void *a, const void *b)
{
    const int64_t p = *(const int64_t *)a, q = *(const int64_t *)b;
    return (p > q) - (p < q);
}

/* Nearest rank; `exact`: no difference at all is allowed. */
static void check_quantiles(int64_t *v, size_t n, bool exact)
{
    static const double qs[] = {0, 0.001, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1};
    memset(&h, 0, sizeof h);
    for (size_t i = 0; i < n; i++)
        td_histogram_add(&h, v[i]);
    qsort(v, n, sizeof *v, ascending);
    for (size_t i = 0; i < TD_COUNT(qs); i++) {
        double got, error;
        const double rank = ceil(qs[i] * (double)n);
        const double want = (double)v[rank < 1 ? 0 : (size_t)rank - 1];
        assert_true(td_histogram_quantile(&h, qs[i], &got, &error));
        assert_true(fabs(got - want) <= error);
        assert_true(error <= want / 512 + 1e-9);
        assert_true(!exact || got == want);
    }
}

static void quantiles(void **state)
{
    (void)state;
    static int64_t v[20000];
    struct td_rng r;
    td_rng_init(&r, 3);
    for (int bits = 1; bits <= 63; bits++) {
        for (size_t i = 0; i < 2000; i++)
            v[i] = (int64_t)(td_rng_u64(&r) >> (64 - bits));
        check_quantiles(v, 2000, bits <= 9);
    }
    for (size_t i = 0; i < 20000; i++) /* spreads of 1 to 255 ticks of a cent */
        v[i] = (int64_t)(1 + td_rng_below(&r, 255)) * 10000000;
    check_quantiles(v, 20000, true);
    v[0] = INT64_MAX;
    v[1] = 0;
    check_quantiles(v, 2, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(too_little),
        cmocka_unit_test(means_and_lines),
        cmocka_unit_test(autocorrelation),
        cmocka_unit_test(quantiles),
    };
    return cmocka_run_group_tests_name("running_stats", tests, NULL, NULL);
}
