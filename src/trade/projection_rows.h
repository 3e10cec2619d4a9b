/* trade/projection_rows.h - what one journal record changes in the tables and adds to the audit log.
 *
 * Private to the projections. The blotter has applied the record already; td_noted is what was noted around
 * that moment.
 */
#ifndef TD_TRADE_PROJECTION_ROWS_H
#define TD_TRADE_PROJECTION_ROWS_H

#include "trade/audit.h"
#include "trade/blotter.h"
#include "trade/ordersdb.h"

struct td_noted {
    const struct td_record *record;
    const struct td_order *order; /* NULL when it concerns none of ours */
    bool changed;                 /* the blotter took it: not a repetition */
    bool moved;                   /* the order's state is another one */
    bool closing;                 /* the execution closed or corrected something: it has a profit */
    td_cash profit;               /* realized by it, before fees; 0 when not closing */
};

/* Its rows, statement by statement, to whoever writes them. */
TD_MUST_CHECK enum td_err td_fact_rows(const struct td_sql_sink *db, const struct td_blotter *b,
                                       const struct td_noted *fact, struct td_fail *why);
/* The audit line; false when the record has none. */
bool td_noted_line(const struct td_noted *fact, struct td_audit_line *out);

/* "0000e0d5.6571b2f0.01.01" without its revision: what corrections have in common. */
struct td_str td_exec_base(const char *exec_id);

#endif
