/* wire/parquet_encode.h - values to page bytes: levels, bit packing, delta, dictionaries.
 *
 * Pure functions over the caller's memory; each returns the bytes it wrote, and the caller has made sure of
 * the room named here. Not for users of wire/parquet.h. Source: Encodings.md of apache/parquet-format.
 */
#ifndef TD_WIRE_PARQUET_ENCODE_H
#define TD_WIRE_PARQUET_ENCODE_H

#include "base/defs.h"

/* Varint, <= 10 bytes. */
size_t td_pq_put_varint(uint8_t *out, uint64_t v);

/* `count` times the same value of `bits` bits as one run; <= 14 bytes. */
size_t td_pq_put_run(uint8_t *out, uint64_t count, uint32_t value, unsigned bits);

/* Repetition levels of `rows` lists of exactly `list` values, one bit-packed run: 10 + rows * list / 8 + 1. */
size_t td_pq_put_list_starts(uint8_t *out, size_t rows, size_t list);

/* One bit a value from bytes 0 or 1, without a run header: (count + 7) / 8. */
size_t td_pq_put_bits(uint8_t *out, const uint8_t *values, size_t count);

/* Dictionary indexes as one bit-packed run of `bits` in {1, 2, 4, 8, 16}: 10 + (count + 7) / 8 * bits. */
size_t td_pq_put_indexes(uint8_t *out, const uint16_t *index, size_t count, unsigned bits);

/* DELTA_BINARY_PACKED: <= 40 + (count / 128 + 1) * (14 + 1024). */
size_t td_pq_put_delta(uint8_t *out, const int64_t *values, size_t count);

/* A dictionary being built: at most `max` (<= 65536) distinct 64-bit values. */
struct td_pq_dict {
    uint64_t *values; /* [max] in order of first appearance */
    uint32_t *slots;  /* [slots_max], a power of two >= 2 * max: index + 1, 0 empty */
    size_t slots_max;
    size_t max;
    size_t count;
};

/* Replaces `values` by their indexes. `stride`: a value is likely the one `stride` places before. False when
 * there are more than `max` distinct values (index is then of no use). */
bool td_pq_dict_index(struct td_pq_dict *d, const uint64_t *values, size_t count, size_t stride,
                      uint16_t *index);

#endif
