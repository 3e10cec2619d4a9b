/* tests/sim/exchange_bar_test.c - fills by bars: each kind of order against bars made by hand. */
#include "support/support.h"

#include <string.h>

#include "sim/exchange.h"

#define T0 (INT64_C(1000000) * TD_MIN)

static struct td_exchange x;
static uint8_t block[1 << 20];

static void begin(int32_t slip_bps)
{
    const struct td_exch_config config = {
        .orders_max = 16, .levels_max = 4, .by_bars = true, .slip_bps = slip_bps};
    struct td_arena arena;
    td_arena_init(&arena, block, sizeof block);
    TD_OK_OR_FAIL(td_exchange_open(&x, &config, &arena));
}

static td_px px(double v)
{
    return (td_px){(int64_t)(v * 100 + 0.5) * 10000000};
}

/* The bar of minute `n`: it begins then, and ends with the next. */
static void bar(int n, double open, double high, double low, double close)
{
    struct td_event ev = {.venue_ns = T0 + n * TD_MIN, .kind = TD_EV_BAR};
    ev.bar = (struct td_bar){.open = px(open),
                             .high = px(high),
                             .low = px(low),
                             .close = px(close),
                             .volume = TD_QTY(1),
                             .wap = TD_PX_NONE,
                             .span = TD_MIN};
    TD_OK_OR_FAIL(td_exchange_market(&x, &ev));
}

static void submit(td_ns at, struct td_exch_order order)
{
    order.qty = TD_QTY(10);
    order.tif = order.tif ? order.tif : TD_EXCH_GTC;
    TD_OK_OR_FAIL(td_exchange_submit(&x, at, &order));
}

/* The next fill up to `at`, or a price that is none. */
static td_px filled(td_ns at, uint64_t key)
{
    struct td_exch_report r;
    while (td_exchange_next(&x, at, &r))
        if (r.kind == TD_EXCH_FILL && r.key == key) {
            assert_int_equal(r.qty.e9, 10 * TD_E9);
            return r.px;
        }
    return TD_PX_NONE;
}

static void a_market_order_takes_the_next_open(void **state)
{
    (void)state;
    begin(0);
    bar(0, 100, 101, 99, 100.5);
    submit(T0 + 1, (struct td_exch_order){.key = 1, .type = TD_EXCH_MARKET});
    assert_true(td_px_is_none(filled(T0 + TD_MIN - 1, 1))); /* not in the bar it came in */
    bar(1, 100.7, 102, 100, 101);
    assert_int_equal(filled(T0 + TD_MIN, 1).e9, px(100.7).e9);
    submit(T0 + TD_MIN, (struct td_exch_order){.key = 2, .type = TD_EXCH_MARKET});
    assert_int_equal(filled(T0 + TD_MIN, 2).e9, px(100.7).e9); /* at the very moment it began */
}

static void quote(td_ns at, double bid, double ask)
{
    struct td_event ev = {.venue_ns = at, .kind = TD_EV_QUOTE};
    ev.quote = (struct td_quote){px(bid), px(ask), TD_QTY(1), TD_QTY(1)};
    TD_OK_OR_FAIL(td_exchange_market(&x, &ev));
}

static void a_bar_that_begins_with_a_quote_fills_at_its_sides(void **state)
{
    (void)state;
    begin(100);
    submit(T0, (struct td_exch_order){.key = 1, .type = TD_EXCH_MARKET});
    submit(T0, (struct td_exch_order){.key = 2, .type = TD_EXCH_MARKET, .action = TD_SELL});
    quote(T0, 99, 102);
    assert_true(td_px_is_none(filled(T0, 1))); /* a quote alone fills nothing */
    bar(0, 100, 101, 99, 100.5);
    assert_int_equal(filled(T0, 1).e9, px(103.02).e9);
    assert_int_equal(filled(T0, 2).e9, px(98.01).e9);
    submit(T0, (struct td_exch_order){.key = 3, .type = TD_EXCH_MARKET});
    assert_int_equal(filled(T0, 3).e9, px(103.02).e9); /* at the very moment it began */
    quote(T0 + 30 * TD_SEC, 90, 91);
    submit(T0 + 1, (struct td_exch_order){.key = 4, .type = TD_EXCH_MARKET});
    bar(1, 100, 101, 99, 100.5); /* that quote was of the bar before */
    assert_int_equal(filled(T0 + TD_MIN, 4).e9, px(101).e9);
}

static void an_immediate_limit_asks_the_quote(void **state)
{
    (void)state;
    begin(0);
    quote(T0, 99, 100.5);
    bar(0, 100, 101, 99, 100.5);
    submit(T0, (struct td_exch_order){
                   .key = 1, .type = TD_EXCH_LIMIT, .limit_px = px(100.4), .tif = TD_EXCH_IOC});
    assert_true(td_px_is_none(filled(T0, 1)));
    submit(T0, (struct td_exch_order){
                   .key = 2, .type = TD_EXCH_LIMIT, .limit_px = px(100.6), .tif = TD_EXCH_IOC});
    assert_int_equal(filled(T0, 2).e9, px(100.5).e9);
}

static void slippage_makes_it_worse(void **state)
{
    (void)state;
    begin(100);
    submit(T0, (struct td_exch_order){.key = 1, .type = TD_EXCH_MARKET});
    submit(T0, (struct td_exch_order){.key = 2, .type = TD_EXCH_MARKET, .action = TD_SELL});
    bar(0, 100, 101, 99, 100.5);
    assert_int_equal(filled(T0, 1).e9, px(101).e9);
    assert_int_equal(filled(T0, 2).e9, px(99).e9);
}

static void a_limit_needs_a_price_past_it(void **state)
{
    (void)state;
    begin(0);
    bar(0, 100, 101, 98, 100);
    submit(T0 + 1, (struct td_exch_order){.key = 1, .type = TD_EXCH_LIMIT, .limit_px = px(99)});
    bar(1, 100, 101, 99, 100); /* touched, not passed; and the bar before went through */
    bar(2, 100, 101, 98.5, 100);
    assert_true(td_px_is_none(filled(T0 + 3 * TD_MIN - 1, 1)));
    assert_int_equal(filled(T0 + 3 * TD_MIN, 1).e9, px(99).e9);
    submit(T0 + 3 * TD_MIN,
           (struct td_exch_order){.key = 2, .type = TD_EXCH_LIMIT, .limit_px = px(99)});
    bar(3, 97, 98, 96, 97.5); /* it opens better */
    assert_int_equal(filled(T0 + 4 * TD_MIN, 2).e9, px(97).e9);
}

static void a_stop_fills_at_the_stop_or_beyond(void **state)
{
    (void)state;
    begin(0);
    submit(T0, (struct td_exch_order){
                   .key = 1, .type = TD_EXCH_STOP, .action = TD_SELL, .stop_px = px(99)});
    bar(0, 100, 101, 99.5, 100);
    bar(1, 100, 101, 98, 100);
    assert_int_equal(filled(T0 + 2 * TD_MIN, 1).e9, px(99).e9);
    submit(T0 + 2 * TD_MIN,
           (struct td_exch_order){
               .key = 2, .type = TD_EXCH_STOP, .action = TD_SELL, .stop_px = px(99)});
    bar(2, 97, 98, 96, 97); /* it opens below */
    assert_int_equal(filled(T0 + 3 * TD_MIN, 2).e9, px(97).e9);
}

static void a_stop_limit_works_from_the_next_bar(void **state)
{
    (void)state;
    begin(0);
    submit(T0, (struct td_exch_order){.key = 1,
                                      .type = TD_EXCH_STOP_LIMIT,
                                      .action = TD_SELL,
                                      .stop_px = px(99),
                                      .limit_px = px(98)});
    bar(0, 100, 101, 98.5, 100);
    assert_true(td_px_is_none(filled(T0 + TD_MIN, 1)));
    bar(1, 97, 98.5, 97, 98);
    assert_int_equal(filled(T0 + 2 * TD_MIN, 1).e9, px(98).e9);
}

static void a_trailing_stop_follows_what_is_over(void **state)
{
    (void)state;
    begin(0);
    submit(T0, (struct td_exch_order){.key = 1,
                                      .type = TD_EXCH_TRAIL,
                                      .action = TD_SELL,
                                      .trail = px(2),
                                      .stop_px = TD_PX_NONE});
    bar(0, 100, 110, 95, 105); /* sets it to 108; not asked in the same bar */
    assert_true(td_px_is_none(filled(T0 + TD_MIN, 1)));
    bar(1, 109, 109, 107, 107);
    assert_int_equal(filled(T0 + 2 * TD_MIN, 1).e9, px(108).e9);
}

/* The caller cancels the limit when it hears of the stop. */
static void of_two_exits_the_stop_comes_first(void **state)
{
    struct td_exch_report r;
    (void)state;
    begin(0);
    submit(T0, (struct td_exch_order){
                   .key = 1, .type = TD_EXCH_LIMIT, .action = TD_SELL, .limit_px = px(101)});
    submit(T0, (struct td_exch_order){
                   .key = 2, .type = TD_EXCH_STOP, .action = TD_SELL, .stop_px = px(99)});
    bar(0, 100, 102, 98, 100);
    bool stopped = false;
    while (td_exchange_next(&x, T0 + TD_MIN, &r)) {
        assert_false(r.kind == TD_EXCH_FILL && r.key == 1);
        if (r.kind == TD_EXCH_FILL && r.key == 2) {
            stopped = true;
            TD_OK_OR_FAIL(td_exchange_cancel(&x, T0 + TD_MIN, 1));
        }
    }
    assert_true(stopped);
    assert_int_equal(td_exchange_live(&x), 0);
}

static void at_once_or_not_at_all(void **state)
{
    (void)state;
    begin(0);
    bar(0, 100, 101, 99, 100);
    submit(T0, (struct td_exch_order){
                   .key = 1, .type = TD_EXCH_LIMIT, .limit_px = px(100), .tif = TD_EXCH_IOC});
    assert_int_equal(filled(T0, 1).e9, px(100).e9);
    submit(T0, (struct td_exch_order){
                   .key = 2, .type = TD_EXCH_LIMIT, .limit_px = px(99.5), .tif = TD_EXCH_FOK});
    assert_true(td_px_is_none(filled(T0, 2)));
    assert_int_equal(td_exchange_live(&x), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_market_order_takes_the_next_open),
        cmocka_unit_test(slippage_makes_it_worse),
        cmocka_unit_test(a_bar_that_begins_with_a_quote_fills_at_its_sides),
        cmocka_unit_test(an_immediate_limit_asks_the_quote),
        cmocka_unit_test(a_limit_needs_a_price_past_it),
        cmocka_unit_test(a_stop_fills_at_the_stop_or_beyond),
        cmocka_unit_test(a_stop_limit_works_from_the_next_bar),
        cmocka_unit_test(a_trailing_stop_follows_what_is_over),
        cmocka_unit_test(of_two_exits_the_stop_comes_first),
        cmocka_unit_test(at_once_or_not_at_all),
    };
    return cmocka_run_group_tests_name("sim/exchange_bar", tests, NULL, NULL);
}
