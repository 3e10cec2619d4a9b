/* history/split_series.h - the days of one series of bars out of many files, and the nights between them that look like splits.
 *
 * A day is its first open, its last close and its volume. Files may overlap (bars of minutes bring the day before along) and
 * may be of two scales: whoever adjusts history for splits changes what it sends from the day of the split on, but not the
 * files that were written before. So of a day in two files
 *   that agree (the same bar within 2 percent, else within 30) the earliest open, the latest close and the larger volume count;
 *   that do not agree the file that is named after the day counts, else the one that came first; the other is `apart`.
 * A night is between two days with bars, at most TD_SPLIT_HOLE_DAYS apart: after a longer hole a price says nothing about
 * splits, unless a fact of a factor file lies in it. market/split.h judges the last close before and the first open after it,
 * with the volume of the day after against the mean of up to 20 days before. A fact counts when the price went its way: the
 * ratio seen is within 10 percent of the fact's, which is beyond 0.8..1.25.
 * Files whose last day is before a split are stale; those that hold days before and after it, in two scales, are mixed.
 * No I/O; memory is malloc'd until fini and bounded: 64 Ki days, 64 Ki files of a series. One owner.
 */
#ifndef TD_DESK_SPLIT_SERIES_H
#define TD_DESK_SPLIT_SERIES_H

#include "market/factors.h"
#include "store/bars_file.h"

#define TD_SPLIT_HOLE_DAYS  10
#define TD_SPLIT_DAYS_MAX   ((size_t)65536)
#define TD_SPLIT_SERIES_MAX ((size_t)65536) /* files */

struct td_series_day {
    int64_t day; /* since 1970-01-01, of the wall clock of the bars */
    td_ns first_ns, last_ns;
    td_px open, close; /* of the first and the last bar */
    double volume;
    uint32_t file;
    bool own; /* of a file named after the day */
};

struct td_series_days {
    struct td_series_day *rows; /* ascending */
    size_t count, cap;
};

struct td_series_file {
    int64_t first, last; /* days with bars */
    int64_t apart; /* last day on which its scale was not the one that counts; INT64_MIN none */
};

struct td_split_series {
    struct td_series_days days;
    struct td_series_file *files;
    size_t file_count, file_cap;
    /* private */
    struct td_series_days current; /* of the file being read */
    int64_t named;
};

/* What the factor file of the symbol says about a night. */
enum td_split_known { TD_SPLIT_NO_FACTORS, TD_SPLIT_UNKNOWN, TD_SPLIT_KNOWN };

struct td_split_night {
    int64_t before, day; /* last day before, first day after */
    td_px previous, next;
    double ratio, confidence; /* market/split.h; of a known one the fact's ratio */
    enum td_split_known known;
    double factor; /* of a known one: what prices before it are multiplied by */
    uint32_t stale_files, mixed_files;
};

struct td_split_counts {
    uint64_t nights; /* looked at */
    uint64_t holes;  /* too long to be a night */
    uint64_t doubts; /* near a ratio, confidence 0.5 to 0.7: no split */
};

/* A zeroed series is empty. Empties it for the next one; memory stays. */
void td_split_series_reset(struct td_split_series *s);
void td_split_series_fini(struct td_split_series *s); /* accepts a zeroed one and a second call */

/* A file: begin, its bars in any order, end. Without end the next begin forgets them. `named`: the day in its name, or
 * INT64_MIN. Files should come by their days. TD_EFULL: the file is not in the series. TD_ENOMEM: nor may others be. */
void td_split_series_begin(struct td_split_series *s, int64_t named);
TD_MUST_CHECK enum td_err td_split_series_bar(struct td_split_series *s,
                                              const struct td_bar_row *row);
TD_MUST_CHECK enum td_err td_split_series_end(struct td_split_series *s);

/* The next split from *at on (0 at first); false when there is none. `facts` NULL: no factor file. Counts are added to. */
bool td_split_series_next(const struct td_split_series *s, const struct td_split_fact *facts,
                          size_t fact_count, size_t *at, struct td_split_counts *counts,
                          struct td_split_night *out);

#endif
