/* history/task_bars_files.c - what the manifest says of the files of tasks, found by symbol, day and bar size. */
#include <stdlib.h>

#include "history/task_bars_inner.h"
#include "desk/zone.h"

#define SLOTS_FIRST 1024

static uint64_t hash_of(const struct td_task *task, enum td_bars_kind kind)
{
    char symbol[TD_TICKER_CHARS] = "";
    uint64_t key[3] = {0, (uint64_t)task->day, (uint64_t)kind};
    (void)td_str_copy(td_str_of(task->symbol), symbol, sizeof symbol);
    memcpy(&key[0], symbol, sizeof symbol);
    return td_hash_bytes(key, sizeof key);
}

static bool same(const struct task_bars_file *f, const struct td_task *task, enum td_bars_kind kind)
{
    return f->kind == kind && f->task.day == task->day && strcmp(f->task.symbol, task->symbol) == 0;
}

struct task_bars_file *task_bars_find(struct td_task_bars *b, const struct td_task *task,
                                      enum td_bars_kind kind)
{
    uint32_t at;
    if (!b->slots || !td_map_get(&b->by_name, hash_of(task, kind), &at))
        return NULL;
    return same(&b->files[at], task, kind) ? &b->files[at] : NULL;
}

/* Room for one more: files and slots double together, the table at most half full. */
static enum td_err grow(struct td_task_bars *b)
{
    if (b->count < b->cap)
        return TD_OK;
    const size_t cap = b->cap ? 2 * b->cap : SLOTS_FIRST / 2;
    struct task_bars_file *files = realloc(b->files, cap * sizeof *files);
    if (files)
        b->files = files;
    struct td_map_slot *slots = files ? calloc(2 * cap, sizeof *slots) : NULL;
    if (!slots)
        return TD_ENOMEM;
    free(b->slots);
    b->slots = slots;
    b->cap = cap;
    td_map_init(&b->by_name, slots, 2 * cap);
    for (size_t i = 0; i < b->count; i++)
        if (td_map_put(&b->by_name, hash_of(&files[i].task, files[i].kind), (uint32_t)i))
            return TD_ENOMEM;
    return TD_OK;
}

enum td_err task_bars_note(struct td_task_bars *b, const struct td_task *task,
                           enum td_bars_kind kind, struct task_bars_file **out)
{
    *out = task_bars_find(b, task, kind);
    if (*out)
        return TD_OK;
    if (grow(b) != TD_OK || td_map_put(&b->by_name, hash_of(task, kind), (uint32_t)b->count))
        return TD_ENOMEM;
    *out = &b->files[b->count++];
    **out = (struct task_bars_file){.task = *task, .kind = kind};
    return TD_OK;
}

enum td_err task_bars_learn(struct td_task_bars *b, const struct td_task *task,
                            enum td_bars_kind kind, const struct td_bars_entry *e)
{
    struct task_bars_file *f;
    const size_t len = strlen(e->path) + 1;
    char *path = malloc(len);
    if (!path || task_bars_note(b, task, kind, &f) != TD_OK) {
        free(path);
        return TD_ENOMEM;
    }
    memcpy(path, e->path, len);
    free(f->path);
    f->path = path;
    f->rows = e->rows;
    f->time_start = e->time_start;
    f->time_end = e->time_end;
    f->asked_count = e->asked_count;
    memcpy(f->asked, e->asked, sizeof f->asked);
    return TD_OK;
}

/* "<SYMBOL>_USUSD_<bar size>_<YYYY-MM-DD>.ftr". */
static bool read_name(const char *name, struct td_task *task, enum td_bars_kind *kind)
{
    static const char infix[] = "_USUSD_", ending[] = ".ftr";
    const char *at = strstr(name, infix);
    const size_t len = strlen(name);
    if (!at || len < 11 + sizeof ending - 1)
        return false;
    const char *day = name + len - (sizeof ending - 1) - 10;
    const char *words = at + sizeof infix - 1;
    *task = (struct td_task){0};
    return strcmp(day + 10, ending) == 0 && td_date_parse(day, 10, &task->day) == TD_OK &&
           day > words && day[-1] == '_' &&
           td_str_copy((struct td_str){name, (size_t)(at - name)}, task->symbol,
                       sizeof task->symbol) &&
           td_bars_kind_parse((struct td_str){words, (size_t)(day - 1 - words)}, kind);
}

static enum td_err take_line(void *arg, const struct td_bars_entry *e)
{
    struct td_task task;
    enum td_bars_kind kind;
    return read_name(e->filename, &task, &kind) ? task_bars_learn(arg, &task, kind, e) : TD_OK;
}

static enum td_err read_manifest(struct td_task_bars *b, struct td_fail *why)
{
    struct td_manifest_counts counts = {0};
    if (!td_path_join(b->manifest, sizeof b->manifest, b->config.base, TD_BARS_MANIFEST))
        return td_fail_set(why, TD_EINVAL, "%s: the path is too long", b->config.base);
    if (td_entry_at(b->world, b->manifest) != TD_ENTRY_FILE)
        return TD_OK;
    const enum td_err err =
        td_bars_manifest_each(b->world, b->manifest, false, take_line, b, &counts, why);
    if (err == TD_ENOMEM)
        return td_fail_set(why, err, "no memory for what %s says", b->manifest);
    if (!err && counts.broken + counts.foreign)
        td_logf(b->config.log, TD_LOG_WARN, TD_LOG_TRADING, "bars_manifest",
                "%s: %llu of %llu lines are not used", b->manifest,
                (unsigned long long)(counts.broken + counts.foreign),
                (unsigned long long)counts.lines);
    return err;
}

enum td_err td_task_bars_open(struct td_task_bars **out, const struct td_task_bars_config *config,
                              struct td_world *world, struct td_fail *why)
{
    struct td_task_bars *b = calloc(1, sizeof *b);
    *out = NULL;
    if (!b)
        return td_fail_set(why, TD_ENOMEM, "no memory for bars of tasks");
    b->config = *config;
    b->config.kinds = config->kinds & TD_BARS_ALL ? config->kinds & TD_BARS_ALL : TD_BARS_ALL;
    b->world = world;
    enum td_err err = td_zone_load(world, TD_ZONE_NEW_YORK, &b->new_york, why);
    if (!err)
        err = read_manifest(b, why);
    if (err)
        td_task_bars_close(b);
    else
        *out = b;
    return err;
}

void td_task_bars_close(struct td_task_bars *b)
{
    for (size_t i = 0; b && i < b->count; i++)
        free(b->files[i].path);
    if (!b)
        return;
    free(b->files);
    free(b->slots);
    free(b);
}
