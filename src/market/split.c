/* market/split.c - the nearest known ratio of an overnight gap. */
#include "market/split.h"

#include <math.h>

#define FALL_MIN      0.40
#define RISE_MIN      0.50
#define VOLUME_MIN    3.0
#define TOLERANCE     0.10
#define CONFIDENT     0.7
#define VOLUME_WEIGHT 0.3

static const double ratios[] = {2,       3,       1.5,     4,       5,       7,        10,      20,
                                1.0 / 2, 1.0 / 3, 1.0 / 4, 1.0 / 5, 1.0 / 8, 1.0 / 10, 1.0 / 20};

static double nearest(double ratio, double *off)
{
    double best = ratios[0];
    *off = INFINITY;
    for (size_t i = 0; i < TD_COUNT(ratios); i++) {
        const double d = fabs(ratio / ratios[i] - 1);
        if (d < *off) {
            *off = d;
            best = ratios[i];
        }
    }
    return best;
}

struct td_split td_split_detect(const struct td_split_look *look)
{
    struct td_split s = {.ratio = 1};
    double off;
    if (td_px_is_none(look->previous) || td_px_is_none(look->next) || look->previous.e9 <= 0 ||
        look->next.e9 <= 0)
        return s;
    const double ratio = (double)look->previous.e9 / (double)look->next.e9;
    const double change = 1 / ratio - 1;
    if (change > -FALL_MIN && change < RISE_MIN)
        return s;
    s.ratio = nearest(ratio, &off);
    const double fit = off < TOLERANCE ? 1 - off / TOLERANCE : 0;
    const bool busy = look->volume_mean.e9 > 0 && !td_qty_is_none(look->volume) &&
                      !td_qty_is_none(look->volume_mean) &&
                      (double)look->volume.e9 >= VOLUME_MIN * (double)look->volume_mean.e9;
    s.confidence = CONFIDENT * fit + (busy && fit > 0 ? VOLUME_WEIGHT : 0);
    s.found = s.confidence >= CONFIDENT;
    return s;
}
