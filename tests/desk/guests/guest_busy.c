/* tests/desk/guests/guest_busy.c - a strategy in a shared object that keeps a dozen limit orders resting far below the market and buys
 * or sells one at the market with every fourth print, and with every one while they rest. */
#include "strat/plugin.h"

#define RESTING (12 * TD_E9)
#define HELD    (20 * TD_E9)

static enum td_err init(void *state, const struct td_strat_setup *setup, struct td_fail *why)
{
    (void)setup;
    (void)why;
    memset(state, 0, sizeof(int64_t));
    return TD_OK;
}

extern const struct td_strat guest_busy;

static size_t on_event(void *state, const struct td_event *event, const struct td_view *view,
                       struct td_intent *out)
{
    const struct td_leg *leg = view->leg;
    int64_t *count = state;
    if (event->kind != TD_EV_TRADE || td_px_is_none(leg->quote.bid))
        return 0;
    const int64_t cents = leg->quote.bid.e9 / 100 * 99 / 10000000 - *count % 50;
    ++*count;
    if (leg->pending.e9 >= RESTING || *count % 4 == 0) {
        td_intent_market(out, &guest_busy, event, view,
                         leg->position.e9 >= HELD ? TD_QTY(-1) : TD_QTY(1));
        return 1;
    }
    td_intent_init(out, &guest_busy, event, view);
    out->qty = TD_QTY(1);
    out->type = TD_ORDER_LIMIT;
    out->limit = (td_px){cents * 10000000};
    return 1;
}

const struct td_strat guest_busy = {.name = "busy",
                                    .help = "a dozen orders rest, others fill",
                                    .state_size = sizeof(int64_t),
                                    .init = init,
                                    .on_event = on_event};

TD_STRATEGY(guest_busy);
