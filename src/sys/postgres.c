/* sys/postgres.c - libpq, polled. */
#include "sys/postgres.h"

#include <stdlib.h>
#include <string.h>

bool td_postgres_is_url(const char *url)
{
    return url && (strncmp(url, "postgresql://", 13) == 0 || strncmp(url, "postgres://", 11) == 0);
}

#ifdef TD_WITH_POSTGRES

#include <libpq-fe.h>
#include <poll.h>
#include <time.h>

#include "sys/library.h"

#define LOOK_MS 100 /* at the stop flag */

/* What is used of libpq. */
#define CALLS(X)                                                                                   \
    X(PGconn *, connectStartParams, PQconnectStartParams,                                          \
      (const char *const *, const char *const *, int))                                             \
    X(PostgresPollingStatusType, connectPoll, PQconnectPoll, (PGconn *))                           \
    X(PQconninfoOption *, conninfoParse, PQconninfoParse, (const char *, char **))                 \
    X(void, conninfoFree, PQconninfoFree, (PQconninfoOption *))                                    \
    X(void, freemem, PQfreemem, (void *))                                                          \
    X(void, finish, PQfinish, (PGconn *))                                                          \
    X(int, socket, PQsocket, (const PGconn *))                                                     \
    X(ConnStatusType, status, PQstatus, (const PGconn *))                                          \
    X(char *, errorMessage, PQerrorMessage, (const PGconn *))                                      \
    X(int, setnonblocking, PQsetnonblocking, (PGconn *, int))                                      \
    X(int, sendQuery, PQsendQuery, (PGconn *, const char *))                                       \
    X(int, sendQueryParams, PQsendQueryParams,                                                     \
      (PGconn *, const char *, int, const Oid *, const char *const *, const int *, const int *,    \
       int))                                                                                       \
    X(int, sendPrepare, PQsendPrepare, (PGconn *, const char *, const char *, int, const Oid *))   \
    X(int, sendQueryPrepared, PQsendQueryPrepared,                                                 \
      (PGconn *, const char *, int, const char *const *, const int *, const int *, int))           \
    X(int, flush, PQflush, (PGconn *))                                                             \
    X(int, consumeInput, PQconsumeInput, (PGconn *))                                               \
    X(int, isBusy, PQisBusy, (PGconn *))                                                           \
    X(PGresult *, getResult, PQgetResult, (PGconn *))                                              \
    X(ExecStatusType, resultStatus, PQresultStatus, (const PGresult *))                            \
    X(char *, resultErrorMessage, PQresultErrorMessage, (const PGresult *))                        \
    X(int, ntuples, PQntuples, (const PGresult *))                                                 \
    X(int, nfields, PQnfields, (const PGresult *))                                                 \
    X(char *, getvalue, PQgetvalue, (const PGresult *, int, int))                                  \
    X(int, getisnull, PQgetisnull, (const PGresult *, int, int))                                   \
    X(void, clear, PQclear, (PGresult *))                                                          \
    X(int, enterPipelineMode, PQenterPipelineMode, (PGconn *))                                     \
    X(int, exitPipelineMode, PQexitPipelineMode, (PGconn *))                                       \
    X(int, pipelineSync, PQpipelineSync, (PGconn *))                                               \
    X(PQnoticeProcessor, setNoticeProcessor, PQsetNoticeProcessor,                                 \
      (PGconn *, PQnoticeProcessor, void *))

#define CALL_MEMBER(type, name, symbol, args) type(*name) args;
struct calls {
    CALLS(CALL_MEMBER)
};

struct td_postgres {
    struct calls call;
    PGconn *conn; /* NULL: none */
    bool queued;  /* in pipeline mode */
    char *url;
};

static enum td_err load(struct calls *calls, struct td_fail *why)
{
#define CALL_ROW(type, name, symbol, args) {#symbol, offsetof(struct calls, name)},
    static const struct {
        const char *name;
        size_t into;
    } rows[] = {CALLS(CALL_ROW)};
    struct td_library library;
    struct td_fail said = {0};
    if (td_library_open(&library, "libpq.so.5", &said) != TD_OK)
        return td_fail_set(why, TD_EUNSUP, "PostgreSQL needs libpq (package libpq5): %s",
                           said.text);
    for (size_t i = 0; i < TD_COUNT(rows); i++) {
        td_library_fn *fn = td_library_find(&library, rows[i].name);
        if (!fn)
            return td_fail_set(why, TD_EUNSUP, "libpq has no %s: version 14 or later is needed",
                               rows[i].name);
        memcpy((char *)calls + rows[i].into, &fn, sizeof fn);
    }
    return TD_OK; /* it stays loaded */
}

/* libpq's own words for a bad address repeat it, password and all: they are not used. */
static enum td_err check_url(const struct td_postgres *p, struct td_fail *why)
{
    char *said = NULL;
    PQconninfoOption *options =
        td_postgres_is_url(p->url) ? p->call.conninfoParse(p->url, &said) : NULL;
    if (said)
        p->call.freemem(said);
    if (!options)
        return td_fail_set(why, TD_EINVAL,
                           "expected postgresql://USER:PASSWORD@HOST:PORT/DATABASE");
    p->call.conninfoFree(options);
    return TD_OK;
}

enum td_err td_postgres_open(struct td_postgres **out, const char *url, struct td_fail *why)
{
    struct td_postgres *p = calloc(1, sizeof *p);
    if (p)
        p->url = strdup(url);
    enum td_err err = p && p->url ? load(&p->call, why)
                                  : td_fail_set(why, TD_ENOMEM, "%s", td_err_text(TD_ENOMEM));
    if (!err)
        err = check_url(p, why);
    if (!err)
        *out = p;
    else if (p) {
        free(p->url);
        free(p);
    }
    return err;
}

void td_postgres_drop(struct td_postgres *p)
{
    if (p->conn)
        p->call.finish(p->conn);
    p->conn = NULL;
    p->queued = false;
}

void td_postgres_close(struct td_postgres *p)
{
    if (!p)
        return;
    td_postgres_drop(p);
    explicit_bzero(p->url, strlen(p->url));
    free(p->url);
    free(p);
}

/* --- waiting --- */

static td_ns mono(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (td_ns)t.tv_sec * TD_SEC + t.tv_nsec;
}

struct wait {
    td_ns until;
    const atomic_bool *stop;
};

static struct wait begin(const struct td_postgres_limit *limit)
{
    return (struct wait){mono() + limit->limit, limit->stop};
}

/* Until one of `events`, or the limit. */
static enum td_err await(const struct td_postgres *p, const struct wait *w, short events)
{
    for (;;) {
        struct pollfd fd = {.fd = p->call.socket(p->conn), .events = events};
        const td_ns left = w->until - mono();
        if (w->stop && atomic_load_explicit(w->stop, memory_order_relaxed))
            return TD_EAGAIN;
        if (left <= 0)
            return TD_ETIMEOUT;
        const int ms = left < LOOK_MS * TD_MS ? (int)(left / TD_MS) + 1 : LOOK_MS;
        if (fd.fd < 0)
            return TD_ECLOSED;
        if (poll(&fd, 1, ms) > 0)
            return TD_OK;
    }
}

/* One line of what libpq or the server says. */
static enum td_err told(enum td_err err, const char *text, struct td_fail *why)
{
    const struct td_str line = td_str_trim((struct td_str){text, strcspn(text, "\n")});
    return line.len ? td_fail_set(why, err, "%.*s", TD_STR_ARG(line))
                    : td_fail_set(why, err, "%s", td_err_text(err));
}

/* The connection is of no use any more. */
static enum td_err broken(struct td_postgres *p, enum td_err err, struct td_fail *why)
{
    err = err == TD_ECLOSED && p->conn ? told(err, p->call.errorMessage(p->conn), why)
                                       : told(err, td_err_text(err), why);
    td_postgres_drop(p);
    return err;
}

static void no_notice(void *arg, const char *text)
{
    (void)arg, (void)text;
}

enum td_err td_postgres_connect(struct td_postgres *p, const struct td_postgres_limit *limit,
                                struct td_fail *why)
{
    static const char *const keys[] = {"dbname",
                                       "application_name",
                                       "client_encoding",
                                       "keepalives_idle",
                                       "keepalives_interval",
                                       "keepalives_count",
                                       "tcp_user_timeout",
                                       NULL};
    const char *const values[] = {p->url, "tapedeck", "UTF8", "30", "10", "3", "30000", NULL};
    const struct wait w = begin(limit);
    enum td_err err = TD_OK;
    td_postgres_drop(p);
    p->conn = p->call.connectStartParams(keys, values, 1);
    if (!p->conn)
        return td_fail_set(why, TD_ENOMEM, "%s", td_err_text(TD_ENOMEM));
    (void)p->call.setNoticeProcessor(p->conn, no_notice, NULL);
    PostgresPollingStatusType next =
        p->call.status(p->conn) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING;
    while (!err && next != PGRES_POLLING_OK && next != PGRES_POLLING_FAILED) {
        err = await(p, &w, next == PGRES_POLLING_READING ? POLLIN : POLLOUT);
        if (!err)
            next = p->call.connectPoll(p->conn);
    }
    if (!err && (next == PGRES_POLLING_FAILED || p->call.setnonblocking(p->conn, 1) != 0))
        err = told(TD_EUNREACH, p->call.errorMessage(p->conn), why);
    else if (err)
        (void)told(err, td_err_text(err), why);
    if (err)
        td_postgres_drop(p);
    return err;
}

bool td_postgres_connected(struct td_postgres *p)
{
    if (p->conn && (!p->call.consumeInput(p->conn) || p->call.status(p->conn) != CONNECTION_OK))
        td_postgres_drop(p);
    return p->conn != NULL;
}

/* --- one statement --- */

/* Sends what libpq holds; takes in what the server says meanwhile, so that neither waits for the other. */
static enum td_err flush(struct td_postgres *p, const struct wait *w)
{
    int left;
    while ((left = p->call.flush(p->conn)) == 1) {
        const enum td_err err = await(p, w, POLLIN | POLLOUT);
        if (err)
            return err;
        if (!p->call.consumeInput(p->conn))
            return TD_ECLOSED;
    }
    return left == 0 ? TD_OK : TD_ECLOSED;
}

/* The next result; NULL ends those of a statement. */
static enum td_err hear(struct td_postgres *p, const struct wait *w, PGresult **out)
{
    while (p->call.isBusy(p->conn)) {
        const enum td_err err = await(p, w, POLLIN);
        if (err)
            return err;
        if (!p->call.consumeInput(p->conn))
            return TD_ECLOSED;
    }
    *out = p->call.getResult(p->conn);
    return TD_OK;
}

static void give_rows(const struct td_postgres *p, const PGresult *r, td_postgres_row *row,
                      void *arg)
{
    const char *values[TD_POSTGRES_COLUMNS];
    const int rows = p->call.ntuples(r), all = p->call.nfields(r);
    const int columns = all < TD_POSTGRES_COLUMNS ? all : TD_POSTGRES_COLUMNS;
    for (int i = 0; row && i < rows; i++) {
        for (int k = 0; k < columns; k++)
            values[k] = p->call.getisnull(r, i, k) ? NULL : p->call.getvalue(r, i, k);
        row(arg, values, columns);
    }
}

static bool went_well(ExecStatusType status)
{
    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY ||
           status == PGRES_PIPELINE_SYNC;
}

/* All results of what was sent. */
static enum td_err hear_all(struct td_postgres *p, const struct wait *w, td_postgres_row *row,
                            void *arg, struct td_fail *why)
{
    enum td_err refused = TD_OK, err = flush(p, w);
    for (PGresult *r = NULL; !err; p->call.clear(r)) {
        err = hear(p, w, &r);
        if (err || !r)
            break;
        const ExecStatusType status = p->call.resultStatus(r);
        if (status == PGRES_TUPLES_OK)
            give_rows(p, r, row, arg);
        else if (!went_well(status) && !refused)
            refused = told(TD_EDENIED, p->call.resultErrorMessage(r), why);
    }
    if (!err && p->call.status(p->conn) != CONNECTION_OK)
        err = TD_ECLOSED;
    return err ? broken(p, err, why) : refused;
}

enum td_err td_postgres_ask(struct td_postgres *p, const struct td_postgres_limit *limit,
                            const char *sql, const char *const *values, int count,
                            td_postgres_row *row, void *arg, struct td_fail *why)
{
    const struct wait w = begin(limit);
    if (!p->conn)
        return td_fail_set(why, TD_ECLOSED, "%s", td_err_text(TD_ECLOSED));
    const int sent = count
                         ? p->call.sendQueryParams(p->conn, sql, count, NULL, values, NULL, NULL, 0)
                         : p->call.sendQuery(p->conn, sql);
    return sent ? hear_all(p, &w, row, arg, why) : broken(p, TD_ECLOSED, why);
}

enum td_err td_postgres_prepare(struct td_postgres *p, const struct td_postgres_limit *limit,
                                const char *name, const char *sql, struct td_fail *why)
{
    const struct wait w = begin(limit);
    if (!p->conn)
        return td_fail_set(why, TD_ECLOSED, "%s", td_err_text(TD_ECLOSED));
    return p->call.sendPrepare(p->conn, name, sql, 0, NULL) ? hear_all(p, &w, NULL, NULL, why)
                                                            : broken(p, TD_ECLOSED, why);
}

/* --- many --- */

enum td_err td_postgres_put(struct td_postgres *p, const char *name, const char *const *values,
                            int count, struct td_fail *why)
{
    if (!p->conn)
        return td_fail_set(why, TD_ECLOSED, "%s", td_err_text(TD_ECLOSED));
    if (!p->queued && !p->call.enterPipelineMode(p->conn))
        return broken(p, TD_ECLOSED, why);
    p->queued = true;
    return p->call.sendQueryPrepared(p->conn, name, count, values, NULL, NULL, 0)
               ? TD_OK
               : broken(p, TD_ECLOSED, why);
}

enum td_err td_postgres_settle(struct td_postgres *p, const struct td_postgres_limit *limit,
                               struct td_fail *why)
{
    const struct wait w = begin(limit);
    bool synced = false;
    if (!p->conn || !p->queued)
        return p->conn ? TD_OK : td_fail_set(why, TD_ECLOSED, "%s", td_err_text(TD_ECLOSED));
    enum td_err err = p->call.pipelineSync(p->conn) ? flush(p, &w) : TD_ECLOSED;
    while (!err && !synced) {
        PGresult *r = NULL;
        err = hear(p, &w, &r);
        const ExecStatusType status = r ? p->call.resultStatus(r) : PGRES_COMMAND_OK;
        synced = status == PGRES_PIPELINE_SYNC;
        if (!err && p->call.status(p->conn) != CONNECTION_OK)
            err = TD_ECLOSED;
        if (!err && !went_well(status)) {
            err = told(TD_EDENIED, p->call.resultErrorMessage(r), why);
            p->call.clear(r);
            td_postgres_drop(p); /* with all that was queued behind it */
            return err;
        }
        p->call.clear(r);
    }
    if (err || !p->call.exitPipelineMode(p->conn))
        return broken(p, err ? err : TD_ECLOSED, why);
    p->queued = false;
    return TD_OK;
}

#else /* without libpq */

enum td_err td_postgres_open(struct td_postgres **out, const char *url, struct td_fail *why)
{
    (void)out, (void)url;
    return td_fail_set(why, TD_EUNSUP,
                       "this build is without PostgreSQL: install libpq-dev and "
                       "build again (TD_POSTGRES)");
}

void td_postgres_close(struct td_postgres *p)
{
    (void)p;
}

enum td_err td_postgres_connect(struct td_postgres *p, const struct td_postgres_limit *limit,
                                struct td_fail *why)
{
    (void)p, (void)limit;
    return td_fail_set(why, TD_EUNSUP, "%s", td_err_text(TD_EUNSUP));
}

void td_postgres_drop(struct td_postgres *p)
{
    (void)p;
}

bool td_postgres_connected(struct td_postgres *p)
{
    (void)p;
    return false;
}

enum td_err td_postgres_ask(struct td_postgres *p, const struct td_postgres_limit *limit,
                            const char *sql, const char *const *values, int count,
                            td_postgres_row *row, void *arg, struct td_fail *why)
{
    (void)p, (void)limit, (void)sql, (void)values, (void)count, (void)row, (void)arg;
    return td_fail_set(why, TD_EUNSUP, "%s", td_err_text(TD_EUNSUP));
}

enum td_err td_postgres_prepare(struct td_postgres *p, const struct td_postgres_limit *limit,
                                const char *name, const char *sql, struct td_fail *why)
{
    (void)p, (void)limit, (void)name, (void)sql;
    return td_fail_set(why, TD_EUNSUP, "%s", td_err_text(TD_EUNSUP));
}

enum td_err td_postgres_put(struct td_postgres *p, const char *name, const char *const *values,
                            int count, struct td_fail *why)
{
    (void)p, (void)name, (void)values, (void)count;
    return td_fail_set(why, TD_EUNSUP, "%s", td_err_text(TD_EUNSUP));
}

enum td_err td_postgres_settle(struct td_postgres *p, const struct td_postgres_limit *limit,
                               struct td_fail *why)
{
    (void)p, (void)limit;
    return td_fail_set(why, TD_EUNSUP, "%s", td_err_text(TD_EUNSUP));
}

#endif
