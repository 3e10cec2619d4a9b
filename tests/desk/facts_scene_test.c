/* tests/desk/facts_scene_test.c - every fact that desk_facts gathers for the gates: yes on a calm desk, and not yes as soon
 * as the one thing it tells of is otherwise. Numbers are those of the books they come from. */
#include "desk/desk_wants.h"

static const struct scene_options calm = {
    .world = {.seed = 8, .latency_min = TD_MS, .latency_max = 2 * TD_MS}, .speed = 10};

static struct td_desk *desk;
static struct td_gate_facts facts;

/* A desk that holds one share of SPY, and an order of it. */
static int open_holding(void **state)
{
    (void)state;
    start_alone(&calm, false); /* no order but the test's */
    desk = scene.desk;
    desk_turns(3 * TD_SEC);
    must_ask(TD_BUY);
    desk_turns(2 * TD_SEC);
    assert_int_equal(desk->blotter.holding_count, 1);
    return 0;
}

/* --- what closes a gate --- */

static void mode(void)
{
    desk->mode_agrees = false;
}
static void live(void)
{
    scene.plan.live = true;
    desk->live_confirmed = false;
}
static void journal_failed(void)
{
    desk->order_errors = 1;
}
static void window_is_near(void)
{
    desk->window_second = desk_market_time(desk) / TD_SEC;
    desk->window_clear = false;
}
static void no_contract(void)
{
    desk->market.lines[0].inst.conid = 0;
}
static void clock_in_doubt(void)
{
    desk->clock_doubt = true;
}
static void switch_file(void)
{
    desk->switch_seen = true;
}
static void reload_waits(void)
{
    desk->reload.waits = true;
}
static void disk_full(void)
{
    desk->disk_ok = false;
}
static void not_listed(void)
{
    scene.settings.allowlist.items[0] = "IBM";
    scene.settings.allowlist.count = 1;
}
static void restricted(void)
{
    scene.settings.restricted.items[0] = "SPY";
    scene.settings.restricted.count = 1;
}
static void breaker_open(void)
{
    for (int i = 0; i < 100; i++)
        desk_report(desk, BREAKER_ORDERS, false);
}
static void data_absurd(void)
{
    desk->data.fault[0]++;
}
static void last_days(void)
{
    static const struct td_product future;
    desk->market.lines[0].product = &future; /* and its last day is not known */
}
static void paused(void)
{
    desk->market.lines[0].pause.state = TD_PAUSE_PAUSED;
}
static void pause_ended_just_now(void)
{
    desk->market.lines[0].pause.state = TD_PAUSE_DOUBTFUL;
}
static void delayed(void)
{
    desk->market.lines[0].quote_delayed = true;
}
static void no_book(void)
{
    desk->config.depth_rows = 5; /* and nothing has filled it */
}
static void frozen(void)
{
    desk->blotter.holdings[0].freeze = TD_FREEZE_ALL;
}
static void reduce_only(void)
{
    desk->blotter.holdings[0].freeze = TD_FREEZE_REDUCE_ONLY;
}
static void unknown_order(void)
{
    desk->blotter.holdings[0].unknown_orders = 1;
}

#define FACT(name) offsetof(struct td_gate_facts, name)

static const struct {
    size_t fact;
    void (*closes)(void);
} rows[] = {
    {FACT(allow_orders), orders_forbidden},
    {FACT(dry_run_off), dry_run},
    {FACT(order_exec), no_execution},
    {FACT(mode_agrees), mode},
    {FACT(live_confirmed), live},
    {FACT(journal_ok), journal_failed},
    {FACT(session_ready), looks_up},
    {FACT(outside_window), window_is_near},
    {FACT(qualified), no_contract},
    {FACT(clock_ok), clock_in_doubt},
    {FACT(not_halted), halts},
    {FACT(not_halted), switch_file},
    {FACT(not_halted), reload_waits},
    {FACT(disk_ok), disk_full},
    {FACT(symbol_allowed), not_listed},
    {FACT(not_restricted), restricted},
    {FACT(breaker_closed), breaker_open},
    {FACT(data_valid), data_absurd},
    {FACT(not_expiring), last_days},
    {FACT(market_open), paused},
    {FACT(market_open), pause_ended_just_now},
    {FACT(quote_live), delayed},
    {FACT(book_ok), no_book},
    {FACT(not_frozen), frozen},
    {FACT(not_reduce_only), reduce_only},
    {FACT(not_reduce_only), frozen},
    {FACT(orders_known), unknown_order},
};

static enum td_fact fact_at(size_t offset)
{
    enum td_fact fact;
    desk_facts(desk, 0, &facts);
    memcpy(&fact, (const char *)&facts + offset, sizeof fact);
    return fact;
}

/* The desk does not turn in between: its memory is put back as it was. */
static void each_fact_tells_of_its_thing(void **state)
{
    (void)state;
    static struct td_settings settings;
    static struct td_line line;
    struct td_desk *kept = malloc(sizeof *kept);
    assert_non_null(kept);
    memcpy(kept, desk, sizeof *kept);
    settings = scene.settings;
    line = desk->market.lines[0];
    for (size_t i = 0; i < TD_COUNT(rows); i++) {
        const struct td_blotter_holding holding = desk->blotter.holdings[0];
        if (fact_at(rows[i].fact) != TD_FACT_YES)
            fail_msg("row %zu is not yes on a calm desk", i);
        rows[i].closes();
        if (fact_at(rows[i].fact) == TD_FACT_YES)
            fail_msg("row %zu stays yes", i);
        memcpy(desk, kept, sizeof *kept);
        desk->blotter.holdings[0] = holding;
        desk->market.lines[0] = line;
        scene.settings = settings;
        scene.plan.live = false;
    }
    free(kept);
}

static void numbers_are_those_of_the_books(void **state)
{
    (void)state;
    struct td_blotter_holding *h = &desk->blotter.holdings[0];
    const struct td_line *line = &desk->market.lines[0];
    td_px marks[TD_LINES_MAX];
    td_cash pnl;
    h->working_buy = TD_QTY(3);
    h->working_sell = TD_QTY(4);
    h->open_orders = 5;
    desk->blotter.orders_today = 6;
    desk->blotter.value_today = TD_CASH(700);
    desk->day_trades_left = 2;
    desk_facts(desk, 0, &facts);
    assert_true(facts.position.e9 == TD_E9 && facts.open_positions == 1);
    assert_true(facts.working_buy.e9 == 3 * TD_E9 && facts.working_sell.e9 == 4 * TD_E9);
    assert_int_equal(facts.open_orders, 5);
    assert_int_equal(facts.trades_today, 6);
    assert_true(facts.day_value.e9 == 700 * TD_E9);
    assert_int_equal(facts.day_trades_left, 2);
    assert_true(facts.quote.bid.e9 == line->quote.bid.e9 && facts.quote.bid.e9 > 0);
    assert_true(facts.quote_recv_ns == line->quote_recv_ns && facts.quote_recv_ns > 0);
    assert_ptr_equal(facts.ticks, &line->ticks);
    assert_true(facts.multiplier.e9 == TD_E9);
    assert_true(facts.symbol_value.e9 == desk_mark_of(line).e9 && facts.symbol_value.e9 > 0);
    assert_true(facts.gross_value.e9 == facts.symbol_value.e9);
    assert_true(facts.equity.e9 == desk_capital(desk).e9 && facts.equity.e9 > 0);
    assert_true(facts.now == td_world_now(&scene.desk_world));
    assert_true(facts.mono == td_world_mono(&scene.desk_world));
    desk_marks(desk, marks);
    TD_OK_OR_FAIL(td_blotter_day_pnl(&desk->blotter, marks, &pnl));
    assert_true(pnl.e9 != 0 && facts.day_pnl.e9 == pnl.e9);
    desk_facts(desk, 1, &facts);
    assert_int_equal(facts.inst, 1);
    assert_true(facts.position.e9 == 0 && facts.symbol_value.e9 == 0 && facts.gross_value.e9 > 0);
}

/* What nobody tells is unset, never 0: a gate whose limit is set then stays closed. */
static void what_is_not_known_is_unset(void **state)
{
    (void)state;
    desk_facts(desk, 0, &facts);
    assert_true(td_cash_is_none(facts.sector_value) && td_cash_is_none(facts.market_cap));
    assert_true(td_qty_is_none(facts.day_volume));
    assert_true(facts.correlation_e9 == TD_E9_NONE && facts.heat_e9 == TD_E9_NONE);
    assert_true(td_px_is_none(facts.own_bid) && td_px_is_none(facts.own_ask));
    desk->limits.value[TD_LIMIT_HEAT] = TD_E9;
    desk_facts(desk, 0, &facts);
    assert_true(facts.heat_e9 == desk_heat(desk, 0));
    desk->market.lines[0].quote = (struct td_quote){.bid = TD_PX_NONE, .ask = TD_PX_NONE};
    desk->market.lines[0].last = TD_PX_NONE;
    desk_facts(desk, 0, &facts);
    assert_true(td_cash_is_none(facts.day_pnl) && td_cash_is_none(facts.gross_value));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_fact_tells_of_its_thing, open_holding, scene_close),
        cmocka_unit_test_setup_teardown(numbers_are_those_of_the_books, open_holding, scene_close),
        cmocka_unit_test_setup_teardown(what_is_not_known_is_unset, open_holding, scene_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
