/* signal/kernel_smooth.h - exponential and Wilder means, weighted mean, true range. O(1) a bar.
 *
 * EMA: k = 2/(n+1), begins with the mean of the first n values (or, asked so, with the first value); RMA: Wilder's mean,
 * y = (y*(n-1) + x)/n, the same beginning; WSUM: Wilder's sum, the sum of the first n-1 values, then s - s/n + x. */
#ifndef TD_SIGNAL_KERNEL_SMOOTH_H
#define TD_SIGNAL_KERNEL_SMOOTH_H

#include "signal/kernel_two.h"

/* Written as k*x + (1-k)*y: the value waits for one product of x less than y + k*(x-y). */
struct td_ema_of {
    double k, keep, y; /* keep: 1 - k */
    uint32_t n, count;
    bool from_first;
};

/* With another factor than 2/(n+1). */
static inline void td_ema_factor(struct td_ema_of *e, double k)
{
    e->k = k;
    e->keep = 1 - k;
}

static inline void td_ema_init(struct td_ema_of *e, double n)
{
    *e = (struct td_ema_of){.n = (uint32_t)n};
    td_ema_factor(e, 2 / (n + 1));
}

/* True when *y holds a mean. */
static inline bool td_ema_push(struct td_ema_of *e, double x, double *y)
{
    if (TD_LIKELY(e->count >= e->n)) {
        e->y = x * e->k + e->y * e->keep;
    } else {
        if (!e->from_first || e->count == 0)
            e->y += x;
        else
            e->y = x * e->k + e->y * e->keep;
        if (++e->count < e->n)
            return false;
        if (!e->from_first)
            e->y /= e->n;
    }
    *y = e->y;
    return true;
}

struct td_rma_of {
    double y;
    double share, keep; /* 1/n, 1 - 1/n */
    uint32_t n, count;
    bool from_first;
};

static inline void td_rma_init(struct td_rma_of *r, double n)
{
    *r = (struct td_rma_of){.n = (uint32_t)n, .share = 1 / n, .keep = 1 - 1 / n};
}

static inline bool td_rma_push(struct td_rma_of *r, double x, double *y)
{
    if (TD_LIKELY(r->count >= r->n)) {
        r->y = x * r->share + r->y * r->keep;
    } else {
        const bool moves = r->from_first && r->count > 0;
        r->y = moves ? x * r->share + r->y * r->keep : r->y + x;
        if (++r->count < r->n)
            return false;
        if (!r->from_first)
            r->y /= r->n;
    }
    *y = r->y;
    return true;
}

struct td_wsum_of {
    double s;
    double keep; /* 1 - 1/n */
    uint32_t n, count;
};

static inline void td_wsum_init(struct td_wsum_of *w, double n)
{
    *w = (struct td_wsum_of){.keep = 1 - 1 / n, .n = (uint32_t)n};
}

/* Values taken so far, n at most. */
static inline uint32_t td_wsum_push(struct td_wsum_of *w, double x)
{
    if (TD_UNLIKELY(w->count < w->n)) {
        w->count++;
        w->s = w->count < w->n ? w->s + x : w->s * w->keep + x;
        return w->count;
    }
    w->s = w->s * w->keep + x;
    return w->count;
}

/* Weights 1..n, the newest n. The sums begin anew after n bars at least 64 apart, so that old large values leave no trace. */
struct td_wma_of {
    struct td_ring_of ring;
    double weighted, sum;
    double share; /* 1 over the sum of the weights */
    uint32_t since;
};

static inline void td_wma_init(struct td_wma_of *w, struct td_ind_space *space, double n)
{
    td_win_init(&w->ring, space, n);
    w->weighted = w->sum = 0;
    w->share = 2 / (n * (n + 1));
    w->since = 0;
}

static inline void td_wma_refresh(struct td_wma_of *w, const double *mem)
{
    const uint32_t n = w->ring.n;
    w->weighted = w->sum = 0;
    for (uint32_t i = 0; i < n; i++) {
        const double x = td_win_ago(&w->ring, mem, n - 1 - i);
        w->weighted += (i + 1) * x;
        w->sum += x;
    }
    w->since = 0;
}

static inline bool td_wma_push(struct td_wma_of *w, double *mem, double x, double *y)
{
    const double n = w->ring.n;
    if (td_win_full(&w->ring)) {
        const double old = td_win_oldest(&w->ring, mem);
        w->weighted += n * x - w->sum;
        w->sum += x - old;
        td_win_push(&w->ring, mem, x);
        if (++w->since >= 64 && w->since >= w->ring.n)
            td_wma_refresh(w, mem);
    } else {
        td_win_push(&w->ring, mem, x);
        w->weighted += w->ring.count * x;
        w->sum += x;
        if (!td_win_full(&w->ring))
            return false;
    }
    *y = w->weighted * w->share;
    return true;
}

/* Simple mean as a function with the same shape as the others. */
static inline bool td_sma_push(struct td_sum_of *s, double *mem, double x, double *y)
{
    if (!td_sum_push(s, mem, x))
        return false;
    *y = td_sum_mean(s);
    return true;
}

/* True range against the close before; false on the first bar. */
struct td_true_range {
    double close;
    bool has;
};

static inline double td_range_of(double high, double low, double before)
{
    return td_max(high - low, td_max(fabs(high - before), fabs(low - before)));
}

static inline bool td_true_range_push(struct td_true_range *t, double high, double low,
                                      double close, double *tr)
{
    const bool has = t->has;
    if (has)
        *tr = td_range_of(high, low, t->close);
    t->close = close;
    t->has = true;
    return has;
}

/* x against the value before; false on the first. */
struct td_step_of {
    double x;
    bool has;
};

static inline bool td_step_push(struct td_step_of *d, double x, double *before)
{
    const bool has = d->has;
    if (has)
        *before = d->x;
    d->x = x;
    d->has = true;
    return has;
}

#endif
