/* store/table.h - a sheet or CSV file in memory: rows of cells, few or many empty.
 *
 * td_table_load looks at the first bytes, not at the name: a workbook (store/xlsx.h), else CSV (wire/csv.h). Parquet,
 * Feather and Databento files are refused by name, with what reads them. Only cells that hold something are kept, so
 * an empty sheet of a million rows costs little. Of CSV every cell is TEXT. Memory is malloc'd until td_table_fini.
 * Limits: 256 MiB of file, 8 Mi cells, 1,048,576 rows, 16,384 columns. One owner.
 */
#ifndef TD_STORE_TABLE_H
#define TD_STORE_TABLE_H

#include "store/cell.h"
#include "sys/world.h"

struct td_table_options {
    const char *sheet; /* name or number from 1; NULL or "": the first */
};

struct td_table {
    size_t rows, columns; /* up to the last cell that holds something */
    uint64_t uncached;    /* formulas without a value */
    const char *format;   /* "xlsx" or "csv" */
    char sheet[160];      /* name of the sheet that was read, "" of CSV */
    /* private */
    struct td_cell *cells; /* by row, then column */
    size_t cell_count, cell_cap;
    uint32_t *starts; /* [row_cap + 1] first cell of each row */
    size_t row_cap;
    struct td_pool texts;
    char *bytes;
};

/* TD_EPARSE with row or line, TD_EUNSUP a form that is not read here, TD_ERANGE, TD_ENOENT no such file or sheet,
 * TD_ENOMEM, and what the file says. On failure *t is as after td_table_fini. */
TD_MUST_CHECK enum td_err td_table_load(struct td_table *t, struct td_world *world,
                                        const char *path, const struct td_table_options *o,
                                        struct td_fail *why);
/* The same for bytes, which are copied where needed. */
TD_MUST_CHECK enum td_err td_table_load_bytes(struct td_table *t, struct td_str bytes,
                                              const char *name, const struct td_table_options *o,
                                              struct td_fail *why);
/* Accepts a zeroed one and a second call. */
void td_table_fini(struct td_table *t);

/* The cell, or one that is empty. O(log cells of the row). */
const struct td_cell *td_table_at(const struct td_table *t, size_t row, size_t column);

/* What the first bytes say: "xlsx", "xls", "parquet", "feather", "feather-v1", "dbn", "zstd", "gzip", else "csv". */
const char *td_magic_name(struct td_str bytes);

#endif
