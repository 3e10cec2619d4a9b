/* sim/bartape.h - recorded bars as a tape, for backtests: LEAN trade bars of one resolution, from a first day to a last.
 *
 * Only bars of regular hours play. Prices are adjusted as LEAN does: times the factors of the symbol's factor file, so that
 * dividends and splits leave no jump; volumes are divided by the factor of splits. Adjusted prices lie on no grid of cents: they
 * are rounded to a millionth. Without a factor file prices stay as they are.
 *
 * For the exchange each bar is one TD_EV_BAR at its begin; it gives nothing of it away before its time (sim/exchange.h, by_bars).
 * For subscribers a bar is four prints at quarter spans: open, the two extremes, close in an order that fits the close, each with
 * a quote before it. Where the quote file of the day holds a quote bar that begins with the bar, its bid and ask are taken in the
 * same order (not where they cross: extremes need not be of one moment), and the exchange fills market orders at the first.
 * Otherwise one of a tick around the print is made, and marked generated, as is the last one when it is told again each second.
 * A daily bar spans the regular hours of its day. With fill_forward a second or minute without trades has a bar of the last price
 * and no volume, as LEAN fills forward; nothing fills in it. Without, it has none, as at the broker.
 *
 * Files are opened day by day in the caller's arena, of which the rest is reset at each. Owner: one thread.
 * Source: LEAN's data formats (shared/data/lean), its factor files: date, price factor, split factor; a row holds up to its date.
 */
#ifndef TD_SIM_BARTAPE_H
#define TD_SIM_BARTAPE_H

#include "sim/lean.h"

#define TD_BARTAPE_FACTORS 512

/* What a source plays instead of the finest there is. */
struct td_bar_plan {
    uint8_t resolution;  /* TD_LEAN_SECOND, TD_LEAN_MINUTE, TD_LEAN_DAILY */
    int64_t first, last; /* local days */
    bool fill_forward;
};

struct td_bartape_factor {
    int64_t last; /* holds up to this day */
    int64_t price_e9, split_e9;
};

struct td_source_config;

struct td_bartape {
    struct td_bar_plan plan;
    const struct td_source_config *config;
    struct td_lean_file file;
    struct td_world *world;
    struct td_arena *arena;
    size_t kept;
    struct td_bartape_factor factors[TD_BARTAPE_FACTORS];
    uint32_t factor_count;
    td_px tick;  /* between last price and quote */
    int64_t day; /* that plays */
    struct td_venue_hours hours;
    struct td_lean reader, quotes;
    struct td_lean_row ahead; /* the quote bar that was read last */
    bool quoting;             /* `quotes` has more */
    bool open;                /* the day has begun and not ended */
    bool reading;
    struct td_event queue[12]; /* of a bar, in order */
    uint32_t at, count;
    struct td_quote quote;
    td_ns beat; /* when the quote is told again */
    td_ns flat; /* begin of the next bar that may have no trades */
    td_px last;
};

/* `file` names symbol and market; its texts and `config` must outlive the tape. TD_ENODATA: no day of the plan is recorded;
 * TD_EPARSE: the factor file, a bar or a quote bar is damaged; TD_ENOMEM. */
TD_MUST_CHECK enum td_err td_bartape_open(struct td_bartape *t,
                                          const struct td_source_config *config,
                                          const struct td_lean_file *file, struct td_world *world,
                                          struct td_arena *arena, struct td_fail *why);
/* The next event, by time. TD_ENODATA after the last day; TD_EPARSE. `day` and `hours` are its. */
TD_MUST_CHECK enum td_err td_bartape_next(struct td_bartape *t, struct td_event *out,
                                          struct td_fail *why);
/* Some factor is not 1: prices are on no grid of the exchange. */
bool td_bartape_adjusted(const struct td_bartape *t);
/* Path of the factor file of a stock below `root`; false: too long. */
bool td_bartape_factor_path(const char *root, const char *symbol, char *out, size_t cap);

#endif
