/* tests/sim/hold_test.c - order types and attributes of the gateway simulator: what is held, followed, echoed, refused. */
#include "sim/wire_scene.h"

static struct wire_scene *scene;
static struct wire_peer *peer;

static int open_scene(void **state)
{
    (void)state;
    const struct td_gateway_config config = wire_usual();
    scene = wire_start(&config);
    return 0;
}

static int close_scene(void **state)
{
    (void)state;
    wire_finish(scene);
    return 0;
}

static int join_scene(void **state)
{
    (void)state;
    peer = wire_join(scene, (int)scene->peer_count + 1, 200);
    return 0;
}

static struct td_gw_symbol *aapl(void)
{
    for (uint32_t i = 0; i < scene->g->universe.count; i++)
        if (strcmp(scene->g->universe.rows[i].inst.symbol, "AAPL") == 0)
            return scene->g->symbols[i];
    return NULL;
}

static td_px last_plus(int cents)
{
    return (td_px){aapl()->last.e9 + cents * INT64_C(10000000)};
}

static const struct td_gw_order *newest(void)
{
    return &scene->g->orders[scene->g->order_count - 1];
}

/* Runs until the newest order is in the state, at most a minute. */
static void until(enum td_gw_order_state wanted)
{
    for (int i = 0; i < 600 && newest()->state != wanted; i++)
        wire_run(scene, 100 * TD_MS);
    assert_int_equal(newest()->state, wanted);
}

static void touch(void **state)
{
    (void)state;
    struct td_tws_msg m = wire_order(1, "BUY", "MIT");
    m.place_order.order.aux_price = last_plus(500); /* already below it */
    wire_send(scene, peer, &m);
    until(TD_GW_FILLED);
    m = wire_order(2, "BUY", "LIT");
    m.place_order.order.aux_price = last_plus(-5000);
    m.place_order.order.lmt_price = last_plus(-4990);
    wire_send(scene, peer, &m);
    wire_run(scene, TD_SEC);
    assert_int_equal(newest()->state, TD_GW_WAITING);
    const char *status = wire_said(peer, "3|2|PreSubmitted|0|10|0|");
    assert_non_null(status);
    assert_string_equal(wire_field(status, 10), "trigger");
    m.place_order.order.aux_price = last_plus(100); /* changed: now it is touched */
    m.place_order.order.lmt_price = last_plus(200);
    wire_send(scene, peer, &m);
    until(TD_GW_FILLED);
    wire_ask(scene, peer, "4|3||||");
    wire_expect(peer, "4|3|10147|");
}

static void quote_followers(void **state)
{
    (void)state;
    static const char *const types[] = {"REL", "PEG MID", "PEG BEST", "MIDPRICE"};
    for (size_t i = 0; i < TD_COUNT(types); i++) {
        struct td_tws_msg m = wire_order((int32_t)i + 1, "BUY", types[i]);
        m.place_order.order.lmt_price = i == 0 ? last_plus(-300) : TD_PX_NONE;
        wire_send(scene, peer, &m);
        wire_run(scene, 2 * TD_SEC);
        const struct td_gw_order *o = newest();
        if (o->state == TD_GW_FILLED)
            continue; /* the market came to it */
        assert_int_equal(o->state, TD_GW_WORKING);
        assert_int_equal(o->venue.limit_px.e9 % 10000000, 0);
        if (i == 0) /* never above its cap */
            assert_true(o->venue.limit_px.e9 <= m.place_order.order.lmt_price.e9);
        else
            assert_true(o->venue.limit_px.e9 <= aapl()->quote.ask.e9 + 20000000);
        wire_ask(scene, peer, "4|%d||||", (int)i + 1);
        until(TD_GW_CANCELLED);
    }
    struct td_tws_msg m = wire_order(9, "SELL", "MTL");
    wire_send(scene, peer, &m);
    until(TD_GW_FILLED);
}

/* A trailing stop by percent follows upwards only, and becomes a market order. */
static void trailing(void **state)
{
    (void)state;
    struct td_tws_msg m = wire_order(1, "SELL", "TRAIL");
    m.place_order.order.trailing_percent_e9 = 20000000; /* 0.02 % */
    wire_send(scene, peer, &m);
    assert_int_equal(newest()->state, TD_GW_WAITING);
    td_px stop = newest()->hold.stop;
    while (newest()->state == TD_GW_WAITING) {
        wire_run(scene, 100 * TD_MS);
        assert_true(td_px_is_none(stop) || newest()->hold.stop.e9 >= stop.e9);
        stop = newest()->hold.stop;
    }
    until(TD_GW_FILLED);
    m = wire_order(2, "SELL", "TRAIL LIMIT");
    m.place_order.order.aux_price.e9 = 20000000;
    m.place_order.order.lmt_price_offset.e9 = 50000000;
    wire_send(scene, peer, &m);
    while (newest()->state == TD_GW_WAITING)
        wire_run(scene, 100 * TD_MS);
    assert_int_equal(newest()->venue.limit_px.e9, newest()->hold.stop.e9 - 50000000);
    m = wire_order(3, "SELL", "TRAIL");
    wire_send(scene, peer, &m);
    wire_expect(peer, "4|3|321|");
    m = wire_order(4, "SELL", "TRAIL LIMIT");
    m.place_order.order.aux_price.e9 = 20000000;
    wire_send(scene, peer, &m);
    wire_expect(peer, "4|4|321|");
}

/* The protocol has these fields for both; a gateway fills them for completed orders alone. */
static void only_completed_orders_tell_what_filled(void **state)
{
    (void)state;
    struct td_tws_msg m = wire_order(1, "SELL", "STP");
    m.place_order.order.aux_price = last_plus(-3000);
    m.place_order.order.shareholder = td_str_of("me");
    wire_send(scene, peer, &m);
    td_gw_fill_open(scene->g, newest(), &m, TD_TWS_OPEN_ORDER);
    assert_true(td_qty_is_none(m.open_order.order.filled_quantity));
    assert_int_equal(m.open_order.order.shareholder.len, 0);
    assert_int_equal(m.open_order.order_id, 1);
    wire_ask(scene, peer, "4|1||||");
    td_gw_fill_open(scene->g, newest(), &m, TD_TWS_COMPLETED_ORDER);
    assert_int_equal(m.open_order.order.filled_quantity.e9, 0);
    assert_true(m.open_order.order.shareholder.len > 0);
    assert_int_equal(m.open_order.order_id, 0);
}

static void adjusted_stop(void **state)
{
    (void)state;
    struct td_tws_msg m = wire_order(1, "SELL", "STP");
    struct td_tws_order *o = &m.place_order.order;
    o->aux_price = last_plus(-3000);
    o->adjusted_order_type = td_str_of("TRAIL");
    wire_send(scene, peer, &m);
    wire_expect(peer, "4|1|321|");       /* its trigger price is missing */
    o->trigger_price = last_plus(-1000); /* passed already */
    o->adjusted_stop_price = last_plus(-2000);
    o->adjusted_trailing_amount_e9 = 25000000000;
    wire_send(scene, peer, &m);
    wire_run(scene, 5 * TD_SEC);
    assert_int_equal(newest()->state, TD_GW_WAITING);
    assert_int_equal(newest()->hold.type, TD_GW_TRAIL);
    assert_true(newest()->hold.stop.e9 >= o->adjusted_stop_price.e9);
    assert_int_equal(newest()->hold.trail.e9, 25000000000);
    wire_ask(scene, peer, "4|1||||");
    assert_int_equal(newest()->state, TD_GW_CANCELLED);
}

static void times(void **state)
{
    (void)state;
    char text[48];
    struct td_tws_msg m = wire_order(1, "BUY", "MKT");
    (void)td_gw_hello_time(scene->g->now + 5 * TD_SEC, text); /* "20261120 15:00:05 UTC" */
    m.place_order.order.good_after_time = td_str_of(text);
    wire_send(scene, peer, &m);
    assert_int_equal(newest()->state, TD_GW_WAITING);
    const td_ns from = scene->g->now;
    until(TD_GW_FILLED);
    assert_in_range(scene->g->now - from, 4 * TD_SEC, 10 * TD_SEC);
    m = wire_order(2, "BUY", "LMT");
    m.place_order.order.lmt_price = last_plus(-5000);
    m.place_order.order.tif = td_str_of("GTD");
    wire_send(scene, peer, &m);
    wire_expect(peer, "4|2|201|"); /* no date */
    (void)td_gw_hello_time(scene->g->now + 3 * TD_SEC, text);
    m.place_order.order.good_till_date = td_str_of(text);
    wire_send(scene, peer, &m);
    assert_int_equal(newest()->state, TD_GW_WORKING);
    until(TD_GW_CANCELLED);
    wire_expect(peer, "4|2|202|");
    m = wire_order(3, "BUY", "MKT");
    m.place_order.order.good_after_time = td_str_of("soon");
    wire_send(scene, peer, &m);
    wire_expect(peer, "4|3|10314|");
    m = wire_order(4, "BUY", "LMT");
    m.place_order.order.lmt_price = last_plus(-5000);
    wire_send(scene, peer, &m);
    (void)td_gw_hello_time(scene->g->now + 3 * TD_SEC, text);
    m.place_order.order.tif = td_str_of("GTD"); /* a working order gets an end */
    m.place_order.order.good_till_date = td_str_of(text);
    wire_send(scene, peer, &m);
    assert_int_equal(newest()->state, TD_GW_WORKING);
    until(TD_GW_CANCELLED);
}

static void conditions(void **state)
{
    (void)state;
    struct td_tws_condition two[2] = {{.type = TD_TWS_COND_PRICE,
                                       .all = true,
                                       .is_more = true,
                                       .con_id = 265598,
                                       .price = {1000000000},
                                       .exchange = td_str_of("SMART")},
                                      {.type = TD_TWS_COND_VOLUME,
                                       .all = true,
                                       .is_more = true,
                                       .con_id = 265598,
                                       .volume = 2000000000,
                                       .exchange = td_str_of("SMART")}};
    struct td_tws_msg m = wire_order(1, "BUY", "MKT");
    m.place_order.order.conditions.p = two;
    m.place_order.order.conditions.n = 2;
    wire_send(scene, peer, &m);
    wire_run(scene, TD_SEC);
    assert_int_equal(newest()->state, TD_GW_WAITING); /* the volume is not reached */
    assert_non_null(strstr(wire_said(peer, "5|1|"), "|2|1|a|1|1|265598|SMART|0|6|a|1|2000000000|"));
    two[0].all = false;
    wire_send(scene, peer, &m);
    until(TD_GW_FILLED); /* one of them is enough now */
    two[0] = (struct td_tws_condition){
        .type = TD_TWS_COND_MARGIN, .all = true, .is_more = true, .percent = 1};
    two[1] = (struct td_tws_condition){.type = TD_TWS_COND_EXECUTION,
                                       .all = true,
                                       .symbol = td_str_of("AAPL"),
                                       .sec_type = td_str_of("STK"),
                                       .exchange = td_str_of("SMART")};
    m.place_order.order_id = 2;
    wire_send(scene, peer, &m);
    wire_run(scene, TD_SEC);
    const struct td_gw_order *waiting = newest();
    assert_int_equal(waiting->state, TD_GW_WAITING);
    struct td_tws_msg other = wire_order(3, "BUY", "MKT");
    wire_send(scene, peer, &other); /* its fill is the execution */
    wire_run(scene, 2 * TD_SEC);
    assert_int_equal(waiting->state, TD_GW_FILLED);
    /* to cancel: the order works until they are true */
    two[0] = (struct td_tws_condition){.type = TD_TWS_COND_TIME,
                                       .all = true,
                                       .is_more = true,
                                       .time = td_str_of("20261120-10:00:00")};
    m = wire_order(4, "BUY", "LMT");
    m.place_order.order.lmt_price = last_plus(-5000);
    m.place_order.order.conditions.p = two;
    m.place_order.order.conditions.n = 1;
    m.place_order.order.conditions_cancel_order = true;
    wire_send(scene, peer, &m);
    until(TD_GW_CANCELLED);
    two[0] = (struct td_tws_condition){.type = TD_TWS_COND_PERCENT, .con_id = 1};
    m.place_order.order_id = 5;
    wire_send(scene, peer, &m);
    wire_expect(peer, "4|5|321|");
}

/* One of a group fills in part: type 2 makes the other smaller, type 1 ends it. */
static void groups(void **state)
{
    (void)state;
    for (int type = 1; type <= 2; type++) {
        struct td_tws_msg m = wire_order(10 * type, "BUY", "LMT");
        m.place_order.order.lmt_price = last_plus(-5000);
        m.place_order.order.total_quantity = TD_QTY(1000000);
        m.place_order.order.oca_group = td_str_of(type == 1 ? "one" : "two");
        m.place_order.order.oca_type = type;
        m.place_order.order.total_quantity = TD_QTY(1000);
        wire_send(scene, peer, &m);
        const struct td_gw_order *resting = newest();
        m.place_order.order_id++;
        m.place_order.order.tif = td_str_of("IOC");
        m.place_order.order.total_quantity = TD_QTY(10000);
        m.place_order.order.lmt_price = aapl()->quote.ask;
        wire_send(scene, peer, &m);
        wire_run(scene, TD_SEC);
        const struct td_gw_order *filled = newest();
        assert_true(filled->filled.e9 > 0 && filled->filled.e9 < TD_QTY(10000).e9);
        if (type == 1)
            assert_int_equal(resting->state, TD_GW_CANCELLED);
        else if (filled->filled.e9 >= TD_QTY(10).e9)
            assert_true(resting->venue.qty.e9 < TD_QTY(1000).e9);
    }
}

static void bells(void **state)
{
    (void)state;
    struct td_tws_msg m = wire_order(1, "BUY", "MOC");
    wire_send(scene, peer, &m);
    assert_int_equal(newest()->state, TD_GW_WAITING);
    assert_int_equal(newest()->hold.auction, (INT64_C(1795208400) - 2) * TD_SEC);
    m = wire_order(2, "BUY", "MKT");
    m.place_order.order.tif = td_str_of("OPG");
    wire_send(scene, peer, &m);
    assert_int_equal(newest()->hold.auction, INT64_C(1795444200) * TD_SEC); /* Monday, 09:30 */
    m = wire_order(3, "BUY", "MOC");
    m.place_order.order.tif = td_str_of("GTC");
    wire_send(scene, peer, &m);
    wire_expect(peer, "4|3|113|");
    wire_ask(scene, peer, "58|||");
    assert_int_equal(newest()->state, TD_GW_CANCELLED);
}

static void moc_fills_at_the_close(void **state)
{
    (void)state;
    struct td_gateway_config config = wire_usual();
    config.start_minute = 959;
    config.symbol_count = 1;
    struct wire_scene *w = wire_start(&config);
    struct wire_peer *p = wire_join(w, 1, 200);
    struct td_tws_msg m = wire_order(1, "BUY", "MOC");
    wire_send(w, p, &m);
    wire_run(w, 50 * TD_SEC);
    assert_null(wire_said(p, "3|1|Filled|"));
    wire_run(w, 10 * TD_SEC);
    wire_expect(p, "3|1|Filled|10|0|");
    wire_finish(w);
}

/* What has no effect is said again in openOrder; what would have one and is not modelled is refused. */
static void echo(void **state)
{
    (void)state;
    struct td_tws_msg m = wire_order(1, "BUY", "LMT");
    struct td_tws_order *o = &m.place_order.order;
    o->lmt_price = last_plus(-5000);
    o->hidden = true;
    o->display_size = 5;
    o->open_close = td_str_of("O");
    o->rule_80a = td_str_of("I");
    o->soft_dollar_name = td_str_of("tier");
    o->customer_account = td_str_of("customer");
    wire_send(scene, peer, &m);
    const char *open = wire_said(peer, "5|1|");
    assert_non_null(open);
    assert_string_equal(wire_field(open, 21), "O");
    assert_string_equal(wire_field(open, 27), "1"); /* hidden */
    assert_non_null(strstr(open, "|I|"));
    assert_non_null(strstr(open, "|tier|"));
    assert_non_null(strstr(open, "|customer|"));
    o->lmt_price = last_plus(-5100);
    o->rule_80a = td_str_of("");
    wire_send(scene, peer, &m); /* a change replaces all of it */
    assert_null(strstr(wire_said(peer, "5|1|"), "|I|"));
    struct td_tws_msg r = wire_order(2, "BUY", "MKT");
    r.place_order.order.all_or_none = true;
    wire_send(scene, peer, &r);
    wire_expect(peer, "4|2|201|Order rejected - reason:the simulator does not model all-or-none");
    r = wire_order(3, "BUY", "PEG STK");
    wire_send(scene, peer, &r);
    wire_expect(peer, "4|3|387|");
    r = wire_order(4, "BUY", "VOL");
    wire_send(scene, peer, &r);
    wire_expect(peer, "4|4|387|"); /* not of a stock */
    char text[5000];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    r = wire_order(5, "BUY", "MKT");
    r.place_order.order.order_ref = td_str_of(text);
    wire_send(scene, peer, &r);
    wire_expect(peer, "4|5|321|");
    wire_ask(scene, peer, "4|1||||");
}

/* The page shows every row of the tables. */
static void documented(void **state)
{
    (void)state;
    static const char *const words[] = {"modelled", "echoed", "refused"};
    size_t len = 0;
    char path[600];
    struct td_gw_rule rule;
    (void)snprintf(path, sizeof path, "%s/../docs/simulator.md", TD_TESTS_DIR);
    char *page = td_test_slurp(path, &len);
    assert_non_null(page);
    int missing = 0;
    for (uint32_t i = 0; td_gw_rule(i, &rule); i++) {
        char row[400];
        if (rule.code)
            (void)snprintf(row, sizeof row, "| %s | %s, %d | %s |", rule.what,
                           words[rule.treatment], (int)rule.code, rule.note);
        else
            (void)snprintf(row, sizeof row, "| %s | %s | %s |", rule.what, words[rule.treatment],
                           rule.note);
        if (!strstr(page, row)) {
            print_error("docs/simulator.md has not: %s\n", row);
            missing++;
        }
    }
    free(page);
    assert_int_equal(missing, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(touch, join_scene),
        cmocka_unit_test_setup(quote_followers, join_scene),
        cmocka_unit_test_setup(trailing, join_scene),
        cmocka_unit_test_setup(only_completed_orders_tell_what_filled, join_scene),
        cmocka_unit_test_setup(adjusted_stop, join_scene),
        cmocka_unit_test_setup(times, join_scene),
        cmocka_unit_test_setup(conditions, join_scene),
        cmocka_unit_test_setup(groups, join_scene),
        cmocka_unit_test_setup(bells, join_scene),
        cmocka_unit_test(moc_fills_at_the_close),
        cmocka_unit_test_setup(echo, join_scene),
        cmocka_unit_test(documented),
    };
    return cmocka_run_group_tests(tests, open_scene, close_scene);
}
