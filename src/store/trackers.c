/* store/trackers.c - facts from the old books, column by column. */
#include "store/trackers.h"

#include <stdio.h>
#include <string.h>

struct reading {
    const struct td_table *table;
    td_track_fn *fn;
    void *arg;
    struct td_track_counts *counts;
    size_t row;
    struct td_track track; /* the row's symbol, and day for the downloaded */
};

bool td_tracker_of(const char *file_name, enum td_tracker *out)
{
    static const struct {
        const char *word;
        enum td_tracker kind;
    } rows[] = {{"failed", TD_TRACK_FAILED},
                {"downloadable", TD_TRACK_DOWNLOADABLE},
                {"downloaded", TD_TRACK_DOWNLOADED}};
    char name[256];
    const char *slash = strrchr(file_name, '/');
    (void)snprintf(name, sizeof name, "%s", slash ? slash + 1 : file_name);
    for (char *c = name; *c; c++)
        *c = *c >= 'A' && *c <= 'Z' ? (char)(*c + 32) : *c;
    for (size_t i = 0; i < TD_COUNT(rows); i++)
        if (strstr(name, rows[i].word)) {
            *out = rows[i].kind;
            return true;
        }
    return false;
}

static enum td_err tell(struct reading *r, enum td_track_what what)
{
    r->track.what = what;
    r->counts->facts++;
    return r->fn(r->arg, &r->track);
}

/* "Yes", TRUE, 1 and the like. */
static bool is_yes(const struct td_cell *cell)
{
    bool yes = false;
    return cell->kind != TD_CELL_EMPTY && td_bool_parse(td_str_trim(cell->text), &yes) == TD_OK &&
           yes;
}

static bool take_day(struct reading *r, size_t column, int64_t *day)
{
    const struct td_cell *cell = td_table_at(r->table, r->row, column);
    *day = INT64_MIN;
    if (cell->kind == TD_CELL_EMPTY)
        return false;
    if (td_day_of_cell(cell, day))
        return true;
    r->counts->bad++;
    return false;
}

/* "<bar size>-LatestFailed": its bar size into the track. */
static bool take_bar_size(struct reading *r, struct td_str head, const char *tail)
{
    const size_t n = strlen(tail);
    if (head.len <= n + 1 || memcmp(head.p + head.len - n, tail, n) != 0 ||
        head.p[head.len - n - 1] != '-')
        return false;
    return td_str_copy((struct td_str){head.p, head.len - n - 1}, r->track.bar_size,
                       sizeof r->track.bar_size);
}

static enum td_err read_failed(struct reading *r, struct td_str head, size_t column)
{
    const struct td_cell *cell = td_table_at(r->table, r->row, column);
    char comment[16];
    if (td_str_is(head, "NonExistent"))
        return is_yes(cell) ? tell(r, TD_TRACK_NON_EXISTENT) : TD_OK;
    if (take_bar_size(r, head, "LatestFailed"))
        return take_day(r, column, &r->track.from) ? tell(r, TD_TRACK_LATEST_FAILED) : TD_OK;
    if (head.len != 5 || !td_str_starts(head, "Date") || !take_day(r, column, &r->track.from))
        return TD_OK;
    (void)snprintf(comment, sizeof comment, "Comment%c", head.p[4]);
    const int at = td_table_head(r->table, comment);
    if (at >= 0)
        r->track.comment = td_table_at(r->table, r->row, (size_t)at)->text;
    return tell(r, TD_TRACK_COMMENT);
}

static enum td_err read_downloadable(struct reading *r, struct td_str head, size_t column)
{
    char other[40];
    if (td_str_is(head, "EarliestAvailBar"))
        return take_day(r, column, &r->track.from) ? tell(r, TD_TRACK_EARLIEST) : TD_OK;
    if (!take_bar_size(r, head, "StartDate"))
        return TD_OK;
    (void)snprintf(other, sizeof other, "%s-EndDate", r->track.bar_size);
    const int end = td_table_head(r->table, other);
    const bool from = take_day(r, column, &r->track.from);
    const bool to = end >= 0 && take_day(r, (size_t)end, &r->track.to);
    return from || to ? tell(r, TD_TRACK_RANGE) : TD_OK;
}

static enum td_err read_downloaded(struct reading *r, struct td_str head, size_t column)
{
    if (!is_yes(td_table_at(r->table, r->row, column)))
        return TD_OK;
    (void)td_str_copy(head, r->track.bar_size, sizeof r->track.bar_size);
    return tell(r, TD_TRACK_HELD);
}

/* The row's stock; of the downloaded "<date>-<symbol>". */
static bool take_key(struct reading *r, enum td_tracker kind, struct td_str key)
{
    key = td_str_trim(key);
    if (kind != TD_TRACK_DOWNLOADED)
        return td_ticker_parse(key, r->track.symbol);
    return key.len > 11 && key.p[10] == '-' && td_date_parse(key.p, 10, &r->track.from) == TD_OK &&
           td_ticker_parse((struct td_str){key.p + 11, key.len - 11}, r->track.symbol);
}

enum td_err td_tracker_read(const struct td_table *table, enum td_tracker kind, td_track_fn *fn,
                            void *arg, struct td_track_counts *counts)
{
    typedef enum td_err read_fn(struct reading *, struct td_str, size_t);
    static read_fn *const readers[] = {read_failed, read_downloadable, read_downloaded};
    const int named = td_table_head(table, "Stock");
    const size_t key = named >= 0 ? (size_t)named : 0;
    *counts = (struct td_track_counts){0};
    for (size_t row = 1; row < table->rows; row++) {
        struct reading r = {.table = table, .fn = fn, .arg = arg, .counts = counts, .row = row};
        const struct td_cell *cell = td_table_at(table, row, key);
        if (cell->kind == TD_CELL_EMPTY)
            continue;
        counts->rows++;
        if (!take_key(&r, kind, cell->text)) {
            counts->bad++;
            continue;
        }
        const struct td_track start = r.track;
        for (size_t c = 0; c < table->columns; c++) {
            r.track = start;
            if (c == key)
                continue;
            const enum td_err err = readers[kind](&r, td_table_at(table, 0, c)->text, c);
            if (err)
                return err;
        }
    }
    return TD_OK;
}
