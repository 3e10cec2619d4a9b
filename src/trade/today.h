/* trade/today.h - what is counted by the day and by the minute, made again after a restart and held through clock changes.
 *
 * A day of the counters begins only by a clock that was checked against the broker's, and days never go back: a clock that
 * jumps to tomorrow and returns would otherwise give the day its orders and its loss twice. Orders of the minute are
 * remembered by the monotonic clock; a new process has another one and knows them by the wall clock alone, then and now
 * each within 2 s of the broker's. So their age is made less by both, and nothing is remembered before the clock is known:
 * before that no order passes either (gate CLOCK). Pure. Source: reliability P8.
 */
#ifndef TD_TRADE_TODAY_H
#define TD_TRADE_TODAY_H

#include "trade/blotter.h"
#include "trade/risk.h"

#define TD_CLOCK_OFFSET_MAX (2 * TD_SEC) /* ours and the broker's; more closes the gate CLOCK */

/* Does `day` begin in the counters? `back`: a simulator's days may go back. */
bool td_today_begins(const struct td_blotter *b, int64_t day, enum td_fact clock, bool back);

/* The instrument's number in gate facts; false: not traded by this process. */
typedef bool td_recent_inst_fn(const void *arg, const char *symbol, uint32_t *inst);
/* The newest orders of the blotter into an empty memory, oldest first. */
void td_recent_recall(struct td_recent *out, const struct td_blotter *b, td_recent_inst_fn *inst_of,
                      const void *arg, td_ns now, td_ns mono);

#endif
