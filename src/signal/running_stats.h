/* signal/running_stats.h - sums that make a mean, a deviation, a line through points, an autocorrelation, quantiles.
 *
 * Streaming, of fixed size, copied by assignment, zeroed at the start (the histogram is large: give it memory of its own).
 * Sums are taken around the first value, so that a price of 100 000 that moves by ticks keeps its digits. Values are finite;
 * that is the caller's duty. Undefined results (too few values, no spread in x) are NaN. Not thread-safe, never allocates.
 */
#ifndef TD_SIGNAL_RUNNING_STATS_H
#define TD_SIGNAL_RUNNING_STATS_H

#include "base/defs.h"

/* ---- mean and deviation ---- */

struct td_moments {
    uint64_t n;
    double first, sum, square; /* of value - first */
    double low, high;
};

static inline void td_moments_add(struct td_moments *m, double v)
{
    if (m->n++ == 0)
        m->first = m->low = m->high = v;
    const double d = v - m->first;
    m->sum += d;
    m->square += d * d;
    m->low = v < m->low ? v : m->low;
    m->high = v > m->high ? v : m->high;
}

double td_moments_mean(const struct td_moments *m); /* NaN without values */
double td_moments_sd(const struct td_moments *m);   /* of a sample (n - 1); NaN below two values */

/* ---- pairs: y = a + slope x, by least squares, and Pearson's correlation ---- */

struct td_pairs {
    uint64_t n;
    double x0, y0, x, y, xx, yy, xy; /* around the first pair */
};

static inline void td_pairs_add(struct td_pairs *p, double x, double y)
{
    if (p->n++ == 0) {
        p->x0 = x;
        p->y0 = y;
    }
    const double dx = x - p->x0, dy = y - p->y0;
    p->x += dx;
    p->y += dy;
    p->xx += dx * dx;
    p->yy += dy * dy;
    p->xy += dx * dy;
}

double td_pairs_slope(const struct td_pairs *p); /* NaN below three pairs or when all x are equal */
double td_pairs_correlation(const struct td_pairs *p); /* NaN as well when all y are equal; -1..1 */

/* ---- autocorrelation: each value with those `lag` values before it ---- */

#define TD_LAGS    5
#define TD_LAG_MAX 128 /* a power of two, above every lag */

struct td_lagged {
    int32_t lag[TD_LAGS]; /* 1..TD_LAG_MAX - 1 */
    struct td_pairs pairs[TD_LAGS];
    /* private */
    double ring[TD_LAG_MAX];
    uint64_t count; /* since the last reset */
};

void td_lagged_push(struct td_lagged *l, double v);
void td_lagged_reset(struct td_lagged *l); /* a gap: no pair reaches over it; sums stay */

/* ---- quantiles of whole numbers ----
 *
 * Buckets as wide as 1/256 of what they hold (below 512: one number each), each with its count, smallest and largest value.
 * A quantile is the value of nearest rank (the smallest with at least q n values up to it). It is exact where a bucket holds
 * one distinct value, which is so for spreads below 256 ticks whatever the tick; else it is off by at most 1/512 of itself.
 */
#define TD_HISTOGRAM_BUCKETS 14336

struct td_histogram {
    uint64_t n;
    struct {
        uint64_t n;
        int64_t low, high;
    } bucket[TD_HISTOGRAM_BUCKETS];
};

static inline size_t td_histogram_place(int64_t v)
{
    if (v < 512)
        return (size_t)v;
    const unsigned shift = 55 - (unsigned)__builtin_clzll((unsigned long long)v);
    return (size_t)shift * 256 + ((size_t)v >> shift);
}

/* v >= 0. O(1). */
static inline void td_histogram_add(struct td_histogram *h, int64_t v)
{
    TD_REQUIRE(v >= 0);
    const size_t at = td_histogram_place(v);
    const bool fresh = h->bucket[at].n++ == 0;
    h->n++;
    h->bucket[at].low = fresh || v < h->bucket[at].low ? v : h->bucket[at].low;
    h->bucket[at].high = fresh || v > h->bucket[at].high ? v : h->bucket[at].high;
}

/* q in 0..1. False without values. *error, which may be NULL, is how far it can be off; 0: exact. O(buckets). */
bool td_histogram_quantile(const struct td_histogram *h, double q, double *out, double *error);

#endif
