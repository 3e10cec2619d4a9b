/* wire/csv.h - rows of a CSV text: RFC 4180 and what spreadsheets really write.
 *
 * Understood beyond the RFC: a UTF-8 byte order mark, `;` or tab as separator (the one the first line has most of,
 * outside quotes), a first line "sep=;" (, ; | : or tab), lines that end in LF or CR alone, empty lines (skipped), a quote inside a
 * field that did not begin with one (a letter like any other). Refused with TD_EPARSE and the line: a quote that
 * is not closed, text behind a closing quote, a NUL byte, UTF-16.
 *
 * Pure: no allocation. Fields point into the text; only a field with doubled quotes is copied, into `room`.
 * Both belong to the caller, and a row is valid until the next one is read. O(bytes).
 * Source: RFC 4180.
 */
#ifndef TD_WIRE_CSV_H
#define TD_WIRE_CSV_H

#include "base/text.h"

struct td_csv {
    struct td_str text;
    size_t at;      /* offset of the next row */
    int64_t line;   /* where the last row began, from 1 */
    char separator; /* ',', ';' or tab */
    /* private */
    char *room;
    size_t room_cap, room_used;
    int64_t next_line;
};

/* `room` must hold the longest row's text; a row that does not fit is TD_ERANGE. */
void td_csv_open(struct td_csv *c, struct td_str text, char *room, size_t room_cap);
/* The next row into fields[cap]. TD_ENODATA at the end; TD_EPARSE; TD_ERANGE: more than `cap` fields. The
 * reason names the line. After an error the reader is at its end. */
TD_MUST_CHECK enum td_err td_csv_next(struct td_csv *c, struct td_str *fields, size_t cap,
                                      size_t *count, struct td_fail *why);

/* Writes a field, in quotes when it needs them. */
void td_csv_put(struct td_text *out, struct td_str field);

#endif
