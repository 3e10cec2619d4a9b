/* desk/desk_signal_file.c - the watched file of external signals: what is appended to it is read, line by line.
 *
 * It is read from where it ended when the desk began: older lines are not ours. A file that was not there begins at 0. It
 * is opened anew at each look, at most four times a second, and at most a chunk is read of it. What stands before the
 * place we have read to is remembered: a file that is shorter or that has other bytes there was truncated or replaced.
 * That is told, and reading goes on at its end, so that no line is taken for a new one; whatever else stands in it is
 * passed over, and told by its bytes.
 */
#include "desk/desk_inner.h"

#define LOOK (TD_SEC / 4)

static bool has_file(const struct td_desk *d)
{
    return d->config.signals && *d->config.signals;
}

td_ns desk_signal_deadline(const struct td_desk *d)
{
    return has_file(d) ? d->signals.look_mono : TD_NS_NEVER;
}

/* --- lines --- */

static void end_line(struct td_desk *d)
{
    struct desk_signals *s = &d->signals;
    const struct td_str line = td_str_trim((struct td_str){s->line, s->used});
    s->used = 0;
    if (s->too_long) {
        s->too_long = false;
        s->lines++;
        s->unread++;
        td_logf(d->log, TD_LOG_WARN, TD_LOG_TRADING, "signal_line",
                "%s: a line of more than %d bytes before byte %llu is passed over",
                d->config.signals, TD_MLSIGNAL_LINE_MAX, (unsigned long long)s->offset);
    } else if (line.len) {
        s->lines++;
        desk_take_signal(d, line);
    }
}

static void take_bytes(struct td_desk *d, size_t len)
{
    struct desk_signals *s = &d->signals;
    for (size_t i = 0; i < len; i++) {
        s->offset++;
        if (s->chunk[i] == '\n')
            end_line(d);
        else if (s->used < TD_MLSIGNAL_LINE_MAX)
            s->line[s->used++] = s->chunk[i];
        else
            s->too_long = true;
    }
}

/* --- the file --- */

/* What stands before the place we have read to. */
static enum td_err note_tail(struct td_desk *d, struct td_file file)
{
    struct desk_signals *s = &d->signals;
    const size_t len = s->offset < DESK_SIGNAL_TAIL ? (size_t)s->offset : DESK_SIGNAL_TAIL;
    size_t got = 0;
    s->tail_len = 0;
    const enum td_err err = td_file_read(d->world, file, s->offset - len, s->tail, len, &got);
    s->tail_len = err ? 0 : got;
    return err;
}

static bool is_the_same(struct td_desk *d, struct td_file file, uint64_t size)
{
    const struct desk_signals *s = &d->signals;
    char now[DESK_SIGNAL_TAIL];
    size_t got = 0;
    return size >= s->offset &&
           td_file_read(d->world, file, s->offset - s->tail_len, now, s->tail_len, &got) == TD_OK &&
           got == s->tail_len && memcmp(now, s->tail, got) == 0;
}

/* Reading goes on at the end of what is there now. */
static enum td_err begin_anew(struct td_desk *d, struct td_file file, uint64_t size)
{
    struct desk_signals *s = &d->signals;
    td_logf(d->log, TD_LOG_WARN, TD_LOG_TRADING, "signal_file",
            "%s was %s: its %llu bytes are passed over, what is appended from now on is read",
            d->config.signals, size < s->offset ? "truncated" : "replaced",
            (unsigned long long)size);
    s->skipped += size;
    s->offset = size;
    s->used = 0;
    s->too_long = false;
    return note_tail(d, file);
}

static enum td_err read_on(struct td_desk *d, struct td_file file)
{
    struct desk_signals *s = &d->signals;
    uint64_t size = 0;
    size_t got = 0;
    enum td_err err = td_file_size(d->world, file, &size);
    if (err || (size == s->offset && size == 0))
        return err;
    if (!is_the_same(d, file, size))
        return begin_anew(d, file, size);
    if (size == s->offset)
        return TD_OK;
    err = td_file_read(d->world, file, s->offset, s->chunk, sizeof s->chunk, &got);
    if (err)
        return err;
    take_bytes(d, got);
    return note_tail(d, file);
}

/* One that has gone begins at its first byte when it comes again. */
static void is_gone(struct td_desk *d)
{
    struct desk_signals *s = &d->signals;
    if (!s->told_missing)
        td_logf(d->log, TD_LOG_WARN, TD_LOG_TRADING, "signal_file",
                "%s is not there: it is read from its begin when it comes", d->config.signals);
    s->told_missing = true;
    s->offset = s->used = s->tail_len = 0;
    s->too_long = false;
}

static void note_error(struct td_desk *d, enum td_err err)
{
    if (err && !d->signals.unreadable)
        td_logf(d->log, TD_LOG_ERROR, TD_LOG_TRADING, "signal_file",
                "%s: %s; it is tried again four times a second", d->config.signals,
                td_err_text(err));
    d->signals.unreadable = err != TD_OK;
}

void desk_read_signal_file(struct td_desk *d)
{
    struct td_file file = {0};
    const td_ns mono = td_world_mono(d->world);
    if (!has_file(d) || mono < d->signals.look_mono)
        return;
    d->signals.look_mono = mono + LOOK;
    enum td_err err = td_file_open(d->world, d->config.signals, TD_FILE_READ, &file, NULL);
    if (err == TD_ENOENT) {
        is_gone(d);
        return;
    }
    if (!err)
        err = read_on(d, file);
    td_file_close(d->world, file);
    d->signals.told_missing = false;
    note_error(d, err);
}

void desk_begin_signal_file(struct td_desk *d)
{
    struct td_file file = {0};
    if (!has_file(d))
        return;
    d->signals.look_mono = td_world_mono(d->world) + LOOK;
    enum td_err err = td_file_open(d->world, d->config.signals, TD_FILE_READ, &file, NULL);
    if (err == TD_ENOENT) {
        is_gone(d);
        return;
    }
    if (!err)
        err = td_file_size(d->world, file, &d->signals.offset);
    if (!err)
        err = note_tail(d, file);
    td_file_close(d->world, file);
    note_error(d, err);
}
