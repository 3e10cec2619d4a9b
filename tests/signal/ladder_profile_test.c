/* tests/signal/ladder_profile_test.c - sizes by price, exact until the table is full, wider and still complete afterwards. */
#include "signal/ladder_profile.h"

#include <string.h>

#include "base/random.h"
#include "support/support.h"

enum { CAP = 64 };

static struct td_profile_row rows[2 * CAP];
static struct td_profile p;

static void add(int64_t cents, int which, double qty)
{
    td_profile_add(&p, (td_px){cents * (TD_E9 / 100)}, which, qty);
}

static void by_price(void **state)
{
    (void)state;
    uint32_t point, low, high;
    td_profile_init(&p, rows, CAP);
    assert_false(td_profile_value_area(&p, 0.7, &point, &low, &high));
    add(103, 1, 5);
    add(101, 0, 20);
    add(102, 0, 30);
    add(102, 1, 30);
    add(105, 1, 1);
    add(101, 0, 2);
    const struct td_profile_row *r = td_profile_sort(&p);
    assert_int_equal(p.count, 4);
    assert_int_equal(td_profile_tick(&p), TD_E9 / 100);
    assert_int_equal(r[0].bucket, 101 * (TD_E9 / 100));
    assert_true(r[0].qty[0] == 22 && r[1].qty[1] == 30 && p.total[0] == 52);
    assert_true(
        td_profile_value_area(&p, 0.7, &point, &low, &high)); /* 61.6 of 88: 60 is too little */
    assert_int_equal(point, 1);
    assert_int_equal(low, 0);
    assert_int_equal(high, 1);
}

/* Any number of prices: each bucket holds what a count by hand puts there. */
static void full_tables_grow_wider(void **state)
{
    (void)state;
    enum { PRICES = 5000 };
    static double want[2][PRICES];
    struct td_rng r;
    double sum[2] = {0, 0};
    td_rng_init(&r, 8);
    memset(want, 0, sizeof want);
    td_profile_init(&p, rows, CAP);
    for (int i = 0; i < 50000; i++) {
        const int64_t cents = (int64_t)td_rng_below(&r, 1 + (uint64_t)i / 10) % PRICES;
        const int which = (int)td_rng_below(&r, 2);
        add(cents, which, i % 7);
        want[which][cents] += i % 7;
    }
    const struct td_profile_row *row = td_profile_sort(&p);
    assert_true(p.count > CAP / 4 && p.count < CAP);
    assert_int_equal(p.width % (2 * (TD_E9 / 100)), 0);
    for (uint32_t i = 0; i < p.count; i++)
        for (int w = 0; w < 2; w++) {
            double expected = 0;
            for (int64_t c = 0; c < PRICES; c++)
                expected += c * (TD_E9 / 100) / p.width == row[i].bucket ? want[w][c] : 0;
            assert_true(row[i].qty[w] == expected);
            sum[w] += row[i].qty[w];
        }
    assert_true(sum[0] == p.total[0] && sum[1] == p.total[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_price),
        cmocka_unit_test(full_tables_grow_wider),
    };
    return cmocka_run_group_tests_name("ladder_profile", tests, NULL, NULL);
}
