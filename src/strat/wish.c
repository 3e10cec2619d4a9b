/* strat/wish.c - entries and exits at market, and when there are none. */
#include "strat/wish.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

bool td_wish_ready(const struct td_wish_pause *p, td_ns now)
{
    return now >= p->until || p->until - now > TD_WISH_PAUSE_NS;
}

void td_wish_answered(struct td_wish_pause *p, td_ns now)
{
    p->until = now + TD_WISH_PAUSE_NS;
}

uint32_t td_wish_leg(const struct td_wish *w)
{
    return (uint32_t)(w->view->leg - w->view->legs);
}

int32_t td_wish_held(const struct td_wish *w, uint32_t leg)
{
    const int64_t held = w->view->legs[leg].position.e9;
    return (held > 0) - (held < 0);
}

bool td_wish_may_enter(const struct td_wish *w, uint32_t leg)
{
    const struct td_leg *l = &w->view->legs[leg];
    return l->tradable && l->position.e9 == 0 && l->pending.e9 == 0;
}

bool td_wish_may_leave(const struct td_wish *w, uint32_t leg)
{
    const struct td_leg *l = &w->view->legs[leg];
    return l->position.e9 != 0 && l->pending.e9 == 0;
}

td_px td_wish_px(double price)
{
    td_px px;
    return price > 0 && td_e9_from_double(price, &px.e9) == TD_OK ? px : TD_PX_NONE;
}

/* The next free intent, begun for `leg`. */
static struct td_intent *begin(struct td_wish *w, uint32_t leg, double price)
{
    struct td_view view = *w->view;
    struct td_intent *i = &w->out[w->count++];
    view.leg = &view.legs[leg];
    td_intent_init(i, w->strat, w->event, &view);
    i->type = TD_ORDER_MARKET;
    if (price > 0 || view.leg != w->view->leg) /* another leg's event says nothing of its price */
        i->reference = td_wish_px(price);
    return i;
}

bool td_wish_enter(struct td_wish *w, const struct td_entry *e, const char *format, ...)
{
    va_list args;
    const bool numbers = e->price > 0 && isfinite(e->price) && e->strength >= 0;
    if (!numbers || w->count == TD_INTENTS_MAX || !td_wish_may_enter(w, e->leg))
        return false;
    struct td_intent *i = begin(w, e->leg, e->price);
    i->action = e->direction > 0 ? TD_BUY : TD_SELL;
    i->qty = e->size;
    i->strength = e->strength > 1 ? 1 : e->strength;
    i->risk = td_wish_px(e->risk);
    va_start(args, format);
    (void)vsnprintf(i->reason, sizeof i->reason, format, args);
    va_end(args);
    return true;
}

bool td_wish_leave(struct td_wish *w, uint32_t leg, double share, const char *format, ...)
{
    va_list args;
    const int64_t held = w->view->legs[leg].position.e9, size = held > 0 ? held : -held;
    int64_t qty = size;
    if (w->count == TD_INTENTS_MAX || !td_wish_may_leave(w, leg))
        return false;
    if (share < 1)
        qty = (int64_t)floor(td_e9_to_double(size) * share) * TD_E9;
    if (qty <= 0)
        return false;
    /* Of another leg than the event's, the event's price says nothing. */
    const double last = leg == td_wish_leg(w) || td_px_is_none(w->view->legs[leg].last)
                            ? 0
                            : td_e9_to_double(w->view->legs[leg].last.e9);
    struct td_intent *i = begin(w, leg, last);
    i->action = held > 0 ? TD_SELL : TD_BUY;
    i->qty.e9 = qty;
    i->exit = true;
    va_start(args, format);
    (void)vsnprintf(i->reason, sizeof i->reason, format, args);
    va_end(args);
    return true;
}
