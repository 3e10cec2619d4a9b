/* tests/market/book_test.c - row rules, gaps, quality; and the incremental order count against a recount. */
#include "support/support.h"

#include <string.h>

#include "base/random.h"
#include "market/book.h"

static struct td_event depth(int32_t row, int op, int side, int64_t px_cents, int qty)
{
    struct td_event ev = {.kind = TD_EV_DEPTH, .recv_ns = 5};
    ev.depth = (struct td_depth){.px = {px_cents * 10000000},
                                 .qty = TD_QTY(qty),
                                 .row = row,
                                 .op = (uint8_t)op,
                                 .side = (uint8_t)side};
    return ev;
}

static enum td_err apply(struct td_book *b, int32_t row, int op, int side, int64_t cents, int qty)
{
    const struct td_event ev = depth(row, op, side, cents, qty);
    return td_book_apply(b, &ev);
}

static void insert_shifts_and_delete_closes_up(void **state)
{
    (void)state;
    struct td_book b;
    td_book_init(&b, 3);
    TD_OK_OR_FAIL(apply(&b, 0, TD_DEPTH_INSERT, TD_BID, 100, 1));
    TD_OK_OR_FAIL(apply(&b, 0, TD_DEPTH_INSERT, TD_BID, 101, 2));
    TD_OK_OR_FAIL(apply(&b, 2, TD_DEPTH_INSERT, TD_BID, 99, 3));
    TD_OK_OR_FAIL(apply(&b, 1, TD_DEPTH_INSERT, TD_BID, 100, 9)); /* 99 falls off */
    assert_int_equal(b.rows[TD_BID], 3);
    assert_int_equal(b.side[TD_BID][1].qty.e9, 9 * TD_E9);
    assert_int_equal(b.side[TD_BID][2].qty.e9, 1 * TD_E9);
    TD_OK_OR_FAIL(apply(&b, 0, TD_DEPTH_DELETE, TD_BID, 0, 0));
    assert_int_equal(b.rows[TD_BID], 2);
    assert_int_equal(b.side[TD_BID][0].qty.e9, 9 * TD_E9);
    TD_OK_OR_FAIL(apply(&b, 1, TD_DEPTH_UPDATE, TD_BID, 98, 4));
    assert_int_equal(b.side[TD_BID][1].px.e9, 980000000);
    struct td_quote top;
    td_book_top(&b, &top);
    assert_int_equal(top.bid.e9, 1000000000);
    assert_true(td_px_is_none(top.ask));
    assert_int_equal(td_book_quality(&b, 5, 0), TD_Q_EMPTY);
}

static void impossible_updates_are_gaps(void **state)
{
    (void)state;
    struct td_book b;
    td_book_init(&b, 3);
    TD_OK_OR_FAIL(apply(&b, 0, TD_DEPTH_INSERT, TD_ASK, 101, 2));
    struct td_book before = b;
    static const struct {
        int32_t row;
        int op, side;
        int64_t cents;
        int qty;
    } bad[] = {
        {2, 0, 0, 103, 1}, {-1, 0, 0, 103, 1}, {1, 1, 0, 103, 1},
        {1, 2, 0, 0, 0},   {0, 0, 2, 100, 1},  {0, 3, 0, 100, 1},
        {0, 0, 0, 100, 0}, {0, 1, 0, 100, -5}, {INT32_MAX, 2, 1, 0, 0},
    };
    for (size_t i = 0; i < TD_COUNT(bad); i++) {
        assert_int_equal(apply(&b, bad[i].row, bad[i].op, bad[i].side, bad[i].cents, bad[i].qty),
                         TD_EGAP);
        assert_int_equal(b.gaps, i + 1);
        assert_memory_equal(b.side, before.side, sizeof b.side);
        assert_memory_equal(b.rows, before.rows, sizeof b.rows);
    }
    struct td_event ev = depth(0, TD_DEPTH_UPDATE, TD_ASK, 1, 1);
    ev.depth.px = TD_PX_NONE;
    assert_int_equal(td_book_apply(&b, &ev), TD_EGAP);
    assert_true(td_book_quality(&b, 5, 0) & TD_Q_GAP);
    td_book_reset(&b);
    assert_int_equal(td_book_quality(&b, 5, 0), TD_Q_EMPTY);
    assert_int_equal(b.resets, 1);
}

static void rows_past_a_full_side_are_ignored(void **state)
{
    (void)state;
    struct td_book b;
    td_book_init(&b, 2);
    TD_OK_OR_FAIL(apply(&b, 0, TD_DEPTH_INSERT, TD_ASK, 101, 2));
    TD_OK_OR_FAIL(apply(&b, 1, TD_DEPTH_INSERT, TD_ASK, 102, 2));
    TD_OK_OR_FAIL(apply(&b, 2, TD_DEPTH_INSERT, TD_ASK, 103, 2));
    TD_OK_OR_FAIL(apply(&b, 2, TD_DEPTH_UPDATE, TD_ASK, 104, 2));
    TD_OK_OR_FAIL(apply(&b, 2, TD_DEPTH_DELETE, TD_ASK, 0, 0));
    assert_int_equal(b.rows[TD_ASK], 2);
    assert_false(b.broken);
}

static void quality_flags(void **state)
{
    (void)state;
    struct td_book b;
    td_book_init(&b, 5);
    TD_OK_OR_FAIL(apply(&b, 0, TD_DEPTH_INSERT, TD_ASK, 101, 2));
    TD_OK_OR_FAIL(apply(&b, 0, TD_DEPTH_INSERT, TD_BID, 100, 2));
    assert_int_equal(td_book_quality(&b, 5, 0), 0);
    TD_OK_OR_FAIL(apply(&b, 0, TD_DEPTH_UPDATE, TD_BID, 101, 2));
    assert_int_equal(td_book_quality(&b, 5, 0), TD_Q_LOCKED);
    TD_OK_OR_FAIL(apply(&b, 0, TD_DEPTH_UPDATE, TD_BID, 102, 2));
    assert_int_equal(td_book_quality(&b, 5, 0), TD_Q_CROSSED);
    TD_OK_OR_FAIL(apply(&b, 1, TD_DEPTH_INSERT, TD_BID, 103, 2));
    assert_int_equal(td_book_quality(&b, 5, 0), TD_Q_CROSSED | TD_Q_DISORDER);
    assert_int_equal(td_book_quality(&b, 5 + TD_SEC, TD_SEC), TD_Q_CROSSED | TD_Q_DISORDER);
    assert_int_equal(td_book_quality(&b, 6 + TD_SEC, TD_SEC),
                     TD_Q_CROSSED | TD_Q_DISORDER | TD_Q_STALE);
    struct td_event ev = depth(1, TD_DEPTH_DELETE, TD_BID, 0, 0);
    ev.generated = true;
    TD_OK_OR_FAIL(td_book_apply(&b, &ev));
    assert_int_equal(td_book_quality(&b, 5, 0), TD_Q_CROSSED | TD_Q_GENERATED);
}

static uint32_t recount(const struct td_book *b, int side)
{
    uint32_t n = 0;
    for (int32_t i = 0; i + 1 < b->rows[side]; i++) {
        const int64_t x = b->side[side][i].px.e9, y = b->side[side][i + 1].px.e9;
        n += side == TD_ASK ? x > y : x < y;
    }
    return n;
}

static void order_count_survives_anything(void **state)
{
    (void)state;
    struct td_rng rng;
    for (uint64_t seed = 0; seed < 40; seed++) {
        struct td_book b;
        td_rng_init(&rng, seed);
        td_book_init(&b, 1 + (int32_t)td_rng_below(&rng, 20));
        for (int i = 0; i < 4000; i++) {
            (void)(apply(&b, (int32_t)td_rng_between(&rng, -1, 21), (int)td_rng_below(&rng, 4),
                         (int)td_rng_below(&rng, 3), (int64_t)td_rng_below(&rng, 30) + 1,
                         (int)td_rng_below(&rng, 4)) == TD_OK);
            for (int side = 0; side < 2; side++) {
                assert_int_equal(b.disorder[side], recount(&b, side));
                assert_in_range(b.rows[side], 0, b.rows_max);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(insert_shifts_and_delete_closes_up),
        cmocka_unit_test(impossible_updates_are_gaps),
        cmocka_unit_test(rows_past_a_full_side_are_ignored),
        cmocka_unit_test(quality_flags),
        cmocka_unit_test(order_count_survives_anything),
    };
    return cmocka_run_group_tests_name("market/book", tests, NULL, NULL);
}
