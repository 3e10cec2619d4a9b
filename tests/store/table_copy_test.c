/* tests/store/table_copy_test.c - every type and null of a Feather table in the Parquet copy, what is no table, whole or not. */
#include "store/table_copy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fault_world.h"
#include "store/session_out.h"
#include "store/table_file.h"
#include "wire/feather.h"

enum { MANY = 70000, FEW = 300 }; /* rows of the two batches; the first becomes two groups */

static const struct td_pq_column schema[] = {
    {"word", TD_PQ_BYTES, TD_PQ_UTF8, TD_PQ_AUTO, 0, true},
    {"real", TD_PQ_DOUBLE, TD_PQ_NONE, TD_PQ_AUTO, 0, true},
    {"big", TD_PQ_INT64, TD_PQ_NONE, TD_PQ_AUTO, 0, true},
    {"mid", TD_PQ_INT32, TD_PQ_NONE, TD_PQ_AUTO, 0, true},
    {"small", TD_PQ_INT32, TD_PQ_INT16, TD_PQ_AUTO, 0, false},
    {"wide", TD_PQ_INT64, TD_PQ_UINT64, TD_PQ_AUTO, 0, false},
    {"flag", TD_PQ_BOOL, TD_PQ_NONE, TD_PQ_AUTO, 0, true},
    {"at", TD_PQ_INT64, TD_PQ_TIME_NS, TD_PQ_AUTO, 0, true},
    {"wall", TD_PQ_INT64, TD_PQ_TIME_NS_LOCAL, TD_PQ_AUTO, 0, false},
};
enum { COLUMNS = TD_COUNT(schema) };

static struct {
    struct td_str word[MANY];
    double real[MANY];
    int64_t big[MANY], wide[MANY], at[MANY], wall[MANY];
    int32_t mid[MANY], small[MANY];
    uint8_t flag[MANY], present[MANY], none[MANY];
} rows;

static void make_rows(size_t count)
{
    static const char *const words[] = {"AAPL", "", "a longer word", "\xc3\xa9"};
    for (size_t i = 0; i < count; i++) {
        const int64_t n = (int64_t)i;
        rows.word[i] = td_str_of(words[i % 4]);
        rows.real[i] = (double)n / 8 - 3;
        rows.big[i] = n * n * 1000003 - 7;
        rows.wide[i] = -n - 1;
        rows.at[i] = INT64_C(1763735400000000000) + n * 1000000007;
        rows.wall[i] = INT64_C(1763717400000000000) + n * TD_SEC;
        rows.mid[i] = (int32_t)(n * 3 - 700);
        rows.small[i] = (int32_t)(n % 60000 - 30000);
        rows.flag[i] = n % 5 == 0;
        rows.present[i] = n % 3 != 0;
    }
}

static enum td_err put_batch(struct td_ftr_writer *w, const struct td_pq_column *columns,
                             size_t count, size_t n)
{
    const void *const values[COLUMNS] = {rows.word, rows.real, rows.big, rows.mid, rows.small,
                                         rows.wide, rows.flag, rows.at,  rows.wall};
    struct td_pq_data data[COLUMNS];
    for (size_t c = 0; c < count; c++)
        data[c] = (struct td_pq_data){values[c], columns[c].optional ? rows.present : NULL};
    return td_ftr_write_group(w, data, n, NULL);
}

/* `count` columns, MANY and FEW rows; the pandas index is `wall` when it is there. */
static void put_feather(struct td_world *world, const char *path,
                        const struct td_pq_column *columns, size_t count, size_t many)
{
    static struct td_out out;
    struct td_arena arena;
    struct td_ftr_writer *w = NULL;
    const struct td_pq_pair pair = {"pandas", "{\"index_columns\": [\"wall\"]}"};
    const struct td_pq_write_options o = {.columns = columns,
                                          .column_count = count,
                                          .rows_max = MANY,
                                          .groups_max = 2,
                                          .pairs = &pair,
                                          .pair_count = 1,
                                          .write = td_out_write,
                                          .arg = &out};
    const size_t need = td_ftr_writer_need(&o);
    void *block = malloc(need);
    assert_non_null(block);
    td_arena_init(&arena, block, need);
    TD_OK_OR_FAIL(td_out_open(&out, world, path, NULL));
    TD_OK_OR_FAIL(td_ftr_writer_open(&w, &o, &arena, NULL));
    TD_OK_OR_FAIL(put_batch(w, columns, count, many));
    TD_OK_OR_FAIL(put_batch(w, columns, count, FEW));
    TD_OK_OR_FAIL(td_ftr_writer_finish(w, NULL));
    td_ftr_writer_close(w);
    TD_OK_OR_FAIL(td_out_seal(&out, NULL));
    TD_OK_OR_FAIL(td_out_publish(&out, NULL));
    free(block);
}

static void same_value(size_t c, const struct td_pq_values *v, size_t i, size_t n)
{
    const bool there = !schema[c].optional || rows.present[n];
    assert_int_equal(!v->present || v->present[i], there);
    if (!there)
        return;
    const struct td_str word = c == 0 ? ((const struct td_str *)v->values)[i] : td_str_of("");
    const int64_t big = c == 2 || c == 5 || c >= 7 ? ((const int64_t *)v->values)[i] : 0;
    switch (c) {
    case 0:
        assert_true(word.len == rows.word[n].len && memcmp(word.p, rows.word[n].p, word.len) == 0);
        break;
    case 1:
        assert_true(((const double *)v->values)[i] == rows.real[n]);
        break;
    case 3:
        assert_int_equal(((const int32_t *)v->values)[i], rows.mid[n]);
        break;
    case 4:
        assert_int_equal(((const int32_t *)v->values)[i], rows.small[n]);
        break;
    case 6:
        assert_int_equal(((const uint8_t *)v->values)[i], rows.flag[n]);
        break;
    default:
        assert_int_equal(big, c == 2   ? rows.big[n]
                              : c == 5 ? rows.wide[n]
                              : c == 7 ? rows.at[n]
                                       : rows.wall[n]);
    }
}

static void copied_whole(void **state)
{
    (void)state;
    struct fault_world w;
    struct td_table_file *f;
    struct td_table_parquet made = {0};
    char from[300], to[300], index[TD_PQ_NAME_CHARS];
    fault_world_open(&w);
    (void)snprintf(from, sizeof from, "%s/list.ftr", td_test_folder("table-copy"));
    (void)snprintf(to, sizeof to, "%s/list.parquet", td_test_folder("table-copy"));
    (void)td_file_remove(&w.real, to);
    put_feather(&w.real, from, schema, COLUMNS, MANY);
    TD_OK_OR_FAIL(td_table_copy(&w.world, from, NULL, &made, NULL));
    assert_int_equal(made.rows, MANY + FEW);
    assert_int_equal(td_entry_at(&w.real, to), TD_ENTRY_NONE);
    TD_OK_OR_FAIL(td_table_copy(&w.world, from, to, &made, NULL));
    TD_OK_OR_FAIL(td_table_file_open(&f, &w.real, to, NULL));
    assert_int_equal(td_table_file_form(f), TD_TABLE_PARQUET);
    assert_int_equal(td_table_file_rows(f), MANY + FEW);
    assert_int_equal(td_table_file_groups(f), 3);
    assert_true(td_table_file_index(f, index, sizeof index));
    assert_string_equal(index, "wall");
    for (size_t c = 0; c < COLUMNS; c++) {
        size_t n = 0;
        assert_string_equal(td_table_file_column_at(f, c)->name, schema[c].name);
        assert_int_equal(td_table_file_column_at(f, c)->type, schema[c].type);
        assert_int_equal(td_table_file_column_at(f, c)->logical, schema[c].logical);
        for (size_t g = 0; g < td_table_file_groups(f); g++) {
            struct td_pq_values v;
            TD_OK_OR_FAIL(td_table_file_load(f, g, &c, 1, &v, NULL));
            for (size_t i = 0; i < v.rows; i++, n++)
                same_value(c, &v, i, n % MANY);
        }
    }
    td_table_file_close(f);
    fault_world_close(&w);
}

static void no_table_is_refused(void **state)
{
    (void)state;
    static const struct td_pq_column lists[] = {
        {"prices", TD_PQ_DOUBLE, TD_PQ_NONE, TD_PQ_AUTO, 2, true}};
    static const struct td_pq_column raw[] = {
        {"blob", TD_PQ_BYTES, TD_PQ_NONE, TD_PQ_AUTO, 0, false}};
    struct fault_world w;
    struct td_fail why = {0};
    struct td_table_parquet made = {0};
    char path[300], to[300];
    fault_world_open(&w);
    (void)snprintf(path, sizeof path, "%s/odd.ftr", td_test_folder("table-copy"));
    (void)snprintf(to, sizeof to, "%s/odd.parquet", td_test_folder("table-copy"));
    put_feather(&w.real, path, raw, 1, 5);
    assert_int_equal(td_table_copy(&w.world, path, to, &made, &why), TD_EUNSUP);
    assert_non_null(strstr(why.text, "column blob: bytes that are no text are no cells"));
    memset(rows.word, 0, sizeof rows.word); /* read as pairs of doubles */
    put_feather(&w.real, path, lists, 1, 5);
    assert_int_equal(td_table_copy(&w.world, path, to, &made, &why), TD_EUNSUP);
    assert_non_null(strstr(why.text, "odd.ftr: column prices: lists are no cells of a table"));
    assert_int_equal(td_entry_at(&w.real, to), TD_ENTRY_NONE);
    make_rows(MANY);
    fault_world_close(&w);
}

/* A file cut anywhere is refused, and nothing is published. */
static void damage_is_refused(void **state)
{
    (void)state;
    struct fault_world w;
    struct td_table_parquet made = {0};
    char path[300], to[300];
    size_t len = 0;
    fault_world_open(&w);
    (void)snprintf(path, sizeof path, "%s/torn.ftr", td_test_folder("table-copy"));
    (void)snprintf(to, sizeof to, "%s/torn.parquet", td_test_folder("table-copy"));
    put_feather(&w.real, path, schema, COLUMNS, 50);
    char *bytes = td_test_slurp(path, &len);
    assert_true(len > 2000);
    for (size_t cut = 0; cut < len; cut += 97) {
        struct td_fail why = {0};
        TD_OK_OR_FAIL(td_file_replace(&w.real, path, (struct td_str){bytes, cut}, NULL));
        assert_int_not_equal(td_table_copy(&w.world, path, to, &made, &why), TD_OK);
        assert_non_null(strstr(why.text, "torn.ftr"));
    }
    assert_int_equal(td_entry_at(&w.real, to), TD_ENTRY_NONE);
    free(bytes);
    fault_world_close(&w);
}

static void whole_or_not(void **state)
{
    (void)state;
    struct fault_world w;
    struct td_table_parquet made = {0};
    char path[300], to[300], tmp[310];
    fault_world_open(&w);
    (void)snprintf(path, sizeof path, "%s/few.ftr", td_test_folder("table-copy"));
    (void)snprintf(to, sizeof to, "%s/few.parquet", td_test_folder("table-copy"));
    (void)snprintf(tmp, sizeof tmp, "%s.tmp", to);
    put_feather(&w.real, path, schema, COLUMNS, 50);
    bool done = false;
    for (uint64_t n = 1; !done; n++) {
        (void)td_file_remove(&w.real, to);
        fault_arm(&w, n, TD_ENOSPC, false);
        const enum td_err err = td_table_copy(&w.world, path, to, &made, NULL);
        done = w.calls < n;
        assert_int_equal(err, done ? TD_OK : TD_ENOSPC);
        assert_int_equal(td_entry_at(&w.real, tmp), TD_ENTRY_NONE);
    }
    fault_world_close(&w);
}

static int set_up(void **state)
{
    (void)state;
    make_rows(MANY);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(copied_whole),
        cmocka_unit_test(no_table_is_refused),
        cmocka_unit_test(damage_is_refused),
        cmocka_unit_test(whole_or_not),
    };
    return cmocka_run_group_tests_name("store/table_copy", tests, set_up, NULL);
}
