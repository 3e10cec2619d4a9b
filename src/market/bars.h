/* market/bars.h - bars from trades, and coarser bars from finer ones.
 *
 * A builder turns the trades of one instrument into bars aligned to multiples of `span` since an anchor
 * (midnight of the exchange day for intraday spans). A bar is finished by the first event past its end,
 * or by td_bars_flush. Empty spans make no bar. Never allocates; single owner.
 */
#ifndef TD_MARKET_BARS_H
#define TD_MARKET_BARS_H

#include "market/event.h"

struct td_bars {
    td_ns span;
    td_ns anchor;      /* bars start at anchor + k * span */
    struct td_bar now; /* in progress when `open` */
    td_ns start;
    td_cash turnover; /* sum of price * size, for the average price */
    bool open;
    bool overflow; /* volume or turnover left their range; wap is then unset */
};

/* span > 0. */
void td_bars_init(struct td_bars *b, td_ns span, td_ns anchor);
/* Takes a trade; true when it finished the bar before it, which is then in *out with its start. */
bool td_bars_trade(struct td_bars *b, td_ns at, td_px px, td_qty qty, struct td_bar *out,
                   td_ns *start);
/* Takes a finer bar that starts at `at`; the same result. */
bool td_bars_bar(struct td_bars *b, td_ns at, const struct td_bar *bar, struct td_bar *out,
                 td_ns *start);
/* Finishes the bar in progress when `now` is past its end (any `now` >= its end; TD_NS_NEVER always). */
bool td_bars_flush(struct td_bars *b, td_ns now, struct td_bar *out, td_ns *start);

#endif
