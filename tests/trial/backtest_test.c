/* tests/trial/backtest_test.c - recorded days through the whole desk: LEAN's tables, fills, gates, the same run twice.
 *
 * LEAN's results are compared with its own tables (data/lean/expected_backtests.json). Where a figure differs the reason stands
 * at the test. The data is found by TAPEDECK_DATA; without it these tests are skipped by name. */
#include "support/support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "desk/desk_inner.h"
#include "strat/lean_strategies.h"
#include "trial/backtest_scene.h"

/* What a look remembers of a run. */
struct seen {
    struct td_ledger_order orders[64];
    struct td_ledger_fill fills[64];
    uint32_t order_count, fill_count;
    td_ns halt_at; /* 0: never */
    bool halted;
};

static void look(void *arg, const struct td_backtest_moment *m)
{
    struct seen *s = arg;
    const struct td_ledger *l = td_gateway_ledger(m->gateway);
    if (s->halt_at && m->now >= s->halt_at && !s->halted) {
        s->halted = true;
        desk_halt(m->desk, "by the test");
    }
    for (; m->over && s->order_count < l->order_count && s->order_count < 64; s->order_count++)
        s->orders[s->order_count] = l->orders[s->order_count];
    for (; m->over && s->fill_count < l->fill_count && s->fill_count < 64; s->fill_count++)
        s->fills[s->fill_count] = l->fills[s->fill_count];
}

/* A decision on the last bell is one on the last quote. */
static int set_up_bells(void **state)
{
    const int failed = set_up(state);
    settings.quote_age_ms = 10000;
    return failed;
}

static int64_t day_of(const char *text)
{
    int64_t day;
    TD_OK_OR_FAIL(td_date_parse(text, strlen(text), &day));
    return day;
}

static const char *const spy[] = {"SPY"};
static struct seen seen;

/* A configuration of SPY with one strategy; skips without data. */
static struct td_backtest_config spy_days(const struct td_strat *strat, const char *first,
                                          const char *last)
{
    const char *data = td_test_data("");
    if (!data)
        td_skip_data("");
    struct td_backtest_config config = minutes_of(strat, TD_QTY(1), data, spy, 1);
    memset(&seen, 0, sizeof seen);
    use.allow_short = true;
    config.first = day_of(first);
    config.last = day_of(last);
    config.look = look;
    config.look_arg = &seen;
    return config;
}

static bool is_near(td_cash have, double want, double tolerance)
{
    if (fabs(td_e9_to_double(have.e9) - want) <= tolerance)
        return true;
    print_message("%.4f, expected %.2f within %.2f\n", td_e9_to_double(have.e9), want, tolerance);
    return false;
}

/* --- LEAN's tables --- */

#define CENT 0.005 /* its tables are rounded to cents */

/* Exact: the open of the day behind the decision is LEAN's rule for daily bars too. */
static void lean_days(void **state)
{
    (void)state;
    struct td_backtest_config c = spy_days(&lean_hold, "2013-10-08", "2013-10-17");
    c.bars = TD_BACKTEST_1D;
    const struct td_backtest_result r = must_run(&c);
    assert_int_equal(r.orders, 1);
    assert_int_equal(seen.fill_count, 1);
    assert_int_equal(seen.fills[0].action, TD_BUY);
    assert_int_equal(seen.fills[0].qty.e9, 697 * TD_E9);
    assert_true(is_near(r.end, 104486.22, CENT));
    assert_true(is_near(r.fees, 3.485, 0));
    assert_int_equal(r.days, 8); /* with Columbus Day, on which SPY trades */
}

/* Exact: LEAN takes the ask at which the quote bar of the decision closed, we the one at which the next opens; both are 167.45,
 * where the bar of trades opens at 167.47. */
static void lean_minutes(void **state)
{
    (void)state;
    const struct td_backtest_config c = spy_days(&lean_hold, "2013-10-07", "2013-10-11");
    const struct td_backtest_result r = must_run(&c);
    assert_int_equal(r.orders, 1);
    assert_int_equal(seen.fill_count, 1);
    assert_int_equal(seen.fills[0].action, TD_BUY);
    assert_int_equal(seen.fills[0].qty.e9, 688 * TD_E9);
    assert_int_equal(seen.fills[0].px.e9, INT64_C(144781724000)); /* 167.45 x 0.8646266 */
    assert_true(is_near(r.end, 101691.92, CENT));
    assert_true(is_near(r.fees, 3.44, 0));
    assert_true(is_near((td_cash){r.drawdown_e9}, 0.022, 0.001));
    assert_int_equal(r.days, 5);
    assert_int_equal(r.trips, 0);
}

/* Exact: limits against the bars of trades, better ones at the open. The 35th order is that of the last bell and never fills,
 * there as here. */
static void lean_seconds(void **state)
{
    (void)state;
    struct td_backtest_config c = spy_days(&lean_limit, "2013-10-07", "2013-10-11");
    c.bars = TD_BACKTEST_5S;
    c.fill_forward = true;
    const struct td_backtest_result r = must_run(&c);
    if (r.orders != 35)
        print_message("%llu denied: %s\n", (unsigned long long)r.denied, r.last_denial);
    assert_int_equal(r.orders, 35);
    assert_int_equal(seen.order_count, 35);
    for (uint32_t i = 0; i < 35; i++)
        assert_int_equal(seen.orders[i].action, i < 14 ? TD_BUY : TD_SELL);
    assert_int_equal(seen.fill_count, 34);
    assert_true(is_near(r.end, 99931.07, CENT));
    assert_true(is_near(r.fees, 34, 0));
    assert_int_equal(r.denied, 0);
}

/* --- the same again, and other costs --- */

static void the_same_run_twice(void **state)
{
    static const char *const names[] = {"sma_cross", "momentum", "mean_reversion"};
    (void)state;
    for (size_t i = 0; i < TD_COUNT(names); i++) {
        const struct td_backtest_config c =
            spy_days(td_strat_find(names[i]), "2013-10-07", "2013-10-07");
        const struct td_backtest_result a = must_run(&c), b = must_run(&c);
        assert_true(a.orders > 0 && a.fills > 0);
        assert_true(a.hash == b.hash && a.end.e9 == b.end.e9 && a.events == b.events);
        assert_true(a.trips > 0 && a.wins <= a.trips);
        assert_int_equal(a.net.e9, a.end.e9 - a.start.e9);
    }
}

static void costs_are_the_options(void **state)
{
    (void)state;
    struct td_backtest_config c = spy_days(&lean_hold, "2013-10-07", "2013-10-07");
    const struct td_backtest_result usual = must_run(&c);
    c.no_fees = true;
    const struct td_backtest_result free_of_charge = must_run(&c);
    assert_int_equal(free_of_charge.fees.e9, 0);
    assert_int_equal(free_of_charge.end.e9 - usual.end.e9, usual.fees.e9);
    c.slip_bps = 10;
    const struct td_backtest_result slipped = must_run(&c); /* a thousandth of 688 x 144.781724 */
    assert_true(is_near((td_cash){free_of_charge.end.e9 - slipped.end.e9}, 99.6098, 0.001));
}

/* --- no look-ahead --- */

static size_t cheat_on_event(void *s, const struct td_event *event, const struct td_view *view,
                             struct td_intent *out)
{
    extern const struct td_strat cheat;
    uint32_t *tag = s;
    if (event->kind != TD_EV_BAR || event->bar.low.e9 >= event->bar.close.e9 || *tag >= 40)
        return 0;
    td_intent_init(&out[0], &cheat, event, view);
    out[0].action = TD_BUY;
    out[0].type = TD_ORDER_LIMIT;
    out[0].tif = TD_TIF_GTC;
    out[0].tag = ++*tag;
    out[0].qty = TD_QTY(1);
    out[0].limit = event->bar.low;
    return 1;
}

static enum td_err cheat_start(void *s, const struct td_strat_setup *setup, struct td_fail *why)
{
    (void)setup;
    (void)why;
    *(uint32_t *)s = 0;
    return TD_OK;
}

extern const struct td_strat cheat;
const struct td_strat cheat = {.name = "cheat",
                               .help = "buys at the low of the bar it has just seen",
                               .scope = TD_SCOPE_EACH,
                               .state_size = sizeof(uint32_t),
                               .init = cheat_start,
                               .on_event = cheat_on_event};

/* Orders leave at the end of their bar, and fill at the end of another that began then or later. */
static void nothing_fills_in_the_bar_it_was_decided_on(void **state)
{
    (void)state;
    const struct td_backtest_config c = spy_days(&cheat, "2013-10-07", "2013-10-07");
    const struct td_backtest_result r = must_run(&c);
    assert_int_equal(r.orders, 40);
    assert_true(seen.fill_count > 0 && seen.fill_count <= 40);
    for (uint32_t i = 0; i < seen.fill_count; i++)
        for (uint32_t k = 0; k < seen.order_count; k++)
            if (seen.orders[k].perm_id == seen.fills[i].perm_id) {
                assert_int_equal(seen.orders[k].at % TD_MIN, 0);
                assert_true(seen.fills[i].at >= seen.orders[k].at + TD_MIN);
                assert_true(seen.fills[i].px.e9 <= seen.orders[k].limit_px.e9);
            }
}

/* --- gates --- */

static void limits_refuse_and_a_halt_holds(void **state)
{
    (void)state;
    struct td_settings tight = settings;
    struct td_backtest_config c = spy_days(&lean_hold, "2013-10-07", "2013-10-07");
    tight.max_order_size_e9 = 100 * TD_E9;
    c.settings = &tight;
    struct td_backtest_result r = must_run(&c);
    assert_true(r.orders == 0 && r.denied > 300);
    assert_int_equal(r.end.e9, r.start.e9);
    c = spy_days(&lean_hold, "2013-10-07", "2013-10-07");
    seen.halt_at = INT64_C(1381152630) * TD_SEC; /* 09:30:30 */
    r = must_run(&c);
    assert_true(seen.halted && r.orders == 0 && r.denied > 300);
    assert_memory_equal(r.last_denial, "HALT", 4);
}

/* --- an order book --- */

/* Buys one at the third quote, sells it at the tenth: the session is ready once data flows. */
static size_t taker_on_event(void *s, const struct td_event *event, const struct td_view *view,
                             struct td_intent *out)
{
    extern const struct td_strat taker;
    uint32_t *quotes = s;
    if (event->kind != TD_EV_QUOTE || td_px_is_none(event->quote.bid) ||
        td_px_is_none(event->quote.ask))
        return 0;
    const uint32_t n = ++*quotes;
    if (n != 3 && n != 10)
        return 0;
    td_intent_init(&out[0], &taker, event, view);
    out[0].action = n == 3 ? TD_BUY : TD_SELL;
    out[0].type = TD_ORDER_MARKET;
    out[0].exit = n != 3;
    out[0].qty = TD_QTY(1);
    return 1;
}

extern const struct td_strat taker;
const struct td_strat taker = {.name = "taker",
                               .help = "buys one, and sells it again",
                               .scope = TD_SCOPE_EACH,
                               .state_size = sizeof(uint32_t),
                               .init = cheat_start,
                               .on_event = taker_on_event};

/* Two recorded seconds of ES, every order: real asks and bids fill, and it is the same twice. */
static void es_trades_on_its_recorded_orders(void **state)
{
    static const char *const es[] = {"ES"};
    (void)state;
    struct td_backtest_config c = spy_days(&taker, "2024-05-08", "2024-05-08");
    c.symbols = es;
    c.fill = TD_BACKTEST_BOOK;
    c.bars = TD_BACKTEST_5S;
    c.depth_rows = 10;
    const struct td_backtest_result a = must_run(&c);
    assert_int_equal(seen.fill_count, 2);
    assert_int_equal(seen.fills[0].action, TD_BUY);
    assert_int_equal(seen.fills[1].action, TD_SELL);
    assert_false(seen.fills[0].generated || seen.fills[1].generated);
    assert_int_equal(seen.fills[0].px.e9 % 250000000, 0);
    assert_int_equal(a.trips, 1);
    const int64_t made = (seen.fills[1].px.e9 - seen.fills[0].px.e9) * 50;
    assert_int_equal(a.net.e9, made - a.fees.e9);
    const struct td_backtest_result b = must_run(&c);
    assert_true(a.hash == b.hash && a.events == b.events);
}

/* --- what is kept, and what is refused --- */

static void the_run_is_kept(void **state)
{
    char path[300];
    size_t len;
    struct td_fail why = {0};
    struct td_backtest_result r;
    (void)state;
    struct td_backtest_config c = spy_days(&lean_hold, "2013-10-07", "2013-10-07");
    c.out = td_test_folder("backtest");
    assert_int_equal(must_run(&c).orders, 1);
    static const char *const files[] = {"journal/0001.tdj", "orders.db", "trade_audit_log.jsonl"};
    for (size_t i = 0; i < TD_COUNT(files); i++) {
        (void)snprintf(path, sizeof path, "%s/%s", c.out, files[i]);
        assert_int_equal(td_entry_at(&real, path), TD_ENTRY_FILE);
    }
    (void)snprintf(path, sizeof path, "%s/equity.csv", c.out);
    char *text = td_test_slurp(path, &len);
    assert_non_null(text);
    assert_memory_equal(text, "time,equity\n2013-10-07T13:31:00", 31);
    free(text);
    assert_int_equal(td_backtest_run(&c, &r, &why), TD_EEXIST);
    assert_non_null(strstr(why.text, "name another folder"));
}

static void bad_input_is_one_clear_line(void **state)
{
    static const char *const odd[] = {"S/Y"}, *const unknown[] = {"ZZZZ"};
    static const struct {
        const char *const *symbol;
        const char *first, *last, *says;
        enum td_err err;
    } rows[] = {
        {spy, "2013-10-11", "2013-10-07", "the first day is after the last", TD_EINVAL},
        {spy, "2013-10-11", "2013-10-14", "20131014_trade.zip", TD_ENODATA},
        {spy, "2000-01-03", "2013-10-14", "more than", TD_EINVAL},
        {unknown, "2013-10-07", "2013-10-07", "no data of ZZZZ", TD_ENODATA},
        {odd, "2013-10-07", "2013-10-07", "letters, digits", TD_EINVAL},
    };
    (void)state;
    for (size_t i = 0; i < TD_COUNT(rows); i++) {
        struct td_backtest_config c = spy_days(&lean_hold, rows[i].first, rows[i].last);
        struct td_backtest_result r;
        struct td_fail why = {0};
        c.symbols = rows[i].symbol;
        assert_int_equal(td_backtest_run(&c, &r, &why), rows[i].err);
        assert_non_null(strstr(why.text, rows[i].says));
        assert_null(r.points);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lean_days),
        cmocka_unit_test(lean_minutes),
        cmocka_unit_test(lean_seconds),
        cmocka_unit_test(the_same_run_twice),
        cmocka_unit_test(costs_are_the_options),
        cmocka_unit_test(nothing_fills_in_the_bar_it_was_decided_on),
        cmocka_unit_test(limits_refuse_and_a_halt_holds),
        cmocka_unit_test(es_trades_on_its_recorded_orders),
        cmocka_unit_test(the_run_is_kept),
        cmocka_unit_test(bad_input_is_one_clear_line),
    };
    return cmocka_run_group_tests_name("trial/backtest", tests, set_up_bells, tear_down);
}
