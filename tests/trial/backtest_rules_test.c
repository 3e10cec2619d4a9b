/* tests/trial/backtest_rules_test.c - built-in strategies through the whole desk: when they enter and leave, on bars made here, and
 * on the recorded orders of ES; each of them runs twice alike.
 *
 * A made bar opens at the close before it. What is decided on bar n fills at the open of bar n + 1: that is asserted for each fill,
 * with its bar. */
#include "support/support.h"

#include <string.h>

#include "support/zip_store.h"
#include "trial/backtest_scene.h"

#define BARS_MAX 128
#define OPEN     (INT64_C(15985) * TD_DAY + 13 * TD_HOUR + 30 * TD_MIN) /* 2013-10-07 */

static struct seen {
    struct td_ledger_fill fills[16];
    uint32_t count;
} seen;

static void look(void *arg, const struct td_backtest_moment *m)
{
    const struct td_ledger *l = td_gateway_ledger(m->gateway);
    (void)arg;
    for (; m->over && seen.count < l->fill_count && seen.count < TD_COUNT(seen.fills); seen.count++)
        seen.fills[seen.count] = l->fills[seen.count];
}

static struct td_backtest_config config_of(const char *strat, const char *data,
                                           const char *const *symbols, uint32_t count)
{
    struct td_backtest_config config =
        minutes_of(td_strat_find(strat), TD_QTY(10), data, symbols, count);
    memset(&seen, 0, sizeof seen);
    config.first = config.last = 15985;
    config.look = look;
    return config;
}

static struct td_backtest_result run(const struct td_backtest_config *config)
{
    seen.count = 0;
    return must_run(config);
}

/* --- bars made here --- */

/* `count` bars whose closes are level + step * k, every second one `swing` more; cents. */
struct stretch {
    int count, level, step, swing, volume;
};

/* Closes of bars from `at` on, in cents; how many there are then. */
static int draw(const struct stretch *s, int *closes, int *volumes)
{
    int n = 0;
    for (; s->count; s++)
        for (int k = 0; k < s->count; k++, n++) {
            closes[n] = s->level + s->step * k + (k % 2 ? s->swing : 0);
            volumes[n] = s->volume;
        }
    TD_REQUIRE(n <= BARS_MAX);
    return n;
}

static void put_bars(const char *data, const char *symbol, const int *closes, const int *volumes,
                     int n)
{
    static char csv[BARS_MAX * 80];
    static uint8_t zip[sizeof csv + 512];
    char path[400], folder[400];
    struct td_text t;
    struct zip_store z = {.out = zip, .cap = sizeof zip};
    td_text_init(&t, csv, sizeof csv);
    for (int i = 0; i < n; i++) {
        const int open = closes[i ? i - 1 : 0], close = closes[i];
        td_text_printf(&t, "%d,%d,%d,%d,%d,%d\n", 34200000 + i * 60000, open * 100,
                       (open > close ? open : close) * 100, (open < close ? open : close) * 100,
                       close * 100, volumes[i]);
    }
    TD_REQUIRE(!td_text_full(&t));
    zip_store_add(&z, "a.csv", (struct td_str){t.buf, t.len});
    (void)snprintf(path, sizeof path, "%s/lean/equity/usa/minute/%s/20131007_trade.zip", data,
                   symbol);
    td_path_folder(path, folder, sizeof folder);
    TD_OK_OR_FAIL(td_folder_make(&real, folder));
    TD_OK_OR_FAIL(td_file_replace(&real, path, zip_store_finish(&z), NULL));
}

struct expected {
    int bar; /* it fills in */
    uint8_t action;
};

static void expect_fills(const struct expected *want, uint32_t count, const int *closes)
{
    assert_int_equal(seen.count, count);
    for (uint32_t i = 0; i < count; i++) {
        const int bar = (int)((seen.fills[i].at - OPEN) / TD_MIN);
        assert_int_equal(bar, want[i].bar);
        assert_int_equal(seen.fills[i].action, want[i].action);
        assert_int_equal(seen.fills[i].px.e9, closes[bar - 1] * INT64_C(10000000));
        assert_int_equal(seen.fills[i].qty.e9, 10 * TD_E9);
    }
}

static void play(const char *strat, const struct stretch *shape, const struct expected *want,
                 uint32_t count)
{
    static const char *const spy[] = {"SPY"};
    int closes[BARS_MAX], volumes[BARS_MAX];
    const char *data = td_test_folder("rules");
    put_bars(data, "spy", closes, volumes, draw(shape, closes, volumes));
    const struct td_backtest_config c = config_of(strat, data, spy, 1);
    const struct td_backtest_result r = run(&c);
    expect_fills(want, count, closes);
    assert_int_equal(r.orders, count);
    assert_int_equal(r.denied, 0);
}

#define PLAY(strat, shape, want) play(strat, shape, want, TD_COUNT(want))

/* Up at bar 25: the fast mean is over the slow one at once. Down at bar 40: 100.8 over 100.7 then, 100.6 under 100.65 on 41. */
static void averages_cross(void **state)
{
    static const struct stretch shape[] = {
        {25, 10000, 0, 0, 100}, {15, 10100, 0, 0, 100}, {20, 9900, 0, 0, 100}, {0}};
    static const struct expected want[] = {{26, TD_BUY}, {42, TD_SELL}};
    (void)state;
    PLAY("sma_cross", shape, want);
}

/* Far below the band at bar 30, back over its middle at bar 31. */
static void a_stretched_price_comes_back(void **state)
{
    static const struct stretch shape[] = {
        {30, 10000, 0, 10, 100}, {1, 9900, 0, 0, 100}, {20, 10005, 0, 0, 100}, {0}};
    static const struct expected want[] = {{31, TD_BUY}, {32, TD_SELL}};
    (void)state;
    PLAY("mean_reversion", shape, want);
}

/* Bar 25 closes past the pivot of 100.10 with volume, bar 26 confirms; bar 30 falls through the stop of 3 %. */
static void a_break_is_confirmed_and_stopped(void **state)
{
    static const struct stretch shape[] = {
        {25, 10000, 0, 10, 100}, {5, 10300, 10, 0, 500}, {20, 9900, 0, 0, 100}, {0}};
    static const struct expected want[] = {{27, TD_BUY}, {31, TD_SELL}};
    (void)state;
    PLAY("breakout", shape, want);
}

/* Bar 56 falls out of the band with an RSI below 30, two votes of three; when both have passed the averages' vote closes it. */
static void rules_vote(void **state)
{
    static const struct stretch shape[] = {{56, 10000, 0, 25, 100}, {50, 9500, 0, 25, 100}, {0}};
    static const struct expected want[] = {{57, TD_BUY}, {68, TD_SELL}};
    (void)state;
    PLAY("rule_based", shape, want);
}

/* Quiet, then up with volume; bar 42 falls through the stop, two ATR of 0.13 below 100.50. */
static void momentum_goes_with_the_rise(void **state)
{
    static const struct stretch shape[] = {
        {40, 10000, 0, 10, 100}, {2, 10050, 10, 0, 400}, {30, 9950, 0, 0, 100}, {0}};
    static const struct expected want[] = {{41, TD_BUY}, {43, TD_SELL}};
    (void)state;
    PLAY("momentum", shape, want);
}

/* --- two symbols --- */

#define PAIR_BARS 100
#define SHOCK     80

/* y = 2x + 10 and a rest that comes back at once, of at most 8 cents; y stands 15 cents too high on bar 80. */
static void draw_pair(int *y, int *x, int *volumes)
{
    uint64_t seed = 42;
    for (int i = 0; i < PAIR_BARS; i++) {
        seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        const int step = (int)(seed >> 33) % 41 - 20, rest = (int)(seed >> 45) % 17 - 8;
        const int apart = i == SHOCK ? 15 : i == SHOCK + 1 ? 0 : rest;
        x[i] = (i ? x[i - 1] : 5000) + step;
        y[i] = 2 * x[i] + 1000 + apart;
        volumes[i] = 100;
    }
}

static int bar_of(uint32_t fill)
{
    return (int)((seen.fills[fill].at - OPEN) / TD_MIN);
}

/* Both legs in the bar behind the shock, y sold and two x for one y bought; both back in the next. */
static void a_pair_is_sold_dear_and_bought_back(void **state)
{
    static const char *const symbols[] = {"SPY", "IBM"};
    int y[PAIR_BARS], x[PAIR_BARS], volumes[PAIR_BARS];
    (void)state;
    const char *data = td_test_folder("rules");
    draw_pair(y, x, volumes);
    put_bars(data, "spy", y, volumes, PAIR_BARS);
    put_bars(data, "ibm", x, volumes, PAIR_BARS);
    struct td_backtest_config c = config_of("pairs", data, symbols, 2);
    use.allow_short = true;
    TD_OK_OR_FAIL(td_strat_set(use.strat, td_str_of("lookback=60"), use.params, NULL));
    const struct td_backtest_result r = run(&c);
    assert_int_equal(r.orders, 4);
    assert_int_equal(seen.count, 4);
    for (uint32_t i = 0; i < 4; i++) {
        const bool is_y = seen.fills[i].inst == 0, enters = i < 2;
        const int bar = enters ? SHOCK + 1 : SHOCK + 2;
        assert_int_equal(bar_of(i), bar);
        assert_int_equal(seen.fills[i].action, is_y == enters ? TD_SELL : TD_BUY);
        assert_int_equal(seen.fills[i].qty.e9, (is_y ? 10 : 20) * TD_E9);
        assert_int_equal(seen.fills[i].px.e9, (is_y ? y[bar - 1] : x[bar - 1]) * INT64_C(10000000));
    }
}

/* --- each of them --- */

static const char *recorded(void)
{
    const char *data = td_test_data("");
    if (!data)
        td_skip_data("");
    return data;
}

static void same_again(const struct td_backtest_config *c, struct td_backtest_result *a)
{
    *a = run(c);
    const struct td_backtest_result b = run(c);
    if (a->hash != b.hash || a->events != b.events || a->end.e9 != b.end.e9)
        fail_msg("%s: two runs differ", use.strat->name);
}

static void each_strategy_runs_twice_alike(void **state)
{
    static const char *const symbols[] = {"SPY", "IBM"};
    struct td_backtest_result r;
    (void)state;
    for (const struct td_strat *const *s = td_strategies; *s; s++) {
        const struct td_backtest_config c = config_of((*s)->name, recorded(), symbols, 2);
        use.allow_short = true;
        same_again(&c, &r);
        assert_true(r.events > 1000);
    }
}

/* Two recorded seconds of ES, order by order, with looser numbers than the presets. Regression values: they are too short for the
 * pause after a refusal, so that of the first wish (the session is not ready) little is left but the two quotes of spread. */
static void the_book_strategies_on_recorded_orders(void **state)
{
    static const char *const es[] = {"ES"};
    static const struct {
        const char *name, *params[2];
        uint64_t orders, fills, denied;
    } rows[] = {{"ofi", {"enter=0.1", "pressure=-1"}, 0, 0, 1},
                {"spread", {"spread_min=0", "quote_bps=0"}, 2, 0, 2},
                {"tick_momentum", {"window=3", "direction=0.1"}, 0, 0, 0}};
    struct td_backtest_result r;
    (void)state;
    for (size_t i = 0; i < TD_COUNT(rows); i++) {
        struct td_backtest_config c = config_of(rows[i].name, recorded(), es, 1);
        TD_OK_OR_FAIL(td_date_parse("2024-05-08", 10, &c.first));
        c.last = c.first;
        c.fill = TD_BACKTEST_BOOK;
        c.bars = TD_BACKTEST_5S;
        c.depth_rows = 10;
        use.allow_short = true;
        use.size = TD_QTY(1);
        for (size_t k = 0; k < 2; k++)
            TD_OK_OR_FAIL(td_strat_set(use.strat, td_str_of(rows[i].params[k]), use.params, NULL));
        same_again(&c, &r);
        assert_int_equal(r.orders, rows[i].orders);
        assert_int_equal(r.fills, rows[i].fills);
        assert_int_equal(r.denied, rows[i].denied);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(averages_cross),
        cmocka_unit_test(a_stretched_price_comes_back),
        cmocka_unit_test(a_break_is_confirmed_and_stopped),
        cmocka_unit_test(rules_vote),
        cmocka_unit_test(momentum_goes_with_the_rise),
        cmocka_unit_test(a_pair_is_sold_dear_and_bought_back),
        cmocka_unit_test(each_strategy_runs_twice_alike),
        cmocka_unit_test(the_book_strategies_on_recorded_orders),
    };
    return cmocka_run_group_tests_name("trial/backtest_rules", tests, set_up, tear_down);
}
