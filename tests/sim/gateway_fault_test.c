/* tests/sim/gateway_fault_test.c - the broker's limits, and faults that a desk of ours cannot show. */
#include "support/support.h"

#include <string.h>

#include "sim/gateway_bench.h"

/* Does an action now, as the control socket would. */
static void act(struct bench *b, const char *text)
{
    struct td_fault_action action;
    struct td_fail why = {0};
    if (td_fault_parse(td_str_of(text), &action, &why) != TD_OK ||
        td_gateway_act(b->g, &action, &why) != TD_OK)
        fail_msg("%s: %s", text, why.text);
    run(b, 100 * TD_MS);
}

static struct td_tws_msg quotes(int32_t id)
{
    struct td_tws_msg m = plain(TD_TWS_REQ_MKT_DATA);
    m.req_mkt_data.req_id = id;
    fill_contract(&m.req_mkt_data.contract, "AAPL");
    return m;
}

static struct td_tws_msg ticks(int32_t id, const char *type)
{
    struct td_tws_msg m = plain(TD_TWS_REQ_TICK_BY_TICK);
    m.req_tick_by_tick.req_id = id;
    fill_contract(&m.req_tick_by_tick.contract, "AAPL");
    m.req_tick_by_tick.tick_type = td_str_of(type);
    return m;
}

/* Codes that a message is answered with; 0: none of the wanted. */
static bool answered(struct bench *b, struct peer *p, const struct td_tws_msg *m, int32_t code)
{
    const size_t from = p->count;
    say(b, p, m);
    return find_error(p, from, code) != NULL;
}

/* ---- limits ---- */

static void lines_are_of_the_account(void **state)
{
    (void)state;
    struct td_gateway_config config = usual();
    config.lines = 2;
    struct bench *b = start_with(&config);
    struct peer *p = join(b, 3), *other = join(b, 4);
    struct td_tws_msg m = quotes(11), cancel = plain(TD_TWS_CANCEL_MKT_DATA);
    assert_false(answered(b, p, &m, 101));
    m = quotes(12);
    assert_false(answered(b, other, &m, 101));
    m = quotes(13);
    assert_true(answered(b, p, &m, 101));
    m.req_mkt_data.snapshot = true; /* needs no line */
    assert_false(answered(b, p, &m, 101));
    cancel.req.req_id = 12;
    say(b, other, &cancel);
    m = quotes(14);
    assert_false(answered(b, p, &m, 101));
    finish(b);
}

static void read_only_refuses_orders_and_their_lists(void **state)
{
    (void)state;
    static const uint16_t lists[] = {TD_TWS_REQ_ALL_OPEN_ORDERS, TD_TWS_REQ_COMPLETED_ORDERS};
    struct td_gateway_config config = usual();
    config.read_only = true;
    struct bench *b = start_with(&config);
    struct peer *p = join(b, 3);
    const struct td_tws_msg buy = order(1, "BUY", "LMT", 10, TD_PX(100));
    assert_true(answered(b, p, &buy, 321));
    assert_int_equal(td_gateway_ledger(b->g)->order_count, 0);
    for (size_t i = 0; i < TD_COUNT(lists); i++) {
        const size_t from = p->count;
        const struct td_tws_msg m = plain(lists[i]);
        say(b, p, &m);
        const struct seen *e = find_error(p, from, 321);
        assert_non_null(e);
        assert_int_equal(e->id, -1);
    }
    const struct td_tws_msg m = plain(TD_TWS_REQ_EXECUTIONS);
    assert_false(answered(b, p, &m, 321));
    assert_non_null(find(p, 0, TD_TWS_EXECUTION_DATA_END, 0));
    finish(b);
}

static void delayed_data_has_its_own_ticks(void **state)
{
    (void)state;
    struct td_gateway_config config = usual();
    config.subscribed = TD_GATEWAY_DATA_DELAYED;
    struct bench *b = start_with(&config);
    struct peer *p = join(b, 3);
    struct td_tws_msg m = quotes(11), type = plain(TD_TWS_REQ_MARKET_DATA_TYPE);
    assert_true(answered(b, p, &m, 10168));
    type.number.value = 3;
    say(b, p, &type);
    const size_t from = p->count;
    assert_true(answered(b, p, &m, 10167));
    int live = 0, delayed = 0;
    for (size_t i = from; i < p->count; i++)
        if (p->seen[i].kind == TD_TWS_TICK_PRICE) {
            live += p->seen[i].code < 66;
            delayed += p->seen[i].code >= 66 && p->seen[i].code <= 76;
        }
    assert_int_equal(live, 0);
    assert_true(delayed >= 2);
    finish(b);
    config.subscribed = TD_GATEWAY_DATA_NONE;
    b = start_with(&config);
    p = join(b, 3);
    assert_true(answered(b, p, &m, 354));
    finish(b);
}

static void tick_by_tick_has_its_limits(void **state)
{
    (void)state;
    struct td_gateway_config config = usual();
    config.depth_lines = 2;
    struct bench *b = start_with(&config);
    struct peer *p = join(b, 3);
    struct td_tws_msg m = ticks(11, "Last"), cancel = plain(TD_TWS_CANCEL_TICK_BY_TICK);
    assert_false(answered(b, p, &m, 10189));
    m = ticks(12, "Last");
    assert_true(answered(b, p, &m, 10189)); /* the same within 15 seconds */
    m = ticks(13, "BidAsk");
    assert_false(answered(b, p, &m, 10190));
    m = ticks(14, "MidPoint");
    assert_true(answered(b, p, &m, 10190));
    cancel.req.req_id = 11;
    say(b, p, &cancel);
    run(b, 15 * TD_SEC);
    m = ticks(15, "Last");
    assert_false(answered(b, p, &m, 10189));
    finish(b);
}

static struct td_tws_msg history(int32_t id, int64_t minute)
{
    static char end[8][32];
    struct td_tws_msg m = plain(TD_TWS_REQ_HISTORICAL_DATA);
    (void)snprintf(end[id % 8], sizeof end[0], "20261120-14:%02d:00", 40 + (int)minute);
    m.req_historical_data.req_id = id;
    fill_contract(&m.req_historical_data.contract, "AAPL");
    m.req_historical_data.end_time = td_str_of(end[id % 8]);
    m.req_historical_data.bar_size = td_str_of("5 secs");
    m.req_historical_data.duration = td_str_of("60 S");
    m.req_historical_data.what_to_show = td_str_of("TRADES");
    m.req_historical_data.format_date = 2;
    return m;
}

static void history_has_a_burst_limit(void **state)
{
    (void)state;
    struct bench *b = start();
    struct peer *p = join(b, 3);
    for (int i = 1; i <= 6; i++) { /* the sixth within two seconds is one too many */
        const struct td_tws_msg m = history(20 + i, i);
        assert_int_equal(answered(b, p, &m, 162), i == 6);
    }
    run(b, 2 * TD_SEC);
    const struct td_tws_msg m = history(31, 9);
    assert_false(answered(b, p, &m, 162));
    finish(b);
}

static void twenty_orders_on_a_side(void **state)
{
    (void)state;
    struct bench *b = start();
    struct peer *p = join(b, 3);
    for (int i = 1; i <= 21; i++) {
        const struct td_tws_msg m = order(i, "BUY", "LMT", 1, TD_PX(50 + i));
        assert_int_equal(answered(b, p, &m, 201), i == 21);
    }
    const struct td_tws_msg sell = order(30, "SELL", "LMT", 1, TD_PX(900));
    assert_false(answered(b, p, &sell, 201));
    finish(b);
}

/* ---- faults of orders ---- */

static void a_refused_change_leaves_the_order(void **state)
{
    (void)state;
    struct bench *b = start();
    struct peer *p = join(b, 3);
    const struct td_tws_msg buy = order(1, "BUY", "LMT", 10, TD_PX(100)),
                            changed = order(1, "BUY", "LMT", 10, TD_PX(101));
    say(b, p, &buy);
    act(b, "reject-change 110");
    assert_true(answered(b, p, &changed, 110));
    assert_int_equal(b->g->orders[0].state, TD_GW_WORKING);
    assert_true(b->g->orders[0].venue.limit_px.e9 == TD_PX(100).e9);
    assert_false(answered(b, p, &changed, 110)); /* once */
    act(b, "reject-order 201 2");
    const struct td_tws_msg other = order(2, "BUY", "LMT", 10, TD_PX(100));
    assert_true(answered(b, p, &other, 201));
    assert_int_equal(b->g->order_count, 1);
    finish(b);
}

static void corrections_and_busts_are_booked(void **state)
{
    (void)state;
    struct td_fail why = {0};
    struct bench *b = start();
    struct peer *p = join(b, 3);
    const struct td_tws_msg buy = order(1, "BUY", "LMT", 10, TD_PX(100)),
                            asks = plain(TD_TWS_REQ_EXECUTIONS);
    say(b, p, &buy);
    act(b, "fill-order 40");
    assert_true(b->g->ledger.positions[0].qty.e9 == 4 * TD_E9);
    act(b, "correct-fill 3");
    assert_true(b->g->ledger.positions[0].qty.e9 == 3 * TD_E9);
    size_t from = p->count;
    say(b, p, &asks);
    const struct seen *e = find(p, from, TD_TWS_EXECUTION_DATA, 0);
    assert_non_null(e);
    assert_string_equal(e->text + strlen(e->text) - 3, ".02");
    assert_null(find(p, from, TD_TWS_EXECUTION_DATA, 1));
    act(b, "bust-fill");
    assert_true(b->g->ledger.positions[0].qty.e9 == 0);
    from = p->count;
    say(b, p, &asks);
    assert_null(find(p, from, TD_TWS_EXECUTION_DATA, 0));
    TD_OK_OR_FAIL(td_ledger_check(&b->g->ledger, &why));
    finish(b);
}

static void an_order_can_live_twice(void **state)
{
    (void)state;
    struct bench *b = start();
    struct peer *p = join(b, 3);
    const struct td_tws_msg buy = order(1, "BUY", "LMT", 10, TD_PX(100)),
                            asks = plain(TD_TWS_REQ_ALL_OPEN_ORDERS);
    say(b, p, &buy);
    act(b, "clone-order");
    const size_t from = p->count;
    say(b, p, &asks);
    assert_non_null(find(p, from, TD_TWS_OPEN_ORDER, 1));
    assert_int_equal(td_gateway_ledger(b->g)->duplicate_ids, 0); /* we sent it once */
    finish(b);
}

static void messages_can_come_late_and_changed(void **state)
{
    (void)state;
    struct bench *b = start();
    struct peer *p = join(b, 3);
    const struct td_tws_msg asks = plain(TD_TWS_REQ_CURRENT_TIME), ids = plain(TD_TWS_REQ_IDS);
    act(b, "delay current-time 1 1");
    size_t from = p->count;
    say(b, p, &asks);
    say(b, p, &ids);
    assert_null(find(p, from, TD_TWS_CURRENT_TIME, 0));
    assert_non_null(find(p, from, TD_TWS_NEXT_VALID_ID, 0));
    run(b, TD_SEC);
    assert_non_null(find(p, from, TD_TWS_CURRENT_TIME, 0));
    act(b, "field next-valid-id 3 777");
    from = p->count;
    say(b, p, &ids);
    assert_int_equal(find(p, from, TD_TWS_NEXT_VALID_ID, 0)->id, 777);
    act(b, "rollback 1");
    act(b, "drop next-valid-id 1");
    from = p->count;
    say(b, p, &ids);
    assert_null(find(p, from, TD_TWS_NEXT_VALID_ID, 0));
    finish(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_of_the_account),
        cmocka_unit_test(read_only_refuses_orders_and_their_lists),
        cmocka_unit_test(delayed_data_has_its_own_ticks),
        cmocka_unit_test(tick_by_tick_has_its_limits),
        cmocka_unit_test(history_has_a_burst_limit),
        cmocka_unit_test(twenty_orders_on_a_side),
        cmocka_unit_test(a_refused_change_leaves_the_order),
        cmocka_unit_test(corrections_and_busts_are_booked),
        cmocka_unit_test(an_order_can_live_twice),
        cmocka_unit_test(messages_can_come_late_and_changed),
    };
    return cmocka_run_group_tests_name("sim/gateway_fault", tests, NULL, NULL);
}
