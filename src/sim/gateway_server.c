/* sim/gateway_server.c - life of the gateway simulator, its market clock and the table of requests. */
#include "sim/gateway_inner.h"

#include <stdlib.h>
#include <string.h>

#include "market/calendar.h"

#define TURN_BUSY (10 * TD_MS)
#define TURN_IDLE (50 * TD_MS)
#define STEP      (100 * TD_MS) /* of the market clock at speed 0 */
#define SKIP      (30 * TD_MIN) /* a longer silence of all tapes is a night */

static const struct {
    uint16_t kind;
    td_gw_handler *answer;
} handlers[] = {
    {TD_TWS_REQ_MKT_DATA, td_gw_req_mkt_data},
    {TD_TWS_CANCEL_MKT_DATA, td_gw_cancel_mkt_data},
    {TD_TWS_PLACE_ORDER, td_gw_place},
    {TD_TWS_CANCEL_ORDER, td_gw_cancel},
    {TD_TWS_REQ_OPEN_ORDERS, td_gw_req_open},
    {TD_TWS_REQ_ACCOUNT_UPDATES, td_gw_req_account_updates},
    {TD_TWS_REQ_EXECUTIONS, td_gw_req_executions},
    {TD_TWS_REQ_IDS, td_gw_req_ids},
    {TD_TWS_REQ_CONTRACT_DETAILS, td_gw_req_details},
    {TD_TWS_REQ_MKT_DEPTH, td_gw_req_depth},
    {TD_TWS_CANCEL_MKT_DEPTH, td_gw_cancel_depth},
    {TD_TWS_REQ_NEWS_BULLETINS, td_gw_req_bulletins},
    {TD_TWS_CANCEL_NEWS_BULLETINS, td_gw_cancel_bulletins},
    {TD_TWS_SET_SERVER_LOG_LEVEL, td_gw_ignore}, /* has no reply */
    {TD_TWS_REQ_AUTO_OPEN_ORDERS, td_gw_req_auto_open},
    {TD_TWS_REQ_ALL_OPEN_ORDERS, td_gw_req_all_open},
    {TD_TWS_REQ_MANAGED_ACCTS, td_gw_req_accounts},
    {TD_TWS_REQ_HISTORICAL_DATA, td_gw_req_history},
    {TD_TWS_CANCEL_HISTORICAL_DATA, td_gw_cancel_history},
    {TD_TWS_REQ_CURRENT_TIME, td_gw_req_time},
    {TD_TWS_REQ_REAL_TIME_BARS, td_gw_req_bars5},
    {TD_TWS_CANCEL_REAL_TIME_BARS, td_gw_cancel_bars5},
    {TD_TWS_REQ_GLOBAL_CANCEL, td_gw_global_cancel},
    {TD_TWS_REQ_MARKET_DATA_TYPE, td_gw_req_data_type},
    {TD_TWS_REQ_POSITIONS, td_gw_req_positions},
    {TD_TWS_REQ_ACCOUNT_SUMMARY, td_gw_req_summary},
    {TD_TWS_CANCEL_ACCOUNT_SUMMARY, td_gw_cancel_summary},
    {TD_TWS_CANCEL_POSITIONS, td_gw_cancel_positions},
    {TD_TWS_REQ_POSITIONS_MULTI, td_gw_req_positions_multi},
    {TD_TWS_CANCEL_POSITIONS_MULTI, td_gw_cancel_positions_multi},
    {TD_TWS_REQ_ACCOUNT_UPDATES_MULTI, td_gw_req_account_multi},
    {TD_TWS_CANCEL_ACCOUNT_UPDATES_MULTI, td_gw_cancel_account_multi},
    {TD_TWS_REQ_SEC_DEF_OPT_PARAMS, td_gw_req_option_params},
    {TD_TWS_REQ_SOFT_DOLLAR_TIERS, td_gw_req_tiers},
    {TD_TWS_REQ_FAMILY_CODES, td_gw_req_family},
    {TD_TWS_REQ_MATCHING_SYMBOLS, td_gw_req_matching},
    {TD_TWS_REQ_MKT_DEPTH_EXCHANGES, td_gw_req_depth_exchanges},
    {TD_TWS_REQ_SMART_COMPONENTS, td_gw_req_components},
    {TD_TWS_REQ_NEWS_PROVIDERS, td_gw_req_news_providers},
    {TD_TWS_REQ_HEAD_TIMESTAMP, td_gw_req_head},
    {TD_TWS_REQ_HISTOGRAM_DATA, td_gw_req_histogram},
    {TD_TWS_CANCEL_HISTOGRAM_DATA, td_gw_ignore}, /* answered at once */
    {TD_TWS_CANCEL_HEAD_TIMESTAMP, td_gw_ignore},
    {TD_TWS_REQ_MARKET_RULE, td_gw_req_rule},
    {TD_TWS_REQ_PNL, td_gw_req_pnl},
    {TD_TWS_CANCEL_PNL, td_gw_cancel_pnl},
    {TD_TWS_REQ_PNL_SINGLE, td_gw_req_pnl_single},
    {TD_TWS_CANCEL_PNL_SINGLE, td_gw_cancel_pnl_single},
    {TD_TWS_REQ_HISTORICAL_TICKS, td_gw_req_history_ticks},
    {TD_TWS_REQ_TICK_BY_TICK, td_gw_req_ticks},
    {TD_TWS_CANCEL_TICK_BY_TICK, td_gw_cancel_ticks},
    {TD_TWS_REQ_COMPLETED_ORDERS, td_gw_req_completed},
    {TD_TWS_REQ_USER_INFO, td_gw_req_user},
    {TD_TWS_REQ_CURRENT_TIME_MILLIS, td_gw_req_time_ms},
    {TD_TWS_REQ_SCANNER_PARAMETERS, td_gw_req_scanner_parameters},
    {TD_TWS_REQ_SCANNER_SUBSCRIPTION, td_gw_req_scanner},
    {TD_TWS_CANCEL_SCANNER_SUBSCRIPTION, td_gw_cancel_scanner},
    {TD_TWS_REQ_NEWS_ARTICLE, td_gw_req_news_article},
    {TD_TWS_REQ_HISTORICAL_NEWS, td_gw_req_historical_news},
    {TD_TWS_REQ_FUNDAMENTAL_DATA, td_gw_req_fundamental},
    {TD_TWS_CANCEL_FUNDAMENTAL_DATA, td_gw_ignore}, /* was refused at once */
    {TD_TWS_REQ_WSH_META_DATA, td_gw_req_wsh},
    {TD_TWS_REQ_WSH_EVENT_DATA, td_gw_req_wsh},
    {TD_TWS_CANCEL_WSH_META_DATA, td_gw_ignore}, /* was refused at once */
    {TD_TWS_CANCEL_WSH_EVENT_DATA, td_gw_ignore},
    {TD_TWS_QUERY_DISPLAY_GROUPS, td_gw_query_groups},
    {TD_TWS_SUBSCRIBE_TO_GROUP_EVENTS, td_gw_subscribe_group},
    {TD_TWS_UPDATE_DISPLAY_GROUP, td_gw_update_group},
    {TD_TWS_UNSUBSCRIBE_FROM_GROUP_EVENTS, td_gw_unsubscribe_group},
    {TD_TWS_CALC_IMPLIED_VOLATILITY, td_gw_calc_volatility},
    {TD_TWS_CALC_OPTION_PRICE, td_gw_calc_price},
    {TD_TWS_CANCEL_CALC_IMPLIED_VOLATILITY, td_gw_ignore}, /* was answered at once */
    {TD_TWS_CANCEL_CALC_OPTION_PRICE, td_gw_ignore},
    {TD_TWS_EXERCISE_OPTIONS, td_gw_exercise},
    {TD_TWS_REQ_FA, td_gw_req_fa},
    {TD_TWS_REPLACE_FA, td_gw_replace_fa},
    {TD_TWS_VERIFY_REQUEST, td_gw_verify},
    {TD_TWS_VERIFY_MESSAGE, td_gw_verify},
    {TD_TWS_VERIFY_AND_AUTH_REQUEST, td_gw_verify_auth},
    {TD_TWS_VERIFY_AND_AUTH_MESSAGE, td_gw_verify_auth},
};

/* Unknown ids: the first number of such a message is nearly always the request id. */
static int32_t guess_id(const struct td_tws_other *other)
{
    struct td_str rest = other->fields, field;
    int64_t id = -1;
    if (td_str_split(&rest, '\0', &field) && td_i64_parse(field.p, field.len, &id) == TD_OK &&
        id >= 0 && id < INT32_MAX)
        return (int32_t)id;
    return -1;
}

void td_gw_dispatch(struct td_gateway *g, struct td_gw_client *c, const struct td_tws_msg *m)
{
    for (size_t i = 0; i < TD_COUNT(handlers); i++)
        if (handlers[i].kind == m->kind) {
            if (td_gw_writable(g, c, m))
                handlers[i].answer(g, c, m);
            return;
        }
    const int32_t id = m->kind == TD_TWS_OTHER_REQUEST ? m->other.id : 0;
    td_logf(g->log, TD_LOG_WARN, TD_LOG_API, "not_supported", "client %d: request %d", (int)c->id,
            (int)id);
    td_gw_error(g, c, m->kind == TD_TWS_OTHER_REQUEST ? guess_id(&m->other) : -1, 320,
                "Error reading request. Message %d is not supported by the simulator", (int)id);
}

void td_gw_ignore(struct td_gateway *g, struct td_gw_client *c, const struct td_tws_msg *m)
{
    (void)g;
    (void)c;
    (void)m;
}

/* ---- opening ---- */

/* The first day with the finest trades of any stock of the table; false when nothing is recorded. */
static bool recorded_day(struct td_gateway *g, int64_t *day)
{
    for (uint8_t resolution = TD_LEAN_TICK; resolution <= TD_LEAN_MINUTE; resolution++)
        for (uint32_t i = 0; i < g->universe.count; i++) {
            const struct td_source_config c = {.data = g->config.data, .row = &g->universe.rows[i]};
            struct td_source_folder names;
            struct td_lean_file file;
            if (!td_source_lean(&c, &names, &file))
                continue;
            file.kind = TD_LEAN_TRADES;
            file.resolution = resolution;
            if (td_lean_next_day(g->world, &file, 0, day))
                return true;
        }
    return false;
}

static bool has_day(struct td_gateway *g, const struct td_universe_row *row)
{
    const struct td_source_config c = {.data = g->config.data, .row = row};
    struct td_source_folder names;
    struct td_lean_file file;
    int64_t day = 0;
    if (!td_source_lean(&c, &names, &file))
        return false;
    file.kind = TD_LEAN_TRADES;
    for (file.resolution = TD_LEAN_TICK; file.resolution <= TD_LEAN_MINUTE; file.resolution++)
        if (td_lean_next_day(g->world, &file, g->day, &day) && day == g->day)
            return true;
    return false;
}

bool td_gw_is_holiday(const void *arg, int64_t day)
{
    const struct td_gateway *g = arg;
    struct td_session_hours hours;
    return !td_calendar_session(&td_calendar_xnys, g->new_york, day, &hours);
}

static void choose_day(struct td_gateway *g, const struct td_tz *zone)
{
    g->day = g->config.day;
    if (g->day != TD_GATEWAY_DAY_CHOOSE || (g->config.data && recorded_day(g, &g->day)))
        return;
    g->day = td_tz_day(zone, td_world_now(g->world));
    while (td_weekday(g->day) == 0 || td_weekday(g->day) == 6)
        g->day--;
}

static enum td_err open_named(struct td_gateway *g, const char *symbol, struct td_fail *why)
{
    uint32_t row = 0;
    if (td_universe_add(&g->universe, symbol, &row) != TD_OK)
        return td_fail_set(why, TD_EINVAL, "symbol \"%s\": letters, digits, dots and dashes only",
                           symbol);
    return td_gw_symbol_open(g, row, why) ? TD_OK : why->code;
}

static enum td_err open_symbols(struct td_gateway *g, struct td_fail *why)
{
    static const char *const usual[] = {"SPY", "AAPL", "MSFT", "ES"};
    enum td_err err = TD_OK;
    for (uint32_t i = 0; i < g->config.symbol_count && !err; i++)
        err = open_named(g, g->config.symbols[i], why);
    for (uint32_t i = 0; i < g->universe.count && !err && !g->config.symbol_count && g->config.data;
         i++)
        if (has_day(g, &g->universe.rows[i]) && !td_gw_symbol_open(g, i, why))
            err = why->code;
    const bool none = g->opened_count == 0;
    for (size_t i = 0; i < TD_COUNT(usual) && !err && none; i++)
        err = open_named(g, usual[i], why);
    return err;
}

static enum td_err open_books(struct td_gateway *g, struct td_fail *why)
{
    static const char *const usual[] = {"DU1234567"};
    const struct td_ledger_config max = {TD_GATEWAY_ACCOUNTS_MAX, TD_GW_POSITIONS, TD_GW_ORDERS,
                                         TD_GW_FILLS};
    struct td_arena arena;
    const char *const *names = g->config.account_count ? g->config.accounts : usual;
    const uint32_t count = g->config.account_count ? g->config.account_count : 1;
    g->ledger_memory = calloc(1, td_ledger_bytes(&max));
    g->orders = calloc(TD_GW_ORDERS, sizeof *g->orders);
    g->history_memory = malloc(td_source_bytes());
    g->history = calloc(TD_GW_BARS, sizeof *g->history);
    g->bars = calloc(TD_GW_BARS, sizeof *g->bars);
    g->bar_dates = calloc(TD_GW_BARS, sizeof *g->bar_dates);
    g->bids = calloc(TD_GW_BARS, sizeof *g->bids);
    g->bid_starts = calloc(TD_GW_BARS, sizeof *g->bid_starts);
    g->headlines = calloc(TD_GW_HEADLINES, sizeof *g->headlines);
    g->ticks = calloc(TD_GW_TICK_ROWS, sizeof *g->ticks);
    g->tick_venues = calloc(TD_GW_TICK_ROWS, sizeof *g->tick_venues);
    if (!g->ledger_memory || !g->orders || !g->history_memory || !g->history || !g->bars ||
        !g->bar_dates || !g->bids || !g->bid_starts || !g->headlines || !g->ticks ||
        !g->tick_venues)
        return td_fail_set(why, TD_ENOMEM, "no memory for the books");
    td_arena_init(&arena, g->ledger_memory, td_ledger_bytes(&max));
    enum td_err err = td_ledger_open(&g->ledger, &max, &arena);
    for (uint32_t i = 0, index; i < count && !err; i++)
        err = td_ledger_add_account(&g->ledger, names[i], g->config.cash, &index);
    return err ? td_fail_set(why, TD_EINVAL,
                             "accounts: at most %d different names of at most 15 characters",
                             TD_GATEWAY_ACCOUNTS_MAX)
               : TD_OK;
}

static void write_ledger(struct td_gateway *g, const struct td_text *line)
{
    if (!g->ledger_open || (td_file_write(g->world, g->ledger_file, line->buf, line->len) == TD_OK))
        return;
    td_logf(g->log, TD_LOG_ERROR, TD_LOG_API, "ledger_failed",
            "the ledger file cannot be written any more");
    td_file_close(g->world, g->ledger_file);
    g->ledger_open = false;
}

void td_gw_ledger_line(struct td_gateway *g, uint32_t cursor)
{
    char buf[1100];
    struct td_text line;
    td_text_init(&line, buf, sizeof buf);
    if (g->ledger_open && td_ledger_line(&g->ledger, &cursor, &line)) {
        td_text_char(&line, '\n');
        write_ledger(g, &line);
    }
}

static void ledger_head(struct td_gateway *g)
{
    char buf[256];
    struct td_text line;
    td_text_init(&line, buf, sizeof buf);
    for (uint32_t i = 0; i < g->universe.count && g->ledger_open; i++) {
        td_text_reset(&line);
        td_text_printf(&line, "{\"record\":\"instrument\",\"inst\":%u,\"symbol\":\"%s\"}\n",
                       (unsigned)i, g->universe.rows[i].inst.symbol);
        write_ledger(g, &line);
    }
}

static void set_presets(struct td_gateway *g)
{
    struct td_gateway_config *c = &g->config;
    c->host = c->host ? c->host : "127.0.0.1";
    c->cash = c->cash.e9 ? c->cash : TD_CASH(1000000);
    c->start_minute = c->start_minute ? c->start_minute : 570;
    c->perm_first = c->perm_first ? c->perm_first : TD_GW_PERM_FIRST;
    c->lines = c->lines ? c->lines : 100;
    c->depth_lines = c->depth_lines ? c->depth_lines : 3;
    g->world = c->world;
    g->log = c->log;
}

static enum td_err start(struct td_gateway *g, struct td_fail *why)
{
    const struct td_tz *zone = td_gw_zone(g, "America/New_York");
    TD_REQUIRE(zone != NULL);
    g->new_york = zone;
    td_universe_init(&g->universe);
    choose_day(g, zone);
    td_universe_date(&g->universe, g->day);
    g->mono = g->mono_base = td_world_mono(g->world);
    g->now = g->market_base =
        g->config.start_at
            ? g->config.start_at
            : td_tz_at(zone, g->day, g->config.start_minute / 60, g->config.start_minute % 60, 0);
    g->exec_base = (uint32_t)td_world_random(g->world);
    enum td_err err = open_books(g, why);
    if (!err)
        err = td_gw_faults_open(g, why);
    if (!err)
        err = open_symbols(g, why);
    if (!err && g->config.ledger) {
        err = td_file_open(g->world, g->config.ledger, TD_FILE_APPEND, &g->ledger_file, why);
        g->ledger_open = err == TD_OK;
        ledger_head(g);
    }
    if (!err)
        err = td_world_listen(g->world, g->config.host, &g->config.port, &g->listener, why);
    if (!err)
        err = td_gw_control_open(g, why);
    g->mono_base = g->mono = g->opened_mono = td_world_mono(g->world); /* opening took time */
    if (!err)
        td_gw_faults_tick(g); /* what is wrong from the start */
    return err;
}

enum td_err td_gateway_open(struct td_gateway **out, const struct td_gateway_config *config,
                            struct td_fail *why)
{
    struct td_fail own = {0};
    struct td_gateway *g = calloc(1, sizeof *g);
    why = why ? why : &own;
    if (!g)
        return td_fail_set(why, TD_ENOMEM, "no memory for the simulator");
    g->config = *config;
    set_presets(g);
    const enum td_err err = start(g, why);
    if (err)
        td_gateway_close(g);
    else
        *out = g;
    return err;
}

void td_gateway_close(struct td_gateway *g)
{
    if (!g)
        return;
    for (size_t i = 0; i < TD_GATEWAY_CLIENTS_MAX; i++)
        if (g->clients[i])
            td_gw_client_free(g, g->clients[i], false);
    td_gw_control_close(g);
    if (g->listener.id)
        td_world_hangup(g->world, g->listener, false);
    for (uint32_t i = 0; i < g->ledger.account_count + g->ledger.position_count; i++)
        td_gw_ledger_line(g, i);
    td_gw_ledger_line(g, g->ledger.account_count + g->ledger.position_count +
                             g->ledger.order_count + g->ledger.fill_count);
    if (g->ledger_open)
        td_file_close(g->world, g->ledger_file);
    for (uint32_t i = 0; i < g->opened_count; i++)
        td_gw_symbol_close(g->symbols[g->opened[i]]);
    free(g->ledger_memory);
    for (uint32_t i = 0; g->orders && i < g->order_count; i++)
        free(g->orders[i].asked);
    free(g->orders);
    free(g->history_memory);
    free(g->history);
    free(g->bars);
    free(g->bar_dates);
    free(g->bids);
    free(g->bid_starts);
    free(g->faults.late);
    free(g->headlines);
    free(g->ticks);
    free(g->tick_venues);
    free(g);
}

/* ---- events ---- */

bool td_gateway_wake(struct td_gateway *g, const struct td_wake *wake)
{
    if (td_gw_control_wake(g, wake))
        return true;
    if (wake->kind == TD_WAKE_ACCEPTED && wake->listener.id == g->listener.id) {
        td_gw_accept(g, wake->conn);
        return true;
    }
    for (size_t i = 0; i < TD_GATEWAY_CLIENTS_MAX; i++) {
        struct td_gw_client *c = g->clients[i];
        if (!c || c->conn.id != wake->conn.id ||
            (wake->kind != TD_WAKE_READABLE && wake->kind != TD_WAKE_WRITABLE))
            continue;
        if (wake->kind == TD_WAKE_WRITABLE)
            c->blocked = false;
        else
            td_gw_read(g, c);
        if (g->clients[i] == c)
            td_gw_flush(g, c);
        return true;
    }
    return false;
}

static bool all_take_data(const struct td_gateway *g)
{
    bool any = false;
    for (size_t i = 0; i < TD_GATEWAY_CLIENTS_MAX; i++) {
        const struct td_gw_client *c = g->clients[i];
        if (!c || !c->open || c->closing)
            continue;
        any = true;
        if (c->blocked || td_twsgw_queued(&c->tws) > TD_GW_TX / 4)
            return false;
    }
    return any;
}

/* When all tapes are silent for long (a night), the clock jumps to the first event after it. */
static td_ns skip_night(const struct td_gateway *g, td_ns now)
{
    td_ns first = TD_NS_NEVER;
    for (uint32_t i = 0; i < g->opened_count && !g->config.play_nights; i++) {
        const struct td_gw_symbol *s = g->symbols[g->opened[i]];
        if (s->has_next && s->next.venue_ns < first)
            first = s->next.venue_ns;
    }
    return first != TD_NS_NEVER && first > now + SKIP ? first : now;
}

static void move_clock(struct td_gateway *g)
{
    int64_t passed = 0;
    td_ns now = g->now;
    g->mono = td_world_mono(g->world);
    if (g->config.speed_e9 == 0)
        now = all_take_data(g) ? g->now + STEP : g->now;
    else if (td_i64_muldiv(g->mono - g->mono_base, g->config.speed_e9, TD_E9, &passed) == TD_OK)
        now = g->market_base + (g->config.step ? passed / g->config.step * g->config.step : passed);
    const td_ns day = skip_night(g, now);
    if (day != now) {
        td_logf(g->log, TD_LOG_INFO, TD_LOG_API, "night_skipped",
                "the market clock moves %lld minutes ahead", (long long)((day - now) / TD_MIN));
        g->market_base = now = day;
        g->mono_base = g->mono;
    }
    g->now = now > g->now ? now : g->now;
}

void td_gateway_tick(struct td_gateway *g)
{
    move_clock(g);
    td_gw_faults_tick(g);
    td_gw_play(g);
    td_gw_hold_tick(g);
    td_gw_news_tick(g);
    td_gw_fan_out(g);
    td_gw_accounts_tick(g);
    for (size_t i = 0; i < TD_GATEWAY_CLIENTS_MAX; i++)
        if (g->clients[i])
            td_gw_client_tick(g, g->clients[i]);
}

td_ns td_gateway_deadline(const struct td_gateway *g)
{
    bool any = false;
    for (size_t i = 0; i < TD_GATEWAY_CLIENTS_MAX; i++)
        any = any || g->clients[i];
    if (g->config.speed_e9 == 0 && all_take_data(g))
        return g->mono;
    if (g->config.step && g->config.speed_e9 == TD_E9)
        return g->mono_base + (g->now - g->market_base) + g->config.step;
    return g->mono + (any ? TURN_BUSY : TURN_IDLE);
}

/* ---- looking ---- */

uint16_t td_gateway_port(const struct td_gateway *g)
{
    return g->config.port;
}

td_ns td_gateway_now(const struct td_gateway *g)
{
    return g->now;
}

const struct td_ledger *td_gateway_ledger(const struct td_gateway *g)
{
    return &g->ledger;
}

bool td_gateway_ended(const struct td_gateway *g)
{
    for (uint32_t i = 0; i < g->opened_count; i++)
        if (!g->symbols[g->opened[i]]->ended)
            return false;
    return true;
}

td_px td_gateway_last(const struct td_gateway *g, uint32_t inst)
{
    return inst < TD_INSTRUMENTS_MAX && g->symbols[inst] ? g->symbols[inst]->last : TD_PX_NONE;
}

bool td_gateway_symbol(const struct td_gateway *g, uint32_t n, struct td_gateway_symbol *out)
{
    if (n >= g->opened_count)
        return false;
    const struct td_gw_symbol *s = g->symbols[g->opened[n]];
    *out = (struct td_gateway_symbol){g->universe.rows[s->row].inst.symbol, s->text, s->row,
                                      s->source.kind != TD_SOURCE_GENERATED};
    return true;
}

const char *td_gateway_account(const struct td_gateway *g, uint32_t n)
{
    return n < g->ledger.account_count ? g->ledger.accounts[n].name : NULL;
}

void td_gateway_stats(const struct td_gateway *g, struct td_gateway_stats *out)
{
    *out = g->stats;
    out->orders = g->order_count;
    out->fills = g->ledger.fill_count;
    for (uint32_t i = 0; g->config.script && i < g->config.script->step_count; i++)
        out->steps_idle += !g->faults.steps[i].ran;
    for (size_t i = 0; i < TD_GATEWAY_CLIENTS_MAX; i++)
        if (g->clients[i]) {
            out->clients++;
            out->dropped += g->clients[i]->dropped;
        }
}
