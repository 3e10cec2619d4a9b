/* desk/pgfollow.h - the projection in PostgreSQL: a thread that follows the journal into a schema of the server's.
 *
 * The journal's files are its queue: it reads them at its own pace, as far as they are durable, and nobody waits for it. A server
 * that is slow, hangs or is gone costs the desk nothing; the follower tries again (1, 2, 4 ... 60 s) and catches up. Each
 * batch of records is one transaction together with the number of its last record (table meta), so that every record is
 * applied exactly once whatever dies in between: after a connection was lost that number tells whether the batch got
 * through. A database of another journal is not touched. The lock of an advisory kind keeps two desks out of one schema.
 *
 * Rows are those of orders.db (trade/projection_rows.h), in tables of the same names (trade/pgrows.h, docs/database.md).
 *
 * Owner: the trading thread, which takes in reports; no call of it here waits, but td_pgfollow_close.
 */
#ifndef TD_DESK_PGFOLLOW_H
#define TD_DESK_PGFOLLOW_H

#include "sys/world.h"

#define TD_PGFOLLOW_LIMIT   (10 * TD_SEC) /* of connecting, and of each answer of the server */
#define TD_PGFOLLOW_CLOSING (2 * TD_SEC)  /* for what is still to be sent at the end */
#define TD_PGFOLLOW_PAUSE   (60 * TD_SEC) /* the longest between two tries */

struct td_pgfollow_config {
    const char *url;     /* postgresql://...; holds a password */
    const char *schema;  /* a-z, 0-9 and _, at most 40 characters */
    const char *journal; /* its folder */
    uint64_t durable;    /* last record that is on the disk by now */
};

enum td_pgfollow_word { TD_PG_CONNECTING, TD_PG_FOLLOWING, TD_PG_WAITING };
const char *td_pgfollow_word_text(enum td_pgfollow_word word);

struct td_pgfollow_state {
    enum td_pgfollow_word word;
    uint64_t held;        /* last record that the server has committed, as far as known */
    uint64_t behind;      /* durable records that it has not */
    uint64_t reconnects;  /* sessions begun after the first */
    uint64_t failures;    /* in a row */
    char last_error[160]; /* "": none ever */
};

struct td_pgfollow;

/* TD_EINVAL: a setting is wrong. TD_EUNSUP: no libpq. Nothing is connected here. */
TD_MUST_CHECK enum td_err td_pgfollow_check(const struct td_pgfollow_config *config,
                                            struct td_fail *why);
/* The same check, then the thread. */
TD_MUST_CHECK enum td_err td_pgfollow_open(struct td_pgfollow **out,
                                           const struct td_pgfollow_config *config,
                                           struct td_fail *why);
/* Gives what is durable TD_PGFOLLOW_CLOSING to get through, ends the thread. NULL is fine. */
void td_pgfollow_close(struct td_pgfollow *f);

/* The journal has become durable up to here. */
void td_pgfollow_note(struct td_pgfollow *f, uint64_t durable);
/* The next failure since the last call, or false. */
bool td_pgfollow_next(struct td_pgfollow *f, char *text, size_t cap);
void td_pgfollow_read(const struct td_pgfollow *f, struct td_pgfollow_state *out);

/* Empties what is made from the journal and makes it anew, on the caller's thread and world, which nobody else writes to. `last`
 * is the journal's last record. TD_ELOCKED: a desk writes to that schema. */
TD_MUST_CHECK enum td_err td_pgfollow_fill(struct td_world *world,
                                           const struct td_pgfollow_config *config, uint64_t last,
                                           struct td_fail *why);

#endif
