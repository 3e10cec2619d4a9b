/* dash/api_safety.c - circuit breakers, the order manager's counts, checks of data, thresholds. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "dash/api_answers.h"
#include "dash/api_inner.h"

static bool is_open(const cJSON *breaker)
{
    const char *state = api_text(breaker, "state");
    return state && strcmp(state, "open") == 0;
}

static void put_breakers(struct td_json *j, const cJSON *all)
{
    const cJSON *row;
    td_json_key(j, "breakers");
    td_json_object(j);
    cJSON_ArrayForEach(row, all)
    {
        const char *name = api_text(row, "name");
        if (!name)
            continue;
        td_json_key(j, name);
        api_whole(j, row);
    }
    td_json_object_end(j);
    td_json_key(j, "open_breakers");
    td_json_array(j);
    cJSON_ArrayForEach(row, all) if (is_open(row) && api_text(row, "name"))
        td_json_text(j, api_text(row, "name"));
    td_json_array_end(j);
}

void api_breakers(const struct td_api_call *call, struct td_api_answer *out)
{
    const struct td_api_view *v = call->view;
    const cJSON *all = api_at(v->status, "circuit_breakers"), *row;
    struct td_json j;
    int open = 0;
    cJSON_ArrayForEach(row, all) open += is_open(row);
    api_begin(&j, out);
    put_breakers(&j, all);
    if (all) {
        td_json_key_i64(&j, "open_count", open);
        td_json_key_bool(&j, "any_open", open > 0);
        td_json_key_text(&j, "reason", "null in a breaker: it never happened");
    } else {
        api_null(&j, "open_count", api_no_desk(v));
        api_null(&j, "any_open", api_no_desk(v));
        td_json_key_text(&j, "reason", api_no_desk(v));
    }
    api_end(&j, out);
}

/* --- orders --- */

static const char order_counts[] =
    "SELECT COUNT(*), COALESCE(SUM(status = 'filled'), 0),"
    " COALESCE(SUM(filled > 0 AND filled < quantity), 0), COALESCE(SUM(status = 'cancelled'), 0),"
    " COALESCE(SUM(status = 'rejected'), 0), COALESCE(SUM(status = 'abandoned'), 0) FROM orders";

static void put_statistics(struct td_json *j, const struct td_api_view *v)
{
    static const char *const keys[] = {"total_orders",  "successful_fills", "partial_fills",
                                       "cancellations", "rejections",       "errors"};
    struct api_sql q;
    double value[TD_COUNT(keys)];
    (void)api_ask(v, &q, order_counts);
    const bool got = api_step(&q);
    for (int i = 0; i < (int)TD_COUNT(keys); i++)
        value[i] = got ? api_cell_real(&q, i) : (double)NAN;
    td_json_key(j, "statistics");
    td_json_object(j);
    for (int i = 0; i < (int)TD_COUNT(keys); i++)
        api_real(j, keys[i], value[i], q.why);
    api_null(j, "timeouts", "no order ends by a time of ours: what is not answered is looked up");
    api_null(j, "total_retries", "no order is ever sent again");
    const char *why = got ? "there were no orders" : q.why;
    const double all = value[0] > 0 ? value[0] : (double)NAN;
    api_real(j, "fill_rate", value[1] / all, why);
    api_real(j, "rejection_rate", value[4] / all, why);
    td_json_object_end(j);
    api_done(&q);
}

static void put_order(struct td_json *j, const cJSON *o)
{
    char id[24], filled[24];
    const double wanted = api_number(o, "quantity"), got = api_number(o, "filled"),
                 key = api_number(o, "key");
    (void)snprintf(id, sizeof id, "%08lld", key >= 0 && key < 1e8 ? (long long)key : 0LL);
    (void)snprintf(filled, sizeof filled, "%.1f%%", wanted > 0 ? 100 * got / wanted : 0.0);
    td_json_object(j);
    td_json_key_text(j, "id", id);
    api_copy(j, "symbol", api_at(o, "symbol"), "");
    api_copy(j, "side", api_at(o, "action"), "");
    api_copy(j, "status", api_at(o, "state"), "");
    td_json_key_text(j, "filled", filled);
    td_json_object_end(j);
}

void api_orders_managed(const struct td_api_call *call, struct td_api_answer *out)
{
    const struct td_api_view *v = call->view;
    const cJSON *o;
    struct td_json j;
    api_begin(&j, out);
    put_statistics(&j, v);
    td_json_key(&j, "active_orders");
    td_json_array(&j);
    cJSON_ArrayForEach(o, api_at(v->status, "orders")) put_order(&j, o);
    td_json_array_end(&j);
    if (!v->status)
        td_json_key_text(&j, "active_orders_reason", api_no_desk(v));
    api_end(&j, out);
}

/* --- data --- */

void api_validator(const struct td_api_call *call, struct td_api_answer *out)
{
    static const char *const keys[] = {"total_validations", "passed",       "failed_stale",
                                       "failed_spread",     "failed_price", "failed_volume",
                                       "failed_anomaly"};
    const cJSON *counts = api_at(call->view->status, "data_validation");
    const char *why = api_no_desk(call->view);
    const double all = api_number(counts, "total_validations");
    struct td_json j;
    api_begin(&j, out);
    for (size_t i = 0; i < TD_COUNT(keys); i++)
        api_copy(&j, keys[i], api_at(counts, keys[i]), why);
    api_real(&j, "pass_rate", all > 0 ? 100 * api_number(counts, "passed") / all : (double)NAN,
             counts ? "nothing was checked yet" : why);
    api_end(&j, out);
}

/* --- thresholds --- */

/* A fraction as percent, the others as they are. */
static const struct {
    const char *key, *setting, *or_else;
    bool percent;
} thresholds[] = {
    {"max_open_positions", "MAX_OPEN_POSITIONS", "RISK_MAX_OPEN_POSITIONS", false},
    {"max_orders_per_minute", "MAX_ORDERS_PER_MINUTE", NULL, false},
    {"stop_loss_percent", "RISK_STOP_LOSS_PCT", NULL, true},
    {"take_profit_percent", "RISK_TAKE_PROFIT_PCT", NULL, true},
    {"data_staleness_seconds", "DATA_STALENESS_SECONDS", NULL, false},
    {"max_spread_percent", "MAX_SPREAD_PERCENT", NULL, false},
    {"circuit_breaker_threshold", "CIRCUIT_BREAKER_THRESHOLD", NULL, false},
    {"circuit_breaker_timeout", "CIRCUIT_BREAKER_TIMEOUT", NULL, false},
};

void api_thresholds(const struct td_api_call *call, struct td_api_answer *out)
{
    const struct td_api_view *v = call->view;
    struct td_json j;
    api_begin(&j, out);
    for (size_t i = 0; i < TD_COUNT(thresholds); i++) {
        char value[32] = "", text[40], why[80];
        int64_t e9;
        (void)api_setting(v, thresholds[i].setting, value, sizeof value);
        if (!*value && thresholds[i].or_else)
            (void)api_setting(v, thresholds[i].or_else, value, sizeof value);
        (void)snprintf(text, sizeof text, "%s", value);
        if (thresholds[i].percent && td_e9_parse(value, strlen(value), &e9) == TD_OK)
            (void)td_e9_print(e9 > INT64_MAX / 100 ? TD_E9_NONE : e9 * 100, text);
        (void)snprintf(why, sizeof why, "%s is no setting, or not set", thresholds[i].setting);
        if (*text)
            td_json_key_text(&j, thresholds[i].key, text);
        else
            api_null(&j, thresholds[i].key, v->config_json ? why : "the settings are not told");
    }
    api_end(&j, out);
}
