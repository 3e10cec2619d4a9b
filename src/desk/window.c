/* desk/window.c - minutes of the day and of the week against two rules. */
#include "desk/window.h"

#define DAY_MINUTES (24 * 60)

const struct td_windows td_windows_preset = {
    .day_from = 23 * 60 + 30,
    .day_to = 60 + 45,
    .week_from = 5 * DAY_MINUTES + 22 * 60 + 45,
    .week_to = 2 * 60,
};

/* "HH:MM" */
static bool parse_clock(struct td_str text, int32_t *out)
{
    struct td_str rest = td_str_trim(text), hour;
    int64_t h = 0, m = 0;
    if (!td_str_split(&rest, ':', &hour) || rest.len != 2 ||
        td_i64_parse(hour.p, hour.len, &h) != TD_OK || td_i64_parse(rest.p, rest.len, &m) != TD_OK)
        return false;
    *out = (int32_t)(h * 60 + m);
    return h >= 0 && h <= 23 && m >= 0 && m <= 59;
}

/* "Fri 22:45" */
static bool parse_week_clock(struct td_str text, int32_t *out)
{
    static const char *const names[] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
    struct td_str rest = td_str_trim(text), day;
    char word[4] = "";
    int32_t minute = 0;
    if (!td_str_split(&rest, ' ', &day) || day.len != 3 || !parse_clock(rest, &minute))
        return false;
    for (size_t i = 0; i < 3; i++)
        word[i] = (char)(day.p[i] | 0x20);
    for (int i = 0; i < 7; i++)
        if (memcmp(word, names[i], 3) == 0) {
            *out = i * DAY_MINUTES + minute;
            return true;
        }
    return false;
}

typedef bool parse_fn(struct td_str text, int32_t *out);

static bool parse_span(const char *text, parse_fn *parse, int32_t *from, int32_t *to)
{
    struct td_str rest = td_str_trim(td_str_of(text)), first;
    *from = *to = 0;
    if (!rest.len)
        return true;
    return td_str_split(&rest, '-', &first) && parse(first, from) && parse(rest, to);
}

enum td_err td_windows_parse(const char *daily, const char *weekly, struct td_windows *out,
                             struct td_fail *why)
{
    struct td_windows w;
    if (!parse_span(daily, parse_clock, &w.day_from, &w.day_to))
        return td_fail_set(why, TD_EINVAL,
                           "\"%.40s\" is no daily window; write HH:MM-HH:MM in New York time, or "
                           "nothing",
                           daily);
    if (!parse_span(weekly, parse_week_clock, &w.week_from, &w.week_to))
        return td_fail_set(why, TD_EINVAL,
                           "\"%.40s\" is no weekly window; write e.g. Fri 22:45-Sun 02:00 in New "
                           "York time, or nothing",
                           weekly);
    *out = w;
    return TD_OK;
}

enum td_err td_week_minute_parse(const char *text, int32_t *out, struct td_fail *why)
{
    int32_t minute = -1;
    if (text && *text && !parse_week_clock(td_str_of(text), &minute))
        return td_fail_set(
            why, TD_EINVAL,
            "\"%.40s\" is no time of the week; write e.g. Sun 10:00 in New York time, or nothing",
            text);
    *out = minute;
    return TD_OK;
}

int32_t td_week_minute(const struct td_tz *new_york, td_ns at)
{
    struct td_civil c;
    td_tz_civil(new_york, at, &c);
    return td_weekday(td_tz_day(new_york, at)) * DAY_MINUTES + c.hour * 60 + c.minute;
}

static bool between(int32_t minute, int32_t from, int32_t to)
{
    return from <= to ? minute >= from && minute < to : minute >= from || minute < to;
}

bool td_windows_inside(const struct td_windows *w, const struct td_tz *new_york, td_ns at)
{
    const int32_t minute = td_week_minute(new_york, at);
    return between(minute % DAY_MINUTES, w->day_from, w->day_to) ||
           between(minute, w->week_from, w->week_to);
}

bool td_window_inside(const struct td_tz *new_york, td_ns at)
{
    return td_windows_inside(&td_windows_preset, new_york, at);
}
