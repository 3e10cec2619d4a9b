/* history/importer.c - finds the files, has each imported by its form, reads the result back, counts what happened. */
#include "history/importer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "history/import_inner.h"
#include "store/table.h"
#include "store/table_parquet.h"

#define MAP_SLOTS ((size_t)262144) /* two entries a file at most */

/* ---- finding ---- */

static bool is_candidate(const char *name)
{
    static const char *const endings[] = {".xlsx", ".xls", ".csv", ".zip", ".ftr", ".feather"};
    for (size_t i = 0; i < TD_COUNT(endings); i++)
        if (td_import_ends(name, endings[i]))
            return true;
    return false;
}

/* Hidden files, Excel's locks and our own results. */
static bool is_left_out(const char *name)
{
    return name[0] == '.' || strncmp(name, "~$", 2) == 0 || strcmp(name, "parquet_data") == 0 ||
           strcmp(name, "metadata_tables") == 0 || strcmp(name, "node_modules") == 0;
}

static enum td_err keep_path(struct td_importer *im, const char *path, const char **out)
{
    struct td_str kept;
    const struct td_str with_end = {path, strlen(path) + 1};
    const enum td_err err = td_pool_copy(&im->paths, with_end, &kept);
    *out = kept.p;
    return err;
}

static enum td_err add_file(struct td_importer *im, const char *path)
{
    struct td_file f = {0};
    struct td_import_found found = {.bytes = 0};
    if (im->file_count == TD_IMPORT_FILES_MAX)
        return TD_EFULL;
    if (im->file_count == im->file_cap) {
        const size_t cap = im->file_cap ? im->file_cap * 2 : 256;
        struct td_import_found *more = realloc(im->files, cap * sizeof *more);
        if (!more)
            return TD_ENOMEM;
        im->files = more;
        im->file_cap = cap;
    }
    const enum td_err err = keep_path(im, path, &found.path);
    if (err)
        return err;
    if (td_file_open(im->world, path, TD_FILE_READ, &f, NULL) == TD_OK) {
        if (td_file_size(im->world, f, &found.bytes) != TD_OK)
            found.bytes = 0; /* it will be told when it is read */
        td_file_close(im->world, f);
    }
    im->files[im->file_count++] = found;
    return TD_OK;
}

static enum td_err add_folder(struct td_importer *im, const char *path)
{
    size_t depth = 0;
    const char *kept = NULL;
    for (const char *c = path + strlen(im->o->source); *c; c++)
        depth += *c == '/';
    if (depth > TD_IMPORT_DEPTH_MAX || im->folder_count == TD_IMPORT_FILES_MAX)
        return TD_EFULL;
    if (im->folder_count == im->folder_cap) {
        const size_t cap = im->folder_cap ? im->folder_cap * 2 : 64;
        char **more = realloc(im->folders, cap * sizeof *more);
        if (!more)
            return TD_ENOMEM;
        im->folders = more;
        im->folder_cap = cap;
    }
    const enum td_err err = keep_path(im, path, &kept);
    union {
        const char *in;
        char *out;
    } word = {kept};
    if (!err)
        im->folders[im->folder_count++] = word.out;
    return err;
}

static bool look_at(void *arg, const char *name, enum td_entry_kind kind)
{
    struct td_importer *im = arg;
    char path[TD_PATH_MAX];
    if (is_left_out(name) || !td_path_join(path, sizeof path, im->folder, name))
        return true;
    if (kind == TD_ENTRY_FOLDER && !im->o->flat)
        im->err = add_folder(im, path);
    else if (kind == TD_ENTRY_FILE && is_candidate(name))
        im->err = add_file(im, path);
    return im->err == TD_OK;
}

static int larger_first(const void *a, const void *b)
{
    const struct td_import_found *x = a, *y = b;
    const int size = (x->bytes < y->bytes) - (x->bytes > y->bytes);
    return size ? size : strcmp(x->path, y->path);
}

static enum td_err find_files(struct td_importer *im, struct td_fail *why)
{
    const char *source = im->o->source;
    const enum td_entry_kind kind = td_entry_at(im->world, source);
    if (kind == TD_ENTRY_NONE)
        return td_fail_set(why, TD_ENOENT, "%s: no such file or folder", source);
    enum td_err err = kind == TD_ENTRY_FILE ? add_file(im, source) : add_folder(im, source);
    while (!err && im->folder_count > 0) {
        im->folder = im->folders[--im->folder_count];
        err = td_folder_list(im->world, im->folder, look_at, im);
        err = im->err ? im->err : err;
    }
    if (err)
        return td_fail_set(why, err, "%s: %s", source, td_err_text(err));
    if (im->file_count > 0)
        qsort(im->files, im->file_count, sizeof *im->files, larger_first);
    return TD_OK;
}

/* ---- one file ---- */

static unsigned bit_of(const char *kind)
{
    static const char *const kinds[] = {"failed", "downloadable", "downloaded", "warrior", "train"};
    unsigned bit = 1;
    for (size_t i = 0; i < TD_COUNT(kinds) && strcmp(kinds[i], kind) != 0; i++)
        bit <<= 1;
    return bit;
}

static enum td_err read_magic(struct td_world *world, const char *path, const char **magic,
                              struct td_fail *why)
{
    char head[8];
    size_t got = 0;
    struct td_file f = {0};
    enum td_err err = td_file_open(world, path, TD_FILE_READ, &f, why);
    if (err)
        return err;
    err = td_file_read(world, f, 0, head, sizeof head, &got);
    td_file_close(world, f);
    if (err)
        return td_fail_set(why, err, "%s: %s", path, td_err_text(err));
    *magic = td_magic_name((struct td_str){head, got});
    return TD_OK;
}

static enum td_err check_result(struct td_import_item *it, struct td_fail *why)
{
    struct td_file f = {0};
    uint64_t rows = 0, bytes = 0;
    enum td_err err = td_parquet_check(it->im->world, it->dest, &rows, why);
    if (!err && rows != it->written)
        err = td_fail_set(why, TD_ECORRUPT, "%s: %llu rows were written, %llu read back", it->path,
                          (unsigned long long)it->written, (unsigned long long)rows);
    if (!err)
        err = td_file_open(it->im->world, it->dest, TD_FILE_READ, &f, why);
    if (err)
        return err;
    err = td_file_size(it->im->world, f, &bytes);
    td_file_close(it->im->world, f);
    if (err)
        return td_fail_set(why, err, "%s: %s", it->dest, td_err_text(err));
    struct td_import_found *owner = &it->im->files[it->owner];
    it->im->report->bytes_after +=
        bytes - owner->after; /* of a shared place the last size counts */
    owner->after = bytes;
    return TD_OK;
}

static enum td_err mirror(struct td_import_item *it, const char *place, struct td_fail *why)
{
    char from[TD_PATH_MAX], to[TD_PATH_MAX];
    struct td_importer *im = it->im;
    if (!im->o->backup || !*im->o->backup)
        return TD_OK;
    if (td_entry_at(im->world, im->o->backup) != TD_ENTRY_FOLDER) {
        im->report->mirror_absent = true;
        return TD_OK;
    }
    if (!td_path_join(from, sizeof from, im->o->root, place) ||
        !td_path_join(to, sizeof to, im->o->backup, place))
        return td_fail_set(why, TD_EINVAL, "%s: its name is too long", it->path);
    const enum td_err err = td_file_copy(im->world, from, to, why);
    im->report->mirrored += err == TD_OK;
    return err;
}

/* The largest list of a kind becomes its _latest. */
static enum td_err publish_latest(struct td_import_item *it, struct td_fail *why)
{
    char place[128], to[TD_PATH_MAX];
    struct td_importer *im = it->im;
    if (!it->name.kind || (im->kinds & bit_of(it->name.kind)))
        return TD_OK;
    (void)snprintf(place, sizeof place, "metadata_tables/%s_latest.parquet", it->name.kind);
    if (!td_path_join(to, sizeof to, im->o->root, place))
        return td_fail_set(why, TD_EINVAL, "%s: the path is too long", im->o->root);
    enum td_err err = td_file_copy(im->world, it->dest, to, why);
    if (!err)
        err = mirror(it, place, why);
    im->kinds |= bit_of(it->name.kind);
    return err;
}

static enum td_err import_file(struct td_import_item *it, struct td_fail *why)
{
    const char *magic = NULL;
    enum td_err err = read_magic(it->im->world, it->path, &magic, why);
    if (!err)
        err = td_import_form_of(magic, it->path)(it, why);
    if (err || it->im->o->dry_run)
        return err;
    if (!it->written)
        it->written = it->rows;
    err = check_result(it, why);
    if (!err)
        err = mirror(it, it->place, why);
    return err ? err : publish_latest(it, why);
}

static void tell_error(struct td_import_report *r, const char *path, const struct td_fail *why)
{
    r->failed++;
    if (r->error_count == TD_IMPORT_ERRORS_MAX)
        return;
    struct td_import_error *e = &r->errors[r->error_count++];
    (void)snprintf(e->file, sizeof e->file, "%s", path);
    (void)snprintf(e->reason, sizeof e->reason, "%s", why->text);
}

static void import_all(struct td_importer *im, td_import_progress *progress, void *arg)
{
    struct td_import_report *r = im->report;
    for (size_t i = 0; i < im->file_count; i++) {
        struct td_import_item it = {.im = im, .path = im->files[i].path, .number = (uint32_t)i};
        struct td_fail why = {0};
        if (progress)
            progress(arg, i + 1, im->file_count, it.path);
        (void)td_import_name(it.path, &it.name);
        const enum td_err err = import_file(&it, &why);
        r->files++;
        if (err == TD_ENODATA) {
            r->skipped++;
        } else if (err) {
            if (!why.text[0])
                (void)td_fail_set(&why, err, "%s: %s", it.path, td_err_text(err));
            tell_error(r, it.path, &why);
        } else {
            r->done++;
            r->rows += it.rows;
            r->bytes_before += im->files[i].bytes;
        }
    }
}

enum td_err td_import(struct td_world *world, const struct td_import_options *o,
                      td_import_progress *progress, void *arg, struct td_import_report *report,
                      struct td_fail *why)
{
    struct td_importer im = {.world = world, .o = o, .report = report};
    struct td_civil c;
    const td_ns start = td_world_mono(world);
    *report = (struct td_import_report){0};
    td_civil_from_ns(td_world_now(world), &c);
    (void)snprintf(im.stamp, sizeof im.stamp, "%04d%02d%02d_%02d%02d%02d", c.year % 10000, c.month,
                   c.day, c.hour, c.minute, c.second);
    td_pool_init(&im.paths, (size_t)TD_IMPORT_FILES_MAX * TD_PATH_MAX);
    report->errors = calloc(TD_IMPORT_ERRORS_MAX, sizeof *report->errors);
    im.slots = calloc(MAP_SLOTS, sizeof *im.slots);
    enum td_err err =
        report->errors && im.slots ? TD_OK : td_fail_set(why, TD_ENOMEM, "out of memory");
    if (!err) {
        td_map_init(&im.places, im.slots, MAP_SLOTS);
        err = find_files(&im, why);
    }
    if (!err)
        import_all(&im, progress, arg);
    report->seconds = (double)(td_world_mono(world) - start) / (double)TD_SEC;
    td_pool_fini(&im.paths);
    free(im.files);
    free(im.folders);
    free(im.slots);
    if (err)
        td_import_report_fini(report);
    return err;
}

void td_import_report_fini(struct td_import_report *r)
{
    free(r->errors);
    r->errors = NULL;
    r->error_count = 0;
}
