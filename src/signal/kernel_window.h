/* signal/kernel_window.h - the last n values, their sum, their extremes. O(1) a bar (extremes amortised).
 *
 * A kernel keeps its window in `mem`, the doubles behind the row's state, and only knows where it begins there: the state
 * can be copied anywhere. Kernels are given finite values only. Inputs of every row pass through here. */
#ifndef TD_SIGNAL_KERNEL_WINDOW_H
#define TD_SIGNAL_KERNEL_WINDOW_H

#include <math.h>

#include "signal/indicator.h"

#define TD_REFRESH_BARS 1024u /* running sums are made anew at least so often */

/* Room for `n` doubles of a window. */
static inline uint32_t td_ind_room(struct td_ind_space *space, uint32_t n)
{
    const uint32_t at = space->used;
    space->used += n;
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

/* ---- running sum: compensated, exactly 0 when every value of the window is 0 ---- */

struct td_sum_of {
    struct td_ring_of ring;
    uint32_t not_zero; /* values of the window */
    double sum, carry;
};

static inline void td_sum_init(struct td_sum_of *s, struct td_ind_space *space, double n)
{
    td_win_init(&s->ring, space, n);
    s->not_zero = 0;
    s->sum = s->carry = 0;
}

/* sum + carry grows by x; the rounding goes into the carry (Knuth's two-sum). */
static inline void td_sum_add(double *sum, double *carry, double x)
{
    const double a = *sum, s = a + x, b = s - a;
    *carry += (a - (s - b)) + (x - b);
    *sum = s;
}

/* True when the window is full. */
static inline bool td_sum_push(struct td_sum_of *s, double *mem, double x)
{
    if (td_win_full(&s->ring)) {
        const double old = td_win_oldest(&s->ring, mem);
        td_sum_add(&s->sum, &s->carry, -old);
        s->not_zero -= old != 0;
    }
    td_win_push(&s->ring, mem, x);
    td_sum_add(&s->sum, &s->carry, x);
    s->not_zero += x != 0;
    if (s->not_zero == 0)
        s->sum = s->carry = 0;
    return td_win_full(&s->ring);
}

static inline double td_sum_value(const struct td_sum_of *s)
{
    return s->sum + s->carry;
}

static inline double td_sum_mean(const struct td_sum_of *s)
{
    return (s->sum + s->carry) / s->ring.n;
}

/* ---- highest or lowest of the last n: a queue of falling (rising) values; of equals the newest counts ---- */

struct td_extreme_of {
    uint32_t base, n, first, count; /* the queue: values at base, bars at base + n */
    double sign;                    /* 1 highest, -1 lowest */
    double bar;                     /* bars taken */
};

static inline void td_extreme_init(struct td_extreme_of *e, struct td_ind_space *space, double n,
                                   double sign)
{
    e->n = (uint32_t)n;
    e->base = td_ind_room(space, 2 * e->n);
    e->first = e->count = 0;
    e->sign = sign;
    e->bar = 0;
}

/* True when n values were taken. */
static inline bool td_extreme_push(struct td_extreme_of *e, double *mem, double x)
{
    double *values = mem + e->base, *bars = values + e->n;
    const double y = x * e->sign;
    if (e->count > 0 && bars[e->first] <= e->bar - e->n) {
        e->first = e->first + 1 == e->n ? 0 : e->first + 1;
        e->count--;
    }
    uint32_t at = e->first + e->count;
    at = at >= e->n ? at - e->n : at;
    while (e->count > 0) {
        const uint32_t last = at == 0 ? e->n - 1 : at - 1;
        if (values[last] > y)
            break;
        at = last;
        e->count--;
    }
    values[at] = y;
    bars[at] = e->bar;
    e->count++;
    e->bar += 1;
    return e->bar >= e->n;
}

static inline double td_extreme_value(const struct td_extreme_of *e, const double *mem)
{
    return mem[e->base + e->first] * e->sign;
}

/* The bar it stood on, counted from 0. */
static inline double td_extreme_bar(const struct td_extreme_of *e, const double *mem)
{
    return mem[e->base + e->n + e->first];
}

/* Bars since it stood. */
static inline double td_extreme_age(const struct td_extreme_of *e, const double *mem)
{
    return e->bar - 1 - td_extreme_bar(e, mem);
}

/* Highest of one series and lowest of another. */
struct td_span_of {
    struct td_extreme_of high, low;
};

static inline void td_span_init(struct td_span_of *s, struct td_ind_space *space, double n)
{
    td_extreme_init(&s->high, space, n, 1);
    td_extreme_init(&s->low, space, n, -1);
}

static inline bool td_span_push(struct td_span_of *s, double *mem, double high, double low,
                                double *highest, double *lowest)
{
    (void)td_extreme_push(&s->high, mem, high);
    const bool full = td_extreme_push(&s->low, mem, low);
    *highest = td_extreme_value(&s->high, mem);
    *lowest = td_extreme_value(&s->low, mem);
    return full;
}

#endif
