/* history/feature_table.c - bars of a file as the inputs of features. */
#include "history/feature_table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "history/feature_book.h"
#include "desk/zone.h"
#include "store/columns_file.h"

void td_feature_table_free(struct td_feature_table *t)
{
    free(t->at);
    t->at = NULL;
    for (int i = 0; i < TD_BAR_COUNT; i++) {
        free(t->column[i]);
        t->column[i] = NULL;
    }
}

/* ---- clock ---- */

static enum td_err set_clock(struct td_feature_table *t, struct td_world *world,
                             const struct td_feature_source *source, struct td_fail *why)
{
    const bool none = strcmp(source->calendar, "none") == 0;
    t->clock = (struct td_feature_clock){.calendar = td_calendar_find(td_str_of(source->calendar)),
                                         .zone = &t->zone,
                                         .regular = source->regular};
    if (!none && !t->clock.calendar)
        return td_fail_set(why, TD_EINVAL, "no calendar \"%s\"; expected XNYS, CMES or none",
                           source->calendar);
    if (!none && strcmp(source->zone, TD_ZONE_NEW_YORK) != 0)
        return td_fail_set(why, TD_EINVAL, "calendar %s is of " TD_ZONE_NEW_YORK ", not of %s",
                           source->calendar, source->zone);
    return td_zone_load(world, source->zone, &t->zone, why);
}

/* Times of a file as UTC. TD_EPARSE when the clock's change makes two of one. */
static enum td_err load_times(struct td_columns_file *f, const struct td_tz *zone, size_t rows,
                              td_ns **out, struct td_fail *why)
{
    bool zoned;
    td_ns *at = NULL;
    const enum td_err err = td_columns_times(f, &at, rows, &zoned, why);
    if (err)
        return err;
    for (size_t i = 0; i < rows && !zoned; i++) {
        struct td_civil civil;
        td_civil_from_ns(at[i], &civil);
        at[i] = td_tz_instant(zone, &civil);
        if (i == 0 || at[i] > at[i - 1])
            continue;
        free(at);
        return td_fail_set(why, TD_EPARSE,
                           "row %zu: on the clock of %s it is not after the row before", i,
                           zone->name);
    }
    *out = at;
    return TD_OK;
}

static td_ns least_distance(const td_ns *at, size_t rows)
{
    td_ns least = 0;
    for (size_t i = 1; i < rows; i++)
        if (least == 0 || at[i] - at[i - 1] < least)
            least = at[i] - at[i - 1];
    return least;
}

static enum td_err set_span(struct td_feature_table *t, const struct td_feature_source *source,
                            struct td_fail *why)
{
    const td_ns least = least_distance(t->at, t->rows);
    t->span = source->span > 0 ? source->span : least;
    if (t->span <= 0)
        return td_fail_set(why, TD_EINVAL,
                           "%s: one row does not tell how long a bar is; give --span",
                           source->path);
    if (least > 0 && t->span > least)
        return td_fail_set(why, TD_EINVAL, "%s: bars of %lld s overlap: two begin %lld s apart",
                           source->path, (long long)(t->span / TD_SEC),
                           (long long)(least / TD_SEC));
    return TD_OK;
}

/* ---- columns ---- */

static bool is_of_clock(int input)
{
    return input >= TD_BAR_HOUR && input <= TD_BAR_TO_CLOSE;
}

static enum td_err load_columns(struct td_feature_table *t, struct td_columns_file *f,
                                const char *path, const bool *uses, struct td_fail *why)
{
    int columns[TD_BAR_COUNT], inputs[TD_BAR_COUNT], count = 0;
    double *values[TD_BAR_COUNT];
    for (int i = 0; i < TD_BAR_COUNT; i++) {
        columns[count] = is_of_clock(i) ? -1 : td_columns_find(f, td_bar_input_name(i));
        if (columns[count] >= 0 && (uses[i] || i == TD_BAR_CLOSE))
            inputs[count++] = i;
    }
    if (count == 0) {
        char names[256];
        struct td_text n;
        td_text_init(&n, names, sizeof names);
        td_columns_names(f, &n);
        return td_fail_set(why, TD_EPARSE, "%s has no column of bars; it has: %s", path, names);
    }
    const enum td_err err = td_columns_load(f, columns, count, values, &t->rows, why);
    for (int k = 0; k < count && !err; k++)
        t->column[inputs[k]] = values[k];
    if (!err && t->rows > TD_FEATURE_ROWS_MAX)
        return td_fail_set(why, TD_ERANGE, "%zu rows; %zu are possible", t->rows,
                           TD_FEATURE_ROWS_MAX);
    return err;
}

/* Whether the file holds books: a Databento file, or a table with the columns of snapshots. */
static enum td_err find_books(struct td_world *world, const char *path, bool *books,
                              struct td_fail *why)
{
    struct td_columns_file *f = NULL;
    enum td_err err = td_book_feed_is_dbn(world, path, books, why);
    if (err || *books)
        return err;
    err = td_columns_open(&f, world, path, why);
    *books = !err && td_columns_find(f, "bid_prices") >= 0;
    td_columns_close(f);
    return err;
}

static enum td_err load_file(struct td_feature_table *t, struct td_world *world, const char *path,
                             const bool *uses, struct td_fail *why)
{
    struct td_columns_file *f = NULL;
    enum td_err err = td_columns_open(&f, world, path, why);
    if (!err)
        err = load_columns(t, f, path, uses, why);
    if (!err)
        err = load_times(f, &t->zone, t->rows, &t->at, why);
    td_columns_close(f);
    return err;
}

static enum td_err load_bars(struct td_feature_table *t, struct td_world *world,
                             const struct td_feature_source *source, const bool *uses,
                             struct td_fail *why)
{
    bool books = false;
    enum td_err err = find_books(world, source->path, &books, why);
    if (!err && books) {
        const struct td_book_source from = {source->path, source->trades, source->instrument};
        err = td_feature_books(t, world, &from, source->micro, uses, why);
    } else if (!err && (source->trades || source->instrument)) {
        err = td_fail_set(why, TD_EINVAL, "%s holds bars; trades or an instrument go with books",
                          source->path);
    } else if (!err) {
        err = load_file(t, world, source->path, uses, why);
    }
    return err ? err : set_span(t, source, why);
}

/* ---- a second series, as of the end of its bars ---- */

struct series {
    td_ns *at;
    double *close;
    size_t rows;
};

static enum td_err load_series(struct td_world *world, const char *path, const struct td_tz *zone,
                               struct series *s, struct td_fail *why)
{
    struct td_columns_file *f = NULL;
    enum td_err err = td_columns_open(&f, world, path, why);
    const int column = err ? -1 : td_columns_find(f, "close");
    if (!err && column < 0)
        err = td_fail_set(why, TD_EPARSE, "%s has no column close", path);
    if (!err)
        err = td_columns_load(f, &column, 1, &s->close, &s->rows, why);
    if (!err)
        err = load_times(f, zone, s->rows, &s->at, why);
    td_columns_close(f);
    return err;
}

static enum td_err join_other(struct td_feature_table *t, struct td_world *world, const char *path,
                              struct td_fail *why)
{
    struct series s = {0};
    double *joined = NULL;
    enum td_err err = load_series(world, path, &t->zone, &s, why);
    if (!err && !(joined = malloc(t->rows * sizeof *joined)))
        err = td_fail_set(why, TD_ENOMEM, "%zu rows", t->rows);
    const td_ns span = err ? 0 : least_distance(s.at, s.rows);
    size_t next = 0;
    for (size_t i = 0; i < t->rows && !err; i++) {
        while (next < s.rows && s.at[next] + span <= t->at[i] + t->span)
            next++;
        joined[i] = next > 0 && span > 0 ? s.close[next - 1] : (double)NAN;
    }
    free(s.at);
    free(s.close);
    if (!err) {
        free(t->column[TD_BAR_OTHER]);
        t->column[TD_BAR_OTHER] = joined;
    }
    return err;
}

static enum td_err join_news(struct td_feature_table *t, struct td_world *world,
                             const struct td_feature_source *source, struct td_fail *why)
{
    for (int i = TD_BAR_NEWS_COUNT; i <= TD_BAR_NEWS_SCORE; i++) {
        free(t->column[i]);
        if (!(t->column[i] = malloc(t->rows * sizeof **t->column)))
            return td_fail_set(why, TD_ENOMEM, "%zu rows", t->rows);
    }
    return td_feature_news(world, source->news_root, source->symbol, source->news_window, t->at,
                           t->span, t->rows, t->column[TD_BAR_NEWS_COUNT],
                           t->column[TD_BAR_NEWS_SCORE], why);
}

enum td_err td_feature_table_load(struct td_feature_table *t, struct td_world *world,
                                  const struct td_feature_source *source, const bool *uses,
                                  struct td_fail *why)
{
    memset(t, 0, sizeof *t);
    enum td_err err = set_clock(t, world, source, why);
    if (!err)
        err = load_bars(t, world, source, uses, why);
    if (!err && uses[TD_BAR_OTHER] && source->other)
        err = join_other(t, world, source->other, why);
    if (!err && (uses[TD_BAR_NEWS_COUNT] || uses[TD_BAR_NEWS_SCORE]) && source->news_root &&
        source->symbol)
        err = join_news(t, world, source, why);
    if (err)
        td_feature_table_free(t);
    return err;
}

/* ---- rows ---- */

void td_feature_table_bar(const struct td_feature_table *t, size_t i, struct td_feature_bar *out)
{
    TD_REQUIRE(i < t->rows);
    td_feature_bar_begin(&t->clock, t->at[i], t->span, out);
    for (int k = 0; k < TD_BAR_COUNT; k++)
        if (t->column[k])
            out->x[k] = t->column[k][i];
}

static bool holds_any(const double *x, size_t rows)
{
    for (size_t i = 0; x && i < rows; i++)
        if (isfinite(x[i]))
            return true;
    return false;
}

void td_feature_table_missing(const struct td_feature_table *t, const bool *uses,
                              struct td_text *out)
{
    for (int i = 0; i < TD_BAR_COUNT; i++) {
        const bool clock = i <= TD_BAR_WEEKDAY || t->clock.calendar;
        if (uses[i] && !(is_of_clock(i) && clock) && !holds_any(t->column[i], t->rows))
            td_text_printf(out, "%s%s", out->len ? ", " : "", td_bar_input_name(i));
    }
}

/* Other numbers of the same kind: a test of look-ahead must not find them too regular. */
static void change(struct td_feature_bar *bar, size_t i)
{
    const double factor = 1.5 + (double)(i * 7 % 11) / 20;
    for (int k = 0; k < TD_BAR_COUNT; k++)
        if (!is_of_clock(k))
            bar->x[k] = bar->x[k] * factor + (k > TD_BAR_OTHER);
}

enum td_err td_feature_table_run(const struct td_feature_table *t, const struct td_feature_set *set,
                                 size_t first, size_t rows, size_t changed, double *const *out,
                                 struct td_fail *why)
{
    double values[TD_FEATURE_VECTOR_MAX];
    struct td_feature_bar bar;
    enum td_err err = TD_OK;
    void *state = malloc(td_features_state_size(set));
    TD_REQUIRE(first + rows <= t->rows);
    if (!state)
        return td_fail_set(why, TD_ENOMEM, "%zu bytes of state", td_features_state_size(set));
    td_features_init(set, state);
    for (size_t i = 0; i < rows && !err; i++) {
        td_feature_table_bar(t, first + i, &bar);
        if (first + i >= changed)
            change(&bar, first + i);
        err = td_features_step(set, state, &bar, values);
        for (int32_t k = 0; k < set->count && !err; k++)
            out[k][i] = values[k];
    }
    free(state);
    return err ? td_fail_set(why, err, "row %zu: %s", first, td_err_text(err)) : TD_OK;
}
