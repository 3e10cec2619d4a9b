/* strat/bar_feed.h - finished bars as doubles, and the indicators a strategy wants over them.
 *
 * A strategy lists its indicators as rows; one set of them (signal/set.h) lives in the strategy's own block. A bar that no
 * decision may be taken from never reaches the set: a price that is unset, not above 0 or past TD_FEED_PX_MAX, a high below
 * or a low above the other prices, a volume below 0. Never allocates; no pointers of its own: a copy goes on by itself.
 */
#ifndef TD_STRAT_BAR_FEED_H
#define TD_STRAT_BAR_FEED_H

#include "market/event.h"
#include "signal/set.h"

#define TD_FEED_PX_MAX 1e9

enum td_feed_column {
    TD_FEED_OPEN,
    TD_FEED_HIGH,
    TD_FEED_LOW,
    TD_FEED_CLOSE,
    TD_FEED_VOLUME,
    TD_FEED_COLUMNS
};

/* An indicator by its name. Rows of one input read `column`; the others find open, high, low, close and volume by name. */
struct td_feed_ask {
    const char *row;
    double params[3]; /* the first of the row's; 0 leaves its preset */
    uint8_t column;   /* enum td_feed_column */
};

/* A price above 0 and not past TD_FEED_PX_MAX as a double, else NaN. */
double td_feed_price(td_px px);
/* The columns of a bar, out[TD_FEED_COLUMNS]. False: not a bar, or not one to decide by; out is then untouched. An unset
 * volume is 0. */
bool td_feed_bar(const struct td_event *event, double *out);
/* The lowest and highest price that a bar or a print says were traded. False: neither. */
bool td_feed_range(const struct td_event *event, double *low, double *high);
/* When the event was over: the end of a bar, else its venue's stamp, or our receipt where it has none. */
td_ns td_feed_time(const struct td_event *event);

/* Prepares the asks in `memory`, 8-byte aligned. n is 1 to 16. TD_ERANGE: they need more than `cap` bytes. */
TD_MUST_CHECK enum td_err td_feed_begin(const struct td_feed_ask *asks, size_t n, void *memory,
                                        size_t cap, struct td_fail *why);
/* One bar through all of them. */
void td_feed_step(void *memory, const double *bar);
/* Output `output` of ask `ask` after the last bar; NaN while there is none. */
double td_feed_value(const void *memory, size_t ask, int output);
/* The RSI from an ask of row CMO, of which it is 50 + CMO/2: the same value, and 50 where nothing moved, where the row RSI
 * has TA-Lib's 0 and would call a market that stands still oversold. */
double td_feed_rsi(const void *memory, size_t ask);

#endif
