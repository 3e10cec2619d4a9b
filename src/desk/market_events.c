/* desk/market_events.c - messages of subscriptions as tape events: depth, ticks, bars. */
#include "desk/market_inner.h"

static struct td_event event_of(const struct td_market *m, uint32_t index, enum td_event_kind kind)
{
    struct td_event ev;
    memset(&ev, 0, sizeof ev);
    ev.kind = (uint8_t)kind;
    ev.inst = index;
    ev.recv_ns = m->link->recv_ns;
    return ev;
}

static void hand_on(struct td_market *m, uint32_t index, const struct td_event *ev, bool warmup)
{
    struct td_line *line = &m->lines[index];
    line->recv_ns = ev->recv_ns;
    if (ev->venue_ns)
        line->venue_ns = ev->venue_ns;
    m->sink(m->arg, index, ev, warmup);
}

void market_depth_reset(struct td_market *m, uint32_t index, bool gap)
{
    const struct td_event missed = event_of(m, index, TD_EV_GAP);
    const struct td_event ev = event_of(m, index, TD_EV_DEPTH_RESET);
    if (gap)
        hand_on(m, index, &missed, false);
    td_book_reset(&m->lines[index].book);
    hand_on(m, index, &ev, false);
}

void market_depth(struct td_market *m, uint32_t index, const struct td_tws_depth *d)
{
    struct td_line *line = &m->lines[index];
    struct td_event ev = event_of(m, index, TD_EV_DEPTH);
    ev.depth.px = d->px;
    ev.depth.qty = d->qty;
    ev.depth.row = d->row;
    ev.depth.op = (uint8_t)(d->op < 0 || d->op > 2 ? 255 : d->op);
    ev.depth.side = (uint8_t)(d->side < 0 || d->side > 1 ? 255 : d->side);
    ev.depth.smart = d->smart;
    memcpy(ev.depth.maker, d->maker.p ? d->maker.p : "",
           d->maker.len < TD_MAKER_CHARS ? d->maker.len : TD_MAKER_CHARS - 1);
    line->depth_messages++;
    const enum td_err err = td_book_apply(&line->book, &ev);
    hand_on(m, index, &ev, false); /* recorded before it is judged */
    if (err) {
        market_depth_reset(m, index, true);
        line->book.broken = true; /* until the new subscription begins */
        market_again(m, index, TD_FOR_DEPTH, true, "an update did not fit the book");
    }
}

enum tick_field {
    TICK_BID,
    TICK_ASK,
    TICK_LAST,
    TICK_BID_SIZE,
    TICK_ASK_SIZE,
    TICK_HALTED,
    TICK_IGNORED
};

static enum tick_field tick_of(int32_t type, bool *delayed)
{
    static const struct {
        int32_t live, delayed;
        enum tick_field field;
    } rows[] = {
        {1, 66, TICK_BID},      {2, 67, TICK_ASK},      {4, 68, TICK_LAST},
        {0, 69, TICK_BID_SIZE}, {3, 70, TICK_ASK_SIZE}, {49, 90, TICK_HALTED},
    };
    for (size_t i = 0; i < TD_COUNT(rows); i++)
        if (rows[i].live == type || rows[i].delayed == type) {
            *delayed = rows[i].delayed == type;
            return rows[i].field;
        }
    return TICK_IGNORED;
}

static bool has_price(td_px px)
{
    return !td_px_is_none(px) && px.e9 > 0; /* -1 and 0 mean "no data" */
}

void market_tick(struct td_market *m, uint32_t index, int32_t type, td_px px, td_qty size)
{
    struct td_line *line = &m->lines[index];
    bool delayed = false;
    const enum tick_field field = tick_of(type, &delayed);
    const td_qty known = td_qty_is_none(size) || size.e9 < 0 ? TD_QTY(0) : size;
    if (field == TICK_IGNORED || field == TICK_HALTED)
        return;
    line->quote_delayed |= delayed;
    if (field == TICK_LAST) {
        struct td_event ev = event_of(m, index, TD_EV_TRADE);
        if (!has_price(px))
            return;
        line->last = px;
        line->traded = m->link->heard_mono;
        if (line->subs[TD_FOR_TICKS].state == TD_SUB_LIVE)
            return; /* the tick-by-tick feed tells every trade */
        ev.trade = (struct td_trade){.px = px, .qty = known, .aggressor = 2};
        hand_on(m, index, &ev, false);
        return;
    }
    if (field == TICK_BID || field == TICK_BID_SIZE)
        line->quote.bid_qty = known;
    else
        line->quote.ask_qty = known;
    if (field == TICK_BID)
        line->quote.bid = has_price(px) ? px : TD_PX_NONE;
    if (field == TICK_ASK)
        line->quote.ask = has_price(px) ? px : TD_PX_NONE;
    line->quote_recv_ns = m->link->recv_ns;
    if (!delayed)
        td_pause_quote(&line->pause, field == TICK_BID || field == TICK_BID_SIZE ? TD_BID : TD_ASK,
                       field == TICK_BID || field == TICK_BID_SIZE ? line->quote.bid
                                                                   : line->quote.ask);
    struct td_event ev = event_of(m, index, TD_EV_QUOTE);
    ev.quote = line->quote;
    hand_on(m, index, &ev, false);
}

void market_tick_generic(struct td_market *m, uint32_t index, int32_t type, int64_t value_e9)
{
    struct td_line *line = &m->lines[index];
    const uint8_t before = line->pause.state;
    bool delayed = false;
    if (tick_of(type, &delayed) != TICK_HALTED)
        return;
    td_pause_tell(&line->pause, value_e9 / TD_E9);
    if (line->pause.state != before)
        td_logf(m->log, TD_LOG_WARN, TD_LOG_TRADING, "pause", "%s: %s", line->symbol,
                td_pause_word(&line->pause));
}

void market_tick_by_tick(struct td_market *m, uint32_t index, const struct td_tws_tick_by_tick *t)
{
    struct td_line *line = &m->lines[index];
    struct td_event ev = event_of(m, index, TD_EV_TRADE);
    if (!has_price(t->price))
        return;
    line->last = t->price;
    line->traded = m->link->heard_mono;
    ev.venue_ns = t->time_s * TD_SEC;
    ev.trade =
        (struct td_trade){.px = t->price,
                          .qty = td_qty_is_none(t->size) || t->size.e9 < 0 ? TD_QTY(0) : t->size,
                          .aggressor = 2,
                          .unreported = t->unreported};
    memcpy(ev.trade.exchange, t->exchange.p ? t->exchange.p : "",
           t->exchange.len < TD_MAKER_CHARS ? t->exchange.len : TD_MAKER_CHARS - 1);
    hand_on(m, index, &ev, false);
}

/* --- bars --- */

/* Names of one zone, as contract details and bars mix them. */
static const char *same_zone(struct td_str name)
{
    static const char *const pairs[][2] = {{"US/Eastern", "America/New_York"},
                                           {"US/Central", "America/Chicago"},
                                           {"US/Mountain", "America/Denver"},
                                           {"US/Pacific", "America/Los_Angeles"},
                                           {"GB", "Europe/London"},
                                           {"Japan", "Asia/Tokyo"},
                                           {"Hongkong", "Asia/Hong_Kong"},
                                           {"Singapore", "Asia/Singapore"}};
    for (size_t i = 0; i < TD_COUNT(pairs); i++)
        for (int k = 0; k < 2; k++)
            if (td_str_is(name, pairs[i][k]))
                return pairs[i][1 - k];
    return "";
}

/* Which of UTC (NULL) and `zone` a time named `name` is in; false: in neither. */
static bool choose_zone(struct td_str name, const struct td_tz **zone)
{
    if (!name.len)
        return true;
    if (td_str_is(name, "UTC") || td_str_is(name, "GMT")) {
        *zone = NULL;
        return true;
    }
    return *zone && (td_str_is(name, (*zone)->name) || strcmp(same_zone(name), (*zone)->name) == 0);
}

#define TIME_CHARS 8 /* hh:mm:ss */

enum td_err td_bar_time_parse(struct td_str text, const struct td_tz *zone, td_ns *out)
{
    struct td_civil c = {0};
    int64_t number;
    if (td_i64_parse(text.p, text.len, &number) == TD_OK && text.len > 8) {
        *out = number * TD_SEC;
        return TD_OK;
    }
    struct td_str rest = text, date;
    if (!td_str_split(&rest, ' ', &date) || date.len != 8)
        return TD_EPARSE;
    int64_t days;
    enum td_err err = td_date_parse(date.p, date.len, &days);
    if (err)
        return err;
    td_civil_from_days(days, &c);
    rest = td_str_trim(rest);
    if (rest.len) {
        static const int64_t most[3] = {23, 59, 59};
        int64_t part[3];
        if (rest.len < 8 || rest.p[2] != ':' || rest.p[5] != ':')
            return TD_EPARSE;
        for (int i = 0; i < 3; i++)
            if (td_i64_parse(rest.p + 3 * i, 2, &part[i]) != TD_OK || part[i] < 0 ||
                part[i] > most[i])
                return TD_EPARSE;
        c.hour = (int32_t)part[0];
        c.minute = (int32_t)part[1];
        c.second = (int32_t)part[2];
        if (rest.len > TIME_CHARS && rest.p[TIME_CHARS] != ' ')
            return TD_EPARSE;
        rest.p += TIME_CHARS;
        rest.len -= TIME_CHARS;
        if (!choose_zone(td_str_trim(rest), &zone))
            return TD_EPARSE;
    }
    *out = zone ? td_tz_instant(zone, &c) : td_ns_from_civil(&c);
    return TD_OK;
}

/* The zone a bar's time names behind its two other words; NULL: none, or one that is not known. */
static const struct td_tz *named_zone(const struct td_market *m, struct td_str text)
{
    char name[48];
    struct td_str rest = text, word;
    if (!td_str_split(&rest, ' ', &word) || !rest.len)
        return NULL;
    rest = td_str_trim(rest);
    if (!td_str_split(&rest, ' ', &word) || !rest.len ||
        !td_str_copy(td_str_trim(rest), name, sizeof name))
        return NULL;
    return td_hours_zone(m->hours, name);
}

static bool to_bar(const struct td_market *m, const struct td_tws_bar *from, struct td_bar *out,
                   td_ns *start)
{
    if (td_bar_time_parse(from->date, named_zone(m, from->date), start) != TD_OK ||
        !has_price(from->open) || !has_price(from->high) || !has_price(from->low) ||
        !has_price(from->close))
        return false;
    *out = (struct td_bar){
        .open = from->open,
        .high = from->high,
        .low = from->low,
        .close = from->close,
        .volume = td_qty_is_none(from->volume) || from->volume.e9 < 0 ? TD_QTY(0) : from->volume,
        .wap = has_price(from->wap) ? from->wap : TD_PX_NONE,
        .span = m->config.bar_span,
        .count = from->count};
    return true;
}

static void emit_bar(struct td_market *m, uint32_t index, const struct td_bar *bar, td_ns start,
                     bool warmup)
{
    struct td_event ev = event_of(m, index, TD_EV_BAR);
    if (start <= m->lines[index].bar_told) /* a history that is asked for again begins before it */
        return;
    m->lines[index].bar_told = start;
    ev.venue_ns = start;
    ev.bar = *bar;
    hand_on(m, index, &ev, warmup);
}

/* The last bar of the history is still forming; all before it are warm-up. */
void market_history(struct td_market *m, uint32_t index, const struct td_tws_historical_data *h)
{
    struct td_line *line = &m->lines[index];
    for (uint32_t i = 0; i < h->bars.n; i++) {
        struct td_bar bar;
        td_ns start;
        if (!to_bar(m, &h->bars.p[i], &bar, &start))
            continue;
        if (i + 1 == h->bars.n) {
            line->forming = bar;
            line->forming_start = start;
        } else {
            emit_bar(m, index, &bar, start, true);
        }
    }
    line->warm = true;
}

void td_market_finish(struct td_market *m)
{
    for (uint32_t i = 0; i < m->count; i++) {
        struct td_line *line = &m->lines[i];
        if (line->forming_start && line->warm)
            emit_bar(m, i, &line->forming, line->forming_start, false);
        line->forming_start = 0;
    }
}

void market_bar_update(struct td_market *m, uint32_t index, const struct td_tws_bar *from)
{
    struct td_line *line = &m->lines[index];
    struct td_bar bar;
    td_ns start;
    if (!to_bar(m, from, &bar, &start) || start < line->forming_start)
        return;
    if (line->forming_start && start > line->forming_start)
        emit_bar(m, index, &line->forming, line->forming_start, !line->warm);
    line->forming = bar;
    line->forming_start = start;
}
