/* tests/trade/sizing_test.c - worked numbers of each method, and what holds for any numbers. */
#include "support/support.h"

#include <math.h>

#include "base/random.h"
#include "trade/sizing.h"

static struct td_sizing_facts usual(void)
{
    return (struct td_sizing_facts){.capital = TD_CASH(100000),
                                    .cash = TD_CASH_NONE,
                                    .price = TD_PX(50),
                                    .multiplier = TD_QTY(1),
                                    .atr = TD_PX_NONE,
                                    .fraction_e9 = TD_E9 / 50,
                                    .strength = 1,
                                    .correlation = (double)NAN,
                                    .units_max = TD_QTY_NONE,
                                    .value_max = TD_CASH_NONE};
}

static int64_t sized(enum td_sizing_method method, const struct td_sizing_facts *f)
{
    struct td_sizing s;
    td_sizing_decide(method, f, &s);
    assert_true(s.reason[0] != '\0');
    return s.qty.e9;
}

static void fixed_is_a_part_of_the_capital_rounded_down(void **state)
{
    (void)state;
    struct td_sizing_facts f = usual();
    assert_int_equal(sized(TD_SIZING_FIXED, &f), 40 * TD_E9);
    f.price = (td_px){INT64_C(50600000000)}; /* 39.53 would round to 40, above the cap */
    assert_int_equal(sized(TD_SIZING_FIXED, &f), 39 * TD_E9);
    f.lot = TD_QTY(10);
    assert_int_equal(sized(TD_SIZING_FIXED, &f), 30 * TD_E9);
    f.lot = (td_qty){TD_E9 / 10};
    assert_int_equal(sized(TD_SIZING_FIXED, &f), 39500000000);
    f = usual();
    f.price = TD_PX(6500);
    f.multiplier = TD_QTY(50); /* one ES is 325,000 */
    assert_int_equal(sized(TD_SIZING_FIXED, &f), 0);
    f.capital = TD_CASH(16250000);
    assert_int_equal(sized(TD_SIZING_FIXED, &f), TD_E9);
    f.capital = (td_cash){TD_CASH(16250000).e9 - 1};
    assert_int_equal(sized(TD_SIZING_FIXED, &f), 0);
}

static void atr_risks_the_part_over_two_ranges(void **state)
{
    (void)state;
    struct td_sizing_facts f = usual();
    f.atr = TD_PX(2); /* 2000 / 4 */
    assert_int_equal(sized(TD_SIZING_ATR, &f), 500 * TD_E9);
    f.atr = (td_px){TD_E9 / 4}; /* 4000, and the cash buys 2000 */
    assert_int_equal(sized(TD_SIZING_ATR, &f), 2000 * TD_E9);
    f.cash = TD_CASH(1000);
    assert_int_equal(sized(TD_SIZING_ATR, &f), 20 * TD_E9);
    f = usual();
    assert_int_equal(sized(TD_SIZING_ATR, &f), 40 * TD_E9); /* not known: as fixed */
    f.atr = TD_PX(0);
    assert_int_equal(sized(TD_SIZING_ATR, &f), 40 * TD_E9);
    f.multiplier = TD_QTY(5);
    f.atr = TD_PX(2); /* 2000 / 20 */
    assert_int_equal(sized(TD_SIZING_ATR, &f), 100 * TD_E9);
}

static void kelly_bets_a_quarter_of_f(void **state)
{
    (void)state;
    struct td_sizing_facts f = usual();
    f.fraction_e9 = TD_E9 / 10;
    /* p = 0.5, b = 2: f = (1 - 0.5) / 2 = 0.25; a quarter is 6.25 % of 100,000 at 50 */
    f.record = (struct td_sizing_record){40, 20, 200, 100};
    assert_true(td_sizing_kelly(&f.record) == 0.25);
    assert_int_equal(sized(TD_SIZING_KELLY, &f), 125 * TD_E9);
    f.fraction_e9 = TD_E9 / 50;
    assert_int_equal(sized(TD_SIZING_KELLY, &f), 40 * TD_E9);
    f.record = (struct td_sizing_record){40, 10, 100, 100}; /* f = -0.5 */
    assert_int_equal(sized(TD_SIZING_KELLY, &f), 0);
    f.record = (struct td_sizing_record){40, 0, 0, 100};
    assert_int_equal(sized(TD_SIZING_KELLY, &f), 0);
    f.record = (struct td_sizing_record){40, 40, 100, 0}; /* never lost: f = 1 */
    assert_int_equal(sized(TD_SIZING_KELLY, &f), 40 * TD_E9);
    f.record = (struct td_sizing_record){29, 29, 100, 0}; /* proves nothing: 1 % */
    assert_true(isnan(td_sizing_kelly(&f.record)));
    assert_int_equal(sized(TD_SIZING_KELLY, &f), 20 * TD_E9);
}

static void advanced_weighs_strength_and_correlation(void **state)
{
    (void)state;
    struct td_sizing_facts f = usual();
    f.record = (struct td_sizing_record){100, 50, 120, 100}; /* f = 1/12, half is 4.1666 % */
    assert_int_equal(sized(TD_SIZING_ADVANCED, &f), 83 * TD_E9);
    f.strength = 0.5;
    assert_int_equal(sized(TD_SIZING_ADVANCED, &f), 41 * TD_E9);
    f.strength = 1;
    f.holds = true;
    f.correlation = 0.75; /* factor 0.5 */
    assert_int_equal(sized(TD_SIZING_ADVANCED, &f), 41 * TD_E9);
    f.correlation = 0.2; /* never more than 1 */
    assert_int_equal(sized(TD_SIZING_ADVANCED, &f), 83 * TD_E9);
    f.correlation = (double)NAN; /* 0.3 */
    assert_int_equal(sized(TD_SIZING_ADVANCED, &f), 24 * TD_E9);
    f.correlation = 1;
    assert_int_equal(sized(TD_SIZING_ADVANCED, &f), 24 * TD_E9);
    f.holds = false;
    f.record = (struct td_sizing_record){100, 90, 300, 100}; /* far above 10 % */
    assert_int_equal(sized(TD_SIZING_ADVANCED, &f), 200 * TD_E9);
    f.atr = TD_PX(10); /* 2000 / 20 */
    assert_int_equal(sized(TD_SIZING_ADVANCED, &f), 100 * TD_E9);
    f.record.trades = 0; /* 1 % */
    assert_int_equal(sized(TD_SIZING_ADVANCED, &f), 20 * TD_E9);
}

static void limits_cut_and_the_unknown_is_nothing(void **state)
{
    (void)state;
    struct td_sizing_facts f = usual();
    f.units_max = TD_QTY(7);
    assert_int_equal(sized(TD_SIZING_FIXED, &f), 7 * TD_E9);
    f.value_max = TD_CASH(340);
    assert_int_equal(sized(TD_SIZING_FIXED, &f), 6 * TD_E9);
    f.value_max = TD_CASH(-1);
    assert_int_equal(sized(TD_SIZING_FIXED, &f), 0);
    f.value_max = TD_CASH_NONE;
    f.units_max = TD_QTY(-3);
    assert_int_equal(sized(TD_SIZING_FIXED, &f), 0);
    for (int i = 0; i < 8; i++) {
        f = usual();
        f.capital = i == 0 ? TD_CASH_NONE : i == 1 ? TD_CASH(-5) : f.capital;
        f.price = i == 2 ? TD_PX_NONE : i == 3 ? TD_PX(0) : f.price;
        f.multiplier = i == 4 ? TD_QTY_NONE : i == 5 ? TD_QTY(0) : f.multiplier;
        f.fraction_e9 = i == 6 ? 0 : i == 7 ? TD_E9 + 1 : f.fraction_e9;
        for (int m = 0; m < TD_SIZING_COUNT; m++)
            assert_int_equal(sized((enum td_sizing_method)m, &f), 0);
    }
}

static void words_name_the_methods(void **state)
{
    (void)state;
    enum td_sizing_method m = TD_SIZING_COUNT;
    for (int i = 0; i < TD_SIZING_COUNT; i++) {
        assert_true(td_sizing_find(td_str_of(td_sizing_word((enum td_sizing_method)i)), &m));
        assert_int_equal(m, i);
    }
    assert_false(td_sizing_find(td_str_of("martingale"), &m));
    assert_string_equal(td_sizing_word(TD_SIZING_COUNT), "?");
}

/* --- any numbers --- */

static struct td_sizing_facts any(struct td_rng *r)
{
    struct td_sizing_facts f = usual();
    const uint32_t trades = (uint32_t)td_rng_below(r, 120);
    f.capital.e9 = td_rng_between(r, 0, INT64_C(5000000000000000000));
    f.cash.e9 = td_rng_chance(r, 0.3) ? TD_E9_NONE : td_rng_between(r, -TD_E9, f.capital.e9);
    f.price.e9 = td_rng_between(r, 1, INT64_C(1) << td_rng_between(r, 20, 50));
    f.multiplier.e9 = td_rng_between(r, 1, INT64_C(1) << td_rng_between(r, 20, 40));
    f.lot.e9 = td_rng_chance(r, 0.5) ? 0 : td_rng_between(r, 1, 100 * TD_E9);
    f.atr.e9 = td_rng_chance(r, 0.3) ? TD_E9_NONE : td_rng_between(r, 0, f.price.e9);
    f.fraction_e9 = td_rng_between(r, 1, TD_E9 / 10);
    f.record = (struct td_sizing_record){trades, (uint32_t)td_rng_below(r, trades + 1),
                                         td_rng_unit(r) * 1000, td_rng_unit(r) * 1000};
    f.strength = td_rng_unit(r) * 1.5 - 0.2;
    f.correlation = td_rng_unit(r) * 2 - 1;
    f.holds = td_rng_chance(r, 0.5);
    f.units_max.e9 = td_rng_chance(r, 0.5) ? TD_E9_NONE : td_rng_between(r, -TD_E9, 10000 * TD_E9);
    f.value_max.e9 = td_rng_chance(r, 0.5) ? TD_E9_NONE : td_rng_between(r, -TD_E9, f.capital.e9);
    return f;
}

/* quantity x price x multiplier, in money; in long double, whose 64 bits are exact enough to see one unit too many. */
static long double value_of(int64_t qty, const struct td_sizing_facts *f)
{
    return (long double)qty * (long double)f->price.e9 / 1e9L * (long double)f->multiplier.e9 /
           1e9L;
}

static void check_caps(enum td_sizing_method method, const struct td_sizing_facts *f, int64_t qty)
{
    const long double value = value_of(qty, f), hair = 1 + 1e-12L;
    const int64_t lot = f->lot.e9 > 0 ? f->lot.e9 : TD_E9;
    const long double capital = (long double)f->capital.e9;
    const int64_t cash = td_cash_is_none(f->cash) ? f->capital.e9 : f->cash.e9;
    assert_true(qty >= 0);
    assert_int_equal(qty % lot, 0);
    if (qty == 0)
        return;
    if (!td_qty_is_none(f->units_max))
        assert_true(qty <= f->units_max.e9);
    if (!td_cash_is_none(f->value_max))
        assert_true(value <= (long double)f->value_max.e9 * hair);
    if (method == TD_SIZING_FIXED || method == TD_SIZING_KELLY)
        assert_true(value <= capital * (long double)f->fraction_e9 / 1e9L * hair);
    if (method == TD_SIZING_ATR && !td_px_is_none(f->atr) && f->atr.e9 > 0) {
        assert_true(value <= (long double)cash * hair);
        assert_true(value * 2 * (long double)f->atr.e9 / (long double)f->price.e9 <=
                    capital * (long double)f->fraction_e9 / 1e9L * hair);
    }
    if (method == TD_SIZING_ADVANCED)
        assert_true(value <= capital * 0.1L * hair);
}

static void no_cap_is_ever_passed_and_more_cash_never_buys_less(void **state)
{
    (void)state;
    struct td_rng rng;
    int bought = 0;
    td_rng_init(&rng, 11);
    for (int i = 0; i < 40000; i++) {
        struct td_sizing_facts f = any(&rng), richer;
        for (int m = 0; m < TD_SIZING_COUNT; m++) {
            const int64_t qty = sized((enum td_sizing_method)m, &f);
            check_caps((enum td_sizing_method)m, &f, qty);
            richer = f;
            richer.capital.e9 += td_rng_between(&rng, 0, f.capital.e9 / 2);
            if (!td_cash_is_none(f.cash))
                richer.cash.e9 += td_rng_between(&rng, 0, TD_CASH(1000).e9);
            assert_true(sized((enum td_sizing_method)m, &richer) >= qty);
            bought += qty > 0;
        }
    }
    assert_true(bought > 10000); /* the numbers were not all too small to say anything */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fixed_is_a_part_of_the_capital_rounded_down),
        cmocka_unit_test(atr_risks_the_part_over_two_ranges),
        cmocka_unit_test(kelly_bets_a_quarter_of_f),
        cmocka_unit_test(advanced_weighs_strength_and_correlation),
        cmocka_unit_test(limits_cut_and_the_unknown_is_nothing),
        cmocka_unit_test(words_name_the_methods),
        cmocka_unit_test(no_cap_is_ever_passed_and_more_cash_never_buys_less),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
