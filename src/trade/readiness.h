/* trade/readiness.h - has this desk traded on paper long and well enough? (contracts 11, from the journal)
 *
 * Criteria: at least 24 h on paper, at least 10 trades, no crash (a START without a STOP before it; the last one may
 * be of a desk that runs), and a result after commissions of 0 or better. Hours are from START to the STOP, or to the
 * last record of a life that ended without one. A trade is an execution of an order of ours.
 */
#ifndef TD_TRADE_READINESS_H
#define TD_TRADE_READINESS_H

#include "trade/blotter.h"

#define TD_READY_PAPER_NS (24 * TD_HOUR)
#define TD_READY_TRADES   10

/* Zero-initialise. */
struct td_readiness {
    td_ns paper_ns; /* of lives that are over */
    int64_t lives, crashes, trades;
    int64_t live_lives; /* with real money: they count for nothing here */
    td_ns began;        /* START of the present life; 0: none is open */
    td_ns last;         /* record of it */
    bool paper;
};

/* Each record in order. */
void td_readiness_take(struct td_readiness *r, const struct td_record *record);

enum td_ready_item {
    TD_READY_HOURS,
    TD_READY_COUNT,
    TD_READY_NO_CRASH,
    TD_READY_RESULT,
    TD_READY_ITEMS
};
struct td_ready_row {
    const char *word, *wanted;
    char found[80];
    bool ok;
};
/* The four rows, of the state the records made. `running`: the open life is a desk that runs now, at `now`; else it
 * ended without a STOP. True when all are ok. */
bool td_readiness_judge(const struct td_readiness *r, const struct td_blotter *b, bool running,
                        td_ns now, struct td_ready_row *out);

#endif
