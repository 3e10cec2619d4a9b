/* tests/store/recorded_days_test.c - recorded days as a scrubber reads them: recordings of our own recorder in the simulated world, and
 * files of others. Each book is compared with the one that was handed to the recorder. */
#include "store/recorded.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/simworld.h"
#include "store/recorder.h"
#include "support/support.h"
#include "wire/parquet.h"

enum { LEVELS = 5 };

#define BEGIN INT64_C(1795188600000000000) /* 2026-11-20 10:30 in New York */
#define DAY   "2026-11-20"

static struct td_simworld *sim;
static struct td_world world;
static struct td_recorded *rec;
static struct td_fail why;

static int machine_starts(void **state)
{
    (void)state;
    const struct td_simworld_options o = {.seed = 5, .start_ns = BEGIN};
    uint32_t host;
    TD_OK_OR_FAIL(td_simworld_open(&sim, &o, NULL));
    TD_OK_OR_FAIL(td_simworld_attach(sim, "recorder", &host, &world, NULL));
    TD_OK_OR_FAIL(td_recorded_open(&rec, &world, "data"));
    return 0;
}

static int machine_goes(void **state)
{
    (void)state;
    td_recorded_close(rec);
    td_simworld_close(sim);
    return 0;
}

/* Snapshot n of a session: prices and sizes tell which one it is. */
static void make_snap(struct td_snap *s, td_ns at, int n, uint32_t quality)
{
    memset(s, 0, sizeof *s);
    s->at_ns = at;
    s->quality = quality;
    for (int row = 0; row < LEVELS - 1; row++) {
        s->px[TD_BID][row].e9 = 100 * TD_E9 - (row + 1) * (TD_E9 / 100);
        s->px[TD_ASK][row].e9 = 100 * TD_E9 + (n % 7 + row) * (TD_E9 / 100);
        s->qty[TD_BID][row] = TD_QTY(n + 1);
        s->qty[TD_ASK][row] = TD_QTY(row + 1);
    }
}

/* `count` snapshots, one each 100 ms; every `bad`-th is of a gap. */
static void record(const char *folder, const char *symbol, const char *time, td_ns begin, int count,
                   int bad)
{
    struct td_recorder_options o = {.folder = folder,
                                    .facts = {.day = DAY,
                                              .local_iso = "2026-11-20T10:30:00",
                                              .levels = LEVELS,
                                              .interval_ms = 100,
                                              .start_ns = begin},
                                    .group_bytes = TD_CAPTURE_BUFFER};
    struct td_recorder r;
    struct td_snap s;
    (void)snprintf(o.facts.symbol, sizeof o.facts.symbol, "%s", symbol);
    (void)snprintf(o.facts.time, sizeof o.facts.time, "%s", time);
    TD_OK_OR_FAIL(td_recorder_open(&r, &world, &o, &why));
    for (int n = 0; n < count; n++) {
        make_snap(&s, begin + n * 100 * TD_MS, n, bad && n % bad == 0 ? TD_Q_GAP : 0);
        TD_OK_OR_FAIL(td_recorder_snapshot(&r, &s, &why));
    }
    TD_OK_OR_FAIL(td_recorder_close(&r, NULL, &why));
}

static const struct td_recorded_session *session(const char *symbol, const char *time)
{
    for (size_t i = 0; i < td_recorded_count(rec); i++) {
        const struct td_recorded_session *s = td_recorded_at(rec, i);
        if (strcmp(s->symbol, symbol) == 0 && strcmp(s->time, time) == 0)
            return s;
    }
    return NULL;
}

static void refresh(void)
{
    TD_OK_OR_FAIL(td_recorded_refresh(rec, 0, TD_SEC, &why));
}

static void no_folder_then_days(void **state)
{
    (void)state;
    assert_int_equal(td_recorded_refresh(rec, 0, TD_SEC, &why), TD_ENODATA);
    assert_non_null(strstr(why.text, "there is no folder data"));
    record("data", "SPY", "103000", BEGIN, 600, 0);
    record("data", "SPY", "113000", BEGIN + TD_HOUR, 600, 50);
    record("data/Level2", "AAPL", "103000", BEGIN, 100, 2);
    TD_OK_OR_FAIL(td_file_replace(&world, "data/SPY/" DAY "_snapshots_120000.parquet",
                                  td_str_of("torn"), NULL));
    static const char *const others[] = {"data/SPY/notes.parquet",
                                         "data/SPY/" DAY "_book_1.parquet",
                                         "data/SPY/2026-13-40_snapshots_103000.parquet"};
    for (size_t i = 0; i < TD_COUNT(others); i++)
        TD_OK_OR_FAIL(td_file_replace(&world, others[i], td_str_of("x"), NULL));
    static const char messages[100000];
    TD_OK_OR_FAIL(td_file_replace(&world, "data/Level2/AAPL/" DAY "_messages_103000.json",
                                  (struct td_str){messages, sizeof messages}, NULL));
    TD_OK_OR_FAIL(td_recorded_refresh(rec, 0, 0, &why)); /* no time to look: listed alone */
    assert_int_equal(td_recorded_count(rec), 4);
    assert_false(td_recorded_complete(rec));
    refresh();
    assert_true(td_recorded_complete(rec));
    const struct td_recorded_session *s = session("SPY", "103000");
    assert_int_equal(s->rows, 600);
    assert_int_equal(s->bad, 0);
    assert_int_equal(s->first_ns, BEGIN);
    assert_int_equal(s->last_ns, BEGIN + 599 * 100 * TD_MS);
    assert_true(s->bytes > 1000);
    assert_int_equal(session("SPY", "113000")->bad, 12);
    assert_int_equal(session("AAPL", "103000")->bad, 50);
    assert_true(session("AAPL", "103000")->bytes > sizeof messages);
    assert_true(s->bytes < sizeof messages);
    assert_non_null(strstr(session("SPY", "120000")->problem, "120000.parquet"));
    assert_string_equal(td_recorded_grade_word(td_recorded_grade(600, 5, false)), "good");
    assert_string_equal(td_recorded_grade_word(td_recorded_grade(600, 6, false)), "fair");
    assert_string_equal(td_recorded_grade_word(td_recorded_grade(600, 60, false)), "bad");
    assert_string_equal(td_recorded_grade_word(td_recorded_grade(600, 0, true)), "bad");
    assert_null(td_recorded_grade_word(td_recorded_grade(600, -1, false)));
}

/* What is known is kept, what is new is found, what is gone is gone. */
static void listed_again(void **state)
{
    (void)state;
    const uint64_t bytes = session("SPY", "103000")->bytes;
    record("data", "SPY", "123000", BEGIN + 2 * TD_HOUR, 10, 0);
    assert_int_equal(td_file_remove(&world, "data/SPY/" DAY "_snapshots_120000.parquet"), TD_OK);
    TD_OK_OR_FAIL(td_recorded_refresh(rec, TD_HOUR, TD_SEC, &why)); /* too young */
    assert_null(session("SPY", "123000"));
    refresh();
    assert_null(session("SPY", "120000"));
    assert_int_equal(session("SPY", "123000")->rows, 10);
    assert_int_equal(session("SPY", "103000")->bytes, bytes);
}

static void is_snap(const struct td_recorded_column *c, td_ns begin, int n, int32_t levels)
{
    struct td_snap s;
    const int32_t rows = levels < LEVELS - 1 ? levels : LEVELS - 1;
    make_snap(&s, begin + n * 100 * TD_MS, n, 0);
    assert_int_equal(c->at_ns, s.at_ns);
    for (int side = 0; side < 2; side++) {
        assert_int_equal(c->rows[side], rows);
        for (int32_t row = 0; row < rows; row++) {
            assert_int_equal(c->side[side][row].px.e9, s.px[side][row].e9);
            assert_int_equal(c->side[side][row].qty.e9, s.qty[side][row].e9);
        }
    }
}

static void a_window(void **state)
{
    (void)state;
    struct td_recorded_query q = {.symbol = "SPY",
                                  .day = DAY,
                                  .from = BEGIN + 10 * TD_SEC,
                                  .to = BEGIN + 20 * TD_SEC,
                                  .levels = 20,
                                  .columns = 40};
    struct td_recorded_window w;
    TD_OK_OR_FAIL(td_recorded_window(rec, &q, &w, &why));
    assert_int_equal(w.step, 250 * TD_MS);
    assert_int_equal(w.until, q.to);
    assert_int_equal(w.count, 40);
    assert_int_equal(w.books, 100);
    for (uint32_t i = 0; i < w.count; i++) { /* 100, 200 | 300, 400 and 250..., each its last one */
        const int n = (int)(((i + 1) * 250 - 1) / 100) + 100;
        is_snap(&w.columns[i], BEGIN, n, 20);
    }
    q.columns = 1500; /* finer than the recording: a column for each */
    q.levels = 2;
    TD_OK_OR_FAIL(td_recorded_window(rec, &q, &w, &why));
    assert_int_equal(w.count, 100);
    is_snap(&w.columns[7], BEGIN, 107, 2);
    q.from = BEGIN - TD_HOUR; /* over both sessions and the hole between them; the gaps stay seen */
    q.to = BEGIN + 2 * TD_HOUR;
    q.columns = 3;
    TD_OK_OR_FAIL(td_recorded_window(rec, &q, &w, &why));
    assert_int_equal(w.count, 2);
    assert_int_equal(w.columns[0].quality, 0);
    assert_int_equal(w.columns[1].quality, TD_Q_GAP);
    is_snap(&w.columns[1], BEGIN + TD_HOUR, 599, 2);
    q.day = "2026-11-19";
    assert_int_equal(td_recorded_window(rec, &q, &w, &why), TD_ENODATA);
}

static void what_is_refused(void **state)
{
    (void)state;
    static const struct td_recorded_query bad[] = {
        {"SPY", DAY, BEGIN, BEGIN, 20, 10},
        {"SPY", DAY, BEGIN, BEGIN - 1, 20, 10},
        {"SPY", DAY, -1, BEGIN, 20, 10},
        {"SPY", DAY, 0, INT64_MAX, 20, 10},
        {"SPY", DAY, BEGIN, BEGIN + TD_SEC, 0, 10},
        {"SPY", DAY, BEGIN, BEGIN + TD_SEC, 21, 10},
        {"SPY", DAY, BEGIN, BEGIN + TD_SEC, 20, 0},
        {"SPY", DAY, BEGIN, BEGIN + TD_SEC, 20, 1501},
    };
    static const char *const names[] = {"..", "../data/SPY", "SPY/../SPY", "/etc", "spy", ""};
    struct td_recorded_window w;
    struct td_recorded_book b;
    for (size_t i = 0; i < TD_COUNT(bad); i++)
        assert_int_equal(td_recorded_window(rec, &bad[i], &w, &why), TD_EINVAL);
    for (size_t i = 0; i < TD_COUNT(names); i++) {
        const struct td_recorded_query q = {names[i], DAY, BEGIN, BEGIN + TD_SEC, 20, 10};
        assert_int_equal(td_recorded_window(rec, &q, &w, &why), TD_ENODATA);
        assert_int_equal(td_recorded_book(rec, names[i], DAY, BEGIN, 20, &b, &why), TD_ENODATA);
        assert_int_equal(td_recorded_book(rec, "SPY", names[i], BEGIN, 20, &b, &why), TD_ENODATA);
    }
    assert_int_equal(td_recorded_book(rec, "SPY", DAY, BEGIN, 21, &b, &why), TD_EINVAL);
    assert_int_equal(td_recorded_book(rec, "SPY", DAY, TD_NS_NEVER, 20, &b, &why), TD_EINVAL);
}

static void an_instant(void **state)
{
    (void)state;
    struct td_recorded_book b;
    assert_int_equal(td_recorded_book(rec, "SPY", DAY, BEGIN - 1, 20, &b, &why), TD_ENODATA);
    for (int n = 0; n < 600; n += 37) {
        const td_ns at = BEGIN + n * 100 * TD_MS;
        TD_OK_OR_FAIL(td_recorded_book(rec, "SPY", DAY, at + 99 * TD_MS, 20, &b, &why));
        is_snap(&b.book, BEGIN, n, 20);
        assert_int_equal(b.before, n ? at - 100 * TD_MS : 0);
        assert_int_equal(b.after, at + 100 * TD_MS);
    }
    /* in the hole between two sessions the last book stands, and its neighbours are of both */
    TD_OK_OR_FAIL(td_recorded_book(rec, "SPY", DAY, BEGIN + 30 * TD_MIN, 3, &b, &why));
    is_snap(&b.book, BEGIN, 599, 3);
    assert_int_equal(b.before, BEGIN + 598 * 100 * TD_MS);
    assert_int_equal(b.after, BEGIN + TD_HOUR);
    TD_OK_OR_FAIL(td_recorded_book(rec, "SPY", DAY, BEGIN + TD_HOUR, 3, &b, &why));
    is_snap(&b.book, BEGIN + TD_HOUR, 0, 3);
    assert_int_equal(b.book.quality, TD_Q_GAP);
    TD_OK_OR_FAIL(td_recorded_book(rec, "SPY", DAY, BEGIN + TD_DAY, 3, &b, &why));
    is_snap(&b.book, BEGIN + 2 * TD_HOUR, 9, 3);
    assert_int_equal(b.after, 0);
}

/* Two recorders at once: the newer book of each instant counts, and stepping meets all of both. */
static void sessions_that_overlap(void **state)
{
    (void)state;
    record("data", "IBM", "103000", BEGIN, 100, 0);
    record("data", "IBM", "103005", BEGIN + 5 * TD_SEC + 50 * TD_MS, 100, 0);
    refresh();
    struct td_recorded_book b;
    td_ns at = BEGIN + 14 * TD_SEC + 950 * TD_MS;
    int steps = 0;
    for (; at; steps++) {
        TD_OK_OR_FAIL(td_recorded_book(rec, "IBM", DAY, at, 1, &b, &why));
        assert_int_equal(b.book.at_ns, at);
        assert_true(b.before < at && (b.after > at || !steps));
        at = b.before;
    }
    assert_int_equal(steps, 200);
    const struct td_recorded_query q = {"IBM", DAY, BEGIN + 6 * TD_SEC, BEGIN + 7 * TD_SEC, 1, 1};
    struct td_recorded_window w;
    TD_OK_OR_FAIL(td_recorded_window(rec, &q, &w, &why));
    assert_int_equal(w.books, 20);
    assert_int_equal(w.columns[0].at_ns, BEGIN + 6 * TD_SEC + 950 * TD_MS);
    const struct td_recorded_query other = {"IBM", DAY, BEGIN + 5900 * TD_MS, BEGIN + 6010 * TD_MS,
                                            1,     1};
    TD_OK_OR_FAIL(
        td_recorded_window(rec, &other, &w, &why)); /* the file that is read first has it */
    assert_int_equal(w.books, 3);
    assert_int_equal(w.columns[0].at_ns, BEGIN + 6 * TD_SEC);
}

/* --- a file of another program: many rows, nanosecond times, no quality --- */

#define ROWS ((size_t)65536)

static enum td_err write_out(void *arg, const void *bytes, size_t len)
{
    return td_file_write(&world, *(struct td_file *)arg, bytes, len);
}

static void write_long(size_t groups)
{
    static const char *const names[] = {"timestamp", "bid_prices", "bid_sizes", "ask_prices",
                                        "ask_sizes"};
    static int64_t at[ROWS], one[ROWS];
    static double px[ROWS];
    struct td_pq_column columns[5];
    struct td_pq_data data[5] = {{at, NULL}, {px, NULL}, {one, NULL}, {px, NULL}, {one, NULL}};
    struct td_file file;
    struct td_arena arena;
    struct td_pq_writer *w;
    for (size_t i = 0; i < 5; i++)
        columns[i] = (struct td_pq_column){.name = names[i],
                                           .type = i == 1 || i == 3 ? TD_PQ_DOUBLE : TD_PQ_INT64,
                                           .logical = i ? TD_PQ_NONE : TD_PQ_TIME_NS,
                                           .list = i ? 1 : 0,
                                           .optional = true};
    TD_OK_OR_FAIL(td_folder_make(&world, "data/ES"));
    TD_OK_OR_FAIL(
        td_file_open(&world, "data/ES/" DAY "_snapshots_long.parquet", TD_FILE_NEW, &file, NULL));
    const struct td_pq_write_options o = {.columns = columns,
                                          .column_count = 5,
                                          .rows_max = ROWS,
                                          .groups_max = groups,
                                          .created_by = "somebody else",
                                          .write = write_out,
                                          .arg = &file};
    const size_t need = td_pq_writer_need(&o);
    td_arena_init(&arena, malloc(need), need);
    TD_OK_OR_FAIL(td_pq_writer_open(&w, &o, &arena, &why));
    for (size_t g = 0; g < groups; g++) {
        for (size_t i = 0; i < ROWS; i++) {
            at[i] = BEGIN + (td_ns)(g * ROWS + i) * TD_MS;
            one[i] = (int64_t)(g + 1);
            px[i] = 6000.25;
        }
        TD_OK_OR_FAIL(td_pq_write_group(w, data, ROWS, &why));
    }
    TD_OK_OR_FAIL(td_pq_writer_finish(w, &why));
    td_pq_writer_close(w);
    td_file_close(&world, file);
    free(arena.base);
}

/* A window reads a bounded number of rows, says how far it came, and is whole when asked again from there. */
static void a_long_file_is_read_in_parts(void **state)
{
    (void)state;
    enum { GROUPS = 6 };
    write_long(GROUPS);
    refresh();
    const struct td_recorded_session *s = session("ES", "");
    assert_int_equal(s->rows, GROUPS * ROWS);
    assert_int_equal(s->bad, -1);
    struct td_recorded_query q = {
        .symbol = "ES", .day = DAY, .from = BEGIN, .levels = 20, .columns = 400};
    struct td_recorded_window w;
    uint64_t books = 0;
    int calls = 0;
    const td_ns step = TD_SEC;
    for (q.to = q.from + 400 * step; q.from < BEGIN + 393 * TD_SEC; calls++) {
        q.to = q.from + 400 * step;
        TD_OK_OR_FAIL(td_recorded_window(rec, &q, &w, &why));
        assert_true(w.until > q.from && (w.until - q.from) % step == 0);
        assert_true(w.books <= TD_RECORDED_ROWS + ROWS);
        books += w.books;
        q.from = w.until;
    }
    assert_int_equal(books, GROUPS * ROWS);
    assert_int_equal(calls, 2);
    struct td_recorded_book b;
    const td_ns edge = BEGIN + (td_ns)(3 * ROWS) * TD_MS; /* first row of the fourth group */
    TD_OK_OR_FAIL(td_recorded_book(rec, "ES", DAY, edge, 20, &b, &why));
    assert_int_equal(b.book.side[TD_BID][0].qty.e9, 4 * TD_E9);
    assert_int_equal(b.before, edge - TD_MS);
    TD_OK_OR_FAIL(td_recorded_book(rec, "ES", DAY, edge - 1, 20, &b, &why));
    assert_int_equal(b.book.side[TD_BID][0].qty.e9, 3 * TD_E9);
    assert_int_equal(b.after, edge);
}

static void as_json(void **state)
{
    (void)state;
    static char text[1 << 16];
    struct td_text t;
    struct td_json j;
    td_text_init(&t, text, sizeof text);
    td_json_init(&j, &t, false);
    td_json_object(&j);
    td_recorded_put_days(rec, &j);
    td_json_object_end(&j);
    assert_non_null(strstr(text, "\"symbol\":\"AAPL\",\"days\":[{\"day\":\"2026-11-20\","
                                 "\"looked\":true,"));
    assert_non_null(strstr(text, "\"rows\":100,\"bad\":50,\"grade\":\"bad\",\"first\":\"2026-11-20T"
                                 "15:30:00.000000+00:00\""));
    assert_non_null(strstr(text, "\"rows\":1210,\"bad\":12,\"grade\":\"good\""));
    assert_non_null(strstr(text, "\"bad\":null,\"grade\":null")); /* of the file without quality */
    struct td_recorded_book b;
    TD_OK_OR_FAIL(td_recorded_book(rec, "SPY", DAY, BEGIN, 1, &b, &why));
    td_text_reset(&t);
    td_json_init(&j, &t, false);
    td_json_object(&j);
    td_recorded_put_book(&b, &j);
    td_json_object_end(&j);
    assert_string_equal(text, "{\"time\":\"2026-11-20T15:30:00.000000+00:00\",\"quality\":[],"
                              "\"bids\":[[99.99,1]],\"asks\":[[100,1]],\"before\":null,"
                              "\"after\":\"2026-11-20T15:30:00.100000+00:00\"}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_folder_then_days),
        cmocka_unit_test(listed_again),
        cmocka_unit_test(a_window),
        cmocka_unit_test(what_is_refused),
        cmocka_unit_test(an_instant),
        cmocka_unit_test(sessions_that_overlap),
        cmocka_unit_test(a_long_file_is_read_in_parts),
        cmocka_unit_test(as_json),
    };
    return cmocka_run_group_tests_name("store/recorded_days", tests, machine_starts, machine_goes);
}
