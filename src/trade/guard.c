/* trade/guard.c - a stop that ratchets, and the few states of closing by it. */
#include "trade/guard.h"

static bool is_long(const struct td_guard_terms *t)
{
    return t->action == TD_SELL;
}

static bool is_price(td_px px)
{
    return !td_px_is_none(px) && px.e9 > 0;
}

bool td_guard_is_active(const struct td_guard_watch *w)
{
    return w->state == TD_GUARD_PENDING || w->state == TD_GUARD_TRIGGERED;
}

static void set_state(struct td_guard_watch *w, enum td_guard_state state,
                      struct td_guard_stats *stats)
{
    const bool before = td_guard_is_active(w);
    w->state = (uint8_t)state;
    const bool after = td_guard_is_active(w);
    stats->active_stops += (uint32_t)(after && !before);
    stats->active_stops -= (uint32_t)(before && !after);
}

/* --- where the stop stands --- */

/* `distance` away from a price, on the side of the loss. Unset when it would not be a price. */
static td_px beyond(td_px from, int64_t distance, bool under)
{
    int64_t px;
    const enum td_err err =
        under ? td_e9_sub(from.e9, distance, &px) : td_e9_add(from.e9, distance, &px);
    return err || px <= 0 ? TD_PX_NONE : (td_px){px};
}

/* The stop that belongs to this best price. */
static td_px stop_at(const struct td_guard_terms *t, td_px best)
{
    int64_t distance = t->trail.e9;
    if (t->kind != TD_GUARD_TRAIL && td_e9_mul(best.e9, t->part_e9, &distance) != TD_OK)
        return TD_PX_NONE;
    return beyond(best, distance, is_long(t));
}

static bool fits_kind(const struct td_guard_terms *t)
{
    const bool part = t->part_e9 > 0 && t->part_e9 < TD_E9;
    switch (t->kind) {
    case TD_GUARD_FIXED:
        return part || is_price(t->stop);
    case TD_GUARD_TRAIL:
        return is_price(t->trail);
    case TD_GUARD_TRAIL_PART:
        return part;
    }
    return false;
}

/* --- arming --- */

static void stand(struct td_guard_watch *w, const struct td_guard_terms *terms, td_ns now,
                  struct td_guard_stats *stats)
{
    set_state(w, TD_GUARD_OFF, stats);
    *w = (struct td_guard_watch){
        .state = TD_GUARD_OFF, .terms = *terms, .armed = now, .trigger_px = TD_PX_NONE};
    set_state(w, TD_GUARD_PENDING, stats);
    stats->total_stops++;
}

enum td_err td_guard_arm(struct td_guard_watch *w, const struct td_guard_terms *terms, td_ns now,
                         struct td_guard_stats *stats)
{
    struct td_guard_terms t = *terms;
    if (td_qty_is_none(t.qty) || t.qty.e9 <= 0 || t.action > TD_SELL || !fits_kind(&t))
        return TD_EINVAL;
    if (!is_price(t.stop))
        t.stop = is_price(t.entry) ? stop_at(&t, t.entry) : TD_PX_NONE;
    if (!is_price(t.stop))
        return TD_EINVAL;
    stand(w, &t, now, stats);
    return TD_OK;
}

void td_guard_restore(struct td_guard_watch *w, const struct td_guard_terms *terms, bool triggered,
                      td_ns now, struct td_guard_stats *stats)
{
    stand(w, terms, now, stats);
    if (!triggered)
        return;
    set_state(w, TD_GUARD_TRIGGERED, stats);
    w->triggered = w->next_try = now;
}

void td_guard_again(struct td_guard_watch *w, struct td_guard_stats *stats)
{
    if (w->state != TD_GUARD_FAILED)
        return;
    w->tries = 0;
    set_state(w, TD_GUARD_PENDING, stats);
}

/* --- the look --- */

static uint32_t tell_age(struct td_guard_watch *w, bool fresh, bool open)
{
    if (!fresh && open && !w->stale) {
        w->stale = true;
        return TD_GUARD_WENT_STALE;
    }
    if (fresh && w->stale) {
        w->stale = false;
        return TD_GUARD_CAME_FRESH;
    }
    return 0;
}

static uint32_t ratchet(struct td_guard_watch *w, td_px price, struct td_guard_stats *stats)
{
    struct td_guard_terms *t = &w->terms;
    const td_px stop = t->kind == TD_GUARD_FIXED ? TD_PX_NONE : stop_at(t, price);
    if (td_px_is_none(stop) || (is_long(t) ? stop.e9 <= t->stop.e9 : stop.e9 >= t->stop.e9))
        return 0;
    t->stop = stop;
    stats->trailing_adjustments_today++;
    return TD_GUARD_MOVED;
}

static bool has_passed(const struct td_guard_terms *t, td_px price, td_px stop)
{
    return is_long(t) ? price.e9 <= stop.e9 : price.e9 >= stop.e9;
}

static uint32_t watch_price(struct td_guard_watch *w, const struct td_guard_sight *s,
                            struct td_guard_stats *stats)
{
    if (!has_passed(&w->terms, s->price, w->terms.stop))
        return ratchet(w, s->price, stats);
    const bool broker_first =
        is_price(s->broker_stop) && has_passed(&w->terms, s->price, s->broker_stop);
    set_state(w, TD_GUARD_TRIGGERED, stats);
    w->triggered = s->now;
    w->trigger_px = s->price;
    w->tries = 0;
    w->next_try = s->now + (broker_first ? TD_GUARD_SECOND_LINE : 0);
    stats->triggered_today++;
    return TD_GUARD_TRIGGER;
}

static uint32_t press_on(struct td_guard_watch *w, const struct td_guard_sight *s,
                         struct td_guard_stats *stats)
{
    if (s->closing || s->blocked || s->now < w->next_try)
        return 0;
    if (w->tries == TD_GUARD_TRIES) {
        set_state(w, TD_GUARD_FAILED, stats);
        stats->failed_today++;
        return TD_GUARD_HALT;
    }
    w->tries++;
    w->next_try = s->now + TD_GUARD_TRY_AGAIN;
    return TD_GUARD_EXIT;
}

uint32_t td_guard_look(struct td_guard_watch *w, const struct td_guard_sight *s,
                       struct td_guard_stats *stats)
{
    if (!td_guard_is_active(w))
        return 0;
    const bool fresh = is_price(s->price) && s->now - s->price_at <= TD_GUARD_FRESH;
    uint32_t todo = tell_age(w, fresh, s->open);
    if (w->state == TD_GUARD_PENDING && fresh)
        todo |= watch_price(w, s, stats);
    if (w->state == TD_GUARD_TRIGGERED)
        todo |= press_on(w, s, stats);
    return todo;
}

bool td_guard_resize(struct td_guard_watch *w, td_qty qty, td_ns now, struct td_guard_stats *stats)
{
    const bool standing = td_guard_is_active(w) || w->state == TD_GUARD_FAILED;
    if (!standing || w->terms.qty.e9 == qty.e9)
        return false;
    if (qty.e9 > 0) {
        w->terms.qty = qty;
        return true;
    }
    const bool executed = w->state != TD_GUARD_PENDING;
    set_state(w, executed ? TD_GUARD_EXECUTED : TD_GUARD_CANCELLED, stats);
    if (executed) {
        stats->executed_today++;
        stats->trigger_time_sum += now - w->triggered;
    }
    w->terms.qty = TD_QTY(0);
    return true;
}

void td_guard_begin_day(struct td_guard_stats *stats)
{
    *stats = (struct td_guard_stats){.total_stops = stats->total_stops,
                                     .active_stops = stats->active_stops};
}

const char *td_guard_state_word(enum td_guard_state state)
{
    static const char *const words[] = {"off",      "pending", "triggered",
                                        "executed", "failed",  "cancelled"};
    return (unsigned)state < TD_COUNT(words) ? words[state] : "?";
}

const char *td_guard_kind_word(enum td_guard_kind kind)
{
    static const char *const words[] = {"fixed", "trailing", "trailing_percent"};
    return (unsigned)kind < TD_COUNT(words) ? words[kind] : "?";
}
