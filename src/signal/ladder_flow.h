/* signal/ladder_flow.h - what passes between two books: order flow imbalance over levels, and how soon a shock is over.
 *
 * The order flow imbalance e_k of level k between a book and the next is that of signal/quote_flow.h. A level that is missing
 * on either side of either book has e_k = 0 and is not counted. The sum of e over an interval is its imbalance.
 * State is of fixed size and may be copied. Never allocates. Not thread-safe.
 */
#ifndef TD_SIGNAL_LADDER_FLOW_H
#define TD_SIGNAL_LADDER_FLOW_H

#include "base/time.h"
#include "signal/ladder.h"

#define TD_OFI_LEVELS 10

struct td_ofi {
    int32_t levels; /* compared, 1..TD_OFI_LEVELS */
    /* private */
    int32_t rows; /* of the book before, on both sides; -1: there is none */
    double px[2][TD_OFI_LEVELS], qty[2][TD_OFI_LEVELS];
};

void td_ofi_init(struct td_ofi *o, int32_t levels);
/* Forgets the book before: what follows a gap is not compared with what preceded it. */
void td_ofi_reset(struct td_ofi *o);
/* The next book. Fills e[levels] and returns how many levels were compared, -1 for the first book (e is then 0). */
int32_t td_ofi_push(struct td_ofi *o, const struct td_ladder *b, double *e);

/* A measure that was `before`, then was pushed past a limit, and is watched until it is back. One episode at a time. */
struct td_recovery {
    bool open;
    double goal; /* back when the measure has reached it again */
    td_ns since_ns;
};

enum td_recovery_step { TD_RECOVERY_NONE, TD_RECOVERY_BEGUN, TD_RECOVERY_BACK, TD_RECOVERY_LOST };

/* Spread: begins when it is wider than in the book before, is back when it is no wider than it was there. After
 * `limit_ns` it is lost. BACK sets *took_ns. The step that ends an episode begins no other. */
enum td_recovery_step td_recovery_spread(struct td_recovery *r, double before, double now, td_ns at,
                                         td_ns limit_ns, td_ns *took_ns);
/* Depth: begins when it falls to half or less of the book before, is back at 90 % of what it was there. */
enum td_recovery_step td_recovery_depth(struct td_recovery *r, double before, double now, td_ns at,
                                        td_ns limit_ns, td_ns *took_ns);

#endif
