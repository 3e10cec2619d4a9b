/* store/columns_file.h - numbers of named columns from a CSV, Parquet or Feather file, and columns to CSV or Parquet.
 *
 * The form is told by the file's first bytes (store/table_file.h; else CSV) and, for writing, by its name's ending. Column names are found
 * in any case, blanks at their ends left aside. A cell that is empty, or says nan, null, none or na, is NaN; any other text in a column
 * that is asked for is an error that names line and column. Times must rise from row to row where they can be read: a column named time,
 * timestamp, date, datetime, ts or ts_event, as an instant or number (Parquet, Feather) or as text that begins YYYY-MM-DD (CSV).
 *
 * Memory: the whole CSV text, or one row group, and 8 bytes a value asked for; rows up to TD_COLUMNS_ROWS_MAX.
 * A written file appears whole or not at all. */
#ifndef TD_STORE_COLUMNS_FILE_H
#define TD_STORE_COLUMNS_FILE_H

#include "sys/world.h"
#include "wire/parquet.h"

#define TD_COLUMNS_MAX      128
#define TD_COLUMNS_ROWS_MAX ((uint64_t)1 << 27)

struct td_columns_file; /* heap */

/* TD_EPARSE: neither form, or damaged. TD_ERANGE: too many columns, or CSV above 2 GiB. What the world says. */
TD_MUST_CHECK enum td_err td_columns_open(struct td_columns_file **out, struct td_world *world,
                                          const char *path, struct td_fail *why);
/* Position of a column, -1 when there is none. */
int td_columns_find(const struct td_columns_file *f, const char *name);
/* The names, for a message: "open, high, ..." cut to fit. */
void td_columns_names(const struct td_columns_file *f, struct td_text *out);
/* Fills values[count][rows], one malloc'd array for each column asked for (free each), and checks the times.
 * TD_EPARSE: a cell that is no number; times that do not rise. TD_EUNSUP: a column of texts or lists. TD_ERANGE: too many rows.
 * TD_ENODATA: no rows. On failure nothing is allocated. */
TD_MUST_CHECK enum td_err td_columns_load(struct td_columns_file *f, const int *columns, int count,
                                          double **values, size_t *rows, struct td_fail *why);
/* The times of all rows, ns since 1970-01-01, malloc'd; *zoned: of UTC, else of a wall clock whose zone the file does not tell.
 * TD_ENODATA: no such column. TD_EUNSUP: it holds no instants. TD_EPARSE: a cell that is no time; they do not rise. */
TD_MUST_CHECK enum td_err td_columns_times(struct td_columns_file *f, int64_t **out, size_t rows,
                                           bool *zoned, struct td_fail *why);
/* NULL is allowed. */
void td_columns_close(struct td_columns_file *f);

struct td_columns_out {
    const char *const *names;    /* [count]; a first column `bar` counts rows from 0 */
    const double *const *values; /* [count][rows]; NaN is an empty cell or a null */
    int count;
    size_t rows;
    const int64_t *times;           /* [rows] ns UTC, a column `time` behind `bar`; NULL: none */
    const struct td_pq_pair *pairs; /* of Parquet's metadata */
    size_t pair_count;
};

/* By the ending: .parquet, else CSV. TD_EINVAL: no rows, or too many columns. */
TD_MUST_CHECK enum td_err td_columns_write(struct td_world *world, const char *path,
                                           const struct td_columns_out *data, struct td_fail *why);

#endif
