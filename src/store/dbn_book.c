/* store/dbn_book.c - records in, ten levels out. */
#include "store/dbn_book.h"

#include <stdlib.h>
#include <string.h>

#include "store/recorder.h"

#define ORDERS      ((uint32_t)1 << 18) /* resting at once in a full book */
#define BOOK_LEVELS 16384               /* prices of a side */

enum td_err td_dbn_book_open(struct td_dbn_book *b, struct td_fail *why)
{
    struct td_arena arena;
    const size_t rows = 2 * sizeof(struct td_venue_level) * BOOK_LEVELS,
                 need = td_orderbook_bytes(ORDERS) + rows + 256;
    memset(b, 0, sizeof *b);
    b->block = malloc(need);
    if (!b->block)
        return td_fail_set(why, TD_ENOMEM, "%zu bytes for a book of orders", need);
    td_arena_init(&arena, b->block, need);
    for (int i = TD_ASK; i <= TD_BID; i++) {
        struct td_venue_level *level =
            td_arena_take(&arena, BOOK_LEVELS, sizeof(struct td_venue_level));
        TD_REQUIRE(level != NULL);
        td_levels_init(&b->levels[i], (enum td_side)i, level, BOOK_LEVELS);
    }
    td_book_init(&b->shown, TD_DBN_LEVELS);
    const enum td_err err = td_orderbook_open(&b->orders, ORDERS, &arena);
    TD_REQUIRE(err == TD_OK);
    return TD_OK;
}

void td_dbn_book_close(struct td_dbn_book *b)
{
    free(b->block);
    b->block = NULL;
}

uint64_t td_dbn_book_unplaced(const struct td_dbn_book *b)
{
    return b->sideless + b->orders.refused;
}

static void apply_order(struct td_dbn_book *b, const struct td_dbn_record *r)
{
    struct td_mbo mbo = {.order_id = r->order_id, .px = r->px, .qty = {(int64_t)r->qty * TD_E9}};
    if (td_mbo_letters(r->action, r->side, &mbo) &&
        td_orderbook_apply(&b->orders, b->levels, &mbo, NULL) != TD_OK)
        b->sideless++;
}

/* The levels a record carries. */
static void show_levels(const struct td_dbn_record *r, struct td_snap *out)
{
    for (int i = 0; i < r->levels && i < TD_DBN_LEVELS; i++) {
        const struct td_dbn_level *l = &r->level[i];
        out->px[TD_BID][i] = l->bid_px;
        out->px[TD_ASK][i] = l->ask_px;
        out->qty[TD_BID][i] = (td_qty){(int64_t)l->bid_qty * TD_E9};
        out->qty[TD_ASK][i] = (td_qty){(int64_t)l->ask_qty * TD_E9};
    }
}

static uint32_t quality_of(const struct td_snap *s)
{
    const td_px bid = s->px[TD_BID][0], ask = s->px[TD_ASK][0];
    if (s->qty[TD_BID][0].e9 <= 0 || s->qty[TD_ASK][0].e9 <= 0)
        return TD_Q_EMPTY;
    return bid.e9 > ask.e9 ? TD_Q_CROSSED : bid.e9 == ask.e9 ? TD_Q_LOCKED : 0u;
}

bool td_dbn_book_take(struct td_dbn_book *b, const struct td_dbn_record *r, struct td_snap *out)
{
    const bool orders = r->rtype == TD_DBN_MBO;
    if (orders)
        apply_order(b, r);
    if (!(r->flags & TD_DBN_LAST) ||
        (!orders && r->rtype != TD_DBN_MBP10 && r->rtype != TD_DBN_MBP1))
        return false;
    if (orders) {
        td_orderbook_show(b->levels, &b->shown);
        td_snap_take(out, &b->shown, TD_DBN_LEVELS, (td_ns)r->ts_event, 0);
    } else {
        memset(out, 0, sizeof *out);
        show_levels(r, out);
    }
    out->at_ns = out->venue_ns = (td_ns)r->ts_event;
    out->recv_ns = (td_ns)r->ts_recv;
    out->seq = r->sequence;
    out->quality = quality_of(out) | (r->flags & TD_DBN_MAYBE_BAD ? TD_Q_GAP : 0u);
    out->generated = false;
    return true;
}
