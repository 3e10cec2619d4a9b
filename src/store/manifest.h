/* store/manifest.h - the JSON Lines manifests of backfills and bars, their summary, and the coverage derived from them.
 *
 *   backfill_l2_manifest.jsonl    {"symbol","date","status"} and more, appended in the order of the tasks
 *   backfill_l2_summary.json      the counts of a run, replaced
 *   bars_download_manifest.jsonl  bars_manifest.v1, appended
 *   bars_coverage_manifest.json   bars_coverage.v1, derived from the one above, replaced
 *
 * Written: the four promised words WRITE, SKIP, EMPTY, ERROR. Read: also WRITTEN and SKIPPED, any case, unknown keys.
 * A reader asks for lines through td_manifest_each: strict, a line of an unknown schema_version or a broken line ends it
 * with its number; else both are counted and left out (contracts 4.8). A last line without its end is a torn append: it is
 * counted and left out in either way. An append first ends such a line, so that no good line is glued to it.
 *
 * Appending syncs the file before it returns. Lines longer than 64 KiB are broken ones. Files up to 1 GiB, read in pieces.
 * Source: the external behaviour contracts, 4.5 to 4.8.
 */
#ifndef TD_STORE_MANIFEST_H
#define TD_STORE_MANIFEST_H

#include "sys/world.h"

#define TD_L2_MANIFEST   "backfill_l2_manifest.jsonl"
#define TD_L2_SUMMARY    "backfill_l2_summary.json"
#define TD_BARS_MANIFEST "bars_download_manifest.jsonl"
#define TD_BARS_COVERAGE "bars_coverage_manifest.json"
#define TD_BARS_SCHEMA   "bars_manifest.v1"
#define TD_MANIFEST_LINE ((size_t)64 << 10)

enum td_task_status { TD_TASK_WRITE, TD_TASK_SKIP, TD_TASK_EMPTY, TD_TASK_ERROR, TD_TASK_STATUSES };
/* "WRITE" ... */
const char *td_task_status_name(enum td_task_status status);
/* Both families of words, any case. False: none of them. */
bool td_task_status_parse(struct td_str word, enum td_task_status *out);

/* ---- level 2 ---- */

struct td_l2_entry {
    char symbol[24];
    int64_t day;
    enum td_task_status status;
    const char *run_id; /* written when set, as all below; read: NULL */
    const char *path;
    const char *error;
    int64_t rows; /* -1: not said */
};

/* Appends the entries in their order, in one write and sync. */
TD_MUST_CHECK enum td_err td_l2_manifest_append(struct td_world *world, const char *path,
                                                const struct td_l2_entry *entries, size_t count,
                                                struct td_fail *why);

struct td_l2_summary {
    const struct td_l2_entry *entries; /* of the run, in the order of the tasks */
    size_t count;
    double duration_s;
    bool strict, force;
    int64_t max_tasks; /* 0: null */
    int64_t concurrency;
    const char *run_id;
    const char *window_start, *window_end; /* HH:MM, New York */
};
TD_MUST_CHECK enum td_err td_l2_summary_write(struct td_world *world, const char *path,
                                              const struct td_l2_summary *s, struct td_fail *why);

/* ---- bars ---- */

#define TD_BARS_ASKED_MAX 6

/* [from, to) of the wall clock. */
struct td_bars_span {
    td_ns from, to;
};

/* Times are the wall clock of the exchange, as ns of that clock; INT64_MIN: null. */
struct td_bars_entry {
    td_ns written_at; /* instant; of a text without a zone: as if UTC */
    char symbol[24], bar_size[24];
    char path[800], filename[256];
    int64_t rows;
    td_ns time_start, time_end;
    /* What was asked for and answered, with or without bars: the key `asked` of our own lines, [[from, to], ...]. */
    struct td_bars_span asked[TD_BARS_ASKED_MAX];
    int64_t asked_count; /* 0: the line does not say; further windows are left out */
};

/* One line, with the columns of our bars. `vendor` NULL is IBKR. */
TD_MUST_CHECK enum td_err td_bars_manifest_append(struct td_world *world, const char *path,
                                                  const struct td_bars_entry *e, const char *vendor,
                                                  struct td_fail *why);

/* ---- reading ---- */

struct td_manifest_counts {
    uint64_t lines, used;
    uint64_t broken;  /* not JSON, a key missing or of the wrong type, or too long */
    uint64_t foreign; /* an unknown schema_version */
    uint64_t torn;    /* 0 or 1 */
};

typedef enum td_err td_l2_fn(void *arg, const struct td_l2_entry *e);
typedef enum td_err td_bars_fn(void *arg, const struct td_bars_entry *e);

/* Every entry in file order. Anything but TD_OK of `fn` ends it and is passed on. TD_ENOENT: no such file.
 * Strict: TD_EVERSION an unknown schema_version by its name, TD_EPARSE a broken line. */
TD_MUST_CHECK enum td_err td_l2_manifest_each(struct td_world *world, const char *path, bool strict,
                                              td_l2_fn *fn, void *arg,
                                              struct td_manifest_counts *counts,
                                              struct td_fail *why);
TD_MUST_CHECK enum td_err td_bars_manifest_each(struct td_world *world, const char *path,
                                                bool strict, td_bars_fn *fn, void *arg,
                                                struct td_manifest_counts *counts,
                                                struct td_fail *why);

/* The lines of any JSON Lines file; a `line` is valid during the call, without its end. */
typedef enum td_err td_line_fn(void *arg, struct td_str line, uint64_t number);
TD_MUST_CHECK enum td_err td_lines_each(struct td_world *world, const char *path, td_line_fn *fn,
                                        void *arg, struct td_manifest_counts *counts,
                                        struct td_fail *why);
/* Appends whole lines (each with its LF) and syncs; ends a torn line before them. */
TD_MUST_CHECK enum td_err td_lines_append(struct td_world *world, const char *path,
                                          struct td_str lines, struct td_fail *why);

#endif
