/* desk/desk_session.c - what the desk does about its connection: accounts, clock, checklist, outages. */
#include "desk/desk_inner.h"

#include <stdio.h>
#include <string.h>

#include "trade/today.h"

#define EVICTION_OVER TD_MIN

static enum td_fact fact(bool yes)
{
    return yes ? TD_FACT_YES : TD_FACT_NO;
}

enum td_err desk_session_settings(struct td_desk *d, struct td_fail *why)
{
    const struct td_settings *s = d->config.settings;
    enum td_err err = td_windows_parse(s->window_daily, s->window_weekly, &d->windows, why);
    if (!err)
        err = td_connection_minute(s->restart_at, &d->restart_minute, why);
    if (!err)
        err = td_week_minute_parse(s->weekly_login, &d->reauth_minute, why);
    if (!err)
        err = td_checklist_waive(&d->checks, td_str_of(s->waive), why);
    return err;
}

/* What the broker was told and has not answered. What rests there, confirmed, outlives a restart. */
static bool in_flight(void *arg)
{
    const struct td_desk *d = arg;
    if (d->pending_count)
        return true;
    for (uint32_t i = 0; i < d->blotter.order_count; i++) {
        const uint8_t state = d->blotter.orders[i].state;
        if (state == TD_OS_INTENT || state == TD_OS_SENT || state == TD_OS_CANCELLING ||
            state == TD_OS_UNKNOWN)
            return true;
    }
    return false;
}

uint32_t desk_session_start(struct td_desk *d)
{
    /* A simulator that plays another day has no resets of the broker's. */
    const bool real_day = d->config.clock == TD_CLOCK_WALL;
    const struct td_connection_config config = {.link = d->link,
                                                .market = &d->market,
                                                .log = d->log,
                                                .trading = true,
                                                .client_id = d->link->config.client_id,
                                                .ids = 1,
                                                .new_york = real_day ? &d->new_york : NULL,
                                                .windows = d->windows,
                                                .restart_minute = d->restart_minute,
                                                .reauth_minute = d->reauth_minute,
                                                .command_port =
                                                    (uint16_t)d->config.settings->ibc_command_port,
                                                .in_flight = in_flight,
                                                .arg = d};
    return td_connection_init(&d->conn, &config);
}

/* --- clock --- */

void desk_ask_time(struct td_desk *d)
{
    struct td_tws_msg msg;
    td_tws_msg_init(&msg, TD_TWS_REQ_CURRENT_TIME);
    if (td_link_send(d->link, &msg) != TD_OK)
        return;
    d->time_asked_mono = td_world_mono(d->world);
    if (d->checks.state[TD_CHECK_CLOCK] == TD_CHECK_MISSING)
        td_checklist_ask(&d->checks, TD_CHECK_CLOCK, d->time_asked_mono);
}

enum td_fact desk_clock_fact(const struct td_desk *d)
{
    if (d->gateway_time == 0)
        return TD_FACT_UNKNOWN;
    if (d->config.clock == TD_CLOCK_GATEWAY)
        return fact(!d->config.plan->live && !d->clock_doubt);
    /* currentTime is cut to whole seconds: half a second is its middle. */
    const td_ns since = td_world_mono(d->world) - d->gateway_time_mono;
    const td_ns offset = td_world_now(d->world) - d->gateway_time - TD_SEC / 2 - since;
    return fact(!d->clock_doubt && offset > -TD_CLOCK_OFFSET_MAX && offset < TD_CLOCK_OFFSET_MAX);
}

/* --- the checklist --- */

static bool quotes_are_live(const struct td_desk *d)
{
    for (uint32_t i = 0; i < d->market.count; i++) {
        const struct td_line *line = &d->market.lines[i];
        if (!line->quote_delayed && !td_px_is_none(line->quote.bid) &&
            !td_px_is_none(line->quote.ask))
            return true;
    }
    return false;
}

static bool contracts_are_known(const struct td_desk *d)
{
    uint32_t live = 0;
    for (uint32_t i = 0; i < d->market.count; i++) {
        const enum td_line_state state = d->market.lines[i].state;
        if (state == TD_LINE_IDLE || state == TD_LINE_ASKED)
            return false;
        live += state == TD_LINE_LIVE;
    }
    return live > 0;
}

/* Lines with a position or a working order keep their slots and their contract. */
void desk_pin_lines(struct td_desk *d)
{
    for (uint32_t i = 0; i < d->market.count; i++) {
        bool pinned = false;
        int64_t conid = 0;
        for (uint32_t h = 0; h < d->blotter.holding_count && !pinned; h++) {
            const struct td_blotter_holding *holding = &d->blotter.holdings[h];
            pinned = (holding->now.qty.e9 != 0 || holding->open_orders) &&
                     strcmp(holding->symbol, d->market.lines[i].symbol) == 0;
            conid = pinned ? holding->conid : 0;
        }
        td_market_pin(&d->market, i, pinned);
        td_market_hold(&d->market, i, conid);
    }
}

/* The other session of the login has gone: nothing was refused for a while, and the data flows. */
static void look_at_eviction(struct td_desk *d, const struct td_market_health *health)
{
    struct td_connectivity *state = &d->conn.state;
    if (!state->evicted || health->stale ||
        td_world_mono(d->world) - state->evicted_at < EVICTION_OVER)
        return;
    td_connectivity_data(state);
    td_alert_clear(&d->conn.alerts, TD_ALERT_COMPETING);
}

void desk_check_items(struct td_desk *d)
{
    const enum td_fact clock = desk_clock_fact(d);
    struct td_market_health health;
    if (clock != TD_FACT_UNKNOWN)
        td_checklist_set(&d->checks, TD_CHECK_CLOCK, clock == TD_FACT_YES);
    if (clock == TD_FACT_NO)
        td_connection_alert(&d->conn, TD_ALERT_CLOCK,
                            "our clock and the gateway's differ by 2 s or more");
    else if (clock == TD_FACT_YES)
        td_alert_clear(&d->conn.alerts, TD_ALERT_CLOCK);
    if (contracts_are_known(d))
        td_checklist_set(&d->checks, TD_CHECK_CONTRACTS, true);
    if (d->checks.state[TD_CHECK_QUOTES] != TD_CHECK_OK && quotes_are_live(d))
        td_checklist_set(&d->checks, TD_CHECK_QUOTES, true);
    td_checklist_set(&d->checks, TD_CHECK_JOURNAL,
                     td_writer_journal_error(d->writer) == TD_OK && d->order_errors == 0);
    td_market_health(&d->market, &health);
    look_at_eviction(d, &health);
    desk_pin_lines(d);
    if (health.mute) {
        char text[80];
        (void)snprintf(text, sizeof text, "%u subscriptions stay silent after %d tries",
                       health.mute, TD_MARKET_TRIES);
        td_connection_alert(&d->conn, TD_ALERT_DATA, text);
    } else if (!health.stale) {
        td_alert_clear(&d->conn.alerts, TD_ALERT_DATA);
    }
}

bool desk_may_order(const struct td_desk *d)
{
    return d->sync == SYNC_DONE && td_connection_may_order(&d->conn) &&
           td_checklist_open(&d->checks);
}

/* --- what the connection asks for --- */

/* Another login may stand behind the same port after a reconnect. What closes here stays closed. */
static void check_account(struct td_desk *d)
{
    struct td_str rest = td_str_of(d->link->accounts), one;
    bool there = false;
    while (td_str_split(&rest, ',', &one))
        there |= td_str_is(one, d->account);
    if (!there && d->mode_agrees)
        td_logf(d->log, TD_LOG_ERROR, TD_LOG_TRADING, "mode",
                "the gateway has %s and no longer %s: no order will leave until a restart",
                d->link->accounts, d->account);
    d->mode_agrees &= there;
    td_checklist_set(&d->checks, TD_CHECK_ACCOUNT, d->mode_agrees);
    if (!d->mode_agrees)
        td_connection_alert(&d->conn, TD_ALERT_ACCOUNT,
                            there ? "mode, port and account do not agree"
                                  : "the gateway is logged into another account");
}

static void begin(struct td_desk *d)
{
    td_checklist_begin(&d->checks);
    td_checklist_set(&d->checks, TD_CHECK_SESSION, true);
    check_account(d);
    desk_ask_time(d);
    desk_ask_account(d);
}

static void lost(struct td_desk *d)
{
    struct td_record r;
    const bool told = d->sync == SYNC_OFF && d->gateway_time == 0;
    td_checklist_begin(&d->checks);
    d->sync = SYNC_OFF;
    d->sync_misses = 0;
    d->gateway_time = 0;
    desk_forget_account(d);
    desk_paper_blind(d);
    desk_drop_pending(d);
    if (told)
        return; /* one record for one outage, whatever is tried meanwhile */
    td_record_init(&r, TD_REC_LOST, td_world_now(d->world));
    (void)snprintf(r.text, sizeof r.text, "%.150s", d->link->end_text);
    (void)desk_fact(d, &r);
}

void desk_todo(struct td_desk *d, uint32_t todo)
{
    if (todo & TD_CONN_ENDED)
        lost(d);
    if (todo & TD_CONN_READY)
        begin(d);
    if (todo & TD_CONN_CLOSE) {
        d->sync = SYNC_OFF;
        desk_paper_blind(d);
    }
    if (todo & (TD_CONN_JUMPED | TD_CONN_STOPPED)) {
        d->clock_doubt = true;
        if (td_link_ready(d->link))
            desk_ask_time(d);
    }
    if ((todo & TD_CONN_SYNC) && td_link_ready(d->link))
        desk_sync_start(d);
    if ((todo & TD_CONN_STOP) && !d->blotter.halted)
        desk_halt(d, "the broker was away for 5 minutes");
}
