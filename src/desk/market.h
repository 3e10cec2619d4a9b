/* desk/market.h - what we want to see of the market, kept true over one connection after another.
 *
 * Lines are desired state: a symbol and what is wanted of it. The market qualifies the contract, subscribes,
 * turns messages into tape events (market/event.h) with both clocks, and keeps book and quote per line.
 * Nothing here decides or waits.
 *
 * Subscriptions. Each want of a line is one subscription with a request id of its own. To change one is to queue
 * it; td_market_turn sends what the link's pacer allows, cancels first, so a thousand lines come back as fast as
 * the broker's rules let them and never faster. A subscription that is asked for again gets a new id; messages for
 * older ids are dropped and counted (strays). Quotes, depth and tick-by-tick each have a budget of slots
 * (desk/budget.h): what has none waits for its turn, and the broker's refusals (101, 309, 10190) shrink it.
 *
 * Freshness. In an open market (the contract's hours on the market's clock, not paused) a subscription that stays
 * silent for TD_MARKET_SILENT is stale within the next second: nothing may be decided on it. It is cancelled and asked
 * for again under a new id, not more often than every 30 s; after TD_MARKET_TRIES without any data the owner is
 * told (td_market_health), and the pauses grow to five minutes. Bars are silent where nobody trades, so they are
 * measured against the line's trades, unless the connection gave reason to doubt them (verify).
 *
 * Owner: the trading thread. Memory is taken at init for lines_max lines, none after. Events are handed to a
 * sink in arrival order; books are updated before the sink sees the event. A book gap asks for a fresh
 * subscription by itself and shows as TD_EV_GAP, then TD_EV_DEPTH_RESET.
 */
#ifndef TD_DESK_MARKET_H
#define TD_DESK_MARKET_H

#include "base/map.h"
#include "base/tz.h"
#include "desk/budget.h"
#include "desk/farm.h"
#include "desk/hours.h"
#include "desk/link.h"
#include "market/book.h"
#include "market/instrument.h"
#include "market/pause.h"
#include "market/qualify.h"
#include "market/tickrule.h"

#define TD_LINES_MAX     1024 /* largest lines_max */
#define TD_MARKET_SILENT (29 * TD_SEC)
#define TD_MARKET_TRIES  3

enum td_want {
    TD_WANT_DEPTH = 1,
    TD_WANT_QUOTES = 2,
    TD_WANT_BARS = 4,  /* history for warm-up, then live bars */
    TD_WANT_TICKS = 8, /* tick by tick: every trade           */
};

/* What a request of a line is for. */
enum td_purpose {
    TD_FOR_DETAILS,
    TD_FOR_QUOTES,
    TD_FOR_DEPTH,
    TD_FOR_TICKS,
    TD_FOR_BARS,
    TD_PURPOSES
};

enum td_sub_state {
    TD_SUB_OFF,     /* not wanted                                     */
    TD_SUB_WAITING, /* for a slot of its budget                       */
    TD_SUB_QUEUED,  /* to be sent                                     */
    TD_SUB_LATER,   /* to be sent at `again`                          */
    TD_SUB_ASKED,   /* sent, nothing heard yet                        */
    TD_SUB_LIVE,    /* heard                                          */
    TD_SUB_REFUSED, /* the broker will not give it                    */
};

struct td_sub {
    int32_t id;        /* of the request that stands; 0 none */
    int32_t cancel_id; /* older one that must be cancelled first; 0 none */
    uint8_t state;     /* enum td_sub_state */
    bool in_queue;     /* private: stands in the queue of asks, or of cancels */
    bool in_cancels;
    bool stale;         /* nothing may be decided on it */
    bool doubted;       /* the connection gave reason: silence counts without trades */
    uint8_t tries;      /* asked again since it last flowed */
    uint8_t mute;       /* of these, without any data at all */
    td_ns asked, heard; /* monotonic */
    td_ns again;        /* not asked again before */
    td_ns silent_from;  /* silence counts from here at the earliest */
    td_ns stale_after;  /* how long it had been silent when it was found */
};

enum td_line_state { TD_LINE_IDLE, TD_LINE_ASKED, TD_LINE_LIVE, TD_LINE_REFUSED };

struct td_line {
    char symbol[TD_SYMBOL_CHARS];        /* ours, and of files */
    char broker_symbol[TD_SYMBOL_CHARS]; /* as it is asked for and told */
    char sec_type[8], exchange[16], currency[8];
    int wants; /* enum td_want bits */
    enum td_line_state state;
    struct td_instrument inst;
    const struct td_product *product;  /* of a future; NULL: a stock */
    struct td_qualify qualify;         /* the look-up that stands */
    int32_t held_conid;                /* a position or order is in this contract; 0 none */
    int32_t asked_conid;               /* looked up by its id; 0 by name */
    bool chosen;                       /* among those told */
    bool last_days;                    /* no entries any more, and told so */
    int64_t last_day;                  /* of trade, of a future; 0 not known */
    char liquid_hours[TD_HOURS_CHARS]; /* as the contract details give them */
    struct td_tick_rule ticks;         /* of the exchange it is routed to; no steps: not known */
    int32_t rule_id;                   /* its market rule; 0: none was told */
    uint8_t rule_tries;
    bool rule_told;   /* by this connection */
    td_ns rule_asked; /* monotonic; 0: not by this line */
    struct td_book book;
    struct td_quote quote;
    td_px last;
    td_ns quote_recv_ns;
    td_ns recv_ns, venue_ns; /* of the last event of any kind */
    bool quote_delayed;
    struct td_pause pause; /* of the venue */
    bool smart_depth;
    bool warm;             /* the bar history has arrived */
    struct td_bar forming; /* the live bar in progress */
    td_ns forming_start;
    td_ns bar_told; /* begin of the last finished bar that was handed on: none is told twice */
    uint64_t depth_messages;
    uint32_t resubscribed;
    int32_t refused_code;
    char refused[160];
    struct td_sub subs[TD_PURPOSES];
    uint32_t schedule; /* of `hours` */
    td_ns open_from;   /* monotonic; 0: not open, or not known */
    td_ns traded;      /* monotonic time of the last trade */
};

/* One tape event of line `index`. `warmup` marks bars of the past, not to be acted on. */
typedef void td_market_fn(void *arg, uint32_t index, const struct td_event *event, bool warmup);

/* Zero in a number takes the preset in brackets. */
struct td_market_config {
    int32_t depth_rows;      /* 1..TD_BOOK_ROWS_MAX */
    const char *bar_size;    /* "1 min", TWS words */
    const char *bar_history; /* "1 D": warm-up */
    td_ns bar_span;
    uint32_t lines_max;                            /* [64], at most TD_LINES_MAX */
    uint32_t quote_slots, depth_slots, tick_slots; /* budgets [lines_max: no limit of ours] */
};

/* A queue of subscriptions: line * TD_PURPOSES + purpose. Each stands in it at most once. */
struct td_market_queue {
    uint32_t *items;
    uint32_t cap, at, count;
};

enum td_market_budget { TD_BUDGET_QUOTES, TD_BUDGET_DEPTH, TD_BUDGET_TICKS, TD_BUDGETS };

struct td_market {
    struct td_market_config config;
    struct td_link *link;
    struct td_log *log;
    td_market_fn *sink;
    void *arg;
    struct td_line *lines;
    uint32_t count;
    uint64_t strays;    /* messages of older generations */
    uint64_t asked;     /* subscriptions and look-ups sent, ever */
    uint64_t cancelled; /* cancels sent, ever */
    struct td_budget budgets[TD_BUDGETS];
    struct td_hours *hours;
    bool watched;   /* ever: its clock is told by its owner */
    bool rules_due; /* some line's market rule is to be asked for */
    bool blind;     /* the broker is gone: everything is stale, nothing is asked for */
    uint32_t held;  /* bits of enum td_purpose that are not asked for: their farm is broken */
    /* private */
    struct td_map by_id; /* request id to line * TD_PURPOSES + purpose */
    struct td_market_queue asks[TD_PURPOSES], cancels;
    td_ns next_mono; /* when the pacer lets the next one through; 0 not looked yet */
    int32_t next_id;
    void *memory;
};

/* TD_ENOMEM; TD_EINVAL: more lines than TD_LINES_MAX. */
TD_MUST_CHECK enum td_err td_market_init(struct td_market *m, const struct td_market_config *config,
                                         struct td_link *link, struct td_log *log,
                                         td_market_fn *sink, void *arg, struct td_fail *why);
/* Gives the memory back. Accepts a zeroed market, and twice. */
void td_market_fini(struct td_market *m);
/* Adds a line before or after the link is ready; a future by any of its names (market/product.h), and the line has
 * its trading class as symbol. TD_EINVAL: not a safe symbol. TD_EEXIST: the future is there. TD_EFULL. */
TD_MUST_CHECK enum td_err td_market_add(struct td_market *m, const char *symbol, int wants,
                                        uint32_t *index, struct td_fail *why);
/* Changes what is wanted of a line while it runs: what is new is asked for, whatever was refused before; what is not wanted any
 * more is cancelled. A book that goes while the rest of the line stays tells GAP and DEPTH_RESET. */
void td_market_want(struct td_market *m, uint32_t index, int wants);
/* A line of which nothing is wanted becomes that of another symbol. TD_EINVAL, TD_EEXIST as td_market_add; TD_EAGAIN: its cancels
 * have yet to leave. */
TD_MUST_CHECK enum td_err td_market_reuse(struct td_market *m, uint32_t index, const char *symbol,
                                          int wants, struct td_fail *why);
/* A pinned line keeps its slots (an open position, a working order). */
void td_market_pin(struct td_market *m, uint32_t index, bool pinned);

/* Our symbol of a name: the trading class of a future, others as they are. */
const char *td_market_symbol(const char *name);
/* The contract that a position or order of the line is in; 0: none. Looked up by its id as long as it is held. */
void td_market_hold(struct td_market *m, uint32_t index, int64_t conid);
/* Positions may be opened: not in the last days of a future. What reduces a position is not asked. */
bool td_market_may_enter(const struct td_market *m, uint32_t index);

/* The link is ready (again): qualify and subscribe everything. */
void td_market_ready(struct td_market *m);
/* The link is gone: quotes are void, books broken, ids forgotten. */
void td_market_lost(struct td_market *m);
/* The broker lost our subscriptions (1101): all of them again, under new ids. Contracts stay known. */
void td_market_restore(struct td_market *m);
/* The broker is gone: everything is stale until it is heard again. */
void td_market_blind(struct td_market *m);
/* The broker (NULL) or a farm is back and says that subscriptions were kept: what it feeds must show data within 30 s.
 * `bars`: live bars too, whether there are trades or not. */
void td_market_verify(struct td_market *m, const struct td_farm *farm, bool bars);
/* Some line wants something of this farm. */
bool td_market_uses(const struct td_market *m, const struct td_farm *farm);

/* Sends what may be sent; call once a turn, and at the deadline at the latest. */
void td_market_turn(struct td_market *m);
td_ns td_market_deadline(const struct td_market *m);
/* Looks at hours and freshness; call once a second. `market_now`: the market's clock, 0 unknown. */
void td_market_watch(struct td_market *m, td_ns market_now);
/* Takes a message; false when it is none of the market's business. */
bool td_market_take(struct td_market *m, const struct td_tws_msg *msg);
/* A message could not be read (TD_TWS_EV_BAD). An update of a book that is missing is a gap: the line, or all when the
 * message does not say whose it was, tells GAP and DEPTH_RESET and asks again. */
void td_market_unread(struct td_market *m, int32_t wire_id, int32_t req_id);
/* Cancels what the pacer allows now (before an orderly end; the rest goes with the connection). */
void td_market_cancel(struct td_market *m);

/* The tape is over and will say nothing more: the bars in progress are finished, and handed on. */
void td_market_finish(struct td_market *m);

/* By the hours of the contract, at the last watch. */
enum td_hours_answer td_market_open(const struct td_market *m, uint32_t index);
/* True when a subscription of the line that decisions use is stale. */
bool td_market_stale(const struct td_market *m, uint32_t index);

/* How long a subscription has been silent, by the monotonic clock; TD_NS_NEVER: not heard since it was asked for. */
td_ns td_market_silent(const struct td_market *m, uint32_t index, enum td_purpose purpose);

struct td_market_health {
    uint32_t lines, live, refused; /* lines */
    uint32_t waiting, queued;      /* subscriptions without a slot, and not yet sent */
    uint32_t stale, mute;          /* silent ones, and those that three tries did not wake */
};
void td_market_health(const struct td_market *m, struct td_market_health *out);
/* Whether a contract that was told is this line's: by its id where both are known, else by name and type. */
bool td_market_is(const struct td_line *line, const struct td_tws_contract *c);
/* The contract of a line as requests name it. */
void td_market_contract(const struct td_line *line, struct td_tws_contract *c);
const char *td_purpose_word(enum td_purpose purpose);
const char *td_sub_word(enum td_sub_state state);

/* "yyyymmdd hh:mm:ss zone", "yyyymmdd" or epoch seconds of bars, as an instant. `zone` is used where the text
 * carries none, or names that one (US/Eastern is America/New_York); UTC is always understood, and NULL is UTC.
 * TD_EPARSE: no such form, or in another zone: a bar of an unknown hour is no bar. */
TD_MUST_CHECK enum td_err td_bar_time_parse(struct td_str text, const struct td_tz *zone,
                                            td_ns *out);

#endif
