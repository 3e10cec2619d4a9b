/* desk/writer.c - the ring between the threads, and the writer's side of it. */
#include "desk/writer.h"

#include <stdio.h>
#include <stdlib.h>

#include "sys/uvworld.h"

#define RING_BYTES    (8u << 20)
#define REPORT_BYTES  (1u << 18)
#define SYNC_INTERVAL TD_SEC

enum work_kind {
    WORK_START,
    WORK_EVENT,
    WORK_SNAPSHOT,
    WORK_IMAGE,
    WORK_ROTATE,
    WORK_FINISH,
    WORK_JOURNAL,
    WORK_STOP
};

struct work {
    uint32_t kind, slot;
};

struct slot {
    struct td_recorder *recorder; /* NULL when not recording */
    bool failed;                  /* reported once, then quiet */
    bool dirty;
};

struct td_writer {
    struct td_writer_config config;
    struct td_world own; /* the thread's world; in inline mode a copy of the desk's */
    struct td_world *world;
    struct td_ring ring, reports;
    uint8_t *ring_memory;
    struct td_thread thread;
    struct slot slots[TD_WRITER_SLOTS];
    struct td_journal *journal;
    struct td_projection *projection;
    bool projection_tried;
    uint64_t next_seq; /* trading thread: of the next queued record */
    uint64_t queued;   /* trading thread: pieces of work queued */
    bool kick;         /* trading thread: something was queued this turn */
    td_ns sync_at;
    bool stopping;
    _Atomic uint64_t handled;
    _Atomic uint64_t durable;
    _Atomic int journal_error;
    _Atomic bool watched;
    char watch[TD_WRITER_WATCHED][800]; /* empty: none */
};

/* --- the trading thread's side --- */

static void *claim(struct td_writer *w, enum work_kind kind, uint32_t slot, size_t len)
{
    struct work *head = td_ring_claim(&w->ring, sizeof *head + len);
    if (!head)
        return NULL;
    *head = (struct work){kind, slot};
    return head + 1;
}

static bool queue(struct td_writer *w, enum work_kind kind, uint32_t slot, const void *payload,
                  size_t len)
{
    TD_REQUIRE(slot < TD_WRITER_SLOTS);
    void *at = claim(w, kind, slot, len);
    if (!at)
        return false;
    if (len)
        memcpy(at, payload, len);
    td_ring_publish(&w->ring);
    w->queued++;
    w->kick = true;
    return true;
}

struct start_work {
    struct td_session_facts facts;
    size_t group_bytes;
    char folder[TD_SESSION_PATH];
};

bool td_writer_start(struct td_writer *w, uint32_t slot, const struct td_recorder_options *options)
{
    struct start_work s = {.facts = options->facts, .group_bytes = options->group_bytes};
    return td_str_copy(td_str_of(options->folder), s.folder, sizeof s.folder) &&
           queue(w, WORK_START, slot, &s, sizeof s);
}

bool td_writer_event(struct td_writer *w, uint32_t slot, const struct td_event *event)
{
    return queue(w, WORK_EVENT, slot, event, sizeof *event);
}

/* Only the rows in use travel: both sides of prices, then of sizes, `levels` each. */
bool td_writer_snapshot(struct td_writer *w, uint32_t slot, const struct td_snap *snap,
                        int32_t levels)
{
    const size_t rows = (size_t)levels * sizeof(td_px);
    const size_t head = offsetof(struct td_snap, px);
    TD_REQUIRE(slot < TD_WRITER_SLOTS && levels >= 1 && levels <= TD_CAPTURE_LEVELS_MAX);
    uint8_t *at = claim(w, WORK_SNAPSHOT, slot, sizeof levels + 4 + head + 4 * rows);
    if (!at)
        return false;
    memcpy(at, &levels, sizeof levels);
    at += 8;
    memcpy(at, snap, head);
    for (int side = 0; side < 2; side++) {
        memcpy(at + head + (size_t)side * rows, snap->px[side], rows);
        memcpy(at + head + (size_t)(2 + side) * rows, snap->qty[side], rows);
    }
    td_ring_publish(&w->ring);
    w->queued++;
    w->kick = true;
    return true;
}

bool td_writer_image(struct td_writer *w, uint32_t slot, const struct td_book *book)
{
    return queue(w, WORK_IMAGE, slot, book, sizeof *book);
}

bool td_writer_rotate(struct td_writer *w, uint32_t slot, const struct td_session_facts *next)
{
    return queue(w, WORK_ROTATE, slot, next, sizeof *next);
}

bool td_writer_finish(struct td_writer *w, uint32_t slot)
{
    return queue(w, WORK_FINISH, slot, NULL, 0);
}

enum td_err td_writer_journal_error(const struct td_writer *w)
{
    return (enum td_err)atomic_load_explicit(&w->journal_error, memory_order_acquire);
}

enum td_err td_writer_journal(struct td_writer *w, struct td_record *record)
{
    const enum td_err failed = td_writer_journal_error(w);
    if (failed)
        return failed;
    record->seq = w->next_seq;
    if (!queue(w, WORK_JOURNAL, 0, record, sizeof *record))
        return TD_EFULL;
    w->next_seq++;
    return TD_OK;
}

uint64_t td_writer_durable(const struct td_writer *w)
{
    return atomic_load_explicit(&w->durable, memory_order_acquire);
}

bool td_writer_watched(const struct td_writer *w)
{
    return atomic_load_explicit(&w->watched, memory_order_acquire);
}

/* --- the writer's side --- */

static void look_for_watched(struct td_writer *w)
{
    bool there = false;
    if (!td_world_stirred(w->world))
        return;
    for (int i = 0; i < TD_WRITER_WATCHED && !there; i++)
        there = w->watch[i][0] && td_entry_at(w->world, w->watch[i]) != TD_ENTRY_NONE;
    atomic_store_explicit(&w->watched, there, memory_order_release);
}

static void report(struct td_writer *w, const struct td_writer_report *r)
{
    void *at = td_ring_claim(&w->reports, sizeof *r);
    if (!at)
        return; /* hundreds of unread reports: the first ones told the story */
    memcpy(at, r, sizeof *r);
    td_ring_publish(&w->reports);
    if (!w->config.inline_mode)
        td_world_poke(w->config.desk);
}

static void report_failure(struct td_writer *w, enum td_writer_report_kind kind, uint32_t slot,
                           const struct td_fail *why)
{
    struct td_writer_report r = {.kind = kind, .slot = slot, .err = why->code};
    (void)td_str_copy(td_str_of(why->text), r.text, sizeof r.text);
    report(w, &r);
}

static void slot_result(struct td_writer *w, uint32_t slot, enum td_err err, struct td_fail *why)
{
    struct slot *s = &w->slots[slot];
    if (!err || s->failed)
        return;
    s->failed = true;
    why->code = err;
    report_failure(w, TD_WRITE_FAILED, slot, why);
}

static void finish_slot(struct td_writer *w, uint32_t slot)
{
    struct slot *s = &w->slots[slot];
    struct td_writer_report r = {.kind = TD_WROTE_SESSION, .slot = slot};
    struct td_fail why = {0};
    if (!s->recorder)
        return;
    const enum td_err err = td_recorder_close(s->recorder, &r.session, &why);
    free(s->recorder);
    *s = (struct slot){0};
    if (err && err != TD_ENODATA) {
        why.code = err;
        report_failure(w, TD_WRITE_FAILED, slot, &why);
    } else {
        r.err = err;
        report(w, &r);
    }
}

static void start_slot(struct td_writer *w, uint32_t slot, const struct start_work *start)
{
    struct td_fail why = {0};
    struct slot *s = &w->slots[slot];
    const struct td_recorder_options options = {
        .folder = start->folder, .facts = start->facts, .group_bytes = start->group_bytes};
    finish_slot(w, slot);
    *s = (struct slot){.recorder = calloc(1, sizeof *s->recorder)};
    enum td_err err =
        s->recorder ? TD_OK : td_fail_set(&why, TD_ENOMEM, "no memory for a recording");
    if (!err)
        err = td_recorder_open(s->recorder, w->world, &options, &why);
    slot_result(w, slot, err, &why);
}

static void rotate_slot(struct td_writer *w, uint32_t slot, const struct td_session_facts *next)
{
    struct slot *s = &w->slots[slot];
    struct td_writer_report r = {.kind = TD_WROTE_SESSION, .slot = slot};
    struct td_fail why = {0};
    char done[TD_SESSION_PATH];
    enum td_err err = td_recorder_rotate(s->recorder, next, done, &why);
    if (!err) {
        err = td_session_finish(w->world, done, &r.session, &why);
        r.err = err;
        if (!err || err == TD_ENODATA)
            report(w, &r);
    }
    slot_result(w, slot, err == TD_ENODATA ? TD_OK : err, &why);
}

static void record_snapshot(struct td_writer *w, uint32_t slot, const uint8_t *at)
{
    struct td_snap snap = {0};
    struct td_fail why = {0};
    int32_t levels;
    memcpy(&levels, at, sizeof levels);
    at += 8;
    const size_t rows = (size_t)levels * sizeof(td_px), head = offsetof(struct td_snap, px);
    memcpy(&snap, at, head);
    for (int side = 0; side < 2; side++) {
        memcpy(snap.px[side], at + head + (size_t)side * rows, rows);
        memcpy(snap.qty[side], at + head + (size_t)(2 + side) * rows, rows);
    }
    slot_result(w, slot, td_recorder_snapshot(w->slots[slot].recorder, &snap, &why), &why);
}

static void journal_failed(struct td_writer *w, enum td_err err, struct td_fail *why)
{
    if (atomic_exchange(&w->journal_error, (int)err) != TD_OK)
        return;
    why->code = err;
    report_failure(w, TD_JOURNAL_FAILED, 0, why);
}

static void project(struct td_writer *w, const struct td_record *r)
{
    struct td_fail why = {0};
    enum td_err err = TD_OK;
    if (!w->projection)
        return;
    err =
        r ? td_projection_apply(w->projection, r, &why) : td_projection_flush(w->projection, &why);
    if (err) {
        why.code = err;
        report_failure(w, TD_PROJECTION_FAILED, 0, &why);
        td_projection_close(w->projection);
        w->projection = NULL;
    }
}

/* The state at the begin of the file that is being written; the projections have taken all before it. */
static void save_snapshot(struct td_writer *w)
{
    struct td_fail why = {0};
    if (!w->projection || w->journal->next_seq == 1)
        return;
    const enum td_err err = td_projection_save(w->projection, w->journal->folder,
                                               w->journal->number, w->journal->chain, &why);
    if (err) {
        why.code = err;
        report_failure(w, TD_SNAPSHOT_FAILED, 0, &why);
    }
}

static void commit(struct td_writer *w)
{
    struct td_fail why = {0};
    if (td_writer_journal_error(w) || w->journal->used == 0)
        return;
    const uint32_t number = w->journal->number;
    const enum td_err err = td_journal_commit(w->journal, &why);
    if (err) {
        journal_failed(w, err, &why);
        return;
    }
    look_for_watched(w);
    atomic_store_explicit(&w->durable, w->journal->durable_seq, memory_order_release);
    if (!w->config.inline_mode)
        td_world_poke(w->config.desk);
    if (w->journal->number != number)
        save_snapshot(w);
}

static void append(struct td_writer *w, const struct td_record *queued)
{
    struct td_record record = *queued;
    struct td_fail why = {0};
    if (td_writer_journal_error(w))
        return;
    enum td_err err = td_journal_append(w->journal, &record);
    if (err == TD_EFULL) {
        commit(w);
        err = td_journal_append(w->journal, &record);
    }
    TD_REQUIRE(err || record.seq == queued->seq);
    if (err)
        journal_failed(w, err, &why);
    else
        project(w, &record);
}

static void handle(struct td_writer *w, const struct work *work)
{
    const void *payload = work + 1;
    struct slot *s = &w->slots[work->slot];
    struct td_fail why = {0};
    const bool recording = s->recorder && !s->failed;
    switch ((enum work_kind)work->kind) {
    case WORK_START:
        start_slot(w, work->slot, payload);
        break;
    case WORK_EVENT:
        if (recording)
            slot_result(w, work->slot, td_recorder_message(s->recorder, payload, &why), &why);
        s->dirty = true;
        break;
    case WORK_SNAPSHOT:
        if (recording)
            record_snapshot(w, work->slot, payload);
        s->dirty = true;
        break;
    case WORK_IMAGE:
        if (recording)
            slot_result(w, work->slot,
                        td_recorder_image(s->recorder, payload, td_world_now(w->world), &why),
                        &why);
        break;
    case WORK_ROTATE:
        if (recording)
            rotate_slot(w, work->slot, payload);
        break;
    case WORK_FINISH:
        finish_slot(w, work->slot);
        break;
    case WORK_JOURNAL:
        append(w, payload);
        break;
    case WORK_STOP:
        w->stopping = true;
        break;
    }
}

static void sync_recordings(struct td_writer *w)
{
    const td_ns now = td_world_mono(w->world);
    if (now < w->sync_at)
        return;
    w->sync_at = now + SYNC_INTERVAL;
    for (uint32_t i = 0; i < TD_WRITER_SLOTS; i++) {
        struct slot *s = &w->slots[i];
        struct td_fail why = {0};
        if (s->recorder && s->dirty && !s->failed)
            slot_result(w, i, td_recorder_sync(s->recorder, &why), &why);
        s->dirty = false;
    }
}

/* Everything that waits; then one commit for all journal records among it. */
static void step(struct td_writer *w)
{
    size_t len;
    uint64_t done = 0;
    for (const struct work *work; (work = td_ring_peek(&w->ring, &len)) != NULL; done++) {
        handle(w, work);
        td_ring_release(&w->ring);
    }
    if (w->journal)
        commit(w);
    if (done && td_writer_journal_error(w) == TD_OK)
        project(w, NULL); /* after the commit: a projection never runs ahead of the journal */
    sync_recordings(w);
    atomic_fetch_add_explicit(&w->handled, done, memory_order_release);
}

static void run_thread(void *arg)
{
    struct td_writer *w = arg;
    while (!w->stopping) {
        struct td_wake wake;
        step(w);
        if (!w->stopping)
            td_world_wait(w->world, w->sync_at, &wake);
    }
}

void td_writer_kick(struct td_writer *w)
{
    if (!w->kick)
        return;
    w->kick = false;
    if (w->config.inline_mode)
        step(w);
    else
        td_world_poke(w->world);
}

bool td_writer_next(struct td_writer *w, struct td_writer_report *out)
{
    size_t len;
    const void *at = td_ring_peek(&w->reports, &len);
    if (!at)
        return false;
    memcpy(out, at, sizeof *out);
    td_ring_release(&w->reports);
    return true;
}

void td_writer_drain(struct td_writer *w)
{
    td_writer_kick(w);
    while (atomic_load_explicit(&w->handled, memory_order_acquire) < w->queued) {
        struct td_wake wake;
        if (w->config.inline_mode) {
            step(w);
            continue;
        }
        td_world_poke(w->world);
        td_world_wait(w->config.desk, td_world_mono(w->config.desk) + 5 * TD_MS, &wake);
    }
}

/* --- open and close --- */

struct replay {
    struct td_writer *w;
    struct td_fail why;
};

/* Only once the journal's lock is ours: another desk's projection is not touched. A projection that cannot
 * be opened is told and done without; the journal is the truth and trading goes on. */
static void open_projection(struct td_writer *w)
{
    struct td_fail why = {0};
    if (w->projection_tried || !w->config.state)
        return;
    w->projection_tried = true;
    const enum td_err err = td_projection_open(&w->projection, w->world, w->config.state, &why);
    if (err) {
        why.code = err;
        w->projection = NULL;
        report_failure(w, TD_PROJECTION_FAILED, 0, &why);
    }
}

static enum td_err replay_record(void *arg, const struct td_record *record)
{
    struct replay *r = arg;
    open_projection(r->w);
    project(r->w, record);
    return r->w->config.each ? r->w->config.each(r->w->config.arg, record) : TD_OK;
}

static bool begin_at(void *arg, uint32_t number, const uint8_t *chain, uint64_t *first_seq)
{
    struct replay *r = arg;
    struct td_writer *w = r->w;
    open_projection(w);
    if (!w->projection || !w->config.begin ||
        !td_projection_restore(w->projection, w->journal->folder, number, chain))
        return false;
    const struct td_blotter *state = td_projection_blotter(w->projection);
    *first_seq = state->last_seq + 1;
    if (w->config.begin(w->config.arg, state))
        return true;
    if (td_projection_reset(w->projection) != TD_OK) {
        td_projection_close(w->projection);
        w->projection = NULL;
    }
    return false;
}

static enum td_err open_journal(struct td_writer *w, struct td_journal_report *out,
                                struct td_fail *why)
{
    struct replay replay = {.w = w};
    const struct td_journal_reader reader = {
        .each = replay_record, .base = begin_at, .arg = &replay};
    if (!w->config.journal)
        return TD_OK;
    w->journal = calloc(1, sizeof *w->journal);
    if (!w->journal)
        return td_fail_set(why, TD_ENOMEM, "no memory for the journal");
    const enum td_err err =
        td_journal_open_with(w->journal, w->world, w->config.journal, &reader, out, why);
    if (err)
        return err;
    open_projection(w);
    project(w, NULL);
    save_snapshot(w);
    w->next_seq = w->journal->next_seq;
    atomic_store(&w->durable, w->journal->durable_seq);
    return TD_OK;
}

static void release(struct td_writer *w)
{
    for (uint32_t i = 0; i < TD_WRITER_SLOTS; i++)
        finish_slot(w, i);
    td_projection_close(w->projection);
    if (w->journal)
        td_journal_close(w->journal);
    free(w->journal);
    if (!w->config.inline_mode)
        td_uvworld_close(&w->own);
    free(w->ring_memory);
    free(w);
}

enum td_err td_writer_open(struct td_writer **out, const struct td_writer_config *config,
                           struct td_journal_report *journal, struct td_fail *why)
{
    struct td_writer *w = calloc(1, sizeof *w);
    uint8_t *memory = malloc(RING_BYTES + REPORT_BYTES);
    if (!w || !memory) {
        free(w);
        free(memory);
        return td_fail_set(why, TD_ENOMEM, "no memory for the writer");
    }
    memset(memory, 0, RING_BYTES); /* its pages are found now, and not by the first orders */
    w->config = *config;
    for (int i = 0; i < TD_WRITER_WATCHED; i++)
        (void)td_str_copy(td_str_of(config->watch[i]), w->watch[i], sizeof w->watch[i]);
    w->ring_memory = memory;
    td_ring_init(&w->ring, memory, RING_BYTES);
    td_ring_init(&w->reports, memory + RING_BYTES, REPORT_BYTES);
    enum td_err err = TD_OK;
    if (config->inline_mode)
        w->own = *config->desk;
    else
        err = td_uvworld_open(&w->own, false, why);
    w->world = &w->own;
    for (int i = 0; i < TD_WRITER_WATCHED && !err; i++)
        if (w->watch[i][0])
            td_world_watch(w->world, w->watch[i]);
    if (!err)
        err = open_journal(w, journal, why);
    if (!err && !config->inline_mode)
        err = td_thread_start(&w->thread, "writer", run_thread, w);
    if (err) {
        release(w);
        return err;
    }
    *out = w;
    return TD_OK;
}

void td_writer_close(struct td_writer *w)
{
    if (!w)
        return;
    while (!queue(w, WORK_STOP, 0, NULL, 0))
        td_writer_drain(w);
    td_writer_drain(w);
    if (!w->config.inline_mode)
        td_thread_join(&w->thread);
    release(w);
}
