/* wire/feather_flat.h - FlatBuffers by hand: a checked reader and a builder that writes forward.
 *
 * Reading: every offset is checked against the buffer before it is followed; the first one that does not fit sets
 * `bad` and from then on everything reads as absent, so a parser looks at `bad` once at its end. Offsets only lead
 * forward, and nobody here follows one twice, so no input makes it loop.
 * Building: into the caller's buffer, tables before what they refer to; links are filled in afterwards.
 * Not for users of wire/feather.h. Source: flatbuffers.dev, "Internals".
 */
#ifndef TD_WIRE_FEATHER_FLAT_H
#define TD_WIRE_FEATHER_FLAT_H

#include "base/text.h"

struct td_fb {
    const uint8_t *p;
    size_t len;
    bool bad;
};

struct td_fb_table {
    struct td_fb *in; /* NULL: absent, all its fields have their presets */
    size_t at, size;  /* of the table */
    size_t map;       /* of its vtable */
    size_t slots;
};

struct td_fb_vector {
    struct td_fb *in; /* NULL: absent, empty */
    size_t at;        /* of element 0 */
    size_t count;
};

struct td_fb_table td_fb_root(struct td_fb *in);
/* A signed field of 1, 2, 4 or 8 bytes. */
int64_t td_fb_int(const struct td_fb_table *t, unsigned slot, size_t bytes, int64_t preset);
struct td_fb_table td_fb_child(const struct td_fb_table *t, unsigned slot);
struct td_str td_fb_text(const struct td_fb_table *t, unsigned slot);
/* A vector whose elements take so many bytes each. */
struct td_fb_vector td_fb_list(const struct td_fb_table *t, unsigned slot, size_t element);
/* Element i < count of a vector of tables (4 bytes each). */
struct td_fb_table td_fb_item(const struct td_fb_vector *v, size_t i);
/* 8 little-endian bytes inside element i < count of `element` bytes. */
int64_t td_fb_item_i64(const struct td_fb_vector *v, size_t i, size_t element, size_t offset);
int32_t td_fb_item_i32(const struct td_fb_vector *v, size_t i, size_t element, size_t offset);

struct td_fb_out {
    uint8_t *buf;
    size_t cap, len;
    bool full; /* something did not fit: the bytes are of no use */
};

/* One field of a table: a number, or with LINK an offset filled in by td_fb_link. */
struct td_fb_field {
    unsigned slot;
    size_t bytes; /* 1, 2, 4, 8 */
    int64_t value;
};
#define TD_FB_LINK(slot_number)                                                                    \
    {                                                                                              \
        (slot_number), 4, 0                                                                        \
    }
#define TD_FB_FIELDS_MAX 8

void td_fb_begin(struct td_fb_out *o, void *buf, size_t cap); /* the root's link lies at 0 */
/* Gives the table's place; where[i] is that of field i. */
size_t td_fb_table(struct td_fb_out *o, const struct td_fb_field *fields, size_t count,
                   size_t *where);
size_t td_fb_string(struct td_fb_out *o, struct td_str s);
/* `count` zeroed elements; where[0] is the place of the first one, 8-byte aligned when they take 8 or more. */
size_t td_fb_room(struct td_fb_out *o, size_t count, size_t element, size_t *where);
void td_fb_link(struct td_fb_out *o, size_t where, size_t target);
void td_fb_set(struct td_fb_out *o, size_t where, size_t bytes, int64_t value);

#endif
