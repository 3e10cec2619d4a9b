/* tests/signal/micro_slow_test.c - every feature of book and trades against its definition, made anew for each row from all events.
 *
 * A made day: a walk of the mid, missing levels, refused books, silences longer than a book is in force, bursts of trades at
 * one instant. Nothing here remembers anything between two rows. */
#include "support/support.h"

#include <math.h>

#include "signal/micro.h"

#define SECOND 1000000000ll
#define EVENTS 4000
#define N      4 /* intervals, and pairs of trades */
#define STALE  (5 * SECOND)
#define LATER  (3 * SECOND)
#define STEP   (SECOND / 2) /* of an interval */
#define TICK   0.25
#define SWEEP  900.0
#define BUCKET 500
#define FULL   6 /* buckets */
#define BAR    (2 * SECOND)

struct happening {
    bool is_trade;
    int64_t at;
    struct td_micro_book book;
    struct td_micro_trade trade;
};
static struct happening events[EVENTS];
static double expected[TD_MICRO_COUNT], out[TD_MICRO_COUNT];
static struct td_micro micro;
static bool by_bars; /* VPIN */

/* ---- the day ---- */

static uint32_t draw(uint64_t *seed, uint32_t below)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*seed >> 33) % below;
}

static void make_book(struct happening *e, int64_t ticks, uint64_t *seed)
{
    const int64_t width = 1 + draw(seed, 2), worse = draw(seed, 60) == 0 ? -2 : 0;
    e->book = (struct td_micro_book){.at_ns = e->at};
    for (int k = 0; k < TD_MICRO_LEVELS; k++) {
        const bool best = k == 0;
        e->book.bid.px[k] = TICK * (double)(ticks - k - k / 3);
        e->book.ask.px[k] = TICK * (double)(ticks + width + worse + k + k / 4);
        e->book.bid.qty[k] = best || draw(seed, 8) ? 10 + draw(seed, 200) : 0;
        e->book.ask.qty[k] = best || draw(seed, 8) ? 10 + draw(seed, 200) : 0;
        if (!best && draw(seed, 20) == 0)
            e->book.ask.px[k] = 0;
    }
}

static void make_day(void)
{
    uint64_t seed = 2024;
    int64_t at = 1000 * SECOND + 7, ticks = 20000;
    for (int i = 0; i < EVENTS; i++) {
        struct happening *e = &events[i];
        const uint32_t pause = draw(&seed, 400);
        at += pause == 0 ? 9 * SECOND : draw(&seed, 4) == 0 ? 0 : (int64_t)draw(&seed, 200000000);
        ticks += draw(&seed, 3) == 0 ? (int64_t)draw(&seed, 3) - 1 : 0;
        e->at = at;
        e->is_trade = draw(&seed, 10) < 4;
        e->trade =
            (struct td_micro_trade){TICK * (double)(ticks + (int64_t)draw(&seed, 4) - 1),
                                    1 + draw(&seed, 90) + (draw(&seed, 90) ? 0u : 5000u), at};
        make_book(e, ticks, &seed);
    }
}

/* ---- what held when ---- */

static bool there(const struct td_micro_levels *l, int k)
{
    return l->px[k] > 0 && l->qty[k] > 0;
}

static bool both(const struct td_micro_book *b, int k)
{
    return there(&b->bid, k) && there(&b->ask, k);
}

static bool good(int i)
{
    return both(&events[i].book, 0) && events[i].book.bid.px[0] < events[i].book.ask.px[0];
}

static double mid_of(int i)
{
    return (events[i].book.bid.px[0] + events[i].book.ask.px[0]) / 2;
}

static int book_before(int i)
{
    while (--i >= 0 && events[i].is_trade)
        ;
    return i;
}

/* The book in force when event i came; -1 none. */
static int quote_of(int i)
{
    const int q = book_before(i);
    return q >= 0 && good(q) && events[i].at - events[q].at <= STALE ? q : -1;
}

static bool joined(int i)
{
    return good(i) && quote_of(i) >= 0;
}

/* The book in force just before an instant; -1 none. */
static int quote_at(int64_t at)
{
    int q = EVENTS - 1;
    while (q >= 0 && (events[q].is_trade || events[q].at >= at))
        q--;
    return q >= 0 && good(q) && at - events[q].at <= STALE ? q : -1;
}

static int trade_before(int i)
{
    while (--i >= 0 && !events[i].is_trade)
        ;
    return i;
}

static double sign_of(int i)
{
    const int q = quote_of(i);
    const double px = events[i].trade.px;
    if (q >= 0 && px != mid_of(q))
        return px > mid_of(q) ? 1 : -1;
    for (int before = trade_before(i); before >= 0; i = before, before = trade_before(i))
        if (events[i].trade.px != events[before].trade.px)
            return events[i].trade.px > events[before].trade.px ? 1 : -1;
    return 0;
}

/* ---- of one book ---- */

static double line(const double *x, const double *y, int n)
{
    double mx = 0, my = 0, xx = 0, xy = 0;
    for (int i = 0; i < n; i++) {
        mx += x[i] / n;
        my += y[i] / n;
    }
    for (int i = 0; i < n; i++) {
        xx += (x[i] - mx) * (x[i] - mx);
        xy += (x[i] - mx) * (y[i] - my);
    }
    return xx > 0 ? xy / xx : 0;
}

static double side_slope(const struct td_micro_book *b, const struct td_micro_levels *l, double mid)
{
    double x[TD_MICRO_LEVELS], y[TD_MICRO_LEVELS], sum = 0;
    int n = 0;
    for (int k = 0; k < TD_MICRO_LEVELS; k++) {
        if (!both(b, k))
            continue;
        sum += l->qty[k];
        x[n] = fabs(l->px[k] - mid);
        y[n++] = sum;
    }
    return n > 1 ? line(x, y, n) : (double)NAN;
}

static double walk(const struct td_micro_levels *l)
{
    double taken = 0, money = 0;
    for (int k = 0; k < TD_MICRO_LEVELS; k++) {
        const double part = there(l, k) ? fmin(l->qty[k], SWEEP - taken) : 0;
        taken += part;
        money += part * l->px[k];
    }
    return taken == SWEEP ? money / SWEEP : (double)NAN;
}

static void of_levels(const struct td_micro_book *b, double mid)
{
    double lean = 0, all = 0, bids = 0, asks = 0;
    for (int k = 0; k < TD_MICRO_LEVELS; k++) {
        if (!both(b, k))
            continue;
        lean += (b->bid.qty[k] - b->ask.qty[k]) / (k + 1);
        all += (b->bid.qty[k] + b->ask.qty[k]) / (k + 1);
        bids += b->bid.qty[k] / (mid - b->bid.px[k]);
        asks += b->ask.qty[k] / (b->ask.px[k] - mid);
    }
    expected[TD_MICRO_DEPTH_IMB] = lean / all;
    expected[TD_MICRO_BOOK_PRESSURE] = (bids - asks) / (bids + asks);
    expected[TD_MICRO_BOOK_SLOPE] = (side_slope(b, &b->bid, mid) + side_slope(b, &b->ask, mid)) / 2;
    expected[TD_MICRO_SWEEP_BUY] = walk(&b->ask) - mid;
    expected[TD_MICRO_SWEEP_SELL] = mid - walk(&b->bid);
    for (int k = 0; k < 3; k++) {
        if (there(&b->bid, k) && there(&b->bid, k + 1))
            expected[TD_MICRO_BID_GAP_1 + k] = (b->bid.px[k] - b->bid.px[k + 1]) / TICK;
        if (there(&b->ask, k) && there(&b->ask, k + 1))
            expected[TD_MICRO_ASK_GAP_1 + k] = (b->ask.px[k + 1] - b->ask.px[k]) / TICK;
    }
}

static void of_best(const struct td_micro_book *b, double mid)
{
    const double bid = b->bid.px[0], ask = b->ask.px[0], qb = b->bid.qty[0], qa = b->ask.qty[0];
    expected[TD_MICRO_MID] = mid;
    expected[TD_MICRO_SPREAD] = ask - bid;
    expected[TD_MICRO_REL_SPREAD] = 1e4 * (ask - bid) / mid;
    expected[TD_MICRO_MICROPRICE] = (bid * qa + ask * qb) / (qa + qb);
    expected[TD_MICRO_MICRO_DEV] = (expected[TD_MICRO_MICROPRICE] - mid) / (ask - bid);
    expected[TD_MICRO_IMB_L1] = (qb - qa) / (qb + qa);
}

/* ---- from book to book ---- */

static double level_flow(const struct td_micro_book *b, const struct td_micro_book *was, int k)
{
    double e = 0;
    if (!both(b, k) || !both(was, k))
        return 0;
    e += b->bid.px[k] >= was->bid.px[k] ? b->bid.qty[k] : 0;
    e -= b->bid.px[k] <= was->bid.px[k] ? was->bid.qty[k] : 0;
    e -= b->ask.px[k] <= was->ask.px[k] ? b->ask.qty[k] : 0;
    e += b->ask.px[k] >= was->ask.px[k] ? was->ask.qty[k] : 0;
    return e;
}

/* Books of the interval, back to its beginning or the last break. */
static void of_flow(int i, int64_t now)
{
    double depth = 0, books = 0, flow[TD_MICRO_FLOWS] = {0};
    for (int n = i; n >= 0 && events[n].at / STEP == now / STEP; n--) {
        if (events[n].is_trade)
            continue;
        depth += (events[n].book.bid.qty[0] + events[n].book.ask.qty[0]) / 2;
        books++;
        if (!joined(n))
            break;
        for (int k = 0; k < TD_MICRO_FLOWS; k++)
            flow[k] += level_flow(&events[n].book, &events[quote_of(n)].book, k);
    }
    for (int k = 0; k < TD_MICRO_FLOWS; k++)
        expected[TD_MICRO_MLOFI_1 + k] = flow[k];
    expected[TD_MICRO_OFI] = flow[0];
    expected[TD_MICRO_OFI_DEPTH] = books > 0 ? flow[0] / (depth / books) : (double)NAN;
}

static void of_age(int i, int64_t now)
{
    const struct td_micro_book *b, *was;
    for (; joined(i); i = quote_of(i)) {
        b = &events[i].book;
        was = &events[quote_of(i)].book;
        if (b->bid.px[0] != was->bid.px[0] || b->ask.px[0] != was->ask.px[0] ||
            b->bid.qty[0] != was->bid.qty[0] || b->ask.qty[0] != was->ask.qty[0])
            break;
    }
    expected[TD_MICRO_QUOTE_AGE] = (double)(now - events[i].at) / 1e9;
}

/* What left the best at its price at book i. */
static double lost_at(int i)
{
    const struct td_micro_book *b = &events[i].book, *was = &events[quote_of(i)].book;
    double lost = 0;
    if (b->bid.px[0] == was->bid.px[0])
        lost += fmax(was->bid.qty[0] - b->bid.qty[0], 0);
    if (b->ask.px[0] == was->ask.px[0])
        lost += fmax(was->ask.qty[0] - b->ask.qty[0], 0);
    return lost;
}

static void of_queue(int i, int64_t now)
{
    double lost = 0, cancels = 0, mean = 0, variance = 0;
    int changes = 0;
    for (int n = 0; n <= i; n++) {
        if (events[n].is_trade || !joined(n))
            continue;
        const double by = exp(-(double)(now - events[n].at) / 10e9), gone = lost_at(n);
        const double x = (mid_of(n) - mid_of(quote_of(n))) / TICK;
        lost += gone * by;
        cancels += gone > 0 && quote_of(n) == n - 1 ? by : 0;
        variance = changes ? 0.95 * (variance + 0.05 * (x - mean) * (x - mean)) : 0;
        mean = changes ? mean + 0.05 * (x - mean) : x;
        changes++;
    }
    expected[TD_MICRO_QUEUE_DEPLETION] = lost;
    expected[TD_MICRO_CANCEL_RATE] = cancels;
    expected[TD_MICRO_MICRO_VOL] = changes >= 20 ? sqrt(variance) : (double)NAN;
}

/* ---- of trades ---- */

static double realised_of(int i)
{
    const int q = quote_of(i), later = quote_at(events[i].at + LATER);
    if (q < 0 || later < 0)
        return (double)NAN;
    return 2 * sign_of(i) * (events[i].trade.px - mid_of(later)) / mid_of(q);
}

/* The newest trades that have a quote, and that have met their later mid. */
static void of_quotes(int i, int64_t now)
{
    bool eff = false, realised = false;
    for (int n = i; n >= 0 && !(eff && realised); n--) {
        const int q = events[n].is_trade ? quote_of(n) : -1;
        if (q < 0)
            continue;
        if (!eff)
            expected[TD_MICRO_EFF_SPREAD] =
                2 * sign_of(n) * (events[n].trade.px - mid_of(q)) / mid_of(q);
        eff = true;
        if (realised || events[n].at + LATER > now || isnan(realised_of(n)))
            continue;
        expected[TD_MICRO_REALISED_SPREAD] = realised_of(n);
        realised = true;
    }
}

static void of_roll(int i)
{
    double now[N], before[N], mx = 0, my = 0, covariance = 0;
    for (int k = 0; k < N; k++) {
        i = events[i].is_trade && k == 0 ? i : trade_before(i);
        const int one = i < 0 ? -1 : trade_before(i), two = one < 0 ? -1 : trade_before(one);
        if (two < 0)
            return;
        now[k] = events[i].trade.px - events[one].trade.px;
        before[k] = events[one].trade.px - events[two].trade.px;
        mx += now[k] / N;
        my += before[k] / N;
    }
    for (int k = 0; k < N; k++)
        covariance += (now[k] - mx) * (before[k] - my) / N;
    expected[TD_MICRO_ROLL_SPREAD] = covariance < -1e-12 ? 2 * sqrt(-covariance) : 0;
}

/* Signed volume of equal buckets, contract by contract. */
static double bucket[EVENTS * 20];
static int64_t total;

static void put_volume(double qty, double sign)
{
    for (int64_t k = 0; k < (int64_t)qty; k++) {
        const int64_t at = total++ / BUCKET;
        assert_true(at < EVENTS * 20);
        bucket[at] = ((total - 1) % BUCKET == 0 ? 0 : bucket[at]) + sign;
    }
}

/* The share of buys less the share of sells of a bar, by its change of price and the N last ones. */
static double bulk_sign(const double *change)
{
    double mean = 0, variance = 0;
    for (int k = 0; k < N; k++)
        mean += change[k] / N;
    for (int k = 0; k < N; k++)
        variance += (change[k] - mean) * (change[k] - mean) / N;
    return variance > 0 ? erf(change[N - 1] / sqrt(variance) / sqrt(2.0)) : 0;
}

/* Bars with trades that are over by now. */
static void put_bars(int i, int64_t now)
{
    double change[N] = {0}, close = 0;
    int64_t bars = 0;
    for (int n = 0; n <= i;) {
        const int64_t bar = events[n].at / BAR;
        double volume = 0, last = 0;
        if (bar == now / BAR)
            return;
        for (; n <= i && events[n].at / BAR == bar; n++) {
            volume += events[n].is_trade ? events[n].trade.qty : 0;
            last = events[n].is_trade ? events[n].trade.px : last;
        }
        if (volume == 0)
            continue;
        for (int k = 1; k < N; k++)
            change[k - 1] = change[k];
        change[N - 1] = last - close;
        close = last;
        if (++bars > N)
            put_volume(volume, bulk_sign(change));
    }
}

static void of_buckets(int i, int64_t now)
{
    double sum = 0;
    total = 0;
    if (by_bars)
        put_bars(i, now);
    for (int n = 0; n <= i && !by_bars; n++)
        if (events[n].is_trade)
            put_volume(events[n].trade.qty, sign_of(n));
    for (int64_t k = total / BUCKET - FULL; k >= 0 && k < total / BUCKET; k++)
        sum += fabs(bucket[k]);
    if (total / BUCKET >= FULL)
        expected[TD_MICRO_VPIN] = sum / (FULL * BUCKET);
}

static void of_trades(int i, int64_t now)
{
    double cvd = 0, of_signed = 0, all = 0, rate[3] = {0};
    int last = -1;
    for (int n = 0; n <= i; n++) {
        if (!events[n].is_trade)
            continue;
        const double age = (double)(now - events[n].at) / 1e9, q = events[n].trade.qty;
        cvd += sign_of(n) * q;
        of_signed += sign_of(n) * q * exp(-age / 60);
        all += q * exp(-age / 60);
        rate[0] += exp(-age);
        rate[1] += exp(-age / 10);
        rate[2] += exp(-age / 60);
        last = n;
    }
    expected[TD_MICRO_CVD] = cvd;
    for (int k = 0; k < 3; k++)
        expected[TD_MICRO_TRADE_RATE_1 + k] = rate[k];
    if (last < 0)
        return;
    expected[TD_MICRO_TRADE_SIGN] = sign_of(last);
    expected[TD_MICRO_FLOW_IMB] = of_signed / all;
    of_quotes(i, now);
    of_roll(last);
    of_buckets(i, now);
}

/* ---- of intervals ---- */

struct interval {
    double change, r, volume, root;
};

/* The interval that ends at `end`; false: a book was not in force throughout. */
static bool whole(int64_t end, struct interval *made)
{
    const int from = quote_at(end - STEP), to = quote_at(end);
    *made = (struct interval){0};
    if (from < 0 || to < 0)
        return false;
    for (int n = from + 1; n <= to; n++)
        if (!events[n].is_trade && !joined(n))
            return false;
    for (int n = 0; n < EVENTS && events[n].at < end; n++) {
        if (!events[n].is_trade || events[n].at < end - STEP)
            continue;
        made->volume += sign_of(n) * events[n].trade.qty;
        made->root += sign_of(n) * sqrt(events[n].trade.px * events[n].trade.qty);
    }
    made->change = mid_of(to) - mid_of(from);
    made->r = log(mid_of(to) / mid_of(from));
    return true;
}

static void of_returns(int64_t now)
{
    double x[N], y[N], root[N], r[N], bv = 0, rv = 0, up = 0, down = 0;
    int count = 0, products = 0;
    const int64_t first = events[0].at / STEP * STEP;
    for (int64_t end = now / STEP * STEP; end > first && (count < N || products < N); end -= STEP) {
        struct interval v, before;
        if (!whole(end, &v))
            continue;
        if (products < N && whole(end - STEP, &before)) {
            bv += fabs(v.r * before.r);
            products++;
        }
        if (count == N)
            continue;
        x[count] = v.volume;
        y[count] = v.change;
        root[count] = v.root;
        r[count++] = v.r;
        rv += v.r * v.r;
        up += v.r > 0 ? v.r * v.r : 0;
        down += v.r < 0 ? v.r * v.r : 0;
    }
    if (count == N) {
        expected[TD_MICRO_KYLE] = line(x, y, N);
        expected[TD_MICRO_HASBROUCK] = line(root, r, N);
        expected[TD_MICRO_RV] = rv;
        expected[TD_MICRO_RSEMI_UP] = up;
        expected[TD_MICRO_RSEMI_DOWN] = down;
    }
    if (products == N) {
        expected[TD_MICRO_BV] = acos(-1.0) / 2 * bv;
        expected[TD_MICRO_JUMP] = fmax(rv - expected[TD_MICRO_BV], 0);
    }
}

static void of_spreads(int64_t now)
{
    static double spread[300];
    int count = 0;
    double mean = 0, squares = 0;
    for (int64_t end = now / STEP * STEP; count < 300 && end > events[0].at; end -= STEP) {
        const int q = quote_at(end);
        if (q >= 0)
            spread[count++] = events[q].book.ask.px[0] - events[q].book.bid.px[0];
    }
    for (int k = 0; k < count; k++)
        mean += spread[k] / count;
    for (int k = 0; k < count; k++)
        squares += (spread[k] - mean) * (spread[k] - mean);
    if (count == 300)
        expected[TD_MICRO_SPREAD_Z] =
            (expected[TD_MICRO_SPREAD] - mean) / sqrt(squares / (count - 1));
}

/* ---- row by row ---- */

static void make_expected(int i)
{
    const int64_t now = events[i].at;
    const int book = events[i].is_trade ? book_before(i) : i;
    for (int k = 0; k < TD_MICRO_COUNT; k++)
        expected[k] = (double)NAN;
    of_queue(i, now);
    of_trades(i, now);
    of_returns(now);
    if (book < 0 || !good(book) || now - events[book].at > STALE)
        return;
    of_best(&events[book].book, mid_of(book));
    of_levels(&events[book].book, mid_of(book));
    of_flow(i, now);
    of_age(book, now);
    of_spreads(now);
}

static void compare_day(void)
{
    int seen[TD_MICRO_COUNT] = {0};
    make_day();
    TD_OK_OR_FAIL(td_micro_init(&micro,
                                &(struct td_micro_config){.tick = TICK,
                                                          .interval_ns = STEP,
                                                          .stale_ns = STALE,
                                                          .realised_ns = LATER,
                                                          .sweep_qty = SWEEP,
                                                          .bucket_qty = BUCKET,
                                                          .buckets = FULL,
                                                          .vpin_bar_ns = by_bars ? BAR : 0,
                                                          .intervals = N},
                                NULL));
    for (int i = 0; i < EVENTS; i++) {
        const struct happening *e = &events[i];
        assert_int_not_equal(e->is_trade ? td_micro_on_trade(&micro, &e->trade)
                                         : td_micro_on_book(&micro, &e->book),
                             TD_EPROTO);
        if (i % 37 != 0 && (i > 200 || i % 3 != 0))
            continue;
        td_micro_values(&micro, e->at, out);
        make_expected(i);
        for (int k = 0; k < TD_MICRO_COUNT; k++) {
            seen[k] += isfinite(expected[k]);
            if (isnan(out[k]) != isnan(expected[k]) ||
                fabs(out[k] - expected[k]) > 1e-9 * fmax(fabs(expected[k]), 1e-3))
                fail_msg("event %d: %s is %.17g, expected %.17g", i, td_micro_rows[k].name, out[k],
                         expected[k]);
        }
    }
    for (int k = 0; k < TD_MICRO_COUNT; k++)
        if (seen[k] < 20)
            fail_msg("%s was compared %d times", td_micro_rows[k].name, seen[k]);
}

static void every_feature_is_its_definition(void **unused)
{
    (void)unused;
    by_bars = false;
    compare_day();
}

static void vpin_by_bars_is_its_definition(void **unused)
{
    (void)unused;
    by_bars = true;
    compare_day();
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_feature_is_its_definition),
                                       cmocka_unit_test(vpin_by_bars_is_its_definition)};
    return cmocka_run_group_tests_name("micro_slow", tests, NULL, NULL);
}
