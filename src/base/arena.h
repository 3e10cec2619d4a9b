/* base/arena.h - memory for one lifetime: taken once, handed out in order, given back as a whole.
 *
 * The owner provides the block (static, stack or one malloc at start). Nothing is freed singly.
 * Not thread-safe. Blocks are zeroed and aligned for any type.
 */
#ifndef TD_BASE_ARENA_H
#define TD_BASE_ARENA_H

#include "base/defs.h"

struct td_arena {
    uint8_t *base;
    size_t cap;
    size_t used;
};

void td_arena_init(struct td_arena *a, void *block, size_t cap);
void td_arena_reset(struct td_arena *a);
/* `count` objects of `size` bytes, zeroed; NULL when they do not fit (the arena is then unchanged). */
void *td_arena_take(struct td_arena *a, size_t count, size_t size);
/* The same with whatever bytes lie there: only for what is written before it is read, where zeroing costs too much. */
void *td_arena_take_raw(struct td_arena *a, size_t count, size_t size);
size_t td_arena_left(const struct td_arena *a);

#endif
