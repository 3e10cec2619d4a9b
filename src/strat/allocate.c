/* strat/allocate.c - projections onto the allowed weights, a pairwise solver for optima, and the methods. */
#include "strat/allocate.h"

#include <math.h>

#define SHRINK     200 /* rows at which half of a mean is believed */
#define STEPS_MAX  20000
#define STEP_LEAST 1e-14
#define AT_LIMIT   1e-12 /* so near a limit a weight is on it */

/* What the returns say. */
struct moments {
    size_t n;
    double mean[TD_ALLOCATE_MAX];
    double cov[TD_ALLOCATE_MAX][TD_ALLOCATE_MAX];
};

struct td_allocate_rule td_allocate_presets(enum td_allocate_method method)
{
    return (struct td_allocate_rule){.method = method, .low = 0.05, .high = 0.4, .aversion = 3};
}

const char *td_allocate_word(enum td_allocate_method method)
{
    static const char *const words[TD_ALLOCATE_METHODS] = {"equal", "risk_parity", "mean_variance",
                                                           "kelly", "adaptive"};
    return (unsigned)method < TD_ALLOCATE_METHODS ? words[method] : NULL;
}

static void measure(const double *returns, size_t rows, size_t n, struct moments *m)
{
    double trace = 0;
    *m = (struct moments){.n = n};
    for (size_t t = 0; t < rows; t++)
        for (size_t i = 0; i < n; i++)
            m->mean[i] += returns[t * n + i] / (double)rows;
    for (size_t t = 0; t < rows; t++)
        for (size_t i = 0; i < n; i++)
            for (size_t k = 0; k <= i; k++)
                m->cov[i][k] += (returns[t * n + i] - m->mean[i]) *
                                (returns[t * n + k] - m->mean[k]) / (double)(rows - 1);
    for (size_t i = 0; i < n; i++)
        trace += m->cov[i][i];
    for (size_t i = 0; i < n; i++) {
        m->cov[i][i] += 1e-10 * trace / (double)n; /* what does not vary still has a place */
        for (size_t k = 0; k < i; k++)
            m->cov[k][i] = m->cov[i][k];
    }
}

/* --- the allowed weights --- */

static double clip(const struct td_allocate_rule *rule, double w)
{
    return w < rule->low ? rule->low : w > rule->high ? rule->high : w;
}

static double sum_at(const struct td_allocate_rule *rule, const double *w, size_t n, double shift)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += clip(rule, w[i] - shift);
    return sum;
}

/* The nearest allowed weights: all move by the same amount and stop at their limits. */
static void project(const struct td_allocate_rule *rule, double *w, size_t n)
{
    double low = INFINITY, high = -INFINITY;
    for (size_t i = 0; i < n; i++) {
        low = fmin(low, w[i] - rule->high);
        high = fmax(high, w[i] - rule->low);
    }
    for (int step = 0; step < 200; step++) {
        const double middle = (low + high) / 2;
        if (sum_at(rule, w, n, middle) > 1)
            low = middle;
        else
            high = middle;
    }
    for (size_t i = 0; i < n; i++)
        w[i] = clip(rule, w[i] - high);
}

/* Proportions into allowed weights; equal where there is nothing to go by. */
static void share_out(const struct td_allocate_rule *rule, double *w, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += w[i];
    for (size_t i = 0; i < n; i++)
        w[i] = sum > 0 ? w[i] / sum : 1.0 / (double)n;
    project(rule, w, n);
}

/* --- optima: weight moves from where it is worth least to where it is worth most, until nothing is gained --- */

/* slope[i] of gain'w - aversion/2 * w'Sw. */
static void slopes(const struct moments *m, const double *gain, double aversion, const double *w,
                   double *slope)
{
    for (size_t i = 0; i < m->n; i++) {
        slope[i] = gain[i];
        for (size_t k = 0; k < m->n; k++)
            slope[i] -= aversion * m->cov[i][k] * w[k];
    }
}

static void optimise(const struct td_allocate_rule *rule, const struct moments *m,
                     const double *gain, double aversion, double *w)
{
    double slope[TD_ALLOCATE_MAX];
    for (size_t i = 0; i < m->n; i++)
        w[i] = 1.0 / (double)m->n;
    slopes(m, gain, aversion, w, slope);
    for (int step = 0; step < STEPS_MAX; step++) {
        size_t up = m->n, down = m->n;
        for (size_t i = 0; i < m->n; i++) {
            if (w[i] < rule->high - AT_LIMIT && (up == m->n || slope[i] > slope[up]))
                up = i;
            if (w[i] > rule->low + AT_LIMIT && (down == m->n || slope[i] < slope[down]))
                down = i;
        }
        if (up == m->n || down == m->n || !(slope[up] > slope[down]))
            return;
        const double bend = aversion * (m->cov[up][up] + m->cov[down][down] - 2 * m->cov[up][down]);
        const double room = fmin(rule->high - w[up], w[down] - rule->low);
        const double best = bend > 0 ? (slope[up] - slope[down]) / bend : INFINITY;
        const double move = fmin(best, room);
        if (move < STEP_LEAST)
            return;
        w[up] = move == rule->high - w[up] ? rule->high : w[up] + move;
        w[down] = move == w[down] - rule->low ? rule->low : w[down] - move;
        for (size_t i = 0; i < m->n; i++)
            slope[i] -= aversion * move * (m->cov[i][up] - m->cov[i][down]);
    }
}

/* --- the methods --- */

/* Coordinate by coordinate: w_i is the positive root of S_ii w^2 + (rest of S_i w) w - 1/n. */
static void risk_parity(const struct moments *m, double *w)
{
    const double part = 1.0 / (double)m->n;
    for (size_t i = 0; i < m->n; i++)
        w[i] = m->cov[i][i] > 0 ? 1 / sqrt(m->cov[i][i]) : 0;
    for (int step = 0; step < STEPS_MAX; step++) {
        double moved = 0;
        for (size_t i = 0; i < m->n; i++) {
            const double a = m->cov[i][i];
            double b = 0;
            for (size_t k = 0; k < m->n; k++)
                b += k == i ? 0 : m->cov[i][k] * w[k];
            if (!(a > 0))
                return;
            const double root = (-b + sqrt(b * b + 4 * a * part)) / (2 * a);
            moved = fmax(moved, fabs(root - w[i]) / root);
            w[i] = root;
        }
        if (moved < 1e-14)
            return;
    }
}

static double fall_of(const double *returns, size_t rows, size_t n, size_t i)
{
    double wealth = 1, peak = 1, fall = 0;
    for (size_t t = 0; t < rows; t++) {
        wealth *= 1 + returns[t * n + i];
        peak = fmax(peak, wealth);
        fall = fmax(fall, 1 - wealth / peak);
    }
    return fall;
}

static void adaptive(const struct moments *m, const double *returns, size_t rows, double *w)
{
    for (size_t i = 0; i < m->n; i++) {
        double squares = 0;
        for (size_t t = 0; t < rows; t++) {
            const double d = returns[t * m->n + i] - m->mean[i];
            squares += d * d;
        }
        const double deviation = sqrt(squares / (double)(rows - 1));
        const double sharpe = deviation > fabs(m->mean[i]) * 1e-12 ? m->mean[i] / deviation : 0;
        w[i] = fmax(0, sharpe * (1 - fall_of(returns, rows, m->n, i)));
    }
}

static enum td_err check(const struct td_allocate_rule *rule, const double *returns, size_t rows,
                         size_t n, struct td_fail *why)
{
    if (n == 0 || n > TD_ALLOCATE_MAX)
        return td_fail_set(why, TD_EINVAL, "allocation over %zu strategies; expected 1 to %d", n,
                           TD_ALLOCATE_MAX);
    if (!(rule->low >= 0 && rule->low <= rule->high) || rule->low * (double)n > 1 + 1e-12 ||
        rule->high * (double)n < 1 - 1e-12)
        return td_fail_set(why, TD_EINVAL, "allocation: %zu weights of %g to %g cannot sum to 1", n,
                           rule->low, rule->high);
    if (!(rule->aversion >= 0 && isfinite(rule->aversion)))
        return td_fail_set(why, TD_EINVAL, "allocation: aversion %g; expected 0 or more",
                           rule->aversion);
    if (rule->method == TD_ALLOCATE_EQUAL)
        return TD_OK;
    if (rows < 2)
        return td_fail_set(why, TD_EINVAL, "allocation from %zu periods; expected 2 at least",
                           rows);
    for (size_t i = 0; i < rows * n; i++)
        if (!isfinite(returns[i]) || returns[i] < -1)
            return td_fail_set(why, TD_EINVAL,
                               "allocation: return %g of strategy %zu in period %zu", returns[i],
                               i % n, i / n);
    return TD_OK;
}

enum td_err td_allocate(const struct td_allocate_rule *rule, const double *returns, size_t rows,
                        size_t n, double *weights, struct td_fail *why)
{
    struct moments m = {.n = n};
    double shrunk[TD_ALLOCATE_MAX];
    const enum td_err err = check(rule, returns, rows, n, why);
    if (err)
        return err;
    if (rule->method != TD_ALLOCATE_EQUAL)
        measure(returns, rows, n, &m);
    switch (rule->method) {
    case TD_ALLOCATE_RISK_PARITY:
        risk_parity(&m, weights);
        break;
    case TD_ALLOCATE_MEAN_VARIANCE:
        optimise(rule, &m, m.mean, rule->aversion, weights);
        return TD_OK;
    case TD_ALLOCATE_KELLY:
        for (size_t i = 0; i < n; i++)
            shrunk[i] = m.mean[i] * (double)rows / (double)(rows + SHRINK);
        optimise(rule, &m, shrunk, 1, weights);
        return TD_OK;
    case TD_ALLOCATE_ADAPTIVE:
        adaptive(&m, returns, rows, weights);
        break;
    case TD_ALLOCATE_EQUAL:
    case TD_ALLOCATE_METHODS:
    default:
        for (size_t i = 0; i < n; i++)
            weights[i] = 1;
        break;
    }
    share_out(rule, weights, n);
    return TD_OK;
}

bool td_allocate_drifted(const double *weights, const double *targets, size_t n, double drift)
{
    for (size_t i = 0; i < n; i++)
        if (!(fabs(weights[i] - targets[i]) <= drift))
            return true;
    return false;
}
