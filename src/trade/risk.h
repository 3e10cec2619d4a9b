/* trade/risk.h - the risk gate: an intent, the facts and the limits in; an approved order or a reason out.
 *
 * Pure: no clock, no I/O, no state of its own but the short memory of recent orders the caller keeps in
 * struct td_recent. Nothing else turns an intent into an order: struct td_approved carries a seal only
 * this file makes, and journal and executor require it.
 *
 * Every gate is one row of TD_GATES, every limit one row of TD_LIMITS. A fact that is unknown closes its gate, and so
 * does a limit that should be there and is not. Gates marked "reducing passes" let orders through that only make a
 * position smaller, so that a halt never traps a position; cancels are never asked. All gates are evaluated on every
 * order, first closed one wins.
 * Source: the gate list of the reliability notes 1.3 (SEC 15c3-5, RTS 6 Art. 15), contracts 10.4 and 11.
 */
#ifndef TD_TRADE_RISK_H
#define TD_TRADE_RISK_H

#include "market/tickrule.h"
#include "strat/strat.h"

enum td_limit_unit { TD_UNIT_UNITS, TD_UNIT_MONEY, TD_UNIT_COUNT, TD_UNIT_PART, TD_UNIT_TIME };

/* name, unit, needed (else it may be off), meaning. UNITS, MONEY and PART are in 1e-9, TIME in ns. */
#define TD_LIMITS(X)                                                                               \
    X(ORDER_SIZE, UNITS, 1, "shares or contracts of an order")                                     \
    X(POSITION, UNITS, 1, "shares or contracts held of a symbol, long or short")                   \
    X(ORDER_VALUE, MONEY, 1, "value of an order")                                                  \
    X(DAY_VALUE, MONEY, 1, "sum of order values a day")                                            \
    X(DAY_LOSS, MONEY, 1, "loss of the day at which trading stops")                                \
    X(TRADES, COUNT, 1, "orders a day")                                                            \
    X(OPEN_ORDERS, COUNT, 1, "working orders of a symbol")                                         \
    X(RATE, COUNT, 1, "orders a minute")                                                           \
    X(COLLAR, PART, 1, "distance of an order's prices from the middle")                            \
    X(COLLAR_LOW, PART, 1, "the same below 5 a share, where ticks are coarse")                     \
    X(SPREAD, PART, 1, "widest spread")                                                            \
    X(QUOTE_AGE, TIME, 1, "oldest quote")                                                          \
    X(DECISION_AGE, TIME, 1, "oldest decision")                                                    \
    X(DUPLICATE, TIME, 1, "time in which the same order is refused")                               \
    X(SHORT_SALE, COUNT, 1, "1: what is not held may be sold")                                     \
    X(OPEN_POSITIONS, COUNT, 1, "symbols held at a time")                                          \
    X(LEVERAGE, PART, 1, "value of all positions, as a part of equity")                            \
    X(SYMBOL_EXPOSURE, PART, 1, "value of a symbol's position, as a part of equity")               \
    X(SECTOR_EXPOSURE, PART, 0, "value of a sector's positions, as a part of equity")              \
    X(CORRELATION, PART, 0, "correlation of a new symbol with one that is held")                   \
    X(HEAT, PART, 0, "money at risk to all stops, as a part of the positions' value")              \
    X(VOLUME, UNITS, 0, "least volume of the symbol's day")                                        \
    X(MARKET_CAP, MONEY, 0, "least market value of the company")                                   \
    X(DAY_TRADES, COUNT, 0, "1: no entry when the account has no day trade left")

#define TD_LIMIT_ENUM(name, unit, needed, meaning) TD_LIMIT_##name,
enum td_limit { TD_LIMITS(TD_LIMIT_ENUM) TD_LIMIT_COUNT, TD_LIMIT_NONE = TD_LIMIT_COUNT };
#undef TD_LIMIT_ENUM

#define TD_LIMIT_OFF INT64_MAX /* of one that need not be there */

struct td_limits {
    int64_t value[TD_LIMIT_COUNT];
    const char *key[TD_LIMIT_COUNT]; /* the setting that made it so; NULL: off */
};

const char *td_limit_name(enum td_limit limit); /* "DAY_LOSS" */
enum td_limit_unit td_limit_unit(enum td_limit limit);
bool td_limit_needed(enum td_limit limit);
const char *td_limit_meaning(enum td_limit limit);
/* Its value in words: "2000", "0.02", "100 ms", "off". */
void td_limit_print(enum td_limit limit, int64_t value, struct td_text *out);

/* name, reducing passes, limit, what is looked at, what a closed gate says */
#define TD_GATES(X)                                                                                \
    X(FORM, 0, NONE, "the intent", "the intent is malformed")                                      \
    X(ALLOW_ORDERS, 0, NONE, "ALLOW_ORDERS", "ALLOW_ORDERS is not 1")                              \
    X(DRY_RUN, 0, NONE, "DRY_RUN", "DRY_RUN is not 0")                                             \
    X(ORDER_EXEC, 0, NONE, "ENABLE_ORDER_EXEC", "ENABLE_ORDER_EXEC is not 1")                      \
    X(MODE, 0, NONE, "mode, port, account and gateway mode",                                       \
      "mode, port, gateway and account do not agree")                                              \
    X(CONFIRM_LIVE, 0, NONE, "LIVE_CONFIRM_FILE", "live trading is not confirmed")                 \
    X(JOURNAL, 0, NONE, "the journal", "the journal cannot be written")                            \
    X(SESSION, 0, NONE, "connection and start-up checks", "the broker session is not ready")       \
    X(WINDOW, 0, NONE, "restart and reset windows", "inside a restart or reset window")            \
    X(QUALIFIED, 0, NONE, "contract details", "the contract is not qualified")                     \
    X(CLOCK, 0, NONE, "our clock and the gateway's", "the clock is not sane")                      \
    X(FROZEN, 0, NONE, "the contract", "the contract is frozen until a person accepts it")         \
    X(HALT, 1, NONE, "our halt", "trading is halted")                                              \
    X(DISK, 1, NONE, "free disk space", "too little disk space")                                   \
    X(SYMBOL, 1, NONE, "SYMBOL_ALLOWLIST", "the symbol is not on the allow-list")                  \
    X(EXPIRY, 1, NONE, "the contract's last day", "the contract is in its last days: exits only")  \
    X(RESTRICTED, 1, NONE, "RESTRICTED_SYMBOLS", "the symbol is on the restricted list")           \
    X(REDUCE_ONLY, 1, NONE, "the contract", "it may only be reduced until a person accepts it")    \
    X(EXIT, 0, NONE, "position and working orders",                                                \
      "an exit may only make the position smaller, with all that works")                           \
    X(UNKNOWN_ORDER, 1, NONE, "orders of the symbol", "the fate of an order for it is not known")  \
    X(STRATEGY, 1, NONE, "the strategy", "the strategy is switched off")                           \
    X(BREAKER, 1, NONE, "circuit breakers", "a circuit breaker is open")                           \
    X(MARKET_OPEN, 0, NONE, "trading hours and halts of the venue", "the market is not open")      \
    X(QUOTE, 0, QUOTE_AGE, "the quote and its age", "no fresh, live, uncrossed quote")             \
    X(DATA, 1, NONE, "the data validator", "the market data do not stand the checks")              \
    X(SPREAD, 1, SPREAD, "the quote", "the spread is too wide")                                    \
    X(BOOK, 1, NONE, "the order book", "the order book is not trustworthy")                        \
    X(TICK, 0, NONE, "prices and the tick", "the price is not on the tick grid")                   \
    X(COLLAR, 0, COLLAR, "prices and the quote", "the price is outside the collar")                \
    X(DECISION_AGE, 0, DECISION_AGE, "when it was decided", "the decision is too old")             \
    X(ORDER_SIZE, 1, ORDER_SIZE, "quantity", "the order is larger than the size limit")            \
    X(ORDER_VALUE, 1, ORDER_VALUE, "quantity, price, multiplier",                                  \
      "the order is worth more than the value limit")                                              \
    X(DAY_VALUE, 1, DAY_VALUE, "order values of the day", "the day's order value is used up")      \
    X(POSITION, 1, POSITION, "position and working orders", "the position would pass its limit")   \
    X(SHORT_SALE, 1, SHORT_SALE, "position and working orders", "short selling is not allowed")    \
    X(OPEN_POSITIONS, 1, OPEN_POSITIONS, "positions", "too many symbols are held")                 \
    X(SYMBOL_EXPOSURE, 1, SYMBOL_EXPOSURE, "position, price, equity",                              \
      "too much of the equity would be in this symbol")                                            \
    X(LEVERAGE, 1, LEVERAGE, "positions, prices, equity", "the leverage would pass its limit")     \
    X(SECTOR, 1, SECTOR_EXPOSURE, "positions of the sector", "too much would be in this sector")   \
    X(CORRELATION, 1, CORRELATION, "returns of what is held", "it moves with what is held")        \
    X(HEAT, 1, HEAT, "distances to the stops", "too much would be at risk to the stops")           \
    X(VOLUME, 1, VOLUME, "volume of the day", "too little of it is traded")                        \
    X(MARKET_CAP, 1, MARKET_CAP, "market value", "the company is too small")                       \
    X(DAY_TRADES, 1, DAY_TRADES, "the account's day trades left", "no day trade is left")          \
    X(OPEN_ORDERS, 1, OPEN_ORDERS, "working orders", "too many open orders for the symbol")        \
    X(TRADES_TODAY, 1, TRADES, "orders of the day", "the day's number of trades is used up")       \
    X(DAY_LOSS, 1, DAY_LOSS, "profit and loss of the day", "the day's loss limit is reached")      \
    X(RATE, 1, RATE, "orders of the last minute", "too many orders in the last minute")            \
    X(DUPLICATE, 0, DUPLICATE, "recent orders", "the same order was sent moments ago")             \
    X(SELF_CROSS, 0, NONE, "own resting orders", "it would meet our own resting order")

#define TD_GATE_ROW(name, reducing, limit, looks, text) TD_GATE_##name,
enum td_gate { TD_GATES(TD_GATE_ROW) TD_GATE_COUNT };
#undef TD_GATE_ROW

const char *td_gate_name(enum td_gate gate); /* "DAY_LOSS" */
const char *td_gate_text(enum td_gate gate);
const char *td_gate_looks_at(enum td_gate gate);
bool td_gate_lets_reducing(enum td_gate gate);
enum td_limit td_gate_limit(enum td_gate gate); /* TD_LIMIT_NONE: a yes or no */
/* All gates as a Markdown table (docs/gates.md). */
void td_gate_describe(struct td_text *out);

/* What is known about a yes/no fact. Unknown is 0, so that a forgotten fact closes its gate. */
enum td_fact { TD_FACT_UNKNOWN, TD_FACT_NO, TD_FACT_YES };

/* Everything the gates look at, gathered by the desk at the moment of the decision. */
struct td_gate_facts {
    uint32_t inst;               /* the instrument, by any number that is its own */
    enum td_fact allow_orders;   /* ALLOW_ORDERS=1                                   */
    enum td_fact dry_run_off;    /* DRY_RUN=0                                        */
    enum td_fact order_exec;     /* ENABLE_ORDER_EXEC=1                              */
    enum td_fact mode_agrees;    /* mode, port and account prefix say the same       */
    enum td_fact live_confirmed; /* paper: yes; live: the confirmation file is there */
    enum td_fact journal_ok;
    enum td_fact session_ready;
    enum td_fact outside_window;
    enum td_fact qualified;
    enum td_fact clock_ok;
    enum td_fact not_frozen;
    enum td_fact not_halted; /* our own halt                                     */
    enum td_fact disk_ok;
    enum td_fact symbol_allowed;
    enum td_fact not_restricted;
    enum td_fact not_expiring; /* entries may still be made in this contract         */
    enum td_fact not_reduce_only;
    enum td_fact orders_known; /* no order of the symbol has an unknown fate       */
    enum td_fact strategy_on;
    enum td_fact breaker_closed;
    enum td_fact data_valid;
    enum td_fact market_open; /* open and not halted by the venue                 */
    enum td_fact quote_live;  /* not delayed, not frozen                          */
    enum td_fact book_ok;     /* yes when no book is used                         */
    struct td_quote quote;
    td_ns quote_recv_ns;
    const struct td_tick_rule *ticks; /* of the routed exchange; NULL or empty closes */
    td_qty multiplier;
    td_qty position;    /* signed, filled                               */
    td_qty working_buy; /* not yet filled quantity of open orders, >= 0 */
    td_qty working_sell;
    int32_t open_orders;
    int32_t trades_today;
    td_cash day_value;
    td_cash day_pnl;         /* realized + unrealized - fees; unset closes   */
    td_cash equity;          /* unset closes what is a part of it            */
    td_cash gross_value;     /* sum of |position| x price x multiplier       */
    td_cash symbol_value;    /* the same of this symbol                      */
    int32_t open_positions;  /* symbols held or being entered                */
    td_cash sector_value;    /* of the symbol's sector; unset: not known     */
    int64_t correlation_e9;  /* highest with what is held; TD_E9_NONE        */
    int64_t heat_e9;         /* after this order; TD_E9_NONE                 */
    td_qty day_volume;       /* unset: not known                             */
    td_cash market_cap;      /* unset: not known                             */
    int32_t day_trades_left; /* -1: without limit; INT32_MIN: not known      */
    td_px own_bid, own_ask;  /* best own resting prices, unset when none   */
    td_ns now;               /* wall: what quote and decision are compared with */
    td_ns mono;              /* what recent orders are: no clock change opens a gate */
};

/* Recent approvals, in the order of the monotonic clock: for the rate and duplicate gates. Zero-initialise; one per desk. */
#define TD_RECENT_MAX 256
struct td_recent_order {
    td_ns at; /* monotonic */
    uint32_t inst;
    bool ended; /* refused by the broker: the same again is no duplicate */
    uint8_t action, type;
    td_qty qty;
    td_px limit;
};
struct td_recent {
    struct td_recent_order rows[TD_RECENT_MAX];
    uint32_t count; /* ever */
};

/* An order that may leave. Only td_risk_check makes one. */
struct td_approved {
    uint32_t inst; /* as in the facts */
    struct td_intent intent;
    bool reducing;
    td_cash value;
    uint64_t seal; /* private */
};

struct td_verdict {
    bool approved;
    enum td_gate gate;        /* the closed one when not approved */
    char text[160];           /* "DAY_LOSS: ..., limit 2000 (MAX_DAILY_LOSS)" */
    struct td_approved order; /* valid when approved */
};

/* Asks every gate. Approval is remembered in `recent`; a refusal leaves it alone. */
void td_risk_check(const struct td_limits *limits, const struct td_gate_facts *facts,
                   const struct td_intent *intent, struct td_recent *recent,
                   struct td_verdict *out);

/* Orders of this instrument and side were refused by the broker, none works: the same may be tried again. */
/* An order that was approved before this process began: the memory is made again from the journal, oldest first. */
void td_risk_remember(struct td_recent *recent, uint32_t inst, const struct td_intent *i, td_ns at);
void td_risk_forget(struct td_recent *recent, uint32_t inst, enum td_action action);

/* True when `order` was made by td_risk_check and not changed since. */
bool td_risk_sealed(const struct td_approved *order);

/* One gate by itself, for showing where things stand: open for this intent? A reducing one that may pass is open. */
bool td_gate_is_open(enum td_gate gate, const struct td_limits *limits,
                     const struct td_gate_facts *facts, const struct td_intent *intent,
                     const struct td_recent *recent);

/* True when the intent only makes the position smaller, with everything that is already working. */
bool td_risk_reduces(const struct td_gate_facts *facts, const struct td_intent *intent);

#endif
