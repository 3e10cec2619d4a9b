/* history/mirror_plan.h - which of our files go to an object store, and under which key (contracts 11).
 *
 * | here | there |
 * | --- | --- |
 * | <data>/Level2, level2, parquet_data: SYMBOL/... | market_data/SYMBOL/... |
 * | <data>/IBDownloads/SYMBOL_USUSD_... | market_data/SYMBOL/bars/... |
 * | <data>/models, <data>/features | models/..., features/... |
 * | lists and manifests in <data> itself | backups/data/... |
 * | <state>/journal, audit logs in <state> | backups/journal/..., backups/state/... |
 *
 * Files that are being written (.tmp, .capture), locks, hidden ones and databases (made again from the journal) stay.
 * Looks at names only. Source: contracts 11, S3 layout.
 */
#ifndef TD_DESK_MIRROR_PLAN_H
#define TD_DESK_MIRROR_PLAN_H

#include "sys/world.h"

#define TD_MIRROR_FILES_MAX ((size_t)1 << 22)

struct td_mirror_file {
    char *path; /* one block with `key` behind it, heap of the plan */
    char *key;
};

struct td_mirror_plan {
    struct td_mirror_file *files;
    size_t count, cap;
};

struct td_mirror_places {
    const char *data, *state;
    const char *prefix; /* of every key, without slash at its ends; "" none */
};

/* Lists all files. Folders that are not there are fine. TD_EIO, TD_EACCES, TD_ENOMEM; TD_EFULL: more than
 * TD_MIRROR_FILES_MAX; TD_ERANGE: a path or key that is too long, or nested too deep. End with _fini in any case. */
TD_MUST_CHECK enum td_err td_mirror_plan_make(struct td_mirror_plan *plan, struct td_world *world,
                                              const struct td_mirror_places *places,
                                              struct td_fail *why);
void td_mirror_plan_fini(struct td_mirror_plan *plan);

#endif
