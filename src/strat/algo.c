/* strat/algo.c - schedules, and the child that is missing to them. */
#include "strat/algo.h"

#include <math.h>

#include "strat/bar_feed.h"

static const char *const words[] = {
    [TD_ALGO_NONE] = "none", [TD_ALGO_TWAP] = "TWAP",       [TD_ALGO_VWAP] = "VWAP",
    [TD_ALGO_POV] = "POV",   [TD_ALGO_ICEBERG] = "ICEBERG", [TD_ALGO_ADAPTIVE] = "ADAPTIVE"};

const char *td_algo_word(uint8_t algo)
{
    return algo < TD_COUNT(words) ? words[algo] : words[TD_ALGO_NONE];
}

static char upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

enum td_err td_algo_find(struct td_str word, uint8_t *out)
{
    for (size_t i = 0; i < TD_COUNT(words); i++) {
        size_t k = 0;
        while (k < word.len && words[i][k] && upper(word.p[k]) == upper(words[i][k]))
            k++;
        if (k == word.len && !words[i][k]) {
            *out = (uint8_t)i;
            return TD_OK;
        }
    }
    return TD_ENOENT;
}

void td_algo_plan_init(struct td_algo_plan *p, const struct td_intent *intent, td_ns now)
{
    *p = (struct td_algo_plan){.algo = intent->algo,
                               .action = intent->action,
                               .qty = intent->qty,
                               .lot = TD_QTY(1),
                               .limit = intent->limit,
                               .start = now,
                               .span = intent->algo_span > 0 ? intent->algo_span : TD_HOUR,
                               .slices = 10,
                               .participation = 0.1,
                               .display = 0.2,
                               .usual_bps = 5};
    if (intent->display.e9 > 0 && intent->qty.e9 > 0)
        p->display = fmin(1, td_e9_to_double(intent->display.e9) / td_e9_to_double(intent->qty.e9));
}

/* --- the curve --- */

/* Volume of the curve from its begin to `at`, even within a bucket. */
static double volume_to(const struct td_algo_plan *p, td_ns at)
{
    const td_ns into = at - p->curve_start;
    double sum = 0;
    for (uint32_t i = 0; i < p->buckets; i++) {
        const td_ns begin = (td_ns)i * TD_ALGO_BUCKET;
        if (into <= begin)
            break;
        const double part = (double)(into - begin) / (double)TD_ALGO_BUCKET;
        sum += p->curve[i] * (part < 1 ? part : 1);
    }
    return sum;
}

/* The end of the bucket that `at` is in, at most the plan's. */
static td_ns bucket_end(const struct td_algo_plan *p, td_ns at)
{
    const td_ns into = at - p->curve_start, end = p->start + p->span;
    const td_ns left = into < 0 ? -into : TD_ALGO_BUCKET - into % TD_ALGO_BUCKET;
    return left < end - at ? at + left : end;
}

static enum td_err check_curve(const struct td_algo_plan *p, struct td_fail *why)
{
    if (!p->curve || p->buckets == 0 || p->buckets > TD_ALGO_BUCKETS)
        return td_fail_set(why, TD_EINVAL,
                           "VWAP needs a recorded volume curve of 1 to %d buckets; record or "
                           "backfill a day of it, or use TWAP",
                           TD_ALGO_BUCKETS);
    for (uint32_t i = 0; i < p->buckets; i++)
        if (!(p->curve[i] >= 0 && p->curve[i] < 1e18))
            return td_fail_set(why, TD_EINVAL, "VWAP: bucket %u of the curve is %g", i,
                               p->curve[i]);
    if (!(volume_to(p, p->start + p->span) > volume_to(p, p->start)))
        return td_fail_set(why, TD_EINVAL,
                           "VWAP: the curve has no volume in the time of the order; use TWAP");
    return TD_OK;
}

enum td_err td_algo_check(const struct td_algo_plan *p, struct td_fail *why)
{
    if (p->algo <= TD_ALGO_NONE || p->algo > TD_ALGO_ADAPTIVE || p->action > TD_SELL)
        return td_fail_set(why, TD_EINVAL, "no algorithm has the number %u", p->algo);
    if (p->qty.e9 <= 0 || td_qty_is_none(p->qty) || p->lot.e9 <= 0)
        return td_fail_set(why, TD_EINVAL, "an algorithm needs a quantity above 0");
    if (p->span < TD_ALGO_SLICES_MAX || p->start > INT64_MAX - p->span - TD_DAY || p->start < 0)
        return td_fail_set(why, TD_EINVAL, "an algorithm needs a time span above 0");
    if (!(p->participation > 0 && p->participation <= 1) || !(p->display > 0 && p->display <= 1) ||
        !(p->usual_bps > 0) || p->slices == 0 || p->slices > TD_ALGO_SLICES_MAX)
        return td_fail_set(why, TD_EINVAL,
                           "participation %g, display %g, usual spread %g bps, %u slices; expected "
                           "0 to 1, 0 to 1, above 0, 1 to %d",
                           p->participation, p->display, p->usual_bps, p->slices,
                           TD_ALGO_SLICES_MAX);
    return p->algo == TD_ALGO_VWAP ? check_curve(p, why) : TD_OK;
}

/* --- how much should be out --- */

/* Which slice `now` is in, from 0; slices when it is over. */
static uint32_t slice_at(const struct td_algo_plan *p, td_ns now)
{
    if (now < p->start)
        return 0;
    const double part = (double)(now - p->start) / (double)p->span;
    uint32_t k = part < 1 ? (uint32_t)(part * p->slices) : p->slices;
    /* the division may have rounded across a border: the borders themselves rule */
    while (k + 1 < p->slices && p->start + p->span / p->slices * (k + 1) <= now)
        k++;
    while (k > 0 && p->start + p->span / p->slices * k > now)
        k--;
    return k;
}

double td_algo_share(const struct td_algo_plan *p, td_ns now, double urgency)
{
    const td_ns end = p->start + p->span;
    if (now >= end)
        return 1;
    if (now < p->start)
        return 0;
    if (p->algo == TD_ALGO_TWAP)
        return fmin(1, (double)(slice_at(p, now) + 1) / p->slices);
    if (p->algo == TD_ALGO_VWAP) {
        const double before = volume_to(p, p->start);
        return (volume_to(p, bucket_end(p, now)) - before) / (volume_to(p, end) - before);
    }
    const double passed = (double)(now - p->start) / (double)p->span;
    return pow(passed, pow(2, 1 - 2 * urgency));
}

static double spread_bps(const struct td_quote *q)
{
    const double bid = td_feed_price(q->bid), ask = td_feed_price(q->ask);
    return ask >= bid ? 20000 * (ask - bid) / (ask + bid) : (double)NAN;
}

double td_algo_urgency(const struct td_algo_plan *p, const struct td_algo_now *now)
{
    const double spread = spread_bps(&now->quote) / p->usual_bps;
    const double filled = td_e9_to_double(now->filled.e9);
    const double traded = td_qty_is_none(now->traded) ? 0 : td_e9_to_double(now->traded.e9);
    double urgency = 0.5;
    if (spread >= 0)
        urgency += spread < 2 ? 0.5 * (1 - spread) : -0.5;
    if (traded > 0) {
        const double over = filled / traded / p->participation - 1;
        urgency -= over > 1 ? 0.5 : over > 0 ? 0.5 * over : 0;
    }
    return urgency < 0 ? 0 : urgency > 1 ? 1 : urgency;
}

/* share of qty, down to whole lots; all of it at 1. */
static int64_t part_of(const struct td_algo_plan *p, double share)
{
    if (share >= 1)
        return p->qty.e9;
    const int64_t raw = (int64_t)((double)p->qty.e9 * share);
    const int64_t lots = raw / p->lot.e9 * p->lot.e9;
    return lots < p->qty.e9 ? lots : p->qty.e9;
}

/* Slices share out whole lots exactly: k of n slices have lots*k/n of them, and the last has what is left over as well. */
static int64_t slices_of(const struct td_algo_plan *p, uint32_t k)
{
    const int64_t lots = p->qty.e9 / p->lot.e9;
    if (k >= p->slices)
        return p->qty.e9;
    return (lots / p->slices * k + lots % p->slices * k / p->slices) * p->lot.e9;
}

static int64_t share_of_market(const struct td_algo_plan *p, const struct td_algo_now *now)
{
    if (td_qty_is_none(now->traded) || now->traded.e9 <= 0)
        return 0;
    return part_of(p, (double)now->traded.e9 * p->participation / (double)p->qty.e9);
}

static int64_t shown(const struct td_algo_plan *p)
{
    const int64_t lots = (int64_t)ceil((double)p->qty.e9 * p->display / (double)p->lot.e9 - 1e-9);
    return lots < 1 ? p->lot.e9 : lots > p->qty.e9 / p->lot.e9 ? p->qty.e9 : lots * p->lot.e9;
}

/* What should be filled or working now. */
static int64_t due(const struct td_algo_plan *p, const struct td_algo_now *now)
{
    const int64_t out = now->filled.e9 + now->working.e9;
    if (now->now < p->start)
        return 0;
    switch ((enum td_algo)p->algo) {
    case TD_ALGO_TWAP:
        return slices_of(p, slice_at(p, now->now) + 1);
    case TD_ALGO_VWAP:
        return part_of(p, td_algo_share(p, now->now, 0));
    case TD_ALGO_POV:
        return share_of_market(p, now);
    case TD_ALGO_ICEBERG:
        return now->working.e9 > 0 ? out : now->filled.e9 + shown(p);
    case TD_ALGO_ADAPTIVE:
        return part_of(p, td_algo_share(p, now->now, td_algo_urgency(p, now)));
    case TD_ALGO_NONE:
    default:
        return 0;
    }
}

static td_ns ask_again(const struct td_algo_plan *p, const struct td_algo_now *now)
{
    const td_ns end = p->start + p->span;
    if (now->filled.e9 >= p->qty.e9)
        return TD_NS_NEVER;
    if (now->now < p->start)
        return p->start;
    if (p->algo == TD_ALGO_ICEBERG)
        return TD_NS_NEVER;
    if (p->algo == TD_ALGO_POV)
        return now->now + TD_SEC;
    if (now->now >= end)
        return TD_NS_NEVER;
    if (p->algo == TD_ALGO_VWAP)
        return bucket_end(p, now->now);
    if (p->algo == TD_ALGO_ADAPTIVE)
        return now->now + TD_SEC < end ? now->now + TD_SEC : end;
    const uint32_t next = slice_at(p, now->now) + 1;
    return next < p->slices ? p->start + p->span / p->slices * next : end;
}

/* The limit of a child: the plan's, and of ADAPTIVE one at the market that is no worse. */
static td_px limit_of(const struct td_algo_plan *p, const struct td_algo_now *now)
{
    const bool buys = p->action == TD_BUY;
    if (p->algo != TD_ALGO_ADAPTIVE || isnan(spread_bps(&now->quote)))
        return p->limit;
    const bool crosses = td_algo_urgency(p, now) >= 0.5 || now->now >= p->start + p->span;
    const td_px px = buys == crosses ? now->quote.ask : now->quote.bid;
    if (td_px_is_none(p->limit))
        return px;
    return buys == (px.e9 < p->limit.e9) ? px : p->limit;
}

void td_algo_next(const struct td_algo_plan *p, const struct td_algo_now *now,
                  struct td_algo_child *out)
{
    TD_REQUIRE(now->filled.e9 >= 0 && now->working.e9 >= 0 &&
               now->working.e9 <= p->qty.e9 - now->filled.e9);
    const int64_t wanted = due(p, now), done = now->filled.e9 + now->working.e9;
    const int64_t left = p->qty.e9 - done;
    int64_t qty = wanted - done;
    if (qty < left && qty > 0) /* a rest of less than a lot waits for the last child */
        qty = qty / p->lot.e9 * p->lot.e9;
    qty = qty > left ? left : qty > 0 ? qty : 0;
    *out =
        (struct td_algo_child){.qty = {qty}, .limit = limit_of(p, now), .again = ask_again(p, now)};
}

/* --- which algorithm --- */

enum td_algo td_algo_by_size(td_qty qty, bool curve)
{
    static const struct {
        int64_t below;
        enum td_algo algo;
    } table[] = {
        {500, TD_ALGO_NONE}, {2000, TD_ALGO_TWAP}, {5000, TD_ALGO_VWAP}, {10000, TD_ALGO_ADAPTIVE}};
    for (size_t i = 0; i < TD_COUNT(table); i++)
        if (qty.e9 < table[i].below * TD_E9)
            return table[i].algo == TD_ALGO_VWAP && !curve ? TD_ALGO_TWAP : table[i].algo;
    return TD_ALGO_ICEBERG;
}

enum td_algo td_algo_route(double participation, double urgency, double liquidity, bool curve)
{
    if (participation > 0.05)
        return TD_ALGO_ICEBERG;
    if (urgency > 0.8)
        return TD_ALGO_ADAPTIVE;
    return liquidity > 0.7 && curve ? TD_ALGO_VWAP : TD_ALGO_TWAP;
}

struct td_algo_cost td_algo_cost(double participation, double volatility, double spread,
                                 double shares)
{
    const double part = participation > 0 ? participation : 0;
    return (struct td_algo_cost){.permanent = 0.1 * part * sqrt(part) * volatility,
                                 .temporary = 0.05 * sqrt(part) * spread,
                                 .commission = fmax(1, 0.005 * shares)};
}
