/* history/export_manifest.c - the rules of an export manifest and of promotion. */
#include "history/export_manifest.h"

#include <cjson/cJSON.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/cell.h"
#include "store/datapath.h"
#include "wire/json.h"

#define ALLOWED "\"1.0\" and \"v1\""

static void note(struct td_export_notes *n, const char *format, ...) TD_PRINTF(2, 3);

static void note(struct td_export_notes *n, const char *format, ...)
{
    va_list args;
    if (n->count++ >= TD_EXPORT_NOTES)
        return;
    va_start(args, format);
    (void)vsnprintf(n->text[n->count - 1], sizeof n->text[0], format, args);
    va_end(args);
}

static const cJSON *member(const cJSON *o, const char *key)
{
    return o ? cJSON_GetObjectItemCaseSensitive(o, key) : NULL;
}

/* A text that is not empty, or NULL. */
static const char *text_of(const cJSON *o, const char *key)
{
    const cJSON *v = member(o, key);
    return cJSON_IsString(v) && v->valuestring[0] ? v->valuestring : NULL;
}

static bool number_of(const cJSON *o, const char *key, double *out)
{
    const cJSON *v = member(o, key);
    if (cJSON_IsNumber(v)) {
        *out = v->valuedouble;
        return true;
    }
    return cJSON_IsString(v) && td_double_parse(td_str_trim(td_str_of(v->valuestring)), out);
}

/* ---- the manifest ---- */

static const char *alias_of(const cJSON *model)
{
    return text_of(member(member(model, "metadata"), "production"), "alias");
}

static void check_version(const cJSON *root, struct td_export_verdict *v)
{
    const char *version = text_of(root, "schema_version");
    if (!version)
        note(&v->errors, "schema_version is missing; allowed are " ALLOWED);
    else if (strcmp(version, "1.0") != 0 && strcmp(version, "v1") != 0)
        note(&v->errors, "schema_version \"%.60s\" is not known; allowed are " ALLOWED, version);
}

static void check_model(const cJSON *root, struct td_export_verdict *v)
{
    const cJSON *model = member(root, "model");
    static const char *const keys[] = {"id", "version"};
    if (!cJSON_IsObject(model)) {
        note(&v->errors, "model is missing");
        return;
    }
    for (size_t i = 0; i < TD_COUNT(keys); i++)
        if (!text_of(model, keys[i]))
            note(&v->errors, "model.%s must be a text that is not empty", keys[i]);
    if (!alias_of(model))
        note(&v->errors, "model.metadata.production.alias must be a text that is not empty");
    if (text_of(model, "id"))
        (void)snprintf(v->model_id, sizeof v->model_id, "%s", text_of(model, "id"));
}

static void check_artifacts(const cJSON *root, struct td_export_verdict *v)
{
    const cJSON *list = member(root, "artifacts"), *a;
    int i = 0;
    if (!cJSON_IsArray(list) || cJSON_GetArraySize(list) == 0) {
        note(&v->errors, "artifacts must be a list of at least one");
        return;
    }
    cJSON_ArrayForEach(a, list)
    {
        const cJSON *schema = member(a, "schema");
        if (!text_of(a, "type") || !text_of(a, "path"))
            note(&v->errors, "artifacts[%d] needs type and path", i);
        if (schema && !cJSON_IsObject(schema))
            note(&v->errors, "artifacts[%d].schema must be an object", i);
        i++;
    }
}

static void check_metrics(const cJSON *root, struct td_export_verdict *v)
{
    static const char *const keys[] = {"sharpe", "f1", "max_drawdown"};
    const cJSON *metrics = member(root, "metrics");
    double value;
    if (!cJSON_IsObject(metrics)) {
        note(&v->errors, "metrics is missing");
        return;
    }
    for (size_t i = 0; i < TD_COUNT(keys); i++)
        if (member(metrics, keys[i]) && !number_of(metrics, keys[i], &value))
            note(&v->errors, "metrics.%s is no number", keys[i]);
}

/* ---- promotion ---- */

static bool is_file(struct td_world *world, const char *path)
{
    return td_entry_at(world, path) == TD_ENTRY_FILE;
}

/* Where the rule is, into v->rule; false: nowhere. */
static bool find_rule(struct td_world *world, const struct td_export_options *o,
                      struct td_export_verdict *v)
{
    static const char *const below[] = {"rules/promotion.rule.json", "promotion.rule.json"};
    if (o->rule) {
        (void)snprintf(v->rule, sizeof v->rule, "%s", o->rule);
        return true; /* a missing one is told when it is read */
    }
    (void)snprintf(v->rule, sizeof v->rule, "promotion.rule.json");
    if (is_file(world, v->rule))
        return true;
    for (size_t i = 0; o->contracts && *o->contracts && i < TD_COUNT(below); i++)
        if (td_path_join(v->rule, sizeof v->rule, o->contracts, below[i]) &&
            is_file(world, v->rule))
            return true;
    v->rule[0] = '\0';
    return false;
}

static cJSON *load_json(struct td_world *world, const char *path, enum td_err *err,
                        struct td_fail *why)
{
    size_t len = 0;
    cJSON *root = NULL;
    char *buf = malloc(TD_EXPORT_FILE);
    *err = buf ? td_file_slurp(world, path, buf, TD_EXPORT_FILE, &len, why)
               : td_fail_set(why, TD_ENOMEM, "%s: out of memory", path);
    if (!*err)
        root = cJSON_ParseWithLength(buf, len);
    free(buf);
    return root;
}

static void check_thresholds(struct td_world *world, const struct td_export_options *o,
                             const cJSON *root, struct td_export_verdict *v)
{
    static const struct {
        const char *metric, *key;
        double preset;
    } rows[] = {{"sharpe", "min_sharpe", 1.5},
                {"f1", "min_f1", 0.40},
                {"max_drawdown", "min_max_drawdown", -0.15}};
    enum td_err err;
    if (!find_rule(world, o, v)) {
        note(&v->warnings, "no promotion.rule.json; no threshold was checked");
        return;
    }
    cJSON *rule = load_json(world, v->rule, &err, NULL);
    if (!cJSON_IsObject(rule)) {
        note(&v->errors, "the rule %.160s cannot be read", v->rule);
        cJSON_Delete(rule);
        return;
    }
    for (size_t i = 0; i < TD_COUNT(rows); i++) {
        double limit = rows[i].preset, value;
        if (member(rule, rows[i].key) && !number_of(rule, rows[i].key, &limit))
            note(&v->errors, "the rule's %s is no number", rows[i].key);
        if (!number_of(member(root, "metrics"), rows[i].metric, &value))
            note(&v->errors, "metrics.%s is missing; the rule needs at least %g", rows[i].metric,
                 limit);
        else if (!(value >= limit))
            note(&v->errors, "metrics.%s %g is below the rule's %g", rows[i].metric, value, limit);
    }
    cJSON_Delete(rule);
}

static void check_alias_file(struct td_world *world, const struct td_export_options *o,
                             const cJSON *root, struct td_export_verdict *v)
{
    char path[800], held[256];
    size_t len = 0;
    const char *alias = alias_of(member(root, "model"));
    if (!o->model_dir)
        return;
    if (!td_path_join(path, sizeof path, o->model_dir, "production.alias") ||
        td_file_slurp(world, path, held, sizeof held, &len, NULL) != TD_OK) {
        note(&v->errors, "%.160s/production.alias is missing or cannot be read", o->model_dir);
        return;
    }
    if (alias && !td_str_is(td_str_trim((struct td_str){held, len}), alias))
        note(o->legacy ? &v->warnings : &v->errors,
             "production.alias holds another alias than the manifest's \"%.60s\"", alias);
}

/* The keys that go through to the result as they are. */
static char *context_of(const cJSON *root)
{
    static const char *const keys[] = {"run_id", "symbols", "symbol", "data_window"};
    cJSON *o = cJSON_CreateObject();
    for (size_t i = 0; o && i < TD_COUNT(keys); i++) {
        const cJSON *value = member(root, keys[i]);
        (void)cJSON_AddItemToObject(o, keys[i],
                                    value ? cJSON_Duplicate(value, true) : cJSON_CreateNull());
    }
    char *text = o ? cJSON_PrintUnformatted(o) : NULL;
    cJSON_Delete(o);
    return text;
}

enum td_err td_export_validate(struct td_world *world, const struct td_export_options *o,
                               struct td_export_verdict *v, struct td_fail *why)
{
    enum td_err err = TD_OK;
    memset(v, 0, sizeof *v);
    cJSON *root = o->manifest ? load_json(world, o->manifest, &err, why)
                              : cJSON_ParseWithLength(o->json.p, o->json.len);
    if (err)
        return err;
    if (cJSON_IsObject(root)) {
        check_version(root, v);
        check_model(root, v);
        check_artifacts(root, v);
        check_metrics(root, v);
        check_alias_file(world, o, root, v);
        check_thresholds(world, o, root, v);
        v->context = context_of(root);
    } else {
        note(&v->errors, "the manifest is no JSON object");
    }
    cJSON_Delete(root);
    v->ok = v->errors.count == 0;
    return TD_OK;
}

void td_export_verdict_fini(struct td_export_verdict *v)
{
    free(v->context);
    v->context = NULL;
}

/* ---- building ---- */

void td_export_make(const struct td_export_build *b, struct td_text *out)
{
    static const char *const names[] = {"sharpe", "f1", "max_drawdown"};
    const double values[] = {b->sharpe, b->f1, b->max_drawdown};
    struct td_json j;
    td_json_init(&j, out, true);
    td_json_object(&j);
    td_json_key_text(&j, "schema_version", "1.0");
    td_json_key(&j, "model");
    td_json_object(&j);
    td_json_key_text(&j, "id", b->model_id);
    td_json_key_text(&j, "version", b->version);
    td_json_key(&j, "metadata");
    td_json_object(&j);
    if (b->alias) {
        td_json_key(&j, "production");
        td_json_object(&j);
        td_json_key_text(&j, "alias", b->alias);
        td_json_object_end(&j);
    }
    td_json_object_end(&j);
    td_json_object_end(&j);
    td_json_key(&j, "artifacts");
    td_json_array(&j);
    td_json_object(&j);
    td_json_key_text(&j, "type", b->artifact_type);
    td_json_key_text(&j, "path", b->artifact_path);
    td_json_object_end(&j);
    td_json_array_end(&j);
    td_json_key(&j, "metrics");
    td_json_object(&j);
    for (size_t i = 0; i < TD_COUNT(names); i++) {
        td_json_key(&j, names[i]);
        td_json_double(&j, values[i]);
    }
    td_json_object_end(&j);
    td_json_object_end(&j);
    td_text_char(out, '\n');
}
