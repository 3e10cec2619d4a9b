/* desk/market.h - what we want to see of the market, kept true over one connection after another.
 *
 * Lines are desired state: a symbol and what is wanted of it. The market qualifies the contract, subscribes,
 * turns messages into tape events (market/event.h) with both clocks, and keeps book and quote per line.
 * After a reconnect, a data loss (1101) or a depth halt (316) it subscribes again, with new request ids;
 * messages for older ids are dropped by generation. Nothing here decides or waits.
 *
 * Owner: the trading thread. Events are handed to a sink in arrival order; books are updated before the
 * sink sees the event. A book gap asks for a fresh subscription by itself and shows as TD_EV_GAP, then
 * TD_EV_DEPTH_RESET.
 */
#ifndef TD_DESK_MARKET_H
#define TD_DESK_MARKET_H

#include "base/map.h"
#include "base/tz.h"
#include "desk/link.h"
#include "market/book.h"
#include "market/instrument.h"

#define TD_LINES_MAX 64

enum td_want {
    TD_WANT_DEPTH = 1,
    TD_WANT_QUOTES = 2,
    TD_WANT_BARS = 4, /* history for warm-up, then live bars */
};

enum td_line_state { TD_LINE_IDLE, TD_LINE_ASKED, TD_LINE_LIVE, TD_LINE_REFUSED };

struct td_line {
    char symbol[TD_SYMBOL_CHARS];
    char sec_type[8], exchange[16], currency[8];
    int wants; /* enum td_want bits */
    enum td_line_state state;
    struct td_instrument inst;
    char liquid_hours[512]; /* as the contract details give them */
    struct td_book book;
    struct td_quote quote;
    td_px last;
    td_ns quote_recv_ns;
    td_ns recv_ns, venue_ns; /* of the last event of any kind */
    bool quote_delayed, halted;
    bool smart_depth;
    bool warm;             /* the bar history has arrived */
    struct td_bar forming; /* the live bar in progress */
    td_ns forming_start;
    uint64_t depth_messages;
    uint32_t resubscribed;
    int32_t refused_code;
    char refused[160];
    int32_t ids[4]; /* private: details, depth, quotes, bars; 0 none */
};

/* One tape event of line `index`. `warmup` marks bars of the past, not to be acted on. */
typedef void td_market_fn(void *arg, uint32_t index, const struct td_event *event, bool warmup);

struct td_market_config {
    int32_t depth_rows;      /* 1..TD_BOOK_ROWS_MAX */
    const char *bar_size;    /* "1 min", TWS words */
    const char *bar_history; /* "1 D": warm-up */
    td_ns bar_span;
    bool delayed; /* accept delayed data when there is no live data */
};

struct td_market {
    struct td_market_config config;
    struct td_link *link;
    struct td_log *log;
    td_market_fn *sink;
    void *arg;
    struct td_line lines[TD_LINES_MAX];
    uint32_t count;
    struct td_map by_id; /* request id to line * 4 + purpose */
    struct td_map_slot slots[1024];
    int32_t next_id;
    uint64_t strays; /* messages of older generations */
};

void td_market_init(struct td_market *m, const struct td_market_config *config,
                    struct td_link *link, struct td_log *log, td_market_fn *sink, void *arg);
/* Adds a line before or after the link is ready. TD_EINVAL: not a safe symbol. TD_EFULL. */
TD_MUST_CHECK enum td_err td_market_add(struct td_market *m, const char *symbol, int wants,
                                        uint32_t *index, struct td_fail *why);
/* The link is ready (again): subscribe everything. */
void td_market_ready(struct td_market *m);
/* The link is gone: quotes are void, books broken, ids forgotten. */
void td_market_lost(struct td_market *m);
/* Takes a message; false when it is none of the market's business. */
bool td_market_take(struct td_market *m, const struct td_tws_msg *msg);
/* Cancels all subscriptions (before an orderly end). */
void td_market_cancel(struct td_market *m);
/* "yyyymmdd hh:mm:ss zone", "yyyymmdd" or epoch seconds of bars, as an instant. `zone` is used where the
 * text carries none. TD_EPARSE. */
TD_MUST_CHECK enum td_err td_bar_time_parse(struct td_str text, const struct td_tz *zone,
                                            td_ns *out);

#endif
