/* store/bars_read.h - reads files of bars: ours, and those of the original data layer, Parquet or Feather whatever
 * their name says (ruling C6).
 *
 * Columns open, high, low, close are needed; volume, wap (or average), count (or barCount) may be missing. The start of
 * a bar is the column that pandas made the index, else datetime or date: a wall clock without a zone. Prices and sizes
 * are rounded to 1e-9. Nulls and NaN are the unknown of store/bars_file.h; a bar without all four prices is TD_EPARSE.
 */
#ifndef TD_STORE_BARS_READ_H
#define TD_STORE_BARS_READ_H

#include "store/bars_file.h"

/* Anything but TD_OK ends the reading and is what it returns. The span of a bar is not in the file: 0. */
typedef enum td_err td_bars_sink(void *arg, const struct td_bar_row *row);

/* TD_EPARSE: not bars (which column, which type). TD_EUNSUP: instants with a zone. And what store/table_file.h says. */
TD_MUST_CHECK enum td_err td_bars_read(struct td_world *world, const char *path, td_bars_sink *sink,
                                       void *arg, struct td_fail *why);
/* How many of its columns td_bars_read leaves out. The same errors, but of the rows. */
TD_MUST_CHECK enum td_err td_bars_others(struct td_world *world, const char *path, size_t *count,
                                         struct td_fail *why);

#endif
