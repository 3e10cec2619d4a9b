/* tests/support/pg_none.c - pg_server.h of a build without libpq: the tests that want a server are skipped. */
#include "support/pg_server.h"

void pg_server_open(struct pg_server *s)
{
    (void)s;
    td_skip("this build is without PostgreSQL (package libpq-dev)");
}

void pg_server_start(struct pg_server *s)
{
    (void)s;
}

void pg_server_crash(struct pg_server *s)
{
    (void)s;
}

void pg_server_close(struct pg_server *s)
{
    (void)s;
}

void pg_run(const struct pg_server *s, const char *sql)
{
    (void)s, (void)sql;
}

int64_t pg_number(const struct pg_server *s, const char *sql)
{
    (void)s, (void)sql;
    return -1;
}

int64_t pg_compare(const struct pg_server *s, const char *schema, const char *orders_db)
{
    (void)s, (void)schema, (void)orders_db;
    return 0;
}
