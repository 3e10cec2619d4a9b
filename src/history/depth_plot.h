/* history/depth_plot.h - the picture of a day: mid, spread, depth by price, imbalance, volume profile, one below the other.
 *
 * 400 units wide, so that it is read on a phone without zooming: words of 12 units and more. Time runs from left to right in UTC,
 * with the zone printed. Bids are blue, asks orange (Okabe and Ito's palette, told apart by the colour-blind), and what is which
 * is said in words. Steps without a book stay empty; nothing is drawn across them.
 */
#ifndef TD_DESK_DEPTH_PLOT_H
#define TD_DESK_DEPTH_PLOT_H

#include "history/canvas.h"
#include "history/depth_report.h"

#define TD_PLOT_WIDTH  400
#define TD_PLOT_HEIGHT 960

/* Whether there is a book to draw. */
bool td_depth_plot_can(const struct td_depth_report *r);
/* Draws on a canvas of TD_PLOT_WIDTH by TD_PLOT_HEIGHT. Needs td_depth_plot_can. TD_ENOMEM. */
TD_MUST_CHECK enum td_err td_depth_plot_draw(const struct td_depth_report *r, struct td_canvas *c,
                                             struct td_fail *why);

#endif
