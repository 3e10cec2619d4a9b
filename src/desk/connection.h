/* desk/connection.h - a session with a gateway that can be left alone: one for trade, record and run.
 *
 * Joins the link with everything that watches over it: the manager decides when to connect again (desk/manager.h),
 * connectivity reads the gateway's notices, the heartbeat and the turn watch look for silence, clock jumps and stops,
 * and alerts tell a human. The owner keeps its loop and gets back what it has to do as TD_CONN_ bits of todo:
 *
 *     todo = td_connection_turn(c, &wake);                  one wake of the world
 *     while (td_connection_next(c, &ev, &more)) ...         the link's events, with what they ask for
 *     todo |= td_connection_tick(c);                        time has passed, once a turn
 *     wait until td_connection_deadline(c)
 *
 * A data-only session takes the next of its client ids when one is in use; a trading session keeps the only id that
 * can manage its orders and tries it again (told after 120 s). Nothing is started from here. A gateway of this machine
 * that is half-armed, or whose farm stays broken, is asked for a soft restart (desk/ibc_command.h) when a command
 * port is set; only by a trading session, which alone knows of orders in flight.
 *
 * Owner: the trading thread. No allocation. Source: ibkr-operations 1.6 and 2.1; docs/connection.md.
 */
#ifndef TD_DESK_CONNECTION_H
#define TD_DESK_CONNECTION_H

#include "base/random.h"
#include "desk/alert.h"
#include "desk/connectivity.h"
#include "desk/ibc_command.h"
#include "desk/manager.h"
#include "desk/market.h"
#include "desk/pulse.h"

/* More of what an owner has to do; the others are in enum td_conn_todo. */
enum {
    TD_CONN_READY = 1 << 16,  /* a new session: subscribe, check the account               */
    TD_CONN_ENDED = 1 << 17,  /* the session is over: ids are void                         */
    TD_CONN_JUMPED = 1 << 18, /* the wall clock jumped: not trusted until checked          */
    TD_CONN_STOPPED =
        1 << 19, /* this process was stopped: everything decided before is old; trading only */
};

struct td_connection_config {
    struct td_link *link; /* open, and ready */
    struct td_market
        *market; /* kept true by the connection: lost, ready, blind, restored, verified */
    struct td_log *log;
    bool trading;                 /* reconciles after every connect, and keeps its client id */
    int32_t client_id, ids;       /* what a data-only session may use: base, base + 1, ... */
    const struct td_tz *new_york; /* NULL: no windows (a simulator's day is not ours) */
    struct td_windows windows;
    int32_t restart_minute; /* of the day in New York, when the gateway restarts itself; -1 none */
    int32_t reauth_minute;  /* of the week: somebody can approve the weekly login then; -1 none */
    uint16_t
        command_port; /* of IBC, for soft restarts; 0: none, and always for a data-only session */
    /* Orders whose end is not known yet, which forbid a soft restart; NULL: none. */
    bool (*in_flight)(void *arg);
    void *arg;
};

struct td_connection {
    struct td_connection_config config;
    struct td_world *world;
    struct td_link *link;
    struct td_manager manager;
    struct td_connectivity state;
    struct td_heartbeat beat;
    struct td_turnwatch turns;
    struct td_alerts alerts;
    struct td_ibc_command command;
    int32_t first_id; /* of the client ids */
    uint32_t reconnects, lost;
    uint64_t bad_messages;
    /* private */
    struct td_rng jitter; /* seeded once: the world's own number is a system call */
    td_ns due, tick_mono, slow_until;
    bool was_ready, busy_id, inside, commanding;
    uint32_t todo; /* what the manager's actions asked for */
};

/* The link is ready: its session begins, and `todo` has READY and, for a trading one, SYNC. */
uint32_t td_connection_init(struct td_connection *c, const struct td_connection_config *config);
uint32_t td_connection_turn(struct td_connection *c, const struct td_wake *wake);
/* The link's next event, and what it asks for. CLOSED, READY and connectivity notices are dealt with here and
 * still shown. */
bool td_connection_next(struct td_connection *c, struct td_tws_event *ev, uint32_t *todo);
uint32_t td_connection_tick(struct td_connection *c);
/* When the next turn must come at the latest; remembered, to see when we were stopped. `other`: the owner's own. */
td_ns td_connection_deadline(struct td_connection *c, td_ns other);
/* The answer to SYNC: TD_OK, or why it failed (then it is asked for again, or the connection is dropped). */
void td_connection_synced(struct td_connection *c, enum td_err err, const char *text);

/* No retry heals it: the connection is dropped, and a human is needed. */
void td_connection_refuse(struct td_connection *c, enum td_err err, const char *text);

/* Orders may leave as far as the connection is concerned: READY, no scheduled restart near, not slowed down. */
bool td_connection_may_order(const struct td_connection *c);
void td_connection_alert(struct td_connection *c, enum td_alert_kind kind, const char *text);
/* "22:30" as minutes of the day; -1 for an empty text. TD_EINVAL. */
TD_MUST_CHECK enum td_err td_connection_minute(const char *text, int32_t *out, struct td_fail *why);

#endif
