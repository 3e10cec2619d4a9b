/* tests/desk/guests/guest_named.c - shared objects that cannot be run, by -DGUEST_CASE: 1 a built-in strategy's name, 2 no function, 3
 * a preset outside its range, 4 a crash while it is loaded, 5 no end of it, 6 not even the symbol. */
#include <unistd.h>

#include "strat/plugin.h"
#include "support/plain_strategy.h"

static const struct td_strat_param params[] = {{"odd", GUEST_CASE == 3 ? 9 : 1, 0, 2, "a number"}};
extern const struct td_strat guest_named;
const struct td_strat guest_named = {.name = GUEST_CASE == 1 ? "momentum" : "named",
                                     .help = "cannot be run",
                                     .params = params,
                                     .param_count = 1,
                                     .init = plain_start,
                                     .on_event = GUEST_CASE == 2 ? NULL : plain_event};

__attribute__((constructor)) static void go_wrong(void)
{
    if (GUEST_CASE == 4)
        abort();
    for (volatile int i = 0; GUEST_CASE == 5; i = i + 1) {
    }
}

#if GUEST_CASE != 6
TD_STRATEGY(guest_named);
#endif
