/* dash/feed.h - what the trading thread tells the dashboard: market events, as they come, through a bounded ring.
 *
 * The trading thread copies an event and goes on; it never waits, never allocates and never learns whether anybody
 * looks. When the ring is full the event is dropped and counted, and the line's next event is preceded by an image of
 * its book: whoever reads sees a gap and is whole again (design 3: rings between threads). The book has taken an event
 * before the feed sees it, so a row of depth is not told again behind its image. Everything else that a dashboard
 * shows comes from the journal's projections (orders.db) and from the desk's answers to words.
 *
 * Owner: the producer is the trading thread, the consumer the dashboard's; memory is the opener's, taken once.
 */
#ifndef TD_DASH_FEED_H
#define TD_DASH_FEED_H

#include "base/ring.h"
#include "base/text.h"
#include "market/book.h"

#define TD_FEED_LINES  64 /* symbols; as TD_LINES_MAX of the desk */
#define TD_FEED_SYMBOL 24
#define TD_FEED_RING   (1u << 21)       /* bytes: some 15,000 events */
#define TD_FEED_LEVELS TD_BOOK_ROWS_MAX /* rows of an image, each side: all of them */

enum td_feed_kind {
    TD_FEED_LINE,  /* a symbol begins: its name                      */
    TD_FEED_EVENT, /* one market event of a line                     */
    TD_FEED_IMAGE, /* the whole book of a line: at its begin, and after events dropped */
};

/* A book. */
struct td_feed_image {
    td_ns recv_ns;
    int32_t rows_max; /* that are subscribed: deeper ones fall off */
    int32_t rows[2];  /* of [TD_ASK], [TD_BID] */
    struct td_level side[2][TD_FEED_LEVELS];
    uint32_t quality; /* enum td_quality */
};

struct td_feed_item {
    uint32_t kind; /* enum td_feed_kind */
    uint32_t line;
    uint32_t
        dropped; /* events of all lines that were lost before this one, since the last that was told */
    bool warmup; /* a bar of the past, not of now */
    union {
        char symbol[TD_FEED_SYMBOL];
        struct td_event event;
        struct td_feed_image image;
    };
};

struct td_feed {
    struct td_ring ring;
    uint32_t lost;                /* producer: since the last item that fitted */
    bool behind[TD_FEED_LINES];   /* producer: this line's next item is an image */
    _Atomic uint64_t lost_in_all; /* for metrics */
};

/* TD_ENOMEM. Free with td_feed_close, which accepts a zeroed one. */
TD_MUST_CHECK enum td_err td_feed_open(struct td_feed *f);
void td_feed_close(struct td_feed *f);

/* Producer. `f` may be NULL: nobody looks. Lines from TD_FEED_LINES on are not told. `book`: the line's, for the image
 * when one is due; NULL when it has none. */
void td_feed_line(struct td_feed *f, uint32_t line, const char *symbol);
void td_feed_event(struct td_feed *f, uint32_t line, const struct td_event *event, bool warmup,
                   const struct td_book *book);

/* Consumer: the next item, or false. */
bool td_feed_next(struct td_feed *f, struct td_feed_item *out);

#endif
