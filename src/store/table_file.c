/* store/table_file.c - one face for the two readers of wire/. */
#include "store/table_file.h"

#include <stdlib.h>
#include <string.h>

#include "wire/feather.h"

#define MEMORY_MIN ((size_t)1 << 20)
#define MEMORY_MAX ((size_t)256 << 20)

struct td_table_file {
    struct td_world *world;
    struct td_file file;
    struct td_arena arena;
    size_t mark; /* of the arena behind the footer */
    enum td_table_form form;
    struct td_pq_reader *parquet;
    struct td_ftr_reader *feather;
};

/* ---- which form ---- */

static enum td_err sniff(struct td_world *world, struct td_file file, enum td_table_form *out)
{
    static const struct {
        const char *magic;
        enum td_table_form form;
    } rows[] = {
        {"PAR1", TD_TABLE_PARQUET}, {"ARROW1", TD_TABLE_FEATHER}, {"FEA1", TD_TABLE_FEATHER_V1}};
    char head[8] = "";
    size_t got = 0;
    const enum td_err err = td_file_read(world, file, 0, head, sizeof head, &got);
    *out = TD_TABLE_UNKNOWN;
    for (size_t i = 0; i < TD_COUNT(rows); i++)
        if (got >= strlen(rows[i].magic) && memcmp(head, rows[i].magic, strlen(rows[i].magic)) == 0)
            *out = rows[i].form;
    return err;
}

enum td_err td_table_sniff(struct td_world *world, const char *path, enum td_table_form *out,
                           struct td_fail *why)
{
    struct td_file file;
    enum td_err err = td_file_open(world, path, TD_FILE_READ, &file, why);
    if (err)
        return err;
    err = sniff(world, file, out);
    td_file_close(world, file);
    return err ? td_fail_set(why, err, "reading %s: %s", path, td_err_text(err)) : TD_OK;
}

/* ---- opening ---- */

static enum td_err read_range(void *arg, uint64_t offset, void *buf, size_t len)
{
    struct td_table_file *f = arg;
    size_t got = 0;
    const enum td_err err = td_file_read(f->world, f->file, offset, buf, len, &got);
    return err ? err : got == len ? TD_OK : TD_EPARSE; /* the file shrank */
}

static enum td_err open_in(struct td_table_file *f, size_t memory, struct td_fail *why)
{
    uint64_t size = 0;
    void *block = realloc(f->arena.base, memory);
    enum td_err err = td_file_size(f->world, f->file, &size);
    if (block)
        td_arena_init(&f->arena, block, memory);
    if (err || !block)
        return td_fail_set(why, block ? err : TD_ENOMEM, "%s",
                           td_err_text(block ? err : TD_ENOMEM));
    const struct td_pq_source source = {read_range, f, size};
    if (f->form == TD_TABLE_PARQUET)
        err = td_pq_reader_open(&f->parquet, &source, &f->arena, why);
    else if (f->form == TD_TABLE_UNKNOWN)
        err = td_fail_set(why, TD_EPARSE, "neither Parquet (PAR1) nor Feather (ARROW1)");
    else
        err = td_ftr_reader_open(&f->feather, &source, &f->arena, why);
    f->mark = f->arena.used;
    return err;
}

enum td_err td_table_file_open(struct td_table_file **out, struct td_world *world, const char *path,
                               struct td_fail *why)
{
    struct td_table_file *f = calloc(1, sizeof *f);
    if (!f)
        return td_fail_set(why, TD_ENOMEM, "reading %s: %s", path, td_err_text(TD_ENOMEM));
    f->world = world;
    enum td_err err = td_file_open(world, path, TD_FILE_READ, &f->file, why);
    if (err) {
        free(f);
        return err;
    }
    err = sniff(world, f->file, &f->form);
    if (err)
        (void)td_fail_set(why, err, "%s", td_err_text(err));
    for (size_t memory = MEMORY_MIN; !err; memory *= 4) {
        err = open_in(f, memory, why);
        if (err != TD_ENOMEM || memory >= MEMORY_MAX)
            break;
        err = TD_OK;
    }
    if (err) {
        td_table_file_close(f);
        return td_fail_add(why, err, "reading %s", path);
    }
    *out = f;
    return TD_OK;
}

void td_table_file_close(struct td_table_file *f)
{
    if (!f)
        return;
    if (f->file.id)
        td_file_close(f->world, f->file);
    free(f->arena.base);
    free(f);
}

/* ---- what is in it ---- */

enum td_table_form td_table_file_form(const struct td_table_file *f)
{
    return f->form;
}

size_t td_table_file_columns(const struct td_table_file *f)
{
    return f->parquet ? td_pq_columns(f->parquet) : td_ftr_columns(f->feather);
}

const struct td_pq_column *td_table_file_column_at(const struct td_table_file *f, size_t column)
{
    return f->parquet ? td_pq_column_at(f->parquet, column) : td_ftr_column_at(f->feather, column);
}

int td_table_file_find(const struct td_table_file *f, const char *name)
{
    return f->parquet ? td_pq_column_find(f->parquet, name) : td_ftr_column_find(f->feather, name);
}

size_t td_table_file_groups(const struct td_table_file *f)
{
    return f->parquet ? td_pq_groups(f->parquet) : td_ftr_groups(f->feather);
}

uint64_t td_table_file_rows(const struct td_table_file *f)
{
    return f->parquet ? td_pq_rows(f->parquet) : td_ftr_rows(f->feather);
}

struct td_str td_table_file_meta(const struct td_table_file *f, const char *key)
{
    return f->parquet ? td_pq_meta(f->parquet, key) : td_ftr_meta(f->feather, key);
}

/* The name in the first place of "index_columns":["..."]. */
bool td_table_file_index(const struct td_table_file *f, char *name, size_t cap)
{
    static const char head[] = "\"index_columns\":";
    const struct td_str meta = td_table_file_meta(f, "pandas");
    for (size_t i = 0; i + sizeof head < meta.len; i++) {
        if (memcmp(meta.p + i, head, sizeof head - 1) != 0)
            continue;
        struct td_str rest = {meta.p + i + sizeof head - 1, meta.len - i - (sizeof head - 1)};
        struct td_str part;
        rest = td_str_trim(rest);
        if (!td_str_starts(rest, "[\""))
            return false;
        rest = (struct td_str){rest.p + 2, rest.len - 2};
        return td_str_split(&rest, '"', &part) && td_str_copy(part, name, cap);
    }
    return false;
}

/* ---- rows ---- */

static enum td_err load(struct td_table_file *f, size_t group, const size_t *columns, size_t count,
                        struct td_pq_values *out, struct td_fail *why)
{
    enum td_err err = TD_OK;
    f->arena.used = f->mark;
    for (size_t i = 0; i < count && !err; i++)
        err = f->parquet
                  ? td_pq_read_column(f->parquet, group, columns[i], &f->arena, &out[i], why)
                  : td_ftr_read_column(f->feather, group, columns[i], &f->arena, &out[i], why);
    return err;
}

enum td_err td_table_file_load(struct td_table_file *f, size_t group, const size_t *columns,
                               size_t count, struct td_pq_values *out, struct td_fail *why)
{
    enum td_err err = load(f, group, columns, count, out, why);
    while (err == TD_ENOMEM && f->arena.cap < MEMORY_MAX) {
        err = open_in(f, f->arena.cap * 4 > MEMORY_MAX ? MEMORY_MAX : f->arena.cap * 4, why);
        if (!err)
            err = load(f, group, columns, count, out, why);
    }
    return err;
}
