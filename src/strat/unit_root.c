/* strat/unit_root.c - least squares by a Cholesky factor of normed columns, and MacKinnon's tables. */
#include "strat/unit_root.h"

#include <math.h>

#define COLUMNS_MAX (TD_ADF_LAGS_MAX + 1)
#define PIVOT_MIN   1e-13 /* of a normed column: below it the others say it already */

/* --- MacKinnon's tables, with an intercept, for 1 and 2 series --- */

struct surface {
    double star, least, most; /* where the two polynomials meet; p is 0 below and 1 above */
    double small[3], large[4];
    double critical[3][4]; /* 1, 5, 10 %: powers of 1/T */
};

static const struct surface surfaces[] = {
    {-1.61,
     -18.83,
     2.74,
     {2.1659, 1.4412, 0.038269},
     {1.7339, 0.93202, -0.12745, -0.010368},
     {{-3.43035, -6.5393, -16.786, -79.433},
      {-2.86154, -2.8903, -4.234, -40.040},
      {-2.56677, -1.5384, -2.809, 0}}},
    {-2.62,
     -18.86,
     0.92,
     {2.92, 1.5012, 0.039796},
     {2.1945, 0.64695, -0.29198, -0.042377},
     {{-3.89644, -10.9519, -33.527, 0},
      {-3.33613, -6.1101, -6.823, 0},
      {-3.04445, -4.2412, -2.720, 0}}},
};

static double polynomial(const double *c, int n, double x)
{
    double y = 0;
    while (n-- > 0)
        y = y * x + c[n];
    return y;
}

double td_adf_p(double stat, int32_t series)
{
    TD_REQUIRE(series >= 1 && series <= (int32_t)TD_COUNT(surfaces));
    const struct surface *s = &surfaces[series - 1];
    if (stat > s->most)
        return 1;
    if (stat < s->least)
        return 0;
    const double z =
        stat <= s->star ? polynomial(s->small, 3, stat) : polynomial(s->large, 4, stat);
    return erfc(-z / sqrt(2)) / 2;
}

void td_adf_critical(int32_t series, int32_t used, double *out)
{
    TD_REQUIRE(series >= 1 && series <= (int32_t)TD_COUNT(surfaces) && used > 0);
    for (int k = 0; k < 3; k++)
        out[k] = polynomial(surfaces[series - 1].critical[k], 4, 1.0 / used);
}

/* --- least squares --- */

/* The regression of x[t] - x[t-1] on its columns, t = from..n-1. Column 0 is x[t-1], column k the change k before. */
struct design {
    const double *x;
    size_t from, n;
    bool intercept;
    int32_t lags;
    double mean[COLUMNS_MAX + 1], norm[COLUMNS_MAX + 1]; /* [lags + 1] is the change itself */
};

static double raw(const struct design *d, int32_t column, size_t t)
{
    if (column == 0)
        return d->x[t - 1];
    const size_t k = column > d->lags ? 0 : (size_t)column;
    return d->x[t - k] - d->x[t - k - 1];
}

/* Centres and norms the columns. False: the level or the change does not vary. */
static bool norm_columns(struct design *d)
{
    const double rows = (double)(d->n - d->from);
    for (int32_t c = 0; c <= d->lags + 1; c++) {
        double sum = 0, squares = 0, largest = 0;
        for (size_t t = d->from; t < d->n; t++)
            sum += raw(d, c, t);
        d->mean[c] = d->intercept ? sum / rows : 0;
        for (size_t t = d->from; t < d->n; t++) {
            const double v = raw(d, c, t) - d->mean[c];
            squares += v * v;
            largest = fmax(largest, fabs(raw(d, c, t)));
        }
        d->norm[c] = sqrt(squares);
        if (!(d->norm[c] > largest * 1e-13))
            return false;
    }
    return true;
}

static double inner(const struct design *d, int32_t a, int32_t b)
{
    double sum = 0;
    for (size_t t = d->from; t < d->n; t++)
        sum += (raw(d, a, t) - d->mean[a]) * (raw(d, b, t) - d->mean[b]);
    return sum / (d->norm[a] * d->norm[b]);
}

/* The factor of the columns in `order`, row by row, and z = its inverse times the change: after k columns the squares that are left
 * are 1 - z_0^2 - .. - z_{k-1}^2 of the change's. Returns how many columns are independent. */
static int32_t factor(const struct design *d, const int32_t *order, int32_t count, double *z)
{
    double l[COLUMNS_MAX][COLUMNS_MAX];
    for (int32_t i = 0; i < count; i++) {
        double pivot = 1, along = inner(d, order[i], d->lags + 1);
        for (int32_t j = 0; j < i; j++) {
            double v = inner(d, order[i], order[j]);
            for (int32_t k = 0; k < j; k++)
                v -= l[i][k] * l[j][k];
            l[i][j] = v / l[j][j];
            pivot -= l[i][j] * l[i][j];
            along -= l[i][j] * z[j];
        }
        if (pivot < PIVOT_MIN)
            return i;
        l[i][i] = sqrt(pivot);
        z[i] = along / l[i][i];
    }
    return count;
}

/* --- the test --- */

int32_t td_adf_lags(size_t n, bool intercept)
{
    const double schwert = ceil(12 * sqrt(sqrt((double)n / 100)));
    const double most = floor((double)n / 2) - (intercept ? 1 : 0) - 1;
    const double lags = fmin(fmin(schwert, most), TD_ADF_LAGS_MAX);
    return lags > 0 ? (int32_t)lags : 0;
}

/* The lags of the smallest AIC, all over the sample of the longest; the fewest of equal ones. -1: nothing varies. */
static int32_t choose_lags(const double *x, size_t n, bool intercept)
{
    const int32_t longest = td_adf_lags(n, intercept);
    struct design d = {
        .x = x, .from = (size_t)longest + 1, .n = n, .intercept = intercept, .lags = longest};
    int32_t order[COLUMNS_MAX], best = 0;
    double z[COLUMNS_MAX], left = 1, best_aic = INFINITY;
    const double rows = (double)(n - d.from);
    if (!norm_columns(&d))
        return -1;
    for (int32_t i = 0; i <= longest; i++)
        order[i] = i;
    const int32_t count = factor(&d, order, longest + 1, z);
    for (int32_t i = 0; i < count; i++) {
        left -= z[i] * z[i];
        const double aic = rows * log(fmax(left, 1e-300)) + 2 * (i + 1);
        if (aic < best_aic) {
            best_aic = aic;
            best = i;
        }
    }
    return best;
}

/* t of the level with the given lags: it stands last, so that t is its z over the deviation that is left. */
static enum td_err run(const double *x, size_t n, int32_t lags, bool intercept, struct td_adf *out)
{
    struct design d = {
        .x = x, .from = (size_t)lags + 1, .n = n, .intercept = intercept, .lags = lags};
    int32_t order[COLUMNS_MAX];
    double z[COLUMNS_MAX], left = 1;
    if (!norm_columns(&d))
        return TD_ENODATA;
    for (int32_t i = 0; i < lags; i++)
        order[i] = i + 1;
    order[lags] = 0;
    if (factor(&d, order, lags + 1, z) != lags + 1)
        return TD_ENODATA;
    for (int32_t i = 0; i <= lags; i++)
        left -= z[i] * z[i];
    out->used = (int32_t)(n - d.from);
    out->lags = lags;
    const double freedom = out->used - lags - 1 - (intercept ? 1 : 0);
    if (!(freedom > 0) || !(left > 1e-14)) /* a perfect fit has no t */
        return TD_ENODATA;
    out->stat = z[lags] / sqrt(left / freedom);
    return TD_OK;
}

static enum td_err test(const double *x, size_t n, int32_t lags, bool intercept, struct td_adf *out)
{
    if (lags < TD_ADF_BY_AIC || lags > TD_ADF_LAGS_MAX || n < 10 || (int32_t)n < lags + 10)
        return TD_EINVAL;
    for (size_t i = 0; i < n; i++)
        if (!isfinite(x[i]))
            return TD_EINVAL;
    const int32_t chosen = lags == TD_ADF_BY_AIC ? choose_lags(x, n, intercept) : lags;
    return chosen < 0 ? TD_ENODATA : run(x, n, chosen, intercept, out);
}

enum td_err td_adf_test(const double *x, size_t n, int32_t lags, struct td_adf *out)
{
    struct td_adf adf = {0};
    const enum td_err err = test(x, n, lags, true, &adf);
    if (err)
        return err;
    adf.p = td_adf_p(adf.stat, 1);
    td_adf_critical(1, adf.used, adf.critical);
    *out = adf;
    return TD_OK;
}

double td_half_life(const double *x, size_t n)
{
    double mean = 0, change = 0, squares = 0, along = 0;
    TD_REQUIRE(n >= 3);
    const double rows = (double)(n - 1);
    for (size_t t = 1; t < n; t++) {
        mean += x[t - 1] / rows;
        change += (x[t] - x[t - 1]) / rows;
    }
    for (size_t t = 1; t < n; t++) {
        const double level = x[t - 1] - mean;
        squares += level * level;
        along += level * (x[t] - x[t - 1] - change);
    }
    if (!(squares > 1e-24 * mean * mean * rows)) /* equal, but for the mean's rounding */
        return (double)NAN;
    const double slope = along / squares;
    return slope < 0 ? -log(2) / slope : (double)INFINITY;
}

/* --- two series --- */

/* The first step: y on x. False: one of them does not vary, or y is x but for rounding. */
static bool regress(const double *y, const double *x, size_t n, struct td_cointegration *c)
{
    double mean_x = 0, mean_y = 0, xx = 0, yy = 0, xy = 0;
    for (size_t i = 0; i < n; i++) {
        mean_x += x[i] / (double)n;
        mean_y += y[i] / (double)n;
    }
    for (size_t i = 0; i < n; i++) {
        xx += (x[i] - mean_x) * (x[i] - mean_x);
        yy += (y[i] - mean_y) * (y[i] - mean_y);
        xy += (x[i] - mean_x) * (y[i] - mean_y);
    }
    if (!(xx > 1e-24 * mean_x * mean_x * (double)n) || !(yy > 1e-24 * mean_y * mean_y * (double)n))
        return false;
    c->beta = xy / xx;
    c->alpha = mean_y - c->beta * mean_x;
    c->correlation = xy / sqrt(xx * yy);
    return c->correlation * c->correlation < 1 - 1e-13;
}

enum td_err td_hedge_fit(const double *y, const double *x, size_t n, double *rest,
                         struct td_cointegration *out)
{
    struct td_cointegration c = {0};
    double squares = 0;
    if (n < 10)
        return TD_EINVAL;
    for (size_t i = 0; i < n; i++)
        if (!isfinite(x[i]) || !isfinite(y[i]))
            return TD_EINVAL;
    if (!regress(y, x, n, &c))
        return TD_ENODATA;
    for (size_t i = 0; i < n; i++) {
        rest[i] = y[i] - c.alpha - c.beta * x[i];
        squares += rest[i] * rest[i];
    }
    c.deviation = sqrt(squares / (double)n);
    c.last = rest[n - 1];
    c.half_life = td_half_life(rest, n);
    *out = c;
    return TD_OK;
}

enum td_err td_engle_granger(const double *y, const double *x, size_t n, int32_t lags, double *rest,
                             struct td_cointegration *out)
{
    struct td_cointegration c;
    enum td_err err = td_hedge_fit(y, x, n, rest, &c);
    if (!err)
        err = test(rest, n, lags, false, &c.test);
    if (err)
        return err;
    c.test.p = td_adf_p(c.test.stat, 2);
    td_adf_critical(2, (int32_t)n - 1, c.test.critical);
    *out = c;
    return TD_OK;
}
