/* sim/gateway_server.h - the gateway simulator: a TCP server that TWS API clients take for IB Gateway.
 *
 * One struct td_gateway owns a listener, up to 32 clients (wire/tws_gateway each), the tapes of the symbols
 * (sim/source), one matching engine per symbol (sim/exchange) and the books (sim/ledger). It is event-driven and
 * knows time, sockets and files only through its world, so it runs in a process of its own (cmd/sim) or beside a
 * client inside a simulated world. No globals, no threads; single owner.
 *
 * A market clock runs with the monotonic clock times `speed`, beginning at `start_minute` of the day that plays. All
 * times clients see are that clock's. With speed 0 it moves in steps of 100 ms as fast as the clients take the data.
 * Nights without events are skipped, unless `play_nights`.
 *
 * Loop of a caller:
 *     while (!stop) { td_world_wait(w, td_gateway_deadline(g), &wake); td_gateway_wake(g, &wake); td_gateway_tick(g); }
 *
 * What it answers and what it does not model: docs/simulator.md. Source: tws-protocol sections 1, 4, 5, 6, 8.
 */
#ifndef TD_SIM_GATEWAY_SERVER_H
#define TD_SIM_GATEWAY_SERVER_H

#include "base/log.h"
#include "sim/ledger.h"
#include "sim/script.h"
#include "sys/world.h"

#define TD_GATEWAY_CLIENTS_MAX  32 /* as a real gateway */
#define TD_GATEWAY_ACCOUNTS_MAX 16
#define TD_GATEWAY_DAY_CHOOSE   INT64_MIN

/* What happens above 50 messages a second, all clients together. */
enum td_gateway_pace {
    TD_GATEWAY_PACE_REJECT, /* error 100 and the connection ends */
    TD_GATEWAY_PACE_HOLD,   /* requests wait for their turn      */
    TD_GATEWAY_PACE_OFF,
};

/* What the account is subscribed to. */
enum td_gateway_data {
    TD_GATEWAY_DATA_LIVE,
    TD_GATEWAY_DATA_DELAYED, /* delayed ticks for those who allow them, 354 and 10168 for others */
    TD_GATEWAY_DATA_NONE,
};

/* Texts must outlive the gateway. Zero in a number takes the preset in brackets. */
struct td_gateway_config {
    struct td_world *world;
    struct td_log *log;         /* may be NULL */
    const char *host;           /* ["127.0.0.1"] */
    uint16_t port;              /* 0: a free one */
    const char *data;           /* folder with lean/, or NULL: everything generated */
    const char *const *symbols; /* opened at the start; others of the universe on demand */
    uint32_t symbol_count;      /* 0: those with recorded data on the day, else SPY AAPL MSFT ES */
    const char *const *accounts;
    uint32_t account_count; /* [one, DU1234567] */
    td_cash cash;           /* each account begins with it [1 000 000] */
    uint64_t seed;
    int64_t speed_e9;     /* market seconds per second, 1e-9; 0: as fast as clients take it */
    int64_t day;          /* days since 1970, or TD_GATEWAY_DAY_CHOOSE */
    int32_t start_minute; /* New York minutes after midnight [570] */
    td_ns start_at;     /* the market clock's first instant instead of start_minute; 0: not given */
    int32_t master_id;  /* client that sees all orders; -1 none */
    int64_t perm_first; /* permId of the first order [1 900 000 000: some clients read 32 bits] */
    int32_t lines;      /* market data lines of the account, all clients together [100] */
    int32_t depth_lines; /* depth subscriptions per client [3] */
    bool read_only;      /* requests about orders are refused, as with Read-Only API */
    uint8_t subscribed;  /* enum td_gateway_data */
    td_ns latency;       /* from us to the venue and back, each way */
    uint8_t pace;        /* enum td_gateway_pace */
    int32_t thin; /* generated markets trade this part of their typical volume: 10 is a tenth [1] */
    /* A backtest: bars play instead of the finest there is, and fill by bars (sim/exchange.h). All symbols need some. */
    const struct td_bar_plan *bars;
    int32_t slip_bps;
    bool no_fees;
    int32_t hours_days; /* so many days of trading hours are told ahead [5], at most 14 */
    td_ns step;         /* the market clock moves by whole steps of this; 0: as time passes */
    bool play_nights;   /* the market clock goes on where all tapes are silent */
    const struct td_script
        *script; /* what goes wrong, or NULL; its settings are the caller's to apply */
    /* Actions for the owner of the world (td_fault_row.world); NULL: they are logged and nothing happens. */
    void (*world_action)(void *arg, const struct td_fault_action *action);
    void *world_arg;
    const char *control; /* path of a local socket that takes actions, or NULL */
    const char *ledger;  /* file that gets the books as JSON lines, or NULL */
};

struct td_gateway;

/* Opens the tapes and listens. TD_EINUSE and others of the listener; TD_EINVAL a symbol or account name;
 * TD_EPARSE a damaged data file; TD_ENOMEM. */
TD_MUST_CHECK enum td_err td_gateway_open(struct td_gateway **out,
                                          const struct td_gateway_config *config,
                                          struct td_fail *why);
/* Takes a wake of the world; false when it was not about this gateway. */
bool td_gateway_wake(struct td_gateway *g, const struct td_wake *wake);
/* Time has passed: moves the market clock and everything that hangs on it. */
void td_gateway_tick(struct td_gateway *g);
/* When tick must be called at the latest (monotonic). */
td_ns td_gateway_deadline(const struct td_gateway *g);
/* Ends all connections, writes the rest of the ledger file, gives everything back. NULL is allowed. */
void td_gateway_close(struct td_gateway *g);

uint16_t td_gateway_port(const struct td_gateway *g);
td_ns td_gateway_now(const struct td_gateway *g); /* the market clock */
const struct td_ledger *td_gateway_ledger(const struct td_gateway *g);

/* All tapes are over (a generated one never is). */
bool td_gateway_ended(const struct td_gateway *g);
/* The price of the last print of an open symbol, by its instrument; TD_PX_NONE before the first. */
td_px td_gateway_last(const struct td_gateway *g, uint32_t inst);

/* One open symbol, for the screen. `text` is one line about its source. False past the last. */
struct td_gateway_symbol {
    const char *symbol, *text;
    uint32_t inst; /* as in the ledger */
    bool recorded;
};
bool td_gateway_symbol(const struct td_gateway *g, uint32_t n, struct td_gateway_symbol *out);
/* Account names, in order. NULL past the last. */
const char *td_gateway_account(const struct td_gateway *g, uint32_t n);

/* What a script sets, into a configuration. `lists` is the caller's and must outlive the gateway. TD_EINVAL names the
 * setting and its form. Settings of the test bench are left out. */
struct td_gateway_names {
    char text[TD_FAULT_TEXT];
    const char *items[TD_GATEWAY_ACCOUNTS_MAX];
};
struct td_gateway_lists {
    struct td_gateway_names accounts, symbols;
};
TD_MUST_CHECK enum td_err td_gateway_settings(struct td_gateway_config *config,
                                              const struct td_script *script,
                                              struct td_gateway_lists *lists, struct td_fail *why);
/* "HH:MM", 00:01 to 23:59, as minutes after midnight. */
bool td_gateway_start_parse(const char *text, int32_t *minutes);

/* Does an action now, to all clients. TD_EUNSUP: it is the world's and nobody takes it. */
TD_MUST_CHECK enum td_err td_gateway_act(struct td_gateway *g, const struct td_fault_action *action,
                                         struct td_fail *why);

struct td_gateway_stats {
    uint64_t accepted, requests, bad_requests, dropped, closed_slow;
    uint32_t clients, orders, fills;
    uint32_t steps_idle; /* steps of the script that did not happen yet */
};
void td_gateway_stats(const struct td_gateway *g, struct td_gateway_stats *out);

#endif
