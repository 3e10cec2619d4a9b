/* wire/parquet_thrift.c - Thrift compact protocol, both directions. */
#include "wire/parquet_thrift.h"

#include <string.h>

/* ---- writing ---- */

static void put_bytes(struct td_thrift_out *o, const void *bytes, size_t len)
{
    const uint8_t *p = bytes;
    o->total += len;
    while (len && !o->err) {
        const size_t room = sizeof o->buf - o->len;
        const size_t n = len < room ? len : room;
        memcpy(o->buf + o->len, p, n);
        o->len += n;
        p += n;
        len -= n;
        if (o->len == sizeof o->buf) {
            o->err = o->flush(o->arg, o->buf, o->len);
            o->len = 0;
        }
    }
}

static void put_byte(struct td_thrift_out *o, unsigned byte)
{
    const uint8_t b = (uint8_t)byte;
    put_bytes(o, &b, 1);
}

static void put_varint(struct td_thrift_out *o, uint64_t v)
{
    uint8_t bytes[10];
    size_t n = 0;
    for (; v >= 0x80; v >>= 7)
        bytes[n++] = (uint8_t)(v | 0x80);
    bytes[n++] = (uint8_t)v;
    put_bytes(o, bytes, n);
}

static void put_zigzag(struct td_thrift_out *o, int64_t v)
{
    put_varint(o, (uint64_t)v << 1 ^ (v < 0 ? UINT64_MAX : 0));
}

static void put_field(struct td_thrift_out *o, int16_t id, enum td_thrift_type type)
{
    const int delta = id - o->last[o->depth];
    if (delta > 0 && delta < 16) {
        put_byte(o, (unsigned)delta << 4 | (unsigned)type);
    } else {
        put_byte(o, (unsigned)type);
        put_zigzag(o, id);
    }
    o->last[o->depth] = id;
}

void td_thrift_i8(struct td_thrift_out *o, int16_t id, int8_t value)
{
    put_field(o, id, TD_THRIFT_I8);
    put_byte(o, (uint8_t)value);
}

void td_thrift_i16(struct td_thrift_out *o, int16_t id, int16_t value)
{
    put_field(o, id, TD_THRIFT_I16);
    put_zigzag(o, value);
}

void td_thrift_i32(struct td_thrift_out *o, int16_t id, int32_t value)
{
    put_field(o, id, TD_THRIFT_I32);
    put_zigzag(o, value);
}

void td_thrift_i64(struct td_thrift_out *o, int16_t id, int64_t value)
{
    put_field(o, id, TD_THRIFT_I64);
    put_zigzag(o, value);
}

void td_thrift_bool(struct td_thrift_out *o, int16_t id, bool value)
{
    put_field(o, id, value ? TD_THRIFT_TRUE : TD_THRIFT_FALSE);
}

void td_thrift_binary(struct td_thrift_out *o, int16_t id, const void *bytes, size_t len)
{
    put_field(o, id, TD_THRIFT_BINARY);
    put_varint(o, len);
    put_bytes(o, bytes, len);
}

void td_thrift_text(struct td_thrift_out *o, int16_t id, const char *c_string)
{
    td_thrift_binary(o, id, c_string, strlen(c_string));
}

void td_thrift_empty(struct td_thrift_out *o, int16_t id)
{
    td_thrift_open(o, id);
    td_thrift_close(o);
}

void td_thrift_list(struct td_thrift_out *o, int16_t id, enum td_thrift_type of, size_t count)
{
    put_field(o, id, TD_THRIFT_LIST);
    if (count < 15) {
        put_byte(o, (unsigned)count << 4 | (unsigned)of);
    } else {
        put_byte(o, 0xf0u | (unsigned)of);
        put_varint(o, count);
    }
}

void td_thrift_open(struct td_thrift_out *o, int16_t id)
{
    put_field(o, id, TD_THRIFT_STRUCT);
    td_thrift_item_open(o);
}

void td_thrift_close(struct td_thrift_out *o)
{
    put_byte(o, TD_THRIFT_STOP);
    if (o->depth)
        o->depth--;
}

void td_thrift_item_open(struct td_thrift_out *o)
{
    TD_REQUIRE(o->depth + 1 < TD_THRIFT_DEPTH);
    o->last[++o->depth] = 0;
}

void td_thrift_item_i32(struct td_thrift_out *o, int32_t value)
{
    put_zigzag(o, value);
}

void td_thrift_item_text(struct td_thrift_out *o, const char *c_string)
{
    const size_t len = strlen(c_string);
    put_varint(o, len);
    put_bytes(o, c_string, len);
}

enum td_err td_thrift_flush(struct td_thrift_out *o)
{
    if (!o->err && o->len)
        o->err = o->flush(o->arg, o->buf, o->len);
    o->len = 0;
    return o->err;
}

/* ---- reading ---- */

static uint64_t fail(struct td_thrift_in *in)
{
    in->bad = true;
    in->p = in->end;
    return 0;
}

static size_t left(const struct td_thrift_in *in)
{
    return (size_t)(in->end - in->p);
}

static uint8_t get_byte(struct td_thrift_in *in)
{
    return in->p < in->end ? *in->p++ : (uint8_t)fail(in);
}

static void drop(struct td_thrift_in *in, uint64_t len)
{
    if (len > left(in))
        (void)fail(in);
    else
        in->p += len;
}

uint64_t td_thrift_get_varint(struct td_thrift_in *in)
{
    uint64_t v = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        const uint8_t b = get_byte(in);
        v |= (uint64_t)(b & 0x7f) << shift;
        if (b < 0x80)
            return in->bad ? 0 : v;
    }
    return fail(in);
}

static int64_t get_zigzag(struct td_thrift_in *in)
{
    const uint64_t v = td_thrift_get_varint(in);
    return (int64_t)(v >> 1 ^ (v & 1 ? UINT64_MAX : 0));
}

bool td_thrift_next(struct td_thrift_in *in, struct td_thrift_field *f)
{
    const uint8_t b = get_byte(in);
    if (in->bad || b == TD_THRIFT_STOP)
        return false;
    const int64_t id = b >> 4 ? f->id + (b >> 4) : get_zigzag(in);
    if (id < 1 || id > INT16_MAX || (b & 15) > TD_THRIFT_STRUCT || (b & 15) == TD_THRIFT_STOP)
        (void)fail(in);
    f->id = (int16_t)id;
    f->type = b & 15;
    return !in->bad;
}

int64_t td_thrift_get_int(struct td_thrift_in *in, uint8_t type)
{
    switch (type) {
    case TD_THRIFT_I8:
        return (int8_t)get_byte(in);
    case TD_THRIFT_I16:
    case TD_THRIFT_I32:
    case TD_THRIFT_I64:
        return get_zigzag(in);
    default:
        td_thrift_skip(in, type, false);
        return 0;
    }
}

bool td_thrift_get_bool(struct td_thrift_in *in, uint8_t type)
{
    if (type != TD_THRIFT_TRUE && type != TD_THRIFT_FALSE)
        td_thrift_skip(in, type, false);
    return type == TD_THRIFT_TRUE;
}

struct td_str td_thrift_get_binary(struct td_thrift_in *in, uint8_t type)
{
    if (type != TD_THRIFT_BINARY) {
        td_thrift_skip(in, type, false);
        return (struct td_str){NULL, 0};
    }
    const uint64_t len = td_thrift_get_varint(in);
    const char *p = (const char *)in->p;
    drop(in, len);
    return in->bad ? (struct td_str){NULL, 0} : (struct td_str){p, (size_t)len};
}

static uint64_t get_list_head(struct td_thrift_in *in, uint8_t *of)
{
    const uint8_t b = get_byte(in);
    const uint64_t count = b >> 4 == 15 ? td_thrift_get_varint(in) : b >> 4;
    *of = b & 15;
    if (*of == TD_THRIFT_STOP || *of > TD_THRIFT_STRUCT || count > left(in))
        return fail(in);
    return count;
}

size_t td_thrift_get_list(struct td_thrift_in *in, uint8_t type, uint8_t *of, size_t limit)
{
    *of = TD_THRIFT_STOP;
    if (type != TD_THRIFT_LIST && type != TD_THRIFT_SET) {
        td_thrift_skip(in, type, false);
        return 0;
    }
    const uint64_t count = get_list_head(in, of);
    return count > limit ? (size_t)fail(in) : (size_t)count;
}

/* A container being stepped over: a struct, or a list or map with values still to come. */
struct frame {
    struct td_thrift_field field;
    uint64_t remaining;
    uint8_t of[2]; /* lists: both the same; maps: key, value */
    bool is_struct;
};

/* Steps over one value that is not a container, or opens a container in *f. */
static bool skip_or_open(struct td_thrift_in *in, uint8_t type, bool in_list, struct frame *f)
{
    *f = (struct frame){0};
    switch (type) {
    case TD_THRIFT_TRUE:
    case TD_THRIFT_FALSE:
        drop(in, in_list ? 1 : 0);
        return false;
    case TD_THRIFT_I8:
        drop(in, 1);
        return false;
    case TD_THRIFT_DOUBLE:
        drop(in, 8);
        return false;
    case TD_THRIFT_BINARY:
        drop(in, td_thrift_get_varint(in));
        return false;
    case TD_THRIFT_STRUCT:
        f->is_struct = true;
        return true;
    case TD_THRIFT_LIST:
    case TD_THRIFT_SET:
        f->remaining = get_list_head(in, &f->of[0]);
        f->of[1] = f->of[0];
        return true;
    case TD_THRIFT_MAP: {
        f->remaining = td_thrift_get_varint(in);
        const uint8_t kinds = f->remaining ? get_byte(in) : 0;
        f->of[0] = kinds >> 4;
        f->of[1] = kinds & 15;
        if (f->remaining > left(in))
            (void)fail(in);
        f->remaining *= 2;
        return true;
    }
    default:
        (void)td_thrift_get_varint(in);
        return false;
    }
}

/* The type of the next value inside `f`; false when the container is done. */
static bool next_inside(struct td_thrift_in *in, struct frame *f, uint8_t *type)
{
    if (f->is_struct) {
        const bool more = td_thrift_next(in, &f->field);
        *type = f->field.type;
        return more;
    }
    if (in->bad || f->remaining == 0)
        return false;
    *type = f->of[f->remaining-- & 1];
    return true;
}

void td_thrift_skip(struct td_thrift_in *in, uint8_t type, bool in_list)
{
    struct frame stack[TD_THRIFT_DEPTH];
    size_t depth = skip_or_open(in, type, in_list, &stack[0]) ? 1 : 0;
    while (depth && !in->bad) {
        struct frame *f = &stack[depth - 1];
        uint8_t inner = 0;
        if (!next_inside(in, f, &inner)) {
            depth--;
        } else if (depth == TD_THRIFT_DEPTH) {
            (void)fail(in);
        } else if (skip_or_open(in, inner, !f->is_struct, &stack[depth])) {
            depth++;
        }
    }
}
