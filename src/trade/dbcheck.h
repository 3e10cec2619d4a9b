/* trade/dbcheck.h - is orders.db what a replayed journal says? Every order's state and filled quantity, every position.
 *
 * Reads only. Parents of children have no row, and orders of others none of ours; orders that the blotter has
 * forgotten (old and finished) are not looked at.
 */
#ifndef TD_TRADE_DBCHECK_H
#define TD_TRADE_DBCHECK_H

#include "sys/world.h"
#include "trade/blotter.h"

struct td_dbcheck {
    uint32_t orders, positions; /* compared */
    uint32_t differ;
    char first[160]; /* the first difference in words; empty: none */
};

/* TD_ENOENT: no database there. TD_ECORRUPT: it cannot be read. */
TD_MUST_CHECK enum td_err td_dbcheck(struct td_world *world, const char *path,
                                     const struct td_blotter *b, struct td_dbcheck *out,
                                     struct td_fail *why);

#endif
