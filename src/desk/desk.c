/* desk/desk.c - opening, the loop, closing. */
#include "desk/desk.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "desk/desk_inner.h"
#include "desk/zone.h"
#include "sys/terminal.h"
#include "trade/snapshot.h"

#define TICK TD_SEC

_Static_assert(TD_BLOTTER_HOLDINGS_MAX == TD_LINES_MAX, "marks are kept by line and by holding");

static const struct td_blotter_limits blotter_limits = {.orders_max = TD_BLOTTER_ORDERS_MAX,
                                                        .executions_max = TD_BLOTTER_EXECUTIONS_MAX,
                                                        .holdings_max = TD_BLOTTER_HOLDINGS_MAX,
                                                        .orders_kept = TD_BLOTTER_ORDERS_KEPT,
                                                        .executions_kept =
                                                            TD_BLOTTER_EXECUTIONS_KEPT};

/* --- events of the market --- */

static void on_event(void *arg, uint32_t index, const struct td_event *event, bool warmup)
{
    struct td_desk *d = arg;
    desk_money_moved(d);
    td_feed_event(d->config.feed, index, event, warmup, &d->market.lines[index].book);
    if (!desk_data_passes(d, index, event)) {
        if (d->paper)
            td_paper_doubt(d->paper, index);
        return;
    }
    if (d->paper && !warmup)
        td_paper_market(d->paper, index, event);
    if (event->kind == TD_EV_BAR)
        desk_take_bar(d, index, event);
    desk_see_volume(d, index, event, warmup);
    desk_decide(d, index, event, warmup);
    d->bar_seen[index] |= event->kind == TD_EV_BAR && !warmup && d->sync == SYNC_DONE;
}

/* Every line has had its bar, but for those the broker refused. */
static bool all_bars_seen(const struct td_desk *d)
{
    uint32_t seen = 0;
    for (uint32_t i = 0; i < d->market.count; i++) {
        if (!d->bar_seen[i] && d->market.lines[i].state != TD_LINE_REFUSED)
            return false;
        seen += d->bar_seen[i];
    }
    return seen > 0;
}

/* --- opening --- */

static enum td_err replay(void *arg, const struct td_record *record)
{
    struct td_desk *d = arg;
    /* What could not be applied live was journaled only after it had been applied: a refusal here means
     * the tables are too small for this journal. */
    return td_blotter_replay(&d->blotter, record);
}

/* The journal is read from the middle on: this is what stands before it. */
static bool begin_with(void *arg, const struct td_blotter *state)
{
    struct td_desk *d = arg;
    return td_blotter_copy(&d->blotter, state) == TD_OK;
}

static enum td_err open_blotter(struct td_desk *d, struct td_fail *why)
{
    struct td_arena arena;
    const size_t bytes = td_blotter_bytes(&blotter_limits);
    d->memory = malloc(bytes);
    d->listed = calloc(blotter_limits.orders_max, sizeof *d->listed);
    if (!d->memory || !d->listed)
        return td_fail_set(why, TD_ENOMEM, "no memory for the desk");
    if (!d->config.inline_writer) /* the pages now, not with each order of the day */
        memset(d->memory, 0, bytes);
    td_arena_init(&arena, d->memory, bytes);
    const enum td_err err = td_blotter_open(&d->blotter, &blotter_limits, &arena);
    return err ? td_fail_set(why, err, "no memory for the blotter") : TD_OK;
}

static enum td_err open_writer(struct td_desk *d, struct td_fail *why)
{
    struct td_journal_report report = {0};
    (void)snprintf(d->result.journal, sizeof d->result.journal, "%s/journal", d->config.state);
    const struct td_writer_config config = {.desk = d->world,
                                            .inline_mode = d->config.inline_writer,
                                            .journal = d->result.journal,
                                            .state =
                                                d->config.no_projections ? NULL : d->config.state,
                                            .each = replay,
                                            .begin = begin_with,
                                            .watch = {d->switch_file, desk_switch_beside},
                                            .arg = d};
    enum td_err err = td_folder_make(d->world, d->config.state);
    if (err)
        return td_fail_set(why, err, "state folder %s: %s", d->config.state, td_err_text(err));
    err = td_writer_open(&d->writer, &config, &report, why);
    if (err)
        return err;
    td_logf(d->log, TD_LOG_INFO, TD_LOG_TRADING, "journal",
            "%llu records in %u files, %u files before a snapshot, %llu torn bytes cut",
            (unsigned long long)report.records, report.files, report.skipped,
            (unsigned long long)report.cut_bytes);
    return TD_OK;
}

static enum td_err open_market(struct td_desk *d, struct td_fail *why)
{
    const struct td_market_config config = {
        .depth_rows = d->config.depth_rows ? d->config.depth_rows : 1,
        .bar_size = d->config.bar_size,
        .bar_history = d->config.bar_history,
        .bar_span = d->config.bar_span,
        .lines_max = (uint32_t)d->config.symbol_count,
        .quote_slots = (uint32_t)d->config.settings->quote_slots,
        .depth_slots = (uint32_t)d->config.settings->depth_slots,
        .tick_slots = (uint32_t)d->config.settings->tick_slots};
    const int wants = TD_WANT_QUOTES | TD_WANT_BARS | (d->config.depth_rows ? TD_WANT_DEPTH : 0);
    enum td_err err = td_market_init(&d->market, &config, d->link, d->log, on_event, d, why);
    for (int32_t i = 0; i < d->config.symbol_count && !err; i++) {
        uint32_t index;
        err = td_market_add(&d->market, d->config.symbols[i], wants, &index, why);
        if (!err)
            td_feed_line(d->config.feed, index, d->market.lines[index].symbol);
    }
    return err;
}

static void journal_start(struct td_desk *d)
{
    struct td_record r;
    td_record_init(&r, TD_REC_START, td_world_now(d->world));
    (void)snprintf(r.text, sizeof r.text, "tapedeck %s", d->config.version);
    (void)snprintf(r.account, sizeof r.account, "%s", d->account);
    (void)snprintf(r.status, sizeof r.status, "%s", d->config.plan->live ? "live" : "paper");
    (void)desk_fact(d, &r);
    (void)snprintf(d->run_id, sizeof d->run_id, "%06llx",
                   (unsigned long long)(td_world_random(d->world) & 0xffffff));
}

enum td_err td_desk_open(struct td_desk **out, const struct td_desk_config *config,
                         struct td_link *link, struct td_world *world, struct td_fail *why)
{
    struct td_desk *d = calloc(1, sizeof *d);
    if (!d)
        return td_fail_set(why, TD_ENOMEM, "no memory for the desk");
    d->config = *config;
    d->world = world;
    d->link = link;
    d->log = config->log;
    d->disk_ok = true;
    d->started_ns = td_world_now(world);
    d->started_mono = td_world_mono(world);
    d->equity = d->limits_equity = d->broker_gross = TD_CASH_NONE;
    desk_forget_account(d);
    desk_name_switch(d);
    td_settings_limits(config->settings, d->equity, &d->limits);
    desk_open_data(d);
    enum td_err err = desk_session_settings(d, why);
    if (!err)
        err = td_zone_load(world, TD_ZONE_NEW_YORK, &d->new_york, why);
    if (!err)
        err = desk_paper_claim(d, why);
    if (!err)
        err = desk_check_mode(d, why);
    if (!err)
        err = open_blotter(d, why);
    if (!err)
        err = desk_open_money(d, why);
    if (!err)
        err = desk_open_strategies(d, why);
    if (!err)
        err = desk_open_algos(d, why);
    if (!err)
        err = open_writer(d, why);
    if (!err) {
        desk_open_guards(d);
        desk_open_signals(d);
    }
    if (!err)
        err = desk_control_open(d, why);
    if (!err)
        err = open_market(d, why);
    if (!err)
        err = desk_paper_open(d, why);
    if (!err)
        err = desk_open_alerts(d, why);
    if (!err)
        err = desk_open_postgres(d, why);
    if (err) {
        td_desk_close(d);
        return err;
    }
    desk_pin_lines(d); /* before the first look-up of contracts */
    journal_start(d);
    desk_resume_algos(d);
    *out = d;
    return TD_OK;
}

void td_desk_close(struct td_desk *d)
{
    if (!d)
        return;
    td_wordsocket_close(&d->control);
    desk_close_alerts(d);
    desk_close_postgres(d);
    td_writer_close(d->writer);
    td_paper_close(d->paper);
    td_market_fini(&d->market);
    desk_close_strategies(d);
    desk_close_money(d);
    desk_close_algos(d);
    free(d->listed);
    free(d->memory);
    free(d);
}

/* --- the loop --- */

static void check_disk(struct td_desk *d)
{
    uint64_t bytes = 0;
    const bool known = td_disk_free(d->world, d->config.state, &bytes) == TD_OK;
    const bool ok = known && bytes >= (uint64_t)d->config.settings->disk_floor_mb << 20;
    if (!ok && d->disk_ok)
        td_logf(d->log, TD_LOG_ERROR, TD_LOG_TRADING, "disk", "%s has %llu MB free: no new risk",
                d->config.state, (unsigned long long)(bytes >> 20));
    if (!ok)
        td_connection_alert(&d->conn, TD_ALERT_DISK, "no room, or none that can be looked at");
    else if (!td_writer_journal_error(d->writer))
        td_alert_clear(&d->conn.alerts, TD_ALERT_DISK);
    d->disk_ok = ok;
}

static void every_second(struct td_desk *d, td_ns mono)
{
    if (mono < d->tick_mono)
        return;
    d->tick_mono = mono + TICK;
    td_market_watch(&d->market, desk_market_time(d));
    desk_paper_tick(d);
    check_disk(d);
    desk_look_at_money(d);
    desk_watch_switch(d);
    desk_tend_alerts(d, mono);
    desk_tend_postgres(d);
    /* A simulator's clock is asked for all the time; ours is checked against the gateway's once a minute. */
    if (td_link_ready(d->link) && (d->config.clock == TD_CLOCK_GATEWAY || !d->gateway_time ||
                                   d->clock_doubt || mono - d->time_asked_mono >= TD_MIN))
        desk_ask_time(d);
    desk_check_items(d);
    desk_look_at_pending(d, mono);
    if (d->config.quiet)
        return;
    td_progress("%s | %s | intents %llu denied %llu orders %llu fills %llu%s",
                d->config.plan->live ? "LIVE"
                : d->paper           ? TD_PAPER_MODE
                                     : "PAPER",
                desk_sync_word(d), (unsigned long long)d->result.intents,
                (unsigned long long)d->result.denied, (unsigned long long)d->result.orders,
                (unsigned long long)d->result.fills, d->blotter.halted ? " | HALTED" : "");
}

static void take_message(struct td_desk *d, const struct td_tws_msg *msg)
{
    switch (msg->kind) {
    case TD_TWS_ORDER_STATUS:
        desk_take_status(d, &msg->order_status);
        return;
    case TD_TWS_EXECUTION_DATA:
        desk_take_execution(d, &msg->execution);
        return;
    case TD_TWS_COMMISSION_REPORT:
        desk_take_commission(d, &msg->commission);
        return;
    case TD_TWS_ACCOUNT_SUMMARY:
        (void)desk_take_account(d, &msg->account_summary);
        desk_money_moved(d);
        return;
    case TD_TWS_CURRENT_TIME:
        d->gateway_time = msg->instant.value * TD_SEC;
        d->gateway_time_mono = d->link->heard_mono;
        d->clock_doubt = false;
        td_hours_look(d->market.hours, desk_market_time(d));
        desk_recall_recent(d);
        desk_begin_day(d);
        return;
    case TD_TWS_ERROR:
        if (!td_market_take(&d->market, msg) && !desk_take_order_error(d, &msg->error))
            td_logf(d->log, TD_LOG_INFO, TD_LOG_API, "notice", "%d %d %.*s", (int)msg->error.id,
                    (int)msg->error.code, TD_STR_ARG(msg->error.text));
        if (msg->error.id < 0 && msg->error.code == 321 && !d->paper)
            desk_sync_refused(d, &msg->error);
        if (msg->error.id < 0 && msg->error.code == 322)
            desk_sync_failed(d, &msg->error);
        return;
    default:
        if (!desk_sync_take(d, msg))
            (void)td_market_take(&d->market, msg);
    }
}

/* Messages whose loss would leave an order, a fill or a position unknown. */
static bool is_about_orders(int32_t wire_id)
{
    static const int32_t ids[] = {3, 5, 9, 11, 59, 61, 101};
    for (size_t i = 0; i < TD_COUNT(ids); i++)
        if (ids[i] == wire_id)
            return true;
    return false;
}

static void take_bad(struct td_desk *d, const struct td_tws_event *ev)
{
    td_logf(d->log, TD_LOG_ERROR, TD_LOG_API, "bad_message", "id %d: %s", (int)ev->wire_id,
            ev->text);
    td_market_unread(&d->market, ev->wire_id, ev->req_id);
    if (!is_about_orders(ev->wire_id))
        return;
    desk_look_saw(d, &d->conn.bad_messages, sizeof d->conn.bad_messages); /* like no other answer */
    if (d->sync == SYNC_DONE)
        desk_sync_start(d);
}

static void take_events(struct td_desk *d)
{
    struct td_tws_event ev;
    uint32_t todo;
    while (td_connection_next(&d->conn, &ev, &todo)) {
        if (ev.kind == TD_TWS_EV_MESSAGE)
            take_message(d, &ev.msg);
        if (ev.kind == TD_TWS_EV_BAD)
            take_bad(d, &ev);
        if (ev.kind == TD_TWS_EV_READY)
            d->result.reconnects++;
        desk_todo(d, todo);
    }
}

static void take_reports(struct td_desk *d)
{
    struct td_writer_report r;
    while (td_writer_next(d->writer, &r)) {
        if (r.kind != TD_WROTE_SESSION)
            td_logf(d->log, TD_LOG_ERROR, TD_LOG_TRADING, "writer", "%s", r.text);
        if (r.kind == TD_JOURNAL_FAILED) {
            desk_drop_pending(d); /* it will never be durable, so it never leaves */
            td_connection_alert(&d->conn, TD_ALERT_DISK, r.text);
        }
    }
}

td_ns td_desk_deadline(struct td_desk *d)
{
    const td_ns times[] = {d->end_mono,
                           d->tick_mono,
                           td_market_deadline(&d->market),
                           desk_guard_deadline(d),
                           desk_algo_deadline(d),
                           desk_guests_deadline(d),
                           desk_reload_deadline(d),
                           desk_signal_deadline(d),
                           desk_look_deadline(d),
                           desk_release_deadline(d)};
    td_ns first = TD_NS_NEVER;
    for (size_t i = 0; i < TD_COUNT(times); i++)
        first = times[i] < first ? times[i] : first;
    return td_connection_deadline(&d->conn, first);
}

/* SIGUSR1 is the kill switch of those who have nothing but a shell. */
static void take_signal(struct td_desk *d, const struct td_wake *wake)
{
    if (wake->kind != TD_WAKE_SIGNAL)
        return;
    if (wake->signal == SIGHUP) {
        if (d->config.reload)
            d->config.reload->asked = true;
        return;
    }
    if (wake->signal == SIGUSR1) {
        desk_halt(d, "by signal SIGUSR1");
        return;
    }
    d->result.interrupted = true;
    d->stop = true;
}

/* Records to the disk; settings and orders whose records are there count and leave; and the records of that. */
static void commit_and_release(struct td_desk *d, td_ns mono)
{
    td_writer_kick(d->writer);
    desk_tend_reload(d, mono);
    desk_release_durable(d);
    td_writer_kick(d->writer);
    td_link_flush(d->link);
}

/* One turn: one wake, then everything it made possible. Orders go before whatever can wait. */
void td_desk_turn(struct td_desk *d, const struct td_wake *wake)
{
    const td_ns mono = td_world_mono(d->world);
    d->looks.turn_mono = mono;
    take_signal(d, wake);
    desk_begin_day(d);
    desk_todo(d, td_connection_turn(&d->conn, wake));
    (void)td_wordsocket_wake(&d->control, wake);
    take_events(d);
    commit_and_release(d, mono);
    if (!d->stop)
        desk_todo(d, td_connection_tick(&d->conn));
    td_market_turn(&d->market);
    desk_guests_turn(d);
    desk_sync_tick(d, mono);
    desk_tend_exits(d);
    desk_tend_guards(d);
    desk_tend_algos(d);
    desk_read_signal_file(d);
    desk_tend_signals(d);
    commit_and_release(d, mono);
    take_reports(d);
    desk_look_often(d, mono);
    every_second(d, mono);
    desk_delay(d, DESK_STAGE_TURN, td_world_mono(d->world) - mono);
    d->stop |= mono >= d->end_mono ||
               (d->config.fills_max && (int64_t)d->result.fills >= d->config.fills_max) ||
               (d->config.one_bar && !d->pending_count && !desk_guests_busy(d) && all_bars_seen(d));
}

/* A last look at the broker's positions, at most five seconds. */
static void look_once_more(struct td_desk *d)
{
    const td_ns until = td_world_mono(d->world) + 5 * TD_SEC;
    d->result.positions_known = false;
    if (d->sync != SYNC_DONE)
        return;
    desk_ask_positions(d);
    td_link_flush(d->link);
    while (!d->result.positions_known && td_world_mono(d->world) < until) {
        struct td_wake wake;
        td_world_wait(d->world, td_world_mono(d->world) + 50 * TD_MS, &wake);
        (void)td_link_wake(d->link, &wake);
        td_link_tick(d->link);
        take_events(d);
        if (d->link->state != TD_LINK_OPEN)
            return;
    }
}

static void settle_orders(struct td_desk *d, bool cancel)
{
    const td_ns until = td_world_mono(d->world) + 5 * TD_SEC;
    if (cancel)
        desk_cancel_entries(d, "end of the session");
    for (bool open = true; open && td_world_mono(d->world) < until;) {
        struct td_wake wake;
        open = cancel && desk_entries_work(d);
        td_world_wait(d->world, td_world_mono(d->world) + 50 * TD_MS, &wake);
        (void)td_link_wake(d->link, &wake);
        td_link_tick(d->link);
        take_events(d);
        td_writer_kick(d->writer);
        desk_release_durable(d);
    }
}

static void sum_up(struct td_desk *d, struct td_desk_result *out)
{
    int64_t realized = 0, fees = 0;
    bool fits = true;
    for (uint32_t i = 0; i < d->blotter.holding_count; i++) {
        fits &= td_e9_add(realized, d->blotter.holdings[i].now.realized.e9, &realized) == TD_OK;
        fits &= td_e9_add(fees, d->blotter.holdings[i].now.fees.e9, &fees) == TD_OK;
    }
    *out = d->result;
    out->realized = fits ? (td_cash){realized} : TD_CASH_NONE;
    out->fees = fits ? (td_cash){fees} : TD_CASH_NONE;
}

void td_desk_start(struct td_desk *d)
{
    const td_ns mono = td_world_mono(d->world);
    d->end_mono = d->config.duration == TD_NS_NEVER ? TD_NS_NEVER : mono + d->config.duration;
    d->tick_mono = mono;
    desk_log_limits(d);
    desk_log_gates(d);
    desk_todo(d, desk_session_start(d));
}

bool td_desk_done(const struct td_desk *d)
{
    return d->stop;
}

enum td_err td_desk_run(struct td_desk *d, bool cancel_at_end, struct td_desk_result *out,
                        struct td_fail *why)
{
    struct td_record r;
    td_desk_start(d);
    while (!td_desk_done(d)) {
        struct td_wake wake;
        td_world_wait(d->world, td_desk_deadline(d), &wake);
        td_desk_turn(d, &wake);
    }
    td_progress("%s", "");
    settle_orders(d, cancel_at_end);
    look_once_more(d);
    td_market_cancel(&d->market);
    td_record_init(&r, TD_REC_STOP, td_world_now(d->world));
    (void)snprintf(r.text, sizeof r.text, "%s;",
                   d->result.interrupted ? "interrupted" : "finished");
    td_state_tell(&d->blotter, r.text, sizeof r.text);
    (void)desk_fact(d, &r);
    td_writer_drain(d->writer);
    sum_up(d, out);
    const enum td_err failed = td_writer_journal_error(d->writer);
    return failed ? td_fail_set(why, failed, "the journal failed during the session: %s",
                                td_err_text(failed))
                  : TD_OK;
}
