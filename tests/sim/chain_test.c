/* tests/sim/chain_test.c - the rule by which options are listed. */
#include "sim/chain.h"
#include "support/support.h"

#include <string.h>

static const struct td_universe_row stock = {
    .inst = {.conid = 265598, .symbol = "AAPL", .sec_type = "STK", .exchange = "SMART"}};

/* Good Friday 2026 is April 3. */
static bool good_friday(const void *arg, int64_t day)
{
    (void)arg;
    return day == td_days_from_civil(2026, 4, 3);
}

static struct td_chain chain_of(int64_t day, td_px center)
{
    const struct td_chain_config config = {
        .index = 2, .under = 5, .center = center, .day = day, .closed = good_friday};
    struct td_chain chain;
    td_chain_make(&chain, &config);
    return chain;
}

static void expirations(void **state)
{
    (void)state;
    static const int32_t expected[][3] = {{2026, 4, 2},  {2026, 4, 10}, {2026, 4, 17},
                                          {2026, 4, 24}, {2026, 5, 15}, {2026, 6, 19},
                                          {2026, 7, 17}};
    const struct td_chain chain = chain_of(td_days_from_civil(2026, 3, 30), TD_PX(190));
    assert_int_equal(chain.expiry_count, TD_COUNT(expected));
    for (size_t i = 0; i < TD_COUNT(expected); i++)
        assert_int_equal(chain.expiries[i],
                         td_days_from_civil(expected[i][0], expected[i][1], expected[i][2]));
    const struct td_chain friday = chain_of(td_days_from_civil(2026, 11, 20), TD_PX(190));
    assert_int_equal(friday.expiries[0], td_days_from_civil(2026, 11, 20)); /* the day itself */
    assert_int_equal(friday.expiries[4], td_days_from_civil(2026, 12, 18));
    assert_int_equal(friday.expiries[6], td_days_from_civil(2027, 2, 19)); /* over the year's end */
}

static void strikes(void **state)
{
    (void)state;
    static const struct {
        int64_t center_e9, step_e9;
    } rows[] = {{INT64_C(190120000000), INT64_C(2500000000)},
                {INT64_C(520000000000), INT64_C(5000000000)},
                {INT64_C(48800000000), INT64_C(1000000000)},
                {INT64_C(3000000000), INT64_C(500000000)},
                {INT64_C(10000000), INT64_C(500000000)}};
    for (size_t i = 0; i < TD_COUNT(rows); i++) {
        const struct td_chain c =
            chain_of(td_days_from_civil(2026, 11, 20), (td_px){rows[i].center_e9});
        assert_true(c.strikes[0].e9 > 0);
        for (int k = 1; k < TD_CHAIN_STRIKES; k++)
            assert_int_equal(c.strikes[k].e9 - c.strikes[k - 1].e9, rows[i].step_e9);
    }
    const struct td_chain c =
        chain_of(td_days_from_civil(2026, 11, 20), (td_px){rows[0].center_e9});
    assert_int_equal(c.strikes[TD_CHAIN_STRIKES / 2].e9, TD_PX(190).e9);
}

static void rows_of_options(void **state)
{
    (void)state;
    const struct td_chain c = chain_of(td_days_from_civil(2026, 11, 20), TD_PX(190));
    struct td_universe_row call, put, last;
    td_chain_row(&c, 20, &stock, &call);
    td_chain_row(&c, 21, &stock, &put);
    td_chain_row(&c, td_chain_count(&c) - 1, &stock, &last);
    assert_string_equal(call.inst.local_symbol, "AAPL  261120C00190000");
    assert_string_equal(put.inst.local_symbol, "AAPL  261120P00190000");
    assert_string_equal(call.inst.sec_type, "OPT");
    assert_string_equal(call.month, "202611");
    assert_int_equal(call.inst.multiplier.e9, TD_QTY(100).e9);
    assert_int_equal(call.inst.conid, TD_CHAIN_CONID + 20020);
    assert_int_equal(last.inst.conid, TD_CHAIN_CONID + 20000 + TD_CHAIN_OPTIONS - 1);
    assert_int_equal(call.under, 5);
    assert_true(call.derived && call.right == 'C' && put.right == 'P');
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(expirations),
        cmocka_unit_test(strikes),
        cmocka_unit_test(rows_of_options),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
