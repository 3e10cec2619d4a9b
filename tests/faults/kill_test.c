/* tests/faults/kill_test.c - kills `record` and `trade` with SIGKILL at random moments, again and again.
 *
 * The gateway simulator runs inside this program, so its ledger, not our own books, says what arrived.
 * TD_KILLS sets the number of kills (short by default; `make kill-long` uses 200), TD_KILL_SEED the moments,
 * TAPEDECK_BIN the program. Checked after each kill of a recorder: nothing that was in the capture log is
 * missing from the files, no file is torn. After each kill of a trader: no order reference arrived twice,
 * and every one that arrived stands in the journal. At the end the desk's positions equal the ledger's.
 */
#include "support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/random.h"
#include "faults/played.h"
#include "store/recover.h"
#include "store/snapshot_read.h"
#include "trade/journal.h"

static struct played played;
static struct td_rng rng;

static int kills(void)
{
    const char *text = getenv("TD_KILLS");
    int64_t n = 8;
    if (text)
        TD_OK_OR_FAIL(td_i64_parse(text, strlen(text), &n));
    return (int)n;
}

static int set_up(void **state)
{
    static const char *const symbols[] = {"SPY", "IBM"};
    const char *seed = getenv("TD_KILL_SEED");
    int64_t seed_value = 11;
    static const struct {
        const char *key, *value;
    } armed[] = {{"ALLOW_ORDERS", "1"},
                 {"DRY_RUN", "0"},
                 {"ENABLE_ORDER_EXEC", "1"},
                 {"MAX_TRADES_PER_DAY", "100000"},
                 {"MAX_ORDERS_PER_MINUTE", "255"},
                 {"DEDUP_WINDOW_SECONDS", "0"},
                 {"RISK_MAX_DAILY_NOTIONAL", "9000000000"},
                 {"MAX_DAILY_LOSS_PCT", "1"},
                 {"KILL_LOSING_STREAK", "0"},
                 {"MAX_POSITION_EXPOSURE", "100"},
                 {"LOGS_PATH", "kill-logs"},
                 {"DECISION_LATENCY_MS", "2000"},
                 {"DISK_FLOOR_MB", "0"},
                 {"MAX_OPEN_ORDERS", "100"}};
    (void)state;
    if (seed)
        TD_OK_OR_FAIL(td_i64_parse(seed, strlen(seed), &seed_value));
    td_rng_init(&rng, (uint64_t)seed_value);
    for (size_t i = 0; i < TD_COUNT(armed); i++)
        (void)setenv(armed[i].key, armed[i].value, 1);
    return played_open(&played, symbols, TD_COUNT(symbols), 5, 30) ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    played_close(&played);
    return 0;
}

/* --- record --- */

struct tally {
    uint64_t messages, snapshots;
    int captures, leftovers;
    char folder[512];
};

static bool count_capture(void *arg, const char *name, enum td_entry_kind kind)
{
    struct tally *t = arg;
    char path[800];
    const size_t n = strlen(name), m = strlen(TD_CAPTURE_SUFFIX);
    if (kind != TD_ENTRY_FILE || n < m || strcmp(name + n - m, TD_CAPTURE_SUFFIX) != 0)
        return true;
    static struct td_capture_reader reader;
    static struct td_capture_record record;
    (void)snprintf(path, sizeof path, "%s/%s", t->folder, name);
    t->captures++;
    if (td_capture_reader_open(&reader, &played.world, path, NULL) != TD_OK)
        return true; /* killed before the head was whole: nothing was recorded */
    while (td_capture_next(&reader, &record) == TD_OK) {
        t->messages += record.kind == TD_CAPTURE_MESSAGE;
        t->snapshots += record.kind == TD_CAPTURE_SNAP;
    }
    assert_int_not_equal(reader.end, TD_CAPTURE_DAMAGED);
    td_capture_reader_close(&reader);
    return true;
}

static bool has_tail(const char *name, const char *tail)
{
    const size_t n = strlen(name), m = strlen(tail);
    return n >= m && strcmp(name + n - m, tail) == 0;
}

static bool count_files(void *arg, const char *name, enum td_entry_kind kind)
{
    struct tally *t = arg;
    char path[800];
    struct td_fail why = {0};
    (void)snprintf(path, sizeof path, "%s/%s", t->folder, name);
    t->leftovers +=
        kind == TD_ENTRY_FILE && (has_tail(name, ".tmp") || has_tail(name, TD_CAPTURE_SUFFIX));
    if (strstr(name, "_snapshots_")) {
        struct td_snapshot_file *f = NULL;
        static struct td_snap snap;
        TD_OK_OR_FAIL(td_snapshot_file_open(&f, &played.world, path, &why));
        while (td_snapshot_file_next(f, &snap, &why) == TD_OK)
            t->snapshots++;
        td_snapshot_file_close(f);
    }
    if (strstr(name, "_messages_")) {
        struct td_message_file *f = NULL;
        static struct td_message message;
        TD_OK_OR_FAIL(td_message_file_open(&f, &played.world, path, &why));
        while (td_message_file_next(f, &message, &why) == TD_OK)
            t->messages++;
        td_message_file_close(f);
    }
    return true;
}

static void tally(const char *out, td_list_fn *fn, struct tally *t)
{
    static const char *const symbols[] = {"SPY", "IBM"};
    for (size_t i = 0; i < TD_COUNT(symbols); i++) {
        (void)snprintf(t->folder, sizeof t->folder, "%s/%s", out, symbols[i]);
        if (td_entry_at(&played.world, t->folder) == TD_ENTRY_FOLDER)
            TD_OK_OR_FAIL(td_folder_list(&played.world, t->folder, fn, t));
    }
}

static void record_survives_kills(void **state)
{
    (void)state;
    const char *bin = td_test_program("TAPEDECK_BIN");
    uint64_t recorded = 0;
    int with_data = 0;
    for (int i = 0; i < kills(); i++) {
        const char *out = i % 32 == 0 ? td_test_folder("kill-record") : NULL;
        static const char *folder;
        struct tally before = {0}, log = {0}, after = {0};
        folder = out ? out : folder;
        tally(folder, count_files, &before);
        const char *argv[] = {bin,          "record", "--symbol", "SPY,IBM", "--port", played.port,
                              "--interval", "50",     "--output", folder,    NULL};
        const pid_t pid = played_start(argv, "kill-child");
        played_pump(&played, td_rng_between(&rng, 100, 2500) * TD_MS);
        played_kill(&played, pid);
        tally(folder, count_capture, &log);
        before = (struct tally){0};
        tally(folder, count_files,
              &before); /* the start of this run may have recovered the one before it */
        const char *recover[] = {bin, "record", "--recover", folder, NULL};
        assert_int_equal(played_finish(&played, played_start(recover, "kill-child"), 60 * TD_SEC),
                         0);
        tally(folder, count_files, &after);
        assert_int_equal(after.leftovers, 0);
        assert_int_equal(after.messages, before.messages + log.messages);
        assert_int_equal(after.snapshots, before.snapshots + log.snapshots);
        recorded += log.messages;
        with_data += log.messages > 0;
        played_pump(&played, 200 * TD_MS);
    }
    print_message("%d kills of record, %d while recording, %llu messages recovered\n", kills(),
                  with_data, (unsigned long long)recorded);
    assert_true(with_data * 2 >= kills()); /* else the test tests nothing */
}

/* --- trade --- */

struct refs {
    char names[20000][40];
    uint32_t count;
};

static enum td_err note_ref(void *arg, const struct td_record *r)
{
    struct refs *refs = arg;
    if (r->type == TD_REC_ORDER && refs->count < TD_COUNT(refs->names))
        (void)snprintf(refs->names[refs->count++], sizeof refs->names[0], "%s", r->ref);
    return TD_OK;
}

static bool has_ref(const struct refs *refs, const char *name)
{
    for (uint32_t i = 0; i < refs->count; i++)
        if (strcmp(refs->names[i], name) == 0)
            return true;
    return false;
}

/* Every order the simulator received is in the journal, and none arrived twice. */
static void check_orders(const char *folder, uint32_t *from)
{
    static struct refs refs;
    const struct td_ledger *l = td_gateway_ledger(played.gateway);
    struct td_fail why = {0};
    refs.count = 0;
    TD_OK_OR_FAIL(td_journal_read(&played.world, folder, note_ref, &refs, NULL, &why));
    for (; *from < l->order_count; (*from)++)
        if (!l->orders[*from].is_modify)
            assert_true(has_ref(&refs, l->orders[*from].ref));
    assert_int_equal(l->duplicate_refs, 0);
    assert_int_equal(l->duplicate_ids, 0);
    TD_OK_OR_FAIL(td_ledger_check(l, &why));
}

static void trade_survives_kills(void **state)
{
    (void)state;
    const char *bin = td_test_program("TAPEDECK_BIN"), *folder = td_test_folder("kill-trade");
    char journal[600];
    uint32_t seen = 0;
    int with_orders = 0;
    (void)snprintf(journal, sizeof journal, "%s/journal", folder);
    const char *argv[] = {bin,          "trade",   "--symbols",  "SPY,IBM",     "--port",
                          played.port,  "--state", folder,       "--bar-size",  "5 secs",
                          "--sma-fast", "1",       "--sma-slow", "2",           "--history",
                          "600 S",      "--clock", "gateway",    "--client-id", "7",
                          NULL};
    for (int i = 0; i < kills(); i++) {
        const uint32_t before = td_gateway_ledger(played.gateway)->order_count;
        const pid_t pid = played_start(argv, "kill-child");
        played_pump(&played,
                    td_rng_between(&rng, 100, 8000) * TD_MS); /* two looks take 2 s at least */
        played_kill(&played, pid);
        with_orders += td_gateway_ledger(played.gateway)->order_count > before;
        if (td_entry_at(&played.world, journal) == TD_ENTRY_FOLDER)
            check_orders(journal, &seen);
        played_pump(&played, 200 * TD_MS);
    }
    const char *last[] = {bin,         "trade",      "--symbols", "SPY,IBM",    "--port",
                          played.port, "--state",    folder,      "--bar-size", "5 secs",
                          "--history", "600 S",      "--clock",   "gateway",    "--client-id",
                          "7",         "--duration", "0.1",       "--json",     NULL};
    (void)unlink("kill-child.out");
    assert_int_equal(played_finish(&played, played_start(last, "kill-child"), 60 * TD_SEC), 0);
    check_orders(journal, &seen);
    size_t len;
    char *said = td_test_slurp("kill-child.out", &len);
    assert_non_null(said);
    assert_non_null(strstr(said, "\"position_check\":\"equal\""));
    free(said);
    print_message("%d kills of trade, %d after orders, %u orders received, 0 twice\n", kills(),
                  with_orders, seen);
    assert_true(with_orders * 4 >= kills());
}

int main(void)
{
    /* Each with a gateway of its own: 200 kills at this speed stay inside one regular session. */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(record_survives_kills, set_up, tear_down),
        cmocka_unit_test_setup_teardown(trade_survives_kills, set_up, tear_down)};
    return cmocka_run_group_tests_name("faults/kill", tests, NULL, NULL);
}
