/* tests/signal/feature_test.c - sets put together, written, read, hashed and scaled; every feature by prefix, stream and copy. */
#include "signal/bars_of.h"

#define BARS    700
#define PER_DAY 78 /* five minutes */

static struct td_feature_set set, other_set;
static struct series series;
static struct td_feature_bar bars[BARS];
static struct td_tz zone;
static double batch[TD_FEATURE_VECTOR_MAX][BARS];

static struct td_feature_clock clock_of(void)
{
    return (struct td_feature_clock){.calendar = &td_calendar_xnys, .zone = &zone, .regular = true};
}

static void make_bars(int kind)
{
    const struct td_feature_clock clock = clock_of();
    (void)series_make(&series, kind, BARS);
    bars_of(&series, &clock, 5 * TD_MIN, PER_DAY, bars);
}

static void *new_state(const struct td_feature_set *of)
{
    void *state = malloc(td_features_state_size(of));
    assert_non_null(state);
    td_features_init(of, state);
    return state;
}

static void run_batch(const struct td_feature_set *of, size_t n)
{
    double *out[TD_FEATURE_VECTOR_MAX];
    size_t taken;
    void *state = new_state(of);
    for (int i = 0; i < TD_FEATURE_VECTOR_MAX; i++)
        out[i] = batch[i];
    TD_OK_OR_FAIL(td_features_batch(of, state, bars, n, out, &taken));
    assert_int_equal(taken, n);
    free(state);
}

/* Every feature of the catalogue and every indicator's every output, a set of up to 60 at a time: 0 ends. */
static size_t next_set(size_t from, struct td_feature_set *of, struct td_fail *why)
{
    char name[96];
    size_t at = 0;
    td_feature_set_init(of, td_str_of("all"), 1);
    for (size_t i = 0; i < td_feature_row_count(); i++, at++)
        if (at >= from && of->count < 60)
            TD_OK_OR_FAIL(td_feature_set_add(of, td_str_of(td_feature_row_at(i).name), why));
    for (size_t i = 0; i < td_indicator_count(); i++) {
        const struct td_indicator *row = td_indicator_at(i);
        for (int k = 0; k < td_indicator_outputs(row); k++, at++) {
            (void)snprintf(name, sizeof name, "%s.%s", row->name, row->outputs[k]);
            if (strcmp(row->name, "MAVP") != 0 && at >= from && of->count < 60)
                TD_OK_OR_FAIL(td_feature_set_add(of, td_str_of(name), why));
        }
    }
    for (const char *const *f =
             (const char *const[]){"rsi_14@15", "over_sma_20@60", "gap@1440", NULL};
         of->count > 0 && *f; f++)
        TD_OK_OR_FAIL(td_feature_set_add(of, td_str_of(*f), why));
    return of->count > 0 ? from + 60 : 0;
}

static void stream_prefix_and_copy(const struct td_feature_set *of, int kind)
{
    double out[TD_FEATURE_VECTOR_MAX];
    static double full[TD_FEATURE_VECTOR_MAX][BARS];
    run_batch(of, BARS);
    memcpy(full, batch, sizeof full);
    void *state = new_state(of);
    for (size_t i = 0; i < BARS; i++) {
        if (i % 97 == 96) { /* the state moves */
            void *moved = malloc(td_features_state_size(of));
            assert_non_null(moved);
            memcpy(moved, state, td_features_state_size(of));
            memset(state, 0xa5, td_features_state_size(of));
            free(state);
            state = moved;
        }
        TD_OK_OR_FAIL(td_features_step(of, state, &bars[i], out));
        for (int32_t k = 0; k < of->count; k++)
            if (!series_close(out[k], full[k][i]))
                fail_msg("%s, series %d, bar %zu: stream %.17g, batch %.17g",
                         td_feature_at(of, k)->name, kind, i, out[k], full[k][i]);
    }
    free(state);
    for (size_t n = 1; n <= BARS; n += 1 + n / 3) {
        run_batch(of, n);
        for (int32_t k = 0; k < of->count; k++)
            if (memcmp(&batch[k][n - 1], &full[k][n - 1], sizeof(double)) != 0)
                fail_msg("%s, series %d, bar %zu: %.17g as the last, else %.17g",
                         td_feature_at(of, k)->name, kind, n - 1, batch[k][n - 1], full[k][n - 1]);
    }
}

static void every_feature_by_stream_prefix_and_copy(void **unused)
{
    (void)unused;
    static const int kinds[] = {0, 3, 5, 6};
    struct td_fail why = {0};
    for (size_t i = 0; i < TD_COUNT(kinds); i++) {
        make_bars(kinds[i]);
        for (size_t from = 0, next; (next = next_set(from, &set, &why)) > 0; from = next)
            stream_prefix_and_copy(&set, kinds[i]);
    }
}

/* On a series without holes a feature begins where its lookback says, and has no hole later. */
static void every_feature_begins_at_its_lookback(void **unused)
{
    (void)unused;
    static const char *const later[] = {"RVOL_DAY.real", "ACOS.real", "ASIN.real"};
    struct td_fail why = {0};
    make_bars(0);
    for (size_t from = 0, next; (next = next_set(from, &set, &why)) > 0; from = next) {
        run_batch(&set, BARS);
        for (int32_t k = 0; k < set.count; k++) {
            const struct td_feature_node *node = td_feature_at(&set, k);
            bool waits = node->frame > 0;
            for (size_t i = 0; i < TD_COUNT(later); i++)
                waits = waits || strcmp(node->name, later[i]) == 0;
            for (size_t i = 0; i < BARS && !waits; i++)
                if (isfinite(batch[k][i]) != (i >= (size_t)node->lookback))
                    fail_msg("%s is %g on bar %zu, lookback %d", node->name, batch[k][i], i,
                             node->lookback);
        }
    }
}

static void sets_have_the_features_they_promise(void **unused)
{
    (void)unused;
    static const struct {
        const char *name;
        int32_t count;
    } rows[] = {{"omega47", 47}, {"omega30", 30}, {"micro", TD_MICRO_COUNT}};
    for (const struct td_feature_builtin *b = td_feature_builtins; b->name; b++) {
        TD_OK_OR_FAIL(td_feature_set_builtin(&set, td_str_of(b->name), NULL));
        for (size_t i = 0; i < TD_COUNT(rows); i++)
            if (strcmp(rows[i].name, b->name) == 0)
                assert_int_equal(set.count, rows[i].count);
        assert_true(set.count > 0);
        assert_true(td_feature_set_lookback(&set, TD_MIN) >= 0);
    }
    assert_int_equal(td_feature_set_builtin(&set, td_str_of("nobody"), NULL), TD_ENOENT);
}

/* ---- sharing ---- */

static void equal_computations_are_shared(void **unused)
{
    (void)unused;
    td_feature_set_init(&set, td_str_of("shared"), 1);
    TD_OK_OR_FAIL(td_feature_set_add(&set, td_str_of("macd"), NULL));
    const size_t one = td_features_state_size(&set);
    TD_OK_OR_FAIL(td_feature_set_add(&set, td_str_of("macd_hist"), NULL));
    assert_int_equal(td_features_state_size(&set), one);
    TD_OK_OR_FAIL(td_feature_set_add(&set, td_str_of("rsi_14"), NULL));
    const size_t two = td_features_state_size(&set);
    TD_OK_OR_FAIL(td_feature_set_add(&set, td_str_of("RSI"), NULL));
    assert_int_equal(td_features_state_size(&set), two);
    TD_OK_OR_FAIL(td_feature_set_add(&set, td_str_of("rsi_14@60"), NULL));
    assert_true(td_features_state_size(&set) > two);
    make_bars(0);
    run_batch(&set, BARS);
    for (size_t i = 0; i < BARS; i++)
        assert_memory_equal(&batch[2][i], &batch[3][i], sizeof(double));
}

static void needed_features_are_hidden_until_asked_for(void **unused)
{
    (void)unused;
    td_feature_set_init(&set, td_str_of("hidden"), 1);
    TD_OK_OR_FAIL(td_feature_set_add(&set, td_str_of("over_sma_20"), NULL));
    assert_int_equal(set.count, 1);
    assert_int_equal(set.nodes_used, 2);
    TD_OK_OR_FAIL(td_feature_set_add(&set, td_str_of("sma_20"), NULL));
    assert_int_equal(set.count, 2);
    assert_int_equal(set.nodes_used, 2);
    assert_string_equal(td_feature_at(&set, 0)->name, "over_sma_20");
    assert_int_equal(td_feature_place(&set, td_str_of("sma_20")), 1);
    make_bars(0);
    run_batch(&set, BARS);
    assert_true(fabs(batch[0][100] - (series.column[CLOSE][100] / batch[1][100] - 1)) < 1e-15);
}

/* ---- text and hash ---- */

static uint64_t hash_of_text(const char *text)
{
    struct td_fail why = {0};
    if (td_feature_set_read(&set, td_str_of(text), &why) != TD_OK)
        fail_msg("%s", why.text);
    return td_feature_set_hash(&set);
}

static void a_set_reads_back_as_it_was_written(void **unused)
{
    (void)unused;
    static char text[65536];
    double centre[TD_FEATURE_VECTOR_MAX], width[TD_FEATURE_VECTOR_MAX];
    struct td_text t;
    struct td_fail why = {0};
    for (const struct td_feature_builtin *b = td_feature_builtins; b->name; b++)
        for (int scaled = 0; scaled < 2; scaled++) {
            TD_OK_OR_FAIL(td_feature_set_builtin(&set, td_str_of(b->name), NULL));
            for (int32_t i = 0; i < set.count; i++) {
                centre[i] = 0.1 * i;
                width[i] = 1.0 / (3 + i);
            }
            if (scaled)
                TD_OK_OR_FAIL(td_feature_set_scaling(&set, TD_SCALE_ZSCORE, centre, width, NULL));
            td_text_init(&t, text, sizeof text);
            td_feature_set_write(&set, &t);
            assert_false(td_text_full(&t));
            if (td_feature_set_read(&other_set, (struct td_str){text, t.len}, &why) != TD_OK)
                fail_msg("%s: %s", b->name, why.text);
            assert_int_equal(other_set.count, set.count);
            if (td_feature_set_hash(&other_set) != td_feature_set_hash(&set))
                fail_msg("%s: another hash once it is read", b->name);
            assert_memory_equal(other_set.centre, set.centre, sizeof set.centre);
            for (int32_t i = 0; i < set.count; i++)
                assert_string_equal(td_feature_at(&other_set, i)->name,
                                    td_feature_at(&set, i)->name);
            make_bars(0);
            run_batch(&set, 300);
            static double first[TD_FEATURE_VECTOR_MAX][BARS];
            memcpy(first, batch, sizeof first);
            run_batch(&other_set, 300);
            for (int32_t k = 0; k < set.count; k++)
                assert_memory_equal(first[k], batch[k], 300 * sizeof(double));
        }
}

static void any_change_changes_the_hash(void **unused)
{
    (void)unused;
    static const char *const texts[] = {
        "set a 1\na t SMA inputs=close timeperiod=20\nb t RSI\n",
        "set b 1\na t SMA inputs=close timeperiod=20\nb t RSI\n",
        "set a 2\na t SMA inputs=close timeperiod=20\nb t RSI\n",
        "set a 1\nc t SMA inputs=close timeperiod=20\nb t RSI\n",
        "set a 1\na u SMA inputs=close timeperiod=20\nb t RSI\n",
        "set a 1\na t EMA inputs=close timeperiod=20\nb t RSI\n",
        "set a 1\na t SMA inputs=open timeperiod=20\nb t RSI\n",
        "set a 1\na t SMA inputs=close timeperiod=21\nb t RSI\n",
        "set a 1\na t SMA inputs=close timeperiod=20 frame=60\nb t RSI\n",
        "set a 1\na t SMA inputs=close timeperiod=20 hidden\nb t RSI\n",
        "set a 1\nb t RSI\na t SMA inputs=close timeperiod=20\n",
        "set a 1\na t SMA inputs=close timeperiod=20\nb t RSI\norder b a\n",
        "set a 1\nscale zscore\na t SMA inputs=close timeperiod=20\nb t RSI\n",
        "set a 1\nscale minmax\na t SMA inputs=close timeperiod=20\nb t RSI\n",
        "set a 1\nscale zscore\na t SMA inputs=close timeperiod=20 centre=3ff0000000000000 "
        "width=3ff0000000000000\nb t RSI\n",
        "set a 1\nscale zscore\na t SMA inputs=close timeperiod=20 centre=3ff0000000000000 "
        "width=3ff0000000000001\nb t RSI\n",
        "set a 1\na t MACD output=macd\nb t RSI\n",
        "set a 1\na t MACD output=macdhist\nb t RSI\n",
    };
    uint64_t hash[TD_COUNT(texts)];
    for (size_t i = 0; i < TD_COUNT(texts); i++) {
        hash[i] = hash_of_text(texts[i]);
        for (size_t k = 0; k < i; k++)
            if (hash[k] == hash[i])
                fail_msg("text %zu has the hash of text %zu", i, k);
    }
    assert_true(hash_of_text(texts[0]) == hash[0]);
    assert_true(hash_of_text("# remark\nset a 1\n\n a t SMA timeperiod=20 # close\nb t RSI\n") ==
                hash[0]);
}

static void bad_text_is_told_by_line(void **unused)
{
    (void)unused;
    static const struct {
        const char *text, *says;
    } rows[] = {
        {"", "no features"},
        {"set a 1\n", "no features"},
        {"a t SMA\n", "line 1: expected \"set NAME VERSION\""},
        {"set a 0\n", "line 1: expected \"set NAME VERSION\""},
        {"set ../a 1\n", "line 1: expected \"set NAME VERSION\""},
        {"set a 1\nnobody\n", "line 2: no feature \"nobody\""},
        {"set a 1\na t\n", "line 2: expected NAME, or NAME GROUP OPERATION"},
        {"set a 1\na t NOBODY\n", "line 2: feature a: no own step and no indicator"},
        {"set a 1\na t SMA timeperiod=0\n", "line 2: feature a: SMA: timeperiod is 0"},
        {"set a 1\na t SMA timeperiod=x\n", "is no number"},
        {"set a 1\na t SMA days=3\n", "SMA has no parameter \"days\""},
        {"set a 1\na t SMA inputs=price\n", "no input and no feature above it is called price"},
        {"set a 1\na t SMA inputs=open,close\n", "SMA takes 1 inputs"},
        {"set a 1\na t CORREL inputs=open\n", "CORREL takes 2 inputs"},
        {"set a 1\na t SMA output=macd\n", "SMA has no output"},
        {"set a 1\na t SMA frame=0\n", "\"frame=0\" is not understood"},
        {"set a 1\na t SMA frame=7\n", "a frame of 7 minutes"},
        {"set a 1\na t VALUE inputs=hour frame=60\n", "slower bars have no hour"},
        {"set a 1\nb t SMA\na t VALUE inputs=b frame=60\n", "b is not of the same frame"},
        {"set a 1\na t SMA\na t SMA\n", "line 3: feature a: it is there already"},
        {"set a 1\nclose t SMA\n", "a bar has an input of that name"},
        {"set a 1\nscale best\n", "line 2: expected scale"},
        {"set a 1\na t SMA\nb t RSI\norder a\n", "order names 1 of 2"},
        {"set a 1\na t SMA\norder a a\n", "order: no feature, or twice: a"},
        {"set a 1\nscale zscore\na t SMA centre=0000000000000000 width=0000000000000000\n",
         "scaling of a: centre 0, width 0"},
        {"set a 1\nscale zscore\na t SMA width=12\n", "\"width=12\" is not understood"},
    };
    for (size_t i = 0; i < TD_COUNT(rows); i++) {
        struct td_fail why = {0};
        assert_true(td_feature_set_read(&set, td_str_of(rows[i].text), &why) != TD_OK);
        if (!strstr(why.text, rows[i].says))
            fail_msg("row %zu: \"%s\" does not say \"%s\"", i, why.text, rows[i].says);
    }
}

/* ---- scaling ---- */

static void scaling_is_learned_and_applied(void **unused)
{
    (void)unused;
    const char *text =
        "set a 1\na t VALUE inputs=close\nb t VALUE inputs=volume\nc t SMA timeperiod=20\n";
    const double *columns[3] = {batch[0], batch[1], batch[2]};
    (void)hash_of_text(text);
    make_bars(0);
    run_batch(&set, BARS);
    const uint64_t plain = td_feature_set_hash(&set);
    TD_OK_OR_FAIL(td_feature_set_fit(&set, TD_SCALE_ZSCORE, columns, BARS, NULL));
    assert_true(td_feature_set_hash(&set) != plain);
    run_batch(&set, BARS);
    for (int k = 0; k < 3; k++) {
        double sum = 0, squares = 0;
        const size_t first = k == 2 ? 19 : 0;
        for (size_t i = first; i < BARS; i++) {
            sum += batch[k][i];
            squares += batch[k][i] * batch[k][i];
        }
        assert_true(fabs(sum) < 1e-9 * BARS);
        assert_true(fabs(squares / (double)(BARS - first) - 1) < 1e-12);
    }
    (void)hash_of_text(text);
    make_bars(5); /* constant prices: no spread */
    run_batch(&set, BARS);
    TD_OK_OR_FAIL(td_feature_set_fit(&set, TD_SCALE_MINMAX, columns, BARS, NULL));
    run_batch(&set, BARS);
    for (size_t i = 0; i < BARS; i++) {
        assert_true(batch[0][i] == 0);
        assert_true(batch[1][i] >= 0 && batch[1][i] <= 1);
    }
}

/* ---- bad bars ---- */

static void bad_bars_change_nothing(void **unused)
{
    (void)unused;
    double out[TD_FEATURE_VECTOR_MAX], before[TD_FEATURE_VECTOR_MAX];
    TD_OK_OR_FAIL(td_feature_set_builtin(&set, td_str_of("frames"), NULL));
    make_bars(0);
    void *state = new_state(&set), *copy = malloc(td_features_state_size(&set));
    assert_non_null(copy);
    for (size_t i = 0; i < 100; i++)
        TD_OK_OR_FAIL(td_features_step(&set, state, &bars[i], out));
    memcpy(copy, state, td_features_state_size(&set));
    memcpy(before, out, sizeof before);
    assert_int_equal(td_features_step(&set, state, &bars[99], out), TD_EPROTO);
    assert_int_equal(td_features_step(&set, state, &bars[7], out), TD_EPROTO);
    struct td_feature_bar bad = bars[100];
    bad.end = bad.at;
    assert_int_equal(td_features_step(&set, state, &bad, out), TD_EINVAL);
    assert_memory_equal(copy, state, td_features_state_size(&set));
    assert_memory_equal(before, out, sizeof before);
    free(state);
    free(copy);
}

static int read_zone(void **unused)
{
    (void)unused;
    bars_zone(&zone);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_feature_by_stream_prefix_and_copy),
        cmocka_unit_test(every_feature_begins_at_its_lookback),
        cmocka_unit_test(sets_have_the_features_they_promise),
        cmocka_unit_test(equal_computations_are_shared),
        cmocka_unit_test(needed_features_are_hidden_until_asked_for),
        cmocka_unit_test(a_set_reads_back_as_it_was_written),
        cmocka_unit_test(any_change_changes_the_hash),
        cmocka_unit_test(bad_text_is_told_by_line),
        cmocka_unit_test(scaling_is_learned_and_applied),
        cmocka_unit_test(bad_bars_change_nothing),
    };
    return cmocka_run_group_tests_name("feature", tests, read_zone, NULL);
}
