/* store/recorder.c - one symbol's recording. */
#include "store/recorder.h"

#include <stdio.h>
#include <string.h>

#include "market/instrument.h"

static enum td_err check(const struct td_session_facts *f, struct td_fail *why)
{
    int64_t days;
    if (!td_symbol_is_safe(td_str_of(f->symbol)))
        return td_fail_set(why, TD_EINVAL, "symbol \"%s\" cannot be part of a file name",
                           f->symbol);
    if (f->levels < 1 || f->levels > TD_CAPTURE_LEVELS_MAX)
        return td_fail_set(why, TD_EINVAL, "%d levels; 1..%d are possible", f->levels,
                           TD_CAPTURE_LEVELS_MAX);
    if (f->interval_ms < 1)
        return td_fail_set(why, TD_EINVAL, "an interval of %d ms", f->interval_ms);
    if (td_date_parse(f->day, strlen(f->day), &days) || strlen(f->time) != 6 ||
        strspn(f->time, "0123456789") != 6)
        return td_fail_set(why, TD_EINVAL, "session day \"%s\" or time \"%s\"", f->day, f->time);
    return TD_OK;
}

/* Paths of a new session; one that is finished under this name must not be overwritten. */
static enum td_err choose_paths(const struct td_recorder *r, const struct td_session_facts *facts,
                                struct td_session_paths *out, struct td_fail *why)
{
    const char *const paths[] = {out->capture, out->snapshots, out->messages, out->ticks};
    const enum td_err err = td_session_paths(r->folder, facts, out);
    if (err)
        return td_fail_set(why, err, "%s: path too long", r->folder);
    for (size_t i = 0; i < TD_COUNT(paths); i++)
        if (td_entry_at(r->world, paths[i]) != TD_ENTRY_NONE)
            return td_fail_set(why, TD_EEXIST, "%s: %s", paths[i], td_err_text(TD_EEXIST));
    return TD_OK;
}

static enum td_err begin(struct td_recorder *r, struct td_fail *why)
{
    r->messages = 0;
    r->snapshots = 0;
    r->ticks = 0;
    return td_capture_open(&r->capture, r->world, r->paths.capture, &r->facts, r->group_bytes, why);
}

enum td_err td_recorder_open(struct td_recorder *r, struct td_world *world,
                             const struct td_recorder_options *o, struct td_fail *why)
{
    memset(r, 0, sizeof *r);
    enum td_err err = check(&o->facts, why);
    if (err)
        return err;
    r->facts = o->facts;
    r->group_bytes = o->group_bytes;
    if (snprintf(r->folder, sizeof r->folder, "%s/%s", o->folder, o->facts.symbol) >=
        (int)sizeof r->folder)
        return td_fail_set(why, TD_ERANGE, "%s: path too long", o->folder);
    err = td_folder_make(world, r->folder);
    if (err)
        return td_fail_set(why, err, "making folder %s: %s", r->folder, td_err_text(err));
    r->world = world;
    err = choose_paths(r, &r->facts, &r->paths, why);
    if (!err)
        err = begin(r, why);
    if (err)
        r->world = NULL;
    return err;
}

static enum td_err explain(const struct td_recorder *r, enum td_err err, struct td_fail *why)
{
    return err ? td_fail_set(why, err, "recording of %s has stopped: %s: %s", r->facts.symbol,
                             r->paths.capture, td_err_text(err))
               : TD_OK;
}

static enum td_err record(struct td_recorder *r, const struct td_event *ev, bool image,
                          struct td_fail *why)
{
    const enum td_err err = td_capture_message(&r->capture, ev, image);
    if (err == TD_EINVAL)
        return td_fail_set(why, err, "an event of kind %d is neither depth nor tick", ev->kind);
    if (err)
        return explain(r, err, why);
    r->messages++;
    r->last_recv_ns = ev->recv_ns;
    r->last_venue_ns = ev->venue_ns;
    return TD_OK;
}

enum td_err td_recorder_message(struct td_recorder *r, const struct td_event *ev,
                                struct td_fail *why)
{
    if (ev->kind != TD_EV_QUOTE && ev->kind != TD_EV_TRADE)
        return record(r, ev, false, why);
    const enum td_err err = td_capture_tick(&r->capture, ev);
    r->ticks += !err;
    return explain(r, err, why);
}

void td_snap_take(struct td_snap *out, const struct td_book *book, int32_t levels, td_ns at_ns,
                  td_ns stale_ns)
{
    TD_REQUIRE(levels > 0 && levels <= TD_CAPTURE_LEVELS_MAX);
    memset(out, 0, sizeof *out);
    out->at_ns = at_ns;
    out->quality = td_book_quality(book, at_ns, stale_ns);
    out->generated = book->generated;
    for (int side = 0; side < 2; side++) {
        const int32_t rows = book->rows[side] < levels ? book->rows[side] : levels;
        for (int32_t i = 0; i < rows; i++) {
            out->px[side][i] = book->side[side][i].px;
            out->qty[side][i] = book->side[side][i].qty;
        }
    }
}

enum td_err td_recorder_snapshot(struct td_recorder *r, struct td_snap *snap, struct td_fail *why)
{
    snap->recv_ns = r->last_recv_ns;
    snap->venue_ns = r->last_venue_ns;
    snap->seq = r->messages;
    const enum td_err err = td_capture_snap(&r->capture, snap, r->facts.levels);
    if (!err)
        r->snapshots++;
    return explain(r, err, why);
}

enum td_err td_recorder_sync(struct td_recorder *r, struct td_fail *why)
{
    return explain(r, td_capture_sync(&r->capture), why);
}

enum td_err td_recorder_close(struct td_recorder *r, struct td_session_result *out,
                              struct td_fail *why)
{
    if (!r->world)
        return TD_OK;
    const enum td_err sealed = td_capture_seal(&r->capture);
    const bool stopped = r->capture.file.id == 0; /* a rotation failed: there is no session */
    td_capture_close(&r->capture);
    struct td_world *world = r->world;
    r->world = NULL;
    if (stopped)
        return explain(r, sealed, why);
    const enum td_err err = td_session_finish(world, r->paths.capture, out, why);
    if (err)
        return td_fail_add(why, err, "finishing the session of %s", r->facts.symbol);
    return explain(r, sealed,
                   why); /* the files are there, but the end of the recording is not in them */
}

enum td_err td_recorder_rotate(struct td_recorder *r, const struct td_session_facts *next,
                               char *done, struct td_fail *why)
{
    struct td_session_facts facts = *next;
    memcpy(facts.symbol, r->facts.symbol, sizeof facts.symbol);
    struct td_session_paths paths;
    enum td_err err = check(&facts, why);
    if (!err)
        err = choose_paths(r, &facts, &paths, why);
    if (err)
        return err;
    err = td_capture_seal(&r->capture);
    if (err)
        return explain(r, err, why);
    td_capture_close(&r->capture);
    memcpy(done, r->paths.capture, sizeof r->paths.capture);
    r->facts = facts;
    r->paths = paths;
    return begin(r, why);
}

static enum td_err put_rows(struct td_recorder *r, const struct td_book *book, struct td_event *ev,
                            struct td_fail *why)
{
    enum td_err err = TD_OK;
    ev->kind = TD_EV_DEPTH;
    for (uint8_t side = 0; side < 2; side++)
        for (int32_t i = 0; i < book->rows[side] && !err; i++) {
            ev->depth = (struct td_depth){.px = book->side[side][i].px,
                                          .qty = book->side[side][i].qty,
                                          .row = i,
                                          .op = TD_DEPTH_INSERT,
                                          .side = side,
                                          .smart = r->facts.smart};
            memcpy(ev->depth.maker, book->maker[side][i], TD_MAKER_CHARS);
            err = record(r, ev, true, why);
        }
    return err;
}

enum td_err td_recorder_image(struct td_recorder *r, const struct td_book *book, td_ns now,
                              struct td_fail *why)
{
    struct td_event ev = {.kind = TD_EV_DEPTH_RESET, .recv_ns = now, .generated = book->generated};
    enum td_err err = record(r, &ev, true, why);
    if (!err)
        err = put_rows(r, book, &ev, why);
    if (!err && book->broken) {
        ev.kind = TD_EV_GAP;
        err = record(r, &ev, true, why);
    }
    return err;
}
