/* desk/desk_alerts.c - alerts of the desk: what the rules are asked about, what goes to people, what a person has seen. */
#include <math.h>
#include <stdio.h>

#include "desk/desk_inner.h"

static bool enabled(const struct td_desk *d)
{
    const struct td_monitoring *m = d->config.monitoring;
    return d->config.settings->monitoring && (!m || m->enabled);
}

/* --- opening --- */

static bool wants_vitals(const struct td_rules *rules)
{
    for (uint32_t i = 0; i < rules->count; i++)
        if (rules->rows[i].active &&
            (rules->rows[i].metric == TD_METRIC_CPU || rules->rows[i].metric == TD_METRIC_MEMORY))
            return true;
    return false;
}

static td_ns interval(const struct td_desk *d)
{
    const struct td_monitoring *m = d->config.monitoring;
    return (m && m->interval_s ? m->interval_s : d->config.settings->health_check_s) * TD_SEC;
}

static void take_rules(struct td_desk *d)
{
    const struct td_monitoring *m = d->config.monitoring;
    if (!m || !enabled(d))
        return;
    memcpy(d->watch.rules.rows, m->rules, sizeof m->rules);
    d->watch.rules.count = m->count;
}

enum td_err desk_open_alerts(struct td_desk *d, struct td_fail *why)
{
    const struct td_settings *s = d->config.settings;
    for (int m = 0; m < TD_METRIC_COUNT; m++)
        d->watch.values[m] = (double)NAN;
    take_rules(d);
    if (d->config.inline_writer || !enabled(d))
        return TD_OK; /* a simulated world has no threads, and nobody to tell */
    td_settings_secrets(d->watch.secrets, TD_COUNT(d->watch.secrets));
    const struct td_courier_config config = {.desk = d->world,
                                             .state = d->config.state,
                                             .file = s->alert_file,
                                             .desktop = s->alert_desktop,
                                             .bus = s->session_bus,
                                             .webhook = s->alert_webhook,
                                             .ca_file = s->ca_file,
                                             .smtp = s->alert_smtp,
                                             .smtp_user = s->alert_smtp_user,
                                             .smtp_password = s->alert_smtp_password,
                                             .from = s->alert_from,
                                             .to = s->alert_email,
                                             .version = d->config.version,
                                             .secrets = d->watch.secrets,
                                             .per_hour = s->alert_per_hour,
                                             .vitals =
                                                 wants_vitals(&d->watch.rules) ? interval(d) : 0};
    return td_courier_open(&d->watch.courier, &config, why);
}

void desk_close_alerts(struct td_desk *d)
{
    td_courier_close(d->watch.courier);
    d->watch.courier = NULL;
}

/* --- telling --- */

static void post(struct td_desk *d, struct td_notice *n)
{
    n->at = td_world_now(d->world);
    (void)snprintf(n->account, sizeof n->account, "%s", d->account);
    (void)snprintf(n->mode, sizeof n->mode, "%s", desk_mode_word(d));
    (void)td_courier_post(d->watch.courier, n); /* one that is dropped is counted, and in the log */
}

static void on_rule(void *arg, const struct td_rule *rule, const struct td_rule_state *state,
                    bool over)
{
    struct td_desk *d = arg;
    struct td_notice n = {.over = over,
                          .rule = true,
                          .severity = rule->severity,
                          .value = state->value,
                          .threshold = rule->threshold};
    (void)snprintf(n.alert, sizeof n.alert, "%s", rule->name);
    td_rule_text(rule, state->value, n.text, sizeof n.text);
    if (over)
        td_logf(d->log, TD_LOG_INFO, TD_LOG_TRADING, "alert_over", "%s: %s is %.10g", rule->name,
                td_metric_word((enum td_metric)rule->metric), state->value);
    else
        td_logf(d->log, rule->severity >= TD_SEVERITY_ERROR ? TD_LOG_ERROR : TD_LOG_WARN,
                TD_LOG_TRADING, "alert", "%s (%s): %s", rule->name,
                td_severity_word((enum td_severity)rule->severity), n.text);
    post(d, &n);
}

static void tell_operational(struct td_desk *d, int kind, bool over)
{
    const struct td_alert *a = &d->conn.alerts.rows[kind];
    struct td_notice n = {.over = over,
                          .severity = TD_SEVERITY_CRITICAL,
                          .value = (double)NAN,
                          .threshold = (double)NAN};
    (void)snprintf(n.alert, sizeof n.alert, "%s", td_alert_word((enum td_alert_kind)kind));
    (void)snprintf(n.text, sizeof n.text, "%s", a->text);
    (void)snprintf(n.action, sizeof n.action, "%.239s", td_alert_action((enum td_alert_kind)kind));
    post(d, &n);
}

/* The log is told by alert.c at once; here follows who is not at the log. One that came and went within a second is told, too. */
static void look_at_operational(struct td_desk *d)
{
    for (int k = 0; k < TD_ALERT_COUNT; k++) {
        const struct td_alert *a = &d->conn.alerts.rows[k];
        struct desk_seen *s = &d->watch.seen[k];
        if (a->raised != s->raised) { /* another one, which nobody has seen */
            s->acknowledged = 0;
            s->note[0] = '\0';
            s->raised = a->raised;
        }
        if (a->told != s->told && !s->acknowledged) {
            tell_operational(d, k, false);
            s->out = true;
        }
        s->told = a->told;
        if (a->active)
            continue;
        if (s->out)
            tell_operational(d, k, true);
        s->out = false;
        s->acknowledged = 0;
        s->note[0] = '\0';
    }
}

/* --- what is known --- */

static double percent(int64_t part_e9)
{
    return part_e9 == TD_E9_NONE ? (double)NAN : 100.0 * td_e9_to_double(part_e9);
}

static double seconds(td_ns span)
{
    return (double)span / (double)TD_SEC;
}

static double quote_age(const struct td_desk *d)
{
    double most = (double)NAN;
    for (uint32_t i = 0; i < d->market.count; i++) {
        const td_ns silent = td_market_silent(&d->market, i, TD_FOR_QUOTES);
        if (td_market_open(&d->market, i) != TD_HOURS_OPEN || silent == TD_NS_NEVER)
            continue;
        most = isnan(most) || seconds(silent) > most ? seconds(silent) : most;
    }
    return most;
}

/* Since when the disk has been behind what was queued at some look. */
static double journal_lag(struct td_desk *d, td_ns mono)
{
    struct desk_watch *w = &d->watch;
    const uint64_t durable = td_writer_durable(d->writer), queued = d->blotter.last_seq;
    if (durable >= w->lag_seq) {
        w->lag_seq = queued;
        w->lag_mono = mono;
    }
    return durable >= queued ? 0 : seconds(mono - w->lag_mono);
}

static void read_orders(struct td_desk *d, td_ns mono, double *values)
{
    struct desk_watch *w = &d->watch;
    struct td_breaker_stats s;
    td_breaker_read(&d->breakers.rows[BREAKER_ORDERS], mono, &s);
    const uint64_t done = s.successful_calls + s.failed_calls;
    if (done) {
        values[TD_METRIC_ERROR_RATE] = 100.0 * (double)s.failed_calls / (double)done;
        values[TD_METRIC_SUCCESS_RATE] = 100.0 - values[TD_METRIC_ERROR_RATE];
    }
    /* Counts of a minute ago: one row a second. */
    const uint64_t refused = d->result.denied + s.failed_calls;
    const uint32_t row = (uint32_t)(w->ticks % DESK_WATCH_SECONDS);
    values[TD_METRIC_REFUSED] =
        (double)(refused - (w->ticks < DESK_WATCH_SECONDS ? 0 : w->refused[row]));
    w->refused[row] = refused;
    w->ticks++;
}

static void read_money(struct td_desk *d, double *values)
{
    td_px marks[TD_LINES_MAX];
    td_cash pnl;
    desk_marks(d, marks);
    if (td_blotter_day_pnl(&d->blotter, marks, &pnl) == TD_OK && !td_cash_is_none(pnl)) {
        values[TD_METRIC_PNL] = td_e9_to_double(pnl.e9);
        values[TD_METRIC_DAY_LOSS] = pnl.e9 < 0 ? -td_e9_to_double(pnl.e9) : 0;
    }
    values[TD_METRIC_DRAWDOWN] = percent(d->money.values.value[TD_KILL_DRAWDOWN]);
}

static void read_values(struct td_desk *d, td_ns mono)
{
    double *values = d->watch.values;
    uint64_t bytes;
    for (int m = 0; m < TD_METRIC_COUNT; m++)
        values[m] = (double)NAN;
    td_courier_vitals(d->watch.courier, &values[TD_METRIC_CPU], &values[TD_METRIC_MEMORY]);
    read_orders(d, mono, values);
    read_money(d, values);
    if (d->gateway_time && d->gateway_time_mono >= d->time_asked_mono)
        values[TD_METRIC_LATENCY] = 1000.0 * seconds(d->gateway_time_mono - d->time_asked_mono);
    values[TD_METRIC_QUOTE_AGE] = quote_age(d);
    values[TD_METRIC_JOURNAL_LAG] = journal_lag(d, mono);
    if (td_disk_free(d->world, d->config.state, &bytes) == TD_OK)
        values[TD_METRIC_DISK_FREE] = (double)(bytes >> 20);
    values[TD_METRIC_UNKNOWN_ORDERS] = d->blotter.unknown_orders;
    values[TD_METRIC_FROZEN] = d->blotter.frozen_holdings;
    values[TD_METRIC_ALERTS] = td_alerts_active(&d->conn.alerts);
    values[TD_METRIC_HALTED] = d->blotter.halted;
}

void desk_tend_alerts(struct td_desk *d, td_ns mono)
{
    struct desk_watch *w = &d->watch;
    enum td_courier_sink sink;
    char text[120];
    look_at_operational(d);
    if (w->rules.count) {
        read_values(d, mono);
        if (mono >= w->look_mono) {
            const struct td_rules_at at = {mono, td_world_now(d->world)};
            w->look_mono = mono + interval(d);
            td_rules_look(&w->rules, w->values, &at, on_rule, d);
        }
    }
    while (td_courier_next(w->courier, &sink, text, sizeof text))
        td_logf(d->log, TD_LOG_WARN, TD_LOG_TRADING, "alert_not_delivered", "%s: %s",
                td_courier_sink_word(sink), text);
}

/* --- a person --- */

const char *desk_acknowledge(struct td_desk *d, struct td_str word, struct td_str note)
{
    const td_ns now = td_world_now(d->world);
    bool found = td_rules_acknowledge(&d->watch.rules, word, note, now) == TD_OK;
    for (int k = 0; k < TD_ALERT_COUNT; k++) {
        struct desk_seen *s = &d->watch.seen[k];
        const struct td_alert *a = &d->conn.alerts.rows[k];
        if (!a->active || !td_str_is(word, td_alert_word((enum td_alert_kind)k)))
            continue;
        if (a->told != s->told) { /* raised within this second: it is told, then seen */
            tell_operational(d, k, false);
            s->out = true;
        }
        s->told = a->told;
        s->raised = a->raised;
        s->acknowledged = now;
        (void)td_str_copy(note, s->note, sizeof s->note);
        found = true;
    }
    if (!found)
        return "no alert of that name is active; tapedeck status shows those that are";
    td_logf(d->log, TD_LOG_INFO, TD_LOG_TRADING, "alert_seen", "%.*s: %.*s", TD_STR_ARG(word),
            TD_STR_ARG(note));
    return NULL;
}

/* --- status --- */

static void put_seen(struct td_json *j, td_ns at, const char *note)
{
    td_json_key(j, "acknowledged");
    if (at)
        td_json_iso(j, at);
    else
        td_json_null(j);
    td_json_key_text(j, "note", at && *note ? note : NULL);
}

static void put_operational(const struct td_desk *d, int k, struct td_json *j)
{
    const struct td_alert *a = &d->conn.alerts.rows[k];
    td_json_object(j);
    td_json_key_text(j, "word", td_alert_word((enum td_alert_kind)k));
    td_json_key_text(j, "kind", "operational");
    td_json_key_text(j, "severity", td_severity_word(TD_SEVERITY_CRITICAL));
    td_json_key(j, "since");
    td_json_iso(j, a->since);
    td_json_key_i64(j, "tries", a->tries);
    td_json_key(j, "next_try");
    if (a->next_try)
        td_json_iso(j, a->next_try);
    else
        td_json_null(j);
    td_json_key_text(j, "text", a->text);
    td_json_key_text(j, "action", td_alert_action((enum td_alert_kind)k));
    put_seen(j, d->watch.seen[k].acknowledged, d->watch.seen[k].note);
    td_json_object_end(j);
}

static void put_rule(const struct td_rule *rule, const struct td_rule_state *s, struct td_json *j)
{
    char text[240];
    td_rule_text(rule, s->value, text, sizeof text);
    td_json_object(j);
    td_json_key_text(j, "word", rule->name);
    td_json_key_text(j, "kind", "rule");
    td_json_key_text(j, "severity", td_severity_word((enum td_severity)rule->severity));
    td_json_key(j, "since");
    td_json_iso(j, s->since);
    td_json_key_i64(j, "tries", 0);
    td_json_key_text(j, "next_try", NULL);
    td_json_key_text(j, "text", text);
    td_json_key_text(j, "action", "a rule of USER_SETTINGS_FILE");
    td_json_key_text(j, "metric", td_metric_word((enum td_metric)rule->metric));
    td_json_key(j, "value");
    td_json_double(j, s->value);
    td_json_key(j, "threshold");
    td_json_double(j, rule->threshold);
    put_seen(j, s->acknowledged, s->note);
    td_json_object_end(j);
}

static void put_deliveries(const struct td_desk *d, struct td_json *j)
{
    const struct td_courier *c = d->watch.courier;
    td_json_key(j, "deliveries");
    td_json_array(j);
    for (int s = 0; s < TD_SINK_COUNT; s++) {
        const struct td_delivery *one = td_courier_delivery(c, (enum td_courier_sink)s);
        if (!one->on)
            continue;
        td_json_object(j);
        td_json_key_text(j, "sink", td_courier_sink_word((enum td_courier_sink)s));
        td_json_key_i64(j, "sent", (int64_t)one->sent);
        td_json_key_i64(j, "failed", (int64_t)one->failed);
        td_json_key_i64(j, "held_back", (int64_t)one->held);
        td_json_key_i64(j, "dropped", (int64_t)one->dropped);
        td_json_key_text(j, "last_error", one->last_error[0] ? one->last_error : NULL);
        td_json_key(j, "last_at");
        if (one->last_at)
            td_json_iso(j, one->last_at);
        else
            td_json_null(j);
        td_json_object_end(j);
    }
    td_json_array_end(j);
    td_json_key_i64(j, "alerts_dropped", (int64_t)td_courier_dropped(c));
}

void desk_put_alerts(const struct td_desk *d, struct td_json *j)
{
    const struct td_rules *r = &d->watch.rules;
    td_json_key(j, "alerts");
    td_json_array(j);
    for (int k = 0; k < TD_ALERT_COUNT; k++)
        if (d->conn.alerts.rows[k].active)
            put_operational(d, k, j);
    for (uint32_t i = 0; i < r->count; i++)
        if (r->states[i].firing)
            put_rule(&r->rows[i], &r->states[i], j);
    td_json_array_end(j);
    td_json_key_i64(j, "alert_rules", r->count);
    put_deliveries(d, j);
}
