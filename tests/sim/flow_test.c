/* tests/sim/flow_test.c - the generator: same seed same tape, a sound book, and numbers like the recorded day's. */
#include "support/support.h"

#include <stdlib.h>
#include <string.h>

#include "base/crc.h"
#include "sim/flow.h"

/* Recorded on 2013-10-07 in regular hours: LEAN second quotes (spread in cents, bid size) and tick trades.
 * Medians of spread and size, trades a second, 90 % quantile of trade size, range of the day in basis points and the
 * volatility that belongs to it (a random walk ranges over 1.6 times its deviation). */
static const struct recorded {
    const char *symbol;
    int64_t px, tick, volume, top;
    int32_t spread, volatility;
    double trades, quotes; /* per second; quotes only known for IBM ticks */
    int64_t size90;
    int32_t range;
} recorded[] = {
    {"SPY", 168450000000, 10000000, 81975673, 5700, 1, 61, 10.32, 0, 562, 98},
    {"IBM", 182500000000, 10000000, 3753440, 200, 3, 50, 1.03, 4.62, 200, 80},
    {"AIG", 48900000000, 10000000, 4984309, 1200, 1, 51, 1.08, 0, 300, 81},
};

static struct td_flow open_flow(const struct recorded *r, uint64_t seed)
{
    struct td_flow f;
    const struct td_flow_config config = {.seed = seed,
                                          .symbol = r->symbol,
                                          .min_tick = {r->tick},
                                          .start_px = {r->px},
                                          .lot = TD_QTY(100),
                                          .top_qty = TD_QTY(r->top),
                                          .day_volume = TD_QTY(r->volume),
                                          .spread_ticks = r->spread,
                                          .volatility_bp = r->volatility};
    td_flow_open(&f, &config);
    return f;
}

static struct td_flow_day a_day(int64_t day)
{
    const td_ns t = day * TD_DAY;
    return (struct td_flow_day){
        day, {t + 8 * TD_HOUR, t + 13 * TD_HOUR + 30 * TD_MIN, t + 20 * TD_HOUR, t + 24 * TD_HOUR}};
}

static uint32_t hash_of_day(const char *symbol, uint64_t seed, int64_t day)
{
    struct recorded r = recorded[1];
    r.symbol = symbol;
    struct td_flow f = open_flow(&r, seed);
    const struct td_flow_day d = a_day(day);
    td_flow_start_day(&f, &d);
    struct td_event ev;
    uint32_t hash = 0;
    for (int i = 0; i < 50000 && td_flow_next(&f, &ev); i++) {
        hash = td_crc32c(hash, &ev.venue_ns, sizeof ev.venue_ns);
        if (ev.kind == TD_EV_QUOTE)
            hash = td_crc32c(hash, &ev.quote, sizeof ev.quote);
    }
    return hash;
}

static void a_seed_is_a_tape(void **state)
{
    (void)state;
    assert_int_equal(hash_of_day("IBM", 1, 16000), hash_of_day("IBM", 1, 16000));
    assert_int_not_equal(hash_of_day("IBM", 1, 16000), hash_of_day("IBM", 2, 16000));
    assert_int_not_equal(hash_of_day("IBM", 1, 16000), hash_of_day("AIG", 1, 16000));
    assert_int_not_equal(hash_of_day("IBM", 1, 16000), hash_of_day("IBM", 1, 16001));
}

struct tally {
    uint64_t trades, quotes, halts, auctions;
    uint64_t spreads[64], tops[256], sizes[64];
    int64_t low, high;
    uint8_t status;
};

static void check_book(const struct td_flow *f, const struct td_event *ev)
{
    struct td_venue_level bids[10];
    struct td_venue_level asks[10];
    assert_true(td_flow_levels(f, TD_BID, bids, 10) >= 5);
    assert_true(td_flow_levels(f, TD_ASK, asks, 10) >= 5);
    assert_true(bids[0].px.e9 < asks[0].px.e9);
    for (size_t i = 1; i < 5; i++)
        assert_true(bids[i].px.e9 < bids[i - 1].px.e9 && asks[i].px.e9 > asks[i - 1].px.e9 &&
                    asks[i].qty.e9 > 0);
    if (ev->kind == TD_EV_QUOTE && f->queue_count == 0) {
        assert_int_equal(ev->quote.bid.e9, bids[0].px.e9);
        assert_int_equal(ev->quote.ask_qty.e9, asks[0].qty.e9);
    }
}

static void count(struct tally *t, const struct td_event *ev, bool regular, int64_t tick)
{
    if (ev->kind == TD_EV_STATUS) {
        t->status = ev->status;
        t->halts += ev->status == TD_STATUS_HALTED;
        t->auctions += ev->status == TD_STATUS_AUCTION;
        return;
    }
    if (!regular || t->status != TD_STATUS_OPEN)
        return;
    if (ev->kind == TD_EV_TRADE) {
        const int64_t lots = ev->trade.qty.e9 / TD_QTY(100).e9;
        t->trades++;
        t->sizes[lots < 63 ? lots : 63]++;
        t->low = ev->trade.px.e9 < t->low ? ev->trade.px.e9 : t->low;
        t->high = ev->trade.px.e9 > t->high ? ev->trade.px.e9 : t->high;
        return;
    }
    const int64_t spread = (ev->quote.ask.e9 - ev->quote.bid.e9) / tick;
    const int64_t top = ev->quote.bid_qty.e9 / TD_QTY(100).e9;
    t->quotes++;
    t->spreads[spread < 63 ? spread : 63]++;
    t->tops[top < 255 ? top : 255]++;
}

static size_t quantile(const uint64_t *counts, size_t n, double q)
{
    uint64_t all = 0;
    for (size_t i = 0; i < n; i++)
        all += counts[i];
    uint64_t seen = 0;
    for (size_t i = 0; i < n; i++) {
        seen += counts[i];
        if ((double)seen >= q * (double)all)
            return i;
    }
    return n;
}

static void resembles(const struct recorded *r)
{
    struct tally t = {.low = INT64_MAX};
    struct td_flow f = open_flow(r, 2);
    double range = 0;
    const int days = 3;
    for (int day = 0; day < days; day++) {
        const struct td_flow_day d = a_day(16000 + day);
        struct td_event ev;
        td_ns before = 0;
        t.low = INT64_MAX;
        t.high = 0;
        td_flow_start_day(&f, &d);
        for (int i = 0; td_flow_next(&f, &ev); i++) {
            assert_true(ev.venue_ns >= before && ev.generated);
            before = ev.venue_ns;
            count(&t, &ev, ev.venue_ns >= d.hours.open && ev.venue_ns < d.hours.close, r->tick);
            if (i % 64 == 0)
                check_book(&f, &ev);
        }
        range += (double)(t.high - t.low) * 1e4 / (double)r->px / days;
    }
    const double trades = (double)t.trades / 23400 / days;
    const double quotes = (double)t.quotes / 23400 / days;
    const size_t spread = quantile(t.spreads, 64, 0.5);
    const size_t top = quantile(t.tops, 256, 0.5);
    const size_t size90 = quantile(t.sizes, 64, 0.9);
    print_message("%s: trades/s %.2f (%.2f) quotes/s %.2f (%.2f) spread %zu (%d) top %zu (%lld) "
                  "size90 %zu range bp %.0f (%d)\n",
                  r->symbol, trades, r->trades, quotes, r->quotes, spread, r->spread, top,
                  (long long)r->top / 100, size90, range, r->range);
    assert_int_equal(t.auctions, 2 * days);
    assert_int_equal(spread, r->spread);
    assert_true(trades > r->trades * 0.6 && trades < r->trades * 1.6);
    assert_true(r->quotes == 0 || (quotes > r->quotes * 0.5 && quotes < r->quotes * 2));
    assert_true((double)top >= (double)r->top / 250.0 && (double)top <= (double)r->top / 40.0);
    assert_true((int64_t)size90 * 100 >= r->size90 / 2 && (int64_t)size90 * 100 <= r->size90 * 2);
    assert_true(range > r->range * 0.4 && range < r->range * 2.5);
}

static void numbers_resemble_the_recorded_day(void **state)
{
    (void)state;
    for (size_t i = 0; i < TD_COUNT(recorded); i++)
        resembles(&recorded[i]);
}

static void some_days_have_a_halt(void **state)
{
    (void)state;
    struct recorded r = recorded[1];
    r.volume = 40000; /* few events, many days */
    struct td_flow f = open_flow(&r, 3);
    struct tally t = {0};
    for (int day = 0; day < 1000; day++) {
        const struct td_flow_day d = a_day(16000 + day);
        struct td_event ev;
        td_flow_start_day(&f, &d);
        while (td_flow_next(&f, &ev))
            count(&t, &ev, false, r.tick);
        assert_int_equal(t.status, TD_STATUS_CLOSED);
    }
    assert_true(t.halts >= 1 && t.halts <= 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_seed_is_a_tape),
        cmocka_unit_test(numbers_resemble_the_recorded_day),
        cmocka_unit_test(some_days_have_a_halt),
    };
    return cmocka_run_group_tests_name("sim/flow", tests, NULL, NULL);
}
