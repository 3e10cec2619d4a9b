/* tests/strat/breakout_test.c - hand-made ranges and breaks: each condition alone decides, each way out is taken. */
#include "strat/strat_stage.h"

static struct stage stage;

/* A quiet range: closes 100 and 100.5 in turn, so the pivots are 100.5 and 100; mean volume 1000. */
static void quiet(double size, bool allow_short)
{
    stage_presets(&stage, "breakout");
    stage_begin(&stage, 1, size, allow_short, TD_HOUR);
    for (int i = 0; i < 60; i++)
        assert_int_equal(stage_close(&stage, i % 2 ? 100.5 : 100, 1000), 0);
}

static void in_after_two_bars(void **state)
{
    (void)state;
    quiet(10, false);
    assert_int_equal(stage_close(&stage, 102.6, 1500), 0); /* 100.5 * 1.02 = 102.51 */
    assert_int_equal(stage_close(&stage, 101, 10), 1);     /* past the level: confirmed */
    assert_int_equal(stage.out[0].action, TD_BUY);
    assert_int_equal(stage.out[0].qty.e9, 10 * TD_E9);
    assert_int_equal(stage.out[0].reference.e9, 101 * TD_E9);
    assert_true(fabs(stage_px(stage.out[0].risk) - 3.03) < 1e-9);
    assert_int_equal(stage_close(&stage, 102, 10), 0);
}

static void nothing_breaks_alone(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        double first, volume, second;
    } cases[] = {
        {"2 % are not reached", 102.5, 1500, 102.5},
        {"too little volume", 102.6, 1499, 102.6},
        {"one bar only", 102.6, 1500, 100.4},
        {"void: 1 % behind the level", 102.6, 1500, 99.4},
        {"a break down, no shorts", 97.9, 1500, 97.9},
    };
    for (size_t i = 0; i < TD_COUNT(cases); i++) {
        quiet(1, false);
        if (stage_close(&stage, cases[i].first, cases[i].volume) ||
            stage_close(&stage, cases[i].second, 10))
            fail_msg("%s: entered", cases[i].what);
    }
    /* A range of 10 % with a wide band is no consolidation. */
    stage_presets(&stage, "breakout");
    stage_begin(&stage, 1, 1, false, TD_HOUR);
    for (int i = 0; i < 60; i++)
        assert_int_equal(stage_close(&stage, i % 2 ? 110 : 100, 1000), 0);
    assert_int_equal(stage_close(&stage, 115, 2000), 0);
    assert_int_equal(stage_close(&stage, 116, 2000), 0);
}

/* Back behind the level but by less than 1 %: the count begins again, the break stays. */
static void a_doubtful_bar_only_delays(void **state)
{
    (void)state;
    quiet(1, false);
    assert_int_equal(stage_close(&stage, 102.6, 1500), 0);
    assert_int_equal(stage_close(&stage, 100, 10), 0);
    assert_int_equal(stage_close(&stage, 101, 10), 0);
    assert_int_equal(stage_close(&stage, 101, 10), 1);
}

static void enter_at(double px)
{
    quiet(1, true);
    assert_int_equal(stage_close(&stage, 102.6, 1500), 0);
    assert_int_equal(stage_close(&stage, px, 10), 1);
}

static void each_way_out(void **state)
{
    (void)state;
    enter_at(101);
    assert_int_equal(stage_close(&stage, 99.6, 10), 0); /* 100.5 * 0.99 = 99.495 */
    assert_int_equal(stage_close(&stage, 99.4, 10), 1);
    assert_non_null(strstr(stage.out[0].reason, "false break"));
    enter_at(104);
    assert_int_equal(stage_close(&stage, 100.9, 10), 0); /* 104 * 0.97 = 100.88 */
    assert_int_equal(stage_close(&stage, 100.87, 10), 1);
    assert_string_equal(stage.out[0].reason, "stop");
    enter_at(104);
    assert_int_equal(stage_close(&stage, 111.7, 10), 0); /* 104 * 1.075 = 111.8 */
    assert_int_equal(stage_trade(&stage, 0, 111.8, 1), 1);
    assert_string_equal(stage.out[0].reason, "target");
    assert_int_equal(stage.legs[0].position.e9, 0);
}

static void shorts_mirror_it(void **state)
{
    (void)state;
    quiet(1, true);
    assert_int_equal(stage_close(&stage, 97.9, 1500), 0); /* 100 * 0.98 = 98 */
    assert_int_equal(stage_close(&stage, 97.5, 10), 1);
    assert_int_equal(stage.out[0].action, TD_SELL);
    assert_int_equal(stage_close(&stage, 100.4, 10), 0); /* 97.5 * 1.03 = 100.425 */
    assert_int_equal(stage_close(&stage, 100.43, 10), 1);
    assert_string_equal(stage.out[0].reason, "stop");
}

/* A refused entry is not repeated on every bar. */
static void one_try_a_break(void **state)
{
    (void)state;
    quiet(1, false);
    stage.no_fills = true;
    (void)stage_close(&stage, 102.6, 1500);
    assert_int_equal(stage_close(&stage, 102.7, 10), 1);
    for (int i = 0; i < 10; i++)
        assert_int_equal(stage_close(&stage, 102.7, 10), 0);
    stage.no_fills = false;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_after_two_bars),          cmocka_unit_test(nothing_breaks_alone),
        cmocka_unit_test(a_doubtful_bar_only_delays), cmocka_unit_test(each_way_out),
        cmocka_unit_test(shorts_mirror_it),           cmocka_unit_test(one_try_a_break),
    };
    return cmocka_run_group_tests_name("strat/breakout", tests, NULL, NULL);
}
