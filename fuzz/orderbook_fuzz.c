/* fuzz/orderbook_fuzz.c - any sequence of order events: the levels are always the sums of the orders, sorted, without gaps. */
#include <stdlib.h>
#include <string.h>

#include "market/orderbook.h"

#define ORDERS 64
#define LEVELS 64 /* as many as orders, so that none finds no room */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What the resting orders of a level add up to. */
static void add_up(const struct td_orderbook *b, const struct td_levels *l, td_px px, int64_t *qty,
                   int32_t *orders)
{
    *qty = 0;
    *orders = 0;
    for (uint64_t id = 0; id < 256; id++) {
        uint32_t at;
        if (!td_map_get(&b->map, id, &at))
            continue;
        const struct td_resting *o = &b->orders[at];
        TD_REQUIRE(o->id == id && o->qty.e9 > 0);
        if (o->side == l->side && o->px.e9 == px.e9) {
            *qty += o->qty.e9;
            (*orders)++;
        }
    }
}

static uint32_t check_side(const struct td_orderbook *b, const struct td_levels *l)
{
    uint32_t orders = 0;
    TD_REQUIRE(l->rows >= l->block && l->rows + l->count <= l->block + l->cap);
    for (uint32_t i = 0; i < l->count; i++) {
        int64_t qty;
        int32_t count;
        TD_REQUIRE(i == 0 || td_levels_better(l, l->rows[i - 1].px, l->rows[i].px));
        add_up(b, l, l->rows[i].px, &qty, &count);
        TD_REQUIRE(qty == l->rows[i].qty.e9 && count == l->rows[i].orders && count > 0);
        orders += (uint32_t)count;
    }
    return orders;
}

/* Six bytes are an event: action, side, order, price, size, last. */
static struct td_mbo event_of(const uint8_t *p)
{
    static const char letters[] = "ACMRTFN";
    static const char sides[] = "ABN";
    struct td_mbo m = {.order_id = p[2],
                       .px = p[3] == 255 ? (td_px){TD_E9_NONE} : TD_PX(p[3] % 40),
                       .qty = TD_QTY(p[4]),
                       .action = 250,
                       .side = 2,
                       .last = p[5] % 8 == 0};
    (void)td_mbo_letters(letters[p[0] % 7], sides[p[1] % 3], &m);
    return m;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct td_venue_level rows[2][LEVELS];
    static void *block;
    struct td_levels levels[2];
    struct td_orderbook b;
    struct td_arena arena;
    block = block ? block : malloc(td_orderbook_bytes(ORDERS));
    TD_REQUIRE(block != NULL);
    td_arena_init(&arena, block, td_orderbook_bytes(ORDERS));
    TD_REQUIRE(td_orderbook_open(&b, ORDERS, &arena) == TD_OK);
    for (int side = 0; side < 2; side++)
        td_levels_init(&levels[side], (enum td_side)side, rows[side], LEVELS);
    for (size_t at = 0; at + 6 <= size; at += 6) {
        const struct td_mbo m = event_of(data + at);
        struct td_resting before;
        const uint32_t had = b.count;
        const enum td_err err = td_orderbook_apply(&b, levels, &m, &before);
        TD_REQUIRE(err == TD_OK || err == TD_EINVAL);
        TD_REQUIRE(err == TD_OK || b.count == had);
        if (m.last || at + 12 > size) /* behind each event of the venue, and at the end */
            TD_REQUIRE(check_side(&b, &levels[TD_ASK]) + check_side(&b, &levels[TD_BID]) ==
                       b.count);
        TD_REQUIRE(b.count <= ORDERS && b.count == b.map.count);
    }
    return 0;
}
