/* tests/cmd/history_cmd_test.c - import, inventory, splits, coverage and manifest as a user meets them: made, refused, counted. */
#include "support/program.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "base/text.h"
#include "history/importer.h"
#include "store/bars_read.h"
#include "store/table_parquet.h"
#include "support/zip_store.h"
#include "sys/uvworld.h"

static char base[400], backup[420], out[1 << 20];
static struct td_world world;

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
    assert_int_equal(number(o, "files_failed"), 4);
    assert_int_equal(number(o, "files_skipped"), 0);
    assert_int_equal(number(o, "total_rows_migrated"), 4);
    assert_int_equal(number(o, "success_rate"), 33);
    assert_int_equal(number(o, "files_mirrored"), 3);
    assert_true(number(o, "total_size_after") > 0);
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(o, "errors")), 4);
    assert_non_null(strstr(out, "MSFT_1 min.csv: line 1 (byte 5): a quote is not closed"));
    assert_non_null(strstr(out, "leads to the same file as"));
    assert_non_null(strstr(out, "GE_1 min.ftr: "));
    assert_non_null(strstr(out, "F_1 min.ftr: "));
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
#ifndef TD_WITH_XLSX
    td_skip("built without libzip and expat: workbooks cannot be read");
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

/* `count` minutes from 09:30 of a day, and what a file of them is. */
static const struct td_bar_row *minutes(const char *day, size_t count, int64_t price, td_ns step)
{
    static struct td_bar_row rows[512];
    td_ns at;
    TD_OK_OR_FAIL(td_iso_parse(day, 10, &at));
    at += 9 * TD_HOUR + 30 * TD_MIN;
    for (size_t i = 0; i < count; i++) {
        const int64_t px = price * TD_E9 + (int64_t)i * 10000000;
        rows[i] = (struct td_bar_row){
            at + (td_ns)i * step,
            {{px}, {px + 5}, {px - 5}, {px + 1}, {TD_E9 * 100}, {TD_E9_NONE}, step, (int32_t)i}};
    }
    return rows;
}

static void put_bars(const char *name, const char *day, size_t count, int64_t price)
{
    char folder[900];
    const td_ns step = strstr(name, "hour") ? TD_HOUR : TD_MIN;
    const struct td_bar_row *rows = minutes(day, count, price, step);
    td_path_folder(below(name), folder, sizeof folder);
    TD_OK_OR_FAIL(td_folder_make(&world, folder));
    TD_OK_OR_FAIL(strstr(name, "parquet") || strstr(name, "PAR")
                      ? td_bars_write_parquet(&world, below(name), rows, count, NULL)
                      : td_bars_write_feather(&world, below(name), rows, count, NULL));
}

static struct {
    struct td_bar_row rows[512];
    size_t count;
} seen;

static enum td_err see_bar(void *arg, const struct td_bar_row *row)
{
    (void)arg;
    assert_true(seen.count < TD_COUNT(seen.rows));
    seen.rows[seen.count++] = *row;
    return TD_OK;
}

static void see(const char *path)
{
    struct td_fail why = {0};
    seen.count = 0;
    if (td_bars_read(&world, path, see_bar, NULL, &why) != TD_OK)
        fail_msg("%s", why.text);
}

static void feather_becomes_bars(void **state)
{
    (void)state;
    fresh("feather");
    TD_OK_OR_FAIL(td_folder_make(&world, backup));
    put_bars("IBDownloads/AAPL_USUSD_1 min_2025-09-04.ftr", "2025-09-04", 90, 240);
    put_bars("IBDownloads/PAR_USUSD_1 sec_2025-09-04.ftr", "2025-09-04", 30, 12);
    put_bars("old/MSFT-1min-20250905.feather", "2025-09-05", 5, 500);
    put_bars("old/TSLA_1 min_2025-09-05.parquet", "2025-09-05", 5, 300);
    put("old/GE_1 min_2025-09-05.ftr", td_str_of("FEA1...."));
    assert_int_equal(RUN("import", base, "--root", base, "--backup", backup, "--json"), 1);
    cJSON *o = cJSON_Parse(out);
    assert_int_equal(number(o, "files_processed"), 4); /* .parquet is not looked at */
    assert_int_equal(number(o, "files_successful"), 3);
    assert_int_equal(number(o, "files_failed"), 1);
    assert_int_equal(number(o, "total_rows_migrated"), 125);
    assert_int_equal(number(o, "files_mirrored"), 3);
    cJSON_Delete(o);
    assert_non_null(strstr(out, "GE_1 min_2025-09-05.ftr: Feather version 1; write it again"));
    const char *const made = "parquet_data/AAPL/1 min/2025/09/AAPL_1_min_2025-09-04.parquet";
    char copy[900];
    (void)snprintf(copy, sizeof copy, "%s/%s", backup, made);
    assert_int_equal(rows_of(copy), 90);
    see(below(made));
    const struct td_bar_row *want = minutes("2025-09-04", 90, 240, TD_MIN);
    assert_int_equal(seen.count, 90);
    for (size_t i = 0; i < 90; i++) {
        assert_int_equal(seen.rows[i].local_ns, want[i].local_ns);
        assert_int_equal(seen.rows[i].bar.low.e9, want[i].bar.low.e9);
        assert_int_equal(seen.rows[i].bar.close.e9, want[i].bar.close.e9);
        assert_int_equal(seen.rows[i].bar.wap.e9, TD_E9_NONE);
        assert_int_equal(seen.rows[i].bar.count, want[i].bar.count);
    }
    assert_int_equal(rows_of(below("parquet_data/PAR/1 sec/2025/09/PAR_1_sec_2025-09-04.parquet")),
                     30);
    assert_int_equal(
        rows_of(below("parquet_data/MSFT/1 min/2025/09/MSFT_1_min_2025-09-05.parquet")), 5);
    assert_int_equal(RUN("import", below("old/TSLA_1 min_2025-09-05.parquet"), "--root", base), 0);
    assert_non_null(strstr(out, "1 files: 0 imported, 0 failed, 1 skipped"));
}

/* Files of a day each become the file of their month; a day that came again is the new one, and the others stay. */
static void months_are_joined(void **state)
{
    (void)state;
    fresh("month");
    const char *const month = "parquet_data/AAPL/1 hour/2025/AAPL_1_hour_2025-09.parquet";
    put_bars("in/AAPL_USUSD_1 hour_2025-09-04.ftr", "2025-09-04", 7, 240);
    put_bars("in/AAPL_USUSD_1 hour_2025-09-05.ftr", "2025-09-05", 6, 250);
    put_bars("in/again/AAPL_USUSD_1 hour_2025-09-05.ftr", "2025-09-05", 2, 9);
    put("in/again/AAPL_USUSD_1 hour_2025-09-08.csv", td_str_of("datetime,open\n2025-09-08,1\n"));
    assert_int_equal(RUN("import", below("in"), "--root", base, "--backup", "", "--json"), 1);
    cJSON *o = cJSON_Parse(out);
    assert_int_equal(number(o, "files_successful"), 2);
    assert_int_equal(number(o, "files_failed"),
                     2); /* the day twice, and a form that does not join */
    assert_int_equal(number(o, "total_rows_migrated"), 13);
    const int64_t after = number(o, "total_size_after");
    cJSON_Delete(o);
    size_t bytes = 0;
    free(td_test_slurp(below(month), &bytes));
    assert_int_equal(after, bytes);
    see(below(month));
    assert_int_equal(seen.count, 13);
    assert_int_equal(seen.rows[0].bar.open.e9, 240 * TD_E9);
    assert_int_equal(seen.rows[7].bar.open.e9, 250 * TD_E9);
    fresh("month-again");
    put_bars("a/AAPL_USUSD_1 hour_2025-09-04.ftr", "2025-09-04", 7, 240);
    put_bars("b/AAPL_USUSD_1 hour_2025-09-04.ftr", "2025-09-04", 3, 120); /* corrected later */
    put_bars("c/AAPL_USUSD_1 hour_2025-09-08.ftr", "2025-09-04", 2, 1);   /* not its own day */
    assert_int_equal(RUN("import", below("a"), "--root", base, "--backup", ""), 0);
    assert_int_equal(RUN("import", below("b"), "--root", base, "--backup", ""), 0);
    assert_int_equal(RUN("import", below("c"), "--root", base, "--backup", ""), 0);
    see(below(month));
    assert_int_equal(seen.count, 7);
    assert_int_equal(seen.rows[0].bar.open.e9, 120 * TD_E9);
    assert_int_equal(seen.rows[2].bar.open.e9, 120 * TD_E9 + 20000000);
    assert_int_equal(seen.rows[3].bar.open.e9, 240 * TD_E9 + 30000000);
    put("b/AAPL_USUSD_1 hour_2025-09-04.ftr", td_str_of("ARROW1"));
    assert_int_equal(RUN("import", below("b"), "--root", base, "--backup", ""), 1);
    put(month, td_str_of("PAR1"));
    assert_int_equal(RUN("import", below("a"), "--root", base, "--backup", ""), 1);
    assert_non_null(strstr(out, "its month cannot be added to: "));
}

/* A list keeps its columns; bars under the name of a list are one too. */
static void feather_lists(void **state)
{
    (void)state;
    fresh("lists");
    put_bars("in/Train_List.ftr", "2025-09-04", 9, 240);
    put("in/failed_stocks.ftr", td_str_of("ARROW1\0\0torn"));
    assert_int_equal(RUN("import", below("in"), "--root", base, "--dry-run", "--backup", ""), 1);
    assert_int_equal(td_entry_at(&world, below("metadata_tables")), TD_ENTRY_NONE);
    assert_int_equal(RUN("import", below("in"), "--root", base, "--backup", ""), 1);
    assert_non_null(strstr(out, "2 files: 1 imported, 1 failed, 0 skipped; 9 rows"));
    assert_non_null(strstr(out, "failed_stocks.ftr: "));
    see(below("metadata_tables/train_latest.parquet"));
    assert_int_equal(seen.count, 9);
    assert_int_equal(td_entry_at(&world, below("metadata_tables/failed_latest.parquet")),
                     TD_ENTRY_NONE);
}

/* 828 minutes of SPY on 2013-10-07, as the second bars of the day confirm (tests/sim/lean_test.c). */
static void lean_archives_become_bars(void **state)
{
    (void)state;
    const char *path = td_test_data("lean/equity/usa/minute/spy/20131007_trade.zip");
    if (!path)
        td_skip_data("lean/equity/usa/minute/spy/20131007_trade.zip");
#ifndef TD_WITH_ZIP
    td_skip("built without libzip: archives cannot be read");
#endif
    char in[1024];
    (void)snprintf(in, sizeof in, "%s", path);
    fresh("lean");
    assert_int_equal(RUN("import", in, "--root", base, "--backup", backup), 0);
    assert_int_equal(rows_of(below("parquet_data/SPY/1 min/2013/10/SPY_1_min_2013-10-07.parquet")),
                     828);
}

/* ---- inventory ---- */

static void inventory(void **state)
{
    (void)state;
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

/* ---- splits ---- */

/* Files of minutes of the days of September 2025; on the day of the split three times the bars. */
static void put_days(const char *symbol, int first, int last, int missing, int64_t price,
                     size_t count)
{
    for (int day = first; day <= last; day++) {
        char name[80], date[16];
        (void)snprintf(date, sizeof date, "2025-09-%02d", day);
        (void)snprintf(name, sizeof name, "IBDownloads/%s_USUSD_1 min_%s.ftr", symbol, date);
        if (day != missing)
            put_bars(name, date, day == first ? count : 90, price);
    }
}

static char *night_at(const cJSON *splits, int i)
{
    cJSON *n = cJSON_GetArrayItem(cJSON_GetObjectItem(splits, "found"), i);
    static char text[400];
    assert_non_null(n);
    cJSON_DeleteItemFromObject(n, "confidence");
    cJSON_DeleteItemFromObject(n, "previous_close");
    char *printed = cJSON_PrintUnformatted(n);
    (void)snprintf(text, sizeof text, "%s", printed);
    free(printed);
    return text;
}

static void put_splits(void)
{
    fresh("splits");
    put_days("AAA", 1, 9, 0, 1000, 90); /* two for one on the 10th */
    put_days("AAA", 10, 15, 0, 500, 300);
    put_days("BBB", 1, 9, 8, 100,
             90); /* one for four on the 10th; the 8th and the 10th are missing */
    put_days("BBB", 11, 12, 0, 404, 300);
    put_days("CCC", 1, 4, 0, 1000, 90); /* down by 45 percent */
    put_days("CCC", 5, 9, 0, 550, 90);
    put("IBDownloads/CCC_USUSD_1 min_2025-09-20.ftr", td_str_of("ARROW1 torn"));
    put("IBDownloads/CCC_USUSD_1 sec_2025-09-20.ftr", td_str_of("not looked at"));
    put("parquet_data/AAA/1 hour/2025/notes.txt", td_str_of("x"));
    put_bars("parquet_data/AAA/1 hour/2025/AAA_1_hour_2025-08.parquet", "2025-08-29", 2, 1000);
    put_bars("parquet_data/AAA/1 hour/2025/AAA_1_hour_2025-09.parquet", "2025-09-02", 6, 100);
    put("factors/aaa.csv", td_str_of("20250909,1,0.5,1000\n20501231,1,1,0\n"));
    put("factors/bbb.csv", td_str_of("broken\n"));
}

static void splits_are_shown(void **state)
{
    (void)state;
    put_splits();
    assert_int_equal(RUN("inventory", "--scan-path", base, "--splits", "--json"), 0);
    cJSON *o = cJSON_Parse(out), *s = cJSON_GetObjectItem(o, "splits");
    assert_int_equal(number(s, "files_read"), 15 + 10 + 9 + 2);
    assert_int_equal(number(s, "series"), 4);
    assert_int_equal(number(s, "unreadable_files"), 1);
    assert_non_null(strstr(out, "CCC_USUSD_1 min_2025-09-20.ftr"));
    assert_int_equal(number(s, "stale_files"), 9 + 8 + 1);
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(s, "found")), 3);
    assert_true(cJSON_IsTrue(cJSON_GetObjectItem(s, "complete")));
    assert_string_equal(night_at(s, 0),
                        "{\"symbol\":\"AAA\",\"bar_size\":\"1 min\",\"folder\":\"IBDownloads\","
                        "\"day\":\"2025-09-10\",\"ratio\":2,\"next_open\":500,\"known\":null,"
                        "\"factor\":null,\"stale_files\":9,\"mixed_files\":0,"
                        "\"stale_until\":\"2025-09-09\"}");
    assert_string_equal(night_at(s, 1),
                        "{\"symbol\":\"BBB\",\"bar_size\":\"1 min\",\"folder\":\"IBDownloads\","
                        "\"day\":\"2025-09-11\",\"ratio\":0.25,\"next_open\":404,\"known\":null,"
                        "\"factor\":null,\"stale_files\":8,\"mixed_files\":0,"
                        "\"stale_until\":\"2025-09-09\"}");
    assert_non_null(strstr(night_at(s, 2), "\"folder\":\"parquet_data\",\"day\":\"2025-09-02\""));
    cJSON_Delete(o);
    assert_int_equal(RUN("inventory", "--scan-path", base, "--json"), 0);
    assert_null(strstr(out, "\"splits\""));
    assert_int_equal(RUN("inventory", "--scan-path", base, "--factors", below("nowhere")), 1);
}

static void factor_files_tell_what_is_known(void **state)
{
    (void)state;
    put_splits();
    assert_int_equal(RUN("inventory", "--scan-path", base, "--factors", below("factors")), 0);
    assert_non_null(strstr(out, "splits: 36 files, 4 series, "));
    assert_non_null(strstr(out, "; 3 found, 18 files stale\n"));
    assert_non_null(strstr(out, "9       0  2025-09-09  known 0.5\n"));
    assert_non_null(strstr(out, "1       0  2025-08-29  unknown\n"));
    assert_non_null(strstr(out, "8       0  2025-09-09  -\n"));
    assert_non_null(strstr(out, "bbb.csv: line 1 is no factor row in order"));
    assert_non_null(strstr(out, "unreadable: reading "));
}

/* LEAN's daily bars of Apple, 1998 to 2021, are as traded: 2, 2, 7 and 4 for one. */
static void apple_as_traded(void **state)
{
    (void)state;
    const char *path = td_test_data("lean/equity/usa/daily/aapl.zip");
    if (!path)
        td_skip_data("lean/equity/usa/daily/aapl.zip");
#ifndef TD_WITH_ZIP
    td_skip("built without libzip: archives cannot be read");
#endif
    char in[1024], factors[1024];
    (void)snprintf(in, sizeof in, "%s", path);
    (void)snprintf(factors, sizeof factors, "%s", td_test_data("lean/equity/usa/factor_files"));
    fresh("apple");
    assert_int_equal(RUN("import", in, "--root", base, "--backup", ""), 0);
    assert_int_equal(RUN("inventory", "--scan-path", base, "--factors", factors), 0);
    assert_non_null(strstr(out, "2014-06-09        7   "));
    assert_non_null(strstr(out, "known 0.1428571\n"));
    assert_null(strstr(out, "unknown"));
}

/* ---- coverage ---- */

static void coverage(void **state)
{
    (void)state;
    char expected[1200];
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
        cmocka_unit_test(feather_becomes_bars),
        cmocka_unit_test(months_are_joined),
        cmocka_unit_test(feather_lists),
        cmocka_unit_test(lean_archives_become_bars),
        cmocka_unit_test(inventory),
        cmocka_unit_test(splits_are_shown),
        cmocka_unit_test(factor_files_tell_what_is_known),
        cmocka_unit_test(apple_as_traded),
        cmocka_unit_test(coverage),
        cmocka_unit_test(manifests),
    };
    return cmocka_run_group_tests_name("cmd/history_cmd", tests, set_up, tear_down);
}
