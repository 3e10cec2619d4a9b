/* tests/strat/registry_test.c - what must hold for every built-in strategy on every kind of series.
 *
 * Series of bars, prints, quotes and books: a walk, one with holes, a constant one, extremes from 1e-4 to 1e6, and values that are
 * no prices. stage_check looks at every intent. */
#include "strat/strat_stage.h"

#define BARS 700

static struct stage stage, other;
static struct stage_series series;

enum kind { WALK, HOLES, CONSTANT, TINY, HUGE_PRICES, JUMPS, NO_PRICES, KINDS };
static const char *const kinds[] = {"walk", "holes", "constant", "tiny", "huge", "jumps", "none"};

static double scale_of(int kind)
{
    return kind == TINY ? 1e-4 : kind == HUGE_PRICES ? 1e6 : 100;
}

static void make(int kind, uint64_t seed, size_t tail_from)
{
    struct td_rng rng;
    double px = scale_of(kind);
    td_rng_init(&rng, seed);
    series.n = 0;
    for (size_t i = 0; i < BARS; i++) {
        if (i == tail_from) /* another future */
            td_rng_init(&rng, seed + 1000);
        const double open = px, step = 0.01 * td_rng_normal(&rng);
        const double jump = kind == JUMPS && td_rng_chance(&rng, 0.05) ? 0.5 : 0;
        px *= kind == CONSTANT ? 1 : exp(step + (td_rng_chance(&rng, 0.5) ? jump : -jump));
        const double floor_px = scale_of(kind) * 0.05;
        px = fmin(fmax(px, floor_px), scale_of(kind) * 20);
        const double wide = kind == CONSTANT ? 0 : 0.002 * px * td_rng_unit(&rng);
        stage_add(&series, &(struct stage_bar){
                               open, fmax(open, px) + wide, fmin(open, px) - wide, px,
                               td_rng_chance(&rng, 0.1) ? 0 : floor(5000 * td_rng_unit(&rng))});
    }
}

/* `salt` 0: the same size everywhere. */
static void fill_book(struct td_book *book, double px, uint64_t salt)
{
    struct td_rng rng;
    td_rng_init(&rng, salt);
    td_book_init(book, 10);
    for (int side = 0; side < 2; side++)
        for (int row = 0; row < 10; row++) {
            const double away = px * 0.0008 * (row + 0.5) * (side == TD_BID ? -1 : 1);
            book->side[side][row] = (struct td_level){
                stage_of(px + away), {(salt ? td_rng_between(&rng, 1, 900) : 100) * TD_E9}};
        }
    book->rows[0] = book->rows[1] = 10;
}

/* Everything that an instrument shows around bar i. */
static void play_bar(struct stage *s, int kind, uint32_t leg, size_t i)
{
    struct td_rng rng;
    struct stage_bar b = series.bars[i];
    const double tilt = leg % 2 ? 1 + 0.05 * sin((double)i / 7) : 1; /* pairs part and meet */
    td_rng_init(&rng, i * 64 + leg);
    b = (struct stage_bar){b.open * tilt, b.high * tilt, b.low * tilt, b.close * tilt, b.volume};
    if (kind == HOLES && td_rng_chance(&rng, 0.3))
        return;
    fill_book(&s->books[leg], b.close, kind == CONSTANT ? 0 : i * 64 + leg + 7);
    s->legs[leg].book = &s->books[leg];
    const int64_t most = kind == CONSTANT ? 1 : 900;
    (void)stage_quote(s, leg, b.close * 0.9998, (double)td_rng_between(&rng, 1, most),
                      b.close * 1.0002, (double)td_rng_between(&rng, 1, most));
    for (int k = 0; k < 3; k++)
        (void)stage_trade(s, leg, b.low + (b.high - b.low) * td_rng_unit(&rng), 10);
    const struct td_event depth = {
        .venue_ns = s->now, .recv_ns = s->now, .inst = leg, .kind = TD_EV_DEPTH};
    (void)stage_event(s, leg, &depth);
    (void)stage_bar(s, leg, &b);
}

static void nothing_but_cancels(struct stage *s, uint32_t leg, const struct td_event *event)
{
    (void)stage_event(s, leg, event);
    for (size_t i = 0; i < s->count; i++)
        assert_int_equal(s->out[i].kind, TD_INTENT_CANCEL);
}

/* Events that carry no price to decide by. */
static void play_nothing(struct stage *s, uint32_t leg, size_t i)
{
    static const int64_t none[] = {TD_E9_NONE, 0, -5 * TD_E9, INT64_MIN + 1, INT64_MAX - 1};
    const td_px px = {none[i % TD_COUNT(none)]}, good = {100 * TD_E9};
    struct td_event ev = {.venue_ns = s->now, .recv_ns = s->now, .inst = leg};
    ev.kind = TD_EV_BAR;
    ev.bar = (struct td_bar){.open = good, .high = good, .low = px, .close = px, .span = s->span};
    ev.bar.volume = i % 2 ? TD_QTY_NONE : TD_QTY(-7);
    nothing_but_cancels(s, leg, &ev);
    ev.kind = TD_EV_TRADE;
    ev.trade = (struct td_trade){.px = px, .qty = {none[i % TD_COUNT(none)]}};
    s->legs[leg].last = px;
    nothing_but_cancels(s, leg, &ev);
    ev.kind = TD_EV_QUOTE;
    ev.quote = (struct td_quote){px, i % 3 ? px : good, TD_QTY(1), TD_QTY(0)};
    s->legs[leg].quote = ev.quote;
    nothing_but_cancels(s, leg, &ev);
    ev.kind = TD_EV_DEPTH;
    td_book_init(&s->books[leg], 10);
    s->books[leg].broken = i % 2;
    s->books[leg].rows[0] = s->books[leg].rows[1] = i % 3 ? 1 : 0;
    s->books[leg].side[0][0] = (struct td_level){px, TD_QTY(5)};
    s->books[leg].side[1][0] = (struct td_level){px, TD_QTY(5)};
    s->legs[leg].book = &s->books[leg];
    nothing_but_cancels(s, leg, &ev);
    ev.kind = TD_EV_GAP;
    nothing_but_cancels(s, leg, &ev);
}

static void play(struct stage *s, int kind, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        s->now += s->span;
        for (uint32_t leg = 0; leg < s->leg_count; leg++) {
            if (kind == NO_PRICES && i > 300)
                play_nothing(s, leg, i);
            else
                play_bar(s, kind, leg, i);
        }
    }
}

static uint32_t legs_for(const struct td_strat *strat)
{
    return strat->scope == TD_SCOPE_EACH ? 1 : strat->legs_min > 4 ? strat->legs_min : 4;
}

/* Portfolios decide by the week. */
static td_ns span_for(const struct td_strat *strat)
{
    return strat->scope == TD_SCOPE_EACH ? 5 * TD_MIN : 4 * TD_HOUR;
}

static void begin(struct stage *s, const struct td_strat *strat, double size)
{
    stage_presets(s, strat->name);
    stage_begin(s, legs_for(strat), size, true, span_for(strat));
    s->events = s->intents = 0;
}

static void every_series(void **state)
{
    (void)state;
    for (const struct td_strat *const *s = td_strategies; *s; s++)
        for (int kind = 0; kind < KINDS; kind++)
            for (int size = 0; size < 2; size++) {
                make(kind, 42, BARS);
                begin(&stage, *s, size ? 3 : 0);
                play(&stage, kind, 0, BARS);
                if (kind == CONSTANT && stage.intents && strcmp((*s)->name, "spread") != 0)
                    fail_msg("%s: %d intents on %s", (*s)->name, (int)stage.intents, kinds[kind]);
            }
}

/* The parameters at either end of their ranges: refused with a reason, or played. */
static void ends_of_the_ranges(void **state)
{
    (void)state;
    make(WALK, 7, BARS);
    for (const struct td_strat *const *s = td_strategies; *s; s++)
        for (uint32_t p = 0; p < 2 * (*s)->param_count + 2; p++) {
            struct td_fail why = {0};
            const struct td_strat_param *rows = (*s)->params;
            stage_presets(&stage, (*s)->name);
            for (uint32_t k = 0; k < (*s)->param_count; k++) {
                assert_true(rows[k].preset >= rows[k].low && rows[k].preset <= rows[k].high);
                if (p / 2 == k || p / 2 == (*s)->param_count)
                    stage.params[k] = p % 2 ? rows[k].high : rows[k].low;
            }
            const enum td_err err = stage_try(&stage, legs_for(*s), 1, true, span_for(*s), &why);
            if (err != TD_OK) {
                assert_true(err == TD_EINVAL || err == TD_ERANGE);
                assert_non_null(strstr(why.text, (*s)->name));
                continue;
            }
            play(&stage, WALK, 0, 150);
        }
}

static bool same_intents(const struct stage *a, const struct stage *b)
{
    return a->intents == b->intents && a->count == b->count &&
           memcmp(a->legs[0].position.e9 == b->legs[0].position.e9 ? "" : "x", "", 1) == 0 &&
           memcmp(a->out, b->out, a->count * sizeof a->out[0]) == 0;
}

/* A copy of the state goes on as the original does; the past alone decides. */
static void copies_and_futures(void **state)
{
    (void)state;
    for (const struct td_strat *const *s = td_strategies; *s; s++) {
        make(WALK, 11, BARS);
        begin(&stage, *s, 3);
        memset(stage.out, 0, sizeof stage.out);
        play(&stage, WALK, 0, 400);
        const uint64_t before = stage.intents;
        other = stage;
        for (uint32_t k = 0; k < stage.leg_count; k++) {
            other.legs[k].inst = &other.insts[k];
            if (other.legs[k].book)
                other.legs[k].book = &other.books[k];
        }
        for (size_t i = 400; i < 650; i++) {
            play(&stage, WALK, i, i + 1);
            play(&other, WALK, i, i + 1);
            if (!same_intents(&stage, &other))
                fail_msg("%s: the copy differs on bar %zu", (*s)->name, i);
        }
        make(WALK, 11, 400); /* the same past, another future */
        begin(&other, *s, 3);
        memset(other.out, 0, sizeof other.out);
        play(&other, WALK, 0, 400);
        assert_int_equal(other.intents, before);
    }
}

/* While an order of the instrument works, somebody's or its own, nothing is sent beside it: flat or holding. */
static void nothing_beside_a_working_order(void **state)
{
    (void)state;
    for (const struct td_strat *const *s = td_strategies; *s; s++)
        for (int held = -1; held <= 1; held++) {
            make(JUMPS, 3, BARS);
            begin(&stage, *s, 3);
            stage.busy = true;
            for (uint32_t leg = 0; leg < stage.leg_count; leg++) {
                stage.legs[leg].position = TD_QTY(held * (leg % 2 ? -5 : 5));
                stage.legs[leg].average = TD_PX(100);
            }
            stage_count_pending(&stage);
            play(&stage, JUMPS, 0, BARS);
            stage.busy = false;
            if (stage.intents)
                fail_msg("%s, holding %d: %d intents", (*s)->name, held, (int)stage.intents);
        }
}

/* What cannot be traded is not entered, but it is left. */
static void no_entry_into_what_cannot_be_traded(void **state)
{
    (void)state;
    for (const struct td_strat *const *s = td_strategies; *s; s++) {
        if (*s == &td_strat_sma_cross) /* leaves that to the gates */
            continue;
        make(WALK, 5, BARS);
        begin(&stage, *s, 3);
        for (uint32_t leg = 0; leg < stage.leg_count; leg++)
            stage.legs[leg].tradable = false;
        play(&stage, WALK, 0, BARS);
        assert_int_equal(stage.intents, 0);
    }
}

/* Warm and willing: on waves every strategy wants something (else the checks above check nothing). */
static void none_is_silent(void **state)
{
    (void)state;
    for (const struct td_strat *const *s = td_strategies; *s; s++) {
        uint64_t intents = 0;
        for (uint64_t seed = 1; seed < 6 && !intents; seed++)
            for (int kind = 0; kind < KINDS && !intents; kind++) {
                make(kind, seed, BARS);
                begin(&stage, *s, 3);
                play(&stage, kind, 0, BARS);
                intents += stage.intents;
            }
        if (!intents)
            fail_msg("%s never wanted anything", (*s)->name);
    }
}

static void rows_are_well_formed(void **state)
{
    char names[400], few[12];
    (void)state;
    td_strat_names(names, sizeof names);
    assert_int_equal(strncmp(names, "sma_cross, momentum, ", 21), 0);
    td_strat_names(few, sizeof few);
    assert_int_equal(strlen(few), sizeof few - 1);
    for (const struct td_strat *const *s = td_strategies; *s; s++) {
        assert_non_null(strstr(names, (*s)->name));
        assert_true(strlen((*s)->name) < sizeof((struct td_intent *)NULL)->strategy);
        assert_true((*s)->help && (*s)->help[0] && (*s)->state_size <= TD_STRAT_STATE_MAX);
        assert_true((*s)->param_count <= TD_STRAT_PARAMS);
        assert_true((*s)->scope == TD_SCOPE_EACH || (*s)->legs_min <= TD_LEGS_MAX);
        for (const struct td_strat *const *t = td_strategies; t != s; t++)
            assert_string_not_equal((*s)->name, (*t)->name);
        for (uint32_t i = 0; i < (*s)->param_count; i++) {
            assert_non_null((*s)->params[i].help);
            for (uint32_t k = 0; k < i; k++)
                assert_string_not_equal((*s)->params[i].name, (*s)->params[k].name);
        }
    }
}

static const double *param_of(const struct td_strat_use *use, const char *name)
{
    uint32_t i = 0;
    while (i < use->strat->param_count && strcmp(use->strat->params[i].name, name) != 0)
        i++;
    assert_true(i < use->strat->param_count);
    return &use->params[i];
}

static void a_number_goes_to_those_that_have_it(void **state)
{
    (void)state;
    struct td_strat_use uses[] = {{.strat = td_strat_find("sma_cross")},
                                  {.strat = td_strat_find("pairs")},
                                  {.strat = td_strat_find("ml_enhanced")}};
    const uint32_t n = TD_COUNT(uses);
    struct td_fail why = {0};
    for (uint32_t i = 0; i < n; i++)
        td_strat_presets(uses[i].strat, uses[i].params);
    const double *sma = param_of(&uses[0], "fast"), *ml = param_of(&uses[2], "fast");
    TD_OK_OR_FAIL(td_strat_set_all(uses, n, td_str_of("fast=7"), &why));
    assert_true(*sma == 7 && *ml == 7);
    TD_OK_OR_FAIL(td_strat_set_all(uses, n, td_str_of("ml_enhanced.fast=8"), &why));
    assert_true(*sma == 7 && *ml == 8);
    assert_int_equal(td_strat_set_all(uses, n, td_str_of("medium=3"), &why), TD_ENOENT);
    assert_int_equal(td_strat_set_all(uses, n, td_str_of("momentum.fast=3"), &why), TD_ENOENT);
    assert_int_equal(td_strat_set_all(uses, n, td_str_of("sma_cross.fast=9999"), &why), TD_ERANGE);
    assert_int_equal(td_strat_set_all(uses, n, td_str_of("fast=x"), &why), TD_EINVAL);
    assert_true(*sma == 7 && *ml == 8);
    assert_int_equal(td_strat_set_all(uses, 0, td_str_of("fast=7"), &why), TD_ENOENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_well_formed),
        cmocka_unit_test(a_number_goes_to_those_that_have_it),
        cmocka_unit_test(every_series),
        cmocka_unit_test(ends_of_the_ranges),
        cmocka_unit_test(copies_and_futures),
        cmocka_unit_test(none_is_silent),
        cmocka_unit_test(nothing_beside_a_working_order),
        cmocka_unit_test(no_entry_into_what_cannot_be_traded),
    };
    return cmocka_run_group_tests_name("strat/registry", tests, NULL, NULL);
}
