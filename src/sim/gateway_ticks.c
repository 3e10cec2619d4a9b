/* sim/gateway_ticks.c - ticks of the past, and how volume lies over prices.
 *
 * Ticks come from the tape itself, played again from the start of its day into a ring: recorded days as recorded,
 * generated ones with the same seed. The walk before a generated tape's first day has no ticks: the answer is empty.
 * An answer goes on to the end of its last second (to the start of its first one when it is bounded by its end), as
 * the broker's, and never past the market clock.
 * The histogram puts the volume of each minute bar at its close, in steps of the price increment.
 * Source: tws-protocol 4.3, 4.4, 6.
 */
#include "sim/gateway_inner.h"

#include <stdlib.h>
#include <string.h>

#define ASKED_MAX 1000
#define FAILED    "Failed to request historical ticks:"

enum what { TRADES, BID_ASK, MIDPOINT };

struct query {
    td_ns from, to; /* [from, to); the ring keeps the newest */
    int32_t count;
    uint8_t what;
    bool rth, ignore_size, forward, with_unreported;
    /* result */
    uint32_t head, stored; /* ring in g->ticks */
};

static bool is_regular(const struct td_venue_hours *h, td_ns at)
{
    return at >= h->open && at < h->close;
}

/* True when the event is a tick of the kind that is asked for. */
static bool wanted(const struct query *q, const struct td_event *ev, struct td_quote *last)
{
    if (q->what == TRADES)
        return ev->kind == TD_EV_TRADE && (q->with_unreported || !ev->trade.unreported);
    if (ev->kind != TD_EV_QUOTE || td_px_is_none(ev->quote.bid) || td_px_is_none(ev->quote.ask))
        return false;
    const bool prices = ev->quote.bid.e9 != last->bid.e9 || ev->quote.ask.e9 != last->ask.e9;
    *last = ev->quote;
    return prices || (q->what == BID_ASK && !q->ignore_size);
}

static void store(struct td_gateway *g, struct query *q, const struct td_event *ev)
{
    const uint32_t at = (q->head + q->stored) % TD_GW_TICK_ROWS;
    if (q->stored == TD_GW_TICK_ROWS)
        q->head = (q->head + 1) % TD_GW_TICK_ROWS;
    else
        q->stored++;
    struct td_tws_historical_tick *t = &g->ticks[at];
    *t = (struct td_tws_historical_tick){.time_s = ev->venue_ns / TD_SEC};
    if (ev->kind == TD_EV_TRADE) {
        memcpy(g->tick_venues[at], ev->trade.exchange, TD_MAKER_CHARS);
        size_t n = 0;
        while (n < TD_MAKER_CHARS && g->tick_venues[at][n])
            n++;
        t->price = ev->trade.px;
        t->size = ev->trade.qty;
        t->unreported = ev->trade.unreported;
        t->exchange = (struct td_str){g->tick_venues[at], n};
        return;
    }
    t->price.e9 = ev->quote.bid.e9 / 2 + ev->quote.ask.e9 / 2;
    t->bid = ev->quote.bid;
    t->ask = ev->quote.ask;
    t->bid_size = ev->quote.bid_qty;
    t->ask_size = ev->quote.ask_qty;
}

/* A forward answer is whole once it has its count and the second is over; a full ring ends it too. */
static bool is_whole(const struct td_gateway *g, const struct query *q, td_ns at)
{
    if (!q->forward || q->stored < (uint32_t)q->count)
        return false;
    const uint32_t last = (q->head + q->stored - 1) % TD_GW_TICK_ROWS;
    return q->stored == TD_GW_TICK_ROWS || g->ticks[last].time_s != at / TD_SEC;
}

/* Plays the tape again. `whole` of a generated symbol begins at the first day of the run, as the live one did. */
static enum td_err play_again(struct td_gateway *g, const struct td_gw_symbol *s, struct query *q,
                              struct td_fail *why)
{
    struct td_source_config config = s->config;
    struct td_source source;
    struct td_arena memory;
    struct td_quote last = {TD_PX_NONE, TD_PX_NONE, {0}, {0}};
    struct td_event ev;
    if (s->source.kind != TD_SOURCE_GENERATED)
        config.day = td_tz_day(s->zone, q->forward ? q->from : q->to - 1);
    td_arena_init(&memory, g->history_memory, td_source_bytes());
    enum td_err err = td_source_open(&source, &config, g->world, &memory, why);
    while (!err && (err = td_source_next(&source, &ev, why)) == TD_OK && ev.venue_ns < q->to) {
        const bool fits = wanted(q, &ev, &last) && ev.venue_ns >= q->from &&
                          (!q->rth || is_regular(&source.hours, ev.venue_ns));
        if (!fits)
            continue;
        if (is_whole(g, q, ev.venue_ns))
            break;
        store(g, q, &ev);
    }
    return err == TD_ENODATA ? TD_OK : err;
}

/* Bounded by its end: the newest `count`, back to the start of their first second. */
static void cut_front(const struct td_gateway *g, struct query *q)
{
    while (!q->forward && q->stored > (uint32_t)q->count) {
        const uint32_t cut = q->stored - (uint32_t)q->count;
        const int64_t first = g->ticks[(q->head + cut) % TD_GW_TICK_ROWS].time_s;
        if (g->ticks[(q->head + cut - 1) % TD_GW_TICK_ROWS].time_s == first) {
            q->count++;
            continue;
        }
        q->head = (q->head + cut) % TD_GW_TICK_ROWS;
        q->stored -= cut;
    }
}

static void reverse(struct td_tws_historical_tick *p, uint32_t n)
{
    for (uint32_t i = 0; i < n / 2; i++) {
        const struct td_tws_historical_tick t = p[i];
        p[i] = p[n - 1 - i];
        p[n - 1 - i] = t;
    }
}

/* Turns the ring so that it begins at index 0; the venues' texts stay where they are. */
static void turn(struct td_gateway *g, const struct query *q)
{
    if (q->head == 0)
        return;
    reverse(g->ticks, q->head);
    reverse(g->ticks + q->head, TD_GW_TICK_ROWS - q->head);
    reverse(g->ticks, TD_GW_TICK_ROWS);
}

static void send_answer(struct td_gateway *g, struct td_gw_client *c, int32_t req_id,
                        const struct query *q)
{
    static const uint16_t kinds[] = {[TRADES] = TD_TWS_HISTORICAL_TICKS_LAST,
                                     [BID_ASK] = TD_TWS_HISTORICAL_TICKS_BID_ASK,
                                     [MIDPOINT] = TD_TWS_HISTORICAL_TICKS};
    turn(g, q);
    td_tws_msg_init(&g->msg, kinds[q->what]);
    g->msg.historical_ticks.req_id = req_id;
    g->msg.historical_ticks.done = true;
    g->msg.historical_ticks.ticks.p = g->ticks;
    g->msg.historical_ticks.ticks.n = q->stored;
    (void)td_gw_send(g, c, &g->msg);
}

static bool read_what(struct td_str text, uint8_t *out)
{
    static const char *const names[] = {
        [TRADES] = "TRADES", [BID_ASK] = "BID_ASK", [MIDPOINT] = "MIDPOINT"};
    for (size_t i = 0; i < TD_COUNT(names); i++)
        if (td_str_is(text, names[i])) {
            *out = (uint8_t)i;
            return true;
        }
    return false;
}

/* False after an error was sent. */
static bool read_query(struct td_gateway *g, struct td_gw_client *c,
                       const struct td_tws_req_historical_ticks *r, struct query *q)
{
    td_ns start = 0, end = 0;
    bool bare = false;
    const enum td_err a = td_gw_time_parse(g, r->start_time, &start, &bare);
    const enum td_err b = td_gw_time_parse(g, r->end_time, &end, &bare);
    *q = (struct query){.to = g->now + 1,
                        .count = r->ticks_max,
                        .rth = r->use_rth,
                        .ignore_size = r->ignore_size,
                        .with_unreported = true,
                        .forward = a == TD_OK};
    if (a == TD_EPARSE || b == TD_EPARSE)
        td_gw_error(g, c, r->req_id, 10314,
                    "The date, time, or time-zone entered is invalid. The correct format is "
                    "yyyymmdd hh:mm:ss xx/xxxx or yyyymmdd-hh:mm:ss.");
    else if ((a == TD_OK) == (b == TD_OK))
        td_gw_error(g, c, r->req_id, 10187, FAILED "Exactly one of start and end time must be set");
    else if (r->ticks_max < 1 || r->ticks_max > ASKED_MAX)
        td_gw_error(g, c, r->req_id, 10187, FAILED "Number of ticks %d is not 1 to %d",
                    (int)r->ticks_max, ASKED_MAX);
    else if (!read_what(r->what_to_show, &q->what))
        td_gw_error(g, c, r->req_id, 10187,
                    FAILED "What to show \"%.*s\" is not TRADES, BID_ASK or MIDPOINT",
                    TD_STR_ARG(r->what_to_show));
    else {
        q->from = a == TD_OK ? start : 0;
        q->to = b == TD_OK && end < q->to ? end : q->to;
        return true;
    }
    return false;
}

void td_gw_req_history_ticks(struct td_gateway *g, struct td_gw_client *c,
                             const struct td_tws_msg *m)
{
    const struct td_tws_req_historical_ticks *r = &m->req_historical_ticks;
    const struct td_gw_symbol *s = td_gw_ask_tape(g, c, r->req_id, &r->contract);
    struct td_fail why = {0};
    struct query q;
    if (!s || !read_query(g, c, r, &q))
        return;
    if (q.from < q.to && play_again(g, s, &q, &why) != TD_OK) {
        td_gw_error(g, c, r->req_id, 10187, FAILED "%s", why.text);
        return;
    }
    cut_front(g, &q);
    send_answer(g, c, r->req_id, &q);
}

void td_gw_ticks_before(struct td_gateway *g, struct td_gw_client *c, const struct td_gw_sub *sub,
                        int32_t count)
{
    const struct td_gw_symbol *s = g->symbols[sub->sym];
    const bool trades = sub->what == TD_TWS_TBT_LAST || sub->what == TD_TWS_TBT_ALL_LAST;
    struct query q = {.to = g->now + 1,
                      .count = count < ASKED_MAX ? count : ASKED_MAX,
                      .with_unreported = sub->what == TD_TWS_TBT_ALL_LAST,
                      .what = trades                            ? (uint8_t)TRADES
                              : sub->what == TD_TWS_TBT_BID_ASK ? (uint8_t)BID_ASK
                                                                : (uint8_t)MIDPOINT};
    struct td_fail why = {0};
    if (play_again(g, s, &q, &why) != TD_OK) {
        td_gw_error(g, c, sub->req_id, 10187, FAILED "%s", why.text);
        return;
    }
    cut_front(g, &q);
    send_answer(g, c, sub->req_id, &q);
}

/* ---- histogram ---- */

/* "3 days", "1 week", "2 months", "3600 seconds" as the durations of historical data. */
static bool read_period(const struct td_gw_symbol *s, struct td_str text, td_ns end, td_ns *start)
{
    static const struct {
        const char *word;
        char letter;
    } units[] = {{"second", 'S'}, {"day", 'D'}, {"week", 'W'}, {"month", 'M'}, {"year", 'Y'}};
    struct td_str rest = td_str_trim(text), number;
    char plain[24];
    struct td_text t;
    td_text_init(&t, plain, sizeof plain);
    if (!td_str_split(&rest, ' ', &number) || number.len > 8)
        return false;
    for (size_t i = 0; i < TD_COUNT(units); i++) {
        if (!td_str_starts(rest, units[i].word) || rest.len > strlen(units[i].word) + 1)
            continue;
        td_text_str(&t, number);
        td_text_printf(&t, " %c", units[i].letter);
        return td_history_start(&s->config, (struct td_str){plain, t.len}, end, start) == TD_OK;
    }
    return false;
}

static int by_price(const void *a, const void *b)
{
    const struct td_tws_histogram_entry *x = a, *y = b;
    return x->price.e9 < y->price.e9 ? -1 : x->price.e9 > y->price.e9;
}

/* Adds up equal prices of a sorted list; returns how many are left. */
static size_t merge(struct td_tws_histogram_entry *list, size_t n)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (kept && list[kept - 1].price.e9 == list[i].price.e9)
            list[kept - 1].size.e9 += list[i].size.e9;
        else
            list[kept++] = list[i];
    return kept;
}

void td_gw_req_histogram(struct td_gateway *g, struct td_gw_client *c, const struct td_tws_msg *m)
{
    const struct td_tws_req_histogram *r = &m->req_histogram;
    const struct td_gw_symbol *s = td_gw_ask_tape(g, c, r->req_id, &r->contract);
    struct td_history_request ask = {.end = g->now, .bar = TD_MIN, .rth = r->use_rth};
    size_t count = 0;
    if (!s)
        return;
    if (!read_period(s, r->period, g->now, &ask.start)) {
        td_gw_error(g, c, r->req_id, 321,
                    "Error validating request.-'Time period \"%.*s\": N seconds, days, weeks, "
                    "months or years'",
                    TD_STR_ARG(r->period));
        return;
    }
    const enum td_err err = td_gw_bars(g, s, &ask, &count);
    struct td_tws_histogram_entry *list = err ? NULL : calloc(count, sizeof *list);
    if (!list) {
        td_gw_error(g, c, r->req_id, 162, "Historical Market Data Service error message:%s",
                    err == TD_EFULL ? "Time length exceed max." : "HMDS query returned no data");
        return;
    }
    const int64_t step = g->universe.rows[s->row].inst.min_tick.e9;
    for (size_t i = 0; i < count; i++) {
        const int64_t px = g->history[i].bar.close.e9;
        list[i].price.e9 = step > 0 ? (px + step / 2) / step * step : px;
        list[i].size = g->history[i].bar.volume;
    }
    qsort(list, count, sizeof *list, by_price);
    td_tws_msg_init(&g->msg, TD_TWS_HISTOGRAM_DATA);
    g->msg.histogram.req_id = r->req_id;
    g->msg.histogram.entries.p = list;
    g->msg.histogram.entries.n = (uint32_t)merge(list, count);
    (void)td_gw_send(g, c, &g->msg);
    free(list);
}
