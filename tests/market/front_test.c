/* tests/market/front_test.c - expiries, roll days, and the contract to trade on days around them. */
#include "market/front.h"

#include <string.h>

#include "support/support.h"

static int64_t day_of(const char *date)
{
    int64_t day = 0;
    TD_OK_OR_FAIL(td_date_parse(date, strlen(date), &day));
    return day;
}

static const struct td_product *product(const char *name)
{
    return td_product_find(td_str_of(name));
}

static void third_fridays_and_their_exceptions(void **state)
{
    (void)state;
    static const struct {
        int32_t year, month;
        const char *expiry;
    } rows[] = {
        {2026, 12, "2026-12-18"}, {2027, 3, "2027-03-19"},  {2027, 6, "2027-06-17"},
        {2027, 9, "2027-09-17"},  {2027, 12, "2027-12-17"}, {2026, 6, "2026-06-18"},
        {2026, 9, "2026-09-18"},  {2026, 3, "2026-03-20"},  {2008, 3, "2008-03-20"},
        {2020, 6, "2020-06-19"},  {2025, 6, "2025-06-20"},  {2032, 6, "2032-06-17"},
    };
    for (size_t i = 0; i < TD_COUNT(rows); i++)
        assert_int_equal(td_index_expiry(rows[i].year, rows[i].month), day_of(rows[i].expiry));
    assert_int_equal(td_third_friday(2026, 6), day_of("2026-06-19"));
    assert_int_equal(td_third_friday(2027, 1), day_of("2027-01-15")); /* begins on a Friday */
}

static void roll_days_follow_the_rule(void **state)
{
    (void)state;
    const struct td_roll classic = {TD_ROLL_CLASSIC, 0}, cme = {TD_ROLL_CME, 0},
                         five = {TD_ROLL_DAYS, 5};
    assert_int_equal(td_roll_day(&classic, day_of("2026-12-18")), day_of("2026-12-10"));
    assert_int_equal(td_roll_day(&cme, day_of("2026-12-18")), day_of("2026-12-14"));
    assert_int_equal(td_roll_day(&five, day_of("2026-12-18")), day_of("2026-12-13"));
    /* The Thursday expiry of Juneteenth moves neither. */
    assert_int_equal(td_roll_day(&classic, day_of("2027-06-17")), day_of("2027-06-10"));
    assert_int_equal(td_roll_day(&cme, day_of("2027-06-17")), day_of("2027-06-14"));
    assert_int_equal(td_weekday(td_roll_day(&classic, day_of("2027-06-17"))), 4);
    assert_int_equal(td_weekday(td_roll_day(&cme, day_of("2027-06-17"))), 1);
}

static void last_days_are_read(void **state)
{
    (void)state;
    int64_t day = 0;
    static const char *const same[] = {"20261218", "20261218 08:30:00 US/Central",
                                       "20261218-14:30:00", "202612"};
    for (size_t i = 0; i < TD_COUNT(same); i++) {
        TD_OK_OR_FAIL(td_last_day_parse(product("ES"), td_str_of(same[i]), &day));
        assert_int_equal(day, day_of("2026-12-18"));
    }
    static const char *const bad[] = {"",         "2026",      "202613",     "202600",
                                      "20261232", "20261218x", "2026-12-18", "abcdef"};
    for (size_t i = 0; i < TD_COUNT(bad); i++)
        assert_int_equal(td_last_day_parse(product("ES"), td_str_of(bad[i]), &day), TD_EPARSE);
    assert_int_equal(td_last_day_parse(product("GC"), td_str_of("202612"), &day), TD_EINVAL);
    assert_int_equal(day, day_of("2026-12-18"));
}

/* A chain as the gateway tells it: local symbol and last trade day, not in order. */
struct chain {
    const char *symbol, *last_day;
};

static const struct chain es[] = {{"ESM7", "2027-06-17"}, {"ESZ6", "2026-12-18"},
                                  {"ESU7", "2027-09-17"}, {"ESH7", "2027-03-19"},
                                  {"ESU6", "2026-09-18"}, {"ESZ7", "2027-12-17"}};

static enum td_err choose(const char *name, const char *roll, const char *today,
                          const struct chain *chain, size_t n, struct td_front_choice *out,
                          struct td_fail *why)
{
    struct td_front f;
    struct td_roll rule;
    if (roll)
        TD_OK_OR_FAIL(td_roll_parse(td_str_of(roll), &rule));
    enum td_err err = td_front_begin(&f, product(name), roll ? &rule : NULL, day_of(today), why);
    for (size_t i = 0; i < n && !err; i++) {
        struct td_dated c = {.conid = (int32_t)(100 + i), .last_day = day_of(chain[i].last_day)};
        (void)td_str_copy(td_str_of(chain[i].symbol), c.local_symbol, sizeof c.local_symbol);
        td_front_add(&f, &c);
        td_front_add(&f, &c); /* told again for another exchange */
    }
    return err ? err : td_front_end(&f, out, why);
}

static void the_front_contract_on_days_around_the_roll(void **state)
{
    (void)state;
    static const struct {
        const char *roll, *today, *chosen, *next, *roll_day;
        bool entries;
    } rows[] = {
        {NULL, "2026-11-23", "ESZ6", "ESH7", "2026-12-10", true},
        {NULL, "2026-12-09", "ESZ6", "ESH7", "2026-12-10", true},
        {NULL, "2026-12-10", "ESH7", "ESM7", "2027-03-11", true},
        {"cme", "2026-12-11", "ESZ6", "ESH7", "2026-12-14", true},
        {"cme", "2026-12-14", "ESH7", "ESM7", "2027-03-15", true},
        {"0", "2026-12-16", "ESZ6", "ESH7", "2026-12-18", true},
        {"0", "2026-12-17", "ESZ6", "ESH7", "2026-12-18", false},
        {"0", "2026-12-18", "ESH7", "ESM7", "2027-03-19", true},
        {"1", "2026-12-17", "ESH7", "ESM7", "2027-03-18", true},
        {NULL, "2026-06-10", "ESU6", "ESZ6", "2026-09-10", true},
        {NULL, "2027-06-09", "ESM7", "ESU7", "2027-06-10", true},
        {NULL, "2027-06-10", "ESU7", "ESZ7", "2027-09-09", true},
    };
    for (size_t i = 0; i < TD_COUNT(rows); i++) {
        struct td_front_choice c = {0};
        struct td_fail why = {0};
        if (choose("ES", rows[i].roll, rows[i].today, es, TD_COUNT(es), &c, &why) != TD_OK)
            fail_msg("%s: %s", rows[i].today, why.text);
        assert_string_equal(c.chosen.local_symbol, rows[i].chosen);
        assert_string_equal(c.next.local_symbol, rows[i].next);
        assert_int_equal(c.roll_day, day_of(rows[i].roll_day));
        assert_int_equal(c.entries, rows[i].entries);
        assert_false(c.overdue);
    }
}

static void the_last_of_a_chain_is_traded_on(void **state)
{
    (void)state;
    static const struct chain one[] = {{"ESZ6", "2026-12-18"}};
    struct td_front_choice c = {0};
    struct td_fail why = {0};
    TD_OK_OR_FAIL(choose("ES", NULL, "2026-12-09", one, 1, &c, &why));
    assert_false(c.overdue);
    assert_int_equal(c.next.conid, 0);
    TD_OK_OR_FAIL(choose("ES", NULL, "2026-12-10", one, 1, &c, &why));
    assert_true(c.overdue && c.entries);
    TD_OK_OR_FAIL(choose("ES", NULL, "2026-12-17", one, 1, &c, &why));
    assert_true(c.overdue && !c.entries);
    assert_int_equal(choose("ES", NULL, "2026-12-19", one, 1, &c, &why), TD_ENODATA);
    assert_non_null(strstr(why.text, "ES: no contract is left to trade (told: 2 past"));
    assert_int_equal(choose("ES", NULL, "2026-12-19", NULL, 0, &c, &why), TD_ENODATA);
}

/* Gold: only the dates that are told, and its own months; out before notice of delivery. */
static void gold_goes_by_dates_and_months(void **state)
{
    (void)state;
    static const struct chain gc[] = {{"GCF7", "2027-01-27"},
                                      {"GCZ6", "2026-12-29"},
                                      {"GCX6", "2026-11-25"},
                                      {"GCG7", "2027-02-24"},
                                      {"GCJ7", "2027-04-28"}};
    struct td_front_choice c = {0};
    struct td_fail why = {0};
    TD_OK_OR_FAIL(choose("GC", NULL, "2026-11-23", gc, TD_COUNT(gc), &c, &why));
    assert_string_equal(c.chosen.local_symbol, "GCZ6");
    assert_string_equal(c.next.local_symbol, "GCG7");
    assert_int_equal(c.roll_day, day_of("2026-11-24")); /* notice begins on 2026-11-30 */
    TD_OK_OR_FAIL(choose("GC", NULL, "2026-11-24", gc, TD_COUNT(gc), &c, &why));
    assert_string_equal(c.chosen.local_symbol, "GCG7");
    TD_OK_OR_FAIL(choose("GC", "2", "2026-12-20", gc, TD_COUNT(gc), &c, &why));
    assert_string_equal(c.chosen.local_symbol, "GCZ6");
    assert_int_equal(choose("GC", "classic", "2026-11-23", gc, TD_COUNT(gc), &c, &why), TD_EINVAL);
    assert_non_null(strstr(why.text, "roll rule classic: GC does not end on the third Friday"));
}

/* The Friday before a Monday is one of the last two weekdays; the weekend is none. */
static void weekends_do_not_count_as_days_left(void **state)
{
    (void)state;
    const int64_t monday = day_of("2026-12-14");
    assert_true(td_front_may_enter(monday, day_of("2026-12-10"), 2));
    assert_false(td_front_may_enter(monday, day_of("2026-12-11"), 2));
    assert_false(td_front_may_enter(monday, day_of("2026-12-12"), 2));
    assert_false(td_front_may_enter(monday, monday, 2));
    assert_true(td_front_may_enter(monday, monday, 0));
    assert_false(td_front_may_enter(monday, monday + 1, 0));
}

static void two_of_one_day_are_refused(void **state)
{
    (void)state;
    static const struct chain twins[] = {{"ESH7", "2027-03-19"},
                                         {"ESZ6", "2026-12-18"},
                                         {"XESZ6", "2026-12-18"},
                                         {"XESH7", "2027-03-19"}};
    struct td_front_choice c = {0};
    struct td_fail why = {0};
    assert_int_equal(choose("ES", NULL, "2026-11-23", twins, TD_COUNT(twins), &c, &why), TD_EINVAL);
    assert_string_equal(why.text,
                        "ES: ESZ6 (contract id 101) and XESZ6 (102) both end on 2026-12-18; give "
                        "the local symbol or the contract id");
    assert_int_equal(c.chosen.conid, 0);
    /* It stays a pair when an earlier contract pushes it back, and does not matter there. */
    static const struct chain later[] = {
        {"ESH7", "2027-03-19"}, {"XESH7", "2027-03-19"}, {"ESZ6", "2026-12-18"}};
    TD_OK_OR_FAIL(choose("ES", NULL, "2026-11-23", later, TD_COUNT(later), &c, &why));
    assert_string_equal(c.chosen.local_symbol, "ESZ6");
    assert_int_equal(choose("ES", NULL, "2026-12-10", later, TD_COUNT(later), &c, &why), TD_EINVAL);
    assert_int_equal(choose("ES", NULL, "2027-03-12", later, TD_COUNT(later), &c, &why), TD_EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(third_fridays_and_their_exceptions),
        cmocka_unit_test(roll_days_follow_the_rule),
        cmocka_unit_test(last_days_are_read),
        cmocka_unit_test(the_front_contract_on_days_around_the_roll),
        cmocka_unit_test(the_last_of_a_chain_is_traded_on),
        cmocka_unit_test(gold_goes_by_dates_and_months),
        cmocka_unit_test(weekends_do_not_count_as_days_left),
        cmocka_unit_test(two_of_one_day_are_refused),
    };
    return cmocka_run_group_tests_name("market/front", tests, NULL, NULL);
}
