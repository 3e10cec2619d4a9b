/* base/opt.c - the option table at work. */
#include "base/opt.h"

#include <stdio.h>

static void *member(void *args, const struct td_opt *row)
{
    return (char *)args + row->into;
}

void td_opt_form(const struct td_opt *row, struct td_text *out)
{
    static const char *const forms[] = {
        [TD_OPT_FLAG] = "",        [TD_OPT_STR] = "TEXT",   [TD_OPT_PATH] = "PATH",
        [TD_OPT_INT] = "N",        [TD_OPT_NUM] = "NUMBER", [TD_OPT_DATE] = "YYYY-MM-DD",
        [TD_OPT_LIST] = "NAME...",
    };
    td_text_put(out, row->choices ? row->choices : forms[row->type]);
}

void td_opt_range(const struct td_opt *row, struct td_text *out)
{
    const int64_t unit = TD_E9 / (row->per ? row->per : 1);
    if (!row->low && !row->high)
        return;
    if (!row->per) {
        td_text_printf(out, "%lld to %lld", (long long)row->low, (long long)row->high);
        return;
    }
    td_text_e9(out, row->low * unit);
    td_text_put(out, " to ");
    td_text_e9(out, row->high * unit);
}

/* The allowed form in the words of an error message. */
static enum td_err bad_value(const struct td_opt *row, const char *origin, const char *value,
                             struct td_fail *why)
{
    char form[256];
    struct td_text t;
    td_text_init(&t, form, sizeof form);
    td_opt_form(row, &t);
    if ((row->type == TD_OPT_INT || row->type == TD_OPT_NUM) && (row->low || row->high)) {
        td_text_put(&t, " from ");
        td_opt_range(row, &t);
    }
    if (row->type == TD_OPT_FLAG)
        td_text_put(&t, "1|0|true|false|yes|no|on|off");
    return td_fail_set(why, TD_EINVAL, "%s: \"%s\" is not allowed; expected %s", origin,
                       row->secret ? "***" : value, form);
}

static bool is_choice(const char *choices, struct td_str value)
{
    struct td_str rest = td_str_of(choices), one;
    while (td_str_split(&rest, '|', &one))
        if (td_str_eq(one, value))
            return true;
    return false;
}

static bool list_add(struct td_opt_list *list, struct td_str words)
{
    struct td_str word;
    size_t used = 0;
    if (list->count)
        used = (size_t)(list->items[list->count - 1] - list->text) +
               strlen(list->items[list->count - 1]) + 1;
    while (td_str_split(&words, ',', &word)) {
        word = td_str_trim(word);
        if (!word.len)
            continue;
        if (list->count == TD_OPT_LIST_MAX || used + word.len + 1 > sizeof list->text)
            return false;
        (void)td_str_copy(word, list->text + used, sizeof list->text - used);
        list->items[list->count++] = list->text + used;
        used += word.len + 1;
    }
    return true;
}

void td_opt_list_copy(struct td_opt_list *to, const struct td_opt_list *from)
{
    *to = *from;
    for (int32_t i = 0; i < from->count; i++) {
        const uintptr_t at = (uintptr_t)from->items[i], text = (uintptr_t)from->text;
        if (at >= text && at < text + sizeof from->text)
            to->items[i] = to->text + (at - text);
    }
}

/* A word as it stands: a statement or a file's name may have commas. */
static bool add_operand(struct td_opt_list *list, const char *word)
{
    if (list->count == TD_OPT_LIST_MAX)
        return false;
    list->items[list->count++] = word;
    return true;
}

static bool in_range(const struct td_opt *row, int64_t value, int64_t unit)
{
    return (!row->low && !row->high) || (value >= row->low * unit && value <= row->high * unit);
}

static bool set_number(const struct td_opt *row, struct td_str v, void *into)
{
    int64_t value = 0;
    bool ok = false;
    if (row->type == TD_OPT_INT)
        ok = td_i64_parse(v.p, v.len, &value) == TD_OK && in_range(row, value, 1);
    else if (row->type == TD_OPT_NUM)
        ok = td_e9_parse(v.p, v.len, &value) == TD_OK &&
             in_range(row, value, TD_E9 / (row->per ? row->per : 1));
    else
        ok = td_date_parse(v.p, v.len, &value) == TD_OK;
    if (ok)
        memcpy(into, &value, sizeof value);
    return ok;
}

static enum td_err set_value(const struct td_opt *row, void *args, const char *origin,
                             const char *value, struct td_fail *why)
{
    const struct td_str v = td_str_of(value);
    void *const into = member(args, row);
    bool ok = true;
    switch (row->type) {
    case TD_OPT_FLAG:
        ok = td_bool_parse(v, into) == TD_OK;
        break;
    case TD_OPT_STR:
    case TD_OPT_PATH:
        ok = !row->choices || is_choice(row->choices, v);
        if (ok)
            memcpy(into, &value, sizeof value);
        break;
    case TD_OPT_INT:
    case TD_OPT_NUM:
    case TD_OPT_DATE:
        ok = set_number(row, v, into);
        break;
    case TD_OPT_LIST:
        ok = list_add(into, v);
        break;
    }
    return ok ? TD_OK : bad_value(row, origin, value, why);
}

static void set_unset(const struct td_opt *row, void *args)
{
    const int64_t none = INT64_MIN;
    if (row->type == TD_OPT_DATE)
        memcpy(member(args, row), &none, sizeof none);
    if (row->type == TD_OPT_LIST)
        ((struct td_opt_list *)member(args, row))->count = 0;
}

enum td_err td_opt_defaults(const struct td_opt *table, void *args, td_opt_env_fn *env,
                            void *env_arg, struct td_fail *why)
{
    for (const struct td_opt *row = table; row->name; row++) {
        const char *value = row->env && env ? env(env_arg, row->env) : NULL;
        const bool from_env = value && *value;
        set_unset(row, args);
        if (!from_env)
            value = row->preset;
        if (!value)
            continue;
        const enum td_err err = set_value(row, args, from_env ? row->env : row->name, value, why);
        if (err)
            return err;
    }
    return TD_OK;
}

const char *td_opt_suggest(const struct td_opt *table, struct td_str name)
{
    const char *best = NULL;
    size_t best_distance = 3;
    for (const struct td_opt *row = table; row->name; row++) {
        /* Edit distance by one row of the usual table; option names are short. */
        size_t costs[64];
        const size_t n = strlen(row->name);
        if (n + 1 > TD_COUNT(costs) || name.len > 40)
            continue;
        for (size_t j = 0; j <= n; j++)
            costs[j] = j;
        for (size_t i = 1; i <= name.len; i++) {
            size_t diagonal = costs[0];
            costs[0] = i;
            for (size_t j = 1; j <= n; j++) {
                const size_t swap = diagonal + (name.p[i - 1] != row->name[j - 1]);
                const size_t cheaper = costs[j] < costs[j - 1] ? costs[j] + 1 : costs[j - 1] + 1;
                diagonal = costs[j];
                costs[j] = swap < cheaper ? swap : cheaper;
            }
        }
        if (costs[n] < best_distance) {
            best_distance = costs[n];
            best = row->name;
        }
    }
    return best;
}

/* One option word: its row, the value after '=', and whether it was --no-flag. */
struct option_word {
    const struct td_opt *row;
    const char *value;
    bool negated;
};

static bool find_long(const struct td_opt *table, const char *word, struct option_word *out)
{
    struct td_str rest = td_str_of(word + 2), name;
    if (!td_str_split(&rest, '=', &name))
        return false;
    *out = (struct option_word){.value = rest.p};
    for (const struct td_opt *row = table; row->name; row++) {
        const struct td_str bare = {name.p + 3, name.len < 3 ? 0 : name.len - 3};
        out->negated =
            row->type == TD_OPT_FLAG && td_str_starts(name, "no-") && td_str_is(bare, row->name);
        if (out->negated || td_str_is(name, row->name)) {
            out->row = row;
            return true;
        }
    }
    return false;
}

static bool find_option(const struct td_opt *table, const char *word, struct option_word *out)
{
    if (word[1] == '-')
        return find_long(table, word, out);
    *out = (struct option_word){0};
    for (const struct td_opt *row = table; row->name; row++)
        if (row->letter && row->letter == word[1] && word[2] == '\0') {
            out->row = row;
            return true;
        }
    return false;
}

static bool is_option(const char *word)
{
    return word[0] == '-' && word[1] != '\0' && !(word[1] >= '0' && word[1] <= '9') &&
           word[1] != '.';
}

static enum td_err unknown_option(const struct td_opt *table, const char *word, struct td_fail *why)
{
    struct td_str rest = td_str_of(word + (word[1] == '-' ? 2 : 1)), name = {0};
    (void)td_str_split(&rest, '=', &name);
    const char *closest = td_opt_suggest(table, name);
    if (closest)
        return td_fail_set(why, TD_EINVAL,
                           "unknown option %s; did you mean --%s? (--help lists all)", word,
                           closest);
    return td_fail_set(why, TD_EINVAL, "unknown option %s; --help lists what is allowed", word);
}

static enum td_err take_option(const struct option_word *w, void *args, int argc, char *const *argv,
                               int *at, struct td_fail *why)
{
    char origin[80];
    (void)snprintf(origin, sizeof origin, "--%s", w->row->name);
    if (w->row->type == TD_OPT_FLAG)
        return set_value(w->row, args, origin, w->value ? w->value : w->negated ? "0" : "1", why);
    if (w->row->type == TD_OPT_LIST && !w->row->adds)
        ((struct td_opt_list *)member(args, w->row))->count = 0;
    if (w->value)
        return set_value(w->row, args, origin, w->value, why);
    if (*at + 1 >= argc || (is_option(argv[*at + 1]) && strcmp(argv[*at + 1], "-") != 0))
        return bad_value(w->row, origin, "", why);
    do {
        const enum td_err err = set_value(w->row, args, origin, argv[++*at], why);
        if (err)
            return err;
    } while (w->row->type == TD_OPT_LIST && *at + 1 < argc && !is_option(argv[*at + 1]));
    return TD_OK;
}

enum td_err td_opt_parse(const struct td_opt *table, void *args, int argc, char *const *argv,
                         struct td_opt_list *operands, struct td_fail *why)
{
    bool only_operands = false;
    for (int i = 0; i < argc; i++) {
        struct option_word w;
        enum td_err err = TD_OK;
        if (!only_operands && strcmp(argv[i], "--") == 0) {
            only_operands = true;
        } else if (only_operands || !is_option(argv[i])) {
            if (!operands || !add_operand(operands, argv[i]))
                err = td_fail_set(why, TD_EINVAL, "unexpected word \"%s\"; options start with --",
                                  argv[i]);
        } else if (!find_option(table, argv[i], &w)) {
            err = unknown_option(table, argv[i], why);
        } else {
            err = take_option(&w, args, argc, argv, &i, why);
        }
        if (err)
            return err;
    }
    return TD_OK;
}

/* Whether an option that has no preset was given no value. Numbers always have one. */
static bool is_unset(const struct td_opt *row, const void *value)
{
    if (row->type == TD_OPT_LIST)
        return ((const struct td_opt_list *)value)->count == 0;
    if (row->type == TD_OPT_DATE)
        return *(const int64_t *)value == INT64_MIN;
    return (row->type == TD_OPT_STR || row->type == TD_OPT_PATH) && !*(const char *const *)value;
}

enum td_err td_opt_require(const struct td_opt *table, const void *args, struct td_fail *why)
{
    for (const struct td_opt *row = table; row->name; row++)
        if (row->required && is_unset(row, (const char *)args + row->into))
            return td_fail_set(why, TD_EINVAL, "--%s is required (%s)", row->name, row->help);
    return TD_OK;
}

void td_opt_help(const struct td_opt *table, struct td_text *out)
{
    for (const struct td_opt *row = table; row->name; row++) {
        char left[96];
        struct td_text t;
        td_text_init(&t, left, sizeof left);
        if (row->letter)
            td_text_printf(&t, "-%c, ", row->letter);
        td_text_printf(&t, "--%s", row->name);
        if (row->type != TD_OPT_FLAG) {
            td_text_char(&t, ' ');
            td_opt_form(row, &t);
        }
        td_text_printf(out, "  %-30s %s", left, row->help);
        if (row->low || row->high) {
            td_text_put(out, " (");
            td_opt_range(row, out);
            td_text_char(out, ')');
        }
        if (row->preset && *row->preset && !row->secret)
            td_text_printf(out, " [%s]", row->preset);
        if (row->env)
            td_text_printf(out, " {%s}", row->env);
        if (row->required)
            td_text_put(out, " (required)");
        td_text_char(out, '\n');
    }
}
