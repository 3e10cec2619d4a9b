/* tests/market/validator_test.c - each check, their order, the reference after jumps, bars and counters. */
#include "support/support.h"

#include "base/random.h"
#include "market/validator.h"

#define NOW (1000 * TD_SEC)

static struct td_validator v;
static struct td_data_answer a;

static int begin(void **state)
{
    (void)state;
    const struct td_data_rules rules = td_data_presets();
    td_validator_init(&v, &rules);
    return 0;
}

static td_px cents(int64_t c)
{
    return c == 0 ? TD_PX_NONE : (td_px){c * (TD_E9 / 100)};
}

/* 0: none of it */
static enum td_data_fault quote(int64_t bid, int64_t ask, int64_t last)
{
    const struct td_data_view w = {cents(bid), cents(ask), cents(last), TD_QTY_NONE, NOW};
    td_validate_quote(&v, &w, NOW, &a);
    assert_int_equal(a.is_valid, a.reason == TD_DATA_OK);
    return a.reason;
}

static void each_fault_has_its_reason(void **state)
{
    (void)state;
    static const struct {
        int64_t bid, ask, last, volume, age_s;
        enum td_data_fault fault;
    } rows[] = {
        {10000, 10010, 10005, 1000, 0, TD_DATA_OK},
        {10000, 10010, 0, -1, 60, TD_DATA_OK},
        {0, 0, 0, 1000, 0, TD_DATA_EMPTY},
        {10000, 10010, 10005, 1000, 61, TD_DATA_STALE},
        {10000, 10010, 10005, 1000, -1, TD_DATA_STALE},
        {-1, 10010, 10005, 1000, 0, TD_DATA_PRICE},
        {10000, 10010, -5, 1000, 0, TD_DATA_PRICE},
        {10010, 10000, 0, 1000, 0, TD_DATA_ORDER},
        {10000, 10010, 9999, 1000, 0, TD_DATA_ORDER},
        {10000, 10010, 10011, 1000, 0, TD_DATA_ORDER},
        {10000, 10100, 10050, 1000, 0, TD_DATA_OK}, /* 1 % is not more than 1 % */
        {10000, 10101, 10050, 1000, 0, TD_DATA_SPREAD},
        {10000, 10010, 10005, 99, 0, TD_DATA_VOLUME},
        {10000, 10010, 10005, 100, 0, TD_DATA_OK},
        {8000, 8010, 8004, 1000, 0, TD_DATA_OK},
        {7999, 8010, 7999, 1000, 0, TD_DATA_JUMP},
        {12000, 12010, 12001, 1000, 0, TD_DATA_JUMP},
        /* the first of the order counts */
        {-1, 10010, 10005, 1000, 61, TD_DATA_STALE},
        {12200, 12000, 0, 1, 0, TD_DATA_ORDER},
        {12000, 13000, 0, 1, 0, TD_DATA_SPREAD},
    };
    for (size_t i = 0; i < TD_COUNT(rows); i++) {
        (void)begin(NULL);
        assert_int_equal(quote(0, 0, 10000), TD_DATA_OK);
        struct td_data_view w = {.bid = cents(rows[i].bid),
                                 .ask = cents(rows[i].ask),
                                 .last = cents(rows[i].last),
                                 .volume =
                                     rows[i].volume < 0 ? TD_QTY_NONE : TD_QTY(rows[i].volume),
                                 .at = NOW - rows[i].age_s * TD_SEC};
        td_validate_quote(&v, &w, NOW, &a);
        assert_int_equal(a.reason, rows[i].fault);
        assert_int_equal(v.counts.total_validations, 2);
    }
    (void)begin(NULL);
    struct td_data_view zero = {TD_PX(0), TD_PX(5), TD_PX_NONE, TD_QTY_NONE, NOW};
    td_validate_quote(&v, &zero, NOW, &a);
    assert_int_equal(a.reason, TD_DATA_PRICE);
    zero.bid.e9 = TD_E9 / 100 - 1;
    td_validate_quote(&v, &zero, NOW, &a);
    assert_int_equal(a.reason, TD_DATA_PRICE);
}

static void what_it_measures(void **state)
{
    (void)state;
    assert_int_equal(quote(10000, 10050, 0), TD_DATA_OK);
    assert_int_equal(a.spread_e9, 5000000);
    assert_int_equal(a.change_e9, TD_E9_NONE);
    assert_int_equal(v.reference.e9, 100250000000);
    assert_int_equal(quote(10000, 0, 0), TD_DATA_OK);
    assert_int_equal(a.spread_e9, TD_E9_NONE);
    assert_int_equal(v.reference.e9, TD_PX(100).e9);
    assert_int_equal(quote(0, 10100, 0), TD_DATA_OK);
    assert_int_equal(a.change_e9, TD_E9 / 100);
}

static void a_real_jump_is_believed_the_third_time(void **state)
{
    (void)state;
    assert_int_equal(quote(0, 0, 10000), TD_DATA_OK);
    assert_int_equal(quote(0, 0, 5000), TD_DATA_JUMP); /* a split, say */
    assert_int_equal(v.reference.e9, TD_PX(100).e9);
    assert_int_equal(quote(0, 0, 5010), TD_DATA_JUMP);
    assert_int_equal(quote(0, 0, 4990), TD_DATA_OK);
    assert_int_equal(v.reference.e9, cents(4990).e9);
    assert_int_equal(quote(0, 0, 5000), TD_DATA_OK);
    assert_int_equal(v.counts.failed_anomaly, 2);
    assert_int_equal(quote(0, 0, 10000), TD_DATA_JUMP); /* now that is the jump */
}

static void single_mad_prices_are_never_believed(void **state)
{
    (void)state;
    assert_int_equal(quote(0, 0, 10000), TD_DATA_OK);
    for (int i = 0; i < 100; i++) { /* a mad one between good ones */
        assert_int_equal(quote(0, 0, 100000), TD_DATA_JUMP);
        assert_int_equal(quote(0, 0, 10000), TD_DATA_OK);
    }
    for (int i = 0; i < 100; i++) /* and mad ones that do not agree */
        assert_int_equal(quote(0, 0, i % 2 ? 100000 : 1000), TD_DATA_JUMP);
    assert_int_equal(v.reference.e9, TD_PX(100).e9);
}

static void slack_is_for_trades_only(void **state)
{
    (void)state;
    v.rules.slack_e9 = TD_E9 / 100;
    assert_int_equal(quote(10000, 10010, 10080), TD_DATA_OK);
    assert_int_equal(quote(10000, 10010, 9930), TD_DATA_OK);
    assert_int_equal(quote(10000, 10010, 10200), TD_DATA_ORDER);
    assert_int_equal(quote(10000, 10010, 9800), TD_DATA_ORDER);
    assert_int_equal(quote(10010, 10000, 0), TD_DATA_ORDER);
}

static void absurd_is_what_no_market_says(void **state)
{
    (void)state;
    static const struct {
        int64_t bid, ask, last;
        bool absurd;
    } rows[] = {
        {10000, 10010, 0, false},    {0, 0, 0, true},          {-5, 10010, 0, true},
        {0, 0, 13000, true},         {10000, 10200, 0, false}, {10010, 10000, 0, false},
        {10000, 999900, 0, true},    {999900, 10010, 0, true}, {10000, 10010, 10500, false},
        {10000, 10010, 13000, true}, {10000, 12000, 0, false}, {10000, 12001, 0, true},
    };
    for (size_t i = 0; i < TD_COUNT(rows); i++) {
        (void)begin(NULL);
        assert_int_equal(quote(0, 0, 10000), TD_DATA_OK);
        (void)quote(rows[i].bid, rows[i].ask, rows[i].last);
        assert_int_equal(a.absurd, rows[i].absurd);
        assert_true(*td_data_fault_word(a.reason) != '?');
    }
    assert_string_equal(td_data_fault_word(TD_DATA_FAULTS), "?");
}

/* --- bars --- */

static struct td_bar bar(int64_t open, int64_t high, int64_t low, int64_t close, int64_t volume)
{
    return (struct td_bar){cents(open),    cents(high), cents(low), cents(close),
                           TD_QTY(volume), TD_PX_NONE,  TD_MIN,     -1};
}

static enum td_data_fault one(struct td_bar b, td_ns age)
{
    td_validate_bar(&v, &b, NOW - age, NOW, &a);
    return a.reason;
}

static void bars_are_whole_and_recent(void **state)
{
    (void)state;
    assert_int_equal(one(bar(100, 110, 90, 105, 500), 0), TD_DATA_OK);
    assert_int_equal(a.warnings, 0);
    assert_int_equal(one(bar(100, 110, 90, 0, 500), 0), TD_DATA_EMPTY);
    assert_int_equal(one(bar(100, 110, 90, 105, 500), 61 * TD_SEC), TD_DATA_STALE);
    assert_int_equal(one(bar(100, 90, 110, 105, 500), 0), TD_DATA_PRICE);
    assert_int_equal(one(bar(-1, 110, 90, 105, 500), 0), TD_DATA_PRICE);
    assert_int_equal(one(bar(100, 110, 90, 111, 500), 0), TD_DATA_OK);
    assert_int_equal(a.warnings, TD_DATA_WARN_OUTSIDE);
    assert_int_equal(one(bar(0, 110, 90, 105, 500), 0), TD_DATA_OK);
    assert_int_equal(a.warnings, TD_DATA_WARN_DROPPED);
    assert_int_equal(v.reference.e9, cents(111).e9); /* dropped: it moved nothing */
    assert_int_equal(one(bar(200, 210, 190, 200, 500), 0), TD_DATA_OK);
    assert_int_equal(a.warnings, TD_DATA_WARN_CHANGE);
    assert_int_equal(one(bar(200, 210, 190, 201, 500), 0), TD_DATA_OK);
    assert_int_equal(a.warnings, 0);
}

static void series_tell_thin_volume_and_a_stale_end(void **state)
{
    (void)state;
    struct td_bar bars[4];
    td_ns starts[4];
    for (int i = 0; i < 4; i++) {
        bars[i] = bar(100, 110, 90, 105, i < 2 ? 50 : 500);
        starts[i] = NOW - (4 - i) * TD_MIN;
    }
    td_validate_bars(&v, bars, starts, 4, NOW, &a);
    assert_true(a.is_valid && a.warnings == 0 && a.age == 0);
    bars[2].volume = TD_QTY(99);
    td_validate_bars(&v, bars, starts, 4, NOW, &a);
    assert_true(a.is_valid && a.warnings == TD_DATA_WARN_THIN);
    td_validate_bars(&v, bars, starts, 4, NOW + 61 * TD_SEC, &a);
    assert_int_equal(a.reason, TD_DATA_STALE);
    td_validate_bars(&v, bars, starts, 0, NOW, &a);
    assert_int_equal(a.reason, TD_DATA_EMPTY);
    bars[1].high = TD_PX(-4);
    td_validate_bars(&v, bars, starts, 4, NOW, &a);
    assert_int_equal(a.reason, TD_DATA_PRICE);
}

static void counters_add_up_for_anything(void **state)
{
    (void)state;
    struct td_rng rng;
    td_rng_init(&rng, 9);
    for (int i = 0; i < 100000; i++) {
        const struct td_data_view w = {
            {td_rng_chance(&rng, 0.05) ? (int64_t)td_rng_u64(&rng)
                                       : td_rng_between(&rng, 990, 1000) * (TD_E9 / 10)},
            {td_rng_chance(&rng, 0.05) ? (int64_t)td_rng_u64(&rng)
                                       : td_rng_between(&rng, 1000, 1010) * (TD_E9 / 10)},
            {td_rng_chance(&rng, 0.5) ? TD_E9_NONE : 100 * TD_E9},
            {td_rng_chance(&rng, 0.5) ? TD_E9_NONE : td_rng_between(&rng, 90, 200) * TD_E9},
            NOW - td_rng_between(&rng, -2, 70) * TD_SEC};
        td_validate_quote(&v, &w, NOW, &a);
        if (a.is_valid) {
            assert_true(w.bid.e9 >= TD_E9 / 100 && w.bid.e9 <= w.ask.e9);
            assert_true(a.spread_e9 == TD_E9_NONE || a.spread_e9 <= TD_E9 / 100);
        }
    }
    const struct td_data_counts *c = &v.counts;
    assert_int_equal(c->total_validations, 100000);
    assert_int_equal(c->passed + c->failed_stale + c->failed_spread + c->failed_price +
                         c->failed_volume + c->failed_anomaly,
                     100000);
    assert_true(c->passed > 10000 && c->failed_price > 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(each_fault_has_its_reason, begin),
        cmocka_unit_test_setup(what_it_measures, begin),
        cmocka_unit_test_setup(a_real_jump_is_believed_the_third_time, begin),
        cmocka_unit_test_setup(single_mad_prices_are_never_believed, begin),
        cmocka_unit_test_setup(slack_is_for_trades_only, begin),
        cmocka_unit_test_setup(absurd_is_what_no_market_says, begin),
        cmocka_unit_test_setup(bars_are_whole_and_recent, begin),
        cmocka_unit_test_setup(series_tell_thin_volume_and_a_stale_end, begin),
        cmocka_unit_test_setup(counters_add_up_for_anything, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
