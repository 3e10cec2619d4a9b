/* desk/desk_orders.c - from intent to bytes, and the broker's answers back into the blotter. */
#include "desk/desk_inner.h"

#include <stdio.h>

#include "base/text.h"

#define RELEASE_LIMIT                                                                              \
    (2 * TD_SEC) /* from decision to bytes: the disk was that slow, or we were stopped */

enum td_err desk_fact(struct td_desk *d, struct td_record *r)
{
    r->seq = 0;
    const enum td_err err = td_blotter_apply(&d->blotter, r);
    if (err)
        return err;
    if (r->symbol[0])
        desk_refresh_leg(d, r->symbol);
    const enum td_err journaled = td_writer_journal(d->writer, r);
    if (journaled) {
        /* The fact itself is the broker's and can be asked for again; the order gate closes by JOURNAL. */
        d->order_errors++;
        td_logf(d->log, TD_LOG_ERROR, TD_LOG_TRADING, "journal_refused", "%s: %s",
                td_record_name((enum td_record_type)r->type), td_err_text(journaled));
    } else {
        d->blotter.last_seq = r->seq;
    }
    return TD_OK;
}

static void name_line(const struct td_desk *d, uint32_t index, struct td_record *r)
{
    const struct td_line *line = &d->market.lines[index];
    (void)td_str_copy(td_str_of(line->symbol), r->symbol, sizeof r->symbol);
    r->conid = line->inst.conid;
    r->multiplier = line->inst.multiplier;
}

static void fill_intent(const struct td_desk *d, uint32_t line, const struct td_intent *i,
                        struct td_record *r)
{
    name_line(d, line, r);
    r->action = i->action;
    r->otype = i->type;
    r->qty = i->qty;
    r->limit = i->limit;
    r->stop = i->stop;
    (void)td_str_copy(td_str_of(i->strategy), r->strategy, sizeof r->strategy);
}

static void deny(struct td_desk *d, uint32_t line, const struct td_intent *i,
                 const struct td_verdict *v)
{
    struct td_record r;
    td_record_init(&r, TD_REC_DENIED, td_world_now(d->world));
    fill_intent(d, line, i, &r);
    r.code = (int64_t)v->gate;
    (void)snprintf(r.text, sizeof r.text, "%s", v->text);
    d->result.denied++;
    (void)snprintf(d->result.last_denial, sizeof d->result.last_denial, "%s", v->text);
    if (desk_fact(d, &r) == TD_OK)
        td_logf(d->log, TD_LOG_INFO, TD_LOG_TRADING, "TRADING_DECISION", "%s %s denied: %s",
                r.symbol, i->action == TD_BUY ? "BUY" : "SELL", v->text);
}

/* --- an approved order --- */

static bool hold_until_durable(struct td_desk *d, uint64_t seq, uint64_t key)
{
    for (int i = 0; i < DESK_PENDING_MAX; i++)
        if (!d->pending[i].key) {
            d->pending[i] = (struct desk_pending){seq, key, td_world_mono(d->world)};
            d->pending_count++;
            return true;
        }
    return false;
}

static bool room_to_hold(const struct td_desk *d)
{
    return d->pending_count < DESK_PENDING_MAX;
}

static void approve(struct td_desk *d, uint32_t line, const struct td_approved *a)
{
    struct td_record r;
    TD_REQUIRE(td_risk_sealed(a));
    if (!room_to_hold(d)) {
        td_logf(d->log, TD_LOG_ERROR, TD_LOG_TRADING, "order_refused",
                "%d orders already wait for the disk", DESK_PENDING_MAX);
        return;
    }
    if (d->blotter.next_id > TD_ORDER_ID_LAST) { /* what works can still be cancelled */
        td_checklist_set(&d->checks, TD_CHECK_IDS, false);
        td_connection_alert(&d->conn, TD_ALERT_ORDER_IDS,
                            "order ids are used up in this session: no further order");
        return;
    }
    /* Before the journal has it: a record the tables cannot hold would stop every later start. */
    if (d->blotter.order_count == d->blotter.max.orders_max) {
        d->order_errors++;
        td_logf(d->log, TD_LOG_ERROR, TD_LOG_TRADING, "order_refused",
                "the tables are full with %u orders: no further order in this state folder",
                d->blotter.order_count);
        return;
    }
    td_record_init(&r, TD_REC_ORDER, td_world_now(d->world));
    fill_intent(d, line, &a->intent, &r);
    r.key = d->blotter.next_key;
    r.order_id = d->blotter.next_id;
    r.client_id = d->link->config.client_id;
    r.cash = a->value;
    (void)snprintf(r.ref, sizeof r.ref, "td-%s-%llu", d->run_id, (unsigned long long)r.key);
    (void)td_str_copy(td_str_of(d->account), r.account, sizeof r.account);
    (void)td_str_copy(td_str_of(a->intent.reason), r.text, sizeof r.text);
    /* The intent goes to the disk first; the blotter follows, and the bytes wait for the disk. */
    enum td_err err = td_writer_journal(d->writer, &r);
    if (!err)
        err = td_blotter_apply(&d->blotter, &r);
    if (err) {
        d->order_errors++;
        td_logf(d->log, TD_LOG_ERROR, TD_LOG_TRADING, "order_refused", "%s: %s", r.symbol,
                td_err_text(err));
        return;
    }
    TD_REQUIRE(hold_until_durable(d, r.seq, r.key));
    d->result.orders++;
}

void desk_ask_gates(struct td_desk *d, uint32_t line, const struct td_intent *intent)
{
    struct td_gate_facts facts;
    struct td_verdict verdict;
    d->result.intents++;
    desk_facts(d, line, &facts);
    td_risk_check(&d->limits, &facts, intent, &d->recent, &verdict);
    if (verdict.approved)
        approve(d, line, &verdict.order);
    else
        deny(d, line, intent, &verdict);
}

/* --- bytes --- */

static bool line_of(const struct td_desk *d, const char *symbol, uint32_t *index)
{
    for (uint32_t i = 0; i < d->market.count; i++)
        if (strcmp(d->market.lines[i].symbol, symbol) == 0) {
            *index = i;
            return true;
        }
    return false;
}

static enum td_err send_order(struct td_desk *d, const struct td_order *o)
{
    struct td_tws_msg msg;
    uint32_t index;
    if (!line_of(d, o->symbol, &index))
        return TD_ENOENT;
    const struct td_line *line = &d->market.lines[index];
    td_tws_msg_init(&msg, TD_TWS_PLACE_ORDER);
    struct td_tws_place_order *p = &msg.place_order;
    p->order_id = (int32_t)o->order_id;
    p->contract.con_id = line->inst.conid;
    p->contract.symbol = td_str_of(line->broker_symbol);
    p->contract.sec_type = td_str_of(line->sec_type);
    p->contract.exchange = td_str_of(line->exchange);
    p->contract.currency = td_str_of(line->currency);
    p->order.action = td_str_of(o->action == TD_BUY ? "BUY" : "SELL");
    p->order.total_quantity = o->now.qty;
    p->order.order_type = td_str_of(td_order_type_word(o->type));
    p->order.lmt_price = o->now.limit;
    p->order.aux_price = o->now.stop;
    p->order.tif = td_str_of("DAY");
    p->order.account = td_str_of(d->account);
    p->order.order_ref = td_str_of(o->ref);
    p->order.outside_rth = d->config.settings->outside_rth;
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

/* Orders whose record is on the disk: their bytes may exist now. One that the session left behind meanwhile
 * is not sent: it is unknown like every other and will be looked up. */
void desk_release_durable(struct td_desk *d)
{
    const uint64_t durable = d->pending_count ? td_writer_durable(d->writer) : 0;
    for (int i = 0; i < DESK_PENDING_MAX && d->pending_count; i++) {
        struct desk_pending *p = &d->pending[i];
        struct td_record r;
        if (!p->key || p->seq > durable)
            continue;
        const struct td_order *o = td_blotter_order(&d->blotter, p->key);
        p->key = 0;
        d->pending_count--;
        if (!o || o->state != TD_OS_INTENT)
            continue;
        /* The gates are read again: what closed since, or a decision that has grown old, sends nothing. */
        const td_ns age = td_world_mono(d->world) - p->since;
        const enum td_err err = age > RELEASE_LIMIT ? TD_ETIMEOUT
                                : d->blotter.halted ? TD_EHALTED
                                : desk_may_order(d) ? send_order(d, o)
                                                    : TD_ECLOSED;
        if (err) {
            refuse_here(d, o, err);
            continue;
        }
        td_link_flush(d->link);
        td_record_init(&r, TD_REC_SENT, td_world_now(d->world));
        r.key = o->key;
        r.order_id = o->order_id;
        (void)desk_fact(d, &r);
        /* Told after the bytes are out: a line of log costs more than the decision. */
        td_logf(d->log, TD_LOG_INFO, TD_LOG_TRADING, "TRADING_DECISION",
                "%s %s approved: key=%llu order_id=%lld %s", o->symbol,
                o->action == TD_BUY ? "BUY" : "SELL", (unsigned long long)o->key,
                (long long)o->order_id, o->reason);
    }
}

void desk_cancel_all(struct td_desk *d, const char *reason)
{
    for (uint32_t i = 0; i < d->blotter.order_count; i++) {
        struct td_order *o = &d->blotter.orders[i];
        struct td_tws_msg msg;
        struct td_record r;
        if (o->state == TD_OS_INTENT) {
            refuse_here(d, o, TD_EDENIED); /* it waits for the disk: its bytes never come to be */
            continue;
        }
        if (td_order_state_terminal((enum td_order_state)o->state) ||
            o->state == TD_OS_CANCELLING || !td_link_ready(d->link))
            continue;
        if (o->client_id != d->link->config.client_id) {
            td_logf(d->log, TD_LOG_ERROR, TD_LOG_TRADING, "cancel_failed",
                    "%s was placed as client %lld, which alone can cancel it; we are client %d",
                    o->ref, (long long)o->client_id, (int)d->link->config.client_id);
            continue;
        }
        td_record_init(&r, TD_REC_CANCEL, td_world_now(d->world));
        r.key = o->key;
        r.order_id = o->order_id;
        (void)snprintf(r.text, sizeof r.text, "%s", reason);
        (void)desk_fact(d, &r);
        td_tws_msg_init(&msg, TD_TWS_CANCEL_ORDER);
        msg.cancel_order.order_id = (int32_t)o->order_id;
        const enum td_err err = td_link_send(d->link, &msg);
        if (err)
            td_logf(d->log, TD_LOG_ERROR, TD_LOG_TRADING, "cancel_failed", "%s: %s", o->ref,
                    td_err_text(err));
    }
    td_link_flush(d->link);
}

void desk_halt(struct td_desk *d, const char *reason)
{
    struct td_record r;
    td_record_init(&r, TD_REC_HALT, td_world_now(d->world));
    (void)snprintf(r.text, sizeof r.text, "%s", *reason ? reason : "by hand");
    (void)desk_fact(d, &r);
    td_logf(d->log, TD_LOG_WARN, TD_LOG_TRADING, "halt", "%s", r.text);
    desk_cancel_all(d, "halt");
}

void desk_resume(struct td_desk *d, const char *reason)
{
    struct td_record r;
    td_record_init(&r, TD_REC_RESUME, td_world_now(d->world));
    (void)snprintf(r.text, sizeof r.text, "%s", *reason ? reason : "by hand");
    (void)desk_fact(d, &r);
    td_logf(d->log, TD_LOG_WARN, TD_LOG_TRADING, "resume", "%s", r.text);
}

/* --- the broker's answers --- */

void desk_take_status(struct td_desk *d, const struct td_tws_order_status *s)
{
    struct td_record r;
    const struct td_order *o = s->client_id == d->link->config.client_id
                                   ? td_blotter_by_order_id(&d->blotter, s->order_id)
                                   : NULL;
    if (s->client_id == d->link->config.client_id)
        desk_note_order_id(d, s->order_id);
    if (!o)
        return;
    if (td_str_is(s->status, o->status) && o->perm_id == s->perm_id)
        return; /* a repeat: nothing new */
    td_record_init(&r, TD_REC_STATUS, td_world_now(d->world));
    r.key = o->key;
    r.order_id = s->order_id;
    r.perm_id = s->perm_id;
    r.qty = s->filled;
    r.px = s->avg_fill_price;
    (void)td_str_copy(s->status, r.status, sizeof r.status);
    (void)desk_fact(d, &r);
}

static const struct td_order *order_by_ref(const struct td_desk *d, struct td_str ref)
{
    for (uint32_t i = d->blotter.order_count; i-- > 0 && ref.len;)
        if (td_str_is(ref, d->blotter.orders[i].ref))
            return &d->blotter.orders[i];
    return NULL;
}

static void apply_waiting_fees(struct td_desk *d)
{
    for (int i = 0; i < DESK_FEES_MAX; i++) {
        struct desk_fee *f = &d->fees[i];
        struct td_record r;
        if (!f->exec_id[0])
            continue;
        td_record_init(&r, TD_REC_FEE, td_world_now(d->world));
        r.cash = f->fee;
        r.pnl = f->pnl;
        (void)snprintf(r.exec_id, sizeof r.exec_id, "%s", f->exec_id);
        (void)snprintf(r.text, sizeof r.text, "%s", f->currency);
        if (desk_fact(d, &r) != TD_ENOENT)
            f->exec_id[0] = '\0';
    }
}

/* Executions of our account in one of our lines: an option on the same symbol is something else. */
static bool is_our_line(const struct td_desk *d, const struct td_tws_execution *e, uint32_t *index)
{
    for (uint32_t i = 0; i < d->market.count; i++) {
        if (!td_market_is(&d->market.lines[i], &e->contract))
            continue;
        *index = i;
        return !e->account.len || !d->account[0] || td_str_is(e->account, d->account);
    }
    return false;
}

/* What an operator must know about: trades we did not order, and trades the exchange took back. */
static void tell_odd_execution(struct td_desk *d, const struct td_record *r)
{
    if (r->qty.e9 == 0)
        td_logf(d->log, TD_LOG_WARN, TD_LOG_TRADING, "execution_busted",
                "%s: the exchange took %s back; the position follows", r->symbol, r->exec_id);
    if (r->key == 0)
        td_logf(d->log, TD_LOG_WARN, TD_LOG_TRADING, "foreign_execution",
                "%s: %s was not ordered here (client %lld); its exposure counts", r->symbol,
                r->exec_id, (long long)r->client_id);
}

void desk_take_execution(struct td_desk *d, const struct td_tws_execution *e)
{
    struct td_record r;
    uint32_t index;
    const struct td_order *o = order_by_ref(d, e->order_ref);
    if (!o && e->client_id == d->link->config.client_id)
        o = td_blotter_by_order_id(&d->blotter, e->order_id);
    if (!is_our_line(d, e, &index))
        return;
    td_record_init(&r, TD_REC_EXEC, td_world_now(d->world));
    name_line(d, index, &r);
    r.key = o ? o->key : 0;
    r.order_id = o ? o->order_id : e->order_id;
    r.perm_id = e->perm_id;
    r.client_id = e->client_id;
    r.action = td_str_is(e->side, "BOT") ? TD_BUY : TD_SELL;
    r.qty = e->shares;
    r.px = e->price;
    (void)td_str_copy(e->exec_id, r.exec_id, sizeof r.exec_id);
    (void)td_str_copy(e->account, r.account, sizeof r.account);
    const enum td_err err = desk_fact(d, &r);
    if (err == TD_OK) {
        d->result.fills++;
        td_logf(d->log, TD_LOG_INFO, TD_LOG_TRADING, "fill", "%s %s exec=%s", r.symbol,
                r.action == TD_BUY ? "BOT" : "SLD", r.exec_id);
        tell_odd_execution(d, &r);
        apply_waiting_fees(d);
    } else if (err != TD_EEXIST) {
        d->order_errors++;
        td_logf(d->log, TD_LOG_ERROR, TD_LOG_TRADING, "execution_refused", "%s: %s", r.exec_id,
                td_err_text(err));
    }
}

/* A free row, or the one that waits under this name already. */
static struct desk_fee *fee_row(struct td_desk *d, struct td_str exec_id)
{
    struct desk_fee *free_row = NULL;
    for (int i = 0; i < DESK_FEES_MAX; i++) {
        if (exec_id.len && td_str_is(exec_id, d->fees[i].exec_id))
            return &d->fees[i];
        if (!free_row && !d->fees[i].exec_id[0])
            free_row = &d->fees[i];
    }
    return free_row;
}

void desk_take_commission(struct td_desk *d, const struct td_tws_commission *c)
{
    struct desk_fee *f = fee_row(d, c->exec_id);
    if (f) {
        f->fee = c->commission;
        f->pnl = c->realized_pnl;
        (void)td_str_copy(c->exec_id, f->exec_id, sizeof f->exec_id);
        (void)td_str_copy(c->currency, f->currency, sizeof f->currency);
        apply_waiting_fees(d);
        return;
    }
    td_logf(d->log, TD_LOG_ERROR, TD_LOG_TRADING, "fees_waiting",
            "%d fees without their execution; asking again at the next look-up", DESK_FEES_MAX);
    memset(d->fees, 0, sizeof d->fees);
}

bool desk_take_order_error(struct td_desk *d, const struct td_tws_error *e)
{
    struct td_record r;
    const struct td_order *o = e->id > 0 ? td_blotter_by_order_id(&d->blotter, e->id) : NULL;
    if (!o)
        return false;
    td_record_init(&r, TD_REC_ERROR, td_world_now(d->world));
    r.key = o->key;
    r.order_id = o->order_id;
    r.code = e->code;
    (void)td_str_copy(e->text, r.text, sizeof r.text);
    (void)desk_fact(d, &r);
    td_logf(d->log, TD_LOG_WARN, TD_LOG_TRADING, "order_message", "%s: %d %s", o->ref, (int)e->code,
            r.text);
    return true;
}
