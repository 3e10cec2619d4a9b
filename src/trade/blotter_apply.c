/* trade/blotter_apply.c - one function per record type, in a table. Each either applies all of its record
 * or nothing. */
#include "trade/blotter.h"

typedef enum td_err apply_fn(struct td_blotter *b, const struct td_record *r);

static void copy_text(char *out, size_t cap, const char *from)
{
    (void)td_str_copy(td_str_of(from), out, cap);
}

static enum td_err take_holding(struct td_blotter *b, const struct td_record *r, uint32_t *index)
{
    if (td_blotter_holding(b, r->symbol, index))
        return TD_OK;
    if (b->holding_count == b->max.holdings_max)
        return TD_EFULL;
    struct td_blotter_holding *h = &b->holdings[b->holding_count];
    memset(h, 0, sizeof *h);
    copy_text(h->symbol, sizeof h->symbol, r->symbol);
    h->conid = r->conid;
    h->multiplier =
        td_qty_is_none(r->multiplier) || r->multiplier.e9 <= 0 ? TD_QTY(1) : r->multiplier;
    *index = b->holding_count++;
    return TD_OK;
}

/* Adds (+1) or takes away (-1) an order's unfilled part from the sums of its holding. */
static void count_working(struct td_blotter *b, const struct td_order *o, int sign)
{
    struct td_blotter_holding *h = &b->holdings[o->holding];
    if (td_order_state_terminal((enum td_order_state)o->state))
        return;
    const int64_t rest = (o->qty.e9 - o->filled.e9) * sign;
    if (o->action == TD_BUY)
        h->working_buy.e9 += rest;
    else
        h->working_sell.e9 += rest;
    h->open_orders += sign;
    b->unknown_orders += o->state == TD_OS_UNKNOWN ? (uint32_t)sign : 0u;
}

static void set_live(struct td_blotter *b, const struct td_order *o, bool live)
{
    const uint32_t index = (uint32_t)(o - b->orders);
    uint32_t at = 0;
    while (at < b->live_count && b->live[at] != index)
        at++;
    if (live && at == b->live_count)
        b->live[b->live_count++] = index;
    if (!live && at < b->live_count)
        b->live[at] = b->live[--b->live_count];
}

static void set_state(struct td_blotter *b, struct td_order *o, enum td_order_state state, td_ns at)
{
    count_working(b, o, -1);
    o->state = (uint8_t)state;
    if (td_order_state_terminal(state))
        set_live(b, o, false);
    if (td_order_state_terminal(state) && !o->done_ns)
        o->done_ns = at;
    count_working(b, o, +1);
}

static void raise_id(struct td_blotter *b, int64_t order_id)
{
    if (order_id >= b->next_id)
        b->next_id = order_id < TD_ORDER_ID_LAST ? order_id + 1 : TD_ORDER_ID_LAST + 1;
}

static enum td_err apply_nothing(struct td_blotter *b, const struct td_record *r)
{
    (void)b;
    (void)r;
    return TD_OK;
}

static enum td_err apply_day(struct td_blotter *b, const struct td_record *r)
{
    b->day = r->number;
    b->orders_today = b->intents_today = b->denied_today = b->fills_today = 0;
    b->value_today = TD_CASH(0);
    b->carried = td_cash_is_none(r->cash) ? TD_CASH(0) : r->cash;
    for (uint32_t i = 0; i < b->holding_count; i++) {
        b->holdings[i].realized_before = b->holdings[i].now.realized;
        b->holdings[i].fees_before = b->holdings[i].now.fees;
    }
    return TD_OK;
}

static enum td_err apply_denied(struct td_blotter *b, const struct td_record *r)
{
    (void)r;
    b->intents_today++;
    b->denied_today++;
    return TD_OK;
}

static enum td_err apply_order(struct td_blotter *b, const struct td_record *r)
{
    uint32_t holding, index;
    td_cash value;
    if (td_blotter_order(b, r->key) || r->key < b->next_key || r->qty.e9 <= 0 ||
        td_qty_is_none(r->qty))
        return TD_ECORRUPT;
    if (b->order_count == b->max.orders_max)
        return TD_EFULL;
    enum td_err err = take_holding(b, r, &holding);
    if (!err)
        err = td_cash_add(b->value_today, td_cash_is_none(r->cash) ? TD_CASH(0) : r->cash, &value);
    index = b->order_count;
    if (!err)
        err = td_map_put(&b->by_key, r->key, index);
    if (!err)
        err = td_map_put(&b->by_order_id, (uint64_t)r->order_id, index);
    if (err)
        return err;
    struct td_order *o = &b->orders[b->order_count++];
    *o = (struct td_order){.key = r->key,
                           .order_id = r->order_id,
                           .client_id = r->client_id,
                           .conid = r->conid,
                           .holding = holding,
                           .action = r->action,
                           .type = r->otype,
                           .state = TD_OS_INTENT,
                           .qty = r->qty,
                           .limit = r->limit,
                           .stop = r->stop,
                           .intent_ns = r->at_ns};
    copy_text(o->symbol, sizeof o->symbol, r->symbol);
    copy_text(o->ref, sizeof o->ref, r->ref);
    copy_text(o->strategy, sizeof o->strategy, r->strategy);
    copy_text(o->reason, sizeof o->reason, r->text);
    b->next_key = r->key + 1;
    b->value_today = value;
    b->intents_today++;
    b->orders_today++;
    raise_id(b, r->order_id);
    set_live(b, o, true);
    count_working(b, o, +1);
    return TD_OK;
}

static struct td_order *order_of(const struct td_blotter *b, const struct td_record *r)
{
    return r->key ? td_blotter_order(b, r->key) : td_blotter_by_order_id(b, r->order_id);
}

static enum td_err apply_sent(struct td_blotter *b, const struct td_record *r)
{
    struct td_order *o = order_of(b, r);
    if (!o)
        return TD_ECORRUPT;
    o->sent_ns = r->at_ns;
    if (o->state == TD_OS_INTENT)
        set_state(b, o, TD_OS_SENT, r->at_ns);
    return TD_OK;
}

/* What a broker status means; Filled is decided by executions, Inactive is never an end by itself. */
static const struct {
    const char *status;
    enum td_order_state state;
} meanings[] = {
    {"PendingSubmit", TD_OS_WORKING}, {"ApiPending", TD_OS_WORKING},
    {"PreSubmitted", TD_OS_WORKING},  {"Submitted", TD_OS_WORKING},
    {"Inactive", TD_OS_WORKING},      {"PendingCancel", TD_OS_CANCELLING},
    {"Cancelled", TD_OS_CANCELLED},   {"ApiCancelled", TD_OS_CANCELLED},
    {"Filled", TD_OS_WORKING},
};

static enum td_err apply_status(struct td_blotter *b, const struct td_record *r)
{
    struct td_order *o = order_of(b, r);
    raise_id(b, r->order_id);
    if (!o)
        return TD_OK; /* another client's order: executions and positions tell what matters */
    if (r->perm_id)
        o->perm_id = r->perm_id;
    copy_text(o->status, sizeof o->status, r->status);
    for (size_t i = 0; i < TD_COUNT(meanings); i++) {
        if (strcmp(meanings[i].status, r->status) != 0)
            continue;
        const enum td_order_state next = meanings[i].state;
        const bool asked =
            o->state == TD_OS_CANCELLING && next == TD_OS_WORKING; /* ours is the later news */
        if (!td_order_state_terminal((enum td_order_state)o->state) && !asked)
            set_state(b, o, next, r->at_ns);
    }
    return TD_OK;
}

/* IBKR execution ids end in a revision: 0000e0d5.6571b2f0.01.01 is corrected by ....02. */
static uint64_t exec_base(const char *exec_id)
{
    const char *dot = strrchr(exec_id, '.');
    return td_hash_bytes(exec_id, dot ? (size_t)(dot - exec_id) : strlen(exec_id));
}

/* The revision itself; 0 when the id does not end in a number. */
static int64_t exec_revision(const char *exec_id)
{
    const char *dot = strrchr(exec_id, '.');
    int64_t revision = 0;
    return dot && td_i64_parse(dot + 1, strlen(dot + 1), &revision) == TD_OK ? revision : 0;
}

static enum td_action opposite(enum td_action action)
{
    return action == TD_BUY ? TD_SELL : TD_BUY;
}

static enum td_err book_fill(struct td_holding *h, struct td_order *o, const struct td_execution *e,
                             td_qty multiplier, bool undo)
{
    td_cash value;
    struct td_order order = o ? *o : (struct td_order){0};
    struct td_holding holding = *h;
    const enum td_action action =
        undo ? opposite((enum td_action)e->action) : (enum td_action)e->action;
    enum td_err err = td_holding_fill(&holding, action, e->qty, e->px, multiplier);
    if (!err)
        err = td_notional(e->px, e->qty, &value);
    if (!err)
        err = undo ? td_cash_sub(order.paid, value, &order.paid)
                   : td_cash_add(order.paid, value, &order.paid);
    if (!err)
        err = undo ? td_qty_sub(order.filled, e->qty, &order.filled)
                   : td_qty_add(order.filled, e->qty, &order.filled);
    if (err)
        return err;
    *h = holding;
    if (o)
        *o = order;
    return TD_OK;
}

static enum td_err correct(struct td_blotter *b, struct td_execution *old,
                           const struct td_execution *fresh)
{
    struct td_order *o = td_blotter_order(b, old->order);
    struct td_blotter_holding *h = &b->holdings[old->holding];
    const struct td_holding before = h->now;
    const struct td_order order_before = o ? *o : (struct td_order){0};
    if (o)
        count_working(b, o, -1);
    enum td_err err = old->qty.e9 != 0 ? book_fill(&h->now, o, old, h->multiplier, true) : TD_OK;
    if (!err && fresh->qty.e9 != 0) /* none left: the exchange took it back */
        err = book_fill(&h->now, o, fresh, h->multiplier, false);
    if (err) {
        h->now = before;
        if (o)
            *o = order_before;
    } else {
        h->now.fills = before.fills;
        old->qty = fresh->qty;
        old->px = fresh->px;
        copy_text(old->exec_id, sizeof old->exec_id, fresh->exec_id);
    }
    if (o)
        count_working(b, o, +1);
    return err;
}

static void finish_if_filled(struct td_blotter *b, struct td_order *o, td_ns at)
{
    if (o->filled.e9 >= o->qty.e9)
        set_state(b, o, TD_OS_FILLED, at);
    else if (o->state == TD_OS_INTENT || o->state == TD_OS_SENT || o->state == TD_OS_UNKNOWN)
        set_state(b, o, TD_OS_WORKING, at);
}

static enum td_err apply_exec(struct td_blotter *b, const struct td_record *r)
{
    uint32_t index, holding;
    struct td_order *o = order_of(b, r);
    struct td_execution e = {.order = o ? o->key : 0,
                             .action = r->action,
                             .qty = r->qty,
                             .px = r->px,
                             .at_ns = r->at_ns};
    copy_text(e.exec_id, sizeof e.exec_id, r->exec_id);
    if (td_map_get(&b->by_exec, exec_base(r->exec_id), &index)) {
        /* A look-up may tell an older revision after a newer one: the newest stays. */
        const char *known = b->executions[index].exec_id;
        if (strcmp(known, r->exec_id) == 0 || exec_revision(r->exec_id) < exec_revision(known))
            return TD_EEXIST;
        return correct(b, &b->executions[index], &e);
    }
    if (r->qty.e9 == 0)
        return TD_EEXIST; /* taken back before we ever saw it */
    if (b->execution_count == b->max.executions_max)
        return TD_EFULL;
    enum td_err err = take_holding(b, r, &holding);
    if (err)
        return err;
    e.holding = holding;
    if (o)
        count_working(b, o, -1);
    err = book_fill(&b->holdings[holding].now, o, &e, b->holdings[holding].multiplier, false);
    if (!err)
        err = td_map_put(&b->by_exec, exec_base(r->exec_id), b->execution_count);
    if (o)
        count_working(b, o, +1);
    if (err)
        return err;
    b->executions[b->execution_count++] = e;
    b->fills_today++;
    b->foreign_executions += !o;
    raise_id(b, r->order_id);
    if (o) {
        o->perm_id = r->perm_id ? r->perm_id : o->perm_id;
        finish_if_filled(b, o, r->at_ns);
    }
    return TD_OK;
}

static enum td_err apply_fee(struct td_blotter *b, const struct td_record *r)
{
    uint32_t index;
    if (!td_map_get(&b->by_exec, exec_base(r->exec_id), &index))
        return TD_ENOENT; /* arrived before its execution: the desk holds it back and asks again */
    struct td_execution *e = &b->executions[index];
    td_cash change;
    enum td_err err = td_cash_sub(r->cash, e->has_fee ? e->fee : TD_CASH(0), &change);
    if (!err && e->has_fee && change.e9 == 0)
        return TD_EEXIST;
    if (!err)
        err = td_holding_fee(&b->holdings[e->holding].now, change);
    if (err)
        return err;
    struct td_order *o = td_blotter_order(b, e->order);
    if (o && td_cash_add(o->fees, change, &o->fees) != TD_OK)
        o->fees = TD_CASH_NONE;
    e->fee = r->cash;
    e->has_fee = true;
    return TD_OK;
}

static enum td_err apply_cancel(struct td_blotter *b, const struct td_record *r)
{
    struct td_order *o = order_of(b, r);
    if (!o)
        return TD_ECORRUPT;
    if (!td_order_state_terminal((enum td_order_state)o->state) && o->state != TD_OS_UNKNOWN)
        set_state(b, o, TD_OS_CANCELLING, r->at_ns);
    return TD_OK;
}

/* What a broker error says about a live order: 201 and its kin refuse it, 202 cancels it, the rest inform. */
static enum td_err apply_error(struct td_blotter *b, const struct td_record *r)
{
    static const int64_t refusals[] = {103, 104, 106, 107, 110, 111, 113,   200,   201,
                                       203, 320, 321, 322, 435, 460, 10268, 10269, 10270};
    struct td_order *o = order_of(b, r);
    if (!o)
        return TD_OK;
    o->code = r->code;
    copy_text(o->reason, sizeof o->reason, r->text);
    if (td_order_state_terminal((enum td_order_state)o->state))
        return TD_OK;
    for (size_t i = 0; i < TD_COUNT(refusals); i++)
        if (refusals[i] == r->code && o->state == TD_OS_SENT)
            set_state(b, o, TD_OS_REJECTED, r->at_ns);
    if (r->code == 201 && !td_order_state_terminal((enum td_order_state)o->state))
        set_state(b, o, TD_OS_REJECTED, r->at_ns);
    if (r->code == 202)
        set_state(b, o, TD_OS_CANCELLED, r->at_ns);
    return TD_OK;
}

static enum td_err apply_lost(struct td_blotter *b, const struct td_record *r)
{
    for (uint32_t i = 0; i < b->order_count; i++) {
        struct td_order *o = &b->orders[i];
        if (!td_order_state_terminal((enum td_order_state)o->state) && o->state != TD_OS_UNKNOWN)
            set_state(b, o, TD_OS_UNKNOWN, r->at_ns);
    }
    return TD_OK;
}

static enum td_err apply_resolved(struct td_blotter *b, const struct td_record *r)
{
    static const struct {
        const char *word;
        enum td_order_state state;
    } answers[] = {{"open", TD_OS_WORKING},
                   {"cancelled", TD_OS_CANCELLED},
                   {"abandoned", TD_OS_ABANDONED},
                   {"filled", TD_OS_FILLED},
                   {"rejected", TD_OS_REJECTED}};
    struct td_order *o = order_of(b, r);
    if (!o)
        return TD_ECORRUPT;
    if (r->perm_id)
        o->perm_id = r->perm_id;
    for (size_t i = 0; i < TD_COUNT(answers); i++)
        if (strcmp(answers[i].word, r->status) == 0 && o->state == TD_OS_UNKNOWN) {
            copy_text(o->reason, sizeof o->reason, r->text);
            set_state(b, o, answers[i].state, r->at_ns);
        }
    return TD_OK;
}

static enum td_err apply_halt(struct td_blotter *b, const struct td_record *r)
{
    b->halted = true;
    copy_text(b->halt_reason, sizeof b->halt_reason, r->text);
    return TD_OK;
}

static enum td_err apply_resume(struct td_blotter *b, const struct td_record *r)
{
    (void)r;
    b->halted = false;
    b->halt_reason[0] = '\0';
    return TD_OK;
}

/* The broker's word on a position replaces ours; realized profit stays, the difference is not invented. */
static enum td_err apply_position(struct td_blotter *b, const struct td_record *r)
{
    uint32_t holding;
    const enum td_err err = take_holding(b, r, &holding);
    if (err)
        return err;
    if (td_qty_is_none(r->qty))
        return TD_ECORRUPT;
    b->holdings[holding].now.qty = r->qty;
    b->holdings[holding].now.average = r->qty.e9 == 0 || td_px_is_none(r->px) ? TD_PX(0) : r->px;
    return TD_OK;
}

static enum td_err apply_ids(struct td_blotter *b, const struct td_record *r)
{
    raise_id(b, r->number - 1);
    return TD_OK;
}

static apply_fn *const appliers[TD_REC_TYPES] = {
    [TD_REC_START] = apply_lost, /* a new process: what was sent before it is not known any more */
    [TD_REC_DAY] = apply_day,           [TD_REC_DENIED] = apply_denied,
    [TD_REC_ORDER] = apply_order,       [TD_REC_SENT] = apply_sent,
    [TD_REC_STATUS] = apply_status,     [TD_REC_EXEC] = apply_exec,
    [TD_REC_FEE] = apply_fee,           [TD_REC_CANCEL] = apply_cancel,
    [TD_REC_ERROR] = apply_error,       [TD_REC_LOST] = apply_lost,
    [TD_REC_RESOLVED] = apply_resolved, [TD_REC_HALT] = apply_halt,
    [TD_REC_RESUME] = apply_resume,     [TD_REC_POSITION] = apply_position,
    [TD_REC_IDS] = apply_ids,           [TD_REC_STOP] = apply_nothing,
};

enum td_err td_blotter_apply(struct td_blotter *b, const struct td_record *r)
{
    if (r->type >= TD_REC_TYPES || !appliers[r->type])
        return TD_ECORRUPT;
    const enum td_err err = appliers[r->type](b, r);
    if (r->seq)
        b->last_seq = r->seq;
    return err;
}
