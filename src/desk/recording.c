/* desk/recording.c - the recording loop: wakes in, events to the writer, a snapshot per interval. */
#include "desk/recording.h"

#include <stdio.h>
#include <stdlib.h>

#include "desk/connection.h"
#include "desk/zone.h"
#include "sys/terminal.h"

#define STALE_AFTER (10 * TD_SEC)
#define WARM_UP     (2 * TD_SEC)

struct td_recording {
    struct td_recording_config own; /* what `config` points to */
    const struct td_recording_config *config;
    struct td_world *world;
    struct td_link *link;
    struct td_connection conn;
    struct td_writer *writer;
    struct td_market market;
    struct td_tz new_york;
    struct td_recording_result *result;
    bool started[TD_RECORDING_LINES_MAX]; /* the slot records */
    bool ending[TD_RECORDING_LINES_MAX];  /* its end has yet to be queued */
    bool fresh
        [TD_RECORDING_LINES_MAX]; /* its depth is wanted since the last turn: not asked for yet */
    bool deep[TD_RECORDING_LINES_MAX];      /* of its depth something has come */
    char stamp[TD_RECORDING_LINES_MAX][24]; /* day and second of its newest files */
    bool owe_gap[TD_RECORDING_LINES_MAX];   /* something was dropped */
    td_ns live_at[TD_RECORDING_LINES_MAX];
    td_ns end_mono, snap_mono, rotate_mono, progress_mono, watch_mono;
    bool stop, told_lost;
};

static void fill_facts(struct td_recording *r, uint32_t index, struct td_session_facts *out)
{
    const td_ns now = td_world_now(r->world);
    memset(out, 0, sizeof *out);
    (void)td_str_copy(td_str_of(r->market.lines[index].symbol), out->symbol, sizeof out->symbol);
    td_zone_stamp(&r->new_york, now, out->day, out->time);
    (void)td_iso_print(now, out->local_iso);
    out->levels = r->config->levels;
    out->interval_ms = r->config->interval_ms;
    out->paper = !r->config->plan->live;
    out->smart = r->market.lines[index].smart_depth;
    out->start_ns = now;
}

/* False: it cannot begin now. Files are named by their second: a line that is begun anew within it waits for the next. */
static bool start_line(struct td_recording *r, uint32_t index)
{
    struct td_recorder_options options = {.folder = r->config->folder};
    char stamp[sizeof r->stamp[0]];
    if (r->ending[index])
        return false;
    fill_facts(r, index, &options.facts);
    (void)snprintf(stamp, sizeof stamp, "%.10s %.6s", options.facts.day, options.facts.time);
    if (strcmp(stamp, r->stamp[index]) == 0)
        return false;
    r->started[index] = td_writer_start(r->writer, index, &options);
    memcpy(r->stamp[index], stamp, sizeof stamp);
    return r->started[index];
}

static bool is_tick(const struct td_event *ev)
{
    return ev->kind == TD_EV_QUOTE || ev->kind == TD_EV_TRADE;
}

static bool is_recorded(const struct td_recording *r, uint32_t index, const struct td_event *ev)
{
    if (is_tick(ev))
        return r->config->standing && r->market.lines[index].wants;
    return ev->kind == TD_EV_DEPTH || ev->kind == TD_EV_DEPTH_RESET || ev->kind == TD_EV_GAP;
}

static void note_depth(struct td_recording *r, uint32_t index, const struct td_event *ev)
{
    if (r->deep[index] || is_tick(ev) || !(r->market.lines[index].wants & TD_WANT_DEPTH))
        return;
    r->deep[index] = ev->kind == TD_EV_DEPTH || !r->config->standing;
    r->live_at[index] = td_world_mono(r->world);
}

/* Everything the market shows, in order, to the line's recorder. */
static void on_event(void *arg, uint32_t index, const struct td_event *ev, bool warmup)
{
    struct td_recording *r = arg;
    struct td_recording_line *line = &r->result->lines[index];
    (void)warmup;
    if (!is_recorded(r, index, ev))
        return;
    note_depth(r, index, ev);
    if (!r->started[index] && !start_line(r, index)) {
        line->dropped++;
        r->owe_gap[index] = !is_tick(ev);
        return;
    }
    if (r->owe_gap[index]) {
        struct td_event gap = *ev;
        gap.kind = TD_EV_GAP;
        r->owe_gap[index] = !td_writer_event(r->writer, index, &gap);
    }
    line->gaps += ev->kind == TD_EV_GAP;
    if (r->owe_gap[index] || !td_writer_event(r->writer, index, ev)) {
        line->dropped++;
        r->owe_gap[index] = true;
    } else {
        line->messages += ev->kind == TD_EV_DEPTH;
        line->ticks += is_tick(ev);
    }
}

static void take_snapshot(struct td_recording *r, uint32_t index, td_ns now)
{
    struct td_snap snap;
    td_snap_take(&snap, &r->market.lines[index].book, r->config->levels, now, 0);
    if (r->link->state != TD_LINK_OPEN ||
        td_market_silent(&r->market, index, TD_FOR_DEPTH) > STALE_AFTER)
        snap.quality |= TD_Q_STALE;
    if (td_writer_snapshot(r->writer, index, &snap, r->config->levels))
        r->result->lines[index].snapshots++;
    else
        r->result->lines[index].dropped++;
}

static void snapshot_all(struct td_recording *r, td_ns mono)
{
    const td_ns now = td_world_now(r->world);
    for (uint32_t i = 0; i < r->market.count; i++) {
        const struct td_book *book = &r->market.lines[i].book;
        const bool filled = book->rows[TD_BID] && book->rows[TD_ASK];
        if (r->started[i] && r->deep[i] && (filled || mono - r->live_at[i] > WARM_UP) &&
            !r->result->lines[i].failed)
            take_snapshot(r, i, now);
    }
    const td_ns interval = r->config->interval_ms * TD_MS;
    r->snap_mono += interval;
    if (r->snap_mono <= mono) /* we were held up: no burst of late snapshots */
        r->snap_mono = mono + interval;
}

static void rotate_all(struct td_recording *r, td_ns mono)
{
    for (uint32_t i = 0; i < r->market.count; i++) {
        struct td_session_facts next;
        if (!r->started[i] || r->result->lines[i].failed)
            continue;
        fill_facts(r, i, &next);
        if (td_writer_rotate(r->writer, i, &next) && r->deep[i])
            r->owe_gap[i] |= !td_writer_image(r->writer, i, &r->market.lines[i].book);
    }
    r->rotate_mono = mono + r->config->rotate_ns;
}

static void take_reports(struct td_recording *r)
{
    struct td_writer_report report;
    while (td_writer_next(r->writer, &report)) {
        struct td_recording_line *line = &r->result->lines[report.slot];
        if (report.kind == TD_WROTE_SESSION && !report.err) {
            line->sessions++;
            line->last = report.session;
        }
        if (report.kind == TD_WRITE_FAILED) {
            line->failed = true;
            (void)snprintf(line->failure, sizeof line->failure, "%s", report.text);
            td_logf(r->config->log, TD_LOG_ERROR, TD_LOG_TRADING, "recording_failed", "%s: %s",
                    line->symbol, report.text);
            if (!r->config->quiet) {
                td_progress("%s", "");
                (void)fprintf(stderr, "recording %s stopped: %s\n", line->symbol, report.text);
            }
        }
    }
}

static void mark_gaps(struct td_recording *r)
{
    struct td_event gap;
    memset(&gap, 0, sizeof gap);
    gap.kind = TD_EV_GAP;
    gap.recv_ns = td_world_now(r->world);
    for (uint32_t i = 0; i < r->market.count; i++)
        if (r->started[i] && !r->told_lost)
            on_event(r, i, &gap, false);
    r->told_lost = true; /* one mark for one outage, whatever is tried meanwhile */
}

static void take_todo(struct td_recording *r, uint32_t todo)
{
    if (todo & TD_CONN_ENDED)
        mark_gaps(r);
    if (todo & TD_CONN_READY)
        r->told_lost = false;
}

static void take_events(struct td_recording *r)
{
    struct td_tws_event ev;
    uint32_t todo;
    while (td_connection_next(&r->conn, &ev, &todo)) {
        if (ev.kind == TD_TWS_EV_MESSAGE)
            (void)td_market_take(&r->market, &ev.msg);
        if (ev.kind == TD_TWS_EV_BAD) {
            td_logf(r->config->log, TD_LOG_WARN, TD_LOG_API, "bad_message", "id %d: %s",
                    (int)ev.wire_id, ev.text);
            td_market_unread(&r->market, ev.wire_id, ev.req_id);
        }
        r->result->reconnects += ev.kind == TD_TWS_EV_READY;
        take_todo(r, todo);
    }
}

static bool any_alive(const struct td_recording *r)
{
    if (r->config->standing)
        return true;
    for (uint32_t i = 0; i < r->market.count; i++)
        if (!r->result->lines[i].failed && r->market.lines[i].state != TD_LINE_REFUSED)
            return true;
    return false;
}

static void show_progress(struct td_recording *r, td_ns mono)
{
    uint64_t messages = 0, snapshots = 0, dropped = 0;
    if (mono < r->progress_mono || r->config->quiet)
        return;
    r->progress_mono = mono + TD_SEC;
    for (int32_t i = 0; i < r->result->count; i++) {
        messages += r->result->lines[i].messages;
        snapshots += r->result->lines[i].snapshots;
        dropped += r->result->lines[i].dropped;
    }
    td_progress("recording %d symbols: %llu messages, %llu snapshots, %llu dropped, %s",
                (int)r->result->count, (unsigned long long)messages, (unsigned long long)snapshots,
                (unsigned long long)dropped, td_link_ready(r->link) ? "connected" : "reconnecting");
}

/* ---- lines of a standing recording ---- */

static void end_lines(struct td_recording *r)
{
    for (uint32_t i = 0; i < r->market.count; i++)
        r->ending[i] = r->ending[i] && !td_writer_finish(r->writer, i);
}

/* Of this symbol before, else a new one, else one that is over. */
static enum td_err take_index(struct td_recording *r, const char *symbol, uint32_t *index,
                              struct td_fail *why)
{
    struct td_market *m = &r->market;
    const char *name = td_market_symbol(symbol);
    for (uint32_t i = 0; i < m->count; i++)
        if (strcmp(m->lines[i].symbol, name) == 0) {
            if (m->lines[i].wants)
                return td_fail_set(why, TD_EEXIST, "%s is being recorded", symbol);
            *index = i;
            td_market_want(m, i, TD_WANT_QUOTES);
            return TD_OK;
        }
    if (m->count < TD_RECORDING_LINES_MAX)
        return td_market_add(m, symbol, TD_WANT_QUOTES, index, why);
    for (uint32_t i = 0; i < m->count; i++) {
        *index = i;
        const enum td_err err = m->lines[i].wants || r->ending[i]
                                    ? TD_EAGAIN
                                    : td_market_reuse(m, i, symbol, TD_WANT_QUOTES, why);
        if (err != TD_EAGAIN) {
            r->stamp[i][0] = '\0';
            return err;
        }
    }
    return td_fail_set(why, TD_EFULL,
                       "%d symbols are being recorded, which is as many as there can be",
                       TD_RECORDING_LINES_MAX);
}

enum td_err td_recording_start(struct td_recording *r, const char *symbol, uint32_t *index,
                               struct td_fail *why)
{
    TD_REQUIRE(r->config->standing);
    const enum td_err err = take_index(r, symbol, index, why);
    if (err)
        return err;
    struct td_recording_line *line = &r->result->lines[*index];
    *line = (struct td_recording_line){0};
    memcpy(line->symbol, r->market.lines[*index].symbol, sizeof line->symbol);
    r->result->count = (int32_t)r->market.count;
    r->deep[*index] = r->owe_gap[*index] = false;
    return TD_OK;
}

void td_recording_want_depth(struct td_recording *r, uint32_t index, bool wanted)
{
    const int wants = r->market.lines[index].wants;
    if (!wants || wanted == !!(wants & TD_WANT_DEPTH))
        return;
    td_market_want(&r->market, index, wanted ? wants | TD_WANT_DEPTH : wants & ~TD_WANT_DEPTH);
    r->deep[index] = false;
    r->fresh[index] = wanted;
}

enum td_recording_depth td_recording_look(const struct td_recording *r, uint32_t index)
{
    const struct td_line *line = &r->market.lines[index];
    const struct td_sub *sub = &line->subs[TD_FOR_DEPTH];
    if (!(line->wants & TD_WANT_DEPTH))
        return TD_DEPTH_OFF;
    if (sub->state == TD_SUB_REFUSED)
        return TD_DEPTH_REFUSED;
    if (sub->state == TD_SUB_WAITING && !r->fresh[index] && td_link_ready(r->link) &&
        !r->market.blind)
        return TD_DEPTH_NO_SLOT;
    return r->deep[index] ? TD_DEPTH_COMES : TD_DEPTH_ASKED;
}

const char *td_recording_refused(const struct td_recording *r, uint32_t index)
{
    const struct td_line *line = &r->market.lines[index];
    return line->wants && line->state == TD_LINE_REFUSED ? line->refused : NULL;
}

void td_recording_stop(struct td_recording *r, uint32_t index)
{
    td_market_want(&r->market, index, 0);
    r->ending[index] |= r->started[index];
    r->started[index] = r->deep[index] = r->owe_gap[index] = false;
    end_lines(r);
}

bool td_recording_connected(const struct td_recording *r)
{
    return td_link_ready(r->link);
}

td_ns td_recording_deadline(struct td_recording *r)
{
    const td_ns times[] = {r->end_mono, r->snap_mono, r->rotate_mono,
                           td_market_deadline(&r->market)};
    td_ns first = TD_NS_NEVER;
    for (size_t i = 0; i < TD_COUNT(times); i++)
        first = times[i] < first ? times[i] : first;
    return td_connection_deadline(&r->conn, first);
}

void td_recording_turn(struct td_recording *r, const struct td_wake *wake)
{
    const td_ns mono = td_world_mono(r->world);
    if (wake->kind == TD_WAKE_SIGNAL) {
        r->result->interrupted = true;
        r->stop = true;
    }
    take_todo(r, td_connection_turn(&r->conn, wake));
    take_events(r);
    if (!r->stop)
        take_todo(r, td_connection_tick(&r->conn));
    if (mono >= r->watch_mono) {
        td_market_watch(&r->market, td_world_now(r->world));
        r->watch_mono = mono + TD_SEC;
    }
    td_market_turn(&r->market);
    memset(r->fresh, 0, sizeof r->fresh);
    if (mono >= r->snap_mono)
        snapshot_all(r, mono);
    if (mono >= r->rotate_mono)
        rotate_all(r, mono);
    end_lines(r);
    td_writer_kick(r->writer);
    td_link_flush(r->link);
    take_reports(r);
    show_progress(r, mono);
    r->stop |= mono >= r->end_mono || !any_alive(r);
}

bool td_recording_done(const struct td_recording *r)
{
    return r->stop;
}

static void finish(struct td_recording *r)
{
    td_market_cancel(&r->market);
    td_link_flush(r->link);
    for (uint32_t i = 0; i < r->market.count; i++)
        while ((r->started[i] || r->ending[i]) && !td_writer_finish(r->writer, i))
            td_writer_drain(r->writer);
    td_writer_drain(r->writer);
    take_reports(r);
    for (uint32_t i = 0; i < r->market.count; i++) {
        struct td_recording_line *line = &r->result->lines[i];
        if (r->market.lines[i].state == TD_LINE_REFUSED && !line->failed) {
            line->failed = true;
            (void)snprintf(line->failure, sizeof line->failure, "the gateway refused it: %d %s",
                           (int)r->market.lines[i].refused_code, r->market.lines[i].refused);
        }
    }
}

static enum td_err set_up(struct td_recording *r, struct td_fail *why)
{
    const struct td_market_config config = {.depth_rows = r->config->levels,
                                            .lines_max = TD_RECORDING_LINES_MAX,
                                            .quote_slots = r->config->quote_slots,
                                            .depth_slots = (uint32_t)r->config->depth_slots};
    const struct td_writer_config writer = {.desk = r->world,
                                            .inline_mode = r->config->inline_writer};
    uint32_t index;
    enum td_err err = td_zone_load(r->world, TD_ZONE_NEW_YORK, &r->new_york, why);
    if (!err)
        err = td_writer_open(&r->writer, &writer, NULL, why);
    if (!err)
        err = td_market_init(&r->market, &config, r->link, r->config->log, on_event, r, why);
    for (int32_t i = 0; i < r->config->symbol_count && !err; i++) {
        err = td_market_add(&r->market, r->config->symbols[i], TD_WANT_DEPTH, &index, why);
        (void)td_str_copy(td_str_of(td_market_symbol(r->config->symbols[i])),
                          r->result->lines[i].symbol, TD_SYMBOL_CHARS);
        r->result->count = i + 1;
    }
    return err;
}

enum td_err td_recording_open(struct td_recording **out, const struct td_recording_config *config,
                              struct td_link *link, struct td_world *world,
                              struct td_recording_result *result, struct td_fail *why)
{
    struct td_recording *r = calloc(1, sizeof *r);
    if (!r)
        return td_fail_set(why, TD_ENOMEM, "no memory for the recording");
    memset(result, 0, sizeof *result);
    r->own = *config;
    r->config = &r->own;
    r->world = world;
    r->link = link;
    r->result = result;
    const enum td_err err = set_up(r, why);
    if (err) {
        td_recording_close(r);
        return err;
    }
    const td_ns mono = td_world_mono(world);
    r->end_mono = config->duration == TD_NS_NEVER ? TD_NS_NEVER : mono + config->duration;
    r->snap_mono = mono + config->interval_ms * TD_MS;
    r->rotate_mono = mono + config->rotate_ns;
    const struct td_connection_config session = {.link = link,
                                                 .market = &r->market,
                                                 .log = config->log,
                                                 .client_id = config->plan->client_id,
                                                 .ids = config->plan->ids,
                                                 .restart_minute = -1,
                                                 .reauth_minute = -1};
    take_todo(r, td_connection_init(&r->conn, &session));
    *out = r;
    return TD_OK;
}

enum td_err td_recording_finish(struct td_recording *r, struct td_fail *why)
{
    const struct td_recording_result *out = r->result;
    uint64_t snapshots = 0;
    finish(r);
    for (int32_t i = 0; i < out->count; i++)
        snapshots += out->lines[i].snapshots;
    return snapshots || r->config->standing
               ? TD_OK
               : td_fail_set(why, TD_ENODATA, "nothing was recorded%s%s",
                             out->lines[0].failed ? ": " : "", out->lines[0].failure);
}

void td_recording_close(struct td_recording *r)
{
    if (!r)
        return;
    td_writer_close(r->writer);
    td_market_fini(&r->market);
    free(r);
}

enum td_err td_recording_run(const struct td_recording_config *config, struct td_link *link,
                             struct td_world *world, struct td_recording_result *out,
                             struct td_fail *why)
{
    struct td_recording *r = NULL;
    enum td_err err = td_recording_open(&r, config, link, world, out, why);
    if (err)
        return err;
    while (!td_recording_done(r)) {
        struct td_wake wake;
        td_world_wait(world, td_recording_deadline(r), &wake);
        td_recording_turn(r, &wake);
    }
    td_progress("%s", "");
    err = td_recording_finish(r, why);
    td_recording_close(r);
    return err;
}
