/* history/import_bars.c - Feather, and Parquet under a Feather name: lists copied, bars read, joined with their month, compared. */
#include <stdlib.h>
#include <string.h>

#include "history/import_inner.h"
#include "store/bars_read.h"
#include "store/table_copy.h"

struct bars {
    struct td_bar_row *rows;
    size_t count, cap;
};

/* ---- rows ---- */

static enum td_err keep_bar(void *arg, const struct td_bar_row *row)
{
    struct bars *b = arg;
    if (b->count == IMPORT_BARS_MAX)
        return TD_ERANGE;
    if (b->count == b->cap) {
        const size_t cap = b->cap ? b->cap * 2 : 1024;
        struct td_bar_row *more = realloc(b->rows, cap * sizeof *more);
        if (!more)
            return TD_ENOMEM;
        b->rows = more;
        b->cap = cap;
    }
    b->rows[b->count++] = *row;
    return TD_OK;
}

static int by_start(const void *a, const void *b)
{
    const struct td_bar_row *x = a, *y = b;
    return (x->local_ns > y->local_ns) - (x->local_ns < y->local_ns);
}

static void sort_bars(struct bars *b)
{
    for (size_t i = 1; i < b->count; i++)
        if (b->rows[i - 1].local_ns > b->rows[i].local_ns) {
            qsort(b->rows, b->count, sizeof *b->rows, by_start);
            return;
        }
}

static int64_t day_of(td_ns local_ns)
{
    return local_ns / TD_DAY - (local_ns % TD_DAY < 0);
}

/* Both in order. Of two bars with one start the new one counts on its own day, else the one that is there. */
static enum td_err join_bars(const struct bars *there, const struct bars *new, int64_t day,
                             struct bars *out)
{
    enum td_err err = TD_OK;
    for (size_t a = 0, b = 0; (a < there->count || b < new->count) && !err;) {
        const struct td_bar_row *x = a < there->count ? &there->rows[a] : NULL;
        const struct td_bar_row *y = b < new->count ? &new->rows[b] : NULL;
        const int order = !x ? 1 : !y ? -1 : by_start(x, y);
        const bool take_new = order > 0 || (order == 0 && day_of(y->local_ns) == day);
        a += order <= 0;
        b += order >= 0;
        err = keep_bar(out, take_new ? y : x);
    }
    return err;
}

/* ---- reading back ---- */

struct comparing {
    const struct bars *expected;
    size_t at;
};

/* As near as a double can tell. */
static bool same_number(int64_t a, int64_t b)
{
    const uint64_t off = a > b ? (uint64_t)a - (uint64_t)b : (uint64_t)b - (uint64_t)a;
    const uint64_t size = a < 0 ? 0 - (uint64_t)a : (uint64_t)a;
    return off <= size >> 51;
}

static enum td_err compare_bar(void *arg, const struct td_bar_row *row)
{
    struct comparing *c = arg;
    if (c->at == c->expected->count)
        return TD_ECORRUPT;
    const struct td_bar_row *want = &c->expected->rows[c->at++];
    const struct td_bar *x = &want->bar, *y = &row->bar;
    const int64_t pairs[][2] = {{x->open.e9, y->open.e9},     {x->high.e9, y->high.e9},
                                {x->low.e9, y->low.e9},       {x->close.e9, y->close.e9},
                                {x->volume.e9, y->volume.e9}, {x->wap.e9, y->wap.e9}};
    bool same = want->local_ns == row->local_ns && x->count == y->count;
    for (size_t i = 0; i < TD_COUNT(pairs); i++)
        same = same && same_number(pairs[i][0], pairs[i][1]);
    return same ? TD_OK : TD_ECORRUPT;
}

static enum td_err read_back(const struct td_import_item *it, const struct bars *written,
                             struct td_fail *why)
{
    struct comparing c = {.expected = written};
    enum td_err err = td_bars_read(it->im->world, it->dest, compare_bar, &c, why);
    if (!err && c.at != written->count)
        err = TD_ECORRUPT;
    return err ? td_fail_set(why, err, "%s: read back, bar %zu of %s is not what was written",
                             it->path, c.at, it->place)
               : TD_OK;
}

/* ---- bars ---- */

static enum td_err write_bars(struct td_import_item *it, const struct bars *b, struct td_fail *why)
{
    enum td_err err = td_bars_write_parquet(it->im->world, it->dest, b->rows, b->count, why);
    it->written = b->count;
    return err ? err : read_back(it, b, why);
}

/* The month as it is now, with the bars of this file. */
static enum td_err write_month(struct td_import_item *it, struct bars *new, struct td_fail *why)
{
    struct bars there = {.count = 0}, month = {.count = 0};
    enum td_err err = TD_OK;
    sort_bars(new);
    if (td_entry_at(it->im->world, it->dest) == TD_ENTRY_FILE)
        err = td_bars_read(it->im->world, it->dest, keep_bar, &there, why);
    if (err) {
        (void)td_fail_add(why, err, "%s: its month cannot be added to", it->path);
    } else {
        sort_bars(&there);
        err = join_bars(&there, new, it->name.day, &month);
        err = err ? td_fail_set(why, err, "%s: %s", it->place, td_err_text(err))
                  : write_bars(it, &month, why);
    }
    free(there.rows);
    free(month.rows);
    return err;
}

static enum td_err read_bars(struct td_import_item *it, struct bars *b, size_t *others,
                             struct td_fail *why)
{
    enum td_err err = td_bars_read(it->im->world, it->path, keep_bar, b, why);
    if (!err)
        err = td_bars_others(it->im->world, it->path, others, why);
    if (!err && b->count == 0)
        err = td_fail_set(why, TD_EPARSE, "%s: no bars", it->path);
    it->rows = b->count;
    return err;
}

static enum td_err import_bars(struct td_import_item *it, struct td_fail *why)
{
    struct bars b = {.count = 0};
    size_t others = 0;
    const bool dry = it->im->o->dry_run;
    enum td_err err = read_bars(it, &b, &others, why);
    if (!err)
        err = td_import_place_series(it, true, why);
    if (!err && !dry)
        err = td_import_prepare(it, why);
    if (!err && !dry)
        err = td_import_is_monthly(&it->name) ? write_month(it, &b, why) : write_bars(it, &b, why);
    it->im->report->columns_left += err ? 0 : others;
    free(b.rows);
    return err;
}

/* ---- lists ---- */

static enum td_err import_list(struct td_import_item *it, struct td_fail *why)
{
    struct td_world *world = it->im->world;
    struct td_table_parquet made = {0};
    enum td_err err = td_table_copy(world, it->path, NULL, &made, why);
    if (!err)
        err = td_import_place_list(it, why);
    if (!err && !it->im->o->dry_run) {
        err = td_import_prepare(it, why);
        if (!err)
            err = td_table_copy(world, it->path, it->dest, &made, why);
    }
    it->rows = made.rows;
    return err;
}

enum td_err td_import_columns(struct td_import_item *it, struct td_fail *why)
{
    return it->name.kind ? import_list(it, why) : import_bars(it, why);
}
