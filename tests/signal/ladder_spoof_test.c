/* tests/signal/ladder_spoof_test.c - the rule by comparing all with all, the bound of memory, and the worst for a scan. */
#include "signal/ladder_spoof.h"

#include "base/random.h"
#include "support/support.h"

enum { CAP = 4096, MESSAGES = 4000 };

static struct td_spoof_node nodes[CAP];
static struct td_spoof s;

struct message {
    td_ns at;
    bool add;
    struct td_depth d;
};
static struct message m[MESSAGES];

static void draw(uint64_t seed)
{
    struct td_rng r;
    td_ns at = 1000;
    td_rng_init(&r, seed);
    for (size_t i = 0; i < MESSAGES; i++) {
        at += (td_ns)td_rng_below(&r, 2 * (uint64_t)TD_SEC);
        m[i] = (struct message){at,
                                td_rng_chance(&r, 0.6),
                                {.px = {(int64_t)td_rng_below(&r, 12) * (TD_E9 / 200)},
                                 .qty = TD_QTY(i),
                                 .row = (int32_t)td_rng_below(&r, 3),
                                 .side = (uint8_t)td_rng_below(&r, 2)}};
    }
}

static bool fits(const struct message *add, const struct message *gone)
{
    const int64_t d = add->d.px.e9 - gone->d.px.e9;
    return !gone->add && gone->d.side == add->d.side && gone->d.row == add->d.row &&
           d <= TD_SPOOF_TOLERANCE && d >= -TD_SPOOF_TOLERANCE;
}

static void all_with_all(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        uint64_t found = 0;
        draw(seed);
        td_spoof_init(&s, nodes, CAP);
        for (size_t i = 0; i < MESSAGES; i++)
            (m[i].add ? td_spoof_add : td_spoof_remove)(&s, m[i].at, &m[i].d);
        for (size_t i = 0; i < MESSAGES; i++) {
            size_t k = i + 1;
            while (m[i].add && k < MESSAGES && !fits(&m[i], &m[k]))
                k++;
            if (!m[i].add || k == MESSAGES || m[k].at - m[i].at >= TD_SPOOF_QUICK_NS)
                continue;
            if (found < TD_SPOOF_SHOWN) {
                assert_int_equal(s.shown[found].qty.e9, m[i].d.qty.e9);
                assert_int_equal(s.shown[found].removed_ns, m[k].at);
            }
            found++;
        }
        assert_true(found > 100);
        assert_int_equal(s.candidates, found);
        assert_int_equal(s.shown_count, TD_SPOOF_SHOWN);
        assert_int_equal(s.given_up, 0);
    }
}

static struct td_depth row_of(int64_t cents)
{
    return (struct td_depth){.px = {cents * (TD_E9 / 100)}, .qty = TD_QTY(1)};
}

static void edges(void **state)
{
    (void)state;
    const struct td_depth d = row_of(100), far = row_of(102), near = row_of(101);
    td_spoof_init(&s, nodes, 16);
    td_spoof_add(&s, 0, &d);
    td_spoof_remove(&s, TD_SPOOF_QUICK_NS, &d); /* ten seconds are not less than ten */
    assert_int_equal(s.candidates, 0);
    td_spoof_add(&s, TD_SPOOF_QUICK_NS, &d);
    td_spoof_remove(&s, TD_SPOOF_QUICK_NS, &far);
    assert_int_equal(s.candidates, 0);
    td_spoof_remove(&s, TD_SPOOF_QUICK_NS, &near);
    assert_int_equal(s.candidates, 1);
    td_spoof_remove(&s, TD_SPOOF_QUICK_NS, &d); /* its first removal has been */
    assert_int_equal(s.candidates, 1);
    td_spoof_add(&s, 20 * TD_SEC, &d);
    td_spoof_forget(&s);
    td_spoof_remove(&s, 20 * TD_SEC, &d);
    assert_int_equal(s.candidates, 1);
    td_spoof_add(&s, 1, &d); /* back in time: counts as now */
    assert_int_equal(s.late, 1);
    td_spoof_remove(&s, 20 * TD_SEC, &d);
    assert_int_equal(s.candidates, 2);
}

static void full_memory(void **state)
{
    (void)state;
    const struct td_depth d = row_of(100);
    td_spoof_init(&s, nodes, 16);
    for (int i = 0; i < 40; i++)
        td_spoof_add(&s, i, &d);
    assert_int_equal(s.given_up, 24);
    td_spoof_remove(&s, 50, &d);
    assert_int_equal(s.candidates, 16);
    assert_int_equal(s.shown[0].seq, 24);
}

/* A burst of adds, and removals of a price a little too far away: all with all would be 800 million steps. */
static void bursts_cost_no_scan(void **state)
{
    (void)state;
    const struct td_depth far = row_of(105);
    td_spoof_init(&s, nodes, CAP);
    for (int round = 0; round < 200; round++) {
        for (int i = 0; i < 1000; i++) {
            const struct td_depth d = row_of(100 + i % 4);
            td_spoof_add(&s, round, &d);
        }
        for (int i = 0; i < 1000; i++)
            td_spoof_remove(&s, round, &far);
    }
    assert_int_equal(s.candidates, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_with_all),
        cmocka_unit_test(edges),
        cmocka_unit_test(full_memory),
        cmocka_unit_test(bursts_cost_no_scan),
    };
    return cmocka_run_group_tests_name("ladder_spoof", tests, NULL, NULL);
}
