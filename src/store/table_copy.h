/* store/table_copy.h - a table in Parquet or Feather as a Parquet file of ours: the same columns, values and nulls.
 *
 * Copied are whole numbers, doubles, booleans, text, wall clocks and instants; float is a double afterwards, text that
 * was a dictionary is plain text, and times are in ns. A column of lists, of bytes that are no text, or of a type our
 * readers do not know is refused by name: it is no column of a table of cells. The pandas index stays when it is a column.
 * Snappy, at most 64 Ki rows in a group. Everything is read once before the first byte is written. Memory: one group of
 * the source (store/table_file.h) and one of the result. Published whole or not at all.
 */
#ifndef TD_STORE_TABLE_COPY_H
#define TD_STORE_TABLE_COPY_H

#include "store/table_parquet.h"

/* `to` NULL: the table is read and judged, nothing is written. TD_EUNSUP: a column that is not copied. TD_EPARSE: damaged,
 * or no rows. TD_ENOSPC, TD_EIO, TD_EACCES, TD_ENOMEM, and what store/table_file.h says. */
TD_MUST_CHECK enum td_err td_table_copy(struct td_world *world, const char *from, const char *to,
                                        struct td_table_parquet *out, struct td_fail *why);

#endif
