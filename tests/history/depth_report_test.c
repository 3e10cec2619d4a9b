/* tests/history/depth_report_test.c - numbers worked by hand, and input that is wrong: named, or counted, never a figure. */
#include "history/depth_report.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "market/book.h"
#include "support/depth_make.h"
#include "sys/uvworld.h"

#define DAY  "2025-11-21"
#define NEAR 1e-9

static struct td_world world;
static const char *folder;
static char symbol[16];
static int symbols;
static struct td_depth_report r;
static struct td_fail why;
static char text[1 << 20];

static int set_up(void **state)
{
    (void)state;
    folder = td_test_folder("depth-report");
    return td_uvworld_open(&world, false, NULL) == TD_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    td_uvworld_close(&world);
    return 0;
}

/* A symbol of its own for each test. */
static int begin(void **state)
{
    (void)state;
    char path[600];
    (void)snprintf(symbol, sizeof symbol, "S%d", symbols++);
    (void)snprintf(path, sizeof path, "%s/%s", folder, symbol);
    return td_folder_make(&world, path) == TD_OK ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    td_depth_report_fini(&r);
    return 0;
}

static const char *path_of(const char *name)
{
    static char path[600];
    (void)snprintf(path, sizeof path, "%s/%s/%s_%s", folder, symbol, DAY, name);
    return path;
}

static void put(const char *name, const char *bytes, size_t len)
{
    TD_OK_OR_FAIL(td_file_replace(&world, path_of(name), (struct td_str){bytes, len}, NULL));
}

static enum td_err make(void)
{
    const struct td_depth_ask ask = {folder, symbol, DAY};
    td_depth_report_fini(&r);
    why = (struct td_fail){0};
    return td_depth_report_make(&r, &world, &ask, &why);
}

static cJSON *as_json(void)
{
    struct td_text t;
    struct td_json j;
    td_text_init(&t, text, sizeof text);
    td_json_init(&j, &t, true);
    td_depth_report_json(&r, &j);
    assert_false(td_text_full(&t));
    cJSON *root = cJSON_Parse(text);
    assert_non_null(root);
    return root;
}

/* "a.b.c" or "a.b[2].c". */
static const cJSON *at(const cJSON *root, const char *path)
{
    char part[64];
    while (*path && root) {
        size_t n = strcspn(path, ".[");
        if (*path == '[') {
            root = cJSON_GetArrayItem(root, (int)strtol(path + 1, NULL, 10));
            path += strcspn(path, "]") + 1;
        } else {
            (void)snprintf(part, sizeof part, "%.*s", (int)n, path);
            root = cJSON_GetObjectItemCaseSensitive(root, part);
            path += n;
        }
        path += *path == '.';
    }
    return root;
}

static void is_number(const cJSON *root, const char *path, double want)
{
    const cJSON *v = at(root, path);
    if (!cJSON_IsNumber(v) || fabs(v->valuedouble - want) > NEAR * (1 + fabs(want)))
        fail_msg("%s is %.17g, not %.17g", path, v ? v->valuedouble : (double)NAN, want);
}

#define BID                                                                                        \
    {100.00, 99.99},                                                                               \
    {                                                                                              \
        10, 20                                                                                     \
    }
#define ASK                                                                                        \
    {100.02, 100.03},                                                                              \
    {                                                                                              \
        30, 40                                                                                     \
    }

static const struct depth_make_row day[] = {
    {0, BID, ASK, 0},
    {100, {100.01, 100.00}, {5, 10}, ASK, 0},
    {200, {100.01, 100.00}, {5, 10}, {100.04, 100.05}, {8, 9}, 0},
    {300, {100.01, 100.00}, {5, 10}, ASK, 0},
    {400, BID, {0, 0}, {0, 0}, 0},            /* no asks */
    {500, {100.05, 99.99}, {10, 20}, ASK, 0}, /* crossed */
    {600, {100.02, 99.99}, {10, 20}, ASK, 0}, /* locked */
    {700, BID, ASK, TD_Q_GAP},                /* not to be believed */
    {800, BID, ASK, 0},
    {6900, BID, {100.03, 100.02}, {40, 30}, TD_Q_DISORDER}, /* after a gap; asks out of order */
};

/* Six books in three segments: 0 to 300 ms, 800, 6900. */
static void worked_by_hand(void **state)
{
    (void)state;
    depth_make_snapshots(&world, path_of("snapshots_093000.parquet"), day, TD_COUNT(day), 4);
    TD_OK_OR_FAIL(make());
    cJSON *j = as_json();
    is_number(j, "data_summary.total_snapshots", 10);
    is_number(j, "data_summary.duration_minutes", 6.9 / 60);
    assert_string_equal(at(j, "data_summary.time_range.end")->valuestring,
                        "2025-11-21T14:30:06.900000+00:00");
    is_number(j, "quality.used", 6);
    is_number(j, "quality.segments", 3);
    is_number(j, "quality.left_out_empty_side", 1);
    is_number(j, "quality.left_out_crossed", 1);
    is_number(j, "quality.left_out_locked", 1);
    is_number(j, "quality.left_out_flag_gap", 1);
    is_number(j, "quality.rows_out_of_price_order", 1);
    is_number(j, "quality.gaps.count", 1);
    is_number(j, "quality.gaps.total_seconds", 6.1);
    is_number(j, "spread.min", 0.01);
    is_number(j, "spread.median", 0.02);
    is_number(j, "spread.p95", 0.03);
    is_number(j, "spread.mean", 0.11 / 6);
    is_number(j, "spread.time_weighted_mean", 0.02); /* .02, .01, .03, 100 ms each */
    is_number(j, "order_flow_stats.avg_bid_volume", (30 * 3 + 15 * 3) / 6.0);
    is_number(j, "order_flow_stats.avg_ask_volume", (70 * 5 + 17) / 6.0);
    is_number(j, "order_flow_stats.avg_volume_imbalance",
              (-0.4 * 3 - 55 / 85.0 * 2 - 2 / 32.0) / 6);
    is_number(j, "order_flow_imbalance.pairs", 3);
    is_number(j, "order_flow_imbalance.sum", 5 + 30 - 30);
    is_number(j, "order_flow_imbalance.levels[0].mean_absolute", 65 / 3.0);
    is_number(j, "order_flow_imbalance.levels[1].sum", 10 + 40 - 40);
    is_number(j, "resiliency.spread.episodes", 1);
    is_number(j, "resiliency.spread.recovered", 1);
    is_number(j, "resiliency.spread.median_seconds", 0.1);
    is_number(j, "resiliency.depth.episodes", 2); /* bids at 100 ms, asks at 200 */
    is_number(j, "resiliency.depth.recovered", 1);
    is_number(j, "resiliency.depth.cut_by_a_gap", 1);
    is_number(j, "imbalance_persistence.ask_heavy_share_of_time", 1);
    is_number(j, "imbalance_persistence.autocorrelation[0].pairs", 3); /* none over a gap */
    is_number(j, "imbalance_persistence.runs_of_one_sign.cut_by_a_gap", 3);
    is_number(j, "volume_profile.resting.bucket", 0.01);
    is_number(j, "volume_profile.resting.point_of_control", 100.03);
    is_number(j, "volume_profile.resting.levels[0].bid_size", 20 * 3 / 6.0);
    is_number(j, "volume_profile.resting.ask_total", (70 * 5 + 17) / 6.0);
    assert_true(cJSON_IsNull(at(j, "volume_profile.traded")));
    assert_null(at(j, "spoofing_analysis"));
    assert_non_null(cJSON_GetObjectItem(at(j, "unavailable"), "spoofing_analysis"));
    assert_non_null(cJSON_GetObjectItem(at(j, "unavailable"), "volume_profile.traded"));
    assert_null(strstr(text, "nan"));
    cJSON_Delete(j);
}

/* The same rows in any order and in any number of files give the same figures. */
static void order_and_files_do_not_matter(void **state)
{
    (void)state;
    struct depth_make_row turned[TD_COUNT(day)], even[5], odd[5];
    const size_t n = TD_COUNT(day);
    for (size_t i = 0; i < n; i++) {
        turned[i] = day[n - 1 - i];
        (i % 2 ? odd : even)[i / 2] = day[i];
    }
    depth_make_snapshots(&world, path_of("snapshots_093000.parquet"), turned, n, 64);
    TD_OK_OR_FAIL(make());
    assert_int_equal(r.facts[0].disordered, n - 1);
    const double flow = r.books.flow_sum[0], mean = td_moments_mean(&r.books.spread);
    assert_true(flow == 5 && r.books.quality.used == 6);
    depth_make_snapshots(&world, path_of("snapshots_093000.parquet"), even, 5, 2);
    depth_make_snapshots(&world, path_of("snapshots_093001.parquet"), odd, 5, 2);
    depth_make_snapshots(&world, path_of("snapshots_093002.parquet"), NULL, 0, 2);
    TD_OK_OR_FAIL(make());
    assert_int_equal(r.books.quality.rows, n);
    assert_true(r.books.flow_sum[0] == flow && td_moments_mean(&r.books.spread) == mean);
}

/* A mid that moves by ticks of equal sizes: a tick up is a flow of 200, so a unit is worth 0.01 / 200. Of the tens of
 * seconds the first was not entered from a book before it, and the last is not over. */
static void impact_of_flow(void **state)
{
    (void)state;
    static const int moves[] = {0, 1,  1, 0, 1, 1, 1, 0, -1, 1, 1, 0, 0, 1, -1, -1,
                                0, -1, 1, 1, 1, 1, 1, 1, 0,  1, 1, 0, 0, 0, 1,  1};
    struct depth_make_row rows[TD_COUNT(moves)];
    int tick = 0;
    for (size_t i = 0; i < TD_COUNT(moves); i++) {
        tick += moves[i];
        const double up = 0.01 * tick;
        rows[i] = (struct depth_make_row){.ms = 2000 * (int64_t)i,
                                          .bid = {100 + up, 99.99 + up},
                                          .bid_qty = {100, 100},
                                          .ask = {100.02 + up, 100.03 + up},
                                          .ask_qty = {100, 100}};
    }
    depth_make_snapshots(&world, path_of("snapshots_093000.parquet"), rows, TD_COUNT(rows), 64);
    TD_OK_OR_FAIL(make());
    assert_int_equal(r.books.gaps, 0);
    cJSON *j = as_json();
    is_number(j, "price_impact.intervals", 5);
    is_number(j, "price_impact.price_change_per_unit_of_ofi", 0.00005);
    is_number(j, "price_impact.r_squared", 1);
    is_number(j, "price_impact.mean_size_within_1_percent", 200);
    cJSON_Delete(j);
}

/* Back in time from one row group to the next: left out and counted; equal times: kept and counted. */
static void late_and_equal_times(void **state)
{
    (void)state;
    struct depth_make_row rows[6];
    static const int64_t ms[] = {0, 100, 50, 100, 200, 199};
    for (int i = 0; i < 6; i++) {
        rows[i] = day[0];
        rows[i].ms = ms[i];
    }
    depth_make_snapshots(&world, path_of("snapshots_093000.parquet"), rows, 6, 2);
    TD_OK_OR_FAIL(make());
    assert_int_equal(r.facts[0].late, 1);
    assert_int_equal(r.facts[0].disordered, 1);
    assert_int_equal(r.books.quality.rows, 5);
    assert_int_equal(r.books.quality.same_time, 1);
}

static void bad_numbers(void **state)
{
    (void)state;
    struct depth_make_row rows[5] = {day[0], day[0], day[0], day[0], day[0]};
    rows[1].bid[1] = (double)NAN;
    rows[2].ask_qty[0] = -5;
    rows[3].ask[0] = 1e300;
    rows[4].bid[0] = 0;
    for (int i = 0; i < 5; i++)
        rows[i].ms = i;
    depth_make_snapshots(&world, path_of("snapshots_093000.parquet"), rows, 5, 64);
    TD_OK_OR_FAIL(make());
    assert_int_equal(r.books.quality.bad, 3);
    assert_int_equal(r.books.quality.used, 2);
    assert_true(td_moments_mean(&r.books.spread) ==
                0.025); /* 0.02, and 0.03 without its best bid */
}

static void texts_are_json_lists_only(void **state)
{
    (void)state;
    static const char *const good[][5] = {
        {"2025-11-21T14:30:00+00:00", "[100, 99.99]", "[10,20]", "[100.02, null]", " [30, 0.0] "}};
    static const char *const bad[][5] = {
        {"2025-11-21T14:30:00+00:00", "[100]", "[10,20]", "[100.02]", "[30]"},
        {"2025-11-21T14:30:00+00:00", "[100,]", "[10,]", "[100.02]", "[30]"},
        {"2025-11-21T14:30:00+00:00", "__import__('os')", "[10]", "[100.02]", "[30]"},
        {"2025-11-21T14:30:00+00:00", "[1e]", "[10]", "[100.02]", "[30]"},
        {"2025-11-21T14:30:00+00:00", "", "[10]", "[100.02]", "[30]"},
        {"yesterday", "[100]", "[10]", "[100.02]", "[30]"},
        {"", "[100]", "[10]", "[100.02]", "[30]"},
    };
    depth_make_texts(&world, path_of("snapshots_093000.parquet"), good, 1);
    TD_OK_OR_FAIL(make());
    assert_true(td_moments_mean(&r.books.depth[TD_BID]) == 30);
    assert_true(td_moments_mean(&r.books.depth[TD_ASK]) == 30);
    for (size_t i = 0; i < TD_COUNT(bad); i++) {
        depth_make_texts(&world, path_of("snapshots_093000.parquet"), &bad[i], 1);
        assert_int_equal(make(), TD_EPARSE);
        assert_non_null(strstr(why.text, "snapshots_093000.parquet"));
        assert_non_null(strstr(why.text, "row 1"));
    }
}

/* A file cut anywhere is an error that names it, also between good ones. */
static void cut_files(void **state)
{
    (void)state;
    size_t len;
    depth_make_snapshots(&world, path_of("snapshots_093000.parquet"), day, TD_COUNT(day), 4);
    depth_make_snapshots(&world, path_of("snapshots_093100.parquet"), day, TD_COUNT(day), 4);
    char *bytes = td_test_slurp(path_of("snapshots_093000.parquet"), &len);
    for (size_t cut = 0; cut < len; cut += 1 + len / 40) {
        put("snapshots_093100.parquet", bytes, cut);
        assert_int_equal(make(), TD_EPARSE);
        assert_non_null(strstr(why.text, "snapshots_093100.parquet"));
    }
    for (size_t i = 4; i < len;
         i += 1 + len / 200) { /* a byte turned over: an error, or figures without a crash */
        char *changed = malloc(len);
        memcpy(changed, bytes, len);
        changed[i] = (char)~changed[i];
        put("snapshots_093100.parquet", changed, len);
        const enum td_err err = make();
        assert_true(err == TD_OK || why.text[0]);
        free(changed);
    }
    free(bytes);
}

static void nothing_there(void **state)
{
    (void)state;
    static const struct td_pq_column other[] = {
        {"close", TD_PQ_DOUBLE, TD_PQ_NONE, TD_PQ_AUTO, 0, true}};
    assert_int_equal(make(), TD_ENODATA);
    assert_non_null(strstr(why.text, symbol));
    assert_non_null(strstr(why.text, DAY "_snapshots_*.parquet"));
    assert_non_null(strstr(why.text, "Level2/"));
    depth_make_snapshots(&world, path_of("snapshots_093000.parquet"), NULL, 0, 4);
    assert_int_equal(make(), TD_ENODATA);
    const double price = 1;
    depth_make_file(&world, path_of("snapshots_093000.parquet"), other, 1,
                    &(struct td_pq_data){&price, NULL}, &(size_t){8}, 1, 4, NULL);
    assert_int_equal(make(), TD_ENODATA);
    assert_int_equal(r.files.files[0].kind, TD_DEPTH_OTHER);
    const struct td_depth_ask ask = {"no/such/folder", symbol, DAY};
    td_depth_report_fini(&r);
    assert_int_equal(td_depth_report_make(&r, &world, &ask, &why), TD_ENODATA);
}

static void live_before_backfill(void **state)
{
    (void)state;
    depth_make_snapshots(&world, path_of("book_databento.parquet"), day, 4, 4);
    TD_OK_OR_FAIL(make());
    assert_int_equal(r.source, TD_DEPTH_BOOK);
    assert_int_equal(r.books.quality.rows, 4);
    cJSON *j = as_json();
    assert_true(cJSON_IsNull(at(j, "quality.gaps")));
    cJSON_Delete(j);
    depth_make_snapshots(&world, path_of("snapshots_093000.parquet"), day, 2, 4);
    TD_OK_OR_FAIL(make());
    assert_int_equal(r.source, TD_DEPTH_LIVE);
    assert_int_equal(r.books.quality.rows, 2);
    assert_false(r.used[0]);
    assert_true(r.used[1]);
}

static void too_many_at_once(void **state)
{
    (void)state;
    for (int i = 0; i <= TD_DEPTH_OPEN_MAX; i++) {
        char name[64];
        (void)snprintf(name, sizeof name, "snapshots_09300%d.parquet", i);
        depth_make_snapshots(&world, path_of(name), day, TD_COUNT(day), 4);
    }
    assert_int_equal(make(), TD_EFULL);
    assert_non_null(strstr(why.text, "overlap"));
}

static void event_tables(void **state)
{
    (void)state;
    static const struct depth_make_event rows[] = {
        {0, "add", "B", 100, 5},   {1, "trade", "B", 100.02, 3}, {2, "trade", "S", 100, 4},
        {1, "trade", "U", 100, 2}, {3, "trade", "B", -1, 2},     {4, "trade", "B", 100, 0},
        {5, "fill", "B", 100, 9},  {6, "clear", "U", -1, 0},     {7, "X", "B", 1, 1},
    };
    depth_make_events(&world, path_of("snapshots_databento.parquet"), rows, TD_COUNT(rows), false);
    TD_OK_OR_FAIL(make());
    cJSON *j = as_json();
    assert_true(cJSON_IsNull(at(j, "source")));
    assert_true(cJSON_IsNull(at(j, "order_flow_stats.avg_spread_bps")));
    assert_true(cJSON_IsNull(at(j, "volume_profile.resting")));
    is_number(j, "events.total", 9);
    is_number(j, "events.unknown", 1);
    is_number(j, "events.out_of_order", 1);
    is_number(j, "events.trades.bought_volume", 3);
    is_number(j, "events.trades.sold_volume", 4);
    is_number(j, "events.trades.side_not_told_volume", 2);
    is_number(j, "events.trades.without_price_or_size", 2);
    is_number(j, "volume_profile.traded.point_of_control", 100);
    is_number(j, "volume_profile.traded.levels[0].bought", 1);
    is_number(j, "volume_profile.traded.levels[0].sold", 5);
    assert_null(at(j, "unavailable.events"));
    cJSON_Delete(j);
    static const struct depth_make_event old[] = {{0, "T", "U", 100, 5}, {1, "change", "U", 1, 1}};
    depth_make_events(&world, path_of("snapshots_databento.parquet"), old, 2, true);
    TD_OK_OR_FAIL(make());
    j = as_json();
    is_number(j, "events.trades.side_not_told", 1);
    assert_non_null(cJSON_GetObjectItem(at(j, "unavailable"), "events.trades.sold"));
    cJSON_Delete(j);
}

#define MESSAGE(ms, op, side, level, price, more)                                                  \
    "{\"timestamp\":\"2025-11-21T14:30:" ms "+00:00\",\"operation\":\"" op "\",\"side\":\"" side   \
    "\",\"level\":" level ",\"price\":" price ",\"size\":100,\"symbol\":\"A\"" more "}"

static void messages(void **state)
{
    (void)state;
    static const char all[] =
        "[" MESSAGE("00.0", "add", "bid", "0", "100.00", ",\"image\":true") "," MESSAGE(
            "01.0", "add", "bid", "0", "100.01",
            "") "," MESSAGE("02.5", "remove", "bid", "0", "0",
                            "") "," /* the row's price: the one of 01.0 */
        MESSAGE("03.0", "add", "ask", "0", "100.05", "") "," MESSAGE(
            "04.0", "?", "?", "0", "0", "") "," /* a gap: what waits is forgotten */
        MESSAGE("05.0", "remove", "ask", "0", "100.05",
                "") "," MESSAGE("06.0", "add", "bid", "1", "100.00",
                                "") "," MESSAGE("16.0", "remove", "bid", "1", "100.00",
                                                "") "," /* ten seconds */
                                                    "{\"operation\":\"add\",\"side\":\"bid\","
                                                    "\"level\":0,\"price\":1,\"size\":1}]";
    put("messages_093000.json", all, strlen(all));
    TD_OK_OR_FAIL(make());
    cJSON *j = as_json();
    is_number(j, "spoofing_analysis.total_events", 1);
    is_number(j, "spoofing_analysis.events[0].price", 100.01);
    is_number(j, "spoofing_analysis.events[0].duration_seconds", 1.5);
    assert_string_equal(at(j, "spoofing_analysis.events[0].type")->valuestring, "quick_removal");
    is_number(j, "spoofing_analysis.events_per_hour", 3600 / 16.0);
    is_number(j, "spoofing_analysis.odd_messages", 1);
    is_number(j, "spoofing_analysis.gaps_and_resets", 1);
    is_number(j, "data_summary.total_snapshots", 0);
    assert_true(cJSON_IsNull(at(j, "data_summary.time_range.start")));
    cJSON_Delete(j);
    put("messages_093000.json", all, strlen(all) - 20);
    assert_int_equal(make(), TD_EPARSE);
    assert_non_null(strstr(why.text, "messages_093000.json"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(worked_by_hand, begin, end),
        cmocka_unit_test_setup_teardown(impact_of_flow, begin, end),
        cmocka_unit_test_setup_teardown(order_and_files_do_not_matter, begin, end),
        cmocka_unit_test_setup_teardown(late_and_equal_times, begin, end),
        cmocka_unit_test_setup_teardown(bad_numbers, begin, end),
        cmocka_unit_test_setup_teardown(texts_are_json_lists_only, begin, end),
        cmocka_unit_test_setup_teardown(cut_files, begin, end),
        cmocka_unit_test_setup_teardown(nothing_there, begin, end),
        cmocka_unit_test_setup_teardown(live_before_backfill, begin, end),
        cmocka_unit_test_setup_teardown(too_many_at_once, begin, end),
        cmocka_unit_test_setup_teardown(event_tables, begin, end),
        cmocka_unit_test_setup_teardown(messages, begin, end),
    };
    return cmocka_run_group_tests_name("depth_report", tests, set_up, tear_down);
}
