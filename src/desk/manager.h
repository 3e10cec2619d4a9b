/* desk/manager.h - the life of a gateway and of our session with it, as a state machine of twelve states.
 *
 * Pure: events and clocks in, actions out; it never reads a clock, dials, starts a program or writes a line. The
 * owner (desk/bringup.h for commands that only need a session, the running desk for its whole life) reads the
 * kernel's list of listeners, moves sockets and children, tells what happened, and carries out what is asked:
 *
 *     td_manager_event(m, &clock, &event);      something happened
 *     td_manager_tick(m, &clock);               once a turn; at the latest at td_manager_wake(m)
 *     while (td_manager_next(m, &action)) ...   after each of the two
 *
 * What it promises (ibkr-operations 1.6, reliability P19):
 * - nobody is started on an unknown fact: only a LISTEN that was read as absent, or a refused connection;
 * - connects back off 1, 2, 5, 15, 30, 60, 120, 300 s with 20 % jitter, never two within 1 s, at most 20 an hour;
 * - a login is asked for three times at most, then a human is needed; nothing loops in silence: an alert comes
 *   within 3 failures or 5 minutes, names the state, since when, tries, the next try and what to do;
 * - inside the broker's windows nothing alerts; 10 minutes behind them it does;
 * - the order gate is closed from two minutes before a scheduled restart until the reconciliation behind it; when the
 *   restart does not come within five minutes, until one without it;
 * - a program is never ended by it: there is no such action. A soft restart (through the login controller's
 *   command port) is asked for at most once an hour, only when allowed and with no order in flight.
 * The table of states is td_manager_rows, printed into docs/gateway.md. One owner, no allocation.
 */
#ifndef TD_DESK_MANAGER_H
#define TD_DESK_MANAGER_H

#include "desk/window.h"
#include "sys/world.h"

#define TD_MANAGER_ACTIONS_MAX  16
#define TD_MANAGER_CONNECTS_MAX 20 /* an hour */
#define TD_MANAGER_STEPS        8  /* of the backoff */

enum td_manager_state {
    TD_MANAGER_OFF,        /* we start nothing; looking whether somebody else did */
    TD_MANAGER_PROBE,      /* reading LISTEN from the kernel                      */
    TD_MANAGER_SPAWN,      /* display and gateway are being started               */
    TD_MANAGER_WAIT_2FA,   /* the login waits for the second factor               */
    TD_MANAGER_CONNECT,    /* dialling and shaking hands                          */
    TD_MANAGER_HALF_ARMED, /* listens, but its API does not answer                */
    TD_MANAGER_SYNC,       /* reconciling                                         */
    TD_MANAGER_READY,      /* data, and orders as far as the other gates allow    */
    TD_MANAGER_DEGRADED,   /* the session stands, the broker behind it does not   */
    TD_MANAGER_WINDOW,     /* an outage inside a reset or restart window          */
    TD_MANAGER_BACKOFF,    /* waiting before the next try                         */
    TD_MANAGER_NEED_HUMAN, /* no new login before somebody acted                  */
    TD_MANAGER_STATES
};

struct td_manager_row {
    const char *name, *meaning, *enter, *leave, *limit;
    const char *human; /* what to do when it stays there */
};
extern const struct td_manager_row td_manager_rows[TD_MANAGER_STATES];

/* What time it is, and a fresh random number for the jitter. */
struct td_manager_clock {
    td_ns mono, wall;
    uint64_t random;
};
/* All three from a world. */
struct td_manager_clock td_manager_clock_of(struct td_world *world);

struct td_manager_config {
    bool managed;       /* a gateway is started when nobody listens */
    bool display;       /* ... and needs a display started first    */
    bool soft_restart;  /* the login controller's command port may be asked */
    bool sync;          /* a reconciliation follows each handshake; else READY at once */
    td_ns listen_limit; /* from the start to LISTEN; 0: 240 s */
    td_ns listen_alive; /* the same while its process lives; 0: 600 s */
    td_ns grace;      /* after LISTEN of what we started: failed handshakes do not count; 0: none */
    td_ns look_every; /* while a gateway starts; 0: 2 s */
    struct td_windows windows;
    const struct td_tz *new_york; /* NULL: no windows and no weekly timer */
    int32_t restart_minute;       /* of the day, New York: scheduled restart; -1 none */
    int32_t reauth_minute;        /* of the week: somebody can approve the login then; -1 none */
};

enum td_manager_event_kind {
    TD_MANAGER_EV_LISTENING,   /* answer to LOOK: `listening`                                     */
    TD_MANAGER_EV_DISPLAY,     /* answer to DISPLAY: TD_OK, or why there is none                  */
    TD_MANAGER_EV_SPAWNED,     /* answer to SPAWN: TD_OK, or why it was not started               */
    TD_MANAGER_EV_CHILD_ENDED, /* what we started ended with `status`                             */
    TD_MANAGER_EV_SECOND_LOGIN, /* what we started says that the second factor is awaited          */
    TD_MANAGER_EV_LINK_READY,  /* answer to DIAL: the session is ready                            */
    TD_MANAGER_EV_LINK_FAILED, /* answer to DIAL: `err` as the link's CLOSED event, TD_EINUSE: 326 */
    TD_MANAGER_EV_LINK_LOST,   /* a session that was ready ended                                  */
    TD_MANAGER_EV_SYNC,        /* answer to SYNC: TD_OK, or why it failed                         */
    TD_MANAGER_EV_BROKER_LOST, /* 1100, 2110 */
    TD_MANAGER_EV_BROKER_BACK, /* 1101, 1102 */
    TD_MANAGER_EV_FARM_LOST,   /* 2103, 2105 of a farm we use */
    TD_MANAGER_EV_FARM_BACK,   /* 2104, 2106: all farms we use */
    TD_MANAGER_EV_PULSE_LATE,  /* reqCurrentTime was not answered in 10 s */
    TD_MANAGER_EV_PULSE,       /* it was answered */
    TD_MANAGER_EV_REFUSED,     /* no retry heals it: version, wrong account, ids above the range  */
    TD_MANAGER_EV_RESTART,     /* answer to SOFT_RESTART: TD_OK, or why not                       */
    TD_MANAGER_EV_RETRY,       /* somebody asks to try now: limits and counts start again         */
    TD_MANAGER_EVENTS
};

struct td_manager_event {
    enum td_manager_event_kind kind;
    enum td_listening listening;
    enum td_err err;
    int status;
    const char *text; /* of the failure, for the alert; may be NULL */
};

enum td_manager_do {
    TD_MANAGER_LOOK,      /* read LISTEN of the ports, answer EV_LISTENING                      */
    TD_MANAGER_DISPLAY,   /* start a display, answer EV_DISPLAY                                 */
    TD_MANAGER_START,     /* start the gateway, answer EV_SPAWNED                               */
    TD_MANAGER_DIAL,      /* connect, answer EV_LINK_READY or EV_LINK_FAILED                    */
    TD_MANAGER_RECONCILE, /* reconcile, answer EV_SYNC                                          */
    TD_MANAGER_DROP,      /* end the connection (a handshake is reset); no answer is waited for */
    TD_MANAGER_CENSUS,    /* count dead sockets and log them by owner; close only our own       */
    TD_MANAGER_SOFT_RESTART, /* ask the command port for RESTART, answer EV_RESTART                */
    TD_MANAGER_ALERT,       /* tell a human: `alert`, `text`                                      */
    TD_MANAGER_ALERTS_OVER, /* READY again: open alerts of ours are done                          */
};

enum td_manager_alert {
    TD_MANAGER_ALERT_OUTAGE,     /* not ready after 3 failures or 5 minutes */
    TD_MANAGER_ALERT_SECOND,     /* approve the second factor now           */
    TD_MANAGER_ALERT_HALF_ARMED, /* listens and does not answer             */
    TD_MANAGER_ALERT_HUMAN,      /* no new login before somebody acted; reminded hourly */
    TD_MANAGER_ALERT_BUSY_ID,    /* the client id is in use for 120 s       */
    TD_MANAGER_ALERT_RATE,       /* 20 connects in an hour                  */
    TD_MANAGER_ALERT_FARM,       /* a data farm is gone for 5 minutes       */
    TD_MANAGER_ALERT_WEEKLY,     /* the weekly login is due                 */
    TD_MANAGER_ALERT_WEEKLY_BAD, /* ... and was not reached                 */
    TD_MANAGER_ALERTS
};
/* "outage", "second-login", ...: the word an alert is listed by. */
const char *td_manager_alert_word(enum td_manager_alert alert);
struct td_manager;
/* What a human should do about it in the present state. */
const char *td_manager_alert_human(const struct td_manager *m, enum td_manager_alert alert);

struct td_manager_action {
    enum td_manager_do what;
    enum td_manager_alert alert;
    /* Of an alert: state, since when, tries, next try, cause, what a human should do. One line. */
    char text[400];
};

struct td_manager {
    struct td_manager_config config;
    enum td_manager_state state;
    td_ns since_mono, since_wall; /* of the state */
    td_ns down_mono, down_wall;   /* since when there is no READY */
    int32_t failures;             /* in a row since READY */
    int32_t handshakes_failed;    /* in a row while somebody listened */
    int32_t spawns, prompts;      /* since READY */
    int32_t syncs_failed;
    bool orders_in_flight; /* told by the owner: forbids soft restarts */
    enum td_err last_err;
    char last_text[120];
    uint64_t connects, ignored; /* dials asked for; events that meant nothing in their state */
    /* private */
    struct td_manager_clock now;
    td_ns deadline, look_at, next_try; /* mono; TD_NS_NEVER none */
    td_ns grace_until, listen_until, alive_until, restart_until, window_dial; /* mono */
    td_ns dialled[TD_MANAGER_CONNECTS_MAX];
    int32_t step, pulses_late;
    bool child_alive, child_failed, starting, in_display, link_up, listened, was_ready, human,
        inside;
    bool broker_lost, farm_lost;
    td_ns busy_since, farm_since, restarted_at, remind_at, window_left; /* mono; NEVER: not */
    td_ns restart_at,
        session_at; /* mono: the scheduled restart that is awaited, NEVER none; of the handshake */
    td_ns try_at;   /* of NEED_HUMAN: the next connect */
    bool trying, hopeless; /* ... is being looked for; no retry heals what was refused */
    bool told[TD_MANAGER_ALERTS];
    td_ns reauth_wall, reauth_check_wall;
    struct td_manager_action queue[TD_MANAGER_ACTIONS_MAX];
    uint32_t head, tail;
};

/* Begins in OFF or PROBE and looks at once: take the actions. The config is copied; its zone is borrowed. */
void td_manager_init(struct td_manager *m, const struct td_manager_config *config,
                     const struct td_manager_clock *now);
void td_manager_event(struct td_manager *m, const struct td_manager_clock *now,
                      const struct td_manager_event *ev);
void td_manager_tick(struct td_manager *m, const struct td_manager_clock *now);
/* The moment (mono) of the next tick; TD_NS_NEVER: none is needed before an event. */
td_ns td_manager_wake(const struct td_manager *m);
bool td_manager_next(struct td_manager *m, struct td_manager_action *out);

/* READY, and no scheduled restart near or awaited. Other gates still apply. */
bool td_manager_may_order(const struct td_manager *m, td_ns wall);
/* "BACKOFF since ..., 3 tries, next try in 5 s: cause": one line for status and alerts. */
void td_manager_print(const struct td_manager *m, struct td_text *out);

#endif
