/* dash/metrics.h - what the dashboard knows, in Prometheus' text form, one row of a table per metric.
 *
 * A value that is not known has no sample: there is no null in this form. Names end with their unit (seconds, bytes,
 * money: the account's currency); counters with _total. The original's two names are kept. Counters of the desk begin
 * anew with it, as Prometheus expects. Source: the text exposition format 0.0.4.
 */
#ifndef TD_DASH_METRICS_H
#define TD_DASH_METRICS_H

#include "dash/route.h"

#define TD_METRICS_TYPE "text/plain; version=0.0.4; charset=utf-8"

enum td_metric_kind { TD_METRIC_GAUGE, TD_METRIC_COUNTER };

struct td_metric_out; /* private */

struct td_metric_row {
    const char *name;
    enum td_metric_kind kind;
    const char *help;
    void (*put)(struct td_metric_out *o, const struct td_metric_row *m);
    const char *path, *key, *label; /* what `put` reads */
};

/* Ends with a row without a name. */
extern const struct td_metric_row td_metrics[];

void td_metrics_put(const struct td_api_view *v, struct td_text *out);

#endif
