/* trade/noter.c - the blotter doubles its tables when a record does not fit. */
#include "trade/noter.h"

#include <stdlib.h>

#include "trade/snapshot.h"

#define ORDERS_LAST                                                                                \
    (1u << 20) /* the blotter's tables double up to here, for journals of more than a desk's */

static const struct td_blotter_limits first = {TD_BLOTTER_ORDERS_MAX, TD_BLOTTER_EXECUTIONS_MAX,
                                               TD_BLOTTER_HOLDINGS_MAX, TD_BLOTTER_ORDERS_KEPT,
                                               TD_BLOTTER_EXECUTIONS_KEPT};

static enum td_err new_blotter(struct td_blotter *out, void **memory,
                               const struct td_blotter_limits *limits)
{
    struct td_arena arena;
    const size_t bytes = td_blotter_bytes(limits);
    *memory = malloc(bytes);
    if (!*memory)
        return TD_ENOMEM;
    memset(*memory, 0, bytes); /* its pages now, not with each order of the day */
    td_arena_init(&arena, *memory, bytes);
    return td_blotter_open(out, limits, &arena);
}

/* Puts an empty one in the place of the old, which keeps nothing. */
static enum td_err replace_blotter(struct td_noter *n, const struct td_blotter_limits *limits)
{
    struct td_blotter fresh;
    void *memory;
    const enum td_err err = new_blotter(&fresh, &memory, limits);
    if (err)
        return err;
    free(n->memory);
    n->memory = memory;
    n->blotter = fresh;
    return TD_OK;
}

static enum td_err grow_blotter(struct td_noter *n)
{
    struct td_blotter bigger;
    void *memory;
    struct td_blotter_limits limits = n->blotter.max;
    if (limits.orders_max >= ORDERS_LAST)
        return TD_EFULL;
    limits.orders_max *= 2;
    limits.executions_max *= 2;
    limits.holdings_max *= 2;
    enum td_err err = new_blotter(&bigger, &memory, &limits);
    if (err)
        return err;
    err = td_blotter_copy(&bigger, &n->blotter);
    if (err) {
        free(memory);
        return err;
    }
    free(n->memory);
    n->memory = memory;
    n->blotter = bigger;
    return TD_OK;
}

enum td_err td_noter_open(struct td_noter *n)
{
    return new_blotter(&n->blotter, &n->memory, &first);
}

enum td_err td_noter_reset(struct td_noter *n)
{
    return replace_blotter(n, &first);
}

void td_noter_close(struct td_noter *n)
{
    free(n->memory);
    *n = (struct td_noter){0};
}

struct td_blotter *td_noter_room(struct td_noter *n, const struct td_blotter_limits *needed)
{
    struct td_blotter_limits limits = first;
    while (limits.orders_max < ORDERS_LAST && (limits.orders_max < needed->orders_max ||
                                               limits.executions_max < needed->executions_max ||
                                               limits.holdings_max < needed->holdings_max)) {
        limits.orders_max *= 2;
        limits.executions_max *= 2;
        limits.holdings_max *= 2;
    }
    return replace_blotter(n, &limits) == TD_OK ? &n->blotter : NULL;
}

static const struct td_order *order_of(const struct td_blotter *b, const struct td_record *r)
{
    uint32_t i;
    if (r->type == TD_REC_FEE) {
        const struct td_str base = td_exec_base(r->exec_id);
        return td_map_get(&b->by_exec, td_hash_bytes(base.p, base.len), &i)
                   ? td_blotter_order(b, b->executions[i].order)
                   : NULL;
    }
    if (r->key)
        return td_blotter_order(b, r->key);
    return r->order_id ? td_blotter_by_order_id(b, r->order_id) : NULL;
}

enum td_err td_noter_take(struct td_noter *n, const struct td_record *r, struct td_noted *fact)
{
    uint32_t i;
    struct td_blotter *b = &n->blotter;
    const struct td_order *order = order_of(b, r);
    const int state = order ? order->state : -1;
    const bool executes = r->type == TD_REC_EXEC;
    const struct td_str base = td_exec_base(r->exec_id);
    const bool corrects = executes && td_map_get(&b->by_exec, td_hash_bytes(base.p, base.len), &i);
    const bool known = executes && td_blotter_holding(b, r->symbol, &i);
    const struct td_holding before = known ? b->holdings[i].now : (struct td_holding){0};
    enum td_err err = td_blotter_apply(b, r);
    while (err == TD_EFULL) {
        err = grow_blotter(n);
        if (!err)
            err = td_blotter_apply(b, r);
        else
            break;
    }
    *fact = (struct td_noted){
        .record = r, .order = order_of(b, r), .changed = err == TD_OK, .profit = TD_CASH(0)};
    fact->moved = fact->order && fact->order->state != state;
    if (err == TD_EEXIST || err == TD_ENOENT)
        return TD_OK; /* told before, or a fee whose execution is not known: nothing to show */
    if (!err && executes && td_blotter_holding(b, r->symbol, &i)) {
        err = td_cash_sub(b->holdings[i].now.realized, before.realized, &fact->profit);
        fact->closing =
            corrects || (before.qty.e9 != 0 && (before.qty.e9 > 0) == (r->action == TD_SELL));
    }
    return err;
}
