/* desk/tradehours.h - when `trade` begins and ends its sessions: a window of the New York day, and the exchange's hours.
 *
 * Waiting is done in pauses, and looked at anew after each, so that a clock that is set and a suspended machine do no
 * harm: at most the interval (and five minutes) before and after the regular session and in the last hour before it,
 * else half the time until it opens, half an hour at most. Source: contracts 10.1. Pure: the caller brings the time.
 */
#ifndef TD_DESK_TRADEHOURS_H
#define TD_DESK_TRADEHOURS_H

#include "base/tz.h"
#include "desk/window.h"

struct td_trade_hours {
    const struct td_tz *new_york;
    bool wait_open; /* for the regular session of US stocks */
    bool has_window;
    struct td_windows window; /* its daily part */
    td_ns interval;
};

/* How long to pause before the next look; 0: a session may begin. */
td_ns td_trade_pause(const struct td_trade_hours *h, td_ns now);
/* When a session that begins now ends: the end of the window or of the regular session; TD_NS_NEVER: neither is asked
 * for. */
td_ns td_trade_end(const struct td_trade_hours *h, td_ns now);

#endif
