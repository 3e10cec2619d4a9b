/* trade/risk.c - one function per gate, in a table beside the row that names it. */
#include "trade/risk.h"

#include <stdio.h>

#define LOW_PRICE 5 /* a share: below it ticks are coarse, and the collar wider */

struct question {
    const struct td_limits *limits;
    const struct td_gate_facts *facts;
    const struct td_intent *intent;
    const struct td_recent *recent;
    td_px price; /* what the order may cost: limit, else the far side of the quote */
    td_cash value;
};

/* A gate answers true when it is open. */
typedef bool gate_fn(const struct question *q);

/* Is `value` at most the limit? One that is off lets everything pass, one that should be there and is not nothing. */
static bool at_most(const struct question *q, enum td_limit limit, int64_t value)
{
    const int64_t most = q->limits->value[limit];
    if (most == TD_LIMIT_OFF)
        return !td_limit_needed(limit);
    return value != TD_E9_NONE && value <= most;
}

/* The same the other way round; a value that is not known is too little. */
static bool at_least(const struct question *q, enum td_limit limit, int64_t value)
{
    const int64_t least = q->limits->value[limit];
    return least == TD_LIMIT_OFF || (value != TD_E9_NONE && value >= least);
}

static bool is_yes(enum td_fact fact)
{
    return fact == TD_FACT_YES;
}

static bool has_price(td_px px)
{
    return !td_px_is_none(px) && px.e9 > 0;
}

static bool FORM(const struct question *q)
{
    const struct td_intent *i = q->intent;
    const uint32_t needs = td_order_type_needs(i->type);
    return i->action <= TD_SELL && i->type < TD_ORDER_TYPE_COUNT && i->tif < TD_TIF_COUNT &&
           !td_qty_is_none(i->qty) && i->qty.e9 > 0 &&
           (!(needs & TD_NEEDS_LIMIT) || has_price(i->limit)) &&
           (!(needs & TD_NEEDS_STOP) || has_price(i->stop)) &&
           (!(needs & TD_NEEDS_TRAIL) || has_price(i->trail));
}

static bool ALLOW_ORDERS(const struct question *q)
{
    return is_yes(q->facts->allow_orders);
}
static bool DRY_RUN(const struct question *q)
{
    return is_yes(q->facts->dry_run_off);
}
static bool ORDER_EXEC(const struct question *q)
{
    return is_yes(q->facts->order_exec);
}
static bool MODE(const struct question *q)
{
    return is_yes(q->facts->mode_agrees);
}
static bool CONFIRM_LIVE(const struct question *q)
{
    return is_yes(q->facts->live_confirmed);
}
static bool JOURNAL(const struct question *q)
{
    return is_yes(q->facts->journal_ok);
}
static bool SESSION(const struct question *q)
{
    return is_yes(q->facts->session_ready);
}
static bool WINDOW(const struct question *q)
{
    return is_yes(q->facts->outside_window);
}
static bool QUALIFIED(const struct question *q)
{
    return is_yes(q->facts->qualified);
}
static bool CLOCK(const struct question *q)
{
    return is_yes(q->facts->clock_ok);
}
static bool HALT(const struct question *q)
{
    return is_yes(q->facts->not_halted);
}
static bool DISK(const struct question *q)
{
    return is_yes(q->facts->disk_ok);
}
static bool SYMBOL(const struct question *q)
{
    return is_yes(q->facts->symbol_allowed);
}
static bool MARKET_OPEN(const struct question *q)
{
    return is_yes(q->facts->market_open);
}
static bool FROZEN(const struct question *q)
{
    return is_yes(q->facts->not_frozen);
}
static bool RESTRICTED(const struct question *q)
{
    return is_yes(q->facts->not_restricted);
}
static bool REDUCE_ONLY(const struct question *q)
{
    return is_yes(q->facts->not_reduce_only);
}
static bool UNKNOWN_ORDER(const struct question *q)
{
    return is_yes(q->facts->orders_known);
}
static bool STRATEGY(const struct question *q)
{
    return is_yes(q->facts->strategy_on);
}
static bool BREAKER(const struct question *q)
{
    return is_yes(q->facts->breaker_closed);
}
static bool DATA(const struct question *q)
{
    return is_yes(q->facts->data_valid);
}
static bool EXPIRY(const struct question *q)
{
    return is_yes(q->facts->not_expiring);
}
/* An exit beside another one would open the other side when both fill. */
static bool EXIT(const struct question *q)
{
    return !q->intent->exit || td_risk_reduces(q->facts, q->intent);
}
static bool BOOK(const struct question *q)
{
    return is_yes(q->facts->book_ok);
}

static bool QUOTE(const struct question *q)
{
    const struct td_quote *quote = &q->facts->quote;
    const td_ns age = q->facts->now - q->facts->quote_recv_ns;
    return is_yes(q->facts->quote_live) && has_price(quote->bid) && has_price(quote->ask) &&
           quote->bid.e9 <= quote->ask.e9 && age >= 0 && at_most(q, TD_LIMIT_QUOTE_AGE, age);
}

static bool SPREAD(const struct question *q)
{
    const struct td_quote *quote = &q->facts->quote;
    int64_t ratio;
    const int64_t mid = quote->bid.e9 / 2 + quote->ask.e9 / 2;
    return td_e9_div(quote->ask.e9 - quote->bid.e9, mid, &ratio) == TD_OK &&
           at_most(q, TD_LIMIT_SPREAD, ratio);
}

static bool on_tick(const struct question *q, td_px px)
{
    return td_px_is_none(px) || (q->facts->ticks && td_tick_is_on(q->facts->ticks, px));
}

static bool TICK(const struct question *q)
{
    return on_tick(q, q->intent->limit) && on_tick(q, q->intent->stop);
}

/* A price that can only be better than the market's, or that sleeps until the market has come to it. */
static bool is_harmless(const struct question *q, td_px px, bool stop, td_px mid)
{
    if (!td_risk_reduces(q->facts, q->intent))
        return false;
    return stop || (q->intent->action == TD_SELL ? px.e9 >= mid.e9 : px.e9 <= mid.e9);
}

/* A reducing order is held to it where its price could be too bad: a stop 3 % below what is held is meant so. */
static bool COLLAR(const struct question *q)
{
    const td_px mid = {q->facts->quote.bid.e9 / 2 + q->facts->quote.ask.e9 / 2};
    const enum td_limit limit = mid.e9 < LOW_PRICE * TD_E9 ? TD_LIMIT_COLLAR_LOW : TD_LIMIT_COLLAR;
    const td_px checked[2] = {q->intent->limit, q->intent->stop};
    for (int i = 0; i < 2; i++) {
        const int64_t away = td_px_is_none(checked[i]) ? 0 : checked[i].e9 - mid.e9;
        int64_t part;
        if (away && is_harmless(q, checked[i], i == 1, mid))
            continue;
        if (td_e9_div(away < 0 ? -away : away, mid.e9, &part) != TD_OK || !at_most(q, limit, part))
            return false;
    }
    return true;
}

static bool DECISION_AGE(const struct question *q)
{
    const td_ns age = q->facts->now - q->intent->decided_ns;
    return age >= 0 && at_most(q, TD_LIMIT_DECISION_AGE, age);
}

static bool ORDER_SIZE(const struct question *q)
{
    return at_most(q, TD_LIMIT_ORDER_SIZE, q->intent->qty.e9);
}

static bool ORDER_VALUE(const struct question *q)
{
    return at_most(q, TD_LIMIT_ORDER_VALUE, q->value.e9);
}

static bool DAY_VALUE(const struct question *q)
{
    td_cash sum;
    return td_cash_add(q->facts->day_value, q->value, &sum) == TD_OK &&
           at_most(q, TD_LIMIT_DAY_VALUE, sum.e9);
}

/* The position if everything working on the order's side fills, and this order too. */
static bool worst_position(const struct question *q, int64_t *out)
{
    const bool buys = q->intent->action == TD_BUY;
    const int64_t working = buys ? q->facts->working_buy.e9 : q->facts->working_sell.e9;
    int64_t change, sum;
    if (working < 0 || td_e9_add(working, q->intent->qty.e9, &change) != TD_OK)
        return false;
    const enum td_err err = buys ? td_e9_add(q->facts->position.e9, change, &sum)
                                 : td_e9_sub(q->facts->position.e9, change, &sum);
    if (err)
        return false;
    *out = sum;
    return true;
}

static bool POSITION(const struct question *q)
{
    int64_t after;
    return worst_position(q, &after) && at_most(q, TD_LIMIT_POSITION, after < 0 ? -after : after);
}

static bool SHORT_SALE(const struct question *q)
{
    int64_t after;
    return q->intent->action == TD_BUY || q->limits->value[TD_LIMIT_SHORT_SALE] == 1 ||
           (worst_position(q, &after) && after >= 0);
}

static bool OPEN_ORDERS(const struct question *q)
{
    return at_most(q, TD_LIMIT_OPEN_ORDERS, (int64_t)q->facts->open_orders + 1);
}

static bool TRADES_TODAY(const struct question *q)
{
    return at_most(q, TD_LIMIT_TRADES, (int64_t)q->facts->trades_today + 1);
}

static bool DAY_LOSS(const struct question *q)
{
    const int64_t limit = q->limits->value[TD_LIMIT_DAY_LOSS];
    return !td_cash_is_none(q->facts->day_pnl) && limit != TD_LIMIT_OFF &&
           q->facts->day_pnl.e9 > -limit;
}

static uint32_t recent_rows(const struct td_recent *recent)
{
    return recent->count < TD_RECENT_MAX ? recent->count : TD_RECENT_MAX;
}

/* The k-th newest, from 1. */
static const struct td_recent_order *recent_order(const struct td_recent *recent, uint32_t k)
{
    return &recent->rows[(recent->count - k) % TD_RECENT_MAX];
}

/* Of as many as a minute may have, the oldest tells. */
static bool RATE(const struct question *q)
{
    const int64_t most = q->limits->value[TD_LIMIT_RATE];
    const uint32_t k = most < TD_RECENT_MAX ? (uint32_t)most : TD_RECENT_MAX;
    if (!at_most(q, TD_LIMIT_RATE, 1))
        return false;
    return q->recent->count < k || q->facts->mono - recent_order(q->recent, k)->at >= TD_MIN;
}

static bool DUPLICATE(const struct question *q)
{
    const struct td_intent *i = q->intent;
    for (uint32_t k = 1; k <= recent_rows(q->recent); k++) {
        const struct td_recent_order *r = recent_order(q->recent, k);
        if (q->facts->mono - r->at >= q->limits->value[TD_LIMIT_DUPLICATE])
            return true;
        if (!r->ended && r->inst == q->facts->inst && r->action == i->action &&
            r->type == i->type && r->qty.e9 == i->qty.e9 && r->limit.e9 == i->limit.e9)
            return false;
    }
    return true;
}

/* A stop sleeps until the market comes to it: it does not meet what rests now. */
static bool SELF_CROSS(const struct question *q)
{
    const uint32_t needs = td_order_type_needs(q->intent->type);
    const bool buys = q->intent->action == TD_BUY;
    const td_px own = buys ? q->facts->own_ask : q->facts->own_bid;
    if (td_px_is_none(own) || (needs & (TD_NEEDS_STOP | TD_NEEDS_TRAIL)))
        return true;
    if (!(needs & TD_NEEDS_LIMIT))
        return false;
    return buys ? q->intent->limit.e9 < own.e9 : q->intent->limit.e9 > own.e9;
}

/* --- what all positions together would be --- */

/* Does this order open a position in a symbol that has none? */
static bool opens(const struct question *q)
{
    return q->facts->position.e9 == 0 && q->facts->working_buy.e9 == 0 &&
           q->facts->working_sell.e9 == 0;
}

static bool OPEN_POSITIONS(const struct question *q)
{
    return at_most(q, TD_LIMIT_OPEN_POSITIONS, (int64_t)q->facts->open_positions + opens(q));
}

/* (value + this order) / equity; TD_E9_NONE when it cannot be known. */
static int64_t part_of_equity(const struct question *q, td_cash value)
{
    td_cash sum;
    int64_t part;
    if (td_cash_is_none(q->facts->equity) || q->facts->equity.e9 <= 0 || td_cash_is_none(value) ||
        td_cash_add(value, q->value, &sum) != TD_OK ||
        td_e9_div(sum.e9, q->facts->equity.e9, &part) != TD_OK)
        return TD_E9_NONE;
    return part;
}

static bool SYMBOL_EXPOSURE(const struct question *q)
{
    return at_most(q, TD_LIMIT_SYMBOL_EXPOSURE, part_of_equity(q, q->facts->symbol_value));
}
static bool LEVERAGE(const struct question *q)
{
    return at_most(q, TD_LIMIT_LEVERAGE, part_of_equity(q, q->facts->gross_value));
}
static bool SECTOR(const struct question *q)
{
    return at_most(q, TD_LIMIT_SECTOR_EXPOSURE, part_of_equity(q, q->facts->sector_value));
}
static bool CORRELATION(const struct question *q)
{
    return at_most(q, TD_LIMIT_CORRELATION, q->facts->correlation_e9);
}
static bool HEAT(const struct question *q)
{
    return at_most(q, TD_LIMIT_HEAT, q->facts->heat_e9);
}
static bool VOLUME(const struct question *q)
{
    return at_least(q, TD_LIMIT_VOLUME, q->facts->day_volume.e9);
}
static bool MARKET_CAP(const struct question *q)
{
    return at_least(q, TD_LIMIT_MARKET_CAP, q->facts->market_cap.e9);
}
static bool DAY_TRADES(const struct question *q)
{
    const int32_t left = q->facts->day_trades_left;
    return q->limits->value[TD_LIMIT_DAY_TRADES] != 1 || left == -1 || left > 0;
}

struct gate_row {
    const char *name, *text, *looks_at;
    gate_fn *open;
    bool lets_reducing;
    enum td_limit limit;
};

#define ROW(name, reducing, limit, looks, text)                                                    \
    {#name, text, looks, name, reducing, TD_LIMIT_##limit},
static const struct gate_row rows[] = {TD_GATES(ROW)};
#undef ROW
_Static_assert(TD_COUNT(rows) == TD_GATE_COUNT, "one row per gate");

const char *td_gate_name(enum td_gate gate)
{
    return (unsigned)gate < TD_GATE_COUNT ? rows[gate].name : "?";
}

const char *td_gate_text(enum td_gate gate)
{
    return (unsigned)gate < TD_GATE_COUNT ? rows[gate].text : "unknown gate";
}

const char *td_gate_looks_at(enum td_gate gate)
{
    return (unsigned)gate < TD_GATE_COUNT ? rows[gate].looks_at : "nothing";
}

enum td_limit td_gate_limit(enum td_gate gate)
{
    return (unsigned)gate < TD_GATE_COUNT ? rows[gate].limit : TD_LIMIT_NONE;
}

bool td_gate_lets_reducing(enum td_gate gate)
{
    return (unsigned)gate < TD_GATE_COUNT && rows[gate].lets_reducing;
}

bool td_risk_reduces(const struct td_gate_facts *facts, const struct td_intent *intent)
{
    const bool buys = intent->action == TD_BUY;
    const int64_t position = facts->position.e9;
    const int64_t working = buys ? facts->working_buy.e9 : facts->working_sell.e9;
    int64_t total;
    if (td_qty_is_none(facts->position) || working < 0 ||
        td_e9_add(working, intent->qty.e9, &total) != TD_OK)
        return false;
    return buys ? position < 0 && total <= -position : position > 0 && total <= position;
}

void td_risk_forget(struct td_recent *recent, uint32_t inst, enum td_action action)
{
    for (uint32_t k = 0; k < recent_rows(recent); k++)
        recent->rows[k].ended |=
            recent->rows[k].inst == inst && recent->rows[k].action == (uint8_t)action;
}

static uint64_t seal_of(const struct td_approved *order)
{
    /* Field by field: padding carries no meaning. */
    const struct td_intent *i = &order->intent;
    const int64_t parts[] = {order->inst,
                             i->action,
                             i->type,
                             i->qty.e9,
                             i->limit.e9,
                             i->stop.e9,
                             i->trail.e9,
                             i->tif,
                             i->reference.e9,
                             i->decided_ns,
                             order->reducing,
                             order->value.e9,
                             INT64_C(0x7461706564656b31)};
    uint64_t h = 0;
    for (size_t k = 0; k < TD_COUNT(parts); k++) {
        h = (h ^ (uint64_t)parts[k]) * UINT64_C(0x9e3779b97f4a7c15);
        h ^= h >> 29;
    }
    return h;
}

bool td_risk_sealed(const struct td_approved *order)
{
    return order->seal == seal_of(order);
}

void td_risk_remember(struct td_recent *recent, uint32_t inst, const struct td_intent *i, td_ns at)
{
    recent->rows[recent->count++ % TD_RECENT_MAX] = (struct td_recent_order){.at = at,
                                                                             .inst = inst,
                                                                             .action = i->action,
                                                                             .type = i->type,
                                                                             .qty = i->qty,
                                                                             .limit = i->limit};
}

static void price_order(struct question *q)
{
    const struct td_intent *i = q->intent;
    const bool has_limit = (td_order_type_needs(i->type) & TD_NEEDS_LIMIT) != 0;
    const td_px far_side = i->action == TD_BUY ? q->facts->quote.ask : q->facts->quote.bid;
    td_qty units;
    q->price = has_limit ? i->limit : i->type == TD_ORDER_STOP ? i->stop : far_side;
    q->value = TD_CASH_NONE;
    if (td_e9_mul(i->qty.e9, q->facts->multiplier.e9, &units.e9) != TD_OK ||
        td_notional(q->price, units, &q->value) != TD_OK)
        q->value = TD_CASH_NONE;
}

static void say_closed(const struct td_limits *limits, const struct gate_row *row,
                       struct td_verdict *out)
{
    struct td_text t;
    td_text_init(&t, out->text, sizeof out->text);
    td_text_printf(&t, "%s: %s", row->name, row->text);
    if (row->limit == TD_LIMIT_NONE)
        return;
    td_text_put(&t, ", limit ");
    td_limit_print(row->limit, limits->value[row->limit], &t);
}

bool td_gate_is_open(enum td_gate gate, const struct td_limits *limits,
                     const struct td_gate_facts *facts, const struct td_intent *intent,
                     const struct td_recent *recent)
{
    struct question q = {.limits = limits, .facts = facts, .intent = intent, .recent = recent};
    TD_REQUIRE((unsigned)gate < TD_GATE_COUNT);
    price_order(&q);
    return rows[gate].open(&q) || (rows[gate].lets_reducing && td_risk_reduces(facts, intent));
}

void td_risk_check(const struct td_limits *limits, const struct td_gate_facts *facts,
                   const struct td_intent *intent, struct td_recent *recent, struct td_verdict *out)
{
    struct question q = {.limits = limits, .facts = facts, .intent = intent, .recent = recent};
    const bool reducing = td_risk_reduces(facts, intent);
    price_order(&q);
    out->approved = false;
    for (int gate = 0; gate < TD_GATE_COUNT; gate++) {
        if (rows[gate].open(&q) || (reducing && rows[gate].lets_reducing))
            continue;
        out->gate = (enum td_gate)gate;
        say_closed(limits, &rows[gate], out);
        return;
    }
    out->approved = true;
    out->gate = TD_GATE_COUNT;
    (void)td_str_copy(td_str_of(reducing ? "approved (reduces the position)" : "approved"),
                      out->text, sizeof out->text);
    out->order = (struct td_approved){
        .inst = facts->inst, .intent = *intent, .reducing = reducing, .value = q.value};
    out->order.seal = seal_of(&out->order);
    td_risk_remember(recent, facts->inst, intent, facts->mono);
}
