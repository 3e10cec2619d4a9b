/* cmd/manifest_cmd.c - export manifests of models: validate, build, metrics. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "history/export_manifest.h"
#include "wire/json.h"

struct args {
    const char *manifest, *rule, *model_dir, *model_id, *version, *artifact_type, *artifact_path,
        *out, *alias, *returns, *pnl, *style;
    int64_t f1_e9, equity_e9;
    bool validate, wandb, legacy, json;
};

#define TEXT_ROW(row_name, member, row_help)                                                       \
    {                                                                                              \
        .name = row_name, .type = TD_OPT_STR, .into = offsetof(struct args, member),               \
        .help = row_help                                                                           \
    }
#define PATH_ROW(row_name, member, row_help)                                                       \
    {                                                                                              \
        .name = row_name, .type = TD_OPT_PATH, .into = offsetof(struct args, member),              \
        .help = row_help                                                                           \
    }
#define FLAG_ROW(row_name, member, row_help)                                                       \
    {                                                                                              \
        .name = row_name, .type = TD_OPT_FLAG, .into = offsetof(struct args, member),              \
        .help = row_help                                                                           \
    }

const struct td_opt cmd_manifest_options[] = {
    PATH_ROW("manifest", manifest, "validate: the manifest"),
    PATH_ROW("rule", rule, "validate: promotion rule; else ./promotion.rule.json, CONTRACTS_DIR"),
    PATH_ROW("model-dir", model_dir, "validate: folder whose production.alias must hold the alias"),
    FLAG_ROW("legacy", legacy, "validate: another content of production.alias only warns"),
    TEXT_ROW("model-id", model_id, "build: name of the model"),
    TEXT_ROW("version", version, "build: version of the model"),
    TEXT_ROW("artifact-type", artifact_type, "build: what the artifact is, e.g. onnx"),
    PATH_ROW("artifact-path", artifact_path, "build: where the artifact is"),
    PATH_ROW("out", out, "build: the manifest to write"),
    TEXT_ROW("production-alias", alias, "build: alias in production"),
    TEXT_ROW("returns", returns, "build, metrics: returns of periods, 0.01,-0.02 or a CSV file"),
    TEXT_ROW("pnl", pnl, "build, metrics: profit and loss in money, numbers or a CSV file"),
    {.name = "f1",
     .type = TD_OPT_NUM,
     .preset = "0.0",
     .low = -1,
     .high = 1,
     .into = offsetof(struct args, f1_e9),
     .help = "build: F1 score"},
    {.name = "starting-equity",
     .type = TD_OPT_NUM,
     .preset = "1.0",
     .low = 0,
     .high = 9000000000,
     .into = offsetof(struct args, equity_e9),
     .help = "build, metrics: money that --pnl is added to"},
    {.name = "style",
     .type = TD_OPT_STR,
     .preset = "tf1",
     .choices = "tf1|trading",
     .into = offsetof(struct args, style),
     .help = "metrics: names of the keys"},
    FLAG_ROW("validate", validate, "build: check first; what does not pass is not written"),
    FLAG_ROW("wandb", wandb, "build: accepted from old scripts; nothing is sent anywhere"),
    FLAG_ROW("json", json, "the output is JSON in any case"),
    {0},
};
_Static_assert(sizeof(struct args) <= TD_CMD_ARGS_MAX, "arguments fit");

static void put_notes(struct td_json *j, const char *key, const struct td_export_notes *n)
{
    td_json_key(j, key);
    td_json_array(j);
    for (size_t i = 0; i < n->count && i < TD_EXPORT_NOTES; i++)
        td_json_text(j, n->text[i]);
    td_json_array_end(j);
}

/* The context is an object of its own; its members go into ours. */
static void put_verdict(struct td_text *t, const struct td_export_verdict *v, double ms)
{
    struct td_json j;
    td_json_init(&j, t, false);
    td_json_object(&j);
    td_json_key_bool(&j, "ok", v->ok);
    put_notes(&j, "errors", &v->errors);
    put_notes(&j, "warnings", &v->warnings);
    td_json_key_text(&j, "model_id", *v->model_id ? v->model_id : NULL);
    td_json_key_text(&j, "rule", *v->rule ? v->rule : NULL);
    td_json_key(&j, "stage_latency_ms");
    td_json_object(&j);
    td_json_key(&j, "validation");
    td_json_double(&j, ms);
    td_json_object_end(&j);
    td_json_object_end(&j);
    const struct td_str context = td_str_of(v->context);
    if (context.len > 2 && t->len > 0) {
        t->len--; /* the closing brace */
        td_text_char(t, ',');
        td_text_str(t, (struct td_str){context.p + 1, context.len - 1});
    }
    td_text_char(t, '\n');
}

static enum td_err judge(const struct td_run *run, const struct td_export_options *o, bool *ok,
                         struct td_fail *why)
{
    static struct td_export_verdict v;
    const td_ns start = td_world_mono(run->world);
    enum td_err err = td_export_validate(run->world, o, &v, why);
    if (err)
        return err;
    const double ms = (double)((td_world_mono(run->world) - start) / 1000) / 1000;
    const size_t need = 65536 + 2 * strlen(v.context ? v.context : "");
    char *buf = malloc(need);
    struct td_text t;
    if (buf) {
        td_text_init(&t, buf, need);
        put_verdict(&t, &v, ms);
        err = td_cmd_print(&t) ? TD_OK : TD_EIO;
    }
    *ok = v.ok;
    free(buf);
    td_export_verdict_fini(&v);
    return buf ? err : td_fail_set(why, TD_ENOMEM, "out of memory");
}

static enum td_err validate(const struct td_run *run, const struct args *args, bool *ok,
                            struct td_fail *why)
{
    const struct td_export_options o = {.manifest = args->manifest,
                                        .rule = args->rule,
                                        .model_dir = args->model_dir,
                                        .contracts = run->settings->contracts_folder,
                                        .legacy = args->legacy};
    if (!args->manifest)
        return td_fail_set(why, TD_EINVAL, "validate: --manifest is missing");
    return judge(run, &o, ok, why);
}

/* Of --returns, else of --pnl; zeros without both. */
static enum td_err measure(const struct td_run *run, const struct args *args,
                           struct td_export_metrics *m, struct td_fail *why)
{
    double *v = NULL;
    size_t n = 0;
    *m = (struct td_export_metrics){0};
    if (args->returns && args->pnl)
        return td_fail_set(why, TD_EINVAL, "--returns or --pnl, not both");
    if (args->equity_e9 <= 0)
        return td_fail_set(why, TD_EINVAL, "--starting-equity must be above 0");
    if (!args->returns && !args->pnl)
        return TD_OK;
    const enum td_err err =
        td_export_numbers(run->world, args->returns ? args->returns : args->pnl, &v, &n, why);
    if (err)
        return td_fail_add(why, err, "%s", args->returns ? "--returns" : "--pnl");
    *m = args->returns ? td_export_of_returns(v, n)
                       : td_export_of_pnl(v, n, td_e9_to_double(args->equity_e9));
    free(v);
    return TD_OK;
}

static enum td_err metrics(const struct td_run *run, const struct args *args, struct td_fail *why)
{
    static const char *const names[][3] = {{"sharpe", "max_drawdown", "total_return"},
                                           {"sharpe_ratio", "max_drawdown", "total_return"}};
    struct td_export_metrics m;
    char text[1024];
    struct td_text t;
    struct td_json j;
    if (!args->returns && !args->pnl)
        return td_fail_set(why, TD_EINVAL, "metrics: --returns or --pnl is missing");
    const enum td_err err = measure(run, args, &m, why);
    if (err)
        return err;
    const char *const *keys = names[strcmp(args->style, "trading") == 0];
    const double values[] = {m.sharpe, m.max_drawdown, m.total};
    td_text_init(&t, text, sizeof text);
    td_json_init(&j, &t, false);
    td_json_object(&j);
    for (size_t i = 0; i < TD_COUNT(values); i++) {
        td_json_key(&j, keys[i]);
        td_json_double(&j, values[i]);
    }
    td_json_key_i64(&j, "count", (int64_t)m.count);
    td_json_object_end(&j);
    td_text_char(&t, '\n');
    return td_cmd_print(&t) ? TD_OK : TD_EIO;
}

static enum td_err need_all(const struct args *args, struct td_fail *why)
{
    const struct {
        const char *name, *value;
    } rows[] = {{"--model-id", args->model_id},
                {"--version", args->version},
                {"--artifact-type", args->artifact_type},
                {"--artifact-path", args->artifact_path},
                {"--out", args->out}};
    for (size_t i = 0; i < TD_COUNT(rows); i++)
        if (!rows[i].value)
            return td_fail_set(why, TD_EINVAL, "build: %s is missing", rows[i].name);
    return TD_OK;
}

static enum td_err build(const struct td_run *run, const struct args *args, bool *ok,
                         struct td_fail *why)
{
    static char text[65536];
    struct td_text t;
    struct td_export_metrics m;
    enum td_err err = need_all(args, why);
    if (!err)
        err = measure(run, args, &m, why);
    if (err)
        return err;
    const struct td_export_build b = {
        args->model_id, args->version, args->artifact_type,          args->artifact_path,
        args->alias,    m.sharpe,      td_e9_to_double(args->f1_e9), m.max_drawdown};
    td_text_init(&t, text, sizeof text);
    td_export_make(&b, &t);
    if (td_text_full(&t))
        return td_fail_set(why, TD_ERANGE, "build: the texts are too long");
    if (args->wandb)
        (void)fprintf(stderr, "tapedeck manifest: --wandb: nothing is sent anywhere\n");
    const struct td_export_options o = {.json = {t.buf, t.len},
                                        .rule = args->rule,
                                        .model_dir = args->model_dir,
                                        .contracts = run->settings->contracts_folder,
                                        .legacy = args->legacy};
    if (args->validate && ((err = judge(run, &o, ok, why)) != TD_OK || !*ok))
        return err;
    err = td_file_replace(run->world, args->out, (struct td_str){t.buf, t.len}, why);
    if (!err && !args->validate && !td_cmd_print(&t))
        err = TD_EIO;
    return err;
}

/* The first word, or what the old name of the tool means. */
static const char *action_of(const struct td_run *run)
{
    static const char *const names[][2] = {{"validate_export_manifest", "validate"},
                                           {"build_export_manifest", "build"},
                                           {"evaluate_and_emit_metrics", "metrics"}};
    for (size_t i = 0; i < TD_COUNT(names); i++)
        if (strcmp(run->called, names[i][0]) == 0)
            return names[i][1];
    return run->operands->count == 1 ? run->operands->items[0] : "";
}

int cmd_manifest(struct td_run *run, void *arguments)
{
    const struct args *args = arguments;
    const char *action = action_of(run);
    struct td_fail why = {0};
    bool ok = true;
    enum td_err err;
    if (strcmp(action, "validate") == 0)
        err = validate(run, args, &ok, &why);
    else if (strcmp(action, "build") == 0)
        err = build(run, args, &ok, &why);
    else if (strcmp(action, "metrics") == 0)
        err = metrics(run, args, &why);
    else
        err = td_fail_set(&why, TD_EINVAL, "one word: validate, build or metrics");
    if (err)
        return td_cmd_fail(run, &why);
    return ok ? 0 : 1;
}
