/* tests/market/fees_test.c - worked bills, the day a rate begins, minimum and maximum, and what does not fit. */
#include "support/support.h"

#include "base/random.h"
#include "base/time.h"
#include "market/fees.h"

static int64_t day_of(const char *date)
{
    int64_t day;
    TD_OK_OR_FAIL(td_date_parse(date, strlen(date), &day));
    return day;
}

static struct td_fee_bill bill(enum td_fee_plan plan, const char *type, const char *product,
                               const char *date, int64_t qty, int64_t value_cents)
{
    struct td_fee_bill out;
    const struct td_fee_ask ask = {.plan = plan,
                                   .sec_type = type,
                                   .product = product,
                                   .day = day_of(date),
                                   .sells = qty < 0,
                                   .takes = true,
                                   .qty = TD_QTY(qty < 0 ? -qty : qty),
                                   .value = {value_cents * (TD_E9 / 100)}};
    TD_OK_OR_FAIL(td_fee_expect(&ask, &out));
    assert_int_equal(out.total.e9, out.commission.e9 + out.exchange.e9 + out.regulatory.e9);
    return out;
}

/* The examples of the broker's page: 100 at 25, 1000 at 25, 1000 at 0.25. */
static void fixed_examples_of_the_broker(void **state)
{
    (void)state;
    static const int64_t rows[][3] = {{100, 250000, 100}, {1000, 2500000, 500}, {1000, 25000, 250}};
    for (size_t i = 0; i < TD_COUNT(rows); i++)
        assert_int_equal(
            bill(TD_FEE_FIXED, "STK", "SPY", "2025-11-21", rows[i][0], rows[i][1]).total.e9,
            rows[i][2] * (TD_E9 / 100));
}

static void tiered_adds_exchange_and_clearing(void **state)
{
    (void)state;
    const struct td_fee_bill b = bill(TD_FEE_TIERED, "STK", "SPY", "2025-11-21", 1000, 2500000);
    assert_int_equal(b.commission.e9, 3500000000);
    assert_int_equal(b.exchange.e9, 3200000000 + 2583000);
    assert_int_equal(b.regulatory.e9, 0);
    assert_int_equal(bill(TD_FEE_TIERED, "STK", "SPY", "2025-11-21", 10, 25000).commission.e9,
                     350000000);
    assert_int_equal(bill(TD_FEE_TIERED, "FUT", "ES", "2025-11-21", 1, 32500000).total.e9,
                     2250000000);
}

static void regulators_take_of_sales_by_date(void **state)
{
    (void)state;
    static const struct {
        const char *date;
        int64_t sec, finra; /* of 1000 shares for 100,000, in 1e-9 */
    } rows[] = {
        {"2023-12-31", 0, 0},
        {"2024-05-21", 0, 166000000},
        {"2024-05-22", 2780000000, 166000000},
        {"2025-05-13", 2780000000, 166000000},
        {"2025-05-14", 0, 166000000},
        {"2025-12-31", 0, 166000000},
        {"2026-01-01", 0, 195000000},
        {"2026-04-03", 0, 195000000},
        {"2026-04-04", 2060000000, 195000000},
        {"2030-01-01", 2060000000, 195000000},
    };
    for (size_t i = 0; i < TD_COUNT(rows); i++) {
        assert_int_equal(
            bill(TD_FEE_FIXED, "STK", "SPY", rows[i].date, -1000, 10000000).regulatory.e9,
            rows[i].sec + rows[i].finra);
        assert_int_equal(
            bill(TD_FEE_FIXED, "STK", "SPY", rows[i].date, 1000, 10000000).regulatory.e9, 0);
    }
    assert_int_equal(
        bill(TD_FEE_FIXED, "STK", "SPY", "2025-11-21", -1000000, 100000000).regulatory.e9,
        8300000000);
}

static void futures_by_product(void **state)
{
    (void)state;
    static const struct {
        const char *product;
        int64_t cents;
    } rows[] = {{"ES", 225}, {"NQ", 225}, {"MES", 62}, {"MNQ", 62}, {"6E", 247}, {"GC", 247}};
    for (size_t i = 0; i < TD_COUNT(rows); i++)
        assert_int_equal(
            bill(TD_FEE_FIXED, "FUT", rows[i].product, "2025-11-21", -4, 100000000).total.e9,
            4 * rows[i].cents * (TD_E9 / 100));
    assert_int_equal(bill(TD_FEE_FIXED, "OPT", "SPY", "2025-11-21", 1, 20000).total.e9, TD_E9);
    assert_int_equal(bill(TD_FEE_FIXED, "OPT", "SPY", "2025-11-21", 4, 20000).total.e9, 2600000000);
    assert_int_equal(bill(TD_FEE_FIXED, "CASH", "EUR", "2025-11-21", 20000, 2200000).total.e9,
                     2 * TD_E9);
    assert_ptr_equal(td_fee_find(TD_FEE_FIXED, "BOND", NULL),
                     td_fee_find(TD_FEE_FIXED, "STK", NULL));
}

static void what_does_not_fit_is_refused(void **state)
{
    (void)state;
    struct td_fee_bill out = {.total = TD_CASH(7)};
    struct td_fee_ask ask = {.sec_type = "STK", .qty = TD_QTY(-1)};
    assert_int_equal(td_fee_expect(&ask, &out), TD_ERANGE);
    ask.qty = TD_QTY(1);
    ask.value = TD_CASH(-1);
    assert_int_equal(td_fee_expect(&ask, &out), TD_ERANGE);
    ask.sec_type = "FUT";
    ask.qty = TD_QTY(9000000000);
    ask.value = TD_CASH(1);
    assert_int_equal(td_fee_expect(&ask, &out), TD_ERANGE);
    assert_int_equal(out.total.e9, TD_CASH(7).e9);
}

static void more_shares_never_cost_less(void **state)
{
    (void)state;
    struct td_rng rng;
    td_rng_init(&rng, 4);
    for (int i = 0; i < 20000; i++) {
        const int64_t qty = td_rng_between(&rng, 1, 100000);
        const int64_t px = td_rng_between(&rng, 1, 100000);
        const enum td_fee_plan plan = td_rng_chance(&rng, 0.5) ? TD_FEE_FIXED : TD_FEE_TIERED;
        const struct td_fee_bill a = bill(plan, "STK", "X", "2026-06-01", -qty, qty * px);
        const struct td_fee_bill b = bill(plan, "STK", "X", "2026-06-01", -qty - 1, (qty + 1) * px);
        assert_true(b.total.e9 >= a.total.e9);
        assert_true(a.commission.e9 <= qty * px * (TD_E9 / 10000)); /* 1 % of the value */
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fixed_examples_of_the_broker),
        cmocka_unit_test(tiered_adds_exchange_and_clearing),
        cmocka_unit_test(regulators_take_of_sales_by_date),
        cmocka_unit_test(futures_by_product),
        cmocka_unit_test(what_does_not_fit_is_refused),
        cmocka_unit_test(more_shares_never_cost_less),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
