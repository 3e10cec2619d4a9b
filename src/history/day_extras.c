/* history/day_extras.c - session statistics and alert lines, each file read whole and bounded. */
#include "history/day_extras.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STATS_MAX  65536
#define ALERTS_MAX (UINT64_C(17) << 20) /* above what the file grows to before it is turned */

struct walk {
    struct td_day_extras *out;
    const struct td_day_extras_ask *ask;
    char symbol[24];
    char folder[600];
    char *bytes; /* [STATS_MAX] */
};

/* --- recordings --- */

static struct td_day_recorded *row_of(struct walk *w)
{
    struct td_day_extras *e = w->out;
    for (uint32_t i = 0; i < e->recorded_count; i++)
        if (strcmp(e->recorded[i].symbol, w->symbol) == 0)
            return &e->recorded[i];
    if (e->recorded_count == TD_DAY_RECORDED_MAX) {
        e->recorded_left_out++;
        return NULL;
    }
    struct td_day_recorded *row = &e->recorded[e->recorded_count++];
    (void)snprintf(row->symbol, sizeof row->symbol, "%s", w->symbol);
    return row;
}

static int64_t count_of(const cJSON *all, const char *key)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(all, key);
    return cJSON_IsNumber(item) && item->valuedouble >= 0 && item->valuedouble < 9e15
               ? (int64_t)item->valuedouble
               : 0;
}

static void add_session(struct walk *w, const cJSON *all)
{
    const cJSON *end = cJSON_GetObjectItemCaseSensitive(all, "capture_end");
    struct td_day_recorded *row = row_of(w);
    if (!row)
        return;
    row->sessions++;
    row->messages += count_of(all, "num_messages");
    row->snapshots += count_of(all, "num_snapshots");
    row->gaps += count_of(all, "gaps");
    row->damaged += cJSON_IsString(end) && strcmp(end->valuestring, "damaged") == 0;
    row->cut += cJSON_IsString(end) && strcmp(end->valuestring, "torn") == 0;
}

/* session_stats_<YYYYMMDD>_<time>.json of a day of the span. */
static bool is_meant(const struct walk *w, const char *name)
{
    static const char head[] = "session_stats_";
    char date[16];
    int64_t day;
    const size_t n = sizeof head - 1, len = strlen(name);
    if (strncmp(name, head, n) != 0 || len < n + 9 || strcmp(name + len - 5, ".json") != 0)
        return false;
    (void)snprintf(date, sizeof date, "%.4s-%.2s-%.2s", name + n, name + n + 4, name + n + 6);
    return td_date_parse(date, 10, &day) == TD_OK && day >= w->ask->first_day &&
           day <= w->ask->last_day;
}

static bool on_file(void *arg, const char *name, enum td_entry_kind kind)
{
    struct walk *w = arg;
    char path[900];
    size_t len = 0;
    if (kind != TD_ENTRY_FILE || !is_meant(w, name))
        return true;
    (void)snprintf(path, sizeof path, "%s/%.200s", w->folder, name);
    cJSON *all = td_file_slurp(w->ask->world, path, w->bytes, STATS_MAX, &len, NULL) == TD_OK
                     ? cJSON_ParseWithLength(w->bytes, len)
                     : NULL;
    if (cJSON_IsObject(all))
        add_session(w, all);
    else
        w->out->stats_unread++;
    cJSON_Delete(all);
    return true;
}

struct symbols {
    struct walk *walk;
    const char *folder;
};

static bool on_symbol(void *arg, const char *name, enum td_entry_kind kind)
{
    const struct symbols *s = arg;
    struct walk *w = s->walk;
    if (kind != TD_ENTRY_FOLDER || strlen(name) >= sizeof w->symbol)
        return true;
    (void)snprintf(w->symbol, sizeof w->symbol, "%s", name);
    (void)snprintf(w->folder, sizeof w->folder, "%.500s/%s", s->folder, name);
    if (td_folder_list(w->ask->world, w->folder, on_file, w) != TD_OK)
        w->out->stats_unread++;
    return true;
}

static void read_recordings(struct walk *w)
{
    static const char *const below[] = {"", "/Level2", "/level2"};
    char folder[560];
    if (!w->ask->data || td_entry_at(w->ask->world, w->ask->data) != TD_ENTRY_FOLDER)
        return;
    w->out->data_there = true;
    for (size_t i = 0; i < TD_COUNT(below); i++) {
        (void)snprintf(folder, sizeof folder, "%.500s%s", w->ask->data, below[i]);
        struct symbols s = {w, folder};
        if (td_entry_at(w->ask->world, folder) == TD_ENTRY_FOLDER &&
            td_folder_list(w->ask->world, folder, on_symbol, &s) != TD_OK)
            w->out->stats_unread++;
    }
}

double td_day_quality(const struct td_day_recorded *r)
{
    const double per_thousand = r->messages ? 1000.0 * (double)r->gaps / (double)r->messages
                                : r->gaps   ? 100.0
                                            : 0.0;
    const double whole =
        r->sessions ? (double)(r->sessions - r->damaged) / (double)r->sessions : 0.0;
    return whole * (per_thousand < 100.0 ? 100.0 - per_thousand : 0.0);
}

/* --- alerts --- */

static void text_of(const cJSON *all, const char *key, char *out, size_t cap)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(all, key);
    (void)td_str_copy(td_str_of(cJSON_IsString(item) ? item->valuestring : ""), out, cap);
}

static void take_line(struct td_day_extras *e, const struct td_day_extras_ask *ask,
                      struct td_str line)
{
    char at[40], state[16];
    struct td_day_alert a = {.at = 0};
    cJSON *all = cJSON_ParseWithLength(line.p, line.len);
    text_of(all, "time", at, sizeof at);
    text_of(all, "state", state, sizeof state);
    text_of(all, "alert", a.name, sizeof a.name);
    text_of(all, "severity", a.severity, sizeof a.severity);
    text_of(all, "text", a.text, sizeof a.text);
    cJSON_Delete(all);
    a.over = strcmp(state, "over") == 0;
    if (!a.name[0] || td_iso_parse(at, strlen(at), &a.at) != TD_OK)
        e->alert_lines_unread++;
    else if (a.at >= ask->from && a.at < ask->before && e->alert_count == TD_DAY_ALERTS_MAX)
        e->alerts_left_out++;
    else if (a.at >= ask->from && a.at < ask->before)
        e->alerts[e->alert_count++] = a;
}

static enum td_err read_alerts(struct td_day_extras *e, const struct td_day_extras_ask *ask,
                               struct td_fail *why)
{
    static const char *const names[] = {"alerts.jsonl.1", "alerts.jsonl"};
    char *bytes = malloc(ALERTS_MAX);
    if (!bytes)
        return td_fail_set(why, TD_ENOMEM, "no memory for the alerts");
    for (size_t i = 0; i < TD_COUNT(names); i++) {
        char path[900];
        size_t len = 0;
        (void)snprintf(path, sizeof path, "%.800s/%s", ask->state, names[i]);
        if (td_entry_at(ask->world, path) != TD_ENTRY_FILE)
            continue;
        e->alerts_there = true;
        if (td_file_slurp(ask->world, path, bytes, ALERTS_MAX, &len, NULL) != TD_OK) {
            e->alert_lines_unread++;
            continue;
        }
        struct td_str rest = {bytes, len}, line;
        while (td_str_split(&rest, '\n', &line))
            if (td_str_trim(line).len)
                take_line(e, ask, td_str_trim(line));
    }
    free(bytes);
    return TD_OK;
}

enum td_err td_day_extras_read(struct td_day_extras *out, const struct td_day_extras_ask *ask,
                               struct td_fail *why)
{
    struct walk *w = calloc(1, sizeof *w);
    char *bytes = malloc(STATS_MAX);
    *out = (struct td_day_extras){.data_there = false};
    enum td_err err = w && bytes ? TD_OK : td_fail_set(why, TD_ENOMEM, "no memory for the report");
    if (!err) {
        w->out = out;
        w->ask = ask;
        w->bytes = bytes;
        read_recordings(w);
        err = read_alerts(out, ask, why);
    }
    free(bytes);
    free(w);
    return err;
}
