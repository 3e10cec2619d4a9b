/* signal/indicator.h - every indicator of the program: one row, one step function, two drivers.
 *
 * A row is the whole truth about an indicator: names, inputs, parameters with their ranges, outputs, how many
 * bars it needs, and a step that takes one bar. Streaming calls the step bar by bar; batch is a loop
 * around the same step with its state in registers, so the two cannot differ. The command, its help, the
 * page docs/indicators.md and the tests read the rows.
 *
 * State is memory of the caller, of a size the row tells, without pointers inside: memcpy is a snapshot, and a copy goes on
 * by itself anywhere (a what-if, a checkpoint). Nothing allocates, nothing reads a clock. Single owner.
 *
 * Values. All double. Bars count from 0, oldest first; the first bar with a value is the row's lookback, before it outputs are NaN in
 * batch and untouched in streaming. A bar with a NaN or an infinity (and for rows that take logarithms of prices: a price that is
 * not above 0) is as if it had not come: streaming refuses it with TD_EINVAL, batch writes NaN there, the state stays. Some
 * values do not exist on a bar that is fine (a volume-weighted mean before any volume): they are NaN, as the row's formula says.
 * Conventions are TA-Lib's where TA-Lib has the function; flat input gives what docs/indicators.md says.
 * Source: the indicator definitions of the project (docs/indicators.md names each row's own). */
#ifndef TD_SIGNAL_INDICATOR_H
#define TD_SIGNAL_INDICATOR_H

#include "base/err.h"
#include "base/text.h"

#define TD_IND_INPUTS_MAX  5
#define TD_IND_PARAMS_MAX  8
#define TD_IND_OUTPUTS_MAX 5
#define TD_IND_FIXED_MAX   4096 /* bytes of a row's state beside its windows */
#define TD_IND_PERIOD_MAX  100000

/* What a step says of its bar. */
enum td_ind_said {
    TD_IND_WAIT,   /* taken; no value yet, outputs untouched */
    TD_IND_VALUE,  /* taken; outputs written */
    TD_IND_REFUSE, /* not taken: state and outputs untouched */
};

struct td_ind_param {
    const char *name;  /* TA-Lib's word: timeperiod; NULL ends the list */
    const char *alias; /* another word for it, NULL none */
    double preset, low, high;
    bool whole; /* an integer */
    const char *help;
};

/* Where a row's windows begin: doubles behind the fixed part of its state. */
struct td_ind_space {
    uint32_t used;
};

struct td_indicator {
    const char *name;  /* unique, upper case */
    const char *talib; /* TA-Lib's function, NULL when it has none */
    const char *tulip; /* Tulip's indicator of the same meaning, NULL when it has none */
    const char *group; /* trend momentum volatility volume statistics price cycle math candle */
    const char
        *inputs[TD_IND_INPUTS_MAX]; /* open high low close volume real real0 real1 periods minute */
    struct td_ind_param params[TD_IND_PARAMS_MAX];
    const char *outputs[TD_IND_OUTPUTS_MAX];
    uint8_t late[TD_IND_OUTPUTS_MAX]; /* bars this output comes after the lookback */
    int32_t (*lookback)(const double *params);
    size_t fixed_bytes;
    void (*init)(void *fixed, struct td_ind_space *space, const double *params);
    enum td_ind_said (*step)(void *fixed, double *mem, const double *in, double *out);
    /* finite: the caller knows that every input is */
    void (*batch)(void *fixed, double *mem, const double *const *in, double *const *out, size_t n,
                  bool finite);
    const char *formula; /* in words */
    const char *source;
};

/* ---- the table ---- */

size_t td_indicator_count(void);
/* i < td_indicator_count(). Rows stand by group. */
const struct td_indicator *td_indicator_at(size_t i);
/* By our name, TA-Lib's or Tulip's, in any case, in this order of preference. NULL: nobody knows it. */
const struct td_indicator *td_indicator_find(struct td_str name);
int32_t td_indicator_inputs(const struct td_indicator *row);
int32_t td_indicator_outputs(const struct td_indicator *row);
int32_t td_indicator_params(const struct td_indicator *row);

/* ---- parameters: an array of TD_IND_PARAMS_MAX doubles in the row's order ---- */

void td_indicator_presets(const struct td_indicator *row, double *params);
/* Position of a parameter by its word or alias; case, '_', '-', ' ' and a leading "optIn" do not matter. -1: none. */
int32_t td_indicator_param(const struct td_indicator *row, struct td_str name);
/* TD_ERANGE names the parameter, its range and what was given: out of range, no integer, not finite. */
TD_MUST_CHECK enum td_err td_indicator_check(const struct td_indicator *row, const double *params,
                                             struct td_fail *why);
/* Bars before the first value. The parameters have been checked. */
int32_t td_indicator_lookback(const struct td_indicator *row, const double *params);

/* ---- streaming: `state` is 8-byte aligned, better 16 ---- */

/* Bytes of the state. The parameters have been checked. */
size_t td_indicator_state_size(const struct td_indicator *row, const double *params);
/* Prepares `state`; td_indicator_state_size bytes. The parameters have been checked. */
void td_indicator_init(const struct td_indicator *row, const double *params, void *state);
/* One bar: in[inputs], out[outputs] in the row's order. TD_OK: out is written. TD_EAGAIN: not enough bars yet.
 * TD_EINVAL: the bar is refused (see above). out is untouched on both. in, out and the state have no byte in common. */
TD_MUST_CHECK enum td_err td_indicator_step(const struct td_indicator *row, void *state,
                                            const double *in, double *out);
/* What a step would give; the state is unchanged. `scratch` is as large as the state. */
TD_MUST_CHECK enum td_err td_indicator_peek(const struct td_indicator *row, const void *state,
                                            void *scratch, const double *in, double *out);

/* ---- batch ---- */

/* in[inputs][n], out[outputs][n]; `state` as for streaming, freshly initialised or going on. No output may be an
 * input. O(n) where the row is O(1) a bar. */
void td_indicator_batch(const struct td_indicator *row, void *state, const double *const *in,
                        double *const *out, size_t n);

#endif
