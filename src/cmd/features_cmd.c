/* cmd/features_cmd.c - features: listed, described, computed over a file, checked for honesty, kept. */
#include "cmd/features.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "store/columns_file.h"
#include "wire/json.h"

#define AT(member) .into = offsetof(struct td_features_args, member)

const struct td_opt cmd_features_options[] = {
    {.name = "in",
     .letter = 'i',
     .type = TD_OPT_PATH,
     AT(in),
     .help = "run, check, store: bars as CSV, Parquet or Feather, oldest first, with a column of "
             "times; or books: snapshots as Parquet, a Databento file (.dbn, .dbn.zst)"},
    {.name = "trades",
     .type = TD_OPT_PATH,
     AT(trades),
     .help =
         "event table whose trades happened between the snapshots; a Databento file has its own"},
    {.name = "instrument",
     .type = TD_OPT_STR,
     AT(instrument),
     .help = "of a Databento file with several: its symbol or number, e.g. ESM4"},
    {.name = "out",
     .letter = 'o',
     .type = TD_OPT_PATH,
     AT(out),
     .help = "run: write .parquet or .csv (columns bar, time and one for each feature)"},
    {.name = "other",
     .type = TD_OPT_PATH,
     AT(other),
     .help = "file of the second series; its close is seen as of the end of its bars"},
    {.name = "symbol",
     .type = TD_OPT_STR,
     AT(symbol),
     .help = "whose news is read; store, index: whose features"},
    {.name = "data",
     .type = TD_OPT_PATH,
     AT(data),
     .help =
         "data root of news and store; else DATA_PATH_OVERRIDE when exported, else ML_BASE_PATH"},
    {.name = "news-minutes",
     .type = TD_OPT_INT,
     .preset = "60",
     .low = 1,
     .high = 10080,
     AT(news_minutes),
     .help = "window of news_count and news_score"},
    {.name = "zone",
     .type = TD_OPT_STR,
     .preset = "America/New_York",
     AT(zone),
     .help = "the local clock, also of times without a zone"},
    {.name = "calendar",
     .type = TD_OPT_STR,
     .preset = "XNYS",
     .choices = "XNYS|CMES|none",
     AT(calendar),
     .help = "whose sessions cut slower bars and tell minutes from open and to close"},
    {.name = "extended",
     .type = TD_OPT_FLAG,
     AT(extended),
     .help = "a session ends with the hours after regular trading, not with it"},
    {.name = "span",
     .type = TD_OPT_INT,
     .preset = "0",
     .low = 0,
     .high = 86400,
     AT(span),
     .help = "seconds of a bar; 0: the least distance of two"},
    {.name = "scale",
     .type = TD_OPT_STR,
     .choices = "none|zscore|minmax",
     AT(scale),
     .help = "run: learn this scaling from the first --fit rows and apply it"},
    {.name = "fit",
     .type = TD_OPT_INT,
     .preset = "0",
     .low = 0,
     .high = 1 << 24,
     AT(fit),
     .help =
         "run: rows that --scale, and the weights of mlofi_pc, may be learned from; needed with "
         "--scale"},
    {.name = "save",
     .type = TD_OPT_PATH,
     AT(save),
     .help = "describe, run: write the set with its scaling as a text that SET can name"},
    {.name = "bound",
     .type = TD_OPT_NUM,
     .preset = "0.4",
     .low = 0,
     .high = 1,
     AT(bound),
     .help = "check: correlation with the next return above which a column leaks"},
    {.name = "nan",
     .type = TD_OPT_NUM,
     .preset = "0.05",
     .low = 0,
     .high = 1,
     AT(nan),
     .help = "check: share of missing values behind the first that is allowed"},
    {.name = "json", .type = TD_OPT_FLAG, AT(json), .help = "JSON; run: an array for each feature"},
    {0},
};
_Static_assert(sizeof(struct td_features_args) <= TD_CMD_ARGS_MAX, "arguments fit");

static char bytes[65536];

bool td_features_flush(struct td_text *t, size_t least)
{
    if (t->cap - t->len > least)
        return true;
    const bool printed = td_cmd_print(t);
    td_text_reset(t);
    return printed;
}

struct td_text td_features_text(void)
{
    struct td_text t;
    td_text_init(&t, bytes, sizeof bytes);
    return t;
}

/* ---- which set ---- */

enum td_err td_features_open(const struct td_run *run, const char *name, struct td_feature_set *set,
                             struct td_fail *why)
{
    static char text[65536];
    size_t len = 0;
    struct td_fail lost = {0};
    enum td_err err = td_feature_set_builtin(set, td_str_of(name), &lost);
    if (err != TD_ENOENT)
        return err ? td_fail_set(why, err, "%s", lost.text) : TD_OK;
    err = td_file_slurp(run->world, name, text, sizeof text, &len, why);
    if (err == TD_ENOENT)
        return td_fail_set(why, TD_EINVAL,
                           "no set \"%s\" is built in, and no file is called so; `tapedeck "
                           "features list` has the sets",
                           name);
    if (!err)
        err = td_feature_set_read(set, (struct td_str){text, len}, why);
    return err ? td_fail_add(why, err, "set %s", name) : TD_OK;
}

enum td_err td_features_load(const struct td_run *run, const struct td_features_args *args,
                             const struct td_feature_set *set, const char *path,
                             struct td_feature_table *table, struct td_fail *why)
{
    bool uses[TD_BAR_COUNT];
    const struct td_datapath paths = td_cmd_paths(run);
    const struct td_feature_source source = {.path = path,
                                             .trades = args->trades,
                                             .instrument = args->instrument,
                                             .micro = &set->micro,
                                             .other = args->other,
                                             .zone = args->zone,
                                             .calendar = args->calendar,
                                             .news_root = td_datapath_root(&paths, args->data),
                                             .symbol = args->symbol,
                                             .news_window = args->news_minutes * TD_MIN,
                                             .span = args->span * TD_SEC,
                                             .regular = !args->extended};
    td_feature_set_uses(set, uses);
    for (int i = TD_BAR_OPEN; i <= TD_BAR_VOLUME; i++)
        uses[i] = true; /* leaks are judged by them */
    return td_feature_table_load(table, run->world, &source, uses, why);
}

/* ---- list ---- */

static void list_json(struct td_text *t)
{
    struct td_json j;
    td_json_init(&j, t, true);
    td_json_object(&j);
    td_json_key(&j, "sets");
    td_json_array(&j);
    for (const struct td_feature_builtin *b = td_feature_builtins; b->name; b++) {
        td_json_object(&j);
        td_json_key_text(&j, "name", b->name);
        td_json_key_i64(&j, "version", b->version);
        td_json_key_text(&j, "help", b->help);
        td_json_object_end(&j);
    }
    td_json_array_end(&j);
    td_json_key(&j, "features");
    td_json_array(&j);
    for (size_t i = 0; i < td_feature_row_count(); i++) {
        const struct td_feature_row row = td_feature_row_at(i);
        td_json_object(&j);
        td_json_key_text(&j, "name", row.name);
        td_json_key_text(&j, "group", row.group);
        td_json_key_text(&j, "operation", row.op);
        td_json_key_text(&j, "inputs", row.inputs);
        td_json_key_text(&j, "parameters", row.params);
        td_json_key_text(&j, "formula",
                         row.words ? row.words : td_feature_op(td_str_of(row.op))->formula);
        td_json_object_end(&j);
        (void)td_features_flush(t, 4096);
    }
    td_json_array_end(&j);
    td_json_object_end(&j);
    td_text_char(t, '\n');
}

static enum td_err list(const struct td_run *run, const struct td_features_args *args, int *status,
                        struct td_fail *why)
{
    struct td_text t = td_features_text();
    (void)run, (void)status, (void)why;
    if (args->json) {
        list_json(&t);
        (void)td_cmd_print(&t);
        return TD_OK;
    }
    for (const struct td_feature_builtin *b = td_feature_builtins; b->name; b++)
        td_text_printf(&t, "set %-20s %3d  %s\n", b->name, b->version, b->help);
    for (size_t i = 0; i < td_feature_row_count(); i++) {
        const struct td_feature_row row = td_feature_row_at(i);
        td_text_printf(&t, "%-24s %-11s %s(%s)%s%s\n", row.name, row.group, row.op,
                       row.inputs ? row.inputs : "", row.params ? " " : "",
                       row.params ? row.params : "");
        (void)td_features_flush(&t, 1024);
    }
    (void)td_cmd_print(&t);
    return TD_OK;
}

/* ---- describe ---- */

static void describe_json(const struct td_feature_set *set, struct td_text *t)
{
    char hash[20];
    struct td_json j;
    struct td_text h;
    td_text_init(&h, hash, sizeof hash);
    td_text_printf(&h, "%016llx", (unsigned long long)td_feature_set_hash(set));
    td_json_init(&j, t, true);
    td_json_object(&j);
    td_json_key_text(&j, "name", set->name);
    td_json_key_i64(&j, "version", set->version);
    td_json_key_text(&j, "hash", hash);
    td_json_key_text(&j, "scale", td_feature_scale_name(set->scale));
    td_json_key_i64(&j, "state_bytes", (int64_t)td_features_state_size(set));
    td_json_key_i64(&j, "lookback_1m", td_feature_set_lookback(set, TD_MIN));
    td_json_key(&j, "features");
    td_json_array(&j);
    for (int32_t i = 0; i < set->count; i++) {
        const struct td_feature_node *node = td_feature_at(set, i);
        td_json_object(&j);
        td_json_key_text(&j, "name", node->name);
        td_json_key_text(&j, "group", node->group);
        td_json_key_text(&j, "operation", node->op->name);
        td_json_key_i64(&j, "first", node->lookback);
        td_json_key_text(&j, "formula", node->words);
        if (set->scale != TD_SCALE_NONE) {
            td_json_key(&j, "centre");
            td_json_double(&j, set->centre[i]);
            td_json_key(&j, "width");
            td_json_double(&j, set->width[i]);
        }
        td_json_object_end(&j);
        (void)td_features_flush(t, 4096);
    }
    td_json_array_end(&j);
    td_json_object_end(&j);
    td_text_char(t, '\n');
}

static enum td_err save(const struct td_run *run, const char *path,
                        const struct td_feature_set *set, struct td_fail *why)
{
    static char text[65536];
    struct td_text t;
    if (!path)
        return TD_OK;
    td_text_init(&t, text, sizeof text);
    td_feature_set_write(set, &t);
    return td_file_replace(run->world, path, (struct td_str){text, t.len}, why);
}

static enum td_err describe(const struct td_run *run, const struct td_features_args *args,
                            int *status, struct td_fail *why)
{
    static struct td_feature_set set;
    struct td_text t = td_features_text();
    (void)status;
    enum td_err err = td_features_open(run, run->operands->items[1], &set, why);
    if (!err)
        err = save(run, args->save, &set, why);
    if (err)
        return err;
    if (args->json) {
        describe_json(&set, &t);
        (void)td_cmd_print(&t);
        return TD_OK;
    }
    td_text_printf(&t,
                   "%s version %d, hash %016llx, scaling %s\n%d features, %zu bytes of state, "
                   "first full row of 1-minute bars %lld\n",
                   set.name, set.version, (unsigned long long)td_feature_set_hash(&set),
                   td_feature_scale_name(set.scale), set.count, td_features_state_size(&set),
                   (long long)td_feature_set_lookback(&set, TD_MIN));
    for (int32_t i = 0; i < set.count; i++) {
        const struct td_feature_node *node = td_feature_at(&set, i);
        td_text_printf(&t, "%3d %-24s %-11s first %4d  %s\n", i, node->name, node->group,
                       node->lookback, node->words);
        (void)td_features_flush(&t, 2048);
    }
    (void)td_cmd_print(&t);
    return TD_OK;
}

/* ---- run ---- */

double **td_features_columns(int32_t count, size_t rows, struct td_fail *why)
{
    double **out = calloc((size_t)count, sizeof *out);
    bool has = out != NULL;
    for (int32_t i = 0; i < count && has; i++)
        has = (out[i] = malloc(rows * sizeof **out)) != NULL;
    if (has)
        return out;
    td_features_columns_free(out, count);
    (void)td_fail_set(why, TD_ENOMEM, "%d columns of %zu rows", count, rows);
    return NULL;
}

void td_features_columns_free(double **columns, int32_t count)
{
    for (int32_t i = 0; columns && i < count; i++)
        free(columns[i]);
    free(columns);
}

static enum td_err scale_of(const struct td_features_args *args, size_t rows,
                            enum td_feature_scale *out, struct td_fail *why)
{
    *out = TD_SCALE_NONE;
    for (int s = TD_SCALE_NONE; args->scale && s <= TD_SCALE_MINMAX; s++)
        if (strcmp(args->scale, td_feature_scale_name((enum td_feature_scale)s)) == 0)
            *out = (enum td_feature_scale)s;
    const bool asked = *out != TD_SCALE_NONE || args->fit > 0;
    if (asked && (args->fit < 2 || (uint64_t)args->fit > rows))
        return td_fail_set(why, TD_EINVAL,
                           "%s needs --fit, the rows to learn from, 2 to %zu; not %lld",
                           args->scale ? "--scale" : "learning", rows, (long long)args->fit);
    return TD_OK;
}

/* Weights of projections first: the scaling is of what they then give. */
static enum td_err learn(const struct td_features_args *args, const struct td_feature_table *table,
                         struct td_feature_set *set, double *const *out, struct td_fail *why)
{
    enum td_feature_scale scale;
    const size_t rows = (size_t)args->fit;
    enum td_err err = scale_of(args, table->rows, &scale, why);
    if (!err && rows > 0 && !args->scale && set->scale != TD_SCALE_NONE)
        err = td_fail_set(why, TD_EINVAL,
                          "the set is scaled for what it learned before; give --scale with --fit");
    if (!err && rows > 0 && td_feature_set_projects(set))
        err = td_feature_set_project(set, (const double *const *)table->column, rows, why);
    if (err || !args->scale)
        return err;
    err = td_feature_set_scaling(set, TD_SCALE_NONE, NULL, NULL, why);
    if (!err && scale != TD_SCALE_NONE)
        err = td_feature_table_run(table, set, 0, rows, SIZE_MAX, out, why);
    if (!err && scale != TD_SCALE_NONE)
        err = td_feature_set_fit(set, scale, (const double *const *)out, rows, why);
    return err;
}

enum td_err td_features_write(const struct td_run *run, const char *path,
                              const struct td_feature_set *set, const td_ns *times,
                              const double *const *columns, size_t rows, struct td_fail *why)
{
    static char text[65536];
    const char *names[TD_FEATURE_VECTOR_MAX];
    char hash[20];
    struct td_text t, h;
    td_text_init(&t, text, sizeof text);
    td_feature_set_write(set, &t);
    td_text_init(&h, hash, sizeof hash);
    td_text_printf(&h, "%016llx", (unsigned long long)td_feature_set_hash(set));
    for (int32_t i = 0; i < set->count; i++)
        names[i] = td_feature_at(set, i)->name;
    const struct td_pq_pair pairs[] = {{"tapedeck.features.hash", hash},
                                       {"tapedeck.features.set", text}};
    const struct td_columns_out data = {.names = names,
                                        .values = columns,
                                        .count = set->count,
                                        .rows = rows,
                                        .times = times,
                                        .pairs = pairs,
                                        .pair_count = TD_COUNT(pairs)};
    return td_columns_write(run->world, path, &data, why);
}

static void print_json(const struct td_feature_set *set, const struct td_feature_table *table,
                       double *const *columns, struct td_text *t)
{
    char when[40];
    struct td_json j;
    td_json_init(&j, t, false);
    td_json_object(&j);
    td_json_key(&j, "time");
    td_json_array(&j);
    for (size_t i = 0; i < table->rows; i++) {
        (void)td_iso_print(table->at[i], when);
        td_json_text(&j, when);
        if (!td_features_flush(t, 256))
            return;
    }
    td_json_array_end(&j);
    for (int32_t k = 0; k < set->count; k++) {
        td_json_key(&j, td_feature_at(set, k)->name);
        td_json_array(&j);
        for (size_t i = 0; i < table->rows; i++) {
            td_json_double(&j, columns[k][i]);
            if (!td_features_flush(t, 256))
                return;
        }
        td_json_array_end(&j);
    }
    td_json_object_end(&j);
    td_text_char(t, '\n');
    (void)td_cmd_print(t);
}

static enum td_err give(const struct td_run *run, const struct td_features_args *args,
                        const struct td_feature_set *set, const struct td_feature_table *table,
                        double *const *columns, struct td_fail *why)
{
    struct td_text t = td_features_text();
    char missing[512] = "";
    struct td_text m;
    bool uses[TD_BAR_COUNT];
    if (args->out) {
        const enum td_err err = td_features_write(run, args->out, set, table->at,
                                                  (const double *const *)columns, table->rows, why);
        if (err)
            return err;
    }
    if (args->json) {
        print_json(set, table, columns, &t);
        return TD_OK;
    }
    td_text_init(&m, missing, sizeof missing);
    td_feature_set_uses(set, uses);
    td_feature_table_missing(table, uses, &m);
    td_text_printf(&t, "%s%s%s version %d (%016llx): %d features over %zu bars of %.9g s%s%s\n",
                   args->out ? args->out : "", args->out ? ": " : "", set->name, set->version,
                   (unsigned long long)td_feature_set_hash(set), set->count, table->rows,
                   (double)table->span / TD_SEC, m.len ? "; null for want of " : "", missing);
    (void)td_cmd_print(&t);
    return TD_OK;
}

static enum td_err compute(const struct td_run *run, const struct td_features_args *args,
                           int *status, struct td_fail *why)
{
    static struct td_feature_set set;
    struct td_feature_table table = {0};
    (void)status;
    enum td_err err = td_features_open(run, run->operands->items[1], &set, why);
    if (!err && !args->in)
        err = td_fail_set(why, TD_EINVAL, "run needs --in FILE (CSV, Parquet or Feather)");
    if (!err)
        err = td_features_load(run, args, &set, args->in, &table, why);
    double **columns = err ? NULL : td_features_columns(set.count, table.rows, why);
    if (!err && !columns)
        err = TD_ENOMEM;
    if (!err)
        err = learn(args, &table, &set, columns, why);
    if (!err)
        err = td_feature_table_run(&table, &set, 0, table.rows, SIZE_MAX, columns, why);
    if (!err)
        err = save(run, args->save, &set, why);
    if (!err)
        err = give(run, args, &set, &table, columns, why);
    td_features_columns_free(columns, set.count);
    td_feature_table_free(&table);
    return err;
}

/* ---- the command ---- */

static const struct {
    const char *name;
    int words; /* with the action */
    enum td_err (*run)(const struct td_run *run, const struct td_features_args *args, int *status,
                       struct td_fail *why);
} actions[] = {
    {"list", 1, list},
    {"describe", 2, describe},
    {"run", 2, compute},
    {"check", 2, td_features_check},
    {"store", 2, td_features_store},
    {"index", 1, td_features_index},
};

int cmd_features(struct td_run *run, void *arguments)
{
    struct td_fail why = {0};
    const char *word = run->operands->count > 0 ? run->operands->items[0] : "";
    for (size_t i = 0; i < TD_COUNT(actions); i++) {
        if (strcmp(actions[i].name, word) != 0)
            continue;
        enum td_err err;
        int status = 0;
        if (run->operands->count != actions[i].words)
            err = td_fail_set(&why, TD_EINVAL, "%s takes %s", word,
                              actions[i].words == 1 ? "no more words" : "one SET");
        else
            err = actions[i].run(run, arguments, &status, &why);
        return err ? td_cmd_fail(run, &why) : status;
    }
    (void)td_fail_set(&why, TD_EINVAL,
                      "expected list, describe, run, check, store or index, not \"%s\"", word);
    return td_cmd_fail(run, &why);
}
