/* history/split_scan.h - splits in the bars of a data folder, and the files that lie before them.
 *
 * Below <root>/IBDownloads and <root>/parquet_data every .ftr, .feather and .parquet file whose name says a symbol and a bar
 * size of minutes, hours or days (td_import_name) belongs to the series of its folder, symbol and bar size; each series is
 * judged by history/split_series.h. What is found was not adjusted by whoever wrote the files, so the stale ones are to be
 * fetched again, or scaled by the factor. Prices alone cannot tell a split from a move of the same size: `known` says
 * what a factor file of LEAN (<factors>/<symbol in lower case>.csv) knows.
 * A file that cannot be read is counted and named, and the others go on. Nothing is written. Memory: the names of at most
 * 256 Ki files, one series, one group of one file; what is past a limit is not looked at, and `complete` is false.
 */
#ifndef TD_DESK_SPLIT_SCAN_H
#define TD_DESK_SPLIT_SCAN_H

#include "history/importer.h"
#include "history/split_series.h"

#define TD_SPLIT_FILES_MAX ((size_t)262144)
#define TD_SPLIT_FOUND_MAX 1024
#define TD_SPLIT_NAMED_MAX 200 /* unreadable files; all are counted */

struct td_split_found {
    const char *folder; /* "IBDownloads", "parquet_data" */
    char symbol[8];
    const char *bar_size; /* static */
    struct td_split_night night;
};

struct td_split_report {
    uint64_t files, series, unreadable; /* files: read */
    uint64_t stale;                     /* files before the last split of their series */
    struct td_split_counts counts;
    struct td_split_found *found; /* [TD_SPLIT_FOUND_MAX] by folder, symbol, bar size, day */
    size_t found_count;
    struct td_import_error *errors; /* [TD_SPLIT_NAMED_MAX] */
    size_t error_count;
    bool complete;
};

/* `factors` NULL: none. TD_ENOENT: no such folder. TD_ENOMEM. */
TD_MUST_CHECK enum td_err td_split_scan(struct td_world *world, const char *root,
                                        const char *factors, td_import_progress *progress,
                                        void *arg, struct td_split_report *report,
                                        struct td_fail *why);
void td_split_report_fini(struct td_split_report *r); /* accepts a zeroed one and a second call */

#endif
