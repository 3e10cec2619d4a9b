/* tests/strat/momentum_test.c - the score against a recomputation over the whole series, and each way in and out. */
#include "strat/strat_stage.h"

static struct stage stage;
static struct stage_series series;
static double rsi[STAGE_BARS], macd[STAGE_BARS], signal_line[STAGE_BARS], fast[STAGE_BARS],
    slow[STAGE_BARS], busy[STAGE_BARS], atr[STAGE_BARS], place[STAGE_BARS];

static void columns(void)
{
    stage_row(&series, "RSI", 14, 0, 0, 3, 0, rsi);
    stage_row(&series, "MACD", 12, 26, 9, 3, 0, macd);
    stage_row(&series, "MACD", 12, 26, 9, 3, 1, signal_line);
    stage_row(&series, "ROCP", 5, 0, 0, 3, 0, fast);
    stage_row(&series, "ROCP", 20, 0, 0, 3, 0, slow);
    stage_row(&series, "RVOL", 20, 0, 0, 4, 0, busy);
    stage_row(&series, "ATR", 14, 0, 0, 3, 0, atr);
    stage_row(&series, "PERCENTB", 20, 2, 0, 3, 0, place);
}

static double cut(double x)
{
    return fmax(-1, fmin(1, x));
}

static double score_at(size_t i)
{
    const double lines = fabs(macd[i]) + fabs(signal_line[i]);
    const double volume = busy[i] >= 1.5 ? (fast[i] > 0 ? 1 : fast[i] < 0 ? -1 : 0) : 0;
    return 0.3 * cut((rsi[i] - 50) / 20) + 0.3 * cut((macd[i] - signal_line[i]) / lines) +
           0.2 * cut((0.7 * fast[i] + 0.3 * slow[i]) / 0.1) + 0.2 * volume;
}

/* The naive twin: what the rule does with everything known. */
struct twin {
    int side;
    double entry, stop, target, best;
    bool halved;
};

/* What is expected at bar i: 'b' or 's' an entry, 'x' all out, 'h' half out, 0 nothing. */
static char expected_at(struct twin *t, size_t i)
{
    const struct stage_bar *b = &series.bars[i];
    const double score = score_at(i);
    if (isnan(macd[i]) || isnan(slow[i]))
        return 0;
    if (t->side) {
        const double worst = t->side > 0 ? b->low : b->high, best = t->side > 0 ? b->high : b->low;
        if (t->side * (worst - t->stop) <= 0 || t->side * (best - t->target) >= 0)
            return 'x';
        t->best = fmax(t->best, t->side * score);
        if (t->side * score < -0.3)
            return 'x';
        return !t->halved && t->best > 0 && 1 - t->side * score / t->best > 0.5 ? 'h' : 0;
    }
    const double p = score > 0 ? place[i] : 1 - place[i];
    if (fabs(score) > 0.4 && fabs(score) * (1 + fmax(0, fmin(1, p))) >= 0.6)
        return score > 0 ? 'b' : 's';
    return 0;
}

static void follow(struct twin *t, char what, size_t i)
{
    if (what == 'x')
        *t = (struct twin){0};
    if (what == 'h')
        t->halved = true;
    if (what != 'b' && what != 's')
        return;
    t->side = what == 'b' ? 1 : -1;
    t->entry = series.bars[i].close;
}

/* The levels are set by the ATR of the bar on which the position is first seen. */
static void see(struct twin *t, size_t i)
{
    if (!t->side || t->stop != 0)
        return;
    t->stop = t->entry - t->side * 2 * atr[i];
    t->target = t->entry + t->side * 1.8 * 2 * atr[i];
}

static char seen(void)
{
    if (!stage.count)
        return 0;
    assert_int_equal(stage.count, 1);
    if (!stage.out[0].exit)
        return stage.out[0].action == TD_BUY ? 'b' : 's';
    return stage.legs[0].position.e9 ? 'h' : 'x';
}

static void does_what_the_rule_says_on_every_bar(void **state)
{
    (void)state;
    int counts[128] = {0}, reasons[4] = {0};
    for (uint64_t seed = 1; seed <= 3; seed++) {
        struct twin twin = {0};
        stage_walk(&series, seed, 3000, 100, 0.012);
        columns();
        stage_presets(&stage, "momentum");
        stage_begin(&stage, 1, 4, true, TD_DAY);
        for (size_t i = 0; i < series.n; i++) {
            see(&twin, i);
            const char want = expected_at(&twin, i);
            stage.now += stage.span;
            (void)stage_bar(&stage, 0, &series.bars[i]);
            const char got = seen();
            if (got != want)
                fail_msg("seed %d bar %zu: '%c' instead of '%c': %s", (int)seed, i, got ? got : '-',
                         want ? want : '-', stage.count ? stage.out[0].reason : "");
            counts[(int)got]++;
            if (got == 'x')
                reasons[strcmp(stage.out[0].reason, "stop") == 0     ? 0
                        : strcmp(stage.out[0].reason, "target") == 0 ? 1
                                                                     : 2]++;
            follow(&twin, want, i);
        }
    }
    assert_true(counts['b'] > 50 && counts['s'] > 50 && counts['h'] > 20 && counts['x'] > 100);
    assert_true(reasons[0] > 20 && reasons[1] > 20 && reasons[2] > 20);
}

/* A print through the stop between two bars is enough. */
static void a_print_reaches_the_stop(void **state)
{
    (void)state;
    stage_walk(&series, 1, 3000, 100, 0.012);
    stage_presets(&stage, "momentum");
    stage_begin(&stage, 1, 4, false, TD_DAY);
    size_t i = 0;
    while (stage.legs[0].position.e9 == 0) {
        stage.now += stage.span;
        (void)stage_bar(&stage, 0, &series.bars[i++]);
    }
    const double entry = series.bars[i - 1].close, risk = stage_px(stage.out[0].risk);
    assert_true(risk > 0);
    stage.now += 2 * TD_SEC; /* past the pace */
    assert_int_equal(stage_trade(&stage, 0, entry - 0.99 * risk, 1), 0);
    assert_int_equal(stage_trade(&stage, 0, entry - 1.01 * risk, 1), 1);
    assert_string_equal(stage.out[0].reason, "stop");
    assert_int_equal(stage.legs[0].position.e9, 0);
}

static void refuses_parameters_that_do_not_fit(void **state)
{
    (void)state;
    struct td_fail why = {0};
    stage_presets(&stage, "momentum");
    stage_set(&stage, "macd_fast=26");
    assert_int_equal(stage_try(&stage, 1, 1, true, TD_DAY, &why), TD_EINVAL);
    assert_non_null(strstr(why.text, "macd_fast 26"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(does_what_the_rule_says_on_every_bar),
        cmocka_unit_test(a_print_reaches_the_stop),
        cmocka_unit_test(refuses_parameters_that_do_not_fit),
    };
    return cmocka_run_group_tests_name("strat/momentum", tests, NULL, NULL);
}
