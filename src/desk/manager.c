/* desk/manager.c - clocks, timers and the queue of the manager; its rules are in manager_rules.c. */
#include "desk/manager_inner.h"

struct td_manager_clock td_manager_clock_of(struct td_world *world)
{
    return (struct td_manager_clock){td_world_mono(world), td_world_now(world),
                                     td_world_random(world)};
}

bool td_manager_next(struct td_manager *m, struct td_manager_action *out)
{
    if (m->head == m->tail)
        return false;
    *out = m->queue[m->tail++ % TD_MANAGER_ACTIONS_MAX];
    return true;
}

/* The next time the weekly moment comes after `wall`. */
static td_ns next_weekly(const struct td_manager *m, td_ns wall)
{
    const int32_t minute = m->config.reauth_minute, of_day = minute % (24 * 60);
    if (!m->config.new_york || minute < 0)
        return TD_NS_NEVER;
    const int64_t today = td_tz_day(m->config.new_york, wall);
    for (int64_t day = today; day <= today + 7; day++) {
        const td_ns at = td_tz_at(m->config.new_york, day, of_day / 60, of_day % 60, 0);
        if (td_weekday(day) == minute / (24 * 60) && at > wall)
            return at;
    }
    return TD_NS_NEVER;
}

static void set_now(struct td_manager *m, const struct td_manager_clock *now)
{
    const bool before = m->inside;
    m->now = *now;
    m->inside =
        m->config.new_york && td_windows_inside(&m->config.windows, m->config.new_york, now->wall);
    if (before && !m->inside)
        m->window_left = now->mono;
}

void td_manager_init(struct td_manager *m, const struct td_manager_config *config,
                     const struct td_manager_clock *now)
{
    *m = (struct td_manager){.config = *config, .state = TD_MANAGER_OFF};
    struct td_manager_config *c = &m->config;
    c->listen_limit = c->listen_limit ? c->listen_limit : 240 * TD_SEC;
    c->listen_alive = c->listen_alive ? c->listen_alive : 600 * TD_SEC;
    c->look_every = c->look_every ? c->look_every : 2 * TD_SEC;
    for (size_t i = 0; i < TD_COUNT(m->dialled); i++)
        m->dialled[i] = TD_NS_NEVER;
    m->busy_since = m->farm_since = m->restarted_at = m->window_left = TD_NS_NEVER;
    m->reauth_check_wall = m->restart_at = TD_NS_NEVER;
    m->down_mono = now->mono;
    m->down_wall = now->wall;
    set_now(m, now);
    m->reauth_wall = next_weekly(m, now->wall);
    td_manager_enter(m, TD_MANAGER_PROBE);
    m->since_mono = now->mono;
    m->since_wall = now->wall;
}

void td_manager_event(struct td_manager *m, const struct td_manager_clock *now,
                      const struct td_manager_event *ev)
{
    set_now(m, now);
    td_manager_rule(m, ev);
}

/* --- timers --- */

static void leave_window(struct td_manager *m)
{
    if (!m->link_up)
        td_manager_enter(m, TD_MANAGER_PROBE);
    else if (m->broker_lost || m->farm_lost)
        td_manager_enter(m, TD_MANAGER_DEGRADED);
    else
        td_manager_arrive(m);
}

static void look(struct td_manager *m)
{
    static const td_ns every[TD_MANAGER_STATES] = {
        [TD_MANAGER_OFF] = OFF_EVERY,
        [TD_MANAGER_WINDOW] = OFF_EVERY,
        [TD_MANAGER_NEED_HUMAN] = SLOW_EVERY,
    };
    const td_ns next = every[m->state];
    m->look_at = m->now.mono + (next ? next : m->config.look_every);
    td_manager_put(m, TD_MANAGER_LOOK);
}

/* One connect, when somebody listens, shows whether something was done. */
static void try_for_human(struct td_manager *m)
{
    m->try_at = TD_NS_NEVER; /* until the state is entered again */
    m->trying = true;
    look(m);
}

static void remind(struct td_manager *m)
{
    m->remind_at = m->now.mono + TD_HOUR;
    td_manager_tell(m, TD_MANAGER_ALERT_HUMAN);
}

/* When silence must end: 5 minutes after READY was lost, and 10 after a window. NEVER: it is told, or no outage. */
static td_ns outage_due(const struct td_manager *m)
{
    if (m->state == TD_MANAGER_READY || m->inside || m->human || m->told[TD_MANAGER_ALERT_OUTAGE])
        return TD_NS_NEVER;
    const td_ns down = m->down_mono + OUTAGE_LIMIT;
    const td_ns left = m->window_left == TD_NS_NEVER ? down : m->window_left + WINDOW_TAIL;
    return down > left ? down : left;
}

static td_ns farm_due(const struct td_manager *m)
{
    const bool waits = m->state == TD_MANAGER_DEGRADED && m->farm_lost && !m->inside;
    return waits && m->farm_since != TD_NS_NEVER ? m->farm_since + FARM_LIMIT : TD_NS_NEVER;
}

static void farm_is_gone(struct td_manager *m)
{
    m->farm_since = TD_NS_NEVER;
    if (td_manager_restart_allowed(m))
        td_manager_ask_restart(m);
    else
        td_manager_tell_once(m, TD_MANAGER_ALERT_FARM);
}

/* Until the scheduled restart; TD_NS_NEVER when there is none. */
static td_ns left_to_restart(const struct td_manager *m, td_ns wall)
{
    struct td_civil c;
    if (!m->config.new_york || m->config.restart_minute < 0)
        return TD_NS_NEVER;
    td_tz_civil(m->config.new_york, wall, &c);
    const td_ns of_day = (c.hour * 3600 + c.minute * 60 + c.second) * TD_SEC;
    return (m->config.restart_minute * TD_MIN - of_day + TD_DAY) % TD_DAY;
}

/* When the gate closes before it. */
static td_ns restart_near(const struct td_manager *m)
{
    const td_ns left = left_to_restart(m, m->now.wall);
    return left == TD_NS_NEVER || m->restart_at != TD_NS_NEVER ? TD_NS_NEVER
                                                               : m->now.mono + left - GATE_BEFORE;
}

static td_ns restart_late(const struct td_manager *m)
{
    return m->restart_at == TD_NS_NEVER ? TD_NS_NEVER : m->restart_at + RESTART_LATE;
}

/* It is awaited from when the gate closes; one that did not come is over with a reconciliation. */
static void look_at_restart(struct td_manager *m)
{
    if (restart_near(m) <= m->now.mono)
        m->restart_at = restart_near(m) + GATE_BEFORE;
    if (m->state == TD_MANAGER_READY && restart_late(m) <= m->now.mono)
        td_manager_arrive(m);
}

static void look_at_week(struct td_manager *m)
{
    if (m->now.wall >= m->reauth_wall) {
        m->reauth_wall = next_weekly(m, m->now.wall);
        m->reauth_check_wall = m->now.wall + WEEKLY_LIMIT;
        td_manager_tell(m, TD_MANAGER_ALERT_WEEKLY);
    }
    if (m->now.wall >= m->reauth_check_wall) {
        m->reauth_check_wall = TD_NS_NEVER;
        if (m->state != TD_MANAGER_READY)
            td_manager_tell(m, TD_MANAGER_ALERT_WEEKLY_BAD);
        else if (m->told[TD_MANAGER_ALERT_WEEKLY]) /* the session outlived it */
            td_manager_put(m, TD_MANAGER_ALERTS_OVER);
    }
}

void td_manager_tick(struct td_manager *m, const struct td_manager_clock *now)
{
    set_now(m, now);
    if (m->state == TD_MANAGER_WINDOW && !m->inside)
        leave_window(m);
    if (m->deadline <= m->now.mono)
        td_manager_expire(m);
    if (m->look_at <= m->now.mono)
        look(m);
    if (m->state == TD_MANAGER_NEED_HUMAN && m->remind_at <= m->now.mono)
        remind(m);
    if (m->state == TD_MANAGER_NEED_HUMAN && m->try_at <= m->now.mono)
        try_for_human(m);
    if (outage_due(m) <= m->now.mono)
        td_manager_tell_once(m, TD_MANAGER_ALERT_OUTAGE);
    if (farm_due(m) <= m->now.mono)
        farm_is_gone(m);
    look_at_week(m);
    look_at_restart(m);
}

static td_ns sooner(td_ns a, td_ns b)
{
    return a < b ? a : b;
}

static td_ns mono_of(const struct td_manager *m, td_ns wall)
{
    return wall == TD_NS_NEVER ? TD_NS_NEVER : m->now.mono + (wall - m->now.wall);
}

td_ns td_manager_wake(const struct td_manager *m)
{
    td_ns at = sooner(m->deadline, m->look_at);
    at = sooner(at, sooner(outage_due(m), farm_due(m)));
    at = sooner(at, sooner(mono_of(m, m->reauth_wall), mono_of(m, m->reauth_check_wall)));
    at = sooner(at, restart_near(m));
    if (m->state == TD_MANAGER_READY)
        at = sooner(at, restart_late(m));
    if (m->state == TD_MANAGER_NEED_HUMAN)
        at = sooner(at, sooner(m->remind_at, m->try_at));
    if (m->inside && m->state != TD_MANAGER_READY) /* the window's end is on the wall clock */
        at = sooner(at, m->now.mono + SLOW_EVERY);
    return at;
}

bool td_manager_may_order(const struct td_manager *m, td_ns wall)
{
    return m->state == TD_MANAGER_READY && m->restart_at == TD_NS_NEVER &&
           left_to_restart(m, wall) > GATE_BEFORE;
}
