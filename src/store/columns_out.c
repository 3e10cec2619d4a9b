/* store/columns_out.c - columns of numbers to CSV and Parquet. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "store/columns_file.h"
#include "store/session_out.h"
#include "wire/json.h"
#include "wire/parquet.h"

#define GROUP_ROWS ((size_t)1 << 18)

/* A number that reads back equal, as JSON writes it. */
static void put_number(struct td_text *t, double value)
{
    struct td_json j;
    if (isnan(value))
        return;
    td_json_init(&j, t, false);
    td_json_double(&j, value);
}

static enum td_err write_csv(struct td_out *out, const struct td_columns_out *data)
{
    char line[TD_COLUMNS_MAX * 32 + 64];
    struct td_text t;
    td_text_init(&t, line, sizeof line);
    td_text_put(&t, data->times ? "bar,time" : "bar");
    for (int k = 0; k < data->count; k++)
        td_text_printf(&t, ",%s", data->names[k]);
    td_text_char(&t, '\n');
    enum td_err err = td_out_write(out, line, t.len);
    for (size_t i = 0; !err && i < data->rows; i++) {
        td_text_reset(&t);
        td_text_i64(&t, (int64_t)i);
        if (data->times)
            td_text_char(&t, ',');
        if (data->times)
            td_text_iso(&t, data->times[i]);
        for (int k = 0; k < data->count; k++) {
            td_text_char(&t, ',');
            put_number(&t, data->values[k][i]);
        }
        td_text_char(&t, '\n');
        err = td_out_write(out, line, t.len);
    }
    return err;
}

/* One row group from row `at`. */
static enum td_err write_group(struct td_pq_writer *w, const struct td_columns_out *data, size_t at,
                               size_t rows, int64_t *bars, uint8_t *present, struct td_fail *why)
{
    struct td_pq_data columns[TD_COLUMNS_MAX];
    const int first = data->times ? 2 : 1;
    columns[0] = (struct td_pq_data){bars, NULL};
    if (data->times)
        columns[1] = (struct td_pq_data){data->times + at, NULL};
    for (size_t i = 0; i < rows; i++)
        bars[i] = (int64_t)(at + i);
    for (int k = 0; k < data->count; k++) {
        uint8_t *has = present + (size_t)k * GROUP_ROWS;
        for (size_t i = 0; i < rows; i++)
            has[i] = (uint8_t)!isnan(data->values[k][at + i]);
        columns[first + k] = (struct td_pq_data){data->values[k] + at, has};
    }
    return td_pq_write_group(w, columns, rows, why);
}

static enum td_err write_parquet(struct td_out *out, const struct td_columns_out *data,
                                 struct td_fail *why)
{
    struct td_pq_column schema[TD_COLUMNS_MAX] = {
        {"bar", TD_PQ_INT64, TD_PQ_NONE, TD_PQ_DELTA, 0, false},
        {"time", TD_PQ_INT64, TD_PQ_TIME_NS, TD_PQ_DELTA, 0, false}};
    const int first = data->times ? 2 : 1;
    struct td_pq_writer *w = NULL;
    struct td_arena arena;
    for (int k = 0; k < data->count; k++)
        schema[first + k] =
            (struct td_pq_column){data->names[k], TD_PQ_DOUBLE, TD_PQ_NONE, TD_PQ_PLAIN, 0, true};
    const struct td_pq_write_options o = {.columns = schema,
                                          .column_count = (size_t)(data->count + first),
                                          .rows_max = GROUP_ROWS,
                                          .groups_max = data->rows / GROUP_ROWS + 1,
                                          .created_by = "tapedeck version " TD_VERSION,
                                          .pairs = data->pairs,
                                          .pair_count = data->pair_count,
                                          .write = td_out_write,
                                          .arg = out};
    const size_t need = td_pq_writer_need(&o);
    void *block = malloc(need);
    int64_t *bars = malloc(GROUP_ROWS * sizeof *bars);
    uint8_t *present = malloc(GROUP_ROWS * (size_t)data->count);
    enum td_err err =
        block && bars && present
            ? TD_OK
            : td_fail_set(why, TD_ENOMEM, "%zu bytes for %d columns", need, data->count);
    if (!err) {
        td_arena_init(&arena, block, need);
        err = td_pq_writer_open(&w, &o, &arena, why);
    }
    for (size_t at = 0; !err && at < data->rows; at += GROUP_ROWS) {
        const size_t left = data->rows - at;
        err = write_group(w, data, at, left < GROUP_ROWS ? left : GROUP_ROWS, bars, present, why);
    }
    if (!err)
        err = td_pq_writer_finish(w, why);
    td_pq_writer_close(w);
    free(present);
    free(bars);
    free(block);
    return err;
}

enum td_err td_columns_write(struct td_world *world, const char *path,
                             const struct td_columns_out *data, struct td_fail *why)
{
    const size_t len = strlen(path);
    const bool parquet = len > 8 && strcmp(path + len - 8, ".parquet") == 0;
    if (data->rows == 0 || data->count < 1 || data->count + (data->times ? 2 : 1) > TD_COLUMNS_MAX)
        return td_fail_set(why, TD_EINVAL, "%s: %zu rows of %d columns", path, data->rows,
                           data->count);
    struct td_out *out = calloc(1, sizeof *out);
    if (!out)
        return td_fail_set(why, TD_ENOMEM, "writing %s: %s", path, td_err_text(TD_ENOMEM));
    enum td_err err = td_out_open(out, world, path, why);
    if (!err)
        err = parquet ? write_parquet(out, data, why) : write_csv(out, data);
    if (!err)
        err = td_out_seal(out, why);
    if (!err)
        err = td_out_publish(out, why);
    td_out_drop(out);
    free(out);
    return err;
}
