/* desk/desk_exits.c - closing what is held: exits, flatten, and the target and stop of what has filled.
 *
 * A bracket is not sent with its entry: as far as the entry fills, its stop and its target are placed, both for that
 * much, in one group at the broker. What is wanted follows from the blotter alone, so a restart finds the same. An
 * exit first ends the brackets of its line, since two orders that close the same would open the other side.
 */
#include <stdio.h>

#include "desk/desk_inner.h"

#define EXIT_LIMIT    (5 * TD_SEC) /* for the brackets to end */
#define AGAIN         TD_SEC       /* after a child could not be placed, nothing is tried before */
#define CLOSINGS_TOLD 50           /* rows of a preview */

static bool is_bracket(const struct td_order *o)
{
    return o->role == TD_ROLE_STOP || o->role == TD_ROLE_TARGET;
}

static bool on_line(const struct td_desk *d, const struct td_order *o, uint32_t line)
{
    return strcmp(o->symbol, d->market.lines[line].symbol) == 0;
}

static bool has_brackets(const struct td_desk *d, uint32_t line)
{
    for (uint32_t i = 0; i < d->blotter.live_count; i++) {
        const struct td_order *o = &d->blotter.orders[d->blotter.live[i]];
        if (is_bracket(o) && on_line(d, o, line))
            return true;
    }
    return false;
}

bool desk_exit_waits(const struct td_desk *d, uint32_t line)
{
    for (int i = 0; i < DESK_EXITS_MAX; i++)
        if (d->exits[i].used && d->exits[i].line == line)
            return true;
    return false;
}

/* --- exits --- */

/* What an order of this side may still close: the position less what already closes it. */
static int64_t closable(const struct td_desk *d, uint32_t line, uint8_t action)
{
    uint32_t holding;
    if (!td_blotter_holding(&d->blotter, d->market.lines[line].symbol, &holding))
        return 0;
    const struct td_blotter_holding *h = &d->blotter.holdings[holding];
    const int64_t rest =
        action == TD_SELL ? h->now.qty.e9 - h->working_sell.e9 : -h->now.qty.e9 - h->working_buy.e9;
    return rest > 0 ? desk_whole(rest) : 0;
}

static void exit_now(struct td_desk *d, uint32_t line, const struct td_intent *intent,
                     const struct desk_origin *from)
{
    struct td_intent i = *intent;
    const int64_t most = closable(d, line, i.action);
    if (i.qty.e9 == 0 || i.qty.e9 > most)
        i.qty.e9 = most;
    if (most && i.algo != TD_ALGO_NONE)
        (void)desk_begin_parent(d, line, &i, from);
    else if (most)
        (void)desk_ask_gates(d, line, &i, from);
}

static void cancel_brackets(struct td_desk *d, uint32_t line, const char *reason)
{
    for (uint32_t i = d->blotter.live_count; i-- > 0;) {
        if (i >= d->blotter.live_count)
            continue;
        const struct td_order *o = &d->blotter.orders[d->blotter.live[i]];
        if (is_bracket(o) && on_line(d, o, line))
            (void)desk_cancel(d, o, reason);
    }
}

void desk_exit(struct td_desk *d, uint32_t line, const struct td_intent *intent,
               const struct desk_origin *from)
{
    if (intent->algo != TD_ALGO_NONE && desk_parent_exits(d, line))
        return; /* the first one closes it */
    desk_end_parents_of(d, line, "an exit takes its place");
    if (!has_brackets(d, line)) {
        exit_now(d, line, intent, from);
        return;
    }
    if (desk_exit_waits(d, line))
        return; /* the first one closes it */
    struct td_intent whole = *intent;
    const int64_t held =
        d->legs[line].position.e9 < 0 ? -d->legs[line].position.e9 : d->legs[line].position.e9;
    if (whole.qty.e9 == 0 || whole.qty.e9 > held)
        whole.qty.e9 = desk_whole(held);
    if (whole.qty.e9 == 0 || !desk_may_exit(d, line, &whole))
        return; /* its stops are not given up for an exit that would be refused */
    for (int i = 0; i < DESK_EXITS_MAX; i++) {
        struct desk_exit *e = &d->exits[i];
        if (e->used)
            continue;
        *e = (struct desk_exit){true, line, *intent, *from, td_world_mono(d->world) + EXIT_LIMIT};
        cancel_brackets(d, line, "an exit takes their place");
        return;
    }
    td_logf(d->log, TD_LOG_ERROR, TD_LOG_TRADING, "exit_refused", "%s: %d exits wait already",
            d->market.lines[line].symbol, DESK_EXITS_MAX);
}

static void tend_waiting(struct td_desk *d, td_ns mono)
{
    for (int i = 0; i < DESK_EXITS_MAX; i++) {
        struct desk_exit *e = &d->exits[i];
        if (!e->used)
            continue;
        if (!has_brackets(d, e->line)) {
            e->used = false;
            e->intent.decided_ns = td_world_now(d->world); /* decided anew: the way is free */
            exit_now(d, e->line, &e->intent, &e->from);
        } else if (mono >= e->until) {
            e->used = false;
            td_logf(d->log, TD_LOG_ERROR, TD_LOG_TRADING, "exit_given_up",
                    "%s: its stop or target did not end within 5 s; they stay",
                    d->market.lines[e->line].symbol);
        }
    }
}

static struct td_intent close_intent(struct td_desk *d, uint32_t line, const char *reason)
{
    struct td_intent i = {.kind = TD_INTENT_ORDER,
                          .type = TD_ORDER_MARKET,
                          .action = d->legs[line].position.e9 > 0 ? TD_SELL : TD_BUY,
                          .exit = true,
                          .limit = TD_PX_NONE,
                          .stop = TD_PX_NONE,
                          .trail = TD_PX_NONE,
                          .target = TD_PX_NONE,
                          .protect = TD_PX_NONE,
                          .reference = d->legs[line].last,
                          .decided_ns = td_world_now(d->world),
                          .strategy = "operator"};
    (void)snprintf(i.reason, sizeof i.reason, "flatten: %.50s", reason);
    return i;
}

uint32_t desk_flatten(struct td_desk *d, const char *reason)
{
    uint32_t count = 0;
    for (uint32_t i = d->blotter.live_count; i-- > 0;)
        if (i < d->blotter.live_count && !is_bracket(&d->blotter.orders[d->blotter.live[i]]))
            (void)desk_cancel(d, &d->blotter.orders[d->blotter.live[i]], "flatten");
    for (uint32_t line = 0; line < d->market.count; line++) {
        const struct desk_origin from = {.role = TD_ROLE_EXIT};
        if (d->legs[line].position.e9 == 0)
            continue;
        const struct td_intent i = close_intent(d, line, reason);
        desk_exit(d, line, &i, &from);
        count++;
    }
    td_link_flush(d->link);
    return count;
}

/* --- what flatten would do --- */

/* Why the gates would refuse to close it once its working orders have ended; false: they would not. */
static bool is_refused(struct td_desk *d, uint32_t line, struct td_verdict *verdict)
{
    struct td_recent recent = d->recent; /* looking is not remembered */
    struct td_gate_facts facts;
    struct td_intent i = close_intent(d, line, "");
    const int64_t held = d->legs[line].position.e9;
    i.qty.e9 = held > 0 ? held : -held;
    desk_facts(d, line, &facts);
    facts.working_buy = facts.working_sell = TD_QTY(0);
    facts.open_orders = 0;
    facts.own_bid = facts.own_ask = TD_PX_NONE;
    td_risk_check(&d->limits, &facts, &i, &recent, verdict);
    return !verdict->approved;
}

static void put_closing(struct td_desk *d, const struct td_blotter_holding *h, struct td_json *j)
{
    struct td_verdict verdict = {0};
    uint32_t line;
    const bool here = desk_line_of(d, h->symbol, &line);
    td_json_object(j);
    td_json_key_text(j, "symbol", h->symbol);
    td_json_key_text(j, "action", h->now.qty.e9 > 0 ? "SELL" : "BUY");
    td_json_key_e9(j, "quantity", h->now.qty.e9 > 0 ? h->now.qty.e9 : -h->now.qty.e9);
    td_json_key_e9(j, "last", here ? d->legs[line].last.e9 : TD_E9_NONE);
    td_json_key_text(j, "refused",
                     !here                           ? "this desk does not trade the symbol"
                     : is_refused(d, line, &verdict) ? verdict.text
                                                     : NULL);
    td_json_object_end(j);
}

void desk_put_flatten(struct td_desk *d, struct td_json *j)
{
    uint32_t told = 0;
    td_json_key(j, "would_close");
    td_json_array(j);
    for (uint32_t i = 0; i < d->blotter.holding_count && told < CLOSINGS_TOLD; i++) {
        if (d->blotter.holdings[i].now.qty.e9 == 0)
            continue;
        put_closing(d, &d->blotter.holdings[i], j);
        told++;
    }
    td_json_array_end(j);
    td_json_key(j, "would_cancel");
    td_json_array(j);
    for (uint32_t i = 0; i < d->blotter.live_count && i < CLOSINGS_TOLD; i++) {
        const struct td_order *o = &d->blotter.orders[d->blotter.live[i]];
        if (o->foreign || o->role == TD_ROLE_PARENT)
            continue;
        td_json_object(j);
        desk_put_order(o, j);
        td_json_object_end(j);
    }
    td_json_array_end(j);
}

/* --- brackets --- */

static const struct td_order *live_child(const struct td_desk *d, uint64_t parent, uint8_t role)
{
    for (uint32_t i = 0; i < d->blotter.live_count; i++) {
        const struct td_order *o = &d->blotter.orders[d->blotter.live[i]];
        if (o->parent == parent && o->role == role)
            return o;
    }
    return NULL;
}

static int64_t closed_by_children(const struct td_desk *d, uint64_t parent)
{
    int64_t sum = 0;
    for (uint32_t i = 0; i < d->blotter.order_count; i++) {
        const struct td_order *o = &d->blotter.orders[i];
        if (o->parent == parent && is_bracket(o))
            sum += o->filled.e9;
    }
    return sum;
}

static struct td_intent child_intent(struct td_desk *d, const struct td_order *parent, uint8_t role,
                                     int64_t qty)
{
    struct td_intent i = {.kind = TD_INTENT_ORDER,
                          .action = parent->action == TD_BUY ? TD_SELL : TD_BUY,
                          .type = role == TD_ROLE_STOP ? TD_ORDER_STOP : TD_ORDER_LIMIT,
                          .tif = TD_TIF_GTC, /* what is held overnight stays protected */
                          .exit = true,
                          .qty = {qty},
                          .limit = role == TD_ROLE_TARGET ? parent->target : TD_PX_NONE,
                          .stop = role == TD_ROLE_STOP ? parent->protect : TD_PX_NONE,
                          .trail = TD_PX_NONE,
                          .target = TD_PX_NONE,
                          .protect = TD_PX_NONE,
                          .reference = role == TD_ROLE_STOP ? parent->protect : parent->target,
                          .decided_ns = td_world_now(d->world)};
    (void)td_str_copy(td_str_of(parent->strategy), i.strategy, sizeof i.strategy);
    (void)snprintf(i.reason, sizeof i.reason, "%s of order %llu",
                   role == TD_ROLE_STOP ? "stop" : "target", (unsigned long long)parent->key);
    return i;
}

/* One side of a bracket for the quantity that is wanted. False: it could not be placed now. */
static bool tend_child(struct td_desk *d, uint32_t line, const struct td_order *parent,
                       uint8_t role, int64_t want)
{
    const td_px px = role == TD_ROLE_STOP ? parent->protect : parent->target;
    const struct td_order *child = live_child(d, parent->key, role);
    if (td_px_is_none(px))
        return true;
    if (child && (child->state == TD_OS_UNKNOWN || child->state == TD_OS_FROZEN))
        return true; /* it is looked up first */
    if (want == 0)
        return !child || desk_cancel(d, child, "nothing is left to close");
    struct td_intent i = child_intent(d, parent, role, want);
    if (!child) {
        const struct desk_origin from = {
            .role = role, .parent = parent->key, .group = (int64_t)parent->key};
        return desk_ask_gates(d, line, &i, &from);
    }
    i.qty.e9 += child->filled.e9;
    if (child->state != TD_OS_WORKING || child->changing || child->now.qty.e9 == i.qty.e9)
        return true; /* it is as wanted, or will be looked at when it is answered */
    return desk_change(d, line, child, &i);
}

/* All that its target and stop were for is closed, or nothing is held any more. */
static void close_bracket(struct td_desk *d, const struct td_order *parent)
{
    struct td_record r;
    td_record_init(&r, TD_REC_DONE, td_world_now(d->world));
    r.key = parent->key;
    (void)snprintf(r.status, sizeof r.status, "closed");
    (void)desk_fact(d, &r);
}

static void tend_bracket(struct td_desk *d, const struct td_order *o, int64_t *left)
{
    uint32_t line;
    const bool over = td_order_state_terminal((enum td_order_state)o->state);
    if (!desk_line_of(d, o->symbol, &line))
        return;
    const int64_t open = o->filled.e9 - closed_by_children(d, o->key);
    const int64_t held = desk_exit_waits(d, line) ? 0 : left[o->holding];
    const int64_t want = desk_whole(open < held ? (open > 0 ? open : 0) : held);
    left[o->holding] -= want;
    const bool stop = tend_child(d, line, o, TD_ROLE_STOP, want);
    const bool target = tend_child(d, line, o, TD_ROLE_TARGET, want);
    if (!stop || !target) {
        d->tend = true;
        d->tend_mono = td_world_mono(d->world) + AGAIN;
    }
    if (want == 0 && over && !desk_exit_waits(d, line) && !live_child(d, o->key, TD_ROLE_STOP) &&
        !live_child(d, o->key, TD_ROLE_TARGET))
        close_bracket(d, o);
}

/* Positions are shared: the brackets of one symbol never want more than is held. */
static void tend_brackets(struct td_desk *d)
{
    int64_t left[2][TD_LINES_MAX];
    for (uint32_t i = 0; i < d->blotter.holding_count; i++) {
        const int64_t held = d->blotter.holdings[i].now.qty.e9;
        left[TD_BUY][i] = held > 0 ? held : 0;
        left[TD_SELL][i] = held < 0 ? -held : 0;
    }
    for (uint32_t i = 0; i < d->blotter.live_count;
         i++) { /* what an exit closes needs no bracket */
        const struct td_order *o = &d->blotter.orders[d->blotter.live[i]];
        int64_t *of = &left[o->action == TD_BUY ? TD_SELL : TD_BUY][o->holding];
        if (o->role == TD_ROLE_EXIT || o->role == TD_ROLE_PARENT || o->role == TD_ROLE_SLICE)
            *of = *of > td_order_rest(o).e9 ? *of - td_order_rest(o).e9 : 0;
    }
    for (uint32_t i = 0; i < d->blotter.order_count; i++) {
        const struct td_order *o = &d->blotter.orders[i];
        if (td_order_bracketed(o) &&
            (o->filled.e9 > 0 || td_order_state_terminal((enum td_order_state)o->state)))
            tend_bracket(d, o, left[o->action]);
    }
}

void desk_tend_exits(struct td_desk *d)
{
    const td_ns mono = td_world_mono(d->world);
    tend_waiting(d, mono);
    if (!d->blotter.brackets || !d->tend || mono < d->tend_mono || !desk_may_order(d))
        return;
    d->tend = false;
    tend_brackets(d);
}
