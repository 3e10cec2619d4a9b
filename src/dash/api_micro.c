/* dash/api_micro.c - order flow, spread and momentum of one symbol, from what the dashboard watches now.
 *
 * Formulas: imbalance (B - A) / (B + A) over the best five rows; pressure the same over all rows shown, each weighted with
 * exp(-100 x distance to the middle / middle); momentum over the last 20 prints. Averages over time are not kept.
 * Source: contracts 10.9.
 */
#include <math.h>
#include <string.h>

#include "dash/api_answers.h"
#include "dash/api_money.h"

#define LEVELS    5
#define PRINTS    20
#define NOT_KEPT  "the dashboard keeps no averages of books"
#define NO_BOOK   "no book of both sides is there"
#define NO_QUOTE  "no quote of both sides is there"
#define NO_PRINTS "two prints are needed"
#define NO_SYMBOL "no symbol is watched"
#define NO_RATING "no rule of tapedeck names it"
#define FLOW_ACTS 0.3 /* of the strategy `ofi` */
#define MOVES     0.6 /* of the strategy of tick momentum */

struct pressure {
    double flow, weighted; /* NaN: no book */
};

static double price_of(const struct td_level *l)
{
    return td_e9_to_double(l->px.e9);
}

static void look_at_book(const struct td_watch_symbol *s, struct pressure *p)
{
    double top[2] = {0, 0}, all[2] = {0, 0};
    p->flow = p->weighted = (double)NAN;
    if (!s || !s->book.rows[TD_BID] || !s->book.rows[TD_ASK])
        return;
    const double mid =
        (price_of(&s->book.side[TD_BID][0]) + price_of(&s->book.side[TD_ASK][0])) / 2;
    for (int side = 0; side < 2; side++)
        for (int32_t i = 0; i < s->book.rows[side] && i < TD_FEED_LEVELS; i++) {
            const struct td_level *l = &s->book.side[side][i];
            const double qty = td_e9_to_double(l->qty.e9);
            top[side] += i < LEVELS ? qty : 0;
            all[side] += mid > 0 ? qty * exp(-100 * fabs(price_of(l) - mid) / mid) : 0;
        }
    if (top[TD_BID] + top[TD_ASK] > 0)
        p->flow = (top[TD_BID] - top[TD_ASK]) / (top[TD_BID] + top[TD_ASK]);
    if (all[TD_BID] + all[TD_ASK] > 0)
        p->weighted = (all[TD_BID] - all[TD_ASK]) / (all[TD_BID] + all[TD_ASK]);
}

static const char *side_word(double value, double limit, const char *up, const char *down)
{
    return value > limit ? up : value < -limit ? down : "neutral";
}

static void put_flow(struct td_json *j, const struct pressure *p)
{
    td_json_key(j, "order_flow_imbalance");
    td_json_object(j);
    api_real(j, "current", p->flow, NO_BOOK);
    api_null(j, "avg_1h", NOT_KEPT);
    api_null(j, "trend", NOT_KEPT);
    if (isnan(p->flow))
        api_null(j, "signal", NO_BOOK);
    else
        td_json_key_text(j, "signal", side_word(p->flow, FLOW_ACTS, "BUY", "SELL"));
    td_json_object_end(j);
    api_real(j, "book_pressure", p->weighted, NO_BOOK);
}

static void put_spread(struct td_json *j, const struct td_watch_symbol *s)
{
    double bps = (double)NAN;
    if (s && !td_px_is_none(s->quote.bid) && !td_px_is_none(s->quote.ask)) {
        const double bid = td_e9_to_double(s->quote.bid.e9), ask = td_e9_to_double(s->quote.ask.e9);
        bps = bid + ask > 0 ? 20000 * (ask - bid) / (bid + ask) : bps;
    }
    td_json_key(j, "spread_analysis");
    td_json_object(j);
    api_real(j, "current_bps", bps, NO_QUOTE);
    api_null(j, "avg_bps", NOT_KEPT);
    api_null(j, "widening", NOT_KEPT);
    api_null(j, "liquidity", NO_RATING);
    td_json_object_end(j);
}

struct momentum {
    uint32_t prints;
    double score;    /* rises less falls, of all changes; NaN: none */
    double strength; /* mean absolute change, basis points */
    int last;        /* 1 up, -1 down */
};

static void look_at_prints(const struct td_watch_symbol *s, struct momentum *m)
{
    double rises = 0, falls = 0, moved = 0, before = 0;
    *m = (struct momentum){0, (double)NAN, (double)NAN, 0};
    const uint64_t seen = s ? s->trades_seen : 0;
    const uint64_t first = seen > PRINTS ? seen - PRINTS : 0;
    for (uint64_t n = first; n < seen; n++) {
        const double px = td_e9_to_double(s->trades[n % TD_WATCH_TRADES].trade.px.e9);
        const double change = m->prints && before > 0 ? px / before - 1 : 0;
        rises += change > 0;
        falls += change < 0;
        moved += fabs(change);
        m->last = change > 0 ? 1 : change < 0 ? -1 : m->last;
        before = px;
        m->prints++;
    }
    if (m->prints < 2)
        return;
    m->score = rises + falls > 0 ? (rises - falls) / (rises + falls) : 0;
    m->strength = 10000 * moved / (m->prints - 1);
}

static void put_momentum(struct td_json *j, const struct momentum *m)
{
    if (m->prints < 2)
        api_null(j, "tick_direction", NO_PRINTS);
    else
        td_json_key_text(j, "tick_direction", m->last > 0 ? "up" : m->last < 0 ? "down" : "flat");
    td_json_key(j, "tick_momentum");
    td_json_object(j);
    api_real(j, "score", m->score, NO_PRINTS);
    if (m->prints < 2)
        api_null(j, "direction", NO_PRINTS);
    else
        td_json_key_text(j, "direction", side_word(m->score, MOVES, "up", "down"));
    api_real(j, "strength", m->strength, NO_PRINTS);
    td_json_key_i64(j, "trades_analyzed", m->prints);
    td_json_object_end(j);
}

static void put_ensemble(struct td_json *j, const struct td_api_view *v)
{
    struct api_sql q;
    td_json_key(j, "ensemble_metrics");
    td_json_object(j);
    api_null(j, "combined_score", "no ensemble of microstructure strategies runs");
    api_null(j, "confidence", "no ensemble of microstructure strategies runs");
    (void)api_ask(v, &q, "SELECT COUNT(*) FROM signals WHERE timestamp >= ?1");
    api_bind_time(&q, 1, v->now - TD_MIN);
    const bool counted = api_step(&q);
    api_real(j, "active_signals", counted ? api_cell_real(&q, 0) : (double)NAN, q.why);
    api_done(&q);
    (void)api_ask(v, &q,
                  "SELECT timestamp, symbol, strategy, signal_type FROM signals"
                  " ORDER BY id DESC LIMIT 1");
    if (api_step(&q)) {
        td_json_key(j, "last_signal");
        td_json_object(j);
        api_cells(j, &q);
        td_json_object_end(j);
        td_json_key_text(j, "reason", "a signal without a strategy came from outside");
    } else {
        api_null(j, "last_signal", q.failed ? q.why : "no strategy has wanted anything yet");
    }
    api_done(&q);
    td_json_object_end(j);
}

static void put_today(struct td_json *j, const struct td_api_view *v)
{
    struct td_trip_sum sum = {0};
    char why[160] = "";
    struct api_trips *t = api_trips_load(v, "", why, sizeof why);
    if (t)
        api_trips_sum(t, NULL, 0, api_day_start(v, 0), &sum);
    const uint32_t ended = sum.wins + sum.losses;
    td_json_key(j, "performance");
    td_json_object(j);
    td_json_key_text(j, "scope", "all strategies, round trips that ended today");
    api_real(j, "trades_today", t ? sum.trips : (double)NAN, why);
    api_real(j, "win_rate", ended ? (double)sum.wins / ended : (double)NAN,
             t ? "no round trip has ended today with a profit or a loss" : why);
    api_null(j, "avg_profit_bps", "round trips are kept in money alone");
    api_null(j, "sharpe_ratio", "one day has no deviation of days");
    td_json_object_end(j);
    api_trips_free(t);
}

/* The symbol that was asked for, else the first. */
static const struct td_watch_symbol *choose(const struct td_api_view *v, const char *symbol)
{
    if (!v->watch || !v->watch->count)
        return NULL;
    return *symbol ? td_watch_find(v->watch, td_str_of(symbol)) : &v->watch->symbols[0];
}

void api_micro(const struct td_api_call *call, struct td_api_answer *out)
{
    char symbol[API_SYMBOL_MAX];
    struct pressure p;
    struct momentum m;
    struct td_json j;
    if (!api_query_symbol(call, symbol, out))
        return;
    const struct td_watch_symbol *s = choose(call->view, symbol);
    look_at_book(s, &p);
    look_at_prints(s, &m);
    api_begin(&j, out);
    if (s)
        td_json_key_text(&j, "symbol", s->symbol);
    else
        api_null(&j, "symbol", *symbol ? "this symbol is not watched" : NO_SYMBOL);
    put_flow(&j, &p);
    put_spread(&j, s);
    put_momentum(&j, &m);
    put_ensemble(&j, call->view);
    put_today(&j, call->view);
    api_end(&j, out);
}
