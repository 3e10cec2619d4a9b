/* store/table_copy.c - reads a table twice: to judge it and measure its text, then to write it. */
#include "store/table_copy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/session_out.h"
#include "store/table_file.h"

#define GROUP_CELLS ((size_t)2 << 20)
#define GROUP_ROWS  ((size_t)65536)

struct copy {
    struct td_table_file *source;
    size_t columns, slice_rows;
    size_t load[TD_PQ_COLUMNS_MAX];
    char names[TD_PQ_COLUMNS_MAX][TD_PQ_NAME_CHARS];
    struct td_pq_column schema[TD_PQ_COLUMNS_MAX];
    struct td_pq_values values[TD_PQ_COLUMNS_MAX];
    uint64_t rows;
    size_t slices, text_max; /* of all groups; of one column in one slice */
    struct td_pq_writer *writer;
    struct td_out out;
    char pandas[65536];
    struct td_pq_pair pairs[2];
};

/* ---- judging ---- */

static enum td_err take_column(struct copy *c, size_t at, struct td_fail *why)
{
    const struct td_pq_column *from = td_table_file_column_at(c->source, at);
    const char *what = from->list ? "lists"
                       : from->type == TD_PQ_BYTES && from->logical != TD_PQ_UTF8
                           ? "bytes that are no text"
                           : NULL;
    (void)snprintf(c->names[at], sizeof c->names[at], "%s", from->name);
    if (what)
        return td_fail_set(why, TD_EUNSUP, "column %s: %s are no cells of a table", from->name,
                           what);
    c->load[at] = at;
    c->schema[at] = (struct td_pq_column){
        .name = c->names[at], .type = from->type, .logical = from->logical, .optional = true};
    return TD_OK;
}

static enum td_err take_schema(struct copy *c, struct td_fail *why)
{
    enum td_err err = TD_OK;
    c->columns = td_table_file_columns(c->source);
    if (c->columns == 0 || c->columns > TD_PQ_COLUMNS_MAX)
        return td_fail_set(why, TD_ERANGE, "%zu columns; 1..%d are possible", c->columns,
                           TD_PQ_COLUMNS_MAX);
    for (size_t i = 0; i < c->columns && !err; i++)
        err = take_column(c, i, why);
    c->slice_rows = GROUP_CELLS / c->columns < GROUP_ROWS ? GROUP_CELLS / c->columns : GROUP_ROWS;
    return err;
}

static void measure_text(struct copy *c, const struct td_pq_values *v)
{
    const struct td_str *texts = v->values;
    size_t sum = 0;
    for (size_t r = 0; r < v->rows; r++) {
        if (r % c->slice_rows == 0)
            sum = 0;
        if (!v->present || v->present[r])
            sum += texts[r].len;
        c->text_max = sum > c->text_max ? sum : c->text_max;
    }
}

/* Every column of every group: what can be read of a file is known before any of it is written. */
static enum td_err survey(struct copy *c, struct td_fail *why)
{
    enum td_err err = take_schema(c, why);
    c->text_max = 64;
    for (size_t g = 0; g < td_table_file_groups(c->source) && !err; g++) {
        err = td_table_file_load(c->source, g, c->load, c->columns, c->values, why);
        for (size_t i = 0; i < c->columns && !err; i++) {
            if (c->schema[i].type == TD_PQ_BYTES)
                measure_text(c, &c->values[i]);
            if (c->values[i].rows != c->values[0].rows)
                err = td_fail_set(why, TD_EPARSE, "column %s: %zu rows, the first column has %zu",
                                  c->names[i], c->values[i].rows, c->values[0].rows);
        }
        c->rows += err ? 0 : c->values[0].rows;
        c->slices += err ? 0 : (c->values[0].rows + c->slice_rows - 1) / c->slice_rows;
    }
    if (!err && c->rows == 0)
        err = td_fail_set(why, TD_EPARSE, "no rows");
    return err;
}

/* ---- writing ---- */

static size_t width_of(enum td_pq_type type)
{
    static const size_t widths[] = {[TD_PQ_BOOL] = 1,
                                    [TD_PQ_INT32] = 4,
                                    [TD_PQ_INT64] = 8,
                                    [TD_PQ_DOUBLE] = 8,
                                    [TD_PQ_BYTES] = sizeof(struct td_str)};
    return widths[type];
}

static enum td_err write_slices(struct copy *c, struct td_fail *why)
{
    struct td_pq_data data[TD_PQ_COLUMNS_MAX];
    enum td_err err = TD_OK;
    const size_t rows = c->values[0].rows;
    for (size_t at = 0; at < rows && !err; at += c->slice_rows) {
        for (size_t i = 0; i < c->columns; i++) {
            const struct td_pq_values *v = &c->values[i];
            data[i].values = (const uint8_t *)v->values + at * width_of(c->schema[i].type);
            data[i].present = v->present ? v->present + at : NULL;
        }
        err = td_pq_write_group(c->writer, data,
                                rows - at < c->slice_rows ? rows - at : c->slice_rows, why);
    }
    return err;
}

static enum td_err write_groups(struct copy *c, struct td_fail *why)
{
    enum td_err err = TD_OK;
    for (size_t g = 0; g < td_table_file_groups(c->source) && !err; g++) {
        err = td_table_file_load(c->source, g, c->load, c->columns, c->values, why);
        if (!err)
            err = write_slices(c, why);
    }
    return err ? err : td_pq_writer_finish(c->writer, why);
}

static enum td_err write_table(struct copy *c, const char *from, struct td_fail *why)
{
    char index[TD_PQ_NAME_CHARS];
    struct td_text text;
    struct td_arena arena;
    const bool indexed = td_table_file_index(c->source, index, sizeof index) &&
                         td_table_file_find(c->source, index) >= 0;
    td_text_init(&text, c->pandas, sizeof c->pandas);
    td_pq_pandas(&text, c->schema, c->columns, indexed ? index : NULL);
    if (td_text_full(&text))
        return td_fail_set(why, TD_ERANGE, "the names of the columns are too long");
    c->pairs[0] = (struct td_pq_pair){"pandas", c->pandas};
    c->pairs[1] = (struct td_pq_pair){"tapedeck.source", from};
    const struct td_pq_write_options o = {.columns = c->schema,
                                          .column_count = c->columns,
                                          .rows_max = c->rows < c->slice_rows ? (size_t)c->rows
                                                                              : c->slice_rows,
                                          .groups_max = c->slices,
                                          .text_max = c->text_max,
                                          .codec = TD_PQ_SNAPPY,
                                          .pairs = c->pairs,
                                          .pair_count = TD_COUNT(c->pairs),
                                          .created_by = "tapedeck version " TD_VERSION,
                                          .write = td_out_write,
                                          .arg = &c->out};
    const size_t need = td_pq_writer_need(&o);
    void *block = malloc(need);
    if (!block)
        return td_fail_set(why, TD_ENOMEM, "%zu bytes for a group of rows", need);
    td_arena_init(&arena, block, need);
    enum td_err err = td_pq_writer_open(&c->writer, &o, &arena, why);
    if (!err)
        err = write_groups(c, why);
    td_pq_writer_close(c->writer);
    free(block);
    return err;
}

static enum td_err write_file(struct copy *c, struct td_world *world, const char *from,
                              const char *to, struct td_fail *why)
{
    enum td_err err = td_out_open(&c->out, world, to, why);
    if (!err)
        err = write_table(c, from, why);
    if (!err)
        err = td_out_seal(&c->out, why);
    if (!err)
        err = td_out_publish(&c->out, why);
    td_out_drop(&c->out);
    return err;
}

enum td_err td_table_copy(struct td_world *world, const char *from, const char *to,
                          struct td_table_parquet *out, struct td_fail *why)
{
    struct copy *c = calloc(1, sizeof *c);
    if (!c)
        return td_fail_set(why, TD_ENOMEM, "%s: out of memory", from);
    enum td_err err = td_table_file_open(&c->source, world, from, why);
    if (!err) {
        err = survey(c, why);
        if (!err && to)
            err = write_file(c, world, from, to, why);
        if (err)
            (void)td_fail_add(why, err, "%s", from);
    }
    if (!err)
        *out = (struct td_table_parquet){
            .rows = c->rows, .columns = c->columns, .bytes = c->out.bytes};
    td_table_file_close(c->source);
    free(c);
    return err;
}
