/* tests/trial/backtest_scene.h - what the tests of backtests share: the world a run writes to, settings whose limits refuse
 * nothing, one strategy, and a run that must succeed. */
#ifndef TD_TESTS_BACKTEST_SCENE_H
#define TD_TESTS_BACKTEST_SCENE_H

#include "support/support.h"
#include "sys/uvworld.h"
#include "trial/backtest.h"

static struct td_world real;
static struct td_settings settings;
static struct td_strat_use use;

/* The preset settings, and limits so wide that only what a test narrows can refuse. */
static inline int set_up(void **state)
{
    static struct td_environ nothing;
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

static inline int tear_down(void **state)
{
    (void)state;
    td_uvworld_close(&real);
    return 0;
}

/* Minutes of these symbols with `use`, which trades `size` by the strategy's presets, from 100,000. */
static inline struct td_backtest_config minutes_of(const struct td_strat *strat, td_qty size,
                                                   const char *data, const char *const *symbols,
                                                   uint32_t count)
{
    use = (struct td_strat_use){.strat = strat, .size = size};
    td_strat_presets(strat, use.params);
    return (struct td_backtest_config){.real = &real,
                                       .data = data,
                                       .symbols = symbols,
                                       .symbol_count = count,
                                       .bars = TD_BACKTEST_1M,
                                       .cash = TD_CASH(100000),
                                       .seed = 1,
                                       .settings = &settings,
                                       .uses = &use,
                                       .use_count = 1,
                                       .version = "test"};
}

/* The run must succeed. Its points are given back: a test looks at figures. */
static inline struct td_backtest_result must_run(const struct td_backtest_config *config)
{
    struct td_backtest_result r;
    struct td_fail why = {0};
    if (td_backtest_run(config, &r, &why) != TD_OK)
        fail_msg("%s: %s", config->uses[0].strat->name, why.text);
    assert_true(r.point_count > 0);
    td_backtest_free(&r);
    return r;
}

#endif
