/* dash/metrics.c - the table of metrics and the few ways to fill them. */
#include "dash/metrics.h"

#include <math.h>
#include <string.h>

#include "dash/api_inner.h"

struct td_metric_out {
    const struct td_api_view *v;
    struct td_text *t;
    const char *name;
};

/* A label's value: backslash, quote and line end are escaped. */
static void put_escaped(struct td_text *t, const char *text)
{
    for (; *text; text++) {
        if (*text == '\\' || *text == '"')
            td_text_char(t, '\\');
        if (*text == '\n')
            td_text_put(t, "\\n");
        else
            td_text_char(t, *text);
    }
}

static void sample(struct td_metric_out *o, const char *label, const char *of, double value)
{
    if (!isfinite(value))
        return;
    td_text_put(o->t, o->name);
    if (label) {
        td_text_printf(o->t, "{%s=\"", label);
        put_escaped(o->t, of);
        td_text_put(o->t, "\"}");
    }
    td_text_char(o->t, ' ');
    struct td_json j;
    td_json_init(&j, o->t, false);
    td_json_double(&j, value); /* reads back equal */
    td_text_char(o->t, '\n');
}

/* A number, a bool as 1 or 0, or nothing. */
static double value_of(const cJSON *item)
{
    if (cJSON_IsBool(item))
        return cJSON_IsTrue(item);
    return cJSON_IsNumber(item) ? item->valuedouble : (double)NAN;
}

static void put_status(struct td_metric_out *o, const struct td_metric_row *m)
{
    sample(o, NULL, NULL, value_of(api_at(o->v->status, m->path)));
}

/* 1 when the text at `path` is `key`. */
static void put_word(struct td_metric_out *o, const struct td_metric_row *m)
{
    const char *word = api_text(o->v->status, m->path);
    if (word)
        sample(o, NULL, NULL, strcmp(word, m->key) == 0);
}

/* Each object of the list at `path`: its `key`, labelled with its `label` member. */
static void put_each(struct td_metric_out *o, const struct td_metric_row *m)
{
    const bool gates = strcmp(m->path, "gates") == 0;
    const cJSON *row;
    cJSON_ArrayForEach(row, api_at(gates ? o->v->gates : o->v->status, m->path))
    {
        const char *of = api_text(row, m->label);
        if (of)
            sample(o, m->label, of, value_of(api_at(row, m->key)));
    }
}

/* 1 for each object of the list whose text `key` is "open". */
static void put_open(struct td_metric_out *o, const struct td_metric_row *m)
{
    const cJSON *row;
    cJSON_ArrayForEach(row, api_at(o->v->status, m->path))
    {
        const char *of = api_text(row, m->label), *state = api_text(row, m->key);
        if (of && state)
            sample(o, m->label, of, strcmp(state, "open") == 0);
    }
}

/* 1 for each object of the list. */
static void put_there(struct td_metric_out *o, const struct td_metric_row *m)
{
    const cJSON *row;
    cJSON_ArrayForEach(row, api_at(o->v->status, m->path)) if (api_text(row, m->label))
        sample(o, m->label, api_text(row, m->label), 1);
}

static void put_up(struct td_metric_out *o, const struct td_metric_row *m)
{
    (void)m;
    sample(o, NULL, NULL, 1);
}

static void put_desk(struct td_metric_out *o, const struct td_metric_row *m)
{
    (void)m;
    sample(o, NULL, NULL, o->v->status != NULL);
}

static void put_info(struct td_metric_out *o, const struct td_metric_row *m)
{
    sample(o, m->label, o->v->version ? o->v->version : "", 1);
}

static void put_projected(struct td_metric_out *o, const struct td_metric_row *m)
{
    struct api_sql q;
    (void)m;
    (void)api_ask(o->v, &q, "SELECT value FROM meta WHERE key = 'seq'");
    if (api_step(&q))
        sample(o, NULL, NULL, api_cell_real(&q, 0));
    api_done(&q);
}

static void put_lost(struct td_metric_out *o, const struct td_metric_row *m)
{
    (void)m;
    if (o->v->watch)
        sample(o, NULL, NULL, (double)o->v->watch->dropped);
}

/* Of each watched symbol: events, gaps, or the age of its quote. */
static void put_symbols(struct td_metric_out *o, const struct td_metric_row *m)
{
    for (uint32_t i = 0; o->v->watch && i < o->v->watch->count; i++) {
        const struct td_watch_symbol *s = &o->v->watch->symbols[i];
        const double value = m->key[0] == 'e'   ? (double)s->events
                             : m->key[0] == 'g' ? (double)s->gaps
                             : s->quote_ns      ? (double)(o->v->now - s->quote_ns) / (double)TD_SEC
                                                : (double)NAN;
        sample(o, "symbol", s->symbol, value);
    }
}

/* What the server counts, by its name in the view. */
static void put_served(struct td_metric_out *o, const struct td_metric_row *m)
{
    const struct {
        const char *name;
        uint64_t count;
    } rows[] = {{"requests", o->v->requests},
                {"refused", o->v->refused},
                {"clients", o->v->clients},
                {"dropped", o->v->dropped}};
    for (size_t i = 0; i < TD_COUNT(rows); i++)
        if (strcmp(m->key, rows[i].name) == 0)
            sample(o, NULL, NULL, (double)rows[i].count);
}

#define GAUGE(name, help, put, ...)                                                                \
    {                                                                                              \
        name, TD_METRIC_GAUGE, help, put, __VA_ARGS__                                              \
    }
#define COUNTER(name, help, put, ...)                                                              \
    {                                                                                              \
        name, TD_METRIC_COUNTER, help, put, __VA_ARGS__                                            \
    }
#define NOTHING NULL, NULL, NULL

const struct td_metric_row td_metrics[] = {
    GAUGE("dashboard_up", "1 while the dashboard answers", put_up, NOTHING),
    COUNTER("dashboard_requests_total", "requests answered", put_served, NULL, "requests", NULL),
    COUNTER("tapedeck_dashboard_refused_total", "requests refused: host, token, origin, rate",
            put_served, NULL, "refused", NULL),
    GAUGE("tapedeck_dashboard_clients", "open connections", put_served, NULL, "clients", NULL),
    COUNTER("tapedeck_dashboard_clients_dropped_total", "clients dropped because they were slow",
            put_served, NULL, "dropped", NULL),
    GAUGE("tapedeck_info", "1; the version is a label", put_info, NULL, NULL, "version"),
    GAUGE("tapedeck_desk_up", "1 when a desk answers", put_desk, NOTHING),
    GAUGE("tapedeck_desk_uptime_seconds", "since the desk began", put_status, "uptime_s", NULL,
          NULL),
    GAUGE("tapedeck_session_ready", "1 when the broker session is ready", put_word, "session",
          "ready", NULL),
    GAUGE("tapedeck_halted", "1 when trading is halted", put_status, "halted", NULL, NULL),
    GAUGE("tapedeck_armed", "1 when orders may leave by the settings", put_status, "armed", NULL,
          NULL),
    GAUGE("tapedeck_live_account", "1 when real money is traded", put_word, "mode", "live", NULL),
    GAUGE("tapedeck_equity_money", "equity of the account", put_status, "equity", NULL, NULL),
    GAUGE("tapedeck_pnl_today_money", "profit of the exchange day, after fees", put_status,
          "pnl_today", NULL, NULL),
    GAUGE("tapedeck_gross_position_money", "value of all positions, the broker's word", put_status,
          "gross_position_value", NULL, NULL),
    GAUGE("tapedeck_intents_today", "intents of the exchange day", put_status, "intents_today",
          NULL, NULL),
    GAUGE("tapedeck_denied_today", "intents refused by a gate", put_status, "denied_today", NULL,
          NULL),
    GAUGE("tapedeck_orders_today", "orders of the exchange day", put_status, "orders_today", NULL,
          NULL),
    GAUGE("tapedeck_fills_today", "executions of the exchange day", put_status, "fills_today", NULL,
          NULL),
    GAUGE("tapedeck_unknown_orders", "orders whose fate is not known", put_status, "unknown_orders",
          NULL, NULL),
    GAUGE("tapedeck_positions_equal", "1 when our positions are the broker's", put_status,
          "positions_equal", NULL, NULL),
    GAUGE("tapedeck_drawdown_ratio", "equity below its highest", put_status, "kill_switch.drawdown",
          NULL, NULL),
    GAUGE("tapedeck_losing_streak", "round trips lost in a row", put_status,
          "kill_switch.losing_streak", NULL, NULL),
    GAUGE("tapedeck_gateway_messages_per_second", "messages sent to the gateway", put_status,
          "connection.messages_per_second", NULL, NULL),
    COUNTER("tapedeck_gateway_reconnects_total", "sessions begun again", put_status,
            "connection.reconnects", NULL, NULL),
    COUNTER("tapedeck_gateway_outages_total", "outages of the broker", put_status,
            "connection.outages", NULL, NULL),
    COUNTER("tapedeck_gateway_bad_messages_total", "messages that could not be read", put_status,
            "connection.bad_messages", NULL, NULL),
    COUNTER("tapedeck_clock_jumps_total", "jumps of our clock", put_status,
            "connection.clock_jumps", NULL, NULL),
    GAUGE("tapedeck_clock_offset_seconds", "our clock less the gateway's", put_status,
          "clock.offset_s", NULL, NULL),
    GAUGE("tapedeck_last_tick_age_seconds", "since the newest market event", put_status,
          "last_tick_age_s", NULL, NULL),
    GAUGE("tapedeck_market_lines", "market data lines", put_status, "market_data.lines", NULL,
          NULL),
    GAUGE("tapedeck_market_lines_live", "lines with data", put_status, "market_data.live", NULL,
          NULL),
    GAUGE("tapedeck_market_lines_stale", "lines nothing is decided on", put_status,
          "market_data.stale", NULL, NULL),
    GAUGE("tapedeck_market_lines_refused", "lines the broker refuses", put_status,
          "market_data.refused", NULL, NULL),
    GAUGE("tapedeck_journal_records", "records of the journal", put_status, "journal.last_record",
          NULL, NULL),
    GAUGE("tapedeck_journal_waiting_records", "records that are not on the disk yet", put_status,
          "journal.waiting", NULL, NULL),
    GAUGE("tapedeck_journal_projected_records", "records that orders.db holds", put_projected,
          NOTHING),
    GAUGE("tapedeck_postgres_following", "1 when the PostgreSQL projection takes what is written",
          put_status, "postgres.following", NULL, NULL),
    GAUGE("tapedeck_postgres_records", "records of the journal that it holds", put_status,
          "postgres.record", NULL, NULL),
    GAUGE("tapedeck_postgres_behind_records", "records on the disk that it does not hold yet",
          put_status, "postgres.behind", NULL, NULL),
    COUNTER("tapedeck_postgres_reconnects_total", "its sessions begun again", put_status,
            "postgres.reconnects", NULL, NULL),
    GAUGE("tapedeck_disk_ok", "1 when the disk takes what is written", put_status, "disk_ok", NULL,
          NULL),
    GAUGE("tapedeck_gate_open", "1 when the gate lets an order of one unit pass", put_each, "gates",
          "open", "gate"),
    GAUGE("tapedeck_breaker_open", "1 when the circuit breaker is open", put_open,
          "circuit_breakers", "state", "name"),
    COUNTER("tapedeck_breaker_calls_total", "what the circuit breaker counted", put_each,
            "circuit_breakers", "total_calls", "name"),
    COUNTER("tapedeck_breaker_failures_total", "failures it counted", put_each, "circuit_breakers",
            "failed_calls", "name"),
    GAUGE("tapedeck_alert_active", "1 for each alert that stands", put_there, "alerts", NULL,
          "word"),
    GAUGE("tapedeck_position_quantity", "shares or contracts held", put_each, "positions",
          "quantity", "symbol"),
    GAUGE("tapedeck_position_unrealized_money", "unrealized profit", put_each, "positions",
          "unrealized", "symbol"),
    COUNTER("tapedeck_data_checks_total", "market data that were checked", put_status,
            "data_validation.total_validations", NULL, NULL),
    COUNTER("tapedeck_data_checks_passed_total", "and passed", put_status, "data_validation.passed",
            NULL, NULL),
    COUNTER("tapedeck_feed_lost_events_total", "market events the dashboard did not see", put_lost,
            NOTHING),
    COUNTER("tapedeck_symbol_events_total", "market events of the symbol", put_symbols, NULL,
            "events", "symbol"),
    COUNTER("tapedeck_symbol_gaps_total", "gaps of its book", put_symbols, NULL, "gaps", "symbol"),
    GAUGE("tapedeck_symbol_quote_age_seconds", "since its quote changed", put_symbols, NULL, "age",
          "symbol"),
    {0},
};

void td_metrics_put(const struct td_api_view *v, struct td_text *out)
{
    for (const struct td_metric_row *m = td_metrics; m->name; m++) {
        struct td_metric_out o = {v, out, m->name};
        td_text_printf(out, "# HELP %s %s\n# TYPE %s %s\n", m->name, m->help, m->name,
                       m->kind == TD_METRIC_COUNTER ? "counter" : "gauge");
        m->put(&o, m);
    }
}
