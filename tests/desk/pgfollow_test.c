/* tests/desk/pgfollow_test.c - the projection in PostgreSQL against Debian's server: row by row what orders.db holds, after
 * servers that crash, connections that end and followers that are stopped. */
#include "desk/pgfollow.h"

#include <stdio.h>
#include <string.h>

#include "desk/pgsession.h"
#include "support/pg_server.h"
#include "sys/uvworld.h"
#include "trade/journal.h"
#include "trade/projection.h"
#include "trade/record_stream.h"

#define RECORDS 3000
#define WAIT    (30 * TD_SEC)

static struct pg_server server;
static struct td_world world;

/* A journal that is written, its orders.db beside it, and what follows it. */
static struct scene {
    const char *folder;
    char journal_folder[200], orders_db[200];
    struct stream records;
    struct td_journal journal;
    struct td_projection *projection;
    struct td_pgfollow *f;
    char error[160]; /* the newest */
} sc;

static int open_all(void **state)
{
    (void)state;
    return td_uvworld_open(&world, false, NULL) == TD_OK ? 0 : -1;
}

static int close_all(void **state)
{
    (void)state;
    pg_server_close(&server);
    td_uvworld_close(&world);
    return 0;
}

static void need_server(void)
{
    if (!server.pid)
        pg_server_open(&server);
}

static struct td_pgfollow_config config_for(const char *schema)
{
    return (struct td_pgfollow_config){.url = server.url,
                                       .schema = schema,
                                       .journal = sc.journal_folder,
                                       .durable = sc.journal.durable_seq};
}

static void scene_open(const char *name, uint64_t seed)
{
    static const struct td_blotter_limits limits = {4096, 4096, 64, 4096, 4096};
    struct td_journal_report report;
    memset(&sc, 0, sizeof sc);
    sc.folder = td_test_folder(name);
    (void)snprintf(sc.journal_folder, sizeof sc.journal_folder, "%s/journal", sc.folder);
    (void)snprintf(sc.orders_db, sizeof sc.orders_db, "%s/orders.db", sc.folder);
    stream_open(&sc.records, seed, &limits);
    TD_OK_OR_FAIL(
        td_journal_open(&sc.journal, &world, sc.journal_folder, NULL, NULL, &report, NULL));
    TD_OK_OR_FAIL(td_projection_open(&sc.projection, &world, sc.folder, NULL));
}

static void scene_close(void)
{
    td_pgfollow_close(sc.f);
    td_projection_close(sc.projection);
    td_journal_close(&sc.journal);
    stream_close(&sc.records);
}

static void follow(const char *schema)
{
    const struct td_pgfollow_config config = config_for(schema);
    struct td_fail why = {0};
    if (td_pgfollow_open(&sc.f, &config, &why) != TD_OK)
        fail_msg("%s", why.text);
}

/* Some records more, durable; one in fifty has bytes that are no text. */
static void write_records(uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        struct td_record r = stream_next(&sc.records);
        if (r.seq % 50 == 0 && r.type != TD_REC_SIGNAL && r.text[0])
            (void)snprintf(r.text, sizeof r.text, "caf\xe9 \x01 \xe2\x82\xac '%%s'; --");
        if (td_journal_append(&sc.journal, &r) == TD_EFULL) {
            TD_OK_OR_FAIL(td_journal_commit(&sc.journal, NULL));
            TD_OK_OR_FAIL(td_journal_append(&sc.journal, &r));
        }
        TD_OK_OR_FAIL(td_projection_apply(sc.projection, &r, NULL));
    }
    TD_OK_OR_FAIL(td_journal_commit(&sc.journal, NULL));
    TD_OK_OR_FAIL(td_projection_flush(sc.projection, NULL));
    td_pgfollow_note(sc.f, sc.journal.durable_seq);
}

static void look(struct td_pgfollow_state *s)
{
    char text[160];
    while (td_pgfollow_next(sc.f, text, sizeof text))
        (void)snprintf(sc.error, sizeof sc.error, "%s", text);
    td_pgfollow_read(sc.f, s);
}

/* Until it has everything. */
static void catch_up(void)
{
    struct td_pgfollow_state s;
    const td_ns until = td_world_mono(&world) + WAIT;
    for (look(&s); s.held < sc.journal.durable_seq; look(&s)) {
        struct td_wake wake;
        if (td_world_mono(&world) > until)
            fail_msg("%s at record %llu of %llu: %s", td_pgfollow_word_text(s.word),
                     (unsigned long long)s.held, (unsigned long long)sc.journal.durable_seq,
                     sc.error);
        td_world_wait(&world, td_world_mono(&world) + 5 * TD_MS, &wake);
    }
}

/* Until it has failed with these words. */
static void wait_for_error(const char *words)
{
    struct td_pgfollow_state s;
    const td_ns until = td_world_mono(&world) + WAIT;
    for (look(&s); !strstr(sc.error, words); look(&s)) {
        struct td_wake wake;
        if (td_world_mono(&world) > until)
            fail_msg("expected \"%s\", heard \"%s\"", words, sc.error);
        td_world_wait(&world, td_world_mono(&world) + 5 * TD_MS, &wake);
    }
    assert_int_equal(s.word, TD_PG_WAITING);
}

static void settings_are_judged(void **state)
{
    (void)state;
    static const char *const bad[] = {"postgresql://u:s3cret@h:99999999999/x?bad=1",
                                      "sqlite:///x.db", "postgresql://u:s3cret@[::1/x", "",
                                      "host=here"};
    static const char *const schemas[] = {"", "Desk", "a b", "1st", "a\"; DROP TABLE x; --"};
    struct td_fail why = {0};
    struct td_pgfollow_config config = {
        .url = "postgresql://u:s3cret@localhost/desk", .schema = "desk_1", .journal = "journal"};
    const enum td_err err = td_pgfollow_check(&config, &why);
    if (err == TD_EUNSUP)
        td_skip("%s", why.text);
    TD_OK_OR_FAIL(err);
    for (size_t i = 0; i < TD_COUNT(schemas); i++) {
        config.schema = schemas[i];
        assert_int_equal(td_pgfollow_check(&config, &why), TD_EINVAL);
    }
    config.schema = "desk";
    for (size_t i = 0; i < TD_COUNT(bad); i++) {
        config.url = bad[i];
        assert_int_equal(td_pgfollow_check(&config, &why), TD_EINVAL);
        assert_null(strstr(why.text, "s3cret"));
    }
}

static void every_row_is_that_of_orders_db(void **state)
{
    (void)state;
    need_server();
    scene_open("pg-rows", 1);
    write_records(200);
    follow("rows");
    for (int i = 0; i < 40; i++)
        write_records(RECORDS / 40);
    catch_up();
    assert_true(pg_compare(&server, "rows", sc.orders_db) > RECORDS);
    assert_int_equal(pg_number(&server, "SELECT value FROM rows.meta WHERE key = 'seq'"),
                     sc.journal.durable_seq);
    scene_close();
}

/* Connections end at any moment, servers crash, the follower is stopped and begun again: each record once. */
static void nothing_is_lost_and_nothing_twice(void **state)
{
    (void)state;
    need_server();
    scene_open("pg-crash", 2);
    struct td_pgfollow_state s;
    uint64_t reconnects = 0;
    follow("crash");
    for (int i = 0; i < 30; i++) {
        struct td_wake wake;
        write_records(RECORDS / 30);
        td_world_wait(&world, td_world_mono(&world) + i * 2 * TD_MS, &wake);
        if (i % 3 == 0)
            pg_run(&server, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                            "WHERE application_name = 'tapedeck'");
        if (i % 10 == 4) {
            pg_server_crash(&server);
            write_records(50);
            pg_server_start(&server);
        }
        if (i % 5 == 1)
            catch_up(); /* in the session after the one that was ended */
        if (i % 10 == 7) {
            look(&s);
            reconnects += s.reconnects;
            td_pgfollow_close(sc.f);
            sc.f = NULL;
            write_records(20);
            follow("crash");
        }
    }
    catch_up();
    assert_true(reconnects > 0);
    assert_true(pg_compare(&server, "crash", sc.orders_db) > RECORDS);
    scene_close();
}

/* A server that takes its time: nobody waits for it, not even the end. */
static void a_server_that_hangs_delays_nobody(void **state)
{
    (void)state;
    need_server();
    scene_open("pg-hang", 3);
    follow("hang");
    write_records(50);
    catch_up();
    pg_run(&server, "CREATE FUNCTION hang.wait() RETURNS trigger AS 'BEGIN PERFORM pg_sleep(60); "
                    "RETURN NEW; END' LANGUAGE plpgsql; CREATE TRIGGER wait BEFORE INSERT ON "
                    "hang.events EXECUTE FUNCTION hang.wait()");
    const td_ns start = td_world_mono(&world);
    write_records(50);
    const td_ns written = td_world_mono(&world);
    td_pgfollow_close(sc.f);
    sc.f = NULL;
    assert_true(written - start < 2 * TD_SEC);
    assert_true(td_world_mono(&world) - written < TD_PGFOLLOW_CLOSING + 2 * TD_SEC);
    pg_run(&server, "DROP TRIGGER wait ON hang.events");
    follow("hang");
    catch_up();
    (void)pg_compare(&server, "hang", sc.orders_db);
    scene_close();
}

static void one_schema_is_one_desk_and_one_journal(void **state)
{
    (void)state;
    need_server();
    scene_open("pg-one", 4);
    follow("one");
    write_records(100);
    catch_up();
    struct td_pgfollow *first = sc.f;
    follow("one");
    wait_for_error("another desk writes to schema one");
    td_pgfollow_close(sc.f);
    sc.f = first;
    const struct td_pgfollow_config config = config_for("one");
    assert_int_equal(td_pgfollow_fill(&world, &config, sc.journal.durable_seq, NULL), TD_ELOCKED);
    scene_close();

    scene_open("pg-other", 5); /* a journal that goes on further */
    write_records(150);
    follow("one");
    wait_for_error("is not of this journal (record 100 differs)");
    scene_close();
    scene_open("pg-short", 4); /* a journal that ends before */
    write_records(50);
    follow("one");
    wait_for_error("holds record 100, the journal ends at 50");
    scene_close();
    assert_int_equal(pg_number(&server, "SELECT count(*) FROM one.events"), 100);

    pg_run(&server, "CREATE SCHEMA theirs; CREATE TABLE theirs.orders (id bigint)");
    scene_open("pg-theirs", 4);
    follow("theirs");
    wait_for_error("already exists");
    scene_close();
    assert_int_equal(
        pg_number(&server, "SELECT count(*) FROM pg_tables WHERE schemaname = 'theirs'"), 1);
}

/* What somebody did to the tables is undone by making them anew; market data that others put there stays. */
static void filled_anew(void **state)
{
    (void)state;
    need_server();
    scene_open("pg-fill", 6);
    write_records(800);
    const struct td_pgfollow_config config = config_for("fill");
    TD_OK_OR_FAIL(td_pgfollow_fill(&world, &config, sc.journal.durable_seq, NULL));
    (void)pg_compare(&server, "fill", sc.orders_db);
    pg_run(&server, "DELETE FROM fill.orders WHERE id < 20; UPDATE fill.events SET text = 'x'; "
                    "INSERT INTO fill.ticks (timestamp, symbol) VALUES ('2026-01-01', 'SPY')");
    TD_OK_OR_FAIL(td_pgfollow_fill(&world, &config, sc.journal.durable_seq, NULL));
    (void)pg_compare(&server, "fill", sc.orders_db);
    assert_int_equal(pg_number(&server, "SELECT count(*) FROM fill.ticks"), 1);
    scene_close();
}

/* --- a session without its thread: what cannot be timed from outside --- */

static void session_open(struct td_pgsession *s, const char *schema)
{
    TD_OK_OR_FAIL(td_pgsession_open(s, &world, server.url, schema, sc.journal_folder, NULL));
    s->limit = (struct td_postgres_limit){TD_PGFOLLOW_LIMIT, NULL};
    TD_OK_OR_FAIL(td_pgsession_begin(s, NULL));
}

static void session_run(struct td_pgsession *s, uint64_t durable)
{
    struct td_fail why = {0};
    for (bool more = true; more;)
        if (td_pgsession_step(s, durable, &more, &why) != TD_OK)
            fail_msg("%s", why.text);
}

static void end_connections(void)
{
    pg_run(&server, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name "
                    "= 'tapedeck'");
}

/* The COMMIT got through and its answer did not: the batch that was kept is not sent again. Another session plays the part of
 * the server that has committed it. */
static void an_answer_that_was_lost(void **state)
{
    (void)state;
    struct td_pgsession s, other;
    bool more;
    need_server();
    scene_open("pg-lost", 7);
    write_records(300);
    session_open(&s, "lost");
    session_run(&s, 100);
    end_connections();
    assert_int_not_equal(td_pgsession_step(&s, 150, &more, NULL), TD_OK);
    assert_int_equal(s.batch.first, 101);
    assert_int_equal(s.batch.last, 150);
    session_open(&other, "lost");
    session_run(&other, 150);
    td_pgsession_close(&other);
    TD_OK_OR_FAIL(td_pgsession_begin(&s, NULL));
    assert_int_equal(s.batch.records, 0);
    assert_int_equal(s.held, 150);
    session_run(&s, 300);
    (void)pg_compare(&server, "lost", sc.orders_db);

    /* ... and one that did not get through is */
    write_records(20);
    end_connections();
    assert_int_not_equal(td_pgsession_step(&s, 320, &more, NULL), TD_OK);
    TD_OK_OR_FAIL(td_pgsession_begin(&s, NULL));
    assert_int_equal(s.batch.last, 320);
    session_run(&s, 320);
    (void)pg_compare(&server, "lost", sc.orders_db);
    td_pgsession_close(&s);
    scene_close();
}

/* A backup was put in place, or commits were lost with the machine: the journal is read anew from there. */
static void a_server_that_went_back(void **state)
{
    (void)state;
    struct td_pgsession s;
    bool more;
    need_server();
    scene_open("pg-back", 8);
    write_records(300);
    session_open(&s, "back");
    session_run(&s, 120);
    pg_run(&server, "CREATE SCHEMA kept; CREATE TABLE kept.o AS TABLE back.orders; CREATE TABLE "
                    "kept.x AS TABLE back.executions; CREATE TABLE kept.p AS TABLE "
                    "back.positions; CREATE TABLE kept.a AS TABLE back.account; CREATE TABLE "
                    "kept.s AS TABLE back.signals; CREATE TABLE kept.e AS TABLE back.events; "
                    "CREATE TABLE kept.m AS TABLE back.meta");
    session_run(&s, 250);
    end_connections();
    pg_run(&server,
           "TRUNCATE back.orders, back.executions, back.positions, back.account, back.signals, "
           "back.events, back.meta; INSERT INTO back.orders SELECT * FROM kept.o; INSERT INTO "
           "back.executions SELECT * FROM kept.x; INSERT INTO back.positions SELECT * FROM "
           "kept.p; INSERT INTO back.account SELECT * FROM kept.a; INSERT INTO back.signals "
           "SELECT * FROM kept.s; INSERT INTO back.events SELECT * FROM kept.e; INSERT INTO "
           "back.meta SELECT * FROM kept.m");
    assert_int_not_equal(td_pgsession_step(&s, 280, &more, NULL), TD_OK);
    TD_OK_OR_FAIL(td_pgsession_begin(&s, NULL));
    assert_int_equal(s.held, 120);
    assert_int_equal(s.batch.records, 0);
    session_run(&s, 300);
    (void)pg_compare(&server, "back", sc.orders_db);
    td_pgsession_close(&s);
    scene_close();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(settings_are_judged),
        cmocka_unit_test(every_row_is_that_of_orders_db),
        cmocka_unit_test(nothing_is_lost_and_nothing_twice),
        cmocka_unit_test(a_server_that_hangs_delays_nobody),
        cmocka_unit_test(one_schema_is_one_desk_and_one_journal),
        cmocka_unit_test(filled_anew),
        cmocka_unit_test(an_answer_that_was_lost),
        cmocka_unit_test(a_server_that_went_back),
    };
    return cmocka_run_group_tests_name("desk/pgfollow", tests, open_all, close_all);
}
