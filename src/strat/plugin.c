/* strat/plugin.c - the checks of a shared object's strategy. */
#include "strat/plugin.h"

#include <math.h>

static bool sizes_fit(const struct td_strat_plugin *p)
{
    return p->strat_size == sizeof(struct td_strat) &&
           p->setup_size == sizeof(struct td_strat_setup) &&
           p->view_size == sizeof(struct td_view) && p->leg_size == sizeof(struct td_leg) &&
           p->event_size == sizeof(struct td_event) && p->intent_size == sizeof(struct td_intent) &&
           p->book_size == sizeof(struct td_book);
}

static bool is_name(const char *name)
{
    size_t n = 0;
    while (name && n < sizeof(((struct td_intent *)0)->strategy) && name[n] &&
           strchr("abcdefghijklmnopqrstuvwxyz0123456789_", name[n]))
        n++;
    return n >= 1 && n < sizeof(((struct td_intent *)0)->strategy) && name[n] == '\0';
}

/* What stands before the "=" on the command line. */
static bool is_word(const char *name)
{
    return name && *name && !strchr(name, '=') && !strchr(name, '.') && !strchr(name, ',') &&
           !strchr(name, ' ');
}

static bool is_param(const struct td_strat_param *p)
{
    return is_word(p->name) && isfinite(p->preset) && isfinite(p->low) && isfinite(p->high) &&
           p->low <= p->preset && p->preset <= p->high;
}

enum td_err td_plugin_check(const struct td_strat_plugin *plugin, struct td_fail *why)
{
    if (plugin->abi != TD_STRAT_ABI)
        return td_fail_set(why, TD_EVERSION,
                           "built for version %u of the strategy contract, this program has %d; "
                           "build it again",
                           plugin->abi, TD_STRAT_ABI);
    if (!sizes_fit(plugin))
        return td_fail_set(why, TD_EVERSION,
                           "built against other headers than this program; build it again");
    const struct td_strat *s = plugin->strat;
    if (!s || !s->init || !s->on_event || !is_name(s->name))
        return td_fail_set(why, TD_EINVAL,
                           "its strategy has no init, no on_event, or no name of 1 to 15 "
                           "characters a-z 0-9 _");
    if (td_strat_find(s->name))
        return td_fail_set(why, TD_EINVAL, "\"%s\" is the name of a built-in strategy", s->name);
    if (s->scope > TD_SCOPE_ALL || s->state_size > TD_STRAT_STATE_MAX ||
        s->param_count > TD_STRAT_PARAMS || s->legs_min > TD_LEGS_MAX)
        return td_fail_set(why, TD_EINVAL,
                           "%s: scope, state (%zu bytes of %d) or parameters (%u of %d) are past "
                           "their limits",
                           s->name, s->state_size, TD_STRAT_STATE_MAX, s->param_count,
                           TD_STRAT_PARAMS);
    for (uint32_t i = 0; i < s->param_count; i++)
        if (!is_param(&s->params[i]))
            return td_fail_set(why, TD_EINVAL,
                               "%s: parameter %u has no name, or its preset is not in its range",
                               s->name, i + 1);
    return TD_OK;
}
