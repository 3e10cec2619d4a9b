/* tests/store/capture_test.c - the capture log: torn at every byte, flipped at every byte. */
#include "store/capture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fault_world.h"
#include "store/recover.h"
#include "store/session.h"

enum { MESSAGES = 12, SNAPS = 4 };

static const struct td_session_facts facts = {.symbol = "ES",
                                              .day = "2026-11-21",
                                              .time = "093000",
                                              .local_iso = "2026-11-21T09:30:00",
                                              .levels = 3,
                                              .interval_ms = 50,
                                              .start_ns = 7};

static struct td_event message(int i)
{
    struct td_event ev = {
        .venue_ns = i, .recv_ns = 1000 + i, .kind = TD_EV_DEPTH, .generated = i % 2};
    ev.depth = (struct td_depth){.px = {i * TD_E9 + 1},
                                 .qty = TD_QTY(i),
                                 .row = -i,
                                 .op = 2,
                                 .side = (uint8_t)(i % 2),
                                 .smart = i % 3 == 0};
    memcpy(ev.depth.maker, "ABCDEFGHIJKL", TD_MAKER_CHARS);
    if (i == 5)
        ev = (struct td_event){.recv_ns = 1005, .kind = TD_EV_GAP};
    return ev;
}

static struct td_snap snapshot(int i)
{
    struct td_snap s = {.at_ns = i,
                        .recv_ns = i + 1,
                        .venue_ns = i + 2,
                        .seq = (uint64_t)i * 3,
                        .quality = 16,
                        .generated = true};
    s.px[TD_BID][0].e9 = 5 + i;
    s.qty[TD_ASK][2].e9 = 100 - i / 2;
    return s;
}

/* Writes the log; offsets[n] is where record n ends, offsets[0] the end of the head. */
static size_t write_log(struct td_world *w, const char *path, bool seal, uint64_t *offsets)
{
    static struct td_capture c;
    size_t n = 0;
    TD_OK_OR_FAIL(td_capture_open(&c, w, path, &facts, 0, NULL));
    offsets[n++] = c.bytes;
    for (int i = 0; i < MESSAGES; i++) {
        const struct td_event ev = message(i);
        TD_OK_OR_FAIL(td_capture_message(&c, &ev, i == 3));
        offsets[n++] = c.bytes;
        if (i % 3 == 2) {
            const struct td_snap s = snapshot(i / 3);
            TD_OK_OR_FAIL(td_capture_snap(&c, &s, facts.levels));
            offsets[n++] = c.bytes;
        }
    }
    if (seal)
        TD_OK_OR_FAIL(td_capture_seal(&c));
    td_capture_close(&c);
    td_capture_close(&c);
    return n;
}

/* Reads to the end, checking every record; returns how many came. */
static size_t read_log(struct td_world *w, const char *path, struct td_capture_reader *r)
{
    static struct td_capture_record record;
    size_t n = 0;
    int messages = 0, snaps = 0;
    enum td_err err = td_capture_reader_open(r, w, path, NULL);
    if (err)
        return SIZE_MAX;
    assert_string_equal(r->facts.symbol, "ES");
    assert_int_equal(r->facts.levels, 3);
    while ((err = td_capture_next(r, &record)) == TD_OK) {
        n++;
        if (record.kind == TD_CAPTURE_SNAP) {
            const struct td_snap want = snapshot(snaps++);
            assert_memory_equal(&record.snap, &want, sizeof want);
            continue;
        }
        const struct td_event want = message(messages);
        assert_int_equal(record.seq, messages + 1);
        assert_int_equal(record.image, messages == 3);
        assert_int_equal(record.event.kind, want.kind);
        assert_int_equal(record.event.recv_ns, want.recv_ns);
        assert_int_equal(record.event.depth.px.e9, want.depth.px.e9);
        assert_int_equal(record.event.depth.row, want.depth.row);
        assert_memory_equal(record.event.depth.maker, want.depth.maker, TD_MAKER_CHARS);
        assert_int_equal(record.event.generated, want.generated);
        messages++;
    }
    assert_int_equal(err, TD_ENODATA);
    td_capture_reader_close(r);
    return n;
}

static void put_file(const char *path, const char *bytes, size_t len)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, len, f), len);
    assert_int_equal(fclose(f), 0);
}

static void whole_and_torn(void **state)
{
    (void)state;
    struct fault_world w;
    static struct td_capture_reader r;
    uint64_t ends[64];
    char path[200], torn[200];
    size_t len;
    const char *folder = td_test_folder("capture");
    fault_world_open(&w);
    (void)snprintf(path, sizeof path, "%s/a.capture", folder);
    (void)snprintf(torn, sizeof torn, "%s/b.capture", folder);
    const size_t records = write_log(&w.world, path, true, ends) - 1;
    assert_int_equal(read_log(&w.world, path, &r), records);
    assert_int_equal(r.end, TD_CAPTURE_SEALED);
    static struct td_capture c;
    assert_int_equal(td_capture_open(&c, &w.world, path, &facts, 0, NULL), TD_EEXIST);
    char *bytes = td_test_slurp(path, &len);
    for (size_t cut = 0; cut < len; cut++) {
        size_t whole = 0;
        while (whole < records && ends[whole + 1] <= cut)
            whole++;
        put_file(torn, bytes, cut);
        const size_t got = read_log(&w.world, torn, &r);
        if (cut < ends[0]) {
            assert_int_equal(got, SIZE_MAX);
            continue;
        }
        assert_int_equal(got, whole);
        assert_int_equal(r.end, cut == ends[whole] ? TD_CAPTURE_OPEN : TD_CAPTURE_TORN);
        assert_int_equal(r.cut_bytes, cut - ends[whole]);
    }
    free(bytes);
    fault_world_close(&w);
}

/* A flipped bit anywhere: the records before it come, it and those behind it do not. */
static void flipped(void **state)
{
    (void)state;
    struct fault_world w;
    static struct td_capture_reader r;
    uint64_t ends[64];
    char path[200], bad[200];
    size_t len;
    const char *folder = td_test_folder("flip");
    fault_world_open(&w);
    (void)snprintf(path, sizeof path, "%s/a.capture", folder);
    (void)snprintf(bad, sizeof bad, "%s/b.capture", folder);
    const size_t records = write_log(&w.world, path, true, ends) - 1;
    char *bytes = td_test_slurp(path, &len);
    for (size_t bit = 0; bit < len * 8; bit += 3) {
        size_t whole = 0;
        while (whole < records && ends[whole + 1] <= bit / 8)
            whole++;
        bytes[bit / 8] = (char)(bytes[bit / 8] ^ 1 << bit % 8);
        put_file(bad, bytes, len);
        const size_t got = read_log(&w.world, bad, &r);
        bytes[bit / 8] = (char)(bytes[bit / 8] ^ 1 << bit % 8);
        if (bit / 8 < ends[0]) {
            assert_int_equal(got, SIZE_MAX);
            continue;
        }
        assert_int_equal(got, whole);
        assert_true(r.end == TD_CAPTURE_DAMAGED || (whole == records && r.end == TD_CAPTURE_TORN));
        assert_int_equal(r.cut_bytes, len - ends[whole]);
    }
    free(bytes);
    fault_world_close(&w);
}

/* Zeros behind the last record are a file that grew before its bytes were written. */
static void zeros_are_a_tear(void **state)
{
    (void)state;
    struct fault_world w;
    static struct td_capture_reader r;
    uint64_t ends[64];
    char path[200];
    size_t len;
    fault_world_open(&w);
    (void)snprintf(path, sizeof path, "%s/a.capture", td_test_folder("zeros"));
    const size_t records = write_log(&w.world, path, false, ends) - 1;
    char *bytes = td_test_slurp(path, &len);
    char *grown = calloc(1, len + 9000);
    assert_non_null(grown);
    memcpy(grown, bytes, len);
    put_file(path, grown, len + 9000);
    assert_int_equal(read_log(&w.world, path, &r), records);
    assert_int_equal(r.end, TD_CAPTURE_TORN);
    assert_int_equal(r.cut_bytes, 9000);
    grown[len + 8999] = 1;
    put_file(path, grown, len + 9000);
    assert_int_equal(read_log(&w.world, path, &r), records);
    assert_int_equal(r.end, TD_CAPTURE_DAMAGED);
    free(grown);
    free(bytes);
    fault_world_close(&w);
}

static void other_files(void **state)
{
    (void)state;
    struct fault_world w;
    static struct td_capture_reader r;
    uint64_t ends[64];
    char path[200];
    size_t len;
    fault_world_open(&w);
    (void)snprintf(path, sizeof path, "%s/a.capture", td_test_folder("other"));
    assert_int_equal(td_capture_reader_open(&r, &w.world, path, NULL), TD_ENOENT);
    (void)write_log(&w.world, path, true, ends);
    char *bytes = td_test_slurp(path, &len);
    bytes[0] = 'X';
    put_file(path, bytes, len);
    assert_int_equal(td_capture_reader_open(&r, &w.world, path, NULL), TD_EPARSE);
    bytes[0] = 'T';
    bytes[60] ^= 1;
    put_file(path, bytes, len);
    assert_int_equal(td_capture_reader_open(&r, &w.world, path, NULL), TD_ECORRUPT);
    bytes[60] ^= 1;
    bytes[8] = 99;
    bytes[16] = 2;
    put_file(path, bytes, len);
    assert_int_equal(td_capture_reader_open(&r, &w.world, path, NULL), TD_EVERSION);
    memset(bytes, 0, 128);
    put_file(path, bytes, 128); /* a head that never reached the disk: an empty log */
    assert_int_equal(td_capture_reader_open(&r, &w.world, path, NULL), TD_ENODATA);
    put_file(path, bytes, len);
    assert_int_equal(td_capture_reader_open(&r, &w.world, path, NULL), TD_EPARSE);
    free(bytes);
    fault_world_close(&w);
}

/* Damage in the middle: the good prefix becomes files, the log is kept aside, and again finds nothing. */
static void damaged_log_is_kept(void **state)
{
    (void)state;
    struct fault_world w;
    uint64_t ends[64];
    char path[200], aside[220];
    size_t len;
    const char *folder = td_test_folder("damaged");
    struct td_recover_report report = {0};
    fault_world_open(&w);
    (void)snprintf(path, sizeof path, "%s/a.capture", folder);
    (void)snprintf(aside, sizeof aside, "%s/a.capture.damaged", folder);
    (void)write_log(&w.world, path, true, ends);
    char *bytes = td_test_slurp(path, &len);
    bytes[ends[9] + 20] ^= 4;
    put_file(path, bytes, len);
    TD_OK_OR_FAIL(td_capture_recover(&w.world, folder, &report, NULL));
    assert_int_equal(report.recovered, 1);
    assert_int_equal(report.damaged, 1);
    assert_int_equal(report.messages, 7);
    assert_int_equal(report.snapshots, 2);
    assert_int_equal(report.cut_bytes, len - ends[9]);
    assert_int_equal(td_entry_at(&w.world, aside), TD_ENTRY_FILE);
    assert_int_equal(td_entry_at(&w.world, path), TD_ENTRY_NONE);
    TD_OK_OR_FAIL(td_capture_recover(&w.world, folder, &report, NULL));
    assert_int_equal(report.found, 1);
    TD_OK_OR_FAIL(td_capture_recover(&w.world, "no-such-folder", &report, NULL));
    free(bytes);
    fault_world_close(&w);
}

/* Once a write or sync has failed, everything is refused; the head's failure leaves no file. */
static void failure_latches(void **state)
{
    (void)state;
    struct fault_world w;
    static struct td_capture c;
    char path[200];
    const struct td_event ev = message(1);
    fault_world_open(&w);
    (void)snprintf(path, sizeof path, "%s/a.capture", td_test_folder("latch"));
    for (uint64_t n = 2; n <= 4; n++) { /* write, sync, folder sync of the head */
        fault_arm(&w, n, TD_ENOSPC, false);
        assert_int_equal(td_capture_open(&c, &w.world, path, &facts, 0, NULL), TD_ENOSPC);
        assert_int_equal(td_entry_at(&w.world, path), TD_ENTRY_NONE);
        assert_int_equal(td_capture_message(&c, &ev, false), TD_ECLOSED);
    }
    fault_arm(&w, 0, TD_OK, false);
    TD_OK_OR_FAIL(td_capture_open(&c, &w.world, path, &facts, 256, NULL));
    TD_OK_OR_FAIL(td_capture_message(&c, &ev, false));
    fault_arm(&w, 2, TD_EIO, false);
    assert_int_equal(td_capture_sync(&c), TD_EIO);
    assert_int_equal(td_capture_message(&c, &ev, false), TD_EIO);
    assert_int_equal(td_capture_sync(&c), TD_EIO);
    assert_int_equal(td_capture_seal(&c), TD_EIO);
    td_capture_close(&c);
    (void)snprintf(path, sizeof path, "%s/a.capture", td_test_folder("latch"));
    fault_arm(&w, 0, TD_OK, false);
    TD_OK_OR_FAIL(td_capture_open(&c, &w.world, path, &facts, 0, NULL));
    fault_arm(&w, 1, TD_ENOSPC, false);
    assert_int_equal(td_capture_message(&c, &ev, false), TD_ENOSPC);
    assert_int_equal(td_capture_flush(&c), TD_ENOSPC);
    td_capture_close(&c);
    fault_world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_and_torn),      cmocka_unit_test(flipped),
        cmocka_unit_test(zeros_are_a_tear),    cmocka_unit_test(other_files),
        cmocka_unit_test(damaged_log_is_kept), cmocka_unit_test(failure_latches),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
