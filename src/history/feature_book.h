/* history/feature_book.h - a recording of snapshots as the inputs of features.
 *
 * One bar for each book, `close` its mid, with the features of signal/micro.h that depend on books alone: a recording of
 * snapshots has no trades, those of trades stay NaN. Presets of td_micro_config. For history/feature_table.c alone. */
#ifndef TD_DESK_FEATURE_BOOK_H
#define TD_DESK_FEATURE_BOOK_H

#include "history/feature_table.h"

/* Fills rows, at and the columns that `uses` asks for. TD_EPARSE: no snapshots, or times that do not rise; TD_ERANGE,
 * TD_ENODATA, TD_ENOMEM, what the world says. The caller frees the table. */
TD_MUST_CHECK enum td_err td_feature_books(struct td_feature_table *t, struct td_world *world,
                                           const char *path, const bool *uses, struct td_fail *why);

#endif
