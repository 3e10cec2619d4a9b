/* tests/desk/restart_test.c - starting from a snapshot: the state is that of the whole journal, the records before it
 * are not read, and whatever is wrong with the snapshot or the projections only costs time. */
#include "support/support.h"

#include <stdio.h>
#include <string.h>

#include "desk/writer.h"
#include "sys/uvworld.h"
#include "trade/record_stream.h"
#include "trade/snapshot.h"

#define LIVES 4
#define EACH  150 /* records of a life */

static const struct td_blotter_limits limits = {4096, 8192, 64, TD_BLOTTER_ORDERS_KEPT,
                                                TD_BLOTTER_EXECUTIONS_KEPT};
static struct td_world world;
static struct stream made;
static char state_folder[200], journal[240];

/* A desk as far as the journal goes. */
static struct owner {
    struct td_blotter b;
    void *memory;
    uint64_t seen;
    bool began, refuses;
    struct td_writer *writer;
    struct td_journal_report report;
} owner;

static enum td_err see(void *arg, const struct td_record *r)
{
    struct owner *o = arg;
    o->seen++;
    return td_blotter_replay(&o->b, r);
}

static bool begin(void *arg, const struct td_blotter *state)
{
    struct owner *o = arg;
    o->began = !o->refuses && td_blotter_copy(&o->b, state) == TD_OK;
    return o->began;
}

static void start(void)
{
    const struct td_writer_config config = {.desk = &world,
                                            .inline_mode = true,
                                            .journal = journal,
                                            .state = state_folder,
                                            .each = see,
                                            .begin = begin,
                                            .arg = &owner};
    struct td_fail why = {0};
    const bool refuses = owner.refuses;
    owner = (struct owner){.refuses = refuses};
    blotter_make(&owner.b, &owner.memory, &limits);
    if (td_writer_open(&owner.writer, &config, &owner.report, &why) != TD_OK)
        fail_msg("%s", why.text);
}

static void stop(void)
{
    struct td_writer_report r;
    while (td_writer_next(owner.writer, &r))
        fail_msg("%s", r.text);
    td_writer_close(owner.writer);
    free(owner.memory);
    owner.memory = NULL;
    owner.writer = NULL;
}

static void one_life(void)
{
    start();
    for (int i = 0; i < EACH; i++) {
        struct td_record r = stream_next(&made);
        const uint64_t seq = r.seq;
        TD_OK_OR_FAIL(td_writer_journal(owner.writer, &r));
        assert_true(r.seq == seq);
        td_writer_kick(owner.writer);
    }
    stop();
}

static int open_journal(void **state)
{
    (void)state;
    if (td_uvworld_open(&world, false, NULL) != TD_OK)
        return -1;
    (void)snprintf(state_folder, sizeof state_folder, "%s", td_test_folder("restart"));
    (void)snprintf(journal, sizeof journal, "%s/journal", state_folder);
    owner.refuses = false;
    stream_open(&made, 21, &limits);
    for (int i = 0; i < LIVES; i++)
        one_life();
    return 0;
}

static int close_journal(void **state)
{
    (void)state;
    stream_close(&made);
    td_uvworld_close(&world);
    return 0;
}

/* Starts, and finds the state that was made, from so many records behind a snapshot, or from all. */
static void expect(bool began, uint64_t records)
{
    start();
    assert_true(owner.began == began);
    assert_int_equal(owner.seen, records);
    assert_true(td_blotter_print(&owner.b) == td_blotter_print(&made.b));
    assert_int_equal(owner.b.last_seq, made.b.last_seq);
    stop();
}

static const char *snapshot(int number)
{
    static char path[300];
    (void)snprintf(path, sizeof path, "%s/%04d.snap", journal, number);
    return path;
}

static void damage(const char *path)
{
    static char bytes[1 << 20];
    size_t len = 0;
    TD_OK_OR_FAIL(td_file_slurp(&world, path, bytes, sizeof bytes, &len, NULL));
    bytes[len / 2] ^= 1;
    TD_OK_OR_FAIL(td_file_replace(&world, path, (struct td_str){bytes, len}, NULL));
}

static void a_start_reads_the_last_file_only(void **state)
{
    (void)state;
    expect(true, EACH); /* began file 5, whose snapshot was written; the records are in file 4 */
    expect(true, 0);
    one_life();
    expect(true, EACH);
}

static void a_damaged_one_leaves_the_older(void **state)
{
    (void)state;
    damage(snapshot(4));
    expect(true, 2 * EACH);
    damage(snapshot(5)); /* made by that start */
    expect(true, 2 * EACH);
    damage(snapshot(6)); /* now none is left: three are kept */
    expect(false, LIVES * EACH);
}

static void without_one_everything_is_read(void **state)
{
    (void)state;
    for (int n = 2; n <= LIVES; n++)
        (void)td_file_remove(&world, snapshot(n));
    expect(false, LIVES * EACH);
}

static void projections_that_lack_something_need_everything(void **state)
{
    (void)state;
    static const char *const files[] = {"orders.db", "trade_audit_log.jsonl"};
    for (size_t i = 0; i < TD_COUNT(files); i++) {
        char path[300];
        struct td_projection *p;
        (void)snprintf(path, sizeof path, "%s/%s", state_folder, files[i]);
        TD_OK_OR_FAIL(td_file_remove(&world, path));
        expect(false, made.seq);
        TD_OK_OR_FAIL(td_projection_open(&p, &world, state_folder, NULL));
        assert_int_equal(td_projection_seq(p), made.seq);
        td_projection_close(p);
        expect(true, 0); /* and that start wrote one again */
    }
}

static void an_owner_that_cannot_take_it_gets_every_record(void **state)
{
    (void)state;
    owner.refuses = true;
    expect(false, LIVES * EACH);
}

/* A snapshot of another journal, under the right name: its chain hash is not that of the file. */
static void a_stranger_is_ignored(void **state)
{
    (void)state;
    static char bytes[1 << 20];
    size_t len = 0;
    TD_OK_OR_FAIL(td_file_slurp(&world, snapshot(3), bytes, sizeof bytes, &len, NULL));
    TD_OK_OR_FAIL(td_file_replace(&world, snapshot(4), (struct td_str){bytes, len}, NULL));
    expect(true, 2 * EACH);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, open_journal, close_journal)
    const struct CMUnitTest tests[] = {
        CASE(a_start_reads_the_last_file_only),
        CASE(a_damaged_one_leaves_the_older),
        CASE(without_one_everything_is_read),
        CASE(projections_that_lack_something_need_everything),
        CASE(an_owner_that_cannot_take_it_gets_every_record),
        CASE(a_stranger_is_ignored),
    };
    return cmocka_run_group_tests_name("desk/restart", tests, NULL, NULL);
}
