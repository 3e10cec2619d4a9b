/* dash/watch_put.c - what the dashboard knows of a symbol, as JSON. What was never told is null. */
#include <math.h>

#include "dash/watch.h"

static const char *const statuses[] = {[TD_STATUS_OPEN] = "open",
                                       [TD_STATUS_CLOSED] = "closed",
                                       [TD_STATUS_HALTED] = "halted",
                                       [TD_STATUS_AUCTION] = "auction"};

static void put_time(struct td_json *j, const char *key, td_ns at)
{
    td_json_key(j, key);
    if (at)
        td_json_iso(j, at);
    else
        td_json_null(j);
}

static void put_number(struct td_json *j, const char *key, double value)
{
    td_json_key(j, key);
    td_json_double(j, value); /* NaN is null */
}

void td_watch_put_quote(const struct td_watch_symbol *s, struct td_json *j)
{
    const td_ns at = s->quote_ns > s->last_ns ? s->quote_ns : s->last_ns;
    const bool bid = !td_px_is_none(s->quote.bid), ask = !td_px_is_none(s->quote.ask);
    td_json_object(j);
    td_json_key_text(j, "symbol", s->symbol);
    td_json_key_e9(j, "last", s->last.e9);
    td_json_key_e9(j, "bid", s->quote.bid.e9);
    td_json_key_e9(j, "ask", s->quote.ask.e9);
    td_json_key_e9(j, "bid_size", bid ? s->quote.bid_qty.e9 : TD_E9_NONE);
    td_json_key_e9(j, "ask_size", ask ? s->quote.ask_qty.e9 : TD_E9_NONE);
    put_time(j, "time", at);
    td_json_key(j, "age_ms");
    if (at && *s->clock >= at)
        td_json_i64(j, (*s->clock - at) / TD_MS);
    else
        td_json_null(j);
    td_json_key_bool(j, "generated", s->generated);
    td_json_key_text(j, "status", s->status < TD_COUNT(statuses) ? statuses[s->status] : NULL);
    td_json_key_i64(j, "events", (int64_t)s->events);
    td_json_key_i64(j, "gaps", (int64_t)s->gaps);
    td_json_object_end(j);
}

static void put_side(const struct td_feed_image *book, int side, struct td_json *j)
{
    td_json_array(j);
    for (int32_t row = 0; row < book->rows[side]; row++) {
        td_json_array(j);
        td_json_e9(j, book->side[side][row].px.e9);
        td_json_e9(j, book->side[side][row].qty.e9);
        td_json_array_end(j);
    }
    td_json_array_end(j);
}

void td_watch_put_book(const struct td_watch_symbol *s, struct td_json *j)
{
    const struct td_feed_image *book = &s->book;
    const bool both = book->rows[TD_ASK] && book->rows[TD_BID];
    const double bid = (double)book->side[TD_BID][0].px.e9,
                 ask = (double)book->side[TD_ASK][0].px.e9,
                 bids = (double)book->side[TD_BID][0].qty.e9,
                 asks = (double)book->side[TD_ASK][0].qty.e9;
    td_json_object(j);
    td_json_key_text(j, "symbol", s->symbol);
    put_time(j, "time", book->recv_ns);
    td_json_key(j, "quality");
    td_json_array(j);
    for (unsigned bit = 0; td_quality_word(bit); bit++)
        if (book->quality >> bit & 1)
            td_json_text(j, td_quality_word(bit));
    td_json_array_end(j);
    td_json_key(j, "bids");
    put_side(book, TD_BID, j);
    td_json_key(j, "asks");
    put_side(book, TD_ASK, j);
    put_number(j, "microprice",
               both ? (bid + (ask - bid) * (bids / (bids + asks))) / (double)TD_E9 : NAN);
    put_number(j, "imbalance", both ? (bids - asks) / (bids + asks) : NAN);
    put_number(j, "ofi", td_px_is_none(s->best.bid) ? NAN : s->flow);
    put_number(j, "cvd", s->trades_seen ? s->bought - s->sold : NAN);
    td_json_object_end(j);
}

static void put_trade(const struct td_watch_trade *t, struct td_json *j)
{
    static const char *const words[] = {[TD_ASK] = "buy", [TD_BID] = "sell"};
    char exchange[TD_MAKER_CHARS + 1] = "";
    (void)td_str_copy((struct td_str){t->trade.exchange, TD_MAKER_CHARS}, exchange,
                      sizeof exchange);
    td_json_object(j);
    td_json_key(j, "n");
    td_json_u64(j, t->number);
    put_time(j, "time", t->at);
    td_json_key_e9(j, "price", t->trade.px.e9);
    td_json_key_e9(j, "size", t->trade.qty.e9);
    td_json_key_text(j, "aggressor",
                     t->trade.aggressor < TD_COUNT(words) ? words[t->trade.aggressor] : NULL);
    td_json_key_text(j, "exchange", exchange[0] ? exchange : NULL);
    td_json_object_end(j);
}

void td_watch_put_trades(const struct td_watch_symbol *s, uint64_t after, struct td_json *j)
{
    const uint64_t oldest = s->trades_seen > TD_WATCH_TRADES ? s->trades_seen - TD_WATCH_TRADES : 0;
    td_json_object(j);
    td_json_key_text(j, "symbol", s->symbol);
    td_json_key(j, "newest");
    td_json_u64(j, s->trades_seen);
    td_json_key(j, "trades");
    td_json_array(j);
    for (uint64_t n = after > oldest ? after : oldest; n < s->trades_seen; n++)
        put_trade(&s->trades[n % TD_WATCH_TRADES], j);
    td_json_array_end(j);
    td_json_object_end(j);
}

static void put_bar(const struct td_watch_bar *b, struct td_json *j)
{
    td_json_object(j);
    td_json_key_i64(j, "time", b->start / TD_SEC);
    td_json_key_e9(j, "open", b->bar.open.e9);
    td_json_key_e9(j, "high", b->bar.high.e9);
    td_json_key_e9(j, "low", b->bar.low.e9);
    td_json_key_e9(j, "close", b->bar.close.e9);
    td_json_key_e9(j, "volume", b->bar.volume.e9);
    td_json_object_end(j);
}

void td_watch_put_bars(const struct td_watch_symbol *s, td_ns from, struct td_json *j)
{
    td_json_object(j);
    td_json_key_text(j, "symbol", s->symbol);
    td_json_key(j, "span_s");
    if (s->bar_count)
        td_json_i64(j, s->bars[s->bar_count - 1].bar.span / TD_SEC);
    else
        td_json_null(j);
    td_json_key(j, "bars");
    td_json_array(j);
    for (uint32_t i = 0; i < s->bar_count; i++)
        if (s->bars[i].start >= from)
            put_bar(&s->bars[i], j);
    td_json_array_end(j);
    td_json_object_end(j);
}
