/* wire/dbn.c - frames of DBN and the members hot paths want, read by the tables. Every length is checked before it is used. */
#include "wire/dbn.h"

#include <string.h>

#include "wire/dbn_layout.h"

#define HEAD_ROWS   5 /* of every table, for the record header */
#define LEVELS_AT   48u
#define LEVEL_BYTES 32u

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "numbers are copied as they lie");

static inline uint16_t u16(const uint8_t *p)
{
    uint16_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

static inline uint32_t u32(const uint8_t *p)
{
    uint32_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

static inline uint64_t u64(const uint8_t *p)
{
    uint64_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

/* Texts, and numbers whose member is wider than they are, are more than copied. */
static bool is_other(const struct td_dbn_field *f)
{
    return f->into && (f->type == TD_DBN_TEXT || f->type == TD_DBN_QTY32);
}

/* Joins a field to the last run when it follows it in the record and in the member's struct. */
static void join(struct td_dbn_plan *plan, const struct td_dbn_field *f)
{
    const uint8_t n = plan->runs;
    if (n > 0 && plan->run[n - 1].at + plan->run[n - 1].bytes == f->at &&
        plan->run[n - 1].into + plan->run[n - 1].bytes == f->into) {
        plan->run[n - 1].bytes = (uint16_t)(plan->run[n - 1].bytes + f->bytes);
        return;
    }
    TD_REQUIRE(n < TD_DBN_RUNS_MAX);
    plan->run[n].at = f->at;
    plan->run[n].into = f->into;
    plan->run[n].bytes = f->bytes;
    plan->runs++;
}

/* The header is read by itself, and levels, which stand behind everything else, lie as they are. */
static void make_plan(struct td_dbn_plan *plan, const struct td_dbn_layout *l)
{
    const struct td_dbn_field *end = l->fields + l->count;
    *plan = (struct td_dbn_plan){.layout = l};
    for (const struct td_dbn_field *f = l->fields + HEAD_ROWS; f < end && !f->level; f++) {
        plan->rest |= f->into > offsetof(struct td_dbn_record, own);
        if (is_other(f))
            plan->others = true;
        else if (f->into)
            join(plan, f);
    }
}

static void choose_layouts(struct td_dbn *d)
{
    size_t count;
    uint8_t plans = 0;
    const struct td_dbn_layout *l = td_dbn_layouts(&count);
    for (; count > 0; count--, l++) {
        if (d->metadata.version < l->since || d->metadata.version > l->until)
            continue;
        TD_REQUIRE(++plans < TD_DBN_PLANS_MAX);
        make_plan(&d->plan[plans], l);
        for (size_t i = 0; i < sizeof l->rtypes; i++)
            d->plan_of[l->rtypes[i]] = plans;
    }
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

_Static_assert(sizeof(struct td_dbn_level) == LEVEL_BYTES, "levels lie as they are");

static void read_levels(const uint8_t *p, const struct td_dbn_layout *layout,
                        struct td_dbn_record *r)
{
    r->levels = layout->levels;
    r->level = (const struct td_dbn_level *)(p + LEVELS_AT);
    if (layout->consolidated) {
        r->own = r->level[0];
        r->own.bid_orders &= 0xffff; /* a publisher, and two reserved bytes */
        r->own.ask_orders &= 0xffff;
        r->level = &r->own;
    }
}

static void read_others(const struct td_dbn_layout *l, struct td_dbn_record *r)
{
    for (const struct td_dbn_field *f = l->fields; f < l->fields + l->count; f++) {
        struct td_dbn_value v;
        if (!is_other(f))
            continue;
        td_dbn_get(r->raw.p, f, &v);
        const int64_t number = v.none ? INT64_MAX : v.number;
        if (f->type == TD_DBN_TEXT)
            memcpy((uint8_t *)r + f->into, &v.text, sizeof v.text);
        else
            memcpy((uint8_t *)r + f->into, &number, sizeof number);
    }
}

/* The lengths of hot records as constants, so that each is a move or two. */
static inline void copy_run(uint8_t *to, const uint8_t *from, size_t bytes)
{
    switch (bytes) {
    case 1:
        *to = *from;
        break;
    case 2:
        memcpy(to, from, 2);
        break;
    case 4:
        memcpy(to, from, 4);
        break;
    case 8:
        memcpy(to, from, 8);
        break;
    case 16:
        memcpy(to, from, 16);
        break;
    case 20:
        memcpy(to, from, 20);
        break;
    case 32:
        memcpy(to, from, 32);
        break;
    default:
        memcpy(to, from, bytes);
        break;
    }
}

/* Clearing the members of rare types would cost hot records more than reading them. */
static void clear_rest(struct td_dbn_record *r)
{
    memset(&r->open, 0, sizeof *r - offsetof(struct td_dbn_record, open));
    r->min_tick = r->open = r->high = r->low = r->close = (td_px){TD_E9_NONE};
}

static void read_record(const uint8_t *p, const struct td_dbn_plan *plan, struct td_dbn_record *r)
{
    r->layout = plan->layout;
    r->rtype = p[1];
    r->levels = 0;
    r->publisher = u16(p + 2);
    r->instrument = u32(p + 4);
    r->ts_event = u64(p + 8);
    r->order_id = 0;
    memset(&r->px, 0, offsetof(struct td_dbn_record, own) - offsetof(struct td_dbn_record, px));
    r->px = (td_px){TD_E9_NONE};
    r->ts_recv = r->ts_event;
    if (!plan->layout)
        return;
    if (plan->rest)
        clear_rest(r);
    for (uint8_t i = 0; i < plan->runs; i++)
        copy_run((uint8_t *)r + plan->run[i].into, p + plan->run[i].at, plan->run[i].bytes);
    if (plan->others)
        read_others(plan->layout, r);
    if (plan->layout->levels)
        read_levels(p, plan->layout, r);
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
    const struct td_dbn_plan *plan = &d->plan[d->plan_of[p[1]]];
    if (plan->layout && body < plan->layout->bytes)
        return broken(d, TD_EPROTO);
    out->raw = (struct td_str){(const char *)p, body};
    out->ts_out = extra ? u64(p + body) : 0;
    read_record(p, plan, out);
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
