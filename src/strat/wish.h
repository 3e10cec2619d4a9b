/* strat/wish.h - how the built-in strategies want something: one entry when flat, one exit when held.
 *
 * The rules that all of them share stand here and nowhere else: no entry while an order of the instrument works, while
 * something is held, or while it cannot be traded; no exit while an order works; nothing at a price that is no price.
 * Texts are cut to the intent's field. */
#ifndef TD_STRAT_WISH_H
#define TD_STRAT_WISH_H

#include "strat/strat.h"

#define TD_WISH_PAUSE_NS TD_SEC

/* What is refused is not asked for again on every one of a thousand events: after an answer to a print, a quote or a book there is
 * none for TD_WISH_PAUSE_NS. Bars are their own pace. */
struct td_wish_pause {
    td_ns until;
};

/* False within the time after an answer; a clock that ran back closes nothing for longer. */
bool td_wish_ready(const struct td_wish_pause *p, td_ns now);
void td_wish_answered(struct td_wish_pause *p, td_ns now);

/* What an event's answer is written with. */
struct td_wish {
    const struct td_strat *strat;
    const struct td_event *event;
    const struct td_view *view;
    struct td_intent *out; /* [TD_INTENTS_MAX] */
    size_t count;
};

struct td_entry {
    uint32_t leg;
    int32_t direction; /* 1 long, -1 short */
    td_qty size;       /* 0: the desk sizes */
    double price;      /* the decision's */
    double strength;   /* 0 to 1; past that it is cut */
    double risk;       /* distance to where it would be wrong; NaN: not known */
};

/* Index of the event's own leg. */
uint32_t td_wish_leg(const struct td_wish *w);
/* 1 long, -1 short, 0 flat. */
int32_t td_wish_held(const struct td_wish *w, uint32_t leg);
bool td_wish_may_enter(const struct td_wish *w, uint32_t leg);
bool td_wish_may_leave(const struct td_wish *w, uint32_t leg);

/* A market order; false and nothing written when it may not be, or the numbers are none, or there is no room. */
bool td_wish_enter(struct td_wish *w, const struct td_entry *entry, const char *format, ...)
    TD_PRINTF(3, 4);
/* Closes `share` of what is held (0 to 1; a part is rounded down to whole units), at market. */
bool td_wish_leave(struct td_wish *w, uint32_t leg, double share, const char *format, ...)
    TD_PRINTF(4, 5);
/* `price` as the reference of an intent, unset when it is none. */
td_px td_wish_px(double price);

#endif
