/* store/bars_file.h - bars of one symbol as a Parquet file, as Feather V2 and as CSV.
 *
 * Columns open, high, low, close, volume, wap (double), count (int64) and datetime, the pandas index: the
 * wall clock of the exchange without a zone, as the broker returns it. An unknown wap is NaN, an unknown
 * count is -1. All are published whole. Allocates one workspace during the call.
 * Source: the external behaviour contracts, bars (docs/format.md#bars).
 */
#ifndef TD_STORE_BARS_FILE_H
#define TD_STORE_BARS_FILE_H

#include "market/event.h"
#include "sys/world.h"

struct td_bar_row {
    td_ns local_ns; /* start, as ns since 1970-01-01 of the exchange's wall clock */
    struct td_bar bar;
};

/* TD_EINVAL: no rows, or more than 1 Mi. TD_ENOSPC, TD_EIO, TD_EACCES: no file of that name appears. */
TD_MUST_CHECK enum td_err td_bars_write_parquet(struct td_world *world, const char *path,
                                                const struct td_bar_row *rows, size_t count,
                                                struct td_fail *why);
TD_MUST_CHECK enum td_err td_bars_write_feather(struct td_world *world, const char *path,
                                                const struct td_bar_row *rows, size_t count,
                                                struct td_fail *why);
TD_MUST_CHECK enum td_err td_bars_write_csv(struct td_world *world, const char *path,
                                            const struct td_bar_row *rows, size_t count,
                                            struct td_fail *why);

#endif
