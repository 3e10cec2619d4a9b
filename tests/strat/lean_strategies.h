/* tests/strat/lean_strategies.h - the three strategies of LEAN's own regression tests that our data has answers for.
 *
 * lean_hold: on the first bar with nothing held, the whole equity into the instrument: as many shares as its price allows after a
 * buffer of 0.25 % and the fee (0.005 a share, at least 1). Minutes and days are the same rule. lean_limit: on every bar that ends
 * on the hour a limit order of 10 shares at its close, buying in the first two days, selling after. They are no rows of the
 * registry: backtests of LEAN's data run them and compare with data/lean/expected_backtests.json. */
#ifndef TD_TESTS_LEAN_STRATEGIES_H
#define TD_TESTS_LEAN_STRATEGIES_H

#include <math.h>
#include <stdio.h>

#include "strat/bar_feed.h"
#include "strat/wish.h"

#define LEAN_LIMIT_UNITS 10

extern const struct td_strat lean_hold, lean_limit;

/* Shares for `equity` at `price`: the fee is paid out of it too. */
static inline double lean_shares(double equity, double price, double buffer)
{
    double n = floor(equity * (1 - buffer) / price);
    while (n > 0 && n * price + fmax(1, 0.005 * n) > equity * (1 - buffer))
        n--;
    return n;
}

static inline enum td_err lean_hold_start(void *state, const struct td_strat_setup *setup,
                                          struct td_fail *why)
{
    (void)why;
    *(double *)state = setup->params[0];
    return TD_OK;
}

static inline size_t lean_hold_on_event(void *state, const struct td_event *event,
                                        const struct td_view *view, struct td_intent *out)
{
    struct td_wish w = {&lean_hold, event, view, out, 0};
    double bar[TD_FEED_COLUMNS];
    if (!td_feed_bar(event, bar) || td_cash_is_none(view->equity))
        return 0;
    const double close = bar[TD_FEED_CLOSE];
    const double n = lean_shares(td_e9_to_double(view->equity.e9), close, *(double *)state);
    if (n >= 1)
        (void)td_wish_enter(&w,
                            &(struct td_entry){.leg = td_wish_leg(&w),
                                               .direction = 1,
                                               .size = TD_QTY(n),
                                               .price = close,
                                               .strength = 1,
                                               .risk = (double)NAN},
                            "everything into it");
    return w.count;
}

static const struct td_strat_param lean_hold_params[] = {
    {"buffer", 0.0025, 0, 1, "part of the equity that stays cash"}};

const struct td_strat lean_hold = {.name = "lean_hold",
                                   .help = "everything into it at once, and hold",
                                   .scope = TD_SCOPE_EACH,
                                   .state_size = sizeof(double),
                                   .params = lean_hold_params,
                                   .param_count = 1,
                                   .init = lean_hold_start,
                                   .on_event = lean_hold_on_event};

struct lean_limit_state {
    double start_s, buy_days;
    uint32_t tag;
};

static inline enum td_err lean_limit_start(void *state, const struct td_strat_setup *setup,
                                           struct td_fail *why)
{
    struct lean_limit_state *s = state;
    (void)why;
    s->start_s = setup->params[0];
    s->buy_days = setup->params[1];
    return TD_OK;
}

static inline size_t lean_limit_on_event(void *state, const struct td_event *event,
                                         const struct td_view *view, struct td_intent *out)
{
    struct lean_limit_state *s = state;
    double bar[TD_FEED_COLUMNS];
    const td_ns now = td_feed_time(event);
    if (!td_feed_bar(event, bar) || now % TD_HOUR != 0)
        return 0;
    const double days = ((double)now / (double)TD_SEC - s->start_s) / 86400;
    td_intent_init(&out[0], &lean_limit, event, view);
    out[0].action = days < s->buy_days ? TD_BUY : TD_SELL;
    out[0].type = TD_ORDER_LIMIT;
    out[0].tif = TD_TIF_GTC;
    out[0].tag = ++s->tag;
    out[0].qty = TD_QTY(LEAN_LIMIT_UNITS);
    out[0].limit = event->bar.close;
    (void)snprintf(out[0].reason, sizeof out[0].reason, "on the hour");
    return 1;
}

/* 1381118400 is 2013-10-07 00:00 in New York. */
static const struct td_strat_param lean_limit_params[] = {
    {"start", 1381118400, 0, 1e10, "begin of the first day, seconds since 1970"},
    {"buy_days", 2, 0, 1000, "days to buy in"}};

const struct td_strat lean_limit = {.name = "lean_limit",
                                    .help = "ten shares at the last price, every hour",
                                    .scope = TD_SCOPE_EACH,
                                    .state_size = sizeof(struct lean_limit_state),
                                    .params = lean_limit_params,
                                    .param_count = 2,
                                    .init = lean_limit_start,
                                    .on_event = lean_limit_on_event};

#endif
