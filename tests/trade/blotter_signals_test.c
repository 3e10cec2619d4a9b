/* tests/trade/blotter_signals_test.c - rows of external signals: what may follow what, ids that come twice, and the newest that
 * take the place of the oldest. */
#include "support/support.h"

#include <stdio.h>

#include "trade/record_stream.h"

static const struct td_blotter_limits few = {16, 16, 8, 0, 0};
static struct td_blotter b;
static void *memory;

static int open_blotter(void **state)
{
    (void)state;
    blotter_make(&b, &memory, &few);
    return 0;
}

static int close_blotter(void **state)
{
    (void)state;
    free(memory);
    return 0;
}

static enum td_err apply(uint32_t number, const char *id, enum td_mlsignal_state state)
{
    struct td_mlsignal_row row = {.number = number, .state = (uint8_t)state, .changed = number};
    struct td_record r;
    (void)snprintf(row.told.id, sizeof row.told.id, "%s", id);
    td_mlsignal_record(&row, &r);
    stream_pass(&r);
    return td_blotter_apply(&b, &r);
}

static void a_row_follows_its_states(void **state)
{
    (void)state;
    assert_int_equal(apply(1, "a", TD_MLS_EXECUTING), TD_ECORRUPT); /* not the first */
    assert_int_equal(apply(2, "a", TD_MLS_VALIDATED), TD_ECORRUPT); /* a hole */
    assert_int_equal(apply(1, "", TD_MLS_VALIDATED), TD_ECORRUPT);
    TD_OK_OR_FAIL(apply(1, "a", TD_MLS_VALIDATED));
    assert_int_equal(apply(1, "a", TD_MLS_VALIDATED), TD_EEXIST);
    assert_int_equal(apply(1, "b", TD_MLS_EXECUTING), TD_ECORRUPT); /* another's number */
    assert_int_equal(apply(1, "a", TD_MLS_REJECTED), TD_ECORRUPT);
    TD_OK_OR_FAIL(apply(1, "a", TD_MLS_EXECUTING));
    TD_OK_OR_FAIL(apply(1, "a", TD_MLS_EXECUTED));
    assert_int_equal(apply(1, "a", TD_MLS_FAILED), TD_ECORRUPT);  /* it is over */
    assert_int_equal(apply(2, "a", TD_MLS_VALIDATED), TD_EEXIST); /* the same id */
    TD_OK_OR_FAIL(apply(2, "b", TD_MLS_REJECTED));
    assert_int_equal(td_blotter_signals(&b), 2);
    assert_int_equal(td_blotter_signal_of(&b, "a")->state, TD_MLS_EXECUTED);
    assert_null(td_blotter_signal(&b, 3));
    assert_null(td_blotter_signal(&b, 0));
}

static void the_newest_take_the_place_of_the_oldest(void **state)
{
    (void)state;
    char id[20];
    TD_OK_OR_FAIL(apply(1, "first", TD_MLS_VALIDATED));
    for (uint32_t n = 2; n <= TD_MLSIGNALS_KEPT; n++) {
        (void)snprintf(id, sizeof id, "n%u", n);
        TD_OK_OR_FAIL(apply(n, id, TD_MLS_REJECTED));
    }
    assert_int_equal(apply(TD_MLSIGNALS_KEPT + 1, "next", TD_MLS_VALIDATED), TD_EFULL);
    TD_OK_OR_FAIL(apply(1, "first", TD_MLS_FAILED));
    TD_OK_OR_FAIL(apply(TD_MLSIGNALS_KEPT + 1, "next", TD_MLS_VALIDATED));
    assert_int_equal(td_blotter_signals(&b), TD_MLSIGNALS_KEPT);
    assert_null(td_blotter_signal_of(&b, "first"));
    assert_null(td_blotter_signal(&b, 1));
    assert_int_equal(td_blotter_signal_of(&b, "next")->number, TD_MLSIGNALS_KEPT + 1);
    assert_int_equal(apply(1, "first", TD_MLS_VALIDATED), TD_ECORRUPT); /* a number of long ago */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_row_follows_its_states, open_blotter, close_blotter),
        cmocka_unit_test_setup_teardown(the_newest_take_the_place_of_the_oldest, open_blotter,
                                        close_blotter),
    };
    return cmocka_run_group_tests_name("trade/blotter_signals", tests, NULL, NULL);
}
