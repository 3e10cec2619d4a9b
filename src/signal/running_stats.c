/* signal/running_stats.c - what the sums say in the end. */
#include "signal/running_stats.h"

#include <math.h>

double td_moments_mean(const struct td_moments *m)
{
    return m->n ? m->first + m->sum / (double)m->n : (double)NAN;
}

double td_moments_sd(const struct td_moments *m)
{
    const double n = (double)m->n;
    if (m->n < 2)
        return (double)NAN;
    const double v = (m->square - m->sum * m->sum / n) / (n - 1);
    return v > 0 ? sqrt(v) : 0;
}

struct centred {
    double xx, yy, xy;
};

static struct centred centre(const struct td_pairs *p)
{
    const double n = (double)p->n;
    return (struct centred){p->xx - p->x * p->x / n, p->yy - p->y * p->y / n,
                            p->xy - p->x * p->y / n};
}

/* Below this share of the raw sum the rest is rounding: all values were equal. */
static bool has_spread(double centred, double raw)
{
    return centred > raw * 1e-13;
}

double td_pairs_slope(const struct td_pairs *p)
{
    if (p->n < 3)
        return (double)NAN;
    const struct centred c = centre(p);
    return has_spread(c.xx, p->xx) ? c.xy / c.xx : (double)NAN;
}

double td_pairs_correlation(const struct td_pairs *p)
{
    if (p->n < 3)
        return (double)NAN;
    const struct centred c = centre(p);
    if (!has_spread(c.xx, p->xx) || !has_spread(c.yy, p->yy))
        return (double)NAN;
    const double r = c.xy / sqrt(c.xx * c.yy);
    return r > 1 ? 1 : r < -1 ? -1 : r;
}

void td_lagged_push(struct td_lagged *l, double v)
{
    for (int i = 0; i < TD_LAGS; i++)
        if (l->count >= (uint64_t)l->lag[i])
            td_pairs_add(&l->pairs[i], v,
                         l->ring[(l->count - (uint64_t)l->lag[i]) & (TD_LAG_MAX - 1)]);
    l->ring[l->count++ & (TD_LAG_MAX - 1)] = v;
}

void td_lagged_reset(struct td_lagged *l)
{
    l->count = 0;
}

bool td_histogram_quantile(const struct td_histogram *h, double q, double *out, double *error)
{
    const double want = ceil(q * (double)h->n);
    const uint64_t rank = want < 1 ? 1 : want > (double)h->n ? h->n : (uint64_t)want;
    uint64_t below = 0;
    if (h->n == 0)
        return false;
    for (size_t i = 0; i < TD_HISTOGRAM_BUCKETS; i++) {
        const uint64_t n = h->bucket[i].n;
        const double low = (double)h->bucket[i].low, high = (double)h->bucket[i].high;
        if (below + n < rank) {
            below += n;
            continue;
        }
        const bool end = rank == below + 1 || rank == below + n; /* its smallest or its largest */
        *out = rank == below + 1 ? low : rank == below + n ? high : (low + high) / 2;
        if (error)
            *error = end ? 0 : (high - low) / 2;
        return true;
    }
    return false;
}
