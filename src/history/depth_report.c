/* history/depth_report.c - the passes: books, event tables. Messages have a file of their own. */
#include "history/depth_report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "history/depth_messages.h"

/* ---- books ---- */

static size_t choose_books(struct td_depth_report *r, const char **paths, size_t *of)
{
    const struct td_depth_files *f = &r->files;
    size_t n = 0;
    r->source = f->counts[TD_DEPTH_LIVE]   ? TD_DEPTH_LIVE
                : f->counts[TD_DEPTH_BOOK] ? TD_DEPTH_BOOK
                                           : TD_DEPTH_OTHER;
    for (size_t i = 0; i < f->count && r->source != TD_DEPTH_OTHER; i++)
        if (f->files[i].kind == r->source) {
            paths[n] = f->files[i].path;
            of[n++] = i;
            r->used[i] = true;
        }
    return n;
}

static void keep_facts(struct td_depth_report *r, const struct td_depth_stream *s, const size_t *of,
                       const char *const *paths)
{
    const size_t n = td_depth_stream_count(s);
    for (size_t i = 0; i < n; i++) {
        const struct td_depth_source *from = td_depth_stream_source(s, i);
        for (size_t k = 0; k < n; k++) /* the stream has them in the order of time */
            if (from->path == paths[k])
                r->facts[of[k]] = *from;
    }
}

static enum td_err read_books(struct td_depth_report *r, struct td_world *world,
                              struct td_fail *why)
{
    const char *paths[TD_DEPTH_FILES_MAX];
    size_t of[TD_DEPTH_FILES_MAX];
    struct td_depth_stream *s = NULL;
    struct td_depth_image row;
    const size_t n = choose_books(r, paths, of);
    enum td_err err =
        td_measure_open(&r->books, r->source == TD_DEPTH_LIVE ? TD_DEPTH_GAP : TD_NS_NEVER, why);
    if (err || n == 0)
        return err;
    err = td_depth_stream_open(&s, world, paths, n, why);
    while (!err) {
        err = td_depth_stream_next(s, &row, why);
        if (!err)
            td_measure_push(&r->books, &row);
    }
    if (s)
        keep_facts(r, s, of, paths);
    td_depth_stream_close(s);
    return err == TD_ENODATA ? TD_OK : err;
}

/* ---- event tables ---- */

static void add_trade(struct td_depth_trades *t, const struct td_depth_happening *e)
{
    td_px px;
    if (!(e->px > 0 && e->qty > 0 && e->qty <= TD_LADDER_QTY_MAX) ||
        td_e9_from_double(e->px, &px.e9)) {
        t->bad++;
        return;
    }
    t->count[e->side]++;
    t->volume[e->side] += e->qty;
    if (e->side != TD_ASK)
        td_profile_add(&t->traded, px, 0, e->side == TD_BID ? e->qty : e->qty / 2);
    if (e->side != TD_BID)
        td_profile_add(&t->traded, px, 1, e->side == TD_ASK ? e->qty : e->qty / 2);
}

static void add_event(struct td_depth_trades *t, const struct td_depth_happening *e, td_ns before)
{
    t->first_ns = t->rows == 0 || e->at_ns < t->first_ns ? e->at_ns : t->first_ns;
    t->last_ns = t->rows == 0 || e->at_ns > t->last_ns ? e->at_ns : t->last_ns;
    t->disordered += e->at_ns < before;
    t->rows++;
    t->by_action[e->action]++;
    if (e->action == TD_DEPTH_TRADE)
        add_trade(t, e);
}

static enum td_err read_table(struct td_depth_report *r, struct td_world *world, size_t i,
                              struct td_fail *why)
{
    struct td_depth_table *table;
    struct td_depth_source *facts = &r->facts[i];
    enum td_err err = td_depth_table_open(&table, world, r->files.files[i].path, why);
    if (err)
        return err;
    r->trades.legacy_files += td_depth_table_legacy(table);
    facts->path = r->files.files[i].path;
    for (td_ns before = INT64_MIN; !err;) {
        struct td_depth_happening e;
        err = td_depth_table_next(table, &e, why);
        if (err)
            break;
        add_event(&r->trades, &e, before);
        facts->first_ns = facts->rows == 0 || e.at_ns < facts->first_ns ? e.at_ns : facts->first_ns;
        facts->last_ns = facts->rows == 0 || e.at_ns > facts->last_ns ? e.at_ns : facts->last_ns;
        facts->rows++;
        facts->disordered += e.at_ns < before;
        before = e.at_ns;
    }
    td_depth_table_close(table);
    if (err == TD_ENODATA)
        return TD_OK;
    return td_fail_add(why, err, "reading %s", r->files.files[i].path);
}

static enum td_err read_tables(struct td_depth_report *r, struct td_world *world,
                               struct td_fail *why)
{
    enum td_err err = TD_OK;
    if (r->files.counts[TD_DEPTH_EVENTS] == 0)
        return TD_OK;
    r->trades.rows_of = calloc(2 * (size_t)TD_MEASURE_PRICES, sizeof *r->trades.rows_of);
    if (!r->trades.rows_of)
        return td_fail_set(why, TD_ENOMEM, "no memory for the trades");
    td_profile_init(&r->trades.traded, r->trades.rows_of, TD_MEASURE_PRICES);
    for (size_t i = 0; i < r->files.count && !err; i++)
        if (r->files.files[i].kind == TD_DEPTH_EVENTS) {
            r->used[i] = true;
            err = read_table(r, world, i, why);
        }
    (void)td_profile_sort(&r->trades.traded);
    return err;
}

enum td_err td_depth_report_make(struct td_depth_report *r, struct td_world *world,
                                 const struct td_depth_ask *ask, struct td_fail *why)
{
    memset(r, 0, sizeof *r);
    r->symbol = ask->symbol;
    r->day = ask->day;
    r->made_ns = td_world_now(world);
    enum td_err err =
        td_depth_files_find(&r->files, world, ask->folder, ask->symbol, ask->day, why);
    if (!err)
        err = read_books(r, world, why);
    if (!err)
        td_measure_finish(&r->books);
    if (!err)
        err = td_depth_messages_read(r, world, why);
    if (!err)
        err = read_tables(r, world, why);
    if (!err && r->books.quality.rows + r->messages.count + r->trades.rows == 0)
        return td_fail_set(why, TD_ENODATA,
                           "%zu files of %s on %s, the first %s, and no row of books, messages or "
                           "events in them",
                           r->files.count, ask->symbol, ask->day, r->files.files[0].path);
    return err;
}

void td_depth_report_fini(struct td_depth_report *r)
{
    td_measure_close(&r->books);
    free(r->messages.nodes);
    free(r->trades.rows_of);
    r->messages.nodes = NULL;
    r->trades.rows_of = NULL;
}
