/* store/table_parquet.c - types of columns, columns into row groups, and the check that reads them back. */
#include "store/table_parquet.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/session_out.h"
#include "wire/parquet.h"

#define GROUP_CELLS ((size_t)2 << 20)
#define GROUP_ROWS  ((size_t)65536)
#define TEXT_POOL   ((size_t)256 << 20)
#define CHECK_BYTES ((size_t)512 << 20)

enum type { T_NONE, T_INT, T_DOUBLE, T_TIME, T_DATE, T_BOOL, T_TEXT };

struct writing {
    const struct td_table *table;
    size_t columns, group_rows;
    enum type types[TD_PQ_COLUMNS_MAX];
    char names[TD_PQ_COLUMNS_MAX][TD_PQ_NAME_CHARS];
    struct td_pq_column schema[TD_PQ_COLUMNS_MAX];
    struct td_pq_data data[TD_PQ_COLUMNS_MAX];
    size_t text_max;
    struct td_pool printed; /* dates in columns of text */
    struct td_pq_writer *writer;
    struct td_out out;
    char pandas[65536];
    struct td_pq_pair pairs[2];
    uint64_t errors;
};

/* ---- types ---- */

static bool is_null_word(struct td_str s)
{
    return s.len == 0 || td_str_is(s, "NaN") || td_str_is(s, "nan");
}

/* Whole numbers that a double holds too, without leading zeros. */
static bool is_whole(struct td_str s)
{
    int64_t v;
    const size_t sign = s.len && s.p[0] == '-';
    if (s.len - sign > 15 || (s.len - sign > 1 && s.p[sign] == '0') || (s.len && s.p[0] == '+'))
        return false;
    return td_i64_parse(s.p, s.len, &v) == TD_OK;
}

static bool is_zero_padded(struct td_str s)
{
    const size_t at = s.len && s.p[0] == '-';
    return s.len > at + 1 && s.p[at] == '0' && s.p[at + 1] >= '0' && s.p[at + 1] <= '9';
}

static bool parse_stamp(struct td_str s, td_ns *out)
{
    return (s.len == 10 || (s.len >= 19 && !memchr(s.p + 11, '+', s.len - 11) &&
                            !memchr(s.p + 11, '-', s.len - 11) && s.p[s.len - 1] != 'Z')) &&
           td_iso_parse(s.p, s.len, out) == TD_OK;
}

static enum type type_of(const struct td_cell *c)
{
    static const enum type kinds[] = {
        [TD_CELL_EMPTY] = T_NONE, [TD_CELL_TEXT] = T_TEXT, [TD_CELL_NUMBER] = T_DOUBLE,
        [TD_CELL_DATE] = T_DATE,  [TD_CELL_TIME] = T_TIME, [TD_CELL_BOOL] = T_BOOL,
        [TD_CELL_ERROR] = T_NONE};
    if (c->kind == TD_CELL_NUMBER)
        return is_whole(c->text) ? T_INT : T_DOUBLE;
    return kinds[c->kind];
}

/* The same of a CSV field, which is always text. */
static enum type type_of_field(const struct td_cell *c)
{
    double number;
    td_ns at;
    const struct td_str s = td_str_trim(c->text);
    if (c->kind == TD_CELL_EMPTY || is_null_word(s))
        return T_NONE;
    if (is_whole(s))
        return T_INT;
    if (td_double_parse(s, &number) && !is_zero_padded(s))
        return T_DOUBLE;
    return parse_stamp(s, &at) ? T_DATE : T_TEXT;
}

static enum type join(enum type a, enum type b)
{
    if (a == b || b == T_NONE)
        return a;
    if (a == T_NONE)
        return b;
    if ((a == T_INT && b == T_DOUBLE) || (a == T_DOUBLE && b == T_INT))
        return T_DOUBLE;
    return T_TEXT;
}

static enum type type_of_column(const struct td_table *t, size_t column)
{
    const bool csv = strcmp(t->format, "csv") == 0;
    enum type type = T_NONE;
    for (size_t r = 1; r < t->rows && type != T_TEXT; r++) {
        const struct td_cell *c = td_table_at(t, r, column);
        type = join(type, csv ? type_of_field(c) : type_of(c));
    }
    return type == T_NONE ? T_TEXT : type;
}

/* ---- names ---- */

static bool is_taken(const struct writing *w, size_t column)
{
    for (size_t i = 0; i < column; i++)
        if (strcmp(w->names[i], w->names[column]) == 0)
            return true;
    return false;
}

static void name_column(struct writing *w, size_t column)
{
    char base[TD_PQ_NAME_CHARS - 12];
    char *name = w->names[column];
    const struct td_str head = td_str_trim(td_table_at(w->table, 0, column)->text);
    (void)td_str_copy(head, base, sizeof base);
    if (!head.len)
        (void)snprintf(base, sizeof base, "Unnamed: %zu", column);
    (void)snprintf(name, TD_PQ_NAME_CHARS, "%s", base);
    for (int n = 1; is_taken(w, column); n++)
        (void)snprintf(name, TD_PQ_NAME_CHARS, "%s.%d", base, n);
}

static void make_schema(struct writing *w)
{
    static const struct {
        enum td_pq_type type;
        enum td_pq_logical logical;
    } forms[] = {
        [T_NONE] = {TD_PQ_BYTES, TD_PQ_UTF8},          [T_INT] = {TD_PQ_INT64, TD_PQ_NONE},
        [T_DOUBLE] = {TD_PQ_DOUBLE, TD_PQ_NONE},       [T_TIME] = {TD_PQ_DOUBLE, TD_PQ_NONE},
        [T_DATE] = {TD_PQ_INT64, TD_PQ_TIME_NS_LOCAL}, [T_BOOL] = {TD_PQ_BOOL, TD_PQ_NONE},
        [T_TEXT] = {TD_PQ_BYTES, TD_PQ_UTF8},
    };
    for (size_t c = 0; c < w->columns; c++) {
        w->types[c] = type_of_column(w->table, c);
        name_column(w, c);
        w->schema[c] = (struct td_pq_column){.name = w->names[c],
                                             .type = forms[w->types[c]].type,
                                             .logical = forms[w->types[c]].logical,
                                             .optional = true};
    }
}

/* ---- values ---- */

static size_t width_of(enum type type)
{
    return type == T_TEXT ? sizeof(struct td_str) : type == T_BOOL ? 1 : 8;
}

/* What a cell says as text; a date in words. */
static enum td_err text_of(struct writing *w, const struct td_cell *c, struct td_str *out)
{
    char when[40];
    *out = c->text;
    if (c->kind != TD_CELL_DATE)
        return TD_OK;
    (void)td_iso_print(c->local_ns, when);
    return td_pool_copy(&w->printed, (struct td_str){when, 19}, out);
}

/* One value at `to`; *present says whether there is one. */
static enum td_err put_value(struct writing *w, enum type type, const struct td_cell *c, void *to,
                             uint8_t *present)
{
    const struct td_str s = td_str_trim(c->text);
    const bool field = c->kind == TD_CELL_TEXT;
    double number = c->number;
    int64_t whole = 0;
    td_ns at = c->local_ns;
    *present = c->kind != TD_CELL_EMPTY && c->kind != TD_CELL_ERROR &&
               !(field && type != T_TEXT && is_null_word(s));
    w->errors += c->kind == TD_CELL_ERROR;
    if (!*present)
        return TD_OK;
    if (type == T_TEXT)
        return text_of(w, c, to);
    if (type == T_BOOL) {
        *(uint8_t *)to = c->number > 0;
        return TD_OK;
    }
    if ((field && type == T_DATE && !parse_stamp(s, &at)) ||
        (field && type == T_DOUBLE && !td_double_parse(s, &number)) ||
        (type == T_INT && td_i64_parse(s.p, s.len, &whole) != TD_OK))
        return TD_EPARSE;
    if (type == T_TIME)
        number = (double)c->local_ns / (double)TD_SEC;
    whole = type == T_DATE ? at : whole;
    if (type == T_INT || type == T_DATE)
        memcpy(to, &whole, sizeof whole);
    else
        memcpy(to, &number, sizeof number);
    return TD_OK;
}

static enum td_err fill_group(struct writing *w, size_t first, size_t rows)
{
    for (size_t c = 0; c < w->columns; c++) {
        const size_t width = width_of(w->types[c]);
        union {
            const void *in;
            uint8_t *out;
        } values = {w->data[c].values}, present = {w->data[c].present};
        memset(values.out, 0, rows * width);
        for (size_t r = 0; r < rows; r++) {
            const enum td_err err = put_value(w, w->types[c], td_table_at(w->table, first + r, c),
                                              values.out + r * width, present.out + r);
            if (err)
                return err;
        }
    }
    return TD_OK;
}

/* Most text bytes of one column in one group: what the writer makes room for. */
static size_t most_text(const struct writing *w)
{
    size_t most = 64;
    for (size_t c = 0; c < w->columns; c++) {
        size_t sum = 0;
        for (size_t r = 1; r < w->table->rows; r++) {
            if ((r - 1) % w->group_rows == 0)
                sum = 0;
            sum += td_table_at(w->table, r, c)->text.len + 20;
            most = sum > most ? sum : most;
        }
    }
    return most;
}

static enum td_err write_groups(struct writing *w, struct td_fail *why)
{
    const size_t rows = w->table->rows - 1;
    for (size_t at = 0; at < rows; at += w->group_rows) {
        const size_t n = rows - at < w->group_rows ? rows - at : w->group_rows;
        enum td_err err = fill_group(w, 1 + at, n);
        if (err)
            return td_fail_set(why, err, "row %zu: %s", at + 2, td_err_text(err));
        err = td_pq_write_group(w->writer, w->data, n, why);
        if (err)
            return err;
    }
    return td_pq_writer_finish(w->writer, why);
}

static enum td_err write_file(struct writing *w, const char *source, struct td_fail *why)
{
    const size_t rows = w->table->rows - 1;
    struct td_text text;
    struct td_arena arena;
    td_text_init(&text, w->pandas, sizeof w->pandas);
    td_pq_pandas(&text, w->schema, w->columns, NULL);
    if (td_text_full(&text))
        return td_fail_set(why, TD_ERANGE, "the names of the columns are too long");
    w->pairs[0] = (struct td_pq_pair){"pandas", w->pandas};
    w->pairs[1] = (struct td_pq_pair){"tapedeck.source", source};
    const struct td_pq_write_options o = {.columns = w->schema,
                                          .column_count = w->columns,
                                          .rows_max = rows < w->group_rows ? rows : w->group_rows,
                                          .groups_max = rows / w->group_rows + 1,
                                          .text_max = most_text(w),
                                          .codec = TD_PQ_SNAPPY,
                                          .pairs = w->pairs,
                                          .pair_count = 2,
                                          .created_by = "tapedeck version " TD_VERSION,
                                          .write = td_out_write,
                                          .arg = &w->out};
    const size_t need =
        td_pq_writer_need(&o) + o.rows_max * w->columns * 17 + 64 * TD_PQ_COLUMNS_MAX;
    void *block = malloc(need);
    if (!block)
        return td_fail_set(why, TD_ENOMEM, "%zu bytes for %zu rows", need, rows);
    td_arena_init(&arena, block, need);
    enum td_err err = TD_OK;
    for (size_t c = 0; c < w->columns && !err; c++) {
        void *values = td_arena_take(&arena, o.rows_max, width_of(w->types[c]));
        w->data[c] = (struct td_pq_data){values, td_arena_take(&arena, o.rows_max, 1)};
        err = values && w->data[c].present ? TD_OK : TD_ENOMEM;
    }
    if (!err)
        err = td_pq_writer_open(&w->writer, &o, &arena, why);
    if (!err)
        err = write_groups(w, why);
    td_pq_writer_close(w->writer);
    free(block);
    return err;
}

enum td_err td_table_write_parquet(const struct td_table *table, struct td_world *world,
                                   const char *path, const char *source,
                                   struct td_table_parquet *out, struct td_fail *why)
{
    if (table->rows < 2 || table->columns == 0)
        return td_fail_set(why, TD_EPARSE, "no rows below the names of the columns");
    if (table->columns > TD_PQ_COLUMNS_MAX)
        return td_fail_set(why, TD_ERANGE, "%zu columns; at most %d are possible", table->columns,
                           TD_PQ_COLUMNS_MAX);
    struct writing *w = calloc(1, sizeof *w);
    if (!w)
        return td_fail_set(why, TD_ENOMEM, "out of memory");
    w->table = table;
    w->columns = table->columns;
    w->group_rows = GROUP_CELLS / w->columns < GROUP_ROWS ? GROUP_CELLS / w->columns : GROUP_ROWS;
    td_pool_init(&w->printed, TEXT_POOL);
    make_schema(w);
    enum td_err err = td_out_open(&w->out, world, path, why);
    if (!err)
        err = write_file(w, source, why);
    if (!err)
        err = td_out_seal(&w->out, why);
    if (!err)
        err = td_out_publish(&w->out, why);
    if (!err)
        *out = (struct td_table_parquet){table->rows - 1, w->errors, w->columns, w->out.bytes};
    td_out_drop(&w->out);
    td_pool_fini(&w->printed);
    free(w);
    return err;
}

/* ---- reading back and copying ---- */

struct source {
    struct td_world *world;
    struct td_file file;
};

static enum td_err read_at(void *arg, uint64_t offset, void *buf, size_t len)
{
    const struct source *s = arg;
    size_t got = 0;
    const enum td_err err = td_file_read(s->world, s->file, offset, buf, len, &got);
    return err ? err : got == len ? TD_OK : TD_EIO;
}

static enum td_err check_columns(struct td_pq_reader *r, struct td_arena *arena,
                                 struct td_fail *why)
{
    const size_t used = arena->used;
    for (size_t g = 0; g < td_pq_groups(r); g++)
        for (size_t c = 0; c < td_pq_columns(r); c++) {
            struct td_pq_values v;
            const enum td_err err = td_pq_read_column(r, g, c, arena, &v, why);
            if (err)
                return err;
            arena->used = used;
        }
    return TD_OK;
}

enum td_err td_parquet_check(struct td_world *world, const char *path, uint64_t *rows,
                             struct td_fail *why)
{
    struct source s = {.world = world};
    struct td_pq_reader *r = NULL;
    struct td_arena arena;
    enum td_err err = td_file_open(world, path, TD_FILE_READ, &s.file, why);
    if (err)
        return err;
    struct td_pq_source source = {read_at, &s, 0};
    void *block = NULL;
    err = td_file_size(world, s.file, &source.size);
    /* Compressed pages and their values: both are bounded by a small multiple of the file. */
    const size_t need = source.size * 64 + ((size_t)32 << 20) < CHECK_BYTES
                            ? source.size * 64 + ((size_t)32 << 20)
                            : CHECK_BYTES;
    if (!err && !(block = malloc(need)))
        err = td_fail_set(why, TD_ENOMEM, "%s: out of memory", path);
    if (!err) {
        td_arena_init(&arena, block, need);
        err = td_pq_reader_open(&r, &source, &arena, why);
    }
    if (!err)
        err = check_columns(r, &arena, why);
    if (!err)
        *rows = td_pq_rows(r);
    td_file_close(world, s.file);
    free(block);
    return err;
}

static enum td_err copy_bytes(struct td_world *world, struct td_file from, struct td_out *out)
{
    static const size_t piece = 65536;
    enum td_err err = TD_OK;
    uint8_t *buf = malloc(piece);
    if (!buf)
        return TD_ENOMEM;
    for (uint64_t at = 0; !err;) {
        size_t got = 0;
        err = td_file_read(world, from, at, buf, piece, &got);
        if (err || got == 0)
            break;
        at += got;
        err = td_out_write(out, buf, got);
    }
    free(buf);
    return err;
}

enum td_err td_file_copy(struct td_world *world, const char *from, const char *to,
                         struct td_fail *why)
{
    char folder[TD_OUT_PATH];
    struct td_file f = {0};
    struct td_out *out = calloc(1, sizeof *out);
    if (!out)
        return td_fail_set(why, TD_ENOMEM, "%s: out of memory", to);
    td_path_folder(to, folder, sizeof folder);
    enum td_err err = td_file_open(world, from, TD_FILE_READ, &f, why);
    if (!err) {
        err = td_folder_make(world, folder);
        if (err)
            (void)td_fail_set(why, err, "%s: %s", folder, td_err_text(err));
        if (!err)
            err = td_out_open(out, world, to, why);
        const enum td_err copied = err ? err : copy_bytes(world, f, out);
        if (!err)
            err = td_out_seal(out, why);
        if (!err && copied)
            err = td_fail_set(why, copied, "copying %s: %s", from, td_err_text(copied));
        td_file_close(world, f);
    }
    if (!err)
        err = td_out_publish(out, why);
    td_out_drop(out);
    free(out);
    return err;
}
