/* desk/desk_money_status.c - breakers, stops, data, trips and the kill switch as JSON, for `tapedeck status`. */
#include "desk/desk_inner.h"

#define STOPS_TOLD 20

/* Seconds since something that was; null when it never was. */
static void put_age(struct td_json *j, const char *key, td_ns age)
{
    td_json_key(j, key);
    if (age == TD_NS_NEVER)
        td_json_null(j);
    else
        td_json_double(j, (double)age / (double)TD_SEC);
}

static void put_breakers(const struct td_desk *d, struct td_json *j)
{
    td_json_key(j, "circuit_breakers");
    td_json_array(j);
    for (uint32_t i = 0; i < d->breakers.count; i++) {
        struct td_breaker_stats s;
        td_breaker_read(&d->breakers.rows[i], td_world_mono(d->world), &s);
        td_json_object(j);
        td_json_key_text(j, "name", s.name);
        td_json_key_text(j, "state", s.state);
        td_json_key_i64(j, "total_calls", (int64_t)s.total_calls);
        td_json_key_i64(j, "successful_calls", (int64_t)s.successful_calls);
        td_json_key_i64(j, "failed_calls", (int64_t)s.failed_calls);
        td_json_key_i64(j, "consecutive_failures", s.consecutive_failures);
        td_json_key_i64(j, "consecutive_successes", s.consecutive_successes);
        td_json_key_i64(j, "times_opened", (int64_t)s.times_opened);
        td_json_key_i64(j, "times_recovered", (int64_t)s.times_recovered);
        td_json_key(j, "failure_rate");
        td_json_double(j, s.failure_rate);
        put_age(j, "state_duration", s.state_duration);
        put_age(j, "last_failure_ago", s.last_failure_ago);
        put_age(j, "last_success_ago", s.last_success_ago);
        td_json_object_end(j);
    }
    td_json_array_end(j);
}

static void put_stops(const struct td_desk *d, struct td_json *j)
{
    const struct td_guard_stats *s = &d->guards.stats;
    int told = 0;
    td_json_key(j, "stop_loss");
    td_json_object(j);
    td_json_key_i64(j, "total_stops", (int64_t)s->total_stops);
    td_json_key_i64(j, "active_stops", s->active_stops);
    td_json_key_i64(j, "triggered_today", s->triggered_today);
    td_json_key_i64(j, "executed_today", s->executed_today);
    td_json_key_i64(j, "failed_today", s->failed_today);
    td_json_key_i64(j, "trailing_adjustments_today", s->trailing_adjustments_today);
    put_age(j, "average_trigger_time",
            s->executed_today ? s->trigger_time_sum / s->executed_today : TD_NS_NEVER);
    /* What a stop prevented is what would have been: nobody knows it. */
    td_json_key_text(j, "total_prevented_loss", NULL);
    td_json_key_text(j, "largest_prevented_loss", NULL);
    td_json_key(j, "stops");
    td_json_array(j);
    for (uint32_t h = 0; h < d->blotter.holding_count && told < STOPS_TOLD; h++) {
        const struct td_guard_watch *w = &d->guards.rows[h];
        if (!td_guard_is_active(w) && w->state != TD_GUARD_FAILED)
            continue;
        td_json_object(j);
        td_json_key_text(j, "symbol", d->blotter.holdings[h].symbol);
        td_json_key_text(j, "type", td_guard_kind_word(w->terms.kind));
        td_json_key_text(j, "state", td_guard_state_word((enum td_guard_state)w->state));
        td_json_key_e9(j, "quantity", w->terms.qty.e9);
        td_json_key_e9(j, "stop", w->terms.stop.e9);
        td_json_key_bool(j, "stale", d->guards.stale[h]);
        td_json_object_end(j);
        told++;
    }
    td_json_array_end(j);
    td_json_object_end(j);
}

static void put_data(const struct td_desk *d, struct td_json *j)
{
    struct td_data_counts sum = {0};
    for (uint32_t i = 0; i < d->market.count; i++) {
        const struct td_data_counts *c = &d->data.quotes[i].counts;
        sum.total_validations += c->total_validations;
        sum.passed += c->passed;
        sum.failed_stale += c->failed_stale;
        sum.failed_spread += c->failed_spread;
        sum.failed_price += c->failed_price;
        sum.failed_volume += c->failed_volume;
        sum.failed_anomaly += c->failed_anomaly;
    }
    td_json_key(j, "data_validation");
    td_json_object(j);
    td_json_key_i64(j, "total_validations", (int64_t)sum.total_validations);
    td_json_key_i64(j, "passed", (int64_t)sum.passed);
    td_json_key_i64(j, "failed_stale", (int64_t)sum.failed_stale);
    td_json_key_i64(j, "failed_spread", (int64_t)sum.failed_spread);
    td_json_key_i64(j, "failed_price", (int64_t)sum.failed_price);
    td_json_key_i64(j, "failed_volume", (int64_t)sum.failed_volume);
    td_json_key_i64(j, "failed_anomaly", (int64_t)sum.failed_anomaly);
    td_json_key_i64(j, "dropped", (int64_t)d->data.dropped);
    td_json_object_end(j);
}

static void put_trips(struct td_desk *d, struct td_json *j)
{
    struct td_trip_sum s;
    const struct td_trips *t = desk_trips(d);
    td_trips_sum(t, &d->blotter, NULL, &s);
    td_json_key(j, "round_trips");
    td_json_object(j);
    td_json_key_i64(j, "trips", s.trips);
    td_json_key_i64(j, "wins", s.wins);
    td_json_key_i64(j, "losses", s.losses);
    td_json_key_i64(j, "consecutive_losses", s.losses_in_row);
    td_json_key_e9(j, "net", s.net.e9);
    td_json_key_e9(j, "fees", s.fees.e9);
    td_json_key_i64(j, "unmatched", t->unmatched);
    td_json_key_i64(j, "fees_compared", d->money.compared);
    td_json_key_i64(j, "fees_that_differed", d->money.differed);
    td_json_object_end(j);
}

static void put_kill_values(const struct td_kill_values *v, struct td_json *j)
{
    for (int i = 0; i < TD_KILL_COUNT; i++) {
        const bool part = i != TD_KILL_LOSING_STREAK && i != TD_KILL_BAD_DATA;
        const int64_t value = v->value[i];
        td_json_key_e9(j, td_kill_word((enum td_kill_rule)i),
                       part || value == TD_E9_NONE ? value : value * TD_E9);
    }
}

static void put_kill_switch(const struct td_desk *d, struct td_json *j)
{
    td_json_key(j, "kill_switch");
    td_json_object(j);
    put_kill_values(&d->money.values, j);
    td_json_key(j, "limits"); /* 0: off */
    td_json_object(j);
    put_kill_values(&d->money.kill.limits, j);
    td_json_object_end(j);
    td_json_key_e9(j, "worst_drawdown", d->money.curve.worst_e9);
    td_json_object_end(j);
}

void desk_put_money(struct td_desk *d, struct td_json *j)
{
    put_breakers(d, j);
    put_stops(d, j);
    put_data(d, j);
    put_trips(d, j);
    put_kill_switch(d, j);
}
