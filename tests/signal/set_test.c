/* tests/signal/set_test.c - a set of indicators gives what its rows give alone. */
#include "signal/set.h"
#include "signal/series.h"

#define BARS     600 /* more than one block */
#define ASKS_MAX TD_IND_SET_ASKS_MAX

static struct series series, whole;
static struct td_ind_ask asks[ASKS_MAX];
static double *outs[ASKS_MAX * TD_IND_OUTPUTS_MAX]; /* [BARS] each */
static size_t asked;

static void ask(const struct td_indicator *row, const double *params)
{
    struct td_ind_ask *a = &asks[asked++];
    assert_true(asked <= ASKS_MAX);
    *a = (struct td_ind_ask){.row = row};
    memcpy(a->params, params, sizeof a->params);
    for (int k = 0; k < td_indicator_inputs(row); k++)
        a->column[k] = (uint8_t)series_column(row->inputs[k]);
}

static void ask_presets(const char *name)
{
    double params[TD_IND_PARAMS_MAX];
    const struct td_indicator *row = td_indicator_find(td_str_of(name));
    assert_non_null(row);
    td_indicator_presets(row, params);
    ask(row, params);
}

/* Every row of the table with every set of parameters. */
static void ask_all(void)
{
    double params[TD_IND_PARAMS_MAX];
    asked = 0;
    for (int set = 0; set < PARAM_SETS; set++)
        for (size_t i = 0; i < td_indicator_count(); i++) {
            series_params(td_indicator_at(i), set, params);
            ask(td_indicator_at(i), params);
        }
}

static struct td_ind_set *new_set(size_t *bytes)
{
    size_t size = 0;
    TD_OK_OR_FAIL(td_ind_set_size(asks, asked, &size, NULL));
    void *memory = malloc(size);
    assert_non_null(memory);
    if (bytes)
        *bytes = size;
    return td_ind_set_init(asks, asked, memory);
}

static size_t columns_of(size_t i)
{
    return (size_t)td_indicator_outputs(asks[i].row);
}

static size_t columns_asked(void)
{
    size_t n = 0;
    for (size_t i = 0; i < asked; i++)
        n += columns_of(i);
    return n;
}

static int make_outs(void **unused)
{
    (void)unused;
    for (size_t c = 0; c < ASKS_MAX * TD_IND_OUTPUTS_MAX; c++)
        outs[c] = NULL;
    return 0;
}

static void need_outs(void)
{
    for (size_t c = 0; c < columns_asked(); c++)
        if (!outs[c]) {
            outs[c] = malloc(BARS * sizeof(double));
            assert_non_null(outs[c]);
        }
}

static int free_outs(void **unused)
{
    (void)unused;
    for (size_t c = 0; c < ASKS_MAX * TD_IND_OUTPUTS_MAX; c++)
        free(outs[c]);
    return 0;
}

static bool same(double a, double b)
{
    return memcmp(&a, &b, sizeof a) == 0 || (isnan(a) && isnan(b));
}

/* outs = the rows alone over `s`. */
static void rows_alone(const struct series *s)
{
    static struct result result;
    size_t c = 0;
    need_outs();
    for (size_t i = 0; i < asked; i++) {
        series_batch(asks[i].row, asks[i].params, s, s->n, &result);
        for (size_t k = 0; k < columns_of(i); k++)
            memcpy(outs[c++], result.out[k], s->n * sizeof(double));
    }
}

static enum td_err step_set(struct td_ind_set *set, const struct series *s, size_t i)
{
    double bar[COLUMNS];
    for (int c = 0; c < COLUMNS; c++)
        bar[c] = s->column[c][i];
    return td_ind_set_step(set, bar);
}

/* Every value of the set is that of outs at bar `at`. */
static void check_bar(const struct td_ind_set *set, const char *name, size_t at)
{
    size_t c = 0;
    for (size_t i = 0; i < asked; i++)
        for (size_t k = 0; k < columns_of(i); k++, c++) {
            const double value = td_ind_set_value(set, i, (int)k);
            if (!same(value, outs[c][at]))
                fail_msg("%s: ask %zu, %s %s, bar %zu: %.17g in the set, %.17g alone", name, i,
                         asks[i].row->name, asks[i].row->outputs[k], at, value, outs[c][at]);
        }
}

static void stepped_set_equals_its_rows(void **unused)
{
    (void)unused;
    ask_all();
    for (int kind = 0; kind < SERIES_KINDS; kind++) {
        const char *name = series_make(&series, kind, BARS);
        struct td_ind_set *set = new_set(NULL);
        rows_alone(&series);
        for (size_t i = 0; i < BARS; i++) {
            TD_OK_OR_FAIL(step_set(set, &series, i));
            check_bar(set, name, i);
        }
        free(set);
    }
}

/* The set over columns, in two pieces, against a set that steps. */
static void check_columns(const char *name)
{
    const double *in[COLUMNS], *rest[COLUMNS];
    double *out_rest[ASKS_MAX * TD_IND_OUTPUTS_MAX];
    struct td_ind_set *set = new_set(NULL), *steps = new_set(NULL);
    need_outs();
    for (int c = 0; c < COLUMNS; c++) {
        in[c] = series.column[c];
        rest[c] = series.column[c] + 41;
    }
    for (size_t c = 0; c < columns_asked(); c++)
        out_rest[c] = outs[c] + 41;
    td_ind_set_batch(set, in, outs, 41);
    td_ind_set_batch(set, rest, out_rest, BARS - 41);
    for (size_t i = 0; i < BARS; i++) {
        (void)step_set(steps, &series, i);
        check_bar(steps, name, i);
    }
    free(set);
    free(steps);
}

static void columns_equal_steps(void **unused)
{
    (void)unused;
    ask_all();
    for (int kind = 0; kind < SERIES_KINDS; kind++)
        check_columns(series_make(&series, kind, BARS));
}

/* ---- bars that are none ---- */

/* Every seventh bar, and the first three, have something that is no number in one column; the others are those of `whole`. */
static bool spoil(size_t i)
{
    static const double bad[] = {(double)NAN, (double)INFINITY, -(double)INFINITY};
    if (i >= 3 && i % 7 != 6)
        return false;
    series.column[i % COLUMNS][i] = bad[i % 3];
    return true;
}

static void refused_bars_leave_no_trace(void **unused)
{
    (void)unused;
    size_t good = 0;
    ask_all();
    series_make(&whole, 0, BARS);
    rows_alone(&whole);
    series.n = BARS;
    struct td_ind_set *set = new_set(NULL);
    for (size_t i = 0; i < BARS; i++) {
        for (int c = 0; c < COLUMNS; c++)
            series.column[c][i] = whole.column[c][good];
        const bool bad = spoil(i);
        assert_int_equal(step_set(set, &series, i), bad ? TD_EINVAL : TD_OK);
        if (!bad)
            check_bar(set, "between bad bars", good++);
        for (size_t a = 0; a < asked && bad; a++)
            for (size_t k = 0; k < columns_of(a); k++)
                assert_true(isnan(td_ind_set_value(set, a, (int)k)));
    }
    free(set);
    check_columns("with bad bars");
}

/* A column that nobody reads may hold anything. */
static void columns_nobody_reads_do_not_count(void **unused)
{
    (void)unused;
    double bar[COLUMNS] = {(double)NAN, 2, 1, 1.5, (double)INFINITY};
    asked = 0;
    ask_presets("TRANGE");
    ask_presets("TYPPRICE");
    struct td_ind_set *set = new_set(NULL);
    TD_OK_OR_FAIL(td_ind_set_step(set, bar));
    assert_true(td_ind_set_value(set, 1, 0) == 1.5);
    assert_true(isnan(td_ind_set_value(set, 0, 0)));
    bar[CLOSE] = (double)NAN;
    assert_int_equal(td_ind_set_step(set, bar), TD_EINVAL);
    free(set);
}

/* ---- a copy goes on ---- */

static void set_moves(void **unused)
{
    (void)unused;
    size_t bytes;
    ask_all();
    series_make(&series, 3, BARS);
    rows_alone(&series);
    struct td_ind_set *set = new_set(&bytes);
    for (size_t i = 0; i < BARS; i++) {
        if (i % 97 == 96) {
            void *moved = malloc(bytes);
            assert_non_null(moved);
            memcpy(moved, set, bytes);
            memset(set, 0xa5, bytes);
            free(set);
            set = moved;
        }
        TD_OK_OR_FAIL(step_set(set, &series, i));
        check_bar(set, "moved", i);
    }
    free(set);
}

/* ---- who shares ---- */

static size_t steps_of(const char *const *names)
{
    asked = 0;
    while (*names)
        ask_presets(*names++);
    struct td_ind_set *set = new_set(NULL);
    const size_t steps = td_ind_set_steps(set);
    free(set);
    return steps;
}

#define STEPS(...) steps_of((const char *const[]){__VA_ARGS__, NULL})

static void rows_of_one_family_share_a_step(void **unused)
{
    (void)unused;
    assert_int_equal(STEPS("EMA", "DEMA", "TEMA", "TRIX"), 1);
    assert_int_equal(STEPS("PLUS_DI", "MINUS_DI", "DI", "DX", "ADX", "ADXR"), 1);
    assert_int_equal(STEPS("LINEARREG", "LINEARREG_SLOPE", "LINEARREG_INTERCEPT", "TSF"), 1);
    assert_int_equal(STEPS("RSI", "CMO"), 1);
    assert_int_equal(STEPS("STOCH", "STOCHF"), 1);
    assert_int_equal(STEPS("WILLR", "MIDPRICE"), 1);
    assert_int_equal(STEPS("TRANGE", "ATR", "NATR"), 1);
    assert_int_equal(STEPS("STDDEV", "VAR"), 1);
    assert_int_equal(STEPS("AD", "CMF", "ADOSC"), 1);
    assert_int_equal(STEPS("MIN", "MAX", "MINMAX"), 1);
    assert_int_equal(STEPS("LAG", "MOM", "ROC", "ROCR", "ROCR100"), 1);
    assert_int_equal(STEPS("SMA", "SMA", "OBV", "SMA"), 2);
}

static void other_parameters_and_columns_do_not_share(void **unused)
{
    (void)unused;
    asked = 0;
    ask_presets("EMA");
    ask_presets("DEMA");
    ask_presets("EMA");
    asks[2].params[0] = 12;
    ask_presets("EMA");
    asks[3].column[0] = OPEN;
    ask_presets("STDDEV");
    ask_presets("VAR");
    asks[5].params[1] = 7; /* VAR does not use it */
    struct td_ind_set *set = new_set(NULL);
    assert_int_equal(td_ind_set_steps(set), 4);
    free(set);
}

/* ---- errors ---- */

static void what_cannot_be_a_set_is_refused(void **unused)
{
    (void)unused;
    size_t bytes = 77;
    struct td_fail why = {0};
    asked = 0;
    ask_presets("ATR");
    assert_int_equal(td_ind_set_size(asks, 0, &bytes, &why), TD_ERANGE);
    assert_int_equal(td_ind_set_size(asks, TD_IND_SET_ASKS_MAX + 1, &bytes, NULL), TD_ERANGE);
    asks[0].column[2] = TD_IND_SET_COLUMNS_MAX;
    assert_int_equal(td_ind_set_size(asks, 1, &bytes, &why), TD_ERANGE);
    assert_non_null(strstr(why.text, "ATR reads column 16"));
    assert_int_equal(bytes, 77);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stepped_set_equals_its_rows),
        cmocka_unit_test(columns_equal_steps),
        cmocka_unit_test(refused_bars_leave_no_trace),
        cmocka_unit_test(columns_nobody_reads_do_not_count),
        cmocka_unit_test(set_moves),
        cmocka_unit_test(rows_of_one_family_share_a_step),
        cmocka_unit_test(other_parameters_and_columns_do_not_share),
        cmocka_unit_test(what_cannot_be_a_set_is_refused),
    };
    return cmocka_run_group_tests_name("set", tests, make_outs, free_outs);
}
