/* sim/universe.h - the contracts the simulator knows, with the facts a gateway answers about them.
 *
 * A fixed table of real contracts plus rows made for symbols the user named with --symbols: those have a
 * contract id derived from the symbol and are marked `invented`. A symbol in neither is no contract (error 200).
 * Stock and currency ids are meant to be IBKR's but were not checked against a gateway; those of the two futures are
 * the simulator's own. Prices are only starting points of the generator.
 */
#ifndef TD_SIM_UNIVERSE_H
#define TD_SIM_UNIVERSE_H

#include "market/instrument.h"
#include "market/tickrule.h"

#define TD_UNIVERSE_LEGS 4

/* How a contract trades in a day; minutes after local midnight of its zone, liquid = regular hours. */
struct td_trading_day {
    int16_t ext_open, open, close, ext_close; /* ext_open may be negative: the evening before */
};

struct td_universe_row {
    struct td_instrument inst;
    const char *valid_exchanges;
    const char *order_types;
    const char *market_rules; /* one per valid exchange */
    const char *industry, *category, *subcategory;
    const char *stock_type;     /* COMMON, ETF, empty */
    const char *contract_month; /* YYYYMM, empty for stocks */
    struct td_trading_day day;
    td_px start_px;        /* where the generator begins */
    td_qty day_volume;     /* typical units a day, scales the generator's rates */
    td_qty top_qty;        /* typical size at the best price */
    int32_t spread_ticks;  /* typical spread in regular hours */
    int32_t volatility_bp; /* typical daily move, basis points */
    bool invented;
    /* Contracts whose prices follow from another's (sim/chain.h); opened when asked for. */
    bool derived;
    char right;         /* C or P; 0: no option */
    uint32_t under;     /* row of the underlying */
    int64_t expiry_day; /* days since 1970 */
    td_px strike;
    char month[8]; /* YYYYMM of a derived row, whose contract_month is not read */
    struct td_universe_leg {
        uint32_t row;
        int32_t ratio;        /* negative: sold when the combination is bought */
    } legs[TD_UNIVERSE_LEGS]; /* of a combination */
    uint32_t leg_count;
};

struct td_universe {
    struct td_universe_row rows[TD_INSTRUMENTS_MAX];
    uint32_t count;
};

/* Fills in the fixed table. */
void td_universe_init(struct td_universe *u);
/* Adds an invented US stock for a symbol that is not in the table; an existing one is found instead.
 * TD_EINVAL: not a safe symbol. TD_EFULL. */
TD_MUST_CHECK enum td_err td_universe_add(struct td_universe *u, const char *symbol,
                                          uint32_t *index);

/* Adds a derived row, or finds the one with its contract id. TD_EFULL. */
TD_MUST_CHECK enum td_err
td_universe_add_derived(struct td_universe *u, const struct td_universe_row *row, uint32_t *index);

/* Moves the futures on to the contract that is traded on a day, where theirs has rolled by then. */
void td_universe_date(struct td_universe *u, int64_t day);

/* What a contract request names. Empty text or 0 means "not said". */
struct td_universe_query {
    int32_t conid;
    const char *symbol, *sec_type, *expiry, *exchange, *currency, *local_symbol;
};

/* The next row at or after *index that fits (a derived one only by its id); false when no further row does: no such contract. */
bool td_universe_find(const struct td_universe *u, const struct td_universe_query *query,
                      uint32_t *index);

/* The market rule of an id, and the one of a row's first exchange. False: no such rule. */
bool td_universe_rule(int32_t id, struct td_tick_rule *out);
bool td_universe_ticks(const struct td_universe_row *row, struct td_tick_rule *out);

/* The row's prices are on no grid of cents (adjusted ones): its step is a millionth, everywhere. */
void td_universe_fine(struct td_universe_row *row);

/* "20131007:0400-20131007:2000;20131012:CLOSED" for `days` days from `first` (days since 1970, local).
 * `liquid` gives regular hours. Weekends are closed; `closed`, when not NULL, says which other days are. */
struct td_universe_hours {
    int64_t first;
    int days;
    bool liquid;
    bool (*closed)(const void *arg, int64_t day);
    const void *arg;
};
void td_universe_hours_text(const struct td_universe_row *row, const struct td_universe_hours *ask,
                            struct td_text *out);

#endif
