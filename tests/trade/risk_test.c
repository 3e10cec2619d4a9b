/* tests/trade/risk_test.c - every gate alone, every pair of gates, reducing orders, the seal, branches. */
#include "support/support.h"

#include <stdio.h>
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
    static const int64_t limits[TD_LIMIT_COUNT] = {
        [TD_LIMIT_ORDER_SIZE] = 100 * TD_E9,
        [TD_LIMIT_POSITION] = 200 * TD_E9,
        [TD_LIMIT_ORDER_VALUE] = 20000 * TD_E9,
        [TD_LIMIT_DAY_VALUE] = 100000 * TD_E9,
        [TD_LIMIT_DAY_LOSS] = 500 * TD_E9,
        [TD_LIMIT_TRADES] = 20,
        [TD_LIMIT_OPEN_ORDERS] = 4,
        [TD_LIMIT_RATE] = 10,
        [TD_LIMIT_COLLAR] = 20000000,
        [TD_LIMIT_COLLAR_LOW] = 50000000,
        [TD_LIMIT_SPREAD] = 10000000,
        [TD_LIMIT_QUOTE_AGE] = 2 * TD_SEC,
        [TD_LIMIT_DECISION_AGE] = 100 * TD_MS,
        [TD_LIMIT_DUPLICATE] = 5 * TD_SEC,
        [TD_LIMIT_OPEN_POSITIONS] = 5,
        [TD_LIMIT_LEVERAGE] = 2 * TD_E9,
        [TD_LIMIT_SYMBOL_EXPOSURE] = 500000000,
        [TD_LIMIT_SECTOR_EXPOSURE] = 600000000,
        [TD_LIMIT_CORRELATION] = 700000000,
        [TD_LIMIT_HEAT] = 60000000,
        [TD_LIMIT_VOLUME] = 1000 * TD_E9,
        [TD_LIMIT_MARKET_CAP] = 1000000 * TD_E9,
        [TD_LIMIT_DAY_TRADES] = 1,
    };
    memcpy(s->limits.value, limits, sizeof limits);
    s->facts.equity = TD_CASH(100000);
    s->facts.gross_value = s->facts.symbol_value = s->facts.sector_value = TD_CASH(1000);
    s->facts.day_volume = TD_QTY(5000);
    s->facts.market_cap = TD_CASH(2000000);
    s->facts.day_trades_left = 3;
    s->facts.open_positions = 1;
    enum td_fact *facts = &s->facts.allow_orders;
    const size_t first = offsetof(struct td_gate_facts, allow_orders),
                 end = offsetof(struct td_gate_facts, market_open);
    for (size_t i = 0; i <= (end - first) / sizeof *facts + 2; i++) /* two follow it */
        facts[i] = TD_FACT_YES;
    s->facts.quote = (struct td_quote){{99990000000}, {100010000000}, TD_QTY(10), TD_QTY(10)};
    s->facts.quote_recv_ns = NOW - TD_SEC;
    s->facts.inst = 1;
    td_tick_rule_one(&s->ticks, (td_px){10000000});
    s->facts.ticks = &s->ticks;
    s->facts.multiplier = TD_QTY(1);
    s->facts.own_bid = s->facts.own_ask = TD_PX_NONE;
    s->facts.now = s->facts.mono = NOW;
    s->intent = (struct td_intent){.strength = 1,
                                   .action = TD_BUY,
                                   .type = TD_ORDER_MARKET,
                                   .qty = TD_QTY(10),
                                   .limit = TD_PX_NONE,
                                   .stop = TD_PX_NONE,
                                   .reference = TD_PX(100),
                                   .decided_ns = NOW - 50 * TD_MS};
}

/* A stop under what is held is meant to be away from the market; a sale far under the market is not. */
static void the_collar_lets_harmless_exits_be(void **state)
{
    (void)state;
    static const struct {
        enum td_action action;
        int64_t position, limit, stop;
        bool open;
    } rows[] = {
        {TD_SELL, 10, 0, 90, true},   {TD_SELL, 10, 0, 110, true},  {TD_SELL, 10, 110, 0, true},
        {TD_SELL, 10, 90, 0, false},  {TD_BUY, -10, 0, 110, true},  {TD_BUY, -10, 90, 0, true},
        {TD_BUY, -10, 110, 0, false}, {TD_SELL, 0, 0, 90, false},   {TD_SELL, 9, 0, 90, false},
        {TD_SELL, 10, 90, 90, false}, {TD_SELL, 10, 110, 90, true},
    };
    for (size_t i = 0; i < TD_COUNT(rows); i++) {
        struct scene s;
        open_scene(&s);
        s.limits.value[TD_LIMIT_SHORT_SALE] = 1;
        s.intent.action = (uint8_t)rows[i].action;
        s.facts.position = TD_QTY(rows[i].position);
        s.intent.type = (uint8_t)(rows[i].limit && rows[i].stop ? TD_ORDER_STOP_LIMIT
                                  : rows[i].limit               ? TD_ORDER_LIMIT
                                                                : TD_ORDER_STOP);
        s.intent.limit = rows[i].limit ? TD_PX(rows[i].limit) : TD_PX_NONE;
        s.intent.stop = rows[i].stop ? TD_PX(rows[i].stop) : TD_PX_NONE;
        assert_int_equal(td_gate_is_open(TD_GATE_COLLAR, &s.limits, &s.facts, &s.intent, &s.recent),
                         rows[i].open);
    }
}

static void a_refused_order_is_no_duplicate(void **state)
{
    (void)state;
    struct scene s;
    struct td_verdict v;
    open_scene(&s);
    td_risk_check(&s.limits, &s.facts, &s.intent, &s.recent, &v);
    assert_true(v.approved);
    td_risk_forget(&s.recent, 1, TD_SELL);
    td_risk_forget(&s.recent, 2, TD_BUY);
    td_risk_check(&s.limits, &s.facts, &s.intent, &s.recent, &v);
    assert_false(v.approved);
    assert_int_equal(v.gate, TD_GATE_DUPLICATE);
    td_risk_forget(&s.recent, 1, TD_BUY);
    td_risk_check(&s.limits, &s.facts, &s.intent, &s.recent, &v);
    assert_true(v.approved);
    td_risk_check(&s.limits, &s.facts, &s.intent, &s.recent, &v);
    assert_false(v.approved); /* the second one is remembered again */
}

static void remember_same(struct scene *s, td_ns at)
{
    s->recent.rows[0].at = at;
    s->recent.rows[0].inst = 1;
    s->recent.rows[0].qty = TD_QTY(10);
    s->recent.rows[0].limit = TD_PX_NONE;
    s->recent.count = 1;
}

static void close_exposure_gate(struct scene *s, enum td_gate gate)
{
    if (gate == TD_GATE_OPEN_POSITIONS) {
        s->facts.open_positions = 6;
    } else if (gate == TD_GATE_SYMBOL_EXPOSURE) {
        s->facts.symbol_value = TD_CASH(50000);
    } else if (gate == TD_GATE_LEVERAGE) {
        s->facts.gross_value = TD_CASH(200000);
    } else if (gate == TD_GATE_SECTOR) {
        s->facts.sector_value = TD_CASH(60000);
    } else if (gate == TD_GATE_CORRELATION) {
        s->facts.correlation_e9 = 800000000;
    } else if (gate == TD_GATE_HEAT) {
        s->facts.heat_e9 = 70000000;
    } else if (gate == TD_GATE_VOLUME) {
        s->facts.day_volume = TD_QTY(999);
    } else if (gate == TD_GATE_MARKET_CAP) {
        s->facts.market_cap = TD_CASH(999999);
    } else if (gate == TD_GATE_EXIT) {
        s->intent.exit = true;
        s->facts.working_sell = s->facts.working_buy =
            TD_QTY(1000); /* it closes all of it already */
    } else if (gate == TD_GATE_DAY_TRADES) {
        s->facts.day_trades_left = 0;
    }
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
        [TD_GATE_FROZEN] = offsetof(struct td_gate_facts, not_frozen),
        [TD_GATE_EXPIRY] = offsetof(struct td_gate_facts, not_expiring),
        [TD_GATE_RESTRICTED] = offsetof(struct td_gate_facts, not_restricted),
        [TD_GATE_REDUCE_ONLY] = offsetof(struct td_gate_facts, not_reduce_only),
        [TD_GATE_UNKNOWN_ORDER] = offsetof(struct td_gate_facts, orders_known),
        [TD_GATE_STRATEGY] = offsetof(struct td_gate_facts, strategy_on),
        [TD_GATE_BREAKER] = offsetof(struct td_gate_facts, breaker_closed),
        [TD_GATE_DATA] = offsetof(struct td_gate_facts, data_valid),
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
        s->limits.value[TD_LIMIT_SPREAD] = 1000;
    } else if (gate == TD_GATE_TICK) {
        td_tick_rule_one(&s->ticks, (td_px){30000000});
        s->intent.stop = TD_PX(100);
    } else if (gate == TD_GATE_COLLAR) {
        s->intent.limit = TD_PX(50);
    } else if (gate == TD_GATE_DECISION_AGE) {
        s->intent.decided_ns = NOW - TD_SEC;
    } else if (gate == TD_GATE_ORDER_SIZE) {
        s->limits.value[TD_LIMIT_ORDER_SIZE] = TD_QTY(9).e9;
    } else if (gate == TD_GATE_ORDER_VALUE) {
        s->limits.value[TD_LIMIT_ORDER_VALUE] = TD_CASH(1000).e9;
    } else if (gate == TD_GATE_DAY_VALUE) {
        s->facts.day_value = TD_CASH(99900);
    } else if (gate == TD_GATE_POSITION) {
        s->limits.value[TD_LIMIT_POSITION] = TD_QTY(9).e9;
    } else if (gate == TD_GATE_SHORT_SALE) {
        s->intent.action = TD_SELL;
    } else if (gate == TD_GATE_OPEN_ORDERS) {
        s->facts.open_orders = 4;
    } else if (gate == TD_GATE_TRADES_TODAY) {
        s->facts.trades_today = 20;
    } else if (gate == TD_GATE_DAY_LOSS) {
        s->facts.day_pnl = TD_CASH(-500);
    } else if (gate == TD_GATE_RATE) {
        s->limits.value[TD_LIMIT_RATE] = 0;
    } else if (gate == TD_GATE_DUPLICATE) {
        remember_same(s, NOW - 4 * TD_SEC);
        if (s->intent.action <= TD_SELL)
            s->recent.rows[0].action = s->intent.action;
    } else if (gate == TD_GATE_SELF_CROSS) {
        s->facts.own_ask = TD_PX(101);
        s->facts.own_bid = TD_PX(99);
    }
    close_exposure_gate(s, gate);
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
            continue; /* a sale of what is held is no short sale */
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
    s.limits.value[TD_LIMIT_COLLAR] = TD_LIMIT_OFF;
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
    s.limits.value[TD_LIMIT_SHORT_SALE] = 1;
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

/* What should be there and is not closes; what may be off and is off opens; what is on and not known closes. */
static void limits_that_are_missing_off_or_not_known(void **state)
{
    (void)state;
    for (int gate = 0; gate < TD_GATE_COUNT; gate++) {
        const enum td_limit limit = td_gate_limit((enum td_gate)gate);
        struct scene s;
        if (limit == TD_LIMIT_NONE || limit == TD_LIMIT_COLLAR || limit == TD_LIMIT_DUPLICATE ||
            limit == TD_LIMIT_SHORT_SALE)
            continue; /* no number, looked at below, or nothing to compare in this scene */
        open_scene(&s);
        s.limits.value[limit] = TD_LIMIT_OFF;
        assert_int_equal(gate_of(&s), td_limit_needed(limit) ? gate : TD_GATE_COUNT);
    }
    static const enum td_gate on[] = {TD_GATE_SECTOR, TD_GATE_CORRELATION, TD_GATE_HEAT,
                                      TD_GATE_VOLUME, TD_GATE_MARKET_CAP,  TD_GATE_DAY_TRADES};
    for (size_t i = 0; i < TD_COUNT(on); i++) {
        struct scene s;
        open_scene(&s);
        s.facts.sector_value = on[i] == TD_GATE_SECTOR ? TD_CASH_NONE : TD_CASH(0);
        s.facts.correlation_e9 = on[i] == TD_GATE_CORRELATION ? TD_E9_NONE : 0;
        s.facts.heat_e9 = on[i] == TD_GATE_HEAT ? TD_E9_NONE : 0;
        s.facts.day_volume = on[i] == TD_GATE_VOLUME ? TD_QTY_NONE : TD_QTY(2000);
        s.facts.market_cap = on[i] == TD_GATE_MARKET_CAP ? TD_CASH_NONE : TD_CASH(2000000);
        s.facts.day_trades_left = on[i] == TD_GATE_DAY_TRADES ? INT32_MIN : -1;
        assert_int_equal(gate_of(&s), on[i]);
    }
    struct scene s;
    open_scene(&s);
    s.facts.equity = TD_CASH_NONE;
    assert_int_equal(gate_of(&s), TD_GATE_SYMBOL_EXPOSURE);
    open_scene(&s); /* below 5 the collar is wider */
    s.facts.quote = (struct td_quote){{3990000000}, {4010000000}, TD_QTY(10), TD_QTY(10)};
    s.intent.type = TD_ORDER_LIMIT;
    s.intent.limit = (td_px){4160000000};
    assert_int_equal(gate_of(&s), TD_GATE_COUNT);
    s.recent.count = 0;
    s.intent.limit = (td_px){4210000000};
    assert_int_equal(gate_of(&s), TD_GATE_COLLAR);
    open_scene(&s); /* a sixth symbol, while five are held */
    s.facts.open_positions = 5;
    assert_int_equal(gate_of(&s), TD_GATE_OPEN_POSITIONS);
    s.facts.position = TD_QTY(1);
    assert_int_equal(gate_of(&s), TD_GATE_COUNT);
}

/* The page, and the words of a refusal. */
static void gates_say_what_they_are(void **state)
{
    (void)state;
    static char text[16384];
    struct td_text t;
    struct scene s;
    struct td_verdict v;
    td_text_init(&t, text, sizeof text);
    td_gate_describe(&t);
    assert_false(td_text_full(&t));
    open_scene(&s);
    s.intent.qty = TD_QTY(101);
    assert_false(approved(&s, &v));
    assert_string_equal(v.text, "ORDER_SIZE: the order is larger than the size limit, limit 100");
    for (int i = 0; i < TD_GATE_COUNT; i++) {
        open_scene(&s);
        assert_true(td_gate_is_open((enum td_gate)i, &s.limits, &s.facts, &s.intent, &s.recent));
        close_gate(&s, (enum td_gate)i);
        assert_false(td_gate_is_open((enum td_gate)i, &s.limits, &s.facts, &s.intent, &s.recent));
    }
    for (int i = 0; i < TD_LIMIT_COUNT; i++) {
        td_text_reset(&t);
        td_limit_print((enum td_limit)i, TD_LIMIT_OFF, &t);
        td_text_char(&t, ' ');
        td_limit_print((enum td_limit)i, 1000000000, &t);
        const enum td_limit_unit unit = td_limit_unit((enum td_limit)i);
        (void)snprintf(text + 8000, 64, "%s %s",
                       td_limit_needed((enum td_limit)i) ? "missing" : "off",
                       unit == TD_UNIT_COUNT  ? "1000000000"
                       : unit == TD_UNIT_TIME ? "1000 ms"
                                              : "1");
        text[t.len] = '\0';
        assert_string_equal(text, text + 8000);
        assert_true(*td_limit_name((enum td_limit)i) && *td_limit_meaning((enum td_limit)i));
    }
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
    s.facts.mono += TD_MIN;
    s.facts.quote_recv_ns = s.intent.decided_ns = s.facts.now;
    assert_int_equal(gate_of(&s), TD_GATE_COUNT);
    assert_int_equal(gate_of(&s), TD_GATE_DUPLICATE);
    s.facts.inst = 2;
    assert_int_equal(gate_of(&s), TD_GATE_COUNT);
    s.limits.value[TD_LIMIT_RATE] = 100000;
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
    s.intent.type = TD_ORDER_MARKET;
    assert_int_equal(gate_of(&s), TD_GATE_SELF_CROSS);
    s.intent.type = TD_ORDER_STOP; /* it sleeps until the market comes to it */
    s.intent.stop = TD_PX(99);
    s.intent.qty = TD_QTY(11);
    assert_int_equal(gate_of(&s), TD_GATE_COUNT);
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
        cmocka_unit_test(limits_that_are_missing_off_or_not_known),
        cmocka_unit_test(gates_say_what_they_are),
        cmocka_unit_test(rate_duplicates_and_self_cross),
        cmocka_unit_test(the_collar_lets_harmless_exits_be),
        cmocka_unit_test(a_refused_order_is_no_duplicate),
    };
    return cmocka_run_group_tests_name("trade/risk", tests, NULL, NULL);
}
