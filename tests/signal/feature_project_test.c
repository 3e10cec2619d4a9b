/* tests/signal/feature_project_test.c - weights learned from rows: the axis of most variance, of those rows alone, kept in the text. */
#include "support/support.h"

#include <math.h>
#include <string.h>

#include "signal/feature.h"

#define ROWS  400
#define WIDTH 5

static struct td_feature_set set, other;
static double column[WIDTH][ROWS];
static const double *inputs[TD_BAR_COUNT];

static uint32_t draw(uint64_t *seed, uint32_t below)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*seed >> 33) % below;
}

/* Levels that move together, the deeper the less; one row has a hole. */
static void make_rows(uint64_t seed)
{
    for (int i = 0; i < ROWS; i++) {
        const double common = (double)draw(&seed, 2001) - 1000;
        for (int k = 0; k < WIDTH; k++)
            column[k][i] = 50 + common / (k + 1) + (double)draw(&seed, 400);
    }
    column[2][7] = (double)NAN;
    for (int k = 0; k < WIDTH; k++)
        inputs[TD_BAR_MICRO + TD_MICRO_MLOFI_1 + k] = column[k];
}

static void make_set(struct td_feature_set *s, const char *text)
{
    TD_OK_OR_FAIL(td_feature_set_read(s, td_str_of(text), NULL));
}

/* Covariance of the whole rows among the first n. */
static void covariance(int n, double mean[WIDTH], double c[WIDTH][WIDTH])
{
    double rows = 0;
    memset(mean, 0, WIDTH * sizeof *mean);
    memset(c, 0, WIDTH * sizeof *c);
    for (int i = 0; i < n; i++) {
        rows += i != 7;
        for (int k = 0; k < WIDTH && i != 7; k++)
            mean[k] += column[k][i];
    }
    for (int k = 0; k < WIDTH; k++)
        mean[k] /= rows;
    for (int i = 0; i < n; i++)
        for (int k = 0; k < WIDTH && i != 7; k++)
            for (int l = 0; l < WIDTH; l++)
                c[k][l] += (column[k][i] - mean[k]) * (column[l][i] - mean[l]) / rows;
}

/* By powers: any beginning turns towards the axis of most variance. */
static void power_axis(double c[WIDTH][WIDTH], double *v)
{
    for (int k = 0; k < WIDTH; k++)
        v[k] = 1 + k;
    for (int turn = 0; turn < 2000; turn++) {
        double next[WIDTH] = {0}, length = 0;
        for (int k = 0; k < WIDTH; k++) {
            for (int l = 0; l < WIDTH; l++)
                next[k] += c[k][l] * v[l];
            length += next[k] * next[k];
        }
        for (int k = 0; k < WIDTH; k++)
            v[k] = next[k] / sqrt(length);
    }
}

static void weights_are_the_first_axis(void **unused)
{
    (void)unused;
    double mean[WIDTH], c[WIDTH][WIDTH], v[WIDTH], less = 0;
    make_rows(5);
    make_set(&set, "set pc 1\nmid\nmlofi_pc\n");
    assert_true(td_feature_set_projects(&set));
    TD_OK_OR_FAIL(td_feature_set_project(&set, inputs, 300, NULL));
    covariance(300, mean, c);
    power_axis(c, v);
    const double *weight = td_feature_at(&set, 1)->params;
    for (int k = 0; k < WIDTH; k++) {
        assert_true(fabs(weight[k] - v[k]) < 2e-9);
        less += weight[k] * mean[k];
    }
    assert_true(fabs(weight[WIDTH] - less) < 1e-6 && weight[0] > weight[4]);
}

/* Only the rows that were given count, and the text has all of it. */
static void rows_behind_are_not_seen(void **unused)
{
    (void)unused;
    static char text[4096];
    struct td_text t;
    make_rows(6);
    make_set(&set, "set pc 1\nmlofi_pc\n");
    const uint64_t fresh = td_feature_set_hash(&set);
    TD_OK_OR_FAIL(td_feature_set_project(&set, inputs, 200, NULL));
    for (int i = 200; i < ROWS; i++)
        for (int k = 0; k < WIDTH; k++)
            column[k][i] = -1e6 * (k + 1);
    make_set(&other, "set pc 1\nmlofi_pc\n");
    TD_OK_OR_FAIL(td_feature_set_project(&other, inputs, 200, NULL));
    assert_true(td_feature_set_hash(&set) == td_feature_set_hash(&other));
    assert_true(td_feature_set_hash(&set) != fresh);
    td_text_init(&t, text, sizeof text);
    td_feature_set_write(&set, &t);
    make_set(&other, text);
    assert_true(td_feature_set_hash(&set) == td_feature_set_hash(&other));
    assert_memory_equal(td_feature_at(&set, 0)->params, td_feature_at(&other, 0)->params,
                        sizeof other.nodes[0].params);
}

static void its_value_is_the_weighted_sum(void **unused)
{
    (void)unused;
    make_rows(7);
    make_set(&set, "set pc 1\nmlofi_pc\n");
    TD_OK_OR_FAIL(td_feature_set_project(&set, inputs, ROWS, NULL));
    void *state = malloc(td_features_state_size(&set));
    assert_non_null(state);
    td_features_init(&set, state);
    for (int i = 0; i < ROWS; i++) {
        struct td_feature_bar bar = {
            .at = i * TD_SEC, .end = (i + 1) * TD_SEC, .session_end = TD_NS_NEVER};
        const double *p = td_feature_at(&set, 0)->params;
        double out, expected = -p[WIDTH];
        for (int k = 0; k < TD_BAR_COUNT; k++)
            bar.x[k] = inputs[k] ? inputs[k][i] : (double)NAN;
        for (int k = 0; k < WIDTH; k++)
            expected += p[k] * column[k][i];
        TD_OK_OR_FAIL(td_features_step(&set, state, &bar, &out));
        assert_true(i == 7 ? isnan(out) : fabs(out - expected) < 1e-9);
    }
    free(state);
}

static void what_cannot_be_learned_is_told(void **unused)
{
    (void)unused;
    struct td_fail why;
    make_rows(8);
    make_set(&set, "set pc 1\nmid\n");
    assert_false(td_feature_set_projects(&set));
    make_set(&set, "set pc 1\nmlofi_pc\n");
    const uint64_t before = td_feature_set_hash(&set);
    for (int k = 0; k < WIDTH; k++)
        for (int i = 0; i < ROWS; i++)
            column[k][i] = 3;
    assert_int_equal(td_feature_set_project(&set, inputs, ROWS, &why), TD_ENODATA);
    inputs[TD_BAR_MICRO + TD_MICRO_MLOFI_3] = NULL;
    assert_int_equal(td_feature_set_project(&set, inputs, ROWS, &why), TD_ENODATA);
    assert_non_null(strstr(why.text, "no mlofi_3"));
    make_set(&other, "set pc 1\nm book VALUE inputs=mid\n"
                     "p book PROJECTION inputs=m,mlofi_1,mlofi_2,mlofi_3,mlofi_4\n");
    assert_int_equal(td_feature_set_project(&other, inputs, ROWS, &why), TD_EINVAL);
    assert_true(td_feature_set_hash(&set) == before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(weights_are_the_first_axis),
        cmocka_unit_test(rows_behind_are_not_seen),
        cmocka_unit_test(its_value_is_the_weighted_sum),
        cmocka_unit_test(what_cannot_be_learned_is_told),
    };
    return cmocka_run_group_tests_name("feature_project", tests, NULL, NULL);
}
