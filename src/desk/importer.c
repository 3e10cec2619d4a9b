/* desk/importer.c - finds the files, imports each by its form, counts what happened. */
#include "desk/importer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "sim/lean.h"
#include "store/bars_file.h"
#include "store/table_parquet.h"

#define LEAN_BYTES ((size_t)128 << 20)
#define BARS_MAX   ((size_t)1 << 20)
#define MAP_SLOTS  ((size_t)131072)

struct found {
    const char *path;
    uint64_t bytes;
};

struct import {
    struct td_world *world;
    const struct td_import_options *o;
    struct td_import_report *report;
    struct td_pool paths;
    struct found *files;
    size_t file_count, file_cap;
    const char *folder; /* being listed */
    char **folders;     /* to be listed */
    size_t folder_count, folder_cap;
    enum td_err err;
    struct td_map places; /* hash of a place: the file that took it */
    struct td_map_slot *slots;
    char stamp[24];
    unsigned kinds; /* whose _latest is written */
};

/* One file on its way. */
struct item {
    struct import *im;
    const char *path;
    struct td_import_name name;
    char place[TD_PATH_MAX]; /* below the root */
    char dest[TD_PATH_MAX];
    uint64_t rows;
};

/* ---- finding ---- */

static bool ends_with(const char *text, const char *tail)
{
    const size_t n = strlen(text), m = strlen(tail);
    if (n < m)
        return false;
    for (size_t i = 0; i < m; i++) {
        const char c = text[n - m + i];
        if ((c >= 'A' && c <= 'Z' ? (char)(c + 32) : c) != tail[i])
            return false;
    }
    return true;
}

static bool is_candidate(const char *name)
{
    static const char *const endings[] = {".xlsx", ".xls", ".csv", ".zip", ".ftr", ".feather"};
    for (size_t i = 0; i < TD_COUNT(endings); i++)
        if (ends_with(name, endings[i]))
            return true;
    return false;
}

/* Hidden files, Excel's locks and our own results. */
static bool is_left_out(const char *name)
{
    return name[0] == '.' || strncmp(name, "~$", 2) == 0 || strcmp(name, "parquet_data") == 0 ||
           strcmp(name, "metadata_tables") == 0 || strcmp(name, "node_modules") == 0;
}

static enum td_err keep_path(struct import *im, const char *path, const char **out)
{
    struct td_str kept;
    const struct td_str with_end = {path, strlen(path) + 1};
    const enum td_err err = td_pool_copy(&im->paths, with_end, &kept);
    *out = kept.p;
    return err;
}

static enum td_err add_file(struct import *im, const char *path)
{
    struct td_file f = {0};
    struct found found = {.bytes = 0};
    if (im->file_count == TD_IMPORT_FILES_MAX)
        return TD_EFULL;
    if (im->file_count == im->file_cap) {
        const size_t cap = im->file_cap ? im->file_cap * 2 : 256;
        struct found *more = realloc(im->files, cap * sizeof *more);
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

static enum td_err add_folder(struct import *im, const char *path)
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
    struct import *im = arg;
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
    const struct found *x = a, *y = b;
    const int size = (x->bytes < y->bytes) - (x->bytes > y->bytes);
    return size ? size : strcmp(x->path, y->path);
}

static enum td_err find_files(struct import *im, struct td_fail *why)
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

/* ---- placing ---- */

static unsigned bit_of(const char *kind)
{
    static const char *const kinds[] = {"failed", "downloadable", "downloaded", "warrior", "train"};
    unsigned bit = 1;
    for (size_t i = 0; i < TD_COUNT(kinds) && strcmp(kinds[i], kind) != 0; i++)
        bit <<= 1;
    return bit;
}

/* Nobody else's place in this run. */
static enum td_err claim(struct item *it, struct td_fail *why)
{
    struct import *im = it->im;
    uint32_t other = 0;
    const uint64_t key = td_hash_bytes(it->place, strlen(it->place));
    if (td_map_get(&im->places, key, &other))
        return td_fail_set(why, TD_EEXIST, "%s: leads to the same file as %s: %s", it->path,
                           im->files[other].path, it->place);
    for (uint32_t i = 0; i < im->file_count; i++)
        if (im->files[i].path == it->path)
            return td_map_put(&im->places, key, i);
    return TD_OK;
}

static enum td_err place_series(struct item *it, struct td_fail *why)
{
    const struct td_import_options *o = it->im->o;
    if (o->symbol)
        (void)snprintf(it->name.symbol, sizeof it->name.symbol, "%s", o->symbol);
    if (o->bar_size)
        it->name.bar_size = o->bar_size;
    if (!it->name.symbol[0])
        return td_fail_set(why, TD_EPARSE,
                           "%s: no symbol at the begin of its name (AAPL_...); --symbol says it",
                           it->path);
    if (!it->name.bar_size)
        return td_fail_set(why, TD_EPARSE,
                           "%s: no bar size in its name (1 min, 1 hour, ...); --bar-size says it",
                           it->path);
    if (!td_import_place(&it->name, it->place, sizeof it->place))
        return td_fail_set(why, TD_EINVAL, "%s: its name is too long", it->path);
    return claim(it, why);
}

/* <kind>_<stamp>, with a number when several lists of a kind are imported at once. */
static enum td_err place_metadata(struct item *it, struct td_fail *why)
{
    struct td_fail taken;
    for (int n = 1; n < 1000; n++) {
        const char *kind = it->name.kind;
        if (n == 1)
            (void)snprintf(it->place, sizeof it->place, "metadata_tables/%s_%s.parquet", kind,
                           it->im->stamp);
        else
            (void)snprintf(it->place, sizeof it->place, "metadata_tables/%s_%s_%d.parquet", kind,
                           it->im->stamp, n);
        if (claim(it, &taken) == TD_OK)
            return TD_OK;
    }
    return td_fail_set(why, TD_EFULL, "%s: more lists of a kind than are possible", it->path);
}

static enum td_err prepare(struct item *it, struct td_fail *why)
{
    char folder[TD_PATH_MAX];
    if (!td_path_join(it->dest, sizeof it->dest, it->im->o->root, it->place))
        return td_fail_set(why, TD_EINVAL, "%s: its name is too long", it->path);
    td_path_folder(it->dest, folder, sizeof folder);
    const enum td_err err = td_folder_make(it->im->world, folder);
    return err ? td_fail_set(why, err, "%s: %s", folder, td_err_text(err)) : TD_OK;
}

/* ---- forms ---- */

static enum td_err import_table(struct item *it, struct td_fail *why)
{
    struct import *im = it->im;
    struct td_table table = {0};
    struct td_table_parquet made = {0};
    const struct td_table_options o = {.sheet = im->o->sheet};
    enum td_err err = td_table_load(&table, im->world, it->path, &o, why);
    if (!err)
        err = it->name.kind ? place_metadata(it, why) : place_series(it, why);
    if (!err && table.rows < 2)
        err = td_fail_set(why, TD_EPARSE, "%s: no rows below the names of the columns", it->path);
    if (!err)
        it->rows = table.rows - 1;
    if (!err && !im->o->dry_run) {
        err = prepare(it, why);
        if (!err) {
            err = td_table_write_parquet(&table, im->world, it->dest, it->path, &made, why);
            if (err)
                (void)td_fail_add(why, err, "%s", it->path);
        }
    }
    im->report->error_cells += made.errors;
    im->report->uncached += err ? 0 : table.uncached;
    td_table_fini(&table);
    return err;
}

/* Root, resolution, symbol and day of a path of a LEAN folder; false: not bars of a US equity. */
static bool lean_place(const char *path, struct td_lean_file *f, char *root, char *symbol)
{
    static const char *const folders[] = {"/minute/", "/second/", "/daily/"};
    static const uint8_t resolutions[] = {TD_LEAN_MINUTE, TD_LEAN_SECOND, TD_LEAN_DAILY};
    const char *at = strstr(path, "/equity/usa/");
    const size_t skip = strlen("/equity/usa");
    for (size_t i = 0; at && i < TD_COUNT(folders); i++) {
        if (strncmp(at + skip, folders[i], strlen(folders[i])) != 0)
            continue;
        struct td_str rest = td_str_of(at + skip + strlen(folders[i])), part;
        const bool daily = resolutions[i] == TD_LEAN_DAILY;
        if (!td_str_split(&rest, daily ? '.' : '/', &part) || part.len == 0 || part.len > 7)
            return false;
        (void)td_str_copy(part, symbol, 8);
        (void)td_str_copy((struct td_str){path, (size_t)(at - path)}, root, TD_PATH_MAX);
        *f = (struct td_lean_file){
            .root = root, .symbol = symbol, .resolution = resolutions[i], .kind = TD_LEAN_TRADES};
        return daily ? td_str_is(rest, "zip")
                     : rest.len == 18 && td_date_parse(rest.p, 8, &f->day) == TD_OK &&
                           memcmp(rest.p + 8, "_trade.zip", 10) == 0;
    }
    return false;
}

static enum td_err read_lean(struct item *it, const struct td_lean_file *f, struct td_arena *arena,
                             struct td_bar_row *rows, struct td_fail *why)
{
    static const int64_t wall_clock = 0; /* times stay those of the exchange's clock */
    const struct td_daytime daytime = {td_daytime_fixed, &wall_clock};
    struct td_lean lean;
    struct td_lean_row row;
    enum td_err err = td_lean_open(&lean, f, it->im->world, arena, &daytime, why);
    if (err)
        return err;
    while ((err = td_lean_next(&lean, &row)) == TD_OK) {
        if (it->rows == BARS_MAX)
            return td_fail_set(why, TD_ERANGE, "%s: more than %zu bars", it->path, BARS_MAX);
        rows[it->rows++] = (struct td_bar_row){row.at, row.bar};
    }
    if (err != TD_ENODATA)
        return td_fail_set(why, err, "%s: line %lld is no bar", it->path, (long long)lean.line);
    return it->rows ? TD_OK : td_fail_set(why, TD_EPARSE, "%s: no bars", it->path);
}

static enum td_err import_lean(struct item *it, struct td_fail *why)
{
    static const char *const words[] = {
        [TD_LEAN_SECOND] = "1 sec", [TD_LEAN_MINUTE] = "1 min", [TD_LEAN_DAILY] = "1 day"};
    char root[TD_PATH_MAX], symbol[8];
    struct td_lean_file f;
    struct td_arena arena;
    if (!lean_place(it->path, &f, root, symbol))
        return TD_ENODATA; /* ticks, quotes and other markets are no bars: skipped */
    it->name = (struct td_import_name){.bar_size = words[f.resolution],
                                       .day = f.resolution == TD_LEAN_DAILY ? INT64_MIN : f.day};
    for (size_t i = 0; symbol[i]; i++)
        it->name.symbol[i] =
            symbol[i] >= 'a' && symbol[i] <= 'z' ? (char)(symbol[i] - 32) : symbol[i];
    void *block = malloc(LEAN_BYTES);
    struct td_bar_row *rows = malloc(BARS_MAX * sizeof *rows);
    enum td_err err = block && rows ? TD_OK : td_fail_set(why, TD_ENOMEM, "out of memory");
    if (!err) {
        td_arena_init(&arena, block, LEAN_BYTES);
        err = read_lean(it, &f, &arena, rows, why);
    }
    if (!err && !td_import_place(&it->name, it->place, sizeof it->place))
        err = TD_EINVAL;
    if (!err)
        err = claim(it, why);
    if (!err && !it->im->o->dry_run)
        err = prepare(it, why);
    if (!err && !it->im->o->dry_run)
        err = td_bars_write_parquet(it->im->world, it->dest, rows, it->rows, why);
    free(rows);
    free(block);
    return err;
}

static enum td_err skip_parquet(struct item *it, struct td_fail *why)
{
    (void)it;
    (void)why;
    return TD_ENODATA; /* .ftr files of the old fetcher are Parquet already */
}

/* Tables of a LEAN folder that are no series: splits, names, fundamentals (market/factors.h reads the first two). */
static bool is_lean_table(const char *path)
{
    static const char *const folders[] = {"/factor_files/", "/map_files/", "/fundamental/",
                                          "/universes/"};
    for (size_t i = 0; i < TD_COUNT(folders); i++)
        if (strstr(path, folders[i]))
            return true;
    return false;
}

static enum td_err import_any_table(struct item *it, struct td_fail *why)
{
    return is_lean_table(it->path) ? TD_ENODATA : import_table(it, why);
}

/* By the first bytes, and by the name where two forms begin alike. The last row takes the rest: what td_table_load cannot
 * read it refuses by name. Feather gets a function of its own here when there is a reader. */
static const struct form {
    const char *magic, *ending;
    enum td_err (*import)(struct item *, struct td_fail *);
} forms[] = {
    {"xlsx", ".zip", import_lean},
    {"parquet", NULL, skip_parquet},
    {"feather", NULL, import_table},
    {NULL, NULL, import_any_table},
};

static const struct form *form_of(const char *magic, const char *path)
{
    const struct form *f = forms;
    while (f->magic && (strcmp(f->magic, magic) != 0 || (f->ending && !ends_with(path, f->ending))))
        f++;
    return f;
}

/* ---- one file ---- */

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

static enum td_err check_result(struct item *it, struct td_fail *why)
{
    struct td_file f = {0};
    uint64_t rows = 0, bytes = 0;
    enum td_err err = td_parquet_check(it->im->world, it->dest, &rows, why);
    if (!err && rows != it->rows)
        err = td_fail_set(why, TD_ECORRUPT, "%s: %llu rows were written, %llu read back", it->path,
                          (unsigned long long)it->rows, (unsigned long long)rows);
    if (!err)
        err = td_file_open(it->im->world, it->dest, TD_FILE_READ, &f, why);
    if (err)
        return err;
    err = td_file_size(it->im->world, f, &bytes);
    td_file_close(it->im->world, f);
    it->im->report->bytes_after += bytes;
    return err;
}

static enum td_err mirror(struct item *it, const char *place, struct td_fail *why)
{
    char from[TD_PATH_MAX], to[TD_PATH_MAX];
    struct import *im = it->im;
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
static enum td_err publish_latest(struct item *it, struct td_fail *why)
{
    char place[128], to[TD_PATH_MAX];
    struct import *im = it->im;
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

static enum td_err import_file(struct item *it, struct td_fail *why)
{
    const char *magic = NULL;
    enum td_err err = read_magic(it->im->world, it->path, &magic, why);
    if (!err)
        err = form_of(magic, it->path)->import(it, why);
    if (err || it->im->o->dry_run)
        return err;
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

static void import_all(struct import *im, td_import_progress *progress, void *arg)
{
    struct td_import_report *r = im->report;
    for (size_t i = 0; i < im->file_count; i++) {
        struct item it = {.im = im, .path = im->files[i].path};
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
    struct import im = {.world = world, .o = o, .report = report};
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
