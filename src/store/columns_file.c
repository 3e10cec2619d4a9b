/* store/columns_file.c - reads named columns of numbers from CSV, Parquet and Feather. */
#include "store/columns_file.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "store/cell.h"
#include "store/table_file.h"
#include "wire/csv.h"

#define NAME_CHARS 64
#define CSV_MAX    ((uint64_t)2 << 30)

struct td_columns_file {
    struct td_world *world;
    char path[512];
    char names[TD_COLUMNS_MAX][NAME_CHARS];
    int count;
    int time;                    /* column of the times, -1 none */
    struct td_table_file *table; /* Parquet, Feather */
    char *text, *room;           /* CSV */
    size_t len;
    uint64_t size;
};

/* ---- names ---- */

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool same_name(struct td_str a, const char *b)
{
    if (strlen(b) != a.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (lower(a.p[i]) != lower(b[i]))
            return false;
    return true;
}

int td_columns_find(const struct td_columns_file *f, const char *name)
{
    for (int i = 0; i < f->count; i++)
        if (same_name(td_str_trim(td_str_of(f->names[i])), name))
            return i;
    return -1;
}

void td_columns_names(const struct td_columns_file *f, struct td_text *out)
{
    for (int i = 0; i < f->count; i++)
        td_text_printf(out, "%s%s", i ? ", " : "", f->names[i]);
}

static void find_time(struct td_columns_file *f)
{
    static const char *const names[] = {"datetime", "timestamp", "time", "date", "ts", "ts_event"};
    f->time = -1;
    for (size_t i = 0; i < TD_COUNT(names) && f->time < 0; i++)
        f->time = td_columns_find(f, names[i]);
}

/* ---- opening ---- */

static enum td_err read_text(struct td_columns_file *f, struct td_fail *why)
{
    struct td_file file = {0};
    enum td_err err = td_file_open(f->world, f->path, TD_FILE_READ, &file, why);
    if (err)
        return err;
    err = td_file_size(f->world, file, &f->size);
    if (!err && f->size > CSV_MAX)
        err = TD_ERANGE;
    f->text = err ? NULL : malloc((size_t)f->size + 1);
    f->room = err ? NULL : malloc((size_t)f->size + 1);
    if (!err && (!f->text || !f->room))
        err = TD_ENOMEM;
    if (!err)
        err = td_file_read(f->world, file, 0, f->text, (size_t)f->size, &f->len);
    td_file_close(f->world, file);
    return err ? td_fail_set(why, err, "%llu bytes of CSV: %s", (unsigned long long)f->size,
                             td_err_text(err))
               : TD_OK;
}

static enum td_err open_csv(struct td_columns_file *f, struct td_fail *why)
{
    struct td_csv csv;
    struct td_str fields[TD_COLUMNS_MAX];
    size_t count = 0;
    enum td_err err = read_text(f, why);
    if (err)
        return err;
    td_csv_open(&csv, (struct td_str){f->text, f->len}, f->room, (size_t)f->size + 1);
    err = td_csv_next(&csv, fields, TD_COLUMNS_MAX, &count, why);
    if (err)
        return err == TD_ENODATA ? td_fail_set(why, err, "it is empty") : err;
    for (size_t i = 0; i < count; i++)
        (void)td_str_copy(td_str_trim(fields[i]), f->names[i], NAME_CHARS);
    f->count = (int)count;
    return TD_OK;
}

static enum td_err open_form(struct td_columns_file *f, struct td_fail *why)
{
    enum td_table_form form;
    enum td_err err = td_table_sniff(f->world, f->path, &form, why);
    if (err)
        return err;
    if (form == TD_TABLE_UNKNOWN)
        return open_csv(f, why);
    err = td_table_file_open(&f->table, f->world, f->path, why);
    if (err)
        return err;
    if (td_table_file_columns(f->table) > TD_COLUMNS_MAX)
        return td_fail_set(why, TD_ERANGE, "more than %d columns", TD_COLUMNS_MAX);
    f->count = (int)td_table_file_columns(f->table);
    for (int i = 0; i < f->count; i++)
        (void)td_str_copy(td_str_of(td_table_file_column_at(f->table, (size_t)i)->name),
                          f->names[i], NAME_CHARS);
    return TD_OK;
}

enum td_err td_columns_open(struct td_columns_file **out, struct td_world *world, const char *path,
                            struct td_fail *why)
{
    struct td_columns_file *f = calloc(1, sizeof *f);
    if (!f)
        return td_fail_set(why, TD_ENOMEM, "reading %s: %s", path, td_err_text(TD_ENOMEM));
    f->world = world;
    (void)td_str_copy(td_str_of(path), f->path, sizeof f->path);
    const enum td_err err = open_form(f, why);
    if (err) {
        td_columns_close(f);
        return td_fail_add(why, err, "reading %s", path);
    }
    find_time(f);
    *out = f;
    return TD_OK;
}

void td_columns_close(struct td_columns_file *f)
{
    if (!f)
        return;
    td_table_file_close(f->table);
    free(f->text);
    free(f->room);
    free(f);
}

/* ---- loading ---- */

static void drop(double **values, int count)
{
    for (int i = 0; i < count; i++) {
        free(values[i]);
        values[i] = NULL;
    }
}

static enum td_err take(double **values, int count, uint64_t rows, struct td_fail *why)
{
    for (int i = 0; i < count; i++)
        values[i] = NULL;
    if (rows == 0)
        return td_fail_set(why, TD_ENODATA, "it has no rows");
    if (rows > TD_COLUMNS_ROWS_MAX)
        return td_fail_set(why, TD_ERANGE, "%llu rows; %llu are possible", (unsigned long long)rows,
                           (unsigned long long)TD_COLUMNS_ROWS_MAX);
    for (int i = 0; i < count; i++)
        if (!(values[i] = malloc((size_t)rows * sizeof **values))) {
            drop(values, i);
            return td_fail_set(why, TD_ENOMEM, "%llu rows", (unsigned long long)rows);
        }
    return TD_OK;
}

/* A cell as a number; NaN where there is none. */
static enum td_err number(struct td_str cell, double *out)
{
    static const char *const none[] = {"", "nan", "null", "none", "na", "n/a"};
    cell = td_str_trim(cell);
    for (size_t i = 0; i < TD_COUNT(none); i++)
        if (same_name(cell, none[i])) {
            *out = (double)NAN;
            return TD_OK;
        }
    return td_double_parse(cell, out) ? TD_OK : TD_EPARSE;
}

static bool is_date(struct td_str s)
{
    return s.len >= 10 && s.p[4] == '-' && s.p[7] == '-' && s.p[0] >= '0' && s.p[0] <= '9';
}

/* True unless both are dates in the ISO form and the later row is not later. */
static bool rises(struct td_str before, struct td_str now)
{
    if (!is_date(before) || !is_date(now))
        return true;
    const size_t n = before.len < now.len ? before.len : now.len;
    const int c = memcmp(before.p, now.p, n);
    return c < 0 || (c == 0 && before.len < now.len);
}

static enum td_err csv_row(const struct td_columns_file *f, const struct td_csv *csv,
                           const struct td_str *fields, size_t given, int column, double *out,
                           struct td_fail *why)
{
    const struct td_str cell = (size_t)column < given ? fields[column] : (struct td_str){NULL, 0};
    const enum td_err err = number(cell, out);
    if (!err)
        return TD_OK;
    return td_fail_set(why, TD_EPARSE, "line %lld, column %s: \"%.*s\" is no number",
                       (long long)csv->line, f->names[column], (int)(cell.len < 40 ? cell.len : 40),
                       cell.p);
}

static enum td_err load_csv(struct td_columns_file *f, const int *columns, int count,
                            double **values, size_t *rows, struct td_fail *why)
{
    struct td_csv csv;
    struct td_str fields[TD_COLUMNS_MAX], before = {NULL, 0};
    size_t given, n = 0;
    uint64_t lines = 0;
    for (size_t i = 0; i < f->len; i++)
        lines += f->text[i] == '\n' || f->text[i] == '\r';
    enum td_err err = take(values, count, lines + 1, why);
    if (err)
        return err;
    td_csv_open(&csv, (struct td_str){f->text, f->len}, f->room, (size_t)f->size + 1);
    err = td_csv_next(&csv, fields, TD_COLUMNS_MAX, &given, why);
    while (!err && (err = td_csv_next(&csv, fields, TD_COLUMNS_MAX, &given, why)) == TD_OK) {
        for (int k = 0; k < count && !err; k++)
            err = csv_row(f, &csv, fields, given, columns[k], &values[k][n], why);
        if (!err && f->time >= 0 && (size_t)f->time < given) {
            if (before.p && !rises(before, fields[f->time]))
                err = td_fail_set(why, TD_EPARSE, "line %lld: %s %.*s is not after %.*s",
                                  (long long)csv.line, f->names[f->time],
                                  TD_STR_ARG(fields[f->time]), TD_STR_ARG(before));
            before = fields[f->time];
        }
        n++;
    }
    if (err == TD_ENODATA)
        err = n > 0 ? TD_OK : td_fail_set(why, TD_ENODATA, "it has no rows");
    if (err)
        drop(values, count);
    *rows = n;
    return err;
}

/* Values of one column of one row group as doubles. */
static enum td_err convert(const struct td_columns_file *f, int column,
                           const struct td_pq_values *v, double *out, struct td_fail *why)
{
    const struct td_pq_column *c = td_table_file_column_at(f->table, (size_t)column);
    if (v->starts || c->type == TD_PQ_BYTES || c->type == TD_PQ_OTHER)
        return td_fail_set(why, TD_EUNSUP, "column %s holds no plain numbers", f->names[column]);
    for (size_t i = 0; i < v->rows; i++) {
        const bool has = !v->present || v->present[i];
        switch (c->type) {
        case TD_PQ_DOUBLE:
            out[i] = ((const double *)v->values)[i];
            break;
        case TD_PQ_INT64:
            out[i] = (double)((const int64_t *)v->values)[i];
            break;
        case TD_PQ_INT32:
            out[i] = ((const int32_t *)v->values)[i];
            break;
        case TD_PQ_BOOL:
        case TD_PQ_BYTES:
        case TD_PQ_OTHER:
        default:
            out[i] = ((const uint8_t *)v->values)[i];
        }
        out[i] = has ? out[i] : (double)NAN;
    }
    return TD_OK;
}

/* Instants must rise; rows without one are passed over. */
static enum td_err check_times(const struct td_columns_file *f, const struct td_pq_values *v,
                               size_t first, int64_t *before, struct td_fail *why)
{
    for (size_t i = 0; !v->starts && i < v->rows; i++) {
        const int64_t at = ((const int64_t *)v->values)[i];
        if (v->present && !v->present[i])
            continue;
        if (at <= *before && first + i > 0)
            return td_fail_set(why, TD_EPARSE, "row %zu: %s is not after the row before", first + i,
                               f->names[f->time]);
        *before = at;
    }
    return TD_OK;
}

/* One row group: the columns asked for and, behind them, the times. */
static enum td_err load_group(struct td_columns_file *f, size_t group, const int *columns,
                              int count, double **values, size_t *rows, int64_t *before,
                              struct td_fail *why)
{
    struct td_pq_values v[TD_COLUMNS_MAX + 1];
    size_t at[TD_COLUMNS_MAX + 1];
    const bool timed =
        f->time >= 0 && td_table_file_column_at(f->table, (size_t)f->time)->type == TD_PQ_INT64;
    for (int k = 0; k < count; k++)
        at[k] = (size_t)columns[k];
    at[count] = timed ? (size_t)f->time : 0;
    enum td_err err =
        td_table_file_load(f->table, group, at, (size_t)count + (timed ? 1 : 0), v, why);
    if (!err && timed)
        err = check_times(f, &v[count], *rows, before, why);
    for (int k = 0; k < count && !err; k++) {
        if (v[k].rows > td_table_file_rows(f->table) - *rows)
            return td_fail_set(why, TD_EPARSE, "more rows than its footer says");
        err = convert(f, columns[k], &v[k], values[k] + *rows, why);
    }
    *rows += v[0].rows;
    return err;
}

static enum td_err load_table(struct td_columns_file *f, const int *columns, int count,
                              double **values, size_t *rows, struct td_fail *why)
{
    int64_t before = INT64_MIN;
    *rows = 0;
    enum td_err err = take(values, count, td_table_file_rows(f->table), why);
    if (err)
        return err;
    for (size_t g = 0; !err && g < td_table_file_groups(f->table); g++)
        err = load_group(f, g, columns, count, values, rows, &before, why);
    if (err)
        drop(values, count);
    return err;
}

enum td_err td_columns_load(struct td_columns_file *f, const int *columns, int count,
                            double **values, size_t *rows, struct td_fail *why)
{
    TD_REQUIRE(count > 0 && count <= TD_COLUMNS_MAX);
    for (int k = 0; k < count; k++)
        TD_REQUIRE(columns[k] >= 0 && columns[k] < f->count);
    const enum td_err err = f->table ? load_table(f, columns, count, values, rows, why)
                                     : load_csv(f, columns, count, values, rows, why);
    return err ? td_fail_add(why, err, "reading %s", f->path) : TD_OK;
}

/* ---- the times themselves ---- */

/* "Z", "+05:30", "-0400" behind the clock. */
static bool has_zone(struct td_str s)
{
    for (size_t i = 11; i < s.len; i++)
        if (s.p[i] == 'Z' || s.p[i] == 'z' || s.p[i] == '+' || s.p[i] == '-')
            return true;
    return false;
}

static enum td_err csv_time(const struct td_columns_file *f, const struct td_csv *csv,
                            struct td_str cell, int64_t *out, bool *zoned, struct td_fail *why)
{
    cell = td_str_trim(cell);
    *zoned = *zoned || has_zone(cell);
    if (is_date(cell) && td_iso_parse(cell.p, cell.len, out) == TD_OK)
        return TD_OK;
    return td_fail_set(why, TD_EPARSE, "line %lld, column %s: \"%.*s\" is no time",
                       (long long)csv->line, f->names[f->time],
                       (int)(cell.len < 40 ? cell.len : 40), cell.p);
}

static enum td_err times_of_csv(struct td_columns_file *f, int64_t *out, size_t rows, bool *zoned,
                                struct td_fail *why)
{
    struct td_csv csv;
    struct td_str fields[TD_COLUMNS_MAX];
    size_t given, n = 0;
    td_csv_open(&csv, (struct td_str){f->text, f->len}, f->room, (size_t)f->size + 1);
    enum td_err err = td_csv_next(&csv, fields, TD_COLUMNS_MAX, &given, why);
    for (; !err && n < rows; n++) {
        err = td_csv_next(&csv, fields, TD_COLUMNS_MAX, &given, why);
        if (!err)
            err = csv_time(f, &csv,
                           (size_t)f->time < given ? fields[f->time] : (struct td_str){NULL, 0},
                           &out[n], zoned, why);
    }
    return err;
}

static enum td_err times_of_table(struct td_columns_file *f, int64_t *out, size_t rows, bool *zoned,
                                  struct td_fail *why)
{
    const size_t column = (size_t)f->time;
    const struct td_pq_column *c = td_table_file_column_at(f->table, column);
    size_t n = 0;
    *zoned = c->logical == TD_PQ_TIME_NS;
    if (c->type != TD_PQ_INT64 || (!*zoned && c->logical != TD_PQ_TIME_NS_LOCAL))
        return td_fail_set(why, TD_EUNSUP, "column %s holds no instants", f->names[f->time]);
    for (size_t g = 0; g < td_table_file_groups(f->table); g++) {
        struct td_pq_values v;
        const enum td_err err = td_table_file_load(f->table, g, &column, 1, &v, why);
        if (err)
            return err;
        for (size_t i = 0; i < v.rows && n < rows; i++, n++) {
            if (v.present && !v.present[i])
                return td_fail_set(why, TD_EPARSE, "row %zu: no %s", n, f->names[f->time]);
            out[n] = ((const int64_t *)v.values)[i];
        }
    }
    return n == rows ? TD_OK : td_fail_set(why, TD_EPARSE, "%zu times for %zu rows", n, rows);
}

enum td_err td_columns_times(struct td_columns_file *f, int64_t **out, size_t rows, bool *zoned,
                             struct td_fail *why)
{
    *zoned = false;
    if (f->time < 0)
        return td_fail_set(why, TD_ENODATA, "reading %s: no column of times", f->path);
    int64_t *times = malloc((rows ? rows : 1) * sizeof *times);
    if (!times)
        return td_fail_set(why, TD_ENOMEM, "%zu rows", rows);
    enum td_err err = f->table ? times_of_table(f, times, rows, zoned, why)
                               : times_of_csv(f, times, rows, zoned, why);
    for (size_t i = 1; i < rows && !err; i++)
        if (times[i] <= times[i - 1])
            err = td_fail_set(why, TD_EPARSE, "row %zu: %s is not after the row before", i,
                              f->names[f->time]);
    if (err) {
        free(times);
        return td_fail_add(why, err, "reading %s", f->path);
    }
    *out = times;
    return TD_OK;
}
