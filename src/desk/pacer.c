/* desk/pacer.c - sliding windows over what was sent. */
#include "desk/pacer.h"

#include <string.h>

#define STEP_SPAN (10 * TD_SEC)

#define RULE_ROW(name, what_, counted_, held_, window_, count_, per_, slowed_, ring_)              \
    {.what = (what_),                                                                              \
     .counted = (counted_),                                                                        \
     .held = (held_),                                                                              \
     .window = (window_),                                                                          \
     .count = (count_),                                                                            \
     .per = TD_PACE_PER_##per_,                                                                    \
     .slowed = (slowed_),                                                                          \
     .ring = (ring_)},
static const struct td_pace_rule rules[] = {TD_PACE_RULES(RULE_ROW)};
#undef RULE_ROW

const struct td_pace_rule *td_pacer_rules(size_t *count)
{
    *count = TD_COUNT(rules);
    return rules;
}

void td_pacer_init(struct td_pacer *p)
{
    memset(p, 0, sizeof *p);
    p->rate_then = TD_PACE_RATE;
}

int32_t td_pacer_rate(const struct td_pacer *p, td_ns now)
{
    const int64_t steps = (now - p->slowed_at) / STEP_SPAN;
    const int64_t rate = steps < TD_PACE_RATE ? p->rate_then + TD_PACE_STEP * steps : TD_PACE_RATE;
    return rate < TD_PACE_RATE ? (int32_t)rate : TD_PACE_RATE;
}

static uint64_t key_of(const struct td_pace_rule *rule, const struct td_pace *what)
{
    switch (rule->per) {
    case TD_PACE_PER_REQUEST:
        return what->request;
    case TD_PACE_PER_STREAM:
        return what->stream;
    case TD_PACE_PER_NONE:
        break;
    }
    return 0;
}

static int32_t weight_of(const struct td_pace *what)
{
    return what->weight > 1 ? what->weight : 1;
}

static size_t ring_at(size_t rule)
{
    size_t at = 0;
    for (size_t i = 0; i < rule; i++)
        at += rules[i].ring;
    return at;
}

/* How many the rule allows now, besides what is to be sent. */
static int32_t room(const struct td_pacer *p, const struct td_pace_rule *rule, int32_t weight,
                    td_ns now)
{
    int32_t count = rule->count;
    if (rule->slowed)
        count = count * td_pacer_rate(p, now) / TD_PACE_RATE;
    return count > weight ? count - weight : 0;
}

/* The newest sends first: the one that leaves too many behind it must drop out of the window. */
static td_ns free_at(const struct td_pacer *p, size_t r, const struct td_pace *what, td_ns now)
{
    const struct td_pace_rule *rule = &rules[r];
    const struct td_pace_sent *ring = p->rings + ring_at(r);
    const uint64_t key = key_of(rule, what), ever = p->counts[r];
    const uint64_t kept = ever < rule->ring ? ever : rule->ring;
    int32_t left = room(p, rule, weight_of(what), now);
    for (uint64_t i = 0; i < kept; i++) {
        const struct td_pace_sent *s = &ring[(ever - 1 - i) % rule->ring];
        const bool forgotten = i + 1 == rule->ring; /* what came before it is not known */
        if (s->at + rule->window <= now)
            break;
        if (forgotten || (s->key == key && left-- == 0))
            return s->at + rule->window;
    }
    return now;
}

td_ns td_pacer_when(const struct td_pacer *p, const struct td_pace *what, td_ns now)
{
    const bool history = what->kind == TD_PACE_HISTORY || what->kind == TD_PACE_HISTORY_SMALL;
    td_ns at = now;
    if (history && p->in_flight >= TD_PACE_IN_FLIGHT)
        return TD_NS_NEVER;
    for (size_t r = 0; r < TD_COUNT(rules); r++) {
        const td_ns free = rules[r].held & 1u << what->kind ? free_at(p, r, what, now) : now;
        at = free > at ? free : at;
    }
    return at;
}

void td_pacer_sent(struct td_pacer *p, const struct td_pace *what, td_ns now)
{
    p->sent++;
    if (what->kind == TD_PACE_HISTORY || what->kind == TD_PACE_HISTORY_SMALL)
        p->in_flight++;
    for (size_t r = 0; r < TD_COUNT(rules); r++) {
        struct td_pace_sent *ring = p->rings + ring_at(r);
        if (!(rules[r].counted & 1u << what->kind))
            continue;
        const int32_t times =
            what->kind == TD_PACE_HISTORY_SMALL && rules[r].per == TD_PACE_PER_NONE
                ? weight_of(what)
                : 1;
        const bool message = rules[r].slowed; /* a message is one message, whatever it weighs */
        for (int32_t i = 0; i < (message ? 1 : times); i++)
            ring[p->counts[r]++ % rules[r].ring] =
                (struct td_pace_sent){now, key_of(&rules[r], what)};
    }
}

void td_pacer_answered(struct td_pacer *p)
{
    if (p->in_flight > 0)
        p->in_flight--;
}

void td_pacer_lost(struct td_pacer *p)
{
    p->in_flight = 0;
}

void td_pacer_refused(struct td_pacer *p, td_ns now)
{
    p->refused++;
    if (p->slowed_at && now - p->slowed_at < TD_SEC)
        return;
    const int32_t half = td_pacer_rate(p, now) / 2;
    p->rate_then = half > TD_PACE_RATE_LOW ? half : TD_PACE_RATE_LOW;
    p->slowed_at = now;
}
