/* market/levels.c - price levels of one side, kept sorted by binary search, with room at both ends. */
#include "market/levels.h"

#include <string.h>

#define QTY_MOST (INT64_MAX - 1) /* 9.2e9 units; INT64_MAX is "unset" */

void td_levels_init(struct td_levels *l, enum td_side side, struct td_venue_level *rows,
                    uint32_t cap)
{
    *l = (struct td_levels){
        .rows = rows + cap / 2, .cap = cap, .side = (uint8_t)side, .block = rows};
}

bool td_levels_better(const struct td_levels *l, td_px a, td_px b)
{
    return l->side == TD_BID ? a.e9 > b.e9 : a.e9 < b.e9;
}

/* Where `px` is if every tick down to it has its level; any index, at most the count, if not. */
static uint32_t guess_of(const struct td_levels *l, td_px px)
{
    const uint64_t best = (uint64_t)l->rows[0].px.e9, at = (uint64_t)px.e9;
    const uint64_t away = l->side == TD_BID ? best - at : at - best; /* huge when it is better */
    const uint64_t guess = away / (uint64_t)l->step;
    return guess < l->count ? (uint32_t)guess : l->count;
}

/* The first index whose price is not better than `px`. Bids are compared by their complement, which turns the order round
 * for every value, and the halving has no branch on what it finds: prices are not predictable. */
static uint32_t search(const struct td_levels *l, td_px px)
{
    const int64_t flip = l->side == TD_BID ? -1 : 0;
    const int64_t key = px.e9 ^ flip;
    const struct td_venue_level *low = l->rows;
    uint32_t n = l->count;
    while (n > 1) {
        const uint32_t half = n / 2;
        low += (low[half - 1].px.e9 ^ flip) < key ? half : 0;
        n -= half;
    }
    const uint32_t at = (uint32_t)(low - l->rows);
    return n == 1 && (low->px.e9 ^ flip) < key ? at + 1 : at;
}

static uint32_t place_of(const struct td_levels *l, td_px px)
{
    const uint32_t guess = l->step && l->count ? guess_of(l, px) : l->count;
    return guess < l->count && l->rows[guess].px.e9 == px.e9 ? guess : search(l, px);
}

struct td_venue_level *td_levels_find(const struct td_levels *l, td_px px)
{
    const uint32_t at = place_of(l, px);
    return at < l->count && l->rows[at].px.e9 == px.e9 ? &l->rows[at] : NULL;
}

static void remove_at(struct td_levels *l, uint32_t at)
{
    if (at < l->count / 2) {
        memmove(l->rows + 1, l->rows, at * sizeof *l->rows);
        l->rows++;
    } else {
        memmove(&l->rows[at], &l->rows[at + 1], (l->count - at - 1) * sizeof *l->rows);
    }
    l->count--;
}

/* Moves all rows so that half of the free places are in front. */
static void centre(struct td_levels *l)
{
    struct td_venue_level *to = l->block + (l->cap - l->count + 1) / 2;
    memmove(to, l->rows, l->count * sizeof *l->rows);
    l->rows = to;
}

/* A free row at `at`; there is at least one free place. A side without room is centred first, which then lasts for half
 * of the free places. */
static void open_at(struct td_levels *l, uint32_t at)
{
    const bool to_front = at < l->count / 2;
    if (to_front ? l->rows == l->block : l->rows + l->count == l->block + l->cap)
        centre(l);
    if (l->rows > l->block && (to_front || l->rows + l->count == l->block + l->cap)) {
        memmove(l->rows - 1, l->rows, at * sizeof *l->rows);
        l->rows--;
    } else {
        memmove(&l->rows[at + 1], &l->rows[at], (l->count - at) * sizeof *l->rows);
    }
    l->count++;
}

static void learn_step(struct td_levels *l, uint32_t a, uint32_t b)
{
    const uint64_t x = (uint64_t)l->rows[a].px.e9, y = (uint64_t)l->rows[b].px.e9;
    const uint64_t gap = l->side == TD_BID ? x - y : y - x;
    if (gap <= INT64_MAX && (l->step == 0 || (int64_t)gap < l->step))
        l->step = (int64_t)gap;
}

/* A new level at `at`, or NULL when it finds no room. */
static struct td_venue_level *add_at(struct td_levels *l, uint32_t at, td_px px)
{
    l->dropped += l->count == l->cap;
    if (at == l->cap)
        return NULL;
    if (l->count == l->cap)
        l->count--;
    open_at(l, at);
    l->rows[at] = (struct td_venue_level){.px = px};
    if (at > 0)
        learn_step(l, at - 1, at);
    if (at + 1 < l->count)
        learn_step(l, at, at + 1);
    return &l->rows[at];
}

static void set_qty(struct td_venue_level *row, td_qty qty)
{
    if (row->qty.e9 != qty.e9)
        row->traded.e9 = 0;
    row->qty = qty;
    if (row->taken.e9 > qty.e9)
        row->taken = qty;
}

struct td_venue_level *td_levels_set(struct td_levels *l, td_px px, td_qty qty)
{
    const uint32_t at = place_of(l, px);
    const bool there = at < l->count && l->rows[at].px.e9 == px.e9;
    if (qty.e9 <= 0) {
        if (there)
            remove_at(l, at);
        return NULL;
    }
    struct td_venue_level *row = there ? &l->rows[at] : add_at(l, at, px);
    if (row)
        set_qty(row, qty);
    return row;
}

void td_levels_change(struct td_levels *l, td_px px, td_qty by, int32_t orders)
{
    const uint32_t at = place_of(l, px);
    const bool there = at < l->count && l->rows[at].px.e9 == px.e9;
    const int64_t old = there ? l->rows[at].qty.e9 : 0;
    const int64_t qty = by.e9 > QTY_MOST - old ? QTY_MOST : old + by.e9;
    if (qty <= 0) {
        if (there)
            remove_at(l, at);
        return;
    }
    struct td_venue_level *row = there ? &l->rows[at] : add_at(l, at, px);
    if (!row)
        return;
    row->orders += orders;
    set_qty(row, (td_qty){qty});
}

void td_levels_trim(struct td_levels *l, td_px px)
{
    const uint32_t gone = td_px_is_none(px) ? l->count : place_of(l, px);
    l->rows += gone;
    l->count -= gone;
}

struct td_venue_level td_levels_at(const struct td_levels *l, uint32_t i)
{
    return i < l->count ? l->rows[i] : (struct td_venue_level){.px = {TD_E9_NONE}};
}
