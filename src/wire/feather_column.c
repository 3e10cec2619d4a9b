/* wire/feather_column.c - one column of one record batch into memory. */
#include <string.h>

#include "wire/feather_reader.h"

struct bytes {
    const uint8_t *p;
    size_t len;
};

/* One column being read. */
struct task {
    struct td_ftr_reader *r;
    const struct td_ftr_leaf *leaf;
    struct td_arena *arena;
    struct td_ftr_batch batch;
    size_t node, buffer; /* the next ones of the batch */
    struct td_fail *why;
};

static enum td_err damaged(struct task *t, const char *what)
{
    return td_fail_set(t->why, TD_EPARSE, "damaged: %s", what);
}

static enum td_err no_memory(struct task *t)
{
    return td_fail_set(t->why, TD_ENOMEM, "%s", td_err_text(TD_ENOMEM));
}

/* ---- buffers ---- */

static enum td_err unpack(struct task *t, const struct bytes *packed, struct bytes *out)
{
    uint64_t raw = 0;
    if (packed->len < 8)
        return damaged(t, "a compressed buffer without its length");
    for (size_t i = 0; i < 8; i++)
        raw |= (uint64_t)packed->p[i] << (8 * i);
    if (raw == UINT64_MAX) { /* left as it was */
        *out = (struct bytes){packed->p + 8, packed->len - 8};
        return TD_OK;
    }
    if (raw > INT64_MAX)
        return damaged(t, "length of a buffer");
    if (raw > td_arena_left(t->arena))
        return no_memory(t);
    uint8_t *p = td_arena_take(t->arena, (size_t)raw, 1);
    if (!p && raw)
        return no_memory(t);
    const enum td_err err =
        td_ftr_unpress(t->batch.codec, packed->p + 8, packed->len - 8, p, (size_t)raw);
    if (err == TD_EUNSUP && t->batch.codec == TD_FTR_LZ4_FRAME)
        return td_fail_set(t->why, err,
                           "LZ4: this program was built without liblz4; write the file with "
                           "compression='zstd' or 'uncompressed'");
    if (err == TD_EUNSUP)
        return td_fail_set(t->why, err, "compression %d is not known", t->batch.codec);
    if (err)
        return td_fail_set(t->why, err, "a compressed buffer: %s", td_err_text(err));
    *out = (struct bytes){p, (size_t)raw};
    return TD_OK;
}

/* The next buffer of the batch, at least `least` bytes of it; an empty one only when `least` is 0. */
static enum td_err next_buffer(struct task *t, uint64_t least, struct bytes *out)
{
    const struct td_fb_vector *v = &t->batch.buffers;
    struct bytes packed = {NULL, 0};
    if (t->buffer >= v->count)
        return damaged(t, "a buffer is missing");
    const int64_t offset = td_fb_item_i64(v, t->buffer, 16, 0);
    const int64_t len = td_fb_item_i64(v, t->buffer, 16, 8);
    t->buffer++;
    if (offset < 0 || len < 0 || (uint64_t)offset > t->batch.body_len ||
        (uint64_t)len > t->batch.body_len - (uint64_t)offset)
        return damaged(t, "a buffer outside its batch");
    if (len > 0) {
        if ((uint64_t)len > td_arena_left(t->arena))
            return no_memory(t);
        uint8_t *p = td_arena_take(t->arena, (size_t)len, 1);
        if (!p)
            return no_memory(t);
        const enum td_err err =
            t->r->source.read(t->r->source.arg, t->batch.body + (uint64_t)offset, p, (size_t)len);
        if (err)
            return td_fail_set(t->why, err, "reading a buffer: %s", td_err_text(err));
        packed = (struct bytes){p, (size_t)len};
    }
    *out = packed;
    const enum td_err err = len > 0 && t->batch.codec >= 0 ? unpack(t, &packed, out) : TD_OK;
    if (!err && out->len < least)
        return damaged(t, "a buffer is shorter than its rows");
    return err;
}

/* The next node: how many slots, and a byte for each where something is null. */
static enum td_err next_node(struct task *t, uint64_t *count, const uint8_t **present)
{
    struct bytes bits;
    if (t->node >= t->batch.nodes.count)
        return damaged(t, "a node is missing");
    const int64_t rows = td_fb_item_i64(&t->batch.nodes, t->node, 16, 0);
    const int64_t nulls = td_fb_item_i64(&t->batch.nodes, t->node, 16, 8);
    t->node++;
    if (rows < 0 || rows > TD_FTR_ROWS_MAX || nulls < 0 || nulls > rows)
        return damaged(t, "rows of a node");
    enum td_err err = next_buffer(t, nulls ? ((uint64_t)rows + 7) / 8 : 0, &bits);
    *count = (uint64_t)rows;
    *present = NULL;
    if (err || !nulls)
        return err;
    uint8_t *flags = td_arena_take(t->arena, (size_t)rows, 1);
    if (!flags)
        return no_memory(t);
    for (size_t i = 0; i < (size_t)rows; i++)
        flags[i] = (bits.p[i / 8] >> (i % 8)) & 1;
    *present = flags;
    return TD_OK;
}

/* ---- values ---- */

static size_t width_of(enum td_ftr_kind kind)
{
    static const uint8_t widths[] = {
        [TD_FTR_K_I8] = 1,  [TD_FTR_K_I16] = 2, [TD_FTR_K_I32] = 4, [TD_FTR_K_I64] = 8,
        [TD_FTR_K_U8] = 1,  [TD_FTR_K_U16] = 2, [TD_FTR_K_U32] = 4, [TD_FTR_K_F32] = 4,
        [TD_FTR_K_F64] = 8, [TD_FTR_K_TEXT] = 0};
    return widths[kind];
}

static int64_t int_at(enum td_ftr_kind kind, const uint8_t *p, size_t i)
{
    const size_t width = width_of(kind);
    uint64_t v = 0;
    for (size_t b = 0; b < width; b++)
        v |= (uint64_t)p[i * width + b] << (8 * b);
    switch (kind) {
    case TD_FTR_K_I8:
        return (int8_t)v;
    case TD_FTR_K_I16:
        return (int16_t)v;
    case TD_FTR_K_I32:
        return (int32_t)v;
    case TD_FTR_K_I64:
    case TD_FTR_K_U8:
    case TD_FTR_K_U16:
    case TD_FTR_K_U32:
    case TD_FTR_K_BITS:
    case TD_FTR_K_F32:
    case TD_FTR_K_F64:
    case TD_FTR_K_TEXT:
    case TD_FTR_K_BAD:
    default:
        return (int64_t)v;
    }
}

static double double_at(enum td_ftr_kind kind, const uint8_t *p, size_t i)
{
    float f;
    double d;
    if (kind == TD_FTR_K_F64) {
        memcpy(&d, p + 8 * i, sizeof d);
        return d;
    }
    memcpy(&f, p + 4 * i, sizeof f);
    return (double)f;
}

static size_t element_bytes(const struct td_pq_column *c)
{
    static const size_t sizes[] = {1, 4, 8, 8, sizeof(struct td_str)};
    return sizes[c->type];
}

/* Slot `from` of the file as value `to` of the answer. */
static enum td_err put_number(const struct td_ftr_leaf *l, const uint8_t *p, size_t from, void *out,
                              size_t to)
{
    if (l->column.type == TD_PQ_BOOL) {
        ((uint8_t *)out)[to] = (p[from / 8] >> (from % 8)) & 1;
    } else if (l->column.type == TD_PQ_DOUBLE) {
        ((double *)out)[to] = double_at(l->kind, p, from);
    } else {
        int64_t v = int_at(l->kind, p, from);
        if (l->scale && __builtin_mul_overflow(v, l->scale, &v))
            return TD_ERANGE;
        if (l->column.type == TD_PQ_INT32)
            ((int32_t *)out)[to] = (int32_t)v;
        else
            ((int64_t *)out)[to] = v;
    }
    return TD_OK;
}

static uint64_t offset_at(const uint8_t *p, size_t width, size_t i)
{
    uint64_t v = 0;
    for (size_t b = 0; b < width; b++)
        v |= (uint64_t)p[i * width + b] << (8 * b);
    return v;
}

/* Offsets of count + 1 places, rising, the last at most `most`. Arrow allows none at all for no rows. */
static enum td_err check_offsets(struct task *t, const struct bytes *o, size_t width,
                                 uint64_t count, uint64_t most)
{
    uint64_t last = 0;
    for (size_t i = 0; count && i <= count; i++) {
        const uint64_t at = offset_at(o->p, width, i);
        if (at < last || at > most)
            return damaged(t, "offsets do not rise, or lead out of their data");
        last = at;
    }
    return TD_OK;
}

/* The slots of a column of texts: each a view of bytes in the arena. */
static enum td_err read_texts(struct task *t, uint64_t count, const uint8_t *present,
                              struct td_str *out)
{
    const size_t width = t->leaf->text_width;
    struct bytes offsets, text;
    enum td_err err = next_buffer(t, count ? (count + 1) * width : 0, &offsets);
    if (!err)
        err = next_buffer(t, 0, &text);
    if (!err)
        err = check_offsets(t, &offsets, width, count, text.len);
    for (size_t i = 0; !err && i < count; i++) {
        const uint64_t from = offset_at(offsets.p, width, i);
        const uint64_t len = offset_at(offsets.p, width, i + 1) - from;
        if ((!present || present[i]) && text.p)
            out[i] = (struct td_str){(const char *)text.p + from, (size_t)len};
        else if (!present || present[i])
            out[i] = (struct td_str){"", 0};
    }
    return err;
}

/* The slots of a node as they lie in the file, in the answer's type; a null's slot is zero. */
static enum td_err read_slots(struct task *t, uint64_t count, const uint8_t *present, void *out)
{
    struct bytes data;
    if (t->leaf->kind == TD_FTR_K_TEXT)
        return read_texts(t, count, present, out);
    const uint64_t least =
        t->leaf->kind == TD_FTR_K_BITS ? (count + 7) / 8 : count * width_of(t->leaf->kind);
    enum td_err err = next_buffer(t, least, &data);
    for (size_t i = 0; !err && i < count; i++)
        if (!present || present[i]) {
            err = put_number(t->leaf, data.p, i, out, i);
            if (err)
                return td_fail_set(t->why, err, "row %zu: an instant that does not fit ns", i);
        }
    return err;
}

static enum td_err take_slots(struct task *t, uint64_t count, void **out)
{
    *out = td_arena_take(t->arena, (size_t)count, element_bytes(&t->leaf->column));
    return *out || !count ? TD_OK : no_memory(t);
}

/* ---- dictionaries ---- */

struct words {
    struct td_str *items;
    size_t count;
};

/* Adds one batch to the dictionary. They follow one another in the arena's order, so each is a copy of the last. */
static enum td_err add_words(struct task *t, const struct td_ftr_batch *batch, struct words *w)
{
    struct task d = {t->r, t->leaf, t->arena, *batch, 0, 0, t->why};
    const uint8_t *present;
    uint64_t count;
    d.batch.nodes.in = d.batch.buffers.in = &d.batch.flat; /* the head was copied */
    enum td_err err = next_node(&d, &count, &present);
    if (err)
        return err;
    struct td_str *items = td_arena_take(t->arena, w->count + (size_t)count, sizeof *items);
    if (!items && w->count + count)
        return no_memory(t);
    if (w->count)
        memcpy(items, w->items, w->count * sizeof *items);
    err = read_texts(&d, count, present, items ? items + w->count : NULL);
    w->items = items;
    w->count += (size_t)count;
    return err;
}

static enum td_err load_words(struct task *t, struct words *w)
{
    *w = (struct words){NULL, 0};
    for (size_t i = 0; i < t->r->dict_count; i++) {
        struct td_ftr_batch batch = {0};
        const size_t mark = t->arena->used;
        enum td_err err =
            td_ftr_read_batch(t->r, &t->r->dicts[i], TD_FTR_DICTIONARY, t->arena, &batch, t->why);
        if (err)
            return err;
        if (batch.dictionary != t->leaf->dictionary) {
            t->arena->used = mark;
            continue;
        }
        if (w->count && !batch.delta)
            return damaged(t, "a dictionary is there twice");
        err = add_words(t, &batch, w);
        if (err)
            return err;
    }
    return TD_OK;
}

static enum td_err read_indexed(struct task *t, uint64_t rows, const uint8_t *present,
                                struct td_str *out)
{
    struct bytes index;
    struct words words;
    enum td_err err = next_buffer(t, rows * width_of(t->leaf->index), &index);
    if (!err)
        err = load_words(t, &words);
    for (size_t i = 0; !err && i < rows; i++) {
        if (present && !present[i])
            continue;
        const int64_t at = int_at(t->leaf->index, index.p, i);
        if (at < 0 || (uint64_t)at >= words.count)
            return damaged(t, "an index past its dictionary");
        out[i] = words.items[at];
    }
    return err;
}

/* ---- lists ---- */

/* Moves the elements of the rows that are there next to each other and sets where each row starts. */
static enum td_err gather(struct task *t, const struct bytes *offsets, uint64_t rows,
                          const uint8_t *row_present, uint8_t *slots, uint8_t *present,
                          uint32_t *starts, size_t *total)
{
    const size_t size = element_bytes(&t->leaf->column);
    size_t to = 0;
    for (size_t i = 0; i < rows; i++) {
        const size_t from = (size_t)offset_at(offsets->p, t->leaf->list_width, i);
        const size_t end = (size_t)offset_at(offsets->p, t->leaf->list_width, i + 1);
        const size_t count = row_present && !row_present[i] ? 0 : end - from;
        starts[i] = (uint32_t)to;
        if (count && to != from)
            memmove(slots + to * size, slots + from * size, count * size);
        if (count && to != from && present)
            memmove(present + to, present + from, count);
        to += count;
    }
    starts[rows] = (uint32_t)to;
    *total = to;
    return TD_OK;
}

static enum td_err read_list(struct task *t, uint64_t rows, const uint8_t *row_present,
                             struct td_pq_values *out)
{
    struct bytes offsets;
    const uint8_t *present;
    uint64_t count;
    void *slots;
    enum td_err err = next_buffer(t, rows ? (rows + 1) * t->leaf->list_width : 0, &offsets);
    if (!err)
        err = next_node(t, &count, &present);
    if (!err)
        err = check_offsets(t, &offsets, t->leaf->list_width, rows, count);
    if (!err)
        err = take_slots(t, count, &slots);
    if (!err)
        err = read_slots(t, count, present, slots);
    uint32_t *starts = err ? NULL : td_arena_take(t->arena, (size_t)rows + 1, sizeof *starts);
    uint8_t *flags = NULL;
    if (!err && present)
        flags = td_arena_take(t->arena, (size_t)count, 1);
    if (!err && (!starts || (present && count && !flags)))
        err = no_memory(t);
    if (err)
        return err;
    if (flags)
        memcpy(flags, present, (size_t)count);
    out->values = slots;
    out->present = flags;
    out->starts = starts;
    return gather(t, &offsets, rows, row_present, slots, flags, starts, &out->count);
}

/* ---- one column ---- */

static enum td_err read_column(struct task *t, uint64_t rows, struct td_pq_values *out)
{
    const uint8_t *present;
    uint64_t count;
    void *slots;
    enum td_err err = next_node(t, &count, &present);
    if (!err && count != rows)
        return damaged(t, "rows of a column");
    out->rows = (size_t)rows;
    if (!err && t->leaf->list_width)
        return read_list(t, rows, present, out);
    if (!err)
        err = take_slots(t, rows, &slots);
    if (err)
        return err;
    out->count = (size_t)rows;
    out->values = slots;
    out->present = present;
    return t->leaf->index != TD_FTR_K_BAD ? read_indexed(t, rows, present, slots)
                                          : read_slots(t, rows, present, slots);
}

enum td_err td_ftr_read_column(struct td_ftr_reader *r, size_t group, size_t column,
                               struct td_arena *arena, struct td_pq_values *out,
                               struct td_fail *why)
{
    TD_REQUIRE(group < r->group_count && column < r->leaf_count);
    const size_t mark = arena->used;
    const struct td_ftr_leaf *leaf = &r->leaves[column];
    struct task t = {.r = r, .leaf = leaf, .arena = arena, .why = why};
    struct td_pq_values got = {0};
    enum td_err err = TD_OK;
    if (leaf->column.type == TD_PQ_OTHER)
        err = td_fail_set(why, TD_EUNSUP, "type %s cannot be read", leaf->type_name);
    if (!err)
        err = td_ftr_read_batch(r, &r->groups[group].block, TD_FTR_RECORDS, arena, &t.batch, why);
    t.node = leaf->node;
    t.buffer = leaf->buffer;
    if (!err)
        err = read_column(&t, r->groups[group].rows, &got);
    if (err) {
        arena->used = mark;
        return td_fail_add(why, err, "column %s, batch %zu", leaf->name, group + 1);
    }
    *out = got;
    return TD_OK;
}
