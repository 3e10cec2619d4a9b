/* tests/strat/unit_root_test.c - values of statsmodels 0.15 and of MacKinnon's tables, and series that cannot be tested. */
#include "support/support.h"

#include <math.h>
#include <string.h>

#include "strat/lcg_series.h"
#include "strat/unit_root.h"

#define N 300

static double walk[N], back[N], y[N], rest[N];

static void assert_near(double got, double want, double relative)
{
    if (!(fabs(got - want) <= relative * fabs(want)))
        fail_msg("%.12g instead of %.12g", got, want);
}

static int make(void **state)
{
    (void)state;
    lcg_series(1, N, 1, walk);
    lcg_series(2, N, 0.8, back);
    for (size_t i = 0; i < N; i++)
        y[i] = 3 + 1.5 * walk[i] + back[i];
    return 0;
}

/* adfuller(x, regression="c", autolag="AIC" or None) of statsmodels. */
static void adf_as_published(void **state)
{
    (void)state;
    static const struct {
        const double *x;
        int32_t lags;
        double stat, p;
        int32_t chosen, used;
        double critical[3];
    } cases[] = {
        {walk, -1, -1.80841015305, 0.376294352566, 0, 299, {-3.45241130, -2.87125541, -2.57194657}},
        {walk, 0, -1.80841015305, 0.376294352566, 0, 299, {-3.45241130, -2.87125541, -2.57194657}},
        {walk, 5, -1.86711368216, 0.347686441378, 5, 294, {-3.45278984, -2.87142151, -2.57203515}},
        {back,
         -1,
         -5.61337816738,
         1.18944611664e-06,
         1,
         298,
         {-3.45248598, -2.87128818, -2.57196405}},
        {back,
         0,
         -5.37045405299,
         3.90636664142e-06,
         0,
         299,
         {-3.45241130, -2.87125541, -2.57194657}},
        {back,
         5,
         -4.82361931159,
         4.90014718582e-05,
         5,
         294,
         {-3.45278984, -2.87142151, -2.57203515}},
    };
    for (size_t i = 0; i < TD_COUNT(cases); i++) {
        struct td_adf adf;
        TD_OK_OR_FAIL(td_adf_test(cases[i].x, N, cases[i].lags, &adf));
        assert_near(adf.stat, cases[i].stat, 1e-10);
        assert_near(adf.p, cases[i].p, 1e-9);
        assert_int_equal(adf.lags, cases[i].chosen);
        assert_int_equal(adf.used, cases[i].used);
        for (int k = 0; k < 3; k++)
            assert_near(adf.critical[k], cases[i].critical[k], 1e-8);
    }
}

/* coint(y0, y1, trend="c") of statsmodels, and its OLS. */
static void engle_granger_as_published(void **state)
{
    (void)state;
    static double other[N];
    struct td_cointegration c;
    TD_OK_OR_FAIL(td_engle_granger(y, walk, N, TD_ADF_BY_AIC, rest, &c));
    assert_near(c.test.stat, -5.617772784141479, 1e-10);
    assert_near(c.test.p, 1.033795756939406e-05, 1e-9);
    assert_near(c.test.critical[1], -3.35664144, 1e-8);
    assert_near(c.alpha, 3.06888223, 1e-8);
    assert_near(c.beta, 1.54396511, 1e-8);
    assert_near(c.deviation, 1.039880194949782, 1e-10);
    assert_near(c.last, -0.45438697561534624, 1e-10);
    assert_near(c.half_life, 3.8784010352062492, 1e-10);
    TD_OK_OR_FAIL(td_engle_granger(y, walk, N, 2, rest, &c));
    assert_near(c.test.stat, -5.700913889062395, 1e-10);
    lcg_series(3, N, 1, other); /* two walks of their own */
    TD_OK_OR_FAIL(td_engle_granger(walk, other, N, TD_ADF_BY_AIC, rest, &c));
    assert_near(c.test.stat, -2.015521749396023, 1e-10);
    assert_near(c.test.p, 0.5205007097137693, 1e-9);
}

/* The asymptotic critical values are where the p-values are 1, 5 and 10 %. */
static void tables_agree_with_each_other(void **state)
{
    (void)state;
    static const double levels[] = {0.01, 0.05, 0.10};
    for (int32_t series = 1; series <= 2; series++) {
        double critical[3];
        td_adf_critical(series, 1000000, critical);
        for (int k = 0; k < 3; k++)
            assert_near(td_adf_p(critical[k], series), levels[k], 0.02);
        for (double stat = -19; stat < 3; stat += 0.01)
            assert_true(td_adf_p(stat, series) <= td_adf_p(stat + 0.01, series) + 1e-3);
        assert_true(td_adf_p(-30, series) == 0 && td_adf_p(5, series) == 1);
    }
}

/* The scale does not matter: prices of 1e-4 and of 1e6 give the same statistic. */
static void any_scale(void **state)
{
    (void)state;
    static double x[N];
    static const double scales[] = {1e-4, 1, 1e6};
    for (size_t k = 0; k < TD_COUNT(scales); k++) {
        struct td_adf adf;
        for (size_t i = 0; i < N; i++)
            x[i] = scales[k] * (back[i] + 100);
        TD_OK_OR_FAIL(td_adf_test(x, N, TD_ADF_BY_AIC, &adf));
        assert_near(adf.stat, -5.61337816738, 1e-8);
    }
}

static void what_cannot_be_tested_is_refused(void **state)
{
    (void)state;
    static double x[N];
    struct td_adf adf = {.lags = 77};
    struct td_cointegration c = {.beta = 77};
    memcpy(x, back, sizeof x);
    assert_int_equal(td_adf_test(x, 9, 0, &adf), TD_EINVAL);
    assert_int_equal(td_adf_test(x, 14, 5, &adf), TD_EINVAL);
    assert_int_equal(td_adf_test(x, N, -2, &adf), TD_EINVAL);
    assert_int_equal(td_adf_test(x, N, TD_ADF_LAGS_MAX + 1, &adf), TD_EINVAL);
    x[200] = (double)NAN;
    assert_int_equal(td_adf_test(x, N, 0, &adf), TD_EINVAL);
    assert_int_equal(td_engle_granger(x, walk, N, 0, rest, &c), TD_EINVAL);
    for (size_t i = 0; i < N; i++)
        x[i] = 0.1;
    assert_int_equal(td_adf_test(x, N, TD_ADF_BY_AIC, &adf), TD_ENODATA);
    assert_int_equal(td_adf_test(x, N, 3, &adf), TD_ENODATA);
    assert_int_equal(td_engle_granger(x, walk, N, 0, rest, &c), TD_ENODATA);
    assert_int_equal(td_engle_granger(walk, x, N, 0, rest, &c), TD_ENODATA);
    for (size_t i = 0; i < N; i++)
        x[i] = 7 + 2 * walk[i];
    assert_int_equal(td_engle_granger(x, walk, N, 0, rest, &c), TD_ENODATA); /* no rest */
    for (size_t i = 0; i < N; i++)
        x[i] = (double)i; /* a line: its change does not vary */
    assert_int_equal(td_adf_test(x, N, 2, &adf), TD_ENODATA);
    assert_true(adf.lags == 77 && c.beta == 77);
}

static void half_lives(void **state)
{
    (void)state;
    double x[64];
    for (int i = 0; i < 64; i++) /* without noise: the level falls by a tenth each time, around 0 */
        x[i] = pow(0.9, i);
    assert_near(td_half_life(x, 64), log(2) / 0.1, 1e-9);
    for (int i = 0; i < 64; i++)
        x[i] = pow(1.1, i);
    assert_true(isinf(td_half_life(x, 64)));
    for (int i = 0; i < 64; i++)
        x[i] = 5;
    assert_true(isnan(td_half_life(x, 64)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(adf_as_published),
        cmocka_unit_test(engle_granger_as_published),
        cmocka_unit_test(tables_agree_with_each_other),
        cmocka_unit_test(any_scale),
        cmocka_unit_test(what_cannot_be_tested_is_refused),
        cmocka_unit_test(half_lives),
    };
    return cmocka_run_group_tests_name("strat/unit_root", tests, make, NULL);
}
