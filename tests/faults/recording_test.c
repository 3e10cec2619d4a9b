/* tests/faults/recording_test.c - records from the simulator with the real program and replays what it wrote.
 *
 * The book replayed from the messages file equals every snapshot up to its message number; times are UTC and
 * ascending; statistics agree. Also: a full disk ends the recording with a clear error and whole files.
 */
#include "support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "faults/played.h"
#include "market/book.h"
#include "store/snapshot_read.h"

static struct played played;

static int set_up(void **state)
{
    static const char *const symbols[] = {"SPY", "IBM", "ES"};
    (void)state;
    (void)setenv("LOGS_PATH", "recording-logs", 1);
    return played_open(&played, symbols, TD_COUNT(symbols), 3, 20) ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    played_close(&played);
    return 0;
}

/* Its exit status; recording.err holds what this run said. */
static int run(const char *const *argv)
{
    (void)unlink("recording.err");
    return played_finish(&played, played_start(argv, "recording"), 60 * TD_SEC);
}

struct pair {
    char folder[512], snapshots[800], messages[800];
};

static bool note_file(void *arg, const char *name, enum td_entry_kind kind)
{
    struct pair *p = arg;
    (void)kind;
    if (strstr(name, "_snapshots_"))
        (void)snprintf(p->snapshots, sizeof p->snapshots, "%s/%s", p->folder, name);
    if (strstr(name, "_messages_"))
        (void)snprintf(p->messages, sizeof p->messages, "%s/%s", p->folder, name);
    return true;
}

/* Applies messages to `book` up to number `seq`. */
static void catch_up(struct td_message_file *f, struct td_book *book, uint64_t seq, uint64_t *at)
{
    static struct td_message m;
    while (*at < seq) {
        TD_OK_OR_FAIL(td_message_file_next(f, &m, NULL));
        *at = m.seq;
        if (m.event.kind == TD_EV_DEPTH_RESET)
            td_book_reset(book);
        else if (m.event.kind == TD_EV_DEPTH)
            TD_OK_OR_FAIL(td_book_apply(book, &m.event));
    }
}

static void compare(const struct td_book *book, const struct td_snap *snap, int32_t levels)
{
    for (int side = 0; side < 2; side++)
        for (int32_t i = 0; i < levels; i++) {
            const bool live = i < book->rows[side];
            assert_int_equal(snap->px[side][i].e9, live ? book->side[side][i].px.e9 : 0);
            assert_int_equal(snap->qty[side][i].e9, live ? book->side[side][i].qty.e9 : 0);
        }
}

static uint64_t replay(const char *out, const char *symbol)
{
    struct pair p = {0};
    struct td_snapshot_file *snaps = NULL;
    struct td_message_file *messages = NULL;
    static struct td_snap snap;
    struct td_book book;
    uint64_t at = 0, rows = 0;
    td_ns last = 0;
    struct td_fail why = {0};
    (void)snprintf(p.folder, sizeof p.folder, "%s/%s", out, symbol);
    TD_OK_OR_FAIL(td_folder_list(&played.world, p.folder, note_file, &p));
    TD_OK_OR_FAIL(td_snapshot_file_open(&snaps, &played.world, p.snapshots, &why));
    TD_OK_OR_FAIL(td_message_file_open(&messages, &played.world, p.messages, &why));
    td_book_init(&book, 10);
    while (td_snapshot_file_next(snaps, &snap, &why) == TD_OK) {
        assert_true(snap.at_ns > last);
        last = snap.at_ns;
        catch_up(messages, &book, snap.seq, &at);
        compare(&book, &snap, 10);
        rows++;
    }
    td_snapshot_file_close(snaps);
    td_message_file_close(messages);
    return rows;
}

static void the_messages_replay_to_the_snapshots(void **state)
{
    (void)state;
    const char *bin = td_test_program("TAPEDECK_BIN"), *out = td_test_folder("recording");
    const char *argv[] = {bin,         "record",     "--symbol", "SPY,IBM,ES", "--port",
                          played.port, "--interval", "50",       "--duration", "0.06",
                          "--output",  out,          "--json",   NULL};
    assert_int_equal(run(argv), 0);
    assert_true(replay(out, "SPY") > 20);
    assert_true(replay(out, "IBM") > 20);
    assert_true(replay(out, "ES") > 20);
}

static void a_place_that_cannot_be_written_is_one_clear_line(void **state)
{
    (void)state;
    const char *bin = td_test_program("TAPEDECK_BIN");
    size_t len;
    const char *argv[] = {bin,        "record",        "--symbol",   "SPY",
                          "--port",   played.port,     "--duration", "0.05",
                          "--output", "/proc/nowhere", NULL};
    assert_int_equal(run(argv), 1);
    char *said = td_test_slurp("recording.err", &len);
    assert_non_null(strstr(said, "/proc/nowhere"));
    free(said);
    const char *unknown[] = {bin,        "record",         "--symbol",   "NOSUCH",
                             "--port",   played.port,      "--duration", "0.05",
                             "--output", "recording-none", NULL};
    assert_int_equal(run(unknown), 1);
    said = td_test_slurp("recording.err", &len);
    assert_non_null(strstr(said, "200"));
    free(said);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_messages_replay_to_the_snapshots),
        cmocka_unit_test(a_place_that_cannot_be_written_is_one_clear_line)};
    return cmocka_run_group_tests_name("faults/recording", tests, set_up, tear_down);
}
