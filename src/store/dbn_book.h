/* store/dbn_book.h - the ten best levels behind each event of a venue, from the records of a Databento file.
 *
 * Records of one instrument at one publisher, in file order: mbo keeps a full book order by order, mbp-10 and mbp-1 carry
 * their levels. Between two records with the flag "last" an event is half told, so a book is given only behind one.
 * Memory is one block of the heap, about 30 MiB, whatever comes. One owner.
 * Source: Databento's public DBN specification; rules of orders: market/orderbook.h. */
#ifndef TD_STORE_DBN_BOOK_H
#define TD_STORE_DBN_BOOK_H

#include "market/orderbook.h"
#include "store/capture.h"
#include "wire/dbn.h"

struct td_dbn_book {
    /* private */
    uint64_t sideless;
    struct td_orderbook orders;
    struct td_levels levels[2];
    struct td_book shown;
    void *block;
};

/* TD_ENOMEM. */
TD_MUST_CHECK enum td_err td_dbn_book_open(struct td_dbn_book *b, struct td_fail *why);
/* Takes a record. True: an event has ended, *out is the book behind it, stamped at ts_event, with quality TD_Q_EMPTY,
 * TD_Q_CROSSED or TD_Q_LOCKED as it is, and TD_Q_GAP where the vendor says that something may be missing. False: *out is
 * untouched. */
bool td_dbn_book_take(struct td_dbn_book *b, const struct td_dbn_record *r, struct td_snap *out);
/* Orders of mbo that did not fit the book, or changed one never seen: a stream that begins in the middle has them. */
uint64_t td_dbn_book_unplaced(const struct td_dbn_book *b);
void td_dbn_book_close(struct td_dbn_book *b); /* accepts a zeroed one, and twice */

#endif
