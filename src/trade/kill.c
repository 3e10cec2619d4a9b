/* trade/kill.c - the rules of the kill switch. */
#include "trade/kill.h"

static const struct {
    const char *word, *text;
} rules[] = {
#define ROW(name, word, text) {word, text},
    TD_KILL_RULES(ROW)
#undef ROW
};

const char *td_kill_word(enum td_kill_rule rule)
{
    return (unsigned)rule < TD_KILL_COUNT ? rules[rule].word : "none";
}

void td_kill_init(struct td_kill *k, const struct td_kill_values *limits)
{
    *k = (struct td_kill){.limits = *limits};
}

int64_t td_kill_part(td_cash profit, td_cash equity)
{
    int64_t part;
    if (td_cash_is_none(profit) || td_cash_is_none(equity) || equity.e9 <= 0)
        return TD_E9_NONE;
    if (profit.e9 >= 0)
        return 0;
    return td_i64_muldiv_to(-profit.e9, TD_E9, equity.e9, TD_ROUND_DOWN, &part) == TD_OK
               ? part
               : TD_E9_NONE;
}

static bool is_part(enum td_kill_rule rule)
{
    return rule == TD_KILL_DAY_LOSS || rule == TD_KILL_POSITION_LOSS || rule == TD_KILL_DRAWDOWN;
}

static void tell(enum td_kill_rule rule, int64_t value, int64_t limit, struct td_text *out)
{
    const int64_t unit = is_part(rule) ? 1 : TD_E9;
    char now[TD_E9_CHARS], most[TD_E9_CHARS];
    (void)td_e9_print_fixed(value * unit, is_part(rule) ? 4 : 0, now);
    (void)td_e9_print_fixed(limit * unit, is_part(rule) ? 4 : 0, most);
    td_text_printf(out, "kill switch %s: %s %s, limit %s", rules[rule].word, rules[rule].text, now,
                   most);
}

enum td_kill_rule td_kill_look(struct td_kill *k, const struct td_kill_values *now,
                               struct td_text *reason)
{
    for (int i = 0; i < TD_KILL_COUNT; i++) {
        const int64_t value = now->value[i], limit = k->limits.value[i];
        if (value == TD_E9_NONE)
            continue;
        if (value < k->forgiven.value[i])
            k->forgiven.value[i] = value;
        if (limit <= 0 || value - k->forgiven.value[i] < limit)
            continue;
        if (reason)
            tell((enum td_kill_rule)i, value, limit, reason);
        return (enum td_kill_rule)i;
    }
    return TD_KILL_NONE;
}

void td_kill_resumed(struct td_kill *k, const struct td_kill_values *now)
{
    for (int i = 0; i < TD_KILL_COUNT; i++)
        if (now->value[i] != TD_E9_NONE)
            k->forgiven.value[i] = now->value[i];
}
