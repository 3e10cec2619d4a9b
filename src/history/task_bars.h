/* history/task_bars.h - IBKR bars of backfill tasks: for a symbol and its day the files learning programs read, asked once.
 *
 * Three files a task, <base>/IBDownloads/<SYMBOL>_USUSD_<bar size>_<YYYY-MM-DD>.ftr (Parquet bytes, ruling C6):
 *     1 hour   the day 09:30-16:00, regular hours
 *     1 min    from 09:30 of the trading day before to 11:00 of the day, regular hours
 *     1 sec    the day 09:00-11:00, all hours, asked in pieces of 30 minutes
 * by New York's wall clock; an early close ends the session earlier. Each is written whole (.tmp, sync, rename), and a line in
 * <base>/bars_download_manifest.jsonl follows it with the windows that were asked for.
 *
 * Only what is missing is asked for and joined to what the file has. A window that was asked for is held, bars or not: few
 * symbols trade in every second. A file without such a line (another program's) holds each session from its first bar to its
 * last, but for holes of 30 minutes (1 hour: of one bar). A bar that still forms is not taken; its window stays missing.
 * A holiday, a day that has not begun, and without `force` second bars older than six months (the broker has none) need
 * nothing. No bars at all: no file, told, and not asked for again by this object.
 *
 * All requests go over one connection (desk/fetch.h) with its pace. Owner: one thread. Memory: the bars of one file, and
 * 200 bytes for each file of the manifest. Source: contracts 4.7 to 4.9.
 */
#ifndef TD_DESK_TASK_BARS_H
#define TD_DESK_TASK_BARS_H

#include "desk/fetch.h"
#include "desk/plan.h"
#include "store/tradelist.h"

enum td_bars_kind { TD_BARS_HOUR, TD_BARS_MIN, TD_BARS_SEC, TD_BARS_KINDS };
#define TD_BARS_BIT(kind) (1u << (kind))
#define TD_BARS_ALL       ((1u << TD_BARS_KINDS) - 1)

/* "1 hour", "1 min", "1 sec": in the names of files and in manifests. */
const char *td_bars_word(enum td_bars_kind kind);
/* Also "1 mins", "1 secs". False: no bar size of a task. */
bool td_bars_kind_parse(struct td_str words, enum td_bars_kind *out);

/* One file is done with; `line` says what became of it. */
struct td_task_bars_step {
    const struct td_task *task;
    enum td_bars_kind kind;
    const char *line;   /* "AAPL 2025-09-04 1 min: 480 bars written, 1 request" */
    bool bad;           /* it failed, or there were no bars */
    uint32_t done, all; /* files */
};

/* Texts and `plan` are the caller's until close. */
struct td_task_bars_config {
    const char *base;             /* folder of manifest and downloads */
    const char *downloads;        /* NULL: IBDownloads */
    unsigned kinds;               /* bits; 0: all */
    int64_t since[TD_BARS_KINDS]; /* files of earlier days are not wanted; 0: of any day */
    bool force;                   /* ask for everything, and replace the files */
    const struct td_plan *plan;   /* whose client ids a reconnect may use; needed by run alone */
    struct td_log *log;           /* may be NULL */
    void (*tell)(void *arg, const struct td_task_bars_step *step); /* may be NULL */
    void *arg;
};

struct td_task_bars; /* opaque */

/* Reads the manifest, when there is one. TD_ENOMEM; TD_EIO, TD_EACCES: it cannot be read; TD_ENOENT: no zone file. */
TD_MUST_CHECK enum td_err td_task_bars_open(struct td_task_bars **out,
                                            const struct td_task_bars_config *config,
                                            struct td_world *world, struct td_fail *why);
void td_task_bars_close(struct td_task_bars *b); /* NULL is allowed */

struct td_task_bars_need {
    unsigned bits;     /* files with something to ask for */
    uint32_t requests; /* for all of them */
    char note[120];    /* why nothing is due, e.g. "2025-11-27 is no trading day"; else "" */
};
/* What is missing, from files and manifest alone, by the world's clock. TD_EPARSE, TD_EUNSUP and others: a file of that name
 * is there and cannot be read (nothing is asked for it without `force`). */
TD_MUST_CHECK enum td_err td_task_bars_needs(struct td_task_bars *b, const struct td_task *task,
                                             struct td_task_bars_need *out, struct td_fail *why);

struct td_task_bars_report {
    uint32_t written, held, empty, failed; /* files; held: nothing was missing */
    uint32_t idle;                         /* files that are not due: holiday, not begun, too old */
    uint32_t requests;                     /* for bars, sent */
    uint64_t rows;                         /* in the files that were written */
    bool interrupted;
};

/* Does the tasks in their order, each once. `link` is ready; "now" is the gateway's clock. What was answered before a failure
 * is kept in the file. TD_OK though files failed: the report counts them. What ends the run, with the report as far as it
 * went: TD_EAGAIN a signal, TD_ECLOSED the connection stays away, TD_ENOSPC the disk is full, TD_ENOMEM. */
TD_MUST_CHECK enum td_err td_task_bars_run(struct td_task_bars *b, struct td_link *link,
                                           const struct td_task *tasks, uint32_t count,
                                           struct td_task_bars_report *out, struct td_fail *why);

#endif
