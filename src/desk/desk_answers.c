/* desk/desk_answers.c - what the broker says about orders and executions, into the blotter and the journal. */
#include "desk/desk_inner.h"

#include <stdio.h>

#define DOUBT_LOOK TD_SEC /* executions that are on their way arrive before */

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
        const enum td_err err = desk_fact(d, &r);
        if (err != TD_ENOENT)
            f->exec_id[0] = '\0';
        if (err == TD_OK)
            desk_compare_fee(d, r.exec_id);
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

static void tell_fill(struct td_desk *d, const struct td_record *r)
{
    char text[80];
    struct td_text t;
    td_text_init(&t, text, sizeof text);
    td_text_e9(&t, r->qty.e9);
    td_text_put(&t, " at ");
    td_text_e9(&t, r->px.e9);
    td_logf(d->log, TD_LOG_INFO, TD_LOG_TRADING, "fill", "%s %s %.*s key=%llu exec=%s", r->symbol,
            r->action == TD_BUY ? "BOT" : "SLD", (int)t.len, t.buf, (unsigned long long)r->key,
            r->exec_id);
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
    desk_name_line(d, index, &r);
    r.key = o ? o->key : 0;
    r.order_id = o ? o->order_id : e->order_id;
    r.perm_id = e->perm_id;
    r.client_id = e->client_id;
    r.action = td_str_is(e->side, "BOT") ? TD_BUY : TD_SELL;
    r.qty = e->shares;
    r.px = e->price;
    (void)td_str_copy(e->exec_id, r.exec_id, sizeof r.exec_id);
    (void)td_str_copy(e->account, r.account, sizeof r.account);
    desk_look_saw(d, r.exec_id, strlen(r.exec_id));
    const uint32_t overfills = d->blotter.overfills;
    const enum td_err err = desk_fact(d, &r);
    if (d->blotter.overfills > overfills)
        desk_freeze(d, r.symbol, "more was filled of an order than was ever ordered");
    if (err == TD_OK) {
        d->result.fills++;
        tell_fill(d, &r);
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

/* Answers that say that our picture of an order is wrong, and not what is right: it is looked up. */
static bool leaves_in_doubt(const struct td_order *o, bool was_changing, int64_t code)
{
    static const int64_t of_any[] = {103, 104, 107, 135, 161, 10147, 10148},
                         of_change[] = {105, 110, 201, 321};
    if (td_order_state_terminal((enum td_order_state)o->state) || o->state == TD_OS_UNKNOWN)
        return false;
    for (size_t i = 0; i < TD_COUNT(of_any); i++)
        if (of_any[i] == code)
            return true;
    for (size_t i = 0; i < TD_COUNT(of_change) && was_changing; i++)
        if (of_change[i] == code)
            return true;
    return false;
}

static void doubt(struct td_desk *d, const struct td_order *o, const struct td_record *because)
{
    struct td_record r = *because;
    r.type = TD_REC_DOUBT;
    (void)desk_fact(d, &r);
    d->look_again_mono = td_world_mono(d->world) + DOUBT_LOOK;
    td_logf(d->log, TD_LOG_WARN, TD_LOG_TRADING, "order_in_doubt", "%s: %lld; it is looked up",
            o->ref, (long long)because->code);
}

bool desk_take_order_error(struct td_desk *d, const struct td_tws_error *e)
{
    struct td_record r;
    const struct td_order *o = e->id > 0 ? td_blotter_by_order_id(&d->blotter, e->id) : NULL;
    if (!o)
        return false;
    const bool was_changing = o->changing;
    td_record_init(&r, TD_REC_ERROR, td_world_now(d->world));
    r.key = o->key;
    r.order_id = o->order_id;
    r.code = e->code;
    (void)td_str_copy(e->text, r.text, sizeof r.text);
    (void)desk_fact(d, &r);
    td_logf(d->log, TD_LOG_WARN, TD_LOG_TRADING, "order_message", "%s: %d %s", o->ref, (int)e->code,
            r.text);
    if (leaves_in_doubt(o, was_changing, e->code))
        doubt(d, o, &r);
    return true;
}
