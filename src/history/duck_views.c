/* history/duck_views.c - views over files, and copies of what DuckDB does not read by itself. */
#include "history/duck_views.h"

#include <math.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "store/bars_read.h"
#include "store/table_file.h"

#define SQL_BYTES   ((size_t)8 << 20)
#define FILES_LIMIT 50000 /* of bars */

struct maker {
    struct td_duck *d;
    struct td_world *world;
    const struct td_duck_places *places;
    const char *sql;
    struct td_text t; /* the statement under work, SQL_BYTES */
    struct td_fail *why;
};

/* ---- pieces of statements ---- */

/* 'text' with its quotes doubled. */
static void put_quoted(struct td_text *t, const char *text)
{
    td_text_char(t, '\'');
    for (; *text; text++) {
        if (*text == '\'')
            td_text_char(t, '\'');
        td_text_char(t, *text);
    }
    td_text_char(t, '\'');
}

/* A path in which only our own pattern is one: [, * and ? of the folder's name stand for themselves. */
static void put_pattern(struct td_text *t, const char *folder, const char *pattern)
{
    td_text_char(t, '\'');
    for (; *folder; folder++) {
        if (strchr("[*?", *folder))
            td_text_printf(t, "[%c]", *folder);
        else
            td_text_printf(t, "%s%c", *folder == '\'' ? "'" : "", *folder);
    }
    td_text_printf(t, "/%s'", pattern);
}

static enum td_err run(struct maker *m)
{
    if (td_text_full(&m->t))
        return td_fail_set(m->why, TD_EFULL, "too many files for one view");
    return td_duck_run(m->d, m->t.buf, m->why);
}

static bool in_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* Whether the query has that word: then it may want the table. A needless copy is no fault. */
static bool asked_for(const struct maker *m, const char *name)
{
    const size_t n = strlen(name);
    for (const char *p = m->sql; *p; p++)
        if (strncasecmp(p, name, n) == 0 && !in_word(p[n]) && (p == m->sql || !in_word(p[-1])))
            return true;
    return false;
}

/* ---- level-2 files ---- */

static bool take_first(void *arg, const struct td_str *cells, size_t count)
{
    bool *some = arg;
    (void)cells, (void)count;
    *some = true;
    return false;
}

static bool take_names(void *arg, const struct td_str *cells, size_t count)
{
    (void)arg, (void)cells, (void)count;
    return true;
}

/* Whether a pattern has a file. */
static enum td_err has_file(struct maker *m, const char *folder, const char *pattern, bool *some)
{
    const struct td_duck_sink sink = {take_names, take_first, some};
    *some = false;
    td_text_reset(&m->t);
    td_text_put(&m->t, "SELECT 1 FROM glob(");
    put_pattern(&m->t, folder, pattern);
    td_text_put(&m->t, ") LIMIT 1");
    return td_duck_select(m->d, m->t.buf, TD_DUCK_TEXT, &sink, m->why);
}

struct source {
    const char *folder, *under, *pattern;
};

/* The patterns that have files, as a list for read_parquet; empty when none has. */
static enum td_err file_list(struct maker *m, const struct source *s, size_t count,
                             struct td_text *list)
{
    for (size_t i = 0; i < count; i++) {
        char folder[1200];
        bool some;
        if (!s[i].folder || !*s[i].folder)
            continue;
        const char *from = strncmp(s[i].folder, "./", 2) == 0 ? s[i].folder + 2 : s[i].folder;
        (void)snprintf(folder, sizeof folder, "%s%s%s", from, *s[i].under ? "/" : "", s[i].under);
        const enum td_err err = has_file(m, folder, s[i].pattern, &some);
        if (err)
            return err;
        char one[1400];
        struct td_text t;
        td_text_init(&t, one, sizeof one);
        put_pattern(&t, folder, s[i].pattern);
        if (some && !strstr(list->buf, one)) /* the recordings may lie in the data root */
            td_text_printf(list, "%s%s", list->len ? ", " : "", one);
    }
    return TD_OK;
}

/* The folder's name is the symbol. */
#define SYMBOL_OF_FILE "regexp_extract(filename, '([^/]+)/[^/]+$', 1)"

static const char no_snapshots[] =
    "CREATE VIEW snapshots AS SELECT '' AS symbol, TIMESTAMPTZ '1970-01-01' AS ts, "
    "[0.0::DOUBLE] AS bid_prices, [0::BIGINT] AS bid_sizes, [0.0::DOUBLE] AS ask_prices, "
    "[0::BIGINT] AS ask_sizes, '' AS file WHERE false";
static const char no_events[] =
    "CREATE VIEW l2_events AS SELECT 0::BIGINT AS timestamp_ns, '' AS action, '' AS side, "
    "0.0::DOUBLE AS price, 0.0::DOUBLE AS size, 0 AS level, '' AS exchange, '' AS symbol, "
    "'' AS source, '' AS file WHERE false";
static const char levels[] =
    "CREATE VIEW levels AS SELECT symbol, ts, side, level, price, size, file FROM ("
    "SELECT symbol, ts, 'bid' AS side, unnest(range(len(bid_prices))) AS level, "
    "unnest(bid_prices) AS price, unnest(bid_sizes) AS size, file FROM snapshots UNION ALL "
    "SELECT symbol, ts, 'ask', unnest(range(len(ask_prices))), unnest(ask_prices), "
    "unnest(ask_sizes), file FROM snapshots) WHERE size <> 0";

static enum td_err make_levels(struct maker *m)
{
    static const char live[] = "*/*_snapshots_[0-9]*.parquet", book[] = "*/*_book_*.parquet";
    static const char events[] = "*/*_snapshots_databento.parquet";
    const struct td_duck_places *p = m->places;
    const struct source snapshots[] = {{p->data, "level2", live},
                                       {p->data, "Level2", live},
                                       {p->live, "", live},
                                       {p->data, "Level2", book},
                                       {p->data, "level2", book}};
    const struct source tables[] = {{p->data, "Level2", events}, {p->data, "level2", events}};
    char files[8192];
    struct td_text list;
    td_text_init(&list, files, sizeof files);
    enum td_err err = file_list(m, snapshots, TD_COUNT(snapshots), &list);
    td_text_reset(&m->t);
    if (list.len)
        td_text_printf(&m->t,
                       "CREATE VIEW snapshots AS SELECT " SYMBOL_OF_FILE
                       " AS symbol, CAST(timestamp AS TIMESTAMPTZ) AS ts, "
                       "* EXCLUDE (timestamp, filename), filename AS file FROM read_parquet([%s], "
                       "union_by_name = true, filename = true)",
                       files);
    else
        td_text_put(&m->t, no_snapshots);
    if (!err)
        err = run(m);
    if (!err)
        err = td_duck_run(m->d, levels, m->why);
    td_text_reset(&list);
    if (!err)
        err = file_list(m, tables, TD_COUNT(tables), &list);
    td_text_reset(&m->t);
    if (list.len)
        td_text_printf(
            &m->t,
            "CREATE VIEW l2_events AS SELECT * EXCLUDE (filename), filename AS file FROM "
            "read_parquet([%s], union_by_name = true, filename = true)",
            files);
    else
        td_text_put(&m->t, no_events);
    return err ? err : run(m);
}

/* ---- bars ---- */

struct bar_names {
    struct maker *m;
    char folder[1100];
    char **names;
    size_t count, cap;
    enum td_err err;
};

static bool see_bars(void *arg, const char *name, enum td_entry_kind kind)
{
    struct bar_names *b = arg;
    const size_t n = strlen(name);
    if (kind != TD_ENTRY_FILE || name[0] == '.' || n < 5 || !strstr(name, "_USUSD_") ||
        (strcmp(name + n - 4, ".ftr") != 0 && (n < 9 || strcmp(name + n - 8, ".parquet") != 0)))
        return true;
    if (b->count == FILES_LIMIT) {
        b->err = TD_EFULL;
        return false;
    }
    if (b->count == b->cap) {
        const size_t cap = b->cap ? 2 * b->cap : 256;
        char **larger = realloc(b->names, cap * sizeof *larger);
        if (!larger) {
            b->err = TD_ENOMEM;
            return false;
        }
        b->names = larger;
        b->cap = cap;
    }
    char *copy = malloc(n + 1);
    b->err = copy ? TD_OK : TD_ENOMEM;
    if (copy) {
        memcpy(copy, name, n + 1);
        b->names[b->count++] = copy;
    }
    return b->err == TD_OK;
}

struct copying {
    struct td_duck_filler *f;
    const char *path;
};

static void put_e9(struct td_duck_filler *f, int64_t e9)
{
    if (e9 == TD_E9_NONE)
        td_duck_put_null(f);
    else
        td_duck_put_double(f, td_e9_to_double(e9));
}

static enum td_err copy_bar(void *arg, const struct td_bar_row *row)
{
    const struct copying *c = arg;
    td_duck_put_text(c->f, td_str_of(c->path));
    td_duck_put_i64(c->f, row->local_ns);
    const int64_t values[] = {row->bar.open.e9,  row->bar.high.e9,   row->bar.low.e9,
                              row->bar.close.e9, row->bar.volume.e9, row->bar.wap.e9};
    for (size_t i = 0; i < TD_COUNT(values); i++)
        put_e9(c->f, values[i]);
    if (row->bar.count < 0)
        td_duck_put_null(c->f);
    else
        td_duck_put_i64(c->f, row->bar.count);
    td_duck_end_row(c->f);
    return TD_OK;
}

/* Feather files into the table; Parquet files' paths into the statement. Others are left out. */
static enum td_err sort_bars(struct bar_names *b, struct td_duck_filler *f, size_t *parquet)
{
    *parquet = 0;
    for (size_t i = 0; i < b->count; i++) {
        char path[1400];
        enum td_table_form form;
        (void)snprintf(path, sizeof path, "%s/%s", b->folder, b->names[i]);
        enum td_err err = td_table_sniff(b->m->world, path, &form, b->m->why);
        if (!err && form == TD_TABLE_FEATHER) {
            struct copying copying = {f, path};
            err = td_bars_read(b->m->world, path, copy_bar, &copying, b->m->why);
        } else if (!err && form == TD_TABLE_PARQUET) {
            td_text_put(&b->m->t, (*parquet)++ ? ", " : "");
            put_quoted(&b->m->t, path);
        }
        if (err)
            return err;
    }
    return TD_OK;
}

#define BAR_COLUMNS "ts, open, high, low, close, volume, wap, count, file"

static enum td_err make_bars(struct maker *m)
{
    struct bar_names b = {.m = m};
    struct td_duck_filler *f = NULL;
    size_t parquet = 0;
    (void)snprintf(b.folder, sizeof b.folder, "%s/IBDownloads", m->places->data);
    enum td_err err =
        td_duck_run(m->d,
                    "CREATE TABLE bars_copied (file VARCHAR, ns BIGINT, open DOUBLE, high DOUBLE, "
                    "low DOUBLE, close DOUBLE, volume DOUBLE, wap DOUBLE, count BIGINT)",
                    m->why);
    if (!err && asked_for(m, "bars") && td_entry_at(m->world, b.folder) == TD_ENTRY_FOLDER) {
        err = td_folder_list(m->world, b.folder, see_bars, &b);
        if (err || b.err)
            err = td_fail_set(m->why, err ? err : b.err, "%s: %s", b.folder,
                              td_err_text(err ? err : b.err));
    }
    td_text_reset(&m->t);
    td_text_put(&m->t, "CREATE VIEW bars AS WITH all_bars AS (SELECT make_timestamp_ns(ns) AS ts, "
                       "open, high, low, close, volume, wap, count, file FROM bars_copied");
    if (!err)
        err = td_duck_fill(m->d, "bars_copied", &f, m->why);
    const size_t mark = m->t.len;
    td_text_put(&m->t, " UNION ALL SELECT CAST(datetime AS TIMESTAMP_NS), open, high, low, close, "
                       "volume, wap, count, filename FROM read_parquet([");
    if (!err)
        err = sort_bars(&b, f, &parquet);
    if (f) {
        const enum td_err ended = td_duck_fill_end(f, err ? NULL : m->why);
        err = err ? err : ended;
    }
    for (size_t i = 0; i < b.count; i++)
        free(b.names[i]);
    free(b.names);
    if (parquet)
        td_text_put(&m->t, "], union_by_name = true, filename = true)");
    else
        m->t.len = mark;
    td_text_put(&m->t, ") SELECT regexp_extract(file, '([^/]+)_USUSD_', 1) AS symbol, "
                       "regexp_extract(file, '_USUSD_(.+)_[0-9-]{10}[.]', 1) AS bar_size, "
                       "regexp_extract(file, '([0-9-]{10})[.][a-z]+$', 1) AS day, " BAR_COLUMNS
                       " FROM all_bars");
    return err ? err : run(m);
}

/* ---- orders.db ---- */

static const char *const tables[] = {"orders",  "executions", "trades", "positions",
                                     "account", "signals",    "events"};

enum cell { CELL_INT, CELL_REAL, CELL_TEXT };

static enum cell cell_of(const char *declared)
{
    if (!declared)
        return CELL_TEXT;
    return strcasecmp(declared, "INTEGER") == 0 || strcasecmp(declared, "INT") == 0 ? CELL_INT
           : strcasecmp(declared, "TEXT") == 0                                      ? CELL_TEXT
                                                                                    : CELL_REAL;
}

static void put_cell(struct td_duck_filler *f, sqlite3_stmt *row, int c, enum cell cell)
{
    if (sqlite3_column_type(row, c) == SQLITE_NULL) {
        td_duck_put_null(f);
    } else if (cell == CELL_INT) {
        td_duck_put_i64(f, sqlite3_column_int64(row, c));
    } else if (cell == CELL_REAL) {
        td_duck_put_double(f, sqlite3_column_double(row, c));
    } else {
        const char *text = (const char *)sqlite3_column_text(row, c);
        td_duck_put_text(f, (struct td_str){text, (size_t)sqlite3_column_bytes(row, c)});
    }
}

/* The table with its columns; its rows when the query names it. */
static enum td_err copy_table(struct maker *m, sqlite3 *db, sqlite3_stmt *rows, const char *table)
{
    static const char *const types[] = {"BIGINT", "DOUBLE", "VARCHAR"};
    const int columns = sqlite3_column_count(rows);
    enum cell cells[128];
    struct td_duck_filler *f;
    TD_REQUIRE(columns > 0 && columns <= (int)TD_COUNT(cells)); /* our own schema */
    td_text_reset(&m->t);
    td_text_printf(&m->t, "CREATE TABLE %s (", table);
    for (int c = 0; c < columns; c++) {
        cells[c] = cell_of(sqlite3_column_decltype(rows, c));
        td_text_printf(&m->t, "%s\"%s\" %s", c ? ", " : "", sqlite3_column_name(rows, c),
                       types[cells[c]]);
    }
    td_text_put(&m->t, ")");
    enum td_err err = run(m);
    if (err || !asked_for(m, table))
        return err;
    err = td_duck_fill(m->d, table, &f, m->why);
    if (err)
        return err;
    int step;
    while ((step = sqlite3_step(rows)) == SQLITE_ROW) {
        for (int c = 0; c < columns; c++)
            put_cell(f, rows, c, cells[c]);
        td_duck_end_row(f);
    }
    err = td_duck_fill_end(f, m->why);
    if (!err && step != SQLITE_DONE)
        err =
            td_fail_set(m->why, TD_EIO, "%s: %s: %s", m->places->orders, table, sqlite3_errmsg(db));
    return err;
}

static enum td_err copy_orders(struct maker *m)
{
    sqlite3 *db = NULL;
    enum td_err err = TD_OK;
    if (sqlite3_open_v2(m->places->orders, &db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK)
        err = td_fail_set(m->why, TD_EIO, "%s: %s", m->places->orders, sqlite3_errmsg(db));
    (void)sqlite3_busy_timeout(db, 5000);
    for (size_t i = 0; i < TD_COUNT(tables) && !err; i++) {
        sqlite3_stmt *rows = NULL;
        char sql[80];
        (void)snprintf(sql, sizeof sql, "SELECT * FROM %s", tables[i]);
        if (sqlite3_prepare_v2(db, sql, -1, &rows, NULL) != SQLITE_OK)
            err = td_fail_set(m->why, TD_EPARSE, "%s: %s", m->places->orders, sqlite3_errmsg(db));
        else
            err = copy_table(m, db, rows, tables[i]);
        (void)sqlite3_finalize(rows);
    }
    (void)sqlite3_close(db);
    return err;
}

static enum td_err make_orders(struct maker *m)
{
    return m->places->orders && td_entry_at(m->world, m->places->orders) == TD_ENTRY_FILE
               ? copy_orders(m)
               : TD_OK;
}

enum td_err td_duck_views(struct td_duck *d, struct td_world *world,
                          const struct td_duck_places *places, const char *sql, struct td_fail *why)
{
    struct maker m = {.d = d, .world = world, .places = places, .sql = sql, .why = why};
    char *buf = malloc(SQL_BYTES);
    if (!buf)
        return td_fail_set(why, TD_ENOMEM, "%s", td_err_text(TD_ENOMEM));
    td_text_init(&m.t, buf, SQL_BYTES);
    enum td_err err = td_duck_run(d, "SET TimeZone = 'UTC'", why);
    if (!err)
        err = make_levels(&m);
    if (!err)
        err = make_bars(&m);
    if (!err)
        err = make_orders(&m);
    free(buf);
    return err;
}
