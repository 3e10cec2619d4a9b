/* tests/strat/rule_based_test.c - three votes recomputed on every bar, and the position they ask for. */
#include "strat/strat_stage.h"

static struct stage stage;
static struct stage_series series;
static double rsi[STAGE_BARS];

static double mean_of(size_t i, size_t n)
{
    double sum = 0;
    for (size_t k = i + 1 - n; k <= i; k++)
        sum += series.bars[k].close;
    return sum / (double)n;
}

static int vote(double x, double low, double high)
{
    return x < low ? 1 : x > high ? -1 : 0;
}

static int votes_at(size_t i)
{
    const double mean = mean_of(i, 20), slow = mean_of(i, 50);
    double squares = 0;
    for (size_t k = i - 19; k <= i; k++)
        squares += (series.bars[k].close - mean) * (series.bars[k].close - mean);
    const double sd = sqrt(squares / 20);
    const double place = (series.bars[i].close - (mean - 2 * sd)) / (4 * sd);
    return (mean > slow ? 1 : mean < slow ? -1 : 0) + vote(rsi[i], 30, 70) + vote(place, 0.2, 0.8);
}

static void votes_decide(void **state)
{
    (void)state;
    for (int shorts = 0; shorts < 2; shorts++) {
        int side = 0, changes = 0;
        stage_walk(&series, 5, 3000, 100, 0.01);
        stage_row(&series, "RSI", 14, 0, 0, 3, 0, rsi);
        stage_presets(&stage, "rule_based");
        stage_begin(&stage, 1, 2, shorts, TD_DAY);
        for (size_t i = 0; i < series.n; i++) {
            const int votes = i >= 49 ? votes_at(i) : 0;
            const int way = (votes > 0) - (votes < 0); /* one of three votes is past 0.3 */
            int want = 0;
            if (way && side == -way)
                want = way;
            else if (way && side == 0 && (way > 0 || shorts))
                want = way;
            stage.now += stage.span;
            (void)stage_bar(&stage, 0, &series.bars[i]);
            const int got = !stage.count ? 0 : stage.out[0].action == TD_BUY ? 1 : -1;
            if (got != want)
                fail_msg("bar %zu: %d instead of %d", i, got, want);
            if (got && !stage.out[0].exit)
                assert_true(stage.out[0].strength == 0.5 && stage.out[0].qty.e9 == 2 * TD_E9);
            side += want;
            changes += want != 0;
        }
        assert_true(changes > 100);
    }
}

static void a_market_that_stands_still_is_not_cheap(void **state)
{
    (void)state;
    stage_presets(&stage, "rule_based");
    stage_begin(&stage, 1, 2, true, TD_DAY);
    for (int i = 0; i < 200; i++)
        assert_int_equal(stage_close(&stage, 50, 10), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(votes_decide),
        cmocka_unit_test(a_market_that_stands_still_is_not_cheap),
    };
    return cmocka_run_group_tests_name("strat/rule_based", tests, NULL, NULL);
}
