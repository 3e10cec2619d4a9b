/* tests/trade/kill_switch_test.c - each rule at its limit, what a resume forgives, and what is not known. */
#include "support/support.h"

#include "trade/kill.h"

static const struct td_kill_values limits = {{TD_E9 / 20, TD_E9 / 50, 5, TD_E9 / 10, 1}};

static void each_rule_trips_at_its_limit(void **state)
{
    (void)state;
    for (int i = 0; i < TD_KILL_COUNT; i++) {
        struct td_kill k;
        struct td_kill_values now = {{0}};
        char reason[160];
        struct td_text t;
        td_kill_init(&k, &limits);
        now.value[i] = limits.value[i] - 1;
        assert_int_equal(td_kill_look(&k, &now, NULL), TD_KILL_NONE);
        now.value[i]++;
        td_text_init(&t, reason, sizeof reason);
        assert_int_equal(td_kill_look(&k, &now, &t), i);
        assert_non_null(strstr(reason, td_kill_word((enum td_kill_rule)i)));
        k.limits.value[i] = 0; /* off */
        now.value[i] *= 100;
        assert_int_equal(td_kill_look(&k, &now, NULL), TD_KILL_NONE);
    }
}

static void a_resume_forgives_what_was_and_no_more(void **state)
{
    (void)state;
    struct td_kill k;
    struct td_kill_values now = {{0}};
    td_kill_init(&k, &limits);
    now.value[TD_KILL_LOSING_STREAK] = 5;
    assert_int_equal(td_kill_look(&k, &now, NULL), TD_KILL_LOSING_STREAK);
    assert_int_equal(td_kill_look(&k, &now, NULL), TD_KILL_LOSING_STREAK); /* sticky */
    td_kill_resumed(&k, &now);
    for (int64_t streak = 5; streak < 10; streak++) {
        now.value[TD_KILL_LOSING_STREAK] = streak;
        assert_int_equal(td_kill_look(&k, &now, NULL), TD_KILL_NONE);
    }
    now.value[TD_KILL_LOSING_STREAK] = 10;
    assert_int_equal(td_kill_look(&k, &now, NULL), TD_KILL_LOSING_STREAK);
    td_kill_resumed(&k, &now);
    now.value[TD_KILL_LOSING_STREAK] = 0; /* a win: all begins anew */
    assert_int_equal(td_kill_look(&k, &now, NULL), TD_KILL_NONE);
    now.value[TD_KILL_LOSING_STREAK] = 5;
    assert_int_equal(td_kill_look(&k, &now, NULL), TD_KILL_LOSING_STREAK);
}

static void the_unknown_trips_nothing(void **state)
{
    (void)state;
    struct td_kill k;
    struct td_kill_values now;
    td_kill_init(&k, &limits);
    for (int i = 0; i < TD_KILL_COUNT; i++)
        now.value[i] = TD_E9_NONE;
    assert_int_equal(td_kill_look(&k, &now, NULL), TD_KILL_NONE);
    td_kill_resumed(&k, &now);
    assert_int_equal(k.forgiven.value[0], 0);
    assert_string_equal(td_kill_word(TD_KILL_NONE), "none");
}

static void parts_of_equity(void **state)
{
    (void)state;
    assert_int_equal(td_kill_part(TD_CASH(-2000), TD_CASH(100000)), TD_E9 / 50);
    assert_int_equal(td_kill_part(TD_CASH(2000), TD_CASH(100000)), 0);
    assert_int_equal(td_kill_part(TD_CASH_NONE, TD_CASH(100000)), TD_E9_NONE);
    assert_int_equal(td_kill_part(TD_CASH(-1), TD_CASH_NONE), TD_E9_NONE);
    assert_int_equal(td_kill_part(TD_CASH(-1), TD_CASH(0)), TD_E9_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_rule_trips_at_its_limit),
        cmocka_unit_test(a_resume_forgives_what_was_and_no_more),
        cmocka_unit_test(the_unknown_trips_nothing),
        cmocka_unit_test(parts_of_equity),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
