/* signal/feature_check.c - the tests of honesty: prefix, look-ahead, warm-up, leaks, constants, NaN. */
#include "signal/feature_check.h"

#include <math.h>
#include <string.h>

#define WARM_CLOSE 1e-9
#define SAME_CLOSE 1e-12
#define SAME_SHARE 0.99 /* of rows that are equal to a later value */
#define NOISE      4.0  /* deviations of a correlation of nothing with nothing */

static bool same(double a, double b)
{
    return a == b || (isnan(a) && isnan(b));
}

static bool near(double a, double b, double to)
{
    return same(a, b) || fabs(a - b) <= to * fmax(1, fabs(b));
}

static void tell(struct td_feature_finding *f, enum td_feature_fault fault, size_t row)
{
    if (!(f->faults & (TD_FAULT_PREFIX | TD_FAULT_AHEAD)) || row < f->fault_row)
        f->fault_row = row;
    f->faults |= fault;
}

/* Rows [0, n) of scratch against the whole run. */
static void compare(const struct td_feature_check *c, size_t n, enum td_feature_fault fault,
                    struct td_feature_finding *found)
{
    for (int32_t k = 0; k < c->count; k++)
        for (size_t i = 0; i < n; i++)
            if (!same(c->scratch[k][i], c->full[k][i])) {
                tell(&found[k], fault, i);
                break;
            }
}

/* Short beginnings, where values are filled in backwards, then equal steps. */
static size_t prefix_rows(const struct td_feature_check *c, size_t cut)
{
    static const size_t begin[] = {1, 2, 3, 5, 8, 13, 21, 34};
    const size_t steps = TD_CHECK_CUTS - TD_COUNT(begin) + 1;
    const size_t n =
        cut < TD_COUNT(begin) ? begin[cut] : c->rows * (cut - TD_COUNT(begin) + 1) / steps;
    return n < c->rows ? n : 0;
}

static enum td_err try_prefixes(const struct td_feature_check *c, struct td_feature_finding *found,
                                struct td_fail *why)
{
    enum td_err err = TD_OK;
    for (size_t cut = 0; cut < TD_CHECK_CUTS && !err; cut++) {
        const size_t n = prefix_rows(c, cut);
        if (n == 0)
            continue;
        err = c->compute(c->arg, 0, n, SIZE_MAX, c->scratch, why);
        if (!err)
            compare(c, n, TD_FAULT_PREFIX, found);
    }
    return err;
}

static enum td_err try_changes(const struct td_feature_check *c, struct td_feature_finding *found,
                               struct td_fail *why)
{
    enum td_err err = TD_OK;
    for (size_t cut = 1; cut <= 3 && !err; cut++) {
        const size_t changed = c->rows * cut / 4;
        err = c->compute(c->arg, 0, c->rows, changed, c->scratch, why);
        if (!err)
            compare(c, changed, TD_FAULT_AHEAD, found);
    }
    return err;
}

/* The series begun anew at three places: how long until it agrees with the whole run for good. */
static enum td_err try_beginnings(const struct td_feature_check *c,
                                  struct td_feature_finding *found, struct td_fail *why)
{
    for (int32_t k = 0; k < c->count; k++)
        found[k].warm_up = 0;
    for (size_t cut = 1; cut <= 3; cut++) {
        const size_t first = c->rows * cut / 8, n = c->rows - first;
        const enum td_err err = c->compute(c->arg, first, n, SIZE_MAX, c->scratch, why);
        if (err)
            return err;
        for (int32_t k = 0; k < c->count; k++) {
            size_t agrees = n;
            while (agrees > 0 &&
                   near(c->scratch[k][agrees - 1], c->full[k][first + agrees - 1], WARM_CLOSE))
                agrees--;
            if (agrees == n)
                found[k].warm_up = TD_CHECK_NEVER;
            else if (agrees > found[k].warm_up)
                found[k].warm_up = agrees;
        }
    }
    return TD_OK;
}

/* ---- one column by itself ---- */

static void look_at(const struct td_feature_check *c, const double *x, struct td_feature_finding *f)
{
    double least = 0, most = 0;
    size_t values = 0;
    f->first = c->rows;
    f->nans = 0;
    for (size_t i = 0; i < c->rows; i++) {
        if (!isfinite(x[i])) {
            f->nans += values > 0;
            continue;
        }
        f->first = values == 0 ? i : f->first;
        least = values == 0 ? x[i] : fmin(least, x[i]);
        most = values == 0 ? x[i] : fmax(most, x[i]);
        values++;
    }
    if (values == 0 || (double)f->nans > c->nan_most * (double)(c->rows - f->first))
        f->faults |= TD_FAULT_NAN;
    if (values > 1 && least == most)
        f->faults |= TD_FAULT_CONSTANT;
}

/* ---- against what comes after ---- */

static double return_at(const double *close, size_t i)
{
    return close[i] / close[i - 1] - 1;
}

static double next_correlation(const struct td_feature_check *c, const double *x,
                               const double *close, size_t *rows)
{
    double mx = 0, my = 0, xx = 0, yy = 0, xy = 0;
    size_t n = 0;
    for (size_t i = 0; i + 1 < c->rows; i++) {
        const double y = return_at(close, i + 1);
        if (!isfinite(x[i]) || !isfinite(y))
            continue;
        n++;
        const double dx = x[i] - mx, dy = y - my;
        mx += dx / (double)n;
        my += dy / (double)n;
        xx += dx * (x[i] - mx);
        yy += dy * (y - my);
        xy += dx * (y - my);
    }
    *rows = n;
    return n >= TD_CHECK_LEAST && xx > 0 && yy > 0 ? xy / sqrt(xx * yy) : (double)NAN;
}

/* Share of rows where x is the value `ahead` rows later; of a return, of the bar that ends there. */
static double share_equal(const struct td_feature_check *c, const double *x, const double *y,
                          bool returns, size_t ahead)
{
    size_t n = 0, equal = 0;
    for (size_t i = 1; i + ahead < c->rows; i++) {
        const double later = returns ? return_at(y, i + ahead) : y[i + ahead];
        if (!isfinite(x[i]) || !isfinite(later))
            continue;
        n++;
        equal += near(x[i], later, SAME_CLOSE);
    }
    return n >= TD_CHECK_LEAST ? (double)equal / (double)n : 0;
}

static void find_future(const struct td_feature_check *c, const double *x,
                        struct td_feature_finding *f)
{
    static const struct {
        const char *name;
        int series;
        bool returns;
    } rows[] = {{"open", 0, false},  {"high", 1, false},   {"low", 2, false},
                {"close", 3, false}, {"volume", 4, false}, {"return", 3, true}};
    for (size_t r = 0; r < TD_COUNT(rows); r++) {
        const double *y = c->series[rows[r].series];
        /* a value that hardly moves is no sign: it is its own future */
        if (!y || share_equal(c, x, y, rows[r].returns, 0) > 0.5)
            continue;
        for (size_t ahead = 1; ahead <= TD_CHECK_AHEAD; ahead++)
            if (share_equal(c, x, y, rows[r].returns, ahead) >= SAME_SHARE) {
                f->faults |= TD_FAULT_FUTURE;
                f->ahead = (int32_t)ahead;
                f->what = rows[r].name;
                return;
            }
    }
}

static void find_leaks(const struct td_feature_check *c, const double *x,
                       struct td_feature_finding *f)
{
    const double *close = c->series[3];
    size_t n = 0;
    f->next_corr = (double)NAN;
    if (!close)
        return;
    f->next_corr = next_correlation(c, x, close, &n);
    if (fabs(f->next_corr) > fmax(c->bound, NOISE / sqrt((double)n)))
        f->faults |= TD_FAULT_LEAK;
    if (!(f->faults & TD_FAULT_CONSTANT))
        find_future(c, x, f);
}

enum td_err td_feature_check_run(const struct td_feature_check *c, struct td_feature_finding *found,
                                 struct td_fail *why)
{
    enum td_err err = TD_OK;
    memset(found, 0, (size_t)c->count * sizeof *found);
    for (int32_t k = 0; k < c->count; k++)
        found[k].warm_up = TD_CHECK_NEVER;
    if (c->compute) {
        err = c->compute(c->arg, 0, c->rows, SIZE_MAX, c->full, why);
        if (!err)
            err = try_prefixes(c, found, why);
        if (!err)
            err = try_changes(c, found, why);
        if (!err)
            err = try_beginnings(c, found, why);
    }
    for (int32_t k = 0; k < c->count && !err; k++) {
        look_at(c, c->full[k], &found[k]);
        find_leaks(c, c->full[k], &found[k]);
    }
    return err;
}
