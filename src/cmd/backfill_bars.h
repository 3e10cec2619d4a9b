/* cmd/backfill_bars.h - the bars of a backfill's tasks, from the gateway that is there.
 *
 * Level-2 does not depend on bars: a gateway that is not there, or bars that fail, are told in a line and change neither
 * what follows nor the exit status. Nothing is connected to when no task needs bars. Source: contracts 2.2, 4.9.
 */
#ifndef TD_CMD_BACKFILL_BARS_H
#define TD_CMD_BACKFILL_BARS_H

#include "cmd/cmd.h"
#include "history/backfill_batch.h"
#include "history/task_bars.h"

struct backfill_bars_args {
    const char *host; /* NULL: the settings' */
    int64_t port;     /* 0: the plan's */
    bool fetch, force, use_tws, start_gateway;
};

struct backfill_bars {
    struct td_run *run;
    const struct backfill_bars_args *args;
    const char *base; /* the data root */
    bool verbose;
    struct td_settings settings; /* with the options' host */
    struct td_plan plan;
    struct td_task_bars *files; /* NULL: no bars are wanted, or why not was told */
};

/* Reads what is on the disk. TD_EINVAL: host and ports that cannot be used. */
TD_MUST_CHECK enum td_err backfill_bars_open(struct backfill_bars *b, struct td_run *run,
                                             const struct backfill_bars_args *args,
                                             const char *base, bool verbose, struct td_fail *why);
void backfill_bars_close(struct backfill_bars *b); /* accepts a zeroed one */

/* TD_BARS_BIT bits of what a task still needs; a file that cannot be read needs nothing. */
unsigned backfill_bars_needs(struct backfill_bars *b, const struct td_task *task);

/* All tasks over one connection, then the coverage. False: a signal arrived. */
bool backfill_bars_run(struct backfill_bars *b, const struct td_tasks *tasks);

#endif
