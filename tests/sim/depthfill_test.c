/* tests/sim/depthfill_test.c - rows mean the same to a shifting and to an overwriting reader (item 36). */
#include "support/support.h"

#include <string.h>

#include "base/random.h"
#include "sim/depthfill.h"

/* A reader that treats a side as a list: insert shifts down, delete shifts up. */
struct list_book {
    struct td_depth rows[TD_DEPTH_ROWS_MAX + 1];
    size_t n;
};

static void list_apply(struct list_book *b, const struct td_depth *d)
{
    const size_t row = (size_t)d->row;
    if (d->op == TD_DEPTH_INSERT) {
        memmove(&b->rows[row + 1], &b->rows[row], (b->n - row) * sizeof *d);
        b->rows[row] = *d;
        b->n++;
    } else if (d->op == TD_DEPTH_UPDATE) {
        b->rows[row] = *d;
    } else {
        memmove(&b->rows[row], &b->rows[row + 1], (b->n - row - 1) * sizeof *d);
        b->n--;
    }
}

/* A reader that keeps rows by number: insert and update overwrite, delete forgets that number. */
struct table_book {
    struct td_depth rows[TD_DEPTH_ROWS_MAX];
    bool there[TD_DEPTH_ROWS_MAX];
};

static void table_apply(struct table_book *b, const struct td_depth *d)
{
    b->there[d->row] = d->op != TD_DEPTH_DELETE;
    b->rows[d->row] = *d;
}

static void same_books(const struct list_book *l, const struct table_book *t,
                       const struct td_depth_row *target, size_t n)
{
    assert_int_equal(l->n, n);
    for (size_t i = 0; i < TD_DEPTH_ROWS_MAX; i++) {
        assert_int_equal(t->there[i], i < n);
        if (i >= n)
            continue;
        assert_int_equal(l->rows[i].px.e9, target[i].px.e9);
        assert_int_equal(t->rows[i].px.e9, target[i].px.e9);
        assert_int_equal(l->rows[i].qty.e9, t->rows[i].qty.e9);
        assert_int_equal(l->rows[i].qty.e9, target[i].qty.e9);
    }
}

static void both_readings_agree(void **state)
{
    (void)state;
    struct td_rng rng;
    struct td_depth_shown shown = {0};
    struct list_book list[2] = {0};
    struct table_book table[2] = {0};
    static struct td_depth ops[2 * TD_DEPTH_ROWS_MAX];
    struct td_depth_row target[TD_DEPTH_ROWS_MAX + 4];
    size_t total = 0;
    td_rng_init(&rng, 36);
    for (int step = 0; step < 4000; step++) {
        const enum td_side side = (enum td_side)td_rng_below(&rng, 2);
        const size_t n = td_rng_below(&rng, step % 7 ? 12 : TD_COUNT(target));
        const size_t shown_before = shown.count[side];
        for (size_t i = 0; i < n; i++)
            target[i] = (struct td_depth_row){.px = TD_PX(100 + (int64_t)td_rng_below(&rng, 4)),
                                              .qty = TD_QTY(td_rng_below(&rng, 3))};
        const size_t made = td_depth_diff(&shown, side, target, n, ops);
        const size_t kept = n < TD_DEPTH_ROWS_MAX ? n : TD_DEPTH_ROWS_MAX;
        assert_true(made <= (kept > shown_before ? kept : shown_before));
        for (size_t i = 0; i < made; i++) {
            list_apply(&list[side], &ops[i]);
            table_apply(&table[side], &ops[i]);
        }
        same_books(&list[side], &table[side], target, kept);
        assert_int_equal(td_depth_diff(&shown, side, target, n, ops), 0);
        total += made;
    }
    assert_true(total > 10000);
}

static void rows_below_a_quote_are_marked_and_steady(void **state)
{
    (void)state;
    const struct td_depth_fill fill = {
        .seed = 1, .min_tick = {10000000}, .lot = TD_QTY(100), .top_qty = TD_QTY(600)};
    struct td_quote q = {{100005000000}, {100010000000}, TD_QTY(37), TD_QTY(200)};
    struct td_depth_row rows[10];
    struct td_depth_row later[10];
    assert_int_equal(td_depth_fill(&fill, &q, TD_BID, TD_SEC, rows, 10), 10);
    assert_int_equal(rows[0].px.e9, q.bid.e9);
    assert_int_equal(rows[0].qty.e9, TD_QTY(37).e9);
    assert_false(rows[0].generated);
    for (size_t i = 1; i < 10; i++) {
        assert_true(rows[i].generated);
        assert_int_equal(rows[i].px.e9, INT64_C(100010000000) - (int64_t)i * 10000000);
        assert_true(rows[i].qty.e9 >= TD_QTY(100).e9 && rows[i].qty.e9 % TD_QTY(100).e9 == 0);
    }
    /* A moment later most sizes are what they were, even when the quote moved a tick. */
    q.bid.e9 -= 5000000 + 10000000;
    assert_int_equal(td_depth_fill(&fill, &q, TD_BID, TD_SEC + 50 * TD_MS, later, 10), 10);
    int same = 0;
    for (size_t i = 1; i < 8; i++)
        same += later[i].px.e9 == rows[i + 2].px.e9 || later[i].px.e9 == rows[i + 1].px.e9;
    assert_int_equal(same, 7);
    q.ask = TD_PX_NONE;
    assert_int_equal(td_depth_fill(&fill, &q, TD_ASK, TD_SEC, rows, 10), 0);
}

static void venues_are_given_by_price(void **state)
{
    (void)state;
    struct td_depth_row rows[6] = {0};
    for (size_t i = 0; i < 6; i++)
        rows[i].px = TD_PX(i + 1);
    td_depth_name(rows, 6, "ARCA,NASDAQ,BATS", 3);
    for (size_t i = 0; i < 6; i++)
        assert_true(!strcmp(rows[i].maker, "ARCA") || !strcmp(rows[i].maker, "NASDAQ") ||
                    !strcmp(rows[i].maker, "BATS"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_readings_agree),
        cmocka_unit_test(rows_below_a_quote_are_marked_and_steady),
        cmocka_unit_test(venues_are_given_by_price),
    };
    return cmocka_run_group_tests_name("sim/depthfill", tests, NULL, NULL);
}
