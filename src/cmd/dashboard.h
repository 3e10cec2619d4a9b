/* cmd/dashboard.h - the dashboard as commands start it: by the settings, with the feed of a desk in this process or without.
 *
 * Its questions to the desk go through the control socket, in the dashboard's own thread and with a world of their own, so
 * the trading thread answers them as it answers `tapedeck status`. Owner: the command.
 */
#ifndef TD_CMD_DASHBOARD_H
#define TD_CMD_DASHBOARD_H

#include "base/tz.h"
#include "cmd/cmd.h"
#include "cmd/replay_days.h"
#include "dash/dash.h"

struct td_dashboard {
    struct td_dash *dash; /* NULL: it does not run */
    struct td_feed feed;
    struct td_world world; /* of its questions and of recordings */
    struct td_recordings_of recordings;
    struct td_tz new_york;
    const char *state;
    const char *names[TD_OPT_LIST_MAX + 1];
    char *settings; /* as JSON */
};

/* Starts it. `feed`: a desk of this process will fill it. Errors as td_dash_open. Close with td_dashboard_close. */
TD_MUST_CHECK enum td_err td_dashboard_open(struct td_dashboard *b, struct td_run *run,
                                            const char *state, bool feed, struct td_fail *why);
/* The same for a desk: what cannot be served is one line on stderr, and trading goes on without. */
void td_dashboard_start(struct td_dashboard *b, struct td_run *run, const char *state);
/* For td_desk_config; NULL: nobody looks. */
struct td_feed *td_dashboard_feed(struct td_dashboard *b);
/* Its address, like http://127.0.0.1:5555/. */
void td_dashboard_address(const struct td_dashboard *b, const struct td_run *run,
                          struct td_text *out);
/* Within a second. Accepts a zeroed one, and twice. */
void td_dashboard_close(struct td_dashboard *b);

#endif
