/* trade/risk.h - the risk gate: an intent, the facts and the limits in; an approved order or a reason out.
 *
 * Pure: no clock, no I/O, no state of its own but the short memory of recent orders the caller keeps in
 * struct td_recent. Nothing else turns an intent into an order: struct td_approved carries a seal only
 * this file makes, and journal and executor require it.
 *
 * Every gate is one row of TD_GATES. A fact that is unknown closes its gate. Gates marked "reducing
 * passes" let orders through that only make a position smaller, so that a halt never traps a position;
 * cancels are never asked. All gates are evaluated on every order, first closed one wins.
 * Source: the gate list of the reliability notes 1.3 (SEC 15c3-5, RTS 6 Art. 15), contracts 11.
 */
#ifndef TD_TRADE_RISK_H
#define TD_TRADE_RISK_H

#include "market/tickrule.h"
#include "strat/strat.h"

/* name, reducing passes, what a closed gate says */
#define TD_GATES(X)                                                                                \
    X(FORM, 0, "the intent is malformed")                                                          \
    X(ALLOW_ORDERS, 0, "ALLOW_ORDERS is not 1")                                                    \
    X(DRY_RUN, 0, "DRY_RUN is not 0")                                                              \
    X(ORDER_EXEC, 0, "ENABLE_ORDER_EXEC is not 1")                                                 \
    X(MODE, 0, "mode, port and account do not agree")                                              \
    X(CONFIRM_LIVE, 0, "live trading is not confirmed")                                            \
    X(JOURNAL, 0, "the journal cannot be written")                                                 \
    X(SESSION, 0, "the broker session is not ready")                                               \
    X(WINDOW, 0, "inside a restart or reset window")                                               \
    X(QUALIFIED, 0, "the contract is not qualified")                                               \
    X(CLOCK, 0, "the clock is not sane")                                                           \
    X(HALT, 1, "trading is halted")                                                                \
    X(DISK, 1, "too little disk space")                                                            \
    X(SYMBOL, 1, "the symbol is not on the allow-list")                                            \
    X(MARKET_OPEN, 0, "the market is not open")                                                    \
    X(QUOTE, 0, "no fresh, live, uncrossed quote")                                                 \
    X(SPREAD, 1, "the spread is too wide")                                                         \
    X(BOOK, 1, "the order book is not trustworthy")                                                \
    X(TICK, 0, "the price is not on the tick grid")                                                \
    X(COLLAR, 0, "the price is outside the collar")                                                \
    X(DECISION_AGE, 0, "the decision is too old")                                                  \
    X(ORDER_SIZE, 1, "the order is larger than the size limit")                                    \
    X(ORDER_VALUE, 1, "the order is worth more than the value limit")                              \
    X(DAY_VALUE, 1, "the day's order value is used up")                                            \
    X(POSITION, 1, "the position would pass its limit")                                            \
    X(SHORT_SALE, 1, "short selling is not allowed")                                               \
    X(OPEN_ORDERS, 1, "too many open orders for the symbol")                                       \
    X(TRADES_TODAY, 1, "the day's number of trades is used up")                                    \
    X(DAY_LOSS, 1, "the day's loss limit is reached")                                              \
    X(RATE, 1, "too many orders in the last minute")                                               \
    X(DUPLICATE, 0, "the same order was sent moments ago")                                         \
    X(SELF_CROSS, 0, "it would meet our own resting order")

#define TD_GATE_ROW(name, reducing, text) TD_GATE_##name,
enum td_gate { TD_GATES(TD_GATE_ROW) TD_GATE_COUNT };
#undef TD_GATE_ROW

const char *td_gate_name(enum td_gate gate); /* "DAY_LOSS" */
const char *td_gate_text(enum td_gate gate);
bool td_gate_lets_reducing(enum td_gate gate);

/* What is known about a yes/no fact. Unknown is 0, so that a forgotten fact closes its gate. */
enum td_fact { TD_FACT_UNKNOWN, TD_FACT_NO, TD_FACT_YES };

struct td_limits {
    td_qty order_qty_max;    /* per order                              [2 contracts / N shares] */
    td_qty position_max;     /* absolute position after the order      */
    td_cash order_value_max; /* per order                              */
    td_cash day_value_max;   /* sum of order values a day              */
    td_cash day_loss_max;    /* positive: trading stops at this loss   */
    int32_t trades_max;      /* orders a day                           */
    int32_t open_orders_max; /* working orders per symbol              */
    int32_t orders_per_minute;
    int64_t collar_e9; /* fraction of the reference price, 1e-9: 0.02 = 20000000 */
    int64_t spread_e9; /* widest (ask - bid) / mid, 1e-9         */
    td_ns quote_age_max;
    td_ns decision_age_max;
    td_ns duplicate_window;
    bool allow_short;
};

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
    enum td_fact not_halted; /* our own halt                                     */
    enum td_fact disk_ok;
    enum td_fact symbol_allowed;
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
    td_cash day_pnl;        /* realized + unrealized - fees; unset closes   */
    td_px own_bid, own_ask; /* best own resting prices, unset when none   */
    td_ns now;
};

/* Recent approvals: for the rate and duplicate gates. Zero-initialise; one per desk. */
#define TD_RECENT_MAX 256
struct td_recent {
    struct {
        td_ns at;
        uint32_t inst;
        uint8_t action, type;
        td_qty qty;
        td_px limit;
    } rows[TD_RECENT_MAX];
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
    enum td_gate gate; /* the closed one when not approved */
    char text[120];
    struct td_approved order; /* valid when approved */
};

/* Asks every gate. Approval is remembered in `recent`; a refusal leaves it alone. */
void td_risk_check(const struct td_limits *limits, const struct td_gate_facts *facts,
                   const struct td_intent *intent, struct td_recent *recent,
                   struct td_verdict *out);

/* True when `order` was made by td_risk_check and not changed since. */
bool td_risk_sealed(const struct td_approved *order);

/* True when the intent only makes the position smaller, with everything that is already working. */
bool td_risk_reduces(const struct td_gate_facts *facts, const struct td_intent *intent);

#endif
