/* trade/noter.h - a blotter of its own that grows with its journal, and what each record changed in it.
 *
 * Projections keep one: the rows and lines of a record say what is so after it (an order's state, a position), so they are
 * made from the blotter that has just taken it. Larger than the desk's when a journal holds more: old orders stay.
 * Owner: one thread, never the trading thread. Takes memory at open and when it grows.
 */
#ifndef TD_TRADE_NOTER_H
#define TD_TRADE_NOTER_H

#include "trade/projection_rows.h"

struct td_noter {
    struct td_blotter blotter;
    void *memory; /* of the blotter */
};

/* TD_ENOMEM, here and in td_noter_reset. */
TD_MUST_CHECK enum td_err td_noter_open(struct td_noter *n);
/* Back to before the first record. */
TD_MUST_CHECK enum td_err td_noter_reset(struct td_noter *n);
void td_noter_close(struct td_noter *n); /* accepts a zeroed one, and twice */
/* The empty blotter with room for a snapshot (td_snapshot_room_fn); NULL: no memory. */
struct td_blotter *td_noter_room(struct td_noter *n, const struct td_blotter_limits *needed);

/* Applies the record and notes what that changed; `fact` points into the record and the blotter until the next call. What was
 * told before, and a fee whose execution is not known, change nothing and are TD_OK. TD_EFULL: larger than any desk. */
TD_MUST_CHECK enum td_err td_noter_take(struct td_noter *n, const struct td_record *r,
                                        struct td_noted *fact);

#endif
