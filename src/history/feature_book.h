/* history/feature_book.h - books, and the trades between them, as the inputs of features.
 *
 * A row for each instant that has a book, `close` its mid, with the features of signal/micro.h behind everything of that
 * instant. Where the source has no trades, what only trades tell stays NaN. For history/feature_table.c alone. */
#ifndef TD_DESK_FEATURE_BOOK_H
#define TD_DESK_FEATURE_BOOK_H

#include "history/book_feed.h"
#include "history/feature_table.h"

/* Fills rows, at and the columns that `uses` asks for. TD_EINVAL: the settings, or a file that does not go with the other;
 * TD_EPARSE: no books in such a file, or times that go back; TD_ERANGE, TD_ENODATA, TD_ENOMEM, what the world says. The caller
 * frees the table. */
TD_MUST_CHECK enum td_err td_feature_books(struct td_feature_table *t, struct td_world *world,
                                           const struct td_book_source *source,
                                           const struct td_micro_config *config, const bool *uses,
                                           struct td_fail *why);

#endif
