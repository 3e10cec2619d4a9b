/* dash/api_money.h - what trading earned, from orders.db: round trips, days, and figures of periods.
 *
 * Profit is realized, after fees. Round trips match first in, first out (trade/trips.h) over the newest
 * API_TRIPS_EXECUTIONS executions. Days are exchange days. A figure that cannot be known is NaN.
 */
#ifndef TD_DASH_API_MONEY_H
#define TD_DASH_API_MONEY_H

#include "dash/api_inner.h"
#include "trade/trips.h"

#define API_TRIPS_EXECUTIONS 16384
#define API_TRIPS_SYMBOLS    1024
#define API_DAYS_KEPT        1024    /* with an execution, the newest */
#define API_DAYS_EXECUTIONS  1000000 /* the newest, that days are made of */
#define API_FACTOR_DAYS      252     /* trading days of a year */

struct api_trips; /* opaque; on the heap: a few MB */

/* All symbols when `symbol` is "". NULL: `why` says why not. Free with api_trips_free, which accepts NULL. */
struct api_trips *api_trips_load(const struct td_api_view *v, const char *symbol, char *why,
                                 size_t cap);
void api_trips_free(struct api_trips *t);
/* `symbol` and `from` may be NULL and 0; last 0: all. */
void api_trips_sum(const struct api_trips *t, const char *symbol, uint32_t last, td_ns from,
                   struct td_trip_sum *out);

struct api_days {
    uint32_t count;
    int64_t day[API_DAYS_KEPT]; /* ascending */
    double net[API_DAYS_KEPT];
};
/* False: `why`. */
bool api_days_load(const struct td_api_view *v, struct api_days *out, char *why, size_t cap);

struct api_period {
    double pnl;
    double volatility;   /* of a year, in money: deviation of days x sqrt(252) */
    double sharpe;       /* mean / deviation x sqrt(252), without a riskless rate */
    double max_drawdown; /* in money, of the profit's curve within the period */
    double var_95;       /* in money, > 0: the loss one day in twenty passes; from 20 days on */
    uint32_t days;       /* trading days of the period since the first execution */
};
/* The last `span` calendar days, today with them; 0: all. */
void api_period_of(const struct td_api_view *v, const struct api_days *days, int64_t span,
                   struct api_period *out);

#endif
