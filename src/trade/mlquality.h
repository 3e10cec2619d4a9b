/* trade/mlquality.h - how well signals of models outside were executed: latency, slippage, alignment, a score, alerts.
 *
 * Of one signal whose order filled something:
 *   latency     from receipt to its end; `way` is from when it was made to its receipt
 *   slippage    (average fill - reference) / reference, in basis points, turned so that above 0 is worse for us; what is
 *               below 0 is an improvement
 *   alignment   filled / wanted
 *   score       100 - 40 x slippage / tolerance - 30 x latency / time it had - 30 x (1 - alignment), each part within 0
 *               and 1; an improvement costs nothing and earns nothing. With a tolerance of 0 any slippage costs all 40.
 * A signal whose order filled nothing has a score of 0 and no slippage; one that had no order has neither.
 *
 * Pure, in fixed point: basis points and scores in 1e-9. Source: contracts 12 (execution quality); the weights are ours.
 */
#ifndef TD_TRADE_MLQUALITY_H
#define TD_TRADE_MLQUALITY_H

#include "trade/mlsignal.h"

/* name, what it tells of. A limit that is passed makes it one. */
#define TD_MLALERTS(X)                                                                             \
    X(SLIPPAGE, "fills are worse than the reference by more than 10 basis points in the mean")     \
    X(LATENCY, "signals take more than half of their time in the mean")                            \
    X(SCORE, "the mean score is below 60")                                                         \
    X(ALIGNMENT, "less than 80 % of what was wanted is filled")                                    \
    X(REJECTED, "more than half of the signals are rejected")                                      \
    X(TIMEOUT, "more than a tenth of the orders run out of time")

#define TD_MLALERT_ENUM(name, meaning) TD_MLALERT_##name,
enum td_mlalert { TD_MLALERTS(TD_MLALERT_ENUM) TD_MLALERT_COUNT };
#undef TD_MLALERT_ENUM

#define TD_MLALERT_LEAST 5 /* signals with an order, or signals: fewer say nothing */

const char *td_mlalert_name(enum td_mlalert alert);
const char *td_mlalert_meaning(enum td_mlalert alert);

/* Of one signal; unset: there is none. */
struct td_mlmeasure {
    td_ns way, latency; /* INT64_MIN: none */
    int64_t slippage_bps_e9, alignment_e9, score_e9;
};

/* Of many. Means are of those that have one; unset: none has. */
struct td_mlquality {
    uint32_t signals, states[TD_MLS_COUNT];
    uint32_t ordered, filled; /* that had an order and are over; that filled something */
    td_ns way_mean, latency_mean, latency_most;                       /* INT64_MIN: none */
    int64_t slippage_mean_e9, slippage_worst_e9, improvement_best_e9; /* basis points */
    uint32_t improved;
    int64_t alignment_e9, score_e9;
    bool alerts[TD_MLALERT_COUNT];
};

void td_mlquality_measure(const struct td_mlsignal_row *row, struct td_mlmeasure *out);
/* Of the rows that were received from `from` on and before `before`; free ones (number 0) are left out. */
void td_mlquality_sum(const struct td_mlsignal_row *rows, uint32_t count, td_ns from, td_ns before,
                      struct td_mlquality *out);

#endif
