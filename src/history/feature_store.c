/* history/feature_store.c - the index of kept features in SQLite, and where their files lie. */
#include "history/feature_store.h"

#include <math.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "market/instrument.h"

#define APPLICATION_ID "1952736852" /* in the file's header: nobody else's database is touched */
#define SCHEMA_VERSION "1"
#define PATH_CHARS     900

static const char schema[] =
    "CREATE TABLE versions (id INTEGER PRIMARY KEY, name TEXT NOT NULL, version INTEGER NOT NULL, "
    "hash TEXT NOT NULL,"
    " made TEXT NOT NULL, definition TEXT NOT NULL, UNIQUE (name, version)) STRICT;"
    "CREATE TABLE days (version_id INTEGER NOT NULL, symbol TEXT NOT NULL, day TEXT NOT NULL, rows "
    "INTEGER NOT NULL,"
    " last_ns INTEGER NOT NULL, since_ns INTEGER NOT NULL, PRIMARY KEY (version_id, symbol, day)) "
    "STRICT, WITHOUT ROWID;"
    "CREATE TABLE quality (version_id INTEGER NOT NULL, symbol TEXT NOT NULL, feature TEXT NOT "
    "NULL, nan_share REAL,"
    " next_correlation REAL, importance REAL, PRIMARY KEY (version_id, symbol, feature)) STRICT, "
    "WITHOUT ROWID;"
    "PRAGMA application_id = " APPLICATION_ID "; PRAGMA user_version = " SCHEMA_VERSION ";";

struct td_feature_store {
    struct td_world *world;
    sqlite3 *db;
    char folder[PATH_CHARS], path[PATH_CHARS + 16];
};

/* ---- SQLite ---- */

static enum td_err code_of(int rc)
{
    static const struct {
        int rc;
        enum td_err err;
    } rows[] = {
        {SQLITE_FULL, TD_ENOSPC},     {SQLITE_BUSY, TD_ELOCKED},    {SQLITE_CORRUPT, TD_ECORRUPT},
        {SQLITE_NOTADB, TD_EVERSION}, {SQLITE_READONLY, TD_EACCES}, {SQLITE_CANTOPEN, TD_EACCES},
        {SQLITE_NOMEM, TD_ENOMEM},
    };
    for (size_t i = 0; i < TD_COUNT(rows); i++)
        if (rows[i].rc == (rc & 0xff))
            return rows[i].err;
    return TD_EIO;
}

static enum td_err failed(const struct td_feature_store *s, int rc, struct td_fail *why)
{
    return td_fail_set(why, code_of(rc), "%s: %s", s->path,
                       s->db ? sqlite3_errmsg(s->db) : sqlite3_errstr(rc));
}

/* Binds by letters: t text, i integer, d double (NaN is NULL). The values lie in `v`. */
struct bound {
    const char *t;
    int64_t i;
    double d;
};

static enum td_err begin(const struct td_feature_store *s, const char *sql, const char *letters,
                         const struct bound *v, sqlite3_stmt **out, struct td_fail *why)
{
    int rc = sqlite3_prepare_v2(s->db, sql, -1, out, NULL);
    for (int k = 0; letters[k] && rc == SQLITE_OK; k++) {
        if (letters[k] == 't')
            rc = sqlite3_bind_text(*out, k + 1, v[k].t, -1, SQLITE_STATIC);
        else if (letters[k] == 'i')
            rc = sqlite3_bind_int64(*out, k + 1, v[k].i);
        else
            rc = isnan(v[k].d) ? sqlite3_bind_null(*out, k + 1)
                               : sqlite3_bind_double(*out, k + 1, v[k].d);
    }
    if (rc == SQLITE_OK)
        return TD_OK;
    const enum td_err err = failed(s, rc, why);
    (void)sqlite3_finalize(*out);
    *out = NULL;
    return err;
}

static enum td_err run(const struct td_feature_store *s, const char *sql, const char *letters,
                       const struct bound *v, struct td_fail *why)
{
    sqlite3_stmt *statement = NULL;
    enum td_err err = begin(s, sql, letters, v, &statement, why);
    if (err)
        return err;
    const int rc = sqlite3_step(statement);
    err = rc == SQLITE_DONE || rc == SQLITE_ROW ? TD_OK : failed(s, rc, why);
    (void)sqlite3_finalize(statement);
    return err;
}

static enum td_err number(const struct td_feature_store *s, const char *sql, const char *letters,
                          const struct bound *v, int64_t *out, struct td_fail *why)
{
    sqlite3_stmt *statement = NULL;
    enum td_err err = begin(s, sql, letters, v, &statement, why);
    if (err)
        return err;
    const int rc = sqlite3_step(statement);
    *out = rc == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : 0;
    err = rc == SQLITE_ROW || rc == SQLITE_DONE ? TD_OK : failed(s, rc, why);
    (void)sqlite3_finalize(statement);
    return err;
}

static enum td_err execute(const struct td_feature_store *s, const char *sql, struct td_fail *why)
{
    const int rc = sqlite3_exec(s->db, sql, NULL, NULL, NULL);
    return rc == SQLITE_OK ? TD_OK : failed(s, rc, why);
}

/* ---- opening ---- */

static enum td_err ready_schema(const struct td_feature_store *s, struct td_fail *why)
{
    int64_t tables = 0, application = 0, version = 0;
    char text[24], known[24];
    enum td_err err = execute(s, "PRAGMA journal_mode = WAL; BEGIN IMMEDIATE", why);
    if (err)
        return err;
    err = number(s, "SELECT count(*) FROM sqlite_schema", "", NULL, &tables, why);
    if (!err && tables == 0)
        err = execute(s, schema, why);
    if (!err)
        err = number(s, "PRAGMA application_id", "", NULL, &application, why);
    if (!err)
        err = number(s, "PRAGMA user_version", "", NULL, &version, why);
    (void)snprintf(text, sizeof text, "%lld", (long long)application);
    (void)snprintf(known, sizeof known, "%lld", (long long)version);
    if (!err && (strcmp(text, APPLICATION_ID) != 0 || strcmp(known, SCHEMA_VERSION) != 0))
        err = td_fail_set(why, TD_EVERSION, "%s is not an index of features this program knows",
                          s->path);
    const enum td_err end = execute(s, err ? "ROLLBACK" : "COMMIT", err ? NULL : why);
    return err ? err : end;
}

enum td_err td_feature_store_open(struct td_feature_store **out, struct td_world *world,
                                  const char *root, struct td_fail *why)
{
    struct td_feature_store *s = calloc(1, sizeof *s);
    if (!s)
        return td_fail_set(why, TD_ENOMEM, "the index of features");
    s->world = world;
    const int len = snprintf(s->folder, sizeof s->folder, "%s/features", root);
    enum td_err err =
        len > 0 && len < PATH_CHARS - 200 ? td_folder_make(world, s->folder) : TD_ERANGE;
    if (err)
        (void)td_fail_set(why, err, "%.200s/features: %s", root, td_err_text(err));
    (void)snprintf(s->path, sizeof s->path, "%s/index.db", s->folder);
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    const int rc = err ? SQLITE_OK : sqlite3_open_v2(s->path, &s->db, flags, NULL);
    if (!err && rc != SQLITE_OK)
        err = failed(s, rc, why);
    if (!err)
        (void)sqlite3_busy_timeout(s->db, 5000);
    if (!err)
        err = ready_schema(s, why);
    if (err) {
        td_feature_store_close(s);
        return err;
    }
    *out = s;
    return TD_OK;
}

void td_feature_store_close(struct td_feature_store *s)
{
    if (!s)
        return;
    (void)sqlite3_close(s->db);
    free(s);
}

/* ---- places ---- */

static bool place_of(const struct td_feature_store *s, const char *set, int64_t version,
                     const char *symbol, const char *day, char *out, size_t cap)
{
    const int len = snprintf(out, cap, "%s/%s/%lld/%s/%s.parquet", s->folder, set,
                             (long long)version, symbol, day);
    return len > 0 && (size_t)len < cap;
}

enum td_err td_feature_store_place(struct td_feature_store *s, const char *set, int32_t version,
                                   const char *symbol, int64_t day, char *out, size_t cap,
                                   struct td_fail *why)
{
    char text[16];
    (void)td_date_print(day, text);
    if (!td_symbol_is_safe(td_str_of(symbol)))
        return td_fail_set(why, TD_EINVAL, "\"%.40s\" is no symbol", symbol);
    if (!place_of(s, set, version, symbol, text, out, cap))
        return td_fail_set(why, TD_ERANGE, "the path of %s is too long", set);
    char *slash = strrchr(out, '/');
    *slash = '\0';
    const enum td_err err = td_folder_make(s->world, out);
    if (err)
        return td_fail_set(why, err, "%s: %s", out, td_err_text(err));
    *slash = '/';
    return TD_OK;
}

/* ---- versions ---- */

/* Files first: a row without a file is only a day that is missing. */
static enum td_err drop_version(struct td_feature_store *s, int64_t id, const char *name,
                                int64_t version, struct td_fail *why)
{
    const struct bound by[] = {{.i = id}};
    char path[PATH_CHARS + 200];
    sqlite3_stmt *days = NULL;
    enum td_err err =
        begin(s, "SELECT symbol, day FROM days WHERE version_id = ?", "i", by, &days, why);
    while (!err && sqlite3_step(days) == SQLITE_ROW) {
        const char *symbol = (const char *)sqlite3_column_text(days, 0);
        const char *day = (const char *)sqlite3_column_text(days, 1);
        if (!symbol || !day || !place_of(s, name, version, symbol, day, path, sizeof path))
            continue;
        const enum td_err gone = td_file_remove(s->world, path);
        if (gone && gone != TD_ENOENT)
            err = td_fail_set(why, gone, "removing %s: %s", path, td_err_text(gone));
    }
    (void)sqlite3_finalize(days);
    if (!err)
        err = run(s, "DELETE FROM days WHERE version_id = ?", "i", by, why);
    if (!err)
        err = run(s, "DELETE FROM quality WHERE version_id = ?", "i", by, why);
    return err ? err : run(s, "DELETE FROM versions WHERE id = ?", "i", by, why);
}

/* Makes room for one more version of a set. */
static enum td_err make_room(struct td_feature_store *s, const struct td_feature_set *set,
                             struct td_fail *why)
{
    const struct bound by[] = {{.t = set->name}};
    int64_t kept = 0, lowest = 0, id = 0;
    enum td_err err =
        number(s, "SELECT count(*) FROM versions WHERE name = ?", "t", by, &kept, why);
    if (err || kept < TD_FEATURE_VERSIONS)
        return err;
    err = number(s, "SELECT min(version) FROM versions WHERE name = ?", "t", by, &lowest, why);
    if (!err && lowest > set->version)
        return td_fail_set(why, TD_EINVAL, "set %s: %d versions above %d are kept already",
                           set->name, TD_FEATURE_VERSIONS, set->version);
    if (!err)
        err = number(s, "SELECT id FROM versions WHERE name = ? ORDER BY version LIMIT 1", "t", by,
                     &id, why);
    return err ? err : drop_version(s, id, set->name, lowest, why);
}

static enum td_err check_version(const struct td_feature_store *s, const struct td_feature_set *set,
                                 const char *hash, const char *made, int64_t *id,
                                 struct td_fail *why)
{
    const struct bound by[] = {{.t = set->name}, {.i = set->version}};
    sqlite3_stmt *row = NULL;
    enum td_err err = begin(s, "SELECT id, hash, made FROM versions WHERE name = ? AND version = ?",
                            "ti", by, &row, why);
    if (err)
        return err;
    const int rc = sqlite3_step(row);
    *id = rc == SQLITE_ROW ? sqlite3_column_int64(row, 0) : 0;
    if (rc != SQLITE_ROW && rc != SQLITE_DONE)
        err = failed(s, rc, why);
    else if (*id && strcmp((const char *)sqlite3_column_text(row, 1), hash) != 0)
        err = td_fail_set(why, TD_EEXIST,
                          "set %s version %d is kept with hash %s, this one has %s: raise its "
                          "version",
                          set->name, set->version, sqlite3_column_text(row, 1), hash);
    else if (*id && strcmp((const char *)sqlite3_column_text(row, 2), made) != 0)
        err = td_fail_set(why, TD_EEXIST,
                          "set %s version %d is kept as made with %s, now it is %s: raise its "
                          "version",
                          set->name, set->version, sqlite3_column_text(row, 2), made);
    (void)sqlite3_finalize(row);
    return err;
}

enum td_err td_feature_store_version(struct td_feature_store *s, const struct td_feature_set *set,
                                     const char *made, int64_t *id, struct td_fail *why)
{
    static const size_t cap = 65536;
    char hash[20];
    struct td_text t;
    (void)snprintf(hash, sizeof hash, "%016llx", (unsigned long long)td_feature_set_hash(set));
    enum td_err err = check_version(s, set, hash, made, id, why);
    if (err || *id)
        return err;
    char *text = malloc(cap);
    if (!text)
        return td_fail_set(why, TD_ENOMEM, "the text of set %s", set->name);
    td_text_init(&t, text, cap);
    td_feature_set_write(set, &t);
    const struct bound row[] = {
        {.t = set->name}, {.i = set->version}, {.t = hash}, {.t = made}, {.t = text}};
    err = make_room(s, set, why);
    if (!err)
        err = run(s,
                  "INSERT INTO versions (name, version, hash, made, definition) VALUES (?,?,?,?,?)",
                  "tittt", row, why);
    free(text);
    *id = err ? 0 : sqlite3_last_insert_rowid(s->db);
    return err;
}

/* ---- days, quality ---- */

enum td_err td_feature_store_find(struct td_feature_store *s, const char *set, int32_t version,
                                  struct td_feature_day *day, char *out, size_t cap,
                                  struct td_fail *why)
{
    char text[16];
    sqlite3_stmt *row = NULL;
    (void)td_date_print(day->day, text);
    const struct bound by[] = {{.t = set}, {.i = version}, {.t = day->symbol}, {.t = text}};
    enum td_err err = begin(
        s,
        "SELECT d.rows, d.last_ns, d.since_ns FROM versions v JOIN days d ON d.version_id = v.id"
        " WHERE v.name = ? AND v.version = ? AND d.symbol = ? AND d.day = ?",
        "titt", by, &row, why);
    if (err)
        return err;
    const int rc = sqlite3_step(row);
    if (rc != SQLITE_ROW && rc != SQLITE_DONE)
        err = failed(s, rc, why);
    else if (rc == SQLITE_DONE || !place_of(s, set, version, day->symbol, text, out, cap) ||
             td_entry_at(s->world, out) != TD_ENTRY_FILE)
        err = td_fail_set(why, TD_ENOENT, "no features %s version %d of %s on %s", set, version,
                          day->symbol, text);
    if (!err) {
        day->rows = sqlite3_column_int64(row, 0);
        day->last = sqlite3_column_int64(row, 1);
        day->since = sqlite3_column_int64(row, 2);
    }
    (void)sqlite3_finalize(row);
    return err;
}

enum td_err td_feature_store_add(struct td_feature_store *s, int64_t id,
                                 const struct td_feature_day *day, struct td_fail *why)
{
    char text[16];
    (void)td_date_print(day->day, text);
    const struct bound row[] = {{.i = id},        {.t = day->symbol}, {.t = text},
                                {.i = day->rows}, {.i = day->last},   {.i = day->since}};
    return run(s, "INSERT OR REPLACE INTO days VALUES (?,?,?,?,?,?)", "ittiii", row, why);
}

enum td_err td_feature_store_quality(struct td_feature_store *s, int64_t id, const char *symbol,
                                     const char *feature, const struct td_feature_quality *q,
                                     struct td_fail *why)
{
    const struct bound row[] = {
        {.i = id}, {.t = symbol}, {.t = feature}, {.d = q->nan_share}, {.d = q->next_corr}};
    return run(s,
               "INSERT INTO quality VALUES (?,?,?,?,?,NULL) ON CONFLICT DO UPDATE SET"
               " nan_share = excluded.nan_share, next_correlation = excluded.next_correlation",
               "ittdd", row, why);
}

enum td_err td_feature_store_importance(struct td_feature_store *s, int64_t id, const char *symbol,
                                        const char *feature, double importance, struct td_fail *why)
{
    const struct bound row[] = {{.i = id}, {.t = symbol}, {.t = feature}, {.d = importance}};
    return run(s,
               "INSERT INTO quality VALUES (?,?,?,NULL,NULL,?) ON CONFLICT DO UPDATE SET"
               " importance = excluded.importance",
               "ittd", row, why);
}

enum td_err td_feature_store_list(struct td_feature_store *s, td_feature_kept_fn *fn, void *arg,
                                  struct td_fail *why)
{
    sqlite3_stmt *rows = NULL;
    enum td_err err = begin(
        s,
        "SELECT v.name, v.version, v.hash, v.made, d.symbol, count(*), sum(d.rows), min(d.day), "
        "max(d.day) FROM versions v JOIN days d ON d.version_id = v.id"
        " GROUP BY v.id, d.symbol ORDER BY v.name, v.version, d.symbol",
        "", NULL, &rows, why);
    if (err)
        return err;
    int rc;
    bool on = true;
    while (on && (rc = sqlite3_step(rows)) == SQLITE_ROW) {
        const struct td_feature_kept kept = {.set = (const char *)sqlite3_column_text(rows, 0),
                                             .version = sqlite3_column_int64(rows, 1),
                                             .hash = (const char *)sqlite3_column_text(rows, 2),
                                             .made = (const char *)sqlite3_column_text(rows, 3),
                                             .symbol = (const char *)sqlite3_column_text(rows, 4),
                                             .days = sqlite3_column_int64(rows, 5),
                                             .rows = sqlite3_column_int64(rows, 6),
                                             .first = (const char *)sqlite3_column_text(rows, 7),
                                             .last = (const char *)sqlite3_column_text(rows, 8)};
        on = fn(arg, &kept);
    }
    if (on && rc != SQLITE_DONE)
        err = failed(s, rc, why);
    (void)sqlite3_finalize(rows);
    return err;
}
