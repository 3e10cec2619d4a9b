/* sim/mbotape.h - a recorded order book, order by order, as a tape: DBN files of schema mbo.
 *
 * Gives every record as a TD_EV_MBO event, and behind the last record of a venue event what it meant for
 * people who see no orders: a TD_EV_TRADE per print and a TD_EV_QUOTE when the best bid or ask changed. The
 * exchange is driven by the MBO events alone, subscribers by the others. The first events of a file are usually
 * the book as it stood; they carry the file's start as time, so that the tape never runs backwards.
 * The whole file is unpacked at open into the arena (56 bytes a record). One owner.
 * Source: docs of Databento's MBO schema; data/README for the recorded days.
 */
#ifndef TD_SIM_MBOTAPE_H
#define TD_SIM_MBOTAPE_H

#include "base/arena.h"
#include "sim/depthfill.h"
#include "market/orderbook.h"
#include "sys/world.h"
#include "wire/dbn.h"

#define TD_MBOTAPE_RESTING 32768u /* resting orders of the book, power of two */
#define TD_MBOTAPE_LEVELS  4096u

struct td_mbotape {
    const uint8_t *bytes; /* unpacked, in the arena */
    size_t len;
    struct td_dbn dbn;
    struct td_levels side[2]; /* index enum td_side */
    struct td_orderbook book;
    struct td_quote quote; /* as last given out */
    uint32_t inst;
    td_ns start, now;
    struct td_event pending[4]; /* trades and the quote behind a record */
    uint32_t pending_at, pending_count;
};

struct td_mbotape_query {
    const char *data;    /* looked through: <data>/dbn and the folders below it */
    const char *product; /* "ES": any of its contracts */
    td_ns from, to;      /* the file begins within [from, to) */
};

/* The first file that fits, into path[cap]. `scratch` is used and left as it was. */
bool td_mbotape_find(struct td_world *world, const struct td_mbotape_query *query,
                     struct td_arena scratch, char *path, size_t cap);
/* TD_EPARSE: damaged; TD_ENOMEM: larger than the arena. */
TD_MUST_CHECK enum td_err td_mbotape_open(struct td_mbotape *t, struct td_world *world,
                                          const char *path, uint32_t inst, struct td_arena *arena,
                                          struct td_fail *why);
/* The next event. TD_ENODATA at the end of the file; TD_EPARSE damaged. */
TD_MUST_CHECK enum td_err td_mbotape_next(struct td_mbotape *t, struct td_event *out);
/* Rows of the book now, best first: real ones. */
size_t td_mbotape_depth(const struct td_mbotape *t, enum td_side side, struct td_depth_row *out,
                        size_t rows);

#endif
