/* signal/feature_state.h - how a set's state lies in memory: a head, the slower bars, a value for each node, then the
 * computations, each its outputs and the state of its operation. For the files of signal/feature.h alone. */
#ifndef TD_SIGNAL_FEATURE_STATE_H
#define TD_SIGNAL_FEATURE_STATE_H

#include "signal/feature.h"

/* A slower bar in the making. */
struct td_feature_slow {
    td_ns end;
    double x[TD_BAR_SLOW];
    bool open;
};

struct td_feature_head {
    uint64_t bytes;
    td_ns at; /* of the bar before */
    bool begun;
    struct td_feature_slow slow[TD_FEATURE_FRAMES_MAX];
    double value[TD_FEATURE_NODES_MAX];
};

struct td_feature_run {
    double out[TD_IND_OUTPUTS_MAX];
    double spare; /* the operation's state begins at 16 bytes */
};

/* Where the computations begin. */
static inline uint32_t td_feature_runs_at(void)
{
    return (uint32_t)((sizeof(struct td_feature_head) + 15) & ~(size_t)15);
}

/* Adds a row to a set; `shown`: it is of the vector. */
TD_MUST_CHECK enum td_err td_feature_set_put(struct td_feature_set *set,
                                             const struct td_feature_row *row, int32_t frame,
                                             bool shown, struct td_fail *why);

#endif
