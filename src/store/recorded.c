/* store/recorded.c - the listing of recorded sessions, and one look into each. */
#include "store/recorded.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "market/instrument.h"
#include "store/recorded_inner.h"

static const char *const folders[] = {"", "/Level2", "/level2"};

enum td_err td_recorded_open(struct td_recorded **out, struct td_world *world, const char *folder)
{
    struct td_recorded *r = calloc(1, sizeof *r);
    if (!r)
        return TD_ENOMEM;
    r->world = world;
    r->folder = folder;
    r->sessions = calloc(TD_RECORDED_SESSIONS, sizeof *r->sessions);
    r->spans = calloc(TD_RECORDED_GROUPS, sizeof *r->spans);
    r->columns = calloc(TD_RECORDED_COLUMNS, sizeof *r->columns);
    if (!r->sessions || !r->spans || !r->columns) {
        td_recorded_close(r);
        return TD_ENOMEM;
    }
    *out = r;
    return TD_OK;
}

void td_recorded_close(struct td_recorded *r)
{
    if (!r)
        return;
    recorded_drop(r);
    free(r->sessions);
    free(r->spans);
    free(r->columns);
    free(r);
}

/* --- listing --- */

struct listing {
    struct td_recorded *r;
    struct td_recorded_session *found; /* [TD_RECORDED_SESSIONS] */
    size_t count;
    bool cut;
    uint8_t where;
    char symbol[24], path[TD_PATH_MAX];
};

/* "2026-11-21_snapshots_093000.parquet"; false: another name. */
static bool read_name(const char *name, struct td_recorded_session *s)
{
    static const char middle[] = "_snapshots_", tail[] = ".parquet";
    const size_t len = strlen(name), head = 10 + sizeof middle - 1, end = sizeof tail - 1;
    int64_t day;
    if (len >= sizeof s->name || len < head + end || td_date_parse(name, 10, &day) != TD_OK ||
        memcmp(name + 10, middle, sizeof middle - 1) != 0 || strcmp(name + len - end, tail) != 0)
        return false;
    memcpy(s->name, name, len + 1);
    memcpy(s->day, name, 10);
    if (len - head - end == 6 && strspn(name + head, "0123456789") >= 6)
        memcpy(s->time, name + head, 6);
    return true;
}

/* Where the next one goes: behind the others, or in place of the oldest day when it is newer. NULL: neither. */
static struct td_recorded_session *place_for(struct listing *l, const char *day)
{
    size_t oldest = 0;
    if (l->count < TD_RECORDED_SESSIONS)
        return &l->found[l->count++];
    l->cut = true;
    for (size_t i = 1; i < l->count; i++)
        if (strcmp(l->found[i].day, l->found[oldest].day) < 0)
            oldest = i;
    return strcmp(l->found[oldest].day, day) < 0 ? &l->found[oldest] : NULL;
}

static bool take_file(void *arg, const char *name, enum td_entry_kind kind)
{
    struct listing *l = arg;
    struct td_recorded_session s = {.where = l->where};
    if (kind != TD_ENTRY_FILE || !read_name(name, &s))
        return true;
    struct td_recorded_session *to = place_for(l, s.day);
    if (to) {
        memcpy(s.symbol, l->symbol, sizeof s.symbol);
        *to = s;
    }
    return true;
}

static bool take_symbol(void *arg, const char *name, enum td_entry_kind kind)
{
    struct listing *l = arg;
    char path[TD_PATH_MAX];
    if (kind != TD_ENTRY_FOLDER || !td_symbol_is_safe(td_str_of(name)) ||
        !td_str_copy(td_str_of(name), l->symbol, sizeof l->symbol) ||
        !td_path_join(path, sizeof path, l->path, name))
        return true;
    /* A folder that cannot be listed has nothing that can be read: it is as one without recordings. */
    const enum td_err err = td_folder_list(l->r->world, path, take_file, l);
    (void)err;
    return true;
}

static int by_place(const void *a, const void *b)
{
    const struct td_recorded_session *x = a, *y = b;
    int order = strcmp(x->symbol, y->symbol);
    order = order ? order : strcmp(x->name, y->name);
    return order ? order : (x->where > y->where) - (x->where < y->where);
}

/* What is known of a file from before: finished files do not change. */
static void keep_known(const struct td_recorded *r, struct td_recorded_session *found, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct td_recorded_session *old =
            bsearch(&found[i], r->sessions, r->count, sizeof *found, by_place);
        if (old)
            found[i] = *old;
    }
}

static enum td_err list_all(struct td_recorded *r, struct td_fail *why)
{
    struct listing l = {.r = r};
    if (td_entry_at(r->world, r->folder) != TD_ENTRY_FOLDER)
        return td_fail_set(why, TD_ENODATA, "there is no folder %s", r->folder);
    l.found = calloc(TD_RECORDED_SESSIONS, sizeof *l.found);
    if (!l.found)
        return td_fail_set(why, TD_ENOMEM, "listing recordings: %s", td_err_text(TD_ENOMEM));
    enum td_err err = TD_OK;
    for (size_t i = 0; i < TD_COUNT(folders) && !err; i++) {
        l.where = (uint8_t)i;
        if (snprintf(l.path, sizeof l.path, "%s%s", r->folder, folders[i]) >= (int)sizeof l.path)
            err = td_fail_set(why, TD_ERANGE, "the path of %s is too long", r->folder);
        else if (td_entry_at(r->world, l.path) == TD_ENTRY_FOLDER)
            err = td_folder_list(r->world, l.path, take_symbol, &l);
    }
    if (err) {
        free(l.found);
        return td_fail_add(why, err, "listing %s", r->folder);
    }
    qsort(l.found, l.count, sizeof *l.found, by_place);
    keep_known(r, l.found, l.count);
    free(r->sessions);
    r->sessions = l.found;
    r->count = l.count;
    r->cut = l.cut;
    return TD_OK;
}

/* --- looking --- */

static enum td_err look(struct td_recorded *r, struct td_recorded_session *s, struct td_fail *why)
{
    enum td_err err = recorded_use(r, s, why);
    int64_t bad = 0;
    for (size_t g = 0; g < r->groups && !err; g++) {
        const struct td_depth_span *span = &r->spans[g];
        if (span->rows && (!s->rows || span->first_ns < s->first_ns))
            s->first_ns = span->first_ns;
        if (span->rows && (!s->rows || span->last_ns > s->last_ns))
            s->last_ns = span->last_ns;
        s->rows += span->rows;
        err = td_depth_cursor_flagged(r->cursor, g, TD_RECORDED_BAD, &bad, why);
        s->bad = bad < 0 ? -1 : s->bad + bad;
    }
    return err;
}

/* 0: it is not there, or cannot be read. */
static uint64_t size_of(struct td_world *world, const char *path)
{
    struct td_file file;
    uint64_t size = 0;
    if (td_file_open(world, path, TD_FILE_READ, &file, NULL) != TD_OK)
        return 0;
    const enum td_err err = td_file_size(world, file, &size);
    td_file_close(world, file);
    return err ? 0 : size;
}

/* <day>_messages_<time>.json beside it. */
static uint64_t messages_size(const struct td_recorded *r, const struct td_recorded_session *s)
{
    char path[TD_PATH_MAX];
    const size_t folder = strlen(r->path) - strlen(s->name);
    const int n = snprintf(path, sizeof path, "%.*s%s_messages_%s.json", (int)folder, r->path,
                           s->day, s->time);
    return n < (int)sizeof path ? size_of(r->world, path) : 0;
}

void recorded_look(struct td_recorded *r, struct td_recorded_session *s)
{
    struct td_fail why = {0};
    s->looked = true;
    const enum td_err err = look(r, s, &why);
    if (err)
        (void)snprintf(s->problem, sizeof s->problem, "%.*s", (int)sizeof s->problem - 1, why.text);
    else
        s->bytes = size_of(r->world, r->path) + messages_size(r, s);
}

enum td_err td_recorded_refresh(struct td_recorded *r, td_ns age, td_ns budget, struct td_fail *why)
{
    const td_ns now = td_world_mono(r->world);
    if (!r->listed || now - r->listed_at >= age) {
        const enum td_err err = list_all(r, why);
        if (err)
            return err;
        r->listed = true;
        r->listed_at = now;
    }
    r->looked = 0;
    for (size_t i = r->count; i > 0; i--) {
        struct td_recorded_session *s = &r->sessions[i - 1];
        if (!s->looked && td_world_mono(r->world) - now < budget)
            recorded_look(r, s);
        r->looked += s->looked;
    }
    return TD_OK;
}

size_t td_recorded_count(const struct td_recorded *r)
{
    return r->count;
}

const struct td_recorded_session *td_recorded_at(const struct td_recorded *r, size_t i)
{
    TD_REQUIRE(i < r->count);
    return &r->sessions[i];
}

bool td_recorded_complete(const struct td_recorded *r)
{
    return r->looked == r->count;
}

bool td_recorded_cut(const struct td_recorded *r)
{
    return r->cut;
}

enum td_recorded_grade td_recorded_grade(uint64_t rows, int64_t bad, bool unreadable)
{
    if (unreadable)
        return TD_GRADE_BAD;
    if (!rows || bad < 0)
        return TD_GRADE_UNKNOWN;
    const double part = (double)bad / (double)rows;
    return part < 0.01 ? TD_GRADE_GOOD : part < 0.1 ? TD_GRADE_FAIR : TD_GRADE_BAD;
}

const char *td_recorded_grade_word(enum td_recorded_grade grade)
{
    static const char *const words[] = {NULL, "good", "fair", "bad"};
    return words[grade];
}

/* --- the file at hand --- */

void recorded_drop(struct td_recorded *r)
{
    td_depth_cursor_close(r->cursor);
    r->cursor = NULL;
    r->groups = 0;
    r->path[0] = '\0';
}

enum td_err recorded_use(struct td_recorded *r, const struct td_recorded_session *s,
                         struct td_fail *why)
{
    char path[TD_PATH_MAX];
    if (snprintf(path, sizeof path, "%s%s/%s/%s", r->folder, folders[s->where], s->symbol,
                 s->name) >= (int)sizeof path)
        return td_fail_set(why, TD_ERANGE, "the path of %s is too long", s->name);
    if (r->cursor && strcmp(path, r->path) == 0)
        return TD_OK;
    recorded_drop(r);
    (void)snprintf(r->path, sizeof r->path, "%s", path);
    r->facts = (struct td_depth_source){.path = r->path};
    enum td_err err = td_depth_cursor_open(&r->cursor, r->world, &r->facts, why);
    if (!err && td_depth_cursor_groups(r->cursor) > TD_RECORDED_GROUPS)
        err =
            td_fail_set(why, TD_EFULL, "%s has more than %d row groups", path, TD_RECORDED_GROUPS);
    const size_t groups = err ? 0 : td_depth_cursor_groups(r->cursor);
    for (size_t g = 0; g < groups && !err; g++)
        err = td_depth_cursor_span(r->cursor, g, &r->spans[g], why);
    if (err)
        recorded_drop(r);
    else
        r->groups = groups;
    return err;
}
