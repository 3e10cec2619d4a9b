/* signal/ladder_spoof.h - spoofing candidates: a size shown and taken away within ten seconds.
 *
 * A candidate is an add whose first removal (same side, same row, price within 0.01) comes less than ten seconds later. Each
 * add is compared with the first removal that fits it; one removal may end several adds. A candidate is no proof: rows also
 * go because others moved in above them.
 * Adds that wait are kept in a skip list by side, row, price and number, so that n messages cost O(n log n) however
 * they come; those older than ten seconds leave. Memory is the caller's and fixed: when it is full, the oldest add is given up and
 * counted. Never allocates. Not thread-safe. Source: contracts 6 (the same rule, there by comparing all with all).
 */
#ifndef TD_SIGNAL_LADDER_SPOOF_H
#define TD_SIGNAL_LADDER_SPOOF_H

#include "market/event.h"

#define TD_SPOOF_QUICK_NS  (10 * TD_SEC)
#define TD_SPOOF_TOLERANCE (TD_E9 / 100)
#define TD_SPOOF_SHOWN     10
#define TD_SPOOF_HEIGHT    8

struct td_spoof_candidate {
    uint64_t seq; /* number of the add, from 0 */
    td_ns at_ns, removed_ns;
    td_px px;
    td_qty qty;
    int32_t row;
    uint8_t side;
};

struct td_spoof_node; /* below */

struct td_spoof {
    uint64_t adds, removals, candidates;
    uint64_t given_up; /* adds that found no room to wait */
    uint64_t late;     /* messages before one already seen: they count as of that time */
    td_ns first_ns, last_ns;
    struct td_spoof_candidate shown[TD_SPOOF_SHOWN]; /* those whose add came first, in that order */
    size_t shown_count;
    /* private */
    struct td_spoof_node *nodes; /* ring: [seq % cap] */
    uint32_t cap;                /* a power of two */
    uint64_t oldest;             /* seq of the oldest that may wait */
    uint32_t head[TD_SPOOF_HEIGHT];
};

struct td_spoof_node {
    struct td_spoof_candidate add;
    uint32_t next[TD_SPOOF_HEIGHT];
    uint8_t height;
    bool waits;
};

/* `cap` nodes, a power of two from 16 on, stay the caller's. */
void td_spoof_init(struct td_spoof *s, struct td_spoof_node *nodes, uint32_t cap);
void td_spoof_add(struct td_spoof *s, td_ns at, const struct td_depth *d);
void td_spoof_remove(struct td_spoof *s, td_ns at, const struct td_depth *d);
/* A gap or a reset: what waits is forgotten. */
void td_spoof_forget(struct td_spoof *s);

#endif
