/* sim/exchange.c - commands with latency, the life of an order, and the queue of reports. */
#include "sim/exchange_inner.h"

#include <string.h>

static uint32_t reports_for(const struct td_exch_config *config)
{
    return config->orders_max * 4 + 64;
}

size_t td_exchange_bytes(const struct td_exch_config *config)
{
    return config->orders_max * (sizeof(struct td_exch_live) + sizeof(struct td_exch_command)) +
           reports_for(config) * sizeof(struct td_exch_report) +
           2 * config->levels_max * sizeof(struct td_venue_level) +
           (config->resting_max ? td_orderbook_bytes(config->resting_max) : 0) + 256;
}

enum td_err td_exchange_open(struct td_exchange *x, const struct td_exch_config *config,
                             struct td_arena *arena)
{
    if (config->orders_max == 0 || config->levels_max == 0)
        return TD_EINVAL;
    memset(x, 0, sizeof *x);
    x->config = *config;
    x->last = TD_PX_NONE;
    x->report_cap = reports_for(config);
    x->orders = td_arena_take(arena, config->orders_max, sizeof *x->orders);
    x->commands = td_arena_take(arena, config->orders_max, sizeof *x->commands);
    x->reports = td_arena_take(arena, x->report_cap, sizeof *x->reports);
    for (int side = TD_ASK; side <= TD_BID; side++) {
        struct td_venue_level *rows = td_arena_take(arena, config->levels_max, sizeof *rows);
        if (!rows)
            return TD_ENOMEM;
        td_levels_init(&x->side[side], (enum td_side)side, rows, config->levels_max);
    }
    if (!x->orders || !x->commands || !x->reports)
        return TD_ENOMEM;
    return config->resting_max ? td_orderbook_open(&x->orderbook, config->resting_max, arena)
                               : TD_OK;
}

bool td_exch_has_room(const struct td_exchange *x)
{
    return x->report_cap - x->report_count > 2 * x->order_count + 4;
}

static struct td_exch_report *push(struct td_exchange *x, enum td_exch_kind kind, uint64_t key)
{
    TD_REQUIRE(x->report_count < x->report_cap);
    struct td_exch_report *r = &x->reports[(x->report_head + x->report_count++) % x->report_cap];
    *r = (struct td_exch_report){.key = key, .kind = (uint8_t)kind, .px = TD_PX_NONE};
    r->venue_ns = x->now;
    r->visible_ns = x->now + x->config.response_ns;
    return r;
}

static struct td_exch_report *push_order(struct td_exchange *x, const struct td_exch_live *o,
                                         enum td_exch_kind kind)
{
    struct td_exch_report *r = push(x, kind, o->order.key);
    r->action = o->order.action;
    r->cum = o->cum;
    r->leaves = td_exch_leaves(o);
    r->held = !o->joined;
    return r;
}

void td_exch_tell(struct td_exchange *x, const struct td_exch_live *o, enum td_exch_kind kind)
{
    (void)push_order(x, o, kind);
}

void td_exch_fill(struct td_exchange *x, struct td_exch_live *o, const struct td_venue_level *at,
                  bool added)
{
    o->cum.e9 += at->qty.e9;
    o->gone = td_exch_leaves(o).e9 == 0;
    struct td_exch_report *r = push_order(x, o, TD_EXCH_FILL);
    r->px = at->px;
    r->qty = at->qty;
    r->liquidity = added ? 1 : 2;
    r->generated = x->generated;
    r->held = false;
}

void td_exch_end(struct td_exchange *x, struct td_exch_live *o, enum td_exch_kind kind,
                 enum td_exch_reason reason)
{
    struct td_exch_report *r = push_order(x, o, kind);
    r->reason = (uint8_t)reason;
    r->leaves.e9 = 0;
    r->held = false;
    o->gone = true;
}

void td_exch_sweep(struct td_exchange *x)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < x->order_count; i++) {
        if (x->orders[i].gone)
            continue;
        if (kept != i)
            x->orders[kept] = x->orders[i];
        kept++;
    }
    x->order_count = kept;
}

static bool has_hours(const struct td_exchange *x)
{
    return x->hours.ext_close != 0;
}

bool td_exch_in_session(const struct td_exchange *x, const struct td_exch_live *o)
{
    if (!has_hours(x))
        return true;
    const td_ns from = o->order.outside_rth ? x->hours.ext_open : x->hours.open;
    const td_ns to = o->order.outside_rth ? x->hours.ext_close : x->hours.close;
    return x->now >= from && x->now < to;
}

static td_ns day_end(const struct td_exchange *x, const struct td_exch_order *order)
{
    if (order->tif != TD_EXCH_DAY || !has_hours(x))
        return TD_NS_NEVER;
    const td_ns end = order->outside_rth ? x->hours.ext_close : x->hours.close;
    return x->now < end ? end : TD_EXCH_DAY_LATER;
}

static void expire(struct td_exchange *x, td_ns at)
{
    for (uint32_t i = 0; i < x->order_count; i++) {
        struct td_exch_live *o = &x->orders[i];
        if (!o->gone && o->day_end != TD_EXCH_DAY_LATER && o->day_end <= at)
            td_exch_end(x, o, TD_EXCH_EXPIRED, TD_EXCH_R_DAY);
    }
    td_exch_sweep(x);
}

void td_exch_refresh(struct td_exchange *x)
{
    for (uint32_t i = 0; i < x->order_count; i++) {
        struct td_exch_live *o = &x->orders[i];
        if (o->gone || o->stopped)
            continue;
        if (!td_exch_in_session(x, o)) {
            o->joined = false;
        } else if (!o->joined && x->status == TD_STATUS_OPEN && td_exch_has_room(x)) {
            td_exch_tell(x, o, TD_EXCH_ACTIVATED);
            td_exch_work(x, o);
        }
    }
    td_exch_sweep(x);
}

/* The next moment after `now` at which the session changes, at most `at`. */
static td_ns next_edge(const struct td_exchange *x, td_ns at)
{
    const td_ns edges[] = {x->hours.ext_open, x->hours.open, x->hours.close, x->hours.ext_close,
                           x->bar_end};
    for (size_t i = 0; i < TD_COUNT(edges); i++)
        if (edges[i] > x->now && edges[i] < at)
            return edges[i];
    return at;
}

void td_exch_set_time(struct td_exchange *x, td_ns at)
{
    while (x->now < at) {
        const td_ns edge = next_edge(x, at);
        const bool on_edge = edge < at || edge == x->hours.ext_open || edge == x->hours.open ||
                             edge == x->hours.close || edge == x->hours.ext_close;
        x->now = edge;
        if (x->bar_end && edge >= x->bar_end) /* before the orders of the day expire */
            td_exch_bar_end(x);
        if (on_edge && has_hours(x)) {
            if (x->limits_due && edge == x->hours.close)
                td_exch_bar_limits(x);
            expire(x, edge);
            td_exch_refresh(x);
        }
    }
}

void td_exchange_session(struct td_exchange *x, const struct td_venue_hours *hours)
{
    expire(x, hours->ext_close ? hours->ext_open : x->now);
    x->hours = *hours;
    for (uint32_t i = 0; i < x->order_count; i++)
        if (x->orders[i].day_end == TD_EXCH_DAY_LATER)
            x->orders[i].day_end = day_end(x, &x->orders[i].order);
    td_exch_refresh(x);
}

static struct td_exch_live *find_live(const struct td_exchange *x, uint64_t key)
{
    for (uint32_t i = 0; i < x->order_count; i++)
        if (x->orders[i].order.key == key && !x->orders[i].gone)
            return &x->orders[i];
    return NULL;
}

static bool is_price(td_px px)
{
    return !td_px_is_none(px) && px.e9 > 0;
}

static bool on_tick(const struct td_exchange *x, td_px px)
{
    return !x->config.ticks.count || td_tick_is_on(&x->config.ticks, px);
}

/* What is wrong with an order on its face. */
static enum td_exch_reason judge(const struct td_exchange *x, const struct td_exch_order *o)
{
    if (o->type >= TD_EXCH_TYPES || o->action > TD_SELL)
        return TD_EXCH_R_TYPE;
    if (o->tif >= TD_EXCH_OPG)
        return TD_EXCH_R_TIF;
    if (td_qty_is_none(o->qty) || o->qty.e9 <= 0)
        return TD_EXCH_R_QTY;
    const bool limit = o->type == TD_EXCH_LIMIT || o->type == TD_EXCH_STOP_LIMIT;
    const bool stop = o->type == TD_EXCH_STOP || o->type == TD_EXCH_STOP_LIMIT;
    if ((limit && !is_price(o->limit_px)) || (stop && !is_price(o->stop_px)))
        return TD_EXCH_R_PRICE;
    if (o->type == TD_EXCH_TRAIL && !is_price(o->trail))
        return TD_EXCH_R_PRICE;
    if ((limit && !on_tick(x, o->limit_px)) || (stop && !on_tick(x, o->stop_px)))
        return TD_EXCH_R_TICK;
    return TD_EXCH_R_NONE;
}

static void refuse(struct td_exchange *x, const struct td_exch_order *order, enum td_exch_kind kind,
                   enum td_exch_reason reason)
{
    struct td_exch_report *r = push(x, kind, order->key);
    r->reason = (uint8_t)reason;
    r->action = order->action;
}

/* Starts an accepted order when it may work now; an order that must trade at once and cannot is over. */
static void start(struct td_exchange *x, struct td_exch_live *o, enum td_exch_kind told)
{
    const bool now = !o->stopped && x->status == TD_STATUS_OPEN && td_exch_in_session(x, o);
    o->joined = now;
    o->since = x->now;
    td_exch_tell(x, o, told);
    o->joined = false;
    if (now)
        td_exch_work(x, o);
    else if (!o->stopped && (o->order.tif == TD_EXCH_IOC || o->order.tif == TD_EXCH_FOK))
        td_exch_end(x, o, TD_EXCH_CANCELLED,
                    o->order.tif == TD_EXCH_IOC ? TD_EXCH_R_IOC : TD_EXCH_R_FOK);
    if (o->stopped && !td_px_is_none(x->last))
        td_exch_trigger(x, x->last, x->last);
}

static void do_submit(struct td_exchange *x, const struct td_exch_order *order)
{
    enum td_exch_reason reason = judge(x, order);
    if (reason == TD_EXCH_R_NONE && find_live(x, order->key))
        reason = TD_EXCH_R_DUPLICATE;
    if (reason == TD_EXCH_R_NONE && x->order_count == x->config.orders_max)
        reason = TD_EXCH_R_FULL;
    if (reason != TD_EXCH_R_NONE) {
        refuse(x, order, TD_EXCH_REJECTED, reason);
        return;
    }
    struct td_exch_live *o = &x->orders[x->order_count++];
    *o = (struct td_exch_live){.order = *order, .stop_px = order->stop_px};
    o->day_end = day_end(x, order);
    o->stopped = order->type == TD_EXCH_STOP || order->type == TD_EXCH_STOP_LIMIT ||
                 order->type == TD_EXCH_TRAIL;
    start(x, o, TD_EXCH_ACCEPTED);
}

/* Moves the order behind all others in time and lets it work as if new. */
static void requeue(struct td_exchange *x, struct td_exch_live *o)
{
    const uint32_t at = (uint32_t)(o - x->orders);
    struct td_exch_live moved = *o;
    moved.joined = false;
    memmove(o, o + 1, (x->order_count - at - 1) * sizeof *o);
    x->orders[x->order_count - 1] = moved;
    start(x, &x->orders[x->order_count - 1], TD_EXCH_REPLACED);
}

static void do_modify(struct td_exchange *x, const struct td_exch_order *order)
{
    struct td_exch_live *o = find_live(x, order->key);
    enum td_exch_reason reason = o ? judge(x, order) : TD_EXCH_R_UNKNOWN;
    if (reason == TD_EXCH_R_NONE &&
        (o->order.type != order->type || o->order.action != order->action))
        reason = TD_EXCH_R_TYPE;
    if (reason == TD_EXCH_R_NONE && order->qty.e9 <= o->cum.e9)
        reason = TD_EXCH_R_QTY;
    if (reason != TD_EXCH_R_NONE) {
        refuse(x, order, TD_EXCH_REPLACE_REFUSED, reason);
        return;
    }
    const bool keeps =
        order->limit_px.e9 == o->order.limit_px.e9 && order->stop_px.e9 == o->order.stop_px.e9 &&
        order->trail.e9 == o->order.trail.e9 && order->tif == o->order.tif &&
        order->outside_rth == o->order.outside_rth && order->qty.e9 <= o->order.qty.e9;
    o->order = *order;
    o->day_end = day_end(x, order);
    if (keeps) {
        td_exch_tell(x, o, TD_EXCH_REPLACED);
        return;
    }
    if (o->stopped && order->type != TD_EXCH_TRAIL)
        o->stop_px = order->stop_px;
    requeue(x, o);
}

static void do_cancel(struct td_exchange *x, const struct td_exch_order *order)
{
    struct td_exch_live *o = find_live(x, order->key);
    if (o)
        td_exch_end(x, o, TD_EXCH_CANCELLED, TD_EXCH_R_USER);
    else
        refuse(x, order, TD_EXCH_CANCEL_REFUSED, TD_EXCH_R_UNKNOWN);
}

enum { SUBMIT, MODIFY, CANCEL };

static void run_command(struct td_exchange *x, const struct td_exch_command *c)
{
    if (c->kind == SUBMIT)
        do_submit(x, &c->order);
    else if (c->kind == MODIFY)
        do_modify(x, &c->order);
    else
        do_cancel(x, &c->order);
    td_exch_sweep(x);
}

void td_exchange_advance(struct td_exchange *x, td_ns now)
{
    while (x->command_count && x->commands[x->command_head].at <= now && td_exch_has_room(x)) {
        const struct td_exch_command c = x->commands[x->command_head];
        x->command_head = (x->command_head + 1) % x->config.orders_max;
        x->command_count--;
        td_exch_set_time(x, c.at);
        run_command(x, &c);
    }
    td_exch_set_time(x, now);
}

static enum td_err send(struct td_exchange *x, td_ns now, uint8_t kind,
                        const struct td_exch_order *order)
{
    const uint32_t cap = x->config.orders_max;
    if (x->command_count == cap)
        return TD_EFULL;
    td_ns at = (now > x->now ? now : x->now) + x->config.entry_ns;
    if (x->command_count) {
        const td_ns before = x->commands[(x->command_head + x->command_count - 1) % cap].at;
        at = at > before ? at : before;
    }
    x->commands[(x->command_head + x->command_count++) % cap] =
        (struct td_exch_command){at, kind, *order};
    return TD_OK;
}

enum td_err td_exchange_submit(struct td_exchange *x, td_ns now, const struct td_exch_order *order)
{
    return send(x, now, SUBMIT, order);
}

enum td_err td_exchange_modify(struct td_exchange *x, td_ns now, const struct td_exch_order *order)
{
    return send(x, now, MODIFY, order);
}

enum td_err td_exchange_cancel(struct td_exchange *x, td_ns now, uint64_t key)
{
    const struct td_exch_order order = {.key = key};
    return send(x, now, CANCEL, &order);
}

bool td_exchange_next(struct td_exchange *x, td_ns now, struct td_exch_report *out)
{
    td_exchange_advance(x, now);
    if (x->limits_due && x->report_count == 0)
        td_exch_bar_limits(x);
    if (x->report_count == 0 || x->reports[x->report_head].visible_ns > now)
        return false;
    *out = x->reports[x->report_head];
    x->report_head = (x->report_head + 1) % x->report_cap;
    x->report_count--;
    return true;
}

td_ns td_exchange_due(const struct td_exchange *x)
{
    td_ns due = TD_NS_NEVER;
    if (x->command_count)
        due = x->commands[x->command_head].at;
    if (x->report_count && x->reports[x->report_head].visible_ns < due)
        due = x->reports[x->report_head].visible_ns;
    if (x->limits_due)
        due = x->now;
    if (x->order_count && (has_hours(x) || x->bar_end)) {
        const td_ns edge = next_edge(x, TD_NS_NEVER);
        due = edge < due ? edge : due;
    }
    return due;
}

bool td_exchange_best(const struct td_exchange *x, enum td_side side, struct td_venue_level *out)
{
    if (x->side[side].count == 0)
        return false;
    *out = x->side[side].rows[0];
    return true;
}

bool td_exchange_order(const struct td_exchange *x, uint64_t key, struct td_exch_view *out)
{
    const struct td_exch_live *o = find_live(x, key);
    if (!o)
        return false;
    *out = (struct td_exch_view){
        .order = o->order, .cum = o->cum, .ahead = o->ahead, .held = !o->joined};
    return true;
}

uint32_t td_exchange_live(const struct td_exchange *x)
{
    return x->order_count;
}

const char *td_exch_reason_text(enum td_exch_reason reason)
{
    static const char *const texts[TD_EXCH_REASONS] = {
        [TD_EXCH_R_NONE] = "",
        [TD_EXCH_R_DUPLICATE] = "an order with this id is already working",
        [TD_EXCH_R_QTY] = "the quantity must be positive and above what has filled",
        [TD_EXCH_R_PRICE] = "a price this order type needs is missing or not positive",
        [TD_EXCH_R_TICK] = "the price does not conform to the minimum price variation",
        [TD_EXCH_R_TIF] = "this time in force is not offered",
        [TD_EXCH_R_TYPE] = "this order type or change is not offered",
        [TD_EXCH_R_FULL] = "too many working orders",
        [TD_EXCH_R_UNKNOWN] = "no such working order",
        [TD_EXCH_R_USER] = "cancelled on request",
        [TD_EXCH_R_IOC] = "immediate or cancel: the rest could not fill at once",
        [TD_EXCH_R_FOK] = "fill or kill: the whole quantity could not fill at once",
        [TD_EXCH_R_SELF] = "it would trade with another order of this account",
        [TD_EXCH_R_DAY] = "end of the day",
    };
    return reason < TD_EXCH_REASONS ? texts[reason] : "";
}
