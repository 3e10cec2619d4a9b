/* tests/signal/indicator_rows_test.c - what must hold for every row of the table, on every kind of series. */
#include "signal/series.h"

static struct series series, other;
static struct result result, expected;

#define BARS 600

/* Calls `check` for every row, set of parameters and kind of series. */
static void for_all(void (*check)(const struct td_indicator *row, const double *params,
                                  const char *what))
{
    double params[TD_IND_PARAMS_MAX];
    char what[96];
    for (int kind = 0; kind < SERIES_KINDS; kind++) {
        const char *name = series_make(&series, kind, BARS);
        for (size_t i = 0; i < td_indicator_count(); i++)
            for (int set = 0; set < PARAM_SETS; set++) {
                const struct td_indicator *row = td_indicator_at(i);
                series_params(row, set, params);
                (void)snprintf(what, sizeof what, "%s, set %d, series %d (%s)", row->name, set,
                               kind, name);
                check(row, params, what);
            }
    }
}

/* ---- ind_batch_stream ---- */

static void batch_and_stream(const struct td_indicator *row, const double *params, const char *what)
{
    double in[TD_IND_INPUTS_MAX], out[TD_IND_OUTPUTS_MAX];
    void *state = series_state(row, params);
    series_batch(row, params, &series, BARS, &result);
    for (size_t i = 0; i < BARS; i++) {
        series_bar(row, &series, i, in);
        const enum td_err err = td_indicator_step(row, state, in, out);
        for (int k = 0; k < td_indicator_outputs(row); k++)
            if (!series_close(err == TD_OK ? out[k] : (double)NAN, result.out[k][i]))
                fail_msg("%s: bar %zu: stream %.17g, batch %.17g", what, i, out[k],
                         result.out[k][i]);
    }
    free(state);
}

static void ind_batch_stream(void **unused)
{
    (void)unused;
    for_all(batch_and_stream);
}

/* ---- ind_prefix: the value at a bar does not know what comes after ---- */

static void prefix(const struct td_indicator *row, const double *params, const char *what)
{
    series_batch(row, params, &series, BARS, &expected);
    for (size_t n = 1; n <= BARS; n += 1 + n / 6) {
        series_batch(row, params, &series, n, &result);
        for (int k = 0; k < td_indicator_outputs(row); k++)
            if (memcmp(&result.out[k][n - 1], &expected.out[k][n - 1], sizeof(double)) != 0)
                fail_msg("%s: bar %zu: %.17g when it is the last, else %.17g", what, n - 1,
                         result.out[k][n - 1], expected.out[k][n - 1]);
    }
}

static void ind_prefix(void **unused)
{
    (void)unused;
    for_all(prefix);
}

/* ---- ind_snapshot, ind_peek ---- */

/* The state moves to other memory in the middle of the series and goes on there. */
static void snapshot(const struct td_indicator *row, const double *params, const char *what)
{
    double in[TD_IND_INPUTS_MAX], out[TD_IND_OUTPUTS_MAX];
    const size_t bytes = td_indicator_state_size(row, params);
    void *state = series_state(row, params);
    series_batch(row, params, &series, BARS, &expected);
    for (size_t i = 0; i < BARS; i++) {
        if (i % 97 == 96) {
            void *moved = malloc(bytes);
            assert_non_null(moved);
            memcpy(moved, state, bytes);
            memset(state, 0xa5, bytes);
            free(state);
            state = moved;
        }
        series_bar(row, &series, i, in);
        if (td_indicator_step(row, state, in, out) != TD_OK)
            continue;
        for (int k = 0; k < td_indicator_outputs(row); k++)
            if (!series_close(out[k], expected.out[k][i]))
                fail_msg("%s: bar %zu: %.17g after moves, else %.17g", what, i, out[k],
                         expected.out[k][i]);
    }
    free(state);
}

static void ind_snapshot(void **unused)
{
    (void)unused;
    for_all(snapshot);
}

static void peek(const struct td_indicator *row, const double *params, const char *what)
{
    double in[TD_IND_INPUTS_MAX], seen[TD_IND_OUTPUTS_MAX], out[TD_IND_OUTPUTS_MAX];
    const size_t bytes = td_indicator_state_size(row, params);
    void *state = series_state(row, params), *scratch = malloc(bytes), *before = malloc(bytes);
    assert_true(scratch && before);
    for (size_t i = 0; i < 150; i++) {
        series_bar(row, &series, i, in);
        memcpy(before, state, bytes);
        const enum td_err told = td_indicator_peek(row, state, scratch, in, seen);
        if (memcmp(before, state, bytes) != 0)
            fail_msg("%s: bar %zu: peek changed the state", what, i);
        const enum td_err err = td_indicator_step(row, state, in, out);
        assert_int_equal(told, err);
        for (int k = 0; err == TD_OK && k < td_indicator_outputs(row); k++)
            if (memcmp(&seen[k], &out[k], sizeof(double)) != 0)
                fail_msg("%s: bar %zu: peek %.17g, step %.17g", what, i, seen[k], out[k]);
    }
    free(state);
    free(scratch);
    free(before);
}

static void ind_peek(void **unused)
{
    (void)unused;
    for_all(peek);
}

/* ---- ind_lookback ---- */

/* Rows whose first value needs more than bars, and why. */
static const char *waits_for_more(const struct td_indicator *row)
{
    static const struct {
        const char *name, *why;
    } rows[] = {{"RVOL_DAY", "a second session"},
                {"ACOS", "a value within -1..1"},
                {"ASIN", "a value within -1..1"}};
    for (size_t i = 0; i < TD_COUNT(rows); i++)
        if (strcmp(rows[i].name, row->name) == 0)
            return rows[i].why;
    return NULL;
}

static void ind_lookback(void **unused)
{
    (void)unused;
    double params[TD_IND_PARAMS_MAX], in[TD_IND_INPUTS_MAX], out[TD_IND_OUTPUTS_MAX];
    series_walk(&series, BARS, 4242, 0);
    for (size_t r = 0; r < td_indicator_count(); r++)
        for (int set = 0; set < PARAM_SETS; set++) {
            const struct td_indicator *row = td_indicator_at(r);
            series_params(row, set, params);
            const size_t first = (size_t)td_indicator_lookback(row, params);
            if (waits_for_more(row))
                continue;
            series_batch(row, params, &series, BARS, &result);
            for (int k = 0; k < td_indicator_outputs(row); k++)
                for (size_t i = 0; i < BARS; i++)
                    if (isfinite(result.out[k][i]) != (i >= first + row->late[k]))
                        fail_msg("%s set %d: %s is %g on bar %zu, lookback %zu + %d", row->name,
                                 set, row->outputs[k], result.out[k][i], i, first, row->late[k]);
            void *state = series_state(row, params);
            for (size_t i = 0; i < first && i < BARS; i++) {
                series_bar(row, &series, i, in);
                out[0] = -77;
                assert_int_equal(td_indicator_step(row, state, in, out), TD_EAGAIN);
                assert_true(out[0] == -77);
            }
            free(state);
        }
}

/* On no kind of series is there a value before its bar. */
static void nothing_early(const struct td_indicator *row, const double *params, const char *what)
{
    double in[TD_IND_INPUTS_MAX], out[TD_IND_OUTPUTS_MAX];
    const size_t first = (size_t)td_indicator_lookback(row, params);
    void *state = series_state(row, params);
    series_batch(row, params, &series, BARS, &result);
    for (size_t i = 0; i < BARS; i++)
        for (int k = 0; k < td_indicator_outputs(row) && i < first + row->late[k]; k++)
            if (!isnan(result.out[k][i]))
                fail_msg("%s: %s is %g on bar %zu, lookback %zu + %d", what, row->outputs[k],
                         result.out[k][i], i, first, row->late[k]);
    for (size_t i = 0; i < first && i < BARS; i++) {
        series_bar(row, &series, i, in);
        if (td_indicator_step(row, state, in, out) == TD_OK)
            fail_msg("%s: a value on bar %zu, lookback %zu", what, i, first);
    }
    free(state);
}

static void ind_lookback_on_all_series(void **unused)
{
    (void)unused;
    for_all(nothing_early);
}

/* ---- ind_flat: prices that stand still, dear or cheap ---- */

/* Functions of the number itself, some of which do not exist past 1 or so. */
static bool of_the_number(const struct td_indicator *row)
{
    return strcmp(row->group, "math") == 0 && td_indicator_params(row) == 0;
}

/* Never an infinity, and there is a value where there is one at any other price. */
static void ind_flat_all_rows(void **unused)
{
    (void)unused;
    static const double prices[] = {1, 1e-4, 0.1, 1e6};
    double params[TD_IND_PARAMS_MAX];
    for (size_t p = 0; p < TD_COUNT(prices); p++)
        for (size_t r = 0; r < td_indicator_count() * PARAM_SETS; r++) {
            const struct td_indicator *row = td_indicator_at(r / PARAM_SETS);
            series_params(row, (int)(r % PARAM_SETS), params);
            series_constant(&series, BARS, prices[0]);
            series_batch(row, params, &series, BARS, &expected);
            series_constant(&series, BARS, prices[p]);
            series_batch(row, params, &series, BARS, &result);
            for (int k = 0; k < td_indicator_outputs(row) && !of_the_number(row); k++)
                for (size_t i = 0; i < BARS; i++)
                    if (isinf(result.out[k][i]) ||
                        isnan(result.out[k][i]) != isnan(expected.out[k][i]))
                        fail_msg("%s set %zu at a price of %g: %s is %g on bar %zu, at 1 %g",
                                 row->name, r % PARAM_SETS, prices[p], row->outputs[k],
                                 result.out[k][i], i, expected.out[k][i]);
        }
}

/* ---- ind_nan: a bar that is no bar leaves no trace ---- */

static void bad_bars(const struct td_indicator *row, const double *params, const char *what)
{
    static const double bad[] = {(double)NAN, (double)INFINITY, -(double)INFINITY};
    double in[TD_IND_INPUTS_MAX], out[TD_IND_OUTPUTS_MAX];
    series_batch(row, params, &series, BARS, &expected);
    const size_t bytes = td_indicator_state_size(row, params);
    void *state = series_state(row, params), *before = malloc(bytes);
    assert_non_null(before);
    for (size_t i = 0; i < BARS; i++) {
        series_bar(row, &series, i, in);
        if (i % 5 == 0) {
            const int k = (int)(i / 5) % td_indicator_inputs(row);
            const double was = in[k];
            in[k] = bad[i / 5 % 3];
            memcpy(before, state, bytes);
            assert_int_equal(td_indicator_step(row, state, in, out), TD_EINVAL);
            assert_memory_equal(before, state, bytes);
            in[k] = was;
        }
        if (td_indicator_step(row, state, in, out) != TD_OK)
            continue;
        for (int k = 0; k < td_indicator_outputs(row); k++)
            if (!series_close(out[k], expected.out[k][i]))
                fail_msg("%s: bar %zu: %.17g beside bad bars, else %.17g", what, i, out[k],
                         expected.out[k][i]);
    }
    free(before);
    free(state);
}

static void ind_nan(void **unused)
{
    (void)unused;
    for_all(bad_bars);
}

/* Batch writes NaN on the bad bar; the others are as if it were not there. Leading NaN only delay. */
static void batch_skips_bad_bars(void **unused)
{
    (void)unused;
    double params[TD_IND_PARAMS_MAX];
    series_walk(&other, 500, 31, 0);
    for (size_t r = 0; r < td_indicator_count(); r++) {
        const struct td_indicator *row = td_indicator_at(r);
        td_indicator_presets(row, params);
        series_batch(row, params, &other, 500, &expected);
        size_t good = 0;
        for (size_t i = 0; i < BARS; i++) {
            const bool bad = i < 7 || i % 7 == 6 || good >= 500;
            for (int c = 0; c < COLUMNS; c++)
                series.column[c][i] = bad ? (double)NAN : other.column[c][good];
            good += !bad;
        }
        series.n = BARS;
        series_batch(row, params, &series, BARS, &result);
        good = 0;
        for (size_t i = 0; i < BARS; i++)
            for (int k = 0; k < td_indicator_outputs(row); k++) {
                const bool bad = isnan(series.column[CLOSE][i]);
                if (!series_close(result.out[k][i], bad ? (double)NAN : expected.out[k][good]))
                    fail_msg("%s: bar %zu: %.17g", row->name, i, result.out[k][i]);
                good += !bad && k == td_indicator_outputs(row) - 1;
            }
    }
}

/* Rows that take logarithms of prices refuse one that is not above 0, and say so in their formula. */
static void prices_not_above_zero_are_refused(void **unused)
{
    (void)unused;
    double params[TD_IND_PARAMS_MAX], in[TD_IND_INPUTS_MAX], out[TD_IND_OUTPUTS_MAX];
    int rows = 0;
    for (size_t r = 0; r < td_indicator_count(); r++) {
        const struct td_indicator *row = td_indicator_at(r);
        if (!strstr(row->formula, "prices above 0"))
            continue;
        rows++;
        td_indicator_presets(row, params);
        const size_t bytes = td_indicator_state_size(row, params);
        void *state = series_state(row, params), *before = malloc(bytes);
        assert_non_null(before);
        memcpy(before, state, bytes);
        for (int k = 0; k < td_indicator_inputs(row); k++)
            in[k] = 0;
        assert_int_equal(td_indicator_step(row, state, in, out), TD_EINVAL);
        for (int k = 0; k < td_indicator_inputs(row); k++)
            in[k] = -5;
        assert_int_equal(td_indicator_step(row, state, in, out), TD_EINVAL);
        assert_memory_equal(before, state, bytes);
        free(before);
        free(state);
    }
    assert_true(rows >= 12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ind_lookback),
        cmocka_unit_test(ind_lookback_on_all_series),
        cmocka_unit_test(ind_flat_all_rows),
        cmocka_unit_test(ind_batch_stream),
        cmocka_unit_test(ind_prefix),
        cmocka_unit_test(ind_snapshot),
        cmocka_unit_test(ind_peek),
        cmocka_unit_test(ind_nan),
        cmocka_unit_test(batch_skips_bad_bars),
        cmocka_unit_test(prices_not_above_zero_are_refused),
    };
    return cmocka_run_group_tests_name("indicator_rows", tests, NULL, NULL);
}
