/* bench/dbn_tape.h - a generated Databento day as the vendor packs it: orders one by one, or ten levels.
 *
 * A book of about 4,000 orders around a drifting price, whose events are 46 % adds, 44 % cancels (half of them of a part)
 * and 10 % changes, each one event of the venue; zstd at level 3. The same seed gives the same bytes. The book that makes
 * the ten levels is the one of market/orderbook.h.
 */
#ifndef TD_BENCH_DBN_TAPE_H
#define TD_BENCH_DBN_TAPE_H

#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "base/random.h"
#include "market/orderbook.h"
#include "wire/dbn_layout.h"

enum { LIVE = 4000 };
#define ORDERS 16384u
#define LEVELS 2048u
#define TICK   INT64_C(250000000)

struct tape {
    uint8_t *packed;
    size_t packed_len, len;
    uint64_t records;
};

struct book {
    struct td_venue_level rows[2][LEVELS];
    struct td_levels levels[2];
    struct td_orderbook orders;
    struct td_book shown;
    void *block;
};

static inline void open_book(struct book *b)
{
    struct td_arena arena;
    b->block = b->block ? b->block : malloc(td_orderbook_bytes(ORDERS));
    TD_REQUIRE(b->block != NULL);
    td_arena_init(&arena, b->block, td_orderbook_bytes(ORDERS));
    TD_REQUIRE(td_orderbook_open(&b->orders, ORDERS, &arena) == TD_OK);
    for (int side = 0; side < 2; side++)
        td_levels_init(&b->levels[side], (enum td_side)side, b->rows[side], LEVELS);
    td_book_init(&b->shown, TD_DBN_LEVELS);
}

static inline void apply(struct book *b, const struct td_dbn_record *r)
{
    struct td_mbo m = {.order_id = r->order_id,
                       .px = r->px,
                       .qty = TD_QTY(r->qty),
                       .last = (r->flags & TD_DBN_LAST) != 0};
    if (td_mbo_letters(r->action, r->side, &m))
        TD_REQUIRE(td_orderbook_apply(&b->orders, b->levels, &m, NULL) == TD_OK);
}

struct order {
    uint64_t id;
    int64_t px;
    uint32_t qty;
    char side;
};

struct maker {
    struct order live[LIVE * 2];
    uint32_t count;
    uint64_t ids;
    int64_t mid;
    struct td_rng rng;
};

/* The next event: `o` as it is told, and the size of what is told. */
static inline char step(struct maker *m, struct order *told)
{
    m->mid += td_rng_chance(&m->rng, 0.01) ? (td_rng_chance(&m->rng, 0.5) ? TICK : -TICK) : 0;
    const bool full = m->count == TD_COUNT(m->live);
    const double add = full ? 0 : m->count < LIVE ? 0.6 : 0.4;
    if (td_rng_chance(&m->rng, add) || m->count < 10) {
        struct order *o = &m->live[m->count++];
        const char side = td_rng_chance(&m->rng, 0.5) ? 'B' : 'A';
        const int64_t away = (int64_t)td_rng_exp(&m->rng, 8) * TICK;
        *o = (struct order){++m->ids, side == 'B' ? m->mid - TICK - away : m->mid + away,
                            (uint32_t)td_rng_between(&m->rng, 1, 40), side};
        *told = *o;
        return 'A';
    }
    const uint32_t at = (uint32_t)td_rng_below(&m->rng, m->count);
    struct order *o = &m->live[at];
    *told = *o;
    if (td_rng_chance(&m->rng, 0.2)) {
        o->qty = told->qty = (uint32_t)td_rng_between(&m->rng, 1, 40);
        return 'M';
    }
    told->qty = td_rng_chance(&m->rng, 0.5) ? o->qty : (o->qty + 1) / 2;
    o->qty -= told->qty;
    if (o->qty == 0)
        *o = m->live[--m->count];
    return 'C';
}

static inline void put_le(uint8_t *p, uint64_t v, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        p[i] = (uint8_t)(v >> 8 * i);
}

static inline void put_mbo(uint8_t *p, const struct order *o, char action, uint64_t n)
{
    const uint64_t at = UINT64_C(1715126400000000000) + n * 150000;
    td_dbn_blank(p, td_dbn_layout_of(TD_DBN_MBO, 3), TD_DBN_MBO);
    put_le(p + 4, 5482, 4);
    put_le(p + 8, at, 8);
    put_le(p + 16, 647784973705 + o->id, 8);
    put_le(p + 24, (uint64_t)o->px, 8);
    put_le(p + 32, o->qty, 4);
    p[36] = TD_DBN_LAST;
    p[38] = (uint8_t)action;
    p[39] = (uint8_t)o->side;
    put_le(p + 40, at + 20000 + n % 977, 8);
    put_le(p + 48, 17000 + n % 1009, 4);
    put_le(p + 52, n, 4);
}

static inline void put_mbp(uint8_t *p, const struct book *b, const uint8_t *mbo)
{
    td_dbn_blank(p, td_dbn_layout_of(TD_DBN_MBP10, 3), TD_DBN_MBP10);
    memcpy(p + 2, mbo + 2, 14);
    memcpy(p + 16, mbo + 24, 12);
    memcpy(p + 28, mbo + 38, 2);
    p[30] = TD_DBN_LAST;
    memcpy(p + 32, mbo + 40, 16);
    for (uint32_t i = 0; i < TD_DBN_LEVELS; i++) {
        const struct td_venue_level bid = td_levels_at(&b->levels[TD_BID], i);
        const struct td_venue_level ask = td_levels_at(&b->levels[TD_ASK], i);
        uint8_t *l = p + 48 + (size_t)i * 32;
        put_le(l, (uint64_t)bid.px.e9, 8);
        put_le(l + 8, (uint64_t)ask.px.e9, 8);
        put_le(l + 16, (uint64_t)(bid.qty.e9 / TD_E9), 4);
        put_le(l + 20, (uint64_t)(ask.qty.e9 / TD_E9), 4);
        put_le(l + 24, (uint64_t)bid.orders, 4);
        put_le(l + 28, (uint64_t)ask.orders, 4);
    }
}

static inline void make_tape(struct tape *t, struct book *b, uint64_t records, bool levels)
{
    static struct maker m;
    const struct td_dbn_metadata head = {
        .version = 3, .symbol_chars = 71, .dataset = "GLBX.MDP3", .end = TD_DBN_UNDEF_TIME};
    const size_t one = levels ? 368 : 56, cap = 4096 + records * one;
    uint8_t *plain = malloc(cap), mbo[56];
    struct td_dbn d;
    struct td_dbn_record r;
    TD_REQUIRE(plain != NULL);
    m = (struct maker){.mid = 5214000000000};
    td_rng_init(&m.rng, 7);
    open_book(b);
    td_dbn_init_fragment(&d, 3);
    TD_REQUIRE(td_dbn_metadata_write(&head, 3, plain, cap, &t->len) == TD_OK);
    for (uint64_t n = 0; n < records; n++, t->len += one) {
        struct order told;
        const char action = step(&m, &told);
        put_mbo(levels ? mbo : plain + t->len, &told, action, n);
        if (!levels)
            continue;
        td_dbn_feed(&d, mbo, sizeof mbo);
        TD_REQUIRE(td_dbn_next(&d, &r) == TD_OK);
        apply(b, &r);
        put_mbp(plain + t->len, b, mbo);
    }
    t->packed = malloc(ZSTD_compressBound(t->len));
    TD_REQUIRE(t->packed != NULL);
    t->packed_len = ZSTD_compress(t->packed, ZSTD_compressBound(t->len), plain, t->len, 3);
    t->records = records;
    free(plain);
}

#endif
