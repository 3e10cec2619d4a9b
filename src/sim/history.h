/* sim/history.h - historical bars from the same data the simulator plays.
 *
 * Recorded symbols: LEAN daily bars for days; else second files (bars under a minute) or minute files, added up.
 * Other symbols: the live tape's own days are made again by running the generator with the same seed; the days before are
 * a seeded random walk by minutes that ends exactly at the price the generator starts from (regular hours only, no
 * bars under a minute there). Bars without trades are left out, as IBKR does.
 * Volume in units; wap is TD_PX_NONE and count -1 where the data has none.
 */
#ifndef TD_SIM_HISTORY_H
#define TD_SIM_HISTORY_H

#include "base/arena.h"
#include "sim/flow.h"
#include "sim/source.h"

enum td_history_what { TD_HISTORY_TRADES, TD_HISTORY_MIDPOINT, TD_HISTORY_BID, TD_HISTORY_ASK };

/* Where the generator stood when a request began, so that the next one, which begins no earlier, need not play the day again
 * from its first event. Of one source configuration; zeroed: nothing is known. */
struct td_history_mark {
    td_ns start;           /* of that request */
    struct td_event event; /* the first not before `start` */
    struct td_flow flow;   /* behind it */
    bool set;
};

struct td_history_request {
    td_ns end;    /* exclusive */
    td_ns start;  /* inclusive; from a duration by td_history_start */
    td_ns bar;    /* 1 second .. 1 day; a day gives one bar a session */
    uint8_t what; /* enum td_history_what */
    bool rth;
    struct td_history_mark *mark; /* read and renewed; NULL: none is kept */
};

struct td_history_bar {
    td_ns start;
    int64_t day; /* local day of the bar, for daily stamps */
    struct td_bar bar;
};

/* "5 secs", "1 min", "2 hours", "1 day" as a span (IBKR's sizes up to a day); TD_EPARSE otherwise. */
TD_MUST_CHECK enum td_err td_history_bar_size(struct td_str text, td_ns *out);
/* The start of a duration "3600 S", "2 D", "1 W", "6 M", "1 Y" before `end`. D counts trading days with `closed` of the
 * source configuration and begins at local midnight of the first; W, M and Y are 7, 30 and 365 days. TD_EPARSE. */
TD_MUST_CHECK enum td_err td_history_start(const struct td_source_config *config,
                                           struct td_str duration, td_ns end, td_ns *start);

/* Fills out[0..cap) oldest first; when there are more, the newest `cap` are kept. `memory` is scratch and reset after.
 * TD_ENODATA: no bars in that range. TD_EINVAL: bar size or order of times. Others: a damaged file. `memory` needs
 * td_source_bytes(). */
TD_MUST_CHECK enum td_err td_history_bars(const struct td_source_config *config,
                                          const struct td_history_request *request,
                                          struct td_world *world, struct td_arena *memory,
                                          struct td_history_bar *out, size_t cap, size_t *count,
                                          struct td_fail *why);

#endif
