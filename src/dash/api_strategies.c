/* dash/api_strategies.c - strategies, how orders are worked, and the models there are not. */
#include <math.h>
#include <string.h>

#include "dash/api_answers.h"
#include "dash/api_inner.h"

#define NOT_LEARNING "no model runs: tapedeck has no models yet"

/* --- models --- */

void api_ml(const struct td_api_call *call, struct td_api_answer *out)
{
    static const char *const unknown[] = {"accuracy", "confidence", "avg_confidence",
                                          "last_prediction_time"};
    static const char *const lists[] = {"models", "top_features"};
    static const char *const moods[] = {"bullish", "bearish", "neutral"};
    struct td_json j;
    (void)call;
    api_begin(&j, out);
    td_json_key_i64(&j, "models_trained", 0);
    td_json_key_i64(&j, "feature_count", 0);
    td_json_key_i64(&j, "active_predictions", 0);
    for (size_t i = 0; i < TD_COUNT(unknown); i++)
        api_null(&j, unknown[i], NOT_LEARNING);
    for (size_t i = 0; i < TD_COUNT(lists); i++) {
        td_json_key(&j, lists[i]);
        td_json_array(&j);
        td_json_array_end(&j);
    }
    td_json_key(&j, "market_sentiment");
    td_json_object(&j);
    for (size_t i = 0; i < TD_COUNT(moods); i++)
        api_null(&j, moods[i], NOT_LEARNING);
    td_json_object_end(&j);
    td_json_key_text(&j, "reason", NOT_LEARNING);
    api_end(&j, out);
}

void api_predictions(const struct td_api_call *call, struct td_api_answer *out)
{
    struct td_json j;
    (void)call;
    api_begin(&j, out);
    td_json_key(&j, "predictions");
    td_json_array(&j);
    td_json_array_end(&j);
    td_json_key_text(&j, "reason", NOT_LEARNING);
    api_end(&j, out);
}

/* --- strategies --- */

static bool runs(const struct td_api_view *v, const char *name)
{
    const cJSON *row;
    cJSON_ArrayForEach(row, api_at(v->status, "strategies"))
    {
        const char *is = api_text(row, "name"), *state = api_text(row, "state");
        if (is && state && strncmp(is, name, strlen(name)) == 0 && strcmp(state, "running") == 0)
            return true;
    }
    return false;
}

static void put_active(struct td_json *j, const struct td_api_view *v)
{
    const char *why = api_no_desk(v), *algo = NULL;
    char text[32];
    if (api_setting(v, "EXECUTION_ALGO", text, sizeof text))
        algo = text;
    td_json_object(j);
    td_json_key_bool(j, "ml_enhanced", false);
    if (v->status) {
        td_json_key_bool(j, "microstructure", runs(v, "micro") || runs(v, "ofi"));
        td_json_key_bool(j, "portfolio_manager", runs(v, "portfolio"));
    } else {
        api_null(j, "microstructure", why);
        api_null(j, "portfolio_manager", why);
    }
    if (algo)
        td_json_key_bool(j, "smart_execution", strcmp(algo, "none") != 0);
    else
        api_null(j, "smart_execution", "EXECUTION_ALGO is not told");
    td_json_object_end(j);
}

static void put_by_strategy(struct td_json *j, const struct td_api_view *v)
{
    struct api_sql q;
    (void)api_ask(v, &q,
                  "SELECT COALESCE(o.strategy, 'other') AS name, COUNT(*) AS fills,"
                  " SUM(e.pnl_e9) / 1e9 AS realized_pnl,"
                  " COALESCE(SUM(e.commission_e9), 0) / 1e9 AS commission,"
                  " (SUM(e.pnl_e9) - COALESCE(SUM(e.commission_e9), 0)) / 1e9 AS net_pnl"
                  " FROM executions e LEFT JOIN orders o ON o.id = e.order_id GROUP BY 1"
                  " ORDER BY 1 LIMIT 200");
    td_json_object(j);
    while (api_step(&q)) {
        td_json_key(j, (const char *)sqlite3_column_text(q.s, 0));
        td_json_object(j);
        api_cells(j, &q);
        td_json_object_end(j);
    }
    td_json_object_end(j);
    if (q.failed)
        td_json_key_text(j, "performance_by_strategy_reason", q.why);
    api_done(&q);
}

void api_strategies(const struct td_api_call *call, struct td_api_answer *out)
{
    const struct td_api_view *v = call->view;
    struct td_json j;
    api_begin(&j, out);
    td_json_key(&j, "active_strategies");
    put_active(&j, v);
    td_json_key(&j, "performance_by_strategy");
    put_by_strategy(&j, v);
    api_time(&j, "last_updated", v->now);
    td_json_key(&j, "instances");
    api_whole(&j, api_at(v->status, "strategies"));
    td_json_key_text(&j, "instances_reason",
                     v->status ? "object null: built in; reason null: it is not disabled"
                               : api_no_desk(v));
    api_end(&j, out);
}

/* --- how orders are worked --- */

#define NO_IMPACT "nothing measures it: the journal has no price to compare with"

/* Orders of today: how many of each end, and how long a fill took. */
struct order_day {
    double all, filled, cancelled, pending, seconds, executions;
    char why[160];
};

static void load_orders(const struct td_api_view *v, struct order_day *d)
{
    struct api_sql q;
    const double none = (double)NAN;
    *d = (struct order_day){none, none, none, none, none, none, ""};
    (void)api_ask(v, &q,
                  "SELECT COUNT(*), COALESCE(SUM(status = 'filled'), 0),"
                  " COALESCE(SUM(status = 'cancelled'), 0), COALESCE(SUM(done_at IS NULL AND status"
                  " NOT IN ('filled', 'cancelled', 'rejected', 'abandoned')), 0),"
                  " AVG(CASE status WHEN 'filled' THEN (julianday(done_at) - julianday(sent_at))"
                  " * 86400 END), (SELECT COUNT(*) FROM executions WHERE exec_time >= ?1)"
                  " FROM orders WHERE timestamp >= ?1");
    api_bind_time(&q, 1, api_day_start(v, 0));
    if (api_step(&q)) {
        double *const into[] = {&d->all,     &d->filled,  &d->cancelled,
                                &d->pending, &d->seconds, &d->executions};
        for (int i = 0; i < (int)TD_COUNT(into); i++)
            *into[i] = api_cell_real(&q, i);
    }
    (void)td_str_copy(td_str_of(q.why), d->why, sizeof d->why);
    api_done(&q);
}

static void put_orders(struct td_json *j, const struct order_day *d)
{
    td_json_object(j);
    api_real(j, "pending", d->pending, d->why);
    api_real(j, "completed", d->filled, d->why);
    api_real(j, "cancelled", d->cancelled, d->why);
    td_json_object_end(j);
}

static double mean_slippage(const struct td_api_view *v)
{
    const cJSON *row;
    double sum = 0;
    int n = 0;
    cJSON_ArrayForEach(row, api_at(v->status, "algos"))
    {
        const double bps = api_number(row, "slippage_bps");
        sum += isnan(bps) ? 0 : bps;
        n += !isnan(bps);
    }
    return n ? sum / n : (double)NAN;
}

static void put_parents(struct td_json *j, const struct td_api_view *v)
{
    const cJSON *row;
    td_json_key(j, "current_orders");
    td_json_array(j);
    cJSON_ArrayForEach(row, api_at(v->status, "algos"))
    {
        const double wanted = api_number(row, "quantity");
        td_json_object(j);
        api_copy(j, "symbol", api_at(row, "symbol"), "");
        api_copy(j, "algo", api_at(row, "algo"), "");
        api_real(j, "progress", wanted > 0 ? api_number(row, "filled") / wanted : (double)NAN,
                 "the order has no quantity");
        api_copy(j, "slices", api_at(row, "children"), "");
        td_json_object_end(j);
    }
    td_json_array_end(j);
    td_json_key(j, "algorithms_used");
    td_json_object(j);
    cJSON_ArrayForEach(row, api_at(v->status, "algos"))
    {
        const cJSON *other;
        const char *algo = api_text(row, "algo");
        int n = 0;
        bool first = true;
        cJSON_ArrayForEach(other, api_at(v->status, "algos"))
        {
            const char *its = api_text(other, "algo");
            const bool same = algo && its && strcmp(algo, its) == 0;
            first = first && !(same && !n && other != row);
            n += same;
        }
        if (algo && first)
            td_json_key_i64(j, algo, n);
    }
    td_json_object_end(j);
}

void api_execution(const struct td_api_call *call, struct td_api_answer *out)
{
    const struct td_api_view *v = call->view;
    const char *no_parent = v->status ? "no order is being worked" : api_no_desk(v);
    struct order_day d;
    struct td_json j;
    char algo[32];
    load_orders(v, &d);
    api_begin(&j, out);
    if (api_setting(v, "EXECUTION_ALGO", algo, sizeof algo))
        td_json_key_text(&j, "active_algorithm", algo);
    else
        api_null(&j, "active_algorithm", "EXECUTION_ALGO is not told");
    td_json_key(&j, "orders");
    put_orders(&j, &d);
    td_json_key(&j, "performance");
    td_json_object(&j);
    api_real(&j, "avg_slippage_bps", mean_slippage(v), no_parent);
    api_null(&j, "market_impact_bps", NO_IMPACT);
    api_null(&j, "total_saved_bps", NO_IMPACT);
    td_json_object_end(&j);
    td_json_key(&j, "algorithms_available");
    api_whole(&j, api_at(v->status, "algorithms"));
    if (!api_at(v->status, "algorithms"))
        td_json_key_text(&j, "algorithms_available_reason", api_no_desk(v));
    put_parents(&j, v);
    api_real(&j, "avg_slippage", mean_slippage(v), no_parent);
    api_null(&j, "market_impact", NO_IMPACT);
    api_real(&j, "fill_rate", d.all > 0 ? d.filled / d.all : (double)NAN,
             *d.why ? d.why : "no order today");
    api_real(&j, "avg_fill_time", d.seconds, *d.why ? d.why : "no order was filled today");
    api_real(&j, "executions_today", d.executions, d.why);
    td_json_key(&j, "algorithm_performance");
    td_json_object(&j);
    td_json_object_end(&j);
    td_json_key_text(&j, "algorithm_performance_reason",
                     "not kept by algorithm: the log tells each parent's end");
    api_end(&j, out);
}

/* One account, one portfolio. */
void api_portfolios(const struct td_api_call *call, struct td_api_answer *out)
{
    const struct td_api_view *v = call->view;
    struct td_json j;
    api_begin(&j, out);
    td_json_key(&j, "portfolios");
    td_json_array(&j);
    if (v->status) {
        td_json_object(&j);
        api_copy(&j, "id", api_at(v->status, "account"), api_no_desk(v));
        api_copy(&j, "equity", api_at(v->status, "equity"), "the account has not told it");
        td_json_object_end(&j);
    }
    td_json_array_end(&j);
    if (!v->status)
        td_json_key_text(&j, "reason", api_no_desk(v));
    api_end(&j, out);
}
