/* tests/strat/strat_stage.h - a stage for strategies: legs whose market orders fill at once, and what every intent must be.
 *
 * Entries and exits at market fill at the reference price right after the event; limit orders with a tag work until they are changed,
 * cancelled or filled by the test. Every intent of every test passes stage_check. */
#ifndef TD_TESTS_STAGE_H
#define TD_TESTS_STAGE_H

#include "support/support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "signal/indicator.h"
#include "strat/strat.h"

#define STAGE_LEGS 64
#define STAGE_BARS 4000

struct stage {
    const struct td_strat *strat;
    double params[TD_STRAT_PARAMS];
    struct td_leg legs[STAGE_LEGS];
    struct td_instrument insts[STAGE_LEGS];
    struct td_book books[STAGE_LEGS];
    struct td_working working[TD_WORKING_MAX];
    uint32_t leg_count, working_count;
    td_ns now, span;
    td_cash equity;
    bool no_fills; /* what is wanted is denied: nothing changes */
    bool busy;     /* an order of somebody works on every leg */
    struct td_intent out[TD_INTENTS_MAX];
    size_t count;
    uint64_t events, intents;
    _Alignas(64) uint8_t memory[TD_STRAT_STATE_MAX + 64];
};

static inline double stage_px(td_px px)
{
    return td_px_is_none(px) ? (double)NAN : td_e9_to_double(px.e9);
}

static inline td_px stage_of(double px)
{
    td_px out;
    TD_OK_OR_FAIL(td_e9_from_double(px, &out.e9));
    return out;
}

/* By the strategy's presets; change `params` and call stage_begin to have others. */
static inline void stage_presets(struct stage *s, const char *name)
{
    s->strat = td_strat_find(name);
    assert_non_null(s->strat);
    td_strat_presets(s->strat, s->params);
}

static inline void stage_set(struct stage *s, const char *assignment)
{
    TD_OK_OR_FAIL(td_strat_set(s->strat, td_str_of(assignment), s->params, NULL));
}

static inline enum td_err stage_try(struct stage *s, uint32_t legs, double size, bool allow_short,
                                    td_ns span, struct td_fail *why)
{
    memset(s->memory, 0, sizeof s->memory);
    memset(s->memory + s->strat->state_size, 0xA5, 64);
    memset(s->legs, 0, sizeof s->legs);
    s->leg_count = legs;
    s->working_count = 0;
    s->now = 1000 * TD_DAY + 14 * TD_HOUR + 30 * TD_MIN;
    s->span = span;
    s->equity = TD_CASH_NONE;
    for (uint32_t i = 0; i < legs; i++) {
        s->insts[i] = (struct td_instrument){.min_tick = {TD_E9 / 100}, .multiplier = TD_QTY(1)};
        s->legs[i] = (struct td_leg){.inst = &s->insts[i],
                                     .quote = {TD_PX_NONE, TD_PX_NONE, {0}, {0}},
                                     .last = TD_PX_NONE,
                                     .tradable = true};
    }
    return s->strat->init(s->memory,
                          &(struct td_strat_setup){.params = s->params,
                                                   .size = {stage_of(size).e9},
                                                   .allow_short = allow_short,
                                                   .leg_count = legs,
                                                   .bar_span = span},
                          why);
}

static inline void stage_begin(struct stage *s, uint32_t legs, double size, bool allow_short,
                               td_ns span)
{
    struct td_fail why = {0};
    if (stage_try(s, legs, size, allow_short, span, &why) != TD_OK)
        fail_msg("%s: %s", s->strat->name, why.text);
}

static inline void stage_check_price(const struct stage *s, td_px px, const char *what)
{
    if (!td_px_is_none(px) && !(px.e9 > 0 && stage_px(px) <= 2e9))
        fail_msg("%s: %s of %.9g", s->strat->name, what, stage_px(px));
}

static inline void stage_check(const struct stage *s, const struct td_intent *i)
{
    const struct td_leg *leg = &s->legs[i->leg];
    assert_true(i->leg < s->leg_count);
    assert_true(i->kind <= TD_INTENT_CANCEL && i->action <= TD_SELL);
    assert_true(i->type < TD_ORDER_TYPE_COUNT && i->tif < TD_TIF_COUNT);
    assert_true(i->qty.e9 >= 0 && i->qty.e9 <= INT64_C(1000000000) * TD_E9);
    assert_true(i->strength >= 0 && i->strength <= 1);
    stage_check_price(s, i->reference, "reference");
    stage_check_price(s, i->limit, "limit");
    stage_check_price(s, i->risk, "risk");
    assert_string_equal(i->strategy, s->strat->name);
    assert_true(i->kind == TD_INTENT_CANCEL || i->reason[0]);
    if (i->exit) { /* closes, and never more than is held */
        const int64_t held = leg->position.e9;
        assert_true(i->qty.e9 > 0 && i->qty.e9 <= llabs(held));
        assert_int_equal(i->action, held > 0 ? TD_SELL : TD_BUY);
    }
    if (i->type == TD_ORDER_MARKET && i->kind == TD_INTENT_ORDER)
        assert_int_equal(leg->pending.e9, 0);
    if (i->type == TD_ORDER_LIMIT && i->kind == TD_INTENT_ORDER)
        assert_false(td_px_is_none(i->limit));
}

static inline void stage_count_pending(struct stage *s)
{
    for (uint32_t k = 0; k < s->leg_count; k++)
        s->legs[k].pending = TD_QTY(s->busy ? 1 : 0);
    for (uint32_t k = 0; k < s->working_count; k++) {
        const struct td_working *w = &s->working[k];
        const int64_t rest = w->qty.e9 - w->filled.e9;
        s->legs[w->leg].pending.e9 += w->action == TD_BUY ? rest : -rest;
    }
    for (uint32_t k = 0; k < s->working_count; k++)
        if (s->legs[s->working[k].leg].pending.e9 == 0)
            s->legs[s->working[k].leg].pending = s->working[k].qty;
}

/* A fill at a price, as the desk would tell the leg. */
static inline void stage_fill(struct stage *s, uint32_t leg, int64_t change_e9, td_px px)
{
    struct td_leg *l = &s->legs[leg];
    const int64_t before = l->position.e9;
    l->position.e9 += change_e9;
    if (before == 0 || (before > 0) != (l->position.e9 > 0)) {
        l->average = td_px_is_none(px) ? TD_PX(0) : px;
        l->since = s->now;
    }
    if (l->position.e9 == 0) {
        l->average = TD_PX(0);
        l->since = 0;
    }
}

static inline void stage_work(struct stage *s, const struct td_intent *i)
{
    for (uint32_t k = 0; k < s->working_count; k++) {
        struct td_working *w = &s->working[k];
        if (w->leg != i->leg || w->tag != i->tag)
            continue;
        assert_int_not_equal(i->kind, TD_INTENT_ORDER); /* a tag names one order */
        if (i->kind == TD_INTENT_CANCEL)
            *w = s->working[--s->working_count];
        else
            w->limit = i->limit;
        if (i->kind == TD_INTENT_CHANGE && i->qty.e9)
            w->qty = i->qty;
        return;
    }
    assert_int_equal(i->kind, TD_INTENT_ORDER); /* nothing else works under that tag */
    assert_true(s->working_count < TD_WORKING_MAX);
    s->working[s->working_count++] = (struct td_working){.leg = i->leg,
                                                         .tag = i->tag,
                                                         .action = i->action,
                                                         .type = i->type,
                                                         .qty = i->qty.e9 ? i->qty : TD_QTY(1),
                                                         .limit = i->limit,
                                                         .stop = i->stop};
}

static inline void stage_apply(struct stage *s, const struct td_intent *i)
{
    if (s->no_fills)
        return;
    if (i->type != TD_ORDER_MARKET || i->kind != TD_INTENT_ORDER) {
        stage_work(s, i);
        return;
    }
    const int64_t qty = i->qty.e9 ? i->qty.e9 : TD_E9;
    stage_fill(s, i->leg, i->action == TD_BUY ? qty : -qty, i->reference);
}

static inline size_t stage_event(struct stage *s, uint32_t leg, const struct td_event *event)
{
    const struct td_view view = {.leg = &s->legs[leg],
                                 .legs = s->legs,
                                 .leg_count = s->leg_count,
                                 .working = s->working,
                                 .working_count = s->working_count,
                                 .equity = s->equity,
                                 .now = event->recv_ns};
    s->events++;
    s->count = s->strat->on_event(s->memory, event, &view, s->out);
    assert_true(s->count <= TD_INTENTS_MAX);
    for (size_t i = 0; i < s->count; i++)
        stage_check(s, &s->out[i]);
    for (size_t i = 0; i < s->count; i++)
        stage_apply(s, &s->out[i]);
    stage_count_pending(s);
    s->intents += s->count;
    for (int k = 0; k < 64; k++) /* nothing is written past the state */
        assert_int_equal(s->memory[s->strat->state_size + (size_t)k], 0xA5);
    return s->count;
}

struct stage_bar {
    double open, high, low, close, volume;
};

/* A bar of a leg that ends at `now`; the leg's last price follows it. */
static inline size_t stage_bar(struct stage *s, uint32_t leg, const struct stage_bar *b)
{
    const struct td_event ev = {.venue_ns = s->now - s->span,
                                .recv_ns = s->now,
                                .inst = leg,
                                .kind = TD_EV_BAR,
                                .bar = {.open = stage_of(b->open),
                                        .high = stage_of(b->high),
                                        .low = stage_of(b->low),
                                        .close = stage_of(b->close),
                                        .volume = {stage_of(b->volume).e9},
                                        .wap = TD_PX_NONE,
                                        .span = s->span,
                                        .count = -1}};
    s->legs[leg].last = ev.bar.close;
    return stage_event(s, leg, &ev);
}

/* A bar of one price, and the clock moves on. */
static inline size_t stage_close(struct stage *s, double close, double volume)
{
    s->now += s->span;
    return stage_bar(s, 0, &(struct stage_bar){close, close, close, close, volume});
}

static inline size_t stage_trade(struct stage *s, uint32_t leg, double px, double qty)
{
    const struct td_event ev = {
        .venue_ns = s->now,
        .recv_ns = s->now,
        .inst = leg,
        .kind = TD_EV_TRADE,
        .trade = {.px = stage_of(px), .qty = {stage_of(qty).e9}, .aggressor = 2}};
    s->legs[leg].last = ev.trade.px;
    return stage_event(s, leg, &ev);
}

static inline size_t stage_quote(struct stage *s, uint32_t leg, double bid, double bid_qty,
                                 double ask, double ask_qty)
{
    const struct td_event ev = {
        .venue_ns = s->now,
        .recv_ns = s->now,
        .inst = leg,
        .kind = TD_EV_QUOTE,
        .quote = {stage_of(bid), stage_of(ask), {stage_of(bid_qty).e9}, {stage_of(ask_qty).e9}}};
    s->legs[leg].quote = ev.quote;
    return stage_event(s, leg, &ev);
}

/* A book of equal steps: `rows` levels a side, `sizes[side]` each, best prices given. The leg keeps it. */
static inline size_t stage_book(struct stage *s, uint32_t leg, double bid, double ask, double bids,
                                double asks, int32_t rows)
{
    const struct td_event ev = {
        .venue_ns = s->now, .recv_ns = s->now, .inst = leg, .kind = TD_EV_DEPTH};
    struct td_book *book = &s->books[leg];
    td_book_init(book, 10);
    for (int32_t row = 0; row < rows; row++) {
        book->side[TD_BID][row] =
            (struct td_level){stage_of(bid - 0.01 * row), {stage_of(bids).e9}};
        book->side[TD_ASK][row] =
            (struct td_level){stage_of(ask + 0.01 * row), {stage_of(asks).e9}};
    }
    book->rows[0] = book->rows[1] = rows;
    s->legs[leg].book = book;
    return stage_event(s, leg, &ev);
}

/* ---- series ---- */

struct stage_series {
    struct stage_bar bars[STAGE_BARS];
    double column[5][STAGE_BARS]; /* open high low close volume */
    size_t n;
};

static inline void stage_add(struct stage_series *s, const struct stage_bar *b)
{
    const double v[] = {b->open, b->high, b->low, b->close, b->volume};
    assert_true(s->n < STAGE_BARS);
    for (int k = 0; k < 5; k++)
        s->column[k][s->n] = v[k];
    s->bars[s->n++] = *b;
}

/* Prices to the cent, so that fixed point and double are the same number. */
static inline double stage_cent(double px)
{
    return round(px * 100) / 100;
}

/* A walk with waves, trends and bursts of volume. */
static inline void stage_walk(struct stage_series *s, uint64_t seed, size_t n, double start,
                              double step)
{
    struct td_rng rng;
    double px = start, drift = 0;
    td_rng_init(&rng, seed);
    s->n = 0;
    for (size_t i = 0; i < n; i++) {
        if (i % 40 == 0)
            drift = 0.4 * step * td_rng_normal(&rng);
        const double open = px;
        px = fmax(start / 10, px * (1 + drift + step * td_rng_normal(&rng)));
        const double wide = 0.3 * step * px * td_rng_exp(&rng, 1);
        const double up = td_rng_unit(&rng);
        stage_add(s, &(struct stage_bar){.open = stage_cent(open),
                                         .high = stage_cent(fmax(open, px) + wide * up),
                                         .low = stage_cent(fmin(open, px) - wide * (1 - up)),
                                         .close = stage_cent(px),
                                         .volume = floor(1000 * td_rng_exp(&rng, 1) + 1)});
        px = stage_cent(px);
    }
}

/* A row's output over the whole series at once: NaN before its first value. `column` as enum td_feed_column. */
static inline void stage_row(const struct stage_series *s, const char *name, double p0, double p1,
                             double p2, int column, int output, double *out)
{
    static const char *const names[] = {"open", "high", "low", "close", "volume"};
    static double spare[TD_IND_OUTPUTS_MAX][STAGE_BARS];
    const struct td_indicator *row = td_indicator_find(td_str_of(name));
    double params[TD_IND_PARAMS_MAX], *to[TD_IND_OUTPUTS_MAX];
    const double given[] = {p0, p1, p2}, *in[TD_IND_INPUTS_MAX];
    assert_non_null(row);
    td_indicator_presets(row, params);
    for (int k = 0; k < 3; k++)
        if (given[k] != 0)
            params[k] = given[k];
    for (int k = 0; k < td_indicator_inputs(row); k++) {
        in[k] = s->column[column];
        for (int c = 0; c < 5; c++)
            if (strcmp(row->inputs[k], names[c]) == 0)
                in[k] = s->column[c];
    }
    for (int k = 0; k < TD_IND_OUTPUTS_MAX; k++)
        to[k] = spare[k];
    void *state = malloc(td_indicator_state_size(row, params));
    assert_non_null(state);
    td_indicator_init(row, params, state);
    td_indicator_batch(row, state, in, to, s->n);
    memcpy(out, spare[output], s->n * sizeof *out);
    free(state);
}

#endif
