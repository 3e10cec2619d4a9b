/* sys/postgres.h - a connection to a PostgreSQL server on which nothing waits longer than it was told to.
 *
 * libpq without its blocking calls: connecting, sending and hearing are polled against a limit and a flag that another thread
 * may set. Statements can be asked one at a time, or be queued (pipeline mode) and settled together, one round trip for all
 * of them. The library is loaded by the first use, as libcurl is. Names are looked up by the system's resolver, which has its
 * own limits; that alone is not bounded here.
 *
 * Owner: one thread, never the trading thread. The address holds a password: no text of this module has it in it. What else libpq
 * reads, it reads (~/.pgpass, PGSSLROOTCERT, ...). Source: the PostgreSQL 15 documentation of libpq.
 */
#ifndef TD_SYS_POSTGRES_H
#define TD_SYS_POSTGRES_H

#include <stdatomic.h>

#include "base/text.h"
#include "base/time.h"

#define TD_POSTGRES_COLUMNS 64

struct td_postgres; /* opaque */

/* What bounds a call: its time, and a flag set by another thread that ends it with TD_EAGAIN within 0.1 s (or NULL). */
struct td_postgres_limit {
    td_ns limit;
    const atomic_bool *stop;
};

/* Is that an address of ours: postgresql://... or postgres://...? */
bool td_postgres_is_url(const char *url);

/* Loads libpq and looks at the address; nothing is connected. TD_EINVAL: it cannot be read. TD_EUNSUP: no libpq here, or this
 * build has none. TD_ENOMEM. */
TD_MUST_CHECK enum td_err td_postgres_open(struct td_postgres **out, const char *url,
                                           struct td_fail *why);
void td_postgres_close(struct td_postgres *p); /* NULL is fine */

/* Drops the connection there was and makes one. TD_EUNREACH with the server's or libpq's words, TD_ETIMEOUT, TD_EAGAIN. */
TD_MUST_CHECK enum td_err td_postgres_connect(struct td_postgres *p,
                                              const struct td_postgres_limit *limit,
                                              struct td_fail *why);
void td_postgres_drop(struct td_postgres *p);
/* Looks whether the server has ended the connection; does not ask it. */
bool td_postgres_connected(struct td_postgres *p);

/* A row of an answer; NULL is null. Values are text and gone when it returns. */
typedef void td_postgres_row(void *arg, const char *const *values, int columns);

/* One statement with `count` values; without values it may be several, which are one transaction then. All rows of its answer
 * go to `row` (may be NULL). TD_EDENIED with the server's words: it refused; TD_ECLOSED, TD_ETIMEOUT, TD_EAGAIN: the connection is
 * dropped then, since what became of it is not known. */
TD_MUST_CHECK enum td_err td_postgres_ask(struct td_postgres *p,
                                          const struct td_postgres_limit *limit, const char *sql,
                                          const char *const *values, int count,
                                          td_postgres_row *row, void *arg, struct td_fail *why);

/* Names a statement for td_postgres_put, for this connection. Errors as td_postgres_ask. */
TD_MUST_CHECK enum td_err td_postgres_prepare(struct td_postgres *p,
                                              const struct td_postgres_limit *limit,
                                              const char *name, const char *sql,
                                              struct td_fail *why);
/* Queues a prepared statement; memory is taken for it until it is settled. TD_ECLOSED. */
TD_MUST_CHECK enum td_err td_postgres_put(struct td_postgres *p, const char *name,
                                          const char *const *values, int count,
                                          struct td_fail *why);
/* Sends what was queued and hears of each. What is between a BEGIN and its COMMIT is done whole or not at all. On every error
 * the connection is dropped: TD_EDENIED with the words of the first statement that was refused; the others as td_postgres_ask. */
TD_MUST_CHECK enum td_err td_postgres_settle(struct td_postgres *p,
                                             const struct td_postgres_limit *limit,
                                             struct td_fail *why);

#endif
