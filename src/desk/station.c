/* desk/station.c - one loop: the scanner asks, and while it waits the recording, the slots and the socket have their turns. */
#include "desk/station_inner.h"

#include <stdio.h>
#include <stdlib.h>

#define LOOK_EVERY (2 * TD_SEC) /* at the queue */
#define AWAY_PAUSE (30 * TD_SEC)

struct station_session *station_find(struct td_station *s, const char *symbol)
{
    for (uint32_t i = 0; i < TD_DEPTHSLOTS_SESSIONS; i++)
        if (s->sessions[i].symbol[0] && strcmp(s->sessions[i].symbol, symbol) == 0)
            return &s->sessions[i];
    return NULL;
}

/* ---- rows of the slots ---- */

static void act(struct td_station *s)
{
    struct td_slot_row row;
    while (td_depthslots_next(&s->slots, &row)) {
        const struct station_session *session = station_find(s, row.symbol);
        char text[200];
        struct td_text t;
        td_text_init(&t, text, sizeof text);
        td_slot_row_print(&row, &t);
        td_logf(s->config.log, row.event == TD_SLOT_FAILED ? TD_LOG_WARN : TD_LOG_INFO,
                TD_LOG_TRADING, td_slot_event_word(row.event), "%s", text);
        TD_REQUIRE(session); /* rows tell of sessions, and are taken before one is forgotten */
        if (row.event == TD_SLOT_ACQUIRED || row.event == TD_SLOT_PROMOTED)
            td_recording_want_depth(s->recording, session->line, true);
        if (row.event == TD_SLOT_RELEASED || row.event == TD_SLOT_FAILED)
            td_recording_want_depth(s->recording, session->line, false);
        if (row.event == TD_SLOT_STOPPED)
            td_recording_stop(s->recording, session->line);
    }
}

enum td_err station_start(struct td_station *s, const char *symbol, td_ns started,
                          struct td_fail *why)
{
    struct station_session *session = NULL;
    uint32_t line;
    for (uint32_t i = 0; i < TD_DEPTHSLOTS_SESSIONS && !session; i++)
        session = s->sessions[i].symbol[0] ? NULL : &s->sessions[i];
    if (!session && !station_find(s, td_market_symbol(symbol)))
        return td_fail_set(why, TD_EFULL,
                           "%d symbols are recorded, which is as many as there can be",
                           TD_DEPTHSLOTS_SESSIONS);
    const enum td_err err = td_recording_start(s->recording, symbol, &line, why);
    if (err)
        return err;
    TD_REQUIRE(session);
    *session = (struct station_session){.line = line, .started = started};
    memcpy(session->symbol, s->result.lines[line].symbol, sizeof session->symbol);
    TD_REQUIRE(td_depthslots_start(&s->slots, td_str_of(session->symbol)) == TD_OK);
    act(s);
    return TD_OK;
}

/* The row that stops a session finds it still. */
void station_stop(struct td_station *s, struct station_session *session)
{
    (void)td_depthslots_stop(&s->slots, td_str_of(session->symbol));
    act(s);
    *session = (struct station_session){0};
}

void station_stop_all(struct td_station *s)
{
    td_depthslots_stop_all(&s->slots);
    act(s);
    memset(s->sessions, 0, sizeof s->sessions);
}

static void end_by_itself(struct td_station *s, struct station_session *session, const char *why)
{
    (void)snprintf(s->ended, sizeof s->ended, "%s is not recorded any more: %.180s",
                   session->symbol, why);
    td_logf(s->config.log, TD_LOG_ERROR, TD_LOG_TRADING, "session_failed", "symbol=%s %s",
            session->symbol, why);
    station_stop(s, session);
    station_save(s);
}

static void fail_depth(struct td_station *s, struct station_session *session, bool no_slot)
{
    const struct td_str symbol = td_str_of(session->symbol);
    const td_ns mono = td_world_mono(s->world);
    (void)snprintf(session->trouble, sizeof session->trouble, "%s",
                   no_slot ? "the broker has no depth line left for it"
                           : "the broker refuses its depth");
    td_logf(s->config.log, TD_LOG_WARN, TD_LOG_TRADING, "depth_failed", "symbol=%s %s",
            session->symbol, session->trouble);
    if (no_slot) {
        (void)td_depthslots_none_left(&s->slots, symbol);
        s->widen_mono = mono + TD_BUDGET_AGAIN;
    } else {
        (void)td_depthslots_fail(&s->slots, symbol);
        s->slots_mono = mono + LOOK_EVERY;
    }
    act(s);
}

/* Right behind the recording's turn: what waits for a slot of the broker's then has none. */
static void look_at(struct td_station *s, struct station_session *session)
{
    const struct td_recording_line *line = &s->result.lines[session->line];
    const char *refused = td_recording_refused(s->recording, session->line);
    if (refused || line->failed) {
        end_by_itself(s, session, refused ? refused : line->failure);
        return;
    }
    switch (td_recording_look(s->recording, session->line)) {
    case TD_DEPTH_OFF:
    case TD_DEPTH_ASKED:
        return;
    case TD_DEPTH_COMES:
        session->trouble[0] = '\0';
        (void)td_depthslots_confirm(&s->slots, td_str_of(session->symbol));
        act(s);
        return;
    case TD_DEPTH_NO_SLOT:
        fail_depth(s, session, true);
        return;
    case TD_DEPTH_REFUSED:
        fail_depth(s, session, false);
    }
}

/* ---- turns ---- */

static void guest_turn(void *arg, const struct td_wake *wake)
{
    struct td_station *s = arg;
    const td_ns mono = td_world_mono(s->world);
    td_recording_turn(s->recording, wake);
    for (uint32_t i = 0; i < TD_DEPTHSLOTS_SESSIONS; i++)
        if (s->sessions[i].symbol[0])
            look_at(s, &s->sessions[i]);
    if (mono >= s->slots_mono) {
        td_depthslots_tick(&s->slots);
        act(s);
        s->slots_mono = mono + LOOK_EVERY;
    }
    if (mono >= s->widen_mono) {
        const bool more = td_depthslots_widen(&s->slots);
        act(s);
        s->widen_mono = more ? mono + TD_BUDGET_AGAIN : TD_NS_NEVER;
    }
    (void)td_wordsocket_wake(&s->socket, wake);
}

static td_ns guest_deadline(void *arg)
{
    struct td_station *s = arg;
    const td_ns recording = td_recording_deadline(s->recording);
    return recording < s->slots_mono ? recording : s->slots_mono;
}

enum td_err td_station_run(struct td_station *s, td_ns span, struct td_fail *why)
{
    const td_ns until = td_world_mono(s->world) + span;
    enum td_err err = TD_OK;
    while (!err && td_world_mono(s->world) < until) {
        struct td_fail away = {0};
        err = td_scanner_run(s->scanner, until - td_world_mono(s->world), &away);
        if (err && err != TD_EAGAIN && err != TD_ENOMEM) { /* the recording has its own session */
            if (!s->away)                                  /* once an outage */
                td_logf(s->config.log, TD_LOG_WARN, TD_LOG_API, "scanner_away", "%s", away.text);
            s->away = true;
            err = td_scanner_pause(s->scanner, AWAY_PAUSE) ? TD_OK : TD_EAGAIN;
        } else if (!err)
            s->away = false;
        if (err && why)
            *why = away;
    }
    return err;
}

/* ---- the file ---- */

static void keep(struct td_station *s, const struct station_session *from, const char *mode)
{
    struct td_stationfile_session *to = &s->file.sessions[s->file.session_count++];
    memcpy(to->symbol, from->symbol, sizeof to->symbol);
    to->mode = mode;
    to->started = from->started;
}

/* Those of a place in the queue, 0: who does not wait. */
static void keep_place(struct td_station *s, uint32_t place, bool given_up)
{
    for (uint32_t i = 0; i < TD_DEPTHSLOTS_SESSIONS; i++) {
        const struct station_session *from = &s->sessions[i];
        const struct td_slot_session *slot = td_depthslots_find(&s->slots, td_str_of(from->symbol));
        if (slot && td_depthslots_place(&s->slots, td_str_of(from->symbol)) == place &&
            (slot->state == TD_SLOT_TICKS) == given_up)
            keep(s, from, place ? "queued" : given_up ? "tick_only" : "l2");
    }
}

/* In the order in which they are to have depth again: who has it, who waits, who was given up. */
void station_save(struct td_station *s)
{
    char path[800];
    struct td_fail why = {0};
    s->file.session_count = 0;
    for (uint32_t place = 0; place <= s->slots.queued; place++)
        keep_place(s, place, false);
    keep_place(s, 0, true);
    (void)snprintf(path, sizeof path, "%s/%s", s->config.state, TD_STATIONFILE_NAME);
    if (td_stationfile_save(&s->file, s->world, path, &why) != TD_OK)
        td_logf(s->config.log, TD_LOG_ERROR, TD_LOG_TRADING, "sessions_not_kept", "%s", why.text);
}

bool station_hide(struct td_station *s, const char *symbol)
{
    struct td_stationfile *f = &s->file;
    for (uint32_t i = 0; i < f->hidden_count; i++)
        if (strcmp(f->hidden[i], symbol) == 0)
            return true;
    if (f->hidden_count == TD_STATIONFILE_HIDDEN)
        return false;
    (void)td_str_copy(td_str_of(symbol), f->hidden[f->hidden_count++], TD_SYMBOL_CHARS);
    return true;
}

void station_unhide(struct td_station *s, const char *symbol)
{
    struct td_stationfile *f = &s->file;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < f->hidden_count; i++)
        if (symbol && strcmp(f->hidden[i], symbol) != 0)
            memmove(f->hidden[kept++], f->hidden[i], TD_SYMBOL_CHARS);
    f->hidden_count = kept;
}

/* What the last run recorded begins again, in its order; what cannot is told and left out. */
static enum td_err take_up(struct td_station *s, struct td_fail *why)
{
    char path[800];
    struct td_stationfile *f = &s->file;
    (void)snprintf(path, sizeof path, "%s/%s", s->config.state, TD_STATIONFILE_NAME);
    const enum td_err err = td_stationfile_load(f, s->world, path, why);
    for (uint32_t i = 0; !err && i < f->session_count; i++) {
        struct td_fail left_out = {0};
        const td_ns started = f->sessions[i].started;
        if (station_start(s, f->sessions[i].symbol, started ? started : td_world_now(s->world),
                          &left_out) != TD_OK)
            td_logf(s->config.log, TD_LOG_ERROR, TD_LOG_TRADING, "session_failed", "symbol=%s %s",
                    f->sessions[i].symbol, left_out.text);
    }
    f->min_gap_e9 = s->config.scan.min_gap_e9;
    f->min_rvol_e9 = s->config.scan.min_rvol_e9;
    f->refresh_s = s->config.refresh_s;
    f->exclude_etfs = !s->config.scan.etfs;
    if (!err)
        station_save(s);
    return err;
}

/* ---- the table ---- */

static void note(struct td_station *s, const struct td_scanner_view *now)
{
    struct td_text t;
    td_text_init(&t, s->note, sizeof s->note);
    if (now->pending)
        td_text_printf(&t, "%u of %u symbols are still asked for", (unsigned)now->pending,
                       (unsigned)now->count);
    if (now->note[0])
        td_text_printf(&t, "%s%s", t.len ? "; " : "", now->note);
    if (!td_link_ready(s->scan_link))
        td_text_printf(&t, "%sthe scanner's session with the gateway is gone: it is dialled again",
                       t.len ? "; " : "");
}

enum td_err td_station_view(struct td_station *s, void *block, struct td_scan_table *table,
                            struct td_scan_view *view, struct td_fail *why)
{
    struct td_scanner_view now;
    struct td_arena arena;
    const char *hidden[TD_STATIONFILE_HIDDEN];
    td_scanner_view(s->scanner, &now);
    for (uint32_t i = 0; i < s->file.hidden_count; i++)
        hidden[i] = s->file.hidden[i];
    td_scan_mark(now.facts, now.count, hidden, s->file.hidden_count, TD_SCAN_HIDDEN);
    enum td_err err = TD_OK;
    if (s->config.mark)
        err = s->config.mark(s->config.mark_arg, now.facts, now.count, &s->funds, why);
    if (err)
        return err;
    s->config.scan.minute = now.minute;
    td_arena_init(&arena, block, td_scan_bytes(TD_SCANNER_UNIVERSE));
    err = td_scan_run(&s->config.scan, now.facts, now.count, &arena, table);
    TD_REQUIRE(err == TD_OK); /* the block is as large as it says */
    note(s, &now);
    *view = (struct td_scan_view){.table = table,
                                  .facts = now.facts,
                                  .told = now.told,
                                  .day = now.day,
                                  .minute = now.minute,
                                  .adv_days = (uint32_t)s->config.adv_days,
                                  .basis = s->config.scan.basis,
                                  .source = "gateway",
                                  .note = s->note[0] ? s->note : NULL,
                                  .status = station_status_word,
                                  .status_arg = s};
    return TD_OK;
}

void td_station_look(const struct td_station *s, struct td_station_look *out)
{
    struct td_scanner_view now;
    td_scanner_view(s->scanner, &now);
    *out = (struct td_station_look){.held = s->slots.held,
                                    .slots = s->slots.slots,
                                    .queued = s->slots.queued,
                                    .candidates = now.count,
                                    .scanning = td_link_ready(s->scan_link),
                                    .recording = td_recording_connected(s->recording)};
    for (uint32_t i = 0; i < TD_DEPTHSLOTS_SESSIONS; i++)
        out->sessions += s->sessions[i].symbol[0] != '\0';
}

/* ---- open and close ---- */

static struct td_str answer(void *arg, const char *line)
{
    return td_station_answer(arg, line);
}

/* One station a folder: its lock, then its socket. */
static enum td_err take_folder(struct td_station *s, struct td_fail *why)
{
    char path[800];
    const char *state = s->config.state;
    enum td_err err = td_folder_make(s->world, state);
    if (err)
        return td_fail_set(why, err, "making folder %s: %s", state, td_err_text(err));
    (void)snprintf(path, sizeof path, "%s/scan.lock", state);
    err = td_file_open(s->world, path, TD_FILE_LOCK, &s->lock, why);
    if (err == TD_ELOCKED)
        return td_fail_set(why, err, "a scanner runs with state folder %s already", state);
    if (err)
        return err;
    (void)snprintf(path, sizeof path, "%s/%s", state, TD_STATION_SOCKET);
    s->socket.answer = answer;
    s->socket.arg = s;
    return td_wordsocket_open(&s->socket, s->world, path, why);
}

static enum td_err open_scanner(struct td_station *s, uint32_t lines, struct td_fail *why)
{
    const struct td_station_config *c = &s->config;
    s->guest = (struct td_fetch_guest){guest_deadline, guest_turn, s};
    const struct td_scanner_config config = {.plan = c->scan_plan,
                                             .new_york = c->new_york,
                                             .adv_days = c->adv_days,
                                             .low = c->scan.low,
                                             .high = c->scan.high,
                                             .named = c->named,
                                             .named_count = c->named_count,
                                             .quote_slots = lines,
                                             .guest = &s->guest,
                                             .log = c->log};
    return td_scanner_open(&s->scanner, &config, s->scan_link, s->world, why);
}

static enum td_err open_recording(struct td_station *s, struct td_link *link, uint32_t lines,
                                  struct td_fail *why)
{
    const struct td_station_config *c = &s->config;
    const struct td_recording_config config = {.plan = c->rec_plan,
                                               .folder = c->output,
                                               .levels = c->levels,
                                               .interval_ms = c->interval_ms,
                                               .duration = TD_NS_NEVER,
                                               .rotate_ns = c->rotate_ns,
                                               .quote_slots = lines,
                                               .standing = true,
                                               .inline_writer = c->inline_writer,
                                               .quiet = true,
                                               .log = c->log};
    return td_recording_open(&s->recording, &config, link, s->world, &s->result, why);
}

enum td_err td_station_open(struct td_station **out, const struct td_station_config *config,
                            struct td_link *scan_link, struct td_link *rec_link,
                            struct td_world *world, struct td_fail *why)
{
    struct td_station *s = calloc(1, sizeof *s);
    if (!s)
        return td_fail_set(why, TD_ENOMEM, "no memory for the scanner's sessions");
    s->config = *config;
    s->world = world;
    s->scan_link = scan_link;
    s->block = malloc(td_scan_bytes(TD_SCANNER_UNIVERSE));
    s->answer = malloc(TD_STATION_ANSWER);
    td_depthslots_init(&s->slots, config->slots);
    s->widen_mono = TD_NS_NEVER;
    const uint32_t all = config->lines > 1 ? config->lines : 2;
    const uint32_t ours =
        all / 2 < TD_DEPTHSLOTS_SESSIONS ? all / 2 : (uint32_t)TD_DEPTHSLOTS_SESSIONS;
    enum td_err err =
        s->block && s->answer ? TD_OK : td_fail_set(why, TD_ENOMEM, "no memory for the table");
    if (!err)
        err = take_folder(s, why);
    if (!err)
        err = open_recording(s, rec_link, ours, why);
    if (!err)
        err = open_scanner(s, all - ours, why);
    if (!err)
        err = take_up(s, why);
    if (err) {
        td_station_close(s);
        return err;
    }
    /* Wakes of the first link may have been taken by the search for the second. */
    (void)td_link_wake(scan_link,
                       &(struct td_wake){.kind = TD_WAKE_READABLE, .conn = scan_link->conn});
    *out = s;
    return TD_OK;
}

void td_station_close(struct td_station *s)
{
    if (!s)
        return;
    td_wordsocket_close(&s->socket);
    if (s->recording)
        (void)td_recording_finish(s->recording, NULL);
    td_recording_close(s->recording);
    td_scanner_close(s->scanner);
    if (s->lock.id)
        td_file_close(s->world, s->lock);
    free(s->block);
    free(s->answer);
    free(s);
}
