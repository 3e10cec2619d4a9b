/* tests/trade/guard_test.c - stops of longs and shorts, what they ratchet by, and how closing is pressed. */
#include "support/support.h"

#include "base/random.h"
#include "trade/guard.h"

static struct td_guard_watch w;
static struct td_guard_stats stats;
static td_ns now;

static int begin(void **state)
{
    (void)state;
    w = (struct td_guard_watch){0};
    stats = (struct td_guard_stats){0};
    now = 1000 * TD_SEC;
    return 0;
}

static struct td_guard_terms terms(enum td_guard_kind kind, enum td_action action)
{
    return (struct td_guard_terms){.kind = kind,
                                   .action = (uint8_t)action,
                                   .qty = TD_QTY(10),
                                   .stop = TD_PX_NONE,
                                   .entry = TD_PX(100),
                                   .part_e9 = TD_E9 / 50,
                                   .trail = TD_PX(3)};
}

static void armed(enum td_guard_kind kind, enum td_action action)
{
    const struct td_guard_terms t = terms(kind, action);
    TD_OK_OR_FAIL(td_guard_arm(&w, &t, now, &stats));
}

static struct td_guard_sight sight(int64_t cents)
{
    return (struct td_guard_sight){.now = now,
                                   .price = {cents * (TD_E9 / 100)},
                                   .price_at = now,
                                   .open = true,
                                   .broker_stop = TD_PX_NONE};
}

/* A second later, at this price. */
static uint32_t at(int64_t cents)
{
    now += TD_SEC;
    const struct td_guard_sight s = sight(cents);
    return td_guard_look(&w, &s, &stats);
}

static int64_t stop_cents(void)
{
    assert_int_equal(w.terms.stop.e9 % (TD_E9 / 100), 0);
    return w.terms.stop.e9 / (TD_E9 / 100);
}

static void a_fixed_stop_stays_and_triggers_once(void **state)
{
    (void)state;
    armed(TD_GUARD_FIXED, TD_SELL);
    assert_int_equal(stop_cents(), 9800);
    assert_int_equal(at(9801), 0);
    assert_int_equal(at(15000), 0);
    assert_int_equal(stop_cents(), 9800);
    assert_int_equal(at(9800), TD_GUARD_TRIGGER | TD_GUARD_EXIT);
    assert_int_equal(w.trigger_px.e9, TD_PX(98).e9);
    assert_true(td_guard_resize(&w, TD_QTY(0), now + 300 * TD_MS, &stats));
    assert_int_equal(w.state, TD_GUARD_EXECUTED);
    assert_int_equal(at(9000), 0);
    assert_int_equal(stats.triggered_today, 1);
    assert_int_equal(stats.executed_today, 1);
    assert_int_equal(stats.trigger_time_sum, 300 * TD_MS);
    assert_int_equal(stats.active_stops, 0);
    assert_int_equal(stats.total_stops, 1);
}

static void a_short_is_stopped_above(void **state)
{
    (void)state;
    armed(TD_GUARD_FIXED, TD_BUY);
    assert_int_equal(stop_cents(), 10200);
    assert_int_equal(at(9000), 0);
    assert_int_equal(at(10199), 0);
    assert_int_equal(at(10200), TD_GUARD_TRIGGER | TD_GUARD_EXIT);
}

static void trailing_follows_the_best_price_only(void **state)
{
    (void)state;
    armed(TD_GUARD_TRAIL, TD_SELL);
    assert_int_equal(stop_cents(), 9700);
    assert_int_equal(at(10500), TD_GUARD_MOVED);
    assert_int_equal(stop_cents(), 10200);
    assert_int_equal(at(10300), 0); /* it never falls */
    assert_int_equal(stop_cents(), 10200);
    assert_int_equal(at(10501), TD_GUARD_MOVED);
    assert_int_equal(at(10201), TD_GUARD_TRIGGER | TD_GUARD_EXIT);
    assert_int_equal(stats.trailing_adjustments_today, 2);
}

static void a_short_trails_the_lowest_price(void **state)
{
    (void)state;
    armed(TD_GUARD_TRAIL, TD_BUY);
    assert_int_equal(stop_cents(), 10300);
    assert_int_equal(at(10200), 0); /* higher, and under the stop: it does not follow */
    assert_int_equal(stop_cents(), 10300);
    assert_int_equal(at(9000), TD_GUARD_MOVED);
    assert_int_equal(stop_cents(), 9300);
    assert_int_equal(at(9299), 0);
    assert_int_equal(at(9300), TD_GUARD_TRIGGER | TD_GUARD_EXIT);
}

static void percent_is_of_the_best_price(void **state)
{
    (void)state;
    armed(TD_GUARD_TRAIL_PART, TD_SELL);
    assert_int_equal(stop_cents(), 9800);
    assert_int_equal(at(20000), TD_GUARD_MOVED);
    assert_int_equal(stop_cents(), 19600);
    (void)begin(NULL);
    armed(TD_GUARD_TRAIL_PART, TD_BUY);
    assert_int_equal(stop_cents(), 10200);
    assert_int_equal(at(5000), TD_GUARD_MOVED);
    assert_int_equal(stop_cents(), 5100);
}

static void three_exits_half_a_second_apart_then_the_halt(void **state)
{
    (void)state;
    armed(TD_GUARD_FIXED, TD_SELL);
    assert_int_equal(at(9700), TD_GUARD_TRIGGER | TD_GUARD_EXIT);
    int exits = 1;
    for (int i = 0; i < 100 && w.state == TD_GUARD_TRIGGERED; i++) {
        now += 100 * TD_MS;
        const struct td_guard_sight s = sight(9700);
        const uint32_t todo = td_guard_look(&w, &s, &stats);
        exits += todo == TD_GUARD_EXIT;
        if (todo == TD_GUARD_EXIT)
            assert_int_equal((now - w.triggered) % TD_GUARD_TRY_AGAIN, 0);
        if (todo == TD_GUARD_HALT)
            assert_int_equal(now - w.triggered, 3 * TD_GUARD_TRY_AGAIN);
    }
    assert_int_equal(exits, 3);
    assert_int_equal(w.state, TD_GUARD_FAILED);
    assert_int_equal(stats.failed_today, 1);
    assert_int_equal(at(9000), 0);
    td_guard_again(&w, &stats);
    assert_int_equal(stats.active_stops, 1);
    assert_int_equal(at(9000), TD_GUARD_TRIGGER | TD_GUARD_EXIT);
}

static void while_an_exit_works_no_second_one_is_asked_for(void **state)
{
    (void)state;
    armed(TD_GUARD_FIXED, TD_SELL);
    assert_int_equal(at(9700), TD_GUARD_TRIGGER | TD_GUARD_EXIT);
    for (int i = 0; i < 100; i++) {
        now += TD_SEC;
        struct td_guard_sight s = sight(9700);
        s.closing = true;
        assert_int_equal(td_guard_look(&w, &s, &stats), 0);
    }
    for (int i = 0; i < 100; i++) { /* nor while none could leave */
        now += TD_SEC;
        struct td_guard_sight s = sight(9700);
        s.blocked = true;
        assert_int_equal(td_guard_look(&w, &s, &stats), 0);
    }
    assert_true(td_guard_resize(&w, TD_QTY(4), now, &stats)); /* filled in part, the rest ended */
    assert_int_equal(w.state, TD_GUARD_TRIGGERED);
    assert_int_equal(at(9700), TD_GUARD_EXIT);
}

static void an_old_price_triggers_nothing_and_is_told(void **state)
{
    (void)state;
    armed(TD_GUARD_TRAIL, TD_SELL);
    struct td_guard_sight s = sight(9000);
    s.price_at = now - TD_GUARD_FRESH - 1;
    assert_int_equal(td_guard_look(&w, &s, &stats), TD_GUARD_WENT_STALE);
    assert_int_equal(td_guard_look(&w, &s, &stats), 0);
    s.price = TD_PX_NONE;
    assert_int_equal(td_guard_look(&w, &s, &stats), 0);
    assert_int_equal(at(11000), TD_GUARD_CAME_FRESH | TD_GUARD_MOVED);
    s = sight(9000);
    s.price_at = now - TD_GUARD_FRESH - 1;
    s.open = false; /* nobody trades: nothing to tell */
    assert_int_equal(td_guard_look(&w, &s, &stats), 0);
    s.price_at = now - TD_GUARD_FRESH;
    assert_int_equal(td_guard_look(&w, &s, &stats), TD_GUARD_TRIGGER | TD_GUARD_EXIT);
}

static void the_broker_has_the_first_word(void **state)
{
    (void)state;
    armed(TD_GUARD_TRAIL, TD_SELL);
    assert_int_equal(at(11000), TD_GUARD_MOVED);
    struct td_guard_sight s = sight(10700);
    s.broker_stop = TD_PX(107);
    assert_int_equal(td_guard_look(&w, &s, &stats), TD_GUARD_TRIGGER);
    s.now += TD_GUARD_SECOND_LINE - 1;
    assert_int_equal(td_guard_look(&w, &s, &stats), 0);
    s.now++;
    assert_int_equal(td_guard_look(&w, &s, &stats), TD_GUARD_EXIT);
    (void)begin(NULL);
    armed(TD_GUARD_TRAIL, TD_SELL);
    assert_int_equal(at(11000), TD_GUARD_MOVED);
    s = sight(10700);
    s.broker_stop = TD_PX(97); /* still asleep there */
    assert_int_equal(td_guard_look(&w, &s, &stats), TD_GUARD_TRIGGER | TD_GUARD_EXIT);
}

static void what_cannot_be_is_refused(void **state)
{
    (void)state;
    const struct td_guard_watch before = w;
    for (int i = 0; i < 9; i++) {
        struct td_guard_terms t = terms(i == 3 ? TD_GUARD_TRAIL : TD_GUARD_FIXED, TD_SELL);
        t.qty = i == 0 ? TD_QTY(0) : i == 1 ? TD_QTY_NONE : t.qty;
        t.action = i == 2 ? 2 : t.action;
        t.trail = TD_PX(i == 3 ? 100 : 1); /* the stop would be no price */
        t.part_e9 = i == 4 ? 0 : i == 5 ? TD_E9 : t.part_e9;
        t.entry = i == 6 ? TD_PX_NONE : i == 7 ? TD_PX(-1) : t.entry;
        t.kind = i == 8 ? (enum td_guard_kind)7 : t.kind;
        assert_int_equal(td_guard_arm(&w, &t, now, &stats), TD_EINVAL);
    }
    assert_memory_equal(&w, &before, sizeof w);
    assert_int_equal(stats.total_stops, 0);
    assert_int_equal(at(1), 0); /* an unarmed one does nothing */
    assert_false(td_guard_resize(&w, TD_QTY(5), now, &stats));
}

static void a_new_stop_replaces_the_old(void **state)
{
    (void)state;
    armed(TD_GUARD_FIXED, TD_SELL);
    struct td_guard_terms t = terms(TD_GUARD_FIXED, TD_SELL);
    t.stop = TD_PX(99);
    TD_OK_OR_FAIL(td_guard_arm(&w, &t, now, &stats));
    assert_int_equal(stop_cents(), 9900);
    assert_int_equal(stats.active_stops, 1);
    assert_int_equal(stats.total_stops, 2);
    assert_true(td_guard_resize(&w, TD_QTY(0), now, &stats));
    assert_int_equal(w.state, TD_GUARD_CANCELLED);
    assert_int_equal(stats.executed_today, 0);
}

static void a_restored_trigger_goes_on(void **state)
{
    (void)state;
    struct td_guard_terms t = terms(TD_GUARD_FIXED, TD_SELL);
    t.stop = TD_PX(98);
    td_guard_restore(&w, &t, true, now, &stats);
    assert_int_equal(at(9900), TD_GUARD_EXIT); /* it had triggered: the price came back since */
    td_guard_restore(&w, &t, false, now, &stats);
    assert_int_equal(stats.active_stops, 1);
    assert_int_equal(at(9900), 0);
}

static void days_begin_anew(void **state)
{
    (void)state;
    armed(TD_GUARD_FIXED, TD_SELL);
    (void)at(9000);
    td_guard_begin_day(&stats);
    assert_int_equal(stats.triggered_today, 0);
    assert_int_equal(stats.active_stops, 1);
    assert_int_equal(stats.total_stops, 1);
}

static void stops_only_ratchet_for_any_walk(void **state)
{
    (void)state;
    struct td_rng rng;
    int triggered = 0;
    td_rng_init(&rng, 3);
    for (int i = 0; i < 2000; i++) {
        const enum td_action action = td_rng_chance(&rng, 0.5) ? TD_SELL : TD_BUY;
        int64_t cents = 10000, best = 10000;
        (void)begin(NULL);
        armed((enum td_guard_kind)td_rng_below(&rng, 3), action);
        while (w.state == TD_GUARD_PENDING) {
            const int64_t before = w.terms.stop.e9;
            cents += td_rng_between(&rng, -100, 100);
            cents = cents < 100 ? 100 : cents;
            (void)at(cents);
            best =
                action == TD_SELL ? (cents > best ? cents : best) : (cents < best ? cents : best);
            if (w.state == TD_GUARD_PENDING)
                assert_true(action == TD_SELL
                                ? w.terms.stop.e9 >= before && cents > before / 10000000
                                : w.terms.stop.e9 <= before && cents * 10000000 < before);
            if (w.terms.kind == TD_GUARD_TRAIL)
                assert_int_equal(stop_cents(), action == TD_SELL ? best - 300 : best + 300);
        }
        triggered++;
    }
    assert_int_equal(triggered, 2000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_fixed_stop_stays_and_triggers_once, begin),
        cmocka_unit_test_setup(a_short_is_stopped_above, begin),
        cmocka_unit_test_setup(trailing_follows_the_best_price_only, begin),
        cmocka_unit_test_setup(a_short_trails_the_lowest_price, begin),
        cmocka_unit_test_setup(percent_is_of_the_best_price, begin),
        cmocka_unit_test_setup(three_exits_half_a_second_apart_then_the_halt, begin),
        cmocka_unit_test_setup(while_an_exit_works_no_second_one_is_asked_for, begin),
        cmocka_unit_test_setup(an_old_price_triggers_nothing_and_is_told, begin),
        cmocka_unit_test_setup(the_broker_has_the_first_word, begin),
        cmocka_unit_test_setup(what_cannot_be_is_refused, begin),
        cmocka_unit_test_setup(a_new_stop_replaces_the_old, begin),
        cmocka_unit_test_setup(a_restored_trigger_goes_on, begin),
        cmocka_unit_test_setup(days_begin_anew, begin),
        cmocka_unit_test_setup(stops_only_ratchet_for_any_walk, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
