/* tests/desk/tradehours_test.c - when sessions begin and end, over a week with a holiday; and user_settings.json. */
#include "support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "desk/settings.h"
#include "desk/tradehours.h"
#include "desk/usersettings.h"
#include "sys/uvworld.h"

static struct td_world world;
static struct td_tz zone;

static int set_up(void **state)
{
    size_t len = 0;
    (void)state;
    char *bytes = td_test_slurp("/usr/share/zoneinfo/America/New_York", &len);
    TD_OK_OR_FAIL(td_tz_parse(bytes, len, "America/New_York", &zone));
    free(bytes);
    return td_uvworld_open(&world, false, NULL) == TD_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    td_uvworld_close(&world);
    return 0;
}

/* New York time of November 2025; the 27th is Thanksgiving, the 28th ends at 13:00. */
static td_ns at(int day, int hour, int minute)
{
    const struct td_civil c = {
        .year = 2025, .month = 11, .day = day, .hour = hour, .minute = minute};
    return td_tz_instant(&zone, &c);
}

static void the_market_is_waited_for(void **state)
{
    (void)state;
    const struct td_trade_hours h = {
        .new_york = &zone, .wait_open = true, .interval = 600 * TD_SEC};
    static const struct {
        int day, hour, minute;
        int64_t pause_s;
    } cases[] = {
        {25, 9, 30, 0},    {25, 12, 0, 0},
        {25, 15, 59, 0},   {25, 16, 0, 300},  /* after hours: the interval, five minutes at most */
        {25, 9, 0, 300},   {25, 9, 29, 60},   /* not past the open */
        {25, 3, 0, 1800},                     /* closed: half an hour at most */
        {25, 22, 0, 1800}, {27, 12, 0, 1800}, /* a holiday */
        {28, 13, 0, 300},                     /* an early close */
    };
    for (size_t i = 0; i < TD_COUNT(cases); i++)
        assert_int_equal(td_trade_pause(&h, at(cases[i].day, cases[i].hour, cases[i].minute)) /
                             TD_SEC,
                         cases[i].pause_s);
    assert_true(td_trade_end(&h, at(25, 10, 0)) == at(25, 16, 0));
    assert_true(td_trade_end(&h, at(28, 10, 0)) == at(28, 13, 0));
}

static void a_window_is_kept(void **state)
{
    (void)state;
    struct td_trade_hours h = {.new_york = &zone, .has_window = true, .interval = 600 * TD_SEC};
    TD_OK_OR_FAIL(td_windows_parse("22:00-02:30", "", &h.window, NULL));
    assert_int_equal(td_trade_pause(&h, at(25, 23, 0)), 0);
    assert_int_equal(td_trade_pause(&h, at(25, 2, 29)), 0);
    assert_true(td_trade_pause(&h, at(25, 2, 30)) > 0);
    assert_true(td_trade_end(&h, at(25, 23, 0)) == at(26, 2, 30));
    TD_OK_OR_FAIL(td_windows_parse("09:45-11:00", "", &h.window, NULL));
    h.wait_open = true;
    assert_true(td_trade_pause(&h, at(25, 9, 40)) > 0);
    assert_int_equal(td_trade_pause(&h, at(25, 9, 45)), 0);
    assert_true(td_trade_pause(&h, at(27, 10, 0)) > 0); /* in the window of a holiday */
    assert_true(td_trade_end(&h, at(25, 9, 45)) == at(25, 11, 0));
}

/* However the pauses fall, the session begins within the second it can. */
static void pauses_lead_to_the_begin(void **state)
{
    (void)state;
    struct td_trade_hours h = {.new_york = &zone, .wait_open = true, .interval = 300 * TD_SEC};
    for (int start = 0; start < 48; start++) {
        td_ns now = at(27, 0, 0) + start * 37 * TD_MIN;
        if (td_trade_pause(&h, now) == 0)
            continue;
        const td_ns begins = now < at(28, 9, 30) ? at(28, 9, 30) : 0;
        int looks = 0;
        for (td_ns pause; (pause = td_trade_pause(&h, now)) > 0 && looks < 1000; looks++)
            now += pause;
        assert_in_range(looks, 1, 150);
        if (begins)
            assert_in_range(now - begins, 0, TD_SEC);
    }
}

static void neither_asked_for_is_always(void **state)
{
    (void)state;
    const struct td_trade_hours h = {.new_york = &zone, .interval = TD_SEC};
    assert_int_equal(td_trade_pause(&h, at(27, 12, 0)), 0);
    assert_true(td_trade_end(&h, at(27, 12, 0)) == TD_NS_NEVER);
}

/* --- user_settings.json --- */

static enum td_err read_text(const char *text, struct td_user_settings *out, struct td_fail *why)
{
    char path[200];
    (void)snprintf(path, sizeof path, "%s/user_settings.json", td_test_folder("user"));
    TD_OK_OR_FAIL(td_file_replace(&world, path, td_str_of(text), NULL));
    return td_user_settings_read(&world, path, out, why);
}

static void user_settings_are_read(void **state)
{
    (void)state;
    struct td_user_settings u;
    struct td_fail why = {0};
    struct td_limits limits;
    struct td_settings s;
    static struct td_environ nothing;
    TD_OK_OR_FAIL(td_user_settings_read(&world, "no such file", &u, &why));
    assert_false(u.there);
    assert_true(u.monitoring.enabled); /* the file is optional, alerts are not */
    TD_OK_OR_FAIL(read_text("{\"default\":{\"symbols\":[\"AAPL\",\"BRK B\"],\"risk_level\":"
                            "\"moderate\",\"max_daily_loss\":1000.5}}",
                            &u, &why));
    assert_int_equal(u.symbols.count, 2);
    assert_string_equal(u.symbols.items[1], "BRK B");
    assert_true(u.max_daily_loss_e9 == 1000500000000);
    TD_OK_OR_FAIL(td_settings_load(&s, &nothing, NULL));
    s.user_loss_money_e9 = u.max_daily_loss_e9;
    td_settings_limits(&s, TD_CASH_NONE, &limits); /* 2 % of 100000 is more */
    assert_true(limits.value[TD_LIMIT_DAY_LOSS] == u.max_daily_loss_e9);
    assert_string_equal(limits.key[TD_LIMIT_DAY_LOSS], "max_daily_loss of USER_SETTINGS_FILE");
    static const char *const bad[] = {"not json",
                                      "[]",
                                      "{}",
                                      "{\"default\":[]}",
                                      "{\"default\":{\"symbols\":\"AAPL\"}}",
                                      "{\"default\":{\"symbols\":[\"aapl; rm\"]}}",
                                      "{\"default\":{\"symbols\":[\"\"]}}",
                                      "{\"default\":{\"symbols\":[1]}}",
                                      "{\"default\":{\"max_daily_loss\":\"1000\"}}",
                                      "{\"default\":{\"max_daily_loss\":0}}",
                                      "{\"default\":{\"max_daily_loss\":-5}}",
                                      "{\"default\":{\"max_daily_loss\":1e300}}",
                                      "{\"default\":{\"max_daily_loss\":1000}"};
    for (size_t i = 0; i < TD_COUNT(bad); i++) {
        assert_int_equal(read_text(bad[i], &u, &why), TD_EPARSE);
        assert_non_null(strstr(why.text, "user_settings.json"));
    }
    char many[2000];
    struct td_text t;
    td_text_init(&t, many, sizeof many);
    td_text_put(&t, "{\"default\":{\"symbols\":[\"A\"");
    for (int i = 0; i < TD_OPT_LIST_MAX; i++)
        td_text_put(&t, ",\"A\"");
    td_text_put(&t, "]}}");
    assert_int_equal(read_text(many, &u, &why), TD_ERANGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_market_is_waited_for), cmocka_unit_test(a_window_is_kept),
        cmocka_unit_test(pauses_lead_to_the_begin), cmocka_unit_test(neither_asked_for_is_always),
        cmocka_unit_test(user_settings_are_read),
    };
    return cmocka_run_group_tests_name("desk/tradehours", tests, set_up, tear_down);
}
