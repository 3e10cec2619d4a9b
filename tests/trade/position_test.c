/* tests/trade/position_test.c - positions from fills: known cases and conservation over random sequences. */
#include "support/support.h"

#include "base/random.h"
#include "trade/position.h"

static void longs_shorts_and_crossings(void **state)
{
    (void)state;
    struct td_holding h = {0};
    td_cash cash;
    TD_OK_OR_FAIL(td_holding_fill(&h, TD_BUY, TD_QTY(100), TD_PX(10), TD_QTY(1)));
    TD_OK_OR_FAIL(td_holding_fill(&h, TD_BUY, TD_QTY(100), TD_PX(12), TD_QTY(1)));
    assert_int_equal(h.average.e9, 11 * TD_E9);
    TD_OK_OR_FAIL(td_holding_unrealized(&h, TD_PX(13), TD_QTY(1), &cash));
    assert_int_equal(cash.e9, 400 * TD_E9);
    TD_OK_OR_FAIL(td_holding_fill(&h, TD_SELL, TD_QTY(300), TD_PX(13), TD_QTY(1)));
    assert_int_equal(h.realized.e9, 400 * TD_E9);
    assert_int_equal(h.qty.e9, -100 * TD_E9);
    assert_int_equal(h.average.e9, 13 * TD_E9);
    TD_OK_OR_FAIL(td_holding_fee(&h, (td_cash){1500000000}));
    TD_OK_OR_FAIL(td_holding_net(&h, TD_PX(12), TD_QTY(1), &cash));
    assert_int_equal(cash.e9, 498500000000);
    TD_OK_OR_FAIL(td_holding_fill(&h, TD_BUY, TD_QTY(100), TD_PX(12), TD_QTY(1)));
    assert_int_equal(h.average.e9, 0);
    TD_OK_OR_FAIL(td_holding_unrealized(&h, TD_PX_NONE, TD_QTY(1), &cash));
    assert_int_equal(cash.e9, 0);
    struct td_holding future = {0};
    TD_OK_OR_FAIL(td_holding_fill(&future, TD_SELL, TD_QTY(2), TD_PX(6500), TD_QTY(50)));
    TD_OK_OR_FAIL(td_holding_unrealized(&future, (td_px){6499750000000}, TD_QTY(50), &cash));
    assert_int_equal(cash.e9, 25 * TD_E9);
    assert_int_equal(td_holding_unrealized(&future, TD_PX_NONE, TD_QTY(50), &cash), TD_ERANGE);
    assert_int_equal(td_holding_net(&future, TD_PX_NONE, TD_QTY(50), &cash), TD_ERANGE);
}

static void refusals_change_nothing(void **state)
{
    (void)state;
    struct td_holding h = {0}, before;
    TD_OK_OR_FAIL(td_holding_fill(&h, TD_BUY, TD_QTY(5), TD_PX(10), TD_QTY(1)));
    before = h;
    assert_int_equal(td_holding_fill(&h, TD_BUY, TD_QTY(0), TD_PX(10), TD_QTY(1)), TD_ERANGE);
    assert_int_equal(td_holding_fill(&h, TD_BUY, TD_QTY_NONE, TD_PX(10), TD_QTY(1)), TD_ERANGE);
    assert_int_equal(td_holding_fill(&h, TD_BUY, TD_QTY(1), TD_PX_NONE, TD_QTY(1)), TD_ERANGE);
    assert_int_equal(td_holding_fill(&h, TD_BUY, TD_QTY(9000000000), TD_PX(10), TD_QTY(1)),
                     TD_ERANGE);
    assert_int_equal(td_holding_fill(&h, TD_BUY, TD_QTY(1), TD_PX(10), TD_QTY_NONE), TD_ERANGE);
    assert_int_equal(td_holding_fee(&h, TD_CASH_NONE), TD_ERANGE);
    assert_memory_equal(&h, &before, sizeof h);
}

/* cash flow + value at the mark = profit, whatever the order of fills. */
static void money_is_conserved(void **state)
{
    (void)state;
    struct td_rng rng;
    for (uint64_t seed = 0; seed < 50; seed++) {
        struct td_holding h = {0};
        int64_t qty = 0, flow = 0;
        td_rng_init(&rng, seed);
        for (int i = 0; i < 200; i++) {
            const bool buys = td_rng_chance(&rng, 0.5);
            const int64_t n = td_rng_between(&rng, 1, 500);
            const int64_t cents = td_rng_between(&rng, 5000, 6000);
            TD_OK_OR_FAIL(td_holding_fill(&h, buys ? TD_BUY : TD_SELL, TD_QTY(n),
                                          (td_px){cents * 10000000}, TD_QTY(1)));
            qty += buys ? n : -n;
            flow += buys ? -n * cents : n * cents;
            assert_int_equal(h.qty.e9, qty * TD_E9);
            td_cash net;
            TD_OK_OR_FAIL(td_holding_net(&h, (td_px){55 * TD_E9}, TD_QTY(1), &net));
            const int64_t exact = (flow + qty * 5500) * 10000000;
            /* each averaging rounds the price by at most half of 1e-9 */
            assert_in_range(net.e9 - exact + 1000000, 0, 2000000);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(longs_shorts_and_crossings),
                                       cmocka_unit_test(refusals_change_nothing),
                                       cmocka_unit_test(money_is_conserved)};
    return cmocka_run_group_tests_name("trade/position", tests, NULL, NULL);
}
