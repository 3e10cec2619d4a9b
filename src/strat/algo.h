/* strat/algo.h - how a large order is worked: the next child of a parent, from the clock, the market and what was done.
 *
 * Nothing is remembered: what should be out by now is a function of the plan and of the present, the child is what is missing. So a
 * restart, a fill or a cancel at any moment needs no repair, and filled + working never passes the parent. Quantities are fixed
 * point; a child is a multiple of the lot but for the last, which is the rest: the children of a parent sum to it exactly.
 *   TWAP      equal slices of the time; the k-th goes out when its slice begins.
 *   VWAP      slices as a recorded volume curve has them (78 buckets of five minutes of a regular session); there is no VWAP
 *             without one.
 *   POV       a share of what the market has traded since the start. It ends when the parent is done, not by the clock.
 *   ICEBERG   `display` of the parent at a time; the next when nothing works.
 *   ADAPTIVE  time^(2^(1 - 2*urgency)) of the parent: ahead of the clock when urgent, behind it when not. Urgency is 0.5, more in a
 *             tight spread (up to +0.5 at none, -0.5 at twice the usual and more), less the larger our share of the market's volume
 *             is than planned
 *             (-0.5 at twice the share and more). Not urgent it waits at its own side of the market, else it crosses.
 * What works stays the caller's: it cancels a child that has waited long enough, and the next call gives its quantity out again.
 * At the end of the span TWAP, VWAP and ADAPTIVE have all of it out. Pure; O(1), VWAP O(buckets).
 * Source: contracts 10.5; Almgren and Chriss 2000 for what schedules trade off. */
#ifndef TD_STRAT_ALGO_H
#define TD_STRAT_ALGO_H

#include "strat/strat.h"

#define TD_ALGO_BUCKETS    78 /* of a curve, at most */
#define TD_ALGO_BUCKET     (5 * TD_MIN)
#define TD_ALGO_SLICES_MAX 1000

struct td_algo_plan {
    uint8_t algo;         /* enum td_algo, not NONE */
    uint8_t action;       /* enum td_action */
    td_qty qty;           /* parent, > 0 */
    td_qty lot;           /* > 0 */
    td_px limit;          /* worst price of a child; unset: none */
    td_ns start, span;    /* span: a microsecond at least */
    uint32_t slices;      /* TWAP: 1 to TD_ALGO_SLICES_MAX */
    double participation; /* POV, ADAPTIVE: 0 to 1, not 0 */
    double display;       /* ICEBERG: 0 to 1, not 0 */
    double usual_bps;     /* ADAPTIVE: spread that is usual, > 0 */
    const double *curve;  /* VWAP: volume of each bucket; the caller's, as long as the plan lives */
    uint32_t buckets;     /* 1 to TD_ALGO_BUCKETS */
    td_ns curve_start;    /* when the first bucket of this day begins */
};

/* The present. */
struct td_algo_now {
    td_ns now;
    td_qty traded;          /* by the market since the start, our fills among it */
    td_qty filled, working; /* of the parent's children, > = 0; together at most the parent */
    struct td_quote quote;
};

struct td_algo_child {
    td_qty qty;  /* 0: none now */
    td_px limit; /* unset: at market */
    td_ns
        again; /* ask again then at the latest, and after every fill or cancel; TD_NS_NEVER: when one comes */
};

/* "TWAP"; "none" past the table. */
const char *td_algo_word(uint8_t algo);
/* By its word in any case; TD_ENOENT: there is none of that name. */
TD_MUST_CHECK enum td_err td_algo_find(struct td_str word, uint8_t *out);

/* slices 10, participation 0.1, display 0.2, usual_bps 5, lot 1, span an hour; the rest from the intent. An ICEBERG takes its display
 * from the intent's when that is set. The algorithm is the intent's. */
void td_algo_plan_init(struct td_algo_plan *p, const struct td_intent *intent, td_ns now);
/* TD_EINVAL: what is wrong with a plan: no quantity, a VWAP without a curve, no volume in the curve's part of the span, and so on. */
TD_MUST_CHECK enum td_err td_algo_check(const struct td_algo_plan *p, struct td_fail *why);
/* The next child of a plan that was checked. */
void td_algo_next(const struct td_algo_plan *p, const struct td_algo_now *now,
                  struct td_algo_child *out);
/* Share of the parent that should be out by `now`, 0 to 1, of TWAP, VWAP and ADAPTIVE (with this urgency). */
double td_algo_share(const struct td_algo_plan *p, td_ns now, double urgency);
/* 0 to 1, as above; 0.5 where there is no quote. */
double td_algo_urgency(const struct td_algo_plan *p, const struct td_algo_now *now);

/* By size: below 500 units at market (NONE), 2,000 TWAP, 5,000 VWAP, 10,000 ADAPTIVE, else ICEBERG. Without a recorded curve VWAP
 * is TWAP. */
enum td_algo td_algo_by_size(td_qty qty, bool curve);
/* By the market: participation above 0.05 ICEBERG, urgency above 0.8 ADAPTIVE, liquidity above 0.7 VWAP (TWAP without a curve),
 * else TWAP. What is not known is NaN and decides nothing. */
enum td_algo td_algo_route(double participation, double urgency, double liquidity, bool curve);

/* What an order is thought to cost: impact and commission. */
struct td_algo_cost {
    double permanent, temporary; /* fractions of the price */
    double commission;           /* money */
};
/* participation: share of the volume, 0 to 1; volatility and spread: fractions of the price. permanent =
 * 0.1*participation^1.5*volatility, temporary = 0.05*sqrt(participation)*spread, commission = 0.005 a share, at least 1. */
struct td_algo_cost td_algo_cost(double participation, double volatility, double spread,
                                 double shares);

#endif
