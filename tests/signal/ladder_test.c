/* tests/signal/ladder_test.c - sides put in order, worked numbers of the measures. */
#include "signal/ladder.h"

#include <math.h>
#include <string.h>

#include "base/random.h"
#include "support/support.h"

static struct td_ladder b;

static uint32_t fill(enum td_side side, const double *px, const double *qty, int32_t n)
{
    return td_ladder_fill(&b, side, px, qty, n);
}

/* pb=100.00 qb=500 pa=100.02 qa=300: micro 100.0125, imbalance 0.25. */
static void worked_numbers(void **state)
{
    (void)state;
    assert_int_equal(fill(TD_BID, (double[]){100.00, 99.5, 98}, (double[]){500, 40, 7}, 3), 0);
    assert_int_equal(fill(TD_ASK, (double[]){100.02, 100.5}, (double[]){300, 10}, 2), 0);
    assert_true(fabs(td_ladder_price(&b) - 100.0125) < 1e-9);
    assert_true(fabs(td_ladder_imbalance(&b, 1) - 0.25) < 1e-12);
    assert_true(fabs(td_ladder_imbalance(&b, 10) - (547.0 - 310) / 857) < 1e-12);
    assert_true(fabs(td_ladder_mid(&b) - 100.01) < 1e-9);
    assert_true(fabs(td_ladder_spread(&b) - 0.02) < 1e-9);
    assert_true(td_ladder_depth(&b, TD_BID, 2) == 540);
    assert_true(td_ladder_near(&b, TD_BID, 1.0001) == 540);
    assert_true(td_ladder_near(&b, TD_ASK, 0) == 300);
}

static void missing_levels_are_left_out(void **state)
{
    (void)state;
    assert_int_equal(fill(TD_BID, (double[]){0, 10, 9, 8}, (double[]){5, 0, 3, 0}, 4), 0);
    assert_int_equal(b.rows[TD_BID], 1);
    assert_true(b.px[TD_BID][0] == 9);
    assert_int_equal(fill(TD_BID, NULL, NULL, 0), 0);
    assert_int_equal(b.rows[TD_BID], 0);
}

static void disorder_equals_and_bad(void **state)
{
    (void)state;
    static const double bad[][2] = {{-1, 5},   {1, -5},   {(double)NAN, 5},     {1, (double)NAN},
                                    {1e10, 5}, {1, 2e12}, {(double)INFINITY, 1}};
    assert_int_equal(fill(TD_ASK, (double[]){11, 10, 11, 10}, (double[]){1, 2, 4, 8}, 4),
                     TD_LADDER_DISORDER | TD_LADDER_MERGED);
    assert_int_equal(b.rows[TD_ASK], 2);
    assert_true(b.px[TD_ASK][0] == 10 && b.qty[TD_ASK][0] == 10 && b.qty[TD_ASK][1] == 5);
    for (size_t i = 0; i < TD_COUNT(bad); i++) {
        assert_int_equal(fill(TD_ASK, &bad[i][0], &bad[i][1], 1), TD_LADDER_BAD);
        assert_int_equal(b.rows[TD_ASK], 0);
    }
}

/* Any rows, against sizes summed by price; more prices than fit: the worst go. */
static void any_rows(void **state)
{
    (void)state;
    struct td_rng r;
    td_rng_init(&r, 5);
    for (int round = 0; round < 2000; round++) {
        double px[100], qty[100], sum[101] = {0};
        const int32_t n = (int32_t)td_rng_below(&r, 90);
        const enum td_side side = round % 2 ? TD_BID : TD_ASK;
        for (int32_t i = 0; i < n; i++) {
            px[i] = (double)td_rng_below(&r, 1 + (uint64_t)round % 100);
            qty[i] = (double)td_rng_below(&r, 4);
            sum[(int)px[i]] += px[i] > 0 ? qty[i] : 0;
        }
        (void)fill(side, px, qty, n);
        int32_t level = 0;
        for (int k = 0; k <= 100 && level < TD_LADDER_LEVELS; k++) {
            const int price = side == TD_BID ? 100 - k : k;
            if (sum[price] == 0)
                continue;
            assert_true(b.px[side][level] == price);
            level++;
        }
        assert_int_equal(b.rows[side], level);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(worked_numbers),
        cmocka_unit_test(missing_levels_are_left_out),
        cmocka_unit_test(disorder_equals_and_bad),
        cmocka_unit_test(any_rows),
    };
    return cmocka_run_group_tests_name("ladder", tests, NULL, NULL);
}
