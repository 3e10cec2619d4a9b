/* trade/dayreport.c - the questions to orders.db, and what follows from their rows. */
#include "trade/dayreport.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trade/dbreport.h"

/* --- cells --- */

static int64_t number_of(const struct td_dbcell *cell)
{
    return cell->kind == TD_DBCELL_INT ? cell->i : 0;
}

static int64_t e9_of(const struct td_dbcell *cell)
{
    return cell->kind == TD_DBCELL_INT ? cell->i : TD_E9_NONE;
}

/* A REAL column in 1e-9. */
static int64_t real_e9(const struct td_dbcell *cell)
{
    int64_t e9 = TD_E9_NONE;
    const double v = cell->kind == TD_DBCELL_REAL ? cell->real : (double)cell->i;
    if (cell->kind != TD_DBCELL_REAL && cell->kind != TD_DBCELL_INT)
        return TD_E9_NONE;
    return td_e9_from_double(v, &e9) == TD_OK ? e9 : TD_E9_NONE;
}

static void text_of(const struct td_dbcell *cell, char *out, size_t cap)
{
    (void)td_str_copy(td_str_of(cell->kind == TD_DBCELL_NULL ? "" : cell->text), out, cap);
}

static td_ns time_of(const struct td_dbcell *cell)
{
    td_ns at = 0;
    if (cell->kind != TD_DBCELL_TEXT || td_iso_parse(cell->text, strlen(cell->text), &at) != TD_OK)
        return 0;
    return at;
}

static int64_t sum_e9(int64_t a, int64_t b)
{
    int64_t out = TD_E9_NONE;
    if (a == TD_E9_NONE || b == TD_E9_NONE || td_e9_add(a, b, &out) != TD_OK)
        return TD_E9_NONE;
    return out;
}

/* --- fills --- */

void td_day_set_reference(struct td_day_fill *f, enum td_day_reference how, int64_t reference_e9)
{
    int64_t away = 0;
    f->how = (uint8_t)how;
    f->reference_e9 = f->slippage_e9 = TD_E9_NONE;
    if (reference_e9 == TD_E9_NONE || reference_e9 <= 0)
        return;
    f->reference_e9 = reference_e9;
    if ((f->sells ? td_e9_sub(reference_e9, f->px_e9, &away)
                  : td_e9_sub(f->px_e9, reference_e9, &away)) != TD_OK ||
        td_e9_div(away, reference_e9, &f->slippage_e9) != TD_OK)
        f->slippage_e9 = TD_E9_NONE;
}

/* The order's value at its approval by its units: the price it was asked about. */
static int64_t price_asked(const struct td_dbcell *value, const struct td_dbcell *quantity,
                           const struct td_dbcell *multiplier)
{
    const int64_t worth = real_e9(value), qty = real_e9(quantity), per = real_e9(multiplier);
    int64_t units, price = TD_E9_NONE;
    if (worth == TD_E9_NONE || qty == TD_E9_NONE || per == TD_E9_NONE ||
        td_e9_mul(qty, per, &units) != TD_OK || units <= 0 ||
        td_e9_div(worth, units, &price) != TD_OK)
        return TD_E9_NONE;
    return price;
}

static void judge_fill(struct td_day_fill *f, const struct td_dbcell *c)
{
    const int64_t asked = price_asked(&c[12], &c[13], &c[14]);
    if (c[11].kind == TD_DBCELL_NULL)
        td_day_set_reference(f, TD_REFERENCE_FOREIGN, TD_E9_NONE);
    else if (strstr(f->type, "LMT") || strstr(f->type, "LOC") || strstr(f->type, "LIT"))
        td_day_set_reference(f, TD_REFERENCE_LIMIT, TD_E9_NONE);
    else if (asked == TD_E9_NONE)
        td_day_set_reference(f, TD_REFERENCE_NO_VALUE, TD_E9_NONE);
    else
        td_day_set_reference(
            f, strncmp(f->type, "STP", 3) == 0 ? TD_REFERENCE_STOP : TD_REFERENCE_QUOTE, asked);
}

static const struct td_dbreport fills_asked = {
    "fills", "",
    "SELECT e.exec_time, e.order_id, e.symbol, e.side, e.quantity_e9, e.price_e9,"
    " e.commission_e9, e.pnl_e9, e.currency, e.corrected, o.strategy, o.order_type, o.value,"
    " o.quantity, o.multiplier FROM executions e LEFT JOIN orders o ON o.id = e.order_id"
    " WHERE e.exec_time >= ?1 AND e.exec_time < ?2 AND e.quantity_e9 <> 0"
    " ORDER BY e.exec_time, e.id"};

static bool take_fill(void *arg, const char *const *names, const struct td_dbcell *c, int count)
{
    struct td_day_report *r = arg;
    (void)names, (void)count;
    if (!c)
        return true;
    if (r->fill_count == TD_DAY_FILLS_MAX) {
        r->fills_left_out++;
        return true;
    }
    struct td_day_fill *f = &r->fills[r->fill_count++];
    *f = (struct td_day_fill){.at = time_of(&c[0]),
                              .order = number_of(&c[1]),
                              .sells = strcmp(c[3].text, "SELL") == 0,
                              .qty_e9 = e9_of(&c[4]),
                              .px_e9 = e9_of(&c[5]),
                              .fee_e9 = e9_of(&c[6]),
                              .gross_e9 = e9_of(&c[7]),
                              .corrected = number_of(&c[9]) != 0};
    text_of(&c[2], f->symbol, sizeof f->symbol);
    text_of(&c[8], f->currency, sizeof f->currency);
    text_of(&c[10], f->strategy, sizeof f->strategy);
    text_of(&c[11], f->type, sizeof f->type);
    judge_fill(f, c);
    return true;
}

/* --- sums of fills --- */

static void add_fill(struct td_day_group *g, const struct td_day_fill *f)
{
    const bool mixed =
        g->fills && f->currency[0] && strcmp(g->currency, f->currency) != 0 && g->currency[0];
    const int64_t fee = f->fee_e9 == TD_E9_NONE ? 0 : f->fee_e9;
    if (!g->currency[0])
        (void)snprintf(g->currency, sizeof g->currency, "%s", f->currency);
    if (mixed)
        (void)snprintf(g->currency, sizeof g->currency, "several");
    g->fills++;
    g->fees_unknown += f->fee_e9 == TD_E9_NONE;
    int64_t *qty = f->sells ? &g->sold_e9 : &g->bought_e9;
    *qty = sum_e9(*qty, f->qty_e9);
    g->gross_e9 = mixed ? TD_E9_NONE : sum_e9(g->gross_e9, f->gross_e9);
    g->fees_e9 = mixed ? TD_E9_NONE : sum_e9(g->fees_e9, fee);
    g->net_e9 = g->fees_e9 == TD_E9_NONE ? TD_E9_NONE : sum_e9(g->gross_e9, -g->fees_e9);
}

static struct td_day_group *group_of(struct td_day_report *r, struct td_day_group *rows,
                                     uint32_t *count, const char *name)
{
    for (uint32_t i = 0; i < *count; i++)
        if (strcmp(rows[i].name, name) == 0)
            return &rows[i];
    if (*count == TD_DAY_GROUPS_MAX) {
        r->groups_left_out++;
        return NULL;
    }
    (void)snprintf(rows[*count].name, sizeof rows[*count].name, "%s", name);
    return &rows[(*count)++];
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct td_day_group *)a)->name, ((const struct td_day_group *)b)->name);
}

/* Realized profit after fees, its highest so far, and how far below that it ever was. */
static void sum_fills(struct td_day_report *r)
{
    int64_t high = 0;
    for (uint32_t i = 0; i < r->fill_count; i++) {
        const struct td_day_fill *f = &r->fills[i];
        const char *strategy = f->strategy[0]                   ? f->strategy
                               : f->how == TD_REFERENCE_FOREIGN ? "(no order of ours)"
                                                                : "(none)";
        struct td_day_group *g = group_of(r, r->symbols, &r->symbol_count, f->symbol);
        if (g)
            add_fill(g, f);
        g = group_of(r, r->strategies, &r->strategy_count, strategy);
        if (g)
            add_fill(g, f);
        add_fill(&r->all, f);
        if (r->all.net_e9 == TD_E9_NONE) {
            r->drawdown_e9 = TD_E9_NONE;
        } else if (r->drawdown_e9 != TD_E9_NONE) {
            high = r->all.net_e9 > high ? r->all.net_e9 : high;
            if (high - r->all.net_e9 > r->drawdown_e9)
                r->drawdown_e9 = high - r->all.net_e9;
        }
    }
    qsort(r->symbols, r->symbol_count, sizeof r->symbols[0], by_name);
    qsort(r->strategies, r->strategy_count, sizeof r->strategies[0], by_name);
    if (r->fills_left_out)
        td_day_unknown(r, "%u more fills: sums and tables are of the first %d",
                       (unsigned)r->fills_left_out, TD_DAY_FILLS_MAX);
    if (r->all.fees_unknown)
        td_day_unknown(r,
                       "the fees of %u fills: the broker has not told them; sums are without them",
                       (unsigned)r->all.fees_unknown);
    if (r->fill_count && r->all.net_e9 == TD_E9_NONE)
        td_day_unknown(r, "one sum over all symbols: they are in several currencies");
}

/* --- orders, refusals, incidents --- */

static const struct td_dbreport orders_asked = {
    "orders", "",
    "SELECT status, COUNT(*), MAX(value), SUM(value), MAX(CAST(quantity AS REAL)), COUNT(value)"
    " FROM orders"
    " WHERE timestamp >= ?1 AND timestamp < ?2 GROUP BY status ORDER BY status"};

struct order_sums {
    struct td_day_report *r;
    double value_most, value_sum, qty_most;
    int64_t with_value;
};

static bool take_orders(void *arg, const char *const *names, const struct td_dbcell *c, int count)
{
    struct order_sums *s = arg;
    (void)names, (void)count;
    if (!c)
        return true;
    const int64_t n = c[1].i;
    s->r->orders += n;
    if (strcmp(c[0].text, "filled") == 0)
        s->r->filled += n;
    else if (strcmp(c[0].text, "cancelled") == 0)
        s->r->cancelled += n;
    else if (strcmp(c[0].text, "rejected") == 0)
        s->r->rejected += n;
    else
        s->r->open += n;
    s->with_value += c[5].i;
    s->value_sum += c[3].real;
    s->value_most = c[2].real > s->value_most ? c[2].real : s->value_most;
    s->qty_most = c[4].real > s->qty_most ? c[4].real : s->qty_most;
    return true;
}

/* The most orders in any sixty seconds: of each order, how many there were in the minute up to it. */
static const struct td_dbreport rate_asked = {
    "rate", "",
    "SELECT MAX(n) FROM (SELECT (SELECT COUNT(*) FROM orders b WHERE b.timestamp >= ?1 AND"
    " b.timestamp < ?2 AND julianday(b.timestamp) > julianday(a.timestamp) - 60.0 / 86400 AND"
    " b.id <= a.id AND b.id > a.id - 2000) AS n"
    " FROM orders a WHERE a.timestamp >= ?1 AND a.timestamp < ?2)"};

static bool take_rate(void *arg, const char *const *names, const struct td_dbcell *c, int count)
{
    (void)names, (void)count;
    if (c && c[0].kind == TD_DBCELL_INT)
        *(int64_t *)arg = c[0].i;
    return true;
}

static const struct td_dbreport denied_asked = {
    "denied", "",
    "SELECT COUNT(*), COUNT(DISTINCT symbol), json_extract(metadata, '$.reason'), MAX(id)"
    " FROM signals WHERE json_extract(metadata, '$.approved') = 0 AND timestamp >= ?1 AND"
    " timestamp < ?2 GROUP BY json_extract(metadata, '$.gate') ORDER BY 1 DESC, 3"};

static bool take_denied(void *arg, const char *const *names, const struct td_dbcell *c, int count)
{
    struct td_day_report *r = arg;
    (void)names, (void)count;
    if (!c)
        return true;
    r->intents_denied += c[0].i;
    if (r->denied_count == TD_DAY_DENIED_MAX)
        return true;
    struct td_day_denied *d = &r->denied[r->denied_count++];
    d->intents = c[0].i;
    d->symbols = c[1].i;
    text_of(&c[2], d->text, sizeof d->text);
    return true;
}

static const struct td_dbreport failed_asked = {
    "failed", "",
    "SELECT timestamp, id, symbol, side, quantity, order_type, status, error_code,"
    " COALESCE(message, broker_status) FROM orders"
    " WHERE timestamp >= ?1 AND timestamp < ?2 AND (status IN ('rejected', 'abandoned', 'unknown',"
    " 'frozen') OR (status = 'cancelled' AND error_code IS NOT NULL AND error_code <> 202))"
    " ORDER BY id"};

static bool take_failed(void *arg, const char *const *names, const struct td_dbcell *c, int count)
{
    struct td_day_report *r = arg;
    (void)names, (void)count;
    if (!c)
        return true;
    if (r->failed_count == TD_DAY_FAILED_MAX) {
        r->failed_left_out++;
        return true;
    }
    struct td_day_failed *f = &r->failed[r->failed_count++];
    *f = (struct td_day_failed){.at = time_of(&c[0]),
                                .order = number_of(&c[1]),
                                .sells = strcmp(c[3].text, "SELL") == 0,
                                .qty_e9 = real_e9(&c[4]),
                                .code = number_of(&c[7])};
    text_of(&c[2], f->symbol, sizeof f->symbol);
    text_of(&c[5], f->type, sizeof f->type);
    text_of(&c[6], f->status, sizeof f->status);
    text_of(&c[8], f->text, sizeof f->text);
    return true;
}

static const struct td_dbreport incidents_asked = {
    "incidents", "",
    "SELECT timestamp, event, symbol, order_id, code, text FROM events"
    " WHERE timestamp >= ?1 AND timestamp < ?2 AND (event IN ('START', 'STOP', 'LOST', 'HALT',"
    " 'RESUME', 'FREEZE', 'ACCEPT', 'POSITION', 'ERROR', 'DOUBT', 'SETTINGS')"
    " OR (event = 'RECON' AND code IS NOT NULL)) ORDER BY id"};

static bool take_incident(void *arg, const char *const *names, const struct td_dbcell *c, int count)
{
    struct td_day_report *r = arg;
    (void)names, (void)count;
    if (!c)
        return true;
    if (r->incident_count == TD_DAY_INCIDENTS_MAX) {
        r->incidents_left_out++;
        return true;
    }
    struct td_day_incident *i = &r->incidents[r->incident_count++];
    *i = (struct td_day_incident){
        .at = time_of(&c[0]), .order = number_of(&c[3]), .code = number_of(&c[4])};
    text_of(&c[1], i->event, sizeof i->event);
    text_of(&c[2], i->symbol, sizeof i->symbol);
    text_of(&c[5], i->text, sizeof i->text);
    return true;
}

static const struct td_dbreport accounts_asked = {
    "accounts", "",
    "SELECT COUNT(DISTINCT account), MIN(account) FROM orders WHERE account IS NOT NULL AND"
    " timestamp >= ?1 AND timestamp < ?2"};

static bool take_account(void *arg, const char *const *names, const struct td_dbcell *c, int count)
{
    struct td_day_report *r = arg;
    (void)names, (void)count;
    if (!c)
        return true;
    r->several_accounts = c[0].i > 1;
    text_of(&c[1], r->account, sizeof r->account);
    return true;
}

/* --- limits --- */

static void put_limits(struct td_day_report *r, const struct td_day_ask *ask,
                       const struct order_sums *s, int64_t rate)
{
    const bool one_day = ask->before - ask->from <= 25 * TD_HOUR;
    const bool valued = s->with_value > 0;
    int64_t worth_most = TD_E9_NONE, worth_sum = TD_E9_NONE, size = TD_E9_NONE;
    if (!valued || td_e9_from_double(s->value_most, &worth_most) != TD_OK)
        worth_most = TD_E9_NONE;
    if (!valued || !one_day || td_e9_from_double(s->value_sum, &worth_sum) != TD_OK)
        worth_sum = TD_E9_NONE;
    if (!r->orders || td_e9_from_double(s->qty_most, &size) != TD_OK)
        size = TD_E9_NONE;
    static const char of_days[] = "a limit of one day, and the report is of several";
    const struct td_day_limit rows[TD_DAY_LIMITS] = {
        {TD_LIMIT_TRADES, one_day ? r->orders : TD_E9_NONE, 0, one_day ? NULL : of_days, NULL},
        {TD_LIMIT_RATE, rate, 0, NULL, NULL},
        {TD_LIMIT_ORDER_SIZE, size, 0, r->orders ? NULL : "no order", NULL},
        {TD_LIMIT_ORDER_VALUE, worth_most, 0, valued ? NULL : "no order with a value", NULL},
        {TD_LIMIT_DAY_VALUE, worth_sum, 0,
         !one_day ? of_days
         : valued ? NULL
                  : "no order with a value",
         NULL},
        {TD_LIMIT_DAY_LOSS, TD_E9_NONE, 0, "the loss of what was held is in no record", NULL}};
    memcpy(r->limits, rows, sizeof rows);
    for (size_t i = 0; i < TD_DAY_LIMITS; i++) {
        r->limits[i].allowed = ask->limits->value[rows[i].limit];
        r->limits[i].key = ask->limits->key[rows[i].limit];
    }
}

/* --- all of it --- */

void td_day_unknown(struct td_day_report *r, const char *format, ...)
{
    va_list args;
    if (r->unknown_count == TD_DAY_UNKNOWN_MAX)
        return;
    va_start(args, format);
    (void)vsnprintf(r->unknown[r->unknown_count++], sizeof r->unknown[0], format, args);
    va_end(args);
}

const char *td_day_reference_word(enum td_day_reference how)
{
    static const char *const words[] = {
        [TD_REFERENCE_QUOTE] = "far side of the quote at the decision",
        [TD_REFERENCE_STOP] = "the order's stop",
        [TD_REFERENCE_ARRIVAL] = "the market when the worked order began",
        [TD_REFERENCE_LIMIT] = "limit order: its limit is no price of the market",
        [TD_REFERENCE_FOREIGN] = "no order of ours",
        [TD_REFERENCE_NO_VALUE] = "the order's value was not recorded",
        [TD_REFERENCE_NO_JOURNAL] = "child of a worked order, and no journal to know it by"};
    return words[how];
}

static enum td_err take_memory(struct td_day_report *r, struct td_fail *why)
{
    r->fills = calloc(TD_DAY_FILLS_MAX, sizeof *r->fills);
    r->failed = calloc(TD_DAY_FAILED_MAX, sizeof *r->failed);
    r->incidents = calloc(TD_DAY_INCIDENTS_MAX, sizeof *r->incidents);
    r->trips = calloc(TD_DAY_TRIPS_MAX, sizeof *r->trips);
    return r->fills && r->failed && r->incidents && r->trips
               ? TD_OK
               : td_fail_set(why, TD_ENOMEM, "no memory for the report");
}

enum td_err td_day_report_make(struct td_day_report *r, const struct td_day_ask *ask,
                               struct td_fail *why)
{
    char path[900];
    struct order_sums sums = {.r = r};
    int64_t rate = 0;
    const struct {
        const struct td_dbreport *asked;
        td_dbrow_fn *take;
        void *arg;
    } rows[] = {{&fills_asked, take_fill, r},      {&orders_asked, take_orders, &sums},
                {&rate_asked, take_rate, &rate},   {&denied_asked, take_denied, r},
                {&failed_asked, take_failed, r},   {&incidents_asked, take_incident, r},
                {&accounts_asked, take_account, r}};
    (void)snprintf(path, sizeof path, "%.800s/orders.db", ask->state);
    *r = (struct td_day_report){.from = ask->from, .before = ask->before};
    enum td_err err = take_memory(r, why);
    for (size_t i = 0; i < TD_COUNT(rows) && !err; i++)
        err = td_dbreport_run(ask->world, path, rows[i].asked, ask->zone, ask->from, ask->before,
                              rows[i].take, rows[i].arg, why);
    if (!err)
        err = td_day_journal(r, ask, why);
    if (err) {
        td_day_report_fini(r);
        return err;
    }
    sum_fills(r);
    put_limits(r, ask, &sums, rate);
    return TD_OK;
}

void td_day_report_fini(struct td_day_report *r)
{
    free(r->fills);
    free(r->failed);
    free(r->incidents);
    free(r->trips);
    r->fills = NULL;
    r->failed = NULL;
    r->incidents = NULL;
    r->trips = NULL;
}
