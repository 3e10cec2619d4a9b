/* tests/trade/mlrisk_test.c - each rule alone at its limit and past it, what is not known, and worked sizes. */
#include "support/support.h"

#include <string.h>

#include "base/random.h"
#include "trade/mlrisk.h"

#define NOW (INT64_C(1763735400) * TD_SEC)

static struct td_mllimits limits;
static struct td_mlsignal signal;
static struct td_mlfacts facts;

/* A BUY of 10 at 100 that every rule lets pass. */
static void begin(void)
{
    td_mllimits_preset(&limits);
    signal = (struct td_mlsignal){.id = "a",
                                  .symbol = "SPY",
                                  .strategy = "alpha",
                                  .type = TD_MLSIGNAL_BUY,
                                  .confidence_e9 = 8 * TD_E9 / 10,
                                  .score_e9 = 9 * TD_E9 / 10,
                                  .quantity = TD_QTY(10),
                                  .price = TD_PX(100),
                                  .tolerance_e9 = TD_E9 / 1000,
                                  .at = NOW - TD_SEC,
                                  .until = NOW + 299 * TD_SEC};
    facts = (struct td_mlfacts){.now = NOW,
                                .here = true,
                                .mark = TD_PX(100),
                                .multiplier = TD_QTY(1),
                                .equity = TD_CASH(100000),
                                .sector_value = TD_CASH_NONE,
                                .correlation_e9 = TD_E9_NONE,
                                .score_e9 = TD_E9_NONE,
                                .units_max = TD_QTY_NONE,
                                .value_max = TD_CASH_NONE};
}

static struct td_mlverdict check(void)
{
    struct td_mlverdict v;
    td_mlrisk_check(&limits, &signal, &facts, &v);
    return v;
}

static void expect_at(enum td_mlrule rule, int line)
{
    const struct td_mlverdict v = check();
    if (v.rule != rule)
        fail_msg("line %d: %s (%s), expected %s", line, td_mlrule_name(v.rule), v.text,
                 td_mlrule_name(rule));
    assert_true(rule == TD_MLRULE_NONE ||
                strncmp(v.text, td_mlrule_name(rule), strlen(td_mlrule_name(rule))) == 0);
}
#define EXPECT(rule) expect_at(TD_MLRULE_##rule, __LINE__)

static void what_passes(void **state)
{
    (void)state;
    begin();
    EXPECT(NONE);
    assert_int_equal(check().qty.e9, 10 * TD_E9);
    assert_int_equal(check().reference.e9, 100 * TD_E9);
    signal.price = TD_PX_NONE; /* then by the mark at receipt */
    facts.mark = TD_PX(101);
    EXPECT(NONE);
    assert_int_equal(check().reference.e9, 101 * TD_E9);
}

static void rules_of_id_and_time(void **state)
{
    (void)state;
    begin();
    facts.seen = true;
    EXPECT(DUPLICATE);
    begin();
    signal.at = NOW + TD_MLSIGNAL_EARLY;
    EXPECT(NONE);
    signal.at++;
    EXPECT(CLOCK);
    begin();
    signal.until = NOW + 1;
    EXPECT(NONE);
    signal.until = NOW;
    EXPECT(AGE);
    begin();
    facts.here = false;
    EXPECT(SYMBOL);
}

static void rules_of_numbers(void **state)
{
    (void)state;
    begin();
    facts.signals = 99;
    EXPECT(NONE);
    facts.signals = 100;
    EXPECT(SIGNALS);
    begin();
    facts.open = 49;
    EXPECT(NONE);
    facts.open = 50;
    EXPECT(CONCURRENT);
    assert_non_null(strstr(check().text, "51, limit 50 (ML_MAX_CONCURRENT_SIGNALS)"));
}

static void rules_of_the_model(void **state)
{
    (void)state;
    begin();
    signal.confidence_e9 = 6 * TD_E9 / 10;
    EXPECT(NONE);
    signal.confidence_e9--;
    EXPECT(CONFIDENCE);
    assert_non_null(strstr(check().text, "limit 0.6 (ML_MIN_CONFIDENCE)"));
    begin();
    signal.score_e9 = TD_E9 / 2;
    EXPECT(NONE);
    signal.score_e9--;
    EXPECT(MODEL_SCORE);
    signal.score_e9 = TD_E9_NONE; /* told by neither */
    EXPECT(MODEL_SCORE);
    assert_non_null(strstr(check().text, "not known, limit 0.5 (ML_MIN_MODEL_SCORE)"));
    facts.score_e9 = TD_E9;
    EXPECT(NONE);
    signal.score_e9 = 0; /* the signal's own word counts */
    EXPECT(MODEL_SCORE);
}

static void rules_of_the_price(void **state)
{
    (void)state;
    begin();
    facts.mark.e9 = INT64_C(100100000000);
    EXPECT(NONE);
    facts.mark.e9++;
    EXPECT(NONE); /* rounds to the tolerance */
    facts.mark.e9 = INT64_C(100100001000);
    EXPECT(PRICE);
    facts.mark.e9 = INT64_C(99899999000);
    EXPECT(PRICE);
    facts.mark = TD_PX_NONE;
    EXPECT(MARK);
}

static void rules_of_losses(void **state)
{
    (void)state;
    begin();
    facts.day_pnl.e9 = -10000 * TD_E9 + 1;
    EXPECT(NONE);
    facts.day_pnl.e9--;
    EXPECT(DAY_LOSS);
    assert_non_null(strstr(check().text, "10000, limit 10000 (ML_MAX_DAILY_LOSS)"));
    facts.day_pnl = TD_CASH_NONE;
    EXPECT(DAY_LOSS);
    begin();
    facts.position_pnl.e9 = -1000 * TD_E9 + 1;
    EXPECT(NONE);
    facts.position_pnl.e9--;
    EXPECT(POSITION_LOSS);
    facts.position_pnl = TD_CASH_NONE;
    EXPECT(POSITION_LOSS);
}

/* Each part of the equity: the order is 1000 of 100,000. */
static void part_at(enum td_mlrule rule, td_cash *used, int64_t limit_money, int line)
{
    begin();
    limits.value[TD_MLLIMIT_SECTOR] = 3 * TD_E9 / 10;
    facts.sector_value = TD_CASH(0);
    *used = TD_CASH(limit_money - 1000);
    expect_at(TD_MLRULE_NONE, line);
    used->e9 += 100000;
    expect_at(rule, line);
    *used = TD_CASH_NONE;
    expect_at(rule, line);
}

static void rules_of_parts(void **state)
{
    (void)state;
    part_at(TD_MLRULE_SINGLE, &facts.symbol_value, 10000, __LINE__);
    part_at(TD_MLRULE_EXPOSURE, &facts.gross, 80000, __LINE__);
    part_at(TD_MLRULE_SECTOR, &facts.sector_value, 30000, __LINE__);
    part_at(TD_MLRULE_STRATEGY, &facts.strategy_value, 40000, __LINE__);
    begin();
    facts.equity = TD_CASH_NONE;
    EXPECT(SINGLE);
    begin();
    limits.value[TD_MLLIMIT_CORRELATION] = TD_E9 / 2;
    EXPECT(CORRELATION); /* set, and not known */
    facts.correlation_e9 = TD_E9 / 2;
    EXPECT(NONE);
    facts.correlation_e9++;
    EXPECT(CORRELATION);
    begin(); /* off: not looked at, known or not */
    EXPECT(NONE);
}

static void rule_of_the_size(void **state)
{
    (void)state;
    begin();
    facts.equity = TD_CASH(9000000000);
    signal.quantity = TD_QTY(10000);
    EXPECT(NONE);
    signal.quantity.e9++;
    EXPECT(SIZE);
}

static void a_close_closes_what_is_held_and_no_limit_stops_it(void **state)
{
    (void)state;
    begin();
    signal.type = TD_MLSIGNAL_CLOSE_LONG;
    signal.quantity = TD_QTY(0);
    EXPECT(HELD);
    facts.closable = TD_QTY(7);
    assert_int_equal(check().qty.e9, 7 * TD_E9);
    signal.quantity = TD_QTY(-3);
    assert_int_equal(check().qty.e9, 3 * TD_E9);
    signal.quantity = TD_QTY(-30);
    assert_int_equal(check().qty.e9, 7 * TD_E9);
    signal.confidence_e9 = 0; /* all that a limit could say */
    signal.score_e9 = facts.score_e9 = TD_E9_NONE;
    facts.signals = facts.open = 5000;
    facts.mark = TD_PX(300);
    facts.day_pnl = facts.position_pnl = TD_CASH_NONE;
    facts.equity = facts.gross = facts.symbol_value = facts.strategy_value = TD_CASH_NONE;
    limits.value[TD_MLLIMIT_SECTOR] = limits.value[TD_MLLIMIT_CORRELATION] = 0;
    limits.value[TD_MLLIMIT_SIZE] = 0;
    EXPECT(NONE);
    facts.seen = true; /* but not these */
    EXPECT(DUPLICATE);
    facts.seen = false;
    signal.until = NOW;
    EXPECT(AGE);
}

static void what_makes_a_position_smaller_passes(void **state)
{
    (void)state;
    begin();
    facts.closable = TD_QTY(10);
    facts.symbol_value = facts.gross = facts.strategy_value = TD_CASH(99000);
    facts.day_pnl = TD_CASH(-20000);
    EXPECT(NONE);
    signal.quantity.e9++; /* past zero it opens */
    EXPECT(DAY_LOSS);
    begin();
    facts.closable = TD_QTY(9); /* the tenth is closed by an order that works */
    facts.day_pnl = TD_CASH(-20000);
    EXPECT(DAY_LOSS);
    facts.closable = TD_QTY(10);
    signal.quantity = TD_QTY(0); /* what is sized is an entry */
    EXPECT(DAY_LOSS);
}

static void a_hold_needs_no_market(void **state)
{
    (void)state;
    begin();
    signal.type = TD_MLSIGNAL_HOLD;
    signal.quantity = TD_QTY(0);
    facts.mark = TD_PX_NONE;
    facts.day_pnl = TD_CASH_NONE;
    EXPECT(NONE);
    assert_int_equal(check().qty.e9, 0);
    facts.signals = 100;
    EXPECT(SIGNALS);
}

static int64_t sized(void)
{
    const struct td_mlverdict v = check();
    return v.rule == TD_MLRULE_NONE ? v.qty.e9 / TD_E9 : -(int64_t)v.rule;
}

/* 100,000 x 1 % x 0.8 x 0.9 x 0.8 = 576. */
static void worked_sizes(void **state)
{
    (void)state;
    begin();
    signal.quantity = TD_QTY(0);
    assert_int_equal(sized(), 5); /* 5.76 at 100 */
    signal.price = facts.mark = TD_PX(576);
    assert_int_equal(sized(), 1);
    signal.price = facts.mark = TD_PX(577);
    assert_int_equal(sized(), -TD_MLRULE_SIZED);
    signal.price = facts.mark = TD_PX(1);
    assert_int_equal(sized(), 576);
    facts.multiplier = TD_QTY(50);
    assert_int_equal(sized(), 11);
    facts.multiplier = TD_QTY(1);
    signal.confidence_e9 = signal.score_e9 = TD_E9; /* all of the 1 % */
    assert_int_equal(sized(), 1000);
    limits.value[TD_MLLIMIT_CONFIDENCE] = 0;
    signal.confidence_e9 = 0; /* 0.1 at least: 1000 x 0.1 x 0.1 */
    assert_int_equal(sized(), 10);
    signal.confidence_e9 = TD_E9 / 20;
    assert_int_equal(sized(), 10);
}

static void sizes_are_cut_to_the_limits(void **state)
{
    (void)state;
    begin();
    signal.quantity = TD_QTY(0);
    signal.price = facts.mark = TD_PX(1); /* 576 */
    limits.value[TD_MLLIMIT_SIZE] = 500 * TD_E9 + 1;
    assert_int_equal(sized(), 500);
    facts.symbol_value = TD_CASH(9600);
    assert_int_equal(sized(), 400);
    facts.gross = TD_CASH(79700);
    assert_int_equal(sized(), 300);
    facts.strategy_value = TD_CASH(39800);
    assert_int_equal(sized(), 200);
    limits.value[TD_MLLIMIT_SECTOR] = 3 * TD_E9 / 10;
    facts.sector_value = TD_CASH(29900);
    assert_int_equal(sized(), 100);
    facts.units_max = TD_QTY(50);
    assert_int_equal(sized(), 50);
    facts.value_max = TD_CASH(20);
    assert_int_equal(sized(), 20);
    facts.sector_value = TD_CASH_NONE;
    assert_int_equal(sized(), -TD_MLRULE_SIZED);
    begin();
    signal.quantity = TD_QTY(0);
    signal.score_e9 = TD_E9_NONE; /* off, and nothing to size by */
    limits.value[TD_MLLIMIT_MODEL_SCORE] = TD_MLLIMIT_OFF;
    EXPECT(SIZED);
}

/* Whatever the numbers: a sized order is whole, and no larger than the formula or the limits. */
static void random_sizes_are_within_the_limits(void **state)
{
    (void)state;
    struct td_rng rng;
    int some = 0;
    td_rng_init(&rng, 5);
    for (int i = 0; i < 20000; i++) {
        begin();
        signal.quantity = TD_QTY(0);
        signal.confidence_e9 = (int64_t)td_rng_below(&rng, (uint64_t)TD_E9 + 1);
        signal.price = facts.mark = (td_px){1 + (int64_t)td_rng_below(&rng, 2000000000000)};
        facts.equity = TD_CASH((int64_t)td_rng_below(&rng, 100000000));
        facts.gross = TD_CASH((int64_t)td_rng_below(&rng, 100000000));
        facts.symbol_value = TD_CASH((int64_t)td_rng_below(&rng, 1000000));
        const struct td_mlverdict v = check();
        if (v.rule != TD_MLRULE_NONE)
            continue;
        some++;
        assert_true(v.qty.e9 > 0 && v.qty.e9 % TD_E9 == 0);
        assert_true(v.qty.e9 <= td_mlrisk_size(&limits, &signal, &facts).e9);
        assert_true(v.qty.e9 <= limits.value[TD_MLLIMIT_SIZE]);
    }
    assert_true(some > 300);
}

static void every_limit_has_its_rule_and_setting(void **state)
{
    (void)state;
    bool used[TD_MLLIMIT_COUNT] = {false};
    for (int r = 1; r < TD_MLRULE_COUNT; r++) {
        const enum td_mllimit limit = td_mlrule_limit((enum td_mlrule)r);
        if (limit == TD_MLLIMIT_NONE)
            continue;
        used[limit] = true;
        assert_true(td_mlrule_lets_reducing((enum td_mlrule)r)); /* no limit traps a position */
    }
    for (int i = 0; i < TD_MLLIMIT_COUNT; i++) {
        assert_true(used[i]);
        assert_memory_equal(td_mllimit_key((enum td_mllimit)i), "ML_M", 4);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_passes),
        cmocka_unit_test(rules_of_id_and_time),
        cmocka_unit_test(rules_of_numbers),
        cmocka_unit_test(rules_of_the_model),
        cmocka_unit_test(rules_of_the_price),
        cmocka_unit_test(rules_of_losses),
        cmocka_unit_test(rules_of_parts),
        cmocka_unit_test(rule_of_the_size),
        cmocka_unit_test(a_close_closes_what_is_held_and_no_limit_stops_it),
        cmocka_unit_test(what_makes_a_position_smaller_passes),
        cmocka_unit_test(a_hold_needs_no_market),
        cmocka_unit_test(worked_sizes),
        cmocka_unit_test(sizes_are_cut_to_the_limits),
        cmocka_unit_test(random_sizes_are_within_the_limits),
        cmocka_unit_test(every_limit_has_its_rule_and_setting),
    };
    return cmocka_run_group_tests_name("trade/mlrisk", tests, NULL, NULL);
}
