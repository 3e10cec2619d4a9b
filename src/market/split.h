/* market/split.h - stock splits seen in prices: a gap overnight that is a known ratio, on much volume.
 *
 * A split of N for 1 divides the price by N, so its ratio is previous / new: a fall from 100 to 50 is 2 (the old program
 * named 1.5). A fall of more than 40 percent, or a rise of more than 50, is looked at. The confidence is 0.7 for a ratio
 * met exactly, less the further it is off (nothing at 10 percent of the ratio), plus 0.3 when the volume is at least three
 * times its mean; 0.7 and more is a split.
 * Pure. Source: the external behaviour contracts, 12 (ratios 2, 3, 1.5, 1/2, 1/3, 1/4; 7, 4, 5, 10, 20 are added).
 */
#ifndef TD_MARKET_SPLIT_H
#define TD_MARKET_SPLIT_H

#include "base/num.h"

struct td_split_look {
    td_px previous;     /* last close before the night */
    td_px next;         /* open, or close, after it */
    td_qty volume;      /* of the day after; 0 unknown */
    td_qty volume_mean; /* of the days before; 0 unknown */
};

struct td_split {
    double ratio; /* new shares for an old one: 2, 0.25 */
    double confidence;
    bool found; /* confidence >= 0.7 */
};

/* No prices, or none positive: nothing found, ratio 1. */
struct td_split td_split_detect(const struct td_split_look *look);

#endif
