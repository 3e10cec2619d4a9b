/* strat/strat.h - the strategy contract: events in, intents out.
 *
 * A strategy never sees a socket, a file, a clock or an order id. It gets each event of its instruments in
 * tape order with a read-only view of the present, and answers with intents. Whether an intent becomes an
 * order is decided by trade/risk alone. The same code runs live, on paper, in replay and in backtest.
 *
 * A strategy of scope EACH has one instance for every symbol and sees that one; of scope ALL one instance
 * sees all of them (pairs, portfolios). An instance names its own orders by tags; what still works of them
 * stands in the view, so that it can change or cancel them. Its tags are its own: two instances never meet.
 *
 * Adding one: a file strat/<name>.c with its `struct td_strat`, a row in strat/registry.c, a test.
 * State is `state_size` bytes the caller provides, zeroed; no allocation, one owner per instance.
 */
#ifndef TD_STRAT_STRAT_H
#define TD_STRAT_STRAT_H

#include "market/book.h"
#include "market/instrument.h"
#include "strat/terms.h"

#define TD_INTENTS_MAX     16 /* per event */
#define TD_LEGS_MAX        64 /* instruments of one instance */
#define TD_WORKING_MAX     64 /* own working orders that the view shows */
#define TD_STRAT_STATE_MAX 262144
#define TD_STRAT_PARAMS    32 /* per strategy */

enum td_intent_kind {
    TD_INTENT_ORDER,  /* a new order                                       */
    TD_INTENT_CHANGE, /* new quantity and prices of the working order `tag` */
    TD_INTENT_CANCEL, /* the working order `tag` shall end                  */
};

/* How an order is worked by us; NONE sends it as it is. */
enum td_algo {
    TD_ALGO_NONE,
    TD_ALGO_TWAP,
    TD_ALGO_VWAP,
    TD_ALGO_POV,
    TD_ALGO_ICEBERG,
    TD_ALGO_ADAPTIVE
};

/* What a strategy wants. Prices are TD_PX_NONE where the type has none. td_intent_init sets all of it to
 * "nothing", so that a strategy fills in what it means. */
struct td_intent {
    uint32_t leg;   /* index into the view's legs */
    uint32_t tag;   /* the strategy's own name for the order; 0: none, it cannot be changed later */
    uint8_t kind;   /* enum td_intent_kind */
    uint8_t action; /* enum td_action */
    uint8_t type;   /* enum td_order_type */
    uint8_t tif;    /* enum td_tif */
    uint8_t algo;   /* enum td_algo */
    bool exit;      /* closes what is held: never sized, never more than the position */
    td_qty qty;     /* > 0; 0: the desk's sizing decides, by `strength` and `risk` */
    td_qty display; /* shown at a time; 0: all of it */
    td_px limit, stop;
    td_px trail;      /* distance of TRAIL, or offset of a pegged order */
    td_px target;     /* bracket: as far as this fills, take profit here (limit) ... */
    td_px protect;    /* ... and stop out here, one cancelling the other; unset: no such child */
    uint32_t group;   /* orders of this instance with one number cancel each other; 0: none */
    td_px reference;  /* price the decision was made at */
    td_px risk;       /* distance to where it would be wrong, for sizing; unset: not known */
    double strength;  /* conviction, 0 to 1, for sizing and combination */
    td_ns good_until; /* GTD */
    td_ns algo_span;  /* time an algo may take; 0: its default */
    td_ns decided_ns; /* wall time of the event it answers */
    char strategy[16];
    char reason[64]; /* one line for the audit */
};

/* A working order of the instance itself. */
struct td_working {
    uint32_t leg, tag;
    uint8_t action, type;
    td_qty qty, filled;
    td_px limit, stop;
};

/* What the model in charge of an instrument says now. */
struct td_forecast {
    double up; /* probability of a higher price, 0 to 1 */
};

/* One instrument, as the desk knows it now. */
struct td_leg {
    const struct td_instrument *inst;
    const struct td_book *book;         /* NULL without depth */
    struct td_quote quote;              /* unset prices when none yet */
    td_px last;                         /* last trade, else unset */
    const struct td_forecast *forecast; /* NULL: no model, or it has no answer */
    td_qty position;                    /* the account's, signed */
    td_px average;                      /* entry price of it; 0 when flat */
    td_ns since; /* when the position was opened or last crossed zero; 0 when flat */
    td_qty
        pending;   /* signed quantity of orders still working, never 0 while one works; the stop and
                     * target of what is held do not count */
    bool tradable; /* false: halted, stale, broken book or frozen: an entry would be refused */
};

/* The present when the event arrives. */
struct td_view {
    const struct td_leg *leg;  /* of the event's instrument */
    const struct td_leg *legs; /* all of the instance */
    uint32_t leg_count;
    const struct td_working *working; /* tagged orders of this instance that still work */
    uint32_t working_count;
    td_cash equity; /* of the account; unset when not known */
    td_ns now;
};

/* A tunable number by the name the command line uses. */
struct td_strat_param {
    const char *name;
    double preset, low, high;
    const char *help;
};

/* What an instance begins with. */
struct td_strat_setup {
    const double *params; /* one value per row of the strategy's table, in range */
    td_qty size;          /* units of an entry; 0: intents leave qty 0 and the desk sizes */
    bool allow_short;
    uint32_t leg_count;
    td_ns bar_span; /* of the bars it will see */
};

enum td_scope { TD_SCOPE_EACH, TD_SCOPE_ALL };

struct td_strat {
    const char *name;
    const char *help;
    enum td_scope scope;
    uint32_t legs_min; /* of scope ALL */
    size_t state_size;
    const struct td_strat_param *params;
    uint32_t param_count;
    /* TD_EINVAL when the parameters do not fit each other. */
    enum td_err (*init)(void *state, const struct td_strat_setup *setup, struct td_fail *why);
    /* Writes at most TD_INTENTS_MAX intents and returns how many. Called for every event of its
     * instruments, bars of the past first (intents are then not looked at). */
    size_t (*on_event)(void *state, const struct td_event *event, const struct td_view *view,
                       struct td_intent *out);
};

/* A strategy with the numbers it shall run with. */
struct td_strat_use {
    const struct td_strat *strat;
    const char
        *object; /* the shared object it runs from, in a process of its own; NULL: built in */
    double params[TD_STRAT_PARAMS]; /* in the order of its table */
    td_qty size;                    /* as in the setup */
    bool allow_short;
};

/* The built-in strategies; ends with NULL. */
extern const struct td_strat *const td_strategies[];
/* NULL when there is no such name. */
const struct td_strat *td_strat_find(const char *name);
/* Their names, with commas between, into out[cap]; cut to fit. */
void td_strat_names(char *out, size_t cap);
/* The presets of its table into out[param_count]. */
void td_strat_presets(const struct td_strat *strat, double *out);
/* "name=value" into out; TD_ENOENT: no such parameter; TD_ERANGE: outside its limits; TD_EINVAL: no number. The text
 * names the strategy, the parameter and what is possible. */
TD_MUST_CHECK enum td_err td_strat_set(const struct td_strat *strat, struct td_str assignment,
                                       double *out, struct td_fail *why);
/* "name=value" for each of uses[count] that has the parameter, "strategy.name=value" for that strategy alone. Errors as
 * td_strat_set; TD_ENOENT: none of them has it. */
TD_MUST_CHECK enum td_err td_strat_set_all(struct td_strat_use *uses, uint32_t count,
                                           struct td_str assignment, struct td_fail *why);
/* An intent without a price, a distance, a size or a time: all of those are unset, the rest is 0. */
struct td_intent td_intent_blank(void);
/* An intent that wants nothing yet, for the leg of this event. */
void td_intent_init(struct td_intent *i, const struct td_strat *strat, const struct td_event *event,
                    const struct td_view *view);
/* An entry or exit at market, as most strategies want it: `change` signed. The reference is the event's price. */
void td_intent_market(struct td_intent *i, const struct td_strat *strat,
                      const struct td_event *event, const struct td_view *view, td_qty change);

/* The intents that bring the leg's position to `direction` (1 long, -1 short, 0 flat) at market: none when it is
 * there already. With a size of 0 what is held is closed by one intent and the desk sizes the other. Returns
 * how many it wrote, at most 2. */
size_t td_intent_toward(struct td_intent *out, const struct td_strat *strat,
                        const struct td_event *event, const struct td_view *view, int direction,
                        td_qty size);

/* Each in its own file. */
extern const struct td_strat td_strat_sma_cross, td_strat_momentum, td_strat_breakout,
    td_strat_mean_reversion, td_strat_rule_based, td_strat_ofi, td_strat_spread,
    td_strat_tick_momentum, td_strat_ensemble, td_strat_regime_switch, td_strat_ml_enhanced,
    td_strat_pairs, td_strat_pairs_conservative, td_strat_pairs_aggressive, td_strat_pairs_ml,
    td_strat_stat_arb;

#endif
