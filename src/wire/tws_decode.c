/* wire/tws_decode.c - turns a payload into a message: which form it is, and the text form by its rows.
 *
 * A payload ends with a NUL (checked once), so a scan from inside it always stops; only the start of a
 * field is compared with the end. Tables nest through a small explicit stack, never by recursion.
 */
#include "wire/tws_field.h"

#include <string.h>

#define NEST_MAX 4 /* message, list element, list inside it, shared tuple */

struct frame {
    const struct td_tws_field *at; /* the SUB or LIST row we are inside of */
    uint8_t *base;
    uint32_t left; /* elements still to do, this one included */
    bool absent;
};

struct decoder {
    const char *p, *end;
    struct td_arena *arena;
    int32_t version, id;
    bool absent; /* inside a tuple that is not on the wire: only defaults are set */
    struct frame stack[NEST_MAX];
    size_t depth;
};

/* An integer field up to its NUL. *empty tells an absent value from 0. */
static inline enum td_err take_int(struct decoder *d, int64_t *out, bool *empty)
{
    const char *p = d->p;
    const bool negative = *p == '-';
    const char *digits = p + negative;
    uint64_t value = 0;
    for (p = digits; *p >= '0' && *p <= '9' && p - digits < 18; p++)
        value = value * 10 + (uint64_t)(*p - '0');
    if (TD_LIKELY(*p == '\0' && (p != digits || !negative))) {
        *empty = p == digits;
        *out = negative ? -(int64_t)value : (int64_t)value;
        d->p = p + 1;
        return TD_OK;
    }
    const size_t len = strlen(d->p);
    const enum td_err err = td_i64_parse(d->p, len, out);
    *empty = false;
    d->p += len + 1;
    return err == TD_EPARSE ? TD_EPROTO : err;
}

static inline enum td_err take_i32(struct decoder *d, int32_t when_empty, int32_t *out)
{
    int64_t value = 0;
    bool empty = false;
    const enum td_err err = take_int(d, &value, &empty);
    if (TD_UNLIKELY(err))
        return err;
    if (TD_UNLIKELY(value < INT32_MIN || value > INT32_MAX))
        return TD_ERANGE;
    *out = empty ? when_empty : (int32_t)value;
    return TD_OK;
}

static inline struct td_str take_str(struct decoder *d)
{
    const char *start = d->p, *p = start;
    while (*p && p - start < 16) /* most are short: a call costs more than the walk */
        p++;
    if (*p)
        p += strlen(p);
    d->p = p + 1;
    return (struct td_str){start, (size_t)(p - start)};
}

static enum td_err take_escaped(struct decoder *d, struct td_str *out)
{
    struct td_str s = take_str(d);
    if (s.len && memchr(s.p, '\\', s.len)) {
        char *copy = td_arena_take(d->arena, s.len, 1);
        if (!copy)
            return TD_EFULL;
        s = (struct td_str){copy, td_tws_unescape(s.p, s.len, copy)};
    }
    *out = s;
    return TD_OK;
}

static inline enum td_err take_double(struct decoder *d, const struct td_tws_field *f, int64_t *out)
{
    const struct td_str s = take_str(d);
    if (TD_UNLIKELY(!s.len)) {
        *out = f->type == TD_F_E9 ? 0 : TD_E9_NONE;
        return TD_OK;
    }
    return td_tws_double_parse(s.p, s.len, f->type == TD_F_E9I, out);
}

static enum td_err take_mask(struct decoder *d, const struct td_tws_field *f, uint8_t *base)
{
    int32_t mask = 0;
    const enum td_err err = take_i32(d, 0, &mask);
    *(bool *)(void *)(base + f->off) = mask & 1;
    *(bool *)(void *)(base + f->second) = mask >> 1 & 1;
    return err;
}

static enum td_err take_choice(struct decoder *d, const struct td_tws_field *f, int32_t *out)
{
    const enum td_err err = take_i32(d, 0, out);
    if (!err && (*out < 0 || *out > 31 || !(f->values >> *out & 1)))
        return TD_EPROTO;
    return err;
}

static enum td_err take_bool(struct decoder *d, bool *out)
{
    int32_t value = 0;
    const enum td_err err = take_i32(d, 0, &value);
    *out = value != 0;
    return err;
}

static enum td_err take_and(struct decoder *d, bool *out)
{
    const struct td_str s = take_str(d);
    *out = td_str_is(s, "a");
    return *out || td_str_is(s, "o") ? TD_OK : TD_EPROTO;
}

static enum td_err take_true(struct decoder *d, bool *out)
{
    *out = td_str_is(take_str(d), "true");
    return TD_OK;
}

/* With two fields left the first is a count of the options, which nobody needs. */
static enum td_err take_tail(struct decoder *d, struct td_str *out)
{
    *out = take_str(d);
    if (d->p < d->end)
        *out = take_str(d);
    return TD_OK;
}

static enum td_err take_id(struct decoder *d, int32_t *out)
{
    const enum td_err err = take_i32(d, 0, out);
    if (!err)
        d->id = *out;
    return err;
}

static enum td_err take_i64(struct decoder *d, int64_t *out)
{
    bool empty;
    return take_int(d, out, &empty);
}

static inline enum td_err take_qty(struct decoder *d, int64_t *out)
{
    const struct td_str s = take_str(d);
    return td_tws_qty_parse(s.p, s.len, out);
}

/* One scalar field; the caller has checked that there are bytes left. */
static inline enum td_err take_field(struct decoder *d, const struct td_tws_field *f, uint8_t *base)
{
    void *at = base + f->off;
    switch (f->type) {
    case TD_F_LIT:
        (void)take_str(d);
        return TD_OK;
    case TD_F_ID:
        return take_id(d, at);
    case TD_F_I32:
        return take_i32(d, 0, at);
    case TD_F_I32U:
    case TD_F_I32M:
        return take_i32(d, TD_TWS_INT_NONE, at);
    case TD_F_ENUM:
        return take_choice(d, f, at);
    case TD_F_I64:
        return take_i64(d, at);
    case TD_F_BOOL:
        return take_bool(d, at);
    case TD_F_MASK:
        return take_mask(d, f, base);
    case TD_F_STR:
        *(struct td_str *)at = take_str(d);
        return TD_OK;
    case TD_F_ESC:
        return take_escaped(d, at);
    case TD_F_TRUE:
        return take_true(d, at);
    case TD_F_AND:
        return take_and(d, at);
    case TD_F_TAIL:
        return take_tail(d, at);
    case TD_F_QTY:
        return take_qty(d, at);
    default:
        return take_double(d, f, at);
    }
}

static void push(struct decoder *d, const struct td_tws_field *f, uint8_t *base, uint32_t count)
{
    TD_REQUIRE(d->depth < NEST_MAX);
    d->stack[d->depth++] = (struct frame){f, base, count, d->absent};
}

/* Fields every element of the list has at least: no element takes fewer bytes than that. */
static size_t fields_min(const struct td_tws_field *row)
{
    size_t n = 0;
    for (; row->type != TD_F_END; row++)
        n += row->type != TD_F_UNSET && row->type != TD_F_SUB && !row->when && !row->since &&
             !row->until;
    return n ? n : 1;
}

/* The list's count and memory; *elements stays NULL when it is empty. */
static enum td_err take_list(struct decoder *d, const struct td_tws_field *f, uint8_t *base,
                             uint8_t **elements)
{
    TD_TWS_LIST(td_tws_text) list = {NULL, 0};
    int32_t count = 0;
    const enum td_err err = take_i32(d, 0, &count);
    if (err)
        return err;
    if (count < 0 || (size_t)count > (size_t)(d->end - d->p) / fields_min(f->sub))
        return TD_EPROTO;
    if (count) {
        *elements = td_arena_take(d->arena, (size_t)count, f->size);
        if (!*elements)
            return TD_EFULL;
        list.p = (const void *)*elements;
        list.n = (uint32_t)count;
        push(d, f, base, list.n);
    }
    memcpy(base + f->off, &list, sizeof list); /* every list has this shape */
    return TD_OK;
}

/* A second pass over a list's elements: as many as there are, or none. */
static enum td_err take_again(struct decoder *d, const struct td_tws_field *f, uint8_t *base,
                              uint8_t **elements)
{
    struct {
        uint8_t *p; /* our own memory: take_list put it there */
        uint32_t n;
    } list;
    int32_t count = 0;
    const enum td_err err = take_i32(d, 0, &count);
    if (err)
        return err;
    memcpy(&list, base + f->off, sizeof list);
    if (count < 0 || (count && (uint32_t)count != list.n))
        return TD_EPROTO;
    for (uint32_t i = 0; i < list.n && !count; i++)
        td_tws_row_unset(f->sub, list.p + (size_t)i * f->size);
    if (count) {
        *elements = list.p;
        push(d, f, base, list.n);
    }
    return TD_OK;
}

static enum td_err take_repeated(struct decoder *d, const struct td_tws_field *f, uint8_t *base,
                                 uint8_t **elements)
{
    return f->type == TD_F_LIST ? take_list(d, f, base, elements)
                                : take_again(d, f, base, elements);
}

/* Runs rows from `f` on the struct at `base`; on failure *failed is the row. */
static enum td_err run(struct decoder *d, const struct td_tws_field *f, uint8_t *base,
                       const struct td_tws_field **failed)
{
    for (;; f++) {
        if (f->type == TD_F_END) {
            if (!d->depth)
                return TD_OK;
            struct frame *top = &d->stack[d->depth - 1];
            if (--top->left) {
                base += top->at->size;
                f = top->at->sub - 1;
                continue;
            }
            f = top->at;
            base = top->base;
            d->absent = top->absent;
            d->depth--;
            continue;
        }
        if (f->since == TD_TWS_PROTOBUF)
            continue;
        const bool gated = d->absent || f->when || f->since || f->until;
        const bool absent = gated && (d->absent || !td_tws_row_present(f, base, d->version));
        if (f->type == TD_F_SUB) {
            push(d, f, base, 1);
            d->absent = absent;
            base += f->off;
            f = f->sub - 1;
            continue;
        }
        if (absent) {
            td_tws_row_unset(f, base);
            continue;
        }
        if (f->type == TD_F_UNSET) {
            *(int64_t *)(void *)(base + f->off) = TD_E9_NONE;
            continue;
        }
        enum td_err err = TD_EPROTO; /* when the bytes ran out */
        uint8_t *elements = NULL;
        if (TD_LIKELY(d->p < d->end))
            err = f->type >= TD_F_LIST ? take_repeated(d, f, base, &elements)
                                       : take_field(d, f, base);
        if (TD_UNLIKELY(err)) {
            *failed = f;
            return err;
        }
        if (elements) {
            base = elements;
            f = f->sub - 1;
        }
    }
}

static uint8_t *body_of(struct td_tws_msg *msg)
{
    return (uint8_t *)msg + offsetof(struct td_tws_msg, none);
}

/* What the rows of its contract and the order's own beginning leave; 180 rows are not walked while an order waits. */
static void init_place_order(struct td_tws_msg *msg)
{
    struct td_tws_contract *c = &msg->place_order.contract;
    msg->kind = TD_TWS_PLACE_ORDER;
    msg->place_order.order_id = 0;
    memset(c, 0, sizeof *c);
    c->strike = c->delta_neutral.price = TD_PX_NONE;
    c->delta_neutral.delta_e9 = TD_E9_NONE;
    td_tws_order_init(&msg->place_order.order);
}

static void clear_body(struct td_tws_msg *msg, uint16_t kind, size_t size)
{
    msg->kind = kind;
    memset(body_of(msg), 0, size);
    if (kind == TD_TWS_PLACE_ORDER)
        td_tws_order_unset(&msg->place_order.order);
    if (kind == TD_TWS_OPEN_ORDER || kind == TD_TWS_COMPLETED_ORDER) {
        td_tws_order_unset(&msg->open_order.order);
        td_tws_state_unset(&msg->open_order.state);
    }
}

void td_tws_msg_init(struct td_tws_msg *msg, uint16_t kind)
{
    const struct td_tws_layout *layout = td_tws_layout_of(kind);
    if (kind == TD_TWS_PLACE_ORDER) {
        init_place_order(msg);
        return;
    }
    clear_body(msg, kind, layout ? layout->size : sizeof msg->other);
    if (layout) {
        const struct td_tws_field *failed = NULL;
        struct decoder d = {.absent = true};
        const enum td_err err = run(&d, layout->rows, body_of(msg), &failed);
        TD_REQUIRE(err == TD_OK); /* nothing is read: it cannot fail */
    }
}

static enum td_err decode_body(struct decoder *d, const struct td_tws_codec *codec,
                               struct td_tws_msg *out, struct td_tws_decoded *info)
{
    const uint16_t kind = td_tws_kind_of(info->wire_id, codec->request);
    const struct td_tws_layout *layout = td_tws_layout_of(kind);
    if (!layout) {
        out->kind = kind;
        out->other = (struct td_tws_other){info->wire_id, {d->p, (size_t)(d->end - d->p)}};
        return TD_OK;
    }
    clear_body(out, kind, layout->size);
    const struct td_tws_field *failed = NULL;
    const enum td_err err = run(d, layout->rows, body_of(out), &failed);
    info->req_id = d->id;
    info->at = failed ? failed->name : NULL;
    info->surplus = (size_t)(d->end - d->p);
    return err;
}

/* "Raw 4-byte id in every frame", section 1.4: 200 more means protobuf. */
static enum td_err decode_raw(struct decoder *d, const struct td_tws_codec *codec,
                              struct td_str payload, struct td_tws_msg *out,
                              struct td_tws_decoded *info)
{
    if (payload.len < 4)
        return TD_EPROTO;
    const uint8_t *p = (const uint8_t *)payload.p;
    const uint32_t id = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
    const struct td_str body = {payload.p + 4, payload.len - 4};
    const bool text = id <= TD_TWS_TEXT_IDS;
    if (id < 1 || id > 2 * TD_TWS_TEXT_IDS)
        return TD_EPROTO;
    info->wire_id = (int32_t)(text ? id : id - TD_TWS_TEXT_IDS);
    const uint16_t kind = td_tws_kind_of(info->wire_id, codec->request);
    const struct td_tws_layout *layout = td_tws_layout_of(kind);
    d->p = body.p;
    if (text)
        return body.len && body.p[body.len - 1] ? TD_EPROTO : decode_body(d, codec, out, info);
    if (!layout || td_tws_text_only(kind)) {
        out->kind = codec->request ? TD_TWS_OTHER_REQUEST : TD_TWS_OTHER_REPLY;
        out->other = (struct td_tws_other){(int32_t)id, body};
        return TD_OK;
    }
    clear_body(out, kind, layout->size);
    return td_tws_pb_decode(codec, layout, body, body_of(out), info);
}

enum td_err td_tws_decode(const struct td_tws_codec *codec, struct td_str payload,
                          struct td_tws_msg *out, struct td_tws_decoded *info)
{
    *info = (struct td_tws_decoded){.wire_id = -1, .req_id = -1};
    struct decoder d;
    d.p = payload.p;
    d.end = payload.p + payload.len;
    d.arena = codec->arena;
    d.version = codec->version;
    d.id = -1;
    d.absent = false;
    d.depth = 0;
    td_arena_reset(codec->arena);
    if (codec->version > TD_TWS_VERSION_MAX)
        return decode_raw(&d, codec, payload, out, info);
    if (!payload.len || payload.p[payload.len - 1] != '\0')
        return TD_EPROTO;
    int32_t wire_id = 0;
    const enum td_err err = take_i32(&d, 0, &wire_id);
    if (err || wire_id < 1 || wire_id > TD_TWS_TEXT_IDS)
        return TD_EPROTO;
    info->wire_id = wire_id;
    return decode_body(&d, codec, out, info);
}
