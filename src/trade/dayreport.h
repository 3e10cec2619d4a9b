/* trade/dayreport.h - what happened in a day of trading, gathered for a page: fills, profit, orders, refusals, incidents.
 *
 * Fills, orders and refusals come from orders.db, which is opened for reading only; mode, account, round trips, children of
 * algorithms and what a record says beside its text come from the journal. Where the journal is not there the
 * rest is told and `unknown` says what is missing and why. Nothing is invented: an amount that is not known is unset
 * (TD_E9_NONE), never 0.
 *
 * Slippage is what a fill paid more than the price its decision went by, in parts of that price: for a market order the far side of
 * the quote when the gates approved it, for a stop its stop, for a child of an algorithm the market's price when its parent began.
 * The limit of a limit order is no price of the market; such a fill has no reference.
 * Times are ns UTC, amounts 1e-9, of the currency of their row; amounts of several currencies are never added.
 *
 * Owner: one thread. A report is large (a few MB): for the heap, zeroed, and given back with td_day_report_fini.
 */
#ifndef TD_TRADE_DAYREPORT_H
#define TD_TRADE_DAYREPORT_H

#include "base/tz.h"
#include "sys/world.h"
#include "trade/risk.h"
#include "trade/trips.h"

#define TD_DAY_FILLS_MAX     20000
#define TD_DAY_GROUPS_MAX    200
#define TD_DAY_INCIDENTS_MAX 500
#define TD_DAY_FAILED_MAX    200
#define TD_DAY_DENIED_MAX    TD_GATE_COUNT
#define TD_DAY_TRIPS_MAX     TD_TRIPS_MAX
#define TD_DAY_UNKNOWN_MAX   24

enum td_day_reference {
    TD_REFERENCE_QUOTE,     /* far side of the quote at the approval             */
    TD_REFERENCE_STOP,      /* the order's stop                                  */
    TD_REFERENCE_ARRIVAL,   /* the market when the parent of the child began     */
    TD_REFERENCE_LIMIT,     /* none: a limit is no price of the market           */
    TD_REFERENCE_FOREIGN,   /* none: no order of ours                            */
    TD_REFERENCE_NO_VALUE,  /* none: the order's value was not recorded          */
    TD_REFERENCE_NO_JOURNAL /* none: a child, and its parent is in no journal    */
};

struct td_day_fill {
    td_ns at;
    int64_t order; /* key; 0: none of ours */
    int64_t qty_e9, px_e9, fee_e9, gross_e9;
    int64_t reference_e9,
        slippage_e9; /* a part of the reference; worse is above 0; unset: see `how` */
    uint8_t how;     /* enum td_day_reference */
    bool sells, corrected;
    char symbol[24], strategy[16], currency[8], type[12];
};

/* Fills of a symbol or of a strategy; with several currencies the amounts are unset. */
struct td_day_group {
    char name[24], currency[8];
    uint32_t fills, fees_unknown;
    int64_t bought_e9, sold_e9; /* quantities */
    int64_t gross_e9, fees_e9, net_e9;
};

struct td_day_incident {
    td_ns at;
    int64_t order, code; /* 0: none */
    char event[16], symbol[24], text[168];
};

struct td_day_failed {
    td_ns at;
    int64_t order, qty_e9, code; /* code 0: none */
    bool sells;
    char symbol[24], type[12], status[12], text[168];
};

struct td_day_denied {
    int64_t intents, symbols;
    char text[168]; /* the last refusal's, which begins with the gate's name */
};

/* A closed round trip; the strings are the report's. */
struct td_day_trip {
    struct td_trip trip;
    char symbol[24], strategy[16];
};

/* How much of a limit was used at the highest. */
struct td_day_limit {
    enum td_limit limit;
    int64_t used, allowed; /* in the limit's unit; unset: not known */
    const char *why;       /* `used` is not known because of this; NULL */
    const char *key;       /* the setting */
};
#define TD_DAY_LIMITS 6

struct td_day_report {
    td_ns from, before;
    char mode[24], account[24],
        version[40]; /* of the last start in or before the span; empty: not known */
    bool several_accounts;

    struct td_day_fill *fills; /* [TD_DAY_FILLS_MAX], oldest first */
    uint32_t fill_count, fills_left_out;
    struct td_day_group all, symbols[TD_DAY_GROUPS_MAX], strategies[TD_DAY_GROUPS_MAX];
    uint32_t symbol_count, strategy_count, groups_left_out;
    int64_t drawdown_e9; /* the largest fall of realized profit after fees from its highest; >= 0 */

    int64_t orders, filled, cancelled, rejected,
        open; /* orders decided in the span, by what became of them */
    int64_t intents_denied;
    struct td_day_denied denied[TD_DAY_DENIED_MAX];
    uint32_t denied_count;
    struct td_day_failed *failed; /* [TD_DAY_FAILED_MAX] */
    uint32_t failed_count, failed_left_out;
    struct td_day_incident *incidents; /* [TD_DAY_INCIDENTS_MAX] */
    uint32_t incident_count, incidents_left_out;

    bool trips_known;
    struct td_day_trip *trips; /* [TD_DAY_TRIPS_MAX], that closed in the span */
    uint32_t trip_count, wins, losses;

    struct td_day_limit limits[TD_DAY_LIMITS];

    char unknown[TD_DAY_UNKNOWN_MAX][200]; /* what is not known, and why */
    uint32_t unknown_count;
};

struct td_day_ask {
    struct td_world *world;
    const char *state; /* the desk's folder */
    const struct td_tz *zone;
    td_ns from, before;
    const struct td_limits *limits; /* as the settings are now */
};

/* Gathers. TD_ENOENT: no orders.db in the folder. TD_ECORRUPT: it cannot be read, or the journal is damaged. TD_ENOMEM. */
TD_MUST_CHECK enum td_err td_day_report_make(struct td_day_report *r, const struct td_day_ask *ask,
                                             struct td_fail *why);
/* Accepts a zeroed one, and twice. */
void td_day_report_fini(struct td_day_report *r);

/* One more thing that is not known; past the table it is dropped. */
void td_day_unknown(struct td_day_report *r, const char *format, ...) TD_PRINTF(2, 3);
const char *td_day_reference_word(enum td_day_reference how);

/* Private to the two halves of it: what the journal adds, once the fills are there. */
TD_MUST_CHECK enum td_err td_day_journal(struct td_day_report *r, const struct td_day_ask *ask,
                                         struct td_fail *why);
/* Sets reference and slippage of a fill; `reference_e9` unset: `how` says why. */
void td_day_set_reference(struct td_day_fill *f, enum td_day_reference how, int64_t reference_e9);

#endif
