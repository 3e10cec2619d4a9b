/* tests/history/split_series_test.c - splits over files of a day, of all days, of two scales, with holes and with factor files. */
#include "history/split_series.h"

#include <math.h>

#include "support/support.h"

#define DAY0 INT64_C(20000)

static struct td_split_series series;
static struct td_split_counts counts;

static int fresh(void **state)
{
    (void)state;
    td_split_series_reset(&series);
    counts = (struct td_split_counts){0};
    return 0;
}

static int finish(void **state)
{
    (void)state;
    td_split_series_fini(&series);
    return 0;
}

/* One bar at a minute of a day, open and close alike. */
static void bar(int64_t day, int minute, double price, int64_t volume)
{
    struct td_bar_row row = {(DAY0 + day) * TD_DAY + (td_ns)minute * TD_MIN,
                             {.volume = {volume * TD_E9}, .count = -1}};
    TD_OK_OR_FAIL(td_e9_from_double(price, &row.bar.open.e9));
    row.bar.high = row.bar.low = row.bar.close = row.bar.open;
    TD_OK_OR_FAIL(td_split_series_bar(&series, &row));
}

/* A file of one day, named after it, of two bars. */
static void day_file(int64_t day, double price, int64_t volume)
{
    td_split_series_begin(&series, DAY0 + day);
    bar(day, 570, price, volume / 2);
    bar(day, 959, price, volume / 2);
    TD_OK_OR_FAIL(td_split_series_end(&series));
}

static size_t find(const struct td_split_fact *facts, size_t count, struct td_split_night *out,
                   size_t cap)
{
    size_t at = 0, n = 0;
    struct td_split_night night;
    counts = (struct td_split_counts){0};
    while (td_split_series_next(&series, facts, count, &at, &counts, &night))
        if (n++ < cap)
            out[n - 1] = night;
    return n;
}

static void two_for_one(void **state)
{
    (void)state;
    struct td_split_night n;
    for (int64_t d = 0; d < 10; d++)
        day_file(d, 100, 1000);
    for (int64_t d = 10; d < 15; d++)
        day_file(d, 50, d == 10 ? 4000 : 2000);
    assert_int_equal(find(NULL, 0, &n, 1), 1);
    assert_true(n.ratio == 2 && fabs(n.confidence - 1) < 1e-9);
    assert_int_equal(n.before, DAY0 + 9);
    assert_int_equal(n.day, DAY0 + 10);
    assert_int_equal(n.stale_files, 10);
    assert_int_equal(n.mixed_files, 0);
    assert_int_equal(n.known, TD_SPLIT_NO_FACTORS);
    assert_int_equal(n.previous.e9, 100 * TD_E9);
    assert_int_equal(counts.nights, 14);
}

static void one_for_four_and_a_crash(void **state)
{
    (void)state;
    struct td_split_night n;
    for (int64_t d = 0; d < 5; d++)
        day_file(d, 5, 1000);
    day_file(5, 20.1, 5000);
    assert_int_equal(find(NULL, 0, &n, 1), 1);
    assert_true(n.ratio == 0.25 && n.confidence > 0.9);
    assert_int_equal(n.stale_files, 5);
    td_split_series_reset(&series);
    for (int64_t d = 0; d < 5; d++)
        day_file(d, 100, 1000);
    day_file(5, 55, 1000); /* 45 percent down on the usual volume */
    assert_int_equal(find(NULL, 0, &n, 1), 0);
    assert_int_equal(counts.doubts, 0);
    day_file(6, 27, 1000); /* half and a little: 2.04, without volume */
    assert_int_equal(find(NULL, 0, &n, 1), 0);
    assert_int_equal(counts.doubts, 1);
}

/* The split in a hole of a few days is seen; of a hole of months only a fact is believed. */
static void holes(void **state)
{
    (void)state;
    struct td_split_night n;
    const struct td_split_fact facts[] = {{DAY0 + 30, 2}};
    day_file(0, 100, 1000);
    day_file(1, 100, 1000);
    day_file(1 + TD_SPLIT_HOLE_DAYS, 50, 3000);
    assert_int_equal(find(NULL, 0, &n, 1), 1);
    assert_int_equal(n.before, DAY0 + 1);
    assert_int_equal(n.stale_files, 2);
    td_split_series_reset(&series);
    day_file(0, 100, 1000);
    day_file(1, 100, 1000);
    day_file(2 + TD_SPLIT_HOLE_DAYS, 50, 3000);
    assert_int_equal(find(NULL, 0, &n, 1), 0);
    assert_int_equal(counts.holes, 1);
    day_file(60, 25, 1000);
    assert_int_equal(find(facts, 1, &n, 1), 1);
    assert_int_equal(n.day, DAY0 + 60);
    assert_int_equal(n.known, TD_SPLIT_KNOWN);
}

/* Files of minutes bring the day before, as their writer sees it on their day: at the new scale on the day of the split. */
static void day_before_at_another_scale(void **state)
{
    (void)state;
    struct td_split_night n;
    for (int64_t d = 0; d < 8; d++) {
        const double scale = d < 5 ? 1 : 0.5;
        td_split_series_begin(&series, DAY0 + d);
        if (d > 0)
            for (int m = 570; m < 960; m += 30)
                bar(d - 1, m, scale * (100 + (m > 700)), d == 5 ? 80 : 40);
        for (int m = 570; m < 660; m += 30)
            bar(d, m, scale * 100, d == 5 ? 900 : 40);
        TD_OK_OR_FAIL(td_split_series_end(&series));
    }
    assert_int_equal(find(NULL, 0, &n, 1), 1);
    assert_int_equal(n.day, DAY0 + 5);
    assert_int_equal(n.previous.e9,
                     100 * TD_E9); /* of the file of that day, not the adjusted one */
    assert_int_equal(n.stale_files, 5);
    assert_int_equal(n.mixed_files, 0);
    assert_int_equal(series.days.rows[2].close.e9,
                     101 * TD_E9); /* where they agree, the later bar */
}

static void one_file_of_all_days(void **state)
{
    (void)state;
    struct td_split_night n, again;
    for (int turn = 0; turn < 2; turn++) {
        td_split_series_reset(&series);
        td_split_series_begin(&series, INT64_MIN);
        for (int64_t i = 0; i < 40; i++) {
            const int64_t d = turn ? 39 - i : i;
            bar(d, 959, d < 30 ? 90 : 30, d == 30 ? 9000 : 1000);
            bar(d, 570, d < 30 ? 90 : 30, 0);
        }
        TD_OK_OR_FAIL(td_split_series_end(&series));
        assert_int_equal(find(NULL, 0, turn ? &again : &n, 1), 1);
    }
    assert_true(n.ratio == 3 && again.ratio == 3);
    assert_int_equal(n.stale_files, 0);
    assert_int_equal(n.mixed_files, 1);
    assert_int_equal(again.day, n.day);
    assert_true(again.confidence == n.confidence);
}

/* A file that was adjusted lies beside files of a day that were not: it is neither stale nor mixed. */
static void an_adjusted_file_beside(void **state)
{
    (void)state;
    struct td_split_night n;
    td_split_series_begin(&series, INT64_MIN);
    for (int64_t d = 0; d < 10; d++)
        bar(d, 570, 50, 2000);
    TD_OK_OR_FAIL(td_split_series_end(&series));
    for (int64_t d = 0; d < 10; d++)
        day_file(d, d < 6 ? 100 : 50, d == 6 ? 9000 : 2000);
    assert_int_equal(find(NULL, 0, &n, 1), 1);
    assert_int_equal(n.day, DAY0 + 6);
    assert_int_equal(n.stale_files, 6);
    assert_int_equal(n.mixed_files, 0);
}

static void factor_files(void **state)
{
    (void)state;
    struct td_split_night n[2];
    const struct td_split_fact facts[] = {{DAY0 + 1, 3}, {DAY0 + 4, 2}, {DAY0 + 6, 1.1}};
    for (int64_t d = 0; d < 9; d++) /* 4 percent more beside the split, on the usual volume */
        day_file(d, d < 5 ? 100 : d < 7 ? 52 : 47, 1000);
    assert_int_equal(find(NULL, 0, n, 2), 0);
    assert_int_equal(find(facts, 3, n, 2),
                     1); /* the first did not happen here, the last is too small */
    assert_true(n[0].ratio == 2 && n[0].factor == 0.5 && n[0].confidence < 0.7);
    assert_int_equal(n[0].known, TD_SPLIT_KNOWN);
    assert_int_equal(n[0].before, DAY0 + 4);
    td_split_series_reset(&series);
    day_file(0, 100, 1000);
    day_file(1, 25, 9000);
    assert_int_equal(find(facts, 1, n, 2), 1);
    assert_int_equal(n[0].known, TD_SPLIT_UNKNOWN);
    assert_true(n[0].ratio == 4);
    assert_int_equal(find(facts, 0, n, 2), 1); /* a factor file without splits */
    assert_int_equal(n[0].known, TD_SPLIT_UNKNOWN);
}

static void limits(void **state)
{
    (void)state;
    const struct td_bar_row row = {0, {.open = {TD_E9}, .close = {TD_E9}}};
    enum td_err err = TD_OK;
    td_split_series_begin(&series, INT64_MIN);
    TD_OK_OR_FAIL(td_split_series_end(&series)); /* without bars: no file */
    assert_int_equal(series.file_count, 0);
    td_split_series_begin(&series, INT64_MIN);
    for (size_t i = 0; i <= TD_SPLIT_DAYS_MAX; i++) {
        struct td_bar_row r = row;
        assert_int_equal(err, TD_OK);
        r.local_ns = ((int64_t)i - 40000) * TD_DAY + 1;
        err = td_split_series_bar(&series, &r);
    }
    assert_int_equal(err, TD_EFULL);
    assert_int_equal(series.days.count, 0);
    day_file(1, 5, 100); /* what was begun is forgotten */
    assert_int_equal(series.days.count, 1);
    for (size_t i = 1; i < TD_SPLIT_SERIES_MAX; i++)
        day_file(1, 5, 100);
    td_split_series_begin(&series, INT64_MIN);
    bar(2, 570, 5, 1);
    assert_int_equal(td_split_series_end(&series), TD_EFULL);
    assert_int_equal(series.days.count, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(two_for_one, fresh),
        cmocka_unit_test_setup(one_for_four_and_a_crash, fresh),
        cmocka_unit_test_setup(holes, fresh),
        cmocka_unit_test_setup(day_before_at_another_scale, fresh),
        cmocka_unit_test_setup(one_file_of_all_days, fresh),
        cmocka_unit_test_setup(an_adjusted_file_beside, fresh),
        cmocka_unit_test_setup(factor_files, fresh),
        cmocka_unit_test_setup(limits, fresh),
    };
    return cmocka_run_group_tests_name("history/split_series", tests, NULL, finish);
}
