/* tests/strat/ofi_test.c - order flow imbalance on books made by hand, and each way out. */
#include "strat/strat_stage.h"

#include "strat/depth_view.h"

static struct stage stage;

static void begin(bool allow_short)
{
    stage_presets(&stage, "ofi");
    stage_begin(&stage, 1, 5, allow_short, TD_MIN);
}

static size_t book(double bid, double bids, double asks)
{
    stage.now += 2 * TD_SEC;
    return stage_book(&stage, 0, bid, bid + 0.02, bids, asks, 5);
}

/* Sizes of 5 levels: (B - A)/(B + A) is (bids - asks)/(bids + asks), pressure the same here. */
static void in_past_three_tenths(void **state)
{
    (void)state;
    begin(true);
    assert_int_equal(book(100, 129, 71), 0); /* 0.29 */
    assert_int_equal(book(100, 131, 69), 1); /* 0.31 */
    assert_int_equal(stage.out[0].action, TD_BUY);
    assert_true(fabs(stage_px(stage.out[0].reference) - 100.01) < 1e-9);
    assert_true(fabs(stage_px(stage.out[0].risk) - 0.20002) < 1e-8);
    begin(true);
    assert_int_equal(book(100, 69, 131), 1);
    assert_int_equal(stage.out[0].action, TD_SELL);
    begin(false);
    assert_int_equal(book(100, 69, 131), 0);
}

/* Large bids far below the price are imbalance without pressure. */
static void pressure_must_confirm(void **state)
{
    (void)state;
    struct td_ladder ladder;
    begin(true);
    stage.now += TD_SEC;
    (void)stage_book(&stage, 0, 100, 100.02, 100, 100, 5);
    stage.books[0].side[TD_BID][4] = (struct td_level){stage_of(90), TD_QTY(5000)};
    const struct td_event ev = {.recv_ns = stage.now + TD_SEC, .kind = TD_EV_DEPTH};
    assert_int_equal(stage_event(&stage, 0, &ev), 0);
    assert_true(td_depth_view(&stage.legs[0], &ladder));
    assert_true(td_ladder_imbalance(&ladder, 5) > 0.8);
    double sum[2] = {0};
    for (int side = 0; side < 2; side++)
        for (int row = 0; row < 5; row++)
            sum[side] +=
                ladder.qty[side][row] * exp(-100 * fabs(ladder.px[side][row] - 100.01) / 100.01);
    const double pressure = (sum[1] - sum[0]) / (sum[1] + sum[0]);
    assert_true(fabs(td_depth_pressure(&ladder, 5) - pressure) < 1e-12 && pressure < 0.2);
}

static void each_way_out(void **state)
{
    (void)state;
    static const struct {
        double bid, bids, asks;
        const char *reason;
    } cases[] = {
        {100.12, 100, 100, "target"}, /* entry 100.01: 10 bps are 0.10001, and it leaves at the bid */
        {99.80, 100, 100, "stop"},    /* 20 bps are 0.20002 */
        {100, 89, 111, "turned"},     /* -0.11 */
        {100.11, 100, 100, NULL},     {99.81, 100, 100, NULL}, {100, 91, 109, NULL},
    };
    for (size_t i = 0; i < TD_COUNT(cases); i++) {
        begin(true);
        assert_int_equal(book(100, 200, 100), 1);
        assert_int_equal(book(cases[i].bid, cases[i].bids, cases[i].asks), cases[i].reason != NULL);
        if (cases[i].reason)
            assert_non_null(strstr(stage.out[0].reason, cases[i].reason));
    }
}

static void no_decision_from_a_book_that_is_none(void **state)
{
    (void)state;
    struct td_ladder ladder;
    begin(true);
    stage.now += TD_SEC;
    assert_int_equal(stage_book(&stage, 0, 100.02, 100.02, 300, 100, 5), 0); /* locked */
    assert_int_equal(stage_book(&stage, 0, 100.05, 100.02, 300, 100, 5), 0); /* crossed */
    assert_int_equal(stage_book(&stage, 0, 100, 100.02, 300, 100, 0), 0);    /* empty */
    (void)stage_book(&stage, 0, 100, 100.02, 100, 100, 5);
    stage.books[0].broken = true;
    assert_false(td_depth_view(&stage.legs[0], &ladder));
    stage.books[0].broken = false;
    assert_true(td_depth_view(&stage.legs[0], &ladder));
    stage.legs[0].tradable = false;
    stage.now += TD_SEC;
    assert_int_equal(stage_book(&stage, 0, 100, 100.02, 300, 100, 5), 0);
    stage.legs[0].book = NULL; /* then the quote is the book */
    stage.legs[0].tradable = true;
    assert_int_equal(stage_quote(&stage, 0, 100, 300, 100.02, 100), 1);
}

/* What the gates refuse is not asked for on every update of the book. */
static void a_refusal_is_not_a_flood(void **state)
{
    (void)state;
    size_t asked = 0;
    begin(true);
    stage.no_fills = true;
    for (int i = 0; i < 1000; i++) {
        stage.now += 10 * TD_MS;
        asked += stage_book(&stage, 0, 100, 100.02, 200, 100, 5);
    }
    assert_int_equal(asked, 10);
    stage.no_fills = false;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_past_three_tenths),
        cmocka_unit_test(pressure_must_confirm),
        cmocka_unit_test(each_way_out),
        cmocka_unit_test(no_decision_from_a_book_that_is_none),
        cmocka_unit_test(a_refusal_is_not_a_flood),
    };
    return cmocka_run_group_tests_name("strat/ofi", tests, NULL, NULL);
}
