/* two_bar_reversal.c - an example of a strategy in a shared object: two bars that turn the market around.
 *
 * A falling bar with a large body, then a rising bar that closes above the first one's open: the sellers of the first bar are
 * trapped, so we buy at market. We leave when a bar closes below the lowest price of the two, or after `hold` bars. With
 * shorts allowed the mirror image sells.
 *
 *   cc -std=c17 -O2 -fPIC -shared -I../../src two_bar_reversal.c -o two_bar_reversal.so
 *   tapedeck strategies check ./two_bar_reversal.so
 *   tapedeck trade --symbols SPY --strategy ./two_bar_reversal.so --param body=0.6
 *
 * It sees no socket, file, clock or order id: events and a view in, intents out. docs/own-strategies.md says more. */
#include "strat/plugin.h"

/* The numbers a user may set, in the order of the enum. */
enum { BODY, HOLD };
static const struct td_strat_param table[] = {
    [BODY] = {"body", 0.5, 0, 1, "least body of both bars, as a part of their range"},
    [HOLD] = {"hold", 10, 1, 1000, "bars to hold at most"},
};

/* All that an instance remembers; it arrives zeroed. */
struct state {
    double body;
    int64_t hold, held_bars;
    td_qty size;
    bool allow_short, have_bar;
    struct td_bar before; /* the last bar */
    td_px low, high;      /* of the two bars of the entry */
};

static const struct td_strat two_bar_reversal;

static enum td_err init(void *memory, const struct td_strat_setup *setup, struct td_fail *why)
{
    struct state *s = memory;
    (void)why; /* every combination of numbers makes sense; else: return td_fail_set(why, TD_EINVAL, ...) */
    s->body = setup->params[BODY];
    s->hold = (int64_t)setup->params[HOLD];
    s->size = setup->size;
    s->allow_short = setup->allow_short;
    return TD_OK;
}

/* 1 a rising bar with a large body, -1 a falling one, else 0. */
static int direction(const struct state *s, const struct td_bar *bar)
{
    const double range = (double)(bar->high.e9 - bar->low.e9);
    const double change = (double)(bar->close.e9 - bar->open.e9);
    if (range <= 0 || change == 0 || (change > 0 ? change : -change) < s->body * range)
        return 0;
    return change > 0 ? 1 : -1;
}

/* What the two bars say: 1 buy, -1 sell, 0 nothing. */
static int reversal(const struct state *s, const struct td_bar *now)
{
    const int first = direction(s, &s->before), second = direction(s, now);
    if (first == -1 && second == 1 && now->close.e9 > s->before.open.e9)
        return 1;
    if (first == 1 && second == -1 && now->close.e9 < s->before.open.e9)
        return -1;
    return 0;
}

static size_t enter(struct state *s, const struct td_event *event, const struct td_view *view,
                    struct td_intent *out)
{
    const struct td_bar *now = &event->bar, *before = &s->before;
    const int way = reversal(s, now);
    if (!way || (way < 0 && !s->allow_short) || !view->leg->tradable)
        return 0;
    s->low = before->low.e9 < now->low.e9 ? before->low : now->low;
    s->high = before->high.e9 > now->high.e9 ? before->high : now->high;
    const size_t n = td_intent_toward(out, &two_bar_reversal, event, view, way, s->size);
    for (size_t i = 0; i < n; i++)
        (void)snprintf(out[i].reason, sizeof out[i].reason, "two bars turn %s",
                       way > 0 ? "up" : "down");
    return n;
}

static size_t leave(struct state *s, const struct td_event *event, const struct td_view *view,
                    struct td_intent *out)
{
    const bool is_long = view->leg->position.e9 > 0;
    const bool wrong = s->high.e9 != 0 && (is_long ? event->bar.close.e9 < s->low.e9
                                                   : event->bar.close.e9 > s->high.e9);
    if (!wrong && ++s->held_bars < s->hold)
        return 0;
    const size_t n = td_intent_toward(out, &two_bar_reversal, event, view, 0, s->size);
    for (size_t i = 0; i < n; i++)
        (void)snprintf(out[i].reason, sizeof out[i].reason, "%s",
                       wrong ? "the reversal failed" : "held long enough");
    return n;
}

static size_t on_event(void *memory, const struct td_event *event, const struct td_view *view,
                       struct td_intent *out)
{
    struct state *s = memory;
    size_t n = 0;
    if (event->kind != TD_EV_BAR)
        return 0;
    if (view->leg->pending.e9 == 0) { /* never while an order of the instrument works */
        if (view->leg->position.e9) {
            n = leave(s, event, view, out);
        } else {
            s->held_bars = 0;
            n = s->have_bar ? enter(s, event, view, out) : 0;
        }
    }
    s->before = event->bar;
    s->have_bar = true;
    return n;
}

static const struct td_strat two_bar_reversal = {
    .name = "two_bar",
    .help = "two bars that turn the market around",
    .scope = TD_SCOPE_EACH,
    .state_size = sizeof(struct state),
    .params = table,
    .param_count = TD_COUNT(table),
    .init = init,
    .on_event = on_event,
};

TD_STRATEGY(two_bar_reversal);
