/* sim/gateway_fault.c - fault scripts at work: when actions happen, and those about sessions.
 *
 * The moments of a script are drawn at the start. Actions never free a client: they mark it, and its next flush ends it.
 */
#include "sim/gateway_inner.h"

#include <stdlib.h>
#include <string.h>

#include "base/random.h"

/* ---- counts ---- */

uint32_t td_gw_count(int64_t count)
{
    return count == 0 ? UINT32_MAX : (uint32_t)count;
}

bool td_gw_take_one(uint32_t *left)
{
    if (*left == 0)
        return false;
    *left -= *left != UINT32_MAX;
    return true;
}

/* ---- the script ---- */

enum td_err td_gw_faults_open(struct td_gateway *g, struct td_fail *why)
{
    const struct td_script *s = g->config.script;
    struct td_rng rng;
    g->faults.late = calloc(TD_GW_LATE, sizeof *g->faults.late);
    if (!g->faults.late)
        return td_fail_set(why, TD_ENOMEM, "no memory for delayed messages");
    td_rng_init(&rng, s ? s->seed : 0);
    for (uint32_t i = 0; s && i < s->step_count; i++) {
        const struct td_script_step *from = &s->steps[i];
        struct td_gw_step *step = &g->faults.steps[i];
        step->left = from->count;
        step->next =
            from->when == TD_WHEN_BETWEEN ? td_rng_between(&rng, from->at, from->to) : from->at;
    }
    return TD_OK;
}

static void run(struct td_gateway *g, const struct td_fault_action *a)
{
    static td_gw_fault_fn *const doers[TD_FAULT_COUNT] = {
#define DOER(id, handler, word, world, help, ...) td_gw_do_##handler,
        TD_FAULTS(DOER)
#undef DOER
    };
    td_logf(g->log, TD_LOG_INFO, TD_LOG_API, "fault", "%s",
            td_fault_row_of((enum td_fault)a->id)->word);
    doers[a->id](g, a);
}

enum td_err td_gateway_act(struct td_gateway *g, const struct td_fault_action *action,
                           struct td_fail *why)
{
    const struct td_fault_row *row = td_fault_row_of((enum td_fault)action->id);
    if (row->world && !g->config.world_action)
        return td_fail_set(why, TD_EUNSUP, "%s needs the simulated world of the test bench",
                           row->word);
    run(g, action);
    return TD_OK;
}

void td_gw_event(struct td_gateway *g, struct td_gw_client *c, enum td_script_event event,
                 uint16_t kind, struct td_gw_order *order)
{
    const struct td_script *s = g->config.script;
    for (uint32_t i = 0; s && i < s->step_count; i++) {
        const struct td_script_step *step = &s->steps[i];
        if (step->when != TD_WHEN_EVENT || step->event != event || step->kind != kind ||
            g->faults.steps[i].left == 0 || --g->faults.steps[i].left > 0)
            continue;
        g->faults.steps[i].ran = true;
        g->faults.client = c;
        g->faults.order = order;
        run(g, &step->action);
        g->faults.client = NULL;
        g->faults.order = NULL;
    }
}

static void run_due(struct td_gateway *g, td_ns since)
{
    const struct td_script *s = g->config.script;
    for (uint32_t i = 0; s && i < s->step_count; i++) {
        struct td_gw_step *step = &g->faults.steps[i];
        if (s->steps[i].when == TD_WHEN_EVENT)
            continue;
        while (step->left && since >= step->next) {
            step->left--;
            step->ran = true;
            step->next += s->steps[i].to; /* of EVERY: the pause */
            run(g, &s->steps[i].action);
        }
    }
}

static struct td_gw_client *client_by_conn(struct td_gateway *g, uint32_t conn)
{
    for (size_t i = 0; i < TD_GATEWAY_CLIENTS_MAX; i++)
        if (g->clients[i] && g->clients[i]->conn.id == conn && !g->clients[i]->closing)
            return g->clients[i];
    return NULL;
}

static void send_late(struct td_gateway *g)
{
    for (size_t i = 0; i < TD_GW_LATE; i++) {
        struct td_gw_late *late = &g->faults.late[i];
        if (late->due == 0 || g->mono < late->due)
            continue;
        struct td_gw_client *c = client_by_conn(g, late->conn);
        if (c)
            (void)td_gw_queue_bytes(c, late->bytes, late->len);
        late->due = 0;
    }
}

static void listen_again(struct td_gateway *g)
{
    struct td_fail why = {0};
    if (g->faults.listen_at == 0 || g->mono < g->faults.listen_at)
        return;
    g->faults.listen_at = 0;
    if (td_world_listen(g->world, g->config.host, &g->config.port, &g->listener, &why) == TD_OK)
        return;
    td_logf(g->log, TD_LOG_ERROR, TD_LOG_API, "listen", "%s", why.text);
    g->faults.listen_at = g->mono + TD_SEC;
}

void td_gw_faults_tick(struct td_gateway *g)
{
    listen_again(g);
    run_due(g, g->mono - g->opened_mono);
    send_late(g);
}

void td_gw_do_world(struct td_gateway *g, const struct td_fault_action *a)
{
    if (g->config.world_action)
        g->config.world_action(g->config.world_arg, a);
    else
        td_logf(g->log, TD_LOG_WARN, TD_LOG_API, "fault",
                "%s needs the simulated world of the test bench; nothing happened",
                td_fault_row_of((enum td_fault)a->id)->word);
}

void td_gw_do_heal(struct td_gateway *g, const struct td_fault_action *a)
{
    (void)a;
    memset(&g->faults.now, 0, sizeof g->faults.now);
}

/* ---- whom ---- */

struct td_gw_client *td_gw_target(struct td_gateway *g, size_t *i)
{
    if (g->faults.client)
        return (*i)++ == 0 ? g->faults.client : NULL;
    while (*i < TD_GATEWAY_CLIENTS_MAX) {
        struct td_gw_client *c = g->clients[(*i)++];
        if (c && !c->closing)
            return c;
    }
    return NULL;
}

void td_gw_abort(struct td_gw_client *c)
{
    c->closing = c->aborting = true;
    td_twsgw_close(&c->tws);
}

/* ---- messages ---- */

bool td_gw_queue_bytes(struct td_gw_client *c, const void *bytes, size_t len)
{
    size_t room;
    uint8_t *at = td_tws_tx_begin(&c->tws.tx, &room);
    if (c->closing || c->tws.state != TD_TWSGW_OPEN || room < len || len == 0)
        return false;
    memcpy(at, bytes, len);
    td_tws_tx_commit(&c->tws.tx, len);
    return true;
}

/* ---- sessions ---- */

void td_gw_do_mute_hello(struct td_gateway *g, const struct td_fault_action *a)
{
    (void)a;
    g->faults.now.mute_hello = true;
}

void td_gw_do_mute(struct td_gateway *g, const struct td_fault_action *a)
{
    (void)a;
    g->faults.now.mute = true;
}

void td_gw_do_version(struct td_gateway *g, const struct td_fault_action *a)
{
    g->faults.now.version = (int32_t)a->args[0].number;
}

void td_gw_do_hello_time(struct td_gateway *g, const struct td_fault_action *a)
{
    memcpy(g->faults.now.hello_time, a->args[0].text, sizeof g->faults.now.hello_time);
}

void td_gw_do_next_id(struct td_gateway *g, const struct td_fault_action *a)
{
    struct td_gw_client *c;
    for (size_t i = 0; (c = td_gw_target(g, &i)) != NULL;) {
        td_tws_msg_init(&g->msg, TD_TWS_NEXT_VALID_ID);
        g->msg.number.value = (int32_t)a->args[0].number;
        (void)td_gw_send(g, c, &g->msg);
    }
}

void td_gw_do_rollback(struct td_gateway *g, const struct td_fault_action *a)
{
    for (uint32_t i = 0; i < g->ident_count; i++)
        g->idents[i].last_order_id = (int32_t)a->args[0].number - 1;
}

void td_gw_do_accounts(struct td_gateway *g, const struct td_fault_action *a)
{
    memcpy(g->faults.now.accounts, a->args[0].text, sizeof g->faults.now.accounts);
}

void td_gw_do_busy_id(struct td_gateway *g, const struct td_fault_action *a)
{
    g->faults.now.busy_until = g->mono + a->args[0].number;
}

void td_gw_do_close(struct td_gateway *g, const struct td_fault_action *a)
{
    struct td_gw_client *c;
    (void)a;
    for (size_t i = 0; (c = td_gw_target(g, &i)) != NULL;)
        td_gw_drop(g, c, "by the fault script");
}

void td_gw_do_reset(struct td_gateway *g, const struct td_fault_action *a)
{
    struct td_gw_client *c;
    (void)a;
    for (size_t i = 0; (c = td_gw_target(g, &i)) != NULL;)
        td_gw_abort(c);
}

void td_gw_do_close_after(struct td_gateway *g, const struct td_fault_action *a)
{
    g->faults.now.close_after = (int32_t)a->args[0].number;
}

void td_gw_do_garbage_after(struct td_gateway *g, const struct td_fault_action *a)
{
    g->faults.now.garbage_after = (int32_t)a->args[0].number;
}

/* All sockets go at once, as when the process restarts; the broker's books stay. */
void td_gw_do_restart(struct td_gateway *g, const struct td_fault_action *a)
{
    const struct td_fault_action first = {.id = TD_FAULT_ROLLBACK, .args = {{.number = 1}}};
    for (size_t i = 0; i < TD_GATEWAY_CLIENTS_MAX; i++)
        if (g->clients[i])
            td_gw_abort(g->clients[i]);
    if (strcmp(a->args[1].text, "rollback") == 0)
        td_gw_do_rollback(g, &first);
    if (g->listener.id)
        td_world_hangup(g->world, g->listener, false);
    g->listener.id = 0;
    g->faults.listen_at = g->mono + a->args[0].number + 1;
}

static void notice(struct td_gateway *g, int32_t code, const char *text)
{
    struct td_gw_client *c;
    for (size_t i = 0; (c = td_gw_target(g, &i)) != NULL;)
        td_gw_error(g, c, -1, code, "%s", text);
}

void td_gw_do_notice(struct td_gateway *g, const struct td_fault_action *a)
{
    notice(g, (int32_t)a->args[0].number, a->args[1].text);
}

void td_gw_do_link_lost(struct td_gateway *g, const struct td_fault_action *a)
{
    (void)a;
    g->faults.now.link_down = true;
    notice(g, 1100, "Connectivity between IBKR and the gateway has been lost.");
}

static bool is_data(const struct td_gw_sub *sub)
{
    return sub->kind <= TD_GW_BARS_LIVE;
}

void td_gw_do_link_back(struct td_gateway *g, const struct td_fault_action *a)
{
    const bool lost = a->args[0].number == 1101;
    struct td_gw_client *c;
    g->faults.now.link_down = false;
    for (size_t i = 0; lost && (c = td_gw_target(g, &i)) != NULL;)
        for (uint32_t k = c->sub_count; k-- > 0;)
            if (is_data(&c->subs[k]))
                c->subs[k] = c->subs[--c->sub_count];
    notice(g, lost ? 1101 : 1102,
           lost ? "Connectivity has been restored - data lost."
                : "Connectivity has been restored - data maintained.");
}

void td_gw_do_rate(struct td_gateway *g, const struct td_fault_action *a)
{
    struct td_gw_client *c;
    (void)a;
    for (size_t i = 0; (c = td_gw_target(g, &i)) != NULL;) {
        td_gw_error(g, c, -1, 100,
                    "Max rate of messages per second has been exceeded:max=50 rec=51");
        td_gw_drop(g, c, "more messages than allowed, by the fault script");
    }
}
