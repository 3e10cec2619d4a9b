/* strat/allocate.h - how much of the money each strategy gets, from their returns.
 *
 *   EQUAL          1/n.
 *   RISK_PARITY    every one adds the same risk: the minimum of w'Sw/2 - sum(ln w)/n, scaled to 1.
 *   MEAN_VARIANCE  the largest m'w - aversion/2 * w'Sw among allowed weights.
 *   KELLY          the largest growth m'w - w'Sw/2 among allowed weights, with the means shrunk by rows/(rows + 200).
 *   ADAPTIVE       in proportion to Sharpe * (1 - largest drawdown), 0 where that is negative; equal when all are.
 * m and S are means and covariance (n-1) of a period. Weights are within low and high and sum to 1; what a method says outside
 * becomes the nearest such weights (least squares), which for the two optima are the optimum itself. A series that does not vary
 * has no Sharpe ratio (0) and the least risk the others leave it.
 * Pure; O(n^2) a step, steps bounded. Sources: Spinu 2013, "An algorithm for computing risk parity weights" (the convex form);
 * Markowitz 1952; Thorp 2006 (continuous Kelly). */
#ifndef TD_STRAT_ALLOCATE_H
#define TD_STRAT_ALLOCATE_H

#include "base/err.h"

#define TD_ALLOCATE_MAX 32

enum td_allocate_method {
    TD_ALLOCATE_EQUAL,
    TD_ALLOCATE_RISK_PARITY,
    TD_ALLOCATE_MEAN_VARIANCE,
    TD_ALLOCATE_KELLY,
    TD_ALLOCATE_ADAPTIVE,
    TD_ALLOCATE_METHODS
};

struct td_allocate_rule {
    enum td_allocate_method method;
    double low, high; /* of a weight */
    double aversion;  /* of MEAN_VARIANCE */
};

/* low 0.05, high 0.4, aversion 3. */
struct td_allocate_rule td_allocate_presets(enum td_allocate_method method);
/* "risk_parity" and so on; NULL past the table. */
const char *td_allocate_word(enum td_allocate_method method);

/* returns[rows][n], row-major, fractions of a period; weights[n]. TD_EINVAL: n is 0 or past TD_ALLOCATE_MAX, fewer than two rows (EQUAL
 * needs none), a return not finite or below -1, an aversion below 0, or n weights of low to high
 * cannot sum to 1. */
TD_MUST_CHECK enum td_err td_allocate(const struct td_allocate_rule *rule, const double *returns,
                                      size_t rows, size_t n, double *weights, struct td_fail *why);

#define TD_ALLOCATE_DRIFT 0.05
/* True when a weight is further than `drift` from its target. */
bool td_allocate_drifted(const double *weights, const double *targets, size_t n, double drift);

#endif
