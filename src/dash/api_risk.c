/* dash/api_risk.c - risk as it stands, and Kelly's formula on the round trips of a symbol. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dash/api_answers.h"
#include "dash/api_money.h"
#include "dash/api_pairs.h"

#define FEW_TRIPS "fewer than 30 round trips prove nothing"
#define NO_TRIP   "no round trip has ended with a profit or a loss"

/* --- Kelly --- */

struct kelly {
    struct td_trip_sum sum;
    double f, win_rate, average_win, average_loss, odds, edge; /* NaN: not known */
};

static void kelly_of(const struct api_trips *t, const char *symbol, struct kelly *k)
{
    const double none = (double)NAN;
    *k = (struct kelly){{0}, none, none, none, none, none, none};
    if (!t)
        return;
    api_trips_sum(t, symbol, TD_SIZING_TRADES_LAST, 0, &k->sum);
    const struct td_sizing_record r = td_trips_record(&k->sum);
    const uint32_t ended = k->sum.wins + k->sum.losses;
    k->f = td_sizing_kelly(&r);
    k->win_rate = ended ? (double)k->sum.wins / ended : none;
    k->average_win = k->sum.wins ? r.average_win : none;
    k->average_loss = k->sum.losses ? r.average_loss : none;
    k->odds = k->average_loss > 0 ? k->average_win / k->average_loss : none;
    k->edge = k->win_rate * k->odds - (1 - k->win_rate);
}

/* What the sizing method `kelly` would buy now; NaN and the reason: it cannot be known. */
static double recommend(const struct td_api_view *v, const char *symbol, const struct kelly *k,
                        const char **why)
{
    char part[32];
    struct td_sizing_facts f = {.multiplier = TD_QTY(1),
                                .cash = TD_CASH_NONE,
                                .atr = TD_PX_NONE,
                                .strength = (double)NAN,
                                .correlation = (double)NAN,
                                .units_max = TD_QTY_NONE,
                                .value_max = TD_CASH_NONE,
                                .record = td_trips_record(&k->sum)};
    const double equity = api_number(v->status, "equity"), price = api_price(v, symbol),
                 multiplier = api_number(api_position(v, symbol), "multiplier");
    struct td_sizing out;
    *why = "equity, price and RISK_MAX_POSITION_PCT are needed";
    if (td_e9_from_double(equity, &f.capital.e9) != TD_OK ||
        td_e9_from_double(price, &f.price.e9) != TD_OK || f.price.e9 <= 0 ||
        !api_setting(v, "RISK_MAX_POSITION_PCT", part, sizeof part) ||
        td_e9_parse(part, strlen(part), &f.fraction_e9) != TD_OK)
        return (double)NAN;
    if (multiplier > 0 && td_e9_from_double(multiplier, &f.multiplier.e9) != TD_OK)
        return (double)NAN;
    td_sizing_decide(TD_SIZING_KELLY, &f, &out);
    return td_e9_to_double(out.qty.e9);
}

void api_kelly(const struct td_api_call *call, struct td_api_answer *out)
{
    char symbol[API_SYMBOL_MAX], why[160] = "";
    struct kelly k;
    struct td_json j;
    const char *missing;
    if (!api_path_symbol(call, symbol, out))
        return;
    struct api_trips *t = api_trips_load(call->view, symbol, why, sizeof why);
    kelly_of(t, symbol, &k);
    const char *few = t ? FEW_TRIPS : why, *none = t ? NO_TRIP : why;
    const double trips = t ? k.sum.trips : (double)NAN;
    api_begin(&j, out);
    td_json_key_text(&j, "symbol", symbol);
    api_real(&j, "kelly_fraction", k.f, few);
    api_real(&j, "half_kelly", k.f / 2, few);
    api_real(&j, "quarter_kelly", k.f / 4, few);
    api_real(&j, "win_rate", k.win_rate, none);
    api_real(&j, "avg_win", k.average_win, t ? "no round trip was won" : why);
    api_real(&j, "avg_loss", k.average_loss, t ? "no round trip was lost" : why);
    api_real(&j, "edge", k.edge, "wins and losses are needed");
    api_real(&j, "odds", k.odds, "wins and losses are needed");
    api_real(&j, "trade_count", trips, why);
    const double size = t ? recommend(call->view, symbol, &k, &missing) : (double)NAN;
    api_real(&j, "recommended_position_size", size, t ? missing : why);
    if (t)
        td_json_key_text(&j, "confidence_level",
                         k.sum.trips < TD_SIZING_TRADES        ? "insufficient"
                         : k.sum.trips < TD_SIZING_TRADES_LAST ? "limited"
                                                               : "full");
    else
        api_null(&j, "confidence_level", why);
    api_end(&j, out);
    api_trips_free(t);
}

/* --- risk status --- */

static void put_kelly(struct td_json *j, const struct td_api_view *v, const struct api_trips *t,
                      const char *why)
{
    const cJSON *row;
    struct kelly k;
    char method[32];
    td_json_key(j, "kelly_sizing");
    td_json_object(j);
    if (api_setting(v, "RISK_POSITION_SIZING", method, sizeof method))
        td_json_key_bool(j, "enabled",
                         strcmp(method, "kelly") == 0 || strcmp(method, "advanced") == 0);
    else
        api_null(j, "enabled", "RISK_POSITION_SIZING is not told");
    td_json_key(j, "current_positions");
    td_json_object(j);
    cJSON_ArrayForEach(row, api_at(v->status, "positions"))
    {
        const char *symbol = api_text(row, "symbol");
        if (!symbol || api_number(row, "quantity") == 0)
            continue;
        kelly_of(t, symbol, &k);
        td_json_key(j, symbol);
        td_json_object(j);
        api_real(j, "kelly_fraction", k.f, t ? FEW_TRIPS : why);
        api_real(j, "win_rate", k.win_rate, t ? NO_TRIP : why);
        api_real(j, "edge", k.edge, "wins and losses are needed");
        td_json_object_end(j);
    }
    td_json_object_end(j);
    kelly_of(t, NULL, &k);
    api_real(j, "portfolio_kelly", k.f, t ? FEW_TRIPS : why);
    td_json_object_end(j);
}

/* {limit, <name>} of a rule of the kill switch. */
static void put_rule(struct td_json *j, const struct td_api_view *v, const char *rule,
                     const char *key, const char *name)
{
    char path[80];
    td_json_key(j, key);
    td_json_object(j);
    (void)snprintf(path, sizeof path, "kill_switch.limits.%s", rule);
    if (api_number(v->status, path) == 0)
        api_null(j, "limit", "off: its setting is 0");
    else
        api_copy(j, "limit", api_at(v->status, path), api_no_desk(v));
    (void)snprintf(path, sizeof path, "kill_switch.%s", rule);
    api_copy(j, name, api_at(v->status, path), api_no_desk(v));
    td_json_object_end(j);
}

static void put_halts(struct td_json *j, const struct td_api_view *v)
{
    struct api_sql q;
    (void)api_ask(v, &q, "SELECT COUNT(*), MAX(timestamp) FROM events WHERE event = 'HALT'");
    const bool got = api_step(&q);
    api_real(j, "triggered_count", got ? api_cell_real(&q, 0) : (double)NAN, q.why);
    if (got && sqlite3_column_type(q.s, 1) == SQLITE_TEXT)
        td_json_key_text(j, "last_trigger", (const char *)sqlite3_column_text(q.s, 1));
    else
        api_null(j, "last_trigger", got ? "it has never halted" : q.why);
    api_done(&q);
}

static void put_switches(struct td_json *j, const struct td_api_view *v)
{
    td_json_key(j, "kill_switches");
    td_json_object(j);
    api_copy(j, "active", api_at(v->status, "halted"), api_no_desk(v));
    put_halts(j, v);
    td_json_key(j, "limits");
    td_json_object(j);
    put_rule(j, v, "daily_loss", "daily_loss", "current");
    put_rule(j, v, "losing_streak", "consecutive_losses", "current");
    put_rule(j, v, "drawdown", "max_drawdown", "current");
    put_rule(j, v, "position_loss", "position_loss", "per_position");
    td_json_object_end(j);
    td_json_object_end(j);
}

static void put_correlations(struct td_json *j, const struct td_api_view *v)
{
    struct api_pair_sum pairs;
    char text[32];
    int64_t limit = TD_E9_NONE;
    if (api_setting(v, "RISK_CORRELATION_LIMIT", text, sizeof text) && *text &&
        td_e9_parse(text, strlen(text), &limit) != TD_OK)
        limit = TD_E9_NONE;
    api_pairs(v, &pairs);
    td_json_key(j, "correlation_limits");
    td_json_object(j);
    api_real(j, "max_correlation", limit == TD_E9_NONE ? (double)NAN : td_e9_to_double(limit),
             "RISK_CORRELATION_LIMIT is not set: not looked at");
    api_null(j, "max_correlated_exposure", "no gate limits it");
    td_json_key(j, "high_correlations");
    td_json_array(j);
    if (pairs.count && limit != TD_E9_NONE && pairs.most >= td_e9_to_double(limit)) {
        td_json_object(j);
        td_json_key_text(j, "a", pairs.a);
        td_json_key_text(j, "b", pairs.b);
        api_real(j, "correlation", pairs.most, "");
        td_json_object_end(j);
    }
    td_json_array_end(j);
    td_json_object_end(j);
}

static void put_measures(struct td_json *j, const struct td_api_view *v)
{
    const char *why = api_no_desk(v);
    const double exposure = api_number(v->status, "gross_position_value"),
                 equity = api_number(v->status, "equity");
    char lost[160] = "no memory";
    struct api_period p = {.var_95 = (double)NAN, .sharpe = (double)NAN};
    struct api_days *days = calloc(1, sizeof *days);
    const bool got = days && api_days_load(v, days, lost, sizeof lost);
    if (got)
        api_period_of(v, days, 0, &p);
    td_json_key(j, "risk_metrics");
    td_json_object(j);
    api_real(j, "total_exposure", exposure, why);
    api_real(j, "leverage", equity > 0 ? exposure / equity : (double)NAN, why);
    api_real(j, "var_95", p.var_95, got ? "twenty trading days are needed" : lost);
    api_real(j, "sharpe_ratio", p.sharpe,
             got ? "two trading days are needed, and profits that differ" : lost);
    api_copy(j, "max_drawdown", api_at(v->status, "kill_switch.worst_drawdown"), why);
    api_real(j, "current_capital", equity, why);
    api_real(j, "total_pnl", got ? p.pnl : (double)NAN, lost);
    api_copy(j, "daily_pnl", api_at(v->status, "pnl_today"), why);
    td_json_object_end(j);
    free(days);
}

void api_risk(const struct td_api_call *call, struct td_api_answer *out)
{
    const struct td_api_view *v = call->view;
    char why[160] = "";
    struct td_json j;
    struct api_trips *t = api_trips_load(v, "", why, sizeof why);
    api_begin(&j, out);
    if (v->status) /* gates cannot be switched off */
        td_json_key_bool(&j, "enabled", true);
    else
        api_null(&j, "enabled", api_no_desk(v));
    put_kelly(&j, v, t, why);
    put_switches(&j, v);
    put_correlations(&j, v);
    put_measures(&j, v);
    api_end(&j, out);
    api_trips_free(t);
}
