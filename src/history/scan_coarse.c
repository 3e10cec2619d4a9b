/* history/scan_coarse.c - LEAN's coarse universe: one CSV a day, one line a stock.
 *
 * security id, ticker, close, volume, dollar volume, has fundamentals, price factor, split factor. Prices are raw; a raw price times
 * its day's split factor is comparable over days. The id stays when a stock changes its ticker.
 */
#include <stdio.h>

#include "history/scan_inner.h"

struct line {
    struct td_str id, ticker;
    td_px close;
    td_qty volume;
    int64_t split_e9;
};

typedef void take_fn(struct scan *s, const struct line *line, int32_t ago);

static bool read_number(struct td_str s, int64_t *out)
{
    return td_e9_parse(s.p, s.len, out) == TD_OK && *out >= 0;
}

/* Eight fields or more: later LEAN files have some behind these. */
static bool read_line(struct td_str text, struct line *out)
{
    struct td_str field[8];
    size_t n = 0;
    while (n < TD_COUNT(field) && td_str_split(&text, ',', &field[n]))
        n++;
    if (n < TD_COUNT(field))
        return false;
    out->id = field[0];
    out->ticker = field[1];
    return read_number(field[2], &out->close.e9) && read_number(field[3], &out->volume.e9) &&
           read_number(field[7], &out->split_e9) && out->split_e9 > 0;
}

static bool path_of(const struct scan *s, int64_t day, char out[TD_PATH_MAX])
{
    char date[16];
    (void)td_date_print_compact(day, date);
    return snprintf(out, TD_PATH_MAX, "%s/equity/usa/fundamental/coarse/%s.csv", s->config->lean,
                    date) < TD_PATH_MAX;
}

static bool is_there(const struct scan *s, int64_t day)
{
    char path[TD_PATH_MAX];
    return path_of(s, day, path) && td_entry_at(s->world, path) == TD_ENTRY_FILE;
}

/* Each line of a day's file; true when the file was there and could be read to its end. */
static bool each_line(struct scan *s, int64_t day, int32_t ago, take_fn *take)
{
    char path[TD_PATH_MAX];
    struct td_fail why = {0};
    struct td_str rest = {s->text, 0}, row;
    struct line line;
    if (!is_there(s, day) || !path_of(s, day, path))
        return false;
    if (td_file_slurp(s->world, path, s->text, SCAN_TEXT, &rest.len, &why) != TD_OK) {
        scan_failed(s, &why);
        return false;
    }
    for (uint32_t n = 1; !s->err && td_str_split(&rest, '\n', &row); n++) {
        row = td_str_trim(row);
        if (row.len && !read_line(row, &line)) {
            (void)td_fail_set(&why, TD_EPARSE, "%.150s line %u: not id,ticker,close,volume,...",
                              path, (unsigned)n);
            scan_failed(s, &why);
            return false;
        }
        if (row.len)
            take(s, &line, ago);
    }
    return true;
}

static struct scan_item *find(const struct scan *s, struct td_str id)
{
    uint32_t at;
    return td_map_get(&s->by_id, td_hash_bytes(id.p, id.len), &at) ? &s->items[at] : NULL;
}

/* A stock of the universe. Of two with one ticker the first is the item of that symbol, the other one of its own. */
static void name(struct scan *s, const struct line *line, int32_t ago)
{
    (void)ago;
    struct scan_item *item = scan_item(s, line->ticker, TD_SCAN_WHY_COARSE);
    if (item && item->id)
        item = scan_twin(s, line->ticker, TD_SCAN_WHY_COARSE);
    if (!item || s->err)
        return;
    item->id = td_hash_bytes(line->id.p, line->id.len);
    item->split_e9 = line->split_e9;
    s->err = td_map_put(&s->by_id, item->id, (uint32_t)(item - s->items));
}

/* The session is over: its close and volume are known. */
static void name_and_close(struct scan *s, const struct line *line, int32_t ago)
{
    name(s, line, ago);
    struct scan_item *item = s->err ? NULL : find(s, line->id);
    if (!item || item->today)
        return;
    item->today = true;
    item->facts.last = line->close;
    item->facts.volume = line->volume;
    item->facts.lacks |= TD_SCAN_LACK(NO_OPEN);
}

/* A split of the day is known before its session. */
static void split(struct scan *s, const struct line *line, int32_t ago)
{
    (void)ago;
    struct scan_item *item = find(s, line->id);
    if (item)
        item->split_e9 = line->split_e9;
}

static void past(struct scan *s, const struct line *line, int32_t ago)
{
    struct scan_item *item = find(s, line->id);
    td_px close = line->close;
    td_qty volume = line->volume;
    if (!item)
        return;
    if (line->split_e9 != item->split_e9 &&
        (td_i64_muldiv(close.e9, line->split_e9, item->split_e9, &close.e9) != TD_OK ||
         td_i64_muldiv(volume.e9, item->split_e9, line->split_e9, &volume.e9) != TD_OK))
        return; /* past the range of numbers: not known */
    td_scan_past_add(&item->past, ago, close, volume);
}

void scan_read_coarse(struct scan *s)
{
    if (!s->config->lean)
        return;
    const bool over = s->minute >= s->close && is_there(s, s->config->day);
    if (over)
        (void)each_line(s, s->config->day, 0, name_and_close);
    else if (each_line(s, s->sessions[0], 1, name))
        (void)each_line(s, s->config->day, 0, split);
    if (s->by_id.count == 0)
        return;
    for (int32_t ago = 1; ago <= s->config->adv_days && !s->err; ago++)
        s->out->coarse_days += each_line(s, s->sessions[ago - 1], ago, past);
}
