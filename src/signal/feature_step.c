/* signal/feature_step.c - the values of a set: one bar through its nodes, slower bars closed on the way. */
#include <math.h>
#include <string.h>

#include "signal/feature_state.h"

size_t td_features_state_size(const struct td_feature_set *set)
{
    return set->bytes;
}

static struct td_feature_run *run_of(void *state, const struct td_feature_node *node)
{
    return (struct td_feature_run *)(void *)((char *)state + node->at);
}

void td_features_init(const struct td_feature_set *set, void *state)
{
    struct td_feature_head *head = state;
    memset(state, 0, set->bytes);
    head->bytes = set->bytes;
    for (int i = 0; i < TD_FEATURE_NODES_MAX; i++)
        head->value[i] = (double)NAN;
    for (int16_t i = 0; i < set->nodes_used; i++) {
        const struct td_feature_node *node = &set->nodes[i];
        if (node->runs == i)
            td_indicator_init(node->op, node->params, run_of(state, node) + 1);
    }
}

/* A bar that the operation refuses, or that gives no value yet, is NaN. */
static void compute(const struct td_feature_set *set, void *state, int16_t i, const double *x)
{
    const struct td_feature_node *node = &set->nodes[i];
    struct td_feature_head *head = state;
    struct td_feature_run *run = run_of(state, node);
    double in[TD_IND_INPUTS_MAX];
    if (node->runs == i) {
        for (int k = 0; k < TD_IND_INPUTS_MAX && node->inputs[k] >= 0; k++)
            in[k] = node->inputs[k] < TD_BAR_COUNT ? x[node->inputs[k]]
                                                   : head->value[node->inputs[k] - TD_BAR_COUNT];
        for (int k = 0; k < TD_IND_OUTPUTS_MAX; k++)
            run->out[k] = (double)NAN;
        if (td_indicator_step(node->op, run + 1, in, run->out) != TD_OK)
            for (int k = 0; k < TD_IND_OUTPUTS_MAX; k++)
                run->out[k] = (double)NAN;
    }
    const double value = run->out[node->output];
    head->value[i] = isfinite(value) ? value : (double)NAN;
}

static void compute_frame(const struct td_feature_set *set, void *state, int16_t frame,
                          const double *x)
{
    for (int16_t i = 0; i < set->nodes_used; i++)
        if (set->nodes[i].frame == frame)
            compute(set, state, i, x);
}

/* ---- slower bars ---- */

/* Multiples of the frame on the local clock, and the session's end. */
static td_ns slow_end(int32_t minutes, const struct td_feature_bar *bar)
{
    const td_ns frame = minutes * TD_MIN, into = ((bar->local % frame) + frame) % frame;
    const td_ns end = bar->at - into + frame;
    if (minutes == TD_FEATURE_DAY && bar->session_end != TD_NS_NEVER)
        return bar->session_end;
    return end < bar->session_end ? end : bar->session_end;
}

static bool is_whole(const struct td_feature_bar *bar)
{
    double probe = 0;
    for (int k = TD_BAR_OPEN; k <= TD_BAR_CLOSE; k++)
        probe += bar->x[k] * 0.0;
    return probe == 0;
}

static void merge(struct td_feature_slow *slow, int32_t minutes, const struct td_feature_bar *bar)
{
    if (!slow->open) {
        slow->open = true;
        slow->end = slow_end(minutes, bar);
        memcpy(slow->x, bar->x, sizeof slow->x);
        return;
    }
    slow->x[TD_BAR_HIGH] = fmax(slow->x[TD_BAR_HIGH], bar->x[TD_BAR_HIGH]);
    slow->x[TD_BAR_LOW] = fmin(slow->x[TD_BAR_LOW], bar->x[TD_BAR_LOW]);
    slow->x[TD_BAR_CLOSE] = bar->x[TD_BAR_CLOSE];
    if (isfinite(bar->x[TD_BAR_VOLUME]))
        slow->x[TD_BAR_VOLUME] =
            bar->x[TD_BAR_VOLUME] + (isfinite(slow->x[TD_BAR_VOLUME]) ? slow->x[TD_BAR_VOLUME] : 0);
    if (isfinite(bar->x[TD_BAR_OTHER]))
        slow->x[TD_BAR_OTHER] = bar->x[TD_BAR_OTHER];
}

static void close_slow(const struct td_feature_set *set, void *state, int32_t f)
{
    struct td_feature_head *head = state;
    double x[TD_BAR_COUNT] = {0};
    memcpy(x, head->slow[f].x, sizeof head->slow[f].x);
    head->slow[f].open = false;
    compute_frame(set, state, (int16_t)(f + 1), x);
}

/* A slower bar is known once its end is not behind the end of this bar: one that ended in a gap first. */
static void step_frames(const struct td_feature_set *set, void *state,
                        const struct td_feature_bar *bar)
{
    struct td_feature_head *head = state;
    for (int32_t f = 0; f < set->frames_used; f++) {
        struct td_feature_slow *slow = &head->slow[f];
        if (slow->open && slow->end <= bar->at)
            close_slow(set, state, f);
        if (is_whole(bar))
            merge(slow, set->frames[f], bar);
        if (slow->open && slow->end <= bar->end)
            close_slow(set, state, f);
    }
}

/* ---- the drivers ---- */

enum td_err td_features_step(const struct td_feature_set *set, void *state,
                             const struct td_feature_bar *bar, double *out)
{
    struct td_feature_head *head = state;
    TD_REQUIRE(head->bytes == set->bytes);
    if (bar->end <= bar->at || bar->session_end <= bar->at)
        return TD_EINVAL;
    if (head->begun && bar->at <= head->at)
        return TD_EPROTO;
    head->begun = true;
    head->at = bar->at;
    step_frames(set, state, bar);
    compute_frame(set, state, 0, bar->x);
    for (int32_t i = 0; i < set->count; i++)
        out[i] = (head->value[set->vector[i]] - set->centre[i]) / set->width[i];
    return TD_OK;
}

enum td_err td_features_batch(const struct td_feature_set *set, void *state,
                              const struct td_feature_bar *bars, size_t n, double *const *out,
                              size_t *taken)
{
    double values[TD_FEATURE_VECTOR_MAX];
    enum td_err err = TD_OK;
    *taken = 0;
    for (size_t i = 0; i < n; i++) {
        err = td_features_step(set, state, &bars[i], values);
        if (err)
            return err;
        for (int32_t k = 0; k < set->count; k++)
            out[k][i] = values[k];
        *taken = i + 1;
    }
    return err;
}
