/* wire/parquet_encode.c - values to page bytes. */
#include "wire/parquet_encode.h"

#include <string.h>

size_t td_pq_put_varint(uint8_t *out, uint64_t v)
{
    size_t n = 0;
    for (; v >= 0x80; v >>= 7)
        out[n++] = (uint8_t)(v | 0x80);
    out[n++] = (uint8_t)v;
    return n;
}

size_t td_pq_put_run(uint8_t *out, uint64_t count, uint32_t value, unsigned bits)
{
    size_t n = td_pq_put_varint(out, count << 1);
    for (unsigned b = 0; b < bits; b += 8)
        out[n++] = (uint8_t)(value >> b);
    return n;
}

/* Header of a bit-packed run; it always counts whole groups of eight. */
static size_t put_packed_head(uint8_t *out, size_t count)
{
    return td_pq_put_varint(out, (uint64_t)((count + 7) / 8) << 1 | 1);
}

size_t td_pq_put_list_starts(uint8_t *out, size_t rows, size_t list)
{
    const size_t count = rows * list;
    const size_t bytes = (count + 7) / 8;
    const size_t n = put_packed_head(out, count);
    uint8_t *bits = out + n;
    memset(bits, 0xff, bytes);
    for (size_t at = 0; at < count; at += list)
        bits[at / 8] &= (uint8_t) ~(1u << at % 8);
    if (count % 8)
        bits[bytes - 1] &= (uint8_t)((1u << count % 8) - 1);
    return n + bytes;
}

size_t td_pq_put_bits(uint8_t *out, const uint8_t *values, size_t count)
{
    const size_t bytes = (count + 7) / 8;
    memset(out, 0, bytes);
    for (size_t i = 0; i < count; i++)
        out[i / 8] |= (uint8_t)((unsigned)(values[i] != 0) << i % 8);
    return bytes;
}

size_t td_pq_put_indexes(uint8_t *out, const uint16_t *index, size_t count, unsigned bits)
{
    const size_t bytes = (count + 7) / 8 * bits;
    const size_t n = put_packed_head(out, count);
    uint8_t *p = out + n;
    memset(p + (bytes > 16 ? bytes - 16 : 0), 0,
           bytes > 16 ? 16 : bytes); /* the padding of the last group */
    if (bits == 16) {
        for (size_t i = 0; i < count; i++) {
            p[2 * i] = (uint8_t)index[i];
            p[2 * i + 1] = (uint8_t)(index[i] >> 8);
        }
    } else if (bits == 8) {
        for (size_t i = 0; i < count; i++)
            p[i] = (uint8_t)index[i];
    } else {
        memset(p, 0, bytes);
        for (size_t i = 0; i < count; i++)
            p[i * bits / 8] |= (uint8_t)((unsigned)index[i] << i * bits % 8);
    }
    return n + bytes;
}

/* ---- DELTA_BINARY_PACKED: blocks of 128 values in four miniblocks of 32 ---- */

enum { BLOCK = 128, MINI = 32, MINIS = BLOCK / MINI };

static size_t put_zigzag(uint8_t *out, int64_t v)
{
    return td_pq_put_varint(out, (uint64_t)v << 1 ^ (v < 0 ? UINT64_MAX : 0));
}

static size_t put_word(uint8_t *out, uint64_t v)
{
    for (int i = 0; i < 8; i++)
        out[i] = (uint8_t)(v >> 8 * i);
    return 8;
}

/* MINI values of `bits` bits each: exactly 4 * bits bytes. */
static size_t put_mini(uint8_t *out, const uint64_t *values, unsigned bits)
{
    uint64_t acc = 0;
    unsigned fill = 0;
    size_t n = 0;
    for (int i = 0; i < MINI && bits; i++) {
        acc |= values[i] << fill;
        if (fill + bits < 64) {
            fill += bits;
            continue;
        }
        n += put_word(out + n, acc);
        acc = fill ? values[i] >> (64 - fill) : 0;
        fill = fill + bits - 64;
    }
    for (; fill; fill = fill > 8 ? fill - 8 : 0, acc >>= 8)
        out[n++] = (uint8_t)acc;
    return n;
}

/* `count` (1..BLOCK) deltas; unused places of the last miniblock are zero, unused miniblocks absent. */
static size_t put_block(uint8_t *out, const int64_t *deltas, size_t count)
{
    uint64_t rest[BLOCK] = {0};
    int64_t low = deltas[0];
    for (size_t i = 1; i < count; i++)
        low = deltas[i] < low ? deltas[i] : low;
    for (size_t i = 0; i < count; i++)
        rest[i] = (uint64_t)deltas[i] - (uint64_t)low;
    size_t n = put_zigzag(out, low);
    uint8_t *widths = out + n;
    n += MINIS;
    for (size_t m = 0; m < MINIS; m++) {
        uint64_t all = 0;
        for (size_t i = 0; i < MINI; i++)
            all |= rest[m * MINI + i];
        widths[m] = (uint8_t)(all ? 64 - __builtin_clzll(all) : 0);
        if (m * MINI < count)
            n += put_mini(out + n, rest + m * MINI, widths[m]);
    }
    return n;
}

size_t td_pq_put_delta(uint8_t *out, const int64_t *values, size_t count)
{
    size_t n = td_pq_put_varint(out, BLOCK);
    n += td_pq_put_varint(out + n, MINIS);
    n += td_pq_put_varint(out + n, count);
    n += put_zigzag(out + n, count ? values[0] : 0);
    for (size_t at = 1; at < count; at += BLOCK) {
        int64_t deltas[BLOCK];
        const size_t some = count - at < BLOCK ? count - at : BLOCK;
        for (size_t i = 0; i < some; i++)
            deltas[i] = (int64_t)((uint64_t)values[at + i] - (uint64_t)values[at + i - 1]);
        n += put_block(out + n, deltas, some);
    }
    return n;
}

/* ---- dictionary ---- */

/* Multiplicative hash; the high bits choose the slot. */
static size_t slot_of(uint64_t value, unsigned shift)
{
    value ^= value >> 32;
    return (size_t)(value * UINT64_C(0x9e3779b97f4a7c15) >> shift);
}

/* Index of `value`, entered when new; SIZE_MAX when the dictionary is full. */
static size_t find_or_add(struct td_pq_dict *d, uint64_t value, size_t mask, unsigned shift)
{
    size_t at = slot_of(value, shift);
    for (; d->slots[at]; at = (at + 1) & mask)
        if (d->values[d->slots[at] - 1] == value)
            return d->slots[at] - 1;
    if (d->count == d->max)
        return SIZE_MAX;
    d->values[d->count] = value;
    d->slots[at] = (uint32_t)++d->count;
    return d->count - 1;
}

bool td_pq_dict_index(struct td_pq_dict *d, const uint64_t *values, size_t count, size_t stride,
                      uint16_t *index)
{
    size_t slots = 64; /* no more than the data can fill: small groups stay cheap */
    while (slots < d->slots_max && slots < 2 * count)
        slots *= 2;
    const unsigned shift = 64 - (unsigned)__builtin_ctzll(slots);
    memset(d->slots, 0, slots * sizeof *d->slots);
    d->count = 0;
    for (size_t i = 0; i < count; i++) {
        if (i >= stride && values[i] == values[i - stride]) {
            index[i] = index[i - stride];
            continue;
        }
        const size_t found = find_or_add(d, values[i], slots - 1, shift);
        if (found == SIZE_MAX)
            return false;
        index[i] = (uint16_t)found;
    }
    return true;
}
