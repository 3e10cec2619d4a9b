/* trade/trips.c - lots in order, matched first in, first out; sums over what they closed. */
#include "trade/trips.h"

#include <stdio.h>

/* What one execution opened and nothing has closed yet. */
struct td_trip_lot {
    uint32_t holding, execution;
    uint32_t next; /* of the holding, plus one; 0: the newest */
    uint8_t strategy;
    bool sold;
    int64_t left; /* e9 */
};

/* All of one side: what is executed on the other side closes them first. Indexes plus one; 0: none. */
struct td_trip_queue {
    uint32_t oldest, newest;
};

size_t td_trips_bytes(uint32_t executions_max)
{
    return executions_max * (sizeof(struct td_trip_lot) + sizeof(struct td_trip_queue)) + 128;
}

enum td_err td_trips_open(struct td_trips *t, uint32_t executions_max, struct td_arena *arena)
{
    memset(t, 0, sizeof *t);
    t->lots = td_arena_take(arena, executions_max, sizeof *t->lots);
    t->queues = td_arena_take(arena, executions_max, sizeof *t->queues);
    t->lots_max = executions_max;
    return t->lots && t->queues ? TD_OK : TD_ENOMEM;
}

td_cash td_trip_net(const struct td_trip *trip)
{
    td_cash net;
    return td_cash_sub(trip->gross, trip->fees, &net) == TD_OK ? net : TD_CASH_NONE;
}

/* --- matching --- */

static uint8_t strategy_row(struct td_trips *t, const char *name)
{
    for (uint32_t i = 0; i < t->strategy_count; i++)
        if (strcmp(t->strategies[i], name) == 0)
            return (uint8_t)i;
    if (!name[0] || t->strategy_count == TD_TRIP_STRATS)
        return TD_TRIP_NO_STRAT;
    (void)snprintf(t->strategies[t->strategy_count], sizeof t->strategies[0], "%s", name);
    return (uint8_t)t->strategy_count++;
}

/* The part of an execution's fee that belongs to `qty` of it. */
static enum td_err fee_part(const struct td_execution *e, int64_t qty, int64_t *out)
{
    *out = 0;
    return e->has_fee ? td_i64_muldiv(e->fee.e9, qty, e->qty.e9, out) : TD_OK;
}

static enum td_err value_of(td_px px, int64_t qty, td_qty multiplier, td_cash *out)
{
    td_qty units;
    const enum td_err err = td_e9_mul(qty, multiplier.e9, &units.e9);
    return err ? err : td_notional(px, units, out);
}

/* Gross and fees of closing `qty` of a lot. */
static enum td_err settle(const struct td_blotter *b, const struct td_trip_lot *lot,
                          const struct td_execution *closing, struct td_trip *out)
{
    const struct td_execution *opening = &b->executions[lot->execution];
    const td_qty multiplier = b->holdings[lot->holding].multiplier;
    td_cash at_entry, at_exit;
    int64_t fee_in, fee_out;
    enum td_err err = value_of(opening->px, out->qty.e9, multiplier, &at_entry);
    if (!err)
        err = value_of(closing->px, out->qty.e9, multiplier, &at_exit);
    if (!err)
        err = lot->sold ? td_cash_sub(at_entry, at_exit, &out->gross)
                        : td_cash_sub(at_exit, at_entry, &out->gross);
    if (!err)
        err = fee_part(opening, out->qty.e9, &fee_in);
    if (!err)
        err = fee_part(closing, out->qty.e9, &fee_out);
    return err ? err : td_e9_add(fee_in, fee_out, &out->fees.e9);
}

static struct td_trip *last_trip(struct td_trips *t)
{
    return t->count ? &t->rows[(t->count - 1) % TD_TRIPS_MAX] : NULL;
}

/* Executions of one order against one order are one trip. */
static bool belongs_to(const struct td_trip *a, const struct td_trip *b)
{
    return a->holding == b->holding && a->is_short == b->is_short && a->opener == b->opener &&
           a->closer == b->closer && a->opener && a->closer;
}

static enum td_err add_trip(struct td_trips *t, const struct td_trip *trip)
{
    struct td_trip *last = last_trip(t);
    if (!last || !belongs_to(last, trip)) {
        t->rows[t->count++ % TD_TRIPS_MAX] = *trip;
        return TD_OK;
    }
    struct td_trip sum = *last;
    enum td_err err = td_qty_add(sum.qty, trip->qty, &sum.qty);
    if (!err)
        err = td_cash_add(sum.gross, trip->gross, &sum.gross);
    if (!err)
        err = td_cash_add(sum.fees, trip->fees, &sum.fees);
    sum.closed_ns = trip->closed_ns;
    if (!err)
        *last = sum;
    return err;
}

static enum td_err close_lot(struct td_trips *t, const struct td_blotter *b,
                             struct td_trip_lot *lot, const struct td_execution *e, int64_t qty)
{
    struct td_trip trip = {.holding = lot->holding,
                           .strategy = lot->strategy,
                           .is_short = lot->sold,
                           .opener = b->executions[lot->execution].order,
                           .closer = e->order,
                           .opened_ns = b->executions[lot->execution].at_ns,
                           .closed_ns = e->at_ns,
                           .qty = {qty}};
    enum td_err err = settle(b, lot, e, &trip);
    if (!err)
        err = add_trip(t, &trip);
    if (!err)
        lot->left -= qty;
    return err;
}

static enum td_err open_lot(struct td_trips *t, const struct td_blotter *b, uint32_t index,
                            int64_t left)
{
    const struct td_execution *e = &b->executions[index];
    const struct td_order *o = td_blotter_order(b, e->order);
    struct td_trip_queue *queue = &t->queues[e->holding];
    if (t->lot_count == t->lots_max)
        return TD_EFULL;
    t->lots[t->lot_count++] =
        (struct td_trip_lot){.holding = e->holding,
                             .execution = index,
                             .strategy = o ? strategy_row(t, o->strategy) : TD_TRIP_NO_STRAT,
                             .sold = e->action == TD_SELL,
                             .left = left};
    if (queue->newest)
        t->lots[queue->newest - 1].next = t->lot_count;
    else
        queue->oldest = t->lot_count;
    queue->newest = t->lot_count;
    return TD_OK;
}

static enum td_err match(struct td_trips *t, const struct td_blotter *b, uint32_t index)
{
    const struct td_execution *e = &b->executions[index];
    int64_t left = e->qty.e9;
    enum td_err err = e->holding < t->lots_max ? TD_OK : TD_EFULL;
    struct td_trip_queue *queue = err ? NULL : &t->queues[e->holding];
    while (!err && left > 0 && queue->oldest) {
        struct td_trip_lot *lot = &t->lots[queue->oldest - 1];
        if (lot->sold == (e->action == TD_SELL))
            break;
        const int64_t qty = lot->left < left ? lot->left : left;
        err = close_lot(t, b, lot, e, qty);
        left -= qty;
        if (lot->left == 0) {
            queue->oldest = lot->next;
            queue->newest = lot->next ? queue->newest : 0;
        }
    }
    return err || left == 0 ? err : open_lot(t, b, index, left);
}

/* Lots that what is held does not explain. */
static uint32_t count_unmatched(const struct td_trips *t, const struct td_blotter *b)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < t->lot_count; i++) {
        const int64_t held = b->holdings[t->lots[i].holding].now.qty.e9;
        n += t->lots[i].left > 0 && (held == 0 || (held < 0) != t->lots[i].sold);
    }
    return n;
}

enum td_err td_trips_build(struct td_trips *t, const struct td_blotter *b)
{
    enum td_err err = b->holding_count <= t->lots_max ? TD_OK : TD_EFULL;
    t->count = t->strategy_count = t->lot_count = 0;
    if (!err)
        memset(t->queues, 0, b->holding_count * sizeof *t->queues);
    for (uint32_t i = 0; i < b->execution_count && !err; i++)
        if (b->executions[i].qty.e9 > 0) /* 0: the exchange took it back */
            err = match(t, b, i);
    t->unmatched = count_unmatched(t, b);
    return err;
}

/* --- currencies --- */

enum td_err td_cash_in_base(const struct td_rates *rates, const char *currency, td_cash amount,
                            td_cash *out)
{
    if (td_cash_is_none(amount))
        return TD_ERANGE;
    if (!currency[0] || strcmp(currency, rates->base) == 0) {
        *out = amount;
        return TD_OK;
    }
    for (uint32_t i = 0; i < rates->count; i++)
        if (strcmp(rates->rows[i].currency, currency) == 0 && rates->rows[i].rate_e9 > 0)
            return td_e9_mul(amount.e9, rates->rows[i].rate_e9, &out->e9);
    return TD_ENOENT;
}

static const char *currency_of(const struct td_trips *t, const struct td_trip *trip)
{
    return t->currencies ? t->currencies[trip->holding] : "";
}

/* --- sums --- */

struct adding {
    const struct td_trips *t;
    const struct td_rates *rates;
    const char *currency; /* of those before; NULL: none yet */
};

static void add_to(td_cash *sum, td_cash amount)
{
    if (td_cash_is_none(*sum) || td_cash_add(*sum, amount, sum) != TD_OK)
        *sum = TD_CASH_NONE;
}

/* As it is added: in the base currency, or as it is while all have one currency. Unset: it cannot be. */
static td_cash in_sum(const struct adding *a, const char *currency, td_cash amount)
{
    td_cash out;
    if (a->rates)
        return td_cash_in_base(a->rates, currency, amount, &out) == TD_OK ? out : TD_CASH_NONE;
    return strcmp(a->currency, currency) == 0 ? amount : TD_CASH_NONE;
}

static void add_result(struct adding *a, struct td_trip_sum *s, const struct td_trip *trip)
{
    const char *currency = currency_of(a->t, trip);
    a->currency = a->currency ? a->currency : currency;
    const td_cash own = td_trip_net(trip), net = in_sum(a, currency, own);
    s->trips++;
    add_to(&s->net, net);
    add_to(&s->fees, in_sum(a, currency, trip->fees));
    if (td_cash_is_none(own) || own.e9 == 0)
        return;
    if (own.e9 > 0) {
        s->wins++;
        s->losses_in_row = 0;
        add_to(&s->won, net);
    } else {
        s->losses++;
        s->losses_in_row++;
        add_to(&s->lost, td_cash_is_none(net) ? net : (td_cash){-net.e9});
    }
}

static bool is_chosen(const struct td_trips *t, const struct td_blotter *b,
                      const struct td_trip_choice *c, const struct td_trip *trip)
{
    if (!c)
        return true;
    if (c->symbol && strcmp(b->holdings[trip->holding].symbol, c->symbol) != 0)
        return false;
    if (c->strategy && (trip->strategy == TD_TRIP_NO_STRAT ||
                        strcmp(t->strategies[trip->strategy], c->strategy) != 0))
        return false;
    return trip->closed_ns >= c->from_ns;
}

static uint32_t first_kept(const struct td_trips *t)
{
    return t->count > TD_TRIPS_MAX ? t->count - TD_TRIPS_MAX : 0;
}

void td_trips_sum(const struct td_trips *t, const struct td_blotter *b,
                  const struct td_trip_choice *choice, struct td_trip_sum *out)
{
    uint32_t chosen = 0, skip = 0;
    for (uint32_t i = first_kept(t); i < t->count; i++)
        chosen += is_chosen(t, b, choice, &t->rows[i % TD_TRIPS_MAX]);
    if (choice && choice->last && chosen > choice->last)
        skip = chosen - choice->last;
    struct adding a = {.t = t, .rates = choice ? choice->rates : NULL};
    memset(out, 0, sizeof *out);
    for (uint32_t i = first_kept(t); i < t->count; i++) {
        const struct td_trip *trip = &t->rows[i % TD_TRIPS_MAX];
        if (!is_chosen(t, b, choice, trip))
            continue;
        if (skip)
            skip--;
        else
            add_result(&a, out, trip);
    }
}

struct td_sizing_record td_trips_record(const struct td_trip_sum *s)
{
    const bool known = !td_cash_is_none(s->won) && !td_cash_is_none(s->lost);
    const uint32_t trades = s->wins + s->losses;
    if (!known)
        return (struct td_sizing_record){0};
    return (struct td_sizing_record){
        .trades = trades,
        .wins = s->wins,
        .average_win = s->wins ? td_e9_to_double(s->won.e9) / s->wins : 0,
        .average_loss = s->losses ? td_e9_to_double(s->lost.e9) / s->losses : 0};
}

uint32_t td_trips_days(const struct td_trips *t, const struct td_tz *zone,
                       const struct td_rates *rates, struct td_trip_day *out, uint32_t max)
{
    struct adding a = {.t = t, .rates = rates};
    uint32_t n = 0;
    for (uint32_t i = first_kept(t); i < t->count && max; i++) {
        const struct td_trip *trip = &t->rows[i % TD_TRIPS_MAX];
        const int64_t day = td_tz_day(zone, trip->closed_ns);
        if (n && out[n - 1].day == day) {
            add_result(&a, &out[n - 1].sum, trip);
            continue;
        }
        if (n == max) {
            memmove(out, out + 1, (n - 1) * sizeof *out);
            n--;
        }
        out[n] = (struct td_trip_day){.day = day};
        a.currency = NULL;
        add_result(&a, &out[n++].sum, trip);
    }
    return n;
}

/* --- the equity curve --- */

static int64_t below(td_cash peak, td_cash equity)
{
    int64_t part;
    if (peak.e9 <= 0 || equity.e9 >= peak.e9 ||
        td_i64_muldiv(peak.e9 - equity.e9, TD_E9, peak.e9, &part) != TD_OK)
        return 0;
    return part;
}

void td_equity_note(struct td_equity_curve *c, int64_t day, td_cash equity)
{
    struct td_equity_point *last = c->count ? &c->days[(c->count - 1) % TD_TRIP_DAYS_MAX] : NULL;
    if (td_cash_is_none(equity) || equity.e9 < -INT64_MAX / 2 || (last && day < last->day))
        return;
    if (c->count == 0 || equity.e9 > c->peak.e9)
        c->peak = equity;
    c->drawdown_e9 = below(c->peak, equity);
    c->worst_e9 = c->drawdown_e9 > c->worst_e9 ? c->drawdown_e9 : c->worst_e9;
    if (!last || last->day < day) {
        const td_cash before = last ? last->equity : equity;
        struct td_equity_point *fresh = &c->days[c->count++ % TD_TRIP_DAYS_MAX];
        *fresh = (struct td_equity_point){.day = day, .equity = equity, .pnl = {0}};
        add_to(&fresh->pnl, (td_cash){equity.e9 - before.e9});
        fresh->drawdown_e9 = c->drawdown_e9;
        return;
    }
    add_to(&last->pnl, (td_cash){equity.e9 - last->equity.e9});
    last->equity = equity;
    last->drawdown_e9 = c->drawdown_e9;
}
