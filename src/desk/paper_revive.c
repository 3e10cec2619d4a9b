/* desk/paper_revive.c - the local broker as it was: orders, executions and positions out of the blotter. */
#include <stdio.h>

#include "desk/paper_inner.h"

void td_paper_hold(struct td_paper *p, uint32_t line, const struct td_holding *held)
{
    if (line == TD_PAPER_ELSEWHERE) {
        p->elsewhere.e9 += held->realized.e9 - held->fees.e9;
        return;
    }
    p->lines[line].held = *held;
    p->lines[line].told = true;
}

/* At the venue as it was: reports of this are not told, the look-up after the connect lists the order. */
static void resubmit(struct td_paper *p, struct td_paper_order *o)
{
    struct td_exchange *x = &p->lines[o->line].exchange;
    const struct td_exch_order venue = paper_venue_of(o);
    struct td_exch_report r;
    o->state = TD_PAPER_CANCELLED;
    if (!paper_translate(o) || td_exchange_submit(x, paper_now(p), &venue) != TD_OK)
        return;
    while (td_exchange_next(x, paper_now(p), &r))
        if (r.key == venue.key && r.kind == TD_EXCH_ACCEPTED)
            o->state = r.held ? TD_PAPER_HELD : TD_PAPER_WORKS;
}

void td_paper_revive(struct td_paper *p, uint32_t line, const struct td_order *from, bool over,
                     td_qty multiplier)
{
    uint32_t row;
    struct td_paper_order *o = paper_take_row(p, &row);
    const bool trails = from->type == TD_ORDER_TRAIL;
    if (from->order_id > p->last_id)
        p->last_id = from->order_id;
    if (!o)
        return; /* more than fit: listed nowhere, and so found missing */
    *o = (struct td_paper_order){
        .order_id = from->order_id,
        .line = line,
        .state = TD_PAPER_CANCELLED,
        .action = from->action,
        .oca_type = from->role == TD_ROLE_STOP || from->role == TD_ROLE_TARGET ? 2 : 1,
        .qty = from->now.qty,
        .filled = from->filled,
        .before = from->filled,
        .lmt = from->now.limit,
        .aux = trails ? from->now.trail : from->now.stop,
        .stop = TD_PX_NONE,
        .average = td_order_average(from),
        .last = TD_PX(0),
        .fee = from->fees,
        .until = from->tif == TD_TIF_GTD ? from->until : 0,
        .born = INT64_MIN};
    if (td_e9_mul(from->paid.e9, multiplier.e9, &o->value.e9) != TD_OK)
        o->value = from->paid;
    if (td_px_is_none(o->average))
        o->average = TD_PX(0);
    (void)snprintf(o->type_word, sizeof o->type_word, "%s", td_order_type_word(from->type));
    (void)snprintf(o->tif, sizeof o->tif, "%s", td_tif_word(from->tif));
    (void)snprintf(o->ref, sizeof o->ref, "%s", from->ref);
    if (from->group)
        (void)snprintf(o->group, sizeof o->group, "tdg-%d-%lld", (int)p->config.client_id,
                       (long long)from->group);
    (void)paper_translate(o);
    if (from->sent_ns && !(o->day && over) && o->qty.e9 > o->before.e9)
        resubmit(p, o);
}

void td_paper_refill(struct td_paper *p, uint32_t line, const struct td_execution *e,
                     const struct td_order *o, td_qty multiplier)
{
    uint32_t at;
    struct td_paper_fill *f = paper_add_fill(p, &at);
    *f = (struct td_paper_fill){.line = line,
                                .order_id = o->order_id,
                                .action = e->action,
                                .qty = e->qty,
                                .px = e->px,
                                .fee = e->fee,
                                .realized = TD_CASH_NONE,
                                .at = e->at_ns};
    memcpy(f->exec_id, e->exec_id, sizeof f->exec_id);
    memcpy(f->ref, o->ref, sizeof f->ref);
    if (!e->has_fee) { /* the process died between the two records */
        struct td_paper_order alone = {.line = line, .action = e->action, .filled = e->qty};
        f->fee = paper_fee(p, &alone, f, multiplier);
        p->lines[line].held.fees.e9 += f->fee.e9;
    }
}
