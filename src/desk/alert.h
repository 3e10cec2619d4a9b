/* desk/alert.h - what a human should know now: each alert once, with since when, tries, and what to do.
 *
 * A kind is active or not. Raising an active one updates it and is told again only after its pause, so a retry
 * loop is heard of within its first failures and then reminded of, never flooded. Clearing is told once.
 * Telling is an error line "alert" in the log (error.log has all of them); `tapedeck status` lists the active
 * ones. Nothing is decided by an alert.
 *
 * Owner: the trading thread. No allocation. Source: ibkr-operations 1.6, promise P19.
 */
#ifndef TD_DESK_ALERT_H
#define TD_DESK_ALERT_H

#include "base/log.h"

/* name, word, seconds between reminders, what a human should do */
#define TD_ALERTS(X)                                                                               \
    X(CONNECTION, "connection", 3600,                                                              \
      "start IB Gateway or TWS and log in, or look at its API settings; we connect by ourselves")  \
    X(BROKER, "broker", 3600,                                                                      \
      "the gateway has no broker: look at its network and at the broker's status page; "           \
      "after trading was stopped: tapedeck resume")                                                \
    X(FARM, "farm", 3600, "a data farm stays away: restart the gateway when no order works")       \
    X(COMPETING, "competing-session", 900,                                                         \
      "end the other session of this login (TWS, mobile or web), or give the robot its own user")  \
    X(ACCOUNT, "account", 3600,                                                                    \
      "log the gateway into the account of IB_ACCOUNT, then restart tapedeck: no order leaves")    \
    X(CLIENT_ID, "client-id", 3600,                                                                \
      "another program has our client id: end it, or restart the gateway if it is a dead session") \
    X(ORDER_IDS, "order-ids", 3600,                                                                \
      "we cannot reset order ids: with no order working, reset them in the gateway's API "         \
      "settings or set another "                                                                   \
      "IB_CLIENT_ID, and begin a new TAPEDECK_STATE")                                              \
    X(LOOK_UP, "look-up", 3600,                                                                    \
      "the gateway does not answer about orders or positions: restart it; no order leaves")        \
    X(READ_ONLY, "read-only", 3600, "switch Read-Only API off in the gateway's API settings")      \
    X(DATA, "stale-data", 900,                                                                     \
      "lines stay silent in an open market: look at the gateway's data farms and subscriptions")   \
    X(CLOCK, "clock", 3600, "set this machine's clock (NTP); no order leaves until it agrees")     \
    X(RATE, "message-rate", 900,                                                                   \
      "the gateway refused our rate: are other API programs connected to it?")                     \
    X(PORT, "port-changed", 3600,                                                                  \
      "the gateway's API port was changed: set it back, or set IB_PORT and restart tapedeck")      \
    X(VERSION, "version", 3600,                                                                    \
      "this is no gateway we can talk to: update IB Gateway or tapedeck")                          \
    X(FROZEN, "frozen", 3600,                                                                      \
      "look at the contract at the broker; tapedeck status shows what differs, tapedeck accept "   \
      "SYMBOL lets it trade again")                                                                \
    X(GUARD, "stop-loss", 900,                                                                     \
      "a held symbol is not watched or its stop did not close it: look at it at the broker; "      \
      "after "                                                                                     \
      "a halt: tapedeck resume")                                                                   \
    X(STRATEGY, "strategy-off", 3600,                                                              \
      "a strategy is not asked any more; its orders and stops stay managed: see why in status, "   \
      "mend "                                                                                      \
      "it, restart tapedeck")                                                                      \
    X(DISK, "disk", 900,                                                                           \
      "make room on the disk of TAPEDECK_STATE, or mend it; after a journal that failed restart "  \
      "tapedeck: no order leaves, cancels do")                                                     \
    X(DATABASE, "database", 3600,                                                                  \
      "look at the PostgreSQL server of DATABASE_URL; trading does not need it, and it is caught " \
      "up with by itself")                                                                         \
    X(HUMAN, "need-human", 3600, "log in to the gateway: it waits for a person")

#define TD_ALERT_ENUM(name, word, pause, action) TD_ALERT_##name,
enum td_alert_kind { TD_ALERTS(TD_ALERT_ENUM) TD_ALERT_COUNT };
#undef TD_ALERT_ENUM

struct td_alert {
    bool active;
    td_ns since;     /* wall clock */
    uint32_t tries;  /* of what is being tried meanwhile */
    td_ns next_try;  /* wall clock; 0 none */
    uint32_t raised; /* times it became active, ever */
    uint32_t told;   /* lines written, ever */
    char text[200];  /* what happened */
    td_ns told_mono; /* private */
};

struct td_alerts {
    struct td_alert rows[TD_ALERT_COUNT];
    struct td_log *log; /* may be NULL */
};

/* When it happens, in both clocks, and what is being tried. */
struct td_alert_at {
    td_ns mono, wall;
    uint32_t tries;
    td_ns next_try; /* wall clock; 0 none */
};

void td_alerts_init(struct td_alerts *a, struct td_log *log);
void td_alert_raise(struct td_alerts *a, enum td_alert_kind kind, const struct td_alert_at *at,
                    const char *format, ...) TD_PRINTF(4, 5);
/* It is over; nothing happens when it was not active. */
void td_alert_clear(struct td_alerts *a, enum td_alert_kind kind);
uint32_t td_alerts_active(const struct td_alerts *a);

const char *td_alert_word(enum td_alert_kind kind);
const char *td_alert_action(enum td_alert_kind kind);
td_ns td_alert_pause(enum td_alert_kind kind);

#endif
