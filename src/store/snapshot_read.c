/* store/snapshot_read.c - reads the snapshots file of a session, ours or the original recorder's. */
#include "store/snapshot_read.h"

#include <stdlib.h>
#include <string.h>

#include "store/session.h"

#define MEMORY_MIN ((size_t)1 << 20)
#define MEMORY_MAX ((size_t)256 << 20)

struct td_snapshot_file {
    struct td_world *world;
    struct td_file file;
    struct td_arena arena;
    size_t mark; /* of the arena behind the footer */
    struct td_pq_reader *reader;
    int column[TD_SESSION_COLUMNS]; /* -1: not in this file */
    struct td_pq_values values[TD_SESSION_COLUMNS];
    size_t group; /* the next one to load */
    size_t row;
    size_t rows;
    int32_t levels;
    enum td_err failed; /* a group could not be loaded: nothing more comes */
};

static enum td_err read_range(void *arg, uint64_t offset, void *buf, size_t len)
{
    struct td_snapshot_file *f = arg;
    size_t got = 0;
    const enum td_err err = td_file_read(f->world, f->file, offset, buf, len, &got);
    return err ? err : got == len ? TD_OK : TD_EPARSE; /* the file shrank */
}

/* Finds the columns and checks their types; the first five are the contract's. */
static enum td_err find_columns(struct td_snapshot_file *f, const char *path, struct td_fail *why)
{
    struct td_pq_column schema[TD_SESSION_COLUMNS];
    td_session_schema(1, schema);
    for (int i = 0; i < TD_SESSION_COLUMNS; i++) {
        f->column[i] = td_pq_column_find(f->reader, schema[i].name);
        if (f->column[i] < 0 && i <= TD_SESSION_ASK_SIZES)
            return td_fail_set(why, TD_EPARSE, "%s is not a snapshots file: no column %s", path,
                               schema[i].name);
        if (f->column[i] < 0)
            continue;
        const struct td_pq_column *c = td_pq_column_at(f->reader, (size_t)f->column[i]);
        if (c->type != schema[i].type || (c->list != 0) != (schema[i].list != 0))
            return td_fail_set(why, TD_EPARSE, "%s is not a snapshots file: type of column %s",
                               path, schema[i].name);
    }
    return TD_OK;
}

/* The footer decides how much memory the largest row group needs; tried in doubling sizes up to a limit. */
static enum td_err open_in(struct td_snapshot_file *f, size_t memory, struct td_fail *why)
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
    err = td_pq_reader_open(&f->reader, &source, &f->arena, why);
    f->mark = f->arena.used;
    return err;
}

static enum td_err load_group(struct td_snapshot_file *f, struct td_fail *why)
{
    f->arena.used = f->mark;
    for (int i = 0; i < TD_SESSION_COLUMNS; i++) {
        if (f->column[i] < 0)
            continue;
        const enum td_err err = td_pq_read_column(f->reader, f->group, (size_t)f->column[i],
                                                  &f->arena, &f->values[i], why);
        if (err)
            return err;
    }
    f->rows = (size_t)td_pq_group_rows(f->reader, f->group);
    f->row = 0;
    f->group++;
    return TD_OK;
}

/* Loads the next group; when the memory is too small for it, takes more and parses the footer again. */
static enum td_err next_group(struct td_snapshot_file *f, struct td_fail *why)
{
    enum td_err err = load_group(f, why);
    while (err == TD_ENOMEM && f->arena.cap < MEMORY_MAX) {
        err = open_in(f, f->arena.cap * 4, why);
        if (!err)
            err = load_group(f, why);
    }
    return err;
}

enum td_err td_snapshot_file_open(struct td_snapshot_file **out, struct td_world *world,
                                  const char *path, struct td_fail *why)
{
    struct td_snapshot_file *f = calloc(1, sizeof *f);
    if (!f)
        return td_fail_set(why, TD_ENOMEM, "reading %s: %s", path, td_err_text(TD_ENOMEM));
    f->world = world;
    enum td_err err = td_file_open(world, path, TD_FILE_READ, &f->file, why);
    for (size_t memory = MEMORY_MIN; !err; memory *= 4) {
        err = open_in(f, memory, why);
        if (err != TD_ENOMEM || memory >= MEMORY_MAX)
            break;
        err = TD_OK;
    }
    if (!err)
        err = find_columns(f, path, why);
    if (err) {
        td_snapshot_file_close(f);
        return td_fail_add(why, err, "opening %s", path);
    }
    *out = f;
    return TD_OK;
}

uint64_t td_snapshot_file_rows(const struct td_snapshot_file *f)
{
    return td_pq_rows(f->reader);
}

int32_t td_snapshot_file_levels(const struct td_snapshot_file *f)
{
    return f->levels;
}

static bool is_there(const struct td_pq_values *v, size_t slot)
{
    return v->values && (!v->present || v->present[slot]);
}

static int64_t int_at(const struct td_snapshot_file *f, int column)
{
    const struct td_pq_values *v = &f->values[column];
    return is_there(v, f->row) ? ((const int64_t *)v->values)[f->row] : 0;
}

static enum td_err get_list(struct td_snapshot_file *f, int prices, int sizes, td_px *px,
                            td_qty *qty)
{
    const struct td_pq_values *p = &f->values[prices], *s = &f->values[sizes];
    const size_t from = p->starts[f->row], count = p->starts[f->row + 1] - from;
    const size_t size_from = s->starts[f->row], size_count = s->starts[f->row + 1] - size_from;
    if (count > TD_CAPTURE_LEVELS_MAX || size_count != count)
        return TD_EPARSE;
    f->levels = (int32_t)count > f->levels ? (int32_t)count : f->levels;
    for (size_t i = 0; i < count; i++) {
        const double price = ((const double *)p->values)[from + i];
        const int64_t size = ((const int64_t *)s->values)[size_from + i];
        if (td_e9_from_double(price, &px[i].e9) || __builtin_mul_overflow(size, TD_E9, &qty[i].e9))
            return TD_ERANGE;
    }
    return TD_OK;
}

static enum td_err get_row(struct td_snapshot_file *f, struct td_snap *out)
{
    const struct td_pq_values *at = &f->values[TD_SESSION_TIMESTAMP];
    const struct td_pq_values *quality = &f->values[TD_SESSION_QUALITY];
    const struct td_pq_values *generated = &f->values[TD_SESSION_GENERATED];
    memset(out, 0, sizeof *out);
    if (!is_there(at, f->row))
        return TD_EPARSE;
    const struct td_str text = ((const struct td_str *)at->values)[f->row];
    enum td_err err = td_iso_parse(text.p, text.len, &out->at_ns);
    if (!err)
        err = get_list(f, TD_SESSION_BID_PRICES, TD_SESSION_BID_SIZES, out->px[TD_BID],
                       out->qty[TD_BID]);
    if (!err)
        err = get_list(f, TD_SESSION_ASK_PRICES, TD_SESSION_ASK_SIZES, out->px[TD_ASK],
                       out->qty[TD_ASK]);
    out->recv_ns = int_at(f, TD_SESSION_RECV_NS);
    out->venue_ns = int_at(f, TD_SESSION_VENUE_NS);
    out->seq = (uint64_t)int_at(f, TD_SESSION_SEQ);
    if (is_there(quality, f->row))
        out->quality = (uint32_t)((const int32_t *)quality->values)[f->row];
    out->generated = is_there(generated, f->row) && ((const uint8_t *)generated->values)[f->row];
    return err;
}

enum td_err td_snapshot_file_next(struct td_snapshot_file *f, struct td_snap *out,
                                  struct td_fail *why)
{
    if (f->failed)
        return td_fail_set(why, f->failed, "an earlier row group could not be read");
    while (f->row == f->rows) {
        if (f->group == td_pq_groups(f->reader))
            return TD_ENODATA;
        f->failed = next_group(f, why);
        if (f->failed)
            return f->failed;
    }
    const enum td_err err = get_row(f, out);
    if (err)
        return td_fail_set(why, err, "row %zu of group %zu: %s", f->row, f->group,
                           td_err_text(err));
    f->row++;
    return TD_OK;
}

void td_snapshot_file_close(struct td_snapshot_file *f)
{
    if (!f)
        return;
    if (f->file.id)
        td_file_close(f->world, f->file);
    free(f->arena.base);
    free(f);
}
