/* market/pause.h - whether the venue lets an instrument trade, and when to trust it again after a pause.
 *
 * The broker tells a pause by tick 49: 0 none, 1 by a regulator, 2 for volatility, -1 not known (with frozen data).
 * While it lasts no new order leaves. Its end alone is not enough: the quote on the screen is still that of before, so
 * both sides must be told anew, with prices that do not cross. Not known keeps a pause, and without one is doubt: it
 * ends with a fresh quote of both sides too.
 *
 * An instrument that is never told about trades: most futures and currencies are not. Cancels and what only reduces
 * are not this module's to judge. A pause outlives the connection; fresh sides do not.
 *
 *             0            1, 2      -1           both sides fresh   connection lost
 *   trading   -            paused    doubtful     -                  -
 *   paused    doubtful     -         -            -                  -
 *   doubtful  -            paused    -            trading            sides are not fresh
 *
 * Pure; one owner. Source: operations 2.5, reliability F36.
 */
#ifndef TD_MARKET_PAUSE_H
#define TD_MARKET_PAUSE_H

#include "market/event.h"

enum td_pause_state { TD_PAUSE_TRADING, TD_PAUSE_PAUSED, TD_PAUSE_DOUBTFUL };

struct td_pause {   /* zero: trading */
    uint8_t state;  /* enum td_pause_state */
    int8_t reason;  /* of the pause that was told last: 1 or 2; 0 none */
    td_px fresh[2]; /* [TD_ASK], [TD_BID]: told since the doubt began; 0 none */
};

/* Tick 49. Values it does not know are as -1. */
void td_pause_tell(struct td_pause *p, int64_t value);
/* One side of the quote was told, live: its price, or TD_PX_NONE where the side is empty. */
void td_pause_quote(struct td_pause *p, enum td_side side, td_px px);
/* The connection or the subscription is gone. */
void td_pause_lost(struct td_pause *p);
/* "trading", "paused by a regulator", "paused for volatility", "waiting for a fresh quote". */
const char *td_pause_word(const struct td_pause *p);

#endif
