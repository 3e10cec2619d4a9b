/* tests/strat/pairs_test.c - a made pair against a recomputation, pairs that are none, and what goes wrong with halves. */
#include "strat/strat_stage.h"

#include "strat/unit_root.h"

#define BARS 1500

static struct stage stage;
static double y[BARS], x[BARS], rest[BARS];

/* y = 10 + 1.3*x + rest; rest keeps `keep` of itself a bar (1: the two are strangers). */
static void make(uint64_t seed, double keep)
{
    struct td_rng rng;
    double level = 100, away = 0;
    td_rng_init(&rng, seed);
    for (int i = 0; i < BARS; i++) {
        level = fmax(40, level + 0.7 * td_rng_normal(&rng));
        away = keep * away + 0.8 * td_rng_normal(&rng);
        x[i] = stage_cent(level);
        y[i] = stage_cent(10 + 1.3 * level + away);
    }
}

static void begin(const char *name)
{
    stage_presets(&stage, name);
    stage_begin(&stage, 2, 0, true, TD_DAY);
}

static size_t both(int i)
{
    stage.now += stage.span;
    const size_t first = stage_bar(&stage, 0, &(struct stage_bar){y[i], y[i], y[i], y[i], 1});
    assert_int_equal(first, 0); /* half an observation decides nothing */
    return stage_bar(&stage, 1, &(struct stage_bar){x[i], x[i], x[i], x[i], 1});
}

/* Least squares the long way round. */
static void fit(int i, int n, double *a, double *b, double *deviation, double *correlation)
{
    double sx = 0, sy = 0, sxx = 0, sxy = 0, syy = 0, squares = 0;
    for (int k = i + 1 - n; k <= i; k++) {
        const double u = x[k] - x[i], v = y[k] - y[i];
        sx += u;
        sy += v;
        sxx += u * u;
        sxy += u * v;
        syy += v * v;
    }
    *b = (n * sxy - sx * sy) / (n * sxx - sx * sx);
    *a = y[i] + sy / n - *b * (x[i] + sx / n);
    *correlation = (n * sxy - sx * sy) / sqrt((n * sxx - sx * sx) * (n * syy - sy * sy));
    for (int k = i + 1 - n; k <= i; k++)
        squares += pow(y[k] - *a - *b * x[k], 2);
    *deviation = sqrt(squares / n);
}

struct counts {
    int entries, means, stops, late, refused;
};

struct numbers {
    const char *name;
    int lookback;
    double correlation, enter, leave, days;
};

static const struct numbers variants[] = {
    {"pairs", 252, 0.7, 2, 0.5, 30},
    {"pairs_conserv", 252, 0.8, 2.5, 0.3, 30},
    {"pairs_aggress", 252, 0.6, 1.8, 0.7, 30},
    {"pairs_ml_hf", 126, 0.7, 1.5, 0.5, 10},
};

struct twin {
    int side; /* of y */
    double a, b, deviation;
    int since;
    bool resting;
};

static bool wants_in(struct twin *t, const struct numbers *v, int i, struct counts *c)
{
    double a, b, deviation, correlation;
    struct td_cointegration test;
    fit(i, v->lookback, &a, &b, &deviation, &correlation);
    const double z = (y[i] - a - b * x[i]) / deviation;
    t->resting = t->resting && !(fabs(z) < v->leave);
    if (t->resting || !(fabs(z) > v->enter && fabs(z) < 3.5) || correlation < v->correlation)
        return false;
    const int from = i + 1 - v->lookback;
    TD_OK_OR_FAIL(
        td_engle_granger(y + from, x + from, (size_t)v->lookback, TD_ADF_BY_AIC, rest, &test));
    if (test.test.p > 0.05 || b <= 0 || isinf(test.half_life)) {
        c->refused++;
        return false;
    }
    *t = (struct twin){z > 0 ? -1 : 1, a, b, deviation, i, false};
    return true;
}

static const char *wants_out(struct twin *t, const struct numbers *v, int i)
{
    const double z = (y[i] - t->a - t->b * x[i]) / t->deviation;
    if (fabs(z) < v->leave || z * t->side > 0)
        return "mean";
    t->resting = fabs(z) > 3.5 || i - t->since >= v->days;
    return fabs(z) > 3.5 ? "stop" : t->resting ? "too long" : NULL;
}

static void assert_entry(const struct twin *t, int i)
{
    const int64_t units = (int64_t)floor(10000 / (y[i] + t->b * x[i]));
    assert_int_equal(stage.count, 2);
    assert_int_equal(stage.out[0].leg, 0);
    assert_int_equal(stage.out[1].leg, 1);
    assert_int_equal(stage.out[0].action, t->side > 0 ? TD_BUY : TD_SELL);
    assert_int_equal(stage.out[1].action, t->side > 0 ? TD_SELL : TD_BUY);
    assert_int_equal(stage.out[0].qty.e9, units * TD_E9);
    assert_int_equal(stage.out[1].qty.e9, (int64_t)floor(t->b * (double)units) * TD_E9);
    assert_true(fabs(stage_px(stage.out[0].reference) - y[i]) < 1e-9);
    assert_true(fabs(stage_px(stage.out[1].reference) - x[i]) < 1e-9);
}

static void play(const struct numbers *v, struct counts *c)
{
    struct twin t = {0};
    begin(v->name);
    for (int i = 0; i < BARS; i++) {
        (void)both(i);
        if (t.side) {
            const char *why = wants_out(&t, v, i);
            assert_int_equal(stage.count, why ? 2 : 0);
            if (!why)
                continue;
            assert_non_null(strstr(stage.out[0].reason, why));
            assert_true(stage.out[0].exit && stage.out[1].exit);
            assert_true(fabs(stage_px(stage.out[0].reference) - y[i]) < 1e-9);
            c->means += strcmp(why, "mean") == 0;
            c->stops += strcmp(why, "stop") == 0;
            c->late += strcmp(why, "too long") == 0;
            t.side = 0;
        } else if (i + 1 >= v->lookback && wants_in(&t, v, i, c)) {
            assert_entry(&t, i);
            c->entries++;
        } else {
            assert_int_equal(stage.count, 0);
        }
    }
}

static void a_made_pair_is_traded_by_the_rule(void **state)
{
    (void)state;
    for (size_t k = 0; k < TD_COUNT(variants); k++) {
        struct counts c = {0};
        for (uint64_t seed = 1; seed <= 4; seed++) {
            make(seed, seed % 2 ? 0.85 : 0.97);
            play(&variants[k], &c);
        }
        if (c.entries < 20 || c.means < 10 || c.stops + c.late < 2)
            fail_msg("%s: %d in; %d at the mean, %d stops, %d late", variants[k].name, c.entries,
                     c.means, c.stops, c.late);
    }
}

/* Two walks of their own: the test lets few of the stretched moments pass. */
static void strangers_are_refused(void **state)
{
    (void)state;
    struct counts c = {0};
    for (uint64_t seed = 1; seed <= 10; seed++) {
        make(seed, 1);
        play(&variants[0], &c);
    }
    if (!(c.refused > 200 && c.entries < 40))
        fail_msg("%d entries, %d refused", c.entries, c.refused);
}

static void enter(int *i)
{
    make(3, 0.85);
    begin("pairs");
    for (*i = 0; *i < BARS - 100 && stage.legs[0].position.e9 == 0; ++*i)
        (void)both(*i);
    assert_true(stage.legs[0].position.e9 != 0 && stage.legs[1].position.e9 != 0);
}

static void half_a_pair_is_closed(void **state)
{
    (void)state;
    int i;
    enter(&i);
    stage.legs[0].position = TD_QTY(0); /* y was never filled */
    assert_int_equal(both(i), 1);
    assert_int_equal(stage.out[0].leg, 1);
    assert_true(stage.out[0].exit);
    enter(&i);
    stage.legs[1].pending = TD_QTY(5); /* one of them works: it waits */
    stage.legs[0].position = TD_QTY(0);
    const struct td_event ev = {.venue_ns = stage.now, .recv_ns = stage.now, .kind = TD_EV_GAP};
    stage.no_fills = true;
    assert_int_equal(stage_event(&stage, 0, &ev), 0);
    stage.no_fills = false;
}

/* An observation is both legs at one time. */
static void bars_apart_are_no_observation(void **state)
{
    (void)state;
    make(3, 0.85);
    begin("pairs");
    for (int i = 0; i < BARS; i++) {
        stage.now += stage.span;
        const struct stage_bar b = {y[i], y[i], y[i], y[i], 1}, c = {x[i], x[i], x[i], x[i], 1};
        assert_int_equal(stage_bar(&stage, 0, &b), 0);
        stage.now += TD_MIN;
        assert_int_equal(stage_bar(&stage, 1, &c), 0);
    }
}

static void refuses_what_cannot_be_a_pair(void **state)
{
    (void)state;
    struct td_fail why = {0};
    stage_presets(&stage, "pairs_aggress");
    assert_int_equal(stage_try(&stage, 3, 0, true, TD_DAY, &why), TD_EINVAL);
    assert_non_null(strstr(why.text, "pairs_aggress: takes its symbols two by two"));
    assert_int_equal(stage_try(&stage, 2, 0, false, TD_DAY, &why), TD_EINVAL);
    assert_non_null(strstr(why.text, "short selling is not allowed"));
    stage_set(&stage, "leave=3");
    assert_int_equal(stage_try(&stage, 2, 0, true, TD_DAY, &why), TD_EINVAL);
    assert_non_null(strstr(why.text, "leave 3"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_made_pair_is_traded_by_the_rule),
        cmocka_unit_test(strangers_are_refused),
        cmocka_unit_test(half_a_pair_is_closed),
        cmocka_unit_test(bars_apart_are_no_observation),
        cmocka_unit_test(refuses_what_cannot_be_a_pair),
    };
    return cmocka_run_group_tests_name("strat/pairs", tests, NULL, NULL);
}
