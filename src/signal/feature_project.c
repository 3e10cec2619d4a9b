/* signal/feature_project.c - weights of projections learned from rows: the first principal component. */
#include <math.h>
#include <string.h>

#include "signal/feature.h"

#define WIDTH     5
#define LESS      WIDTH /* parameter behind the weights */
#define SWEEPS    64
#define THRESHOLD 1e-30 /* of what is left beside the diagonal, squared, against the diagonal */

static const struct td_indicator *projection(void)
{
    return td_feature_op(td_str_of("PROJECTION"));
}

bool td_feature_set_projects(const struct td_feature_set *set)
{
    for (int32_t i = 0; i < set->nodes_used; i++)
        if (set->nodes[i].op == projection())
            return true;
    return false;
}

/* ---- covariance ---- */

struct moments {
    double mean[WIDTH], c[WIDTH][WIDTH];
    size_t rows;
};

static bool is_whole(const double *const *x, size_t row)
{
    bool whole = true;
    for (int k = 0; k < WIDTH; k++)
        whole &= isfinite(x[k][row]) != 0;
    return whole;
}

static void add_row(struct moments *m, const double *const *x, size_t row)
{
    double away[WIDTH];
    m->rows++;
    for (int k = 0; k < WIDTH; k++) {
        away[k] = x[k][row] - m->mean[k];
        m->mean[k] += away[k] / (double)m->rows;
    }
    for (int i = 0; i < WIDTH; i++)
        for (int k = 0; k < WIDTH; k++)
            m->c[i][k] += away[i] * (x[k][row] - m->mean[k]);
}

/* ---- Jacobi ---- */

/* Turns axes i and k so that c[i][k] is 0; columns of v are the axes. */
static void rotate(double c[WIDTH][WIDTH], double v[WIDTH][WIDTH], int i, int k)
{
    if (c[i][k] == 0)
        return;
    const double ratio = (c[k][k] - c[i][i]) / (2 * c[i][k]);
    const double t = (ratio < 0 ? -1 : 1) / (fabs(ratio) + sqrt(ratio * ratio + 1));
    const double cosine = 1 / sqrt(t * t + 1), sine = t * cosine;
    for (int n = 0; n < WIDTH; n++) {
        const double a = c[n][i], b = c[n][k];
        c[n][i] = cosine * a - sine * b;
        c[n][k] = sine * a + cosine * b;
    }
    for (int n = 0; n < WIDTH; n++) {
        const double a = c[i][n], b = c[k][n], x = v[n][i], y = v[n][k];
        c[i][n] = cosine * a - sine * b;
        c[k][n] = sine * a + cosine * b;
        v[n][i] = cosine * x - sine * y;
        v[n][k] = sine * x + cosine * y;
    }
}

static bool is_diagonal(double c[WIDTH][WIDTH])
{
    double on = 0, off = 0;
    for (int i = 0; i < WIDTH; i++)
        for (int k = 0; k < WIDTH; k++)
            *(i == k ? &on : &off) += c[i][k] * c[i][k];
    return off <= THRESHOLD * on;
}

/* The axis of the largest variance, of unit length, pointing where more is more. */
static void first_axis(double c[WIDTH][WIDTH], double *out)
{
    double v[WIDTH][WIDTH] = {{0}}, sum = 0;
    int best = 0;
    for (int i = 0; i < WIDTH; i++)
        v[i][i] = 1;
    for (int sweep = 0; sweep < SWEEPS && !is_diagonal(c); sweep++)
        for (int i = 0; i < WIDTH; i++)
            for (int k = i + 1; k < WIDTH; k++)
                rotate(c, v, i, k);
    for (int i = 1; i < WIDTH; i++)
        best = c[i][i] > c[best][best] ? i : best;
    for (int k = 0; k < WIDTH; k++)
        sum += v[k][best];
    for (int k = 0; k < WIDTH; k++)
        out[k] = sum < 0 ? -v[k][best] : v[k][best];
}

/* ---- nodes ---- */

static double kept(double x)
{
    return round(x * 1e9) / 1e9;
}

static enum td_err learn(struct td_feature_node *node, const double *const *inputs, size_t rows,
                         struct td_fail *why)
{
    const double *x[WIDTH];
    struct moments m = {.rows = 0};
    double axis[WIDTH], less = 0, spread = 0;
    for (int k = 0; k < WIDTH; k++) {
        if (node->inputs[k] >= TD_BAR_COUNT)
            return td_fail_set(why, TD_EINVAL, "%s: weights are learned of inputs, not of features",
                               node->name);
        x[k] = inputs[node->inputs[k]];
        if (!x[k])
            return td_fail_set(why, TD_ENODATA, "%s: no %s to learn from", node->name,
                               td_bar_input_name(node->inputs[k]));
    }
    for (size_t row = 0; row < rows; row++)
        if (is_whole(x, row))
            add_row(&m, x, row);
    for (int k = 0; k < WIDTH; k++)
        spread += m.c[k][k];
    if (!(spread > 0) || !isfinite(spread))
        return td_fail_set(why, TD_ENODATA, "%s: nothing varies in the first %zu rows", node->name,
                           rows);
    first_axis(m.c, axis);
    for (int k = 0; k < WIDTH; k++)
        less += kept(axis[k]) * m.mean[k];
    if (!(fabs(less) < 9e9))
        return td_fail_set(why, TD_ERANGE, "%s: a mean of %g is too large to keep", node->name,
                           less);
    for (int k = 0; k < WIDTH; k++)
        node->params[k] = kept(axis[k]);
    node->params[LESS] = kept(less);
    return TD_OK;
}

enum td_err td_feature_set_project(struct td_feature_set *set, const double *const *inputs,
                                   size_t rows, struct td_fail *why)
{
    struct td_feature_node done[TD_FEATURE_NODES_MAX];
    memcpy(done, set->nodes, sizeof done);
    for (int32_t i = 0; i < set->nodes_used; i++) {
        const enum td_err err =
            done[i].op == projection() ? learn(&done[i], inputs, rows, why) : TD_OK;
        if (err)
            return err;
    }
    memcpy(set->nodes, done, sizeof done);
    return TD_OK;
}
