/* strat/tick_window.h - the last prints of an instrument: which way they go and how far.
 *
 * Direction: (rises - falls) over the changes of the window, -1 to 1; mean: of the changes in 1e-4 of the price before. Both are
 * 0 until the window is full. Unreported prints and prints without a price do not count. Plain memory; O(window) an ask. */
#ifndef TD_STRAT_TICK_WINDOW_H
#define TD_STRAT_TICK_WINDOW_H

#include "market/event.h"

#define TD_TICK_CHANGES_MAX 256

struct td_tick_window {
    uint32_t n, at, count;              /* changes wanted; next place; prices so far */
    double px[TD_TICK_CHANGES_MAX + 1]; /* a ring of n + 1 */
};

/* changes: 1 to TD_TICK_CHANGES_MAX. */
void td_tick_window_init(struct td_tick_window *t, uint32_t changes);
/* True when the print counts. */
bool td_tick_window_push(struct td_tick_window *t, const struct td_event *event);
bool td_tick_window_full(const struct td_tick_window *t);
double td_tick_window_direction(const struct td_tick_window *t);
double td_tick_window_mean_bps(const struct td_tick_window *t);

#endif
