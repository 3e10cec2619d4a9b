/* signal/feature_check.h - does a vector know what it cannot know? The honesty of features, tried on data.
 *
 *   prefix      the values of the first n rows alone are those of the whole run, for many n
 *   look-ahead  the values before a row stay when that row and all after it are changed
 *   warm-up     rows until a value no longer depends on where the series began, to 1e-9
 *   leak        a column follows the next return too well, or is a price, volume or return of a later row
 *   constant, share of NaN behind the first value
 *
 * How the vector comes about is the caller's: a function that computes it over rows. Columns without one (a ready file) are
 * judged by leak, constant and NaN alone. Pure: memory is the caller's. O(rows) a column and pass, TD_CHECK_CUTS + 6 passes. */
#ifndef TD_SIGNAL_FEATURE_CHECK_H
#define TD_SIGNAL_FEATURE_CHECK_H

#include "base/err.h"

#define TD_CHECK_CUTS   24
#define TD_CHECK_AHEAD  5  /* rows that a later value may be ahead */
#define TD_CHECK_LEAST  50 /* rows that a leak is judged by */
#define TD_CHECK_SERIES 5  /* open high low close volume */
#define TD_CHECK_NEVER  SIZE_MAX

/* Computes out[count][rows] over the rows from `first` on; rows from `changed` on (counted as in the file) have other
 * prices and volumes than the file's, SIZE_MAX: none. */
typedef enum td_err td_feature_compute(void *arg, size_t first, size_t rows, size_t changed,
                                       double *const *out, struct td_fail *why);

enum td_feature_fault {
    TD_FAULT_PREFIX = 1,
    TD_FAULT_AHEAD = 2,
    TD_FAULT_LEAK = 4,   /* follows the next return */
    TD_FAULT_FUTURE = 8, /* is a later value */
    TD_FAULT_CONSTANT = 16,
    TD_FAULT_NAN = 32, /* more than allowed, or nothing else */
};

struct td_feature_finding {
    uint32_t faults;
    size_t fault_row; /* the first row that moved, of PREFIX and AHEAD */
    size_t first;     /* row of the first value; rows when there is none */
    size_t nans;      /* behind it */
    size_t warm_up;   /* rows; TD_CHECK_NEVER: the beginning stays visible, or nobody can tell */
    double next_corr; /* with the next return; NaN: too few rows or no spread */
    int32_t ahead;    /* of FUTURE: rows, else 0 */
    const char *what; /* of FUTURE: "close", "return" */
};

struct td_feature_check {
    size_t rows;
    int32_t count;
    const double *series[TD_CHECK_SERIES]; /* NULL: not there; close is needed for leaks */
    td_feature_compute *compute;           /* NULL: a ready file */
    void *arg;
    double *const *full;    /* [count][rows]: computed, or given when compute is NULL */
    double *const *scratch; /* [count][rows]; unused without compute */
    double bound;           /* of |next_corr|, 0..1 */
    double nan_most;        /* share of NaN behind the first value that is allowed, 0..1 */
};

/* Fills found[count]. TD_OK whatever was found; what compute says. */
TD_MUST_CHECK enum td_err td_feature_check_run(const struct td_feature_check *check,
                                               struct td_feature_finding *found,
                                               struct td_fail *why);

#endif
