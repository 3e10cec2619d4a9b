/* tests/desk/paper_test.c - the broker of local paper trading by hand: quotes in, orders in, answers out. */
#include "support/support.h"

#include <stdio.h>
#include <string.h>

#include "desk/paper.h"
#include "sim/simworld.h"

#define PX(cents) ((td_px){(int64_t)(cents)*10000000})

static struct bench {
    struct td_simworld *sim;
    struct td_world world;
    struct td_link link;
    struct td_market market;
    struct td_line line;
    struct td_hours hours;
    struct td_paper *paper;
    struct td_order_desk desk;
    /* of the last answers */
    uint32_t fills, executions_listed, statuses, errors;
    int32_t code;
    char status[24];
    td_px px;
    td_qty qty, filled, position;
    td_cash fee, worth;
} b;

static int open_with(const struct td_paper_options *options, bool outside_rth)
{
    const struct td_simworld_options o = {.seed = 1, .start_ns = INT64_C(1763735400000000000)};
    struct td_fail why = {0};
    uint32_t host;
    memset(&b, 0, sizeof b);
    TD_OK_OR_FAIL(td_simworld_open(&b.sim, &o, &why));
    TD_OK_OR_FAIL(td_simworld_attach(b.sim, "desk", &host, &b.world, &why));
    b.link.world = &b.world;
    b.market = (struct td_market){.lines = &b.line,
                                  .count = 1,
                                  .link = &b.link,
                                  .hours = &b.hours,
                                  .config = {.lines_max = 1}};
    b.hours.rows[0].open = TD_HOURS_OPEN;
    b.hours.rows[0].users = 1;
    (void)snprintf(b.line.broker_symbol, sizeof b.line.broker_symbol, "SPY");
    (void)snprintf(b.line.symbol, sizeof b.line.symbol, "SPY");
    (void)snprintf(b.line.sec_type, sizeof b.line.sec_type, "STK");
    (void)snprintf(b.line.currency, sizeof b.line.currency, "USD");
    b.line.state = TD_LINE_LIVE;
    b.line.inst.conid = 756733;
    b.line.inst.multiplier = TD_QTY(1);
    td_tick_rule_one(&b.line.ticks, PX(1));
    const struct td_paper_config config = {.options = *options,
                                           .market = &b.market,
                                           .client_id = 7,
                                           .cash = TD_CASH(100000),
                                           .outside_rth = outside_rth,
                                           .exec_base = 1};
    TD_OK_OR_FAIL(td_paper_open(&b.paper, &config, &why));
    b.desk = td_paper_order_desk(b.paper);
    return 0;
}

static const struct td_paper_options at_once = {0};

static int bench_close(void **state)
{
    (void)state;
    td_paper_close(b.paper);
    td_simworld_close(b.sim);
    return 0;
}

static void take_answer(const struct td_tws_msg *m)
{
    switch (m->kind) {
    case TD_TWS_EXECUTION_DATA:
        b.fills += m->execution.req_id < 0;
        b.executions_listed += m->execution.req_id >= 0;
        b.px = m->execution.price;
        b.qty = m->execution.shares;
        return;
    case TD_TWS_ORDER_STATUS:
        b.statuses++;
        (void)td_str_copy(m->order_status.status, b.status, sizeof b.status);
        b.filled = m->order_status.filled;
        return;
    case TD_TWS_COMMISSION_REPORT:
        b.fee = m->commission.commission;
        return;
    case TD_TWS_ERROR:
        b.errors++;
        b.code = m->error.code;
        return;
    case TD_TWS_POSITION:
        b.position = m->position.position;
        return;
    case TD_TWS_ACCOUNT_SUMMARY:
        if (td_str_is(m->account_summary.tag, "NetLiquidation"))
            TD_OK_OR_FAIL(
                td_e9_parse(m->account_summary.value.p, m->account_summary.value.len, &b.worth.e9));
        return;
    default:
        return;
    }
}

static void hear(void)
{
    static struct td_tws_event ev;
    while (b.desk.next(b.desk.arg, &ev))
        take_answer(&ev.msg);
}

static void quote(int64_t bid, int64_t ask, int64_t size)
{
    const struct td_quote q = {PX(bid), PX(ask), TD_QTY(size), TD_QTY(size)};
    const struct td_event ev = {.kind = TD_EV_QUOTE, .quote = q};
    b.line.quote = q;
    td_paper_market(b.paper, 0, &ev);
    hear();
}

static void print_trade(int64_t cents, int64_t size)
{
    const struct td_event ev = {.kind = TD_EV_TRADE,
                                .trade = {.px = PX(cents), .qty = TD_QTY(size), .aggressor = 2}};
    b.line.last = PX(cents);
    td_paper_market(b.paper, 0, &ev);
    hear();
}

static void send_kind(uint16_t kind)
{
    static struct td_tws_msg m;
    td_tws_msg_init(&m, kind);
    TD_OK_OR_FAIL(b.desk.take(b.desk.arg, &m));
    hear();
}

struct wish {
    int32_t id;
    const char *action, *type, *tif, *group;
    int64_t qty, limit, stop; /* cents; 0 none */
};

static void order(const struct wish *w)
{
    static struct td_tws_msg m;
    td_tws_msg_init(&m, TD_TWS_PLACE_ORDER);
    struct td_tws_place_order *p = &m.place_order;
    p->order_id = w->id;
    td_market_contract(&b.line, &p->contract);
    p->order.action = td_str_of(w->action);
    p->order.order_type = td_str_of(w->type);
    p->order.tif = td_str_of(w->tif ? w->tif : "DAY");
    p->order.total_quantity = TD_QTY(w->qty);
    p->order.lmt_price = w->limit ? PX(w->limit) : TD_PX_NONE;
    p->order.aux_price = w->stop ? PX(w->stop) : TD_PX_NONE;
    p->order.oca_group = td_str_of(w->group ? w->group : "");
    p->order.oca_type = 2;
    TD_OK_OR_FAIL(b.desk.take(b.desk.arg, &m));
    hear();
}

static void cancel(int32_t id)
{
    static struct td_tws_msg m;
    td_tws_msg_init(&m, TD_TWS_CANCEL_ORDER);
    m.cancel_order.order_id = id;
    TD_OK_OR_FAIL(b.desk.take(b.desk.arg, &m));
    hear();
}

static td_qty position(void)
{
    send_kind(TD_TWS_REQ_POSITIONS);
    return b.position;
}

#define BUY_MARKET(ID, QTY) (&(struct wish){.id = ID, .action = "BUY", .type = "MKT", .qty = QTY})

static void a_market_order_takes_the_quote_and_no_more_than_it_shows(void **state)
{
    (void)state;
    open_with(&at_once, false);
    quote(10000, 10002, 5);
    order(BUY_MARKET(1, 8));
    assert_int_equal(b.fills, 1);
    assert_int_equal(b.px.e9, PX(10002).e9);
    assert_int_equal(b.qty.e9, TD_QTY(5).e9);
    assert_string_equal(b.status, "Submitted");
    quote(10000, 10002, 5); /* the same five are not offered twice */
    assert_int_equal(b.fills, 1);
    quote(10001, 10003, 5);
    assert_int_equal(b.fills, 2);
    assert_int_equal(b.px.e9, PX(10003).e9);
    assert_string_equal(b.status, "Filled");
    assert_int_equal(position().e9, TD_QTY(8).e9);
    assert_true(b.fee.e9 >= 0);
}

static void a_limit_rests_and_fills_when_it_is_crossed(void **state)
{
    (void)state;
    open_with(&at_once, false);
    quote(10000, 10002, 5);
    order(&(struct wish){.id = 1, .action = "BUY", .type = "LMT", .qty = 2, .limit = 9990});
    assert_int_equal(b.fills, 0);
    assert_string_equal(b.status, "Submitted");
    quote(9993, 9995, 5);
    assert_int_equal(b.fills, 0);
    quote(9988, 9990, 5);
    assert_int_equal(b.fills, 1);
    assert_int_equal(b.px.e9, PX(9990).e9);
    assert_string_equal(b.status, "Filled");
}

static void a_limit_in_the_market_is_never_better_than_the_quote(void **state)
{
    (void)state;
    open_with(&at_once, false);
    quote(10000, 10002, 5);
    order(&(struct wish){.id = 1, .action = "SELL", .type = "LMT", .qty = 2, .limit = 9900});
    assert_int_equal(b.px.e9, PX(10000).e9);
    assert_int_equal(position().e9, TD_QTY(-2).e9);
}

static void a_stop_waits_for_a_trade(void **state)
{
    (void)state;
    open_with(&at_once, false);
    quote(10000, 10002, 50);
    order(&(struct wish){.id = 1, .action = "SELL", .type = "STP", .qty = 3, .stop = 9980});
    assert_string_equal(b.status, "PreSubmitted");
    quote(9970, 9972, 50);
    assert_int_equal(b.fills, 0);
    print_trade(9971, 1);
    assert_int_equal(b.fills, 1);
    assert_int_equal(b.px.e9, PX(9970).e9);
}

static void of_a_group_one_fills_and_the_other_ends(void **state)
{
    (void)state;
    open_with(&at_once, false);
    quote(10000, 10002, 50);
    order(&(struct wish){
        .id = 1, .action = "SELL", .type = "STP", .qty = 4, .stop = 9980, .group = "g"});
    order(&(struct wish){
        .id = 2, .action = "SELL", .type = "LMT", .qty = 4, .limit = 10010, .group = "g"});
    quote(10010, 10012, 1); /* a quarter: the stop keeps three */
    assert_int_equal(b.fills, 1);
    struct td_paper_stats stats;
    td_paper_stats(b.paper, &stats);
    assert_int_equal(stats.live, 2);
    quote(10011, 10013, 50);
    assert_int_equal(b.fills, 2);
    td_paper_stats(b.paper, &stats);
    assert_int_equal(stats.live, 0);
    print_trade(9900, 5); /* through the stop, which is no more */
    assert_int_equal(b.fills, 2);
    assert_int_equal(position().e9, TD_QTY(-4).e9);
}

static void slippage_makes_market_orders_worse_and_limits_not(void **state)
{
    (void)state;
    open_with(&(struct td_paper_options){.slip_bps = 10}, false);
    quote(10000, 10002, 50);
    order(BUY_MARKET(1, 1));
    assert_int_equal(b.px.e9, PX(10013).e9); /* 100.02 + 0.10002, and up to the tick */
    order(&(struct wish){.id = 2, .action = "SELL", .type = "MKT", .qty = 1});
    assert_int_equal(b.px.e9, PX(9990).e9);
    order(&(struct wish){.id = 3, .action = "BUY", .type = "LMT", .qty = 1, .limit = 10002});
    assert_int_equal(b.px.e9, PX(10002).e9);
}

static void nothing_fills_on_delayed_stale_or_crossed_data(void **state)
{
    (void)state;
    open_with(&at_once, false);
    quote(10000, 10002, 50);
    b.line.quote_delayed = true; /* delayed and frozen alike */
    quote(9000, 9001, 50);
    order(BUY_MARKET(1, 1));
    assert_int_equal(b.fills, 0);
    b.line.quote_delayed = false;
    quote(9001, 9001, 50); /* the bid came first: the ask is of before, and nobody is there */
    assert_int_equal(b.fills, 0);
    quote(10003, 10005, 50);
    assert_int_equal(b.fills, 1);
    assert_int_equal(b.px.e9, PX(10005).e9);
    b.line.subs[TD_FOR_QUOTES].stale = true;
    td_paper_tick(b.paper, 1);
    order(BUY_MARKET(2, 1));
    assert_int_equal(b.fills, 1);
    b.line.subs[TD_FOR_QUOTES].stale = false;
    quote(10003, 10005, 50);
    assert_int_equal(b.fills, 2);
}

static void nothing_fills_while_the_market_is_closed_or_paused(void **state)
{
    (void)state;
    open_with(&at_once, false);
    b.hours.rows[0].open = TD_HOURS_UNKNOWN;
    quote(10000, 10002, 50);
    order(BUY_MARKET(1, 1));
    assert_int_equal(b.fills, 0);
    b.hours.rows[0].open = TD_HOURS_OPEN;
    b.line.pause.state = TD_PAUSE_PAUSED;
    quote(10000, 10002, 50);
    assert_int_equal(b.fills, 0);
    b.line.pause.state = TD_PAUSE_TRADING;
    quote(10000, 10002, 50);
    assert_int_equal(b.fills, 1);
}

static void orders_end_with_their_day(void **state)
{
    (void)state;
    open_with(&at_once, false);
    td_paper_tick(b.paper, 100);
    quote(10000, 10002, 50);
    order(&(struct wish){.id = 1, .action = "BUY", .type = "LMT", .qty = 1, .limit = 9000});
    order(&(struct wish){
        .id = 2, .action = "BUY", .type = "LMT", .tif = "GTC", .qty = 1, .limit = 9000});
    td_paper_tick(b.paper, 100);
    b.hours.rows[0].open = TD_HOURS_CLOSED;
    td_paper_tick(b.paper, 100);
    hear();
    struct td_paper_stats stats;
    td_paper_stats(b.paper, &stats);
    assert_int_equal(stats.live, 1);
    assert_string_equal(b.status, "Cancelled");
}

static void changes_and_cancels_are_answered(void **state)
{
    (void)state;
    open_with(&at_once, false);
    quote(10000, 10002, 50);
    struct wish w = {.id = 1, .action = "BUY", .type = "LMT", .qty = 5, .limit = 9000};
    order(&w);
    w.limit = 10002;
    w.qty = 3;
    order(&w);
    assert_int_equal(b.filled.e9, TD_QTY(3).e9);
    assert_string_equal(b.status, "Filled");
    cancel(1);
    assert_int_equal(b.code, 10148);
    w = (struct wish){.id = 2, .action = "BUY", .type = "LMT", .qty = 5, .limit = 9000};
    order(&w);
    cancel(2);
    assert_string_equal(b.status, "Cancelled");
    order(&(struct wish){.id = 3, .action = "BUY", .type = "MOC", .qty = 5});
    assert_int_equal(b.code, 201);
    order(&(struct wish){.id = 4, .action = "BUY", .type = "LMT", .qty = 5, .limit = 9000});
    send_kind(TD_TWS_REQ_GLOBAL_CANCEL);
    struct td_paper_stats stats;
    td_paper_stats(b.paper, &stats);
    assert_int_equal(stats.live, 0);
}

static void latency_is_waited_for_both_ways(void **state)
{
    (void)state;
    open_with(&(struct td_paper_options){.latency = 20 * TD_MS}, false);
    quote(10000, 10002, 50);
    order(BUY_MARKET(1, 1));
    assert_int_equal(b.fills, 0);
    for (int i = 0; i < 2; i++) { /* there, and back */
        struct td_wake wake;
        const td_ns due = b.desk.due(b.desk.arg);
        assert_int_equal(due - td_world_mono(&b.world), 20 * TD_MS);
        td_world_wait(&b.world, due, &wake);
        assert_int_equal(b.fills, 0);
        hear();
    }
    assert_int_equal(b.fills, 1);
    assert_true(b.desk.due(b.desk.arg) == TD_NS_NEVER);
}

static void the_account_is_cash_and_what_is_held(void **state)
{
    static struct td_tws_msg m;
    (void)state;
    open_with(&at_once, false);
    td_tws_msg_init(&m, TD_TWS_REQ_ACCOUNT_SUMMARY);
    m.req_account_summary.req_id = 9;
    TD_OK_OR_FAIL(b.desk.take(b.desk.arg, &m));
    hear();
    assert_int_equal(b.worth.e9, TD_CASH(100000).e9);
    quote(10000, 10002, 50);
    order(BUY_MARKET(1, 10));
    assert_int_equal(b.worth.e9, TD_CASH(100000).e9 - 10 * 10000000 - b.fee.e9); /* half a spread */
    assert_int_equal(b.fee.e9, TD_CASH(1).e9);
}

static void what_the_blotter_has_is_revived(void **state)
{
    (void)state;
    const struct td_holding held = {.qty = TD_QTY(7), .average = PX(9900), .fees = TD_CASH(1)};
    struct td_order o = {.key = 1,
                         .order_id = 5,
                         .sent_ns = 1,
                         .action = TD_SELL,
                         .type = TD_ORDER_LIMIT,
                         .tif = TD_TIF_GTC,
                         .now = {TD_QTY(4), PX(10010), TD_PX_NONE, TD_PX_NONE},
                         .filled = TD_QTY(1),
                         .ref = "td-aaaaaa-1"};
    const struct td_execution e = {
        .exec_id = "x.1.01.01", .action = TD_SELL, .qty = TD_QTY(1), .px = PX(10010)};
    open_with(&at_once, false);
    td_paper_hold(b.paper, 0, &held);
    td_paper_revive(b.paper, 0, &o, true, TD_QTY(1));
    td_paper_refill(b.paper, 0, &e, &o, TD_QTY(1));
    o.order_id = 6;
    o.sent_ns = 0; /* it never left */
    td_paper_revive(b.paper, 0, &o, false, TD_QTY(1));
    send_kind(TD_TWS_REQ_ALL_OPEN_ORDERS);
    assert_int_equal(b.statuses, 1);
    assert_int_equal(b.filled.e9, TD_QTY(1).e9);
    send_kind(TD_TWS_REQ_EXECUTIONS);
    assert_int_equal(b.executions_listed, 1);
    assert_true(b.fee.e9 > 0); /* its record was missing */
    quote(10012, 10014, 50);
    assert_int_equal(b.fills, 1);
    assert_int_equal(b.qty.e9, TD_QTY(3).e9);
    assert_int_equal(b.filled.e9, TD_QTY(4).e9);
    assert_int_equal(position().e9, TD_QTY(4).e9);
}

static void the_core_encodes_no_order_of_such_a_session(void **state)
{
    static uint8_t rx[4096], tx[4096], arena[4096];
    static struct td_tws tws;
    static struct td_tws_msg m;
    const struct td_tws_config config = {.rx = rx,
                                         .rx_cap = sizeof rx,
                                         .tx = tx,
                                         .tx_cap = sizeof tx,
                                         .arena = arena,
                                         .arena_cap = sizeof arena,
                                         .no_orders = true};
    static const uint16_t kinds[] = {TD_TWS_PLACE_ORDER, TD_TWS_CANCEL_ORDER,
                                     TD_TWS_REQ_GLOBAL_CANCEL, TD_TWS_EXERCISE_OPTIONS,
                                     TD_TWS_REQ_ALL_OPEN_ORDERS};
    (void)state;
    open_with(&at_once, false);
    TD_OK_OR_FAIL(td_tws_init(&tws, &config));
    for (size_t i = 0; i < TD_COUNT(kinds); i++) {
        td_tws_msg_init(&m, kinds[i]);
        assert_int_equal(td_tws_send(&tws, &m), TD_EDENIED);
        assert_int_equal(tws.orders_refused, i + 1);
    }
    td_tws_msg_init(&m, TD_TWS_REQ_MKT_DATA);
    assert_int_equal(td_tws_send(&tws, &m), TD_EAGAIN); /* not ready yet, and not refused */
    assert_int_equal(tws.orders_refused, TD_COUNT(kinds));
}

int main(void)
{
#define ROW(name) cmocka_unit_test_teardown(name, bench_close)
    const struct CMUnitTest tests[] = {
        ROW(a_market_order_takes_the_quote_and_no_more_than_it_shows),
        ROW(a_limit_rests_and_fills_when_it_is_crossed),
        ROW(a_limit_in_the_market_is_never_better_than_the_quote),
        ROW(a_stop_waits_for_a_trade),
        ROW(of_a_group_one_fills_and_the_other_ends),
        ROW(slippage_makes_market_orders_worse_and_limits_not),
        ROW(nothing_fills_on_delayed_stale_or_crossed_data),
        ROW(nothing_fills_while_the_market_is_closed_or_paused),
        ROW(orders_end_with_their_day),
        ROW(changes_and_cancels_are_answered),
        ROW(latency_is_waited_for_both_ways),
        ROW(the_account_is_cash_and_what_is_held),
        ROW(what_the_blotter_has_is_revived),
        ROW(the_core_encodes_no_order_of_such_a_session),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
