/* tests/desk/money_scene_test.c - sizes the desk chooses, bills against the table, the kill switch, heat and correlation: a desk
 * that trades with the gateway simulator. */
#include <math.h>

#include "desk/desk_scene.h"

static const struct td_simworld_options calm = {.seed = 8};

static void begin(const char *sizing)
{
    const struct scene_options o = {.world = calm};
    scene_open(&o);
    scene.use.size = TD_QTY(0);
    scene.settings.sizing = sizing;
    scene.settings.max_order_size_e9 = scene.settings.max_position_e9 = 10000 * TD_E9;
    desk_must_start();
    desk_wait_ready();
}

/* The first entry of the journal; 0: none. */
static const struct td_order *first_entry(void)
{
    for (uint32_t i = 0; i < scene.desk->blotter.order_count; i++)
        if (scene.desk->blotter.orders[i].role == TD_ROLE_ENTRY)
            return &scene.desk->blotter.orders[i];
    return NULL;
}

static void wait_entry(void)
{
    for (int i = 0; i < 600 && !first_entry(); i++)
        desk_turns(100 * TD_MS);
    assert_non_null(first_entry());
}

static void the_desk_sizes_what_has_no_quantity(void **state)
{
    (void)state;
    begin("fixed"); /* 2 % of what the account is worth, at some 168 */
    wait_entry();
    const struct td_order *o = first_entry();
    desk_turns(TD_SEC);
    const td_px paid = td_order_average(o);
    assert_int_equal(o->now.qty.e9 % TD_E9, 0);
    assert_true(o->now.qty.e9 > 0);
    const double value = td_e9_to_double(o->now.qty.e9) * td_e9_to_double(paid.e9);
    const double part = td_e9_to_double(desk_capital(scene.desk).e9) / 50;
    if (!(value <= part * 1.005 && value > part * 0.995 - td_e9_to_double(paid.e9)))
        fail_msg("worth %g, expected some %g", value, part);
    (void)scene_close(NULL);
    begin("atr"); /* 2 % at risk over two ranges: more, and never more than the cash buys */
    wait_entry();
    o = first_entry();
    const double atr = scene.desk->money.bars[strcmp(o->symbol, "SPY") != 0].atr;
    assert_true(!isnan(atr) && atr > 0);
    assert_true(td_e9_to_double(o->now.qty.e9) > 12);
    assert_true(td_e9_to_double(o->now.qty.e9) * 160 <=
                td_e9_to_double(desk_capital(scene.desk).e9));
    desk_close();
    check_ledger(false);
}

static void a_size_of_nothing_is_a_refusal_that_says_why(void **state)
{
    (void)state;
    begin("fixed");
    scene.settings.max_position_part_e9 = 100000; /* ten dollars buy no share */
    desk_turns(20 * TD_SEC);
    assert_null(first_entry());
    assert_non_null(strstr(scene.desk->result.last_denial, "sized to nothing"));
}

static void sizes_stay_below_the_limits(void **state)
{
    (void)state;
    begin("atr");
    scene.desk->limits.value[TD_LIMIT_ORDER_SIZE] = TD_QTY(3).e9;
    wait_entry();
    assert_int_equal(first_entry()->now.qty.e9, TD_QTY(3).e9);
}

static void bills_are_as_expected(void **state)
{
    (void)state;
    begin("fixed");
    desk_turns(30 * TD_SEC);
    assert_true(scene.desk->money.compared > 3);
    assert_int_equal(scene.desk->money.differed, 0);
    const int64_t away = scene.desk->money.billed.e9 - scene.desk->money.expected.e9;
    assert_true(llabs(away) < TD_E9 / 100 * (int64_t)scene.desk->money.compared);
    struct td_order *o = td_blotter_order(&scene.desk->blotter, first_entry()->key);
    const struct td_execution *e = NULL;
    for (uint32_t i = 0; i < scene.desk->blotter.execution_count && !e; i++)
        if (scene.desk->blotter.executions[i].order == o->key)
            e = &scene.desk->blotter.executions[i];
    o->fees = TD_CASH(25); /* as if the broker had billed that */
    desk_compare_fee(scene.desk, e->exec_id);
    assert_int_equal(scene.desk->money.differed, 1);
}

static void trips_are_those_of_the_ledger(void **state)
{
    (void)state;
    begin("fixed");
    desk_turns(30 * TD_SEC);
    struct td_trip_sum s;
    td_trips_sum(desk_trips(scene.desk), &scene.desk->blotter, NULL, &s);
    assert_true(s.trips > 3);
    assert_int_equal(desk_trips(scene.desk)->unmatched, 0);
    const struct td_trip_choice mine = {.strategy = "sma_cross"};
    struct td_trip_sum by_strategy;
    td_trips_sum(desk_trips(scene.desk), &scene.desk->blotter, &mine, &by_strategy);
    assert_int_equal(by_strategy.trips, s.trips);
    check_ledger(false);
}

static void a_losing_streak_halts_until_a_person_resumes(void **state)
{
    (void)state;
    begin("fixed");
    scene.desk->money.kill.limits.value[TD_KILL_LOSING_STREAK] = 2;
    for (int i = 0; i < 1200 && !scene.desk->blotter.halted; i++)
        desk_turns(100 * TD_MS);
    assert_true(scene.desk->blotter.halted);
    assert_non_null(strstr(scene.desk->blotter.halt_reason, "losing_streak"));
    desk_turns(10 * TD_SEC); /* exits go on, entries do not */
    assert_non_null(strstr(scene.desk->result.last_denial, "HALT"));
    desk_crash();
    desk_must_start();
    desk_wait_ready();
    assert_true(scene.desk->blotter.halted);
    desk_resume(scene.desk, "looked at");
    desk_turns(3 * TD_SEC);
    assert_false(scene.desk->blotter.halted);
}

/* The line that is held, when it is the only one; 2: none. */
static uint32_t only_held(void)
{
    uint32_t held = 2, n = 0, line;
    for (uint32_t h = 0; h < scene.desk->blotter.holding_count; h++)
        if (scene.desk->blotter.holdings[h].now.qty.e9 != 0 &&
            desk_line_of(scene.desk, scene.desk->blotter.holdings[h].symbol, &line)) {
            held = line;
            n++;
        }
    return n == 1 ? held : 2;
}

static void heat_and_correlation_are_known_or_unset(void **state)
{
    (void)state;
    begin("fixed");
    assert_int_equal(desk_correlation(scene.desk, 0), 0); /* nothing is held */
    desk_turns(15 * TD_SEC);
    for (int i = 0; i < 3000 && only_held() == 2; i++)
        desk_turns(10 * TD_MS);
    const uint32_t held = only_held();
    assert_int_not_equal(held, 2);
    assert_int_equal(desk_correlation(scene.desk, held), 0); /* but itself */
    const int64_t heat = desk_heat(scene.desk, held);
    assert_true(heat > 0 && heat < TD_E9 / 10);
    struct desk_bars *a = &scene.desk->money.bars[held], *b = &scene.desk->money.bars[!held];
    assert_true(a->count > 30 && b->count > 30);
    memcpy(b->at, a->at, sizeof b->at); /* the same moves: together; mirrored: against each other */
    memcpy(b->change, a->change, sizeof b->change);
    b->count = a->count;
    assert_true(desk_correlation(scene.desk, !held) > TD_E9 - 1000);
    for (int i = 0; i < DESK_RETURNS; i++)
        b->change[i] = -a->change[i];
    assert_int_equal(desk_correlation(scene.desk, !held), 0); /* not above: no risk of that kind */
    a->count = b->count = 29;                                 /* too few to say anything */
    assert_int_equal(desk_correlation(scene.desk, !held), TD_E9_NONE);
}

static void the_status_tells_of_money(void **state)
{
    (void)state;
    static char text[16384];
    struct td_text t;
    struct td_json j;
    begin("fixed");
    desk_turns(5 * TD_SEC);
    td_text_init(&t, text, sizeof text);
    td_json_init(&j, &t, false);
    td_json_object(&j);
    desk_put_money(scene.desk, &j);
    td_json_object_end(&j);
    assert_false(td_text_full(&t));
    static const char *const keys[] = {"circuit_breakers",  "times_recovered", "last_failure_ago",
                                       "stop_loss",         "active_stops",    "data_validation",
                                       "failed_anomaly",    "round_trips",     "kill_switch",
                                       "consecutive_losses"};
    for (size_t i = 0; i < TD_COUNT(keys); i++)
        assert_non_null(strstr(text, keys[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(the_desk_sizes_what_has_no_quantity, scene_close),
        cmocka_unit_test_teardown(a_size_of_nothing_is_a_refusal_that_says_why, scene_close),
        cmocka_unit_test_teardown(sizes_stay_below_the_limits, scene_close),
        cmocka_unit_test_teardown(bills_are_as_expected, scene_close),
        cmocka_unit_test_teardown(trips_are_those_of_the_ledger, scene_close),
        cmocka_unit_test_teardown(a_losing_streak_halts_until_a_person_resumes, scene_close),
        cmocka_unit_test_teardown(heat_and_correlation_are_known_or_unset, scene_close),
        cmocka_unit_test_teardown(the_status_tells_of_money, scene_close),
    };
    return cmocka_run_group_tests_name("desk/money_scene", tests, NULL, NULL);
}
