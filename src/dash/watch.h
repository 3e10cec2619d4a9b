/* dash/watch.h - the market as the dashboard shows it: books, quotes, prints, bars, and what follows from them.
 *
 * Built from the feed by the dashboard's thread, read by its routes and pushes. Every symbol has a version that grows with
 * each change, so a push sends what changed since the last one and no more (conflation). Bounded: the newest
 * TD_WATCH_TRADES prints and TD_WATCH_BARS bars of a symbol. Owner: the dashboard's thread alone.
 */
#ifndef TD_DASH_WATCH_H
#define TD_DASH_WATCH_H

#include "dash/feed.h"
#include "wire/json.h"

#define TD_WATCH_TRADES 512
#define TD_WATCH_LEVELS 20 /* rows that are shown, each side */
#define TD_WATCH_BARS   2048

struct td_watch_bar {
    td_ns start;
    struct td_bar bar;
};

struct td_watch_trade {
    td_ns at;        /* the venue's stamp, else ours */
    uint64_t number; /* 1, 2, ... of the symbol */
    struct td_trade trade;
};

struct td_watch_symbol {
    char symbol[TD_FEED_SYMBOL];
    struct td_quote quote;
    td_px last;
    td_ns quote_ns, last_ns;   /* recv; 0: never */
    struct td_feed_image book; /* the best TD_WATCH_LEVELS rows, as shown */
    struct td_book rows;       /* all of them, kept by events between images */
    struct td_quote best;      /* the last top that `flow` has seen */
    double flow;               /* order-flow imbalance, shares, summed up since the symbol began */
    uint64_t quote_version, book_version, bars_version;
    uint64_t trades_seen;                          /* number of the newest print */
    struct td_watch_trade trades[TD_WATCH_TRADES]; /* ring: number n at (n - 1) % TD_WATCH_TRADES */
    struct td_watch_bar bars[TD_WATCH_BARS];       /* oldest first */
    uint32_t bar_count;
    double bought, sold; /* volume at the ask and at the bid: their difference is the CVD */
    uint64_t events, gaps;
    uint8_t status;     /* enum td_status; UINT8_MAX: nobody said */
    bool generated;     /* the simulator made it */
    const td_ns *clock; /* the watch's now */
};

struct td_watch {
    struct td_watch_symbol *symbols; /* [TD_FEED_LINES] */
    uint32_t count;
    uint64_t dropped; /* events that did not fit the ring */
    td_ns now;        /* the owner's, for ages; the watch stays where it was opened */
};

/* TD_ENOMEM. Close with td_watch_close, which accepts a zeroed one. */
TD_MUST_CHECK enum td_err td_watch_open(struct td_watch *w);
void td_watch_close(struct td_watch *w);
void td_watch_take(struct td_watch *w, const struct td_feed_item *item);
/* NULL: not watched. */
const struct td_watch_symbol *td_watch_find(const struct td_watch *w, struct td_str symbol);

/* One object each, as docs/api.md says: quote, book, prints newer than `after`, bars from `from` on. Order-flow imbalance
 * after Cont, Kukanov, Stoikov 2014, of the best rows; the volume delta counts a print by the venue's word, else by
 * whether it was at the ask or at the bid of its moment. */
void td_watch_put_quote(const struct td_watch_symbol *s, struct td_json *j);
void td_watch_put_book(const struct td_watch_symbol *s, struct td_json *j);
void td_watch_put_trades(const struct td_watch_symbol *s, uint64_t after, struct td_json *j);
void td_watch_put_bars(const struct td_watch_symbol *s, td_ns from, struct td_json *j);

#endif
