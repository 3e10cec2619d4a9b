/* desk/budget.h - who may have one of the broker's few lines: N slots, a queue, and turns.
 *
 * Used for market data lines, depth and tick-by-tick. Items are numbers 0..count-1 (lines of the market). What
 * is wanted waits in order of asking; a free slot goes to the head of the queue at once. When all slots are held and
 * somebody waits, the item that has held its slot longest gives it up after its dwell time and goes to the end
 * of the queue; pinned items (an open position) never do. With dwell 0 nobody is rotated out.
 *
 * The broker may allow less than we were told: an item it refuses goes back to the head of the queue, the
 * number of slots shrinks to what is held without it, and is tried one larger again every ten minutes (lines
 * are shared with every window of the account, so they come back).
 *
 * Pure: time is an argument (monotonic); the caller's memory; every call O(1), but dropping a slot O(held).
 */
#ifndef TD_DESK_BUDGET_H
#define TD_DESK_BUDGET_H

#include "base/time.h"

#define TD_BUDGET_NOBODY UINT32_MAX
#define TD_BUDGET_DWELL  (30 * TD_SEC)
#define TD_BUDGET_AGAIN  (10 * TD_MIN) /* one slot more is tried after this */

enum td_budget_state { TD_BUDGET_OUT, TD_BUDGET_WAITING, TD_BUDGET_HELD };

struct td_budget_item {
    uint32_t before, after; /* in its list */
    td_ns since;            /* when it got its slot, or began to wait */
    uint8_t state;          /* enum td_budget_state */
    bool pinned;
};

struct td_budget_list {
    uint32_t first, last, count;
};

struct td_budget {
    struct td_budget_item *items;
    uint32_t count;
    uint32_t slots, slots_max; /* now, and as configured */
    td_ns dwell;
    struct td_budget_list waiting, held; /* oldest first */
    uint64_t rotations;
    uint32_t refusals;
    /* private */
    td_ns again; /* when a larger number is tried; TD_NS_NEVER at the full number */
};

struct td_budget_change {
    uint32_t item;
    bool granted; /* else it has lost its slot */
};

/* `items` is [count] and stays the caller's. slots >= 1. */
void td_budget_init(struct td_budget *b, struct td_budget_item *items, uint32_t count,
                    uint32_t slots, td_ns dwell);
/* Puts the item at the end of the queue; one that waits or holds stays where it is. */
void td_budget_want(struct td_budget *b, uint32_t item, td_ns now);
/* The item is not wanted any more; its slot is free. */
void td_budget_drop(struct td_budget *b, uint32_t item);
/* All are dropped (the connection ended); the number of slots stays as learnt. */
void td_budget_clear(struct td_budget *b);
/* The broker refused the item: see above. */
void td_budget_refused(struct td_budget *b, uint32_t item, td_ns now);
/* The next change the owner has to carry out, one a call; false: none now. */
bool td_budget_next(struct td_budget *b, td_ns now, struct td_budget_change *out);
/* When next must be called at the latest; TD_NS_NEVER: only after another call. */
td_ns td_budget_deadline(const struct td_budget *b);
bool td_budget_holds(const struct td_budget *b, uint32_t item);

#endif
