/* desk/monitoring.h - the object `monitoring` of user_settings.json: the alert rules.
 *
 * {"monitoring": {"enabled": true, "interval": 60, "alerts": {"NAME": {"metric_type": "pnl", "threshold": -1000,
 *   "comparison": "less_than", "severity": "critical", "cooldown_minutes": 15, "message_template": "...", "active": true}}}}
 * `alerts` may stand beside `monitoring` instead. metric_type and threshold must be there; the presets are greater_than, warning, 5, our
 * own words, true. Members of `monitoring` we do not know (retention_hours, channels) are left alone; a rule's are not: a
 * misspelt one would silently be a preset. Wrong values, members twice, and more than TD_RULES_MAX rules are refused with line and reason.
 */
#ifndef TD_DESK_MONITORING_H
#define TD_DESK_MONITORING_H

#include "desk/alertrules.h"

#define TD_MONITORING_INTERVAL_MAX 3600

struct td_monitoring {
    bool enabled;       /* preset true */
    int32_t interval_s; /* 0: it says none */
    struct td_rule rules[TD_RULES_MAX];
    uint32_t count;
};

struct cJSON;

/* `all` is the file's object, `bytes` its text, for the lines. TD_EPARSE, TD_ERANGE; *out is then not to be used. */
TD_MUST_CHECK enum td_err td_monitoring_take(const struct cJSON *all, const char *path,
                                             const char *bytes, struct td_monitoring *out,
                                             struct td_fail *why);

#endif
