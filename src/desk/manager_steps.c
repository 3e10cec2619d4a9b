/* desk/manager_steps.c - the steps the rules are made of: asking, telling, waiting, connecting, entering a state. */
#include "desk/manager_inner.h"

static const td_ns ladder[TD_MANAGER_STEPS] = {1 * TD_SEC,   2 * TD_SEC,  5 * TD_SEC,
                                               15 * TD_SEC,  30 * TD_SEC, 60 * TD_SEC,
                                               120 * TD_SEC, 300 * TD_SEC};

/* --- actions --- */

struct td_manager_action *td_manager_put(struct td_manager *m, enum td_manager_do what)
{
    TD_REQUIRE(m->head - m->tail < TD_MANAGER_ACTIONS_MAX);
    struct td_manager_action *a = &m->queue[m->head++ % TD_MANAGER_ACTIONS_MAX];
    *a = (struct td_manager_action){.what = what};
    return a;
}

void td_manager_tell(struct td_manager *m, enum td_manager_alert kind)
{
    struct td_text t;
    struct td_manager_action *a = td_manager_put(m, TD_MANAGER_ALERT);
    a->alert = kind;
    m->told[kind] = true;
    td_text_init(&t, a->text, sizeof a->text);
    td_manager_print(m, &t);
    td_text_printf(&t, "; %s", td_manager_alert_human(m, kind));
}

void td_manager_tell_once(struct td_manager *m, enum td_manager_alert kind)
{
    if (!m->told[kind])
        td_manager_tell(m, kind);
}

void td_manager_note(struct td_manager *m, enum td_err err, const char *text)
{
    m->last_err = err;
    (void)td_str_copy(td_str_of(text && *text ? text
                                : err         ? td_err_text(err)
                                              : ""),
                      m->last_text, sizeof m->last_text);
}

/* --- waiting --- */

void td_manager_wait_until(struct td_manager *m, td_ns at)
{
    td_manager_enter(m, TD_MANAGER_BACKOFF);
    m->deadline = m->next_try = at;
}

td_ns td_manager_next_wait(struct td_manager *m)
{
    const td_ns base = ladder[m->step];
    m->step += m->step < TD_MANAGER_STEPS - 1;
    const td_ns wait = base - base / 5 + (td_ns)(m->now.random % (uint64_t)(2 * (base / 5) + 1));
    return wait < TD_SEC ? 2 * TD_SEC - wait
                         : wait; /* the gateway needs a second to let the id go */
}

/* The next rung of the ladder, or the window's slow pace. */
void td_manager_back_off(struct td_manager *m)
{
    if (m->inside) {
        td_manager_enter(m, TD_MANAGER_WINDOW);
        return;
    }
    const td_ns wait = td_manager_next_wait(m);
    td_manager_wait_until(m, m->now.mono + wait);
}

void td_manager_need_human(struct td_manager *m)
{
    const bool again = m->human;
    m->human = true;
    td_manager_enter(m, TD_MANAGER_NEED_HUMAN);
    if (!again) {
        m->remind_at = m->now.mono + TD_HOUR;
        td_manager_tell(m, TD_MANAGER_ALERT_HUMAN);
    }
}

/* A try failed: count, wait, tell the third time. */
void td_manager_fail(struct td_manager *m)
{
    m->failures++;
    if (m->human) {
        td_manager_need_human(m);
        return;
    }
    td_manager_back_off(m);
    if (m->failures >= FAILURES_MAX && !m->inside)
        td_manager_tell_once(m, TD_MANAGER_ALERT_OUTAGE);
}

/* --- connecting --- */

/* Dials, or waits until a dial is allowed: 1 s after the last one and 20 in an hour. */
void td_manager_connect(struct td_manager *m)
{
    const td_ns oldest = m->dialled[m->connects % TD_MANAGER_CONNECTS_MAX];
    const td_ns last =
        m->dialled[(m->connects + TD_MANAGER_CONNECTS_MAX - 1) % TD_MANAGER_CONNECTS_MAX];
    if (oldest != TD_NS_NEVER && m->now.mono < oldest + TD_HOUR) {
        td_manager_wait_until(m, oldest + TD_HOUR);
        td_manager_tell_once(m, TD_MANAGER_ALERT_RATE);
    } else if (last != TD_NS_NEVER && m->now.mono < last + CONNECT_GAP) {
        td_manager_wait_until(m, last + CONNECT_GAP);
    } else {
        m->dialled[m->connects++ % TD_MANAGER_CONNECTS_MAX] = m->now.mono;
        td_manager_enter(m, TD_MANAGER_CONNECT);
    }
}

/* LISTEN was read, or may be there. The first sign of what we started begins the grace for its login. */
void td_manager_somebody_listens(struct td_manager *m, enum td_listening fact)
{
    m->listened = fact == TD_LISTENING_YES;
    if (m->listened && m->starting) {
        m->starting = false;
        m->step = 0;
        m->grace_until = m->now.mono + m->config.grace;
    }
    td_manager_connect(m);
}

/* What was started is waited for again, without starting another. */
void td_manager_resume_start(struct td_manager *m, td_ns look_in)
{
    td_manager_enter(m, TD_MANAGER_SPAWN);
    m->deadline = m->listen_until;
    m->look_at = m->now.mono + look_in;
}

static void set_start_limits(struct td_manager *m)
{
    m->starting = true;
    m->child_failed = false;
    m->listen_until = m->now.mono + m->config.listen_limit;
    m->alive_until = m->now.mono + m->config.listen_alive;
}

void td_manager_start_gateway(struct td_manager *m)
{
    m->in_display = false;
    set_start_limits(m);
    m->deadline = m->listen_until;
    m->look_at = m->now.mono + m->config.look_every;
    td_manager_put(m, TD_MANAGER_START);
}

static void begin_start(struct td_manager *m)
{
    if (m->human || m->spawns >= STARTS_MAX) {
        td_manager_need_human(m);
        return;
    }
    m->spawns++;
    td_manager_enter(m, TD_MANAGER_SPAWN);
    if (m->child_alive) { /* it lives: its listener went away, as in a restart; wait for it */
        set_start_limits(m);
        m->deadline = m->listen_until;
        m->look_at = m->now.mono + m->config.look_every;
    } else if (m->config.display) {
        m->in_display = true;
        m->deadline = m->now.mono + DISPLAY_LIMIT;
        td_manager_put(m, TD_MANAGER_DISPLAY);
    } else {
        td_manager_start_gateway(m);
    }
}

/* It is a fact that nobody listens. */
void td_manager_nobody_listens(struct td_manager *m)
{
    m->listened = false;
    m->handshakes_failed = 0;
    if (m->now.mono < m->restart_until) {
        td_manager_enter(m,
                         TD_MANAGER_OFF); /* a soft restart is under way: it comes back by itself */
        m->deadline = m->restart_until;
    } else if (!m->config.managed) {
        td_manager_enter(m, TD_MANAGER_OFF);
    } else if (m->inside && m->was_ready) {
        td_manager_enter(m, TD_MANAGER_WINDOW);
    } else {
        begin_start(m);
    }
}

bool td_manager_restart_allowed(const struct td_manager *m)
{
    return m->config.soft_restart && !m->orders_in_flight &&
           (m->restarted_at == TD_NS_NEVER || m->now.mono >= m->restarted_at + RESTART_AGAIN);
}

void td_manager_ask_restart(struct td_manager *m)
{
    m->restarted_at = m->now.mono;
    td_manager_put(m, TD_MANAGER_SOFT_RESTART);
}

/* --- entering states --- */

static void enter_off(struct td_manager *m)
{
    m->look_at = m->now.mono + OFF_EVERY;
}

static void enter_probe(struct td_manager *m)
{
    m->deadline = m->now.mono + LOOK_LIMIT;
    td_manager_put(m, TD_MANAGER_LOOK);
}

static void enter_second(struct td_manager *m)
{
    m->prompts++;
    m->deadline = m->now.mono + PROMPT_LIMIT;
    m->look_at = m->now.mono + m->config.look_every;
}

static void enter_connect(struct td_manager *m)
{
    m->deadline = m->now.mono + CONNECT_LIMIT;
    td_manager_put(m, TD_MANAGER_DIAL);
}

static void enter_half_armed(struct td_manager *m)
{
    m->deadline = m->now.mono + RESTART_ANSWER;
    td_manager_put(m, TD_MANAGER_CENSUS);
    td_manager_tell_once(m, TD_MANAGER_ALERT_HALF_ARMED);
    if (td_manager_restart_allowed(m))
        td_manager_ask_restart(m);
    else
        td_manager_need_human(m);
}

static void enter_sync(struct td_manager *m)
{
    m->deadline = m->now.mono + SYNC_LIMIT;
    td_manager_put(m, TD_MANAGER_RECONCILE);
}

static void enter_ready(struct td_manager *m)
{
    bool told = false;
    for (int i = 0; i < TD_MANAGER_ALERTS; i++) {
        told |= m->told[i];
        m->told[i] = false;
    }
    if (told)
        td_manager_put(m, TD_MANAGER_ALERTS_OVER);
    m->failures = m->handshakes_failed = m->spawns = m->prompts = m->syncs_failed = 0;
    m->human = m->hopeless = m->starting = false;
    m->was_ready = true;
    /* A session begun before the restart will not outlive it. */
    if (m->restart_at != TD_NS_NEVER &&
        (m->session_at >= m->restart_at || m->now.mono >= m->restart_at + RESTART_LATE))
        m->restart_at = TD_NS_NEVER;
    m->busy_since = m->window_left = m->down_mono = TD_NS_NEVER;
    m->last_text[0] = '\0';
}

static void enter_window(struct td_manager *m)
{
    m->look_at = m->link_up ? TD_NS_NEVER : m->now.mono + OFF_EVERY;
}

static void enter_human(struct td_manager *m)
{
    m->trying = false;
    m->try_at = m->now.mono + (m->hopeless ? HOPELESS_TRY : HUMAN_TRY);
    m->look_at = m->now.mono + SLOW_EVERY;
}

void td_manager_enter(struct td_manager *m, enum td_manager_state state)
{
    static void (*const entries[TD_MANAGER_STATES])(struct td_manager * m) = {
        [TD_MANAGER_OFF] = enter_off,
        [TD_MANAGER_PROBE] = enter_probe,
        [TD_MANAGER_WAIT_2FA] = enter_second,
        [TD_MANAGER_CONNECT] = enter_connect,
        [TD_MANAGER_HALF_ARMED] = enter_half_armed,
        [TD_MANAGER_SYNC] = enter_sync,
        [TD_MANAGER_READY] = enter_ready,
        [TD_MANAGER_WINDOW] = enter_window,
        [TD_MANAGER_NEED_HUMAN] = enter_human,
    };
    if (m->state == TD_MANAGER_READY && state != TD_MANAGER_READY) {
        m->down_mono = m->now.mono;
        m->down_wall = m->now.wall;
        if (m->now.mono - m->since_mono >= STEADY)
            m->step = 0;
    }
    if (m->state != state) {
        m->since_mono = m->now.mono;
        m->since_wall = m->now.wall;
    }
    m->state = state;
    m->deadline = m->look_at = m->next_try = TD_NS_NEVER;
    if (entries[state])
        entries[state](m);
}

void td_manager_arrive(struct td_manager *m)
{
    td_manager_enter(m, m->config.sync ? TD_MANAGER_SYNC : TD_MANAGER_READY);
}
