/* desk/algo_preset.h - how orders are worked whose intents do not say it all: the EXECUTION_ALGO settings as numbers.
 *
 * Pure. The settings are text and ranges that were checked; only the span has a form of its own.
 */
#ifndef TD_DESK_ALGO_PRESET_H
#define TD_DESK_ALGO_PRESET_H

#include "desk/settings.h"
#include "strat/algo.h"

#define TD_ALGO_SPAN_LEAST TD_SEC
#define TD_ALGO_SPAN_MOST  (8 * TD_HOUR)

struct td_algo_preset {
    uint8_t algo; /* enum td_algo: of entries that name none */
    bool by_size; /* "auto": which one, their size says */
    td_ns span;   /* TD_ALGO_SPAN_LEAST to TD_ALGO_SPAN_MOST */
    uint32_t slices;
    double participation, display, usual_bps;
};

/* TD_EINVAL: the span has another form than 90s, 30m or 2h, or is out of range. */
TD_MUST_CHECK enum td_err td_algo_preset_of(const struct td_settings *s, struct td_algo_preset *out,
                                            struct td_fail *why);
/* The plan of an intent that has an algorithm, begun at `start`, on the preset's numbers where the intent has none. */
void td_algo_preset_plan(const struct td_algo_preset *preset, const struct td_intent *intent,
                         td_ns start, struct td_algo_plan *out);

#endif
