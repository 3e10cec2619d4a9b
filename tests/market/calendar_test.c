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
        td_skip_data(file);
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
        for (int i = 0; i < 2; i++) { /* no session has a break: none may appear unseen */
            (void)td_str_split(&line, ',', &field);
            assert_int_equal(td_str_trim(field).len, 0);
        }
        for (; next < day; next++)
            wrong += td_calendar_session(c, &ny, next, &h);
        next = day + 1;
        sessions++;
        if (!td_calendar_session(c, &ny, day, &h) || (outer ? h.outer_open : h.open) != open ||
            (outer ? h.outer_close : h.close) != close) {
            print_error("%s: session %d differs\n", file, sessions);
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
        td_skip_data("calendar/nyse_all_full_day_holidays_since_1928.csv");
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

/* One day that is not an ordinary session: hours and minutes in New York, 0 closed. */
struct odd_day {
    const char *date;
    int close; /* hhmm */
};

static const struct odd_day xnys_2026_2027[] = {
    {"2026-01-01", 0}, {"2026-01-19", 0},    {"2026-02-16", 0},    {"2026-04-03", 0},
    {"2026-05-25", 0}, {"2026-06-19", 0},    {"2026-07-03", 0},    {"2026-09-07", 0},
    {"2026-11-26", 0}, {"2026-11-27", 1300}, {"2026-12-24", 1300}, {"2026-12-25", 0},
    {"2027-01-01", 0}, {"2027-01-18", 0},    {"2027-02-15", 0},    {"2027-03-26", 0},
    {"2027-05-31", 0}, {"2027-06-18", 0},    {"2027-07-05", 0},    {"2027-09-06", 0},
    {"2027-11-25", 0}, {"2027-11-26", 1300}, {"2027-12-24", 0},
};

/* Noon and 12:15 of Chicago; Good Friday of 2026 has payrolls, to 08:15. */
static const struct odd_day cmes_2026_2027[] = {
    {"2026-01-01", 0},    {"2026-01-19", 1300}, {"2026-02-16", 1300}, {"2026-04-03", 915},
    {"2026-05-25", 1300}, {"2026-06-19", 1300}, {"2026-07-03", 1300}, {"2026-09-07", 1300},
    {"2026-11-26", 1300}, {"2026-11-27", 1315}, {"2026-12-24", 1315}, {"2026-12-25", 0},
    {"2027-01-01", 0},    {"2027-01-18", 1300}, {"2027-02-15", 1300}, {"2027-03-26", 0},
    {"2027-05-31", 1300}, {"2027-06-18", 1300}, {"2027-07-05", 1300}, {"2027-09-06", 1300},
    {"2027-11-25", 1300}, {"2027-11-26", 1315}, {"2027-12-24", 0},
};

/* Every day of two years: the odd ones as listed, weekends closed, all others full, at New York's clock. */
static void check_two_years(const struct td_calendar *c, const struct odd_day *odd, size_t n,
                            int open_hhmm, int close_hhmm)
{
    size_t at = 0;
    const bool night = c == &td_calendar_cmes;
    for (int64_t day = day_of("2026-01-01"); day < day_of("2028-01-01"); day++) {
        struct td_session_hours h;
        char name[16];
        (void)td_date_print(day, name);
        const bool listed = at < n && strcmp(odd[at].date, name) == 0;
        const int close = listed ? odd[at].close : td_weekday(day) % 6 == 0 ? 0 : close_hhmm;
        at += listed;
        if (td_calendar_session(c, &ny, day, &h) != (close > 0) ||
            td_calendar_trades(c, day) != (close > 0))
            fail_msg("%s %s", td_calendar_name(c), name);
        if (!close)
            continue;
        assert_int_equal(h.open, td_tz_at(&ny, day - night, open_hhmm / 100, open_hhmm % 100, 0));
        if (h.close != td_tz_at(&ny, day, close / 100, close % 100, 0))
            fail_msg("%s %s closes at another time", td_calendar_name(c), name);
        assert_int_equal(h.early, close < close_hhmm);
        const int outer = night ? (h.early ? close : 1800) : (h.early ? 1700 : 2000);
        assert_int_equal(h.outer_close, td_tz_at(&ny, day, outer / 100, outer % 100, 0));
    }
    assert_int_equal(at, n);
}

static void two_years_day_by_day(void **state)
{
    (void)state;
    check_two_years(&td_calendar_xnys, xnys_2026_2027, TD_COUNT(xnys_2026_2027), 930, 1600);
    check_two_years(&td_calendar_cmes, cmes_2026_2027, TD_COUNT(cmes_2026_2027), 1800, 1700);
}

/* Opens in UTC around the changes of clocks in 2026 and 2027: the hours of New York do not move, UTC's do. */
static void opens_around_clock_changes(void **state)
{
    (void)state;
    static const struct {
        const char *day, *xnys, *cmes;
    } rows[] = {
        {"2026-03-06", "2026-03-06T14:30:00Z", "2026-03-05T23:00:00Z"},
        {"2026-03-09", "2026-03-09T13:30:00Z", "2026-03-08T22:00:00Z"},
        {"2026-10-30", "2026-10-30T13:30:00Z", "2026-10-29T22:00:00Z"},
        {"2026-11-02", "2026-11-02T14:30:00Z", "2026-11-01T23:00:00Z"},
        {"2027-03-12", "2027-03-12T14:30:00Z", "2027-03-11T23:00:00Z"},
        {"2027-03-15", "2027-03-15T13:30:00Z", "2027-03-14T22:00:00Z"},
        {"2027-11-05", "2027-11-05T13:30:00Z", "2027-11-04T22:00:00Z"},
        {"2027-11-08", "2027-11-08T14:30:00Z", "2027-11-07T23:00:00Z"},
    };
    for (size_t i = 0; i < TD_COUNT(rows); i++) {
        struct td_session_hours h;
        assert_true(td_calendar_session(&td_calendar_xnys, &ny, day_of(rows[i].day), &h));
        assert_int_equal(h.open, ns_of(rows[i].xnys));
        assert_true(td_calendar_session(&td_calendar_cmes, &ny, day_of(rows[i].day), &h));
        assert_int_equal(h.open, ns_of(rows[i].cmes));
    }
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

/* Thanksgiving week of 2026: a halt at noon of Chicago, trading again at 17:00, all booked on Friday. */
static void a_holiday_halts_and_goes_on_the_same_evening(void **state)
{
    (void)state;
    const struct td_calendar *c = &td_calendar_cmes;
    assert_int_equal(phase(c, "2026-11-26T17:59:59Z"), TD_PHASE_REGULAR);
    assert_int_equal(phase(c, "2026-11-26T18:00:00Z"), TD_PHASE_CLOSED);
    assert_int_equal(phase(c, "2026-11-26T22:59:59Z"), TD_PHASE_CLOSED);
    assert_int_equal(phase(c, "2026-11-26T23:00:00Z"), TD_PHASE_REGULAR);
    assert_int_equal(phase(c, "2026-11-27T18:14:59Z"), TD_PHASE_REGULAR);
    assert_int_equal(phase(c, "2026-11-27T18:15:00Z"), TD_PHASE_CLOSED);
    assert_int_equal(td_calendar_next_open(c, &ny, ns_of("2026-11-26T18:00:00Z")),
                     ns_of("2026-11-26T23:00:00Z"));
    assert_int_equal(td_calendar_next_open(c, &ny, ns_of("2026-11-27T18:15:00Z")),
                     ns_of("2026-11-29T23:00:00Z"));
    /* Christmas Eve ends early, Christmas has nothing, and the week-end follows. */
    assert_int_equal(td_calendar_next_open(c, &ny, ns_of("2026-12-24T18:15:00Z")),
                     ns_of("2026-12-27T23:00:00Z"));
    static const char *const dates[][2] = {
        {"2026-11-25", "2026-11-25"}, {"2026-11-26", "2026-11-27"}, {"2026-11-27", "2026-11-27"},
        {"2026-01-19", "2026-01-20"}, {"2026-07-03", "2026-07-06"}, {"2026-12-24", "2026-12-24"},
        {"2026-04-03", "2026-04-03"}, {"2026-12-25", "2026-12-28"}, {"2026-12-26", "2026-12-28"},
    };
    for (size_t i = 0; i < TD_COUNT(dates); i++)
        assert_int_equal(td_calendar_trade_date(c, day_of(dates[i][0])), day_of(dates[i][1]));
    assert_int_equal(td_calendar_trade_date(&td_calendar_xnys, day_of("2026-11-27")),
                     day_of("2026-11-27"));
}

/* The data of 1990 to 2015 closes these days at noon of Chicago; since then it is a quarter past. */
static void early_closes_of_futures_by_year(void **state)
{
    (void)state;
    static const struct odd_day rows[] = {
        {"2015-11-27", 1300}, {"2016-11-25", 1315}, {"2015-12-24", 1300}, {"2018-12-24", 1315},
        {"2014-07-03", 1700}, {"2019-07-03", 1315}, {"2028-07-03", 1315}, {"2015-04-03", 0},
        {"2021-04-02", 915},  {"2023-04-07", 915},  {"2024-03-29", 0},
    };
    for (size_t i = 0; i < TD_COUNT(rows); i++) {
        struct td_session_hours h;
        const int64_t day = day_of(rows[i].date);
        assert_int_equal(td_calendar_session(&td_calendar_cmes, &ny, day, &h), rows[i].close > 0);
        if (rows[i].close)
            assert_int_equal(h.close,
                             td_tz_at(&ny, day, rows[i].close / 100, rows[i].close % 100, 0));
    }
}

/* --- changes --- */

static struct td_calendar changed(const struct td_calendar *c, const char *text,
                                  struct td_calendar_changes *changes)
{
    struct td_fail why = {0};
    if (td_calendar_changes_parse(c, td_str_of(text), changes, &why) != TD_OK)
        fail_msg("%s", why.text);
    return (struct td_calendar){c->rules, changes};
}

static void a_changed_day_is_as_it_was_told(void **state)
{
    (void)state;
    struct td_calendar_changes changes;
    struct td_session_hours h;
    const struct td_calendar c = changed(&td_calendar_xnys,
                                         "# decreed\n\n2026-12-09 closed\r\n"
                                         "2027-12-23 13:00 # half a day\n"
                                         "2026-03-02 10:30-16:00\n"
                                         "2026-12-05 09:30-12:00\n"
                                         "2026-12-25 13:00\n"
                                         "2026-12-10 03:00-21:00",
                                         &changes);
    assert_int_equal(changes.count, 6);
    assert_false(td_calendar_session(&c, &ny, day_of("2026-12-09"), &h));
    assert_false(td_calendar_trades(&c, day_of("2026-12-09")));
    assert_true(td_calendar_trades(&td_calendar_xnys, day_of("2026-12-09")));
    assert_int_equal(td_calendar_next_open(&c, &ny, ns_of("2026-12-08T21:00:00Z")),
                     ns_of("2026-12-10T08:00:00Z"));
    assert_true(td_calendar_session(&c, &ny, day_of("2027-12-23"), &h) && h.early);
    assert_int_equal(h.close, ns_of("2027-12-23T18:00:00Z"));
    assert_int_equal(h.outer_close, ns_of("2027-12-23T22:00:00Z"));
    assert_true(td_calendar_session(&c, &ny, day_of("2026-03-02"), &h) && !h.early);
    assert_int_equal(h.open, ns_of("2026-03-02T15:30:00Z"));
    assert_int_equal(h.outer_open, ns_of("2026-03-02T09:00:00Z"));
    assert_int_equal(td_calendar_phase(&c, &ny, ns_of("2026-03-02T15:00:00Z")), TD_PHASE_PRE);
    assert_true(td_calendar_session(&c, &ny, day_of("2026-12-05"), &h)); /* a Saturday */
    assert_true(td_calendar_session(&c, &ny, day_of("2026-12-25"), &h)); /* a holiday */
    assert_int_equal(h.close, ns_of("2026-12-25T18:00:00Z"));
    assert_true(td_calendar_session(&c, &ny, day_of("2026-12-10"), &h)); /* longer than usual */
    assert_int_equal(h.outer_open, ns_of("2026-12-10T08:00:00Z"));
    assert_int_equal(h.outer_close, ns_of("2026-12-11T02:00:00Z"));
    assert_true(td_calendar_session(&c, &ny, day_of("2026-12-11"), &h) && !h.early);
}

static void futures_change_too(void **state)
{
    (void)state;
    struct td_calendar_changes changes;
    struct td_session_hours h;
    const struct td_calendar c = changed(
        &td_calendar_cmes, "2027-03-26 09:15\n2026-12-09 02:00-17:00\n2026-11-26 17:00", &changes);
    assert_true(td_calendar_session(&c, &ny, day_of("2027-03-26"), &h) && h.early);
    assert_int_equal(h.open, ns_of("2027-03-25T22:00:00Z"));
    assert_int_equal(h.outer_close, ns_of("2027-03-26T13:15:00Z"));
    assert_int_equal(td_calendar_phase(&c, &ny, ns_of("2026-12-09T06:59:59Z")), TD_PHASE_CLOSED);
    assert_int_equal(td_calendar_phase(&c, &ny, ns_of("2026-12-09T07:00:00Z")), TD_PHASE_REGULAR);
    assert_int_equal(td_calendar_trade_date(&c, day_of("2026-11-26")), day_of("2026-11-26"));
    /* From 18:00 on it is the next day's session. */
    assert_int_equal(
        td_calendar_changes_parse(&td_calendar_cmes, td_str_of("2026-12-09 18:01"), &changes, NULL),
        TD_EPARSE);
    assert_int_equal(changes.count, 3);
}

static void a_line_that_says_nothing_is_named(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum td_err err;
        const char *says;
    } rows[] = {
        {"2026-01-09 closed\n\n2026-13-01 closed", TD_EPARSE,
         "calendar line 3: \"2026-13-01\" is no date of 1990 to 2100; write YYYY-MM-DD"},
        {"1989-01-03 closed", TD_EPARSE, "line 1: \"1989-01-03\" is no date"},
        {"20260109 closed", TD_EPARSE, "line 1: \"20260109\" is no date"},
        {"2026-01-09", TD_EPARSE, "line 1: \"\" are no hours; write \"DATE closed\""},
        {"2026-01-09 Closed", TD_EPARSE, "line 1: \"Closed\" are no hours"},
        {"2026-01-09 24:00", TD_EPARSE, "line 1: \"24:00\" are no hours"},
        {"2026-01-09 13:60", TD_EPARSE, "\"13:60\" are no hours"},
        {"2026-01-09 1:00", TD_EPARSE, "\"1:00\" are no hours"},
        {"2026-01-09 -1:00", TD_EPARSE, "\"-1:00\" are no hours"},
        {"2026-01-09 13:00-", TD_EPARSE, "\"13:00-\" are no hours"},
        {"2026-01-09 09:00", TD_EPARSE, "XNYS cannot open and close then"},
        {"2026-01-09 13:00-13:00", TD_EPARSE, "XNYS cannot open and close then"},
        {"2026-01-09 closed\n2026-01-09 13:00", TD_EEXIST,
         "calendar line 2: \"2026-01-09\": the day is named twice; keep one line"},
    };
    for (size_t i = 0; i < TD_COUNT(rows); i++) {
        struct td_calendar_changes changes = {.count = 7};
        struct td_fail why = {0};
        assert_int_equal(
            td_calendar_changes_parse(&td_calendar_xnys, td_str_of(rows[i].text), &changes, &why),
            rows[i].err);
        if (!strstr(why.text, rows[i].says))
            fail_msg("\"%s\" is not in \"%s\"", rows[i].says, why.text);
        assert_int_equal(changes.count, 7);
    }
}

static void changes_are_bounded(void **state)
{
    (void)state;
    char text[(TD_CALENDAR_CHANGES_MAX + 1) * 20];
    struct td_text out;
    struct td_calendar_changes changes;
    struct td_fail why = {0};
    td_text_init(&out, text, sizeof text);
    for (int i = 0; i <= TD_CALENDAR_CHANGES_MAX; i++) {
        char name[16];
        (void)td_date_print(day_of("2026-01-01") + i, name);
        td_text_printf(&out, "%s closed\n", name);
    }
    assert_false(td_text_full(&out));
    assert_int_equal(td_calendar_changes_parse(&td_calendar_xnys, td_str_of(text), &changes, &why),
                     TD_EFULL);
    assert_non_null(strstr(why.text, "calendar line 65: more than 64 days"));
    out.len -= 18;
    TD_OK_OR_FAIL(td_calendar_changes_parse(&td_calendar_xnys, (struct td_str){text, out.len},
                                            &changes, &why));
    assert_int_equal(changes.count, TD_CALENDAR_CHANGES_MAX);
    TD_OK_OR_FAIL(td_calendar_changes_parse(&td_calendar_xnys, td_str_of(""), &changes, &why));
    assert_int_equal(changes.count, 0);
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
        "00260309:0930-00260309:1600",
        "20260309:0930-99990309:1600",
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
        cmocka_unit_test(two_years_day_by_day),
        cmocka_unit_test(opens_around_clock_changes),
        cmocka_unit_test(a_holiday_halts_and_goes_on_the_same_evening),
        cmocka_unit_test(early_closes_of_futures_by_year),
        cmocka_unit_test(a_changed_day_is_as_it_was_told),
        cmocka_unit_test(futures_change_too),
        cmocka_unit_test(a_line_that_says_nothing_is_named),
        cmocka_unit_test(changes_are_bounded),
        cmocka_unit_test(broker_hours),
    };
    return cmocka_run_group_tests_name("market/calendar", tests, setup, NULL);
}
