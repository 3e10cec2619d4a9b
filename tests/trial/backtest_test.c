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
#include "sys/uvworld.h"
#include "trial/backtest.h"

static struct td_world real;
static struct td_environ nothing;
static struct td_settings settings;

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

static int set_up(void **state)
{
    struct td_fail why = {0};
    (void)state;
    if (td_uvworld_open(&real, false, NULL) != TD_OK ||
        td_settings_load(&settings, &nothing, &why) != TD_OK)
        return -1;
    settings.short_selling = settings.outside_rth = true;
    settings.max_trades = 100000;
    settings.max_orders_per_minute = 255;
    settings.dedup_window_s = 0;
    settings.max_daily_notional_e9 = settings.max_order_notional_e9 = 9000000000 * TD_E9;
    settings.max_daily_loss_e9 = TD_E9;
    settings.max_position_e9 = settings.max_order_size_e9 = 100000 * TD_E9;
    settings.max_leverage_e9 = settings.max_symbol_exposure_e9 = 1000 * TD_E9;
    settings.max_open_orders = 100;
    settings.kill_day_loss_e9 = settings.kill_position_loss_e9 = settings.kill_drawdown_e9 = 0;
    settings.kill_losses = 0;
    settings.kill_bad_data = settings.stop_monitor = settings.broker_stops = false;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    td_uvworld_close(&real);
    return 0;
}

static int64_t day_of(const char *text)
{
    int64_t day;
    TD_OK_OR_FAIL(td_date_parse(text, strlen(text), &day));
    return day;
}

static const char *const spy[] = {"SPY"};
static struct td_strat_use use;
static struct seen seen;

static struct td_log test_log;

static void put_line(void *sink, enum td_log_level level, enum td_log_channel channel,
                     struct td_str line)
{
    (void)sink;
    (void)level;
    (void)channel;
    (void)fprintf(stderr, "%.*s\n", TD_STR_ARG(line));
}

/* A configuration of SPY with one strategy; skips without data. */
static struct td_backtest_config spy_days(const struct td_strat *strat, const char *first,
                                          const char *last)
{
    const char *data = td_test_data("");
    if (!data)
        skip();
    memset(&seen, 0, sizeof seen);
    use = (struct td_strat_use){.strat = strat, .size = TD_QTY(1), .allow_short = true};
    td_strat_presets(strat, use.params);
    test_log = (struct td_log){.level = TD_LOG_INFO, .write = put_line};
    return (struct td_backtest_config){.real = &real,
                                       .data = data,
                                       .symbols = spy,
                                       .symbol_count = 1,
                                       .first = day_of(first),
                                       .last = day_of(last),
                                       .bars = TD_BACKTEST_1M,
                                       .cash = TD_CASH(100000),
                                       .seed = 1,
                                       .settings = &settings,
                                       .uses = &use,
                                       .use_count = 1,
                                       .version = "test",
                                       .log = getenv("TD_LOUD") ? &test_log : NULL,
                                       .look = look,
                                       .look_arg = &seen};
}

static struct td_backtest_result run(const struct td_backtest_config *config)
{
    struct td_backtest_result r;
    struct td_fail why = {0};
    if (td_backtest_run(config, &r, &why) != TD_OK)
        fail_msg("%s", why.text);
    if (getenv("TD_LOUD"))
        (void)fprintf(stderr,
                      "orders %llu denied %llu fills %llu end %.2f fees %.2f events %llu dd %.4f "
                      "sharpe %g days %u %s\n",
                      (unsigned long long)r.orders, (unsigned long long)r.denied,
                      (unsigned long long)r.fills, td_e9_to_double(r.end.e9),
                      td_e9_to_double(r.fees.e9), (unsigned long long)r.events,
                      td_e9_to_double(r.drawdown_e9), r.sharpe, r.days, r.last_denial);
    for (uint32_t i = 0; getenv("TD_LOUD") && i < seen.fill_count; i++)
        (void)fprintf(stderr, "fill %lld %s %.6f x %.0f\n", (long long)(seen.fills[i].at / TD_SEC),
                      seen.fills[i].action == TD_BUY ? "buy" : "sell",
                      td_e9_to_double(seen.fills[i].px.e9), td_e9_to_double(seen.fills[i].qty.e9));
    td_backtest_free(&r);
    return r;
}

static void lean_days(void **state)
{
    (void)state;
    struct td_backtest_config c = spy_days(&lean_hold, "2013-10-08", "2013-10-17");
    c.bars = TD_BACKTEST_1D;
    const struct td_backtest_result r = run(&c);
    assert_int_equal(r.orders, 1);
    assert_int_equal(seen.fill_count, 1);
    assert_true(fabs(td_e9_to_double(r.end.e9) - 104486.22) < 0.01);
}

static void lean_minutes(void **state)
{
    (void)state;
    const struct td_backtest_config c = spy_days(&lean_hold, "2013-10-07", "2013-10-11");
    const struct td_backtest_result r = run(&c);
    assert_int_equal(r.orders, 1);
}

static void lean_seconds(void **state)
{
    (void)state;
    struct td_backtest_config c = spy_days(&lean_limit, "2013-10-07", "2013-10-11");
    c.bars = TD_BACKTEST_5S;
    c.fill_forward = true;
    const struct td_backtest_result r = run(&c);
    assert_int_equal(r.orders, 35);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lean_seconds),
        cmocka_unit_test(lean_days),
        cmocka_unit_test(lean_minutes),
    };
    return cmocka_run_group_tests_name("trial/backtest", tests, set_up, tear_down);
}
