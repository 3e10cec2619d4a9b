/* trade/blotter_fills.c - records about executions, fees, positions and the stop of a position. */
#include "trade/blotter_inner.h"

/* IBKR execution ids end in a revision: 0000e0d5.6571b2f0.01.01 is corrected by ....02. */
uint64_t blotter_exec_base(const char *exec_id)
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

void blotter_finish(struct td_blotter *b, struct td_order *o, td_ns at)
{
    const bool had_no_word = o->state == TD_OS_INTENT || o->state == TD_OS_SENT;
    const struct td_order_terms *most = blotter_most(o);
    if (o->filled.e9 >= most->qty.e9 && o->state != TD_OS_FILLED)
        blotter_set_state(b, o, TD_OS_FILLED, at);
    else if (had_no_word && o->filled.e9 > 0)
        blotter_set_state(b, o, TD_OS_WORKING, at);
}

/* What a child filled, and paid, its parent did; less after a correction. `paid` is what the child had paid before. A sum
 * that does not fit is unset from then on. */
static void fill_parent(struct td_blotter *b, const struct td_order *o, int64_t change,
                        td_cash paid, td_ns at)
{
    struct td_order *parent = o && o->role == TD_ROLE_SLICE ? td_blotter_order(b, o->parent) : NULL;
    if (!parent)
        return;
    if (td_cash_sub(parent->paid, paid, &parent->paid) != TD_OK ||
        td_cash_add(parent->paid, o->paid, &parent->paid) != TD_OK)
        parent->paid = TD_CASH_NONE;
    if (!change)
        return;
    blotter_count(b, parent, -1);
    parent->filled.e9 += change;
    blotter_count(b, parent, +1);
    if (parent->filled.e9 >= parent->now.qty.e9 && parent->state == TD_OS_WORKING)
        blotter_set_state(b, parent, TD_OS_FILLED, at);
}

/* What the broker makes of a child beyond what was ordered, or by a later correction, its parent may be more by. */
static void allow_parent(struct td_blotter *b, const struct td_order *o, int64_t more)
{
    struct td_order *parent = o && o->role == TD_ROLE_SLICE ? td_blotter_order(b, o->parent) : NULL;
    if (parent && more > 0)
        parent->most.e9 += more;
}

/* The broker's word counts even past what was ordered (a correction, a second incarnation): it is noted, and shown. */
static void note_overfill(struct td_blotter *b, struct td_order *o)
{
    if (!o || o->foreign || o->filled.e9 <= o->most.e9)
        return;
    o->most = o->filled;
    b->overfills++;
}

/* A stop is of one position: when that is closed or turned, it is over, whatever the monitor still says. */
static void end_guard(struct td_blotter_holding *h, int64_t before)
{
    const int64_t now = h->now.qty.e9;
    if (now == 0 || (before != 0 && (now > 0) != (before > 0)))
        h->guard.qty = TD_QTY(0);
}

static enum td_err correct(struct td_blotter *b, struct td_execution *old,
                           const struct td_execution *fresh)
{
    struct td_order *o = td_blotter_order(b, old->order);
    struct td_blotter_holding *h = &b->holdings[old->holding];
    const struct td_holding before = h->now;
    const struct td_order order_before = o ? *o : (struct td_order){0};
    if (o)
        blotter_count(b, o, -1);
    b->short_told -= blotter_is_short(o);
    enum td_err err = old->qty.e9 != 0 ? book_fill(&h->now, o, old, h->multiplier, true) : TD_OK;
    if (!err && fresh->qty.e9 != 0) /* none left: the exchange took it back */
        err = book_fill(&h->now, o, fresh, h->multiplier, false);
    if (err) {
        h->now = before;
        if (o)
            *o = order_before;
    } else {
        h->now.fills = before.fills;
        note_overfill(b, o);
        allow_parent(b, o, fresh->qty.e9 - old->qty.e9);
        end_guard(h, before.qty.e9);
        fill_parent(b, o, fresh->qty.e9 - old->qty.e9, order_before.paid, fresh->at_ns);
        old->qty = fresh->qty;
        old->px = fresh->px;
        blotter_text(old->exec_id, sizeof old->exec_id, fresh->exec_id);
        if (o && o->told.e9 > o->filled.e9)
            o->told = o->filled; /* what was told before it was corrected does not count any more */
    }
    b->short_told += blotter_is_short(o);
    if (o)
        blotter_count(b, o, +1);
    return err;
}

enum td_err blotter_apply_exec(struct td_blotter *b, const struct td_record *r)
{
    uint32_t index, holding;
    struct td_order *o = blotter_order_of(b, r);
    struct td_execution e = {.order = o ? o->key : 0,
                             .action = r->action,
                             .qty = r->qty,
                             .px = r->px,
                             .at_ns = r->at_ns};
    blotter_text(e.exec_id, sizeof e.exec_id, r->exec_id);
    if (td_map_get(&b->by_exec, blotter_exec_base(r->exec_id), &index)) {
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
    enum td_err err = blotter_take_holding(b, r, &holding);
    if (err)
        return err;
    e.holding = holding;
    const int64_t before = b->holdings[holding].now.qty.e9;
    const td_cash paid = o ? o->paid : TD_CASH(0);
    if (o)
        blotter_count(b, o, -1);
    b->short_told -= blotter_is_short(o);
    err = book_fill(&b->holdings[holding].now, o, &e, b->holdings[holding].multiplier, false);
    b->short_told += blotter_is_short(o);
    if (!err)
        err = td_map_put(&b->by_exec, blotter_exec_base(r->exec_id), b->execution_count);
    if (o)
        blotter_count(b, o, +1);
    if (err)
        return err;
    end_guard(&b->holdings[holding], before);
    b->executions[b->execution_count++] = e;
    b->fills_today++;
    b->foreign_executions += !o || o->foreign;
    allow_parent(b, o, o ? o->filled.e9 - o->most.e9 : 0);
    note_overfill(b, o);
    fill_parent(b, o, e.qty.e9, paid, r->at_ns);
    blotter_raise_id(b, r->order_id);
    if (o) {
        o->perm_id = r->perm_id ? r->perm_id : o->perm_id;
        blotter_finish(b, o, r->at_ns);
    }
    return TD_OK;
}

enum td_err blotter_apply_fee(struct td_blotter *b, const struct td_record *r)
{
    uint32_t index;
    if (!td_map_get(&b->by_exec, blotter_exec_base(r->exec_id), &index))
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

/* The broker's word on a position replaces ours; realized profit stays, the difference is not invented. */
enum td_err blotter_apply_position(struct td_blotter *b, const struct td_record *r)
{
    uint32_t holding;
    const enum td_err err = blotter_take_holding(b, r, &holding);
    if (err)
        return err;
    if (td_qty_is_none(r->qty))
        return TD_ECORRUPT;
    const int64_t before = b->holdings[holding].now.qty.e9;
    b->holdings[holding].now.qty = r->qty;
    end_guard(&b->holdings[holding], before);
    b->holdings[holding].now.average = r->qty.e9 == 0 || td_px_is_none(r->px) ? TD_PX(0) : r->px;
    return TD_OK;
}

/* What the stop-loss monitor watches of a position, as it was when it was journaled last. */
enum td_err blotter_apply_guard(struct td_blotter *b, const struct td_record *r)
{
    uint32_t holding;
    const enum td_err err = blotter_take_holding(b, r, &holding);
    if (err)
        return err;
    b->holdings[holding].guard =
        (struct td_guard){.qty = strcmp(r->status, "off") == 0 ? TD_QTY(0) : r->qty,
                          .action = r->action,
                          .triggered = strcmp(r->status, "triggered") == 0,
                          .kind = (uint8_t)(r->code < 0 || r->code > 2 ? 0 : r->code),
                          .stop = r->stop,
                          .trail = r->trail};
    return TD_OK;
}
