/* signal/micro_config.c - settings of the features of books: presets, ranges, text. */
#include "signal/micro.h"

#define SECOND 1000000000ll
#define DAY    (86400 * SECOND)

#define REAL 0
#define SETTING(member, size, preset, least, most, help)                                           \
    {                                                                                              \
#member, offsetof(struct td_micro_config, member), size, preset, least, most, help         \
    }

const struct td_micro_setting td_micro_settings[] = {
    SETTING(tick, REAL, 0.01, 1e-9, 9e9, "price step, unit of gaps and of micro_vol"),
    SETTING(interval_ns, 8, SECOND, 1, DAY, "interval of flow, returns, impact, spread_z"),
    SETTING(stale_ns, 8, 5 * SECOND, 1, DAY, "age at which a book is no longer in force"),
    SETTING(realised_ns, 8, 5 * SECOND, 1, DAY, "delay of realised_spread"),
    SETTING(sweep_qty, REAL, 100, 1e-9, 9e9, "size of sweep_buy and sweep_sell"),
    SETTING(bucket_qty, REAL, 10000, 1e-9, 9e9, "volume of a bucket of vpin"),
    SETTING(vpin_bar_ns, 8, 0, 1, DAY,
            "vpin in bulk, by bars of that length; 0: by the signs of trades"),
    SETTING(buckets, 4, 50, 1, TD_MICRO_BUCKETS, "buckets of vpin"),
    SETTING(intervals, 4, 50, 3, 100, "intervals of kyle to rsemi_down; trades of roll_spread"),
    {0},
};

static double get(const struct td_micro_config *c, const struct td_micro_setting *s)
{
    const void *at = (const char *)c + s->at;
    return s->size == REAL ? *(const double *)at
           : s->size == 8  ? (double)*(const int64_t *)at
                           : *(const int32_t *)at;
}

static void set(struct td_micro_config *c, const struct td_micro_setting *s, double value)
{
    void *at = (char *)c + s->at;
    if (s->size == REAL)
        *(double *)at = value;
    else if (s->size == 8)
        *(int64_t *)at = (int64_t)value;
    else
        *(int32_t *)at = (int32_t)value;
}

enum td_err td_micro_config_fill(struct td_micro_config *c, struct td_fail *why)
{
    for (const struct td_micro_setting *s = td_micro_settings; s->name; s++) {
        if (get(c, s) == 0)
            set(c, s, s->preset);
        if (get(c, s) == s->preset)
            continue;
        if (!(get(c, s) >= s->least) || !(get(c, s) <= s->most))
            return td_fail_set(why, TD_EINVAL, "micro: %s must be %.15g to %.15g, not %.15g",
                               s->name, s->least, s->most, get(c, s));
    }
    return TD_OK;
}

/* At most 9 decimals, so that what is written is what was read. */
static void put_value(double value, const struct td_micro_setting *s, struct td_text *out)
{
    int64_t e9 = 0;
    if (s->size == REAL && td_e9_from_double(value, &e9) == TD_OK)
        td_text_e9(out, e9);
    else
        td_text_printf(out, "%lld", (long long)value);
}

void td_micro_config_write(const struct td_micro_config *c, struct td_text *out)
{
    bool any = false;
    for (const struct td_micro_setting *s = td_micro_settings; s->name; s++) {
        const double value = get(c, s);
        if (value == 0 || value == s->preset)
            continue;
        td_text_printf(out, "%s %s=", any ? "" : "micro", s->name);
        put_value(value, s, out);
        any = true;
    }
    if (any)
        td_text_char(out, '\n');
}

static bool read_value(struct td_str text, const struct td_micro_setting *s, double *out)
{
    int64_t number;
    if (s->size == REAL && td_e9_parse(text.p, text.len, &number) == TD_OK)
        *out = td_e9_to_double(number);
    else if (s->size != REAL && td_i64_parse(text.p, text.len, &number) == TD_OK)
        *out = (double)number;
    else
        return false;
    return *out >= s->least && *out <= s->most;
}

bool td_micro_config_read(struct td_micro_config *c, struct td_str word)
{
    struct td_str value = word, key;
    double x;
    (void)td_str_split(&value, '=', &key);
    for (const struct td_micro_setting *s = td_micro_settings; s->name; s++) {
        if (!td_str_is(key, s->name))
            continue;
        if (!read_value(value, s, &x))
            return false;
        set(c, s, x);
        return true;
    }
    return false;
}
