/* tests/desk/desk_wants.h - a desk without strategies, whose only orders are the test's: one share put to the gates as a
 * strategy would want it, the switches that close them, and what the gateway received. */
#ifndef TD_TESTS_DESK_WANTS_H
#define TD_TESTS_DESK_WANTS_H

#include "desk/desk_scene.h"

/* Ready, and its strategies' lines quoted; no strategy runs. `stops` false: it places none of its own either. */
static inline void start_alone(const struct scene_options *o, bool stops)
{
    scene_open(o);
    if (!stops)
        scene.settings.stop_monitor = scene.settings.broker_stops = false;
    scene.config.use_count = 0;
    desk_must_start();
    desk_wait_ready();
}

/* One share of the first line at market, decided now. */
static inline struct td_intent one_share(enum td_action action)
{
    struct td_intent i = td_intent_blank();
    i.action = (uint8_t)action;
    i.type = TD_ORDER_MARKET;
    i.qty = TD_QTY(1);
    i.reference = scene.desk->market.lines[0].last;
    i.decided_ns = td_world_now(&scene.desk_world);
    return i;
}

/* It is put to the gates in that role. False: refused, and the desk's last denial says why. */
static inline bool asks_as(enum td_action action, uint8_t role)
{
    const struct td_intent i = one_share(action);
    const struct desk_origin from = {.role = role};
    return desk_ask_gates(scene.desk, 0, &i, &from);
}

/* A purchase as an entry, a sale as an exit. */
static inline bool asks(enum td_action action)
{
    return asks_as(action, action == TD_BUY ? TD_ROLE_ENTRY : TD_ROLE_EXIT);
}

static inline void must_ask(enum td_action action)
{
    if (!asks(action))
        fail_msg("%s", scene.desk->result.last_denial);
}

/* Order messages at the gateway, changes and cancels not among them. */
static inline uint32_t received(void)
{
    return td_gateway_ledger(scene.gateway.server)->order_count;
}

/* What the gateway simulator shall do now, in the words of a fault script. */
static inline void gateway_does(const char *words)
{
    struct td_fault_action action;
    struct td_fail why = {0};
    if (td_fault_parse(td_str_of(words), &action, &why) != TD_OK ||
        td_gateway_act(scene.gateway.server, &action, &why) != TD_OK)
        fail_msg("%s", why.text);
}

/* --- what closes a gate, alone --- */

static inline void orders_forbidden(void)
{
    scene.settings.allow_orders = false;
}
static inline void dry_run(void)
{
    scene.settings.dry_run = true;
}
static inline void no_execution(void)
{
    scene.settings.order_exec = false;
}
static inline void looks_up(void)
{
    scene.desk->sync = SYNC_OPEN_ORDERS;
}
static inline void halts(void)
{
    scene.desk->blotter.halted = true;
}

#endif
