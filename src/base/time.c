/* base/time.c - calendar arithmetic and the written forms of instants. */
#include "base/time.h"

#include <stdio.h>

#include "base/num.h"

int64_t td_days_from_civil(int32_t year, int32_t month, int32_t day)
{
    const int64_t y = (int64_t)year - (month <= 2);
    const int64_t era = (y >= 0 ? y : y - 399) / 400;
    const int64_t year_of_era = y - era * 400;
    const int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    const int64_t day_of_era =
        year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

void td_civil_from_days(int64_t days, struct td_civil *out)
{
    const int64_t z = days + 719468;
    const int64_t era = (z >= 0 ? z : z - 146096) / 146097;
    const int64_t doe = z - era * 146097;
    const int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    const int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    const int64_t mp = (5 * doy + 2) / 153;
    const int32_t month = (int32_t)(mp < 10 ? mp + 3 : mp - 9);
    *out = (struct td_civil){
        .year = (int32_t)(yoe + era * 400 + (month <= 2)),
        .month = month,
        .day = (int32_t)(doy - (153 * mp + 2) / 5 + 1),
    };
}

int td_weekday(int64_t days)
{
    const int64_t w = (days + 4) % 7;
    return (int)(w < 0 ? w + 7 : w);
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

void td_civil_from_ns(td_ns at, struct td_civil *out)
{
    const int64_t days = floor_div(at, TD_DAY);
    const int64_t rest = at - days * TD_DAY;
    td_civil_from_days(days, out);
    out->hour = (int32_t)(rest / TD_HOUR);
    out->minute = (int32_t)(rest / TD_MIN % 60);
    out->second = (int32_t)(rest / TD_SEC % 60);
    out->nanos = (int32_t)(rest % TD_SEC);
}

td_ns td_ns_from_civil(const struct td_civil *civil)
{
    return td_days_from_civil(civil->year, civil->month, civil->day) * TD_DAY +
           civil->hour * TD_HOUR + civil->minute * TD_MIN + civil->second * TD_SEC + civil->nanos;
}

static char *put_digits(char *p, int32_t value, int width)
{
    for (int i = width - 1; i >= 0; i--) {
        p[i] = (char)('0' + value % 10);
        value /= 10;
    }
    return p + width;
}

size_t td_iso_print(td_ns at, char *out)
{
    struct td_civil c;
    td_civil_from_ns(at, &c);
    char *p = put_digits(out, c.year, 4);
    *p++ = '-';
    p = put_digits(p, c.month, 2);
    *p++ = '-';
    p = put_digits(p, c.day, 2);
    *p++ = 'T';
    p = put_digits(p, c.hour, 2);
    *p++ = ':';
    p = put_digits(p, c.minute, 2);
    *p++ = ':';
    p = put_digits(p, c.second, 2);
    *p++ = '.';
    p = put_digits(p, c.nanos / 1000, 6);
    for (const char *zone = "+00:00"; *zone; zone++)
        *p++ = *zone;
    *p = '\0';
    return (size_t)(p - out);
}

#define ISO_FRACTION 20 /* behind "2026-11-21T05:30:00." */
#define ISO_LENGTH   32

size_t td_iso_print_after(td_ns at, td_ns before, const char *earlier, char *out)
{
    if (at < 0 || before < 0 || at / TD_SEC != before / TD_SEC)
        return td_iso_print(at, out);
    memcpy(out, earlier, ISO_LENGTH + 1);
    (void)put_digits(out + ISO_FRACTION, (int32_t)(at % TD_SEC / TD_US), 6);
    return ISO_LENGTH;
}

/* A cursor over text; every take_ function returns false and stays put when the text differs. */
struct cursor {
    const char *p;
    const char *end;
};

static bool take_char(struct cursor *c, char wanted)
{
    if (c->p == c->end || *c->p != wanted)
        return false;
    c->p++;
    return true;
}

static bool take_digits(struct cursor *c, int width, int32_t *out)
{
    int32_t value = 0;
    if (c->end - c->p < width)
        return false;
    for (int i = 0; i < width; i++) {
        if (c->p[i] < '0' || c->p[i] > '9')
            return false;
        value = value * 10 + (c->p[i] - '0');
    }
    c->p += width;
    *out = value;
    return true;
}

static bool is_date(const struct td_civil *c)
{
    struct td_civil back;
    if (c->month < 1 || c->month > 12 || c->day < 1 || c->day > 31 || c->year < 1)
        return false;
    td_civil_from_days(td_days_from_civil(c->year, c->month, c->day), &back);
    return back.month == c->month && back.day == c->day;
}

static bool take_date(struct cursor *c, struct td_civil *out)
{
    if (!take_digits(c, 4, &out->year))
        return false;
    const bool dashed = take_char(c, '-');
    return take_digits(c, 2, &out->month) && (!dashed || take_char(c, '-')) &&
           take_digits(c, 2, &out->day) && is_date(out);
}

static bool take_time(struct cursor *c, struct td_civil *out)
{
    if (!take_digits(c, 2, &out->hour) || !take_char(c, ':') || !take_digits(c, 2, &out->minute) ||
        !take_char(c, ':') || !take_digits(c, 2, &out->second))
        return false;
    if (take_char(c, '.')) {
        int width = 0;
        for (int32_t digit; width < 9 && take_digits(c, 1, &digit); width++)
            out->nanos = out->nanos * 10 + digit;
        if (!width)
            return false;
        for (; width < 9; width++)
            out->nanos *= 10;
    }
    return out->hour <= 23 && out->minute <= 59 && out->second <= 60;
}

static bool take_zone(struct cursor *c, td_ns *offset)
{
    int32_t hours = 0, minutes = 0;
    *offset = 0;
    if (c->p == c->end || take_char(c, 'Z'))
        return true;
    const bool west = *c->p == '-';
    if (!take_char(c, '+') && !take_char(c, '-'))
        return false;
    if (!take_digits(c, 2, &hours) || !take_char(c, ':') || !take_digits(c, 2, &minutes) ||
        hours > 23 || minutes > 59)
        return false;
    *offset = (hours * TD_HOUR + minutes * TD_MIN) * (west ? -1 : 1);
    return true;
}

enum td_err td_iso_parse(const char *text, size_t len, td_ns *out)
{
    struct cursor c = {text, text + len};
    struct td_civil civil = {0};
    td_ns offset = 0;
    if (!take_date(&c, &civil))
        return TD_EPARSE;
    if (c.p < c.end) {
        if (!take_char(&c, 'T') && !take_char(&c, ' '))
            return TD_EPARSE;
        if (!take_time(&c, &civil) || !take_zone(&c, &offset))
            return TD_EPARSE;
    }
    if (c.p != c.end || civil.year < 1678 || civil.year > 2261) /* what 64 bits of ns hold */
        return TD_EPARSE;
    *out = td_ns_from_civil(&civil) - offset;
    return TD_OK;
}

enum td_err td_date_parse(const char *text, size_t len, int64_t *days)
{
    struct cursor c = {text, text + len};
    struct td_civil civil = {0};
    if (!take_date(&c, &civil) || c.p != c.end)
        return TD_EPARSE;
    *days = td_days_from_civil(civil.year, civil.month, civil.day);
    return TD_OK;
}

size_t td_date_print(int64_t days, char *out)
{
    struct td_civil c;
    td_civil_from_days(days, &c);
    char *p = put_digits(out, c.year, 4);
    *p++ = '-';
    p = put_digits(p, c.month, 2);
    *p++ = '-';
    p = put_digits(p, c.day, 2);
    *p = '\0';
    return 10;
}

size_t td_date_print_compact(int64_t days, char *out)
{
    struct td_civil c;
    td_civil_from_days(days, &c);
    *put_digits(put_digits(put_digits(out, c.year, 4), c.month, 2), c.day, 2) = '\0';
    return 8;
}
