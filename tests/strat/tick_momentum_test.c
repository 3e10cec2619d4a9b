/* tests/strat/tick_momentum_test.c - prints that run one way, counted by hand, and each way out. */
#include "strat/strat_stage.h"

static struct stage stage;

/* 21 prints: `falls` of the 20 changes go down by `down`, the others up by `up`, alternating as long as they can. */
static size_t run(double start, int falls, double up, double down)
{
    size_t n = stage_trade(&stage, 0, start, 1);
    for (int i = 0; i < 20; i++) {
        stage.now += 100 * TD_MS;
        assert_int_equal(n, 0);
        start = i % 2 && falls-- > 0 ? start - down : start + up;
        n = stage_trade(&stage, 0, stage_cent(start), 1);
    }
    return n;
}

static void begin(bool allow_short)
{
    stage_presets(&stage, "tick_momentum");
    stage_begin(&stage, 1, 5, allow_short, TD_MIN);
}

static void direction_and_size_decide(void **state)
{
    (void)state;
    begin(false);
    assert_int_equal(run(100, 4, 0.03, 0.01), 0); /* 16 up, 4 down: 0.6, not past it */
    begin(false);
    assert_int_equal(run(100, 3, 0.03, 0.01), 1); /* 17 up, 3 down: 0.7; mean 2.4 bps */
    assert_int_equal(stage.out[0].action, TD_BUY);
    assert_true(fabs(stage.out[0].strength - 0.7) < 1e-12);
    begin(false);
    assert_int_equal(run(200, 0, 0.01, 0), 0); /* all up, 0.5 bps each: too little */
    begin(false);
    assert_int_equal(run(100, 0, -0.03, 0), 0); /* down, no shorts */
    begin(true);
    assert_int_equal(run(100, 0, -0.03, 0), 1);
    assert_int_equal(stage.out[0].action, TD_SELL);
}

static void enter(void)
{
    begin(false);
    assert_int_equal(run(100, 0, 0.02, 0), 1); /* at 100.40 */
    stage.now += 2 * TD_SEC;
}

static void each_way_out(void **state)
{
    (void)state;
    enter();
    assert_int_equal(stage_trade(&stage, 0, 100.50, 1), 0); /* 10 bps of 100.40 are 0.1004 */
    assert_int_equal(stage_trade(&stage, 0, 100.51, 1), 1);
    assert_non_null(strstr(stage.out[0].reason, "target"));
    enter();
    assert_int_equal(stage_trade(&stage, 0, 100.20, 1), 0); /* 20 bps are 0.2008 */
    assert_int_equal(stage_trade(&stage, 0, 100.19, 1), 1);
    assert_non_null(strstr(stage.out[0].reason, "stop"));
    enter();
    for (int i = 1; i <= 13; i++) /* 7 up, 13 down: -0.3 is not past it */
        assert_int_equal(stage_trade(&stage, 0, 100.40 - 0.01 * i, 1), 0);
    assert_int_equal(stage_trade(&stage, 0, 100.26, 1), 1);
    assert_non_null(strstr(stage.out[0].reason, "turned"));
    enter();
    assert_int_equal(stage_quote(&stage, 0, 100.39, 1, 100.41, 1), 0); /* seen here */
    stage.now += 59 * TD_SEC + 900 * TD_MS;
    assert_int_equal(stage_quote(&stage, 0, 100.39, 1, 100.41, 1), 0);
    stage.now += 100 * TD_MS;
    assert_int_equal(stage_quote(&stage, 0, 100.39, 1, 100.41, 1), 1);
    assert_non_null(strstr(stage.out[0].reason, "60 s"));
}

static void unreported_prints_do_not_count(void **state)
{
    (void)state;
    begin(false);
    struct td_event ev = {.recv_ns = 1, .kind = TD_EV_TRADE};
    ev.trade = (struct td_trade){.px = TD_PX(100), .qty = TD_QTY(1), .unreported = true};
    for (int i = 0; i < 40; i++) {
        ev.trade.px.e9 += TD_E9;
        ev.recv_ns = stage.now += TD_SEC;
        assert_int_equal(stage_event(&stage, 0, &ev), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(direction_and_size_decide),
        cmocka_unit_test(each_way_out),
        cmocka_unit_test(unreported_prints_do_not_count),
    };
    return cmocka_run_group_tests_name("strat/tick_momentum", tests, NULL, NULL);
}
