/* tests/desk/pacer_test.c - the broker's message limits: exact edges, random traffic against a slow oracle. */
#include "support/support.h"

#include <string.h>

#include "base/random.h"
#include "desk/pacer.h"

static struct td_pacer pacer;

static int begin(void **state)
{
    (void)state;
    td_pacer_init(&pacer);
    return 0;
}

static const struct td_pace other = {.kind = TD_PACE_OTHER};
static const struct td_pace order = {.kind = TD_PACE_ORDER};

static void orders_have_a_share_of_their_own(void **state)
{
    (void)state;
    const td_ns t = 100 * TD_SEC;
    for (int i = 0; i < 35; i++) {
        assert_true(td_pacer_when(&pacer, &other, t) == t);
        td_pacer_sent(&pacer, &other, t);
    }
    assert_true(td_pacer_when(&pacer, &other, t) == t + TD_PACE_SECOND);
    for (int i = 0; i < 5; i++) {
        assert_true(td_pacer_when(&pacer, &order, t) == t);
        td_pacer_sent(&pacer, &order, t);
    }
    assert_true(td_pacer_when(&pacer, &order, t) == t + TD_PACE_SECOND);
    assert_true(td_pacer_when(&pacer, &other, t + TD_PACE_SECOND - 1) == t + TD_PACE_SECOND);
    assert_true(td_pacer_when(&pacer, &other, t + TD_PACE_SECOND) == t + TD_PACE_SECOND);
}

static void history_has_five_rules(void **state)
{
    (void)state;
    td_ns t = 1000 * TD_SEC;
    struct td_pace one = {.kind = TD_PACE_HISTORY_SMALL, .weight = 1, .request = 1, .stream = 7};
    td_pacer_sent(&pacer, &one, t);
    assert_true(td_pacer_when(&pacer, &one, t) == t + 15 * TD_SEC); /* identical */
    for (uint64_t i = 2; i <= 5; i++) {
        one.request = i;
        assert_true(td_pacer_when(&pacer, &one, t) == t);
        td_pacer_sent(&pacer, &one, t);
    }
    one.request = 6;
    assert_true(td_pacer_when(&pacer, &one, t) == t + 2 * TD_SEC); /* fewer than six */
    one.stream = 8;
    assert_true(td_pacer_when(&pacer, &one, t) == t);
    /* 5 sent; with BID_ASK 27 more are 59, then one is 60 */
    struct td_pace bid_ask = {.kind = TD_PACE_HISTORY_SMALL, .weight = 2};
    for (uint64_t i = 0; i < 27; i++) {
        bid_ask.request = bid_ask.stream = 100 + i;
        t += TD_SEC;
        assert_true(td_pacer_when(&pacer, &bid_ask, t) == t);
        td_pacer_sent(&pacer, &bid_ask, t);
        td_pacer_answered(&pacer);
    }
    bid_ask.request = bid_ask.stream = 200;
    assert_true(td_pacer_when(&pacer, &bid_ask, t) == 1600 * TD_SEC); /* 59 + 2 is too much */
    one.request = one.stream = 300;
    assert_true(td_pacer_when(&pacer, &one, t) == t);
    td_pacer_sent(&pacer, &one, t);
    one.request = one.stream = 301;
    assert_true(td_pacer_when(&pacer, &one, t) == 1600 * TD_SEC);
    one.kind = TD_PACE_HISTORY; /* longer bars have no such limit */
    assert_true(td_pacer_when(&pacer, &one, t) == t);
}

static void fifty_are_in_flight(void **state)
{
    (void)state;
    td_ns t = 10 * TD_SEC;
    struct td_pace one = {.kind = TD_PACE_HISTORY};
    for (uint64_t i = 0; i < 50; i++) {
        one.request = one.stream = i;
        t += 100 * TD_MS;
        assert_true(td_pacer_when(&pacer, &one, t) == t);
        td_pacer_sent(&pacer, &one, t);
    }
    one.request = one.stream = 50;
    assert_true(td_pacer_when(&pacer, &one, t + TD_MIN) == TD_NS_NEVER);
    td_pacer_answered(&pacer);
    assert_true(td_pacer_when(&pacer, &one, t + TD_MIN) == t + TD_MIN);
    td_pacer_sent(&pacer, &one, t + TD_MIN);
    td_pacer_lost(&pacer);
    assert_int_equal(pacer.in_flight, 0);
    td_pacer_answered(&pacer); /* of the old connection */
    assert_int_equal(pacer.in_flight, 0);
}

static void ticks_are_one_per_instrument(void **state)
{
    (void)state;
    struct td_pace one = {.kind = TD_PACE_TICKS, .stream = 1};
    td_pacer_sent(&pacer, &one, TD_SEC);
    assert_true(td_pacer_when(&pacer, &one, 2 * TD_SEC) == 16 * TD_SEC);
    one.stream = 2;
    assert_true(td_pacer_when(&pacer, &one, 2 * TD_SEC) == 2 * TD_SEC);
}

static void error_100_halves_and_recovers(void **state)
{
    (void)state;
    td_ns t = 100 * TD_SEC;
    assert_int_equal(td_pacer_rate(&pacer, t), 40);
    td_pacer_refused(&pacer, t);
    td_pacer_refused(&pacer, t + TD_MS); /* of the same burst */
    assert_int_equal(td_pacer_rate(&pacer, t), 20);
    int n = 0;
    while (td_pacer_when(&pacer, &other, t) == t) {
        td_pacer_sent(&pacer, &other, t);
        n++;
    }
    assert_int_equal(n, 17); /* half of 35 */
    td_pacer_refused(&pacer, t + 2 * TD_SEC);
    assert_int_equal(td_pacer_rate(&pacer, t + 2 * TD_SEC), 10);
    for (int i = 0; i < 5; i++)
        td_pacer_refused(&pacer, t + (4 + i) * TD_SEC);
    assert_int_equal(td_pacer_rate(&pacer, t + 8 * TD_SEC), TD_PACE_RATE_LOW);
    assert_int_equal(td_pacer_rate(&pacer, t + 18 * TD_SEC), 10);
    assert_int_equal(td_pacer_rate(&pacer, t + 78 * TD_SEC), 40);
    assert_int_equal(td_pacer_rate(&pacer, t + 10000 * TD_SEC), 40);
}

/* --- random traffic; the oracle keeps everything and counts anew --- */

#define EVERYTHING 4000

static struct sent {
    td_ns at;
    struct td_pace what;
} everything[EVERYTHING];

static uint64_t key(const struct td_pace_rule *rule, const struct td_pace *w)
{
    return rule->per == TD_PACE_PER_REQUEST  ? w->request
           : rule->per == TD_PACE_PER_STREAM ? w->stream
                                             : 0;
}

static int in_window(size_t n, const struct td_pace_rule *rule, const struct td_pace *w, td_ns end)
{
    int sum = 0;
    for (size_t i = n; i-- > 0 && everything[i].at + rule->window > end;)
        if ((rule->counted & 1u << everything[i].what.kind) &&
            key(rule, &everything[i].what) == key(rule, w))
            sum += rule->window == 600 * TD_SEC && everything[i].what.weight == 2 ? 2 : 1;
    return sum;
}

static void no_rule_is_ever_broken(void **state)
{
    (void)state;
    struct td_rng rng;
    size_t count, checks = 0;
    const struct td_pace_rule *rules = td_pacer_rules(&count);
    td_ns t = TD_SEC;
    td_rng_init(&rng, 5);
    for (size_t n = 0; n < EVERYTHING; n++) {
        struct td_pace w = {.kind = (enum td_pace_kind)td_rng_below(&rng, TD_PACE_KINDS),
                            .weight = 1 + (int32_t)td_rng_below(&rng, 2),
                            .request = td_rng_below(&rng, 40),
                            .stream = td_rng_below(&rng, 8)};
        w.weight = w.kind == TD_PACE_HISTORY_SMALL ? w.weight : 1;
        const td_ns at = td_pacer_when(&pacer, &w, t);
        if (at == TD_NS_NEVER) {
            td_pacer_answered(&pacer);
            everything[n--].at = t;
            continue;
        }
        if (at > t + 5 * TD_SEC) { /* something else meanwhile */
            t += 10 * TD_MS;
            n--;
            continue;
        }
        t = at;
        td_pacer_sent(&pacer, &w, t);
        everything[n] = (struct sent){t, w};
        for (size_t r = 0; r < count; r++)
            if (rules[r].counted & 1u << w.kind) {
                /* "all but orders" only promises what it holds back */
                if (!(rules[r].held & 1u << w.kind))
                    continue;
                checks++;
                assert_true(in_window(n + 1, &rules[r], &w, t) <= rules[r].count);
            }
        if (td_rng_chance(&rng, 0.5))
            t += (td_ns)td_rng_below(&rng, 30) * TD_MS;
        if (td_rng_chance(&rng, 0.6))
            td_pacer_answered(&pacer);
    }
    print_message("%d sends in %lld s, %zu windows counted, 0 over\n", EVERYTHING,
                  (long long)(t / TD_SEC), checks);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(orders_have_a_share_of_their_own, begin),
        cmocka_unit_test_setup(history_has_five_rules, begin),
        cmocka_unit_test_setup(fifty_are_in_flight, begin),
        cmocka_unit_test_setup(ticks_are_one_per_instrument, begin),
        cmocka_unit_test_setup(error_100_halves_and_recovers, begin),
        cmocka_unit_test_setup(no_rule_is_ever_broken, begin),
    };
    return cmocka_run_group_tests_name("desk/pacer", tests, NULL, NULL);
}
