/* store/depth_events.h - reads event tables (contracts 4.4), those of the old tool too.
 *
 * Words and vendor letters of actions are both known. Which mapping a table has says its metadata: in tables of the old
 * tool asks have no side and cancels are called changes, so `legacy` tells not to count by them. A row group is in memory
 * at a time. Rows come in file order. One owner, heap of this file.
 */
#ifndef TD_STORE_DEPTH_EVENTS_H
#define TD_STORE_DEPTH_EVENTS_H

#include "sys/world.h"

enum td_depth_action {
    TD_DEPTH_ADD,
    TD_DEPTH_CHANGE,
    TD_DEPTH_REMOVE,
    TD_DEPTH_TRADE,
    TD_DEPTH_FILL,
    TD_DEPTH_CLEAR,
    TD_DEPTH_UNKNOWN,
    TD_DEPTH_ACTIONS
};

struct td_depth_happening {
    td_ns at_ns;
    enum td_depth_action action;
    uint8_t side; /* enum td_side; 2 when the table does not say. Of a trade: the aggressor's */
    double px;    /* NaN: none */
    double qty;   /* NaN: none */
};

struct td_depth_table; /* opaque */

/* TD_EPARSE: not an event table, or cut short. */
TD_MUST_CHECK enum td_err td_depth_table_open(struct td_depth_table **out, struct td_world *world,
                                              const char *path, struct td_fail *why);
bool td_depth_table_legacy(const struct td_depth_table *t);
uint64_t td_depth_table_rows(const struct td_depth_table *t);
/* TD_ENODATA: no more. TD_EPARSE: damaged, or a row without a time. TD_ENOMEM: a row group past 256 MiB. */
TD_MUST_CHECK enum td_err td_depth_table_next(struct td_depth_table *t,
                                              struct td_depth_happening *out, struct td_fail *why);
void td_depth_table_close(struct td_depth_table *t); /* NULL is allowed */
const char *td_depth_action_name(enum td_depth_action action);

#endif
