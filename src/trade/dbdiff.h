/* trade/dbdiff.h - two copies of orders.db or of the audit log compared: how many rows each has that the other lacks.
 *
 * Both databases are opened for reading only. Tables that are not made from the journal (market data, ticks, features)
 * and the notes of the projection itself (meta) are left out.
 */
#ifndef TD_TRADE_DBDIFF_H
#define TD_TRADE_DBDIFF_H

#include "sys/world.h"

struct td_dbdiff {
    const char *table;
    int64_t rows;   /* of the first */
    int64_t only_a; /* rows of the first that the second has not, word for word */
    int64_t only_b; /* and the other way */
};

#define TD_DBDIFF_TABLES 6

/* *count rows into out[TD_DBDIFF_TABLES]. TD_ENOENT: `b` is not there. Others as td_projection_open. */
TD_MUST_CHECK enum td_err td_dbdiff(struct td_world *world, const char *a, const char *b,
                                    struct td_dbdiff *out, size_t *count, struct td_fail *why);
/* The number of the first line in which the files differ, the shorter one's end included; 0: they are equal. */
TD_MUST_CHECK enum td_err td_lines_differ(struct td_world *world, const char *a, const char *b,
                                          uint64_t *line, struct td_fail *why);

#endif
