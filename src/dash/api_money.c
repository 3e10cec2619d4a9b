/* dash/api_money.c - executions into round trips and days, days into figures. */
#include "dash/api_money.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "market/calendar.h"

#define HOUR_CHARS 13 /* "2026-11-20T15": an exchange day begins with an hour of UTC */

struct api_trips {
    struct td_blotter b;        /* executions and holdings alone */
    struct td_map_slot keys[8]; /* none: no order is here */
    struct td_trips trips;
};

static bool add_holding(struct td_blotter *b, const char *symbol, double multiplier,
                        uint32_t *index)
{
    for (*index = 0; *index < b->holding_count; ++*index)
        if (strcmp(b->holdings[*index].symbol, symbol) == 0)
            return true;
    if (b->holding_count == API_TRIPS_SYMBOLS)
        return false;
    struct td_blotter_holding *h = &b->holdings[b->holding_count++];
    (void)snprintf(h->symbol, sizeof h->symbol, "%s", symbol);
    if (td_e9_from_double(multiplier, &h->multiplier.e9) != TD_OK || h->multiplier.e9 <= 0)
        h->multiplier = TD_QTY(1);
    return true;
}

static bool add_execution(struct td_blotter *b, const struct api_sql *q)
{
    struct td_execution *e = &b->executions[b->execution_count];
    const char *symbol = (const char *)sqlite3_column_text(q->s, 0);
    const char *side = (const char *)sqlite3_column_text(q->s, 1);
    const char *at = (const char *)sqlite3_column_text(q->s, 5);
    if (!symbol || !side || !at || td_iso_parse(at, strlen(at), &e->at_ns) != TD_OK ||
        !add_holding(b, symbol, sqlite3_column_double(q->s, 7), &e->holding))
        return false;
    e->action = strcmp(side, "SELL") == 0 ? TD_SELL : TD_BUY;
    e->qty.e9 = sqlite3_column_int64(q->s, 2);
    e->px.e9 = sqlite3_column_int64(q->s, 3);
    e->has_fee = sqlite3_column_type(q->s, 4) != SQLITE_NULL;
    e->fee.e9 = sqlite3_column_int64(q->s, 4);
    e->order = (uint64_t)sqlite3_column_int64(q->s, 6);
    int64_t *held = &b->holdings[e->holding].now.qty.e9;
    const int64_t change = e->action == TD_BUY ? e->qty.e9 : -e->qty.e9;
    if (td_e9_add(*held, change, held) != TD_OK)
        return false;
    b->execution_count++;
    return true;
}

static const char newest[] =
    "SELECT e.symbol, e.side, e.quantity_e9, e.price_e9, e.commission_e9, e.exec_time, e.order_id,"
    " COALESCE(o.multiplier, (SELECT m.multiplier FROM orders m WHERE m.symbol = e.symbol AND"
    " m.multiplier IS NOT NULL LIMIT 1), 1)"
    " FROM (SELECT * FROM executions WHERE quantity_e9 > 0 AND (?1 IS NULL OR symbol = ?1)"
    " ORDER BY id DESC LIMIT ?2) e LEFT JOIN orders o ON o.id = e.order_id ORDER BY e.id";

static void fill(struct api_trips *t, const struct td_api_view *v, const char *symbol,
                 struct api_sql *q)
{
    (void)api_ask(v, q, newest);
    api_bind_text(q, 1, symbol);
    api_bind_i64(q, 2, API_TRIPS_EXECUTIONS);
    while (t->b.execution_count < API_TRIPS_EXECUTIONS && api_step(q))
        if (!add_execution(&t->b, q)) {
            q->failed = true;
            (void)snprintf(q->why, sizeof q->why, "an execution in orders.db cannot be read");
        }
    if (!q->failed && td_trips_build(&t->trips, &t->b) != TD_OK) {
        q->failed = true;
        (void)snprintf(q->why, sizeof q->why, "an amount does not fit");
    }
    api_done(q);
}

struct api_trips *api_trips_load(const struct td_api_view *v, const char *symbol, char *why,
                                 size_t cap)
{
    const size_t executions = API_TRIPS_EXECUTIONS * sizeof(struct td_execution),
                 holdings = API_TRIPS_SYMBOLS * sizeof(struct td_blotter_holding),
                 lots = td_trips_bytes(API_TRIPS_EXECUTIONS),
                 room = executions + holdings + lots + 256;
    struct api_sql q = {0};
    struct td_arena arena;
    if (!*symbol && !api_one_currency(v, why, cap))
        return NULL;
    struct api_trips *t = malloc(sizeof *t + room);
    if (!t) {
        (void)snprintf(why, cap, "no memory for the round trips");
        return NULL;
    }
    memset(t, 0, sizeof *t);
    td_arena_init(&arena, (uint8_t *)t + sizeof *t, room);
    t->b.executions = td_arena_take(&arena, API_TRIPS_EXECUTIONS, sizeof *t->b.executions);
    t->b.holdings = td_arena_take(&arena, API_TRIPS_SYMBOLS, sizeof *t->b.holdings);
    td_map_init(&t->b.by_key, t->keys, TD_COUNT(t->keys));
    TD_REQUIRE(t->b.executions && t->b.holdings);
    TD_REQUIRE(td_trips_open(&t->trips, API_TRIPS_EXECUTIONS, &arena) == TD_OK);
    fill(t, v, symbol, &q);
    if (!q.failed)
        return t;
    (void)snprintf(why, cap, "%s", q.why);
    free(t);
    return NULL;
}

void api_trips_free(struct api_trips *t)
{
    free(t);
}

void api_trips_sum(const struct api_trips *t, const char *symbol, uint32_t last, td_ns from,
                   struct td_trip_sum *out)
{
    const struct td_trip_choice choice = {.symbol = symbol, .last = last, .from_ns = from};
    td_trips_sum(&t->trips, &t->b, &choice, out);
}

/* --- days --- */

/* Executions come by the order of the journal; one of an older day finds its place. */
static void add_day(struct api_days *d, int64_t day, double net)
{
    uint32_t at = d->count;
    while (at && d->day[at - 1] > day)
        at--;
    if (at && d->day[at - 1] == day) {
        d->net[at - 1] += net;
        return;
    }
    if (d->count == API_DAYS_KEPT) {
        if (!at)
            return;
        at--;
        memmove(d->day, d->day + 1, --d->count * sizeof *d->day);
        memmove(d->net, d->net + 1, d->count * sizeof *d->net);
    }
    memmove(d->day + at + 1, d->day + at, (d->count - at) * sizeof *d->day);
    memmove(d->net + at + 1, d->net + at, (d->count - at) * sizeof *d->net);
    d->day[at] = day;
    d->net[at] = net;
    d->count++;
}

/* The day of an execution's time; those of one hour are of one day, and need no second look. */
static bool day_of(const struct td_api_view *v, const char *text, char *hour, int64_t *day)
{
    td_ns at;
    if (!text || strlen(text) < HOUR_CHARS)
        return false;
    if (memcmp(text, hour, HOUR_CHARS) == 0)
        return true;
    if (td_iso_parse(text, strlen(text), &at) != TD_OK)
        return false;
    memcpy(hour, text, HOUR_CHARS);
    *day = api_day_of(v, at);
    return true;
}

bool api_days_load(const struct td_api_view *v, struct api_days *out, char *why, size_t cap)
{
    struct api_sql q;
    char hour[HOUR_CHARS] = "";
    int64_t day = 0;
    out->count = 0;
    if (!api_one_currency(v, why, cap))
        return false;
    (void)api_ask(v, &q,
                  "SELECT exec_time, pnl_e9 - COALESCE(commission_e9, 0) FROM executions"
                  " ORDER BY id DESC LIMIT ?1");
    api_bind_i64(&q, 1, API_DAYS_EXECUTIONS);
    while (api_step(&q))
        if (day_of(v, (const char *)sqlite3_column_text(q.s, 0), hour, &day))
            add_day(out, day, td_e9_to_double(sqlite3_column_int64(q.s, 1)));
    if (q.failed)
        (void)snprintf(why, cap, "%s", q.why);
    api_done(&q);
    return !q.failed;
}

/* --- figures of a period --- */

static int by_size(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The profit of each trading day from `first` to `last`; those without an execution earned 0. */
static uint32_t daily(const struct api_days *d, int64_t first, int64_t last, double *out)
{
    uint32_t n = 0, at = 0;
    for (int64_t day = first; day <= last && n < API_DAYS_KEPT; day++) {
        while (at < d->count && d->day[at] < day)
            at++;
        const bool traded = at < d->count && d->day[at] == day;
        if (traded || td_calendar_trades(&td_calendar_xnys, day))
            out[n++] = traded ? d->net[at] : 0;
    }
    return n;
}

static void figures(const double *net, uint32_t n, struct api_period *out)
{
    double sum = 0, peak = 0, worst = 0, squares = 0;
    for (uint32_t i = 0; i < n; i++) {
        sum += net[i];
        peak = sum > peak ? sum : peak;
        worst = peak - sum > worst ? peak - sum : worst;
    }
    const double mean = n ? sum / n : 0;
    for (uint32_t i = 0; i < n; i++)
        squares += (net[i] - mean) * (net[i] - mean);
    const double deviation = n > 1 ? sqrt(squares / (n - 1)) : (double)NAN;
    out->pnl = sum;
    out->max_drawdown = worst;
    out->volatility = deviation * sqrt(API_FACTOR_DAYS);
    out->sharpe = deviation > 0 ? mean / deviation * sqrt(API_FACTOR_DAYS) : (double)NAN;
    out->days = n;
}

void api_period_of(const struct td_api_view *v, const struct api_days *days, int64_t span,
                   struct api_period *out)
{
    double net[API_DAYS_KEPT];
    const int64_t today = api_day_of(v, v->now);
    int64_t first = days->count ? days->day[0] : today;
    if (span && today - span + 1 > first)
        first = today - span + 1;
    if (today - first >= API_DAYS_KEPT)
        first = today - API_DAYS_KEPT + 1;
    const uint32_t n = days->count ? daily(days, first, today, net) : 0;
    figures(net, n, out);
    qsort(net, n, sizeof *net, by_size);
    out->var_95 = n >= 20 ? -net[n / 20] : (double)NAN;
}
