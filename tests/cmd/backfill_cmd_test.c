/* tests/cmd/backfill_cmd_test.c - backfill as a user meets it: lists, preview, counts, manifests, exit codes, kills, bad input. */
#include "support/program.h"
#include "support/vendor_stub.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "base/text.h"
#include "store/manifest.h"
#include "sys/uvworld.h"

#define RECORDS 3000

static struct td_world world;
static struct vendor_stub vendor;
static char base[700], out[1 << 16];

/* Four symbols on three days, out of order, twice; a weekend day; two rows that are no tasks. */
static const char list[] =
    "Date Executed,Ticker Symbol,P&L\n"
    "2025-03-12,AAPL,1\n2025-03-11,amd,2\n3/11/2025,NVDA,3\n2025-03-11,MSFT,4\n"
    "2025-03-10,AAPL,5\n2025-03-10,MSFT,6\n2025-03-10,NVDA,7\n2025-03-10,AMD,8\n"
    "2025-03-11,AAPL,9\n2025-03-12,MSFT,10\n2025-03-12,NVDA,11\n2025-03-12,AMD,12\n"
    "2025-03-12,AMD,13\n2025-03-08,AAPL,14\nnever,AAPL,15\n2025-03-12,NaN,16\n";

static void put(const char *name, const char *text)
{
    char path[900];
    (void)snprintf(path, sizeof path, "%s/%s", base, name);
    TD_OK_OR_FAIL(td_file_replace(&world, path, td_str_of(text), NULL));
}

static int set_up(void **state)
{
    char ca[720];
    (void)state;
    if (td_uvworld_open(&world, false, NULL) != TD_OK)
        return -1;
    (void)snprintf(base, sizeof base, "%s", td_test_folder("backfill-cmd"));
    (void)snprintf(ca, sizeof ca, "%s.pem", base);
    vendor_stub_open(&vendor, ca, RECORDS);
    (void)setenv("DATABENTO_URL", vendor.url, 1);
    (void)setenv("CA_FILE", vendor.ca, 1);
    (void)setenv("DATABENTO_API_KEY", "db-a-test-key", 1);
    (void)setenv("DATABENTO_ENABLE_BACKFILL", "1", 1);
    (void)setenv("L2_TASK_BACKOFF_BASE_MS", "1", 1);
    (void)setenv("ML_BASE_PATH", base, 1);
    (void)setenv("LOGS_PATH", base, 1);
    put("WarriorTrading_Trades.csv", list);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    vendor_stub_close(&vendor);
    td_uvworld_close(&world);
    return 0;
}

static void start(struct td_child *c, const char *const *words)
{
    const char *all[PROGRAM_WORDS] = {"backfill"};
    vendor.fetches = vendor.costs = vendor.conditions = 0;
    for (int i = 0; words[i]; i++)
        all[1 + i] = words[i];
    program_start(c, all);
}

/* Runs `tapedeck backfill WORDS`; its stdout is in `out`. Returns its exit status. */
static int run(const char *const *words)
{
    struct td_child c;
    start(&c, words);
    return program_finish(&c, out, sizeof out);
}
#define RUN(...) run((const char *const[]){__VA_ARGS__, "--no-fetch-bars", NULL})

static int calls(void)
{
    return vendor.fetches + vendor.costs + vendor.conditions;
}

static char *slurp(const char *name)
{
    char path[900];
    size_t len;
    (void)snprintf(path, sizeof path, "%s/%s", base, name);
    return td_test_slurp(path, &len);
}

static int64_t number(const cJSON *o, const char *key)
{
    const cJSON *v = cJSON_GetObjectItemCaseSensitive(o, key);
    if (!cJSON_IsNumber(v))
        fail_msg("no number %s in %s", key, out);
    return (int64_t)v->valuedouble;
}

/* --- the preview --- */

static void a_preview_asks_and_writes_nothing(void **state)
{
    (void)state;
    assert_int_equal(
        run((const char *const[]){"--dry-run", "--last", "2", "--since", "2025-01-01", NULL}), 0);
    cJSON *json = cJSON_Parse(out);
    assert_non_null(json);
    const cJSON *needs = cJSON_GetObjectItem(json, "needs_summary");
    assert_int_equal(number(json, "task_count"), 8);
    assert_int_equal(number(json, "last"), 2);
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(json, "max_tasks")));
    assert_int_equal(number(json, "symbol_count"), 4);
    assert_int_equal(number(json, "completed_tasks_count"), 0);
    assert_int_equal(number(needs, "need_l2"), 8);
    assert_int_equal(number(needs, "need_hourly"), 8);
    assert_int_equal(number(needs, "need_minutes"), 8);
    assert_int_equal(number(needs, "need_seconds"), 0); /* the broker keeps them six months */
    assert_string_equal(
        cJSON_GetObjectItem(cJSON_GetObjectItem(json, "date_range"), "min")->valuestring,
        "2025-03-11");
    assert_string_equal(
        cJSON_GetObjectItem(cJSON_GetObjectItem(json, "requested_window_et"), "end")->valuestring,
        "11:00");
    assert_true(strlen(cJSON_GetObjectItem(json, "run_id")->valuestring) == 22);
    cJSON_Delete(json);
    assert_int_equal(calls(), 0);
    assert_null(slurp("backfill_l2_manifest.jsonl"));
    assert_null(slurp("warrior_task_summary.json"));
}

/* --- twelve tasks --- */

struct booked {
    char rows[60][48];
    size_t count;
};

static enum td_err book(void *arg, const struct td_l2_entry *e)
{
    struct booked *b = arg;
    char day[16];
    (void)td_date_print(e->day, day);
    assert_true(b->count < TD_COUNT(b->rows));
    (void)snprintf(b->rows[b->count++], sizeof b->rows[0], "%s %s %s", day, e->symbol,
                   td_task_status_name(e->status));
    return TD_OK;
}

static void read_manifest(struct booked *b)
{
    char path[900];
    struct td_manifest_counts counts = {0};
    (void)snprintf(path, sizeof path, "%s/backfill_l2_manifest.jsonl", base);
    memset(b, 0, sizeof *b);
    TD_OK_OR_FAIL(td_l2_manifest_each(&world, path, true, book, b, &counts, NULL));
}

static const char *const first_run[] = {
    "2025-03-10 AAPL WRITE", "2025-03-10 AMD EMPTY",  "2025-03-10 MSFT WRITE",
    "2025-03-10 NVDA ERROR", "2025-03-11 AAPL SKIP",  "2025-03-11 AMD WRITE",
    "2025-03-11 MSFT WRITE", "2025-03-11 NVDA WRITE", "2025-03-12 AAPL WRITE",
    "2025-03-12 AMD WRITE",  "2025-03-12 MSFT WRITE", "2025-03-12 NVDA WRITE"};

/* A 429, a 500 that recovers, a 422, an empty day, a cut stream and a file that is there. */
static void twelve_tasks_are_done_and_booked(void **state)
{
    static struct booked b;
    (void)state;
    vendor.scripts[0] = (struct vendor_script){"AAPL", {429, 200, 200}, 0};
    vendor.scripts[1] = (struct vendor_script){"MSFT", {500, 200, 200}, 0};
    vendor.scripts[2] = (struct vendor_script){"NVDA", {422, 200, 200}, 0};
    vendor.scripts[3] = (struct vendor_script){"AMD", {VENDOR_EMPTY, VENDOR_CUT, 200}, 0};
    char folder[900];
    (void)snprintf(folder, sizeof folder, "%s/Level2/AAPL", base);
    TD_OK_OR_FAIL(td_folder_make(&world, folder));
    put("Level2/AAPL/2025-03-11_snapshots_databento.parquet", "it was there before");
    assert_int_equal(RUN("--max-workers", "1"), 0);
    assert_ptr_equal(strstr(out, "SUMMARY WRITE=9 SKIP=1 EMPTY=1 ERROR=1 total=12 concurrency=1 "
                                 "duration="),
                     out);
    assert_ptr_equal(strchr(out, '\n'), out + strlen(out) - 1); /* one line */
    read_manifest(&b);
    assert_int_equal(b.count, TD_COUNT(first_run));
    for (size_t i = 0; i < b.count; i++)
        assert_string_equal(b.rows[i], first_run[i]);
    char *text = slurp("backfill_l2_summary.json");
    cJSON *json = cJSON_Parse(text);
    assert_int_equal(number(cJSON_GetObjectItem(json, "counts"), "WRITE"), 9);
    assert_int_equal(number(json, "total_tasks"), 12);
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(json, "zero_row_tasks")), 1);
    const cJSON *errors = cJSON_GetObjectItem(json, "errors");
    assert_int_equal(cJSON_GetArraySize(errors), 1);
    assert_non_null(strstr(cJSON_GetArrayItem(errors, 0)->valuestring, "NVDA 2025-03-10 "));
    cJSON_Delete(json);
    free(text);
    text = slurp("warrior_task_summary.json");
    assert_non_null(text);
    free(text);
}

static void a_second_run_asks_for_the_rest_alone(void **state)
{
    static struct booked b;
    (void)state;
    vendor.scripts[3] =
        (struct vendor_script){"AMD", {VENDOR_EMPTY, VENDOR_EMPTY, VENDOR_EMPTY}, 0};
    assert_int_equal(RUN("--max-workers", "4"), 0);
    assert_ptr_equal(strstr(out, "SUMMARY WRITE=1 SKIP=10 EMPTY=1 ERROR=0 total=12 "), out);
    assert_int_equal(vendor.fetches, 2); /* NVDA's day, and the empty one again */
    memset(vendor.scripts, 0, sizeof vendor.scripts);
    assert_int_equal(RUN("--strict"), 0);
    assert_int_equal(vendor.fetches, 1);
    assert_int_equal(RUN("--strict"), 0);
    assert_ptr_equal(strstr(out, "SUMMARY WRITE=0 SKIP=12 EMPTY=0 ERROR=0 total=12 "), out);
    assert_int_equal(calls(), 0);
    read_manifest(&b);
    assert_int_equal(b.count, 4 * TD_COUNT(first_run));
    assert_string_equal(b.rows[47], "2025-03-12 NVDA SKIP");
}

static void strict_is_for_errors_alone(void **state)
{
    (void)state;
    vendor.scripts[0] = (struct vendor_script){"BAD", {422, 422, 422}, 0};
    assert_int_equal(RUN("--date", "2025-03-10", "--symbol", "BAD"), 0);
    assert_ptr_equal(strstr(out, "SUMMARY WRITE=0 SKIP=0 EMPTY=0 ERROR=1 total=1 "), out);
    assert_int_equal(RUN("--date", "2025-03-10", "--symbol", "BAD", "--strict"), 1);
    vendor.scripts[0] =
        (struct vendor_script){"BAD", {VENDOR_EMPTY, VENDOR_EMPTY, VENDOR_EMPTY}, 0};
    assert_int_equal(RUN("--date", "2025-03-10", "--symbol", "BAD", "--strict"), 0);
    assert_int_equal(RUN("--since", "2025-03-13", "--strict"), 0); /* no tasks at all */
    assert_ptr_equal(strstr(out, "SUMMARY WRITE=0 SKIP=0 EMPTY=0 ERROR=0 total=0 "), out);
}

static void an_object_says_what_each_task_was(void **state)
{
    (void)state;
    assert_int_equal(
        RUN("--json", "--date", "2025-03-10", "--symbol", "MSFT", "--force", "--max-cost", "0.25"),
        0);
    cJSON *json = cJSON_Parse(out);
    assert_non_null(json);
    const cJSON *task = cJSON_GetArrayItem(cJSON_GetObjectItem(json, "tasks"), 0);
    assert_string_equal(cJSON_GetObjectItem(task, "status")->valuestring, "written");
    assert_int_equal(number(task, "rows"), RECORDS);
    assert_true(cJSON_GetObjectItem(json, "cost_usd")->valuedouble == 0.25);
    assert_null(strstr(out, "db-a-test-key"));
    cJSON_Delete(json);
    assert_int_equal(
        RUN("--date", "2025-03-10", "--symbol", "MSFT", "--force", "--strict", "--max-cost", "0.2"),
        1);
    assert_int_equal(vendor.fetches, 0); /* too dear: nothing was bought */
}

/* --- windows and symbols --- */

static void windows_follow_the_clock_of_new_york(void **state)
{
    (void)state;
    assert_int_equal(RUN("--date", "2025-03-07", "--symbol", "DST"), 0);
    assert_string_equal(vendor.last_start, "2025-03-07T09:00:00-05:00");
    assert_int_equal(RUN("--date", "2025-11-03", "--symbol", "DST"), 0);
    assert_string_equal(vendor.last_end, "2025-11-03T11:00:00-05:00");
    (void)setenv("L2_BACKFILL_WINDOW_ET", "08:00-10:30", 1);
    assert_int_equal(RUN("--date", "2025-07-07", "--symbol", "DST"), 0);
    assert_string_equal(vendor.last_start, "2025-07-07T09:00:00-04:00"); /* cut */
    assert_string_equal(vendor.last_end, "2025-07-07T10:30:00-04:00");
    (void)setenv("L2_BACKFILL_WINDOW_ET", "11:00-12:00", 1);
    assert_int_equal(RUN("--date", "2025-07-08", "--symbol", "DST", "--strict"), 1);
    assert_int_equal(calls(), 0);
    (void)setenv("L2_BACKFILL_WINDOW_ET", "9-10", 1);
    assert_int_equal(RUN("--date", "2025-07-08", "--symbol", "DST"), 2);
    (void)unsetenv("L2_BACKFILL_WINDOW_ET");
    /* A weekend is no task unless weekends are wanted. */
    assert_int_equal(RUN("--start", "2025-03-08", "--end", "2025-03-09", "--symbol", "DST"), 0);
    assert_ptr_equal(strstr(out, "SUMMARY WRITE=0 SKIP=0 EMPTY=0 ERROR=0 total=0 "), out);
    (void)setenv("L2_SKIP_WEEKENDS", "0", 1);
    assert_int_equal(RUN("--start", "2025-03-08", "--end", "2025-03-09", "--symbol", "DST"), 0);
    assert_ptr_equal(strstr(out, "SUMMARY WRITE=2 SKIP=0 EMPTY=0 ERROR=0 total=2 "), out);
    (void)unsetenv("L2_SKIP_WEEKENDS");
}

static void what_cannot_be_meant_is_refused(void **state)
{
    (void)state;
    static const char *const bad[][6] = {
        {"--date", "2025-02-30"},
        {"--date", "yesterday"},
        {"--end", "2025-03-10"},
        {"--date", "2025-03-10", "--start", "2025-03-10"},
        {"--start", "2025-03-12", "--end", "2025-03-10"},
        {"--since", "soon"},
        {"--symbol", "NOT A TICKER"},
        {"--max-workers", "99"},
        {"--vendor", "nobody"},
        {"--ib-port", "0"},
    };
    for (size_t i = 0; i < TD_COUNT(bad); i++)
        if (run(bad[i]) != 2)
            fail_msg("%s %s is not refused", bad[i][0], bad[i][1]);
    assert_int_equal(calls(), 0);
}

/* --- killed --- */

static void a_kill_leaves_nothing_torn(void **state)
{
    (void)state;
    (void)setenv("ML_BASE_PATH", "", 1);
    char again[720], path[900];
    (void)snprintf(again, sizeof again, "%s-kill", base);
    TD_OK_OR_FAIL(td_folder_make(&world, again));
    (void)setenv("ML_BASE_PATH", again, 1);
    (void)snprintf(path, sizeof path, "%s/WarriorTrading_Trades.csv", again);
    TD_OK_OR_FAIL(td_file_replace(&world, path, td_str_of(list), NULL));
    vendor.stall_ms = 20;
    for (int round = 0; round < 6; round++) {
        struct td_child c;
        struct td_wake wake;
        start(&c, (const char *const[]){"--no-fetch-bars", "--max-workers", "2", NULL});
        const td_ns until = td_world_mono(&world) + (60 + 60 * round) * TD_MS;
        while (td_world_mono(&world) < until)
            td_world_wait(&world, until, &wake);
        assert_int_equal(kill((pid_t)c.pid, SIGKILL), 0); /* the child we started */
        while (td_child_alive(&c)) {
        }
    }
    vendor.stall_ms = 0;
    assert_int_equal(RUN("--strict"), 0);
    assert_non_null(strstr(out, " ERROR=0 total=12 "));
    static const char *const symbols[] = {"AAPL", "AMD", "MSFT", "NVDA"};
    for (int i = 0; i < 12; i++) {
        size_t len;
        (void)snprintf(path, sizeof path, "%s/Level2/%s/2025-03-%d_mbp-10.dbn.zst", again,
                       symbols[i % 4], 10 + i / 4);
        char *bytes = td_test_slurp(path, &len);
        assert_true(bytes && len == vendor.slice_len && !memcmp(bytes, vendor.slice, len));
        free(bytes);
    }
    (void)setenv("ML_BASE_PATH", base, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_preview_asks_and_writes_nothing),
        cmocka_unit_test(twelve_tasks_are_done_and_booked),
        cmocka_unit_test(a_second_run_asks_for_the_rest_alone),
        cmocka_unit_test(strict_is_for_errors_alone),
        cmocka_unit_test(an_object_says_what_each_task_was),
        cmocka_unit_test(windows_follow_the_clock_of_new_york),
        cmocka_unit_test(what_cannot_be_meant_is_refused),
        cmocka_unit_test(a_kill_leaves_nothing_torn),
    };
    return cmocka_run_group_tests_name("cmd/backfill", tests, set_up, tear_down);
}
