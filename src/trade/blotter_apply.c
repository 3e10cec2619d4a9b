/* trade/blotter_apply.c - the table of records: which function applies which, and the simple ones themselves. */
#include "trade/blotter_inner.h"

enum td_err blotter_take_holding(struct td_blotter *b, const struct td_record *r, uint32_t *index)
{
    if (td_blotter_holding(b, r->symbol, index))
        return TD_OK;
    if (b->holding_count == b->max.holdings_max)
        return TD_EFULL;
    struct td_blotter_holding *h = &b->holdings[b->holding_count];
    memset(h, 0, sizeof *h);
    blotter_text(h->symbol, sizeof h->symbol, r->symbol);
    h->conid = r->conid;
    h->multiplier =
        td_qty_is_none(r->multiplier) || r->multiplier.e9 <= 0 ? TD_QTY(1) : r->multiplier;
    *index = b->holding_count++;
    return TD_OK;
}

/* --- days --- */

static bool is_old(const struct td_order *o, td_ns limit)
{
    return td_order_state_terminal((enum td_order_state)o->state) && o->done_ns < limit &&
           !td_order_bracketed(o);
}

static void forget_orders(struct td_blotter *b, td_ns limit)
{
    uint32_t kept = 0;
    td_map_reset(&b->by_key);
    td_map_reset(&b->by_order_id);
    b->live_count = 0;
    for (uint32_t i = 0; i < b->order_count; i++) {
        const struct td_order *o = &b->orders[i];
        if (is_old(o, limit)) {
            b->short_told -= blotter_is_short(o);
            b->forgotten_orders++;
            continue;
        }
        b->orders[kept] = *o;
        o = &b->orders[kept];
        TD_REQUIRE(td_map_put(&b->by_key, o->key, kept) == TD_OK);
        if (o->order_id && !o->foreign)
            TD_REQUIRE(td_map_put(&b->by_order_id, (uint64_t)o->order_id, kept) == TD_OK);
        if (!td_order_state_terminal((enum td_order_state)o->state))
            b->live[b->live_count++] = kept;
        kept++;
    }
    b->order_count = kept;
}

/* After the orders: an execution stays with its order, however old. */
static void forget_executions(struct td_blotter *b, td_ns limit)
{
    uint32_t kept = 0;
    td_map_reset(&b->by_exec);
    for (uint32_t i = 0; i < b->execution_count; i++) {
        const struct td_execution *e = &b->executions[i];
        if (e->at_ns < limit && !td_blotter_order(b, e->order))
            continue;
        b->executions[kept] = *e;
        TD_REQUIRE(td_map_put(&b->by_exec, blotter_exec_base(e->exec_id), kept) == TD_OK);
        kept++;
    }
    b->execution_count = kept;
}

void blotter_forget(struct td_blotter *b, td_ns limit)
{
    const uint32_t orders = b->max.orders_kept ? b->max.orders_kept : b->max.orders_max / 2,
                   executions =
                       b->max.executions_kept ? b->max.executions_kept : b->max.executions_max / 2;
    if (b->order_count > orders || b->execution_count > executions) {
        forget_orders(b, limit);
        forget_executions(b, limit);
    }
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
    blotter_forget(b, r->at_ns - TD_BLOTTER_KEEP);
    return TD_OK;
}

/* --- the rest --- */

static enum td_err apply_nothing(struct td_blotter *b, const struct td_record *r)
{
    (void)b;
    (void)r;
    return TD_OK;
}

static enum td_err apply_denied(struct td_blotter *b, const struct td_record *r)
{
    (void)r;
    b->intents_today++;
    b->denied_today++;
    return TD_OK;
}

static enum td_err apply_halt(struct td_blotter *b, const struct td_record *r)
{
    b->halted = true;
    blotter_text(b->halt_reason, sizeof b->halt_reason, r->text);
    return TD_OK;
}

static enum td_err apply_resume(struct td_blotter *b, const struct td_record *r)
{
    (void)r;
    b->halted = false;
    b->halt_reason[0] = '\0';
    return TD_OK;
}

static enum td_err apply_recon(struct td_blotter *b, const struct td_record *r)
{
    (void)r;
    b->looks++;
    return TD_OK;
}

static enum td_err apply_ids(struct td_blotter *b, const struct td_record *r)
{
    blotter_raise_id(b, r->number - 1);
    return TD_OK;
}

static td_apply_fn *const appliers[TD_REC_TYPES] = {
    [TD_REC_START] =
        blotter_apply_lost, /* a new process: what was sent before it is not known any more */
    [TD_REC_DAY] = apply_day,
    [TD_REC_DENIED] = apply_denied,
    [TD_REC_ORDER] = blotter_apply_order,
    [TD_REC_SENT] = blotter_apply_sent,
    [TD_REC_STATUS] = blotter_apply_status,
    [TD_REC_EXEC] = blotter_apply_exec,
    [TD_REC_FEE] = blotter_apply_fee,
    [TD_REC_CANCEL] = blotter_apply_cancel,
    [TD_REC_ERROR] = blotter_apply_error,
    [TD_REC_LOST] = blotter_apply_lost,
    [TD_REC_RESOLVED] = blotter_apply_resolved,
    [TD_REC_HALT] = apply_halt,
    [TD_REC_RESUME] = apply_resume,
    [TD_REC_POSITION] = blotter_apply_position,
    [TD_REC_IDS] = apply_ids,
    [TD_REC_STOP] = apply_nothing,
    [TD_REC_PARENT] = blotter_apply_order,
    [TD_REC_DONE] = blotter_apply_done,
    [TD_REC_CHANGE] = blotter_apply_change,
    [TD_REC_CHANGED] = blotter_apply_changed,
    [TD_REC_FOREIGN] = blotter_apply_foreign,
    [TD_REC_FREEZE] = blotter_apply_freeze,
    [TD_REC_ACCEPT] = blotter_apply_accept,
    [TD_REC_RECON] = apply_recon,
    [TD_REC_GUARD] = blotter_apply_guard,
    [TD_REC_DOUBT] = blotter_apply_doubt,
    [TD_REC_SETTINGS] = apply_nothing,
    [TD_REC_SIGNAL] = blotter_apply_signal,
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

enum td_err td_blotter_replay(struct td_blotter *b, const struct td_record *r)
{
    const enum td_err err = td_blotter_apply(b, r);
    return err == TD_EEXIST || err == TD_ENOENT ? TD_OK : err;
}
