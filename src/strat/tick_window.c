/* strat/tick_window.c - a ring of prices, and sums over their changes. */
#include "strat/tick_window.h"

#include <math.h>

#include "strat/bar_feed.h"

void td_tick_window_init(struct td_tick_window *t, uint32_t changes)
{
    TD_REQUIRE(changes >= 1 && changes <= TD_TICK_CHANGES_MAX);
    *t = (struct td_tick_window){.n = changes};
}

bool td_tick_window_push(struct td_tick_window *t, const struct td_event *event)
{
    const double px = event->kind == TD_EV_TRADE ? td_feed_price(event->trade.px) : (double)NAN;
    if (isnan(px) || event->trade.unreported)
        return false;
    t->px[t->at] = px;
    t->at = (t->at + 1) % (t->n + 1);
    t->count += t->count <= t->n;
    return true;
}

bool td_tick_window_full(const struct td_tick_window *t)
{
    return t->count == t->n + 1;
}

/* The price `age` prints ago; the window is full. */
static double ago(const struct td_tick_window *t, uint32_t age)
{
    return t->px[(t->at + t->n - age) % (t->n + 1)];
}

double td_tick_window_direction(const struct td_tick_window *t)
{
    int32_t sum = 0;
    for (uint32_t age = 0; td_tick_window_full(t) && age < t->n; age++)
        sum += (ago(t, age) > ago(t, age + 1)) - (ago(t, age) < ago(t, age + 1));
    return (double)sum / t->n;
}

double td_tick_window_mean_bps(const struct td_tick_window *t)
{
    double sum = 0;
    for (uint32_t age = 0; td_tick_window_full(t) && age < t->n; age++)
        sum += 10000 * (ago(t, age) / ago(t, age + 1) - 1);
    return sum / t->n;
}
