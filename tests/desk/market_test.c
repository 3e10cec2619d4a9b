/* tests/desk/market_test.c - the market of the desk against a scripted gateway over a simulated connection. */
#include "support/support.h"

#include <string.h>

#include "desk/market.h"
#include "desk/script_gateway.h"

#define SCRIPT_PORT 4002

static struct td_simworld *sim;
static struct td_world client_world;
static struct td_link link;
static struct td_market market;

static struct seen {
    uint32_t kinds[32], warm, live;
    struct td_event last[32];
} seen;

static void see(void *arg, uint32_t index, const struct td_event *event, bool warmup)
{
    (void)arg;
    assert_int_equal(index, 0);
    seen.kinds[event->kind]++;
    seen.last[event->kind] = *event;
    if (event->kind == TD_EV_BAR)
        ++*(warmup ? &seen.warm : &seen.live);
}

/* The newest request of a kind; 0 when there was none. */
static int32_t script_last(uint16_t kind)
{
    for (uint32_t i = script.count; i-- > 0;)
        if (script.requests[i].kind == kind)
            return script.requests[i].req_id;
    return 0;
}

static void turns(void)
{
    const td_ns until = td_world_mono(&client_world) + 100 * TD_MS;
    while (td_world_mono(&client_world) < until) {
        struct td_wake wake;
        struct td_tws_event ev;
        const td_ns next = td_market_deadline(&market);
        td_world_wait(&client_world, next < until ? next : until, &wake);
        (void)td_link_wake(&link, &wake);
        td_link_tick(&link);
        while (td_link_next(&link, &ev)) {
            if (ev.kind == TD_TWS_EV_READY)
                td_market_ready(&market);
            if (ev.kind == TD_TWS_EV_CLOSED)
                td_market_lost(&market);
            if (ev.kind == TD_TWS_EV_MESSAGE)
                (void)td_market_take(&market, &ev.msg);
            if (ev.kind == TD_TWS_EV_BAD)
                td_market_unread(&market, ev.wire_id, ev.req_id);
        }
        td_market_turn(&market);
        td_link_flush(&link);
    }
}

static void dial(void)
{
    const struct td_link_config config = {.host = "127.0.0.1",
                                          .port = SCRIPT_PORT,
                                          .client_id = 5,
                                          .dial_ns = TD_SEC,
                                          .hello_ns = TD_SEC,
                                          .ready_ns = TD_SEC};
    td_link_dial(&link, &config);
    turns();
    assert_true(td_link_ready(&link));
}

static int begin(void **state)
{
    const struct td_market_config config = {
        .depth_rows = 5, .bar_size = "1 min", .bar_history = "1 D", .bar_span = TD_MIN};
    const struct td_simworld_options options = {
        .seed = 3, .latency_min = TD_MS, .latency_max = 2 * TD_MS};
    uint32_t index, host;
    (void)state;
    memset(&seen, 0, sizeof seen);
    TD_OK_OR_FAIL(td_simworld_open(&sim, &options, NULL));
    TD_OK_OR_FAIL(td_simworld_attach(sim, "desk", &host, &client_world, NULL));
    script_attach(sim, SCRIPT_PORT);
    TD_OK_OR_FAIL(td_link_open(&link, &client_world, NULL));
    TD_OK_OR_FAIL(td_market_init(&market, &config, &link, NULL, see, NULL, NULL));
    TD_OK_OR_FAIL(
        td_market_add(&market, "SPY", TD_WANT_DEPTH | TD_WANT_QUOTES | TD_WANT_BARS, &index, NULL));
    dial();
    assert_int_equal(market.lines[0].state, TD_LINE_LIVE);
    return 0;
}

static int end(void **state)
{
    (void)state;
    td_market_fini(&market);
    td_link_close(&link);
    script_free();
    td_simworld_close(sim);
    return 0;
}

/* --- depth --- */

static void depth(int32_t req_id, int32_t row, int32_t op, int32_t side, int64_t cents)
{
    struct td_tws_msg msg;
    td_tws_msg_init(&msg, TD_TWS_MARKET_DEPTH_L2);
    msg.depth = (struct td_tws_depth){.req_id = req_id,
                                      .row = row,
                                      .op = op,
                                      .side = side,
                                      .px = {cents * 10000000},
                                      .qty = TD_QTY(3),
                                      .maker = td_str_of("ARCA"),
                                      .smart = true};
    script_send(&msg);
}

static void a_gap_asks_again(void **state)
{
    (void)state;
    const int32_t first = script_last(TD_TWS_REQ_MKT_DEPTH);
    depth(first, 0, 0, 1, 10000);
    turns();
    assert_int_equal(market.lines[0].book.rows[TD_BID], 1);
    depth(first, 4, 0, 1, 9990); /* rows 1 to 3 are not there */
    turns();
    assert_int_equal(seen.kinds[TD_EV_GAP], 1);
    assert_int_equal(seen.kinds[TD_EV_DEPTH_RESET], 1);
    assert_int_equal(script_last(TD_TWS_CANCEL_MKT_DEPTH), first);
    const int32_t second = script_last(TD_TWS_REQ_MKT_DEPTH);
    assert_int_not_equal(second, first);
    assert_int_equal(market.lines[0].book.rows[TD_BID], 0);
    const uint32_t before = seen.kinds[TD_EV_DEPTH];
    depth(first, 0, 0, 1, 10000); /* of the old generation */
    turns();
    assert_int_equal(seen.kinds[TD_EV_DEPTH], before);
    assert_int_equal(market.strays, 1);
    depth(second, 0, 0, 1, 10000);
    turns();
    assert_int_equal(seen.kinds[TD_EV_DEPTH], before + 1);
    assert_int_equal(market.lines[0].book.rows[TD_BID], 1);
}

/* The bytes of a depth message whose operation is a word. */
static void unreadable(const char *req_id)
{
    char frame[100] = {0};
    size_t sent;
    const int n = snprintf(frame + 4, sizeof frame - 4, "13|1|%s|0|ARCA|update|1|100|3|1|", req_id);
    frame[3] = (char)n;
    for (int i = 4; i < 4 + n; i++)
        frame[i] = frame[i] == '|' ? '\0' : frame[i];
    TD_OK_OR_FAIL(td_world_send(&script.world, script.conn, frame, 4 + (size_t)n, &sent));
    turns();
}

static void an_update_that_cannot_be_read_is_a_gap(void **state)
{
    char text[16];
    (void)state;
    const int32_t first = script_last(TD_TWS_REQ_MKT_DEPTH);
    depth(first, 0, 0, 1, 10000);
    turns();
    unreadable("77"); /* of nobody */
    unreadable("2000000999");
    assert_int_equal(seen.kinds[TD_EV_GAP], 0);
    (void)snprintf(text, sizeof text, "%d", (int)first);
    unreadable(text);
    assert_int_equal(seen.kinds[TD_EV_GAP], 1);
    assert_int_equal(seen.kinds[TD_EV_DEPTH_RESET], 1);
    const int32_t second = script_last(TD_TWS_REQ_MKT_DEPTH);
    assert_int_not_equal(second, first);
    assert_int_equal(market.lines[0].book.rows[TD_BID], 0);
    depth(second, 0, 0, 1, 10000);
    turns();
    unreadable("none"); /* it may have been ours */
    assert_int_equal(seen.kinds[TD_EV_GAP], 2);
    assert_int_equal(script_last(TD_TWS_CANCEL_MKT_DEPTH), second);
}

/* A book that was left without a word: whoever records it must be told before the next one begins. */
static void a_book_that_was_left_is_told_to_be_over(void **state)
{
    (void)state;
    const int32_t first = script_last(TD_TWS_REQ_MKT_DEPTH);
    depth(first, 0, 0, 1, 10000);
    turns();
    td_market_restore(&market); /* 1101: all subscriptions are lost */
    turns();
    assert_int_not_equal(script_last(TD_TWS_REQ_MKT_DEPTH), first);
    assert_int_equal(seen.kinds[TD_EV_GAP], 1);
    assert_int_equal(seen.kinds[TD_EV_DEPTH_RESET], 1);
}

static void a_reset_empties_the_book(void **state)
{
    (void)state;
    const int32_t id = script_last(TD_TWS_REQ_MKT_DEPTH);
    depth(id, 0, 0, 0, 10001);
    script_error(id, 317);
    turns();
    assert_int_equal(seen.kinds[TD_EV_DEPTH_RESET], 1);
    assert_int_equal(market.lines[0].book.rows[TD_ASK], 0);
    assert_int_equal(script_asked(TD_TWS_REQ_MKT_DEPTH), 1); /* the subscription goes on */
    depth(id, 0, 0, 0, 10001);
    turns();
    assert_int_equal(market.lines[0].book.rows[TD_ASK], 1);
}

static void a_halted_feed_is_asked_again(void **state)
{
    (void)state;
    const int32_t id = script_last(TD_TWS_REQ_MKT_DEPTH);
    script_error(id, 316);
    turns();
    assert_int_equal(script_asked(TD_TWS_REQ_MKT_DEPTH), 2);
    assert_int_not_equal(script_last(TD_TWS_REQ_MKT_DEPTH), id);
    assert_int_equal(market.lines[0].resubscribed, 1);
    script_error(id, 316); /* the old one again: stray */
    turns();
    assert_int_equal(script_asked(TD_TWS_REQ_MKT_DEPTH), 2);
}

/* --- everything --- */

static void lost_data_is_asked_again(void **state)
{
    (void)state;
    const int32_t quotes = script_last(TD_TWS_REQ_MKT_DATA);
    td_market_restore(&market); /* as 1101 asks for */
    turns();
    assert_int_equal(script_asked(TD_TWS_REQ_CONTRACT_DETAILS), 1); /* contracts stay known */
    assert_int_equal(script_asked(TD_TWS_REQ_MKT_DATA), 2);
    assert_int_equal(script_asked(TD_TWS_REQ_MKT_DEPTH), 2);
    assert_int_equal(script_asked(TD_TWS_REQ_HISTORICAL_DATA),
                     1); /* the same within 15 s: not yet */
    const td_ns until = td_world_mono(&client_world) + 16 * TD_SEC;
    while (td_world_mono(&client_world) < until)
        turns();
    assert_int_equal(script_asked(TD_TWS_REQ_HISTORICAL_DATA), 2);
    assert_true(script_last(TD_TWS_REQ_MKT_DATA) > quotes);
    assert_int_equal(market.lines[0].state, TD_LINE_LIVE);
}

/* A request that crosses the news of the loss may stand at the broker: it would be a second book beside the new one. */
static void what_crosses_the_loss_is_cancelled(void **state)
{
    (void)state;
    const int32_t first = script_last(TD_TWS_REQ_MKT_DEPTH);
    depth(first, 0, 0, 0, 10001);
    turns();
    td_market_restore(&market); /* all that stood was lost with the broker */
    assert_int_equal(script_asked(TD_TWS_CANCEL_MKT_DEPTH), 0);
    turns();
    const int32_t second = script_last(TD_TWS_REQ_MKT_DEPTH);
    assert_int_not_equal(second, first);
    td_market_restore(&market); /* no row has come since it was asked for */
    turns();
    assert_int_equal(script_asked(TD_TWS_CANCEL_MKT_DEPTH), 1);
    assert_int_equal(script_last(TD_TWS_CANCEL_MKT_DEPTH), second);
    assert_int_equal(script_asked(TD_TWS_REQ_MKT_DEPTH), 3);
}

static void a_reconnect_subscribes_anew(void **state)
{
    (void)state;
    const int32_t quotes = script_last(TD_TWS_REQ_MKT_DATA);
    td_simworld_sever(script.sim, script.host);
    turns();
    assert_int_equal(market.lines[0].state, TD_LINE_IDLE);
    assert_true(td_px_is_none(market.lines[0].quote.bid));
    assert_true(market.lines[0].book.broken);
    dial();
    assert_int_equal(market.lines[0].state, TD_LINE_LIVE);
    assert_true(script_last(TD_TWS_REQ_MKT_DATA) > quotes);
}

static void unknown_contracts_and_hard_errors_refuse_the_line(void **state)
{
    (void)state;
    script_error(script_last(TD_TWS_REQ_MKT_DATA), 354);
    turns();
    assert_int_equal(market.lines[0].state, TD_LINE_REFUSED);
    assert_int_equal(market.lines[0].refused_code, 354);
    td_link_hangup(&link);
    turns();
    uint32_t index;
    TD_OK_OR_FAIL(td_market_add(&market, "QQQQ", TD_WANT_QUOTES, &index, NULL));
    script.conid = 0;
    dial();
    assert_int_equal(market.lines[1].state, TD_LINE_REFUSED);
    assert_int_equal(market.lines[1].refused_code, 200);
    assert_int_equal(td_market_add(&market, "../x", TD_WANT_QUOTES, &index, NULL), TD_EINVAL);
    for (uint32_t i = market.count; i < market.config.lines_max; i++)
        TD_OK_OR_FAIL(td_market_add(&market, "SPY", 0, &index, NULL));
    assert_int_equal(td_market_add(&market, "SPY", 0, &index, NULL), TD_EFULL);
}

/* --- quotes --- */

static void tick(int32_t type, int64_t cents, int64_t size)
{
    struct td_tws_msg msg;
    td_tws_msg_init(&msg, TD_TWS_TICK_PRICE);
    msg.tick_price.req_id = script_last(TD_TWS_REQ_MKT_DATA);
    msg.tick_price.tick_type = type;
    msg.tick_price.price = (td_px){cents < 0 ? -TD_E9 : cents * 10000000};
    msg.tick_price.size = (td_qty){size * TD_E9};
    script_send(&msg);
}

static void quotes_are_absent_not_zero(void **state)
{
    (void)state;
    const struct td_line *line = &market.lines[0];
    tick(1, 10000, 3);
    tick(2, 10002, 4);
    tick(4, 10001, 1);
    turns();
    assert_true(line->quote.bid.e9 == 100 * TD_E9 && line->quote.ask.e9 == 10002 * TD_E9 / 100);
    assert_true(line->quote.ask_qty.e9 == 4 * TD_E9);
    assert_int_equal(seen.kinds[TD_EV_TRADE], 1);
    assert_true(line->last.e9 == 10001 * TD_E9 / 100);
    assert_false(line->quote_delayed);
    tick(1, -1, 0);
    tick(2, 0, 0);
    tick(4, -1, 0);
    turns();
    assert_true(td_px_is_none(line->quote.bid) && td_px_is_none(line->quote.ask));
    assert_int_equal(seen.kinds[TD_EV_TRADE], 1);
}

static void delayed_data_is_marked(void **state)
{
    (void)state;
    static const int32_t codes[] = {10167, 10089, 10090, 10091};
    struct td_line *line = &market.lines[0];
    struct td_tws_msg msg;
    for (size_t i = 0; i < TD_COUNT(codes); i++) {
        line->quote_delayed = false;
        script_error(script_last(TD_TWS_REQ_MKT_DATA), codes[i]);
        turns();
        assert_true(line->quote_delayed);
        assert_int_equal(line->state, TD_LINE_LIVE);
    }
    line->quote_delayed = false;
    tick(66, 10000, 3);
    turns();
    assert_true(line->quote_delayed);
    td_tws_msg_init(&msg, TD_TWS_MARKET_DATA_TYPE);
    msg.market_data_type.req_id = script_last(TD_TWS_REQ_MKT_DATA);
    for (int32_t type = 1; type <= 4; type++) {
        msg.market_data_type.type = type;
        script_send(&msg);
        turns();
        assert_int_equal(line->quote_delayed, type >= 2);
    }
    td_simworld_sever(script.sim, script.host); /* a new session begins without the mark */
    turns();
    dial();
    assert_false(line->quote_delayed);
}

/* F36: no order in a pause, and none after it before both sides of the quote are told anew. */
static void a_pause_of_the_venue_ends_with_a_fresh_quote(void **state)
{
    (void)state;
    const struct td_pause *pause = &market.lines[0].pause;
    struct td_tws_msg msg;
    td_tws_msg_init(&msg, TD_TWS_TICK_GENERIC);
    msg.tick_generic.req_id = script_last(TD_TWS_REQ_MKT_DATA);
    msg.tick_generic.tick_type = 49;
    msg.tick_generic.value_e9 = 2 * TD_E9;
    script_send(&msg);
    turns();
    assert_int_equal(pause->state, TD_PAUSE_PAUSED);
    tick(1, 10000, 3);
    tick(2, 10002, 4);
    msg.tick_generic.value_e9 = -TD_E9; /* not known does not end it */
    script_send(&msg);
    turns();
    assert_int_equal(pause->state, TD_PAUSE_PAUSED);
    td_simworld_sever(script.sim, script.host); /* nor does a new connection */
    turns();
    dial();
    assert_int_equal(pause->state, TD_PAUSE_PAUSED);
    msg.tick_generic.req_id = script_last(TD_TWS_REQ_MKT_DATA);
    msg.tick_generic.value_e9 = 0;
    script_send(&msg);
    turns();
    assert_int_equal(pause->state, TD_PAUSE_DOUBTFUL);
    tick(1, 10000, 3);
    tick(66, 10000, 3); /* delayed: old by its nature */
    tick(67, 10002, 4);
    turns();
    assert_int_equal(pause->state, TD_PAUSE_DOUBTFUL);
    tick(2, 10002, 4);
    turns();
    assert_int_equal(pause->state, TD_PAUSE_TRADING);
    msg.tick_generic.tick_type = 90; /* told with delayed data */
    msg.tick_generic.value_e9 = TD_E9;
    script_send(&msg);
    turns();
    assert_int_equal(pause->state, TD_PAUSE_PAUSED);
}

/* --- bars --- */

static struct td_tws_bar bar(const char *date, int64_t close)
{
    return (struct td_tws_bar){.date = td_str_of(date),
                               .open = TD_PX(100),
                               .high = TD_PX(110),
                               .low = TD_PX(90),
                               .close = TD_PX(close),
                               .volume = TD_QTY(7),
                               .wap = TD_PX(100),
                               .count = 2};
}

static void update(const char *date, int64_t close)
{
    struct td_tws_msg msg;
    td_tws_msg_init(&msg, TD_TWS_HISTORICAL_DATA_UPDATE);
    msg.historical_update.req_id = script_last(TD_TWS_REQ_HISTORICAL_DATA);
    msg.historical_update.bar = bar(date, close);
    script_send(&msg);
}

static void a_bar_is_done_when_the_next_begins(void **state)
{
    (void)state;
    struct td_tws_bar bars[3] = {bar("1763735400", 101), bar("1763735460", 102),
                                 bar("1763735520", 103)};
    struct td_tws_msg msg;
    td_tws_msg_init(&msg, TD_TWS_HISTORICAL_DATA);
    msg.historical_data.req_id = script_last(TD_TWS_REQ_HISTORICAL_DATA);
    msg.historical_data.bars.p = bars;
    msg.historical_data.bars.n = 3;
    script_send(&msg);
    turns();
    assert_true(market.lines[0].warm);
    assert_int_equal(seen.warm, 2);
    update("1763735520", 104);
    turns();
    assert_int_equal(seen.live, 0);
    update("1763735580", 105);
    turns();
    assert_int_equal(seen.live, 1);
    assert_true(seen.last[TD_EV_BAR].bar.close.e9 == 104 * TD_E9);
    assert_true(seen.last[TD_EV_BAR].venue_ns == INT64_C(1763735520) * TD_SEC);
    assert_true(seen.last[TD_EV_BAR].bar.span == TD_MIN);
    update("1763735460", 99); /* out of order: not again */
    turns();
    assert_int_equal(seen.live, 1);
    update("1763735640", 106);
    turns();
    assert_true(seen.last[TD_EV_BAR].bar.close.e9 == 105 * TD_E9);
    script_error(script_last(TD_TWS_REQ_HISTORICAL_DATA), 162);
    turns();
    assert_int_equal(market.lines[0].state, TD_LINE_LIVE);
}

static void history(struct td_tws_bar *bars, int32_t count)
{
    struct td_tws_msg msg;
    td_tws_msg_init(&msg, TD_TWS_HISTORICAL_DATA);
    msg.historical_data.req_id = script_last(TD_TWS_REQ_HISTORICAL_DATA);
    msg.historical_data.bars.p = bars;
    msg.historical_data.bars.n = (uint32_t)count;
    script_send(&msg);
    turns();
}

/* The history of the new connection begins before the bars that were told, and ends after them. */
static void a_reconnect_tells_no_bar_twice(void **state)
{
    struct td_tws_bar bars[5] = {bar("1763735400", 101), bar("1763735460", 102),
                                 bar("1763735520", 103), bar("1763735580", 104),
                                 bar("1763735640", 105)};
    (void)state;
    history(bars, 3);
    update("1763735580", 104);
    turns();
    assert_int_equal(seen.warm, 2);
    assert_int_equal(seen.live, 1);
    const int32_t before = script_last(TD_TWS_REQ_HISTORICAL_DATA);
    td_simworld_sever(script.sim, script.host);
    turns();
    dial();
    for (int i = 0; i < 300 && script_last(TD_TWS_REQ_HISTORICAL_DATA) == before; i++)
        turns(); /* the same history waits for its pace */
    assert_int_not_equal(script_last(TD_TWS_REQ_HISTORICAL_DATA), before);
    history(bars, 5);
    assert_int_equal(seen.live, 1);
    assert_int_equal(seen.warm, 3); /* 1763735580 alone */
    assert_true(seen.last[TD_EV_BAR].venue_ns == INT64_C(1763735580) * TD_SEC);
    update("1763735700", 106);
    turns();
    assert_int_equal(seen.live, 2);
    assert_true(seen.last[TD_EV_BAR].venue_ns == INT64_C(1763735640) * TD_SEC);
}

static void bar_times_have_three_forms(void **state)
{
    (void)state;
    td_ns at = 0;
    TD_OK_OR_FAIL(td_bar_time_parse(td_str_of("1763735400"), NULL, &at));
    assert_true(at == INT64_C(1763735400) * TD_SEC);
    TD_OK_OR_FAIL(td_bar_time_parse(td_str_of("20251121"), NULL, &at));
    assert_true(at == INT64_C(1763683200) * TD_SEC);
    TD_OK_OR_FAIL(td_bar_time_parse(td_str_of("20251121 14:30:00"), NULL, &at));
    assert_true(at == INT64_C(1763735400) * TD_SEC);
    static const char *const bad[] = {"",
                                      "2025112",
                                      "20251321",
                                      "20251121 1430",
                                      "20251121 14-30-00",
                                      "20251121 24:00:00",
                                      "20251121 14:60:00",
                                      "20251121 14:30:61",
                                      "yesterday"};
    for (size_t i = 0; i < TD_COUNT(bad); i++) {
        const td_ns before = at;
        if (td_bar_time_parse(td_str_of(bad[i]), NULL, &at) != TD_EPARSE)
            fail_msg("\"%s\" is taken", bad[i]);
        assert_true(at == before);
    }
}

int main(void)
{
#define ROW(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        ROW(a_gap_asks_again),
        ROW(an_update_that_cannot_be_read_is_a_gap),
        ROW(a_book_that_was_left_is_told_to_be_over),
        ROW(a_reset_empties_the_book),
        ROW(a_halted_feed_is_asked_again),
        ROW(lost_data_is_asked_again),
        ROW(what_crosses_the_loss_is_cancelled),
        ROW(a_reconnect_subscribes_anew),
        ROW(unknown_contracts_and_hard_errors_refuse_the_line),
        ROW(quotes_are_absent_not_zero),
        ROW(delayed_data_is_marked),
        ROW(a_pause_of_the_venue_ends_with_a_fresh_quote),
        ROW(a_bar_is_done_when_the_next_begins),
        ROW(a_reconnect_tells_no_bar_twice),
        cmocka_unit_test(bar_times_have_three_forms),
    };
    return cmocka_run_group_tests_name("desk/market", tests, NULL, NULL);
}
