/* history/day_page.h - the evening report as one HTML page: tiles, the curve of the day, tables; nothing that is fetched.
 *
 * No script, no font, no picture from anywhere (the page's own CSP refuses all of it); styles stand in it. Light and dark as the reader's
 * system has it, and for paper. Every text from outside (symbols, reasons, names of files) is escaped. What is not known is a
 * dash with its reason, in the table it belongs to or under "Not known". Times are of the zone that is given, whose name is printed.
 * Same facts, same bytes: nothing of the page comes from the clock but `made_ns`.
 */
#ifndef TD_HISTORY_DAY_PAGE_H
#define TD_HISTORY_DAY_PAGE_H

#include "history/day_extras.h"
#include "trade/dayreport.h"

#define TD_DAY_PAGE_BYTES (4u << 20) /* room for every page: its tables are bounded */
#define TD_DAY_PAGE_FILLS 1000       /* rows shown of fills, and of round trips; more are counted */

struct td_day_page {
    const struct td_day_report *report;
    const struct td_day_extras *extras;
    const struct td_tz *zone;
    const char *zone_name; /* "New York" */
    int64_t first_day, last_day;
    const char *version; /* of this program */
    const char *state;   /* folder, for the words of an empty page */
    td_ns made_ns;
};

/* Writes the page into `t`; check td_text_full. */
void td_day_page(const struct td_day_page *p, struct td_text *t);

/* The curve of realized profit after fees as SVG; nothing when there are no two fills to draw. Private to the page. */
void td_day_curve(const struct td_day_page *p, struct td_text *t);

#endif
