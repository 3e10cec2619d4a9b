/* strat/strat.h - the strategy contract: events in, intents out.
 *
 * A strategy never sees a socket, a file, a clock or an order id. It gets each event of its instrument
 * in tape order with a read-only view of the present, and answers with intents. Whether an intent becomes
 * an order is decided by trade/risk alone. The same code runs live, on paper, in replay and in backtest.
 *
 * Adding one: a file strat/<name>.c with its `struct td_strat`, a row in strat/registry.c, a test, a page.
 * State is `state_size` bytes the caller provides, zeroed; no allocation, one owner per instance.
 */
#ifndef TD_STRAT_STRAT_H
#define TD_STRAT_STRAT_H

#include "market/book.h"
#include "market/instrument.h"

#define TD_INTENTS_MAX 4 /* per event */

enum td_order_type { TD_ORDER_MARKET, TD_ORDER_LIMIT, TD_ORDER_STOP, TD_ORDER_STOP_LIMIT };

/* What a strategy wants. Prices are TD_PX_NONE where the type has none. */
struct td_intent {
    uint32_t inst;
    uint8_t action; /* enum td_action */
    uint8_t type;   /* enum td_order_type */
    td_qty qty;     /* > 0 */
    td_px limit;
    td_px stop;
    td_px reference;  /* price the decision was made at */
    td_ns decided_ns; /* wall time of the event it answers */
    char strategy[16];
    char reason[64]; /* one line for the audit */
};

/* The present, as the desk knows it when the event arrives. */
struct td_view {
    const struct td_instrument *inst;
    const struct td_book *book; /* NULL without depth */
    struct td_quote quote;      /* unset prices when none yet */
    td_qty position;
    td_qty pending; /* signed quantity of orders still working */
    td_ns now;
};

/* Tunable numbers, by the names the command line uses; 0 means the strategy's default. */
struct td_strat_params {
    int32_t fast, slow;
    td_qty size;
    bool allow_short;
};

struct td_strat {
    const char *name;
    const char *help;
    size_t state_size;
    /* TD_EINVAL when the parameters make no sense. */
    enum td_err (*init)(void *state, const struct td_strat_params *params, struct td_fail *why);
    /* Writes at most TD_INTENTS_MAX intents and returns how many. */
    size_t (*on_event)(void *state, const struct td_event *event, const struct td_view *view,
                       struct td_intent *out);
};

#define TD_STRAT_STATE_MAX 65536

/* The built-in strategies; ends with a row whose name is NULL. */
extern const struct td_strat *const td_strategies[];
/* NULL when there is no such name. */
const struct td_strat *td_strat_find(const char *name);

extern const struct td_strat td_strat_sma_cross;

#endif
