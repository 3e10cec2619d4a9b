/* tests/market/qualify_test.c - none, one or many answers, and what would decide between them. */
#include "market/qualify.h"

#include <string.h>

#include "support/support.h"

static struct td_qualify q;
static struct td_qualified_contract got;
static struct td_fail why;

static int clear(void **state)
{
    (void)state;
    memset(&got, 0, sizeof got);
    memset(&why, 0, sizeof why);
    return 0;
}

static struct td_instrument stock(int32_t conid, const char *primary, const char *currency)
{
    struct td_instrument i = {
        .conid = conid, .symbol = "AAPL", .sec_type = "STK", .exchange = "SMART"};
    (void)td_str_copy(td_str_of(primary), i.primary, sizeof i.primary);
    (void)td_str_copy(td_str_of(currency), i.currency, sizeof i.currency);
    i.multiplier = TD_QTY(1);
    return i;
}

static struct td_instrument future(int32_t conid, const char *trading_class, const char *expiry,
                                   const char *local, int64_t multiplier)
{
    struct td_instrument i = {
        .conid = conid, .symbol = "EUR", .sec_type = "FUT", .exchange = "CME", .currency = "USD"};
    (void)td_str_copy(td_str_of(trading_class), i.trading_class, sizeof i.trading_class);
    (void)td_str_copy(td_str_of(expiry), i.expiry, sizeof i.expiry);
    (void)td_str_copy(td_str_of(local), i.local_symbol, sizeof i.local_symbol);
    i.multiplier = TD_QTY(multiplier);
    return i;
}

static void add(struct td_instrument i)
{
    td_qualify_add(&q, &i, 0);
}

static void begin_stock(const char *primary)
{
    td_qualify_begin(&q, &(struct td_wanted){.symbol = "AAPL", .primary = primary});
}

static void begin_future(const char *name, const char *today)
{
    int64_t day = 0;
    TD_OK_OR_FAIL(td_date_parse(today, strlen(today), &day));
    TD_OK_OR_FAIL(td_qualify_begin_dated(&q, td_product_find(td_str_of(name)), NULL, day, NULL));
}

static void no_answer_is_no_contract(void **state)
{
    (void)state;
    begin_stock("");
    assert_int_equal(td_qualify_end(&q, &got, &why), TD_QUALIFIED_NONE);
    assert_string_equal(why.text, "AAPL: no such contract");
    add(stock(0, "NASDAQ", "USD")); /* without an id it is none */
    assert_int_equal(td_qualify_end(&q, &got, &why), TD_QUALIFIED_NONE);
    assert_string_equal(why.text, "AAPL: contracts told: 1, and none fits");
    assert_int_equal(got.conid, 0);
}

static void one_contract_may_be_told_often(void **state)
{
    (void)state;
    begin_stock(NULL);
    for (int i = 0; i < 3; i++)
        add(stock(265598, "NASDAQ", "USD"));
    assert_int_equal(td_qualify_end(&q, &got, &why), TD_QUALIFIED_ONE);
    assert_int_equal(got.conid, 265598);
    assert_false(got.dated);
}

static void several_stocks_are_a_question(void **state)
{
    (void)state;
    begin_stock(NULL);
    add(stock(265598, "NASDAQ", "USD"));
    add(stock(38708077, "MEXI", "MXN"));
    assert_int_equal(td_qualify_end(&q, &got, &why), TD_QUALIFIED_MANY);
    assert_int_equal(q.differs, 1 << TD_DECIDER_PRIMARY | 1 << TD_DECIDER_CURRENCY);
    assert_string_equal(why.text, "AAPL: several contracts fit; give one of: primary exchange "
                                  "(NASDAQ or MEXI), currency (USD or MXN)");
    add(stock(5, "NASDAQ", "EUR")); /* what only the one between differs in is told too */
    assert_int_equal(td_qualify_end(&q, &got, &why), TD_QUALIFIED_MANY);
    assert_non_null(strstr(why.text, "primary exchange, currency (USD or EUR)"));
    begin_stock("NASDAQ");
    add(stock(265598, "NASDAQ", "USD"));
    add(stock(38708077, "MEXI", "MXN"));
    assert_int_equal(td_qualify_end(&q, &got, &why), TD_QUALIFIED_ONE);
    begin_stock(NULL);
    add(stock(7, "NASDAQ", "USD"));
    add(stock(8, "NASDAQ", "USD"));
    assert_int_equal(td_qualify_end(&q, &got, &why), TD_QUALIFIED_MANY);
    assert_non_null(strstr(why.text, "give one of: contract id (7 or 8)"));
}

static void what_was_asked_for_must_be_there(void **state)
{
    (void)state;
    const struct td_instrument told =
        future(9, "6E", "20261214 09:16:00 US/Central", "6EZ6", 125000);
    static const struct {
        struct td_wanted wanted;
        bool fits;
    } rows[] = {
        {{.symbol = "x"}, true},
        {{.symbol = "x", .conid = 9}, true},
        {{.symbol = "x", .conid = 8}, false},
        {{.symbol = "x", .expiry = "202612"}, true},
        {{.symbol = "x", .expiry = "20261214"}, true},
        {{.symbol = "x", .expiry = "20261215"}, false},
        {{.symbol = "x", .local_symbol = "6EZ6"}, true},
        {{.symbol = "x", .local_symbol = "6EH7"}, false},
        {{.symbol = "x", .trading_class = "M6E"}, false},
        {{.symbol = "x", .currency = "EUR"}, false},
        {{.symbol = "x", .primary = "CME"}, false},
        {{.symbol = "x", .multiplier = {INT64_C(125000) * TD_E9}}, true},
        {{.symbol = "x", .multiplier = {INT64_C(12500) * TD_E9}}, false},
        {{.symbol = "x", .multiplier = {TD_E9_NONE}}, true},
    };
    for (size_t i = 0; i < TD_COUNT(rows); i++) {
        td_qualify_begin(&q, &rows[i].wanted);
        add(told);
        if ((td_qualify_end(&q, &got, &why) == TD_QUALIFIED_ONE) != rows[i].fits)
            fail_msg("row %zu", i);
    }
}

/* Asked by symbol alone a currency future is many things; by its class it is the front one of the large contract. */
static void a_future_by_its_class_is_the_front_one(void **state)
{
    (void)state;
    const struct td_instrument chain[] = {
        future(1, "6E", "20270315", "6EH7", 125000),
        future(2, "M6E", "20261214", "M6EZ6", 12500),
        future(3, "6E", "20261214", "6EZ6", 125000),
        future(4, "6E", "20270118", "6EF7", 125000),
    };
    begin_future("EURUSD", "2026-11-23");
    for (size_t i = 0; i < TD_COUNT(chain); i++)
        add(chain[i]);
    assert_int_equal(td_qualify_end(&q, &got, &why), TD_QUALIFIED_ONE);
    assert_int_equal(got.conid, 3);
    assert_true(got.dated && got.front.entries);
    assert_string_equal(got.front.next.local_symbol, "6EH7"); /* January is outside the cycle */
    td_qualify_begin(&q, &(struct td_wanted){.symbol = "EUR"});
    for (size_t i = 0; i < TD_COUNT(chain); i++)
        add(chain[i]);
    assert_int_equal(td_qualify_end(&q, &got, &why), TD_QUALIFIED_MANY);
    assert_string_equal(why.text,
                        "EUR: several contracts fit; give one of: last trade date (20270315 or "
                        "20270118), local symbol (6EH7 or 6EF7), trading class, multiplier");
}

static void dated_contracts_that_cannot_be_chosen(void **state)
{
    (void)state;
    begin_future("6E", "2026-11-23");
    add(future(2, "M6E", "20261214", "M6EZ6", 12500));
    assert_int_equal(td_qualify_end(&q, &got, &why), TD_QUALIFIED_NONE);
    assert_string_equal(why.text, "6E: contracts told: 1, and none fits: it takes trading class "
                                  "6E and multiplier 125000");
    add(future(3, "6E", "202612", "6EZ6", 125000));
    assert_int_equal(td_qualify_end(&q, &got, &why), TD_QUALIFIED_MANY);
    assert_string_equal(why.text, "6E: contracts told without a last trade day: 1; give the "
                                  "local symbol or the contract id");
    begin_future("6E", "2026-11-23");
    add(future(4, "6E", "20261014", "6EV6", 125000));
    assert_int_equal(td_qualify_end(&q, &got, &why), TD_QUALIFIED_NONE);
    assert_non_null(strstr(why.text, "6E: no contract is left to trade"));
    begin_future("6E", "2026-11-23");
    add(future(5, "6E", "20261214", "6EZ6", 125000));
    add(future(6, "6E", "20261214", "6EZ6B", 125000));
    assert_int_equal(td_qualify_end(&q, &got, &why), TD_QUALIFIED_MANY);
    assert_non_null(strstr(why.text, "both end on 2026-12-14"));
    assert_int_equal(got.conid, 0);
    static const struct td_roll classic = {TD_ROLL_CLASSIC, 0};
    assert_int_equal(
        td_qualify_begin_dated(&q, td_product_find(td_str_of("6E")), &classic, 0, &why), TD_EINVAL);
}

int main(void)
{
#define ROW(name) cmocka_unit_test_setup(name, clear)
    const struct CMUnitTest tests[] = {
        ROW(no_answer_is_no_contract),
        ROW(one_contract_may_be_told_often),
        ROW(several_stocks_are_a_question),
        ROW(what_was_asked_for_must_be_there),
        ROW(a_future_by_its_class_is_the_front_one),
        ROW(dated_contracts_that_cannot_be_chosen),
    };
    return cmocka_run_group_tests_name("market/qualify", tests, NULL, NULL);
}
