/* tests/trade/risk_test.c - every gate alone, every pair of gates, reducing orders, the seal, branches. */
#include "support/support.h"

#include <string.h>

#include "trade/risk.h"

#define NOW (INT64_C(1700000000) * TD_SEC)

struct scene {
    struct td_tick_rule ticks;
    struct td_limits limits;
    struct td_gate_facts facts;
    struct td_intent intent;
    struct td_recent recent;
};

static void open_scene(struct scene *s)
{
    memset(s, 0, sizeof *s);
    s->limits = (struct td_limits){
        .order_qty_max = TD_QTY(100),
        .position_max = TD_QTY(200),
        .order_value_max = TD_CASH(20000),
        .day_value_max = TD_CASH(100000),
        .day_loss_max = TD_CASH(500),
        .trades_max = 20,
        .open_orders_max = 4,
        .orders_per_minute = 10,
        .collar_e9 = 20000000,
        .spread_e9 = 10000000,
        .quote_age_max = 2 * TD_SEC,
        .decision_age_max = 100 * TD_MS,
        .duplicate_window = 5 * TD_SEC,
    };
    enum td_fact *facts = &s->facts.allow_orders;
    for (size_t i = 0; i < offsetof(struct td_gate_facts, quote) / sizeof *facts; i++)
        facts[i] = TD_FACT_YES;
    s->facts.quote = (struct td_quote){{99990000000}, {100010000000}, TD_QTY(10), TD_QTY(10)};
    s->facts.quote_recv_ns = NOW - TD_SEC;
    s->facts.inst = 1;
    td_tick_rule_one(&s->ticks, (td_px){10000000});
    s->facts.ticks = &s->ticks;
    s->facts.multiplier = TD_QTY(1);
    s->facts.own_bid = s->facts.own_ask = TD_PX_NONE;
    s->facts.now = NOW;
    s->intent = (struct td_intent){.strength = 1,
                                   .action = TD_BUY,
                                   .type = TD_ORDER_MARKET,
                                   .qty = TD_QTY(10),
                                   .limit = TD_PX_NONE,
                                   .stop = TD_PX_NONE,
                                   .reference = TD_PX(100),
                                   .decided_ns = NOW - 50 * TD_MS};
}

static void remember_same(struct scene *s, td_ns at)
{
    s->recent.rows[0].at = at;
    s->recent.rows[0].inst = 1;
    s->recent.rows[0].qty = TD_QTY(10);
    s->recent.rows[0].limit = TD_PX_NONE;
    s->recent.count = 1;
}

/* Closes one gate and, as far as a scene can, no other. */
static void close_gate(struct scene *s, enum td_gate gate)
{
    static const size_t plain[TD_GATE_COUNT] = {
        [TD_GATE_ALLOW_ORDERS] = offsetof(struct td_gate_facts, allow_orders),
        [TD_GATE_DRY_RUN] = offsetof(struct td_gate_facts, dry_run_off),
        [TD_GATE_ORDER_EXEC] = offsetof(struct td_gate_facts, order_exec),
        [TD_GATE_MODE] = offsetof(struct td_gate_facts, mode_agrees),
        [TD_GATE_CONFIRM_LIVE] = offsetof(struct td_gate_facts, live_confirmed),
        [TD_GATE_JOURNAL] = offsetof(struct td_gate_facts, journal_ok),
        [TD_GATE_SESSION] = offsetof(struct td_gate_facts, session_ready),
        [TD_GATE_WINDOW] = offsetof(struct td_gate_facts, outside_window),
        [TD_GATE_QUALIFIED] = offsetof(struct td_gate_facts, qualified),
        [TD_GATE_CLOCK] = offsetof(struct td_gate_facts, clock_ok),
        [TD_GATE_HALT] = offsetof(struct td_gate_facts, not_halted),
        [TD_GATE_DISK] = offsetof(struct td_gate_facts, disk_ok),
        [TD_GATE_SYMBOL] = offsetof(struct td_gate_facts, symbol_allowed),
        [TD_GATE_MARKET_OPEN] = offsetof(struct td_gate_facts, market_open),
        [TD_GATE_QUOTE] = offsetof(struct td_gate_facts, quote_live),
        [TD_GATE_BOOK] = offsetof(struct td_gate_facts, book_ok),
    };
    if (plain[gate] || gate == TD_GATE_ALLOW_ORDERS) {
        const enum td_fact no = s->facts.now % 2 ? TD_FACT_UNKNOWN : TD_FACT_NO;
        memcpy((char *)&s->facts + plain[gate], &no, sizeof no);
    } else if (gate == TD_GATE_FORM) {
        s->intent.action = 2;
    } else if (gate == TD_GATE_SPREAD) {
        s->limits.spread_e9 = 1000;
    } else if (gate == TD_GATE_TICK) {
        td_tick_rule_one(&s->ticks, (td_px){30000000});
        s->intent.stop = TD_PX(100);
    } else if (gate == TD_GATE_COLLAR) {
        s->intent.stop = TD_PX(150);
    } else if (gate == TD_GATE_DECISION_AGE) {
        s->intent.decided_ns = NOW - TD_SEC;
    } else if (gate == TD_GATE_ORDER_SIZE) {
        s->limits.order_qty_max = TD_QTY(9);
    } else if (gate == TD_GATE_ORDER_VALUE) {
        s->limits.order_value_max = TD_CASH(1000);
    } else if (gate == TD_GATE_DAY_VALUE) {
        s->facts.day_value = TD_CASH(99900);
    } else if (gate == TD_GATE_POSITION) {
        s->limits.position_max = TD_QTY(9);
    } else if (gate == TD_GATE_SHORT_SALE) {
        s->intent.action = TD_SELL;
    } else if (gate == TD_GATE_OPEN_ORDERS) {
        s->facts.open_orders = 4;
    } else if (gate == TD_GATE_TRADES_TODAY) {
        s->facts.trades_today = 20;
    } else if (gate == TD_GATE_DAY_LOSS) {
        s->facts.day_pnl = TD_CASH(-500);
    } else if (gate == TD_GATE_RATE) {
        s->limits.orders_per_minute = 0;
    } else if (gate == TD_GATE_DUPLICATE) {
        remember_same(s, NOW - 4 * TD_SEC);
        if (s->intent.action <= TD_SELL)
            s->recent.rows[0].action = s->intent.action;
    } else if (gate == TD_GATE_SELF_CROSS) {
        s->facts.own_ask = TD_PX(101);
        s->facts.own_bid = TD_PX(99);
    }
}

static bool approved(struct scene *s, struct td_verdict *v)
{
    td_risk_check(&s->limits, &s->facts, &s->intent, &s->recent, v);
    return v->approved;
}

static void all_open_passes(void **state)
{
    (void)state;
    struct scene s;
    struct td_verdict v;
    open_scene(&s);
    assert_true(approved(&s, &v));
    assert_true(td_risk_sealed(&v.order));
    assert_int_equal(v.order.value.e9, 1000100000000);
    assert_int_equal(s.recent.count, 1);
    v.order.intent.qty = TD_QTY(11);
    assert_false(td_risk_sealed(&v.order));
}

static void each_gate_alone_and_in_pairs(void **state)
{
    (void)state;
    int pairs = 0;
    for (int a = 0; a < TD_GATE_COUNT; a++)
        for (int b = a; b < TD_GATE_COUNT; b++) {
            struct scene s;
            struct td_verdict v;
            open_scene(&s);
            close_gate(&s, (enum td_gate)a);
            close_gate(&s, (enum td_gate)b);
            assert_false(approved(&s, &v));
            assert_int_equal(s.recent.count, a == TD_GATE_DUPLICATE || b == TD_GATE_DUPLICATE);
            if (a == b) {
                assert_int_equal(v.gate, a);
                assert_true(strncmp(v.text, td_gate_name((enum td_gate)a),
                                    strlen(td_gate_name((enum td_gate)a))) == 0);
            }
            pairs++;
        }
    assert_int_equal(pairs, TD_GATE_COUNT * (TD_GATE_COUNT + 1) / 2);
}

static void reducing_orders_pass_the_halt_and_its_kin(void **state)
{
    (void)state;
    for (int gate = 0; gate < TD_GATE_COUNT; gate++) {
        struct scene s;
        struct td_verdict v;
        open_scene(&s);
        s.facts.position = TD_QTY(50);
        s.intent.action = TD_SELL;
        s.intent.qty = TD_QTY(10);
        if (gate == TD_GATE_SHORT_SALE)
            continue;
        close_gate(&s, (enum td_gate)gate);
        assert_int_equal(approved(&s, &v), td_gate_lets_reducing((enum td_gate)gate));
        if (v.approved)
            assert_true(v.order.reducing);
    }
    struct scene s;
    struct td_verdict v;
    open_scene(&s);
    s.facts.position = TD_QTY(50);
    s.facts.not_halted = TD_FACT_NO;
    s.intent.action = TD_SELL;
    s.intent.qty = TD_QTY(51); /* would flip: not reducing */
    assert_false(approved(&s, &v));
    s.intent.qty = TD_QTY(50);
    s.facts.working_sell = TD_QTY(1); /* with what is working it would flip */
    assert_false(approved(&s, &v));
    s.facts.working_sell = TD_QTY(0);
    assert_true(approved(&s, &v));
    s.facts.position = TD_QTY(-5);
    s.intent.action = TD_BUY;
    s.intent.qty = TD_QTY(5);
    assert_true(td_risk_reduces(&s.facts, &s.intent));
    s.facts.position = TD_QTY_NONE;
    assert_false(td_risk_reduces(&s.facts, &s.intent));
    s.facts.position = TD_QTY(-5);
    s.facts.working_buy = TD_QTY_NONE;
    assert_false(td_risk_reduces(&s.facts, &s.intent));
    s.facts.working_buy = TD_QTY(-1);
    assert_false(td_risk_reduces(&s.facts, &s.intent));
    s.facts.working_buy = TD_QTY(0);
    s.intent.action = TD_SELL;
    assert_false(td_risk_reduces(&s.facts, &s.intent));
}

static enum td_gate gate_of(struct scene *s)
{
    struct td_verdict v;
    td_risk_check(&s->limits, &s->facts, &s->intent, &s->recent, &v);
    return v.gate;
}

static void malformed_intents(void **state)
{
    (void)state;
    struct scene s;
    for (int i = 0; i < 8; i++) {
        open_scene(&s);
        if (i == 0)
            s.intent.type = 4;
        if (i == 1)
            s.intent.qty = TD_QTY(0);
        if (i == 2)
            s.intent.qty = TD_QTY_NONE;
        if (i == 3)
            s.intent.qty = TD_QTY(-1);
        if (i == 4)
            s.intent.type = TD_ORDER_LIMIT;
        if (i == 5) {
            s.intent.type = TD_ORDER_LIMIT;
            s.intent.limit = TD_PX(0);
        }
        if (i == 6)
            s.intent.type = TD_ORDER_STOP;
        if (i == 7) {
            s.intent.type = TD_ORDER_STOP_LIMIT;
            s.intent.limit = TD_PX(100);
        }
        assert_int_equal(gate_of(&s), TD_GATE_FORM);
    }
    open_scene(&s);
    s.intent.type = TD_ORDER_STOP_LIMIT;
    s.intent.limit = s.intent.stop = TD_PX(100);
    assert_int_equal(gate_of(&s), TD_GATE_COUNT);
    open_scene(&s);
    s.intent.type = TD_ORDER_STOP;
    s.intent.stop = TD_PX(101);
    assert_int_equal(gate_of(&s), TD_GATE_COUNT);
}

static void quotes_must_be_whole_fresh_and_uncrossed(void **state)
{
    (void)state;
    struct scene s;
    for (int i = 0; i < 6; i++) {
        open_scene(&s);
        if (i == 0)
            s.facts.quote.bid = TD_PX_NONE;
        if (i == 1)
            s.facts.quote.ask = TD_PX_NONE;
        if (i == 2)
            s.facts.quote.bid = TD_PX(101);
        if (i == 3)
            s.facts.quote_recv_ns = NOW - 3 * TD_SEC;
        if (i == 4)
            s.facts.quote_recv_ns = NOW + 1;
        if (i == 5)
            s.facts.quote.bid = TD_PX(0);
        assert_int_equal(gate_of(&s), TD_GATE_QUOTE);
    }
    open_scene(&s);
    s.intent.decided_ns = NOW + 1;
    assert_int_equal(gate_of(&s), TD_GATE_DECISION_AGE);
}

static void prices_and_values(void **state)
{
    (void)state;
    struct scene s;
    open_scene(&s);
    s.intent.type = TD_ORDER_LIMIT;
    s.intent.limit = (td_px){100005000000};
    assert_int_equal(gate_of(&s), TD_GATE_TICK);
    s.intent.limit = TD_PX(100);
    assert_int_equal(gate_of(&s), TD_GATE_COUNT);
    s.intent.stop = (td_px){100005000000};
    assert_int_equal(gate_of(&s), TD_GATE_TICK);
    s.intent.stop = TD_PX_NONE;
    s.facts.ticks = NULL; /* not known: closed */
    assert_int_equal(gate_of(&s), TD_GATE_TICK);
    s.facts.ticks = &s.ticks;
    s.ticks.count = 0;
    assert_int_equal(gate_of(&s), TD_GATE_TICK);
    /* Below one dollar a hundredth of a cent, above it a cent: the step at the price decides. */
    static const struct td_tick_step us_stock[] = {{{0}, {100000}}, {{TD_E9}, {10000000}}};
    TD_OK_OR_FAIL(td_tick_rule_set(&s.ticks, us_stock, 2));
    s.intent.limit = (td_px){100000100000};
    assert_int_equal(gate_of(&s), TD_GATE_TICK);
    s.facts.quote = (struct td_quote){{999900000}, {1000000000}, TD_QTY(10), TD_QTY(10)};
    s.intent.limit = (td_px){999900000};
    s.recent.count = 0;
    assert_int_equal(gate_of(&s), TD_GATE_COUNT);
    open_scene(&s);
    s.intent.type = TD_ORDER_LIMIT;
    s.intent.limit = TD_PX(103);
    assert_int_equal(gate_of(&s), TD_GATE_COLLAR);
    s.intent.limit = TD_PX(97);
    assert_int_equal(gate_of(&s), TD_GATE_COLLAR);
    s.limits.collar_e9 = TD_E9_NONE;
    assert_int_equal(gate_of(&s), TD_GATE_COLLAR);
    open_scene(&s);
    s.facts.multiplier = TD_QTY_NONE; /* the value cannot be known */
    assert_int_equal(gate_of(&s), TD_GATE_ORDER_VALUE);
    s.facts.multiplier = TD_QTY(9000000000);
    assert_int_equal(gate_of(&s), TD_GATE_ORDER_VALUE);
    open_scene(&s);
    s.facts.quote.bid = s.facts.quote.ask = (td_px){1}; /* no mid to measure the spread against */
    assert_int_equal(gate_of(&s), TD_GATE_SPREAD);
    open_scene(&s);
    s.facts.day_value = TD_CASH_NONE;
    assert_int_equal(gate_of(&s), TD_GATE_DAY_VALUE);
    open_scene(&s);
    s.facts.day_pnl = TD_CASH_NONE;
    assert_int_equal(gate_of(&s), TD_GATE_DAY_LOSS);
}

static void positions_count_what_is_working(void **state)
{
    (void)state;
    struct scene s;
    open_scene(&s);
    s.facts.position = TD_QTY(150);
    s.facts.working_buy = TD_QTY(41);
    assert_int_equal(gate_of(&s), TD_GATE_POSITION);
    s.facts.working_buy = TD_QTY(40);
    assert_int_equal(gate_of(&s), TD_GATE_COUNT);
    open_scene(&s);
    s.facts.working_buy = TD_QTY(-1);
    assert_int_equal(gate_of(&s), TD_GATE_POSITION);
    s.facts.working_buy = TD_QTY_NONE;
    assert_int_equal(gate_of(&s), TD_GATE_POSITION);
    open_scene(&s);
    s.facts.position = TD_QTY_NONE;
    assert_int_equal(gate_of(&s), TD_GATE_POSITION);
    open_scene(&s);
    s.limits.allow_short = true;
    s.intent.action = TD_SELL;
    s.facts.position = TD_QTY(-190);
    assert_int_equal(gate_of(&s), TD_GATE_COUNT);
    s.facts.position = TD_QTY(-191);
    assert_int_equal(gate_of(&s), TD_GATE_POSITION);
    open_scene(&s);
    s.intent.action = TD_SELL;
    s.facts.position = TD_QTY(30);
    s.facts.working_sell = TD_QTY(21);
    assert_int_equal(gate_of(&s), TD_GATE_SHORT_SALE);
    s.facts.working_sell = TD_QTY(20);
    assert_int_equal(gate_of(&s), TD_GATE_COUNT);
}

static void rate_duplicates_and_self_cross(void **state)
{
    (void)state;
    struct scene s;
    struct td_verdict v;
    open_scene(&s);
    for (int i = 0; i < 10; i++) {
        s.intent.qty = TD_QTY(i + 1);
        assert_true(approved(&s, &v));
    }
    s.intent.qty = TD_QTY(50);
    assert_int_equal(gate_of(&s), TD_GATE_RATE);
    s.facts.now += TD_MIN;
    s.facts.quote_recv_ns = s.intent.decided_ns = s.facts.now;
    assert_int_equal(gate_of(&s), TD_GATE_COUNT);
    assert_int_equal(gate_of(&s), TD_GATE_DUPLICATE);
    s.facts.inst = 2;
    assert_int_equal(gate_of(&s), TD_GATE_COUNT);
    s.limits.orders_per_minute = 100000;
    for (int i = 0; i < TD_RECENT_MAX; i++) {
        s.facts.inst = 100 + (uint32_t)i;
        gate_of(&s);
    }
    assert_int_equal(gate_of(&s), TD_GATE_RATE); /* the memory itself is the last limit */
    open_scene(&s);
    s.facts.own_ask = TD_PX(101);
    s.intent.type = TD_ORDER_LIMIT;
    s.intent.limit = TD_PX(101);
    assert_int_equal(gate_of(&s), TD_GATE_SELF_CROSS);
    s.intent.limit = TD_PX(100);
    assert_int_equal(gate_of(&s), TD_GATE_COUNT);
    open_scene(&s);
    s.facts.own_bid = TD_PX(99);
    s.facts.position = TD_QTY(100);
    s.intent.action = TD_SELL;
    s.intent.type = TD_ORDER_LIMIT;
    s.intent.limit = TD_PX(99);
    assert_int_equal(gate_of(&s), TD_GATE_SELF_CROSS);
    s.intent.limit = TD_PX(100);
    assert_int_equal(gate_of(&s), TD_GATE_COUNT);
    s.intent.type = TD_ORDER_STOP;
    s.intent.stop = TD_PX(99);
    assert_int_equal(gate_of(&s), TD_GATE_SELF_CROSS);
    assert_string_equal(td_gate_name(TD_GATE_COUNT), "?");
    assert_string_equal(td_gate_text(TD_GATE_COUNT), "unknown gate");
    assert_false(td_gate_lets_reducing(TD_GATE_COUNT));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_open_passes),
        cmocka_unit_test(each_gate_alone_and_in_pairs),
        cmocka_unit_test(reducing_orders_pass_the_halt_and_its_kin),
        cmocka_unit_test(malformed_intents),
        cmocka_unit_test(quotes_must_be_whole_fresh_and_uncrossed),
        cmocka_unit_test(prices_and_values),
        cmocka_unit_test(positions_count_what_is_working),
        cmocka_unit_test(rate_duplicates_and_self_cross),
    };
    return cmocka_run_group_tests_name("trade/risk", tests, NULL, NULL);
}
