/* strat/rule_based.c - the agent that decides when no model does (contracts 11, rule-based fallback).
 *
 * The mean of three votes: moving averages (1 fast above slow, -1 below), RSI (1 below 30, -1 above 70, else 0), place in the
 * Bollinger band (1 below 0.2, -1 above 0.8, else 0). Above 0.3 it buys with strength 0.5, below -0.3 it sells what is held, or
 * goes short with strength 0.5 when shorts are allowed; a position against the vote is closed first. */
#include <math.h>

#include "strat/bar_feed.h"
#include "strat/wish.h"

#define FEED_BYTES  16384
#define PERIOD_HIGH 200

enum {
    FAST,
    SLOW,
    RSI_PERIOD,
    RSI_LOW,
    RSI_HIGH,
    BAND_PERIOD,
    BAND_LOW,
    BAND_HIGH,
    ACT,
    STRENGTH,
    PARAMS
};

static const struct td_strat_param table[PARAMS] = {
    [FAST] = {"fast", 20, 1, PERIOD_HIGH, "fast average, bars"},
    [SLOW] = {"slow", 50, 2, PERIOD_HIGH, "slow average, bars"},
    [RSI_PERIOD] = {"rsi_period", 14, 2, PERIOD_HIGH, "bars of the RSI"},
    [RSI_LOW] = {"rsi_low", 30, 0, 50, "RSI below which to buy"},
    [RSI_HIGH] = {"rsi_high", 70, 50, 100, "RSI above which to sell"},
    [BAND_PERIOD] = {"band_period", 20, 2, PERIOD_HIGH, "bars of the Bollinger band, 2 deviations"},
    [BAND_LOW] = {"band_low", 0.2, -1, 0.5, "place in the band below which to buy"},
    [BAND_HIGH] = {"band_high", 0.8, 0.5, 2, "place in the band above which to sell"},
    [ACT] = {"act", 0.3, 0, 1, "mean vote to act past"},
    [STRENGTH] = {"strength", 0.5, 0, 1, "strength of an entry"},
};

enum { ASK_FAST, ASK_SLOW, ASK_RSI, ASK_BAND, ASKS };

struct state {
    double p[PARAMS];
    td_qty size;
    bool allow_short;
    _Alignas(8) unsigned char feed[FEED_BYTES];
};
_Static_assert(sizeof(struct state) <= TD_STRAT_STATE_MAX, "state fits");

static enum td_err start(void *memory, const struct td_strat_setup *setup, struct td_fail *why)
{
    struct state *s = memory;
    const double *p = setup->params;
    const struct td_feed_ask asks[ASKS] = {
        [ASK_FAST] = {"SMA", {p[FAST]}, TD_FEED_CLOSE},
        [ASK_SLOW] = {"SMA", {p[SLOW]}, TD_FEED_CLOSE},
        [ASK_RSI] = {"CMO", {p[RSI_PERIOD]}, TD_FEED_CLOSE},
        [ASK_BAND] = {"PERCENTB", {p[BAND_PERIOD], 2}, TD_FEED_CLOSE},
    };
    if (p[FAST] >= p[SLOW])
        return td_fail_set(why, TD_EINVAL, "rule_based: fast %g and slow %g; expected fast < slow",
                           p[FAST], p[SLOW]);
    for (size_t i = 0; i < PARAMS; i++)
        s->p[i] = p[i];
    s->size = setup->size;
    s->allow_short = setup->allow_short;
    const enum td_err err = td_feed_begin(asks, ASKS, s->feed, sizeof s->feed, why);
    return err ? td_fail_add(why, err, "rule_based") : TD_OK;
}

/* 1 below `low`, -1 above `high`, else 0; NaN when it is not there. */
static double vote(double x, double low, double high)
{
    return isnan(x) ? x : x < low ? 1 : x > high ? -1 : 0;
}

static double votes(const struct state *s)
{
    const double *p = s->p;
    const double gap = td_feed_value(s->feed, ASK_FAST, 0) - td_feed_value(s->feed, ASK_SLOW, 0);
    return (vote(-gap, 0, 0) + vote(td_feed_rsi(s->feed, ASK_RSI), p[RSI_LOW], p[RSI_HIGH]) +
            vote(td_feed_value(s->feed, ASK_BAND, 0), p[BAND_LOW], p[BAND_HIGH])) /
           3;
}

static size_t on_event(void *memory, const struct td_event *event, const struct td_view *view,
                       struct td_intent *out)
{
    struct state *s = memory;
    struct td_wish w = {&td_strat_rule_based, event, view, out, 0};
    double bar[TD_FEED_COLUMNS];
    if (!td_feed_bar(event, bar))
        return 0;
    td_feed_step(s->feed, bar);
    const double mean = votes(s);
    const uint32_t leg = td_wish_leg(&w);
    const int32_t side = mean > s->p[ACT] ? 1 : mean < -s->p[ACT] ? -1 : 0;
    if (!side)
        return 0;
    if (td_wish_held(&w, leg) == -side)
        (void)td_wish_leave(&w, leg, 1, "votes %.2f", mean);
    else if (side > 0 || s->allow_short)
        (void)td_wish_enter(&w,
                            &(struct td_entry){.leg = leg,
                                               .direction = side,
                                               .size = s->size,
                                               .price = bar[TD_FEED_CLOSE],
                                               .strength = s->p[STRENGTH],
                                               .risk = (double)NAN},
                            "votes %.2f", mean);
    return w.count;
}

const struct td_strat td_strat_rule_based = {
    .name = "rule_based",
    .help = "without a model: votes of moving averages, RSI and the Bollinger band",
    .scope = TD_SCOPE_EACH,
    .state_size = sizeof(struct state),
    .params = table,
    .param_count = TD_COUNT(table),
    .init = start,
    .on_event = on_event,
};
