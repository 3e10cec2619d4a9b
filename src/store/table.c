/* store/table.c - cells of a workbook or CSV file by row. */
#include "store/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/xlsx.h"
#include "wire/csv.h"

#define CELLS_MAX ((size_t)8 << 20)
#define BYTES_MAX ((uint64_t)256 << 20)
#define ROOM      ((size_t)1 << 20) /* longest CSV row with doubled quotes */

static const struct {
    const char *magic;
    size_t at, len;
    const char *name, *hint; /* NULL hint: read here */
} forms[] = {
    {"PK\x03\x04", 0, 4, "xlsx", NULL},
    {"\xd0\xcf\x11\xe0", 0, 4, "xls",
     "an old .xls workbook, or one with a password; save it as .xlsx without one"},
    {"PAR1", 0, 4, "parquet", "Parquet already"},
    {"ARROW1", 0, 6, "feather", "Feather (Arrow IPC); this command reads no Feather"},
    {"FEA1", 0, 4, "feather-v1",
     "Feather version 1; write it again with pandas (to_feather makes version 2)"},
    {"DBN", 0, 3, "dbn", "a Databento file; tapedeck dbn convert reads it"},
    {"\x28\xb5\x2f\xfd", 0, 4, "zstd", "zstd-compressed; tapedeck dbn reads Databento files"},
    {"\x1f\x8b", 0, 2, "gzip", "gzip-compressed; unpack it first"},
};

const char *td_magic_name(struct td_str bytes)
{
    for (size_t i = 0; i < TD_COUNT(forms); i++)
        if (bytes.len >= forms[i].at + forms[i].len &&
            memcmp(bytes.p + forms[i].at, forms[i].magic, forms[i].len) == 0)
            return forms[i].name;
    return "csv";
}

static const char *hint_of(const char *form)
{
    for (size_t i = 0; i < TD_COUNT(forms); i++)
        if (strcmp(forms[i].name, form) == 0)
            return forms[i].hint;
    return NULL;
}

/* ---- building ---- */

/* Rows 0..row exist from now on; those not seen yet are empty. */
static enum td_err reach_row(struct td_table *t, size_t row)
{
    if (row >= TD_XLSX_ROWS_MAX)
        return TD_ERANGE;
    if (row + 1 > t->row_cap) {
        size_t cap = t->row_cap ? t->row_cap * 2 : 1024;
        while (cap < row + 1)
            cap *= 2;
        uint32_t *more = realloc(t->starts, (cap + 1) * sizeof *more);
        if (!more)
            return TD_ENOMEM;
        t->starts = more;
        t->row_cap = cap;
    }
    while (t->rows <= row)
        t->starts[t->rows++] = (uint32_t)t->cell_count;
    return TD_OK;
}

static enum td_err more_cells(struct td_table *t)
{
    const size_t cap = t->cell_cap ? t->cell_cap * 2 : 4096;
    if (cap > CELLS_MAX)
        return TD_ERANGE;
    struct td_cell *more = realloc(t->cells, cap * sizeof *more);
    if (!more)
        return TD_ENOMEM;
    t->cells = more;
    t->cell_cap = cap;
    return TD_OK;
}

/* Appends to the row, left to right. TD_EPARSE: not so. */
static enum td_err add_cell(struct td_table *t, size_t row, const struct td_cell *cell)
{
    enum td_err err = reach_row(t, row);
    if (!err && t->cell_count == t->cell_cap)
        err = more_cells(t);
    if (err)
        return err;
    if (row + 1 != t->rows ||
        (t->cell_count > t->starts[row] && t->cells[t->cell_count - 1].column >= cell->column))
        return TD_EPARSE;
    t->cells[t->cell_count++] = *cell;
    if (cell->column + 1u > t->columns)
        t->columns = cell->column + 1u;
    return TD_OK;
}

/* The end of the last row. */
static enum td_err finish(struct td_table *t)
{
    if (t->rows == 0) {
        const enum td_err err = reach_row(t, 0);
        t->rows = 0;
        return err;
    }
    t->starts[t->rows] = (uint32_t)t->cell_count;
    return TD_OK;
}

static enum td_err on_cell(void *arg, uint32_t row, const struct td_cell *cell)
{
    struct td_table *t = arg;
    struct td_cell kept = *cell;
    const enum td_err err = td_pool_copy(&t->texts, cell->text, &kept.text);
    return err ? (err == TD_EFULL ? TD_ERANGE : err) : add_cell(t, row, &kept);
}

/* A name, else a number from 1. */
static enum td_err choose_sheet(const struct td_xlsx *x, const char *name, const char *wanted,
                                size_t *sheet, struct td_fail *why)
{
    int64_t number = 1;
    char list[200];
    struct td_text t;
    if (!wanted || !*wanted) {
        *sheet = 0;
        return TD_OK;
    }
    const int found = td_xlsx_sheet_find(x, wanted);
    if (found >= 0) {
        *sheet = (size_t)found;
        return TD_OK;
    }
    if (td_i64_parse(wanted, strlen(wanted), &number) == TD_OK && number >= 1 &&
        (uint64_t)number <= td_xlsx_sheets(x)) {
        *sheet = (size_t)number - 1;
        return TD_OK;
    }
    td_text_init(&t, list, sizeof list);
    for (size_t i = 0; i < td_xlsx_sheets(x); i++)
        td_text_printf(&t, "%s\"%s\"", i ? ", " : "", td_xlsx_sheet_name(x, i));
    return td_fail_set(why, TD_ENOENT, "%s: no sheet \"%.60s\"; it has %s", name, wanted, list);
}

static enum td_err load_workbook(struct td_table *t, struct td_str bytes, const char *name,
                                 const struct td_table_options *o, struct td_fail *why)
{
    struct td_xlsx *x = NULL;
    size_t sheet = 0;
    enum td_err err = td_xlsx_open_bytes(&x, bytes, name, why);
    if (!err)
        err = choose_sheet(x, name, o ? o->sheet : NULL, &sheet, why);
    if (!err) {
        (void)snprintf(t->sheet, sizeof t->sheet, "%s", td_xlsx_sheet_name(x, sheet));
        err = td_xlsx_read(x, sheet, on_cell, t, why);
        t->uncached = td_xlsx_uncached(x);
    }
    td_xlsx_close(x);
    return err;
}

/* A field that lies in the reader's room is copied; the others stay in t->bytes. */
static enum td_err add_field(struct td_table *t, size_t row, size_t column, struct td_str field)
{
    struct td_cell cell = {.text = field, .column = (uint16_t)column, .kind = TD_CELL_TEXT};
    if (field.len == 0)
        return TD_OK;
    const bool in_file = field.p >= t->bytes && field.p < t->bytes + t->texts.bytes_max;
    enum td_err err = in_file ? TD_OK : td_pool_copy(&t->texts, field, &cell.text);
    return err ? err : add_cell(t, row, &cell);
}

static enum td_err read_csv(struct td_table *t, struct td_str bytes, char *room,
                            struct td_str *fields, const char *name, struct td_fail *why)
{
    struct td_csv csv;
    size_t count = 0, row = 0;
    td_csv_open(&csv, bytes, room, ROOM);
    for (;; row++) {
        enum td_err err = td_csv_next(&csv, fields, TD_XLSX_COLUMNS_MAX, &count, why);
        if (err == TD_ENODATA)
            return TD_OK;
        if (err)
            return td_fail_add(why, err, "%s", name);
        err = reach_row(t, row);
        for (size_t i = 0; i < count && !err; i++)
            err = add_field(t, row, i, fields[i]);
        if (err)
            return td_fail_set(why, err, "%s: line %lld: more rows or cells than are possible",
                               name, (long long)csv.line);
    }
}

static enum td_err load_csv(struct td_table *t, struct td_str bytes, const char *name,
                            struct td_fail *why)
{
    t->bytes = malloc(bytes.len + 1);
    char *room = malloc(ROOM);
    struct td_str *fields = malloc(TD_XLSX_COLUMNS_MAX * sizeof *fields);
    enum td_err err = TD_ENOMEM;
    if (t->bytes && room && fields) {
        memcpy(t->bytes, bytes.len ? bytes.p : "", bytes.len);
        t->texts.bytes_max = bytes.len;
        err = read_csv(t, (struct td_str){t->bytes, bytes.len}, room, fields, name, why);
    } else {
        (void)td_fail_set(why, err, "%s: out of memory", name);
    }
    free(fields);
    free(room);
    return err;
}

enum td_err td_table_load_bytes(struct td_table *t, struct td_str bytes, const char *name,
                                const struct td_table_options *o, struct td_fail *why)
{
    *t = (struct td_table){.format = td_magic_name(bytes)};
    td_pool_init(&t->texts, (size_t)BYTES_MAX);
    enum td_err err;
    if (strcmp(t->format, "xlsx") == 0)
        err = load_workbook(t, bytes, name, o, why);
    else if (strcmp(t->format, "csv") == 0)
        err = load_csv(t, bytes, name, why);
    else
        err = td_fail_set(why, TD_EUNSUP, "%s: %s", name, hint_of(t->format));
    if (!err)
        err = finish(t);
    if (err)
        td_table_fini(t);
    return err;
}

enum td_err td_table_load(struct td_table *t, struct td_world *world, const char *path,
                          const struct td_table_options *o, struct td_fail *why)
{
    struct td_file file = {0};
    uint64_t size = 0;
    size_t got = 0;
    char *bytes = NULL;
    *t = (struct td_table){0};
    enum td_err err = td_file_open(world, path, TD_FILE_READ, &file, why);
    if (err)
        return err;
    err = td_file_size(world, file, &size);
    if (!err && size > BYTES_MAX)
        err = td_fail_set(why, TD_ERANGE, "%s: %llu bytes; at most %llu are read", path,
                          (unsigned long long)size, (unsigned long long)BYTES_MAX);
    if (!err && !(bytes = malloc(size ? (size_t)size : 1)))
        err = td_fail_set(why, TD_ENOMEM, "%s: out of memory", path);
    if (!err && (err = td_file_read(world, file, 0, bytes, (size_t)size, &got)) != TD_OK)
        err = td_fail_set(why, err, "%s: %s", path, td_err_text(err));
    td_file_close(world, file);
    if (!err)
        err = td_table_load_bytes(t, (struct td_str){bytes, got}, path, o, why);
    free(bytes);
    return err;
}

void td_table_fini(struct td_table *t)
{
    td_pool_fini(&t->texts);
    free(t->cells);
    free(t->starts);
    free(t->bytes);
    *t = (struct td_table){0};
}

const struct td_cell *td_table_at(const struct td_table *t, size_t row, size_t column)
{
    static const struct td_cell empty = {.kind = TD_CELL_EMPTY};
    if (row >= t->rows)
        return &empty;
    size_t low = t->starts[row], high = t->starts[row + 1];
    while (low < high) {
        const size_t mid = low + (high - low) / 2;
        if (t->cells[mid].column == column)
            return &t->cells[mid];
        if (t->cells[mid].column < column)
            low = mid + 1;
        else
            high = mid;
    }
    return &empty;
}
