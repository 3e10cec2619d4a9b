/* desk/connection.c - carries the manager's actions out, and turns notices into what the owner has to do. */
#include "desk/connection.h"

#include <stdio.h>

#define TICK         TD_SEC
#define SLOW_SPAN    (10 * TD_SEC) /* the order gate after error 100 */
#define ACTIONS_TURN 64            /* actions of one event, answers included */

static td_ns mono_of(const struct td_connection *c)
{
    return td_world_mono(c->world);
}

void td_connection_alert(struct td_connection *c, enum td_alert_kind kind, const char *text)
{
    const struct td_alert_at at = {
        .mono = mono_of(c),
        .wall = td_world_now(c->world),
        .tries = (uint32_t)(c->manager.failures < 0 ? 0 : c->manager.failures),
        .next_try = 0};
    td_alert_raise(&c->alerts, kind, &at, "%s", text);
}

/* --- the manager --- */

static void tell_manager(struct td_connection *c, const struct td_manager_event *ev);

static void dial(struct td_connection *c)
{
    struct td_link_config again = c->link->config;
    if (td_link_ready(c->link)) { /* the session we began with */
        const struct td_manager_event ev = {.kind = TD_MANAGER_EV_LINK_READY};
        tell_manager(c, &ev);
        return;
    }
    if (c->busy_id && !c->config.trading)
        again.client_id = c->first_id + (again.client_id - c->first_id + 1) % c->config.ids;
    c->busy_id = false;
    if (c->link->state == TD_LINK_IDLE || c->link->state == TD_LINK_ENDED)
        td_link_dial(c->link, &again);
}

static void raise_alert(struct td_connection *c, const struct td_manager_action *a)
{
    static const enum td_alert_kind kinds[TD_MANAGER_ALERTS] = {
        [TD_MANAGER_ALERT_OUTAGE] = TD_ALERT_CONNECTION,
        [TD_MANAGER_ALERT_SECOND] = TD_ALERT_HUMAN,
        [TD_MANAGER_ALERT_HALF_ARMED] = TD_ALERT_CONNECTION,
        [TD_MANAGER_ALERT_HUMAN] = TD_ALERT_HUMAN,
        [TD_MANAGER_ALERT_BUSY_ID] = TD_ALERT_CLIENT_ID,
        [TD_MANAGER_ALERT_RATE] = TD_ALERT_CONNECTION,
        [TD_MANAGER_ALERT_FARM] = TD_ALERT_FARM,
        [TD_MANAGER_ALERT_WEEKLY] = TD_ALERT_HUMAN,
        [TD_MANAGER_ALERT_WEEKLY_BAD] = TD_ALERT_HUMAN,
    };
    const struct td_manager *m = &c->manager;
    const td_ns wall = td_world_now(c->world), mono = mono_of(c);
    const struct td_alert_at at = {.mono = mono,
                                   .wall = wall,
                                   .tries = (uint32_t)m->failures,
                                   .next_try = m->next_try == TD_NS_NEVER || m->next_try < mono
                                                   ? 0
                                                   : wall + (m->next_try - mono)};
    td_alert_raise(&c->alerts, kinds[a->alert], &at, "%.190s", a->text);
}

static void ask_restart(struct td_connection *c)
{
    td_logf(c->config.log, TD_LOG_WARN, TD_LOG_API, "soft_restart",
            "asking IBC on port %u to restart the gateway", (unsigned)c->config.command_port);
    td_ibc_command_begin(&c->command, c->world, c->config.command_port, "RESTART");
    c->commanding = true;
}

static void carry_out(struct td_connection *c, const struct td_manager_action *a)
{
    const struct td_link_config *l = &c->link->config;
    struct td_manager_event ev = {.kind = TD_MANAGER_EV_LISTENING};
    switch (a->what) {
    case TD_MANAGER_LOOK:
        ev.listening = td_link_ready(c->link) ? TD_LISTENING_YES
                                              : td_world_listening(c->world, l->host, l->port);
        tell_manager(c, &ev);
        break;
    case TD_MANAGER_DIAL:
        dial(c);
        break;
    case TD_MANAGER_RECONCILE:
        c->todo |= TD_CONN_SYNC;
        break;
    case TD_MANAGER_DROP:
        td_link_hangup(c->link);
        break;
    case TD_MANAGER_ALERT:
        raise_alert(c, a);
        break;
    case TD_MANAGER_ALERTS_OVER:
        td_alert_clear(&c->alerts, TD_ALERT_CONNECTION);
        td_alert_clear(&c->alerts, TD_ALERT_HUMAN);
        td_alert_clear(&c->alerts, TD_ALERT_CLIENT_ID);
        td_alert_clear(&c->alerts, TD_ALERT_VERSION);
        break;
    case TD_MANAGER_SOFT_RESTART:
        ask_restart(c);
        break;
    case TD_MANAGER_DISPLAY: /* not managed: none of these is asked for */
    case TD_MANAGER_START:
    case TD_MANAGER_CENSUS: /* `tapedeck doctor` counts dead sockets */
        break;
    }
}

static void take_actions(struct td_connection *c)
{
    struct td_manager_action a;
    for (int i = 0; i < ACTIONS_TURN && td_manager_next(&c->manager, &a); i++)
        carry_out(c, &a);
}

/* Whatever comes next may ask for a soft restart. */
static void count_orders(struct td_connection *c)
{
    if (c->manager.config.soft_restart && c->config.in_flight)
        c->manager.orders_in_flight = c->config.in_flight(c->config.arg);
}

static struct td_manager_clock clock_of(struct td_connection *c)
{
    return (struct td_manager_clock){mono_of(c), td_world_now(c->world), td_rng_u64(&c->jitter)};
}

static void tell_manager(struct td_connection *c, const struct td_manager_event *ev)
{
    count_orders(c);
    const struct td_manager_clock clock = clock_of(c);
    td_manager_event(&c->manager, &clock, ev);
}

static void tell(struct td_connection *c, enum td_manager_event_kind kind, enum td_err err,
                 const char *text)
{
    const struct td_manager_event ev = {.kind = kind, .err = err, .text = text};
    tell_manager(c, &ev);
    take_actions(c);
}

/* --- life --- */

/* What it means for the subscriptions is done here, the rest is the owner's. */
static void keep_market(struct td_connection *c, uint32_t todo)
{
    struct td_market *m = c->config.market;
    const bool history = td_connectivity_broken(&c->state, TD_FARM_HISTORY);
    const bool contracts = td_connectivity_broken(&c->state, TD_FARM_SECDEF);
    m->held = (uint32_t)history << TD_FOR_BARS | (uint32_t)contracts << TD_FOR_DETAILS;
    if (todo & TD_CONN_ENDED)
        td_market_lost(m);
    if (todo & TD_CONN_READY)
        td_market_ready(m);
    if (todo & TD_CONN_CLOSE)
        td_market_blind(m);
    if (todo & TD_CONN_RESUBSCRIBE)
        td_market_restore(m);
    if (todo & (TD_CONN_VERIFY | TD_CONN_BARS))
        td_market_verify(m, c->state.noticed, todo & TD_CONN_BARS);
}

static uint32_t take_todo(struct td_connection *c)
{
    const uint32_t todo = c->todo;
    c->todo = 0;
    keep_market(c, todo);
    return todo;
}

static void begin_session(struct td_connection *c)
{
    td_connectivity_reset(&c->state, mono_of(c));
    td_heartbeat_reset(&c->beat);
    td_alert_clear(&c->alerts, TD_ALERT_BROKER);
    td_alert_clear(&c->alerts, TD_ALERT_FARM);
    td_alert_clear(&c->alerts, TD_ALERT_PORT);
    c->was_ready = true;
    c->todo |= TD_CONN_READY;
}

uint32_t td_connection_init(struct td_connection *c, const struct td_connection_config *config)
{
    const struct td_manager_clock clock = td_manager_clock_of(config->link->world);
    const bool soft =
        config->trading && config->command_port != 0 && td_host_is_here(config->link->config.host);
    const struct td_manager_config manager = {.sync = config->trading,
                                              .soft_restart = soft,
                                              .windows = config->windows,
                                              .new_york = config->new_york,
                                              .restart_minute = config->restart_minute,
                                              .reauth_minute = config->reauth_minute};
    const int32_t id = config->link->config.client_id - config->client_id;
    TD_REQUIRE(config->ids > 0 && id >= 0 && id < config->ids);
    memset(c, 0, sizeof *c);
    c->config = *config;
    c->link = config->link;
    c->world = config->link->world;
    c->first_id = config->client_id;
    td_rng_init(&c->jitter, clock.random);
    c->due = TD_NS_NEVER;
    td_alerts_init(&c->alerts, config->log);
    td_manager_init(&c->manager, &manager, &clock);
    take_actions(c);
    if (td_link_ready(c->link))
        begin_session(c);
    return take_todo(c);
}

uint32_t td_connection_turn(struct td_connection *c, const struct td_wake *wake)
{
    uint32_t found = td_turnwatch_turn(&c->turns, td_world_now(c->world), mono_of(c), c->due);
    c->due = TD_NS_NEVER;
    if (!c->config.trading) /* nothing was decided; and a fetch writes files between its turns */
        found &= ~(uint32_t)TD_TURN_STOPPED;
    if (!c->commanding || !td_ibc_command_wake(&c->command, wake))
        (void)td_link_wake(c->link, wake);
    td_link_tick(c->link);
    if (found & TD_TURN_JUMPED)
        td_logf(c->config.log, TD_LOG_ERROR, TD_LOG_TRADING, "clock_jump",
                "the wall clock jumped by %lld ms: no orders until the gateway's time agrees",
                (long long)(c->turns.jumped_by / TD_MS));
    if (found & TD_TURN_STOPPED)
        td_logf(c->config.log, TD_LOG_ERROR, TD_LOG_TRADING, "stopped",
                "this process stood still: looking everything up");
    return (found & TD_TURN_JUMPED ? (uint32_t)TD_CONN_JUMPED : 0u) |
           (found & TD_TURN_STOPPED ? (uint32_t)TD_CONN_STOPPED | (uint32_t)TD_CONN_SYNC : 0u);
}

static void closed(struct td_connection *c, const struct td_tws_event *ev)
{
    const bool session = c->was_ready;
    const enum td_err err = c->busy_id ? TD_EINUSE : ev->err ? ev->err : TD_ECLOSED;
    c->was_ready = false;
    c->busy_id |= ev->err == TD_EINUSE; /* a lease of another process of ours */
    c->lost++;
    if (ev->err == TD_EVERSION)
        td_connection_alert(c, TD_ALERT_VERSION, ev->text);
    if (ev->err == TD_ERANGE)
        td_connection_alert(c, TD_ALERT_ORDER_IDS, ev->text);
    tell(c, session ? TD_MANAGER_EV_LINK_LOST : TD_MANAGER_EV_LINK_FAILED, err, ev->text);
    char next[64] = "";
    if (c->manager.next_try != TD_NS_NEVER)
        (void)snprintf(next, sizeof next, "; next try in %.1f s",
                       (double)(c->manager.next_try - mono_of(c)) / 1e9);
    td_logf(c->config.log, TD_LOG_WARN, TD_LOG_API, "connection_lost", "%s%s (failures %d)",
            ev->text, next, (int)c->manager.failures);
    c->todo |= TD_CONN_ENDED;
}

/* A farm that feeds what we want is broken, or none is any more. Contracts are held back, no more. */
static void tell_farms(struct td_connection *c, const char *text)
{
    bool broken = false;
    for (uint32_t i = 0; i < c->state.farm_count && !broken; i++) {
        const struct td_farm *f = &c->state.farms[i];
        broken = f->state == TD_FARM_BROKEN && f->kind != TD_FARM_SECDEF &&
                 td_market_uses(c->config.market, f);
    }
    if (broken != c->manager.farm_lost)
        tell(c, broken ? TD_MANAGER_EV_FARM_LOST : TD_MANAGER_EV_FARM_BACK, TD_OK, text);
}

/* What stands in the table and changed something. */
static void take_notice(struct td_connection *c, const struct td_tws_error *e)
{
    const td_ns now = mono_of(c);
    const uint32_t todo = td_connectivity_take(&c->state, e->code, e->text, now);
    char text[180];
    (void)snprintf(text, sizeof text, "%d %.*s", (int)e->code,
                   (int)(e->text.len < 150 ? e->text.len : 150), e->text.p ? e->text.p : "");
    if (e->code == 326)
        c->busy_id = true;
    if (todo & TD_CONN_TELL)
        td_logf(c->config.log, todo & (TD_CONN_CLOSE | TD_CONN_ALERT) ? TD_LOG_ERROR : TD_LOG_WARN,
                TD_LOG_API, "connectivity", "%s", text);
    if (todo & TD_CONN_SLOW) {
        td_pacer_refused(&c->link->pacer, now);
        c->slow_until = now + SLOW_SPAN;
    }
    if (todo & TD_CONN_ALERT)
        td_connection_alert(c,
                            e->code == 10197  ? TD_ALERT_COMPETING
                            : e->code == 1300 ? TD_ALERT_PORT
                                              : TD_ALERT_RATE,
                            text);
    if (todo & TD_CONN_CLOSE)
        tell(c, TD_MANAGER_EV_BROKER_LOST, TD_OK, text);
    if (todo & TD_CONN_SYNC) {
        td_alert_clear(&c->alerts, TD_ALERT_BROKER);
        tell(c, TD_MANAGER_EV_BROKER_BACK, TD_OK, text);
    }
    tell_farms(c, text);
    if (!td_connectivity_long_broken(&c->state, now))
        td_alert_clear(&c->alerts, TD_ALERT_FARM);
    c->todo |= todo;
}

bool td_connection_next(struct td_connection *c, struct td_tws_event *ev, uint32_t *todo)
{
    if (!td_link_next(c->link, ev))
        return false;
    if (ev->kind == TD_TWS_EV_MESSAGE && ev->msg.kind == TD_TWS_ERROR)
        take_notice(c, &ev->msg.error);
    if (ev->kind == TD_TWS_EV_BAD)
        c->bad_messages++;
    if (ev->kind == TD_TWS_EV_READY) {
        c->reconnects++;
        begin_session(c);
        tell(c, TD_MANAGER_EV_LINK_READY, TD_OK, NULL);
    }
    if (ev->kind == TD_TWS_EV_CLOSED)
        closed(c, ev);
    *todo = take_todo(c);
    return true;
}

/* --- time --- */

static void ask_time(struct td_connection *c)
{
    struct td_tws_msg msg;
    td_tws_msg_init(&msg, TD_TWS_REQ_CURRENT_TIME);
    (void)!td_link_send(c->link, &msg);
}

static void beat(struct td_connection *c)
{
    switch (td_heartbeat_tick(&c->beat, c->link->heard_mono, mono_of(c), c->inside)) {
    case TD_BEAT_NONE:
        break;
    case TD_BEAT_ASK:
        ask_time(c);
        break;
    case TD_BEAT_DEGRADED:
        ask_time(c);
        td_logf(c->config.log, TD_LOG_ERROR, TD_LOG_API, "heartbeat",
                "nothing heard for 25 s: no orders");
        tell(c, TD_MANAGER_EV_PULSE_LATE, TD_EMUTE, "no answer to reqCurrentTime");
        break;
    case TD_BEAT_HEALED:
        tell(c, TD_MANAGER_EV_PULSE, TD_OK, NULL);
        break;
    case TD_BEAT_DROP:
        td_logf(c->config.log, TD_LOG_ERROR, TD_LOG_API, "heartbeat",
                "nothing heard for 35 s: dropping the connection");
        td_link_hangup(c->link); /* CLOSED follows, and the manager hears of it */
        break;
    }
}

static void look_at_command(struct td_connection *c)
{
    if (!c->commanding || !td_ibc_command_over(&c->command))
        return;
    c->commanding = false;
    td_logf(c->config.log, c->command.err ? TD_LOG_ERROR : TD_LOG_WARN, TD_LOG_API, "soft_restart",
            "%s", c->command.reply);
    tell(c, TD_MANAGER_EV_RESTART, c->command.err, c->command.reply);
}

uint32_t td_connection_tick(struct td_connection *c)
{
    const td_ns now = mono_of(c);
    const struct td_manager_clock clock = clock_of(c);
    look_at_command(c);
    count_orders(c);
    td_manager_tick(&c->manager, &clock);
    take_actions(c);
    if (td_link_ready(c->link))
        beat(c);
    if (now < c->tick_mono)
        return take_todo(c);
    c->tick_mono = now + TICK;
    c->inside =
        c->config.new_york && td_windows_inside(&c->config.windows, c->config.new_york, clock.wall);
    const uint32_t late = td_connectivity_tick(&c->state, now, c->inside);
    const struct td_farm *farm = td_connectivity_long_broken(&c->state, now);
    if (late & TD_CONN_STOP)
        td_connection_alert(c, TD_ALERT_BROKER,
                            "the broker has been away for 5 minutes: trading is stopped");
    else if (late & TD_CONN_ALERT && farm)
        td_connection_alert(c, TD_ALERT_FARM, farm->name);
    c->todo |= late & TD_CONN_STOP;
    if (td_pacer_rate(&c->link->pacer, now) == TD_PACE_RATE)
        td_alert_clear(&c->alerts, TD_ALERT_RATE);
    return take_todo(c);
}

td_ns td_connection_deadline(struct td_connection *c, td_ns other)
{
    const td_ns times[] = {other,
                           td_link_deadline(c->link),
                           td_manager_wake(&c->manager),
                           c->tick_mono,
                           c->commanding ? c->command.until : TD_NS_NEVER,
                           td_link_ready(c->link) && !c->inside
                               ? td_heartbeat_deadline(&c->beat, c->link->heard_mono)
                               : TD_NS_NEVER};
    td_ns first = TD_NS_NEVER;
    for (size_t i = 0; i < TD_COUNT(times); i++)
        first = times[i] < first ? times[i] : first;
    c->due = first;
    return first;
}

void td_connection_synced(struct td_connection *c, enum td_err err, const char *text)
{
    tell(c, TD_MANAGER_EV_SYNC, err, text);
}

void td_connection_refuse(struct td_connection *c, enum td_err err, const char *text)
{
    tell(c, TD_MANAGER_EV_REFUSED, err, text);
}

bool td_connection_may_order(const struct td_connection *c)
{
    return td_link_ready(c->link) && c->state.broker == TD_CONN_UP &&
           (!c->slow_until || mono_of(c) >= c->slow_until) && !c->beat.misses &&
           td_manager_may_order(&c->manager, td_world_now(c->world));
}

enum td_err td_connection_minute(const char *text, int32_t *out, struct td_fail *why)
{
    int64_t hour, minute;
    *out = -1;
    if (!text || !*text)
        return TD_OK;
    if (strlen(text) != 5 || text[2] != ':' || td_i64_parse(text, 2, &hour) != TD_OK ||
        td_i64_parse(text + 3, 2, &minute) != TD_OK || hour < 0 || hour > 23 || minute < 0 ||
        minute > 59)
        return td_fail_set(why, TD_EINVAL,
                           "GATEWAY_RESTART_AT: \"%.20s\" is no time; write HH:MM, e.g. 23:45",
                           text);
    *out = (int32_t)(hour * 60 + minute);
    return TD_OK;
}
