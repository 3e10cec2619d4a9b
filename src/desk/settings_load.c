/* desk/settings_load.c - from the environment and `.env` to settings: all of them or none, with the line of what is wrong. */
#include "desk/settings.h"

struct lookup {
    const struct td_environ *env;
    const bool *exported; /* by row; NULL: the process is asked */
    const char *key;      /* asked for last */
};

static size_t row_of(const char *key)
{
    for (size_t i = 0; td_settings_table[i].name; i++)
        if (strcmp(td_settings_table[i].name, key) == 0)
            return i;
    return TD_SETTINGS_MAX;
}

static const char *look_up(void *arg, const char *key)
{
    struct lookup *l = arg;
    enum td_origin source;
    l->key = key;
    if (!l->exported)
        return td_environ_get(l->env, key, &source);
    const size_t row = row_of(key);
    return row < TD_SETTINGS_MAX && l->exported[row] ? NULL : td_environ_in_file(l->env, key, NULL);
}

/* --- keys that are nearly ours --- */

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

/* One letter more, less or other, two neighbours in each other's place, or another case. */
static bool is_slip(struct td_str key, const char *name)
{
    const size_t n = strlen(name);
    size_t head = 0, tail = 0;
    while (head < key.len && head < n && lower(key.p[head]) == lower(name[head]))
        head++;
    while (tail < key.len - head && tail < n - head &&
           lower(key.p[key.len - 1 - tail]) == lower(name[n - 1 - tail]))
        tail++;
    const size_t left = key.len - head - tail, right = n - head - tail;
    return (left <= 1 && right <= 1) || (left == 2 && right == 2 && key.p[head] == name[head + 1] &&
                                         key.p[head + 1] == name[head]);
}

/* The later of two rows of one key; 0: there is one. */
static int32_t again(const struct td_environ *env, size_t first)
{
    for (size_t i = first + 1; i < env->count; i++)
        if (td_str_eq(env->keys[i], env->keys[first]))
            return env->lines[i];
    return 0;
}

static enum td_err check_keys(const struct td_environ *env, struct td_fail *why)
{
    for (size_t i = 0; i < env->count; i++) {
        const struct td_str key = env->keys[i];
        const char *near = NULL;
        bool ours = false;
        for (const struct td_opt *row = td_settings_table; row->name && !ours; row++) {
            ours = td_str_is(key, row->name);
            near = key.len >= 6 && is_slip(key, row->name) ? row->name : near;
        }
        if (!ours && near)
            return td_fail_set(why, TD_EINVAL, "%s:%d: unknown setting %.*s; did you mean %s?",
                               env->path, (int)env->lines[i], TD_STR_ARG(key), near);
        if (ours && again(env, i))
            return td_fail_set(why, TD_EINVAL, "%s:%d: %.*s stands in line %d already", env->path,
                               (int)again(env, i), TD_STR_ARG(key), (int)env->lines[i]);
    }
    return TD_OK;
}

/* --- settings that contradict each other --- */

enum relation { NOT_ABOVE, NOT_BELOW, NOT_EQUAL };

/* Numbers are compared when both were given: a preset contradicts nobody. Ports always: none may be both. */
static const struct pair {
    const char *a, *b;
    enum relation must;
    const char *why;
} pairs[] = {
    {"RISK_MAX_ORDER_NOTIONAL", "RISK_MAX_DAILY_NOTIONAL", NOT_ABOVE,
     "an order may not be worth more than the orders of a day"},
    {"PRICE_COLLAR_LOW_PCT", "PRICE_COLLAR_PCT", NOT_BELOW,
     "the collar of low prices may not be the narrower one"},
    {"IB_GATEWAY_CHECK_INTERVAL", "IB_GATEWAY_START_TIMEOUT", NOT_ABOVE,
     "a look may not come after the time is over"},
    {"IB_GATEWAY_LIVE_PORT", "IB_GATEWAY_PAPER_PORT", NOT_EQUAL, "a port is live or paper"},
    {"IB_GATEWAY_LIVE_PORT", "IB_PAPER_PORT", NOT_EQUAL, "a port is live or paper"},
    {"IB_LIVE_PORT", "IB_GATEWAY_PAPER_PORT", NOT_EQUAL, "a port is live or paper"},
    {"IB_LIVE_PORT", "IB_PAPER_PORT", NOT_EQUAL, "a port is live or paper"},
};

static bool is_given(const struct lookup *l, const char *key)
{
    enum td_origin source;
    if (l->exported && l->exported[row_of(key)])
        return true;
    const char *value =
        l->exported ? td_environ_in_file(l->env, key, NULL) : td_environ_get(l->env, key, &source);
    return value && *value;
}

static bool is_broken(const struct td_settings *s, const struct pair *p)
{
    const void *a = (const char *)s + td_settings_table[row_of(p->a)].into;
    const void *b = (const char *)s + td_settings_table[row_of(p->b)].into;
    if (p->must == NOT_EQUAL) {
        const char *x = *(const char *const *)a, *y = *(const char *const *)b;
        return x && y && *x && strcmp(x, y) == 0;
    }
    const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return p->must == NOT_ABOVE ? x > y : x < y;
}

static enum td_err check_pairs(const struct td_settings *s, const struct lookup *l,
                               struct td_fail *why)
{
    for (size_t i = 0; i < TD_COUNT(pairs); i++) {
        const struct pair *p = &pairs[i];
        int32_t line = 0;
        if (!is_broken(s, p) || (p->must != NOT_EQUAL && !(is_given(l, p->a) && is_given(l, p->b))))
            continue;
        (void)td_fail_set(why, TD_EINVAL, "%s and %s contradict each other: %s", p->a, p->b,
                          p->why);
        if (td_environ_in_file(l->env, p->b, &line) || td_environ_in_file(l->env, p->a, &line))
            return td_fail_add(why, TD_EINVAL, "%s:%d", l->env->path, (int)line);
        return TD_EINVAL;
    }
    return TD_OK;
}

/* --- loading --- */

static enum td_err load(struct td_settings *out, struct lookup *l, struct td_fail *why)
{
    int32_t line = 0;
    enum td_err err = check_keys(l->env, why);
    if (err)
        return err;
    err = td_opt_defaults(td_settings_table, out, look_up, l, why);
    if (!err)
        return TD_OK;
    const char *value = l->key ? look_up(l, l->key) : NULL;
    if (value && td_environ_in_file(l->env, l->key, &line) == value)
        return td_fail_add(why, err, "%s:%d", l->env->path, (int)line);
    return td_fail_add(why, err, "environment");
}

enum td_err td_settings_load(struct td_settings *s, const struct td_environ *env,
                             struct td_fail *why)
{
    struct td_settings fresh = {0};
    struct lookup l = {.env = env};
    enum td_err err = load(&fresh, &l, why);
    if (!err)
        err = check_pairs(&fresh, &l, why);
    if (!err)
        td_settings_copy(s, &fresh);
    return err;
}

static size_t size_of(const struct td_opt *row)
{
    static const size_t sizes[] = {[TD_OPT_FLAG] = sizeof(bool),
                                   [TD_OPT_STR] = sizeof(char *),
                                   [TD_OPT_PATH] = sizeof(char *),
                                   [TD_OPT_INT] = sizeof(int64_t),
                                   [TD_OPT_NUM] = sizeof(int64_t),
                                   [TD_OPT_DATE] = sizeof(int64_t),
                                   [TD_OPT_LIST] = 0};
    return sizes[row->type];
}

void td_settings_copy(struct td_settings *to, const struct td_settings *from)
{
    if (to == from)
        return;
    *to = *from;
    td_opt_list_copy(&to->allowlist, &from->allowlist);
    td_opt_list_copy(&to->restricted, &from->restricted);
    td_opt_list_copy(&to->dash_names, &from->dash_names);
}

enum td_err td_settings_load_file(struct td_settings *s, const struct td_environ *env,
                                  const bool *exported, const struct td_settings *before,
                                  struct td_fail *why)
{
    struct td_settings fresh = {0};
    struct lookup l = {.env = env, .exported = exported};
    enum td_err err = load(&fresh, &l, why);
    if (err)
        return err;
    for (size_t i = 0; td_settings_table[i].name; i++) {
        const struct td_opt *row = &td_settings_table[i];
        if (!exported[i])
            continue;
        if (row->type == TD_OPT_LIST)
            td_opt_list_copy((struct td_opt_list *)((char *)&fresh + row->into),
                             (const struct td_opt_list *)((const char *)before + row->into));
        else
            memcpy((char *)&fresh + row->into, (const char *)before + row->into, size_of(row));
    }
    err = check_pairs(&fresh, &l, why);
    if (!err)
        td_settings_copy(s, &fresh);
    return err;
}
