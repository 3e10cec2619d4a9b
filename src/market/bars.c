/* market/bars.c - one builder for trades and for finer bars: a trade is a bar of one price. */
#include "market/bars.h"

void td_bars_init(struct td_bars *b, td_ns span, td_ns anchor)
{
    TD_REQUIRE(span > 0);
    *b = (struct td_bars){.span = span, .anchor = anchor};
}

static td_ns start_of(const struct td_bars *b, td_ns at)
{
    const td_ns past = (at - b->anchor) % b->span;
    return at - (past < 0 ? past + b->span : past);
}

static void finish(struct td_bars *b, struct td_bar *out, td_ns *start)
{
    int64_t wap = TD_E9_NONE;
    if (!b->overflow && b->now.volume.e9 > 0 &&
        td_e9_div(b->turnover.e9, b->now.volume.e9, &wap) != TD_OK)
        wap = TD_E9_NONE;
    *out = b->now;
    out->wap = (td_px){wap};
    out->span = b->span;
    *start = b->start;
    b->open = false;
}

bool td_bars_flush(struct td_bars *b, td_ns now, struct td_bar *out, td_ns *start)
{
    if (!b->open || now < b->start + b->span)
        return false;
    finish(b, out, start);
    return true;
}

static void merge(struct td_bars *b, const struct td_bar *bar)
{
    td_cash cash;
    if (bar->high.e9 > b->now.high.e9)
        b->now.high = bar->high;
    if (bar->low.e9 < b->now.low.e9)
        b->now.low = bar->low;
    b->now.close = bar->close;
    if (b->now.count >= 0)
        b->now.count = bar->count < 0 ? -1 : b->now.count + bar->count;
    const td_px wap = td_px_is_none(bar->wap) ? bar->close : bar->wap;
    if (td_qty_add(b->now.volume, bar->volume, &b->now.volume) != TD_OK ||
        td_notional(wap, bar->volume, &cash) != TD_OK ||
        td_cash_add(b->turnover, cash, &b->turnover) != TD_OK)
        b->overflow = true;
}

bool td_bars_bar(struct td_bars *b, td_ns at, const struct td_bar *bar, struct td_bar *out,
                 td_ns *start)
{
    const td_ns begin = start_of(b, at);
    const bool finished = b->open && begin > b->start;
    if (finished)
        finish(b, out, start);
    if (!b->open) {
        b->open = true;
        b->overflow = false;
        b->start = begin;
        b->turnover = TD_CASH(0);
        b->now = (struct td_bar){
            .open = bar->open, .high = bar->high, .low = bar->low, .close = bar->close};
    }
    merge(b, bar);
    return finished;
}

bool td_bars_trade(struct td_bars *b, td_ns at, td_px px, td_qty qty, struct td_bar *out,
                   td_ns *start)
{
    const struct td_bar one = {
        .open = px, .high = px, .low = px, .close = px, .volume = qty, .wap = px, .count = 1};
    return td_bars_bar(b, at, &one, out, start);
}
