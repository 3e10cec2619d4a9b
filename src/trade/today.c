/* trade/today.c - which day it is for the counters, and the orders of the last minute after a restart. */
#include "trade/today.h"

bool td_today_begins(const struct td_blotter *b, int64_t day, enum td_fact clock, bool back)
{
    return clock == TD_FACT_YES && day != b->day && (b->day == INT64_MIN || day > b->day || back);
}

void td_recent_recall(struct td_recent *out, const struct td_blotter *b, td_recent_inst_fn *inst_of,
                      const void *arg, td_ns now, td_ns mono)
{
    const uint32_t first = b->order_count > TD_RECENT_MAX ? b->order_count - TD_RECENT_MAX : 0;
    td_ns at = INT64_MIN;
    for (uint32_t i = first; i < b->order_count; i++) {
        const struct td_order *o = &b->orders[i];
        struct td_intent intent = {.action = o->action, .type = o->type};
        uint32_t inst = 0;
        intent.qty = o->now.qty;
        intent.limit = o->now.limit;
        if (o->foreign || !o->intent_ns || !inst_of(arg, o->symbol, &inst))
            continue;
        /* Not from the future, and none before the one before. */
        const td_ns told = now - o->intent_ns - 2 * TD_CLOCK_OFFSET_MAX;
        const td_ns age = told > 0 ? told : 0;
        at = mono - age > at ? mono - age : at;
        td_risk_remember(out, inst, &intent, at);
        if (o->done_ns && o->filled.e9 == 0) /* the same again is no duplicate */
            out->rows[(out->count - 1) % TD_RECENT_MAX].ended = true;
    }
}
