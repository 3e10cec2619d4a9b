/* history/mirror_plan.c - the table of folders, and the walk through them. */
#include "history/mirror_plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "history/s3.h"

#define DEPTH_MAX   12
#define PATH_BYTES  1400
#define PENDING_MAX ((size_t)1 << 20) /* folders waiting for their turn */

enum form {
    TREE, /* everything below, as it lies */
    BARS, /* SYMBOL_USUSD_... in the folder itself, each below its symbol */
    FLAT, /* files of the folder itself whose endings are listed */
};

static const struct rule {
    bool state; /* below <state>, else below <data> */
    const char *from;
    enum form form;
    const char *to;
    const char *endings; /* of FLAT */
} rules[] = {
    {false, "Level2", TREE, "market_data", NULL},
    {false, "level2", TREE, "market_data", NULL},
    {false, "parquet_data", TREE, "market_data", NULL},
    {false, "IBDownloads", BARS, "market_data", NULL},
    {false, "models", TREE, "models", NULL},
    {false, "features", TREE, "features", NULL},
    {false, "", FLAT, "backups/data", ".json .jsonl .csv .xlsx "},
    {true, "journal", TREE, "backups/journal", NULL},
    {true, "", FLAT, "backups/state", ".jsonl "},
};

/* A folder to be looked into; the deepest come last. */
struct pending {
    char *path;
    char *key; /* of what lies in it, with its slash at the end */
    int depth;
};

struct walk {
    struct td_mirror_plan *plan;
    struct pending *stack;
    size_t count, cap;
    const struct rule *rule;
    struct pending folder; /* the one being listed */
    enum td_err err;
    char name[512]; /* what went wrong */
};

static bool ends_with(const char *text, const char *tail)
{
    const size_t n = strlen(text), m = strlen(tail);
    return n >= m && strcmp(text + n - m, tail) == 0;
}

static bool stays_here(const char *name)
{
    static const char *const endings[] = {".tmp", ".capture", ".lock",   ".sock",
                                          ".db",  ".db-wal",  ".db-shm", ".db-journal"};
    for (size_t i = 0; i < TD_COUNT(endings); i++)
        if (ends_with(name, endings[i]))
            return true;
    return name[0] == '.';
}

/* The name's ending is one of the blank-separated ones. */
static bool has_ending(const char *name, const char *endings)
{
    const char *dot = strrchr(name, '.');
    char wanted[16];
    return dot && snprintf(wanted, sizeof wanted, "%s ", dot) < (int)sizeof wanted &&
           strstr(endings, wanted) != NULL;
}

/* Both texts in one block; NULL: no memory. */
static char *pair_of(const char *path, const char *key, char **second)
{
    const size_t n = strlen(path) + 1, m = strlen(key) + 1;
    char *block = malloc(n + m);
    if (!block)
        return NULL;
    memcpy(block, path, n);
    memcpy(block + n, key, m);
    *second = block + n;
    return block;
}

/* One more element of `size` bytes; false: no memory. */
static bool grow(void **items, size_t *cap, size_t count, size_t size)
{
    if (count < *cap)
        return true;
    const size_t more = *cap ? *cap * 2 : 256;
    void *larger = realloc(*items, more * size);
    if (!larger)
        return false;
    *items = larger;
    *cap = more;
    return true;
}

static enum td_err add_file(struct walk *w, const char *path, const char *key)
{
    struct td_mirror_plan *p = w->plan;
    void *items = p->files;
    struct td_mirror_file file;
    if (p->count == TD_MIRROR_FILES_MAX)
        return TD_EFULL;
    if (!grow(&items, &p->cap, p->count, sizeof *p->files))
        return TD_ENOMEM;
    p->files = items;
    file.path = pair_of(path, key, &file.key);
    if (!file.path)
        return TD_ENOMEM;
    p->files[p->count++] = file;
    return TD_OK;
}

static enum td_err add_folder(struct walk *w, const char *path, const char *key, int depth)
{
    void *items = w->stack;
    struct pending folder = {.depth = depth};
    if (depth > DEPTH_MAX)
        return TD_ERANGE;
    if (w->count == PENDING_MAX)
        return TD_EFULL;
    if (!grow(&items, &w->cap, w->count, sizeof *w->stack))
        return TD_ENOMEM;
    w->stack = items;
    folder.path = pair_of(path, key, &folder.key);
    if (!folder.path)
        return TD_ENOMEM;
    w->stack[w->count++] = folder;
    return TD_OK;
}

/* The key's part between the folder's and the name: SYMBOL/bars/ of bars, else nothing. */
static bool between(const struct walk *w, const char *name, char *out, size_t cap)
{
    const char *mark = strstr(name, "_USUSD_");
    out[0] = '\0';
    if (w->rule->form != BARS)
        return true;
    return mark && mark > name &&
           snprintf(out, cap, "%.*s/bars/", (int)(mark - name), name) < (int)cap;
}

static bool see_entry(void *arg, const char *name, enum td_entry_kind kind)
{
    struct walk *w = arg;
    char path[PATH_BYTES], key[TD_S3_KEY], middle[128];
    const bool folder = kind == TD_ENTRY_FOLDER;
    if (stays_here(name) || kind == TD_ENTRY_NONE || (folder && w->rule->form != TREE) ||
        (!folder && w->rule->form == FLAT && !has_ending(name, w->rule->endings)) ||
        !between(w, name, middle, sizeof middle))
        return true;
    if (snprintf(path, sizeof path, "%s/%s", w->folder.path, name) >= (int)sizeof path ||
        snprintf(key, sizeof key, "%s%s%s%s", w->folder.key, middle, name, folder ? "/" : "") >=
            (int)sizeof key)
        w->err = TD_ERANGE;
    else
        w->err = folder ? add_folder(w, path, key, w->folder.depth + 1) : add_file(w, path, key);
    if (w->err)
        (void)snprintf(w->name, sizeof w->name, "%s/%s", w->folder.path, name);
    return w->err == TD_OK;
}

static enum td_err walk_rule(struct walk *w, struct td_world *world,
                             const struct td_mirror_places *p)
{
    char path[PATH_BYTES], key[TD_S3_KEY];
    const char *root = w->rule->state ? p->state : p->data;
    if (!root || !*root)
        return TD_OK;
    if (snprintf(path, sizeof path, "%s%s%s", root, *w->rule->from ? "/" : "", w->rule->from) >=
            (int)sizeof path ||
        snprintf(key, sizeof key, "%s%s%s/", p->prefix, *p->prefix ? "/" : "", w->rule->to) >=
            (int)sizeof key)
        return TD_ERANGE;
    if (td_entry_at(world, path) != TD_ENTRY_FOLDER)
        return TD_OK;
    enum td_err err = add_folder(w, path, key, 0);
    while (!err && w->count) {
        w->folder = w->stack[--w->count];
        err = td_folder_list(world, w->folder.path, see_entry, w);
        if (err)
            (void)td_str_copy(td_str_of(w->folder.path), w->name, sizeof w->name);
        free(w->folder.path);
        if (!err)
            err = w->err;
    }
    return err;
}

enum td_err td_mirror_plan_make(struct td_mirror_plan *plan, struct td_world *world,
                                const struct td_mirror_places *places, struct td_fail *why)
{
    struct walk w = {.plan = plan};
    enum td_err err = TD_OK;
    *plan = (struct td_mirror_plan){0};
    for (size_t i = 0; i < TD_COUNT(rules) && !err; i++) {
        w.rule = &rules[i];
        err = walk_rule(&w, world, places);
    }
    for (size_t i = 0; i < w.count; i++)
        free(w.stack[i].path);
    free(w.stack);
    return err ? td_fail_set(why, err, "%s: %s", w.name, td_err_text(err)) : TD_OK;
}

void td_mirror_plan_fini(struct td_mirror_plan *plan)
{
    for (size_t i = 0; i < plan->count; i++)
        free(plan->files[i].path);
    free(plan->files);
    *plan = (struct td_mirror_plan){0};
}
