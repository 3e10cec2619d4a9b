/* store/session.c - from the capture log to the published files. */
#include "store/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/capture_format.h"
#include "store/session_files.h"

/* Everything one conversion needs: one allocation, given back at its end. */
struct work {
    struct td_world *world;
    struct td_file lock;
    struct td_capture_reader reader;
    struct td_capture_record record;
    struct td_snapshot_writer snaps;
    struct td_message_writer messages;
    struct td_tick_writer ticks;
    struct td_out out_snaps;
    struct td_out out_ticks;
    struct td_out out_messages;
    struct td_out out_stats;
    struct td_session_result result;
    struct td_arena arena;
};

static bool join(char *out, const char *folder, const char *format, const char *a, const char *b)
{
    char name[128];
    const int n = snprintf(name, sizeof name, "%s_%s_%s", a, format, b);
    return n > 0 && n < (int)sizeof name &&
           snprintf(out, TD_SESSION_PATH, "%s/%s", folder, name) < TD_SESSION_PATH;
}

enum td_err td_session_paths(const char *folder, const struct td_session_facts *f,
                             struct td_session_paths *out)
{
    char last[32], day[16];
    size_t n = 0;
    for (const char *c = f->day; *c && n + 1 < sizeof day; c++)
        if (*c != '-')
            day[n++] = *c;
    day[n] = '\0';
    (void)snprintf(last, sizeof last, "%s%s", f->time, TD_CAPTURE_SUFFIX);
    bool good = join(out->capture, folder, "depth", f->day, last);
    (void)snprintf(last, sizeof last, "%s.parquet", f->time);
    good = good && join(out->snapshots, folder, "snapshots", f->day, last);
    good = good && join(out->ticks, folder, "ticks", f->day, last);
    (void)snprintf(last, sizeof last, "%s.json", f->time);
    good = good && join(out->messages, folder, "messages", f->day, last);
    (void)snprintf(last, sizeof last, "%s_%s.json", day, f->time);
    good = good && join(out->stats, folder, "stats", "session", last);
    return good ? TD_OK : TD_ERANGE;
}

static enum td_err write_stats(struct work *k, struct td_fail *why)
{
    static const char *const ends[] = {"sealed", "open", "torn", "damaged"};
    const struct td_session_result *r = &k->result;
    char buf[2048];
    struct td_text t;
    struct td_json j;
    td_text_init(&t, buf, sizeof buf);
    td_json_init(&j, &t, true);
    td_json_object(&j);
    td_json_key_text(&j, "symbol", r->facts.symbol);
    td_json_key_i64(&j, "levels", r->facts.levels);
    td_json_key_i64(&j, "interval_ms", r->facts.interval_ms);
    td_json_key_i64(&j, "num_snapshots", (int64_t)r->snapshots);
    td_json_key_i64(&j, "num_messages", (int64_t)r->messages);
    td_json_key_bool(&j, "paper_mode", r->facts.paper);
    td_json_key_text(&j, "recording_date", r->facts.local_iso);
    td_json_key_bool(&j, "smart_depth", r->facts.smart);
    td_json_key(&j, "first_snapshot");
    td_json_iso(&j, k->snaps.first_ns);
    td_json_key(&j, "last_snapshot");
    td_json_iso(&j, k->snaps.last_ns);
    td_json_key_i64(&j, "gaps", (int64_t)r->gaps);
    td_json_key_text(&j, "capture_end", ends[r->end]);
    td_json_key_i64(&j, "capture_bytes_cut", (int64_t)r->cut_bytes);
    if (r->ticks)
        td_json_key_i64(&j, "num_ticks", (int64_t)r->ticks);
    td_json_object_end(&j);
    td_text_char(&t, '\n');
    TD_REQUIRE(!td_text_full(&t));
    const enum td_err err = td_out_open(&k->out_stats, k->world, r->paths.stats, why);
    if (err)
        return err;
    (void)td_out_write(&k->out_stats, buf, t.len); /* seal repeats its error */
    return td_out_seal(&k->out_stats, why);
}

/* Opens both streamed files, each when its first record comes. */
static enum td_err take_snap(struct work *k, uint64_t snapshots, struct td_fail *why)
{
    if (k->snaps.out == NULL) {
        enum td_err err = td_out_open(&k->out_snaps, k->world, k->result.paths.snapshots, why);
        if (!err)
            err = td_snapshot_writer_open(&k->snaps, k->result.facts.levels, snapshots,
                                          &k->out_snaps, &k->arena, why);
        if (err)
            return err;
    }
    return td_snapshot_writer_add(&k->snaps, &k->record.snap, why);
}

static enum td_err take_message(struct work *k, struct td_fail *why)
{
    if (k->messages.out == NULL) {
        const enum td_err err =
            td_out_open(&k->out_messages, k->world, k->result.paths.messages, why);
        if (err)
            return err;
        td_message_writer_open(&k->messages, &k->out_messages, k->result.facts.symbol);
    }
    const enum td_err err = td_message_writer_add(&k->messages, &k->record);
    return err ? td_fail_set(why, err, "writing %s: %s", k->out_messages.tmp, td_err_text(err))
               : TD_OK;
}

static uint64_t most_ticks(const struct td_capture_reader *r)
{
    return r->size / (TD_CAPF_RECORD + TD_CAPF_TICK) + 1;
}

static enum td_err take_tick(struct work *k, struct td_fail *why)
{
    if (k->ticks.out == NULL) {
        enum td_err err = td_out_open(&k->out_ticks, k->world, k->result.paths.ticks, why);
        if (!err)
            err = td_tick_writer_open(&k->ticks, most_ticks(&k->reader), &k->out_ticks, &k->arena,
                                      why);
        if (err)
            return err;
    }
    return td_tick_writer_add(&k->ticks, &k->record.event, why);
}

static uint64_t most_snapshots(const struct td_capture_reader *r)
{
    return r->size / (TD_CAPF_RECORD + TD_CAPF_SNAP) + 1;
}

/* What each file lacks until its end; then it is synced. */
static enum td_err finish_files(struct work *k, struct td_fail *why)
{
    enum td_err err = k->snaps.out ? td_snapshot_writer_finish(&k->snaps, why) : TD_OK;
    if (!err && k->snaps.out)
        err = td_out_seal(&k->out_snaps, why);
    if (!err && k->ticks.out)
        err = td_tick_writer_finish(&k->ticks, why);
    if (!err && k->ticks.out)
        err = td_out_seal(&k->out_ticks, why);
    if (!err && k->messages.out) {
        td_message_writer_finish(&k->messages); /* seal repeats its error */
        err = td_out_seal(&k->out_messages, why);
    }
    return !err && k->snaps.out ? write_stats(k, why) : err;
}

/* Streams the log into the temporary files and syncs them. */
static enum td_err convert(struct work *k, struct td_fail *why)
{
    enum td_err err;
    while ((err = td_capture_next(&k->reader, &k->record)) == TD_OK) {
        if (k->record.kind == TD_CAPTURE_SNAP)
            err = take_snap(k, most_snapshots(&k->reader), why);
        else
            err = k->record.kind == TD_CAPTURE_TICK ? take_tick(k, why) : take_message(k, why);
        if (err)
            return err;
    }
    if (err != TD_ENODATA)
        return td_fail_set(why, err, "reading the capture log: %s", td_err_text(err));
    k->result.end = k->reader.end;
    k->result.cut_bytes = k->reader.cut_bytes;
    k->result.snapshots = k->snaps.total;
    k->result.messages = k->messages.total;
    k->result.ticks = k->ticks.total;
    k->result.gaps = k->messages.marks;
    return finish_files(k, why);
}

static enum td_err publish(struct work *k, struct td_fail *why)
{
    enum td_err err = TD_OK;
    if (k->messages.out)
        err = td_out_publish(&k->out_messages, why);
    if (!err && k->ticks.out)
        err = td_out_publish(&k->out_ticks, why);
    if (!err && k->snaps.out)
        err = td_out_publish(&k->out_snaps, why);
    if (!err && k->snaps.out)
        err = td_out_publish(&k->out_stats, why);
    return err;
}

static enum td_err sync_folder_of(struct td_world *world, const char *path)
{
    char folder[1024];
    td_path_folder(path, folder, sizeof folder);
    return td_folder_sync(world, folder);
}

/* The log has done its work: gone, or kept aside when part of it could not be trusted. */
static enum td_err retire(struct td_world *world, const char *capture, bool keep,
                          struct td_fail *why)
{
    enum td_err err;
    if (keep) {
        char aside[TD_SESSION_PATH + 16];
        (void)snprintf(aside, sizeof aside, "%s.damaged", capture);
        err = td_file_rename(world, capture, aside);
    } else {
        err = td_file_remove(world, capture);
    }
    if (!err)
        err = sync_folder_of(world, capture);
    return err ? td_fail_set(why, err, "retiring the capture log %s: %s", capture, td_err_text(err))
               : TD_OK;
}

static enum td_err open_reader(struct work *k, const char *capture, struct td_fail *why)
{
    char folder[TD_SESSION_PATH];
    enum td_err err = td_capture_reader_open(&k->reader, k->world, capture, why);
    if (err)
        return err;
    k->result.facts = k->reader.facts;
    td_path_folder(capture, folder, sizeof folder);
    err = td_session_paths(folder, &k->result.facts, &k->result.paths);
    if (err)
        return td_fail_set(why, err, "the paths of session %s are too long", capture);
    const size_t need =
        td_snapshot_writer_need(k->result.facts.levels, most_snapshots(&k->reader)) +
        td_tick_writer_need(most_ticks(&k->reader));
    void *block = malloc(need);
    if (!block)
        return td_fail_set(why, TD_ENOMEM, "%zu bytes to finish %s: %s", need, capture,
                           td_err_text(TD_ENOMEM));
    td_arena_init(&k->arena, block, need);
    return TD_OK;
}

static enum td_err run(struct work *k, const char *capture, struct td_fail *why)
{
    enum td_err err = open_reader(k, capture, why);
    if (err == TD_ENODATA || err == TD_ECORRUPT) {
        k->result.kept = err == TD_ECORRUPT;
        const enum td_err retired = retire(k->world, capture, k->result.kept, NULL);
        return retired ? td_fail_set(why, retired, "retiring the capture log %s: %s", capture,
                                     td_err_text(retired))
                       : err;
    }
    if (!err)
        err = convert(k, why);
    if (!err)
        err = publish(k, why);
    if (err)
        return err;
    k->result.kept = k->result.end == TD_CAPTURE_DAMAGED;
    err = retire(k->world, capture, k->result.kept, why);
    if (!err && k->result.snapshots == 0 && k->result.messages == 0 && k->result.ticks == 0)
        return td_fail_set(why, TD_ENODATA, "%s: nothing was recorded", capture);
    return err;
}

enum td_err td_session_finish(struct td_world *world, const char *capture,
                              struct td_session_result *out, struct td_fail *why)
{
    if (td_entry_at(world, capture) != TD_ENTRY_FILE)
        return td_fail_set(why, TD_ENOENT, "%s: %s", capture, td_err_text(TD_ENOENT));
    struct work *k = calloc(1, sizeof *k);
    if (!k)
        return td_fail_set(why, TD_ENOMEM, "finishing %s: %s", capture, td_err_text(TD_ENOMEM));
    k->world = world;
    enum td_err err = td_file_open(world, capture, TD_FILE_LOCK, &k->lock, why);
    if (!err) {
        err = run(k, capture, why);
        td_snapshot_writer_close(&k->snaps);
        td_tick_writer_close(&k->ticks);
        td_out_drop(&k->out_snaps);
        td_out_drop(&k->out_ticks);
        td_out_drop(&k->out_messages);
        td_out_drop(&k->out_stats);
        td_capture_reader_close(&k->reader);
        free(k->arena.base);
        td_file_close(world, k->lock);
    }
    if (out)
        *out = k->result;
    free(k);
    return err;
}
