/* sim/gateway_fault_book.c - faults of orders, executions, positions and market data.
 *
 * The ledger stays the truth about the broker: what is corrected or taken back is booked as such, so that "the client's
 * positions equal the ledger's" means the same with every fault.
 */
#include "sim/gateway_inner.h"

#include <stdio.h>
#include <string.h>

/* ---- orders ---- */

static struct td_gw_order *newest(struct td_gateway *g, bool live)
{
    if (g->faults.order && (!live || td_gw_order_live(g->faults.order)))
        return g->faults.order;
    for (uint32_t i = g->order_count; i-- > 0;)
        if (!live || td_gw_order_live(&g->orders[i]))
            return &g->orders[i];
    return NULL;
}

/* Takes the order off its exchange: from here on only this file moves it. */
static void detach(struct td_gateway *g, struct td_gw_order *o)
{
    if (!o->detached && o->state != TD_GW_HELD)
        (void)!td_exchange_cancel(&g->symbols[o->sym]->exchange, g->now, o->venue.key);
    o->detached = true;
    if (o->state == TD_GW_SENT)
        o->state = TD_GW_WORKING;
}

static void refuse_next(struct td_gw_refusal *r, const struct td_fault_action *a)
{
    r->code = (int32_t)a->args[0].number;
    r->left = td_gw_count(a->args[1].number);
    (void)snprintf(r->text, sizeof r->text, "Order rejected - reason:by the fault script");
}

void td_gw_do_reject_order(struct td_gateway *g, const struct td_fault_action *a)
{
    refuse_next(&g->faults.now.order, a);
}

void td_gw_do_reject_change(struct td_gateway *g, const struct td_fault_action *a)
{
    refuse_next(&g->faults.now.change, a);
}

void td_gw_do_lose_order(struct td_gateway *g, const struct td_fault_action *a)
{
    g->faults.now.lose_orders = td_gw_count(a->args[0].number);
}

void td_gw_do_cut_order(struct td_gateway *g, const struct td_fault_action *a)
{
    g->faults.now.cut_orders = td_gw_count(a->args[0].number);
}

void td_gw_do_clone_order(struct td_gateway *g, const struct td_fault_action *a)
{
    struct td_gw_order *o = newest(g, true);
    (void)a;
    if (!o)
        return;
    struct td_gw_order like = *o;
    like.detached = true;
    like.state = TD_GW_WORKING;
    const struct td_gw_order *twin = td_gw_order_row(g, &like);
    if (!twin)
        return;
    td_gw_tell_open(g, twin);
    td_gw_tell_status(g, twin);
}

void td_gw_do_fill_order(struct td_gateway *g, const struct td_fault_action *a)
{
    struct td_gw_order *o = newest(g, true);
    if (!o)
        return;
    const int64_t left = o->venue.qty.e9 - o->filled.e9;
    const int64_t part = left / TD_E9 * a->args[0].number / 100 * TD_E9;
    const td_px mark = td_gw_mark(g->symbols[o->sym]);
    const bool limit = o->venue.type == TD_EXCH_LIMIT && !td_px_is_none(o->venue.limit_px);
    if (left <= 0 || (!limit && td_px_is_none(mark)))
        return;
    detach(g, o);
    td_gw_force_fill(g, o, (td_qty){a->args[0].number == 100 || part <= 0 ? left : part},
                     limit ? o->venue.limit_px : mark);
}

void td_gw_do_status(struct td_gateway *g, const struct td_fault_action *a)
{
    const struct td_gw_order *o = newest(g, false);
    struct td_gw_client *c = o ? td_gw_client_of(g, o->client_id) : NULL;
    if (!c)
        return;
    td_gw_fill_open(g, o, &g->msg, TD_TWS_ORDER_STATUS);
    g->msg.order_status.status = td_str_of(a->args[0].text);
    g->msg.order_status.filled.e9 = a->args[1].number;
    g->msg.order_status.remaining.e9 = o->venue.qty.e9 - a->args[1].number;
    (void)td_gw_send(g, c, &g->msg);
}

/* ---- executions ---- */

/* The newest execution that was told; NULL when there is none. */
static struct td_ledger_fill *newest_fill(struct td_gateway *g)
{
    for (uint32_t i = g->ledger.fill_count; i-- > 0;)
        if (!g->ledger.fills[i].untold)
            return &g->ledger.fills[i];
    return NULL;
}

static struct td_gw_order *order_of_fill(struct td_gateway *g, const struct td_ledger_fill *f)
{
    return &g->orders[f->perm_id - g->config.perm_first];
}

void td_gw_do_repeat_fill(struct td_gateway *g, const struct td_fault_action *a)
{
    const struct td_ledger_fill *f = newest_fill(g);
    for (int64_t i = 0; f && (i < a->args[0].number || i == 0); i++) {
        td_gw_tell_execution(g, order_of_fill(g, f), f, NULL);
        td_gw_tell_commission(g, order_of_fill(g, f), f);
    }
}

/* "....01.01" to "....01.02": the last number of an execution id counts its corrections. */
static void next_version(char exec_id[32])
{
    const size_t n = strlen(exec_id);
    if (n > 0 && exec_id[n - 1] < '9')
        exec_id[n - 1]++;
}

/* Books the opposite of `f`, told to nobody, and marks `f` as gone. False when the books refuse it. */
static bool take_back(struct td_gateway *g, struct td_ledger_fill *f)
{
    struct td_ledger_fill back = *f;
    back.at = g->now;
    back.action = f->action == TD_BUY ? TD_SELL : TD_BUY;
    back.fee = TD_CASH(0);
    back.untold = true;
    f->untold = f->taken_back = true;
    return td_gw_book(g, &back);
}

void td_gw_do_correct_fill(struct td_gateway *g, const struct td_fault_action *a)
{
    struct td_ledger_fill *f = newest_fill(g);
    if (!f || a->args[0].number <= 0)
        return;
    struct td_gw_order *o = order_of_fill(g, f);
    struct td_ledger_fill corrected = *f;
    next_version(corrected.exec_id);
    corrected.at = g->now;
    corrected.fee = TD_CASH(0);
    corrected.qty.e9 = a->args[0].number;
    if (!take_back(g, f))
        return;
    o->filled.e9 += corrected.qty.e9 - f->qty.e9;
    if (td_gw_book(g, &corrected))
        td_gw_tell_execution(g, o, &corrected, NULL);
}

void td_gw_do_bust_fill(struct td_gateway *g, const struct td_fault_action *a)
{
    struct td_ledger_fill *f = newest_fill(g);
    (void)a;
    if (!f)
        return;
    struct td_gw_order *o = order_of_fill(g, f);
    struct td_ledger_fill busted = *f;
    next_version(busted.exec_id);
    busted.qty = TD_QTY(0);
    if (!take_back(g, f))
        return;
    o->filled.e9 -= f->qty.e9;
    td_gw_tell_execution(g, o, &busted, NULL);
}

/* ---- what others did ---- */

static struct td_gw_symbol *symbol_named(struct td_gateway *g, const char *name)
{
    for (uint32_t i = 0; i < g->opened_count; i++)
        if (strcmp(g->universe.rows[g->opened[i]].inst.symbol, name) == 0)
            return g->symbols[g->opened[i]];
    td_logf(g->log, TD_LOG_WARN, TD_LOG_API, "fault", "%s does not play: nothing happened", name);
    return NULL;
}

/* An order of the broker's own screen: no client id, no order id, no reference. */
static struct td_gw_order *by_hand(struct td_gateway *g, const struct td_gw_symbol *s, int64_t qty,
                                   td_px px)
{
    struct td_gw_order like = {.sym = s->row,
                               .state = TD_GW_WORKING,
                               .transmit = true,
                               .detached = true,
                               .lmt_price = px,
                               .aux_price = TD_PX_NONE,
                               .trail_stop = TD_PX_NONE,
                               .placed = g->now,
                               .venue = {.action = qty < 0 ? TD_SELL : TD_BUY,
                                         .type = TD_EXCH_LIMIT,
                                         .qty = {qty < 0 ? -qty : qty},
                                         .limit_px = px,
                                         .stop_px = TD_PX_NONE,
                                         .trail = TD_PX_NONE},
                               .type = "LMT",
                               .tif = "DAY"};
    return td_gw_order_row(g, &like);
}

void td_gw_do_foreign_order(struct td_gateway *g, const struct td_fault_action *a)
{
    const struct td_gw_symbol *s = symbol_named(g, a->args[0].text);
    struct td_gw_order *o = s && a->args[1].number
                                ? by_hand(g, s, a->args[1].number, (td_px){a->args[2].number})
                                : NULL;
    struct td_gw_client *c = td_gw_client_of(g, 0);
    if (o && c && c->binds)
        td_gw_bind(g, c, o);
    for (size_t i = 0; o && (c = td_gw_target(g, &i)) != NULL;) {
        td_gw_fill_open(g, o, &g->msg, TD_TWS_OPEN_ORDER);
        (void)td_gw_send(g, c, &g->msg);
    }
}

void td_gw_do_foreign_fill(struct td_gateway *g, const struct td_fault_action *a)
{
    const struct td_gw_symbol *s = symbol_named(g, a->args[0].text);
    const td_px mark = s ? td_gw_mark(s) : TD_PX_NONE;
    struct td_gw_order *o = s && a->args[1].number && !td_px_is_none(mark)
                                ? by_hand(g, s, a->args[1].number, mark)
                                : NULL;
    const uint32_t before = g->ledger.fill_count;
    struct td_gw_client *c;
    if (!o)
        return;
    td_gw_force_fill(g, o, o->venue.qty, mark);
    for (size_t i = 0; g->ledger.fill_count > before && (c = td_gw_target(g, &i)) != NULL;)
        td_gw_tell_execution(g, o, &g->ledger.fills[before], c);
}

void td_gw_do_position(struct td_gateway *g, const struct td_fault_action *a)
{
    const struct td_gw_symbol *s = symbol_named(g, a->args[0].text);
    const int64_t qty = a->args[1].number;
    if (!s || qty == 0 || td_px_is_none(td_gw_mark(s)))
        return;
    struct td_ledger_fill f = {.at = g->now,
                               .inst = s->row,
                               .action = qty < 0 ? TD_SELL : TD_BUY,
                               .generated = true,
                               .untold = true,
                               .px = td_gw_mark(s),
                               .qty = {qty < 0 ? -qty : qty},
                               .multiplier = g->universe.rows[s->row].inst.multiplier,
                               .exec_id = "transfer"};
    (void)td_gw_book(g, &f);
}

/* ---- market data ---- */

static bool is_about(const struct td_gateway *g, const struct td_gw_sub *sub, const char *name)
{
    return sub->kind <= TD_GW_BARS_LIVE &&
           (strcmp(name, "*") == 0 || strcmp(g->universe.rows[sub->sym].inst.symbol, name) == 0);
}

typedef void sub_fn(struct td_gateway *g, struct td_gw_client *c, struct td_gw_sub *sub,
                    const struct td_fault_action *a);

/* Calls for every subscription of the symbol in args[0], of one kind or (-1) of all; newest first. */
static void each_sub(struct td_gateway *g, int kind, const struct td_fault_action *a, sub_fn *fn)
{
    struct td_gw_client *c;
    for (size_t i = 0; (c = td_gw_target(g, &i)) != NULL;)
        for (uint32_t k = c->sub_count; k-- > 0;)
            if (is_about(g, &c->subs[k], a->args[0].text) && (kind < 0 || c->subs[k].kind == kind))
                fn(g, c, &c->subs[k], a);
}

static void kill_one(struct td_gateway *g, struct td_gw_client *c, struct td_gw_sub *sub,
                     const struct td_fault_action *a)
{
    (void)g;
    (void)c;
    (void)a;
    sub->dead = true;
}

void td_gw_do_kill_feeds(struct td_gateway *g, const struct td_fault_action *a)
{
    each_sub(g, -1, a, kill_one);
}

void td_gw_do_freeze(struct td_gateway *g, const struct td_fault_action *a)
{
    (void)a;
    g->faults.now.frozen = true;
}

/* Which subscriptions a code is about (tws-protocol 5); -1: all. */
static int kind_of_code(int64_t code)
{
    if (code == 316 || code == 309 || code == 10092)
        return TD_GW_DEPTH;
    if (code == 10182 || code == 162 || code == 10225)
        return TD_GW_BARS_LIVE;
    return code == 10189 || code == 10190 ? TD_GW_TICKS : -1;
}

static void end_one(struct td_gateway *g, struct td_gw_client *c, struct td_gw_sub *sub,
                    const struct td_fault_action *a)
{
    const int32_t id = sub->req_id;
    *sub = c->subs[--c->sub_count];
    td_gw_error(g, c, id, (int32_t)a->args[1].number, "%s", a->args[2].text);
}

void td_gw_do_request_error(struct td_gateway *g, const struct td_fault_action *a)
{
    each_sub(g, kind_of_code(a->args[1].number), a, end_one);
}

static void reset_one(struct td_gateway *g, struct td_gw_client *c, struct td_gw_sub *sub,
                      const struct td_fault_action *a)
{
    (void)a;
    memset(&sub->shown, 0, sizeof sub->shown);
    sub->fresh = true;
    td_gw_error(g, c, sub->req_id, 317, "Market depth data has been RESET.");
}

void td_gw_do_depth_reset(struct td_gateway *g, const struct td_fault_action *a)
{
    each_sub(g, TD_GW_DEPTH, a, reset_one);
}

/* Writes fields with their NULs and queues them as one message. */
static void queue_fields(struct td_gw_client *c, const char *const *fields, size_t count)
{
    char bytes[512];
    struct td_text t;
    td_text_init(&t, bytes, sizeof bytes);
    for (size_t i = 0; i < count; i++) {
        td_text_put(&t, fields[i]);
        td_text_char(&t, '\0');
    }
    if (!td_text_full(&t))
        (void)td_gw_queue_bytes(c, bytes, t.len);
}

/* A price of "-" is an empty field. */
static const char *as_written(const char *text)
{
    return strcmp(text, "-") == 0 ? "" : text;
}

static void row_one(struct td_gateway *g, struct td_gw_client *c, struct td_gw_sub *sub,
                    const struct td_fault_action *a)
{
    char id[24];
    (void)snprintf(id, sizeof id, "%d", (int)sub->req_id);
    const char *const plain[] = {"12",
                                 "1",
                                 id,
                                 as_written(a->args[1].text),
                                 as_written(a->args[2].text),
                                 as_written(a->args[3].text),
                                 as_written(a->args[4].text),
                                 as_written(a->args[5].text)};
    const char *const named[] = {"13",     "1",      id,       plain[3], "ARCA",
                                 plain[4], plain[5], plain[6], plain[7], sub->smart ? "1" : "0"};
    if (strcmp(g->universe.rows[sub->sym].inst.sec_type, "STK") == 0)
        queue_fields(c, named, TD_COUNT(named));
    else
        queue_fields(c, plain, TD_COUNT(plain));
}

void td_gw_do_depth(struct td_gateway *g, const struct td_fault_action *a)
{
    each_sub(g, TD_GW_DEPTH, a, row_one);
}

static void tick_one(struct td_gateway *g, struct td_gw_client *c, struct td_gw_sub *sub,
                     const struct td_fault_action *a)
{
    char id[24];
    (void)g;
    (void)snprintf(id, sizeof id, "%d", (int)sub->req_id);
    const char *const fields[] = {
        "1", "6", id, a->args[1].text, as_written(a->args[2].text), as_written(a->args[3].text),
        "0"};
    queue_fields(c, fields, TD_COUNT(fields));
}

void td_gw_do_tick(struct td_gateway *g, const struct td_fault_action *a)
{
    each_sub(g, TD_GW_QUOTES, a, tick_one);
}

void td_gw_do_late_updates(struct td_gateway *g, const struct td_fault_action *a)
{
    g->faults.now.late_updates = td_gw_count(a->args[0].number);
}

void td_gw_late_updates(struct td_gateway *g, struct td_gw_client *c, int32_t req_id, bool depth)
{
    char id[24];
    (void)snprintf(id, sizeof id, "%d", (int)req_id);
    const char *const row[] = {"12", "1", id, "0", "1", "1", "1.00", "100"};
    const char *const tick[] = {"1", "6", id, "1", "1.00", "100", "0"};
    if (!td_gw_take_one(&g->faults.now.late_updates))
        return;
    for (int i = 0; i < 3; i++)
        queue_fields(c, depth ? row : tick, depth ? TD_COUNT(row) : TD_COUNT(tick));
}

static void set_status(struct td_gateway *g, const struct td_fault_action *a, uint8_t status)
{
    struct td_gw_symbol *s = symbol_named(g, a->args[0].text);
    if (!s)
        return;
    const struct td_event ev = {
        .venue_ns = g->now, .inst = s->row, .kind = TD_EV_STATUS, .status = status};
    if (td_exchange_market(&s->exchange, &ev) != TD_OK)
        td_logf(g->log, TD_LOG_WARN, TD_LOG_API, "fault", "the exchange did not take the status");
    s->status = status;
    s->change++;
    td_gw_pump(g, s);
}

void td_gw_do_halt(struct td_gateway *g, const struct td_fault_action *a)
{
    set_status(g, a, TD_STATUS_HALTED);
}

void td_gw_do_resume(struct td_gateway *g, const struct td_fault_action *a)
{
    set_status(g, a, TD_STATUS_OPEN);
}

/* ---- history ---- */

void td_gw_do_history_error(struct td_gateway *g, const struct td_fault_action *a)
{
    struct td_gw_refusal *r = &g->faults.now.history;
    r->code = (int32_t)a->args[0].number;
    r->left = td_gw_count(a->args[1].number);
    memcpy(r->text, a->args[2].text, sizeof r->text);
}

void td_gw_do_bars(struct td_gateway *g, const struct td_fault_action *a)
{
    memcpy(g->faults.now.odd_how, a->args[0].text, sizeof g->faults.now.odd_how);
    g->faults.now.odd_bars = td_gw_count(a->args[1].number);
}

/* The time of every bar as text: with a zone that is not the instrument's, or with none. */
static void rewrite_times(struct td_gateway *g, size_t count, bool zone)
{
    for (size_t i = 0; i < count; i++) {
        struct td_civil c;
        td_civil_from_ns(g->history[i].start, &c);
        const int n =
            snprintf(g->bar_dates[i], sizeof g->bar_dates[i], "%04d%02d%02d %02d:%02d:%02d%s",
                     (int)c.year, (int)c.month, (int)c.day, (int)c.hour, (int)c.minute,
                     (int)c.second, zone ? " Central Standard Time" : "");
        if (n > 0 && (size_t)n < sizeof g->bar_dates[i])
            g->bars[i].date = (struct td_str){g->bar_dates[i], (size_t)n};
    }
}

size_t td_gw_odd_bars(struct td_gateway *g, size_t count)
{
    const char *how = g->faults.now.odd_how;
    const size_t middle = count / 2;
    if (strcmp(how, "zone") == 0 || strcmp(how, "unzoned") == 0) {
        rewrite_times(g, count, strcmp(how, "zone") == 0);
        return count;
    }
    if (count < 4)
        return count;
    if (strcmp(how, "duplicate") == 0) {
        g->bars[middle + 1] = g->bars[middle];
    } else if (strcmp(how, "disorder") == 0) {
        const struct td_tws_bar bar = g->bars[middle];
        g->bars[middle] = g->bars[middle + 1];
        g->bars[middle + 1] = bar;
    } else { /* gap */
        memmove(&g->bars[middle], &g->bars[middle + 1], (count - middle - 1) * sizeof *g->bars);
        count--;
    }
    return count;
}
