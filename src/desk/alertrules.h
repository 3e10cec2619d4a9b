/* desk/alertrules.h - rules that make alerts: a metric, a comparison, a threshold; values in, firings out.
 *
 * Pure: no clock, no I/O. A rule fires when its metric is known and the comparison holds, and not again before its cooldown, by the
 * monotonic clock, is over: one that stays is reminded of, one that flaps is told no more often than one that stays. A metric that is not
 * known (NaN) never fires and never ends anything. When the comparison is known to hold no more the alert is over, which is told once,
 * if it was told at all. A person's acknowledgement ends the reminders until it is over.
 * Source: contracts 10.13 (monitoring).
 *
 * Owner: one thread. No allocation.
 */
#ifndef TD_DESK_ALERTRULES_H
#define TD_DESK_ALERTRULES_H

#include "base/text.h"
#include "base/time.h"

#define TD_RULES_MAX     32
#define TD_RULE_NAME     48
#define TD_RULE_TEMPLATE 200
#define TD_RULE_NOTE     120

/* name, word, word of the older systems ("": none), unit, meaning */
#define TD_METRICS(X)                                                                              \
    X(CPU, "cpu_usage", "cpu", "%", "processors of this machine at work, since the last look")     \
    X(MEMORY, "memory_usage", "memory", "%", "memory of this machine that is in use")              \
    X(ERROR_RATE, "error_rate", "", "%", "orders the broker refused, of all since the start")      \
    X(SUCCESS_RATE, "success_rate", "", "%", "orders it did not refuse, of all since the start")   \
    X(LATENCY, "latency_ms", "latency", "ms",                                                      \
      "the gateway's last answer to a question for its time")                                      \
    X(PNL, "pnl", "", "money", "profit of the day, unrealized and after fees")                     \
    X(DAY_LOSS, "day_loss", "", "money", "loss of the day; 0 in profit")                           \
    X(DRAWDOWN, "drawdown", "", "%", "equity below its highest")                                   \
    X(QUOTE_AGE, "quote_age", "", "s", "longest silence of a line's quotes in its open market")    \
    X(JOURNAL_LAG, "journal_lag", "", "s", "how long a record has waited for the disk")            \
    X(DISK_FREE, "disk_free", "", "MB", "free space at TAPEDECK_STATE")                            \
    X(REFUSED, "orders_refused_per_minute", "", "count",                                           \
      "intents refused by gates and orders refused by the broker, of the last minute")             \
    X(UNKNOWN_ORDERS, "unknown_orders", "", "count", "orders whose fate is not known")             \
    X(FROZEN, "frozen_contracts", "", "count", "contracts that wait for a person")                 \
    X(ALERTS, "active_alerts", "", "count", "operational alerts that are active")                  \
    X(HALTED, "halted", "", "0 or 1", "trading is halted")

#define TD_METRIC_ENUM(name, word, older, unit, meaning) TD_METRIC_##name,
enum td_metric { TD_METRICS(TD_METRIC_ENUM) TD_METRIC_COUNT };
#undef TD_METRIC_ENUM

/* name, word, sign */
#define TD_COMPARISONS(X)                                                                          \
    X(GREATER, "greater_than", ">")                                                                \
    X(GREATER_EQUAL, "greater_or_equal", ">=")                                                     \
    X(LESS, "less_than", "<")                                                                      \
    X(LESS_EQUAL, "less_or_equal", "<=")                                                           \
    X(EQUAL, "equal", "==")                                                                        \
    X(NOT_EQUAL, "not_equal", "!=")

#define TD_COMPARISON_ENUM(name, word, sign) TD_COMPARISON_##name,
enum td_comparison { TD_COMPARISONS(TD_COMPARISON_ENUM) TD_COMPARISON_COUNT };
#undef TD_COMPARISON_ENUM

enum td_severity {
    TD_SEVERITY_INFO,
    TD_SEVERITY_WARNING,
    TD_SEVERITY_ERROR,
    TD_SEVERITY_CRITICAL,
    TD_SEVERITY_COUNT
};

struct td_rule {
    char name[TD_RULE_NAME]; /* letters, digits, '_', '-', '.' */
    uint8_t metric, comparison, severity;
    bool active;
    double threshold;
    td_ns cooldown;
    char message
        [TD_RULE_TEMPLATE]; /* with {name} {metric} {value} {threshold} {severity}; "": our own */
};

struct td_rule_state {
    bool firing;
    td_ns since;        /* wall clock */
    double value;       /* at the last look that knew it */
    uint32_t told;      /* of this alert: firing and reminders */
    td_ns acknowledged; /* wall clock; 0: nobody has seen it */
    char note[TD_RULE_NOTE];
    bool ever; /* private: told_mono is set */
    td_ns told_mono;
};

struct td_rules {
    struct td_rule rows[TD_RULES_MAX];
    struct td_rule_state states[TD_RULES_MAX];
    uint32_t count;
};

struct td_rules_at {
    td_ns mono, wall;
};

/* A firing (or a reminder), or that it is over. */
typedef void td_rules_fn(void *arg, const struct td_rule *rule, const struct td_rule_state *state,
                         bool over);

/* values[TD_METRIC_COUNT]; NaN: not known. */
void td_rules_look(struct td_rules *r, const double *values, const struct td_rules_at *at,
                   td_rules_fn *tell, void *arg);
/* A person has seen it. TD_ENOENT: no rule of this name fires. */
TD_MUST_CHECK enum td_err td_rules_acknowledge(struct td_rules *r, struct td_str name,
                                               struct td_str note, td_ns wall);
/* The rule's words for a value, into out[cap]. */
void td_rule_text(const struct td_rule *rule, double value, char *out, size_t cap);
/* TD_EPARSE: a brace that is not one of the words; *at is where. */
TD_MUST_CHECK enum td_err td_rule_message_check(const char *message, size_t *at);

const char *td_metric_word(enum td_metric metric);
const char *td_metric_older(enum td_metric metric);
const char *td_metric_unit(enum td_metric metric);
const char *td_metric_meaning(enum td_metric metric);
const char *td_comparison_word(enum td_comparison comparison);
const char *td_comparison_sign(enum td_comparison comparison);
const char *td_severity_word(enum td_severity severity);
bool td_compare(enum td_comparison comparison, double value, double threshold);

#endif
