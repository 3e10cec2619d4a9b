/* dash/api_overview.c - how it stands: state, profit, positions, symbols, the last lines of the journal. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "dash/api_answers.h"
#include "dash/api_inner.h"

#define NOT_LEARNING "no model runs: tapedeck has no models yet"

/* --- profit --- */

struct profit {
    double realized, unrealized, daily; /* NaN: not known */
    char why_realized[160];
    const char *why_unrealized, *why_daily;
};

static void profit_of_desk(const cJSON *status, struct profit *p)
{
    const cJSON *row;
    const char *first = NULL;
    bool mixed = false;
    p->realized = p->unrealized = 0;
    cJSON_ArrayForEach(row, api_at(status, "positions"))
    {
        const char *currency = api_text(row, "currency");
        mixed = mixed || (first && currency && strcmp(first, currency) != 0);
        first = first ? first : currency;
        p->realized += api_number(row, "realized") - api_number(row, "fees");
        p->unrealized += api_number(row, "unrealized");
    }
    if (mixed || api_number(status, "positions_not_told") > 0)
        p->realized = p->unrealized = (double)NAN;
    p->daily = api_number(status, "pnl_today");
    (void)snprintf(p->why_realized, sizeof p->why_realized,
                   "positions are of several currencies, or too many to be told");
    p->why_unrealized = mixed ? p->why_realized : "a position has no mark";
    p->why_daily = "a position has no mark";
}

/* Without a desk: what the executions say; what is held has no price. */
static void profit_of_disk(const struct td_api_view *v, struct profit *p)
{
    struct api_sql q;
    bool holds = false;
    p->why_unrealized = p->why_daily = p->why_realized;
    if (!api_one_currency(v, p->why_realized, sizeof p->why_realized))
        return;
    (void)api_ask(v, &q,
                  "SELECT (COALESCE(SUM(pnl_e9), 0) - COALESCE(SUM(commission_e9), 0)) / 1e9,"
                  " COALESCE(SUM(CASE WHEN exec_time >= ?1 THEN pnl_e9 - COALESCE(commission_e9, 0)"
                  " END), 0) / 1e9, EXISTS (SELECT 1 FROM positions WHERE quantity <> 0)"
                  " FROM executions");
    api_bind_time(&q, 1, api_day_start(v, 0));
    if (api_step(&q)) {
        p->realized = sqlite3_column_double(q.s, 0);
        holds = sqlite3_column_int(q.s, 2) != 0;
        p->unrealized = holds ? (double)NAN : 0;
        p->daily = holds ? (double)NAN : sqlite3_column_double(q.s, 1);
    }
    (void)snprintf(p->why_realized, sizeof p->why_realized, "%s", q.why);
    p->why_unrealized = p->why_daily =
        holds ? "something is held and no desk runs to price it" : p->why_realized;
    api_done(&q);
}

static void profit_now(const struct td_api_view *v, struct profit *p)
{
    *p = (struct profit){(double)NAN, (double)NAN, (double)NAN, "", "", ""};
    if (v->status)
        profit_of_desk(v->status, p);
    else
        profit_of_disk(v, p);
}

void api_put_pnl(struct td_json *j, const struct td_api_view *v)
{
    struct profit p;
    profit_now(v, &p);
    api_real(j, "total", p.realized + p.unrealized,
             isnan(p.realized) ? p.why_realized : p.why_unrealized);
    api_real(j, "unrealized", p.unrealized, p.why_unrealized);
    api_real(j, "realized", p.realized, p.why_realized);
    api_real(j, "daily", p.daily, p.why_daily);
}

void api_pnl(const struct td_api_call *call, struct td_api_answer *out)
{
    struct td_json j;
    api_begin(&j, out);
    api_put_pnl(&j, call->view);
    api_end(&j, out);
}

/* --- state --- */

static bool is_trading(const struct td_api_view *v)
{
    const char *session = api_text(v->status, "session");
    return session && strcmp(session, "ready") == 0 && api_is(v->status, "armed") &&
           !api_is(v->status, "halted");
}

static bool is_connected(const struct td_api_view *v)
{
    const char *state = api_text(v->status, "connection.state");
    return state && strcmp(state, "READY") == 0;
}

static const char *runner_state(const struct td_api_view *v)
{
    return !v->status ? "stopped" : api_is(v->status, "halted") ? "halted" : "running";
}

static void put_message(struct td_json *j, const struct td_api_view *v)
{
    const char *reason = api_text(v->status, "halt_reason"),
               *missing = api_text(v->status, "missing");
    char text[300];
    if (!v->status)
        (void)snprintf(text, sizeof text, "%s", api_no_desk(v));
    else if (api_is(v->status, "halted"))
        (void)snprintf(text, sizeof text, "halted: %s", reason ? reason : "no reason is told");
    else if (!is_trading(v))
        (void)snprintf(text, sizeof text, "not trading: %s",
                       missing && *missing           ? missing
                       : !api_is(v->status, "armed") ? "orders are not armed"
                                                     : "the session is not ready");
    else
        (void)snprintf(text, sizeof text, "trading");
    td_json_key_text(j, "message", text);
}

static void put_trading(struct td_json *j, const struct td_api_view *v)
{
    const char *why = api_no_desk(v), *which = "the API does not tell which program answers";
    const int open = api_market_open(v);
    td_json_object(j);
    td_json_key_bool(j, "is_trading", is_trading(v));
    td_json_key_bool(j, "connected", is_connected(v));
    if (open < 0)
        api_null(j, "market_open", "the time zone America/New_York could not be read");
    else
        td_json_key_bool(j, "market_open", open);
    api_copy(j, "mode", api_at(v->status, "mode"), why);
    api_copy(j, "session_start", api_at(v->status, "started"), why);
    put_message(j, v);
    api_copy(j, "detail", api_at(v->status, "connection.text"), why);
    td_json_key_text(j, "runner_state", runner_state(v));
    api_copy(j, "tws_health", api_at(v->status, "connection.broker"), why);
    api_null(j, "tws_running", v->status ? which : why);
    api_null(j, "gateway_running", v->status ? which : why);
    api_copy(j, "symbols_count", api_at(v->status, "market_data.lines"), why);
    td_json_object_end(j);
}

void api_status(const struct td_api_call *call, struct td_api_answer *out)
{
    const struct td_api_view *v = call->view;
    const cJSON *row;
    int held = 0;
    struct td_json j;
    api_begin(&j, out);
    td_json_key(&j, "trading_status");
    put_trading(&j, v);
    td_json_key(&j, "pnl");
    td_json_object(&j);
    api_put_pnl(&j, v);
    td_json_object_end(&j);
    td_json_key(&j, "metrics");
    api_put_summary(&j, v);
    cJSON_ArrayForEach(row, api_at(v->status, "positions")) held +=
        api_number(row, "quantity") != 0;
    api_real(&j, "positions_count", v->status ? held : (double)NAN, api_no_desk(v));
    td_json_key(&j, "ml_status");
    td_json_object(&j);
    td_json_key_i64(&j, "models_trained", 0);
    api_null(&j, "last_prediction_time", NOT_LEARNING);
    td_json_object_end(&j);
    api_end(&j, out);
}

void api_runner(const struct td_api_call *call, struct td_api_answer *out)
{
    const struct td_api_view *v = call->view;
    struct td_json j;
    api_begin(&j, out);
    td_json_key_text(&j, "status", runner_state(v));
    api_time(&j, "timestamp", v->now);
    put_message(&j, v);
    api_copy(&j, "session_start", api_at(v->status, "started"), api_no_desk(v));
    api_end(&j, out);
}

/* --- positions --- */

/* When a position was opened: back through its executions until nothing was held. */
static void find_entry(const struct td_api_view *v, const char *symbol, double held, char *at,
                       char *strategy)
{
    struct api_sql q;
    double left = held;
    bool found = false;
    at[0] = strategy[0] = '\0';
    (void)api_ask(v, &q,
                  "SELECT e.exec_time, e.side, e.quantity_e9 / 1e9, o.strategy FROM executions e"
                  " LEFT JOIN orders o ON o.id = e.order_id WHERE e.symbol = ?1"
                  " ORDER BY e.id DESC LIMIT 5000");
    api_bind_text(&q, 1, symbol);
    while (!found && api_step(&q)) {
        const char *time = (const char *)sqlite3_column_text(q.s, 0);
        const char *side = (const char *)sqlite3_column_text(q.s, 1);
        const char *whose = (const char *)sqlite3_column_text(q.s, 3);
        left += side && strcmp(side, "SELL") == 0 ? api_cell_real(&q, 2) : -api_cell_real(&q, 2);
        found = left == 0 || (left < 0) != (held < 0);
        (void)snprintf(at, 40, "%s", found && time ? time : "");
        (void)snprintf(strategy, 40, "%s", found && whose ? whose : "");
    }
    api_done(&q);
}

static void put_unrealized(struct td_json *j, double quantity, double entry, double unrealized)
{
    const char *why = "no price is known";
    const double cost = quantity * entry;
    api_real(j, "unrealized_pnl", unrealized, why);
    api_real(j, "unrealized_pnl_pct", cost != 0 ? 100 * unrealized / fabs(cost) : (double)NAN, why);
}

static void put_entry(struct td_json *j, const struct td_api_view *v, const char *symbol,
                      double quantity)
{
    char at[40], strategy[40];
    const char *why = "no execution of it is in orders.db: it was there before";
    find_entry(v, symbol, quantity, at, strategy);
    td_json_key_text(j, "side", quantity < 0 ? "SHORT" : "LONG");
    if (at[0])
        td_json_key_text(j, "entry_time", at);
    else
        api_null(j, "entry_time", why);
    if (strategy[0])
        td_json_key_text(j, "strategy", strategy);
    else
        api_null(j, "strategy", at[0] ? "it was not opened by one of ours" : why);
    api_null(j, "ml_signal", NOT_LEARNING);
}

static void put_position(struct td_json *j, const struct td_api_view *v, const cJSON *row)
{
    const char *symbol = api_text(row, "symbol"), *why = "no price is known";
    const double quantity = api_number(row, "quantity"), entry = api_number(row, "average"),
                 price = api_price(v, symbol);
    const cJSON *told = api_at(row, "multiplier");
    const double multiplier = cJSON_IsNumber(told) ? told->valuedouble : 1;
    td_json_object(j);
    td_json_key_text(j, "symbol", symbol);
    api_real(j, "quantity", quantity, why);
    api_real(j, "entry_price", entry, "the broker does not tell it");
    api_real(j, "current_price", price, why);
    api_real(j, "market_value", quantity * price * multiplier, why);
    put_unrealized(j, quantity * multiplier, entry, api_number(row, "unrealized"));
    put_entry(j, v, symbol, quantity);
    td_json_object_end(j);
}

static void put_disk_positions(struct td_json *j, const struct td_api_view *v)
{
    struct api_sql q;
    const char *why = "no desk runs: no price";
    (void)api_ask(v, &q,
                  "SELECT symbol, quantity, avg_cost FROM positions WHERE quantity <> 0"
                  " ORDER BY symbol LIMIT 1024");
    while (api_step(&q)) {
        char symbol[64];
        (void)snprintf(symbol, sizeof symbol, "%s", (const char *)sqlite3_column_text(q.s, 0));
        const double quantity = api_cell_real(&q, 1), entry = api_cell_real(&q, 2);
        td_json_object(j);
        td_json_key_text(j, "symbol", symbol);
        api_real(j, "quantity", quantity, why);
        api_real(j, "entry_price", entry, "the broker does not tell it");
        api_null(j, "current_price", why);
        api_null(j, "market_value", why);
        api_null(j, "unrealized_pnl", why);
        api_null(j, "unrealized_pnl_pct", why);
        put_entry(j, v, symbol, quantity);
        td_json_object_end(j);
    }
    td_json_array_end(j);
    if (q.failed)
        td_json_key_text(j, "reason", q.why);
    api_done(&q);
}

void api_positions(const struct td_api_call *call, struct td_api_answer *out)
{
    const struct td_api_view *v = call->view;
    const cJSON *row;
    struct td_json j;
    api_begin(&j, out);
    td_json_key(&j, "positions");
    td_json_array(&j);
    if (v->status) {
        cJSON_ArrayForEach(row, api_at(v->status, "positions")) if (api_text(row, "symbol") &&
                                                                    api_number(row, "quantity") !=
                                                                        0) put_position(&j, v, row);
        td_json_array_end(&j);
    } else {
        put_disk_positions(&j, v);
    }
    api_end(&j, out);
}

/* --- the watch list --- */

static void put_watched(struct td_json *j, const struct td_api_view *v, const char *symbol)
{
    const cJSON *row = api_position(v, symbol);
    const double quantity = row ? api_number(row, "quantity") : v->status ? 0 : (double)NAN;
    const bool held = quantity != 0 && !isnan(quantity);
    td_json_object(j);
    td_json_key_text(j, "symbol", symbol);
    api_real(j, "current_price", api_price(v, symbol), "no quote and no print has come yet");
    api_real(j, "quantity", quantity, api_no_desk(v));
    api_real(j, "avg_cost", held ? api_number(row, "average") : (double)NAN, "nothing is held");
    api_real(j, "pnl", held ? api_number(row, "unrealized") : (double)NAN, "nothing is held");
    api_null(j, "notes", "notes are not kept");
    td_json_key_bool(j, "has_position", held);
    td_json_object_end(j);
}

void api_watchlist(const struct td_api_call *call, struct td_api_answer *out)
{
    const struct td_api_view *v = call->view;
    const cJSON *row;
    struct td_json j;
    const uint32_t count = v->watch ? v->watch->count : 0;
    api_begin(&j, out);
    td_json_key(&j, "watchlist");
    td_json_array(&j);
    for (uint32_t i = 0; i < count; i++)
        put_watched(&j, v, v->watch->symbols[i].symbol);
    cJSON_ArrayForEach(row, api_at(v->status, "positions"))
    {
        const char *symbol = api_text(row, "symbol");
        if (symbol && (!v->watch || !td_watch_find(v->watch, td_str_of(symbol))))
            put_watched(&j, v, symbol);
    }
    td_json_array_end(&j);
    if (!count && !v->status)
        td_json_key_text(&j, "reason", api_no_desk(v));
    api_end(&j, out);
}

/* --- the log --- */

void api_logs(const struct td_api_call *call, struct td_api_answer *out)
{
    struct api_sql q;
    struct td_json j;
    (void)api_ask(call->view, &q,
                  "SELECT substr(timestamp, 12, 8) || ' - ' || event || COALESCE(' ' || symbol, '')"
                  " || COALESCE(' ' || text, '') FROM events ORDER BY id DESC LIMIT 100");
    api_begin(&j, out);
    td_json_key(&j, "logs");
    td_json_array(&j);
    while (api_step(&q))
        api_cell(&j, &q, 0);
    td_json_array_end(&j);
    if (q.failed)
        td_json_key_text(&j, "reason", q.why);
    api_done(&q);
    api_end(&j, out);
}
