/* tests/desk/writer_test.c - the writer thread: order, durability, recordings, failures; run under TSan too. */
#include "support/support.h"

#include <stdio.h>
#include <string.h>

#include "desk/writer.h"
#include "store/snapshot_read.h"
#include "sys/uvworld.h"

static struct td_world world;

static int open_world(void **state)
{
    (void)state;
    return td_uvworld_open(&world, false, NULL) == TD_OK ? 0 : -1;
}

static int close_world(void **state)
{
    (void)state;
    td_uvworld_close(&world);
    return 0;
}

static enum td_err count_record(void *arg, const struct td_record *r)
{
    uint64_t *last = arg;
    assert_int_equal(r->seq, *last + 1);
    *last = r->seq;
    return TD_OK;
}

static void journals(bool inline_mode)
{
    const char *folder = td_test_folder("writer");
    char journal[600];
    struct td_writer *w = NULL;
    struct td_journal_report report;
    struct td_fail why = {0};
    uint64_t last = 0;
    (void)snprintf(journal, sizeof journal, "%s/journal", folder);
    struct td_writer_config config = {.desk = &world,
                                      .inline_mode = inline_mode,
                                      .journal = journal,
                                      .each = count_record,
                                      .arg = &last};
    TD_OK_OR_FAIL(td_writer_open(&w, &config, &report, &why));
    for (int i = 0; i < 2000; i++) {
        struct td_record r;
        td_record_init(&r, TD_REC_HALT, i);
        enum td_err err = td_writer_journal(w, &r);
        while (err == TD_EFULL) {
            td_writer_drain(w);
            err = td_writer_journal(w, &r);
        }
        TD_OK_OR_FAIL(err);
        assert_int_equal(r.seq, (uint64_t)i + 1);
        assert_true(td_writer_durable(w) <= r.seq);
        td_writer_kick(w);
    }
    td_writer_drain(w);
    assert_int_equal(td_writer_durable(w), 2000);
    td_writer_close(w);
    td_writer_close(NULL);
    TD_OK_OR_FAIL(td_writer_open(&w, &config, &report, &why));
    assert_int_equal(last, 2000);
    assert_int_equal(report.records, 2000);
    td_writer_close(w);
}

static void journals_in_a_thread(void **state)
{
    (void)state;
    journals(false);
}

static void journals_inline(void **state)
{
    (void)state;
    journals(true);
}

static void fill_session(struct td_recorder_options *o, const char *folder, const char *time)
{
    memset(o, 0, sizeof *o);
    o->folder = folder;
    (void)snprintf(o->facts.symbol, sizeof o->facts.symbol, "SPY");
    (void)snprintf(o->facts.day, sizeof o->facts.day, "2025-07-30");
    (void)snprintf(o->facts.time, sizeof o->facts.time, "%s", time);
    (void)td_iso_print(td_world_now(&world), o->facts.local_iso);
    o->facts.levels = 3;
    o->facts.interval_ms = 50;
    o->facts.paper = true;
    o->facts.start_ns = td_world_now(&world);
}

static struct td_event depth(struct td_book *book, int32_t row, int op, int side, int64_t cents)
{
    struct td_event ev = {.kind = TD_EV_DEPTH, .recv_ns = td_world_now(&world)};
    ev.depth = (struct td_depth){.px = {cents * 10000000},
                                 .qty = TD_QTY(5),
                                 .row = row,
                                 .op = (uint8_t)op,
                                 .side = (uint8_t)side};
    TD_OK_OR_FAIL(td_book_apply(book, &ev));
    return ev;
}

static void wait_for_sessions(struct td_writer *w, int wanted, struct td_writer_report *last)
{
    struct td_writer_report r;
    for (int seen = 0; seen < wanted;) {
        td_writer_drain(w);
        while (td_writer_next(w, &r)) {
            assert_int_equal(r.kind, TD_WROTE_SESSION);
            *last = r;
            seen++;
        }
    }
}

static void records_and_rotates(void **state)
{
    (void)state;
    const char *folder = td_test_folder("writer-rec");
    struct td_writer *w = NULL;
    const struct td_writer_config config = {.desk = &world};
    struct td_recorder_options options, next;
    struct td_writer_report report;
    struct td_book book;
    struct td_fail why = {0};
    struct td_snapshot_file *file = NULL;
    static struct td_snap snap;
    TD_OK_OR_FAIL(td_writer_open(&w, &config, NULL, &why));
    td_book_init(&book, 3);
    fill_session(&options, folder, "093000");
    fill_session(&next, folder, "093100");
    assert_true(td_writer_start(w, 4, &options));
    for (int i = 0; i < 300; i++) {
        const struct td_event bid =
            depth(&book, 0, i ? TD_DEPTH_UPDATE : TD_DEPTH_INSERT, TD_BID, 1000 + i % 7);
        const struct td_event ask =
            depth(&book, 0, i ? TD_DEPTH_UPDATE : TD_DEPTH_INSERT, TD_ASK, 1010 + i % 5);
        assert_true(td_writer_event(w, 4, &bid));
        assert_true(td_writer_event(w, 4, &ask));
        td_snap_take(&snap, &book, 3, td_world_now(&world), 0);
        assert_true(td_writer_snapshot(w, 4, &snap, 3));
        if (i == 200) {
            assert_true(td_writer_rotate(w, 4, &next.facts));
            assert_true(td_writer_image(w, 4, &book));
        }
        td_writer_kick(w);
    }
    assert_true(td_writer_finish(w, 4));
    wait_for_sessions(w, 2, &report);
    assert_int_equal(report.slot, 4);
    assert_int_equal(report.session.snapshots, 99);
    TD_OK_OR_FAIL(td_snapshot_file_open(&file, &world, report.session.paths.snapshots, &why));
    assert_int_equal(td_snapshot_file_rows(file), 99);
    TD_OK_OR_FAIL(td_snapshot_file_next(file, &snap, &why));
    assert_int_equal(snap.px[TD_ASK][0].e9, (int64_t)(1010 + 201 % 5) * 10000000);
    td_snapshot_file_close(file);
    td_writer_close(w);
}

static void a_folder_that_cannot_be_written_is_told_once(void **state)
{
    (void)state;
    struct td_writer *w = NULL;
    const struct td_writer_config config = {.desk = &world};
    struct td_recorder_options options;
    struct td_writer_report report;
    struct td_event ev = {.kind = TD_EV_GAP};
    int told = 0;
    TD_OK_OR_FAIL(td_writer_open(&w, &config, NULL, NULL));
    fill_session(&options, "/proc/no-such-place", "093000");
    assert_true(td_writer_start(w, 0, &options));
    for (int i = 0; i < 5; i++)
        assert_true(td_writer_event(w, 0, &ev));
    td_writer_drain(w);
    while (td_writer_next(w, &report)) {
        assert_int_equal(report.kind, TD_WRITE_FAILED);
        assert_non_null(strstr(report.text, "/proc/no-such-place"));
        told++;
    }
    assert_int_equal(told, 1);
    td_writer_close(w);
}

static void a_full_ring_refuses(void **state)
{
    (void)state;
    struct td_writer *w = NULL;
    struct td_writer_config config = {.desk = &world, .inline_mode = true};
    struct td_event ev = {.kind = TD_EV_GAP};
    uint64_t queued = 0;
    TD_OK_OR_FAIL(td_writer_open(&w, &config, NULL, NULL));
    while (td_writer_event(w, 0, &ev))
        queued++;
    assert_true(queued > 10000);
    td_writer_drain(w);
    assert_true(td_writer_event(w, 0, &ev));
    td_writer_close(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(journals_in_a_thread),
        cmocka_unit_test(journals_inline),
        cmocka_unit_test(records_and_rotates),
        cmocka_unit_test(a_folder_that_cannot_be_written_is_told_once),
        cmocka_unit_test(a_full_ring_refuses),
    };
    return cmocka_run_group_tests_name("desk/writer", tests, open_world, close_world);
}
