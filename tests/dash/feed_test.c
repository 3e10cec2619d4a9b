/* tests/dash/feed_test.c - the ring from the trading thread: order, drops that are told, books whole again. */
#include "dash/feed.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "support/support.h"

static struct td_event depth(int32_t row, uint8_t op, uint8_t side, int64_t px)
{
    return (struct td_event){
        .recv_ns = 5 * TD_SEC,
        .kind = TD_EV_DEPTH,
        .depth = {.px = {px * TD_E9}, .qty = TD_QTY(100), .row = row, .op = op, .side = side}};
}

static struct td_event quote(int64_t bid)
{
    return (struct td_event){.recv_ns = 6 * TD_SEC,
                             .kind = TD_EV_QUOTE,
                             .quote = {{bid * TD_E9}, {(bid + 1) * TD_E9}, TD_QTY(1), TD_QTY(2)}};
}

static void nobody_looks(void **state)
{
    (void)state;
    const struct td_event ev = quote(10);
    td_feed_line(NULL, 0, "SPY");
    td_feed_event(NULL, 0, &ev, false, NULL);
    struct td_feed f = {0};
    td_feed_close(&f);
}

static void in_order_and_whole(void **state)
{
    (void)state;
    struct td_feed f;
    struct td_feed_item item;
    struct td_book book;
    td_book_init(&book, 5);
    TD_OK_OR_FAIL(td_feed_open(&f));
    td_feed_line(&f, 3, "SPY");
    struct td_event ev = depth(0, TD_DEPTH_INSERT, TD_BID, 100);
    TD_OK_OR_FAIL(td_book_apply(&book, &ev));
    td_feed_event(&f, 3, &ev, false, &book);
    ev = quote(99);
    td_feed_event(&f, 3, &ev, true, &book);
    td_feed_event(&f, TD_FEED_LINES, &ev, true, &book); /* not told */

    assert_true(td_feed_next(&f, &item));
    assert_int_equal(item.kind, TD_FEED_LINE);
    assert_string_equal(item.symbol, "SPY");
    assert_true(td_feed_next(&f, &item)); /* the row came with the image, not once more */
    assert_int_equal(item.kind, TD_FEED_IMAGE);
    assert_int_equal(item.image.rows[TD_BID], 1);
    assert_int_equal(item.image.rows_max, 5);
    assert_true(item.image.side[TD_BID][0].px.e9 == 100 * TD_E9);
    assert_true(td_feed_next(&f, &item));
    assert_int_equal(item.kind, TD_FEED_EVENT);
    assert_int_equal(item.event.kind, TD_EV_QUOTE);
    assert_true(item.warmup);
    assert_int_equal(item.line, 3);
    assert_false(td_feed_next(&f, &item));
    td_feed_close(&f);
}

static void a_full_ring_drops_and_tells(void **state)
{
    (void)state;
    struct td_feed f;
    struct td_feed_item item;
    struct td_book book;
    td_book_init(&book, 3);
    TD_OK_OR_FAIL(td_feed_open(&f));
    struct td_event ev = quote(99);
    for (int i = 0; i < 40000; i++)
        td_feed_event(&f, 1, &ev, false, &book);
    const uint64_t lost = atomic_load(&f.lost_in_all);
    int held = 0;
    assert_true(lost > 10000 && lost < 35000);
    while (td_feed_next(&f, &item))
        held++;
    assert_true((uint64_t)held + lost == 40000);
    ev = depth(0, TD_DEPTH_INSERT, TD_ASK, 101);
    TD_OK_OR_FAIL(td_book_apply(&book, &ev));
    td_feed_event(&f, 1, &ev, false, &book);
    assert_true(td_feed_next(&f, &item));
    assert_int_equal(item.kind, TD_FEED_IMAGE);
    assert_int_equal(item.dropped, lost);
    assert_int_equal(item.image.rows[TD_ASK], 1);
    assert_false(td_feed_next(&f, &item));
    td_feed_event(&f, 1, &ev, false, &book); /* and goes on with rows */
    assert_true(td_feed_next(&f, &item));
    assert_int_equal(item.kind, TD_FEED_EVENT);
    assert_int_equal(item.dropped, 0);
    td_feed_close(&f);
}

#define EVENTS 200000

static void *produce(void *arg)
{
    for (int64_t i = 1; i <= EVENTS; i++) {
        const struct td_event ev = {.kind = TD_EV_STATUS, .recv_ns = i};
        td_feed_event(arg, 2, &ev, false, NULL);
    }
    return NULL;
}

static void two_threads(void **state)
{
    (void)state;
    struct td_feed f;
    struct td_feed_item item;
    pthread_t thread;
    td_ns last = 0;
    uint64_t seen = 0, dropped = 0;
    TD_OK_OR_FAIL(td_feed_open(&f));
    assert_int_equal(pthread_create(&thread, NULL, produce, &f), 0);
    while (last < EVENTS && seen + atomic_load(&f.lost_in_all) < EVENTS) {
        if (!td_feed_next(&f, &item))
            continue;
        assert_true(item.event.recv_ns == last + 1 + item.dropped);
        last = item.event.recv_ns;
        dropped += item.dropped;
        seen++;
    }
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_true(seen + atomic_load(&f.lost_in_all) == EVENTS);
    assert_true(dropped <= atomic_load(&f.lost_in_all));
    td_feed_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nobody_looks),
        cmocka_unit_test(in_order_and_whole),
        cmocka_unit_test(a_full_ring_drops_and_tells),
        cmocka_unit_test(two_threads),
    };
    return cmocka_run_group_tests_name("feed", tests, NULL, NULL);
}
