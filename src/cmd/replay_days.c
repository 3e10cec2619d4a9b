/* cmd/replay_days.c - questions of the dashboard, put to the recordings on the disk. */
#include "cmd/replay_days.h"

#include <string.h>

#define LIST_AGE (2 * TD_SEC)
#define BUDGET   (60 * TD_MS) /* of looking into files, for one question: pushes wait for it */

_Static_assert(TD_RECORDINGS_LEVELS == TD_RECORDED_LEVELS, "one limit");
_Static_assert(TD_RECORDINGS_COLUMNS == TD_RECORDED_COLUMNS, "one limit");

static enum td_err refresh(struct td_recordings_of *r, td_ns budget, struct td_fail *why)
{
    if (!r->recorded && td_recorded_open(&r->recorded, r->world, r->folder) != TD_OK)
        return td_fail_set(why, TD_ENOMEM, "no memory for recordings");
    return td_recorded_refresh(r->recorded, LIST_AGE, budget, why);
}

static enum td_err days(void *arg, struct td_json *j, struct td_fail *why)
{
    struct td_recordings_of *r = arg;
    const enum td_err err = refresh(r, BUDGET, why);
    if (!err)
        td_recorded_put_days(r->recorded, j);
    return err;
}

static enum td_err window(void *arg, const struct td_recordings_query *q, struct td_json *j,
                          struct td_fail *why)
{
    struct td_recordings_of *r = arg;
    struct td_recorded_window w;
    const struct td_recorded_query query = {.symbol = q->symbol,
                                            .day = q->day,
                                            .from = q->from,
                                            .to = q->to,
                                            .levels = q->levels,
                                            .columns = q->columns};
    enum td_err err = refresh(r, 0, why);
    if (!err)
        err = td_recorded_window(r->recorded, &query, &w, why);
    if (!err)
        td_recorded_put_window(&w, j);
    return err;
}

static enum td_err book(void *arg, const struct td_recordings_query *q, struct td_json *j,
                        struct td_fail *why)
{
    struct td_recordings_of *r = arg;
    struct td_recorded_book b;
    enum td_err err = refresh(r, 0, why);
    if (!err)
        err = td_recorded_book(r->recorded, q->symbol, q->day, q->from, q->levels, &b, why);
    if (!err)
        td_recorded_put_book(&b, j);
    return err;
}

void td_recordings_init(struct td_recordings_of *r, struct td_world *world, const char *folder)
{
    *r = (struct td_recordings_of){
        .world = world,
        .folder = folder,
        .calls = {.arg = r, .folder = folder, .days = days, .window = window, .book = book}};
}

void td_recordings_close(struct td_recordings_of *r)
{
    td_recorded_close(r->recorded);
    memset(r, 0, sizeof *r);
}
