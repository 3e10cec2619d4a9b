/* market/hours_text.c - reads the broker's own hours of a contract. */
#include "market/calendar.h"

/* What the spans read so far say about one instant. */
struct hours {
    const struct td_tz *zone;
    td_ns at;
    int64_t day; /* local day of `at` */
    bool named;  /* that day appears */
    bool open;
};

/* Of the years that instants in nanoseconds have. */
static bool take_day(struct td_str text, int64_t *day)
{
    struct td_civil c;
    if (text.len != 8 || td_date_parse(text.p, text.len, day) != TD_OK)
        return false;
    td_civil_from_days(*day, &c);
    return c.year >= 1970 && c.year <= TD_CALENDAR_LAST_YEAR;
}

/* "hhmm"; 2400 is the end of the day. */
static bool take_minute(struct td_str text, int32_t *minute)
{
    int64_t value;
    if (text.len != 4 || text.p[0] < '0' || text.p[0] > '9' ||
        td_i64_parse(text.p, 4, &value) != TD_OK)
        return false;
    if (value > 2400 || value % 100 > 59)
        return false;
    *minute = (int32_t)(value / 100 * 60 + value % 100);
    return true;
}

/* "yyyymmdd:hhmm", or "hhmm" alone on *day. */
static bool take_point(struct td_str text, int64_t *day, int32_t *minute)
{
    struct td_str rest = text, part;
    if (text.len == 4)
        return take_minute(text, minute);
    return td_str_split(&rest, ':', &part) && take_day(part, day) && take_minute(rest, minute);
}

static td_ns instant(const struct hours *h, int64_t day, int32_t minute)
{
    const int64_t over = minute / (24 * 60);
    const int32_t within = minute % (24 * 60);
    return td_tz_at(h->zone, day + over, within / 60, within % 60, 0);
}

/* One span "A-B" whose start may lack its date. */
static bool take_span(struct hours *h, struct td_str text, int64_t *day)
{
    struct td_str rest = text, from;
    int32_t open, close;
    if (!td_str_split(&rest, '-', &from) || rest.len == 0 || !take_point(from, day, &open))
        return false;
    int64_t end_day = *day;
    if (!take_point(rest, &end_day, &close))
        return false;
    const td_ns start = instant(h, *day, open), end = instant(h, end_day, close);
    if (end < start)
        return false;
    h->named |= h->day >= *day && h->day <= end_day;
    h->open |= h->at >= start && h->at < end;
    return true;
}

static bool take_entry(struct hours *h, struct td_str entry)
{
    struct td_str rest = entry, date, part;
    int64_t day;
    if (!td_str_split(&rest, ':', &date) || !take_day(date, &day))
        return false;
    if (td_str_is(rest, "CLOSED")) {
        h->named |= day == h->day;
        return true;
    }
    rest = entry;
    while (td_str_split(&rest, ',', &part))
        if (!take_span(h, part, &day))
            return false;
    return true;
}

enum td_hours_answer td_hours_text_open(struct td_str text, const struct td_tz *zone, td_ns at)
{
    struct hours h = {.zone = zone, .at = at, .day = td_tz_day(zone, at)};
    struct td_str rest = td_str_trim(text), entry;
    while (td_str_split(&rest, ';', &entry)) {
        entry = td_str_trim(entry);
        if (entry.len && !take_entry(&h, entry))
            return TD_HOURS_UNKNOWN;
    }
    if (!h.named)
        return TD_HOURS_UNKNOWN;
    return h.open ? TD_HOURS_OPEN : TD_HOURS_CLOSED;
}
