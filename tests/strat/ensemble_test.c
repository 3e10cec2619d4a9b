/* tests/strat/ensemble_test.c - the three parts of the score by hand, and each way out. */
#include "strat/strat_stage.h"

static struct stage stage;

/* 20 changes of `change` each; nothing is decided before there is a book. */
static void prints(double change)
{
    stage_presets(&stage, "ensemble");
    stage_begin(&stage, 1, 5, true, TD_MIN);
    for (int i = 0; i <= 20; i++)
        assert_int_equal(stage_trade(&stage, 0, 100 + change * i, 1), 0);
    stage.now += 2 * TD_SEC;
}

/* Equal sizes on all levels: OFI and the micro-price's place are both (bids - asks)/(bids + asks). */
static size_t book(double bid, double bids, double asks)
{
    stage.now += 2 * TD_SEC;
    return stage_book(&stage, 0, bid, bid + 0.02, bids, asks, 5);
}

static void weights_add_up(void **state)
{
    (void)state;
    static const struct {
        double change, bids, asks;
        int action; /* -1 none */
    } cases[] = {
        {0.01, 129, 71, TD_BUY},                        /* 0.7 * 0.29 + 0.3 = 0.503 */
        {0.01, 128, 72, -1},                            /* 0.7 * 0.28 + 0.3 = 0.496 */
        {0, 172, 28, TD_BUY},                           /* 0.7 * 0.72 = 0.504 */
        {0, 171, 29, -1},                               /* 0.7 * 0.71 = 0.497 */
        {-0.01, 71, 129, TD_SELL}, {-0.01, 199, 1, -1}, /* they disagree: 0.7 * 0.99 - 0.3 */
    };
    for (size_t i = 0; i < TD_COUNT(cases); i++) {
        prints(cases[i].change);
        const size_t n = book(100, cases[i].bids, cases[i].asks);
        assert_int_equal(n, cases[i].action >= 0);
        if (n)
            assert_int_equal(stage.out[0].action, cases[i].action);
    }
}

static void no_entry_before_the_window_is_full(void **state)
{
    (void)state;
    stage_presets(&stage, "ensemble");
    stage_begin(&stage, 1, 5, true, TD_MIN);
    for (int i = 0; i < 20; i++)
        (void)stage_trade(&stage, 0, 100 + i, 1);
    assert_int_equal(book(100, 199, 1), 0);
    assert_int_equal(stage_trade(&stage, 0, 130, 1), 1);
}

static void each_way_out(void **state)
{
    (void)state;
    static const struct {
        double bid, bids, asks;
        td_ns later;
        const char *reason;
    } cases[] = {
        {100.12, 100, 100, 0, "target"},      {99.80, 100, 100, 0, "stop"},
        {100, 1, 199, 0, "turned"}, /* 0.3 - 0.693 */
        {100, 100, 100, 60 * TD_SEC, "60 s"}, {100, 100, 100, 0, NULL},
    };
    for (size_t i = 0; i < TD_COUNT(cases); i++) {
        prints(0.01);
        assert_int_equal(book(100, 150, 50), 1);
        assert_int_equal(book(100, 100, 100), 0);
        stage.now += cases[i].later;
        assert_int_equal(book(cases[i].bid, cases[i].bids, cases[i].asks), cases[i].reason != NULL);
        if (cases[i].reason)
            assert_non_null(strstr(stage.out[0].reason, cases[i].reason));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(weights_add_up),
        cmocka_unit_test(no_entry_before_the_window_is_full),
        cmocka_unit_test(each_way_out),
    };
    return cmocka_run_group_tests_name("strat/ensemble", tests, NULL, NULL);
}
