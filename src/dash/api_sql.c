/* dash/api_sql.c - orders.db as the answers ask it: prepared statements, bound values, rows as JSON. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "dash/api_inner.h"

static void failed(struct api_sql *q, const struct td_api_view *v, int rc)
{
    q->failed = true;
    (void)snprintf(q->why, sizeof q->why, "orders.db cannot be read: %s",
                   v && v->db ? sqlite3_errmsg(v->db) : sqlite3_errstr(rc));
}

bool api_ask(const struct td_api_view *v, struct api_sql *q, const char *sql)
{
    *q = (struct api_sql){0};
    if (!v->db) {
        q->failed = true;
        (void)snprintf(q->why, sizeof q->why,
                       "orders.db is not there: no desk has run with this state folder");
        return false;
    }
    const int rc = sqlite3_prepare_v2(v->db, sql, -1, &q->s, NULL);
    if (rc != SQLITE_OK)
        failed(q, v, rc);
    return rc == SQLITE_OK;
}

static void look(struct api_sql *q, int rc)
{
    if (rc != SQLITE_OK)
        failed(q, NULL, rc);
}

void api_bind_i64(struct api_sql *q, int at, int64_t value)
{
    if (q->s)
        look(q, sqlite3_bind_int64(q->s, at, value));
}

void api_bind_text(struct api_sql *q, int at, const char *text)
{
    if (q->s)
        look(q, *text ? sqlite3_bind_text(q->s, at, text, -1, SQLITE_TRANSIENT)
                      : sqlite3_bind_null(q->s, at));
}

void api_bind_time(struct api_sql *q, int at, td_ns value)
{
    char text[40];
    (void)td_iso_print(value, text);
    api_bind_text(q, at, text);
}

bool api_step(struct api_sql *q)
{
    if (!q->s || q->failed)
        return false;
    const int rc = sqlite3_step(q->s);
    if (rc != SQLITE_ROW && rc != SQLITE_DONE)
        failed(q, NULL, rc);
    return rc == SQLITE_ROW;
}

void api_done(struct api_sql *q)
{
    (void)sqlite3_finalize(q->s);
    q->s = NULL;
}

double api_cell_real(const struct api_sql *q, int column)
{
    return sqlite3_column_type(q->s, column) == SQLITE_NULL ? (double)NAN
                                                            : sqlite3_column_double(q->s, column);
}

void api_cell(struct td_json *j, const struct api_sql *q, int column)
{
    switch (sqlite3_column_type(q->s, column)) {
    case SQLITE_INTEGER:
        td_json_i64(j, sqlite3_column_int64(q->s, column));
        return;
    case SQLITE_FLOAT:
        td_json_double(j, sqlite3_column_double(q->s, column));
        return;
    case SQLITE_TEXT:
        td_json_str(j, (struct td_str){(const char *)sqlite3_column_text(q->s, column),
                                       (size_t)sqlite3_column_bytes(q->s, column)});
        return;
    default:
        td_json_null(j);
    }
}

void api_cells(struct td_json *j, const struct api_sql *q)
{
    const int count = sqlite3_column_count(q->s);
    for (int i = 0; i < count; i++) {
        td_json_key(j, sqlite3_column_name(q->s, i));
        api_cell(j, q, i);
    }
}

void api_list(struct td_json *j, const char *key, struct api_sql *q)
{
    td_json_key(j, key);
    td_json_array(j);
    for (int n = 0; n < API_ROWS_MAX && api_step(q); n++) {
        td_json_object(j);
        api_cells(j, q);
        td_json_object_end(j);
    }
    td_json_array_end(j);
    td_json_key_text(j, "reason",
                     q->failed ? q->why : "null in a row: not known, or the row has no such value");
    api_done(q);
}

bool api_one_currency(const struct td_api_view *v, char *why, size_t cap)
{
    struct api_sql q;
    (void)api_ask(v, &q, "SELECT MIN(currency) IS MAX(currency) FROM executions");
    const bool got = api_step(&q), one = got && sqlite3_column_int(q.s, 0) != 0;
    if (!one)
        (void)snprintf(why, cap, "%s",
                       got ? "executions are of several currencies: without rates they have no sum"
                           : q.why);
    api_done(&q);
    return one;
}
