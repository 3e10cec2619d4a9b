/* wire/parquet_page.c - finds the next page of a column chunk and decompresses it. */
#include <string.h>

#include "wire/parquet_codec.h"
#include "wire/parquet_format.h"
#include "wire/parquet_reader.h"
#include "wire/parquet_thrift.h"

enum { HEAD_SMALL = 512, HEAD_LARGE = 65536 };

#define PAGE_BYTES_MAX (INT64_C(1) << 30)

/* What a page header says; absent numbers are 0. */
struct head {
    int64_t type, raw, packed;
    int64_t values, encoding, def_encoding, rep_encoding;
    int64_t def_bytes, rep_bytes; /* v2 */
    bool packed_v2;
    size_t len; /* of the header itself */
};

/* Members of the three kinds of page structs by field number. */
static void get_inner(struct td_thrift_in *in, int16_t kind, struct head *h)
{
    struct td_thrift_field f = {0};
    int64_t ignored;
    int64_t *const v1[] = {&ignored, &h->values, &h->encoding, &h->def_encoding, &h->rep_encoding};
    int64_t *const v2[] = {&ignored,     &h->values,    &ignored,     &ignored,
                           &h->encoding, &h->def_bytes, &h->rep_bytes};
    h->packed_v2 = true;
    while (td_thrift_next(in, &f)) {
        if (kind == 8 && f.id == 7)
            h->packed_v2 = td_thrift_get_bool(in, f.type);
        else if (kind == 8 && f.id < (int16_t)TD_COUNT(v2))
            *v2[f.id] = td_thrift_get_int(in, f.type);
        else if (kind == 5 && f.id < (int16_t)TD_COUNT(v1))
            *v1[f.id] = td_thrift_get_int(in, f.type);
        else if (kind == 7 && f.id < 3)
            *v1[f.id] = td_thrift_get_int(in, f.type);
        else
            td_thrift_skip(in, f.type, false);
    }
}

static bool parse_head(const uint8_t *bytes, size_t len, struct head *h)
{
    struct td_thrift_in in = {bytes, bytes + len, false};
    struct td_thrift_field f = {0};
    *h = (struct head){0};
    while (td_thrift_next(&in, &f)) {
        if (f.id == 1)
            h->type = td_thrift_get_int(&in, f.type);
        else if (f.id == 2)
            h->raw = td_thrift_get_int(&in, f.type);
        else if (f.id == 3)
            h->packed = td_thrift_get_int(&in, f.type);
        else if ((f.id == 5 || f.id == 7 || f.id == 8) && f.type == TD_THRIFT_STRUCT)
            get_inner(&in, f.id, h);
        else
            td_thrift_skip(&in, f.type, false);
    }
    h->len = (size_t)(in.p - bytes);
    return !in.bad;
}

/* Reads a header of unknown length: a little first, more when that was cut off. */
static enum td_err get_head(struct td_pq_pages *pages, struct head *h)
{
    struct td_arena *arena = pages->arena;
    const size_t mark = arena->used;
    for (size_t want = HEAD_SMALL;; want = HEAD_LARGE) {
        const size_t len = pages->left < want ? (size_t)pages->left : want;
        uint8_t *bytes = td_arena_take(arena, len, 1);
        if (!bytes)
            return TD_ENOMEM;
        const enum td_err err =
            pages->reader->source.read(pages->reader->source.arg, pages->at, bytes, len);
        if (err)
            return err;
        const bool good = parse_head(bytes, len, h);
        arena->used = mark;
        if (good)
            return TD_OK;
        if (want == HEAD_LARGE || len < want)
            return TD_EPARSE;
    }
}

static bool sane(const struct td_pq_pages *pages, const struct head *h)
{
    return h->raw >= 0 && h->raw <= PAGE_BYTES_MAX && h->packed >= 0 &&
           (uint64_t)h->packed <= pages->left - h->len && h->values >= 0 &&
           h->values <= INT32_MAX && h->def_bytes >= 0 && h->rep_bytes >= 0 &&
           h->def_bytes <= h->packed && h->rep_bytes <= h->packed &&
           h->def_bytes + h->rep_bytes <= h->packed && h->def_bytes + h->rep_bytes <= h->raw;
}

/* The page's bytes, decompressed behind the first `levels` ones (v2 never compresses those). */
static enum td_err load(struct td_pq_pages *pages, const struct head *h, size_t levels, int codec,
                        struct td_pq_bytes *out)
{
    struct td_arena *arena = pages->arena;
    const struct td_pq_source *s = &pages->reader->source;
    const size_t raw_len = (size_t)h->raw, packed_len = (size_t)h->packed;
    uint8_t *raw = td_arena_take_raw(arena, raw_len, 1); /* filled whole, or refused */
    if (!raw)
        return TD_ENOMEM;
    *out = (struct td_pq_bytes){raw, raw_len};
    if (codec == TD_PQF_CODEC_NONE)
        return packed_len == raw_len ? s->read(s->arg, pages->at + h->len, raw, raw_len)
                                     : TD_EPARSE;
    const size_t mark = arena->used;
    uint8_t *packed = td_arena_take_raw(arena, packed_len, 1);
    if (!packed)
        return TD_ENOMEM;
    enum td_err err = s->read(s->arg, pages->at + h->len, packed, packed_len);
    if (!err && levels)
        memcpy(raw, packed, levels);
    if (!err && raw_len > levels) /* an empty rest may be left out altogether */
        err = td_pq_unpress(codec, packed + levels, packed_len - levels, raw + levels,
                            raw_len - levels);
    arena->used = mark;
    return err;
}

/* Cuts the levels off a data page. */
static bool cut_levels(const struct td_pq_leaf *leaf, const struct head *h, struct td_pq_page *page)
{
    if (h->type == TD_PQF_PAGE_DATA_V2)
        return td_pq_cut(&page->data, (size_t)h->rep_bytes, &page->rep) &&
               td_pq_cut(&page->data, (size_t)h->def_bytes, &page->def);
    uint32_t len;
    if (leaf->column.list &&
        !(td_pq_get_u32(&page->data, &len) && td_pq_cut(&page->data, len, &page->rep)))
        return false;
    return leaf->max_def == 0 ||
           (td_pq_get_u32(&page->data, &len) && td_pq_cut(&page->data, len, &page->def));
}

static enum td_err check_support(const struct td_pq_leaf *leaf, const struct head *h, int codec,
                                 struct td_fail *why)
{
    if (codec != TD_PQF_CODEC_NONE && codec != TD_PQF_CODEC_SNAPPY && codec != TD_PQF_CODEC_ZSTD)
        return td_fail_set(why, TD_EUNSUP,
                           "column %s is compressed with %s, which is not supported", leaf->name,
                           td_pq_codec_name(codec));
    if (h->type == TD_PQF_PAGE_DATA && ((leaf->max_def && h->def_encoding != TD_PQF_ENC_RLE) ||
                                        (leaf->column.list && h->rep_encoding != TD_PQF_ENC_RLE)))
        return td_fail_set(why, TD_EUNSUP, "column %s: levels in the deprecated bit-packed form",
                           leaf->name);
    return TD_OK;
}

enum td_err td_pq_next_page(struct td_pq_pages *pages, struct td_pq_page *out, struct td_fail *why)
{
    const struct td_pq_leaf *leaf = pages->leaf;
    struct head h;
    enum td_err err = TD_OK;
    do {
        err = get_head(pages, &h);
        if (!err && !sane(pages, &h))
            err = TD_EPARSE;
        if (err)
            return td_fail_set(why, err, "column %s: page header: %s", leaf->name,
                               td_err_text(err));
        if (h.type != TD_PQF_PAGE_INDEX)
            break;
        pages->at += h.len + (uint64_t)h.packed;
        pages->left -= h.len + (uint64_t)h.packed;
    } while (true);
    const bool v2 = h.type == TD_PQF_PAGE_DATA_V2;
    const size_t levels = v2 ? (size_t)(h.def_bytes + h.rep_bytes) : 0;
    err = check_support(leaf, &h, pages->chunk->codec, why);
    if (err)
        return err;
    *out = (struct td_pq_page){
        .type = (int)h.type, .encoding = (int)h.encoding, .values = (size_t)h.values};
    const int codec = v2 && !h.packed_v2 ? TD_PQF_CODEC_NONE : pages->chunk->codec;
    err = load(pages, &h, levels, codec, &out->data);
    if (!err && out->type != TD_PQF_PAGE_DICTIONARY && !cut_levels(leaf, &h, out))
        err = TD_EPARSE;
    if (err)
        return td_fail_set(why, err, "column %s: page of %lld bytes: %s", leaf->name,
                           (long long)h.raw, td_err_text(err));
    pages->at += h.len + (uint64_t)h.packed;
    pages->left -= h.len + (uint64_t)h.packed;
    return TD_OK;
}
