/* strat/unit_root.h - does a series come back: augmented Dickey-Fuller, Engle-Granger, half-life.
 *
 * The regression of the change on the level before and on earlier changes, by least squares; its lags are given, or chosen by the
 * smallest AIC over the sample that the longest leaves. Constant: an intercept, for series; none: for residuals of a regression
 * that had one. p-values are the response surfaces of MacKinnon (1994), critical values those of 2010, both with an intercept: for one
 * series, or for the residuals of two (Engle and Granger's own, which are further out). Nothing here allocates; O(n * lags^2).
 * Sources: Dickey and Fuller 1979; Said and Dickey 1984; Schwert 1989 (longest lag); MacKinnon 1994, "Approximate asymptotic
 * distribution functions for unit-root and cointegration tests", and 2010, "Critical values for cointegration tests"; Engle and Granger
 * 1987. */
#ifndef TD_STRAT_UNIT_ROOT_H
#define TD_STRAT_UNIT_ROOT_H

#include "base/err.h"

#define TD_ADF_LAGS_MAX 32
#define TD_ADF_BY_AIC   (-1)

struct td_adf {
    double stat;        /* t of the level: the further below 0, the surer it comes back */
    double p;           /* probability of such a value, or one below it, if it does not */
    double critical[3]; /* at 1, 5 and 10 % for this many observations */
    int32_t lags;       /* changes before that were used */
    int32_t used;       /* observations of the last regression */
};

/* x[n], oldest first, with an intercept. lags: TD_ADF_BY_AIC, or 0 to TD_ADF_LAGS_MAX. TD_EINVAL: not finite, or fewer than lags + 10
 * values. TD_ENODATA: nothing varies, so there is nothing to test. */
TD_MUST_CHECK enum td_err td_adf_test(const double *x, size_t n, int32_t lags, struct td_adf *out);
/* The longest lag that AIC looks at: 12*(n/100)^(1/4) rounded up (Schwert), less where n is small. */
int32_t td_adf_lags(size_t n, bool intercept);

struct td_cointegration {
    double alpha, beta; /* y = alpha + beta*x + rest, by least squares */
    double correlation; /* of y and x */
    double deviation;   /* population, of the rest */
    double last;        /* the rest at the newest */
    double half_life;   /* of the rest; infinite when it does not come back */
    struct td_adf test; /* of the rest, without an intercept, by the values for two series */
};

/* The first step alone: everything of *out but the test. TD_EINVAL: fewer than 10 values, or not finite. TD_ENODATA: one of the two
 * does not vary, or y is a line of x. */
TD_MUST_CHECK enum td_err td_hedge_fit(const double *y, const double *x, size_t n, double *rest,
                                       struct td_cointegration *out);
/* Engle and Granger's two steps, lags as above. rest: [n] of the caller, filled with the residuals. Errors as above. */
TD_MUST_CHECK enum td_err td_engle_granger(const double *y, const double *x, size_t n, int32_t lags,
                                           double *rest, struct td_cointegration *out);

/* Values until half of a distance from the mean is gone: -ln 2 / slope of (change on level before), with an intercept; infinite
 * when the slope is not below 0, NaN when nothing varies. n >= 3. */
double td_half_life(const double *x, size_t n);

/* p-value and critical values of a statistic, series 1 or 2 (the residuals of two). */
double td_adf_p(double stat, int32_t series);
void td_adf_critical(int32_t series, int32_t used, double *out);

#endif
