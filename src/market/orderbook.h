/* market/orderbook.h - an order-by-order (MBO) book: every resting order, and the levels they add up to.
 *
 * Rules of the feed: ADD joins the end of its level, CANCEL takes size off, MODIFY with a new price or a
 * larger size joins the end again, CLEAR empties both sides, TRADE and FILL change nothing (a CANCEL or
 * MODIFY follows). Source: Databento MBO conventions; CME MDP 3.0.
 * One book is one instrument at one publisher. Between two records with `last` a venue's event is half told: read the
 * levels only behind one.
 * Memory is the caller's; a full table refuses the order and counts it in `refused`. One owner.
 */
#ifndef TD_MARKET_ORDERBOOK_H
#define TD_MARKET_ORDERBOOK_H

#include "base/arena.h"
#include "base/map.h"
#include "market/book.h"
#include "market/levels.h"

struct td_resting {
    uint64_t id;
    td_px px;
    td_qty qty;
    uint64_t sequence; /* time priority: smaller is older */
    uint8_t side;
};

struct td_orderbook {
    struct td_map map;         /* order id -> index in orders */
    struct td_resting *orders; /* [cap] */
    uint32_t *unused;          /* [cap] stack of free indexes */
    uint32_t cap, unused_count, count;
    uint64_t sequence;
    uint64_t refused; /* orders that did not fit, or changes of orders never seen */
};

/* `cap` is a power of two. TD_ENOMEM when the arena is too small. */
TD_MUST_CHECK enum td_err td_orderbook_open(struct td_orderbook *b, uint32_t cap,
                                            struct td_arena *arena);
size_t td_orderbook_bytes(uint32_t cap);

/* Applies one order event to the book and to levels[2]. `before`, when not NULL, receives the order as
 * it was (id 0 when it was not there): queue models need its place. TD_EINVAL: bad side or action. */
TD_MUST_CHECK enum td_err td_orderbook_apply(struct td_orderbook *b, struct td_levels *levels,
                                             const struct td_mbo *mbo, struct td_resting *before);

/* What the letters of an MBO record mean, into action and side (2 when the venue gives none). False: 'N' or a letter that
 * changes nothing; *out is then untouched. */
bool td_mbo_letters(char action, char side, struct td_mbo *out);

/* The best rows of levels[2] as a level-2 book of its rows_max, which is initialised; its stamps stay the caller's. */
void td_orderbook_show(const struct td_levels *levels, struct td_book *out);

#endif
