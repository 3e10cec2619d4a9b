/* tests/sim/ledger_test.c - accounting by hand, duplicate orders, limits, the dump; and fees. */
#include "support/support.h"

#include <stdlib.h>
#include <string.h>

#include "market/fees.h"
#include "sim/ledger.h"

static const struct td_ledger_config small = {2, 2, 4, 6};

static struct td_ledger open_ledger(void **block)
{
    struct td_ledger l;
    struct td_arena arena;
    *block = malloc(td_ledger_bytes(&small));
    td_arena_init(&arena, *block, td_ledger_bytes(&small));
    TD_OK_OR_FAIL(td_ledger_open(&l, &small, &arena));
    uint32_t index = 9;
    TD_OK_OR_FAIL(td_ledger_add_account(&l, "DU123", TD_CASH(100000), &index));
    assert_int_equal(index, 0);
    return l;
}

static enum td_err book(struct td_ledger *l, enum td_action action, int qty, int64_t px,
                        int64_t *realized)
{
    struct td_ledger_fill f = {.action = (uint8_t)action,
                               .qty = TD_QTY(qty),
                               .px = TD_PX(px),
                               .multiplier = TD_QTY(50),
                               .fee = TD_CASH(1),
                               .exec_id = "0001",
                               .ref = "a\"b"};
    const enum td_err err = td_ledger_book(l, &f);
    *realized = f.realized.e9 / TD_E9;
    return err;
}

static void average_cost_and_realized(void **state)
{
    (void)state;
    void *block;
    struct td_ledger l = open_ledger(&block);
    int64_t realized;
    TD_OK_OR_FAIL(book(&l, TD_BUY, 2, 100, &realized));
    TD_OK_OR_FAIL(book(&l, TD_BUY, 2, 110, &realized));
    const struct td_position *p = td_ledger_position(&l, 0, 0);
    assert_int_equal(p->avg_px.e9, TD_PX(105).e9);
    TD_OK_OR_FAIL(book(&l, TD_SELL, 1, 107, &realized));
    assert_int_equal(realized, 100); /* 1 x 2 x 50 */
    assert_int_equal(p->avg_px.e9, TD_PX(105).e9);
    TD_OK_OR_FAIL(book(&l, TD_SELL, 5, 104, &realized)); /* closes 3, opens 2 short */
    assert_int_equal(realized, -150);
    assert_int_equal(p->qty.e9, TD_QTY(-2).e9);
    assert_int_equal(p->avg_px.e9, TD_PX(104).e9);
    TD_OK_OR_FAIL(book(&l, TD_BUY, 2, 100, &realized));
    assert_int_equal(realized, 400);
    assert_int_equal(p->qty.e9, 0);
    assert_int_equal(p->avg_px.e9, 0);
    /* Flat: all that is left is realized minus fees. */
    assert_int_equal(l.accounts[0].cash.e9, TD_CASH(100000 + 100 - 150 + 400 - 5).e9);
    TD_OK_OR_FAIL(td_ledger_check(&l, NULL));
    l.accounts[0].cash.e9++;
    struct td_fail why;
    assert_int_equal(td_ledger_check(&l, &why), TD_ECORRUPT);
    l.accounts[0].cash.e9--;
    l.positions[0].qty.e9++;
    assert_int_equal(td_ledger_check(&l, &why), TD_ECORRUPT);
    free(block);
}

static void duplicates_are_counted(void **state)
{
    (void)state;
    void *block;
    struct td_ledger l = open_ledger(&block);
    struct td_ledger_order o = {.client_id = 1, .order_id = 5, .ref = "x1", .type = "LMT"};
    TD_OK_OR_FAIL(td_ledger_received(&l, &o));
    o.is_modify = true;
    TD_OK_OR_FAIL(td_ledger_received(&l, &o));
    assert_int_equal(l.duplicate_ids + l.duplicate_refs, 0);
    o.is_modify = false;
    o.order_id = 6;
    TD_OK_OR_FAIL(td_ledger_received(&l, &o));
    assert_int_equal(l.duplicate_ids, 0);
    assert_int_equal(l.duplicate_refs, 1);
    o.ref[0] = '\0';
    TD_OK_OR_FAIL(td_ledger_received(&l, &o));
    assert_int_equal(l.duplicate_ids, 1);
    assert_int_equal(l.duplicate_refs, 1);
    assert_int_equal(td_ledger_received(&l, &o), TD_EFULL);
    free(block);
}

static void limits_hold_and_nothing_is_half_booked(void **state)
{
    (void)state;
    void *block;
    struct td_ledger l = open_ledger(&block);
    uint32_t index;
    int64_t realized;
    assert_int_equal(td_ledger_add_account(&l, "DU123", TD_CASH(1), &index), TD_EEXIST);
    assert_int_equal(td_ledger_add_account(&l, "a name that is too long", TD_CASH(1), &index),
                     TD_EINVAL);
    TD_OK_OR_FAIL(td_ledger_add_account(&l, "DU2", TD_CASH(1), &index));
    assert_int_equal(td_ledger_add_account(&l, "DU3", TD_CASH(1), &index), TD_EFULL);
    assert_false(td_ledger_account(&l, "DU3", &index));
    assert_int_equal(book(&l, TD_BUY, 1000000000, 9000000000, &realized), TD_ERANGE);
    assert_int_equal(l.fill_count, 0);
    assert_null(td_ledger_position(&l, 0, 0));
    for (int i = 0; i < 6; i++)
        TD_OK_OR_FAIL(book(&l, TD_BUY, 1, 1, &realized));
    assert_int_equal(book(&l, TD_BUY, 1, 1, &realized), TD_EFULL);
    free(block);
}

static void the_dump_has_every_record(void **state)
{
    (void)state;
    void *block;
    struct td_ledger l = open_ledger(&block);
    struct td_ledger_order o = {
        .client_id = 1, .order_id = 5, .ref = "x1", .type = "LMT", .stop_px = TD_PX_NONE};
    int64_t realized;
    TD_OK_OR_FAIL(td_ledger_received(&l, &o));
    TD_OK_OR_FAIL(book(&l, TD_BUY, 1, 100, &realized));
    char buf[1024];
    struct td_text line;
    td_text_init(&line, buf, sizeof buf);
    uint32_t cursor = 0;
    static const char *const parts[] = {"\"cash\":\"94999\"", "\"qty\":\"1\"", "\"stop_px\":null",
                                        "a\\\"b", "\"duplicate_ids\":0"};
    for (size_t i = 0; i < TD_COUNT(parts); i++) {
        assert_true(td_ledger_line(&l, &cursor, &line));
        assert_non_null(strstr(buf, parts[i]));
        assert_false(td_text_full(&line));
        assert_int_equal(buf[line.len - 1], '}');
    }
    assert_false(td_ledger_line(&l, &cursor, &line));
    free(block);
}

static void fees_follow_the_price_list(void **state)
{
    (void)state;
    static const struct {
        const char *type;
        int64_t qty, value, cents;
    } cases[] = {
        {"STK", 100, 15000, 100},         {"STK", 1000, 150000, 500}, {"STK", 10, 20, 20},
        {"STK", 2000, 400, 400},          {"FUT", 4, 1000000, 900},   {"CASH", 20000, 22000, 200},
        {"CASH", 1000000, 1100000, 2200}, {"XYZ", 200, 9999, 100},
    };
    for (size_t i = 0; i < TD_COUNT(cases); i++) {
        td_cash fee = {0};
        TD_OK_OR_FAIL(td_fee_total(td_fee_find(TD_FEE_FIXED, cases[i].type, NULL),
                                   TD_QTY(cases[i].qty), TD_CASH(cases[i].value), &fee));
        assert_int_equal(fee.e9, cases[i].cents * 10000000);
    }
    td_cash fee;
    assert_int_equal(
        td_fee_total(td_fee_find(TD_FEE_FIXED, "FUT", NULL), TD_QTY(9000000000), TD_CASH(1), &fee),
        TD_ERANGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(average_cost_and_realized),
        cmocka_unit_test(duplicates_are_counted),
        cmocka_unit_test(limits_hold_and_nothing_is_half_booked),
        cmocka_unit_test(the_dump_has_every_record),
        cmocka_unit_test(fees_follow_the_price_list),
    };
    return cmocka_run_group_tests_name("sim/ledger", tests, NULL, NULL);
}
