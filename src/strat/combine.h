/* strat/combine.h - one wish out of what several strategies want of one instrument in one event.
 *
 * Orders that are changed or cancelled, and tagged ones, are somebody's own: they pass as they are. Of exits the largest passes, and
 * no entry on the side that is being left. Entries are weighed against each other:
 *   VOTE      each has one vote; the side with more wins, a tie is nothing. Strength: the winners' mean, times (winners - losers)/all.
 *   WEIGHTED  net = sum of weight*strength*side over the sum of weights; its sign wins, its size is the strength.
 *   PRIORITY  the one of the largest weight wins, the first of equals, with its own strength.
 * The winner's strongest intent (PRIORITY: the one itself) is the one that goes on. Its quantity is what is left of the winners' after
 * the others': the mean of signed quantities (WEIGHTED: by weight; PRIORITY: its own), rounded down to whole units; a wish of less than
 * one unit is none. When one of them leaves the size to the desk, the result does. A strength below `least` is nothing.
 * A weight that is not above 0 takes no part among entries. Pure; O(n). */
#ifndef TD_STRAT_COMBINE_H
#define TD_STRAT_COMBINE_H

#include "strat/strat.h"

#define TD_COMBINE_MAX 64

enum td_combine_mode { TD_COMBINE_VOTE, TD_COMBINE_WEIGHTED, TD_COMBINE_PRIORITY };

struct td_combine_rule {
    enum td_combine_mode mode;
    double least; /* strength below which nothing is wanted */
};

/* in[n], all of one leg, at most TD_COMBINE_MAX; weights[n]. Writes at most n intents to out (not `in`) and returns how many: own
 * orders, then the exit, then the entry. */
size_t td_combine(const struct td_intent *in, const double *weights, size_t n,
                  const struct td_combine_rule *rule, struct td_intent *out);

#endif
