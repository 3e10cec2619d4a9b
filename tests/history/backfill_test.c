/* tests/history/backfill_test.c - backfills against an HTTPS vendor of our own: counts, order, calls, kills, days. */
#include "store/fault_world.h"
#include "support/vendor_stub.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "history/backfill.h"
#include "desk/settings.h"
#include "desk/zone.h"
#include "sys/uvworld.h"

#define TASKS   12
#define MONDAY  INT64_C(20157) /* 2025-03-10 */
#define RECORDS 3000

static struct scene {
    struct vendor_stub vendor;
    struct td_settings settings;
    struct td_environ environ;
    struct td_world world;
    struct td_tz new_york;
    struct td_backfill_config config;
    struct td_backfill_result results[TASKS];
    struct td_backfill_summary summary;
    char ca[512], base[700];
    uint32_t lines;
    char said[64][480];
} scene;

static void tell(void *arg, bool bad, const char *line)
{
    (void)arg, (void)bad;
    if (scene.lines < TD_COUNT(scene.said))
        (void)snprintf(scene.said[scene.lines++], sizeof scene.said[0], "%s", line);
}

static int open_scene(void **state)
{
    struct scene *s = &scene;
    (void)state;
    memset(s, 0, sizeof *s);
    TD_OK_OR_FAIL(td_settings_load(&s->settings, &s->environ, NULL));
    TD_OK_OR_FAIL(td_uvworld_open(&s->world, false, NULL));
    TD_OK_OR_FAIL(td_zone_load(&s->world, TD_ZONE_NEW_YORK, &s->new_york, NULL));
    (void)snprintf(s->base, sizeof s->base, "%s", td_test_folder("backfill"));
    (void)snprintf(s->ca, sizeof s->ca, "%.500s.pem", s->base);
    vendor_stub_open(&s->vendor, s->ca, RECORDS);
    s->settings.databento_enabled = true;
    s->settings.databento_key = "db-test";
    s->settings.databento_url = s->vendor.url;
    s->settings.ca_file = s->ca;
    s->config = (struct td_backfill_config){.settings = &s->settings,
                                            .vendor = &td_vendor_databento,
                                            .new_york = &s->new_york,
                                            .base = s->base,
                                            .folder = "Level2",
                                            .window = {540, 660},
                                            .trading = {540, 660},
                                            .enforce_trading = true,
                                            .max_cost_e9 = -1,
                                            .backoff_base = TD_MS,
                                            .backoff_max = 2 * TD_MS,
                                            .workers = 4,
                                            .tell = tell};
    return 0;
}

static int close_scene(void **state)
{
    (void)state;
    vendor_stub_close(&scene.vendor);
    td_uvworld_close(&scene.world);
    return 0;
}

static struct td_task tasks[TASKS];

static void make_tasks(void)
{
    static const char *const symbols[] = {"AAPL", "MSFT", "NVDA", "AMD"};
    for (int i = 0; i < TASKS; i++) {
        tasks[i].day = MONDAY + i / 4;
        (void)snprintf(tasks[i].symbol, sizeof tasks[i].symbol, "%s", symbols[i % 4]);
    }
}

static void run(uint32_t count)
{
    struct td_fail why = {0};
    scene.vendor.fetches = scene.vendor.costs = scene.vendor.conditions = 0;
    scene.lines = 0;
    if (td_backfill_run(&scene.config, &scene.world, tasks, count, scene.results, &scene.summary,
                        &why) != TD_OK)
        fail_msg("%s", why.text);
}

static const char *file_of(const char *symbol, const char *rest)
{
    static char path[1024];
    (void)snprintf(path, sizeof path, "%s/Level2/%s/%s", scene.base, symbol, rest);
    return path;
}

static bool there(const char *symbol, const char *rest)
{
    return td_entry_at(&scene.world, file_of(symbol, rest)) == TD_ENTRY_FILE;
}

/* --- a whole run --- */

/* AAPL of the first day waits for a 429, MSFT recovers from a 500, NVDA is refused, AMD has an empty day; NVDA's second
 * day is never reached by its script. */
static void twelve_tasks_end_as_they_should(void **state)
{
    (void)state;
    char line[200];
    struct td_text t;
    make_tasks();
    scene.vendor.scripts[0] = (struct vendor_script){"AAPL", {429, 200, 200}, 0};
    scene.vendor.scripts[1] = (struct vendor_script){"MSFT", {500, 200, 200}, 0};
    scene.vendor.scripts[2] = (struct vendor_script){"NVDA", {422, 422, 422}, 0};
    scene.vendor.scripts[3] = (struct vendor_script){"AMD", {VENDOR_EMPTY, VENDOR_CUT, 200}, 0};
    scene.config.workers = 1; /* so that the scripts meet the tasks in order */
    TD_OK_OR_FAIL(td_folder_make(&scene.world, file_of("AAPL", "")));
    TD_OK_OR_FAIL(td_file_replace(&scene.world,
                                  file_of("AAPL", "2025-03-11_snapshots_databento.parquet"),
                                  td_str_of("it was there before"), NULL));
    run(TASKS);
    static const enum td_task_status wanted[TASKS] = {
        TD_TASK_WRITE, TD_TASK_WRITE, TD_TASK_ERROR, TD_TASK_EMPTY, TD_TASK_SKIP,  TD_TASK_WRITE,
        TD_TASK_ERROR, TD_TASK_WRITE, TD_TASK_WRITE, TD_TASK_WRITE, TD_TASK_ERROR, TD_TASK_WRITE};
    for (int i = 0; i < TASKS; i++)
        if (scene.results[i].status != wanted[i])
            fail_msg("task %d is %s: %s", i, td_task_status_name(scene.results[i].status),
                     scene.results[i].error);
    assert_int_equal(scene.summary.counts[TD_TASK_WRITE], 7);
    assert_int_equal(scene.summary.counts[TD_TASK_SKIP], 1);
    assert_int_equal(scene.summary.counts[TD_TASK_EMPTY], 1);
    assert_int_equal(scene.summary.counts[TD_TASK_ERROR], 3);
    assert_true(scene.results[0].rows == RECORDS && scene.results[0].snapshots == RECORDS / 2);
    assert_int_equal(scene.results[0].calls, 3); /* the cost, the 429, the slice */
    assert_int_equal(scene.results[2].calls, 2); /* a refusal is not repeated */
    assert_non_null(strstr(scene.results[2].error, "as the test says"));
    assert_true(scene.results[0].took >= TD_SEC); /* Retry-After was kept */
    assert_int_equal(scene.results[4].calls, 0);  /* skipped before any call */
    assert_true(scene.results[3].zero_rows);
    assert_true(there("MSFT", "2025-03-10_snapshots_databento.parquet"));
    assert_true(there("MSFT", "2025-03-10_book_databento.parquet"));
    assert_true(there("MSFT", "2025-03-10_mbp-10.dbn.zst"));
    assert_false(there("AMD", "2025-03-10_mbp-10.dbn.zst"));
    assert_false(there("NVDA", "2025-03-10_mbp-10.dbn.zst.part"));
    td_text_init(&t, line, sizeof line);
    scene.summary.took = 1234 * TD_MS;
    td_backfill_summary_line(&scene.summary, 4, &t);
    assert_string_equal(
        line, "SUMMARY WRITE=7 SKIP=1 EMPTY=1 ERROR=3 total=12 concurrency=4 duration=1.234s");
}

static void a_second_run_buys_nothing_again(void **state)
{
    (void)state;
    scene.vendor.scripts[2] = (struct vendor_script){0};
    scene.vendor.scripts[3] = (struct vendor_script){0};
    scene.config.workers = 4;
    run(TASKS); /* what failed or was empty is asked again */
    assert_int_equal(scene.vendor.fetches, 4);
    assert_int_equal(scene.summary.counts[TD_TASK_SKIP], 8);
    assert_int_equal(scene.summary.counts[TD_TASK_WRITE], 4);
    run(TASKS);
    assert_int_equal(scene.vendor.fetches + scene.vendor.costs + scene.vendor.conditions, 0);
    assert_int_equal(scene.summary.counts[TD_TASK_SKIP], TASKS);
}

static void a_slice_that_is_there_is_not_bought_again(void **state)
{
    (void)state;
    TD_OK_OR_FAIL(
        td_file_remove(&scene.world, file_of("MSFT", "2025-03-10_snapshots_databento.parquet")));
    run(TASKS);
    assert_int_equal(scene.vendor.fetches + scene.vendor.costs, 0);
    assert_int_equal(scene.summary.counts[TD_TASK_WRITE], 1);
    scene.config.force = true;
    run(1);
    scene.config.force = false;
    assert_int_equal(scene.vendor.fetches, 1);
    assert_int_equal(scene.summary.counts[TD_TASK_WRITE], 1);
}

/* --- limits --- */

static void a_stream_that_is_cut_three_times_is_an_error(void **state)
{
    (void)state;
    make_tasks();
    (void)snprintf(tasks[0].symbol, sizeof tasks[0].symbol, "CUT");
    scene.vendor.scripts[4] =
        (struct vendor_script){"CUT", {VENDOR_CUT, VENDOR_CUT, VENDOR_CUT}, 0};
    run(1);
    assert_int_equal(scene.results[0].status, TD_TASK_ERROR);
    assert_int_equal(scene.vendor.fetches, TD_BACKFILL_TRIES);
    assert_false(there("CUT", "2025-03-10_mbp-10.dbn.zst.part"));
    assert_false(there("CUT", "2025-03-10_snapshots_databento.parquet"));
}

static void an_empty_day_that_is_not_complete_is_an_error(void **state)
{
    (void)state;
    (void)snprintf(tasks[0].symbol, sizeof tasks[0].symbol, "LATE");
    scene.vendor.scripts[5] =
        (struct vendor_script){"LATE", {VENDOR_EMPTY, VENDOR_EMPTY, VENDOR_EMPTY}, 0};
    scene.vendor.condition = "[{\"date\":\"2025-03-10\",\"condition\":\"pending\"}]";
    run(1);
    assert_int_equal(scene.results[0].status, TD_TASK_ERROR);
    assert_non_null(strstr(scene.results[0].error, "not complete"));
    scene.vendor.condition = "[{\"date\":\"2025-03-10\",\"condition\":\"available\"}]";
    run(1);
    assert_int_equal(scene.results[0].status, TD_TASK_EMPTY);
}

static void the_purse_ends_the_run(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++)
        (void)snprintf(tasks[i].symbol, sizeof tasks[i].symbol, "P%c", (char)(48 + i));
    scene.config.workers = 1;
    scene.config.max_cost_e9 = 600000000; /* two at 0.25 */
    run(4);
    scene.config.max_cost_e9 = -1;
    assert_int_equal(scene.summary.counts[TD_TASK_WRITE], 2);
    assert_int_equal(scene.summary.counts[TD_TASK_ERROR], 2);
    assert_true(scene.summary.cost_e9 == 500000000);
    assert_non_null(strstr(scene.results[2].error, "--max-cost"));
    assert_true(scene.results[2].begun && !scene.results[3].begun);
    assert_int_equal(scene.vendor.fetches, 2);
}

static void switched_off_nothing_is_asked(void **state)
{
    (void)state;
    scene.settings.databento_enabled = false;
    (void)snprintf(tasks[0].symbol, sizeof tasks[0].symbol, "OFF");
    run(1);
    scene.settings.databento_enabled = true;
    assert_int_equal(scene.results[0].status, TD_TASK_ERROR);
    assert_non_null(strstr(scene.results[0].error, "DATABENTO_ENABLE_BACKFILL"));
    assert_int_equal(scene.vendor.fetches + scene.vendor.costs, 0);
}

/* --- windows and days --- */

static void days_of_the_clock_change_have_the_right_bounds(void **state)
{
    (void)state;
    static const struct {
        const char *day, *start, *end;
        td_ns utc;
    } rows[] = {
        {"2025-03-07", "2025-03-07T09:00:00-05:00", "2025-03-07T11:00:00-05:00", 14},
        {"2025-03-09", "2025-03-09T09:00:00-04:00", "2025-03-09T11:00:00-04:00", 13},
        {"2025-03-10", "2025-03-10T09:00:00-04:00", "2025-03-10T11:00:00-04:00", 13},
        {"2025-11-28", "2025-11-28T09:00:00-05:00", "2025-11-28T11:00:00-05:00",
         14}, /* a half day */
        {"2025-10-31", "2025-10-31T09:00:00-04:00", "2025-10-31T11:00:00-04:00", 13},
        {"2025-11-02", "2025-11-02T09:00:00-05:00", "2025-11-02T11:00:00-05:00", 14},
        {"2025-11-03", "2025-11-03T09:00:00-05:00", "2025-11-03T11:00:00-05:00", 14},
    };
    char start[40], end[40];
    for (size_t i = 0; i < TD_COUNT(rows); i++) {
        int64_t day;
        td_ns at;
        TD_OK_OR_FAIL(td_date_parse(rows[i].day, 10, &day));
        TD_OK_OR_FAIL(td_backfill_bounds(&scene.config, day, start, end, NULL));
        assert_string_equal(start, rows[i].start);
        assert_string_equal(end, rows[i].end);
        TD_OK_OR_FAIL(td_iso_parse(start, strlen(start), &at));
        assert_true(at == day * TD_DAY + rows[i].utc * TD_HOUR);
    }
}

static void windows_are_cut_and_read(void **state)
{
    (void)state;
    struct td_backfill_config c = scene.config;
    char start[40], end[40];
    struct td_fail why = {0};
    c.window = (struct td_backfill_window){480, 690};
    TD_OK_OR_FAIL(td_backfill_bounds(&c, MONDAY, start, end, &why));
    assert_string_equal(start, "2025-03-10T09:00:00-04:00");
    c.enforce_trading = false;
    TD_OK_OR_FAIL(td_backfill_bounds(&c, MONDAY, start, end, &why));
    assert_string_equal(start, "2025-03-10T08:00:00-04:00");
    assert_string_equal(end, "2025-03-10T11:30:00-04:00");
    c.enforce_trading = true;
    c.window = (struct td_backfill_window){700, 720};
    assert_int_equal(td_backfill_bounds(&c, MONDAY, start, end, &why), TD_EINVAL);
    assert_non_null(strstr(why.text, "empty window"));
    static const char *const bad[] = {"",           "9:00-11:00",  "11:00-09:00", "09:00",
                                      "09:0011:00", "24:01-24:30", "09:60-10:00", "09:00-09:00"};
    struct td_backfill_window w;
    for (size_t i = 0; i < TD_COUNT(bad); i++)
        assert_int_equal(td_backfill_window_parse("L2_BACKFILL_WINDOW_ET", bad[i], &w, &why),
                         TD_EINVAL);
    TD_OK_OR_FAIL(td_backfill_window_parse("X", " 09:25 - 24:00 ", &w, &why));
    assert_int_equal(w.start, 565);
    assert_int_equal(w.end, 1440);
}

/* --- a full disk --- */

static void check_whole(const char *symbol)
{
    char *bytes;
    size_t len = 0;
    if (there(symbol, "2025-03-10_mbp-10.dbn.zst")) {
        bytes = td_test_slurp(file_of(symbol, "2025-03-10_mbp-10.dbn.zst"), &len);
        assert_int_equal(len, scene.vendor.slice_len);
        assert_memory_equal(bytes, scene.vendor.slice, len);
        free(bytes);
    }
    if (there(symbol, "2025-03-10_snapshots_databento.parquet")) {
        bytes = td_test_slurp(file_of(symbol, "2025-03-10_snapshots_databento.parquet"), &len);
        assert_true(len > 8 && memcmp(bytes, "PAR1", 4) == 0 &&
                    memcmp(bytes + len - 4, "PAR1", 4) == 0);
        free(bytes);
    }
}

/* The disk is full from a task's n-th changing call on, for the first ten and then every fourth: an error that says so,
 * nothing torn under a name, and the next run completes it. */
static void a_full_disk_fails_the_task_wherever_it_comes(void **state)
{
    (void)state;
    struct td_backfill_result r = {.status = TD_TASK_ERROR};
    uint64_t calls = 0;
    memset(scene.vendor.scripts, 0, sizeof scene.vendor.scripts);
    for (uint64_t n = 1; r.status != TD_TASK_WRITE; n += n < 10 ? 1 : 4) {
        struct fault_world f;
        struct td_task task = {.day = MONDAY};
        (void)snprintf(task.symbol, sizeof task.symbol, "D%u", (unsigned)n % 10000);
        fault_world_open(&f);
        f.fail_at = n;
        f.forever = true;
        f.err = TD_ENOSPC;
        td_backfill_l2(&scene.config, &f.world, &task, &r);
        fault_world_close(&f);
        check_whole(task.symbol);
        if (r.status == TD_TASK_WRITE)
            break;
        assert_int_equal(r.status, TD_TASK_ERROR);
        if (!strstr(r.error, "the disk is full"))
            fail_msg("call %u: %s", (unsigned)n, r.error);
        td_backfill_l2(&scene.config, &scene.world, &task, &r);
        if (r.status != TD_TASK_WRITE && r.status != TD_TASK_SKIP)
            fail_msg("call %u, again: %s", (unsigned)n, r.error);
        r.status = TD_TASK_ERROR;
        calls = n;
    }
    print_message("%llu places where the disk may be full\n", (unsigned long long)calls);
    assert_true(calls > 10);
}

/* --- killed --- */

/* kill -9 at moments spread over a run: nothing torn is left under a final name, and a rerun completes it. */
static void a_kill_leaves_nothing_torn(void **state)
{
    (void)state;
    struct td_fail why = {0};
    make_tasks();
    for (int i = 0; i < 6; i++)
        (void)snprintf(tasks[i].symbol, sizeof tasks[i].symbol, "K%c", (char)(48 + i));
    memset(scene.vendor.scripts, 0, sizeof scene.vendor.scripts);
    scene.config.workers = 2;
    for (int round = 0; round < 8; round++) {
        const pid_t pid = fork();
        assert_true(pid >= 0);
        if (pid == 0) {
            struct td_world own;
            if (td_uvworld_open(&own, false, NULL) == TD_OK)
                (void)!td_backfill_run(&scene.config, &own, tasks, 6, scene.results, &scene.summary,
                                       NULL);
            _exit(0);
        }
        (void)usleep(20000u + (unsigned)round * 30000u);
        assert_int_equal(kill(pid, SIGKILL), 0); /* the child we forked */
        assert_int_equal(waitpid(pid, NULL, 0), pid);
        for (int i = 0; i < 6; i++) {
            char raw[64];
            (void)snprintf(raw, sizeof raw, "2025-03-%d_mbp-10.dbn.zst", i < 4 ? 10 : 11);
            if (there(tasks[i].symbol, raw)) { /* a name means: whole */
                size_t len = 0;
                char *bytes = td_test_slurp(file_of(tasks[i].symbol, raw), &len);
                assert_int_equal(len, scene.vendor.slice_len);
                assert_memory_equal(bytes, scene.vendor.slice, len);
                free(bytes);
            }
        }
    }
    if (td_backfill_run(&scene.config, &scene.world, tasks, 6, scene.results, &scene.summary,
                        &why) != TD_OK)
        fail_msg("%s", why.text);
    assert_int_equal(scene.summary.counts[TD_TASK_ERROR], 0);
    for (int i = 0; i < 6; i++)
        assert_true(scene.results[i].status == TD_TASK_SKIP || scene.results[i].rows == RECORDS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(twelve_tasks_end_as_they_should),
        cmocka_unit_test(a_second_run_buys_nothing_again),
        cmocka_unit_test(a_slice_that_is_there_is_not_bought_again),
        cmocka_unit_test(a_stream_that_is_cut_three_times_is_an_error),
        cmocka_unit_test(an_empty_day_that_is_not_complete_is_an_error),
        cmocka_unit_test(the_purse_ends_the_run),
        cmocka_unit_test(switched_off_nothing_is_asked),
        cmocka_unit_test(days_of_the_clock_change_have_the_right_bounds),
        cmocka_unit_test(windows_are_cut_and_read),
        cmocka_unit_test(a_full_disk_fails_the_task_wherever_it_comes),
        cmocka_unit_test(a_kill_leaves_nothing_torn),
    };
    return cmocka_run_group_tests_name("history/backfill", tests, open_scene, close_scene);
}
