/* desk/monitoring.c - one function per member of a rule, and a table of them. */
#include "desk/monitoring.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

struct reader {
    const char *path, *bytes;
    const char *rule, *member; /* being read */
    struct td_fail *why;
};

/* cJSON keeps no places: the first name of the rule behind "alerts", and of the member behind that. */
static int line_of(const struct reader *f)
{
    char name[80];
    const char *at = strstr(f->bytes, "\"alerts\""), *next;
    int line = 1;
    if (!at)
        at = strstr(f->bytes, "\"monitoring\"");
    const char *const names[] = {f->rule, f->member};
    for (size_t i = 0; i < TD_COUNT(names) && at; i++) {
        (void)snprintf(name, sizeof name, "\"%.70s\"", names[i] ? names[i] : "");
        next = names[i] ? strstr(at, name) : NULL;
        at = next ? next : at;
    }
    for (const char *p = f->bytes; at && p < at; p++)
        line += *p == '\n';
    return line;
}

static enum td_err refuse(const struct reader *f, const char *expected)
{
    return td_fail_set(f->why, TD_EPARSE, "%s:%d: alerts.%s.%s: expected %s", f->path, line_of(f),
                       f->rule ? f->rule : "-", f->member ? f->member : "-", expected);
}

/* --- members --- */

typedef enum td_err take_fn(const struct reader *f, const cJSON *v, struct td_rule *out);

static enum td_err take_metric(const struct reader *f, const cJSON *v, struct td_rule *out)
{
    char words[600];
    struct td_text t;
    td_text_init(&t, words, sizeof words);
    td_text_put(&t, "one of");
    for (int m = 0; m < TD_METRIC_COUNT; m++) {
        const char *word = td_metric_word((enum td_metric)m),
                   *older = td_metric_older((enum td_metric)m);
        if (cJSON_IsString(v) &&
            (strcmp(v->valuestring, word) == 0 || (*older && strcmp(v->valuestring, older) == 0))) {
            out->metric = (uint8_t)m;
            return TD_OK;
        }
        td_text_printf(&t, " %s", word);
    }
    return refuse(f, words);
}

static enum td_err take_comparison(const struct reader *f, const cJSON *v, struct td_rule *out)
{
    for (int c = 0; c < TD_COMPARISON_COUNT && cJSON_IsString(v); c++)
        if (strcmp(v->valuestring, td_comparison_word((enum td_comparison)c)) == 0 ||
            strcmp(v->valuestring, td_comparison_sign((enum td_comparison)c)) == 0) {
            out->comparison = (uint8_t)c;
            return TD_OK;
        }
    return refuse(f, "greater_than, greater_or_equal, less_than, less_or_equal, equal, not_equal, "
                     "or their signs");
}

static enum td_err take_severity(const struct reader *f, const cJSON *v, struct td_rule *out)
{
    for (int s = 0; s < TD_SEVERITY_COUNT && cJSON_IsString(v); s++)
        if (strcmp(v->valuestring, td_severity_word((enum td_severity)s)) == 0) {
            out->severity = (uint8_t)s;
            return TD_OK;
        }
    return refuse(f, "info, warning, error or critical");
}

static enum td_err take_threshold(const struct reader *f, const cJSON *v, struct td_rule *out)
{
    if (!cJSON_IsNumber(v) || !isfinite(v->valuedouble) || fabs(v->valuedouble) > 1e15)
        return refuse(f, "a number");
    out->threshold = v->valuedouble;
    return TD_OK;
}

static enum td_err take_cooldown(const struct reader *f, const cJSON *v, struct td_rule *out)
{
    if (!cJSON_IsNumber(v) || !(v->valuedouble >= 0 && v->valuedouble <= 10080))
        return refuse(f, "minutes from 0 to 10080");
    out->cooldown = (td_ns)(v->valuedouble * 60) * TD_SEC;
    return TD_OK;
}

static enum td_err take_message(const struct reader *f, const cJSON *v, struct td_rule *out)
{
    size_t at = 0;
    if (!cJSON_IsString(v) ||
        !td_str_copy(td_str_of(v->valuestring), out->message, sizeof out->message))
        return refuse(f, "a text of at most 199 bytes");
    for (const char *p = out->message; *p; p++)
        if ((unsigned char)*p < ' ')
            return refuse(f, "a text without control characters");
    return td_rule_message_check(out->message, &at) == TD_OK
               ? TD_OK
               : refuse(f, "braces around name, metric, value, threshold or severity alone");
}

static enum td_err take_active(const struct reader *f, const cJSON *v, struct td_rule *out)
{
    if (!cJSON_IsBool(v))
        return refuse(f, "true or false");
    out->active = cJSON_IsTrue(v);
    return TD_OK;
}

static const struct {
    const char *name;
    take_fn *take;
    bool needed;
} members[] = {
    {"metric_type", take_metric, true},
    {"threshold", take_threshold, true},
    {"comparison", take_comparison, false},
    {"severity", take_severity, false},
    {"cooldown_minutes", take_cooldown, false},
    {"message_template", take_message, false},
    {"active", take_active, false},
};

/* --- a rule --- */

static bool is_name(const char *text)
{
    const size_t n = strlen(text);
    for (const char *p = text; *p; p++)
        if (!((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || (*p >= '0' && *p <= '9') ||
              *p == '_' || *p == '-' || *p == '.'))
            return false;
    return n > 0 && n < TD_RULE_NAME;
}

static enum td_err take_members(struct reader *f, const cJSON *object, struct td_rule *out)
{
    unsigned seen = 0;
    const cJSON *v;
    cJSON_ArrayForEach(v, object)
    {
        size_t m = 0;
        f->member = v->string;
        while (m < TD_COUNT(members) && strcmp(members[m].name, v->string) != 0)
            m++;
        if (m == TD_COUNT(members))
            return refuse(f, "metric_type, threshold, comparison, severity, cooldown_minutes, "
                             "message_template or active");
        if (seen >> m & 1)
            return refuse(f, "it once: it is there twice");
        seen |= 1u << m;
        const enum td_err err = members[m].take(f, v, out);
        if (err)
            return err;
    }
    for (size_t m = 0; m < TD_COUNT(members); m++) {
        f->member = members[m].name;
        if (members[m].needed && !(seen >> m & 1))
            return refuse(f, "it to be there");
    }
    return TD_OK;
}

static enum td_err take_rule(struct reader *f, const cJSON *object, struct td_monitoring *out)
{
    f->rule = object->string;
    f->member = NULL;
    if (!is_name(object->string))
        return refuse(f, "a name of letters, digits, '_', '-' and '.', 47 at most");
    if (!cJSON_IsObject(object))
        return refuse(f, "an object");
    for (uint32_t i = 0; i < out->count; i++)
        if (strcmp(out->rules[i].name, object->string) == 0)
            return refuse(f, "a rule once: it is there twice");
    if (out->count == TD_RULES_MAX)
        return td_fail_set(f->why, TD_ERANGE, "%s:%d: more than %d alert rules", f->path,
                           line_of(f), TD_RULES_MAX);
    struct td_rule *rule = &out->rules[out->count++];
    *rule = (struct td_rule){.comparison = TD_COMPARISON_GREATER,
                             .severity = TD_SEVERITY_WARNING,
                             .active = true,
                             .cooldown = 5 * TD_MIN};
    (void)snprintf(rule->name, sizeof rule->name, "%s", object->string);
    return take_members(f, object, rule);
}

/* --- the object --- */

static enum td_err find(const struct reader *f, const cJSON *in, const char *name,
                        const cJSON **out)
{
    const cJSON *item;
    cJSON_ArrayForEach(item, in)
    {
        if (!item->string || strcmp(item->string, name) != 0)
            continue;
        if (*out)
            return td_fail_set(f->why, TD_EPARSE, "%s:%d: \"%s\" is there twice", f->path,
                               line_of(f), name);
        *out = item;
    }
    return TD_OK;
}

static enum td_err take_group(const struct reader *f, const cJSON *group, struct td_monitoring *out)
{
    const cJSON *enabled = NULL, *interval = NULL;
    enum td_err err = find(f, group, "enabled", &enabled);
    if (!err)
        err = find(f, group, "interval", &interval);
    if (err)
        return err;
    if (!cJSON_IsObject(group))
        return td_fail_set(f->why, TD_EPARSE, "%s:%d: monitoring must be an object", f->path,
                           line_of(f));
    if (enabled && !cJSON_IsBool(enabled))
        return td_fail_set(f->why, TD_EPARSE, "%s:%d: monitoring.enabled must be true or false",
                           f->path, line_of(f));
    if (interval &&
        (!cJSON_IsNumber(interval) ||
         !(interval->valuedouble >= 1 && interval->valuedouble <= TD_MONITORING_INTERVAL_MAX)))
        return td_fail_set(f->why, TD_EPARSE,
                           "%s:%d: monitoring.interval must be seconds from 1 to %d", f->path,
                           line_of(f), TD_MONITORING_INTERVAL_MAX);
    out->enabled = !enabled || cJSON_IsTrue(enabled);
    out->interval_s = interval ? (int32_t)interval->valuedouble : 0;
    return TD_OK;
}

enum td_err td_monitoring_take(const cJSON *all, const char *path, const char *bytes,
                               struct td_monitoring *out, struct td_fail *why)
{
    struct reader f = {.path = path, .bytes = bytes, .why = why};
    const cJSON *group = NULL, *rules = NULL, *rule;
    *out = (struct td_monitoring){.enabled = true};
    enum td_err err = find(&f, all, "monitoring", &group);
    if (!err)
        err = find(&f, all, "alerts", &rules);
    if (!err && group)
        err = take_group(&f, group, out);
    if (!err && group)
        err = find(&f, group, "alerts", &rules);
    if (err || !rules)
        return err;
    if (!cJSON_IsObject(rules))
        return td_fail_set(why, TD_EPARSE, "%s:%d: alerts must be an object of rules by name", path,
                           line_of(&f));
    cJSON_ArrayForEach(rule, rules)
    {
        err = take_rule(&f, rule, out);
        if (err)
            return err;
    }
    return TD_OK;
}
