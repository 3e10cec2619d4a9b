/* trade/dbdiff.c - one statement per table, and a comparison of files block by block. */
#include "trade/dbdiff.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

#define BLOCK 65536

static const char *const tables[TD_DBDIFF_TABLES] = {"orders",  "executions", "positions",
                                                     "account", "signals",    "events"};

static enum td_err failed(sqlite3 *db, const char *path, struct td_fail *why)
{
    return td_fail_set(why, TD_ECORRUPT, "reading %s: %s", path,
                       db ? sqlite3_errmsg(db) : "no memory");
}

static enum td_err ask(sqlite3 *db, const char *sql, int64_t *out, const char *path,
                       struct td_fail *why)
{
    sqlite3_stmt *s = NULL;
    int rc = sqlite3_prepare_v2(db, sql, -1, &s, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(s);
    if (rc == SQLITE_ROW)
        *out = sqlite3_column_int64(s, 0);
    const enum td_err err = rc == SQLITE_ROW ? TD_OK : failed(db, path, why);
    (void)sqlite3_finalize(s);
    return err;
}

static enum td_err compare(sqlite3 *db, const char *table, const char *path, struct td_dbdiff *out,
                           struct td_fail *why)
{
    char sql[200];
    *out = (struct td_dbdiff){.table = table};
    (void)snprintf(sql, sizeof sql, "SELECT COUNT(*) FROM main.%s", table);
    enum td_err err = ask(db, sql, &out->rows, path, why);
    (void)snprintf(sql, sizeof sql,
                   "SELECT COUNT(*) FROM (SELECT * FROM main.%s EXCEPT SELECT * FROM other.%s)",
                   table, table);
    if (!err)
        err = ask(db, sql, &out->only_a, path, why);
    (void)snprintf(sql, sizeof sql,
                   "SELECT COUNT(*) FROM (SELECT * FROM other.%s EXCEPT SELECT * FROM main.%s)",
                   table, table);
    return err ? err : ask(db, sql, &out->only_b, path, why);
}

static enum td_err attach(sqlite3 *db, const char *path, struct td_fail *why)
{
    sqlite3_stmt *s = NULL;
    int rc = sqlite3_prepare_v2(db, "ATTACH ? AS other", -1, &s, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_text(s, 1, path, -1, SQLITE_STATIC);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(s);
    const enum td_err err = rc == SQLITE_DONE ? TD_OK : failed(db, path, why);
    (void)sqlite3_finalize(s);
    return err;
}

enum td_err td_dbdiff(struct td_world *world, const char *a, const char *b, struct td_dbdiff *out,
                      size_t *count, struct td_fail *why)
{
    sqlite3 *db = NULL;
    if (td_entry_at(world, b) != TD_ENTRY_FILE)
        return TD_ENOENT;
    enum td_err err = sqlite3_open_v2(a, &db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK
                          ? TD_OK
                          : failed(db, a, why);
    if (!err)
        err = attach(db, b, why);
    *count = 0;
    for (size_t i = 0; i < TD_DBDIFF_TABLES && !err; i++) {
        err = compare(db, tables[i], b, &out[i], why);
        *count += !err;
    }
    (void)sqlite3_close(db);
    return err;
}

/* --- files --- */

struct pair {
    struct td_world *world;
    struct td_file file[2];
    size_t have[2];
    char block[2][BLOCK];
};

static uint64_t count_lines(const char *p, size_t n)
{
    uint64_t lines = 0;
    for (size_t i = 0; i < n; i++)
        lines += p[i] == '\n';
    return lines;
}

static enum td_err walk(struct pair *p, uint64_t *line)
{
    uint64_t before = 0, at = 0;
    for (;;) {
        for (int i = 0; i < 2; i++) {
            const enum td_err err =
                td_file_read(p->world, p->file[i], at, p->block[i], BLOCK, &p->have[i]);
            if (err)
                return err;
        }
        const size_t both = p->have[0] < p->have[1] ? p->have[0] : p->have[1];
        size_t same = 0;
        while (same < both && p->block[0][same] == p->block[1][same])
            same++;
        before += count_lines(p->block[0], same);
        if (same < both || p->have[0] != p->have[1])
            *line = before + 1;
        if (*line || both < BLOCK)
            return TD_OK;
        at += both;
    }
}

enum td_err td_lines_differ(struct td_world *world, const char *a, const char *b, uint64_t *line,
                            struct td_fail *why)
{
    const char *const paths[2] = {a, b};
    struct pair *p = calloc(1, sizeof *p);
    if (!p)
        return td_fail_set(why, TD_ENOMEM, "no memory to compare files");
    p->world = world;
    *line = 0;
    enum td_err err = TD_OK;
    int opened = 0;
    for (; opened < 2 && !err; opened++)
        err = td_file_open(world, paths[opened], TD_FILE_READ, &p->file[opened], why);
    if (!err)
        err = walk(p, line);
    for (int i = 0; i < 2; i++)
        td_file_close(world, p->file[i]);
    free(p);
    return err;
}
