/* tests/market/orderbook_test.c - the book of MBO records: ES of 2024-05-08 and 2023-12-24 against independently rebuilt
 * checkpoints, and its ten best levels against recorded MBP-10 records and against a plain model. */
#include "support/dbn_load.h"

#include <stdio.h>

#include "base/random.h"
#include "market/orderbook.h"
#include "wire/dbn_layout.h"

#define LEVELS 8192
#define ORDERS 32768

static struct td_mbo to_mbo(const struct td_dbn_record *r)
{
    struct td_mbo m = {.order_id = r->order_id,
                       .px = r->px,
                       .qty = TD_QTY(r->qty),
                       .last = (r->flags & TD_DBN_LAST) != 0};
    assert_true(td_mbo_letters(r->action, r->side, &m));
    return m;
}

/* One top-ten side as the checkpoint files write it. */
static void print_side(const struct td_levels *l, char *out, size_t cap)
{
    struct td_text t;
    td_text_init(&t, out, cap);
    td_text_char(&t, '[');
    for (uint32_t i = 0; i < 10; i++)
        td_text_printf(&t, "%s[%lld, %lld, %d]", i ? ", " : "", (long long)l->rows[i].px.e9,
                       (long long)(l->rows[i].qty.e9 / TD_E9), (int)l->rows[i].orders);
    td_text_char(&t, ']');
}

static void compare(const struct td_levels *levels, uint32_t orders, struct td_str line)
{
    char text[2048];
    char side[1024];
    char count[32];
    (void)td_str_copy(line, text, sizeof text);
    print_side(&levels[TD_BID], side, sizeof side);
    assert_non_null(strstr(text, side));
    print_side(&levels[TD_ASK], side, sizeof side);
    assert_non_null(strstr(text, side));
    (void)snprintf(count, sizeof count, "\"orders\": %u,", (unsigned)orders);
    assert_non_null(strstr(text, count));
}

/* Plays the file; after every record named by a checkpoint the top ten must be the checkpoint's. */
static void play(const char *file, const char *golden)
{
    size_t len = 0;
    size_t golden_len = 0;
    uint8_t *bytes = dbn_load(file, &len);
    if (!bytes)
        td_skip_data(file);
    char *checks = td_test_slurp(td_test_data(golden), &golden_len);
    static struct td_venue_level rows[2][LEVELS];
    struct td_levels levels[2];
    struct td_orderbook book;
    struct td_arena arena;
    void *block = malloc(td_orderbook_bytes(ORDERS));
    td_arena_init(&arena, block, td_orderbook_bytes(ORDERS));
    TD_OK_OR_FAIL(td_orderbook_open(&book, ORDERS, &arena));
    for (int s = 0; s < 2; s++)
        td_levels_init(&levels[s], (enum td_side)s, rows[s], LEVELS);
    struct td_dbn d;
    struct td_dbn_record r;
    int compared = 0;
    td_dbn_init(&d);
    td_dbn_feed(&d, bytes, len);
    while (td_dbn_next(&d, &r) == TD_OK) {
        const struct td_mbo mbo = to_mbo(&r);
        TD_OK_OR_FAIL(td_orderbook_apply(&book, levels, &mbo, NULL));
        struct td_str rest = {checks, golden_len};
        struct td_str line;
        char head[48];
        (void)snprintf(head, sizeof head, "{\"after_record\": %llu,",
                       (unsigned long long)d.records);
        while (td_str_split(&rest, '\n', &line))
            if (td_str_starts(line, head)) {
                compare(levels, book.count, line);
                compared++;
            }
    }
    assert_int_equal(compared, 2);
    assert_int_equal(book.refused, 0);
    free(block);
    free(checks);
    free(bytes);
}

static void the_snapshot_is_the_recorded_book(void **state)
{
    (void)state;
    play("dbn/nautilus/esh4-glbx-mdp3-20231224.mbo.dbn.zst",
         "dbn/golden/esh4_20231224_book_checkpoints.jsonl");
}

static void two_seconds_of_changes_keep_it(void **state)
{
    (void)state;
    play("dbn/nautilus/order_book_deltas_catalog/"
         "orderbooks_mbo_2024-05-08T00-00-00_2024-05-08T00-00-02.dbn.zst",
         "dbn/golden/orderbooks_20240508_book_checkpoints.jsonl");
}

/* ---- ten levels ---- */

struct book {
    struct td_venue_level rows[2][256];
    struct td_levels levels[2];
    struct td_orderbook orders;
    void *block;
};

static void open_book(struct book *b)
{
    struct td_arena arena;
    b->block = malloc(td_orderbook_bytes(1024));
    td_arena_init(&arena, b->block, td_orderbook_bytes(1024));
    TD_OK_OR_FAIL(td_orderbook_open(&b->orders, 1024, &arena));
    for (int s = 0; s < 2; s++)
        td_levels_init(&b->levels[s], (enum td_side)s, b->rows[s], 256);
}

/* The levels of an MBP-10 record are those of the book. */
static void compare_levels(const struct td_levels *levels, const struct td_dbn_record *r)
{
    assert_int_equal(r->levels, 10);
    for (uint32_t i = 0; i < 10; i++) {
        const struct td_venue_level bid = td_levels_at(&levels[TD_BID], i);
        const struct td_venue_level ask = td_levels_at(&levels[TD_ASK], i);
        assert_int_equal(bid.px.e9, r->level[i].bid_px.e9);
        assert_int_equal(ask.px.e9, r->level[i].ask_px.e9);
        assert_int_equal(bid.qty.e9, (int64_t)r->level[i].bid_qty * TD_E9);
        assert_int_equal(ask.qty.e9, (int64_t)r->level[i].ask_qty * TD_E9);
        assert_int_equal(bid.orders, r->level[i].bid_orders);
        assert_int_equal(ask.orders, r->level[i].ask_orders);
    }
}

/* The vendor made both from the same messages of the venue, from the first of the day on. */
static void levels_are_the_vendors_of_the_same_messages(void **state)
{
    (void)state;
    static struct book b;
    size_t mbo_len = 0, mbp_len = 0;
    uint8_t *mbo_bytes = dbn_load("dbn/databento-python/XNAS.ITCH/test_data.mbo.dbn.zst", &mbo_len);
    uint8_t *mbp_bytes =
        dbn_load("dbn/databento-python/XNAS.ITCH/test_data.mbp-10.dbn.zst", &mbp_len);
    if (!mbo_bytes || !mbp_bytes)
        td_skip_data("dbn/databento-python/XNAS.ITCH");
    struct td_dbn mbo, mbp;
    struct td_dbn_record r, levels;
    int compared = 0;
    open_book(&b);
    dbn_begin(&mbo, "", mbo_bytes, mbo_len);
    dbn_begin(&mbp, "", mbp_bytes, mbp_len);
    while (td_dbn_next(&mbo, &r) == TD_OK) {
        const struct td_mbo m = to_mbo(&r);
        TD_OK_OR_FAIL(td_orderbook_apply(&b.orders, b.levels, &m, NULL));
        if (!m.last)
            continue;
        TD_OK_OR_FAIL(td_dbn_next(&mbp, &levels));
        assert_int_equal(levels.sequence, r.sequence);
        compare_levels(b.levels, &levels);
        compared++;
    }
    assert_int_equal(compared, 4);
    free(b.block);
    free(mbo_bytes);
    free(mbp_bytes);
}

/* The plain model: a list of orders, added up anew for every question. */
struct plain_order {
    uint64_t id;
    int64_t px;
    uint32_t qty;
    char side;
};

struct plain {
    struct plain_order orders[400];
    size_t count;
};

/* Level `n` of a side: the n-th best price, the sum and the number of its orders. */
static bool plain_level(const struct plain *p, char side, uint32_t n, int64_t *px, uint32_t *qty,
                        uint32_t *orders)
{
    int64_t best = 0;
    bool any = false;
    for (uint32_t level = 0; level <= n; level++) {
        const int64_t before = best;
        const bool first = level == 0;
        any = false;
        for (size_t i = 0; i < p->count; i++) {
            const struct plain_order *o = &p->orders[i];
            const bool worse = first || (side == 'B' ? o->px < before : o->px > before);
            if (o->side == side && worse && (!any || (side == 'B' ? o->px > best : o->px < best))) {
                best = o->px;
                any = true;
            }
        }
        if (!any)
            return false;
    }
    *px = best;
    *qty = *orders = 0;
    for (size_t i = 0; i < p->count; i++)
        if (p->orders[i].side == side && p->orders[i].px == best) {
            *qty += p->orders[i].qty;
            (*orders)++;
        }
    return true;
}

static void put_field(uint8_t *record, const struct td_dbn_layout *l, const char *name, int64_t v)
{
    td_dbn_put(record, td_dbn_field_of(l, td_str_of(name)), &(struct td_dbn_value){.number = v});
}

/* One record of the vendor's two kinds, as bytes and read back. */
static void read_back(struct td_dbn *d, const uint8_t *bytes, size_t len, struct td_dbn_record *r)
{
    td_dbn_feed(d, bytes, len);
    TD_OK_OR_FAIL(td_dbn_next(d, r));
}

/* The MBP-10 record that the plain model would publish now. */
static void plain_mbp(const struct plain *p, uint8_t *out)
{
    const struct td_dbn_layout *l = td_dbn_layout_of(TD_DBN_MBP10, 3);
    td_dbn_blank(out, l, TD_DBN_MBP10);
    for (uint32_t i = 0; i < 10; i++)
        for (int side = 0; side < 2; side++) {
            static const char *const words[2] = {"ask", "bid"};
            char name[16];
            int64_t px;
            uint32_t qty, orders;
            if (!plain_level(p, side ? 'B' : 'A', i, &px, &qty, &orders))
                continue;
            (void)snprintf(name, sizeof name, "%s_px_%02u", words[side], (unsigned)i);
            put_field(out, l, name, px);
            (void)snprintf(name, sizeof name, "%s_sz_%02u", words[side], (unsigned)i);
            put_field(out, l, name, qty);
            (void)snprintf(name, sizeof name, "%s_ct_%02u", words[side], (unsigned)i);
            put_field(out, l, name, orders);
        }
}

/* A random change of the model, and the record that tells it. */
static void plain_step(struct plain *p, struct td_rng *rng, uint64_t *next_id, uint8_t *out)
{
    const struct td_dbn_layout *l = td_dbn_layout_of(TD_DBN_MBO, 3);
    const bool add = p->count < 5 || (p->count < TD_COUNT(p->orders) && td_rng_chance(rng, 0.5));
    const size_t at = add ? p->count++ : (size_t)td_rng_below(rng, p->count);
    struct plain_order *o = &p->orders[at];
    char action = add ? 'A' : td_rng_chance(rng, 0.5) ? 'M' : 'C';
    uint32_t told = 0;
    if (add)
        *o = (struct plain_order){.id = ++*next_id, .side = td_rng_chance(rng, 0.5) ? 'B' : 'A'};
    if (action != 'C') {
        const int64_t away = td_rng_between(rng, 0, 25) * 250000000;
        o->px = o->side == 'B' ? 5214000000000 - away : 5214250000000 + away;
        o->qty = told = (uint32_t)td_rng_between(rng, 1, 50);
    } else {
        told = (uint32_t)td_rng_between(rng, 1, (int64_t)o->qty);
    }
    td_dbn_blank(out, l, TD_DBN_MBO);
    put_field(out, l, "order_id", (int64_t)o->id);
    put_field(out, l, "price", o->px);
    put_field(out, l, "size", told);
    put_field(out, l, "action", action);
    put_field(out, l, "side", o->side);
    if (action == 'C' && (o->qty -= told) == 0)
        *o = p->orders[--p->count];
    if (td_rng_chance(rng, 0.002)) {
        put_field(out, l, "action", 'R');
        put_field(out, l, "side", 'N');
        p->count = 0;
    }
}

/* At the end of every event of the venue the levels from MBO equal those of MBP-10. */
static void levels_equal_mbp_at_the_end_of_each_event(void **state)
{
    (void)state;
    static struct book b;
    static struct plain p;
    struct td_rng rng;
    uint64_t next_id = 0;
    int compared = 0;
    struct td_dbn dbn;
    struct td_dbn_record r;
    td_rng_init(&rng, 2024);
    td_dbn_init_fragment(&dbn, 3);
    open_book(&b);
    for (int n = 0; n < 20000; n++) {
        uint8_t bytes[TD_DBN_BYTES_MAX];
        plain_step(&p, &rng, &next_id, bytes);
        bytes[36] = td_rng_chance(&rng, 0.3) ? TD_DBN_LAST : 0;
        read_back(&dbn, bytes, 56, &r);
        const struct td_mbo m = to_mbo(&r);
        TD_OK_OR_FAIL(td_orderbook_apply(&b.orders, b.levels, &m, NULL));
        assert_int_equal(b.orders.count, p.count);
        if (!m.last)
            continue;
        plain_mbp(&p, bytes);
        read_back(&dbn, bytes, 368, &r);
        compare_levels(b.levels, &r);
        compared++;
    }
    assert_in_range(compared, 5000, 7000);
    assert_int_equal(b.orders.refused, 0);
    struct td_book shown;
    td_book_init(&shown, 10);
    td_orderbook_show(b.levels, &shown);
    for (int side = 0; side < 2; side++) {
        const uint32_t count = b.levels[side].count;
        assert_int_equal(shown.rows[side], count < 10 ? count : 10);
        for (int32_t i = 0; i < shown.rows[side]; i++)
            assert_int_equal(shown.side[side][i].px.e9, b.levels[side].rows[i].px.e9);
    }
    assert_int_equal(td_book_quality(&shown, 0, 0), 0);
    free(b.block);
}

static void letters_without_a_change_are_told(void **state)
{
    (void)state;
    struct td_mbo m = {.action = 77};
    assert_false(td_mbo_letters('N', 'B', &m));
    assert_false(td_mbo_letters('\0', 'B', &m));
    assert_int_equal(m.action, 77);
    assert_true(td_mbo_letters('R', 'N', &m));
    assert_true(m.action == TD_MBO_CLEAR && m.side == 2);
}

static void unknown_orders_are_counted(void **state)
{
    (void)state;
    static struct td_venue_level rows[2][4];
    struct td_levels levels[2];
    struct td_orderbook book;
    struct td_arena arena;
    void *block = malloc(td_orderbook_bytes(8));
    td_arena_init(&arena, block, td_orderbook_bytes(8));
    TD_OK_OR_FAIL(td_orderbook_open(&book, 8, &arena));
    for (int s = 0; s < 2; s++)
        td_levels_init(&levels[s], (enum td_side)s, rows[s], 4);
    struct td_mbo m = {
        .order_id = 1, .px = TD_PX(1), .qty = TD_QTY(1), .action = TD_MBO_CANCEL, .side = TD_BID};
    TD_OK_OR_FAIL(td_orderbook_apply(&book, levels, &m, NULL));
    assert_int_equal(book.refused, 1);
    m.action = TD_MBO_ADD;
    for (m.order_id = 0; m.order_id < 9; m.order_id++)
        TD_OK_OR_FAIL(td_orderbook_apply(&book, levels, &m, NULL));
    assert_int_equal(book.refused, 2);
    assert_int_equal(book.count, 8);
    m.side = 2;
    assert_int_equal(td_orderbook_apply(&book, levels, &m, NULL), TD_EINVAL);
    td_arena_init(&arena, block, 16);
    assert_int_equal(td_orderbook_open(&book, 8, &arena), TD_ENOMEM);
    free(block);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_snapshot_is_the_recorded_book),
        cmocka_unit_test(two_seconds_of_changes_keep_it),
        cmocka_unit_test(levels_are_the_vendors_of_the_same_messages),
        cmocka_unit_test(levels_equal_mbp_at_the_end_of_each_event),
        cmocka_unit_test(letters_without_a_change_are_told),
        cmocka_unit_test(unknown_orders_are_counted),
    };
    return cmocka_run_group_tests_name("market/orderbook", tests, NULL, NULL);
}
