/* tests/market/luld_test.c - bands by price, tier and time of day. */
#include "market/luld.h"

#include <string.h>

#include "support/support.h"

/* A session in minutes after an arbitrary midnight: 09:30 to 16:00. */
#define AT(h, m) ((INT64_C(20000) * 24 * 60 + (h)*60 + (m)) * TD_MIN)

static td_px px(const char *text)
{
    td_px out = TD_PX_NONE;
    if (*text)
        TD_OK_OR_FAIL(td_e9_parse(text, strlen(text), &out.e9));
    return out;
}

static struct td_luld_ask ask_of(const char *reference, const char *close, enum td_luld_tier tier,
                                 td_ns at)
{
    return (struct td_luld_ask){.reference = px(reference),
                                .previous_close = px(close),
                                .tier = tier,
                                .at = at,
                                .session = {.open = AT(9, 30), .close = AT(16, 0)}};
}

static void bands_of_the_table(void **state)
{
    (void)state;
    const enum td_luld_tier one = TD_LULD_TIER_1, two = TD_LULD_TIER_2;
    const td_ns noon = AT(12, 0), late = AT(15, 35);
    const struct {
        const char *reference, *close;
        enum td_luld_tier tier;
        td_ns at;
        const char *lower, *upper;
    } rows[] = {
        {"100", "100", one, noon, "95", "105"},
        {"100", "100", two, noon, "90", "110"},
        {"100", "", one, AT(9, 30), "95", "105"}, /* not doubled at the open */
        {"100", "", one, late - 1, "95", "105"},
        {"100", "", one, late, "90", "110"},
        {"100", "", two, late, "90", "110"}, /* tier 2 above $3 is not doubled */
        {"3", "3", one, noon, "2.4", "3.6"}, /* $3.00 is of the middle row */
        {"3.01", "", one, noon, "2.8595", "3.1605"},
        {"3", "3", two, late, "1.8", "4.2"},
        {"0.75", "", two, noon, "0.6", "0.9"},
        {"0.5", "", one, noon, "0.35", "0.65"},   /* $0.15 is less than 75 % */
        {"0.1", "", two, noon, "0.025", "0.175"}, /* 75 % is less than $0.15 */
        {"0.1", "", two, late, "0", "0.25"},
        {"0.5", "", one, late, "0.2", "0.8"},
        {"4", "2.9", two, noon, "3.2", "4.8"}, /* the close of the day before decides */
        {"2.5", "3.5", one, noon, "2.375", "2.625"},
    };
    for (size_t i = 0; i < TD_COUNT(rows); i++) {
        const struct td_luld_ask ask =
            ask_of(rows[i].reference, rows[i].close, rows[i].tier, rows[i].at);
        struct td_luld_band band = {0};
        TD_OK_OR_FAIL(td_luld_band_of(&ask, &band));
        if (band.lower.e9 != px(rows[i].lower).e9 || band.upper.e9 != px(rows[i].upper).e9)
            fail_msg("row %zu: %lld to %lld", i, (long long)band.lower.e9,
                     (long long)band.upper.e9);
        assert_false(td_luld_is_outside(&band, band.lower));
        assert_false(td_luld_is_outside(&band, band.upper));
        assert_true(td_luld_is_outside(&band, (td_px){band.lower.e9 - 1}));
        assert_true(td_luld_is_outside(&band, (td_px){band.upper.e9 + 1}));
        assert_true(td_luld_is_outside(&band, TD_PX_NONE));
    }
}

/* The last 25 minutes are those before the close there is. */
static void an_early_close_moves_the_wide_minutes(void **state)
{
    (void)state;
    struct td_luld_ask ask = ask_of("100", "", TD_LULD_TIER_1, AT(12, 34));
    struct td_luld_band band = {0};
    ask.session.close = AT(13, 0);
    TD_OK_OR_FAIL(td_luld_band_of(&ask, &band));
    assert_false(band.doubled);
    ask.at = AT(12, 35);
    TD_OK_OR_FAIL(td_luld_band_of(&ask, &band));
    assert_true(band.doubled);
}

static void outside_regular_trading_there_is_none(void **state)
{
    (void)state;
    struct td_luld_band band = {.upper = {7}};
    struct td_luld_ask ask = ask_of("100", "", TD_LULD_TIER_1, AT(9, 30) - 1);
    assert_int_equal(td_luld_band_of(&ask, &band), TD_ENODATA);
    ask.at = AT(16, 0);
    assert_int_equal(td_luld_band_of(&ask, &band), TD_ENODATA);
    ask.at = AT(12, 0);
    ask.reference = TD_PX_NONE;
    assert_int_equal(td_luld_band_of(&ask, &band), TD_EINVAL);
    ask.reference = TD_PX(0);
    assert_int_equal(td_luld_band_of(&ask, &band), TD_EINVAL);
    ask.reference = TD_PX(100);
    ask.tier = TD_LULD_TIERS;
    assert_int_equal(td_luld_band_of(&ask, &band), TD_EINVAL);
    ask.tier = TD_LULD_TIER_2;
    ask.reference.e9 = INT64_MAX - 1;
    assert_int_equal(td_luld_band_of(&ask, &band), TD_ERANGE);
    assert_int_equal(band.upper.e9, 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bands_of_the_table),
        cmocka_unit_test(an_early_close_moves_the_wide_minutes),
        cmocka_unit_test(outside_regular_trading_there_is_none),
    };
    return cmocka_run_group_tests_name("market/luld", tests, NULL, NULL);
}
