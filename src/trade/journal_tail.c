/* trade/journal_tail.c - the journal's own reading, a few records at a time. */
#include "trade/journal_tail.h"

#include <sodium.h>
#include <stdlib.h>

#include "trade/journal_inner.h"

struct td_journal_tail {
    struct journal_scan scan;
    struct td_journal_report report;
    uint32_t number; /* of the file that is read */
    bool open;
    char folder[768], path[800];
};

enum td_err td_journal_tail_open(struct td_journal_tail **out, struct td_world *world,
                                 const char *folder, td_journal_base_fn *base, void *arg,
                                 struct td_fail *why)
{
    uint32_t newest = 0;
    struct td_journal_tail *t = calloc(1, sizeof *t);
    if (!t || sodium_init() < 0) {
        free(t);
        return td_fail_set(why, TD_ENOMEM, "no memory to follow the journal");
    }
    t->scan.world = world;
    t->scan.report = &t->report;
    t->scan.path = t->path;
    t->scan.reader = (struct td_journal_reader){.base = base, .arg = arg};
    enum td_err err = td_str_copy(td_str_of(folder), t->folder, sizeof t->folder)
                          ? td_folder_list(world, folder, journal_note_number, &newest)
                          : TD_ERANGE;
    if (err) {
        free(t);
        return td_fail_set(why, err, "listing %s: %s", folder, td_err_text(err));
    }
    t->number = journal_find_base(&t->scan, folder, newest);
    *out = t;
    return TD_OK;
}

static void leave_file(struct td_journal_tail *t)
{
    if (t->open)
        td_file_close(t->scan.world, t->scan.file);
    t->open = false;
}

void td_journal_tail_close(struct td_journal_tail *t)
{
    if (!t)
        return;
    leave_file(t);
    free(t);
}

uint64_t td_journal_tail_next(const struct td_journal_tail *t)
{
    return t->scan.next_seq;
}

static enum td_err enter_file(struct td_journal_tail *t, struct td_fail *why)
{
    struct journal_scan *s = &t->scan;
    bool torn = false;
    journal_file_path(t->folder, t->number, t->path, sizeof t->path);
    enum td_err err = td_file_open(s->world, t->path, TD_FILE_READ, &s->file, why);
    if (err)
        return td_fail_add(why, err == TD_ENOENT ? TD_ECORRUPT : err,
                           "journal file %04u is missing", t->number);
    t->open = true;
    s->offset = 0;
    s->have = s->at = 0;
    err = td_file_size(s->world, s->file, &s->size);
    if (!err)
        err = journal_read_header(s, t->number, &torn, why);
    else
        (void)td_fail_set(why, err, "reading journal %s: %s", t->path, td_err_text(err));
    return err;
}

/* What was seen behind the durable part before is read again: it was perhaps half written then. */
static enum td_err look_again(struct td_journal_tail *t, struct td_fail *why)
{
    struct journal_scan *s = &t->scan;
    s->have = s->at = 0;
    const enum td_err err = td_file_size(s->world, s->file, &s->size);
    return err ? td_fail_set(why, err, "reading journal %s: %s", t->path, td_err_text(err)) : TD_OK;
}

enum td_err td_journal_tail_read(struct td_journal_tail *t, uint64_t durable, uint32_t max,
                                 td_journal_fn *each, void *arg, struct td_fail *why)
{
    struct journal_scan *s = &t->scan;
    s->reader.each = each;
    s->reader.arg = arg;
    enum td_err err = TD_OK;
    if (t->open && s->next_seq <= durable)
        err = look_again(t, why);
    for (uint32_t n = 0; !err && n < max && s->next_seq <= durable;) {
        bool done = false, torn = false;
        if (!t->open)
            err = enter_file(t, why);
        if (!err)
            err = journal_read_frame(s, &done, &torn, why);
        if (!err && done) {
            leave_file(t);
            t->number++;
        }
        n += !done;
    }
    return err;
}
