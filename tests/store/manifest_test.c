/* tests/store/manifest_test.c - manifests written and read, old spellings, broken, foreign and torn lines, and the coverage. */
#include "store/manifest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "fault_world.h"
#include "store/coverage_file.h"

static char path[300];

static const char *file_of(const char *name)
{
    (void)snprintf(path, sizeof path, "%s/%s", td_test_folder("manifest"), name);
    return path;
}

static int64_t day_of(const char *text)
{
    int64_t day = 0;
    TD_OK_OR_FAIL(td_date_parse(text, 10, &day));
    return day;
}

static struct td_l2_entry entry(const char *symbol, const char *day, enum td_task_status status)
{
    struct td_l2_entry e = {.day = day_of(day), .status = status, .rows = -1};
    (void)snprintf(e.symbol, sizeof e.symbol, "%s", symbol);
    return e;
}

static enum td_err show_l2(void *arg, const struct td_l2_entry *e)
{
    char day[16];
    (void)td_date_print(e->day, day);
    td_text_printf(arg, "%s %s %s %lld\n", e->symbol, day, td_task_status_name(e->status),
                   (long long)e->rows);
    return TD_OK;
}

static void level_2(void **state)
{
    (void)state;
    struct fault_world w;
    struct td_manifest_counts counts;
    struct td_fail why = {0};
    char out[1024];
    struct td_text t;
    size_t len = 0;
    fault_world_open(&w);
    const char *file = file_of(TD_L2_MANIFEST);
    (void)td_file_remove(&w.real, file);
    struct td_l2_entry run[2] = {entry("AAPL", "2025-07-29", TD_TASK_WRITE),
                                 entry("MSFT", "2025-07-29", TD_TASK_ERROR)};
    run[0].rows = 12;
    run[0].run_id = "r1";
    run[1].error = "no \"key\"";
    TD_OK_OR_FAIL(td_l2_manifest_append(&w.world, file, run, 2, NULL));
    char *text = td_test_slurp(file, &len);
    assert_string_equal(
        text, "{\"symbol\":\"AAPL\",\"date\":\"2025-07-29\",\"status\":\"WRITE\",\"run_id\":"
              "\"r1\",\"rows\":12}\n{\"symbol\":\"MSFT\",\"date\":\"2025-07-29\",\"status\":"
              "\"ERROR\",\"error\":\"no \\\"key\\\"\"}\n");
    free(text);
    TD_OK_OR_FAIL(td_lines_append(&w.world, file,
                                  td_str_of("{\"status\":\"WRITTEN\",\"symbol\":\"IBM\",\"date\":"
                                            "\"2025-07-30\"}\n{\"symbol\":\"GE\",\"date\":"
                                            "\"2025-07-30\",\"status\":\"skipped\",\"new\":[1]}\n\n"
                                            "nonsense\n{\"symbol\":\"torn"),
                                  NULL));
    TD_OK_OR_FAIL(td_l2_manifest_append(&w.world, file, run, 1, NULL));
    td_text_init(&t, out, sizeof out);
    TD_OK_OR_FAIL(td_l2_manifest_each(&w.world, file, false, show_l2, &t, &counts, &why));
    assert_string_equal(out, "AAPL 2025-07-29 WRITE 12\nMSFT 2025-07-29 ERROR -1\n"
                             "IBM 2025-07-30 WRITE -1\nGE 2025-07-30 SKIP -1\n"
                             "AAPL 2025-07-29 WRITE 12\n");
    assert_int_equal(counts.broken, 2); /* the torn line was ended, not continued */
    assert_int_equal(counts.used, 5);
    td_text_reset(&t);
    assert_int_equal(td_l2_manifest_each(&w.world, file, true, show_l2, &t, &counts, &why),
                     TD_EPARSE);
    assert_non_null(strstr(why.text, "line 6 is no manifest entry"));
    fault_world_close(&w);
}

static void torn_and_long_lines(void **state)
{
    (void)state;
    struct fault_world w;
    struct td_manifest_counts counts;
    char out[1024];
    struct td_text t;
    fault_world_open(&w);
    const char *file = file_of("torn.jsonl");
    const size_t room = 400000;
    char *big = malloc(room);
    struct td_text long_text;
    td_text_init(&long_text, big, room);
    td_text_put(&long_text, "{\"symbol\":\"A\",\"date\":\"2025-07-29\",\"status\":\"EMPTY\"}\n");
    while (long_text.len < 399000)
        td_text_char(&long_text, 'x');
    td_text_put(&long_text,
                "\n{\"symbol\":\"B\",\"date\":\"2025-07-29\",\"status\":\"EMPTY\"}\n{\"s");
    TD_OK_OR_FAIL(td_file_replace(&w.world, file, (struct td_str){big, long_text.len}, NULL));
    td_text_init(&t, out, sizeof out);
    TD_OK_OR_FAIL(td_l2_manifest_each(&w.world, file, false, show_l2, &t, &counts, NULL));
    assert_string_equal(out, "A 2025-07-29 EMPTY -1\nB 2025-07-29 EMPTY -1\n");
    assert_int_equal(counts.lines, 4);
    assert_int_equal(counts.broken, 1);
    assert_int_equal(counts.torn, 1);
    free(big);
    assert_int_equal(
        td_l2_manifest_each(&w.world, file_of("none"), false, show_l2, &t, &counts, NULL),
        TD_ENOENT);
    fault_world_close(&w);
}

static void summary(void **state)
{
    (void)state;
    struct fault_world w;
    size_t len = 0;
    fault_world_open(&w);
    const char *file = file_of(TD_L2_SUMMARY);
    struct td_l2_entry run[3] = {entry("AAPL", "2025-07-29", TD_TASK_WRITE),
                                 entry("GE", "2025-07-29", TD_TASK_EMPTY),
                                 entry("MSFT", "2025-07-30", TD_TASK_ERROR)};
    run[2].error = "no key";
    const struct td_l2_summary s = {.entries = run,
                                    .count = 3,
                                    .duration_s = 1.2345,
                                    .concurrency = 4,
                                    .run_id = "20250730-010203-000004",
                                    .window_start = "09:00",
                                    .window_end = "11:00"};
    TD_OK_OR_FAIL(td_l2_summary_write(&w.world, file, &s, NULL));
    char *text = td_test_slurp(file, &len);
    cJSON *o = cJSON_Parse(text);
    char *compact = cJSON_PrintUnformatted(o);
    assert_string_equal(
        compact,
        "{\"counts\":{\"WRITE\":1,\"SKIP\":0,\"EMPTY\":1,\"ERROR\":1},\"zero_row_tasks\":"
        "[[\"GE\",\"2025-07-29\"]],\"errors\":[\"MSFT 2025-07-30 no key\"],\"total_tasks\":3,"
        "\"duration_sec\":1.235,\"strict\":false,\"force\":false,\"max_tasks\":null,"
        "\"concurrency\":4,\"run_id\":\"20250730-010203-000004\",\"requested_window_et\":"
        "{\"start\":\"09:00\",\"end\":\"11:00\"}}");
    free(compact);
    free(text);
    cJSON_Delete(o);
    fault_world_close(&w);
}

/* ---- bars ---- */

static void bars_line(struct td_text *t, const char *written, const char *symbol, const char *size,
                      const char *file, int rows, const char *times)
{
    td_text_printf(
        t,
        "{\"schema_version\":\"bars_manifest.v1\",\"written_at\":\"%s\",\"vendor\":\"IBKR\","
        "\"file_format\":\"parquet\",\"symbol\":\"%s\",\"bar_size\":\"%s\",\"path\":"
        "\"/d/IBDownloads/%s\",\"filename\":\"%s\",\"rows\":%d,\"columns\":[\"open\"]%s}\n",
        written, symbol, size, file, file, rows, times);
}

#define TIMES(from, to) ",\"time_start\":\"" from "\",\"time_end\":\"" to "\""

static void coverage(void **state)
{
    (void)state;
    struct fault_world w;
    struct td_coverage c;
    char buf[8192], out[300];
    struct td_text t;
    size_t len = 0;
    fault_world_open(&w);
    td_text_init(&t, buf, sizeof buf);
    bars_line(&t, "2025-09-05T07:01:02.000000", "MSFT", "1 hour", "M_2025-09-04.ftr", 7,
              TIMES("2025-09-04T09:30:00", "2025-09-04T15:30:00"));
    bars_line(&t, "2025-09-05T07:01:02", "AAPL", "1 min", "A_2025-09-04.ftr", 480,
              TIMES("2025-09-03T09:30:00", "2025-09-04T10:59:00"));
    bars_line(&t, "2025-09-06T07:01:02", "AAPL", "1 min", "B_2025-09-04.ftr", 400,
              TIMES("2025-09-04T09:30:00-04:00", "2025-09-04T15:59:00-04:00"));
    bars_line(&t, "2025-09-06T07:01:02", "AAPL", "1 min", "C_2025-09-04.ftr", 300,
              TIMES("2025-09-04T09:30:00", "2025-09-04T15:59:00"));
    bars_line(&t, "2025-09-08T07:01:02", "AAPL", "1 hour", "A_2025-09-05.ftr", 14,
              TIMES("2025-09-05T09:30:00", "2025-09-08T15:30:00")); /* over a weekend */
    bars_line(&t, "2025-09-08T07:01:02", "AAPL", "1 sec", "A_2025-09-02.ftr", 9,
              ",\"time_start\":null,\"time_end\":null");
    bars_line(&t, "2025-09-08T07:01:02", "AAPL", "1 sec", "undated.ftr", 9, "");
    td_text_put(&t, "{\"schema_version\":\"bars_manifest.v9\"}\nbroken\n");
    const char *file = file_of(TD_BARS_MANIFEST);
    TD_OK_OR_FAIL(td_file_replace(&w.world, file, (struct td_str){buf, t.len}, NULL));
    TD_OK_OR_FAIL(td_coverage_read(&c, &w.world, file, NULL));
    assert_int_equal(c.counts.foreign, 1);
    assert_int_equal(c.counts.broken, 1);
    assert_int_equal(c.dayless, 1);
    assert_int_equal(td_coverage_pairs(&c), 4);
    (void)snprintf(out, sizeof out, "%s", file_of(TD_BARS_COVERAGE));
    TD_OK_OR_FAIL(td_coverage_write(&c, &w.world, out, NULL));
    td_coverage_fini(&c);
    char *text = td_test_slurp(out, &len);
    cJSON *o = cJSON_Parse(text);
    char *entries = cJSON_PrintUnformatted(cJSON_GetObjectItem(o, "entries"));
    assert_string_equal(cJSON_GetObjectItem(o, "schema_version")->valuestring, "bars_coverage.v1");
    assert_string_equal(
        entries,
        "[{\"symbol\":\"AAPL\",\"bar_size\":\"1 hour\",\"total\":{\"date_start\":\"2025-09-05\","
        "\"date_end\":\"2025-09-08\"},\"days\":[{\"date\":\"2025-09-05\",\"time_start\":"
        "\"2025-09-05T09:30:00\",\"time_end\":\"2025-09-05T23:59:59\",\"path\":"
        "\"/d/IBDownloads/A_2025-09-05.ftr\",\"filename\":\"A_2025-09-05.ftr\",\"rows\":14},"
        "{\"date\":\"2025-09-08\",\"time_start\":\"2025-09-08T00:00:00\",\"time_end\":"
        "\"2025-09-08T15:30:00\",\"path\":\"/d/IBDownloads/A_2025-09-05.ftr\",\"filename\":"
        "\"A_2025-09-05.ftr\",\"rows\":14}]},{\"symbol\":\"AAPL\",\"bar_size\":\"1 "
        "min\",\"total\":{"
        "\"date_start\":\"2025-09-03\",\"date_end\":\"2025-09-04\"},\"days\":[{\"date\":"
        "\"2025-09-03\",\"time_start\":\"2025-09-03T09:30:00\",\"time_end\":\"2025-09-03T23:59:"
        "59\","
        "\"path\":\"/d/IBDownloads/"
        "A_2025-09-04.ftr\",\"filename\":\"A_2025-09-04.ftr\",\"rows\":480},"
        "{\"date\":\"2025-09-04\",\"time_start\":\"2025-09-04T09:30:00\",\"time_end\":"
        "\"2025-09-04T15:59:00\",\"path\":\"/d/IBDownloads/B_2025-09-04.ftr\",\"filename\":"
        "\"B_2025-09-04.ftr\",\"rows\":400}]},{\"symbol\":\"AAPL\",\"bar_size\":\"1 "
        "sec\",\"total\":{"
        "\"date_start\":\"2025-09-02\",\"date_end\":\"2025-09-02\"},\"days\":[{\"date\":"
        "\"2025-09-02\",\"time_start\":null,\"time_end\":null,\"path\":"
        "\"/d/IBDownloads/A_2025-09-02.ftr\",\"filename\":\"A_2025-09-02.ftr\",\"rows\":9}]},"
        "{\"symbol\":\"MSFT\",\"bar_size\":\"1 hour\",\"total\":{\"date_start\":\"2025-09-04\","
        "\"date_end\":\"2025-09-04\"},\"days\":[{\"date\":\"2025-09-04\",\"time_start\":"
        "\"2025-09-04T09:30:00\",\"time_end\":\"2025-09-04T15:30:00\",\"path\":"
        "\"/d/IBDownloads/M_2025-09-04.ftr\",\"filename\":\"M_2025-09-04.ftr\",\"rows\":7}]}]");
    free(entries);
    free(text);
    cJSON_Delete(o);
    fault_world_close(&w);
}

static enum td_err keep_bars(void *arg, const struct td_bars_entry *e)
{
    *(struct td_bars_entry *)arg = *e;
    return TD_OK;
}

static void bars_read_back_and_versions(void **state)
{
    (void)state;
    struct fault_world w;
    struct td_manifest_counts counts;
    struct td_fail why = {0};
    struct td_bars_entry e = {.written_at = 1757055662 * TD_SEC,
                              .symbol = "AAPL",
                              .bar_size = "1 hour",
                              .path = "/d/IBDownloads/a b.ftr",
                              .filename = "a b.ftr",
                              .rows = 7,
                              .time_start = 1756978200 * TD_SEC,
                              .time_end = INT64_MIN,
                              .asked = {{1756978200 * TD_SEC, 1756980000 * TD_SEC},
                                        {1756981800 * TD_SEC, 1757001600 * TD_SEC}},
                              .asked_count = 2},
                         back = {0};
    fault_world_open(&w);
    const char *file = file_of("bars2.jsonl");
    (void)td_file_remove(&w.real, file);
    TD_OK_OR_FAIL(td_bars_manifest_append(&w.world, file, &e, NULL, NULL));
    TD_OK_OR_FAIL(td_bars_manifest_each(&w.world, file, true, keep_bars, &back, &counts, NULL));
    assert_memory_equal(&e, &back, sizeof e);
    /* windows of another form count as not asked for, the rest of the line stays */
    TD_OK_OR_FAIL(td_file_replace(
        &w.world, file,
        td_str_of(
            "{\"schema_version\":\"bars_manifest.v1\",\"written_at\":\"2025-09-05T07:01:02\","
            "\"symbol\":\"A\",\"bar_size\":\"1 sec\",\"path\":\"/p\",\"rows\":1,\"asked\":[7,"
            "[\"2025-09-04T09:30:00\"],[\"2025-09-04T09:30:00\",null],[\"2025-09-04T10:30:00\","
            "\"2025-09-04T09:30:00\"],[\"2025-09-04T09:00:00\",\"2025-09-04T11:00:00\"]]}\n"),
        NULL));
    TD_OK_OR_FAIL(td_bars_manifest_each(&w.world, file, true, keep_bars, &back, &counts, NULL));
    assert_int_equal(back.asked_count, 1);
    assert_true(back.asked[0].to - back.asked[0].from == 2 * TD_HOUR);
    TD_OK_OR_FAIL(td_file_remove(&w.world, file));
    TD_OK_OR_FAIL(td_bars_manifest_append(&w.world, file, &e, NULL, NULL));
    TD_OK_OR_FAIL(td_lines_append(&w.world, file,
                                  td_str_of("{\"schema_version\":\"bars_manifest.v9\"}\n"), NULL));
    assert_int_equal(td_bars_manifest_each(&w.world, file, true, keep_bars, &back, &counts, &why),
                     TD_EVERSION);
    assert_non_null(strstr(why.text, "line 2 has schema_version \"bars_manifest.v9\"; known is "
                                     "bars_manifest.v1"));
    fault_world_close(&w);
}

/* The n-th call fails: an append reports it and never glues two lines; a derived file is whole or the old one. */
static void faults(void **state)
{
    (void)state;
    struct fault_world w;
    struct td_manifest_counts counts;
    struct td_bars_entry e = {.symbol = "A", .bar_size = "1 min", .path = "/p", .filename = "p"},
                         back;
    char out[300];
    bool done = false;
    fault_world_open(&w);
    (void)snprintf(out, sizeof out, "%s", file_of("fault-coverage.json"));
    const char *file = file_of("fault.jsonl");
    (void)td_file_remove(&w.real, file);
    for (uint64_t n = 1; !done; n++) {
        fault_arm(&w, n, TD_ENOSPC, false);
        const enum td_err err = td_bars_manifest_append(&w.world, file, &e, NULL, NULL);
        done = w.calls < n;
        assert_int_equal(err, done ? TD_OK : TD_ENOSPC);
        TD_OK_OR_FAIL(td_bars_manifest_append(&w.real, file, &e, NULL, NULL));
        TD_OK_OR_FAIL(td_bars_manifest_each(&w.real, file, false, keep_bars, &back, &counts, NULL));
        assert_int_equal(counts.torn, 0);
        assert_true(counts.used >= n && counts.broken <= n);
    }
    done = false;
    for (uint64_t n = 1; !done; n++) {
        struct td_coverage c;
        TD_OK_OR_FAIL(td_coverage_read(&c, &w.real, file, NULL));
        fault_arm(&w, n, TD_ENOSPC, false);
        const enum td_err err = td_coverage_write(&c, &w.world, out, NULL);
        done = w.calls < n;
        assert_int_equal(err, done ? TD_OK : TD_ENOSPC);
        td_coverage_fini(&c);
    }
    fault_world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(level_2),
        cmocka_unit_test(torn_and_long_lines),
        cmocka_unit_test(summary),
        cmocka_unit_test(coverage),
        cmocka_unit_test(bars_read_back_and_versions),
        cmocka_unit_test(faults),
    };
    return cmocka_run_group_tests_name("store/manifest", tests, NULL, NULL);
}
