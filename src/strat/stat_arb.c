/* strat/stat_arb.c - statistical arbitrage: once a week the best of a universe by a score (contracts 10.9).
 *
 * On the first bar of a week (Monday, UTC) every instrument with 126 bars is scored from the bars before it. Parts, 0 to 1 each: RSI (1
 * at 30, 0 at 50), band (1 less the place in the Bollinger band), volume (over its mean of 20, 1 at 1.5 times), momentum (rank of
 * the return of 126 bars), reversion (-z/2 of 20 bars), liquidity (rank of the money traded in 20 bars). Score = .25 .25 .15 .15 .1
 * .1 of them. The best ten with 0.6 and more are held for the week, each entered and left on its own next bar. With shorts as many
 * are sold by the mirrored score (RSI 70, upper band, worst return, +z), half of the ten each, so that the book has as many longs
 * as shorts; without, it is long only. Neutrality by sector would need sectors, which an instrument does not have. */
#include <math.h>

#include "strat/bar_feed.h"
#include "strat/wish.h"

#define DAYS_MAX 252
#define SHORT    20 /* bars of bands, volume, z and liquidity */

enum {
    UNIVERSE,
    DAYS,
    WEEKS,
    SCORE_MIN,
    NAMES,
    RSI_WEIGHT,
    BAND_WEIGHT,
    VOLUME_WEIGHT,
    MOMENTUM_WEIGHT,
    REVERSION_WEIGHT,
    LIQUIDITY_WEIGHT,
    PARAMS
};

static const struct td_strat_param table[PARAMS] = {
    [UNIVERSE] = {"universe", 50, 2, TD_LEGS_MAX,
                  "instruments looked at, the first of the symbols"},
    [DAYS] = {"days", 126, 30, DAYS_MAX, "bars of the past"},
    [WEEKS] = {"weeks", 1, 1, 52, "weeks between choices"},
    [SCORE_MIN] = {"score_min", 0.6, 0, 1, "least score"},
    [NAMES] = {"names", 10, 1, TD_LEGS_MAX, "instruments held at most"},
    [RSI_WEIGHT] = {"rsi_weight", 0.25, 0, 1, "weight of the RSI"},
    [BAND_WEIGHT] = {"band_weight", 0.25, 0, 1, "weight of the Bollinger band"},
    [VOLUME_WEIGHT] = {"volume_weight", 0.15, 0, 1, "weight of the volume"},
    [MOMENTUM_WEIGHT] = {"momentum_weight", 0.15, 0, 1, "weight of the long return"},
    [REVERSION_WEIGHT] = {"reversion_weight", 0.1, 0, 1, "weight of the z-score"},
    [LIQUIDITY_WEIGHT] = {"liquidity_weight", 0.1, 0, 1, "weight of the money traded"},
};

struct name {
    uint32_t next, count;
    float volume[DAYS_MAX + 1]; /* shares of 24 bits are enough for a mean of 20 */
    double close[DAYS_MAX + 1];
    int32_t wanted; /* 1 long, -1 short, 0 none */
    bool todo;      /* the choice of this week was not acted on yet */
    double score;   /* of the side wanted */
};

struct state {
    double p[PARAMS];
    td_qty size;
    bool allow_short;
    uint32_t count; /* names looked at */
    int64_t week;   /* of the last choice; 0 none */
    struct name names[TD_LEGS_MAX];
};
_Static_assert(sizeof(struct state) <= TD_STRAT_STATE_MAX, "state fits");

static enum td_err start(void *memory, const struct td_strat_setup *setup, struct td_fail *why)
{
    struct state *s = memory;
    (void)why;
    for (size_t i = 0; i < PARAMS; i++)
        s->p[i] = setup->params[i];
    s->size = setup->size;
    s->allow_short = setup->allow_short;
    const uint32_t most = (uint32_t)s->p[UNIVERSE];
    s->count = setup->leg_count < most ? setup->leg_count : most;
    return TD_OK;
}

/* Weeks since the Monday before 1970-01-01. */
static int64_t week_of(td_ns at)
{
    const int64_t days = at / TD_DAY - (at % TD_DAY < 0 ? 1 : 0) + 3;
    return days / 7 - (days % 7 < 0 ? 1 : 0);
}

static uint32_t ring(const struct state *s)
{
    return (uint32_t)s->p[DAYS] + 1;
}

static void push(const struct state *s, struct name *n, const double *bar)
{
    n->close[n->next] = bar[TD_FEED_CLOSE];
    n->volume[n->next] = (float)bar[TD_FEED_VOLUME];
    n->next = (n->next + 1) % ring(s);
    n->count += n->count < ring(s);
}

/* What the bars of one name say. */
struct measures {
    double rsi, place, busy, z, gain, money;
};

static void measure(const struct state *s, const struct name *n, struct measures *out)
{
    enum { RSI, PLACE, BUSY, Z, ASKS };
    static const struct td_feed_ask asks[ASKS] = {[RSI] = {"CMO", {14}, TD_FEED_CLOSE},
                                                  [PLACE] = {"PERCENTB", {SHORT, 2}, TD_FEED_CLOSE},
                                                  [BUSY] = {"RVOL", {SHORT}, TD_FEED_VOLUME},
                                                  [Z] = {"ZSCORE", {SHORT}, TD_FEED_CLOSE}};
    _Alignas(8) unsigned char feed[16384];
    const uint32_t most = ring(s);
    TD_REQUIRE(td_feed_begin(asks, ASKS, feed, sizeof feed, NULL) == TD_OK);
    out->money = 0;
    for (uint32_t i = 0; i < most; i++) {
        const uint32_t at = (n->next + i) % most;
        const double px = n->close[at], volume = (double)n->volume[at];
        const double bar[TD_FEED_COLUMNS] = {px, px, px, px, volume};
        td_feed_step(feed, bar);
        out->money += i + SHORT >= most ? px * volume : 0;
    }
    out->rsi = td_feed_rsi(feed, RSI);
    out->place = td_feed_value(feed, PLACE, 0);
    out->busy = td_feed_value(feed, BUSY, 0);
    out->z = td_feed_value(feed, Z, 0);
    out->gain = n->close[(n->next + most - 1) % most] / n->close[n->next] - 1;
}

static double part(double x)
{
    return x > 1 ? 1 : x > 0 ? x : 0; /* NaN: 0 */
}

/* Share of the others that are below, 0 to 1; equal ones count half. */
static double rank(const struct measures *all, uint32_t n, uint32_t i, bool by_money)
{
    double below = 0;
    for (uint32_t k = 0; k < n; k++) {
        const double a = by_money ? all[k].money : all[k].gain;
        const double b = by_money ? all[i].money : all[i].gain;
        below += k == i ? 0 : a < b ? 1 : a == b ? 0.5 : 0;
    }
    return n > 1 ? below / (n - 1) : 0.5;
}

static double score_of(const struct state *s, const struct measures *all, uint32_t n, uint32_t i,
                       int32_t side)
{
    const struct measures *m = &all[i];
    const double *p = s->p, gain = rank(all, n, i, false);
    return p[RSI_WEIGHT] * part(side * (50 - m->rsi) / 20) +
           p[BAND_WEIGHT] * part(side > 0 ? 1 - m->place : m->place) +
           p[VOLUME_WEIGHT] * part(m->busy / 1.5) +
           p[MOMENTUM_WEIGHT] * (side > 0 ? gain : 1 - gain) +
           p[REVERSION_WEIGHT] * part(-side * m->z / 2) +
           p[LIQUIDITY_WEIGHT] * rank(all, n, i, true);
}

/* Marks the best `most` of a side that are not wanted yet; returns how many. */
static uint32_t choose_side(struct state *s, const uint32_t *legs, const struct measures *all,
                            uint32_t n, int32_t side, uint32_t most)
{
    uint32_t chosen = 0;
    for (; chosen < most; chosen++) {
        struct name *best = NULL;
        double best_score = s->p[SCORE_MIN];
        for (uint32_t i = 0; i < n; i++) {
            const double score = score_of(s, all, n, i, side);
            if (s->names[legs[i]].wanted == 0 &&
                (best ? score > best_score : score >= best_score)) {
                best = &s->names[legs[i]];
                best_score = score;
            }
        }
        if (!best)
            break;
        best->wanted = side;
        best->score = best_score;
    }
    return chosen;
}

/* Takes back the weakest of a side until `most` are left. */
static void trim(struct state *s, int32_t side, uint32_t have, uint32_t most)
{
    for (; have > most; have--) {
        struct name *worst = NULL;
        for (uint32_t i = 0; i < s->count; i++) {
            struct name *n = &s->names[i];
            if (n->wanted == side && (!worst || n->score < worst->score))
                worst = n;
        }
        worst->wanted = 0;
    }
}

static void choose(struct state *s)
{
    struct measures all[TD_LEGS_MAX];
    uint32_t legs[TD_LEGS_MAX], n = 0;
    const uint32_t most = (uint32_t)s->p[NAMES];
    for (uint32_t i = 0; i < s->count; i++) {
        s->names[i].wanted = 0;
        s->names[i].todo = true;
        if (s->names[i].count == ring(s)) {
            measure(s, &s->names[i], &all[n]);
            legs[n++] = i;
        }
    }
    const uint32_t longs = choose_side(s, legs, all, n, 1, s->allow_short ? most / 2 : most);
    if (!s->allow_short)
        return;
    const uint32_t shorts = choose_side(s, legs, all, n, -1, longs);
    trim(s, 1, longs, shorts);
}

static void act(struct name *n, const struct state *s, struct td_wish *w, double close)
{
    const uint32_t leg = td_wish_leg(w);
    const int32_t held = td_wish_held(w, leg);
    if (held && held != n->wanted) {
        (void)td_wish_leave(w, leg, 1, "not among the week's %s", held > 0 ? "best" : "worst");
    } else if (!held && n->wanted && n->todo && td_wish_may_enter(w, leg)) {
        n->todo = false; /* once a week */
        (void)td_wish_enter(w,
                            &(struct td_entry){.leg = leg,
                                               .direction = n->wanted,
                                               .size = s->size,
                                               .price = close,
                                               .strength = n->score,
                                               .risk = (double)NAN},
                            "score %.2f, %s", n->score, n->wanted > 0 ? "long" : "short");
    }
}

static size_t on_event(void *memory, const struct td_event *event, const struct td_view *view,
                       struct td_intent *out)
{
    struct state *s = memory;
    struct td_wish w = {&td_strat_stat_arb, event, view, out, 0};
    double bar[TD_FEED_COLUMNS];
    const uint32_t leg = td_wish_leg(&w);
    if (leg >= s->count || !td_feed_bar(event, bar))
        return 0;
    const int64_t week =
        week_of(td_feed_time(event) - 1); /* a bar that ends at midnight is the day's */
    if (s->week == 0)
        s->week = week;
    if (week >= s->week + (int64_t)s->p[WEEKS]) {
        s->week = week;
        choose(s);
    }
    act(&s->names[leg], s, &w, bar[TD_FEED_CLOSE]);
    push(s, &s->names[leg], bar);
    return w.count;
}

const struct td_strat td_strat_stat_arb = {
    .name = "stat_arb",
    .help = "once a week the best of a universe by a score, with shorts the worst too",
    .scope = TD_SCOPE_ALL,
    .legs_min = 2,
    .state_size = sizeof(struct state),
    .params = table,
    .param_count = TD_COUNT(table),
    .init = start,
    .on_event = on_event,
};
