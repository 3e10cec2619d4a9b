/* tests/desk/guests/guest_sma.c - sma_cross once more, as a shared object: compiled from the same source under another symbol. */
#include "strat/sma_cross.c"
#include "strat/plugin.h"

static struct td_strat copy;
TD_STRATEGY(copy);

/* A name of its own: that of a built-in strategy is refused. */
__attribute__((constructor)) static void name_it(void)
{
    copy = td_strat_sma_cross;
    copy.name = "sma_copy";
}
