/* wire/dbn.c - DBN metadata and records. Every length is checked before it is used. */
#include "wire/dbn.h"

#include <string.h>

#define HEAD     16u /* record header */
#define PREFIX   8u  /* "DBN", version, length */
#define META_MIN 100u

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

static int64_t i64(const uint8_t *p)
{
    const uint64_t v = u64(p);
    int64_t out;
    memcpy(&out, &v, sizeof out);
    return out;
}

static int32_t i32(const uint8_t *p)
{
    const uint32_t v = u32(p);
    int32_t out;
    memcpy(&out, &v, sizeof out);
    return out;
}

static td_px price(const uint8_t *p)
{
    return (td_px){i64(p)}; /* undefined is INT64_MAX, as TD_PX_NONE */
}

void td_dbn_init(struct td_dbn *d)
{
    memset(d, 0, sizeof *d);
}

void td_dbn_init_fragment(struct td_dbn *d, uint8_t version)
{
    td_dbn_init(d);
    d->metadata.version = version;
    d->metadata.symbol_chars = version == 1 ? 22 : 71;
    d->state = TD_DBN_WANT_RECORD;
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

static enum td_err broken(struct td_dbn *d)
{
    d->state = TD_DBN_BROKEN;
    return TD_EPROTO;
}

/* Text of a fixed field, up to its first NUL. */
static struct td_str field(const uint8_t *p, size_t cap)
{
    const uint8_t *nul = memchr(p, 0, cap);
    return (struct td_str){(const char *)p, nul ? (size_t)(nul - p) : cap};
}

/* A cursor over the variable part of the metadata. */
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

static bool take_list(struct cut *c, size_t chars, uint32_t *count)
{
    return take_u32(c, count) && skip(c, (uint64_t)*count * chars);
}

static bool take_mappings(struct cut *c, size_t chars, uint32_t *count)
{
    if (!take_u32(c, count))
        return false;
    for (uint32_t i = 0; i < *count; i++) {
        uint32_t intervals = 0;
        if (!skip(c, chars) || !take_u32(c, &intervals) ||
            !skip(c, (uint64_t)intervals * (8 + chars)))
            return false;
    }
    return true;
}

static bool take_symbols(struct td_dbn_metadata *m, struct cut c)
{
    uint32_t definition = 0;
    if (!take_u32(&c, &definition) || definition != 0)
        return false;
    const struct cut symbols = c;
    if (!take_list(&c, m->symbol_chars, &m->symbols))
        return false;
    m->symbol_texts =
        (struct td_str){(const char *)symbols.p + 4, (size_t)m->symbols * m->symbol_chars};
    if (!take_list(&c, m->symbol_chars, &m->partial) ||
        !take_list(&c, m->symbol_chars, &m->not_found))
        return false;
    const struct cut mappings = c;
    if (!take_mappings(&c, m->symbol_chars, &m->mappings))
        return false;
    m->mapping_bytes = (struct td_str){(const char *)mappings.p + 4, mappings.left - 4 - c.left};
    return true;
}

static bool read_metadata(struct td_dbn_metadata *m, const uint8_t *b, size_t len)
{
    memcpy(m->dataset, b + 8, 16);
    m->schema = u16(b + 24);
    m->start = u64(b + 26);
    m->end = u64(b + 34);
    m->limit = u64(b + 42);
    const size_t at = m->version == 1 ? 58 : 50;
    m->stype_in = b[at];
    m->stype_out = b[at + 1];
    m->ts_out = b[at + 2] != 0;
    m->symbol_chars = m->version == 1 ? 22 : u16(b + 53);
    return m->symbol_chars > 0 &&
           take_symbols(m, (struct cut){b + META_MIN + PREFIX, len - META_MIN - PREFIX});
}

static enum td_err metadata(struct td_dbn *d)
{
    if (d->len < PREFIX)
        return TD_EAGAIN;
    const uint8_t *b = d->bytes;
    if (memcmp(b, "DBN", 3) != 0)
        return broken(d);
    if (b[3] < 1 || b[3] > 3) {
        d->state = TD_DBN_BROKEN;
        return TD_EVERSION;
    }
    const uint32_t length = u32(b + 4);
    if (length < META_MIN || length > TD_DBN_METADATA_MAX)
        return broken(d);
    if (d->len - PREFIX < length)
        return TD_EAGAIN;
    d->metadata.version = b[3];
    if (!read_metadata(&d->metadata, b, PREFIX + length))
        return broken(d);
    d->used = PREFIX + length;
    d->state = TD_DBN_WANT_RECORD;
    return TD_OK;
}

static void read_level(const uint8_t *p, struct td_dbn_level *l)
{
    *l = (struct td_dbn_level){price(p),    price(p + 8), u32(p + 16),
                               u32(p + 20), u32(p + 24),  u32(p + 28)};
}

/* trades, mbp-1, mbp-10, bbo and their consolidated kinds share this head. */
static void read_trade(const uint8_t *p, struct td_dbn_record *r, uint8_t levels)
{
    r->px = price(p + 16);
    r->qty = u32(p + 24);
    r->action = (char)p[28];
    r->side = (char)p[29];
    r->flags = p[30];
    r->depth = p[31];
    r->ts_recv = u64(p + 32);
    r->ts_in_delta = i32(p + 40);
    r->sequence = u32(p + 44);
    r->levels = levels;
    for (uint8_t i = 0; i < levels; i++)
        read_level(p + 48 + (size_t)i * 32, &r->level[i]);
}

static void read_mbo(const uint8_t *p, struct td_dbn_record *r)
{
    r->order_id = u64(p + 16);
    r->px = price(p + 24);
    r->qty = u32(p + 32);
    r->flags = p[36];
    r->channel = p[37];
    r->action = (char)p[38];
    r->side = (char)p[39];
    r->ts_recv = u64(p + 40);
    r->ts_in_delta = i32(p + 48);
    r->sequence = u32(p + 52);
}

static void read_ohlcv(const uint8_t *p, struct td_dbn_record *r)
{
    r->open = price(p + 16);
    r->high = price(p + 24);
    r->low = price(p + 32);
    r->close = price(p + 40);
    r->volume = u64(p + 48);
}

/* Offsets by version. Source: reference page section 4.2. */
static void read_definition(const uint8_t *p, uint8_t version, struct td_dbn_record *r)
{
    static const struct {
        uint16_t symbol, symbol_chars, asset, asset_chars, class;
    } at[4] = {
        {0, 0, 0, 0, 0}, {200, 22, 248, 7, 325}, {200, 71, 297, 7, 374}, {238, 71, 335, 11, 487}};
    r->ts_recv = u64(p + 16);
    r->min_tick = price(p + 24);
    r->expiration = u64(p + 40);
    r->symbol = field(p + at[version].symbol, at[version].symbol_chars);
    r->asset = field(p + at[version].asset, at[version].asset_chars);
    r->instrument_class = (char)p[at[version].class];
}

static void read_statistics(const uint8_t *p, uint8_t version, struct td_dbn_record *r)
{
    const bool wide = version == 3;
    r->ts_recv = u64(p + 16);
    r->px = price(p + 32);
    r->stat_qty = wide ? i64(p + 40) : i32(p + 40);
    r->sequence = u32(p + (wide ? 48 : 44));
    r->ts_in_delta = i32(p + (wide ? 52 : 48));
    r->stat_type = u16(p + (wide ? 56 : 52));
}

static void read_status(const uint8_t *p, struct td_dbn_record *r)
{
    r->ts_recv = u64(p + 16);
    r->status_action = u16(p + 24);
    r->status_reason = u16(p + 26);
}

/* Shortest length of a known type; 0: unknown, any length with a header passes. */
static size_t least(uint8_t rtype, uint8_t version)
{
    switch (rtype) {
    case TD_DBN_TRADE:
        return 48;
    case TD_DBN_MBP1:
    case TD_DBN_CMBP1:
    case TD_DBN_CBBO_1S:
    case TD_DBN_CBBO_1M:
    case TD_DBN_TCBBO:
    case TD_DBN_BBO_1S:
    case TD_DBN_BBO_1M:
        return 80;
    case TD_DBN_MBP10:
        return 368;
    case TD_DBN_MBO:
    case TD_DBN_OHLCV_OLD:
    case TD_DBN_OHLCV_1S:
    case TD_DBN_OHLCV_1M:
    case TD_DBN_OHLCV_1H:
    case TD_DBN_OHLCV_1D:
    case TD_DBN_OHLCV_EOD:
        return 56;
    case TD_DBN_STATUS:
        return 40;
    case TD_DBN_DEFINITION:
        return version == 1 ? 360 : version == 2 ? 400 : 520;
    case TD_DBN_STATISTICS:
        return version == 3 ? 80 : 64;
    default:
        return 0;
    }
}

static void read_body(const uint8_t *p, uint8_t version, struct td_dbn_record *r)
{
    switch (r->rtype) {
    case TD_DBN_TRADE:
        read_trade(p, r, 0);
        return;
    case TD_DBN_MBP1:
    case TD_DBN_CMBP1:
    case TD_DBN_CBBO_1S:
    case TD_DBN_CBBO_1M:
    case TD_DBN_TCBBO:
    case TD_DBN_BBO_1S:
    case TD_DBN_BBO_1M:
        read_trade(p, r, 1);
        return;
    case TD_DBN_MBP10:
        read_trade(p, r, TD_DBN_LEVELS);
        return;
    case TD_DBN_MBO:
        read_mbo(p, r);
        return;
    case TD_DBN_OHLCV_OLD:
    case TD_DBN_OHLCV_1S:
    case TD_DBN_OHLCV_1M:
    case TD_DBN_OHLCV_1H:
    case TD_DBN_OHLCV_1D:
    case TD_DBN_OHLCV_EOD:
        read_ohlcv(p, r);
        return;
    case TD_DBN_STATUS:
        read_status(p, r);
        return;
    case TD_DBN_DEFINITION:
        read_definition(p, version, r);
        return;
    case TD_DBN_STATISTICS:
        read_statistics(p, version, r);
        return;
    default:
        return;
    }
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
    if (length < HEAD + extra)
        return broken(d);
    if (d->len - d->used < length)
        return TD_EAGAIN;
    const size_t body = length - extra;
    *out = (struct td_dbn_record){
        .raw = {(const char *)p, body}, .rtype = p[1], .px = TD_PX_NONE, .min_tick = TD_PX_NONE};
    if (body < least(out->rtype, d->metadata.version))
        return broken(d);
    out->publisher = u16(p + 2);
    out->instrument = u32(p + 4);
    out->ts_event = out->ts_recv = u64(p + 8);
    out->ts_out = extra ? u64(p + body) : 0;
    read_body(p, d->metadata.version, out);
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
