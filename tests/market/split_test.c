/* tests/market/split_test.c - splits in prices and in factor files: made ones and Apple's of 2014, and names of map files. */
#include "market/split.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "market/factors.h"
#include "support/support.h"

static struct td_split look(int64_t previous, int64_t next, int64_t volume, int64_t mean)
{
    const struct td_split_look l = {TD_PX(previous), TD_PX(next), TD_QTY(volume), TD_QTY(mean)};
    return td_split_detect(&l);
}

static void ratios(void **state)
{
    (void)state;
    struct td_split s = look(100, 50, 300, 100);
    assert_true(s.found && s.ratio == 2 && fabs(s.confidence - 1) < 1e-12);
    s = look(100, 50, 0, 0); /* the gap alone is just enough */
    assert_true(s.found && s.ratio == 2 && fabs(s.confidence - 0.7) < 1e-12);
    s = look(99, 33, 300, 100);
    assert_true(s.found && s.ratio == 3);
    s = look(25, 100, 300, 100); /* one for four */
    assert_true(s.found && s.ratio == 0.25);
    s = look(100, 49, 100, 100); /* near, without the volume */
    assert_true(!s.found && s.ratio == 2 && s.confidence > 0.5);
    s = look(100, 49, 400, 100);
    assert_true(s.found);
    s = look(100, 44, 400, 100); /* a crash is no ratio */
    assert_false(s.found);
    s = look(100, 61, 400, 100);
    assert_true(!s.found && s.ratio == 1 && s.confidence == 0);
    s = look(0, 50, 1, 1);
    assert_true(!s.found && s.ratio == 1);
    const struct td_split_look none = {TD_PX_NONE, TD_PX(5), TD_QTY(1), TD_QTY(1)};
    assert_false(td_split_detect(&none).found);
}

static void factor_rows(void **state)
{
    (void)state;
    struct td_factor_row rows[4];
    struct td_split_fact splits[4];
    struct td_fail why = {0};
    size_t count = 0;
    TD_OK_OR_FAIL(td_factors_parse(
        td_str_of("20140606,0.9,0.1428571,645.57\r\n20150101,0.95,1\n\n20501231,1,1,0\n"), rows, 4,
        &count, NULL));
    assert_int_equal(count, 3);
    assert_int_equal(td_factor_splits(rows, count, splits, 4), 1);
    assert_true(splits[0].ratio == 7 && splits[0].day == rows[0].day);
    assert_ptr_equal(td_factor_at(rows, count, rows[0].day), &rows[0]);
    assert_ptr_equal(td_factor_at(rows, count, rows[0].day + 1), &rows[1]);
    assert_null(td_factor_at(rows, count, rows[2].day + 1));
    assert_int_equal(
        td_factors_parse(td_str_of("20140606,1,1\n20140605,1,1\n"), rows, 4, &count, &why),
        TD_EPARSE);
    assert_string_equal(why.text, "line 2 is no factor row in order");
    assert_int_equal(td_factors_parse(td_str_of("20140606,0,1\n"), rows, 4, &count, &why),
                     TD_EPARSE);
    assert_int_equal(td_factors_parse(td_str_of("20140606,1,1,x\n"), rows, 4, &count, &why),
                     TD_EPARSE);
    assert_int_equal(
        td_factors_parse(td_str_of("20140606,1,1\n20140607,1,1\n"), rows, 1, &count, &why),
        TD_EFULL);
}

static void map_rows(void **state)
{
    (void)state;
    struct td_map_row rows[3];
    size_t count = 0;
    TD_OK_OR_FAIL(
        td_map_file_parse(td_str_of("20120101,old,Q\n20501231,new,N\n"), rows, 3, &count, NULL));
    assert_string_equal(td_map_file_at(rows, count, rows[0].day), "OLD");
    assert_string_equal(td_map_file_at(rows, count, rows[0].day + 1), "NEW");
    assert_int_equal(rows[1].exchange, 'N');
    assert_null(td_map_file_at(rows, count, rows[1].day + 1));
    assert_int_equal(td_map_file_parse(td_str_of("20120101\n"), rows, 3, &count, NULL), TD_EPARSE);
}

/* Apple's 2:1 of 2000 and 2005, 7:1 of 2014 (raw closes 645.57 and 93.70) and 4:1 of 2020, as far as the file reaches. */
static void apple(void **state)
{
    (void)state;
    static struct td_factor_row rows[1024];
    struct td_split_fact splits[8];
    const char *path = td_test_data("lean/equity/usa/factor_files/aapl.csv");
    size_t len = 0, count = 0;
    if (!path)
        td_skip_data("lean/equity/usa/factor_files/aapl.csv");
    char *text = td_test_slurp(path, &len);
    TD_OK_OR_FAIL(td_factors_parse((struct td_str){text, len}, rows, TD_COUNT(rows), &count, NULL));
    free(text);
    const size_t n = td_factor_splits(rows, count, splits, TD_COUNT(splits));
    assert_true(n >= 3);
    assert_true(splits[0].ratio == 2 && splits[1].ratio == 2 && splits[2].ratio == 7);
    int64_t day = 0;
    TD_OK_OR_FAIL(td_date_parse("2014-06-06", 10, &day));
    assert_int_equal(splits[2].day, day);
    const struct td_split_look l = {{645570000000}, {93700000000}, TD_QTY(75), TD_QTY(12)};
    const struct td_split s = td_split_detect(&l);
    assert_true(s.found && s.ratio == 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ratios),
        cmocka_unit_test(factor_rows),
        cmocka_unit_test(map_rows),
        cmocka_unit_test(apple),
    };
    return cmocka_run_group_tests_name("market/split", tests, NULL, NULL);
}
