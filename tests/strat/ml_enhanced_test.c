/* tests/strat/ml_enhanced_test.c - frames against a recomputation from minutes, what they decide, and what is seen when. */
#include "strat/strat_stage.h"

#include "strat/bar_feed.h"
#include "strat/regimes.h"

#define BARS 3900

static struct stage stage;
static struct stage_series series;
static struct td_regime regimes[STAGE_BARS];
static double sizes[STAGE_BARS];

static const size_t frame_minutes[] = {1, 5, 15, 60, 1440};
static size_t bar_minutes; /* of the bars that are played */

static void watch_all(const double *params)
{
    static struct td_regime_watch watch;
    memset(&watch, 0, sizeof watch);
    TD_OK_OR_FAIL(td_regime_begin(&watch, params, NULL));
    for (size_t i = 0; i < series.n; i++) {
        const struct stage_bar *b = &series.bars[i];
        const double bar[TD_FEED_COLUMNS] = {b->open, b->high, b->low, b->close, b->volume};
        td_regime_step(&watch, bar, &regimes[i]);
        sizes[i] = td_regime_size(&watch, &regimes[i]);
    }
}

/* A frame of `n` minutes after bar i, from the closes of its finished bars; NaN: fewer than 20, or shorter than the bars. `first` is
 * the minute of the day (that begins at 05:00 UTC) at which the series begins. */
static double look_at(size_t i, size_t n, size_t first)
{
    double closes[20], fast = 0, slow = 0, squares = 0;
    size_t got = 0;
    for (size_t k = i + 1; k-- > 0 && got < 20;)
        if (n >= bar_minutes && (first + (k + 1) * bar_minutes) % n == 0)
            closes[got++] = series.bars[k].close;
    if (got < 20)
        return (double)NAN;
    for (size_t k = 0; k < 20; k++) {
        slow += closes[k] / 20;
        fast += k < 10 ? closes[k] / 10 : 0;
    }
    for (size_t k = 0; k < 20; k++)
        squares += (closes[k] - slow) * (closes[k] - slow);
    if (fabs(fast - slow) < slow * 1e-12) /* neither way, but for rounding */
        return 0;
    return fmax(-1, fmin(1, (fast - slow) / sqrt(squares / 20)));
}

struct opinion {
    int side;
    double confidence;
    bool disagree, enough;
};

static struct opinion opinion_at(size_t i, size_t first)
{
    struct opinion o = {0};
    double sum = 0, looks[5], same = 0;
    int warm = 0, agree = 0;
    for (int f = 0; f < 5; f++) {
        looks[f] = look_at(i, frame_minutes[f], first);
        warm += !isnan(looks[f]);
        sum += isnan(looks[f]) ? 0 : looks[f];
    }
    o.side = (sum > 0) - (sum < 0);
    for (int f = 0; f < 5; f++) {
        agree += looks[f] * o.side > 0;
        same += looks[f] * o.side > 0 ? looks[f] * o.side : 0;
        o.disagree = o.disagree || looks[f] * o.side < 0;
    }
    if (warm < 2 || !agree)
        return (struct opinion){0};
    o.confidence = same / agree;
    const double least = regimes[i].vol >= TD_VOL_HIGH ? 0.7
                         : abs(regimes[i].trend) == 2  ? 0.5
                                                       : 0.6;
    o.enough = o.disagree ? o.confidence > 0.8 : o.confidence >= least;
    return o;
}

static double holding(const struct td_regime *r)
{
    return r->vol >= TD_VOL_HIGH ? 30 : abs(r->trend) == 2 ? 240 : 120;
}

static void decides_as_the_frames_say(void **state)
{
    (void)state;
    int entries = 0, timed = 0, turned = 0, disagreeing = 0, capped = 0;
    for (uint64_t seed = 1; seed <= 4;
         seed++) { /* of minutes, then of hours: the day's frame as well */
        bar_minutes = seed <= 2 ? 1 : 60;
        int side = 0;
        size_t seen = 0;
        double minutes = 0;
        stage_walk(&series, seed, BARS, 100, 0.001);
        stage_presets(&stage, "ml_enhanced");
        stage_set(&stage, seed == 2 ? "size=0.045" : "size=0.02");
        watch_all(stage.params);
        stage_begin(&stage, 1, 0, true, (td_ns)bar_minutes * TD_MIN);
        stage.equity = TD_CASH(1000000);
        stage.now -= stage.now % TD_HOUR;
        const size_t first = (size_t)((stage.now - 5 * TD_HOUR) / TD_MIN % 1440);
        for (size_t i = 0; i < series.n; i++) {
            const struct opinion o = opinion_at(i, first);
            int want = 0, timeout = 0;
            if (regimes[i].known && side) {
                timeout = (double)((i + 1 - seen) * bar_minutes) >= minutes;
                if (regimes[i].crash || timeout || (o.side == -side && o.enough))
                    want = -side;
            } else if (regimes[i].known && o.side && o.enough && sizes[i] > 0) {
                want = o.side;
            }
            stage.now += stage.span;
            (void)stage_bar(&stage, 0, &series.bars[i]);
            const int got = !stage.count ? 0 : stage.out[0].action == TD_BUY ? 1 : -1;
            if (got != want)
                fail_msg("seed %d minute %zu: %d instead of %d", (int)seed, i, got, want);
            if (want && !side) {
                const double part =
                    fmin(0.05, (seed == 2 ? 0.045 : 0.02) * sizes[i] * o.confidence);
                assert_int_equal(stage.out[0].qty.e9 / TD_E9,
                                 (int64_t)floor(1000000 * part / series.bars[i].close));
                assert_true(fabs(stage.out[0].strength - part / 0.05) < 1e-9);
                minutes = holding(&regimes[i]);
                seen = i + 1; /* held from the next bar on */
                entries++;
                capped += part == 0.05;
                disagreeing += o.disagree;
            } else if (want) {
                timed += timeout;
                turned += !timeout;
            }
            side += want;
        }
    }
    assert_true(entries > 40 && timed > 10 && turned > 5 && disagreeing > 5 && capped > 0);
}

/* Bars of five minutes: the frame of a minute cannot be, the others can; 30 s make all of them. */
static void frames_follow_the_bars(void **state)
{
    (void)state;
    struct td_fail why = {0};
    static const struct {
        td_ns span;
        enum td_err err;
    } cases[] = {{TD_MIN, TD_OK},        {5 * TD_MIN, TD_OK},     {30 * TD_SEC, TD_OK},
                 {TD_DAY, TD_OK},        {7 * TD_DAY, TD_EINVAL}, {0, TD_EINVAL},
                 {7 * TD_SEC, TD_EINVAL}};
    stage_presets(&stage, "ml_enhanced");
    for (size_t i = 0; i < TD_COUNT(cases); i++)
        assert_int_equal(stage_try(&stage, 1, 1, true, cases[i].span, &why), cases[i].err);
    assert_non_null(strstr(why.text, "make no frame"));
    stage_set(&stage, "slow=10");
    assert_int_equal(stage_try(&stage, 1, 1, true, TD_MIN, &why), TD_EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decides_as_the_frames_say),
        cmocka_unit_test(frames_follow_the_bars),
    };
    return cmocka_run_group_tests_name("strat/ml_enhanced", tests, NULL, NULL);
}
