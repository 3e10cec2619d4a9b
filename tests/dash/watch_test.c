/* tests/dash/watch_test.c - the market as shown: books by rows, versions, bounds, and the JSON of it. */
#include "dash/watch.h"

#include <stdlib.h>
#include <string.h>

#include "support/support.h"

#define PX(x) ((td_px){(int64_t)((x)*100 + 0.5) * (TD_E9 / 100)})

static struct td_watch w;
static struct td_text text;
static char bytes[400000];
static struct td_json json;

static int begin(void **state)
{
    (void)state;
    struct td_feed_item item = {.kind = TD_FEED_LINE, .line = 1, .symbol = "SPY"};
    TD_OK_OR_FAIL(td_watch_open(&w));
    td_watch_take(&w, &item);
    w.now = 20 * TD_SEC;
    td_text_init(&text, bytes, sizeof bytes);
    td_json_init(&json, &text, false);
    return 0;
}

static int end(void **state)
{
    (void)state;
    td_watch_close(&w);
    td_watch_close(&w);
    return 0;
}

static void anew(void **state)
{
    (void)end(state);
    (void)begin(state);
}

static void tell(struct td_event ev)
{
    struct td_feed_item item = {.kind = TD_FEED_EVENT, .line = 1, .event = ev};
    td_watch_take(&w, &item);
}

static void row(int32_t at, uint8_t op, uint8_t side, double px, int64_t qty)
{
    tell((struct td_event){
        .recv_ns = 10 * TD_SEC,
        .kind = TD_EV_DEPTH,
        .depth = {.px = PX(px), .qty = TD_QTY(qty), .row = at, .op = op, .side = side}});
}

static void quote(double bid, double ask)
{
    tell((struct td_event){.recv_ns = 18 * TD_SEC,
                           .kind = TD_EV_QUOTE,
                           .quote = {PX(bid), PX(ask), TD_QTY(300), TD_QTY(100)}});
}

static void print(double px, int64_t qty, uint8_t aggressor)
{
    tell((struct td_event){
        .recv_ns = 19 * TD_SEC,
        .kind = TD_EV_TRADE,
        .trade = {.px = PX(px), .qty = TD_QTY(qty), .exchange = "ARCA", .aggressor = aggressor}});
}

static void nothing_known_is_null(void **state)
{
    (void)state;
    const struct td_watch_symbol *s = td_watch_find(&w, td_str_of("SPY"));
    assert_non_null(s);
    assert_null(td_watch_find(&w, td_str_of("")));
    assert_null(td_watch_find(&w, td_str_of("SP")));
    td_watch_put_quote(s, &json);
    assert_string_equal(
        bytes, "{\"symbol\":\"SPY\",\"last\":null,\"bid\":null,\"ask\":null,\"bid_size\":null,"
               "\"ask_size\":null,\"time\":null,\"age_ms\":null,\"generated\":false,"
               "\"status\":null,\"events\":0,\"gaps\":0}");
    anew(state);
    td_watch_put_book(td_watch_find(&w, td_str_of("SPY")), &json);
    assert_string_equal(
        bytes, "{\"symbol\":\"SPY\",\"time\":null,\"quality\":[\"empty\"],\"bids\":[],"
               "\"asks\":[],\"microprice\":null,\"imbalance\":null,\"ofi\":null,\"cvd\":null}");
}

static void a_book_and_what_follows(void **state)
{
    (void)state;
    const struct td_watch_symbol *s = td_watch_find(&w, td_str_of("SPY"));
    const uint64_t version = s->book_version;
    row(0, TD_DEPTH_INSERT, TD_BID, 100, 100);
    row(0, TD_DEPTH_INSERT, TD_ASK, 101, 100);
    assert_true(s->book_version == version + 2);
    row(0, TD_DEPTH_UPDATE, TD_BID, 100, 300); /* 200 more wish to buy */
    td_watch_put_book(s, &json);
    assert_string_equal(
        bytes, "{\"symbol\":\"SPY\",\"time\":\"1970-01-01T00:00:10.000000+00:00\",\"quality\":[],"
               "\"bids\":[[100,300]],\"asks\":[[101,100]],\"microprice\":100.75,"
               "\"imbalance\":0.5,\"ofi\":200,\"cvd\":null}");
    row(7, TD_DEPTH_UPDATE, TD_BID, 99, 1); /* cannot be */
    assert_int_equal(s->gaps, 1);
    assert_true(s->book.quality & TD_Q_GAP);
    tell((struct td_event){.kind = TD_EV_DEPTH_RESET, .recv_ns = 11 * TD_SEC});
    assert_false(s->book.quality & TD_Q_GAP);
    assert_int_equal(s->book.rows[TD_BID], 0);
}

static void an_image_makes_it_whole(void **state)
{
    (void)state;
    const struct td_watch_symbol *s = td_watch_find(&w, td_str_of("SPY"));
    struct td_feed_item item = {.kind = TD_FEED_IMAGE, .line = 1, .dropped = 7};
    item.image = (struct td_feed_image){.recv_ns = 12 * TD_SEC, .rows_max = 2, .rows = {2, 1}};
    item.image.side[TD_ASK][0] = (struct td_level){PX(101), TD_QTY(1)};
    item.image.side[TD_ASK][1] = (struct td_level){PX(102), TD_QTY(2)};
    item.image.side[TD_BID][0] = (struct td_level){PX(100), TD_QTY(3)};
    row(9, TD_DEPTH_UPDATE, TD_BID, 99, 1);
    td_watch_take(&w, &item);
    assert_int_equal(w.dropped, 7);
    assert_int_equal(s->book.quality, 0);
    row(0, TD_DEPTH_INSERT, TD_ASK, 100.5, 5); /* the third row falls off */
    assert_int_equal(s->book.rows[TD_ASK], 2);
    assert_true(s->book.side[TD_ASK][1].px.e9 == PX(101).e9);
    row(0, TD_DEPTH_UPDATE, TD_ASK, 105, 5);
    assert_true(s->book.quality & TD_Q_DISORDER);
}

static void prints_by_number(void **state)
{
    (void)state;
    const struct td_watch_symbol *s = td_watch_find(&w, td_str_of("SPY"));
    quote(100, 101);
    print(101, 30, 2);       /* at the ask */
    print(100, 10, 2);       /* at the bid */
    print(100.5, 7, 2);      /* between: nobody knows */
    print(100.5, 5, TD_BID); /* the venue's word: a seller */
    assert_true(s->bought == 30 && s->sold == 15);
    td_watch_put_trades(s, 3, &json);
    assert_string_equal(bytes, "{\"symbol\":\"SPY\",\"newest\":4,\"trades\":[{\"n\":4,\"time\":"
                               "\"1970-01-01T00:00:19.000000+00:00\",\"price\":100.5,\"size\":5,"
                               "\"aggressor\":\"sell\",\"exchange\":\"ARCA\"}]}");
    for (int i = 0; i < 1000; i++)
        print(101, 1, 2);
    anew(state);
    for (int i = 0; i < 1000; i++)
        print(101, i + 1, 2);
    s = td_watch_find(&w, td_str_of("SPY"));
    td_watch_put_trades(s, 0, &json);
    assert_non_null(strstr(bytes, "\"newest\":1000,\"trades\":[{\"n\":489,"));
    assert_non_null(strstr(bytes, "{\"n\":1000,"));
    assert_false(td_text_full(&text));
}

static void bar(int64_t minute, double close)
{
    tell((struct td_event){
        .kind = TD_EV_BAR,
        .venue_ns = minute * TD_MIN,
        .bar = {PX(1), PX(2), PX(1), PX(close), TD_QTY(9), TD_PX_NONE, TD_MIN, -1}});
}

static void bars_stay_bounded(void **state)
{
    (void)state;
    const struct td_watch_symbol *s = td_watch_find(&w, td_str_of("SPY"));
    bar(1, 1);
    bar(2, 1);
    bar(2, 2); /* the same, newer */
    bar(1, 7); /* of the past: told before */
    assert_int_equal(s->bar_count, 2);
    assert_true(s->bars[1].bar.close.e9 == PX(2).e9 && s->bars[0].bar.close.e9 == PX(1).e9);
    td_watch_put_bars(s, 2 * TD_MIN, &json);
    assert_string_equal(bytes,
                        "{\"symbol\":\"SPY\",\"span_s\":60,\"bars\":[{\"time\":120,\"open\":1,"
                        "\"high\":2,\"low\":1,\"close\":2,\"volume\":9}]}");
    for (int64_t i = 3; i < TD_WATCH_BARS + 10; i++)
        bar(i, 1);
    assert_int_equal(s->bar_count, TD_WATCH_BARS);
    assert_true(s->bars[0].start == 10 * TD_MIN);
    assert_true(s->bars[TD_WATCH_BARS - 1].start == (TD_WATCH_BARS + 9) * TD_MIN);
}

static void a_line_begins_anew(void **state)
{
    (void)state;
    struct td_feed_item item = {.kind = TD_FEED_LINE, .line = 1, .symbol = "SPY"};
    const struct td_watch_symbol *s = td_watch_find(&w, td_str_of("SPY"));
    row(0, TD_DEPTH_INSERT, TD_BID, 100, 300);
    bar(1, 1);
    td_watch_take(&w, &item); /* a session later: bars stay, the book is void */
    assert_int_equal(s->bar_count, 1);
    assert_int_equal(s->book.rows[TD_BID], 0);
    memcpy(item.symbol, "IBM", 4);
    td_watch_take(&w, &item);
    assert_int_equal(s->bar_count, 0);
    assert_null(td_watch_find(&w, td_str_of("SPY")));
    assert_non_null(td_watch_find(&w, td_str_of("IBM")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(nothing_known_is_null, begin, end),
        cmocka_unit_test_setup_teardown(a_book_and_what_follows, begin, end),
        cmocka_unit_test_setup_teardown(an_image_makes_it_whole, begin, end),
        cmocka_unit_test_setup_teardown(prints_by_number, begin, end),
        cmocka_unit_test_setup_teardown(bars_stay_bounded, begin, end),
        cmocka_unit_test_setup_teardown(a_line_begins_anew, begin, end),
    };
    return cmocka_run_group_tests_name("watch", tests, NULL, NULL);
}
