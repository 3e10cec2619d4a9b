/* tests/dash/api_test.c - every key of the older dashboard with its type, by a table: with a desk, and where nothing has
 * ever run. Each null has a reason. Numbers are those of the trades the scene made. */
#include <math.h>

#include "api_scene.h"
#include "dash/recordings.h"

/* n number, s text, b bool, o object, l list, in capitals: may be null with a desk too. "list[].key" of the first one. */
static const struct {
    const char *path, *keys;
} promised[] = {
    {"/health", "status:s timestamp:s"},
    {"/api/health", "status:s timestamp:s"},
    {"/health/live", "status:s timestamp:s service:s"},
    {"/health/ready", "timestamp:s service:s ready:b checks.database:b checks.config:b "
                      "checks.filesystem:b"},
    {"/api/market/status", "is_open:B session:S current_time:s status_text:S"},
    {"/api/status", "trading_status.is_trading:b trading_status.connected:b "
                    "trading_status.market_open:B trading_status.mode:S "
                    "trading_status.session_start:S trading_status.message:s "
                    "trading_status.detail:S trading_status.runner_state:s "
                    "trading_status.tws_health:S trading_status.tws_running:B "
                    "trading_status.gateway_running:B trading_status.symbols_count:N pnl.total:N "
                    "pnl.daily:N metrics.total_pnl:N positions_count:N ml_status:o"},
    {"/api/pnl", "total:N unrealized:N realized:N daily:N"},
    {"/api/positions", "positions[].symbol:s positions[].quantity:n positions[].entry_price:n "
                       "positions[].current_price:N positions[].market_value:N "
                       "positions[].unrealized_pnl:N positions[].unrealized_pnl_pct:N "
                       "positions[].side:s positions[].entry_time:S positions[].strategy:S "
                       "positions[].ml_signal:S"},
    {"/api/watchlist", "watchlist[].symbol:s watchlist[].current_price:N watchlist[].quantity:N "
                       "watchlist[].avg_cost:N watchlist[].pnl:N watchlist[].notes:S "
                       "watchlist[].has_position:b"},
    {"/api/ml/status", "models_trained:n feature_count:n accuracy:N confidence:N models:l "
                       "active_predictions:n avg_confidence:N market_sentiment.bullish:N "
                       "market_sentiment.bearish:N market_sentiment.neutral:N "
                       "last_prediction_time:S top_features:l"},
    {"/api/performance", "summary.total_return:N summary.total_pnl:N summary.total_sharpe:N "
                         "summary.total_drawdown:N summary.win_rate:N summary.total_trades:N "
                         "summary.winning_trades:N summary.losing_trades:N daily.return_pct:N "
                         "daily.pnl:N daily.trades:N daily.volatility:N daily.sharpe:N "
                         "daily.max_drawdown:N weekly.pnl:N monthly.sharpe:N all.volatility:N "
                         "all.max_drawdown:N"},
    {"/api/trades", "trades[].id:n trades[].symbol:s trades[].side:s trades[].quantity:n "
                    "trades[].price:n trades[].timestamp:s trades[].slippage:N "
                    "trades[].commission:N trades[].notional:n trades[].cash_impact:n "
                    "summary.total_trades:N summary.buy_trades:N summary.sell_trades:N "
                    "summary.total_volume:N summary.total_commission:N summary.avg_trade_size:N"},
    {"/api/strategies/status", "active_strategies.ml_enhanced:b active_strategies.microstructure:B "
                               "active_strategies.portfolio_manager:B "
                               "active_strategies.smart_execution:B performance_by_strategy:o "
                               "last_updated:s"},
    {"/api/microstructure/metrics",
     "order_flow_imbalance.current:N order_flow_imbalance.avg_1h:N order_flow_imbalance.trend:S "
     "order_flow_imbalance.signal:S book_pressure:N tick_direction:S spread_analysis.current_bps:N "
     "spread_analysis.avg_bps:N spread_analysis.widening:B spread_analysis.liquidity:S "
     "tick_momentum.score:N tick_momentum.direction:S tick_momentum.strength:N "
     "tick_momentum.trades_analyzed:n ensemble_metrics.combined_score:N "
     "ensemble_metrics.confidence:N ensemble_metrics.active_signals:N "
     "ensemble_metrics.last_signal:O performance.trades_today:N performance.win_rate:N "
     "performance.avg_profit_bps:N performance.sharpe_ratio:N"},
    {"/api/portfolio/allocation", "method:S allocations:o risk_budget:o "
                                  "correlation_matrix.avg_correlation:N "
                                  "correlation_matrix.max_correlation:N "
                                  "correlation_matrix.diversification_ratio:N rebalance.last:S "
                                  "rebalance.next_due:S rebalance.drift:N"},
    {"/api/execution/status", "active_algorithm:S orders.pending:N orders.completed:N "
                              "orders.cancelled:N performance.avg_slippage_bps:N "
                              "performance.market_impact_bps:N performance.total_saved_bps:N "
                              "algorithms_available:L current_orders:l algorithms_used:o "
                              "avg_slippage:N market_impact:N fill_rate:N avg_fill_time:N "
                              "executions_today:N algorithm_performance:o"},
    {"/api/risk/status",
     "enabled:B kelly_sizing.enabled:B kelly_sizing.current_positions:o "
     "kelly_sizing.portfolio_kelly:N kill_switches.active:B kill_switches.triggered_count:N "
     "kill_switches.last_trigger:S kill_switches.limits.daily_loss.limit:N "
     "kill_switches.limits.consecutive_losses.limit:N kill_switches.limits.max_drawdown.limit:N "
     "kill_switches.limits.max_drawdown.current:N kill_switches.limits.position_loss.limit:N "
     "kill_switches.limits.position_loss.per_position:N correlation_limits.max_correlation:N "
     "correlation_limits.max_correlated_exposure:N correlation_limits.high_correlations:l "
     "risk_metrics.total_exposure:N risk_metrics.leverage:N risk_metrics.var_95:N "
     "risk_metrics.sharpe_ratio:N risk_metrics.max_drawdown:N risk_metrics.current_capital:N "
     "risk_metrics.total_pnl:N risk_metrics.daily_pnl:N"},
    {"/api/risk/kelly/SPY", "symbol:s kelly_fraction:N half_kelly:N quarter_kelly:N win_rate:N "
                            "avg_win:N avg_loss:N edge:N odds:N trade_count:N "
                            "recommended_position_size:N confidence_level:S"},
    {"/api/safety/circuit-breakers", "breakers:o open_count:N open_breakers:l any_open:B"},
    {"/api/safety/order-manager", "statistics.total_orders:N statistics.successful_fills:N "
                                  "statistics.partial_fills:N statistics.cancellations:N "
                                  "statistics.rejections:N statistics.errors:N "
                                  "statistics.timeouts:N statistics.total_retries:N "
                                  "active_orders[].id:s active_orders[].symbol:s "
                                  "active_orders[].side:s active_orders[].status:s "
                                  "active_orders[].filled:s"},
    {"/api/safety/data-validator", "total_validations:N passed:N failed_stale:N failed_spread:N "
                                   "failed_price:N failed_volume:N failed_anomaly:N pass_rate:N"},
    {"/api/safety/thresholds", "max_open_positions:S max_orders_per_minute:S stop_loss_percent:S "
                               "take_profit_percent:S data_staleness_seconds:S "
                               "max_spread_percent:S circuit_breaker_threshold:S "
                               "circuit_breaker_timeout:S"},
    {"/api/logs", "logs:l"},
    {"/health/runner", "status:s timestamp:s message:s"},
    {"/api/runner/status", "status:s timestamp:s message:s"},
    {"/api/portfolios", "portfolios:l"},
    {"/api/ml/predictions", "predictions:l"},
    {"/api/equity-curve", "equity_curve:l"},
    {"/api/v1/symbols", "symbols[].symbol:s symbols[].bid:N symbols[].age_ms:N symbols[].gaps:n"},
    {"/api/v1/books/SPY", "symbol:s time:S quality:l bids:l asks:l microprice:N imbalance:N "
                          "ofi:N cvd:N reason:s"},
    {"/api/v1/bars/SPY", "symbol:s span_s:N bars[].time:n bars[].close:n"},
    {"/api/v1/trades/SPY", "symbol:s newest:n trades[].n:n trades[].aggressor:S "
                           "trades[].exchange:S reason:s"},
    {"/api/v1/orders", "orders[].id:n orders[].status:s orders[].limit_price:N"},
    {"/api/v1/fills", "fills[].id:n fills[].time:s fills[].price:n fills[].pnl:N"},
    {"/api/v1/intents", "intents[].id:n intents[].symbol:s intents[].approved:b intents[].gate:N "
                        "intents[].reason:s"},
    {"/api/v1/equity", "points[].time:s points[].realized:n points[].equity:N"},
    {"/api/v1/events", "events[].id:n events[].time:s events[].event:s events[].symbol:S"},
    {"/api/v1/config", "settings[].key:s settings[].value:s settings[].source:s"},
    {"/api/v1/alerts", "alerts:L"},
    {"/api/v1/latency", "stages:L last_tick_age_s:N messages_per_second:N"},
    {"/api/v1/recorder", "symbols:l recorder:O"},
    {"/api/v1/scanner", "rows:L reason:s"},
    {"/api/v1/recordings", "folder:S symbols:L complete:b cut:b reason:s"},
    {"/api/v1/reports", "reports:L reason:s"},
    {"/api/v1/journal", "last_record:N durable:N waiting:N projected:N"},
    {"/api/v1/gateway", "mode:S session:S connection:O checklist:L clock:O"},
    {"/api/v1/openapi.json", "openapi:s paths:o"},
};

static const cJSON *get(const cJSON *o, const char *key)
{
    return cJSON_GetObjectItemCaseSensitive(o, key);
}

static double number(const cJSON *o, const char *key)
{
    const cJSON *item = get(o, key);
    if (!cJSON_IsNumber(item))
        fail_msg("%s is no number", key);
    return item->valuedouble;
}

static void same(double found, double wanted, double within)
{
    if (!(fabs(found - wanted) <= within))
        fail_msg("%.12g, wanted %.12g", found, wanted);
}

static bool has_type(const cJSON *item, char type)
{
    switch (type | 0x20) {
    case 'n':
        return cJSON_IsNumber(item);
    case 's':
        return cJSON_IsString(item);
    case 'b':
        return cJSON_IsBool(item);
    case 'o':
        return cJSON_IsObject(item);
    default:
        return cJSON_IsArray(item);
    }
}

/* One "a.b[].c:t". False: a list on the way is empty. */
static bool check_key(const char *path, const cJSON *at, char *key, bool fresh)
{
    char type = key[strlen(key) - 1];
    char *rest = key;
    key[strlen(key) - 2] = '\0';
    while (rest && at) {
        char *dot = strchr(rest, '.');
        if (dot)
            *dot++ = '\0';
        char *each = strstr(rest, "[]");
        if (each)
            *each = '\0';
        at = get(at, rest);
        if (at && each) {
            if (!cJSON_IsArray(at))
                fail_msg("%s: %s is no list", path, rest);
            at = at->child;
            if (!at)
                return false;
        }
        rest = dot;
    }
    if (!at)
        fail_msg("%s: key %s is missing", path, key);
    const bool may_be_null = (type >= 'A' && type <= 'Z') || fresh;
    if (!has_type(at, type) && !(may_be_null && cJSON_IsNull(at)))
        fail_msg("%s: %s is of the wrong type or null", path, key);
    return true;
}

/* Every null has `<key>_reason` beside it, or `reason` here or around it. */
static void check_nulls(const char *path, const cJSON *o, bool covered)
{
    const cJSON *item;
    covered = covered || cJSON_IsString(get(o, "reason"));
    cJSON_ArrayForEach(item, o)
    {
        char beside[100] = "";
        if (item->string)
            (void)snprintf(beside, sizeof beside, "%s_reason", item->string);
        if (cJSON_IsNull(item) && !covered && !cJSON_IsString(get(o, beside)))
            fail_msg("%s: %s is null without a reason", path, item->string);
        const bool told = item->string && cJSON_IsString(get(o, beside));
        check_nulls(path, item, covered || told);
    }
}

static void check_all(const struct td_api_view *v, bool fresh)
{
    for (size_t i = 0; i < TD_COUNT(promised); i++) {
        char keys[2000], *save = keys;
        if (fresh && strstr(promised[i].path, "/SPY") && strstr(promised[i].path, "/v1/"))
            continue; /* 404: nothing is watched */
        cJSON *json = scene_get(v, promised[i].path);
        (void)snprintf(keys, sizeof keys, "%s", promised[i].keys);
        for (char *key = save; key;) {
            char *space = strchr(key, ' ');
            if (space)
                *space++ = '\0';
            if (!check_key(promised[i].path, json, key, fresh) && !fresh)
                fail_msg("%s: %s: the list is empty", promised[i].path, key);
            key = space;
        }
        check_nulls(promised[i].path, json, false);
        cJSON_Delete(json);
    }
}

static void all_keys_are_there(void **state)
{
    (void)state;
    struct td_api_view v = sc.view;
    check_all(&v, false);
}

static void a_fresh_start_has_them_too(void **state)
{
    (void)state;
    struct td_api_view v;
    scene_fresh(&v);
    check_all(&v, true);
    cJSON *json = scene_get(&v, "/api/positions");
    assert_int_equal(cJSON_GetArraySize(get(json, "positions")), 0);
    assert_non_null(strstr(get(json, "reason")->valuestring, "orders.db"));
    cJSON_Delete(json);
    json = scene_get(&v, "/health/ready");
    assert_int_equal(sc.answer.status, 503);
    assert_true(cJSON_IsFalse(get(json, "ready")));
    cJSON_Delete(json);
    json = scene_get(&v, "/api/database/health");
    assert_int_equal(sc.answer.status, 500);
    assert_string_equal(get(json, "status")->valuestring, "unhealthy");
    cJSON_Delete(json);
    json = scene_get(&v, "/api/v1/status");
    assert_int_equal(sc.answer.status, 200);
    assert_true(cJSON_IsFalse(get(json, "ok")));
    cJSON_Delete(json);
}

/* No path of the contract's page is forgotten, and none answers that the table does not name. */
static void the_table_is_whole(void **state)
{
    (void)state;
    for (const struct td_route *r = td_api_routes; r->path; r++) {
        bool found = r->method == TD_METHOD_POST || strcmp(r->path, "/metrics") == 0;
        static const char *const others[] = {"/api/database/health",
                                             "/api/market-data/{symbol}",
                                             "/api/v1/status",
                                             "/api/v1/gates",
                                             "/api/v1/books/{symbol}",
                                             "/api/v1/bars/{symbol}",
                                             "/api/v1/trades/{symbol}",
                                             "/api/v1/orders/{id}",
                                             "/api/v1/recordings/{symbol}",
                                             "/api/v1/recordings/{symbol}/at",
                                             "/api/v1/reports/{day}"};
        for (size_t i = 0; i < TD_COUNT(promised); i++)
            found = found || strncmp(promised[i].path, r->path, strcspn(r->path, "{")) == 0;
        for (size_t i = 0; i < TD_COUNT(others); i++)
            found = found || strcmp(others[i], r->path) == 0;
        if (!found)
            fail_msg("%s is tried by nobody", r->path);
    }
}

/* --- the numbers --- */

static void profit_is_what_the_trades_made(void **state)
{
    (void)state;
    struct td_api_view v = sc.view;
    cJSON *p = scene_get(&v, "/api/performance");
    const cJSON *sum = get(p, "summary");
    same(number(sum, "total_pnl"), 28 * 9 - 14 * 11 - 0.5, 1e-9);
    same(number(sum, "total_trades"), 42, 0);
    same(number(sum, "winning_trades"), 28, 0);
    same(number(sum, "losing_trades"), 14, 0);
    same(number(sum, "win_rate"), 2.0 / 3, 1e-9);
    same(number(get(p, "daily"), "pnl"), 9 - 0.5, 1e-9);
    same(number(get(p, "daily"), "trades"), 1, 0);
    same(number(get(p, "weekly"), "trades"), 7, 0);
    same(number(get(p, "monthly"), "pnl"), 20 * 9 - 10 * 11 - 0.5, 1e-9);
    const double base = 999980.78 - number(sum, "total_pnl");
    same(number(sum, "total_return"), 100 * 97.5 / base, 1e-9);
    same(number(sum, "total_drawdown"), 11 / base, 1e-12);
    /* 42 days: 14 of -11, 27 of 9, one of 8.5 */
    double squares = 0;
    const double mean = 97.5 / 42;
    squares += 14 * (-11 - mean) * (-11 - mean) + 27 * (9 - mean) * (9 - mean) +
               (8.5 - mean) * (8.5 - mean);
    same(number(sum, "total_sharpe"), mean / sqrt(squares / 41) * sqrt(252), 1e-9);
    cJSON_Delete(p);
    p = scene_get(&v, "/api/risk/status");
    same(number(get(p, "risk_metrics"), "var_95"), 11, 1e-9);
    same(number(get(p, "risk_metrics"), "leverage"), 182.57 / 999980.78, 1e-9);
    same(number(get(p, "kill_switches"), "triggered_count"), 1, 0);
    cJSON_Delete(p);
}

static void the_curve_ends_at_the_profit(void **state)
{
    (void)state;
    struct td_api_view v = sc.view;
    cJSON *e = scene_get(&v, "/api/v1/equity");
    const cJSON *points = get(e, "points");
    assert_int_equal(cJSON_GetArraySize(points), 85);
    same(number(points->child, "realized"), -0.5, 0);
    same(number(points->child->prev, "realized"), 97.5, 0); /* the last: cJSON's ring */
    cJSON_Delete(e);
    e = scene_get(&v, "/api/equity-curve");
    points = get(e, "equity_curve");
    assert_int_equal(cJSON_GetArraySize(points), 42);
    assert_string_equal(get(points->child, "date")->valuestring, "2026-10-10");
    same(number(points->child->prev, "cumulative_pnl"), 97.5, 1e-9);
    cJSON_Delete(e);
}

static void kelly_is_the_formula(void **state)
{
    (void)state;
    struct td_api_view v = sc.view;
    cJSON *k = scene_get(&v, "/api/risk/kelly/SPY");
    const double odds = 9.0 / 11, f = 2.0 / 3 - (1.0 / 3) / odds;
    same(number(k, "kelly_fraction"), f, 1e-9);
    same(number(k, "half_kelly"), f / 2, 1e-9);
    same(number(k, "avg_win"), 9, 1e-9);
    same(number(k, "avg_loss"), 11, 1e-9);
    same(number(k, "edge"), 2.0 / 3 * odds - 1.0 / 3, 1e-9);
    same(number(k, "trade_count"), 42, 0);
    /* two hundredths of the equity at the middle of the quote, rounded down */
    same(number(k, "recommended_position_size"), floor(999980.78 * 0.02 / 100.01), 0);
    assert_string_equal(get(k, "confidence_level")->valuestring, "limited");
    cJSON_Delete(k);
    k = scene_get(&v, "/api/risk/kelly/IBM"); /* no trip has ended */
    assert_true(cJSON_IsNull(get(k, "kelly_fraction")));
    same(number(k, "trade_count"), 0, 0);
    cJSON_Delete(k);
}

static void what_is_held_is_told_whole(void **state)
{
    (void)state;
    struct td_api_view v = sc.view;
    cJSON *a = scene_get(&v, "/api/positions");
    const cJSON *row = get(a, "positions")->child;
    assert_int_equal(cJSON_GetArraySize(get(a, "positions")), 1);
    assert_string_equal(get(row, "symbol")->valuestring, "IBM");
    assert_string_equal(get(row, "side")->valuestring, "LONG");
    assert_string_equal(get(row, "strategy")->valuestring, "sma_cross");
    assert_string_equal(get(row, "entry_time")->valuestring, "2026-11-20T15:20:02.000000+00:00");
    same(number(row, "current_price"), 182.55, 1e-9);
    same(number(row, "unrealized_pnl"), -0.02, 1e-9);
    cJSON_Delete(a);
    v.status = NULL;
    v.no_desk = "no desk runs";
    a = scene_get(&v, "/api/positions"); /* without a desk: from the disk, without a price */
    row = get(a, "positions")->child;
    assert_string_equal(get(row, "symbol")->valuestring, "IBM");
    assert_true(cJSON_IsNull(get(row, "current_price")));
    cJSON_Delete(a);
    a = scene_get(&v, "/api/pnl");
    same(number(a, "realized"), 97.5, 1e-9);
    assert_true(cJSON_IsNull(get(a, "total")));
    cJSON_Delete(a);
}

static void the_market_is_measured(void **state)
{
    (void)state;
    struct td_api_view v = sc.view;
    cJSON *m = scene_get(&v, "/api/microstructure/metrics");
    same(number(get(m, "order_flow_imbalance"), "current"), 0.5, 1e-9);
    assert_string_equal(get(get(m, "order_flow_imbalance"), "signal")->valuestring, "BUY");
    assert_true(number(m, "book_pressure") > 0.4);
    same(number(get(m, "spread_analysis"), "current_bps"), 20000 * 0.02 / 200.02, 1e-9);
    same(number(get(m, "tick_momentum"), "score"), 1, 0);
    same(number(get(m, "tick_momentum"), "trades_analyzed"), 5, 0);
    same(number(get(m, "performance"), "trades_today"), 1, 0);
    cJSON_Delete(m);
    m = scene_get(&v, "/api/market/status");
    assert_true(cJSON_IsTrue(get(m, "is_open")));
    cJSON_Delete(m);
    v.now += 6 * TD_HOUR;
    m = scene_get(&v, "/api/market/status");
    assert_string_equal(get(m, "session")->valuestring, "after-hours");
    assert_string_equal(get(m, "next_open")->valuestring, "2026-11-23T14:30:00.000000+00:00");
    same(number(m, "seconds_until_open"), 65 * 3600, 0);
    cJSON_Delete(m);
}

/* Euros and dollars are not added. */
static void currencies_are_not_mixed(void **state)
{
    (void)state;
    struct td_api_view v = sc.view;
    sqlite3 *db;
    char path[500];
    (void)snprintf(path, sizeof path, "%s/orders.db", sc.folder);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "UPDATE executions SET currency = 'EUR' WHERE symbol = 'IBM'",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    cJSON *p = scene_get(&v, "/api/performance");
    assert_true(cJSON_IsNull(get(get(p, "summary"), "total_pnl")));
    assert_true(cJSON_IsNull(get(get(p, "summary"), "total_trades")));
    assert_non_null(
        strstr(get(get(p, "summary"), "total_pnl_reason")->valuestring, "several currencies"));
    cJSON_Delete(p);
    p = scene_get(&v, "/api/risk/kelly/SPY"); /* of one symbol it is known */
    same(number(p, "trade_count"), 42, 0);
    cJSON_Delete(p);
    cJSON *row = cJSON_GetObjectItemCaseSensitive(sc.status, "positions")->child;
    cJSON_AddStringToObject(row, "currency", "EUR");
    cJSON_AddStringToObject(row->next, "currency", "USD");
    p = scene_get(&v, "/api/pnl");
    assert_true(cJSON_IsNull(get(p, "realized")) && cJSON_IsNull(get(p, "unrealized")));
    cJSON_Delete(p);
    v.status = NULL;
    p = scene_get(&v, "/api/pnl");
    assert_true(cJSON_IsNull(get(p, "realized")) && cJSON_IsNull(get(p, "daily")));
    cJSON_Delete(p);
}

/* Correlation of the returns of the scene's bars, by the definition. */
static double made_correlation(void)
{
    double x[39], y[39], mx = 0, my = 0, xx = 0, yy = 0, xy = 0;
    for (int b = 1; b < 40; b++) {
        x[b - 1] = log((10000 + b * 7 % 50) / (double)(10000 + (b - 1) * 7 % 50));
        y[b - 1] = log((10000 + (b * 7 + b % 3) % 50) /
                       (double)(10000 + ((b - 1) * 7 + (b - 1) % 3) % 50));
        mx += x[b - 1] / 39;
        my += y[b - 1] / 39;
    }
    for (int i = 0; i < 39; i++) {
        xx += (x[i] - mx) * (x[i] - mx);
        yy += (y[i] - my) * (y[i] - my);
        xy += (x[i] - mx) * (y[i] - my);
    }
    return xy / sqrt(xx * yy);
}

static void what_moves_together_is_measured(void **state)
{
    (void)state;
    struct td_api_view v = sc.view;
    cJSON *spy = cJSON_GetObjectItemCaseSensitive(sc.status, "positions")->child->next;
    const double wanted = made_correlation();
    assert_string_equal(get(spy, "symbol")->valuestring, "SPY");
    cJSON_SetNumberValue(cJSON_GetObjectItemCaseSensitive(spy, "quantity"), 5);
    cJSON *a = scene_get(&v, "/api/portfolio/allocation");
    same(number(get(a, "correlation_matrix"), "avg_correlation"), wanted, 1e-9);
    same(number(get(a, "correlation_matrix"), "max_correlation"), wanted, 1e-9);
    same(number(get(a, "allocations"), "SPY"), 5 * 100.01 / 999980.78, 1e-12);
    cJSON_Delete(a);
    a = scene_get(&v, "/api/risk/status");
    assert_int_equal(cJSON_GetArraySize(get(get(a, "correlation_limits"), "high_correlations")), 0);
    cJSON_Delete(a);
    v.config_json = "{\"RISK_CORRELATION_LIMIT\":{\"value\":\"0.3\"}}";
    a = scene_get(&v, "/api/risk/status");
    const cJSON *high = get(get(a, "correlation_limits"), "high_correlations");
    assert_int_equal(cJSON_GetArraySize(high), wanted >= 0.3);
    same(number(get(a, "correlation_limits"), "max_correlation"), 0.3, 1e-9);
    cJSON_Delete(a);
}

static void worked_orders_are_counted(void **state)
{
    (void)state;
    struct td_api_view v = sc.view;
    cJSON *algos = cJSON_Parse(
        "[{\"symbol\":\"SPY\",\"algo\":\"TWAP\",\"quantity\":100,\"filled\":25,\"children\":3,"
        "\"slippage_bps\":2},{\"symbol\":\"IBM\",\"algo\":\"POV\",\"quantity\":10,\"filled\":0,"
        "\"children\":0,\"slippage_bps\":null},{\"symbol\":\"IBM\",\"algo\":\"TWAP\","
        "\"quantity\":10,\"filled\":10,\"children\":2,\"slippage_bps\":-1}]");
    assert_true(cJSON_ReplaceItemInObjectCaseSensitive(sc.status, "algos", algos));
    cJSON *e = scene_get(&v, "/api/execution/status");
    const cJSON *used = get(e, "algorithms_used"), *first = get(e, "current_orders")->child;
    assert_int_equal(cJSON_GetArraySize(used), 2);
    same(number(used, "TWAP"), 2, 0);
    same(number(used, "POV"), 1, 0);
    same(number(first, "progress"), 0.25, 0);
    same(number(first, "slices"), 3, 0);
    same(number(e, "avg_slippage"), 0.5, 0);
    same(number(e, "executions_today"), 3, 0);
    same(number(e, "avg_fill_time"), 1.999, 1e-3);
    cJSON_Delete(e);
}

/* --- what was asked --- */

static void windows_are_clamped(void **state)
{
    (void)state;
    struct td_api_view v = sc.view;
    static const struct {
        const char *path;
        int rows;
    } cases[] = {{"/api/trades", 61},
                 {"/api/trades?days=1", 3},
                 {"/api/trades?days=0", 0},
                 {"/api/trades?days=-7", 0},
                 {"/api/trades?days=99999999", 85},
                 {"/api/trades?days=365&limit=10", 10},
                 {"/api/trades?days=365&limit=0", 1},
                 {"/api/trades?days=365&symbol=IBM", 1},
                 {"/api/trades?days=365&symbol=NONE", 0}};
    for (size_t i = 0; i < TD_COUNT(cases); i++) {
        cJSON *t = scene_get(&v, cases[i].path);
        if (cJSON_GetArraySize(get(t, "trades")) != cases[i].rows)
            fail_msg("%s: %d rows", cases[i].path, cJSON_GetArraySize(get(t, "trades")));
        cJSON_Delete(t);
    }
}

static void nothing_is_pasted(void **state)
{
    (void)state;
    struct td_api_view v = sc.view;
    static const char *const bad[] = {
        "/api/trades?symbol=SPY'--",
        "/api/trades?symbol=%27%20OR%201%3D1--",
        "/api/trades?symbol=..%2F..%2Fetc",
        "/api/trades?symbol=%00",
        "/api/"
        "trades?symbol=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "/api/trades?days=1;DROP%20TABLE%20orders",
        "/api/trades?limit=1e9",
        "/api/microstructure/metrics?symbol=a%0ahalt",
        "/api/v1/gates?symbol=SPY%20x",
        "/api/v1/orders?state=open';--",
        "/api/v1/orders/1%20OR%201",
        "/api/v1/orders/x",
        "/api/v1/events?after=-",
        "/api/v1/bars/SPY?from=yesterday",
        "/api/risk/kelly/S'Y",
        "/api/risk/kelly/.SPY",
    };
    for (size_t i = 0; i < TD_COUNT(bad); i++) {
        sc.asked[0] = '\0';
        cJSON *json = scene_get(&v, bad[i]);
        if (sc.answer.status != 400)
            fail_msg("%s: %d", bad[i], sc.answer.status);
        assert_true(cJSON_IsString(get(json, "reason")));
        assert_string_equal(sc.asked, "");
        cJSON_Delete(json);
    }
    cJSON *json = scene_get(&v, "/api/v1/books/NONE");
    assert_int_equal(sc.answer.status, 404);
    cJSON_Delete(json);
    json = scene_get(&v, "/api/v1/orders/9999");
    assert_int_equal(sc.answer.status, 404);
    cJSON_Delete(json);
}

static void an_order_has_its_life(void **state)
{
    (void)state;
    struct td_api_view v = sc.view;
    cJSON *o = scene_get(&v, "/api/v1/orders/1");
    assert_string_equal(get(get(o, "order"), "status")->valuestring, "filled");
    assert_string_equal(get(get(o, "order"), "reason")->valuestring, "10 over 20 <b>&\"");
    assert_int_equal(cJSON_GetArraySize(get(o, "fills")), 1);
    assert_true(cJSON_GetArraySize(get(o, "timeline")) >= 3);
    check_nulls("order", o, false);
    cJSON_Delete(o);
    o = scene_get(&v, "/api/v1/orders?state=done&limit=5");
    assert_int_equal(cJSON_GetArraySize(get(o, "orders")), 5);
    cJSON_Delete(o);
    o = scene_get(&v, "/api/v1/orders?state=open");
    assert_int_equal(cJSON_GetArraySize(get(o, "orders")), 0);
    cJSON_Delete(o);
}

/* What the desk said of all is cut to one symbol; it is not asked again. */
static void gates_of_one_symbol(void **state)
{
    (void)state;
    struct td_api_view v = sc.view;
    cJSON *gates = cJSON_GetObjectItemCaseSensitive(sc.gates, "gates");
    cJSON *closed = cJSON_CreateArray();
    (void)cJSON_AddItemToArray(closed, cJSON_CreateString("IBM"));
    cJSON_ReplaceItemInObjectCaseSensitive(gates->child, "closed_for", closed);
    cJSON_ReplaceItemInObjectCaseSensitive(gates->child, "open", cJSON_CreateFalse());
    cJSON *o = scene_get(&v, "/api/v1/gates?symbol=SPY");
    assert_true(cJSON_IsTrue(get(get(o, "gates")->child, "open")));
    cJSON_Delete(o);
    o = scene_get(&v, "/api/v1/gates?symbol=IBM");
    assert_true(cJSON_IsFalse(get(get(o, "gates")->child, "open")));
    assert_true(cJSON_IsTrue(get(get(o, "gates")->child->next, "open")));
    cJSON_Delete(o);
    o = scene_get(&v, "/api/v1/gates?symbol=TSLA");
    assert_int_equal(sc.answer.status, 404);
    cJSON_Delete(o);
    assert_string_equal(sc.asked, "");
}

/* 100,000 executions within a year: every list ends at its limit, and everything fits the buffer. */
static void a_long_history_is_bounded(void **state)
{
    (void)state;
    struct td_api_view v = sc.view;
    sqlite3 *db;
    char path[500];
    (void)snprintf(path, sizeof path, "%s/orders.db", sc.folder);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(
        sqlite3_exec(
            db,
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < "
            "100000) INSERT INTO executions (id, order_id, exec_time, price, quantity, "
            "symbol, side, exec_id, exec_base, price_e9, quantity_e9, pnl_e9)"
            " SELECT 100000 + i, 100000 + i, strftime('%Y-%m-%dT%H:%M:%S', 1763735400 + i * 310,"
            " 'unixepoch') || '.000000+00:00', 100.5, 1, 'SPY', CASE i % 2 WHEN 0 THEN"
            " 'SELL' ELSE 'BUY' END, 'x' || i, 'x' || i, 100500000000, 1000000000, 0"
            " FROM n;"
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < "
            "20000) INSERT INTO events (id, timestamp, event, text) SELECT 100000 + i,"
            " '2026-11-20T10:00:00.000000+00:00', 'STATUS', 'a text of some length' FROM "
            "n",
            NULL, NULL, NULL),
        SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    static const struct {
        const char *path, *list;
        int rows;
    } cases[] = {{"/api/trades?days=365", "trades", 1000},
                 {"/api/trades?days=365&limit=999999", "trades", 5000},
                 {"/api/v1/fills?days=365&limit=999999", "fills", 5000},
                 {"/api/v1/equity", "points", 5000},
                 {"/api/v1/events?limit=999999", "events", 5000},
                 {"/api/logs", "logs", 100}};
    for (size_t i = 0; i < TD_COUNT(cases); i++) {
        cJSON *json = scene_get(&v, cases[i].path);
        assert_int_equal(sc.answer.status, 200);
        assert_int_equal(cJSON_GetArraySize(get(json, cases[i].list)), cases[i].rows);
        cJSON_Delete(json);
    }
    cJSON *json = scene_get(&v, "/api/performance");
    same(number(get(json, "summary"), "total_trades"), 4096, 0); /* as many as are kept */
    cJSON_Delete(json);
    json = scene_get(&v, "/api/v1/equity"); /* what the scene earned, before all these */
    same(number(get(json, "points")->child, "realized"), 97.5, 1e-9);
    cJSON_Delete(json);
    json = scene_get(&v, "/api/trades?days=365");
    assert_true(number(get(json, "summary"), "total_trades") > 99000);
    cJSON_Delete(json);
    json = scene_get(&v, "/api/positions"); /* its begin is far away, or never there */
    assert_int_equal(cJSON_GetArraySize(get(json, "positions")), 1);
    cJSON_Delete(json);
}

/* A buffer that is too small gets one error, and no half of an answer. */
static void what_does_not_fit_is_an_error(void **state)
{
    (void)state;
    static const char *const paths[] = {"/api/trades", "/api/status", "/api/v1/status",
                                        "/api/v1/openapi.json", "/metrics"};
    for (size_t i = 0; i < TD_COUNT(paths); i++) {
        struct td_api_call call = {.view = &sc.view};
        struct td_api_answer answer = {.status = 200, .type = "application/json"};
        bool known;
        char small[300];
        call.route = td_route_find(TD_METHOD_GET, td_str_of(paths[i]), &call.argument, &known);
        td_text_init(&answer.text, small, sizeof small);
        call.route->answer(&call, &answer);
        cJSON *json = cJSON_Parse(small);
        assert_int_equal(answer.status, 500);
        assert_true(cJSON_IsFalse(get(json, "ok")));
        assert_string_equal(answer.type, "application/json");
        cJSON_Delete(json);
    }
}

/* --- recorded days --- */

static struct td_recordings_query wanted; /* what was asked last */
static enum td_err recorded_err;

static enum td_err recorded_days(void *arg, struct td_json *j, struct td_fail *why)
{
    (void)arg;
    if (recorded_err)
        return td_fail_set(why, recorded_err, "there is no folder x");
    td_json_key(j, "symbols");
    td_json_array(j);
    td_json_array_end(j);
    return TD_OK;
}

static enum td_err recorded_part(void *arg, const struct td_recordings_query *q, struct td_json *j,
                                 struct td_fail *why)
{
    (void)arg;
    wanted = *q;
    wanted.symbol = strcmp(q->symbol, "SPY") == 0 ? "SPY" : NULL;
    wanted.day = strcmp(q->day, "2026-11-20") == 0 ? "2026-11-20" : NULL;
    if (recorded_err)
        return td_fail_set(why, recorded_err, "no recording of it");
    td_json_key_text(j, "made", "here");
    return TD_OK;
}

static enum td_err report_list(void *arg, struct td_json *j, struct td_fail *why)
{
    (void)arg;
    (void)why;
    td_json_key(j, "reports");
    td_json_array(j);
    td_json_array_end(j);
    return TD_OK;
}

static enum td_err report_page(void *arg, const char *day, struct td_text *out, struct td_fail *why)
{
    (void)arg;
    if (strcmp(day, "2026-11-20") != 0)
        return td_fail_set(why, TD_ENOENT, "there is none");
    td_text_put(out, "{}"); /* as the scene reads its answers as JSON */
    return TD_OK;
}

static const struct td_recordings recordings = {.folder = "x",
                                                .days = recorded_days,
                                                .window = recorded_part,
                                                .book = recorded_part,
                                                .reports = report_list,
                                                .report = report_page};

/* The status of a GET; nothing was asked of the recordings unless `reaches`. */
static int recorded(const struct td_api_view *v, const char *path, bool reaches)
{
    wanted = (struct td_recordings_query){0};
    cJSON_Delete(scene_get(v, path));
    assert_int_equal(wanted.levels > 0, reaches);
    return sc.answer.status;
}

#define DAY_OF  "/api/v1/recordings/SPY?day=2026-11-20"
#define SPAN_OF "&from=2026-11-20T15:30:00Z&to=2026-11-20T15:35:00Z"

static void recorded_days_are_asked_for(void **state)
{
    (void)state;
    struct td_api_view v = sc.view;
    assert_int_equal(recorded(&v, DAY_OF SPAN_OF, false), 404); /* none were given */
    v.recordings = &recordings;
    recorded_err = TD_OK;
    assert_int_equal(recorded(&v, DAY_OF SPAN_OF, true), 200);
    assert_string_equal(wanted.symbol, "SPY");
    assert_string_equal(wanted.day, "2026-11-20");
    assert_int_equal(wanted.from, SCENE_NOW);
    assert_int_equal(wanted.to, SCENE_NOW + 5 * TD_MIN);
    assert_int_equal(wanted.levels, 20);
    assert_int_equal(wanted.columns, 600);
    assert_int_equal(recorded(&v, DAY_OF SPAN_OF "&levels=99&columns=99999999", true), 200);
    assert_int_equal(wanted.levels, TD_RECORDINGS_LEVELS); /* clamped */
    assert_int_equal(wanted.columns, TD_RECORDINGS_COLUMNS);
    assert_int_equal(recorded(&v,
                              "/api/v1/recordings/SPY/at?day=2026-11-20&time=2026-11-20T15:30:"
                              "00Z&levels=3",
                              true),
                     200);
    assert_int_equal(wanted.from, SCENE_NOW);
    assert_int_equal(wanted.levels, 3);
    static const char *const bad[] = {"/api/v1/recordings/.SPY?day=2026-11-20" SPAN_OF,
                                      "/api/v1/recordings/..?day=2026-11-20" SPAN_OF,
                                      "/api/v1/recordings/S%2f?day=2026-11-20" SPAN_OF,
                                      "/api/v1/recordings/SPY?day=2026-11-31" SPAN_OF,
                                      "/api/v1/recordings/SPY?day=..%2f..%2fx" SPAN_OF,
                                      "/api/v1/recordings/SPY?day=20261120" SPAN_OF,
                                      "/api/v1/recordings/SPY?" SPAN_OF,
                                      DAY_OF,
                                      DAY_OF "&from=noon&to=2026-11-20T15:35:00Z",
                                      DAY_OF SPAN_OF "&columns=x",
                                      DAY_OF SPAN_OF "&levels=%00",
                                      "/api/v1/recordings/SPY/at?day=2026-11-20"};
    for (size_t i = 0; i < TD_COUNT(bad); i++)
        if (recorded(&v, bad[i], false) != 400)
            fail_msg("%s: %d", bad[i], sc.answer.status);
    static const struct {
        enum td_err err;
        int status;
    } told[] = {{TD_ENODATA, 404}, {TD_EINVAL, 400}, {TD_EPARSE, 500}, {TD_EIO, 500}};
    for (size_t i = 0; i < TD_COUNT(told); i++) {
        recorded_err = told[i].err;
        assert_int_equal(recorded(&v, DAY_OF SPAN_OF, true), told[i].status);
    }
    recorded_err = TD_ENODATA; /* nothing was recorded yet: that is an answer */
    assert_int_equal(recorded(&v, "/api/v1/recordings", false), 200);
    recorded_err = TD_EIO;
    assert_int_equal(recorded(&v, "/api/v1/recordings", false), 500);
}

static void reports_are_pages_that_run_nothing(void **state)
{
    (void)state;
    struct td_api_view v = sc.view;
    assert_int_equal(recorded(&v, "/api/v1/reports/2026-11-20", false), 404); /* none were given */
    v.recordings = &recordings;
    assert_int_equal(recorded(&v, "/api/v1/reports", false), 200);
    assert_null(sc.answer.policy);
    assert_int_equal(recorded(&v, "/api/v1/reports/2026-11-20", false), 200);
    assert_string_equal(sc.answer.type, "text/html; charset=utf-8");
    assert_non_null(strstr(sc.answer.policy, "default-src 'none'"));
    assert_non_null(strstr(sc.answer.policy, "sandbox"));
    assert_int_equal(recorded(&v, "/api/v1/reports/2026-11-19", false), 404);
    static const char *const bad[] = {"..",          "2026-11-31", "2026-11-2",
                                      "2026-11-200", "20261120",   "%2e%2e%2fetc"};
    for (size_t i = 0; i < TD_COUNT(bad); i++) {
        char path[80];
        (void)snprintf(path, sizeof path, "/api/v1/reports/%s", bad[i]);
        assert_int_equal(recorded(&v, path, false), 400);
    }
}

/* --- buttons --- */

static void buttons_are_words(void **state)
{
    (void)state;
    struct td_api_view v = sc.view;
    cJSON *a = scene_post(&v, "/api/stop", "{\"reason\":\"lunch\"}", false);
    assert_string_equal(sc.asked, "halt dashboard: lunch");
    assert_string_equal(get(a, "status")->valuestring, "stopped");
    cJSON_Delete(a);
    a = scene_post(&v, "/api/start", "{}", false); /* it is not halted */
    assert_string_equal(get(a, "status")->valuestring, "already_running");
    assert_int_equal(cJSON_GetArraySize(get(a, "symbols")), 2);
    cJSON_Delete(a);
    a = scene_post(&v, "/api/start", "{\"symbols\":[\"TSLA\"]}", false);
    assert_int_equal(sc.answer.status, 400);
    cJSON_Delete(a);
    sc.asked[0] = '\0';
    cJSON_ReplaceItemInObjectCaseSensitive(sc.status, "halted", cJSON_CreateTrue());
    a = scene_post(&v, "/api/start", "{}", false);
    assert_int_equal(sc.answer.status, 403);
    cJSON_Delete(a);
    a = scene_post(&v, "/api/risk/kill-switch", "{\"action\":\"reset\"}", false);
    assert_int_equal(sc.answer.status, 403);
    cJSON_Delete(a);
    assert_string_equal(sc.asked, "");
    a = scene_post(&v, "/api/risk/kill-switch", "{\"action\":\"disable\"}", true);
    assert_int_equal(sc.answer.status, 403);
    assert_true(cJSON_IsFalse(get(a, "success")));
    cJSON_Delete(a);
    a = scene_post(&v, "/api/risk/kill-switch", "{\"action\":\"status\"}", false);
    assert_true(cJSON_IsTrue(get(a, "triggered")) && cJSON_IsFalse(get(a, "can_trade")));
    cJSON_Delete(a);
    assert_string_equal(sc.asked, "");
    a = scene_post(&v, "/api/start", "{\"reason\":\"looked\"}", true);
    assert_string_equal(sc.asked, "resume dashboard: looked");
    assert_string_equal(get(a, "status")->valuestring, "started");
    cJSON_Delete(a);
    a = scene_post(&v, "/api/risk/kill-switch", "{\"action\":\"reset\",\"reason\":\"r\"}", true);
    assert_true(cJSON_IsTrue(get(a, "success")));
    cJSON_Delete(a);
}

/* --- the scanner that serves --- */

static cJSON *scan_get(const struct td_api_view *v)
{
    return scene_get(v, "/api/v1/scanner");
}

static void the_scanner_is_told_as_it_says(void **state)
{
    (void)state;
    struct td_api_view v = sc.view;
    cJSON *a = scan_get(&v);
    assert_true(cJSON_IsNull(get(a, "rows")));
    assert_non_null(strstr(get(a, "reason")->valuestring, "tapedeck scan --serve"));
    cJSON_Delete(a);
    v.no_scan = "no scanner runs with state folder /x";
    a = scan_get(&v);
    assert_string_equal(get(a, "reason")->valuestring, v.no_scan);
    cJSON_Delete(a);
    cJSON *scan = cJSON_Parse(
        "{\"ok\":true,\"last_scan\":null,\"table\":{\"day\":\"2026-11-20\",\"seen\":2,\"rows\":[{"
        "\"symbol\":\"A<b>\",\"gap_pct\":4.5,\"status\":\"L2\"}]},\"slots\":{\"held\":1,\"of\":5,"
        "\"granted\":5,\"queued\":0},\"sessions\":[],\"hidden\":[\"X\"],\"ended\":null}");
    assert_non_null(scan);
    v.scan = scan;
    a = scan_get(&v);
    assert_string_equal(get(cJSON_GetArrayItem(get(a, "rows"), 0), "status")->valuestring, "L2");
    assert_true(number(get(a, "scan"), "seen") == 2);
    assert_null(get(get(a, "scan"), "rows"));
    assert_true(number(get(a, "slots"), "of") == 5);
    assert_null(get(a, "reason"));
    cJSON_Delete(a);
    cJSON_Delete(scan);
}

static void the_scanner_gets_one_line(void **state)
{
    (void)state;
    struct td_api_view v = sc.view;
    static const struct {
        const char *path, *body, *line; /* NULL: refused */
    } rows[] = {
        {"start", "{\"symbols\":[\"SPY\",\"BRK.B\"]}", "start SPY BRK.B"},
        {"stop", "{\"symbols\":[\"SPY\"]}", "stop SPY"},
        {"stop", "{\"all\":true}", "stop all"},
        {"hide", "{\"symbols\":[\"SPY\"]}", "hide SPY"},
        {"unhide", "{\"all\":true}", "unhide all"},
        {"start", "{\"all\":true}", NULL},
        {"start", "{}", NULL},
        {"start", "{\"symbols\":[]}", NULL},
        {"start", "{\"symbols\":\"SPY\"}", NULL},
        {"start", "{\"symbols\":[\"SPY\",7]}", NULL},
        {"start", "{\"symbols\":[\"SPY\\nstop all\"]}", NULL},
        {"start", "{\"symbols\":[\"SPY stop\"]}", NULL},
        {"stop", "{\"symbols\":[\"../x\"]}", NULL},
    };
    for (size_t i = 0; i < TD_COUNT(rows); i++) {
        char path[60];
        struct td_str argument;
        bool known;
        (void)snprintf(path, sizeof path, "/api/v1/scanner/%s", rows[i].path);
        sc.asked[0] = '\0';
        v.ask_scan = scene_ask;
        cJSON_Delete(scene_post(&v, path, rows[i].body, false));
        assert_string_equal(sc.asked, rows[i].line ? rows[i].line : "");
        assert_int_equal(sc.answer.status, rows[i].line ? 200 : 400);
        v.ask_scan = NULL;
        cJSON_Delete(scene_post(&v, path, rows[i].body, false));
        assert_int_equal(sc.answer.status, rows[i].line ? 503 : 400);
        const struct td_route *r =
            td_route_find(TD_METHOD_POST, td_str_of(path), &argument, &known);
        assert_int_equal(r->access, TD_ACCESS_TRADE); /* what changes something needs the token */
        assert_null(td_route_find(TD_METHOD_GET, td_str_of(path), &argument, &known));
    }
    sc.ask_err = TD_EMUTE;
    v.ask_scan = scene_ask;
    cJSON_Delete(scene_post(&v, "/api/v1/scanner/stop", "{\"all\":true}", false));
    assert_int_equal(sc.answer.status, 504);
}

static void a_reason_is_one_line(void **state)
{
    (void)state;
    struct td_api_view v = sc.view;
    static const char *const bad[] = {"{\"reason\":\"a\\nflatten go\"}", "{\"reason\":\"a\\rb\"}",
                                      "{\"reason\":\"\\u001b[2J\"}", "{\"reason\":\"\\u007f\"}"};
    for (size_t i = 0; i < TD_COUNT(bad); i++) {
        sc.asked[0] = '\0';
        cJSON *a = scene_post(&v, "/api/stop", bad[i], true);
        assert_int_equal(sc.answer.status, 400);
        assert_string_equal(sc.asked, "");
        cJSON_Delete(a);
    }
    sc.ask_err = TD_ENOENT;
    cJSON *a = scene_post(&v, "/api/stop", "{}", true);
    assert_int_equal(sc.answer.status, 503);
    cJSON_Delete(a);
    sc.ask_err = TD_EMUTE;
    a = scene_post(&v, "/api/stop", "{}", true);
    assert_int_equal(sc.answer.status, 504);
    cJSON_Delete(a);
    v.status = NULL;
    a = scene_post(&v, "/api/start", "{}", true);
    assert_int_equal(sc.answer.status, 503);
    cJSON_Delete(a);
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, scene_view, scene_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(all_keys_are_there),
        EACH(a_fresh_start_has_them_too),
        EACH(the_table_is_whole),
        EACH(profit_is_what_the_trades_made),
        EACH(the_curve_ends_at_the_profit),
        EACH(kelly_is_the_formula),
        EACH(what_is_held_is_told_whole),
        EACH(the_market_is_measured),
        EACH(what_moves_together_is_measured),
        EACH(worked_orders_are_counted),
        EACH(currencies_are_not_mixed),
        EACH(windows_are_clamped),
        EACH(nothing_is_pasted),
        EACH(an_order_has_its_life),
        EACH(gates_of_one_symbol),
        EACH(a_long_history_is_bounded),
        EACH(what_does_not_fit_is_an_error),
        EACH(recorded_days_are_asked_for),
        EACH(reports_are_pages_that_run_nothing),
        EACH(buttons_are_words),
        EACH(the_scanner_is_told_as_it_says),
        EACH(the_scanner_gets_one_line),
        EACH(a_reason_is_one_line),
    };
    return cmocka_run_group_tests_name("dash/api", tests, NULL, NULL);
}
