/* tests/support/plain_strategy.h - parts of the strategies that tests and benches run: a start that needs nothing, an event
 * that wants nothing, and the two loads: an order out of a depth message, and orders that rest below the market. */
#ifndef TD_TESTS_PLAIN_STRATEGY_H
#define TD_TESTS_PLAIN_STRATEGY_H

#include "strat/strat.h"

static inline enum td_err plain_start(void *state, const struct td_strat_setup *setup,
                                      struct td_fail *why)
{
    (void)state;
    (void)setup;
    (void)why;
    return TD_OK;
}

static inline size_t plain_event(void *state, const struct td_event *event,
                                 const struct td_view *view, struct td_intent *out)
{
    (void)state;
    (void)event;
    (void)view;
    (void)out;
    return 0;
}

/* A depth message with both sides quoted and no order working, and `apart` since the last order: out becomes one share
 * more of nothing, or one less of what is held. False: nothing is wanted. */
static inline bool plain_turn(struct td_intent *out, const struct td_strat *strat,
                              const struct td_event *event, const struct td_view *view,
                              td_ns last_order, td_ns apart)
{
    const struct td_leg *leg = view->leg;
    if (event->kind != TD_EV_DEPTH || view->now - last_order < apart || leg->pending.e9 ||
        td_px_is_none(leg->quote.bid) || td_px_is_none(leg->quote.ask))
        return false;
    td_intent_market(out, strat, event, view, leg->position.e9 > 0 ? TD_QTY(-1) : TD_QTY(1));
    return true;
}

/* A share at `percent` of the bid, a cent lower with each share that rests already. */
static inline void plain_rest(struct td_intent *out, const struct td_strat *strat,
                              const struct td_event *event, const struct td_view *view, int percent)
{
    const struct td_leg *leg = view->leg;
    const int64_t cents = leg->quote.bid.e9 / 100 * percent / 10000000 - leg->pending.e9 / TD_E9;
    td_intent_init(out, strat, event, view);
    out->type = TD_ORDER_LIMIT;
    out->qty = TD_QTY(1);
    out->limit = (td_px){cents * 10000000};
}

#endif
