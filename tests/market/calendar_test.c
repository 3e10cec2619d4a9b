/* tests/market/calendar_test.c - sessions against known answers of 26 years, one-offs since, hours text. */
#include "market/calendar.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/support.h"

static struct td_tz ny, chicago;

static int load_zone(const char *name, struct td_tz *out)
{
    char path[200];
    size_t len;
    (void)snprintf(path, sizeof path, "/usr/share/zoneinfo/%s", name);
    char *bytes = td_test_slurp(path, &len);
    const enum td_err err = bytes ? td_tz_parse(bytes, len, name, out) : TD_ENOENT;
    free(bytes);
    return err ? -1 : 0;
}

static int setup(void **state)
{
    (void)state;
    return load_zone("America/New_York", &ny) || load_zone("America/Chicago", &chicago) ? -1 : 0;
}

static int64_t day_of(const char *date)
{
    int64_t day = 0;
    TD_OK_OR_FAIL(td_date_parse(date, strlen(date), &day));
    return day;
}

static td_ns ns_of(const char *iso)
{
    td_ns at = 0;
    TD_OK_OR_FAIL(td_iso_parse(iso, strlen(iso), &at));
    return at;
}

/* Compares every day of the file's span; returns how many sessions it has. */
static int compare_file(const char *file, const struct td_calendar *c, bool outer)
{
    const char *path = td_test_data(file);
    size_t len;
    int sessions = 0, wrong = 0;
    if (!path)
        skip();
    char *bytes = td_test_slurp(path, &len);
    struct td_str rest = {bytes, len}, line, field;
    int64_t next = day_of("1990-01-01");
    (void)td_str_split(&rest, '\n', &line);
    while (td_str_split(&rest, '\n', &line) && line.len > 20) {
        struct td_session_hours h = {0};
        td_ns open = 0, close = 0;
        int64_t day;
        (void)td_str_split(&line, ',', &field);
        TD_OK_OR_FAIL(td_date_parse(field.p, 10, &day));
        (void)td_str_split(&line, ',', &field);
        TD_OK_OR_FAIL(td_iso_parse(field.p, field.len, &open));
        (void)td_str_split(&line, ',', &field);
        TD_OK_OR_FAIL(td_iso_parse(field.p, field.len, &close));
        for (; next < day; next++)
            wrong += td_calendar_session(c, &ny, next, &h);
        next = day + 1;
        sessions++;
        if (!td_calendar_session(c, &ny, day, &h) || (outer ? h.outer_open : h.open) != open ||
            (outer ? h.outer_close : h.close) != close) {
            print_error("%s: %.10s differs\n", file, field.p);
            wrong++;
        }
    }
    free(bytes);
    assert_int_equal(wrong, 0);
    return sessions;
}

static void new_york_matches_26_years(void **state)
{
    (void)state;
    assert_int_equal(compare_file("calendar/xnys_1990_2015.csv", &td_calendar_xnys, false), 6553);
}

static void chicago_matches_26_years(void **state)
{
    (void)state;
    assert_int_equal(compare_file("calendar/cmes_1990_2015.csv", &td_calendar_cmes, true), 6707);
}

/* The full-day holidays of NYSE up to 2021, from the second list. */
static void full_holidays_match(void **state)
{
    (void)state;
    const char *path = td_test_data("calendar/nyse_all_full_day_holidays_since_1928.csv");
    size_t len;
    int seen = 0;
    if (!path)
        skip();
    char *bytes = td_test_slurp(path, &len);
    struct td_str rest = {bytes, len}, line;
    int64_t next = day_of("1990-01-01");
    while (td_str_split(&rest, '\n', &line)) {
        int month, day, year;
        struct td_session_hours h;
        line = td_str_trim(line);
        if (line.len == 0 || sscanf(line.p, "%d/%d/%d", &month, &day, &year) != 3 || year < 1990)
            continue;
        const int64_t holiday = td_days_from_civil(year, month, day);
        for (; next < holiday; next++)
            if (td_weekday(next) % 6 != 0 && !td_calendar_session(&td_calendar_xnys, &ny, next, &h))
                fail_msg("closed before %d-%02d-%02d", year, month, day);
        assert_false(td_calendar_session(&td_calendar_xnys, &ny, holiday, &h));
        next = holiday + 1;
        seen++;
    }
    free(bytes);
    assert_true(seen > 270);
}

static void holidays_since(void **state)
{
    (void)state;
    static const char *const closed[] = {
        "2018-12-05", "2025-01-09", "2022-06-20", "2023-06-19", "2026-01-01",
        "2026-01-19", "2026-02-16", "2026-04-03", "2026-05-25", "2026-06-19",
        "2026-07-03", "2026-09-07", "2026-11-26", "2026-12-25", "2027-01-01",
        "2027-01-18", "2027-02-15", "2027-03-26", "2027-05-31", "2027-06-18",
        "2027-07-05", "2027-09-06", "2027-11-25", "2027-12-24", "2100-12-24",
    };
    static const char *const open[] = {"2021-06-18", "2021-12-31", "2027-12-31", "2010-12-31",
                                       "2026-07-02", "2026-07-06", "2100-12-31", "1990-01-02"};
    static const char *const early[] = {"2026-11-27", "2026-12-24", "2027-11-26", "2019-07-03",
                                        "2024-07-03", "2024-11-29", "2019-11-29", "2030-11-29"};
    struct td_session_hours h;
    for (size_t i = 0; i < TD_COUNT(closed); i++)
        if (td_calendar_session(&td_calendar_xnys, &ny, day_of(closed[i]), &h))
            fail_msg("%s should be closed", closed[i]);
    for (size_t i = 0; i < TD_COUNT(open); i++)
        if (!td_calendar_session(&td_calendar_xnys, &ny, day_of(open[i]), &h) || h.early)
            fail_msg("%s should be a full day", open[i]);
    for (size_t i = 0; i < TD_COUNT(early); i++) {
        if (!td_calendar_session(&td_calendar_xnys, &ny, day_of(early[i]), &h) || !h.early)
            fail_msg("%s should be short", early[i]);
        assert_int_equal(h.close, td_tz_at(&ny, day_of(early[i]), 13, 0, 0));
        assert_int_equal(h.outer_close, td_tz_at(&ny, day_of(early[i]), 17, 0, 0));
    }
    assert_false(td_calendar_session(&td_calendar_xnys, &ny, day_of("1989-12-29"), &h));
    assert_false(td_calendar_session(&td_calendar_xnys, &ny, day_of("2101-01-03"), &h));
    assert_true(td_calendar_session(&td_calendar_cmes, &ny, day_of("2025-01-09"), &h));
    assert_int_equal(h.close, td_tz_at(&chicago, day_of("2025-01-09"), 8, 30, 0));
    assert_true(td_calendar_session(&td_calendar_cmes, &ny, day_of("2026-06-19"), &h));
    assert_int_equal(h.close, td_tz_at(&chicago, day_of("2026-06-19"), 12, 0, 0));
}

static enum td_session_phase phase(const struct td_calendar *c, const char *iso)
{
    return td_calendar_phase(c, &ny, ns_of(iso));
}

/* The weeks in which the clocks change: 2026-03-08 and 2026-11-01. */
static void phases_over_clock_changes(void **state)
{
    (void)state;
    const struct td_calendar *c = &td_calendar_xnys;
    assert_int_equal(phase(c, "2026-03-06T14:29:59Z"), TD_PHASE_PRE); /* winter: opens 14:30 UTC */
    assert_int_equal(phase(c, "2026-03-06T14:30:00Z"), TD_PHASE_REGULAR);
    assert_int_equal(phase(c, "2026-03-06T21:00:00Z"), TD_PHASE_AFTER);
    assert_int_equal(phase(c, "2026-03-07T00:59:59Z"), TD_PHASE_AFTER);
    assert_int_equal(phase(c, "2026-03-07T01:00:00Z"), TD_PHASE_CLOSED);
    assert_int_equal(phase(c, "2026-03-09T07:59:59Z"),
                     TD_PHASE_CLOSED); /* summer: opens 13:30 UTC */
    assert_int_equal(phase(c, "2026-03-09T08:00:00Z"), TD_PHASE_PRE);
    assert_int_equal(phase(c, "2026-03-09T13:30:00Z"), TD_PHASE_REGULAR);
    assert_int_equal(phase(c, "2026-03-09T20:00:00Z"), TD_PHASE_AFTER);
    assert_int_equal(phase(c, "2026-10-30T13:30:00Z"), TD_PHASE_REGULAR);
    assert_int_equal(phase(c, "2026-11-02T13:30:00Z"), TD_PHASE_PRE);
    assert_int_equal(phase(c, "2026-11-02T14:30:00Z"), TD_PHASE_REGULAR);
    assert_int_equal(phase(c, "2026-11-27T18:00:00Z"), TD_PHASE_AFTER); /* early close */
    assert_int_equal(phase(c, "2026-11-27T22:00:00Z"), TD_PHASE_CLOSED);
    assert_true(td_calendar_is_open(c, &ny, ns_of("2026-03-09T19:59:59.999999999Z")));
    assert_int_equal(td_calendar_next_open(c, &ny, ns_of("2026-03-06T21:00:00Z")),
                     ns_of("2026-03-09T13:30:00Z"));
    assert_int_equal(td_calendar_next_open(c, &ny, ns_of("2026-10-30T13:30:00Z")),
                     ns_of("2026-11-02T14:30:00Z"));
    assert_int_equal(td_calendar_next_open(c, &ny, ns_of("2001-09-10T21:00:00Z")),
                     ns_of("2001-09-17T13:30:00Z"));
    assert_int_equal(td_calendar_next_open(c, &ny, ns_of("1970-01-01T00:00:00Z")),
                     ns_of("1990-01-02T14:30:00Z"));
    assert_int_equal(td_calendar_next_open(c, &ny, ns_of("2101-01-01T00:00:00Z")), TD_NS_NEVER);
    assert_string_equal(td_session_phase_name(TD_PHASE_PRE), "pre-market");
    assert_string_equal(td_session_phase_name(TD_PHASE_AFTER), "after-hours");
    assert_string_equal(td_session_phase_name(TD_PHASE_REGULAR), "regular");
    assert_string_equal(td_session_phase_name(TD_PHASE_CLOSED), "closed");
    assert_string_equal(td_session_phase_name((enum td_session_phase)9), "?");
}

static void futures_trade_over_midnight(void **state)
{
    (void)state;
    const struct td_calendar *c = &td_calendar_cmes;
    assert_int_equal(phase(c, "2026-03-06T21:59:59Z"), TD_PHASE_REGULAR); /* Friday 15:59 Chicago */
    assert_int_equal(phase(c, "2026-03-06T22:00:00Z"), TD_PHASE_CLOSED);
    assert_int_equal(phase(c, "2026-03-08T21:59:59Z"),
                     TD_PHASE_CLOSED); /* Sunday 16:59, clocks changed */
    assert_int_equal(phase(c, "2026-03-08T22:00:00Z"), TD_PHASE_REGULAR);
    assert_int_equal(phase(c, "2026-03-09T21:00:00Z"), TD_PHASE_CLOSED); /* the daily pause */
    assert_int_equal(phase(c, "2026-03-09T22:00:00Z"), TD_PHASE_REGULAR);
    assert_int_equal(td_calendar_day(c, &ny, ns_of("2026-03-08T22:00:00Z")), day_of("2026-03-09"));
    assert_int_equal(td_calendar_day(&td_calendar_xnys, &ny, ns_of("2026-03-10T01:00:00Z")),
                     day_of("2026-03-09"));
    assert_int_equal(td_calendar_next_open(c, &ny, ns_of("2026-04-02T22:30:00Z")),
                     ns_of("2026-04-05T22:00:00Z"));
    assert_ptr_equal(td_calendar_find(td_str_of("CMES")), c);
    assert_ptr_equal(td_calendar_find(td_str_of("XNYS")), &td_calendar_xnys);
    assert_null(td_calendar_find(td_str_of("XLON")));
    assert_string_equal(td_calendar_name(c), "CMES");
}

static enum td_hours_answer ask(const char *text, const char *iso)
{
    return td_hours_text_open(td_str_of(text), &ny, ns_of(iso));
}

static void broker_hours(void **state)
{
    (void)state;
    const char *week =
        "20260306:0930-20260306:1600;20260307:CLOSED;20260308:CLOSED;20260309:0930-20260309:1600";
    assert_int_equal(ask(week, "2026-03-06T14:30:00Z"), TD_HOURS_OPEN);
    assert_int_equal(ask(week, "2026-03-06T14:29:59Z"), TD_HOURS_CLOSED);
    assert_int_equal(ask(week, "2026-03-06T21:00:00Z"), TD_HOURS_CLOSED);
    assert_int_equal(ask(week, "2026-03-07T15:00:00Z"), TD_HOURS_CLOSED);
    assert_int_equal(ask(week, "2026-03-09T13:30:00Z"),
                     TD_HOURS_OPEN); /* summer time since Sunday */
    assert_int_equal(ask(week, "2026-03-10T15:00:00Z"), TD_HOURS_UNKNOWN);
    assert_int_equal(ask(week, "2026-03-05T15:00:00Z"), TD_HOURS_UNKNOWN);
    const char *night = "20260308:1800-20260309:1700;20260309:1800-20260310:1700;";
    assert_int_equal(ask(night, "2026-03-09T04:00:00Z"), TD_HOURS_OPEN);
    assert_int_equal(ask(night, "2026-03-09T21:30:00Z"), TD_HOURS_CLOSED);
    assert_int_equal(ask(night, "2026-03-10T20:59:59Z"), TD_HOURS_OPEN);
    const char *spans = "20260309:0400-0930,1600-2400";
    assert_int_equal(ask(spans, "2026-03-09T09:00:00Z"), TD_HOURS_OPEN);
    assert_int_equal(ask(spans, "2026-03-09T15:00:00Z"), TD_HOURS_CLOSED);
    assert_int_equal(ask(spans, "2026-03-10T03:59:59Z"), TD_HOURS_OPEN);
    static const char *const bad[] = {
        "",
        ";",
        "20260309",
        "20260309:",
        "20260309:closed",
        "20260309:0930",
        "20260309:0930-",
        "20260309:0930-1660",
        "20260309:0930-2401",
        "20260309:1600-0930",
        "2026-03-09:0930-1600",
        "20260332:0930-1600",
        "20260309:+930-1600",
        "20260309:0930-1600;x",
        "20260309:0930-20260308:1600",
        "20260309:0930-1600,",
        "20260309:09300-1600",
    };
    for (size_t i = 0; i < TD_COUNT(bad); i++)
        if (ask(bad[i], "2026-03-09T15:00:00Z") != TD_HOURS_UNKNOWN)
            fail_msg("\"%s\" should be unknown", bad[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(new_york_matches_26_years),
        cmocka_unit_test(chicago_matches_26_years),
        cmocka_unit_test(full_holidays_match),
        cmocka_unit_test(holidays_since),
        cmocka_unit_test(phases_over_clock_changes),
        cmocka_unit_test(futures_trade_over_midnight),
        cmocka_unit_test(broker_hours),
    };
    return cmocka_run_group_tests_name("market/calendar", tests, setup, NULL);
}
