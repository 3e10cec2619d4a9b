/* tests/store/recorder_test.c - a recording comes back whole: in order, after kills, on bad disks. */
#include "store/recorder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "fault_world.h"
#include "store/recover.h"
#include "store/snapshot_read.h"
#include "store/table_file.h"
#include "store/table_parquet.h"

enum { LEVELS = 5, STEPS = 120 };

#define START INT64_C(1763735400000000000)

static struct td_session_facts facts_at(const char *time)
{
    struct td_session_facts f = {.symbol = "AAPL",
                                 .day = "2026-11-21",
                                 .local_iso = "2026-11-21T09:30:00",
                                 .levels = LEVELS,
                                 .interval_ms = 100,
                                 .paper = true,
                                 .smart = true,
                                 .start_ns = START};
    (void)snprintf(f.time, sizeof f.time, "%s", time);
    return f;
}

/* The live side: a book driven by random rows, and the clock. */
struct feed {
    struct td_rng rng;
    struct td_book book;
    td_ns now;
};

static void feed_init(struct feed *f, uint64_t seed)
{
    td_rng_init(&f->rng, seed);
    td_book_init(&f->book, LEVELS);
    f->now = START;
}

/* A row that mostly fits the book; sometimes one that does not, a reset or a gap. */
static struct td_event next_event(struct feed *f)
{
    struct td_event ev = {.venue_ns = f->now - 700, .recv_ns = f->now, .kind = TD_EV_DEPTH};
    const int32_t side = (int32_t)td_rng_below(&f->rng, 2);
    const int32_t rows = f->book.rows[side];
    f->now += td_rng_between(&f->rng, 1, 30 * TD_MS);
    if (td_rng_chance(&f->rng, 0.02))
        ev.kind = td_rng_chance(&f->rng, 0.5) ? TD_EV_DEPTH_RESET : TD_EV_GAP;
    ev.depth.side = (uint8_t)side;
    ev.depth.op = (uint8_t)(rows < LEVELS ? TD_DEPTH_INSERT : td_rng_below(&f->rng, 3));
    ev.depth.row = (int32_t)td_rng_below(&f->rng, (uint64_t)rows + 1);
    ev.depth.px.e9 = TD_E9 * 100 + (side == TD_ASK ? 1 : -1) * (ev.depth.row + 1) * (TD_E9 / 100);
    ev.depth.qty = TD_QTY(td_rng_between(&f->rng, 1, 900));
    memcpy(ev.depth.maker, "NSDQ", 4);
    ev.depth.smart = true;
    ev.generated = td_rng_chance(&f->rng, 0.1);
    if (ev.kind != TD_EV_DEPTH)
        ev.depth = (struct td_depth){0};
    return ev;
}

static void apply(struct td_book *book, const struct td_event *ev)
{
    if (ev->kind == TD_EV_DEPTH_RESET)
        td_book_reset(book);
    else if (ev->kind == TD_EV_DEPTH && td_book_apply(book, ev) != TD_OK)
        assert_true(book->broken);
}

/* Number n of a session: a quote, a quote without a bid, a trade. */
static struct td_event tick_at(int n)
{
    struct td_event ev = {.venue_ns = n, .recv_ns = START + n, .generated = n % 2};
    ev.kind = n % 3 == 2 ? TD_EV_TRADE : TD_EV_QUOTE;
    if (ev.kind == TD_EV_TRADE) {
        ev.trade = (struct td_trade){.px = TD_PX(100 + n), .qty = {n * TD_E9 / 2}, .aggressor = 2};
        memcpy(ev.trade.exchange, "NYSE", 4);
    } else {
        ev.quote = (struct td_quote){TD_PX(99), TD_PX(101), TD_QTY(n), TD_QTY(2 * n)};
        if (n % 3 == 1)
            ev.quote.bid = TD_PX_NONE;
    }
    return ev;
}

/* Records `steps` rows of three messages, a tick and a snapshot; stops at the first error. */
static enum td_err record_some(struct td_recorder *r, struct feed *f, int steps)
{
    for (int i = 0; i < steps; i++) {
        for (int n = 0; n < 3; n++) {
            const struct td_event ev = next_event(f);
            const enum td_err err = td_recorder_message(r, &ev, NULL);
            if (err)
                return err;
            apply(&f->book, &ev);
        }
        struct td_snap s;
        const struct td_event tick = tick_at(i);
        enum td_err err = td_recorder_message(r, &tick, NULL);
        td_snap_take(&s, &f->book, LEVELS, f->now, 0);
        if (!err)
            err = td_recorder_snapshot(r, &s, NULL);
        if (!err && i % 10 == 9)
            err = td_recorder_sync(r, NULL);
        if (err)
            return err;
    }
    return TD_OK;
}

static enum td_err open_recorder(struct td_recorder *r, struct td_world *w, const char *folder,
                                 size_t group)
{
    const struct td_recorder_options o = {folder, facts_at("093000"), group};
    return td_recorder_open(r, w, &o, NULL);
}

/* The book replayed from the messages file equals every snapshot. Returns the number of snapshots. */
static uint64_t check_replay(struct td_world *w, const struct td_session_paths *paths)
{
    struct td_snapshot_file *snaps;
    struct td_message_file *messages;
    struct td_snap want;
    struct td_message m = {0};
    struct td_book book;
    uint64_t rows = 0;
    TD_OK_OR_FAIL(td_snapshot_file_open(&snaps, w, paths->snapshots, NULL));
    TD_OK_OR_FAIL(td_message_file_open(&messages, w, paths->messages, NULL));
    td_book_init(&book, LEVELS);
    while (td_snapshot_file_next(snaps, &want, NULL) == TD_OK) {
        while (m.seq < want.seq) {
            TD_OK_OR_FAIL(td_message_file_next(messages, &m, NULL));
            assert_string_equal(m.symbol, "AAPL");
            apply(&book, &m.event);
        }
        struct td_snap got;
        td_snap_take(&got, &book, LEVELS, want.at_ns, 0);
        assert_memory_equal(got.px, want.px, sizeof got.px);
        assert_memory_equal(got.qty, want.qty, sizeof got.qty);
        assert_int_equal(want.recv_ns, m.event.recv_ns);
        assert_int_equal(want.venue_ns, m.event.venue_ns);
        rows++;
    }
    assert_int_equal(rows, td_snapshot_file_rows(snaps));
    assert_int_equal(td_snapshot_file_levels(snaps), LEVELS);
    td_snapshot_file_close(snaps);
    td_message_file_close(messages);
    return rows;
}

static void replay_equals_snapshots(void **state)
{
    (void)state;
    struct fault_world w;
    static struct td_recorder r;
    struct feed f;
    struct td_session_result result;
    size_t len;
    fault_world_open(&w);
    for (uint64_t seed = 1; seed <= 3; seed++) {
        const char *folder = td_test_folder("recorder");
        feed_init(&f, seed);
        TD_OK_OR_FAIL(open_recorder(&r, &w.world, folder, seed == 1 ? 0 : 4096));
        TD_OK_OR_FAIL(record_some(&r, &f, STEPS));
        TD_OK_OR_FAIL(td_recorder_close(&r, &result, NULL));
        TD_OK_OR_FAIL(td_recorder_close(&r, &result, NULL));
        assert_int_equal(result.snapshots, STEPS);
        assert_int_equal(result.messages, 3 * STEPS);
        assert_int_equal(result.end, TD_CAPTURE_SEALED);
        assert_int_equal(check_replay(&w.world, &result.paths), STEPS);
        assert_int_equal(td_entry_at(&w.world, result.paths.capture), TD_ENTRY_NONE);
        char *stats = td_test_slurp(result.paths.stats, &len);
        assert_non_null(strstr(
            stats, "\"num_snapshots\": 120,\n  \"num_messages\": 360,\n  \"paper_mode\": true,\n"
                   "  \"recording_date\": \"2026-11-21T09:30:00\""));
        free(stats);
    }
    fault_world_close(&w);
}

static void rotation_keeps_the_book(void **state)
{
    (void)state;
    struct fault_world w;
    static struct td_recorder r;
    struct feed f;
    struct td_session_result first, second;
    char done[TD_SESSION_PATH];
    const char *folder = td_test_folder("rotate");
    fault_world_open(&w);
    feed_init(&f, 9);
    TD_OK_OR_FAIL(open_recorder(&r, &w.world, folder, 0));
    TD_OK_OR_FAIL(record_some(&r, &f, 30));
    struct td_session_facts next = facts_at("093000");
    assert_int_equal(td_recorder_rotate(&r, &next, done, NULL), TD_EEXIST);
    next = facts_at("103000");
    TD_OK_OR_FAIL(td_recorder_rotate(&r, &next, done, NULL));
    TD_OK_OR_FAIL(td_recorder_image(&r, &f.book, f.now, NULL));
    TD_OK_OR_FAIL(record_some(&r, &f, 30));
    TD_OK_OR_FAIL(td_session_finish(&w.world, done, &first, NULL));
    TD_OK_OR_FAIL(td_recorder_close(&r, &second, NULL));
    assert_int_equal(check_replay(&w.world, &first.paths), 30);
    assert_int_equal(check_replay(&w.world, &second.paths), 30);
    fault_world_close(&w);
}

static void bad_options(void **state)
{
    (void)state;
    struct fault_world w;
    static struct td_recorder r;
    const char *folder = td_test_folder("options");
    struct td_recorder_options o = {folder, facts_at("093000"), 0};
    fault_world_open(&w);
    o.facts.levels = TD_CAPTURE_LEVELS_MAX + 1;
    assert_int_equal(td_recorder_open(&r, &w.world, &o, NULL), TD_EINVAL);
    o.facts = facts_at("0930");
    assert_int_equal(td_recorder_open(&r, &w.world, &o, NULL), TD_EINVAL);
    o.facts = facts_at("093000");
    memcpy(o.facts.symbol, "../x", 5);
    assert_int_equal(td_recorder_open(&r, &w.world, &o, NULL), TD_EINVAL);
    o.facts = facts_at("093000");
    o.facts.interval_ms = 0;
    assert_int_equal(td_recorder_open(&r, &w.world, &o, NULL), TD_EINVAL);
    o.facts = facts_at("093000");
    TD_OK_OR_FAIL(td_recorder_open(&r, &w.world, &o, NULL));
    static struct td_recorder other;
    assert_int_equal(td_recorder_open(&other, &w.world, &o, NULL), TD_EEXIST);
    const struct td_event quote = {.kind = TD_EV_BAR};
    assert_int_equal(td_recorder_message(&r, &quote, NULL), TD_EINVAL);
    struct td_session_result result;
    assert_int_equal(td_session_finish(&w.world, r.paths.capture, &result, NULL), TD_ELOCKED);
    assert_int_equal(td_recorder_close(&r, NULL, NULL), TD_ENODATA);
    assert_int_equal(td_entry_at(&w.world, r.paths.capture), TD_ENTRY_NONE);
    assert_int_equal(td_session_finish(&w.world, r.paths.capture, &result, NULL), TD_ENOENT);
    fault_world_close(&w);
}

/* No name without .tmp or .capture may be anything but whole: reads all that are there. */
static void nothing_torn(struct td_world *w, const struct td_session_paths *p)
{
    if (td_entry_at(w, p->snapshots) == TD_ENTRY_FILE) {
        struct td_snapshot_file *f;
        struct td_snap s;
        enum td_err err;
        TD_OK_OR_FAIL(td_snapshot_file_open(&f, w, p->snapshots, NULL));
        while ((err = td_snapshot_file_next(f, &s, NULL)) == TD_OK)
            ;
        assert_int_equal(err, TD_ENODATA);
        td_snapshot_file_close(f);
    }
    if (td_entry_at(w, p->messages) == TD_ENTRY_FILE) {
        struct td_message_file *f;
        struct td_message m;
        enum td_err err;
        TD_OK_OR_FAIL(td_message_file_open(&f, w, p->messages, NULL));
        while ((err = td_message_file_next(f, &m, NULL)) == TD_OK)
            ;
        assert_int_equal(err, TD_ENODATA);
        td_message_file_close(f);
    }
    if (td_entry_at(w, p->ticks) == TD_ENTRY_FILE) {
        uint64_t rows;
        TD_OK_OR_FAIL(td_parquet_check(w, p->ticks, &rows, NULL));
    }
}

/* What was on the disk when the recording stopped: rows before the last sync that succeeded. */
static enum td_err record_and_close(struct fault_world *w, const char *folder,
                                    struct td_session_paths *paths, uint64_t *synced)
{
    static struct td_recorder r;
    struct feed f;
    feed_init(&f, 5);
    *synced = 0;
    enum td_err err = open_recorder(&r, &w->world, folder, 0);
    *paths = r.paths;
    if (err)
        return err;
    for (int i = 0; i < 2 && !err; i++) {
        err = record_some(&r, &f, 10); /* which ends with a sync */
        *synced += err ? 0 : 10;
    }
    const enum td_err closed = td_recorder_close(&r, NULL, NULL);
    return err ? err : closed;
}

/* Fails the n-th call, once or from there on, until no call is left to fail; then lets recovery run. */
static void fail_everywhere(enum td_err injected, bool forever)
{
    struct fault_world w;
    bool done = false;
    uint32_t tried = 0;
    const char *root = td_test_folder("fault");
    fault_world_open(&w);
    for (uint64_t n = 1; !done; n++, tried++) {
        struct td_session_paths paths;
        uint64_t synced;
        struct td_recover_report report = {0};
        char folder[160];
        (void)snprintf(folder, sizeof folder, "%s/%llu", root, (unsigned long long)n);
        fault_arm(&w, n, injected, forever);
        const enum td_err err = record_and_close(&w, folder, &paths, &synced);
        done = w.calls < n;
        assert_true(done ? err == TD_OK : true);
        fault_arm(&w, 0, TD_OK, false);
        nothing_torn(&w.world, &paths);
        TD_OK_OR_FAIL(td_capture_recover(&w.world, folder, &report, NULL));
        assert_int_equal(report.failed, 0);
        assert_int_equal(td_entry_at(&w.world, paths.capture), TD_ENTRY_NONE);
        if (synced)
            assert_true(check_replay(&w.world, &paths) >= synced);
    }
    assert_true(tried > 80);
    fault_world_close(&w);
}

static void every_call_fails_once(void **state)
{
    (void)state;
    fail_everywhere(TD_EIO, false);
}

static void killed_at_every_call(void **state)
{
    (void)state;
    fail_everywhere(TD_ENOSPC, true);
}

/* Recovery itself is killed at every call; the next run finishes the work. */
static void recovery_killed_at_every_call(void **state)
{
    (void)state;
    struct fault_world w;
    bool done = false;
    const char *root = td_test_folder("again");
    fault_world_open(&w);
    for (uint64_t n = 1; !done; n++) {
        static struct td_recorder r;
        struct feed f;
        struct td_recover_report report = {0};
        char folder[160];
        (void)snprintf(folder, sizeof folder, "%s/%llu", root, (unsigned long long)n);
        feed_init(&f, 5);
        fault_arm(&w, 0, TD_OK, false);
        TD_OK_OR_FAIL(open_recorder(&r, &w.world, folder, 0));
        TD_OK_OR_FAIL(record_some(&r, &f, 20));
        td_capture_close(&r.capture); /* killed */
        fault_arm(&w, n, TD_EIO, true);
        const enum td_err err = td_capture_recover(&w.world, folder, &report, NULL);
        done = w.calls < n;
        assert_int_equal(err, done ? TD_OK : TD_EIO);
        fault_arm(&w, 0, TD_OK, false);
        nothing_torn(&w.world, &r.paths);
        TD_OK_OR_FAIL(td_capture_recover(&w.world, folder, &report, NULL));
        assert_int_equal(td_entry_at(&w.world, r.paths.capture), TD_ENTRY_NONE);
        assert_int_equal(check_replay(&w.world, &r.paths), 20);
    }
    fault_world_close(&w);
}

static void assert_cell(const struct td_pq_values *columns, int column, size_t row, int64_t e9)
{
    const struct td_pq_values *c = &columns[column];
    const bool there = !c->present || c->present[row];
    assert_int_equal(there, e9 != TD_E9_NONE);
    if (there)
        assert_true(((const double *)c->values)[row] == td_e9_to_double(e9));
}

/* Without depth: no snapshots, no messages, no statistics, and every tick as it came. */
static void ticks_come_back(void **state)
{
    (void)state;
    struct fault_world w;
    static struct td_recorder r;
    static struct td_session_result result;
    struct td_table_file *f = NULL;
    struct td_pq_values got[TD_TICK_COLUMNS];
    size_t columns[TD_TICK_COLUMNS];
    enum { TICKS = 40000 }; /* more than a row group */
    fault_world_open(&w);
    TD_OK_OR_FAIL(open_recorder(&r, &w.world, td_test_folder("ticks"), TD_CAPTURE_BUFFER));
    for (int i = 0; i < TICKS; i++) {
        const struct td_event ev = tick_at(i);
        TD_OK_OR_FAIL(td_recorder_message(&r, &ev, NULL));
    }
    const struct td_event other = {.kind = TD_EV_BAR};
    assert_int_equal(td_recorder_message(&r, &other, NULL), TD_EINVAL);
    TD_OK_OR_FAIL(td_recorder_close(&r, &result, NULL));
    assert_int_equal(result.ticks, TICKS);
    assert_int_equal(result.messages + result.snapshots, 0);
    assert_int_equal(td_entry_at(&w.world, result.paths.snapshots), TD_ENTRY_NONE);
    assert_int_equal(td_entry_at(&w.world, result.paths.messages), TD_ENTRY_NONE);
    assert_int_equal(td_entry_at(&w.world, result.paths.stats), TD_ENTRY_NONE);
    TD_OK_OR_FAIL(td_table_file_open(&f, &w.world, result.paths.ticks, NULL));
    assert_int_equal(td_table_file_rows(f), TICKS);
    for (size_t i = 0; i < TD_TICK_COLUMNS; i++) {
        columns[i] = i;
        assert_string_equal(td_table_file_column_at(f, i)->name, td_tick_schema[i].name);
    }
    int n = 0;
    for (size_t g = 0; g < td_table_file_groups(f); g++) {
        TD_OK_OR_FAIL(td_table_file_load(f, g, columns, TD_TICK_COLUMNS, got, NULL));
        for (size_t row = 0; row < got[0].rows; row++, n++) {
            const struct td_event want = tick_at(n);
            const bool quote = want.kind == TD_EV_QUOTE, bid = quote && n % 3 == 0;
            assert_cell(got, TD_TICK_BID, row, bid ? want.quote.bid.e9 : TD_E9_NONE);
            assert_cell(got, TD_TICK_BID_SIZE, row, bid ? want.quote.bid_qty.e9 : TD_E9_NONE);
            assert_cell(got, TD_TICK_ASK, row, quote ? want.quote.ask.e9 : TD_E9_NONE);
            assert_cell(got, TD_TICK_ASK_SIZE, row, quote ? want.quote.ask_qty.e9 : TD_E9_NONE);
            assert_cell(got, TD_TICK_LAST, row, quote ? TD_E9_NONE : want.trade.px.e9);
            assert_cell(got, TD_TICK_LAST_SIZE, row, quote ? TD_E9_NONE : want.trade.qty.e9);
            assert_int_equal(((const int64_t *)got[TD_TICK_RECV_NS].values)[row], want.recv_ns);
            assert_int_equal(((const int64_t *)got[TD_TICK_VENUE_NS].values)[row], want.venue_ns);
            assert_true(td_str_is(((const struct td_str *)got[TD_TICK_EXCHANGE].values)[row],
                                  quote ? "" : "NYSE"));
            assert_int_equal(((const uint8_t *)got[TD_TICK_GENERATED].values)[row], n % 2);
        }
    }
    assert_int_equal(n, TICKS);
    td_table_file_close(f);
    fault_world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(replay_equals_snapshots),
        cmocka_unit_test(rotation_keeps_the_book),
        cmocka_unit_test(bad_options),
        cmocka_unit_test(ticks_come_back),
        cmocka_unit_test(every_call_fails_once),
        cmocka_unit_test(killed_at_every_call),
        cmocka_unit_test(recovery_killed_at_every_call),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
