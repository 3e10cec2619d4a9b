/* desk/manager_rules.c - what each event and each limit does in each state. */
#include "desk/manager_inner.h"

/* --- events --- */

typedef const struct td_manager_event event;

static void probed(struct td_manager *m, event *ev)
{
    if (ev->listening == TD_LISTENING_NO)
        td_manager_nobody_listens(m);
    else
        td_manager_somebody_listens(m, ev->listening);
}

/* A look that found nobody changes nothing; one that knows nothing waits for the ladder. */
static void looked(struct td_manager *m, event *ev)
{
    if (ev->listening == TD_LISTENING_YES)
        td_manager_somebody_listens(m, ev->listening);
    else if (ev->listening == TD_LISTENING_UNKNOWN)
        td_manager_connect(m);
}

/* A listener that appears is dialled at once, one that stays (or cannot be read) at a slow pace. */
static void window_looked(struct td_manager *m, event *ev)
{
    const bool came = ev->listening == TD_LISTENING_YES && !m->listened;
    m->listened = ev->listening == TD_LISTENING_YES;
    if (ev->listening == TD_LISTENING_NO || m->link_up || (!came && m->now.mono < m->window_dial))
        return;
    m->window_dial = m->now.mono + WINDOW_DIAL;
    td_manager_connect(m);
}

/* Somebody acted when a listener appears where none was; or it is time for a try, and perhaps somebody listens. */
static void human_looked(struct td_manager *m, event *ev)
{
    const bool before = m->listened, trying = m->trying;
    m->trying = false;
    if (ev->listening != TD_LISTENING_UNKNOWN)
        m->listened = ev->listening == TD_LISTENING_YES;
    if ((m->listened && !before) || (trying && ev->listening != TD_LISTENING_NO))
        td_manager_connect(m);
    else if (trying)
        m->try_at = m->now.mono + HUMAN_TRY;
}

static void display_came(struct td_manager *m, event *ev)
{
    td_manager_note(m, ev->err, ev->text);
    if (!m->in_display)
        return;
    if (ev->err)
        td_manager_fail(m);
    else
        td_manager_start_gateway(m);
}

/* A program that is not there or may not run does not come by waiting. */
static void spawned(struct td_manager *m, event *ev)
{
    m->child_alive = ev->err == TD_OK;
    if (!ev->err)
        return;
    td_manager_note(m, ev->err, ev->text);
    if (ev->err == TD_ENOENT || ev->err == TD_EACCES || ev->err == TD_EINVAL)
        td_manager_need_human(m);
    else
        td_manager_fail(m);
}

static void child_ended(struct td_manager *m, event *ev)
{
    m->child_alive = false;
    m->child_failed = ev->status != 0;
    if (m->state != TD_MANAGER_SPAWN && m->state != TD_MANAGER_WAIT_2FA)
        return;
    if (ev->status == 0)
        return; /* a start program may end well once the gateway is on its way */
    td_manager_note(m, TD_EIO, ev->text);
    if (ev->status == STATUS_2FA && m->prompts >= PROMPTS_MAX)
        td_manager_need_human(m);
    else
        td_manager_fail(m);
}

static void second_login(struct td_manager *m, event *ev)
{
    td_manager_note(m, TD_OK, ev->text);
    if (m->prompts >= PROMPTS_MAX) {
        td_manager_need_human(m);
        return;
    }
    td_manager_enter(m, TD_MANAGER_WAIT_2FA);
    td_manager_tell(m, TD_MANAGER_ALERT_SECOND);
}

static void link_ready(struct td_manager *m, event *ev)
{
    (void)ev;
    m->link_up = true;
    m->session_at = m->now.mono;
    m->broker_lost = m->farm_lost = false;
    m->pulses_late = m->handshakes_failed = 0;
    m->restart_until = 0;
    td_manager_arrive(m);
}

static void id_is_busy(struct td_manager *m)
{
    if (m->busy_since == TD_NS_NEVER)
        m->busy_since = m->now.mono;
    td_manager_back_off(m);
    if (m->now.mono - m->busy_since >= BUSY_LIMIT)
        td_manager_tell_once(m, TD_MANAGER_ALERT_BUSY_ID);
}

static void handshake_failed(struct td_manager *m)
{
    m->handshakes_failed += m->listened;
    if (m->handshakes_failed < HANDSHAKES_MAX || m->inside || m->human) {
        td_manager_fail(m);
        return;
    }
    m->failures++;
    td_manager_enter(m, TD_MANAGER_HALF_ARMED);
}

static void link_failed(struct td_manager *m, event *ev)
{
    td_manager_note(m, ev->err, ev->text);
    m->listened = m->listened && ev->err != TD_EUNREACH;
    if (ev->err == TD_EUNREACH && m->starting && m->child_failed) {
        m->starting = false;
        td_manager_fail(m);
    } else if (ev->err == TD_EUNREACH && m->starting) {
        const td_ns wait = td_manager_next_wait(m);
        td_manager_resume_start(m, wait > m->config.look_every ? wait : m->config.look_every);
    } else if (ev->err == TD_EUNREACH && m->config.managed && !m->human) {
        td_manager_nobody_listens(m); /* refused: a fact of the kernel as well */
    } else if (ev->err == TD_EVERSION || ev->err == TD_ERANGE) {
        m->hopeless = true;
        td_manager_need_human(m);
    } else if (ev->err == TD_EINUSE) {
        id_is_busy(m);
    } else if (ev->err != TD_EUNREACH && m->now.mono < m->grace_until) {
        const td_ns wait = td_manager_next_wait(m), left = m->grace_until - m->now.mono;
        td_manager_wait_until(m, m->now.mono +
                                     (wait < left ? wait : left)); /* the login is under way */
    } else {
        handshake_failed(m);
    }
}

static void link_lost(struct td_manager *m, event *ev)
{
    m->link_up = m->broker_lost = m->farm_lost = false;
    m->pulses_late = 0;
    td_manager_note(m, ev->err, ev->text);
    td_manager_back_off(m);
}

static void sync_failed(struct td_manager *m, enum td_err err, const char *text)
{
    td_manager_note(m, err, text);
    if (++m->syncs_failed < SYNCS_MAX) {
        td_manager_enter(m, TD_MANAGER_SYNC);
        return;
    }
    m->syncs_failed = 0;
    m->link_up = false;
    td_manager_put(m, TD_MANAGER_DROP);
    td_manager_fail(m);
}

static void synced(struct td_manager *m, event *ev)
{
    if (ev->err)
        sync_failed(m, ev->err, ev->text);
    else
        td_manager_enter(m, TD_MANAGER_READY);
}

static void degrade(struct td_manager *m, event *ev)
{
    td_manager_note(m, TD_ECLOSED, ev->text);
    if (m->inside)
        td_manager_enter(m, TD_MANAGER_WINDOW);
    else if (m->state != TD_MANAGER_DEGRADED)
        td_manager_enter(m, TD_MANAGER_DEGRADED);
}

static void heal(struct td_manager *m)
{
    const bool waits = m->state == TD_MANAGER_DEGRADED || m->state == TD_MANAGER_WINDOW;
    if (waits && !m->broker_lost && !m->farm_lost && !m->pulses_late)
        td_manager_arrive(m);
}

static void broker_lost(struct td_manager *m, event *ev)
{
    if (m->broker_lost)
        return; /* a flood is one change */
    m->broker_lost = true;
    degrade(m, ev);
}

/* The farms' notices come anew after it. Always reconciled, even when the session says that nothing was lost. */
static void broker_back(struct td_manager *m, event *ev)
{
    (void)ev;
    m->broker_lost = m->farm_lost = false;
    if (m->state == TD_MANAGER_READY || m->state == TD_MANAGER_SYNC)
        td_manager_arrive(m);
    else
        heal(m);
}

static void farm_lost(struct td_manager *m, event *ev)
{
    if (m->farm_lost)
        return;
    m->farm_lost = true;
    m->farm_since = m->now.mono;
    degrade(m, ev);
}

static void farm_back(struct td_manager *m, event *ev)
{
    (void)ev;
    m->farm_lost = false;
    heal(m);
}

static void pulse_late(struct td_manager *m, event *ev)
{
    if (m->inside)
        return;
    if (++m->pulses_late < 2) {
        degrade(m, ev);
        return;
    }
    td_manager_put(m, TD_MANAGER_DROP);
    link_lost(m, ev);
}

static void pulse(struct td_manager *m, event *ev)
{
    (void)ev;
    m->pulses_late = 0;
    heal(m);
}

static void refused(struct td_manager *m, event *ev)
{
    td_manager_note(m, ev->err, ev->text);
    if (m->link_up || m->state == TD_MANAGER_CONNECT)
        td_manager_put(m, TD_MANAGER_DROP);
    m->link_up = false;
    m->hopeless = true;
    td_manager_need_human(m);
}

static void restart_answered(struct td_manager *m, event *ev)
{
    if (!ev->err) {
        m->restart_until = m->now.mono + RESTART_TIME;
        m->handshakes_failed = 0;
    }
    if (m->state == TD_MANAGER_DEGRADED) {
        if (ev->err)
            td_manager_tell_once(m, TD_MANAGER_ALERT_FARM);
        return; /* the session ends with the restart */
    }
    td_manager_note(m, ev->err, ev->text);
    if (ev->err)
        td_manager_need_human(m);
    else
        td_manager_back_off(m);
}

static void retry(struct td_manager *m, event *ev)
{
    (void)ev;
    m->human = m->hopeless = false;
    m->failures = m->handshakes_failed = m->spawns = m->prompts = m->step = 0;
    if (!m->link_up)
        td_manager_enter(m, TD_MANAGER_PROBE);
}

#define AT(state) (1u << TD_MANAGER_##state)
#define LINKED    (AT(SYNC) | AT(READY) | AT(DEGRADED) | AT(WINDOW))
#define ANY       ((1u << TD_MANAGER_STATES) - 1)
static const struct {
    uint32_t states;
    enum td_manager_event_kind kind;
    void (*act)(struct td_manager *m, event *ev);
} rules[] = {
    {AT(PROBE), TD_MANAGER_EV_LISTENING, probed},
    {AT(OFF) | AT(SPAWN) | AT(WAIT_2FA), TD_MANAGER_EV_LISTENING, looked},
    {AT(WINDOW), TD_MANAGER_EV_LISTENING, window_looked},
    {AT(NEED_HUMAN), TD_MANAGER_EV_LISTENING, human_looked},
    {AT(SPAWN), TD_MANAGER_EV_DISPLAY, display_came},
    {AT(SPAWN), TD_MANAGER_EV_SPAWNED, spawned},
    {ANY, TD_MANAGER_EV_CHILD_ENDED, child_ended},
    {AT(SPAWN) | AT(WAIT_2FA) | AT(BACKOFF), TD_MANAGER_EV_SECOND_LOGIN, second_login},
    {AT(CONNECT), TD_MANAGER_EV_LINK_READY, link_ready},
    {AT(CONNECT), TD_MANAGER_EV_LINK_FAILED, link_failed},
    {LINKED, TD_MANAGER_EV_LINK_LOST, link_lost},
    {AT(SYNC), TD_MANAGER_EV_SYNC, synced},
    {LINKED, TD_MANAGER_EV_BROKER_LOST, broker_lost},
    {LINKED, TD_MANAGER_EV_BROKER_BACK, broker_back},
    {LINKED, TD_MANAGER_EV_FARM_LOST, farm_lost},
    {LINKED, TD_MANAGER_EV_FARM_BACK, farm_back},
    {LINKED, TD_MANAGER_EV_PULSE_LATE, pulse_late},
    {LINKED, TD_MANAGER_EV_PULSE, pulse},
    {LINKED | AT(CONNECT), TD_MANAGER_EV_REFUSED, refused},
    {AT(HALF_ARMED) | AT(DEGRADED), TD_MANAGER_EV_RESTART, restart_answered},
    {ANY, TD_MANAGER_EV_RETRY, retry},
};

void td_manager_rule(struct td_manager *m, event *ev)
{
    for (size_t i = 0; i < TD_COUNT(rules); i++)
        if (rules[i].kind == ev->kind && rules[i].states & 1u << m->state) {
            rules[i].act(m, ev);
            return;
        }
    m->ignored++;
}

/* --- limits --- */

static void start_too_late(struct td_manager *m)
{
    if (!m->in_display && m->child_alive && m->now.mono < m->alive_until) {
        m->deadline = m->alive_until;
        return;
    }
    td_manager_note(m, TD_ETIMEOUT,
                    m->in_display ? "no display within 10 s"
                                  : "the started gateway did not listen in time");
    m->in_display = m->starting = false;
    td_manager_fail(m);
}

static void prompt_too_late(struct td_manager *m)
{
    td_manager_note(m, TD_ETIMEOUT, "the second factor was not approved within 180 s");
    if (m->prompts >= PROMPTS_MAX)
        td_manager_need_human(m);
    else if (m->child_alive)
        td_manager_resume_start(m, m->config.look_every);
    else
        td_manager_fail(m);
}

void td_manager_expire(struct td_manager *m)
{
    switch (m->state) {
    case TD_MANAGER_PROBE:
        td_manager_somebody_listens(m, TD_LISTENING_UNKNOWN);
        break;
    case TD_MANAGER_SPAWN:
        start_too_late(m);
        break;
    case TD_MANAGER_WAIT_2FA:
        prompt_too_late(m);
        break;
    case TD_MANAGER_CONNECT:
        td_manager_put(m, TD_MANAGER_DROP);
        link_failed(m, &(event){.err = TD_ETIMEOUT, .text = "no session within 30 s"});
        break;
    case TD_MANAGER_HALF_ARMED:
        td_manager_note(m, TD_ETIMEOUT, "the soft restart was not answered");
        td_manager_need_human(m);
        break;
    case TD_MANAGER_SYNC:
        sync_failed(m, TD_ETIMEOUT, "the reconciliation took longer than 120 s");
        break;
    case TD_MANAGER_OFF:
    case TD_MANAGER_BACKOFF:
        m->restart_until = m->state == TD_MANAGER_OFF ? 0 : m->restart_until;
        td_manager_enter(m, TD_MANAGER_PROBE);
        break;
    case TD_MANAGER_READY:
    case TD_MANAGER_DEGRADED:
    case TD_MANAGER_WINDOW:
    case TD_MANAGER_NEED_HUMAN:
    case TD_MANAGER_STATES:
        break;
    }
}
