/* tests/sim/blackscholes_test.c - textbook values, parity, and the way back to the volatility. */
#include "sim/blackscholes.h"
#include "support/support.h"

#include <math.h>

/* Hull, Options, Futures and Other Derivatives, 15.9: 42, 40, 10 %, 20 %, half a year: 4.76 and 0.81. */
static const struct td_bs_option hull = {
    .spot = 42, .strike = 40, .years = 0.5, .rate = 0.1, .volatility = 0.2, .call = true};

static void textbook(void **state)
{
    (void)state;
    struct td_bs_option put = hull;
    struct td_bs_value c, p;
    put.call = false;
    td_bs_value(&hull, &c);
    td_bs_value(&put, &p);
    assert_true(fabs(c.price - 4.759422) < 1e-6);
    assert_true(fabs(p.price - 0.808600) < 1e-6);
    assert_true(fabs(c.price - p.price - (42 - 40 * exp(-0.05))) < 1e-12);
    assert_true(fabs(c.delta - p.delta - 1.0) < 1e-12);
}

/* Sensitivities are the slopes of the price. */
static void slopes(void **state)
{
    (void)state;
    const double h = 1e-4;
    struct td_bs_value at, up, down;
    for (int call = 0; call < 2; call++) {
        struct td_bs_option o = hull, a, b;
        o.call = call;
        td_bs_value(&o, &at);
        a = b = o;
        a.spot += h;
        b.spot -= h;
        td_bs_value(&a, &up);
        td_bs_value(&b, &down);
        assert_true(fabs((up.price - down.price) / (2 * h) - at.delta) < 1e-6);
        assert_true(fabs((up.delta - down.delta) / (2 * h) - at.gamma) < 1e-6);
        a = b = o;
        a.volatility += h;
        b.volatility -= h;
        td_bs_value(&a, &up);
        td_bs_value(&b, &down);
        assert_true(fabs((up.price - down.price) / (2 * h) / 100 - at.vega) < 1e-6);
        a = b = o;
        a.years -= h;
        b.years += h;
        td_bs_value(&a, &up);
        td_bs_value(&b, &down);
        assert_true(fabs((up.price - down.price) / (2 * h) / 365 - at.theta) < 1e-6);
    }
}

static void way_back(void **state)
{
    (void)state;
    struct td_bs_value v;
    double vol = 0;
    td_bs_value(&hull, &v);
    assert_true(td_bs_implied(&hull, v.price, &vol));
    assert_true(fabs(vol - 0.2) < 1e-6);
    assert_false(td_bs_implied(&hull, 1.0, &vol)); /* below the intrinsic value */
    assert_false(td_bs_implied(&hull, 42.5, &vol));
    struct td_bs_option over = hull;
    over.years = 0;
    assert_false(td_bs_implied(&over, 2.5, &vol));
    td_bs_value(&over, &v);
    assert_true(v.price == 2.0 && v.delta == 1.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(textbook),
        cmocka_unit_test(slopes),
        cmocka_unit_test(way_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
