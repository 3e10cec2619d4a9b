/* sim/source.h - the tape of one symbol: recorded data where there is some, else the generator.
 *
 * A plan of bars (sim/bartape.h) plays those of its days and nothing else: a backtest.
 *
 * A future whose order book was recorded on the wanted day (DBN, sim/mbotape.h) plays order by order: its MBO
 * events are for the exchange, its quotes and trades for subscribers.
 *
 * Recorded: the LEAN folder, day after day, trades and quotes each from the finest file of that day (ticks, seconds,
 * minutes), merged by time. Bars become events of their span: open, the two extremes, close in an order that fits the
 * close, at quarter spans, with a fourth of the volume each: real prices at approximate times. A recorded quote that
 * crosses the other side makes that side absent until it is quoted again. Without data: sim/flow.
 *
 * Pull-based: td_source_next gives events in venue time order; the caller maps time to its clock.
 * td_source_depth gives the rows of the book behind the last event. All memory is the caller's arena.
 */
#ifndef TD_SIM_SOURCE_H
#define TD_SIM_SOURCE_H

#include "base/arena.h"
#include "sim/bartape.h"
#include "sim/depthfill.h"
#include "sim/flow.h"
#include "sim/lean.h"
#include "sim/mbotape.h"
#include "sim/universe.h"

/* By the file the trades come from. */
enum td_source_kind {
    TD_SOURCE_GENERATED,
    TD_SOURCE_TICKS,
    TD_SOURCE_SECONDS,
    TD_SOURCE_MINUTES,
    TD_SOURCE_ORDERS,
    TD_SOURCE_BARS
};

struct td_source_config {
    const char *data; /* folder with lean/; NULL or missing: generator */
    const struct td_universe_row *row;
    uint32_t inst;
    uint64_t seed;
    int32_t
        thin; /* the generator makes this part of the typical volume: 10 is a tenth; 0: all of it */
    int64_t day; /* first local day wanted; recorded data: the first day at or after it that
                                             exists, else the last one before it. Generator: this day */
    const struct td_bar_plan *bars; /* NULL: the finest there is */
    struct td_daytime daytime;      /* of the contract's time zone */
    /* Generator days: true when `day` is no trading day; NULL: weekends only. */
    bool (*closed)(const void *arg, int64_t day);
    const void *closed_arg;
};

struct td_source_state; /* source.c */

struct td_source {
    struct td_source_config config;
    uint8_t kind;                /* enum td_source_kind */
    bool adjusted;               /* prices are on no grid of the exchange (sim/bartape.h) */
    int64_t day;                 /* the day that plays */
    struct td_venue_hours hours; /* of that day, UTC */
    struct td_source_state *state;
    struct td_world *world;
    struct td_arena arena; /* of this source; its rest is reset at each day */
    size_t kept;           /* bytes of the arena that last */
    char text[160];
};

/* Bytes `memory` must have for one source of any kind. */
size_t td_source_bytes(void);

/* Opens the best source there is. A damaged file is reported (TD_EPARSE), never silently replaced. */
TD_MUST_CHECK enum td_err td_source_open(struct td_source *s, const struct td_source_config *config,
                                         struct td_world *world, struct td_arena *memory,
                                         struct td_fail *why);

/* The hours of `day` for a contract, UTC. */
struct td_venue_hours td_source_hours(const struct td_source_config *config, int64_t day);
/* The LEAN file of a contract: path parts only, resolution and kind to be set by the caller. `root` and `market` are
 * buffers the result points into. False: there is no data folder. */
struct td_source_folder {
    char root[480];
    char market[16];
};
bool td_source_lean(const struct td_source_config *config, struct td_source_folder *names,
                    struct td_lean_file *out);
/* The configuration of the generator for a contract. */
struct td_flow_config td_source_flow(const struct td_source_config *config);
/* The first trading day at or after `day`. */
int64_t td_source_trading_day(const struct td_source_config *config, int64_t day);

/* The next event. TD_OK; TD_ENODATA when the recorded days are over (the generator never ends);
 * TD_EPARSE and others when a file is damaged. */
TD_MUST_CHECK enum td_err td_source_next(struct td_source *s, struct td_event *out,
                                         struct td_fail *why);

/* Rows of the book after the last event, best first; returns how many of `rows` (<= 64). */
size_t td_source_depth(const struct td_source *s, enum td_side side, struct td_depth_row *out,
                       size_t rows);

/* "recorded: LEAN ticks of 2013-10-07, depth below the quotes generated" - one line for the screen. */
const char *td_source_describe(const struct td_source *s);

#endif
