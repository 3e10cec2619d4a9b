/* trial/monkey.h - a strategy that wants everything an order can be, by chance: for trials of the desk.
 *
 * Entries of most kinds and durations, brackets, groups, changes and cancels of its own orders, exits, and now and then
 * an intent that makes no sense and must be refused. Which, follows from the parameter `seed` and the events alone.
 */
#ifndef TD_TRIAL_MONKEY_H
#define TD_TRIAL_MONKEY_H

#include "strat/strat.h"

extern const struct td_strat td_strat_monkey;

#endif
