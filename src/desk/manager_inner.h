/* desk/manager_inner.h - what the files of the manager share; nobody else includes it. */
#ifndef TD_DESK_MANAGER_INNER_H
#define TD_DESK_MANAGER_INNER_H

#include "desk/manager.h"

#define OFF_EVERY      (5 * TD_SEC) /* looks in OFF and WINDOW: they cost a read of /proc */
#define LOOK_LIMIT     (5 * TD_SEC)
#define DISPLAY_LIMIT  (10 * TD_SEC)
#define PROMPT_LIMIT   (180 * TD_SEC)
#define PROMPTS_MAX    3
#define STARTS_MAX     3
#define CONNECT_LIMIT  (30 * TD_SEC)
#define CONNECT_GAP    TD_SEC
#define RESTART_ANSWER (30 * TD_SEC)
#define RESTART_AGAIN  TD_HOUR
#define RESTART_TIME   (10 * TD_MIN)
#define HANDSHAKES_MAX 3
#define SYNC_LIMIT     (120 * TD_SEC)
#define SYNCS_MAX      3
#define STEADY         TD_MIN /* a READY this long starts the backoff anew */
#define SLOW_EVERY     TD_MIN /* looks in NEED_HUMAN */
#define WINDOW_DIAL    (5 * TD_MIN)
#define WINDOW_TAIL    (10 * TD_MIN)
#define OUTAGE_LIMIT   (5 * TD_MIN)
#define FAILURES_MAX   3
#define BUSY_LIMIT     (120 * TD_SEC)
#define FARM_LIMIT     (5 * TD_MIN)
#define WEEKLY_LIMIT   (30 * TD_MIN)
#define GATE_BEFORE    (2 * TD_MIN)
#define RESTART_LATE   (5 * TD_MIN) /* a scheduled restart that has not come: reconciled without it */
#define HUMAN_TRY      (10 * TD_MIN) /* a connect is no login: it shows whether somebody acted */
#define HOPELESS_TRY   TD_HOUR
#define STATUS_2FA     87 /* exit status of the login controller: second factor timed out */

/* Asks the owner for something. */
struct td_manager_action *td_manager_put(struct td_manager *m, enum td_manager_do what);
void td_manager_tell(struct td_manager *m, enum td_manager_alert kind);
void td_manager_tell_once(struct td_manager *m, enum td_manager_alert kind);
/* Keeps why, for alerts and status. */
void td_manager_note(struct td_manager *m, enum td_err err, const char *text);

void td_manager_enter(struct td_manager *m, enum td_manager_state state);
/* The handshake is done, or the broker is back: reconcile, or be ready. */
void td_manager_arrive(struct td_manager *m);
void td_manager_wait_until(struct td_manager *m, td_ns at);
/* The next rung of the ladder with its jitter. */
td_ns td_manager_next_wait(struct td_manager *m);
/* The next rung of the ladder, or the window's slow pace. */
void td_manager_back_off(struct td_manager *m);
void td_manager_need_human(struct td_manager *m);
/* A try failed: count, wait, tell the third time. */
void td_manager_fail(struct td_manager *m);
/* Dials, or waits until a dial is allowed. */
void td_manager_connect(struct td_manager *m);
void td_manager_somebody_listens(struct td_manager *m, enum td_listening fact);
void td_manager_nobody_listens(struct td_manager *m);
void td_manager_start_gateway(struct td_manager *m);
/* What was started is waited for again, without starting another. */
void td_manager_resume_start(struct td_manager *m, td_ns look_in);
bool td_manager_restart_allowed(const struct td_manager *m);
void td_manager_ask_restart(struct td_manager *m);

/* Rules: an event, and the end of the state's time. */
void td_manager_rule(struct td_manager *m, const struct td_manager_event *ev);
void td_manager_expire(struct td_manager *m);

#endif
