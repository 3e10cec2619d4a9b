/* wire/tws_encode.c - one interpreter that writes a message's payload by its rows. */
#include "wire/tws_field.h"

#include <string.h>

#define NEST_MAX   4 /* as the decoder's */
#define MAX_DOUBLE "1.7976931348623157E308"

struct frame {
    const struct td_tws_field *at;
    const uint8_t *base;
    uint32_t left;
};

struct encoder {
    uint8_t *p, *end;
    int32_t version;
    bool request;
    struct frame stack[NEST_MAX];
    size_t depth;
};

/* Shape of every TD_TWS_LIST. */
struct list {
    const void *p;
    uint32_t n;
};

static enum td_err put_bytes(struct encoder *e, const char *bytes, size_t len)
{
    if ((size_t)(e->end - e->p) <= len)
        return TD_EFULL;
    if (len)
        memcpy(e->p, bytes, len);
    e->p[len] = '\0';
    e->p += len + 1;
    return TD_OK;
}

static inline enum td_err put_empty(struct encoder *e)
{
    if (e->p == e->end)
        return TD_EFULL;
    *e->p++ = '\0';
    return TD_OK;
}

static inline enum td_err put_int(struct encoder *e, int64_t value)
{
    char text[24];
    if (value >= 0 && value <= 9 && e->end - e->p >= 2) { /* flags, counts and most other numbers */
        *e->p++ = (uint8_t)('0' + value);
        *e->p++ = '\0';
        return TD_OK;
    }
    return put_bytes(e, text, td_i64_print(value, text));
}

/* From a client only ASCII, as the official clients insist (their local error 579). */
bool td_tws_may_carry(bool request, struct td_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        const uint8_t c = (uint8_t)s.p[i];
        if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7f || (c > 0x7f && request))
            return false;
    }
    return true;
}

static inline enum td_err put_str(struct encoder *e, struct td_str s)
{
    if (!s.len)
        return put_empty(e);
    return td_tws_may_carry(e->request, s) ? put_bytes(e, s.p, s.len) : TD_EINVAL;
}

static enum td_err put_escaped(struct encoder *e, struct td_str s)
{
    if (!td_tws_may_carry(e->request, s))
        return TD_EINVAL;
    const size_t room = (size_t)(e->end - e->p);
    const size_t n = room ? td_tws_escape(s.p, s.len, (char *)e->p, room - 1) : SIZE_MAX;
    if (n == SIZE_MAX)
        return TD_EFULL;
    e->p[n] = '\0';
    e->p += n + 1;
    return TD_OK;
}

static enum td_err put_fixed(struct encoder *e, const struct td_tws_field *f, int64_t value)
{
    char text[TD_E9_CHARS];
    if (value == TD_E9_NONE && f->type != TD_F_E9)
        return put_empty(e);
    if (value == TD_TWS_INFINITY)
        return f->type == TD_F_E9I ? put_bytes(e, "Infinity", 8) : TD_ERANGE;
    if (value == TD_E9_NONE && f->type == TD_F_E9)
        return put_bytes(e, MAX_DOUBLE, strlen(MAX_DOUBLE));
    if (value == -INT64_MAX || (value == TD_TWS_INT_NONE * TD_E9 && f->type == TD_F_QTY))
        return TD_ERANGE; /* out of td_e9_parse's range; would be read as unset */
    return put_bytes(e, text, td_e9_print(value, text));
}

static enum td_err put_choice(struct encoder *e, const struct td_tws_field *f, int32_t value)
{
    return value < 0 || value > 31 || !(f->values >> value & 1) ? TD_ERANGE : put_int(e, value);
}

static enum td_err put_mask(struct encoder *e, const struct td_tws_field *f, const uint8_t *base)
{
    const bool low = *(const bool *)(const void *)(base + f->off);
    const bool high = *(const bool *)(const void *)(base + f->second);
    return put_int(e, low | high << 1);
}

static enum td_err put_i32_or_empty(struct encoder *e, int32_t value)
{
    return value == TD_TWS_INT_NONE ? put_empty(e) : put_int(e, value);
}

static enum td_err put_field(struct encoder *e, const struct td_tws_field *f, const uint8_t *base)
{
    const void *at = base + f->off;
    switch (f->type) {
    case TD_F_LIT:
        return put_bytes(e, f->text, strlen(f->text));
    case TD_F_ID:
    case TD_F_I32:
    case TD_F_I32M:
        return put_int(e, *(const int32_t *)at);
    case TD_F_I32U:
        return put_i32_or_empty(e, *(const int32_t *)at);
    case TD_F_ENUM:
        return put_choice(e, f, *(const int32_t *)at);
    case TD_F_I64:
        return put_int(e, *(const int64_t *)at);
    case TD_F_BOOL:
        return put_int(e, *(const bool *)at);
    case TD_F_MASK:
        return put_mask(e, f, base);
    case TD_F_AND:
        return put_bytes(e, *(const bool *)at ? "a" : "o", 1);
    case TD_F_TRUE:
        return *(const bool *)at ? put_bytes(e, "true", 4) : put_bytes(e, "false", 5);
    case TD_F_STR:
    case TD_F_TAIL:
        return put_str(e, *(const struct td_str *)at);
    case TD_F_ESC:
        return put_escaped(e, *(const struct td_str *)at);
    default:
        return put_fixed(e, f, *(const int64_t *)at);
    }
}

static void push(struct encoder *e, const struct td_tws_field *f, const uint8_t *base,
                 uint32_t count)
{
    TD_REQUIRE(e->depth < NEST_MAX);
    e->stack[e->depth++] = (struct frame){f, base, count};
}

/* Writes the count; *elements stays NULL when the list is empty. */
static enum td_err put_list(struct encoder *e, const struct td_tws_field *f, const uint8_t *base,
                            const uint8_t **elements)
{
    struct list list;
    memcpy(&list, base + f->off, sizeof list);
    if (list.n > INT32_MAX)
        return TD_ERANGE;
    if (list.n) {
        TD_REQUIRE(list.p);
        push(e, f, base, list.n);
        *elements = list.p;
    }
    return put_int(e, (int64_t)list.n);
}

static bool any_set(const struct td_tws_field *f, const struct list *list)
{
    for (uint32_t i = 0; i < list->n; i++)
        if (*(const int64_t *)(const void *)((const uint8_t *)list->p + (size_t)i * f->size +
                                             f->sub->off) != TD_E9_NONE)
            return true;
    return false;
}

/* A second pass over a list's elements, or a count of 0 when none has the value. */
static enum td_err put_again(struct encoder *e, const struct td_tws_field *f, const uint8_t *base,
                             const uint8_t **elements)
{
    struct list list;
    memcpy(&list, base + f->off, sizeof list);
    return any_set(f, &list) ? put_list(e, f, base, elements) : put_int(e, 0);
}

static enum td_err put_row(struct encoder *e, const struct td_tws_field *f, const uint8_t *base,
                           const uint8_t **elements)
{
    switch (f->type) {
    case TD_F_LIST:
        return put_list(e, f, base, elements);
    case TD_F_AGAIN:
        return put_again(e, f, base, elements);
    default:
        return put_field(e, f, base);
    }
}

static enum td_err run(struct encoder *e, const struct td_tws_field *f, const uint8_t *base)
{
    for (;; f++) {
        if (f->type == TD_F_END) {
            if (!e->depth)
                return TD_OK;
            struct frame *top = &e->stack[e->depth - 1];
            if (--top->left) {
                base += top->at->size;
                f = top->at->sub - 1;
                continue;
            }
            f = top->at;
            base = top->base;
            e->depth--;
            continue;
        }
        const bool gated = f->when || f->since || f->until;
        if (f->type == TD_F_UNSET || f->since == TD_TWS_PROTOBUF ||
            (gated && !td_tws_row_present(f, base, e->version)))
            continue;
        if (f->type == TD_F_SUB) {
            push(e, f, base, 1);
            base += f->off;
            f = f->sub - 1;
            continue;
        }
        const uint8_t *elements = NULL;
        const enum td_err err = put_row(e, f, base, &elements);
        if (err)
            return err;
        if (elements) {
            base = elements;
            f = f->sub - 1;
        }
    }
}

static const uint8_t *body_of(const struct td_tws_msg *msg)
{
    return (const uint8_t *)msg + offsetof(struct td_tws_msg, none);
}

static enum td_err put_raw_id(struct encoder *e, uint32_t id)
{
    if (e->end - e->p < 4)
        return TD_EFULL;
    for (int shift = 24; shift >= 0; shift -= 8)
        *e->p++ = (uint8_t)(id >> shift);
    return TD_OK;
}

static bool is_raw(const struct encoder *e)
{
    return e->version > TD_TWS_VERSION_MAX;
}

static enum td_err put_id(struct encoder *e, int32_t id)
{
    return is_raw(e) ? put_raw_id(e, (uint32_t)id) : put_int(e, id);
}

/* Fields of an id without a table: text ends with a NUL, protobuf (above 200) is any bytes. */
static enum td_err encode_other(struct encoder *e, const struct td_tws_other *other)
{
    const bool text = other->id <= TD_TWS_TEXT_IDS;
    const int32_t largest = is_raw(e) ? 2 * TD_TWS_TEXT_IDS : TD_TWS_TEXT_IDS;
    const uint16_t kind =
        td_tws_kind_of(text ? other->id : other->id - TD_TWS_TEXT_IDS, e->request);
    if (other->id < 1 || other->id > largest ||
        (td_tws_layout_of(kind) && (text || !td_tws_text_only(kind))))
        return TD_EINVAL;
    if (text && other->fields.len && other->fields.p[other->fields.len - 1] != '\0')
        return TD_EINVAL;
    enum td_err err = put_id(e, other->id);
    if (!err && (size_t)(e->end - e->p) < other->fields.len)
        err = TD_EFULL;
    if (!err && other->fields.len) {
        memcpy(e->p, other->fields.p, other->fields.len);
        e->p += other->fields.len;
    }
    return err;
}

static enum td_err encode_proto(struct encoder *e, const struct td_tws_codec *codec,
                                const struct td_tws_layout *layout, const struct td_tws_msg *msg)
{
    size_t len = 0;
    enum td_err err = put_raw_id(e, layout->wire_id + (uint32_t)TD_TWS_TEXT_IDS);
    if (!err)
        err = td_tws_pb_encode(codec, layout, body_of(msg), e->p, (size_t)(e->end - e->p), &len);
    e->p += err ? 0 : len;
    return err;
}

static enum td_err encode_body(struct encoder *e, const struct td_tws_codec *codec,
                               const struct td_tws_msg *msg)
{
    const struct td_tws_layout *layout = td_tws_layout_of(msg->kind);
    if (!layout)
        return msg->kind == TD_TWS_OTHER_REQUEST || msg->kind == TD_TWS_OTHER_REPLY
                   ? encode_other(e, &msg->other)
                   : TD_EINVAL;
    if (e->version < layout->since)
        return TD_EUNSUP;
    if (is_raw(e) && !td_tws_text_only(msg->kind))
        return encode_proto(e, codec, layout, msg);
    const enum td_err err = put_id(e, layout->wire_id);
    return err ? err : run(e, layout->rows, body_of(msg));
}

enum td_err td_tws_encode(const struct td_tws_codec *codec, const struct td_tws_msg *msg,
                          uint8_t *out, size_t cap, size_t *len)
{
    if (td_tws_is_request(msg->kind) != codec->request)
        return TD_EINVAL;
    struct encoder e = {
        .p = out, .end = out + cap, .version = codec->version, .request = codec->request};
    const enum td_err err = encode_body(&e, codec, msg);
    if (!err)
        *len = (size_t)(e.p - out);
    return err;
}
