/* store/bars_read.c - bars out of Parquet and Feather files. */
#include "store/bars_read.h"

#include <math.h>
#include <string.h>

#include "store/table_file.h"

enum { OPEN, HIGH, LOW, CLOSE, VOLUME, WAP, COUNT, START, COLUMNS };

static const struct {
    const char *names[3];
    bool needed;
} wanted[COLUMNS] = {
    [OPEN] = {{"open"}, true},
    [HIGH] = {{"high"}, true},
    [LOW] = {{"low"}, true},
    [CLOSE] = {{"close"}, true},
    [VOLUME] = {{"volume"}, false},
    [WAP] = {{"wap", "average"}, false},
    [COUNT] = {{"count", "barCount"}, false},
    [START] = {{"datetime", "date", "__index_level_0__"}, true},
};

struct picked {
    int column[COLUMNS]; /* -1: not in this file */
    enum td_pq_type type[COLUMNS];
    size_t load[COLUMNS]; /* the ones that are there */
    int role[COLUMNS];
    size_t count;
};

static bool fits(int role, const struct td_pq_column *c)
{
    if (c->list)
        return false;
    if (role == START)
        return c->type == TD_PQ_INT64 && c->logical == TD_PQ_TIME_NS_LOCAL;
    return c->logical != TD_PQ_TIME_NS && c->logical != TD_PQ_TIME_NS_LOCAL &&
           (c->type == TD_PQ_DOUBLE || c->type == TD_PQ_INT64 || c->type == TD_PQ_INT32);
}

static enum td_err pick(const struct td_table_file *f, struct picked *p, struct td_fail *why)
{
    char index[TD_PQ_NAME_CHARS];
    *p = (struct picked){.count = 0};
    for (int role = 0; role < COLUMNS; role++) {
        int at = role == START && td_table_file_index(f, index, sizeof index)
                     ? td_table_file_find(f, index)
                     : -1;
        for (size_t n = 0; at < 0 && n < TD_COUNT(wanted[role].names); n++)
            if (wanted[role].names[n])
                at = td_table_file_find(f, wanted[role].names[n]);
        p->column[role] = at;
        if (at < 0 && wanted[role].needed)
            return td_fail_set(why, TD_EPARSE, "not a file of bars: no column %s",
                               wanted[role].names[0]);
        if (at < 0)
            continue;
        const struct td_pq_column *c = td_table_file_column_at(f, (size_t)at);
        if (role == START && c->logical == TD_PQ_TIME_NS)
            return td_fail_set(why, TD_EUNSUP,
                               "column %s has a zone; bars carry the exchange's wall clock: "
                               "tz_convert('America/New_York').tz_localize(None)",
                               c->name);
        if (!fits(role, c))
            return td_fail_set(why, TD_EPARSE, "not a file of bars: type of column %s", c->name);
        p->type[role] = c->type;
        p->role[p->count] = role;
        p->load[p->count++] = (size_t)at;
    }
    return TD_OK;
}

/* One number of a column, NaN where there is none. */
static double number_at(const struct td_pq_values *v, enum td_pq_type type, size_t i)
{
    if (!v->values || (v->present && !v->present[i]))
        return NAN;
    return type == TD_PQ_DOUBLE  ? ((const double *)v->values)[i]
           : type == TD_PQ_INT64 ? (double)((const int64_t *)v->values)[i]
                                 : (double)((const int32_t *)v->values)[i];
}

static enum td_err e9_of(double value, int64_t *out)
{
    *out = TD_E9_NONE;
    return isnan(value) ? TD_OK : td_e9_from_double(value, out);
}

static enum td_err make_row(const struct picked *p, const struct td_pq_values *v, size_t i,
                            struct td_bar_row *out)
{
    struct td_bar *b = &out->bar;
    int64_t *const into[] = {&b->open.e9,  &b->high.e9,   &b->low.e9,
                             &b->close.e9, &b->volume.e9, &b->wap.e9};
    const struct td_pq_values *start = &v[START];
    memset(out, 0, sizeof *out);
    if (start->present && !start->present[i])
        return TD_EPARSE;
    out->local_ns = ((const int64_t *)start->values)[i];
    for (int role = OPEN; role <= WAP; role++) {
        const enum td_err err = e9_of(number_at(&v[role], p->type[role], i), into[role]);
        if (err)
            return err;
        if (role <= CLOSE && *into[role] == TD_E9_NONE)
            return TD_EPARSE;
    }
    const double count = number_at(&v[COUNT], p->type[COUNT], i);
    b->count = count >= 0 && count <= INT32_MAX ? (int32_t)count : -1;
    return TD_OK;
}

static enum td_err read_group(struct td_table_file *f, const struct picked *p, size_t group,
                              td_bars_sink *sink, void *arg, struct td_fail *why)
{
    struct td_pq_values loaded[COLUMNS], v[COLUMNS];
    struct td_bar_row row;
    memset(v, 0, sizeof v);
    enum td_err err = td_table_file_load(f, group, p->load, p->count, loaded, why);
    for (size_t c = 0; c < p->count && !err; c++)
        v[p->role[c]] = loaded[c];
    for (size_t i = 0; !err && i < v[START].rows; i++) {
        err = make_row(p, v, i, &row);
        if (err)
            return td_fail_set(why, err, "row %zu of group %zu: a value is missing or out of range",
                               i + 1, group + 1);
        err = sink(arg, &row);
        if (err)
            return td_fail_set(why, err, "%s", td_err_text(err));
    }
    return err;
}

enum td_err td_bars_read(struct td_world *world, const char *path, td_bars_sink *sink, void *arg,
                         struct td_fail *why)
{
    struct td_table_file *f;
    struct picked p;
    enum td_err err = td_table_file_open(&f, world, path, why);
    if (err)
        return err;
    err = pick(f, &p, why);
    for (size_t g = 0; g < td_table_file_groups(f) && !err; g++)
        err = read_group(f, &p, g, sink, arg, why);
    td_table_file_close(f);
    return err ? td_fail_add(why, err, "%s", path) : TD_OK;
}

enum td_err td_bars_others(struct td_world *world, const char *path, size_t *count,
                           struct td_fail *why)
{
    struct td_table_file *f;
    struct picked p;
    enum td_err err = td_table_file_open(&f, world, path, why);
    if (err)
        return err;
    err = pick(f, &p, why);
    if (!err)
        *count = td_table_file_columns(f) - p.count;
    td_table_file_close(f);
    return err ? td_fail_add(why, err, "%s", path) : TD_OK;
}
