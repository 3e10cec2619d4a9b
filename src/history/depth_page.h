/* history/depth_page.h - the report as one HTML page: tables and the picture, nothing that is fetched from anywhere. */
#ifndef TD_DESK_DEPTH_PAGE_H
#define TD_DESK_DEPTH_PAGE_H

#include "history/depth_report.h"

/* Writes the page into `t`; check td_text_full. TD_ENOMEM. */
TD_MUST_CHECK enum td_err td_depth_page(const struct td_depth_report *r, struct td_text *t,
                                        struct td_fail *why);

#endif
