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
    const struct row {
        int32_t conid;
        const char *trading_class, *primary, *expiry, *local;
        int64_t multiplier;
    } * rows; /* NULL: one stock */
    uint32_t row_count;
    int32_t asked_conid; /* by the last look-up */
    char asked_class[16];
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

static void tell_row(const struct td_tws_msg *request, const struct row *row)
{
    struct td_tws_msg msg;
    char multiplier[24];
    td_tws_msg_init(&msg, TD_TWS_CONTRACT_DATA);
    struct td_tws_contract_data *d = &msg.contract_data;
    (void)td_i64_print(row->multiplier, multiplier);
    d->req_id = request->req.req_id;
    d->contract = request->req_contract.contract;
    d->contract.con_id = row->conid;
    d->contract.trading_class = td_str_of(row->trading_class);
    d->contract.primary_exch = td_str_of(row->primary);
    d->contract.expiry = td_str_of(row->expiry);
    d->contract.local_symbol = td_str_of(row->local);
    d->contract.multiplier = td_str_of(row->multiplier ? multiplier : "");
    d->min_tick = (td_px){50000};
    script_send(&msg);
}

/* What fits the id, all rows without one; nothing is an error, as the broker has it. */
static void answer_rows(const struct td_tws_msg *request)
{
    struct td_tws_msg msg;
    uint32_t sent = 0;
    for (uint32_t i = 0; i < told.row_count; i++)
        if (!told.asked_conid || told.rows[i].conid == told.asked_conid) {
            tell_row(request, &told.rows[i]);
            sent++;
        }
    if (!sent) {
        script_error(request->req.req_id, 200);
        return;
    }
    td_tws_msg_init(&msg, TD_TWS_CONTRACT_DATA_END);
    msg.req.req_id = request->req.req_id;
    script_send(&msg);
}

static void answer(const struct td_tws_msg *request)
{
    struct td_tws_msg msg;
    if (request->kind == TD_TWS_REQ_CONTRACT_DETAILS) {
        told.asked_conid = request->req_contract.contract.con_id;
        (void)td_str_copy(request->req_contract.contract.trading_class, told.asked_class,
                          sizeof told.asked_class);
        if (told.rows)
            answer_rows(request);
        else
            answer_stock(request);
    }
    if (request->kind != TD_TWS_REQ_MARKET_RULE || told.silent)
        return;
    td_tws_msg_init(&msg, TD_TWS_MARKET_RULE);
    msg.market_rule.rule_id = request->number.value;
    msg.market_rule.increments.p = told.steps;
    msg.market_rule.increments.n = told.step_count;
    script_send(&msg);
}

static td_ns market_clock; /* 0 unknown */

static void turns(td_ns span)
{
    const td_ns until = td_world_mono(&client_world) + span;
    for (td_ns look = 0; td_world_mono(&client_world) < until;) {
        struct td_wake wake;
        struct td_tws_event ev;
        const td_ns next = td_market_deadline(&market);
        const td_ns now = td_world_mono(&client_world);
        if (now >= look) {
            td_market_watch(&market, market_clock);
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
    market_clock = td_days_from_civil(2026, 11, 23) * TD_DAY + 15 * TD_HOUR;
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

/* --- which contract --- */

static const struct row euro[] = {
    {11, "6E", "", "20270315", "6EH7", 125000}, {12, "M6E", "", "20261214", "M6EZ6", 12500},
    {13, "6E", "", "20261214", "6EZ6", 125000}, {14, "6E", "", "20270118", "6EF7", 125000},
    {15, "6E", "", "20261116", "6EX6", 125000},
};

static void tell_rows(const struct row *rows, uint32_t count)
{
    told.rows = rows;
    told.row_count = count;
}

static void begin_day(int32_t month, int32_t day)
{
    market_clock = td_days_from_civil(2026, month, day) * TD_DAY + 15 * TD_HOUR;
}

static void reconnect(void)
{
    td_simworld_sever(script.sim, script.host);
    turns(200 * TD_MS);
    dial();
}

static void a_future_is_looked_up_by_class_and_then_by_id(void **state)
{
    (void)state;
    const struct td_line *line = &market.lines[0];
    tell_rows(euro, TD_COUNT(euro));
    add("EURUSD");
    assert_string_equal(line->symbol, "6E");
    assert_string_equal(line->broker_symbol, "EUR");
    assert_string_equal(line->exchange, "CME");
    turns(TD_MS);
    dial();
    assert_int_equal(script_asked(TD_TWS_REQ_CONTRACT_DETAILS), 2);
    assert_string_equal(told.asked_class, "6E");
    assert_int_equal(told.asked_conid, 13);
    assert_int_equal(line->state, TD_LINE_LIVE);
    assert_int_equal(line->inst.conid, 13);
    assert_string_equal(line->inst.local_symbol, "6EZ6");
    assert_int_equal(line->inst.multiplier.e9, 125000 * TD_E9);
    assert_int_equal(script_asked(TD_TWS_REQ_MKT_DATA), 1);
    assert_true(td_market_may_enter(&market, 0));
    begin_day(12, 9); /* five days before the end */
    reconnect();
    assert_int_equal(line->inst.conid, 11);
}

static void a_chain_of_one_is_asked_for_once(void **state)
{
    (void)state;
    tell_rows(&euro[2], 1);
    add("6E");
    dial();
    assert_int_equal(script_asked(TD_TWS_REQ_CONTRACT_DETAILS), 1);
    assert_int_equal(market.lines[0].inst.conid, 13);
}

static void a_position_holds_its_contract(void **state)
{
    (void)state;
    tell_rows(euro, TD_COUNT(euro));
    add("6E");
    td_market_hold(&market, 0, 13);
    begin_day(12, 10);
    dial();
    assert_int_equal(script_asked(TD_TWS_REQ_CONTRACT_DETAILS), 1);
    assert_int_equal(market.lines[0].inst.conid, 13); /* it has rolled, and the position has not */
    turns(2 * TD_SEC);
    assert_true(td_market_may_enter(&market, 0));
    begin_day(12, 11); /* Friday; it ends on Monday */
    turns(2 * TD_SEC);
    assert_false(td_market_may_enter(&market, 0));
    td_market_hold(&market, 0, 0);
    reconnect();
    assert_int_equal(market.lines[0].inst.conid, 11);
    assert_true(td_market_may_enter(&market, 0));
}

/* A contract that ended while we were away is told no more: the position is gone too, and the next is traded. */
static void a_held_contract_that_is_gone_is_let_go(void **state)
{
    (void)state;
    tell_rows(euro, TD_COUNT(euro));
    add("6E");
    td_market_hold(&market, 0, 99);
    dial();
    assert_int_equal(market.lines[0].state, TD_LINE_LIVE);
    assert_int_equal(market.lines[0].inst.conid, 13);
}

static void the_day_is_known_before_a_contract_is_chosen(void **state)
{
    (void)state;
    tell_rows(euro, TD_COUNT(euro));
    market_clock = 0;
    add("6E");
    turns(2 * TD_SEC);
    dial();
    turns(5 * TD_SEC);
    assert_int_equal(script_asked(TD_TWS_REQ_CONTRACT_DETAILS), 0);
    begin_day(12, 9);
    turns(2 * TD_SEC);
    assert_int_equal(market.lines[0].inst.conid, 11);
}

static void what_cannot_be_decided_is_refused(void **state)
{
    (void)state;
    static const struct row two[] = {{1, "NMS", "NASDAQ", "", "AAPL", 0},
                                     {2, "AAPL", "MEXI", "", "AAPL", 0}};
    static const struct row twins[] = {{3, "ES", "", "20261218", "ESZ6", 50},
                                       {4, "ES", "", "20261218", "XESZ6", 50}};
    static const struct row over[] = {{5, "ES", "", "20260918", "ESU6", 50}};
    tell_rows(two, 2);
    add("AAPL");
    dial();
    assert_int_equal(market.lines[0].state, TD_LINE_REFUSED);
    assert_int_equal(market.lines[0].refused_code, 200);
    assert_string_equal(market.lines[0].refused,
                        "AAPL: several contracts fit; give one of: primary exchange (NASDAQ or "
                        "MEXI), trading class (NMS or AAPL)");
    tell_rows(twins, 2);
    add("ES1!");
    turns(200 * TD_MS);
    assert_int_equal(market.lines[1].state, TD_LINE_REFUSED);
    assert_non_null(strstr(market.lines[1].refused, "both end on 2026-12-18"));
    tell_rows(over, 1);
    add("NQ");
    turns(200 * TD_MS);
    assert_int_equal(market.lines[2].state, TD_LINE_REFUSED);
    assert_string_equal(market.lines[2].refused, "NQ: contracts told: 1, and none fits: it takes "
                                                 "trading class NQ and multiplier 20");
}

static void one_future_has_one_line(void **state)
{
    (void)state;
    uint32_t index;
    struct td_fail why = {0};
    add("ES1!");
    assert_int_equal(td_market_add(&market, "ES", TD_WANT_QUOTES, &index, &why), TD_EEXIST);
    assert_string_equal(why.text, "ES is ES, which is there already; name it once");
    add("NQ1!");
    assert_int_equal(market.count, 2);
    assert_string_equal(td_market_symbol("XAUUSD"), "GC");
    assert_string_equal(td_market_symbol("AAPL"), "AAPL");
}

static void a_position_told_by_name_is_of_its_class(void **state)
{
    (void)state;
    add("6E");
    struct td_tws_contract c = {.symbol = td_str_of("EUR"), .sec_type = td_str_of("FUT")};
    assert_true(td_market_is(&market.lines[0], &c));
    c.trading_class = td_str_of("6E");
    assert_true(td_market_is(&market.lines[0], &c));
    c.trading_class = td_str_of("M6E");
    assert_false(td_market_is(&market.lines[0], &c));
    c.sec_type = td_str_of("CASH");
    assert_false(td_market_is(&market.lines[0], &c));
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
        ROW(a_future_is_looked_up_by_class_and_then_by_id),
        ROW(a_chain_of_one_is_asked_for_once),
        ROW(a_position_holds_its_contract),
        ROW(a_held_contract_that_is_gone_is_let_go),
        ROW(the_day_is_known_before_a_contract_is_chosen),
        ROW(what_cannot_be_decided_is_refused),
        ROW(one_future_has_one_line),
        ROW(a_position_told_by_name_is_of_its_class),
    };
    return cmocka_run_group_tests_name("desk/contract", tests, NULL, NULL);
}
