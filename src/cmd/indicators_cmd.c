/* cmd/indicators_cmd.c - the indicators: listed, described, and computed over a file. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/option_rows.h"
#include "signal/indicator.h"
#include "store/cell.h"
#include "store/columns_file.h"
#include "wire/json.h"

struct args {
    struct td_opt_list options;
    const char *in, *out;
    bool json, stream;
};

const struct td_opt cmd_indicators_options[] = {
    {.name = "opt",
     .type = TD_OPT_LIST,
     .adds = true,
     .into = offsetof(struct args, options),
     .help =
         "run, describe: parameters as name=value, e.g. timeperiod=14; others keep their preset"},
    {.name = "in",
     .letter = 'i',
     .type = TD_OPT_PATH,
     .into = offsetof(struct args, in),
     .help = "run: the file, CSV, Parquet or Feather, oldest row first"},
    {.name = "out",
     .letter = 'o',
     .type = TD_OPT_PATH,
     .into = offsetof(struct args, out),
     .help =
         "run: write .csv or .parquet (column bar and one for each output) instead of printing"},
    {.name = "stream",
     .type = TD_OPT_FLAG,
     .into = offsetof(struct args, stream),
     .help = "run: bar by bar as a strategy would, instead of the whole column at once"},
    TD_OPTION_JSON("JSON; run: an array for each output"),
    {0},
};
_Static_assert(sizeof(struct args) <= TD_CMD_ARGS_MAX, "arguments fit");

static char bytes[65536];

/* Prints when little room is left; false when nobody reads on. */
static bool flush(struct td_text *t, size_t least)
{
    if (t->cap - t->len > least)
        return true;
    const bool printed = td_cmd_print(t);
    td_text_reset(t);
    return printed;
}

/* ---- choosing a row and its parameters ---- */

static enum td_err find_row(const struct td_run *run, const struct td_indicator **row,
                            struct td_fail *why)
{
    if (run->operands->count < 2)
        return td_fail_set(why, TD_EINVAL, "%s needs a NAME; `tapedeck indicators list` has them",
                           run->operands->items[0]);
    if (run->operands->count > 2)
        return td_fail_set(why, TD_EINVAL, "unexpected word \"%s\"; one NAME at a time",
                           run->operands->items[2]);
    *row = td_indicator_find(td_str_of(run->operands->items[1]));
    if (!*row)
        return td_fail_set(
            why, TD_EINVAL,
            "no indicator \"%s\"; `tapedeck indicators list` has our names, TA-Lib's "
            "and Tulip's",
            run->operands->items[1]);
    return TD_OK;
}

static void put_params(const struct td_indicator *row, struct td_text *t)
{
    for (int32_t i = 0; i < td_indicator_params(row); i++)
        td_text_printf(t, "%s%s", i ? ", " : "", row->params[i].name);
    if (td_indicator_params(row) == 0)
        td_text_put(t, "none");
}

static enum td_err set_param(const struct td_indicator *row, const char *word, double *params,
                             struct td_fail *why)
{
    char known[512];
    struct td_text t;
    const char *is = strchr(word, '=');
    if (!is || is == word)
        return td_fail_set(why, TD_EINVAL, "--opt %s: expected name=value", word);
    const struct td_str name = td_str_trim((struct td_str){word, (size_t)(is - word)});
    const struct td_str value = td_str_trim(td_str_of(is + 1));
    const int32_t at = td_indicator_param(row, name);
    td_text_init(&t, known, sizeof known);
    put_params(row, &t);
    if (at < 0)
        return td_fail_set(why, TD_EINVAL, "--opt %s: %s has no parameter %.*s; it has: %s", word,
                           row->name, TD_STR_ARG(name), known);
    if (!td_double_parse(value, &params[at]))
        return td_fail_set(why, TD_EINVAL, "--opt %s: \"%.*s\" is no number", word,
                           TD_STR_ARG(value));
    return TD_OK;
}

static enum td_err read_params(const struct td_indicator *row, const struct args *args,
                               double *params, struct td_fail *why)
{
    td_indicator_presets(row, params);
    for (int32_t i = 0; i < args->options.count; i++) {
        const enum td_err err = set_param(row, args->options.items[i], params, why);
        if (err)
            return err;
    }
    if (td_indicator_check(row, params, why) != TD_OK) {
        if (why)
            why->code = TD_EINVAL; /* of the command's words: exit status 2 */
        return TD_EINVAL;
    }
    return TD_OK;
}

/* ---- list ---- */

static void put_words(struct td_json *j, const char *key, const char *const *words, int32_t count)
{
    td_json_key(j, key);
    td_json_array(j);
    for (int32_t i = 0; i < count; i++)
        td_json_text(j, words[i]);
    td_json_array_end(j);
}

/* What the table knows of a row, with these parameters. */
static void put_row(const struct td_indicator *row, const double *params, struct td_json *j)
{
    td_json_object(j);
    td_json_key_text(j, "name", row->name);
    td_json_key_text(j, "talib", row->talib);
    td_json_key_text(j, "tulip", row->tulip);
    td_json_key_text(j, "group", row->group);
    put_words(j, "inputs", row->inputs, td_indicator_inputs(row));
    td_json_key(j, "parameters");
    td_json_array(j);
    for (int32_t i = 0; i < td_indicator_params(row); i++) {
        const struct td_ind_param *p = &row->params[i];
        td_json_object(j);
        td_json_key_text(j, "name", p->name);
        td_json_key_text(j, "alias", p->alias);
        td_json_key_text(j, "type", p->whole ? "integer" : "number");
        td_json_key(j, "default");
        td_json_double(j, p->preset);
        td_json_key(j, "min");
        td_json_double(j, p->low);
        td_json_key(j, "max");
        td_json_double(j, p->high);
        td_json_key_text(j, "help", p->help);
        td_json_object_end(j);
    }
    td_json_array_end(j);
    put_words(j, "outputs", row->outputs, td_indicator_outputs(row));
    td_json_key_i64(j, "lookback", td_indicator_lookback(row, params));
    td_json_key_i64(j, "state_bytes", (int64_t)td_indicator_state_size(row, params));
    td_json_key_text(j, "formula", row->formula);
    td_json_key_text(j, "source", row->source);
    td_json_object_end(j);
}

static int list(const struct args *args)
{
    double params[TD_IND_PARAMS_MAX];
    struct td_text t;
    struct td_json j;
    bool reads = true;
    td_text_init(&t, bytes, sizeof bytes);
    td_json_init(&j, &t, true);
    if (args->json)
        td_json_array(&j);
    else
        td_text_printf(&t, "%-20s %-20s %-16s %-11s %s\n", "name", "TA-Lib", "Tulip", "group",
                       "outputs");
    for (size_t i = 0; i < td_indicator_count() && reads; i++) {
        const struct td_indicator *row = td_indicator_at(i);
        td_indicator_presets(row, params);
        if (args->json) {
            put_row(row, params, &j);
        } else {
            td_text_printf(&t, "%-20s %-20s %-16s %-11s", row->name, row->talib ? row->talib : "-",
                           row->tulip ? row->tulip : "-", row->group);
            for (int32_t k = 0; k < td_indicator_outputs(row); k++)
                td_text_printf(&t, "%s%s", k ? "," : " ", row->outputs[k]);
            td_text_char(&t, '\n');
        }
        reads = flush(&t, 8192);
    }
    if (args->json) {
        td_json_array_end(&j);
        td_text_char(&t, '\n');
    }
    return td_cmd_print(&t) && reads ? 0 : 1;
}

/* ---- describe ---- */

static void put_description(const struct td_indicator *row, const double *params, struct td_text *t)
{
    td_text_printf(t, "%s  (TA-Lib %s, Tulip %s; %s)\n  %s\n  source: %s\n  inputs:", row->name,
                   row->talib ? row->talib : "-", row->tulip ? row->tulip : "-", row->group,
                   row->formula, row->source);
    for (int32_t k = 0; k < td_indicator_inputs(row); k++)
        td_text_printf(t, " %s", row->inputs[k]);
    td_text_put(t, "\n  outputs:");
    for (int32_t k = 0; k < td_indicator_outputs(row); k++)
        td_text_printf(t, " %s", row->outputs[k]);
    td_text_printf(t, "\n  first value on bar %d, state %zu bytes\n",
                   td_indicator_lookback(row, params), td_indicator_state_size(row, params));
    for (int32_t i = 0; i < td_indicator_params(row); i++) {
        const struct td_ind_param *p = &row->params[i];
        td_text_printf(t, "  %-22s %-10.10g %s, %.10g to %.10g%s%s: %s\n", p->name, params[i],
                       p->whole ? "integer" : "number", p->low, p->high, p->alias ? ", also " : "",
                       p->alias ? p->alias : "", p->help);
    }
}

static enum td_err describe(const struct td_run *run, const struct args *args, struct td_fail *why)
{
    const struct td_indicator *row;
    double params[TD_IND_PARAMS_MAX];
    struct td_text t;
    struct td_json j;
    enum td_err err = find_row(run, &row, why);
    if (!err)
        err = read_params(row, args, params, why);
    if (err)
        return err;
    td_text_init(&t, bytes, sizeof bytes);
    td_json_init(&j, &t, true);
    if (args->json) {
        put_row(row, params, &j);
        td_text_char(&t, '\n');
    } else {
        put_description(row, params, &t);
    }
    (void)td_cmd_print(&t);
    return TD_OK;
}

/* ---- run ---- */

/* A computation: memory of the inputs, the outputs and the state. */
struct work {
    const struct td_indicator *row;
    double params[TD_IND_PARAMS_MAX];
    double *in[TD_IND_INPUTS_MAX], *out[TD_IND_OUTPUTS_MAX];
    void *state;
    size_t rows;
};

static void end_work(struct work *w)
{
    for (int k = 0; k < TD_IND_INPUTS_MAX; k++)
        free(w->in[k]);
    for (int k = 0; k < TD_IND_OUTPUTS_MAX; k++)
        free(w->out[k]);
    free(w->state);
}

/* Another column that may stand for an input. */
static const char *stand_in(const char *input)
{
    static const struct {
        const char *input, *column;
    } rows[] = {{"real", "close"}, {"real0", "high"}, {"real1", "low"}};
    for (size_t i = 0; i < TD_COUNT(rows); i++)
        if (strcmp(rows[i].input, input) == 0)
            return rows[i].column;
    return NULL;
}

static enum td_err find_columns(const struct td_columns_file *f, const struct work *w,
                                const char *path, int *columns, struct td_fail *why)
{
    char names[256];
    struct td_text t;
    for (int k = 0; k < td_indicator_inputs(w->row); k++) {
        const char *input = w->row->inputs[k], *other = stand_in(input);
        columns[k] = td_columns_find(f, input);
        if (columns[k] < 0 && other)
            columns[k] = td_columns_find(f, other);
        if (columns[k] >= 0)
            continue;
        td_text_init(&t, names, sizeof names);
        td_columns_names(f, &t);
        return td_fail_set(why, TD_EPARSE, "%s has no column %s%s%s, which %s needs; it has: %s",
                           path, input, other ? " and no " : "", other ? other : "", w->row->name,
                           names);
    }
    return TD_OK;
}

static enum td_err load_inputs(const struct td_run *run, const char *path, struct work *w,
                               struct td_fail *why)
{
    struct td_columns_file *f = NULL;
    int columns[TD_IND_INPUTS_MAX] = {0};
    enum td_err err = td_columns_open(&f, run->world, path, why);
    if (!err)
        err = find_columns(f, w, path, columns, why);
    if (!err)
        err = td_columns_load(f, columns, td_indicator_inputs(w->row), w->in, &w->rows, why);
    td_columns_close(f);
    const int32_t lookback = td_indicator_lookback(w->row, w->params);
    if (!err && w->rows <= (size_t)lookback)
        err = td_fail_set(why, TD_ENODATA, "%s has %zu rows; %s has its first value with row %d",
                          path, w->rows, w->row->name, lookback + 1);
    return err;
}

static enum td_err begin_state(struct work *w, struct td_fail *why)
{
    const size_t size = td_indicator_state_size(w->row, w->params);
    w->state = malloc(size);
    bool has = w->state != NULL;
    for (int k = 0; k < td_indicator_outputs(w->row) && has; k++)
        has = (w->out[k] = malloc(w->rows * sizeof(double))) != NULL;
    if (!has)
        return td_fail_set(why, TD_ENOMEM, "%zu rows", w->rows);
    td_indicator_init(w->row, w->params, w->state);
    return TD_OK;
}

static void compute(struct work *w, bool stream)
{
    const int inputs = td_indicator_inputs(w->row), outputs = td_indicator_outputs(w->row);
    if (!stream) {
        td_indicator_batch(w->row, w->state, (const double *const *)w->in, w->out, w->rows);
        return;
    }
    for (size_t i = 0; i < w->rows; i++) {
        double in[TD_IND_INPUTS_MAX], out[TD_IND_OUTPUTS_MAX];
        for (int k = 0; k < inputs; k++)
            in[k] = w->in[k][i];
        const enum td_err err = td_indicator_step(w->row, w->state, in, out);
        for (int k = 0; k < outputs; k++)
            w->out[k][i] = err ? (double)NAN : out[k];
    }
}

/* Ends early when nobody reads on, as print_table does. */
static void print_json(const struct work *w, struct td_text *t)
{
    struct td_json j;
    td_json_init(&j, t, false);
    td_json_object(&j);
    for (int k = 0; k < td_indicator_outputs(w->row); k++) {
        td_json_key(&j, w->row->outputs[k]);
        td_json_array(&j);
        for (size_t i = 0; i < w->rows; i++) {
            td_json_double(&j, w->out[k][i]);
            if (!flush(t, 256))
                return;
        }
        td_json_array_end(&j);
    }
    td_json_object_end(&j);
    td_text_char(t, '\n');
    (void)td_cmd_print(t);
}

static void print_table(const struct work *w, struct td_text *t)
{
    struct td_json number;
    td_text_put(t, "bar");
    for (int k = 0; k < td_indicator_outputs(w->row); k++)
        td_text_printf(t, ",%s", w->row->outputs[k]);
    td_text_char(t, '\n');
    for (size_t i = 0; i < w->rows; i++) {
        td_text_i64(t, (int64_t)i);
        for (int k = 0; k < td_indicator_outputs(w->row); k++) {
            td_text_char(t, ',');
            td_json_init(&number, t, false);
            if (isfinite(w->out[k][i]))
                td_json_double(&number, w->out[k][i]);
        }
        td_text_char(t, '\n');
        if (!flush(t, 512))
            return;
    }
    (void)td_cmd_print(t);
}

static enum td_err give(const struct td_run *run, const struct args *args, const struct work *w,
                        struct td_fail *why)
{
    struct td_text t;
    td_text_init(&t, bytes, sizeof bytes);
    if (args->out) {
        const struct td_columns_out data = {.names = w->row->outputs,
                                            .values = (const double *const *)w->out,
                                            .count = td_indicator_outputs(w->row),
                                            .rows = w->rows};
        const enum td_err err = td_columns_write(run->world, args->out, &data, why);
        if (err)
            return err;
    }
    if (args->json || !args->out) {
        if (args->json)
            print_json(w, &t);
        else
            print_table(w, &t);
        return TD_OK;
    }
    td_text_printf(&t, "%s: %s over %zu rows\n", args->out, w->row->name, w->rows);
    (void)td_cmd_print(&t);
    return TD_OK;
}

static enum td_err compute_file(const struct td_run *run, const struct args *args,
                                struct td_fail *why)
{
    struct work w = {0};
    enum td_err err = find_row(run, &w.row, why);
    if (!err)
        err = read_params(w.row, args, w.params, why);
    if (!err && (!args->in || !*args->in))
        err = td_fail_set(why, TD_EINVAL, "run needs --in FILE (CSV, Parquet or Feather)");
    if (!err)
        err = load_inputs(run, args->in, &w, why);
    if (!err)
        err = begin_state(&w, why);
    if (!err) {
        compute(&w, args->stream);
        err = give(run, args, &w, why);
    }
    end_work(&w);
    return err;
}

int cmd_indicators(struct td_run *run, void *arguments)
{
    const struct args *args = arguments;
    struct td_fail why = {0};
    enum td_err err;
    const char *action = run->operands->count > 0 ? run->operands->items[0] : "";
    if (strcmp(action, "list") == 0 && run->operands->count == 1)
        return list(args);
    if (strcmp(action, "describe") == 0)
        err = describe(run, args, &why);
    else if (strcmp(action, "run") == 0)
        err = compute_file(run, args, &why);
    else
        err = td_fail_set(&why, TD_EINVAL, "expected list, describe NAME or run NAME, not \"%s\"",
                          action);
    return err ? td_cmd_fail(run, &why) : 0;
}
