/* desk/desk_volume.c - what the market trades: a line's curve over the day from its bars, the volume since a parent began,
 * and which algorithm that asks for. */
#include <math.h>

#include "desk/desk_inner.h"

#define OPENS_HOUR   9 /* the regular session of US stocks, New York time */
#define OPENS_MINUTE 30

static td_ns session_start(const struct td_desk *d, int64_t day)
{
    return td_tz_at(&d->new_york, day, OPENS_HOUR, OPENS_MINUTE, 0);
}

/* --- curves --- */

static void begin_curve_day(struct desk_curve *c, int64_t day)
{
    for (int i = 0; i < TD_ALGO_BUCKETS; i++) {
        c->past[i] += c->today[i];
        c->today[i] = 0;
    }
    c->days += c->day != 0;
    c->day = day;
}

/* A bar's volume goes evenly to the buckets it covers. */
static void take_bar(struct td_desk *d, uint32_t line, const struct td_event *event)
{
    struct desk_curve *c = &d->algos.curves[line];
    const td_ns span = event->bar.span > TD_ALGO_BUCKET ? event->bar.span : TD_ALGO_BUCKET;
    const int64_t parts = span / TD_ALGO_BUCKET, day = td_tz_day(&d->new_york, event->venue_ns);
    const double volume =
        td_qty_is_none(event->bar.volume) ? 0 : td_e9_to_double(event->bar.volume.e9);
    if (!d->new_york.types || event->venue_ns <= c->last || volume < 0)
        return; /* told again after a reconnect */
    c->last = event->venue_ns;
    if (day != c->day)
        begin_curve_day(c, day);
    const td_ns into = event->venue_ns - session_start(d, day);
    for (int64_t k = 0; k < parts && into >= 0; k++) {
        const int64_t bucket = into / TD_ALGO_BUCKET + k;
        if (bucket < TD_ALGO_BUCKETS)
            c->today[bucket] += volume / (double)parts;
    }
}

void desk_see_volume(struct td_desk *d, uint32_t line, const struct td_event *event, bool warmup)
{
    if (event->kind == TD_EV_BAR)
        take_bar(d, line, event);
    if (event->kind != TD_EV_TRADE || warmup || td_qty_is_none(event->trade.qty))
        return;
    for (uint32_t i = 0; i < DESK_ALGOS_MAX && d->algos.count; i++) {
        struct desk_algo *a = &d->algos.rows[i];
        td_qty sum;
        if (a->key && a->line == line && event->trade.qty.e9 > 0 &&
            td_qty_add(a->traded, event->trade.qty, &sum) == TD_OK)
            a->traded = sum;
    }
}

/* The buckets from `at` on for `span`. False: they are not all within the session, or one has no volume. */
static bool buckets_of(const struct td_desk *d, uint32_t line, td_ns at, td_ns span, int64_t *first,
                       int64_t *last)
{
    const struct desk_curve *c = &d->algos.curves[line];
    if (!at || !d->new_york.types || c->days == 0)
        return false;
    const td_ns into = at - session_start(d, td_tz_day(&d->new_york, at));
    *first = into / TD_ALGO_BUCKET;
    *last = (into + span - 1) / TD_ALGO_BUCKET;
    if (into < 0 || *last >= TD_ALGO_BUCKETS)
        return false;
    for (int64_t i = *first; i <= *last; i++)
        if (!(c->past[i] > 0))
            return false;
    return true;
}

bool desk_give_curve(struct td_desk *d, struct desk_algo *a)
{
    int64_t first, last;
    const td_ns at = desk_market_time(d);
    if (!buckets_of(d, a->line, at, a->plan.span, &first, &last))
        return false;
    memcpy(a->curve, d->algos.curves[a->line].past, sizeof a->curve);
    a->plan.curve = a->curve;
    a->plan.buckets = TD_ALGO_BUCKETS;
    a->plan.curve_start = a->plan.start - (at - session_start(d, td_tz_day(&d->new_york, at)));
    return true;
}

/* --- which algorithm --- */

/* The order as a part of what the market trades in its time on other days; NaN: not known. */
static double expected_part(const struct td_desk *d, uint32_t line, td_qty qty)
{
    const struct desk_curve *c = &d->algos.curves[line];
    int64_t first, last;
    double volume = 0;
    if (!buckets_of(d, line, desk_market_time(d), d->algos.preset.span, &first, &last))
        return (double)NAN;
    for (int64_t i = first; i <= last; i++)
        volume += c->past[i] / c->days;
    return td_e9_to_double(qty.e9) / volume;
}

/* What can be split: a market or limit order of more than a unit that stands alone and lives for the day. */
static bool may_work(const struct td_intent *i)
{
    return (i->type == TD_ORDER_MARKET || i->type == TD_ORDER_LIMIT) && i->tif == TD_TIF_DAY &&
           !i->group && i->display.e9 <= 0 && i->qty.e9 > TD_E9 && !td_qty_is_none(i->qty);
}

uint8_t desk_choose_algo(const struct td_desk *d, uint32_t line, const struct td_intent *intent)
{
    const struct td_algo_preset *p = &d->algos.preset;
    if (intent->algo != TD_ALGO_NONE || !may_work(intent))
        return intent->algo;
    if (!p->by_size)
        return p->algo;
    const double part = expected_part(d, line, intent->qty);
    const enum td_algo by_size = td_algo_by_size(intent->qty, !isnan(part));
    const enum td_algo by_part = td_algo_route(part, (double)NAN, (double)NAN, !isnan(part));
    return (uint8_t)(by_size != TD_ALGO_NONE && by_part == TD_ALGO_ICEBERG ? by_part : by_size);
}
