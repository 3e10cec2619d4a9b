/* strat/hold.c - levels of a position, and which of them a price has reached. */
#include "strat/hold.h"

#include <math.h>

static void set_levels(struct td_hold *h, const struct td_hold_plan *plan)
{
    if (isnan(h->entry))
        return;
    if (isnan(h->stop) && plan->stop > 0)
        h->stop = h->entry - h->side * plan->stop;
    if (isnan(h->target) && plan->target > 0)
        h->target = h->entry + h->side * plan->target;
}

void td_hold_follow(struct td_hold *h, const struct td_leg *leg, const struct td_hold_plan *plan)
{
    const int64_t held = leg->position.e9;
    const int32_t side = (held > 0) - (held < 0);
    const double average = td_px_is_none(leg->average) ? 0 : td_e9_to_double(leg->average.e9);
    if (side != h->side)
        *h = (struct td_hold){.side = side,
                              .entry = (double)NAN,
                              .stop = (double)NAN,
                              .target = (double)NAN,
                              .since_ns = plan->now};
    if (isnan(h->entry))
        h->entry = average > 0 ? average : plan->price;
    if (side)
        set_levels(h, plan);
}

void td_hold_fractions(struct td_hold *h, double stop, double target)
{
    if (h->side)
        set_levels(h, &(struct td_hold_plan){.stop = h->entry * stop, .target = h->entry * target});
}

void td_hold_bar(struct td_hold *h)
{
    if (h->side)
        h->bars++;
}

const char *td_hold_hit(const struct td_hold *h, double low, double high)
{
    const double against = h->side > 0 ? low : high, along = h->side > 0 ? high : low;
    if (!h->side)
        return NULL;
    if ((h->stop - against) * h->side >= 0)
        return "stop";
    return (along - h->target) * h->side >= 0 ? "target" : NULL;
}

double td_hold_decay(struct td_hold *h, double score)
{
    const double now = score * h->side;
    if (isnan(now) || !h->side)
        return 0;
    if (now > h->peak)
        h->peak = now;
    return h->peak > 0 ? 1 - now / h->peak : 0;
}
