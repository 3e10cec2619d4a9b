/* desk/algo_preset.c - reading the settings, and putting them into a plan. */
#include "desk/algo_preset.h"

static enum td_err read_span(const char *text, td_ns *out, struct td_fail *why)
{
    static const struct {
        char unit;
        td_ns span;
    } units[] = {{'s', TD_SEC}, {'m', TD_MIN}, {'h', TD_HOUR}};
    const struct td_str all = td_str_trim(td_str_of(text ? text : ""));
    int64_t n = 0;
    *out = 0;
    for (size_t i = 0; i < TD_COUNT(units) && all.len > 1; i++)
        if (all.p[all.len - 1] == units[i].unit && td_i64_parse(all.p, all.len - 1, &n) == TD_OK &&
            n > 0 && n <= 8 * 3600)
            *out = n * units[i].span;
    if (*out >= TD_ALGO_SPAN_LEAST && *out <= TD_ALGO_SPAN_MOST)
        return TD_OK;
    return td_fail_set(
        why, TD_EINVAL,
        "EXECUTION_ALGO_SPAN (--algo-span): \"%.40s\" is not allowed; expected a time "
        "of 1s to 8h, like 90s, 30m or 2h",
        text ? text : "");
}

enum td_err td_algo_preset_of(const struct td_settings *s, struct td_algo_preset *out,
                              struct td_fail *why)
{
    const struct td_str word = td_str_of(s->algo ? s->algo : "none");
    *out = (struct td_algo_preset){.by_size = td_str_is(word, "auto"),
                                   .slices = (uint32_t)s->algo_slices,
                                   .participation = td_e9_to_double(s->algo_participation_e9),
                                   .display = td_e9_to_double(s->algo_display_e9),
                                   .usual_bps = td_e9_to_double(s->algo_spread_bps_e9)};
    if (!out->by_size && td_algo_find(word, &out->algo) != TD_OK)
        return td_fail_set(
            why, TD_EINVAL,
            "EXECUTION_ALGO (--algo): \"%.40s\" is not allowed; expected none, twap, "
            "vwap, pov, iceberg, adaptive or auto",
            s->algo);
    return read_span(s->algo_span, &out->span, why);
}

void td_algo_preset_plan(const struct td_algo_preset *preset, const struct td_intent *intent,
                         td_ns start, struct td_algo_plan *out)
{
    td_algo_plan_init(out, intent, start);
    if (intent->algo_span <= 0)
        out->span = preset->span;
    out->slices = preset->slices;
    out->participation = preset->participation;
    out->usual_bps = preset->usual_bps;
    if (intent->display.e9 <= 0)
        out->display = preset->display;
}
