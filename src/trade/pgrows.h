/* trade/pgrows.h - the projection for PostgreSQL: the tables and statements of orders.db in its words, and batches of them.
 *
 * The tables are those of ordersdb.h, translated: INTEGER is BIGINT, REAL is DOUBLE PRECISION, ANY is NUMERIC, TEXT compares by
 * bytes (COLLATE "C"), so every value is the one that orders.db holds. Values travel as text: whole and exact decimal numbers,
 * doubles with 17 digits, times as ISO text; bytes that are not UTF-8 become U+FFFD, which is all that differs.
 *
 * A batch is what a few records change, kept until the server has committed it: it can be sent again word for word, although
 * the blotter behind it has gone on. Pure: no connection here. Owner: one thread.
 */
#ifndef TD_TRADE_PGROWS_H
#define TD_TRADE_PGROWS_H

#include "trade/ordersdb.h"

#define TD_PG_VERSION    1           /* of the schema, in the table meta */
#define TD_PG_BATCH_MAX  (64u << 20) /* bytes of one batch; a record that needs more is refused */
#define TD_PG_VALUES_MAX 24          /* of a statement */
#define TD_PG_STATEMENT  1200        /* bytes of one */

/* SQLite's words in PostgreSQL's; `?` and `?3` become $1 and $3. */
void td_pg_translate(const char *sql, struct td_text *out);

struct td_pgbatch {
    char *bytes; /* heap */
    size_t len, cap;
    uint32_t records;
    uint64_t first, last; /* numbers of its records */
    uint32_t last_crc;    /* CRC-32C of the last one */
    char text[8192];      /* private */
};

/* Empty again; keeps its memory. */
void td_pgbatch_reset(struct td_pgbatch *b);
void td_pgbatch_fini(struct td_pgbatch *b);
/* A td_sql_run: keeps the statement with its values. TD_EFULL past TD_PG_BATCH_MAX, TD_ENOMEM. */
TD_MUST_CHECK enum td_err td_pgbatch_run(void *batch, enum td_sql sql,
                                         const struct td_sql_value *values, size_t count,
                                         struct td_fail *why);
/* The statement at *at (0 is the first) with its values as texts, NULL for null; false: there is none. */
bool td_pgbatch_next(const struct td_pgbatch *b, size_t *at, enum td_sql *sql,
                     const char *values[TD_PG_VALUES_MAX], size_t *count);

#endif
