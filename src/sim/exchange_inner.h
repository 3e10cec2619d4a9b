/* sim/exchange_inner.h - what the parts of the exchange share; nobody else includes it.
 *
 * exchange.c: commands, reports, life of an order. exchange_match.c: fills. exchange_tape.c: market events. exchange_bar.c: fills
 * by bars.
 * Reports: a terminal report always finds room, because everything else is only done while more than twice
 * as many places are free as orders are alive (td_exch_has_room).
 */
#ifndef TD_SIM_EXCHANGE_INNER_H
#define TD_SIM_EXCHANGE_INNER_H

#include "sim/exchange.h"

#define TD_EXCH_DAY_LATER 0 /* day_end: to be set by the next session */

struct td_exch_live {
    struct td_exch_order order;
    td_qty cum;
    td_qty ahead;   /* market size before us at our price; TD_QTY_NONE: level not known yet */
    uint64_t place; /* order book sequence when we joined: older market orders are ahead */
    td_ns day_end;  /* DAY: when it expires; TD_NS_NEVER: no hours */
    td_px stop_px;  /* moving, for TRAIL */
    td_ns since;    /* by bars: when it arrived */
    bool stopped;   /* waits for its stop price */
    bool joined;    /* works in the book */
    bool gone;      /* filled or cancelled; swept by td_exch_sweep */
};

struct td_exch_command {
    td_ns at;
    uint8_t kind; /* 0 submit, 1 modify, 2 cancel */
    struct td_exch_order order;
};

static inline enum td_side td_exch_side(const struct td_exch_live *o)
{
    return o->order.action == TD_BUY ? TD_BID : TD_ASK;
}

static inline td_qty td_exch_leaves(const struct td_exch_live *o)
{
    return (td_qty){o->order.qty.e9 - o->cum.e9};
}

/* After its trigger a stop is a market order and a stop-limit a limit order. */
static inline bool td_exch_has_limit(const struct td_exch_live *o)
{
    return o->order.type == TD_EXCH_LIMIT || o->order.type == TD_EXCH_STOP_LIMIT;
}

/* exchange.c */
bool td_exch_has_room(const struct td_exchange *x);
void td_exch_fill(struct td_exchange *x, struct td_exch_live *o, const struct td_venue_level *at,
                  bool added);
void td_exch_end(struct td_exchange *x, struct td_exch_live *o, enum td_exch_kind kind,
                 enum td_exch_reason reason);
void td_exch_tell(struct td_exchange *x, const struct td_exch_live *o, enum td_exch_kind kind);
bool td_exch_in_session(const struct td_exchange *x, const struct td_exch_live *o);
void td_exch_set_time(struct td_exchange *x, td_ns at);
/* Orders that may work now start to, those that may not stop; sweeps. After every change of state. */
void td_exch_refresh(struct td_exchange *x);
void td_exch_sweep(struct td_exchange *x);

/* exchange_match.c */
void td_exch_work(struct td_exchange *x, struct td_exch_live *o);
void td_exch_match(struct td_exchange *x);
void td_exch_print(struct td_exchange *x, enum td_side side, td_px px, td_qty qty);
void td_exch_resting_filled(struct td_exchange *x, const struct td_resting *other, td_qty qty);
void td_exch_trigger(struct td_exchange *x, td_px buys_see, td_px sells_see);

/* exchange_bar.c */
/* A bar begins: market orders fill at its open. */
void td_exch_bar_begin(struct td_exchange *x, td_ns at, const struct td_bar *bar);
/* It ends: stops at once, limits by td_exch_bar_limits. */
void td_exch_bar_end(struct td_exchange *x);
void td_exch_bar_limits(struct td_exchange *x);
/* An order that may work now: a market order in the bar that begins at this moment. */
void td_exch_bar_work(struct td_exchange *x, struct td_exch_live *o);

#endif
