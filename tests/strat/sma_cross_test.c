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
    struct td_view view = {.position = TD_QTY(position), .pending = TD_QTY(pending)};
    TD_OK_OR_FAIL(td_e9_from_double(close, &ev.bar.close.e9));
    return td_strat_sma_cross.on_event(memory, &ev, &view, out);
}

static void start(const struct td_strat_params *params)
{
    memset(memory, 0, sizeof memory);
    TD_OK_OR_FAIL(td_strat_sma_cross.init(memory, params, NULL));
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
    start(&(struct td_strat_params){0});
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
            assert_int_equal(intent.inst, 3);
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
    start(&(struct td_strat_params){.fast = 1, .slow = 2, .size = TD_QTY(5), .allow_short = true});
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
    start(&(struct td_strat_params){.fast = 1, .slow = 2});
    bar(10, 0, 0, &intent);
    bar(11, 0, 0, &intent);
    assert_int_equal(bar(9, 0, 0, &intent), 0); /* nothing held, no shorts */
}

static void refuses_senseless_parameters(void **state)
{
    (void)state;
    struct td_fail why = {0};
    assert_int_equal(
        td_strat_sma_cross.init(memory, &(struct td_strat_params){.fast = 20, .slow = 10}, &why),
        TD_EINVAL);
    assert_non_null(strstr(why.text, "fast 20"));
    assert_int_equal(td_strat_sma_cross.init(memory, &(struct td_strat_params){.slow = 9999}, &why),
                     TD_EINVAL);
    assert_ptr_equal(td_strat_find("sma_cross"), &td_strat_sma_cross);
    assert_null(td_strat_find("nothing"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(crosses_where_the_definition_says),
        cmocka_unit_test(position_rules),
        cmocka_unit_test(refuses_senseless_parameters),
    };
    return cmocka_run_group_tests_name("strat/sma_cross", tests, NULL, NULL);
}
