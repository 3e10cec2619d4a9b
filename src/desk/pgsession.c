/* desk/pgsession.c - schema, agreement with the server, and batches. */
#include "desk/pgsession.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/crc.h"
#include "trade/snapshot.h"

#define BATCH_RECORDS 512
#define BATCH_BYTES   (1u << 20)
#define READ_RECORDS  64           /* of the journal at a time */
#define SKIP_RECORDS  4096         /* the same where the server has them already */
#define LOCK_CLASS    "1952738129" /* "tdkQ": our locks among those of others */

static enum td_err ask(struct td_pgsession *s, const char *sql, const char *const *values,
                       int count, td_postgres_row *row, struct td_fail *why)
{
    return td_postgres_ask(s->pg, &s->limit, sql, values, count, row, s, why);
}

static void take_yes(void *arg, const char *const *values, int columns)
{
    struct td_pgsession *s = arg;
    for (int i = 0; i < columns && i < 2; i++)
        s->yes[i] = values[i] && values[i][0] == 't';
}

/* --- open and close --- */

static bool is_schema(const char *name)
{
    return name[0] && strlen(name) < TD_PG_SCHEMA && (name[0] < '0' || name[0] > '9') &&
           strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == strlen(name);
}

enum td_err td_pgsession_open(struct td_pgsession *s, struct td_world *world, const char *url,
                              const char *schema, const char *journal, struct td_fail *why)
{
    *s = (struct td_pgsession){.world = world};
    if (!is_schema(schema))
        return td_fail_set(why, TD_EINVAL,
                           "POSTGRES_SCHEMA: a-z, 0-9 and _ are allowed, 40 characters at most");
    (void)snprintf(s->schema, sizeof s->schema, "%s", schema);
    if (!td_str_copy(td_str_of(journal), s->journal, sizeof s->journal))
        return td_fail_set(why, TD_ERANGE, "%s: path too long", journal);
    enum td_err err = td_postgres_open(&s->pg, url, why);
    if (err)
        (void)td_fail_add(why, err, "DATABASE_URL");
    else if (td_noter_open(&s->noter) != TD_OK)
        err = td_fail_set(why, TD_ENOMEM, "no memory for the projection");
    if (err)
        td_pgsession_close(s);
    return err;
}

void td_pgsession_close(struct td_pgsession *s)
{
    td_journal_tail_close(s->tail);
    td_noter_close(&s->noter);
    td_pgbatch_fini(&s->batch);
    td_postgres_close(s->pg);
    s->tail = NULL;
    s->pg = NULL;
}

/* --- a session --- */

static enum td_err set_up(struct td_pgsession *s, struct td_fail *why)
{
    const char *const lock[] = {s->schema};
    enum td_err err =
        ask(s,
            "SET statement_timeout = '10s'; SET lock_timeout = '5s'; "
            "SET idle_in_transaction_session_timeout = '60s'; SET client_min_messages = error",
            NULL, 0, NULL, why);
    s->yes[0] = false;
    if (!err)
        err = ask(s, "SELECT current_setting('server_encoding') = 'UTF8'", NULL, 0, take_yes, why);
    if (!err && !s->yes[0])
        return td_fail_set(why, TD_EUNSUP, "the database is not in UTF8; make one that is");
    s->yes[0] = false;
    if (!err)
        err = ask(s, "SELECT pg_try_advisory_lock(" LOCK_CLASS ", hashtext($1))", lock, 1, take_yes,
                  why);
    if (!err && !s->yes[0])
        return td_fail_set(why, TD_ELOCKED, "another desk writes to schema %s", s->schema);
    return err;
}

static enum td_err make_tables(struct td_pgsession *s, bool schema_there, struct td_fail *why)
{
    char sql[16384];
    struct td_text t;
    td_text_init(&t, sql, sizeof sql);
    if (!schema_there)
        td_text_printf(&t, "CREATE SCHEMA \"%s\"; ", s->schema);
    td_text_printf(&t, "SET LOCAL search_path TO \"%s\"; ", s->schema);
    td_pg_translate(td_ordersdb_schema, &t);
    td_text_printf(&t, "INSERT INTO meta VALUES ('version', %d), ('seq', 0), ('seq_crc', 0)",
                   TD_PG_VERSION);
    TD_REQUIRE(!td_text_full(&t));
    return ask(s, sql, NULL, 0, NULL, why);
}

static void take_meta(void *arg, const char *const *values, int columns)
{
    struct td_pgsession *s = arg;
    const struct {
        const char *key;
        int64_t *into;
    } rows[] = {{"version", &s->told_version}, {"seq", &s->told_seq}, {"seq_crc", &s->told_crc}};
    for (size_t i = 0; columns == 2 && values[0] && values[1] && i < TD_COUNT(rows); i++)
        if (strcmp(values[0], rows[i].key) == 0 &&
            td_i64_parse(values[1], strlen(values[1]), rows[i].into) != TD_OK)
            *rows[i].into = -1;
}

/* Makes the tables in an empty schema; knows its own, refuses all others. */
static enum td_err ready_tables(struct td_pgsession *s, struct td_fail *why)
{
    char meta[TD_PG_SCHEMA + 16], path[TD_PG_SCHEMA + 40];
    const char *const names[] = {s->schema, meta};
    (void)snprintf(meta, sizeof meta, "%s.meta", s->schema);
    (void)snprintf(path, sizeof path, "SET search_path TO \"%s\"", s->schema);
    s->yes[0] = s->yes[1] = false;
    enum td_err err = ask(s, "SELECT to_regnamespace($1) IS NOT NULL, to_regclass($2) IS NOT NULL",
                          names, 2, take_yes, why);
    if (!err && !s->yes[1])
        err = make_tables(s, s->yes[0], why);
    if (!err)
        err = ask(s, path, NULL, 0, NULL, why);
    s->told_version = s->told_seq = s->told_crc = -1;
    if (!err)
        err = ask(s, "SELECT key, value FROM meta", NULL, 0, take_meta, why);
    if (!err && (s->told_version != TD_PG_VERSION || s->told_seq < 0 || s->told_crc < 0))
        err = td_fail_set(why, TD_EVERSION,
                          "schema %s has tables that are not ours, or of another version; set "
                          "POSTGRES_SCHEMA to a new one",
                          s->schema);
    return err;
}

static enum td_err prepare_statements(struct td_pgsession *s, struct td_fail *why)
{
    char sql[TD_PG_STATEMENT], name[16];
    enum td_err err = td_postgres_prepare(s->pg, &s->limit, "begin", "BEGIN", why);
    if (!err)
        err = td_postgres_prepare(s->pg, &s->limit, "commit", "COMMIT", why);
    for (int i = 0; i < TD_SQL_COUNT && !err; i++) {
        struct td_text t;
        td_text_init(&t, sql, sizeof sql);
        td_pg_translate(td_ordersdb_texts[i], &t);
        TD_REQUIRE(!td_text_full(&t));
        (void)snprintf(name, sizeof name, "s%d", i);
        err = td_postgres_prepare(s->pg, &s->limit, name, sql, why);
    }
    return err;
}

/* The journal is read anew, to go on behind what the server has. */
static enum td_err start_anew(struct td_pgsession *s)
{
    td_journal_tail_close(s->tail);
    s->tail = NULL;
    td_pgbatch_reset(&s->batch);
    s->held = (uint64_t)s->told_seq;
    s->held_crc = (uint32_t)s->told_crc;
    s->spoiled = false;
    return td_noter_reset(&s->noter);
}

/* Was the batch, whose answer was lost, committed? */
static enum td_err agree(struct td_pgsession *s)
{
    const uint64_t seq = (uint64_t)s->told_seq;
    const uint32_t crc = (uint32_t)s->told_crc;
    const bool where_we_were = seq == s->held && crc == s->held_crc;
    if (!s->tail)
        return start_anew(s);
    if (s->batch.records && seq == s->batch.last && crc == s->batch.last_crc) {
        s->held = s->batch.last;
        s->held_crc = s->batch.last_crc;
        td_pgbatch_reset(&s->batch);
        return TD_OK;
    }
    return where_we_were ? TD_OK : start_anew(s);
}

enum td_err td_pgsession_begin(struct td_pgsession *s, struct td_fail *why)
{
    enum td_err err = td_postgres_connect(s->pg, &s->limit, why);
    if (!err)
        err = set_up(s, why);
    if (!err)
        err = ready_tables(s, why);
    if (!err)
        err = prepare_statements(s, why);
    if (!err && agree(s) != TD_OK)
        err = td_fail_set(why, TD_ENOMEM, "no memory for the projection");
    if (err)
        td_postgres_drop(s->pg);
    return err;
}

enum td_err td_pgsession_empty(struct td_pgsession *s, struct td_fail *why)
{
    s->told_seq = s->told_crc = 0;
    const enum td_err err = ask(s,
                                "TRUNCATE orders, executions, positions, account, signals, events; "
                                "UPDATE meta SET value = 0 WHERE key <> 'version'",
                                NULL, 0, NULL, why);
    if (err)
        return err;
    return start_anew(s) ? td_fail_set(why, TD_ENOMEM, "no memory for the projection") : TD_OK;
}

/* --- records --- */

/* The newest snapshot that is not ahead of the server: what is before it need not be read. */
static struct td_blotter *make_room(void *arg, const struct td_blotter_limits *needed)
{
    struct td_pgsession *s = arg;
    return td_noter_room(&s->noter, needed);
}

static bool begin_at(void *arg, uint32_t number, const uint8_t *chain, uint64_t *first_seq)
{
    struct td_pgsession *s = arg;
    struct td_snapshot about = {.number = number};
    memcpy(about.chain, chain, sizeof about.chain);
    const bool there =
        s->held && td_snapshot_load(s->world, s->journal, &about, make_room, s, NULL) == TD_OK;
    if (there && (about.seq < s->held || (about.seq == s->held && about.seq_crc == s->held_crc))) {
        *first_seq = about.seq + 1;
        return true;
    }
    s->spoiled = td_noter_reset(&s->noter) != TD_OK; /* a part of it may have been taken */
    return false;
}

static enum td_err take_record(void *arg, const struct td_record *r)
{
    struct td_pgsession *s = arg;
    struct td_noted fact;
    uint8_t bytes[TD_RECORD_BYTES_MAX];
    const struct td_sql_sink sink = {td_pgbatch_run, &s->batch};
    const enum td_err err = s->spoiled ? TD_ENOMEM : td_noter_take(&s->noter, r, &fact);
    if (err || r->seq < s->held)
        return err;
    const uint32_t crc = td_crc32c(0, bytes, td_record_encode(r, bytes));
    if (r->seq == s->held)
        return crc == s->held_crc ? TD_OK : TD_EEXIST;
    if (!s->batch.records++)
        s->batch.first = r->seq;
    s->batch.last = r->seq;
    s->batch.last_crc = crc;
    return td_fact_rows(&sink, &s->noter.blotter, &fact, NULL);
}

/* What was read and could not be taken is read anew. */
static enum td_err collect(struct td_pgsession *s, uint64_t durable, struct td_fail *why)
{
    enum td_err err = TD_OK;
    if (!s->tail)
        err = td_journal_tail_open(&s->tail, s->world, s->journal, begin_at, s, why);
    bool skipped = false;
    while (!err && !skipped && s->batch.records < BATCH_RECORDS && s->batch.len < BATCH_BYTES &&
           td_journal_tail_next(s->tail) <= durable) {
        skipped = td_journal_tail_next(s->tail) <= s->held;
        const uint64_t left = s->held + 1 - td_journal_tail_next(s->tail);
        const uint32_t most = !skipped              ? READ_RECORDS
                              : left > SKIP_RECORDS ? SKIP_RECORDS
                                                    : (uint32_t)left;
        err = td_journal_tail_read(s->tail, durable, most, take_record, s, why);
    }
    if (err == TD_EEXIST)
        err =
            td_fail_set(why, TD_ECORRUPT,
                        "schema %s is not of this journal (record %llu differs): set "
                        "POSTGRES_SCHEMA to a new one, or run tapedeck journal rebuild --postgres",
                        s->schema, (unsigned long long)s->held);
    if (!err && s->batch.records) {
        const struct td_sql_value seq[] = {{TD_SQL_TEXT, 0, "seq"},
                                           {TD_SQL_INT, (int64_t)s->batch.last, NULL}};
        const struct td_sql_value crc[] = {{TD_SQL_TEXT, 0, "seq_crc"},
                                           {TD_SQL_INT, s->batch.last_crc, NULL}};
        err = td_pgbatch_run(&s->batch, TD_SQL_META, seq, TD_COUNT(seq), why);
        if (!err)
            err = td_pgbatch_run(&s->batch, TD_SQL_META, crc, TD_COUNT(crc), why);
    }
    if (err) {
        td_journal_tail_close(s->tail);
        s->tail = NULL;
        td_pgbatch_reset(&s->batch);
        td_postgres_drop(s->pg);
    }
    return err;
}

/* One transaction, one round trip. */
static enum td_err commit(struct td_pgsession *s, struct td_fail *why)
{
    const char *values[TD_PG_VALUES_MAX];
    enum td_sql sql;
    size_t at = 0, count;
    char name[16];
    enum td_err err = td_postgres_put(s->pg, "begin", NULL, 0, why);
    while (!err && td_pgbatch_next(&s->batch, &at, &sql, values, &count)) {
        (void)snprintf(name, sizeof name, "s%d", (int)sql);
        err = td_postgres_put(s->pg, name, values, (int)count, why);
    }
    if (!err)
        err = td_postgres_put(s->pg, "commit", NULL, 0, why);
    if (!err)
        err = td_postgres_settle(s->pg, &s->limit, why);
    if (err)
        return err;
    s->held = s->batch.last;
    s->held_crc = s->batch.last_crc;
    td_pgbatch_reset(&s->batch);
    return TD_OK;
}

enum td_err td_pgsession_step(struct td_pgsession *s, uint64_t durable, bool *more,
                              struct td_fail *why)
{
    enum td_err err = TD_OK;
    *more = false;
    if (s->held > durable)
        err = td_fail_set(why, TD_ECORRUPT,
                          "schema %s holds record %llu, the journal ends at %llu: it is another "
                          "journal's; set POSTGRES_SCHEMA to a new one",
                          s->schema, (unsigned long long)s->held, (unsigned long long)durable);
    if (!err && !s->batch.records)
        err = collect(s, durable, why);
    if (!err && s->batch.records)
        err = commit(s, why);
    if (!err)
        *more = td_journal_tail_next(s->tail) <= durable;
    return err;
}
