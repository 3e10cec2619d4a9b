/* market/levels.h - one side of an aggregated book: price levels sorted best first, in fixed memory.
 *
 * `taken` is what our own simulated orders took from the level and the tape does not know about;
 * `traded` is what printed there since its size last changed; feeds and books leave both 0.
 * Finding takes one look where every tick has its level, as near the best price of a liquid book, and O(log n) else.
 * Inserting and removing move the shorter end, so that a change near the best price, as nearly all are, moves a few rows
 * however deep the book is. One owner.
 */
#ifndef TD_MARKET_LEVELS_H
#define TD_MARKET_LEVELS_H

#include "market/event.h"

struct td_venue_level {
    td_px px;
    td_qty qty;     /* displayed */
    td_qty taken;   /* already given to our orders, 0..qty */
    td_qty traded;  /* printed since qty last changed */
    int32_t orders; /* number of orders, 0 unknown */
};

struct td_levels {
    struct td_venue_level *rows; /* [count], best first; moves within the caller's block */
    uint32_t count, cap;
    uint8_t side;     /* enum td_side */
    uint64_t dropped; /* levels that found no room: the worst of a full side */
    /* private */
    struct td_venue_level *block; /* [cap] */
    int64_t step;                 /* smallest gap between two levels there ever was; 0 none yet */
};

/* `rows` has `cap` entries and stays the caller's. */
void td_levels_init(struct td_levels *l, enum td_side side, struct td_venue_level *rows,
                    uint32_t cap);
/* The level at `px`, or NULL. Valid until the next set or trim. */
struct td_venue_level *td_levels_find(const struct td_levels *l, td_px px);
/* Sets the displayed size; 0 removes the level. When full, the worst level makes room (or is refused). */
struct td_venue_level *td_levels_set(struct td_levels *l, td_px px, td_qty qty);
/* Adds to the displayed size and to the number of orders, both possibly negative; a size of 0 or less removes the level.
 * Sizes past 9.2e9 units stay there. */
void td_levels_change(struct td_levels *l, td_px px, td_qty by, int32_t orders);
/* Removes every level better than `px`; TD_PX_NONE removes all. */
void td_levels_trim(struct td_levels *l, td_px px);
/* True when `a` is a better price than `b` on this side. */
bool td_levels_better(const struct td_levels *l, td_px a, td_px b);
/* Level `i`, 0 the best; past the last one a level without price, size and orders, as feeds of ten levels show it. */
struct td_venue_level td_levels_at(const struct td_levels *l, uint32_t i);

#endif
