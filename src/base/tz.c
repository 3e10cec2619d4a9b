/* base/tz.c - TZif reader: the version 2 block when there is one, then the POSIX rule of the footer. */
#include "base/tz.h"

#include "base/text.h"

#define HEADER 44u

struct reader {
    const uint8_t *p;
    size_t left;
};

static int64_t big_endian(const uint8_t *p, size_t bytes)
{
    uint64_t v = (p[0] & 0x80) ? UINT64_MAX : 0;
    for (size_t i = 0; i < bytes; i++)
        v = (v << 8) | p[i];
    return (int64_t)v;
}

struct counts {
    size_t isut, isstd, leap, time, type, chars;
};

static bool take_header(struct reader *r, struct counts *c, uint8_t *version)
{
    if (r->left < HEADER || memcmp(r->p, "TZif", 4) != 0)
        return false;
    size_t *const into[6] = {&c->isut, &c->isstd, &c->leap, &c->time, &c->type, &c->chars};
    for (size_t i = 0; i < 6; i++) {
        const int64_t n = big_endian(r->p + 20 + 4 * i, 4);
        if (n < 0 || n > 100000)
            return false;
        *into[i] = (size_t)n;
    }
    *version = r->p[4];
    r->p += HEADER;
    r->left -= HEADER;
    return true;
}

static size_t block_size(const struct counts *c, size_t time_size)
{
    return c->time * (time_size + 1) + c->type * 6 + c->chars + c->leap * (time_size + 4) +
           c->isstd + c->isut;
}

static enum td_err take_block(struct reader *r, const struct counts *c, size_t time_size,
                              struct td_tz *out)
{
    if (r->left < block_size(c, time_size) || c->type == 0)
        return TD_EPARSE;
    if (c->time > TD_TZ_TRANSITIONS_MAX || c->type > TD_TZ_TYPES_MAX)
        return TD_ERANGE;
    const uint8_t *types = r->p + c->time * time_size;
    const uint8_t *infos = types + c->time;
    for (size_t i = 0; i < c->time; i++) {
        out->at_sec[i] = big_endian(r->p + i * time_size, time_size);
        out->type[i] = types[i];
        if (types[i] >= c->type || (i && out->at_sec[i] <= out->at_sec[i - 1]))
            return TD_EPARSE;
    }
    for (size_t i = 0; i < c->type; i++) {
        out->offset_sec[i] = (int32_t)big_endian(infos + i * 6, 4);
        if (out->offset_sec[i] < -100000 || out->offset_sec[i] > 100000)
            return TD_EPARSE;
    }
    out->transitions = (int32_t)c->time;
    out->types = (int32_t)c->type;
    r->p += block_size(c, time_size);
    r->left -= block_size(c, time_size);
    return TD_OK;
}

/* --- the POSIX rule: std offset [dst [offset] , start [/time] , end [/time]] --- */

static bool take_byte(struct reader *r, char wanted)
{
    if (!r->left || *r->p != (uint8_t)wanted)
        return false;
    r->p++;
    r->left--;
    return true;
}

static bool take_number(struct reader *r, int32_t max, int32_t *out)
{
    int32_t value = 0;
    size_t digits = 0;
    while (r->left && *r->p >= '0' && *r->p <= '9' && digits < 4) {
        value = value * 10 + (*r->p - '0');
        r->p++;
        r->left--;
        digits++;
    }
    *out = value;
    return digits > 0 && value <= max;
}

static bool take_zone_name(struct reader *r)
{
    size_t n = 0;
    if (take_byte(r, '<')) {
        while (r->left && !take_byte(r, '>')) {
            r->p++;
            r->left--;
            n++;
        }
        return n >= 3;
    }
    while (r->left && ((*r->p >= 'A' && *r->p <= 'Z') || (*r->p >= 'a' && *r->p <= 'z'))) {
        r->p++;
        r->left--;
        n++;
    }
    return n >= 3;
}

static bool take_clock(struct reader *r, int32_t *seconds)
{
    const bool negative = take_byte(r, '-');
    int32_t h = 0, m = 0, s = 0;
    if (!negative)
        (void)take_byte(r, '+');
    if (!take_number(r, 167, &h))
        return false;
    if (take_byte(r, ':') && !take_number(r, 59, &m))
        return false;
    if (take_byte(r, ':') && !take_number(r, 59, &s))
        return false;
    *seconds = (h * 3600 + m * 60 + s) * (negative ? -1 : 1);
    return true;
}

static bool take_rule(struct reader *r, struct td_tz_rule *out)
{
    *out = (struct td_tz_rule){.form = 'N', .at_sec = 7200};
    if (!take_byte(r, ','))
        return false;
    if (take_byte(r, 'M')) {
        out->form = 'M';
        if (!take_number(r, 12, &out->month) || !take_byte(r, '.') ||
            !take_number(r, 5, &out->week) || !take_byte(r, '.') || !take_number(r, 6, &out->day) ||
            out->month < 1 || out->week < 1)
            return false;
    } else {
        if (take_byte(r, 'J'))
            out->form = 'J';
        if (!take_number(r, 365, &out->day) || (out->form == 'J' && out->day < 1))
            return false;
    }
    return !take_byte(r, '/') || take_clock(r, &out->at_sec);
}

static bool take_footer(struct reader *r, struct td_tz *out)
{
    int32_t west = 0;
    if (!take_byte(r, '\n'))
        return false;
    if (take_byte(r, '\n'))
        return true; /* an empty footer gives no rule */
    if (!take_zone_name(r) || !take_clock(r, &west))
        return false;
    out->std_sec = -west;
    out->has_rule = true;
    if (take_byte(r, '\n'))
        return true;
    out->dst_sec = out->std_sec + 3600;
    if (!take_zone_name(r))
        return false;
    if (r->left && *r->p != ',') {
        if (!take_clock(r, &west))
            return false;
        out->dst_sec = -west;
    }
    out->has_dst = true;
    return take_rule(r, &out->start) && take_rule(r, &out->end) && take_byte(r, '\n');
}

enum td_err td_tz_parse(const void *bytes, size_t len, const char *name, struct td_tz *out)
{
    struct reader r = {bytes, len};
    struct counts c;
    uint8_t version = 0;
    struct td_tz tz = {0};
    (void)td_str_copy(td_str_of(name), tz.name, sizeof tz.name);
    if (!take_header(&r, &c, &version))
        return TD_EPARSE;
    if (version >= '2') {
        if (r.left < block_size(&c, 4))
            return TD_EPARSE;
        r.left -= block_size(&c, 4);
        r.p += block_size(&c, 4);
        if (!take_header(&r, &c, &version))
            return TD_EPARSE;
    }
    const bool wide = version >= '2';
    const enum td_err err = take_block(&r, &c, wide ? 8 : 4, &tz);
    if (err)
        return err;
    if (wide && !take_footer(&r, &tz))
        return TD_EPARSE;
    *out = tz;
    return TD_OK;
}

void td_tz_utc(struct td_tz *out)
{
    *out = (struct td_tz){.name = "UTC", .types = 1, .has_rule = true};
}

static bool is_leap(int32_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/* Local seconds since 1970 (in the offset before the change) at which a rule strikes in a year. */
static int64_t rule_second(const struct td_tz_rule *rule, int32_t year)
{
    int64_t day = td_days_from_civil(year, 1, 1);
    if (rule->form == 'M') {
        day = td_days_from_civil(year, rule->month, 1);
        day += (rule->day - td_weekday(day) + 7) % 7 + 7 * (rule->week - 1);
        const int64_t next_month = rule->month == 12 ? td_days_from_civil(year + 1, 1, 1)
                                                     : td_days_from_civil(year, rule->month + 1, 1);
        while (day >= next_month)
            day -= 7;
    } else if (rule->form == 'J') {
        day += rule->day - 1 + (is_leap(year) && rule->day >= 60);
    } else {
        day += rule->day;
    }
    return day * 86400 + rule->at_sec;
}

static int32_t rule_offset(const struct td_tz *tz, int64_t sec)
{
    if (!tz->has_dst)
        return tz->std_sec;
    struct td_civil c;
    td_civil_from_ns((sec + tz->std_sec) * TD_SEC, &c);
    const int64_t start = rule_second(&tz->start, c.year) - tz->std_sec;
    const int64_t end = rule_second(&tz->end, c.year) - tz->dst_sec;
    const bool dst = start < end ? sec >= start && sec < end : !(sec >= end && sec < start);
    return dst ? tz->dst_sec : tz->std_sec;
}

int32_t td_tz_offset(const struct td_tz *tz, td_ns at)
{
    const int64_t sec = at / TD_SEC - (at % TD_SEC < 0);
    int32_t low = 0, high = tz->transitions;
    if (high == 0)
        return tz->has_rule ? rule_offset(tz, sec) : tz->offset_sec[0];
    if (sec < tz->at_sec[0])
        return tz->offset_sec[0];
    if (sec >= tz->at_sec[high - 1] && tz->has_rule)
        return rule_offset(tz, sec);
    while (high - low > 1) {
        const int32_t middle = (low + high) / 2;
        if (tz->at_sec[middle] <= sec)
            low = middle;
        else
            high = middle;
    }
    return tz->offset_sec[tz->type[low]];
}

void td_tz_civil(const struct td_tz *tz, td_ns at, struct td_civil *out)
{
    td_civil_from_ns(at + td_tz_offset(tz, at) * TD_SEC, out);
}

td_ns td_tz_instant(const struct td_tz *tz, const struct td_civil *local)
{
    const td_ns wall = td_ns_from_civil(local);
    const int32_t before = td_tz_offset(tz, wall - TD_DAY);
    const int32_t after = td_tz_offset(tz, wall + TD_DAY);
    const td_ns early = wall - before * TD_SEC;
    const td_ns late = wall - after * TD_SEC;
    if (td_tz_offset(tz, early) == before)
        return early;
    return td_tz_offset(tz, late) == after ? late : early;
}

int64_t td_tz_day(const struct td_tz *tz, td_ns at)
{
    const td_ns local = at + td_tz_offset(tz, at) * TD_SEC;
    return local / TD_DAY - (local % TD_DAY < 0);
}

td_ns td_tz_at(const struct td_tz *tz, int64_t day, int32_t hour, int32_t minute, int32_t second)
{
    struct td_civil local;
    td_civil_from_days(day, &local);
    local.hour = hour;
    local.minute = minute;
    local.second = second;
    return td_tz_instant(tz, &local);
}
