/* market/luld.h - limit up, limit down: the band a US stock may trade in.
 *
 * Around a reference price (the average of the trades of the last five minutes) a stock may trade within a band. Its
 * width follows the closing price of the day before and the tier: tier 1 is the S&P 500, the Russell 1000 and some
 * funds, tier 2 the rest.
 *
 *   close of the day before    tier 1    tier 2
 *   above $3.00                5 %       10 %
 *   $0.75 to $3.00             20 %      20 %
 *   below $0.75                the lesser of $0.15 and 75 %
 *
 * It is twice as wide in the last 25 minutes of regular trading for tier 1, and for tier 2 up to $3.00; an early
 * close moves that. Outside regular trading there is no band. A quote that rests on a band for 15 seconds pauses
 * trading for five minutes; the pause itself is told by the broker (market/pause.h).
 *
 * Bands are exact to 1e-9 and not rounded to a tick as the processors' published ones are: at the very edge the two
 * may differ by less than one tick. Pure.
 * Source: operations 3; the plan to address extraordinary market volatility through amendment 18.
 */
#ifndef TD_MARKET_LULD_H
#define TD_MARKET_LULD_H

#include "market/calendar.h"

enum td_luld_tier { TD_LULD_TIER_1, TD_LULD_TIER_2, TD_LULD_TIERS };

struct td_luld_ask {
    td_px reference;
    td_px previous_close; /* TD_PX_NONE: the reference decides */
    enum td_luld_tier tier;
    td_ns at;
    struct td_session_hours session; /* of that day (td_calendar_session) */
};

struct td_luld_band {
    td_px lower, upper; /* lower >= 0 */
    bool doubled;
};

/* TD_ENODATA: outside regular trading. TD_EINVAL: no reference price, no such tier. TD_ERANGE. */
TD_MUST_CHECK enum td_err td_luld_band_of(const struct td_luld_ask *ask, struct td_luld_band *out);
/* A price that cannot trade; a price that is none is outside. On the band is inside. */
bool td_luld_is_outside(const struct td_luld_band *band, td_px px);

#endif
