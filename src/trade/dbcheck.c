/* trade/dbcheck.c - one look-up per order and per position. */
#include "trade/dbcheck.h"

#include <math.h>
#include <sqlite3.h>
#include <stdio.h>

static void differ(struct td_dbcheck *out, const char *what, const char *name, const char *ours,
                   const char *theirs)
{
    if (!out->differ++)
        (void)snprintf(out->first, sizeof out->first,
                       "%s %.40s: the journal makes %.30s, orders.db "
                       "has %.30s",
                       what, name, ours, theirs);
}

static int64_t e9_of(sqlite3_stmt *s, int column)
{
    return (int64_t)llround(sqlite3_column_double(s, column) * 1e9);
}

static void check_order(sqlite3_stmt *s, const struct td_order *o, struct td_dbcheck *out)
{
    char name[24];
    const char *state = td_order_state_word((enum td_order_state)o->state);
    (void)snprintf(name, sizeof name, "%llu", (unsigned long long)o->key);
    (void)sqlite3_bind_int64(s, 1, (int64_t)o->key);
    out->orders++;
    if (sqlite3_step(s) != SQLITE_ROW) {
        differ(out, "order", name, state, "nothing");
    } else {
        const char *status = (const char *)sqlite3_column_text(s, 0);
        if (!status || strcmp(status, state) != 0)
            differ(out, "order", name, state, status ? status : "nothing");
        else if (e9_of(s, 1) != o->filled.e9)
            differ(out, "order", name, "another filled quantity", "its own");
    }
    (void)sqlite3_reset(s);
}

static void check_position(sqlite3_stmt *s, const struct td_blotter_holding *h,
                           struct td_dbcheck *out)
{
    char ours[TD_E9_CHARS];
    (void)td_e9_print(h->now.qty.e9, ours);
    (void)sqlite3_bind_text(s, 1, h->symbol, -1, SQLITE_STATIC);
    const bool there = sqlite3_step(s) == SQLITE_ROW;
    const int64_t theirs = there ? e9_of(s, 0) : 0;
    out->positions++;
    if (theirs != h->now.qty.e9 || (there && sqlite3_column_type(s, 1) != SQLITE_NULL &&
                                    sqlite3_column_int64(s, 1) != h->now.realized.e9))
        differ(out, "position", h->symbol, ours,
               there ? (const char *)sqlite3_column_text(s, 0) : "nothing");
    (void)sqlite3_reset(s);
}

enum td_err td_dbcheck(struct td_world *world, const char *path, const struct td_blotter *b,
                       struct td_dbcheck *out, struct td_fail *why)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *orders = NULL, *positions = NULL;
    *out = (struct td_dbcheck){0};
    if (td_entry_at(world, path) != TD_ENTRY_FILE)
        return td_fail_set(why, TD_ENOENT, "%s is not there", path);
    int rc = sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_prepare_v2(db, "SELECT status, filled FROM orders WHERE id = ?", -1, &orders,
                                NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_prepare_v2(db,
                                "SELECT quantity, realized_pnl_e9 FROM positions WHERE symbol = ?",
                                -1, &positions, NULL);
    for (uint32_t i = 0; i < b->order_count && rc == SQLITE_OK; i++)
        if (!b->orders[i].foreign)
            check_order(orders, &b->orders[i], out);
    for (uint32_t i = 0; i < b->holding_count && rc == SQLITE_OK; i++)
        check_position(positions, &b->holdings[i], out);
    const enum td_err err = rc == SQLITE_OK ? TD_OK : TD_ECORRUPT;
    if (err)
        (void)td_fail_set(why, err, "reading %s: %s", path, db ? sqlite3_errmsg(db) : "no memory");
    (void)sqlite3_finalize(orders);
    (void)sqlite3_finalize(positions);
    (void)sqlite3_close(db);
    return err;
}
