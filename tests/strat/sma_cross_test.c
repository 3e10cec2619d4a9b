/* tests/strat/sma_cross_test.c - the baseline against a naive recomputation, and its position rules. */
#include "support/support.h"

#include <math.h>
#include <string.h>

#include "base/random.h"
#include "strat/strat.h"

static _Alignas(max_align_t) uint8_t memory[TD_STRAT_STATE_MAX];

static size_t bar(double close, int64_t position, int64_t pending, struct td_intent *out)
{
    struct td_event ev = {.kind = TD_EV_BAR, .inst = 3, .recv_ns = 9};
    const struct td_leg leg = {.position = TD_QTY(position), .pending = TD_QTY(pending)};
    const struct td_view view = {.leg = &leg, .legs = &leg, .leg_count = 1};
    TD_OK_OR_FAIL(td_e9_from_double(close, &ev.bar.close.e9));
    return td_strat_sma_cross.on_event(memory, &ev, &view, out);
}

static void start(double fast, double slow, int64_t size, bool allow_short)
{
    const double params[] = {fast, slow};
    memset(memory, 0, sizeof memory);
    TD_OK_OR_FAIL(td_strat_sma_cross.init(
        memory,
        &(struct td_strat_setup){
            .params = params, .size = TD_QTY(size), .allow_short = allow_short, .leg_count = 1},
        NULL));
}

static double mean_of_last(const double *v, int n, int period)
{
    double sum = 0;
    for (int i = n - period; i < n; i++)
        sum += v[i];
    return sum / period;
}

static void crosses_where_the_definition_says(void **state)
{
    (void)state;
    struct td_rng rng;
    struct td_intent intent;
    double closes[2000];
    int crosses = 0;
    int64_t position = 0;
    td_rng_init(&rng, 4);
    start(10, 20, 1, false);
    for (int n = 1; n <= 2000; n++) {
        closes[n - 1] = 100 + 5 * sin(n / 9.0) + td_rng_normal(&rng);
        const size_t got = bar(closes[n - 1], position, 0, &intent);
        int expected = 0;
        if (n > 20) {
            const double now = mean_of_last(closes, n, 10) - mean_of_last(closes, n, 20);
            const double was = mean_of_last(closes, n - 1, 10) - mean_of_last(closes, n - 1, 20);
            expected = was <= 0 && now > 0 ? 1 : was >= 0 && now < 0 ? -1 : 0;
        }
        const bool acts = (expected > 0 && position == 0) || (expected < 0 && position > 0);
        assert_int_equal(got, acts);
        if (got) {
            assert_int_equal(intent.action, expected > 0 ? TD_BUY : TD_SELL);
            assert_int_equal(intent.leg, 0);
            position += intent.action == TD_BUY ? 1 : -1;
            crosses++;
        }
    }
    assert_true(crosses > 20);
}

static void position_rules(void **state)
{
    (void)state;
    struct td_intent intent;
    start(1, 2, 5, true);
    bar(10, 0, 0, &intent);
    bar(9, 0, 0, &intent);
    assert_int_equal(bar(12, -5, 0, &intent), 1); /* up: closes the short and goes long */
    assert_int_equal(intent.qty.e9, 10 * TD_E9);
    assert_int_equal(bar(9, 5, 0, &intent), 1); /* down: closes and goes short */
    assert_int_equal(intent.action, TD_SELL);
    assert_int_equal(intent.qty.e9, 10 * TD_E9);
    assert_int_equal(bar(12, 0, 5, &intent), 0); /* an order is working */
    assert_int_equal(bar(9, 0, 0, &intent), 1);
    assert_int_equal(intent.qty.e9, 5 * TD_E9);
    start(1, 2, 1, false);
    bar(10, 0, 0, &intent);
    bar(11, 0, 0, &intent);
    assert_int_equal(bar(9, 0, 0, &intent), 0); /* nothing held, no shorts */
}

/* A bar without a price is as if it had not come: the cross after it is seen. */
static void bars_without_a_price_change_nothing(void **state)
{
    (void)state;
    static const double none[] = {0, -5, 5e9};
    for (size_t i = 0; i < TD_COUNT(none); i++) {
        struct td_intent intent;
        start(1, 2, 1, false);
        bar(10, 0, 0, &intent);
        bar(9, 0, 0, &intent);
        assert_int_equal(bar(none[i], 0, 0, &intent), 0);
        assert_int_equal(bar(12, 0, 0, &intent), 1);
    }
}

/* Without a size what is held is closed by itself, and the desk sizes the entry. */
static void a_turn_without_a_size_is_two_intents(void **state)
{
    (void)state;
    struct td_intent intents[2];
    start(1, 2, 0, true);
    bar(10, 0, 0, intents);
    bar(9, 0, 0, intents);
    assert_int_equal(bar(12, -5, 0, intents), 2);
    assert_true(intents[0].exit && intents[0].qty.e9 == 5 * TD_E9 && intents[0].action == TD_BUY);
    assert_true(!intents[1].exit && intents[1].qty.e9 == 0 && intents[1].action == TD_BUY);
}

static void refuses_senseless_parameters(void **state)
{
    (void)state;
    struct td_fail why = {0};
    double params[] = {20, 10};
    const struct td_strat_setup setup = {.params = params, .size = TD_QTY(1), .leg_count = 1};
    assert_int_equal(td_strat_sma_cross.init(memory, &setup, &why), TD_EINVAL);
    assert_non_null(strstr(why.text, "fast 20"));
    static const struct {
        const char *text;
        enum td_err err;
        const char *says;
    } bad[] = {{"slow=9999", TD_ERANGE, "2 to 512"},
               {"slow=x", TD_EINVAL, "no number"},
               {"slow", TD_EINVAL, "no number"},
               {"medium=3", TD_ENOENT, "it has fast, slow"},
               {"fast=1e400", TD_EINVAL, "no number"}};
    td_strat_presets(&td_strat_sma_cross, params);
    assert_true(params[0] == 10 && params[1] == 20);
    for (size_t i = 0; i < TD_COUNT(bad); i++) {
        assert_int_equal(td_strat_set(&td_strat_sma_cross, td_str_of(bad[i].text), params, &why),
                         bad[i].err);
        assert_non_null(strstr(why.text, bad[i].says));
    }
    TD_OK_OR_FAIL(td_strat_set(&td_strat_sma_cross, td_str_of(" slow = 30 "), params, &why));
    assert_true(params[0] == 10 && params[1] == 30);
    assert_ptr_equal(td_strat_find("sma_cross"), &td_strat_sma_cross);
    assert_null(td_strat_find("nothing"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(crosses_where_the_definition_says),
        cmocka_unit_test(position_rules),
        cmocka_unit_test(bars_without_a_price_change_nothing),
        cmocka_unit_test(a_turn_without_a_size_is_two_intents),
        cmocka_unit_test(refuses_senseless_parameters),
    };
    return cmocka_run_group_tests_name("strat/sma_cross", tests, NULL, NULL);
}
