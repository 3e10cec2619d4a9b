/* desk/desk_data.c - data checks and circuit breakers: what reaches a strategy, and what keeps failing.
 *
 * Every quote, trade and bar is checked (market/validator.h) before a strategy sees it. Absurd ones reach nobody and count in
 * the breaker "data"; the others only close the DATA gate until a good one comes. The breaker "orders" counts what the
 * broker takes and rejects of what was sent, "broker" whole look-ups and those that failed.
 */
#include "desk/desk_inner.h"

#define TELL_AGAIN TD_MIN /* of a line */

static struct td_data_rules rules_of(const struct td_settings *s)
{
    struct td_data_rules rules = td_data_presets();
    rules.stale_after = s->data_staleness_s * TD_SEC;
    rules.spread_e9 = rules.slack_e9 = s->max_spread_percent_e9 / 100;
    return rules;
}

void desk_data_settings(struct td_desk *d)
{
    const struct td_settings *s = d->config.settings;
    for (uint32_t i = 0; i < (uint32_t)d->config.symbol_count; i++)
        d->data.quotes[i].rules = d->data.bars[i].rules = rules_of(s);
    for (uint32_t i = 0; i < d->breakers.count; i++) {
        d->breakers.rows[i].config.failures_max = (uint32_t)s->breaker_failures;
        d->breakers.rows[i].config.timeout = s->breaker_timeout_s * TD_SEC;
    }
}

void desk_open_data(struct td_desk *d)
{
    static const char *const names[DESK_BREAKERS] = {"orders", "data", "broker"};
    const struct td_settings *s = d->config.settings;
    const struct td_breaker_config config = {.failures_max = (uint32_t)s->breaker_failures,
                                             .timeout = s->breaker_timeout_s * TD_SEC};
    const struct td_data_rules rules = rules_of(s);
    for (uint32_t i = 0; i < (uint32_t)d->config.symbol_count; i++) {
        td_validator_init(&d->data.quotes[i], &rules);
        td_validator_init(&d->data.bars[i], &rules);
    }
    for (int i = 0; i < DESK_BREAKERS; i++)
        TD_REQUIRE(td_breakers_get(&d->breakers, names[i], &config, td_world_mono(d->world)));
}

/* --- breakers --- */

void desk_report(struct td_desk *d, enum desk_breaker which, bool success)
{
    struct td_breaker *b = &d->breakers.rows[which];
    const td_ns mono = td_world_mono(d->world);
    const uint64_t opened = b->times_opened;
    td_breaker_report(b, success, mono);
    if (b->times_opened != opened)
        td_logf(d->log, TD_LOG_ERROR, TD_LOG_TRADING, "breaker_open",
                "%s: no new risk for %lld s after the last failure", b->name,
                (long long)(b->config.timeout / TD_SEC));
}

enum td_fact desk_breaker_fact(const struct td_desk *d, td_ns mono)
{
    return td_breakers_first_open(&d->breakers, mono) ? TD_FACT_NO : TD_FACT_YES;
}

void desk_note_outcome(struct td_desk *d, uint8_t before, const struct td_order *o)
{
    const bool was_out = before == TD_OS_SENT || before == TD_OS_WORKING;
    if (o->foreign || o->role == TD_ROLE_PARENT || !was_out || o->state == before)
        return;
    const bool is_good = o->state == TD_OS_WORKING || o->state == TD_OS_FILLED;
    if (before == TD_OS_SENT && (is_good || o->state == TD_OS_REJECTED))
        desk_delay(d, DESK_STAGE_ANSWER, td_world_now(d->world) - o->sent_ns);
    if (o->state == TD_OS_REJECTED)
        desk_report(d, BREAKER_ORDERS, false);
    else if (before == TD_OS_SENT && is_good)
        desk_report(d, BREAKER_ORDERS, true);
}

/* --- data --- */

/* A contract may tick finer than a cent. */
static void set_least(const struct td_desk *d, uint32_t line, struct td_validator *v)
{
    const td_px tick = d->market.lines[line].inst.min_tick;
    const td_px cent = td_data_presets().least;
    v->rules.least = tick.e9 > 0 && tick.e9 < cent.e9 ? tick : cent;
}

static bool check_bar(struct td_desk *d, uint32_t line, const struct td_event *event)
{
    struct td_data_answer a;
    const td_ns end = event->venue_ns + event->bar.span;
    set_least(d, line, &d->data.bars[line]);
    td_validate_bar(&d->data.bars[line], &event->bar, end, end, &a); /* of the past, some of them */
    return !a.absurd && !(a.warnings & TD_DATA_WARN_DROPPED);
}

static bool check_quote(struct td_desk *d, uint32_t line, const struct td_event *event)
{
    struct td_data_answer a;
    const bool trade = event->kind == TD_EV_TRADE;
    const struct td_quote *q = trade ? &d->market.lines[line].quote : &event->quote;
    const struct td_data_view view = {.bid = q->bid,
                                      .ask = q->ask,
                                      .last = trade ? event->trade.px : TD_PX_NONE,
                                      .volume = TD_QTY_NONE,
                                      .at = event->recv_ns};
    set_least(d, line, &d->data.quotes[line]);
    td_validate_quote(&d->data.quotes[line], &view, event->recv_ns, &a);
    d->data.fault[line] = (uint8_t)a.reason;
    if (a.is_valid)
        d->data.good_ns[line] = event->recv_ns;
    /* A line without a quote yet is no failure of anything. */
    if (a.reason != TD_DATA_EMPTY && td_market_open(&d->market, line) == TD_HOURS_OPEN)
        desk_report(d, BREAKER_DATA, !a.absurd);
    if (a.reason == TD_DATA_EMPTY)
        return true;
    const uint8_t what = trade ? DESK_ABSURD_LAST : DESK_ABSURD_QUOTE;
    d->data.absurd[line] =
        (uint8_t)(a.absurd ? d->data.absurd[line] | what : d->data.absurd[line] & ~what);
    return !a.absurd;
}

bool desk_data_passes(struct td_desk *d, uint32_t line, const struct td_event *event)
{
    bool passes = true;
    if (event->kind == TD_EV_BAR)
        passes = check_bar(d, line, event);
    else if (event->kind == TD_EV_QUOTE || event->kind == TD_EV_TRADE)
        passes = check_quote(d, line, event);
    if (passes)
        return true;
    d->data.dropped++;
    if (d->data.told_ns[line] && event->recv_ns - d->data.told_ns[line] < TELL_AGAIN)
        return false;
    d->data.told_ns[line] = event->recv_ns;
    td_logf(d->log, TD_LOG_WARN, TD_LOG_TRADING, "data_dropped", "%s: %s",
            d->market.lines[line].symbol,
            event->kind == TD_EV_BAR ? "bar"
                                     : td_data_fault_word((enum td_data_fault)d->data.fault[line]));
    return false;
}

void desk_good_prices(const struct td_desk *d, uint32_t line, struct td_quote *quote, td_px *last)
{
    const struct td_line *l = &d->market.lines[line];
    const struct td_quote none = {.bid = TD_PX_NONE, .ask = TD_PX_NONE};
    *quote = d->data.absurd[line] & DESK_ABSURD_QUOTE ? none : l->quote;
    *last = d->data.absurd[line] & DESK_ABSURD_LAST ? TD_PX_NONE : l->last;
}

td_px desk_good_mark(const struct td_desk *d, uint32_t line)
{
    return d->data.absurd[line] ? TD_PX_NONE : desk_mark_of(&d->market.lines[line]);
}

enum td_fact desk_data_fact(const struct td_desk *d, uint32_t line, td_ns now)
{
    const td_ns age = now - d->data.good_ns[line];
    uint32_t holding;
    if (!d->data.good_ns[line])
        return TD_FACT_UNKNOWN;
    if (td_blotter_holding(&d->blotter, d->market.lines[line].symbol, &holding) &&
        d->guards.stale[holding])
        return TD_FACT_NO; /* what is held is not watched: no more of it */
    return d->data.fault[line] == TD_DATA_OK && age <= d->data.quotes[line].rules.stale_after
               ? TD_FACT_YES
               : TD_FACT_NO;
}
