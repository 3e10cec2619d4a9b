/* tests/desk/many_cancels_test.c - the kill switch with five hundred orders open (P6): all cancels are on their way in one turn,
 * whether the gateway paces them itself or ends the connection of those who are too fast. */
#include <signal.h>

#include "desk/desk_ask.h"
#include "sim/gateway_inner.h"

#define EACH   20 /* active orders of a side that the broker takes */
#define ORDERS 500
#define LIMIT  (100 * TD_MS) /* from the signal to the last cancel's bytes */

#define APART (250 * TD_MS) /* between two orders of all symbols: under 255 a minute */

static td_ns last_order;
static const struct td_strat many_strategy;

/* Another order below the market with every print, each a cent below the last. */
static size_t many_on_event(void *state, const struct td_event *event, const struct td_view *view,
                            struct td_intent *out)
{
    const struct td_leg *leg = view->leg;
    (void)state;
    if (event->kind != TD_EV_TRADE || td_px_is_none(leg->quote.bid) ||
        leg->pending.e9 >= EACH * TD_E9)
        return 0;
    if (view->now - last_order < APART)
        return 0; /* a flood of refusals is not what is tried here */
    last_order = view->now;
    plain_rest(out, &many_strategy, event, view, 97);
    return 1;
}

static const struct td_strat many_strategy = {.name = "many",
                                              .help = "rests with many orders",
                                              .state_size = sizeof(int64_t),
                                              .init = rest_init,
                                              .on_event = many_on_event};

static void start_many(void)
{
    static const char *const symbols[ORDERS / EACH] = {
        "AAPL", "MSFT", "SPY",  "QQQ", "TSLA", "NVDA", "AMD", "INTC", "META",
        "AMZN", "GOOG", "NFLX", "IBM", "ORCL", "CSCO", "JPM", "BAC",  "WMT",
        "KO",   "PEP",  "GE",   "XOM", "CVX",  "DIS",  "NKE"};
    const struct scene_options o = {
        .world = {.seed = 3}, .symbols = symbols, .symbol_count = TD_COUNT(symbols), .speed = 4};
    last_order = 0;
    scene_open(&o);
    scene.use.strat = &many_strategy;
    scene.settings.max_open_orders = ORDERS;
    scene.settings.risk_open_positions = scene.settings.open_positions = ORDERS;
    scene.settings.max_position_e9 = 1000 * TD_E9;
    scene.settings.collar_e9 = 10 * TD_E9;
    desk_must_start();
    desk_wait_ready();
    for (int i = 0; i < 300 && working() < ORDERS; i++)
        desk_turns(TD_SEC);
    if (working() != ORDERS)
        fail_msg("%d orders work of %u, the first %d; %s", working(),
                 scene.desk->blotter.order_count, scene.desk->blotter.orders[0].state,
                 scene.desk->result.last_denial);
}

static bool all_sent(void)
{
    return td_tws_tx_empty(&scene.link.tws.urgent) && scene.link.out_at == scene.link.out_len;
}

/* How long the cancels of a halt took to leave. */
static td_ns kill_now(void)
{
    const td_ns start = td_world_mono(&scene.desk_world);
    td_simworld_signal(scene.sim, scene.desk_host, SIGUSR1);
    while (!scene.desk->blotter.halted || !all_sent())
        desk_turns(TD_MS);
    return td_world_mono(&scene.desk_world) - start;
}

static uint32_t received_orders(void)
{
    return scene.gateway.server->ledger.order_count;
}

static void five_hundred_cancels_leave_at_once(void **state)
{
    (void)state;
    start_many();
    scene.gateway.server->config.pace = TD_GATEWAY_PACE_HOLD;
    const uint32_t orders = received_orders();
    const td_ns took = kill_now();
    assert_true(took <= 2 * TD_MS); /* the turn of the signal, looked at each millisecond */
    desk_turns(30 * TD_SEC);        /* the gateway reads fifty a second */
    assert_int_equal(working(), 0);
    assert_int_equal(received_orders(), orders);
    print_message("[ kill ] %d cancels left within %lld ms\n", ORDERS, (long long)(took / TD_MS));
}

/* Fifty are taken, error 100 ends the connection; the rest follows at the pace once it stands again. */
static void a_gateway_that_refuses_gets_the_rest_in_time(void **state)
{
    (void)state;
    start_many();
    scene.gateway.server->config.pace = TD_GATEWAY_PACE_REJECT;
    const uint32_t orders = received_orders();
    assert_true(kill_now() <= LIMIT);
    desk_turns(TD_SEC);
    assert_true(working() > 0);
    assert_true(scene.link.pacer.refused > 0);
    desk_wait_ready();
    for (int i = 0; i < 300 && working() > 0; i++)
        desk_turns(TD_SEC);
    assert_int_equal(working(), 0);
    assert_int_equal(received_orders(), orders);
    assert_int_equal(scene.desk->result.reconnects, 1); /* paced now: not a second time */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(five_hundred_cancels_leave_at_once, scene_close),
        cmocka_unit_test_teardown(a_gateway_that_refuses_gets_the_rest_in_time, scene_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
