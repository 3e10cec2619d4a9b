/* store/coverage_file.h - bars_coverage_manifest.json: which days of which bars are on the disk, derived from the manifest.
 *
 * Each day a file covers is booked, from its first to its last day (the old program booked a file of two days on its first
 * only): the first day from the file's first time on, the last up to its last, days between as a whole; weekends between
 * are no days. A file without times is booked on the day of its name or path.
 * Of several files for one (symbol, bar size, day) the newest written_at wins (the promise to readers); of equally new
 * ones the one with most rows, then the earlier start, then the later end (the rule of the old program).
 * Source: the external behaviour contracts, 4.8 and 4.9.
 */
#ifndef TD_STORE_COVERAGE_FILE_H
#define TD_STORE_COVERAGE_FILE_H

#include "store/manifest.h"

#define TD_COVERAGE_DAYS_MAX ((size_t)4 << 20)
#define TD_COVERAGE_SPAN_MAX 800 /* days of one file */

struct td_coverage_day {
    uint32_t entry; /* index of the manifest entry */
    int64_t day;
    td_ns start, end; /* wall clock; INT64_MIN when the file has no times */
};

struct td_coverage {
    struct td_bars_entry *entries;
    size_t entry_count, entry_cap;
    struct td_coverage_day *days; /* after _finish: by symbol, bar size, day; one of each */
    size_t day_count, day_cap;
    uint64_t dayless; /* entries of no day at all */
    struct td_manifest_counts counts;
};

/* Reads the manifest. TD_ENOENT, TD_EFULL past the limits, TD_ENOMEM. */
TD_MUST_CHECK enum td_err td_coverage_read(struct td_coverage *c, struct td_world *world,
                                           const char *manifest, struct td_fail *why);
void td_coverage_fini(struct td_coverage *c); /* accepts a zeroed one and a second call */
/* Pairs of symbol and bar size. */
size_t td_coverage_pairs(const struct td_coverage *c);
/* Writes the derived file, whole or not at all. */
TD_MUST_CHECK enum td_err td_coverage_write(const struct td_coverage *c, struct td_world *world,
                                            const char *path, struct td_fail *why);

/* All of it for the manifest and the coverage of a data root. TD_ENOENT: no bars yet. */
TD_MUST_CHECK enum td_err td_coverage_derive(struct td_world *world, const char *root,
                                             struct td_fail *why);

#endif
