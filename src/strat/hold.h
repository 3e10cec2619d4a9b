/* strat/hold.h - what is held, and where it is left: stop, target, bars, decay of the score.
 *
 * A strategy watches its own exits on every bar and print, so that they are the same in a backtest and live, and so that a
 * restart finds them again: the levels are set when a position is first seen, from its average price and the distances the
 * strategy would give now. A bar that touched both levels counts as the stop. Never allocates. */
#ifndef TD_STRAT_HOLD_H
#define TD_STRAT_HOLD_H

#include "strat/strat.h"

struct td_hold {
    int32_t side;   /* 1 long, -1 short, 0 nothing */
    uint32_t bars;  /* finished bars since it was first seen */
    double entry;   /* price */
    double stop;    /* price; NaN: none */
    double target;  /* price; NaN: none */
    double peak;    /* best score for it; 0 none yet */
    bool halved;    /* a part was closed by decay */
    td_ns since_ns; /* event time when it was first seen */
};

/* What the levels are made of; distances in price, NaN: none. */
struct td_hold_plan {
    double price; /* where the average price is not known */
    double stop, target;
    td_ns now;
};

/* Follows the leg's position. Levels that were none are set as soon as the plan has a distance. */
void td_hold_follow(struct td_hold *h, const struct td_leg *leg, const struct td_hold_plan *plan);
/* Levels that are none become fractions of the entry; NaN: none. */
void td_hold_fractions(struct td_hold *h, double stop, double target);
/* A finished bar. */
void td_hold_bar(struct td_hold *h);
/* "stop" or "target" when this range of prices reached it, else NULL. */
const char *td_hold_hit(const struct td_hold *h, double low, double high);
/* How much of the best score is gone: 0 none, 1 all, more past zero. `score` is signed, positive for long. */
double td_hold_decay(struct td_hold *h, double score);

#endif
