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

static bool is_order(const struct td_mbo *mbo)
{
    return mbo->qty.e9 > 0 && !td_px_is_none(mbo->px);
}

static void insert(struct td_orderbook *b, struct td_levels *levels, const struct td_mbo *mbo,
                   struct td_map_slot *place)
{
    const uint32_t index = b->unused_count ? b->unused[b->unused_count - 1] : 0;
    if (b->unused_count == 0 || !is_order(mbo) ||
        td_map_fill(&b->map, place, mbo->order_id, index) != TD_OK) {
        b->refused++;
        return;
    }
    b->unused_count--;
    b->count++;
    b->orders[index] =
        (struct td_resting){mbo->order_id, mbo->px, mbo->qty, ++b->sequence, mbo->side};
    td_levels_change(&levels[mbo->side], mbo->px, (td_qty){mbo->qty.e9}, 1);
}

static void drop(struct td_orderbook *b, struct td_levels *levels, struct td_map_slot *place)
{
    const struct td_resting *o = &b->orders[place->value];
    td_levels_change(&levels[o->side], o->px, (td_qty){-o->qty.e9}, -1);
    b->unused[b->unused_count++] = place->value;
    td_map_free(&b->map, place);
    b->count--;
}

static void cut(struct td_orderbook *b, struct td_levels *levels, struct td_map_slot *place,
                td_qty qty)
{
    struct td_resting *o = &b->orders[place->value];
    if (qty.e9 >= o->qty.e9) {
        drop(b, levels, place);
        return;
    }
    td_levels_change(&levels[o->side], o->px, (td_qty){-qty.e9}, 0);
    o->qty.e9 -= qty.e9;
}

/* A better place in the queue has to be earned again: only less of the same keeps it. */
static void modify(struct td_orderbook *b, struct td_levels *levels, struct td_map_slot *place,
                   const struct td_mbo *mbo)
{
    struct td_resting *o = &b->orders[place->value];
    const bool keeps = o->px.e9 == mbo->px.e9 && o->side == mbo->side && mbo->qty.e9 <= o->qty.e9;
    if (!is_order(mbo)) {
        b->refused += mbo->qty.e9 > 0;
        drop(b, levels, place);
        return;
    }
    if (keeps) {
        td_levels_change(&levels[o->side], o->px, (td_qty){mbo->qty.e9 - o->qty.e9}, 0);
        o->qty = mbo->qty;
        return;
    }
    td_levels_change(&levels[o->side], o->px, (td_qty){-o->qty.e9}, -1);
    *o = (struct td_resting){o->id, mbo->px, mbo->qty, ++b->sequence, mbo->side};
    td_levels_change(&levels[o->side], o->px, o->qty, 1);
}

enum td_err td_orderbook_apply(struct td_orderbook *b, struct td_levels *levels,
                               const struct td_mbo *mbo, struct td_resting *before)
{
    struct td_map_slot *place = td_map_place(&b->map, mbo->order_id);
    if (before)
        *before = place->used ? b->orders[place->value] : (struct td_resting){0};
    if (mbo->action == TD_MBO_CLEAR) {
        clear(b, levels);
        return TD_OK;
    }
    if (mbo->action == TD_MBO_TRADE || mbo->action == TD_MBO_FILL)
        return TD_OK;
    if (mbo->action > TD_MBO_FILL || mbo->side > TD_BID)
        return TD_EINVAL;
    if (mbo->action == TD_MBO_ADD && !place->used)
        insert(b, levels, mbo, place);
    else if (!place->used)
        b->refused++;
    else if (mbo->action == TD_MBO_CANCEL)
        cut(b, levels, place, mbo->qty);
    else
        modify(b, levels, place, mbo);
    return TD_OK;
}

/* 1 + the action of a letter. */
static const uint8_t actions[256] = {
    ['A'] = 1 + TD_MBO_ADD,   ['C'] = 1 + TD_MBO_CANCEL, ['M'] = 1 + TD_MBO_MODIFY,
    ['R'] = 1 + TD_MBO_CLEAR, ['T'] = 1 + TD_MBO_TRADE,  ['F'] = 1 + TD_MBO_FILL};

bool td_mbo_letters(char action, char side, struct td_mbo *out)
{
    const uint8_t found = actions[(uint8_t)action];
    if (!found)
        return false;
    out->action = (uint8_t)(found - 1);
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
