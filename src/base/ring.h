/* base/ring.h - a single-producer, single-consumer ring of variable-length records.
 *
 * One thread claims and publishes, one other peeks and releases; nothing blocks and nothing
 * allocates. A full ring refuses the record (NULL): the producer's policy says what then happens
 * (market data: drop and count a gap; orders: refuse). Records are contiguous and 8-byte aligned.
 */
#ifndef TD_BASE_RING_H
#define TD_BASE_RING_H

#include <stdatomic.h>

#include "base/defs.h"

struct td_ring {
    uint8_t *buf;          /* 8-byte aligned */
    size_t cap;            /* power of two */
    _Atomic uint64_t head; /* written by the producer: bytes published */
    _Atomic uint64_t tail; /* written by the consumer: bytes released  */
    uint64_t claimed;      /* producer only */
    uint64_t peeked;       /* consumer only */
    uint64_t refused;      /* producer only: records that did not fit */
};

/* `cap` is a power of two >= 64; `buf` stays owned by the caller. */
void td_ring_init(struct td_ring *r, void *buf, size_t cap);
/* Producer: room for `len` bytes, or NULL when full (counted in `refused`). */
void *td_ring_claim(struct td_ring *r, size_t len);
/* Producer: the claimed record becomes visible. */
void td_ring_publish(struct td_ring *r);
/* Consumer: the oldest record and its length, or NULL when empty. */
const void *td_ring_peek(struct td_ring *r, size_t *len);
/* Consumer: the peeked record is done with. */
void td_ring_release(struct td_ring *r);
/* Bytes waiting, either side; a snapshot. */
size_t td_ring_used(const struct td_ring *r);

#endif
