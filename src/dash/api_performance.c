/* dash/api_performance.c - what trading earned by period, the executions, the curve of profit. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "dash/api_answers.h"
#include "dash/api_money.h"

#define NO_EQUITY "the account's equity is not known: no desk tells it"
#define FEW_DAYS  "two trading days are needed, and profits that differ"

/* What the figures are made of, loaded once an answer. */
struct sources {
    struct api_days days;
    struct api_trips *trips;
    bool has_days;
    char why_days[160], why_trips[160];
    double equity; /* NaN: not known */
};

static struct sources *load(const struct td_api_view *v)
{
    struct sources *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->has_days = api_days_load(v, &s->days, s->why_days, sizeof s->why_days);
    s->trips = api_trips_load(v, "", s->why_trips, sizeof s->why_trips);
    s->equity = api_number(v->status, "equity");
    return s;
}

static void unload(struct sources *s)
{
    if (s)
        api_trips_free(s->trips);
    free(s);
}

/* The equity before the period earned what it earned. */
static double base_of(const struct sources *s, const struct api_period *p)
{
    const double base = s->equity - p->pnl;
    return base > 0 ? base : (double)NAN;
}

static void put_period(struct td_json *j, const struct td_api_view *v, const struct sources *s,
                       int64_t span)
{
    struct api_period p;
    struct td_trip_sum sum = {0};
    const char *why = s->has_days ? NO_EQUITY : s->why_days;
    const char *few = s->has_days ? FEW_DAYS : s->why_days;
    api_period_of(v, &s->days, span, &p);
    const double base = s->has_days ? base_of(s, &p) : (double)NAN;
    if (s->trips)
        api_trips_sum(s->trips, NULL, 0, span ? api_day_start(v, span - 1) : 0, &sum);
    td_json_object(j);
    api_real(j, "return_pct", 100 * p.pnl / base, why);
    api_real(j, "pnl", s->has_days ? p.pnl : (double)NAN, s->why_days);
    api_real(j, "trades", s->trips ? sum.trips : (double)NAN, s->why_trips);
    api_real(j, "volatility", 100 * p.volatility / base, isnan(base) ? why : few);
    api_real(j, "sharpe", s->has_days ? p.sharpe : (double)NAN, few);
    api_real(j, "max_drawdown", p.max_drawdown / base, why);
    td_json_object_end(j);
}

static void put_totals(struct td_json *j, const struct td_api_view *v, const struct sources *s)
{
    struct api_period p;
    struct td_trip_sum sum = {0};
    const char *why = s->has_days ? NO_EQUITY : s->why_days;
    api_period_of(v, &s->days, 0, &p);
    const double base = s->has_days ? base_of(s, &p) : (double)NAN, none = (double)NAN;
    if (s->trips)
        api_trips_sum(s->trips, NULL, 0, 0, &sum);
    const uint32_t ended = sum.wins + sum.losses;
    td_json_object(j);
    api_real(j, "total_return", 100 * p.pnl / base, why);
    api_real(j, "total_pnl", s->has_days ? p.pnl : none, s->why_days);
    api_real(j, "total_sharpe", s->has_days ? p.sharpe : none,
             s->has_days ? FEW_DAYS : s->why_days);
    api_real(j, "total_drawdown", p.max_drawdown / base, why);
    api_real(j, "win_rate", ended ? (double)sum.wins / ended : none,
             s->trips ? "no round trip has ended with a profit or a loss" : s->why_trips);
    api_real(j, "total_trades", s->trips ? sum.trips : none, s->why_trips);
    api_real(j, "winning_trades", s->trips ? sum.wins : none, s->why_trips);
    api_real(j, "losing_trades", s->trips ? sum.losses : none, s->why_trips);
    td_json_object_end(j);
}

void api_put_summary(struct td_json *j, const struct td_api_view *v)
{
    struct sources *s = load(v);
    if (s)
        put_totals(j, v, s);
    else
        td_json_null(j);
    unload(s);
}

void api_performance(const struct td_api_call *call, struct td_api_answer *out)
{
    static const struct {
        const char *key;
        int64_t span;
    } periods[] = {{"daily", 1}, {"weekly", 7}, {"monthly", 30}, {"all", 0}};
    struct sources *s = load(call->view);
    struct td_json j;
    if (!s) {
        api_error(out, 500, "no memory");
        return;
    }
    api_begin(&j, out);
    td_json_key(&j, "summary");
    put_totals(&j, call->view, s);
    for (size_t i = 0; i < TD_COUNT(periods); i++) {
        td_json_key(&j, periods[i].key);
        put_period(&j, call->view, s, periods[i].span);
    }
    api_end(&j, out);
    unload(s);
}

/* --- executions --- */

/* The window and the limit of a list of executions; false: the error is written. */
static bool read_window(const struct td_api_call *call, td_ns *from, int64_t *rows, char *symbol,
                        struct td_api_answer *out)
{
    char text[32];
    int64_t days = 30;
    *rows = 1000;
    if (api_setting(call->view, "DASHBOARD_TRADE_LIMIT", text, sizeof text))
        *rows = strtoll(text, NULL, 10);
    *rows = *rows < 10 ? 1000 : *rows > API_ROWS_MAX ? API_ROWS_MAX : *rows;
    if (!api_query_symbol(call, symbol, out) ||
        !api_query_whole(call, "days", 0, API_DAYS_MAX, &days, out) ||
        !api_query_whole(call, "limit", 1, API_ROWS_MAX, rows, out))
        return false;
    *from = days ? api_day_start(call->view, days - 1) : call->view->now;
    return true;
}

static void bind_window(struct api_sql *q, td_ns from, const char *symbol)
{
    api_bind_time(q, 1, from);
    api_bind_text(q, 2, symbol);
}

static void put_trades_sum(struct td_json *j, const struct td_api_view *v, td_ns from,
                           const char *symbol)
{
    static const char *const keys[] = {"total_trades", "buy_trades",       "sell_trades",
                                       "total_volume", "total_commission", "avg_trade_size"};
    struct api_sql q;
    (void)api_ask(
        v, &q,
        "SELECT COUNT(*), COALESCE(SUM(side = 'BUY'), 0), COALESCE(SUM(side = 'SELL'), 0),"
        " COALESCE(SUM(quantity), 0), COALESCE(SUM(commission_e9), 0) / 1e9,"
        " AVG(quantity) FROM executions WHERE exec_time >= ?1"
        " AND (?2 IS NULL OR symbol = ?2)");
    bind_window(&q, from, symbol);
    const bool got = api_step(&q);
    td_json_object(j);
    for (int i = 0; i < (int)TD_COUNT(keys); i++)
        api_real(j, keys[i], got ? api_cell_real(&q, i) : (double)NAN,
                 got ? "nothing was traded" : q.why);
    td_json_object_end(j);
    api_done(&q);
}

void api_trades(const struct td_api_call *call, struct td_api_answer *out)
{
    char symbol[API_SYMBOL_MAX];
    struct api_sql q;
    struct td_json j;
    td_ns from;
    int64_t rows;
    if (!read_window(call, &from, &rows, symbol, out))
        return;
    (void)api_ask(call->view, &q,
                  "SELECT e.id, e.symbol, e.side, e.quantity, e.price, e.exec_time AS timestamp,"
                  " NULL AS slippage, e.commission, e.quantity * e.price *"
                  " COALESCE(o.multiplier, 1) AS notional, CASE e.side WHEN 'SELL' THEN 1 ELSE -1"
                  " END * e.quantity * e.price * COALESCE(o.multiplier, 1)"
                  " - COALESCE(e.commission, 0) AS cash_impact, e.pnl AS realized_pnl, o.strategy"
                  " FROM executions e LEFT JOIN orders o ON o.id = e.order_id"
                  " WHERE e.exec_time >= ?1 AND (?2 IS NULL OR e.symbol = ?2)"
                  " ORDER BY e.id DESC LIMIT ?3");
    bind_window(&q, from, symbol);
    api_bind_i64(&q, 3, rows);
    api_begin(&j, out);
    api_list(&j, "trades", &q);
    td_json_key_text(&j, "slippage_reason", "the journal has no price to compare with");
    td_json_key(&j, "summary");
    put_trades_sum(&j, call->view, from, symbol);
    api_end(&j, out);
}

/* --- the curve --- */

void api_curve(const struct td_api_call *call, struct td_api_answer *out)
{
    static const char why[] = "unrealized profit of past days is not kept";
    struct api_days *days = calloc(1, sizeof *days);
    char text[160] = "no memory";
    double sum = 0;
    struct td_json j;
    api_begin(&j, out);
    td_json_key(&j, "equity_curve");
    td_json_array(&j);
    const bool got = days && api_days_load(call->view, days, text, sizeof text);
    for (uint32_t i = 0; got && i < days->count; i++) {
        char day[16];
        sum += days->net[i];
        (void)td_date_print(days->day[i], day);
        td_json_object(&j);
        td_json_key_text(&j, "date", day);
        api_real(&j, "pnl", days->net[i], "");
        api_real(&j, "cumulative_pnl", sum, "");
        td_json_key_text(&j, "equity", NULL);
        td_json_object_end(&j);
    }
    td_json_array_end(&j);
    td_json_key_text(&j, "reason", got ? why : text);
    api_end(&j, out);
    free(days);
}
