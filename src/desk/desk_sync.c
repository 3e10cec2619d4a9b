/* desk/desk_sync.c - the look-up after every connect: nothing is traded until it is done.
 *
 * Order ids, open orders (of all clients: ours may stand under an older id), executions, completed orders,
 * positions, each closed by its end marker within 20 s, and asked for once more. An order that is still unknown then
 * was found nowhere; after a second clean look it is abandoned (it never arrived). It is never sent again. A look-up
 * that fails is begun again by the manager; the third failure drops the connection. A gateway whose API is read-only
 * is asked again every five minutes; the session is not ready meanwhile.
 */
#include "desk/desk_inner.h"

#include <stdio.h>

#define SECOND_AFTER  (2 * TD_SEC)
#define REFUSED_AGAIN (5 * TD_MIN)
#define MISSES_MAX    2
#define PENDING_AGAIN (5 * TD_SEC)
#define SYNC_EXEC_REQ 1900000000 /* below the market's ids, above order ids */

const char *desk_sync_word(const struct td_desk *d)
{
    static const char *const words[] = {"disconnected", "order ids",        "open orders",
                                        "executions",   "completed orders", "positions",
                                        "second look",  "read-only",        "ready"};
    return words[d->sync];
}

static void ask(struct td_desk *d, uint16_t kind)
{
    struct td_tws_msg msg;
    td_tws_msg_init(&msg, kind);
    if (kind == TD_TWS_REQ_EXECUTIONS)
        msg.req_executions.req_id = SYNC_EXEC_REQ;
    const enum td_err err = td_link_send(d->link, &msg);
    if (err)
        td_logf(d->log, TD_LOG_ERROR, TD_LOG_API, "sync", "%s: %s", td_tws_kind_name(kind),
                td_err_text(err));
}

static const uint8_t checks[] = {[SYNC_OPEN_ORDERS] = TD_CHECK_OPEN_ORDERS,
                                 [SYNC_EXECUTIONS] = TD_CHECK_EXECUTIONS,
                                 [SYNC_COMPLETED] = TD_CHECK_COMPLETED,
                                 [SYNC_POSITIONS] = TD_CHECK_POSITIONS};

static void confirm(struct td_desk *d)
{
    td_checklist_set(&d->checks, (enum td_check)checks[d->sync], true);
}

static void step(struct td_desk *d, enum desk_sync next)
{
    static const uint16_t requests[] = {[SYNC_OPEN_ORDERS] = TD_TWS_REQ_ALL_OPEN_ORDERS,
                                        [SYNC_EXECUTIONS] = TD_TWS_REQ_EXECUTIONS,
                                        [SYNC_COMPLETED] = TD_TWS_REQ_COMPLETED_ORDERS};
    d->sync = next;
    if (next < TD_COUNT(checks) && checks[next])
        td_checklist_ask(&d->checks, (enum td_check)checks[next], td_world_mono(d->world));
    if (next == SYNC_POSITIONS)
        desk_ask_positions(d);
    else if (next < TD_COUNT(requests) && requests[next])
        ask(d, requests[next]);
}

/* Our own ids go on from the largest of what the gateway offers, what the journal has and what was ever seen. */
void desk_note_order_id(struct td_desk *d, int64_t seen)
{
    struct td_record r;
    if (seen < d->blotter.next_id || d->blotter.next_id > TD_ORDER_ID_LAST)
        return;
    td_record_init(&r, TD_REC_IDS, td_world_now(d->world));
    r.number = seen + 1;
    (void)desk_fact(d, &r);
}

/* Ids are used up: the gateway's, or ours. We cannot reset them, and a wrapped one would name an old order. */
static bool ids_used_up(struct td_desk *d, int64_t next_valid)
{
    char text[120];
    const bool theirs = next_valid > TD_ORDER_ID_LAST;
    if (!theirs && d->blotter.next_id <= TD_ORDER_ID_LAST)
        return false;
    td_checklist_set(&d->checks, TD_CHECK_IDS, false);
    (void)snprintf(
        text, sizeof text, "order ids are used up: %s %lld, the last one we may use is %lld",
        theirs ? "the gateway offers" : "we have used",
        (long long)(theirs ? next_valid : d->blotter.next_id - 1), (long long)TD_ORDER_ID_LAST);
    td_connection_alert(&d->conn, TD_ALERT_ORDER_IDS, text);
    td_connection_refuse(&d->conn, TD_ERANGE, text);
    return true;
}

static void note_ids(struct td_desk *d, int64_t next_valid)
{
    struct td_record r;
    td_checklist_set(&d->checks, TD_CHECK_IDS, true); /* both are known from here on */
    td_alert_clear(&d->conn.alerts, TD_ALERT_ORDER_IDS);
    if (next_valid < d->blotter.next_id) {
        td_logf(d->log, TD_LOG_WARN, TD_LOG_API, "order_ids",
                "the gateway offers %lld, we have used up to %lld: ours is kept",
                (long long)next_valid, (long long)d->blotter.next_id - 1);
        return;
    }
    td_record_init(&r, TD_REC_IDS, td_world_now(d->world));
    r.number = next_valid;
    (void)desk_fact(d, &r);
}

void desk_sync_start(struct td_desk *d)
{
    struct td_record r;
    if (ids_used_up(d, d->link->tws.next_valid_id))
        return;
    d->second_look = false;
    memset(d->fees, 0, sizeof d->fees); /* executions and their fees are told anew */
    td_record_init(&r, TD_REC_LOST, td_world_now(d->world));
    (void)snprintf(r.text, sizeof r.text, "connected; looking everything up");
    (void)desk_fact(d, &r);
    for (size_t i = SYNC_OPEN_ORDERS; i < TD_COUNT(checks); i++)
        d->checks.state[checks[i]] = TD_CHECK_MISSING;
    note_ids(d, d->link->tws.next_valid_id);
    step(d, SYNC_OPEN_ORDERS);
}

static const struct td_order *ours(const struct td_desk *d, const struct td_tws_open_order *o)
{
    for (uint32_t i = d->blotter.order_count; i-- > 0;)
        if (td_str_is(o->order.order_ref, d->blotter.orders[i].ref))
            return &d->blotter.orders[i];
    return NULL;
}

static void resolve(struct td_desk *d, const struct td_order *o, const char *word, int64_t perm_id,
                    const char *text)
{
    struct td_record r;
    if (o->state != TD_OS_UNKNOWN)
        return;
    td_record_init(&r, TD_REC_RESOLVED, td_world_now(d->world));
    r.key = o->key;
    r.order_id = o->order_id;
    r.perm_id = perm_id;
    (void)snprintf(r.status, sizeof r.status, "%s", word);
    (void)snprintf(r.text, sizeof r.text, "%s", text);
    td_logf(d->log, TD_LOG_INFO, TD_LOG_TRADING, "order_resolved", "%s: %s (%s)", o->ref, word,
            text);
    (void)desk_fact(d, &r);
}

static void take_completed(struct td_desk *d, const struct td_tws_open_order *o)
{
    const struct td_order *order = ours(d, o);
    if (!order)
        return;
    /* Filled ones are closed by their executions; a cancelled one may have partial fills, which count. */
    if (td_str_is(o->state.status, "Cancelled") || td_str_is(o->state.status, "ApiCancelled"))
        resolve(d, order, "cancelled", o->order.perm_id, "the broker lists it as cancelled");
    /* Executions were asked for before: an order still unknown here filled on a day they no longer tell of. */
    if (td_str_is(o->state.status, "Filled"))
        resolve(d, order, "filled", o->order.perm_id,
                "the broker lists it as filled, without executions; its position counts");
    if (td_str_is(o->state.status, "Inactive"))
        resolve(d, order, "rejected", o->order.perm_id,
                "the broker lists it as inactive and completed");
}

/* The broker's average cost is per contract, an average price is per unit. */
static td_px average_of(td_px cost, td_qty multiplier)
{
    td_px average;
    const bool known = !td_px_is_none(cost) && !td_qty_is_none(multiplier) && multiplier.e9 > 0;
    return known && td_e9_div(cost.e9, multiplier.e9, &average.e9) == TD_OK ? average : TD_PX_NONE;
}

static void take_position(struct td_desk *d, const struct td_tws_position *p)
{
    for (uint32_t i = 0; i < d->market.count; i++) {
        if (!td_market_is(&d->market.lines[i], &p->contract) ||
            (d->account[0] && !td_str_is(p->account, d->account)))
            continue;
        d->broker_position[i] = p->position;
        d->broker_average[i] = average_of(p->avg_cost, d->market.lines[i].inst.multiplier);
    }
}

void desk_ask_positions(struct td_desk *d)
{
    for (uint32_t i = 0; i < d->market.count; i++) {
        d->broker_position[i] = TD_QTY(0);
        d->broker_average[i] = TD_PX_NONE;
    }
    d->positions_asked_mono = td_world_mono(d->world);
    ask(d, TD_TWS_REQ_POSITIONS);
}

static bool works(const struct td_desk *d, const char *symbol)
{
    uint32_t holding;
    return td_blotter_holding(&d->blotter, symbol, &holding) &&
           d->blotter.holdings[holding].open_orders;
}

/* A difference that waited is looked at anew once nothing works for its symbol. */
void desk_look_at_pending(struct td_desk *d, td_ns mono)
{
    if (!d->result.positions_pending || d->sync != SYNC_DONE ||
        mono - d->positions_asked_mono < PENDING_AGAIN)
        return;
    for (uint32_t i = 0; i < d->market.count; i++)
        if (d->position_pending[i] && !works(d, d->market.lines[i].symbol)) {
            desk_ask_positions(d);
            return;
        }
}

/* Ours against the broker's. While orders are in flight the two may differ for a moment, so a difference
 * is only taken over when nothing works for the symbol; until then it is pending, and shown. */
static void compare_positions(struct td_desk *d)
{
    bool equal = true;
    d->result.positions_pending = 0;
    for (uint32_t i = 0; i < d->market.count; i++) {
        const struct td_line *line = &d->market.lines[i];
        uint32_t holding;
        const bool known = td_blotter_holding(&d->blotter, line->symbol, &holding);
        const td_qty own = known ? d->blotter.holdings[holding].now.qty : TD_QTY(0);
        struct td_record r;
        const bool differs = own.e9 != d->broker_position[i].e9;
        d->position_pending[i] = differs && works(d, line->symbol);
        d->result.positions_pending += d->position_pending[i];
        equal &= !differs;
        if (!differs || d->position_pending[i])
            continue;
        td_record_init(&r, TD_REC_POSITION, td_world_now(d->world));
        (void)snprintf(r.symbol, sizeof r.symbol, "%s", line->symbol);
        r.conid = line->inst.conid;
        r.multiplier = line->inst.multiplier;
        r.qty = d->broker_position[i];
        r.px = d->broker_average[i];
        (void)snprintf(r.account, sizeof r.account, "%s", d->account);
        (void)snprintf(r.text, sizeof r.text,
                       "the broker's position differs from ours and is taken over");
        td_logf(d->log, TD_LOG_WARN, TD_LOG_TRADING, "position_adjusted", "%s", line->symbol);
        (void)desk_fact(d, &r);
    }
    d->result.positions_known = true;
    d->result.positions_equal = equal;
}

static void close_the_look(struct td_desk *d)
{
    if (d->blotter.unknown_orders && !d->second_look) {
        d->second_look = true;
        d->sync = SYNC_SECOND_LOOK;
        d->sync_until = td_world_mono(d->world) + SECOND_AFTER;
        return;
    }
    for (uint32_t i = 0; i < d->blotter.order_count; i++)
        resolve(d, &d->blotter.orders[i], "abandoned", 0, "found nowhere, twice: it never arrived");
    compare_positions(d); /* after that: an unknown order would hide a difference */
    d->sync = SYNC_DONE;
    d->sync_misses = 0;
    td_alert_clear(&d->conn.alerts, TD_ALERT_LOOK_UP);
    td_alert_clear(&d->conn.alerts, TD_ALERT_READ_ONLY);
    desk_check_items(d);
    td_connection_synced(&d->conn, TD_OK, NULL);
    if (d->blotter.halted)
        desk_cancel_all(d, "halt"); /* a cancel may have gone with the connection */
    td_logf(d->log, TD_LOG_INFO, TD_LOG_TRADING, "session_ready",
            "orders=%u executions=%u positions %s", d->blotter.order_count,
            d->blotter.execution_count, d->result.positions_equal ? "equal" : "adjusted");
}

/* One order under two permIds: a change in a bad moment left both alive. Nothing can tell which one a cancel would
 * reach, so a person decides: no new risk until then. */
static void check_twins(struct td_desk *d, const struct td_order *o, int64_t perm_id)
{
    char text[120];
    if (!o->perm_id || !perm_id || o->perm_id == perm_id || d->blotter.halted)
        return;
    (void)snprintf(text, sizeof text, "%s lives twice, permIds %lld and %lld", o->ref,
                   (long long)o->perm_id, (long long)perm_id);
    td_logf(d->log, TD_LOG_ERROR, TD_LOG_TRADING, "order_twice",
            "%s: halted; cancel both at the broker, then resume", text);
    desk_halt(d, text);
}

bool desk_sync_take(struct td_desk *d, const struct td_tws_msg *msg)
{
    switch (msg->kind) {
    case TD_TWS_OPEN_ORDER: {
        const struct td_order *o = ours(d, &msg->open_order);
        if (o)
            check_twins(d, o, msg->open_order.order.perm_id);
        if (o)
            resolve(d, o, "open", msg->open_order.order.perm_id, "the broker has it open");
        if (msg->open_order.order.client_id == d->link->config.client_id)
            desk_note_order_id(d, msg->open_order.order_id);
        return true;
    }
    case TD_TWS_OPEN_ORDER_END:
        if (d->sync == SYNC_OPEN_ORDERS) {
            confirm(d);
            step(d, SYNC_EXECUTIONS);
        }
        return true;
    case TD_TWS_EXECUTION_DATA_END:
        if (d->sync == SYNC_EXECUTIONS) {
            confirm(d);
            step(d, SYNC_COMPLETED);
        }
        return true;
    case TD_TWS_COMPLETED_ORDER:
        take_completed(d, &msg->completed_order);
        return true;
    case TD_TWS_COMPLETED_ORDERS_END:
        if (d->sync == SYNC_COMPLETED) {
            confirm(d);
            step(d, SYNC_POSITIONS);
        }
        return true;
    case TD_TWS_POSITION:
        take_position(d, &msg->position);
        return true;
    case TD_TWS_POSITION_END:
        if (d->sync == SYNC_POSITIONS) {
            confirm(d);
            close_the_look(d);
        } else if (d->sync == SYNC_DONE) {
            compare_positions(d);
        }
        return true;
    default:
        return false;
    }
}

/* 321 without a request in the middle of a look-up: the gateway does not let this client see orders, and
 * no end marker will come. Dropping the connection would not change that. */
void desk_sync_refused(struct td_desk *d, const struct td_tws_error *e)
{
    if (d->sync == SYNC_OFF || d->sync == SYNC_DONE || d->sync == SYNC_READ_ONLY)
        return;
    td_logf(d->log, TD_LOG_ERROR, TD_LOG_API, "read_only",
            "%d %.*s: no order can leave; switch Read-Only API off in the gateway's settings",
            (int)e->code, TD_STR_ARG(e->text));
    td_connection_alert(&d->conn, TD_ALERT_READ_ONLY, "the gateway does not show us orders");
    d->sync = SYNC_READ_ONLY;
    d->sync_until = td_world_mono(d->world) + REFUSED_AGAIN;
    td_connection_synced(&d->conn, TD_OK,
                         NULL); /* the session stands; the order gate does not open */
}

/* The list that is waited for does not end: asked for again, and then the connection goes. */
static void miss(struct td_desk *d)
{
    char text[80];
    if (++d->sync_misses < MISSES_MAX) {
        step(d, d->sync);
        return;
    }
    (void)snprintf(text, sizeof text, "no end of %s", desk_sync_word(d));
    d->sync_misses = 0;
    d->sync = SYNC_OFF;
    td_connection_alert(&d->conn, TD_ALERT_LOOK_UP, text);
    if (d->conn.manager.state == TD_MANAGER_SYNC)
        td_connection_synced(&d->conn, TD_ETIMEOUT, text); /* again, or the connection goes */
    else
        td_link_hangup(d->link);
}

/* 322 without a request: the gateway failed at what was asked for, and no end marker will come. */
void desk_sync_failed(struct td_desk *d, const struct td_tws_error *e)
{
    if (d->sync == SYNC_OFF || d->sync >= SYNC_SECOND_LOOK)
        return;
    td_logf(d->log, TD_LOG_ERROR, TD_LOG_API, "sync", "%s: %d %.*s", desk_sync_word(d),
            (int)e->code, TD_STR_ARG(e->text));
    miss(d);
}

void desk_sync_tick(struct td_desk *d, td_ns mono)
{
    if (d->sync == SYNC_OFF || d->sync == SYNC_DONE)
        return;
    if (d->sync == SYNC_SECOND_LOOK || d->sync == SYNC_READ_ONLY) {
        if (mono >= d->sync_until)
            step(d, SYNC_OPEN_ORDERS);
        return;
    }
    if (!td_checklist_late(&d->checks, (enum td_check)checks[d->sync], mono))
        return;
    td_logf(d->log, TD_LOG_ERROR, TD_LOG_API, "sync", "no end of %s within 20 s",
            desk_sync_word(d));
    if (d->sync == SYNC_COMPLETED && td_checklist_ok(&d->checks, TD_CHECK_COMPLETED)) {
        step(d, SYNC_POSITIONS); /* waived: a gateway that never ends that list */
    } else {
        miss(d);
    }
}
