/* history/scan_base.c - bars of the data root: imported series, and the files of tasks. */
#include <stdio.h>
#include <string.h>

#include "history/importer.h"
#include "history/scan_inner.h"
#include "store/bars_read.h"

struct minutes {
    const struct scan *s;
    struct td_scan_today today;
    int32_t end;      /* behind the last bar of the day */
    td_ns before_end; /* the same of the session before; 0: none */
    td_px before_close;
};

static enum td_err take_minute(void *arg, const struct td_bar_row *row)
{
    struct minutes *m = arg;
    const int64_t day = row->local_ns / TD_DAY;
    const int32_t at = (int32_t)(row->local_ns % TD_DAY / TD_MIN);
    if (day == m->s->config->day) {
        m->end = at + 1;
        td_scan_today_add(&m->today, at, &row->bar);
    } else if (day == m->s->sessions[0]) {
        m->before_end = row->local_ns + TD_MIN;
        m->before_close = row->bar.close;
    }
    return TD_OK;
}

struct days {
    struct scan *s;
    struct scan_item *item;
    struct td_bar today;
    bool has_today;
};

static enum td_err take_day(void *arg, const struct td_bar_row *row)
{
    struct days *d = arg;
    const int64_t day = row->local_ns / TD_DAY;
    const int32_t ago = scan_ago(d->s, day);
    if (ago > 0)
        td_scan_past_add(&d->item->past, ago, row->bar.close, row->bar.volume);
    if (day == d->s->config->day) {
        d->has_today = true;
        d->today = row->bar;
    }
    return TD_OK;
}

/* False: it is not there, or cannot be read (told). */
static bool read_bars(struct scan *s, const char *path, td_bars_sink *sink, void *arg)
{
    struct td_fail why = {0};
    if (td_entry_at(s->world, path) != TD_ENTRY_FILE)
        return false;
    if (td_bars_read(s->world, path, sink, arg, &why) == TD_OK)
        return true;
    scan_failed(s, &why);
    return false;
}

/* A regular session closes at 16:00 or at 13:00: a series that reaches neither has not seen the close. */
static bool is_close(td_ns local_end)
{
    const td_ns of_day = local_end % TD_DAY;
    return of_day == 16 * TD_HOUR || of_day == 13 * TD_HOUR;
}

/* The minutes of a file. A file of a task begins on the session before and ends it with its last regular minute. */
static void read_minutes(struct scan *s, struct scan_item *item, const char *path, bool regular)
{
    struct minutes m = {.s = s, .end = -1};
    td_scan_today_init(&m.today, s->minute);
    if (!read_bars(s, path, take_minute, &m))
        return;
    scan_tell_today(item, s, &m.today, m.end);
    if (regular && m.before_end && is_close(m.before_end) && td_px_is_none(item->past.close))
        item->past.close = m.before_close;
}

static bool place(const struct scan *s, const char *symbol, const char *bar_size, int64_t day,
                  char out[TD_PATH_MAX])
{
    char below[TD_PATH_MAX];
    struct td_import_name name = {.bar_size = bar_size, .day = day};
    if (snprintf(name.symbol, sizeof name.symbol, "%s", symbol) >= (int)sizeof name.symbol)
        return false;
    return td_import_place(&name, below, sizeof below) &&
           td_path_join(out, TD_PATH_MAX, s->config->base, below);
}

static bool same_month(int64_t a, int64_t b)
{
    struct td_civil x, y;
    td_civil_from_days(a, &x);
    td_civil_from_days(b, &y);
    return x.month == y.month && x.year == y.year;
}

/* The files of the months that the sessions and the day lie in; without any of them the file without a day. */
static void read_days(struct scan *s, struct scan_item *item)
{
    struct days d = {.s = s, .item = item};
    char path[TD_PATH_MAX];
    int64_t before = INT64_MIN;
    bool any = false;
    for (int32_t i = -1; i < s->config->adv_days; i++) {
        const int64_t day = i < 0 ? s->config->day : s->sessions[i];
        if (before != INT64_MIN && same_month(day, before))
            continue;
        before = day;
        if (place(s, item->facts.symbol, "1 day", day, path))
            any |= read_bars(s, path, take_day, &d);
    }
    if (!any && place(s, item->facts.symbol, "1 day", INT64_MIN, path))
        (void)read_bars(s, path, take_day, &d);
    if (!d.has_today || s->minute < s->close || item->today)
        return;
    item->today = true;
    item->facts.open = d.today.open;
    item->facts.last = d.today.close;
    item->facts.volume = d.today.volume;
}

/* A folder of a symbol below parquet_data. */
static bool look_at_series(void *arg, const char *name, enum td_entry_kind kind)
{
    struct scan *s = arg;
    char path[TD_PATH_MAX];
    const uint32_t before = s->count;
    if (kind != TD_ENTRY_FOLDER || !td_symbol_is_safe(td_str_of(name)))
        return true;
    struct scan_item *item = scan_item(s, td_str_of(name), TD_SCAN_WHY_BARS);
    if (!item)
        return !s->err;
    if (place(s, name, "1 min", s->config->day, path))
        read_minutes(s, item, path, false);
    read_days(s, item);
    if (s->count > before && !item->today && !item->past.days)
        scan_drop_last(s); /* its bars are of other days */
    return true;
}

/* "<SYM>_USUSD_1 min_<day>.ftr" of the day. */
static bool look_at_task(void *arg, const char *name, enum td_entry_kind kind)
{
    struct scan *s = arg;
    char date[16], tail[64], path[TD_PATH_MAX], folder[TD_PATH_MAX];
    const char *at = strstr(name, "_USUSD_");
    (void)td_date_print(s->config->day, date);
    (void)snprintf(tail, sizeof tail, "_USUSD_1 min_%s.ftr", date);
    if (kind != TD_ENTRY_FILE || !at || strcmp(at, tail) != 0)
        return true;
    struct scan_item *item =
        scan_item(s, (struct td_str){name, (size_t)(at - name)}, TD_SCAN_WHY_BARS);
    if (item && td_path_join(folder, sizeof folder, s->config->base, s->config->downloads) &&
        td_path_join(path, sizeof path, folder, name))
        read_minutes(s, item, path, true);
    return !s->err;
}

void scan_read_base(struct scan *s)
{
    if (!s->config->base)
        return;
    scan_list(s, s->config->base, "parquet_data", look_at_series, s);
    scan_list(s, s->config->base, s->config->downloads, look_at_task, s);
}
