/* tests/desk/pipeline_test.c - gaps, requests, formulas and files of `tapedeck run`, with known answers. */
#include "support/support.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "desk/held.h"
#include "desk/pipeline.h"
#include "desk/zone.h"
#include "sys/uvworld.h"

static struct td_world world;
static struct td_tz new_york;

static int open_world(void **state)
{
    (void)state;
    if (td_uvworld_open(&world, false, NULL) != TD_OK)
        return -1;
    return td_zone_load(&world, TD_ZONE_NEW_YORK, &new_york, NULL) == TD_OK ? 0 : -1;
}

static int close_world(void **state)
{
    (void)state;
    td_uvworld_close(&world);
    return 0;
}

static td_ns at(const char *iso)
{
    td_ns out = 0;
    TD_OK_OR_FAIL(td_iso_parse(iso, strlen(iso), &out));
    return out;
}

static void near(double got, double wanted)
{
    assert_true(fabs(got - wanted) < 1e-9);
}

/* --- analysis --- */

static void analysis_has_known_answers(void **state)
{
    (void)state;
    /* returns +10 %, -10 %, +20 %: mean 6.667 %, deviation (n - 1) 15.2753 % */
    const td_px closes[] = {{100 * TD_E9}, {110 * TD_E9}, {99 * TD_E9}, {118 * TD_E9 + 800000000}};
    struct td_analysis a;
    TD_OK_OR_FAIL(td_analyse(closes, 4, &a));
    assert_int_equal(a.points, 4);
    assert_true(a.latest.e9 == closes[3].e9);
    near(a.mean, 106.95);
    near(a.change, 18.8);
    near(a.volatility, 15.275252316519468);
    assert_string_equal(a.signal, "STRONG BUY");
    TD_OK_OR_FAIL(td_analyse(closes, 2, &a));
    assert_true(isnan(a.volatility)); /* one return has no deviation */
    TD_OK_OR_FAIL(td_analyse(closes, 1, &a));
    near(a.change, 0);
    assert_string_equal(a.signal, "SELL"); /* neither above nor far below the mean */
    assert_int_equal(td_analyse(closes, 0, &a), TD_ENODATA);
}

static void signals_change_at_the_stated_bounds(void **state)
{
    (void)state;
    assert_string_equal(td_signal_word(102.1, 100), "STRONG BUY");
    assert_string_equal(td_signal_word(102, 100), "BUY");
    assert_string_equal(td_signal_word(100.1, 100), "BUY");
    assert_string_equal(td_signal_word(100, 100), "SELL");
    assert_string_equal(td_signal_word(98, 100), "SELL");
    assert_string_equal(td_signal_word(97.9, 100), "STRONG SELL");
}

/* --- words --- */

static void bar_sizes_and_durations_are_read(void **state)
{
    (void)state;
    struct td_duration d;
    assert_string_equal(td_bar_size_find(td_str_of("1 min"))->words, "1 min");
    assert_string_equal(td_bar_size_find(td_str_of("1 sec"))->words, "1 secs");
    assert_string_equal(td_bar_size_find(td_str_of(" 5 min "))->words, "5 mins");
    assert_null(td_bar_size_find(td_str_of("7 mins")));
    assert_null(td_bar_size_find(td_str_of("")));
    TD_OK_OR_FAIL(td_duration_parse(td_str_of("3600 S"), &d));
    assert_int_equal(d.count, 3600);
    assert_int_equal(d.unit, 'S');
    static const char *const bad[] = {"", "D", "1", "0 D", "-1 D", "1 X", "1 D D", "1D", "10000 D"};
    for (size_t i = 0; i < TD_COUNT(bad); i++)
        assert_int_equal(td_duration_parse(td_str_of(bad[i]), &d), TD_EPARSE);
}

static void windows_become_requests(void **state)
{
    (void)state;
    char buf[64];
    struct td_text t;
    const struct td_window hour = {at("2026-11-20T15:00:00Z"), at("2026-11-20T16:00:00.5Z")};
    const struct td_window days = {at("2026-11-18T15:00:00Z"), at("2026-11-20T16:00:00Z")};
    td_text_init(&t, buf, sizeof buf);
    td_window_words(hour, td_bar_size_find(td_str_of("1 min")), &t);
    assert_string_equal(buf, "3601 S");
    td_text_reset(&t);
    td_window_words(days, td_bar_size_find(td_str_of("1 min")), &t);
    assert_string_equal(buf, "3 D");
    td_text_reset(&t);
    td_window_words(hour, td_bar_size_find(td_str_of("1 day")), &t);
    assert_string_equal(buf, "1 D");
    td_text_reset(&t);
    td_request_time(hour.from, &t);
    assert_string_equal(buf, "20261120-15:00:00");
}

static void durations_begin_at_local_midnight(void **state)
{
    (void)state;
    const td_ns now = at("2026-11-20T15:00:00Z"); /* 10:00 in New York */
    const struct td_duration one = {1, 'D'}, three = {3, 'D'}, week = {1, 'W'}, hour = {3600, 'S'};
    assert_true(td_duration_start(&one, &new_york, now) == at("2026-11-20T05:00:00Z"));
    assert_true(td_duration_start(&three, &new_york, now) == at("2026-11-18T05:00:00Z"));
    const td_ns sunday = at("2026-11-22T15:00:00Z");
    assert_true(td_duration_start(&one, &new_york, sunday) == at("2026-11-20T05:00:00Z"));
    const td_ns monday = at("2026-11-23T15:00:00Z");
    assert_true(td_duration_start(&three, &new_york, monday) == at("2026-11-19T05:00:00Z"));
    assert_true(td_duration_start(&week, &new_york, now) == at("2026-11-13T05:00:00Z"));
    assert_true(td_duration_start(&hour, &new_york, now) == at("2026-11-20T14:00:00Z"));
}

/* --- gaps --- */

static size_t missing(struct td_window want, struct td_window *held, size_t n,
                      struct td_window *out)
{
    return td_windows_missing(want, held, n, 60, out, 8);
}

static void gaps_are_what_nobody_holds(void **state)
{
    (void)state;
    const struct td_window want = {1000, 2000};
    struct td_window out[8];
    assert_int_equal(missing(want, NULL, 0, out), 1);
    assert_true(out[0].from == 1000 && out[0].to == 2000);
    /* unordered, overlapping, one before and one past the wanted window */
    struct td_window held[] = {{1500, 1700}, {900, 1100}, {1600, 1800}, {1990, 2500}, {10, 20}};
    assert_int_equal(missing(want, held, TD_COUNT(held), out), 2);
    assert_true(out[0].from == 1100 && out[0].to == 1500);
    assert_true(out[1].from == 1800 && out[1].to == 1990);
    struct td_window all[] = {{0, 5000}};
    assert_int_equal(missing(want, all, 1, out), 0);
    struct td_window almost[] = {{1000, 1941}}; /* less than a bar is no gap */
    assert_int_equal(missing(want, almost, 1, out), 0);
    struct td_window past[] = {{3000, 4000}};
    assert_int_equal(missing(want, past, 1, out), 1);
    assert_true(out[0].to == 2000);
    /* with no room the last window takes the rest: nothing is forgotten */
    struct td_window holes[] = {{1100, 1200}, {1300, 1400}, {1500, 1600}};
    assert_int_equal(td_windows_missing(want, holes, 3, 60, out, 2), 2);
    assert_true(out[1].from == 1200 && out[1].to == 2000);
}

static void long_windows_are_cut(void **state)
{
    (void)state;
    const struct td_window in[] = {{0, 250}, {300, 400}};
    struct td_window out[4];
    assert_int_equal(td_windows_cut(in, 2, 100, out, 4), 4);
    assert_true(out[2].from == 200 && out[2].to == 250);
    assert_true(out[3].from == 300 && out[3].to == 400);
    assert_int_equal(td_windows_cut(in, 2, 100, out, 3), 0);
}

/* --- rows --- */

static void add(struct td_bar_rows *rows, const char *local, int close)
{
    const struct td_bar_row row = {.local_ns = at(local),
                                   .bar = {.open = TD_PX(close),
                                           .high = TD_PX(close),
                                           .low = TD_PX(close),
                                           .close = TD_PX(close),
                                           .volume = TD_QTY(100),
                                           .wap = TD_PX_NONE,
                                           .span = TD_MIN,
                                           .count = -1}};
    TD_OK_OR_FAIL(td_bar_rows_add(rows, &row));
}

static void the_later_of_two_equal_bars_stays(void **state)
{
    (void)state;
    struct td_bar_rows rows = {0};
    add(&rows, "2026-11-20T10:01:00Z", 1);
    add(&rows, "2026-11-20T10:02:00Z", 2);
    add(&rows, "2026-11-20T10:02:00Z", 22);
    add(&rows, "2026-11-20T10:00:00Z", 3);
    add(&rows, "2026-11-20T10:01:00Z", 11);
    td_bar_rows_settle(&rows);
    assert_int_equal(rows.count, 3);
    assert_true(rows.rows[0].bar.close.e9 == 3 * TD_E9);
    assert_true(rows.rows[1].bar.close.e9 == 11 * TD_E9);
    assert_true(rows.rows[2].bar.close.e9 == 22 * TD_E9);
    td_bar_rows_free(&rows);
    td_bar_rows_free(&rows);
}

static void clipping_keeps_what_is_wanted(void **state)
{
    (void)state;
    struct td_bar_rows rows = {0};
    add(&rows, "2026-11-13T15:59:00Z", 1);
    add(&rows, "2026-11-20T09:30:00Z", 2);
    add(&rows, "2026-11-20T09:31:00Z", 3);
    add(&rows, "2026-11-20T09:32:00Z", 4);
    td_pipeline_clip(&rows, at("2026-11-20T09:30:00Z"), at("2026-11-20T09:32:00Z"));
    assert_int_equal(rows.count, 2);
    assert_true(rows.rows[1].bar.close.e9 == 3 * TD_E9);
    td_bar_rows_free(&rows);
}

/* --- files of earlier runs --- */

static void names_follow_the_contract(void **state)
{
    (void)state;
    char buf[128];
    struct td_text t;
    td_text_init(&t, buf, sizeof buf);
    td_held_name(&t, "AAPL", "1 D", "1 min", "20261120_103000");
    assert_string_equal(buf, "AAPL_1_D_1_min_20261120_103000");
}

static void save_csv(const char *folder, const char *name, const char *const *times, size_t count)
{
    char path[600];
    struct td_bar_rows rows = {0};
    for (size_t i = 0; i < count; i++)
        add(&rows, times[i], 10 + (int)i);
    (void)snprintf(path, sizeof path, "%s/%s.csv", folder, name);
    TD_OK_OR_FAIL(td_bars_write_csv(&world, path, rows.rows, rows.count, NULL));
    td_bar_rows_free(&rows);
}

static void earlier_files_are_read_back(void **state)
{
    (void)state;
    const char *folder = td_test_folder("held");
    static const char *const day[] = {"2026-11-20T09:30:00Z", "2026-11-20T09:31:00Z",
                                      "2026-11-20T09:32:00Z"};
    save_csv(folder, "AAPL_1_D_1_min_20261120_093230", day, 3);
    save_csv(folder, "AAPL_120_S_1_min_20261120_093231", day + 1, 2);
    save_csv(folder, "AAPL_1_D_5_mins_20261120_093230", day, 3); /* another bar size   */
    save_csv(folder, "AAPLX_1_D_1_min_20261120_093230", day, 3); /* another symbol     */
    save_csv(folder, "AAPL_1_D_1_min_20261120", day, 3);         /* no stamp           */
    char bad[600];
    (void)snprintf(bad, sizeof bad, "%s/AAPL_1_D_1_min_20261120_093233.csv", folder);
    TD_OK_OR_FAIL(
        td_file_replace(&world, bad, td_str_of("head\n2026-11-20 09:40:00,1,1,1\n"), NULL));
    const struct td_held_query query = {.folder = folder,
                                        .symbol = "AAPL",
                                        .size = td_bar_size_find(td_str_of("1 min")),
                                        .zone = &new_york};
    struct td_bar_rows rows = {0};
    struct td_window windows[8];
    size_t count = 0;
    TD_OK_OR_FAIL(td_held_load(&world, &query, &rows, windows, 8, &count, NULL));
    assert_int_equal(count, 2);
    assert_int_equal(rows.count, 5);
    /* in order of names: "120_S" from its first bar, "1_D" from midnight; both up to the last bar */
    assert_true(windows[0].from == at("2026-11-20T14:31:00Z"));
    assert_true(windows[1].from == at("2026-11-20T05:00:00Z"));
    assert_true(windows[1].to == at("2026-11-20T14:32:00Z"));
    assert_true(rows.rows[4].bar.close.e9 == 12 * TD_E9);
    assert_true(td_px_is_none(rows.rows[4].bar.wap));
    td_bar_rows_free(&rows);
}

static void a_damaged_line_is_refused(void **state)
{
    (void)state;
    struct td_bar_row row;
    TD_OK_OR_FAIL(
        td_held_parse(td_str_of("2026-11-20 09:30:00,1.5,2,1,1.75,100,,-1"), TD_MIN, &row));
    assert_true(row.bar.close.e9 == 1750000000);
    static const char *const bad[] = {"2026-11-20 09:30:00,1,2,1,1,100,",
                                      "2026-11-20 09:30:00,1,2,1,0,100,,-1",
                                      "x,1,2,1,1,100,,-1",
                                      "2026-11-20 09:30:00,1,2,1,1,100,,-1,9",
                                      "2026-11-20 09:30:00,1,2,1,1,x,,-1",
                                      "2026-11-20 09:30:00,1,2,1,1,100,,-2"};
    for (size_t i = 0; i < TD_COUNT(bad); i++)
        assert_int_equal(td_held_parse(td_str_of(bad[i]), TD_MIN, &row), TD_EPARSE);
}

/* --- summary --- */

static void the_summary_names_everything(void **state)
{
    (void)state;
    static struct td_pipeline_result r;
    static const char *const symbols[] = {"AAPL", "NONE"};
    const struct td_plan plan = {.live = false};
    const struct td_pipeline_config config = {.plan = &plan,
                                              .symbols = symbols,
                                              .symbol_count = 2,
                                              .duration = "1 D",
                                              .size = td_bar_size_find(td_str_of("1 min"))};
    const td_px closes[] = {{100 * TD_E9}, {110 * TD_E9}};
    char buf[2048];
    struct td_text t;
    r.count = 2;
    r.succeeded = 1;
    (void)td_str_copy(td_str_of("2026-11-20 10:30:00 New York"), r.when, sizeof r.when);
    (void)td_str_copy(td_str_of("AAPL"), r.lines[0].symbol, TD_SYMBOL_CHARS);
    (void)td_str_copy(td_str_of("NONE"), r.lines[1].symbol, TD_SYMBOL_CHARS);
    (void)td_str_copy(td_str_of("no such contract"), r.lines[1].failure, 100);
    r.lines[1].err = TD_ENOENT;
    TD_OK_OR_FAIL(td_analyse(closes, 2, &r.lines[0].analysis));
    td_text_init(&t, buf, sizeof buf);
    td_pipeline_summary(&config, &r, &t);
    static const char *const wanted[] = {"Timestamp: 2026-11-20 10:30:00 New York\n",
                                         "Symbols: AAPL, NONE\n",
                                         "Duration: 1 D\n",
                                         "Bar size: 1 min\n",
                                         "Mode: paper\n",
                                         "Success rate: 1/2 (50.0%)\n",
                                         "Latest: 110\n",
                                         "Average: 105.0000\n",
                                         "Change: +10.00%\n",
                                         "Volatility: not known",
                                         "Data points: 2\n",
                                         "Failed: no such contract\n"};
    for (size_t i = 0; i < TD_COUNT(wanted); i++)
        assert_non_null(strstr(buf, wanted[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(analysis_has_known_answers),
        cmocka_unit_test(signals_change_at_the_stated_bounds),
        cmocka_unit_test(bar_sizes_and_durations_are_read),
        cmocka_unit_test(windows_become_requests),
        cmocka_unit_test(durations_begin_at_local_midnight),
        cmocka_unit_test(gaps_are_what_nobody_holds),
        cmocka_unit_test(long_windows_are_cut),
        cmocka_unit_test(the_later_of_two_equal_bars_stays),
        cmocka_unit_test(clipping_keeps_what_is_wanted),
        cmocka_unit_test(names_follow_the_contract),
        cmocka_unit_test(earlier_files_are_read_back),
        cmocka_unit_test(a_damaged_line_is_refused),
        cmocka_unit_test(the_summary_names_everything),
    };
    return cmocka_run_group_tests_name("pipeline", tests, open_world, close_world);
}
