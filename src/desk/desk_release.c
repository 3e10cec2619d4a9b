/* desk/desk_release.c - bytes: orders and changes whose record is on the disk, and cancels. */
#include "desk/desk_inner.h"

#include <stdio.h>

#define GLOBAL_LOOK (2 * TD_SEC) /* after which a cancel of everything is looked up */
#define RELEASE_LIMIT                                                                              \
    (2 * TD_SEC) /* from decision to bytes: the disk was that slow, or we were stopped */

bool desk_line_of(const struct td_desk *d, const char *symbol, uint32_t *index)
{
    for (uint32_t i = 0; i < d->market.count; i++)
        if (strcmp(d->market.lines[i].symbol, symbol) == 0) {
            *index = i;
            return true;
        }
    return false;
}

/* Groups of one account must not meet: the client id is ours alone, and group numbers are never used twice. */
static void name_group(const struct td_desk *d, const struct td_order *o, char *out, size_t cap)
{
    (void)snprintf(out, cap, "tdg-%d-%lld", (int)d->link->config.client_id, (long long)o->group);
}

/* "yyyymmdd-hh:mm:ss", UTC. */
static void put_until(td_ns at, char *out, size_t cap)
{
    char iso[32];
    struct td_text t;
    td_text_init(&t, iso, sizeof iso);
    td_text_iso(&t, at);
    (void)snprintf(out, cap, "%.4s%.2s%.2s-%.8s", iso, iso + 5, iso + 8, iso + 11);
}

/* An order is a new message; a change is the same message with the same id and other terms. */
static enum td_err send_order(struct td_desk *d, const struct td_order *o,
                              const struct td_order_terms *terms)
{
    struct td_tws_msg msg;
    uint32_t index;
    char group[48], until[32];
    if (!desk_line_of(d, o->symbol, &index))
        return TD_ENOENT;
    const struct td_line *line = &d->market.lines[index];
    const bool distance = (td_order_type_needs(o->type) & (TD_NEEDS_TRAIL | TD_TAKES_OFFSET)) != 0;
    td_tws_msg_init(&msg, TD_TWS_PLACE_ORDER);
    struct td_tws_place_order *p = &msg.place_order;
    p->order_id = (int32_t)o->order_id;
    p->contract.con_id = line->inst.conid;
    p->contract.symbol = td_str_of(line->broker_symbol);
    p->contract.sec_type = td_str_of(line->sec_type);
    p->contract.exchange = td_str_of(line->exchange);
    p->contract.currency = td_str_of(line->currency);
    p->order.action = td_str_of(o->action == TD_BUY ? "BUY" : "SELL");
    p->order.total_quantity = terms->qty;
    p->order.order_type = td_str_of(td_order_type_word(o->type));
    p->order.lmt_price = terms->limit;
    p->order.aux_price = distance ? terms->trail : terms->stop;
    p->order.tif = td_str_of(td_tif_word(o->tif));
    p->order.account = td_str_of(d->account);
    p->order.order_ref = td_str_of(o->ref);
    p->order.outside_rth = d->config.settings->outside_rth;
    if (!td_qty_is_none(o->display) && o->display.e9 > 0)
        p->order.display_size = (int32_t)(o->display.e9 / TD_E9);
    if (o->tif == TD_TIF_GTD) {
        put_until(o->until, until, sizeof until);
        p->order.good_till_date = td_str_of(until);
    }
    if (o->group) {
        name_group(d, o, group, sizeof group);
        p->order.oca_group = td_str_of(group);
        /* What a bracket's one side fills in part the other loses; a strategy's own group ends. */
        p->order.oca_type = o->role == TD_ROLE_STOP || o->role == TD_ROLE_TARGET ? 2 : 1;
    }
    return td_link_send(d->link, &msg);
}

static void refuse_here(struct td_desk *d, const struct td_order *o, enum td_err err)
{
    struct td_record r;
    td_record_init(&r, TD_REC_ERROR, td_world_now(d->world));
    r.key = o->key;
    r.order_id = o->order_id;
    r.code = 201;
    (void)snprintf(r.text, sizeof r.text, "not sent: %s", td_err_text(err));
    (void)desk_fact(d, &r);
}

/* The gates are read again: what closed since, or a decision that has grown old, sends nothing. Orders that only
 * make a position smaller pass a halt. */
static enum td_err may_leave(const struct td_desk *d, const struct desk_pending *p,
                             const struct td_order *o, td_ns mono)
{
    const bool exits = p->reduces || o->role == TD_ROLE_STOP || o->role == TD_ROLE_TARGET ||
                       o->role == TD_ROLE_EXIT ||
                       (o->role == TD_ROLE_SLICE && desk_passes_halt(d, o));
    if (mono - p->since > RELEASE_LIMIT)
        return TD_ETIMEOUT;
    if ((d->blotter.halted || td_writer_watched(d->writer)) && !exits)
        return TD_EHALTED;
    if (desk_reload_outdates(d, p, exits))
        return TD_EDENIED;
    return desk_may_order(d) ? TD_OK : TD_ECLOSED;
}

/* The last count before the socket: children are never more than their parent. If they would be, we have a fault. */
static bool exceeds(struct td_desk *d, const struct td_order *o)
{
    if (o->role != TD_ROLE_SLICE || desk_child_fits(d, o))
        return false;
    d->algos.stopped++;
    td_logf(d->log, TD_LOG_ERROR, TD_LOG_TRADING, "child_exceeds",
            "%s: with order %llu the children of order %llu would be more than it is: not sent",
            o->symbol, (unsigned long long)o->key, (unsigned long long)o->parent);
    refuse_here(d, o, TD_ERANGE);
    desk_halt(d, "a child order would have exceeded its parent: a fault of ours");
    return true;
}

/* Told after the bytes are out: a line of log costs more than the decision. */
static void tell_sent(struct td_desk *d, const struct td_order *o, bool change)
{
    td_logf(d->log, TD_LOG_INFO, TD_LOG_TRADING, "TRADING_DECISION",
            "%s %s %s: key=%llu order_id=%lld %s", o->symbol, o->action == TD_BUY ? "BUY" : "SELL",
            change ? "changed" : "approved", (unsigned long long)o->key, (long long)o->order_id,
            o->reason);
}

static void release(struct td_desk *d, const struct desk_pending *p, const struct td_order *o,
                    td_ns mono, enum td_err err)
{
    struct td_record r;
    if (!err && exceeds(d, o))
        return;
    if (!err) {
        err = send_order(d, o, p->change ? &o->asked : &o->now);
        if (err)
            desk_report(d, BREAKER_ORDERS, false); /* what is sent is counted by its answer */
    }
    if (err) {
        refuse_here(d, o, err);
        return;
    }
    td_link_flush(d->link);
    desk_delay(d, DESK_STAGE_DURABLE, mono - p->since);
    desk_delay(d, DESK_STAGE_SEND, td_world_mono(d->world) - mono);
    if (!p->change) {
        td_record_init(&r, TD_REC_SENT, td_world_now(d->world));
        r.key = o->key;
        r.order_id = o->order_id;
        (void)desk_fact(d, &r);
    }
    tell_sent(d, o, p->change);
}

/* When the pace lets an order go. It waits for that here and not in the queue of the connection: a halt still finds it. */
static td_ns room_at(const struct td_desk *d, td_ns mono)
{
    const struct td_pace order = {.kind = TD_PACE_ORDER};
    return td_pacer_when(&d->link->pacer, &order, mono);
}

/* In the order they were decided: the broker refuses an id below one it has seen. */
static struct desk_pending *first_durable(struct td_desk *d)
{
    const uint64_t durable = d->pending_count ? td_writer_durable(d->writer) : 0;
    struct desk_pending *first = NULL;
    for (int i = 0; i < DESK_PENDING_MAX && d->pending_count; i++) {
        struct desk_pending *p = &d->pending[i];
        if (p->key && p->seq <= durable && (!first || p->seq < first->seq))
            first = p;
    }
    return first;
}

/* One that the session left behind meanwhile is not sent: it is unknown like every other and will be looked up. */
void desk_release_durable(struct td_desk *d)
{
    /* The writer saw the file with an order, or one waited for the pace since then: the second's look comes now. */
    if (td_writer_watched(d->writer) || d->release_waited)
        desk_watch_switch(d);
    if (d->release_waited)
        desk_look_at_money(d);
    d->release_waited = false;
    for (struct desk_pending *next; (next = first_durable(d)) != NULL;) {
        const struct desk_pending p = *next;
        const struct td_order *o = td_blotter_order(&d->blotter, p.key);
        const bool fits =
            o && (p.change ? o->state == TD_OS_WORKING && o->changing : o->state == TD_OS_INTENT);
        const td_ns mono = td_world_mono(d->world);
        const enum td_err err = fits ? may_leave(d, &p, o, mono) : TD_OK;
        d->release_waited = fits && !err && room_at(d, mono) > mono;
        if (d->release_waited)
            break;
        next->key = 0;
        d->pending_count--;
        if (fits)
            release(d, &p, o, mono, err);
    }
}

td_ns desk_release_deadline(const struct td_desk *d)
{
    const td_ns mono = td_world_mono(d->world);
    const td_ns at = d->pending_count ? room_at(d, mono) : TD_NS_NEVER;
    return at > mono ? at : TD_NS_NEVER; /* else it is the disk that says when */
}

/* The session is over: what still waits for the disk was certainly not sent, and will not be. */
void desk_drop_pending(struct td_desk *d)
{
    for (int i = 0; i < DESK_PENDING_MAX && d->pending_count; i++) {
        const struct td_order *o =
            d->pending[i].key ? td_blotter_order(&d->blotter, d->pending[i].key) : NULL;
        d->pending_count -= d->pending[i].key != 0;
        d->pending[i].key = 0;
        if (o && (o->state == TD_OS_INTENT || o->changing))
            refuse_here(d, o, TD_ECLOSED);
    }
}

/* --- cancels --- */

bool desk_cancel(struct td_desk *d, const struct td_order *o, const char *reason)
{
    struct td_tws_msg msg;
    struct td_record r;
    if (o->role == TD_ROLE_PARENT && !o->foreign) {
        desk_end_parent(d, o, "cancelled", reason);
        return true;
    }
    if (o->state == TD_OS_INTENT) {
        refuse_here(d, o, TD_EDENIED); /* it waits for the disk: its bytes never come to be */
        return true;
    }
    if (td_order_state_terminal((enum td_order_state)o->state) || o->state == TD_OS_CANCELLING ||
        o->foreign)
        return true;
    if (!td_link_ready(d->link))
        return false;
    if (o->client_id != d->link->config.client_id) {
        td_logf(d->log, TD_LOG_ERROR, TD_LOG_TRADING, "cancel_failed",
                "%s was placed as client %lld, which alone can cancel it; we are client %d", o->ref,
                (long long)o->client_id, (int)d->link->config.client_id);
        return false;
    }
    td_tws_msg_init(&msg, TD_TWS_CANCEL_ORDER);
    msg.cancel_order.order_id = (int32_t)o->order_id;
    const enum td_err err = td_link_send(d->link, &msg);
    if (err) { /* nothing was asked for: no record says so, and it can be tried again */
        td_logf(d->log, TD_LOG_ERROR, TD_LOG_TRADING, "cancel_failed", "%s: %s", o->ref,
                td_err_text(err));
        return false;
    }
    td_record_init(&r, TD_REC_CANCEL, td_world_now(d->world));
    r.key = o->key;
    r.order_id = o->order_id;
    (void)snprintf(r.text, sizeof r.text, "%s", reason);
    (void)desk_fact(d, &r);
    return true;
}

/* From the end: cancelling one may take it out of the list. */
void desk_cancel_all(struct td_desk *d, const char *reason)
{
    for (uint32_t i = d->blotter.live_count; i-- > 0;)
        if (i < d->blotter.live_count)
            (void)desk_cancel(d, &d->blotter.orders[d->blotter.live[i]], reason);
    td_link_rush(d->link);
}

/* The stop and target of what is held stay: a halt, or an end, must not leave a position without them. */
static bool protects(const struct td_order *o)
{
    return o->role == TD_ROLE_STOP || o->role == TD_ROLE_TARGET;
}

/* An exit that is worked goes on in a halt; the end of the session ends it too. */
static bool stays(const struct td_desk *d, const struct td_order *o)
{
    return protects(o) || (d->blotter.halted && !d->stop && desk_passes_halt(d, o));
}

void desk_cancel_entries(struct td_desk *d, const char *reason)
{
    for (uint32_t i = d->blotter.live_count; i-- > 0;)
        if (i < d->blotter.live_count && !stays(d, &d->blotter.orders[d->blotter.live[i]]))
            (void)desk_cancel(d, &d->blotter.orders[d->blotter.live[i]], reason);
    td_link_rush(d->link);
}

bool desk_entries_work(const struct td_desk *d)
{
    for (uint32_t i = 0; i < d->blotter.live_count; i++) {
        const struct td_order *o = &d->blotter.orders[d->blotter.live[i]];
        if (!protects(o) && !o->foreign && o->role != TD_ROLE_PARENT)
            return true;
    }
    return false;
}

enum td_err desk_cancel_global(struct td_desk *d, const char *reason)
{
    struct td_tws_msg msg;
    if (!td_link_ready(d->link))
        return TD_ECLOSED;
    td_logf(d->log, TD_LOG_WARN, TD_LOG_TRADING, "cancel_global",
            "%s: every order of the account, of every client", reason);
    for (uint32_t i = 0; i < d->blotter.live_count; i++) {
        const struct td_order *o = &d->blotter.orders[d->blotter.live[i]];
        struct td_record r;
        if (!o->foreign)
            continue;
        td_record_init(&r, TD_REC_CANCEL, td_world_now(d->world));
        r.key = o->key;
        r.order_id = o->order_id;
        (void)snprintf(r.text, sizeof r.text, "%s", reason);
        (void)desk_fact(d, &r);
    }
    td_tws_msg_init(&msg, TD_TWS_REQ_GLOBAL_CANCEL);
    const enum td_err err = td_link_send(d->link, &msg);
    td_link_flush(d->link);
    d->look_wanted = true; /* nobody tells us how the orders of others end */
    d->look_again_mono = td_world_mono(d->world) + GLOBAL_LOOK;
    return err;
}

void desk_halt(struct td_desk *d, const char *reason)
{
    struct td_record r;
    td_record_init(&r, TD_REC_HALT, td_world_now(d->world));
    (void)snprintf(r.text, sizeof r.text, "%s", *reason ? reason : "by hand");
    (void)desk_fact(d, &r);
    td_logf(d->log, TD_LOG_WARN, TD_LOG_TRADING, "halt", "%s", r.text);
    desk_cancel_entries(d, "halt");
}

void desk_resume(struct td_desk *d, const char *reason)
{
    struct td_record r;
    td_record_init(&r, TD_REC_RESUME, td_world_now(d->world));
    (void)snprintf(r.text, sizeof r.text, "%s", *reason ? reason : "by hand");
    (void)desk_fact(d, &r);
    desk_money_resumed(d);
    desk_reload_resumed(d);
    td_logf(d->log, TD_LOG_WARN, TD_LOG_TRADING, "resume", "%s", r.text);
}
