/* sim/exchange.h - the matching engine: our orders among the market's, one instrument per struct.
 *
 * Used by the gateway simulator, by local paper trading and by the backtest. It never reads a clock:
 * the market drives it (td_exchange_market, in time order) and the caller says what time it is
 * (td_exchange_advance). Everything it does comes back as reports, pulled with td_exchange_next.
 *
 * The market's side of the book is what the tape says; our fills do not change the tape. What we took
 * from a level is remembered and not offered twice until the level leaves the book or shrinks below it.
 * Order-by-order tapes (MBO) give real resting orders, aggregate tapes (QUOTE, DEPTH) give levels.
 *
 * How our orders fill:
 * - Taking: best level first, at resting prices, never beyond the limit; price-time among our own.
 * - Resting: an order joins behind what is displayed at its price ("ahead"). Prints at the price reduce
 *   ahead first and fill us with the rest; a print through the price fills the whole order; an opposite
 *   quote at or through the price fills up to its size. Fills are at our limit, liquidity "added".
 * - Cancellations at our price reduce ahead by enum td_exch_queue; with MBO the queue is exact.
 * - A stop triggers on a reported print at or through it (TD_EXCH_TRIGGER_QUOTE: on the quote) and is then
 *   a market or limit order. A trailing stop follows the best price since acceptance.
 * - Halted, closed, auction, or outside regular hours without the flag: nothing fills, orders wait.
 * - An order that would meet our own resting order is cancelled for the rest (no self-trade).
 *
 * By bars (backtests on bars, LEAN's rules): the tape is TD_EV_BAR events, each given at its begin and told of at its end. A
 * TD_EV_QUOTE at that begin, given before it, is the quote the bar begins with.
 * An order takes part in bars that begin at its arrival or later, whole and at once, whatever their volume:
 * - market: at the begin of the first, a buy at the ask and a sale at the bid of its quote, without one at its open; a buy pays
 *   slip_bps more, a sale gets as much less;
 * - limit: at the end of a bar that went past it (a low below a buy), at the limit or, when that is better, at the bar's open;
 * - stop: at the end of a bar that reached it, at the stop or at the open if that lies beyond, with slip_bps; a stop-limit works
 *   from the next bar on; a trailing stop is asked first and moved by the bar's extreme afterwards;
 * - stops come before limits, and limits wait until the reports of the stops were pulled: of two orders that cancel each other
 *   the bad one fills.
 *
 * Time: ns UTC. Prices and sizes fixed point. Owner: one thread; memory from one arena at open, none after.
 * Deterministic: the same calls give the same reports. Costs O(live orders) per market event.
 */
#ifndef TD_SIM_EXCHANGE_H
#define TD_SIM_EXCHANGE_H

#include "base/arena.h"
#include "base/map.h"
#include "market/event.h"
#include "sim/daytime.h"
#include "market/levels.h"
#include "market/orderbook.h"
#include "market/tickrule.h"

enum td_exch_type {
    TD_EXCH_MARKET,
    TD_EXCH_LIMIT,
    TD_EXCH_STOP,
    TD_EXCH_STOP_LIMIT,
    TD_EXCH_TRAIL, /* stop_px = first stop (TD_PX_NONE: from the market), trail = distance in price */
    TD_EXCH_TYPES
};

/* OPG and auctions on close are refused (TD_EXCH_R_TIF): the engine does not model the auction book. */
enum td_exch_tif { TD_EXCH_DAY, TD_EXCH_GTC, TD_EXCH_IOC, TD_EXCH_FOK, TD_EXCH_OPG, TD_EXCH_TIFS };

/* What happens to the queue ahead of us when displayed size at our price falls without a trade. */
enum td_exch_queue {
    TD_EXCH_QUEUE_PRORATA, /* cancels fall on the whole level in proportion: ahead * left / before */
    TD_EXCH_QUEUE_PESSIMISTIC, /* cancels come from behind us as long as there is somebody behind   */
    TD_EXCH_QUEUE_OPTIMISTIC, /* cancels come from ahead of us                                      */
};

enum td_exch_trigger { TD_EXCH_TRIGGER_LAST, TD_EXCH_TRIGGER_QUOTE };

/* Why an order was refused, cancelled or expired. td_exch_reason_text has the words a trader reads. */
enum td_exch_reason {
    TD_EXCH_R_NONE,
    TD_EXCH_R_DUPLICATE, /* the key is already alive                            */
    TD_EXCH_R_QTY,       /* quantity is not positive, or below what has filled  */
    TD_EXCH_R_PRICE,     /* a needed price is missing or not positive           */
    TD_EXCH_R_TICK,      /* price is not a multiple of the minimum increment    */
    TD_EXCH_R_TIF,       /* time in force not offered for this order            */
    TD_EXCH_R_TYPE,      /* order type not offered, or a modify changes it      */
    TD_EXCH_R_FULL,      /* too many live orders                                */
    TD_EXCH_R_UNKNOWN,   /* cancel or modify of an order that is not alive      */
    TD_EXCH_R_USER,      /* cancelled on request                                */
    TD_EXCH_R_IOC,       /* immediate-or-cancel: the rest                       */
    TD_EXCH_R_FOK,       /* fill-or-kill: not enough at once                    */
    TD_EXCH_R_SELF,      /* would have traded with our own order                */
    TD_EXCH_R_DAY,       /* end of the day's session                            */
    TD_EXCH_REASONS
};

struct td_exch_order {
    uint64_t key;   /* the caller's id, unique among live orders (permId) */
    uint8_t action; /* enum td_action */
    uint8_t type;   /* enum td_exch_type */
    uint8_t tif;    /* enum td_exch_tif */
    bool outside_rth;
    td_qty qty;     /* total */
    td_px limit_px; /* LIMIT, STOP_LIMIT */
    td_px stop_px;  /* STOP, STOP_LIMIT, TRAIL */
    td_px trail;    /* TRAIL */
};

enum td_exch_kind {
    TD_EXCH_ACCEPTED,        /* alive; `held` when it waits for hours, halt or stop trigger */
    TD_EXCH_REJECTED,        /* never alive; reason                                         */
    TD_EXCH_ACTIVATED,       /* a held order works now (trigger, session, resume)           */
    TD_EXCH_REPLACED,        /* the modify took effect                                      */
    TD_EXCH_REPLACE_REFUSED, /* the order is as it was, or gone; reason                     */
    TD_EXCH_CANCEL_REFUSED,  /* reason                                                      */
    TD_EXCH_FILL,            /* px, qty, liquidity; cum and leaves after it                 */
    TD_EXCH_CANCELLED,       /* gone; reason; cum says what filled before                   */
    TD_EXCH_EXPIRED,         /* gone at the end of its day                                  */
};

struct td_exch_report {
    uint64_t key;
    td_ns venue_ns;    /* when it happened at the venue                 */
    td_ns visible_ns;  /* venue_ns + response latency: when we know it  */
    td_px px;          /* fill price, else TD_PX_NONE                   */
    td_qty qty;        /* fill quantity, else 0                         */
    td_qty cum;        /* filled so far                                 */
    td_qty leaves;     /* still working; 0 when gone                    */
    uint8_t kind;      /* enum td_exch_kind                             */
    uint8_t reason;    /* enum td_exch_reason                           */
    uint8_t liquidity; /* fills: 1 added, 2 removed (as TWS lastLiquidity) */
    uint8_t action;    /* enum td_action of the order                   */
    bool held;
    bool generated; /* the liquidity that filled us came from the generator */
};

struct td_exch_config {
    struct td_tick_rule ticks; /* no steps: prices are not checked */
    td_ns entry_ns;            /* order, modify, cancel: from us to the venue */
    td_ns response_ns;         /* report: from the venue to us */
    uint8_t queue;             /* enum td_exch_queue */
    uint8_t trigger;           /* enum td_exch_trigger */
    uint32_t orders_max;       /* live orders of ours, e.g. 256; also commands on their way */
    uint32_t levels_max;       /* market levels per side, e.g. 64; 4096 for a whole MBO book */
    uint32_t resting_max; /* market orders of an MBO tape, power of two; 0 when there is none */
    bool by_bars;
    int32_t slip_bps; /* by bars: of market and stop orders */
};

struct td_exch_live; /* exchange.c */
struct td_exch_command;

struct td_exchange {
    struct td_exch_config config;
    struct td_venue_hours hours;
    struct td_levels side[2];      /* the market's levels, index enum td_side */
    struct td_orderbook orderbook; /* MBO tapes only */
    bool by_order;                 /* the tape is order by order */
    struct td_depth rows[2][64];   /* DEPTH tapes: the rows as sent */
    uint32_t row_count[2];
    struct td_bar bar;        /* by bars: the one in progress */
    td_ns bar_start, bar_end; /* bar_end 0: none */
    struct td_quote quote;    /* by bars: the last one given, */
    td_ns quoted;             /* and when */
    bool limits_due;          /* its limits are still to be asked */
    uint8_t status;           /* enum td_status */
    bool generated;           /* the last market event was generated */
    td_px last;               /* last reported print */
    td_ns now;
    uint64_t sequence;
    struct td_exch_live *orders; /* [orders_max], in order of time priority */
    uint32_t order_count;
    struct td_exch_command *commands; /* ring [orders_max] */
    uint32_t command_head, command_count;
    struct td_exch_report *reports; /* ring */
    uint32_t report_cap, report_head, report_count;
};

/* TD_ENOMEM when the arena is too small, TD_EINVAL for a zero limit. Nothing is freed singly. */
TD_MUST_CHECK enum td_err td_exchange_open(struct td_exchange *x,
                                           const struct td_exch_config *config,
                                           struct td_arena *arena);
/* Bytes of arena an exchange of this configuration takes. */
size_t td_exchange_bytes(const struct td_exch_config *config);

/* The day's hours (all zero: always open). Orders without outside_rth work in [open, close), with it in
 * [ext_open, ext_close); DAY orders end with the session they may work in. Call before the first event of a
 * day: open DAY orders of an older day expire first. */
void td_exchange_session(struct td_exchange *x, const struct td_venue_hours *hours);

/* Applies one event of the tape at its venue_ns (recv_ns when that is 0); commands that arrived by then
 * come first. TD_EFULL: pull reports first, nothing was applied. TD_EINVAL: malformed rows. */
TD_MUST_CHECK enum td_err td_exchange_market(struct td_exchange *x, const struct td_event *ev);

/* Time passes without an event: commands arrive, orders expire. Times never run backwards: an older
 * `now` is taken as the latest seen. */
void td_exchange_advance(struct td_exchange *x, td_ns now);

/* Sends a command at `now`; it acts at now + entry_ns. TD_EFULL: too many on their way. What is wrong
 * with the order itself comes back as a report, as a broker does. Modify keeps key, action and type;
 * a smaller quantity at the same price keeps the place in the queue, everything else loses it. */
TD_MUST_CHECK enum td_err td_exchange_submit(struct td_exchange *x, td_ns now,
                                             const struct td_exch_order *order);
TD_MUST_CHECK enum td_err td_exchange_modify(struct td_exchange *x, td_ns now,
                                             const struct td_exch_order *order);
TD_MUST_CHECK enum td_err td_exchange_cancel(struct td_exchange *x, td_ns now, uint64_t key);

/* The oldest report visible at `now`, or false. Advances the exchange to `now` first. */
bool td_exchange_next(struct td_exchange *x, td_ns now, struct td_exch_report *out);

/* When the exchange next has something to do without the market: a command arrives, a report becomes
 * visible, a session ends. TD_NS_NEVER when nothing is pending. For the caller's timer. */
td_ns td_exchange_due(const struct td_exchange *x);

/* Best market price and size of a side (without our orders and what we took). False when empty. */
bool td_exchange_best(const struct td_exchange *x, enum td_side side, struct td_venue_level *out);

/* A live order as the venue has it now: what is left, filled and ahead in the queue. False when gone. */
struct td_exch_view {
    struct td_exch_order order;
    td_qty cum, ahead;
    bool held;
};
bool td_exchange_order(const struct td_exchange *x, uint64_t key, struct td_exch_view *out);
uint32_t td_exchange_live(const struct td_exchange *x);

const char *td_exch_reason_text(enum td_exch_reason reason);

#endif
