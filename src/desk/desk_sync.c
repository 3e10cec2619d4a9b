/* desk/desk_sync.c - the look-up after every connect: nothing is traded until it is done.
 *
 * A look asks for open orders (of all clients), executions, completed orders and positions, each closed by its end
 * marker within 20 s. The gateway may itself still be syncing, so after 2 s of quiet it is asked again (without the
 * completed ones), until two answers in a row say the same; five that do not are a failed look-up. Executions are
 * booked as they come; what the looks found is concluded at the end (desk_concludes.c). A look-up that fails is begun
 * again by the manager; the third failure drops the connection. A gateway whose API is read-only is asked again every
 * five minutes; the session is not ready meanwhile. Source: ibkr-operations 2.2, 2.3.
 */
#include <stdio.h>

#include "base/map.h"
#include "desk/desk_inner.h"

#define QUIET         (2 * TD_SEC)
#define LOOKS_MAX     5
#define REFUSED_AGAIN (5 * TD_MIN)
#define MISSES_MAX    2
#define MISSING_AGAIN TD_MIN
#define SHORT_FOR     (5 * TD_SEC)
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

/* --- looks --- */

static void begin_look(struct td_desk *d)
{
    d->look++;
    d->look_print = 0;
    desk_forget_listed(d);
    step(d, SYNC_OPEN_ORDERS);
}

void desk_sync_start(struct td_desk *d)
{
    struct td_record r;
    if (ids_used_up(d, d->link->tws.next_valid_id))
        return;
    desk_drop_pending(d);
    memset(d->fees, 0, sizeof d->fees); /* executions and their fees are told anew */
    td_record_init(&r, TD_REC_LOST, td_world_now(d->world));
    (void)snprintf(r.text, sizeof r.text, "connected; looking everything up");
    (void)desk_fact(d, &r);
    for (size_t i = SYNC_OPEN_ORDERS; i < TD_COUNT(checks); i++)
        d->checks.state[checks[i]] = TD_CHECK_MISSING;
    note_ids(d, d->link->tws.next_valid_id);
    d->look = 0;
    begin_look(d);
}

/* What the answers have in common, in whatever order they come. */
void desk_look_saw(struct td_desk *d, const void *bytes, size_t len)
{
    if (d->sync != SYNC_DONE)
        d->look_print += td_hash_bytes(bytes, len);
}

static void finish(struct td_desk *d)
{
    desk_conclude(d);
    desk_report(d, BREAKER_BROKER, true);
    d->sync = SYNC_DONE;
    d->sync_misses = 0;
    d->look_wanted = false;
    d->tend = true;
    d->look_again_mono =
        d->blotter.unknown_orders ? td_world_mono(d->world) + MISSING_AGAIN : TD_NS_NEVER;
    d->short_seen = d->blotter.short_told;
    d->short_since = 0;
    td_alert_clear(&d->conn.alerts, TD_ALERT_LOOK_UP);
    td_alert_clear(&d->conn.alerts, TD_ALERT_READ_ONLY);
    desk_check_items(d);
    td_connection_synced(&d->conn, TD_OK, NULL);
    if (d->blotter.halted)
        desk_cancel_entries(d, "halt"); /* a cancel may have gone with the connection */
    td_logf(d->log, TD_LOG_INFO, TD_LOG_TRADING, "session_ready",
            "orders=%u executions=%u positions %s", d->blotter.order_count,
            d->blotter.execution_count, d->result.positions_equal ? "equal" : "adjusted");
}

/* The list that is waited for does not end, or the answers never agree: the connection goes in the end. */
static void fail_look_up(struct td_desk *d, const char *text)
{
    desk_report(d, BREAKER_BROKER, false);
    d->sync_misses = 0;
    d->sync = SYNC_OFF;
    td_connection_alert(&d->conn, TD_ALERT_LOOK_UP, text);
    if (d->conn.manager.state == TD_MANAGER_SYNC)
        td_connection_synced(&d->conn, TD_ETIMEOUT, text); /* again, or the connection goes */
    else
        td_link_hangup(d->link);
}

static void miss(struct td_desk *d)
{
    char text[80];
    (void)snprintf(text, sizeof text, "no end of %s", desk_sync_word(d));
    if (++d->sync_misses < MISSES_MAX)
        step(d, d->sync);
    else
        fail_look_up(d, text);
}

static void end_look(struct td_desk *d)
{
    if (d->look >= 2 && d->look_print == d->look_before) {
        finish(d);
        return;
    }
    d->look_before = d->look_print;
    if (d->look == LOOKS_MAX) {
        fail_look_up(d, "five answers about orders and positions, and no two alike");
        return;
    }
    d->sync = SYNC_QUIET;
    d->sync_until = td_world_mono(d->world) + QUIET;
}

/* --- positions --- */

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
        const int64_t seen[2] = {i, p->position.e9};
        desk_look_saw(d, seen, sizeof seen);
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

/* --- messages --- */

/* The end marker of a list: which one it closes, and which comes next. */
static bool take_end(struct td_desk *d, uint16_t kind)
{
    static const struct {
        uint16_t kind;
        enum desk_sync closes, next;
    } ends[] = {{TD_TWS_OPEN_ORDER_END, SYNC_OPEN_ORDERS, SYNC_EXECUTIONS},
                {TD_TWS_EXECUTION_DATA_END, SYNC_EXECUTIONS, SYNC_COMPLETED},
                {TD_TWS_COMPLETED_ORDERS_END, SYNC_COMPLETED, SYNC_POSITIONS}};
    for (size_t i = 0; i < TD_COUNT(ends); i++) {
        if (ends[i].kind != kind)
            continue;
        if (d->sync == ends[i].closes) {
            const bool again = d->look > 1 && ends[i].next == SYNC_COMPLETED;
            confirm(d);
            step(d, again ? SYNC_POSITIONS : ends[i].next);
        }
        return true;
    }
    return false;
}

bool desk_sync_take(struct td_desk *d, const struct td_tws_msg *msg)
{
    if (take_end(d, msg->kind))
        return true;
    switch (msg->kind) {
    case TD_TWS_OPEN_ORDER:
        desk_take_open_order(d, &msg->open_order);
        return true;
    case TD_TWS_COMPLETED_ORDER:
        desk_take_completed(d, &msg->completed_order);
        return true;
    case TD_TWS_POSITION:
        take_position(d, &msg->position);
        return true;
    case TD_TWS_POSITION_END:
        if (d->sync == SYNC_POSITIONS) {
            confirm(d);
            end_look(d);
        } else if (d->sync == SYNC_DONE) {
            desk_compare_positions(d, false);
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

/* 322 without a request: the gateway failed at what was asked for, and no end marker will come. */
void desk_sync_failed(struct td_desk *d, const struct td_tws_error *e)
{
    if (d->sync == SYNC_OFF || d->sync >= SYNC_QUIET)
        return;
    td_logf(d->log, TD_LOG_ERROR, TD_LOG_API, "sync", "%s: %d %.*s", desk_sync_word(d),
            (int)e->code, TD_STR_ARG(e->text));
    miss(d);
}

/* A status says that more was filled than the executions we have: they usually come at once, else they are asked for. */
static bool misses_executions(struct td_desk *d, td_ns mono)
{
    if (d->blotter.short_told < d->short_seen)
        d->short_seen = d->blotter.short_told;
    if (d->blotter.short_told == d->short_seen)
        d->short_since = 0;
    else if (!d->short_since)
        d->short_since = mono;
    return d->short_since && mono - d->short_since >= SHORT_FOR;
}

void desk_sync_tick(struct td_desk *d, td_ns mono)
{
    const bool due = mono >= d->look_again_mono && (d->blotter.unknown_orders || d->look_wanted);
    if (d->sync == SYNC_DONE && (misses_executions(d, mono) || due)) {
        d->look = 0; /* what was found nowhere is asked for once more */
        begin_look(d);
    }
    if (d->sync == SYNC_OFF || d->sync == SYNC_DONE)
        return;
    if (d->sync == SYNC_QUIET || d->sync == SYNC_READ_ONLY) {
        if (mono >= d->sync_until)
            begin_look(d);
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
