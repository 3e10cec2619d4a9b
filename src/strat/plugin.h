/* strat/plugin.h - what a shared object with a strategy exports: one symbol.
 *
 * The file of a strategy ends with TD_STRATEGY(my_strat), where my_strat is its `struct td_strat` of strat/strat.h. The symbol
 * carries the version of the contract and the sizes of what passes through it, so that an object built against other headers
 * is refused before anything of it runs. The helpers of strat/strat.h and strat/wish.h, the indicators (signal/indicator.h), books
 * (market/book.h), texts and numbers of base are found in the program that loads it; nothing is linked.
 * docs/own-strategies.md has the build line.
 */
#ifndef TD_STRAT_PLUGIN_H
#define TD_STRAT_PLUGIN_H

#include "strat/strat.h"

#define TD_STRAT_ABI 1 /* raised when the meaning of the contract changes */

struct td_strat_plugin {
    uint32_t abi;
    uint32_t strat_size, setup_size, view_size, leg_size, event_size, intent_size, book_size;
    const struct td_strat *strat;
};

#define TD_STRAT_PLUGIN_SYMBOL "td_strat_plugin_1"

/* What the symbol holds, of the strategy at `row`. */
#define TD_STRAT_PLUGIN_OF(row)                                                                    \
    {                                                                                              \
        TD_STRAT_ABI, sizeof(struct td_strat), sizeof(struct td_strat_setup),                      \
            sizeof(struct td_view), sizeof(struct td_leg), sizeof(struct td_event),                \
            sizeof(struct td_intent), sizeof(struct td_book), row                                  \
    }

/* Makes the symbol. Once in an object. */
#define TD_STRATEGY(row)                                                                           \
    extern const struct td_strat_plugin td_strat_plugin_1;                                         \
    __attribute__((visibility("default"))) const struct td_strat_plugin td_strat_plugin_1 =        \
        TD_STRAT_PLUGIN_OF(&(row))

/* May it be run by this program? TD_EVERSION: built against another contract. TD_EINVAL: its row is not sound: no name
 * of 1 to 15 characters a-z 0-9 _, a built-in one's name, too many or senseless parameters, no functions, too much state. */
TD_MUST_CHECK enum td_err td_plugin_check(const struct td_strat_plugin *plugin,
                                          struct td_fail *why);

#endif
