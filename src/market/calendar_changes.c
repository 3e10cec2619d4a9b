/* market/calendar_changes.c - reads days that are not as the rules say. */
#include "market/calendar.h"

#define HINT "write \"DATE closed\", \"DATE 13:00\" or \"DATE 10:30-16:00\""

struct reading {
    const struct td_calendar *calendar;
    struct td_calendar_changes changes;
    uint32_t line;
    struct td_fail *why;
};

/* "hh:mm", 00:00 to 23:59. */
static bool take_minute(struct td_str text, int16_t *minute)
{
    int64_t hour, rest;
    if (text.len != 5 || text.p[2] != ':' || text.p[0] < '0' || text.p[0] > '9' ||
        text.p[3] < '0' || text.p[3] > '9' || td_i64_parse(text.p, 2, &hour) != TD_OK ||
        td_i64_parse(text.p + 3, 2, &rest) != TD_OK || hour > 23 || rest > 59)
        return false;
    *minute = (int16_t)(hour * 60 + rest);
    return true;
}

static bool take_day(struct td_str text, int64_t *day)
{
    struct td_civil c;
    if (text.len != 10 || td_date_parse(text.p, text.len, day) != TD_OK)
        return false;
    td_civil_from_days(*day, &c);
    return c.year >= TD_CALENDAR_FIRST_YEAR && c.year <= TD_CALENDAR_LAST_YEAR;
}

/* "closed", "13:00" or "10:30-16:00". */
static bool take_hours(struct td_str text, struct td_calendar_change *row)
{
    struct td_str rest = text, first;
    row->open = row->close = TD_CALENDAR_USUAL;
    if (td_str_is(text, "closed")) {
        row->closed = true;
        return true;
    }
    if (!td_str_split(&rest, '-', &first))
        return false;
    if (first.len == text.len)
        return take_minute(text, &row->close);
    return take_minute(td_str_trim(first), &row->open) &&
           take_minute(td_str_trim(rest), &row->close);
}

/* The day has hours in their order, with what the rules say where the line does not, and they end before the next
 * exchange day begins. */
static bool is_sound(const struct td_calendar *c, const struct td_calendar_change *row)
{
    const struct td_calendar_changes one = {.rows = {*row}, .count = 1};
    const struct td_calendar changed = {c->rules, &one};
    struct td_session_hours h;
    struct td_tz utc;
    td_tz_utc(&utc);
    return row->closed || (td_calendar_session(&changed, &utc, row->day, &h) && h.open < h.close &&
                           td_calendar_day(&changed, &utc, h.close - 1) == row->day);
}

static enum td_err add(struct reading *r, struct td_str line, const struct td_calendar_change *row)
{
    for (uint32_t i = 0; i < r->changes.count; i++)
        if (r->changes.rows[i].day == row->day)
            return td_fail_set(r->why, TD_EEXIST,
                               "calendar line %u: \"%.*s\": the day is named twice; keep one line",
                               r->line, (int)10, line.p);
    if (r->changes.count == TD_CALENDAR_CHANGES_MAX)
        return td_fail_set(r->why, TD_EFULL, "calendar line %u: more than %d days; drop past ones",
                           r->line, TD_CALENDAR_CHANGES_MAX);
    r->changes.rows[r->changes.count++] = *row;
    return TD_OK;
}

static enum td_err take_line(struct reading *r, struct td_str line)
{
    struct td_calendar_change row = {0};
    struct td_str rest = line, date;
    (void)td_str_split(&rest, ' ', &date);
    if (!take_day(date, &row.day))
        return td_fail_set(r->why, TD_EPARSE,
                           "calendar line %u: \"%.*s\" is no date of %d to %d; write YYYY-MM-DD",
                           r->line, date.len > 40 ? 40 : (int)date.len, date.p,
                           TD_CALENDAR_FIRST_YEAR, TD_CALENDAR_LAST_YEAR);
    rest = td_str_trim(rest);
    if (!take_hours(rest, &row))
        return td_fail_set(r->why, TD_EPARSE, "calendar line %u: \"%.*s\" are no hours; " HINT,
                           r->line, rest.len > 40 ? 40 : (int)rest.len, rest.p ? rest.p : "");
    if (!is_sound(r->calendar, &row))
        return td_fail_set(
            r->why, TD_EPARSE, "calendar line %u: \"%.*s\": %s cannot open and close then; " HINT,
            r->line, line.len > 40 ? 40 : (int)line.len, line.p, td_calendar_name(r->calendar));
    return add(r, line, &row);
}

enum td_err td_calendar_changes_parse(const struct td_calendar *c, struct td_str text,
                                      struct td_calendar_changes *out, struct td_fail *why)
{
    struct reading r = {.calendar = c, .why = why};
    struct td_str rest = text, line, part;
    while (td_str_split(&rest, '\n', &line)) {
        r.line++;
        part = line;
        (void)td_str_split(&part, '#', &line);
        line = td_str_trim(line);
        const enum td_err err = line.len ? take_line(&r, line) : TD_OK;
        if (err)
            return err;
    }
    *out = r.changes;
    return TD_OK;
}
