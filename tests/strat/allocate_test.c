/* tests/strat/allocate_test.c - weights against a slow projected gradient and the conditions that an optimum must meet. */
#include "support/support.h"

#include <math.h>
#include <string.h>

#include "base/random.h"
#include "strat/allocate.h"

#define ROWS 120
#define N    6

static double returns[ROWS * N];

static void make(uint64_t seed, size_t n)
{
    struct td_rng rng;
    td_rng_init(&rng, seed);
    for (size_t t = 0; t < ROWS; t++) {
        const double common = 0.006 * td_rng_normal(&rng);
        for (size_t i = 0; i < n; i++)
            returns[t * n + i] = 0.0004 * (double)i + common * (0.5 + 0.3 * (double)i) +
                                 0.004 * (1 + (double)((i * 7) % 5)) * td_rng_normal(&rng);
    }
}

static double mean_of(size_t n, size_t i)
{
    double sum = 0;
    for (size_t t = 0; t < ROWS; t++)
        sum += returns[t * n + i];
    return sum / ROWS;
}

static double cov_of(size_t n, size_t i, size_t k)
{
    const double a = mean_of(n, i), b = mean_of(n, k);
    double sum = 0;
    for (size_t t = 0; t < ROWS; t++)
        sum += (returns[t * n + i] - a) * (returns[t * n + k] - b);
    return sum / (ROWS - 1);
}

static void assert_allowed(const struct td_allocate_rule *rule, const double *w, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        assert_true(w[i] >= rule->low - 1e-12 && w[i] <= rule->high + 1e-12);
        sum += w[i];
    }
    assert_true(fabs(sum - 1) < 1e-9);
}

/* The nearest allowed weights by a fine search of the common shift. */
static void nearest(const struct td_allocate_rule *rule, double *w, size_t n)
{
    double low = -10, high = 10;
    for (int k = 0; k < 100; k++) {
        const double shift = (low + high) / 2;
        double sum = 0;
        for (size_t i = 0; i < n; i++)
            sum += fmax(rule->low, fmin(rule->high, w[i] - shift));
        if (sum > 1)
            low = shift;
        else
            high = shift;
    }
    for (size_t i = 0; i < n; i++)
        w[i] = fmax(rule->low, fmin(rule->high, w[i] - low));
}

/* Gradient steps and projections, very many. */
static void slow_optimum(const struct td_allocate_rule *rule, const double *gain, double aversion,
                         size_t n, double *w)
{
    double cov[N][N], trace = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < n; k++)
            cov[i][k] = cov_of(n, i, k);
    for (size_t i = 0; i < n; i++)
        trace += cov[i][i];
    for (size_t i = 0; i < n; i++)
        w[i] = 1.0 / (double)n;
    for (int step = 0; step < 40000; step++) {
        double next[N];
        for (size_t i = 0; i < n; i++) {
            next[i] = w[i] + gain[i] / (aversion * trace);
            for (size_t k = 0; k < n; k++)
                next[i] -= cov[i][k] * w[k] / trace;
        }
        nearest(rule, next, n);
        memcpy(w, next, n * sizeof *w);
    }
}

static void optima_as_a_slow_solver_finds_them(void **state)
{
    (void)state;
    static const enum td_allocate_method methods[] = {TD_ALLOCATE_MEAN_VARIANCE, TD_ALLOCATE_KELLY};
    for (uint64_t seed = 1; seed <= 5; seed++)
        for (size_t m = 0; m < TD_COUNT(methods); m++) {
            struct td_allocate_rule rule = td_allocate_presets(methods[m]);
            double w[N], slow[N], gain[N];
            if (seed == 5)
                rule.aversion = 60; /* then risk decides and fewer limits hold */
            make(seed, N);
            TD_OK_OR_FAIL(td_allocate(&rule, returns, ROWS, N, w, NULL));
            assert_allowed(&rule, w, N);
            const bool kelly = methods[m] == TD_ALLOCATE_KELLY;
            for (size_t i = 0; i < N; i++)
                gain[i] = mean_of(N, i) * (kelly ? (double)ROWS / (ROWS + 200) : 1);
            slow_optimum(&rule, gain, kelly ? 1 : rule.aversion, N, slow);
            for (size_t i = 0; i < N; i++)
                if (fabs(w[i] - slow[i]) > 1e-6)
                    fail_msg("seed %d %s weight %zu: %.9f, slowly %.9f", (int)seed,
                             td_allocate_word(methods[m]), i, w[i], slow[i]);
        }
}

/* Without limits that matter every strategy adds the same risk. */
static void risk_is_equal(void **state)
{
    (void)state;
    struct td_allocate_rule rule = td_allocate_presets(TD_ALLOCATE_RISK_PARITY);
    rule.low = 0;
    rule.high = 1;
    for (uint64_t seed = 1; seed <= 5; seed++) {
        double w[N], risk[N];
        make(seed, N);
        TD_OK_OR_FAIL(td_allocate(&rule, returns, ROWS, N, w, NULL));
        assert_allowed(&rule, w, N);
        for (size_t i = 0; i < N; i++) {
            risk[i] = 0;
            for (size_t k = 0; k < N; k++)
                risk[i] += w[i] * cov_of(N, i, k) * w[k];
        }
        for (size_t i = 1; i < N; i++)
            assert_true(fabs(risk[i] / risk[0] - 1) < 1e-6);
    }
    rule = td_allocate_presets(TD_ALLOCATE_RISK_PARITY);
    double w[N];
    TD_OK_OR_FAIL(td_allocate(&rule, returns, ROWS, N, w, NULL));
    assert_allowed(&rule, w, N);
}

/* Two strategies: 0.1 of Sharpe with a fall of 0.19 against none. */
static void adaptive_by_hand(void **state)
{
    (void)state;
    struct td_allocate_rule rule = td_allocate_presets(TD_ALLOCATE_ADAPTIVE);
    const double two[] = {0.3, 0.02, -0.1, 0.01, -0.1, 0.03}; /* [3][2] */
    double w[3];
    rule.high = 1;
    TD_OK_OR_FAIL(td_allocate(&rule, two, 3, 2, w, NULL));
    const double first = (0.1 / 3) / sqrt((0.0711111111111111 + 2 * 0.0177777777777778) / 2) * 0.81;
    const double second = 0.02 / 0.01;
    const double want = first / (first + second); /* 0.053: within limits */
    assert_true(fabs(w[0] - want) < 1e-9 && fabs(w[1] - (1 - want)) < 1e-9);
    const double losers[] = {-0.1, -0.2, -0.3, -0.2, -0.1, -0.3, -0.2, -0.2, -0.1};
    TD_OK_OR_FAIL(td_allocate(&rule, losers, 3, 3, w, NULL));
    assert_true(fabs(w[0] - 1.0 / 3) < 1e-9 && fabs(w[2] - 1.0 / 3) < 1e-9);
}

static void caps_hold_and_sums_are_one(void **state)
{
    (void)state;
    struct td_rng rng;
    td_rng_init(&rng, 5);
    for (int round = 0; round < 300; round++) {
        double w[20], many[60 * 20];
        const size_t n = 3 + (size_t)td_rng_below(&rng, 18),
                     rows = 2 + (size_t)td_rng_below(&rng, 58);
        const double scale = td_rng_chance(&rng, 0.2) ? 0 : pow(10, -1 - 4 * td_rng_unit(&rng));
        for (size_t i = 0; i < rows * n; i++)
            many[i] =
                i % n == 0 ? 0 : fmax(-1, scale * td_rng_normal(&rng)); /* the first is flat */
        for (int m = 0; m < TD_ALLOCATE_METHODS; m++) {
            const struct td_allocate_rule rule = td_allocate_presets((enum td_allocate_method)m);
            TD_OK_OR_FAIL(td_allocate(&rule, many, rows, n, w, NULL));
            assert_allowed(&rule, w, n);
        }
    }
}

static void refuses_what_cannot_be(void **state)
{
    (void)state;
    struct td_allocate_rule rule = td_allocate_presets(TD_ALLOCATE_KELLY);
    struct td_fail why = {0};
    double w[N] = {7};
    make(1, N);
    assert_int_equal(td_allocate(&rule, returns, ROWS, 2, w, &why), TD_EINVAL); /* 2 * 0.4 < 1 */
    assert_non_null(strstr(why.text, "2 weights of 0.05 to 0.4"));
    assert_int_equal(td_allocate(&rule, returns, ROWS, 21, w, &why), TD_EINVAL); /* 21 * 0.05 > 1 */
    assert_int_equal(td_allocate(&rule, returns, ROWS, 0, w, &why), TD_EINVAL);
    assert_int_equal(td_allocate(&rule, returns, 1, N, w, &why), TD_EINVAL);
    returns[8] = (double)NAN;
    assert_int_equal(td_allocate(&rule, returns, ROWS, N, w, &why), TD_EINVAL);
    assert_non_null(strstr(why.text, "strategy 2 in period 1"));
    returns[8] = -1.01;
    assert_int_equal(td_allocate(&rule, returns, ROWS, N, w, &why), TD_EINVAL);
    rule.aversion = -1;
    returns[8] = 0;
    assert_int_equal(td_allocate(&rule, returns, ROWS, N, w, &why), TD_EINVAL);
    assert_true(w[0] == 7);
    rule = td_allocate_presets(TD_ALLOCATE_EQUAL);
    TD_OK_OR_FAIL(td_allocate(&rule, NULL, 0, 4, w, NULL));
    assert_true(fabs(w[3] - 0.25) < 1e-12);
}

static void drift(void **state)
{
    (void)state;
    const double targets[] = {0.5, 0.3, 0.2};
    const double near[] = {0.54, 0.3, 0.16}, far[] = {0.56, 0.28, 0.16},
                 none[] = {0.5, (double)NAN, 0.2};
    assert_false(td_allocate_drifted(near, targets, 3, TD_ALLOCATE_DRIFT));
    assert_true(td_allocate_drifted(far, targets, 3, TD_ALLOCATE_DRIFT));
    assert_true(td_allocate_drifted(none, targets, 3, TD_ALLOCATE_DRIFT));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(optima_as_a_slow_solver_finds_them),
        cmocka_unit_test(risk_is_equal),
        cmocka_unit_test(adaptive_by_hand),
        cmocka_unit_test(caps_hold_and_sums_are_one),
        cmocka_unit_test(refuses_what_cannot_be),
        cmocka_unit_test(drift),
    };
    return cmocka_run_group_tests_name("strat/allocate", tests, NULL, NULL);
}
