/* cmd/report_html.h - `report --html`: the evening report as a page. */
#ifndef TD_CMD_REPORT_HTML_H
#define TD_CMD_REPORT_HTML_H

#include "cmd/cmd.h"

struct td_report_html {
    const char *state, *data; /* data: folder of recordings; NULL: none */
    const char *file;         /* NULL: report-<day>.html here; "-": stdout */
    int64_t day, since;       /* INT64_MIN: not given */
};

/* Gathers and writes; returns the exit status. */
int td_report_html(struct td_run *run, const struct td_report_html *ask);

#endif
