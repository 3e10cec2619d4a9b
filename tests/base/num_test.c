/* tests/base/num_test.c - every documented result of base/num.h. */
#include <stdlib.h>

/* Above the project's headers, which ban it. */
static double c_library(const char *text)
{
    return strtod(text, NULL);
}

#include "support/support.h"

#include <math.h>
#include <string.h>

#include "base/num.h"
#include "base/random.h"

static void parses_digit_exact(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t e9;
    } good[] = {
        {"0", 0},
        {"189.95", 189950000000},
        {"-1", -1000000000},
        {"+2.5", 2500000000},
        {"0.000000001", 1},
        {"0.0000000005", 1},
        {"0.00000000049", 0},
        {"-0.0000000005", -1},
        {"1E+3", 1000000000000},
        {"1.0E-5", 10000},
        {"1e-05", 10000},
        {".5", 500000000},
        {"5.", 5000000000},
        {"9223372036.854775806", 9223372036854775806},
        {"000000000000000000001", 1000000000},
        {"123456789.123456789", 123456789123456789},
        {"0e99999999", 0},
        {"1e-999999999", 0},
        {"0.00000000", 0},
        {"0.1234567894999999999999999999", 123456789},
        {"12345678901234567890e-15", 12345678901235},
    };
    for (size_t i = 0; i < TD_COUNT(good); i++) {
        int64_t value = 7;
        assert_int_equal(td_e9_parse(good[i].text, strlen(good[i].text), &value), TD_OK);
        assert_int_equal(value, good[i].e9);
    }
    static const struct {
        const char *text;
        enum td_err err;
    } bad[] = {
        {"", TD_EPARSE},
        {"-", TD_EPARSE},
        {".", TD_EPARSE},
        {"1.2.3", TD_EPARSE},
        {"1e", TD_EPARSE},
        {"1e+", TD_EPARSE},
        {"1ex", TD_EPARSE},
        {" 1", TD_EPARSE},
        {"1 ", TD_EPARSE},
        {"0x1", TD_EPARSE},
        {"NaN", TD_EPARSE},
        {"Infinity", TD_EPARSE},
        {"9223372036.854775807", TD_ERANGE},
        {"1.7976931348623157E308", TD_ERANGE},
        {"9999999999", TD_ERANGE},
        {"1e300", TD_ERANGE},
    };
    for (size_t i = 0; i < TD_COUNT(bad); i++) {
        int64_t value = 7;
        assert_int_equal(td_e9_parse(bad[i].text, strlen(bad[i].text), &value), bad[i].err);
        assert_int_equal(value, 7);
    }
}

static void prints_what_it_parses(void **state)
{
    (void)state;
    struct td_rng rng;
    td_rng_init(&rng, 1);
    char text[TD_E9_CHARS];
    for (int i = 0; i < 100000; i++) {
        const int64_t value = (int64_t)td_rng_u64(&rng) >> td_rng_below(&rng, 63);
        int64_t back = 0;
        if (value == INT64_MIN || value == TD_E9_NONE)
            continue;
        const size_t n = td_e9_print(value, text);
        assert_int_equal(n, strlen(text));
        assert_true(n < TD_E9_CHARS);
        TD_OK_OR_FAIL(td_e9_parse(text, n, &back));
        assert_int_equal(back, value);
    }
    assert_int_equal(td_e9_print(TD_E9_NONE, text), 0);
    td_e9_print(-1, text);
    assert_string_equal(text, "-0.000000001");
    td_e9_print(INT64_MIN, text);
    assert_string_equal(text, "-9223372036.854775808");
    td_e9_print_fixed(1995000000, 2, text);
    assert_string_equal(text, "2.00");
    td_e9_print_fixed(-4000000, 2, text);
    assert_string_equal(text, "0.00");
    td_e9_print_fixed(-5000000, 2, text);
    assert_string_equal(text, "-0.01");
    td_e9_print_fixed(1500000000, 0, text);
    assert_string_equal(text, "2");
    assert_int_equal(td_e9_print_fixed(TD_E9_NONE, 2, text), 0);
    td_i64_print(INT64_MIN, text);
    assert_string_equal(text, "-9223372036854775808");
}

static void whole_numbers(void **state)
{
    (void)state;
    int64_t v = 7;
    TD_OK_OR_FAIL(td_i64_parse("-9223372036854775807", 20, &v));
    assert_int_equal(v, -INT64_MAX);
    TD_OK_OR_FAIL(td_i64_parse("+12", 3, &v));
    assert_int_equal(v, 12);
    assert_int_equal(td_i64_parse("9223372036854775808", 19, &v), TD_ERANGE);
    assert_int_equal(td_i64_parse("", 0, &v), TD_EPARSE);
    assert_int_equal(td_i64_parse("-", 1, &v), TD_EPARSE);
    assert_int_equal(td_i64_parse("1.5", 3, &v), TD_EPARSE);
    assert_int_equal(v, 12);
}

static void arithmetic_is_checked(void **state)
{
    (void)state;
    int64_t v = 7;
    assert_int_equal(td_e9_add(INT64_MAX - 1, 1, &v), TD_ERANGE);
    assert_int_equal(td_e9_add(INT64_MAX - 1, 2, &v), TD_ERANGE);
    assert_int_equal(td_e9_add(TD_E9_NONE, -5, &v), TD_ERANGE);
    assert_int_equal(td_e9_add(-5, TD_E9_NONE, &v), TD_ERANGE);
    assert_int_equal(td_e9_add(-INT64_MAX, -1, &v), TD_ERANGE);
    assert_int_equal(td_e9_sub(-INT64_MAX, 1, &v), TD_ERANGE);
    assert_int_equal(td_e9_sub(-INT64_MAX, 5, &v), TD_ERANGE);
    assert_int_equal(td_e9_sub(0, -INT64_MAX, &v), TD_ERANGE);
    assert_int_equal(td_e9_sub(TD_E9_NONE, 1, &v), TD_ERANGE);
    assert_int_equal(td_e9_sub(1, TD_E9_NONE, &v), TD_ERANGE);
    assert_int_equal(td_e9_div(1, 0, &v), TD_ERANGE);
    assert_int_equal(td_e9_mul(TD_E9_NONE, 1, &v), TD_ERANGE);
    assert_int_equal(td_i64_muldiv(1, TD_E9_NONE, 1, &v), TD_ERANGE);
    assert_int_equal(td_i64_muldiv(1, 1, TD_E9_NONE, &v), TD_ERANGE);
    assert_int_equal(td_i64_muldiv(INT64_MAX - 1, 2, 1, &v), TD_ERANGE);
    assert_int_equal(v, 7);
    TD_OK_OR_FAIL(td_i64_muldiv(5, 1, 2, &v)); /* 2.5 -> 3, away from zero */
    assert_int_equal(v, 3);
    TD_OK_OR_FAIL(td_i64_muldiv(-5, 1, 2, &v));
    assert_int_equal(v, -3);
    TD_OK_OR_FAIL(td_i64_muldiv(5, 1, -2, &v));
    assert_int_equal(v, -3);
    TD_OK_OR_FAIL(td_i64_muldiv(4, 1, 3, &v));
    assert_int_equal(v, 1);
    td_cash cash = TD_CASH(1);
    TD_OK_OR_FAIL(td_notional((td_px){189950000000}, TD_QTY(300), &cash));
    assert_int_equal(cash.e9, 56985000000000);
    assert_int_equal(td_notional(TD_PX(9000000000), TD_QTY(2), &cash), TD_ERANGE);
    assert_int_equal(cash.e9, 56985000000000);
    TD_OK_OR_FAIL(td_cash_add(TD_CASH(1), TD_CASH(2), &cash));
    TD_OK_OR_FAIL(td_cash_sub(cash, TD_CASH(5), &cash));
    assert_int_equal(cash.e9, -2 * TD_E9);
    td_qty qty;
    TD_OK_OR_FAIL(td_qty_add(TD_QTY(1), TD_QTY(2), &qty));
    TD_OK_OR_FAIL(td_qty_sub(qty, TD_QTY(4), &qty));
    assert_int_equal(qty.e9, -TD_E9);
}

static void products_round_as_told(void **state)
{
    (void)state;
    static const struct {
        int64_t a, b, c, down, up, near;
    } rows[] = {
        {5, 1, 2, 2, 3, 3},   {-5, 1, 2, -3, -2, -3}, {5, 1, -2, -3, -2, -3},
        {-5, 1, -2, 2, 3, 3}, {6, 1, 2, 3, 3, 3},     {-6, 1, 2, -3, -3, -3},
        {0, 7, 3, 0, 0, 0},   {1, 1, 3, 0, 1, 0},     {-1, 1, 3, -1, 0, 0},
    };
    int64_t v = 42;
    for (size_t i = 0; i < TD_COUNT(rows); i++) {
        TD_OK_OR_FAIL(td_i64_muldiv_to(rows[i].a, rows[i].b, rows[i].c, TD_ROUND_DOWN, &v));
        assert_int_equal(v, rows[i].down);
        TD_OK_OR_FAIL(td_i64_muldiv_to(rows[i].a, rows[i].b, rows[i].c, TD_ROUND_UP, &v));
        assert_int_equal(v, rows[i].up);
        TD_OK_OR_FAIL(td_i64_muldiv_to(rows[i].a, rows[i].b, rows[i].c, TD_ROUND_NEAR, &v));
        assert_int_equal(v, rows[i].near);
    }
    v = 42;
    assert_int_equal(td_i64_muldiv_to(1, 1, 0, TD_ROUND_DOWN, &v), TD_ERANGE);
    assert_int_equal(td_i64_muldiv_to(TD_E9_NONE, 1, 1, TD_ROUND_UP, &v), TD_ERANGE);
    assert_int_equal(td_i64_muldiv_to(INT64_MAX - 1, 2, 1, TD_ROUND_DOWN, &v), TD_ERANGE);
    assert_int_equal(td_i64_muldiv_to(INT64_MIN + 1, 2, 1, TD_ROUND_UP, &v), TD_ERANGE);
    assert_int_equal(v, 42);
}

static void rounds_to_the_tick(void **state)
{
    (void)state;
    const td_px tick = {10000000};
    td_px px = TD_PX(0);
    TD_OK_OR_FAIL(td_px_round((td_px){189956000000}, tick, TD_ROUND_DOWN, &px));
    assert_int_equal(px.e9, 189950000000);
    TD_OK_OR_FAIL(td_px_round((td_px){189950000001}, tick, TD_ROUND_UP, &px));
    assert_int_equal(px.e9, 189960000000);
    TD_OK_OR_FAIL(td_px_round((td_px){189955000000}, tick, TD_ROUND_NEAR, &px));
    assert_int_equal(px.e9, 189960000000);
    TD_OK_OR_FAIL(td_px_round((td_px){189954000000}, tick, TD_ROUND_NEAR, &px));
    assert_int_equal(px.e9, 189950000000);
    TD_OK_OR_FAIL(td_px_round((td_px){-15000000}, tick, TD_ROUND_DOWN, &px));
    assert_int_equal(px.e9, -20000000);
    TD_OK_OR_FAIL(td_px_round((td_px){20000000}, tick, TD_ROUND_UP, &px));
    assert_int_equal(px.e9, 20000000);
    assert_int_equal(td_px_round(TD_PX_NONE, tick, TD_ROUND_UP, &px), TD_ERANGE);
    assert_int_equal(td_px_round(px, TD_PX_NONE, TD_ROUND_UP, &px), TD_ERANGE);
    assert_int_equal(td_px_round(px, TD_PX(0), TD_ROUND_UP, &px), TD_ERANGE);
    assert_int_equal(td_px_round((td_px){INT64_MIN + 1}, TD_PX(9000000000), TD_ROUND_DOWN, &px),
                     TD_ERANGE);
}

static void floats_only_by_request(void **state)
{
    (void)state;
    int64_t v = 7;
    assert_true(isnan(td_e9_to_double(TD_E9_NONE)));
    assert_true(td_e9_to_double(1500000000) == 1.5);
    TD_OK_OR_FAIL(td_e9_from_double(189.95, &v));
    assert_int_equal(v, 189950000000);
    TD_OK_OR_FAIL(td_e9_from_double(-0.5, &v));
    assert_int_equal(v, -500000000);
    TD_OK_OR_FAIL(td_e9_from_double(NAN, &v));
    assert_int_equal(v, TD_E9_NONE);
    assert_int_equal(td_e9_from_double(1e300, &v), TD_ERANGE);
    assert_int_equal(td_e9_from_double(-1e300, &v), TD_ERANGE);
}

/* The C library reads the printed decimal as the nearest double. */
static void doubles_are_the_nearest(void **state)
{
    (void)state;
    struct td_rng rng;
    td_rng_init(&rng, 7);
    static const int64_t fixed[] = {923372035854760760, 9007199254740993, -9007199254740993,
                                    INT64_MAX - 1};
    for (size_t i = 0; i < 200000 + TD_COUNT(fixed); i++) {
        char text[TD_E9_CHARS];
        int64_t back, e9 = (int64_t)td_rng_u64(&rng) >> i % 50;
        if (i < TD_COUNT(fixed))
            e9 = fixed[i];
        if (e9 == TD_E9_NONE)
            continue;
        (void)td_e9_print(e9, text);
        const double nearest = c_library(text), ours = td_e9_to_double(e9);
        if (memcmp(&nearest, &ours, sizeof ours) != 0)
            fail_msg("%s is not %.17g", text, ours);
        if (e9 > -(INT64_C(1) << 52) && e9 < INT64_C(1) << 52) {
            TD_OK_OR_FAIL(td_e9_from_double(ours, &back));
            assert_int_equal(back, e9);
        }
    }
    int64_t v;
    TD_OK_OR_FAIL(td_e9_from_double(9234567.123456789, &v));
    assert_int_equal(v, 9234567123456789);
    TD_OK_OR_FAIL(td_e9_from_double(1234567890.125, &v));
    assert_int_equal(v, 1234567890125000000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parses_digit_exact),      cmocka_unit_test(prints_what_it_parses),
        cmocka_unit_test(whole_numbers),           cmocka_unit_test(arithmetic_is_checked),
        cmocka_unit_test(rounds_to_the_tick),      cmocka_unit_test(floats_only_by_request),
        cmocka_unit_test(doubles_are_the_nearest), cmocka_unit_test(products_round_as_told),
    };
    return cmocka_run_group_tests_name("base/num", tests, NULL, NULL);
}
