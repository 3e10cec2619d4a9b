/* desk/coverage.c - bar sizes, durations, and the difference of windows. */
#include "desk/coverage.h"

/* Windows of at least a day are asked in days, which the broker counts itself. */
static const struct td_bar_size sizes[] = {
    {"1 secs", TD_SEC, 30 * TD_MIN},          {"5 secs", 5 * TD_SEC, TD_HOUR},
    {"10 secs", 10 * TD_SEC, 4 * TD_HOUR},    {"15 secs", 15 * TD_SEC, 4 * TD_HOUR},
    {"30 secs", 30 * TD_SEC, 8 * TD_HOUR},    {"1 min", TD_MIN, 30 * TD_DAY},
    {"2 mins", 2 * TD_MIN, 30 * TD_DAY},      {"3 mins", 3 * TD_MIN, 30 * TD_DAY},
    {"5 mins", 5 * TD_MIN, 60 * TD_DAY},      {"10 mins", 10 * TD_MIN, 60 * TD_DAY},
    {"15 mins", 15 * TD_MIN, 60 * TD_DAY},    {"20 mins", 20 * TD_MIN, 60 * TD_DAY},
    {"30 mins", 30 * TD_MIN, 365 * TD_DAY},   {"1 hour", TD_HOUR, 365 * TD_DAY},
    {"2 hours", 2 * TD_HOUR, 365 * TD_DAY},   {"3 hours", 3 * TD_HOUR, 365 * TD_DAY},
    {"4 hours", 4 * TD_HOUR, 365 * TD_DAY},   {"8 hours", 8 * TD_HOUR, 365 * TD_DAY},
    {"1 day", TD_DAY, 36500 * TD_DAY},        {"1 week", 7 * TD_DAY, 36500 * TD_DAY},
    {"1 month", 30 * TD_DAY, 36500 * TD_DAY},
};

/* The number and unit of a bar size, singular. */
static struct td_str singular(struct td_str words)
{
    words = td_str_trim(words);
    if (words.len && words.p[words.len - 1] == 's')
        words.len--;
    return words;
}

const struct td_bar_size *td_bar_size_find(struct td_str words)
{
    for (size_t i = 0; i < TD_COUNT(sizes); i++)
        if (td_str_eq(singular(words), singular(td_str_of(sizes[i].words))))
            return &sizes[i];
    return NULL;
}

void td_bar_size_list(struct td_text *out)
{
    for (size_t i = 0; i < TD_COUNT(sizes); i++)
        td_text_printf(out, "%s%s", i ? ", " : "", sizes[i].words);
}

enum td_err td_duration_parse(struct td_str text, struct td_duration *out)
{
    struct td_str rest = td_str_trim(text), number;
    int64_t count;
    if (!td_str_split(&rest, ' ', &number))
        return TD_EPARSE;
    rest = td_str_trim(rest);
    if (td_i64_parse(number.p, number.len, &count) != TD_OK || rest.len != 1)
        return TD_EPARSE;
    if (count < 1 || count > 86400 || !strchr("SDWMY", rest.p[0]))
        return TD_EPARSE;
    if (rest.p[0] != 'S' && count > 9999)
        return TD_EPARSE;
    *out = (struct td_duration){(int32_t)count, rest.p[0]};
    return TD_OK;
}

/* The day that is the count-th weekday back, `day` included. */
static int64_t weekday_back(int64_t day, int32_t count)
{
    for (;; day--) {
        const int of_week = td_weekday(day);
        if (of_week != 0 && of_week != 6 && --count <= 0)
            return day;
    }
}

td_ns td_duration_start(const struct td_duration *d, const struct td_tz *zone, td_ns now)
{
    static const struct {
        char unit;
        int32_t days;
    } units[] = {{'W', 7}, {'M', 30}, {'Y', 365}};
    const int64_t today = td_tz_day(zone, now);
    if (d->unit == 'S')
        return now - d->count * TD_SEC;
    for (size_t i = 0; i < TD_COUNT(units); i++)
        if (units[i].unit == d->unit)
            return td_tz_at(zone, today - (int64_t)units[i].days * d->count, 0, 0, 0);
    return td_tz_at(zone, weekday_back(today, d->count), 0, 0, 0);
}

static void sort_windows(struct td_window *w, size_t count)
{
    for (size_t i = 1; i < count; i++)
        for (size_t j = i; j > 0 && w[j].from < w[j - 1].from; j--) {
            const struct td_window swap = w[j];
            w[j] = w[j - 1];
            w[j - 1] = swap;
        }
}

static size_t add_window(td_ns from, td_ns to, td_ns shortest, struct td_window *out, size_t used,
                         size_t cap)
{
    if (to - from < shortest || to <= from)
        return used;
    if (used == cap) {
        out[cap - 1].to = to;
        return used;
    }
    out[used] = (struct td_window){from, to};
    return used + 1;
}

size_t td_windows_missing(struct td_window want, struct td_window *held, size_t held_count,
                          td_ns shortest, struct td_window *out, size_t cap)
{
    td_ns at = want.from;
    size_t used = 0;
    TD_REQUIRE(cap > 0);
    sort_windows(held, held_count);
    for (size_t i = 0; i < held_count && at < want.to; i++) {
        const td_ns from = held[i].from < want.to ? held[i].from : want.to;
        used = add_window(at, from, shortest, out, used, cap);
        at = held[i].to > at ? held[i].to : at;
    }
    return add_window(at, want.to, shortest, out, used, cap);
}

size_t td_windows_cut(const struct td_window *in, size_t count, td_ns longest,
                      struct td_window *out, size_t cap)
{
    size_t used = 0;
    for (size_t i = 0; i < count; i++)
        for (td_ns at = in[i].from; at < in[i].to; at += longest) {
            if (used == cap)
                return 0;
            out[used++] = (struct td_window){at, in[i].to - at < longest ? in[i].to : at + longest};
        }
    return used;
}

void td_window_words(struct td_window w, const struct td_bar_size *size, struct td_text *out)
{
    const td_ns length = w.to - w.from;
    if (length <= TD_DAY && size->span < TD_DAY)
        td_text_printf(out, "%lld S", (long long)((length + TD_SEC - 1) / TD_SEC));
    else
        td_text_printf(out, "%lld D", (long long)((length + TD_DAY - 1) / TD_DAY));
}

void td_request_time(td_ns at, struct td_text *out)
{
    struct td_civil c;
    td_civil_from_ns(at, &c);
    td_text_printf(out, "%04d%02d%02d-%02d:%02d:%02d", (int)c.year, (int)c.month, (int)c.day,
                   (int)c.hour, (int)c.minute, (int)c.second);
}
