/* market/front.h - which contract of a future to trade today.
 *
 * The gateway tells the dated contracts of a trading class one by one; this chooses among them as they come, in
 * constant memory, so that a chain of any length needs no list. A contract is traded from the day the one before it
 * rolls until its own roll day:
 *
 *   days N    N calendar days before its last trade day
 *   classic   the Thursday eight days before the third Friday of its month (index futures alone)
 *   cme       the Monday of the week of that Friday (index futures alone)
 *
 * Third-Friday contracts end on the Thursday before where the stock exchange is closed that Friday (Juneteenth
 * 2026-06-18 and 2027-06-17, Good Friday 2008-03-20). The gateway's own dates are used where it tells them; the rule
 * fills in the day where it tells a month alone, and only for these.
 *
 * Months outside the product's cycle and contracts whose last day is over are passed by. Where every contract left
 * is due to roll, the last of them is traded on (`overdue`): nothing later was told. In the last weekdays of the
 * chosen contract (preset 2, the last day among them) entries are blocked; what reduces a position is not.
 *
 * Never a guess: two contracts of one class that end on the same day are refused with both names.
 *
 * Days are days since 1970-01-01 of the exchange; for futures the trade date (td_calendar_day). Pure; one owner.
 * Source: operations 2.7, contracts 11.
 */
#ifndef TD_MARKET_FRONT_H
#define TD_MARKET_FRONT_H

#include "market/instrument.h"
#include "market/product.h"

#define TD_FRONT_BLOCKED 2 /* weekdays without entries, preset */

/* One dated contract, as contract details tell it. */
struct td_dated {
    int32_t conid;
    int32_t month;    /* of the contract, 1..12; 0: that of the last day */
    int64_t last_day; /* last day of trade */
    char local_symbol[TD_SYMBOL_CHARS];
};

struct td_front_slot {
    bool used;
    struct td_dated is, twin; /* twin: another one of the same last day, conid 0 none */
};

struct td_front {
    const struct td_product *product;
    struct td_roll roll;
    int64_t today;
    int32_t blocked; /* weekdays */
    /* private */
    struct td_front_slot first, second,
        due;             /* not due to roll, by last day; the latest of the due ones */
    uint32_t over, thin; /* passed by: past their last day; outside the cycle */
};

struct td_front_choice {
    struct td_dated chosen;
    struct td_dated next; /* conid 0: none was told */
    int64_t roll_day;     /* from this day on `next` is traded */
    bool overdue;         /* it should have rolled, and nothing later was told */
    bool entries;         /* new positions may be opened */
};

/* The third Friday of a month, and the last trade day of a contract that follows it. */
int64_t td_third_friday(int32_t year, int32_t month);
int64_t td_index_expiry(int32_t year, int32_t month);
/* The last trade day from the gateway's text: "20261218", the same before a time, or "202612" for third-Friday
 * products. TD_EPARSE: no such form. TD_EINVAL: a month alone does not say the day of this product. */
TD_MUST_CHECK enum td_err td_last_day_parse(const struct td_product *p, struct td_str text,
                                            int64_t *day);
/* The first day on which the contract after this one is traded. */
int64_t td_roll_day(const struct td_roll *roll, int64_t last_day);

/* `roll` NULL: the product's own. TD_EINVAL: classic or cme for a product that does not end on the third Friday. */
TD_MUST_CHECK enum td_err td_front_begin(struct td_front *f, const struct td_product *product,
                                         const struct td_roll *roll, int64_t today,
                                         struct td_fail *why);
/* Any order; the same contract may come several times (once for each exchange). */
void td_front_add(struct td_front *f, const struct td_dated *contract);
/* TD_ENODATA: no contract is left to trade. TD_EINVAL: two end on the same day; why names them and what to give. */
TD_MUST_CHECK enum td_err td_front_end(const struct td_front *f, struct td_front_choice *out,
                                       struct td_fail *why);

/* Whether a position may be opened in a contract on a day: it has more than `blocked` weekdays left. */
bool td_front_may_enter(int64_t last_day, int64_t today, int32_t blocked);

#endif
