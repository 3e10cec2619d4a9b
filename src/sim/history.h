/* sim/history.h - historical bars from the same data the simulator plays.
 *
 * Recorded symbols: LEAN daily for days, else the finest of second and minute files that divides the bar size.
 * Other symbols: bars of the generator's own days, made by running it with the same seed, so that the
 * history ends where the live tape begins. Bars without trades are left out, as IBKR does.
 */
#ifndef TD_SIM_HISTORY_H
#define TD_SIM_HISTORY_H

#include "base/arena.h"
#include "sim/source.h"

enum td_history_what { TD_HISTORY_TRADES, TD_HISTORY_MIDPOINT, TD_HISTORY_BID, TD_HISTORY_ASK };

struct td_history_request {
    td_ns   end;       /* exclusive; 0: the live tape's now, which the caller fills in */
    td_ns   start;     /* inclusive; a duration counted by the caller (td_history_start) */
    td_ns   bar;       /* TD_SEC .. TD_DAY; TD_DAY gives one bar a session */
    uint8_t what;      /* enum td_history_what */
    bool    rth;
};

struct td_history_bar {
    td_ns         start;
    int64_t       day;   /* local day of the bar, for daily stamps */
    struct td_bar bar;
};

/* "1 secs", "5 mins", "1 day" and "3600 S", "2 D", "1 W", "6 M", "1 Y" as spans; TD_EPARSE otherwise.
 * A duration in D counts trading days back: td_history_start does it, with `closed` of the source config. */
TD_MUST_CHECK enum td_err td_history_bar_size(struct td_str text, td_ns *out);
TD_MUST_CHECK enum td_err td_history_start(const struct td_source_config *config, struct td_str duration, td_ns end,
                                           td_ns *start);

/* Fills out[0..cap) oldest first; when there are more, the newest `cap` are kept. `memory` is scratch and reset after.
 * TD_ENODATA: no bars in that range. TD_EINVAL: bar size or order of times. */
TD_MUST_CHECK enum td_err td_history_bars(const struct td_source_config *config,
                                          const struct td_history_request *request, struct td_world *world,
                                          struct td_arena *memory, struct td_history_bar *out, size_t cap,
                                          size_t *count, struct td_fail *why);

#endif
