/* market/calendar.c - which days have a session and when it ends. */
#include "market/calendar.h"

#define SUNDAY     0
#define MONDAY     1
#define THURSDAY   4
#define FRIDAY     5
#define SATURDAY   6
#define FULL_DAY   0    /* as an hour of closing: a usual day  */
#define NO_DAY     (-1) /* as an hour of closing: no session */
#define HHMM(h, m) ((h)*60 + (m))

/* What is special about a day; both calendars read the same days differently. */
enum occasion {
    USUAL,
    NEW_YEAR,
    KING,
    PRESIDENTS,
    GOOD_FRIDAY,
    MEMORIAL,
    JUNETEENTH,
    INDEPENDENCE,
    LABOR,
    THANKSGIVING,
    CHRISTMAS,
    DAY_AFTER_THANKSGIVING,
    CHRISTMAS_EVE,
    INDEPENDENCE_EVE,
    OCCASIONS
};

struct one_off {
    int16_t year;
    int8_t month, day;
    int16_t minute; /* of the close in New York, or NO_DAY */
};

struct td_calendar {
    const char *name;
    int32_t open, close;             /* regular, minutes of the day in New York; may be negative */
    int32_t outer_open, outer_close; /* with the hours around it */
    int32_t outer_early;             /* end of the outer hours on an early day; 0: with the close */
    int16_t ends[OCCASIONS];         /* minute of the close on such a day, FULL_DAY or NO_DAY */
    int32_t after_thanksgiving_from; /* year */
    int16_t ends_before_1993;        /* early close up to 1992 */
    const struct one_off *one_offs;
    size_t one_off_count;
};

/* Deaths of presidents, the attacks of 2001, the storm of 2012; shortened days around Christmas and 2000. */
static const struct one_off xnys_one_offs[] = {
    {1994, 4, 27, NO_DAY}, {1997, 12, 26, HHMM(13, 0)}, {1999, 12, 31, HHMM(13, 0)},
    {2001, 9, 11, NO_DAY}, {2001, 9, 12, NO_DAY},       {2001, 9, 13, NO_DAY},
    {2001, 9, 14, NO_DAY}, {2003, 12, 26, HHMM(13, 0)}, {2004, 6, 11, NO_DAY},
    {2007, 1, 2, NO_DAY},  {2012, 10, 29, NO_DAY},      {2012, 10, 30, NO_DAY},
    {2018, 12, 5, NO_DAY}, {2025, 1, 9, NO_DAY},
};

/* On the last two days of mourning index futures stopped at 08:30 Chicago. */
static const struct one_off cmes_one_offs[] = {
    {1994, 4, 27, NO_DAY},      {2004, 6, 11, NO_DAY},     {2007, 1, 2, NO_DAY},
    {2018, 12, 5, HHMM(9, 30)}, {2025, 1, 9, HHMM(9, 30)},
};

const struct td_calendar td_calendar_xnys = {
    .name = "XNYS",
    .open = HHMM(9, 30),
    .close = HHMM(16, 0),
    .outer_open = HHMM(4, 0),
    .outer_close = HHMM(20, 0),
    .outer_early = HHMM(17, 0),
    .ends = {[NEW_YEAR] = NO_DAY,
             [KING] = NO_DAY,
             [PRESIDENTS] = NO_DAY,
             [GOOD_FRIDAY] = NO_DAY,
             [MEMORIAL] = NO_DAY,
             [JUNETEENTH] = NO_DAY,
             [INDEPENDENCE] = NO_DAY,
             [LABOR] = NO_DAY,
             [THANKSGIVING] = NO_DAY,
             [CHRISTMAS] = NO_DAY,
             [DAY_AFTER_THANKSGIVING] = HHMM(13, 0),
             [CHRISTMAS_EVE] = HHMM(13, 0),
             [INDEPENDENCE_EVE] = HHMM(13, 0)},
    .after_thanksgiving_from = 1992,
    .ends_before_1993 = HHMM(14, 0),
    .one_offs = xnys_one_offs,
    .one_off_count = TD_COUNT(xnys_one_offs),
};

const struct td_calendar td_calendar_cmes = {
    .name = "CMES",
    .open = HHMM(18, 0) - HHMM(24, 0),
    .close = HHMM(17, 0),
    .outer_open = HHMM(18, 0) - HHMM(24, 0),
    .outer_close = HHMM(18, 0),
    .ends = {[NEW_YEAR] = NO_DAY,
             [GOOD_FRIDAY] = NO_DAY,
             [CHRISTMAS] = NO_DAY,
             [KING] = HHMM(13, 0),
             [PRESIDENTS] = HHMM(13, 0),
             [MEMORIAL] = HHMM(13, 0),
             [JUNETEENTH] = HHMM(13, 0),
             [INDEPENDENCE] = HHMM(13, 0),
             [LABOR] = HHMM(13, 0),
             [THANKSGIVING] = HHMM(13, 0),
             [DAY_AFTER_THANKSGIVING] = HHMM(13, 0),
             [CHRISTMAS_EVE] = HHMM(13, 0)},
    .after_thanksgiving_from = 1993,
    .ends_before_1993 = HHMM(13, 0),
    .one_offs = cmes_one_offs,
    .one_off_count = TD_COUNT(cmes_one_offs),
};

const struct td_calendar *td_calendar_find(struct td_str name)
{
    if (td_str_is(name, td_calendar_xnys.name))
        return &td_calendar_xnys;
    return td_str_is(name, td_calendar_cmes.name) ? &td_calendar_cmes : NULL;
}

const char *td_calendar_name(const struct td_calendar *c)
{
    return c->name;
}

/* --- days --- */

/* Easter Sunday; anonymous Gregorian computus. */
static int64_t easter(int32_t year)
{
    const int32_t a = year % 19, b = year / 100, c = year % 100;
    const int32_t d = (19 * a + b - b / 4 - (b - (b + 8) / 25 + 1) / 3 + 15) % 30;
    const int32_t e = (32 + 2 * (b % 4) + 2 * (c / 4) - d - c % 4) % 7;
    const int32_t f = d + e - 7 * ((a + 11 * d + 22 * e) / 451) + 114;
    return td_days_from_civil(year, f / 31, f % 31 + 1);
}

static bool is_nth(const struct td_civil *c, int weekday, int wanted, int32_t n)
{
    return weekday == wanted && (c->day - 1) / 7 + 1 == n;
}

/* A fixed date, moved from Saturday to Friday and from Sunday to Monday. */
static bool is_observed(int64_t day, int weekday, int64_t date)
{
    const int on = td_weekday(date);
    const int64_t shift = on == SATURDAY ? -1 : on == SUNDAY ? 1 : 0;
    return weekday != SATURDAY && weekday != SUNDAY && day == date + shift;
}

/* July 3 when the 4th is a Tuesday, Wednesday or Friday; beside a Thursday the 5th, from 2013 the 3rd. */
static bool is_independence_eve(const struct td_civil *c, int weekday)
{
    if (c->month != 7 || c->year < 1995)
        return false;
    if (c->day == 5)
        return weekday == FRIDAY && c->year < 2013;
    if (c->day != 3)
        return false;
    return weekday == MONDAY || weekday == MONDAY + 1 || weekday == THURSDAY ||
           (weekday == MONDAY + 2 && c->year >= 2013);
}

static enum occasion occasion_in_spring(const struct td_civil *c, int64_t day, int weekday)
{
    if (c->month == 1 && weekday != SATURDAY && (c->day == 1 || (c->day == 2 && weekday == MONDAY)))
        return NEW_YEAR;
    if (c->month == 1 && is_nth(c, weekday, MONDAY, 3) && c->year >= 1998)
        return KING;
    if (c->month == 2 && is_nth(c, weekday, MONDAY, 3))
        return PRESIDENTS;
    if (weekday == FRIDAY && (c->month == 3 || c->month == 4) && day == easter(c->year) - 2)
        return GOOD_FRIDAY;
    if (c->month == 5 && weekday == MONDAY && c->day > 24)
        return MEMORIAL;
    return USUAL;
}

static enum occasion occasion_in_autumn(const struct td_calendar *cal, const struct td_civil *c,
                                        int64_t day, int weekday)
{
    if (c->year >= 2022 && is_observed(day, weekday, td_days_from_civil(c->year, 6, 19)))
        return JUNETEENTH;
    if (is_observed(day, weekday, td_days_from_civil(c->year, 7, 4)))
        return INDEPENDENCE;
    if (is_independence_eve(c, weekday))
        return INDEPENDENCE_EVE;
    if (c->month == 9 && is_nth(c, weekday, MONDAY, 1))
        return LABOR;
    if (c->month == 11 && is_nth(c, weekday, THURSDAY, 4))
        return THANKSGIVING;
    if (c->month == 11 && weekday == FRIDAY && c->day >= 23 && c->day <= 29 &&
        c->year >= cal->after_thanksgiving_from)
        return DAY_AFTER_THANKSGIVING;
    if (is_observed(day, weekday, td_days_from_civil(c->year, 12, 25)))
        return CHRISTMAS;
    if (c->month == 12 && c->day == 24 && weekday >= MONDAY && weekday <= THURSDAY)
        return CHRISTMAS_EVE;
    return USUAL;
}

/* Minute of the close in New York, FULL_DAY or NO_DAY. */
static int16_t end_of(const struct td_calendar *cal, int64_t day)
{
    struct td_civil c;
    const int weekday = td_weekday(day);
    td_civil_from_days(day, &c);
    if (c.year < TD_CALENDAR_FIRST_YEAR || c.year > TD_CALENDAR_LAST_YEAR || weekday == SATURDAY ||
        weekday == SUNDAY)
        return NO_DAY;
    for (size_t i = 0; i < cal->one_off_count; i++) {
        const struct one_off *o = &cal->one_offs[i];
        if (o->year == c.year && o->month == c.month && o->day == c.day)
            return o->minute;
    }
    const enum occasion what = c.month < 6 ? occasion_in_spring(&c, day, weekday)
                                           : occasion_in_autumn(cal, &c, day, weekday);
    return cal->ends[what] > 0 && c.year < 1993 && what > CHRISTMAS ? cal->ends_before_1993
                                                                    : cal->ends[what];
}

bool td_calendar_trades(const struct td_calendar *c, int64_t day)
{
    return end_of(c, day) != NO_DAY;
}

static td_ns at_minute(const struct td_tz *ny, int64_t day, int32_t minute)
{
    const int64_t shift = minute < 0 ? -1 : 0;
    const int32_t within = minute < 0 ? minute + 24 * 60 : minute;
    return td_tz_at(ny, day + shift, within / 60, within % 60, 0);
}

bool td_calendar_session(const struct td_calendar *c, const struct td_tz *ny, int64_t day,
                         struct td_session_hours *out)
{
    const int16_t end = end_of(c, day);
    if (end == NO_DAY)
        return false;
    const bool early = end != FULL_DAY;
    const int32_t outer = !early ? c->outer_close : c->outer_early ? c->outer_early : end;
    *out = (struct td_session_hours){
        .open = at_minute(ny, day, c->open),
        .close = at_minute(ny, day, early ? end : c->close),
        .outer_open = at_minute(ny, day, c->outer_open),
        .outer_close = at_minute(ny, day, outer),
        .early = early,
    };
    return true;
}

/* --- instants --- */

int64_t td_calendar_day(const struct td_calendar *c, const struct td_tz *ny, td_ns at)
{
    const int64_t day = td_tz_day(ny, at);
    return c->outer_open < 0 && at >= at_minute(ny, day + 1, c->outer_open) ? day + 1 : day;
}

enum td_session_phase td_calendar_phase(const struct td_calendar *c, const struct td_tz *ny,
                                        td_ns at)
{
    struct td_session_hours h;
    if (!td_calendar_session(c, ny, td_calendar_day(c, ny, at), &h) || at < h.outer_open ||
        at >= h.outer_close)
        return TD_PHASE_CLOSED;
    if (at >= h.open && at < h.close)
        return TD_PHASE_REGULAR;
    if (c->outer_open == c->open)
        return TD_PHASE_CLOSED; /* the daily pause of a market without hours around it */
    return at < h.open ? TD_PHASE_PRE : TD_PHASE_AFTER;
}

const char *td_session_phase_name(enum td_session_phase phase)
{
    static const char *const names[] = {"closed", "pre-market", "regular", "after-hours"};
    return (unsigned)phase < TD_COUNT(names) ? names[phase] : "?";
}

bool td_calendar_is_open(const struct td_calendar *c, const struct td_tz *ny, td_ns at)
{
    return td_calendar_phase(c, ny, at) == TD_PHASE_REGULAR;
}

td_ns td_calendar_next_open(const struct td_calendar *c, const struct td_tz *ny, td_ns at)
{
    struct td_session_hours h;
    const int64_t first = td_days_from_civil(TD_CALENDAR_FIRST_YEAR, 1, 1);
    const int64_t last = td_days_from_civil(TD_CALENDAR_LAST_YEAR, 12, 31);
    const int64_t today = td_calendar_day(c, ny, at);
    for (int64_t day = today > first ? today : first; day <= last; day++)
        if (td_calendar_session(c, ny, day, &h) && h.open > at)
            return h.open;
    return TD_NS_NEVER;
}
