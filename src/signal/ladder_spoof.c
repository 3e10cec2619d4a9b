/* signal/ladder_spoof.c - a skip list of adds that wait for their removal. */
#include "signal/ladder_spoof.h"

#include <string.h>

#define NONE UINT32_MAX

void td_spoof_init(struct td_spoof *s, struct td_spoof_node *nodes, uint32_t cap)
{
    TD_REQUIRE(cap >= 16 && (cap & (cap - 1)) == 0);
    memset(s, 0, sizeof *s);
    s->nodes = nodes;
    s->cap = cap;
    for (int h = 0; h < TD_SPOOF_HEIGHT; h++)
        s->head[h] = NONE;
}

/* Where an add stands in the list: by side, row, price, then number. */
static int compare(const struct td_spoof_candidate *a, const struct td_spoof_candidate *b)
{
    if (a->side != b->side)
        return a->side < b->side ? -1 : 1;
    if (a->row != b->row)
        return a->row < b->row ? -1 : 1;
    if (a->px.e9 != b->px.e9)
        return a->px.e9 < b->px.e9 ? -1 : 1;
    return (a->seq > b->seq) - (a->seq < b->seq);
}

/* The last nodes before `key` on every level; NONE: the head. */
static void find_before(const struct td_spoof *s, const struct td_spoof_candidate *key,
                        uint32_t *before)
{
    uint32_t at = NONE;
    for (int h = TD_SPOOF_HEIGHT - 1; h >= 0; h--) {
        uint32_t next = at == NONE ? s->head[h] : s->nodes[at].next[h];
        while (next != NONE && compare(&s->nodes[next].add, key) < 0) {
            at = next;
            next = s->nodes[at].next[h];
        }
        before[h] = at;
    }
}

static uint32_t *link_of(struct td_spoof *s, uint32_t before, int h)
{
    return before == NONE ? &s->head[h] : &s->nodes[before].next[h];
}

/* Takes out the node right behind `before`. */
static void unlink_node(struct td_spoof *s, const uint32_t *before, uint32_t at)
{
    struct td_spoof_node *n = &s->nodes[at];
    for (int h = 0; h < n->height; h++)
        *link_of(s, before[h], h) = n->next[h];
    n->waits = false;
}

static void drop_oldest(struct td_spoof *s)
{
    uint32_t before[TD_SPOOF_HEIGHT];
    const uint32_t at = (uint32_t)(s->oldest++ & (s->cap - 1));
    if (!s->nodes[at].waits)
        return;
    find_before(s, &s->nodes[at].add, before);
    unlink_node(s, before, at);
}

/* The time that counts, after those that have waited too long have gone. */
static td_ns advance(struct td_spoof *s, td_ns at)
{
    if (s->adds + s->removals == 0)
        s->first_ns = s->last_ns = at;
    s->late += at < s->last_ns;
    s->last_ns = at > s->last_ns ? at : s->last_ns;
    while (s->oldest < s->adds &&
           s->last_ns - s->nodes[s->oldest & (s->cap - 1)].add.at_ns >= TD_SPOOF_QUICK_NS)
        drop_oldest(s);
    return s->last_ns;
}

/* One level more with a chance of a quarter, from the add's number, so that runs repeat. */
static uint8_t height_of(uint64_t seq)
{
    uint64_t bits = (seq + 1) * UINT64_C(0x9E3779B97F4A7C15);
    uint8_t h = 1;
    bits ^= bits >> 29;
    bits *= UINT64_C(0xBF58476D1CE4E5B9);
    for (bits ^= bits >> 32; h < TD_SPOOF_HEIGHT && (bits & 3) == 0; bits >>= 2)
        h++;
    return h;
}

void td_spoof_add(struct td_spoof *s, td_ns at, const struct td_depth *d)
{
    uint32_t before[TD_SPOOF_HEIGHT];
    const td_ns now = advance(s, at);
    if (s->adds - s->oldest == s->cap) {
        s->given_up += s->nodes[s->oldest & (s->cap - 1)].waits;
        drop_oldest(s);
    }
    const uint32_t place = (uint32_t)(s->adds & (s->cap - 1));
    struct td_spoof_node *n = &s->nodes[place];
    *n = (struct td_spoof_node){.add = {s->adds, now, 0, d->px, d->qty, d->row, d->side},
                                .height = height_of(s->adds),
                                .waits = true};
    find_before(s, &n->add, before);
    for (int h = 0; h < n->height; h++) {
        uint32_t *link = link_of(s, before[h], h);
        n->next[h] = *link;
        *link = place;
    }
    s->adds++;
}

/* Keeps the first ones by the number of their add. */
static void show(struct td_spoof *s, const struct td_spoof_candidate *c)
{
    size_t at = s->shown_count;
    if (at == TD_SPOOF_SHOWN && s->shown[at - 1].seq < c->seq)
        return;
    at -= at == TD_SPOOF_SHOWN;
    for (; at > 0 && s->shown[at - 1].seq > c->seq; at--)
        s->shown[at] = s->shown[at - 1];
    s->shown[at] = *c;
    s->shown_count += s->shown_count < TD_SPOOF_SHOWN;
}

void td_spoof_remove(struct td_spoof *s, td_ns at, const struct td_depth *d)
{
    uint32_t before[TD_SPOOF_HEIGHT];
    const td_ns now = advance(s, at);
    const struct td_spoof_candidate low = {
        .px = {d->px.e9 - TD_SPOOF_TOLERANCE}, .row = d->row, .side = d->side};
    s->removals++;
    find_before(s, &low, before);
    for (;;) {
        const uint32_t next = *link_of(s, before[0], 0);
        if (next == NONE)
            return;
        struct td_spoof_candidate *c = &s->nodes[next].add;
        if (c->side != d->side || c->row != d->row || c->px.e9 > d->px.e9 + TD_SPOOF_TOLERANCE)
            return;
        c->removed_ns = now;
        s->candidates++;
        show(s, c);
        unlink_node(s, before, next);
    }
}

void td_spoof_forget(struct td_spoof *s)
{
    for (int h = 0; h < TD_SPOOF_HEIGHT; h++)
        s->head[h] = NONE;
    while (s->oldest < s->adds)
        s->nodes[s->oldest++ & (s->cap - 1)].waits = false;
}
