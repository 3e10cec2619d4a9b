/* sim/gateway_inner.h - what the parts of the gateway simulator share; nobody else includes it.
 *
 * gateway_server.c: life, clock, dispatch. gateway_client.c: one connection. gateway_tape.c: symbols and their tapes.
 * gateway_market.c: live market data. gateway_history.c: bars. gateway_pace.c: limits. gateway_contract.c: contracts
 * and small answers. gateway_order.c, gateway_report.c: orders. gateway_account.c: accounts. gateway_format.c: times, texts.
 * gateway_fault.c: scripts, sessions. gateway_fault_bytes.c: messages on their way. gateway_fault_book.c: orders,
 * executions, data that are wrong on purpose.
 */
#ifndef TD_SIM_GATEWAY_INNER_H
#define TD_SIM_GATEWAY_INNER_H

#include "base/tz.h"
#include "sim/chain.h"
#include "sim/exchange.h"
#include "sim/gateway_server.h"
#include "sim/history.h"
#include "sim/script.h"
#include "sim/source.h"
#include "wire/tws_gateway.h"

#define TD_GW_SUBS       256
#define TD_GW_ORDERS     20000
#define TD_GW_FILLS      40000
#define TD_GW_POSITIONS  4096
#define TD_GW_IDENTS     256
#define TD_GW_ZONES      8
#define TD_GW_MINUTES    16000 /* minutes of the live tape kept per symbol */
#define TD_GW_BARS       32768 /* longest history answer */
#define TD_GW_RX         (64u * 1024)
#define TD_GW_TX         (4u * 1024 * 1024)
#define TD_GW_OUT        (64u * 1024)
#define TD_GW_ARENA      (256u * 1024)
#define TD_GW_RATE       50 /* messages a second, all clients together */
#define TD_GW_SHAPES     16 /* lasting faults of messages at once */
#define TD_GW_LATE       64 /* messages that wait to come late */
#define TD_GW_LATE_BYTES 4096
#define TD_GW_JUNK       64
#define TD_GW_TALKERS    4 /* control connections */
#define TD_GW_PERM_FIRST INT64_C(1900000000)

#define TD_GW_WATCHED    1024
#define TD_GW_ECHO_BYTES 4096 /* texts and lists of one order */
#define TD_GW_CHAINS     4
#define TD_GW_SCANNERS   10   /* scanner subscriptions of a client */
#define TD_GW_HEADLINES  2048 /* kept; the oldest go */
#define TD_GW_BULLETINS  16
#define TD_GW_GROUPS     7
#define TD_GW_GROUP_TEXT 64
#define TD_GW_FA_TEXT    8192
#define TD_GW_TICK_ROWS  4096 /* longest answer of historical ticks */

struct td_gw_minute {
    td_ns start;
    struct td_bar bar;
};

/* What has been told of a symbol's day. */
struct td_gw_told {
    int64_t day;
    bool opened, closed, halted;
    td_px open, high, low, last; /* of regular hours; count once `opened` */
    td_ns extreme_at;
};

/* One symbol that plays. */
struct td_gw_symbol {
    uint32_t row; /* index in the universe = instrument id */
    struct td_source source;
    struct td_source_config config;
    const struct td_tz *zone;
    void *memory; /* of source and exchange */
    struct td_exchange exchange;
    struct td_event next;
    bool has_next, ended, late_data;
    bool derived; /* no tape of its own: quotes follow from other symbols */
    int64_t day;
    td_ns tape_start; /* first instant of the tape */
    char text[200];
    /* level 1 */
    struct td_quote quote;
    td_px last, open, high, low, prev_close;
    td_qty last_qty, volume;
    td_ns last_ns;
    double value; /* price x quantity of the day, for the average price */
    uint8_t status;
    uint64_t change; /* counts changes of the above */
    struct td_depth_row rows[2][TD_DEPTH_ROWS_MAX];
    size_t row_count[2], rows_made; /* rows_made: so many were asked for */
    bool rows_stale;
    struct td_gw_minute *minutes;
    uint32_t minute_count;
    bool minutes_full;
    struct td_history_mark mark; /* of the newest request for its bars */
    struct td_gw_told told;
};

enum td_gw_sub_kind {
    TD_GW_QUOTES,
    TD_GW_DEPTH,
    TD_GW_TICKS,
    TD_GW_BARS5,
    TD_GW_BARS_LIVE,
    TD_GW_SCANNER,
    TD_GW_GROUP,
    TD_GW_POSITIONS_MULTI, /* the accounts' kinds are the last */
    TD_GW_ACCOUNT_MULTI,
    TD_GW_SUMMARY,
    TD_GW_PNL,
    TD_GW_PNL_SINGLE
};

/* What a scanner subscription asked for; unset numbers are no bound. */
struct td_gw_scan {
    uint8_t code, location, stock_type; /* rows of the tables in gateway_scanner.c */
    bool blind;                         /* asks for facts the simulator has not: nothing fits */
    int32_t rows;
    int64_t above_px, below_px, above_volume, above_value, above_change, below_change; /* 1e-9 */
};

/* One subscription of a client. Which members count follows from the kind. */
struct td_gw_sub {
    uint8_t kind;
    uint8_t what; /* enum td_history_what; TICKS: enum td_tws_tbt */
    bool smart, rth, fresh, dirty, rtvolume;
    bool dead;         /* by a fault: it never sends again */
    bool delayed;      /* tells delayed tick types */
    bool news, quiet;  /* QUOTES: headlines wanted; no market data (mdoff) */
    uint32_t generics; /* QUOTES: bits, rows of the table in gateway_generic.c */
    int32_t req_id, rows, format, con_id;
    uint32_t sym, account;
    td_ns next_ns; /* market time of the next update; accounts: monotonic */
    td_ns span;
    uint64_t seen;
    struct td_quote quote; /* as told */
    td_px last, open, high, low, prev_close;
    td_qty last_qty, volume;
    td_ns last_ns;
    uint8_t status;
    struct td_bar bar; /* forming */
    double value;
    td_ns bar_start;
    char tags[512]; /* SUMMARY */
    struct td_depth_shown shown;
    struct td_gw_scan scan;
    uint32_t news_seen; /* headlines told so far */
    int32_t group;      /* GROUP: 1..7 */
};

enum td_gw_headline_kind {
    TD_GW_NEWS_OPEN,
    TD_GW_NEWS_HIGH,
    TD_GW_NEWS_LOW,
    TD_GW_NEWS_HALT,
    TD_GW_NEWS_RESUME,
    TD_GW_NEWS_CLOSE
};

/* Something that happened in the simulator's own market. */
struct td_gw_headline {
    td_ns at;
    td_px px;
    td_qty volume;
    uint32_t row;
    uint8_t kind; /* enum td_gw_headline_kind */
};

struct td_gw_client {
    struct td_conn conn;
    struct td_twsgw tws;
    bool open;      /* startApi done */
    bool closing;   /* hang up once the queue is empty */
    bool aborting;  /* at once, by a reset */
    bool greeted;   /* the hello is queued */
    bool blocked;   /* the socket takes no more */
    bool positions; /* position updates wanted */
    bool account_updates, bulletins;
    bool binds; /* orders placed by hand from now on get ids of its own */
    uint32_t bulletins_seen;
    uint32_t account; /* of the account updates */
    int32_t id, data_type;
    td_ns full_since, account_next, hold_until;
    uint8_t junk[TD_GW_JUNK]; /* sent behind the queue as it is */
    size_t junk_len;
    uint64_t requests, dropped;
    uint64_t account_change;
    uint8_t *out;
    size_t out_at, out_len;
    uint32_t sub_count;
    struct td_gw_sub *subs;
    td_ns accepted;
};

enum td_gw_order_state {
    TD_GW_HELD,    /* transmit=false, or a child whose parent has not filled: only here */
    TD_GW_WAITING, /* accepted; the gateway waits for what its `hold` says */
    TD_GW_SENT,    /* on its way to the venue */
    TD_GW_WORKING,
    TD_GW_FILLED,
    TD_GW_CANCELLED,
    TD_GW_INACTIVE,
};

/* Order types as clients name them; the rows of the table in gateway_judge.c. */
enum td_gw_type {
    TD_GW_MKT,
    TD_GW_LMT,
    TD_GW_STP,
    TD_GW_STP_LMT,
    TD_GW_TRAIL,
    TD_GW_TRAIL_LIMIT,
    TD_GW_MIT,
    TD_GW_LIT,
    TD_GW_MTL,
    TD_GW_REL,
    TD_GW_PEG_MID,
    TD_GW_PEG_BEST,
    TD_GW_MOC,
    TD_GW_LOC,
    TD_GW_VOL
};

/* Why an order waits in the gateway: bits of td_gw_hold.wait, left in this order. */
enum td_gw_wait {
    TD_GW_WAIT_TIME = 1,
    TD_GW_WAIT_CONDITIONS = 2,
    TD_GW_WAIT_AUCTION = 4,
    TD_GW_WAIT_TOUCH = 8, /* the price comes from the good side: MIT, LIT */
    TD_GW_WAIT_STOP = 16, /* it comes from the bad side: stops the exchange cannot hold */
};

/* What the gateway does with an order before and beside the exchange. Unset prices are TD_PX_NONE. */
struct td_gw_hold {
    uint8_t type;   /* enum td_gw_type */
    uint8_t wait;   /* bits of enum td_gw_wait */
    uint8_t method; /* trigger method: 0 and 2 last, 4 bid or ask, 8 middle */
    bool pegged;    /* its limit follows the quote */
    bool touched;   /* conditions were true once */
    td_ns good_after, good_till, auction, next_peg; /* 0: none */
    td_px stop, trail, limit_offset, peg_offset, cap;
    int64_t trail_percent; /* 1e-9 of a percent; 0: the distance */
    int64_t volatility;    /* VOL */
    td_px adjust_at;       /* stops: where they change */
    uint8_t adjust_to;     /* enum td_gw_type */
    td_px adjust_stop, adjust_limit;
    int64_t adjust_trail;
    bool adjust_percent;
};

struct td_gw_order {
    struct td_tws_order *asked; /* as the client sent it, for echo; malloc'd, may be NULL */
    struct td_gw_hold hold;
    bool watched; /* stands in g->watched */
    uint8_t oca_type;
    int32_t client_id, order_id, parent_id;
    int64_t perm_id;
    uint32_t account, sym;
    uint8_t state; /* enum td_gw_order_state */
    bool transmit, presubmitted;
    bool detached; /* by a fault: the exchange has nothing to do with it any more */
    struct td_exch_order venue;
    td_px lmt_price, aux_price, trail_stop;
    td_qty filled;
    td_px avg_px, last_px;
    td_cash value, fee; /* of the order so far */
    td_ns placed, completed;
    char type[16], tif[8], ref[TD_LEDGER_REF_CHARS], oca_group[48], exchange[16], note[96];
};

struct td_gw_ident {
    int32_t client_id, last_order_id;
};

/* A historical request for small bars. */
struct td_gw_asked {
    uint64_t request; /* what was asked, as a number */
    uint64_t series;  /* its contract, exchange and kind of data */
    td_ns at;
    int32_t weight; /* 0: none */
};

/* A lasting fault of the messages of one kind. */
struct td_gw_shape {
    enum td_fault how; /* DROP, REPEAT, DELAY, SHORTEN, LENGTHEN, FIELD */
    uint16_t kind;     /* 0: free */
    int32_t field;
    uint32_t left; /* UINT32_MAX: for good */
    td_ns delay;
    char value[TD_FAULT_TEXT];
};

struct td_gw_late {
    td_ns due; /* 0: free */
    uint16_t kind;
    uint32_t conn;
    size_t len;
    uint8_t bytes[TD_GW_LATE_BYTES];
};

/* A code that answers the next requests. */
struct td_gw_refusal {
    int32_t code;
    uint32_t left;
    char text[TD_FAULT_TEXT];
};

struct td_gw_step {
    td_ns next;    /* AT, BETWEEN, EVERY: monotonic */
    uint32_t left; /* how often it still happens; EVENT: events until it does */
    bool ran;
};

/* What is wrong at the moment; all zero: nothing. */
struct td_gw_ills {
    struct td_gw_shape shapes[TD_GW_SHAPES];
    bool mute_hello, mute, frozen, link_down;
    int32_t version;
    char hello_time[TD_FAULT_TEXT], accounts[TD_FAULT_TEXT];
    uint32_t split;
    td_ns join, busy_until;
    int32_t close_after, garbage_after;
    uint32_t lose_orders, cut_orders, late_updates, odd_bars;
    char odd_how[TD_FAULT_TEXT];
    struct td_gw_refusal order, change, history;
};

struct td_gw_faults {
    struct td_gw_step steps[TD_SCRIPT_STEPS];
    struct td_gw_ills now;
    struct td_gw_late *late;     /* [TD_GW_LATE] */
    struct td_gw_client *client; /* whose event runs an action; NULL: all are meant */
    struct td_gw_order *order;   /* and its order, or NULL: the newest live one */
    td_ns listen_at;             /* after a restart; 0: it listens */
};

struct td_gw_talker {
    struct td_conn conn; /* id 0: free */
    char line[256];
    size_t used;
};

/* Calendar question of the sources: `arg` is the gateway. Weekends are closed before it is asked. */
bool td_gw_is_holiday(const void *arg, int64_t day);

struct td_gateway {
    struct td_gateway_config config;
    struct td_world *world;
    struct td_log *log;
    struct td_conn listener;
    struct td_file ledger_file;
    bool ledger_open;
    struct td_universe universe;
    struct td_tz zones[TD_GW_ZONES];
    const struct td_tz *new_york; /* one of them */
    uint32_t zone_count;
    struct td_gw_symbol *symbols[TD_INSTRUMENTS_MAX]; /* by universe row */
    uint32_t opened[TD_INSTRUMENTS_MAX];              /* rows in order of opening */
    uint32_t opened_count;
    char multipliers[TD_INSTRUMENTS_MAX][TD_E9_CHARS]; /* as text, written when used */
    struct td_gw_client *clients[TD_GATEWAY_CLIENTS_MAX];
    struct td_ledger ledger;
    void *ledger_memory;
    struct td_gw_order *orders; /* [TD_GW_ORDERS], index = perm_id - config.perm_first */
    uint32_t order_count;
    struct td_gw_ident idents[TD_GW_IDENTS];
    uint32_t ident_count;
    int64_t day; /* New York day that plays */
    td_ns now, market_base, mono_base, mono;
    td_ns opened_mono;       /* when scripts begin */
    uint64_t account_change; /* counts changes of positions and cash */
    uint32_t exec_count;
    uint32_t exec_base;
    td_ns rate[TD_GW_RATE]; /* times of the latest requests */
    uint64_t rate_count;
    struct td_gw_asked asked[60]; /* ring; as many as ten minutes allow */
    uint32_t asked_at;
    struct td_gw_asked ticks_asked[TD_GW_SUBS]; /* ring of tick-by-tick requests */
    uint32_t ticks_asked_at;
    void *history_memory;
    struct td_history_bar *history; /* [TD_GW_BARS] */
    struct td_tws_bar *bars;        /* [TD_GW_BARS] */
    char (*bar_dates)[48];
    struct td_bar *bids; /* [TD_GW_BARS], with the next: the bid side of BID_ASK bars */
    td_ns *bid_starts;
    struct td_gw_headline *headlines; /* ring [TD_GW_HEADLINES]; number n lies at n % size */
    uint32_t headline_count;          /* ever told */
    struct td_gw_bulletin {
        td_ns at;
        bool opens;
    } bulletins[TD_GW_BULLETINS]; /* ring */
    uint32_t bulletin_count;
    struct td_chain
        chains[TD_GW_CHAINS]; /* by place in the list of gateway_option.c; made when asked for */
    uint8_t phase;            /* of New York, as last announced */
    int64_t phase_minute;     /* when it was looked at, minutes since 1970 */
    uint32_t
        watched[TD_GW_WATCHED]; /* indices of orders that wait, follow a quote or end by a clock */
    uint32_t watched_count;
    char groups[TD_GW_GROUPS][TD_GW_GROUP_TEXT];
    char fa[2][TD_GW_FA_TEXT]; /* groups, aliases as replaced; empty: the simulator's own */
    struct td_tws_historical_tick *ticks; /* [TD_GW_TICK_ROWS] */
    char (*tick_venues)[TD_MAKER_CHARS];
    struct td_tws_leg open_legs[TD_UNIVERSE_LEGS]; /* of g->msg, with it */
    struct td_gateway_stats stats;
    struct td_gw_faults faults;
    struct td_conn control; /* id 0: none */
    struct td_gw_talker talkers[TD_GW_TALKERS];
    struct td_tws_msg msg; /* scratch of td_gw_send's callers */
};

typedef void td_gw_handler(struct td_gateway *g, struct td_gw_client *c,
                           const struct td_tws_msg *m);

/* ---- gateway_server.c ---- */
void td_gw_dispatch(struct td_gateway *g, struct td_gw_client *c, const struct td_tws_msg *m);
void td_gw_ledger_line(struct td_gateway *g, uint32_t cursor);

/* ---- gateway_client.c ---- */
void td_gw_accept(struct td_gateway *g, struct td_conn conn);
void td_gw_read(struct td_gateway *g, struct td_gw_client *c);
void td_gw_flush(struct td_gateway *g, struct td_gw_client *c);
void td_gw_client_tick(struct td_gateway *g, struct td_gw_client *c);
void td_gw_drop(struct td_gateway *g, struct td_gw_client *c, const char *why);
void td_gw_client_free(struct td_gateway *g, struct td_gw_client *c, bool abort);
/* False when it was not queued. Market data gives way to orders when the client is slow. */
bool td_gw_send(struct td_gateway *g, struct td_gw_client *c, const struct td_tws_msg *msg);
bool td_gw_has_room(const struct td_gw_client *c);
void td_gw_error(struct td_gateway *g, struct td_gw_client *c, int32_t id, int32_t code,
                 const char *format, ...) TD_PRINTF(5, 6);
struct td_gw_client *td_gw_client_of(struct td_gateway *g, int32_t client_id);
struct td_gw_sub *td_gw_sub_add(struct td_gateway *g, struct td_gw_client *c,
                                enum td_gw_sub_kind kind, int32_t req_id);
struct td_gw_sub *td_gw_sub_find(struct td_gw_client *c, enum td_gw_sub_kind kind, int32_t req_id);
bool td_gw_sub_remove(struct td_gw_client *c, enum td_gw_sub_kind kind, int32_t req_id);

/* Queues a message as it stands, past all faults. */
bool td_gw_queue(struct td_gateway *g, struct td_gw_client *c, const struct td_tws_msg *msg);

/* ---- gateway_fault.c ---- */
typedef void td_gw_fault_fn(struct td_gateway *g, const struct td_fault_action *a);
TD_MUST_CHECK enum td_err td_gw_faults_open(struct td_gateway *g, struct td_fail *why);
/* Does what a script says about an event; `c` is whose event it is. */
void td_gw_event(struct td_gateway *g, struct td_gw_client *c, enum td_script_event event,
                 uint16_t kind, struct td_gw_order *order);
void td_gw_faults_tick(struct td_gateway *g);
/* True when a fault took the message over: it was lost, delayed or sent in another form. */
bool td_gw_shape(struct td_gateway *g, struct td_gw_client *c, const struct td_tws_msg *msg);
/* Uses up one of a count; UINT32_MAX lasts. */
bool td_gw_take_one(uint32_t *left);
uint32_t td_gw_count(int64_t count); /* of an action: 0 is for good */
/* The next client an action is about; *i starts at 0. NULL past the last. */
struct td_gw_client *td_gw_target(struct td_gateway *g, size_t *i);
void td_gw_abort(struct td_gw_client *c);
bool td_gw_queue_bytes(struct td_gw_client *c, const void *bytes, size_t len);

/* ---- gateway_control.c ---- */
TD_MUST_CHECK enum td_err td_gw_control_open(struct td_gateway *g, struct td_fail *why);
bool td_gw_control_wake(struct td_gateway *g, const struct td_wake *wake);
void td_gw_control_close(struct td_gateway *g);

/* ---- gateway_fault_book.c ---- */
/* A few updates for a subscription that was just cancelled. */
void td_gw_late_updates(struct td_gateway *g, struct td_gw_client *c, int32_t req_id, bool depth);
/* Makes the bars of an answer odd; the new count. */
size_t td_gw_odd_bars(struct td_gateway *g, size_t count);

/* Every row of the table of faults has its handler. */
#define TD_GW_FAULT_FN(id, handler, word, world, help, ...) td_gw_fault_fn td_gw_do_##handler;
TD_FAULTS(TD_GW_FAULT_FN)
#undef TD_GW_FAULT_FN

/* ---- gateway_tape.c ---- */
/* The symbol of a universe row, opened and caught up when it was not. NULL with the reason. */
struct td_gw_symbol *td_gw_symbol_open(struct td_gateway *g, uint32_t row, struct td_fail *why);
void td_gw_symbol_close(struct td_gw_symbol *s);
void td_gw_play(struct td_gateway *g);
const struct td_tz *td_gw_zone(struct td_gateway *g, const char *name);
td_px td_gw_mark(const struct td_gw_symbol *s); /* last, else middle; TD_PX_NONE */
/* The universe row a contract names; answers error 200 and gives false when there is none. */
bool td_gw_contract(struct td_gateway *g, struct td_gw_client *c, int32_t req_id,
                    const struct td_tws_contract *contract, uint32_t *row);
/* Both steps at once: the symbol a request is about, or NULL after the error was sent. */
struct td_gw_symbol *td_gw_ask_symbol(struct td_gateway *g, struct td_gw_client *c, int32_t req_id,
                                      const struct td_tws_contract *contract);

/* The same for requests of the past, which derived contracts do not have: error 162. */
struct td_gw_symbol *td_gw_ask_tape(struct td_gateway *g, struct td_gw_client *c, int32_t req_id,
                                    const struct td_tws_contract *contract);
/* A quote of a derived symbol, as an event of its own. */
void td_gw_derived_quote(struct td_gateway *g, struct td_gw_symbol *s, td_ns at,
                         const struct td_quote *quote);

/* ---- gateway_option.c ---- */
/* The universe row of an option that is listed, made when it is new; false after error 200 or 321 was sent. */
bool td_gw_option_row(struct td_gateway *g, struct td_gw_client *c, int32_t req_id,
                      const struct td_tws_contract *contract, uint32_t *row);
/* True when the simulator lists options on a stock. */
bool td_gw_has_options(const char *symbol);
/* True when a request is about an option, by type or by contract id. */
bool td_gw_is_option(const struct td_tws_contract *contract);
/* Sends the details of all options that fit; how many. */
uint32_t td_gw_option_details(struct td_gateway *g, struct td_gw_client *c, int32_t req_id,
                              const struct td_tws_contract *contract);
/* The model's quote of an option; *out is left as it is when the underlying has none. */
void td_gw_option_quote(struct td_gateway *g, const struct td_gw_symbol *s, struct td_quote *out);
/* What an option is worth at a volatility (1e-9 a year); 0: no price of the underlying. */
int64_t td_gw_option_at(struct td_gateway *g, uint32_t row, int64_t volatility_e9);
/* The computations that go with a quote (ticks 10, 11, 13). */
void td_gw_send_greeks(struct td_gateway *g, struct td_gw_client *c, const struct td_gw_sub *sub,
                       const struct td_gw_symbol *s);
/* ---- gateway_combo.c ---- */
bool td_gw_combo_row(struct td_gateway *g, struct td_gw_client *c, int32_t req_id,
                     const struct td_tws_contract *contract, uint32_t *row);
void td_gw_combo_quote(struct td_gateway *g, const struct td_gw_symbol *s, struct td_quote *out);
/* Books the legs of a fill of a combination: at their quotes, the first so that the sum is the price. */
void td_gw_fill_legs(struct td_gateway *g, struct td_gw_order *o, const struct td_ledger_fill *f);
/* The legs of a combination's contract, as openOrder lists them. */
void td_gw_fill_combo(struct td_gateway *g, const struct td_gw_order *o,
                      struct td_tws_leg legs[TD_UNIVERSE_LEGS], struct td_tws_contract *out);

/* Yearly volatility the simulator prices options of a stock with. */
double td_gw_volatility(const struct td_universe_row *stock);
/* Contract details of a row. */
void td_gw_send_details(struct td_gateway *g, struct td_gw_client *c, int32_t req_id,
                        const struct td_universe_row *row);
void td_gw_fill_row(const struct td_universe_row *row, const char *exchange, char multiplier[24],
                    struct td_tws_contract *out);

/* ---- gateway_market.c ---- */
void td_gw_on_event(struct td_gateway *g, struct td_gw_symbol *s, const struct td_event *ev);
void td_gw_fan_out(struct td_gateway *g);

/* ---- gateway_history.c ---- */
void td_gw_minute(struct td_gw_symbol *s, td_ns at, const struct td_trade *t);
void td_gw_bar_feed(struct td_gateway *g, struct td_gw_client *c, struct td_gw_sub *sub,
                    const struct td_event *ev);
void td_gw_bar_send(struct td_gateway *g, struct td_gw_client *c, struct td_gw_sub *sub);

/* Trade bars of a symbol up to the market clock into g->history. TD_ENODATA, TD_EFULL or a damaged file. */
TD_MUST_CHECK enum td_err td_gw_bars(struct td_gateway *g, const struct td_gw_symbol *s,
                                     const struct td_history_request *request, size_t *count);

/* ---- gateway_schedule.c ---- */
/* The sessions of a contract between two times, for whatToShow SCHEDULE. */
void td_gw_send_schedule(struct td_gateway *g, struct td_gw_client *c, int32_t req_id,
                         const struct td_gw_symbol *s, const struct td_history_request *ask);

/* ---- gateway_ticks.c ---- */
/* The latest `count` ticks before the clock, as historicalTicks for a tick-by-tick request. */
void td_gw_ticks_before(struct td_gateway *g, struct td_gw_client *c, const struct td_gw_sub *sub,
                        int32_t count);

/* ---- gateway_pace.c ---- */
/* True when the broker would give bars of that size for that long. */
bool td_gw_step_fits(const struct td_gateway *g, td_ns bar, td_ns span);
/* True when fewer historical requests than the broker allows wait for their answers. */
bool td_gw_history_free(const struct td_gateway *g);
/* True when a request may be answered now; it is then counted with its weight (BID_ASK 2, others 1). */
bool td_gw_history_paced(struct td_gateway *g, const struct td_gw_asked *ask, td_ns bar);
/* What one more subscription may not have: an error is sent and it is false. */
bool td_gw_line_free(struct td_gateway *g, struct td_gw_client *c, int32_t req_id);
bool td_gw_ticks_free(struct td_gateway *g, struct td_gw_client *c, int32_t req_id,
                      uint64_t series);
/* Whether the account may see data: true for live data; *delayed: only delayed. Errors and warnings are sent. */
bool td_gw_subscribed(struct td_gateway *g, struct td_gw_client *c, int32_t req_id, bool *delayed);
/* Whether a request passes the Read-Only setting; error 321 is sent when it does not. */
bool td_gw_writable(struct td_gateway *g, struct td_gw_client *c, const struct td_tws_msg *m);
/* Active orders of one contract, side and account (the broker takes 20). */
bool td_gw_side_free(const struct td_gateway *g, uint32_t account, uint32_t sym, uint8_t action);

/* ---- gateway_order.c, gateway_report.c ---- */
int32_t td_gw_next_id(const struct td_gateway *g, int32_t client_id);
void td_gw_pump(struct td_gateway *g, struct td_gw_symbol *s);
/* Tells client 0 the id an unbound order of its account has from now on; others are left alone. */
void td_gw_bind(struct td_gateway *g, struct td_gw_client *c, struct td_gw_order *o);
struct td_gw_order *td_gw_order_of(struct td_gateway *g, int32_t client_id, int32_t order_id);
void td_gw_order_submit(struct td_gateway *g, struct td_gw_order *o);
void td_gw_order_cancel(struct td_gateway *g, struct td_gw_order *o);
void td_gw_order_end(struct td_gateway *g, struct td_gw_order *o, enum td_gw_order_state state,
                     const char *note);
bool td_gw_order_live(const struct td_gw_order *o);
void td_gw_tell_open(struct td_gateway *g, const struct td_gw_order *o);
void td_gw_tell_status(struct td_gateway *g, const struct td_gw_order *o);
void td_gw_order_error(struct td_gateway *g, const struct td_gw_order *o, int32_t code,
                       const char *text);
void td_gw_fill_open(struct td_gateway *g, const struct td_gw_order *o, struct td_tws_msg *msg,
                     uint16_t kind);
void td_gw_fill_contract(struct td_gateway *g, uint32_t row, const char *exchange,
                         struct td_tws_contract *out);
void td_gw_siblings(struct td_gateway *g, const struct td_gw_order *o);

/* An execution of `qty` at `px` that no exchange reported, booked and told. */
void td_gw_force_fill(struct td_gateway *g, struct td_gw_order *o, td_qty qty, td_px px);
/* A new row of the orders, with what its client is told. NULL: the table is full. */
struct td_gw_order *td_gw_order_row(struct td_gateway *g, const struct td_gw_order *like);
/* The same as a client's own next order: its id counts as used. */
struct td_gw_order *td_gw_order_add(struct td_gateway *g, int32_t client_id, int32_t order_id);
/* Tells an execution of the books to everybody who is told about the order; shares may differ from the books'. */
void td_gw_tell_execution(struct td_gateway *g, const struct td_gw_order *o,
                          const struct td_ledger_fill *f, struct td_gw_client *only);
void td_gw_tell_commission(struct td_gateway *g, const struct td_gw_order *o,
                           const struct td_ledger_fill *f);
/* Books an execution and writes its line; false (and logged) when the books refuse it. */
bool td_gw_book(struct td_gateway *g, struct td_ledger_fill *f);
/* Sends an order that waits for nothing more to the exchange. */
void td_gw_order_release(struct td_gateway *g, struct td_gw_order *o);

/* ---- gateway_judge.c ---- */
/* An order refused before it existed. */
struct td_gw_verdict {
    int32_t code; /* 0: fine */
    const char *text;
};
/* What an order message means: the exchange's order and what the gateway holds. */
struct td_gw_verdict td_gw_judge(struct td_gateway *g, const struct td_tws_place_order *p,
                                 uint32_t sym, struct td_exch_order *venue,
                                 struct td_gw_hold *hold);
enum td_gw_treatment { TD_GW_MODELLED, TD_GW_ECHOED, TD_GW_REFUSED };
/* One row of the tables of order types, times in force and attributes, for the documentation. False past the last. */
struct td_gw_rule {
    const char *what, *note;
    uint8_t treatment;
    int32_t code;
};
bool td_gw_rule(uint32_t n, struct td_gw_rule *out);

/* ---- gateway_echo.c ---- */
/* Keeps a copy of the order as sent, in place of an older one. False: texts and lists above TD_GW_ECHO_BYTES. */
bool td_gw_echo_keep(struct td_gw_order *o, const struct td_tws_order *sent);
bool td_gw_echo_fits(const struct td_tws_order *sent);
/* Begins an openOrder's order with it. */
void td_gw_echo_fill(const struct td_gw_order *o, struct td_tws_order *out);

/* ---- gateway_hold.c ---- */
/* Takes an order that begins to work: true when it waits here, false when it may go to the exchange now. */
bool td_gw_hold_take(struct td_gateway *g, struct td_gw_order *o);
/* After a change of a working order; false when too many orders are watched. */
bool td_gw_hold_watch(struct td_gateway *g, struct td_gw_order *o);
void td_gw_hold_event(struct td_gateway *g, const struct td_gw_symbol *s);
void td_gw_hold_tick(struct td_gateway *g);
/* The limit of an order that follows the quote, on the increment; TD_PX_NONE when there is no quote. */
td_px td_gw_hold_price(struct td_gateway *g, const struct td_gw_order *o);
/* Reads a condition's contract; false when it is none of ours. */
bool td_gw_condition_symbol(struct td_gateway *g, int32_t con_id, struct td_gw_symbol **out);

/* Books a fill of an order (of its own contract, a leg or an exercise) and tells it: execution and commission.
 * The caller sets account, inst, action, px, qty, at, liquidity, generated and multiplier. */
void td_gw_book_fill(struct td_gateway *g, struct td_gw_order *o, struct td_ledger_fill *f);

/* ---- gateway_account.c ---- */
struct td_gw_worth {
    int64_t cash, net, gross, stocks, futures, unrealized, realized, margin, fees; /* 1e-9 */
};
void td_gw_worth(struct td_gateway *g, uint32_t account, struct td_gw_worth *out);
void td_gw_accounts_tick(struct td_gateway *g);
/* The account a request names; "" takes the only one. False after error 321 or 435 was sent. */
bool td_gw_pick_account(struct td_gateway *g, struct td_gw_client *c, int32_t req_id,
                        struct td_str name, uint32_t *out);

/* ---- gateway_format.c ---- */
/* "20131007 09:30:00 America/New_York"; below 174 in UTC with two blanks and no zone. */
struct td_str td_gw_time(td_ns at, const struct td_tz *zone, int32_t version, char out[48]);
/* Times of requests. TD_ENODATA: empty. TD_EPARSE: not a time. *bare: it had no zone and was taken as New York. */
TD_MUST_CHECK enum td_err td_gw_time_parse(struct td_gateway *g, struct td_str text, td_ns *out,
                                           bool *bare);
struct td_str td_gw_hello_time(td_ns at, char out[48]);
/* Borrowed text of a fixed-point number with two decimals. */
struct td_str td_gw_money(int64_t e9, char out[TD_E9_CHARS]);

/* ---- gateway_generic.c ---- */
/* Reads a generic tick list into the subscription; false after error 321 named the legal ones. */
bool td_gw_generic_read(struct td_gateway *g, struct td_gw_client *c, struct td_str list,
                        struct td_gw_sub *sub, const struct td_gw_symbol *s);
/* The ticks asked for by number, when something traded since they were told. */
void td_gw_generic_send(struct td_gateway *g, struct td_gw_client *c, struct td_gw_sub *sub,
                        const struct td_gw_symbol *s);

/* ---- gateway_scanner.c, gateway_news.c, gateway_group.c ---- */
void td_gw_scan_send(struct td_gateway *g, struct td_gw_client *c, struct td_gw_sub *sub);
/* After an event was applied to a symbol: remembers what is worth a headline. */
void td_gw_news_event(struct td_gateway *g, struct td_gw_symbol *s, const struct td_event *ev);
/* Once a turn: bulletins, and headlines of a subscription. */
void td_gw_news_tick(struct td_gateway *g);
void td_gw_news_send(struct td_gateway *g, struct td_gw_client *c, struct td_gw_sub *sub);
/* Reads "mdoff,292:TDSIM" into the subscription; false after error 10276 was sent. */
bool td_gw_news_wanted(struct td_gateway *g, struct td_gw_client *c, struct td_str generic,
                       struct td_gw_sub *sub);

/* Handlers, rows of the table in gateway_server.c. */
td_gw_handler td_gw_req_scanner_parameters, td_gw_req_scanner, td_gw_cancel_scanner;
td_gw_handler td_gw_req_news_article, td_gw_req_historical_news, td_gw_req_bulletins,
    td_gw_cancel_bulletins, td_gw_req_fundamental, td_gw_req_wsh;
td_gw_handler td_gw_calc_volatility, td_gw_calc_price, td_gw_exercise;
td_gw_handler td_gw_query_groups, td_gw_subscribe_group, td_gw_update_group,
    td_gw_unsubscribe_group;
td_gw_handler td_gw_req_fa, td_gw_replace_fa, td_gw_verify, td_gw_verify_auth;
td_gw_handler td_gw_req_mkt_data, td_gw_cancel_mkt_data, td_gw_req_data_type, td_gw_req_depth,
    td_gw_cancel_depth, td_gw_req_depth_exchanges, td_gw_req_ticks, td_gw_cancel_ticks,
    td_gw_req_bars5, td_gw_cancel_bars5;
td_gw_handler td_gw_req_history, td_gw_cancel_history, td_gw_req_head, td_gw_cancel_head,
    td_gw_req_history_ticks, td_gw_req_histogram, td_gw_ignore;
td_gw_handler td_gw_req_details, td_gw_req_matching, td_gw_req_rule, td_gw_req_components,
    td_gw_req_option_params, td_gw_req_family, td_gw_req_user, td_gw_req_tiers,
    td_gw_req_news_providers, td_gw_req_time, td_gw_req_time_ms;
td_gw_handler td_gw_place, td_gw_cancel, td_gw_global_cancel, td_gw_req_open, td_gw_req_all_open,
    td_gw_req_auto_open, td_gw_req_completed, td_gw_req_executions, td_gw_req_ids;
td_gw_handler td_gw_req_accounts, td_gw_req_account_updates, td_gw_req_positions,
    td_gw_cancel_positions, td_gw_req_positions_multi, td_gw_cancel_positions_multi,
    td_gw_req_account_multi, td_gw_cancel_account_multi, td_gw_req_summary, td_gw_cancel_summary,
    td_gw_req_pnl, td_gw_cancel_pnl, td_gw_req_pnl_single, td_gw_cancel_pnl_single;

#endif
