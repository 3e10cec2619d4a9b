/* desk/desk_strategies.c - the running strategies: what they see, and what they want on its way to the gates. */
#include <stdio.h>
#include <stdlib.h>

#include "desk/desk_inner.h"

#define INTENTS_PER_SECOND 100 /* more than this is no trading but a fault (F54) */

/* --- opening --- */

static uint32_t instances_of(const struct td_strat_use *use, uint32_t lines)
{
    return use->strat->scope == TD_SCOPE_EACH ? lines : 1;
}

static size_t stride_of(const struct td_strat_use *use)
{
    return (use->strat->state_size + 63) / 64 * 64;
}

static enum td_err begin(struct td_desk *d, struct desk_instance *n, struct td_fail *why)
{
    const struct td_strat_use *use = n->use;
    const struct td_strat_setup setup = {.params = use->params,
                                         .size = use->size,
                                         .allow_short = use->allow_short,
                                         .leg_count = n->legs,
                                         .bar_span = d->config.bar_span};
    if (n->legs < use->strat->legs_min)
        return td_fail_set(why, TD_EINVAL, "strategy %s needs %u symbols at least, and has %u",
                           use->strat->name, use->strat->legs_min, n->legs);
    return use->object ? TD_OK : use->strat->init(n->state, &setup, why);
}

enum td_err desk_open_strategies(struct td_desk *d, struct td_fail *why)
{
    const uint32_t lines = (uint32_t)d->config.symbol_count;
    uint32_t count = 0;
    size_t bytes = 0;
    for (uint32_t u = 0; u < d->config.use_count; u++) {
        count += instances_of(&d->config.uses[u], lines);
        bytes += instances_of(&d->config.uses[u], lines) * stride_of(&d->config.uses[u]);
    }
    d->legs = calloc(lines, sizeof *d->legs);
    d->instances = calloc(count ? count : 1, sizeof *d->instances);
    d->states = calloc(1, bytes ? bytes : 1);
    if (!d->legs || !d->instances || !d->states)
        return td_fail_set(why, TD_ENOMEM, "no memory for the strategies");
    uint8_t *state = d->states;
    for (uint32_t u = 0; u < d->config.use_count; u++)
        for (uint32_t i = 0; i < instances_of(&d->config.uses[u], lines); i++) {
            struct desk_instance *n = &d->instances[d->instance_count++];
            const bool each = d->config.uses[u].strat->scope == TD_SCOPE_EACH;
            *n = (struct desk_instance){
                .use = &d->config.uses[u], .state = state, .first = i, .legs = each ? 1 : lines};
            state += stride_of(n->use);
            const enum td_err err = begin(d, n, why);
            if (err)
                return err;
        }
    return desk_guests_open(d, why);
}

void desk_close_strategies(struct td_desk *d)
{
    desk_guests_close(d);
    free(d->legs);
    free(d->instances);
    free(d->states);
}

/* --- what they see --- */

/* What works of a symbol beside the stops and targets of what is held, signed; both sides at once still count. */
static td_qty pending_of(const struct td_desk *d, uint32_t holding)
{
    int64_t sum = 0, any = 0;
    for (uint32_t i = 0; i < d->blotter.live_count; i++) {
        const struct td_order *o = &d->blotter.orders[d->blotter.live[i]];
        if (o->holding != holding || o->role == TD_ROLE_STOP || o->role == TD_ROLE_TARGET)
            continue;
        const int64_t rest = td_order_counted(o).e9;
        sum += o->action == TD_BUY ? rest : -rest;
        any = rest ? rest : any;
    }
    return (td_qty){sum ? sum : any};
}

static void look_at_holding(struct td_desk *d, uint32_t line)
{
    struct td_leg *leg = &d->legs[line];
    uint32_t holding;
    if (!td_blotter_holding(&d->blotter, d->market.lines[line].symbol, &holding))
        return;
    const struct td_blotter_holding *h = &d->blotter.holdings[holding];
    const int64_t before = leg->position.e9;
    leg->position = h->now.qty;
    leg->average = h->now.average;
    leg->pending = pending_of(d, holding);
    const bool turned = (before > 0) != (leg->position.e9 > 0) || before == 0;
    if (leg->position.e9 == 0)
        leg->since = 0;
    else if (turned || !leg->since)
        leg->since = td_world_now(d->world);
}

void desk_refresh_leg(struct td_desk *d, const char *symbol)
{
    for (uint32_t i = 0; i < d->market.count; i++)
        if (strcmp(d->market.lines[i].symbol, symbol) == 0)
            look_at_holding(d, i);
}

void desk_look_at_line(struct td_desk *d, uint32_t line)
{
    struct td_leg *leg = &d->legs[line];
    const struct td_line *l = &d->market.lines[line];
    leg->inst = &l->inst;
    leg->book = d->config.depth_rows ? &l->book : NULL;
    desk_good_prices(d, line, &leg->quote, &leg->last);
    leg->tradable = l->state == TD_LINE_LIVE && l->pause.state == TD_PAUSE_TRADING;
    look_at_holding(d, line);
}

/* --- what they want --- */

static void switch_off(struct td_desk *d, struct desk_instance *n, const char *why)
{
    char text[200];
    if (n->guest) {
        desk_guest_off(d, n->guest, why);
        return;
    }
    n->off = true;
    (void)snprintf(n->off_why, sizeof n->off_why, "%s", why);
    (void)snprintf(text, sizeof text, "%s on %s: %s", n->use->strat->name,
                   n->legs > 1 ? "all symbols" : d->market.lines[n->first].symbol, why);
    td_logf(d->log, TD_LOG_ERROR, TD_LOG_TRADING, "strategy_off",
            "%s; it is not asked any more, its orders stay managed", text);
    td_connection_alert(&d->conn, TD_ALERT_STRATEGY, text);
}

/* Counts what an instance wants in a second of the market. False: it flooded. */
static bool within_pace(struct td_desk *d, struct desk_instance *n, size_t intents)
{
    const td_ns mono = td_world_mono(d->world);
    if (mono - n->second >= TD_SEC) {
        n->second = mono;
        n->intents_second = 0;
    }
    n->intents_second += (uint32_t)intents;
    return n->intents_second <= INTENTS_PER_SECOND;
}

/* The instance's own orders that have a tag and still work. */
static uint32_t list_working(const struct td_desk *d, const struct desk_instance *n,
                             struct td_working *out)
{
    const int64_t space = n - d->instances + 1;
    uint32_t count = 0, line;
    for (uint32_t i = 0; i < d->blotter.live_count && count < TD_WORKING_MAX; i++) {
        const struct td_order *o = &d->blotter.orders[d->blotter.live[i]];
        if (o->tag >> 32 != space || strcmp(o->strategy, n->use->strat->name) != 0 ||
            !desk_line_of(d, o->symbol, &line))
            continue;
        out[count++] = (struct td_working){.leg = line - n->first,
                                           .tag = (uint32_t)o->tag,
                                           .action = o->action,
                                           .type = o->type,
                                           .qty = o->now.qty,
                                           .filled = o->filled,
                                           .limit = o->now.limit,
                                           .stop = o->now.stop};
    }
    return count;
}

void desk_show(struct td_desk *d, const struct desk_instance *n, uint32_t line,
               const struct td_event *event, struct td_working *working, struct td_view *out)
{
    *out = (struct td_view){.leg = &d->legs[line],
                            .legs = &d->legs[n->first],
                            .leg_count = n->legs,
                            .working = working,
                            .working_count = list_working(d, n, working),
                            .equity = d->equity,
                            .now = event->recv_ns};
}

void desk_take_intents(struct td_desk *d, struct desk_instance *n, const struct td_intent *intents,
                       size_t count)
{
    if (count > TD_INTENTS_MAX) {
        switch_off(d, n, "it wrote past its intents");
        return;
    }
    if (!within_pace(d, n, count)) {
        switch_off(d, n, "more than 100 intents within a second");
        return;
    }
    for (size_t i = 0; i < count; i++) {
        if (intents[i].leg >= n->legs) {
            switch_off(d, n, "it named an instrument it does not have");
            return;
        }
        desk_want(d, (uint32_t)(n - d->instances), n->first + intents[i].leg, &intents[i]);
    }
}

static void ask_instance(struct td_desk *d, struct desk_instance *n, uint32_t line,
                         const struct td_event *event, bool warmup)
{
    struct td_intent intents[TD_INTENTS_MAX];
    struct td_working working[TD_WORKING_MAX];
    struct td_view view;
    if (n->guest) {
        desk_guest_offer(d, n, line, event, warmup);
        return;
    }
    desk_show(d, n, line, event, working, &view);
    const size_t count = n->use->strat->on_event(n->state, event, &view, intents);
    if (count && !warmup)
        desk_take_intents(d, n, intents, count);
}

void desk_decide(struct td_desk *d, uint32_t index, const struct td_event *event, bool warmup)
{
    d->result.events++;
    if (!d->instance_count)
        return;
    desk_look_at_line(d, index);
    for (uint32_t i = 0; i < d->instance_count; i++) {
        struct desk_instance *n = &d->instances[i];
        if (!n->off && index - n->first < n->legs)
            ask_instance(d, n, index, event, warmup);
    }
}
