/* trade/dbreport.h - the questions people ask orders.db, one row each: what was traded, what it made, what failed.
 *
 * The database is opened for reading only, so a running desk is not disturbed. Days are exchange days: those of the
 * zone that is given. Source: contracts 10.13 and 11, and the queries of the older systems' users.
 */
#ifndef TD_TRADE_DBREPORT_H
#define TD_TRADE_DBREPORT_H

#include "base/tz.h"
#include "sys/world.h"

#define TD_DBREPORT_COLUMNS 16

struct td_dbreport {
    const char *name, *help;
    const char
        *sql; /* ?1 and ?2: from and before, ISO UTC; day(x): the exchange day of such a text */
};
/* Ends with a row without a name. */
extern const struct td_dbreport td_dbreports[];

struct td_dbcell {
    enum { TD_DBCELL_NULL, TD_DBCELL_INT, TD_DBCELL_REAL, TD_DBCELL_TEXT } kind;
    int64_t i;
    double real;
    const char *text; /* also of numbers: as shown; until the call returns */
};
/* One row; the first call of a report has no cells and tells the names. False: enough. */
typedef bool td_dbrow_fn(void *arg, const char *const *names, const struct td_dbcell *cells,
                         int count);

/* TD_ENOENT: no database there. TD_ECORRUPT: it cannot be read. */
TD_MUST_CHECK enum td_err td_dbreport_run(struct td_world *world, const char *path,
                                          const struct td_dbreport *report,
                                          const struct td_tz *zone, td_ns from, td_ns before,
                                          td_dbrow_fn *row, void *arg, struct td_fail *why);

#endif
