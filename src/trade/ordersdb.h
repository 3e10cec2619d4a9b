/* trade/ordersdb.h - orders.db: the SQLite handle, its schema and its prepared statements.
 *
 * Private to the projection. Everything between two commits is one transaction, begun by the first
 * statement. Values are bound in the order of the statement's parameters by the small struct below; unset
 * prices, sizes and amounts become NULL. WAL, synchronous NORMAL (a power cut may lose the last commits:
 * the journal brings them again), busy timeout 5 s. Owner: one thread.
 */
#ifndef TD_TRADE_ORDERSDB_H
#define TD_TRADE_ORDERSDB_H

#include <sqlite3.h>

#include "base/text.h"

enum td_sql {
    TD_SQL_ORDER, /* id, broker id, client, account, symbol, conid, side, qty, type, limit, stop, value, multiplier,
                           strategy, reason, ref, timestamp */
    TD_SQL_ORDER_STATE, /* id, status, broker status, filled, average, commission, code, reason, perm id, sent, done */
    TD_SQL_EXECUTION, /* base, exec id, order, broker id, perm id, time, symbol, side, qty, price, pnl, seq, e9 of the
                           last three numbers: qty, price, pnl */
    TD_SQL_FEE,      /* base, commission, e9, currency, broker's pnl */
    TD_SQL_POSITION, /* symbol, conid, qty, average, realized, fees, e9 of realized, timestamp */
    TD_SQL_ACCOUNT,  /* daily, realized, timestamp */
    TD_SQL_SIGNAL,   /* seq, symbol, strategy, type, metadata, timestamp */
    TD_SQL_EVENT,    /* seq, timestamp, name, order, symbol, code, text */
    TD_SQL_META,     /* key, value */
    TD_SQL_TRIM_DATA,
    TD_SQL_TRIM_SIGNALS,
    TD_SQL_TRIM_TICKS, /* oldest timestamp to keep */
    TD_SQL_COUNT
};

enum td_sql_kind {
    TD_SQL_INT,   /* i                                          */
    TD_SQL_ZERO,  /* i, but 0 is NULL                           */
    TD_SQL_E9,    /* i as 1e-9: whole ones INTEGER, others REAL */
    TD_SQL_REAL,  /* i as 1e-9: always REAL                     */
    TD_SQL_FIXED, /* i as it is, unset is NULL                  */
    TD_SQL_WHEN,  /* i, ns UTC as ISO text                      */
    TD_SQL_TIME,  /* the same, but 0 is NULL                    */
    TD_SQL_TEXT,  /* text; empty is NULL                        */
};

struct td_sql_value {
    enum td_sql_kind kind;
    int64_t i;
    const char *text;
};

/* Who runs the statements: SQLite here, PostgreSQL by pgrows.h. `values` are the caller's until it returns. */
typedef enum td_err td_sql_run(void *arg, enum td_sql sql, const struct td_sql_value *values,
                               size_t count, struct td_fail *why);
struct td_sql_sink {
    td_sql_run *run;
    void *arg;
};

/* The tables in SQLite's words, without the pragmas that follow; and the statements. pgrows.h translates both, so they keep
 * to what it knows. */
extern const char td_ordersdb_schema[];
extern const char *const td_ordersdb_texts[TD_SQL_COUNT];

struct td_ordersdb {
    sqlite3 *db;
    sqlite3_stmt *statements[TD_SQL_COUNT];
    bool open_transaction;
    char path[800];
};

/* Opens or creates. Errors as td_projection_open. */
TD_MUST_CHECK enum td_err td_ordersdb_open(struct td_ordersdb *o, const char *path,
                                           struct td_fail *why);
/* Runs a statement with `count` values. */
TD_MUST_CHECK enum td_err td_ordersdb_run(struct td_ordersdb *o, enum td_sql sql,
                                          const struct td_sql_value *values, size_t count,
                                          struct td_fail *why);
/* A whole number of the table meta, 0 when it is not there. */
TD_MUST_CHECK enum td_err td_ordersdb_meta(struct td_ordersdb *o, const char *key, int64_t *out,
                                           struct td_fail *why);
TD_MUST_CHECK enum td_err td_ordersdb_commit(struct td_ordersdb *o, struct td_fail *why);
/* Rolls back what was not committed. Accepts a zeroed one, and twice. */
void td_ordersdb_close(struct td_ordersdb *o);

#endif
