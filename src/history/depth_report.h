/* history/depth_report.h - a day of level-2 data of one symbol, measured: the work of `tapedeck analyze`.
 *
 * One pass over each file, a row group at a time. Books come from the live recording when there is one, else from the
 * ten-level snapshots of a backfill: two samplings of one market are never mixed. Messages give spoofing candidates, event
 * tables give trades. A figure that could not be made is null in the report, and `unavailable` says why.
 * Heap of fixed size (depth_measure.h), the tables of messages and trades when there are such files. One owner.
 */
#ifndef TD_DESK_DEPTH_REPORT_H
#define TD_DESK_DEPTH_REPORT_H

#include "history/depth_measure.h"
#include "signal/ladder_spoof.h"
#include "store/depth_events.h"
#include "store/depth_files.h"
#include "wire/json.h"

#define TD_DEPTH_GAP (5 * TD_SEC) /* without a row of a live recording */

struct td_depth_ask {
    const char *folder, *symbol, *day; /* day: YYYY-MM-DD */
};

struct td_depth_messages {
    uint64_t count, adds, updates, removals, images, marks; /* marks: gaps and resets */
    uint64_t odd;                                           /* without operation, side or price */
    td_ns first_ns, last_ns;                                /* earliest and latest */
    struct td_spoof spoof;
    struct td_spoof_node *nodes; /* heap */
};

struct td_depth_trades {
    uint64_t rows, by_action[TD_DEPTH_ACTIONS], legacy_files;
    uint64_t disordered, bad; /* bad: trades without a price and size above zero */
    td_ns first_ns, last_ns;
    uint64_t
        count[3]; /* trades by the aggressor's side: [TD_ASK] sold, [TD_BID] bought, [2] not told */
    double volume[3];
    struct td_profile traded;       /* bought and sold; trades without a side count half to each */
    struct td_profile_row *rows_of; /* heap */
};

struct td_depth_report {
    const char *symbol, *day;
    td_ns made_ns;
    struct td_depth_files files;
    struct td_depth_source facts[TD_DEPTH_FILES_MAX]; /* of the files that gave books */
    bool used[TD_DEPTH_FILES_MAX];
    enum td_depth_kind source; /* LIVE or BOOK; OTHER: no books */
    struct td_measure books;
    struct td_depth_messages messages;
    struct td_depth_trades trades;
};

/* TD_ENODATA: nothing was found, or what was found holds no row; the reason says what was looked for and where.
 * TD_EPARSE and others: a file is damaged or makes no sense: it is named. */
TD_MUST_CHECK enum td_err td_depth_report_make(struct td_depth_report *r, struct td_world *world,
                                               const struct td_depth_ask *ask, struct td_fail *why);
void td_depth_report_fini(struct td_depth_report *r); /* accepts a zeroed one, and twice */

/* The report as one JSON object; its keys are those of docs/analyzer.md. */
void td_depth_report_json(const struct td_depth_report *r, struct td_json *j);
/* The summary: lines of name and value that align. */
void td_depth_report_text(const struct td_depth_report *r, struct td_text *t);

#endif
