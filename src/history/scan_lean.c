/* history/scan_lean.c - LEAN's bars and quotes of minutes, its bars of days, its factor files. */
#include <stdio.h>

#include "history/scan_inner.h"
#include "market/factors.h"
#include "sim/lean.h"

#define FACTORS_MAX 1024

struct lean {
    struct scan *s;
    struct td_daytime daytime;
    struct td_factor_row factors[FACTORS_MAX];
    size_t factor_count;
};

static td_ns midnight(const struct scan *s)
{
    return td_tz_at(s->config->new_york, s->config->day, 0, 0, 0);
}

/* A file of the symbol, open in the arena; false when there is none, or when it cannot be read (told). */
static bool open_file(struct lean *l, const char *symbol, uint8_t resolution, uint8_t kind,
                      struct td_lean *out)
{
    struct scan *s = l->s;
    struct td_arena arena;
    struct td_fail why = {0};
    const struct td_lean_file file = {.root = s->config->lean,
                                      .symbol = symbol,
                                      .day = s->config->day,
                                      .resolution = resolution,
                                      .kind = kind};
    if (!td_lean_exists(s->world, &file))
        return false;
    td_arena_init(&arena, s->block, SCAN_ARENA);
    if (td_lean_open(out, &file, s->world, &arena, &l->daytime, &why) == TD_OK)
        return true;
    scan_failed(s, &why);
    return false;
}

/* The next line; false at the end, and behind a malformed line (told). */
static bool next_row(struct lean *l, struct td_lean *file, const char *symbol,
                     struct td_lean_row *row)
{
    struct td_fail why = {0};
    const enum td_err err = td_lean_next(file, row);
    if (err && err != TD_ENODATA) {
        (void)td_fail_set(&why, err, "lean: %s line %lld is malformed", symbol,
                          (long long)file->line);
        scan_failed(l->s, &why);
    }
    return err == TD_OK;
}

static int32_t minute_of(const struct scan *s, td_ns at)
{
    return (int32_t)((at - midnight(s)) / TD_MIN);
}

static void read_minutes(struct lean *l, struct scan_item *item, const char *symbol)
{
    struct td_lean file;
    struct td_lean_row row;
    struct td_scan_today today;
    int32_t end = -1;
    if (item->today || !open_file(l, symbol, TD_LEAN_MINUTE, TD_LEAN_TRADES, &file))
        return;
    td_scan_today_init(&today, l->s->minute);
    while (next_row(l, &file, symbol, &row)) {
        end = minute_of(l->s, row.at) + 1;
        td_scan_today_add(&today, end - 1, &row.bar);
    }
    scan_tell_today(item, l->s, &today, end);
}

/* The quote that closed the last minute. */
static void read_quotes(struct lean *l, struct scan_item *item, const char *symbol)
{
    struct td_lean file;
    struct td_lean_row row;
    if (!open_file(l, symbol, TD_LEAN_MINUTE, TD_LEAN_QUOTES, &file))
        return;
    while (next_row(l, &file, symbol, &row) && minute_of(l->s, row.at) < l->s->minute) {
        item->facts.bid = row.quote.bid;
        item->facts.ask = row.quote.ask;
    }
}

static void read_factors(struct lean *l, const char *symbol)
{
    struct scan *s = l->s;
    char path[TD_PATH_MAX];
    struct td_str text = {s->text, 0};
    struct td_fail why = {0};
    l->factor_count = 0;
    if (snprintf(path, sizeof path, "%s/equity/usa/factor_files/%s.csv", s->config->lean, symbol) >=
            (int)sizeof path ||
        td_entry_at(s->world, path) != TD_ENTRY_FILE)
        return;
    if (td_file_slurp(s->world, path, s->text, SCAN_TEXT, &text.len, &why) != TD_OK ||
        td_factors_parse(text, l->factors, FACTORS_MAX, &l->factor_count, &why) != TD_OK)
        scan_failed(s, &why);
}

static double split_at(const struct lean *l, int64_t day)
{
    const struct td_factor_row *row = td_factor_at(l->factors, l->factor_count, day);
    return row && row->split > 0 ? row->split : 1;
}

static int64_t times(int64_t e9, double ratio)
{
    int64_t out;
    if (ratio == 1)
        return e9;
    return td_e9_from_double(td_e9_to_double(e9) * ratio, &out) == TD_OK ? out : TD_E9_NONE;
}

/* The total of the day itself counts once its session is over. */
static void take_day(struct lean *l, struct scan_item *item, int64_t day, const struct td_bar *bar)
{
    const struct scan *s = l->s;
    const double ratio = split_at(l, day) / split_at(l, s->config->day);
    const int32_t ago = scan_ago(s, day);
    if (ago > 0)
        td_scan_past_add(&item->past, ago, (td_px){times(bar->close.e9, ratio)},
                         (td_qty){times(bar->volume.e9, 1 / ratio)});
    if (day != s->config->day || s->minute < s->close || item->today)
        return;
    item->today = true;
    item->facts.open = bar->open;
    item->facts.last = bar->close;
    item->facts.volume = bar->volume;
}

static void read_days(struct lean *l, struct scan_item *item, const char *symbol)
{
    struct td_lean file;
    struct td_lean_row row;
    read_factors(l, symbol);
    if (!open_file(l, symbol, TD_LEAN_DAILY, TD_LEAN_TRADES, &file))
        return;
    while (next_row(l, &file, symbol, &row))
        take_day(l, item, td_tz_day(l->s->config->new_york, row.at), &row.bar);
}

/* A symbol that has minutes of the day, or any day of those that are asked for. */
static void read_symbol(struct lean *l, struct td_str name)
{
    char symbol[TD_SYMBOL_CHARS], upper[TD_SYMBOL_CHARS];
    if (!td_str_copy(name, symbol, sizeof symbol))
        return;
    (void)td_str_copy(name, upper, sizeof upper);
    for (char *c = upper; *c; c++)
        *c = *c >= 'a' && *c <= 'z' ? (char)(*c - 32) : *c;
    const uint32_t before = l->s->count;
    struct scan_item *item = scan_item(l->s, td_str_of(upper), TD_SCAN_WHY_BARS);
    if (!item)
        return;
    read_minutes(l, item, symbol);
    read_quotes(l, item, symbol);
    read_days(l, item, symbol);
    if (l->s->count > before && !item->today && !item->past.days)
        scan_drop_last(l->s); /* its bars are of other days */
}

static bool look_at(void *arg, const char *name, enum td_entry_kind kind)
{
    struct lean *l = arg;
    const struct td_str text = td_str_of(name);
    if (kind == TD_ENTRY_FOLDER)
        read_symbol(l, text);
    else if (text.len > 4 && td_str_is((struct td_str){name + text.len - 4, 4}, ".zip"))
        read_symbol(l, (struct td_str){name, text.len - 4});
    return !l->s->err;
}

void scan_read_lean(struct scan *s)
{
    struct lean l = {.s = s, .daytime = {td_daytime_tz, s->config->new_york}};
    if (!s->config->lean)
        return;
    scan_list(s, s->config->lean, "equity/usa/minute", look_at, &l);
    scan_list(s, s->config->lean, "equity/usa/daily", look_at, &l);
}
