/* base/spans.c - log-linear buckets: below 32 ns one each, above sixteen an octave. */
#include "base/spans.h"

static size_t place_of(td_ns v)
{
    if (v < 32)
        return (size_t)v;
    const unsigned shift = 59 - (unsigned)__builtin_clzll((unsigned long long)v);
    const size_t at = (size_t)shift * 16 + ((size_t)v >> shift);
    return at < TD_SPANS_BUCKETS ? at : TD_SPANS_BUCKETS - 1;
}

/* The largest span of a bucket. */
static td_ns end_of(size_t at)
{
    if (at < 32)
        return (td_ns)at;
    const unsigned shift = (unsigned)(at / 16 - 1);
    return ((td_ns)(at % 16 + 17) << shift) - 1;
}

void td_spans_add(struct td_spans *s, td_ns span)
{
    const td_ns v = span < 0 ? 0 : span;
    s->count++;
    s->sum += v;
    s->most = v > s->most ? v : s->most;
    s->bucket[place_of(v)]++;
}

td_ns td_spans_quantile(const struct td_spans *s, double q)
{
    const double want = q * (double)s->count;
    uint64_t seen = 0;
    if (!s->count)
        return TD_NS_NEVER;
    for (size_t i = 0; i + 1 < TD_SPANS_BUCKETS; i++) {
        seen += s->bucket[i];
        if (seen && (double)seen >= want)
            return end_of(i) < s->most ? end_of(i) : s->most;
    }
    return s->most;
}
