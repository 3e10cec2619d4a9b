/* cmd/features_store.c - `tapedeck features store` and `index`: features kept by day, only those that are not there yet. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/features.h"
#include "history/feature_store.h"
#include "signal/feature_check.h"
#include "wire/json.h"

struct work {
    const struct td_run *run;
    const struct td_features_args *args;
    struct td_feature_set set;
    struct td_feature_table table;
    struct td_feature_store *store;
    double **columns;
    int64_t id, days, written, rows;
};

static int64_t day_of(const struct td_feature_table *t, size_t row)
{
    return t->clock.calendar ? td_calendar_day(t->clock.calendar, &t->zone, t->at[row])
                             : td_tz_day(&t->zone, t->at[row]);
}

/* The first row behind the day of row `from`. */
static size_t day_end(const struct td_feature_table *t, size_t from)
{
    const int64_t day = day_of(t, from);
    size_t i = from + 1;
    while (i < t->rows && day_of(t, i) == day)
        i++;
    return i;
}

static struct td_feature_day day_at(const struct work *w, size_t from, size_t to)
{
    return (struct td_feature_day){.symbol = w->args->symbol,
                                   .day = day_of(&w->table, from),
                                   .rows = (int64_t)(to - from),
                                   .last = w->table.at[to - 1],
                                   .since = w->table.at[0]};
}

/* Kept, with as many rows and the same last one. */
static enum td_err is_kept(struct work *w, size_t from, size_t to, bool *out, struct td_fail *why)
{
    char path[1200];
    const struct td_feature_day now = day_at(w, from, to);
    struct td_feature_day kept = now;
    const enum td_err err =
        td_feature_store_find(w->store, w->set.name, w->set.version, &kept, path, sizeof path, why);
    *out = !err && kept.rows == now.rows && kept.last == now.last;
    return err == TD_ENOENT ? TD_OK : err;
}

/* Rows up to the end of the last day that is missing; 0: none is. */
static enum td_err rows_needed(struct work *w, size_t *out, struct td_fail *why)
{
    enum td_err err = TD_OK;
    *out = 0;
    for (size_t from = 0, to; from < w->table.rows && !err; from = to) {
        bool kept = false;
        to = day_end(&w->table, from);
        err = is_kept(w, from, to, &kept, why);
        w->days++;
        if (!kept)
            *out = to;
    }
    return err;
}

static enum td_err write_day(struct work *w, size_t from, size_t to, struct td_fail *why)
{
    char path[1200];
    const double *at[TD_FEATURE_VECTOR_MAX];
    const struct td_feature_day day = day_at(w, from, to);
    for (int32_t k = 0; k < w->set.count; k++)
        at[k] = w->columns[k] + from;
    enum td_err err = td_feature_store_place(w->store, w->set.name, w->set.version, day.symbol,
                                             day.day, path, sizeof path, why);
    if (!err)
        err = td_features_write(w->run, path, &w->set, w->table.at + from, at, to - from, why);
    if (!err)
        err = td_feature_store_add(w->store, w->id, &day, why);
    w->written += !err;
    w->rows += err ? 0 : day.rows;
    return err;
}

static enum td_err tell_quality(struct work *w, size_t rows, struct td_fail *why)
{
    static struct td_feature_finding found[TD_FEATURE_VECTOR_MAX];
    struct td_feature_check check = {
        .rows = rows, .count = w->set.count, .full = w->columns, .bound = 1, .nan_most = 1};
    for (int i = 0; i < TD_CHECK_SERIES; i++)
        check.series[i] = w->table.column[TD_BAR_OPEN + i];
    enum td_err err = td_feature_check_run(&check, found, why);
    for (int32_t k = 0; k < w->set.count && !err; k++) {
        const struct td_feature_finding *f = &found[k];
        const struct td_feature_quality q = {
            .nan_share = f->first < rows ? (double)f->nans / (double)(rows - f->first) : 1,
            .next_corr = f->next_corr};
        err = td_feature_store_quality(w->store, w->id, w->args->symbol,
                                       td_feature_at(&w->set, k)->name, &q, why);
    }
    return err;
}

/* What decides values beside the set. */
static bool put_made(const struct work *w, char *out, size_t cap)
{
    const struct td_features_args *a = w->args;
    const int len = snprintf(out, cap, "span=%lld zone=%s calendar=%s%s news=%lld%s%s",
                             (long long)(w->table.span / TD_SEC), a->zone, a->calendar,
                             a->extended ? " extended" : "", (long long)a->news_minutes,
                             a->other ? " other=" : "", a->other ? a->other : "");
    return len > 0 && (size_t)len < cap;
}

static enum td_err keep(struct work *w, struct td_fail *why)
{
    char made[900];
    size_t rows = 0;
    if (!put_made(w, made, sizeof made))
        return td_fail_set(why, TD_ERANGE, "--other is too long a path");
    enum td_err err = td_feature_store_version(w->store, &w->set, made, &w->id, why);
    if (!err)
        err = rows_needed(w, &rows, why);
    if (err || rows == 0)
        return err;
    w->columns = td_features_columns(w->set.count, rows, why);
    if (!w->columns)
        return TD_ENOMEM;
    err = td_feature_table_run(&w->table, &w->set, 0, rows, SIZE_MAX, w->columns, why);
    for (size_t from = 0, to; from < rows && !err; from = to) {
        bool kept = false;
        to = day_end(&w->table, from);
        err = is_kept(w, from, to, &kept, why);
        if (!err && !kept)
            err = write_day(w, from, to, why);
    }
    return err ? err : tell_quality(w, rows, why);
}

static void tell(const struct work *w)
{
    struct td_text t = td_features_text();
    struct td_json j;
    td_json_init(&j, &t, false);
    if (w->args->json) {
        td_json_object(&j);
        td_json_key_text(&j, "set", w->set.name);
        td_json_key_i64(&j, "version", w->set.version);
        td_json_key_text(&j, "symbol", w->args->symbol);
        td_json_key_i64(&j, "days", w->days);
        td_json_key_i64(&j, "days_written", w->written);
        td_json_key_i64(&j, "rows_written", w->rows);
        td_json_object_end(&j);
    } else {
        td_text_printf(&t, "%s version %d, %s: %lld of %lld days written, %lld rows", w->set.name,
                       w->set.version, w->args->symbol, (long long)w->written, (long long)w->days,
                       (long long)w->rows);
    }
    td_text_char(&t, '\n');
    (void)td_cmd_print(&t);
}

enum td_err td_features_store(const struct td_run *run, const struct td_features_args *args,
                              int *status, struct td_fail *why)
{
    static struct work w;
    const struct td_datapath paths = td_cmd_paths(run);
    memset(&w, 0, sizeof w);
    w.run = run;
    w.args = args;
    (void)status;
    enum td_err err = td_features_open(run, run->operands->items[1], &w.set, why);
    if (!err && (!args->in || !args->symbol))
        err = td_fail_set(why, TD_EINVAL, "store needs --in FILE and --symbol");
    if (!err)
        err = td_features_load(run, args, &w.set, args->in, &w.table, why);
    if (!err)
        err =
            td_feature_store_open(&w.store, run->world, td_datapath_root(&paths, args->data), why);
    if (!err)
        err = keep(&w, why);
    if (!err)
        tell(&w);
    td_feature_store_close(w.store);
    td_features_columns_free(w.columns, w.set.count);
    td_feature_table_free(&w.table);
    return err;
}

/* ---- index ---- */

struct listing {
    const struct td_features_args *args;
    struct td_text t;
    struct td_json j;
};

static bool put_kept(void *arg, const struct td_feature_kept *k)
{
    struct listing *l = arg;
    if (l->args->symbol && strcmp(l->args->symbol, k->symbol) != 0)
        return true;
    if (!l->args->json) {
        td_text_printf(&l->t, "%-16s %4lld %s %-8s %5lld days %9lld rows  %s to %s  %s\n", k->set,
                       (long long)k->version, k->hash, k->symbol, (long long)k->days,
                       (long long)k->rows, k->first, k->last, k->made);
        return td_features_flush(&l->t, 2048);
    }
    td_json_object(&l->j);
    td_json_key_text(&l->j, "set", k->set);
    td_json_key_i64(&l->j, "version", k->version);
    td_json_key_text(&l->j, "hash", k->hash);
    td_json_key_text(&l->j, "symbol", k->symbol);
    td_json_key_i64(&l->j, "days", k->days);
    td_json_key_i64(&l->j, "rows", k->rows);
    td_json_key_text(&l->j, "first", k->first);
    td_json_key_text(&l->j, "last", k->last);
    td_json_key_text(&l->j, "made", k->made);
    td_json_object_end(&l->j);
    return td_features_flush(&l->t, 4096);
}

enum td_err td_features_index(const struct td_run *run, const struct td_features_args *args,
                              int *status, struct td_fail *why)
{
    const struct td_datapath paths = td_cmd_paths(run);
    struct td_feature_store *store = NULL;
    struct listing l = {.args = args, .t = td_features_text()};
    (void)status;
    td_json_init(&l.j, &l.t, true);
    enum td_err err =
        td_feature_store_open(&store, run->world, td_datapath_root(&paths, args->data), why);
    if (!err && args->json)
        td_json_array(&l.j);
    if (!err)
        err = td_feature_store_list(store, put_kept, &l, why);
    td_feature_store_close(store);
    if (err)
        return err;
    if (args->json) {
        td_json_array_end(&l.j);
        td_text_char(&l.t, '\n');
    }
    (void)td_cmd_print(&l.t);
    return TD_OK;
}
