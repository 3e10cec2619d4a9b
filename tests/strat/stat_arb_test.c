/* tests/strat/stat_arb_test.c - the weekly choice of a universe against a recomputation from the bars before the week. */
#include "strat/strat_stage.h"

#define LEGS 14
#define BARS 260
#define DAYS 126

static struct stage stage;
static struct stage_series series[LEGS], window;

static void make(uint64_t seed)
{
    for (uint64_t leg = 0; leg < LEGS; leg++)
        stage_walk(&series[leg], seed * 100 + leg, BARS, 20 + 10 * (double)leg, 0.02);
}

struct facts {
    double rsi, place, busy, z, gain, money;
};

/* From the 127 closes before bar i of a leg. */
static struct facts facts_at(size_t leg, size_t i)
{
    static double column[STAGE_BARS];
    struct facts f = {0};
    window.n = 0;
    for (size_t k = i - DAYS - 1; k < i; k++) {
        const struct stage_bar *b = &series[leg].bars[k];
        stage_add(&window, &(struct stage_bar){b->close, b->close, b->close, b->close, b->volume});
        if (k + 20 >= i)
            f.money += b->close * b->volume;
    }
    stage_row(&window, "RSI", 14, 0, 0, 3, 0, column);
    f.rsi = column[DAYS];
    stage_row(&window, "PERCENTB", 20, 2, 0, 3, 0, column);
    f.place = column[DAYS];
    stage_row(&window, "RVOL", 20, 0, 0, 4, 0, column);
    f.busy = column[DAYS];
    stage_row(&window, "ZSCORE", 20, 0, 0, 3, 0, column);
    f.z = column[DAYS];
    f.gain = series[leg].bars[i - 1].close / series[leg].bars[i - DAYS - 1].close;
    return f;
}

static double cut(double v)
{
    return fmax(0, fmin(1, v));
}

static double score(const struct facts *all, size_t leg, int side)
{
    double gains = 0, moneys = 0;
    const struct facts *f = &all[leg];
    for (size_t k = 0; k < LEGS; k++) {
        gains += all[k].gain < f->gain;
        moneys += all[k].money < f->money;
    }
    gains /= LEGS - 1;
    moneys /= LEGS - 1;
    return 0.25 * cut(side * (50 - f->rsi) / 20) + 0.25 * cut(side > 0 ? 1 - f->place : f->place) +
           0.15 * cut(f->busy / 1.5) + 0.15 * (side > 0 ? gains : 1 - gains) +
           0.1 * cut(-side * f->z / 2) + 0.1 * moneys;
}

/* The choice by trying every rank: 1, -1 or 0 for each leg. */
static void choice_at(size_t i, double least, int most, bool shorts, int *wanted)
{
    struct facts all[LEGS];
    double best[2][LEGS];
    int order[2][LEGS], count[2] = {0};
    for (size_t k = 0; k < LEGS; k++)
        all[k] = facts_at(k, i);
    memset(wanted, 0, LEGS * sizeof *wanted);
    for (int side = 0; side < (shorts ? 2 : 1); side++)
        for (int k = 0; k < LEGS; k++) {
            const double v = score(all, (size_t)k, side ? -1 : 1);
            int at = count[side];
            if (v < least)
                continue;
            for (; at > 0 && best[side][at - 1] < v; at--) {
                best[side][at] = best[side][at - 1];
                order[side][at] = order[side][at - 1];
            }
            best[side][at] = v;
            order[side][at] = k;
            count[side]++;
        }
    if (!shorts) {
        for (int k = 0; k < count[0] && k < most; k++)
            wanted[order[0][k]] = 1;
        return;
    }
    int longs = count[0] < most / 2 ? count[0] : most / 2, n = 0;
    for (int k = 0; k < longs; k++)
        wanted[order[0][k]] = 1;
    for (int k = 0; k < count[1] && n < longs; k++)
        if (!wanted[order[1][k]]) {
            wanted[order[1][k]] = -1;
            n++;
        }
    while (longs > n)
        wanted[order[0][--longs]] = 0;
}

static void play(const char *least, double least_value, int most, bool shorts, int *held_most,
                 int *held_short)
{
    int wanted[LEGS] = {0}, held[LEGS] = {0};
    char names[32];
    (void)snprintf(names, sizeof names, "names=%d", most);
    stage_presets(&stage, "stat_arb");
    stage_set(&stage, least);
    stage_set(&stage, names);
    stage_begin(&stage, LEGS, 3, shorts, TD_DAY);
    bool chosen = false;
    for (size_t i = 0; i < BARS; i++) {
        int count = 0, below = 0;
        stage.now += stage.span;
        /* The bar's day is the one it covers; day 4 is 1970-01-05, a Monday. */
        const bool monday = ((stage.now - 1) / TD_DAY - 4) % 7 == 0;
        if (monday && i > DAYS) {
            choice_at(i, least_value, most, shorts, wanted);
            chosen = true;
        }
        for (uint32_t leg = 0; leg < LEGS; leg++) {
            int want = 0;
            if (held[leg] && held[leg] != wanted[leg])
                want = -held[leg];
            else if (!held[leg] && chosen && wanted[leg])
                want = wanted[leg];
            (void)stage_bar(&stage, leg, &series[leg].bars[i]);
            const int got = !stage.count ? 0 : stage.out[0].action == TD_BUY ? 1 : -1;
            if (got != want)
                fail_msg("day %zu leg %u: %d instead of %d", i, leg, got, want);
            held[leg] += want;
            count += held[leg] != 0;
            below += held[leg] < 0;
        }
        *held_most = count > *held_most ? count : *held_most;
        *held_short = below > *held_short ? below : *held_short;
    }
}

static void the_best_of_the_week(void **state)
{
    (void)state;
    int held = 0, below = 0;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        make(seed);
        play("score_min=0.6", 0.6, 10, false, &held, &below);
    }
    assert_true(held >= 2 && held <= 10 && below == 0);
    play("score_min=0.3", 0.3, 4, false, &held, &below);
    held = 0;
    play("score_min=0.3", 0.3, 4, false, &held, &below);
    assert_true(held == 4 && below == 0);
}

static void as_many_shorts_as_longs(void **state)
{
    (void)state;
    int held = 0, below = 0;
    make(7);
    play("score_min=0.45", 0.45, 10, true, &held, &below);
    assert_true(held >= 4 && below >= 2 && below <= 5);
}

/* The universe is the first symbols; others are not looked at. */
static void the_universe_is_bounded(void **state)
{
    (void)state;
    make(1);
    stage_presets(&stage, "stat_arb");
    stage_set(&stage, "universe=5");
    stage_set(&stage, "score_min=0");
    stage_begin(&stage, LEGS, 3, false, TD_DAY);
    for (size_t i = 0; i < BARS; i++) {
        stage.now += stage.span;
        for (uint32_t leg = 0; leg < LEGS; leg++)
            assert_true(stage_bar(&stage, leg, &series[leg].bars[i]) == 0 || leg < 5);
    }
    assert_true(stage.intents >= 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_best_of_the_week),
        cmocka_unit_test(as_many_shorts_as_longs),
        cmocka_unit_test(the_universe_is_bounded),
    };
    return cmocka_run_group_tests_name("strat/stat_arb", tests, NULL, NULL);
}
