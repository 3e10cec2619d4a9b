/* base/spans.h - how long something took, many times over: counts in buckets of a sixteenth of an octave, and the longest.
 *
 * A quantile is that of nearest rank, told as the upper end of its bucket: never too short, and at most 1/16 too long.
 * Zeroed at the start, of fixed size, copied by assignment. Spans in nanoseconds; of two hours and more the last bucket.
 */
#ifndef TD_BASE_SPANS_H
#define TD_BASE_SPANS_H

#include "base/time.h"

#define TD_SPANS_BUCKETS 640

struct td_spans {
    uint64_t count;
    td_ns most;
    td_ns sum;
    uint64_t bucket[TD_SPANS_BUCKETS];
};

/* Below 0 (a clock was set back) counts as 0. O(1). */
void td_spans_add(struct td_spans *s, td_ns span);
/* q in 0..1. TD_NS_NEVER: nothing was counted. O(buckets). */
td_ns td_spans_quantile(const struct td_spans *s, double q);

#endif
