/* sim/script.h - fault scripts: text in, a fixed table of steps out.
 *
 * One line each; # begins a comment, empty lines are skipped:
 *     title TEXT                         what a user sees
 *     seed N                             of everything drawn by chance in this script
 *     set KEY VALUE                      td_script_settings; some are for the test bench alone
 *     at MM:SS[.mmm] ACTION              since the script began, by the monotonic clock
 *     between MM:SS MM:SS ACTION         once, at a moment drawn from the seed
 *     every SECONDS for COUNT ACTION     the first after SECONDS; `every SECONDS for COUNT from MM:SS ACTION`
 *     on EVENT[:N] ACTION                the N-th such event (1): td_script_events; `on request KIND[:N] ACTION`
 *     expect WORD ...                    td_script_expects; the simulator ignores them
 * Actions: sim/faultrow.h. docs/fault-scripts.md is made from the same tables.
 *
 * The parser takes hostile text: a bad line is one message "FILE:LINE: what, what is allowed". No memory but the
 * struct's own; a script that does not fit is refused.
 */
#ifndef TD_SIM_SCRIPT_H
#define TD_SIM_SCRIPT_H

#include "base/time.h"
#include "sim/faultrow.h"

#define TD_SCRIPT_STEPS   64
#define TD_SCRIPT_SETS    16
#define TD_SCRIPT_EXPECTS 12
#define TD_SCRIPT_BYTES   16384 /* longest file */

/* X(id, word, carries a message kind, help) */
#define TD_SCRIPT_EVENTS(X)                                                                        \
    X(HELLO, "hello", false, "a client's version range was answered")                              \
    X(START_API, "start-api", false, "a client sent startApi; before its answers")                 \
    X(REQUEST, "request", true, "a request of a kind came; before it is answered")                 \
    X(PLACE_ORDER, "place-order", false, "an order came; after it was judged")                     \
    X(CANCEL_ORDER, "cancel-order", false, "a cancel came; before it is judged")                   \
    X(FILL, "fill", false, "an execution was told")

#define TD_SCRIPT_EVENT_ID(id, word, kind, help) TD_SCRIPT_ON_##id,
enum td_script_event { TD_SCRIPT_EVENTS(TD_SCRIPT_EVENT_ID) TD_SCRIPT_ON_COUNT };
#undef TD_SCRIPT_EVENT_ID

enum td_script_set {
    TD_SET_DAY,
    TD_SET_START,
    TD_SET_SPEED,
    TD_SET_LINES,
    TD_SET_DEPTH_LINES,
    TD_SET_PACE,
    TD_SET_READ_ONLY,
    TD_SET_DATA,
    TD_SET_ACCOUNTS,
    TD_SET_LATENCY,
    TD_SET_SYMBOLS,
    TD_SET_NIGHTS,
    TD_SET_DURATION, /* from here on: the test bench */
    TD_SET_DESK,
    TD_SET_SIZE,
    TD_SET_DEPTH,
    TD_SET_CLOCK,
    TD_SET_BARS,
    TD_SET_RESTART,
    TD_SET_COUNT
};

enum td_script_expect {
    TD_EXPECT_SESSION,
    TD_EXPECT_TWICE,
    TD_EXPECT_POSITIONS,
    TD_EXPECT_FRESH,
    TD_EXPECT_TRADING,
    TD_EXPECT_DENIED,
    TD_EXPECT_FOREIGN,
    TD_EXPECT_UNKNOWN,
    TD_EXPECT_FROZEN,
    TD_EXPECT_HALTED,
    TD_EXPECT_CONNECTS,
    TD_EXPECT_ALERT,
    TD_EXPECT_QUIET,
    TD_EXPECT_COUNT
};

extern const struct td_fault_row td_script_settings[TD_SET_COUNT];
extern const struct td_fault_row td_script_expects[TD_EXPECT_COUNT];

struct td_script_event_row {
    const char *word;
    bool has_kind;
    const char *help;
};
extern const struct td_script_event_row td_script_events[TD_SCRIPT_ON_COUNT];

enum td_script_when { TD_WHEN_AT, TD_WHEN_BETWEEN, TD_WHEN_EVERY, TD_WHEN_EVENT };

struct td_script_step {
    uint8_t when;   /* enum td_script_when */
    uint8_t event;  /* EVENT: enum td_script_event */
    uint16_t kind;  /* REQUEST: enum td_tws_kind */
    uint32_t count; /* EVENT: the N-th; EVERY: how often */
    td_ns at, to;   /* AT; BETWEEN at..to; EVERY: the first one, and `to` the pause */
    struct td_fault_action action;
};

struct td_script {
    char title[96];
    uint64_t seed;
    uint32_t step_count, set_count, expect_count;
    struct td_script_step steps[TD_SCRIPT_STEPS];
    struct td_fault_action sets[TD_SCRIPT_SETS];
    struct td_fault_action expects[TD_SCRIPT_EXPECTS];
};

/* Empties it. */
void td_script_init(struct td_script *s);
/* Reads a whole script; `file` is for messages. Adds to what is there. TD_EINVAL, TD_EFULL: one line says why. */
TD_MUST_CHECK enum td_err td_script_parse(struct td_script *s, const char *file, struct td_str text,
                                          struct td_fail *why);
/* One line of a script. */
TD_MUST_CHECK enum td_err td_script_line(struct td_script *s, struct td_str line,
                                         struct td_fail *why);
/* A lasting fault from the start, as `tapedeck sim --fault` names it: an action, with ':' for its blanks, or one of the
 * short names no-next-id, dup-status, no-exec-end and garbage:N. TD_EINVAL. */
TD_MUST_CHECK enum td_err td_script_fault(struct td_script *s, const char *text,
                                          struct td_fail *why);
/* The value of a setting, or NULL when the script has none. */
const struct td_fault_value *td_script_setting(const struct td_script *s, enum td_script_set key);
/* docs/fault-scripts.md, from the tables. */
void td_script_describe(struct td_text *out);

#endif
