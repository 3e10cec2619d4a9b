/* tests/market/bars_test.c - bars from trades and from finer bars. */
#include "support/support.h"

#include "market/bars.h"

static void trades_make_bars(void **state)
{
    (void)state;
    struct td_bars b;
    struct td_bar bar;
    td_ns start = 0;
    td_bars_init(&b, TD_MIN, 30 * TD_SEC);
    assert_false(td_bars_trade(&b, 100 * TD_SEC, TD_PX(10), TD_QTY(100), &bar, &start));
    assert_false(td_bars_trade(&b, 120 * TD_SEC, TD_PX(12), TD_QTY(300), &bar, &start));
    assert_false(td_bars_trade(&b, 149 * TD_SEC, TD_PX(9), TD_QTY(100), &bar, &start));
    assert_false(td_bars_flush(&b, 149 * TD_SEC, &bar, &start));
    assert_true(td_bars_trade(&b, 150 * TD_SEC, TD_PX(11), TD_QTY(1), &bar, &start));
    assert_int_equal(start, 90 * TD_SEC);
    assert_int_equal(bar.open.e9, 10 * TD_E9);
    assert_int_equal(bar.high.e9, 12 * TD_E9);
    assert_int_equal(bar.low.e9, 9 * TD_E9);
    assert_int_equal(bar.close.e9, 9 * TD_E9);
    assert_int_equal(bar.volume.e9, 500 * TD_E9);
    assert_int_equal(bar.count, 3);
    assert_int_equal(bar.wap.e9, 11 * TD_E9);
    assert_true(td_bars_flush(&b, TD_NS_NEVER, &bar, &start));
    assert_int_equal(start, 150 * TD_SEC);
    assert_false(td_bars_flush(&b, TD_NS_NEVER, &bar, &start));
}

static void bars_merge_and_overflow_is_seen(void **state)
{
    (void)state;
    struct td_bars b;
    struct td_bar bar, fine = {.open = TD_PX(1),
                               .high = TD_PX(3),
                               .low = TD_PX(1),
                               .close = TD_PX(2),
                               .volume = TD_QTY(10),
                               .wap = TD_PX_NONE,
                               .count = -1};
    td_ns start;
    td_bars_init(&b, 5 * TD_MIN, 0);
    assert_false(td_bars_bar(&b, -TD_MIN, &fine, &bar, &start));
    assert_true(td_bars_bar(&b, 0, &fine, &bar, &start));
    assert_int_equal(start, -5 * TD_MIN);
    assert_int_equal(bar.count, -1);
    assert_int_equal(bar.wap.e9, 2 * TD_E9);
    fine.volume = (td_qty){INT64_MAX - 5};
    assert_false(td_bars_bar(&b, TD_MIN, &fine, &bar, &start));
    assert_true(td_bars_flush(&b, TD_NS_NEVER, &bar, &start));
    assert_true(td_px_is_none(bar.wap));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(trades_make_bars),
                                       cmocka_unit_test(bars_merge_and_overflow_is_seen)};
    return cmocka_run_group_tests_name("market/bars", tests, NULL, NULL);
}
