/* history/vendor_files.c - DBN files that are there already: a folder of a vendor's batch download, or our own copies.
 *
 * <VENDOR_FILES>/<SYMBOL>/<day>.<schema>.dbn.zst, or without .zst; `day` is that of the request's start. Costs nothing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "desk/settings.h"
#include "history/vendor.h"
#include "sys/uvworld.h"

#define PIECE 65536

struct files {
    struct td_world world; /* of this thread */
    const char *folder;
    uint8_t piece[PIECE];
};

static enum td_err open_files(void **self, const struct td_settings *s, struct td_fail *why)
{
    if (!s->vendor_files || !*s->vendor_files)
        return td_fail_set(
            why, TD_EINVAL,
            "vendor files needs VENDOR_FILES: the folder with SYMBOL/DAY.SCHEMA.dbn.zst");
    struct files *f = calloc(1, sizeof *f);
    if (!f)
        return td_fail_set(why, TD_ENOMEM, "vendor files: %s", td_err_text(TD_ENOMEM));
    const enum td_err err = td_uvworld_open(&f->world, false, why);
    if (err) {
        free(f);
        return err;
    }
    f->folder = s->vendor_files;
    *self = f;
    return TD_OK;
}

static void close_files(void *self)
{
    struct files *f = self;
    td_uvworld_close(&f->world);
    free(f);
}

/* The file of a request and its size. TD_ENODATA: there is none. */
static enum td_err find(struct files *f, const struct td_vendor_ask *ask, struct td_file *out,
                        struct td_fail *why)
{
    static const char *const ends[] = {".dbn.zst", ".dbn"};
    char path[1024];
    enum td_err err = TD_ENOENT;
    if (strchr(ask->symbol, '/') || ask->symbol[0] == '.')
        return td_fail_set(why, TD_EINVAL, "%s: not a symbol", ask->symbol);
    for (size_t i = 0; i < TD_COUNT(ends) && err == TD_ENOENT; i++) {
        const int n = snprintf(path, sizeof path, "%s/%s/%.10s.%s%s", f->folder, ask->symbol,
                               ask->start, ask->schema, ends[i]);
        if (n < 0 || (size_t)n >= sizeof path)
            return td_fail_set(why, TD_ERANGE, "%s: the path is too long", f->folder);
        err = td_file_open(&f->world, path, TD_FILE_READ, out, why);
    }
    return err == TD_ENOENT
               ? td_fail_set(why, TD_ENODATA, "%s: no file of this symbol and day", path)
               : err;
}

static enum td_err no_cost(void *self, const struct td_vendor_ask *ask, int64_t *usd_e9,
                           struct td_vendor_answer *a, struct td_fail *why)
{
    (void)self, (void)ask, (void)why;
    *a = (struct td_vendor_answer){0};
    *usd_e9 = 0;
    return TD_OK;
}

static enum td_err ask_size(void *self, const struct td_vendor_ask *ask, uint64_t *bytes,
                            struct td_vendor_answer *a, struct td_fail *why)
{
    struct files *f = self;
    struct td_file file;
    *a = (struct td_vendor_answer){0};
    enum td_err err = find(f, ask, &file, why);
    if (err)
        return err;
    err = td_file_size(&f->world, file, bytes);
    td_file_close(&f->world, file);
    return err ? td_fail_set(why, err, "%s: its size is not known", ask->symbol) : TD_OK;
}

static enum td_err no_range(void *self, const char *dataset, char *start, char *end,
                            struct td_vendor_answer *a, struct td_fail *why)
{
    (void)self, (void)dataset, (void)start, (void)end;
    *a = (struct td_vendor_answer){0};
    return td_fail_set(why, TD_EUNSUP, "vendor files: a folder has no range");
}

/* A folder does not say whether a day is complete. */
static enum td_err no_condition(void *self, const char *dataset, const char *day,
                                enum td_vendor_day *out, struct td_vendor_answer *a,
                                struct td_fail *why)
{
    (void)self, (void)dataset, (void)day, (void)why;
    *a = (struct td_vendor_answer){0};
    *out = TD_VENDOR_DAY_UNKNOWN;
    return TD_OK;
}

static enum td_err fetch(void *self, const struct td_vendor_ask *ask, td_vendor_sink *sink,
                         void *arg, struct td_vendor_answer *a, struct td_fail *why)
{
    struct files *f = self;
    struct td_file file;
    size_t got = PIECE;
    *a = (struct td_vendor_answer){0};
    enum td_err err = find(f, ask, &file, why);
    if (err)
        return err;
    while (!err && got == PIECE) {
        if (ask->stop && atomic_load_explicit(ask->stop, memory_order_relaxed))
            err = TD_EHALTED;
        else
            err = td_file_read(&f->world, file, a->bytes, f->piece, PIECE, &got);
        a->bytes += err ? 0 : got;
        if (!err && got)
            err = sink(arg, f->piece, got);
    }
    td_file_close(&f->world, file);
    return err ? td_fail_set(why, err, "%s: %s", ask->symbol, td_err_text(err)) : TD_OK;
}

const struct td_vendor_row td_vendor_files = {.name = "files",
                                              .help = "DBN files of a folder (VENDOR_FILES)",
                                              .open = open_files,
                                              .close = close_files,
                                              .cost = no_cost,
                                              .size = ask_size,
                                              .range = no_range,
                                              .condition = no_condition,
                                              .fetch = fetch};
