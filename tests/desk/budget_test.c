/* tests/desk/budget_test.c - slots, turns, refusals; and random use against the invariants. */
#include "support/support.h"

#include "base/random.h"
#include "desk/budget.h"

#define ITEMS 20

static struct td_budget_item items[ITEMS];
static struct td_budget budget;

static int begin(void **state)
{
    (void)state;
    td_budget_init(&budget, items, ITEMS, 3, TD_BUDGET_DWELL);
    return 0;
}

static void expect(td_ns now, uint32_t item, bool granted)
{
    struct td_budget_change c;
    assert_true(td_budget_next(&budget, now, &c));
    assert_int_equal(c.item, item);
    assert_int_equal(c.granted, granted);
}

static void expect_nothing(td_ns now)
{
    struct td_budget_change c;
    assert_false(td_budget_next(&budget, now, &c));
}

static void want(uint32_t n, td_ns now)
{
    for (uint32_t i = 0; i < n; i++)
        td_budget_want(&budget, i, now);
}

static void slots_go_by_order_of_asking(void **state)
{
    (void)state;
    want(5, 0);
    td_budget_want(&budget, 0, 0); /* twice is once */
    for (uint32_t i = 0; i < 3; i++)
        expect(0, i, true);
    expect_nothing(0);
    assert_true(td_budget_deadline(&budget) == TD_BUDGET_DWELL);
    td_budget_drop(&budget, 1); /* a free slot is given at once */
    assert_true(td_budget_deadline(&budget) == 0);
    expect(TD_SEC, 3, true);
    expect_nothing(TD_SEC);
    assert_true(td_budget_holds(&budget, 3) && !td_budget_holds(&budget, 4));
}

static void turns_come_after_the_dwell_time(void **state)
{
    (void)state;
    want(4, 0);
    for (uint32_t i = 0; i < 3; i++)
        expect((td_ns)i * TD_SEC, i, true);
    expect_nothing(30 * TD_SEC - 1);
    expect(30 * TD_SEC, 0, false);
    expect(30 * TD_SEC, 3, true);
    expect_nothing(30 * TD_SEC);
    expect(31 * TD_SEC, 1, false); /* 0 waits now */
    expect(31 * TD_SEC, 0, true);
    expect_nothing(31 * TD_SEC);
    budget.items[2].pinned = true; /* a position in it: it stays, the next one goes */
    expect(60 * TD_SEC, 3, false);
    expect(60 * TD_SEC, 1, true);
    assert_int_equal(budget.rotations, 3);
}

static void without_dwell_nobody_goes(void **state)
{
    (void)state;
    td_budget_init(&budget, items, ITEMS, 2, 0);
    want(4, 0);
    expect(0, 0, true);
    expect(0, 1, true);
    expect_nothing(TD_HOUR);
    assert_true(td_budget_deadline(&budget) == TD_NS_NEVER);
}

static void a_refusal_shrinks_and_grows_back(void **state)
{
    (void)state;
    want(4, 0);
    for (uint32_t i = 0; i < 3; i++)
        expect(0, i, true);
    td_budget_refused(&budget, 2, TD_SEC); /* 309: only two here */
    td_budget_refused(&budget, 2, TD_SEC); /* said twice */
    assert_int_equal(budget.slots, 2);
    assert_int_equal(budget.refusals, 1);
    expect_nothing(TD_SEC);
    expect(30 * TD_SEC, 0, false);
    expect(30 * TD_SEC, 2, true); /* head of the queue, before 3 */
    expect(30 * TD_SEC, 1, false);
    expect(30 * TD_SEC, 3, true);
    expect_nothing(31 * TD_SEC);
    expect(601 * TD_SEC, 0, true); /* ten minutes later one more is tried */
    assert_int_equal(budget.slots, 3);
    td_budget_refused(&budget, 0, 602 * TD_SEC);
    td_budget_refused(&budget, 3, 602 * TD_SEC);
    td_budget_refused(&budget, 2, 602 * TD_SEC);
    assert_int_equal(budget.slots, 0);
    expect_nothing(1201 * TD_SEC);
    assert_true(td_budget_deadline(&budget) == 1202 * TD_SEC);
    expect(1202 * TD_SEC, 2, true);
    expect_nothing(1202 * TD_SEC);
    td_budget_clear(&budget);
    assert_false(td_budget_holds(&budget, 2));
    assert_int_equal(budget.slots, 1); /* what was learnt stays */
}

static void random_use_keeps_the_books(void **state)
{
    (void)state;
    struct td_rng rng;
    uint64_t grants = 0;
    td_rng_init(&rng, 9);
    td_ns now = 0;
    for (int step = 0; step < 20000; step++) {
        const uint32_t item = (uint32_t)td_rng_below(&rng, ITEMS);
        struct td_budget_change c;
        now += (td_ns)td_rng_below(&rng, 3) * TD_SEC;
        if (td_rng_chance(&rng, 0.4))
            td_budget_want(&budget, item, now);
        else if (td_rng_chance(&rng, 0.2))
            td_budget_drop(&budget, item);
        else if (td_rng_chance(&rng, 0.02))
            td_budget_refused(&budget, item, now);
        budget.items[item].pinned = td_rng_chance(&rng, 0.1);
        for (int i = 0; td_budget_next(&budget, now, &c); i++) {
            grants += c.granted;
            assert_true(i < 2 * ITEMS); /* it ends */
        }
        uint32_t held = 0, waiting = 0;
        for (uint32_t i = 0; i < ITEMS; i++) {
            held += items[i].state == TD_BUDGET_HELD;
            waiting += items[i].state == TD_BUDGET_WAITING;
        }
        assert_int_equal(held, budget.held.count);
        assert_int_equal(waiting, budget.waiting.count);
        assert_true(held <= budget.slots && budget.slots <= 3);
        assert_true(!waiting || held == budget.slots);
    }
    print_message("20000 steps, %llu grants, %llu turns, %u refusals\n", (unsigned long long)grants,
                  (unsigned long long)budget.rotations, budget.refusals);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(slots_go_by_order_of_asking, begin),
        cmocka_unit_test_setup(turns_come_after_the_dwell_time, begin),
        cmocka_unit_test_setup(without_dwell_nobody_goes, begin),
        cmocka_unit_test_setup(a_refusal_shrinks_and_grows_back, begin),
        cmocka_unit_test_setup(random_use_keeps_the_books, begin),
    };
    return cmocka_run_group_tests_name("desk/budget", tests, NULL, NULL);
}
