/* tests/cmd/journal_cmd_test.c - verify, cat and rebuild through the program, on journals with four lives of random
 * records: whole, torn, damaged, with files that are not theirs. Needs TAPEDECK_BIN. */
#include "support/program.h"

#include <sqlite3.h>

#include "sys/uvworld.h"
#include "trade/journal.h"
#include "trade/projection.h"
#include "trade/record_stream.h"
#include "trade/snapshot.h"

#define LIVES 3
#define EACH  120

static struct td_world world;
static char state_folder[200], journal[240];
static char out[1 << 20];

#define RUN(...)                                                                                   \
    program_run((const char *const[]){"journal", __VA_ARGS__, "--state", state_folder, NULL}, out, \
                sizeof out)

static enum td_err project(void *arg, const struct td_record *r)
{
    return td_projection_apply(*(struct td_projection **)arg, r, NULL);
}

/* A desk's lives: the journal, its projections, and a STOP that tells the state. */
static void write_lives(void)
{
    static const struct td_blotter_limits limits = {16384, 32768, 1024, TD_BLOTTER_ORDERS_KEPT,
                                                    TD_BLOTTER_EXECUTIONS_KEPT};
    static struct stream made;
    stream_open(&made, 5, &limits);
    for (int life = 0; life < LIVES; life++) {
        static struct td_journal j;
        struct td_projection *p = NULL;
        struct td_journal_report report;
        TD_OK_OR_FAIL(td_projection_open(&p, &world, state_folder, NULL));
        TD_OK_OR_FAIL(td_journal_open(&j, &world, journal, project, &p, &report, NULL));
        if (life)
            TD_OK_OR_FAIL(td_projection_save(p, journal, j.number, j.chain, NULL));
        for (int i = 0; i < EACH; i++) {
            struct td_record r;
            if (i + 1 < EACH) {
                r = stream_next(&made);
            } else {
                td_record_init(&r, TD_REC_STOP, made.at);
                (void)snprintf(r.text, sizeof r.text, "finished;");
                td_state_tell(&made.b, r.text, sizeof r.text);
                made.seq++;
            }
            TD_OK_OR_FAIL(td_journal_append(&j, &r));
            TD_OK_OR_FAIL(td_projection_apply(p, &r, NULL));
            TD_OK_OR_FAIL(td_journal_commit(&j, NULL));
        }
        td_projection_close(p);
        td_journal_close(&j);
    }
    stream_close(&made);
}

static int set_up(void **state)
{
    (void)state;
    if (td_uvworld_open(&world, false, NULL) != TD_OK)
        return -1;
    (void)snprintf(state_folder, sizeof state_folder, "%s", td_test_folder("journal-cmd"));
    (void)snprintf(journal, sizeof journal, "%s/journal", state_folder);
    write_lives();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    td_uvworld_close(&world);
    return 0;
}

static void change(const char *name, bool flip, size_t cut)
{
    static char bytes[1 << 20];
    char path[300];
    size_t len = 0;
    (void)snprintf(path, sizeof path, "%s/%s", journal, name);
    TD_OK_OR_FAIL(td_file_slurp(&world, path, bytes, sizeof bytes, &len, NULL));
    if (flip)
        bytes[len / 2] ^= 4;
    TD_OK_OR_FAIL(td_file_replace(&world, path, (struct td_str){bytes, len - cut}, NULL));
}

static int lines_of(const char *text)
{
    int n = 0;
    for (; *text; text++)
        n += *text == '\n';
    return n;
}

static void a_whole_journal_verifies(void **state)
{
    (void)state;
    assert_int_equal(RUN("verify"), 0);
    assert_non_null(strstr(out, "0003.tdj"));
    assert_non_null(
        strstr(out, "360 records in 3 files; 3 states told by STOP and RECON records are equal"));
    assert_non_null(strstr(out, "2 snapshots equal, 0 ignored"));
    assert_int_equal(RUN("verify", "--json"), 0);
    assert_non_null(strstr(out, "\"records\":360,\"torn_bytes\":0,\"states_equal\":3"));
    assert_non_null(strstr(out, "\"damage\":null"));
}

static void a_torn_end_is_told_and_no_damage(void **state)
{
    (void)state;
    change("0003.tdj", false, 5);
    assert_int_equal(RUN("verify"), 0);
    assert_non_null(strstr(out, "whole, with a torn end"));
}

static void damage_is_named_with_what_to_do(void **state)
{
    (void)state;
    change("0002.tdj", true, 0);
    assert_int_equal(RUN("verify"), 1);
    assert_non_null(strstr(out, "0001.tdj"));
    assert_non_null(strstr(out, "DAMAGED"));
    assert_null(strstr(out, "0003.tdj"));
    assert_int_equal(RUN("cat"), 1);
    assert_int_equal(RUN("rebuild"), 1);
}

static void cat_filters(void **state)
{
    (void)state;
    assert_int_equal(RUN("cat"), 0);
    assert_int_equal(lines_of(out), LIVES * EACH);
    assert_int_equal(RUN("cat", "--type", "STOP"), 0);
    assert_in_range(lines_of(out), LIVES, 100);
    assert_non_null(strstr(out, "text=\"finished; state "));
    assert_int_equal(RUN("cat", "--type", "stop"), 2);
    assert_int_equal(RUN("cat", "--key", "1"), 0);
    const int one = lines_of(out);
    assert_in_range(one, 1, LIVES * EACH - 1);
    assert_int_equal(RUN("cat", "--key", "1", "--type", "ORDER", "PARENT", "--json"), 0);
    assert_int_equal(lines_of(out), 1);
    assert_non_null(strstr(out, "\"key\":1,"));
    assert_int_equal(RUN("cat", "--since", "2099-01-01"), 0);
    assert_int_equal(lines_of(out), 0);
    assert_int_equal(RUN("cat", "--symbol", "SYM1"), 0);
    assert_in_range(lines_of(out), 1, LIVES * EACH - 1);
}

static void damage_db(void)
{
    char path[300];
    (void)snprintf(path, sizeof path, "%s/trade_audit_log.jsonl", state_folder);
    TD_OK_OR_FAIL(td_file_replace(&world, path, td_str_of("{\"not\":\"ours\"}\n"), NULL));
}

static void rebuilding_says_what_differs(void **state)
{
    (void)state;
    static struct td_journal j;
    struct td_journal_report report;
    char other[300];
    assert_int_equal(RUN("rebuild"), 0);
    assert_non_null(strstr(out, "are what the journal makes"));
    assert_non_null(strstr(out, "audit log   equal"));
    damage_db();
    assert_int_equal(RUN("rebuild"), 0);
    assert_non_null(strstr(out, "audit log   differs from line 1 on"));
    assert_non_null(strstr(out, "nothing was changed"));
    (void)snprintf(other, sizeof other, "%s/new", state_folder);
    assert_int_equal(RUN("rebuild", "--output", other), 0);
    assert_non_null(strstr(out, "DIFFER"));
    assert_int_equal(RUN("rebuild", "--output", other), 1); /* not empty */
    TD_OK_OR_FAIL(td_journal_open(&j, &world, journal, NULL, NULL, &report, NULL));
    assert_int_equal(RUN("rebuild", "--force"), 1); /* a desk holds it */
    td_journal_close(&j);
    assert_int_equal(RUN("rebuild", "--force"), 0);
    assert_non_null(strstr(out, "put in place"));
    assert_int_equal(RUN("rebuild"), 0);
    assert_non_null(strstr(out, "are what the journal makes"));
}

#define REPLAY(...) program_run((const char *const[]){"replay", __VA_ARGS__, NULL}, out, sizeof out)

static void a_replay_makes_the_told_state(void **state)
{
    (void)state;
    char first[20], second[20];
    assert_int_equal(REPLAY("--state", state_folder), 0);
    const char *one = strstr(out, "run 1: "), *two = strstr(out, "run 2: ");
    assert_true(one && two);
    assert_int_equal(sscanf(one + 7, "%16[0-9a-f]", first), 1);
    assert_int_equal(sscanf(two + 7, "%16[0-9a-f]", second), 1);
    assert_string_equal(first, second);
    assert_non_null(strstr(out, "STOP and RECON records: 3 equal"));
    assert_non_null(strstr(out, ", 0 differ"));
    assert_int_equal(REPLAY("--journal", journal, "--json"), 0);
    assert_non_null(strstr(out, first));
    assert_non_null(strstr(out, "\"orders_db_differences\":null"));
}

/* A database that somebody has changed. */
static void a_replay_finds_what_orders_db_has_wrong(void **state)
{
    (void)state;
    static const char *const changes[] = {"UPDATE orders SET status = 'odd'",
                                          "UPDATE positions SET quantity = quantity + 1"};
    for (size_t i = 0; i < TD_COUNT(changes); i++) {
        sqlite3 *db = NULL;
        char path[300];
        (void)snprintf(path, sizeof path, "%s/orders.db", state_folder);
        assert_int_equal(REPLAY("--state", state_folder), 0);
        assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
        assert_int_equal(sqlite3_exec(db, changes[i], NULL, NULL, NULL), SQLITE_OK);
        (void)sqlite3_close(db);
        assert_int_equal(REPLAY("--state", state_folder), 1);
        assert_null(strstr(out, ", 0 differ"));
        assert_int_equal(RUN("rebuild", "--force"), 0);
    }
    change("0001.tdj", true, 0);
    assert_int_equal(REPLAY("--state", state_folder), 1);
}

static void words_are_checked(void **state)
{
    (void)state;
    assert_int_equal(RUN("bananas"), 2);
    assert_int_equal(program_run((const char *const[]){"journal", NULL}, out, sizeof out), 2);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(a_whole_journal_verifies),
        CASE(a_torn_end_is_told_and_no_damage),
        CASE(damage_is_named_with_what_to_do),
        CASE(cat_filters),
        CASE(rebuilding_says_what_differs),
        CASE(a_replay_makes_the_told_state),
        CASE(a_replay_finds_what_orders_db_has_wrong),
        CASE(words_are_checked),
    };
    return cmocka_run_group_tests_name("cmd/journal", tests, NULL, NULL);
}
