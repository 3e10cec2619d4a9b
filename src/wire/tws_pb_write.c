/* wire/tws_pb_write.c - encodes the protobuf form of a message by the numbers in its rows.
 *
 * What is unset or an empty text is left out, a zero and a false are written: "absent" and "zero" differ on this
 * wire. A nested message without any field is left out too. Lengths are written behind the contents and moved
 * into place, nearly always one byte.
 */
#include "wire/tws_field.h"
#include "wire/tws_pb.h"

#include <string.h>

#define NEST_MAX 5

struct frame {
    const struct td_tws_field *at; /* the SUB or LIST row */
    const uint8_t *base;           /* of the struct the row stands on */
    const uint8_t *element;
    uint32_t left;
    uint8_t *key; /* where this nested message's key begins */
    uint8_t *body;
};

struct writer {
    uint8_t *p, *end;
    bool request;
    int32_t version;
    struct frame stack[NEST_MAX];
    size_t depth;
};

struct list { /* shape of every list */
    const uint8_t *p;
    uint32_t n;
};

static inline enum td_err put_varint(struct writer *w, uint64_t value)
{
    if (TD_UNLIKELY(w->end - w->p < 10)) {
        uint64_t rest = value;
        ptrdiff_t n = 1;
        while (rest >>= 7)
            n++;
        if (w->end - w->p < n)
            return TD_EFULL;
    }
    for (; value > 127; value >>= 7)
        *w->p++ = (uint8_t)(value | 128);
    *w->p++ = (uint8_t)value;
    return TD_OK;
}

static inline enum td_err put_key(struct writer *w, uint64_t number, unsigned type)
{
    return put_varint(w, number << 3 | type);
}

static enum td_err put_number(struct writer *w, uint64_t number, int64_t value)
{
    const enum td_err err = put_key(w, number, TD_PB_VARINT);
    return err ? err : put_varint(w, (uint64_t)value);
}

static enum td_err put_span(struct writer *w, uint64_t number, const char *bytes, size_t len)
{
    enum td_err err = put_key(w, number, TD_PB_SPAN);
    if (!err)
        err = put_varint(w, len);
    if (!err && (size_t)(w->end - w->p) < len)
        err = TD_EFULL;
    if (!err && len) {
        memcpy(w->p, bytes, len);
        w->p += len;
    }
    return err;
}

static enum td_err put_double(struct writer *w, uint64_t number, double value)
{
    uint64_t bits;
    const enum td_err err = put_key(w, number, TD_PB_FIXED64);
    memcpy(&bits, &value, sizeof bits);
    if (err)
        return err;
    if (w->end - w->p < 8)
        return TD_EFULL;
    for (int i = 0; i < 8; i++, bits >>= 8)
        *w->p++ = (uint8_t)bits;
    return TD_OK;
}

/* Readers refuse a text that is not UTF-8. */
static bool is_utf8(struct td_str s)
{
    char escaped[16];
    for (size_t i = 0; i < s.len;) {
        const uint8_t lead = (uint8_t)s.p[i];
        const size_t n = lead < 0x80 ? 1 : lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
        if (n > s.len - i)
            return false;
        /* The escaper turns a valid sequence into escapes and leaves any other as it is. */
        if (n > 1 && td_tws_escape(s.p + i, n, escaped, sizeof escaped) == n)
            return false;
        i += n;
    }
    return true;
}

static enum td_err put_text(struct writer *w, uint64_t number, struct td_str s)
{
    if (!s.len)
        return TD_OK;
    return td_tws_may_carry(w->request, s) && is_utf8(s) ? put_span(w, number, s.p, s.len)
                                                         : TD_EINVAL;
}

static size_t varint_len(uint64_t value)
{
    size_t n = 1;
    while (value >>= 7)
        n++;
    return n;
}

static enum td_err put_entry(struct writer *w, uint64_t number, struct td_str tag,
                             struct td_str value)
{
    const size_t len =
        2 + varint_len(tag.len) + tag.len + varint_len(value.len) + value.len; /* two keys */
    enum td_err err = put_key(w, number, TD_PB_SPAN);
    if (!err)
        err = put_varint(w, len);
    if (!err)
        err = put_span(w, 1, tag.p, tag.len);
    return err ? err : put_span(w, 2, value.p, value.len);
}

/* "tag=value;tag=value;" as a map: one entry {1: tag, 2: value} each. */
static enum td_err put_map(struct writer *w, uint64_t number, struct td_str options)
{
    struct td_str pair;
    enum td_err err = TD_OK;
    if (!td_tws_may_carry(w->request, options) || !is_utf8(options))
        return TD_EINVAL;
    while (!err && td_str_split(&options, ';', &pair)) {
        struct td_str value = pair, tag = {NULL, 0};
        if (!pair.len)
            continue;
        if (!memchr(pair.p, '=', pair.len) || !td_str_split(&value, '=', &tag))
            return TD_EINVAL;
        err = put_entry(w, number, tag, value);
    }
    return err;
}

/* Text of our struct that is a double on the wire; what is unset there too is left out. */
static enum td_err put_text_as_double(struct writer *w, uint64_t number, struct td_str s)
{
    int64_t e9 = TD_E9_NONE;
    if (s.len && td_tws_double_parse(s.p, s.len, false, &e9))
        return TD_EINVAL;
    const double value = td_e9_to_double(e9);
    if (e9 != TD_E9_NONE && (value < -TD_PB_MOST || value > TD_PB_MOST))
        return TD_ERANGE;
    return e9 == TD_E9_NONE ? TD_OK : put_double(w, number, value);
}

static enum td_err put_fixed(struct writer *w, uint64_t number, const struct td_tws_field *f,
                             int64_t e9)
{
    char text[TD_E9_CHARS];
    if (e9 == TD_E9_NONE)
        return TD_OK;
    if (e9 == TD_TWS_INFINITY)
        return f->type == TD_F_E9I ? put_double(w, number, 2 * TD_PB_LARGEST) : TD_ERANGE;
    if (f->type != TD_F_QTY && f->as == TD_PB_PLAIN) {
        const double value = td_e9_to_double(e9);
        return value < -TD_PB_MOST || value > TD_PB_MOST ? TD_ERANGE : put_double(w, number, value);
    }
    if (e9 == -INT64_MAX || e9 == TD_TWS_INT_NONE * TD_E9)
        return TD_ERANGE; /* would be read as unset, or not at all */
    return put_span(w, number, text, td_e9_print(e9, text));
}

static enum td_err put_i32(struct writer *w, uint64_t number, const struct td_tws_field *f,
                           int32_t value)
{
    char text[24];
    if (value == TD_TWS_INT_NONE && (f->type == TD_F_I32U || f->type == TD_F_I32M))
        return TD_OK;
    if (f->type == TD_F_ENUM && (value < 0 || value > 31 || !(f->values >> value & 1)))
        return TD_ERANGE;
    return f->as == TD_PB_TEXT ? put_span(w, number, text, td_i64_print(value, text))
                               : put_number(w, number, value);
}

static enum td_err put_scalar(struct writer *w, uint64_t number, const struct td_tws_field *f,
                              const uint8_t *base)
{
    const void *at = base + f->off;
    switch (f->type) {
    case TD_F_ID:
    case TD_F_I32:
    case TD_F_I32U:
    case TD_F_I32M:
    case TD_F_ENUM:
        return put_i32(w, number, f, *(const int32_t *)at);
    case TD_F_I64:
        return put_number(w, number, *(const int64_t *)at);
    case TD_F_BOOL:
    case TD_F_TRUE:
    case TD_F_AND:
        return put_number(w, number, *(const bool *)at);
    case TD_F_STR:
    case TD_F_ESC:
    case TD_F_TAIL:
        return f->as == TD_PB_MAP      ? put_map(w, number, *(const struct td_str *)at)
               : f->as == TD_PB_DOUBLE ? put_text_as_double(w, number, *(const struct td_str *)at)
                                       : put_text(w, number, *(const struct td_str *)at);
    default:
        return put_fixed(w, number, f, *(const int64_t *)at);
    }
}

/* ---- messages ---- */

static enum td_err begin(struct writer *w)
{
    struct frame *top = &w->stack[w->depth - 1];
    top->key = w->p;
    const enum td_err err = put_key(w, top->at->pb, TD_PB_SPAN);
    if (err || w->p == w->end)
        return TD_EFULL;
    top->body = ++w->p; /* one byte for the length */
    return TD_OK;
}

/* The contents are written: their length goes before them. */
static enum td_err finish(struct writer *w, const struct frame *top)
{
    const size_t len = (size_t)(w->p - top->body), more = varint_len(len) - 1;
    if (!len && top->at->type == TD_F_SUB && top->at->when != TD_W_FLAG) {
        w->p = top->key;
        return TD_OK;
    }
    if ((size_t)(w->end - w->p) < more)
        return TD_EFULL;
    if (more)
        memmove(top->body + more, top->body, len);
    w->p = top->body - 1;
    const enum td_err err = put_varint(w, len);
    w->p += len;
    return err;
}

/* Elements that are one value each, written one by one: every reader takes both that and the packed form. */
static enum td_err put_bare(struct writer *w, const struct td_tws_field *f, const struct list *list)
{
    enum td_err err = TD_OK;
    for (uint32_t i = 0; i < list->n && !err; i++) {
        const uint8_t *element = list->p + (size_t)i * f->size;
        const struct td_str *text = (const struct td_str *)(const void *)(element + f->sub->off);
        uint8_t *const before = w->p;
        err = put_scalar(w, f->pb, f->sub, element);
        if (!err && w->p == before) /* an element is there even when it is empty or unset */
            err = f->sub->type == TD_F_STR && !text->len ? put_span(w, f->pb, NULL, 0) : TD_ERANGE;
    }
    return err;
}

/* Enters the nested message or the list of a row; *entered false: there is nothing to enter. */
static enum td_err enter(struct writer *w, const struct td_tws_field *f, const uint8_t *base,
                         bool *entered)
{
    struct list list = {base + f->off, 1};
    *entered = false;
    if (f->type == TD_F_LIST) {
        memcpy(&list, base + f->off, sizeof list);
        if (f->sub->pb == TD_TWS_BARE)
            return put_bare(w, f, &list);
        if (!list.n)
            return TD_OK;
    }
    TD_REQUIRE(w->depth < NEST_MAX && list.p);
    w->stack[w->depth++] = (struct frame){.at = f, .base = base, .element = list.p, .left = list.n};
    *entered = true;
    return begin(w);
}

static bool is_left_out(const struct writer *w, const struct td_tws_field *f, const uint8_t *base)
{
    return !f->pb || (f->since > TD_TWS_PROTOBUF && w->version < f->since) ||
           (f->when && !td_tws_row_holds(f, base));
}

static enum td_err run(struct writer *w, const struct td_tws_field *f, const uint8_t *base)
{
    for (;; f++) {
        enum td_err err = TD_OK;
        bool entered = false;
        if (f->type == TD_F_END) {
            if (!w->depth)
                return TD_OK;
            struct frame *top = &w->stack[w->depth - 1];
            err = finish(w, top);
            entered = !err && --top->left > 0;
            if (entered) {
                top->element += top->at->size;
                err = begin(w);
            } else {
                f = top->at;
                base = top->base;
                w->depth--;
            }
        } else if (is_left_out(w, f, base)) {
            continue;
        } else if (f->type == TD_F_SUB || f->type == TD_F_LIST) {
            err = enter(w, f, base, &entered);
        } else {
            err = put_scalar(w, f->pb, f, base);
        }
        if (err)
            return err;
        if (entered) {
            base = w->stack[w->depth - 1].element;
            f = w->stack[w->depth - 1].at->sub - 1;
        }
    }
}

enum td_err td_tws_pb_encode(const struct td_tws_codec *codec, const struct td_tws_layout *layout,
                             const uint8_t *base, uint8_t *out, size_t cap, size_t *len)
{
    struct writer w = {
        .p = out, .end = out + cap, .request = codec->request, .version = codec->version};
    const enum td_err err = run(&w, layout->rows, base);
    if (!err)
        *len = (size_t)(w.p - out);
    return err;
}
