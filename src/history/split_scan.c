/* history/split_scan.c - finds the files, reads each series in the order of its days, keeps what was found. */
#include "history/split_scan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/bars_read.h"
#include "store/cell.h"

#define PATHS_BYTES  ((size_t)64 << 20)
#define FOLDERS_MAX  ((size_t)65536)
#define FACTOR_BYTES ((size_t)1 << 20)
#define FACTOR_ROWS  ((size_t)8192)
#define FACTS_MAX    64

struct entry {
    const char *folder; /* of the two */
    char symbol[8];
    const char *bar_size;
    int64_t day; /* INT64_MIN: none in the name */
    const char *path;
};

struct scan {
    struct td_world *world;
    const char *root, *factors;
    td_import_progress *progress;
    void *arg;
    struct td_split_report *report;
    struct td_pool paths;
    struct entry *entries;
    size_t count, cap;
    const char *top, *folder; /* being listed */
    const char **folders;     /* to be listed */
    size_t folder_count, folder_cap;
    enum td_err err;
    struct td_split_series series;
    char *text; /* of a factor file */
    struct td_factor_row *rows;
    struct td_split_fact facts[FACTS_MAX];
};

/* ---- finding ---- */

static enum td_err keep_path(struct scan *s, const char *path, const char **out)
{
    struct td_str kept = {NULL, 0};
    const enum td_err err = td_pool_copy(&s->paths, (struct td_str){path, strlen(path) + 1}, &kept);
    *out = kept.p;
    return err;
}

/* A full list or pool ends the looking, not the report. */
static enum td_err or_incomplete(struct scan *s, enum td_err err)
{
    if (err == TD_EFULL)
        s->report->complete = false;
    return err == TD_EFULL ? TD_OK : err;
}

static enum td_err add_folder(struct scan *s, const char *path)
{
    if (s->folder_count == FOLDERS_MAX)
        return TD_EFULL;
    if (s->folder_count == s->folder_cap) {
        const size_t cap = s->folder_cap ? s->folder_cap * 2 : 64;
        const char **more = realloc(s->folders, cap * sizeof *more);
        if (!more)
            return TD_ENOMEM;
        s->folders = more;
        s->folder_cap = cap;
    }
    const enum td_err err = keep_path(s, path, &s->folders[s->folder_count]);
    s->folder_count += err == TD_OK;
    return err;
}

static enum td_err add_entry(struct scan *s, const char *path, const struct td_import_name *name)
{
    if (s->count == TD_SPLIT_FILES_MAX)
        return TD_EFULL;
    if (s->count == s->cap) {
        const size_t cap = s->cap ? s->cap * 2 : 256;
        struct entry *more = realloc(s->entries, cap * sizeof *more);
        if (!more)
            return TD_ENOMEM;
        s->entries = more;
        s->cap = cap;
    }
    struct entry *e = &s->entries[s->count];
    *e = (struct entry){.folder = s->top, .bar_size = name->bar_size, .day = name->day};
    (void)snprintf(e->symbol, sizeof e->symbol, "%s", name->symbol);
    const enum td_err err = keep_path(s, path, &e->path);
    s->count += err == TD_OK;
    return err;
}

static bool has_one_of(const char *text, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strstr(text, words[i]))
            return true;
    return false;
}

/* Bars of minutes, hours or days. */
static bool is_series(const char *file, struct td_import_name *name)
{
    static const char *const endings[] = {".ftr", ".feather", ".parquet"};
    static const char *const units[] = {" min", " hour", " day"};
    const char *dot = strrchr(file, '.');
    bool ends = false;
    for (size_t i = 0; dot && i < TD_COUNT(endings); i++)
        ends = ends || strcmp(dot, endings[i]) == 0;
    return ends && td_import_name(file, name) && !name->kind && name->symbol[0] && name->bar_size &&
           has_one_of(name->bar_size, units, TD_COUNT(units));
}

static bool look_at(void *arg, const char *file, enum td_entry_kind kind)
{
    struct scan *s = arg;
    char path[TD_PATH_MAX];
    struct td_import_name name;
    if (file[0] == '.')
        return true;
    if (!td_path_join(path, sizeof path, s->folder, file))
        s->report->complete = false;
    else if (kind == TD_ENTRY_FOLDER)
        s->err = or_incomplete(s, add_folder(s, path));
    else if (kind == TD_ENTRY_FILE && is_series(file, &name))
        s->err = or_incomplete(s, add_entry(s, path, &name));
    return s->err == TD_OK;
}

static enum td_err find_files(struct scan *s, const char *top)
{
    char path[TD_PATH_MAX];
    enum td_err err = TD_OK;
    s->top = top;
    if (!td_path_join(path, sizeof path, s->root, top))
        return or_incomplete(s, TD_EFULL);
    if (td_entry_at(s->world, path) == TD_ENTRY_FOLDER)
        err = or_incomplete(s, add_folder(s, path));
    while (!err && s->folder_count > 0) {
        s->folder = s->folders[--s->folder_count];
        if (td_folder_list(s->world, s->folder, look_at, s) != TD_OK)
            s->report->complete = false;
        err = s->err;
    }
    return err;
}

static int same_series(const struct entry *a, const struct entry *b)
{
    const int folder = strcmp(a->folder, b->folder);
    const int symbol = folder ? folder : strcmp(a->symbol, b->symbol);
    return symbol ? symbol : strcmp(a->bar_size, b->bar_size);
}

static int in_order(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    const int series = same_series(x, y), day = (x->day > y->day) - (x->day < y->day);
    return series ? series : day ? day : strcmp(x->path, y->path);
}

/* ---- reading ---- */

static void tell_error(struct scan *s, const char *path, const struct td_fail *why)
{
    struct td_split_report *r = s->report;
    r->unreadable++;
    if (r->error_count == TD_SPLIT_NAMED_MAX)
        return;
    struct td_import_error *e = &r->errors[r->error_count++];
    (void)snprintf(e->file, sizeof e->file, "%s", path);
    (void)snprintf(e->reason, sizeof e->reason, "%s", why->text);
}

static enum td_err take_bar(void *arg, const struct td_bar_row *row)
{
    return td_split_series_bar(arg, row);
}

/* A file that is too large for its reader is one that cannot be read; only a series without memory ends the scan. */
static enum td_err read_file(struct scan *s, const struct entry *e)
{
    struct td_fail why = {0};
    td_split_series_begin(&s->series, e->day);
    const enum td_err bad = td_bars_read(s->world, e->path, take_bar, &s->series, &why);
    const enum td_err err = bad ? TD_OK : td_split_series_end(&s->series);
    if (err == TD_ENOMEM)
        return err;
    if (err)
        (void)td_fail_set(&why, err, "%s: more files or days than a series has room for", e->path);
    if (bad || err)
        tell_error(s, e->path, &why);
    else
        s->report->files++;
    return TD_OK;
}

/* Facts of a symbol; NULL when there are none to be had. */
static const struct td_split_fact *read_facts(struct scan *s, const char *symbol, size_t *count)
{
    char name[16], path[TD_PATH_MAX];
    size_t len = 0, rows = 0;
    struct td_fail why = {0};
    (void)snprintf(name, sizeof name, "%s.csv", symbol);
    for (char *c = name; *c; c++)
        *c = *c >= 'A' && *c <= 'Z' ? (char)(*c + 32) : *c;
    if (!s->factors || !td_path_join(path, sizeof path, s->factors, name) ||
        td_entry_at(s->world, path) != TD_ENTRY_FILE)
        return NULL;
    enum td_err err = td_file_slurp(s->world, path, s->text, FACTOR_BYTES, &len, &why);
    if (!err) {
        err = td_factors_parse((struct td_str){s->text, len}, s->rows, FACTOR_ROWS, &rows, &why);
        if (err)
            (void)td_fail_add(&why, err, "%s", path);
    }
    if (err) {
        tell_error(s, path, &why);
        return NULL;
    }
    *count = td_factor_splits(s->rows, rows, s->facts, FACTS_MAX);
    return s->facts;
}

static void keep_found(struct scan *s, const struct entry *e)
{
    struct td_split_report *r = s->report;
    size_t at = 0, fact_count = 0, stale = 0;
    struct td_split_night night;
    const struct td_split_fact *facts = read_facts(s, e->symbol, &fact_count);
    while (td_split_series_next(&s->series, facts, fact_count, &at, &r->counts, &night)) {
        stale = night.stale_files;
        if (r->found_count == TD_SPLIT_FOUND_MAX) {
            r->complete = false;
            continue;
        }
        struct td_split_found *f = &r->found[r->found_count++];
        *f = (struct td_split_found){.folder = e->folder, .bar_size = e->bar_size, .night = night};
        (void)snprintf(f->symbol, sizeof f->symbol, "%s", e->symbol);
    }
    r->stale += stale;
    r->series++;
}

static enum td_err read_all(struct scan *s)
{
    enum td_err err = TD_OK;
    for (size_t i = 0; i < s->count && !err; i++) {
        const struct entry *e = &s->entries[i];
        if (s->progress)
            s->progress(s->arg, i + 1, s->count, e->path);
        err = read_file(s, e);
        if (err || (i + 1 < s->count && same_series(e, e + 1) == 0))
            continue;
        keep_found(s, e);
        td_split_series_reset(&s->series);
    }
    return err;
}

/* ---- the whole ---- */

static enum td_err check_folders(const struct scan *s, struct td_fail *why)
{
    if (td_entry_at(s->world, s->root) != TD_ENTRY_FOLDER)
        return td_fail_set(why, TD_ENOENT, "%s: no such folder", s->root);
    if (s->factors && td_entry_at(s->world, s->factors) != TD_ENTRY_FOLDER)
        return td_fail_set(why, TD_ENOENT, "%s: no such folder of factor files", s->factors);
    return TD_OK;
}

static enum td_err run_scan(struct scan *s)
{
    static const char *const tops[] = {"IBDownloads", "parquet_data"};
    struct td_split_report *r = s->report;
    enum td_err err = TD_OK;
    r->found = calloc(TD_SPLIT_FOUND_MAX, sizeof *r->found);
    r->errors = calloc(TD_SPLIT_NAMED_MAX, sizeof *r->errors);
    s->text = malloc(FACTOR_BYTES);
    s->rows = malloc(FACTOR_ROWS * sizeof *s->rows);
    if (!r->found || !r->errors || !s->text || !s->rows)
        return TD_ENOMEM;
    for (size_t i = 0; i < TD_COUNT(tops) && !err; i++)
        err = find_files(s, tops[i]);
    if (s->count > 0)
        qsort(s->entries, s->count, sizeof *s->entries, in_order);
    return err ? err : read_all(s);
}

enum td_err td_split_scan(struct td_world *world, const char *root, const char *factors,
                          td_import_progress *progress, void *arg, struct td_split_report *report,
                          struct td_fail *why)
{
    struct scan s = {.world = world,
                     .root = root,
                     .factors = factors,
                     .progress = progress,
                     .arg = arg,
                     .report = report};
    *report = (struct td_split_report){.complete = true};
    enum td_err err = check_folders(&s, why);
    if (err)
        return err;
    td_pool_init(&s.paths, PATHS_BYTES);
    err = run_scan(&s);
    td_split_series_fini(&s.series);
    td_pool_fini(&s.paths);
    free(s.entries);
    free(s.folders);
    free(s.text);
    free(s.rows);
    if (!err)
        return TD_OK;
    td_split_report_fini(report);
    return td_fail_set(why, err, "%s: %s", root, td_err_text(err));
}

void td_split_report_fini(struct td_split_report *r)
{
    free(r->found);
    free(r->errors);
    r->found = NULL;
    r->errors = NULL;
    r->found_count = r->error_count = 0;
}
