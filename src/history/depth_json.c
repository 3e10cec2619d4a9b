/* history/depth_json.c - the report as JSON: the original's keys first, then ours, then why something is missing. */
#include <math.h>
#include <stdio.h>

#include "history/depth_report.h"

#define POINTS 4

static const struct {
    const char *name;
    double q;
} points[POINTS] = {{"p05", 0.05}, {"median", 0.5}, {"p95", 0.95}, {"p99", 0.99}};

static void num(struct td_json *j, const char *key, double v)
{
    td_json_key(j, key);
    td_json_double(j, v);
}

static void count(struct td_json *j, const char *key, uint64_t v)
{
    td_json_key(j, key);
    td_json_u64(j, v);
}

static void instant(struct td_json *j, const char *key, bool known, td_ns at)
{
    td_json_key(j, key);
    if (known)
        td_json_iso(j, at);
    else
        td_json_null(j);
}

static double ratio(double part, double whole)
{
    return whole > 0 ? part / whole : (double)NAN;
}

static double minutes(td_ns from, td_ns to)
{
    return (double)(to - from) / (double)TD_MIN;
}

/* Smallest, quantiles, largest and mean, each in units of `scale` of the histogram. */
static void distribution(struct td_json *j, const struct td_histogram *h,
                         const struct td_moments *m, double scale)
{
    num(j, "min", m->n ? m->low : (double)NAN);
    for (int i = 0; i < POINTS; i++) {
        double v = 0;
        const bool known = td_histogram_quantile(h, points[i].q, &v, NULL);
        num(j, points[i].name, known ? v / scale : (double)NAN);
    }
    num(j, "max", m->n ? m->high : (double)NAN);
    num(j, "mean", td_moments_mean(m));
}

/* Median and 95th percentile of spans in seconds. */
static void spans(struct td_json *j, const struct td_histogram *h)
{
    double v = 0;
    num(j, "median_seconds",
        td_histogram_quantile(h, 0.5, &v, NULL) ? v / (double)TD_SEC : (double)NAN);
    num(j, "p95_seconds",
        td_histogram_quantile(h, 0.95, &v, NULL) ? v / (double)TD_SEC : (double)NAN);
}

/* ---- the original's keys ---- */

static void put_summary(struct td_json *j, const struct td_depth_report *r)
{
    const struct td_measure *m = &r->books;
    const bool known = m->quality.rows > 0;
    td_json_key(j, "data_summary");
    td_json_object(j);
    count(j, "total_snapshots", m->quality.rows);
    td_json_key(j, "time_range");
    td_json_object(j);
    instant(j, "start", known, m->first_ns);
    instant(j, "end", known, m->last_ns);
    td_json_object_end(j);
    num(j, "duration_minutes", known ? minutes(m->first_ns, m->last_ns) : (double)NAN);
    td_json_object_end(j);
    td_json_key(j, "order_flow_stats");
    td_json_object(j);
    num(j, "avg_spread_bps", td_moments_mean(&m->half_bps));
    num(j, "avg_volume_imbalance", td_moments_mean(&m->imbalance));
    num(j, "price_volatility", td_moments_sd(&m->mid));
    num(j, "avg_bid_volume", td_moments_mean(&m->depth[TD_BID]));
    num(j, "avg_ask_volume", td_moments_mean(&m->depth[TD_ASK]));
    td_json_object_end(j);
}

static void put_candidate(struct td_json *j, const struct td_spoof_candidate *c)
{
    td_json_object(j);
    instant(j, "timestamp", true, c->at_ns);
    td_json_key_text(j, "side", c->side == TD_BID ? "bid" : "ask");
    td_json_key_i64(j, "level", c->row);
    td_json_key_e9(j, "price", c->px.e9);
    td_json_key_e9(j, "size", c->qty.e9);
    instant(j, "removal_time", true, c->removed_ns);
    num(j, "duration_seconds", (double)(c->removed_ns - c->at_ns) / (double)TD_SEC);
    td_json_key_text(j, "type", "quick_removal");
    td_json_object_end(j);
}

static void put_spoofing(struct td_json *j, const struct td_depth_messages *m)
{
    const struct td_spoof *s = &m->spoof;
    const double hours = (double)(m->last_ns - m->first_ns) / (double)TD_HOUR;
    td_json_key(j, "spoofing_analysis");
    td_json_object(j);
    count(j, "total_events", s->candidates);
    num(j, "events_per_hour", ratio((double)s->candidates, hours));
    td_json_key(j, "events");
    td_json_array(j);
    for (size_t i = 0; i < s->shown_count; i++)
        put_candidate(j, &s->shown[i]);
    td_json_array_end(j);
    count(j, "messages", m->count);
    count(j, "adds", m->adds);
    count(j, "updates", m->updates);
    count(j, "removals", m->removals);
    count(j, "image_rows", m->images);
    count(j, "gaps_and_resets", m->marks);
    count(j, "odd_messages", m->odd);
    count(j, "late_messages", s->late);
    count(j, "adds_not_followed", s->given_up);
    td_json_object_end(j);
}

/* ---- books ---- */

static void put_spread(struct td_json *j, const struct td_measure *m)
{
    td_json_key(j, "spread");
    td_json_object(j);
    distribution(j, m->histogram[TD_H_SPREAD], &m->spread, 1e9);
    num(j, "time_weighted_mean", ratio(m->spread_seconds, m->seconds));
    td_json_key(j, "half_spread_bps");
    td_json_object(j);
    distribution(j, m->histogram[TD_H_BPS], &m->half_bps, 1e6);
    td_json_object_end(j);
    td_json_object_end(j);
}

static void put_depth(struct td_json *j, const struct td_measure *m)
{
    static const char *const sides[] = {"ask", "bid"};
    td_json_key(j, "depth");
    td_json_object(j);
    for (int side = TD_BID; side >= TD_ASK; side--) {
        td_json_key(j, sides[side]);
        td_json_object(j);
        distribution(j, m->histogram[side == TD_BID ? TD_H_BID : TD_H_ASK], &m->depth[side], 1e3);
        td_json_object_end(j);
    }
    td_json_key(j, "levels");
    td_json_array(j);
    for (int k = 0; k < TD_OFI_LEVELS && m->level_n[TD_BID][k] + m->level_n[TD_ASK][k]; k++) {
        td_json_object(j);
        td_json_key_i64(j, "level", k + 1);
        for (int side = TD_BID; side >= TD_ASK; side--) {
            const double n = (double)m->level_n[side][k];
            td_json_key(j, sides[side]);
            td_json_object(j);
            count(j, "snapshots", m->level_n[side][k]);
            num(j, "mean_size", ratio(m->level_qty[side][k], n));
            num(j, "mean_distance_to_mid", ratio(m->level_away[side][k], n));
            td_json_object_end(j);
        }
        td_json_object_end(j);
    }
    td_json_array_end(j);
    td_json_object_end(j);
}

static void put_flow(struct td_json *j, const struct td_measure *m)
{
    td_json_key(j, "order_flow_imbalance");
    td_json_object(j);
    td_json_key_text(j, "method", "Cont, Kukanov, Stoikov 2014");
    count(j, "pairs", m->flow_n[0]);
    num(j, "sum", m->flow_n[0] ? m->flow_sum[0] : (double)NAN);
    td_json_key(j, "levels");
    td_json_array(j);
    for (int k = 0; k < TD_OFI_LEVELS && m->flow_n[k]; k++) {
        const double n = (double)m->flow_n[k];
        td_json_object(j);
        td_json_key_i64(j, "level", k + 1);
        count(j, "pairs", m->flow_n[k]);
        num(j, "sum", m->flow_sum[k]);
        num(j, "mean", m->flow_sum[k] / n);
        num(j, "mean_absolute", m->flow_abs[k] / n);
        td_json_object_end(j);
    }
    td_json_array_end(j);
    td_json_object_end(j);
}

static void put_impact(struct td_json *j, const struct td_measure *m)
{
    const double r = td_pairs_correlation(&m->impact);
    td_json_key(j, "price_impact");
    td_json_object(j);
    num(j, "mean_size_within_1_percent", td_moments_mean(&m->near));
    td_json_key_i64(j, "interval_seconds", TD_MEASURE_INTERVAL / TD_SEC);
    count(j, "intervals", m->impact.n);
    num(j, "price_change_per_unit_of_ofi", td_pairs_slope(&m->impact));
    num(j, "r_squared", r * r);
    td_json_object_end(j);
}

static void put_shocks(struct td_json *j, const char *key, const struct td_measure_shocks *s,
                       const struct td_histogram *h)
{
    td_json_key(j, key);
    td_json_object(j);
    count(j, "episodes", s->begun);
    count(j, "recovered", s->back);
    count(j, "not_within_60_seconds", s->lost);
    count(j, "cut_by_a_gap", s->cut);
    spans(j, h);
    td_json_object_end(j);
}

static void put_persistence(struct td_json *j, const struct td_measure *m)
{
    td_json_key(j, "imbalance_persistence");
    td_json_object(j);
    num(j, "mean", td_moments_mean(&m->imbalance));
    num(j, "sd", td_moments_sd(&m->imbalance));
    num(j, "bid_heavy_share_of_time", ratio(m->bid_heavy_seconds, m->seconds));
    num(j, "ask_heavy_share_of_time", ratio(m->ask_heavy_seconds, m->seconds));
    num(j, "microprice_offset_in_spreads", td_moments_mean(&m->tilt));
    td_json_key(j, "autocorrelation");
    td_json_array(j);
    for (int i = 0; i < TD_LAGS; i++) {
        td_json_object(j);
        td_json_key_i64(j, "lag_snapshots", m->lagged.lag[i]);
        count(j, "pairs", m->lagged.pairs[i].n);
        num(j, "value", td_pairs_correlation(&m->lagged.pairs[i]));
        td_json_object_end(j);
    }
    td_json_array_end(j);
    td_json_key(j, "runs_of_one_sign");
    td_json_object(j);
    count(j, "runs", m->runs);
    count(j, "cut_by_a_gap", m->runs_cut);
    spans(j, m->histogram[TD_H_RUN]);
    td_json_object_end(j);
    td_json_object_end(j);
}

/* ---- volume profiles ---- */

static void put_bucket(struct td_json *j, const struct td_profile *p, const char *key, uint32_t i)
{
    td_json_key_e9(j, key, p->rows[i].bucket * p->width);
}

/* `names`: of the two amounts. `divide`: sums to means; 1 leaves them. */
static void put_profile(struct td_json *j, const char *key, const struct td_profile *p,
                        const char *const *names, double divide)
{
    uint32_t point = 0, low = 0, high = 0;
    td_json_key(j, key);
    if (p->count == 0 || !td_profile_value_area(p, 0.7, &point, &low, &high)) {
        td_json_null(j);
        return;
    }
    const int64_t tick = td_profile_tick(p);
    td_json_object(j);
    td_json_key_e9(j, "bucket", p->width > 1 ? p->width : tick ? tick : TD_E9_NONE);
    put_bucket(j, p, "point_of_control", point);
    put_bucket(j, p, "value_area_low", low);
    put_bucket(j, p, "value_area_high", high);
    num(j, names[2], p->total[0] / divide);
    num(j, names[3], p->total[1] / divide);
    td_json_key(j, "levels");
    td_json_array(j);
    for (uint32_t i = 0; i < p->count; i++) {
        td_json_object(j);
        put_bucket(j, p, "price", i);
        num(j, names[0], p->rows[i].qty[0] / divide);
        num(j, names[1], p->rows[i].qty[1] / divide);
        td_json_object_end(j);
    }
    td_json_array_end(j);
    td_json_object_end(j);
}

static void put_profiles(struct td_json *j, const struct td_depth_report *r)
{
    static const char *const resting[] = {"bid_size", "ask_size", "bid_total", "ask_total"};
    static const char *const traded[] = {"bought", "sold", "bought_total", "sold_total"};
    td_json_key(j, "volume_profile");
    td_json_object(j);
    put_profile(j, "resting", &r->books.resting, resting, (double)r->books.quality.used);
    put_profile(j, "traded", &r->trades.traded, traded, 1);
    td_json_object_end(j);
}

static void put_trades(struct td_json *j, const struct td_depth_trades *t)
{
    td_json_key(j, "events");
    if (t->rows == 0) {
        td_json_null(j);
        return;
    }
    td_json_object(j);
    count(j, "total", t->rows);
    instant(j, "start", true, t->first_ns);
    instant(j, "end", true, t->last_ns);
    for (int i = 0; i < TD_DEPTH_ACTIONS; i++)
        count(j, td_depth_action_name((enum td_depth_action)i), t->by_action[i]);
    td_json_key(j, "trades");
    td_json_object(j);
    count(j, "bought", t->count[TD_BID]);
    count(j, "sold", t->count[TD_ASK]);
    count(j, "side_not_told", t->count[2]);
    num(j, "bought_volume", t->volume[TD_BID]);
    num(j, "sold_volume", t->volume[TD_ASK]);
    num(j, "side_not_told_volume", t->volume[2]);
    count(j, "without_price_or_size", t->bad);
    td_json_object_end(j);
    count(j, "out_of_order", t->disordered);
    td_json_object_end(j);
}

/* ---- quality ---- */

static void put_gaps(struct td_json *j, const struct td_measure *m)
{
    td_json_key(j, "gaps");
    if (m->break_ns == TD_NS_NEVER || m->quality.rows == 0) {
        td_json_null(j);
        return;
    }
    td_json_object(j);
    num(j, "longer_than_seconds", (double)m->break_ns / (double)TD_SEC);
    count(j, "count", m->gaps);
    num(j, "total_seconds", (double)m->gap_sum_ns / (double)TD_SEC);
    num(j, "longest_seconds", (double)m->gap_longest_ns / (double)TD_SEC);
    td_json_key(j, "first");
    td_json_array(j);
    for (uint64_t i = 0; i < m->gaps && i < TD_MEASURE_GAPS; i++) {
        td_json_object(j);
        instant(j, "from", true, m->gap[i].from_ns);
        instant(j, "to", true, m->gap[i].to_ns);
        td_json_object_end(j);
    }
    td_json_array_end(j);
    td_json_object_end(j);
}

static void put_quality(struct td_json *j, const struct td_depth_report *r)
{
    const struct td_measure_quality *q = &r->books.quality;
    uint64_t late = 0, disordered = 0;
    for (size_t i = 0; i < r->files.count; i++)
        if (r->used[i] && r->files.files[i].kind == r->source) {
            late += r->facts[i].late;
            disordered += r->facts[i].disordered;
        }
    const struct {
        const char *key;
        uint64_t value;
    } rows[] = {{"snapshots", q->rows},
                {"used", q->used},
                {"segments", r->books.segments},
                {"left_out_empty_side", q->empty},
                {"left_out_crossed", q->crossed},
                {"left_out_locked", q->locked},
                {"left_out_bad_number", q->bad},
                {"left_out_flag_gap", q->gap_flag},
                {"left_out_flag_stale", q->stale_flag},
                {"left_out_late", late},
                {"put_in_order", disordered},
                {"same_time_as_before", q->same_time},
                {"rows_out_of_price_order", q->disorder},
                {"rows_of_equal_price", q->merged},
                {"sides_of_different_length", q->differing_lengths},
                {"generated", q->generated}};
    td_json_key(j, "quality");
    td_json_object(j);
    for (size_t i = 0; i < TD_COUNT(rows); i++)
        count(j, rows[i].key, rows[i].value);
    put_gaps(j, &r->books);
    td_json_object_end(j);
}

static void put_files(struct td_json *j, const struct td_depth_report *r)
{
    td_json_key(j, "files");
    td_json_array(j);
    for (size_t i = 0; i < r->files.count; i++) {
        const struct td_depth_source *f = &r->facts[i];
        td_json_object(j);
        td_json_key_text(j, "path", r->files.files[i].path);
        td_json_key_text(j, "kind", td_depth_kind_name(r->files.files[i].kind));
        td_json_key_bool(j, "used", r->used[i]);
        if (r->used[i]) {
            count(j, "rows", f->rows);
            instant(j, "start", f->rows > 0, f->first_ns);
            instant(j, "end", f->rows > 0, f->last_ns);
        }
        td_json_object_end(j);
    }
    td_json_array_end(j);
}

/* ---- what is missing ---- */

struct absence {
    bool missing;
    const char *key, *reason;
};

static void put_unavailable(struct td_json *j, const struct td_depth_report *r)
{
    const struct td_measure *m = &r->books;
    const bool none = m->quality.rows == 0, unused = !none && m->quality.used == 0;
    const char *const books = none ? "no snapshots: neither a live recording nor ten-level "
                                     "snapshots of a backfill have rows"
                                   : "no snapshot is to be believed; quality says why";
    const char *const trades = r->files.counts[TD_DEPTH_EVENTS]
                                   ? "the event table has no trades"
                                   : "no event table of a backfill; recordings hold no trades";
    const struct absence rows[] = {
        {none, "data_summary.time_range", books},
        {none || unused, "order_flow_stats", books},
        {!none && m->quality.used == 1, "order_flow_stats.price_volatility",
         "one snapshot has no deviation"},
        {r->messages.count == 0, "spoofing_analysis", "no messages file of a recording has rows"},
        {r->messages.count && r->messages.last_ns == r->messages.first_ns,
         "spoofing_analysis.events_per_hour", "all messages are of one instant"},
        {!none && !unused && m->seconds <= 0, "spread.time_weighted_mean",
         "no time passes between two believed snapshots"},
        {!none && !unused && m->flow_n[0] == 0, "order_flow_imbalance.sum",
         "no two believed snapshots follow each other"},
        {!none && !unused && isnan(td_pairs_slope(&m->impact)),
         "price_impact.price_change_per_unit_of_ofi",
         "below three whole intervals, or the flow was the same in all"},
        {!none && !unused && isnan(td_pairs_correlation(&m->impact)), "price_impact.r_squared",
         "below three whole intervals, or flow or price were the same in all"},
        {!none && m->spread_shocks.back == 0, "resiliency.spread.median_seconds",
         "no widening was followed by a recovery"},
        {!none && m->depth_shocks.back == 0, "resiliency.depth.median_seconds",
         "no loss of half the depth was followed by a recovery"},
        {!none && m->runs == 0, "imbalance_persistence.runs_of_one_sign.median_seconds",
         "no run ended within a segment"},
        {none || unused, "volume_profile.resting", books},
        {r->trades.traded.count == 0, "volume_profile.traded", trades},
        {r->trades.rows == 0, "events", trades},
        {r->trades.legacy_files > 0, "events.trades.sold",
         "an event table of the old mapping does not tell sellers; they are in side_not_told"},
        {!none && m->break_ns == TD_NS_NEVER, "quality.gaps",
         "snapshots come with events: silence is no proof of loss"},
    };
    td_json_key(j, "unavailable");
    td_json_object(j);
    for (size_t i = 0; i < TD_COUNT(rows); i++)
        if (rows[i].missing)
            td_json_key_text(j, rows[i].key, rows[i].reason);
    td_json_object_end(j);
}

void td_depth_report_json(const struct td_depth_report *r, struct td_json *j)
{
    const struct td_measure *m = &r->books;
    td_json_object(j);
    td_json_key_text(j, "symbol", r->symbol);
    instant(j, "analysis_timestamp", true, r->made_ns);
    put_summary(j, r);
    if (r->messages.count)
        put_spoofing(j, &r->messages);
    td_json_key_text(j, "date", r->day);
    td_json_key_text(j, "source",
                     r->source == TD_DEPTH_OTHER ? NULL : td_depth_kind_name(r->source));
    td_json_key_i64(j, "levels", m->levels);
    put_spread(j, m);
    put_depth(j, m);
    put_flow(j, m);
    put_impact(j, m);
    td_json_key(j, "resiliency");
    td_json_object(j);
    put_shocks(j, "spread", &m->spread_shocks, m->histogram[TD_H_SPREAD_BACK]);
    put_shocks(j, "depth", &m->depth_shocks, m->histogram[TD_H_DEPTH_BACK]);
    td_json_object_end(j);
    put_persistence(j, m);
    put_profiles(j, r);
    put_trades(j, &r->trades);
    put_quality(j, r);
    put_files(j, r);
    put_unavailable(j, r);
    td_json_object_end(j);
}
