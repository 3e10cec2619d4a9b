/* store/tasks.h - what is to be backfilled: (symbol, day) tasks from the trade list, filtered in a fixed order.
 *
 * Order of the filters (contracts 7): --since, then --last (distinct days), then explicit days and symbol, then
 * weekends, then --max-tasks. Tasks come ordered by day, then symbol, each once. With explicit days and no row of the
 * list for them, the symbol asked for (else AAPL) on each of those days is the task, and `ad_hoc` says so.
 * The tasks are the caller's until td_tasks_fini. Days are days since 1970-01-01 of the New York day.
 */
#ifndef TD_STORE_TASKS_H
#define TD_STORE_TASKS_H

#include "store/datapath.h"
#include "store/tradelist.h"

#define TD_TASKS_DAYS_MAX 4000 /* explicit days */

struct td_tasks_options {
    struct td_datapath paths;
    const char *file;         /* WARRIOR_TRADES_FILENAME; NULL: both names */
    const char *train_kind;   /* reads Train_List-<kind> instead; NULL: the trade list */
    const char *train_prefix; /* NULL: "Train_List-" */
    const char *symbol;       /* only this one; NULL all */
    int64_t from, to;         /* explicit days, both included; INT64_MIN: none */
    int64_t since;            /* first day; INT64_MIN: none */
    int64_t last;             /* so many distinct days at the end; 0 all */
    int64_t max_tasks;        /* 0 all */
    bool keep_weekends;
};

/* No filter at all. */
void td_tasks_options_init(struct td_tasks_options *o);
/* "--since": a number of days before `today`, or YYYY-MM-DD. TD_EINVAL names the form. */
TD_MUST_CHECK enum td_err td_since_parse(const char *text, int64_t today, int64_t *day,
                                         struct td_fail *why);

struct td_tasks {
    struct td_task *items;
    size_t count;
    size_t weekend_skipped;
    bool ad_hoc;
    char path[TD_PATH_MAX]; /* of the list; "" when none was read */
    const char *format;     /* "csv" or "xlsx" */
    char sheet[160];
    struct td_tradelist list; /* how it was read; its tasks are moved to `items` */
};

/* TD_ENOENT: no list (explicit days need none). TD_EPARSE, TD_EUNSUP: it cannot be read. TD_EINVAL: options that
 * contradict each other, or no ticker. */
TD_MUST_CHECK enum td_err td_tasks_find(struct td_tasks *t, struct td_world *world,
                                        const struct td_tasks_options *o, struct td_fail *why);
void td_tasks_fini(struct td_tasks *t); /* accepts a zeroed one and a second call */

/* The discovery diagnostics below `folder`: a line appended to warrior_task_debug.json (started anew past 1 MiB), and
 * warrior_task_summary.json replaced. */
TD_MUST_CHECK enum td_err td_tasks_report(const struct td_tasks *t,
                                          const struct td_tasks_options *o, struct td_world *world,
                                          const char *folder, struct td_fail *why);

#endif
