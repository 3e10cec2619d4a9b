/* tests/strat/strat_pieces_test.c - the pieces that strategies share: bars that are none, levels, wishes, the pause. */
#include "strat/strat_stage.h"

#include "strat/bar_feed.h"
#include "strat/hold.h"
#include "strat/wish.h"

static struct td_event bar_of(double open, double high, double low, double close)
{
    return (struct td_event){.kind = TD_EV_BAR,
                             .bar = {.open = stage_of(open),
                                     .high = stage_of(high),
                                     .low = stage_of(low),
                                     .close = stage_of(close),
                                     .volume = TD_QTY(5),
                                     .span = TD_MIN}};
}

static void bars_to_decide_by(void **state)
{
    (void)state;
    double c[TD_FEED_COLUMNS] = {0}, low, high;
    struct td_event ev = bar_of(10, 12, 9, 11);
    assert_true(td_feed_bar(&ev, c));
    assert_true(c[TD_FEED_OPEN] == 10 && c[TD_FEED_HIGH] == 12 && c[TD_FEED_LOW] == 9 &&
                c[TD_FEED_CLOSE] == 11 && c[TD_FEED_VOLUME] == 5);
    ev.bar.volume = TD_QTY_NONE;
    assert_true(td_feed_bar(&ev, c) && c[TD_FEED_VOLUME] == 0);
    ev.bar.volume = TD_QTY(-1);
    assert_false(td_feed_bar(&ev, c));
    static const double bad[][4] = {{13, 12, 9, 11}, {10, 12, 10.5, 11}, {10, 12, 9, 12.5},
                                    {10, 12, 9, 8},  {0, 12, 0, 11},     {10, 2e9, 9, 11},
                                    {10, 12, -9, 11}};
    for (size_t i = 0; i < TD_COUNT(bad); i++) {
        ev = bar_of(bad[i][0], bad[i][1], bad[i][2], bad[i][3]);
        assert_false(td_feed_bar(&ev, c));
        assert_false(td_feed_range(&ev, &low, &high));
    }
    ev = bar_of(10, 12, 9, 11);
    ev.bar.high = TD_PX_NONE;
    assert_false(td_feed_bar(&ev, c));
    ev = (struct td_event){.kind = TD_EV_TRADE, .trade = {.px = TD_PX(7)}};
    assert_true(td_feed_range(&ev, &low, &high) && low == 7 && high == 7);
    assert_true(isnan(td_feed_price(TD_PX_NONE)) && isnan(td_feed_price(TD_PX(0))));
}

static void the_time_of_an_event_is_its_end(void **state)
{
    (void)state;
    struct td_event ev = bar_of(1, 1, 1, 1);
    ev.venue_ns = 5 * TD_MIN;
    ev.recv_ns = 9 * TD_MIN;
    assert_int_equal(td_feed_time(&ev), 6 * TD_MIN);
    ev.venue_ns = 0;
    assert_int_equal(td_feed_time(&ev), 9 * TD_MIN);
    ev.kind = TD_EV_QUOTE;
    ev.venue_ns = 8 * TD_MIN;
    assert_int_equal(td_feed_time(&ev), 8 * TD_MIN);
}

static void asks_that_do_not_fit_are_refused(void **state)
{
    (void)state;
    static _Alignas(8) unsigned char memory[65536];
    struct td_fail why = {0};
    const struct td_feed_ask large[] = {{"SMA", {500}, TD_FEED_CLOSE}},
                             wrong[] = {{"SMA", {-3}, TD_FEED_CLOSE}};
    TD_OK_OR_FAIL(td_feed_begin(large, 1, memory, sizeof memory, &why));
    assert_true(isnan(td_feed_value(memory, 0, 0)));
    assert_int_equal(td_feed_begin(large, 1, memory, 1000, &why), TD_ERANGE);
    assert_non_null(strstr(why.text, "1000 are there"));
    assert_int_equal(td_feed_begin(wrong, 1, memory, sizeof memory, &why), TD_ERANGE);
}

static void levels_of_a_position(void **state)
{
    (void)state;
    struct td_hold h = {0};
    struct td_leg leg = {.position = TD_QTY(5), .average = TD_PX(100)};
    struct td_hold_plan plan = {.price = 90, .stop = (double)NAN, .target = 8, .now = 3};
    td_hold_follow(&h, &leg, &plan);
    assert_true(h.side == 1 && h.entry == 100 && isnan(h.stop) && h.target == 108 &&
                h.since_ns == 3);
    plan.stop = 4; /* known only now: it is set, the target stays */
    plan.target = 50;
    plan.now = 7;
    td_hold_follow(&h, &leg, &plan);
    assert_true(h.stop == 96 && h.target == 108 && h.since_ns == 3);
    assert_null(td_hold_hit(&h, 96.01, 107.99));
    assert_string_equal(td_hold_hit(&h, 96, 100), "stop");
    assert_string_equal(td_hold_hit(&h, 97, 108), "target");
    assert_string_equal(td_hold_hit(&h, 95, 110), "stop"); /* both: the worse */
    td_hold_bar(&h);
    assert_int_equal(h.bars, 1);
    leg.position = TD_QTY(-5); /* it turned: all anew */
    leg.average = TD_PX(0);    /* and nobody says at what price */
    td_hold_follow(&h, &leg, &plan);
    assert_true(h.side == -1 && h.entry == 90 && h.stop == 94 && h.target == 40 && h.bars == 0);
    assert_string_equal(td_hold_hit(&h, 80, 94), "stop");
    assert_string_equal(td_hold_hit(&h, 40, 93), "target");
    leg.position = TD_QTY(0);
    td_hold_follow(&h, &leg, &plan);
    assert_null(td_hold_hit(&h, 0, 1e9));
    td_hold_bar(&h);
    assert_int_equal(h.bars, 0);
    leg.position = TD_QTY(1);
    leg.average = TD_PX(200);
    plan.stop = plan.target = (double)NAN;
    td_hold_follow(&h, &leg, &plan);
    td_hold_fractions(&h, 0.1, 0.25);
    assert_true(fabs(h.stop - 180) < 1e-9 && fabs(h.target - 250) < 1e-9);
}

static void decay_of_a_score(void **state)
{
    (void)state;
    struct td_hold h = {.side = -1};
    assert_true(td_hold_decay(&h, 0.1) == 0); /* it never was good */
    assert_true(td_hold_decay(&h, -0.8) == 0);
    assert_true(fabs(td_hold_decay(&h, -0.2) - 0.75) < 1e-12);
    assert_true(fabs(td_hold_decay(&h, 0.8) - 2) < 1e-12);
    assert_true(td_hold_decay(&h, (double)NAN) == 0);
}

static struct td_intent out[TD_INTENTS_MAX];

static struct td_wish wish_on(struct td_leg *legs, const struct td_event *ev, struct td_view *view)
{
    *view = (struct td_view){.leg = &legs[0], .legs = legs, .leg_count = 2};
    return (struct td_wish){&td_strat_sma_cross, ev, view, out, 0};
}

static void wishes(void **state)
{
    (void)state;
    const struct td_event ev = bar_of(10, 12, 9, 11);
    struct td_leg legs[2] = {{.tradable = true}, {.tradable = true, .last = TD_PX(70)}};
    struct td_view view;
    struct td_wish w = wish_on(legs, &ev, &view);
    struct td_entry e = {
        .leg = 1, .direction = -1, .size = TD_QTY(4), .price = 71, .strength = 7, .risk = 2};
    assert_true(td_wish_enter(&w, &e, "why %d", 5));
    assert_true(out[0].leg == 1 && out[0].action == TD_SELL && out[0].qty.e9 == 4 * TD_E9 &&
                !out[0].exit);
    assert_true(out[0].strength == 1 && out[0].risk.e9 == 2 * TD_E9 &&
                out[0].reference.e9 == 71 * TD_E9);
    assert_string_equal(out[0].reason, "why 5");
    e.price = (double)NAN;
    assert_false(td_wish_enter(&w, &e, "x"));
    e.price = 0;
    assert_false(td_wish_enter(&w, &e, "x"));
    e.price = INFINITY;
    assert_false(td_wish_enter(&w, &e, "x"));
    e.price = 71;
    e.strength = (double)NAN;
    assert_false(td_wish_enter(&w, &e, "x"));
    e.strength = -0.1;
    assert_false(td_wish_enter(&w, &e, "x"));
    e.strength = 1;
    w.count = TD_INTENTS_MAX; /* no room */
    assert_false(td_wish_enter(&w, &e, "x"));
    assert_int_equal(w.count, TD_INTENTS_MAX);
}

static void exits(void **state)
{
    (void)state;
    const struct td_event ev = bar_of(10, 12, 9, 11);
    struct td_leg legs[2] = {{.position = TD_QTY(5)},
                             {.position = {-2500000000}, .last = TD_PX_NONE}};
    struct td_view view;
    struct td_wish w = wish_on(legs, &ev, &view);
    assert_true(td_wish_leave(&w, 0, 1, "all")); /* though it cannot be traded */
    assert_true(out[0].exit && out[0].qty.e9 == 5 * TD_E9 && out[0].action == TD_SELL);
    assert_int_equal(out[0].reference.e9, 11 * TD_E9);
    assert_true(td_wish_leave(&w, 0, 0.5, "half"));
    assert_int_equal(out[1].qty.e9, 2 * TD_E9); /* whole units */
    assert_true(td_wish_leave(&w, 1, 1, "the other"));
    assert_true(out[2].action == TD_BUY && out[2].qty.e9 == 2500000000 && out[2].leg == 1);
    assert_true(td_px_is_none(out[2].reference)); /* this event's price is not its own */
    assert_false(td_wish_leave(&w, 1, 0.1, "less than a unit"));
    legs[0].pending = TD_QTY(1);
    assert_false(td_wish_leave(&w, 0, 1, "an order works"));
    legs[0].position = legs[0].pending = TD_QTY(0);
    assert_false(td_wish_leave(&w, 0, 1, "nothing is held"));
}

static void the_pause(void **state)
{
    (void)state;
    struct td_wish_pause p = {0};
    assert_true(td_wish_ready(&p, 5));
    td_wish_answered(&p, 100 * TD_SEC);
    assert_false(td_wish_ready(&p, 100 * TD_SEC));
    assert_false(td_wish_ready(&p, 101 * TD_SEC - 1));
    assert_true(td_wish_ready(&p, 101 * TD_SEC));
    assert_true(td_wish_ready(&p, 50 * TD_SEC)); /* the clock ran back */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bars_to_decide_by),
        cmocka_unit_test(the_time_of_an_event_is_its_end),
        cmocka_unit_test(asks_that_do_not_fit_are_refused),
        cmocka_unit_test(levels_of_a_position),
        cmocka_unit_test(decay_of_a_score),
        cmocka_unit_test(wishes),
        cmocka_unit_test(exits),
        cmocka_unit_test(the_pause),
    };
    return cmocka_run_group_tests_name("strat/pieces", tests, NULL, NULL);
}
