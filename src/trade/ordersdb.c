/* trade/ordersdb.c - schema and statements as tables; one function that binds and runs them. */
#include "trade/ordersdb.h"

#define APPLICATION_ID                                                                             \
    "1952738129" /* "tdkQ", in the file's header: nobody else's database is touched */
#define SCHEMA_VERSION "1"

/* Columns a reader of the three originals knows come first, in their order; ours follow. */
const char td_ordersdb_schema[] =
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE orders (id INTEGER PRIMARY KEY, symbol TEXT NOT NULL, side TEXT NOT NULL, "
    "quantity ANY NOT NULL,"
    " order_type TEXT NOT NULL, status TEXT NOT NULL, timestamp TEXT NOT NULL, order_id INTEGER "
    "NOT NULL, perm_id INTEGER,"
    " client_id INTEGER, account TEXT, conid INTEGER, limit_price REAL, stop_price REAL, "
    "multiplier REAL, value REAL,"
    " filled ANY NOT NULL DEFAULT 0, average_price REAL, commission REAL, strategy TEXT, reason "
    "TEXT, ref TEXT,"
    " broker_status TEXT, error_code INTEGER, message TEXT, sent_at TEXT, done_at TEXT) STRICT;"
    "CREATE TABLE executions (id INTEGER PRIMARY KEY, order_id INTEGER, exec_time TEXT NOT NULL, "
    "price REAL NOT NULL,"
    " quantity ANY NOT NULL, commission REAL, symbol TEXT NOT NULL, side TEXT NOT NULL, pnl REAL, "
    "exec_id TEXT NOT NULL,"
    " exec_base TEXT NOT NULL UNIQUE, broker_order_id INTEGER, perm_id INTEGER, currency TEXT, "
    "broker_pnl REAL,"
    " corrected INTEGER NOT NULL DEFAULT 0, price_e9 INTEGER NOT NULL, quantity_e9 INTEGER NOT "
    "NULL, commission_e9 INTEGER,"
    " pnl_e9 INTEGER NOT NULL) STRICT;"
    "CREATE TABLE positions (id INTEGER PRIMARY KEY, symbol TEXT NOT NULL UNIQUE, quantity ANY NOT "
    "NULL, avg_cost REAL,"
    " market_price REAL, timestamp TEXT NOT NULL, conid INTEGER, realized_pnl REAL, commission "
    "REAL,"
    " realized_pnl_e9 INTEGER) STRICT;"
    "CREATE TABLE account (id INTEGER PRIMARY KEY CHECK (id = 1), cash REAL, equity REAL, "
    "daily_pnl REAL,"
    " realized_pnl REAL, unrealized_pnl REAL, timestamp TEXT NOT NULL) STRICT;"
    "CREATE TABLE market_data (id INTEGER PRIMARY KEY, symbol TEXT NOT NULL, open REAL, high REAL, "
    "low REAL, close REAL,"
    " volume REAL, timestamp TEXT NOT NULL, UNIQUE (symbol, timestamp)) STRICT;"
    "CREATE TABLE signals (id INTEGER PRIMARY KEY, symbol TEXT NOT NULL, strategy TEXT, "
    "signal_type TEXT NOT NULL,"
    " strength REAL, metadata TEXT, timestamp TEXT NOT NULL) STRICT;"
    "CREATE TABLE ticks (timestamp TEXT NOT NULL, symbol TEXT NOT NULL, bid REAL, ask REAL, last "
    "REAL, bid_size REAL,"
    " ask_size REAL, last_size REAL, volume REAL, PRIMARY KEY (timestamp, symbol)) STRICT, WITHOUT "
    "ROWID;"
    "CREATE TABLE features (timestamp TEXT NOT NULL, symbol TEXT NOT NULL, rsi REAL, macd_line "
    "REAL, macd_signal REAL,"
    " macd_histogram REAL, bb_upper REAL, bb_middle REAL, bb_lower REAL, atr REAL, vwap REAL, obv "
    "REAL, sma_20 REAL,"
    " sma_50 REAL, sma_200 REAL, volume_ratio REAL, spread_bps REAL, trend_strength REAL, "
    "mean_reversion_signal REAL,"
    " breakout_signal REAL, PRIMARY KEY (timestamp, symbol)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE events (id INTEGER PRIMARY KEY, timestamp TEXT NOT NULL, event TEXT NOT NULL, "
    "order_id INTEGER,"
    " symbol TEXT, code INTEGER, text TEXT) STRICT;"
    "CREATE VIEW trades AS SELECT e.id AS id, e.symbol AS symbol, e.side AS side, e.quantity AS "
    "quantity, e.price AS price,"
    " CAST(NULL AS REAL) AS slippage, e.commission AS commission, e.exec_time AS timestamp, e.pnl "
    "AS realized_pnl,"
    " o.strategy AS strategy, e.order_id AS order_id, e.exec_id AS exec_id"
    " FROM executions e LEFT JOIN orders o ON o.id = e.order_id;"
    "CREATE INDEX orders_symbol ON orders (symbol, timestamp DESC);"
    "CREATE INDEX executions_symbol ON executions (symbol, exec_time DESC);"
    "CREATE INDEX executions_order ON executions (order_id);"
    "CREATE INDEX market_data_symbol ON market_data (symbol, timestamp DESC);"
    "CREATE INDEX signals_symbol ON signals (symbol, timestamp DESC);"
    "CREATE INDEX ticks_symbol ON ticks (symbol, timestamp DESC);"
    "CREATE INDEX features_symbol ON features (symbol, timestamp DESC);"
    "CREATE INDEX events_order ON events (order_id);";

static const char pragmas[] =
    "PRAGMA application_id = " APPLICATION_ID "; PRAGMA user_version = " SCHEMA_VERSION ";";

const char *const td_ordersdb_texts[TD_SQL_COUNT] = {
    [TD_SQL_ORDER] =
        "INSERT INTO orders (id, order_id, client_id, account, symbol, conid, side, quantity, "
        "order_type,"
        " limit_price, stop_price, value, multiplier, strategy, reason, ref, timestamp, status)"
        " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,'intent')",
    [TD_SQL_ORDER_STATE] =
        "UPDATE orders SET status=?2, broker_status=?3, filled=?4, average_price=?5, commission=?6,"
        " error_code=?7, message=?8, perm_id=?9, sent_at=?10, done_at=?11 WHERE id=?1",
    [TD_SQL_EXECUTION] =
        "INSERT INTO executions (exec_base, exec_id, order_id, broker_order_id, perm_id, "
        "exec_time, symbol, side, quantity,"
        " price, pnl, id, quantity_e9, price_e9, pnl_e9) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"
        " ON CONFLICT (exec_base) DO UPDATE SET exec_id=excluded.exec_id, "
        "quantity=excluded.quantity, price=excluded.price,"
        " quantity_e9=excluded.quantity_e9, price_e9=excluded.price_e9, "
        "corrected=executions.corrected + 1,"
        " pnl_e9=executions.pnl_e9 + excluded.pnl_e9,"
        " pnl=CAST(executions.pnl_e9 + excluded.pnl_e9 AS REAL) / 1e9",
    [TD_SQL_FEE] = "UPDATE executions SET commission=?2, commission_e9=?3, currency=?4, "
                   "broker_pnl=?5 WHERE exec_base=?1",
    [TD_SQL_POSITION] =
        "INSERT INTO positions (id, symbol, conid, quantity, avg_cost, realized_pnl, commission, "
        "realized_pnl_e9, timestamp)"
        " VALUES ((SELECT COALESCE(MAX(id), 0) + 1 FROM positions),?,?,?,?,?,?,?,?)"
        " ON CONFLICT (symbol) DO UPDATE SET conid=excluded.conid, quantity=excluded.quantity,"
        " avg_cost=excluded.avg_cost, realized_pnl=excluded.realized_pnl, "
        "commission=excluded.commission,"
        " realized_pnl_e9=excluded.realized_pnl_e9, timestamp=excluded.timestamp",
    [TD_SQL_ACCOUNT] =
        "INSERT INTO account (id, daily_pnl, realized_pnl, timestamp) VALUES (1,?,?,?)"
        " ON CONFLICT (id) DO UPDATE SET daily_pnl=excluded.daily_pnl, "
        "realized_pnl=excluded.realized_pnl,"
        " timestamp=excluded.timestamp",
    [TD_SQL_SIGNAL] = "INSERT INTO signals (id, symbol, strategy, signal_type, metadata, "
                      "timestamp) VALUES (?,?,?,?,?,?)",
    [TD_SQL_EVENT] = "INSERT INTO events (id, timestamp, event, order_id, symbol, code, text) "
                     "VALUES (?,?,?,?,?,?,?)",
    [TD_SQL_META] = "INSERT INTO meta (key, value) VALUES (?,?) ON CONFLICT (key) DO UPDATE SET "
                    "value=excluded.value",
    [TD_SQL_TRIM_DATA] = "DELETE FROM market_data WHERE timestamp < ?",
    [TD_SQL_TRIM_SIGNALS] = "DELETE FROM signals WHERE timestamp < ?",
    [TD_SQL_TRIM_TICKS] = "DELETE FROM ticks WHERE timestamp < ?",
};

static enum td_err code_of(int rc)
{
    static const struct {
        int rc;
        enum td_err err;
    } rows[] = {
        {SQLITE_FULL, TD_ENOSPC},      {SQLITE_BUSY, TD_ELOCKED},    {SQLITE_LOCKED, TD_ELOCKED},
        {SQLITE_CORRUPT, TD_ECORRUPT}, {SQLITE_NOTADB, TD_ECORRUPT}, {SQLITE_READONLY, TD_EACCES},
        {SQLITE_PERM, TD_EACCES},      {SQLITE_CANTOPEN, TD_EACCES}, {SQLITE_NOMEM, TD_ENOMEM},
    };
    for (size_t i = 0; i < TD_COUNT(rows); i++)
        if (rows[i].rc == (rc & 0xff))
            return rows[i].err;
    return TD_EIO;
}

static enum td_err failed(const struct td_ordersdb *o, int rc, const char *doing,
                          struct td_fail *why)
{
    return td_fail_set(why, code_of(rc), "%s %s: %s", doing, o->path,
                       o->db ? sqlite3_errmsg(o->db) : sqlite3_errstr(rc));
}

static enum td_err execute(struct td_ordersdb *o, const char *sql, struct td_fail *why)
{
    const int rc = sqlite3_exec(o->db, sql, NULL, NULL, NULL);
    return rc == SQLITE_OK ? TD_OK : failed(o, rc, "writing", why);
}

static enum td_err ask(struct td_ordersdb *o, const char *sql, const char *key, int64_t *out,
                       struct td_fail *why)
{
    sqlite3_stmt *s = NULL;
    int rc = sqlite3_prepare_v2(o->db, sql, -1, &s, NULL);
    if (rc == SQLITE_OK && key)
        rc = sqlite3_bind_text(s, 1, key, -1, SQLITE_STATIC);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(s);
    *out = rc == SQLITE_ROW ? sqlite3_column_int64(s, 0) : 0;
    const enum td_err err =
        rc == SQLITE_ROW || rc == SQLITE_DONE ? TD_OK : failed(o, rc, "reading", why);
    (void)sqlite3_finalize(s);
    return err;
}

/* Makes the tables in an empty file; knows its own, refuses all others. */
static enum td_err ready_schema(struct td_ordersdb *o, struct td_fail *why)
{
    int64_t tables = 0, application = 0, version = 0;
    enum td_err err = ask(o, "SELECT count(*) FROM sqlite_schema", NULL, &tables, why);
    if (!err)
        err = ask(o, "PRAGMA application_id", NULL, &application, why);
    if (!err)
        err = ask(o, "PRAGMA user_version", NULL, &version, why);
    if (err)
        return err;
    if (tables == 0) {
        err = execute(o, "BEGIN IMMEDIATE", why);
        if (!err)
            err = execute(o, td_ordersdb_schema, why);
        if (!err)
            err = execute(o, pragmas, why);
        return err ? err : execute(o, "COMMIT", why);
    }
    char text[24];
    (void)td_i64_print(application, text);
    if (strcmp(text, APPLICATION_ID) != 0)
        return td_fail_set(why, TD_EVERSION, "%s is not a tapedeck database; move it aside",
                           o->path);
    (void)td_i64_print(version, text);
    if (strcmp(text, SCHEMA_VERSION) != 0)
        return td_fail_set(why, TD_EVERSION, "%s has schema %s, this program knows %s", o->path,
                           text, SCHEMA_VERSION);
    return TD_OK;
}

enum td_err td_ordersdb_open(struct td_ordersdb *o, const char *path, struct td_fail *why)
{
    memset(o, 0, sizeof *o);
    if (!td_str_copy(td_str_of(path), o->path, sizeof o->path))
        return td_fail_set(why, TD_ERANGE, "%s: path too long", path);
    int rc = sqlite3_open_v2(
        path, &o->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);
    enum td_err err = rc == SQLITE_OK ? TD_OK : failed(o, rc, "opening", why);
    if (!err) {
        (void)sqlite3_busy_timeout(o->db, 5000);
        err = execute(o, "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL", why);
    }
    if (!err)
        err = ready_schema(o, why);
    for (size_t i = 0; i < TD_SQL_COUNT && !err; i++) {
        rc = sqlite3_prepare_v3(o->db, td_ordersdb_texts[i], -1, SQLITE_PREPARE_PERSISTENT,
                                &o->statements[i], NULL);
        err = rc == SQLITE_OK ? TD_OK : failed(o, rc, "preparing a statement for", why);
    }
    if (err)
        td_ordersdb_close(o);
    return err;
}

static int bind(sqlite3_stmt *s, int at, const struct td_sql_value *v)
{
    char iso[40];
    switch (v->kind) {
    case TD_SQL_INT:
        return sqlite3_bind_int64(s, at, v->i);
    case TD_SQL_ZERO:
        return v->i ? sqlite3_bind_int64(s, at, v->i) : sqlite3_bind_null(s, at);
    case TD_SQL_E9:
    case TD_SQL_REAL:
        if (v->i == TD_E9_NONE)
            return sqlite3_bind_null(s, at);
        return v->kind == TD_SQL_E9 && v->i % TD_E9 == 0
                   ? sqlite3_bind_int64(s, at, v->i / TD_E9)
                   : sqlite3_bind_double(s, at, td_e9_to_double(v->i));
    case TD_SQL_FIXED:
        return v->i == TD_E9_NONE ? sqlite3_bind_null(s, at) : sqlite3_bind_int64(s, at, v->i);
    case TD_SQL_WHEN:
    case TD_SQL_TIME:
        if (v->kind == TD_SQL_TIME && v->i == 0)
            return sqlite3_bind_null(s, at);
        return sqlite3_bind_text(s, at, iso, (int)td_iso_print(v->i, iso), SQLITE_TRANSIENT);
    case TD_SQL_TEXT:
        return v->text && v->text[0] ? sqlite3_bind_text(s, at, v->text, -1, SQLITE_STATIC)
                                     : sqlite3_bind_null(s, at);
    }
    return SQLITE_MISUSE;
}

enum td_err td_ordersdb_run(struct td_ordersdb *o, enum td_sql sql,
                            const struct td_sql_value *values, size_t count, struct td_fail *why)
{
    sqlite3_stmt *s = o->statements[sql];
    int rc = SQLITE_OK;
    TD_REQUIRE(sqlite3_bind_parameter_count(s) == (int)count);
    if (!o->open_transaction) {
        const enum td_err err = execute(o, "BEGIN IMMEDIATE", why);
        if (err)
            return err;
        o->open_transaction = true;
    }
    for (size_t i = 0; i < count && rc == SQLITE_OK; i++)
        rc = bind(s, (int)i + 1, &values[i]);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(s);
    const enum td_err err = rc == SQLITE_DONE ? TD_OK : failed(o, rc, "writing", why);
    (void)sqlite3_reset(s);
    return err;
}

enum td_err td_ordersdb_meta(struct td_ordersdb *o, const char *key, int64_t *out,
                             struct td_fail *why)
{
    return ask(o, "SELECT value FROM meta WHERE key = ?", key, out, why);
}

enum td_err td_ordersdb_commit(struct td_ordersdb *o, struct td_fail *why)
{
    if (!o->open_transaction)
        return TD_OK;
    const enum td_err err = execute(o, "COMMIT", why);
    o->open_transaction = err != TD_OK;
    return err;
}

void td_ordersdb_close(struct td_ordersdb *o)
{
    for (size_t i = 0; i < TD_SQL_COUNT; i++)
        (void)sqlite3_finalize(o->statements[i]);
    (void)sqlite3_close(o->db); /* rolls an open transaction back */
    memset(o, 0, sizeof *o);
}
