/* signal/kernel_order.h - the last n values in order of size. O(n) moves a bar, n up to 512. */
#ifndef TD_SIGNAL_KERNEL_ORDER_H
#define TD_SIGNAL_KERNEL_ORDER_H

#include <string.h>

#include "signal/kernel_window.h"

#define TD_ORDER_MAX 512

struct td_order_of {
    struct td_ring_of ring;
    uint32_t sorted; /* where the sorted values stand */
};

static inline void td_order_init(struct td_order_of *o, struct td_ind_space *space, double n)
{
    td_win_init(&o->ring, space, n);
    o->sorted = td_ind_room(space, (uint32_t)n);
}

/* Values of the window that are below x. */
static inline uint32_t td_order_below(const struct td_order_of *o, const double *mem, double x)
{
    const double *sorted = mem + o->sorted;
    uint32_t low = 0, high = o->ring.count;
    while (low < high) {
        const uint32_t middle = (low + high) / 2;
        if (sorted[middle] < x)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* True when the window is full. */
static inline bool td_order_push(struct td_order_of *o, double *mem, double x)
{
    double *sorted = mem + o->sorted;
    if (td_win_full(&o->ring)) {
        const uint32_t at = td_order_below(o, mem, td_win_oldest(&o->ring, mem));
        memmove(sorted + at, sorted + at + 1, (o->ring.n - at - 1) * sizeof *sorted);
        o->ring.count--;
    }
    const uint32_t count = o->ring.count, at = td_order_below(o, mem, x);
    memmove(sorted + at + 1, sorted + at, (count - at) * sizeof *sorted);
    sorted[at] = x;
    td_win_push(&o->ring, mem, x);
    return td_win_full(&o->ring);
}

/* The k-th smallest of the full window, k from 0. */
static inline double td_order_nth(const struct td_order_of *o, const double *mem, uint32_t k)
{
    return mem[o->sorted + k];
}

#endif
