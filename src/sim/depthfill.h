/* sim/depthfill.h - depth rows for subscribers: from a target book to row operations, and rows below a quote.
 *
 * Clients read rows in two ways: as a list that shifts, or as a table that is overwritten. The operations made
 * here mean the same in both: insert only at the end, delete only the last row, everything else is an update.
 * Source: reference page tws-protocol section 4.2.
 */
#ifndef TD_SIM_DEPTHFILL_H
#define TD_SIM_DEPTHFILL_H

#include "base/text.h"
#include "market/event.h"
#include "market/levels.h"

#define TD_DEPTH_ROWS_MAX 64

struct td_depth_row {
    td_px px;
    td_qty qty;
    char maker[TD_MAKER_CHARS];
    bool generated;
};

/* What a subscriber has been told so far; one per subscription. Zeroed = nothing yet. */
struct td_depth_shown {
    struct td_depth_row rows[2][TD_DEPTH_ROWS_MAX]; /* index enum td_side */
    uint32_t count[2];
};

/* Writes the operations that turn one side of `shown` into target[0..n) and makes it so. At most
 * max(n, shown count) operations; `cap` >= TD_DEPTH_ROWS_MAX always suffices, n > that is cut. */
size_t td_depth_diff(struct td_depth_shown *shown, enum td_side side,
                     const struct td_depth_row *target, size_t n, struct td_depth *out);

/* Rows below a real quote. Level k's size is drawn from (seed, side, price, slow clock), so that it stays while the
 * quote moves and changes now and then. Row 0 is the quote itself and real; the others are generated. */
struct td_depth_fill {
    uint64_t seed;
    td_px min_tick;
    td_qty lot;     /* sizes are multiples of it */
    td_qty top_qty; /* typical displayed size */
    td_ns hold;     /* a level's size holds about this long; 0: two seconds */
};
/* target[0..rows) of one side; returns how many (0 when the side is absent). */
size_t td_depth_fill(const struct td_depth_fill *fill, const struct td_quote *quote,
                     enum td_side side, td_ns now, struct td_depth_row *target, size_t rows);
/* target from levels (a generated or an MBO book). */
size_t td_depth_from_levels(const struct td_venue_level *levels, size_t n, bool generated,
                            struct td_depth_row *target, size_t rows);

/* Gives each row of a side a venue from `makers` (comma separated), by its price: SMART depth. */
void td_depth_name(struct td_depth_row *rows, size_t n, const char *makers, uint64_t seed);

#endif
