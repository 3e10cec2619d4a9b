/* tests/base/tz_test.c - TZif reader against known instants and against the C library's zone files. */
#include "support/support.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/tz.h"

static bool load(const char *name, struct td_tz *tz)
{
    char path[256];
    size_t len;
    (void)snprintf(path, sizeof path, "/usr/share/zoneinfo/%s", name);
    char *bytes = td_test_slurp(path, &len);
    if (!bytes)
        return false;
    TD_OK_OR_FAIL(td_tz_parse(bytes, len, name, tz));
    free(bytes);
    return true;
}

static td_ns utc(const char *iso)
{
    td_ns at = 0;
    TD_OK_OR_FAIL(td_iso_parse(iso, strlen(iso), &at));
    return at;
}

static void new_york_changes_twice_a_year(void **state)
{
    (void)state;
    struct td_tz tz;
    if (!load("America/New_York", &tz))
        td_skip("/usr/share/zoneinfo has no America/New_York");
    static const struct {
        const char *utc;
        int hours;
    } known[] = {
        {"2025-03-09T06:59:59Z", -5}, {"2025-03-09T07:00:00Z", -4}, {"2025-11-02T05:59:59Z", -4},
        {"2025-11-02T06:00:00Z", -5}, {"2026-11-21T05:30:00Z", -5}, {"2013-10-07T13:30:00Z", -4},
        {"2050-07-01T00:00:00Z", -4}, {"2050-12-31T23:59:59Z", -5}, {"2044-03-13T07:00:00Z", -4},
        {"2044-03-13T06:59:59Z", -5},
    };
    for (size_t i = 0; i < TD_COUNT(known); i++)
        assert_int_equal(td_tz_offset(&tz, utc(known[i].utc)), known[i].hours * 3600);
    int64_t day = 0;
    TD_OK_OR_FAIL(td_date_parse("2025-03-09", 10, &day));
    assert_int_equal(td_tz_at(&tz, day, 9, 30, 0), utc("2025-03-09T13:30:00Z"));
    assert_int_equal(td_tz_at(&tz, day, 2, 30, 0),
                     utc("2025-03-09T07:30:00Z")); /* does not exist: old offset */
    TD_OK_OR_FAIL(td_date_parse("2025-11-02", 10, &day));
    assert_int_equal(td_tz_at(&tz, day, 1, 30, 0),
                     utc("2025-11-02T05:30:00Z")); /* twice: the earlier */
    assert_int_equal(td_tz_day(&tz, utc("2025-11-03T04:59:59Z")), day);
    assert_int_equal(td_tz_day(&tz, utc("2025-11-03T05:00:00Z")), day + 1);
}

static void agrees_with_the_c_library(void **state)
{
    (void)state;
    static const char *const zones[] = {
        "America/New_York", "Europe/London", "Australia/Sydney", "Asia/Kolkata", "UTC",
        "America/Chicago",  "Asia/Tokyo",    "Africa/Casablanca"};
    for (size_t z = 0; z < TD_COUNT(zones); z++) {
        struct td_tz tz;
        if (!load(zones[z], &tz))
            td_skip("/usr/share/zoneinfo has no %s", zones[z]);
        char setting[64];
        (void)snprintf(setting, sizeof setting, "TZ=%s", zones[z]);
        extern int putenv(char *);
        extern void tzset(void);
        extern struct tm *localtime_r(const time_t *, struct tm *);
        putenv(setting);
        tzset();
        for (int64_t s = 0; s < INT64_C(4102444800); s += 86413 * 3) {
            const time_t t = (time_t)s;
            struct tm tm;
            struct td_civil c;
            localtime_r(&t, &tm);
            td_tz_civil(&tz, s * TD_SEC, &c);
            assert_int_equal(c.year, tm.tm_year + 1900);
            assert_int_equal(c.day, tm.tm_mday);
            assert_int_equal(c.hour * 60 + c.minute, tm.tm_hour * 60 + tm.tm_min);
        }
    }
}

static void refuses_damage(void **state)
{
    (void)state;
    struct td_tz tz;
    size_t len;
    char *bytes = td_test_slurp("/usr/share/zoneinfo/America/New_York", &len);
    if (!bytes)
        td_skip("/usr/share/zoneinfo has no America/New_York");
    for (size_t cut = 0; cut < len; cut++) {
        uint8_t *guarded = td_guard_copy(bytes, cut);
        const enum td_err err = td_tz_parse(guarded, cut, "x", &tz);
        assert_int_equal(err, TD_EPARSE);
        td_guard_free(guarded, cut);
    }
    for (size_t i = 0; i < len; i++) {
        uint8_t *guarded = td_guard_copy(bytes, len);
        guarded[i] ^= 0xff;
        (void)(td_tz_parse(guarded, len, "x", &tz) == TD_OK);
        td_guard_free(guarded, len);
    }
    free(bytes);
    td_tz_utc(&tz);
    assert_int_equal(td_tz_offset(&tz, utc("2026-01-01")), 0);
}

static void iso_text(void **state)
{
    (void)state;
    char text[40];
    assert_int_equal(td_iso_print(utc("2025-07-30T13:30:00.101250Z"), text), 32);
    assert_string_equal(text, "2025-07-30T13:30:00.101250+00:00");
    static const char *const pairs[][2] = {
        {"2025-07-30T13:30:00.999999Z", "2025-07-30T13:30:00.000001Z"},
        {"2025-12-31T23:59:59.999999Z", "2026-01-01T00:00:00.000000Z"},
        {"1969-12-31T23:59:59.5Z", "1970-01-01T00:00:00.25Z"},
        {"1970-01-01T00:00:00.25Z", "1969-12-31T23:59:59.5Z"}};
    for (size_t i = 0; i < TD_COUNT(pairs); i++) {
        char before[40], whole[40];
        (void)td_iso_print(utc(pairs[i][0]), before);
        assert_int_equal(td_iso_print_after(utc(pairs[i][1]), utc(pairs[i][0]), before, text), 32);
        (void)td_iso_print(utc(pairs[i][1]), whole);
        assert_string_equal(text, whole);
    }
    assert_int_equal(utc("2025-07-30T09:30:00-04:00"), utc("2025-07-30 13:30:00"));
    assert_int_equal(utc("1969-12-31T23:59:59.999999999Z"), -1);
    static const char *const bad[] = {"",
                                      "2025",
                                      "2025-02-29",
                                      "2025-13-01",
                                      "2025-01-01T24:00:00",
                                      "2025-01-01T00:00",
                                      "2025-01-01T00:00:00.",
                                      "2025-01-01T00:00:00+25:00",
                                      "2025-01-01x",
                                      "2025-01-01T00:00:00Zx",
                                      "2025-1-1",
                                      "2025-01-32",
                                      "1677-12-31",
                                      "1012-07-29T00:00:00",
                                      "2262-01-01"};
    for (size_t i = 0; i < TD_COUNT(bad); i++) {
        td_ns at = 7;
        assert_int_equal(td_iso_parse(bad[i], strlen(bad[i]), &at), TD_EPARSE);
        assert_int_equal(at, 7);
    }
    int64_t day = 0;
    TD_OK_OR_FAIL(td_date_parse("20240229", 8, &day));
    td_date_print(day, text);
    assert_string_equal(text, "2024-02-29");
    td_date_print_compact(day, text);
    assert_string_equal(text, "20240229");
    assert_int_equal(td_weekday(day), 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(new_york_changes_twice_a_year),
        cmocka_unit_test(agrees_with_the_c_library),
        cmocka_unit_test(refuses_damage),
        cmocka_unit_test(iso_text),
    };
    return cmocka_run_group_tests_name("base/tz", tests, NULL, NULL);
}
