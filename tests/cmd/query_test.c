/* tests/cmd/query_test.c - `tapedeck query` as a user meets it: every table, three forms, reading only. Needs TAPEDECK_BIN;
 * without DuckDB all but the message that says so is skipped. */
#include "support/program.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "base/arena.h"
#include "store/bars_file.h"
#include "store/session_out.h"
#include "sys/uvworld.h"
#include "trade/ordersdb.h"
#include "wire/parquet.h"

static const char *bin, *folder;
static char out[1 << 20], state_set[1100], logs_set[1100];
static struct td_world world;
static bool has_duckdb;

/* Runs `tapedeck query --data FOLDER WORDS`; stdout and stderr are in `out`. Returns its exit status. */
static int query_with(const char *library, const char *const *words)
{
    const char *argv[16] = {"sh", "-c", "exec \"$0\" \"$@\" 2>&1", bin, "query", "--data", folder};
    const char *set[] = {state_set, logs_set, library, NULL};
    const struct td_child_config config = {.argv = argv, .output = TD_CHILD_PIPE, .set = set};
    struct td_child c;
    for (int i = 0; words[i]; i++)
        argv[7 + i] = words[i];
    TD_OK_OR_FAIL(td_child_launch(&c, &config, NULL));
    return program_finish(&c, out, sizeof out);
}

#define QUERY(...) query_with(NULL, (const char *const[]){__VA_ARGS__, NULL})

static const char *path_of(const char *name)
{
    static char path[1200], above[1200];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    td_path_folder(path, above, sizeof above);
    TD_OK_OR_FAIL(td_folder_make(&world, above));
    return path;
}

/* ---- a small data root ---- */

enum { ROWS = 3, LEVELS = 2 };

/* Snapshots of the contract's columns: bids 100, 99; asks 101 and an empty row. */
static void write_snapshots(const char *name)
{
    static const struct td_pq_column schema[] = {
        {"timestamp", TD_PQ_BYTES, TD_PQ_UTF8, TD_PQ_AUTO, 0, true},
        {"bid_prices", TD_PQ_DOUBLE, TD_PQ_NONE, TD_PQ_AUTO, LEVELS, true},
        {"bid_sizes", TD_PQ_INT64, TD_PQ_NONE, TD_PQ_AUTO, LEVELS, true},
        {"ask_prices", TD_PQ_DOUBLE, TD_PQ_NONE, TD_PQ_AUTO, LEVELS, true},
        {"ask_sizes", TD_PQ_INT64, TD_PQ_NONE, TD_PQ_AUTO, LEVELS, true}};
    static const struct td_str at[ROWS] = {{"2025-11-21T14:30:00.000000+00:00", 32},
                                           {"2025-11-21T14:30:00.100000+00:00", 32},
                                           {"2025-11-21T14:30:00.200000+00:00", 32}};
    static const double bid[ROWS][LEVELS] = {{100, 99}, {100, 99}, {100, 99}};
    static const double ask[ROWS][LEVELS] = {{101, 0}, {101, 0}, {101, 0}};
    static const int64_t bids[ROWS][LEVELS] = {{10, 20}, {11, 21}, {12, 22}};
    static const int64_t asks[ROWS][LEVELS] = {{5, 0}, {6, 0}, {7, 0}};
    const struct td_pq_data data[] = {
        {at, NULL}, {bid, NULL}, {bids, NULL}, {ask, NULL}, {asks, NULL}};
    static struct td_out file;
    static uint8_t block[1 << 20];
    struct td_arena arena;
    struct td_pq_writer *w;
    const struct td_pq_write_options o = {.columns = schema,
                                          .column_count = TD_COUNT(schema),
                                          .rows_max = ROWS,
                                          .groups_max = 1,
                                          .write = td_out_write,
                                          .arg = &file};
    td_arena_init(&arena, block, sizeof block);
    TD_OK_OR_FAIL(td_out_open(&file, &world, path_of(name), NULL));
    TD_OK_OR_FAIL(td_pq_writer_open(&w, &o, &arena, NULL));
    TD_OK_OR_FAIL(td_pq_write_group(w, data, ROWS, NULL));
    TD_OK_OR_FAIL(td_pq_writer_finish(w, NULL));
    td_pq_writer_close(w);
    TD_OK_OR_FAIL(td_out_seal(&file, NULL));
    TD_OK_OR_FAIL(td_out_publish(&file, NULL));
    td_out_drop(&file);
}

static void write_bars(void)
{
    static const struct td_bar_row bars[] = {
        {INT64_C(1763717400000000000),
         {{1 * TD_E9}, {4 * TD_E9}, {1 * TD_E9}, {2 * TD_E9}, {10 * TD_E9}, {TD_E9_NONE}, 0, -1}},
        {INT64_C(1763717460000000000),
         {{2 * TD_E9}, {5 * TD_E9}, {2 * TD_E9}, {3 * TD_E9}, {20 * TD_E9}, {2 * TD_E9}, 0, 7}}};
    TD_OK_OR_FAIL(td_bars_write_parquet(
        &world, path_of("IBDownloads/SPY_USUSD_1 min_2025-11-21.ftr"), bars, 2, NULL));
    TD_OK_OR_FAIL(td_bars_write_feather(
        &world, path_of("IBDownloads/O'X_USUSD_1 hour_2025-11-21.ftr"), bars, 2, NULL));
    TD_OK_OR_FAIL(td_file_replace(&world, path_of("IBDownloads/BAD_USUSD_1 min_2025-11-21.ftr"),
                                  td_str_of("neither"), NULL));
}

static void write_orders(void)
{
    struct td_ordersdb o;
    TD_OK_OR_FAIL(td_ordersdb_open(&o, path_of("state/orders.db"), NULL));
    const char *const rows =
        "INSERT INTO orders (id, symbol, side, quantity, order_type, status, timestamp, order_id, "
        "limit_price) VALUES (1, 'SPY', 'BUY', 2, 'LMT', 'filled', '2025-11-21T14:30:00Z', 7, "
        "100.25), (2, 'ES', 'SELL', 1.5, 'MKT', 'rejected', '2025-11-21T14:31:00Z', 8, NULL)";
    assert_int_equal(sqlite3_exec(o.db, rows, NULL, NULL, NULL), SQLITE_OK);
    td_ordersdb_close(&o);
}

static int set_up(void **state)
{
    (void)state;
    bin = td_test_program("TAPEDECK_BIN");
    folder = td_test_folder("query");
    (void)snprintf(state_set, sizeof state_set, "TAPEDECK_STATE=%s/state", folder);
    (void)snprintf(logs_set, sizeof logs_set, "LOGS_PATH=%s/logs", folder);
    if (td_uvworld_open(&world, false, NULL))
        return -1;
    write_snapshots("level2/SPY/2025-11-21_snapshots_093000.parquet");
    write_snapshots("Level2/IBM/2025-11-20_book_databento.parquet");
    write_bars();
    has_duckdb = QUERY("SELECT 1") == 0;
    if (!has_duckdb)
        print_message("SKIP query: %s", out);
    return has_duckdb || strstr(out, "npm ci") ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    td_uvworld_close(&world);
    return 0;
}

/* ---- tests ---- */

static void without_the_library(void **state)
{
    (void)state;
    const char *const words[] = {"SELECT 1", NULL};
    assert_int_equal(query_with("DUCKDB_LIBRARY=/nowhere/libduckdb.so", words), 1);
    assert_non_null(strstr(out, "DUCKDB_LIBRARY /nowhere/libduckdb.so"));
    assert_int_equal(query_with("DUCKDB_LIBRARY=libm.so.6", words), 1); /* another library */
    assert_non_null(strstr(out, "duckdb_library_version"));
}

static void books(void **state)
{
    (void)state;
    if (!has_duckdb)
        td_skip("query finds no library of DuckDB");
    assert_int_equal(QUERY("--csv",
                           "SELECT symbol, count(*) n, min(ts) FROM snapshots GROUP BY ALL "
                           "ORDER BY ALL"),
                     0);
    assert_string_equal(out, "symbol,n,min(ts)\nIBM,3,2025-11-21 14:30:00+00\n"
                             "SPY,3,2025-11-21 14:30:00+00\n");
    assert_int_equal(QUERY("--csv", "SELECT side, level, price, sum(size) FROM levels WHERE "
                                    "symbol = 'SPY' GROUP BY ALL ORDER BY ALL"),
                     0);
    assert_string_equal(
        out, "side,level,price,sum(size)\nask,0,101.0,18\nbid,0,100.0,33\nbid,1,99.0,63\n");
}

static void bars_of_both_forms(void **state)
{
    (void)state;
    if (!has_duckdb)
        td_skip("query finds no library of DuckDB");
    assert_int_equal(QUERY("--csv", "SELECT * EXCLUDE (file) FROM bars ORDER BY ALL"), 0);
    assert_string_equal(out,
                        "symbol,bar_size,day,ts,open,high,low,close,volume,wap,count\n"
                        "O'X,1 hour,2025-11-21,2025-11-21 09:30:00,1.0,4.0,1.0,2.0,10.0,,\n"
                        "O'X,1 hour,2025-11-21,2025-11-21 09:31:00,2.0,5.0,2.0,3.0,20.0,2.0,7\n"
                        "SPY,1 min,2025-11-21,2025-11-21 09:30:00,1.0,4.0,1.0,2.0,10.0,nan,-1\n"
                        "SPY,1 min,2025-11-21,2025-11-21 09:31:00,2.0,5.0,2.0,3.0,20.0,2.0,7\n");
}

static void orders(void **state)
{
    (void)state;
    if (!has_duckdb)
        td_skip("query finds no library of DuckDB");
    assert_int_equal(QUERY("FROM orders"), 2);
    assert_non_null(strstr(out, "orders.db is not there"));
    assert_int_equal(QUERY("SELECT count(*) AS orders FROM range(3)"), 0);
    write_orders();
    assert_int_equal(QUERY("--json",
                           "SELECT id, symbol, quantity, limit_price FROM orders ORDER BY "
                           "id"),
                     0);
    cJSON *rows = cJSON_Parse(out);
    assert_int_equal(cJSON_GetArraySize(rows), 2);
    const cJSON *second = cJSON_GetArrayItem(rows, 1);
    assert_string_equal(cJSON_GetObjectItem(second, "symbol")->valuestring, "ES");
    assert_true(cJSON_GetObjectItem(second, "quantity")->valuedouble == 1.5);
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(second, "limit_price")));
    cJSON_Delete(rows);
}

static void forms(void **state)
{
    (void)state;
    if (!has_duckdb)
        td_skip("query finds no library of DuckDB");
    static const char all[] = "SELECT 'NaN'::DOUBLE d, [1.5, '-inf'::FLOAT] l, 'a NaN \"b' t, NULL "
                              "n, 'x,y' AS \"c\xc3\xa9\" -- end";
    assert_int_equal(QUERY("--json", all), 0);
    assert_string_equal(out, "[\n {\"d\":null,\"l\":[1.5,null],\"t\":\"a NaN \\\"b\",\"n\":null,"
                             "\"c\xc3\xa9\":\"x,y\"}\n]\n");
    assert_int_equal(QUERY("--csv", all), 0);
    assert_string_equal(out, "d,l,t,n,c\xc3\xa9\nnan,\"[1.5, -inf]\",\"a NaN \"\"b\",,\"x,y\"\n");
    assert_int_equal(
        QUERY("SELECT 'caf\xc3\xa9' AS a, 1 AS b UNION ALL SELECT 'x', 22 ORDER BY b;"), 0);
    assert_string_equal(out, "a     b\ncaf\xc3\xa9  1\nx     22\n");
    assert_int_equal(QUERY("--json", "SELECT 1 WHERE false"), 0);
    assert_string_equal(out, "[]\n");
    assert_int_equal(QUERY("--csv", "-n", "2", "SELECT range AS r FROM range(5000000)"), 0);
    assert_string_equal(out, "r\n0\n1\n");
    assert_int_equal(QUERY("--csv", "SELECT sum(r) FROM (SELECT range AS r FROM range(5000))"), 0);
    assert_string_equal(out, "sum(r)\n12497500\n");
}

/* More rows than decide the widths, and than a chunk of the library has. */
static void long_tables(void **state)
{
    (void)state;
    size_t lines = 0;
    if (!has_duckdb)
        td_skip("query finds no library of DuckDB");
    assert_int_equal(QUERY("SELECT range AS r, repeat('x', 70) AS t, 1 AS e FROM range(5000)"), 0);
    for (const char *p = out; (p = strchr(p, '\n')) != NULL; p++)
        lines++;
    assert_int_equal(lines, 5001);
    assert_non_null(strstr(out, "\n4999 xxx"));
}

static void it_only_reads(void **state)
{
    (void)state;
    static const struct {
        const char *sql;
        int status;
        const char *text;
    } rows[] = {{"CREATE TABLE x (a INT)", 1, "only reads"},
                {"COPY (SELECT 1) TO 'stolen.csv'", 1, "only reads"},
                {"ATTACH 'new.db'", 1, "only reads"},
                {"SET memory_limit = '100GB'", 1, "only reads"},
                {"INSTALL httpfs", 1, "only reads"},
                {"SELECT 1; SELECT 2", 1, "one statement"},
                {"SELECT 1) AS q; DROP VIEW bars; SELECT (1", 2, "rror"},
                {"", 2, ""},
                {"SELEC", 2, "syntax error"},
                {"FROM 'https://localhost:1/x.parquet'", 2, "httpfs"},
                {"SELECT * FROM missing", 2, "does not exist"}};
    if (!has_duckdb)
        td_skip("query finds no library of DuckDB");
    for (size_t i = 0; i < TD_COUNT(rows); i++) {
        assert_int_equal(QUERY(rows[i].sql), rows[i].status);
        assert_non_null(strstr(out, rows[i].text));
    }
    assert_int_equal(td_entry_at(&world, "stolen.csv"), TD_ENTRY_NONE);
    assert_int_equal(td_entry_at(&world, "new.db"), TD_ENTRY_NONE);
    assert_int_equal(QUERY("--json", "--csv", "SELECT 1"), 2);
    assert_int_equal(QUERY("one", "two"), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_the_library),
        cmocka_unit_test(books),
        cmocka_unit_test(bars_of_both_forms),
        cmocka_unit_test(orders),
        cmocka_unit_test(forms),
        cmocka_unit_test(long_tables),
        cmocka_unit_test(it_only_reads),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
