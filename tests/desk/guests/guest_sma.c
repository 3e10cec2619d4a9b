/* tests/desk/guests/guest_sma.c - sma_cross once more, as a shared object: compiled from the same source under another symbol. */
#include "strat/sma_cross.c"
#include "strat/plugin.h"

static struct td_strat copy;
extern const struct td_strat_plugin td_strat_plugin_1;
__attribute__((visibility("default")))
const struct td_strat_plugin td_strat_plugin_1 = {TD_STRAT_ABI,
                                                  sizeof(struct td_strat),
                                                  sizeof(struct td_strat_setup),
                                                  sizeof(struct td_view),
                                                  sizeof(struct td_leg),
                                                  sizeof(struct td_event),
                                                  sizeof(struct td_intent),
                                                  sizeof(struct td_book),
                                                  &copy};

/* A name of its own: that of a built-in strategy is refused. */
__attribute__((constructor)) static void name_it(void)
{
    copy = td_strat_sma_cross;
    copy.name = "sma_copy";
}
