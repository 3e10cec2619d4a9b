/* dash/watch.c - events into what is shown. Nothing here asks who looks: versions grow, readers compare. */
#include "dash/watch.h"

#include <stdlib.h>
#include <string.h>

enum td_err td_watch_open(struct td_watch *w)
{
    memset(w, 0, sizeof *w);
    w->symbols = calloc(TD_FEED_LINES, sizeof *w->symbols);
    return w->symbols ? TD_OK : TD_ENOMEM;
}

void td_watch_close(struct td_watch *w)
{
    free(w->symbols);
    memset(w, 0, sizeof *w);
}

static double shares(td_qty qty)
{
    return td_qty_is_none(qty) ? 0 : (double)qty.e9 / (double)TD_E9;
}

/* What a side's best row adds to the flow: grown or better is pressure of that side, shrunk or worse takes it away. */
static double flow_of(td_px was, td_qty had, td_px is, td_qty has, bool bid)
{
    if (td_px_is_none(was) || td_px_is_none(is))
        return 0;
    const bool better = bid ? is.e9 > was.e9 : is.e9 < was.e9;
    const bool worse = bid ? is.e9 < was.e9 : is.e9 > was.e9;
    return (worse ? 0 : shares(has)) - (better ? 0 : shares(had));
}

static void see_top(struct td_watch_symbol *s, const struct td_quote *top)
{
    const struct td_quote *was = &s->best;
    s->flow += flow_of(was->bid, was->bid_qty, top->bid, top->bid_qty, true) -
               flow_of(was->ask, was->ask_qty, top->ask, top->ask_qty, false);
    s->best = *top;
}

static void show_book(struct td_watch_symbol *s)
{
    struct td_quote top;
    s->book.recv_ns = s->rows.recv_ns;
    s->book.rows_max = s->rows.rows_max;
    s->book.quality = td_book_quality(&s->rows, 0, 0);
    for (int side = 0; side < 2; side++) {
        const int32_t rows = s->rows.rows[side];
        s->book.rows[side] = rows < TD_WATCH_LEVELS ? rows : TD_WATCH_LEVELS;
        memcpy(s->book.side[side], s->rows.side[side],
               (size_t)s->book.rows[side] * sizeof *s->book.side[side]);
    }
    s->book_version++;
    td_book_top(&s->rows, &top);
    see_top(s, &top);
}

static void take_line(struct td_watch *w, uint32_t line, const char *symbol)
{
    struct td_watch_symbol *s = &w->symbols[line];
    if (strncmp(s->symbol, symbol, sizeof s->symbol) != 0) {
        memset(s, 0, sizeof *s);
        memcpy(s->symbol, symbol, sizeof s->symbol);
        s->quote = (struct td_quote){.bid = TD_PX_NONE, .ask = TD_PX_NONE};
        s->best = s->quote;
        s->last = TD_PX_NONE;
        s->status = UINT8_MAX; /* nobody said */
        s->clock = &w->now;
    }
    td_book_init(&s->rows, TD_BOOK_ROWS_MAX);
    show_book(s);
    s->quote_version++;
    if (line >= w->count)
        w->count = line + 1;
}

static void take_image(struct td_watch_symbol *s, const struct td_feed_image *image)
{
    td_book_init(&s->rows, image->rows_max);
    s->rows.recv_ns = image->recv_ns;
    s->rows.broken = image->quality & TD_Q_GAP;
    s->rows.generated = image->quality & TD_Q_GENERATED;
    for (int side = 0; side < 2; side++) {
        s->rows.rows[side] = image->rows[side];
        memcpy(s->rows.side[side], image->side[side],
               (size_t)image->rows[side] * sizeof *image->side[side]);
        for (int32_t row = 0; row + 1 < image->rows[side]; row++) {
            const int64_t here = image->side[side][row].px.e9,
                          next = image->side[side][row + 1].px.e9;
            s->rows.disorder[side] += side == TD_ASK ? here > next : here < next;
        }
    }
    show_book(s);
}

/* --- events --- */

static void take_depth(struct td_watch_symbol *s, const struct td_event *ev)
{
    if (td_book_apply(&s->rows, ev) != TD_OK)
        s->gaps++; /* the book knows that it is broken, and shows it */
    show_book(s);
}

static void take_reset(struct td_watch_symbol *s, const struct td_event *ev)
{
    td_book_reset(&s->rows);
    s->rows.recv_ns = ev->recv_ns;
    show_book(s);
}

static void take_quote(struct td_watch_symbol *s, const struct td_event *ev)
{
    s->quote = ev->quote;
    s->quote_ns = ev->recv_ns;
    if (!s->rows.rows[TD_ASK] && !s->rows.rows[TD_BID]) {
        see_top(s, &ev->quote);
        s->book_version++;
    }
}

/* Whether the buyer came to the seller: by the venue's word, else by the quote of the moment. */
static void count_volume(struct td_watch_symbol *s, const struct td_trade *t)
{
    const bool known = t->aggressor <= TD_BID;
    const td_px bid = s->quote.bid, ask = s->quote.ask;
    const bool at_ask = !td_px_is_none(ask) && t->px.e9 >= ask.e9;
    const bool at_bid = !td_px_is_none(bid) && t->px.e9 <= bid.e9;
    if (known ? t->aggressor == TD_ASK : at_ask && !at_bid)
        s->bought += shares(t->qty);
    else if (known || (at_bid && !at_ask))
        s->sold += shares(t->qty);
}

static void take_trade(struct td_watch_symbol *s, const struct td_event *ev)
{
    struct td_watch_trade *t = &s->trades[s->trades_seen++ % TD_WATCH_TRADES];
    *t = (struct td_watch_trade){ev->venue_ns ? ev->venue_ns : ev->recv_ns, s->trades_seen,
                                 ev->trade};
    s->last = ev->trade.px;
    s->last_ns = ev->recv_ns;
    s->book_version++; /* the volume delta stands there */
    count_volume(s, &ev->trade);
}

static void take_bar(struct td_watch_symbol *s, const struct td_event *ev)
{
    struct td_watch_bar *last = s->bar_count ? &s->bars[s->bar_count - 1] : NULL;
    if (last && last->start > ev->venue_ns)
        return; /* told before */
    if (!last || last->start < ev->venue_ns) {
        if (s->bar_count == TD_WATCH_BARS)
            memmove(s->bars, s->bars + 1, (TD_WATCH_BARS - 1) * sizeof *s->bars);
        else
            s->bar_count++;
        last = &s->bars[s->bar_count - 1];
    }
    *last = (struct td_watch_bar){ev->venue_ns, ev->bar};
    s->bars_version++;
}

static void take_event(struct td_watch_symbol *s, const struct td_event *ev)
{
    s->events++;
    s->quote_version++;
    s->generated |= ev->generated;
    switch ((enum td_event_kind)ev->kind) {
    case TD_EV_DEPTH:
        take_depth(s, ev);
        return;
    case TD_EV_DEPTH_RESET:
        take_reset(s, ev);
        return;
    case TD_EV_QUOTE:
        take_quote(s, ev);
        return;
    case TD_EV_TRADE:
        take_trade(s, ev);
        return;
    case TD_EV_BAR:
        take_bar(s, ev);
        return;
    case TD_EV_STATUS:
        s->status = ev->status;
        return;
    case TD_EV_GAP:
        s->gaps++;
        s->rows.broken = true;
        show_book(s);
        return;
    case TD_EV_MBO:
    case TD_EV_KINDS:
        return; /* orders of others are not shown one by one */
    }
}

void td_watch_take(struct td_watch *w, const struct td_feed_item *item)
{
    TD_REQUIRE(item->line < TD_FEED_LINES);
    struct td_watch_symbol *s = &w->symbols[item->line];
    w->dropped += item->dropped;
    if (item->kind == TD_FEED_LINE)
        take_line(w, item->line, item->symbol);
    else if (!s->symbol[0])
        return; /* its name did not fit the ring: nobody can ask for it */
    else if (item->kind == TD_FEED_IMAGE)
        take_image(s, &item->image);
    else
        take_event(s, &item->event);
}

const struct td_watch_symbol *td_watch_find(const struct td_watch *w, struct td_str symbol)
{
    for (uint32_t i = 0; i < w->count; i++)
        if (w->symbols[i].symbol[0] && td_str_is(symbol, w->symbols[i].symbol))
            return &w->symbols[i];
    return NULL;
}
