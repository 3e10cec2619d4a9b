/* sim/source.h - the tape of one symbol: recorded data where there is some, else the generator.
 *
 * Choice per symbol and day: LEAN ticks, else LEAN second bars, else LEAN minute bars, else a DBN order book (ES);
 * without any, the generator. A quote file beside the trades is merged by time. Quote and trade bars become the events
 * of their seconds: open, low, high, close inside the bar in an order that fits the close; those events are real prices
 * at approximate times. td_source_describe says what plays, for the screen.
 *
 * Pull-based: td_source_next gives events in venue time order, day after day; the caller maps time to its clock.
 * td_source_depth gives the rows of the book behind the last event. Memory: one arena region per source.
 */
#ifndef TD_SIM_SOURCE_H
#define TD_SIM_SOURCE_H

#include "base/arena.h"
#include "sim/depthfill.h"
#include "sim/flow.h"
#include "sim/lean.h"
#include "sim/orderbook.h"
#include "sim/universe.h"
#include "wire/dbn.h"

enum td_source_kind {
    TD_SOURCE_GENERATED, TD_SOURCE_TICKS, TD_SOURCE_SECONDS, TD_SOURCE_MINUTES, TD_SOURCE_ORDERS /* DBN MBO */
};

struct td_source_config {
    const char                   *data;   /* folder with lean/ and dbn/; NULL or missing: generator */
    const struct td_universe_row *row;
    uint32_t                      inst;
    uint64_t                      seed;
    int64_t                       day;    /* first local day wanted; recorded data: the first day at or after it that
                                             exists, else the last one before it. Generator: this day */
    struct td_daytime             daytime;
    /* Generator days: true when `day` is no trading day; NULL: weekends only. */
    bool (*closed)(const void *arg, int64_t day);
    const void                   *closed_arg;
};

struct td_source_state; /* source.c */

struct td_source {
    struct td_source_config config;
    uint8_t                 kind; /* enum td_source_kind */
    int64_t                 day;  /* the day that plays */
    struct td_hours         hours; /* of that day, UTC */
    struct td_source_state *state;
    struct td_world        *world;
    struct td_arena         arena; /* of this source; reset at each day */
    char                    text[160];
};

/* Bytes `memory` must have for one source of any kind. */
size_t td_source_bytes(void);

/* Opens the best source there is. A damaged file is reported (TD_EPARSE), never silently replaced. */
TD_MUST_CHECK enum td_err td_source_open(struct td_source *s, const struct td_source_config *config,
                                         struct td_world *world, struct td_arena *memory, struct td_fail *why);

/* The next event. TD_OK; TD_ENODATA when the recorded days are over (the generator never ends);
 * TD_EPARSE and others when a file is damaged. */
TD_MUST_CHECK enum td_err td_source_next(struct td_source *s, struct td_event *out, struct td_fail *why);

/* Rows of the book after the last event, best first; returns how many of `rows` (<= 64). */
size_t td_source_depth(const struct td_source *s, enum td_side side, struct td_depth_row *out, size_t rows);

/* "recorded: LEAN ticks of 2013-10-07, depth below the quotes generated" - one line for the screen. */
const char *td_source_describe(const struct td_source *s);

#endif
