/* signal/ladder_profile.h - sizes by price: two amounts (bid and ask, or sold and bought) for each price there was.
 *
 * A hash table in the caller's memory. Prices are kept as they are until the table is full; then neighbouring prices share a
 * row of `width`, twice the smallest distance of two prices, then four times and so on, so that any range fits and every size
 * is counted where it belongs. A row's price is the lower end of its bucket. O(1) a price; growing is O(rows). One owner.
 */
#ifndef TD_SIGNAL_LADDER_PROFILE_H
#define TD_SIGNAL_LADDER_PROFILE_H

#include "base/num.h"

struct td_profile_row {
    int64_t bucket; /* price / width, downwards */
    double qty[2];
    bool used;
};

struct td_profile {
    int64_t width; /* 1e-9 of a currency unit; 1: every price has its own row */
    uint32_t count;
    double total[2];
    /* private */
    struct td_profile_row *rows, *spare; /* [cap] each */
    uint32_t cap;                        /* a power of two */
    uint32_t shift;
};

/* Takes 2 x `cap` rows (a power of two, at least 64), which stay the caller's. */
void td_profile_init(struct td_profile *p, struct td_profile_row *rows, uint32_t cap);
/* which: 0 or 1. px >= 0. */
void td_profile_add(struct td_profile *p, td_px px, int which, double qty);
/* Sorts the rows by price and returns them; [count]. Nothing may be added afterwards. */
const struct td_profile_row *td_profile_sort(struct td_profile *p);
/* The smallest distance of two prices, 0 below two prices. After sorting. */
int64_t td_profile_tick(const struct td_profile *p);
/* After sorting: the row with most of both sides together (the lowest of equals), and the smallest run of rows around it,
 * grown towards the larger neighbour, that holds `share` of everything. False when empty. */
bool td_profile_value_area(const struct td_profile *p, double share, uint32_t *point, uint32_t *low,
                           uint32_t *high);

#endif
