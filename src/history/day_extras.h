/* history/day_extras.h - what lies beside the desk's own records of a day: recordings of market data, and alerts as they were told.
 *
 * Recordings: every session_stats_<YYYYMMDD>_<time>.json below <folder>/<SYMBOL> (docs/format.md) whose day is in the span.
 * Alerts: the lines of <state>/alerts.jsonl and of the one before it (docs/alerts.md). A file that cannot be read is counted and
 * told, never passed over in silence. Owner: one thread; large, for the heap. Bounded: what does not fit is counted.
 */
#ifndef TD_HISTORY_DAY_EXTRAS_H
#define TD_HISTORY_DAY_EXTRAS_H

#include "sys/world.h"

#define TD_DAY_RECORDED_MAX 256
#define TD_DAY_ALERTS_MAX   500

/* All sessions of a symbol in the span. */
struct td_day_recorded {
    char symbol[24];
    uint32_t sessions, damaged, cut; /* whose log was damaged, or ended torn */
    int64_t messages, snapshots, gaps;
};

struct td_day_alert {
    td_ns at;
    bool over;
    char name[48], severity[16], text[240];
};

struct td_day_extras {
    struct td_day_recorded recorded[TD_DAY_RECORDED_MAX];
    uint32_t recorded_count, recorded_left_out, stats_unread;
    bool data_there; /* a folder was given and is there */
    struct td_day_alert alerts[TD_DAY_ALERTS_MAX];
    uint32_t alert_count, alerts_left_out, alert_lines_unread;
    bool alerts_there;
};

struct td_day_extras_ask {
    struct td_world *world;
    const char *data;            /* folder of the recordings; NULL: none */
    const char *state;           /* of the desk */
    int64_t first_day, last_day; /* exchange days, of the recordings' names */
    td_ns from, before;          /* of the alerts */
};

/* Never fails: what is not there is not there. TD_ENOMEM. */
TD_MUST_CHECK enum td_err td_day_extras_read(struct td_day_extras *out,
                                             const struct td_day_extras_ask *ask,
                                             struct td_fail *why);
/* 0 to 100: a whole session without a gap is 100; each gap in a thousand messages takes one, a damaged log all of its share. */
double td_day_quality(const struct td_day_recorded *r);

#endif
