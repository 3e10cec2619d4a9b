/* history/book_feed.h - books and trades of one instrument in the order they came, from the files that hold them.
 *
 * Bytes and columns decide what a file is. Snapshots (contracts 4.1, store/depth_stream.h) give a book for each row, on
 * the clock of their column `timestamp`; an event table (contracts 4.4) beside them gives its trades, on its timestamp_ns: one
 * stamped as late as a book comes before it, for a snapshot has in it what was known at its time. A Databento file gives
 * both, in its own order, on the clock of ts_recv: mbo, mbp-10, mbp-1 and tbbo, a book where the venue's event ends; a fill is no trade
 * of its own. A row group or a book of orders is in memory, whatever the file. One owner, heap of this file. */
#ifndef TD_HISTORY_BOOK_FEED_H
#define TD_HISTORY_BOOK_FEED_H

#include "signal/micro.h"
#include "sys/world.h"

struct td_book_source {
    const char *path;
    const char *trades;     /* event table beside snapshots; NULL none */
    const char *instrument; /* of a Databento file: its symbol or number; NULL: it has but one */
};

struct td_book_event {
    bool is_trade;
    bool doubted; /* a book that its source marked as wrong or late: not to be believed */
    struct td_micro_book book;
    double depth; /* of the book: sum of the sizes of all its levels */
    struct td_micro_trade trade;
};

struct td_book_feed; /* opaque */

/* True for a Databento file: packed with zstd, or plain with its metadata. */
TD_MUST_CHECK enum td_err td_book_feed_is_dbn(struct td_world *world, const char *path, bool *out,
                                              struct td_fail *why);
/* TD_EPARSE: neither; TD_EINVAL: trades beside a Databento file, an instrument beside snapshots. What the readers say. */
TD_MUST_CHECK enum td_err td_book_feed_open(struct td_book_feed **out, struct td_world *world,
                                            const struct td_book_source *source,
                                            struct td_fail *why);
/* Whether the source would tell of a trade. */
bool td_book_feed_has_trades(const struct td_book_feed *f);
/* TD_ENODATA: no more. TD_EPARSE, TD_ETORN: damaged, or rows older than rows before them. TD_EUNSUP: a second instrument. */
TD_MUST_CHECK enum td_err td_book_feed_next(struct td_book_feed *f, struct td_book_event *out,
                                            struct td_fail *why);
void td_book_feed_close(struct td_book_feed *f); /* NULL is allowed */

#endif
