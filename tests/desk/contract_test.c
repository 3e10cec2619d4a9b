/* tests/desk/contract_test.c - what the desk's market makes of the contracts and market rules it is told. */
#include "support/support.h"

#include <string.h>

#include "desk/market.h"
#include "desk/script_gateway.h"

#define SCRIPT_PORT 4002

static struct td_simworld *sim;
static struct td_world client_world;
static struct td_link link;
static struct td_market market;

/* What the gateway tells of a symbol, and of market rules. */
static struct told {
    const char *exchanges, *rules;
    bool silent; /* market rules are not answered */
    struct td_tws_increment steps[TD_TICK_STEPS_MAX + 1];
    uint32_t step_count;
} told;

static void see(void *arg, uint32_t index, const struct td_event *event, bool warmup)
{
    (void)arg;
    (void)index;
    (void)event;
    (void)warmup;
}

static void answer_stock(const struct td_tws_msg *request)
{
    struct td_tws_msg msg;
    td_tws_msg_init(&msg, TD_TWS_CONTRACT_DATA);
    struct td_tws_contract_data *d = &msg.contract_data;
    d->req_id = request->req.req_id;
    d->contract = request->req_contract.contract;
    d->contract.con_id = 1000 + (int32_t)script.count;
    d->min_tick = (td_px){100000};
    d->valid_exchanges = td_str_of(told.exchanges);
    d->market_rule_ids = td_str_of(told.rules);
    script_send(&msg);
    td_tws_msg_init(&msg, TD_TWS_CONTRACT_DATA_END);
    msg.req.req_id = request->req.req_id;
    script_send(&msg);
}

static void answer(const struct td_tws_msg *request)
{
    struct td_tws_msg msg;
    if (request->kind == TD_TWS_REQ_CONTRACT_DETAILS)
        answer_stock(request);
    if (request->kind != TD_TWS_REQ_MARKET_RULE || told.silent)
        return;
    td_tws_msg_init(&msg, TD_TWS_MARKET_RULE);
    msg.market_rule.rule_id = request->number.value;
    msg.market_rule.increments.p = told.steps;
    msg.market_rule.increments.n = told.step_count;
    script_send(&msg);
}

static void turns(td_ns span)
{
    const td_ns until = td_world_mono(&client_world) + span;
    for (td_ns look = 0; td_world_mono(&client_world) < until;) {
        struct td_wake wake;
        struct td_tws_event ev;
        const td_ns next = td_market_deadline(&market);
        const td_ns now = td_world_mono(&client_world);
        if (now >= look) {
            td_market_watch(&market, td_world_now(&client_world));
            look = now + TD_SEC;
        }
        const td_ns stop = look < until ? look : until;
        td_market_turn(&market);
        td_link_flush(&link);
        td_world_wait(&client_world, next > now && next < stop ? next : stop, &wake);
        (void)td_link_wake(&link, &wake);
        td_link_tick(&link);
        while (td_link_next(&link, &ev)) {
            if (ev.kind == TD_TWS_EV_READY)
                td_market_ready(&market);
            if (ev.kind == TD_TWS_EV_CLOSED)
                td_market_lost(&market);
            if (ev.kind == TD_TWS_EV_MESSAGE)
                (void)td_market_take(&market, &ev.msg);
        }
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
    turns(200 * TD_MS);
    assert_true(td_link_ready(&link));
}

static int begin(void **state)
{
    const struct td_market_config config = {
        .depth_rows = 5, .bar_size = "1 min", .bar_history = "1 D", .bar_span = TD_MIN};
    const struct td_simworld_options options = {
        .seed = 3, .latency_min = TD_MS, .latency_max = 2 * TD_MS};
    uint32_t host;
    (void)state;
    told = (struct told){.exchanges = "SMART,NYSE,IEX",
                         .rules = "26,240,635",
                         .steps = {{{0}, {100000}}, {{TD_E9}, {10000000}}},
                         .step_count = 2};
    TD_OK_OR_FAIL(td_simworld_open(&sim, &options, NULL));
    TD_OK_OR_FAIL(td_simworld_attach(sim, "desk", &host, &client_world, NULL));
    script_attach(sim, SCRIPT_PORT);
    script.contracts = answer;
    TD_OK_OR_FAIL(td_link_open(&link, &client_world, NULL));
    TD_OK_OR_FAIL(td_market_init(&market, &config, &link, NULL, see, NULL, NULL));
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

static void add(const char *symbol)
{
    uint32_t index;
    TD_OK_OR_FAIL(td_market_add(&market, symbol, TD_WANT_QUOTES, &index, NULL));
}

/* --- market rules --- */

static bool on_tick(uint32_t index, int64_t e9)
{
    return td_tick_is_on(&market.lines[index].ticks, (td_px){e9});
}

static void one_question_serves_all_lines_of_a_rule(void **state)
{
    (void)state;
    add("AAPL");
    add("SPY");
    add("IBM");
    dial();
    assert_int_equal(script_asked(TD_TWS_REQ_MARKET_RULE), 1);
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(market.lines[i].rule_id, 26);
        assert_true(on_tick(i, 123400000) && on_tick(i, 1230000000));
        assert_false(on_tick(i, 1234000000)); /* a multiple of minTick, and no price */
    }
    add("MSFT");
    turns(200 * TD_MS);
    assert_int_equal(script_asked(TD_TWS_REQ_MARKET_RULE), 1);
    assert_true(on_tick(3, 1230000000));
    td_simworld_sever(script.sim, script.host); /* a new connection is told anew */
    turns(200 * TD_MS);
    told.step_count = 1;
    dial();
    assert_int_equal(script_asked(TD_TWS_REQ_MARKET_RULE), 2);
    for (uint32_t i = 0; i < 4; i++)
        assert_true(on_tick(i, 1234000000));
}

static void without_rules_the_smallest_step_holds(void **state)
{
    (void)state;
    told.rules = "";
    add("AAPL");
    dial();
    assert_int_equal(script_asked(TD_TWS_REQ_MARKET_RULE), 0);
    assert_true(on_tick(0, 1234500000));
    assert_false(on_tick(0, 1234550000));
}

static void a_rule_that_is_not_known_closes(void **state)
{
    (void)state;
    told.exchanges = "NYSE,IEX";
    told.rules = "240,635";
    add("AAPL");
    dial();
    assert_int_equal(script_asked(TD_TWS_REQ_MARKET_RULE), 0);
    assert_false(on_tick(0, 1230000000));
}

static void an_answer_that_cannot_be_is_no_rule(void **state)
{
    (void)state;
    told.step_count = TD_TICK_STEPS_MAX + 1;
    for (uint32_t i = 0; i < told.step_count; i++)
        told.steps[i] = (struct td_tws_increment){{(int64_t)i * TD_E9}, {10000000}};
    add("AAPL");
    dial();
    assert_false(on_tick(0, 1230000000));
    told.step_count = 1;
    turns(12 * TD_SEC);
    assert_int_equal(script_asked(TD_TWS_REQ_MARKET_RULE), 2);
    assert_true(on_tick(0, 1230000000));
}

static void a_rule_that_is_not_told_is_asked_for_three_times(void **state)
{
    (void)state;
    told.silent = true;
    add("AAPL");
    add("SPY");
    dial();
    assert_int_equal(script_asked(TD_TWS_REQ_MARKET_RULE), 1);
    assert_false(on_tick(0, 1230000000));
    turns(5 * TD_MIN);
    assert_int_equal(script_asked(TD_TWS_REQ_MARKET_RULE), 3);
}

int main(void)
{
#define ROW(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        ROW(one_question_serves_all_lines_of_a_rule),
        ROW(without_rules_the_smallest_step_holds),
        ROW(a_rule_that_is_not_known_closes),
        ROW(an_answer_that_cannot_be_is_no_rule),
        ROW(a_rule_that_is_not_told_is_asked_for_three_times),
    };
    return cmocka_run_group_tests_name("desk/contract", tests, NULL, NULL);
}
