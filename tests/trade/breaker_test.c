/* tests/trade/breaker_test.c - what opens a breaker, what closes it, what stays open, and its numbers. */
#include "support/support.h"

#include <stdio.h>

#include "base/random.h"
#include "trade/breaker.h"

static struct td_breaker b;
static td_ns now;

static int begin(void **state)
{
    (void)state;
    now = 1000 * TD_SEC;
    td_breaker_init(&b, "orders", NULL, now);
    return 0;
}

static void say(bool success, int times)
{
    for (int i = 0; i < times; i++)
        td_breaker_report(&b, success, now);
}

static void five_in_a_row_open(void **state)
{
    (void)state;
    say(false, 4);
    assert_true(td_breaker_admits(&b, now));
    say(true, 1);
    say(false, 4);
    assert_true(td_breaker_admits(&b, now));
    say(false, 1);
    assert_false(td_breaker_admits(&b, now));
    assert_int_equal(b.times_opened, 1);
}

static void more_than_half_of_ten_open(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) { /* two of three, nine calls at most before the tenth */
        td_breaker_report(&b, false, now);
        td_breaker_report(&b, true, now);
    }
    td_breaker_report(&b, false, now);
    assert_true(td_breaker_admits(&b, now)); /* 5 of 9 */
    td_breaker_report(&b, true, now);
    assert_true(td_breaker_admits(&b, now)); /* 5 of 10 is not more than half */
    td_breaker_report(&b, false, now);
    assert_false(td_breaker_admits(&b, now)); /* 6 of 11 */
}

static void old_calls_leave_the_window(void **state)
{
    (void)state;
    for (int i = 0; i < 9; i++)
        td_breaker_report(&b, i % 2 != 0 || i == 8, now); /* 4 failures, the last is none */
    now += 60 * TD_SEC;
    for (int i = 0; i < 4; i++)
        say(false, 1);
    assert_true(td_breaker_admits(&b, now));
    (void)begin(NULL);
    for (int i = 0; i < 9; i++)
        td_breaker_report(&b, (i % 2 != 0 && i != 7) || i == 8, now); /* 5 */
    now += 59 * TD_SEC;
    say(false, 1);
    assert_false(td_breaker_admits(&b, now)); /* 6 of 10, all within the minute */
}

static void a_probe_closes_or_opens(void **state)
{
    (void)state;
    say(false, 5);
    now += 300 * TD_SEC - 1;
    assert_int_equal(td_breaker_state_at(&b, now), TD_BREAKER_OPEN);
    now++;
    assert_int_equal(td_breaker_state_at(&b, now), TD_BREAKER_HALF_OPEN);
    assert_true(td_breaker_admits(&b, now));
    td_breaker_begin(&b, now);
    assert_false(td_breaker_admits(&b, now)); /* one only */
    say(false, 1);
    assert_false(td_breaker_admits(&b, now));
    assert_int_equal(b.times_opened, 2);
    now += 300 * TD_SEC;
    td_breaker_begin(&b, now);
    say(true, 1);
    assert_true(td_breaker_admits(&b, now));
    assert_int_equal(b.times_recovered, 1);
    say(false, 4);
    assert_true(td_breaker_admits(&b, now)); /* it begins anew */
}

static void a_probe_without_an_outcome_is_given_up(void **state)
{
    (void)state;
    say(false, 5);
    now += 300 * TD_SEC;
    td_breaker_begin(&b, now);
    now += 300 * TD_SEC - 1;
    assert_false(td_breaker_admits(&b, now));
    now++;
    assert_true(td_breaker_admits(&b, now));
}

static void outcomes_while_open_prove_nothing(void **state)
{
    (void)state;
    say(false, 5);
    now += 200 * TD_SEC;
    say(true, 50);
    assert_false(td_breaker_admits(&b, now));
    say(false, 1); /* the wait begins anew */
    now += 299 * TD_SEC;
    assert_false(td_breaker_admits(&b, now));
    now += TD_SEC;
    say(true, 1); /* the first after the wait is the probe */
    assert_int_equal(td_breaker_state_at(&b, now), TD_BREAKER_CLOSED);
}

static void an_emergency_latches(void **state)
{
    (void)state;
    td_breaker_trip(&b, now); /* without any failure before it */
    for (int i = 0; i < 100; i++) {
        now += 301 * TD_SEC;
        assert_false(td_breaker_admits(&b, now));
        say(true, 1);
    }
    assert_int_equal(b.times_opened, 1);
    td_breaker_reset(&b, now);
    assert_true(td_breaker_admits(&b, now));
    assert_int_equal(b.times_recovered, 1);
    td_breaker_reset(&b, now); /* nothing to recover from */
    assert_int_equal(b.times_recovered, 1);
}

static void the_numbers(void **state)
{
    (void)state;
    struct td_breaker_stats s;
    td_breaker_read(&b, now, &s);
    assert_true(s.failure_rate == 0 && s.last_failure_ago == TD_NS_NEVER);
    assert_true(s.last_success_ago == TD_NS_NEVER);
    say(true, 3);
    now += TD_SEC;
    say(false, 1);
    now += 2 * TD_SEC;
    td_breaker_read(&b, now, &s);
    assert_string_equal(s.name, "orders");
    assert_string_equal(s.state, "closed");
    assert_int_equal(s.total_calls, 4);
    assert_int_equal(s.successful_calls, 3);
    assert_int_equal(s.failed_calls, 1);
    assert_int_equal(s.consecutive_failures, 1);
    assert_int_equal(s.consecutive_successes, 0);
    assert_true(s.failure_rate == 0.25);
    assert_int_equal(s.last_failure_ago, 2 * TD_SEC);
    assert_int_equal(s.last_success_ago, 3 * TD_SEC);
    assert_int_equal(s.state_duration, 3 * TD_SEC);
}

static void the_manager_has_room_for_sixteen(void **state)
{
    (void)state;
    static struct td_breakers all;
    const struct td_breaker_config two = {.failures_max = 2};
    char name[16];
    memset(&all, 0, sizeof all);
    for (int i = 0; i < TD_BREAKERS_MAX; i++) {
        (void)snprintf(name, sizeof name, "b%d", i);
        assert_non_null(td_breakers_get(&all, name, &two, now));
    }
    assert_null(td_breakers_get(&all, "more", &two, now));
    struct td_breaker *third = td_breakers_get(&all, "b2", NULL, now);
    assert_int_equal(third->config.failures_max, 2);
    assert_null(td_breakers_first_open(&all, now));
    td_breaker_report(third, false, now);
    td_breaker_report(third, false, now);
    assert_ptr_equal(td_breakers_first_open(&all, now), third);
    td_breakers_trip(&all, now);
    assert_ptr_equal(td_breakers_first_open(&all, now), &all.rows[0]);
    td_breakers_reset(&all, now);
    assert_null(td_breakers_first_open(&all, now));
}

/* A plain model that keeps every call, against the seconds of the breaker. */
static void a_model_agrees(void **state)
{
    (void)state;
    static struct {
        td_ns at;
        bool ok;
    } calls[4000];
    struct td_rng rng;
    int opened = 0;
    for (uint64_t seed = 0; seed < 40; seed++) {
        int n = 0, row = 0;
        (void)begin(NULL);
        td_rng_init(&rng, seed);
        for (int i = 0; i < 4000 && b.state == TD_BREAKER_CLOSED; i++) {
            int all = 0, bad = 0;
            now += td_rng_between(&rng, 0, 12) * TD_SEC;
            calls[n].at = now;
            calls[n++].ok = td_rng_chance(&rng, 0.5);
            row = calls[n - 1].ok ? 0 : row + 1;
            for (int k = 0; k < n; k++)
                if (now / TD_SEC - calls[k].at / TD_SEC < 60) {
                    all++;
                    bad += !calls[k].ok;
                }
            const bool opens = !calls[n - 1].ok && (row >= 5 || (all >= 10 && 2 * bad > all));
            td_breaker_report(&b, calls[n - 1].ok, now);
            assert_int_equal(b.state, opens ? TD_BREAKER_OPEN : TD_BREAKER_CLOSED);
            opened += opens;
        }
    }
    assert_int_equal(opened, 40);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(five_in_a_row_open, begin),
        cmocka_unit_test_setup(more_than_half_of_ten_open, begin),
        cmocka_unit_test_setup(old_calls_leave_the_window, begin),
        cmocka_unit_test_setup(a_probe_closes_or_opens, begin),
        cmocka_unit_test_setup(a_probe_without_an_outcome_is_given_up, begin),
        cmocka_unit_test_setup(outcomes_while_open_prove_nothing, begin),
        cmocka_unit_test_setup(an_emergency_latches, begin),
        cmocka_unit_test_setup(the_numbers, begin),
        cmocka_unit_test_setup(the_manager_has_room_for_sixteen, begin),
        cmocka_unit_test_setup(a_model_agrees, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
