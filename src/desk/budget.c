/* desk/budget.c - two lists of items: who holds a slot, who waits for one. */
#include "desk/budget.h"

#include "base/defs.h"

static const struct td_budget_list no_list = {TD_BUDGET_NOBODY, TD_BUDGET_NOBODY, 0};

void td_budget_init(struct td_budget *b, struct td_budget_item *items, uint32_t count,
                    uint32_t slots, td_ns dwell)
{
    TD_REQUIRE(slots >= 1);
    *b = (struct td_budget){.items = items,
                            .count = count,
                            .slots = slots,
                            .slots_max = slots,
                            .dwell = dwell,
                            .waiting = no_list,
                            .held = no_list,
                            .again = TD_NS_NEVER};
    for (uint32_t i = 0; i < count; i++)
        items[i] =
            (struct td_budget_item){TD_BUDGET_NOBODY, TD_BUDGET_NOBODY, 0, TD_BUDGET_OUT, false};
}

static void link_after(struct td_budget *b, struct td_budget_list *list, uint32_t before,
                       uint32_t item)
{
    const uint32_t after = before == TD_BUDGET_NOBODY ? list->first : b->items[before].after;
    b->items[item].before = before;
    b->items[item].after = after;
    if (before == TD_BUDGET_NOBODY)
        list->first = item;
    else
        b->items[before].after = item;
    if (after == TD_BUDGET_NOBODY)
        list->last = item;
    else
        b->items[after].before = item;
    list->count++;
}

static void unlink_item(struct td_budget *b, struct td_budget_list *list, uint32_t item)
{
    struct td_budget_item *it = &b->items[item];
    if (it->before == TD_BUDGET_NOBODY)
        list->first = it->after;
    else
        b->items[it->before].after = it->after;
    if (it->after == TD_BUDGET_NOBODY)
        list->last = it->before;
    else
        b->items[it->after].before = it->before;
    list->count--;
}

static void take_out(struct td_budget *b, uint32_t item)
{
    struct td_budget_item *it = &b->items[item];
    if (it->state != TD_BUDGET_OUT)
        unlink_item(b, it->state == TD_BUDGET_HELD ? &b->held : &b->waiting, item);
    it->state = TD_BUDGET_OUT;
}

static void put_in_queue(struct td_budget *b, uint32_t item, bool at_head, td_ns now)
{
    b->items[item].state = TD_BUDGET_WAITING;
    b->items[item].since = now;
    link_after(b, &b->waiting, at_head ? TD_BUDGET_NOBODY : b->waiting.last, item);
}

void td_budget_want(struct td_budget *b, uint32_t item, td_ns now)
{
    TD_REQUIRE(item < b->count);
    if (b->items[item].state == TD_BUDGET_OUT)
        put_in_queue(b, item, false, now);
}

void td_budget_drop(struct td_budget *b, uint32_t item)
{
    TD_REQUIRE(item < b->count);
    take_out(b, item);
}

void td_budget_clear(struct td_budget *b)
{
    for (uint32_t i = 0; i < b->count; i++)
        b->items[i].state = TD_BUDGET_OUT;
    b->waiting = b->held = no_list;
}

void td_budget_refused(struct td_budget *b, uint32_t item, td_ns now)
{
    TD_REQUIRE(item < b->count);
    if (b->items[item].state != TD_BUDGET_HELD)
        return;
    take_out(b, item);
    put_in_queue(b, item, true, now);
    b->refusals++;
    b->slots = b->held.count; /* 0 too: nothing is asked until it is tried again */
    b->again = now + TD_BUDGET_AGAIN;
}

/* The holder that must go: above the number the newest, for a turn the oldest; never a pinned one, unless
 * nobody else is left and there are too many. */
static uint32_t who_leaves(const struct td_budget *b, bool too_many)
{
    uint32_t item = too_many ? b->held.last : b->held.first;
    while (item != TD_BUDGET_NOBODY && b->items[item].pinned)
        item = too_many ? b->items[item].before : b->items[item].after;
    return item == TD_BUDGET_NOBODY && too_many ? b->held.last : item;
}

static td_ns turn_at(const struct td_budget *b)
{
    const uint32_t item = who_leaves(b, false);
    if (!b->dwell || !b->waiting.count || item == TD_BUDGET_NOBODY)
        return TD_NS_NEVER;
    return b->items[item].since + b->dwell;
}

bool td_budget_next(struct td_budget *b, td_ns now, struct td_budget_change *out)
{
    if (now >= b->again) {
        b->slots += b->slots < b->slots_max;
        b->again = b->slots < b->slots_max ? now + TD_BUDGET_AGAIN : TD_NS_NEVER;
    }
    const bool too_many = b->held.count > b->slots;
    if (!too_many && b->waiting.count && b->held.count < b->slots) {
        *out = (struct td_budget_change){b->waiting.first, true};
        take_out(b, out->item);
        b->items[out->item].state = TD_BUDGET_HELD;
        b->items[out->item].since = now;
        link_after(b, &b->held, b->held.last, out->item);
        return true;
    }
    if (!too_many && (b->held.count < b->slots || now < turn_at(b)))
        return false;
    *out = (struct td_budget_change){who_leaves(b, too_many), false};
    take_out(b, out->item);
    put_in_queue(b, out->item, false, now);
    b->rotations++;
    return true;
}

td_ns td_budget_deadline(const struct td_budget *b)
{
    if (b->held.count > b->slots || (b->waiting.count && b->held.count < b->slots))
        return 0;
    const td_ns turn = b->held.count == b->slots ? turn_at(b) : TD_NS_NEVER;
    const td_ns again = b->waiting.count ? b->again : TD_NS_NEVER;
    return turn < again ? turn : again;
}

bool td_budget_holds(const struct td_budget *b, uint32_t item)
{
    return item < b->count && b->items[item].state == TD_BUDGET_HELD;
}
