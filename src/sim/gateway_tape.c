/* sim/gateway_tape.c - symbols, their tapes, and which one a contract means. */
#include "sim/gateway_inner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ZONE_BYTES 8192

/* New York, Chicago: used where the machine has no zone files. United States rules since 2007. */
static bool builtin_zone(const char *name, struct td_tz *out)
{
    static const struct {
        const char *name;
        int32_t standard;
    } rows[] = {
        {"America/New_York", -5 * 3600},
        {"US/Eastern", -5 * 3600},
        {"America/Chicago", -6 * 3600},
        {"US/Central", -6 * 3600},
    };
    if (strcmp(name, "UTC") == 0 || strcmp(name, "GMT") == 0 || strcmp(name, "Etc/UTC") == 0) {
        td_tz_utc(out);
        return td_str_copy(td_str_of(name), out->name, sizeof out->name);
    }
    for (size_t i = 0; i < TD_COUNT(rows); i++) {
        if (strcmp(rows[i].name, name) != 0)
            continue;
        *out = (struct td_tz){.has_rule = true,
                              .has_dst = true,
                              .std_sec = rows[i].standard,
                              .dst_sec = rows[i].standard + 3600,
                              .types = 1,
                              .offset_sec = {rows[i].standard},
                              .start = {'M', 3, 2, 0, 7200},
                              .end = {'M', 11, 1, 0, 7200}};
        return td_str_copy(td_str_of(name), out->name, sizeof out->name);
    }
    return false;
}

static bool is_zone_name(const char *name)
{
    for (const char *p = name; *p; p++)
        if (!((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || (*p >= '0' && *p <= '9') ||
              strchr("/_+-", *p)))
            return false;
    return name[0] && name[0] != '/';
}

const struct td_tz *td_gw_zone(struct td_gateway *g, const char *name)
{
    char path[96], bytes[ZONE_BYTES];
    size_t len = 0;
    for (uint32_t i = 0; i < g->zone_count; i++)
        if (strcmp(g->zones[i].name, name) == 0)
            return &g->zones[i];
    if (g->zone_count == TD_GW_ZONES || !is_zone_name(name))
        return NULL;
    struct td_tz *zone = &g->zones[g->zone_count];
    const int n = snprintf(path, sizeof path, "/usr/share/zoneinfo/%s", name);
    const bool read = n > 0 && (size_t)n < sizeof path &&
                      td_file_slurp(g->world, path, bytes, sizeof bytes, &len, NULL) == TD_OK &&
                      td_tz_parse(bytes, len, name, zone) == TD_OK;
    if (!read && !builtin_zone(name, zone))
        return NULL;
    g->zone_count++;
    return zone;
}

td_px td_gw_mark(const struct td_gw_symbol *s)
{
    if (!td_px_is_none(s->last))
        return s->last;
    if (td_px_is_none(s->quote.bid) || td_px_is_none(s->quote.ask))
        return TD_PX_NONE;
    return (td_px){s->quote.bid.e9 / 2 + s->quote.ask.e9 / 2};
}

/* ---- opening ---- */

static void describe(struct td_gateway *g, struct td_gw_symbol *s, bool other_day)
{
    struct td_text t;
    const char *line = td_source_describe(&s->source);
    const char *colon = strstr(line, ": ");
    td_text_init(&t, s->text, sizeof s->text);
    td_text_put(&t, colon ? colon + 2 : line);
    if (other_day)
        td_text_put(&t, " (recorded data is of another day)");
    if (g->universe.rows[s->row].invented)
        td_text_put(&t, " (symbol invented by the simulator)");
}

/* Recorded data of another day cannot play on this market clock: the generator plays instead, and says so. */
static enum td_err open_source(struct td_gateway *g, struct td_gw_symbol *s, struct td_fail *why)
{
    struct td_arena arena;
    td_arena_init(&arena, s->memory, td_source_bytes());
    enum td_err err = td_source_open(&s->source, &s->config, g->world, &arena, why);
    const bool other_day =
        !err && !s->config.bars && s->source.kind != TD_SOURCE_GENERATED && s->source.day != g->day;
    if (other_day) {
        s->config.data = NULL;
        td_arena_init(&arena, s->memory, td_source_bytes());
        err = td_source_open(&s->source, &s->config, g->world, &arena, why);
    }
    if (!err)
        describe(g, s, other_day);
    return err;
}

/* A recorded order book needs room for every resting order; quotes need a few levels. */
static struct td_exch_config exchange_config(const struct td_gateway *g,
                                             const struct td_gw_symbol *s, bool by_order)
{
    struct td_exch_config config = {.entry_ns = g->config.latency,
                                    .response_ns = g->config.latency,
                                    .orders_max = 1024,
                                    .levels_max = by_order ? TD_MBOTAPE_LEVELS : 64,
                                    .resting_max = by_order ? TD_MBOTAPE_RESTING : 0,
                                    .by_bars = g->config.bars != NULL,
                                    .slip_bps = g->config.slip_bps};
    TD_REQUIRE(td_universe_ticks(&g->universe.rows[s->row], &config.ticks));
    return config;
}

static enum td_err open_exchange(struct td_gateway *g, struct td_gw_symbol *s, size_t offset)
{
    const struct td_exch_config config = exchange_config(g, s, s->source.kind == TD_SOURCE_ORDERS);
    struct td_arena arena;
    td_arena_init(&arena, (uint8_t *)s->memory + offset, td_exchange_bytes(&config));
    return td_exchange_open(&s->exchange, &config, &arena);
}

static void fetch(struct td_gateway *g, struct td_gw_symbol *s)
{
    struct td_fail why = {0};
    const enum td_err err = td_source_next(&s->source, &s->next, &why);
    s->has_next = err == TD_OK;
    if (err) {
        s->ended = true;
        td_logf(g->log, err == TD_ENODATA ? TD_LOG_INFO : TD_LOG_ERROR, TD_LOG_API, "tape_end",
                "%s: %s", g->universe.rows[s->row].inst.symbol,
                err == TD_ENODATA ? "no more recorded days" : why.text);
    }
}

/* The close before the day that plays, from daily bars; stays unset when there is none. */
static void find_close(struct td_gateway *g, struct td_gw_symbol *s)
{
    const td_ns midnight = td_tz_at(s->zone, s->day, 0, 0, 0);
    const struct td_history_request ask = {
        .start = midnight - 10 * TD_DAY, .end = midnight, .bar = TD_DAY, .rth = true};
    struct td_arena memory;
    struct td_history_bar last[16];
    size_t count = 0;
    td_arena_init(&memory, g->history_memory, td_source_bytes());
    if (td_history_bars(&s->config, &ask, g->world, &memory, last, TD_COUNT(last), &count, NULL) ==
        TD_OK)
        s->prev_close = last[count - 1].bar.close;
}

static void start_day(struct td_gw_symbol *s)
{
    s->day = s->source.day;
    s->open = s->high = s->low = TD_PX_NONE;
    s->volume = TD_QTY(0);
    s->value = 0;
    td_exchange_session(&s->exchange, &s->source.hours);
}

/* Hours and day of a derived symbol are those of what it follows. */
static void follow(struct td_gw_symbol *s, const struct td_gw_symbol *leader)
{
    s->source.day = leader->source.day;
    s->source.hours = leader->source.hours;
}

static uint32_t leader_of(const struct td_universe_row *row)
{
    return row->leg_count ? row->legs[0].row : row->under;
}

static enum td_err fill_derived(struct td_gateway *g, struct td_gw_symbol *s, struct td_fail *why)
{
    const struct td_universe_row *row = &g->universe.rows[s->row];
    const struct td_gw_symbol *leader = NULL;
    for (uint32_t i = 0; i <= row->leg_count; i++) {
        const uint32_t other = i < row->leg_count ? row->legs[i].row : leader_of(row);
        leader = td_gw_symbol_open(g, other, why);
        if (!leader)
            return why->code;
    }
    struct td_exch_config config = exchange_config(g, s, false);
    struct td_arena arena;
    config.trigger = TD_EXCH_TRIGGER_QUOTE; /* there are no prints */
    s->zone = leader->zone;
    s->memory = malloc(td_exchange_bytes(&config));
    td_arena_init(&arena, s->memory, s->memory ? td_exchange_bytes(&config) : 0);
    if (!s->memory || td_exchange_open(&s->exchange, &config, &arena) != TD_OK)
        return td_fail_set(why, TD_ENOMEM, "%s: no memory", row->inst.symbol);
    s->derived = true;
    s->last = s->prev_close = TD_PX_NONE;
    s->quote = (struct td_quote){TD_PX_NONE, TD_PX_NONE, {0}, {0}};
    (void)td_str_copy(td_str_of("derived from other symbols"), s->text, sizeof s->text);
    follow(s, leader);
    start_day(s);
    return TD_OK;
}

static enum td_err fill_symbol(struct td_gateway *g, struct td_gw_symbol *s, struct td_fail *why)
{
    if (g->universe.rows[s->row].derived)
        return fill_derived(g, s, why);
    const struct td_universe_row *row = &g->universe.rows[s->row];
    const size_t offset = (td_source_bytes() + 63) & ~(size_t)63;
    s->zone = td_gw_zone(g, row->inst.time_zone);
    if (!s->zone)
        return td_fail_set(why, TD_ENOENT, "%s: no time zone %s", row->inst.symbol,
                           row->inst.time_zone);
    s->config = (struct td_source_config){.data = g->config.data,
                                          .row = row,
                                          .thin = g->config.thin,
                                          .bars = g->config.bars,
                                          .inst = s->row,
                                          .seed = g->config.seed,
                                          .day = g->day,
                                          .daytime = {td_daytime_tz, s->zone},
                                          .closed = td_gw_is_holiday,
                                          .closed_arg = g};
    const struct td_exch_config largest = exchange_config(g, s, true);
    s->memory =
        malloc(offset + td_exchange_bytes(&largest)); /* only what is used becomes resident */
    s->minutes = calloc(TD_GW_MINUTES, sizeof *s->minutes);
    if (!s->memory || !s->minutes)
        return td_fail_set(why, TD_ENOMEM, "%s: no memory", row->inst.symbol);
    enum td_err err = open_source(g, s, why);
    if (!err && s->source.adjusted)
        td_universe_fine(&g->universe.rows[s->row]);
    if (!err && open_exchange(g, s, offset) != TD_OK)
        err = td_fail_set(why, TD_ENOMEM, "%s: no memory for its exchange", row->inst.symbol);
    if (err)
        return err;
    s->last = s->prev_close = TD_PX_NONE;
    s->quote = (struct td_quote){TD_PX_NONE, TD_PX_NONE, {0}, {0}};
    s->tape_start = s->source.hours.ext_open;
    start_day(s);
    if (!s->config.bars) /* of files as they are, not adjusted */
        find_close(g, s);
    fetch(g, s);
    return TD_OK;
}

void td_gw_symbol_close(struct td_gw_symbol *s)
{
    if (!s)
        return;
    free(s->memory);
    free(s->minutes);
    free(s);
}

static void play_symbol(struct td_gateway *g, struct td_gw_symbol *s);
static void derive(struct td_gateway *g, struct td_gw_symbol *s, td_ns at);

struct td_gw_symbol *td_gw_symbol_open(struct td_gateway *g, uint32_t row, struct td_fail *why)
{
    if (g->symbols[row])
        return g->symbols[row];
    struct td_gw_symbol *s = calloc(1, sizeof *s);
    if (!s) {
        (void)td_fail_set(why, TD_ENOMEM, "no memory for a symbol");
        return NULL;
    }
    s->row = row;
    if (fill_symbol(g, s, why)) {
        td_gw_symbol_close(s);
        return NULL;
    }
    g->symbols[row] = s;
    g->opened[g->opened_count++] = row;
    if (s->derived)
        derive(g, s, g->now);
    play_symbol(g, s);
    return s;
}

/* ---- playing ---- */

static void take_trade(struct td_gw_symbol *s, const struct td_event *ev)
{
    const td_px px = ev->trade.px;
    s->last = px;
    s->last_qty = ev->trade.qty;
    s->last_ns = ev->venue_ns;
    s->volume.e9 += ev->trade.qty.e9;
    s->value += td_e9_to_double(px.e9) * td_e9_to_double(ev->trade.qty.e9);
    s->open = td_px_is_none(s->open) ? px : s->open;
    if (td_px_is_none(s->high) || px.e9 > s->high.e9)
        s->high = px;
    if (td_px_is_none(s->low) || px.e9 < s->low.e9)
        s->low = px;
    td_gw_minute(s, ev->venue_ns, &ev->trade);
}

static void match(struct td_gateway *g, struct td_gw_symbol *s, const struct td_event *ev)
{
    enum td_err err = td_exchange_market(&s->exchange, ev);
    if (err == TD_EFULL) {
        td_gw_pump(g, s);
        err = td_exchange_market(&s->exchange, ev);
    }
    if (err)
        td_logf(g->log, TD_LOG_WARN, TD_LOG_API, "exchange", "%s: %s",
                g->universe.rows[s->row].inst.symbol, td_err_text(err));
}

static void apply(struct td_gateway *g, struct td_gw_symbol *s)
{
    const struct td_event *ev = &s->next;
    if (s->source.day != s->day) {
        s->prev_close = td_px_is_none(s->last) ? s->prev_close : s->last;
        start_day(s);
    }
    /* A recorded order book drives the exchange by its orders; its quotes and trades are for subscribers. */
    const bool by_order = s->source.kind == TD_SOURCE_ORDERS;
    const bool by_bars = s->source.kind == TD_SOURCE_BARS;
    const bool of_bar =
        ev->kind == TD_EV_BAR || (ev->kind == TD_EV_QUOTE && !ev->generated); /* a recorded one */
    if (by_bars && of_bar) /* what the bar before did comes first */
        td_gw_pump(g, s);
    if (by_bars ? of_bar || ev->kind == TD_EV_STATUS
                : !by_order || ev->kind == TD_EV_MBO || ev->kind == TD_EV_STATUS)
        match(g, s, ev);
    if (ev->kind == TD_EV_TRADE)
        take_trade(s, ev);
    else if (ev->kind == TD_EV_QUOTE)
        s->quote = ev->quote;
    else if (ev->kind == TD_EV_STATUS)
        s->status = ev->status;
    s->rows_stale = true;
    s->change++;
    if (ev->kind != TD_EV_MBO && ev->kind != TD_EV_BAR)
        td_gw_on_event(g, s, ev);
}

void td_gw_derived_quote(struct td_gateway *g, struct td_gw_symbol *s, td_ns at,
                         const struct td_quote *quote)
{
    if (memcmp(quote, &s->quote, sizeof *quote) == 0)
        return;
    s->next = (struct td_event){
        .venue_ns = at, .inst = s->row, .kind = TD_EV_QUOTE, .generated = true, .quote = *quote};
    apply(g, s);
    td_gw_pump(g, s);
}

static void derive(struct td_gateway *g, struct td_gw_symbol *s, td_ns at)
{
    const struct td_universe_row *row = &g->universe.rows[s->row];
    struct td_quote quote = {TD_PX_NONE, TD_PX_NONE, {0}, {0}};
    const struct td_gw_symbol *leader = g->symbols[leader_of(row)];
    follow(s, leader);
    if (leader->status != s->status) { /* halted with what it follows */
        s->next = (struct td_event){.venue_ns = at,
                                    .inst = s->row,
                                    .kind = TD_EV_STATUS,
                                    .generated = true,
                                    .status = leader->status};
        apply(g, s);
    }
    if (row->leg_count)
        td_gw_combo_quote(g, s, &quote);
    else
        td_gw_option_quote(g, s, &quote);
    td_gw_derived_quote(g, s, at, &quote);
}

static bool depends(const struct td_gateway *g, uint32_t row, uint32_t on)
{
    const struct td_universe_row *r = &g->universe.rows[row];
    bool yes = !r->leg_count && r->under == on;
    for (uint32_t i = 0; i < r->leg_count; i++) {
        const struct td_universe_row *leg = &g->universe.rows[r->legs[i].row];
        yes = yes || r->legs[i].row == on || (leg->derived && leg->under == on);
    }
    return yes;
}

/* After a quote: what follows from this symbol, legs before their combinations (the order of opening). */
static void lead(struct td_gateway *g, const struct td_gw_symbol *s, td_ns at)
{
    for (uint32_t i = 0; i < g->opened_count; i++)
        if (g->symbols[g->opened[i]]->derived && depends(g, g->opened[i], s->row))
            derive(g, g->symbols[g->opened[i]], at);
}

static void play_symbol(struct td_gateway *g, struct td_gw_symbol *s)
{
    while (s->has_next && s->next.venue_ns <= g->now) {
        const bool quote = s->next.kind == TD_EV_QUOTE || s->next.kind == TD_EV_STATUS;
        const td_ns at = s->next.venue_ns;
        apply(g, s);
        fetch(g, s);
        if (quote)
            lead(g, s, at);
    }
    td_gw_pump(g, s);
}

void td_gw_play(struct td_gateway *g)
{
    for (uint32_t i = 0; i < g->opened_count; i++)
        play_symbol(g, g->symbols[g->opened[i]]);
}

/* ---- contracts ---- */

static const char *copy(struct td_str from, char *out, size_t cap)
{
    return td_str_copy(from, out, cap) ? out : "?"; /* too long to be any of ours */
}

bool td_gw_contract(struct td_gateway *g, struct td_gw_client *c, int32_t req_id,
                    const struct td_tws_contract *contract, uint32_t *row)
{
    char text[6][32];
    if (td_str_is(contract->sec_type, "BAG"))
        return td_gw_combo_row(g, c, req_id, contract, row);
    if (td_gw_is_option(contract))
        return td_gw_option_row(g, c, req_id, contract, row);
    const struct td_universe_query query = {
        .conid = contract->con_id,
        .exchange = copy(contract->exchange, text[0], 32),
        .symbol = contract->con_id ? "" : copy(contract->symbol, text[1], 32),
        .sec_type = td_str_is(contract->sec_type, "CONTFUT")
                        ? "FUT"
                        : copy(contract->sec_type, text[2], 32),
        .expiry = contract->con_id ? "" : copy(contract->expiry, text[3], 32),
        .currency = copy(contract->currency, text[4], 32),
        .local_symbol = copy(contract->local_symbol, text[5], 32)};
    const bool named = contract->con_id || contract->symbol.len || contract->local_symbol.len;
    uint32_t at = 0;
    if (named && td_universe_find(&g->universe, &query, &at)) {
        uint32_t next = at + 1;
        *row = at;
        if (!td_universe_find(&g->universe, &query, &next))
            return true;
        td_gw_error(g, c, req_id, 200, "The contract description specified for %s is ambiguous.",
                    query.symbol);
        return false;
    }
    td_gw_error(g, c, req_id, 200, "No security definition has been found for the request");
    return false;
}

struct td_gw_symbol *td_gw_ask_symbol(struct td_gateway *g, struct td_gw_client *c, int32_t req_id,
                                      const struct td_tws_contract *contract)
{
    struct td_fail why = {0};
    uint32_t row = 0;
    if (!td_gw_contract(g, c, req_id, contract, &row))
        return NULL;
    struct td_gw_symbol *s = td_gw_symbol_open(g, row, &why);
    if (!s)
        td_gw_error(g, c, req_id, 321, "Error validating request.-'%s'", why.text);
    return s;
}

struct td_gw_symbol *td_gw_ask_tape(struct td_gateway *g, struct td_gw_client *c, int32_t req_id,
                                    const struct td_tws_contract *contract)
{
    struct td_gw_symbol *s = td_gw_ask_symbol(g, c, req_id, contract);
    if (!s || !s->derived)
        return s;
    td_gw_error(g, c, req_id, 162,
                "Historical Market Data Service error message:HMDS query returned no data: options "
                "and combinations have no tape of their own");
    return NULL;
}
