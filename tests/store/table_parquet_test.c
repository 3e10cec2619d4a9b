/* tests/store/table_parquet_test.c - types and names of columns, values read back, nulls, several groups, and files whole or not at all. */
#include "store/table_parquet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fault_world.h"
#include "wire/parquet.h"

static char *image;
static size_t image_len;
static uint8_t block[8 << 20];
static struct td_arena arena;

static enum td_err give(void *arg, uint64_t offset, void *buf, size_t len)
{
    (void)arg;
    memcpy(buf, image + offset, len);
    return TD_OK;
}

/* Writes a CSV text as Parquet and opens it. */
static struct td_pq_reader *convert(struct fault_world *w, const char *csv, char *path,
                                    struct td_table_parquet *made)
{
    struct td_table table;
    struct td_pq_reader *r = NULL;
    (void)snprintf(path, 300, "%s/t.parquet", td_test_folder("table-file"));
    TD_OK_OR_FAIL(td_table_load_bytes(&table, td_str_of(csv), "t.csv", NULL, NULL));
    TD_OK_OR_FAIL(td_table_write_parquet(&table, &w->world, path, "t.csv", made, NULL));
    td_table_fini(&table);
    image = td_test_slurp(path, &image_len);
    td_arena_init(&arena, block, sizeof block);
    const struct td_pq_source source = {give, NULL, image_len};
    TD_OK_OR_FAIL(td_pq_reader_open(&r, &source, &arena, NULL));
    return r;
}

static struct td_pq_values column(struct td_pq_reader *r, size_t c)
{
    struct td_pq_values v;
    TD_OK_OR_FAIL(td_pq_read_column(r, 0, c, &arena, &v, NULL));
    return v;
}

static void types(void **state)
{
    (void)state;
    struct fault_world w;
    struct td_table_parquet made;
    char path[300];
    uint64_t rows = 0;
    fault_world_open(&w);
    struct td_pq_reader *r = convert(&w,
                                     "i,d,when,day,text,zip,mixed,i,,none\n"
                                     "1,1,2025-07-29 09:30:00,2025-07-29,x,007,1,5,a,\n"
                                     "-2,2.5,2025-07-29 09:31:00.5,2025-07-30,\"a,b\",12,z,,b,NaN\n"
                                     ",NaN,,,,,,6,c,\n",
                                     path, &made);
    static const struct {
        const char *name;
        enum td_pq_type type;
    } expected[] = {{"i", TD_PQ_INT64},     {"d", TD_PQ_DOUBLE},   {"when", TD_PQ_INT64},
                    {"day", TD_PQ_INT64},   {"text", TD_PQ_BYTES}, {"zip", TD_PQ_BYTES},
                    {"mixed", TD_PQ_BYTES}, {"i.1", TD_PQ_INT64},  {"Unnamed: 8", TD_PQ_BYTES},
                    {"none", TD_PQ_BYTES}};
    assert_int_equal(td_pq_columns(r), TD_COUNT(expected));
    for (size_t i = 0; i < TD_COUNT(expected); i++) {
        assert_string_equal(td_pq_column_at(r, i)->name, expected[i].name);
        assert_int_equal(td_pq_column_at(r, i)->type, expected[i].type);
    }
    assert_int_equal(td_pq_column_at(r, 2)->logical, TD_PQ_TIME_NS_LOCAL);
    struct td_pq_values v = column(r, 0);
    assert_int_equal(((const int64_t *)v.values)[1], -2);
    assert_int_equal(v.present[2], 0);
    v = column(r, 1);
    assert_true(((const double *)v.values)[1] == 2.5);
    assert_int_equal(v.present[2], 0); /* NaN */
    v = column(r, 2);
    assert_int_equal(((const int64_t *)v.values)[1] % TD_DAY,
                     9 * TD_HOUR + 31 * TD_MIN + TD_SEC / 2);
    assert_true(td_str_is(((const struct td_str *)column(r, 4).values)[1], "a,b"));
    assert_true(td_str_is(((const struct td_str *)column(r, 5).values)[0], "007"));
    assert_true(td_str_is(td_pq_meta(r, "tapedeck.source"), "t.csv"));
    TD_OK_OR_FAIL(td_parquet_check(&w.real, path, &rows, NULL));
    assert_int_equal(rows, 3);
    assert_int_equal(made.rows, 3);
    assert_int_equal(made.bytes, image_len);
    free(image);
    fault_world_close(&w);
}

static void many_rows_are_several_groups(void **state)
{
    (void)state;
    enum { ROWS = 150000 };
    struct fault_world w;
    struct td_table_parquet made;
    struct td_text t;
    char path[300];
    uint64_t rows = 0;
    fault_world_open(&w);
    char *csv = malloc(ROWS * 24 + 16);
    td_text_init(&t, csv, ROWS * 24 + 16);
    td_text_put(&t, "n,s\n");
    for (int i = 0; i < ROWS; i++)
        td_text_printf(&t, "%d,row %d\n", i, i);
    struct td_pq_reader *r = convert(&w, csv, path, &made);
    assert_int_equal(td_pq_groups(r), 3);
    assert_int_equal(td_pq_rows(r), ROWS);
    TD_OK_OR_FAIL(td_parquet_check(&w.real, path, &rows, NULL));
    assert_int_equal(rows, ROWS);
    image[image_len / 2] ^= 0x55; /* a damaged file does not pass */
    TD_OK_OR_FAIL(td_file_replace(&w.real, path, (struct td_str){image, image_len / 2}, NULL));
    assert_int_not_equal(td_parquet_check(&w.real, path, &rows, NULL), TD_OK);
    free(image);
    free(csv);
    fault_world_close(&w);
}

static void refusals(void **state)
{
    (void)state;
    struct fault_world w;
    struct td_table table;
    struct td_table_parquet made;
    struct td_text t;
    char wide[2000];
    fault_world_open(&w);
    TD_OK_OR_FAIL(td_table_load_bytes(&table, td_str_of("a,b\n"), "t", NULL, NULL));
    assert_int_equal(td_table_write_parquet(&table, &w.world, "/nowhere/x", "t", &made, NULL),
                     TD_EPARSE);
    td_table_fini(&table);
    td_text_init(&t, wide, sizeof wide);
    for (int i = 0; i < 129; i++)
        td_text_put(&t, "c,");
    td_text_put(&t, "\n");
    for (int i = 0; i < 129; i++)
        td_text_put(&t, "1,");
    TD_OK_OR_FAIL(td_table_load_bytes(&table, td_str_of(wide), "t", NULL, NULL));
    assert_int_equal(td_table_write_parquet(&table, &w.world, "/nowhere/x", "t", &made, NULL),
                     TD_ERANGE);
    td_table_fini(&table);
    fault_world_close(&w);
}

/* The n-th call fails: the error comes back, and neither a new file nor a rest of one is there. */
static void whole_or_not(void **state)
{
    (void)state;
    struct fault_world w;
    struct td_table table;
    struct td_table_parquet made;
    char path[300], tmp[310], copy[310];
    bool done = false;
    fault_world_open(&w);
    (void)snprintf(path, sizeof path, "%s/f.parquet", td_test_folder("table-file"));
    (void)snprintf(tmp, sizeof tmp, "%s.tmp", path);
    (void)snprintf(copy, sizeof copy, "%s.copy", path);
    TD_OK_OR_FAIL(td_table_load_bytes(&table, td_str_of("a,b\n1,x\n"), "t", NULL, NULL));
    for (uint64_t n = 1; !done; n++) {
        (void)td_file_remove(&w.real, path);
        fault_arm(&w, n, TD_ENOSPC, false);
        const enum td_err err = td_table_write_parquet(&table, &w.world, path, "t", &made, NULL);
        done = w.calls < n;
        assert_int_equal(err, done ? TD_OK : TD_ENOSPC);
        assert_int_equal(td_entry_at(&w.real, tmp), TD_ENTRY_NONE);
    }
    done = false;
    for (uint64_t n = 1; !done; n++) {
        (void)td_file_remove(&w.real, copy);
        fault_arm(&w, n, TD_ENOSPC, false);
        const enum td_err err = td_file_copy(&w.world, path, copy, NULL);
        done = w.calls < n;
        assert_int_equal(err, done ? TD_OK : TD_ENOSPC);
    }
    td_table_fini(&table);
    fault_world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(types),
        cmocka_unit_test(many_rows_are_several_groups),
        cmocka_unit_test(refusals),
        cmocka_unit_test(whole_or_not),
    };
    return cmocka_run_group_tests_name("store/table_parquet", tests, NULL, NULL);
}
