/* tests/signal/feature_check_test.c - leaks of many kinds are found, and honest features are left in peace. */
#include "signal/bars_of.h"
#include "signal/feature_check.h"

#define ROWS 900

static struct series series, changed_series;
static struct td_feature_set set;
static struct td_feature_bar bars[ROWS];
static struct td_tz zone;
static double full[TD_FEATURE_VECTOR_MAX][ROWS], scratch[TD_FEATURE_VECTOR_MAX][ROWS];
static double *full_at[TD_FEATURE_VECTOR_MAX], *scratch_at[TD_FEATURE_VECTOR_MAX];
static struct td_feature_finding found[TD_FEATURE_VECTOR_MAX];

/* What leaks and what does not, over closes x[n], row i; the whole of x is there for those who look. */
static double mean_of(const double *x, size_t from, size_t to)
{
    double sum = 0;
    for (size_t i = from; i < to; i++)
        sum += x[i];
    return sum / (double)(to - from);
}
static double honest(const double *x, size_t n, size_t i)
{
    (void)n;
    return i < 1 ? (double)NAN : x[i] / x[i - 1] - 1;
}
static double next_close(const double *x, size_t n, size_t i)
{
    return i + 1 < n ? x[i + 1] : (double)NAN;
}
static double next_return(const double *x, size_t n, size_t i)
{
    return i + 1 < n ? x[i + 1] / x[i] - 1 : (double)NAN;
}
static double third_return(const double *x, size_t n, size_t i)
{
    return i + 3 < n ? x[i + 3] / x[i + 2] - 1 : (double)NAN;
}
static double centred_mean(const double *x, size_t n, size_t i)
{
    return i < 1 || i + 1 >= n ? (double)NAN : mean_of(x, i - 1, i + 2) / x[i] - 1;
}
static double whole_mean(const double *x, size_t n, size_t i)
{
    return x[i] - mean_of(x, 0, n);
}
static double filled_backwards(const double *x, size_t n, size_t i)
{
    return i >= 5 ? x[i - 5] : n > 5 ? x[5] : (double)NAN;
}
static double always_one(const double *x, size_t n, size_t i)
{
    (void)x, (void)n, (void)i;
    return 1;
}
static double never_there(const double *x, size_t n, size_t i)
{
    (void)x, (void)n, (void)i;
    return (double)NAN;
}
static double half_there(const double *x, size_t n, size_t i)
{
    (void)n;
    return i % 2 ? x[i] : (double)NAN;
}
static double running_sum(const double *x, size_t n, size_t i)
{
    (void)n;
    return mean_of(x, 0, i + 1) * (double)(i + 1);
}

static const struct {
    const char *name;
    double (*value)(const double *x, size_t n, size_t i);
    uint32_t faults; /* that must be found; 0: none may */
} leaks[] = {
    {"honest", honest, 0},
    {"next_close", next_close, TD_FAULT_PREFIX | TD_FAULT_AHEAD | TD_FAULT_FUTURE},
    {"next_return", next_return,
     TD_FAULT_PREFIX | TD_FAULT_AHEAD | TD_FAULT_FUTURE | TD_FAULT_LEAK},
    {"third_return", third_return, TD_FAULT_PREFIX | TD_FAULT_AHEAD | TD_FAULT_FUTURE},
    {"centred_mean", centred_mean, TD_FAULT_PREFIX | TD_FAULT_AHEAD | TD_FAULT_LEAK},
    {"whole_mean", whole_mean, TD_FAULT_PREFIX | TD_FAULT_AHEAD},
    {"filled_backwards", filled_backwards, TD_FAULT_PREFIX},
    {"always_one", always_one, TD_FAULT_CONSTANT},
    {"never_there", never_there, TD_FAULT_NAN},
    {"half_there", half_there, TD_FAULT_NAN},
    {"running_sum", running_sum, 0},
};

static enum td_err compute_leaks(void *arg, size_t first, size_t rows, size_t changed,
                                 double *const *out, struct td_fail *why)
{
    (void)arg, (void)why;
    changed_series = series;
    for (size_t i = changed; i < ROWS; i++)
        changed_series.column[CLOSE][i] *= 1.5;
    for (size_t k = 0; k < TD_COUNT(leaks); k++)
        for (size_t i = 0; i < rows; i++)
            out[k][i] = leaks[k].value(changed_series.column[CLOSE] + first, rows, i);
    return TD_OK;
}

static struct td_feature_check begin(int32_t count)
{
    struct td_feature_check c = {.rows = ROWS,
                                 .count = count,
                                 .full = full_at,
                                 .scratch = scratch_at,
                                 .bound = 0.4,
                                 .nan_most = 0.05};
    for (int i = 0; i < TD_CHECK_SERIES; i++)
        c.series[i] = series.column[i];
    return c;
}

static void every_leak_is_found(void **unused)
{
    (void)unused;
    struct td_feature_check c = begin(TD_COUNT(leaks));
    c.compute = compute_leaks;
    series_walk(&series, ROWS, 11, 0);
    TD_OK_OR_FAIL(td_feature_check_run(&c, found, NULL));
    for (size_t k = 0; k < TD_COUNT(leaks); k++) {
        uint32_t expected = leaks[k].faults;
        if (found[k].faults != expected)
            fail_msg("%s: faults %u, expected %u", leaks[k].name, found[k].faults, expected);
    }
    assert_int_equal(found[1].ahead, 1);
    assert_string_equal(found[1].what, "close");
    assert_string_equal(found[2].what, "return");
    assert_int_equal(found[3].ahead, 3);
    assert_int_equal(found[0].warm_up, 1);
    assert_true(found[10].warm_up == TD_CHECK_NEVER);
}

/* The same columns as a ready file: what they are tells on them, not how they came about. */
static void a_ready_file_is_judged_by_its_columns(void **unused)
{
    (void)unused;
    struct td_feature_check c = begin(TD_COUNT(leaks));
    const uint32_t seen = TD_FAULT_LEAK | TD_FAULT_FUTURE | TD_FAULT_CONSTANT | TD_FAULT_NAN;
    series_walk(&series, ROWS, 11, 0);
    TD_OK_OR_FAIL(compute_leaks(NULL, 0, ROWS, SIZE_MAX, full_at, NULL));
    TD_OK_OR_FAIL(td_feature_check_run(&c, found, NULL));
    for (size_t k = 0; k < TD_COUNT(leaks); k++)
        if (found[k].faults != (leaks[k].faults & seen))
            fail_msg("%s: faults %u", leaks[k].name, found[k].faults);
}

/* ---- what is built in ---- */

static enum td_err compute_set(void *arg, size_t first, size_t rows, size_t changed,
                               double *const *out, struct td_fail *why)
{
    static struct td_feature_bar other[ROWS];
    size_t taken;
    (void)why;
    void *state = arg;
    memcpy(other, bars, sizeof bars);
    for (size_t i = changed; i < ROWS; i++)
        for (int k = TD_BAR_OPEN; k <= TD_BAR_OTHER; k++)
            other[i].x[k] *= k == TD_BAR_VOLUME ? 3 : 1.5;
    td_features_init(&set, state);
    return td_features_batch(&set, state, other + first, rows, out, &taken);
}

static void sets_that_are_built_in_are_honest(void **unused)
{
    (void)unused;
    const uint32_t forbidden = TD_FAULT_PREFIX | TD_FAULT_AHEAD | TD_FAULT_LEAK | TD_FAULT_FUTURE;
    const struct td_feature_clock clock = {
        .calendar = &td_calendar_xnys, .zone = &zone, .regular = true};
    series_walk(&series, ROWS, 5, 0);
    bars_of(&series, &clock, 5 * TD_MIN, 78, bars);
    for (const struct td_feature_builtin *b = td_feature_builtins; b->name; b++) {
        TD_OK_OR_FAIL(td_feature_set_builtin(&set, td_str_of(b->name), NULL));
        void *state = malloc(td_features_state_size(&set));
        assert_non_null(state);
        struct td_feature_check c = begin(set.count);
        c.compute = compute_set;
        c.arg = state;
        TD_OK_OR_FAIL(td_feature_check_run(&c, found, NULL));
        for (int32_t k = 0; k < set.count; k++)
            if (found[k].faults & forbidden)
                fail_msg("%s: %s: faults %u at row %zu", b->name, td_feature_at(&set, k)->name,
                         found[k].faults, found[k].fault_row);
        free(state);
    }
}

/* A window's warm-up is its lookback; a recursive mean's is longer; a running sum's never ends. */
static void warm_up_is_measured(void **unused)
{
    (void)unused;
    const struct td_feature_clock clock = {.calendar = &td_calendar_xnys, .zone = &zone};
    TD_OK_OR_FAIL(td_feature_set_read(
        &set, td_str_of("set w 1\nsma_20\nema_12\nobv\nreturn_5\nhour\n"), NULL));
    series_walk(&series, ROWS, 5, 0);
    bars_of(&series, &clock, 5 * TD_MIN, 78, bars);
    void *state = malloc(td_features_state_size(&set));
    assert_non_null(state);
    struct td_feature_check c = begin(set.count);
    c.compute = compute_set;
    c.arg = state;
    TD_OK_OR_FAIL(td_feature_check_run(&c, found, NULL));
    free(state);
    assert_int_equal(found[0].warm_up, 19);
    assert_true(found[1].warm_up > 50 && found[1].warm_up < 200);
    assert_true(found[2].warm_up == TD_CHECK_NEVER);
    assert_int_equal(found[3].warm_up, 5);
    assert_int_equal(found[4].warm_up, 0);
}

static int set_up(void **unused)
{
    (void)unused;
    bars_zone(&zone);
    for (int i = 0; i < TD_FEATURE_VECTOR_MAX; i++) {
        full_at[i] = full[i];
        scratch_at[i] = scratch[i];
    }
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_leak_is_found),
        cmocka_unit_test(a_ready_file_is_judged_by_its_columns),
        cmocka_unit_test(sets_that_are_built_in_are_honest),
        cmocka_unit_test(warm_up_is_measured),
    };
    return cmocka_run_group_tests_name("feature_check", tests, set_up, NULL);
}
