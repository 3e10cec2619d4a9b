/* market/calendar.c - which days have a session and when it ends. */
#include "market/calendar.h"

#define TRADE_DATE_DAYS 10 /* no exchange was closed for longer */

#define SUNDAY     0
#define MONDAY     1
#define THURSDAY   4
#define FRIDAY     5
#define SATURDAY   6
#define FULL_DAY   0    /* as an hour of closing: a usual day  */
#define NO_DAY     (-1) /* as an hour of closing: no session */
#define HHMM(h, m) ((h)*60 + (m))

/* What is special about a day; both calendars read the same days differently. KING to THANKSGIVING are the holidays on
 * which CME halts at noon. */
enum occasion {
    USUAL,
    NEW_YEAR,
    GOOD_FRIDAY,
    CHRISTMAS,
    KING,
    PRESIDENTS,
    MEMORIAL,
    JUNETEENTH,
    INDEPENDENCE,
    LABOR,
    THANKSGIVING,
    DAY_AFTER_THANKSGIVING,
    CHRISTMAS_EVE,
    INDEPENDENCE_EVE,
};

struct one_off {
    int16_t year;
    int8_t month, day;
    int16_t minute; /* of the close in New York, or NO_DAY */
};

/* From a year on, how a day of some occasion ends. Later years stand below earlier ones. */
struct ending {
    uint8_t what; /* enum occasion */
    int16_t from;
    int16_t minute; /* of the close in New York, FULL_DAY or NO_DAY */
};

struct td_calendar_rules {
    const char *name;
    int32_t open, close;             /* regular, minutes of the day in New York; may be negative */
    int32_t outer_open, outer_close; /* with the hours around it */
    int32_t outer_early;             /* end of the outer hours on an early day; 0: with the close */
    bool halts; /* what ends early on a holiday goes on the same evening, as of the next day */
    const struct ending *endings;
    size_t ending_count;
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

/* On the last two days of mourning index futures stopped at 08:30 Chicago; Good Fridays with payrolls at 08:15. */
static const struct one_off cmes_one_offs[] = {
    {1994, 4, 27, NO_DAY},      {2004, 6, 11, NO_DAY},     {2007, 1, 2, NO_DAY},
    {2018, 12, 5, HHMM(9, 30)}, {2021, 4, 2, HHMM(9, 15)}, {2023, 4, 7, HHMM(9, 15)},
    {2025, 1, 9, HHMM(9, 30)},  {2026, 4, 3, HHMM(9, 15)},
};

static const struct ending xnys_endings[] = {
    {NEW_YEAR, 1990, NO_DAY},
    {KING, 1998, NO_DAY},
    {PRESIDENTS, 1990, NO_DAY},
    {GOOD_FRIDAY, 1990, NO_DAY},
    {MEMORIAL, 1990, NO_DAY},
    {JUNETEENTH, 2022, NO_DAY},
    {INDEPENDENCE, 1990, NO_DAY},
    {LABOR, 1990, NO_DAY},
    {THANKSGIVING, 1990, NO_DAY},
    {CHRISTMAS, 1990, NO_DAY},
    {DAY_AFTER_THANKSGIVING, 1992, HHMM(14, 0)},
    {DAY_AFTER_THANKSGIVING, 1993, HHMM(13, 0)},
    {CHRISTMAS_EVE, 1990, HHMM(14, 0)},
    {CHRISTMAS_EVE, 1993, HHMM(13, 0)},
    {INDEPENDENCE_EVE, 1995, HHMM(13, 0)},
};

static const struct ending cmes_endings[] = {
    {NEW_YEAR, 1990, NO_DAY},
    {KING, 1998, HHMM(13, 0)},
    {PRESIDENTS, 1990, HHMM(13, 0)},
    {GOOD_FRIDAY, 1990, NO_DAY},
    {MEMORIAL, 1990, HHMM(13, 0)},
    {JUNETEENTH, 2022, HHMM(13, 0)},
    {INDEPENDENCE, 1990, HHMM(13, 0)},
    {LABOR, 1990, HHMM(13, 0)},
    {THANKSGIVING, 1990, HHMM(13, 0)},
    {CHRISTMAS, 1990, NO_DAY},
    {DAY_AFTER_THANKSGIVING, 1993, HHMM(13, 0)},
    {DAY_AFTER_THANKSGIVING, 2016, HHMM(13, 15)},
    {CHRISTMAS_EVE, 1990, HHMM(13, 0)},
    {CHRISTMAS_EVE, 2016, HHMM(13, 15)},
    {INDEPENDENCE_EVE, 2016, HHMM(13, 15)},
};

static const struct td_calendar_rules xnys_rules = {
    .name = "XNYS",
    .open = HHMM(9, 30),
    .close = HHMM(16, 0),
    .outer_open = HHMM(4, 0),
    .outer_close = HHMM(20, 0),
    .outer_early = HHMM(17, 0),
    .endings = xnys_endings,
    .ending_count = TD_COUNT(xnys_endings),
    .one_offs = xnys_one_offs,
    .one_off_count = TD_COUNT(xnys_one_offs),
};

static const struct td_calendar_rules cmes_rules = {
    .name = "CMES",
    .open = HHMM(18, 0) - HHMM(24, 0),
    .close = HHMM(17, 0),
    .outer_open = HHMM(18, 0) - HHMM(24, 0),
    .outer_close = HHMM(18, 0),
    .halts = true,
    .endings = cmes_endings,
    .ending_count = TD_COUNT(cmes_endings),
    .one_offs = cmes_one_offs,
    .one_off_count = TD_COUNT(cmes_one_offs),
};

const struct td_calendar td_calendar_xnys = {&xnys_rules, NULL};
const struct td_calendar td_calendar_cmes = {&cmes_rules, NULL};

const struct td_calendar *td_calendar_find(struct td_str name)
{
    if (td_str_is(name, xnys_rules.name))
        return &td_calendar_xnys;
    return td_str_is(name, cmes_rules.name) ? &td_calendar_cmes : NULL;
}

const char *td_calendar_name(const struct td_calendar *c)
{
    return c->rules->name;
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
    if (c->month != 7)
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
    if (c->month == 1 && is_nth(c, weekday, MONDAY, 3))
        return KING;
    if (c->month == 2 && is_nth(c, weekday, MONDAY, 3))
        return PRESIDENTS;
    if (weekday == FRIDAY && (c->month == 3 || c->month == 4) && day == easter(c->year) - 2)
        return GOOD_FRIDAY;
    if (c->month == 5 && weekday == MONDAY && c->day > 24)
        return MEMORIAL;
    return USUAL;
}

static enum occasion occasion_in_autumn(const struct td_civil *c, int64_t day, int weekday)
{
    if (is_observed(day, weekday, td_days_from_civil(c->year, 6, 19)))
        return JUNETEENTH;
    if (is_observed(day, weekday, td_days_from_civil(c->year, 7, 4)))
        return INDEPENDENCE;
    if (is_independence_eve(c, weekday))
        return INDEPENDENCE_EVE;
    if (c->month == 9 && is_nth(c, weekday, MONDAY, 1))
        return LABOR;
    if (c->month == 11 && is_nth(c, weekday, THURSDAY, 4))
        return THANKSGIVING;
    if (c->month == 11 && weekday == FRIDAY && c->day >= 23 && c->day <= 29)
        return DAY_AFTER_THANKSGIVING;
    if (is_observed(day, weekday, td_days_from_civil(c->year, 12, 25)))
        return CHRISTMAS;
    if (c->month == 12 && c->day == 24 && weekday >= MONDAY && weekday <= THURSDAY)
        return CHRISTMAS_EVE;
    return USUAL;
}

/* What is special about a day that is not of the weekend, and minute of its close by the rules. */
static int16_t end_by_rules(const struct td_calendar_rules *r, const struct td_civil *c,
                            int64_t day, int weekday, enum occasion *what)
{
    int16_t minute = FULL_DAY;
    *what =
        c->month < 6 ? occasion_in_spring(c, day, weekday) : occasion_in_autumn(c, day, weekday);
    for (size_t i = 0; i < r->one_off_count; i++) {
        const struct one_off *o = &r->one_offs[i];
        if (o->year == c->year && o->month == c->month && o->day == c->day)
            return o->minute;
    }
    for (size_t i = 0; *what != USUAL && i < r->ending_count; i++)
        if (r->endings[i].what == *what && r->endings[i].from <= c->year)
            minute = r->endings[i].minute;
    return minute;
}

static bool in_span(int32_t year)
{
    return year >= TD_CALENDAR_FIRST_YEAR && year <= TD_CALENDAR_LAST_YEAR;
}

/* Minute of the close in New York, FULL_DAY or NO_DAY. */
static int16_t end_of(const struct td_calendar_rules *r, int64_t day, enum occasion *what)
{
    struct td_civil c;
    const int weekday = td_weekday(day);
    td_civil_from_days(day, &c);
    *what = USUAL;
    return !in_span(c.year) || weekday == SATURDAY || weekday == SUNDAY
               ? NO_DAY
               : end_by_rules(r, &c, day, weekday, what);
}

/* One day, in minutes of New York. */
struct hours_of_day {
    int32_t open, close;
    bool early;
};

static const struct td_calendar_change *find_change(const struct td_calendar *c, int64_t day)
{
    for (uint32_t i = 0; c->changes && i < c->changes->count; i++)
        if (c->changes->rows[i].day == day)
            return &c->changes->rows[i];
    return NULL;
}

/* False: no session. */
static bool find_hours(const struct td_calendar *c, int64_t day, struct hours_of_day *out)
{
    enum occasion what;
    const struct td_calendar_rules *r = c->rules;
    const struct td_calendar_change *change = find_change(c, day);
    const int16_t end = end_of(r, day, &what);
    if (change ? change->closed : end == NO_DAY)
        return false;
    *out = (struct hours_of_day){.open = r->open, .close = end > 0 ? end : r->close};
    if (change && change->open != TD_CALENDAR_USUAL)
        out->open = change->open;
    if (change && change->close != TD_CALENDAR_USUAL)
        out->close = change->close;
    out->early = out->close < r->close;
    return true;
}

bool td_calendar_trades(const struct td_calendar *c, int64_t day)
{
    struct hours_of_day h;
    return find_hours(c, day, &h);
}

int64_t td_calendar_trade_date(const struct td_calendar *c, int64_t day)
{
    enum occasion what;
    struct hours_of_day h;
    for (int64_t at = day; at < day + TRADE_DATE_DAYS; at++) {
        if (!find_hours(c, at, &h))
            continue;
        (void)end_of(c->rules, at, &what);
        if (!c->rules->halts || !h.early || what < KING || what > THANKSGIVING)
            return at;
    }
    return day;
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
    struct hours_of_day h;
    const struct td_calendar_rules *r = c->rules;
    if (!find_hours(c, day, &h))
        return false;
    int32_t first = r->outer_open, last = r->outer_close;
    if (h.early)
        last = r->outer_early ? r->outer_early : h.close;
    if (h.open < first || r->outer_open == r->open)
        first = h.open;
    if (h.close > last)
        last = h.close;
    *out = (struct td_session_hours){
        .open = at_minute(ny, day, h.open),
        .close = at_minute(ny, day, h.close),
        .outer_open = at_minute(ny, day, first),
        .outer_close = at_minute(ny, day, last),
        .early = h.early,
    };
    return true;
}

/* --- instants --- */

int64_t td_calendar_day(const struct td_calendar *c, const struct td_tz *ny, td_ns at)
{
    const int64_t day = td_tz_day(ny, at);
    return c->rules->outer_open < 0 && at >= at_minute(ny, day + 1, c->rules->outer_open) ? day + 1
                                                                                          : day;
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
    if (c->rules->outer_open == c->rules->open)
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
