/* tests/desk/guard_scene_test.c - the stop-loss monitor in the desk, against the gateway simulator: a falling price sells at
 * or below the stop, a restart keeps it, nothing is ever closed twice. The simulator's ledger is the oracle. */
#include "desk/desk_wants.h"

static const struct td_simworld_options calm = {.seed = 5};

/* --- a strategy that buys once and holds --- */

static enum td_err hold_init(void *state, const struct td_strat_setup *setup, struct td_fail *why)
{
    (void)why;
    memcpy(state, &setup->allow_short, sizeof setup->allow_short);
    return TD_OK;
}

static const struct td_strat hold_strategy;
static bool hold_bought; /* outlives a crash of the desk's machine */

static size_t hold_on_event(void *state, const struct td_event *event, const struct td_view *view,
                            struct td_intent *out)
{
    bool shorts;
    memcpy(&shorts, state, sizeof shorts);
    hold_bought |= view->leg->position.e9 != 0;
    if (event->kind != TD_EV_TRADE || td_px_is_none(view->leg->quote.bid) ||
        view->leg->position.e9 || view->leg->pending.e9 || hold_bought ||
        strcmp(view->leg->inst->symbol, "SPY") != 0)
        return 0;
    td_intent_market(out, &hold_strategy, event, view, shorts ? TD_QTY(-2) : TD_QTY(2));
    return 1;
}

static const struct td_strat hold_strategy = {.name = "hold",
                                              .help = "buys once and holds",
                                              .state_size = sizeof(int64_t),
                                              .init = hold_init,
                                              .on_event = hold_on_event};

static void open_holding(uint64_t seed, bool broker_stops, int64_t stop_e9)
{
    struct scene_options o = {.world = calm, .speed = 60};
    o.world.seed = seed;
    scene_open(&o);
    hold_bought = false;
    scene.use = (struct td_strat_use){.strat = &hold_strategy, .size = TD_QTY(2)};
    scene.settings.stop_monitor = true;
    scene.settings.broker_stops = broker_stops;
    scene.settings.stop_loss_e9 = stop_e9;
    desk_must_start();
    desk_wait_ready();
}

static const struct td_blotter_holding *spy(void)
{
    uint32_t h;
    return td_blotter_holding(&scene.desk->blotter, "SPY", &h) ? &scene.desk->blotter.holdings[h]
                                                               : NULL;
}

static void wait_held(void)
{
    for (int i = 0; i < 600 && (!spy() || spy()->guard.qty.e9 == 0); i++)
        desk_turns(100 * TD_MS);
    assert_non_null(spy());
    assert_int_equal(spy()->now.qty.e9, spy()->guard.action == TD_SELL ? 2 * TD_E9 : -2 * TD_E9);
    assert_int_equal(spy()->guard.qty.e9, 2 * TD_E9);
}

/* What the simulator's books say of SPY. */
static struct told {
    int64_t bought, sold, low, high; /* quantity; the position's extremes on the way */
    td_px sold_at;                   /* the last sale */
    td_px bought_at;
} told_by_ledger(void)
{
    const struct td_ledger *l = td_gateway_ledger(scene.gateway.server);
    struct told t = {0};
    for (uint32_t i = 0; i < l->fill_count; i++) {
        const struct td_ledger_fill *f = &l->fills[i];
        if (f->inst != 0)
            continue;
        if (f->action == TD_BUY) {
            t.bought += f->qty.e9;
            t.bought_at = f->px;
        } else {
            t.sold += f->qty.e9;
            t.sold_at = f->px;
        }
        const int64_t now = t.bought - t.sold;
        t.low = now < t.low ? now : t.low;
        t.high = now > t.high ? now : t.high;
    }
    return t;
}

static int64_t working_stops(void)
{
    int64_t n = 0;
    for (uint32_t i = 0; i < scene.desk->blotter.live_count; i++)
        n += scene.desk->blotter.orders[scene.desk->blotter.live[i]].role == TD_ROLE_STOP;
    return n;
}

/* Lets the market walk until the position is closed. */
static void wait_closed(void)
{
    for (int i = 0; i < 3000 && spy()->now.qty.e9 != 0; i++)
        desk_turns(100 * TD_MS);
    assert_int_equal(spy()->now.qty.e9, 0);
    desk_turns(5 * TD_SEC);
}

static void check_closed_once(void)
{
    const struct told t = told_by_ledger();
    assert_int_equal(t.bought, 2 * TD_E9);
    assert_int_equal(t.sold, 2 * TD_E9);
    assert_int_equal(t.low, 0); /* never short, never more than was bought */
    assert_int_equal(t.high, 2 * TD_E9);
    assert_int_equal(spy()->guard.qty.e9, 0);
    assert_int_equal(working_stops(), 0);
    check_ledger(true);
}

static void a_falling_price_sells_below_the_stop(void **state)
{
    (void)state;
    int below = 0;
    for (uint64_t seed = 1; seed <= 4; seed++) {
        open_holding(seed, false, TD_E9 / 2000);
        wait_held();
        const td_px stop = spy()->guard.stop, average = spy()->now.average;
        assert_true(stop.e9 < average.e9);
        assert_int_equal(working_stops(), 0);
        wait_closed();
        check_closed_once();
        below += told_by_ledger().sold_at.e9 <= stop.e9;
        assert_true(told_by_ledger().sold_at.e9 < average.e9);
        read_journal();
        assert_string_equal(scene_journal.last[TD_REC_GUARD].status, "off");
        assert_string_equal(scene_journal.last[TD_REC_GUARD].text, "executed");
        assert_int_equal(scene.desk->guards.stats.executed_today, 1);
        (void)scene_close(NULL);
    }
    assert_int_equal(below, 4);
}

static void the_stop_at_the_broker_sells_without_us(void **state)
{
    (void)state;
    open_holding(2, true, TD_E9 / 2000);
    wait_held();
    for (int i = 0; i < 100 && working_stops() == 0 && spy()->now.qty.e9; i++)
        desk_turns(100 * TD_MS);
    assert_int_equal(working_stops(), 1);
    const td_px stop = spy()->guard.stop;
    wait_closed();
    check_closed_once();
    assert_true(told_by_ledger().sold_at.e9 <= stop.e9 + 20000000);
    read_journal();
    assert_int_equal(scene.desk->guards.stats.failed_today, 0);
}

static void a_restart_keeps_the_stop(void **state)
{
    (void)state;
    for (int broker = 0; broker < 2; broker++) {
        open_holding(3, broker, TD_E9 / 1000);
        wait_held();
        const struct td_guard before = spy()->guard;
        desk_crash();
        desk_must_start();
        assert_int_equal(scene.desk->guards.stats.active_stops, 1);
        desk_wait_ready();
        assert_int_equal(spy()->guard.stop.e9, before.stop.e9);
        assert_int_equal(spy()->guard.qty.e9, before.qty.e9);
        wait_closed();
        check_closed_once();
        (void)scene_close(NULL);
    }
}

/* A halt ends what adds risk; the stop at the broker is what keeps it small. */
static void a_halt_leaves_the_stop(void **state)
{
    (void)state;
    open_holding(3, true, TD_E9 / 50);
    wait_held();
    for (int i = 0; i < 100 && working_stops() == 0; i++)
        desk_turns(100 * TD_MS);
    const int64_t before = working_stops();
    assert_true(before != 0);
    desk_halt(scene.desk, "by the test");
    desk_turns(3 * TD_SEC);
    assert_true(scene.desk->blotter.halted);
    assert_int_equal(working_stops(), before);
    assert_false(desk_entries_work(scene.desk));
    read_journal();
    assert_int_equal(scene_journal.types[TD_REC_CANCEL], 0);
}

static void crashes_close_no_position_twice(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 8; seed++) {
        open_holding(seed, seed % 2, TD_E9 / 1000);
        wait_held();
        for (int i = 0; i < 6 && spy()->now.qty.e9; i++) {
            desk_turns(td_rng_between(&scene.rng, TD_MS, 8 * TD_SEC));
            desk_crash();
            desk_must_start();
            desk_wait_ready();
        }
        wait_closed();
        desk_turns(30 * TD_SEC);
        check_closed_once();
        (void)scene_close(NULL);
    }
}

static void a_short_is_bought_back_above(void **state)
{
    (void)state;
    struct scene_options o = {.world = calm};
    scene_open(&o);
    hold_bought = false;
    scene.use =
        (struct td_strat_use){.strat = &hold_strategy, .size = TD_QTY(2), .allow_short = true};
    scene.settings.short_selling = true;
    scene.settings.broker_stops = false;
    scene.settings.stop_loss_e9 = TD_E9 / 2000;
    desk_must_start();
    desk_wait_ready();
    wait_held();
    const td_px stop = spy()->guard.stop;
    assert_true(stop.e9 > spy()->now.average.e9);
    wait_closed();
    const struct told t = told_by_ledger();
    assert_int_equal(t.bought, 2 * TD_E9);
    assert_int_equal(t.sold, 2 * TD_E9);
    assert_int_equal(t.high, 0);
    assert_true(t.bought_at.e9 >= stop.e9);
    check_ledger(true);
}

static void a_loaded_position_gets_a_stop(void **state)
{
    (void)state;
    const struct scene_options o = {.world = {.seed = 4}};
    scene_open(&o);
    scene.config.use_count = 0;
    gateway_does("position SPY 2");
    desk_must_start();
    desk_wait_ready();
    wait_held();
    assert_int_equal(spy()->guard.qty.e9, 2 * TD_E9);
    for (int i = 0; i < 600 && working_stops() == 0 && spy()->now.qty.e9; i++)
        desk_turns(100 * TD_MS);
    const struct td_ledger *l = td_gateway_ledger(scene.gateway.server);
    assert_int_equal(working_stops(), 1);
    assert_string_equal(l->orders[0].type, "STP");
    assert_string_equal(l->orders[0].tif, "GTC");
    assert_int_equal(l->orders[0].qty.e9, 2 * TD_E9);
    assert_int_equal(l->orders[0].stop_px.e9 % 10000000, 0);
    assert_true(l->orders[0].stop_px.e9 - spy()->guard.stop.e9 < 10000000); /* on the grid */
    assert_int_equal(spy()->guard.stop.e9, spy()->now.average.e9 / 100 * 98);
}

/* A fraction is held (a dividend, a transfer): the API sells whole units only. */
static void a_fraction_is_left_out_of_stops_and_exits(void **state)
{
    (void)state;
    const struct scene_options o = {.world = {.seed = 4}};
    scene_open(&o);
    scene.config.use_count = 0;
    gateway_does("position SPY 2.5");
    gateway_does("position IBM 0.5");
    desk_must_start();
    desk_wait_ready();
    for (int i = 0; i < 600 && working_stops() == 0; i++)
        desk_turns(100 * TD_MS);
    const struct td_ledger *l = td_gateway_ledger(scene.gateway.server);
    assert_int_equal(l->order_count, 1);
    assert_int_equal(l->orders[0].qty.e9, 2 * TD_E9);
    assert_int_equal(desk_flatten(scene.desk, "a test"), 2);
    for (int i = 0; i < 100 && spy()->now.qty.e9 != TD_E9 / 2; i++)
        desk_turns(100 * TD_MS);
    assert_int_equal(spy()->now.qty.e9, TD_E9 / 2);
    assert_false(scene.desk->blotter.halted);
    assert_int_equal(l->order_count, 2); /* no order for less than one */
}

static void a_stop_that_cannot_close_halts(void **state)
{
    (void)state;
    open_holding(1, false, TD_E9 / 2000);
    wait_held();
    gateway_does("reject-order 201 0");
    for (int i = 0; i < 3000 && !scene.desk->blotter.halted; i++)
        desk_turns(100 * TD_MS);
    assert_true(scene.desk->blotter.halted);
    assert_non_null(strstr(scene.desk->blotter.halt_reason, "SPY"));
    assert_int_equal(scene.desk->guards.stats.failed_today, 1);
    assert_true(scene.desk->conn.alerts.rows[TD_ALERT_GUARD].active);
    read_journal();
    assert_int_equal(scene_journal.types[TD_REC_ORDER], 4); /* the entry, and three tries */
    gateway_does("heal");
    desk_turns(10 * TD_SEC);
    assert_int_equal(spy()->now.qty.e9, 2 * TD_E9); /* it waits for a person */
    desk_resume(scene.desk, "looked at");
    wait_closed();
    check_closed_once();
    assert_false(scene.desk->conn.alerts.rows[TD_ALERT_GUARD].active);
}

static void trailing_moves_the_stop_at_the_broker(void **state)
{
    (void)state;
    struct scene_options o = {.world = calm};
    o.world.seed = 7;
    scene_open(&o);
    hold_bought = false;
    scene.use = (struct td_strat_use){.strat = &hold_strategy, .size = TD_QTY(2)};
    scene.settings.trailing_stop = true;
    scene.settings.trailing_stop_e9 = TD_E9 / 250;
    desk_must_start();
    desk_wait_ready();
    wait_held();
    int64_t stop = spy()->guard.stop.e9, moved = 0;
    for (int i = 0; i < 3000 && spy()->now.qty.e9; i++) {
        desk_turns(100 * TD_MS);
        if (spy()->guard.qty.e9 == 0)
            break;
        assert_true(spy()->guard.stop.e9 >= stop);
        moved += spy()->guard.stop.e9 > stop;
        stop = spy()->guard.stop.e9;
    }
    read_journal();
    assert_true(moved > 0);
    assert_true(scene_journal.types[TD_REC_CHANGE] > 0);
    wait_closed();
    check_closed_once();
}

/* What something else would close already is not closed by the stop too. */
static void the_stop_leaves_room_for_other_sales(void **state)
{
    (void)state;
    open_holding(4, false, TD_E9 / 50);
    wait_held();
    const struct desk_origin from = {.role = TD_ROLE_ENTRY};
    const td_px mark = desk_mark_of(&scene.desk->market.lines[0]);
    struct td_intent i = one_share(TD_SELL);
    i.type = TD_ORDER_LIMIT;
    i.limit.e9 = mark.e9 / TD_E9 * TD_E9 + 3 * TD_E9;
    i.reference = mark;
    i.strength = 1;
    (void)td_str_copy(td_str_of("hold"), i.strategy, sizeof i.strategy);
    if (!desk_ask_gates(scene.desk, 0, &i, &from))
        fail_msg("%s", scene.desk->result.last_denial);
    desk_turns(200 * TD_MS);
    scene.settings.broker_stops = true;
    for (int n = 0; n < 100 && working_stops() == 0; n++)
        desk_turns(50 * TD_MS);
    assert_int_equal(working_stops(), 1);
    assert_int_equal(spy()->working_sell.e9, 2 * TD_E9); /* one of the limit, one of the stop */
    assert_int_equal(spy()->guard.qty.e9, 2 * TD_E9);    /* the monitor watches all of it */
}

/* A strategy that gives its own stop: that one stands, the monitor has nothing to watch, and only one rests there. */
static size_t protect_on_event(void *state, const struct td_event *event,
                               const struct td_view *view, struct td_intent *out)
{
    const size_t n = hold_on_event(state, event, view, out);
    if (n)
        out->protect = (td_px){view->leg->quote.bid.e9 / TD_E9 * 95 / 100 * TD_E9};
    return n;
}

static void a_strategys_own_stop_is_enough(void **state)
{
    (void)state;
    static struct td_strat protects;
    const struct scene_options o = {.world = calm};
    protects = hold_strategy;
    protects.on_event = protect_on_event;
    scene_open(&o);
    hold_bought = false;
    scene.use = (struct td_strat_use){.strat = &protects, .size = TD_QTY(2)};
    desk_must_start();
    desk_wait_ready();
    for (int i = 0; i < 600 && working_stops() == 0; i++)
        desk_turns(100 * TD_MS);
    desk_turns(5 * TD_SEC);
    assert_int_equal(spy()->now.qty.e9, 2 * TD_E9);
    assert_int_equal(working_stops(), 1);
    assert_int_equal(spy()->working_sell.e9, 2 * TD_E9);
    assert_false(td_guard_is_active(&scene.desk->guards.rows[0]));
    check_ledger(true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_falling_price_sells_below_the_stop, scene_close),
        cmocka_unit_test_teardown(the_stop_at_the_broker_sells_without_us, scene_close),
        cmocka_unit_test_teardown(a_restart_keeps_the_stop, scene_close),
        cmocka_unit_test_teardown(a_short_is_bought_back_above, scene_close),
        cmocka_unit_test_teardown(a_loaded_position_gets_a_stop, scene_close),
        cmocka_unit_test_teardown(a_fraction_is_left_out_of_stops_and_exits, scene_close),
        cmocka_unit_test_teardown(a_stop_that_cannot_close_halts, scene_close),
        cmocka_unit_test_teardown(trailing_moves_the_stop_at_the_broker, scene_close),
        cmocka_unit_test_teardown(a_strategys_own_stop_is_enough, scene_close),
        cmocka_unit_test_teardown(the_stop_leaves_room_for_other_sales, scene_close),
        cmocka_unit_test_teardown(crashes_close_no_position_twice, scene_close),
        cmocka_unit_test_teardown(a_halt_leaves_the_stop, scene_close),
    };
    return cmocka_run_group_tests_name("desk/guard_scene", tests, NULL, NULL);
}
