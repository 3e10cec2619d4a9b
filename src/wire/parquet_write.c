/* wire/parquet_write.c - the writer: row groups into pages. For little-endian machines, as the format is.
 *
 * A recorded book repeats itself: few levels change between two rows. So a list column is replaced by 8- or
 * 16-bit dictionary indexes, whose rows stay byte-aligned and whose repetition zstd then finds at once. That
 * is smaller and several times faster than compressing doubles, and every reader takes it.
 */
#include "wire/parquet.h"

#include <string.h>

#include "wire/parquet_format.h"
#include "wire/parquet_thrift.h"
#include "wire/parquet_writer.h"

#define PAGE_VALUES    ((size_t)131072) /* values of a page: 128..256 KiB of indexes, 1 MiB plain */
#define PAGE_TEXTS     ((size_t)16384)  /* rows of a page of texts */
#define GROUP_ROWS_MAX ((size_t)1 << 20)

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "pages are copied as they lie in memory");

/* Room that a set of options asks for. */
struct plan {
    size_t values; /* largest chunk of a fixed-size type */
    size_t gather; /* bytes */
    size_t dict;   /* distinct values; 0: no dictionary column */
    size_t slots;
    size_t raw;
    size_t packed;
};

static size_t element_bytes(enum td_pq_type type)
{
    static const size_t sizes[] = {1, 4, 8, 8, sizeof(struct td_str), 0};
    return sizes[type];
}

static enum td_pq_encoding encoding_of(const struct td_pq_column *c)
{
    const bool time = c->logical == TD_PQ_TIME_NS || c->logical == TD_PQ_TIME_NS_LOCAL;
    if (c->encoding != TD_PQ_AUTO)
        return c->encoding;
    if (c->type == TD_PQ_BOOL || c->type == TD_PQ_BYTES)
        return TD_PQ_PLAIN;
    return time && !c->list ? TD_PQ_DELTA : TD_PQ_DICT;
}

static size_t page_rows(const struct td_pq_column *c)
{
    if (c->type == TD_PQ_BYTES)
        return PAGE_TEXTS / (c->list ? c->list : 1);
    return c->list ? PAGE_VALUES / c->list : PAGE_VALUES;
}

static size_t at_most(size_t value, size_t limit)
{
    return value < limit ? value : limit;
}

static size_t text_cap(const struct td_pq_write_options *o)
{
    return o->text_max ? o->text_max : at_most(o->rows_max, PAGE_TEXTS) * 64;
}

static void make_plan(const struct td_pq_write_options *o, struct plan *p)
{
    *p = (struct plan){0};
    for (size_t i = 0; i < o->column_count; i++) {
        const struct td_pq_column *c = &o->columns[i];
        const size_t list = c->list ? c->list : 1;
        const size_t values = o->rows_max * list;
        const size_t page = at_most(o->rows_max, page_rows(c)) * list;
        /* a delta block of 128 may cost 14 bytes more than the values; levels take two bits a value */
        size_t raw = page * 8 + page / 8 + page / 4 + 256;
        if (c->type == TD_PQ_BYTES)
            raw = page * 4 + text_cap(o) + page / 4 + 256;
        else if (encoding_of(c) == TD_PQ_DICT) {
            p->values = values > p->values ? values : p->values;
            p->dict = at_most(p->values, TD_PQ_DICT_MAX);
            raw = raw > p->dict * 8 ? raw : p->dict * 8;
        }
        const size_t gather = c->type == TD_PQ_INT32        ? values * 8
                              : c->optional && c->list == 0 ? values * element_bytes(c->type)
                                                            : 0;
        p->gather = gather > p->gather ? gather : p->gather;
        p->raw = raw > p->raw ? raw : p->raw;
    }
    for (p->slots = 64; p->slots < 2 * p->dict; p->slots *= 2)
        ;
    p->packed = td_pq_press_bound(p->raw);
}

size_t td_pq_writer_need(const struct td_pq_write_options *o)
{
    struct plan p;
    make_plan(o, &p);
    const size_t fixed = sizeof(struct td_pq_writer) + o->groups_max * sizeof(uint32_t) +
                         o->groups_max * o->column_count * sizeof(struct td_pq_chunk);
    return fixed + p.values * 2 + p.gather + p.dict * 8 + p.slots * 4 + p.raw + p.packed + 16 * 16;
}

static enum td_err check_column(const struct td_pq_column *c, struct td_fail *why)
{
    const enum td_pq_encoding e = c->encoding;
    const bool time = c->logical == TD_PQ_TIME_NS || c->logical == TD_PQ_TIME_NS_LOCAL;
    bool good = c->name && *c->name && c->type < TD_PQ_OTHER && c->list <= TD_PQ_LIST_MAX;
    good = good && !(time && c->type != TD_PQ_INT64) &&
           !(c->logical == TD_PQ_UTF8 && c->type != TD_PQ_BYTES);
    good = good && !(c->logical == TD_PQ_INT16 && c->type != TD_PQ_INT32) &&
           !(c->logical == TD_PQ_UINT64 && c->type != TD_PQ_INT64);
    good = good && !(e == TD_PQ_DELTA && (c->type != TD_PQ_INT64 || c->list));
    good = good && !(e == TD_PQ_DICT && (c->type == TD_PQ_BOOL || c->type == TD_PQ_BYTES));
    if (good)
        return TD_OK;
    return td_fail_set(why, TD_EINVAL,
                       "column %s: type, logical type or encoding cannot be written",
                       c->name ? c->name : "(no name)");
}

static enum td_err check_options(const struct td_pq_write_options *o, struct td_fail *why)
{
    if (o->column_count == 0 || o->column_count > TD_PQ_COLUMNS_MAX)
        return td_fail_set(why, TD_EINVAL, "%zu columns; 1..%d are possible", o->column_count,
                           TD_PQ_COLUMNS_MAX);
    if (o->rows_max == 0 || o->rows_max > GROUP_ROWS_MAX || o->groups_max == 0)
        return td_fail_set(why, TD_EINVAL, "row groups of %zu rows, %zu groups", o->rows_max,
                           o->groups_max);
    for (size_t i = 0; i < o->column_count; i++)
        if (check_column(&o->columns[i], why))
            return TD_EINVAL;
    return TD_OK;
}

enum td_err td_pq_emit(void *writer, const void *bytes, size_t len)
{
    struct td_pq_writer *w = writer;
    if (len > (UINT64_C(1) << 62) - w->bytes)
        return TD_ERANGE;
    const enum td_err err = w->o.write(w->o.arg, bytes, len);
    if (!err)
        w->bytes += len;
    return err;
}

static void take_buffers(struct td_pq_writer *w, const struct plan *p, struct td_arena *arena)
{
    w->raw_cap = p->raw;
    w->packed_cap = p->packed;
    w->group_rows = td_arena_take(arena, w->o.groups_max, sizeof *w->group_rows);
    w->chunks = td_arena_take(arena, w->o.groups_max * w->o.column_count, sizeof *w->chunks);
    w->index = td_arena_take(arena, p->values, sizeof *w->index);
    w->gather = td_arena_take(arena, p->gather, 1);
    w->raw = td_arena_take(arena, p->raw, 1);
    w->packed = td_arena_take(arena, p->packed, 1);
    w->dict.max = p->dict;
    w->dict.slots_max = p->slots;
    w->dict.values = td_arena_take(arena, p->dict, sizeof *w->dict.values);
    w->dict.slots = td_arena_take(arena, p->slots, sizeof *w->dict.slots);
}

enum td_err td_pq_writer_open(struct td_pq_writer **out, const struct td_pq_write_options *o,
                              struct td_arena *arena, struct td_fail *why)
{
    struct plan p;
    if (check_options(o, why))
        return TD_EINVAL;
    if (td_arena_left(arena) < td_pq_writer_need(o))
        return td_fail_set(why, TD_ENOMEM, "the Parquet writer needs %zu bytes, %zu are there",
                           td_pq_writer_need(o), td_arena_left(arena));
    make_plan(o, &p);
    struct td_pq_writer *w = td_arena_take(arena, 1, sizeof *w);
    TD_REQUIRE(w != NULL);
    w->o = *o;
    take_buffers(w, &p, arena);
    w->press = td_pq_press_new(o->level ? o->level : 1);
    if (!w->press)
        return td_fail_set(why, TD_ENOMEM, "zstd found no memory");
    const enum td_err err = td_pq_emit(w, "PAR1", 4);
    if (err) {
        td_pq_writer_close(w);
        return td_fail_set(why, err, "writing a Parquet file: %s", td_err_text(err));
    }
    *out = w;
    return TD_OK;
}

/* ---- one column of one row group ---- */

/* A chunk ready to be cut into pages: its values without nulls, int32 widened to int64. */
struct chunk {
    const struct td_pq_column *column;
    struct td_pq_chunk *meta;
    const uint8_t *values;
    const uint8_t *present; /* [rows] or NULL */
    size_t element;
    size_t count;
    size_t rows;
    int encoding;  /* number of the format */
    unsigned bits; /* of an index */
};

static void gather_one(struct td_pq_writer *w, struct chunk *k, size_t from, size_t to)
{
    if (k->column->type == TD_PQ_INT32) {
        int32_t narrow;
        memcpy(&narrow, k->values + from * sizeof narrow, sizeof narrow);
        const int64_t wide = narrow;
        memcpy(w->gather + to * sizeof wide, &wide, sizeof wide);
    } else {
        const size_t size = element_bytes(k->column->type);
        memcpy(w->gather + to * size, k->values + from * size, size);
    }
}

/* Leaves out nulls and widens int32, when there is either. */
static void gather(struct td_pq_writer *w, struct chunk *k)
{
    k->element = k->column->type == TD_PQ_INT32 ? 8 : element_bytes(k->column->type);
    if (!k->present && k->column->type != TD_PQ_INT32)
        return;
    size_t n = 0;
    for (size_t i = 0; i < k->count; i++)
        if (!k->present || k->present[i])
            gather_one(w, k, i, n++);
    k->values = w->gather;
    k->count = n;
}

static void find_range(struct chunk *k)
{
    const enum td_pq_logical logical = k->column->logical;
    k->meta->nulls = k->meta->values - k->count;
    if ((logical != TD_PQ_TIME_NS && logical != TD_PQ_TIME_NS_LOCAL) || k->column->list ||
        k->count == 0)
        return;
    const int64_t *v = (const int64_t *)(const void *)k->values;
    k->meta->has_range = true;
    k->meta->low = k->meta->high = v[0];
    for (size_t i = 1; i < k->count; i++) {
        k->meta->low = v[i] < k->meta->low ? v[i] : k->meta->low;
        k->meta->high = v[i] > k->meta->high ? v[i] : k->meta->high;
    }
}

/* Index widths that keep rows of any length byte-aligned more often than the exact width would. */
static unsigned index_bits(size_t distinct)
{
    const unsigned need = td_pqf_bits(distinct ? (uint32_t)(distinct - 1) : 0);
    return need <= 1 ? 1 : need <= 2 ? 2 : need <= 4 ? 4 : need <= 8 ? 8 : 16;
}

/* Settles the encoding; for DICT this computes the indexes. */
static void choose(struct td_pq_writer *w, struct chunk *k)
{
    const enum td_pq_encoding wish = encoding_of(k->column);
    const size_t plain = k->column->type == TD_PQ_INT32 ? 4 : 8;
    k->encoding = wish == TD_PQ_DELTA ? TD_PQF_ENC_DELTA_BINARY_PACKED : TD_PQF_ENC_PLAIN;
    if (wish != TD_PQ_DICT || k->count == 0)
        return;
    const size_t stride = k->column->list ? k->column->list : 1;
    if (!td_pq_dict_index(&w->dict, (const uint64_t *)(const void *)k->values, k->count, stride,
                          w->index))
        return;
    k->bits = index_bits(w->dict.count);
    if (w->dict.count * plain + k->count * k->bits / 8 < k->count * plain)
        k->encoding = TD_PQF_ENC_RLE_DICTIONARY;
}

static size_t put_plain_text(const struct chunk *k, size_t from, size_t count, uint8_t *out,
                             size_t cap)
{
    const struct td_str *texts = (const struct td_str *)(const void *)k->values + from;
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        const size_t len = texts[i].len;
        if (len > cap || cap - len < n + 4)
            return SIZE_MAX;
        for (unsigned b = 0; b < 4; b++)
            out[n++] = (uint8_t)(len >> 8 * b);
        if (len)
            memcpy(out + n, texts[i].p, len);
        n += len;
    }
    return n;
}

static size_t put_plain(enum td_pq_type type, const uint8_t *values, size_t count, uint8_t *out)
{
    if (type == TD_PQ_BOOL)
        return td_pq_put_bits(out, values, count);
    if (type != TD_PQ_INT32) {
        memcpy(out, values, count * 8);
        return count * 8;
    }
    for (size_t i = 0; i < count; i++) /* the low half of a widened int32 */
        memcpy(out + i * 4, values + i * 8, 4);
    return count * 4;
}

/* The values of a page behind its levels; SIZE_MAX when texts do not fit. */
static size_t put_values(struct td_pq_writer *w, const struct chunk *k, size_t from, size_t count,
                         size_t at)
{
    uint8_t *out = w->raw + at;
    const uint8_t *values = k->values + from * k->element;
    if (k->encoding == TD_PQF_ENC_RLE_DICTIONARY) {
        out[0] = (uint8_t)k->bits;
        return 1 + (w->dict.count == 1
                        ? td_pq_put_run(out + 1, count, 0, k->bits)
                        : td_pq_put_indexes(out + 1, w->index + from, count, k->bits));
    }
    if (k->encoding == TD_PQF_ENC_DELTA_BINARY_PACKED)
        return td_pq_put_delta(out, (const int64_t *)(const void *)values, count);
    if (k->column->type == TD_PQ_BYTES)
        return put_plain_text(k, from, count, out,
                              at_most(w->raw_cap - at, count * 4 + text_cap(&w->o)));
    return put_plain(k->column->type, values, count, out);
}

/* Both kinds of levels, each behind its length; `present` of the page's rows. */
static size_t put_levels(struct td_pq_writer *w, const struct td_pq_column *c,
                         const uint8_t *present, size_t rows)
{
    uint8_t *out = w->raw;
    size_t n = 0;
    size_t len[2] = {0, 0};
    size_t start[2];
    start[0] = 0;
    if (c->list) {
        len[0] = td_pq_put_list_starts(out + 4, rows, c->list);
        n = 4 + len[0];
    }
    start[1] = n;
    const uint32_t most = c->list ? (c->optional ? 3 : 1) : c->optional;
    if (most && present) {
        const size_t head = td_pq_put_varint(out + n + 4, (uint64_t)((rows + 7) / 8) << 1 | 1);
        len[1] = head + td_pq_put_bits(out + n + 4 + head, present, rows);
    } else if (most) {
        len[1] =
            td_pq_put_run(out + n + 4, rows * (c->list ? c->list : 1), most, td_pqf_bits(most));
    }
    n += most ? 4 + len[1] : 0;
    for (int i = 0; i < 2; i++)
        for (unsigned b = 0; len[i] && b < 4; b++)
            out[start[i] + b] = (uint8_t)(len[i] >> 8 * b);
    return n;
}

/* Compresses w->raw[0..len) and writes it behind its header. */
static enum td_err put_page(struct td_pq_writer *w, struct chunk *k, int type, size_t len,
                            size_t values)
{
    size_t packed = 0;
    enum td_err err = td_pq_press(w->press, td_pq_codec_number(w->o.codec), w->raw, len, w->packed,
                                  w->packed_cap, &packed);
    if (err)
        return err;
    struct td_thrift_out t = {.flush = td_pq_emit, .arg = w};
    td_thrift_i32(&t, 1, type);
    td_thrift_i32(&t, 2, (int32_t)len);
    td_thrift_i32(&t, 3, (int32_t)packed);
    td_thrift_open(&t, type == TD_PQF_PAGE_DATA ? 5 : 7);
    td_thrift_i32(&t, 1, (int32_t)values);
    td_thrift_i32(&t, 2, type == TD_PQF_PAGE_DATA ? k->encoding : TD_PQF_ENC_PLAIN);
    if (type == TD_PQF_PAGE_DATA) {
        td_thrift_i32(&t, 3, TD_PQF_ENC_RLE);
        td_thrift_i32(&t, 4, TD_PQF_ENC_RLE);
    }
    td_thrift_close(&t);
    td_thrift_close(&t);
    const size_t head = t.total;
    err = td_thrift_flush(&t);
    if (!err)
        err = td_pq_emit(w, w->packed, packed);
    k->meta->raw_bytes += head + len;
    k->meta->packed_bytes += head + packed;
    return err;
}

static enum td_err put_dictionary(struct td_pq_writer *w, struct chunk *k)
{
    const enum td_pq_type type = k->column->type == TD_PQ_INT32 ? TD_PQ_INT32 : TD_PQ_INT64;
    const size_t len = put_plain(type, (const uint8_t *)w->dict.values, w->dict.count, w->raw);
    k->meta->dict_offset = w->bytes;
    return put_page(w, k, TD_PQF_PAGE_DICTIONARY, len, w->dict.count);
}

static size_t count_present(const uint8_t *present, size_t rows)
{
    size_t n = 0;
    for (size_t i = 0; i < rows; i++)
        n += present[i] != 0;
    return n;
}

static enum td_err put_chunk(struct td_pq_writer *w, struct chunk *k)
{
    const size_t list = k->column->list ? k->column->list : 1;
    size_t from = 0;
    enum td_err err = TD_OK;
    if (k->encoding == TD_PQF_ENC_RLE_DICTIONARY)
        err = put_dictionary(w, k);
    k->meta->encoding = k->encoding;
    k->meta->data_offset = w->bytes;
    for (size_t row = 0; row < k->rows && !err;) {
        const size_t rows = at_most(k->rows - row, page_rows(k->column));
        const uint8_t *present = k->present ? k->present + row : NULL;
        const size_t count = present ? count_present(present, rows) : rows * list;
        const size_t at = put_levels(w, k->column, present, rows);
        const size_t len = put_values(w, k, from, count, at);
        err = len == SIZE_MAX ? TD_ERANGE : put_page(w, k, TD_PQF_PAGE_DATA, at + len, rows * list);
        from += count;
        row += rows;
    }
    return err;
}

static enum td_err put_column(struct td_pq_writer *w, size_t column, const struct td_pq_data *data,
                              size_t rows)
{
    const struct td_pq_column *c = &w->o.columns[column];
    struct chunk k = {.column = c, .values = data->values, .rows = rows};
    k.present = c->optional && !c->list ? data->present : NULL;
    k.count = rows * (c->list ? c->list : 1);
    k.meta = &w->chunks[w->groups * w->o.column_count + column];
    *k.meta = (struct td_pq_chunk){.values = k.count};
    gather(w, &k);
    find_range(&k);
    choose(w, &k);
    return put_chunk(w, &k);
}

enum td_err td_pq_write_group(struct td_pq_writer *w, const struct td_pq_data *data, size_t rows,
                              struct td_fail *why)
{
    TD_REQUIRE(rows > 0 && rows <= w->o.rows_max);
    if (w->failed)
        return td_fail_set(why, w->failed, "an earlier write of this Parquet file failed");
    if (w->groups == w->o.groups_max)
        return td_fail_set(why, TD_EFULL, "a Parquet file of more than %zu row groups",
                           w->o.groups_max);
    for (size_t i = 0; i < w->o.column_count; i++) {
        w->failed = put_column(w, i, &data[i], rows);
        if (w->failed)
            return td_fail_set(why, w->failed, "writing column %s: %s", w->o.columns[i].name,
                               td_err_text(w->failed));
    }
    w->group_rows[w->groups++] = (uint32_t)rows;
    w->rows += rows;
    return TD_OK;
}

enum td_err td_pq_writer_finish(struct td_pq_writer *w, struct td_fail *why)
{
    if (!w->failed)
        w->failed = td_pq_put_footer(w);
    if (w->failed)
        return td_fail_set(why, w->failed, "writing the footer of a Parquet file: %s",
                           td_err_text(w->failed));
    return TD_OK;
}

void td_pq_writer_close(struct td_pq_writer *w)
{
    if (!w)
        return;
    td_pq_press_free(w->press);
    w->press = NULL;
}

uint64_t td_pq_writer_rows(const struct td_pq_writer *w)
{
    return w->rows;
}

uint64_t td_pq_writer_bytes(const struct td_pq_writer *w)
{
    return w->bytes;
}
