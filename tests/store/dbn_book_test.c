/* tests/store/dbn_book_test.c - the book behind each event: told where it ends, empty and crossed sides flagged, losses counted. */
#include "store/dbn_book.h"
#include "support/support.h"

static struct td_dbn_book book;
static struct td_snap snap;

static int set_up(void **state)
{
    (void)state;
    return td_dbn_book_open(&book, NULL) == TD_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    td_dbn_book_close(&book);
    td_dbn_book_close(&book);
    return 0;
}

static bool order(char action, char side, uint64_t id, int64_t px, uint32_t qty, uint8_t flags)
{
    const struct td_dbn_record r = {.rtype = TD_DBN_MBO,
                                    .order_id = id,
                                    .px = {px * TD_E9},
                                    .qty = qty,
                                    .action = action,
                                    .side = side,
                                    .flags = flags,
                                    .ts_event = 7,
                                    .ts_recv = 9,
                                    .sequence = 3};
    return td_dbn_book_take(&book, &r, &snap);
}

static void orders_add_up_where_an_event_ends(void **state)
{
    (void)state;
    snap.seq = 99;
    assert_false(order('A', 'B', 1, 100, 5, 0));
    assert_int_equal(snap.seq, 99);
    assert_true(order('A', 'B', 2, 100, 7, TD_DBN_LAST));
    assert_int_equal(snap.quality, TD_Q_EMPTY); /* no ask */
    assert_true(order('A', 'A', 3, 101, 1, TD_DBN_LAST | TD_DBN_MAYBE_BAD));
    assert_int_equal(snap.quality, TD_Q_GAP);
    assert_true(snap.px[TD_BID][0].e9 == 100 * TD_E9 && snap.qty[TD_BID][0].e9 == 12 * TD_E9);
    assert_true(snap.at_ns == 7 && snap.venue_ns == 7 && snap.recv_ns == 9 && snap.seq == 3);
    assert_true(order('A', 'A', 4, 100, 1, TD_DBN_LAST));
    assert_int_equal(snap.quality, TD_Q_LOCKED);
    assert_true(order('A', 'A', 5, 99, 1, TD_DBN_LAST));
    assert_int_equal(snap.quality, TD_Q_CROSSED);
    assert_int_equal(td_dbn_book_unplaced(&book), 0);
    assert_true(order('C', 'B', 77, 100, 1, TD_DBN_LAST)); /* never seen */
    assert_true(order('A', 'N', 78, 100, 1, TD_DBN_LAST)); /* of no side */
    assert_int_equal(td_dbn_book_unplaced(&book), 2);
    assert_true(order('R', 'N', 0, 0, 0, TD_DBN_LAST));
    assert_int_equal(snap.quality, TD_Q_EMPTY);
}

static void a_record_carries_its_levels(void **state)
{
    (void)state;
    static const struct td_dbn_level level = {
        {100 * TD_E9}, {101 * TD_E9}, .bid_qty = 4, .ask_qty = 6};
    struct td_dbn_record r = {
        .rtype = TD_DBN_MBP1, .levels = 1, .level = &level, .action = 'A', .flags = TD_DBN_LAST};
    assert_true(td_dbn_book_take(&book, &r, &snap));
    assert_int_equal(snap.quality, 0);
    assert_true(snap.px[TD_ASK][0].e9 == 101 * TD_E9 && snap.qty[TD_ASK][0].e9 == 6 * TD_E9);
    assert_true(snap.px[TD_BID][1].e9 == 0 && snap.qty[TD_BID][1].e9 == 0);
    r.rtype = TD_DBN_TRADE;
    assert_false(td_dbn_book_take(&book, &r, &snap));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(orders_add_up_where_an_event_ends),
        cmocka_unit_test(a_record_carries_its_levels),
    };
    return cmocka_run_group_tests_name("store/dbn_book", tests, set_up, tear_down);
}
