/* tests/strat/algo_test.c - schedules by hand, and parents worked through random fills and cancels. */
#include "support/support.h"

#include <math.h>
#include <string.h>

#include "base/random.h"
#include "strat/algo.h"

static const td_ns open_ns = 1000 * TD_DAY + 14 * TD_HOUR + 30 * TD_MIN;

static struct td_algo_plan plan(uint8_t algo, int64_t units)
{
    struct td_algo_plan p;
    const struct td_intent i = {.algo = algo,
                                .action = TD_BUY,
                                .qty = TD_QTY(units),
                                .limit = TD_PX_NONE,
                                .algo_span = 100 * TD_MIN};
    td_algo_plan_init(&p, &i, open_ns);
    return p;
}

static struct td_algo_now at(double minutes, int64_t filled, int64_t working)
{
    return (struct td_algo_now){.now = open_ns + (td_ns)(minutes * (double)TD_MIN),
                                .filled = TD_QTY(filled),
                                .working = TD_QTY(working),
                                .quote = {TD_PX_NONE, TD_PX_NONE, {0}, {0}}};
}

static int64_t child(const struct td_algo_plan *p, struct td_algo_now now,
                     struct td_algo_child *out)
{
    td_algo_next(p, &now, out);
    return out->qty.e9 / TD_E9;
}

static void twap_goes_out_slice_by_slice(void **state)
{
    (void)state;
    struct td_algo_child c;
    struct td_algo_plan p = plan(TD_ALGO_TWAP, 1003); /* ten slices of 10 minutes */
    TD_OK_OR_FAIL(td_algo_check(&p, NULL));
    assert_int_equal(child(&p, at(-1, 0, 0), &c), 0);
    assert_int_equal(c.again, open_ns);
    assert_int_equal(child(&p, at(0, 0, 0), &c), 100);
    assert_int_equal(c.again, open_ns + 10 * TD_MIN);
    assert_int_equal(child(&p, at(9.99, 40, 60), &c), 0);
    assert_int_equal(child(&p, at(10, 100, 0), &c), 100);
    assert_int_equal(child(&p, at(35, 100, 100), &c), 201); /* 401 of 1003 by now */
    assert_int_equal(child(&p, at(95, 900, 0), &c), 103);   /* the last has the rest */
    assert_int_equal(c.again, open_ns + 100 * TD_MIN);
    assert_int_equal(child(&p, at(100, 900, 0), &c), 103);
    assert_int_equal(child(&p, at(500, 1003, 0), &c), 0);
    assert_int_equal(c.again, TD_NS_NEVER);
}

static void vwap_follows_the_curve(void **state)
{
    (void)state;
    struct td_algo_child c;
    struct td_fail why = {0};
    static double curve[TD_ALGO_BUCKETS];
    for (int i = 0; i < TD_ALGO_BUCKETS; i++)
        curve[i] = i < 2 ? 300 : i < 4 ? 100 : 7;
    struct td_algo_plan p = plan(TD_ALGO_VWAP, 800);
    assert_int_equal(td_algo_check(&p, &why), TD_EINVAL);
    assert_non_null(strstr(why.text, "recorded volume curve"));
    p.curve = curve;
    p.buckets = TD_ALGO_BUCKETS;
    p.curve_start = open_ns;
    p.span = 20 * TD_MIN; /* four buckets: 300 300 100 100 of 800 */
    TD_OK_OR_FAIL(td_algo_check(&p, &why));
    assert_int_equal(child(&p, at(0, 0, 0), &c), 300);
    assert_int_equal(c.again, open_ns + 5 * TD_MIN);
    assert_int_equal(child(&p, at(4.9, 300, 0), &c), 0);
    assert_int_equal(child(&p, at(5, 300, 0), &c), 300);
    assert_int_equal(child(&p, at(12, 300, 300), &c), 100);
    assert_int_equal(child(&p, at(15, 300, 300), &c), 200);
    /* from the middle of the first bucket: 150 300 100 100 of 650, and half of the last bucket's end */
    p.start = open_ns + 150 * TD_SEC;
    p.span = 20 * TD_MIN - 150 * TD_SEC;
    assert_int_equal(child(&p, at(2.5, 0, 0), &c), 184); /* 800 * 150/650 = 184.6 */
    p.curve_start = open_ns - TD_DAY;                    /* the session is over */
    assert_int_equal(td_algo_check(&p, &why), TD_EINVAL);
    assert_non_null(strstr(why.text, "no volume in the time"));
    curve[3] = -1;
    assert_int_equal(td_algo_check(&p, &why), TD_EINVAL);
    curve[3] = (double)NAN;
    assert_int_equal(td_algo_check(&p, &why), TD_EINVAL);
}

static void pov_follows_the_market(void **state)
{
    (void)state;
    struct td_algo_child c;
    struct td_algo_plan p = plan(TD_ALGO_POV, 500);
    struct td_algo_now now = at(1, 0, 0);
    assert_int_equal(child(&p, now, &c), 0);
    now.traded = TD_QTY(1234); /* a tenth of it */
    assert_int_equal(child(&p, now, &c), 123);
    assert_int_equal(c.again, now.now + TD_SEC);
    now.filled = TD_QTY(100);
    now.working = TD_QTY(20);
    assert_int_equal(child(&p, now, &c), 3);
    now.traded = TD_QTY(1000000);
    assert_int_equal(child(&p, now, &c), 380); /* the parent's end */
    now.traded = TD_QTY_NONE;
    assert_int_equal(child(&p, now, &c), 0);
    now = at(100000, 0, 0); /* not by the clock */
    assert_int_equal(child(&p, now, &c), 0);
}

static void iceberg_shows_a_part(void **state)
{
    (void)state;
    struct td_algo_child c;
    struct td_algo_plan p = plan(TD_ALGO_ICEBERG, 1002);
    p.limit = TD_PX(50);
    assert_int_equal(child(&p, at(0, 0, 0), &c), 201); /* a fifth, up */
    assert_int_equal(c.limit.e9, 50 * TD_E9);
    assert_int_equal(child(&p, at(5, 200, 1), &c), 0);
    assert_int_equal(child(&p, at(5, 201, 0), &c), 201);
    assert_int_equal(child(&p, at(5, 900, 0), &c), 102);
    struct td_intent i = {.algo = TD_ALGO_ICEBERG, .qty = TD_QTY(1000), .display = TD_QTY(50)};
    td_algo_plan_init(&p, &i, open_ns);
    assert_int_equal(child(&p, at(0, 0, 0), &c), 50);
}

static void adaptive_hurries_and_waits(void **state)
{
    (void)state;
    struct td_algo_child c;
    struct td_algo_plan p = plan(TD_ALGO_ADAPTIVE, 1000);
    struct td_algo_now now = at(25, 0, 0);
    assert_true(td_algo_urgency(&p, &now) == 0.5); /* no quote */
    assert_int_equal(child(&p, now, &c), 250);
    assert_true(td_px_is_none(c.limit));
    now.quote =
        (struct td_quote){TD_PX(100), {100050000000}, TD_QTY(1), TD_QTY(1)}; /* the usual 5 bps */
    assert_true(fabs(td_algo_urgency(&p, &now) - 0.5) < 1e-3);
    now.quote.ask.e9 = 100000000000; /* no spread: as urgent as can be, time^0.5 */
    assert_true(td_algo_urgency(&p, &now) == 1);
    assert_int_equal(child(&p, now, &c), 500);
    assert_int_equal(c.limit.e9, now.quote.ask.e9);
    now.quote.ask.e9 = 101000000000; /* 100 bps: time^2, at its own side */
    assert_true(td_algo_urgency(&p, &now) == 0);
    assert_int_equal(child(&p, now, &c), 62);
    assert_int_equal(c.limit.e9, now.quote.bid.e9);
    now.quote.ask.e9 = 100000000000;
    now.filled = TD_QTY(50); /* of 250 traded: twice the share that was planned */
    now.traded = TD_QTY(250);
    assert_true(fabs(td_algo_urgency(&p, &now) - 0.5) < 1e-9);
    p.limit = TD_PX(99); /* the parent's limit is never passed */
    assert_int_equal((child(&p, now, &c), c.limit.e9), 99 * TD_E9);
    p.action = TD_SELL;
    p.limit = TD_PX(105);
    assert_int_equal((child(&p, now, &c), c.limit.e9), 105 * TD_E9);
}

struct worked {
    int64_t filled, working, children;
};

/* Time, fills, partial fills and cancels at random: never more than the parent, never time or volume ahead, all of it in the end. */
static void work(struct td_rng *rng, const struct td_algo_plan *p)
{
    struct worked w = {0};
    struct td_algo_now now = {.now = p->start - TD_MIN,
                              .quote = {TD_PX(100), {100100000000}, TD_QTY(5), TD_QTY(5)}};
    for (int step = 0; step < 3000 && w.filled < p->qty.e9; step++) {
        struct td_algo_child c;
        now.now += td_rng_between(rng, 0, p->span / 100);
        now.traded.e9 += td_rng_between(rng, 0, p->qty.e9 / 5);
        now.quote.ask.e9 = now.quote.bid.e9 + td_rng_between(rng, 0, TD_E9);
        now.filled.e9 = w.filled;
        now.working.e9 = w.working;
        td_algo_next(p, &now, &c);
        assert_true(c.qty.e9 >= 0);
        w.working += c.qty.e9;
        w.children += c.qty.e9 > 0;
        if (c.qty.e9)
            assert_true(c.qty.e9 % p->lot.e9 == 0 || w.filled + w.working == p->qty.e9);
        assert_true(w.filled + w.working <= p->qty.e9);
        assert_true(now.now >= p->start || c.qty.e9 == 0);
        assert_true(c.again > now.now);
        if (p->algo == TD_ALGO_POV)
            assert_true((double)(w.filled + w.working) <=
                        (double)now.traded.e9 * p->participation + 1e-3);
        if (p->algo == TD_ALGO_ICEBERG)
            assert_true((double)w.working <= p->display * (double)p->qty.e9 + (double)p->lot.e9);
        if (td_rng_chance(rng, 0.3)) { /* a cancel */
            w.working -= td_rng_between(rng, 0, w.working);
        } else if (w.working > 0) {
            const int64_t part =
                td_rng_chance(rng, 0.5) ? w.working : td_rng_between(rng, 1, w.working);
            w.filled += part;
            w.working -= part;
        }
    }
    assert_int_equal(w.filled, p->qty.e9);
    assert_true(w.children >= 1);
}

static void no_fill_and_no_cancel_breaks_a_parent(void **state)
{
    (void)state;
    static double curve[TD_ALGO_BUCKETS];
    struct td_rng rng;
    td_rng_init(&rng, 17);
    for (int round = 0; round < 500; round++) {
        struct td_algo_plan p = plan((uint8_t)(TD_ALGO_TWAP + round % 5), 1);
        for (int i = 0; i < TD_ALGO_BUCKETS; i++)
            curve[i] = td_rng_chance(&rng, 0.1) ? 0 : td_rng_exp(&rng, 1e5);
        curve[0] = 1;
        p.curve = curve;
        p.buckets = TD_ALGO_BUCKETS;
        p.curve_start = open_ns - td_rng_between(&rng, 0, TD_HOUR);
        p.qty.e9 = td_rng_between(&rng, 1, 100000 * TD_E9);
        p.lot.e9 = td_rng_chance(&rng, 0.5) ? TD_E9 : td_rng_between(&rng, 1, 200 * TD_E9);
        p.slices = (uint32_t)td_rng_between(&rng, 1, 60);
        p.display = 0.01 + 0.99 * td_rng_unit(&rng);
        p.participation = 0.01 + 0.5 * td_rng_unit(&rng);
        p.span = td_rng_between(&rng, TD_SEC, 6 * TD_HOUR);
        p.action = (uint8_t)(round % 2);
        p.limit = round % 3 ? TD_PX_NONE : TD_PX(101);
        if (td_algo_check(&p, NULL) != TD_OK) {
            assert_int_equal(p.algo, TD_ALGO_VWAP); /* no volume in that part of the curve */
            continue;
        }
        work(&rng, &p);
    }
}

/* Filled at once, a parent's children sum to it exactly, and never run back. */
static void schedules_rise_to_the_whole(void **state)
{
    (void)state;
    static double curve[TD_ALGO_BUCKETS];
    for (int i = 0; i < TD_ALGO_BUCKETS; i++)
        curve[i] = 1000 + 10 * abs(39 - i);
    for (uint8_t algo = TD_ALGO_TWAP; algo <= TD_ALGO_ADAPTIVE; algo++) {
        struct td_algo_plan p = plan(algo, 98765);
        double before = 0;
        p.curve = curve;
        p.buckets = TD_ALGO_BUCKETS;
        p.curve_start = open_ns;
        for (int minute = 0; minute <= 100; minute++) {
            if (algo == TD_ALGO_POV || algo == TD_ALGO_ICEBERG)
                break;
            const double share = td_algo_share(&p, open_ns + minute * TD_MIN, 0.3);
            assert_true(share >= before && share <= 1);
            before = share;
        }
        struct td_algo_now now = at(0, 0, 0);
        for (int minute = 0; minute <= 101; minute++) {
            struct td_algo_child c;
            now.now = open_ns + minute * TD_MIN;
            now.traded.e9 += 50000 * TD_E9;
            td_algo_next(&p, &now, &c);
            now.filled.e9 += c.qty.e9;
        }
        assert_int_equal(now.filled.e9, 98765 * TD_E9);
    }
}

static void which_algorithm(void **state)
{
    (void)state;
    static const struct {
        int64_t units;
        enum td_algo with, without;
    } sizes[] = {{1, TD_ALGO_NONE, TD_ALGO_NONE},
                 {499, TD_ALGO_NONE, TD_ALGO_NONE},
                 {500, TD_ALGO_TWAP, TD_ALGO_TWAP},
                 {1999, TD_ALGO_TWAP, TD_ALGO_TWAP},
                 {2000, TD_ALGO_VWAP, TD_ALGO_TWAP},
                 {4999, TD_ALGO_VWAP, TD_ALGO_TWAP},
                 {5000, TD_ALGO_ADAPTIVE, TD_ALGO_ADAPTIVE},
                 {9999, TD_ALGO_ADAPTIVE, TD_ALGO_ADAPTIVE},
                 {10000, TD_ALGO_ICEBERG, TD_ALGO_ICEBERG}};
    for (size_t i = 0; i < TD_COUNT(sizes); i++) {
        assert_int_equal(td_algo_by_size(TD_QTY(sizes[i].units), true), sizes[i].with);
        assert_int_equal(td_algo_by_size(TD_QTY(sizes[i].units), false), sizes[i].without);
    }
    const double unknown = (double)NAN;
    assert_int_equal(td_algo_route(0.06, 1, 1, true), TD_ALGO_ICEBERG);
    assert_int_equal(td_algo_route(0.05, 0.81, 1, true), TD_ALGO_ADAPTIVE);
    assert_int_equal(td_algo_route(0.05, 0.8, 0.71, true), TD_ALGO_VWAP);
    assert_int_equal(td_algo_route(0.05, 0.8, 0.71, false), TD_ALGO_TWAP);
    assert_int_equal(td_algo_route(0.05, 0.8, 0.7, true), TD_ALGO_TWAP);
    assert_int_equal(td_algo_route(unknown, unknown, unknown, true), TD_ALGO_TWAP);
}

static void cost_by_hand(void **state)
{
    (void)state;
    const struct td_algo_cost c = td_algo_cost(0.04, 0.02, 0.001, 1000);
    assert_true(fabs(c.permanent - 0.1 * 0.008 * 0.02) < 1e-15);
    assert_true(fabs(c.temporary - 0.05 * 0.2 * 0.001) < 1e-15);
    assert_true(c.commission == 5 && td_algo_cost(0, 0, 0, 10).commission == 1);
}

static void refuses_senseless_plans(void **state)
{
    (void)state;
    struct td_fail why = {0};
    struct td_algo_plan p;
#define REFUSED(change, word)                                                                      \
    p = plan(TD_ALGO_TWAP, 100);                                                                   \
    change;                                                                                        \
    assert_int_equal(td_algo_check(&p, &why), TD_EINVAL);                                          \
    assert_non_null(strstr(why.text, word))
    REFUSED(p.algo = TD_ALGO_NONE, "number 0");
    REFUSED(p.algo = 9, "number 9");
    REFUSED(p.qty = TD_QTY(0), "quantity");
    REFUSED(p.qty = TD_QTY_NONE, "quantity");
    REFUSED(p.lot = TD_QTY(0), "quantity");
    REFUSED(p.span = 0, "time span");
    REFUSED(p.slices = 0, "0 slices");
    REFUSED(p.participation = 0, "participation 0");
    REFUSED(p.display = 1.1, "display 1.1");
    REFUSED(p.usual_bps = (double)NAN, "usual spread");
#undef REFUSED
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(twap_goes_out_slice_by_slice),
        cmocka_unit_test(vwap_follows_the_curve),
        cmocka_unit_test(pov_follows_the_market),
        cmocka_unit_test(iceberg_shows_a_part),
        cmocka_unit_test(adaptive_hurries_and_waits),
        cmocka_unit_test(no_fill_and_no_cancel_breaks_a_parent),
        cmocka_unit_test(schedules_rise_to_the_whole),
        cmocka_unit_test(which_algorithm),
        cmocka_unit_test(cost_by_hand),
        cmocka_unit_test(refuses_senseless_plans),
    };
    return cmocka_run_group_tests_name("strat/algo", tests, NULL, NULL);
}
