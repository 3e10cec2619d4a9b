/* base/arena.c - a bump allocator over the caller's block. */
#include "base/arena.h"

#include <stdalign.h>
#include <string.h>

void td_arena_init(struct td_arena *a, void *block, size_t cap)
{
    const size_t skew = (size_t)((uintptr_t)block % alignof(max_align_t));
    const size_t pad = skew ? alignof(max_align_t) - skew : 0;
    *a =
        (struct td_arena){(uint8_t *)block + (pad < cap ? pad : cap), pad < cap ? cap - pad : 0, 0};
}

void td_arena_reset(struct td_arena *a)
{
    a->used = 0;
}

size_t td_arena_left(const struct td_arena *a)
{
    return a->cap - a->used;
}

void *td_arena_take_raw(struct td_arena *a, size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes) || bytes > SIZE_MAX - alignof(max_align_t))
        return NULL;
    const size_t rounded =
        (bytes + alignof(max_align_t) - 1) / alignof(max_align_t) * alignof(max_align_t);
    if (rounded > td_arena_left(a))
        return NULL;
    void *taken = a->base + a->used;
    a->used += rounded;
    return taken;
}

void *td_arena_take(struct td_arena *a, size_t count, size_t size)
{
    void *taken = td_arena_take_raw(a, count, size);
    if (taken)
        memset(taken, 0, count * size);
    return taken;
}
