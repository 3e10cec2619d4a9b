/* desk/pulse.h - is the gateway alive, and is our own time sane?
 *
 * Heartbeat. After TD_PULSE_SILENCE without a byte the gateway is asked for its time. No byte within
 * TD_PULSE_ANSWER is a miss: the first one degrades the session (order gate closed, asked again), the second one
 * drops the socket. Any byte heals. Inside a reset window silence is expected and nothing is asked.
 *
 * Clocks. Turn by turn the wall clock must go as far as the monotonic one: a difference of more than
 * TD_PULSE_JUMP is a jump, and the order gate stays closed until the gateway's time has been asked for again
 * and agrees. A turn that comes TD_PULSE_STOPPED later than it was due means that this process (or machine) was
 * stopped: what it believes is old.
 *
 * Pure; all times are arguments. Source: ibkr-operations 1.6; faults F8, F38, F39.
 */
#ifndef TD_DESK_PULSE_H
#define TD_DESK_PULSE_H

#include "base/time.h"

#define TD_PULSE_SILENCE (15 * TD_SEC)
#define TD_PULSE_ANSWER  (10 * TD_SEC)
#define TD_PULSE_MISSES  2
#define TD_PULSE_JUMP    (2 * TD_SEC)
#define TD_PULSE_STOPPED (5 * TD_SEC)

enum td_beat {
    TD_BEAT_NONE,
    TD_BEAT_ASK,      /* ask for the time                                  */
    TD_BEAT_DEGRADED, /* a miss: close the gate, and ask again             */
    TD_BEAT_HEALED,   /* heard again after a miss: look everything up      */
    TD_BEAT_DROP,     /* too many misses: end the connection               */
};

struct td_heartbeat {
    td_ns asked; /* 0: nothing asked */
    int32_t misses;
    uint32_t drops, degraded; /* ever */
};

/* A new connection. */
void td_heartbeat_reset(struct td_heartbeat *h);
/* `heard`: when the last byte came; `skip`: inside a reset window. */
enum td_beat td_heartbeat_tick(struct td_heartbeat *h, td_ns heard, td_ns now, bool skip);
/* When tick must be called at the latest. */
td_ns td_heartbeat_deadline(const struct td_heartbeat *h, td_ns heard);

enum td_turn {
    TD_TURN_FINE = 0,
    TD_TURN_JUMPED = 1,  /* the wall clock jumped */
    TD_TURN_STOPPED = 2, /* we were stopped       */
};

struct td_turnwatch {
    td_ns wall, mono; /* of the turn before; 0 none */
    td_ns jumped_by;  /* of the last jump            */
    uint32_t jumps, stops;
};

/* Call at the start of each turn; `due` is the moment the turn had to come at the latest. Bits of td_turn. */
uint32_t td_turnwatch_turn(struct td_turnwatch *w, td_ns wall, td_ns mono, td_ns due);

#endif
