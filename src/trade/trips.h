/* trade/trips.h - round trips: what was earned, by symbol, by strategy and by day, from the executions of a blotter.
 *
 * The blotter's own book is by average cost; this one matches first in, first out: an execution closes the oldest lots of
 * the other side, and opens one with the rest. All that one order closes of what one order opened is one round trip.
 * It belongs to the strategy that opened it, whoever closed it, and to the day it was closed. Fees of both ends are
 * shared by quantity. A win earns more than its fees; a trip that earns nothing is a loss of nothing and counts as neither.
 *
 * Pure and deterministic: the same executions give the same rows, and td_trips_build begins anew each time, so that
 * corrections and late fees count; the time it takes grows with the executions, whatever is open. Amounts stay in the
 * currency of their symbol; sums over several need rates, and are unset when one is missing. What the broker's position
 * brought in without an execution has no lot: closing it shows as opened the other way, which `unmatched` tells. Tables
 * are bounded: the last TD_TRIPS_MAX trips, TD_TRIP_DAYS_MAX days.
 * Source: contracts 10.4 (statistics), 10.11.
 */
#ifndef TD_TRADE_TRIPS_H
#define TD_TRADE_TRIPS_H

#include "base/tz.h"
#include "trade/blotter.h"
#include "trade/sizing.h"

#define TD_TRIPS_MAX     4096
#define TD_TRIP_DAYS_MAX 512
#define TD_TRIP_STRATS   64
#define TD_TRIP_NO_STRAT UINT8_MAX /* nobody's: foreign, or past the table */

struct td_trip {
    uint32_t holding;
    uint8_t strategy; /* row of `strategies` */
    bool is_short;
    uint64_t opener, closer; /* keys of the orders; 0: not ours */
    td_ns opened_ns, closed_ns;
    td_qty qty;
    td_cash gross, fees; /* net is gross - fees */
};

/* What some trips came to. Money is net, in the currency of their symbol where they have one. */
struct td_trip_sum {
    uint32_t trips, wins, losses;
    uint32_t losses_in_row; /* at the end */
    td_cash won,
        lost; /* sums of wins, and of losses as a positive amount; unset: did not fit, or mixed */
    td_cash net, fees;
};

struct td_trip_day {
    int64_t day; /* days since 1970, of the zone given */
    struct td_trip_sum sum;
};

struct td_trips {
    struct td_trip rows[TD_TRIPS_MAX]; /* ring: row i of the ever first is i % TD_TRIPS_MAX */
    uint32_t count;                    /* ever */
    char strategies[TD_TRIP_STRATS][16];
    uint32_t strategy_count;
    const char (*currencies)[8]; /* the caller's, by holding; NULL: all the same */
    uint32_t unmatched;          /* lots that are open although nothing is held on that side */
    /* private */
    struct td_trip_lot *lots;     /* [executions_max] */
    struct td_trip_queue *queues; /* [executions_max]: open lots of a holding, oldest first */
    uint32_t lots_max, lot_count;
};

size_t td_trips_bytes(uint32_t executions_max);
/* TD_ENOMEM: the arena is too small. */
TD_MUST_CHECK enum td_err td_trips_open(struct td_trips *t, uint32_t executions_max,
                                        struct td_arena *arena);
/* Begins anew and matches all executions of the blotter. TD_ERANGE: an amount does not fit. */
TD_MUST_CHECK enum td_err td_trips_build(struct td_trips *t, const struct td_blotter *b);

/* --- currencies --- */

struct td_rate {
    char currency[8];
    int64_t rate_e9; /* of the base currency for one; > 0 */
};
struct td_rates {
    char base[8];
    const struct td_rate *rows;
    uint32_t count;
};
/* An amount in the base currency: as it is when `currency` is empty or the base. TD_ENOENT: no rate. */
TD_MUST_CHECK enum td_err td_cash_in_base(const struct td_rates *rates, const char *currency,
                                          td_cash amount, td_cash *out);

/* --- sums --- */

/* What of the trips is meant; NULL: all. `last` 0: as many as there are. `from_ns`: closed not before. */
struct td_trip_choice {
    const char *symbol, *strategy;
    uint32_t last;
    td_ns from_ns;
    const struct td_rates *rates; /* NULL: amounts stay; of several currencies they are unset */
};
void td_trips_sum(const struct td_trips *t, const struct td_blotter *b,
                  const struct td_trip_choice *choice, struct td_trip_sum *out);
/* The same as Kelly's formula wants it. */
struct td_sizing_record td_trips_record(const struct td_trip_sum *sum);
/* One row per day that closed a trip, oldest first, the last `max` of them; returns how many. */
uint32_t td_trips_days(const struct td_trips *t, const struct td_tz *zone,
                       const struct td_rates *rates, struct td_trip_day *out, uint32_t max);
td_cash td_trip_net(const struct td_trip *trip);

/* --- the equity curve --- */

struct td_equity_point {
    int64_t day;
    td_cash equity, pnl; /* at the day's last note; from the day before */
    int64_t drawdown_e9; /* part below the highest so far, 0 to 1 */
};

struct td_equity_curve {
    struct td_equity_point days[TD_TRIP_DAYS_MAX]; /* ring */
    uint32_t count;                                /* ever */
    td_cash peak;                                  /* unset before the first note */
    int64_t drawdown_e9, worst_e9;                 /* now, and ever */
};

/* The equity at a moment of a day; days never go back (an older one is ignored). Unset equity is ignored. */
void td_equity_note(struct td_equity_curve *c, int64_t day, td_cash equity);

#endif
