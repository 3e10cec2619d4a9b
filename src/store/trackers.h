/* store/trackers.h - the old systems' books of stocks: failed, downloadable, downloaded. Read only.
 *
 *   failed        a row per stock: NonExistent, <bar size>-LatestFailed, Date0..9 with Comment0..9
 *   downloadable  a row per stock: EarliestAvailBar, <bar size>-StartDate, <bar size>-EndDate
 *   downloaded    a row per "<date>-<symbol>": "Yes" below each bar size that is held
 * The stock is the column Stock, else the first one (the index pandas writes without a name). A cell that is not a
 * day where one belongs is counted as bad and left out. Source: the external behaviour contracts, 4.10.
 */
#ifndef TD_STORE_TRACKERS_H
#define TD_STORE_TRACKERS_H

#include "store/tradelist.h"

enum td_tracker { TD_TRACK_FAILED, TD_TRACK_DOWNLOADABLE, TD_TRACK_DOWNLOADED };

enum td_track_what {
    TD_TRACK_NON_EXISTENT,  /* the broker does not know it */
    TD_TRACK_LATEST_FAILED, /* from: the day, bar_size */
    TD_TRACK_COMMENT,       /* from: the day, comment  */
    TD_TRACK_EARLIEST,      /* from: first day there is */
    TD_TRACK_RANGE,         /* from..to with bar_size; an end that is not said is INT64_MIN */
    TD_TRACK_HELD,          /* from: the day, bar_size */
};

struct td_track {
    enum td_track_what what;
    char symbol[TD_TICKER_CHARS];
    char bar_size[24];
    int64_t from, to;
    struct td_str comment; /* valid while the table is */
};

typedef enum td_err td_track_fn(void *arg, const struct td_track *track);

struct td_track_counts {
    size_t rows, facts;
    size_t bad; /* rows without a ticker, cells without a day */
};

/* Which book a file is, by its name ("IB Failed Stocks.xlsx", "failed_stocks.csv"); false: none. */
bool td_tracker_of(const char *file_name, enum td_tracker *out);
/* Every fact of a book. Anything but TD_OK of `fn` ends it and is passed on. */
TD_MUST_CHECK enum td_err td_tracker_read(const struct td_table *table, enum td_tracker kind,
                                          td_track_fn *fn, void *arg,
                                          struct td_track_counts *counts);

#endif
