/* dash/api_v1_orders.c - orders, fills, intents, the curve of profit and the journal's events, from orders.db. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dash/api_answers.h"
#include "dash/api_inner.h"

#define FILL_COLUMNS                                                                               \
    " id, order_id, exec_time AS time, symbol, side, quantity, price, commission, pnl, currency,"  \
    " exec_id, corrected FROM executions "

void api_orders(const struct td_api_call *call, struct td_api_answer *out)
{
    static const char open[] = " status NOT IN ('filled', 'cancelled', 'rejected', 'abandoned') ";
    char state[16] = "all", sql[300];
    int64_t rows = 500;
    struct api_sql q;
    struct td_json j;
    (void)td_route_query(call->query, "state", state, sizeof state);
    const bool is_open = strcmp(state, "open") == 0, done = strcmp(state, "done") == 0;
    if (!is_open && !done && strcmp(state, "all") != 0) {
        api_error(out, 400, "state: open, done or all");
        return;
    }
    if (!api_query_whole(call, "limit", 1, API_ROWS_MAX, &rows, out))
        return;
    (void)snprintf(sql, sizeof sql, "SELECT * FROM orders%s%s%s ORDER BY id DESC LIMIT ?1",
                   is_open ? " WHERE "
                   : done  ? " WHERE NOT ("
                           : "",
                   is_open || done ? open : "", done ? ")" : "");
    (void)api_ask(call->view, &q, sql);
    api_bind_i64(&q, 1, rows);
    api_begin(&j, out);
    api_list(&j, "orders", &q);
    api_end(&j, out);
}

/* Its rows as `key`, without a reason of their own. */
static void put_rows(struct td_json *j, const struct td_api_view *v, const char *key,
                     const char *sql, int64_t id)
{
    struct api_sql q;
    (void)api_ask(v, &q, sql);
    api_bind_i64(&q, 1, id);
    td_json_key(j, key);
    td_json_array(j);
    while (api_step(&q)) {
        td_json_object(j);
        api_cells(j, &q);
        td_json_object_end(j);
    }
    td_json_array_end(j);
    api_done(&q);
}

void api_order(const struct td_api_call *call, struct td_api_answer *out)
{
    const struct td_api_view *v = call->view;
    int64_t id;
    struct api_sql q;
    struct td_json j;
    if (td_i64_parse(call->argument.p, call->argument.len, &id) != TD_OK) {
        api_error(out, 400, "the id of an order is a whole number");
        return;
    }
    (void)api_ask(v, &q, "SELECT * FROM orders WHERE id = ?1");
    api_bind_i64(&q, 1, id);
    if (!api_step(&q)) {
        api_error(out, 404, q.failed ? q.why : "there is no order of this id");
        api_done(&q);
        return;
    }
    api_begin(&j, out);
    td_json_key(&j, "order");
    td_json_object(&j);
    api_cells(&j, &q);
    td_json_object_end(&j);
    api_done(&q);
    put_rows(&j, v, "timeline",
             "SELECT timestamp AS time, event, code, text FROM events WHERE order_id = ?1"
             " ORDER BY id LIMIT 1000",
             id);
    put_rows(&j, v, "fills", "SELECT" FILL_COLUMNS "WHERE order_id = ?1 ORDER BY id LIMIT 1000",
             id);
    td_json_key_text(&j, "reason", "null: not known yet, or it has no such value");
    api_end(&j, out);
}

void api_fills(const struct td_api_call *call, struct td_api_answer *out)
{
    int64_t days = 1, rows = 1000;
    struct api_sql q;
    struct td_json j;
    if (!api_query_whole(call, "days", 0, API_DAYS_MAX, &days, out) ||
        !api_query_whole(call, "limit", 1, API_ROWS_MAX, &rows, out))
        return;
    (void)api_ask(call->view, &q,
                  "SELECT" FILL_COLUMNS "WHERE exec_time >= ?1 ORDER BY id DESC LIMIT ?2");
    api_bind_time(&q, 1, days ? api_day_start(call->view, days - 1) : call->view->now);
    api_bind_i64(&q, 2, rows);
    api_begin(&j, out);
    api_list(&j, "fills", &q);
    api_end(&j, out);
}

void api_intents(const struct td_api_call *call, struct td_api_answer *out)
{
    int64_t rows = 500;
    struct api_sql q;
    struct td_json j;
    if (!api_query_whole(call, "limit", 1, API_ROWS_MAX, &rows, out))
        return;
    (void)api_ask(call->view, &q,
                  "SELECT id, timestamp AS time, symbol, strategy, signal_type AS side, metadata"
                  " FROM signals ORDER BY id DESC LIMIT ?1");
    api_bind_i64(&q, 1, rows);
    api_begin(&j, out);
    td_json_key(&j, "intents");
    td_json_array(&j);
    while (api_step(&q)) {
        const char *text = (const char *)sqlite3_column_text(q.s, 5);
        cJSON *meta = text ? cJSON_Parse(text) : NULL;
        static const char *const keys[] = {"approved", "gate", "reason"};
        td_json_object(&j);
        for (int i = 0; i < 5; i++) {
            td_json_key(&j, sqlite3_column_name(q.s, i));
            api_cell(&j, &q, i);
        }
        for (size_t i = 0; i < TD_COUNT(keys); i++) {
            td_json_key(&j, keys[i]);
            api_whole(&j, api_at(meta, keys[i]));
        }
        td_json_object_end(&j);
        cJSON_Delete(meta);
    }
    td_json_array_end(&j);
    if (q.failed)
        td_json_key_text(&j, "reason", q.why);
    else
        td_json_key_text(&j, "reason", "gate null: every gate was open");
    api_done(&q);
    api_end(&j, out);
}

#define NET "pnl_e9 - COALESCE(commission_e9, 0)"

/* What was earned before the newest API_ROWS_MAX executions, 1e-9. */
static int64_t earned_before(const struct td_api_view *v)
{
    struct api_sql q;
    (void)api_ask(v, &q,
                  "SELECT COALESCE((SELECT SUM(" NET ") FROM executions), 0) - COALESCE((SELECT"
                  " SUM(net) FROM (SELECT " NET " AS net FROM executions ORDER BY id DESC"
                  " LIMIT ?1)), 0)");
    api_bind_i64(&q, 1, API_ROWS_MAX);
    const int64_t sum = api_step(&q) ? sqlite3_column_int64(q.s, 0) : 0;
    api_done(&q);
    return sum;
}

static void put_points(struct td_json *j, struct api_sql *q, int64_t sum)
{
    td_json_key(j, "points");
    td_json_array(j);
    while (sum != TD_E9_NONE && api_step(q)) {
        if (td_e9_add(sum, sqlite3_column_int64(q->s, 1), &sum) != TD_OK)
            sum = TD_E9_NONE;
        td_json_object(j);
        td_json_key(j, "time");
        api_cell(j, q, 0);
        td_json_key_e9(j, "realized", sum);
        td_json_key_text(j, "equity", NULL);
        td_json_object_end(j);
    }
    td_json_array_end(j);
}

/* The newest executions, with all that was earned before them in the first. */
void api_equity(const struct td_api_call *call, struct td_api_answer *out)
{
    struct api_sql q;
    struct td_json j;
    char why[160];
    const bool one = api_one_currency(call->view, why, sizeof why);
    api_begin(&j, out);
    (void)api_ask(call->view, &q,
                  "SELECT time, net FROM (SELECT id, exec_time AS time, " NET " AS net FROM"
                  " executions ORDER BY id DESC LIMIT ?1) ORDER BY id");
    api_bind_i64(&q, 1, one ? API_ROWS_MAX : 0);
    put_points(&j, &q, earned_before(call->view));
    td_json_key_text(&j, "reason",
                     !one       ? why
                     : q.failed ? q.why
                                : "equity of past moments is not kept: realized profit is");
    api_done(&q);
    api_end(&j, out);
}

void api_events(const struct td_api_call *call, struct td_api_answer *out)
{
    int64_t rows = 200, after = 0;
    struct api_sql q;
    struct td_json j;
    if (!api_query_whole(call, "limit", 1, API_ROWS_MAX, &rows, out) ||
        !api_query_whole(call, "after", 0, INT64_MAX, &after, out))
        return;
    (void)api_ask(call->view, &q,
                  "SELECT id, timestamp AS time, event, symbol, code, text, order_id FROM events"
                  " WHERE id > ?1 ORDER BY id DESC LIMIT ?2");
    api_bind_i64(&q, 1, after);
    api_bind_i64(&q, 2, rows);
    api_begin(&j, out);
    api_list(&j, "events", &q);
    api_end(&j, out);
}
