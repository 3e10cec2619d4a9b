/* store/inventory.c - a walk over folders without recursion, and names taken apart. */
#include "store/inventory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILES_MAX   ((uint64_t)1 << 20)
#define FOLDERS_MAX ((size_t)65536)
#define SYMBOLS_MAX ((size_t)8192)
#define FRAMES_MAX  ((size_t)64)
#define PATH_CHARS  1024

struct scan {
    struct td_inventory *v;
    struct td_world *world;
    const struct td_inventory_options *o;
    const char *folder;
    char **folders;
    size_t folder_count, folder_cap;
    enum td_err err;
};

static const char *const bands[TD_INVENTORY_BANDS] = {"0", "1", "7", "older"};

const char *td_inventory_band(size_t band)
{
    return bands[band];
}

/* ---- names ---- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Inserts in byte order; false past the limit. */
static bool add_word(struct td_inventory_words *w, const char *word, size_t limit)
{
    size_t at = 0, end = w->count;
    while (at < end) {
        const size_t mid = at + (end - at) / 2;
        const int order = strcmp(w->words[mid], word);
        if (order == 0)
            return true;
        if (order < 0)
            at = mid + 1;
        else
            end = mid;
    }
    if (w->count == limit)
        return false;
    if (w->count == w->cap) {
        const size_t cap = w->cap ? w->cap * 2 : 64;
        char(*more)[24] = realloc(w->words, cap * sizeof *more);
        if (!more)
            return false;
        w->words = more;
        w->cap = cap;
    }
    memmove(w->words + at + 1, w->words + at, (w->count - at) * sizeof *w->words);
    (void)snprintf(w->words[at], sizeof w->words[at], "%s", word);
    w->count++;
    return true;
}

static bool symbol_of(const char *name, char out[24])
{
    size_t n = 0;
    while (name[n] >= 'A' && name[n] <= 'Z' && n < 6)
        n++;
    if (n == 0 || n > 5 || (name[n] >= 'a' && name[n] <= 'z'))
        return false;
    (void)snprintf(out, 24, "%.*s", (int)n, name);
    return true;
}

/* "_1 min_": a number, a blank, and a unit between underscores or dots. */
static bool timeframe_of(const char *name, char out[24])
{
    static const char *const units[] = {"sec", "min", "hour", "day", "week", "month"};
    for (const char *p = name; *p; p++) {
        size_t digits = 0, letters = 0;
        if (!is_digit(*p) || (p > name && p[-1] != '_'))
            continue;
        while (is_digit(p[digits]))
            digits++;
        const char *unit = p + digits + (p[digits] == ' ' || p[digits] == '_');
        while (unit[letters] >= 'a' && unit[letters] <= 'z')
            letters++;
        for (size_t i = 0; i < TD_COUNT(units) && digits <= 3; i++)
            if (strncmp(unit, units[i], strlen(units[i])) == 0 && letters <= strlen(units[i]) + 1) {
                (void)snprintf(out, 24, "%.*s %.*s", (int)digits, p, (int)letters, unit);
                return true;
            }
    }
    return false;
}

static void count_days(struct td_inventory *v, const char *name, int64_t today)
{
    int64_t day = 0, last = INT64_MIN;
    for (const char *p = name; strlen(p) >= 10; p++)
        if (p[4] == '-' && td_date_parse(p, 10, &day) == TD_OK) {
            last = day > last ? day : last;
            v->first_day = day < v->first_day ? day : v->first_day;
        }
    if (last == INT64_MIN)
        return;
    v->last_day = last > v->last_day ? last : v->last_day;
    const int64_t age = today - last;
    v->fresh[age <= 0 ? 0 : age <= 1 ? 1 : age <= 7 ? 2 : 3]++;
}

static void count_bars(struct td_inventory *v, const char *name, uint64_t bytes, int64_t today)
{
    char symbol[24], frame[24];
    if (!symbol_of(name, symbol))
        return;
    v->bar_files++;
    v->bar_bytes += bytes;
    v->cut |= !add_word(&v->symbols, symbol, SYMBOLS_MAX);
    if (timeframe_of(name, frame))
        v->cut |= !add_word(&v->timeframes, frame, FRAMES_MAX);
    count_days(v, name, today);
}

/* ---- the walk ---- */

static const char *type_of(const struct scan *s, const char *name)
{
    const char *dot = strrchr(name, '.');
    for (size_t i = 0; dot && i < s->o->type_count; i++)
        if (strcmp(dot + 1, s->o->types[i]) == 0)
            return s->o->types[i];
    return NULL;
}

static void count_type(struct td_inventory *v, const char *type, uint64_t bytes)
{
    size_t i = 0;
    while (i < v->type_count && strcmp(v->types[i].name, type) != 0)
        i++;
    if (i == TD_INVENTORY_TYPES)
        return;
    if (i == v->type_count)
        (void)snprintf(v->types[v->type_count++].name, sizeof v->types[0].name, "%s", type);
    v->types[i].files++;
    v->types[i].bytes += bytes;
}

static uint64_t size_of(struct td_world *world, const char *path)
{
    struct td_file f = {0};
    uint64_t bytes = 0;
    if (td_file_open(world, path, TD_FILE_READ, &f, NULL) != TD_OK)
        return 0;
    if (td_file_size(world, f, &bytes) != TD_OK)
        bytes = 0;
    td_file_close(world, f);
    return bytes;
}

static void count_file(struct scan *s, const char *path, const char *name)
{
    struct td_inventory *v = s->v;
    const char *type = type_of(s, name);
    if (!type)
        return;
    if (v->files == FILES_MAX) {
        v->cut = true;
        return;
    }
    const uint64_t bytes = size_of(s->world, path);
    v->files++;
    v->bytes += bytes;
    count_type(v, type, bytes);
    if (strcmp(type, "ftr") == 0 || strcmp(type, "parquet") == 0)
        count_bars(v, name, bytes, s->o->today);
}

static enum td_err push_folder(struct scan *s, const char *path)
{
    if (s->folder_count == FOLDERS_MAX) {
        s->v->cut = true;
        return TD_OK;
    }
    if (s->folder_count == s->folder_cap) {
        const size_t cap = s->folder_cap ? s->folder_cap * 2 : 64;
        char **more = realloc(s->folders, cap * sizeof *more);
        if (!more)
            return TD_ENOMEM;
        s->folders = more;
        s->folder_cap = cap;
    }
    const size_t n = strlen(path) + 1;
    char *copy = malloc(n);
    if (!copy)
        return TD_ENOMEM;
    memcpy(copy, path, n);
    s->folders[s->folder_count++] = copy;
    return TD_OK;
}

static bool look_at(void *arg, const char *name, enum td_entry_kind kind)
{
    struct scan *s = arg;
    char path[PATH_CHARS];
    if (name[0] == '.' || strcmp(name, "node_modules") == 0)
        return true;
    if (snprintf(path, sizeof path, "%s/%s", s->folder, name) >= (int)sizeof path)
        s->v->cut = true;
    else if (kind == TD_ENTRY_FOLDER)
        s->err = push_folder(s, path);
    else if (kind == TD_ENTRY_FILE)
        count_file(s, path, name);
    return s->err == TD_OK;
}

enum td_err td_inventory_scan(struct td_inventory *v, struct td_world *world, const char *path,
                              const struct td_inventory_options *o, struct td_fail *why)
{
    struct scan s = {.v = v, .world = world, .o = o};
    *v = (struct td_inventory){.first_day = INT64_MAX, .last_day = INT64_MIN};
    if (td_entry_at(world, path) != TD_ENTRY_FOLDER)
        return td_fail_set(why, TD_ENOENT, "%s: no such folder", path);
    enum td_err err = push_folder(&s, path);
    while (!err && s.folder_count > 0) {
        char *folder = s.folders[--s.folder_count];
        s.folder = folder;
        v->cut |= td_folder_list(world, folder, look_at, &s) != TD_OK;
        err = s.err;
        free(folder);
    }
    while (s.folder_count > 0)
        free(s.folders[--s.folder_count]);
    free(s.folders);
    if (!err)
        return TD_OK;
    td_inventory_fini(v);
    return td_fail_set(why, err, "%s: %s", path, td_err_text(err));
}

void td_inventory_fini(struct td_inventory *v)
{
    free(v->symbols.words);
    free(v->timeframes.words);
    v->symbols = v->timeframes = (struct td_inventory_words){.count = 0};
}

/* ---- advice ---- */

static uint64_t files_of(const struct td_inventory *v, const char *type)
{
    for (size_t i = 0; i < v->type_count; i++)
        if (strcmp(v->types[i].name, type) == 0)
            return v->types[i].files;
    return 0;
}

size_t td_inventory_advice(const struct td_inventory *v, const char **lines)
{
    size_t n = 0;
    if (v->files == 0)
        lines[n++] = "no files of these types are here; --scan-path names another folder";
    if (files_of(v, "xlsx") > 0)
        lines[n++] = "workbooks are here: tapedeck import makes Parquet of them";
    if (v->bar_files > 0 && v->fresh[0] + v->fresh[1] + v->fresh[2] == 0)
        lines[n++] = "no bars of the last seven days are here";
    if (v->cut)
        lines[n++] = "not everything could be looked at; the counts are too low";
    return n;
}

size_t td_inventory_steps(const struct td_inventory *v, const char **lines)
{
    size_t n = 0;
    if (files_of(v, "xlsx") > 0)
        lines[n++] = "tapedeck import --dry-run";
    if (v->bar_files > 0)
        lines[n++] = "tapedeck coverage";
    return n;
}
