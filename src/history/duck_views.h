/* history/duck_views.h - our files as tables of SQL.
 *
 * | name | rows |
 * | --- | --- |
 * | snapshots | live snapshots and backfilled ten-level books: symbol, ts, the lists of prices and sizes, file |
 * | levels | the same, one row per side and level that holds something: symbol, ts, side, level, price, size, file |
 * | l2_events | the event tables of backfilled level-2 data |
 * | bars | files of bars: symbol, bar_size, day, ts (the exchange's wall clock), open ... count, file |
 * | orders, executions, trades, positions, account, signals, events | orders.db, copied when the query names them |
 *
 * What is not there has no rows and its columns all the same; without orders.db its tables are not there. Bars in
 * Feather are copied; Parquet is read where it lies.
 */
#ifndef TD_DESK_DUCK_VIEWS_H
#define TD_DESK_DUCK_VIEWS_H

#include "history/duck.h"
#include "sys/world.h"

struct td_duck_places {
    const char *data;   /* data root: Level2, level2, IBDownloads */
    const char *live;   /* another folder of recordings; NULL or "": none */
    const char *orders; /* orders.db */
};

/* `sql` tells what must be copied. TD_EINVAL, TD_EIO, TD_ENOMEM. */
TD_MUST_CHECK enum td_err td_duck_views(struct td_duck *d, struct td_world *world,
                                        const struct td_duck_places *places, const char *sql,
                                        struct td_fail *why);

#endif
