/* trade/sizing.h - how much to buy: four methods, one answer, always rounded down.
 *
 * Pure: capital, price, volatility, past trades and limits in; a quantity and one line of reason out. The quantity is a
 * whole number of lots, never above a limit that is given, never negative; what cannot be known makes it smaller or 0 and
 * the reason says so. More capital never gives less. It decides nothing: the order still asks every gate.
 *
 *   fixed     capital x max_position / unit price
 *   atr       capital x max_position / (2 x ATR x multiplier), at most what the cash buys; without an ATR as fixed
 *   kelly     b = average win / average loss, f = (p b - q) / b, p the part of trades won and q = 1 - p;
 *             capital x min(f / 4, max_position) / unit price; f <= 0: nothing
 *   advanced  half Kelly of the last 100 trades, at most 25 %, x strength x correlation factor, at most 10 % of the
 *             capital, and such that 2 x ATR x quantity is at most 2 % of it
 *
 * Unit price is price x multiplier. With fewer than 30 trades Kelly's formula says nothing: both Kelly methods then begin
 * with 1 %. Without an ATR `advanced` takes 2 % of the price in place of 2 x ATR. The correlation factor is
 * 1 - 2 (r - 0.5), within 0.3 and 1; what is not known (NaN) counts as 1 when nothing is held and 0.3 when something is.
 * Source: contracts 10.4; rounding down is a correction (the original's nearest could pass its own cap).
 */
#ifndef TD_TRADE_SIZING_H
#define TD_TRADE_SIZING_H

#include "base/text.h"

#define TD_SIZING_TRADES      30  /* fewer prove nothing */
#define TD_SIZING_TRADES_LAST 100 /* of the statistics `advanced` is meant for */

enum td_sizing_method {
    TD_SIZING_FIXED,
    TD_SIZING_ATR,
    TD_SIZING_KELLY,
    TD_SIZING_ADVANCED,
    TD_SIZING_COUNT
};

/* Trades that ended, of a strategy or a symbol. */
struct td_sizing_record {
    uint32_t trades;
    uint32_t wins;       /* with a profit after fees */
    double average_win;  /* money, > 0 when there is a win */
    double average_loss; /* money, > 0 when there is a loss */
};

struct td_sizing_facts {
    td_cash capital;     /* the account's equity; unset or <= 0: nothing is bought */
    td_cash cash;        /* that can be spent; unset: as much as the capital */
    td_px price;         /* > 0 */
    td_qty multiplier;   /* > 0 */
    td_qty lot;          /* the quantity is a multiple of it; 0: whole units */
    td_px atr;           /* of the bars that are traded; unset or 0: not known */
    int64_t fraction_e9; /* max_position: part of the capital in one position, 0 to 1 */
    struct td_sizing_record record;
    double strength;    /* conviction, 0 to 1; NaN: 1 */
    double correlation; /* highest with what is held; NaN: not known */
    bool holds;         /* something is held */
    /* Limits; unset: none. Negative ones count as 0. */
    td_qty units_max; /* of this order */
    td_cash value_max;
};

struct td_sizing {
    td_qty qty;
    char reason[96]; /* "kelly: f 0.25 -> 2 % of 100000 at 50: 40" */
};

const char *td_sizing_word(enum td_sizing_method method); /* "atr"; "?" past the table */
/* By its word. False: no such method. */
bool td_sizing_find(struct td_str word, enum td_sizing_method *out);
/* Kelly's fraction; NaN with fewer than TD_SIZING_TRADES trades. */
double td_sizing_kelly(const struct td_sizing_record *record);
void td_sizing_decide(enum td_sizing_method method, const struct td_sizing_facts *facts,
                      struct td_sizing *out);

#endif
