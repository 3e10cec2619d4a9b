/* desk/tradehours.c - pauses and ends. */
#include "desk/tradehours.h"

#include "market/calendar.h"

#define NEAR_OPEN  TD_HOUR
#define NEAR_PAUSE (300 * TD_SEC)
#define FAR_PAUSE  (1800 * TD_SEC)
#define LOOK       TD_MIN /* the window's ends are whole minutes */

static td_ns smaller(td_ns a, td_ns b)
{
    return a < b ? a : b;
}

static bool in_window(const struct td_trade_hours *h, td_ns at)
{
    return !h->has_window || td_windows_inside(&h->window, h->new_york, at);
}

static bool is_open(const struct td_trade_hours *h, td_ns at)
{
    return !h->wait_open || td_calendar_is_open(&td_calendar_xnys, h->new_york, at);
}

static td_ns pause_of_market(const struct td_trade_hours *h, td_ns now)
{
    const td_ns until = td_calendar_next_open(&td_calendar_xnys, h->new_york, now) - now;
    const enum td_session_phase phase = td_calendar_phase(&td_calendar_xnys, h->new_york, now);
    if (phase != TD_PHASE_CLOSED || until < NEAR_OPEN)
        return smaller(smaller(h->interval, NEAR_PAUSE), until);
    return smaller(FAR_PAUSE, until / 2);
}

td_ns td_trade_pause(const struct td_trade_hours *h, td_ns now)
{
    td_ns pause;
    if (is_open(h, now) && in_window(h, now))
        return 0;
    pause = is_open(h, now) ? h->interval : pause_of_market(h, now);
    /* Never past the begin of the window. */
    if (!in_window(h, now))
        pause = smaller(pause, LOOK - now % LOOK);
    return pause < TD_SEC ? TD_SEC : pause;
}

/* The first whole minute from here on at which it is over, within a day; the windows and sessions are no longer. */
td_ns td_trade_end(const struct td_trade_hours *h, td_ns now)
{
    if (!h->has_window && !h->wait_open)
        return TD_NS_NEVER;
    td_ns at = now - now % TD_MIN + TD_MIN;
    for (int i = 0; i < 24 * 60 && in_window(h, at) && is_open(h, at); i++)
        at += TD_MIN;
    return at;
}
