/* sim/blackscholes.h - value and sensitivities of a European option on a stock that pays no dividend.
 *
 * The model of Black and Scholes (1973) with one flat volatility and one flat rate. Doubles: a model value is no
 * money; whoever makes a price of it rounds to the contract's increment. Pure.
 */
#ifndef TD_SIM_BLACKSCHOLES_H
#define TD_SIM_BLACKSCHOLES_H

#include "base/defs.h"

struct td_bs_option {
    double spot, strike; /* > 0 */
    double years;        /* to expiry; 0 or less: its intrinsic value */
    double rate;         /* continuous, a year */
    double volatility;   /* a year */
    bool call;
};

struct td_bs_value {
    double price, delta, gamma;
    double vega;  /* for one percentage point of volatility */
    double theta; /* for one calendar day */
};

void td_bs_value(const struct td_bs_option *option, struct td_bs_value *out);

/* The volatility that gives `price`, 0.0001 to 10 to six decimals; option->volatility is not read. False: no such
 * volatility (below the intrinsic value, or beyond the range). */
bool td_bs_implied(const struct td_bs_option *option, double price, double *out);

#endif
