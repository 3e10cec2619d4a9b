/* trade/riskstate.h - risk_state.json: positions, profit and the halt as the original's readers know them, write only.
 *
 * A projection like orders.db: it follows from the journal's records alone, is replaced as a whole (temporary file, sync,
 * rename), at most once a second of the records' time, at a halt and a resume, and at close,
 * and nothing in tapedeck reads it. Keys as contracts
 * 10.4: positions (by symbol: quantity, avg_price), daily_pnl and total_pnl (realized, after fees), current_capital (null:
 * the journal does not hold it), kill_switch_triggered, kelly_trades (net of the last 100 round trips), timestamp.
 * Owner: the writer thread; it may allocate.
 */
#ifndef TD_TRADE_RISKSTATE_H
#define TD_TRADE_RISKSTATE_H

#include "sys/world.h"
#include "trade/blotter.h"

#define TD_RISKSTATE_TRADES 100

struct td_riskstate {
    struct td_world *world;
    char path[800];
    bool changed, urgent;
    td_ns at_ns, written_ns; /* of the last record, and of the one that was written last */
};

/* TD_ERANGE: the path is too long. Nothing is written yet. */
TD_MUST_CHECK enum td_err td_riskstate_open(struct td_riskstate *r, struct td_world *world,
                                            const char *folder);
/* A record was applied to the blotter. */
void td_riskstate_note(struct td_riskstate *r, const struct td_record *record);
/* Writes the file when something changed and its second is over, or `now`. TD_ENOMEM, TD_EFULL and those of the file. */
TD_MUST_CHECK enum td_err td_riskstate_write(struct td_riskstate *r, const struct td_blotter *b,
                                             bool now, struct td_fail *why);

#endif
