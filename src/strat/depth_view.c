/* strat/depth_view.c - rows of a book or a quote as a ladder. */
#include "strat/depth_view.h"

#include <math.h>

#include "strat/bar_feed.h"

static void place(struct td_ladder *out, enum td_side side, td_px px, td_qty qty)
{
    const double price = td_feed_price(px);
    if (price > 0 && !td_qty_is_none(qty))
        (void)td_ladder_place(out, side, price, td_e9_to_double(qty.e9));
}

static void place_book(struct td_ladder *out, const struct td_book *book)
{
    for (int side = TD_ASK; side <= TD_BID; side++)
        for (int32_t row = 0; row < book->rows[side]; row++)
            place(out, (enum td_side)side, book->side[side][row].px, book->side[side][row].qty);
}

bool td_depth_view(const struct td_leg *leg, struct td_ladder *out)
{
    td_ladder_clear(out);
    if (leg->book) {
        if (leg->book->broken)
            return false;
        place_book(out, leg->book);
    } else {
        place(out, TD_ASK, leg->quote.ask, leg->quote.ask_qty);
        place(out, TD_BID, leg->quote.bid, leg->quote.bid_qty);
    }
    return out->rows[TD_ASK] > 0 && out->rows[TD_BID] > 0 && td_ladder_spread(out) > 0;
}

static double weighted(const struct td_ladder *b, enum td_side side, int32_t levels)
{
    const double mid = td_ladder_mid(b);
    double sum = 0;
    for (int32_t i = 0; i < b->rows[side] && i < levels; i++)
        sum += b->qty[side][i] * exp(-TD_PRESSURE_DECAY * fabs(b->px[side][i] - mid) / mid);
    return sum;
}

double td_depth_pressure(const struct td_ladder *b, int32_t levels)
{
    const double bids = weighted(b, TD_BID, levels), asks = weighted(b, TD_ASK, levels);
    return bids + asks > 0 ? (bids - asks) / (bids + asks) : 0; /* all so far away that it is 0 */
}

double td_depth_spread_bps(const struct td_ladder *b)
{
    return 10000 * td_ladder_spread(b) / td_ladder_mid(b);
}
