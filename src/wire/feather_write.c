/* wire/feather_write.c - Feather V2 files: one record batch at a time. */
#include <string.h>

#include "wire/feather.h"
#include "wire/feather_flat.h"
#include "wire/feather_format.h"
#include "wire/feather_schema.h"
#include "wire/parquet_codec.h"
#include "wire/parquet_format.h"

#define BATCH_ROWS_MAX   ((size_t)1 << 20)
#define ALIGN            64 /* of buffers, as the format recommends */
#define COLUMN_META      512
#define BATCH_META       256
#define BATCH_META_FIELD 128 /* two nodes and four buffers */

struct node {
    int64_t rows, nulls;
};
struct buffer {
    int64_t offset, bytes;
};
struct block {
    uint64_t offset;
    uint32_t meta;
    uint64_t body;
};

struct td_ftr_writer {
    struct td_pq_write_options o;
    struct td_pq_press *press;
    struct block *blocks; /* [groups_max] */
    size_t groups;
    uint64_t rows, bytes;
    enum td_err failed;
    struct node *nodes;     /* [2 * columns] */
    struct buffer *buffers; /* [4 * columns] */
    size_t node_count, buffer_count;
    uint8_t *meta, *raw, *body;
    size_t meta_cap, raw_cap, body_cap, body_len;
};

/* ---- sizes ---- */

static size_t element_bytes(const struct td_pq_column *c)
{
    static const size_t sizes[] = {1, 4, 8, 8, 0};
    return sizes[c->type];
}

static size_t text_cap(const struct td_pq_write_options *o)
{
    return o->text_max ? o->text_max : o->rows_max * 64;
}

static size_t slots_of(const struct td_pq_column *c, size_t rows)
{
    return rows * (c->list ? c->list : 1);
}

struct plan {
    size_t raw, body, meta;
};

/* What the buffer takes in the body at most. */
static size_t room(size_t raw)
{
    return 8 + td_pq_press_bound(raw) + ALIGN;
}

static void make_plan(const struct td_pq_write_options *o, struct plan *p)
{
    *p = (struct plan){.meta = 1024};
    for (size_t i = 0; i < o->pair_count; i++)
        p->meta += strlen(o->pairs[i].key) + strlen(o->pairs[i].value) + 64;
    for (size_t i = 0; i < o->column_count; i++) {
        const struct td_pq_column *c = &o->columns[i];
        const size_t slots = slots_of(c, o->rows_max), offsets = (slots + 1) * 4;
        size_t raw = slots * element_bytes(c);
        if (c->type == TD_PQ_BYTES)
            raw = text_cap(o);
        p->body += room(slots / 8 + 1) + room(offsets) + room(offsets) + room(raw);
        raw = raw > offsets ? raw : offsets;
        p->raw = raw > p->raw ? raw : p->raw;
        p->meta += COLUMN_META + strlen(c->name);
    }
    const size_t footer = p->meta + o->groups_max * TD_FTR_BLOCK_BYTES;
    const size_t batch = BATCH_META + BATCH_META_FIELD * o->column_count;
    p->meta = (footer > batch ? footer : batch) + 64;
}

size_t td_ftr_writer_need(const struct td_pq_write_options *o)
{
    struct plan p;
    make_plan(o, &p);
    return sizeof(struct td_ftr_writer) + o->groups_max * sizeof(struct block) +
           o->column_count * (2 * sizeof(struct node) + 4 * sizeof(struct buffer)) + p.raw +
           p.body + p.meta + 16 * 16;
}

/* ---- opening ---- */

static enum td_err check_column(const struct td_pq_column *c, struct td_fail *why)
{
    const bool time = c->logical == TD_PQ_TIME_NS || c->logical == TD_PQ_TIME_NS_LOCAL;
    bool good = c->name && *c->name && c->type < TD_PQ_OTHER && c->list <= TD_PQ_LIST_MAX;
    good = good && !((time || c->logical == TD_PQ_UINT64) && c->type != TD_PQ_INT64);
    good = good && !(c->logical == TD_PQ_UTF8 && c->type != TD_PQ_BYTES);
    good = good && !(c->logical == TD_PQ_INT16 && c->type != TD_PQ_INT32);
    if (good)
        return TD_OK;
    return td_fail_set(why, TD_EINVAL, "column %s: type or logical type cannot be written",
                       c->name ? c->name : "(no name)");
}

static enum td_err check_options(const struct td_pq_write_options *o, struct td_fail *why)
{
    if (o->column_count == 0 || o->column_count > TD_PQ_COLUMNS_MAX)
        return td_fail_set(why, TD_EINVAL, "%zu columns; 1..%d are possible", o->column_count,
                           TD_PQ_COLUMNS_MAX);
    if (o->rows_max == 0 || o->rows_max > BATCH_ROWS_MAX || o->groups_max == 0)
        return td_fail_set(why, TD_EINVAL, "record batches of %zu rows, %zu batches", o->rows_max,
                           o->groups_max);
    if (o->codec != TD_PQ_ZSTD && o->codec != TD_PQ_UNCOMPRESSED)
        return td_fail_set(why, TD_EINVAL, "Feather files are written with zstd or uncompressed");
    for (size_t i = 0; i < o->column_count; i++)
        if (check_column(&o->columns[i], why))
            return TD_EINVAL;
    return TD_OK;
}

static enum td_err emit(struct td_ftr_writer *w, const void *bytes, size_t len)
{
    if (len > (UINT64_C(1) << 62) - w->bytes)
        return TD_ERANGE;
    const enum td_err err = len ? w->o.write(w->o.arg, bytes, len) : TD_OK;
    if (!err)
        w->bytes += len;
    return err;
}

/* A message's length and head, padded to 8 bytes. */
static enum td_err emit_meta(struct td_ftr_writer *w, const struct td_fb_out *m, uint32_t *total)
{
    static const uint8_t zero[8];
    uint8_t head[8];
    TD_REQUIRE(!m->full); /* the plan has room for it */
    const size_t pad = (0 - m->len) % 8, len = m->len + pad;
    for (size_t i = 0; i < 4; i++) {
        head[i] = 0xff;
        head[4 + i] = (uint8_t)(len >> (8 * i));
    }
    *total = (uint32_t)(len + sizeof head);
    enum td_err err = emit(w, head, sizeof head);
    if (!err)
        err = emit(w, m->buf, m->len);
    return err ? err : emit(w, zero, pad);
}

/* ---- messages ---- */

/* Begins a message; its header is to be linked at *header. */
static void put_message(struct td_ftr_writer *w, struct td_fb_out *m, int kind, uint64_t body,
                        size_t *header)
{
    const struct td_fb_field f[] = {{TD_FTR_MESSAGE_BODY, 8, (int64_t)body},
                                    {TD_FTR_MESSAGE_VERSION, 2, TD_FTR_VERSION_5},
                                    {TD_FTR_MESSAGE_KIND, 1, kind},
                                    TD_FB_LINK(TD_FTR_MESSAGE_HEADER)};
    size_t where[TD_COUNT(f)];
    td_fb_begin(m, w->meta, w->meta_cap);
    td_fb_link(m, 0, td_fb_table(m, f, TD_COUNT(f), where));
    *header = where[3];
}

static enum td_err write_schema(struct td_ftr_writer *w)
{
    static const char magic[TD_FTR_HEAD_BYTES] = TD_FTR_MAGIC;
    struct td_fb_out m;
    size_t header;
    uint32_t total;
    enum td_err err = emit(w, magic, sizeof magic);
    put_message(w, &m, TD_FTR_SCHEMA, 0, &header);
    td_fb_link(&m, header, td_ftr_put_schema(&m, &w->o));
    return err ? err : emit_meta(w, &m, &total);
}

enum td_err td_ftr_writer_open(struct td_ftr_writer **out, const struct td_pq_write_options *o,
                               struct td_arena *arena, struct td_fail *why)
{
    struct plan p;
    if (check_options(o, why))
        return TD_EINVAL;
    if (td_arena_left(arena) < td_ftr_writer_need(o))
        return td_fail_set(why, TD_ENOMEM, "the Feather writer needs %zu bytes, %zu are there",
                           td_ftr_writer_need(o), td_arena_left(arena));
    make_plan(o, &p);
    struct td_ftr_writer *w = td_arena_take(arena, 1, sizeof *w);
    TD_REQUIRE(w != NULL);
    w->o = *o;
    w->blocks = td_arena_take(arena, o->groups_max, sizeof *w->blocks);
    w->nodes = td_arena_take(arena, 2 * o->column_count, sizeof *w->nodes);
    w->buffers = td_arena_take(arena, 4 * o->column_count, sizeof *w->buffers);
    w->meta = td_arena_take(arena, w->meta_cap = p.meta, 1);
    w->raw = td_arena_take(arena, w->raw_cap = p.raw, 1);
    w->body = td_arena_take(arena, w->body_cap = p.body, 1);
    TD_REQUIRE(w->body != NULL);
    w->press = td_pq_press_new(o->level ? o->level : 1);
    if (!w->press)
        return td_fail_set(why, TD_ENOMEM, "zstd found no memory");
    const enum td_err err = write_schema(w);
    if (err) {
        td_ftr_writer_close(w);
        return td_fail_set(why, err, "writing a Feather file: %s", td_err_text(err));
    }
    *out = w;
    return TD_OK;
}

/* ---- buffers of a batch ---- */

static enum td_err put_buffer(struct td_ftr_writer *w, const void *raw, size_t len)
{
    uint8_t *to = w->body + w->body_len;
    size_t used = len;
    TD_REQUIRE(w->body_cap - w->body_len >= room(len));
    if (len && w->o.codec == TD_PQ_ZSTD) {
        size_t packed = 0;
        const enum td_err err = td_pq_press(w->press, TD_PQF_CODEC_ZSTD, raw, len, to + 8,
                                            w->body_cap - w->body_len - 8, &packed);
        if (err)
            return err;
        const bool smaller = packed < len; /* else it stays as it is, told by -1 */
        const int64_t head = smaller ? (int64_t)len : -1;
        for (size_t i = 0; i < 8; i++)
            to[i] = (uint8_t)((uint64_t)head >> (8 * i));
        if (!smaller)
            memcpy(to + 8, raw, len);
        used = 8 + (smaller ? packed : len);
    } else if (len) {
        memcpy(to, raw, len);
    }
    const size_t pad = (0 - used) % ALIGN;
    memset(to + used, 0, pad);
    w->buffers[w->buffer_count++] = (struct buffer){(int64_t)w->body_len, (int64_t)used};
    w->body_len += used + pad;
    return TD_OK;
}

static enum td_err put_bits(struct td_ftr_writer *w, const uint8_t *flags, size_t count)
{
    memset(w->raw, 0, (count + 7) / 8);
    for (size_t i = 0; i < count; i++)
        w->raw[i / 8] |= (uint8_t)((flags[i] != 0) << (i % 8));
    return put_buffer(w, w->raw, (count + 7) / 8);
}

/* Counts the nulls and writes who is there; nothing when all are. */
static enum td_err put_node(struct td_ftr_writer *w, const uint8_t *present, size_t count)
{
    int64_t nulls = 0;
    for (size_t i = 0; present && i < count; i++)
        nulls += present[i] == 0;
    w->nodes[w->node_count++] = (struct node){(int64_t)count, nulls};
    return nulls ? put_bits(w, present, count) : put_buffer(w, NULL, 0);
}

static void put_i32(uint8_t *at, size_t i, uint32_t v)
{
    for (size_t b = 0; b < 4; b++)
        at[4 * i + b] = (uint8_t)(v >> (8 * b));
}

static enum td_err put_texts(struct td_ftr_writer *w, const struct td_pq_data *d, size_t count)
{
    const struct td_str *texts = d->values;
    size_t sum = 0;
    put_i32(w->raw, 0, 0);
    for (size_t i = 0; i < count; i++) {
        const size_t len = !d->present || d->present[i] ? texts[i].len : 0;
        if (len > text_cap(&w->o) - sum || sum + len > INT32_MAX)
            return TD_ERANGE;
        sum += len;
        put_i32(w->raw, i + 1, (uint32_t)sum);
    }
    const enum td_err err = put_buffer(w, w->raw, (count + 1) * 4);
    sum = 0;
    for (size_t i = 0; i < count; i++)
        if ((!d->present || d->present[i]) && texts[i].len) {
            memcpy(w->raw + sum, texts[i].p, texts[i].len);
            sum += texts[i].len;
        }
    return err ? err : put_buffer(w, w->raw, sum);
}

/* Numbers; what stands under a null is not given away. */
static enum td_err put_numbers(struct td_ftr_writer *w, const struct td_pq_column *c,
                               const struct td_pq_data *d, size_t count)
{
    const size_t from = element_bytes(c), to = c->logical == TD_PQ_INT16 ? 2 : from;
    const uint8_t *values = d->values;
    if (to == from && !d->present)
        return put_buffer(w, values, count * to);
    for (size_t i = 0; i < count; i++) {
        if (d->present && !d->present[i])
            memset(w->raw + i * to, 0, to);
        else
            memcpy(w->raw + i * to, values + i * from, to); /* little-endian: the low bytes first */
    }
    return put_buffer(w, w->raw, count * to);
}

static enum td_err put_column(struct td_ftr_writer *w, const struct td_pq_column *c,
                              const struct td_pq_data *d, size_t rows)
{
    struct td_pq_data element = *d;
    enum td_err err = TD_OK;
    size_t count = rows;
    if (c->list) {
        err = put_node(w, NULL, rows);
        for (size_t i = 0; i <= rows; i++)
            put_i32(w->raw, i, (uint32_t)(i * c->list));
        if (!err)
            err = put_buffer(w, w->raw, (rows + 1) * 4);
        element.present = NULL;
        count = rows * c->list;
    }
    if (!err)
        err = put_node(w, element.present, count);
    if (err)
        return err;
    return c->type == TD_PQ_BYTES  ? put_texts(w, &element, count)
           : c->type == TD_PQ_BOOL ? put_bits(w, element.values, count)
                                   : put_numbers(w, c, &element, count);
}

static size_t put_batch(struct td_ftr_writer *w, struct td_fb_out *m, size_t rows)
{
    const struct td_fb_field f[] = {{TD_FTR_BATCH_ROWS, 8, (int64_t)rows},
                                    TD_FB_LINK(TD_FTR_BATCH_NODES),
                                    TD_FB_LINK(TD_FTR_BATCH_BUFFERS),
                                    TD_FB_LINK(TD_FTR_BATCH_PRESS)};
    const struct td_fb_field press[] = {{0, 1, TD_FTR_ZSTD}, {1, 1, 0}};
    const bool packed = w->o.codec == TD_PQ_ZSTD;
    size_t where[TD_COUNT(f)], items, none[2];
    const size_t at = td_fb_table(m, f, packed ? 4 : 3, where);
    td_fb_link(m, where[1], td_fb_room(m, w->node_count, 16, &items));
    for (size_t i = 0; i < w->node_count; i++) {
        td_fb_set(m, items + 16 * i, 8, w->nodes[i].rows);
        td_fb_set(m, items + 16 * i + 8, 8, w->nodes[i].nulls);
    }
    td_fb_link(m, where[2], td_fb_room(m, w->buffer_count, 16, &items));
    for (size_t i = 0; i < w->buffer_count; i++) {
        td_fb_set(m, items + 16 * i, 8, w->buffers[i].offset);
        td_fb_set(m, items + 16 * i + 8, 8, w->buffers[i].bytes);
    }
    if (packed)
        td_fb_link(m, where[3], td_fb_table(m, press, 2, none));
    return at;
}

static enum td_err write_batch(struct td_ftr_writer *w, size_t rows)
{
    struct block *b = &w->blocks[w->groups];
    struct td_fb_out m;
    size_t header;
    b->offset = w->bytes;
    b->body = w->body_len;
    put_message(w, &m, TD_FTR_RECORDS, w->body_len, &header);
    td_fb_link(&m, header, put_batch(w, &m, rows));
    const enum td_err err = emit_meta(w, &m, &b->meta);
    return err ? err : emit(w, w->body, w->body_len);
}

enum td_err td_ftr_write_group(struct td_ftr_writer *w, const struct td_pq_data *data, size_t rows,
                               struct td_fail *why)
{
    TD_REQUIRE(!w->failed && rows > 0 && rows <= w->o.rows_max);
    if (w->groups == w->o.groups_max)
        return td_fail_set(why, TD_EFULL, "more than %zu record batches", w->groups);
    w->node_count = w->buffer_count = w->body_len = 0;
    for (size_t i = 0; i < w->o.column_count && !w->failed; i++) {
        w->failed = put_column(w, &w->o.columns[i], &data[i], rows);
        if (w->failed)
            return td_fail_set(why, w->failed, "column %s: %s", w->o.columns[i].name,
                               w->failed == TD_ERANGE ? "more text than text_max"
                                                      : td_err_text(w->failed));
    }
    w->failed = write_batch(w, rows);
    if (w->failed)
        return td_fail_set(why, w->failed, "writing a record batch: %s", td_err_text(w->failed));
    w->groups++;
    w->rows += rows;
    return TD_OK;
}

/* ---- footer ---- */

static void put_footer(struct td_ftr_writer *w, struct td_fb_out *m)
{
    const struct td_fb_field f[] = {{TD_FTR_FOOTER_VERSION, 2, TD_FTR_VERSION_5},
                                    TD_FB_LINK(TD_FTR_FOOTER_SCHEMA),
                                    TD_FB_LINK(TD_FTR_FOOTER_DICTS),
                                    TD_FB_LINK(TD_FTR_FOOTER_BATCHES)};
    size_t where[TD_COUNT(f)], items;
    td_fb_begin(m, w->meta, w->meta_cap);
    td_fb_link(m, 0, td_fb_table(m, f, TD_COUNT(f), where));
    td_fb_link(m, where[1], td_ftr_put_schema(m, &w->o));
    td_fb_link(m, where[2], td_fb_room(m, 0, TD_FTR_BLOCK_BYTES, &items));
    td_fb_link(m, where[3], td_fb_room(m, w->groups, TD_FTR_BLOCK_BYTES, &items));
    for (size_t i = 0; i < w->groups; i++) {
        td_fb_set(m, items + TD_FTR_BLOCK_BYTES * i, 8, (int64_t)w->blocks[i].offset);
        td_fb_set(m, items + TD_FTR_BLOCK_BYTES * i + 8, 4, w->blocks[i].meta);
        td_fb_set(m, items + TD_FTR_BLOCK_BYTES * i + 16, 8, (int64_t)w->blocks[i].body);
    }
    TD_REQUIRE(!m->full);
}

enum td_err td_ftr_writer_finish(struct td_ftr_writer *w, struct td_fail *why)
{
    static const uint8_t end[8] = {0xff, 0xff, 0xff, 0xff}; /* end of the messages */
    uint8_t tail[TD_FTR_TAIL_BYTES] = "\0\0\0\0ARROW";
    struct td_fb_out m;
    TD_REQUIRE(!w->failed);
    put_footer(w, &m);
    put_i32(tail, 0, (uint32_t)m.len);
    memcpy(tail + 4, TD_FTR_MAGIC, 6);
    w->failed = emit(w, end, sizeof end);
    if (!w->failed)
        w->failed = emit(w, m.buf, m.len);
    if (!w->failed)
        w->failed = emit(w, tail, sizeof tail);
    if (w->failed)
        return td_fail_set(why, w->failed, "writing the footer: %s", td_err_text(w->failed));
    return TD_OK;
}

void td_ftr_writer_close(struct td_ftr_writer *w)
{
    if (!w)
        return;
    td_pq_press_free(w->press);
    w->press = NULL;
}

uint64_t td_ftr_writer_rows(const struct td_ftr_writer *w)
{
    return w->rows;
}

uint64_t td_ftr_writer_bytes(const struct td_ftr_writer *w)
{
    return w->bytes;
}
