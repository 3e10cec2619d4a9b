/* history/backfill_inner.h - shared by backfill.c (one task) and backfill_pool.c (many); nobody else includes it. */
#ifndef TD_DESK_BACKFILL_INNER_H
#define TD_DESK_BACKFILL_INNER_H

#include "history/backfill.h"

struct backfill_pool; /* NULL: one task alone, on the caller's thread */

/* A worker with the task in its hands. */
struct backfill_work {
    const struct td_backfill_config *c;
    struct backfill_pool *pool;
    struct td_world *world;
    void *vendor; /* opened when first needed */
    const struct td_task *task;
    struct td_backfill_result *out;
    enum td_err err; /* of the last task */
    struct td_backfill_name name;
    struct td_file file;
    uint64_t records;
    char day[16];
    char folder[TD_BACKFILL_PATH], events[TD_BACKFILL_PATH], book[TD_BACKFILL_PATH],
        raw[TD_BACKFILL_PATH], part[TD_BACKFILL_PATH];
};

void backfill_do(struct backfill_work *w, const struct td_task *task,
                 struct td_backfill_result *out);
void backfill_work_close(struct backfill_work *w);

/* Of the pool; each does what is right for one task alone when it is NULL. */
void backfill_lock(struct backfill_pool *p);
void backfill_unlock(struct backfill_pool *p);
void backfill_tell(struct backfill_pool *p, const struct td_backfill_config *c, bool bad,
                   const char *line);
bool backfill_stopped(struct backfill_pool *p);
const atomic_bool *backfill_stop_flag(struct backfill_pool *p);
/* Takes `cost` from what is left of `limit` (negative: none); false when it is not enough. */
bool backfill_spend(struct backfill_pool *p, int64_t limit, int64_t cost);

#endif
