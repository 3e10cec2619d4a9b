/* strat/pairs.c - pairs: two instruments whose spread comes back (contracts 10.9).
 *
 * The symbols are taken two by two: the first is y, the second x. Bars that end at the same time are one observation; over the last 252
 * of them y = a + b*x + rest is fitted, and z = rest/deviation. In: |z| past 2 (and not past the stop), correlation of at least
 * 0.7, b above 0, Engle and Granger's test (strat/unit_root.h, lags by AIC) with a p-value of at most 0.05, and a half-life that
 * exists. Then the fit stands still until the pair is closed. Out: |z| below 0.5, past 3.5, or after 30 days; after the last two,
 * and after a pair of which only half was filled, nothing is entered before |z| was below 0.5.
 * Sizes: $10,000 for both legs together, b units of x for each of y, whole units rounded down; a size given by the operator is the
 * units of y. One leg is always sold short, so shorts must be allowed. conservative, aggressive and ml_high_frequency are the same
 * rule with their own numbers. The half-life, kept within 1 to 100 bars, stands in the reason. */
#include <math.h>

#include "strat/bar_feed.h"
#include "strat/unit_root.h"
#include "strat/wish.h"

#define PAIRS_MAX    (TD_LEGS_MAX / 2)
#define LOOKBACK_MAX 400

enum {
    LOOKBACK,
    CORRELATION,
    ENTER,
    LEAVE,
    STOP,
    DAYS,
    HALF_MIN,
    HALF_MAX,
    CAPITAL,
    P_MAX,
    PARAMS
};

/* The numbers in which the variants differ. */
#define TABLE(lookback, correlation, enter, leave, days)                                           \
    {                                                                                              \
        [LOOKBACK] = {"lookback", lookback, 30, LOOKBACK_MAX, "bars of the fit"},                  \
        [CORRELATION] = {"correlation", correlation, -1, 1, "least correlation"},                  \
        [ENTER] = {"enter", enter, 0.1, 20, "z to enter past"},                                    \
        [LEAVE] = {"leave", leave, 0, 20, "z to leave below"},                                     \
        [STOP] = {"stop", 3.5, 0.1, 50, "z to give up past"},                                      \
        [DAYS] = {"days", days, 0.001, 1000, "longest time to hold, in days"},                     \
        [HALF_MIN] = {"half_life_min", 1, 0, 1000, "least half-life, bars"},                       \
        [HALF_MAX] = {"half_life_max", 100, 1, 10000, "largest half-life, bars"},                  \
        [CAPITAL] = {"capital", 10000, 1, 1e9, "money for both legs of a pair"},                   \
        [P_MAX] = {"p_max", 0.05, 0, 1, "largest p-value of the test for cointegration"},          \
    }

static const struct td_strat_param table[PARAMS] = TABLE(252, 0.7, 2, 0.5, 30);
static const struct td_strat_param conservative[PARAMS] = TABLE(252, 0.8, 2.5, 0.3, 30);
static const struct td_strat_param aggressive[PARAMS] = TABLE(252, 0.6, 1.8, 0.7, 30);
static const struct td_strat_param ml_high_frequency[PARAMS] = TABLE(126, 0.7, 1.5, 0.5, 10);

struct pair {
    td_ns at[2];      /* end of the newest bar of y and x */
    double newest[2]; /* and its close */
    uint32_t next, count;
    double past[2][LOOKBACK_MAX];
    bool held, resting;
    td_ns since;
    double alpha, beta, deviation; /* of the entry */
};

struct state {
    double p[PARAMS];
    td_qty size;
    uint32_t pairs;
    struct pair pair[PAIRS_MAX];
};
_Static_assert(sizeof(struct state) <= TD_STRAT_STATE_MAX, "state fits");

static enum td_err begin(void *memory, const struct td_strat_setup *setup, struct td_fail *why)
{
    struct state *s = memory;
    const double *p = setup->params;
    if (setup->leg_count < 2 || setup->leg_count % 2 || setup->leg_count > TD_LEGS_MAX)
        return td_fail_set(why, TD_EINVAL,
                           "takes its symbols two by two, 2 to %d of them; it has %u", TD_LEGS_MAX,
                           setup->leg_count);
    if (!setup->allow_short)
        return td_fail_set(why, TD_EINVAL,
                           "sells one leg short; short selling is not allowed here");
    if (!(p[LEAVE] < p[ENTER] && p[ENTER] < p[STOP]) || p[HALF_MIN] > p[HALF_MAX])
        return td_fail_set(why, TD_EINVAL,
                           "leave %g, enter %g, stop %g, half-life %g to %g; expected them "
                           "in rising order",
                           p[LEAVE], p[ENTER], p[STOP], p[HALF_MIN], p[HALF_MAX]);
    for (size_t i = 0; i < PARAMS; i++)
        s->p[i] = p[i];
    s->size = setup->size;
    s->pairs = setup->leg_count / 2;
    return TD_OK;
}

/* Takes a leg's bar; true when both legs have one that ends then. */
static bool push(const struct state *s, struct pair *pair, uint32_t side, double close, td_ns at)
{
    const uint32_t most = (uint32_t)s->p[LOOKBACK];
    if (at <= pair->at[side]) /* a bar twice, or a clock that ran back: nothing new */
        return false;
    pair->at[side] = at;
    pair->newest[side] = close;
    if (pair->at[0] != pair->at[1])
        return false;
    pair->past[0][pair->next] = pair->newest[0];
    pair->past[1][pair->next] = pair->newest[1];
    pair->next = (pair->next + 1) % most;
    pair->count += pair->count < most;
    return true;
}

/* The window, oldest first. */
static void unroll(const struct state *s, const struct pair *pair, double *y, double *x)
{
    const uint32_t most = (uint32_t)s->p[LOOKBACK];
    for (uint32_t i = 0; i < most; i++) {
        y[i] = pair->past[0][(pair->next + i) % most];
        x[i] = pair->past[1][(pair->next + i) % most];
    }
}

static bool is_worth(const struct state *s, const struct td_cointegration *c, double z)
{
    return fabs(z) > s->p[ENTER] && fabs(z) < s->p[STOP] && c->correlation >= s->p[CORRELATION] &&
           c->beta > 0 && isfinite(c->half_life);
}

/* Units of y and x; false when one of them would be none. */
static bool size_legs(const struct state *s, const struct pair *pair, double beta, td_qty *qty)
{
    const double worth = pair->newest[0] + beta * pair->newest[1];
    const double units = s->size.e9 ? td_e9_to_double(s->size.e9) : floor(s->p[CAPITAL] / worth);
    const double others = floor(beta * units);
    if (!(units > 0 && units < 1e9 && others >= 1 && others < 1e9))
        return false;
    qty[0] = s->size.e9 ? s->size : TD_QTY(units);
    qty[1] = TD_QTY(others);
    return true;
}

/* Both legs or none. The spread is sold when it is dear: y short, x long. */
static void enter(struct state *s, struct pair *pair, uint32_t first, struct td_wish *w)
{
    double y[LOOKBACK_MAX], x[LOOKBACK_MAX], rest[LOOKBACK_MAX];
    const uint32_t n = (uint32_t)s->p[LOOKBACK];
    struct td_cointegration c;
    td_qty qty[2];
    unroll(s, pair, y, x);
    if (td_hedge_fit(y, x, n, rest, &c) != TD_OK)
        return;
    const double z = c.last / c.deviation;
    pair->resting = pair->resting && !(fabs(z) < s->p[LEAVE]);
    if (pair->resting || !is_worth(s, &c, z) || !td_wish_may_enter(w, first) ||
        !td_wish_may_enter(w, first + 1) || !size_legs(s, pair, c.beta, qty))
        return;
    if (td_engle_granger(y, x, n, TD_ADF_BY_AIC, rest, &c) != TD_OK || c.test.p > s->p[P_MAX])
        return;
    const double half = fmin(fmax(c.half_life, s->p[HALF_MIN]), s->p[HALF_MAX]);
    for (uint32_t k = 0; k < 2; k++)
        (void)td_wish_enter(w,
                            &(struct td_entry){.leg = first + k,
                                               .direction = (z > 0) == (k == 0) ? -1 : 1,
                                               .size = qty[k],
                                               .price = pair->newest[k],
                                               .strength = fabs(z) / s->p[STOP],
                                               .risk = (double)NAN},
                            "z %.2f, hedge %.3f, p %.3f, half-life %.1f", z, c.beta, c.test.p,
                            half);
    pair->held = w->count == 2;
    pair->since = pair->at[0];
    pair->alpha = c.alpha;
    pair->beta = c.beta;
    pair->deviation = c.deviation;
}

static void leave_both(struct td_wish *w, uint32_t first, const char *why, double z)
{
    for (uint32_t leg = first; leg < first + 2; leg++)
        (void)td_wish_leave(w, leg, 1, "%s, z %.2f", why, z);
}

/* Something is held in one leg or both. */
static void watch(struct state *s, struct pair *pair, uint32_t first, struct td_wish *w)
{
    const int32_t y = td_wish_held(w, first), x = td_wish_held(w, first + 1);
    if (y + x != 0 || !pair->held) { /* half a pair, or one from before: no fit stands behind it */
        pair->resting = true;
        leave_both(w, first, "no whole pair", (double)0);
        return;
    }
    const double rest = pair->newest[0] - pair->alpha - pair->beta * pair->newest[1];
    const double z = rest / pair->deviation;
    const double held = (double)(pair->at[0] - pair->since);
    if (fabs(z) < s->p[LEAVE] || z * y > 0) { /* or through the mean within a bar */
        leave_both(w, first, "at the mean", z);
    } else if (fabs(z) > s->p[STOP]) {
        pair->resting = true;
        leave_both(w, first, "stop", z);
    } else if (held >= s->p[DAYS] * (double)TD_DAY) {
        pair->resting = true;
        leave_both(w, first, "held too long", z);
    }
}

static size_t decide(struct state *s, const struct td_event *event, struct td_wish *w)
{
    double bar[TD_FEED_COLUMNS];
    const uint32_t leg = td_wish_leg(w), first = leg / 2 * 2;
    struct pair *pair = &s->pair[leg / 2];
    if (leg >= 2 * s->pairs || !td_feed_bar(event, bar))
        return 0;
    if (!push(s, pair, leg % 2, bar[TD_FEED_CLOSE], td_feed_time(event)))
        return 0;
    const struct td_leg *legs = &w->view->legs[first];
    if (legs[0].pending.e9 || legs[1].pending.e9)
        return 0;
    if (legs[0].position.e9 || legs[1].position.e9) {
        watch(s, pair, first, w);
    } else if (pair->count == (uint32_t)s->p[LOOKBACK]) {
        pair->held = false;
        enter(s, pair, first, w);
    }
    return w->count;
}

/* A row of the registry: its own name and numbers, the same rule. */
#define VARIANT(row, word, numbers, text)                                                          \
    static enum td_err row##_start(void *memory, const struct td_strat_setup *setup,               \
                                   struct td_fail *why)                                            \
    {                                                                                              \
        const enum td_err err = begin(memory, setup, why);                                         \
        return err ? td_fail_add(why, err, word) : TD_OK;                                          \
    }                                                                                              \
    static size_t row##_on_event(void *memory, const struct td_event *event,                       \
                                 const struct td_view *view, struct td_intent *out)                \
    {                                                                                              \
        struct td_wish w = {&td_strat_##row, event, view, out, 0};                                 \
        return decide(memory, event, &w);                                                          \
    }                                                                                              \
    const struct td_strat td_strat_##row = {                                                       \
        .name = word,                                                                              \
        .help = text,                                                                              \
        .scope = TD_SCOPE_ALL,                                                                     \
        .legs_min = 2,                                                                             \
        .state_size = sizeof(struct state),                                                        \
        .params = numbers,                                                                         \
        .param_count = TD_COUNT(numbers),                                                          \
        .init = row##_start,                                                                       \
        .on_event = row##_on_event,                                                                \
    };

VARIANT(pairs, "pairs", table, "two instruments whose spread comes back, by cointegration")
VARIANT(pairs_conservative, "pairs_conserv", conservative,
        "pairs, conservative: in at 2.5, out at 0.3, correlation 0.8")
VARIANT(pairs_aggressive, "pairs_aggress", aggressive,
        "pairs, aggressive: in at 1.8, out at 0.7, correlation 0.6")
VARIANT(pairs_ml, "pairs_ml_hf", ml_high_frequency,
        "pairs, ml_high_frequency: in at 1.5, 126 bars, 10 days")
