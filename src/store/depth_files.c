/* store/depth_files.c - folders, names, and the columns that tell one kind of file from another. */
#include "store/depth_files.h"

#include <stdio.h>
#include <string.h>

#include "store/table_file.h"

struct search {
    struct td_depth_files *out;
    struct td_world *world;
    const char *day;
    char folder[TD_PATH_MAX];
    struct td_fail *why;
    enum td_err err;
};

const char *td_depth_kind_name(enum td_depth_kind kind)
{
    static const char *const names[TD_DEPTH_KINDS] = {"live", "book", "events", "messages",
                                                      "other"};
    return names[kind];
}

static bool has_columns(const struct td_table_file *f, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (td_table_file_find(f, names[i]) < 0)
            return false;
    return true;
}

enum td_err td_depth_kind_of(struct td_world *world, const char *path, enum td_depth_kind *out,
                             struct td_fail *why)
{
    static const char *const book[] = {"timestamp", "bid_prices", "bid_sizes", "ask_prices",
                                       "ask_sizes"};
    static const char *const events[] = {"timestamp_ns", "action", "side", "price", "size"};
    const char *slash = strrchr(path, '/');
    struct td_table_file *f;
    const enum td_err err = td_table_file_open(&f, world, path, why);
    if (err)
        return err;
    if (has_columns(f, book, TD_COUNT(book)))
        *out = strstr(slash ? slash : path, "databento") ? TD_DEPTH_BOOK : TD_DEPTH_LIVE;
    else
        *out = has_columns(f, events, TD_COUNT(events)) ? TD_DEPTH_EVENTS : TD_DEPTH_OTHER;
    td_table_file_close(f);
    return TD_OK;
}

static bool ends_with(const char *name, const char *tail)
{
    const size_t n = strlen(name), m = strlen(tail);
    return n > m && strcmp(name + n - m, tail) == 0;
}

/* <day>_snapshots_*.parquet, <day>_book_*.parquet, <day>_messages_*.json. */
static bool is_wanted(const char *name, const char *day, bool *messages)
{
    const size_t n = strlen(day);
    if (strncmp(name, day, n) != 0 || name[n] != '_')
        return false;
    *messages = strncmp(name + n, "_messages_", 10) == 0 && ends_with(name, ".json");
    return *messages ||
           (ends_with(name, ".parquet") &&
            (strncmp(name + n, "_snapshots_", 11) == 0 || strncmp(name + n, "_book_", 6) == 0));
}

static bool take(void *arg, const char *name, enum td_entry_kind kind)
{
    struct search *s = arg;
    bool messages = false;
    struct td_depth_file *f = &s->out->files[s->out->count];
    if (kind != TD_ENTRY_FILE || !is_wanted(name, s->day, &messages))
        return true;
    if (s->out->count == TD_DEPTH_FILES_MAX) {
        s->err = td_fail_set(s->why, TD_EFULL, "more than %d files of %s below %s",
                             TD_DEPTH_FILES_MAX, s->day, s->folder);
        return false;
    }
    if (!td_path_join(f->path, sizeof f->path, s->folder, name)) {
        s->err = td_fail_set(s->why, TD_ERANGE, "the path of %s is too long", name);
        return false;
    }
    f->kind = TD_DEPTH_MESSAGES;
    if (!messages)
        s->err = td_depth_kind_of(s->world, f->path, &f->kind, s->why);
    s->out->count += !s->err;
    return !s->err;
}

static enum td_err look_into(struct search *s)
{
    const size_t before = s->out->count;
    if (td_entry_at(s->world, s->folder) != TD_ENTRY_FOLDER)
        return TD_OK;
    const enum td_err err = td_folder_list(s->world, s->folder, take, s);
    if (err)
        return td_fail_set(s->why, err, "listing %s: %s", s->folder, td_err_text(err));
    for (size_t i = before; i < s->out->count; i++)
        s->out->counts[s->out->files[i].kind]++;
    return s->err;
}

static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash && slash[1] ? slash + 1 : path;
}

enum td_err td_depth_files_find(struct td_depth_files *out, struct td_world *world,
                                const char *folder, const char *symbol, const char *day,
                                struct td_fail *why)
{
    static const char *const between[] = {"", "Level2/", "level2/"};
    struct search s = {.out = out, .world = world, .day = day, .why = why};
    memset(out, 0, sizeof *out);
    if (strlen(folder) + strlen(symbol) + 16 > sizeof s.folder)
        return td_fail_set(why, TD_ERANGE, "the folder's path is too long");
    if (td_entry_at(world, folder) != TD_ENTRY_FOLDER)
        return td_fail_set(why, TD_ENODATA, "%s is no folder", folder);
    for (size_t i = 0; i < TD_COUNT(between) && !s.err; i++) {
        (void)snprintf(s.folder, sizeof s.folder, "%s/%s%s", folder, between[i], symbol);
        s.err = look_into(&s);
    }
    if (!s.err && strcmp(last_part(folder), symbol) == 0) {
        (void)snprintf(s.folder, sizeof s.folder, "%s", folder);
        s.err = look_into(&s);
    }
    if (!s.err && out->count == 0)
        return td_fail_set(why, TD_ENODATA,
                           "no level-2 data of %s on %s: looked for %s_snapshots_*.parquet, "
                           "%s_book_*.parquet and %s_messages_*.json in %s/%s and in Level2/%s and "
                           "level2/%s below %s",
                           symbol, day, day, day, day, folder, symbol, symbol, symbol, folder);
    return s.err;
}
