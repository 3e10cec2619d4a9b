/* trade/blotter.c - tables and questions; what changes them is in blotter_apply.c. */
#include "trade/blotter_inner.h"

#define ROW(name, word, terminal) {word, terminal},
static const struct {
    const char *word;
    bool terminal;
} states[] = {TD_ORDER_STATES(ROW)};
#undef ROW

const char *td_order_state_word(enum td_order_state state)
{
    return (unsigned)state < TD_OS_COUNT ? states[state].word : "?";
}

bool td_order_state_terminal(enum td_order_state state)
{
    return (unsigned)state < TD_OS_COUNT && states[state].terminal;
}

static size_t rounded(size_t bytes)
{
    return (bytes + 15) / 16 * 16;
}

size_t td_blotter_bytes(const struct td_blotter_limits *l)
{
    return rounded(l->orders_max * sizeof(struct td_order)) +
           rounded(l->orders_max * sizeof(uint32_t)) +
           rounded(l->executions_max * sizeof(struct td_execution)) +
           rounded(l->holdings_max * sizeof(struct td_blotter_holding)) +
           rounded(TD_MLSIGNALS_KEPT * sizeof(struct td_mlsignal_row)) +
           rounded((size_t)(4 * l->orders_max + 2 * l->executions_max) *
                   sizeof(struct td_map_slot)) +
           128;
}

enum td_err td_blotter_open(struct td_blotter *b, const struct td_blotter_limits *limits,
                            struct td_arena *arena)
{
    memset(b, 0, sizeof *b);
    b->max = *limits;
    b->orders = td_arena_take(arena, limits->orders_max, sizeof *b->orders);
    b->live = td_arena_take(arena, limits->orders_max, sizeof *b->live);
    b->executions = td_arena_take(arena, limits->executions_max, sizeof *b->executions);
    b->holdings = td_arena_take(arena, limits->holdings_max, sizeof *b->holdings);
    struct td_map_slot *keys = td_arena_take(arena, 2 * limits->orders_max, sizeof *keys);
    struct td_map_slot *ids = td_arena_take(arena, 2 * limits->orders_max, sizeof *ids);
    struct td_map_slot *execs = td_arena_take(arena, 2 * limits->executions_max, sizeof *execs);
    b->signals = td_arena_take(arena, TD_MLSIGNALS_KEPT, sizeof *b->signals);
    if (!b->orders || !b->live || !b->executions || !b->holdings || !keys || !ids || !execs ||
        !b->signals)
        return TD_ENOMEM;
    td_map_init(&b->by_key, keys, 2 * limits->orders_max);
    td_map_init(&b->by_order_id, ids, 2 * limits->orders_max);
    td_map_init(&b->by_exec, execs, 2 * limits->executions_max);
    b->next_key = 1;
    b->next_id = 1;
    b->day = INT64_MIN;
    return TD_OK;
}

struct td_order *td_blotter_order(const struct td_blotter *b, uint64_t key)
{
    uint32_t index;
    return td_map_get(&b->by_key, key, &index) ? &b->orders[index] : NULL;
}

struct td_order *td_blotter_by_order_id(const struct td_blotter *b, int64_t order_id)
{
    uint32_t index;
    return td_map_get(&b->by_order_id, (uint64_t)order_id, &index) ? &b->orders[index] : NULL;
}

bool td_blotter_holding(const struct td_blotter *b, const char *symbol, uint32_t *index)
{
    for (uint32_t i = 0; i < b->holding_count; i++)
        if (strcmp(b->holdings[i].symbol, symbol) == 0) {
            *index = i;
            return true;
        }
    return false;
}

const struct td_order_terms *blotter_most(const struct td_order *o)
{
    return o->changing && o->asked.qty.e9 > o->now.qty.e9 ? &o->asked : &o->now;
}

td_qty td_order_rest(const struct td_order *o)
{
    if (td_order_state_terminal((enum td_order_state)o->state))
        return TD_QTY(0);
    const int64_t rest = blotter_most(o)->qty.e9 - o->filled.e9 - o->working.e9;
    return (td_qty){rest > 0 ? rest : 0};
}

td_qty td_order_counted(const struct td_order *o)
{
    return o->role == TD_ROLE_TARGET ? TD_QTY(0) : td_order_rest(o);
}

bool td_order_bracketed(const struct td_order *o)
{
    return (!td_px_is_none(o->target) || !td_px_is_none(o->protect)) && !o->closed && !o->foreign;
}

td_px td_order_average(const struct td_order *o)
{
    td_px average;
    if (o->filled.e9 <= 0 || td_e9_div(o->paid.e9, o->filled.e9, &average.e9) != TD_OK)
        return TD_PX_NONE;
    return average;
}

td_cash td_blotter_realized_today(const struct td_blotter *b)
{
    int64_t sum = 0;
    for (uint32_t i = 0; i < b->holding_count; i++) {
        const struct td_blotter_holding *h = &b->holdings[i];
        const int64_t parts[4] = {h->now.realized.e9, -h->realized_before.e9, -h->now.fees.e9,
                                  h->fees_before.e9};
        for (int k = 0; k < 4; k++)
            if (td_e9_add(sum, parts[k], &sum) != TD_OK)
                return TD_CASH_NONE;
    }
    return (td_cash){sum};
}

enum td_err td_blotter_day_pnl(const struct td_blotter *b, const td_px *marks, td_cash *out)
{
    td_cash sum = td_blotter_realized_today(b);
    enum td_err err = td_cash_sub(sum, b->carried, &sum);
    for (uint32_t i = 0; i < b->holding_count && !err; i++) {
        td_cash unrealized;
        err = td_holding_unrealized(&b->holdings[i].now, marks[i], b->holdings[i].multiplier,
                                    &unrealized);
        if (!err)
            err = td_cash_add(sum, unrealized, &sum);
    }
    if (!err)
        *out = sum;
    return err;
}

void td_blotter_own_prices(const struct td_blotter *b, uint32_t holding, td_px *bid, td_px *ask)
{
    *bid = *ask = TD_PX_NONE;
    for (uint32_t i = 0; i < b->live_count; i++) {
        const struct td_order *o = &b->orders[b->live[i]];
        const td_px limit = o->now.limit;
        if (o->holding != holding || td_px_is_none(limit) || o->role == TD_ROLE_PARENT)
            continue;
        if (o->action == TD_BUY && (td_px_is_none(*bid) || limit.e9 > bid->e9))
            *bid = limit;
        if (o->action == TD_SELL && (td_px_is_none(*ask) || limit.e9 < ask->e9))
            *ask = limit;
    }
}

/* Sums of one order's executions. */
static enum td_err check_order(const struct td_blotter *b, const struct td_order *o,
                               struct td_fail *why)
{
    int64_t filled = 0, working = 0;
    for (uint32_t i = 0; i < b->execution_count && o->role != TD_ROLE_PARENT; i++)
        if (b->executions[i].order == o->key)
            filled += b->executions[i].qty.e9;
    for (uint32_t i = 0; i < b->order_count && o->role == TD_ROLE_PARENT; i++)
        if (b->orders[i].parent == o->key && b->orders[i].role == TD_ROLE_SLICE) {
            filled += b->orders[i].filled.e9;
            working += td_order_rest(&b->orders[i]).e9;
        }
    if (working != o->working.e9 || (o->role == TD_ROLE_PARENT && filled + working > o->most.e9))
        return td_fail_set(why, TD_ECORRUPT, "order %llu: its children are more than it is",
                           (unsigned long long)o->key);
    if (filled != o->filled.e9)
        return td_fail_set(why, TD_ECORRUPT, "order %llu: filled differs from its executions",
                           (unsigned long long)o->key);
    if (!o->foreign && filled > o->most.e9)
        return td_fail_set(why, TD_ECORRUPT, "order %llu: filled more than ordered",
                           (unsigned long long)o->key);
    return TD_OK;
}

enum td_err td_blotter_check(const struct td_blotter *b, struct td_fail *why)
{
    uint32_t unfinished = 0;
    for (uint32_t i = 0; i < b->order_count; i++)
        unfinished += !states[b->orders[i].state].terminal;
    for (uint32_t i = 0; i < b->live_count; i++)
        unfinished -= !states[b->orders[b->live[i]].state].terminal;
    uint32_t short_told = 0;
    for (uint32_t i = 0; i < b->order_count; i++)
        short_told += blotter_is_short(&b->orders[i]);
    if (short_told != b->short_told)
        return td_fail_set(why, TD_ECORRUPT, "orders whose executions are missing are not counted");
    if (unfinished)
        return td_fail_set(why, TD_ECORRUPT, "the list of unfinished orders is not theirs");
    for (uint32_t i = 0; i < b->order_count; i++) {
        const enum td_err err = check_order(b, &b->orders[i], why);
        if (err)
            return err;
    }
    for (uint32_t h = 0; h < b->holding_count; h++) {
        int64_t buy = 0, sell = 0;
        int32_t open = 0;
        for (uint32_t i = 0; i < b->order_count; i++) {
            const struct td_order *o = &b->orders[i];
            if (o->holding != h || states[o->state].terminal)
                continue;
            *(o->action == TD_BUY ? &buy : &sell) += td_order_counted(o).e9;
            open += o->role != TD_ROLE_PARENT;
        }
        const struct td_blotter_holding *holding = &b->holdings[h];
        if (buy != holding->working_buy.e9 || sell != holding->working_sell.e9 ||
            open != holding->open_orders)
            return td_fail_set(why, TD_ECORRUPT, "%s: working orders differ from their sum",
                               holding->symbol);
    }
    return TD_OK;
}
