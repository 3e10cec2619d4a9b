/* tests/sim/lean_test.c - lines by hand, then the known answers of the recorded SPY day. */
#include "support/support.h"

#include <stdlib.h>
#include <string.h>

#include "sim/lean.h"
#ifdef TD_WITH_ZIP
#include "sys/uvworld.h"
#endif

static const int64_t east = -4 * 3600; /* New York in summer */
static const struct td_daytime new_york = {td_daytime_fixed, &east};

static struct td_lean reader(enum td_lean_resolution res, enum td_lean_kind kind,
                             const char *market, const char *text)
{
    const struct td_lean_file file = {.symbol = "SPY",
                                      .market = market,
                                      .day = 16000,
                                      .resolution = (uint8_t)res,
                                      .kind = (uint8_t)kind};
    struct td_lean l;
    td_lean_open_text(&l, &file, td_str_of(text), &new_york);
    return l;
}

static void lines_are_read_exactly(void **state)
{
    (void)state;
    struct td_lean_row row;
    struct td_lean l = reader(TD_LEAN_TICK, TD_LEAN_TRADES, NULL,
                              "14400464,1674100,100,P,20002000,0\r\n14400465,1674150,7,Q,0,1\n");
    TD_OK_OR_FAIL(td_lean_next(&l, &row));
    assert_int_equal(row.at, 16000 * TD_DAY + 8 * TD_HOUR + 464 * TD_MS);
    assert_int_equal(row.trade.px.e9, 167410000000);
    assert_int_equal(row.trade.qty.e9, TD_QTY(100).e9);
    assert_string_equal(row.trade.exchange, "P");
    TD_OK_OR_FAIL(td_lean_next(&l, &row));
    assert_true(row.suspicious && row.trade.unreported);
    assert_int_equal(td_lean_next(&l, &row), TD_ENODATA);
    l = reader(TD_LEAN_TICK, TD_LEAN_QUOTES, NULL, "14400054,0,0,1836300,100,Q,1,0");
    TD_OK_OR_FAIL(td_lean_next(&l, &row));
    assert_true(td_px_is_none(row.quote.bid));
    assert_int_equal(row.quote.ask.e9, 183630000000);
    l = reader(TD_LEAN_SECOND, TD_LEAN_QUOTES, NULL, "0,,,,,0,1680000,1690000,1670000,1674100,600");
    TD_OK_OR_FAIL(td_lean_next(&l, &row));
    assert_true(td_px_is_none(row.bid_bar.open));
    assert_int_equal(row.ask_bar.high.e9, 169000000000);
    assert_int_equal(row.quote.ask_qty.e9, TD_QTY(600).e9);
    l = reader(TD_LEAN_MINUTE, TD_LEAN_TRADES, "cme",
               "79200000,1676.75,1677.25,1673.5,1675.25,1884");
    TD_OK_OR_FAIL(td_lean_next(&l, &row));
    assert_int_equal(row.bar.low.e9, 1673500000000);
    assert_int_equal(row.at, 16000 * TD_DAY + 22 * TD_HOUR);
    l = reader(TD_LEAN_DAILY, TD_LEAN_TRADES, NULL, "20131007 00:00,1,2,1,2,5");
    TD_OK_OR_FAIL(td_lean_next(&l, &row));
    assert_int_equal(row.at, td_days_from_civil(2013, 10, 7) * TD_DAY + 4 * TD_HOUR);
}

static void damaged_lines_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "x,1,1,P,0,0", "1",       "1,-5,1,P,0,0", "99999999999,1,1,P,0,0",
        "1,1.x,1,P",   "1,1,z,P", "-1,1,1,P"};
    struct td_lean_row row;
    for (size_t i = 0; i < TD_COUNT(bad); i++) {
        struct td_lean l = reader(TD_LEAN_TICK, TD_LEAN_TRADES, NULL, bad[i]);
        assert_int_equal(td_lean_next(&l, &row), TD_EPARSE);
        assert_int_equal(l.line, 1);
    }
    struct td_lean l = reader(TD_LEAN_MINUTE, TD_LEAN_QUOTES, NULL, "1,1,1,1,1,1,1,1,1,1");
    assert_int_equal(td_lean_next(&l, &row), TD_EPARSE);
}

#ifdef TD_WITH_ZIP
static struct td_lean open_real(const char *root, enum td_lean_resolution res,
                                struct td_world *world, struct td_arena *arena)
{
    const struct td_lean_file file = {.root = root,
                                      .symbol = "SPY",
                                      .day = td_days_from_civil(2013, 10, 7),
                                      .resolution = (uint8_t)res,
                                      .kind = TD_LEAN_TRADES};
    struct td_lean l;
    struct td_fail why = {0};
    assert_true(td_lean_exists(world, &file));
    if (td_lean_open(&l, &file, world, arena, &new_york, &why) != TD_OK)
        fail_msg("%s", why.text);
    return l;
}

/* README: second bars grouped by minute give all 828 minute bars' open, high, low, close exactly. */
static void second_bars_make_the_minute_bars(void **state)
{
    (void)state;
    const char *found = td_test_data("lean");
    if (!found)
        td_skip_data("lean");
    char root[1024];
    (void)snprintf(root, sizeof root, "%s", found);
    struct td_fail why = {0};
    struct td_world real;
    struct td_world *world = &real;
    TD_OK_OR_FAIL(td_uvworld_open(world, false, &why));
    void *block = malloc(8u << 20);
    struct td_arena arena;
    td_arena_init(&arena, block, 8u << 20);
    struct td_lean seconds = open_real(root, TD_LEAN_SECOND, world, &arena);
    struct td_lean minutes = open_real(root, TD_LEAN_MINUTE, world, &arena);
    struct td_lean_row s;
    struct td_lean_row m;
    enum td_err more = td_lean_next(&seconds, &s);
    int bars = 0;
    int volumes = 0;
    while (td_lean_next(&minutes, &m) == TD_OK) {
        assert_int_equal(more, TD_OK);
        struct td_bar sum = s.bar;
        sum.volume = TD_QTY(0);
        for (; more == TD_OK && s.at < m.at + TD_MIN; more = td_lean_next(&seconds, &s)) {
            assert_true(s.at >= m.at);
            sum.high.e9 = s.bar.high.e9 > sum.high.e9 ? s.bar.high.e9 : sum.high.e9;
            sum.low.e9 = s.bar.low.e9 < sum.low.e9 ? s.bar.low.e9 : sum.low.e9;
            sum.close = s.bar.close;
            sum.volume.e9 += s.bar.volume.e9;
        }
        assert_int_equal(sum.open.e9, m.bar.open.e9);
        assert_int_equal(sum.high.e9, m.bar.high.e9);
        assert_int_equal(sum.low.e9, m.bar.low.e9);
        assert_int_equal(sum.close.e9, m.bar.close.e9);
        volumes += sum.volume.e9 != m.bar.volume.e9;
        bars++;
    }
    assert_int_equal(bars, 828);
    assert_int_equal(volumes, 58);
    assert_int_equal(more, TD_ENODATA);
    td_arena_init(&arena, block, 100);
    const struct td_lean_file file = {
        .root = root, .symbol = "SPY", .day = 15985, .resolution = TD_LEAN_MINUTE};
    assert_int_equal(td_lean_open(&seconds, &file, world, &arena, &new_york, &why), TD_ENOMEM);
    free(block);
    td_uvworld_close(world);
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_read_exactly),
        cmocka_unit_test(damaged_lines_are_refused),
#ifdef TD_WITH_ZIP
        cmocka_unit_test(second_bars_make_the_minute_bars),
#endif
    };
    return cmocka_run_group_tests_name("sim/lean", tests, NULL, NULL);
}
