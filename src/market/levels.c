/* market/levels.c - price levels of one side, kept sorted by binary search, with room at both ends. */
#include "market/levels.h"

#include <string.h>

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

/* The first index whose price is not better than `px`. */
static uint32_t place_of(const struct td_levels *l, td_px px)
{
    uint32_t low = 0;
    uint32_t high = l->count;
    while (low < high) {
        const uint32_t mid = low + (high - low) / 2;
        if (td_levels_better(l, l->rows[mid].px, px))
            low = mid + 1;
        else
            high = mid;
    }
    return low;
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

struct td_venue_level *td_levels_set(struct td_levels *l, td_px px, td_qty qty)
{
    const uint32_t at = place_of(l, px);
    const bool there = at < l->count && l->rows[at].px.e9 == px.e9;
    if (qty.e9 <= 0) {
        if (there)
            remove_at(l, at);
        return NULL;
    }
    if (!there) {
        l->dropped += l->count == l->cap;
        if (at == l->cap)
            return NULL;
        if (l->count == l->cap)
            l->count--;
        open_at(l, at);
        l->rows[at] = (struct td_venue_level){.px = px};
    }
    struct td_venue_level *row = &l->rows[at];
    if (row->qty.e9 != qty.e9)
        row->traded.e9 = 0;
    row->qty = qty;
    if (row->taken.e9 > qty.e9)
        row->taken = qty;
    return row;
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
