/* tests/signal/ladder_flow_test.c - the worked order flow, every case of a move, gaps, recoveries. */
#include "signal/ladder_flow.h"

#include "support/support.h"

static struct td_ladder book_of(double pb, double qb, double pa, double qa)
{
    struct td_ladder b = {.rows = {1, 1}};
    b.px[TD_BID][0] = pb;
    b.qty[TD_BID][0] = qb;
    b.px[TD_ASK][0] = pa;
    b.qty[TD_ASK][0] = qa;
    return b;
}

/* pb=100.01 qb=300 pa=100.02 qa=600 after 100.00 x 500 / 100.02 x 400: e = 300 - 600 + 400 = 100. */
static void worked_number(void **state)
{
    (void)state;
    struct td_ofi o;
    double e[TD_OFI_LEVELS];
    struct td_ladder b = book_of(100.00, 500, 100.02, 400);
    td_ofi_init(&o, 1);
    assert_int_equal(td_ofi_push(&o, &b, e), -1);
    assert_true(e[0] == 0);
    b = book_of(100.01, 300, 100.02, 600);
    assert_int_equal(td_ofi_push(&o, &b, e), 1);
    assert_true(e[0] == 100);
    assert_int_equal(td_ofi_push(&o, &b, e), 1);
    assert_true(e[0] == 0);
    td_ofi_reset(&o);
    assert_int_equal(td_ofi_push(&o, &b, e), -1);
}

/* Six moves from 10 x 7 / 20 x 5, each alone: bid and ask up, down, or their size. */
static void each_move(void **state)
{
    (void)state;
    static const struct {
        double pb, qb, pa, qa, e;
    } rows[] = {
        {11, 3, 20, 5, 3}, {9, 3, 20, 5, -7},  {10, 9, 20, 5, 2},
        {10, 7, 21, 4, 5}, {10, 7, 19, 4, -4}, {10, 7, 20, 8, -3},
    };
    for (size_t i = 0; i < TD_COUNT(rows); i++) {
        struct td_ofi o;
        double e[TD_OFI_LEVELS];
        const struct td_ladder first = book_of(10, 7, 20, 5),
                               next = book_of(rows[i].pb, rows[i].qb, rows[i].pa, rows[i].qa);
        td_ofi_init(&o, TD_OFI_LEVELS);
        assert_int_equal(td_ofi_push(&o, &first, e), -1);
        assert_int_equal(td_ofi_push(&o, &next, e), 1);
        assert_true(e[0] == rows[i].e && e[1] == 0);
    }
}

/* Levels that one of the four sides lacks are not compared. */
static void missing_levels(void **state)
{
    (void)state;
    struct td_ofi o;
    double e[TD_OFI_LEVELS];
    struct td_ladder b = book_of(10, 7, 20, 5);
    b.rows[TD_BID] = 2;
    b.px[TD_BID][1] = 9;
    b.qty[TD_BID][1] = 1;
    td_ofi_init(&o, TD_OFI_LEVELS);
    (void)td_ofi_push(&o, &b, e);
    b.rows[TD_ASK] = 2;
    b.px[TD_ASK][1] = 21;
    b.qty[TD_ASK][1] = 1;
    assert_int_equal(td_ofi_push(&o, &b, e), 1);
    assert_int_equal(td_ofi_push(&o, &b, e), 2);
    b.qty[TD_BID][1] = 4;
    assert_int_equal(td_ofi_push(&o, &b, e), 2);
    assert_true(e[1] == 3);
}

static void recoveries(void **state)
{
    (void)state;
    struct td_recovery r = {0}, d = {0};
    td_ns took = -1;
    assert_int_equal(td_recovery_spread(&r, 1, 1, 0, 60, &took), TD_RECOVERY_NONE);
    assert_int_equal(td_recovery_spread(&r, 1, 3, 10, 60, &took), TD_RECOVERY_BEGUN);
    assert_int_equal(td_recovery_spread(&r, 3, 2, 20, 60, &took), TD_RECOVERY_NONE);
    assert_int_equal(td_recovery_spread(&r, 2, 1, 25, 60, &took), TD_RECOVERY_BACK);
    assert_int_equal(took, 15);
    assert_int_equal(td_recovery_spread(&r, 1, 2, 30, 60, &took), TD_RECOVERY_BEGUN);
    assert_int_equal(td_recovery_spread(&r, 2, 2, 90, 60, &took), TD_RECOVERY_NONE);
    assert_int_equal(td_recovery_spread(&r, 2, 1, 91, 60, &took), TD_RECOVERY_LOST);
    assert_int_equal(td_recovery_spread(&r, 2, 2, 92, 60, &took), TD_RECOVERY_NONE);
    assert_int_equal(td_recovery_depth(&d, 100, 51, 0, 60, &took), TD_RECOVERY_NONE);
    assert_int_equal(td_recovery_depth(&d, 100, 50, 1, 60, &took), TD_RECOVERY_BEGUN);
    assert_int_equal(td_recovery_depth(&d, 50, 89, 2, 60, &took), TD_RECOVERY_NONE);
    assert_int_equal(td_recovery_depth(&d, 89, 90, 4, 60, &took), TD_RECOVERY_BACK);
    assert_int_equal(took, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(worked_number),
        cmocka_unit_test(each_move),
        cmocka_unit_test(missing_levels),
        cmocka_unit_test(recoveries),
    };
    return cmocka_run_group_tests_name("ladder_flow", tests, NULL, NULL);
}
