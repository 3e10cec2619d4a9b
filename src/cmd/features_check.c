/* cmd/features_check.c - `tapedeck features check`: is a set, or a ready file of columns, honest on these bars? */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/features.h"
#include "signal/feature_check.h"
#include "store/columns_file.h"
#include "wire/json.h"

struct work {
    struct td_feature_set *set; /* NULL: a ready file */
    struct td_feature_table table;
    char names[TD_COLUMNS_MAX][64]; /* of a ready file */
    double **full, **scratch;
    int32_t count;
    struct td_feature_finding found[TD_COLUMNS_MAX];
};

static const struct {
    enum td_feature_fault fault;
    const char *name;
} faults[] = {{TD_FAULT_PREFIX, "prefix"}, {TD_FAULT_AHEAD, "look-ahead"},  {TD_FAULT_LEAK, "leak"},
              {TD_FAULT_FUTURE, "future"}, {TD_FAULT_CONSTANT, "constant"}, {TD_FAULT_NAN, "nan"}};

static const char *name_of(const struct work *w, int32_t k)
{
    return w->set ? td_feature_at(w->set, k)->name : w->names[k];
}

/* ---- what is checked ---- */

static enum td_err compute(void *arg, size_t first, size_t rows, size_t changed, double *const *out,
                           struct td_fail *why)
{
    const struct work *w = arg;
    return td_feature_table_run(&w->table, w->set, first, rows, changed, out, why);
}

/* The columns of a ready file: all that hold numbers and are no input of the bars. */
static enum td_err load_columns(const struct td_run *run, const char *path, struct work *w,
                                struct td_fail *why)
{
    static const char *const left_out[] = {"bar",      "index", "time",     "timestamp", "date",
                                           "datetime", "ts",    "ts_event", "symbol"};
    struct td_columns_file *f = NULL;
    char names[TD_COLUMNS_MAX * 65];
    struct td_text t;
    size_t rows = 0;
    enum td_err err = td_columns_open(&f, run->world, path, why);
    if (err)
        return err;
    td_text_init(&t, names, sizeof names);
    td_columns_names(f, &t);
    struct td_str rest = {names, t.len}, word;
    int columns[TD_COLUMNS_MAX];
    while (rest.len > 0 && td_str_split(&rest, ',', &word)) {
        bool skip = false;
        word = td_str_trim(word);
        for (size_t i = 0; i < TD_COUNT(left_out); i++)
            skip = skip || td_str_is(word, left_out[i]);
        if (skip || td_bar_input_find(word) >= 0 || w->count == TD_COLUMNS_MAX)
            continue;
        (void)td_str_copy(word, w->names[w->count], sizeof w->names[0]);
        columns[w->count] = td_columns_find(f, w->names[w->count]);
        w->count += columns[w->count] >= 0;
    }
    if (w->count == 0)
        err =
            td_fail_set(why, TD_ENODATA, "%s has no columns of features; it has: %s", path, names);
    w->full = err ? NULL : calloc((size_t)w->count, sizeof *w->full);
    if (!err && !w->full)
        err = td_fail_set(why, TD_ENOMEM, "%d columns", w->count);
    if (!err)
        err = td_columns_load(f, columns, w->count, w->full, &rows, why);
    td_columns_close(f);
    if (!err && rows != w->table.rows)
        err = td_fail_set(why, TD_EINVAL, "%s has %zu rows, the bars are %zu", path, rows,
                          w->table.rows);
    return err;
}

static bool is_table(const struct td_run *run, const char *path)
{
    struct td_file file = {0};
    char head[4096];
    size_t len = 0;
    if (td_file_open(run->world, path, TD_FILE_READ, &file, NULL) != TD_OK)
        return false;
    const enum td_err err = td_file_read(run->world, file, 0, head, sizeof head - 1, &len);
    td_file_close(run->world, file);
    if (err)
        return false;
    head[len] = '\0';
    if (len >= 4 && (memcmp(head, "PAR1", 4) == 0 || memcmp(head, "ARRO", 4) == 0))
        return true;
    head[strcspn(head, "\r\n")] = '\0';
    return strchr(head, ',') && head[0] != '#';
}

static enum td_err open_work(const struct td_run *run, const struct td_features_args *args,
                             struct work *w, struct td_fail *why)
{
    static struct td_feature_set set;
    const char *name = run->operands->items[1];
    const bool ready =
        td_feature_set_builtin(&set, td_str_of(name), NULL) == TD_ENOENT && is_table(run, name);
    enum td_err err = TD_OK;
    if (ready)
        td_feature_set_init(&set, td_str_of("file"), 1);
    else
        err = td_features_open(run, name, &set, why);
    if (!err && !args->in)
        err = td_fail_set(why, TD_EINVAL, "check needs --in FILE, the bars");
    if (!err)
        err = td_features_load(run, args, &set, args->in, &w->table, why);
    if (err)
        return err;
    if (ready)
        return load_columns(run, name, w, why);
    w->set = &set;
    w->count = set.count;
    w->full = td_features_columns(w->count, w->table.rows, why);
    w->scratch = w->full ? td_features_columns(w->count, w->table.rows, why) : NULL;
    return w->scratch ? TD_OK : TD_ENOMEM;
}

/* ---- telling ---- */

static void put_faults(const struct td_feature_finding *f, struct td_text *t)
{
    const size_t begin = t->len;
    for (size_t i = 0; i < TD_COUNT(faults); i++)
        if (f->faults & (uint32_t)faults[i].fault)
            td_text_printf(t, "%s%s", t->len > begin ? "," : "", faults[i].name);
    if (t->len == begin)
        td_text_put(t, "-");
}

static double nan_share(const struct work *w, const struct td_feature_finding *f)
{
    return f->first < w->table.rows ? (double)f->nans / (double)(w->table.rows - f->first) : 1;
}

static void put_lines(const struct work *w, struct td_text *t)
{
    td_text_printf(t, "%-28s %7s %7s %7s %7s  %s\n", "column", "first", "warm-up", "nan %",
                   "next r", "faults");
    for (int32_t k = 0; k < w->count; k++) {
        const struct td_feature_finding *f = &w->found[k];
        char warm[24], corr[24];
        struct td_text a, b;
        td_text_init(&a, warm, sizeof warm);
        td_text_init(&b, corr, sizeof corr);
        if (f->warm_up == TD_CHECK_NEVER)
            td_text_put(&a, w->set ? "never" : "-");
        else
            td_text_i64(&a, (int64_t)f->warm_up);
        if (isnan(f->next_corr))
            td_text_put(&b, "-");
        else
            td_text_printf(&b, "%.3f", f->next_corr);
        td_text_printf(t, "%-28s %7zu %7s %7.2f %7s  ", name_of(w, k), f->first, warm,
                       100 * nan_share(w, f), corr);
        put_faults(f, t);
        if (f->faults & TD_FAULT_FUTURE)
            td_text_printf(t, " (the %s of %d rows later)", f->what, f->ahead);
        if (f->faults & (TD_FAULT_PREFIX | TD_FAULT_AHEAD))
            td_text_printf(t, " (row %zu)", f->fault_row);
        td_text_char(t, '\n');
        (void)td_features_flush(t, 1024);
    }
}

static void put_json(const struct work *w, int32_t bad, struct td_text *t)
{
    struct td_json j;
    td_json_init(&j, t, true);
    td_json_object(&j);
    td_json_key_i64(&j, "rows", (int64_t)w->table.rows);
    td_json_key_i64(&j, "columns_with_faults", bad);
    td_json_key(&j, "columns");
    td_json_array(&j);
    for (int32_t k = 0; k < w->count; k++) {
        const struct td_feature_finding *f = &w->found[k];
        td_json_object(&j);
        td_json_key_text(&j, "name", name_of(w, k));
        td_json_key_i64(&j, "first", (int64_t)f->first);
        td_json_key(&j, "warm_up");
        td_json_double(&j, f->warm_up == TD_CHECK_NEVER ? (double)NAN : (double)f->warm_up);
        td_json_key(&j, "nan_share");
        td_json_double(&j, nan_share(w, f));
        td_json_key(&j, "next_return_correlation");
        td_json_double(&j, f->next_corr);
        td_json_key_text(&j, "equal_to_later", f->what);
        td_json_key_i64(&j, "rows_ahead", f->ahead);
        td_json_key(&j, "faults");
        td_json_array(&j);
        for (size_t i = 0; i < TD_COUNT(faults); i++)
            if (f->faults & (uint32_t)faults[i].fault)
                td_json_text(&j, faults[i].name);
        td_json_array_end(&j);
        td_json_object_end(&j);
        (void)td_features_flush(t, 4096);
    }
    td_json_array_end(&j);
    td_json_object_end(&j);
    td_text_char(t, '\n');
}

static int32_t tell(const struct work *w, bool json)
{
    struct td_text t = td_features_text();
    int32_t bad = 0;
    for (int32_t k = 0; k < w->count; k++)
        bad += w->found[k].faults != 0;
    if (json) {
        put_json(w, bad, &t);
    } else {
        put_lines(w, &t);
        td_text_printf(&t, "%d of %d columns have faults", bad, w->count);
        for (int32_t k = 0, n = 0; k < w->count; k++)
            if (w->found[k].faults)
                td_text_printf(&t, "%s%s", n++ ? ", " : ": ", name_of(w, k));
        td_text_char(&t, '\n');
    }
    (void)td_cmd_print(&t);
    return bad;
}

enum td_err td_features_check(const struct td_run *run, const struct td_features_args *args,
                              int *status, struct td_fail *why)
{
    static struct work w;
    memset(&w, 0, sizeof w);
    enum td_err err = open_work(run, args, &w, why);
    if (!err) {
        struct td_feature_check check = {.rows = w.table.rows,
                                         .count = w.count,
                                         .compute = w.set ? compute : NULL,
                                         .arg = &w,
                                         .full = w.full,
                                         .scratch = w.scratch,
                                         .bound = td_e9_to_double(args->bound),
                                         .nan_most = td_e9_to_double(args->nan)};
        for (int i = 0; i < TD_CHECK_SERIES; i++)
            check.series[i] = w.table.column[TD_BAR_OPEN + i];
        err = td_feature_check_run(&check, w.found, why);
    }
    if (!err && tell(&w, args->json) > 0)
        *status = 1;
    td_features_columns_free(w.full, w.count);
    td_features_columns_free(w.scratch, w.count);
    td_feature_table_free(&w.table);
    return err;
}
