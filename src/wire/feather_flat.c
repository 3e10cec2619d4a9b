/* wire/feather_flat.c - FlatBuffers: checked reading, forward building. */
#include "wire/feather_flat.h"

#include <string.h>

/* ---- reading ---- */

/* `bytes` little-endian bytes at `at`, signed; 0 and bad when they are not there. */
static int64_t number(struct td_fb *in, size_t at, size_t bytes)
{
    uint64_t v = 0;
    if (in->bad || at > in->len || bytes > in->len - at) {
        in->bad = true;
        return 0;
    }
    for (size_t i = 0; i < bytes; i++)
        v |= (uint64_t)in->p[at + i] << (8 * i);
    const unsigned shift = (unsigned)(64 - 8 * bytes);
    return (int64_t)(v << shift) >> shift;
}

/* Where the offset at `at` leads; 0 when it leads nowhere. */
static size_t follow(struct td_fb *in, size_t at)
{
    const uint32_t by = (uint32_t)number(in, at, 4);
    if (in->bad || by == 0 || by > in->len - at) {
        in->bad = true;
        return 0;
    }
    return at + by;
}

static struct td_fb_table table_at(struct td_fb *in, size_t at)
{
    const int64_t back = number(in, at, 4);
    const int64_t map = (int64_t)at - back;
    if (in->bad || map < 0 || (uint64_t)map >= in->len) {
        in->bad = true;
        return (struct td_fb_table){0};
    }
    const size_t map_len = (uint16_t)number(in, (size_t)map, 2);
    const size_t size = (uint16_t)number(in, (size_t)map + 2, 2);
    in->bad |= map_len < 4 || map_len > in->len - (size_t)map || size < 4 || size > in->len - at;
    if (in->bad)
        return (struct td_fb_table){0};
    return (struct td_fb_table){in, at, size, (size_t)map, (map_len - 4) / 2};
}

struct td_fb_table td_fb_root(struct td_fb *in)
{
    const size_t at = follow(in, 0);
    return in->bad ? (struct td_fb_table){0} : table_at(in, at);
}

/* Place of a field of `bytes` bytes, 0 when absent. */
static size_t place(const struct td_fb_table *t, unsigned slot, size_t bytes)
{
    if (!t->in || t->in->bad || slot >= t->slots)
        return 0;
    const size_t offset = (uint16_t)number(t->in, t->map + 4 + 2 * (size_t)slot, 2);
    if (offset == 0)
        return 0;
    if (offset < 4 || offset > t->size || bytes > t->size - offset) {
        t->in->bad = true;
        return 0;
    }
    return t->at + offset;
}

int64_t td_fb_int(const struct td_fb_table *t, unsigned slot, size_t bytes, int64_t preset)
{
    const size_t at = place(t, slot, bytes);
    return at ? number(t->in, at, bytes) : preset;
}

struct td_fb_table td_fb_child(const struct td_fb_table *t, unsigned slot)
{
    const size_t at = place(t, slot, 4);
    const size_t to = at ? follow(t->in, at) : 0;
    return to ? table_at(t->in, to) : (struct td_fb_table){0};
}

struct td_fb_vector td_fb_list(const struct td_fb_table *t, unsigned slot, size_t element)
{
    const size_t at = place(t, slot, 4);
    const size_t to = at ? follow(t->in, at) : 0;
    if (!to)
        return (struct td_fb_vector){0};
    const size_t count = (uint32_t)number(t->in, to, 4);
    if (t->in->bad || count > (t->in->len - to - 4) / element) {
        t->in->bad = true;
        return (struct td_fb_vector){0};
    }
    return (struct td_fb_vector){t->in, to + 4, count};
}

struct td_str td_fb_text(const struct td_fb_table *t, unsigned slot)
{
    const struct td_fb_vector v = td_fb_list(t, slot, 1);
    return v.in ? (struct td_str){(const char *)v.in->p + v.at, v.count} : (struct td_str){0};
}

struct td_fb_table td_fb_item(const struct td_fb_vector *v, size_t i)
{
    TD_REQUIRE(i < v->count);
    const size_t to = follow(v->in, v->at + 4 * i);
    return to ? table_at(v->in, to) : (struct td_fb_table){0};
}

int64_t td_fb_item_i64(const struct td_fb_vector *v, size_t i, size_t element, size_t offset)
{
    TD_REQUIRE(i < v->count);
    return number(v->in, v->at + element * i + offset, 8);
}

int32_t td_fb_item_i32(const struct td_fb_vector *v, size_t i, size_t element, size_t offset)
{
    TD_REQUIRE(i < v->count);
    return (int32_t)number(v->in, v->at + element * i + offset, 4);
}

/* ---- building ---- */

/* `bytes` zeroed bytes at a multiple of `align`, less `before`: what follows `before` bytes is aligned. */
static size_t take(struct td_fb_out *o, size_t bytes, size_t align, size_t before)
{
    size_t at = o->len;
    while ((at + before) % align != 0)
        at++;
    if (o->full || at > o->cap || bytes > o->cap - at) {
        o->full = true;
        return 0;
    }
    memset(o->buf + o->len, 0, at + bytes - o->len);
    o->len = at + bytes;
    return at;
}

void td_fb_set(struct td_fb_out *o, size_t where, size_t bytes, int64_t value)
{
    for (size_t i = 0; i < bytes && !o->full; i++)
        o->buf[where + i] = (uint8_t)((uint64_t)value >> (8 * i));
}

void td_fb_link(struct td_fb_out *o, size_t where, size_t target)
{
    TD_REQUIRE(o->full || target > where);
    td_fb_set(o, where, 4, (int64_t)(target - where));
}

void td_fb_begin(struct td_fb_out *o, void *buf, size_t cap)
{
    *o = (struct td_fb_out){.buf = buf, .cap = cap};
    (void)take(o, 4, 4, 0);
}

size_t td_fb_table(struct td_fb_out *o, const struct td_fb_field *fields, size_t count,
                   size_t *where)
{
    size_t slots = 0, offset[TD_FB_FIELDS_MAX], size = 4;
    TD_REQUIRE(count <= TD_FB_FIELDS_MAX);
    for (size_t i = 0; i < count; i++) {
        slots = fields[i].slot + 1 > slots ? fields[i].slot + 1 : slots;
        size += (0 - size) % fields[i].bytes; /* the table itself lies at a multiple of 8 */
        offset[i] = size;
        size += fields[i].bytes;
    }
    const size_t map_len = 4 + 2 * slots;
    const size_t map = take(o, map_len, 8, map_len);
    const size_t at = take(o, size, 8, 0);
    td_fb_set(o, map, 2, (int64_t)map_len);
    td_fb_set(o, map + 2, 2, (int64_t)size);
    td_fb_set(o, at, 4, (int64_t)(at - map));
    for (size_t i = 0; i < count; i++) {
        td_fb_set(o, map + 4 + 2 * (size_t)fields[i].slot, 2, (int64_t)offset[i]);
        td_fb_set(o, at + offset[i], fields[i].bytes, fields[i].value);
        where[i] = at + offset[i];
    }
    return at;
}

size_t td_fb_string(struct td_fb_out *o, struct td_str s)
{
    const size_t at = take(o, 4 + s.len + 1, 4, 0);
    td_fb_set(o, at, 4, (int64_t)s.len);
    if (!o->full && s.len)
        memcpy(o->buf + at + 4, s.p, s.len);
    return at;
}

size_t td_fb_room(struct td_fb_out *o, size_t count, size_t element, size_t *where)
{
    const size_t at = take(o, 4 + count * element, element >= 8 ? 8 : 4, element >= 8 ? 4 : 0);
    td_fb_set(o, at, 4, (int64_t)count);
    *where = at + 4;
    return at;
}
