/* sim/gateway_order.c - orders as clients send them: recorded, judged, sent to the exchange, listed.
 *
 * An order message is recorded in the ledger before anything judges it: the ledger is the oracle of tests.
 */
#include "sim/gateway_inner.h"

#include <string.h>

#include "market/fees.h"

/* ---- ids ---- */

static struct td_gw_ident *ident_of(struct td_gateway *g, int32_t client_id)
{
    for (uint32_t i = 0; i < g->ident_count; i++)
        if (g->idents[i].client_id == client_id)
            return &g->idents[i];
    if (g->ident_count == TD_GW_IDENTS)
        return NULL;
    g->idents[g->ident_count] = (struct td_gw_ident){client_id, 0};
    return &g->idents[g->ident_count++];
}

int32_t td_gw_next_id(const struct td_gateway *g, int32_t client_id)
{
    for (uint32_t i = 0; i < g->ident_count; i++)
        if (g->idents[i].client_id == client_id)
            return g->idents[i].last_order_id + 1;
    return 1;
}

void td_gw_req_ids(struct td_gateway *g, struct td_gw_client *c, const struct td_tws_msg *m)
{
    (void)m;
    td_tws_msg_init(&g->msg, TD_TWS_NEXT_VALID_ID);
    g->msg.number.value = td_gw_next_id(g, c->id);
    (void)td_gw_send(g, c, &g->msg);
}

struct td_gw_order *td_gw_order_of(struct td_gateway *g, int32_t client_id, int32_t order_id)
{
    for (uint32_t i = g->order_count; i-- > 0 && order_id;) /* id 0: placed by hand, not bound */
        if (g->orders[i].client_id == client_id && g->orders[i].order_id == order_id)
            return &g->orders[i];
    return NULL;
}

bool td_gw_order_live(const struct td_gw_order *o)
{
    return o->state <= TD_GW_WORKING;
}

/* ---- judging ---- */

/* What the account must have for an order: a fourth of its value (futures too), as its margin. */
static bool can_afford(struct td_gateway *g, uint32_t account, const struct td_gw_symbol *s,
                       const struct td_exch_order *o)
{
    const struct td_position *held = td_ledger_position(&g->ledger, account, s->row);
    const td_px px = td_px_is_none(o->limit_px) ? td_gw_mark(s) : o->limit_px;
    const bool reduces =
        held && (o->action == TD_SELL ? held->qty.e9 >= o->qty.e9 : held->qty.e9 <= -o->qty.e9);
    struct td_gw_worth worth;
    int64_t value = 0, units = 0;
    if (reduces || td_px_is_none(px))
        return true;
    td_gw_worth(g, account, &worth);
    if (td_e9_mul(o->qty.e9, g->universe.rows[s->row].inst.multiplier.e9, &units) != TD_OK ||
        td_e9_mul(px.e9, units, &value) != TD_OK)
        return false;
    return value / 4 <= worth.net - worth.margin;
}

/* ---- recording ---- */

/* A message for an order that has ended is a late change when it asks for something else than the last one about it; the
 * same again is an order sent twice. What the broker made of it meanwhile, as less of a reduced group, counts for nothing. */
static bool asks_for_more(const struct td_gateway *g, const struct td_gw_client *c,
                          const struct td_tws_place_order *p)
{
    const struct td_ledger *l = &g->ledger;
    uint32_t i = l->order_count;
    while (i > 0 &&
           (l->orders[i - 1].client_id != c->id || l->orders[i - 1].order_id != p->order_id))
        i--;
    const struct td_ledger_order *last = i > 0 ? &l->orders[i - 1] : NULL;
    return last && (last->qty.e9 != p->order.total_quantity.e9 ||
                    last->limit_px.e9 != p->order.lmt_price.e9 ||
                    last->stop_px.e9 != p->order.aux_price.e9);
}

/* Every order message as received. False when the books are full: then nothing more is taken. */
static bool record(struct td_gateway *g, const struct td_gw_client *c,
                   const struct td_tws_place_order *p, const struct td_gw_order *old,
                   uint32_t account, uint32_t inst)
{
    struct td_ledger_order l = {.at = g->now,
                                .client_id = c->id,
                                .order_id = p->order_id,
                                .account = account,
                                .inst = inst,
                                .action = td_str_is(p->order.action, "BUY") ? TD_BUY : TD_SELL,
                                .qty = p->order.total_quantity,
                                .limit_px = p->order.lmt_price,
                                .stop_px = p->order.aux_price,
                                .is_modify =
                                    old && (td_gw_order_live(old) || asks_for_more(g, c, p))};
    l.perm_id = l.is_modify ? old->perm_id : g->config.perm_first + g->order_count;
    (void)td_str_copy(p->order.order_type, l.type, sizeof l.type);
    (void)td_str_copy(p->order.tif, l.tif, sizeof l.tif);
    (void)td_str_copy(p->order.order_ref, l.ref, sizeof l.ref);
    if (td_ledger_received(&g->ledger, &l) != TD_OK)
        return false;
    td_gw_ledger_line(g, g->ledger.account_count + g->ledger.position_count +
                             g->ledger.order_count - 1);
    return true;
}

/* ---- placing ---- */

static void take_fields(struct td_gw_order *o, const struct td_tws_place_order *p)
{
    o->lmt_price = p->order.lmt_price;
    o->aux_price = p->order.aux_price;
    o->trail_stop = p->order.trail_stop_price;
    o->transmit = p->order.transmit;
    o->oca_type = p->order.oca_type >= 1 && p->order.oca_type <= 3 ? (uint8_t)p->order.oca_type : 0;
    (void)td_str_copy(p->order.order_type, o->type, sizeof o->type);
    (void)td_str_copy(p->order.tif.len ? p->order.tif : td_str_of("DAY"), o->tif, sizeof o->tif);
    (void)td_str_copy(p->order.order_ref, o->ref, sizeof o->ref);
    (void)td_str_copy(p->order.oca_group, o->oca_group, sizeof o->oca_group);
    (void)td_str_copy(p->contract.exchange, o->exchange, sizeof o->exchange);
}

void td_gw_order_submit(struct td_gateway *g, struct td_gw_order *o)
{
    if (!td_gw_hold_take(g, o))
        td_gw_order_release(g, o);
}

void td_gw_order_release(struct td_gateway *g, struct td_gw_order *o)
{
    struct td_gw_symbol *s = g->symbols[o->sym];
    o->state = TD_GW_SENT;
    if (td_exchange_submit(&s->exchange, g->now, &o->venue) != TD_OK)
        td_gw_order_end(g, o, TD_GW_INACTIVE, "too many orders on their way");
}

static bool parent_fills(struct td_gateway *g, const struct td_gw_order *o)
{
    const struct td_gw_order *parent =
        o->parent_id ? td_gw_order_of(g, o->client_id, o->parent_id) : NULL;
    return !parent || parent->state == TD_GW_FILLED;
}

/* transmit=true on one order of a bracket releases the whole family. */
static void release(struct td_gateway *g, struct td_gw_order *o)
{
    const int32_t family = o->parent_id ? o->parent_id : o->order_id;
    for (uint32_t i = 0; i < g->order_count; i++) {
        struct td_gw_order *one = &g->orders[i];
        if (one->client_id != o->client_id || one->state != TD_GW_HELD ||
            (one->order_id != family && one->parent_id != family))
            continue;
        one->transmit = true;
        if (parent_fills(g, one)) {
            td_gw_order_submit(g, one);
        } else {
            one->presubmitted = true;
            td_gw_tell_open(g, one);
            td_gw_tell_status(g, one);
        }
    }
}

struct td_gw_order *td_gw_order_row(struct td_gateway *g, const struct td_gw_order *like)
{
    if (g->order_count == TD_GW_ORDERS)
        return NULL;
    struct td_gw_order *o = &g->orders[g->order_count];
    *o = *like;
    o->asked = NULL; /* each row has an echo of its own, or none */
    o->perm_id = g->config.perm_first + g->order_count++;
    o->venue.key = (uint64_t)o->perm_id;
    return o;
}

struct td_gw_order *td_gw_order_add(struct td_gateway *g, int32_t client_id, int32_t order_id)
{
    struct td_gw_ident *ident = ident_of(g, client_id);
    const struct td_gw_order like = {.client_id = client_id,
                                     .order_id = order_id,
                                     .state = TD_GW_HELD,
                                     .hold = {.stop = TD_PX_NONE},
                                     .placed = g->now};
    struct td_gw_order *o = td_gw_order_row(g, &like);
    if (o && ident && order_id > ident->last_order_id)
        ident->last_order_id = order_id;
    return o;
}

/* An order message that was found to be fine. */
struct judged {
    struct td_gw_symbol *s;
    struct td_exch_order venue;
    struct td_gw_hold hold;
};

static void place_new(struct td_gateway *g, struct td_gw_client *c,
                      const struct td_tws_place_order *p, uint32_t account, const struct judged *j)
{
    struct td_gw_order *o = td_gw_order_add(g, c->id, p->order_id);
    TD_REQUIRE(o != NULL); /* check_id saw room */
    o->parent_id = p->order.parent_id;
    o->account = account;
    o->sym = j->s->row;
    o->venue = j->venue;
    o->hold = j->hold;
    o->venue.key = (uint64_t)o->perm_id;
    take_fields(o, p);
    (void)td_gw_echo_keep(
        o, &p->order); /* it fits: td_gw_place looked; without memory there is no echo */
    if (o->transmit)
        release(g, o);
}

/* How a fourth of the gross value changes when the order fills: less when it reduces a position. */
static int64_t margin_change(struct td_gateway *g, uint32_t account, uint32_t row,
                             const struct td_exch_order *venue, int64_t value)
{
    const struct td_position *held = td_ledger_position(&g->ledger, account, row);
    const int64_t before = held ? held->qty.e9 : 0;
    const int64_t after = before + (venue->action == TD_BUY ? venue->qty.e9 : -venue->qty.e9);
    const int64_t more = (after < 0 ? -after : after) - (before < 0 ? -before : before);
    int64_t change = 0;
    return td_i64_muldiv(value / 4, more, venue->qty.e9, &change) == TD_OK ? change : 0;
}

static void what_if(struct td_gateway *g, struct td_gw_client *c,
                    const struct td_tws_place_order *p, uint32_t account, const struct judged *j)
{
    const struct td_gw_symbol *s = j->s;
    const struct td_exch_order *venue = &j->venue;
    struct td_gw_order o = {.client_id = c->id,
                            .order_id = p->order_id,
                            .account = account,
                            .sym = s->row,
                            .hold = j->hold,
                            .venue = *venue};
    struct td_gw_worth w;
    char text[9][TD_E9_CHARS];
    int64_t units = 0, value = 0;
    const td_px px = td_px_is_none(venue->limit_px) ? td_gw_mark(s) : venue->limit_px;
    take_fields(&o, p);
    td_gw_worth(g, account, &w);
    if (td_px_is_none(px) ||
        td_e9_mul(venue->qty.e9, g->universe.rows[s->row].inst.multiplier.e9, &units) != TD_OK ||
        td_e9_mul(px.e9, units, &value) != TD_OK)
        value = 0;
    const int64_t change = margin_change(g, account, s->row, venue, value);
    const int64_t numbers[9] = {w.margin,          w.margin,          w.net, change, change, 0,
                                w.margin + change, w.margin + change, w.net};
    struct td_str out[9];
    for (int i = 0; i < 9; i++)
        out[i] = td_gw_money(numbers[i], text[i]);
    td_gw_fill_open(g, &o, &g->msg, TD_TWS_OPEN_ORDER);
    struct td_tws_order_state *state = &g->msg.open_order.state;
    g->msg.open_order.order.what_if = true;
    *state = (struct td_tws_order_state){.status = td_str_of("PreSubmitted"),
                                         .init_margin_before = out[0],
                                         .maint_margin_before = out[1],
                                         .equity_before = out[2],
                                         .init_margin_change = out[3],
                                         .maint_margin_change = out[4],
                                         .equity_change = out[5],
                                         .init_margin_after = out[6],
                                         .maint_margin_after = out[7],
                                         .equity_after = out[8],
                                         .commission_currency = td_str_of("USD"),
                                         .min_commission = TD_CASH_NONE,
                                         .max_commission = TD_CASH_NONE,
                                         .commission = TD_CASH_NONE,
                                         .suggested_size = TD_QTY_NONE,
                                         .orth_init_before = TD_CASH_NONE,
                                         .orth_maint_before = TD_CASH_NONE,
                                         .orth_equity_before = TD_CASH_NONE,
                                         .orth_init_change = TD_CASH_NONE,
                                         .orth_maint_change = TD_CASH_NONE,
                                         .orth_equity_change = TD_CASH_NONE,
                                         .orth_init_after = TD_CASH_NONE,
                                         .orth_maint_after = TD_CASH_NONE,
                                         .orth_equity_after = TD_CASH_NONE};
    const struct td_fee_row *fee = td_fee_find(TD_FEE_FIXED, g->universe.rows[s->row].inst.sec_type,
                                               g->universe.rows[s->row].inst.symbol);
    if (value > 0 && td_fee_total(fee, venue->qty, (td_cash){value}, &state->commission) != TD_OK)
        state->commission = TD_CASH_NONE;
    (void)td_gw_send(g, c, &g->msg);
}

static void modify(struct td_gateway *g, struct td_gw_client *c, const struct td_tws_place_order *p,
                   struct td_gw_order *o, const struct judged *j)
{
    const struct td_exch_order *venue = &j->venue;
    const bool was_held = o->state <= TD_GW_WAITING, waited = o->state == TD_GW_WAITING;
    if (j->hold.type != o->hold.type || venue->type != o->venue.type ||
        venue->action != o->venue.action) {
        td_gw_error(g, c, p->order_id, 105, "Order being modified does not match original order.");
        return;
    }
    struct td_exch_order changed = *venue;
    changed.key = o->venue.key;
    if (o->hold.pegged) /* it goes on from where it is; the next quote moves it */
        changed.limit_px = o->venue.limit_px;
    if (!was_held && td_exchange_modify(&g->symbols[o->sym]->exchange, g->now, &changed) != TD_OK) {
        td_gw_error(g, c, p->order_id, 2102,
                    "Unable to modify this order as it is still being processed.");
        return;
    }
    take_fields(o, p);
    (void)td_gw_echo_keep(o, &p->order);
    const uint8_t wait = o->hold.wait;
    o->hold = j->hold;
    if (!was_held) {
        o->hold.wait = wait; /* it is past waiting */
        if (!td_gw_hold_watch(g, o))
            td_gw_order_cancel(g, o); /* what was asked for cannot be kept */
        return;
    }
    o->venue = changed;
    if (waited) {
        td_gw_tell_open(g, o);
        td_gw_tell_status(g, o);
    } else if (o->transmit) {
        release(g, o);
    }
}

/* Ids of the order and its parent; false after an error was sent. */
static bool check_id(struct td_gateway *g, struct td_gw_client *c,
                     const struct td_tws_place_order *p, const struct td_gw_order *old)
{
    const int32_t parent_id = p->order.parent_id;
    const struct td_gw_order *parent = parent_id ? td_gw_order_of(g, c->id, parent_id) : NULL;
    if (old && old->state == TD_GW_FILLED)
        td_gw_error(g, c, p->order_id, 104, "Cannot modify a filled order.");
    else if (old && !td_gw_order_live(old))
        td_gw_error(g, c, p->order_id, 103, "Duplicate order id");
    else if (!old && p->order_id < td_gw_next_id(g, c->id))
        td_gw_error(g, c, p->order_id, 103, "Duplicate order id");
    else if (parent_id && (!parent || parent->parent_id || parent->state > TD_GW_FILLED))
        td_gw_error(g, c, p->order_id, 10006, "Missing parent order.");
    else if (g->order_count == TD_GW_ORDERS)
        td_gw_error(g, c, p->order_id, 201,
                    "Order rejected - reason:the simulator's order table is full");
    else
        return true;
    return false;
}

void td_gw_place(struct td_gateway *g, struct td_gw_client *c, const struct td_tws_msg *m)
{
    const struct td_tws_place_order *p = &m->place_order;
    struct td_gw_order *old = td_gw_order_of(g, c->id, p->order_id);
    struct judged j;
    uint32_t account = 0, row = 0;
    const bool known = td_gw_contract(g, c, p->order_id, &p->contract, &row);
    const bool named = known && td_gw_pick_account(g, c, p->order_id, p->order.account, &account);
    if (!p->order.what_if && !record(g, c, p, old, account, known ? row : UINT32_MAX)) {
        td_gw_error(g, c, p->order_id, 201,
                    "Order rejected - reason:the simulator's books are full");
        return;
    }
    struct td_fail why = {0};
    if (!p->order.what_if && td_gw_take_one(&g->faults.now.lose_orders))
        return;
    struct td_gw_refusal *refusal =
        old && td_gw_order_live(old) ? &g->faults.now.change : &g->faults.now.order;
    if (td_gw_take_one(&refusal->left)) {
        td_gw_error(g, c, p->order_id, refusal->code, "%s", refusal->text);
        return;
    }
    struct td_gw_symbol *s = named ? td_gw_symbol_open(g, row, &why) : NULL;
    if (named && !s)
        td_gw_error(g, c, p->order_id, 201, "Order rejected - reason:%s", why.text);
    if (!s || (!p->order.what_if && !check_id(g, c, p, old)))
        return;
    j.s = s;
    const struct td_gw_verdict v = td_gw_judge(g, p, row, &j.venue, &j.hold);
    if (v.code) {
        td_gw_error(g, c, p->order_id, v.code, "%s", v.text);
    } else if (p->order.what_if) {
        what_if(g, c, p, account, &j);
    } else if (old) {
        modify(g, c, p, old, &j);
    } else if (!td_gw_side_free(g, account, row, j.venue.action)) {
        td_gw_error(g, c, p->order_id, 201,
                    "Order rejected - reason:20 orders are active on this side of the contract");
    } else if (!can_afford(g, account, s, &j.venue)) {
        td_gw_error(
            g, c, p->order_id, 201,
            "Order rejected - reason:YOUR ORDER IS NOT ACCEPTED. IN ORDER TO OBTAIN THE DESIRED "
            "POSITION YOUR EQUITY WITH LOAN VALUE MUST EXCEED THE INITIAL MARGIN");
    } else {
        place_new(g, c, p, account, &j);
    }
    td_gw_pump(g, s);
}

/* ---- cancelling ---- */

void td_gw_order_cancel(struct td_gateway *g, struct td_gw_order *o)
{
    if (o->state <= TD_GW_WAITING || o->detached)
        td_gw_order_end(g, o, TD_GW_CANCELLED, "cancelled on request");
    else if (td_exchange_cancel(&g->symbols[o->sym]->exchange, g->now, o->venue.key) != TD_OK)
        td_gw_order_error(
            g, o, 161,
            "Cancel attempted when order is not in a cancellable state. Order permId =0");
}

void td_gw_cancel(struct td_gateway *g, struct td_gw_client *c, const struct td_tws_msg *m)
{
    const int32_t id = m->cancel_order.order_id;
    struct td_gw_order *o = td_gw_order_of(g, c->id, id);
    if (!o) {
        td_gw_error(g, c, id, 10147, "OrderId %d that needs to be cancelled is not found.",
                    (int)id);
    } else if (!td_gw_order_live(o)) {
        td_gw_error(g, c, id, 10148,
                    "OrderId %d that needs to be cancelled cannot be cancelled, state: %s.",
                    (int)id, o->state == TD_GW_FILLED ? "Filled" : "Cancelled");
    } else {
        td_gw_order_cancel(g, o);
        td_gw_pump(g, g->symbols[o->sym]);
    }
}

void td_gw_global_cancel(struct td_gateway *g, struct td_gw_client *c, const struct td_tws_msg *m)
{
    (void)c;
    (void)m;
    for (uint32_t i = 0; i < g->order_count; i++)
        if (td_gw_order_live(&g->orders[i]))
            td_gw_order_cancel(g, &g->orders[i]);
    for (uint32_t i = 0; i < g->opened_count; i++)
        td_gw_pump(g, g->symbols[g->opened[i]]);
}

/* ---- orders placed by hand ---- */

/* Gives an unbound order an id of client 0, which may change and cancel it from then on. */
void td_gw_bind(struct td_gateway *g, struct td_gw_client *c, struct td_gw_order *o)
{
    struct td_gw_ident *ident = ident_of(g, 0);
    if (!ident || o->client_id != 0 || o->order_id != 0)
        return;
    o->order_id = ++ident->last_order_id;
    td_tws_msg_init(&g->msg, TD_TWS_ORDER_BOUND);
    g->msg.order_bound = (struct td_tws_order_bound){o->perm_id, 0, o->order_id};
    (void)td_gw_send(g, c, &g->msg);
}

/* ---- lists ---- */

static void list_open(struct td_gateway *g, struct td_gw_client *c, bool all)
{
    for (uint32_t i = 0; i < g->order_count; i++) {
        const struct td_gw_order *o = &g->orders[i];
        if (!td_gw_order_live(o) || (!all && o->client_id != c->id) ||
            (o->state == TD_GW_HELD && !o->presubmitted))
            continue;
        td_gw_fill_open(g, o, &g->msg, TD_TWS_OPEN_ORDER);
        (void)td_gw_send(g, c, &g->msg);
        td_gw_fill_open(g, o, &g->msg, TD_TWS_ORDER_STATUS);
        (void)td_gw_send(g, c, &g->msg);
    }
    td_tws_msg_init(&g->msg, TD_TWS_OPEN_ORDER_END);
    (void)td_gw_send(g, c, &g->msg);
}

void td_gw_req_open(struct td_gateway *g, struct td_gw_client *c, const struct td_tws_msg *m)
{
    (void)m;
    for (uint32_t i = 0; i < g->order_count && c->id == 0; i++)
        if (td_gw_order_live(&g->orders[i]))
            td_gw_bind(g, c, &g->orders[i]);
    list_open(g, c, c->id == g->config.master_id);
}

void td_gw_req_all_open(struct td_gateway *g, struct td_gw_client *c, const struct td_tws_msg *m)
{
    (void)m;
    list_open(g, c, true);
}

void td_gw_req_auto_open(struct td_gateway *g, struct td_gw_client *c, const struct td_tws_msg *m)
{
    c->binds = c->id == 0 && m->flag.on;
    if (c->id != 0 && m->flag.on)
        td_gw_error(g, c, -1, 327,
                    "Only the default client (i.e., client ID 0) can set the auto bind property.");
}

void td_gw_req_completed(struct td_gateway *g, struct td_gw_client *c, const struct td_tws_msg *m)
{
    (void)m; /* all orders here are of the API */
    for (uint32_t i = 0; i < g->order_count; i++) {
        if (td_gw_order_live(&g->orders[i]))
            continue;
        const struct td_gw_order *o = &g->orders[i];
        char text[48];
        td_gw_fill_open(g, o, &g->msg, TD_TWS_COMPLETED_ORDER);
        g->msg.open_order.state.completed_time =
            td_gw_time(o->completed, g->symbols[o->sym]->zone, c->tws.version, text);
        (void)td_gw_send(g, c, &g->msg);
    }
    td_tws_msg_init(&g->msg, TD_TWS_COMPLETED_ORDERS_END);
    (void)td_gw_send(g, c, &g->msg);
}
