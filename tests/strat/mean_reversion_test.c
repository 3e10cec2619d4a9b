/* tests/strat/mean_reversion_test.c - the score against sums made anew on every bar, ways out, and the model's say. */
#include "strat/strat_stage.h"

static struct stage stage;
static struct stage_series series;
static double rsi[STAGE_BARS];

struct moments {
    double mean, population, sample;
};

static struct moments last_20(size_t i)
{
    struct moments m = {0};
    double squares = 0;
    for (size_t k = i - 19; k <= i; k++)
        m.mean += series.bars[k].close / 20;
    for (size_t k = i - 19; k <= i; k++)
        squares += (series.bars[k].close - m.mean) * (series.bars[k].close - m.mean);
    m.population = sqrt(squares / 20);
    m.sample = sqrt(squares / 19);
    return m;
}

static double score_at(size_t i)
{
    const struct moments m = last_20(i);
    const double away = m.mean - series.bars[i].close;
    return 0.4 * away / (2 * m.population) + 0.3 * (50 - rsi[i]) / 25 + 0.3 * away / m.sample / 2;
}

static void does_what_the_rule_says_on_every_bar(void **state)
{
    (void)state;
    int entries[2] = {0}, exits[3] = {0};
    for (uint64_t seed = 1; seed <= 3; seed++) {
        uint32_t held = 0;
        int side = 0;
        stage_walk(&series, seed, 3000, 100, 0.02);
        stage_row(&series, "RSI", 14, 0, 0, 3, 0, rsi);
        stage_presets(&stage, "mean_reversion");
        stage_set(&stage, seed == 3 ? "leave=-9" : "leave=0.5"); /* then only mean and bars */
        const double leave = seed == 3 ? -9 : 0.5;
        stage_set(&stage, "bars_max=12");
        stage_begin(&stage, 1, 1, true, TD_DAY);
        for (size_t i = 0; i < series.n; i++) {
            int want = 0; /* change of the side */
            const double score = i >= 19 ? score_at(i) : 0;
            held += side != 0;
            if (side) {
                const double past = (series.bars[i].close - last_20(i).mean) * side;
                const int why = past >= 0 ? 0 : score * side < leave ? 1 : held >= 12 ? 2 : -1;
                want = why >= 0 ? -side : 0;
                exits[why >= 0 ? why : 0] += why >= 0;
            } else if (fabs(score) > 1) {
                want = score > 0 ? 1 : -1;
                entries[score > 0]++;
            }
            stage.now += stage.span;
            (void)stage_bar(&stage, 0, &series.bars[i]);
            const int got = !stage.count ? 0 : stage.out[0].action == TD_BUY ? 1 : -1;
            if (got != want)
                fail_msg("seed %d bar %zu: %d instead of %d", (int)seed, i, got, want);
            side += want;
            held = want ? 0 : held;
        }
    }
    assert_true(entries[0] > 100 && entries[1] > 100);
    assert_true(exits[0] > 20 && exits[1] > 50 && exits[2] > 20);
}

/* Thirty bars that go sideways and then fall: the next one is cheap. */
static size_t fall(const struct td_forecast *forecast)
{
    stage_presets(&stage, "mean_reversion");
    stage_begin(&stage, 1, 1, false, TD_DAY);
    stage.legs[0].forecast = forecast;
    for (int i = 0; i < 30; i++)
        assert_int_equal(stage_close(&stage, 100 + (i % 2 ? 0.2 : -0.2), 10), 0);
    return stage_close(&stage, 98, 10);
}

static void a_model_lifts_or_vetoes(void **state)
{
    (void)state;
    static const struct {
        double up;
        bool enters;
        double factor;
    } cases[] = {
        {0.29, false, 0}, {0.3, true, 1}, {0.59, true, 1}, {0.6, true, 1.5}, {-3, true, 1}};
    assert_int_equal(fall(NULL), 1);
    const double plain = stage.out[0].strength;
    assert_true(plain > 0.5 && plain < 1);
    for (size_t i = 0; i < TD_COUNT(cases); i++) {
        const struct td_forecast forecast = {cases[i].up};
        assert_int_equal(fall(&forecast), cases[i].enters);
        if (cases[i].enters)
            assert_true(fabs(stage.out[0].strength - fmin(1, plain * cases[i].factor)) < 1e-12);
    }
    const struct td_forecast none = {(double)NAN};
    assert_int_equal(fall(&none), 1);
    assert_true(stage.out[0].strength == plain);
}

static void refuses_parameters_that_do_not_fit(void **state)
{
    (void)state;
    struct td_fail why = {0};
    stage_presets(&stage, "mean_reversion");
    stage_set(&stage, "leave=1");
    assert_int_equal(stage_try(&stage, 1, 1, true, TD_DAY, &why), TD_EINVAL);
    assert_non_null(strstr(why.text, "leave 1"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(does_what_the_rule_says_on_every_bar),
        cmocka_unit_test(a_model_lifts_or_vetoes),
        cmocka_unit_test(refuses_parameters_that_do_not_fit),
    };
    return cmocka_run_group_tests_name("strat/mean_reversion", tests, NULL, NULL);
}
