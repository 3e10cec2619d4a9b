/* tests/cmd/analyze_test.c - `tapedeck analyze` as a user meets it: table, report, pictures, page, and what is missing. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "support/depth_make.h"
#include "support/program.h"
#include "sys/uvworld.h"

#define DAY "2025-11-21"

static const char *bin, *folder;
static char out[1 << 20], logs_set[1100];
static struct td_world world;

/* Runs the program; stdout and stderr are in `out`. Returns its exit status. */
static int run(const char *const *words)
{
    const char *argv[24] = {"sh", "-c", "exec \"$0\" \"$@\" 2>&1", bin};
    const char *set[] = {logs_set, NULL};
    const struct td_child_config config = {.argv = argv, .output = TD_CHILD_PIPE, .set = set};
    struct td_child c;
    for (int i = 0; words[i]; i++)
        argv[4 + i] = words[i];
    TD_OK_OR_FAIL(td_child_launch(&c, &config, NULL));
    return program_finish(&c, out, sizeof out);
}

#define RUN(...) run((const char *const[]){__VA_ARGS__, NULL})

static const char *path_of(const char *name)
{
    static char paths[4][1200], above[1200];
    static unsigned turn;
    char *path = paths[turn++ % 4];
    (void)snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    td_path_folder(path, above, sizeof above);
    TD_OK_OR_FAIL(td_folder_make(&world, above));
    return path;
}

static int set_up(void **state)
{
    (void)state;
    struct depth_make_row rows[40];
    bin = td_test_program("TAPEDECK_BIN");
    folder = td_test_folder("analyze");
    (void)snprintf(logs_set, sizeof logs_set, "LOGS_PATH=%s/logs", folder);
    if (td_uvworld_open(&world, false, NULL))
        return -1;
    for (int i = 0; i < 40; i++)
        rows[i] = (struct depth_make_row){.ms = 1000 * i,
                                          .bid = {100 + i % 3 * 0.01, 99},
                                          .bid_qty = {10 + i, 20},
                                          .ask = {100.05, 101},
                                          .ask_qty = {30, 40}};
    depth_make_snapshots(&world, path_of("level2/SPY/" DAY "_snapshots_093000.parquet"), rows, 40,
                         16);
    rows[0].bid_qty[0] = rows[0].bid_qty[1] = 0;
    depth_make_snapshots(&world, path_of("level2/NIL/" DAY "_snapshots_093000.parquet"), rows, 1,
                         1);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    td_uvworld_close(&world);
    return 0;
}

static void table(void **state)
{
    (void)state;
    assert_int_equal(RUN("analyze", "--data-dir", folder, "--symbol", "SPY", "--date", DAY), 0);
    assert_non_null(strstr(out, "\nsnapshots                                40\n"));
    assert_non_null(strstr(out, "\navg half spread                        2.01 bps\n"));
    assert_non_null(
        strstr(out, "\nspoofing candidates                       - no messages file\n"));
    assert_int_equal(RUN("analyze_depth", "-d", path_of("level2"), "-s", "spy", "--date", DAY), 0);
    assert_int_equal(RUN("analyze", "-d", path_of("level2/SPY"), "-s", "spy", "--date", DAY), 0);
}

static void report(void **state)
{
    (void)state;
    size_t len;
    const char *file = path_of("made/r.json");
    assert_int_equal(RUN("analyze", "-d", folder, "-s", "SPY", "--date", DAY, "--json", "-o", file),
                     0);
    char *saved = td_test_slurp(file, &len);
    assert_non_null(saved);
    assert_string_equal(saved, out);
    cJSON *j = cJSON_Parse(out);
    assert_string_equal(cJSON_GetObjectItem(j, "symbol")->valuestring, "SPY");
    assert_non_null(
        cJSON_GetObjectItem(cJSON_GetObjectItem(j, "order_flow_stats"), "avg_spread_bps"));
    cJSON_Delete(j);
    free(saved);
}

static void pictures_and_page(void **state)
{
    (void)state;
    static const char *const forbidden[] = {"http:",   "https:",  "src=", "url(",
                                            "@import", "<script", "<link"};
    size_t len;
    assert_int_equal(RUN("analyze", "-d", folder, "-s", "SPY", "--date", DAY, "-o",
                         path_of("made/r.json"), "--plot", "--html"),
                     0);
    char *svg = td_test_slurp(path_of("made/SPY_" DAY "_evolution.svg"), &len);
    assert_non_null(svg);
    assert_memory_equal(svg, "<svg ", 5);
    free(svg);
    char *png = td_test_slurp(path_of("made/SPY_" DAY "_evolution.png"), &len);
    assert_true(png ? len > 1000 : strstr(out, "libpng") != NULL);
    free(png);
    char *page = td_test_slurp(path_of("made/SPY_" DAY "_report.html"), &len);
    assert_non_null(page);
    assert_non_null(strstr(page, "<svg "));
    char *name = strstr(page, "http://www.w3.org/2000/svg"); /* a name, which nobody fetches */
    assert_non_null(name);
    memset(name, '-', 5);
    for (size_t i = 0; i < TD_COUNT(forbidden); i++)
        assert_null(strstr(page, forbidden[i]));
    assert_string_equal(page + len - 8, "</html>\n");
    free(page);
}

static void nothing_to_draw(void **state)
{
    (void)state;
    assert_int_equal(RUN("analyze", "-d", folder, "-s", "NIL", "--date", DAY, "-o",
                         path_of("nil/r.json"), "--plot", "--html"),
                     0);
    assert_non_null(strstr(out, "no picture: there is no snapshot to be believed"));
    assert_int_equal(td_entry_at(&world, path_of("nil/NIL_" DAY "_evolution.svg")), TD_ENTRY_NONE);
    assert_int_equal(td_entry_at(&world, path_of("nil/NIL_" DAY "_report.html")), TD_ENTRY_FILE);
}

static void missing(void **state)
{
    (void)state;
    assert_int_equal(RUN("analyze", "-d", folder, "-s", "IBM", "--date", DAY), 1);
    assert_non_null(strstr(out, DAY "_snapshots_*.parquet"));
    assert_non_null(strstr(out, "IBM"));
    assert_int_equal(RUN("analyze", "-d", folder, "-s", "SPY", "--date", "2025-11-22"), 1);
    assert_int_equal(RUN("analyze", "-d", "no/such/folder", "-s", "SPY", "--date", DAY), 1);
    assert_int_equal(RUN("analyze", "-d", folder, "-s", "SPY"), 2);
    assert_non_null(strstr(out, "date"));
    assert_int_equal(RUN("analyze", "-d", folder, "-s", "SPY", "--date", "21.11.2025"), 2);
    assert_int_equal(RUN("analyze", "-d", folder, "-s", "../SPY", "--date", DAY), 2);
    assert_int_equal(RUN("analyze", "--show-describe"), 0);
    cJSON *j = cJSON_Parse(out);
    assert_string_equal(cJSON_GetObjectItem(j, "name")->valuestring, "analyze");
    cJSON_Delete(j);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table),
        cmocka_unit_test(report),
        cmocka_unit_test(pictures_and_page),
        cmocka_unit_test(nothing_to_draw),
        cmocka_unit_test(missing),
    };
    return cmocka_run_group_tests_name("analyze", tests, set_up, tear_down);
}
