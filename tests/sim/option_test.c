/* tests/sim/option_test.c - options and combinations of the gateway simulator, by the fields of their frames. */
#include "sim/wire_scene.h"

static struct wire_scene *scene;
static struct wire_peer *peer;
static int32_t calls[2]; /* contract ids of two calls of the second expiration, around the money */
static char expiry[16], strike[2][24];

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

static void find_calls(void)
{
    const struct td_chain *chain = &scene->g->chains[1];
    struct td_universe_row row;
    for (uint32_t i = 0; i < 2; i++) {
        td_chain_row(chain, TD_CHAIN_STRIKES * 2 + (8 + 4 * i) * 2,
                     &scene->g->universe.rows[chain->under], &row);
        calls[i] = row.inst.conid;
        (void)td_str_copy(td_str_of(row.inst.expiry), expiry, sizeof expiry);
        (void)td_e9_print(row.strike.e9, strike[i]);
    }
}

static int join_scene(void **state)
{
    (void)state;
    peer = wire_join(scene, (int)scene->peer_count + 1, 200);
    wire_ask(scene, peer, "78|1|AAPL||STK|265598|");
    find_calls();
    return 0;
}

static void parameters(void **state)
{
    (void)state;
    wire_ask(scene, peer, "78|1|AAPL||STK|265598|");
    assert_int_equal(wire_times(peer, "75|1|"), 2);
    const char *list = wire_said(peer, "75|1|SMART|265598|AAPL|100|7|20261120|20261127|");
    assert_non_null(list);
    assert_int_equal(wire_int(list, 14), TD_CHAIN_STRIKES);
    assert_int_equal(wire_fields(list), 7 + 7 + 1 + TD_CHAIN_STRIKES);
    for (size_t i = 16; i < 14 + TD_CHAIN_STRIKES; i++)
        assert_true(wire_e9(list, i) > wire_e9(list, i - 1));
    wire_expect(peer, "76|1|");
    wire_ask(scene, peer, "78|2|TSLA||STK|0|"); /* no options are listed on it */
    assert_null(wire_said(peer, "75|2|"));
    wire_expect(peer, "76|2|");
}

static void details(void **state)
{
    (void)state;
    wire_ask(scene, peer, "9|8|1|0|AAPL|OPT|%s|0.0|C||SMART||USD|||0||||", expiry);
    assert_int_equal(wire_times(peer, "10|1|AAPL|OPT|"), TD_CHAIN_STRIKES);
    wire_expect(peer, "52|1|1|");
    wire_ask(scene, peer, "9|8|2|%d||||0.0||||||||0||||", (int)calls[0]);
    const char *one = wire_said(peer, "10|2|AAPL|OPT|");
    assert_non_null(one);
    assert_string_equal(wire_field(one, 4), expiry);
    assert_string_equal(wire_field(one, 6), strike[0]);
    assert_string_equal(wire_field(one, 7), "C");
    char local[32];
    int64_t thousandths = 0;
    TD_OK_OR_FAIL(td_e9_parse(strike[0], strlen(strike[0]), &thousandths));
    (void)snprintf(local, sizeof local, "AAPL  261127C%08lld", (long long)(thousandths / 1000000));
    assert_string_equal(wire_field(one, 10), local);
    assert_string_equal(wire_field(one, 15), "100");
    wire_ask(scene, peer, "9|8|3|0|AAPL|OPT|20261122|190|C||SMART||USD|||0||||");
    wire_expect(peer, "4|3|200|");
    wire_ask(scene, peer, "9|8|4|899999999||||0.0||||||||0||||");
    wire_expect(peer, "4|4|200|");
}

/* Quotes around the model, with their computations; a call's delta lies between 0 and 1. */
static void quotes(void **state)
{
    (void)state;
    wire_ask(scene, peer, "1|11|5|%d||OPT||0.0|||SMART||USD|||0||0|0||", (int)calls[0]);
    wire_run(scene, TD_SEC);
    const int64_t bid = wire_e9(wire_said(peer, "1|6|5|1|"), 4);
    const int64_t ask = wire_e9(wire_said(peer, "1|6|5|2|"), 4);
    assert_true(bid > 0 && ask > bid);
    const char *model = wire_said(peer, "21|5|13|1|");
    assert_non_null(model);
    assert_int_equal(wire_fields(model), 12);
    assert_in_range(wire_e9(model, 5), 1, TD_E9 - 1);
    assert_non_null(wire_said(peer, "21|5|10|1|"));
    assert_non_null(wire_said(peer, "21|5|11|1|"));
    wire_ask(scene, peer, "1|11|6|0|AAPL|OPT|%s||||SMART||USD|||0||0|0||", expiry);
    wire_expect(peer, "4|6|200|"); /* ambiguous */
    wire_ask(scene, peer, "20|7|%d||OPT||0.0|||SMART||USD|||0||1 min|1 D|1|TRADES|1|0||",
             (int)calls[0]);
    wire_expect(peer, "4|7|162|");
}

static void calculations(void **state)
{
    (void)state;
    wire_ask(scene, peer, "55|3|5|%d||OPT||0.0|||SMART||USD|||0.3|190||", (int)calls[0]);
    const char *price = wire_said(peer, "21|5|53|1|0.3|");
    assert_non_null(price);
    char px[32];
    (void)snprintf(px, sizeof px, "%s", wire_field(price, 6));
    wire_ask(scene, peer, "54|3|6|%d||OPT||0.0|||SMART||USD|||%s|190||", (int)calls[0], px);
    const int64_t vol = wire_e9(wire_said(peer, "21|6|53|1|"), 4);
    assert_in_range((uint64_t)vol, 299999000, 300001000);
    wire_ask(scene, peer, "54|3|7|%d||OPT||0.0|||SMART||USD|||1|400||", (int)calls[0]);
    wire_expect(peer, "21|7|53|1|-1|-2|-1|0|-2|-2|-2|400|"); /* below its intrinsic value */
    wire_ask(scene, peer, "55|3|8|265598|AAPL|OPT|20261122|190|C||SMART||USD|||0.3|190||");
    wire_expect(peer, "4|8|200|");
    wire_ask(scene, peer, "55|3|9|%d||OPT||0.0|||SMART||USD|||-1|190||", (int)calls[0]);
    wire_expect(peer, "4|9|321|");
    wire_ask(scene, peer, "56|1|5|");
    assert_int_equal(peer->count, peer->mark);
}

static void exercise(void **state)
{
    (void)state;
    struct td_tws_msg m = wire_order(1, "BUY", "MKT");
    m.place_order.contract.con_id = calls[0];
    m.place_order.contract.sec_type = td_str_of("OPT");
    m.place_order.order.total_quantity = TD_QTY(2);
    wire_send(scene, peer, &m);
    wire_run(scene, TD_SEC);
    wire_expect(peer, "3|1|Filled|2|0|");
    wire_expect(peer, "59|1|");
    wire_ask(scene, peer, "21|2|9|%d||OPT||0.0|||SMART|USD|||1|3|DU1234567|0|||0|", (int)calls[0]);
    wire_expect(peer, "4|9|322|Error processing request.-'No unlapsed position");
    wire_ask(scene, peer, "21|2|9|%d||OPT||0.0|||SMART|USD|||3|1|DU1234567|0|||0|", (int)calls[0]);
    wire_expect(peer, "4|9|322|");
    wire_ask(scene, peer, "21|2|9|%d||OPT||0.0|||SMART|USD|||1|1|DU1234567|1|||0|", (int)calls[0]);
    wire_expect(peer, "3|9|Filled|1|0|");
    assert_int_equal(wire_times(peer, "11|-1|9|"), 2); /* the option, and the stock at the strike */
    wire_ask(scene, peer, "61|1|");
    wire_expect(peer, "61|3|DU1234567|265598|AAPL|STK|");
    char held[64];
    (void)snprintf(held, sizeof held, "61|3|DU1234567|%d|AAPL|OPT|", (int)calls[0]);
    const char *option = wire_said(peer, held), *stock = wire_said(peer, "61|3|DU1234567|265598|");
    assert_non_null(option);
    assert_int_equal(wire_int(option, 14), 1);
    assert_int_equal(wire_int(stock, 14), 100);
    TD_OK_OR_FAIL(td_ledger_check(td_gateway_ledger(scene->g), NULL));
}

/* A spread of two calls is bought as one: both legs are booked, at prices that sum to the combination's. */
static void combination(void **state)
{
    (void)state;
    const struct td_tws_leg legs[] = {{.con_id = calls[0],
                                       .ratio = 1,
                                       .action = td_str_of("BUY"),
                                       .exempt_code = -1,
                                       .px = TD_PX_NONE},
                                      {.con_id = calls[1],
                                       .ratio = 1,
                                       .action = td_str_of("SELL"),
                                       .exempt_code = -1,
                                       .px = TD_PX_NONE}};
    struct td_tws_msg m = wire_order(1, "BUY", "MKT");
    const size_t before = scene->g->ledger.fill_count;
    wire_ask(scene, peer,
             "1|11|5|0|AAPL|BAG||0.0|||SMART||USD|||2|%d|1|BUY|SMART|%d|1|SELL|SMART|0||0|0||",
             (int)calls[0], (int)calls[1]);
    wire_run(scene, TD_SEC);
    const int64_t bid = wire_e9(wire_said(peer, "1|6|5|1|"), 4);
    const int64_t ask = wire_e9(wire_said(peer, "1|6|5|2|"), 4);
    assert_true(bid > 0 && ask > bid);
    m.place_order.contract.sec_type = td_str_of("BAG");
    m.place_order.contract.legs.p = legs;
    m.place_order.contract.legs.n = 2;
    m.place_order.order.total_quantity = TD_QTY(3);
    wire_send(scene, peer, &m);
    wire_run(scene, TD_SEC);
    wire_expect(peer, "3|1|Filled|3|0|");
    const char *open = wire_said(peer, "5|1|28812380|AAPL|BAG|");
    assert_non_null(open);
    assert_int_equal(scene->g->ledger.fill_count, before + 2);
    const struct td_ledger_fill *f = &scene->g->ledger.fills[before];
    assert_int_equal(f[0].action, TD_BUY);
    assert_int_equal(f[1].action, TD_SELL);
    assert_int_equal(f[0].px.e9 - f[1].px.e9,
                     scene->g->orders[scene->g->order_count - 1].last_px.e9);
    TD_OK_OR_FAIL(td_ledger_check(td_gateway_ledger(scene->g), NULL));
    wire_ask(scene, peer, "1|11|6|0|AAPL|BAG||0.0|||SMART||USD|||1|%d|1|BUY|SMART|0||0|0||",
             (int)calls[0]);
    wire_expect(peer, "4|6|321|");
    wire_ask(scene, peer,
             "1|11|7|0|AAPL|BAG||0.0|||SMART||USD|||2|%d|1|BUY|SMART|%d|1|KEEP|SMART|0||0|0||",
             (int)calls[0], (int)calls[1]);
    wire_expect(peer, "4|7|321|");
}

/* A halt of the stock holds its options; an expired one is listed no more. */
static void halted_with_the_stock(void **state)
{
    (void)state;
    const struct td_chain *chain = &scene->g->chains[1];
    struct td_gw_symbol *stock = scene->g->symbols[chain->under];
    wire_ask(scene, peer, "1|11|5|%d||OPT||0.0|||SMART||USD|||0||0|0||", (int)calls[0]);
    stock->status = TD_STATUS_HALTED; /* as a status event of the tape leaves it */
    wire_run(scene, 5 * TD_SEC);
    wire_expect(peer, "45|6|5|49|1|");
    struct td_tws_msg m = wire_order(1, "BUY", "MKT");
    m.place_order.contract.con_id = calls[0];
    m.place_order.contract.sec_type = td_str_of("OPT");
    wire_send(scene, peer, &m);
    wire_expect(peer, "3|1|PreSubmitted|0|10|");
    stock->status = TD_STATUS_OPEN;
    wire_run(scene, 5 * TD_SEC);
    wire_expect(peer, "3|1|Filled|10|0|");
    scene->g->chains[1].expiries[0] -= 30; /* as if a month had passed over it */
    wire_ask(scene, peer, "78|2|AAPL||STK|265598|");
    wire_expect(peer, "75|2|SMART|265598|AAPL|100|6|");
    scene->g->chains[1].expiries[0] += 30;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(parameters, join_scene),
        cmocka_unit_test_setup(details, join_scene),
        cmocka_unit_test_setup(quotes, join_scene),
        cmocka_unit_test_setup(calculations, join_scene),
        cmocka_unit_test_setup(exercise, join_scene),
        cmocka_unit_test_setup(combination, join_scene),
        cmocka_unit_test_setup(halted_with_the_stock, join_scene),
    };
    return cmocka_run_group_tests(tests, open_scene, close_scene);
}
