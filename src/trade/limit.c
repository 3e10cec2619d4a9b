/* trade/limit.c - the table of limits and their words, and the page of gates. */
#include "trade/risk.h"

struct limit_row {
    const char *name, *meaning;
    enum td_limit_unit unit;
    bool needed;
};

#define ROW(name, unit, needed, meaning) {#name, meaning, TD_UNIT_##unit, needed},
static const struct limit_row rows[] = {TD_LIMITS(ROW)};
#undef ROW
_Static_assert(TD_COUNT(rows) == TD_LIMIT_COUNT, "one row per limit");

const char *td_limit_name(enum td_limit limit)
{
    return (unsigned)limit < TD_LIMIT_COUNT ? rows[limit].name : "?";
}

enum td_limit_unit td_limit_unit(enum td_limit limit)
{
    return (unsigned)limit < TD_LIMIT_COUNT ? rows[limit].unit : TD_UNIT_COUNT;
}

bool td_limit_needed(enum td_limit limit)
{
    return (unsigned)limit >= TD_LIMIT_COUNT || rows[limit].needed;
}

const char *td_limit_meaning(enum td_limit limit)
{
    return (unsigned)limit < TD_LIMIT_COUNT ? rows[limit].meaning : "?";
}

void td_limit_print(enum td_limit limit, int64_t value, struct td_text *out)
{
    if (value == TD_LIMIT_OFF) {
        td_text_put(out, td_limit_needed(limit) ? "missing" : "off");
        return;
    }
    switch (td_limit_unit(limit)) {
    case TD_UNIT_UNITS:
    case TD_UNIT_MONEY:
    case TD_UNIT_PART:
        td_text_e9(out, value);
        return;
    case TD_UNIT_COUNT:
        td_text_i64(out, value);
        return;
    case TD_UNIT_TIME:
        td_text_printf(out, "%lld ms", (long long)(value / TD_MS));
        return;
    }
}

void td_gate_describe(struct td_text *out)
{
    td_text_put(out, "| gate | refuses when | looks at | limit | reducing orders |\n"
                     "| --- | --- | --- | --- | --- |\n");
    for (int i = 0; i < TD_GATE_COUNT; i++) {
        const enum td_gate gate = (enum td_gate)i;
        const enum td_limit limit = td_gate_limit(gate);
        td_text_printf(out, "| %s | %s | %s | %s | %s |\n", td_gate_name(gate), td_gate_text(gate),
                       td_gate_looks_at(gate), limit == TD_LIMIT_NONE ? "" : td_limit_name(limit),
                       td_gate_lets_reducing(gate) ? "pass" : "refused");
    }
}
