/* market/orderbook.c - every resting order of an MBO tape. */
#include "market/orderbook.h"

#include <string.h>

/* Twice the orders, so that the table stays under its load limit. */
static size_t slots_for(uint32_t cap)
{
    return (size_t)cap * 2;
}

size_t td_orderbook_bytes(uint32_t cap)
{
    return slots_for(cap) * sizeof(struct td_map_slot) +
           cap * (sizeof(struct td_resting) + sizeof(uint32_t)) + 64;
}

enum td_err td_orderbook_open(struct td_orderbook *b, uint32_t cap, struct td_arena *arena)
{
    TD_REQUIRE(cap >= 8 && (cap & (cap - 1)) == 0);
    struct td_map_slot *slots = td_arena_take(arena, slots_for(cap), sizeof *slots);
    *b = (struct td_orderbook){.cap = cap};
    b->orders = td_arena_take(arena, cap, sizeof *b->orders);
    b->unused = td_arena_take(arena, cap, sizeof *b->unused);
    if (!slots || !b->orders || !b->unused)
        return TD_ENOMEM;
    td_map_init(&b->map, slots, slots_for(cap));
    for (uint32_t i = 0; i < cap; i++)
        b->unused[b->unused_count++] = cap - 1 - i;
    return TD_OK;
}

static void clear(struct td_orderbook *b, struct td_levels *levels)
{
    td_map_reset(&b->map);
    b->unused_count = 0;
    for (uint32_t i = 0; i < b->cap; i++)
        b->unused[b->unused_count++] = b->cap - 1 - i;
    b->count = 0;
    levels[TD_ASK].count = levels[TD_BID].count = 0;
}

static void insert(struct td_orderbook *b, struct td_levels *levels, const struct td_mbo *mbo)
{
    if (b->unused_count == 0 || mbo->qty.e9 <= 0 || td_px_is_none(mbo->px)) {
        b->refused++;
        return;
    }
    const uint32_t index = b->unused[b->unused_count - 1];
    if (td_map_put(&b->map, mbo->order_id, index) != TD_OK) {
        b->refused++;
        return;
    }
    b->unused_count--;
    b->count++;
    b->orders[index] =
        (struct td_resting){mbo->order_id, mbo->px, mbo->qty, ++b->sequence, mbo->side};
    td_levels_change(&levels[mbo->side], mbo->px, (td_qty){mbo->qty.e9}, 1);
}

static void drop(struct td_orderbook *b, struct td_levels *levels, uint32_t index)
{
    const struct td_resting *o = &b->orders[index];
    td_levels_change(&levels[o->side], o->px, (td_qty){-o->qty.e9}, -1);
    (void)td_map_del(&b->map, o->id);
    b->unused[b->unused_count++] = index;
    b->count--;
}

static void cut(struct td_orderbook *b, struct td_levels *levels, uint32_t index, td_qty qty)
{
    struct td_resting *o = &b->orders[index];
    if (qty.e9 >= o->qty.e9) {
        drop(b, levels, index);
        return;
    }
    td_levels_change(&levels[o->side], o->px, (td_qty){-qty.e9}, 0);
    o->qty.e9 -= qty.e9;
}

static void modify(struct td_orderbook *b, struct td_levels *levels, uint32_t index,
                   const struct td_mbo *mbo)
{
    struct td_resting *o = &b->orders[index];
    const bool keeps = o->px.e9 == mbo->px.e9 && o->side == mbo->side && mbo->qty.e9 <= o->qty.e9;
    if (keeps && mbo->qty.e9 > 0) {
        td_levels_change(&levels[o->side], o->px, (td_qty){mbo->qty.e9 - o->qty.e9}, 0);
        o->qty = mbo->qty;
        return;
    }
    drop(b, levels, index);
    if (mbo->qty.e9 > 0)
        insert(b, levels, mbo);
}

enum td_err td_orderbook_apply(struct td_orderbook *b, struct td_levels *levels,
                               const struct td_mbo *mbo, struct td_resting *before)
{
    uint32_t index = 0;
    const bool there = td_map_get(&b->map, mbo->order_id, &index);
    if (before)
        *before = there ? b->orders[index] : (struct td_resting){0};
    if (mbo->action == TD_MBO_CLEAR) {
        clear(b, levels);
        return TD_OK;
    }
    if (mbo->action == TD_MBO_TRADE || mbo->action == TD_MBO_FILL)
        return TD_OK;
    if (mbo->action > TD_MBO_FILL || mbo->side > TD_BID)
        return TD_EINVAL;
    if (mbo->action == TD_MBO_ADD && !there)
        insert(b, levels, mbo);
    else if (!there)
        b->refused++;
    else if (mbo->action == TD_MBO_CANCEL)
        cut(b, levels, index, mbo->qty);
    else
        modify(b, levels, index, mbo);
    return TD_OK;
}

bool td_mbo_letters(char action, char side, struct td_mbo *out)
{
    static const char letters[] = {
        [TD_MBO_ADD] = 'A',   [TD_MBO_CANCEL] = 'C', [TD_MBO_MODIFY] = 'M',
        [TD_MBO_CLEAR] = 'R', [TD_MBO_TRADE] = 'T',  [TD_MBO_FILL] = 'F'};
    const char *found = memchr(letters, action, sizeof letters);
    if (!found)
        return false;
    out->action = (uint8_t)(found - letters);
    out->side = side == 'A' ? TD_ASK : side == 'B' ? TD_BID : 2;
    return true;
}

void td_orderbook_show(const struct td_levels *levels, struct td_book *out)
{
    for (int side = 0; side < 2; side++) {
        const uint32_t most = (uint32_t)out->rows_max;
        const uint32_t rows = levels[side].count < most ? levels[side].count : most;
        for (uint32_t i = 0; i < rows; i++)
            out->side[side][i] =
                (struct td_level){levels[side].rows[i].px, levels[side].rows[i].qty};
        memset(out->maker[side], 0, rows * sizeof out->maker[side][0]);
        out->rows[side] = (int32_t)rows;
        out->disorder[side] = 0;
    }
    out->updates++;
}
