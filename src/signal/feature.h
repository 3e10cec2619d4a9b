/* signal/feature.h - features of bars: rows over indicators and small own steps, put into named sets.
 *
 * A row names its operation (an indicator of signal/indicator.h or an own step of feature_steps.c), its inputs (columns of a bar, or
 * features above it), parameters and output. Rows that compute the same share the computation. A set is an ordered table
 * of features: its vector layout, its scaling and a 64-bit hash over all that decides a value. A feature of a slower frame
 * ("rsi_14@60": minutes) sees bars made of the given ones and is visible from the end of its bar on, never before.
 *
 * Slower bars are cut at multiples of the frame on the local clock and at the end of the session; a bar that is not finite leaves no
 * trace in them. A frame of 1440 is a session, where the caller knows when it ends, else a local day.
 *
 * State is memory of the caller, of a size the set tells, without pointers: memcpy is a snapshot. Batch is a loop around the same step.
 * Nothing allocates, nothing reads a clock. A value that does not exist is NaN. Single owner.
 * Source: the project's feature table; docs/features.md lists it. */
#ifndef TD_SIGNAL_FEATURE_H
#define TD_SIGNAL_FEATURE_H

#include "market/calendar.h"
#include "signal/indicator.h"
#include "signal/micro.h"

#define TD_FEATURE_NODES_MAX  192 /* with the features that others need */
#define TD_FEATURE_VECTOR_MAX 120 /* of a set's vector */
#define TD_FEATURE_FRAMES_MAX 6   /* slower frames of a set */
#define TD_FEATURE_NAME       40
#define TD_FEATURE_DAY        1440 /* the frame of a session, in minutes */

/* ---- what a bar has ---- */

#define TD_BAR_INPUTS(X)                                                                           \
    X(OPEN, "open", "first price")                                                                 \
    X(HIGH, "high", "highest price")                                                               \
    X(LOW, "low", "lowest price")                                                                  \
    X(CLOSE, "close", "last price")                                                                \
    X(VOLUME, "volume", "shares or contracts")                                                     \
    X(OTHER, "other", "close of a second series")                                                  \
    X(HOUR, "hour", "local hour of the bar's start, 0 to 23")                                      \
    X(MINUTE, "minute", "its minute of the hour")                                                  \
    X(WEEKDAY, "weekday", "its day of the week, Monday 0")                                         \
    X(FROM_OPEN, "from_open", "minutes from the regular open to its start")                        \
    X(TO_CLOSE, "to_close", "minutes from its end to the regular close")                           \
    X(NEWS_COUNT, "news_count", "articles published in the window up to the bar's end")            \
    X(NEWS_SCORE, "news_score", "their mean score; 0 without any")                                 \
    X(DEPTH, "depth", "sum of the sizes of all levels of the book")

#define TD_BAR_ID(id, name, help) TD_BAR_##id,
enum td_bar_input {
    TD_BAR_INPUTS(TD_BAR_ID) TD_BAR_MICRO,
    TD_BAR_COUNT = TD_BAR_MICRO + TD_MICRO_COUNT
};
#undef TD_BAR_ID
#define TD_BAR_SLOW 6 /* inputs that slower bars have: open to other */

/* "close", "microprice"; what it is. i < TD_BAR_COUNT. */
const char *td_bar_input_name(int i);
const char *td_bar_input_help(int i);
int td_bar_input_find(struct td_str name); /* -1: no such input */

struct td_feature_bar {
    td_ns at, end;     /* first instant of the bar, and the first behind it: known from then on */
    td_ns local;       /* `at` on the local clock */
    td_ns session_end; /* end of the session `at` is in; TD_NS_NEVER: not known */
    double x[TD_BAR_COUNT]; /* NaN: not there */
};

/* Whose clock and sessions. */
struct td_feature_clock {
    const struct td_calendar *calendar; /* NULL: no sessions, every day a local day */
    const struct td_tz *zone;
    bool regular; /* the session ends with regular trading, not with the hours after it */
};

/* Fills at, end, local, session_end and the five inputs of the clock; the others become NaN. */
void td_feature_bar_begin(const struct td_feature_clock *clock, td_ns at, td_ns span,
                          struct td_feature_bar *out);

/* ---- rows ---- */

struct td_feature_row {
    const char *name, *group;
    const char *op;     /* an own step or an indicator */
    const char *inputs; /* "high low close"; NULL: as the operation names them, `real` is close */
    const char *params; /* "timeperiod=14 nbdev=2"; NULL: presets */
    const char *output; /* NULL: the first */
    const char *words;  /* the formula; NULL: the operation's own */
};

/* The catalogue, by group; then one row for each feature of book and trades. */
size_t td_feature_row_count(void);
struct td_feature_row td_feature_row_at(size_t i);
/* NULL: there is no such own step or indicator. Own steps come first. */
const struct td_indicator *td_feature_op(struct td_str name);
/* The own steps, an empty row ends them. */
extern const struct td_indicator td_rows_feature[];

/* ---- sets ---- */

enum td_feature_scale { TD_SCALE_NONE, TD_SCALE_ZSCORE, TD_SCALE_MINMAX };
const char *td_feature_scale_name(enum td_feature_scale scale); /* "none" "zscore" "minmax" */

/* One computation of a set. */
struct td_feature_node {
    char name[TD_FEATURE_NAME], group[16];
    const char *words;
    const struct td_indicator *op;
    double params[TD_IND_PARAMS_MAX];
    int16_t inputs[TD_IND_INPUTS_MAX]; /* below TD_BAR_COUNT an input of the bar, else a node */
    int16_t runs;                      /* the node whose computation this one reads; often itself */
    int16_t output;
    int16_t frame;    /* 0: the bars as given, else 1 + position in frames */
    int32_t lookback; /* bars of its frame before the first value, with those of its inputs */
    uint32_t at;      /* where its computation lies in the state */
};

struct td_feature_set {
    char name[TD_FEATURE_NAME];
    int32_t version;
    enum td_feature_scale scale;
    int32_t count;                /* of the vector */
    struct td_micro_config micro; /* of the features of book and trades; 0: presets */
    /* private */
    int32_t nodes_used, frames_used;
    int32_t frames[TD_FEATURE_FRAMES_MAX]; /* minutes */
    int16_t vector[TD_FEATURE_VECTOR_MAX]; /* nodes */
    double centre[TD_FEATURE_VECTOR_MAX], width[TD_FEATURE_VECTOR_MAX];
    struct td_feature_node nodes[TD_FEATURE_NODES_MAX];
    uint32_t bytes;
};

void td_feature_set_init(struct td_feature_set *set, struct td_str name, int32_t version);
/* Adds a feature by its name in the catalogue, or an indicator as "RSI" or "MACD.macdhist" with its presets; "@60" behind
 * it is a slower frame. TD_EINVAL: nobody knows it, it is there already, its inputs have no slower bars. TD_EFULL. */
TD_MUST_CHECK enum td_err td_feature_set_add(struct td_feature_set *set, struct td_str name,
                                             struct td_fail *why);
/* Adds a row of one's own; its inputs are bar inputs or features of this set, frame in minutes (0: as given). TD_EINVAL also
 * for an operation, output, parameter or input that does not exist, TD_ERANGE for a parameter out of range. */
TD_MUST_CHECK enum td_err td_feature_set_add_row(struct td_feature_set *set,
                                                 const struct td_feature_row *row, int32_t frame,
                                                 struct td_fail *why);
/* The sets that are built in: name, version, what they are for, their features. An empty row ends them. */
struct td_feature_builtin {
    const char *name;
    int32_t version;
    const char *help;
    const char *features; /* blanks between them */
};
extern const struct td_feature_builtin td_feature_builtins[];
/* TD_ENOENT: no such set. */
TD_MUST_CHECK enum td_err td_feature_set_builtin(struct td_feature_set *set, struct td_str name,
                                                 struct td_fail *why);

/* The feature at a place of the vector. */
const struct td_feature_node *td_feature_at(const struct td_feature_set *set, int32_t place);
int32_t td_feature_place(const struct td_feature_set *set, struct td_str name); /* -1: not there */
/* Inputs of the bar that the set's vector needs: uses[TD_BAR_COUNT]. */
void td_feature_set_uses(const struct td_feature_set *set, bool *uses);
/* Bars of `span` before every feature may have its first value; slower frames counted as full ones. */
int64_t td_feature_set_lookback(const struct td_feature_set *set, td_ns span);
/* Of everything that decides a value: names, order, operations, formulas, parameters, inputs, frames, scaling, version. */
uint64_t td_feature_set_hash(const struct td_feature_set *set);

/* How the vector leaves: (value - centre)/width for each place. TD_ERANGE: not finite, or width not above 0. */
TD_MUST_CHECK enum td_err td_feature_set_scaling(struct td_feature_set *set,
                                                 enum td_feature_scale scale, const double *centre,
                                                 const double *width, struct td_fail *why);
/* Learns the scaling from unscaled columns[count][rows], NaN left aside: mean and population deviation, or least and range.
 * A column without spread, or without a value, keeps width 1. Give only rows that may be learned from. */
TD_MUST_CHECK enum td_err td_feature_set_fit(struct td_feature_set *set,
                                             enum td_feature_scale scale,
                                             const double *const *columns, size_t rows,
                                             struct td_fail *why);

/* Whether something of the set is a projection whose weights can be learned. */
bool td_feature_set_projects(const struct td_feature_set *set);
/* Learns the weights of each projection: the first principal component (covariance, unit length, their sum not below 0) of its
 * inputs over rows that have them all; kept to 9 decimals, so that the set's text has them. Give only rows that may be
 * learned from: inputs[TD_BAR_COUNT] are columns of `rows` values, NULL not there. TD_ENODATA: inputs that are not there or do
 * not vary; TD_EINVAL: an input that is a feature; TD_ERANGE: means too large to keep. The set is then as it was.
 * Source: Xu, Gould and Howison 2018; Jacobi's rotations. */
TD_MUST_CHECK enum td_err td_feature_set_project(struct td_feature_set *set,
                                                 const double *const *inputs, size_t rows,
                                                 struct td_fail *why);

/* A set as text, and back: the whole truth, what the hash is made of. Lines "set NAME VERSION", "scale HOW", "micro tick=0.25"
 * with the settings of book features that are not presets (struct td_micro_config), then one for each feature: a name of the
 * catalogue, or NAME GROUP OP inputs=a,b parameter=1 output=x frame=60 hidden; "#" begins a remark. */
void td_feature_set_write(const struct td_feature_set *set, struct td_text *out);
/* TD_EPARSE names the line. */
TD_MUST_CHECK enum td_err td_feature_set_read(struct td_feature_set *set, struct td_str text,
                                              struct td_fail *why);

/* ---- values: `state` is 8-byte aligned ---- */

size_t td_features_state_size(const struct td_feature_set *set);
void td_features_init(const struct td_feature_set *set, void *state);
/* One bar; out[count] is written. TD_EINVAL: no time or no length. TD_EPROTO: not after the bar before. State and out
 * are then untouched. */
TD_MUST_CHECK enum td_err td_features_step(const struct td_feature_set *set, void *state,
                                           const struct td_feature_bar *bar, double *out);
/* The same step over bars[n] into out[count][n]; ends at the first bar that a step refuses, *taken tells where. */
TD_MUST_CHECK enum td_err td_features_batch(const struct td_feature_set *set, void *state,
                                            const struct td_feature_bar *bars, size_t n,
                                            double *const *out, size_t *taken);

#endif
