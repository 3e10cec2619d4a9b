/* sim/blackscholes.c - the formulas, and bisection for the volatility. */
#include "sim/blackscholes.h"

#include <math.h>

#define ROOT_2     1.41421356237309504880
#define ROOT_2PI   2.50662827463100050242
#define VOL_LOW    1e-4
#define VOL_HIGH   10.0
#define BISECTIONS 60

static double normal(double x)
{
    return 0.5 * erfc(-x / ROOT_2);
}

static double density(double x)
{
    return exp(-0.5 * x * x) / ROOT_2PI;
}

void td_bs_value(const struct td_bs_option *o, struct td_bs_value *out)
{
    const double sign = o->call ? 1.0 : -1.0;
    if (o->years <= 0 || o->volatility <= 0) {
        const double left = o->strike * exp(-o->rate * (o->years > 0 ? o->years : 0));
        const double worth = sign * (o->spot - left);
        *out = (struct td_bs_value){.price = worth > 0 ? worth : 0, .delta = worth > 0 ? sign : 0};
        return;
    }
    const double root = o->volatility * sqrt(o->years);
    const double d1 =
        (log(o->spot / o->strike) + (o->rate + 0.5 * o->volatility * o->volatility) * o->years) /
        root;
    const double d2 = d1 - root;
    const double left = o->strike * exp(-o->rate * o->years);
    out->price = sign * (o->spot * normal(sign * d1) - left * normal(sign * d2));
    out->delta = sign * normal(sign * d1);
    out->gamma = density(d1) / (o->spot * root);
    out->vega = o->spot * density(d1) * sqrt(o->years) / 100.0;
    out->theta = (-o->spot * density(d1) * o->volatility / (2.0 * sqrt(o->years)) -
                  sign * o->rate * left * normal(sign * d2)) /
                 365.0;
}

static double price_at(const struct td_bs_option *o, double volatility)
{
    struct td_bs_option at = *o;
    struct td_bs_value value;
    at.volatility = volatility;
    td_bs_value(&at, &value);
    return value.price;
}

bool td_bs_implied(const struct td_bs_option *o, double price, double *out)
{
    double low = VOL_LOW, high = VOL_HIGH;
    if (!(o->years > 0) || !(price > price_at(o, low)) || !(price < price_at(o, high)))
        return false;
    for (int i = 0; i < BISECTIONS; i++) {
        const double middle = 0.5 * (low + high);
        if (price_at(o, middle) < price)
            low = middle;
        else
            high = middle;
    }
    *out = 0.5 * (low + high);
    return true;
}
