/* history/backfill_batch.h - a whole backfill: tasks found, done, and booked in the manifests.
 *
 *     td_batch_open      the settings as a configuration, the vendor, the symbol mapping
 *     td_batch_find      the tasks, from the trade list and the filters
 *     td_batch_has       whether a task's file is there
 *     td_batch_run       all tasks, by workers (history/backfill.h)
 *     td_batch_record    what was done: appended to backfill_l2_manifest.jsonl in the order of the tasks, and
 *                        backfill_l2_summary.json, below the data root
 *     td_batch_close
 *
 * Tasks that a signal or a full disk left undone are ERROR in the summary and have no line in the manifest.
 * Owner: one thread. Source: contracts 2.2, 4.5, 4.6, 7.
 */
#ifndef TD_DESK_BACKFILL_BATCH_H
#define TD_DESK_BACKFILL_BATCH_H

#include "history/backfill.h"
#include "desk/settings.h"
#include "store/symbolmap.h"
#include "store/tasks.h"

struct td_batch_options {
    const struct td_settings *settings;
    const char *root;              /* the data root */
    const char *vendor;            /* NULL: BACKFILL_VENDOR */
    struct td_tasks_options tasks; /* `paths` and the names of lists included */
    int64_t workers;               /* 0: as the settings say */
    int64_t max_cost_e9;           /* negative: no limit */
    bool strict, force, legacy, no_book;
    void (*tell)(void *arg, bool bad, const char *line);
    void (*progress)(void *arg, uint32_t done, uint32_t all, uint32_t errors);
    void *arg;
};

struct td_batch {
    struct td_batch_options options;
    struct td_backfill_config config;
    struct td_tz new_york;
    struct td_symbolmap map;
    struct td_tasks tasks;
    td_ns discovery; /* how long finding them took */
    struct td_backfill_result *results;
    struct td_backfill_summary summary;
    char run_id[32];                     /* YYYYMMDD-HHMMSS-micros, UTC */
    char window_start[8], window_end[8]; /* HH:MM, New York, as it is asked for */
};

/* TD_EINVAL names the setting. TD_ENOENT: no time zone data. Close it in any case. */
TD_MUST_CHECK enum td_err td_batch_open(struct td_batch *b, struct td_world *world,
                                        const struct td_batch_options *options,
                                        struct td_fail *why);
void td_batch_close(struct td_batch *b); /* accepts a zeroed one */

/* As td_tasks_find. */
TD_MUST_CHECK enum td_err td_batch_find(struct td_batch *b, struct td_world *world,
                                        struct td_fail *why);
/* The event table of a task is there. */
bool td_batch_has(const struct td_batch *b, struct td_world *world, const struct td_task *task);
/* As td_backfill_run, with `results` and `summary` filled; no tasks are fine. */
TD_MUST_CHECK enum td_err td_batch_run(struct td_batch *b, struct td_world *world,
                                       struct td_fail *why);
/* TD_ENOSPC, TD_EACCES, TD_EIO: the manifest or the summary could not be written, and which. */
TD_MUST_CHECK enum td_err td_batch_record(const struct td_batch *b, struct td_world *world,
                                          struct td_fail *why);

#endif
