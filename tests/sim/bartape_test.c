/* tests/sim/bartape_test.c - bars of files made here as a tape: prints, quotes, factors, holes, hours, damage. */
#include "support/support.h"

#include <string.h>

#include "sim/source.h"
#include "support/zip_store.h"
#include "sys/uvworld.h"

#define FOLDER "lean/equity/usa/"
#define MON    15985 /* 2013-10-07 */
#define OPEN   (MON * TD_DAY + 13 * TD_HOUR + 30 * TD_MIN)

static const int64_t east = -4 * 3600;
static struct td_world world;
static struct td_universe universe;
static char root[512];
static uint8_t block[1 << 20];
static struct td_bartape tape;
static struct td_bar_plan plan;
static struct td_source_config config;
static uint32_t tries;

static void put(const char *name, struct td_str bytes)
{
    char path[700], folder[700];
    (void)snprintf(path, sizeof path, "%s/" FOLDER "%s", root, name);
    td_path_folder(path, folder, sizeof folder);
    TD_OK_OR_FAIL(td_folder_make(&world, folder));
    TD_OK_OR_FAIL(td_file_replace(&world, path, bytes, NULL));
}

static void put_csv(const char *name, const char *text)
{
    static uint8_t zip[4096];
    struct zip_store z = {.out = zip, .cap = sizeof zip};
    zip_store_add(&z, "a.csv", td_str_of(text));
    put(name, zip_store_finish(&z));
}

static int begin(void **state)
{
    char name[40];
    uint32_t row;
    (void)state;
    TD_OK_OR_FAIL(td_uvworld_open(&world, false, NULL));
    (void)snprintf(name, sizeof name, "bartape-%u", ++tries);
    (void)snprintf(root, sizeof root, "%s", td_test_folder(name));
    td_universe_init(&universe);
    TD_OK_OR_FAIL(td_universe_add(&universe, "SPY", &row));
    plan = (struct td_bar_plan){TD_LEAN_MINUTE, MON, MON + 4, false};
    config = (struct td_source_config){.data = root,
                                       .row = &universe.rows[row],
                                       .inst = 3,
                                       .bars = &plan,
                                       .daytime = {td_daytime_fixed, &east}};
    return 0;
}

static int end(void **state)
{
    (void)state;
    td_uvworld_close(&world);
    return 0;
}

static enum td_err open_tape(struct td_fail *why)
{
    static char lean[600];
    static struct td_arena arena; /* the tape goes on with it */
    (void)snprintf(lean, sizeof lean, "%s/lean", root);
    const struct td_lean_file file = {.root = lean, .symbol = "SPY"};
    td_arena_init(&arena, block, sizeof block);
    return td_bartape_open(&tape, &config, &file, &world, &arena, why);
}

/* The next event of `kind` that is no quote told again; fails at the end. */
static struct td_event next(enum td_event_kind kind)
{
    struct td_event ev;
    struct td_fail why = {0};
    do
        if (td_bartape_next(&tape, &ev, &why) != TD_OK)
            fail_msg("no event of kind %d: %s", kind, why.text);
    while (ev.kind != kind);
    assert_int_equal(ev.inst, 3);
    return ev;
}

static enum td_err rest_of_tape(struct td_fail *why)
{
    struct td_event ev;
    enum td_err err;
    td_ns before = 0;
    do {
        err = td_bartape_next(&tape, &ev, why);
        assert_true(err != TD_OK || ev.venue_ns >= before);
        before = ev.venue_ns;
    } while (err == TD_OK);
    return err;
}

static void expect_trade(td_ns at, double px, int64_t qty)
{
    const struct td_event ev = next(TD_EV_TRADE);
    assert_int_equal(ev.venue_ns, at);
    assert_int_equal(ev.trade.px.e9, (int64_t)(px * 1e6 + 0.5) * 1000);
    assert_int_equal(ev.trade.qty.e9, qty * TD_E9);
}

#define MONDAY  "minute/spy/20131007_trade.zip"
#define TUESDAY "minute/spy/20131008_trade.zip"
#define QUOTES  "minute/spy/20131007_quote.zip"
#define FIRST   "34200000,1000000,1020000,990000,1010000,402\n"

static void a_bar_is_four_prints(void **state)
{
    (void)state;
    put_csv(MONDAY, FIRST "34260000,1010000,1020000,990000,1000000,4\n");
    TD_OK_OR_FAIL(open_tape(NULL));
    assert_int_equal(next(TD_EV_STATUS).status, TD_STATUS_OPEN);
    const struct td_event quote = next(TD_EV_QUOTE);
    assert_true(quote.generated && quote.venue_ns == OPEN);
    assert_int_equal(quote.quote.bid.e9, 99990 * INT64_C(1000000));
    assert_int_equal(quote.quote.ask.e9, 100010 * INT64_C(1000000));
    const struct td_event bar = next(TD_EV_BAR);
    assert_true(bar.venue_ns == OPEN && bar.bar.span == TD_MIN && !bar.generated);
    expect_trade(OPEN, 100, 100);
    expect_trade(OPEN + 15 * TD_SEC, 99, 100); /* it rises: the low comes first */
    expect_trade(OPEN + 30 * TD_SEC, 102, 100);
    expect_trade(OPEN + 45 * TD_SEC, 101, 102);
    expect_trade(OPEN + 60 * TD_SEC, 101, 1);
    expect_trade(OPEN + 75 * TD_SEC, 102, 1); /* it falls: the high */
    assert_int_equal(next(TD_EV_STATUS).status, TD_STATUS_CLOSED);
    assert_int_equal(rest_of_tape(NULL), TD_ENODATA);
}

static void only_regular_hours_play(void **state)
{
    (void)state;
    put_csv(MONDAY, "34140000,1000000,1000000,1000000,1000000,4\n" FIRST
                    "57600000,1000000,1000000,1000000,1000000,4\n");
    TD_OK_OR_FAIL(open_tape(NULL));
    assert_int_equal(next(TD_EV_BAR).venue_ns, OPEN);
    struct td_event closed;
    do { /* no bar before it */
        TD_OK_OR_FAIL(td_bartape_next(&tape, &closed, NULL));
        assert_int_not_equal(closed.kind, TD_EV_BAR);
    } while (closed.kind != TD_EV_STATUS);
    assert_int_equal(closed.status, TD_STATUS_CLOSED);
    assert_int_equal(closed.venue_ns, OPEN + 6 * TD_HOUR + 30 * TD_MIN);
    assert_int_equal(rest_of_tape(NULL), TD_ENODATA);
}

/* A row of factors holds up to its day, that day included. */
static void factors_move_prices_and_volumes(void **state)
{
    (void)state;
    put("factor_files/spy.csv", td_str_of("20131007,0.8,0.5,1\n20501231,1,1,0\n"));
    put_csv(MONDAY, FIRST);
    put_csv(TUESDAY, FIRST);
    TD_OK_OR_FAIL(open_tape(NULL));
    assert_true(td_bartape_adjusted(&tape));
    const struct td_event before = next(TD_EV_BAR), after = next(TD_EV_BAR);
    assert_int_equal(before.bar.high.e9, 40800 * INT64_C(1000000)); /* 102 x 0.8 x 0.5 */
    assert_int_equal(before.bar.volume.e9, 804 * TD_E9);
    assert_int_equal(after.bar.high.e9, 102 * TD_E9);
    assert_int_equal(after.bar.volume.e9, 402 * TD_E9);
    assert_int_equal(after.venue_ns - before.venue_ns, TD_DAY);
}

static void holes_are_filled_when_asked(void **state)
{
    (void)state;
    put_csv(MONDAY, FIRST "34380000,1030000,1030000,1030000,1030000,4\n"); /* 09:33 */
    plan.fill_forward = true;
    TD_OK_OR_FAIL(open_tape(NULL));
    (void)next(TD_EV_BAR);
    for (int i = 0; i < 4; i++)
        (void)next(TD_EV_TRADE);
    for (int minute = 1; minute < 3; minute++)
        expect_trade(OPEN + minute * TD_MIN, 101, 0);
    assert_int_equal(next(TD_EV_BAR).venue_ns, OPEN + 3 * TD_MIN); /* a hole is no bar to fill in */
    plan.fill_forward = false;
    TD_OK_OR_FAIL(open_tape(NULL));
    (void)next(TD_EV_BAR);
    for (int i = 0; i < 4; i++)
        (void)next(TD_EV_TRADE);
    expect_trade(OPEN + 3 * TD_MIN, 103, 1);
}

/* Bid and ask follow the path of the trades; where they cross, and where there is no row, one is made. */
static void recorded_quotes_stand_beside_the_prints(void **state)
{
    static const struct {
        int64_t bid, ask; /* cents */
        bool made;
    } want[8] = {{9998, 10003, false},
                 {9890, 9910, false},
                 {10199, 10201, true},
                 {10099, 10102, false},
                 {10099, 10101, true}};
    (void)state;
    put_csv(MONDAY, FIRST "34260000,1010000,1020000,990000,1000000,4\n");
    put_csv(QUOTES, "34140000,1,1,1,1,1,1,1,1,1,1\n"
                    "34200000,999800,1020500,989000,1009900,7,1000300,1020000,991000,1010200,9\n"
                    "34320000,1,1,1,1,1,1,1,1,1,1\n");
    TD_OK_OR_FAIL(open_tape(NULL));
    struct td_event ev = next(TD_EV_QUOTE);
    assert_int_equal(ev.quote.ask_qty.e9, 9 * TD_E9);
    for (int i = 0; i < 5; i++) {
        const td_ns at = OPEN + i * 15 * TD_SEC;
        while (ev.venue_ns < at)
            ev = next(TD_EV_QUOTE);
        assert_int_equal(ev.venue_ns, at);
        assert_int_equal(ev.generated, want[i].made);
        assert_int_equal(ev.quote.bid.e9, want[i].bid * 10000000);
        assert_int_equal(ev.quote.ask.e9, want[i].ask * 10000000);
    }
}

static void missing_days_are_passed_over(void **state)
{
    (void)state;
    assert_int_equal(open_tape(NULL), TD_ENODATA);
    put_csv("minute/spy/20131004_trade.zip", FIRST); /* before the plan */
    put_csv("minute/spy/20131012_trade.zip", FIRST); /* after it */
    assert_int_equal(open_tape(NULL), TD_ENODATA);
    put_csv(MONDAY, FIRST);
    put_csv("minute/spy/20131010_trade.zip", FIRST);
    TD_OK_OR_FAIL(open_tape(NULL));
    assert_int_equal(next(TD_EV_BAR).venue_ns, OPEN);
    assert_int_equal(next(TD_EV_BAR).venue_ns, OPEN + 3 * TD_DAY);
    assert_int_equal(tape.day, MON + 3);
    assert_int_equal(rest_of_tape(NULL), TD_ENODATA);
}

static void a_daily_bar_spans_its_session(void **state)
{
    (void)state;
    put_csv("daily/spy.zip", "20131004 00:00,1,1,1,1,5\n20131007 00:00,1000000,1020000,990000,"
                             "1010000,8\n20131008 00:00,1000000,1000000,1000000,1000000,8\n");
    plan = (struct td_bar_plan){TD_LEAN_DAILY, MON, MON, false};
    TD_OK_OR_FAIL(open_tape(NULL));
    const struct td_event bar = next(TD_EV_BAR);
    assert_int_equal(bar.venue_ns, OPEN);
    assert_int_equal(bar.bar.span, 6 * TD_HOUR + 30 * TD_MIN);
    assert_int_equal(rest_of_tape(NULL), TD_ENODATA);
}

static void damage_names_symbol_and_line(void **state)
{
    static const struct {
        const char *trades, *quotes, *factors, *says;
    } rows[] = {
        {FIRST "x,1,1,1,1,1\n", NULL, NULL, "SPY, line 2: not a bar"},
        {FIRST "34260000,1010000,1000000,990000,1000000,4\n", NULL, NULL, "line 2: not a bar"},
        {"34200000,1010000,,990000,1000000,4\n", NULL, NULL, "line 1: not a bar"},
        {FIRST, "34200000,1,1\n", NULL, "SPY, line 1: not a quote bar"},
        {FIRST, NULL, "20131007,1\n", "row 1: expected date, price factor"},
        {FIRST, NULL, "20501231,1,1,0\n20131007,1,0,1\n", "row 2: expected date"},
    };
    (void)state;
    for (size_t i = 0; i < TD_COUNT(rows); i++) {
        struct td_fail why = {0};
        put_csv(MONDAY, rows[i].trades);
        put_csv(QUOTES, rows[i].quotes ? rows[i].quotes : "");
        put("factor_files/spy.csv", td_str_of(rows[i].factors ? rows[i].factors : ""));
        enum td_err err = open_tape(&why);
        if (!err)
            err = rest_of_tape(&why);
        assert_int_equal(err, TD_EPARSE);
        if (!strstr(why.text, rows[i].says))
            fail_msg("row %zu: %s", i, why.text);
    }
    put(MONDAY, td_str_of("no archive"));
    put("factor_files/spy.csv", td_str_of(""));
    assert_int_equal(open_tape(NULL) ? TD_EPARSE : rest_of_tape(NULL), TD_EPARSE);
}

#define ROW(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
#ifdef TD_WITH_ZIP
    const struct CMUnitTest tests[] = {
        ROW(a_bar_is_four_prints),
        ROW(only_regular_hours_play),
        ROW(factors_move_prices_and_volumes),
        ROW(holes_are_filled_when_asked),
        ROW(recorded_quotes_stand_beside_the_prints),
        ROW(missing_days_are_passed_over),
        ROW(a_daily_bar_spans_its_session),
        ROW(damage_names_symbol_and_line),
    };
    return cmocka_run_group_tests_name("sim/bartape", tests, NULL, NULL);
#else
    print_message("bars of files need libzip: TD_ZIP\n");
    return 0;
#endif
}
