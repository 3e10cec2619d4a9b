/* store/jsonlines.c - JSON Lines: appended whole and synced, read line by line in bounded pieces. */
#include <stdlib.h>
#include <string.h>

#include "store/manifest.h"

#define FILE_MAX ((uint64_t)1 << 30)
#define PIECE    (TD_MANIFEST_LINE * 4)

/* Whether the file's last byte is not a line end. */
static enum td_err ends_torn(struct td_world *world, const char *path, bool *torn)
{
    struct td_file f = {0};
    uint64_t size = 0;
    size_t got = 0;
    char last = '\n';
    *torn = false;
    if (td_entry_at(world, path) == TD_ENTRY_NONE)
        return TD_OK;
    enum td_err err = td_file_open(world, path, TD_FILE_READ, &f, NULL);
    if (err)
        return err;
    err = td_file_size(world, f, &size);
    if (!err && size > 0)
        err = td_file_read(world, f, size - 1, &last, 1, &got);
    td_file_close(world, f);
    *torn = last != '\n';
    return err;
}

enum td_err td_lines_append(struct td_world *world, const char *path, struct td_str lines,
                            struct td_fail *why)
{
    struct td_file f = {0};
    char folder[800];
    bool torn = false;
    td_path_folder(path, folder, sizeof folder);
    enum td_err err = td_folder_make(world, folder);
    if (!err)
        err = ends_torn(world, path, &torn);
    if (!err)
        err = td_file_open(world, path, TD_FILE_APPEND, &f, NULL);
    if (err)
        return td_fail_set(why, err, "%s: %s", path, td_err_text(err));
    if (torn)
        err = td_file_write(world, f, "\n", 1);
    if (!err)
        err = td_file_write(world, f, lines.p, lines.len);
    if (!err)
        err = td_file_sync(world, f);
    td_file_close(world, f);
    if (!err)
        err = td_folder_sync(world, folder);
    return err ? td_fail_set(why, err, "%s: %s", path, td_err_text(err)) : TD_OK;
}

struct reading {
    struct td_file file;
    uint64_t at, size;
    char *buf;
    size_t have;
    bool skipping; /* the rest of a line that was too long */
    td_line_fn *fn;
    void *arg;
    struct td_manifest_counts *counts;
};

/* The whole lines of the buffer; what is left moves to its front. */
static enum td_err take_lines(struct reading *r)
{
    size_t from = 0;
    for (;;) {
        char *end = memchr(r->buf + from, '\n', r->have - from);
        if (!end)
            break;
        const struct td_str line = {r->buf + from, (size_t)(end - r->buf) - from};
        from = (size_t)(end - r->buf) + 1;
        if (r->skipping) {
            r->skipping = false;
            continue;
        }
        r->counts->lines++;
        if (line.len > TD_MANIFEST_LINE) {
            r->counts->broken++;
        } else if (td_str_trim(line).len > 0) {
            const enum td_err err = r->fn(r->arg, td_str_trim(line), r->counts->lines);
            if (err)
                return err;
        }
    }
    r->have -= from;
    memmove(r->buf, r->buf + from, r->have);
    if (r->have > TD_MANIFEST_LINE) { /* no line is so long: look for its end only */
        if (!r->skipping) {
            r->counts->lines++;
            r->counts->broken++;
        }
        r->skipping = true;
        r->have = 0;
    }
    return TD_OK;
}

static enum td_err read_lines(struct td_world *world, struct reading *r)
{
    enum td_err err = TD_OK;
    while (!err && r->at < r->size) {
        size_t got = 0;
        err = td_file_read(world, r->file, r->at, r->buf + r->have, PIECE - r->have, &got);
        if (err || got == 0)
            break;
        r->at += got;
        r->have += got;
        err = take_lines(r);
    }
    if (!err && r->have > 0 && !r->skipping) {
        r->counts->lines++;
        r->counts->torn = 1;
    }
    return err;
}

enum td_err td_lines_each(struct td_world *world, const char *path, td_line_fn *fn, void *arg,
                          struct td_manifest_counts *counts, struct td_fail *why)
{
    struct reading r = {.fn = fn, .arg = arg, .counts = counts};
    *counts = (struct td_manifest_counts){0};
    enum td_err err = td_file_open(world, path, TD_FILE_READ, &r.file, why);
    if (err)
        return err;
    err = td_file_size(world, r.file, &r.size);
    if (!err && r.size > FILE_MAX)
        err = TD_ERANGE;
    if (!err && !(r.buf = malloc(PIECE)))
        err = TD_ENOMEM;
    if (err) {
        td_file_close(world, r.file);
        return td_fail_set(why, err, "%s: %s", path, td_err_text(err));
    }
    err = read_lines(world, &r);
    td_file_close(world, r.file);
    free(r.buf);
    if (err && why && !why->text[0])
        (void)td_fail_set(why, err, "%s: %s", path, td_err_text(err));
    return err;
}
