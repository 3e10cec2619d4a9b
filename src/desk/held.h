/* desk/held.h - the bars earlier runs left in a folder, and which windows they cover.
 *
 * Reads the CSV files of the pipeline: their prices are exact, those of the Parquet files are doubles. A run
 * writes a file only when every window it asked for was answered, so a file covers everything from its first
 * bar up to its last one; the last bar may still have been forming and is asked for again. A request of whole
 * days begins where the exchange's day does, hence a file named after one covers its first day from midnight.
 * A file that is not in the expected form is told in the log and not used.
 */
#ifndef TD_DESK_HELD_H
#define TD_DESK_HELD_H

#include "desk/fetch.h"

#define TD_HELD_FILES_MAX 256 /* newest by name; older ones are not needed to find gaps */

struct td_held_query {
    const char *folder, *symbol;
    const struct td_bar_size *size;
    const struct td_tz *zone;
    struct td_log *log;
};

/* "<SYMBOL>_<duration>_<bar size>_<YYYYMMDD_HHMMSS>" with blanks as underscores. */
void td_held_name(struct td_text *out, const char *symbol, const char *duration,
                  const char *bar_size, const char *stamp);

/* Adds the bars to *rows (unsettled) and one window per file to windows[0..cap). TD_ENOMEM, TD_EFULL; a missing
 * folder holds nothing. */
TD_MUST_CHECK enum td_err td_held_load(struct td_world *world, const struct td_held_query *query,
                                       struct td_bar_rows *rows, struct td_window *windows,
                                       size_t cap, size_t *count, struct td_fail *why);

/* One line "YYYY-MM-DD HH:MM:SS,open,high,low,close,volume,wap,count". TD_EPARSE. */
TD_MUST_CHECK enum td_err td_held_parse(struct td_str line, td_ns span, struct td_bar_row *out);

#endif
