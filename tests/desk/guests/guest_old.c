/* tests/desk/guests/guest_old.c - a shared object built for another contract: -DGUEST_OLD_ABI=n for its version, else for an event
 * of another size. */
#include "strat/plugin.h"

extern const struct td_strat_plugin td_strat_plugin_1;
__attribute__((visibility("default"))) const struct td_strat_plugin td_strat_plugin_1 = {
#ifdef GUEST_OLD_ABI
    .abi = GUEST_OLD_ABI,
#else
    .abi = TD_STRAT_ABI,
    .event_size = 8,
#endif
};
