/* wire/dbn.c - frames of DBN and the members hot paths want, read by the tables. Every length is checked before it is used. */
#include "wire/dbn.h"

#include <string.h>

#include "wire/dbn_layout.h"

#define HEAD_ROWS   5 /* of every table, for the record header */
#define LEVELS_AT   48u
#define LEVEL_BYTES 32u

static uint16_t u16(const uint8_t *p)
{
    return (uint16_t)(p[0] | p[1] << 8);
}

static uint32_t u32(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static uint64_t u64(const uint8_t *p)
{
    return (uint64_t)u32(p) | (uint64_t)u32(p + 4) << 32;
}

static void choose_layouts(struct td_dbn *d)
{
    size_t count;
    const struct td_dbn_layout *l = td_dbn_layouts(&count);
    for (; count > 0; count--, l++)
        if (d->metadata.version >= l->since && d->metadata.version <= l->until)
            for (size_t i = 0; i < sizeof l->rtypes; i++)
                d->layout[l->rtypes[i]] = l;
}

void td_dbn_init(struct td_dbn *d)
{
    memset(d, 0, sizeof *d);
}

void td_dbn_init_fragment(struct td_dbn *d, uint8_t version)
{
    TD_REQUIRE(version >= 1 && version <= 3);
    td_dbn_init(d);
    d->metadata = (struct td_dbn_metadata){.version = version,
                                           .schema = TD_DBN_SCHEMA_MIXED,
                                           .stype_in = TD_DBN_NO_STYPE,
                                           .stype_out = TD_DBN_NO_STYPE,
                                           .end = TD_DBN_UNDEF_TIME,
                                           .symbol_chars = version == 1 ? 22 : 71};
    choose_layouts(d);
    d->state = TD_DBN_WANT_RECORD;
}

uint8_t td_dbn_fragment_version(const void *bytes, size_t len)
{
    const uint8_t *p = bytes;
    for (uint8_t version = 3; len >= TD_DBN_HEAD && version > 0; version--) {
        const struct td_dbn_layout *l = td_dbn_layout_of(p[1], version);
        if (l && (size_t)p[0] * 4 == l->bytes)
            return version;
    }
    return 0;
}

void td_dbn_feed(struct td_dbn *d, const void *bytes, size_t len)
{
    d->bytes = bytes;
    d->len = len;
    d->used = 0;
}

size_t td_dbn_used(const struct td_dbn *d)
{
    return d->used;
}

size_t td_dbn_wants(const struct td_dbn *d)
{
    size_t whole = TD_DBN_PREFIX;
    if (d->state == TD_DBN_WANT_METADATA)
        return td_dbn_metadata_len(d->bytes, d->len, &whole) == TD_OK ? whole : TD_DBN_PREFIX;
    return d->len == d->used ? 1 : (size_t)d->bytes[d->used] * 4;
}

static enum td_err broken(struct td_dbn *d, enum td_err err)
{
    d->state = TD_DBN_BROKEN;
    return err;
}

static enum td_err metadata(struct td_dbn *d)
{
    size_t whole = 0;
    enum td_err err = td_dbn_metadata_len(d->bytes, d->len, &whole);
    if (err == TD_EAGAIN || (!err && d->len < whole))
        return TD_EAGAIN;
    if (!err)
        err = td_dbn_metadata_read(&d->metadata, d->bytes, whole);
    if (err)
        return broken(d, err);
    choose_layouts(d);
    d->used = whole;
    d->state = TD_DBN_WANT_RECORD;
    return TD_OK;
}

/* A level lies in the record as in memory. */
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "numbers are copied as they lie");
_Static_assert(sizeof(struct td_dbn_level) == LEVEL_BYTES, "levels are copied as they lie");

static void read_levels(const uint8_t *p, const struct td_dbn_layout *layout,
                        struct td_dbn_record *r)
{
    r->levels = layout->levels;
    memcpy(r->level, p + LEVELS_AT, (size_t)layout->levels * LEVEL_BYTES);
    if (layout->consolidated) {
        r->level[0].bid_orders &= 0xffff; /* a publisher, and two reserved bytes */
        r->level[0].ask_orders &= 0xffff;
    }
}

/* Texts, and numbers whose member is wider than they are. */
static void read_other(const struct td_dbn_field *f, struct td_dbn_record *r)
{
    struct td_dbn_value v;
    td_dbn_get(r->raw.p, f, &v);
    const int64_t number = v.none ? INT64_MAX : v.number;
    if (f->type == TD_DBN_TEXT)
        memcpy((uint8_t *)r + f->into, &v.text, sizeof v.text);
    else
        memcpy((uint8_t *)r + f->into, &number, sizeof number);
}

/* One row into its member, which has the type of the field. */
static inline void read_member(const uint8_t *p, const struct td_dbn_field *f,
                               struct td_dbn_record *r)
{
    uint8_t *to = (uint8_t *)r + f->into;
    p += f->at;
    if (f->type == TD_DBN_TEXT || f->type == TD_DBN_QTY32)
        read_other(f, r);
    else if (f->bytes == 8)
        memcpy(to, p, 8);
    else if (f->bytes == 4)
        memcpy(to, p, 4);
    else if (f->bytes == 1)
        *to = *p;
    else
        memcpy(to, p, 2);
}

static void read_record(const uint8_t *p, const struct td_dbn_layout *layout,
                        struct td_dbn_record *r)
{
    r->layout = layout;
    r->rtype = p[1];
    r->publisher = u16(p + 2);
    r->instrument = u32(p + 4);
    r->ts_event = r->ts_recv = u64(p + 8);
    r->px = r->min_tick = r->open = r->high = r->low = r->close = (td_px){TD_E9_NONE};
    if (!layout)
        return;
    const struct td_dbn_field *end = layout->fields + layout->count;
    /* The header is read, and levels, which stand behind everything else, are copied as a whole. */
    for (const struct td_dbn_field *f = layout->fields + HEAD_ROWS; f < end && !f->level; f++)
        if (f->into)
            read_member(p, f, r);
    if (layout->levels)
        read_levels(p, layout, r);
}

enum td_err td_dbn_next(struct td_dbn *d, struct td_dbn_record *out)
{
    if (d->state == TD_DBN_BROKEN)
        return TD_EPROTO;
    if (d->state == TD_DBN_WANT_METADATA) {
        const enum td_err err = metadata(d);
        if (err != TD_OK)
            return err;
    }
    if (d->len == d->used)
        return TD_EAGAIN;
    const uint8_t *p = d->bytes + d->used;
    const size_t length = (size_t)p[0] * 4;
    const size_t extra = d->metadata.ts_out ? 8 : 0;
    if (length < TD_DBN_HEAD + extra)
        return broken(d, TD_EPROTO);
    if (d->len - d->used < length)
        return TD_EAGAIN;
    const size_t body = length - extra;
    const struct td_dbn_layout *layout = d->layout[p[1]];
    if (layout && body < layout->bytes)
        return broken(d, TD_EPROTO);
    memset(out, 0, offsetof(struct td_dbn_record, level)); /* ten levels cost more than the rest */
    out->raw = (struct td_str){(const char *)p, body};
    out->ts_out = extra ? u64(p + body) : 0;
    read_record(p, layout, out);
    d->used += length;
    d->records++;
    return TD_OK;
}

enum td_err td_dbn_finish(const struct td_dbn *d)
{
    if (d->state == TD_DBN_BROKEN)
        return TD_EPROTO;
    return d->state == TD_DBN_WANT_RECORD && d->used == d->len ? TD_OK : TD_ETORN;
}
