/* desk/desk_recent.c - what the rate and duplicate gates remember, made again from the journal at a start. */
#include "desk/desk_inner.h"

/* A process that ends and is started again within the minute is the same trader: its orders still count. */
void desk_recall_recent(struct td_desk *d)
{
    const struct td_blotter *b = &d->blotter;
    const uint32_t first = b->order_count > TD_RECENT_MAX ? b->order_count - TD_RECENT_MAX : 0;
    const td_ns now = td_world_now(d->world), mono = td_world_mono(d->world);
    td_ns at = INT64_MIN;
    for (uint32_t i = first; i < b->order_count; i++) {
        const struct td_order *o = &b->orders[i];
        struct td_intent intent = {.action = o->action, .type = o->type};
        uint32_t line = 0;
        intent.qty = o->now.qty;
        intent.limit = o->now.limit;
        if (o->foreign || !o->intent_ns || !desk_line_of(d, o->symbol, &line))
            continue;
        /* By the wall clock of then and now; one from the future counts as of now, and none before the one before. */
        const td_ns age = now > o->intent_ns ? now - o->intent_ns : 0;
        at = mono - age > at ? mono - age : at;
        td_risk_remember(&d->recent, line, &intent, at);
        if (o->done_ns && o->filled.e9 == 0) /* the same again is no duplicate */
            d->recent.rows[(d->recent.count - 1) % TD_RECENT_MAX].ended = true;
    }
}
