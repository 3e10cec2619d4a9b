/* history/feature_store.h - computed features kept by set, version, symbol and day, and what is known of them.
 *
 *   <root>/features/<set>/<version>/<SYMBOL>/<YYYY-MM-DD>.parquet   the truth; whole or not there
 *   <root>/features/index.db                                        SQLite: sets, days, quality and importance
 *
 * A file's place follows from its keys, so finding one asks the index for one row by its primary key and never lists a folder.
 * A version is bound to the set's hash and to what else decides values (`made`: span, clock, second series, news window): the same version
 * of something else is refused. At most TD_FEATURE_VERSIONS of a set are kept, the lowest go first, files and rows.
 * A day is written before the index knows it; a row whose file is gone counts as missing. Owner: one process at a time writes
 * (SQLite's lock, 5 s). */
#ifndef TD_DESK_FEATURE_STORE_H
#define TD_DESK_FEATURE_STORE_H

#include "signal/feature.h"
#include "sys/world.h"

#define TD_FEATURE_VERSIONS 10

struct td_feature_store; /* heap */

struct td_feature_day {
    const char *symbol;
    int64_t day; /* since 1970-01-01, of the exchange */
    int64_t rows;
    td_ns last;  /* start of the last bar */
    td_ns since; /* start of the first bar that the state knew */
};

struct td_feature_quality {
    double nan_share, next_corr; /* NaN: not known */
};

/* Makes folder and tables when they are not there. TD_EVERSION: another program's database, or a newer one. TD_ELOCKED, TD_EACCES,
 * TD_ENOSPC, TD_ECORRUPT, TD_ENOMEM, TD_ERANGE (the path is too long). */
TD_MUST_CHECK enum td_err td_feature_store_open(struct td_feature_store **out,
                                                struct td_world *world, const char *root,
                                                struct td_fail *why);
void td_feature_store_close(struct td_feature_store *s); /* NULL is fine */

/* Finds or adds a version. TD_EEXIST: that version is of another hash or made otherwise. TD_EINVAL: 10 higher versions are kept. */
TD_MUST_CHECK enum td_err td_feature_store_version(struct td_feature_store *s,
                                                   const struct td_feature_set *set,
                                                   const char *made, int64_t *id,
                                                   struct td_fail *why);
/* Where a day's file belongs; its folder is made. */
TD_MUST_CHECK enum td_err td_feature_store_place(struct td_feature_store *s, const char *set,
                                                 int32_t version, const char *symbol, int64_t day,
                                                 char *out, size_t cap, struct td_fail *why);
/* The file of a day. TD_ENOENT: it is not kept. Fills rows, last and since of *day, given its symbol and day. */
TD_MUST_CHECK enum td_err td_feature_store_find(struct td_feature_store *s, const char *set,
                                                int32_t version, struct td_feature_day *day,
                                                char *out, size_t cap, struct td_fail *why);
/* Tells the index of a day whose file is written. */
TD_MUST_CHECK enum td_err td_feature_store_add(struct td_feature_store *s, int64_t id,
                                               const struct td_feature_day *day,
                                               struct td_fail *why);
/* What is known of a feature of a symbol; importance is kept when it was told before. */
TD_MUST_CHECK enum td_err td_feature_store_quality(struct td_feature_store *s, int64_t id,
                                                   const char *symbol, const char *feature,
                                                   const struct td_feature_quality *q,
                                                   struct td_fail *why);
TD_MUST_CHECK enum td_err td_feature_store_importance(struct td_feature_store *s, int64_t id,
                                                      const char *symbol, const char *feature,
                                                      double importance, struct td_fail *why);

/* One line of the index: a symbol of a version. */
struct td_feature_kept {
    const char *set, *hash, *symbol, *made, *first,
        *last; /* days as YYYY-MM-DD; valid in the call */
    int64_t version, days, rows;
};
typedef bool td_feature_kept_fn(void *arg, const struct td_feature_kept *kept); /* false ends it */
TD_MUST_CHECK enum td_err td_feature_store_list(struct td_feature_store *s, td_feature_kept_fn *fn,
                                                void *arg, struct td_fail *why);

#endif
