/* signal/kernel_two.h - two series side by side in one register: their sums, their highest and lowest, where those stand.
 *
 * The two halves of a value never meet: each is what the kernel for one series (kernel_window.h) would give, for the price of one.
 * O(1) a bar on average, n at the end of a block. Given finite values only. */
#ifndef TD_SIGNAL_KERNEL_TWO_H
#define TD_SIGNAL_KERNEL_TWO_H

#include "signal/kernel_window.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* Aligned as a double is: states are. */
typedef double td_two __attribute__((vector_size(16), aligned(8)));
typedef int64_t td_two_bits __attribute__((vector_size(16), aligned(8)));

static inline td_two td_two_of(double a, double b)
{
    return (td_two){a, b};
}

static inline td_two td_two_at(const double *p)
{
    td_two x;
    memcpy(&x, p, sizeof x);
    return x;
}

static inline void td_two_put(double *p, td_two x)
{
    memcpy(p, &x, sizeof x);
}

/* Of two numbers that are no NaN. */
static inline td_two td_two_max(td_two a, td_two b)
{
#ifdef __SSE2__
    return (td_two)_mm_max_pd((__m128d)a, (__m128d)b);
#else
    return (td_two){td_max(a[0], b[0]), td_max(a[1], b[1])};
#endif
}

/* What is below every number. */
static inline td_two td_two_none(void)
{
    return td_two_of(-(double)INFINITY, -(double)INFINITY);
}

static inline td_two td_two_pick(td_two_bits first, td_two a, td_two b)
{
    return (td_two)((first & (td_two_bits)a) | (~first & (td_two_bits)b));
}

static inline td_two td_two_abs(td_two x)
{
    return (td_two)((td_two_bits)x & (td_two_bits){INT64_MAX, INT64_MAX});
}

/* ---- the last n values, read two at a time ---- */

/* Each value is written beside the one before it: a register is read as it was written, for one that is put together from two
 * fresh writes waits until both are in the cache. And it is written twice, n pairs apart, so that every window lies in one piece. */
struct td_strip_of {
    uint32_t base, n, at;
    double last, share; /* share: 1/n */
};

static inline void td_strip_init(struct td_strip_of *s, struct td_ind_space *space, double n)
{
    *s = (struct td_strip_of){.n = (uint32_t)n, .share = 1 / n};
    s->base = td_ind_room(space, 4 * s->n);
}

static inline void td_strip_push(struct td_strip_of *s, double *mem, double x)
{
    const td_two pair = td_two_of(s->last, x);
    s->at = s->at + 1 == s->n ? 0 : s->at + 1;
    double *place = mem + s->base + 2 * s->at;
    td_two_put(place, pair);
    td_two_put(place + 2 * s->n, pair);
    s->last = x;
}

/* Mean distance of the full window from a value. Sums side by side: one alone waits for its own additions. */
static inline double td_strip_distance(const struct td_strip_of *s, const double *mem, double from)
{
    const double *x = mem + s->base + 2 * (s->at + s->n);
    const td_two at = td_two_of(from, from);
    td_two a = td_two_of(0, 0), b = a;
    uint32_t i = s->n;
    for (; i >= 4; i -= 4, x -= 8) {
        a += td_two_abs(td_two_at(x) - at);
        b += td_two_abs(td_two_at(x - 4) - at);
    }
    if (i >= 2) {
        a += td_two_abs(td_two_at(x) - at);
        x -= 4;
    }
    a += b;
    return (a[0] + a[1] + (i % 2 ? fabs(x[1] - from) : 0)) * s->share;
}

/* ---- sums of the last n of both; as td_sum_of ---- */

struct td_sums_of {
    uint32_t base, n, at;
    bool full;
    td_two now, value;
};

static inline void td_sums_init(struct td_sums_of *s, struct td_ind_space *space, double n)
{
    *s = (struct td_sums_of){.n = (uint32_t)n};
    s->base = td_ind_room(space, 2 * s->n);
}

static inline void td_sums_close(struct td_sums_of *s, double *block)
{
    td_two sum = td_two_at(block + 2 * (s->n - 1));
    for (uint32_t i = s->n - 1; i-- > 0;) {
        sum = td_two_at(block + 2 * i) + sum;
        td_two_put(block + 2 * i, sum);
    }
    s->now = td_two_of(0, 0);
    s->at = 0;
    s->full = true;
}

/* True when the window is full; s->value is both sums. */
static inline bool td_sums_push(struct td_sums_of *s, double *mem, td_two x)
{
    double *block = mem + s->base;
    td_two_put(block + 2 * s->at, x);
    s->now += x;
    if (TD_LIKELY(++s->at < s->n)) {
        s->value = s->now + td_two_at(block + 2 * s->at);
        return s->full;
    }
    s->value = s->now;
    td_sums_close(s, block);
    return true;
}

/* ---- highest of one series and lowest of another over the last n; as td_extreme_of ---- */

/* The lowest is the highest of the negatives. */
struct td_span_of {
    uint32_t base, n, at;
    bool full;
    td_two now;
};

static inline void td_span_init(struct td_span_of *s, struct td_ind_space *space, double n)
{
    *s = (struct td_span_of){.n = (uint32_t)n, .now = td_two_none()};
    s->base = td_ind_room(space, 2 * s->n);
}

static inline void td_span_close(struct td_span_of *s, double *block)
{
    td_two most = td_two_at(block + 2 * (s->n - 1));
    for (uint32_t i = s->n - 1; i-- > 0;) {
        most = td_two_max(td_two_at(block + 2 * i), most);
        td_two_put(block + 2 * i, most);
    }
    s->now = td_two_none();
    s->at = 0;
    s->full = true;
}

/* True when n pairs were taken. */
static inline bool td_span_push(struct td_span_of *s, double *mem, double high, double low,
                                double *highest, double *lowest)
{
    double *block = mem + s->base;
    const td_two x = td_two_of(high, -low);
    td_two_put(block + 2 * s->at, x);
    s->now = td_two_max(s->now, x);
    td_two most = s->now;
    if (TD_LIKELY(++s->at < s->n))
        most = td_two_max(most, td_two_at(block + 2 * s->at));
    else
        td_span_close(s, block);
    *highest = most[0];
    *lowest = -most[1];
    return s->full;
}

/* ---- the same with the bars on which they stand; of equals the newest ---- */

struct td_wheres_of {
    uint32_t base, n, at; /* pairs of values, then of bars, n each */
    bool full;
    double bar;          /* bars taken */
    td_two now, now_bar; /* of this block */
    td_two found;        /* the bars of the window's extremes */
};

static inline void td_wheres_init(struct td_wheres_of *w, struct td_ind_space *space, double n)
{
    *w = (struct td_wheres_of){.n = (uint32_t)n, .now = td_two_none()};
    w->base = td_ind_room(space, 4 * w->n);
}

static inline void td_wheres_close(struct td_wheres_of *w, double *block, double *bars)
{
    td_two most = td_two_at(block + 2 * (w->n - 1)), stands = td_two_at(bars + 2 * (w->n - 1));
    for (uint32_t i = w->n - 1; i-- > 0;) {
        const td_two x = td_two_at(block + 2 * i);
        const td_two_bits older = (td_two_bits)(x > most);
        stands = td_two_pick(older, td_two_at(bars + 2 * i), stands);
        most = td_two_max(x, most);
        td_two_put(block + 2 * i, most);
        td_two_put(bars + 2 * i, stands);
    }
    w->now = td_two_none();
    w->at = 0;
    w->full = true;
}

/* True when n pairs were taken: of the highest of one series and the lowest of another. */
static inline bool td_wheres_push(struct td_wheres_of *w, double *mem, double high, double low)
{
    double *block = mem + w->base, *bars = block + 2 * w->n;
    const td_two x = td_two_of(high, -low), bar = td_two_of(w->bar, w->bar);
    td_two_put(block + 2 * w->at, x);
    td_two_put(bars + 2 * w->at, bar);
    w->now_bar = td_two_pick((td_two_bits)(x >= w->now), bar, w->now_bar);
    w->now = td_two_max(x, w->now);
    w->found = w->now_bar;
    w->bar += 1;
    if (TD_UNLIKELY(++w->at == w->n))
        td_wheres_close(w, block, bars);
    else
        w->found = td_two_pick((td_two_bits)(td_two_at(block + 2 * w->at) > w->now),
                               td_two_at(bars + 2 * w->at), w->now_bar);
    return w->full;
}

/* Bars since the highest, and since the lowest, stood. */
static inline td_two td_wheres_age(const struct td_wheres_of *w)
{
    return td_two_of(w->bar - 1, w->bar - 1) - w->found;
}

#endif
