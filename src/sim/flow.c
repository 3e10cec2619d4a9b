/* sim/flow.c - the order-flow generator: arrivals, a ladder of lots, and the phases of a day. */
#include "sim/flow.h"

#include <math.h>
#include <string.h>

#include "base/map.h"

/* Hawkes kernel: each event raises the rate by BRANCHING * DECAY per second, decaying at DECAY. The branching ratio
 * 0.6 is in the range found for equity order flow (Filimonov and Sornette 2012). */
#define BRANCHING 0.6
#define DECAY     2.0

/* Ten book events per trade; of those at the best price about 4.5 change a quote, as recorded IBM ticks do. */
#define EVENTS_PER_TRADE 10.0
#define RATE_MAX         400.0
#define EXTENDED_SHARE   0.02 /* rate outside regular hours, relative to the day's mean */
#define OVERNIGHT_SHARE  0.5  /* of a day's volatility happens as a gap */
#define HALTS_PER_DAY    0.005

/* Share of the day's volume per thirteenth of the session: mean of SPY, IBM and AIG trades of 2013-10-07. */
static const double profile[13] = {0.179, 0.115, 0.078, 0.064, 0.062, 0.039, 0.050,
                                   0.044, 0.040, 0.046, 0.039, 0.064, 0.175};

static int64_t spread_wanted(const struct td_flow *f)
{
    const int64_t typical = f->config.spread_ticks > 0 ? f->config.spread_ticks : 1;
    return f->phase == TD_FLOW_REGULAR ? typical : typical * 3 + 1;
}

static double mid(const struct td_flow *f)
{
    return (double)(f->best[TD_BID] + f->best[TD_ASK]) / 2.0;
}

static double day_move_ticks(const struct td_flow *f)
{
    return mid(f) * (double)f->config.volatility_bp / 1e4;
}

static int64_t top_lots(const struct td_flow *f)
{
    const int64_t lots = f->config.top_qty.e9 / f->config.lot.e9;
    return lots > 0 ? lots : 1;
}

/* A log-normal size of the given median, at least one lot. */
static int64_t draw_lots(struct td_flow *f, double median, double sigma)
{
    const double lots = median * exp(sigma * td_rng_normal(&f->rng));
    return lots < 1.0 ? 1 : lots > 1e6 ? 1000000 : (int64_t)lots;
}

/* What a level `i` ticks behind the best holds when it comes into view. */
static int64_t fresh_level(struct td_flow *f, size_t i)
{
    const double growth = 1.0 + 0.2 * (double)(i < 5 ? i : 5);
    if (td_rng_chance(&f->rng, f->config.spread_ticks > 1 ? 0.35 : 0.05))
        return 0;
    return draw_lots(f, (double)top_lots(f) * growth * 0.9, 0.6);
}

static void fill_ladder(struct td_flow *f)
{
    for (int side = TD_ASK; side <= TD_BID; side++) {
        for (size_t i = 0; i < TD_FLOW_LEVELS; i++)
            f->lots[side][i] = fresh_level(f, i);
        f->lots[side][0] = draw_lots(f, (double)top_lots(f), 0.6);
    }
}

void td_flow_open(struct td_flow *f, const struct td_flow_config *config)
{
    TD_REQUIRE(config->min_tick.e9 > 0 && config->lot.e9 > 0 &&
               config->start_px.e9 > config->min_tick.e9);
    memset(f, 0, sizeof *f);
    f->config = *config;
    const uint64_t name = td_hash_bytes(config->symbol, strlen(config->symbol));
    td_rng_init(&f->rng, config->seed ^ name);
    f->value = (double)(config->start_px.e9 / config->min_tick.e9);
    f->phase = TD_FLOW_DONE;
    f->size_mean = 1.5 + (double)top_lots(f) / 30.0;
    if (f->size_mean > 4.0)
        f->size_mean = 4.0;
    const double trades = (double)(config->day_volume.e9 / config->lot.e9) / f->size_mean;
    f->base = trades / 23400.0 * EVENTS_PER_TRADE;
    if (f->base > RATE_MAX)
        f->base = RATE_MAX;
}

/* Best prices around the latent value with the wanted spread, never below one tick. */
static void centre(struct td_flow *f)
{
    const int64_t spread = spread_wanted(f);
    int64_t bid = (int64_t)floor(f->value - (double)spread / 2.0 + 0.5);
    if (bid < 1)
        bid = 1;
    f->best[TD_BID] = bid;
    f->best[TD_ASK] = bid + spread;
    f->value = f->value < 2.0 ? 2.0 : f->value;
}

void td_flow_start_day(struct td_flow *f, const struct td_flow_day *day)
{
    const uint64_t name = td_hash_bytes(f->config.symbol, strlen(f->config.symbol));
    td_rng_init(&f->rng, f->config.seed ^ name ^ (uint64_t)day->day * UINT64_C(0x9e3779b97f4a7c15));
    f->day = *day;
    f->phase = TD_FLOW_CLOSED;
    f->now = day->hours.ext_open;
    f->excite = 0;
    f->shown = (struct td_quote){TD_PX_NONE, TD_PX_NONE, {0}, {0}};
    f->queue_head = f->queue_count = 0;
    const double day_move = f->value * (double)f->config.volatility_bp / 1e4;
    f->value += td_rng_normal(&f->rng) * day_move * OVERNIGHT_SHARE;
    f->halt_at = f->halt_end = TD_NS_NEVER;
    if (td_rng_chance(&f->rng, HALTS_PER_DAY)) {
        f->halt_at = td_rng_between(&f->rng, day->hours.open, day->hours.close - 1);
        f->halt_end = f->halt_at + 5 * TD_MIN;
    }
    centre(f);
    fill_ladder(f);
}

static struct td_event *push(struct td_flow *f, enum td_event_kind kind)
{
    TD_REQUIRE(f->queue_count < TD_FLOW_QUEUE);
    struct td_event *ev = &f->queue[(f->queue_head + f->queue_count++) % TD_FLOW_QUEUE];
    *ev = (struct td_event){
        .venue_ns = f->now, .inst = f->config.inst, .kind = (uint8_t)kind, .generated = true};
    f->produced++;
    return ev;
}

static void push_status(struct td_flow *f, enum td_status status)
{
    push(f, TD_EV_STATUS)->status = (uint8_t)status;
}

static void push_trade(struct td_flow *f, int64_t ticks, int64_t lots, int resting_side)
{
    struct td_trade *t = &push(f, TD_EV_TRADE)->trade;
    t->px.e9 = ticks * f->config.min_tick.e9;
    t->qty.e9 = lots * f->config.lot.e9;
    t->aggressor = (uint8_t)resting_side;
    f->trades++;
}

static void push_quote_if_changed(struct td_flow *f)
{
    const struct td_quote q = {.bid = {f->best[TD_BID] * f->config.min_tick.e9},
                               .bid_qty = {f->lots[TD_BID][0] * f->config.lot.e9},
                               .ask = {f->best[TD_ASK] * f->config.min_tick.e9},
                               .ask_qty = {f->lots[TD_ASK][0] * f->config.lot.e9}};
    if (q.bid.e9 == f->shown.bid.e9 && q.ask.e9 == f->shown.ask.e9 &&
        q.bid_qty.e9 == f->shown.bid_qty.e9 && q.ask_qty.e9 == f->shown.ask_qty.e9)
        return;
    f->shown = q;
    push(f, TD_EV_QUOTE)->quote = q;
}

/* Drops empty levels at the front: the best price moves away and fresh levels come into view behind. */
static void settle(struct td_flow *f, enum td_side side)
{
    int64_t *lots = f->lots[side];
    while (lots[0] == 0) {
        if (side == TD_BID && f->best[TD_BID] <= 1) {
            lots[0] = 1;
            return;
        }
        memmove(lots, lots + 1, (TD_FLOW_LEVELS - 1) * sizeof *lots);
        lots[TD_FLOW_LEVELS - 1] = draw_lots(f, (double)top_lots(f) * 2.0, 0.6);
        f->best[side] += side == TD_BID ? -1 : 1;
    }
}

/* A new order one or more ticks inside the spread becomes the best. */
static void improve(struct td_flow *f, enum td_side side, int64_t ticks, int64_t lots)
{
    int64_t *ladder = f->lots[side];
    for (; ticks > 0; ticks--) {
        memmove(ladder + 1, ladder, (TD_FLOW_LEVELS - 1) * sizeof *ladder);
        ladder[0] = 0;
        f->best[side] += side == TD_BID ? 1 : -1;
    }
    ladder[0] = lots;
}

/* How much the latent value is above the middle, -1..1 in units of a spread. */
static double pull(const struct td_flow *f)
{
    const double gap = (f->value - mid(f)) / (double)(f->best[TD_ASK] - f->best[TD_BID] + 1);
    return gap > 1.0 ? 1.0 : gap < -1.0 ? -1.0 : gap;
}

static void market_order(struct td_flow *f)
{
    const bool buy = td_rng_chance(&f->rng, 0.5 + 0.4 * pull(f));
    const enum td_side side = buy ? TD_ASK : TD_BID;
    int64_t lots = td_rng_chance(&f->rng, 0.65) ? 1 : draw_lots(f, f->size_mean * 1.2, 0.9);
    /* At most the best level and the next: deeper sweeps are several orders. */
    for (int level = 0; level < 2 && lots > 0; level++) {
        const int64_t part = lots < f->lots[side][0] ? lots : f->lots[side][0];
        push_trade(f, f->best[side], part, (int)side);
        f->lots[side][0] -= part;
        lots -= part;
        settle(f, side);
    }
}

/* 0 = best, then geometrically rarer. */
static size_t draw_level(struct td_flow *f)
{
    size_t level = 0;
    while (level < TD_FLOW_LEVELS / 4 && !td_rng_chance(&f->rng, 0.45))
        level++;
    return level;
}

static void limit_order(struct td_flow *f, enum td_side side)
{
    const int64_t spread = f->best[TD_ASK] - f->best[TD_BID];
    const int64_t wanted = spread_wanted(f);
    const double eager = spread > wanted ? 0.75 : 0.12 * (double)spread / (double)wanted;
    const int64_t lots = draw_lots(f, (double)top_lots(f) * 0.25, 0.8);
    /* The side the value moves to follows it; the other one rarely steps into its way. */
    const double towards = side == TD_BID ? pull(f) : -pull(f);
    if (spread > 1 && td_rng_chance(&f->rng, eager * (towards > -0.3 ? 1.0 : 0.2))) {
        const int64_t most = spread > wanted + 1 ? (spread - wanted) / 2 + 1 : 1;
        improve(f, side, td_rng_between(&f->rng, 1, most < spread ? most : spread - 1), lots);
        return;
    }
    f->lots[side][draw_level(f)] += lots;
}

static void cancel_order(struct td_flow *f, enum td_side side)
{
    int64_t *lots = &f->lots[side][draw_level(f)];
    const int64_t size = draw_lots(f, (double)top_lots(f) * 0.25, 0.8);
    *lots = *lots > size ? *lots - size : 0;
    settle(f, side);
}

/* Limit or cancel, whichever brings the best level back towards its typical size; a side the value runs
 * over is cancelled more. */
static void book_order(struct td_flow *f)
{
    const enum td_side side = (enum td_side)td_rng_below(&f->rng, 2);
    const double fullness = (double)f->lots[side][0] / (double)top_lots(f);
    const double against = side == TD_ASK ? pull(f) : -pull(f);
    double limit = 0.5 + 0.18 * (1.2 - fullness) - 0.15 * against;
    limit = limit > 0.9 ? 0.9 : limit < 0.15 ? 0.15 : limit;
    if (td_rng_chance(&f->rng, limit))
        limit_order(f, side);
    else
        cancel_order(f, side);
}

static double rate_profile(const struct td_flow *f)
{
    if (f->phase != TD_FLOW_REGULAR)
        return EXTENDED_SHARE;
    const td_ns length = f->day.hours.close - f->day.hours.open;
    const int64_t part = length > 0 ? (f->now - f->day.hours.open) * 13 / length : 0;
    return profile[part < 0 ? 0 : part > 12 ? 12 : part] * 13.0;
}

/* The next arrival by thinning (Ogata 1981): the rate only falls between events. */
static td_ns next_arrival(struct td_flow *f)
{
    const double base = f->base * (1.0 - BRANCHING) * rate_profile(f);
    double elapsed = 0;
    for (;;) {
        const double now = base + f->excite * exp(-DECAY * elapsed);
        elapsed += td_rng_exp(&f->rng, 1.0 / now);
        const double then = base + f->excite * exp(-DECAY * elapsed);
        if (td_rng_unit(&f->rng) * now <= then)
            break;
    }
    f->excite = f->excite * exp(-DECAY * elapsed) + BRANCHING * DECAY;
    const double regular = (double)(f->day.hours.close - f->day.hours.open) / (double)TD_SEC;
    const double share = elapsed / (regular > 1.0 ? regular : 1.0) * rate_profile(f);
    f->value += td_rng_normal(&f->rng) * day_move_ticks(f) * sqrt(share);
    return f->now + (td_ns)(elapsed * 1e9) + 1;
}

/* One print with a part of the day's volume at the middle of the book. */
static void auction(struct td_flow *f, double share)
{
    push_status(f, TD_STATUS_AUCTION);
    const double lots = (double)(f->config.day_volume.e9 / f->config.lot.e9) * share;
    push_trade(f, (int64_t)mid(f), draw_lots(f, lots, 0.3), 2);
    push_status(f, TD_STATUS_OPEN);
}

static bool has_auctions(const struct td_flow *f)
{
    return f->day.hours.ext_open < f->day.hours.open;
}

static td_ns phase_end(const struct td_flow *f)
{
    const struct td_venue_hours *h = &f->day.hours;
    if (f->phase == TD_FLOW_PRE)
        return h->open;
    if (f->phase == TD_FLOW_REGULAR)
        return f->halt_at < h->close ? f->halt_at : h->close;
    return h->ext_close;
}

/* Halts last to their end or to the close, whichever comes first. */
static void halt(struct td_flow *f)
{
    push_status(f, TD_STATUS_HALTED);
    f->halt_at = TD_NS_NEVER;
    if (f->halt_end < f->day.hours.close)
        f->now = f->halt_end;
    else
        f->now = f->day.hours.close - 1;
    f->excite = 0;
    centre(f);
    push_status(f, TD_STATUS_OPEN);
    push_quote_if_changed(f);
}

static void change_phase(struct td_flow *f)
{
    switch ((enum td_flow_phase)f->phase) {
    case TD_FLOW_CLOSED:
        push_status(f, TD_STATUS_OPEN);
        f->phase = has_auctions(f) ? TD_FLOW_PRE : TD_FLOW_REGULAR;
        push_quote_if_changed(f);
        return;
    case TD_FLOW_PRE:
        f->phase = TD_FLOW_REGULAR;
        auction(f, 0.015);
        centre(f);
        push_quote_if_changed(f);
        return;
    case TD_FLOW_REGULAR:
        if (f->now < f->day.hours.close) {
            halt(f);
            return;
        }
        f->phase = TD_FLOW_POST;
        if (has_auctions(f))
            auction(f, 0.05);
        return;
    case TD_FLOW_POST:
        push_status(f, TD_STATUS_CLOSED);
        f->phase = TD_FLOW_DONE;
        return;
    case TD_FLOW_DONE:
        return;
    }
}

static void step(struct td_flow *f)
{
    if (f->phase == TD_FLOW_CLOSED) {
        change_phase(f);
        return;
    }
    const td_ns at = next_arrival(f);
    const td_ns end = phase_end(f);
    if (at >= end) {
        f->now = end;
        change_phase(f);
        return;
    }
    f->now = at;
    if (td_rng_chance(&f->rng, 1.0 / EVENTS_PER_TRADE))
        market_order(f);
    else
        book_order(f);
    push_quote_if_changed(f);
}

bool td_flow_next(struct td_flow *f, struct td_event *out)
{
    while (f->queue_count == 0) {
        if (f->phase == TD_FLOW_DONE)
            return false;
        step(f);
    }
    *out = f->queue[f->queue_head];
    f->queue_head = (f->queue_head + 1) % TD_FLOW_QUEUE;
    f->queue_count--;
    return true;
}

size_t td_flow_levels(const struct td_flow *f, enum td_side side, struct td_venue_level *out,
                      size_t cap)
{
    size_t n = 0;
    for (int64_t i = 0; i < TD_FLOW_LEVELS && n < cap; i++) {
        const int64_t ticks = f->best[side] + (side == TD_BID ? -i : i);
        if (f->lots[side][i] == 0 || ticks < 1)
            continue;
        out[n++] = (struct td_venue_level){.px = {ticks * f->config.min_tick.e9},
                                           .qty = {f->lots[side][i] * f->config.lot.e9}};
    }
    return n;
}
