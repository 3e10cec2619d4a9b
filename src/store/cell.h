/* store/cell.h - one cell of a sheet or CSV file: what it is, its text, its number, its day.
 *
 * A date is the wall clock the sheet shows, without a zone, as ns since 1970-01-01 of that clock. Texts lie in a
 * td_pool, which hands memory out until a limit and gives it back as a whole. Not thread-safe.
 * Source: ECMA-376 part 1, 18.8.30 (number formats), 18.17.4 (serial dates).
 */
#ifndef TD_STORE_CELL_H
#define TD_STORE_CELL_H

#include "base/text.h"

enum td_cell_kind {
    TD_CELL_EMPTY,
    TD_CELL_TEXT,
    TD_CELL_NUMBER,
    TD_CELL_DATE,  /* local_ns and number (the serial) */
    TD_CELL_TIME,  /* local_ns since midnight, or a span: a date format on a serial below 1 */
    TD_CELL_BOOL,  /* number 0 or 1; text "TRUE" or "FALSE" */
    TD_CELL_ERROR, /* text "#N/A" and the like */
};

struct td_cell {
    struct td_str text; /* as written; of a date the serial's digits */
    double number;
    td_ns local_ns;
    uint16_t column; /* 0 is A */
    uint8_t kind;
    bool formula;
};

/* ---- numbers and dates ---- */

/* Reads all of a decimal number as the nearest double. False: not such a number, or longer than 63 characters. */
bool td_double_parse(struct td_str s, double *out);
/* Whether a number format shows a date or time: a letter d, m, y, h or s outside quotes, escapes and brackets, in
 * its first section; brackets that count hours, minutes or seconds ([h]) set *span. */
bool td_format_is_date(struct td_str code, bool *span);
/* The same for the numbers every workbook knows without a code (14 is a date, 46 a span). */
bool td_format_number_is_date(uint32_t number, bool *span);
/* A serial of the 1900 or 1904 system, rounded to a millisecond. False outside the years 1900 to 2261. */
bool td_serial_to_ns(double serial, bool since_1904, td_ns *out);

/* ---- texts ---- */

struct td_pool_block;
struct td_pool {
    struct td_pool_block *newest;
    size_t bytes, bytes_max;
};

void td_pool_init(struct td_pool *p, size_t bytes_max);
/* Accepts a zeroed pool and a second call. */
void td_pool_fini(struct td_pool *p);
/* A copy that lives as long as the pool. TD_EFULL past bytes_max, TD_ENOMEM. */
TD_MUST_CHECK enum td_err td_pool_copy(struct td_pool *p, struct td_str s, struct td_str *out);

#endif
