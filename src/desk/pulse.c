/* desk/pulse.c - silence of the peer, and our own clocks against each other. */
#include "desk/pulse.h"

void td_heartbeat_reset(struct td_heartbeat *h)
{
    h->asked = 0;
    h->misses = 0;
}

enum td_beat td_heartbeat_tick(struct td_heartbeat *h, td_ns heard, td_ns now, bool skip)
{
    if (h->asked && heard > h->asked) {
        const bool was_degraded = h->misses > 0;
        td_heartbeat_reset(h);
        return was_degraded ? TD_BEAT_HEALED : TD_BEAT_NONE;
    }
    if (skip) {
        if (h->misses == 0)
            h->asked = 0;
        return TD_BEAT_NONE;
    }
    if (!h->asked) {
        if (now - heard < TD_PULSE_SILENCE)
            return TD_BEAT_NONE;
        h->asked = now;
        return TD_BEAT_ASK;
    }
    if (now - h->asked < TD_PULSE_ANSWER)
        return TD_BEAT_NONE;
    h->asked = now;
    if (++h->misses < TD_PULSE_MISSES) {
        h->degraded++;
        return TD_BEAT_DEGRADED;
    }
    h->drops++;
    td_heartbeat_reset(h);
    return TD_BEAT_DROP;
}

td_ns td_heartbeat_deadline(const struct td_heartbeat *h, td_ns heard)
{
    return h->asked ? h->asked + TD_PULSE_ANSWER : heard + TD_PULSE_SILENCE;
}

uint32_t td_turnwatch_turn(struct td_turnwatch *w, td_ns wall, td_ns mono, td_ns due)
{
    uint32_t found = TD_TURN_FINE;
    const td_ns drift = (wall - w->wall) - (mono - w->mono);
    if (w->mono && (drift > TD_PULSE_JUMP || drift < -TD_PULSE_JUMP)) {
        found |= TD_TURN_JUMPED;
        w->jumped_by = drift;
        w->jumps++;
    }
    if (w->mono && due != TD_NS_NEVER && due >= w->mono && mono - due > TD_PULSE_STOPPED) {
        found |= TD_TURN_STOPPED;
        w->stops++;
    }
    w->wall = wall;
    w->mono = mono;
    return found;
}
