/* tests/cmd/history_cmd_test.c - import, inventory, coverage and manifest as a user meets them: what is made, refused and counted.
 * Needs TAPEDECK_BIN. */
#include "support/program.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "base/text.h"
#include "desk/importer.h"
#include "store/table_parquet.h"
#include "support/zip_store.h"
#include "sys/child.h"
#include "sys/uvworld.h"

#define LIMIT (60 * TD_SEC)

static const char *bin;
static char base[400], backup[420], out[1 << 20];
static struct td_world world;

static int set_up(void **state)
{
    (void)state;
    bin = getenv("TAPEDECK_BIN");
    return td_uvworld_open(&world, false, NULL) == TD_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    td_uvworld_close(&world);
    return 0;
}

/* Runs `tapedeck WORDS`; what it says on stdout is in `out`. Returns its exit status. */
#define RUN(...) program_run((const char *const[]){__VA_ARGS__, NULL}, out, sizeof out)

/* An empty folder of its own; a second call of the same name finds the first one's files. */
static void fresh(const char *name)
{
    (void)snprintf(base, sizeof base, "%s/%s-%llx", td_test_folder("history"), name,
                   (unsigned long long)td_world_random(&world));
    (void)snprintf(backup, sizeof backup, "%s-backup", base);
    TD_OK_OR_FAIL(td_folder_make(&world, base));
}

static const char *below(const char *name)
{
    static char path[4][900];
    static int turn;
    char *p = path[turn = (turn + 1) % 4];
    (void)snprintf(p, sizeof path[0], "%s/%s", base, name);
    return p;
}

static void put(const char *name, struct td_str bytes)
{
    char folder[900];
    td_path_folder(below(name), folder, sizeof folder);
    TD_OK_OR_FAIL(td_folder_make(&world, folder));
    TD_OK_OR_FAIL(td_file_replace(&world, below(name), bytes, NULL));
}

static uint64_t rows_of(const char *path)
{
    uint64_t rows = 0;
    struct td_fail why = {0};
    if (td_parquet_check(&world, path, &rows, &why) != TD_OK)
        fail_msg("%s", why.text);
    return rows;
}

static int64_t number(const cJSON *o, const char *key)
{
    const cJSON *v = cJSON_GetObjectItemCaseSensitive(o, key);
    if (!cJSON_IsNumber(v))
        fail_msg("no number %s in %s", key, out);
    return (int64_t)v->valuedouble;
}

/* ---- import ---- */

static void names(void **state)
{
    (void)state;
    static const struct {
        const char *name, *kind, *symbol, *bar_size, *place;
    } rows[] = {
        {"AAPL_USUSD_1 min_2025-09-04.csv", NULL, "AAPL", "1 min",
         "parquet_data/AAPL/1 min/2025/09/AAPL_1_min_2025-09-04.parquet"},
        {"/d/MSFT-30mins_20250904.xlsx", NULL, "MSFT", "30 mins",
         "parquet_data/MSFT/30 mins/2025/09/MSFT_30_mins_2025-09-04.parquet"},
        {"SPY_1 hour_2025_09_04.xlsx", NULL, "SPY", "1 hour",
         "parquet_data/SPY/1 hour/2025/SPY_1_hour_2025-09.parquet"},
        {"T daily.csv", NULL, "T", "1 day", "parquet_data/T/1 day/T_1_day_latest.parquet"},
        {"IB Failed Stocks.xlsx", "failed", "IB", NULL, NULL},
        {"IB Downloadable Stocks.xlsx", "downloadable", "IB", NULL, NULL},
        {"downloaded_stocks.csv", "downloaded", "", NULL, NULL},
        {"WarriorTrading_Trades.csv", "warrior", "", NULL, NULL},
        {"Train_List-a.xlsx", "train", "", NULL, NULL},
        {"Apple 1 min.csv", NULL, "", "1 min", NULL},
    };
    for (size_t i = 0; i < TD_COUNT(rows); i++) {
        struct td_import_name n;
        char place[300];
        (void)td_import_name(rows[i].name, &n);
        assert_string_equal(n.symbol, rows[i].symbol);
        assert_string_equal(n.kind ? n.kind : "-", rows[i].kind ? rows[i].kind : "-");
        assert_string_equal(n.bar_size ? n.bar_size : "-",
                            rows[i].bar_size ? rows[i].bar_size : "-");
        if (!rows[i].place)
            continue;
        assert_true(td_import_place(&n, place, sizeof place));
        assert_string_equal(place, rows[i].place);
    }
}

static void put_workbook(const char *name)
{
    static uint8_t archive[65536];
    const struct zip_book b = {
        .styles = "<styleSheet><cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"22\"/></cellXfs>"
                  "</styleSheet>",
        .sheet = "<worksheet><sheetData><row><c t=\"inlineStr\"><is><t>datetime</t></is></c><c "
                 "t=\"inlineStr\">"
                 "<is><t>close</t></is></c><c t=\"inlineStr\"><is><t>count</t></is></c></row>"
                 "<row><c s=\"1\"><v>45867.5</v></c><c><v>1.5</v></c><c><v>3</v></c></row>"
                 "<row><c s=\"1\"><v>45868</v></c><c t=\"e\"><v>#N/A</v></c><c><f>A1</f></c></row>"
                 "</sheetData></worksheet>"};
    put(name, zip_book_make(&b, archive, sizeof archive));
}

static void import_counts_what_happens(void **state)
{
    (void)state;
    if (!bin)
        skip();
    fresh("import");
    TD_OK_OR_FAIL(td_folder_make(&world, backup));
    put("old/WarriorTrading_Trades.csv",
        td_str_of("Ticker;Date\nAAPL;2025-07-29\nTSLA;2025-07-30\n"));
    put("AAPL_1 min_2025-09-04.csv",
        td_str_of("datetime,open,zip,note\n2025-09-04 09:30:00,1.5,00501,NaN\n2025-09-04 "
                  "09:31:00,2,00502,x\n"));
    put("AAPL 1min 20250904.csv", td_str_of("datetime,open\n2025-09-04,1\n"));
    put("MSFT_1 min.csv", td_str_of("a,\"b\n"));
    put("GE_1 min.ftr", td_str_of("ARROW1......"));
    put("F_1 min.ftr", td_str_of("PAR1....PAR1"));
    put("~$lock.xlsx", td_str_of("x"));
    put("notes.txt", td_str_of("x"));
    put("parquet_data/X_1 min.csv", td_str_of("a\n1\n"));
    assert_int_equal(RUN("import", base, "--root", base, "--backup", backup, "--json"), 1);
    cJSON *o = cJSON_Parse(out);
    assert_int_equal(number(o, "files_processed"), 6);
    assert_int_equal(number(o, "files_successful"), 2);
    assert_int_equal(number(o, "files_failed"), 3);
    assert_int_equal(number(o, "files_skipped"), 1);
    assert_int_equal(number(o, "total_rows_migrated"), 4);
    assert_int_equal(number(o, "success_rate"), 40);
    assert_int_equal(number(o, "files_mirrored"), 3);
    assert_true(number(o, "total_size_after") > 0);
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(o, "errors")), 3);
    assert_non_null(strstr(out, "MSFT_1 min.csv: line 1 (byte 5): a quote is not closed"));
    assert_non_null(strstr(out, "leads to the same file as"));
    assert_non_null(strstr(out, "this command reads no Feather"));
    cJSON_Delete(o);
    const char *const made = "parquet_data/AAPL/1 min/2025/09/AAPL_1_min_2025-09-04.parquet";
    char copy[900];
    (void)snprintf(copy, sizeof copy, "%s/%s", backup, made);
    assert_int_equal(rows_of(below(made)), 2);
    assert_int_equal(rows_of(copy), 2);
    assert_int_equal(rows_of(below("metadata_tables/warrior_latest.parquet")), 2);
    assert_int_equal(td_entry_at(&world, below("parquet_data/MSFT")), TD_ENTRY_NONE);
}

static void dry_run_writes_nothing(void **state)
{
    (void)state;
    if (!bin)
        skip();
    fresh("dry");
    put("AAPL_1 min_2025-09-04.csv", td_str_of("datetime,open\n2025-09-04 09:30:00,1.5\n"));
    assert_int_equal(RUN("import", base, "--root", base, "--backup", backup, "--dry-run", "--json"),
                     0);
    cJSON *o = cJSON_Parse(out);
    assert_int_equal(number(o, "files_successful"), 1);
    assert_int_equal(number(o, "total_rows_migrated"), 0);
    assert_int_equal(number(o, "rows_read"), 1);
    cJSON_Delete(o);
    assert_int_equal(td_entry_at(&world, below("parquet_data")), TD_ENTRY_NONE);
    assert_int_equal(RUN("import", base, "--root", base, "--backup", backup), 0);
    assert_non_null(strstr(out, "1 files: 1 imported, 0 failed, 0 skipped; 1 rows\n"));
    assert_non_null(strstr(out, "no mirror: the backup folder is not there"));
    assert_int_equal(RUN("import", below("nowhere")), 1);
    assert_int_equal(RUN("import", base, "--bar-size", "1 eon"), 2);
    assert_int_equal(RUN("import", base, "--symbol", "not one"), 2);
    assert_int_equal(RUN("import", base, base), 2);
}

static void workbooks_become_columns(void **state)
{
    (void)state;
    if (!bin)
        skip();
#ifndef TD_WITH_XLSX
    skip();
#endif
    fresh("book");
    put_workbook("prices.xlsx");
    assert_int_equal(RUN("import", below("prices.xlsx"), "--root", base, "--json"), 1);
    assert_non_null(strstr(out, "no symbol at the begin of its name"));
    assert_int_equal(RUN("migrate_excel_to_parquet", below("prices.xlsx"), "--root", base,
                         "--symbol", "spy", "--bar-size", "1 mins", "--backup", backup, "--json"),
                     0);
    cJSON *o = cJSON_Parse(out);
    assert_int_equal(number(o, "error_cells"), 1);
    assert_int_equal(number(o, "formulas_without_value"), 1);
    cJSON_Delete(o);
    assert_int_equal(rows_of(below("parquet_data/SPY/1 min/SPY_1_min_latest.parquet")), 2);
}

/* 828 minutes of SPY on 2013-10-07, as the second bars of the day confirm (tests/sim/lean_test.c). */
static void lean_archives_become_bars(void **state)
{
    (void)state;
    const char *path = td_test_data("lean/equity/usa/minute/spy/20131007_trade.zip");
    if (!bin || !path)
        skip();
#ifndef TD_WITH_ZIP
    skip();
#endif
    char in[1024];
    (void)snprintf(in, sizeof in, "%s", path);
    fresh("lean");
    assert_int_equal(RUN("import", in, "--root", base, "--backup", backup), 0);
    assert_int_equal(rows_of(below("parquet_data/SPY/1 min/2013/10/SPY_1_min_2013-10-07.parquet")),
                     828);
}

/* ---- inventory and coverage ---- */

static void inventory(void **state)
{
    (void)state;
    if (!bin)
        skip();
    fresh("inventory");
    put("IBDownloads/AAPL_USUSD_1 min_2025-09-04.ftr", td_str_of("PAR1"));
    put("IBDownloads/MSFT_USUSD_30 mins_2025-09-05.ftr", td_str_of("PAR1PAR1"));
    put("IBDownloads/lower_1 min_2020-01-01.ftr", td_str_of("x"));
    put("list.xlsx", td_str_of("x"));
    put("other.txt", td_str_of("x"));
    assert_int_equal(RUN("scan_data", "--scan-path", base), 0);
    cJSON *o = cJSON_Parse(out);
    char *bars = cJSON_PrintUnformatted(cJSON_GetObjectItem(o, "feather_analysis"));
    assert_string_equal(bars,
                        "{\"symbols\":[\"AAPL\",\"MSFT\"],\"timeframes\":[\"1 min\",\"30 mins\"],"
                        "\"date_range\":{\"min\":\"2025-09-04\",\"max\":\"2025-09-05\"},"
                        "\"file_count\":2,\"total_size_mb\":0,\"freshness_days\":{\"0\":0,\"1\":0,"
                        "\"7\":0,\"older\":2}}");
    free(bars);
    assert_int_equal(number(cJSON_GetObjectItem(o, "scan_summary"), "total_files"), 4);
    assert_int_equal(number(cJSON_GetObjectItem(o, "files_by_type"), "ftr"), 3);
    assert_non_null(cJSON_GetArrayItem(cJSON_GetObjectItem(o, "next_steps"), 1));
    cJSON_Delete(o);
    assert_int_equal(
        RUN("inventory", "--scan-path", base, "--file-types", "txt", "--no-detail", "--json"), 0);
    o = cJSON_Parse(out);
    assert_int_equal(number(cJSON_GetObjectItem(o, "files_by_type"), "txt"), 1);
    assert_null(cJSON_GetObjectItem(o, "feather_analysis"));
    cJSON_Delete(o);
    assert_int_equal(RUN("inventory", "--scan-path", below("none")), 1);
}

static void coverage(void **state)
{
    (void)state;
    char expected[1200];
    if (!bin)
        skip();
    fresh("coverage");
    put("m.jsonl",
        td_str_of("{\"schema_version\":\"bars_manifest.v1\",\"written_at\":\"2025-09-05T07:01:02\","
                  "\"symbol\":\"AAPL\",\"bar_size\":\"1 min\",\"path\":\"/x/a.ftr\",\"rows\":5,"
                  "\"time_start\":\"2025-09-03T09:30:00\",\"time_end\":\"2025-09-04T10:59:00\"}\n"
                  "broken\n"));
    assert_int_equal(
        RUN("build_bars_coverage", "--from-manifest", below("m.jsonl"), "--out", below("c.json")),
        0);
    (void)snprintf(expected, sizeof expected, "{\"wrote\":\"%s\",\"entry_count\":1}\n",
                   below("c.json"));
    assert_string_equal(out, expected);
    assert_int_equal(
        RUN("coverage", "--from-manifest", below("m.jsonl"), "--out", below("c.json"), "--json"),
        0);
    assert_non_null(
        strstr(out, "\"entry_count\":1,\"days\":2,\"lines\":2,\"broken\":1,\"foreign\":0,"));
    assert_int_equal(RUN("coverage", "--from-manifest", below("none"), "--out", below("d.json")),
                     1);
    assert_int_equal(td_entry_at(&world, below("d.json")), TD_ENTRY_NONE);
}

/* ---- manifests of models ---- */

static void manifests(void **state)
{
    (void)state;
    if (!bin)
        skip();
    fresh("manifest");
    put("rule.json", td_str_of("{\"min_sharpe\":0.1,\"min_f1\":0.5}"));
    assert_int_equal(RUN("manifest", "build", "--model-id", "m", "--version", "1",
                         "--artifact-type", "onnx", "--artifact-path", "m.onnx", "--returns",
                         "0.01,-0.01,0.02"),
                     2); /* --out is missing */
    assert_int_equal(RUN("build_export_manifest", "--model-id", "m", "--version", "1",
                         "--artifact-type", "onnx", "--artifact-path", "m.onnx", "--returns",
                         "0.01,-0.01,0.02", "--production-alias", "a", "--out", below("m.json")),
                     0);
    assert_int_equal(
        RUN("manifest", "validate", "--manifest", below("m.json"), "--rule", below("rule.json")),
        1);
    cJSON *o = cJSON_Parse(out);
    assert_true(cJSON_IsFalse(cJSON_GetObjectItem(o, "ok")));
    assert_string_equal(cJSON_GetArrayItem(cJSON_GetObjectItem(o, "errors"), 0)->valuestring,
                        "metrics.f1 0 is below the rule's 0.5");
    assert_string_equal(cJSON_GetObjectItem(o, "model_id")->valuestring, "m");
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(o, "data_window")));
    cJSON_Delete(o);
    put("rule.json", td_str_of("{\"min_sharpe\":0.1,\"min_f1\":0}"));
    assert_int_equal(RUN("validate_export_manifest", "--manifest", below("m.json"), "--rule",
                         below("rule.json")),
                     0);
    assert_int_equal(RUN("evaluate_and_emit_metrics", "--pnl", "100,-300,50", "--starting-equity",
                         "1000", "--style", "trading"),
                     0);
    o = cJSON_Parse(out);
    assert_int_equal(number(o, "count"), 3);
    assert_true(cJSON_GetObjectItem(o, "sharpe_ratio")->valuedouble < 0);
    cJSON_Delete(o);
    assert_int_equal(RUN("manifest"), 2);
    assert_int_equal(RUN("manifest", "validate"), 2);
    assert_int_equal(RUN("manifest", "metrics", "--returns", "1", "--pnl", "1"), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names),
        cmocka_unit_test(import_counts_what_happens),
        cmocka_unit_test(dry_run_writes_nothing),
        cmocka_unit_test(workbooks_become_columns),
        cmocka_unit_test(lean_archives_become_bars),
        cmocka_unit_test(inventory),
        cmocka_unit_test(coverage),
        cmocka_unit_test(manifests),
    };
    return cmocka_run_group_tests_name("cmd/history_cmd", tests, set_up, tear_down);
}
