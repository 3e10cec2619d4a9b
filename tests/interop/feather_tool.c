/* tests/interop/feather_tool.c - Feather files for readers of others, and what we read in theirs.
 *
 * feather_tool write FOLDER: all_zstd.ftr and all_plain.ftr, ROWS rows made by the formulas of feather_interop.py;
 * bars.ftr and bars.parquet, the same bars. feather_tool dump FILE: its columns as JSON, one array each; the reason on
 * stderr when it cannot be read. feather_tool bars FILE: bars as CSV.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "store/bars_read.h"
#include "store/session_out.h"
#include "store/table_file.h"
#include "sys/uvworld.h"
#include "wire/feather.h"
#include "wire/json.h"

enum { ROWS = 500, PER_BATCH = 200, LEVELS = 4, BARS = 90 };

static const struct td_pq_column schema[] = {
    {"big", TD_PQ_INT64, TD_PQ_NONE, TD_PQ_AUTO, 0, true},
    {"mid", TD_PQ_INT32, TD_PQ_NONE, TD_PQ_AUTO, 0, true},
    {"small", TD_PQ_INT32, TD_PQ_INT16, TD_PQ_AUTO, 0, false},
    {"wide", TD_PQ_INT64, TD_PQ_UINT64, TD_PQ_AUTO, 0, false},
    {"real", TD_PQ_DOUBLE, TD_PQ_NONE, TD_PQ_AUTO, 0, true},
    {"word", TD_PQ_BYTES, TD_PQ_UTF8, TD_PQ_AUTO, 0, true},
    {"flag", TD_PQ_BOOL, TD_PQ_NONE, TD_PQ_AUTO, 0, true},
    {"at", TD_PQ_INT64, TD_PQ_TIME_NS, TD_PQ_AUTO, 0, true},
    {"wall", TD_PQ_INT64, TD_PQ_TIME_NS_LOCAL, TD_PQ_AUTO, 0, false},
    {"prices", TD_PQ_DOUBLE, TD_PQ_NONE, TD_PQ_AUTO, LEVELS, true},
    {"sizes", TD_PQ_INT64, TD_PQ_NONE, TD_PQ_AUTO, LEVELS, true},
};
enum { COLUMNS = TD_COUNT(schema) };

static struct td_world world;
static struct td_fail why;

static struct {
    int64_t big[PER_BATCH], wide[PER_BATCH], at[PER_BATCH], wall[PER_BATCH];
    int64_t sizes[PER_BATCH][LEVELS];
    int32_t mid[PER_BATCH], small[PER_BATCH];
    double real[PER_BATCH], prices[PER_BATCH][LEVELS];
    struct td_str word[PER_BATCH];
    char words[PER_BATCH][32];
    uint8_t flag[PER_BATCH], present[PER_BATCH];
} rows;

static void make_row(int64_t n, size_t i)
{
    rows.big[i] = n * n * n - 7;
    rows.mid[i] = (int32_t)(n * 3 - 700);
    rows.small[i] = (int32_t)(n - 250);
    rows.wide[i] = (int64_t)(UINT64_MAX - (uint64_t)n);
    rows.real[i] = (double)n / 8 - 3;
    (void)snprintf(rows.words[i], sizeof rows.words[i], "row %" PRId64 " \xc3\xa9", n);
    rows.word[i] = td_str_of(rows.words[i]);
    rows.flag[i] = n % 5 == 0;
    rows.at[i] = INT64_C(1763735400000000000) + n * 1000000007;
    rows.wall[i] = INT64_C(1763717400000000000) + n * TD_SEC;
    for (int64_t l = 0; l < LEVELS; l++) {
        rows.prices[i][l] = 100 + (double)(n + l) / 4;
        rows.sizes[i][l] = n * 10 + l;
    }
    rows.present[i] = n % 3 != 0;
}

static enum td_err write_rows(struct td_ftr_writer *w)
{
    const void *const values[COLUMNS] = {rows.big,  rows.mid,    rows.small, rows.wide,
                                         rows.real, rows.word,   rows.flag,  rows.at,
                                         rows.wall, rows.prices, rows.sizes};
    struct td_pq_data data[COLUMNS];
    enum td_err err = TD_OK;
    for (size_t c = 0; c < COLUMNS; c++)
        data[c] = (struct td_pq_data){values[c],
                                      schema[c].optional && !schema[c].list ? rows.present : NULL};
    for (int64_t n = 0; n < ROWS && !err;) {
        size_t count = 0;
        while (count < PER_BATCH && n < ROWS)
            make_row(n++, count++);
        err = td_ftr_write_group(w, data, count, &why);
    }
    return err;
}

static enum td_err write_all(const char *path, enum td_pq_codec codec)
{
    static struct td_out out;
    static uint8_t block[4 << 20];
    char pandas[4096];
    struct td_text text;
    struct td_arena arena;
    struct td_ftr_writer *w = NULL;
    td_text_init(&text, pandas, sizeof pandas);
    td_pq_pandas(&text, schema, COLUMNS, "wall");
    const struct td_pq_pair pair = {"pandas", pandas};
    const struct td_pq_write_options o = {.columns = schema,
                                          .column_count = COLUMNS,
                                          .rows_max = PER_BATCH,
                                          .groups_max = 3,
                                          .codec = codec,
                                          .pairs = &pair,
                                          .pair_count = 1,
                                          .write = td_out_write,
                                          .arg = &out};
    td_arena_init(&arena, block, sizeof block);
    enum td_err err = td_out_open(&out, &world, path, &why);
    if (!err)
        err = td_ftr_writer_open(&w, &o, &arena, &why);
    if (!err)
        err = write_rows(w);
    if (!err)
        err = td_ftr_writer_finish(w, &why);
    td_ftr_writer_close(w);
    if (!err)
        err = td_out_seal(&out, &why);
    if (!err)
        err = td_out_publish(&out, &why);
    td_out_drop(&out);
    return err;
}

static enum td_err write_folder(const char *folder)
{
    static struct td_bar_row bars[BARS];
    char path[1024];
    for (int i = 0; i < BARS; i++)
        bars[i] = (struct td_bar_row){INT64_C(1763717400000000000) + i * TD_MIN,
                                      {.open = TD_PX(100 + i),
                                       .high = TD_PX(101 + i),
                                       .low = TD_PX(99 + i),
                                       .close = {TD_E9 * (100 + i) + TD_E9 / 4},
                                       .volume = TD_QTY(1000 * i),
                                       .wap = i % 10 ? TD_PX(100 + i) : TD_PX_NONE,
                                       .count = i}};
    enum td_err err = td_folder_make(&world, folder);
    (void)snprintf(path, sizeof path, "%s/all_zstd.ftr", folder);
    if (!err)
        err = write_all(path, TD_PQ_ZSTD);
    (void)snprintf(path, sizeof path, "%s/all_plain.ftr", folder);
    if (!err)
        err = write_all(path, TD_PQ_UNCOMPRESSED);
    (void)snprintf(path, sizeof path, "%s/bars.ftr", folder);
    if (!err)
        err = td_bars_write_feather(&world, path, bars, BARS, &why);
    (void)snprintf(path, sizeof path, "%s/bars.parquet", folder);
    return err ? err : td_bars_write_parquet(&world, path, bars, BARS, &why);
}

/* ---- theirs ---- */

static void put_slot(struct td_json *j, const struct td_pq_column *c, const struct td_pq_values *v,
                     size_t i)
{
    if (v->present && !v->present[i]) {
        td_json_null(j);
    } else if (c->type == TD_PQ_BYTES) {
        td_json_str(j, ((const struct td_str *)v->values)[i]);
    } else if (c->type == TD_PQ_DOUBLE) {
        td_json_double(j, ((const double *)v->values)[i]);
    } else if (c->type == TD_PQ_BOOL) {
        td_json_bool(j, ((const uint8_t *)v->values)[i]);
    } else if (c->type == TD_PQ_INT32) {
        td_json_i64(j, ((const int32_t *)v->values)[i]);
    } else if (c->logical == TD_PQ_UINT64) {
        td_json_u64(j, ((const uint64_t *)v->values)[i]);
    } else {
        td_json_i64(j, ((const int64_t *)v->values)[i]);
    }
}

static enum td_err put_column(struct td_json *j, struct td_table_file *f, size_t c)
{
    enum td_err err = TD_OK;
    td_json_key(j, td_table_file_column_at(f, c)->name);
    td_json_array(j);
    for (size_t g = 0; g < td_table_file_groups(f) && !err; g++) {
        struct td_pq_values v;
        err = td_table_file_load(f, g, &c, 1, &v, &why);
        const struct td_pq_column *column = td_table_file_column_at(f, c);
        for (size_t i = 0; i < v.rows && !err; i++) {
            if (!v.starts) {
                put_slot(j, column, &v, i);
                continue;
            }
            td_json_array(j);
            for (size_t e = v.starts[i]; e < v.starts[i + 1]; e++)
                put_slot(j, column, &v, e);
            td_json_array_end(j);
        }
    }
    td_json_array_end(j);
    return err;
}

static enum td_err dump(const char *path)
{
    static char buf[8 << 20];
    struct td_table_file *f;
    struct td_text t;
    struct td_json j;
    enum td_err err = td_table_file_open(&f, &world, path, &why);
    if (err)
        return err;
    td_text_init(&t, buf, sizeof buf);
    td_json_init(&j, &t, false);
    td_json_object(&j);
    for (size_t c = 0; c < td_table_file_columns(f) && !err; c++)
        err = put_column(&j, f, c);
    td_json_object_end(&j);
    if (!err && !td_text_full(&t))
        (void)puts(buf);
    td_table_file_close(f);
    return err;
}

static enum td_err print_bar(void *arg, const struct td_bar_row *row)
{
    char line[256];
    struct td_text t;
    (void)arg;
    td_text_init(&t, line, sizeof line);
    td_text_i64(&t, row->local_ns);
    const int64_t values[] = {row->bar.open.e9,  row->bar.high.e9,   row->bar.low.e9,
                              row->bar.close.e9, row->bar.volume.e9, row->bar.wap.e9};
    for (size_t i = 0; i < TD_COUNT(values); i++) {
        td_text_char(&t, ',');
        td_text_e9(&t, values[i]);
    }
    (void)printf("%s,%d\n", line, (int)row->bar.count);
    return TD_OK;
}

int main(int argc, char **argv)
{
    if (argc != 3 || td_uvworld_open(&world, false, &why))
        return EXIT_FAILURE;
    enum td_err err = TD_EINVAL;
    if (strcmp(argv[1], "write") == 0)
        err = write_folder(argv[2]);
    else if (strcmp(argv[1], "dump") == 0)
        err = dump(argv[2]);
    else if (strcmp(argv[1], "bars") == 0)
        err = td_bars_read(&world, argv[2], print_bar, NULL, &why);
    if (err)
        (void)fprintf(stderr, "%s: %s\n", td_err_name(err), why.text);
    td_uvworld_close(&world);
    return err ? EXIT_FAILURE : EXIT_SUCCESS;
}
