/* desk/pgsession.h - private to desk/pgfollow.c: one server, one schema, one journal, without a thread.
 *
 * A session is begun (connected, locked, its tables made or recognised), then steps carry records over. After a failure the
 * session is begun again and finds out what was committed. Owner: one thread.
 */
#ifndef TD_DESK_PGSESSION_H
#define TD_DESK_PGSESSION_H

#include "sys/postgres.h"
#include "sys/world.h"
#include "trade/journal_tail.h"
#include "trade/noter.h"
#include "trade/pgrows.h"

#define TD_PG_SCHEMA 41

struct td_pgsession {
    struct td_world *world;
    struct td_postgres *pg;
    struct td_postgres_limit limit; /* of each call; the owner's to change */
    char schema[TD_PG_SCHEMA], journal[800];
    struct td_journal_tail *tail; /* NULL: the journal is read anew */
    struct td_noter noter;
    struct td_pgbatch batch; /* not known to be committed; empty: none */
    uint64_t held;           /* last record the server has committed */
    uint32_t held_crc;
    /* private */
    int64_t told_version, told_seq, told_crc;
    bool yes[2], spoiled;
};

/* Takes memory and libpq. Errors as td_pgfollow_check. */
TD_MUST_CHECK enum td_err td_pgsession_open(struct td_pgsession *s, struct td_world *world,
                                            const char *url, const char *schema,
                                            const char *journal, struct td_fail *why);
void td_pgsession_close(struct td_pgsession *s); /* accepts a zeroed one, and twice */

/* Connects, and agrees with the server about what it holds. TD_ELOCKED: somebody else writes to the schema. TD_EVERSION: its
 * tables are not ours. TD_EUNSUP: the database is not in UTF8. Others as td_postgres_ask. */
TD_MUST_CHECK enum td_err td_pgsession_begin(struct td_pgsession *s, struct td_fail *why);
/* Empties what is made from the journal, for making it anew. */
TD_MUST_CHECK enum td_err td_pgsession_empty(struct td_pgsession *s, struct td_fail *why);
/* Carries some records over, none behind `durable`; *more: there are others. TD_ECORRUPT: the server's are of another journal, or
 * the journal is damaged. */
TD_MUST_CHECK enum td_err td_pgsession_step(struct td_pgsession *s, uint64_t durable, bool *more,
                                            struct td_fail *why);

#endif
