/* desk/paper.h - local paper trading: a broker inside the process, for a session that gives market data alone.
 *
 * Takes what the desk sends about orders (the seam is struct td_order_desk of desk/link.h) and answers as a gateway does:
 * statuses, open orders, executions, fees, positions, the account's worth. One matching engine per line (sim/exchange.h)
 * is fed with the quotes and trades the desk sees; it is meant to fill at what is quoted and no more than is
 * quoted; market orders of a fast market were seen a tick or two inside of it (docs/known-issues.md).
 * Nothing fills on data that are delayed, frozen, stale or crossed, while the venue pauses, or outside the hours of the contract
 * (with OUTSIDE_RTH: outside of them too). Depth below the best quote is not used: what is larger than the quote waits
 * for the next one. Stops trigger on trades. MOC, LOC, MIT, LIT, REL, PEG MID and OPG are refused with error 201.
 *
 * State: the desk's journal alone. A fill counts once the desk has it; what the process dies with before that never
 * happened, and nobody else has seen it. At the start td_paper_revive and its like rebuild orders, executions and positions
 * from the blotter. Lost by a restart: places in the queue, how far a trailing stop had come, what was taken from a quote.
 *
 * Time: monotonic, an argument; texts carry the wall clock. Commands wait `latency` before they act, and so do answers.
 * A group (OCA) acts at once, at the broker: of two siblings one alone fills.
 *
 * Bounded: TD_PAPER_ORDERS rows (ended ones make room), TD_PAPER_FILLS executions (the oldest is forgotten), TD_PAPER_TOLD
 * answers; a request that does not fit is refused with TD_EFULL, and engines keep their reports until there is room.
 * Memory at open, none after. Owner: the trading thread.
 */
#ifndef TD_DESK_PAPER_H
#define TD_DESK_PAPER_H

#include "desk/market.h"
#include "market/fees.h"
#include "sim/exchange.h"
#include "trade/blotter.h"

#define TD_PAPER_ACCOUNT "PAPER-LOCAL"
#define TD_PAPER_MODE    "PAPER (local fills)" /* on screens */
#define TD_PAPER_ORDERS  1024
#define TD_PAPER_LIVE    64 /* of a line */
#define TD_PAPER_FILLS   4096
#define TD_PAPER_TOLD    16384
#define TD_PAPER_PERM    INT64_C(5000000000) /* + order id: the permId */

struct td_paper_options {
    td_ns latency;    /* to the venue, and back */
    int32_t slip_bps; /* market and stop orders fill so much worse than the quote, 1e-4 */
};

struct td_paper_config {
    struct td_paper_options options;
    struct td_market *market; /* its lines; all added before open */
    int32_t client_id;
    td_cash cash; /* the account began with it */
    enum td_fee_plan fees;
    bool outside_rth;
    uint32_t exec_base; /* of execution ids: another one in every process */
};

enum td_paper_state {
    TD_PAPER_ON_WAY, /* taken, not at the venue yet */
    TD_PAPER_HELD,   /* there, and waits for a trigger or the hours */
    TD_PAPER_WORKS,
    TD_PAPER_FILLED,
    TD_PAPER_CANCELLED,
    TD_PAPER_REFUSED
};

struct td_paper_order {
    int64_t order_id;                                 /* 0: free row */
    uint32_t line, waiting;                           /* answers about it that were not pulled */
    uint8_t state, action, type, venue_tif, oca_type; /* type, venue_tif: of sim/exchange.h */
    bool day;
    td_qty qty, filled, before; /* `before`: filled in an older process; its engine counts from 0 */
    td_px lmt, aux, stop, average, last;
    td_cash value, fee; /* sums of its fills */
    td_ns until;        /* wall clock; 0 none */
    int64_t born;       /* day since 1970 */
    int32_t code;       /* why it was refused */
    char text[80], type_word[12], tif[8], ref[40], group[48];
};

struct td_paper_fill {
    uint32_t line;
    int64_t order_id;
    uint8_t action, liquidity;
    td_qty qty;
    td_px px;
    td_cash fee, realized; /* realized: unset when it opened */
    td_ns at;              /* wall clock */
    char exec_id[48], ref[40];
};

struct td_paper_line {
    struct td_exchange exchange;
    struct td_holding held;
    struct td_quote quote; /* the last one */
    bool open, blind;      /* what the engine was told last */
    bool told;             /* a position was ever there */
    bool was_open;         /* by the hours of the contract */
};

struct td_paper; /* opaque: tables of some megabytes */

/* TD_ENOMEM. */
TD_MUST_CHECK enum td_err td_paper_open(struct td_paper **out, const struct td_paper_config *config,
                                        struct td_fail *why);
/* Accepts NULL. */
void td_paper_close(struct td_paper *p);
/* The seam to give to td_link_serve_orders. */
struct td_order_desk td_paper_order_desk(struct td_paper *p);

/* --- from the blotter, before anything is taken --- */

/* What a line holds, or (line TD_PAPER_ELSEWHERE) what other symbols earned. */
#define TD_PAPER_ELSEWHERE UINT32_MAX
void td_paper_hold(struct td_paper *p, uint32_t line, const struct td_holding *held);
/* An unfinished order. One that never left is told as cancelled, and so is one whose day is `over`. `multiplier`: of its
 * holding, the contract is not looked up yet. */
void td_paper_revive(struct td_paper *p, uint32_t line, const struct td_order *o, bool over,
                     td_qty multiplier);
/* An execution; one without a fee gets it now. */
void td_paper_refill(struct td_paper *p, uint32_t line, const struct td_execution *e,
                     const struct td_order *o, td_qty multiplier);

/* --- the market --- */

/* An event of a line that is not of the past. */
void td_paper_market(struct td_paper *p, uint32_t line, const struct td_event *ev);
/* Its data do not stand the checks: nothing fills before they do again. */
void td_paper_doubt(struct td_paper *p, uint32_t line);
/* Once a second: hours, stale data, orders whose time is over. `day`: of the market, since 1970; INT64_MIN not known. */
void td_paper_tick(struct td_paper *p, int64_t day);
/* The session is gone: nothing fills before the market is heard again. */
void td_paper_blind(struct td_paper *p);

struct td_paper_stats {
    uint64_t orders, fills, missed; /* missed: events of the market an engine had no room for */
    uint32_t live;
    td_cash equity; /* unset: a held symbol has no price */
};
void td_paper_stats(const struct td_paper *p, struct td_paper_stats *out);

#endif
