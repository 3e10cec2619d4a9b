/* strat/combine.c - votes, weights and priorities. */
#include "strat/combine.h"

#include <math.h>
#include <stdio.h>

static int side_of(const struct td_intent *i)
{
    return i->action == TD_BUY ? 1 : -1;
}

static bool is_own(const struct td_intent *i)
{
    return i->kind != TD_INTENT_ORDER || i->tag != 0;
}

/* The entries that take part, and what they say together. */
struct ballot {
    size_t index[TD_COMBINE_MAX];
    size_t count;
    const struct td_intent *in;
    const double *weights;
};

static const struct td_intent *at(const struct ballot *b, size_t k)
{
    return &b->in[b->index[k]];
}

static double weight(const struct ballot *b, size_t k)
{
    return b->weights[b->index[k]];
}

struct outcome {
    int side; /* 0: none */
    const struct td_intent *by;
    double strength, units; /* units: signed */
};

static const struct td_intent *strongest(const struct ballot *b, int side)
{
    const struct td_intent *best = NULL;
    for (size_t k = 0; k < b->count; k++)
        if (side_of(at(b, k)) == side && (!best || at(b, k)->strength > best->strength))
            best = at(b, k);
    return best;
}

static struct outcome vote(const struct ballot *b)
{
    struct outcome o = {0};
    double strength = 0;
    int sum = 0, winners = 0;
    for (size_t k = 0; k < b->count; k++) {
        sum += side_of(at(b, k));
        o.units += side_of(at(b, k)) * td_e9_to_double(at(b, k)->qty.e9) / (double)b->count;
    }
    o.side = (sum > 0) - (sum < 0);
    for (size_t k = 0; k < b->count; k++)
        if (side_of(at(b, k)) == o.side) {
            strength += at(b, k)->strength;
            winners++;
        }
    if (!winners)
        return o;
    o.by = strongest(b, o.side);
    o.strength = strength / winners * (sum * o.side) / (double)b->count;
    return o;
}

static struct outcome weigh(const struct ballot *b)
{
    struct outcome o = {0};
    double net = 0, all = 0;
    for (size_t k = 0; k < b->count; k++)
        all += weight(b, k);
    for (size_t k = 0; k < b->count; k++) {
        const double share = weight(b, k) / all * side_of(at(b, k));
        net += share * at(b, k)->strength;
        o.units += share * td_e9_to_double(at(b, k)->qty.e9);
    }
    o.side = (net > 0) - (net < 0);
    o.by = strongest(b, o.side);
    o.strength = fabs(net);
    return o;
}

static struct outcome prefer(const struct ballot *b)
{
    size_t best = 0;
    for (size_t k = 1; k < b->count; k++)
        if (weight(b, k) > weight(b, best))
            best = k;
    const struct td_intent *by = at(b, best);
    return (struct outcome){side_of(by), by, by->strength,
                            side_of(by) * td_e9_to_double(by->qty.e9)};
}

/* True when one leaves the size to the desk. */
static bool is_unsized(const struct ballot *b, enum td_combine_mode mode, const struct outcome *o)
{
    if (mode == TD_COMBINE_PRIORITY)
        return o->by->qty.e9 == 0;
    for (size_t k = 0; k < b->count; k++)
        if (at(b, k)->qty.e9 == 0)
            return true;
    return false;
}

static size_t settle(const struct ballot *b, const struct td_combine_rule *rule,
                     struct td_intent *out)
{
    const struct outcome o = rule->mode == TD_COMBINE_VOTE       ? vote(b)
                             : rule->mode == TD_COMBINE_WEIGHTED ? weigh(b)
                                                                 : prefer(b);
    if (!o.side || !o.by || !(o.strength >= rule->least))
        return 0;
    const bool unsized = is_unsized(b, rule->mode, &o);
    const double units = floor(o.units * o.side + 1e-9); /* a mean of whole units is one */
    const bool alone = b->count == 1 || rule->mode == TD_COMBINE_PRIORITY;
    if (!unsized && !alone && !(units >= 1))
        return 0;
    *out = *o.by;
    out->strength = o.strength < 1 ? o.strength : 1;
    if (unsized)
        out->qty = TD_QTY(0);
    else if (!alone)
        out->qty = TD_QTY(units);
    if (b->count > 1)
        (void)snprintf(out->reason, sizeof out->reason, "%.36s (of %zu)", o.by->reason, b->count);
    return 1;
}

size_t td_combine(const struct td_intent *in, const double *weights, size_t n,
                  const struct td_combine_rule *rule, struct td_intent *out)
{
    struct ballot ballot = {.in = in, .weights = weights};
    const struct td_intent *leaving = NULL;
    size_t count = 0;
    TD_REQUIRE(n <= TD_COMBINE_MAX);
    for (size_t i = 0; i < n; i++) {
        TD_REQUIRE(in[i].leg == in[0].leg);
        if (is_own(&in[i]))
            out[count++] = in[i];
        else if (in[i].exit && (!leaving || in[i].qty.e9 > leaving->qty.e9))
            leaving = &in[i];
    }
    if (leaving)
        out[count++] = *leaving;
    for (size_t i = 0; i < n; i++) {
        const bool entry = !is_own(&in[i]) && !in[i].exit;
        const bool against = leaving && side_of(&in[i]) != side_of(leaving);
        if (entry && !against && weights[i] > 0 && isfinite(weights[i]))
            ballot.index[ballot.count++] = i;
    }
    return ballot.count ? count + settle(&ballot, rule, &out[count]) : count;
}
