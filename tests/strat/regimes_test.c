/* tests/strat/regimes_test.c - every state of a market against a recomputation, the sizes, and the strategy that switches. */
#include "strat/strat_stage.h"

#include "strat/bar_feed.h"
#include "strat/regimes.h"

static struct stage stage;
static struct stage_series series;
static struct td_regime_watch watch;
static struct td_regime regimes[STAGE_BARS];
static double marks[TD_STRAT_PARAMS];

static void watch_all(void)
{
    td_strat_presets(&td_strat_regime_switch, marks);
    memset(&watch, 0, sizeof watch);
    TD_OK_OR_FAIL(td_regime_begin(&watch, marks, NULL));
    for (size_t i = 0; i < series.n; i++) {
        const struct stage_bar *b = &series.bars[i];
        const double bar[TD_FEED_COLUMNS] = {b->open, b->high, b->low, b->close, b->volume};
        td_regime_step(&watch, bar, &regimes[i]);
    }
}

/* Deviation of the 20 log returns up to bar i. */
static double spread_at(size_t i)
{
    double mean = 0, squares = 0;
    for (size_t k = i - 19; k <= i; k++)
        mean += log(series.bars[k].close / series.bars[k - 1].close) / 20;
    for (size_t k = i - 19; k <= i; k++) {
        const double d = log(series.bars[k].close / series.bars[k - 1].close) - mean;
        squares += d * d;
    }
    return sqrt(squares / 20);
}

static double rank_at(size_t i)
{
    const double now = spread_at(i);
    int below = 0;
    for (size_t k = i - 252; k < i; k++)
        below += spread_at(k) < now * (1 - 1e-12);
    return 100.0 * below / 252;
}

/* The newest of equal extremes counts. */
static double aroon_at(size_t i)
{
    size_t high = i - 25, low = i - 25;
    for (size_t k = i - 25; k <= i; k++) {
        high = series.bars[k].high >= series.bars[high].high ? k : high;
        low = series.bars[k].low <= series.bars[low].low ? k : low;
    }
    return ((double)high - (double)low) / 25;
}

static int step_of(double x)
{
    return fabs(x) > 0.7 ? (x > 0 ? 2 : -2) : fabs(x) > 0.4 ? (x > 0 ? 1 : -1) : 0;
}

static void every_state_against_its_definition(void **state)
{
    (void)state;
    int trends[5] = {0}, vols[4] = {0}, crashes = 0, ranges = 0, breakouts = 0, squeezes = 0;
    for (uint64_t seed = 1; seed <= 2; seed++) {
        stage_walk(&series, seed, 1500, 100, seed == 1 ? 0.02 : 0.005);
        watch_all();
        for (size_t i = 0; i < series.n; i++) {
            const struct td_regime *r = &regimes[i];
            assert_int_equal(r->known, i >= 272);
            if (!r->known)
                continue;
            double high = 0, low = 1e9, before = 0;
            for (size_t k = i - 19; k <= i; k++) {
                high = fmax(high, series.bars[k].high);
                low = fmin(low, series.bars[k].low);
                before = fmax(before, series.bars[k - 1].high);
            }
            const double rank = rank_at(i);
            assert_true(fabs(r->rank - rank) < 0.5 && fabs(r->score - aroon_at(i)) < 1e-9);
            assert_int_equal(r->trend, step_of(aroon_at(i)));
            assert_int_equal(r->vol, r->rank > 75 ? 3 : r->rank > 40 ? 2 : r->rank > 20 ? 1 : 0);
            const double gain = series.bars[i].close / series.bars[i - 5].close - 1;
            assert_int_equal(r->crash, gain <= -0.1);
            assert_int_equal(r->range, high / low - 1 < 0.05);
            assert_int_equal(r->breakout, series.bars[i].close > before);
            trends[r->trend + 2]++;
            vols[r->vol]++;
            crashes += r->crash;
            ranges += r->range;
            breakouts += r->breakout;
            squeezes += r->squeeze;
        }
    }
    for (int k = 0; k < 5; k++)
        assert_true(trends[k] > 50);
    for (int k = 0; k < 4; k++)
        assert_true(vols[k] > 50);
    assert_true(crashes > 20 && ranges > 50 && breakouts > 50 && squeezes > 20);
}

static void sizes_follow_the_table(void **state)
{
    (void)state;
    static const double by_trend[] = {0.5, 0.7, 1, 1.2, 1.5}, by_vol[] = {1, 1, 0.6, 0.3};
    watch_all();
    for (int trend = -2; trend <= 2; trend++)
        for (int vol = 0; vol < 4; vol++) {
            struct td_regime r = {.known = true,
                                  .trend = (enum td_regime_trend)trend,
                                  .vol = (enum td_regime_vol)vol};
            const double size = by_trend[trend + 2] * by_vol[vol];
            assert_true(fabs(td_regime_size(&watch, &r) - size) < 1e-12);
            r.crash = true;
            assert_true(td_regime_size(&watch, &r) == 0);
            r.known = r.crash = false;
            assert_true(td_regime_size(&watch, &r) == 0);
        }
}

static void refuses_cuts_out_of_order(void **state)
{
    (void)state;
    struct td_fail why = {0};
    stage_presets(&stage, "regime_switch");
    stage_set(&stage, "trend=0.8");
    assert_int_equal(stage_try(&stage, 1, 1, true, TD_DAY, &why), TD_EINVAL);
    assert_non_null(strstr(why.text, "trend <= strong"));
}

/* The strategy on every bar against the regimes themselves. */
static void switches_with_the_regime(void **state)
{
    (void)state;
    static double place[STAGE_BARS];
    int entries[2] = {0}, crashes = 0, middles = 0, turns = 0;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        int side = 0, ranging = 0;
        stage_walk(&series, seed, 2500, 100, seed == 1 ? 0.02 : 0.006);
        watch_all();
        stage_row(&series, "PERCENTB", 20, 2, 0, 3, 0, place);
        stage_presets(&stage, "regime_switch");
        stage_begin(&stage, 1, 10, true, TD_DAY);
        for (size_t i = 0; i < series.n; i++) {
            const struct td_regime *r = &regimes[i];
            int want = 0;
            if (r->known && side) {
                const int with = (int)r->trend * side;
                if (r->crash || (ranging ? (place[i] - 0.5) * side >= 0 || with < 0 : with <= 0))
                    want = -side;
            } else if (r->known && !r->crash) {
                const int way = (r->trend > 0) - (r->trend < 0);
                want = way ? way : !r->range ? 0 : place[i] < 0.1 ? 1 : place[i] > 0.9 ? -1 : 0;
                if (floor(10 * td_regime_size(&watch, r)) < 1)
                    want = 0;
                ranging = way == 0;
            }
            stage.now += stage.span;
            (void)stage_bar(&stage, 0, &series.bars[i]);
            const int got = !stage.count ? 0 : stage.out[0].action == TD_BUY ? 1 : -1;
            if (got != want)
                fail_msg("seed %d bar %zu: %d instead of %d", (int)seed, i, got, want);
            if (got && !side) {
                entries[ranging]++;
                assert_int_equal(stage.out[0].qty.e9,
                                 (int64_t)floor(10 * td_regime_size(&watch, r)) * TD_E9);
            } else if (got) {
                crashes += strcmp(stage.out[0].reason, "crash") == 0;
                middles += strstr(stage.out[0].reason, "middle") != NULL;
                turns += strstr(stage.out[0].reason, "the market is") != NULL;
            }
            side += want;
        }
    }
    assert_true(entries[0] > 50 && entries[1] > 10);
    assert_true(crashes > 3 && middles > 5 && turns > 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_state_against_its_definition),
        cmocka_unit_test(sizes_follow_the_table),
        cmocka_unit_test(refuses_cuts_out_of_order),
        cmocka_unit_test(switches_with_the_regime),
    };
    return cmocka_run_group_tests_name("strat/regimes", tests, NULL, NULL);
}
