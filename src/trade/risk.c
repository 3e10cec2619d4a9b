/* trade/risk.c - one function per gate, in a table beside the row that names it. */
#include "trade/risk.h"

#include <stdio.h>

#include "base/map.h"

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
static bool BOOK(const struct question *q)
{
    return is_yes(q->facts->book_ok);
}

static bool QUOTE(const struct question *q)
{
    const struct td_quote *quote = &q->facts->quote;
    const td_ns age = q->facts->now - q->facts->quote_recv_ns;
    return is_yes(q->facts->quote_live) && has_price(quote->bid) && has_price(quote->ask) &&
           quote->bid.e9 <= quote->ask.e9 && age >= 0 && age <= q->limits->quote_age_max;
}

static bool SPREAD(const struct question *q)
{
    const struct td_quote *quote = &q->facts->quote;
    int64_t ratio;
    const int64_t mid = quote->bid.e9 / 2 + quote->ask.e9 / 2;
    return td_e9_div(quote->ask.e9 - quote->bid.e9, mid, &ratio) == TD_OK &&
           ratio <= q->limits->spread_e9;
}

static bool on_tick(const struct question *q, td_px px)
{
    return td_px_is_none(px) || (q->facts->ticks && td_tick_is_on(q->facts->ticks, px));
}

static bool TICK(const struct question *q)
{
    return on_tick(q, q->intent->limit) && on_tick(q, q->intent->stop);
}

static bool COLLAR(const struct question *q)
{
    const td_px mid = {q->facts->quote.bid.e9 / 2 + q->facts->quote.ask.e9 / 2};
    int64_t width;
    const td_px checked[2] = {q->intent->limit, q->intent->stop};
    if (td_e9_mul(mid.e9, q->limits->collar_e9, &width) != TD_OK)
        return false;
    for (int i = 0; i < 2; i++) {
        const int64_t distance = td_px_is_none(checked[i]) ? 0 : checked[i].e9 - mid.e9;
        if (distance > width || distance < -width)
            return false;
    }
    return true;
}

static bool DECISION_AGE(const struct question *q)
{
    const td_ns age = q->facts->now - q->intent->decided_ns;
    return age >= 0 && age <= q->limits->decision_age_max;
}

static bool ORDER_SIZE(const struct question *q)
{
    return q->intent->qty.e9 <= q->limits->order_qty_max.e9;
}

static bool ORDER_VALUE(const struct question *q)
{
    return !td_cash_is_none(q->value) && q->value.e9 <= q->limits->order_value_max.e9;
}

static bool DAY_VALUE(const struct question *q)
{
    td_cash sum;
    return td_cash_add(q->facts->day_value, q->value, &sum) == TD_OK &&
           sum.e9 <= q->limits->day_value_max.e9;
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
    return worst_position(q, &after) && after <= q->limits->position_max.e9 &&
           after >= -q->limits->position_max.e9;
}

static bool SHORT_SALE(const struct question *q)
{
    int64_t after;
    return q->intent->action == TD_BUY || q->limits->allow_short ||
           (worst_position(q, &after) && after >= 0);
}

static bool OPEN_ORDERS(const struct question *q)
{
    return q->facts->open_orders < q->limits->open_orders_max;
}

static bool TRADES_TODAY(const struct question *q)
{
    return q->facts->trades_today < q->limits->trades_max;
}

static bool DAY_LOSS(const struct question *q)
{
    return !td_cash_is_none(q->facts->day_pnl) &&
           q->facts->day_pnl.e9 > -q->limits->day_loss_max.e9;
}

static uint32_t recent_rows(const struct td_recent *recent)
{
    return recent->count < TD_RECENT_MAX ? recent->count : TD_RECENT_MAX;
}

static bool RATE(const struct question *q)
{
    int32_t in_minute = 0;
    for (uint32_t i = 0; i < recent_rows(q->recent); i++)
        in_minute += q->facts->now - q->recent->rows[i].at < TD_MIN;
    return in_minute < q->limits->orders_per_minute && in_minute < TD_RECENT_MAX;
}

static bool DUPLICATE(const struct question *q)
{
    const struct td_intent *i = q->intent;
    for (uint32_t k = 0; k < recent_rows(q->recent); k++) {
        const bool same =
            q->recent->rows[k].inst == q->facts->inst && q->recent->rows[k].action == i->action &&
            q->recent->rows[k].type == i->type && q->recent->rows[k].qty.e9 == i->qty.e9 &&
            q->recent->rows[k].limit.e9 == i->limit.e9;
        if (same && q->facts->now - q->recent->rows[k].at < q->limits->duplicate_window)
            return false;
    }
    return true;
}

static bool SELF_CROSS(const struct question *q)
{
    const bool buys = q->intent->action == TD_BUY;
    const td_px own = buys ? q->facts->own_ask : q->facts->own_bid;
    if (td_px_is_none(own))
        return true;
    const bool at_market = q->intent->type == TD_ORDER_MARKET || q->intent->type == TD_ORDER_STOP;
    if (at_market)
        return false;
    return buys ? q->intent->limit.e9 < own.e9 : q->intent->limit.e9 > own.e9;
}

struct gate_row {
    const char *name;
    const char *text;
    gate_fn *open;
    bool lets_reducing;
};

#define ROW(name, reducing, text) {#name, text, name, reducing},
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
                             i->reference.e9,
                             i->decided_ns,
                             order->reducing,
                             order->value.e9,
                             INT64_C(0x7461706564656b31)};
    return td_hash_bytes(parts, sizeof parts);
}

bool td_risk_sealed(const struct td_approved *order)
{
    return order->seal == seal_of(order);
}

static void remember(struct td_recent *recent, const struct td_gate_facts *facts,
                     const struct td_intent *i)
{
    const uint32_t at = recent->count++ % TD_RECENT_MAX;
    recent->rows[at].at = facts->now;
    recent->rows[at].inst = facts->inst;
    recent->rows[at].action = i->action;
    recent->rows[at].type = i->type;
    recent->rows[at].qty = i->qty;
    recent->rows[at].limit = i->limit;
}

static void price_order(struct question *q)
{
    const struct td_intent *i = q->intent;
    const bool has_limit = i->type == TD_ORDER_LIMIT || i->type == TD_ORDER_STOP_LIMIT;
    const td_px far_side = i->action == TD_BUY ? q->facts->quote.ask : q->facts->quote.bid;
    td_qty units;
    q->price = has_limit ? i->limit : i->type == TD_ORDER_STOP ? i->stop : far_side;
    q->value = TD_CASH_NONE;
    if (td_e9_mul(i->qty.e9, q->facts->multiplier.e9, &units.e9) != TD_OK ||
        td_notional(q->price, units, &q->value) != TD_OK)
        q->value = TD_CASH_NONE;
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
        (void)snprintf(out->text, sizeof out->text, "%s: %s", rows[gate].name, rows[gate].text);
        return;
    }
    out->approved = true;
    out->gate = TD_GATE_COUNT;
    (void)td_str_copy(td_str_of(reducing ? "approved (reduces the position)" : "approved"),
                      out->text, sizeof out->text);
    out->order = (struct td_approved){
        .inst = facts->inst, .intent = *intent, .reducing = reducing, .value = q.value};
    out->order.seal = seal_of(&out->order);
    remember(recent, facts, intent);
}
