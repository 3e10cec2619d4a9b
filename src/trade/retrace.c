/* trade/retrace.c - applies, compares, counts. */
#include "trade/retrace.h"

#include <stdlib.h>

#include "trade/snapshot.h"

static const struct td_blotter_limits limits = {.orders_max = TD_BLOTTER_ORDERS_MAX,
                                                .executions_max = TD_BLOTTER_EXECUTIONS_MAX,
                                                .holdings_max = TD_BLOTTER_HOLDINGS_MAX,
                                                .orders_kept = TD_BLOTTER_ORDERS_KEPT,
                                                .executions_kept = TD_BLOTTER_EXECUTIONS_KEPT};

static enum td_err new_blotter(struct td_blotter *out, void **memory)
{
    struct td_arena arena;
    const size_t bytes = td_blotter_bytes(&limits);
    *memory = malloc(bytes);
    if (!*memory)
        return TD_ENOMEM;
    td_arena_init(&arena, *memory, bytes);
    return td_blotter_open(out, &limits, &arena);
}

enum td_err td_retrace_open(struct td_retrace *out, struct td_world *world, const char *folder,
                            struct td_fail *why)
{
    out->world = world;
    out->folder = folder;
    const enum td_err err = new_blotter(&out->b, &out->memory);
    return err ? td_fail_set(why, err, "no memory to replay the journal") : TD_OK;
}

void td_retrace_close(struct td_retrace *r)
{
    free(r->memory);
    r->memory = NULL;
}

static enum td_err take(void *arg, const struct td_record *record)
{
    struct td_retrace *r = arg;
    r->types[record->type]++;
    switch (td_state_compare(&r->b, record)) {
    case TD_STATE_NONE:
        break;
    case TD_STATE_EQUAL:
        r->states_equal++;
        break;
    case TD_STATE_OTHER_LAYOUT:
        r->states_other_layout++;
        break;
    case TD_STATE_DIFFERS:
        r->differs_seq = r->differs_seq ? r->differs_seq : record->seq;
        break;
    }
    const enum td_err err = td_blotter_replay(&r->b, record);
    if (r->record)
        r->record(r->arg, record, &r->b);
    return err;
}

struct other {
    struct td_blotter b;
    void *memory;
};

static struct td_blotter *make_room(void *arg, const struct td_blotter_limits *needed)
{
    struct other *o = arg;
    (void)needed;
    return new_blotter(&o->b, &o->memory) == TD_OK ? &o->b : NULL;
}

/* The state stands at the begin of the next file: is that what its snapshot holds? */
static void compare_snapshot(struct td_retrace *r, const struct td_journal_file *file)
{
    struct td_snapshot about = {.number = file->number + 1};
    struct other o = {.memory = NULL};
    memcpy(about.chain, file->chain, sizeof about.chain);
    const enum td_err err = td_snapshot_load(r->world, r->folder, &about, make_room, &o, NULL);
    if (!err && td_blotter_print(&o.b) == td_blotter_print(&r->b))
        r->snapshots_equal++;
    else if (!err)
        r->snapshot_differs = r->snapshot_differs ? r->snapshot_differs : about.number;
    else if (err != TD_ENOENT)
        r->snapshots_ignored++;
    free(o.memory);
}

static void take_file(void *arg, const struct td_journal_file *file)
{
    struct td_retrace *r = arg;
    if (!file->err)
        compare_snapshot(r, file);
    if (r->file)
        r->file(r->arg, file);
}

enum td_err td_retrace_run(struct td_retrace *r, struct td_journal_report *report,
                           struct td_fail *why)
{
    const struct td_journal_reader reader = {.each = take, .file = take_file, .arg = r};
    return td_journal_read_with(r->world, r->folder, &reader, report, why);
}
