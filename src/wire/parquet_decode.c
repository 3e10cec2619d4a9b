/* wire/parquet_decode.c - page bytes to values. */
#include "wire/parquet_decode.h"

#include <string.h>

bool td_pq_cut(struct td_pq_bytes *b, size_t len, struct td_pq_bytes *out)
{
    if (len > b->left)
        return false;
    *out = (struct td_pq_bytes){b->p, len};
    if (len) /* an empty range may have no address */
        b->p += len;
    b->left -= len;
    return true;
}

bool td_pq_get_u32(struct td_pq_bytes *b, uint32_t *out)
{
    struct td_pq_bytes four;
    if (!td_pq_cut(b, 4, &four))
        return false;
    *out = (uint32_t)four.p[0] | (uint32_t)four.p[1] << 8 | (uint32_t)four.p[2] << 16 |
           (uint32_t)four.p[3] << 24;
    return true;
}

static bool get_varint(struct td_pq_bytes *b, uint64_t *out)
{
    uint64_t v = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        struct td_pq_bytes one;
        if (!td_pq_cut(b, 1, &one))
            return false;
        v |= (uint64_t)(*one.p & 0x7f) << shift;
        if (*one.p < 0x80) {
            *out = v;
            return true;
        }
    }
    return false;
}

static bool get_zigzag(struct td_pq_bytes *b, int64_t *out)
{
    uint64_t v;
    if (!get_varint(b, &v))
        return false;
    *out = (int64_t)(v >> 1 ^ (v & 1 ? UINT64_MAX : 0));
    return true;
}

/* ---- hybrid ---- */

void td_pq_hybrid_init(struct td_pq_hybrid *h, struct td_pq_bytes b, unsigned bits)
{
    TD_REQUIRE(bits <= 32);
    *h = (struct td_pq_hybrid){.b = b, .bits = bits};
}

static bool next_run(struct td_pq_hybrid *h)
{
    uint64_t head;
    if (!get_varint(&h->b, &head))
        return false;
    h->packed = head & 1;
    h->left = head >> 1;
    h->at_bit = 0;
    if (h->packed) {
        if (h->left > UINT32_MAX / 8)
            return false;
        h->left *= 8;
        return true;
    }
    struct td_pq_bytes bytes;
    if (!td_pq_cut(&h->b, (h->bits + 7) / 8, &bytes))
        return false;
    h->value = 0;
    for (size_t i = 0; i < bytes.left; i++)
        h->value |= (uint32_t)bytes.p[i] << 8 * i;
    return true;
}

/* Up to eight bytes at p as a number, zero behind the end. */
static uint64_t peek_word(const struct td_pq_bytes *b)
{
    uint64_t v = 0;
    if (b->left >= 8) {
        memcpy(&v, b->p, 8);
        return v;
    }
    for (size_t i = 0; i < b->left; i++)
        v |= (uint64_t)b->p[i] << 8 * i;
    return v;
}

/* Whole groups of eight values, each `bits` bytes long, as long as eight bytes can be read from within the bytes left. */
static size_t unpack_groups(struct td_pq_hybrid *h, uint32_t *out, size_t n)
{
    const uint64_t mask = (UINT64_C(1) << h->bits) - 1;
    const unsigned bits = h->bits;
    const size_t fit = h->b.left >= 8 && bits ? (h->b.left - 8) / bits : 0;
    const size_t groups = n / 8 < fit ? n / 8 : fit;
    const uint8_t *p = h->b.p;
    for (size_t g = 0; g < groups; g++, p += bits, out += 8) {
        if (bits ==
            8) { /* the two most frequent widths: indexes and repetition levels of our files */
            for (unsigned i = 0; i < 8; i++)
                out[i] = p[i];
        } else if (bits == 1) {
            for (unsigned i = 0; i < 8; i++)
                out[i] = (uint32_t)*p >> i & 1;
        } else {
            for (unsigned i = 0; i < 8; i++) {
                uint64_t word;
                memcpy(&word, p + (i * bits >> 3), sizeof word);
                out[i] = (uint32_t)(word >> (i * bits & 7) & mask);
            }
        }
    }
    h->b.p = p;
    h->b.left -= groups * bits;
    return groups * 8;
}

/* `n` values of the packed run into out; fewer when the bytes end (the last group may be cut short). */
static size_t unpack(struct td_pq_hybrid *h, uint32_t *out, size_t n)
{
    const uint64_t mask = (UINT64_C(1) << h->bits) - 1;
    const uint64_t have = h->bits ? (h->b.left * 8 - h->at_bit) / h->bits : n;
    n = have < n ? (size_t)have : n;
    for (size_t i = h->at_bit == 0 ? unpack_groups(h, out, n) : 0; i < n; i++) {
        out[i] = (uint32_t)(peek_word(&h->b) >> h->at_bit & mask);
        h->at_bit += h->bits;
        h->b.p += h->at_bit / 8;
        h->b.left -= h->at_bit / 8;
        h->at_bit %= 8;
    }
    h->left -= n;
    return n;
}

bool td_pq_hybrid_skip(struct td_pq_hybrid *h, uint32_t value, size_t n)
{
    if (h->left == 0 && !next_run(h))
        return false;
    if (h->packed || h->value != value || h->left < n)
        return false;
    h->left -= n;
    return true;
}

size_t td_pq_hybrid_get(struct td_pq_hybrid *h, uint32_t *out, size_t want)
{
    size_t got = 0;
    while (got < want) {
        if (h->left == 0) {
            if (!next_run(h))
                break;
            continue;
        }
        const size_t n = h->left < want - got ? (size_t)h->left : want - got;
        if (!h->packed) {
            for (size_t i = 0; i < n; i++)
                out[got + i] = h->value;
            h->left -= n;
            got += n;
            continue;
        }
        const size_t some = unpack(h, out + got, n);
        got += some;
        if (some < n)
            break;
    }
    return got;
}

/* ---- delta ---- */

/* The first `count` values of a miniblock of `bits` bits each, added up onto *last. */
static void add_mini(struct td_pq_bytes b, unsigned bits, int64_t low, int64_t *last, int64_t *out,
                     size_t count, bool narrow)
{
    unsigned at_bit = 0;
    for (size_t i = 0; i < count; i++) {
        uint64_t v = 0;
        if (bits) {
            v = peek_word(&b) >> at_bit;
            if (at_bit && at_bit + bits > 64)
                v |= (uint64_t)b.p[8] << (64 - at_bit);
            v &= bits == 64 ? UINT64_MAX : (UINT64_C(1) << bits) - 1;
            at_bit += bits;
            b.p += at_bit / 8;
            b.left -= at_bit / 8;
            at_bit %= 8;
        }
        const uint64_t sum = (uint64_t)*last + (uint64_t)low + v;
        *last = narrow ? (int32_t)(uint32_t)sum : (int64_t)sum;
        out[i] = *last;
    }
}

struct delta_head {
    uint64_t block;
    uint64_t minis;
    uint64_t total;
    int64_t first;
};

static bool get_delta_head(struct td_pq_bytes *b, struct delta_head *h)
{
    return get_varint(b, &h->block) && get_varint(b, &h->minis) && get_varint(b, &h->total) &&
           get_zigzag(b, &h->first) && h->block > 0 && h->block <= 1 << 20 && h->block % 128 == 0 &&
           h->minis > 0 && h->minis <= 256 && h->block % h->minis == 0 &&
           h->block / h->minis % 8 == 0;
}

bool td_pq_get_delta(struct td_pq_bytes *b, int64_t *out, size_t count, bool narrow)
{
    struct delta_head h;
    if (!get_delta_head(b, &h) || h.total != count)
        return false;
    if (count == 0)
        return true;
    int64_t last = narrow ? (int32_t)(uint32_t)(uint64_t)h.first : h.first;
    out[0] = last;
    const size_t mini = (size_t)(h.block / h.minis);
    for (size_t at = 1; at < count;) {
        int64_t low;
        struct td_pq_bytes widths;
        if (!get_zigzag(b, &low) || !td_pq_cut(b, (size_t)h.minis, &widths))
            return false;
        for (size_t m = 0; m < h.minis && at < count; m++) {
            const unsigned bits = widths.p[m];
            struct td_pq_bytes packed;
            if (bits > 64 || !td_pq_cut(b, mini / 8 * bits, &packed))
                return false;
            const size_t some = count - at < mini ? count - at : mini;
            add_mini(packed, bits, low, &last, out + at, some, narrow);
            at += some;
        }
    }
    return true;
}

/* ---- texts and bits ---- */

bool td_pq_get_texts(struct td_pq_bytes *b, struct td_str *out, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint32_t len;
        struct td_pq_bytes text;
        if (!td_pq_get_u32(b, &len) || !td_pq_cut(b, len, &text))
            return false;
        out[i] = (struct td_str){(const char *)text.p, text.left};
    }
    return true;
}

bool td_pq_get_texts_sized(struct td_pq_bytes *b, const int64_t *lengths, struct td_str *out,
                           size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct td_pq_bytes text;
        if (lengths[i] < 0 || !td_pq_cut(b, (size_t)lengths[i], &text))
            return false;
        out[i] = (struct td_str){(const char *)text.p, text.left};
    }
    return true;
}

bool td_pq_get_bits(struct td_pq_bytes *b, uint8_t *out, size_t count)
{
    struct td_pq_bytes bits;
    if (!td_pq_cut(b, count / 8 + (count % 8 != 0), &bits))
        return false;
    for (size_t i = 0; i < count; i++)
        out[i] = bits.p[i / 8] >> i % 8 & 1;
    return true;
}
