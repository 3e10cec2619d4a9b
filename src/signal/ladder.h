/* signal/ladder.h - a level-2 book as the measures see it: two clean sides of doubles, and what holds at one instant.
 *
 * A level is a price above zero with a size above zero; others are missing and are left out. Sides are best first, prices
 * strictly ordered: rows that come out of order are put in place, rows of equal price (several makers) become one level.
 * Whether a side is empty or the book crossed is the caller's to ask first; the measures then divide by nothing that is 0.
 * Sizes keep their raw unit, prices are in currency units. Plain memory of the caller, never allocates. Not thread-safe.
 * Source: Gatheral and Oomen 2010 (microprice); the formulas stand in docs/analyzer.md.
 */
#ifndef TD_SIGNAL_LADDER_H
#define TD_SIGNAL_LADDER_H

#include "market/event.h"

#define TD_LADDER_LEVELS  64   /* of a side */
#define TD_LADDER_PX_MAX  9e9  /* what fixed point holds */
#define TD_LADDER_QTY_MAX 1e12 /* of a row */

struct td_ladder {
    int32_t rows[2]; /* [enum td_side] */
    double px[2][TD_LADDER_LEVELS];
    double qty[2][TD_LADDER_LEVELS];
};

enum td_ladder_load {
    TD_LADDER_DISORDER = 1, /* a row was not in price order              */
    TD_LADDER_MERGED = 2,   /* a row had the price of another            */
    TD_LADDER_BAD = 4,      /* a price or size is negative, not finite or past its limit */
};

static inline void td_ladder_clear(struct td_ladder *b)
{
    b->rows[TD_ASK] = b->rows[TD_BID] = 0;
}

/* Adds a row, wherever it belongs: missing ones are left out, equal prices added, the worst of a full side makes room. */
uint32_t td_ladder_place(struct td_ladder *b, enum td_side side, double px, double qty);

/* Fills a side with rows as they were recorded; returns flags of enum td_ladder_load. O(rows) when best comes first. */
uint32_t td_ladder_fill(struct td_ladder *b, enum td_side side, const double *px, const double *qty,
                        int32_t rows);

/* The following want a level on each side. */
static inline double td_ladder_spread(const struct td_ladder *b)
{
    return b->px[TD_ASK][0] - b->px[TD_BID][0];
}
static inline double td_ladder_mid(const struct td_ladder *b)
{
    return (b->px[TD_ASK][0] + b->px[TD_BID][0]) / 2;
}
/* Mid weighted by the sizes of the opposite sides: between best bid and best ask. */
static inline double td_ladder_price(const struct td_ladder *b)
{
    const double qb = b->qty[TD_BID][0], qa = b->qty[TD_ASK][0];
    return (b->px[TD_BID][0] * qa + b->px[TD_ASK][0] * qb) / (qa + qb);
}
/* Sum of the sizes of the best `levels` levels of a side. */
double td_ladder_depth(const struct td_ladder *b, enum td_side side, int32_t levels);
/* (B - A) / (B + A) of the best `levels` levels: -1 only asks .. 1 only bids. */
double td_ladder_imbalance(const struct td_ladder *b, int32_t levels);
/* Sum of the sizes at most `span` away from a side's own best price. */
double td_ladder_near(const struct td_ladder *b, enum td_side side, double span);

#endif
