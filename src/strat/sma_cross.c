/* strat/sma_cross.c - the baseline: moving averages 10 and 20 of bar closes (contracts 10.9).
 *
 * +1 when the fast average crosses above the slow one, -1 when below. +1 goes long; -1 sells what is held, or
 * goes short when shorts are allowed. While an order is still working for the instrument, no further intent is
 * made.
 */
#include <math.h>
#include <stdio.h>

#include "signal/indicator.h"
#include "strat/bar_feed.h"
#include "strat/strat.h"

#define PERIOD_MAX 512
#define MEAN_BYTES (256 + 8 * PERIOD_MAX) /* state of one SMA */

enum { FAST, SLOW };
static const struct td_strat_param table[] = {
    [FAST] = {"fast", 10, 1, PERIOD_MAX, "fast average, bars"},
    [SLOW] = {"slow", 20, 2, PERIOD_MAX, "slow average, bars"},
};

struct mean {
    int32_t period;
    _Alignas(8) unsigned char state[MEAN_BYTES];
};

struct state {
    const struct td_indicator *sma;
    struct mean fast, slow;
    double before; /* fast - slow at the last bar, NaN before both are warm */
    td_qty size;
    bool allow_short;
};
_Static_assert(sizeof(struct state) <= TD_STRAT_STATE_MAX, "state fits");

static void begin_mean(const struct td_indicator *sma, struct mean *mean, int32_t period)
{
    double params[TD_IND_PARAMS_MAX];
    td_indicator_presets(sma, params);
    params[0] = period;
    TD_REQUIRE(td_indicator_state_size(sma, params) <= sizeof mean->state);
    td_indicator_init(sma, params, mean->state);
    mean->period = period;
}

/* The mean with this close; NaN until there are enough. */
static double push_mean(const struct td_indicator *sma, struct mean *mean, double close)
{
    double value = (double)NAN;
    if (td_indicator_step(sma, mean->state, &close, &value) != TD_OK)
        return (double)NAN;
    return value;
}

static enum td_err start(void *memory, const struct td_strat_setup *setup, struct td_fail *why)
{
    struct state *s = memory;
    const int32_t fast = (int32_t)setup->params[FAST], slow = (int32_t)setup->params[SLOW];
    if (slow <= fast)
        return td_fail_set(why, TD_EINVAL, "sma_cross: fast %d and slow %d; expected fast < slow",
                           fast, slow);
    s->sma = td_indicator_find(td_str_of("SMA"));
    TD_REQUIRE(s->sma != NULL);
    begin_mean(s->sma, &s->fast, fast);
    begin_mean(s->sma, &s->slow, slow);
    s->before = (double)NAN;
    s->size = setup->size;
    s->allow_short = setup->allow_short;
    return TD_OK;
}

static size_t on_event(void *memory, const struct td_event *event, const struct td_view *view,
                       struct td_intent *out)
{
    struct state *s = memory;
    if (event->kind != TD_EV_BAR)
        return 0;
    const double close = td_feed_price(event->bar.close);
    if (isnan(close))
        return 0;
    const double fast = push_mean(s->sma, &s->fast, close);
    const double slow = push_mean(s->sma, &s->slow, close);
    const double gap = fast - slow, before = s->before;
    s->before = gap;
    if (isnan(before) || isnan(gap))
        return 0;
    const int signal = before <= 0 && gap > 0 ? 1 : before >= 0 && gap < 0 ? -1 : 0;
    if (!signal || view->leg->pending.e9)
        return 0;
    const int direction = signal > 0 ? 1 : s->allow_short ? -1 : 0;
    const size_t n = td_intent_toward(out, &td_strat_sma_cross, event, view, direction, s->size);
    for (size_t i = 0; i < n; i++)
        (void)snprintf(out[i].reason, sizeof out[i].reason, "sma %d %s sma %d (%.4f, %.4f)",
                       s->fast.period, signal > 0 ? "over" : "under", s->slow.period, fast, slow);
    return n;
}

const struct td_strat td_strat_sma_cross = {
    .name = "sma_cross",
    .help =
        "baseline: buy when the fast moving average crosses above the slow one, sell when below",
    .scope = TD_SCOPE_EACH,
    .state_size = sizeof(struct state),
    .params = table,
    .param_count = TD_COUNT(table),
    .init = start,
    .on_event = on_event,
};
