/* sim/gateway_settings.c - the settings of a script in a gateway's configuration. */
#include <string.h>

#include "sim/gateway_server.h"

bool td_gateway_start_parse(const char *text, int32_t *minutes)
{
    struct td_str rest = td_str_of(text), hour;
    int64_t h = 0, m = 0;
    if (!td_str_split(&rest, ':', &hour) || td_i64_parse(hour.p, hour.len, &h) != TD_OK ||
        td_i64_parse(rest.p, rest.len, &m) != TD_OK || h < 0 || h > 23 || m < 0 || m > 59 ||
        rest.len != 2)
        return false;
    *minutes = (int32_t)(h * 60 + m);
    return *minutes > 0;
}

/* "A,B" into names; how many, or 0 when there is none. */
static uint32_t take_names(const char *text, struct td_gateway_names *names)
{
    uint32_t count = 0;
    memcpy(names->text, text, strlen(text) + 1);
    for (char *p = names->text; p && count < TD_COUNT(names->items);) {
        char *comma = strchr(p, ',');
        names->items[count++] = p;
        if (comma)
            *comma++ = '\0';
        p = comma;
    }
    return names->items[0][0] ? count : 0;
}

/* The place of a word among the choices of its row. */
static uint8_t choice(const struct td_fault_action *set)
{
    struct td_str rest = td_str_of(td_script_settings[set->id].args[0].choices), one;
    uint8_t n = 0;
    while (td_str_split(&rest, '|', &one) && !td_str_is(one, set->args[0].text))
        n++;
    return n;
}

static bool take(struct td_gateway_config *c, const struct td_fault_action *set,
                 struct td_gateway_lists *lists)
{
    const char *text = set->args[0].text;
    const int64_t number = set->args[0].number;
    switch ((enum td_script_set)set->id) {
    case TD_SET_DAY:
        return td_date_parse(text, strlen(text), &c->day) == TD_OK;
    case TD_SET_START:
        return td_gateway_start_parse(text, &c->start_minute);
    case TD_SET_SPEED:
        c->speed_e9 = number;
        return true;
    case TD_SET_LINES:
        c->lines = (int32_t)number;
        return true;
    case TD_SET_DEPTH_LINES:
        c->depth_lines = (int32_t)number;
        return true;
    case TD_SET_PACE:
        c->pace = choice(set);
        return true;
    case TD_SET_READ_ONLY:
        c->read_only = choice(set) == 0;
        return true;
    case TD_SET_DATA:
        c->subscribed = choice(set);
        return true;
    case TD_SET_ACCOUNTS:
        c->account_count = take_names(text, &lists->accounts);
        c->accounts = lists->accounts.items;
        return c->account_count > 0;
    case TD_SET_SYMBOLS:
        c->symbol_count = take_names(text, &lists->symbols);
        c->symbols = lists->symbols.items;
        return c->symbol_count > 0;
    case TD_SET_NIGHTS:
        c->play_nights = choice(set) == 1;
        return true;
    case TD_SET_LATENCY:
        c->latency = number * TD_MS;
        return true;
    case TD_SET_DURATION:
    case TD_SET_DESK:
    case TD_SET_SIZE:
    case TD_SET_DEPTH:
    case TD_SET_CLOCK:
    case TD_SET_BARS:
    case TD_SET_RESTART:
    case TD_SET_COUNT:
        break;
    }
    return true;
}

enum td_err td_gateway_settings(struct td_gateway_config *config, const struct td_script *script,
                                struct td_gateway_lists *lists, struct td_fail *why)
{
    for (uint32_t i = 0; i < script->set_count; i++)
        if (!take(config, &script->sets[i], lists))
            return td_fail_set(
                why, TD_EINVAL, "set %s \"%s\": %s", td_script_settings[script->sets[i].id].word,
                script->sets[i].args[0].text, td_script_settings[script->sets[i].id].help);
    return TD_OK;
}
