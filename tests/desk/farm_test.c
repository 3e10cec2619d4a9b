/* tests/desk/farm_test.c - which farm feeds which contract, and that what is not known is concerned. */
#include "support/support.h"

#include <stdio.h>

#include "desk/farm.h"

static bool feeds(enum td_farm_kind kind, const char *name, const char *sec_type,
                  const char *currency)
{
    struct td_farm f = {.kind = (uint8_t)kind};
    (void)snprintf(f.name, sizeof f.name, "%s", name);
    return td_farm_feeds(&f, sec_type, currency);
}

static void known_farms_feed_their_contracts(void **state)
{
    (void)state;
    static const struct {
        const char *farm, *sec_type, *currency;
        bool feeds;
    } rows[] = {
        {"usfarm", "STK", "USD", true},    {"usfarm.nj", "STK", "USD", true},
        {"usfarm", "FUT", "USD", false},   {"usfarm", "STK", "EUR", false},
        {"usfuture", "FUT", "USD", true},  {"usfuture.nj", "STK", "USD", false},
        {"usopt", "OPT", "USD", true},     {"eufarm", "STK", "GBP", true},
        {"eufarm", "STK", "USD", false},   {"cashfarm", "CASH", "JPY", true},
        {"cashfarm", "STK", "JPY", false}, {"jfarm", "STK", "JPY", true},
        {"usfarm", "BOND", "USD", true}, /* no row feeds it: any farm may */
        {"usfarm", "STK", "CAD", true},    {"newfarm", "STK", "USD", true},
        {"", "STK", "USD", true},
    };
    for (size_t i = 0; i < TD_COUNT(rows); i++)
        assert_int_equal(feeds(TD_FARM_MARKET, rows[i].farm, rows[i].sec_type, rows[i].currency),
                         rows[i].feeds);
    assert_true(feeds(TD_FARM_HISTORY, "ushmds", "STK", "USD"));
    assert_false(feeds(TD_FARM_HISTORY, "euhmds", "STK", "USD"));
    assert_true(feeds(TD_FARM_HISTORY, "hkhmds", "STK", "USD"));
    assert_true(feeds(TD_FARM_SECDEF, "secdefil", "STK", "USD"));
    assert_true(feeds(TD_FARM_HISTORY, "usfuture", "STK", "USD")); /* a name of another kind */
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(known_farms_feed_their_contracts)};
    return cmocka_run_group_tests_name("desk/farm", tests, NULL, NULL);
}
