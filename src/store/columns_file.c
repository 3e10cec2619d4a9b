/* store/columns_file.c - reads named columns of numbers from CSV and Parquet. */
#include "store/columns_file.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "wire/csv.h"
#include "wire/parquet.h"

#define NAME_CHARS 64
#define CSV_MAX    ((uint64_t)2 << 30)
#define MEMORY_MIN ((size_t)1 << 20)
#define MEMORY_MAX ((size_t)4 << 30)

struct td_columns_file {
    struct td_world *world;
    char path[512];
    char names[TD_COLUMNS_MAX][NAME_CHARS];
    int count;
    int time; /* column of the times, -1 none */
    /* CSV */
    char *text, *room;
    size_t len;
    /* Parquet */
    struct td_file file;
    uint64_t size;
    struct td_arena arena;
    struct td_pq_reader *reader;
    size_t mark;
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

static enum td_err open_csv(struct td_columns_file *f, struct td_fail *why)
{
    struct td_csv csv;
    struct td_str fields[TD_COLUMNS_MAX];
    size_t got = 0, count = 0;
    if (f->size > CSV_MAX)
        return td_fail_set(why, TD_ERANGE, "more than %llu bytes of CSV",
                           (unsigned long long)CSV_MAX);
    f->text = malloc((size_t)f->size + 1);
    f->room = malloc((size_t)f->size + 1);
    if (!f->text || !f->room)
        return td_fail_set(why, TD_ENOMEM, "%llu bytes", (unsigned long long)f->size);
    const enum td_err err = td_file_read(f->world, f->file, 0, f->text, (size_t)f->size, &got);
    if (err)
        return td_fail_set(why, err, "%s", td_err_text(err));
    f->len = got;
    td_csv_open(&csv, (struct td_str){f->text, f->len}, f->room, (size_t)f->size + 1);
    const enum td_err head = td_csv_next(&csv, fields, TD_COLUMNS_MAX, &count, why);
    if (head)
        return head == TD_ENODATA ? td_fail_set(why, head, "it is empty") : head;
    for (size_t i = 0; i < count; i++)
        (void)td_str_copy(td_str_trim(fields[i]), f->names[i], NAME_CHARS);
    f->count = (int)count;
    return TD_OK;
}

static enum td_err read_range(void *arg, uint64_t offset, void *buf, size_t len)
{
    struct td_columns_file *f = arg;
    size_t got = 0;
    const enum td_err err = td_file_read(f->world, f->file, offset, buf, len, &got);
    return err ? err : got == len ? TD_OK : TD_EPARSE; /* the file shrank */
}

static enum td_err open_parquet(struct td_columns_file *f, size_t memory, struct td_fail *why)
{
    const struct td_pq_source source = {read_range, f, f->size};
    void *block = realloc(f->arena.base, memory);
    if (!block)
        return td_fail_set(why, TD_ENOMEM, "%zu bytes", memory);
    td_arena_init(&f->arena, block, memory);
    const enum td_err err = td_pq_reader_open(&f->reader, &source, &f->arena, why);
    f->mark = f->arena.used;
    return err;
}

static enum td_err open_form(struct td_columns_file *f, struct td_fail *why)
{
    char magic[4] = "";
    size_t got = 0;
    enum td_err err = td_file_size(f->world, f->file, &f->size);
    if (!err)
        err = td_file_read(f->world, f->file, 0, magic, sizeof magic, &got);
    if (err)
        return td_fail_set(why, err, "%s", td_err_text(err));
    if (got < sizeof magic || memcmp(magic, "PAR1", 4) != 0)
        return open_csv(f, why);
    err = open_parquet(f, MEMORY_MIN, why);
    for (size_t memory = MEMORY_MIN * 16; err == TD_ENOMEM && memory <= MEMORY_MAX; memory *= 16)
        err = open_parquet(f, memory, why);
    if (err)
        return err;
    if (td_pq_columns(f->reader) > TD_COLUMNS_MAX)
        return td_fail_set(why, TD_ERANGE, "more than %d columns", TD_COLUMNS_MAX);
    f->count = (int)td_pq_columns(f->reader);
    for (int i = 0; i < f->count; i++)
        (void)td_str_copy(td_str_of(td_pq_column_at(f->reader, (size_t)i)->name), f->names[i],
                          NAME_CHARS);
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
    enum td_err err = td_file_open(world, path, TD_FILE_READ, &f->file, why);
    if (!err && (err = open_form(f, why)) != TD_OK)
        (void)td_fail_add(why, err, "reading %s", path);
    if (err) {
        td_columns_close(f);
        return err;
    }
    find_time(f);
    *out = f;
    return TD_OK;
}

void td_columns_close(struct td_columns_file *f)
{
    if (!f)
        return;
    td_file_close(f->world, f->file);
    free(f->arena.base);
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
    return td_double_parse(cell.p, cell.len, out);
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
    const struct td_pq_column *c = td_pq_column_at(f->reader, (size_t)column);
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

/* Reads a column of a group; when the memory is too small for it, takes more and parses the footer again. */
static enum td_err read_column(struct td_columns_file *f, size_t group, int column,
                               struct td_pq_values *v, struct td_fail *why)
{
    f->arena.used = f->mark;
    enum td_err err = td_pq_read_column(f->reader, group, (size_t)column, &f->arena, v, why);
    while (err == TD_ENOMEM && f->arena.cap < MEMORY_MAX) {
        err = open_parquet(f, f->arena.cap * 4, why);
        if (!err)
            err = td_pq_read_column(f->reader, group, (size_t)column, &f->arena, v, why);
    }
    return err;
}

static enum td_err check_times(struct td_columns_file *f, size_t group, size_t first,
                               int64_t *before, struct td_fail *why)
{
    struct td_pq_values v;
    if (f->time < 0 || td_pq_column_at(f->reader, (size_t)f->time)->type != TD_PQ_INT64)
        return TD_OK;
    const enum td_err err = read_column(f, group, f->time, &v, why);
    for (size_t i = 0; !err && !v.starts && i < v.rows; i++) {
        const int64_t at = ((const int64_t *)v.values)[i];
        if (v.present && !v.present[i])
            continue;
        if (at <= *before && first + i > 0)
            return td_fail_set(why, TD_EPARSE, "row %zu: %s is not after the row before", first + i,
                               f->names[f->time]);
        *before = at;
    }
    return err;
}

static enum td_err load_parquet(struct td_columns_file *f, const int *columns, int count,
                                double **values, size_t *rows, struct td_fail *why)
{
    int64_t before = INT64_MIN;
    size_t n = 0;
    enum td_err err = take(values, count, td_pq_rows(f->reader), why);
    if (err)
        return err;
    for (size_t g = 0; !err && g < td_pq_groups(f->reader); g++) {
        struct td_pq_values v = {0};
        err = check_times(f, g, n, &before, why);
        for (int k = 0; k < count && !err; k++) {
            err = read_column(f, g, columns[k], &v, why);
            if (!err && v.rows > td_pq_rows(f->reader) - n)
                err = td_fail_set(why, TD_EPARSE, "more rows than its footer says");
            if (!err)
                err = convert(f, columns[k], &v, values[k] + n, why);
        }
        n += (size_t)td_pq_group_rows(f->reader, g);
    }
    if (err)
        drop(values, count);
    *rows = n;
    return err;
}

enum td_err td_columns_load(struct td_columns_file *f, const int *columns, int count,
                            double **values, size_t *rows, struct td_fail *why)
{
    for (int k = 0; k < count; k++)
        TD_REQUIRE(columns[k] >= 0 && columns[k] < f->count);
    const enum td_err err = f->reader ? load_parquet(f, columns, count, values, rows, why)
                                      : load_csv(f, columns, count, values, rows, why);
    return err ? td_fail_add(why, err, "reading %s", f->path) : TD_OK;
}
