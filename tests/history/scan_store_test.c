/* tests/history/scan_store_test.c - the scanner over stored data: files made here with values worked by hand, and LEAN's coarse
 * universe against a computation that shares nothing with the product: its own parser, its own numbers, every pair of lines. */
#include "history/scan_store.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "desk/zone.h"
#include "store/bars_file.h"
#include "support/support.h"
#include "sys/uvworld.h"

static struct td_world world;
static struct td_tz new_york;
static struct td_scan_store store;
static struct td_scan_table table;
static void *block;

static int set_up(void **state)
{
    (void)state;
    return td_uvworld_open(&world, false, NULL) == TD_OK &&
                   td_zone_load(&world, TD_ZONE_NEW_YORK, &new_york, NULL) == TD_OK
               ? 0
               : -1;
}

static int tear_down(void **state)
{
    (void)state;
    td_uvworld_close(&world);
    return 0;
}

static int forget(void **state)
{
    (void)state;
    td_scan_store_fini(&store);
    free(block);
    block = NULL;
    return 0;
}

static int64_t day_of(const char *text)
{
    int64_t day;
    TD_OK_OR_FAIL(td_date_parse(text, strlen(text), &day));
    return day;
}

static enum td_err load(const char *lean, const char *base, const char *day, int32_t minute,
                        int32_t adv_days)
{
    const struct td_scan_store_config c = {.lean = lean,
                                           .base = base,
                                           .downloads = "IBDownloads",
                                           .day = day_of(day),
                                           .minute = minute,
                                           .adv_days = adv_days,
                                           .new_york = &new_york};
    struct td_fail why = {0};
    td_scan_store_fini(&store);
    return td_scan_store_load(&world, &c, &store, &why);
}

static void scan(const struct td_scan_config *config)
{
    struct td_arena arena;
    free(block);
    block = malloc(td_scan_bytes(store.count));
    assert_non_null(block);
    td_arena_init(&arena, block, td_scan_bytes(store.count));
    TD_OK_OR_FAIL(td_scan_run(config, store.facts, store.count, &arena, &table));
}

static const struct td_scan_facts *facts_of(const char *symbol)
{
    for (uint32_t i = 0; i < store.count; i++)
        if (strcmp(store.facts[i].symbol, symbol) == 0)
            return &store.facts[i];
    fail_msg("%s is not there", symbol);
    return NULL;
}

static bool near(int64_t e9, double value)
{
    return e9 != TD_E9_NONE && fabs(td_e9_to_double(e9) - value) < 1e-6 * fmax(1, fabs(value));
}

static bool lacks(const struct td_scan_facts *f, enum td_scan_lack what)
{
    return f->lacks >> what & 1;
}

/* ---- a universe made here ---- */

static char folder[500];

static void put_coarse(const char *date, const char *text)
{
    char path[700];
    (void)snprintf(path, sizeof path, "%s/equity/usa/fundamental/coarse", folder);
    TD_OK_OR_FAIL(td_folder_make(&world, path));
    (void)snprintf(path, sizeof path, "%s/equity/usa/fundamental/coarse/%s.csv", folder, date);
    TD_OK_OR_FAIL(td_file_replace(&world, path, td_str_of(text), NULL));
}

/* Wednesday to Friday. FLY rises from 10 to 12; SPLIT is cut 1 for 4 on Friday; two stocks are called TWIN; OLD is called NEW. */
static void make_universe(void)
{
    (void)snprintf(folder, sizeof folder, "%s", td_test_folder("scan-store"));
    put_coarse("20140326", "F 1,FLY,9,1000,9000,True,1,1\nS 1,SPLIT,5,400,2000,True,1,4\n"
                           "T 1,TWIN,2,10,20,True,1,1\nT 2,TWIN,20,100,2000,True,1,1\n");
    put_coarse(
        "20140327",
        "F 1,FLY,10,3000,30000,True,1,1\nS 1,SPLIT,5,800,4000,True,1,4\n"
        "T 1,TWIN,2,30,60,True,1,1\nT 2,TWIN,20,300,6000,True,1,1\nO 1,OLD,7,50,350,False,1,1\n");
    put_coarse(
        "20140328",
        "F 1,FLY,12,8000,96000,True,1,1\nS 1,SPLIT,21,300,6300,True,1,1\n"
        "T 1,TWIN,3,80,240,True,1,1\nT 2,TWIN,21,400,8400,True,1,1\nO 1,NEW,8,60,480,False,1,1\n");
}

static void a_close_against_the_one_before(void **state)
{
    (void)state;
    make_universe();
    TD_OK_OR_FAIL(load(folder, NULL, "2014-03-28", INT32_MAX, 2));
    assert_int_equal(store.minute, 960);
    assert_int_equal(store.count, 5);
    assert_int_equal(store.coarse, 5);
    assert_int_equal(store.coarse_days, 2);
    const struct td_scan_facts *f = facts_of("FLY");
    assert_true(f->last.e9 == TD_PX(12).e9 && f->previous_close.e9 == TD_PX(10).e9);
    assert_true(f->volume.e9 == TD_QTY(8000).e9 && f->adv.e9 == TD_QTY(2000).e9);
    assert_true(td_px_is_none(f->open) && lacks(f, TD_SCAN_LACK_NO_OPEN));
    f = facts_of("SPLIT"); /* 5 before is 20 now; 400 and 800 shares are 100 and 200 */
    assert_true(f->previous_close.e9 == TD_PX(20).e9 && f->adv.e9 == TD_QTY(150).e9);
    f = facts_of("NEW"); /* the id stays; one of two days is there */
    assert_true(f->previous_close.e9 == TD_PX(7).e9 && td_qty_is_none(f->adv) && f->days == 1);
    assert_true(lacks(f, TD_SCAN_LACK_FEW_DAYS));
    const struct td_scan_facts *a = facts_of("TWIN"), *b = a + 1;
    assert_string_equal(b->symbol, "TWIN");
    assert_true(a->last.e9 + b->last.e9 == TD_PX(24).e9 && a->adv.e9 + b->adv.e9 == TD_QTY(220).e9);
    assert_true((a->last.e9 > b->last.e9) == (a->adv.e9 > b->adv.e9)); /* not mixed up */
    /* By the open there is nothing to list; by the last price three have doubled their volume. */
    struct td_scan_config c = {.minute = store.minute,
                               .min_gap_e9 = 4 * TD_E9,
                               .min_rvol_e9 = 2 * TD_E9,
                               .low = TD_PX_NONE,
                               .high = TD_PX_NONE,
                               .sort = TD_SCAN_BY_GAP};
    scan(&c);
    assert_int_equal(table.count, 0);
    assert_int_equal(table.dropped[TD_SCAN_DROP_NO_GAP], 5);
    c.basis = TD_SCAN_LAST;
    scan(&c);
    assert_int_equal(table.count, 4);
    assert_true(table.rows[0].gap_e9 == 50 * TD_E9 && table.rows[0].rvol_e9 == 4 * TD_E9);
    assert_string_equal(store.facts[table.rows[1].fact].symbol, "FLY");
    assert_true(table.rows[1].gap_e9 == 20 * TD_E9 && table.rows[1].rvol_e9 == 4 * TD_E9);
    assert_true(table.rows[2].gap_e9 == 5 * TD_E9);
    assert_string_equal(store.facts[table.rows[2].fact].symbol, "SPLIT");
}

static void before_the_close_nothing_of_the_day_is_known(void **state)
{
    (void)state;
    make_universe();
    TD_OK_OR_FAIL(load(folder, NULL, "2014-03-28", 959, 2));
    assert_int_equal(store.count, 5);
    const struct td_scan_facts *f = facts_of("FLY");
    assert_true(td_px_is_none(f->last) && td_qty_is_none(f->volume));
    assert_true(lacks(f, TD_SCAN_LACK_NO_BARS));
    assert_true(f->previous_close.e9 == TD_PX(10).e9);
    assert_true(facts_of("SPLIT")->previous_close.e9 == TD_PX(20).e9); /* told before the open */
    (void)facts_of("OLD");
}

static void what_is_not_there_is_told(void **state)
{
    (void)state;
    make_universe();
    assert_int_equal(load(folder, NULL, "2014-03-29", INT32_MAX, 2), TD_EINVAL);
    assert_int_equal(load(folder, NULL, "2014-02-05", INT32_MAX, 2), TD_ENODATA);
    assert_int_equal(load(NULL, NULL, "2014-03-28", INT32_MAX, 2), TD_ENODATA);
    put_coarse("20140327", "F 1,FLY,10,3000,30000,True,1,1\nF 2,BAD,ten,3000,30000,True,1,1\n");
    TD_OK_OR_FAIL(load(folder, NULL, "2014-03-28", INT32_MAX, 2));
    assert_int_equal(store.failed, 1);
    assert_non_null(strstr(store.failure, "20140327.csv line 2"));
    put_coarse("20140328", "F 1,../FLY,10,3000,30000,True,1,1\nF 2,OK,1,1,1,True,1,1\n");
    TD_OK_OR_FAIL(load(folder, NULL, "2014-03-28", INT32_MAX, 2));
    assert_int_equal(store.count, 1);
    assert_int_equal(store.unsafe, 1);
}

/* ---- our own bars ---- */

static struct td_bar_row row_at(const char *day, int32_t minute, int64_t open, int64_t close,
                                int64_t volume)
{
    return (struct td_bar_row){.local_ns = day_of(day) * TD_DAY + minute * TD_MIN,
                               .bar = {.open = TD_PX(open),
                                       .high = TD_PX(open > close ? open : close),
                                       .low = TD_PX(open < close ? open : close),
                                       .close = TD_PX(close),
                                       .volume = TD_QTY(volume),
                                       .wap = TD_PX_NONE,
                                       .count = -1}};
}

static void put_bars(const char *base, const char *below, const char *name,
                     const struct td_bar_row *rows, size_t count)
{
    char path[900];
    (void)snprintf(path, sizeof path, "%s/%s", base, below);
    TD_OK_OR_FAIL(td_folder_make(&world, path));
    (void)snprintf(path, sizeof path, "%s/%s/%s", base, below, name);
    TD_OK_OR_FAIL(td_bars_write_parquet(&world, path, rows, count, NULL));
}

static void our_minutes_at_any_minute(void **state)
{
    (void)state;
    char base[500];
    (void)snprintf(base, sizeof base, "%s", td_test_folder("scan-base"));
    const struct td_bar_row minutes[] = {
        row_at("2025-09-04", 500, 11, 11, 100), row_at("2025-09-04", 571, 12, 13, 200),
        row_at("2025-09-04", 572, 13, 14, 300), row_at("2025-09-04", 640, 14, 15, 400)};
    const struct td_bar_row days[] = {row_at("2025-09-02", 0, 9, 9, 1000),
                                      row_at("2025-09-03", 0, 9, 10, 3000),
                                      row_at("2025-09-04", 0, 12, 20, 9000)};
    put_bars(base, "parquet_data/ABC/1 min/2025/09", "ABC_1_min_2025-09-04.parquet", minutes, 4);
    put_bars(base, "parquet_data/ABC/1 day/2025", "ABC_1_day_2025-09.parquet", days, 3);
    static const struct {
        int32_t minute;
        int64_t last, open, volume;
    } rows[] = {{501, 11, 0, 100}, {571, 11, 0, 100}, {572, 13, 12, 300}, {641, 15, 12, 1000}};
    for (size_t i = 0; i < TD_COUNT(rows); i++) {
        TD_OK_OR_FAIL(load(NULL, base, "2025-09-04", rows[i].minute, 2));
        const struct td_scan_facts *f = facts_of("ABC");
        assert_true(f->last.e9 == TD_PX(rows[i].last).e9);
        assert_true(f->open.e9 == (rows[i].open ? TD_PX(rows[i].open).e9 : TD_E9_NONE));
        assert_true(f->volume.e9 == TD_QTY(rows[i].volume).e9);
        assert_true(f->previous_close.e9 == TD_PX(10).e9 && f->adv.e9 == TD_QTY(2000).e9);
        assert_false(lacks(f, TD_SCAN_LACK_FROM_OPEN));
    }
    TD_OK_OR_FAIL(load(NULL, base, "2025-09-04", 720, 2)); /* the series ends long before */
    const struct td_scan_facts *f = facts_of("ABC");
    assert_true(td_qty_is_none(f->volume) && lacks(f, TD_SCAN_LACK_BARS_END));
    assert_true(f->open.e9 == TD_PX(12).e9);
}

static void files_of_tasks(void **state)
{
    (void)state;
    char base[500];
    (void)snprintf(base, sizeof base, "%s", td_test_folder("scan-tasks"));
    const struct td_bar_row minutes[] = {
        row_at("2025-09-03", 570, 9, 9, 100), row_at("2025-09-03", 959, 9, 10, 100),
        row_at("2025-09-04", 570, 12, 13, 200), row_at("2025-09-04", 659, 13, 14, 300)};
    put_bars(base, "IBDownloads", "ABC_USUSD_1 min_2025-09-04.ftr", minutes, 4);
    put_bars(base, "IBDownloads", "ABD_USUSD_1 min_2025-09-04.ftr", minutes + 2, 2);
    TD_OK_OR_FAIL(load(NULL, base, "2025-09-04", 600, 20));
    const struct td_scan_facts *f = facts_of("ABC");
    assert_true(f->previous_close.e9 == TD_PX(10).e9 && f->open.e9 == TD_PX(12).e9);
    assert_true(f->volume.e9 == TD_QTY(200).e9 && lacks(f, TD_SCAN_LACK_FROM_OPEN));
    assert_true(td_qty_is_none(f->adv) && f->days == 0);
    assert_true(td_px_is_none(facts_of("ABD")->previous_close));
}

/* ---- recorded days ---- */

static const char *lean_folder(void)
{
    static char path[600];
    const char *at = td_test_data("lean");
    if (!at)
        return NULL;
    (void)snprintf(path, sizeof path, "%s", at);
    return path;
}

/* Of the minutes and days of the archives, by an independent reader of them (Python, exact to the cent and the share). */
static void apple_around_its_split(void **state)
{
    (void)state;
#ifndef TD_WITH_ZIP
    td_skip("built without libzip: LEAN archives are not read");
#endif
    if (!lean_folder())
        td_skip_data("lean");
    static const struct {
        const char *day;
        int32_t minute;
        double open, last, close, volume, adv;
        double split; /* LEAN's factor has seven digits: 0.1428572 */
    } rows[] = {{"2014-06-06", 600, 650, 647.86, 647.35, 2119050, 9757271.15, 0},
                {"2014-06-06", 960, 650, 645.57, 647.35, 12286983, 9757271.15, 0},
                {"2014-06-09", 600, 92.69, 92.31, 92.22428571428573, 15170556, 69756795.85, 1},
                {"2014-06-09", 560, 0, 92.17, 92.22428571428573, 1217726, 69756795.85, 1}};
    for (size_t i = 0; i < TD_COUNT(rows); i++) {
        TD_OK_OR_FAIL(load(lean_folder(), NULL, rows[i].day, rows[i].minute, 20));
        const struct td_scan_facts *f = facts_of("AAPL");
        assert_true(rows[i].open > 0 ? near(f->open.e9, rows[i].open) : td_px_is_none(f->open));
        assert_true(near(f->last.e9, rows[i].last) && near(f->volume.e9, rows[i].volume));
        const double least = rows[i].split > 0 ? 1e-6 : 1e-12;
        assert_true(fabs(td_e9_to_double(f->adv.e9) / rows[i].adv - 1) < least);
        assert_true(fabs(td_e9_to_double(f->previous_close.e9) / rows[i].close - 1) < least);
        assert_false(td_px_is_none(f->bid) || td_px_is_none(f->ask));
    }
}

/* The second computation: lines as they stand, compared by their id as text. */
struct plain {
    char id[32], ticker[24];
    double close, volume, split;
};
struct plain_day {
    struct plain *rows;
    size_t count;
};

static int by_id(const void *a, const void *b)
{
    return strcmp(((const struct plain *)a)->id, ((const struct plain *)b)->id);
}

static struct plain_day read_plain(const char *date)
{
    char name[200], line[300];
    struct plain_day d = {calloc(9000, sizeof(struct plain)), 0};
    (void)snprintf(name, sizeof name, "lean/equity/usa/fundamental/coarse/%s.csv", date);
    FILE *f = fopen(td_test_data(name), "r");
    assert_non_null(f);
    assert_non_null(d.rows);
    while (fgets(line, sizeof line, f)) {
        struct plain *p = &d.rows[d.count++];
        assert_int_equal(sscanf(line, "%31[^,],%23[^,],%lf,%lf,%*[^,],%*[^,],%*[^,],%lf", p->id,
                                p->ticker, &p->close, &p->volume, &p->split),
                         5);
    }
    (void)fclose(f);
    qsort(d.rows, d.count, sizeof *d.rows, by_id);
    return d;
}

/* 1 listed, 0 not, -1 too near to a bound to say in floating point. */
static int judge_plain(const struct plain *p, struct plain_day *past, double *gap, double *rvol)
{
    double sum = 0;
    bool whole = true;
    const struct plain *before = NULL;
    for (int i = 4; i >= 0; i--) {
        const struct plain *then = bsearch(p, past[i].rows, past[i].count, sizeof *p, by_id);
        whole = whole && then;
        sum += then ? then->volume * p->split / then->split : 0;
        before = i == 4 ? then : before;
    }
    if (!before || !whole)
        return 0;
    const double close = before->close * before->split / p->split;
    *gap = (p->close - close) / close * 100;
    *rvol = fmin(20, p->volume / fmax(1, sum / 5));
    if ((fabs(*gap - 4) < 1e-5 || fabs(*rvol - 2) < 1e-5) && before->split != p->split)
        return -1;
    /* Exactly 4 percent is not a matter of rounding: cents of cents and shares are whole numbers. */
    const long long now = llround(p->close * 1e4), then = llround(before->close * 1e4);
    const bool gap_holds = before->split == p->split ? 100 * (now - then) >= 4 * then : *gap >= 4;
    const bool rvol_holds =
        before->split == p->split ? 5 * llround(p->volume) >= 2 * llround(sum) : *rvol >= 2;
    return gap_holds && rvol_holds && p->close >= 1 && p->close <= 30;
}

static int by_gap(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x < y) - (x > y);
}

/* Both lists in the order of their gaps; the same gaps, and each of our rows is one of theirs. */
static void compare(const struct plain_day *today, struct plain_day *past)
{
    static double gaps[9000];
    size_t listed = 0, undecided = 0;
    for (size_t i = 0; i < today->count; i++) {
        double gap = 0, rvol = 0;
        const int said = judge_plain(&today->rows[i], past, &gap, &rvol);
        bool ours = false;
        for (uint32_t k = 0; k < table.count && !ours; k++) {
            const struct td_scan_row *r = &table.rows[k];
            ours = strcmp(store.facts[r->fact].symbol, today->rows[i].ticker) == 0 &&
                   fabs(td_e9_to_double(r->gap_e9) - gap) < 1e-4 &&
                   fabs(td_e9_to_double(r->rvol_e9) - rvol) < 1e-4 &&
                   near(r->price.e9, today->rows[i].close);
        }
        if (said >= 0 && said != (int)ours)
            fail_msg("%s: %d and %d, gap %.6f rvol %.6f", today->rows[i].ticker, said, (int)ours,
                     gap, rvol);
        undecided += said < 0;
        if (said > 0)
            gaps[listed++] = gap;
    }
    assert_int_equal(undecided, 0);
    assert_int_equal(listed, table.count);
    qsort(gaps, listed, sizeof *gaps, by_gap);
    for (size_t i = 0; i < listed; i++)
        assert_true(fabs(td_e9_to_double(table.rows[i].gap_e9) - gaps[i]) < 1e-4);
}

static const struct td_scan_config usual = {.minute = 960,
                                            .basis = TD_SCAN_LAST,
                                            .min_gap_e9 = 4 * TD_E9,
                                            .min_rvol_e9 = 2 * TD_E9,
                                            .low = {TD_E9},
                                            .high = {30 * TD_E9},
                                            .sort = TD_SCAN_BY_GAP};

static void coarse_universe_as_an_independent_computation_says(void **state)
{
    (void)state;
    static const char *const dates[] = {"20140324", "20140325", "20140326", "20140327", "20140328"};
    struct plain_day past[5], today;
    if (!td_test_data("lean/equity/usa/fundamental/coarse/20140331.csv"))
        td_skip_data("lean/equity/usa/fundamental/coarse/20140331.csv");
    for (int i = 0; i < 5; i++)
        past[i] = read_plain(dates[i]);
    today = read_plain("20140331");
    TD_OK_OR_FAIL(load(lean_folder(), NULL, "2014-03-31", INT32_MAX, 5));
    assert_true(store.coarse == today.count);
    assert_int_equal(store.failed, 0);
    scan(&usual);
    assert_true(table.count > 50);
    compare(&today, past);
    for (int i = 0; i < 5; i++)
        free(past[i].rows);
    free(today.rows);
}

/* 8,000 symbols: the day's stocks, and some of them again. The best of five, so that a busy machine does not count. */
static void eight_thousand_symbols_within_50_ms(void **state)
{
    (void)state;
    enum { MANY = 8000 };
    double best = 1;
    if (!td_test_data("lean/equity/usa/fundamental/coarse/20140331.csv"))
        td_skip_data("lean/equity/usa/fundamental/coarse/20140331.csv");
    TD_OK_OR_FAIL(load(lean_folder(), NULL, "2014-03-31", INT32_MAX, 5));
    struct td_scan_facts *many = calloc(MANY, sizeof *many);
    assert_non_null(many);
    for (uint32_t i = 0; i < MANY; i++)
        many[i] = store.facts[i % store.count];
    td_scan_store_fini(&store);
    store.facts = many;
    store.count = MANY;
    struct td_scan_config all = usual; /* everything that rose, in order */
    all.min_gap_e9 = all.min_rvol_e9 = 0;
    all.low = all.high = TD_PX_NONE;
    for (int i = 0; i < 5; i++) {
        struct timespec a, b;
        (void)timespec_get(&a, TIME_UTC);
        scan(&all);
        (void)timespec_get(&b, TIME_UTC);
        best = fmin(best, (double)(b.tv_sec - a.tv_sec) + 1e-9 * (double)(b.tv_nsec - a.tv_nsec));
    }
    assert_true(table.count > 3000);
    if (best > 0.050)
        fail_msg("%.1f ms", 1e3 * best);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_close_against_the_one_before, forget),
        cmocka_unit_test_teardown(before_the_close_nothing_of_the_day_is_known, forget),
        cmocka_unit_test_teardown(what_is_not_there_is_told, forget),
        cmocka_unit_test_teardown(our_minutes_at_any_minute, forget),
        cmocka_unit_test_teardown(files_of_tasks, forget),
        cmocka_unit_test_teardown(apple_around_its_split, forget),
        cmocka_unit_test_teardown(coarse_universe_as_an_independent_computation_says, forget),
        cmocka_unit_test_teardown(eight_thousand_symbols_within_50_ms, forget),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
