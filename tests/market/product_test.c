/* tests/market/product_test.c - every name of a future, and the words of a roll rule. */
#include "market/product.h"

#include "market/instrument.h"
#include "support/support.h"

static void every_name_finds_its_row(void **state)
{
    (void)state;
    static const struct {
        const char *name, *trading_class, *broker, *exchange;
        int64_t multiplier, tick_e9;
    } want[] = {
        {"ES1!", "ES", "ES", "CME", 50, 250000000},
        {"ES", "ES", "ES", "CME", 50, 250000000},
        {"NQ1!", "NQ", "NQ", "CME", 20, 250000000},
        {"NQ", "NQ", "NQ", "CME", 20, 250000000},
        {"GBPUSD", "6B", "GBP", "CME", 62500, 100000},
        {"6B", "6B", "GBP", "CME", 62500, 100000},
        {"EURUSD", "6E", "EUR", "CME", 125000, 50000},
        {"6E1!", "6E", "EUR", "CME", 125000, 50000},
        {"AUDUSD", "6A", "AUD", "CME", 100000, 50000},
        {"6A", "6A", "AUD", "CME", 100000, 50000},
        {"XAUUSD", "GC", "GC", "COMEX", 100, 100000000},
        {"GC1!", "GC", "GC", "COMEX", 100, 100000000},
    };
    for (size_t i = 0; i < TD_COUNT(want); i++) {
        const struct td_product *p = td_product_find(td_str_of(want[i].name));
        assert_non_null(p);
        assert_string_equal(p->trading_class, want[i].trading_class);
        assert_string_equal(p->broker_symbol, want[i].broker);
        assert_string_equal(p->exchange, want[i].exchange);
        assert_string_equal(p->sec_type, "FUT");
        assert_string_equal(p->currency, "USD");
        assert_int_equal(p->multiplier.e9, want[i].multiplier * TD_E9);
        assert_int_equal(p->tick.e9, want[i].tick_e9);
    }
}

static void other_names_are_none(void **state)
{
    (void)state;
    static const char *const names[] = {"",   "1!",   "!",   "AAPL", "EUR", "GBP",
                                        "es", "ES2!", "ES1", "E",    "ESS"};
    for (size_t i = 0; i < TD_COUNT(names); i++)
        if (td_product_find(td_str_of(names[i])))
            fail_msg("\"%s\" is no future of ours", names[i]);
}

/* What code relies on in each row, so that a row may be added without reading it. */
static void rows_are_sound(void **state)
{
    (void)state;
    size_t i = 0;
    for (const struct td_product *p; (p = td_product_at(i)) != NULL; i++) {
        assert_true(td_symbol_is_safe(td_str_of(p->trading_class)));
        assert_ptr_equal(td_product_find(td_str_of(p->trading_class)), p);
        if (*p->alias)
            assert_ptr_equal(td_product_find(td_str_of(p->alias)), p);
        assert_true(p->multiplier.e9 > 0 && p->tick.e9 > 0 && p->cycle != 0 && p->cycle < 4096);
        assert_true(p->third_friday || p->roll.kind == TD_ROLL_DAYS);
        assert_int_equal(td_product_in_cycle(p, 12), true);
        assert_int_equal(td_product_in_cycle(p, 1), false);
        assert_int_equal(td_product_in_cycle(p, 0), false);
        assert_int_equal(td_product_in_cycle(p, 13), false);
    }
    assert_int_equal(i, 6);
}

static void roll_rules_have_words(void **state)
{
    (void)state;
    struct td_roll r = {0};
    TD_OK_OR_FAIL(td_roll_parse(td_str_of("classic"), &r));
    assert_int_equal(r.kind, TD_ROLL_CLASSIC);
    TD_OK_OR_FAIL(td_roll_parse(td_str_of("cme"), &r));
    assert_int_equal(r.kind, TD_ROLL_CME);
    TD_OK_OR_FAIL(td_roll_parse(td_str_of("90"), &r));
    assert_int_equal(r.kind, TD_ROLL_DAYS);
    assert_int_equal(r.days, 90);
    static const char *const bad[] = {"", "Classic", "91", "-1", "5 days", "5.5"};
    for (size_t i = 0; i < TD_COUNT(bad); i++)
        assert_int_equal(td_roll_parse(td_str_of(bad[i]), &r), TD_EPARSE);
    assert_int_equal(r.days, 90);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_name_finds_its_row),
        cmocka_unit_test(other_names_are_none),
        cmocka_unit_test(rows_are_sound),
        cmocka_unit_test(roll_rules_have_words),
    };
    return cmocka_run_group_tests_name("market/product", tests, NULL, NULL);
}
