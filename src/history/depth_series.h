/* history/depth_series.h - a day in at most 480 equal steps, for pictures: mid, spread, imbalance and the book of each.
 *
 * Steps begin 100 ms wide; when the day is longer than they reach, two become one, so the span need not be known before.
 * A step keeps sums over its books and the last book itself. Fixed size, zeroed at the start.
 */
#ifndef TD_DESK_DEPTH_SERIES_H
#define TD_DESK_DEPTH_SERIES_H

#include "base/time.h"
#include "signal/ladder.h"

#define TD_SERIES_STEPS  480
#define TD_SERIES_LEVELS 20

struct td_series_step {
    uint64_t n; /* books; 0: none fell into it */
    double mid_sum, mid_low, mid_high, spread_sum, spread_high, imbalance_sum;
    int32_t rows[2]; /* of the last book */
    double px[2][TD_SERIES_LEVELS], qty[2][TD_SERIES_LEVELS];
};

struct td_series {
    td_ns first_ns, width_ns;
    size_t count; /* up to the last step that has a book */
    struct td_series_step steps[TD_SERIES_STEPS];
};

/* Books in time order. */
void td_series_push(struct td_series *s, td_ns at, const struct td_ladder *b, double imbalance);

#endif
