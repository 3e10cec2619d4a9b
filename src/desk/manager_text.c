/* desk/manager_text.c - the states' table, and the words of alerts and status. */
#include "desk/manager.h"

const struct td_manager_row td_manager_rows[TD_MANAGER_STATES] = {
    [TD_MANAGER_OFF] = {"OFF", "attach only: we start nothing", "nobody listens and none is ours",
                        "somebody listens: CONNECT", "looks every 5 s",
                        "start IB Gateway or TWS and log in, or set IB_GATEWAY_START_CMD"},
    [TD_MANAGER_PROBE] = {"PROBE", "reads LISTEN from the kernel", "start, and after any loss",
                          "listens or unknown: CONNECT; nobody: SPAWN when managed, else OFF",
                          "5 s, then the fact counts as unknown", "wait: it looks for a listener"},
    [TD_MANAGER_SPAWN] = {"SPAWN", "display, then login controller, started by us",
                          "PROBE saw nobody", "listens: CONNECT; ends or too late: BACKOFF",
                          "display 10 s; LISTEN 240 s, 600 s while its process lives; 3 starts",
                          "look at the gateway's window or log: the login may hang"},
    [TD_MANAGER_WAIT_2FA] = {"WAIT_2FA", "the login waits for the second factor",
                             "the login controller says so",
                             "listens: CONNECT; not approved: SPAWN again",
                             "180 s a prompt, 3 prompts, then NEED_HUMAN",
                             "approve the login on the phone that IBKR notified"},
    [TD_MANAGER_CONNECT] = {"CONNECT", "TCP connect, handshake, startApi", "somebody listens",
                            "ready: SYNC; failed: BACKOFF, the third time HALF_ARMED",
                            "connect 2 s, server version 10 s, ids and accounts 15 s; whole 30 s",
                            "wait: a connection is under way"},
    [TD_MANAGER_HALF_ARMED] = {"HALF_ARMED", "listens, but the API does not answer",
                               "3 handshakes failed while it listened",
                               "soft restart done: BACKOFF; not allowed or failed: NEED_HUMAN",
                               "30 s for the answer; one soft restart an hour",
                               "look for an open dialog in the gateway, or restart it"},
    [TD_MANAGER_SYNC] = {"SYNC", "reconciliation", "handshake done, or the broker is back",
                         "done: READY; failed 3 times: BACKOFF", "whole 120 s",
                         "wait: orders and positions are being compared"},
    [TD_MANAGER_READY] = {"READY", "data, and orders as far as the other gates allow", "reconciled",
                          "any loss; a scheduled restart that does not come: SYNC",
                          "no orders from 2 min before a scheduled restart until the SYNC behind "
                          "it, 5 min late at most",
                          "nothing"},
    [TD_MANAGER_DEGRADED] = {"DEGRADED", "session up, broker, farm or heartbeat gone",
                             "1100, 2110, a farm we use broken, heartbeat late",
                             "healed: SYNC; second heartbeat missed: BACKOFF",
                             "farm gone 5 min: soft restart when allowed, else an alert",
                             "look at the broker's system status; the session reconnects itself"},
    [TD_MANAGER_WINDOW] = {"WINDOW", "an outage inside a reset or restart window",
                           "lost or 1100 inside a window", "healed: SYNC; window over: PROBE",
                           "looks every 5 s; a connect when somebody begins to listen, else one in "
                           "5 min; alert 10 min after the window",
                           "nothing: the broker's reset is expected"},
    [TD_MANAGER_BACKOFF] = {"BACKOFF", "waits before the next try", "a failure or a loss",
                            "time is over: PROBE",
                            "1, 2, 5, 15, 30, 60, 120, 300 s +-20 %; 1 s apart, 20 an hour",
                            "look whether the gateway runs and is logged in"},
    [TD_MANAGER_NEED_HUMAN] =
        {"NEED_HUMAN", "no new login before somebody acted",
         "limits hit, or a refusal no retry heals",
         "a listener appears, or somebody asks to retry: PROBE",
         "looks every 60 s; connects every 10 min, after a refusal hourly; reminds hourly",
         "log in at the gateway by hand, then `tapedeck gateway wait`"},
};

static const struct {
    const char *word, *human; /* human NULL: that of the state */
} alerts[TD_MANAGER_ALERTS] = {
    [TD_MANAGER_ALERT_OUTAGE] = {"outage", NULL},
    [TD_MANAGER_ALERT_SECOND] = {"second-login",
                                 "approve the login on the phone that IBKR notified, now"},
    [TD_MANAGER_ALERT_HALF_ARMED] =
        {"half-armed", "look for an open dialog in the gateway's window and answer it"},
    [TD_MANAGER_ALERT_HUMAN] = {"need-human", NULL},
    [TD_MANAGER_ALERT_BUSY_ID] = {"busy-id",
                                  "end the other client with this id, or set another IB_CLIENT_ID"},
    [TD_MANAGER_ALERT_RATE] = {"connect-rate",
                               "20 connects in an hour: find out why sessions end so soon"},
    [TD_MANAGER_ALERT_FARM] = {"data-farm",
                               "restart the gateway when the broker's status shows no outage"},
    [TD_MANAGER_ALERT_WEEKLY] = {"weekly-login",
                                 "the weekly login is due: approve the second factor now"},
    [TD_MANAGER_ALERT_WEEKLY_BAD] =
        {"weekly-login-missed", "log in at the gateway by hand: the weekly login was not reached"},
};

const char *td_manager_alert_word(enum td_manager_alert alert)
{
    TD_REQUIRE(alert < TD_MANAGER_ALERTS);
    return alerts[alert].word;
}

const char *td_manager_alert_human(const struct td_manager *m, enum td_manager_alert alert)
{
    TD_REQUIRE(alert < TD_MANAGER_ALERTS);
    return alerts[alert].human ? alerts[alert].human : td_manager_rows[m->state].human;
}

void td_manager_print(const struct td_manager *m, struct td_text *out)
{
    char iso[40];
    (void)td_iso_print(m->since_wall, iso);
    td_text_printf(out, "%s since %.19sZ, tries %d", td_manager_rows[m->state].name, iso,
                   (int)m->failures);
    if (m->next_try != TD_NS_NEVER && m->next_try >= m->now.mono)
        td_text_printf(out, ", next in %lld s",
                       (long long)((m->next_try - m->now.mono + TD_SEC - 1) / TD_SEC));
    if (m->last_text[0])
        td_text_printf(out, ": %s", m->last_text);
}
