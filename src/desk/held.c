/* desk/held.c - finds and reads the CSV files of earlier runs. */
#include "desk/held.h"

#include <stdio.h>
#include <stdlib.h>

#define FILE_MAX   (96u << 20) /* a million bars */
#define NAME_BYTES 128
#define STAMP_LEN  15 /* YYYYMMDD_HHMMSS */

struct listing {
    const struct td_held_query *query;
    char names[TD_HELD_FILES_MAX][NAME_BYTES];
    bool by_day[TD_HELD_FILES_MAX]; /* the duration counted days or more */
    size_t count;
};

static void underscored(struct td_text *out, const char *words)
{
    for (; *words; words++)
        td_text_char(out, *words == ' ' ? '_' : *words);
}

void td_held_name(struct td_text *out, const char *symbol, const char *duration,
                  const char *bar_size, const char *stamp)
{
    td_text_put(out, symbol);
    td_text_char(out, '_');
    underscored(out, duration);
    td_text_char(out, '_');
    underscored(out, bar_size);
    td_text_char(out, '_');
    td_text_put(out, stamp);
}

static bool is_stamp(struct td_str s)
{
    if (s.len != STAMP_LEN || s.p[8] != '_')
        return false;
    for (size_t i = 0; i < STAMP_LEN; i++)
        if (i != 8 && (s.p[i] < '0' || s.p[i] > '9'))
            return false;
    return true;
}

/* Takes "<digits>_<unit>_" off the front. */
static bool take_duration(struct td_str *rest, char *unit)
{
    struct td_str number, word;
    int64_t count;
    if (!td_str_split(rest, '_', &number) || !td_str_split(rest, '_', &word))
        return false;
    if (td_i64_parse(number.p, number.len, &count) != TD_OK || count < 1 || word.len != 1)
        return false;
    *unit = word.p[0];
    return true;
}

/* Whether a name is a CSV of the symbol and bar size, in any spelling of the latter. */
static bool matches(const struct td_held_query *q, const char *name, bool *by_day)
{
    struct td_str rest = td_str_of(name);
    const size_t symbol = strlen(q->symbol);
    char words[32], unit;
    if (!td_str_starts(rest, q->symbol) || rest.len < symbol + 1 || rest.p[symbol] != '_')
        return false;
    rest = (struct td_str){rest.p + symbol + 1, rest.len - symbol - 1};
    if (!take_duration(&rest, &unit) || rest.len < STAMP_LEN + 5)
        return false;
    const size_t bar = rest.len - STAMP_LEN - 5; /* "_<stamp>.csv" */
    const struct td_str tail = {rest.p + bar + 1 + STAMP_LEN, 4};
    if (rest.p[bar] != '_' || !td_str_is(tail, ".csv") || bar >= sizeof words ||
        !is_stamp((struct td_str){rest.p + bar + 1, STAMP_LEN}))
        return false;
    for (size_t i = 0; i < bar; i++)
        words[i] = rest.p[i] == '_' ? ' ' : rest.p[i];
    *by_day = unit != 'S';
    return td_bar_size_find((struct td_str){words, bar}) == q->size;
}

static bool take_name(void *arg, const char *name, enum td_entry_kind kind)
{
    struct listing *l = arg;
    bool by_day;
    if (kind != TD_ENTRY_FILE || strlen(name) >= NAME_BYTES || !matches(l->query, name, &by_day))
        return true;
    const size_t at = l->count % TD_HELD_FILES_MAX; /* a ring: the newest stay */
    (void)td_str_copy(td_str_of(name), l->names[at], NAME_BYTES);
    l->by_day[at] = by_day;
    l->count++;
    return true;
}

static bool take_price(struct td_str field, td_px *out)
{
    return td_e9_parse(field.p, field.len, &out->e9) == TD_OK && out->e9 > 0;
}

enum td_err td_held_parse(struct td_str line, td_ns span, struct td_bar_row *out)
{
    struct td_str rest = line, f[8];
    struct td_bar_row row;
    int64_t count;
    memset(&row, 0, sizeof row);
    for (size_t i = 0; i < TD_COUNT(f); i++)
        if (!td_str_split(&rest, ',', &f[i]))
            return TD_EPARSE;
    if (rest.len || td_iso_parse(f[0].p, f[0].len, &row.local_ns) != TD_OK)
        return TD_EPARSE;
    if (!take_price(f[1], &row.bar.open) || !take_price(f[2], &row.bar.high) ||
        !take_price(f[3], &row.bar.low) || !take_price(f[4], &row.bar.close))
        return TD_EPARSE;
    if (td_e9_parse(f[5].p, f[5].len, &row.bar.volume.e9) != TD_OK ||
        td_i64_parse(f[7].p, f[7].len, &count) != TD_OK || count < -1 || count > INT32_MAX)
        return TD_EPARSE;
    row.bar.wap = TD_PX_NONE;
    if (f[6].len && !take_price(f[6], &row.bar.wap))
        return TD_EPARSE;
    row.bar.count = (int32_t)count;
    row.bar.span = span;
    *out = row;
    return TD_OK;
}

/* All lines of a file, or none: *rows is as before on TD_EPARSE. */
static enum td_err read_lines(struct td_str text, td_ns span, struct td_bar_rows *rows)
{
    const size_t before = rows->count;
    struct td_str line;
    enum td_err err = td_str_split(&text, '\n', &line) ? TD_OK : TD_EPARSE; /* names */
    while (!err && td_str_split(&text, '\n', &line)) {
        struct td_bar_row row;
        if (line.len == 0)
            continue;
        err = td_held_parse(line, span, &row);
        if (!err && rows->count > before && row.local_ns <= rows->rows[rows->count - 1].local_ns)
            err = TD_EPARSE;
        if (!err)
            err = td_bar_rows_add(rows, &row);
    }
    if (err || rows->count == before)
        rows->count = before;
    return err;
}

static td_ns utc_of(const struct td_tz *zone, td_ns local_ns)
{
    struct td_civil c;
    td_civil_from_ns(local_ns, &c);
    return td_tz_instant(zone, &c);
}

static struct td_window window_of(const struct td_held_query *q, const struct td_bar_row *first,
                                  const struct td_bar_row *last, bool by_day)
{
    const td_ns start = utc_of(q->zone, first->local_ns);
    const td_ns midnight = td_tz_at(q->zone, td_tz_day(q->zone, start), 0, 0, 0);
    return (struct td_window){by_day ? midnight : start, utc_of(q->zone, last->local_ns)};
}

static enum td_err load_file(struct td_world *world, const struct td_held_query *q,
                             const char *name, char *buf, struct td_bar_rows *rows)
{
    char path[1024];
    size_t len = 0;
    (void)snprintf(path, sizeof path, "%s/%s", q->folder, name);
    enum td_err err = td_file_slurp(world, path, buf, FILE_MAX, &len, NULL);
    if (!err)
        err = read_lines((struct td_str){buf, len}, q->size->span, rows);
    if (err && err != TD_ENOMEM && err != TD_EFULL)
        td_logf(q->log, TD_LOG_WARN, TD_LOG_TRADING, "held_file", "%s is not used: %s", path,
                td_err_text(err));
    return err == TD_ENOMEM || err == TD_EFULL ? err : TD_OK;
}

static enum td_err load_all(struct td_world *world, const struct listing *l, char *buf,
                            struct td_bar_rows *rows, struct td_window *windows, size_t cap,
                            size_t *count)
{
    const size_t files = l->count < TD_HELD_FILES_MAX ? l->count : TD_HELD_FILES_MAX;
    enum td_err err = TD_OK;
    for (size_t i = 0; i < files && !err && *count < cap; i++) {
        const size_t before = rows->count;
        err = load_file(world, l->query, l->names[i], buf, rows);
        if (!err && rows->count > before)
            windows[(*count)++] = window_of(l->query, &rows->rows[before],
                                            &rows->rows[rows->count - 1], l->by_day[i]);
    }
    return err;
}

enum td_err td_held_load(struct td_world *world, const struct td_held_query *query,
                         struct td_bar_rows *rows, struct td_window *windows, size_t cap,
                         size_t *count, struct td_fail *why)
{
    struct listing *l = calloc(1, sizeof *l);
    char *buf = malloc(FILE_MAX);
    enum td_err err = l && buf ? TD_OK : TD_ENOMEM;
    *count = 0;
    if (!err) {
        l->query = query;
        if (td_folder_list(world, query->folder, take_name, l)) /* a missing folder holds nothing */
            l->count = 0;
        err = load_all(world, l, buf, rows, windows, cap, count);
    }
    free(buf);
    free(l);
    return err ? td_fail_set(why, err, "bars held in %s: %s", query->folder, td_err_text(err))
               : TD_OK;
}
