/* dash/api_inner.h - what the files of the answers share; nobody else includes it.
 *
 * An answer writes one object. What is not known is null, and beside it stands `<key>_reason`. Rows of the database come
 * by prepared statements alone, values of the caller are bound, every list has a LIMIT. An answer that does not fit its
 * buffer becomes one error (500), never half a text.
 */
#ifndef TD_DASH_API_INNER_H
#define TD_DASH_API_INNER_H

#include "dash/route.h"
#include "wire/json.h"

#define API_ROWS_MAX   5000 /* of a list */
#define API_DAYS_MAX   365
#define API_SYMBOL_MAX TD_FEED_SYMBOL
#define API_REASON_MAX 110 /* bytes of a reason that goes to the desk */

/* --- writing --- */

void api_begin(struct td_json *j, struct td_api_answer *out);
void api_end(struct td_json *j, struct td_api_answer *out);
/* {"ok":false,"reason":text} in place of what was written so far. */
void api_error(struct td_api_answer *out, int status, const char *text);

/* null, and `<key>_reason`. */
void api_null(struct td_json *j, const char *key, const char *reason);
/* NaN is null with the reason. */
void api_real(struct td_json *j, const char *key, double value, const char *reason);
void api_time(struct td_json *j, const char *key, td_ns at);
/* A number, text or bool of `object`, or null with the reason. */
void api_copy(struct td_json *j, const char *key, const cJSON *object, const char *reason);
/* Any value, as it is: an object, a list, or null. */
void api_whole(struct td_json *j, const cJSON *value);

/* --- the desk's status --- */

/* What stands at "a.b.c" of an object; NULL: nothing. */
const cJSON *api_at(const cJSON *object, const char *path);
double api_number(const cJSON *object, const char *path);    /* NaN: none */
const char *api_text(const cJSON *object, const char *path); /* NULL: none */
bool api_is(const cJSON *object, const char *path);
/* Why the status is not there, for a reason. */
const char *api_no_desk(const struct td_api_view *v);
/* Its row of the list `positions`; NULL. */
const cJSON *api_position(const struct td_api_view *v, const char *symbol);
/* A setting as text; false: not told. */
bool api_setting(const struct td_api_view *v, const char *key, char *out, size_t cap);
/* What the market is judged by: the desk's market time, else ours. */
td_ns api_market_now(const struct td_api_view *v);

/* --- what was asked --- */

/* Letters, digits, . _ - and no dot first. */
bool api_symbol_good(struct td_str text);
/* Of the query, clamped; `preset` when it is absent. False: it is no whole number, and the error is written. */
bool api_query_whole(const struct td_api_call *call, const char *name, int64_t low, int64_t high,
                     int64_t *value, struct td_api_answer *out);
/* Of the query, empty when it is absent. False: it is no symbol, and the error is written. */
bool api_query_symbol(const struct td_api_call *call, char *out_symbol, struct td_api_answer *out);
/* The {name} of the path as a symbol. */
bool api_path_symbol(const struct td_api_call *call, char *out_symbol, struct td_api_answer *out);

/* --- orders.db --- */

struct api_sql {
    sqlite3_stmt *s;
    bool failed;
    char why[160]; /* when there is no row because it failed, or there is no database */
};

/* False: `why` says what is missing; the other calls then do nothing. */
bool api_ask(const struct td_api_view *v, struct api_sql *q, const char *sql);
void api_bind_i64(struct api_sql *q, int at, int64_t value);
void api_bind_text(struct api_sql *q, int at, const char *text); /* "" is NULL */
void api_bind_time(struct api_sql *q, int at, td_ns value);
bool api_step(struct api_sql *q);
void api_done(struct api_sql *q);
void api_cell(struct td_json *j, const struct api_sql *q, int column);
/* All columns by their names, into an object that is open. */
void api_cells(struct td_json *j, const struct api_sql *q);
double api_cell_real(const struct api_sql *q, int column); /* NaN: NULL */
/* The rows as a list of objects, and `reason` when the database could not be asked. Ends the statement. */
void api_list(struct td_json *j, const char *key, struct api_sql *q);

/* All executions are of one currency, as far as their fees tell; else sums of them mean nothing. */
bool api_one_currency(const struct td_api_view *v, char *why, size_t cap);

/* --- days --- */

/* Begin of the exchange day, `back` days before today; our own UTC day without a zone. */
td_ns api_day_start(const struct td_api_view *v, int64_t back);
int64_t api_day_of(const struct td_api_view *v, td_ns at);

/* --- parts that several answers show --- */

void api_put_pnl(struct td_json *j, const struct td_api_view *v);
void api_put_summary(struct td_json *j, const struct td_api_view *v);
/* {is_open, session, ...} of XNYS into an object that is open. */
void api_put_market(struct td_json *j, const struct td_api_view *v);
/* 1 open, 0 closed, -1 not known. */
int api_market_open(const struct td_api_view *v);
/* Price of a symbol: the middle of its quote, else the last; NaN. */
double api_price(const struct td_api_view *v, const char *symbol);

#endif
