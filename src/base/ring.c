/* base/ring.c - the ring of base/ring.h. A record is an 8-byte length and its bytes, rounded up to 8.
 * A record never wraps: when it would, a length of SKIP fills the end and it starts at the front. */
#include "base/ring.h"

#include <string.h>

#define HEADER 8u
#define SKIP   UINT64_MAX

void td_ring_init(struct td_ring *r, void *buf, size_t cap)
{
    TD_REQUIRE(cap >= 64 && (cap & (cap - 1)) == 0 && ((uintptr_t)buf & 7) == 0);
    memset(r, 0, sizeof *r);
    r->buf = buf;
    r->cap = cap;
}

static void put_length(struct td_ring *r, uint64_t at, uint64_t len)
{
    memcpy(r->buf + (at & (r->cap - 1)), &len, sizeof len);
}

static uint64_t get_length(const struct td_ring *r, uint64_t at)
{
    uint64_t len;
    memcpy(&len, r->buf + (at & (r->cap - 1)), sizeof len);
    return len;
}

void *td_ring_claim(struct td_ring *r, size_t len)
{
    const uint64_t head = atomic_load_explicit(&r->head, memory_order_relaxed);
    const uint64_t tail = atomic_load_explicit(&r->tail, memory_order_acquire);
    const uint64_t need = HEADER + ((uint64_t)len + 7) / 8 * 8;
    const uint64_t to_end = r->cap - (head & (r->cap - 1));
    const uint64_t skip = need > to_end ? to_end : 0;
    if (len > r->cap || need + skip > r->cap - (head - tail)) {
        r->refused++;
        return NULL;
    }
    if (skip)
        put_length(r, head, SKIP);
    put_length(r, head + skip, len);
    r->claimed = head + skip + need;
    return r->buf + ((head + skip) & (r->cap - 1)) + HEADER;
}

void td_ring_publish(struct td_ring *r)
{
    atomic_store_explicit(&r->head, r->claimed, memory_order_release);
}

const void *td_ring_peek(struct td_ring *r, size_t *len)
{
    uint64_t tail = atomic_load_explicit(&r->tail, memory_order_relaxed);
    const uint64_t head = atomic_load_explicit(&r->head, memory_order_acquire);
    if (tail == head)
        return NULL;
    uint64_t length = get_length(r, tail);
    if (length == SKIP) {
        tail += r->cap - (tail & (r->cap - 1));
        length = get_length(r, tail);
    }
    *len = (size_t)length;
    r->peeked = tail + HEADER + (length + 7) / 8 * 8;
    return r->buf + (tail & (r->cap - 1)) + HEADER;
}

void td_ring_release(struct td_ring *r)
{
    atomic_store_explicit(&r->tail, r->peeked, memory_order_release);
}

size_t td_ring_used(const struct td_ring *r)
{
    return (size_t)(atomic_load_explicit(&r->head, memory_order_relaxed) -
                    atomic_load_explicit(&r->tail, memory_order_relaxed));
}
