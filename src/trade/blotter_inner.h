/* trade/blotter_inner.h - what the files that apply records share; nobody else includes it. */
#ifndef TD_TRADE_BLOTTER_INNER_H
#define TD_TRADE_BLOTTER_INNER_H

#include "trade/blotter.h"

/* Each applies all of its record or nothing. */
typedef enum td_err td_apply_fn(struct td_blotter *b, const struct td_record *r);

/* blotter_orders.c */
td_apply_fn blotter_apply_order, blotter_apply_sent, blotter_apply_status, blotter_apply_cancel,
    blotter_apply_error, blotter_apply_lost, blotter_apply_doubt, blotter_apply_resolved,
    blotter_apply_done, blotter_apply_change, blotter_apply_changed, blotter_apply_foreign,
    blotter_apply_freeze, blotter_apply_accept;

/* blotter_fills.c */
td_apply_fn blotter_apply_exec, blotter_apply_fee, blotter_apply_position, blotter_apply_guard;

/* blotter_signals.c */
td_apply_fn blotter_apply_signal;

/* Private to these: cut to fit. */
static inline void blotter_text(char *out, size_t cap, const char *from)
{
    (void)td_str_copy(td_str_of(from), out, cap);
}

/* The order a record is about: by its key, else by its order id. */
static inline struct td_order *blotter_order_of(const struct td_blotter *b,
                                                const struct td_record *r)
{
    return r->key ? td_blotter_order(b, r->key) : td_blotter_by_order_id(b, r->order_id);
}

/* The symbol's holding, made when it is not there. TD_EFULL. */
enum td_err blotter_take_holding(struct td_blotter *b, const struct td_record *r, uint32_t *index);
/* Takes an order's unfilled part out of the sums (-1) before it changes, and puts it back (+1) after. */
void blotter_count(struct td_blotter *b, const struct td_order *o, int sign);
void blotter_set_state(struct td_blotter *b, struct td_order *o, enum td_order_state state,
                       td_ns at);
/* A status told of more than the executions make. */
static inline bool blotter_is_short(const struct td_order *o)
{
    return o && !o->foreign && o->told.e9 > o->filled.e9;
}

/* Filled, when nothing is left; working, when something filled of one that had no word yet. */
void blotter_finish(struct td_blotter *b, struct td_order *o, td_ns at);
/* The larger of what it works at and what was asked for. */
const struct td_order_terms *blotter_most(const struct td_order *o);
/* Order ids up to this one are used up. */
void blotter_raise_id(struct td_blotter *b, int64_t order_id);
/* 0000e0d5.6571b2f0.01.01 is corrected by ....02: the hash of what they share. */
uint64_t blotter_exec_base(const char *exec_id);
/* Finished orders and executions from before `limit` leave the tables. */
void blotter_forget(struct td_blotter *b, td_ns limit);

#endif
