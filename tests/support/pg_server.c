/* tests/support/pg_server.c - initdb, postgres, and a comparison that shares no code with the program. */
#include "support/pg_server.h"

#include <grp.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"

#define PLACE   "usr/lib/postgresql/15/bin"
#define START_S 30

static bool find_server(struct pg_server *s)
{
    static const char *const places[] = {"/" PLACE,
                                         TD_TESTS_DIR "/../third_party/postgresql/" PLACE};
    char path[1100];
    for (size_t i = 0; i < TD_COUNT(places); i++) {
        (void)snprintf(s->bin, sizeof s->bin, "%s", places[i]);
        (void)snprintf(path, sizeof path, "%s/initdb", s->bin);
        if (access(path, X_OK) == 0)
            return true;
    }
    return false;
}

/* The child's side: another user when we are root, words to `log`. */
static _Noreturn void become(const struct pg_server *s, const char *log, char *const *argv)
{
    const struct passwd *nobody = getpwnam("nobody");
    if (geteuid() == 0 &&
        (!nobody || setgroups(0, NULL) || setgid(nobody->pw_gid) || setuid(nobody->pw_uid)))
        _exit(126);
    if (chdir(s->folder) || !freopen(log, "a", stdout) || dup2(1, 2) < 0 || clearenv() ||
        setenv("LC_ALL", "C", 1))
        _exit(126);
    (void)execv(argv[0], argv);
    _exit(127);
}

static pid_t spawn(const struct pg_server *s, const char *log, const char *const *words)
{
    char *argv[24] = {0};
    char path[1100];
    (void)snprintf(path, sizeof path, "%s/%s", s->bin, words[0]);
    argv[0] = path;
    for (int i = 1; words[i]; i++)
        argv[i] = (char *)(uintptr_t)words[i];
    const pid_t pid = fork();
    if (pid == 0)
        become(s, log, argv);
    assert_true(pid > 0);
    return pid;
}

static void fail_with(const struct pg_server *s, const char *log, const char *what)
{
    char path[200];
    size_t len;
    (void)snprintf(path, sizeof path, "%s/%s", s->folder, log);
    char *said = td_test_slurp(path, &len);
    fail_msg("%s: %s", what, said ? said : "(no log)");
}

static PGconn *connect_to(const struct pg_server *s, const char *database)
{
    char address[300];
    (void)snprintf(address, sizeof address, "host=%s user=tapedeck dbname=%s password=" PG_PASSWORD,
                   s->folder, database);
    return PQconnectdb(address);
}

void pg_server_start(struct pg_server *s)
{
    char data[100];
    (void)snprintf(data, sizeof data, "%s/data", s->folder);
    const char *const words[] = {"postgres", "-D", data, "-k", s->folder, "-h", "", "-F", NULL};
    const struct timespec pause = {.tv_nsec = 20000000};
    s->pid = spawn(s, "server.log", words);
    for (int i = 0; i < START_S * 50; i++) {
        PGconn *c = connect_to(s, "postgres");
        const bool ok = PQstatus(c) == CONNECTION_OK;
        PQfinish(c);
        if (ok)
            return;
        if (waitpid(s->pid, NULL, WNOHANG) == s->pid) {
            s->pid = 0;
            fail_with(s, "server.log", "the server ended");
        }
        (void)nanosleep(&pause, NULL);
    }
    fail_with(s, "server.log", "the server does not answer");
}

void pg_server_crash(struct pg_server *s)
{
    if (!s->pid)
        return;
    assert_int_equal(kill(s->pid, SIGQUIT), 0);
    assert_int_equal(waitpid(s->pid, NULL, 0), s->pid);
    s->pid = 0;
}

static void init_data(struct pg_server *s)
{
    char data[100], password[100];
    int status;
    (void)snprintf(data, sizeof data, "%s/data", s->folder);
    (void)snprintf(password, sizeof password, "--pwfile=%s/password", s->folder);
    FILE *f = fopen(password + 9, "w");
    assert_non_null(f);
    assert_true(fputs(PG_PASSWORD "\n", f) >= 0 && fclose(f) == 0);
    assert_int_equal(chmod(password + 9, 0644), 0);
    const char *const words[] = {"initdb",
                                 "-D",
                                 data,
                                 "-U",
                                 "tapedeck",
                                 "-A",
                                 "scram-sha-256",
                                 password,
                                 "-E",
                                 "UTF8",
                                 "--locale=C",
                                 "--no-sync",
                                 "--no-instructions",
                                 NULL};
    const pid_t pid = spawn(s, "initdb.log", words);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        fail_with(s, "initdb.log", "initdb");
}

void pg_server_open(struct pg_server *s)
{
    memset(s, 0, sizeof *s);
    if (!find_server(s))
        td_skip("no PostgreSQL server: tools/deps.sh unpacks Debian's package postgresql-15");
    (void)snprintf(s->folder, sizeof s->folder, "/tmp/td-pg-XXXXXX");
    assert_non_null(mkdtemp(s->folder));
    const struct passwd *nobody = getpwnam("nobody");
    if (geteuid() == 0)
        assert_true(nobody && chown(s->folder, nobody->pw_uid, nobody->pw_gid) == 0);
    (void)snprintf(s->url, sizeof s->url, "postgresql://tapedeck:" PG_PASSWORD "@/desk?host=%s",
                   s->folder);
    init_data(s);
    pg_server_start(s);
    PGconn *c = connect_to(s, "postgres");
    PGresult *r = PQexec(c, "CREATE DATABASE desk");
    assert_int_equal(PQresultStatus(r), PGRES_COMMAND_OK);
    PQclear(r);
    PQfinish(c);
}

void pg_server_close(struct pg_server *s)
{
    char command[100];
    pg_server_crash(s);
    if (strncmp(s->folder, "/tmp/td-pg-", 11) == 0) {
        (void)snprintf(command, sizeof command, "rm -rf '%s'", s->folder);
        assert_int_equal(system(command), 0);
    }
    s->folder[0] = '\0';
}

/* --- questions --- */

static PGresult *answer(PGconn *c, const char *sql)
{
    PGresult *r = PQexec(c, sql);
    if (PQresultStatus(r) != PGRES_COMMAND_OK && PQresultStatus(r) != PGRES_TUPLES_OK)
        fail_msg("%s: %s", sql, PQerrorMessage(c));
    return r;
}

void pg_run(const struct pg_server *s, const char *sql)
{
    PGconn *c = connect_to(s, "desk");
    PQclear(answer(c, sql));
    PQfinish(c);
}

int64_t pg_number(const struct pg_server *s, const char *sql)
{
    PGconn *c = connect_to(s, "desk");
    PGresult *r = answer(c, sql);
    const bool there = PQntuples(r) > 0 && !PQgetisnull(r, 0, 0);
    const int64_t n = there ? strtoll(PQgetvalue(r, 0, 0), NULL, 10) : -1;
    PQclear(r);
    PQfinish(c);
    return n;
}

/* --- comparison --- */

static bool same_value(sqlite3_stmt *q, int column, const PGresult *r, int row)
{
    const int type = sqlite3_column_type(q, column);
    const char *theirs = PQgetvalue(r, row, column);
    char text[16384];
    struct td_text t;
    if (type == SQLITE_NULL || PQgetisnull(r, row, column))
        return type == SQLITE_NULL && PQgetisnull(r, row, column);
    if (type == SQLITE_INTEGER)
        return strtoll(theirs, NULL, 10) == sqlite3_column_int64(q, column) && !strchr(theirs, '.');
    if (type == SQLITE_FLOAT) {
        const double b = sqlite3_column_double(q, column);
        double a;
        return sscanf(theirs, "%lf", &a) == 1 && !(a < b) && !(a > b);
    }
    td_text_init(&t, text, sizeof text);
    td_text_utf8(&t, td_str_of((const char *)sqlite3_column_text(q, column)));
    return strcmp(theirs, text) == 0;
}

static int64_t compare_table(PGconn *c, sqlite3 *db, const char *schema, const char *table)
{
    char sql[200];
    sqlite3_stmt *q;
    int64_t rows = 0;
    (void)snprintf(sql, sizeof sql, "SELECT * FROM %s ORDER BY id", table);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &q, NULL), SQLITE_OK);
    (void)snprintf(sql, sizeof sql, "SELECT * FROM %s.%s ORDER BY id", schema, table);
    PGresult *r = answer(c, sql);
    assert_int_equal(PQnfields(r), sqlite3_column_count(q));
    for (int i = 0; i < PQnfields(r); i++)
        assert_string_equal(PQfname(r, i), sqlite3_column_name(q, i));
    for (; sqlite3_step(q) == SQLITE_ROW; rows++) {
        if (rows >= PQntuples(r))
            fail_msg("%s: only %d rows in PostgreSQL", table, PQntuples(r));
        for (int i = 0; i < PQnfields(r); i++)
            if (!same_value(q, i, r, (int)rows))
                fail_msg("%s, row %lld, %s: \"%s\" and \"%s\"", table, (long long)rows,
                         PQfname(r, i), (const char *)sqlite3_column_text(q, i),
                         PQgetvalue(r, (int)rows, i));
    }
    assert_int_equal(rows, PQntuples(r));
    PQclear(r);
    (void)sqlite3_finalize(q);
    return rows;
}

int64_t pg_compare(const struct pg_server *s, const char *schema, const char *orders_db)
{
    static const char *const tables[] = {"orders",  "executions", "positions", "account",
                                         "signals", "events",     "trades"};
    sqlite3 *db;
    int64_t rows = 0;
    PGconn *c = connect_to(s, "desk");
    PQclear(answer(c, "SET extra_float_digits = 3"));
    assert_int_equal(sqlite3_open_v2(orders_db, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    for (size_t i = 0; i < TD_COUNT(tables); i++)
        rows += compare_table(c, db, schema, tables[i]);
    (void)sqlite3_close(db);
    PQfinish(c);
    return rows;
}
