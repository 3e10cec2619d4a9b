/* sim/gateway_history.c - historical bars and what keeps them up to date.
 *
 * Whole minutes of the past come from sim/history; the day of the live tape comes from minutes counted while it
 * played, so that nothing after the market clock shows and generated days are not made again.
 */
#include "sim/gateway_inner.h"

#include <string.h>

#define UPDATE_EVERY TD_SEC
#define SERVICE      "Historical Market Data Service error message:"
#define INVALID      "Error validating request.-'bW' : cause - "

/* ---- minutes of the live tape ---- */

static void add_print(struct td_bar *b, td_px px, td_qty qty)
{
    if (td_px_is_none(b->open))
        b->open = b->high = b->low = px;
    b->high.e9 = px.e9 > b->high.e9 ? px.e9 : b->high.e9;
    b->low.e9 = px.e9 < b->low.e9 ? px.e9 : b->low.e9;
    b->close = px;
    b->volume.e9 += qty.e9;
    b->count++;
}

static struct td_bar empty_bar(td_ns span)
{
    return (struct td_bar){.open = TD_PX_NONE,
                           .high = TD_PX_NONE,
                           .low = TD_PX_NONE,
                           .close = TD_PX_NONE,
                           .wap = TD_PX_NONE,
                           .span = span};
}

void td_gw_minute(struct td_gw_symbol *s, td_ns at, const struct td_trade *t)
{
    const td_ns start = at - at % TD_MIN;
    struct td_gw_minute *last = s->minute_count ? &s->minutes[s->minute_count - 1] : NULL;
    if (!last || last->start != start) {
        if (s->minute_count == TD_GW_MINUTES) {
            s->minutes_full = true;
            return;
        }
        last = &s->minutes[s->minute_count++];
        *last = (struct td_gw_minute){start, empty_bar(TD_MIN)};
    }
    add_print(&last->bar, t->px, t->qty);
}

/* ---- a request ---- */

struct ask {
    struct td_history_request request;
    int32_t req_id, format;
    bool bid_ask, schedule;
    size_t count;
};

/* Bars begin at multiples of their span after local midnight, of regular hours not before they do (the first hour
 * bar of a stock is 09:30, the next 10:00); a daily bar at midnight. */
static td_ns bar_start(const struct td_gw_symbol *s, td_ns at, td_ns span, bool rth)
{
    const int64_t day = td_tz_day(s->zone, at);
    const td_ns midnight = td_tz_at(s->zone, day, 0, 0, 0);
    const td_ns start = span == TD_DAY ? midnight : at - (at - midnight) % span;
    const td_ns open = rth && span < TD_DAY ? td_source_hours(&s->config, day).open : start;
    return start < open && open <= at ? open : start;
}

static bool is_regular(const struct td_gw_symbol *s, td_ns at)
{
    const struct td_venue_hours h = td_source_hours(&s->config, td_tz_day(s->zone, at));
    return at >= h.open && at < h.close;
}

/* Adds the minutes of the live tape from `from` on. False when the answer is full. */
static bool add_minutes(struct td_gateway *g, const struct td_gw_symbol *s, struct ask *a,
                        td_ns from)
{
    for (uint32_t i = 0; i < s->minute_count; i++) {
        const struct td_gw_minute *m = &s->minutes[i];
        if (m->start < from || m->start < a->request.start || m->start >= a->request.end ||
            (a->request.rth && !is_regular(s, m->start)))
            continue;
        const td_ns start = bar_start(s, m->start, a->request.bar, a->request.rth);
        struct td_history_bar *last = a->count ? &g->history[a->count - 1] : NULL;
        if (!last || last->start != start) {
            if (a->count == TD_GW_BARS)
                return false;
            g->history[a->count++] =
                (struct td_history_bar){start, td_tz_day(s->zone, m->start), m->bar};
            continue;
        }
        struct td_bar *b = &last->bar;
        b->high.e9 = m->bar.high.e9 > b->high.e9 ? m->bar.high.e9 : b->high.e9;
        b->low.e9 = m->bar.low.e9 < b->low.e9 ? m->bar.low.e9 : b->low.e9;
        b->close = m->bar.close;
        b->volume.e9 += m->bar.volume.e9;
        b->count = b->count < 0 ? -1 : b->count + m->bar.count;
    }
    return true;
}

/* Fills g->history. The part before `split` comes from files or is made again, the rest from the live minutes. */
static enum td_err collect(struct td_gateway *g, const struct td_gw_symbol *s, struct ask *a,
                           struct td_fail *why)
{
    struct td_history_request past = a->request;
    const bool live = past.what == TD_HISTORY_TRADES && past.bar >= TD_MIN && !s->minutes_full;
    const td_ns whole = past.bar < TD_MIN ? g->now - g->now % TD_SEC : g->now - g->now % TD_MIN;
    td_ns split = past.end < whole ? past.end : whole;
    if (live && s->source.kind == TD_SOURCE_GENERATED)
        split = s->tape_start;
    if (live && past.bar == TD_DAY) /* a daily bar of a file would tell the whole day */
        split = td_tz_at(s->zone, td_tz_day(s->zone, g->now), 0, 0, 0);
    if (s->source.kind == TD_SOURCE_BARS) /* what has played, adjusted, and nothing of the files */
        split = past.start;
    past.end = past.end < split ? past.end : split;
    past.mark = &g->symbols[s->row]->mark;
    a->count = 0;
    if (past.start < past.end) {
        struct td_arena memory;
        td_arena_init(&memory, g->history_memory, td_source_bytes());
        const enum td_err err = td_history_bars(&s->config, &past, g->world, &memory, g->history,
                                                TD_GW_BARS, &a->count, why);
        if (err && err != TD_ENODATA)
            return err;
        if (err)
            a->count = 0;
    }
    if (a->count == TD_GW_BARS || (live && !add_minutes(g, s, a, split)))
        return TD_EFULL;
    return a->count ? TD_OK : TD_ENODATA;
}

static struct td_str date_text(const struct td_gw_symbol *s, const struct td_history_bar *bar,
                               int32_t format, int32_t version, char out[48])
{
    if (bar->bar.span == TD_DAY)
        return (struct td_str){out, td_date_print_compact(bar->day, out)};
    if (format == 2)
        return (struct td_str){out, td_i64_print(bar->start / TD_SEC, out)};
    return td_gw_time(bar->start, s->zone, version, out);
}

static struct td_tws_bar wire_bar(const struct td_bar *b, struct td_str date)
{
    return (struct td_tws_bar){.date = date,
                               .open = b->open,
                               .high = b->high,
                               .low = b->low,
                               .close = b->close,
                               .wap = td_px_is_none(b->wap) ? b->close : b->wap,
                               .volume = b->volume,
                               .count = b->count};
}

static void send_bars(struct td_gateway *g, struct td_gw_client *c, const struct td_gw_symbol *s,
                      const struct ask *a)
{
    size_t count = a->count;
    char from[48], to[48];
    const bool trades = a->request.what == TD_HISTORY_TRADES && !a->bid_ask;
    for (size_t i = 0; i < a->count; i++) {
        struct td_history_bar *bar = &g->history[i];
        bar->bar.span = a->request.bar;
        g->bars[i] =
            wire_bar(&bar->bar, date_text(s, bar, a->format, c->tws.version, g->bar_dates[i]));
        if (!trades) {
            g->bars[i].volume = TD_QTY(-1);
            g->bars[i].wap = TD_PX(-1);
            g->bars[i].count = -1;
        }
    }
    if (count && td_gw_take_one(&g->faults.now.odd_bars))
        count = td_gw_odd_bars(g, count);
    const struct td_str start = td_gw_time(a->request.start, s->zone, c->tws.version, from);
    const struct td_str end = td_gw_time(a->request.end, s->zone, c->tws.version, to);
    td_tws_msg_init(&g->msg, TD_TWS_HISTORICAL_DATA);
    g->msg.historical_data.req_id = a->req_id;
    g->msg.historical_data.start = start;
    g->msg.historical_data.end = end;
    g->msg.historical_data.bars.p = g->bars;
    g->msg.historical_data.bars.n = (uint32_t)count;
    (void)td_gw_send(g, c, &g->msg);
    if (c->tws.version < 196)
        return;
    td_tws_msg_init(&g->msg, TD_TWS_HISTORICAL_DATA_END);
    g->msg.historical_data_end.req_id = a->req_id;
    g->msg.historical_data_end.start = start;
    g->msg.historical_data_end.end = end;
    (void)td_gw_send(g, c, &g->msg);
}

static bool read_what(struct td_str text, struct ask *a)
{
    static const struct {
        const char *name;
        uint8_t what;
    } rows[] = {{"TRADES", TD_HISTORY_TRADES},     {"ADJUSTED_LAST", TD_HISTORY_TRADES},
                {"MIDPOINT", TD_HISTORY_MIDPOINT}, {"BID", TD_HISTORY_BID},
                {"ASK", TD_HISTORY_ASK},           {"BID_ASK", TD_HISTORY_BID},
                {"SCHEDULE", TD_HISTORY_TRADES}};
    for (size_t i = 0; i < TD_COUNT(rows); i++)
        if (td_str_is(text, rows[i].name)) {
            a->request.what = rows[i].what;
            a->bid_ask = td_str_is(text, "BID_ASK");
            a->schedule = td_str_is(text, "SCHEDULE");
            return true;
        }
    return false;
}

/* BID_ASK bars: open is the average bid and close the average ask of the span, high the highest ask, low the lowest bid.
 * Of a bar we know the ends, so an average is that of open and close. g->history holds the bids when this begins. */
static enum td_err add_asks(struct td_gateway *g, const struct td_gw_symbol *s, struct ask *a,
                            struct td_fail *why)
{
    const size_t bids = a->count;
    size_t at = 0;
    for (size_t i = 0; i < bids; i++) {
        g->bids[i] = g->history[i].bar;
        g->bid_starts[i] = g->history[i].start;
    }
    a->request.what = TD_HISTORY_ASK;
    const enum td_err err = collect(g, s, a, why);
    if (err)
        return err;
    for (size_t i = 0; i < a->count; i++) {
        struct td_bar *b = &g->history[i].bar;
        while (at < bids && g->bid_starts[at] < g->history[i].start)
            at++;
        if (at == bids || g->bid_starts[at] != g->history[i].start)
            continue;
        b->close.e9 = b->open.e9 / 2 + b->close.e9 / 2;
        b->open.e9 = g->bids[at].open.e9 / 2 + g->bids[at].close.e9 / 2;
        b->low = g->bids[at].low;
    }
    return TD_OK;
}

/* Equal requests have equal numbers. The exchange is the contract's row. */
static uint64_t number_of(const struct td_tws_req_historical_data *r, const struct td_gw_symbol *s)
{
    const struct td_str parts[] = {r->end_time, r->bar_size, r->duration, r->what_to_show};
    uint64_t key[6] = {s->row, r->use_rth};
    for (size_t i = 0; i < TD_COUNT(parts); i++)
        key[i + 2] = td_hash_bytes(parts[i].p ? parts[i].p : "", parts[i].len);
    return td_hash_bytes(key, sizeof key);
}

/* Reads the fields of the request; false after an error was sent. */
static bool read_ask(struct td_gateway *g, struct td_gw_client *c,
                     const struct td_tws_req_historical_data *r, const struct td_gw_symbol *s,
                     struct ask *a)
{
    bool bare = false;
    td_ns end = g->now;
    const uint64_t series[] = {
        s->row, td_hash_bytes(r->what_to_show.p ? r->what_to_show.p : "", r->what_to_show.len)};
    const struct td_gw_asked asked = {.request = number_of(r, s),
                                      .series = td_hash_bytes(series, sizeof series),
                                      .weight = td_str_is(r->what_to_show, "BID_ASK") ? 2 : 1};
    const enum td_err err = td_gw_time_parse(g, r->end_time, &end, &bare);
    *a = (struct ask){.req_id = r->req_id, .format = r->format_date};
    if (err == TD_EPARSE) {
        td_gw_error(
            g, c, r->req_id, 10314,
            "End Date/Time: The date, time, or time-zone entered is invalid. The correct format is "
            "yyyymmdd hh:mm:ss xx/xxxx where yyyymmdd and xx/xxxx are optional. E.g.: 20031126 "
            "15:59:00 US/Eastern");
        return false;
    }
    if (bare)
        td_gw_error(
            g, c, r->req_id, 2174,
            "Warning: You submitted request with date-time attributes without explicit time zone. "
            "Please switch to use yyyymmdd-hh:mm:ss in UTC or use instrument time zone, like "
            "US/Eastern.");
    if (!read_what(r->what_to_show, a))
        td_gw_error(g, c, r->req_id, 321,
                    INVALID "What to show \"%.*s\" is not supported by the simulator",
                    TD_STR_ARG(r->what_to_show));
    else if (td_history_bar_size(r->bar_size, &a->request.bar) != TD_OK)
        td_gw_error(g, c, r->req_id, 321,
                    INVALID "Bar size setting \"%.*s\" is invalid or not supported",
                    TD_STR_ARG(r->bar_size));
    else if (td_history_start(&s->config, r->duration, end, &a->request.start) != TD_OK)
        td_gw_error(g, c, r->req_id, 321, INVALID "Duration \"%.*s\" is invalid: N S, D, W, M or Y",
                    TD_STR_ARG(r->duration));
    else if (a->schedule && (a->request.bar != TD_DAY || r->keep_up_to_date))
        td_gw_error(g, c, r->req_id, 321, INVALID "SCHEDULE needs bars of 1 day and no updates");
    else if (r->keep_up_to_date && (err != TD_ENODATA || a->request.bar < 5 * TD_SEC))
        td_gw_error(g, c, r->req_id, 321,
                    INVALID "Live updates need an empty end time and bars of 5 seconds or more");
    else if (r->format_date != 1 && r->format_date != 2)
        td_gw_error(g, c, r->req_id, 321, INVALID "Format date %d is not 1 or 2",
                    (int)r->format_date);
    else if (!td_gw_step_fits(g, a->request.bar, end - a->request.start))
        td_gw_error(g, c, r->req_id, 162, SERVICE "invalid step: %.*s is too long for bars of %.*s",
                    TD_STR_ARG(r->duration), TD_STR_ARG(r->bar_size));
    else if (!td_gw_history_paced(g, &asked, a->request.bar))
        td_gw_error(g, c, r->req_id, 162, SERVICE "Historical data request pacing violation");
    else {
        a->request.end = end < g->now ? end : g->now;
        a->request.rth = r->use_rth;
        return true;
    }
    return false;
}

static void keep(struct td_gateway *g, struct td_gw_client *c, const struct td_gw_symbol *s,
                 const struct ask *a)
{
    struct td_gw_sub *sub = td_gw_sub_add(g, c, TD_GW_BARS_LIVE, a->req_id);
    if (!sub)
        return;
    sub->sym = s->row;
    sub->what = a->bid_ask ? (uint8_t)TD_HISTORY_MIDPOINT : a->request.what;
    sub->rth = a->request.rth;
    sub->span = a->request.bar;
    sub->format = a->format;
    sub->bar = empty_bar(sub->span);
    if (a->count) {
        sub->bar = g->history[a->count - 1].bar;
        sub->bar_start = g->history[a->count - 1].start;
    }
}

void td_gw_req_history(struct td_gateway *g, struct td_gw_client *c, const struct td_tws_msg *m)
{
    const struct td_tws_req_historical_data *r = &m->req_historical_data;
    const struct td_gw_symbol *s = td_gw_ask_tape(g, c, r->req_id, &r->contract);
    struct td_fail why = {0};
    struct ask a;
    if (!s)
        return;
    if (td_gw_sub_find(c, TD_GW_BARS_LIVE, r->req_id)) {
        td_gw_error(g, c, r->req_id, 386, "Duplicate ticker ID for API historical data query");
        return;
    }
    if (!td_gw_history_free(g)) {
        td_gw_error(g, c, r->req_id, 162,
                    SERVICE "Max number of simultaneous historical requests (50) has been reached");
        return;
    }
    if (!read_ask(g, c, r, s, &a))
        return;
    if (td_gw_take_one(&g->faults.now.history.left)) {
        td_gw_error(g, c, r->req_id, g->faults.now.history.code, "%s", g->faults.now.history.text);
        return;
    }
    if (a.schedule) {
        td_gw_send_schedule(g, c, r->req_id, s, &a.request);
        return;
    }
    enum td_err err = a.request.start < a.request.end ? collect(g, s, &a, &why) : TD_ENODATA;
    if (!err && a.bid_ask)
        err = add_asks(g, s, &a, &why);
    if (err == TD_EFULL)
        td_gw_error(g, c, r->req_id, 162, SERVICE "Time length exceed max.");
    else if (err && !(err == TD_ENODATA && r->keep_up_to_date))
        td_gw_error(g, c, r->req_id, 162, SERVICE "%s",
                    err == TD_ENODATA ? "HMDS query returned no data" : why.text);
    else {
        send_bars(g, c, s, &a);
        if (r->keep_up_to_date)
            keep(g, c, s, &a);
    }
}

void td_gw_cancel_history(struct td_gateway *g, struct td_gw_client *c, const struct td_tws_msg *m)
{
    if (!td_gw_sub_remove(c, TD_GW_BARS_LIVE, m->req.req_id))
        td_gw_error(g, c, m->req.req_id, 366, "No historical data query found for ticker id:%d",
                    (int)m->req.req_id);
}

/* ---- live bars ---- */

static td_px price_of(const struct td_gw_sub *sub, const struct td_event *ev)
{
    if (sub->what == TD_HISTORY_TRADES)
        return ev->kind == TD_EV_TRADE ? ev->trade.px : TD_PX_NONE;
    if (ev->kind != TD_EV_QUOTE)
        return TD_PX_NONE;
    if (sub->what == TD_HISTORY_BID)
        return ev->quote.bid;
    if (sub->what == TD_HISTORY_ASK)
        return ev->quote.ask;
    if (td_px_is_none(ev->quote.bid) || td_px_is_none(ev->quote.ask))
        return TD_PX_NONE;
    return (td_px){ev->quote.bid.e9 / 2 + ev->quote.ask.e9 / 2};
}

static void send_update(struct td_gateway *g, struct td_gw_client *c, struct td_gw_sub *sub)
{
    const struct td_gw_symbol *s = g->symbols[sub->sym];
    const struct td_history_bar bar = {sub->bar_start, td_tz_day(s->zone, sub->bar_start),
                                       sub->bar};
    char date[48];
    td_tws_msg_init(&g->msg, TD_TWS_HISTORICAL_DATA_UPDATE);
    g->msg.historical_update.req_id = sub->req_id;
    g->msg.historical_update.bar =
        wire_bar(&sub->bar, date_text(s, &bar, sub->format, c->tws.version, date));
    if (td_gw_send(g, c, &g->msg))
        sub->dirty = false;
    sub->next_ns = g->now + UPDATE_EVERY;
}

void td_gw_bar_feed(struct td_gateway *g, struct td_gw_client *c, struct td_gw_sub *sub,
                    const struct td_event *ev)
{
    const struct td_gw_symbol *s = g->symbols[sub->sym];
    const td_px px = price_of(sub, ev);
    if (td_px_is_none(px) || (sub->rth && !is_regular(s, ev->venue_ns)))
        return;
    const td_qty qty = ev->kind == TD_EV_TRADE ? ev->trade.qty : TD_QTY(0);
    if (sub->kind == TD_GW_BARS_LIVE) {
        const td_ns start = bar_start(s, ev->venue_ns, sub->span, sub->rth);
        if (start < sub->bar_start)
            return;
        if (start > sub->bar_start) {
            if (sub->dirty)
                send_update(g, c, sub);
            sub->bar = empty_bar(sub->span);
            sub->bar_start = start;
            sub->next_ns = 0;
        }
    }
    add_print(&sub->bar, px, qty);
    sub->value += td_e9_to_double(px.e9) * td_e9_to_double(qty.e9);
    sub->dirty = true;
}

void td_gw_bar_send(struct td_gateway *g, struct td_gw_client *c, struct td_gw_sub *sub)
{
    if (sub->dirty && g->now >= sub->next_ns)
        send_update(g, c, sub);
}

/* ---- the smaller requests ---- */

enum td_err td_gw_bars(struct td_gateway *g, const struct td_gw_symbol *s,
                       const struct td_history_request *request, size_t *count)
{
    struct ask a = {.request = *request};
    const enum td_err err = collect(g, s, &a, NULL);
    *count = a.count;
    return err;
}

void td_gw_req_head(struct td_gateway *g, struct td_gw_client *c, const struct td_tws_msg *m)
{
    const struct td_tws_req_head_timestamp *r = &m->req_head_timestamp;
    const struct td_gw_symbol *s = td_gw_ask_tape(g, c, r->req_id, &r->contract);
    const struct ask none = {.request = {.what = TD_HISTORY_TRADES}};
    struct ask a = none;
    char text[48];
    if (!s)
        return;
    if (!read_what(r->what_to_show, &a) || a.schedule) {
        td_gw_error(g, c, r->req_id, 321, "Error validating request.-'Invalid what to show: %.*s'",
                    TD_STR_ARG(r->what_to_show));
        return;
    }
    a.request.start = g->now - 11000 * TD_DAY;
    a.request.end = g->now;
    a.request.bar = TD_DAY;
    a.request.rth = r->use_rth;
    if (collect(g, s, &a, NULL) != TD_OK) {
        td_gw_error(g, c, r->req_id, 162, SERVICE "No head time stamp");
        return;
    }
    td_tws_msg_init(&g->msg, TD_TWS_HEAD_TIMESTAMP);
    g->msg.req_text.req_id = r->req_id;
    g->msg.req_text.text =
        r->format_date == 2
            ? (struct td_str){text, td_i64_print(g->history[0].start / TD_SEC, text)}
            : td_gw_time(g->history[0].start, s->zone, c->tws.version, text);
    (void)td_gw_send(g, c, &g->msg);
}

void td_gw_cancel_head(struct td_gateway *g, struct td_gw_client *c, const struct td_tws_msg *m)
{
    (void)g;
    (void)c;
    (void)m; /* answered at once: nothing is open */
}
