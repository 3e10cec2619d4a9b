/* trade/guard.h - the stop-loss monitor: one stop of one position, followed until the position is closed.
 *
 * Pure: prices, quantities and times come in, what to do comes out; who owns it (the desk) sends the orders and journals
 * every change, so that a restart goes on with the same stop. Money in 1e-9. Single owner.
 *
 *   fixed            the stop stays
 *   trailing         the stop follows the best price since entry at a distance in money
 *   trailing percent the stop follows at a part of the best price
 *
 * A long is closed at a price at or below its stop and the best price is the highest; a short at or above it, and the best
 * price is the LOWEST. Stops only ratchet: a long's never falls, a short's never rises, whatever the price does.
 *
 *   off -> pending -> triggered -> executed            the position is closed
 *             |           `-----> failed               three exits did not close it
 *             `-> cancelled                            the position went some other way
 *
 * While triggered, an exit is asked for at once and again every half second while none works, three times in all; then
 * the guard has failed and asks for the emergency halt. When the operator lets trading go on (td_guard_again), it stands as
 * before. Where a stop rests at the broker at a price the market has passed too, the first exit waits two seconds: the
 * broker's stop has the first word.
 *
 * A price older than ten seconds moves and triggers nothing; it is told once, and once more when prices are back.
 * Source: contracts 10.8; corrections: the short follows the lowest price, an old price escalates, stops are journaled.
 */
#ifndef TD_TRADE_GUARD_H
#define TD_TRADE_GUARD_H

#include "market/event.h"

#define TD_GUARD_FRESH       (10 * TD_SEC)
#define TD_GUARD_TRIES       3
#define TD_GUARD_TRY_AGAIN   (500 * TD_MS)
#define TD_GUARD_SECOND_LINE (2 * TD_SEC)

/* Values are in the journal: never renumber. */
enum td_guard_kind { TD_GUARD_FIXED, TD_GUARD_TRAIL, TD_GUARD_TRAIL_PART };

enum td_guard_state {
    TD_GUARD_OFF,
    TD_GUARD_PENDING,
    TD_GUARD_TRIGGERED,
    TD_GUARD_EXECUTED,
    TD_GUARD_FAILED,
    TD_GUARD_CANCELLED
};

struct td_guard_terms {
    enum td_guard_kind kind;
    uint8_t action;  /* enum td_action that closes: TD_SELL under a long */
    td_qty qty;      /* > 0 */
    td_px stop;      /* > 0; unset: from `entry` by `distance` */
    td_px entry;     /* average price of the position; may be unset when the stop is given */
    int64_t part_e9; /* fixed: of the entry; TRAIL_PART: of the best price; 0 < part < 1 */
    td_px trail;     /* TRAIL: in money, > 0 */
};

struct td_guard_watch {
    uint8_t state;               /* enum td_guard_state */
    struct td_guard_terms terms; /* with the stop as it is now */
    td_ns armed, triggered;      /* when */
    td_px trigger_px;
    /* private */
    td_ns next_try;
    uint8_t tries;
    bool stale;
};

/* What the owner sees of the position now. */
struct td_guard_sight {
    td_ns now;
    td_px price; /* unset: none */
    td_ns price_at;
    bool open;    /* the market is open: only then an old price is told */
    bool closing; /* an exit of it works, or waits for its turn */
    bool blocked; /* none could leave now: no session, closed market, no quote. No try is spent */
    td_px broker_stop; /* of a stop that rests at the broker; unset: none */
};

/* What to do, as bits: several may come at once. */
enum td_guard_do {
    TD_GUARD_MOVED = 1,       /* the stop moved: journal it */
    TD_GUARD_TRIGGER = 2,     /* journal it; EXIT follows, now or later */
    TD_GUARD_EXIT = 4,        /* close the quantity at the market now */
    TD_GUARD_HALT = 8,        /* it failed: emergency halt */
    TD_GUARD_WENT_STALE = 16, /* tell it: the position is not watched */
    TD_GUARD_CAME_FRESH = 32, /* and that it is again */
};

/* Since the owner's start, and of the day; keys as contracts 10.8 names them. */
struct td_guard_stats {
    uint64_t total_stops;
    uint32_t active_stops;
    uint32_t triggered_today, executed_today, failed_today, trailing_adjustments_today;
    td_ns trigger_time_sum; /* from trigger to closed, of those executed today */
};

/* A new stop, in place of the one there is. TD_EINVAL: a price, part or quantity that cannot be; nothing changed. */
TD_MUST_CHECK enum td_err td_guard_arm(struct td_guard_watch *w, const struct td_guard_terms *terms,
                                       td_ns now, struct td_guard_stats *stats);
/* As it was journaled: triggered ones ask for their exit again. */
void td_guard_restore(struct td_guard_watch *w, const struct td_guard_terms *terms, bool triggered,
                      td_ns now, struct td_guard_stats *stats);
/* Once a second, and every TD_GUARD_TRY_AGAIN while triggered: bits of enum td_guard_do. */
uint32_t td_guard_look(struct td_guard_watch *w, const struct td_guard_sight *sight,
                       struct td_guard_stats *stats);
/* The quantity it guards has changed; 0: it ends, executed when it had triggered. True when something changed. */
bool td_guard_resize(struct td_guard_watch *w, td_qty qty, td_ns now, struct td_guard_stats *stats);
/* A failed one stands again, as before its trigger. */
void td_guard_again(struct td_guard_watch *w, struct td_guard_stats *stats);
/* The counters of the day begin anew. */
void td_guard_begin_day(struct td_guard_stats *stats);

/* Pending or triggered. */
bool td_guard_is_active(const struct td_guard_watch *w);
const char *td_guard_state_word(enum td_guard_state state);
const char *td_guard_kind_word(enum td_guard_kind kind);

#endif
