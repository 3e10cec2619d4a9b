/* strat/registry.c - the table of built-in strategies. */
#include "strat/strat.h"

#include <string.h>

const struct td_strat *const td_strategies[] = {
    &td_strat_sma_cross,
    NULL,
};

const struct td_strat *td_strat_find(const char *name)
{
    for (const struct td_strat *const *s = td_strategies; *s; s++)
        if (strcmp((*s)->name, name) == 0)
            return *s;
    return NULL;
}
