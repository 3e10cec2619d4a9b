/* tests/signal/micro_test.c - the reference's worked numbers, an independent slow computation, no look-ahead, bad books. */
#include "support/support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "signal/micro.h"

#define SECOND 1000000000ll

static struct td_micro micro, copy;
static double out[TD_MICRO_COUNT], other[TD_MICRO_COUNT];

static void begin(const struct td_micro_config *config)
{
    TD_OK_OR_FAIL(td_micro_init(&micro, config, NULL));
}

static struct td_micro_book best(int64_t at, double bid, double bid_qty, double ask, double ask_qty)
{
    struct td_micro_book b = {.at_ns = at};
    b.bid.px[0] = bid;
    b.bid.qty[0] = bid_qty;
    b.ask.px[0] = ask;
    b.ask.qty[0] = ask_qty;
    return b;
}

static void book(int64_t at, double bid, double bid_qty, double ask, double ask_qty)
{
    const struct td_micro_book b = best(at, bid, bid_qty, ask, ask_qty);
    TD_OK_OR_FAIL(td_micro_on_book(&micro, &b));
}

static double trade(int64_t at, double px, double qty)
{
    const struct td_micro_trade t = {px, qty, at};
    TD_OK_OR_FAIL(td_micro_on_trade(&micro, &t));
    td_micro_values(&micro, at, out);
    return out[TD_MICRO_TRADE_SIGN];
}

static void near(double value, double expected)
{
    if (!(fabs(value - expected) <= 1e-9 * fmax(1, fabs(expected))))
        fail_msg("%.17g, expected %.17g", value, expected);
}

/* ---- micro_golden: section by section of the reference's worked numbers ---- */

static void micro_golden(void **unused)
{
    (void)unused;
    begin(&(struct td_micro_config){0});
    book(SECOND, 100.00, 500, 100.02, 300);
    td_micro_values(&micro, SECOND, out);
    near(out[TD_MICRO_MICROPRICE], 100.0125);
    near(out[TD_MICRO_IMB_L1], 0.25);
    near(out[TD_MICRO_MID], 100.01);
    near(out[TD_MICRO_MICRO_DEV], 0.125);

    begin(&(struct td_micro_config){0});
    book(SECOND, 100.00, 500, 100.02, 400);
    book(SECOND + 1, 100.01, 300, 100.02, 600);
    td_micro_values(&micro, SECOND + 1, out);
    near(out[TD_MICRO_OFI], 300 - 600 + 400);
    near(out[TD_MICRO_MLOFI_1], out[TD_MICRO_OFI]);

    begin(&(struct td_micro_config){0});
    for (int i = 0; i < 60; i++)
        (void)trade(SECOND + i, i % 2 ? 100.1 : 100.0, 1);
    assert_true(fabs(out[TD_MICRO_ROLL_SPREAD] - 0.2) < 1e-9);

    begin(&(struct td_micro_config){0});
    book(SECOND, 100.00, 500, 100.02, 500);
    assert_true(trade(SECOND + 1, 100.02, 1) == 1);
    near(out[TD_MICRO_EFF_SPREAD], 2 * (100.02 - 100.01) / 100.01);
    assert_true(trade(SECOND + 2, 100.00, 1) == -1);
    assert_true(trade(SECOND + 3, 100.01, 1) == 1);
}

/* Buckets of 100 with buys and sells 70/30, 40/60, 50/50: (40 + 20 + 0)/300. */
static void micro_golden_vpin(void **unused)
{
    (void)unused;
    static const double buys[] = {70, 40, 50};
    begin(&(struct td_micro_config){.bucket_qty = 100, .buckets = 3});
    book(SECOND, 100.00, 500, 100.02, 500);
    for (int i = 0; i < 3; i++) {
        assert_true(isnan(out[TD_MICRO_VPIN]) || i == 0);
        (void)trade(SECOND + 2 * i, 100.02, buys[i]);
        (void)trade(SECOND + 2 * i + 1, 100.00, 100 - buys[i]);
    }
    near(out[TD_MICRO_VPIN], 0.2);
    (void)trade(SECOND + 9, 100.02, 1e12); /* fills every bucket, in bounded time */
    near(out[TD_MICRO_VPIN], 1);
}

/* Bars whose prices change by +1, -1, +1, -1: of a change of one deviation 0.8413 of the volume bought, or sold. */
static void vpin_by_bars(void **unused)
{
    (void)unused;
    begin(&(struct td_micro_config){
        .bucket_qty = 50, .buckets = 2, .intervals = 4, .vpin_bar_ns = SECOND});
    for (int i = 1; i <= 5; i++) {
        (void)trade(i * SECOND, 100.5, 40); /* within a bar its last price counts alone */
        (void)trade(i * SECOND + 1, 100 + i % 2, 60);
        assert_true(isnan(out[TD_MICRO_VPIN]));
    }
    book(6 * SECOND, 99, 5, 101, 5); /* the fifth bar is over: its change is the fourth */
    td_micro_values(&micro, 6 * SECOND, out);
    near(out[TD_MICRO_VPIN], 2 * 0.84134474606854293 - 1);
}

/* ---- levels, by hand ---- */

static void levels_by_hand(void **unused)
{
    (void)unused;
    struct td_micro_book b = best(SECOND, 99, 10, 101, 30);
    b.bid.px[1] = 98;
    b.bid.qty[1] = 20;
    b.ask.px[1] = 103;
    b.ask.qty[1] = 40;
    b.bid.px[2] = 97; /* the ask has no third level: left out on both sides */
    b.bid.qty[2] = 1000;
    begin(&(struct td_micro_config){.tick = 1, .sweep_qty = 50});
    TD_OK_OR_FAIL(td_micro_on_book(&micro, &b));
    td_micro_values(&micro, SECOND, out);
    near(out[TD_MICRO_DEPTH_IMB], (10 - 30 + (20 - 40) / 2.0) / (40 + 60 / 2.0));
    near(out[TD_MICRO_BOOK_PRESSURE], (10 + 10 - 30 - 40 / 3.0) / (10 + 10 + 30 + 40 / 3.0));
    near(out[TD_MICRO_BOOK_SLOPE], (20.0 / 1 + 40.0 / 2) / 2);
    near(out[TD_MICRO_SWEEP_BUY], (30 * 101 + 20 * 103) / 50.0 - 100);
    near(out[TD_MICRO_SWEEP_SELL], 100 - (10 * 99 + 20 * 98 + 20 * 97) / 50.0);
    near(out[TD_MICRO_ASK_GAP_1], 2);
    near(out[TD_MICRO_BID_GAP_2], 1);
    assert_true(isnan(out[TD_MICRO_ASK_GAP_2]) && isnan(out[TD_MICRO_BID_GAP_3]));
}

/* ---- refused, stale, late ---- */

static void bad_events_are_refused(void **unused)
{
    (void)unused;
    begin(&(struct td_micro_config){0});
    book(SECOND, 100, 5, 101, 5);
    const struct td_micro_book crossed = best(SECOND + 1, 101, 5, 101, 5),
                               thin = best(SECOND + 2, 100, 0, 101, 5);
    const struct td_micro_book nan = best(SECOND + 3, 100, 5, (double)NAN, 5),
                               late = best(SECOND, 100, 5, 101, 5);
    assert_int_equal(td_micro_on_book(&micro, &crossed), TD_EINVAL);
    td_micro_values(&micro, SECOND + 1, out);
    assert_true(isnan(out[TD_MICRO_MID]) && isnan(out[TD_MICRO_OFI]));
    assert_int_equal(td_micro_on_book(&micro, &thin), TD_EINVAL);
    assert_int_equal(td_micro_on_book(&micro, &nan), TD_EINVAL);
    assert_int_equal(td_micro_on_book(&micro, &late), TD_EPROTO);
    static const struct td_micro_trade bad[] = {
        {0, 1, SECOND + 4}, {1, -1, SECOND + 4}, {(double)INFINITY, 1, SECOND + 4}};
    for (size_t i = 0; i < TD_COUNT(bad); i++)
        assert_int_equal(td_micro_on_trade(&micro, &bad[i]), TD_EINVAL);
    book(SECOND + 5, 100, 5, 101, 9); /* no flow across the refused ones */
    td_micro_values(&micro, SECOND + 5, out);
    assert_true(out[TD_MICRO_OFI] == 0 && out[TD_MICRO_MID] == 100.5);
    td_micro_values(&micro, 7 * SECOND, out);
    assert_true(isnan(out[TD_MICRO_MID])); /* stale */
    book(20 * SECOND, 100, 50, 101, 9);
    td_micro_values(&micro, 20 * SECOND, out);
    assert_true(out[TD_MICRO_OFI] == 0);
    struct td_fail why;
    assert_int_equal(td_micro_init(&copy, &(struct td_micro_config){.buckets = 999}, &why),
                     TD_EINVAL);
    assert_int_equal(td_micro_init(&copy, &(struct td_micro_config){.tick = -1}, &why), TD_EINVAL);
}

static void realised_spread_comes_with_its_delay(void **unused)
{
    (void)unused;
    begin(&(struct td_micro_config){.realised_ns = SECOND});
    book(SECOND, 100, 5, 102, 5);
    (void)trade(SECOND + 1, 102, 1);
    assert_true(isnan(out[TD_MICRO_REALISED_SPREAD]));
    book(SECOND + SECOND / 2, 101, 5, 103, 5);
    book(2 * SECOND, 110, 5, 112, 5);
    td_micro_values(&micro, 2 * SECOND, out);
    assert_true(isnan(out[TD_MICRO_REALISED_SPREAD]));
    book(2 * SECOND + 2, 120, 5, 122, 5); /* due at +1: the mid then was 111 */
    td_micro_values(&micro, 2 * SECOND + 2, out);
    near(out[TD_MICRO_REALISED_SPREAD], 2 * (102 - 111) / 101.0);
}

static void settings_are_text_and_back(void **unused)
{
    (void)unused;
    char text[300];
    struct td_text t;
    struct td_micro_config c = {0}, back = {0};
    td_text_init(&t, text, sizeof text);
    td_micro_config_write(&c, &t);
    c = (struct td_micro_config){.tick = 0.01, .stale_ns = 5 * SECOND}; /* presets are not told */
    td_micro_config_write(&c, &t);
    assert_int_equal(t.len, 0);
    c = (struct td_micro_config){.tick = 0.000000025, .interval_ns = 3600 * SECOND, .buckets = 7};
    td_micro_config_write(&c, &t);
    assert_true(td_str_is((struct td_str){text, t.len},
                          "micro tick=0.000000025 interval_ns=3600000000000 buckets=7\n"));
    assert_true(td_micro_config_read(&back, td_str_of("tick=0.000000025")));
    assert_true(td_micro_config_read(&back, td_str_of("interval_ns=3600000000000")));
    assert_true(td_micro_config_read(&back, td_str_of("buckets=7")));
    assert_memory_equal(&back, &c, sizeof c);
    static const char *const bad[] = {"tick=0",      "tick=-1",   "tick=x", "tack=1",
                                      "buckets=1.5", "buckets=0", "tick",   "interval_ns=1e9"};
    for (size_t i = 0; i < TD_COUNT(bad); i++)
        assert_false(td_micro_config_read(&back, td_str_of(bad[i])));
    TD_OK_OR_FAIL(td_micro_config_fill(&c, NULL));
    assert_true(c.intervals == 50 && c.sweep_qty == 100 && c.buckets == 7);
}

/* ---- what no book is in force for ---- */

/* Intervals without an event count, and nothing is compared across a stale book. Mids at the ends of the seconds:
 * 100, 101, 101, 101, then ten seconds of nothing, then 120, 121. */
static void intervals_are_of_the_clock(void **unused)
{
    (void)unused;
    const double up = log(101 / 100.0), later = log(121 / 120.0);
    begin(&(struct td_micro_config){.intervals = 3});
    book(SECOND / 2, 99, 5, 101, 5);
    book(SECOND + 1, 100, 5, 102, 5);
    book(4 * SECOND, 100, 5, 102, 6);
    td_micro_values(&micro, 4 * SECOND, out);
    near(out[TD_MICRO_RV], up * up); /* seconds 1, 2, 3; the first was not whole */
    assert_true(isnan(out[TD_MICRO_BV]));
    book(20 * SECOND + 1, 119, 5, 121, 5); /* seconds 4 to 8 ended before the book was stale */
    td_micro_values(&micro, 20 * SECOND + 1, out);
    near(out[TD_MICRO_RV], 0);
    book(21 * SECOND, 119, 5, 121, 5);
    book(21 * SECOND + 1, 120, 5, 122, 5);
    book(22 * SECOND, 120, 5, 122, 5);
    td_micro_values(&micro, 22 * SECOND, out);
    near(out[TD_MICRO_RV], later * later); /* 120 after 101 is no return */
}

static void a_stale_book_judges_no_trade(void **unused)
{
    (void)unused;
    begin(&(struct td_micro_config){.realised_ns = 2 * SECOND});
    book(SECOND, 100, 5, 102, 5);
    assert_true(trade(2 * SECOND, 100, 1) == -1);
    assert_true(trade(6 * SECOND, 100.5, 1) == -1); /* as old as it may be */
    near(out[TD_MICRO_REALISED_SPREAD], 2 * (101 - 100) / 101.0);
    assert_true(trade(7 * SECOND, 100.75, 1) == 1); /* by the tick test */
    near(out[TD_MICRO_EFF_SPREAD], 2 * 0.5 / 101);  /* still of the trade before */
    book(9 * SECOND, 200, 5, 202, 5); /* the second one was due while there was none */
    td_micro_values(&micro, 9 * SECOND, out);
    near(out[TD_MICRO_REALISED_SPREAD], 2 * (101 - 100) / 101.0);
}

static void a_deviation_waits_for_its_weights(void **unused)
{
    (void)unused;
    begin(&(struct td_micro_config){.tick = 1});
    for (int i = 0; i <= 20; i++) {
        td_micro_values(&micro, SECOND + i, out);
        assert_true(isnan(out[TD_MICRO_MICRO_VOL]));
        book(SECOND + i, 100 + i % 2, 5, 102 + i % 2, 5);
    }
    td_micro_values(&micro, SECOND + 20, out);
    assert_true(out[TD_MICRO_MICRO_VOL] > 0.5 && out[TD_MICRO_MICRO_VOL] < 1.1);
}

/* What a huge trade leaves in the open bucket is what it would have left one bucket after the other. */
static void a_huge_trade_keeps_its_rest(void **unused)
{
    (void)unused;
    begin(&(struct td_micro_config){.bucket_qty = 100, .buckets = 2});
    book(SECOND, 100, 5, 102, 5);
    (void)trade(SECOND + 1, 102, 1000030);
    (void)trade(SECOND + 2, 100, 40);
    (void)trade(SECOND + 3, 102, 30);
    near(out[TD_MICRO_VPIN], (100 + 20) / 200.0);
}

/* ---- a random day: slow computation, prefix and copy ---- */

#define EVENTS 20000

struct event {
    bool is_trade;
    struct td_micro_book book;
    struct td_micro_trade trade;
};
static struct event events[EVENTS];

static double uniform(uint64_t *s)
{
    *s = *s * 6364136223846793005u + 1442695040888963407u;
    return (double)(*s >> 11) / 9007199254740992.0;
}

static void make_events(void)
{
    uint64_t seed = 11;
    int64_t at = 100 * SECOND, mid = 10000;
    for (int i = 0; i < EVENTS; i++) {
        struct event *e = &events[i];
        at += (int64_t)(uniform(&seed) * 2e8);
        mid += (int64_t)(uniform(&seed) * 3) - 1;
        e->is_trade = uniform(&seed) < 0.3;
        e->trade = (struct td_micro_trade){(double)(mid + (int64_t)(uniform(&seed) * 5) - 2) / 100,
                                           1 + floor(uniform(&seed) * 300), at};
        e->book.at_ns = at;
        for (int k = 0; k < TD_MICRO_LEVELS; k++) {
            e->book.bid.px[k] = (double)(mid - 1 - k) / 100;
            e->book.ask.px[k] = (double)(mid + 1 + k) / 100;
            e->book.bid.qty[k] =
                uniform(&seed) < 0.1 && k > 0 ? 0 : 100 + floor(uniform(&seed) * 900);
            e->book.ask.qty[k] =
                uniform(&seed) < 0.1 && k > 0 ? 0 : 100 + floor(uniform(&seed) * 900);
        }
    }
}

static void feed(struct td_micro *m, const struct event *e)
{
    if (e->is_trade)
        TD_OK_OR_FAIL(td_micro_on_trade(m, &e->trade));
    else
        TD_OK_OR_FAIL(td_micro_on_book(m, &e->book));
}

static bool there(const struct td_micro_book *b, int k)
{
    return b->bid.px[k] > 0 && b->bid.qty[k] > 0 && b->ask.px[k] > 0 && b->ask.qty[k] > 0;
}

/* One level's e by the page: 0 where a side of either book is missing. */
static double level_flow(const struct td_micro_book *b, const struct td_micro_book *was, int k)
{
    double e = 0;
    if (!there(b, k) || !there(was, k))
        return 0;
    e += b->bid.px[k] >= was->bid.px[k] ? b->bid.qty[k] : 0;
    e -= b->bid.px[k] <= was->bid.px[k] ? was->bid.qty[k] : 0;
    e -= b->ask.px[k] <= was->ask.px[k] ? b->ask.qty[k] : 0;
    e += b->ask.px[k] >= was->ask.px[k] ? was->ask.qty[k] : 0;
    return e;
}

/* Flow of the levels in the interval of event `i`, and trades a second ago by the definition. */
static void slow(int i, double *flow, double *rate)
{
    const int64_t now = events[i].book.at_ns, from = now / SECOND * SECOND;
    const struct td_micro_book *was = NULL;
    *rate = 0;
    for (int k = 0; k < TD_MICRO_FLOWS; k++)
        flow[k] = 0;
    for (int n = 0; n <= i; n++) {
        const struct event *e = &events[n];
        if (e->is_trade) {
            *rate += exp(-(double)(now - e->trade.at_ns) / 1e9);
            continue;
        }
        for (int k = 0; k < TD_MICRO_FLOWS && was && e->book.at_ns >= from; k++)
            flow[k] += level_flow(&e->book, was, k);
        was = &e->book;
    }
}

static void equals_a_slow_computation(void **unused)
{
    (void)unused;
    make_events();
    begin(&(struct td_micro_config){0});
    for (int i = 0; i < EVENTS; i++) {
        feed(&micro, &events[i]);
        if (i < 100 || i % 997 != 0)
            continue;
        double flow[TD_MICRO_FLOWS], rate;
        slow(i, flow, &rate);
        td_micro_values(&micro, events[i].book.at_ns, out);
        near(out[TD_MICRO_OFI], flow[0]);
        for (int k = 0; k < TD_MICRO_FLOWS; k++)
            near(out[TD_MICRO_MLOFI_1 + k], flow[k]);
        near(out[TD_MICRO_TRADE_RATE_1], rate);
    }
    for (int k = 0; k < TD_MICRO_COUNT; k++)
        if (!isfinite(out[k]) && k != TD_MICRO_SWEEP_BUY && k != TD_MICRO_SWEEP_SELL &&
            (k < TD_MICRO_BID_GAP_1 || k > TD_MICRO_ASK_GAP_3))
            fail_msg("%s is %g after a day", td_micro_rows[k].name, out[k]);
}

/* A run that ends at an event knows what the longer run knew then; a copied state goes on alike. */
static void micro_prefix(void **unused)
{
    (void)unused;
    static double kept[EVENTS / 1000 + 1][TD_MICRO_COUNT];
    make_events();
    begin(&(struct td_micro_config){0});
    for (int i = 0; i < EVENTS; i++) {
        feed(&micro, &events[i]);
        if (i % 1000 == 0)
            td_micro_values(&micro, events[i].book.at_ns, kept[i / 1000]);
    }
    for (int end = 0; end < EVENTS; end += 1000) {
        begin(&(struct td_micro_config){0});
        for (int i = 0; i <= end; i++) {
            feed(&micro, &events[i]);
            if (i == end / 2) {
                copy = micro;
                memset(&micro, 0x5a, sizeof micro);
                micro = copy;
            }
        }
        td_micro_values(&micro, events[end].book.at_ns, other);
        assert_memory_equal(other, kept[end / 1000], sizeof other);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(micro_golden),
        cmocka_unit_test(micro_golden_vpin),
        cmocka_unit_test(vpin_by_bars),
        cmocka_unit_test(levels_by_hand),
        cmocka_unit_test(bad_events_are_refused),
        cmocka_unit_test(realised_spread_comes_with_its_delay),
        cmocka_unit_test(settings_are_text_and_back),
        cmocka_unit_test(intervals_are_of_the_clock),
        cmocka_unit_test(a_stale_book_judges_no_trade),
        cmocka_unit_test(a_deviation_waits_for_its_weights),
        cmocka_unit_test(a_huge_trade_keeps_its_rest),
        cmocka_unit_test(equals_a_slow_computation),
        cmocka_unit_test(micro_prefix),
    };
    return cmocka_run_group_tests_name("micro", tests, NULL, NULL);
}
