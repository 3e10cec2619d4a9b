/* tests/store/tasks_test.c - the trade list found, filtered in the contract's order, and its diagnostics; old paths found again. */
#include "store/tasks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/support.h"
#include "support/zip_store.h"
#include "sys/uvworld.h"

static struct td_world world;
static char base[300], other[300];

static int set_up(void **state)
{
    (void)state;
    return td_uvworld_open(&world, false, NULL) == TD_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    td_uvworld_close(&world);
    return 0;
}

static void put(const char *folder, const char *name, struct td_str bytes)
{
    char path[400], parent[400];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    td_path_folder(path, parent, sizeof parent);
    TD_OK_OR_FAIL(td_folder_make(&world, parent));
    TD_OK_OR_FAIL(td_file_replace(&world, path, bytes, NULL));
}

static void fresh(void)
{
    const char *folder = td_test_folder("tasks");
    (void)snprintf(base, sizeof base, "%s/Machine Learning", folder);
    (void)snprintf(other, sizeof other, "%s/data", folder);
    TD_OK_OR_FAIL(td_folder_make(&world, base));
    TD_OK_OR_FAIL(td_folder_make(&world, other));
    static const char *const names[] = {"WarriorTrading_Trades.csv", "WarriorTrading_Trades.xlsx",
                                        "My.xlsx", "Train_List-a.xlsx", "Train_List-a.csv"};
    char path[400];
    for (size_t i = 0; i < TD_COUNT(names); i++) {
        (void)snprintf(path, sizeof path, "%s/%s", base, names[i]);
        (void)td_file_remove(&world, path);
        (void)snprintf(path, sizeof path, "%s/%s", other, names[i]);
        (void)td_file_remove(&world, path);
    }
}

static const char list[] = "Ticker,Date\nTSLA,2025-07-29\nAAPL,2025-07-29\nAAPL,2025-07-26\n"
                           "MSFT,2025-07-30\nAAPL,2025-07-25\nAAPL,2025-07-29\n";

static struct td_tasks_options options(void)
{
    struct td_tasks_options o;
    td_tasks_options_init(&o);
    o.paths = (struct td_datapath){.base = base, .override = other};
    return o;
}

static int64_t day_of(const char *text)
{
    int64_t day = 0;
    TD_OK_OR_FAIL(td_date_parse(text, 10, &day));
    return day;
}

/* "25 AAPL|29 AAPL": days of July 2025. */
static void check(const struct td_tasks_options *o, size_t weekends, const char *expected)
{
    char out[512];
    struct td_text text;
    struct td_tasks t;
    td_text_init(&text, out, sizeof out);
    TD_OK_OR_FAIL(td_tasks_find(&t, &world, o, NULL));
    for (size_t i = 0; i < t.count; i++)
        td_text_printf(&text, "%s%d %s", i ? "|" : "",
                       (int)(t.items[i].day - day_of("2025-07-01")) + 1, t.items[i].symbol);
    assert_string_equal(out, expected);
    assert_int_equal(t.weekend_skipped, weekends);
    td_tasks_fini(&t);
}

static void filters(void **state)
{
    (void)state;
    fresh();
    put(base, "WarriorTrading_Trades.csv", td_str_of(list));
    struct td_tasks_options o = options();
    check(&o, 1, "25 AAPL|29 AAPL|29 TSLA|30 MSFT");
    o.keep_weekends = true;
    check(&o, 0, "25 AAPL|26 AAPL|29 AAPL|29 TSLA|30 MSFT");
    o = options();
    o.since = day_of("2025-07-29");
    check(&o, 0, "29 AAPL|29 TSLA|30 MSFT");
    o.since = INT64_MIN;
    o.last = 2;
    check(&o, 0, "29 AAPL|29 TSLA|30 MSFT");
    o.symbol = "aapl"; /* after --last: not the last two days of AAPL */
    check(&o, 0, "29 AAPL");
    o = options();
    o.max_tasks = 2;
    check(&o, 1, "25 AAPL|29 AAPL");
    o = options();
    o.from = o.to = day_of("2025-07-29");
    check(&o, 0, "29 AAPL|29 TSLA");
    o.symbol = "BRK.B"; /* no row: the symbol asked for */
    check(&o, 0, "29 BRK-B");
    o.symbol = NULL;
    o.from = day_of("2025-07-18");
    o.to = day_of("2025-07-21");
    check(&o, 2, "18 AAPL|21 AAPL");
}

static void bad_options(void **state)
{
    (void)state;
    fresh();
    struct td_tasks t;
    struct td_fail why = {0};
    struct td_tasks_options o = options();
    assert_int_equal(td_tasks_find(&t, &world, &o, &why), TD_ENOENT);
    assert_non_null(strstr(why.text, "Machine Learning/WarriorTrading_Trades.csv, "));
    assert_non_null(strstr(why.text, "data/WarriorTrading_Trades.xlsx"));
    o.symbol = "no ticker";
    assert_int_equal(td_tasks_find(&t, &world, &o, &why), TD_EINVAL);
    o = options();
    o.from = 20000;
    assert_int_equal(td_tasks_find(&t, &world, &o, &why), TD_EINVAL);
    o.to = 19999;
    assert_int_equal(td_tasks_find(&t, &world, &o, &why), TD_EINVAL);
    o.to = 20001; /* no list, but days */
    TD_OK_OR_FAIL(td_tasks_find(&t, &world, &o, &why));
    assert_true(t.ad_hoc);
    td_tasks_fini(&t);
    put(base, "WarriorTrading_Trades.csv", td_str_of("a,\"b\n"));
    assert_int_equal(td_tasks_find(&t, &world, &o, &why), TD_EPARSE);
    assert_non_null(strstr(why.text, "WarriorTrading_Trades.csv: line 1"));
}

/* The same list as workbook and as CSV; csv wins, the override comes after the base. */
static void both_names_and_both_roots(void **state)
{
    (void)state;
    static uint8_t archive[65536];
    fresh();
    const struct zip_book book = {
        .styles = "<styleSheet><cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/></cellXfs>"
                  "</styleSheet>",
        .sheet = "<worksheet><sheetData><row><c t=\"inlineStr\"><is><t>Ticker</t></is></c><c "
                 "t=\"inlineStr\"><is><t>Date</t></is></c></row><row><c t=\"inlineStr\"><is><t>tsla"
                 "</t></is></c><c s=\"1\"><v>45867</v></c></row><row><c t=\"inlineStr\"><is><t>AAPL"
                 "</t></is></c><c t=\"inlineStr\"><is><t>7/25/2025</t></is></c></row></sheetData>"
                 "</worksheet>"};
    const struct td_str bytes = zip_book_make(&book, archive, sizeof archive);
    struct td_tasks_options o = options();
#ifndef TD_WITH_XLSX
    td_skip("built without libzip and expat: workbooks cannot be read");
#endif
    put(other, "WarriorTrading_Trades.csv", td_str_of("ticker,date\nGE,2025-07-24\n"));
    check(&o, 0, "24 GE");
    put(base, "WarriorTrading_Trades.xlsx", bytes);
    check(&o, 0, "25 AAPL|29 TSLA");
    put(base, "WarriorTrading_Trades.csv", td_str_of("ticker,date\nIBM,2025-07-23\n"));
    check(&o, 0, "23 IBM");
    o.file = "WarriorTrading_Trades.xlsx";
    check(&o, 0, "25 AAPL|29 TSLA");
    put(other, "My.xlsx", bytes);
    o.file = "My.csv"; /* the other ending, in the other root */
    check(&o, 0, "25 AAPL|29 TSLA");
    put(base, "Train_List-a.csv", td_str_of("Stock,DateStr\nF,2025-07-22\n"));
    o.train_kind = "a";
    check(&o, 0, "22 F");
}

static void since(void **state)
{
    (void)state;
    int64_t day = 0;
    TD_OK_OR_FAIL(td_since_parse("3", 20000, &day, NULL));
    assert_int_equal(day, 19997);
    TD_OK_OR_FAIL(td_since_parse("2025-07-29", 20000, &day, NULL));
    assert_int_equal(day, day_of("2025-07-29"));
    assert_int_equal(td_since_parse("soon", 20000, &day, NULL), TD_EINVAL);
    assert_int_equal(td_since_parse("-1", 20000, &day, NULL), TD_EINVAL);
    assert_int_equal(td_since_parse("", 20000, &day, NULL), TD_EINVAL);
}

static void diagnostics(void **state)
{
    (void)state;
    fresh();
    char path[400];
    size_t len = 0;
    struct td_tasks t;
    put(base, "WarriorTrading_Trades.csv", td_str_of(list));
    struct td_tasks_options o = options();
    o.last = 1;
    TD_OK_OR_FAIL(td_tasks_find(&t, &world, &o, NULL));
    (void)snprintf(path, sizeof path, "%s/warrior_task_debug.json", base);
    (void)td_file_remove(&world, path);
    TD_OK_OR_FAIL(td_tasks_report(&t, &o, &world, base, NULL));
    TD_OK_OR_FAIL(td_tasks_report(&t, &o, &world, base, NULL));
    char *debug = td_test_slurp(path, &len);
    assert_non_null(strstr(debug,
                           "\"symbol_column\":{\"head\":\"Ticker\",\"column\":0,\"chosen_by\":"
                           "\"name\"}"));
    assert_non_null(strstr(debug, "\"samples\":[[\"TSLA\",\"2025-07-29\"],"));
    assert_non_null(strstr(debug, "\"pre_dedup\":6,\"post_dedup\":5}\n{"));
    free(debug);
    (void)snprintf(path, sizeof path, "%s/warrior_task_summary.json", base);
    char *summary = td_test_slurp(path, &len);
    assert_non_null(strstr(summary, "\"total_tasks_after_filters\": 1,"));
    assert_non_null(strstr(summary, "\"since_days\": null,"));
    assert_non_null(strstr(summary, "\"last\": 1,"));
    assert_non_null(strstr(summary, "\"MSFT\""));
    free(summary);
    td_tasks_fini(&t);
}

static void recorded_paths_are_found_again(void **state)
{
    (void)state;
    fresh();
    char out[TD_PATH_MAX];
    const struct td_datapath p = {.base = base, .override = other};
    put(base, "IBDownloads/AAPL_USUSD_1 min_2025-07-29.ftr", td_str_of("x"));
    put(other, "level2/AAPL/2025-07-29_snapshots_093000.parquet", td_str_of("x"));
    assert_true(td_datapath_recorded(
        &p, &world, "/mnt/d/ML/IBDownloads/AAPL_USUSD_1 min_2025-07-29.ftr", out, sizeof out));
    assert_true(td_datapath_recorded(
        &p, &world, "D:\\ML\\IBDownloads\\AAPL_USUSD_1 min_2025-07-29.ftr", out, sizeof out));
    assert_false(
        td_datapath_recorded(&p, &world, "/x/IBDownloads/../../etc/passwd", out, sizeof out));
    assert_false(td_datapath_recorded(&p, &world, "/x/IBDownloads/none.ftr", out, sizeof out));
    assert_true(
        td_datapath_l2(&p, &world, "AAPL", "2025-07-29_snapshots_093000.parquet", out, sizeof out));
    assert_non_null(strstr(out, "/level2/AAPL/"));
    assert_string_equal(td_datapath_root(&p, NULL), other);
    assert_string_equal(td_datapath_root(&p, "/out"), "/out");
    const struct td_datapath alone = {.base = base};
    assert_string_equal(td_datapath_root(&alone, ""), base);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(filters),
        cmocka_unit_test(bad_options),
        cmocka_unit_test(both_names_and_both_roots),
        cmocka_unit_test(since),
        cmocka_unit_test(diagnostics),
        cmocka_unit_test(recorded_paths_are_found_again),
    };
    return cmocka_run_group_tests_name("store/tasks", tests, set_up, tear_down);
}
