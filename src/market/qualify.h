/* market/qualify.h - which contract is meant: nothing, one, or a question back.
 *
 * A gateway answers a look-up with every contract that fits what was said: none, one, or many. This takes the answers
 * one by one, in constant memory, and judges at the end. Never a guess: where several contracts fit, the verdict lists
 * what they differ in, because that is what has to be said. A future asked for by its class alone is the exception
 * with a rule: the contract to trade today is chosen among the dated ones (market/front.h).
 *
 * An answer that does not have what was asked for (another trading class, another multiplier: the micro contract
 * of a currency has the broker symbol of the large one) does not count. The same contract told for several exchanges
 * counts once.
 *
 * Pure; one owner. Source: operations 2.7.
 */
#ifndef TD_MARKET_QUALIFY_H
#define TD_MARKET_QUALIFY_H

#include "market/front.h"

/* What was asked for. Empty texts, 0 and TD_QTY_NONE or 0 of the multiplier: not said. Borrowed. */
struct td_wanted {
    const char *symbol; /* ours, for messages; never empty */
    int32_t conid;
    const char *primary, *expiry, *local_symbol, *trading_class, *currency;
    td_qty multiplier;
};

/* What would decide between contracts: bits, in the order they are told. */
#define TD_DECIDERS(X)                                                                             \
    X(PRIMARY, primary, "primary exchange")                                                        \
    X(EXPIRY, expiry, "last trade date")                                                           \
    X(LOCAL, local_symbol, "local symbol")                                                         \
    X(CLASS, trading_class, "trading class")                                                       \
    X(CURRENCY, currency, "currency")                                                              \
    X(EXCHANGE, exchange, "exchange")                                                              \
    X(MULTIPLIER, multiplier, "multiplier")

#define TD_DECIDER_ROW(name, member, text) TD_DECIDER_##name,
enum td_decider { TD_DECIDERS(TD_DECIDER_ROW) TD_DECIDER_COUNT };
#undef TD_DECIDER_ROW

enum td_qualified {
    TD_QUALIFIED_NONE, /* no contract fits                                  */
    TD_QUALIFIED_ONE,  /* `conid`                                           */
    TD_QUALIFIED_MANY, /* several, or one that cannot be told from others    */
};

struct td_qualify {
    struct td_wanted wanted;
    bool dated; /* a future by its class: `front` chooses */
    struct td_front front;
    /* private */
    struct td_instrument first, other; /* that fits; another one that does */
    uint32_t told, fitting, undated;
    uint32_t differs; /* 1 << each decider */
};

struct td_qualified_contract {
    int32_t conid;
    bool dated;
    struct td_front_choice front; /* when dated */
};

void td_qualify_begin(struct td_qualify *q, const struct td_wanted *wanted);
/* The same for a future by its class; errors as td_front_begin. */
TD_MUST_CHECK enum td_err td_qualify_begin_dated(struct td_qualify *q,
                                                 const struct td_product *product,
                                                 const struct td_roll *roll, int64_t today,
                                                 struct td_fail *why);
/* One answer. `month` 1..12 of the contract, 0 not told. */
void td_qualify_add(struct td_qualify *q, const struct td_instrument *told, int32_t month);
/* The verdict; for NONE and MANY why says in one line what is wrong and what to give. */
enum td_qualified td_qualify_end(const struct td_qualify *q, struct td_qualified_contract *out,
                                 struct td_fail *why);

#endif
