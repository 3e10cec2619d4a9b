/* store/xlsx.h - cells of an Excel workbook (.xlsx), read only.
 *
 * Read: shared, inline and formula texts with rich runs (phonetic guides left out) and _xHHHH_ escapes, numbers,
 * booleans, errors, dates by number format (built-in and custom, 1900 and 1904 systems), ISO dates, the cached values
 * of formulas, sheets in the workbook's order, strict and transitional files, any namespace prefix.
 * Rows and cells must stand in order, as every program writes them.
 * Refused by name: old .xls and password-protected files, .xlsb, macro sheets and charts as sheets, a document type.
 * A formula without a cached value is an empty cell and is counted.
 *
 * Bytes are hostile until proved: the file is at most 256 MiB, a part 512 MiB unpacked and all parts 1 GiB, 4 Mi
 * shared texts of 256 MiB, 64 Ki formats, nesting 64 deep. Memory is malloc'd, bounded by those and given back at
 * close. Needs libzip and expat: without them td_xlsx_open gives TD_EUNSUP with the option's name. One owner.
 * Source: ECMA-376 part 1 (SpreadsheetML), part 2 (packaging).
 */
#ifndef TD_STORE_XLSX_H
#define TD_STORE_XLSX_H

#include "store/cell.h"
#include "sys/world.h"

#define TD_XLSX_SHEETS_MAX  256
#define TD_XLSX_ROWS_MAX    1048576
#define TD_XLSX_COLUMNS_MAX 16384

struct td_xlsx;

/* One cell that is not empty; rows ascend from 0, columns within a row. The text is valid during the call.
 * Anything but TD_OK ends the reading and is passed on. */
typedef enum td_err td_cell_fn(void *arg, uint32_t row, const struct td_cell *cell);

/* TD_EPARSE damaged or no workbook, TD_EUNSUP, TD_ERANGE past a limit, TD_ENOMEM, and what the file says. */
TD_MUST_CHECK enum td_err td_xlsx_open(struct td_xlsx **out, struct td_world *world,
                                       const char *path, struct td_fail *why);
/* The same for bytes that stay the caller's until close. `name` is for messages. */
TD_MUST_CHECK enum td_err td_xlsx_open_bytes(struct td_xlsx **out, struct td_str bytes,
                                             const char *name, struct td_fail *why);
void td_xlsx_close(struct td_xlsx *x); /* NULL is allowed */

size_t td_xlsx_sheets(const struct td_xlsx *x);
/* NULL past the last one. */
const char *td_xlsx_sheet_name(const struct td_xlsx *x, size_t sheet);
/* -1: no sheet of that name. */
int td_xlsx_sheet_find(const struct td_xlsx *x, const char *name);
/* All cells of a sheet. The reason names sheet and row. */
TD_MUST_CHECK enum td_err td_xlsx_read(struct td_xlsx *x, size_t sheet, td_cell_fn *fn, void *arg,
                                       struct td_fail *why);
/* Formulas without a cached value met so far. */
uint64_t td_xlsx_uncached(const struct td_xlsx *x);

#endif
