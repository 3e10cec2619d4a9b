/* store/manifest.c - entries of the manifests as lines, and lines as entries. */
#include "store/manifest.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire/json.h"

static const char *const words[TD_TASK_STATUSES] = {"WRITE", "SKIP", "EMPTY", "ERROR"};

const char *td_task_status_name(enum td_task_status status)
{
    return words[status];
}

bool td_task_status_parse(struct td_str word, enum td_task_status *out)
{
    static const struct {
        const char *word;
        enum td_task_status status;
    } rows[] = {{"WRITE", TD_TASK_WRITE},  {"WRITTEN", TD_TASK_WRITE}, {"SKIP", TD_TASK_SKIP},
                {"SKIPPED", TD_TASK_SKIP}, {"EMPTY", TD_TASK_EMPTY},   {"ERROR", TD_TASK_ERROR}};
    char upper[16];
    word = td_str_trim(word);
    if (!td_str_copy(word, upper, sizeof upper))
        return false;
    for (char *c = upper; *c; c++)
        *c = *c >= 'a' && *c <= 'z' ? (char)(*c - 32) : *c;
    for (size_t i = 0; i < TD_COUNT(rows); i++)
        if (strcmp(upper, rows[i].word) == 0) {
            *out = rows[i].status;
            return true;
        }
    return false;
}

/* ---- level 2, written ---- */

static void key_text(struct td_json *j, const char *key, const char *value)
{
    if (value)
        td_json_key_text(j, key, value);
}

static void put_l2(struct td_text *t, const struct td_l2_entry *e)
{
    struct td_json j;
    char day[16];
    (void)td_date_print(e->day, day);
    td_json_init(&j, t, false);
    td_json_object(&j);
    td_json_key_text(&j, "symbol", e->symbol);
    td_json_key_text(&j, "date", day);
    td_json_key_text(&j, "status", words[e->status]);
    key_text(&j, "run_id", e->run_id);
    if (e->rows >= 0)
        td_json_key_i64(&j, "rows", e->rows);
    key_text(&j, "path", e->path);
    key_text(&j, "error", e->error);
    td_json_object_end(&j);
    td_text_char(t, '\n');
}

/* Room for the entries as JSON, every byte of a text escaped to six. */
static size_t room_of(const struct td_l2_entry *entries, size_t count)
{
    size_t need = 4096;
    for (size_t i = 0; i < count; i++) {
        const struct td_l2_entry *e = &entries[i];
        const char *const texts[] = {e->run_id, e->path, e->error, e->symbol};
        need += 256;
        for (size_t k = 0; k < TD_COUNT(texts); k++)
            need += 6 * 2 * (texts[k] ? strlen(texts[k]) : 0);
    }
    return need;
}

enum td_err td_l2_manifest_append(struct td_world *world, const char *path,
                                  const struct td_l2_entry *entries, size_t count,
                                  struct td_fail *why)
{
    const size_t need = room_of(entries, count);
    char *buf = malloc(need);
    struct td_text t;
    if (!buf)
        return td_fail_set(why, TD_ENOMEM, "%s: out of memory", path);
    td_text_init(&t, buf, need);
    for (size_t i = 0; i < count; i++)
        put_l2(&t, &entries[i]);
    TD_REQUIRE(!td_text_full(&t));
    const enum td_err err =
        count ? td_lines_append(world, path, (struct td_str){buf, t.len}, why) : TD_OK;
    free(buf);
    return err;
}

static void put_pair(struct td_json *j, const struct td_l2_entry *e)
{
    char day[16];
    (void)td_date_print(e->day, day);
    td_json_array(j);
    td_json_text(j, e->symbol);
    td_json_text(j, day);
    td_json_array_end(j);
}

static void put_counts(struct td_json *j, const struct td_l2_summary *s)
{
    int64_t counts[TD_TASK_STATUSES] = {0};
    for (size_t i = 0; i < s->count; i++)
        counts[s->entries[i].status]++;
    td_json_key(j, "counts");
    td_json_object(j);
    for (int i = 0; i < TD_TASK_STATUSES; i++)
        td_json_key_i64(j, words[i], counts[i]);
    td_json_object_end(j);
}

static void put_tasks(struct td_json *j, const struct td_l2_summary *s)
{
    char line[600], day[16];
    td_json_key(j, "zero_row_tasks");
    td_json_array(j);
    for (size_t i = 0; i < s->count; i++)
        if (s->entries[i].status == TD_TASK_EMPTY)
            put_pair(j, &s->entries[i]);
    td_json_array_end(j);
    td_json_key(j, "errors");
    td_json_array(j);
    for (size_t i = 0; i < s->count; i++) {
        const struct td_l2_entry *e = &s->entries[i];
        if (e->status != TD_TASK_ERROR)
            continue;
        (void)td_date_print(e->day, day);
        (void)snprintf(line, sizeof line, "%s %s %s", e->symbol, day, e->error ? e->error : "");
        td_json_text(j, line);
    }
    td_json_array_end(j);
}

static void put_summary(struct td_json *j, const struct td_l2_summary *s)
{
    td_json_object(j);
    put_counts(j, s);
    put_tasks(j, s);
    td_json_key_i64(j, "total_tasks", (int64_t)s->count);
    td_json_key(j, "duration_sec");
    td_json_e9(j, (int64_t)(s->duration_s * 1000 + 0.5) * (TD_E9 / 1000));
    td_json_key_bool(j, "strict", s->strict);
    td_json_key_bool(j, "force", s->force);
    td_json_key(j, "max_tasks");
    if (s->max_tasks > 0)
        td_json_i64(j, s->max_tasks);
    else
        td_json_null(j);
    td_json_key_i64(j, "concurrency", s->concurrency);
    key_text(j, "run_id", s->run_id);
    td_json_key(j, "requested_window_et");
    td_json_object(j);
    td_json_key_text(j, "start", s->window_start);
    td_json_key_text(j, "end", s->window_end);
    td_json_object_end(j);
    td_json_object_end(j);
}

enum td_err td_l2_summary_write(struct td_world *world, const char *path,
                                const struct td_l2_summary *s, struct td_fail *why)
{
    const size_t need = room_of(s->entries, s->count) + 4096;
    char *buf = malloc(need);
    struct td_text t;
    struct td_json j;
    if (!buf)
        return td_fail_set(why, TD_ENOMEM, "%s: out of memory", path);
    td_text_init(&t, buf, need);
    td_json_init(&j, &t, true);
    put_summary(&j, s);
    td_text_char(&t, '\n');
    TD_REQUIRE(!td_text_full(&t));
    const enum td_err err = td_file_replace(world, path, (struct td_str){buf, t.len}, why);
    free(buf);
    return err;
}

/* ---- bars, written ---- */

/* "2025-09-04T09:30:00", without a zone, or null. */
static void put_wall_clock(struct td_json *j, td_ns local_ns)
{
    char text[40];
    if (local_ns == INT64_MIN) {
        td_json_null(j);
        return;
    }
    (void)td_iso_print(local_ns, text);
    td_json_str(j, (struct td_str){text, 19});
}

static void put_asked(struct td_json *j, const struct td_bars_entry *e)
{
    td_json_key(j, "asked");
    td_json_array(j);
    for (int64_t i = 0; i < e->asked_count; i++) {
        td_json_array(j);
        put_wall_clock(j, e->asked[i].from);
        put_wall_clock(j, e->asked[i].to);
        td_json_array_end(j);
    }
    td_json_array_end(j);
}

enum td_err td_bars_manifest_append(struct td_world *world, const char *path,
                                    const struct td_bars_entry *e, const char *vendor,
                                    struct td_fail *why)
{
    static const char *const columns[] = {"open", "high", "low", "close", "volume", "wap", "count"};
    char buf[8192];
    struct td_text t;
    struct td_json j;
    td_text_init(&t, buf, sizeof buf);
    td_json_init(&j, &t, false);
    td_json_object(&j);
    td_json_key_text(&j, "schema_version", TD_BARS_SCHEMA);
    td_json_key(&j, "written_at");
    td_json_iso(&j, e->written_at);
    td_json_key_text(&j, "vendor", vendor ? vendor : "IBKR");
    td_json_key_text(&j, "file_format", "parquet");
    td_json_key_text(&j, "symbol", e->symbol);
    td_json_key_text(&j, "bar_size", e->bar_size);
    td_json_key_text(&j, "path", e->path);
    td_json_key_text(&j, "filename", e->filename);
    td_json_key_i64(&j, "rows", e->rows);
    td_json_key(&j, "columns");
    td_json_array(&j);
    for (size_t i = 0; i < TD_COUNT(columns); i++)
        td_json_text(&j, columns[i]);
    td_json_array_end(&j);
    td_json_key(&j, "time_start");
    put_wall_clock(&j, e->time_start);
    td_json_key(&j, "time_end");
    put_wall_clock(&j, e->time_end);
    if (e->asked_count)
        put_asked(&j, e);
    td_json_object_end(&j);
    td_text_char(&t, '\n');
    if (td_text_full(&t))
        return td_fail_set(why, TD_ERANGE, "%s: the path is too long", e->path);
    return td_lines_append(world, path, (struct td_str){buf, t.len}, why);
}

/* ---- read ---- */

struct visit {
    const char *path;
    bool strict;
    td_l2_fn *l2;
    td_bars_fn *bars;
    void *arg;
    struct td_manifest_counts *counts;
    struct td_fail *why;
};

static bool take_text(const cJSON *o, const char *key, char *out, size_t cap)
{
    const cJSON *v = cJSON_GetObjectItemCaseSensitive(o, key);
    return cJSON_IsString(v) && v->valuestring[0] &&
           snprintf(out, cap, "%s", v->valuestring) < (int)cap;
}

/* A time, null, or nothing; a wall clock with a zone keeps its clock. */
static bool read_time(const cJSON *v, bool instant, td_ns *out)
{
    *out = INT64_MIN;
    if (!v || cJSON_IsNull(v))
        return true;
    if (!cJSON_IsString(v))
        return false;
    struct td_str s = td_str_of(v->valuestring);
    if (!instant && s.len > 19 && (s.p[19] == '+' || s.p[19] == '-' || s.p[19] == 'Z'))
        s.len = 19;
    return td_iso_parse(s.p, s.len, out) == TD_OK;
}

static bool take_time(const cJSON *o, const char *key, bool instant, td_ns *out)
{
    return read_time(cJSON_GetObjectItemCaseSensitive(o, key), instant, out);
}

/* Windows in a form we do not write are left out: they were not asked for as far as we know. */
static void take_asked(const cJSON *o, struct td_bars_entry *e)
{
    const cJSON *pair = NULL;
    cJSON_ArrayForEach(pair, cJSON_GetObjectItemCaseSensitive(o, "asked"))
    {
        struct td_bars_span w;
        if (e->asked_count < TD_BARS_ASKED_MAX && cJSON_GetArraySize(pair) == 2 &&
            read_time(cJSON_GetArrayItem(pair, 0), false, &w.from) &&
            read_time(cJSON_GetArrayItem(pair, 1), false, &w.to) && w.from != INT64_MIN &&
            w.to > w.from)
            e->asked[e->asked_count++] = w;
    }
}

static bool take_l2(const cJSON *o, struct td_l2_entry *e)
{
    char day[16], status[16];
    *e = (struct td_l2_entry){.rows = -1};
    const cJSON *rows = cJSON_GetObjectItemCaseSensitive(o, "rows");
    if (cJSON_IsNumber(rows) && rows->valuedouble >= 0 && rows->valuedouble < 9e15)
        e->rows = (int64_t)rows->valuedouble;
    return take_text(o, "symbol", e->symbol, sizeof e->symbol) &&
           take_text(o, "date", day, sizeof day) && strlen(day) == 10 &&
           td_date_parse(day, 10, &e->day) == TD_OK &&
           take_text(o, "status", status, sizeof status) &&
           td_task_status_parse(td_str_of(status), &e->status);
}

static const char *base_name(const char *path)
{
    const char *name = path;
    for (const char *c = path; *c; c++)
        if (*c == '/' || *c == '\\')
            name = c + 1;
    return name;
}

static bool take_bars(const cJSON *o, struct td_bars_entry *e)
{
    const cJSON *rows = cJSON_GetObjectItemCaseSensitive(o, "rows");
    *e = (struct td_bars_entry){0};
    if (!cJSON_IsNumber(rows) || !(rows->valuedouble >= 0 && rows->valuedouble < 9e15) ||
        !take_text(o, "symbol", e->symbol, sizeof e->symbol) ||
        !take_text(o, "bar_size", e->bar_size, sizeof e->bar_size) ||
        !take_text(o, "path", e->path, sizeof e->path) ||
        !take_time(o, "written_at", true, &e->written_at) ||
        !take_time(o, "time_start", false, &e->time_start) ||
        !take_time(o, "time_end", false, &e->time_end))
        return false;
    e->rows = (int64_t)rows->valuedouble;
    if (!take_text(o, "filename", e->filename, sizeof e->filename))
        (void)snprintf(e->filename, sizeof e->filename, "%.255s", base_name(e->path));
    take_asked(o, e);
    return true;
}

static enum td_err broken(struct visit *v, uint64_t number)
{
    v->counts->broken++;
    return v->strict ? td_fail_set(v->why, TD_EPARSE, "%s: line %llu is no manifest entry", v->path,
                                   (unsigned long long)number)
                     : TD_OK;
}

static enum td_err foreign(struct visit *v, uint64_t number, const char *version)
{
    v->counts->foreign++;
    return v->strict
               ? td_fail_set(v->why, TD_EVERSION,
                             "%s: line %llu has schema_version \"%.40s\"; known is %s", v->path,
                             (unsigned long long)number, version, v->bars ? TD_BARS_SCHEMA : "none")
               : TD_OK;
}

static enum td_err visit_object(struct visit *v, const cJSON *o, uint64_t number)
{
    struct td_l2_entry l2;
    struct td_bars_entry bars;
    const cJSON *version = cJSON_GetObjectItemCaseSensitive(o, "schema_version");
    const char *name = cJSON_IsString(version) ? version->valuestring : NULL;
    if (!cJSON_IsObject(o))
        return broken(v, number);
    if (v->bars && (!name || strcmp(name, TD_BARS_SCHEMA) != 0))
        return foreign(v, number, name ? name : "");
    if (v->l2 && version)
        return foreign(v, number, name ? name : "?");
    if (v->bars ? !take_bars(o, &bars) : !take_l2(o, &l2))
        return broken(v, number);
    v->counts->used++;
    return v->bars ? v->bars(v->arg, &bars) : v->l2(v->arg, &l2);
}

static enum td_err visit_line(void *arg, struct td_str line, uint64_t number)
{
    struct visit *v = arg;
    cJSON *o = cJSON_ParseWithLength(line.p, line.len);
    const enum td_err err = visit_object(v, o, number);
    cJSON_Delete(o);
    return err;
}

static enum td_err each(struct td_world *world, struct visit *v)
{
    const enum td_err err = td_lines_each(world, v->path, visit_line, v, v->counts, v->why);
    if (!err && v->strict && v->counts->broken > 0)
        return td_fail_set(v->why, TD_EPARSE, "%s: a line is too long", v->path);
    return err;
}

enum td_err td_l2_manifest_each(struct td_world *world, const char *path, bool strict, td_l2_fn *fn,
                                void *arg, struct td_manifest_counts *counts, struct td_fail *why)
{
    struct visit v = {
        .path = path, .strict = strict, .l2 = fn, .arg = arg, .counts = counts, .why = why};
    return each(world, &v);
}

enum td_err td_bars_manifest_each(struct td_world *world, const char *path, bool strict,
                                  td_bars_fn *fn, void *arg, struct td_manifest_counts *counts,
                                  struct td_fail *why)
{
    struct visit v = {
        .path = path, .strict = strict, .bars = fn, .arg = arg, .counts = counts, .why = why};
    return each(world, &v);
}
