/* store/table_parquet.h - a table of cells as a Parquet file, its column types told from the cells.
 *
 * The first row has the names; an empty one is "Unnamed: N", a repeated one gets ".1", ".2" (as pandas does). A column of
 * whole numbers is INT64, of numbers DOUBLE, of dates a wall clock without zone (ns), of times a DOUBLE of seconds, of
 * booleans BOOL; anything mixed is text as written. In CSV "NaN" and empty fields are null, numbers with leading zeros
 * are text, and dates are those of the form YYYY-MM-DD[ HH:MM:SS] without zone. Error cells (#N/A) are null, and counted.
 * Snappy, with pandas metadata. At most 128 columns. Published whole or not at all.
 */
#ifndef TD_STORE_TABLE_PARQUET_H
#define TD_STORE_TABLE_PARQUET_H

#include "store/table.h"

struct td_table_parquet {
    uint64_t rows, errors; /* errors: error cells written as null */
    size_t columns;
    uint64_t bytes; /* of the file */
};

/* TD_EPARSE: no rows below the names. TD_ERANGE: too many columns. TD_ENOSPC, TD_EIO, TD_EACCES, TD_ENOMEM. */
TD_MUST_CHECK enum td_err td_table_write_parquet(const struct td_table *table,
                                                 struct td_world *world, const char *path,
                                                 const char *source, struct td_table_parquet *out,
                                                 struct td_fail *why);

/* Reads every column of a Parquet file back; its rows in *rows. TD_EPARSE: damaged. */
TD_MUST_CHECK enum td_err td_parquet_check(struct td_world *world, const char *path, uint64_t *rows,
                                           struct td_fail *why);

/* Copies a file whole or not at all, making the folder. */
TD_MUST_CHECK enum td_err td_file_copy(struct td_world *world, const char *from, const char *to,
                                       struct td_fail *why);

#endif
