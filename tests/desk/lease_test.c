/* tests/desk/lease_test.c - leases of client ids, and what a verdict and an account are. */
#include "support/support.h"

#include <stdio.h>
#include <string.h>

#include "desk/lease.h"
#include "desk/verdict.h"
#include "sys/machine.h"
#include "sys/uvworld.h"

static struct td_world world;

static int open_world(void **state)
{
    (void)state;
    return td_uvworld_open(&world, false, NULL) == TD_OK ? 0 : -1;
}

static int close_world(void **state)
{
    (void)state;
    td_uvworld_close(&world);
    return 0;
}

static void one_holder_at_a_time(void **state)
{
    struct td_lease a, b;
    struct td_fail why = {0};
    char folder[600], pid[40];
    (void)state;
    (void)snprintf(folder, sizeof folder, "%s/run/tapedeck", td_test_folder("lease"));
    TD_OK_OR_FAIL(td_lease_take(&a, &world, folder, "127.0.0.1", 4002, 2011, &why));
    assert_int_equal(td_lease_take(&b, &world, folder, "localhost", 4002, 2011, &why), TD_ELOCKED);
    (void)snprintf(pid, sizeof pid, "pid %lld ", (long long)td_machine_pid());
    assert_non_null(strstr(why.text, pid));
    assert_non_null(strstr(why.text, "lease_test")); /* the command, too */
    TD_OK_OR_FAIL(td_lease_take(&b, &world, folder, "127.0.0.1", 4002, 2012, &why));
    td_lease_drop(&b);
    TD_OK_OR_FAIL(td_lease_take(&b, &world, folder, "127.0.0.1", 7497, 2011, &why));
    td_lease_drop(&b);
    TD_OK_OR_FAIL(td_lease_take(&b, &world, folder, "../../x/y", 4002, 2011, &why));
    td_lease_drop(&b);
    td_lease_drop(&a);
    td_lease_drop(&a);
    TD_OK_OR_FAIL(td_lease_take(&b, &world, folder, "127.0.0.1", 4002, 2011, &why));
    td_lease_drop(&b);
    assert_int_not_equal(td_lease_take(&b, &world, "/proc/no", "h", 1, 1, &why), TD_OK);
    assert_null(b.world);
}

static void verdicts_are_distinct(void **state)
{
    (void)state;
    for (int i = 0; i < TD_PROBES; i++) {
        assert_true(td_probe_rows[i].exit == 0 || td_probe_rows[i].exit >= 2);
        for (int k = 0; k < i; k++) {
            assert_string_not_equal(td_probe_rows[i].name, td_probe_rows[k].name);
            assert_int_not_equal(td_probe_rows[i].exit, td_probe_rows[k].exit);
        }
    }
    assert_int_equal(td_probe_verdict_of(TD_EMUTE, false, false), TD_PROBE_MUTE);
    assert_int_equal(td_probe_verdict_of(TD_EMUTE, true, true), TD_PROBE_HALF_ARMED);
    assert_int_equal(td_probe_verdict_of(TD_EUNREACH, false, true), TD_PROBE_REFUSED);
    assert_int_equal(td_probe_verdict_of(TD_EVERSION, false, false), TD_PROBE_VERSION);
    assert_int_equal(td_probe_verdict_of(TD_EVERSION, false, true), TD_PROBE_PROTOCOL);
    assert_int_equal(td_probe_verdict_of(TD_ECLOSED, false, false), TD_PROBE_CLOSED);
    assert_int_equal(td_probe_verdict_of(TD_ECLOSED, false, true), TD_PROBE_PROTOCOL);
    assert_int_equal(td_probe_verdict_of(TD_ECLOSED, true, true), TD_PROBE_CLOSED);
    assert_int_equal(td_probe_rows[TD_PROBE_REFUSED].exit, 2);
}

static void paper_accounts_are_du_and_df(void **state)
{
    static const struct {
        const char *accounts;
        bool paper;
    } cases[] = {{"DU1234567", true},
                 {"DF1234567,DU1,", true},
                 {" DU1 , DU2 ", true},
                 {"U1234567", false},
                 {"DU1234567,U1", false},
                 {"F1234567", false},
                 {"", false},
                 {",", false},
                 {"DU", false},
                 {"DUx", false},
                 {"DU-1", false},
                 {"du1234567", false},
                 {"XDU1234567", false},
                 {"I123", false}};
    (void)state;
    for (size_t i = 0; i < TD_COUNT(cases); i++)
        assert_int_equal(td_accounts_are_paper(cases[i].accounts), cases[i].paper);
    assert_true(td_accounts_hold("DU1,DU2", "DU2"));
    assert_true(td_accounts_hold("DU1", ""));
    assert_true(td_accounts_hold("DU1", NULL));
    assert_false(td_accounts_hold("DU12", "DU1"));
    assert_false(td_accounts_hold("", "DU1"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(one_holder_at_a_time),
                                       cmocka_unit_test(verdicts_are_distinct),
                                       cmocka_unit_test(paper_accounts_are_du_and_df)};
    return cmocka_run_group_tests_name("desk/lease", tests, open_world, close_world);
}
