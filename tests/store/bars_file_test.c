/* tests/store/bars_file_test.c - bars as Parquet and CSV, and files that appear whole or not at all. */
#include "store/bars_read.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "fault_world.h"
#include "wire/parquet.h"

enum { BARS = 3 };

static const struct td_bar_row rows[BARS] = {
    {INT64_C(1763717400000000000),
     {{100 * TD_E9},
      {101 * TD_E9},
      {99 * TD_E9},
      {100 * TD_E9 + TD_E9 / 2},
      {1500 * TD_E9},
      {100 * TD_E9},
      60 * TD_SEC,
      42}},
    {INT64_C(1763717460000000000), {{1}, {2}, {1}, {2}, {0}, {TD_E9_NONE}, 60 * TD_SEC, -1}},
    {INT64_C(1763717520000000000),
     {{-TD_E9}, {0}, {-2 * TD_E9}, {-TD_E9}, {TD_E9 / 4}, {0}, 60 * TD_SEC, 7}},
};

static char *image;
static size_t image_len;

static enum td_err give(void *arg, uint64_t offset, void *buf, size_t len)
{
    (void)arg;
    memcpy(buf, image + offset, len);
    return TD_OK;
}

static struct td_pq_values column(struct td_pq_reader *r, const char *name, struct td_arena *arena)
{
    struct td_pq_values v;
    const int c = td_pq_column_find(r, name);
    assert_true(c >= 0);
    TD_OK_OR_FAIL(td_pq_read_column(r, 0, (size_t)c, arena, &v, NULL));
    assert_int_equal(v.rows, BARS);
    return v;
}

static void parquet(void **state)
{
    (void)state;
    static uint8_t block[1 << 20];
    struct fault_world w;
    struct td_arena arena;
    struct td_pq_reader *r;
    char path[200];
    fault_world_open(&w);
    (void)snprintf(path, sizeof path, "%s/bars.parquet", td_test_folder("bars"));
    TD_OK_OR_FAIL(td_bars_write_parquet(&w.world, path, rows, BARS, NULL));
    image = td_test_slurp(path, &image_len);
    td_arena_init(&arena, block, sizeof block);
    const struct td_pq_source source = {give, NULL, image_len};
    TD_OK_OR_FAIL(td_pq_reader_open(&r, &source, &arena, NULL));
    static const char *const names[] = {"open",   "high", "low",   "close",
                                        "volume", "wap",  "count", "datetime"};
    assert_int_equal(td_pq_columns(r), TD_COUNT(names));
    for (size_t i = 0; i < TD_COUNT(names); i++)
        assert_string_equal(td_pq_column_at(r, i)->name, names[i]);
    assert_int_equal(td_pq_column_at(r, 7)->logical, TD_PQ_TIME_NS_LOCAL);
    assert_true(((const double *)column(r, "close", &arena).values)[0] == 100.5);
    assert_true(isnan(((const double *)column(r, "wap", &arena).values)[1]));
    assert_true(((const double *)column(r, "low", &arena).values)[2] == -2.0);
    assert_int_equal(((const int64_t *)column(r, "count", &arena).values)[1], -1);
    assert_int_equal(((const int64_t *)column(r, "datetime", &arena).values)[2], rows[2].local_ns);
    const struct td_str pandas = td_pq_meta(r, "pandas");
    assert_non_null(pandas.p);
    assert_true(td_str_starts(pandas, "{\"index_columns\":[\"datetime\"]"));
    free(image);
    fault_world_close(&w);
}

static void csv(void **state)
{
    (void)state;
    struct fault_world w;
    char path[200];
    size_t len;
    fault_world_open(&w);
    (void)snprintf(path, sizeof path, "%s/bars.csv", td_test_folder("bars"));
    TD_OK_OR_FAIL(td_bars_write_csv(&w.world, path, rows, BARS, NULL));
    char *text = td_test_slurp(path, &len);
    assert_string_equal(
        text, "datetime,open,high,low,close,volume,wap,count\n"
              "2025-11-21 09:30:00,100,101,99,100.5,1500,100,42\n"
              "2025-11-21 09:31:00,0.000000001,0.000000002,0.000000001,0.000000002,0,,-1\n"
              "2025-11-21 09:32:00,-1,0,-2,-1,0.25,0,7\n");
    free(text);
    assert_int_equal(td_bars_write_csv(&w.world, path, rows, 0, NULL), TD_EINVAL);
    assert_int_equal(td_bars_write_parquet(&w.world, path, rows, 0, NULL), TD_EINVAL);
    fault_world_close(&w);
}

typedef enum td_err write_fn(struct td_world *world, const char *path,
                             const struct td_bar_row *bars, size_t count, struct td_fail *why);

static struct td_bar_row got[BARS + 1];
static size_t got_count;

static enum td_err collect(void *arg, const struct td_bar_row *row)
{
    (void)arg;
    if (got_count == TD_COUNT(got))
        return TD_EFULL;
    got[got_count++] = *row;
    return TD_OK;
}

/* Both forms come back equal, under a name that says nothing. */
static void read_back(void **state)
{
    (void)state;
    static write_fn *const writers[] = {td_bars_write_parquet, td_bars_write_feather};
    struct fault_world w;
    char path[200];
    fault_world_open(&w);
    (void)snprintf(path, sizeof path, "%s/SPY_USUSD_1 min.ftr", td_test_folder("bars"));
    for (size_t k = 0; k < TD_COUNT(writers); k++) {
        TD_OK_OR_FAIL(writers[k](&w.world, path, rows, BARS, NULL));
        got_count = 0;
        TD_OK_OR_FAIL(td_bars_read(&w.world, path, collect, NULL, NULL));
        assert_int_equal(got_count, BARS);
        for (size_t i = 0; i < BARS; i++) {
            struct td_bar_row want = rows[i];
            want.bar.span = 0; /* not in the file */
            assert_memory_equal(&got[i].bar, &want.bar, sizeof want.bar);
            assert_int_equal(got[i].local_ns, want.local_ns);
        }
    }
    got_count = BARS; /* room for one more: what the sink says ends it */
    assert_int_equal(td_bars_read(&w.world, path, collect, NULL, NULL), TD_EFULL);
    fault_world_close(&w);
}

static void other_files_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        enum td_err err;
        const char *text;
    } cases[] = {{"FEA1 and so on", TD_EVERSION, "FEA1"},
                 {"open,high,low", TD_EPARSE, "neither"},
                 {"", TD_EPARSE, "neither"},
                 {"PAR1", TD_EPARSE, "bars.ftr"},
                 {"ARROW1", TD_EPARSE, "bars.ftr"}};
    struct fault_world w;
    char path[200];
    fault_world_open(&w);
    (void)snprintf(path, sizeof path, "%s/bars.ftr", td_test_folder("bars"));
    for (size_t i = 0; i < TD_COUNT(cases); i++) {
        struct td_fail why = {.text = ""};
        TD_OK_OR_FAIL(td_file_replace(&w.real, path, td_str_of(cases[i].bytes), NULL));
        assert_int_equal(td_bars_read(&w.world, path, collect, NULL, &why), cases[i].err);
        assert_non_null(strstr(why.text, cases[i].text));
    }
    (void)td_file_remove(&w.real, path);
    assert_int_equal(td_bars_read(&w.world, path, collect, NULL, NULL), TD_ENOENT);
    fault_world_close(&w);
}

/* The n-th call fails: the error comes back, the old file or none is there, nothing is left over. */
static void whole_or_not(void **state)
{
    (void)state;
    struct fault_world w;
    char path[200], tmp[208];
    fault_world_open(&w);
    (void)snprintf(path, sizeof path, "%s/bars.parquet", td_test_folder("bars"));
    (void)snprintf(tmp, sizeof tmp, "%s.tmp", path);
    bool done = false;
    for (uint64_t n = 1; !done; n++) {
        (void)td_file_remove(&w.real, path);
        fault_arm(&w, n, TD_ENOSPC, false);
        const enum td_err err = td_bars_write_parquet(&w.world, path, rows, BARS, NULL);
        done = w.calls < n;
        assert_int_equal(err, done ? TD_OK : TD_ENOSPC);
        assert_int_equal(td_entry_at(&w.real, tmp), TD_ENTRY_NONE);
    }
    fault_world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parquet),      cmocka_unit_test(csv),
        cmocka_unit_test(read_back),    cmocka_unit_test(other_files_are_refused),
        cmocka_unit_test(whole_or_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
