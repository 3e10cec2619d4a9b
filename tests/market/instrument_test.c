/* tests/market/instrument_test.c - symbols: what is safe in a file name, and what the broker calls them. */
#include "market/instrument.h"

#include "support/support.h"

static void the_broker_has_names_of_its_own(void **state)
{
    (void)state;
    static const struct {
        const char *ours, *type, *brokers;
    } rows[] = {{"AAPL", "STK", "AAPL"},
                {"BRK-B", "STK", "BRK B"},
                {"BRK.B", "STK", "BRK B"},
                {"BAC-PRL", "STK", "BAC PRL"},
                {"ES", "FUT", "ES"},
                {"A-B", "FUT", "A-B"},
                {"", "STK", ""}};
    for (size_t i = 0; i < TD_COUNT(rows); i++) {
        char name[TD_SYMBOL_CHARS];
        td_symbol_of_broker(rows[i].ours, rows[i].type, name);
        assert_string_equal(name, rows[i].brokers);
    }
}

static void unsafe_symbols_are_told(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "", ".", "../x", "a b", "aapl", "A/B", "ABCDEFGHIJKLMNOPQRSTUVWX"};
    static const char *const good[] = {"A", "BRK-B", "BRK.B", "ES_1", "ABCDEFGHIJKLMNOPQRSTUVW"};
    for (size_t i = 0; i < TD_COUNT(bad); i++)
        if (td_symbol_is_safe(td_str_of(bad[i])))
            fail_msg("%s is not safe", bad[i]);
    for (size_t i = 0; i < TD_COUNT(good); i++)
        if (!td_symbol_is_safe(td_str_of(good[i])))
            fail_msg("%s is safe", good[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_broker_has_names_of_its_own),
        cmocka_unit_test(unsafe_symbols_are_told),
    };
    return cmocka_run_group_tests_name("market/instrument", tests, NULL, NULL);
}
