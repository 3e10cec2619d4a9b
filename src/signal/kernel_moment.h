/* signal/kernel_moment.h - mean, variance, regression line and covariance of the last n values. O(1) a bar.
 *
 * Sums run over distances from a centre near the window and are made anew from the window now and then (each function says
 * when): the error does not grow with the series and a large value that has left stays no longer than a window.
 * A window of equal values has a spread of exactly 0. Sources: Welford 1962; Chan, Golub, LeVeque 1983. */
#ifndef TD_SIGNAL_KERNEL_MOMENT_H
#define TD_SIGNAL_KERNEL_MOMENT_H

#include "signal/kernel_two.h"

/* ---- how many of the newest values are equal ---- */

struct td_flat_of {
    double x;
    uint32_t same;
};

/* True when the last n values, x included, are equal. */
static inline bool td_flat_push(struct td_flat_of *f, double x, uint32_t n)
{
    f->same = f->same > 0 && x == f->x ? f->same + (f->same < n) : 1;
    f->x = x;
    return f->same >= n;
}

/* ---- mean and sum of squared distances ---- */

struct td_moment_of {
    struct td_ring_of ring;
    struct td_flat_of flat;
    double centre;  /* a value of the window when the sums were made anew */
    double off, m2; /* mean - centre; sum of squared distances from the mean */
    double peak;    /* largest m2 since the sums were made anew */
    double share;   /* 1/n */
    uint32_t since; /* bars since then */
};

static inline void td_moment_init(struct td_moment_of *m, struct td_ind_space *space, double n)
{
    *m = (struct td_moment_of){.share = 1 / n};
    td_win_init(&m->ring, space, n);
}

/* From the window itself, in two passes. */
static inline void td_moment_refresh(struct td_moment_of *m, const double *mem)
{
    const uint32_t n = m->ring.count;
    const double *x = mem + m->ring.base, centre = td_win_ago(&m->ring, mem, 0);
    double sum = 0, m2 = 0;
    for (uint32_t i = 0; i < n; i++)
        sum += x[i] - centre;
    const double off = sum / n;
    for (uint32_t i = 0; i < n; i++)
        m2 += (x[i] - centre - off) * (x[i] - centre - off);
    m->centre = centre;
    m->off = off;
    m->m2 = m->peak = m2;
    m->since = 0;
}

static inline double td_moment_mean(const struct td_moment_of *m)
{
    return m->centre + m->off;
}

/* True when the window is full. Made anew every TD_REFRESH_BARS and when the spread has shrunk a thousandfold. */
static inline bool td_moment_push(struct td_moment_of *m, double *mem, double x)
{
    const bool full = td_win_full(&m->ring), flat = td_flat_push(&m->flat, x, m->ring.n);
    if (m->ring.count == 0)
        m->centre = x;
    const double u = x - m->centre;
    if (full) {
        const double leaves = td_win_oldest(&m->ring, mem), d = x - leaves;
        const double old = leaves - m->centre, off = m->off + d * m->share;
        m->m2 += d * ((u + (old - m->off)) - off); /* (u - off) waits for both */
        m->off = off;
        td_win_push(&m->ring, mem, x);
    } else {
        const double d = u - m->off;
        td_win_push(&m->ring, mem, x);
        m->off += d / m->ring.count;
        m->m2 += d * (u - m->off);
    }
    m->peak = m->m2 > m->peak ? m->m2 : m->peak;
    if (flat) {
        m->centre = x;
        m->off = m->m2 = m->peak = 0;
    } else if (++m->since >= TD_REFRESH_BARS || m->m2 < m->peak * 1e-3) {
        td_moment_refresh(m, mem);
    }
    return td_win_full(&m->ring);
}

static inline double td_moment_variance(const struct td_moment_of *m)
{
    return m->m2 * m->share;
}

static inline double td_moment_sample(const struct td_moment_of *m)
{
    return m->ring.n > 1 ? m->m2 / (m->ring.n - 1) : 0;
}

/* ---- least-squares line through the last n values, at 0 the oldest, n-1 the newest ---- */

struct td_line_of {
    struct td_ring_of ring;
    struct td_flat_of flat;
    double centre, s, t; /* sums of y - centre and of j * (y - centre) */
    double sx, share;    /* sum of j; 1/(n*sum of j^2 - sx^2) */
    double bars, part;   /* n; 1/n */
    uint32_t since;
};

static inline void td_line_init(struct td_line_of *l, struct td_ind_space *space, double n)
{
    const double sx = n * (n - 1) / 2, sxx = n * (n - 1) * (2 * n - 1) / 6;
    *l = (struct td_line_of){
        .sx = sx, .share = n > 1 ? 1 / (n * sxx - sx * sx) : 0, .bars = n, .part = 1 / n};
    td_win_init(&l->ring, space, n);
}

static inline void td_line_refresh(struct td_line_of *l, const double *mem)
{
    const uint32_t n = l->ring.count;
    l->centre = td_win_ago(&l->ring, mem, 0);
    l->s = l->t = 0;
    for (uint32_t j = 0; j < n; j++) {
        const double y = td_win_ago(&l->ring, mem, n - 1 - j) - l->centre;
        l->s += y;
        l->t += j * y;
    }
    l->since = 0;
}

/* True when the window is full. Made anew after max(n, 64) bars. */
static inline bool td_line_push(struct td_line_of *l, double *mem, double x)
{
    const double n = l->bars;
    const bool flat = td_flat_push(&l->flat, x, l->ring.n);
    if (!td_win_full(&l->ring)) {
        td_win_push(&l->ring, mem, x);
        if (!td_win_full(&l->ring))
            return false;
        td_line_refresh(l, mem);
        return true;
    }
    const double old = td_win_oldest(&l->ring, mem) - l->centre, y = x - l->centre;
    l->t += old - l->s + n * y;
    l->s += y - old;
    l->t -= y;
    td_win_push(&l->ring, mem, x);
    if (flat) {
        l->centre = x;
        l->s = l->t = 0;
    } else if (++l->since >= 64 && l->since >= l->ring.n) {
        td_line_refresh(l, mem);
    }
    return true;
}

/* The line's slope a bar and its height at the oldest value. */
static inline double td_line_slope(const struct td_line_of *l, double *at_oldest)
{
    const double b = (l->bars * l->t - l->sx * l->s) * l->share;
    *at_oldest = l->centre + (l->s - b * l->sx) * l->part;
    return b;
}

/* ---- two series ---- */

struct td_pair_of {
    uint32_t base, n, at, count; /* the window: pairs */
    uint32_t since;
    uint32_t same[2]; /* how many of the newest values are equal */
    td_two last;
    td_two centre, off, squares, peak; /* as of td_moment_of, x and y */
    double xy, share;                  /* share: 1/n */
};

static inline void td_pair_init(struct td_pair_of *p, struct td_ind_space *space, double n)
{
    *p = (struct td_pair_of){.n = (uint32_t)n, .share = 1 / n};
    p->base = td_ind_room(space, 2 * p->n);
}

static inline void td_pair_refresh(struct td_pair_of *p, const double *mem)
{
    const double *window = mem + p->base;
    const td_two centre = p->last;
    td_two sum = td_two_of(0, 0), squares = sum;
    for (uint32_t i = 0; i < p->count; i++)
        sum += td_two_at(window + 2 * i) - centre;
    p->centre = centre;
    p->off = sum / (double)p->count;
    p->xy = 0;
    for (uint32_t i = 0; i < p->count; i++) {
        const td_two d = td_two_at(window + 2 * i) - centre - p->off;
        squares += d * d;
        p->xy += d[0] * d[1];
    }
    p->squares = p->peak = squares;
    p->since = 0;
}

/* The full window moves by one value; `old` leaves. */
static inline void td_pair_slide(struct td_pair_of *p, td_two now, td_two old)
{
    const td_two u = now - p->centre, o = old - p->centre, d = now - old;
    const td_two before = o - p->off, mean = p->off + d * p->share, away = u - mean;
    p->squares += d * ((u + before) - mean); /* away + before, with less to wait for */
    p->xy += away[0] * (u - p->off)[1] - (o - mean)[0] * before[1];
    p->off = mean;
    p->peak = td_two_max(p->squares, p->peak);
}

static inline void td_pair_count(struct td_pair_of *p, double x, double y)
{
    p->same[0] = p->same[0] > 0 && x == p->last[0] ? p->same[0] + (p->same[0] < p->n) : 1;
    p->same[1] = p->same[1] > 0 && y == p->last[1] ? p->same[1] + (p->same[1] < p->n) : 1;
}

/* True when the window is full. Made anew as td_moment_push does. */
static inline bool td_pair_push(struct td_pair_of *p, double *mem, double x, double y)
{
    const td_two now = td_two_of(x, y);
    double *place = mem + p->base + 2 * p->at;
    td_pair_count(p, x, y);
    p->last = now;
    p->at = p->at + 1 == p->n ? 0 : p->at + 1;
    if (TD_LIKELY(p->count == p->n)) {
        const td_two old = td_two_at(place);
        td_two_put(place, now);
        td_pair_slide(p, now, old);
        const td_two least = p->peak * 1e-3;
        if (TD_UNLIKELY(++p->since >= TD_REFRESH_BARS || p->squares[0] < least[0] ||
                        p->squares[1] < least[1]))
            td_pair_refresh(p, mem);
    } else {
        td_two_put(place, now);
        if (++p->count < p->n)
            return false;
        td_pair_refresh(p, mem);
    }
    for (int k = 0; k < 2; k++)
        if (TD_UNLIKELY(p->same[k] >= p->n))
            p->squares[k] = p->xy = 0;
    return true;
}

/* Pearson's correlation; 0 when either side does not vary. */
static inline double td_pair_correlation(const struct td_pair_of *p)
{
    const double xx = p->squares[0], yy = p->squares[1], d = xx * yy;
    return xx > 0 && yy > 0 && d > 0 ? p->xy / sqrt(d) : 0;
}

/* Slope of y on x; 0 when x does not vary. */
static inline double td_pair_slope(const struct td_pair_of *p)
{
    return p->squares[0] > 0 ? p->xy / p->squares[0] : 0;
}

#endif
