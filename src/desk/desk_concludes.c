/* desk/desk_concludes.c - what the looks found: where every order stands, what is foreign, whose position is right.
 *
 * Nothing here sends an order, and nothing is sent again. Conflicting evidence freezes the contract until a person
 * accepts it; a position that differs from ours is taken over from the broker, and the contract may only be reduced
 * until a person accepts that. Source: ibkr-operations 2.3, faults F10-F22.
 */
#include <stdio.h>

#include "desk/desk_inner.h"
#include "trade/snapshot.h"

#define MISSED_AGAIN    TD_MIN        /* between two looks that count an order as missing */
#define PENDING_AGAIN   (5 * TD_SEC)  /* a difference is looked at once more */
#define WORKS_FOR       (30 * TD_SEC) /* it must stay so long beside a working order */
#define POSITIONS_AGAIN TD_MIN        /* and all of them now and then */

/* How an order was listed in the looks of one look-up, by its index. */
enum { LISTED_OPEN = 1, LISTED_CANCELLED = 2, LISTED_FILLED = 4, LISTED_INACTIVE = 8 };

void desk_forget_listed(struct td_desk *d)
{
    for (uint32_t i = 0; i < d->blotter.order_count; i++)
        d->listed[i] = d->look > 1 ? d->listed[i] & (uint8_t)~LISTED_OPEN : 0;
}

static void list(struct td_desk *d, const struct td_order *o, uint8_t as)
{
    d->listed[o - d->blotter.orders] |= as;
}

static const struct td_order *by_ref(const struct td_desk *d, struct td_str ref)
{
    for (uint32_t i = d->blotter.order_count; i-- > 0 && ref.len;)
        if (td_str_is(ref, d->blotter.orders[i].ref) && !d->blotter.orders[i].foreign)
            return &d->blotter.orders[i];
    return NULL;
}

/* --- contracts that wait for a person --- */

static void freeze(struct td_desk *d, const char *symbol, const struct td_order *o, int64_t perm_id,
                   const char *text)
{
    struct td_record r;
    td_record_init(&r, TD_REC_FREEZE, td_world_now(d->world));
    (void)snprintf(r.symbol, sizeof r.symbol, "%s", symbol);
    (void)snprintf(r.status, sizeof r.status, "%s", o ? "frozen" : "reduce-only");
    (void)snprintf(r.text, sizeof r.text, "%s", text);
    r.key = o ? o->key : 0;
    r.perm_id = perm_id;
    if (desk_fact(d, &r) != TD_OK)
        return;
    td_logf(d->log, TD_LOG_ERROR, TD_LOG_TRADING, o ? "order_twice" : "reduce_only", "%s: %s",
            symbol, text);
    td_connection_alert(&d->conn, TD_ALERT_FROZEN, text);
}

void desk_freeze(struct td_desk *d, const char *symbol, const char *text)
{
    freeze(d, symbol, NULL, 0, text);
}

enum td_err desk_accept(struct td_desk *d, const char *symbol, const char *reason)
{
    struct td_record r;
    uint32_t holding;
    if (!td_blotter_holding(&d->blotter, symbol, &holding))
        return TD_ENOENT;
    td_record_init(&r, TD_REC_ACCEPT, td_world_now(d->world));
    (void)snprintf(r.symbol, sizeof r.symbol, "%s", symbol);
    (void)snprintf(r.text, sizeof r.text, "%s", reason);
    const enum td_err err = desk_fact(d, &r);
    td_logf(d->log, TD_LOG_WARN, TD_LOG_TRADING, "accepted", "%s: %s", symbol, reason);
    if (!d->blotter.frozen_holdings)
        td_alert_clear(&d->conn.alerts, TD_ALERT_FROZEN);
    d->look_again_mono = td_world_mono(d->world); /* what was frozen is unknown now: look */
    return err;
}

/* One order under two permIds: a change in a bad moment left both alive. Nothing can tell which one a cancel would
 * reach, so a person decides. */
static void check_twins(struct td_desk *d, const struct td_order *o, int64_t perm_id)
{
    char text[120];
    if (!o->perm_id || !perm_id || o->perm_id == perm_id || o->state == TD_OS_FROZEN)
        return;
    (void)snprintf(text, sizeof text, "%s lives twice, permIds %lld and %lld", o->ref,
                   (long long)o->perm_id, (long long)perm_id);
    freeze(d, o->symbol, o, perm_id, text);
}

/* --- open orders --- */

static bool same_px(td_px ours, td_px theirs, bool needed)
{
    return !needed || ours.e9 == theirs.e9;
}

/* The terms it works at, as the broker tells them: after a change of ours, or a group that was reduced. */
static void check_terms(struct td_desk *d, const struct td_order *o, const struct td_tws_order *p)
{
    const uint32_t needs = td_order_type_needs(o->type);
    const bool distance = (needs & (TD_NEEDS_TRAIL | TD_TAKES_OFFSET)) != 0;
    const struct td_order_terms theirs = {
        .qty = p->total_quantity,
        .limit = needs & TD_NEEDS_LIMIT ? p->lmt_price : o->now.limit,
        .stop = needs & TD_NEEDS_STOP ? p->aux_price : o->now.stop,
        .trail = distance ? p->aux_price : o->now.trail};
    struct td_record r;
    if (td_qty_is_none(theirs.qty) || theirs.qty.e9 <= 0)
        return;
    if (theirs.qty.e9 == o->now.qty.e9 && same_px(o->now.limit, theirs.limit, true) &&
        same_px(o->now.stop, theirs.stop, true) && same_px(o->now.trail, theirs.trail, true))
        return;
    td_record_init(&r, TD_REC_CHANGED, td_world_now(d->world));
    r.key = o->key;
    r.order_id = o->order_id;
    r.qty = theirs.qty;
    r.limit = theirs.limit;
    r.stop = theirs.stop;
    r.trail = theirs.trail;
    if (desk_fact(d, &r) == TD_OK)
        td_logf(d->log, TD_LOG_INFO, TD_LOG_TRADING, "order_terms", "%s: key=%llu works for %lld",
                o->symbol, (unsigned long long)o->key, (long long)(theirs.qty.e9 / TD_E9));
}

static void take_foreign(struct td_desk *d, const struct td_tws_open_order *o)
{
    const uint64_t key = TD_FOREIGN_KEY | (uint64_t)o->order.perm_id;
    const struct td_order *known = td_blotter_order(&d->blotter, key);
    struct td_record r;
    uint32_t line = 0;
    while (line < d->market.count && !td_market_is(&d->market.lines[line], &o->contract))
        line++;
    const bool other_account =
        d->account[0] && o->order.account.len && !td_str_is(o->order.account, d->account);
    if (line == d->market.count || other_account || o->order.perm_id <= 0)
        return;
    const bool same = known && known->now.qty.e9 == o->order.total_quantity.e9 &&
                      td_str_is(o->state.status, known->status);
    if (!same) {
        td_record_init(&r, TD_REC_FOREIGN, td_world_now(d->world));
        desk_name_line(d, line, &r);
        r.key = key;
        r.perm_id = o->order.perm_id;
        r.order_id = o->order_id;
        r.client_id = o->order.client_id;
        r.action = td_str_is(o->order.action, "BUY") ? TD_BUY : TD_SELL;
        r.qty = o->order.total_quantity;
        r.limit = o->order.lmt_price;
        r.stop = o->order.aux_price;
        (void)td_str_copy(o->state.status, r.status, sizeof r.status);
        (void)td_str_copy(o->order.order_ref, r.ref, sizeof r.ref);
        (void)td_str_copy(o->order.account, r.account, sizeof r.account);
        if (desk_fact(d, &r) == TD_OK && !known)
            td_logf(d->log, TD_LOG_WARN, TD_LOG_TRADING, "foreign_order",
                    "%s: permId %lld of client %d is not ours; it counts and is left alone",
                    r.symbol, (long long)r.perm_id, (int)r.client_id);
        known = td_blotter_order(&d->blotter, key);
    }
    if (known)
        list(d, known, LISTED_OPEN);
}

void desk_take_open_order(struct td_desk *d, const struct td_tws_open_order *msg)
{
    const struct td_order *o = by_ref(d, msg->order.order_ref);
    if (msg->order.client_id == d->link->config.client_id)
        desk_note_order_id(d, msg->order_id);
    if (!o) {
        take_foreign(d, msg);
        return;
    }
    const int64_t seen[3] = {(int64_t)o->key, msg->order.perm_id, msg->order.total_quantity.e9};
    desk_look_saw(d, seen, sizeof seen);
    check_twins(d, o, msg->order.perm_id);
    check_terms(d, o, &msg->order);
    list(d, o, LISTED_OPEN);
    if (!o->perm_id && msg->order.perm_id) {
        struct td_record r;
        td_record_init(&r, TD_REC_STATUS, td_world_now(d->world));
        r.key = o->key;
        r.order_id = o->order_id;
        r.perm_id = msg->order.perm_id;
        (void)td_str_copy(msg->state.status, r.status, sizeof r.status);
        if (o->state != TD_OS_UNKNOWN)
            (void)desk_fact(d, &r);
    }
}

void desk_take_completed(struct td_desk *d, const struct td_tws_open_order *msg)
{
    const struct td_order *o = by_ref(d, msg->order.order_ref);
    if (!o)
        return;
    if (td_str_is(msg->state.status, "Cancelled") || td_str_is(msg->state.status, "ApiCancelled"))
        list(d, o, LISTED_CANCELLED);
    if (td_str_is(msg->state.status, "Filled"))
        list(d, o, LISTED_FILLED);
    if (td_str_is(msg->state.status, "Inactive"))
        list(d, o, LISTED_INACTIVE);
}

/* --- the conclusion --- */

static void resolve(struct td_desk *d, const struct td_order *o, const char *word, const char *text)
{
    struct td_record r;
    td_record_init(&r, TD_REC_RESOLVED, td_world_now(d->world));
    r.key = o->key;
    r.order_id = o->order_id;
    (void)snprintf(r.status, sizeof r.status, "%s", word);
    (void)snprintf(r.text, sizeof r.text, "%s", text);
    td_logf(d->log, TD_LOG_INFO, TD_LOG_TRADING, "order_resolved", "%s: %s (%s)",
            o->foreign ? "foreign" : o->ref, word, text);
    (void)desk_fact(d, &r);
}

/* Found nowhere: once more after a minute, and once again; then it never arrived. Never resent. */
static void miss_order(struct td_desk *d, const struct td_order *o)
{
    const td_ns since =
        td_world_now(d->world) - o->missed_ns; /* the clock may have been set back */
    if (o->missing && since > -MISSED_AGAIN && since < MISSED_AGAIN)
        return;
    if (o->missing + 1 < TD_MISSING_LOOKS)
        resolve(d, o, "missing", "found nowhere; it will be looked for again");
    else
        resolve(d, o, "abandoned", "found nowhere, three times: it never arrived");
}

/* Executions were asked for before: one that is listed as filled and has none filled on a day they no longer tell of. */
static void conclude_order(struct td_desk *d, const struct td_order *o)
{
    static const struct {
        uint8_t listed;
        const char *word, *text;
    } answers[] = {
        {LISTED_OPEN, "open", "the broker has it open"},
        {LISTED_FILLED, "filled",
         "the broker lists it as filled, without executions; its position counts"},
        {LISTED_CANCELLED, "cancelled", "the broker lists it as cancelled"},
        {LISTED_INACTIVE, "rejected", "the broker lists it as inactive and completed"},
    };
    const uint8_t listed = d->listed[o - d->blotter.orders];
    if (o->state == TD_OS_FOREIGN && !(listed & LISTED_OPEN))
        resolve(d, o, "gone", "the broker does not list it any more");
    if (o->state != TD_OS_UNKNOWN)
        return;
    for (size_t i = 0; i < TD_COUNT(answers); i++)
        if (listed & answers[i].listed) {
            resolve(d, o, answers[i].word, answers[i].text);
            return;
        }
    miss_order(d, o);
}

static void journal_look(struct td_desk *d, uint32_t differences)
{
    struct td_record r;
    td_record_init(&r, TD_REC_RECON, td_world_now(d->world));
    r.number = (int64_t)d->look;
    r.code = (int64_t)differences;
    (void)snprintf(r.text, sizeof r.text, "%u orders, %u executions, %u unknown, print %016llx",
                   d->blotter.order_count, d->blotter.execution_count, d->blotter.unknown_orders,
                   (unsigned long long)d->look_print);
    td_state_tell(&d->blotter, r.text, sizeof r.text);
    (void)desk_fact(d, &r);
}

void desk_conclude(struct td_desk *d)
{
    for (uint32_t i = d->blotter.live_count; i-- > 0;)
        if (i < d->blotter.live_count)
            conclude_order(d, &d->blotter.orders[d->blotter.live[i]]);
    const uint32_t differences = desk_compare_positions(d, true);
    journal_look(d, differences);
}

/* --- positions --- */

/* A stop or target that waits, with nothing asked of it: it may rest for weeks, and a difference must not. */
static bool rests(const struct td_order *o)
{
    return (o->role == TD_ROLE_STOP || o->role == TD_ROLE_TARGET) && o->state == TD_OS_WORKING &&
           !o->changing && o->filled.e9 == 0;
}

static bool works(const struct td_desk *d, const char *symbol)
{
    for (uint32_t i = 0; i < d->blotter.live_count; i++) {
        const struct td_order *o = &d->blotter.orders[d->blotter.live[i]];
        if (!o->foreign && o->role != TD_ROLE_PARENT && !rests(o) && strcmp(o->symbol, symbol) == 0)
            return true;
    }
    return false;
}

/* The broker wins. Before the first look-up ever there is nothing of ours it could contradict. */
static void take_over(struct td_desk *d, uint32_t line)
{
    const char *symbol = d->market.lines[line].symbol;
    struct td_record r;
    td_record_init(&r, TD_REC_POSITION, td_world_now(d->world));
    desk_name_line(d, line, &r);
    r.qty = d->broker_position[line];
    r.px = d->broker_average[line];
    (void)snprintf(r.account, sizeof r.account, "%s", d->account);
    (void)snprintf(r.text, sizeof r.text,
                   "the broker's position differs from ours and is taken over");
    td_logf(d->log, TD_LOG_WARN, TD_LOG_TRADING, "position_adjusted", "%s", symbol);
    (void)desk_fact(d, &r);
    if (d->blotter.looks)
        freeze(d, symbol, NULL, 0, "its position was not what our fills make: look, then accept");
}

/* How long a difference must stay the same before the broker's position counts: what is in flight arrives meanwhile. */
static td_ns patience(const struct td_desk *d, const char *symbol)
{
    return works(d, symbol) ? WORKS_FOR : PENDING_AGAIN;
}

/* While orders are in flight the two may differ for a moment, so between look-ups a difference is pending, and shown,
 * until it has stayed the same for a while. */
uint32_t desk_compare_positions(struct td_desk *d, bool looked_twice)
{
    const td_ns mono = td_world_mono(d->world);
    uint32_t differences = 0;
    d->result.positions_pending = 0;
    for (uint32_t i = 0; i < d->market.count; i++) {
        const char *symbol = d->market.lines[i].symbol;
        uint32_t holding;
        const bool known = td_blotter_holding(&d->blotter, symbol, &holding);
        const td_qty own = known ? d->blotter.holdings[holding].now.qty : TD_QTY(0);
        const td_qty by = {d->broker_position[i].e9 - own.e9};
        if (!d->position_pending[i] || by.e9 != d->position_differs[i].e9) {
            d->position_differs[i] = by;
            d->position_since[i] = mono;
        }
        const bool settled = looked_twice || mono - d->position_since[i] >= patience(d, symbol);
        d->position_pending[i] = by.e9 != 0 && !settled;
        d->result.positions_pending += d->position_pending[i];
        differences += by.e9 != 0;
        if (by.e9 != 0 && settled)
            take_over(d, i);
    }
    d->result.positions_known = true;
    d->result.positions_equal = differences == 0;
    return differences;
}

/* A difference that waits is looked at anew every few seconds; all are once a minute. */
void desk_look_at_pending(struct td_desk *d, td_ns mono)
{
    const td_ns since = mono - d->positions_asked_mono;
    if (d->sync != SYNC_DONE || since < PENDING_AGAIN)
        return;
    if (d->result.positions_pending || since >= POSITIONS_AGAIN)
        desk_ask_positions(d);
}
