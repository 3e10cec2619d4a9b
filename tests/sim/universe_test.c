/* tests/sim/universe_test.c - known contracts are found, unknown ones are not, invented ones say so. */
#include "support/support.h"

#include <string.h>

#include "sim/universe.h"

static struct td_universe u;

static int find(struct td_universe_query q)
{
    uint32_t index = 0;
    return td_universe_find(&u, &q, &index) ? u.rows[index].inst.conid : 0;
}

static void the_table_answers_queries(void **state)
{
    (void)state;
    td_universe_init(&u);
    assert_int_equal(
        find((struct td_universe_query){
            .symbol = "AAPL", .sec_type = "STK", .exchange = "SMART", .currency = "USD"}),
        265598);
    assert_int_equal(find((struct td_universe_query){.conid = 756733}), 756733);
    assert_int_equal(find((struct td_universe_query){.symbol = "AAPL", .exchange = "NASDAQ"}),
                     265598);
    assert_int_equal(find((struct td_universe_query){.symbol = "AAPL", .exchange = "ISLAND"}),
                     265598);
    assert_int_equal(find((struct td_universe_query){.symbol = "AAPL", .exchange = "LSE"}), 0);
    assert_int_equal(find((struct td_universe_query){.symbol = "AAPL", .sec_type = "FUT"}), 0);
    assert_int_equal(find((struct td_universe_query){.symbol = "AAPL", .currency = "EUR"}), 0);
    assert_int_equal(find((struct td_universe_query){.symbol = "ZZZZ"}), 0);
    assert_int_equal(find((struct td_universe_query){.symbol = "ES", .expiry = "202612"}),
                     495512563);
    assert_int_equal(find((struct td_universe_query){.symbol = "ES", .expiry = "20261218"}),
                     495512563);
    assert_int_equal(find((struct td_universe_query){.symbol = "ES", .expiry = "2026121"}), 0);
    assert_int_equal(
        find((struct td_universe_query){.local_symbol = "EUR.USD", .sec_type = "CASH"}), 12087792);
    for (uint32_t i = 0; i < u.count; i++) {
        const struct td_universe_row *row = &u.rows[i];
        uint32_t exchanges = 1;
        uint32_t rules = 1;
        for (const char *c = row->valid_exchanges; *c; c++)
            exchanges += *c == ',';
        for (const char *c = row->market_rules; *c; c++)
            rules += *c == ',';
        assert_int_equal(exchanges, rules);
        struct td_tick_rule rule;
        assert_true(row->start_px.e9 % row->inst.min_tick.e9 == 0);
        assert_true(td_universe_ticks(row, &rule));
        assert_int_equal(td_tick_at(&rule, row->start_px).e9, row->inst.min_tick.e9);
    }
}

static void named_symbols_are_invented_once(void **state)
{
    (void)state;
    td_universe_init(&u);
    uint32_t a = 0;
    uint32_t b = 0;
    TD_OK_OR_FAIL(td_universe_add(&u, "ZZZZ", &a));
    assert_true(u.rows[a].invented);
    assert_true(u.rows[a].inst.conid >= 900000000);
    TD_OK_OR_FAIL(td_universe_add(&u, "ZZZZ", &b));
    assert_int_equal(a, b);
    TD_OK_OR_FAIL(td_universe_add(&u, "SPY", &b));
    assert_false(u.rows[b].invented);
    assert_int_equal(td_universe_add(&u, "../x", &b), TD_EINVAL);
    while (u.count < TD_INSTRUMENTS_MAX) {
        char name[8];
        (void)snprintf(name, sizeof name, "X%u", (unsigned)u.count);
        TD_OK_OR_FAIL(td_universe_add(&u, name, &b));
    }
    assert_int_equal(td_universe_add(&u, "LAST", &b), TD_EFULL);
}

static bool closed_tuesday(const void *arg, int64_t day)
{
    (void)arg;
    return td_weekday(day) == 2;
}

static void hours_are_written_as_the_gateway_does(void **state)
{
    (void)state;
    td_universe_init(&u);
    char buf[512];
    struct td_text out;
    td_text_init(&out, buf, sizeof buf);
    const struct td_universe_hours ask = {
        .first = td_days_from_civil(2013, 10, 6), .days = 3, .closed = closed_tuesday};
    uint32_t es = 0;
    const struct td_universe_query q = {.symbol = "ES"};
    td_universe_hours_text(&u.rows[0], &ask, &out);
    assert_string_equal(buf, "20131006:CLOSED;20131007:0400-20131007:2000;20131008:CLOSED");
    assert_true(td_universe_find(&u, &q, &es));
    td_text_reset(&out);
    td_universe_hours_text(&u.rows[es], &ask, &out);
    assert_string_equal(buf, "20131006:CLOSED;20131006:1700-20131007:1600;20131008:CLOSED");
}

/* The table's futures end in December 2026; a simulator of a later day has those of that day. */
static void futures_are_of_the_day(void **state)
{
    (void)state;
    static const struct {
        int32_t year, month, day;
        const char *symbol, *expiry, *local, *contract_month;
    } rows[] = {
        {2024, 5, 8, "ES", "20261218", "ESZ6", "202612"},
        {2026, 12, 9, "ES", "20261218", "ESZ6", "202612"},
        {2026, 12, 10, "ES", "20270319", "ESH7", "202703"},
        {2027, 6, 10, "ES", "20270917", "ESU7", "202709"},
        {2026, 11, 23, "GC", "20261229", "GCZ6", "202612"},
        {2026, 11, 24, "GC", "20270224", "GCG7", "202702"},
        {2031, 1, 2, "GC", "20310226", "GCG1", "203102"},
    };
    for (size_t i = 0; i < TD_COUNT(rows); i++) {
        const struct td_universe_query q = {.symbol = rows[i].symbol};
        uint32_t at = 0;
        td_universe_init(&u);
        td_universe_date(&u, td_days_from_civil(rows[i].year, rows[i].month, rows[i].day));
        assert_true(td_universe_find(&u, &q, &at));
        assert_string_equal(u.rows[at].inst.expiry, rows[i].expiry);
        assert_string_equal(u.rows[at].inst.local_symbol, rows[i].local);
        assert_string_equal(u.rows[at].contract_month, rows[i].contract_month);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_answers_queries),
        cmocka_unit_test(named_symbols_are_invented_once),
        cmocka_unit_test(hours_are_written_as_the_gateway_does),
        cmocka_unit_test(futures_are_of_the_day),
    };
    return cmocka_run_group_tests_name("sim/universe", tests, NULL, NULL);
}
