/* strat/depth_view.h - the book of a leg as a strategy may use it, and what it says of pressure.
 *
 * A book that is broken, crossed, locked or without one of its sides is none. Without depth the quote is a book of one level.
 * Source: contracts 10.9, order-book features. */
#ifndef TD_STRAT_DEPTH_VIEW_H
#define TD_STRAT_DEPTH_VIEW_H

#include "signal/ladder.h"
#include "strat/strat.h"

#define TD_PRESSURE_DECAY 100 /* weight of a level: exp(-100 * its distance to mid / mid) */

/* False: there is no such book now. */
bool td_depth_view(const struct td_leg *leg, struct td_ladder *out);
/* (B - A)/(B + A) of sizes weighted by TD_PRESSURE_DECAY: -1 only asks, 1 only bids. */
double td_depth_pressure(const struct td_ladder *b, int32_t levels);
/* The spread in 1e-4 of mid. */
double td_depth_spread_bps(const struct td_ladder *b);

#endif
