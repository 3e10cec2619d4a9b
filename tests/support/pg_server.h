/* tests/support/pg_server.h - Debian's PostgreSQL server for a test: its own data folder and socket, no port, ended by its pid.
 *
 * From the system's package, or as tools/deps.sh unpacked it. The server refuses to run as root: then it runs as nobody. Needs
 * libpq and SQLite.
 */
#ifndef TD_TESTS_PG_SERVER_H
#define TD_TESTS_PG_SERVER_H

#include <sys/types.h>

#include "support/support.h"

struct pg_server {
    pid_t pid; /* 0: not running */
    char folder[64], bin[1024];
    char url[200]; /* of the database `desk`, for its user with a password */
};

#define PG_PASSWORD "correct-horse-7Qz"

/* Makes a data folder and starts the server; skips the test by name where there is none. */
void pg_server_open(struct pg_server *s);
void pg_server_start(struct pg_server *s); /* again, and waits until it answers */
/* Ends it at once, without a word to its clients: what was not committed is lost. */
void pg_server_crash(struct pg_server *s);
void pg_server_close(struct pg_server *s); /* with its folder; accepts a zeroed one */

/* Runs statements as the user of the url; fails the test when the server refuses. */
void pg_run(const struct pg_server *s, const char *sql);
/* The first value of the answer as a number; -1: none. */
int64_t pg_number(const struct pg_server *s, const char *sql);

/* Every table of orders.db that is made from the journal, with its columns, row by row and value by value, against the schema's. Fails
 * the test at the first difference; the number of rows. */
int64_t pg_compare(const struct pg_server *s, const char *schema, const char *orders_db);

#endif
