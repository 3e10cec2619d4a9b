/* wire/dbn_metadata.c - DBN metadata both ways. Every count is checked against what holds it. */
#include "wire/dbn_metadata.h"

#include <string.h>

#define BODY_MIN  100u /* everything of fixed length, behind the prefix */
#define LISTS     112u /* where the first list begins */
#define V1_CHARS  22u
#define V2_CHARS  71u
#define DATE_PAIR 8u
#define TIMES     26u /* start, end, limit */
#define V1_STYPES 58u
#define V2_STYPES 50u

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

static struct td_str cut_text(const char *p, size_t chars)
{
    const char *nul = memchr(p, 0, chars);
    return (struct td_str){p, nul ? (size_t)(nul - p) : chars};
}

struct td_str td_dbn_text_at(const struct td_dbn_texts *texts, uint32_t i)
{
    if (i >= texts->count)
        return (struct td_str){NULL, 0};
    return cut_text(texts->p + (size_t)i * texts->chars, texts->chars);
}

/* ---- reading ---- */

/* A cursor over the variable part. */
struct cut {
    const uint8_t *p;
    size_t left;
};

static bool take_u32(struct cut *c, uint32_t *out)
{
    if (c->left < 4)
        return false;
    *out = u32(c->p);
    c->p += 4;
    c->left -= 4;
    return true;
}

static bool skip(struct cut *c, uint64_t bytes)
{
    if (bytes > c->left)
        return false;
    c->p += bytes;
    c->left -= bytes;
    return true;
}

static bool take_texts(struct cut *c, uint16_t chars, struct td_dbn_texts *out)
{
    if (!take_u32(c, &out->count))
        return false;
    out->p = (const char *)c->p;
    out->chars = chars;
    return skip(c, (uint64_t)out->count * chars);
}

static bool take_mappings(struct cut *c, struct td_dbn_metadata *m)
{
    if (!take_u32(c, &m->mappings))
        return false;
    const struct cut begin = *c;
    for (uint32_t i = 0; i < m->mappings; i++) {
        uint32_t intervals = 0;
        if (!skip(c, m->symbol_chars) || !take_u32(c, &intervals) ||
            !skip(c, (uint64_t)intervals * (DATE_PAIR + m->symbol_chars)))
            return false;
    }
    m->mapping_bytes = (struct td_str){(const char *)begin.p, begin.left - c->left};
    return true;
}

enum td_err td_dbn_metadata_len(const void *bytes, size_t len, size_t *out)
{
    const uint8_t *b = bytes;
    if (len < TD_DBN_PREFIX)
        return TD_EAGAIN;
    if (memcmp(b, "DBN", 3) != 0)
        return TD_EPROTO;
    if (b[3] < 1 || b[3] > 3)
        return TD_EVERSION;
    const uint32_t body = u32(b + 4);
    if (body < BODY_MIN || body > TD_DBN_METADATA_MAX)
        return TD_EPROTO;
    *out = TD_DBN_PREFIX + body;
    return TD_OK;
}

static void read_fixed(struct td_dbn_metadata *m, const uint8_t *b)
{
    *m = (struct td_dbn_metadata){.version = b[3]};
    const uint8_t *stypes = b + (m->version == 1 ? V1_STYPES : V2_STYPES);
    memcpy(m->dataset, b + 8, 16);
    m->schema = u16(b + 24);
    m->start = u64(b + TIMES);
    m->end = u64(b + TIMES + 8);
    m->limit = u64(b + TIMES + 16);
    m->old_records = m->version == 1 ? u64(b + TIMES + 24) : 0;
    m->stype_in = stypes[0];
    m->stype_out = stypes[1];
    m->ts_out = stypes[2] != 0;
    m->symbol_chars = m->version == 1 ? (uint16_t)V1_CHARS : u16(stypes + 3);
}

enum td_err td_dbn_metadata_read(struct td_dbn_metadata *m, const void *bytes, size_t len)
{
    size_t whole = 0;
    const enum td_err err = td_dbn_metadata_len(bytes, len, &whole);
    if (err || whole != len)
        return err && err != TD_EAGAIN ? err : TD_EPROTO;
    const uint8_t *b = bytes;
    struct cut c = {b + LISTS - 4, len - (LISTS - 4)};
    uint32_t definition = 0;
    read_fixed(m, b);
    /* A schema definition was never used; its length must be zero. */
    if (m->symbol_chars == 0 || m->symbol_chars > TD_DBN_SYMBOL_CHARS_MAX ||
        !take_u32(&c, &definition) || definition != 0 ||
        !take_texts(&c, m->symbol_chars, &m->symbols) ||
        !take_texts(&c, m->symbol_chars, &m->partial) ||
        !take_texts(&c, m->symbol_chars, &m->not_found) || !take_mappings(&c, m))
        return TD_EPROTO;
    return TD_OK;
}

bool td_dbn_mapping_next(const struct td_dbn_metadata *m, struct td_dbn_mapping *at)
{
    const size_t head = m->symbol_chars + 4u;
    if (m->mapping_bytes.len - at->next < head)
        return false;
    const char *p = m->mapping_bytes.p + at->next;
    at->symbol = cut_text(p, m->symbol_chars);
    at->intervals = u32((const uint8_t *)p + m->symbol_chars);
    at->at = at->next + head;
    at->next = at->at + (size_t)at->intervals * (DATE_PAIR + m->symbol_chars);
    return true;
}

void td_dbn_interval_at(const struct td_dbn_metadata *m, const struct td_dbn_mapping *mapping,
                        uint32_t i, struct td_dbn_interval *out)
{
    TD_REQUIRE(i < mapping->intervals);
    const char *p = m->mapping_bytes.p + mapping->at + (size_t)i * (DATE_PAIR + m->symbol_chars);
    *out = (struct td_dbn_interval){u32((const uint8_t *)p), u32((const uint8_t *)p + 4),
                                    cut_text(p + DATE_PAIR, m->symbol_chars)};
}

/* ---- writing ---- */

/* Bytes behind each other; what does not fit is counted only. */
struct put {
    uint8_t *p;
    size_t cap, len;
    bool range; /* a text did not fit its field */
};

static void put_number(struct put *o, uint64_t v, size_t bytes)
{
    if (o->cap >= bytes && o->len <= o->cap - bytes)
        for (size_t i = 0; i < bytes; i++)
            o->p[o->len + i] = (uint8_t)(v >> 8 * i);
    o->len += bytes;
}

static void put_text(struct put *o, struct td_str s, size_t chars)
{
    if (o->cap >= chars && o->len <= o->cap - chars) {
        const size_t n = s.len < chars ? s.len : chars - 1;
        memset(o->p + o->len, 0, chars);
        if (n)
            memcpy(o->p + o->len, s.p, n);
    }
    o->range |= s.len >= chars;
    o->len += chars;
}

static void put_texts(struct put *o, const struct td_dbn_texts *texts, size_t chars)
{
    put_number(o, texts->count, 4);
    for (uint32_t i = 0; i < texts->count; i++)
        put_text(o, td_dbn_text_at(texts, i), chars);
}

static void put_mappings(struct put *o, const struct td_dbn_metadata *m, size_t chars)
{
    struct td_dbn_mapping mapping = {0};
    struct td_dbn_interval interval;
    put_number(o, m->mappings, 4);
    while (td_dbn_mapping_next(m, &mapping)) {
        put_text(o, mapping.symbol, chars);
        put_number(o, mapping.intervals, 4);
        for (uint32_t i = 0; i < mapping.intervals; i++) {
            td_dbn_interval_at(m, &mapping, i, &interval);
            put_number(o, interval.start, 4);
            put_number(o, interval.end, 4);
            put_text(o, interval.symbol, chars);
        }
    }
}

static void put_zeros(struct put *o, size_t until)
{
    while (o->len < until)
        put_number(o, 0, 1);
}

static void put_all(struct put *o, const struct td_dbn_metadata *m, uint8_t version, size_t length)
{
    const size_t chars = version == 1                              ? V1_CHARS
                         : m->version == 1 || m->symbol_chars == 0 ? V2_CHARS
                                                                   : m->symbol_chars;
    put_number(o, 'D' | 'B' << 8 | 'N' << 16, 3);
    put_number(o, version, 1);
    put_number(o, length - TD_DBN_PREFIX, 4);
    put_text(o, td_str_of(m->dataset), 16 + (m->dataset[15] != 0));
    o->len = 24; /* a dataset of all 16 letters has no NUL */
    put_number(o, m->schema, 2);
    put_number(o, m->start, 8);
    put_number(o, m->end, 8);
    put_number(o, m->limit, 8);
    if (version == 1)
        put_number(o, m->version == 1 ? m->old_records : UINT64_MAX, 8);
    put_number(o, m->stype_in, 1);
    put_number(o, m->stype_out, 1);
    put_number(o, m->ts_out, 1);
    if (version > 1)
        put_number(o, chars, 2);
    put_zeros(o, LISTS);
    put_texts(o, &m->symbols, chars);
    put_texts(o, &m->partial, chars);
    put_texts(o, &m->not_found, chars);
    put_mappings(o, m, chars);
    if (version == 3)
        put_zeros(o, (o->len + 7) / 8 * 8);
}

size_t td_dbn_metadata_bytes(const struct td_dbn_metadata *m, uint8_t version)
{
    struct put o = {0};
    put_all(&o, m, version, TD_DBN_PREFIX);
    return o.len;
}

enum td_err td_dbn_metadata_write(const struct td_dbn_metadata *m, uint8_t version, void *out,
                                  size_t cap, size_t *len)
{
    TD_REQUIRE(version >= 1 && version <= 3);
    const size_t need = td_dbn_metadata_bytes(m, version);
    struct put o = {out, cap, 0, false};
    if (need > cap)
        return TD_EFULL;
    if (need - TD_DBN_PREFIX > TD_DBN_METADATA_MAX)
        return TD_ERANGE;
    put_all(&o, m, version, need);
    if (o.range)
        return TD_ERANGE;
    *len = need;
    return TD_OK;
}
