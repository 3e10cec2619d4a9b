/* sim/gateway_hold.c - orders the gateway holds or moves itself: times, conditions, bells, touches, stops that trail by
 * percent or change, limits that follow the quote, orders that end by a clock.
 *
 * Such an order stands in g->watched. Prices are looked at with every event of its symbol, times and conditions once a turn.
 * What it waits for goes in the order of enum td_gw_wait; when nothing is left it goes to the exchange as a market
 * or limit order. A held DAY order ends with its day. Source: tws-protocol 4.7, 4.8.
 */
#include "sim/gateway_inner.h"

#include <string.h>

#define PEG_EVERY (250 * TD_MS)

/* ---- the list ---- */

static bool watch(struct td_gateway *g, struct td_gw_order *o)
{
    if (o->watched)
        return true;
    if (g->watched_count == TD_GW_WATCHED)
        return false;
    g->watched[g->watched_count++] = (uint32_t)(o - g->orders);
    o->watched = true;
    return true;
}

static bool must_watch(const struct td_gw_order *o)
{
    const bool cancels = o->asked && o->asked->conditions.n && o->asked->conditions_cancel_order;
    return o->state == TD_GW_WAITING || o->hold.pegged || o->hold.good_till || cancels;
}

bool td_gw_hold_watch(struct td_gateway *g, struct td_gw_order *o)
{
    return !must_watch(o) || watch(g, o);
}

static void sweep(struct td_gateway *g)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < g->watched_count; i++) {
        struct td_gw_order *o = &g->orders[g->watched[i]];
        o->watched = td_gw_order_live(o) && must_watch(o);
        if (o->watched)
            g->watched[kept++] = g->watched[i];
    }
    g->watched_count = kept;
}

/* ---- prices ---- */

static const struct td_gw_symbol *symbol_of(const struct td_gateway *g, const struct td_gw_order *o)
{
    return g->symbols[o->sym];
}

static td_px middle(const struct td_quote *q)
{
    if (td_px_is_none(q->bid) || td_px_is_none(q->ask))
        return TD_PX_NONE;
    return (td_px){q->bid.e9 / 2 + q->ask.e9 / 2};
}

/* The price a trigger looks at. What has no prints is judged by its quote. */
static td_px watched_price(const struct td_gw_symbol *s, uint8_t method, bool buy)
{
    if (method == 8)
        return middle(&s->quote);
    if (method == 4 || s->derived)
        return buy ? s->quote.ask : s->quote.bid;
    return s->last;
}

static td_px on_tick(const struct td_gateway *g, const struct td_gw_order *o, int64_t px)
{
    struct td_tick_rule rule;
    td_px out = TD_PX_NONE;
    /* Never more aggressive than asked. */
    if (px <= 0 || !td_universe_ticks(&g->universe.rows[o->sym], &rule) ||
        td_tick_round(&rule, (td_px){px}, (enum td_action)o->venue.action, &out) != TD_OK)
        return TD_PX_NONE;
    return out.e9 > 0 ? out : TD_PX_NONE;
}

td_px td_gw_hold_price(struct td_gateway *g, const struct td_gw_order *o)
{
    const struct td_quote *q = &symbol_of(g, o)->quote;
    const bool buy = o->venue.action == TD_BUY;
    const td_px own = buy ? q->bid : q->ask, other = buy ? q->ask : q->bid, mid = middle(q);
    int64_t px = 0;
    if (o->hold.type == TD_GW_MTL)
        px = td_px_is_none(other) ? 0 : other.e9;
    else if (o->hold.type == TD_GW_VOL)
        px = td_gw_option_at(g, o->sym, o->hold.volatility);
    else if (o->hold.type == TD_GW_PEG_MID)
        px = td_px_is_none(mid) ? 0 : mid.e9;
    else
        px = td_px_is_none(own) ? 0 : own.e9 + (buy ? 1 : -1) * o->hold.peg_offset.e9;
    const bool over =
        !td_px_is_none(o->hold.cap) && (buy ? px > o->hold.cap.e9 : px < o->hold.cap.e9);
    return on_tick(g, o, px > 0 && over ? o->hold.cap.e9 : px);
}

/* ---- conditions ---- */

bool td_gw_condition_symbol(struct td_gateway *g, int32_t con_id, struct td_gw_symbol **out)
{
    const struct td_universe_query query = {.conid = con_id};
    struct td_fail why = {0};
    uint32_t row = 0;
    if (con_id < 1 || !td_universe_find(&g->universe, &query, &row))
        return false;
    *out = td_gw_symbol_open(g, row, &why);
    return *out != NULL;
}

static bool compare(bool is_more, int64_t value, int64_t limit)
{
    return is_more ? value >= limit : value <= limit;
}

static bool has_executed(const struct td_gateway *g, const struct td_gw_order *o,
                         const struct td_tws_condition *c)
{
    for (uint32_t i = g->ledger.fill_count; i-- > 0;) {
        const struct td_ledger_fill *f = &g->ledger.fills[i];
        const struct td_instrument *inst = &g->universe.rows[f->inst].inst;
        if (f->at < o->placed)
            return false;
        if (f->account == o->account && td_str_is(c->symbol, inst->symbol) &&
            (c->sec_type.len == 0 || td_str_is(c->sec_type, inst->sec_type)))
            return true;
    }
    return false;
}

static bool is_true(struct td_gateway *g, const struct td_gw_order *o,
                    const struct td_tws_condition *c)
{
    struct td_gw_symbol *s = NULL;
    struct td_gw_worth w;
    int64_t value = 0;
    bool bare = false;
    switch (c->type) {
    case TD_TWS_COND_TIME:
        return td_gw_time_parse(g, c->time, &value, &bare) == TD_OK &&
               (c->is_more ? g->now >= value : g->now <= value);
    case TD_TWS_COND_MARGIN: /* the cushion in percent */
        td_gw_worth(g, o->account, &w);
        return w.net > 0 && td_i64_muldiv(w.net - w.margin, 100, w.net, &value) == TD_OK &&
               compare(c->is_more, value, c->percent);
    case TD_TWS_COND_EXECUTION:
        return has_executed(g, o, c);
    default:
        break;
    }
    if (!td_gw_condition_symbol(g, c->con_id, &s) || td_px_is_none(s->last))
        return false;
    if (c->type == TD_TWS_COND_VOLUME)
        return compare(c->is_more, s->volume.e9 / TD_E9, c->volume);
    if (c->type == TD_TWS_COND_PRICE) {
        const td_px px = watched_price(s, (uint8_t)c->trigger_method, o->venue.action == TD_BUY);
        return !td_px_is_none(px) && compare(c->is_more, px.e9, c->price.e9);
    }
    return !td_px_is_none(s->prev_close) &&
           td_i64_muldiv(s->last.e9 - s->prev_close.e9, 100 * TD_E9, s->prev_close.e9, &value) ==
               TD_OK &&
           compare(c->is_more, value, c->change_e9);
}

/* Joined from the first to the last, each with the conjunction of the one before. */
static bool are_true(struct td_gateway *g, const struct td_gw_order *o)
{
    const struct td_gw_symbol *s = symbol_of(g, o);
    const struct td_venue_hours *h = &s->source.hours;
    bool all = false;
    if (!o->asked || (!o->asked->conditions_ignore_rth && (g->now < h->open || g->now >= h->close)))
        return false;
    for (uint32_t i = 0; i < o->asked->conditions.n; i++) {
        const bool one = is_true(g, o, &o->asked->conditions.p[i]);
        const bool either = i > 0 && !o->asked->conditions.p[i - 1].all;
        all = i == 0 ? one : either ? all || one : all && one;
    }
    return all;
}

/* ---- stops ---- */

/* A stop that was passed on its good side by as much as the order says becomes another. */
static void adjust(struct td_gw_order *o, td_px px)
{
    struct td_gw_hold *h = &o->hold;
    const bool sells = o->venue.action == TD_SELL;
    if (td_px_is_none(h->adjust_at) || (sells ? px.e9 < h->adjust_at.e9 : px.e9 > h->adjust_at.e9))
        return;
    const bool trails = h->adjust_to == TD_GW_TRAIL || h->adjust_to == TD_GW_TRAIL_LIMIT;
    const bool limits = h->adjust_to == TD_GW_STP_LMT || h->adjust_to == TD_GW_TRAIL_LIMIT;
    h->adjust_at = TD_PX_NONE;
    h->trail = trails && !h->adjust_percent ? (td_px){h->adjust_trail} : TD_PX_NONE;
    h->trail_percent = trails && h->adjust_percent ? h->adjust_trail : 0;
    h->stop = td_px_is_none(h->adjust_stop) || h->adjust_stop.e9 <= 0 ? h->stop : h->adjust_stop;
    h->type = h->adjust_to;
    o->venue.type = limits ? TD_EXCH_LIMIT : TD_EXCH_MARKET;
    o->venue.limit_px = limits && !td_px_is_none(h->adjust_limit) ? h->adjust_limit
                        : limits                                  ? o->venue.limit_px
                                                                  : TD_PX_NONE;
}

static void trail(struct td_gw_order *o, td_px px)
{
    struct td_gw_hold *h = &o->hold;
    const bool sells = o->venue.action == TD_SELL;
    int64_t distance = td_px_is_none(h->trail) ? 0 : h->trail.e9;
    if (h->trail_percent && td_i64_muldiv(px.e9, h->trail_percent, 100 * TD_E9, &distance) != TD_OK)
        distance = 0;
    if (distance <= 0)
        return;
    const int64_t stop = sells ? px.e9 - distance : px.e9 + distance;
    if (td_px_is_none(h->stop) || (sells ? stop > h->stop.e9 : stop < h->stop.e9))
        h->stop.e9 = stop;
}

static bool stop_hit(struct td_gw_order *o, td_px px)
{
    adjust(o, px);
    trail(o, px);
    return !td_px_is_none(o->hold.stop) &&
           (o->venue.action == TD_SELL ? px.e9 <= o->hold.stop.e9 : px.e9 >= o->hold.stop.e9);
}

static bool touched(const struct td_gw_order *o, td_px px)
{
    return o->venue.action == TD_SELL ? px.e9 >= o->hold.stop.e9 : px.e9 <= o->hold.stop.e9;
}

/* What a triggered stop is from now on. */
static void become(const struct td_gateway *g, struct td_gw_order *o)
{
    const bool limits = o->hold.type == TD_GW_STP_LMT || o->hold.type == TD_GW_TRAIL_LIMIT ||
                        o->hold.type == TD_GW_LIT;
    o->venue.type = limits ? TD_EXCH_LIMIT : TD_EXCH_MARKET;
    o->venue.stop_px = o->venue.trail = TD_PX_NONE;
    if (!limits)
        o->venue.limit_px = TD_PX_NONE;
    if (o->hold.type != TD_GW_TRAIL_LIMIT || td_px_is_none(o->hold.limit_offset))
        return;
    const int64_t offset = o->hold.limit_offset.e9;
    o->venue.limit_px =
        on_tick(g, o, o->hold.stop.e9 + (o->venue.action == TD_SELL ? -offset : offset));
    o->lmt_price = o->venue.limit_px;
}

/* ---- waiting ---- */

static void go_on(struct td_gateway *g, struct td_gw_order *o)
{
    const bool quoted = o->hold.type == TD_GW_MTL || o->hold.pegged;
    if (o->hold.wait)
        return;
    if (quoted) {
        o->venue.limit_px = td_gw_hold_price(g, o);
        if (td_px_is_none(o->venue.limit_px))
            return; /* no quote yet: it waits for one */
        o->hold.next_peg = g->now + PEG_EVERY;
    }
    td_gw_order_release(g, o);
}

static void look_at_price(struct td_gateway *g, struct td_gw_order *o)
{
    struct td_gw_hold *h = &o->hold;
    const td_px px = watched_price(symbol_of(g, o), h->method, o->venue.action == TD_BUY);
    const bool due = h->wait == TD_GW_WAIT_TOUCH || h->wait == TD_GW_WAIT_STOP;
    if (!due || td_px_is_none(px) || symbol_of(g, o)->status != TD_STATUS_OPEN ||
        !(h->wait == TD_GW_WAIT_TOUCH ? touched(o, px) : stop_hit(o, px)))
        return;
    h->wait = 0;
    become(g, o);
}

static void follow_quote(struct td_gateway *g, struct td_gw_order *o)
{
    const td_px px = td_gw_hold_price(g, o);
    if (!o->hold.pegged || o->state != TD_GW_WORKING || td_px_is_none(px) ||
        px.e9 == o->venue.limit_px.e9 || g->now < o->hold.next_peg)
        return;
    struct td_exch_order changed = o->venue;
    changed.limit_px = px;
    o->hold.next_peg = g->now + PEG_EVERY;
    if (td_exchange_modify(&g->symbols[o->sym]->exchange, g->now, &changed) == TD_OK)
        o->venue.limit_px = px;
}

static bool in_hours(const struct td_gateway *g, const struct td_gw_order *o)
{
    const struct td_venue_hours *h = &symbol_of(g, o)->source.hours;
    return h->ext_close == 0 ||
           (o->venue.outside_rth ? g->now >= h->ext_open && g->now < h->ext_close
                                 : g->now >= h->open && g->now < h->close);
}

void td_gw_hold_event(struct td_gateway *g, const struct td_gw_symbol *s)
{
    for (uint32_t i = 0; i < g->watched_count; i++) {
        struct td_gw_order *o = &g->orders[g->watched[i]];
        if (o->sym != s->row || !td_gw_order_live(o))
            continue;
        if (o->state == TD_GW_WAITING && in_hours(g, o)) {
            look_at_price(g, o);
            go_on(g, o);
        }
        follow_quote(g, o);
    }
}

/* ---- clocks ---- */

static void end_by_clock(struct td_gateway *g, struct td_gw_order *o, const char *why)
{
    char text[96];
    struct td_text t;
    td_text_init(&t, text, sizeof text);
    td_text_printf(&t, "Order Canceled - reason:%s", why);
    if (o->state > TD_GW_WAITING) {
        td_gw_order_cancel(g, o);
        return;
    }
    td_gw_order_end(g, o, TD_GW_CANCELLED, why);
    td_gw_order_error(g, o, 202, text);
}

/* A DAY order that waits ends with the hours it may work in, when it was there before they ended. */
static bool day_is_over(const struct td_gateway *g, const struct td_gw_order *o)
{
    const struct td_venue_hours *h = &symbol_of(g, o)->source.hours;
    const td_ns end = o->venue.outside_rth ? h->ext_close : h->close;
    return o->state == TD_GW_WAITING && o->venue.tif == TD_EXCH_DAY && h->ext_close &&
           o->placed < end && g->now >= end && !(o->hold.wait & TD_GW_WAIT_AUCTION);
}

static void look_at_clock(struct td_gateway *g, struct td_gw_order *o)
{
    struct td_gw_hold *h = &o->hold;
    if (h->good_till && g->now >= h->good_till) {
        h->good_till = 0;
        end_by_clock(g, o, "good till date");
        return;
    }
    if (day_is_over(g, o)) {
        end_by_clock(g, o, "end of the day");
        return;
    }
    if (o->asked && o->asked->conditions.n && o->asked->conditions_cancel_order && !h->touched &&
        are_true(g, o)) {
        h->touched = true;
        td_gw_order_cancel(g, o);
        return;
    }
    if ((h->wait & TD_GW_WAIT_TIME) && g->now >= h->good_after)
        h->wait &= (uint8_t)~TD_GW_WAIT_TIME;
    if ((h->wait & (TD_GW_WAIT_TIME | TD_GW_WAIT_CONDITIONS)) == TD_GW_WAIT_CONDITIONS &&
        are_true(g, o))
        h->wait &= (uint8_t)~TD_GW_WAIT_CONDITIONS;
    if (h->wait == TD_GW_WAIT_AUCTION && g->now >= h->auction)
        h->wait = 0;
    if (o->state == TD_GW_WAITING)
        go_on(g, o);
}

void td_gw_hold_tick(struct td_gateway *g)
{
    for (uint32_t i = 0; i < g->watched_count; i++) {
        struct td_gw_order *o = &g->orders[g->watched[i]];
        if (td_gw_order_live(o))
            look_at_clock(g, o);
    }
    sweep(g);
    for (uint32_t i = 0; g->watched_count && i < g->opened_count; i++)
        td_gw_pump(g, g->symbols[g->opened[i]]);
}

bool td_gw_hold_take(struct td_gateway *g, struct td_gw_order *o)
{
    const bool quoted = o->hold.type == TD_GW_MTL || o->hold.pegged;
    const bool waits = o->hold.wait || quoted;
    o->state = waits ? TD_GW_WAITING : o->state;
    if ((waits || must_watch(o)) && !watch(g, o)) {
        td_gw_order_end(g, o, TD_GW_INACTIVE, "too many orders wait in the gateway");
        td_gw_order_error(g, o, 201, "Order rejected - reason:too many orders wait in the gateway");
        return true;
    }
    if (!waits)
        return false;
    if (!o->hold.wait)
        go_on(g, o);
    if (o->state != TD_GW_WAITING)
        return true;
    o->presubmitted = true;
    td_gw_tell_open(g, o);
    td_gw_tell_status(g, o);
    return true;
}
