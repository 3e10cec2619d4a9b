/* wire/parquet_decode.h - page bytes to values, for bytes that may lie.
 *
 * Every function reads only from the bytes given and returns false, or less than was asked, when they do
 * not hold what they promise. Not for users of wire/parquet.h. Source: Encodings.md of apache/parquet-format.
 */
#ifndef TD_WIRE_PARQUET_DECODE_H
#define TD_WIRE_PARQUET_DECODE_H

#include "base/text.h"

/* Borrowed bytes, walked from the front. */
struct td_pq_bytes {
    const uint8_t *p;
    size_t left;
};

/* Cuts `len` bytes off the front; false (and untouched) when there are fewer. */
bool td_pq_cut(struct td_pq_bytes *b, size_t len, struct td_pq_bytes *out);
bool td_pq_get_u32(struct td_pq_bytes *b, uint32_t *out);

/* The hybrid of runs and bit-packed groups: levels, dictionary indexes, booleans. */
struct td_pq_hybrid {
    struct td_pq_bytes b;
    unsigned bits;   /* 0..32 */
    uint64_t left;   /* values of the present run */
    uint32_t value;  /* of a repeated run */
    unsigned at_bit; /* of a packed run, within the first byte left */
    bool packed;
};

void td_pq_hybrid_init(struct td_pq_hybrid *h, struct td_pq_bytes b, unsigned bits);
/* The next values, `want` of them unless the bytes end or are damaged. */
size_t td_pq_hybrid_get(struct td_pq_hybrid *h, uint32_t *out, size_t want);
/* True when the next `n` values are of one run and all `value`: they are then taken. Else nothing is. */
bool td_pq_hybrid_skip(struct td_pq_hybrid *h, uint32_t value, size_t n);

/* DELTA_BINARY_PACKED of exactly `count` values; *b then starts behind it. `narrow`: sums wrap at 32 bits. */
bool td_pq_get_delta(struct td_pq_bytes *b, int64_t *out, size_t count, bool narrow);

/* PLAIN texts: borrowed from the bytes. */
bool td_pq_get_texts(struct td_pq_bytes *b, struct td_str *out, size_t count);
/* Texts of these lengths, one behind the other. */
bool td_pq_get_texts_sized(struct td_pq_bytes *b, const int64_t *lengths, struct td_str *out,
                           size_t count);
/* PLAIN booleans, one bit each, into bytes. */
bool td_pq_get_bits(struct td_pq_bytes *b, uint8_t *out, size_t count);

#endif
