/* trade/dbreport.c - the table of reports, and the one function that runs them. */
#include "trade/dbreport.h"

#include <sqlite3.h>
#include <stdio.h>

const struct td_dbreport td_dbreports[] = {
    {"today", "fills, quantities and profit by symbol, and their sum",
     "SELECT symbol, COUNT(*) AS fills, COUNT(DISTINCT order_id) AS orders,"
     " COALESCE(SUM(CASE side WHEN 'BUY' THEN quantity_e9 END), 0) / 1e9 AS bought,"
     " COALESCE(SUM(CASE side WHEN 'SELL' THEN quantity_e9 END), 0) / 1e9 AS sold,"
     " SUM(pnl_e9) / 1e9 AS pnl, COALESCE(SUM(commission_e9), 0) / 1e9 AS fees,"
     " (SUM(pnl_e9) - COALESCE(SUM(commission_e9), 0)) / 1e9 AS net"
     " FROM executions WHERE exec_time >= ?1 AND exec_time < ?2 GROUP BY symbol"
     " UNION ALL SELECT 'all', COUNT(*), COUNT(DISTINCT order_id),"
     " COALESCE(SUM(CASE side WHEN 'BUY' THEN quantity_e9 END), 0) / 1e9,"
     " COALESCE(SUM(CASE side WHEN 'SELL' THEN quantity_e9 END), 0) / 1e9,"
     " COALESCE(SUM(pnl_e9), 0) / 1e9, COALESCE(SUM(commission_e9), 0) / 1e9,"
     " (COALESCE(SUM(pnl_e9), 0) - COALESCE(SUM(commission_e9), 0)) / 1e9"
     " FROM executions WHERE exec_time >= ?1 AND exec_time < ?2"},
    {"pnl", "profit by exchange day and symbol, commissions apart",
     "SELECT day(exec_time) AS day, symbol, COUNT(*) AS fills, SUM(pnl_e9) / 1e9 AS pnl,"
     " COALESCE(SUM(commission_e9), 0) / 1e9 AS fees,"
     " (SUM(pnl_e9) - COALESCE(SUM(commission_e9), 0)) / 1e9 AS net"
     " FROM executions WHERE exec_time >= ?1 AND exec_time < ?2 GROUP BY 1, 2 ORDER BY 1, 2"},
    {"failed", "orders that were rejected, abandoned, or whose fate is not known, and why",
     "SELECT timestamp, id AS \"order\", symbol, side, quantity, order_type AS type, status,"
     " error_code AS code, COALESCE(message, broker_status) AS message FROM orders"
     " WHERE timestamp >= ?1 AND timestamp < ?2 AND (status IN ('rejected', 'abandoned', 'unknown',"
     " 'frozen') OR (status = 'cancelled' AND error_code IS NOT NULL AND error_code <> 202))"
     " ORDER BY id"},
    {"fills", "every execution with its symbol and profit",
     "SELECT timestamp, symbol, side, quantity, price, commission, realized_pnl AS pnl, strategy,"
     " order_id AS \"order\", exec_id FROM trades WHERE timestamp >= ?1 AND timestamp < ?2"
     " ORDER BY id"},
    {"denied", "what the gates refused, by gate",
     "SELECT json_extract(metadata, '$.gate') AS gate, COUNT(*) AS intents,"
     " COUNT(DISTINCT symbol) AS symbols, MAX(timestamp) AS last,"
     " json_extract(metadata, '$.reason') AS reason FROM signals"
     " WHERE json_extract(metadata, '$.approved') = 0 AND timestamp >= ?1 AND timestamp < ?2"
     " GROUP BY 1 ORDER BY 2 DESC"},
    {0},
};

/* day('2026-11-20T14:31:05.120000000Z') in the report's zone. */
static void tell_day(sqlite3_context *context, int count, sqlite3_value **values)
{
    const struct td_tz *zone = sqlite3_user_data(context);
    const char *text = (const char *)sqlite3_value_text(values[0]);
    struct td_civil c = {0};
    td_ns at;
    char day[16];
    (void)count;
    if (!text || td_iso_parse(text, strlen(text), &at) != TD_OK) {
        sqlite3_result_null(context);
        return;
    }
    td_tz_civil(zone, at, &c);
    (void)snprintf(day, sizeof day, "%04d-%02d-%02d", (int)c.year % 10000, (int)c.month % 100,
                   (int)c.day % 100);
    sqlite3_result_text(context, day, -1, SQLITE_TRANSIENT);
}

static struct td_dbcell cell_of(sqlite3_stmt *s, int column)
{
    struct td_dbcell cell = {.kind = TD_DBCELL_TEXT};
    switch (sqlite3_column_type(s, column)) {
    case SQLITE_NULL:
        cell.kind = TD_DBCELL_NULL;
        break;
    case SQLITE_INTEGER:
        cell.kind = TD_DBCELL_INT;
        cell.i = sqlite3_column_int64(s, column);
        break;
    case SQLITE_FLOAT:
        cell.kind = TD_DBCELL_REAL;
        cell.real = sqlite3_column_double(s, column);
        break;
    default:
        break;
    }
    cell.text = (const char *)sqlite3_column_text(s, column);
    return cell;
}

static enum td_err bind_times(sqlite3_stmt *s, td_ns from, td_ns before)
{
    const td_ns times[2] = {from, before};
    for (int i = 0; i < 2; i++) {
        char text[40];
        struct td_text t;
        td_text_init(&t, text, sizeof text);
        td_text_iso(&t, times[i]);
        if (sqlite3_bind_text(s, i + 1, text, -1, SQLITE_TRANSIENT) != SQLITE_OK)
            return TD_EIO;
    }
    return TD_OK;
}

static int step_rows(sqlite3_stmt *s, td_dbrow_fn *row, void *arg)
{
    const char *names[TD_DBREPORT_COLUMNS];
    struct td_dbcell cells[TD_DBREPORT_COLUMNS];
    const int count = sqlite3_column_count(s);
    TD_REQUIRE(count <= TD_DBREPORT_COLUMNS);
    for (int i = 0; i < count; i++)
        names[i] = sqlite3_column_name(s, i);
    bool more = row(arg, names, NULL, count);
    int rc = SQLITE_ROW;
    while (more && (rc = sqlite3_step(s)) == SQLITE_ROW) {
        for (int i = 0; i < count; i++)
            cells[i] = cell_of(s, i);
        more = row(arg, names, cells, count);
    }
    return more ? rc : SQLITE_DONE;
}

enum td_err td_dbreport_run(struct td_world *world, const char *path,
                            const struct td_dbreport *report, const struct td_tz *zone, td_ns from,
                            td_ns before, td_dbrow_fn *row, void *arg, struct td_fail *why)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *s = NULL;
    const union {
        const struct td_tz *in;
        void *out;
    } user = {zone};
    if (td_entry_at(world, path) != TD_ENTRY_FILE)
        return td_fail_set(why, TD_ENOENT,
                           "%s is not there: no desk has run with this state folder", path);
    int rc = sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_busy_timeout(db, 5000);
    if (rc == SQLITE_OK)
        rc = sqlite3_create_function(db, "day", 1, SQLITE_UTF8, user.out, tell_day, NULL, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_prepare_v2(db, report->sql, -1, &s, NULL);
    enum td_err err = rc == SQLITE_OK ? bind_times(s, from, before) : TD_ECORRUPT;
    if (!err && step_rows(s, row, arg) != SQLITE_DONE)
        err = TD_ECORRUPT;
    if (err)
        (void)td_fail_set(why, err, "reading %s: %s", path, db ? sqlite3_errmsg(db) : "no memory");
    (void)sqlite3_finalize(s);
    (void)sqlite3_close(db);
    return err;
}
