/* trade/blotter_orders.c - records about orders: their life, their terms, what is foreign or frozen. */
#include "trade/blotter_inner.h"

/* --- sums --- */

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

/* The sums of the order's own holding. */
static void count_here(struct td_blotter *b, const struct td_order *o, int sign)
{
    struct td_blotter_holding *h = &b->holdings[o->holding];
    if (td_order_state_terminal((enum td_order_state)o->state))
        return;
    const int64_t rest = td_order_counted(o).e9 * sign;
    if (o->action == TD_BUY)
        h->working_buy.e9 += rest;
    else
        h->working_sell.e9 += rest;
    h->open_orders += o->role == TD_ROLE_PARENT ? 0 : sign;
    h->unknown_orders += o->state == TD_OS_UNKNOWN ? sign : 0;
    b->unknown_orders += o->state == TD_OS_UNKNOWN ? (uint32_t)sign : 0u;
}

void blotter_count(struct td_blotter *b, const struct td_order *o, int sign)
{
    struct td_order *parent = o->role == TD_ROLE_SLICE ? td_blotter_order(b, o->parent) : NULL;
    if (parent) {
        count_here(b, parent, -1);
        parent->working.e9 += td_order_rest(o).e9 * sign;
        count_here(b, parent, +1);
    }
    count_here(b, o, sign);
}

void blotter_set_state(struct td_blotter *b, struct td_order *o, enum td_order_state state,
                       td_ns at)
{
    blotter_count(b, o, -1);
    o->state = (uint8_t)state;
    if (td_order_state_terminal(state)) {
        set_live(b, o, false);
        if (o->changing && o->filled.e9 > o->now.qty.e9)
            o->now = o->asked; /* the fills say that the change was taken */
        if (o->filled.e9 > o->now.qty.e9)
            o->now.qty = o->filled; /* and here that they came before it */
        o->changing = false;
        o->done_ns = o->done_ns ? o->done_ns : at;
    }
    blotter_count(b, o, +1);
}

void blotter_raise_id(struct td_blotter *b, int64_t order_id)
{
    if (order_id >= b->next_id)
        b->next_id = order_id < TD_ORDER_ID_LAST ? order_id + 1 : TD_ORDER_ID_LAST + 1;
}

/* --- new ones --- */

static bool is_amount(td_qty qty)
{
    return !td_qty_is_none(qty) && qty.e9 > 0;
}

/* A child may be as large as what its parent has left. */
static enum td_err may_be_child(const struct td_blotter *b, const struct td_record *r)
{
    const struct td_order *parent = r->parent > 0 ? td_blotter_order(b, (uint64_t)r->parent) : NULL;
    if (r->role != TD_ROLE_SLICE)
        return TD_OK;
    if (!parent || parent->role != TD_ROLE_PARENT || parent->action != r->action)
        return TD_ECORRUPT;
    return r->qty.e9 <= td_order_rest(parent).e9 ? TD_OK : TD_ERANGE;
}

static enum td_err may_order(const struct td_blotter *b, const struct td_record *r)
{
    uint32_t holding;
    td_cash value;
    if (td_blotter_order(b, r->key) || r->key < b->next_key || !is_amount(r->qty))
        return TD_ECORRUPT;
    if (b->order_count == b->max.orders_max ||
        (!td_blotter_holding(b, r->symbol, &holding) && b->holding_count == b->max.holdings_max))
        return TD_EFULL;
    const enum td_err err = may_be_child(b, r);
    return err ? err
               : td_cash_add(b->value_today, td_cash_is_none(r->cash) ? TD_CASH(0) : r->cash,
                             &value);
}

static enum td_err may_change(const struct td_blotter *b, const struct td_record *r)
{
    const struct td_order *o = td_blotter_order(b, r->key);
    if (!o || !is_amount(r->qty) || o->role == TD_ROLE_PARENT || o->foreign)
        return TD_ECORRUPT;
    if (td_order_state_terminal((enum td_order_state)o->state))
        return TD_ENOENT;
    if (r->qty.e9 <= o->filled.e9)
        return TD_ERANGE;
    const struct td_order *parent =
        o->role == TD_ROLE_SLICE ? td_blotter_order(b, o->parent) : NULL;
    const int64_t more = r->qty.e9 - o->now.qty.e9;
    if (parent && more < 0) /* a fill may cross it: the parent would have more than it is */
        return TD_ERANGE;
    return parent && more > td_order_rest(parent).e9 ? TD_ERANGE : TD_OK;
}

enum td_err td_blotter_may(const struct td_blotter *b, const struct td_record *r)
{
    if (r->type == TD_REC_CHANGE)
        return may_change(b, r);
    return r->type == TD_REC_ORDER || r->type == TD_REC_PARENT ? may_order(b, r) : TD_OK;
}

static void fill_in(struct td_order *o, const struct td_record *r)
{
    *o = (struct td_order){.key = r->key,
                           .parent = (uint64_t)r->parent,
                           .order_id = r->order_id,
                           .perm_id = r->perm_id,
                           .client_id = r->client_id,
                           .conid = r->conid,
                           .action = r->action,
                           .type = r->otype,
                           .tif = r->tif,
                           .role = r->role,
                           .now = {r->qty, r->limit, r->stop, r->trail},
                           .most = r->qty,
                           .display = r->display,
                           .target = r->target,
                           .protect = r->protect,
                           .group = r->group,
                           .tag = r->tag,
                           .until = r->until,
                           .intent_ns = r->at_ns};
    blotter_text(o->symbol, sizeof o->symbol, r->symbol);
    blotter_text(o->ref, sizeof o->ref, r->ref);
    blotter_text(o->strategy, sizeof o->strategy, r->strategy);
    blotter_text(o->status, sizeof o->status, r->status);
    blotter_text(o->reason, sizeof o->reason, r->text);
}

/* Puts a row in the tables; the record was found to fit. */
static enum td_err add_order(struct td_blotter *b, const struct td_record *r,
                             enum td_order_state state)
{
    uint32_t holding;
    const uint32_t index = b->order_count;
    enum td_err err = blotter_take_holding(b, r, &holding);
    if (!err)
        err = td_map_put(&b->by_key, r->key, index);
    if (!err && state == TD_OS_INTENT && r->order_id)
        err = td_map_put(&b->by_order_id, (uint64_t)r->order_id, index);
    if (err)
        return err;
    struct td_order *o = &b->orders[b->order_count++];
    fill_in(o, r);
    o->holding = holding;
    o->state = (uint8_t)state;
    o->foreign = state == TD_OS_FOREIGN;
    set_live(b, o, true);
    blotter_count(b, o, +1);
    return TD_OK;
}

enum td_err blotter_apply_order(struct td_blotter *b, const struct td_record *r)
{
    enum td_err err = may_order(b, r);
    if (!err)
        err = add_order(b, r, r->type == TD_REC_PARENT ? TD_OS_WORKING : TD_OS_INTENT);
    if (err)
        return err;
    struct td_order *o = &b->orders[b->order_count - 1];
    if (r->type == TD_REC_PARENT) {
        blotter_count(b, o, -1);
        o->role = TD_ROLE_PARENT;
        blotter_count(b, o, +1);
    }
    b->brackets += td_order_bracketed(o);
    b->next_key = r->key + 1;
    b->intents_today++;
    if (r->role != TD_ROLE_SLICE && !td_cash_is_none(r->cash)) /* a child's value is its parent's */
        b->value_today.e9 += r->cash.e9;
    b->orders_today += r->role == TD_ROLE_ENTRY;
    blotter_raise_id(b, r->order_id);
    return TD_OK;
}

enum td_err blotter_apply_foreign(struct td_blotter *b, const struct td_record *r)
{
    struct td_order *o = td_blotter_order(b, r->key);
    if (!(r->key & TD_FOREIGN_KEY) || !is_amount(r->qty))
        return TD_ECORRUPT;
    if (!o)
        return b->order_count == b->max.orders_max ? TD_EFULL : add_order(b, r, TD_OS_FOREIGN);
    blotter_count(b, o, -1);
    o->now = (struct td_order_terms){r->qty, r->limit, r->stop, r->trail};
    blotter_text(o->status, sizeof o->status, r->status);
    blotter_count(b, o, +1);
    return TD_OK;
}

/* --- their life --- */

enum td_err blotter_apply_sent(struct td_blotter *b, const struct td_record *r)
{
    struct td_order *o = blotter_order_of(b, r);
    if (!o)
        return TD_ECORRUPT;
    o->sent_ns = r->at_ns;
    if (o->state == TD_OS_INTENT)
        blotter_set_state(b, o, TD_OS_SENT, r->at_ns);
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

/* Does the broker's word change the state? A cancel of ours is later news than "Submitted"; what is frozen waits for a
 * person; a foreign order only ends. */
static bool takes_status(const struct td_order *o, enum td_order_state next)
{
    const enum td_order_state state = (enum td_order_state)o->state;
    if (td_order_state_terminal(state) || state == TD_OS_FROZEN)
        return false;
    if (state == TD_OS_FOREIGN)
        return td_order_state_terminal(next);
    return !(state == TD_OS_CANCELLING && next == TD_OS_WORKING);
}

enum td_err blotter_apply_status(struct td_blotter *b, const struct td_record *r)
{
    struct td_order *o = blotter_order_of(b, r);
    blotter_raise_id(b, r->order_id);
    if (!o)
        return TD_OK; /* another client's order: executions and positions tell what matters */
    if (r->perm_id && !o->perm_id)
        o->perm_id = r->perm_id;
    blotter_text(o->status, sizeof o->status, r->status);
    b->short_told -= blotter_is_short(o);
    if (!td_qty_is_none(r->qty) && r->qty.e9 > o->told.e9)
        o->told = r->qty;
    b->short_told += blotter_is_short(o);
    for (size_t i = 0; i < TD_COUNT(meanings); i++)
        if (strcmp(meanings[i].status, r->status) == 0 && takes_status(o, meanings[i].state))
            blotter_set_state(b, o, meanings[i].state, r->at_ns);
    return TD_OK;
}

enum td_err blotter_apply_cancel(struct td_blotter *b, const struct td_record *r)
{
    struct td_order *o = blotter_order_of(b, r);
    if (!o)
        return TD_ECORRUPT;
    if (!td_order_state_terminal((enum td_order_state)o->state) && o->state != TD_OS_UNKNOWN &&
        o->state != TD_OS_FROZEN && !o->foreign)
        blotter_set_state(b, o, TD_OS_CANCELLING, r->at_ns);
    return TD_OK;
}

/* A refused change leaves the order as it was, whatever the code; the broker's own list says how. */
static void refuse_change(struct td_blotter *b, struct td_order *o, td_ns at)
{
    blotter_count(b, o, -1);
    o->changing = false;
    blotter_count(b, o, +1);
    blotter_finish(b, o, at);
}

/* What a broker error says about a live order: 201 and its kin refuse it, 202 cancels it, the rest inform. */
enum td_err blotter_apply_error(struct td_blotter *b, const struct td_record *r)
{
    static const int64_t refusals[] = {103, 104, 106, 107, 110, 111,   113,   200,   201,   203,
                                       320, 321, 322, 435, 460, 10243, 10268, 10269, 10270, 10285},
                         of_change[] = {103, 104, 105, 107, 110, 109,   135,
                                        161, 163, 201, 321, 329, 10147, 10148};
    struct td_order *o = blotter_order_of(b, r);
    if (!o)
        return TD_OK;
    o->code = r->code;
    blotter_text(o->reason, sizeof o->reason, r->text);
    if (td_order_state_terminal((enum td_order_state)o->state) || o->foreign)
        return TD_OK;
    for (size_t i = 0; i < TD_COUNT(of_change) && o->changing; i++)
        if (of_change[i] == r->code) {
            refuse_change(b, o, r->at_ns);
            return TD_OK;
        }
    for (size_t i = 0; i < TD_COUNT(refusals); i++)
        if (refusals[i] == r->code && o->state == TD_OS_SENT)
            blotter_set_state(b, o, TD_OS_REJECTED, r->at_ns);
    if (r->code == 201 && !td_order_state_terminal((enum td_order_state)o->state))
        blotter_set_state(b, o, TD_OS_REJECTED, r->at_ns);
    if (r->code == 202)
        blotter_set_state(b, o, TD_OS_CANCELLED, r->at_ns);
    return TD_OK;
}

/* Orders at the broker are unknown now. Foreign and frozen ones stay what they are, a parent has nothing there. */
enum td_err blotter_apply_lost(struct td_blotter *b, const struct td_record *r)
{
    for (uint32_t i = 0; i < b->live_count; i++) {
        struct td_order *o = &b->orders[b->live[i]];
        if (o->state != TD_OS_UNKNOWN && o->state != TD_OS_FROZEN && !o->foreign &&
            o->role != TD_ROLE_PARENT)
            blotter_set_state(b, o, TD_OS_UNKNOWN, r->at_ns);
    }
    return TD_OK;
}

enum td_err blotter_apply_doubt(struct td_blotter *b, const struct td_record *r)
{
    struct td_order *o = td_blotter_order(b, r->key);
    if (!o || o->foreign || o->role == TD_ROLE_PARENT)
        return TD_ECORRUPT;
    if (!td_order_state_terminal((enum td_order_state)o->state) && o->state != TD_OS_FROZEN)
        blotter_set_state(b, o, TD_OS_UNKNOWN, r->at_ns);
    return TD_OK;
}

static enum td_order_state end_of(const struct td_order *o)
{
    return o->filled.e9 >= o->now.qty.e9 ? TD_OS_FILLED : TD_OS_CANCELLED;
}

enum td_err blotter_apply_resolved(struct td_blotter *b, const struct td_record *r)
{
    static const struct {
        const char *word;
        enum td_order_state state;
    } answers[] = {{"open", TD_OS_WORKING},
                   {"cancelled", TD_OS_CANCELLED},
                   {"abandoned", TD_OS_ABANDONED},
                   {"filled", TD_OS_FILLED},
                   {"rejected", TD_OS_REJECTED}};
    struct td_order *o = blotter_order_of(b, r);
    if (!o)
        return TD_ECORRUPT;
    if (r->perm_id)
        o->perm_id = r->perm_id;
    if (strcmp(r->status, "gone") == 0 && o->state == TD_OS_FOREIGN)
        blotter_set_state(b, o, end_of(o), r->at_ns);
    if (o->state != TD_OS_UNKNOWN && o->state != TD_OS_FROZEN)
        return TD_OK;
    if (strcmp(r->status, "missing") == 0) {
        o->missing = (uint8_t)(o->missing < TD_MISSING_LOOKS ? o->missing + 1 : o->missing);
        o->missed_ns = r->at_ns;
    }
    for (size_t i = 0; i < TD_COUNT(answers); i++)
        if (strcmp(answers[i].word, r->status) == 0) {
            blotter_text(o->reason, sizeof o->reason, r->text);
            o->missing = 0;
            blotter_set_state(b, o, answers[i].state, r->at_ns);
            return TD_OK;
        }
    return TD_OK;
}

enum td_err blotter_apply_done(struct td_blotter *b, const struct td_record *r)
{
    struct td_order *o = td_blotter_order(b, r->key);
    if (!o || (o->role != TD_ROLE_PARENT && !td_order_bracketed(o)))
        return TD_ECORRUPT;
    if (strcmp(r->status, "closed") == 0) {
        b->brackets -= td_order_bracketed(o);
        o->closed = true;
        return TD_OK;
    }
    blotter_text(o->status, sizeof o->status, r->status);
    if (!td_order_state_terminal((enum td_order_state)o->state))
        blotter_set_state(b, o, end_of(o), r->at_ns);
    return TD_OK;
}

/* --- their terms --- */

static bool is_same(const struct td_order_terms *a, const struct td_order_terms *b)
{
    return a->qty.e9 == b->qty.e9 && a->limit.e9 == b->limit.e9 && a->stop.e9 == b->stop.e9 &&
           a->trail.e9 == b->trail.e9;
}

enum td_err blotter_apply_change(struct td_blotter *b, const struct td_record *r)
{
    struct td_order *o = td_blotter_order(b, r->key);
    const enum td_err err = may_change(b, r);
    if (err)
        return err;
    blotter_count(b, o, -1);
    o->asked = (struct td_order_terms){r->qty, r->limit, r->stop, r->trail};
    o->most = r->qty.e9 > o->most.e9 ? r->qty : o->most;
    o->changing = true;
    blotter_count(b, o, +1);
    return TD_OK;
}

/* The broker's own words. What was asked for is answered only by itself: an older picture may still be on its way. */
enum td_err blotter_apply_changed(struct td_blotter *b, const struct td_record *r)
{
    struct td_order *o = td_blotter_order(b, r->key);
    if (!o || !is_amount(r->qty))
        return TD_ECORRUPT;
    const struct td_order_terms terms = {r->qty, r->limit, r->stop, r->trail};
    blotter_count(b, o, -1);
    o->now = terms;
    o->changing &= !is_same(&terms, &o->asked);
    blotter_count(b, o, +1);
    if (!td_order_state_terminal((enum td_order_state)o->state))
        blotter_finish(b, o, r->at_ns);
    return TD_OK;
}

/* --- frozen --- */

enum td_err blotter_apply_freeze(struct td_blotter *b, const struct td_record *r)
{
    uint32_t holding;
    struct td_order *o = r->key ? td_blotter_order(b, r->key) : NULL;
    const enum td_err err = blotter_take_holding(b, r, &holding);
    if (err || (r->key && !o))
        return err ? err : TD_ECORRUPT;
    struct td_blotter_holding *h = &b->holdings[holding];
    const uint8_t level = strcmp(r->status, "frozen") == 0 ? TD_FREEZE_ALL : TD_FREEZE_REDUCE_ONLY;
    b->frozen_holdings += h->freeze == TD_FREEZE_NONE;
    h->freeze = level > h->freeze ? level : h->freeze;
    blotter_text(h->freeze_reason, sizeof h->freeze_reason, r->text);
    if (o) {
        o->twin = r->perm_id;
        if (!td_order_state_terminal((enum td_order_state)o->state))
            blotter_set_state(b, o, TD_OS_FROZEN, r->at_ns);
    }
    return TD_OK;
}

/* A person has looked: the contract trades again, and what was frozen is looked up like what is unknown. */
enum td_err blotter_apply_accept(struct td_blotter *b, const struct td_record *r)
{
    uint32_t holding;
    if (!td_blotter_holding(b, r->symbol, &holding))
        return TD_ECORRUPT;
    struct td_blotter_holding *h = &b->holdings[holding];
    b->frozen_holdings -= h->freeze != TD_FREEZE_NONE;
    h->freeze = TD_FREEZE_NONE;
    h->freeze_reason[0] = '\0';
    for (uint32_t i = 0; i < b->live_count; i++) {
        struct td_order *o = &b->orders[b->live[i]];
        if (o->holding == holding && o->state == TD_OS_FROZEN) {
            o->twin = 0;
            blotter_set_state(b, o, TD_OS_UNKNOWN, r->at_ns);
        }
    }
    return TD_OK;
}
