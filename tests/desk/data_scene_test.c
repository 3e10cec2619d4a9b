/* tests/desk/data_scene_test.c - absurd data reach no strategy, and what keeps failing closes its breaker: a desk against the
 * gateway simulator that sends them. */
#include "desk/desk_wants.h"

static const struct td_simworld_options calm = {.seed = 6};

/* --- a strategy that only looks --- */

static struct seen {
    int64_t low, high; /* of every price it was shown */
    uint64_t events;
} seen;

static void note_price(td_px px)
{
    if (td_px_is_none(px))
        return;
    seen.low = px.e9 < seen.low ? px.e9 : seen.low;
    seen.high = px.e9 > seen.high ? px.e9 : seen.high;
}

static enum td_err look_init(void *state, const struct td_strat_setup *setup, struct td_fail *why)
{
    (void)state, (void)setup, (void)why;
    seen = (struct seen){.low = INT64_MAX};
    return TD_OK;
}

static size_t look_on_event(void *state, const struct td_event *event, const struct td_view *view,
                            struct td_intent *out)
{
    (void)state, (void)out;
    seen.events++;
    note_price(view->leg->quote.bid);
    note_price(view->leg->quote.ask);
    note_price(view->leg->last);
    if (event->kind == TD_EV_TRADE)
        note_price(event->trade.px);
    return 0;
}

static const struct td_strat look_strategy = {
    .name = "look", .help = "looks", .state_size = 8, .init = look_init, .on_event = look_on_event};

/* And what it sends then has come. */
static void gateway_has_done(const char *words)
{
    gateway_does(words);
    desk_turns(10 * TD_MS);
}

static enum td_fact data_fact(void)
{
    struct td_gate_facts facts;
    desk_facts(scene.desk, 0, &facts);
    return facts.data_valid;
}

static void absurd_prices_reach_no_strategy(void **state)
{
    (void)state;
    static const char *const symbols[] = {"SPY"};
    const struct scene_options o = {
        .world = calm, .speed = 1, .symbols = symbols, .symbol_count = 1};
    scene_open(&o);
    scene.use = (struct td_strat_use){.strat = &look_strategy, .size = TD_QTY(1)};
    desk_must_start();
    desk_wait_ready();
    desk_turns(2 * TD_SEC);
    assert_int_equal(data_fact(), TD_FACT_YES);
    const struct seen before = seen;
    assert_true(before.events > 0);
    gateway_has_done("freeze"); /* nothing but what follows */
    desk_turns(TD_SEC);
    const uint64_t dropped = scene.desk->data.dropped;
    gateway_has_done("tick SPY 4 0.001 100"); /* last */
    gateway_has_done("tick SPY 4 99999 100");
    gateway_has_done("tick SPY 2 99999 100");  /* ask, and the spread with it */
    gateway_has_done("tick SPY 1 0.0001 100"); /* bid */
    assert_int_equal(data_fact(), TD_FACT_NO);
    assert_true(scene.desk->data.dropped > dropped);
    assert_true(seen.high < before.high / 100 * 120);
    assert_true(seen.low > before.low / 100 * 80);
    struct td_data_counts *c = &scene.desk->data.quotes[0].counts;
    assert_true(c->failed_price > 0 && c->failed_spread > 0);
    gateway_has_done("heal");
    desk_turns(10 * TD_SEC);
    assert_int_equal(data_fact(), TD_FACT_YES); /* good data, and it is well again */
    assert_true(seen.high < before.high / 100 * 120);
    assert_true(seen.low > before.low / 100 * 80);
}

static void rejections_open_the_breaker(void **state)
{
    (void)state;
    const struct scene_options o = {.world = calm};
    scene_open(&o);
    scene.settings.breaker_timeout_s = 20;
    desk_must_start();
    desk_wait_ready();
    gateway_has_done("reject-order 201 0");
    const struct td_breaker *b = &scene.desk->breakers.rows[BREAKER_ORDERS];
    for (int i = 0; i < 600 && b->times_opened == 0; i++)
        desk_turns(100 * TD_MS);
    assert_int_equal(b->times_opened, 1);
    const uint64_t orders = scene.desk->result.orders;
    desk_turns(10 * TD_SEC);
    assert_int_equal(scene.desk->result.orders, orders);
    assert_non_null(strstr(scene.desk->result.last_denial, "BREAKER"));
    gateway_has_done("heal");
    for (int i = 0; i < 1200 && b->times_recovered == 0; i++)
        desk_turns(100 * TD_MS);
    assert_int_equal(b->times_recovered, 1);
    desk_turns(10 * TD_SEC);
    assert_true(scene.desk->result.orders > orders + 1);
    check_ledger(true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(absurd_prices_reach_no_strategy, scene_close),
        cmocka_unit_test_teardown(rejections_open_the_breaker, scene_close),
    };
    return cmocka_run_group_tests_name("desk/data_scene", tests, NULL, NULL);
}
