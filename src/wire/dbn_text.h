/* wire/dbn_text.h - a DBN record as JSON, as CSV and as a line of an aligned table, by its rows.
 *
 * The same names everywhere. Prices are exact decimals, times ns since 1970 UTC, flags and codes numbers; what is not given
 * is null in JSON and nothing in CSV. JSON nests the levels of a book in `levels` (bid_px, ask_px, ...), CSV has them flat
 * (bid_px_00 ...). The table shows what a human looks for: the time, the symbol, the fields struct td_dbn_record has
 * members for, the best level. Reserved bytes are never shown. Texts are bounded: check td_text_full.
 */
#ifndef TD_WIRE_DBN_TEXT_H
#define TD_WIRE_DBN_TEXT_H

#include "wire/dbn_layout.h"
#include "wire/json.h"

#define TD_DBN_LINE_MAX 16384 /* the longest line of any form, with all texts escaped */

struct td_dbn_shown {
    const struct td_dbn_layout *layout;
    const void *record;   /* layout->bytes */
    struct td_str symbol; /* by the file's mappings; empty: not known */
    bool has_ts_out;
    uint64_t ts_out;
};

/* The keys of the record in an object that the caller opened. */
void td_dbn_json(struct td_json *j, const struct td_dbn_shown *r);
/* The names of the columns, and a record's fields: comma-separated, quoted where needed, ended by a newline.
 * The last columns are `ts_out`, when the file has it, and `symbol`. */
void td_dbn_csv_head(struct td_text *t, const struct td_dbn_layout *layout, bool has_ts_out);
void td_dbn_csv(struct td_text *t, const struct td_dbn_shown *r);
/* A head line and a line below it, blanks to the same columns. */
void td_dbn_table_head(struct td_text *t, const struct td_dbn_layout *layout);
void td_dbn_table(struct td_text *t, const struct td_dbn_shown *r);
/* An instant with nanoseconds, "2020-12-28T13:00:00.006001487Z"; nothing for TD_DBN_UNDEF_TIME. */
void td_dbn_time_text(struct td_text *t, uint64_t at);

#endif
