/* market/book.h - level-2 book of one instrument, kept row by row as the venue sends it.
 *
 * Turns depth updates into two sorted sides and knows when it is wrong. Never allocates, never blocks,
 * never reads a clock. Single owner: not thread-safe. Row rules (docs/wire/tws.md, "Market depth"):
 * insert shifts deeper rows down, delete shifts them up, update changes a row in place; rows past
 * `rows_max` fall off. SMART rows keep their market maker.
 *
 * An update the venue's own rules forbid is a gap: the book is left as it was, `broken` is set, and no
 * decision may be taken from it until a reset and fresh rows. Crossed or locked sides, and rows out of
 * price order, are flagged but kept: they are what the venue showed.
 * Source: IBKR sample clients' list semantics, tws-protocol 4.2; features F32-F33 of the fault list.
 */
#ifndef TD_MARKET_BOOK_H
#define TD_MARKET_BOOK_H

#include "market/event.h"

#define TD_BOOK_ROWS_MAX 64

/* Quality of a book or of a snapshot of it; 0 = good. Stored as is in recorded files. */
enum td_quality {
    TD_Q_EMPTY = 1,      /* a side has no rows                                   */
    TD_Q_CROSSED = 2,    /* best bid > best ask                                  */
    TD_Q_LOCKED = 4,     /* best bid = best ask                                  */
    TD_Q_DISORDER = 8,   /* rows of a side are not in price order                */
    TD_Q_GAP = 16,       /* an update did not fit; wait for reset                */
    TD_Q_STALE = 32,     /* no update for longer than the caller's limit         */
    TD_Q_GENERATED = 64, /* at least one row since the reset came from the generator */
};

/* "gap" and so on of the flag 1 << bit; NULL past the last one. */
const char *td_quality_word(unsigned bit);

struct td_level {
    td_px px;
    td_qty qty; /* > 0 */
};

struct td_book {
    struct td_level side[2][TD_BOOK_ROWS_MAX];       /* [TD_ASK], [TD_BID]; row 0 = best */
    char maker[2][TD_BOOK_ROWS_MAX][TD_MAKER_CHARS]; /* beside its row */
    int32_t rows[2];                                 /* live rows per side          */
    int32_t rows_max;                                /* rows subscribed, 1..TD_BOOK_ROWS_MAX */
    uint64_t updates;                                /* applied since init          */
    uint32_t gaps; /* updates the venue's own rules forbid, since init */
    uint32_t resets;
    uint32_t disorder[2]; /* neighbours of a side out of price order, now */
    bool broken;          /* a gap since the last reset  */
    bool generated;
    td_ns recv_ns; /* of the last applied update  */
    td_ns venue_ns;
};

void td_book_init(struct td_book *book, int32_t rows_max);
/* Both sides empty and trusted again: after a reset notice or a new subscription. */
void td_book_reset(struct td_book *book);

/* Applies one TD_EV_DEPTH event in O(rows). TD_EGAP: the update names a row that cannot be (negative,
 * past the end, size <= 0, price unset, unknown side or operation); the book is unchanged and broken.
 * A delete or update of a row that fell off the end of a full side is not a gap; it is ignored. */
TD_MUST_CHECK enum td_err td_book_apply(struct td_book *book, const struct td_event *event);

/* Quality now; `stale_ns` > 0 also flags a book without update for that long before `now`. O(1). */
uint32_t td_book_quality(const struct td_book *book, td_ns now, td_ns stale_ns);
/* Best bid and ask; TD_PX_NONE and size 0 where a side is empty. */
void td_book_top(const struct td_book *book, struct td_quote *out);

#endif
