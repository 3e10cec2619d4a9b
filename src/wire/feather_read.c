/* wire/feather_read.c - opens Feather files: magic, footer, heads of the batches. */
#include <string.h>

#include "wire/feather_reader.h"

static enum td_err get(const struct td_ftr_reader *r, uint64_t offset, void *buf, size_t len)
{
    return r->source.read(r->source.arg, offset, buf, len);
}

static enum td_err damaged(struct td_fail *why, const char *what)
{
    return td_fail_set(why, TD_EPARSE, "a damaged Feather file: %s", what);
}

static enum td_err no_memory(struct td_fail *why, uint64_t bytes)
{
    return td_fail_set(why, TD_ENOMEM, "%llu bytes for a Feather file: %s",
                       (unsigned long long)bytes, td_err_text(TD_ENOMEM));
}

/* ---- magic and footer ---- */

static enum td_err check_head(struct td_ftr_reader *r, struct td_fail *why)
{
    uint8_t head[TD_FTR_HEAD_BYTES] = {0};
    const size_t len = r->source.size < sizeof head ? (size_t)r->source.size : sizeof head;
    const enum td_err err = get(r, 0, head, len);
    if (err)
        return td_fail_set(why, err, "reading its first bytes: %s", td_err_text(err));
    if (memcmp(head, "FEA1", 4) == 0)
        return td_fail_set(why, TD_EVERSION,
                           "a Feather file of version 1 (FEA1): write it again as version 2, e.g. "
                           "pandas.read_feather(f).to_feather(f)");
    if (memcmp(head, "\xff\xff\xff\xff", 4) == 0)
        return td_fail_set(why, TD_EUNSUP, "an Arrow stream: write it as a file (Feather V2)");
    if (memcmp(head, TD_FTR_MAGIC, 6) != 0)
        return td_fail_set(why, TD_EPARSE, "not a Feather file: it does not begin with ARROW1");
    return TD_OK;
}

/* The footer's bytes into the arena. */
static enum td_err read_footer(struct td_ftr_reader *r, struct td_arena *arena, struct td_fb *out,
                               struct td_fail *why)
{
    uint8_t tail[TD_FTR_TAIL_BYTES];
    if (r->source.size < TD_FTR_HEAD_BYTES + sizeof tail)
        return damaged(why, "it ends before its footer");
    enum td_err err = get(r, r->source.size - sizeof tail, tail, sizeof tail);
    if (!err && memcmp(tail + 4, TD_FTR_MAGIC, 6) != 0)
        return damaged(why, "it does not end with ARROW1; it may have been cut");
    const uint32_t len = (uint32_t)tail[0] | (uint32_t)tail[1] << 8 | (uint32_t)tail[2] << 16 |
                         (uint32_t)tail[3] << 24;
    const uint64_t most = r->source.size - TD_FTR_HEAD_BYTES - sizeof tail;
    if (!err && (len == 0 || len > most))
        return damaged(why, "length of the footer");
    uint8_t *bytes = err ? NULL : td_arena_take(arena, len, 1);
    if (!err && !bytes)
        return no_memory(why, len);
    r->limit = r->source.size - sizeof tail - (err ? 0 : len);
    if (!err)
        err = get(r, r->limit, bytes, len);
    if (err)
        return td_fail_set(why, err, "reading the footer: %s", td_err_text(err));
    *out = (struct td_fb){.p = bytes, .len = len};
    return TD_OK;
}

/* Blocks of a kind lie one behind the other, from *from on: reading them all once is linear in the file. */
static bool parse_block(const struct td_ftr_reader *r, const struct td_fb_vector *v, size_t i,
                        uint64_t *from, struct td_ftr_block *out)
{
    const int64_t offset = td_fb_item_i64(v, i, TD_FTR_BLOCK_BYTES, 0);
    const int32_t meta = td_fb_item_i32(v, i, TD_FTR_BLOCK_BYTES, 8);
    const int64_t body = td_fb_item_i64(v, i, TD_FTR_BLOCK_BYTES, 16);
    *out = (struct td_ftr_block){(uint64_t)offset, (uint64_t)meta, (uint64_t)body};
    if (offset < 0 || meta < 8 || body < 0 || out->offset < *from || out->offset > r->limit ||
        out->meta > r->limit - out->offset || out->body > r->limit - out->offset - out->meta)
        return false;
    *from = out->offset + out->meta + out->body;
    return true;
}

static enum td_err parse_blocks(struct td_ftr_reader *r, const struct td_fb_table *footer,
                                struct td_arena *arena, struct td_fail *why)
{
    const struct td_fb_vector dicts = td_fb_list(footer, TD_FTR_FOOTER_DICTS, TD_FTR_BLOCK_BYTES);
    const struct td_fb_vector batches =
        td_fb_list(footer, TD_FTR_FOOTER_BATCHES, TD_FTR_BLOCK_BYTES);
    r->dicts = td_arena_take(arena, dicts.count, sizeof *r->dicts);
    r->groups = td_arena_take(arena, batches.count, sizeof *r->groups);
    if ((!r->dicts && dicts.count) || (!r->groups && batches.count))
        return no_memory(why, batches.count * sizeof *r->groups);
    r->dict_count = dicts.count;
    r->group_count = batches.count;
    uint64_t dict_from = TD_FTR_HEAD_BYTES, from = TD_FTR_HEAD_BYTES;
    bool good = true;
    for (size_t i = 0; i < dicts.count && good; i++)
        good = parse_block(r, &dicts, i, &dict_from, &r->dicts[i]);
    for (size_t i = 0; i < batches.count && good; i++)
        good = parse_block(r, &batches, i, &from, &r->groups[i].block);
    return good ? TD_OK : damaged(why, "a batch outside the file, or over another");
}

/* ---- heads of batches ---- */

/* The record batch of a message; the one inside a dictionary batch. */
static struct td_fb_table batch_of(const struct td_fb_table *message, int kind,
                                   struct td_ftr_batch *out)
{
    const struct td_fb_table header = td_fb_child(message, TD_FTR_MESSAGE_HEADER);
    if (kind == TD_FTR_RECORDS)
        return header;
    out->dictionary = td_fb_int(&header, TD_FTR_DBATCH_ID, 8, 0);
    out->delta = td_fb_int(&header, TD_FTR_DBATCH_DELTA, 1, 0) != 0;
    return td_fb_child(&header, TD_FTR_DBATCH_DATA);
}

enum td_err td_ftr_read_batch(struct td_ftr_reader *r, const struct td_ftr_block *block, int kind,
                              struct td_arena *arena, struct td_ftr_batch *out, struct td_fail *why)
{
    uint8_t *bytes = td_arena_take(arena, (size_t)block->meta, 1);
    if (!bytes)
        return no_memory(why, block->meta);
    const enum td_err err = get(r, block->offset, bytes, (size_t)block->meta);
    if (err)
        return td_fail_set(why, err, "reading the head of a batch: %s", td_err_text(err));
    /* Files of before 0.15 have the length alone in front. */
    const size_t head = memcmp(bytes, "\xff\xff\xff\xff", 4) == 0 ? 8 : 4;
    out->flat = (struct td_fb){.p = bytes + head, .len = (size_t)block->meta - head};
    const struct td_fb_table message = td_fb_root(&out->flat);
    if ((uint8_t)td_fb_int(&message, TD_FTR_MESSAGE_KIND, 1, 0) != kind)
        return damaged(why, "a batch of another kind");
    const struct td_fb_table batch = batch_of(&message, kind, out);
    const struct td_fb_table press = td_fb_child(&batch, TD_FTR_BATCH_PRESS);
    const int64_t rows = td_fb_int(&batch, TD_FTR_BATCH_ROWS, 8, 0);
    out->nodes = td_fb_list(&batch, TD_FTR_BATCH_NODES, 16);
    out->buffers = td_fb_list(&batch, TD_FTR_BATCH_BUFFERS, 16);
    out->codec = press.in ? (int)td_fb_int(&press, 0, 1, 0) : -1;
    if (out->flat.bad || !batch.in || rows < 0 || rows > TD_FTR_ROWS_MAX)
        return damaged(why, "the head of a batch");
    out->rows = (uint64_t)rows;
    out->body = block->offset + block->meta;
    out->body_len = block->body;
    return TD_OK;
}

static enum td_err count_rows(struct td_ftr_reader *r, struct td_arena *arena, struct td_fail *why)
{
    for (size_t g = 0; g < r->group_count; g++) {
        struct td_ftr_batch batch = {0};
        const size_t mark = arena->used;
        const enum td_err err =
            td_ftr_read_batch(r, &r->groups[g].block, TD_FTR_RECORDS, arena, &batch, why);
        arena->used = mark;
        if (err)
            return td_fail_add(why, err, "batch %zu", g + 1);
        r->groups[g].rows = batch.rows;
        r->rows += batch.rows;
    }
    return TD_OK;
}

/* ---- the file ---- */

enum td_err td_ftr_reader_open(struct td_ftr_reader **out, const struct td_pq_source *source,
                               struct td_arena *arena, struct td_fail *why)
{
    struct td_fb flat = {0};
    struct td_ftr_reader *r = td_arena_take(arena, 1, sizeof *r);
    if (!r)
        return no_memory(why, sizeof *r);
    r->source = *source;
    enum td_err err = check_head(r, why);
    if (!err)
        err = read_footer(r, arena, &flat, why);
    if (err)
        return err;
    const struct td_fb_table footer = td_fb_root(&flat);
    const struct td_fb_table schema = td_fb_child(&footer, TD_FTR_FOOTER_SCHEMA);
    if (flat.bad)
        return damaged(why, "the footer");
    err = td_ftr_parse_schema(r, &schema, arena, why);
    if (!err)
        err = parse_blocks(r, &footer, arena, why);
    if (flat.bad)
        return damaged(why, "the footer");
    if (!err)
        err = count_rows(r, arena, why);
    if (!err)
        *out = r;
    return err;
}

size_t td_ftr_columns(const struct td_ftr_reader *r)
{
    return r->leaf_count;
}

const struct td_pq_column *td_ftr_column_at(const struct td_ftr_reader *r, size_t column)
{
    TD_REQUIRE(column < r->leaf_count);
    return &r->leaves[column].column;
}

struct td_str td_ftr_zone(const struct td_ftr_reader *r, size_t column)
{
    TD_REQUIRE(column < r->leaf_count);
    return r->leaves[column].zone;
}

int td_ftr_column_find(const struct td_ftr_reader *r, const char *name)
{
    for (size_t i = 0; i < r->leaf_count; i++)
        if (strcmp(r->leaves[i].name, name) == 0)
            return (int)i;
    return -1;
}

size_t td_ftr_groups(const struct td_ftr_reader *r)
{
    return r->group_count;
}

uint64_t td_ftr_group_rows(const struct td_ftr_reader *r, size_t group)
{
    TD_REQUIRE(group < r->group_count);
    return r->groups[group].rows;
}

uint64_t td_ftr_rows(const struct td_ftr_reader *r)
{
    return r->rows;
}

struct td_str td_ftr_meta(const struct td_ftr_reader *r, const char *key)
{
    for (size_t i = 0; i < r->pair_count; i++)
        if (td_str_is(r->pairs[2 * i], key))
            return r->pairs[2 * i + 1];
    return (struct td_str){0};
}
