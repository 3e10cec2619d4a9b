/* tests/sim/gateway_test.c - our own client core against the gateway simulator, in one process and without sockets. */
#include "support/support.h"

#include <stdio.h>
#include <string.h>

#include "sim/gateway_bench.h"

/* ---- connecting ---- */

static void handshake(void **state)
{
    (void)state;
    struct bench *b = start();
    struct peer *p = join(b, 3);
    assert_int_equal(p->tws.server_version, 200);
    assert_string_equal(p->tws.server_time, "20261120 15:00:00 UTC");
    assert_int_equal(p->tws.next_valid_id, 1);
    assert_non_null(find(p, 0, TD_TWS_MANAGED_ACCOUNTS, 0));
    assert_non_null(find_error(p, 0, 2104));
    struct peer *old = join_as(b, 4, 178);
    run(b, 50 * TD_MS);
    assert_int_equal(old->tws.server_version, 178);
    finish(b);
}

static void usual_symbols(void **state)
{
    (void)state;
    static const char *const usual_names[] = {"SPY", "AAPL", "MSFT", "ES"};
    struct td_gateway_config config = usual();
    struct td_gateway_symbol s;
    config.symbol_count = 0;
    struct bench *b = start_with(&config);
    for (uint32_t i = 0; i < TD_COUNT(usual_names); i++) {
        assert_true(td_gateway_symbol(b->g, i, &s));
        assert_string_equal(s.symbol, usual_names[i]);
        assert_false(s.recorded);
    }
    assert_false(td_gateway_symbol(b->g, TD_COUNT(usual_names), &s));
    assert_string_equal(td_gateway_account(b->g, 0), "DU1234567");
    finish(b);
}

static void duplicate_client_id(void **state)
{
    (void)state;
    struct bench *b = start();
    struct peer *first = join(b, 3);
    struct peer *second = join_as(b, 3, 200);
    run(b, 50 * TD_MS);
    assert_true(second->closed);
    assert_non_null(find_error(second, 0, 326));
    assert_false(first->closed);
    const struct td_tws_msg m = plain(TD_TWS_REQ_CURRENT_TIME);
    say(b, first, &m);
    assert_non_null(find(first, 0, TD_TWS_CURRENT_TIME, 0));
    finish(b);
}

static void only_32_clients(void **state)
{
    (void)state;
    struct bench *b = start();
    struct td_conn conns[33];
    for (size_t i = 0; i < 33; i++)
        TD_OK_OR_FAIL(td_world_dial(&b->world, "127.0.0.1", 4002, &conns[i], NULL));
    run(b, 20 * TD_MS);
    struct td_gateway_stats stats;
    uint8_t byte;
    size_t got;
    td_gateway_stats(b->g, &stats);
    assert_int_equal(stats.clients, 32);
    assert_int_equal(td_world_recv(&b->world, conns[31], &byte, 1, &got), TD_EAGAIN);
    assert_int_equal(td_world_recv(&b->world, conns[32], &byte, 1, &got), TD_ECLOSED);
    finish(b);
}

static void rate_limit(void **state)
{
    (void)state;
    struct bench *b = start();
    struct peer *p = join(b, 3);
    const struct td_tws_msg m = plain(TD_TWS_REQ_CURRENT_TIME);
    for (int i = 0; i < 60; i++)
        TD_OK_OR_FAIL(td_tws_send(&p->tws, &m));
    run(b, 100 * TD_MS);
    assert_non_null(find_error(p, 0, 100));
    assert_true(p->closed);
    assert_null(find(p, 0, TD_TWS_CURRENT_TIME, 50));
    assert_non_null(find(p, 0, TD_TWS_CURRENT_TIME, 49));
    finish(b);
}

static void rate_held(void **state)
{
    (void)state;
    struct td_gateway_config config = usual();
    config.pace = TD_GATEWAY_PACE_HOLD;
    struct bench *b = start_with(&config);
    struct peer *p = join(b, 3);
    const struct td_tws_msg m = plain(TD_TWS_REQ_CURRENT_TIME);
    for (int i = 0; i < 60; i++)
        TD_OK_OR_FAIL(td_tws_send(&p->tws, &m));
    run(b, 500 * TD_MS);
    assert_null(find(p, 0, TD_TWS_CURRENT_TIME, 50));
    run(b, 700 * TD_MS);
    assert_non_null(find(p, 0, TD_TWS_CURRENT_TIME, 59));
    assert_false(p->closed);
    finish(b);
}

static void garbage_from_a_client(void **state)
{
    (void)state;
    static const char *const bad[] = {"GET / HTTP/1.1\r\n\r\n", "API",
                                      "\xff\xff\xff\xff\xff\xff\xff\xff"};
    struct bench *b = start();
    struct peer *p = join(b, 3);
    for (size_t i = 0; i < TD_COUNT(bad); i++) {
        struct td_conn conn;
        size_t sent, got;
        uint8_t byte;
        TD_OK_OR_FAIL(td_world_dial(&b->world, "127.0.0.1", 4002, &conn, NULL));
        if (i == 2)
            TD_OK_OR_FAIL(td_world_send(&b->world, conn, "API\0", 4, &sent));
        TD_OK_OR_FAIL(td_world_send(&b->world, conn, bad[i], strlen(bad[i]), &sent));
        run(b, 20 * TD_MS);
        assert_int_equal(td_world_recv(&b->world, conn, &byte, 1, &got),
                         i == 1 ? TD_EAGAIN : TD_ECLOSED);
        td_world_hangup(&b->world, conn, true); /* "API": a truncated one that goes away */
        run(b, 20 * TD_MS);
    }
    assert_false(p->closed);
    finish(b);
}

static void slow_client(void **state)
{
    (void)state;
    struct td_gateway_config config = usual();
    config.speed_e9 = 200 * TD_E9;
    config.depth_lines = 20;
    struct bench *b = start_with(&config);
    struct peer *p = join(b, 3);
    struct td_tws_msg m = plain(TD_TWS_REQ_MKT_DEPTH);
    fill_contract(&m.req_mkt_depth.contract, "AAPL");
    m.req_mkt_depth.rows = 20;
    m.req_mkt_depth.smart = true;
    for (int i = 1; i <= 20; i++) {
        m.req_mkt_depth.req_id = i;
        TD_OK_OR_FAIL(td_tws_send(&p->tws, &m));
    }
    run(b, 50 * TD_MS);
    p->deaf = true;
    struct td_gateway_stats stats;
    for (int i = 0; i < 60 && b->g->clients[0]; i++)
        run(b, TD_SEC);
    td_gateway_stats(b->g, &stats);
    assert_int_equal(stats.closed_slow, 1);
    finish(b);
}

/* ---- data ---- */

static void unknown_contract(void **state)
{
    (void)state;
    struct bench *b = start();
    struct peer *p = join(b, 3);
    struct td_tws_msg m = plain(TD_TWS_REQ_CONTRACT_DETAILS);
    m.req_contract.req_id = 1;
    fill_contract(&m.req_contract.contract, "NOSUCH");
    say(b, p, &m);
    assert_int_equal(find_error(p, 0, 200)->id, 1);
    m.req_contract.req_id = 2;
    fill_contract(&m.req_contract.contract, "AAPL");
    say(b, p, &m);
    assert_int_equal(find(p, 0, TD_TWS_CONTRACT_DATA, 0)->code, 265598);
    assert_non_null(find(p, 0, TD_TWS_CONTRACT_DATA_END, 0));
    finish(b);
}

static void depth_equals_the_tape(void **state)
{
    (void)state;
    struct td_gateway_config config = usual();
    config.speed_e9 = 20 * TD_E9;
    struct bench *b = start_with(&config);
    struct peer *p = join(b, 3);
    struct td_tws_msg m = plain(TD_TWS_REQ_MKT_DEPTH);
    fill_contract(&m.req_mkt_depth.contract, "AAPL");
    m.req_mkt_depth.req_id = p->depth_id = 9;
    m.req_mkt_depth.rows = 15;
    m.req_mkt_depth.smart = true;
    say(b, p, &m);
    run(b, 5 * TD_SEC);
    assert_true(p->depth_messages > 500);
    const struct td_gw_symbol *s = b->g->symbols[b->g->opened[0]];
    for (int side = 0; side < 2; side++) {
        assert_int_equal(p->rows[side], s->row_count[side] < 15 ? s->row_count[side] : 15);
        for (int32_t i = 0; i < p->rows[side]; i++) {
            assert_int_equal(p->list[side][i].px.e9, s->rows[side][i].px.e9);
            assert_int_equal(p->list[side][i].qty.e9, s->rows[side][i].qty.e9);
        }
    }
    finish(b);
}

static void limits_and_unknown_ids(void **state)
{
    (void)state;
    struct bench *b = start();
    struct peer *p = join(b, 3);
    struct td_tws_msg m = plain(TD_TWS_REQ_MKT_DEPTH);
    fill_contract(&m.req_mkt_depth.contract, "AAPL");
    m.req_mkt_depth.rows = 5;
    for (int i = 1; i <= 4; i++) {
        m.req_mkt_depth.req_id = i;
        say(b, p, &m);
    }
    assert_int_equal(find_error(p, 0, 309)->id, 4);
    static const struct {
        uint16_t kind;
        int32_t code;
    } rows[] = {{TD_TWS_CANCEL_MKT_DATA, 300},
                {TD_TWS_CANCEL_HISTORICAL_DATA, 366},
                {TD_TWS_CANCEL_TICK_BY_TICK, 300},
                {TD_TWS_CANCEL_REAL_TIME_BARS, 300},
                {TD_TWS_CANCEL_PNL, 300}};
    for (size_t i = 0; i < TD_COUNT(rows); i++) {
        const size_t from = p->count;
        m = plain(rows[i].kind);
        m.req.req_id = 77;
        say(b, p, &m);
        assert_non_null(find_error(p, from, rows[i].code));
    }
    m = plain(TD_TWS_CANCEL_MKT_DEPTH);
    m.cancel_mkt_depth.req_id = 77;
    say(b, p, &m);
    assert_non_null(find_error(p, 0, 310));
    m = plain(TD_TWS_OTHER_REQUEST);
    m.other.id = 110;
    m.other.fields = (struct td_str){"1\0", 2};
    say(b, p, &m);
    assert_non_null(find_error(p, 0, 320));
    assert_false(p->closed);
    finish(b);
}

/* ---- history ---- */

static void ask_bars(struct bench *b, struct peer *p, const char *symbol, const char *what,
                     const char *size)
{
    struct td_tws_msg m = plain(TD_TWS_REQ_HISTORICAL_DATA);
    fill_contract(&m.req_historical_data.contract, symbol);
    m.req_historical_data.req_id = 5;
    m.req_historical_data.bar_size = td_str_of(size);
    m.req_historical_data.duration = td_str_of("1 D");
    m.req_historical_data.what_to_show = td_str_of(what);
    m.req_historical_data.format_date = 2;
    p->bar_count = 0;
    say(b, p, &m);
}

static void ask_span(struct bench *b, struct peer *p, const char *size, const char *duration)
{
    struct td_tws_msg m = plain(TD_TWS_REQ_HISTORICAL_DATA);
    fill_contract(&m.req_historical_data.contract, "AAPL");
    m.req_historical_data.req_id = 6;
    m.req_historical_data.bar_size = td_str_of(size);
    m.req_historical_data.duration = td_str_of(duration);
    m.req_historical_data.what_to_show = td_str_of("TRADES");
    m.req_historical_data.format_date = 2;
    say(b, p, &m);
}

static void history_limits(void **state)
{
    (void)state;
    struct bench *b = start();
    struct peer *p = join(b, 3);
    ask_span(b, p, "5 secs", "1 D");
    assert_non_null(strstr(find_error(p, 0, 162)->text, "Historical"));
    size_t from = p->count;
    ask_span(b, p, "5 secs", "600 S");
    assert_non_null(find(p, from, TD_TWS_HISTORICAL_DATA, 0));
    assert_non_null(find(p, from, TD_TWS_HISTORICAL_DATA_END, 0));
    from = p->count;
    ask_span(b, p, "5 secs", "600 S"); /* the same within 15 seconds */
    assert_non_null(find_error(p, from, 162));
    run(b, 15 * TD_SEC);
    from = p->count;
    ask_span(b, p, "5 secs", "600 S");
    assert_null(find_error(p, from, 162));
    static const struct {
        const char *size, *duration;
    } bad[] = {{"7 mins", "1 D"}, {"1 min", "1 X"}, {"1 min", ""}};
    for (size_t i = 0; i < TD_COUNT(bad); i++) {
        from = p->count;
        ask_span(b, p, bad[i].size, bad[i].duration);
        assert_non_null(find_error(p, from, 321));
    }
    finish(b);
}

/* Bars counted while the tape played equal those sim/history makes by running the generator again. */
static void generated_history_agrees(void **state)
{
    (void)state;
    struct bench *b = start();
    struct peer *p = join(b, 3);
    run(b, TD_SEC);
    ask_bars(b, p, "AAPL", "TRADES", "5 mins");
    struct td_gw_symbol *s = b->g->symbols[b->g->opened[0]];
    const struct td_history_request ask = {.start = td_tz_at(s->zone, s->day, 0, 0, 0),
                                           .end = td_tz_at(s->zone, s->day, 10, 0, 0),
                                           .bar = 5 * TD_MIN,
                                           .what = TD_HISTORY_TRADES};
    static struct td_history_bar bars[600];
    void *block = malloc(td_source_bytes());
    struct td_arena memory;
    size_t count = 0;
    td_arena_init(&memory, block, td_source_bytes());
    TD_OK_OR_FAIL(
        td_history_bars(&s->config, &ask, &b->world, &memory, bars, TD_COUNT(bars), &count, NULL));
    free(block);
    assert_true(count > 40);
    assert_true(p->bar_count >= count);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(p->bar_times[i], bars[i].start / TD_SEC);
        assert_int_equal(p->bars[i].open.e9, bars[i].bar.open.e9);
        assert_int_equal(p->bars[i].high.e9, bars[i].bar.high.e9);
        assert_int_equal(p->bars[i].low.e9, bars[i].bar.low.e9);
        assert_int_equal(p->bars[i].close.e9, bars[i].bar.close.e9);
        assert_int_equal(p->bars[i].volume.e9, bars[i].bar.volume.e9);
    }
    finish(b);
}

/* Minute bars of SPY equal the rows of LEAN's file up to the market clock and none is later. */
static void recorded_history_is_the_file(void **state)
{
    (void)state;
    static const char *const spy[] = {"SPY"};
    const char *lean = td_test_data("lean");
    char root[1024];
    if (!lean)
        td_skip_data("lean");
    (void)snprintf(root, sizeof root, "%.*s", (int)(strlen(lean) - strlen("/lean")), lean);
    struct td_gateway_config config = usual();
    config.data = root;
    config.symbols = spy;
    config.day = td_days_from_civil(2013, 10, 7);
    struct bench *b = start_with(&config);
    struct peer *p = join(b, 3);
    ask_bars(b, p, "SPY", "TRADES", "1 min");
    struct td_gw_symbol *s = b->g->symbols[b->g->opened[0]];
    struct td_lean_file file = {.root = lean,
                                .symbol = "SPY",
                                .day = config.day,
                                .resolution = TD_LEAN_MINUTE,
                                .kind = TD_LEAN_TRADES};
    struct td_lean reader;
    struct td_lean_row row;
    void *block = malloc(td_source_bytes());
    struct td_arena memory;
    size_t at = 0;
    td_arena_init(&memory, block, td_source_bytes());
    (void)snprintf(root, sizeof root, "%s", td_test_data("lean"));
    file.root = root;
    TD_OK_OR_FAIL(td_lean_open(&reader, &file, &b->world, &memory, &s->config.daytime, NULL));
    while (td_lean_next(&reader, &row) == TD_OK &&
           row.at + TD_MIN <= td_tz_at(s->zone, s->day, 10, 0, 0)) {
        assert_int_equal(p->bar_times[at], row.at / TD_SEC);
        assert_int_equal(p->bars[at].open.e9, row.bar.open.e9);
        assert_int_equal(p->bars[at].high.e9, row.bar.high.e9);
        assert_int_equal(p->bars[at].low.e9, row.bar.low.e9);
        assert_int_equal(p->bars[at].close.e9, row.bar.close.e9);
        assert_int_equal(p->bars[at].volume.e9, row.bar.volume.e9);
        at++;
    }
    free(block);
    assert_true(at > 30);
    assert_in_range(p->bar_count, at, at + 1); /* and the one that is forming */
    finish(b);
}

/* ---- orders ---- */

static void market_order_fills(void **state)
{
    (void)state;
    static const uint16_t expected[] = {TD_TWS_OPEN_ORDER,     TD_TWS_ORDER_STATUS,
                                        TD_TWS_EXECUTION_DATA, TD_TWS_OPEN_ORDER,
                                        TD_TWS_ORDER_STATUS,   TD_TWS_COMMISSION_REPORT};
    struct bench *b = start();
    struct peer *p = join(b, 3);
    const struct td_tws_msg m = order(1, "BUY", "MKT", 10, TD_PX_NONE);
    const size_t from = p->count;
    say(b, p, &m);
    run(b, TD_SEC);
    assert_true(p->count >= from + TD_COUNT(expected));
    for (size_t i = 0; i < TD_COUNT(expected); i++)
        assert_int_equal(p->seen[from + i].kind, expected[i]);
    assert_string_equal(p->seen[from + 4].text, "Filled");
    const struct td_ledger *l = td_gateway_ledger(b->g);
    assert_int_equal(l->order_count, 1);
    assert_int_equal(l->fill_count, 1);
    assert_int_equal(l->fills[0].fee.e9, TD_E9);
    TD_OK_OR_FAIL(td_ledger_check(l, NULL));
    const struct td_tws_msg ask = plain(TD_TWS_REQ_POSITIONS);
    say(b, p, &ask);
    assert_int_equal(find(p, 0, TD_TWS_POSITION, 0)->qty.e9, 10 * TD_E9);
    finish(b);
}

static void limit_order_rests_and_is_cancelled(void **state)
{
    (void)state;
    struct bench *b = start();
    struct peer *p = join(b, 3);
    struct td_tws_msg m = order(1, "BUY", "LMT", 10, TD_PX(100));
    say(b, p, &m);
    assert_string_equal(find(p, 0, TD_TWS_ORDER_STATUS, 0)->text, "Submitted");
    m = plain(TD_TWS_CANCEL_ORDER);
    m.cancel_order.order_id = 1;
    say(b, p, &m);
    assert_string_equal(find(p, 0, TD_TWS_ORDER_STATUS, 1)->text, "Cancelled");
    assert_int_equal(find_error(p, 0, 202)->id, 1);
    say(b, p, &m);
    assert_int_equal(find_error(p, 0, 10148)->id, 1);
    m.cancel_order.order_id = 5;
    say(b, p, &m);
    assert_int_equal(find_error(p, 0, 10147)->id, 5);
    assert_int_equal(td_gateway_ledger(b->g)->fill_count, 0);
    finish(b);
}

static void orders_survive_the_client(void **state)
{
    (void)state;
    struct bench *b = start();
    struct peer *p = join(b, 3);
    struct td_tws_msg m = order(4, "BUY", "LMT", 10, TD_PX(100));
    say(b, p, &m);
    td_world_hangup(&b->world, p->conn, true);
    p->closed = true;
    run(b, TD_SEC);
    struct peer *again = join(b, 3);
    assert_int_equal(again->tws.next_valid_id, 5);
    m = plain(TD_TWS_REQ_OPEN_ORDERS);
    say(b, again, &m);
    assert_int_equal(find(again, 0, TD_TWS_OPEN_ORDER, 0)->id, 4);
    assert_non_null(find(again, 0, TD_TWS_OPEN_ORDER_END, 0));
    struct peer *other = join(b, 8);
    assert_int_equal(other->tws.next_valid_id, 1);
    say(b, other, &m);
    assert_null(find(other, 0, TD_TWS_OPEN_ORDER, 0));
    finish(b);
}

static void refusals(void **state)
{
    (void)state;
    static const struct {
        const char *symbol, *action, *type;
        int64_t qty, px_e9;
        int32_t code;
    } rows[] = {
        {"AAPL", "BUY", "LMT", 10, INT64_C(100123000000), 110},
        {"AAPL", "BUY", "LMT", 0, 100 * TD_E9, 434},
        {"AAPL", "HOLD", "LMT", 10, 100 * TD_E9, 321},
        {"AAPL", "BUY", "PEG STK", 10, 100 * TD_E9, 387},
        {"AAPL", "BUY", "LMT", 10, 0, 321},
        {"NOSUCH", "BUY", "LMT", 10, 100 * TD_E9, 200},
        {"AAPL", "BUY", "LMT", 9000000, 100 * TD_E9, 201},
    };
    struct bench *b = start();
    struct peer *p = join(b, 3);
    for (size_t i = 0; i < TD_COUNT(rows); i++) {
        struct td_tws_msg m = order((int32_t)i + 1, rows[i].action, rows[i].type, rows[i].qty,
                                    (td_px){rows[i].px_e9});
        fill_contract(&m.place_order.contract, rows[i].symbol);
        say(b, p, &m);
        const struct seen *error = find_error(p, 0, rows[i].code);
        assert_non_null(error);
    }
    assert_int_equal(td_gateway_ledger(b->g)->order_count,
                     TD_COUNT(rows)); /* each was recorded as received */
    struct td_tws_msg m = order(20, "BUY", "LMT", 10, TD_PX(100));
    say(b, p, &m);
    m = order(19, "BUY", "LMT", 10, TD_PX(100));
    say(b, p, &m);
    assert_int_equal(find_error(p, 0, 103)->id, 19); /* ids only grow */
    m = order(21, "BUY", "LMT", 10, TD_PX(100));
    m.place_order.order.account = td_str_of("DU9");
    const size_t from = p->count;
    say(b, p, &m);
    assert_non_null(find_error(p, from, 321));
    finish(b);
}

static void bracket(void **state)
{
    (void)state;
    struct bench *b = start();
    struct peer *p = join(b, 3);
    struct td_tws_msg m = order(1, "BUY", "MKT", 10, TD_PX_NONE);
    m.place_order.order.transmit = false;
    say(b, p, &m);
    assert_int_equal(td_gateway_ledger(b->g)->fill_count, 0); /* held */
    m = order(2, "SELL", "LMT", 10, TD_PX(900));
    m.place_order.order.parent_id = 1;
    m.place_order.order.transmit = false;
    say(b, p, &m);
    m = order(3, "SELL", "STP", 10, TD_PX_NONE);
    m.place_order.order.aux_price = TD_PX(1);
    m.place_order.order.parent_id = 1;
    say(b, p, &m);
    run(b, TD_SEC);
    assert_int_equal(td_gateway_ledger(b->g)->fill_count, 1);
    const struct td_gw_order *target = td_gw_order_of(b->g, 3, 2),
                             *stop = td_gw_order_of(b->g, 3, 3);
    assert_int_equal(target->state, TD_GW_WORKING);
    assert_int_equal(stop->state, TD_GW_WORKING);
    m = order(2, "SELL", "LMT", 10, TD_PX(1)); /* the modified target fills and ends the stop */
    m.place_order.order.parent_id = 1;
    say(b, p, &m);
    run(b, TD_SEC);
    assert_int_equal(target->state, TD_GW_FILLED);
    assert_int_equal(stop->state, TD_GW_CANCELLED);
    finish(b);
}

/* ---- faults ---- */

static void faults(void **state)
{
    (void)state;
    static const char *const mute[] = {"mute-hello", "mute-after-hello", "no-next-id"};
    struct peer *p;
    for (size_t i = 0; i < TD_COUNT(mute); i++) {
        struct bench *b = with_fault(mute[i], &p);
        run(b, 20 * TD_SEC);
        assert_false(p->ready);
        assert_int_equal(p->close_err, TD_EMUTE);
        finish(b);
    }
    const struct td_tws_msg m = plain(TD_TWS_REQ_CURRENT_TIME);
    struct bench *b = with_fault("drop-after:2", &p);
    say(b, p, &m);
    assert_false(p->closed);
    say(b, p, &m);
    assert_true(p->closed);
    finish(b);
    b = with_fault("garbage", &p);
    say(b, p, &m);
    assert_true(p->closed);
    finish(b);
    b = with_fault("dup-status", &p);
    const struct td_tws_msg buy = order(1, "BUY", "LMT", 10, TD_PX(100));
    say(b, p, &buy);
    assert_non_null(find(p, 0, TD_TWS_ORDER_STATUS, 1));
    assert_null(find(p, 0, TD_TWS_ORDER_STATUS, 2));
    finish(b);
    b = with_fault("no-exec-end", &p);
    const struct td_tws_msg executions = plain(TD_TWS_REQ_EXECUTIONS);
    say(b, p, &executions);
    assert_null(find(p, 0, TD_TWS_EXECUTION_DATA_END, 0));
    finish(b);
}

/* ---- texts ---- */

static void request_times(void **state)
{
    (void)state;
    struct bench *b = start();
    static const struct {
        const char *text, *utc;
    } good[] = {
        {"20131007-13:30:00", "2013-10-07T13:30:00"},
        {"20131007 09:30:00 America/New_York", "2013-10-07T13:30:00"},
        {"20131007 08:30:00 US/Central", "2013-10-07T13:30:00"},
        {"20140106 09:30:00 US/Eastern", "2014-01-06T14:30:00"},
        {"20131007 09:30:00", "2013-10-07T13:30:00"},
    };
    static const char *const bad[] = {"now", "20131007 25:00:00", "20131307 09:30:00",
                                      "20131007 09:30:00 Mars/Olympus", "20131007T09:30:00"};
    td_ns at = 0, wanted = 0;
    bool bare;
    for (size_t i = 0; i < TD_COUNT(good); i++) {
        TD_OK_OR_FAIL(td_gw_time_parse(b->g, td_str_of(good[i].text), &at, &bare));
        TD_OK_OR_FAIL(td_iso_parse(good[i].utc, strlen(good[i].utc), &wanted));
        assert_int_equal(at, wanted);
        assert_int_equal(bare, i == 4);
    }
    for (size_t i = 0; i < TD_COUNT(bad); i++)
        assert_int_equal(td_gw_time_parse(b->g, td_str_of(bad[i]), &at, &bare), TD_EPARSE);
    assert_int_equal(td_gw_time_parse(b->g, td_str_of(""), &at, &bare), TD_ENODATA);
    finish(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(handshake),
        cmocka_unit_test(usual_symbols),
        cmocka_unit_test(duplicate_client_id),
        cmocka_unit_test(only_32_clients),
        cmocka_unit_test(rate_limit),
        cmocka_unit_test(rate_held),
        cmocka_unit_test(garbage_from_a_client),
        cmocka_unit_test(slow_client),
        cmocka_unit_test(unknown_contract),
        cmocka_unit_test(depth_equals_the_tape),
        cmocka_unit_test(limits_and_unknown_ids),
        cmocka_unit_test(history_limits),
        cmocka_unit_test(generated_history_agrees),
        cmocka_unit_test(recorded_history_is_the_file),
        cmocka_unit_test(market_order_fills),
        cmocka_unit_test(limit_order_rests_and_is_cancelled),
        cmocka_unit_test(orders_survive_the_client),
        cmocka_unit_test(refusals),
        cmocka_unit_test(bracket),
        cmocka_unit_test(faults),
        cmocka_unit_test(request_times),
    };
    return cmocka_run_group_tests_name("gateway", tests, NULL, NULL);
}
