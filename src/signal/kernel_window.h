/* signal/kernel_window.h - the last n values, their sum, their extremes. O(1) a bar, over a window's length.
 *
 * A kernel keeps its window in `mem`, the doubles behind the row's state, and only knows where it begins there: the state
 * can be copied anywhere. Kernels are given finite values only. Inputs of every row pass through here. */
#ifndef TD_SIGNAL_KERNEL_WINDOW_H
#define TD_SIGNAL_KERNEL_WINDOW_H

#include <math.h>
#include <string.h>

#include "signal/indicator.h"

#define TD_REFRESH_BARS 1024u /* running moments are made anew at least so often */

/* Of two numbers that are no NaN: one instruction, where fmax is a call. */
static inline double td_max(double a, double b)
{
    return a > b ? a : b;
}

static inline double td_min(double a, double b)
{
    return a < b ? a : b;
}

/* a or b, and x or 0, without a branch: for choices that are a coin toss. */
static inline double td_pick(bool first, double a, double b)
{
    uint64_t x, y;
    memcpy(&x, &a, sizeof x);
    memcpy(&y, &b, sizeof y);
    y ^= (x ^ y) & (0 - (uint64_t)first);
    memcpy(&b, &y, sizeof b);
    return b;
}

static inline double td_if(bool that, double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    bits &= 0 - (uint64_t)that;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* Room for `n` doubles of a window, which begin as zeros; of an even number, so that pairs of doubles stand where a register is read
 * in one piece. */
static inline uint32_t td_ind_room(struct td_ind_space *space, uint32_t n)
{
    const uint32_t at = space->used;
    space->used += (n + 1u) & ~1u;
    return at;
}

/* ---- the last n values ---- */

struct td_ring_of {
    uint32_t base, n, at, count;
};

static inline void td_win_init(struct td_ring_of *r, struct td_ind_space *space, double n)
{
    r->n = (uint32_t)n;
    r->base = td_ind_room(space, r->n);
    r->at = r->count = 0;
}

static inline bool td_win_full(const struct td_ring_of *r)
{
    return r->count == r->n;
}

/* The oldest value; the window is full. */
static inline double td_win_oldest(const struct td_ring_of *r, const double *mem)
{
    return mem[r->base + r->at];
}

static inline void td_win_push(struct td_ring_of *r, double *mem, double x)
{
    mem[r->base + r->at] = x;
    r->at = r->at + 1 == r->n ? 0 : r->at + 1;
    r->count += r->count < r->n;
}

/* The value `age` pushes ago, 0 the newest; age < count. */
static inline double td_win_ago(const struct td_ring_of *r, const double *mem, uint32_t age)
{
    const uint32_t at = r->at + r->n - 1 - age;
    return mem[r->base + (at >= r->n ? at - r->n : at)];
}

/* Pushes x; true and *old = the value n pushes before it, once there is one. */
static inline bool td_win_lag(struct td_ring_of *r, double *mem, double x, double *old)
{
    const bool full = td_win_full(r);
    if (full)
        *old = td_win_oldest(r, mem);
    td_win_push(r, mem, x);
    return full;
}

/* sum + carry grows by x; the rounding goes into the carry (Knuth's two-sum). For totals that never end. */
static inline void td_sum_add(double *sum, double *carry, double x)
{
    const double a = *sum, s = a + x, b = s - a;
    *carry += (a - (s - b)) + (x - b);
    *sum = s;
}

/* ---- sum of the last n: blocks of n bars; the window is the end of one and the beginning of the next ---- */

/* Nothing is ever taken off a sum: no value leaves a trace once it is out of the window, and a window of zeros is exactly 0.
 * At base stand the values of this block up to `at`, then the sums of the last block from each place to its end. */
struct td_sum_of {
    uint32_t base, n, at;
    bool full;
    double share;      /* 1/n */
    double now, value; /* sum of this block, of the window */
};

static inline void td_sum_init(struct td_sum_of *s, struct td_ind_space *space, double n)
{
    *s = (struct td_sum_of){.n = (uint32_t)n, .share = 1 / n};
    s->base = td_ind_room(space, s->n);
}

/* True when the window is full. O(1) a bar on average, n at the end of a block. */
static inline bool td_sum_push(struct td_sum_of *s, double *mem, double x)
{
    double *block = mem + s->base;
    block[s->at] = x;
    s->now += x;
    if (TD_LIKELY(++s->at < s->n)) {
        s->value = s->now + block[s->at]; /* no window while it is not full */
        return s->full;
    }
    s->value = s->now;
    for (uint32_t i = s->n - 1; i-- > 0;)
        block[i] += block[i + 1];
    s->at = 0;
    s->now = 0;
    s->full = true;
    return true;
}

static inline double td_sum_value(const struct td_sum_of *s)
{
    return s->value;
}

static inline double td_sum_mean(const struct td_sum_of *s)
{
    return s->value * s->share;
}

/* ---- highest or lowest of the last n: blocks of n bars; the window is the end of one and the beginning of the next ---- */

/* At base stand the values of this block up to `at`, then the extremes of the last block from each place to its end. */
struct td_extreme_of {
    uint32_t base, n, at;
    bool full, lowest;
    double now; /* extreme of this block */
};

/* What every value is beyond. */
static inline double td_extreme_none(bool lowest)
{
    return lowest ? (double)INFINITY : -(double)INFINITY;
}

static inline void td_extreme_init(struct td_extreme_of *e, struct td_ind_space *space, double n,
                                   double sign)
{
    *e = (struct td_extreme_of){.n = (uint32_t)n, .lowest = sign < 0};
    e->now = td_extreme_none(e->lowest);
    e->base = td_ind_room(space, e->n);
}

static inline double td_either(bool lowest, double a, double b)
{
    return lowest ? td_min(a, b) : td_max(a, b);
}

/* True when n values were taken; *value is then their extreme. O(1) a bar on average, n at the end of a block. */
static inline bool td_extreme_push(struct td_extreme_of *e, double *mem, double x, double *value)
{
    double *block = mem + e->base;
    const bool low = e->lowest;
    block[e->at] = x;
    e->now = td_either(low, e->now, x);
    if (TD_LIKELY(++e->at < e->n)) {
        *value = td_either(low, e->now, block[e->at]);
        return e->full;
    }
    *value = e->now;
    for (uint32_t i = e->n - 1; i-- > 0;)
        block[i] = td_either(low, block[i], block[i + 1]);
    e->at = 0;
    e->now = td_extreme_none(low);
    e->full = true;
    return true;
}

#endif
