/* sim/flow.h - the built-in order-flow generator: whole sessions of one symbol from a seed.
 *
 * Model: limit, cancel and market orders arrive as a self-exciting point process with an exponential
 * kernel (Hawkes 1971; rates as in Bacry, Mastromatteo, Muzy 2015), scaled by a U-shaped volume profile of the
 * session and by the symbol's typical volume. Orders go to a price ladder of integer ticks; a market order eats the best
 * level and moves the price when it is empty, so volatility comes from the flow; a slow latent value and a
 * pull towards it keep the daily range near the symbol's own. Sizes are log-normal in lots.
 * The day: overnight gap, thin pre-market, opening auction (one print), continuous, closing auction, thin
 * after-hours; rarely a halt. Rates and spreads are calibrated to recorded IBM, SPY and ES data
 * (tests/sim/flow_test.c says how close).
 *
 * Every event has generated = true. The same configuration gives the same events on every machine.
 * Time comes out, none goes in: a caller maps it to a wall clock. All memory is in the struct.
 */
#ifndef TD_SIM_FLOW_H
#define TD_SIM_FLOW_H

#include "base/random.h"
#include "market/event.h"
#include "sim/daytime.h"
#include "market/levels.h"

#define TD_FLOW_LEVELS 128 /* ticks of ladder per side that hold size */
#define TD_FLOW_QUEUE  16

struct td_flow_config {
    uint64_t seed; /* of the whole run; the symbol's own seed is derived from both */
    const char *symbol;
    uint32_t inst;
    td_px min_tick;
    td_px start_px;        /* price before the first day */
    td_qty lot;            /* 100 shares, 1 contract */
    td_qty top_qty;        /* typical size at the best price */
    int32_t spread_ticks;  /* typical spread in regular hours; 0 is taken as 1 */
    td_qty day_volume;     /* typical units traded a day */
    int32_t volatility_bp; /* typical daily move */
};

struct td_flow_day {
    int64_t day; /* days since 1970: part of the day's seed */
    struct td_venue_hours hours;
};

enum td_flow_phase { TD_FLOW_CLOSED, TD_FLOW_PRE, TD_FLOW_REGULAR, TD_FLOW_POST, TD_FLOW_DONE };

struct td_flow {
    struct td_flow_config config;
    struct td_flow_day day;
    struct td_rng rng;
    td_ns now;
    uint8_t phase;
    double excite;                   /* Hawkes intensity above the base, events per second */
    double base;                     /* events per second at profile 1 */
    double value;                    /* latent price, in ticks */
    double size_mean;                /* of a market order, lots */
    int64_t best[2];                 /* best price in ticks, index enum td_side */
    int64_t lots[2][TD_FLOW_LEVELS]; /* lots at best[side] -/+ i ticks */
    td_ns halt_at, halt_end;
    struct td_quote shown;
    struct td_event queue[TD_FLOW_QUEUE];
    uint32_t queue_head, queue_count;
    uint64_t produced;
    uint64_t trades;
};

void td_flow_open(struct td_flow *f, const struct td_flow_config *config);
/* Starts a day; the price goes on from the last one with an overnight gap. A caller that
 * wants a later start drops the events before it. */
void td_flow_start_day(struct td_flow *f, const struct td_flow_day *day);
/* The next event in time order: QUOTE, TRADE or STATUS. False when the day is over. */
bool td_flow_next(struct td_flow *f, struct td_event *out);
/* The book behind the last event: up to `cap` levels, best first; returns how many. */
size_t td_flow_levels(const struct td_flow *f, enum td_side side, struct td_venue_level *out,
                      size_t cap);

#endif
