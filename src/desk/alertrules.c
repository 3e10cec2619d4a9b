/* desk/alertrules.c - the tables, the comparison, and what a look tells. */
#include "desk/alertrules.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define METRIC_ROW(name, word, older, unit, meaning) {word, older, unit, meaning},
static const struct {
    const char *word, *older, *unit, *meaning;
} metrics[] = {TD_METRICS(METRIC_ROW)};
#undef METRIC_ROW

#define COMPARISON_ROW(name, word, sign) {word, sign},
static const struct {
    const char *word, *sign;
} comparisons[] = {TD_COMPARISONS(COMPARISON_ROW)};
#undef COMPARISON_ROW

const char *td_metric_word(enum td_metric metric)
{
    return metrics[metric].word;
}

const char *td_metric_older(enum td_metric metric)
{
    return metrics[metric].older;
}

const char *td_metric_unit(enum td_metric metric)
{
    return metrics[metric].unit;
}

const char *td_metric_meaning(enum td_metric metric)
{
    return metrics[metric].meaning;
}

const char *td_comparison_word(enum td_comparison comparison)
{
    return comparisons[comparison].word;
}

const char *td_comparison_sign(enum td_comparison comparison)
{
    return comparisons[comparison].sign;
}

const char *td_severity_word(enum td_severity severity)
{
    static const char *const words[TD_SEVERITY_COUNT] = {"info", "warning", "error", "critical"};
    return words[severity];
}

bool td_compare(enum td_comparison comparison, double value, double threshold)
{
    switch (comparison) {
    case TD_COMPARISON_GREATER:
        return value > threshold;
    case TD_COMPARISON_GREATER_EQUAL:
        return value >= threshold;
    case TD_COMPARISON_LESS:
        return value < threshold;
    case TD_COMPARISON_LESS_EQUAL:
        return value <= threshold;
    case TD_COMPARISON_EQUAL:
        return value >= threshold && value <= threshold;
    case TD_COMPARISON_NOT_EQUAL:
        return value < threshold || value > threshold;
    case TD_COMPARISON_COUNT:
        break;
    }
    return false;
}

/* --- looking --- */

static void begin(struct td_rule_state *s, td_ns wall)
{
    s->firing = true;
    s->since = wall;
    s->told = 0;
    s->acknowledged = 0;
    s->note[0] = '\0';
}

void td_rules_look(struct td_rules *r, const double *values, const struct td_rules_at *at,
                   td_rules_fn *tell, void *arg)
{
    for (uint32_t i = 0; i < r->count; i++) {
        const struct td_rule *rule = &r->rows[i];
        struct td_rule_state *s = &r->states[i];
        const double value = values[rule->metric];
        if (!rule->active || isnan(value))
            continue;
        s->value = value;
        if (!td_compare((enum td_comparison)rule->comparison, value, rule->threshold)) {
            const bool tells = s->firing && s->told;
            s->firing = false;
            if (tells)
                tell(arg, rule, s, true);
            continue;
        }
        if (!s->firing)
            begin(s, at->wall);
        if (s->acknowledged || (s->ever && at->mono - s->told_mono < rule->cooldown))
            continue;
        s->ever = true;
        s->told_mono = at->mono;
        s->told++;
        tell(arg, rule, s, false);
    }
}

enum td_err td_rules_acknowledge(struct td_rules *r, struct td_str name, struct td_str note,
                                 td_ns wall)
{
    for (uint32_t i = 0; i < r->count; i++) {
        struct td_rule_state *s = &r->states[i];
        if (!s->firing || !td_str_is(name, r->rows[i].name))
            continue;
        s->acknowledged = wall;
        (void)td_str_copy(note, s->note, sizeof s->note);
        return TD_OK;
    }
    return TD_ENOENT;
}

/* --- words --- */

enum word { WORD_NAME, WORD_METRIC, WORD_VALUE, WORD_THRESHOLD, WORD_SEVERITY, WORD_COUNT };

/* One "{word}" or "{word:.2f}" at p: what it is and how long. WORD_COUNT: none of ours. */
static enum word word_at(const char *p, size_t *len, int *decimals)
{
    static const char *const words[WORD_COUNT] = {"name", "metric", "value", "threshold",
                                                  "severity"};
    const char *end = strchr(p, '}');
    *decimals = -1;
    for (int w = 0; end && w < WORD_COUNT; w++) {
        const size_t n = strlen(words[w]);
        if (strncmp(p + 1, words[w], n) != 0)
            continue;
        const char *form = p + 1 + n;
        *len = (size_t)(end - p) + 1;
        if (form == end)
            return (enum word)w;
        if (end - form == 4 && form[0] == ':' && form[1] == '.' && form[2] >= '0' &&
            form[2] <= '9' && form[3] == 'f' && (w == WORD_VALUE || w == WORD_THRESHOLD)) {
            *decimals = form[2] - '0';
            return (enum word)w;
        }
    }
    return WORD_COUNT;
}

enum td_err td_rule_message_check(const char *message, size_t *at)
{
    size_t len;
    int decimals;
    for (const char *p = message; *p; p++) {
        *at = (size_t)(p - message);
        if (*p == '}' || (*p == '{' && word_at(p, &len, &decimals) == WORD_COUNT))
            return TD_EPARSE;
        if (*p == '{')
            p += len - 1;
    }
    return TD_OK;
}

static void put_number(struct td_text *t, double value, int decimals)
{
    if (decimals >= 0)
        td_text_printf(t, "%.*f", decimals, value);
    else
        td_text_printf(t, "%.10g", value);
}

void td_rule_text(const struct td_rule *rule, double value, char *out, size_t cap)
{
    static const char own[] = "{metric} is {value}, {threshold} is the limit";
    struct td_text t;
    size_t len = 0;
    int decimals;
    td_text_init(&t, out, cap);
    for (const char *p = rule->message[0] ? rule->message : own; *p; p++) {
        const enum word w = *p == '{' ? word_at(p, &len, &decimals) : WORD_COUNT;
        if (w == WORD_COUNT) {
            td_text_char(&t, *p);
            continue;
        }
        if (w == WORD_NAME)
            td_text_put(&t, rule->name);
        else if (w == WORD_METRIC)
            td_text_put(&t, td_metric_word((enum td_metric)rule->metric));
        else if (w == WORD_SEVERITY)
            td_text_put(&t, td_severity_word((enum td_severity)rule->severity));
        else
            put_number(&t, w == WORD_VALUE ? value : rule->threshold, decimals);
        p += len - 1;
    }
}
