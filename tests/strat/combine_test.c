/* tests/strat/combine_test.c - votes, weights and priorities by hand, and what no combination may do. */
#include "support/support.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/random.h"
#include "strat/combine.h"

static struct td_intent wish(int side, int64_t units, double strength)
{
    struct td_intent i = {.action = side > 0 ? TD_BUY : TD_SELL,
                          .type = TD_ORDER_MARKET,
                          .qty = TD_QTY(units),
                          .strength = strength};
    (void)snprintf(i.reason, sizeof i.reason, "%d %g", (int)units, strength);
    return i;
}

static struct td_intent leaving(int side, int64_t units)
{
    struct td_intent i = wish(side, units, 1);
    i.exit = true;
    return i;
}

static const struct td_combine_rule by_vote = {TD_COMBINE_VOTE, 0},
                                    by_weight = {TD_COMBINE_WEIGHTED, 0},
                                    by_priority = {TD_COMBINE_PRIORITY, 0};

static void votes(void **state)
{
    (void)state;
    const double w[] = {1, 1, 1};
    struct td_intent out[3];
    const struct td_intent two_to_one[] = {wish(1, 9, 0.6), wish(1, 6, 0.9), wish(-1, 3, 1)};
    assert_int_equal(td_combine(two_to_one, w, 3, &by_vote, out), 1);
    assert_int_equal(out[0].action, TD_BUY);
    assert_int_equal(out[0].qty.e9, 4 * TD_E9);            /* (9 + 6 - 3)/3 */
    assert_true(fabs(out[0].strength - 0.75 / 3) < 1e-12); /* mean of winners, one more of three */
    assert_int_equal(strncmp(out[0].reason, "6 0.9", 5), 0); /* the strongest speaks */
    const struct td_intent tie[] = {wish(1, 9, 1), wish(-1, 1, 0.1)};
    assert_int_equal(td_combine(tie, w, 2, &by_vote, out), 0);
    const struct td_intent outweighed[] = {wish(1, 1, 1), wish(1, 1, 1), wish(-1, 50, 1)};
    assert_int_equal(td_combine(outweighed, w, 3, &by_vote, out), 0); /* net of sizes is a sale */
}

static void weights(void **state)
{
    (void)state;
    const double w[] = {3, 1};
    struct td_intent out[2];
    const struct td_intent in[] = {wish(1, 10, 0.5), wish(-1, 4, 1)};
    assert_int_equal(td_combine(in, w, 2, &by_weight, out), 1);
    assert_int_equal(out[0].action, TD_BUY);
    assert_true(fabs(out[0].strength - 0.125) < 1e-12); /* (1.5 - 1)/4 */
    assert_int_equal(out[0].qty.e9, 6 * TD_E9);         /* (30 - 4)/4 = 6.5 */
    const struct td_combine_rule strict = {TD_COMBINE_WEIGHTED, 0.2};
    assert_int_equal(td_combine(in, w, 2, &strict, out), 0);
    const double dead[] = {0, 1}, bad[] = {(double)NAN, -1};
    assert_int_equal(td_combine(in, dead, 2, &by_weight, out), 1);
    assert_int_equal(out[0].action, TD_SELL);
    assert_int_equal(td_combine(in, bad, 2, &by_weight, out), 0);
    const struct td_intent unsized[] = {wish(1, 0, 0.5), wish(1, 4, 1)};
    assert_int_equal(td_combine(unsized, w, 2, &by_weight, out), 1);
    assert_int_equal(out[0].qty.e9, 0); /* the desk sizes */
}

static void priority(void **state)
{
    (void)state;
    const double w[] = {1, 5, 5};
    struct td_intent out[3];
    const struct td_intent in[] = {wish(1, 9, 1), wish(-1, 2, 0.3), wish(1, 7, 0.9)};
    assert_int_equal(td_combine(in, w, 3, &by_priority, out), 1);
    assert_int_equal(out[0].action, TD_SELL);
    assert_int_equal(out[0].qty.e9, 2 * TD_E9);
    assert_true(out[0].strength == 0.3);
}

static void exits_pass_and_are_not_undone(void **state)
{
    (void)state;
    const double w[] = {1, 1, 1, 1};
    struct td_intent out[4];
    const struct td_intent in[] = {wish(1, 9, 1), leaving(-1, 5), leaving(-1, 10),
                                   wish(-1, 3, 0.5)};
    assert_int_equal(td_combine(in, w, 4, &by_weight, out), 2);
    assert_true(out[0].exit && out[0].qty.e9 == 10 * TD_E9); /* the largest, once */
    assert_int_equal(out[1].action, TD_SELL); /* turning is allowed, buying back is not */
    assert_int_equal(out[1].qty.e9, 3 * TD_E9);
    const double none[] = {0, 0, 0, 0}; /* an exit needs no weight */
    assert_int_equal(td_combine(in, none, 4, &by_weight, out), 1);
    assert_true(out[0].exit);
}

static void own_orders_pass_as_they_are(void **state)
{
    (void)state;
    const double w[] = {1, 1, 1};
    struct td_intent out[3], in[] = {wish(1, 9, 1), wish(-1, 5, 1), wish(1, 1, 1)};
    in[0].kind = TD_INTENT_CANCEL;
    in[0].tag = 4;
    in[1].tag = 7;
    assert_int_equal(td_combine(in, w, 3, &by_vote, out), 3);
    assert_memory_equal(&out[0], &in[0], sizeof in[0]);
    assert_memory_equal(&out[1], &in[1], sizeof in[1]);
    assert_memory_equal(&out[2], &in[2], sizeof in[2]); /* alone it is itself */
    assert_int_equal(td_combine(in, w, 0, &by_vote, out), 0);
}

/* Whatever they want: one entry at most, never larger than the largest wish of its side, order does not matter. */
static void properties(void **state)
{
    (void)state;
    struct td_rng rng;
    td_rng_init(&rng, 3);
    for (int round = 0; round < 20000; round++) {
        struct td_intent in[8], back[8], out[8], other[8];
        double w[8], wb[8];
        const size_t n = 1 + (size_t)td_rng_below(&rng, 8);
        const struct td_combine_rule rule = {(enum td_combine_mode)td_rng_below(&rng, 3), 0.05};
        int64_t most[2] = {0, 0};
        for (size_t i = 0; i < n; i++) {
            in[i] = wish(td_rng_chance(&rng, 0.5) ? 1 : -1, td_rng_between(&rng, 1, 50),
                         td_rng_unit(&rng));
            w[i] = td_rng_unit(&rng);
            back[n - 1 - i] = in[i];
            wb[n - 1 - i] = w[i];
            if (in[i].qty.e9 > most[in[i].action])
                most[in[i].action] = in[i].qty.e9;
        }
        const size_t count = td_combine(in, w, n, &rule, out);
        assert_true(count <= 1);
        if (count) {
            assert_true(out[0].qty.e9 > 0 && out[0].qty.e9 <= most[out[0].action]);
            assert_int_equal(out[0].qty.e9 % TD_E9, 0);
            assert_true(out[0].strength >= 0.05 && out[0].strength <= 1);
        }
        assert_int_equal(td_combine(back, wb, n, &rule, other), count);
        if (count)
            assert_true(other[0].action == out[0].action && other[0].qty.e9 == out[0].qty.e9);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(votes),
        cmocka_unit_test(weights),
        cmocka_unit_test(priority),
        cmocka_unit_test(exits_pass_and_are_not_undone),
        cmocka_unit_test(own_orders_pass_as_they_are),
        cmocka_unit_test(properties),
    };
    return cmocka_run_group_tests_name("strat/combine", tests, NULL, NULL);
}
