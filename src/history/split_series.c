/* history/split_series.c - days joined over files, nights judged. */
#include "history/split_series.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "market/split.h"

#define SAME_BAR  0.02
#define SAME_DAY  0.30
#define MEAN_DAYS 20
#define DOUBTFUL  0.5
#define FACT_NEAR 0.10
#define FACT_MIN  1.25
#define TIMES_MAX 1e6 /* of the mean volume */

/* ---- days ---- */

static bool find_day(const struct td_series_days *d, int64_t day, size_t *at)
{
    size_t low = 0, high = d->count;
    if (high > 0 && d->rows[high - 1].day < day) /* files and bars mostly ascend */
        low = high;
    while (low < high) {
        const size_t mid = low + (high - low) / 2;
        if (d->rows[mid].day < day)
            low = mid + 1;
        else
            high = mid;
    }
    *at = low;
    return low < d->count && d->rows[low].day == day;
}

static enum td_err insert_day(struct td_series_days *d, size_t at, const struct td_series_day *row)
{
    if (d->count == TD_SPLIT_DAYS_MAX)
        return TD_EFULL;
    if (d->count == d->cap) {
        const size_t cap = d->cap ? d->cap * 2 : 64;
        struct td_series_day *more = realloc(d->rows, cap * sizeof *more);
        if (!more)
            return TD_ENOMEM;
        d->rows = more;
        d->cap = cap;
    }
    memmove(d->rows + at + 1, d->rows + at, (d->count - at) * sizeof *d->rows);
    d->rows[at] = *row;
    d->count++;
    return TD_OK;
}

static void widen(struct td_series_day *to, const struct td_series_day *by)
{
    if (by->first_ns < to->first_ns) {
        to->first_ns = by->first_ns;
        to->open = by->open;
    }
    if (by->last_ns > to->last_ns) {
        to->last_ns = by->last_ns;
        to->close = by->close;
    }
}

static bool is_near(td_px a, td_px b, double tolerance)
{
    return fabs((double)a.e9 - (double)b.e9) <= tolerance * fabs((double)b.e9);
}

/* The same scale: told by a bar both have, else roughly. */
static bool agree(const struct td_series_day *a, const struct td_series_day *b)
{
    if (a->first_ns == b->first_ns)
        return is_near(a->open, b->open, SAME_BAR);
    if (a->last_ns == b->last_ns)
        return is_near(a->close, b->close, SAME_BAR);
    return is_near(a->open, b->open, SAME_DAY);
}

static void set_apart(struct td_split_series *s, uint32_t file, int64_t day)
{
    struct td_series_file *f = &s->files[file];
    f->apart = day > f->apart ? day : f->apart;
}

static enum td_err join_day(struct td_split_series *s, const struct td_series_day *row)
{
    size_t at;
    if (!find_day(&s->days, row->day, &at))
        return insert_day(&s->days, at, row);
    struct td_series_day *there = &s->days.rows[at];
    if (agree(there, row)) {
        widen(there, row);
        there->volume = row->volume > there->volume ? row->volume : there->volume;
        there->own = there->own || row->own;
    } else if (row->own && !there->own) {
        set_apart(s, there->file, row->day);
        *there = *row;
    } else {
        set_apart(s, row->file, row->day);
    }
    return TD_OK;
}

/* ---- files ---- */

void td_split_series_reset(struct td_split_series *s)
{
    s->days.count = s->current.count = 0;
    s->file_count = 0;
}

void td_split_series_fini(struct td_split_series *s)
{
    free(s->days.rows);
    free(s->current.rows);
    free(s->files);
    *s = (struct td_split_series){.named = 0};
}

void td_split_series_begin(struct td_split_series *s, int64_t named)
{
    s->current.count = 0;
    s->named = named;
}

enum td_err td_split_series_bar(struct td_split_series *s, const struct td_bar_row *row)
{
    size_t at;
    const td_ns ns = row->local_ns;
    struct td_series_day day = {.day = ns / TD_DAY - (ns % TD_DAY < 0),
                                .first_ns = ns,
                                .last_ns = ns,
                                .open = row->bar.open,
                                .close = row->bar.close,
                                .file = (uint32_t)s->file_count};
    day.own = day.day == s->named;
    if (!td_qty_is_none(row->bar.volume) && row->bar.volume.e9 > 0)
        day.volume = td_e9_to_double(row->bar.volume.e9);
    if (!find_day(&s->current, day.day, &at))
        return insert_day(&s->current, at, &day);
    widen(&s->current.rows[at], &day);
    s->current.rows[at].volume += day.volume;
    return TD_OK;
}

enum td_err td_split_series_end(struct td_split_series *s)
{
    const struct td_series_days *c = &s->current;
    enum td_err err = TD_OK;
    if (c->count == 0)
        return TD_OK;
    if (s->file_count == TD_SPLIT_SERIES_MAX || s->days.count + c->count > TD_SPLIT_DAYS_MAX)
        return TD_EFULL;
    if (s->file_count == s->file_cap) {
        const size_t cap = s->file_cap ? s->file_cap * 2 : 64;
        struct td_series_file *more = realloc(s->files, cap * sizeof *more);
        if (!more)
            return TD_ENOMEM;
        s->files = more;
        s->file_cap = cap;
    }
    s->files[s->file_count] =
        (struct td_series_file){c->rows[0].day, c->rows[c->count - 1].day, INT64_MIN};
    s->file_count++;
    for (size_t i = 0; i < c->count && !err; i++)
        err = join_day(s, &c->rows[i]);
    return err;
}

/* ---- nights ---- */

/* Volume of the day after in means of the days before, as a look wants it: the mean is 1. */
static void look_at_volume(const struct td_series_days *d, size_t next, struct td_split_look *look)
{
    double sum = 0, days = 0;
    int64_t times_e9 = 0;
    for (size_t i = next; i-- > 0 && next - i <= MEAN_DAYS;) {
        sum += d->rows[i].volume;
        days += d->rows[i].volume > 0;
    }
    if (!(sum > 0))
        return;
    const double times = d->rows[next].volume * days / sum;
    if (td_e9_from_double(times < TIMES_MAX ? times : TIMES_MAX, &times_e9) != TD_OK)
        return;
    look->volume = (td_qty){times_e9};
    look->volume_mean = (td_qty){TD_E9};
}

/* Ratio of the facts in a night, 1 when there are none. */
static double fact_in(const struct td_split_fact *facts, size_t count,
                      const struct td_split_night *n)
{
    double ratio = 1;
    for (size_t i = 0; i < count; i++)
        if (facts[i].day >= n->before && facts[i].day < n->day)
            ratio *= facts[i].ratio;
    return ratio;
}

static bool went_its_way(double fact, const struct td_split_night *n)
{
    if (n->previous.e9 <= 0 || n->next.e9 <= 0 || (fact < FACT_MIN && fact > 1 / FACT_MIN))
        return false;
    const double seen = (double)n->previous.e9 / (double)n->next.e9;
    return fabs(seen / fact - 1) <= FACT_NEAR;
}

static void count_files(const struct td_split_series *s, struct td_split_night *n)
{
    for (size_t i = 0; i < s->file_count; i++) {
        const struct td_series_file *f = &s->files[i];
        n->stale_files += f->last < n->day;
        n->mixed_files += f->first < n->day && f->last >= n->day && f->apart < n->before;
    }
}

/* The night before day `next`; true when it is a split. */
static bool judge(const struct td_split_series *s, const struct td_split_fact *facts, size_t count,
                  size_t next, struct td_split_counts *counts, struct td_split_night *out)
{
    const struct td_series_day *a = &s->days.rows[next - 1], *b = &s->days.rows[next];
    struct td_split_night n = {
        .before = a->day, .day = b->day, .previous = a->close, .next = b->open};
    const double fact = fact_in(facts, count, &n);
    const bool known = went_its_way(fact, &n);
    const bool hole = b->day - a->day > TD_SPLIT_HOLE_DAYS;
    counts->holes += hole && !known;
    if (hole && !known)
        return false;
    struct td_split_look look = {.previous = n.previous, .next = n.next};
    look_at_volume(&s->days, next, &look);
    const struct td_split split = td_split_detect(&look);
    counts->nights++;
    counts->doubts += !split.found && !known && split.confidence >= DOUBTFUL;
    if (!split.found && !known)
        return false;
    n.ratio = known ? fact : split.ratio;
    n.confidence = split.confidence;
    n.known = known ? TD_SPLIT_KNOWN : facts ? TD_SPLIT_UNKNOWN : TD_SPLIT_NO_FACTORS;
    n.factor = known ? 1 / fact : 1;
    count_files(s, &n);
    *out = n;
    return true;
}

bool td_split_series_next(const struct td_split_series *s, const struct td_split_fact *facts,
                          size_t fact_count, size_t *at, struct td_split_counts *counts,
                          struct td_split_night *out)
{
    while (*at + 1 < s->days.count)
        if (judge(s, facts, facts ? fact_count : 0, ++*at, counts, out))
            return true;
    return false;
}
