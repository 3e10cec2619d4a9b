/* market/tickrule.c - steps of prices. */
#include "market/tickrule.h"

#include <string.h>

static bool is_increment(td_px px)
{
    return !td_px_is_none(px) && px.e9 > 0;
}

enum td_err td_tick_rule_set(struct td_tick_rule *rule, const struct td_tick_step *steps, size_t n)
{
    if (n == 0)
        return TD_EINVAL;
    if (n > TD_TICK_STEPS_MAX)
        return TD_EFULL;
    for (size_t i = 0; i < n; i++)
        if (!is_increment(steps[i].increment) || td_px_is_none(steps[i].low_edge) ||
            (i && steps[i].low_edge.e9 <= steps[i - 1].low_edge.e9))
            return TD_EINVAL;
    memcpy(rule->steps, steps, n * sizeof *steps);
    rule->count = (uint32_t)n;
    return TD_OK;
}

void td_tick_rule_one(struct td_tick_rule *rule, td_px increment)
{
    rule->count = is_increment(increment);
    rule->steps[0] = (struct td_tick_step){{0}, increment};
}

/* The step in force at a price. */
static uint32_t step_at(const struct td_tick_rule *rule, td_px px)
{
    uint32_t at = 0;
    while (at + 1 < rule->count && px.e9 >= rule->steps[at + 1].low_edge.e9)
        at++;
    return at;
}

td_px td_tick_at(const struct td_tick_rule *rule, td_px px)
{
    if (!rule->count || td_px_is_none(px))
        return TD_PX_NONE;
    return rule->steps[step_at(rule, px)].increment;
}

bool td_tick_is_on(const struct td_tick_rule *rule, td_px px)
{
    const td_px tick = td_tick_at(rule, px);
    return !td_px_is_none(tick) && px.e9 % tick.e9 == 0;
}

enum td_err td_tick_round(const struct td_tick_rule *rule, td_px px, enum td_action action,
                          td_px *out)
{
    td_px at = px;
    if (!rule->count || td_px_is_none(px))
        return TD_EINVAL;
    /* A rounded price may lie in another step: then what is at the edge is looked at by that step's increment. Each
     * turn but the last goes one step on, always the same way. */
    for (uint32_t turn = 0; turn < rule->count; turn++) {
        const uint32_t step = step_at(rule, at);
        td_px rounded;
        const enum td_err err =
            td_px_round(at, rule->steps[step].increment,
                        action == TD_BUY ? TD_ROUND_DOWN : TD_ROUND_UP, &rounded);
        if (err)
            return err;
        if (step_at(rule, rounded) == step) {
            *out = rounded;
            return TD_OK;
        }
        at.e9 = action == TD_BUY ? rule->steps[step].low_edge.e9 - 1
                                 : rule->steps[step + 1].low_edge.e9;
    }
    return TD_ERANGE;
}

enum td_err td_tick_rule_id(struct td_str exchanges, struct td_str rule_ids, struct td_str exchange,
                            int32_t *id)
{
    struct td_str name, number;
    int64_t value;
    while (td_str_split(&exchanges, ',', &name)) {
        if (!td_str_split(&rule_ids, ',', &number))
            return TD_EPARSE;
        if (!td_str_eq(td_str_trim(name), exchange))
            continue;
        number = td_str_trim(number);
        if (td_i64_parse(number.p, number.len, &value) != TD_OK || value < 1 || value > INT32_MAX)
            return TD_EPARSE;
        *id = (int32_t)value;
        return TD_OK;
    }
    return TD_ENOENT;
}
