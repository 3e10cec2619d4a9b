/* tests/market/tickrule_test.c - prices on and beside the steps of a market rule. */
#include "market/tickrule.h"

#include <string.h>

#include "support/support.h"

#define STEP(edge, increment)                                                                      \
    {                                                                                              \
        {INT64_C(edge)},                                                                           \
        {                                                                                          \
            INT64_C(increment)                                                                     \
        }                                                                                          \
    }

/* US stocks: 0.0001 below one dollar, 0.01 from there. */
static const struct td_tick_step us_stock[] = {STEP(0, 100000), STEP(1000000000, 10000000)};

static struct td_tick_rule rule_of(const struct td_tick_step *steps, size_t n)
{
    struct td_tick_rule rule = {0};
    TD_OK_OR_FAIL(td_tick_rule_set(&rule, steps, n));
    return rule;
}

static td_px px(const char *text)
{
    td_px out = TD_PX_NONE;
    TD_OK_OR_FAIL(td_e9_parse(text, strlen(text), &out.e9));
    return out;
}

static void the_step_in_force(void **state)
{
    (void)state;
    const struct td_tick_rule rule = rule_of(us_stock, TD_COUNT(us_stock));
    assert_int_equal(td_tick_at(&rule, px("0.9999")).e9, 100000);
    assert_int_equal(td_tick_at(&rule, px("1")).e9, 10000000);
    assert_int_equal(td_tick_at(&rule, px("412.5")).e9, 10000000);
    assert_int_equal(td_tick_at(&rule, px("-3")).e9, 100000);
    assert_true(td_tick_is_on(&rule, px("0.1234")));
    assert_true(td_tick_is_on(&rule, px("1.23")));
    assert_true(td_tick_is_on(&rule, px("0")));
    assert_false(td_tick_is_on(&rule, px("0.12345")));
    assert_false(td_tick_is_on(&rule, px("1.2345"))); /* a multiple of the smallest tick anywhere */
    assert_false(td_tick_is_on(&rule, TD_PX_NONE));
    assert_true(td_px_is_none(td_tick_at(&rule, TD_PX_NONE)));
}

static void buys_round_down_and_sells_up(void **state)
{
    (void)state;
    const struct td_tick_rule rule = rule_of(us_stock, TD_COUNT(us_stock));
    static const struct {
        const char *from, *buy, *sell;
    } rows[] = {
        {"189.957", "189.95", "189.96"}, {"189.95", "189.95", "189.95"},
        {"0.12345", "0.1234", "0.1235"}, {"0.99995", "0.9999", "1"},
        {"1.00001", "1", "1.01"},        {"1.009", "1", "1.01"},
        {"-0.00005", "-0.0001", "0"},    {"0.00001", "0", "0.0001"},
    };
    for (size_t i = 0; i < TD_COUNT(rows); i++) {
        td_px out = TD_PX_NONE;
        TD_OK_OR_FAIL(td_tick_round(&rule, px(rows[i].from), TD_BUY, &out));
        assert_int_equal(out.e9, px(rows[i].buy).e9);
        TD_OK_OR_FAIL(td_tick_round(&rule, px(rows[i].from), TD_SELL, &out));
        assert_int_equal(out.e9, px(rows[i].sell).e9);
    }
}

/* Edges that are no multiples of the steps around them: rounding ends on a price of the step it lands in. */
static void rounding_goes_over_crooked_edges(void **state)
{
    (void)state;
    static const struct td_tick_step crooked[] = {STEP(0, 300000000), STEP(1000000000, 700000000),
                                                  STEP(1500000000, 2000000000)};
    const struct td_tick_rule rule = rule_of(crooked, TD_COUNT(crooked));
    for (int64_t e9 = 0; e9 < 9000000000; e9 += 50000000) {
        td_px down = TD_PX_NONE, up = TD_PX_NONE;
        TD_OK_OR_FAIL(td_tick_round(&rule, (td_px){e9}, TD_BUY, &down));
        TD_OK_OR_FAIL(td_tick_round(&rule, (td_px){e9}, TD_SELL, &up));
        assert_true(td_tick_is_on(&rule, down) && td_tick_is_on(&rule, up));
        assert_true(down.e9 <= e9 && up.e9 >= e9);
        for (int64_t between = down.e9 + 50000000; between < up.e9; between += 50000000)
            assert_true(between == e9 || !td_tick_is_on(&rule, (td_px){between}));
    }
    td_px out = TD_PX_NONE;
    TD_OK_OR_FAIL(td_tick_round(&rule, px("1.35"), TD_BUY, &out));
    assert_int_equal(out.e9, px("0.9").e9); /* 0.7 is of the step below, whose last price is 0.9 */
    TD_OK_OR_FAIL(td_tick_round(&rule, px("1.45"), TD_SELL, &out));
    assert_int_equal(out.e9, px("2").e9); /* 2.1 is of the step above, whose first price is 2 */
}

static void what_is_no_rule_is_refused(void **state)
{
    (void)state;
    struct td_tick_rule rule = rule_of(us_stock, 2);
    struct td_tick_step many[TD_TICK_STEPS_MAX + 1];
    static const struct td_tick_step zero[] = {STEP(0, 0)}, below[] = {STEP(0, -5)},
                                     falls[] = {STEP(5, 1), STEP(5, 2)},
                                     none[] = {STEP(0, 9223372036854775807)},
                                     edge[] = {STEP(9223372036854775807, 1)};
    td_px out = {7};
    for (size_t i = 0; i < TD_COUNT(many); i++)
        many[i] = (struct td_tick_step){{(int64_t)i}, {1}};
    assert_int_equal(td_tick_rule_set(&rule, us_stock, 0), TD_EINVAL);
    assert_int_equal(td_tick_rule_set(&rule, zero, 1), TD_EINVAL);
    assert_int_equal(td_tick_rule_set(&rule, below, 1), TD_EINVAL);
    assert_int_equal(td_tick_rule_set(&rule, falls, 2), TD_EINVAL);
    assert_int_equal(td_tick_rule_set(&rule, none, 1), TD_EINVAL);
    assert_int_equal(td_tick_rule_set(&rule, edge, 1), TD_EINVAL);
    assert_int_equal(td_tick_rule_set(&rule, many, TD_COUNT(many)), TD_EFULL);
    assert_int_equal(rule.count, 2);
    TD_OK_OR_FAIL(td_tick_rule_set(&rule, many, TD_TICK_STEPS_MAX));
    td_tick_rule_one(&rule, px("0.25"));
    assert_true(td_tick_is_on(&rule, px("5214.25")));
    assert_false(td_tick_is_on(&rule, px("5214.2")));
    td_tick_rule_one(&rule, (td_px){0});
    assert_int_equal(rule.count, 0);
    assert_false(td_tick_is_on(&rule, px("1")));
    assert_int_equal(td_tick_round(&rule, px("1"), TD_BUY, &out), TD_EINVAL);
    td_tick_rule_one(&rule, TD_PX_NONE);
    assert_int_equal(rule.count, 0);
    td_tick_rule_one(&rule, px("0.01"));
    assert_int_equal(td_tick_round(&rule, TD_PX_NONE, TD_BUY, &out), TD_EINVAL);
    assert_int_equal(td_tick_round(&rule, (td_px){INT64_MAX - 1}, TD_SELL, &out), TD_ERANGE);
    assert_int_equal(out.e9, 7);
}

static enum td_err ask(const char *exchanges, const char *ids, const char *exchange, int32_t *id)
{
    return td_tick_rule_id(td_str_of(exchanges), td_str_of(ids), td_str_of(exchange), id);
}

static void the_rule_of_an_exchange(void **state)
{
    (void)state;
    int32_t id = -1;
    TD_OK_OR_FAIL(ask("SMART,NYSE,IEX", "26,240,635", "SMART", &id));
    assert_int_equal(id, 26);
    TD_OK_OR_FAIL(ask("SMART,NYSE,IEX", "26,240,635", "IEX", &id));
    assert_int_equal(id, 635);
    assert_int_equal(ask("SMART,NYSE", "26,240", "NYS", &id), TD_ENOENT);
    assert_int_equal(ask("", "", "SMART", &id), TD_ENOENT);
    assert_int_equal(ask("SMART,NYSE", "26", "NYSE", &id), TD_EPARSE);
    assert_int_equal(ask("SMART,NYSE", "26,", "NYSE", &id), TD_EPARSE);
    assert_int_equal(ask("SMART", "x", "SMART", &id), TD_EPARSE);
    assert_int_equal(ask("SMART", "0", "SMART", &id), TD_EPARSE);
    assert_int_equal(ask("SMART", "2147483648", "SMART", &id), TD_EPARSE);
    assert_int_equal(id, 635);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_step_in_force),
        cmocka_unit_test(buys_round_down_and_sells_up),
        cmocka_unit_test(rounding_goes_over_crooked_edges),
        cmocka_unit_test(what_is_no_rule_is_refused),
        cmocka_unit_test(the_rule_of_an_exchange),
    };
    return cmocka_run_group_tests_name("market/tickrule", tests, NULL, NULL);
}
