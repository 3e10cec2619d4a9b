/* cmd/features.h - what the parts of `tapedeck features` share: its arguments, opening a set, loading bars, columns. */
#ifndef TD_CMD_FEATURES_H
#define TD_CMD_FEATURES_H

#include "cmd/cmd.h"
#include "history/feature_table.h"
#include "signal/feature.h"

struct td_features_args {
    const char *in, *trades, *instrument, *out, *other, *symbol, *data, *zone, *calendar, *scale,
        *save;
    int64_t news_minutes, span, fit, bound, nan;
    bool extended, json;
};

/* A built-in set, or the file of that name. TD_EINVAL: neither. */
TD_MUST_CHECK enum td_err td_features_open(const struct td_run *run, const char *name,
                                           struct td_feature_set *set, struct td_fail *why);
/* The bars of a file with all that the set uses; free with td_feature_table_free. */
TD_MUST_CHECK enum td_err td_features_load(const struct td_run *run,
                                           const struct td_features_args *args,
                                           const struct td_feature_set *set, const char *path,
                                           struct td_feature_table *table, struct td_fail *why);
/* [count][rows], NULL when there is no memory; `why` says so. */
double **td_features_columns(int32_t count, size_t rows, struct td_fail *why);
void td_features_columns_free(double **columns, int32_t count); /* NULL is fine */
/* A file of features with the set and its hash in its metadata. */
TD_MUST_CHECK enum td_err td_features_write(const struct td_run *run, const char *path,
                                            const struct td_feature_set *set, const td_ns *times,
                                            const double *const *columns, size_t rows,
                                            struct td_fail *why);
/* An empty text of 64 KiB, one at a time; and printing it when little room is left: false when nobody reads on. */
struct td_text td_features_text(void);
bool td_features_flush(struct td_text *t, size_t least);

/* `features check`. *status becomes 1 when faults were found, and told. */
TD_MUST_CHECK enum td_err td_features_check(const struct td_run *run,
                                            const struct td_features_args *args, int *status,
                                            struct td_fail *why);
/* `features store SET` and `features index`. */
TD_MUST_CHECK enum td_err td_features_store(const struct td_run *run,
                                            const struct td_features_args *args, int *status,
                                            struct td_fail *why);
TD_MUST_CHECK enum td_err td_features_index(const struct td_run *run,
                                            const struct td_features_args *args, int *status,
                                            struct td_fail *why);

#endif
