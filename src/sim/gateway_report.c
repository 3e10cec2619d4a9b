/* sim/gateway_report.c - what clients are told about orders: reports of the exchange become TWS messages.
 *
 * Order of messages for a fill: execution, openOrder and orderStatus, commission (tws-protocol 4.8). They go to the
 * client that placed the order and to the master client.
 */
#include "sim/gateway_inner.h"

#include <stdio.h>
#include <string.h>

#include "market/fees.h"

#define COMBINATION_ID 28812380 /* what the broker gives every combination in dollars */
#define NO_MARGIN      "1.7976931348623157E308"

void td_gw_fill_row(const struct td_universe_row *row, const char *exchange, char multiplier[24],
                    struct td_tws_contract *out)
{
    const struct td_instrument *inst = &row->inst;
    const bool many = strcmp(inst->sec_type, "FUT") == 0 || row->right;
    out->con_id = row->leg_count ? COMBINATION_ID : inst->conid;
    out->symbol = td_str_of(inst->symbol);
    out->sec_type = td_str_of(inst->sec_type);
    out->expiry = td_str_of(inst->expiry);
    out->strike = row->right ? row->strike : TD_PX(0);
    out->right = (struct td_str){&row->right, row->right ? 1 : 0};
    out->multiplier = td_str_of("");
    if (many)
        out->multiplier = (struct td_str){multiplier, td_e9_print(inst->multiplier.e9, multiplier)};
    out->exchange = td_str_of(exchange && exchange[0] ? exchange : inst->exchange);
    out->currency = td_str_of(inst->currency);
    out->local_symbol = td_str_of(inst->local_symbol);
    out->trading_class = td_str_of(inst->trading_class);
}

void td_gw_fill_contract(struct td_gateway *g, uint32_t row, const char *exchange,
                         struct td_tws_contract *out)
{
    td_gw_fill_row(&g->universe.rows[row], exchange, g->multipliers[row], out);
}

static const char *status_of(const struct td_gw_order *o)
{
    static const char *const names[] = {
        [TD_GW_HELD] = "PreSubmitted", [TD_GW_WAITING] = "PreSubmitted",
        [TD_GW_SENT] = "PreSubmitted", [TD_GW_WORKING] = "Submitted",
        [TD_GW_FILLED] = "Filled",     [TD_GW_CANCELLED] = "Cancelled",
        [TD_GW_INACTIVE] = "Inactive"};
    return o->state == TD_GW_WORKING && o->presubmitted ? "PreSubmitted" : names[o->state];
}

static void fill_status(const struct td_gw_order *o, struct td_tws_msg *msg)
{
    td_tws_msg_init(msg, TD_TWS_ORDER_STATUS);
    msg->order_status = (struct td_tws_order_status){
        .order_id = o->order_id,
        .parent_id = o->parent_id,
        .client_id = o->client_id,
        .status = td_str_of(status_of(o)),
        .filled = o->filled,
        .remaining = {o->venue.qty.e9 - o->filled.e9},
        .avg_fill_price = o->avg_px,
        .last_fill_price = o->last_px,
        .mkt_cap_price = TD_PX(0),
        .perm_id = o->perm_id,
        .why_held = td_str_of(
            (o->state == TD_GW_WORKING && o->presubmitted && o->venue.type >= TD_EXCH_STOP) ||
                    (o->state == TD_GW_WAITING && o->hold.wait >= TD_GW_WAIT_TOUCH)
                ? "trigger"
                : "")};
    if (!td_gw_order_live(o) && o->state != TD_GW_FILLED)
        msg->order_status.remaining.e9 = o->venue.qty.e9 - o->filled.e9;
}

static int32_t or_zero(int32_t value)
{
    return value == TD_TWS_INT_NONE ? 0 : value;
}

static struct td_str or_text(struct td_str text, const char *otherwise)
{
    return text.len ? text : td_str_of(otherwise);
}

static void fill_order(const struct td_gateway *g, const struct td_gw_order *o,
                       struct td_tws_order *out)
{
    const bool none = o->hold.type == TD_GW_MKT;
    td_gw_echo_fill(o, out);
    out->action = td_str_of(o->venue.action == TD_BUY ? "BUY" : "SELL");
    out->total_quantity = o->venue.qty;
    out->order_type = td_str_of(o->type);
    out->lmt_price = none || td_px_is_none(o->lmt_price) ? TD_PX(0) : o->lmt_price;
    out->aux_price = none || td_px_is_none(o->aux_price) ? TD_PX(0) : o->aux_price;
    out->tif = td_str_of(o->tif);
    out->oca_group = td_str_of(o->oca_group);
    out->account = td_str_of(g->ledger.accounts[o->account].name);
    out->order_ref = td_str_of(o->ref);
    out->client_id = o->client_id;
    out->perm_id = o->perm_id;
    out->parent_id = o->parent_id;
    out->outside_rth = o->venue.outside_rth;
    out->transmit = true;
    out->what_if = false;
    out->exempt_code = -1;
    out->oca_type = o->oca_type ? o->oca_type : 3;
    out->display_size = out->display_size > 0 ? out->display_size : TD_TWS_INT_NONE;
    out->discretionary_amt = TD_CASH(0);
    out->volatility_type = or_zero(out->volatility_type);
    out->reference_price_type = or_zero(out->reference_price_type);
    out->dn_order_type = td_str_of("None");
    out->dn_open_close = td_str_of("?");
    out->trail_stop_price = td_px_is_none(o->hold.stop) ? o->trail_stop : o->hold.stop;
    out->clearing_intent = or_text(out->clearing_intent, "IB");
    out->adjusted_order_type = or_text(out->adjusted_order_type, "None");
    out->cash_qty = TD_CASH(0);
    out->dont_use_auto_price_for_hedge = true;
    out->use_price_mgmt_algo = or_zero(out->use_price_mgmt_algo);
    /* Only completed orders have these: fill_completed. */
    out->filled_quantity = TD_QTY_NONE;
    out->auto_cancel_date = out->shareholder = td_str_of("");
}

static void fill_completed(const struct td_gw_order *o, struct td_tws_open_order *out)
{
    out->order_id = 0;
    out->order.filled_quantity = o->filled;
    out->order.shareholder = td_str_of("Not an insider or substantial shareholder");
    out->state.completed_status = td_str_of(o->note);
    out->state.completed_time = td_str_of("");
}

static void fill_state(const struct td_gw_order *o, struct td_tws_order_state *out)
{
    struct td_str *const margins[] = {
        &out->init_margin_before, &out->maint_margin_before, &out->equity_before,
        &out->init_margin_change, &out->maint_margin_change, &out->equity_change,
        &out->init_margin_after,  &out->maint_margin_after,  &out->equity_after};
    out->status = td_str_of(status_of(o));
    for (size_t i = 0; i < TD_COUNT(margins); i++)
        *margins[i] = td_str_of(NO_MARGIN);
}

void td_gw_fill_open(struct td_gateway *g, const struct td_gw_order *o, struct td_tws_msg *msg,
                     uint16_t kind)
{
    if (kind == TD_TWS_ORDER_STATUS) {
        fill_status(o, msg);
        return;
    }
    td_tws_msg_init(msg, kind);
    msg->open_order.order_id = o->order_id;
    td_gw_fill_contract(g, o->sym, o->exchange, &msg->open_order.contract);
    if (!g->universe.rows[o->sym].right)
        msg->open_order.contract.right = td_str_of("?");
    td_gw_fill_combo(g, o, g->open_legs, &msg->open_order.contract);
    fill_order(g, o, &msg->open_order.order);
    fill_state(o, &msg->open_order.state);
    if (kind == TD_TWS_COMPLETED_ORDER)
        fill_completed(o, &msg->open_order);
}

/* Sends g->msg to everybody who is told about an order of `client_id`. */
static void tell(struct td_gateway *g, int32_t client_id)
{
    if (g->faults.now.link_down)
        return; /* the broker's reports do not come through */
    struct td_gw_client *owner = td_gw_client_of(g, client_id);
    struct td_gw_client *master =
        g->config.master_id >= 0 ? td_gw_client_of(g, g->config.master_id) : NULL;
    if (owner)
        (void)td_gw_send(g, owner, &g->msg);
    if (master && master != owner)
        (void)td_gw_send(g, master, &g->msg);
}

void td_gw_tell_open(struct td_gateway *g, const struct td_gw_order *o)
{
    td_gw_fill_open(g, o, &g->msg, TD_TWS_OPEN_ORDER);
    tell(g, o->client_id);
}

void td_gw_tell_status(struct td_gateway *g, const struct td_gw_order *o)
{
    fill_status(o, &g->msg);
    tell(g, o->client_id);
}

void td_gw_order_error(struct td_gateway *g, const struct td_gw_order *o, int32_t code,
                       const char *text)
{
    struct td_gw_client *owner = td_gw_client_of(g, o->client_id);
    if (owner)
        td_gw_error(g, owner, o->order_id, code, "%s", text);
}

/* ---- families ---- */

/* Children of a filled parent begin; those of a parent that is gone go with it; one of two siblings that fills ends
 * the other, and so does a filled order of an OCA group. A parent has no parent, so this goes one level deep. */
void td_gw_siblings(struct td_gateway *g, const struct td_gw_order *o)
{
    for (uint32_t i = 0; i < g->order_count; i++) {
        struct td_gw_order *one = &g->orders[i];
        if (one == o || one->client_id != o->client_id || !td_gw_order_live(one))
            continue;
        const bool child = one->parent_id && one->parent_id == o->order_id;
        const bool sibling = o->parent_id && one->parent_id == o->parent_id;
        const bool group = o->oca_group[0] && strcmp(one->oca_group, o->oca_group) == 0;
        if (child && o->state == TD_GW_FILLED && one->state == TD_GW_HELD && one->transmit)
            td_gw_order_submit(g, one);
        else if ((child && o->state != TD_GW_FILLED) ||
                 ((sibling || group) && o->state == TD_GW_FILLED))
            td_gw_order_cancel(g, one);
    }
}

void td_gw_order_end(struct td_gateway *g, struct td_gw_order *o, enum td_gw_order_state state,
                     const char *note)
{
    o->state = (uint8_t)state;
    o->completed = g->now;
    (void)td_str_copy(td_str_of(note), o->note, sizeof o->note);
    if (state == TD_GW_FILLED) /* told by the fill itself */
        return;
    td_gw_tell_open(g, o);
    td_gw_tell_status(g, o);
    td_gw_siblings(g, o);
}

/* ---- fills ---- */

static void send_execution(struct td_gateway *g, const struct td_gw_order *o,
                           const struct td_ledger_fill *f, struct td_gw_client *only,
                           int32_t req_id)
{
    char time[2][48];
    const char *sec_type = g->universe.rows[f->inst].inst.sec_type;
    const struct td_tz *zone = g->symbols[o->sym]->zone;
    struct td_tws_execution e = {.req_id = req_id,
                                 .order_id = f->order_id,
                                 .client_id = f->client_id,
                                 .last_liquidity = f->liquidity,
                                 .exec_id = td_str_of(f->exec_id),
                                 .account = td_str_of(g->ledger.accounts[f->account].name),
                                 .shares = f->qty,
                                 .price = f->px,
                                 .side = td_str_of(f->action == TD_BUY ? "BOT" : "SLD"),
                                 .order_ref = td_str_of(f->ref),
                                 .perm_id = f->perm_id,
                                 .cum_qty = o->filled,
                                 .avg_price = o->avg_px};
    td_gw_fill_contract(g, f->inst, f->inst == o->sym ? o->exchange : NULL, &e.contract);
    e.exchange =
        td_str_of(strcmp(sec_type, "STK") == 0   ? "ISLAND"
                  : strcmp(sec_type, "OPT") == 0 ? "CBOE"
                                                 : g->universe.rows[f->inst].inst.exchange);
    struct td_gw_client *const to[] = {only ? only : td_gw_client_of(g, o->client_id),
                                       only || g->config.master_id < 0 ||
                                               g->config.master_id == o->client_id
                                           ? NULL
                                           : td_gw_client_of(g, g->config.master_id)};
    for (size_t i = 0; i < TD_COUNT(to); i++) {
        if (!to[i])
            continue;
        td_tws_msg_init(&g->msg, TD_TWS_EXECUTION_DATA);
        e.time = td_gw_time(f->at, zone, to[i]->tws.version, time[i]);
        g->msg.execution = e;
        (void)td_gw_send(g, to[i], &g->msg);
    }
}

static void fill_commission(struct td_gateway *g, const struct td_ledger_fill *f)
{
    const bool closes = f->realized.e9 != 0;
    td_tws_msg_init(&g->msg, TD_TWS_COMMISSION_REPORT);
    g->msg.commission = (struct td_tws_commission){
        .exec_id = td_str_of(f->exec_id),
        .currency = td_str_of("USD"),
        .commission = f->fee,
        .realized_pnl = closes ? (td_cash){f->realized.e9 - f->fee.e9} : TD_CASH_NONE,
        .yield_e9 = TD_E9_NONE,
        .yield_redemption_date = TD_TWS_INT_NONE};
}

/* The fee of an execution: of the order's own contract the difference of its running totals; a leg or an exercised
 * option is charged by itself. */
static td_cash fee_of(struct td_gateway *g, struct td_gw_order *o, const struct td_ledger_fill *f)
{
    const struct td_fee_row *row =
        td_fee_find(TD_FEE_FIXED, g->universe.rows[f->inst].inst.sec_type,
                    g->universe.rows[f->inst].inst.symbol);
    const bool own = f->inst == o->sym;
    td_cash value, total, sum = own ? o->value : TD_CASH(0);
    int64_t units = 0;
    if (g->config.no_fees)
        return TD_CASH(0);
    if (td_e9_mul(f->qty.e9, f->multiplier.e9, &units) != TD_OK ||
        td_e9_mul(units, f->px.e9, &value.e9) != TD_OK || td_cash_add(sum, value, &sum) != TD_OK ||
        td_fee_total(row, own ? o->filled : f->qty, sum, &total) != TD_OK)
        return TD_CASH(0);
    if (!own)
        return total;
    const td_cash fee = {total.e9 - o->fee.e9};
    o->value = sum;
    o->fee = total;
    return fee;
}

bool td_gw_book(struct td_gateway *g, struct td_ledger_fill *f)
{
    const enum td_err err = td_ledger_book(&g->ledger, f);
    if (err)
        td_logf(g->log, TD_LOG_ERROR, TD_LOG_API, "books", "a fill could not be booked: %s",
                td_err_text(err));
    else
        td_gw_ledger_line(g, g->ledger.account_count + g->ledger.position_count +
                                 g->ledger.order_count + g->ledger.fill_count - 1);
    g->account_change++;
    return err == TD_OK;
}

void td_gw_tell_execution(struct td_gateway *g, const struct td_gw_order *o,
                          const struct td_ledger_fill *f, struct td_gw_client *only)
{
    if (!g->faults.now.link_down)
        send_execution(g, o, f, only, -1);
}

void td_gw_tell_commission(struct td_gateway *g, const struct td_gw_order *o,
                           const struct td_ledger_fill *f)
{
    fill_commission(g, f);
    tell(g, o->client_id);
}

static void name_fill(struct td_gateway *g, const struct td_gw_order *o, struct td_ledger_fill *f)
{
    f->perm_id = o->perm_id;
    f->client_id = o->client_id;
    f->order_id = o->order_id;
    f->account = o->account;
    f->multiplier = g->universe.rows[f->inst].inst.multiplier;
    (void)snprintf(f->exec_id, sizeof f->exec_id, "%08x.%08x.01.01",
                   (unsigned)(g->exec_base & 0xffffff), (unsigned)++g->exec_count);
    (void)td_str_copy(td_str_of(o->ref), f->ref, sizeof f->ref);
}

void td_gw_book_fill(struct td_gateway *g, struct td_gw_order *o, struct td_ledger_fill *f)
{
    name_fill(g, o, f);
    f->fee = fee_of(g, o, f);
    (void)td_gw_book(g, f); /* told all the same: a client's books go on */
    td_gw_tell_execution(g, o, f, NULL);
    td_gw_tell_commission(g, o, f);
}

/* A part of an OCA order filled. Type 1 ends the others at once; types 2 and 3 make them smaller in proportion. */
static void reduce_group(struct td_gateway *g, const struct td_gw_order *o, td_qty filled)
{
    if (!o->oca_group[0] || o->state == TD_GW_FILLED)
        return; /* a whole fill ends them all, as td_gw_siblings does */
    for (uint32_t i = 0; i < g->order_count; i++) {
        struct td_gw_order *one = &g->orders[i];
        int64_t less = 0;
        if (one == o || one->client_id != o->client_id || !td_gw_order_live(one) ||
            strcmp(one->oca_group, o->oca_group) != 0)
            continue;
        struct td_exch_order changed = one->venue;
        if (td_i64_muldiv(filled.e9 / TD_E9, one->venue.qty.e9 / TD_E9, o->venue.qty.e9 / TD_E9,
                          &less) != TD_OK)
            less = 0;
        changed.qty.e9 -= less * TD_E9;
        if (o->oca_type == 1 || changed.qty.e9 <= one->filled.e9) {
            td_gw_order_cancel(g, one);
        } else if (one->state <= TD_GW_WAITING) {
            one->venue = changed;
            td_gw_tell_open(g, one);
        } else if (td_exchange_modify(&g->symbols[one->sym]->exchange, g->now, &changed) != TD_OK) {
            td_gw_order_cancel(g, one); /* too busy to change: safer gone than too large */
        }
    }
}

static void take_fill(struct td_gateway *g, struct td_gw_order *o, const struct td_exch_report *r)
{
    struct td_ledger_fill f = {.at = r->venue_ns,
                               .inst = o->sym,
                               .action = o->venue.action,
                               .liquidity = r->liquidity,
                               .generated = r->generated,
                               .px = r->px,
                               .qty = r->qty};
    const bool legs = g->universe.rows[o->sym].leg_count > 0;
    int64_t step = 0;
    o->filled = r->cum;
    o->last_px = r->px;
    if (td_i64_muldiv(r->px.e9 - o->avg_px.e9, r->qty.e9, r->cum.e9, &step) == TD_OK)
        o->avg_px.e9 += step;
    name_fill(g, o, &f);
    if (!legs) {
        f.fee = fee_of(g, o, &f);
        (void)td_gw_book(g, &f);
    }
    o->presubmitted = false;
    o->state = TD_GW_WORKING;
    if (r->leaves.e9 == 0)
        td_gw_order_end(g, o, TD_GW_FILLED, "Filled");
    td_gw_tell_execution(g, o, &f, NULL);
    td_gw_tell_open(g, o);
    td_gw_tell_status(g, o);
    if (!legs)
        td_gw_tell_commission(g, o, &f);
    else
        td_gw_fill_legs(g, o, &f);
    reduce_group(g, o, r->qty);
    if (o->state == TD_GW_FILLED)
        td_gw_siblings(g, o);
    td_gw_event(g, td_gw_client_of(g, o->client_id), TD_SCRIPT_ON_FILL, 0, o);
}

void td_gw_force_fill(struct td_gateway *g, struct td_gw_order *o, td_qty qty, td_px px)
{
    const struct td_exch_report r = {.key = o->venue.key,
                                     .venue_ns = g->now,
                                     .px = px,
                                     .qty = qty,
                                     .cum = {o->filled.e9 + qty.e9},
                                     .leaves = {o->venue.qty.e9 - o->filled.e9 - qty.e9},
                                     .kind = TD_EXCH_FILL,
                                     .liquidity = 1,
                                     .generated = true};
    take_fill(g, o, &r);
}

/* ---- reports ---- */

static void take_accepted(struct td_gateway *g, struct td_gw_order *o,
                          const struct td_exch_report *r)
{
    struct td_exch_view view;
    if (r->kind == TD_EXCH_REPLACED &&
        td_exchange_order(&g->symbols[o->sym]->exchange, r->key, &view))
        o->venue = view.order;
    const bool follows = r->kind == TD_EXCH_REPLACED && o->hold.pegged;
    o->state = TD_GW_WORKING;
    o->presubmitted = r->held;
    if (follows) /* the quote moved: the broker does not tell each step */
        return;
    td_gw_tell_open(g, o);
    td_gw_tell_status(g, o);
}

static void take_refused(struct td_gateway *g, struct td_gw_order *o,
                         const struct td_exch_report *r)
{
    char text[200];
    if (r->reason == TD_EXCH_R_TICK) {
        td_gw_order_error(
            g, o, 110,
            "The price does not conform to the minimum price variation for this contract.");
    } else {
        (void)snprintf(text, sizeof text, "Order rejected - reason:%s",
                       td_exch_reason_text(r->reason));
        td_gw_order_error(g, o, r->kind == TD_EXCH_REPLACE_REFUSED ? 105 : 201, text);
    }
    if (r->kind == TD_EXCH_REJECTED)
        td_gw_order_end(g, o, TD_GW_INACTIVE, td_exch_reason_text(r->reason));
}

static void take_report(struct td_gateway *g, struct td_gw_order *o, const struct td_exch_report *r)
{
    char text[160];
    switch (r->kind) {
    case TD_EXCH_ACCEPTED:
    case TD_EXCH_ACTIVATED:
    case TD_EXCH_REPLACED:
        take_accepted(g, o, r);
        return;
    case TD_EXCH_REJECTED:
    case TD_EXCH_REPLACE_REFUSED:
        take_refused(g, o, r);
        return;
    case TD_EXCH_CANCEL_REFUSED:
        if (td_gw_order_live(o))
            return;
        (void)snprintf(text, sizeof text,
                       "OrderId %d that needs to be cancelled cannot be cancelled, state: %s.",
                       (int)o->order_id, status_of(o));
        td_gw_order_error(g, o, 10148, text);
        return;
    case TD_EXCH_FILL:
        take_fill(g, o, r);
        return;
    default: /* cancelled, expired */
        td_gw_order_end(g, o, TD_GW_CANCELLED, td_exch_reason_text(r->reason));
        (void)snprintf(text, sizeof text, "Order Canceled - reason:%s",
                       r->reason == TD_EXCH_R_USER ? "" : td_exch_reason_text(r->reason));
        td_gw_order_error(g, o, 202, text);
        return;
    }
}

void td_gw_pump(struct td_gateway *g, struct td_gw_symbol *s)
{
    struct td_exch_report r;
    while (td_exchange_next(&s->exchange, g->now, &r)) {
        const uint64_t at = r.key - (uint64_t)g->config.perm_first;
        if (at < g->order_count && !g->orders[at].detached)
            take_report(g, &g->orders[at], &r);
    }
}

/* ---- executions asked for ---- */

static bool is_wanted(struct td_gateway *g, const struct td_tws_req_executions *r,
                      const struct td_ledger_fill *f)
{
    const struct td_instrument *inst = &g->universe.rows[f->inst].inst;
    td_ns from = 0;
    bool bare = false;
    if (f->untold || (r->client_id && r->client_id != f->client_id))
        return false;
    if (r->account.len && !td_str_is(r->account, g->ledger.accounts[f->account].name))
        return false;
    if (r->symbol.len && !td_str_is(r->symbol, inst->symbol))
        return false;
    if (r->sec_type.len && !td_str_is(r->sec_type, inst->sec_type))
        return false;
    if (r->side.len && !td_str_is(r->side, f->action == TD_BUY ? "BUY" : "SELL"))
        return false;
    return td_gw_time_parse(g, r->time, &from, &bare) != TD_OK || f->at >= from;
}

void td_gw_req_executions(struct td_gateway *g, struct td_gw_client *c, const struct td_tws_msg *m)
{
    const struct td_tws_req_executions *r = &m->req_executions;
    int64_t cum[1] = {0};
    for (uint32_t i = 0; i < g->ledger.fill_count; i++) {
        const struct td_ledger_fill *f = &g->ledger.fills[i];
        if (!is_wanted(g, r, f))
            continue;
        struct td_gw_order o = g->orders[f->perm_id - g->config.perm_first];
        cum[0] = 0;
        for (uint32_t k = 0; k <= i; k++) /* as it was at that moment */
            cum[0] += g->ledger.fills[k].perm_id == f->perm_id &&
                              g->ledger.fills[k].inst == f->inst && !g->ledger.fills[k].untold
                          ? g->ledger.fills[k].qty.e9
                          : 0;
        o.filled.e9 = cum[0];
        send_execution(g, &o, f, c, r->req_id);
        fill_commission(g, f);
        (void)td_gw_send(g, c, &g->msg);
    }
    td_tws_msg_init(&g->msg, TD_TWS_EXECUTION_DATA_END);
    g->msg.req.req_id = r->req_id;
    (void)td_gw_send(g, c, &g->msg);
}
