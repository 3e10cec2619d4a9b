/* tests/market/levels_test.c - one side of a book against a plain sorted list, at every size, full ones too. */
#include "support/support.h"

#include <stdlib.h>

#include "base/random.h"
#include "market/levels.h"

#define MOST 40

/* The plain list: prices and sizes, best first. */
struct plain {
    int64_t px[MOST], qty[MOST];
    uint32_t count, cap;
    bool bid;
};

static void plain_set(struct plain *p, int64_t px, int64_t qty)
{
    uint32_t at = 0;
    while (at < p->count && (p->bid ? p->px[at] > px : p->px[at] < px))
        at++;
    const bool there = at < p->count && p->px[at] == px;
    if (there && qty > 0) {
        p->qty[at] = qty;
        return;
    }
    if (there) {
        for (p->count--; at < p->count; at++) {
            p->px[at] = p->px[at + 1];
            p->qty[at] = p->qty[at + 1];
        }
        return;
    }
    if (qty <= 0 || at == p->cap)
        return;
    p->count += p->count < p->cap;
    for (uint32_t i = p->count - 1; i > at; i--) {
        p->px[i] = p->px[i - 1];
        p->qty[i] = p->qty[i - 1];
    }
    p->px[at] = px;
    p->qty[at] = qty;
}

static void compare(const struct td_levels *l, const struct plain *p)
{
    assert_int_equal(l->count, p->count);
    assert_true(l->rows >= l->block && l->rows + l->count <= l->block + l->cap);
    for (uint32_t i = 0; i < p->count; i++) {
        assert_int_equal(l->rows[i].px.e9, p->px[i]);
        assert_int_equal(l->rows[i].qty.e9, p->qty[i]);
        assert_ptr_equal(td_levels_find(l, (td_px){p->px[i]}), &l->rows[i]);
    }
    assert_true(td_px_is_none(td_levels_at(l, p->count).px));
    assert_int_equal(td_levels_at(l, p->count).qty.e9, 0);
}

static void any_changes_equal_a_plain_list(void **state)
{
    (void)state;
    struct td_rng rng;
    td_rng_init(&rng, 11);
    for (uint32_t cap = 1; cap <= MOST; cap += 3)
        for (int bid = 0; bid < 2; bid++) {
            struct td_venue_level *block = malloc(cap * sizeof *block);
            struct td_levels l;
            struct plain p = {.cap = cap, .bid = bid};
            uint64_t full = 0;
            td_levels_init(&l, bid ? TD_BID : TD_ASK, block, cap);
            for (int n = 0; n < 3000; n++) {
                const int64_t px = td_rng_between(&rng, 1, 60);
                const int64_t qty = td_rng_chance(&rng, 0.4) ? 0 : td_rng_between(&rng, 1, 9);
                full += qty > 0 && l.count == cap && !td_levels_find(&l, (td_px){px});
                (void)td_levels_set(&l, (td_px){px}, (td_qty){qty});
                plain_set(&p, px, qty);
                if (n % 500 == 499) {
                    td_levels_trim(&l, n % 1000 == 999 ? (td_px){TD_E9_NONE} : (td_px){30});
                    for (int64_t gone = 1; gone <= 60; gone++)
                        if (n % 1000 == 999 || (bid ? gone > 30 : gone < 30))
                            plain_set(&p, gone, 0);
                }
                compare(&l, &p);
            }
            assert_int_equal(l.dropped, full);
            free(block);
        }
}

static void sizes_have_a_limit(void **state)
{
    (void)state;
    struct td_venue_level rows[2];
    struct td_levels l;
    td_levels_init(&l, TD_BID, rows, 2);
    for (int i = 0; i < 5; i++)
        td_levels_change(&l, (td_px){INT64_MIN}, TD_QTY(4294967295), 1);
    assert_int_equal(l.rows[0].qty.e9, INT64_MAX - 1);
    assert_int_equal(l.rows[0].orders, 5);
    td_levels_change(&l, (td_px){INT64_MAX}, TD_QTY(1), 1); /* the best bid there can be */
    assert_int_equal(l.rows[0].px.e9, INT64_MAX);
    td_levels_change(&l, (td_px){INT64_MIN}, (td_qty){INT64_MIN + 2}, -1);
    assert_int_equal(l.count, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(any_changes_equal_a_plain_list),
                                       cmocka_unit_test(sizes_have_a_limit)};
    return cmocka_run_group_tests_name("market/levels", tests, NULL, NULL);
}
